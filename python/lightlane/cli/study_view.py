"""What people see of studies: the answer in a few lines, then a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from lightlane.cli.console import get_answer_console
from lightlane.results.studies import Study

Show = Callable[[dict[str, Any]], str]
_RIGHT = "right"
_WIDE_CHARACTERS = 110
"""A narrower page leaves out what --json and -o have as well."""
_LEFT_OUT_WHERE_NARROW = frozenset(
    {"links", "Gb/s lost", "rerouted", "routes", "GHz", "Gb/s", "network", "transfer", "wait", "compute", "cut"}
)
"""Headings of columns."""


def print_failures(study: Study, top: int) -> None:
    """Say whether the demands survive, and list the worst cases."""
    summary = study.summary
    cases = ", ".join(f"{count:,} of kind {_words(kind)}" for kind, count in summary["cases"].items())
    lines = [f"{sum(summary['cases'].values()):,} cases: {cases}"]
    if not summary["demands"]:
        lines.append("the fabric has no demands that could be hit")
    home = summary["home"]
    if home["late"] or home["blocked"]:
        lines.append(f"with everything up already: {home['late']} demands late, {home['blocked']} blocked")
    for name, text in (("n_minus_1_safe", "one failure"), ("n_minus_2_safe", "two cuts at once")):
        if summary[name] is not None:
            lines.append(f"{text}: {'every demand is served as before' if summary[name] else 'NOT SAFE'}")
    unsafe = ", ".join(f"{count:,} {_words(kind)}" for kind, count in summary["unsafe"].items() if count)
    if unsafe:
        lines.append(f"cases in which a demand is blocked or late: {unsafe}")
    columns: list[tuple[str, str, Show]] = [
        ("what fails", "", lambda row: f"{_words(row['kind'])}: {row['elements'].replace(';', ' + ')}"),
        ("links", _RIGHT, lambda row: str(row["links_down_count"])),
        ("Gb/s lost", _RIGHT, lambda row: _round(row["capacity_lost_gbps"])),
        ("not carried", _RIGHT, lambda row: _round(row["not_carried_gbps"])),
        ("blocked", _RIGHT, lambda row: str(row["blocked_count"])),
        ("late", _RIGHT, lambda row: str(row["late_count"])),
        ("rerouted", _RIGHT, lambda row: str(row["rerouted_count"])),
        ("later by µs", _RIGHT, lambda row: _round(row["latency_increase_us"])),
        ("services", "", lambda row: row["services_hit"].replace(";", ", ")),
    ]
    _print("Failures, the worst first", lines, columns, study.table.rows(), top)


def print_availability(study: Study, top: int) -> None:
    """Say how many demands meet the target, and list the worst."""
    summary = study.summary
    lines = [f"target {summary['target_fraction']:.7g}, {summary['target_min_per_year']:.3g} minutes a year"]
    for kind in ("demands", "links"):
        part = summary[kind]
        if part["count"]:
            worst = f"worst {part['worst']}, {part['worst_min_per_year']:.3g} minutes a year"
            lines.append(f"{part['target_met']:,} of {part['count']:,} {kind} meet it; {worst}")
    rows = study.table.rows()
    simulated = any(row["simulated_min_per_year"] is not None for row in rows)
    columns: list[tuple[str, str, Show]] = [
        ("", "", lambda row: row["kind"]),
        ("name", "", lambda row: row["name"]),
        ("service", "", lambda row: row["service"]),
        ("routes", _RIGHT, lambda row: str(row["paths_count"])),
        ("min/year", _RIGHT, lambda row: f"{row['down_min_per_year']:.3g}"),
    ]
    if simulated:
        columns.append(("simulated (95 %)", _RIGHT, _interval))
    columns += [
        ("met", "", lambda row: "yes" if row["target_met"] else "NO"),
        ("most of it by", "", lambda row: row["worst_element"]),
        ("min/year", _RIGHT, lambda row: _figures(row["worst_element_min_per_year"])),
    ]
    shown = [row for kind in ("demand", "link") for row in [r for r in rows if r["kind"] == kind][:top]]
    _print("Availability, the worst first", lines, columns, shown, len(shown), left_out=len(rows) - len(shown))


def print_upgrade(study: Study, top: int) -> None:
    """Say what breaks and what the upgrade costs, and list the links."""
    summary = study.summary
    counts = ", ".join(f"{count} {word}" for word, count in summary["links"].items() if count)
    lines = [
        f"links: {counts or 'none'}",
        f"rate {_round(summary['rate_before_gbps'])} to {_round(summary['rate_after_gbps'])} Gb/s, "
        f"power {_round(summary['power_before_w'])} to {_round(summary['power_after_w'])} W, "
        f"spectrum {_round(summary['spectrum_before_ghz'])} to {_round(summary['spectrum_after_ghz'])} GHz",
    ]
    if summary["power_unknown"]:
        lines.append(f"of {summary['power_unknown']} links the power is not known")
    if summary["margin_cost_mean_db"] is not None:
        lines.append(
            f"margin given up by what is upgraded: {summary['margin_cost_mean_db']:.2f} dB on the mean, "
            f"{summary['margin_cost_max_db']:.2f} dB at most"
        )
    if summary["channels_that_do_not_fit"]:
        lines.append(f"{summary['channels_that_do_not_fit']} channels no longer fit their band")
    columns: list[tuple[str, str, Show]] = [
        ("link", "", lambda row: row["link"]),
        ("", "", lambda row: row["outcome"].upper() if row["outcome"] == "broken" else row["outcome"]),
        ("new module", "", lambda row: row["module_after"] if row["module_after"] != row["module_before"] else ""),
        ("margin dB", _RIGHT, lambda row: _change(row["margin_before_db"], row["margin_after_db"], 2)),
        ("Gb/s", _RIGHT, lambda row: _change(row["rate_before_gbps"], row["rate_after_gbps"], 0)),
        ("W", _RIGHT, lambda row: _change(row["power_before_w"], row["power_after_w"], 0)),
        ("GHz", _RIGHT, lambda row: _change(row["spectrum_before_ghz"], row["spectrum_after_ghz"], 0)),
        ("why", "", lambda row: row["reason"]),
    ]
    order = {"broken": 0, "upgraded": 1, "down before": 2, "kept": 3}
    rows = sorted(study.table.rows(), key=lambda row: (order[row["outcome"]], row["margin_after_db"] or -99.0))
    _print("Upgrade to twice the rate", lines, columns, rows, top)


def print_placement(study: Study, top: int) -> None:
    """Say who is served and by what, and list the users."""
    summary = study.summary
    cuts = " under every single cut" if summary["n_minus_1"] else ""
    proof = "no placement is better" if summary["proven"] else "a good placement, not proven the best"
    gpus = ", ".join(f"{site} {count}" for site, count in summary["gpus"].items())
    lines = [
        f"{summary['served']} of {summary['users']} served within their objectives{cuts}; {proof}",
        f"GPU units in use: {summary['gpus_total']}{f' ({gpus})' if gpus else ''}",
    ]
    columns: list[tuple[str, str, Show]] = [
        ("service", "", lambda row: row["service"]),
        ("users at", "", lambda row: row["users_at"]),
        ("served from", "", lambda row: row["served_from"] or "NOT SERVED"),
        ("ms", _RIGHT, lambda row: _figures(row["latency_ms"])),
        ("of", _RIGHT, lambda row: _figures(row["objective_ms"])),
        ("network", _RIGHT, lambda row: _figures(row["network_ms"])),
        ("transfer", _RIGHT, lambda row: _figures(row["transfer_ms"])),
        ("wait", _RIGHT, lambda row: _figures(row["queue_ms"])),
        ("compute", _RIGHT, lambda row: _figures(row["compute_ms"])),
    ]
    if summary["n_minus_1"]:
        columns.append(("worst ms", _RIGHT, lambda row: _figures(row["worst_latency_ms"])))
        columns.append(("cut", "", lambda row: row["worst_cut"]))
    columns.append(("why not", "", lambda row: row["reason"]))
    rows = sorted(study.table.rows(), key=lambda row: row["status"] == "served")
    _print("Placement of services", lines, columns, rows, top)


def _print(
    title: str,
    lines: Sequence[str],
    columns: Sequence[tuple[str, str, Show]],
    rows: Sequence[dict[str, Any]],
    top: int,
    *,
    left_out: int = 0,
) -> None:
    page = get_answer_console()
    if page.width < _WIDE_CHARACTERS:
        columns = [column for column in columns if column[0] not in _LEFT_OUT_WHERE_NARROW]
    for line in lines:
        page.print(Text(line))
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="bold")
    shown = [[Text(show(row)) for _, _, show in columns] for row in rows[:top]]
    used = [index for index in range(len(columns)) if any(str(cells[index]) for cells in shown)]
    for index in used:
        heading, side, _ = columns[index]
        table.add_column(heading, justify="right" if side == _RIGHT else "left", overflow="fold")
    for cells in shown:
        table.add_row(*(cells[index] for index in used))
    if shown:
        page.print()
        page.print(table)
    rest = len(rows) - len(shown) + left_out
    if rest > 0:
        page.print(Text(f"and {rest:,} more; --top shows more, --json and -o keep all", style="dim"))


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _round(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _figures(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _change(before: float | None, after: float | None, digits: int) -> str:
    def one(value: float | None) -> str:
        return "none" if value is None else f"{value:,.{digits}f}"

    if before is None and after is None:
        return ""
    return one(before) if before == after else f"{one(before)} → {one(after)}"


def _interval(row: dict[str, Any]) -> str:
    if row["simulated_min_per_year"] is None:
        return ""
    if row["simulated_high_min_per_year"] is None:
        return "no outage seen"
    return (
        f"{row['simulated_min_per_year']:.3g} "
        f"({row['simulated_low_min_per_year']:.3g} to {row['simulated_high_min_per_year']:.3g})"
    )

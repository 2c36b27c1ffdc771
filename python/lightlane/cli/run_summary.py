"""What a run came to, in a few lines: its first instant, and all of its variants, steps and draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightlane.cli.console import get_console

if TYPE_CHECKING:
    from lightlane.results.folder import ResultsFolder
    from lightlane.results.records import Results, Table

Summary = dict[str, Any]


def summarize_run(path: Path) -> Summary:
    """Return the summary of a results folder: counts of its first state, and of all states where it has several."""
    from lightlane.results.folder import open_results
    from lightlane.results.store import read_results

    folder = open_results(path)
    return {**summarize(read_results(path)), **_summarize_states(folder)}


def summarize(results: Results) -> Summary:
    """Count links and demands by status and find the link that decides."""
    links, demands = results.links, results.demands
    margins = {
        name: margin
        for name, margin, status in zip(links["link"], links["margin_db"].tolist(), links["status"], strict=True)
        if status in ("up", "degraded", "down") and margin == margin  # noqa: PLR0124 - NaN is blocked or unknown
    }
    worst = min(margins, key=lambda name: margins[name]) if margins else None
    statuses = links["status"].tolist()
    outcomes = demands["status"].tolist()
    return {
        "links": {status: statuses.count(status) for status in ("up", "degraded", "down", "unknown")},
        "lanes": len(results.lanes),
        "demands": {status: outcomes.count(status) for status in ("met", "late", "blocked")},
        "least_margin": {"link": worst, "margin_db": margins[worst]} if worst is not None else None,
        "power_w": sum(power for power in links["power_w"].tolist() if power == power),  # noqa: PLR0124
        "assumed": len(results.manifest["assumed"]),
        "simulated": _count_simulated(results.waveforms, results.direct_waveforms),
    }


def _count_simulated(*tables: Table) -> dict[str, int]:
    """Count the lanes that were to be simulated by what came of it, and those whose verdict is the budget's."""
    statuses = [status for table in tables for status in table["status"].tolist()]
    budget = [status for table in tables for status in table["budget_status"].tolist()]
    known = [status for status in statuses if status != "unknown"]
    same = sum(a == b for a, b in zip(statuses, budget, strict=True) if a != "unknown")
    return {"lanes": len(known), "same_status": same, "not_simulated": len(statuses) - len(known)}


def _summarize_states(folder: ResultsFolder) -> Summary:
    steps = folder.arrow("steps").to_pylist()
    known = [row for row in steps if row["least_margin_db"] is not None]
    worst = min(known, key=lambda row: float(row["least_margin_db"]), default=None)
    judged = folder.arrow("objectives", columns=["objective", "met"]).to_pylist()
    broken: dict[str, int] = {}
    for row in judged:
        if not row["met"]:
            broken[row["objective"]] = broken.get(row["objective"], 0) + 1
    draws = folder.dataset("draws").count_rows()
    return {
        "variants": len({row["variant"] for row in steps}),
        "states": len(steps),
        "link_draws": draws,
        "over_all_states": {
            "most_links_down": max((row["links_down_count"] for row in steps), default=0),
            "most_demands_blocked": max((row["demands_blocked_count"] for row in steps), default=0),
            "least_margin_db": None if worst is None else worst["least_margin_db"],
            "least_margin_at": None if worst is None else {
                "link": worst["least_margin_link"], "variant": worst["variant"], "point": worst["point_index"],
                "time_days": worst["time_days"],
            },
        },
        "objectives": {"judged": len(judged), "broken": broken} if judged else None,
    }  # fmt: skip


def show_summary(summary: Summary) -> None:
    """Write the summary to standard error."""
    from rich.table import Table

    table = Table(title="Run", title_justify="left", show_header=False, box=None, pad_edge=False)
    several = summary["states"] > 1
    table.add_row("links" + (" at first" if several else ""), _counts(summary["links"]))
    table.add_row("lanes", f"{summary['lanes']}")
    table.add_row("demands", _counts(summary["demands"]))
    least = summary["least_margin"]
    if least is not None:
        table.add_row("least margin", f"{least['margin_db']:.2f} dB on {least['link']}")
    table.add_row("power", f"{summary['power_w'] / 1e3:.1f} kW as far as known")
    table.add_row("assumed values in use", f"{summary['assumed']}")
    simulated = summary["simulated"]
    if simulated["lanes"] + simulated["not_simulated"]:
        words = f"{simulated['lanes']} lanes, {simulated['same_status']} with the budget's verdict"
        left = f", {simulated['not_simulated']} could not be" if simulated["not_simulated"] else ""
        table.add_row("simulated by waveform", words + left)
    for name, words in _state_rows(summary) if several else ():
        table.add_row(name, words)
    if summary["objectives"]:
        judged, broken = summary["objectives"]["judged"], summary["objectives"]["broken"]
        words = ", ".join(f"{name} at {count}" for name, count in broken.items())
        table.add_row("objectives", f"broken: {words} of {judged} judgments" if broken else f"all {judged} met")
    get_console().print(table)


def _state_rows(summary: Summary) -> list[tuple[str, str]]:
    over = summary["over_all_states"]
    rows = [("states", f"{summary['states']} in {summary['variants']} variants")]
    if summary["link_draws"]:
        rows.append(("link draws kept", f"{summary['link_draws']}"))
    words = f"{over['most_links_down']} links down, {over['most_demands_blocked']} demands blocked"
    rows.append(("at worst", words))
    if over["least_margin_db"] is not None:
        at = over["least_margin_at"]
        place = f"{at['link']}, {at['variant']}, day {at['time_days']:g}"
        rows.append(("least margin over all", f"{over['least_margin_db']:.2f} dB on {place}"))
    return rows


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "none"

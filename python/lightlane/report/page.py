"""The report: a run as one HTML page that needs nothing else."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from lightlane.files import write_atomically
from lightlane.plots.basemap import ATTRIBUTION
from lightlane.plots.bill import plot_bill
from lightlane.plots.classes import ALL_CLASSES
from lightlane.plots.demands import plot_demand_latency
from lightlane.plots.fabric_map import LINK_GID, plot_fabric_map
from lightlane.plots.margins import plot_margins
from lightlane.plots.style import THEME_COLORS
from lightlane.plots.waterfall import plot_waterfall
from lightlane.report.figures import inline_svg
from lightlane.report.sentences import explain_link, parse_steps, state_verdict, suggest_remedy
from lightlane.report.tables import (
    Row,
    bill_rows,
    find_deciding_lane,
    key_numbers,
    list_demands,
    list_links,
    rank_worst,
    sum_bill,
)
from lightlane.report.waveforms import describe_waveforms
from lightlane.results.records import Results

WORST_LINKS = 6
"""So many links get a waterfall; as many blocked ones, which have no margin to add up, come before them."""
SECTIONS: tuple[tuple[str, str], ...] = (
    ("summary", "Summary"),
    ("map", "Map"),
    ("margins", "Margins"),
    ("links", "Links"),
    ("worst", "Least margin"),
    ("demands", "Demands"),
    ("bill", "Modules and watts"),
    ("provenance", "Sources"),
)
"""Id and name of each section, in order."""
WAVEFORM_SECTION = ("waveform", "Simulated lanes")
"""Comes behind the links of least margin, if lanes were simulated."""
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

OnStep = Callable[[str], None]


def write_report(results: Results, path: str | os.PathLike[str], *, on_step: OnStep | None = None) -> Path:
    """Write the report of ``results`` to one HTML file, as a whole or not at all.

    The page needs no network: pictures are inline SVG, style and script are inside. The same results give the same
    bytes.

    Parameters
    ----------
    results
        The run.
    path
        The file to write.
    on_step
        Called with a word for each step before it starts.

    Raises
    ------
    ParameterError
        If the file cannot be written.
    """
    target = Path(path)
    write_atomically(target, render_report(results, on_step=on_step))
    return target


def render_report(results: Results, *, on_step: OnStep | None = None) -> str:
    """Return the report of ``results`` as the text of an HTML page."""
    from jinja2 import Environment
    from markupsafe import Markup

    def step(text: str) -> None:
        if on_step is not None:
            on_step(text)

    step("tables")
    rows = list_links(results)
    context = _collect(results, rows)
    figures = _draw_figures(results, rows, step)
    step("worst links")
    worst = _describe_worst(results, rows)
    if len(results.waveforms) + len(results.direct_waveforms):
        step("simulated lanes")
    waveforms = describe_waveforms(results)
    step("page")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    source = resources.files(__package__)
    template = environment.from_string(source.joinpath("report.html").read_text(encoding="utf-8"))
    safe = {name: Markup(svg) for name, svg in figures.items()}  # noqa: S704 - our own SVG, texts escaped by its writer
    for item in [*worst, *waveforms]:
        item["figure"] = Markup(item["figure"])  # noqa: S704
    page = template.render(
        **context,
        figures=safe,
        worst=worst,
        waveforms=waveforms,
        css=Markup(_style_sheet(source.joinpath("report.css").read_text(encoding="utf-8"))),  # noqa: S704
        script=Markup(source.joinpath("report.js").read_text(encoding="utf-8")),  # noqa: S704
        number=format_number,
        value=_sort_value,
    )
    return _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", page)


def _draw_figures(results: Results, rows: list[Row], step: OnStep) -> dict[str, str]:
    """Return the figures of the whole fabric as SVG."""
    step("map")
    hover = {f"{LINK_GID}{row['index']}{end}": _tooltip(row) for row in rows for end in ("", "-metro")}
    figures = {
        "map": inline_svg(
            plot_fabric_map(results),
            prefix="map-",
            label="Map of the links by margin; the table below has the same figures",
            tooltips=hover,
        )
    }
    step("charts")
    figures["margins"] = inline_svg(
        plot_margins(results), prefix="margins-", label="Histogram of link margins and of what limits them"
    )
    figures["demands"] = inline_svg(
        plot_demand_latency(results), prefix="demands-", label="Latency of demands against their objectives"
    )
    figures["bill"] = inline_svg(plot_bill(results), prefix="bill-", label="Count and power of modules and amplifiers")
    return figures


def format_number(value: float | None, digits: int) -> str:
    """Return a number with narrow spaces between thousands; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "\N{EN DASH}"
    text = f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return text.replace("-", "\N{MINUS SIGN}")


def _sort_value(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _style_sheet(text: str) -> str:
    for key, place in (("light_colors", 0), ("dark_colors", 1)):
        colors = " ".join(f"--c-{role}: {pair[place]};" for role, pair in THEME_COLORS.items())
        text = text.replace("{{ " + key + " }}", colors)
    return text


def _tooltip(row: Row) -> str:
    lines = [row["link"], f"{row['module']}, {row['length_km']:.4g} km"]
    margin = f"margin {row['margin_text']} dB" if row["margin_text"] else row["remark"] or "no margin in dB"
    lines.append(f"{row['status']}, {margin}" + (f", limited by {row['limit_text']}" if row["limit_text"] else ""))
    return "\n".join(lines)


def _collect(results: Results, rows: list[Row]) -> dict[str, Any]:
    """Return what the template shows besides the figures."""
    manifest = results.manifest
    demands = list_demands(results)
    watts, unknown_power = sum_bill(results)
    unknowns: dict[str, list[Row]] = {}
    for row in rows:
        if row["status"] == "unknown":
            unknowns.setdefault(row["unknown_because"] or "no reason given", []).append(row)
    present = {row["class_key"] for row in rows}
    return {
        "manifest": manifest,
        "title": manifest["fabric"].get("name") or "Unnamed fabric",
        "created": str(manifest["created_utc"]).replace("T", " ").replace("Z", " UTC"),
        "sections": _sections(results),
        "verdict": state_verdict(results),
        "tone": _tone(results),
        "numbers": key_numbers(results),
        "links": rows,
        "classes": [item for item in ALL_CLASSES if item.key in present],
        "families": sorted({row["family"] for row in rows}),
        "assumed_count": sum(bool(row["assumed"]) for row in rows),
        "notes": sorted((manifest.get("design_notes") or {}).items()),
        "demands": demands,
        "unprinted": sum(not row["printed"] for row in demands),
        "modules": bill_rows(manifest.get("module_bill") or []),
        "amplifiers": bill_rows(manifest.get("amplifier_bill") or []),
        "watts": watts,
        "unknown_power": unknown_power,
        "facts": _facts(manifest),
        "assumed": manifest.get("assumed") or [],
        "unknowns": sorted(unknowns.items()),
        "parts": manifest.get("parts") or [],
        "attribution": ATTRIBUTION,
    }


def _tone(results: Results) -> str:
    """Return the color of the verdict: bad, thin, open or fine."""
    links, demands = results.links, results.demands
    wanted = results.manifest.get("wanted_margin_db")
    if (links["status"] == "down").any() or (demands["status"] == "blocked").any():
        return "bad"
    if (links["status"] == "unknown").any():
        return "open"
    thin = wanted is not None and bool((links["margin_db"] < wanted).any())
    return "thin" if thin or bool((demands["status"] == "late").any()) else "fine"


def _facts(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    fabric = manifest["fabric"]
    facts = [
        ("Topology", fabric.get("source") or "as given"),
        ("Run", str(manifest["created_utc"])),
        ("Lightlane", f"{manifest['lightlane_version']} ({manifest['build']}, {manifest['instruction_set']})"),
        ("Python, NumPy", f"{manifest['python_version']}, {manifest['numpy_version']}"),
        ("Model", manifest["fidelity"]),
        *([("Simulated by waveform", _waveform_words(waveform))] if (waveform := manifest.get("waveform")) else []),
        ("Fiber figures", "limits of the type" if manifest["fiber_limits"] else "typical of the type"),
        ("Seed", str(manifest["seed"])),
        ("Catalog, SHA-256", manifest["catalog_sha256"]),
        ("Fabric, SHA-256", manifest["fabric_sha256"]),
    ]
    return [(name, str(text)) for name, text in facts]


def _sections(results: Results) -> list[tuple[str, str]]:
    place = [identifier for identifier, _ in SECTIONS].index("worst") + 1
    return [
        *SECTIONS[:place],
        *([WAVEFORM_SECTION] if len(results.waveforms) + len(results.direct_waveforms) else []),
        *SECTIONS[place:],
    ]


def _waveform_words(waveform: dict[str, Any]) -> str:
    """Say how the lanes of a run were simulated."""
    return (
        f"{', '.join(waveform['links'])}; {format_number(waveform['symbols_count'], 0)} symbols, "
        f"{waveform['neighbors_count']} neighbors on each side, {waveform['precision']}, seed {waveform['seed']}"
    )


def _describe_worst(results: Results, rows: list[Row]) -> list[dict[str, Any]]:
    notes = results.manifest.get("design_notes") or {}
    described = []
    for number, row in enumerate(rank_worst(rows, WORST_LINKS)):
        steps = parse_steps(row["explanation"])
        figure = ""
        if steps:
            figure = inline_svg(
                plot_waterfall(steps, status=row["status"], width_in=4.6, most=14),
                prefix=f"worst{number}-",
                label=f"Contributions to the margin of {row['link']}",
            )
        described.append(
            {
                "row": row,
                "figure": figure,
                "why": explain_link(row, find_deciding_lane(results, row)),
                "remedy": suggest_remedy(row),
                "notes": notes.get(row["link"], []),
            }
        )
    return described

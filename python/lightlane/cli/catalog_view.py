"""How parts of the catalog look in a terminal: one table for a family, one page for a part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lightlane.catalog.distributions import PARAMETERS, Distribution
from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fec, Fiber, Module, Part, Passive, read_reasons
from lightlane.units import axis_label, unit_of

UNKNOWN = "-"
"""Stands where nobody knows the figure."""
WIDE = 96
"""Columns of a terminal from which on more than the figures that matter most are shown."""
CONFIDENCE_STYLES = {
    "primary": "green",
    "datasheet": "green",
    "second-hand": "yellow",
    "recalled": "red",
    "computed": "cyan",
}
MODULATIONS = {"qpsk": "QPSK", "8qam": "8QAM", "16qam": "16QAM", "pcs16qam": "PCS-16QAM", "pam4": "PAM4"}
WORDS = {"apd": "APD", "eo": "E/O", "fec": "FEC", "itu": "ITU", "kp4": "KP4"}
"""Words of field names that people write otherwise, besides the acronyms of the axis labels."""
PROVENANCE = ("id", "name", "source", "confidence", "assumed", "field_sources", "notes")


class Column(NamedTuple):
    """One column of a family's table."""

    title: str
    read: Callable[[Any], str]
    least_width: int = 0
    """Of the terminal; a narrower one does not show the column."""
    left: bool = False


def open_page() -> Console:
    """Return the console of standard output: what it gets is the answer, not a message."""
    return Console(highlight=False, soft_wrap=False)


def write_number(value: float | None) -> str:
    """Write a figure with the digits that it has; a dash where nobody knows it."""
    if value is None:
        return UNKNOWN
    return f"{value:.6g}"


def _write_range(low: float | None, high: float | None) -> str:
    return UNKNOWN if low is None and high is None else f"{write_number(low)}…{write_number(high)}"


def _read_at(points: Sequence[tuple[float, float]], wanted: float) -> str:
    """Write the y of a table of points at ``wanted``, a dash where it does not reach."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= wanted <= x1:
            return f"{y0 + (y1 - y0) * (wanted - x0) / (x1 - x0):.3g}"
    return UNKNOWN


def _best_osnr(part: CoherentMode) -> str:
    table = part.required_osnr_db_by_received_power_dbm
    return write_number(min(y for _, y in table)) if table else UNKNOWN


def _dispersion_range(part: DirectMode) -> str:
    return _write_range(part.dispersion_min_ps_per_nm, part.dispersion_max_ps_per_nm)


def _noise_figure(part: Amplifier) -> str:
    if part.noise_figure_db_by_gain_db:
        values = [y for _, y in part.noise_figure_db_by_gain_db]
        return _write_range(min(values), max(values))
    if part.kind == "raman":
        return "by fiber"
    return write_number(part.noise_figure_db) if part.noise_figure_db else "by OSNR"


def _numbers(part: Distribution) -> str:
    sign = {"offset": "+", "ratio": "x", "range": "in range "}[part.basis]
    numbers = [getattr(part, name) for name in PARAMETERS[part.kind]]
    return sign + ", ".join(write_number(number) for number in numbers)


CONFIDENCE = Column("Origin", lambda part: part.confidence, left=True)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "modules": (
        Column("Default mode", lambda part: part.modes[0], least_width=120, left=True),
        Column("Modes", lambda part: str(len(part.modes))),
        Column("Engines", lambda part: str(part.engines_count)),
        Column("W", lambda part: write_number(part.power_w)),
        Column("W max", lambda part: write_number(part.power_max_w), least_width=WIDE),
        Column("Form", lambda part: ", ".join(part.form_factors), left=True),
    ),
    "coherent modes": (
        Column("Gb/s", lambda part: write_number(part.net_rate_gbps)),
        Column("GBd", lambda part: f"{part.symbol_rate_gbd:.2f}"),
        Column("Format", lambda part: MODULATIONS[part.modulation], left=True),
        Column("OSNR dB", _best_osnr),
        Column("Tx dBm", lambda part: write_number(part.launch_power_default_dbm), least_width=WIDE),
        Column("FEC", lambda part: part.fec, least_width=120, left=True),
    ),
    "direct-detect modes": (
        Column("Gb/s", lambda part: write_number(part.net_rate_gbps)),
        Column("Lanes GBd", lambda part: f"{len(part.lanes)} x {part.symbol_rate_gbd:.3g}"),
        Column("km", lambda part: write_number(part.reach_km)),
        Column("A dBm", lambda part: write_number(part.oma_minus_tdecq_min_dbm)),
        Column("TDECQ", lambda part: write_number(part.tdecq_max_db)),
        Column("Loss dB", lambda part: write_number(part.insertion_loss_max_db)),
        Column("CD ps/nm", _dispersion_range, least_width=WIDE),
    ),
    "fibers": (
        Column("Class", lambda part: part.itu_class, left=True),
        Column("dB/km 1310", lambda part: _read_at(part.typical_attenuation_db_per_km_by_wavelength_nm, 1310)),
        Column("1550", lambda part: _read_at(part.typical_attenuation_db_per_km_by_wavelength_nm, 1550)),
        Column("D", lambda part: write_number(part.dispersion_ps_per_nm_km)),
        Column("Gamma", lambda part: write_number(part.nonlinear_coefficient_per_w_km)),
        Column("PMD ps/√km", lambda part: write_number(part.pmd_ps_per_sqrt_km), least_width=WIDE),
    ),
    "amplifiers": (
        Column("Gain dB", lambda part: _write_range(part.gain_min_db, part.gain_max_db)),
        Column("NF dB", _noise_figure),
        Column("Max dBm", lambda part: write_number(part.output_power_max_dbm)),
        Column("W", lambda part: write_number(part.power_w), least_width=WIDE),
    ),
    "passives": (
        Column("Kind", lambda part: part.kind.replace("_", " "), left=True),
        Column("Loss dB", lambda part: write_number(part.loss_db)),
        Column("Passband GHz", lambda part: write_number(part.passband_3db_ghz)),
        Column("PDL dB", lambda part: write_number(part.pdl_db), least_width=WIDE),
    ),
    "fecs": (
        Column("Pre-FEC BER", lambda part: f"{part.threshold_pre_fec_ber:.2e}"),
        Column("Rate", lambda part: f"{part.code_rate_ratio:.3f}"),
        Column("NCG dB", lambda part: write_number(part.net_coding_gain_db)),
        Column("µs", lambda part: write_number(part.latency_us)),
    ),
    "distributions": (
        Column("Quantity", lambda part: part.quantity, least_width=120, left=True),
        Column("Shared by", lambda part: part.scope, left=True),
        Column("Kind", lambda part: part.kind.replace("_", " "), least_width=150, left=True),
        Column("Numbers", _numbers, left=True),
    ),
}  # fmt: skip
KINDS: dict[type[Part], str] = {
    Module: "module",
    CoherentMode: "coherent mode",
    DirectMode: "direct-detect mode",
    Fiber: "fiber",
    Amplifier: "amplifier",
    Passive: "passive",
    Fec: "FEC",
    Distribution: "distribution",
}


def print_family(page: Console, family: str, parts: Sequence[Part]) -> None:
    """Print a family as one table, the modes as two."""
    groups: dict[str, list[Part]] = {family: list(parts)}
    if family == "modes":
        groups = {
            "coherent modes": [part for part in parts if isinstance(part, CoherentMode)],
            "direct-detect modes": [part for part in parts if isinstance(part, DirectMode)],
        }
    for title, members in groups.items():
        if not members:
            continue
        columns = [*COLUMNS[title], CONFIDENCE]
        columns = [column for column in columns if page.width >= column.least_width]
        heading = "FECs" if title == "fecs" else title.capitalize()
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
        table.add_column(heading, no_wrap=True, style="bold cyan", header_style="bold cyan")
        for column in columns:
            table.add_column(column.title, justify="left" if column.left else "right", no_wrap=True)
        for part in members:
            cells = [Text(column.read(part)) for column in columns]
            cells[-1].stylize(CONFIDENCE_STYLES[part.confidence])
            table.add_row(part.id + ("*" if part.assumed else ""), *cells)
        page.print(table)
        page.print()


def print_part(page: Console, part: Part) -> None:
    """Print all that is known of a part: figures, tables of points, sources, assumptions, and what is not known."""
    page.print(Text.assemble((part.name, "bold"), "  ", (part.id, "cyan")))
    origin = Text.assemble(f"{KINDS[type(part)]} · ", (part.confidence, CONFIDENCE_STYLES[part.confidence]))
    page.print(origin)
    page.print()
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="default")
    grid.add_column(overflow="fold")
    tables, absent = [], []
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name in PROVENANCE:
            continue
        if value is None or value == ():
            absent.append(_label(name))
        elif "_by_" in name or (name == "lanes" and isinstance(part, DirectMode)):
            tables.append(name)
        else:
            grid.add_row(_label(name), _mark(part, name, _write_value(value)))
    page.print(grid)
    for name in tables:
        page.print()
        page.print(_mark(part, name, _title(name), style="bold"))
        _print_points(page, part, name)
    _print_provenance(page, part)
    if absent:
        _print_section(page, "Not known", [", ".join(absent)])
    page.print()


def _print_points(page: Console, part: Part, name: str) -> None:
    value = getattr(part, name)
    if name == "lanes":
        rows = [[write_number(getattr(lane, key)) for lane in value] for key in ("center_nm", "min_nm", "max_nm")]
        heads = ["center", "min", "max"]
    else:
        y, x = name.split("_by_", 1)
        rows = [[_write_point(x, point[0]) for point in value], [_write_point(y, point[1]) for point in value]]
        heads = [_label(x), _label(y)]
    cell = max(len(text) for row in rows for text in row) + 2
    chunk = max(1, (page.width - max(map(len, heads)) - 4) // cell)
    for start in range(0, len(rows[0]), chunk):
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", min_width=max(map(len, heads)))
        for _ in rows[0][start : start + chunk]:
            table.add_column(justify="right", min_width=cell - 2)
        for head, row in zip(heads, rows, strict=True):
            table.add_row(head, *row[start : start + chunk])
        page.print(Padding(table, (0, 0, 0, 2)))


def _write_point(name: str, value: float) -> str:
    return f"{value:.3g}" if unit_of(name) == "" else write_number(value)


def _print_provenance(page: Console, part: Part) -> None:
    _print_section(page, "Source", [part.source])
    reasons = read_reasons(part.notes)
    _print_section(page, "Assumed", [f"{_label(name)}: {reasons[name]}" for name in part.assumed], style="yellow")
    by_source: dict[str, list[str]] = {}
    for name, source in part.field_sources.items():
        by_source.setdefault(source, []).append(_label(name))
    _print_section(page, "Single figures", [f"{', '.join(names)}: {source}" for source, names in by_source.items()])
    lines = part.notes.splitlines()
    remarks = [
        line for line in lines if line.strip() and not any(line.startswith(f"{name}: ") for name in part.assumed)
    ]
    _print_section(page, "Notes", remarks)


def _print_section(page: Console, title: str, lines: Sequence[str], *, style: str = "default") -> None:
    if not lines:
        return
    page.print()
    page.print(title, style="bold")
    for line in lines:
        page.print(Padding(Text(line, style=style), (0, 0, 0, 2)))


def _mark(part: Part, name: str, text: str, *, style: str = "default") -> Text:
    return Text.assemble((text, style), ("  assumed", "yellow")) if name in part.assumed else Text(text, style=style)


def _title(name: str) -> str:
    if name == "lanes":
        return "Lanes (nm)"
    y, x = name.split("_by_", 1)
    under = _label(x)
    return f"{_label(y)} over {under if under[1:2].isupper() else under[:1].lower() + under[1:]}"


def _label(name: str) -> str:
    if "_by_" in name:
        return _title(name)
    text = axis_label(name) if unit_of(name) is not None else " ".join(name.split("_")).capitalize()
    words = [WORDS.get(word.lower(), word) for word in text.split(" ")]
    return " ".join(words)


def _write_value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return write_number(value)
    if isinstance(value, tuple):
        return ", ".join(_write_value(item) for item in value)
    if isinstance(value, BaseModel):
        return str(value)
    return MODULATIONS.get(str(value), str(value))

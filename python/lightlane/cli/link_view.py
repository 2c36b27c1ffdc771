"""The one screen of ``lightlane link``: verdict, margins, waterfall, lanes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lightlane.cli.console import get_answer_console
from lightlane.lane.batch import STATUS_ORDER
from lightlane.lane.remedies import find_remedy
from lightlane.link import Link, part_kind

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from lightlane.lane.model import LaneResult, LinkResult

STATUS_STYLE = {"up": "bold green", "degraded": "bold yellow", "down": "bold red", "unknown": "bold magenta"}
BAR_WIDTH = 28
LANES_SHOWN_MAX = 8


def describe_link(link: Link) -> dict[str, Any]:
    """Return what the link is made of as JSON-ready values."""
    return {
        "module": link.module.id,
        "mode": link.mode.id,
        "length_km": link.length_km,
        "channels": link.channels,
        "rate_gbps": link.rate_gbps,
        "span_count": link.span_count,
        "notes": list(link.notes),
        "elements": [
            {"label": element.label, "kind": part_kind(element.part), "part": element.part.id}
            for element in link.a_to_b
        ],
    }


def show_link(link: Link, result: LinkResult, *, wanted_margin_db: float, more: Sequence[str] = ()) -> None:
    """Print the screen to standard output, with what else there is to say: it is the answer, not progress."""
    console = get_answer_console()
    lane = result.worst()
    _show_head(console, link, result, wanted_margin_db)
    for note in link.notes:
        console.print(f"Bare fiber: {note}.", highlight=False)
    console.print(_figures(link, lane, result.frame_loss_ratio))
    if lane.contributions:
        console.print(_waterfall(lane))
    if len(result.lanes) > 1:
        console.print(_lanes(result))
    for text in more:
        console.print(text, highlight=False)
    if lane.assumed:
        console.print(f"[dim]Rests on assumed values: {', '.join(lane.assumed)}.[/dim]")
    console.print(f"[dim]Mode: {link.mode.source} ({link.mode.confidence}).[/dim]", soft_wrap=False)


def _show_head(console: Console, link: Link, result: LinkResult, wanted_margin_db: float) -> None:
    lane = result.worst()
    mode = "" if link.mode.name == link.module.name else f", {link.mode.name}"
    console.print(f"[bold]{link.module.name}[/bold]{mode}, {link.length_km:g} km, {link.rate_gbps:g} Gb/s")
    amplifiers = [element for element in link.a_to_b if element.kind == "amplifier"]
    if amplifiers:
        console.print(f"[dim]line: {', '.join(f'{item.label} ({item.part.id})' for item in amplifiers)}[/dim]")
    style = STATUS_STYLE[result.status]
    words = f"[{style}]{result.status.upper()}[/{style}]"
    if lane.blocked_by:
        words += f": blocked by {lane.blocked_by}"
    elif lane.unknown_because and not lane.margin_db < 0.0:
        words += f": {lane.unknown_because}"
    else:
        words += f": margin {result.margin_db:.2f} dB of {wanted_margin_db:g} dB wanted, limited by {result.limited_by}"
    console.print(words)
    if lane.outside_domain:
        console.print(f"Outside what the model claims: {lane.outside_domain}.", highlight=False)
    if uncertain := describe_uncertainty(result):
        console.print(uncertain, highlight=False)
    remedy = find_remedy(link.mode.detection, result.limited_by)
    if remedy and result.status in ("down", "degraded"):
        console.print(f"What would help: {remedy}.")


def describe_uncertainty(result: LinkResult) -> str:
    """Return what worst case and draws say of a link; empty where nobody asked."""
    sentences = []
    if not math.isnan(result.worst_margin_db):
        sentences.append(f"With every figure at its limit the margin is {result.worst_margin_db:.2f} dB.")
    if not math.isnan(result.outage_ratio):
        sentences.append(f"It closes in {100 * (1 - result.outage_ratio):.6g} % of the draws.")
        if margins := _list_quantiles(result.margin_db_by_probability_ratio, "{:.2f} dB"):
            sentences.append(f"Margin that so many draws do not exceed: {margins}.")
    if not math.isnan(result.worst_frame_loss_ratio):
        sentences.append(f"With every figure at its limit modules lose {result.worst_frame_loss_ratio:.1e} of frames.")
    if lost := _list_quantiles(result.frame_loss_ratio_by_probability_ratio, "{:.1e}"):
        sentences.append(f"Share of frames that so many draws lose more of: {lost}.")
    return " ".join(sentences)


def _list_quantiles(quantiles: tuple[tuple[float, float], ...], form: str) -> str:
    """Write the quantiles that are known, each with its probability."""
    known = [(ratio, value) for ratio, value in quantiles if math.isfinite(value)]
    return ", ".join(f"{form.format(value)} at {100 * ratio:g} %" for ratio, value in known)


def _figures(link: Link, lane: LaneResult, module_frame_loss_ratio: float) -> Table:
    """Two columns of what is known of the deciding lane and its module."""
    from rich.table import Table

    if link.mode.detection == "coherent":
        names = [
            ("OSNR", lane.osnr_db, "dB"), ("required OSNR", lane.required_osnr_db, "dB"),
            ("received", lane.received_power_dbm, "dBm"), ("OSNR margin", lane.osnr_margin_db, "dB"),
            ("SNR of NLI", lane.snr_nli_db, "dB"), ("power margin", lane.power_margin_db, "dB"),
            ("SNR", lane.snr_db, "dB"), ("FEC margin", lane.fec_margin_db, "dB"),
            ("Q", lane.q_db, "dB"), ("DGD, mean", lane.dgd_mean_ps, "ps"),
        ]  # fmt: skip
    else:
        names = [
            ("received", lane.received_power_dbm, "dBm"), ("power margin", lane.power_margin_db, "dB"),
            ("received OMA", lane.oma_outer_dbm, "dBm"), ("FEC margin", lane.fec_margin_db, "dB"),
            ("OMA sensitivity", lane.sensitivity_oma_dbm, "dBm"), ("Q", lane.q_db, "dB"),
            ("TDECQ, limit" if math.isnan(lane.tecq_db) else "TDECQ", lane.tdecq_db, "dB"),
            ("TECQ", lane.tecq_db, "dB"),
        ]  # fmt: skip
    cells = [(name, f"{value:.2f} {unit}") for name, value, unit in names if not math.isnan(value)]
    if not math.isnan(lane.chromatic_dispersion_ps_per_nm):
        cells.append(("dispersion", f"{lane.chromatic_dispersion_ps_per_nm:.1f} ps/nm"))
    cells += [
        (name, f"{sign}{value:.1e}")
        for name, value, sign in (
            ("pre-FEC SER", lane.symbol_error_ratio, ""),
            ("pre-FEC BER", lane.pre_fec_ber, ""),
            # Below a FEC's threshold a table of it gives a bound, not a value.
            ("post-FEC BER", lane.post_fec_ber, "at most " if link.fec.kind == "table" else ""),
            ("frame loss", lane.frame_loss_ratio, ""),
            ("frame loss, module", module_frame_loss_ratio, ""),
        )
        if not math.isnan(value)
    ]
    cells.append(("latency", f"{lane.latency_us:.1f} µs"))
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index in range(0, len(cells), 2):
        pair = cells[index : index + 2]
        row = [text for name, value in pair for text in (f"[dim]{name}[/dim]", value)]
        table.add_row(*row)
    return table


def _waterfall(lane: LaneResult) -> Table:
    """Bars from launch to margin, on one scale; neighbors that are zero are left out."""
    from rich.table import Table

    table = Table(title="What adds up to the margin", title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    steps = [(step.label, step.value_db) for step in lane.contributions]
    levels = [0.0]
    for _, value in steps:
        levels.append(levels[-1] + value)
    low, high = min(levels), max(levels)
    scale = BAR_WIDTH / (high - low) if high > low else 0.0
    for index, (label, value) in enumerate(steps):
        left, right = sorted((levels[index], levels[index + 1]))
        start, stop = round((left - low) * scale), round((right - low) * scale)
        color = "cyan" if value >= 0 else "dark_orange"
        bar = " " * start + f"[{color}]{'█' * max(stop - start, 0) or '▏'}[/{color}]"
        table.add_row(label, f"{value:+.2f} dB", bar)
    table.add_row("[bold]margin[/bold]", f"[bold]{lane.margin_db:+.2f} dB[/bold]", "")
    return table


def _lanes(result: LinkResult) -> Table:
    from rich.table import Table

    table = Table(title="Lanes", title_justify="left", box=None, pad_edge=False)
    for name, side in (("direction", "left"), ("channel", "right"), ("lane", "right"), ("nm", "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    for name in ("received dBm", "ps/nm", "pre-FEC BER", "margin dB"):
        table.add_column(name, justify="right")
    table.add_column("status")
    ranked = sorted(range(len(result.lanes)), key=lambda index: _rank(result.lanes[index]))[:LANES_SHOWN_MAX]
    for index in sorted(ranked):
        lane = result.lanes[index]
        style = STATUS_STYLE[lane.status]
        table.add_row(
            "a → b" if lane.direction == "a_to_b" else "b → a",
            str(lane.channel_index),
            str(lane.lane),
            f"{lane.wavelength_nm:.2f}",
            _number(lane.received_power_dbm, ".2f"),
            _number(lane.chromatic_dispersion_ps_per_nm, ".1f"),
            _number(lane.pre_fec_ber, ".1e"),
            _number(lane.margin_db, ".2f"),
            f"[{style}]{lane.status}[/{style}]",
        )
    hidden = len(result.lanes) - len(ranked)
    if hidden:
        table.caption = f"the {len(ranked)} worst of {len(result.lanes)} lanes"
        table.caption_justify = "left"
    return table


def _rank(lane: LaneResult) -> tuple[int, float]:
    return STATUS_ORDER.index(lane.status), -math.inf if math.isnan(lane.margin_db) else lane.margin_db


def _number(value: float, form: str) -> str:
    return "-" if math.isnan(value) else format(value, form)

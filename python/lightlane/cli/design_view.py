"""What ``lightlane design`` shows: a table of what was chosen, what does not close, and why one link is as it is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lightlane.errors import ParameterError
from lightlane.files import suggest

if TYPE_CHECKING:
    from lightlane.fabric.design import Choice, Design, Unclosed
    from lightlane.fabric.selection import Rejected

LISTED_COUNT = 12
"""So many adjacencies that do not close are listed; the rest is counted."""


def print_summary(design: Design, output: Path) -> None:
    """Print what was chosen, by family and module, and what does not close."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from lightlane.cli.console import get_console
    from lightlane.fabric.candidates import FAMILY_LABELS

    console = get_console()
    groups: dict[tuple[str, str], list[Choice]] = defaultdict(list)
    for choice in design.choices:
        groups[choice.candidate.family, choice.candidate.module].append(choice)
    count = len(design.choices)
    title = f"{count} way{'s' if count != 1 else ''} between sites designed"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("How", no_wrap=True)
    table.add_column("Module", no_wrap=True)
    for heading in ("Ways", "Modules", "km", "Margin dB", "W"):
        table.add_column(heading, justify="right", no_wrap=True)
    order = list(FAMILY_LABELS)
    for family, module in sorted(groups, key=lambda key: (order.index(key[0]), key[1])):  # type: ignore[arg-type]
        chosen = groups[family, module]
        table.add_row(FAMILY_LABELS[family], module, *_summarize(chosen))  # type: ignore[index]
    if len(groups) > 1:
        table.add_section()
        table.add_row("all", "", *_summarize(design.choices))
    if groups:
        console.print(table)
    _print_rest(design, output)


def _summarize(choices: Sequence[Choice]) -> list[str]:
    lengths_km = [choice.adjacency.length_km for choice in choices]
    margins_db = [choice.margin_db for choice in choices]
    return [
        str(len(choices)),
        str(sum(2 * sum(choice.candidate.channels) for choice in choices)),
        _show_range(lengths_km, ".3g"),
        _show_range(margins_db, ".1f"),
        _show_watts(sum(choice.candidate.power_w for choice in choices)),
    ]


def _show_range(values: Sequence[float], form: str) -> str:
    low, high = format(min(values), form), format(max(values), form)
    return low if low == high else f"{low}-{high}"


def _show_watts(power_w: float) -> str:
    return "not known" if math.isnan(power_w) else f"{power_w:,.0f}"


def _print_rest(design: Design, output: Path) -> None:
    from lightlane.cli.console import get_console

    console = get_console()

    def say(text: str, style: str = "") -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True, style=style)

    huts = sum(choice.candidate.hut_count for choice in design.choices)
    amplifiers = sum(choice.candidate.amplifier_count for choice in design.choices)
    if amplifiers:
        say(f"{amplifiers} amplifiers, {huts} new huts.")
    if design.kept:
        say(f"{len(design.kept)} adjacencies keep the links that they have.")
    resting = [choice for choice in design.choices if choice.assumed]
    if resting:
        values = sorted({value for choice in resting for value in choice.assumed})
        say(f"{len(resting)} of the choices rest on {len(values)} assumed values; --no-assumed rules them out.")
    for item in design.unclosed[:LISTED_COUNT]:
        say(f"Nothing closes {item.adjacency.name}: {_describe_nearest(item)}", style="red")
    if len(design.unclosed) > LISTED_COUNT:
        say(f"… and {len(design.unclosed) - LISTED_COUNT} more.", style="red")
    if design.unreachable:
        say(f"{len(design.unreachable)} demands are between sites that no links join.", style="yellow")
    without = f", without the {len(design.unclosed)} adjacencies that do not close" if design.unclosed else ""
    say(f"Wrote {output}: {len(design.fabric.link)} links{without}.")


def _describe_nearest(item: Unclosed) -> str:
    ends = f"{item.adjacency.a} - {item.adjacency.b}, {item.adjacency.length_km:g} km"
    if item.best is None:
        return f"{ends}; no candidate carries the rates that are asked for"
    spans = f" over {item.best.span_count} spans" if item.best.span_count > 1 else ""
    return f"{ends}; nearest is {item.best.module}{spans}: {item.best.reason}"


def find_adjacency(design: Design, name: str) -> Choice | Unclosed:
    """Return what became of the adjacency of a link or a duct.

    Raises
    ------
    ParameterError
        If ``name`` is neither a designed link nor the duct of an adjacency that was looked at.
    """
    known: dict[str, Choice | Unclosed] = {}
    items: list[Choice | Unclosed] = [*design.unclosed, *design.choices]
    for item in items:
        known |= dict.fromkeys((item.adjacency.name, *item.adjacency.ducts), item)
    for choice in design.choices:
        known |= dict.fromkeys(choice.links, choice)
    if name not in known:
        raise ParameterError(f"--explain {name!r} is no link or duct of this design{suggest(name, known)}")
    return known[name]


def explain_adjacency(found: Choice | Unclosed) -> None:
    """Print why an adjacency is as it is: what was chosen and, in one line each, why no cheaper candidate was."""
    from lightlane.cli.console import get_console

    console = get_console()

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    say(_describe_choice(found))
    if not found.rejected:
        say("Nothing cheaper was there to try.")
        return
    say("Not chosen, the cheapest first:")
    for rejected in found.rejected:
        watts = "" if math.isnan(rejected.power_w) else f"{_show_watts(rejected.power_w)} W"
        say(f"{watts:>9}  {_describe_way(rejected)}: {rejected.reason}")


def _describe_choice(item: Choice | Unclosed) -> str:
    from lightlane.fabric.candidates import FAMILY_LABELS
    from lightlane.fabric.design import Unclosed

    adjacency = item.adjacency
    head = f"{adjacency.a} - {adjacency.b}: {adjacency.length_km:g} km, {item.needed_gbps:g} Gb/s needed."
    if isinstance(item, Unclosed):
        return f"{head} Nothing closes it."
    candidate = item.candidate
    text = (
        f"{head} Chosen: {sum(candidate.channels)} x {candidate.module} ({FAMILY_LABELS[candidate.family]}), "
        f"{_show_watts(candidate.power_w)} W, margin {item.margin_db:.1f} dB, limited by {item.limited_by}."
    )
    return text + (f" Rests on assumed values: {', '.join(item.assumed)}." if item.assumed else "")


def _describe_way(rejected: Rejected) -> str:
    from lightlane.fabric.candidates import FAMILY_LABELS

    mode = f" as {rejected.mode}" if rejected.mode != rejected.module else ""
    spans = f", {rejected.span_count} spans" if rejected.span_count > 1 else ""
    return f"{rejected.module}{mode}, {FAMILY_LABELS[rejected.family]}{spans}"

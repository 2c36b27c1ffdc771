"""``lightlane results diff``: what became of each link and demand from one state to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli import EXIT_DONE, EXIT_NO
from lightlane.cli.console import echo_json, get_answer_console

if TYPE_CHECKING:
    from lightlane.results.difference import ResultsDifference
    from lightlane.results.records import Results

SHOWN_ROWS = 40


@click.command(name="diff")
@click.argument("first", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("second", type=click.Path(path_type=Path), metavar="[DIR]", required=False)
@click.option("--variant", "variants", nargs=2, metavar="A B", help="Variant of the first and of the second.")
@click.option("--step", "steps", nargs=2, type=click.IntRange(min=0), metavar="I J", help="Steps; absent: the last.")
@click.option("--point", "points", nargs=2, type=click.IntRange(min=0), metavar="I J", help="Points of the sweep.")
@click.option("--check", is_flag=True, help="Exit with 1 if anything differs.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def diff(
    first: Path,
    second: Path | None,
    variants: tuple[str, str] | None,
    steps: tuple[int, int] | None,
    points: tuple[int, int] | None,
    *,
    check: bool,
    as_json: bool,
) -> int:
    """Compare two results folders, or two variants, steps or points of one.

    A link differs by its status, by what limits it, or by 0.005 dB of margin; a demand by its status, path or latency.
    """
    from lightlane.errors import ParameterError
    from lightlane.results.difference import compare_results

    if second is None and not (variants or steps or points):
        raise ParameterError(
            "one folder and no --variant, --step or --point; allowed: two folders, or two of its states"
        )
    sides = [
        _read(folder, *(pair[side] if pair else None for pair in (variants, points, steps)))
        for side, folder in enumerate((first, second or first))
    ]
    difference = compare_results(*sides)
    if as_json:
        echo_json(difference.to_dict())
    else:
        _show(difference)
    return EXIT_NO if check and (difference.links or difference.demands) else EXIT_DONE


def _read(folder: Path, variant: Any, point: Any, step: Any) -> Results:
    """Read a state; of a run over time the last one where no step is named."""
    from lightlane.results.folder import open_results
    from lightlane.results.manifest import RESULTS_FORMAT, read_manifest
    from lightlane.results.store import read_results

    if read_manifest(folder)["format"] != RESULTS_FORMAT:
        return read_results(folder, variant=variant, point=point, step=step)
    opened = open_results(folder)
    if step is None and "steps" in opened.table_names:
        first = opened.arrow("steps", columns=["variant"])["variant"][0].as_py() if variant is None else variant
        found = opened.arrow("steps", columns=["step_index"], variant=first, point=0 if point is None else point)
        variant, step = first, max(found["step_index"].to_pylist(), default=None)
    return read_results(folder, variant=variant, point=point, step=step)


def _show(difference: ResultsDifference) -> None:
    from rich.table import Table

    console = get_answer_console()
    if difference.links:
        table = Table(box=None, pad_edge=False, title="Links", title_justify="left")
        for name in ("link", "status", "margin (dB)", "change (dB)", "limited by"):
            table.add_column(name, justify="right" if "dB" in name else "left")
        for item in difference.links[:SHOWN_ROWS]:
            margins = f"{item.first_margin_db:.2f} to {item.second_margin_db:.2f}"
            table.add_row(
                item.link,
                _change(item.first_status, item.second_status),
                margins,
                f"{item.margin_change_db:+.2f}",
                item.reason or _change(item.first_limited_by, item.second_limited_by),
            )
        console.print(table)
        _say_more(console, len(difference.links))
    if difference.demands:
        table = Table(box=None, pad_edge=False, title="Demands", title_justify="left")
        for name in ("demand", "status", "carried (Gb/s)", "latency (µs)"):
            table.add_column(name, justify="left" if name in ("demand", "status") else "right")
        for row in difference.demands[:SHOWN_ROWS]:
            carried = f"{row.first_carried_gbps:.0f} to {row.second_carried_gbps:.0f}"
            table.add_row(
                row.demand, _change(row.first_status, row.second_status), carried, f"{row.latency_change_us:+.1f}"
            )
        console.print(table)
        _say_more(console, len(difference.demands))
    same = f"the same: {difference.same_links_count} links, {difference.same_demands_count} demands"
    console.print(same, markup=False)


def _change(first: str, second: str) -> str:
    return first if first == second else f"{first} to {second}"


def _say_more(console: Any, count: int) -> None:
    if count > SHOWN_ROWS:
        console.print(f"and {count - SHOWN_ROWS} more; --json has all", markup=False)

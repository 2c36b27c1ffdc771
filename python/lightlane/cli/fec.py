"""``lightlane fec``: waterfalls of codes by Monte Carlo, and the catalog's tables from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lightlane.errors import ParameterError

if TYPE_CHECKING:
    from lightlane.fec_waterfall import Waterfall

DEFAULT_POINTS_COUNT = 6
"""Points from the threshold up to twice of it, where none are given."""


@click.group(name="fec", short_help="Count what codes leave, and make the catalog's tables of it.")
def command() -> None:
    """Count the errors that codes leave, decoded for real, and make the catalog's tables of the counts."""


@command.command(name="codes")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def list_codes(*, as_json: bool) -> None:
    """List the codes that can be counted."""
    from dataclasses import asdict

    from lightlane.cli.console import echo_json, get_answer_console
    from lightlane.kernels import counted_codes

    codes = counted_codes()
    if as_json:
        echo_json([asdict(code) for code in codes.values()])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("code", "threshold", "what is counted"):
        table.add_column(title)
    for code in codes.values():
        table.add_row(code.name, f"{code.threshold_pre_fec_ber:.2e}", code.description)
    get_answer_console().print(table)


@command.command(name="waterfall")
@click.argument("code")
@click.option("--points", metavar="BER,…", help="Pre-FEC BERs; six from the threshold to twice of it unless given.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Mapping file to write.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@click.option("--resume", is_flag=True, help="Go on with the file: its counts are kept and added to.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the random numbers.")
@click.option(
    "--errors", type=click.IntRange(min=1), default=200, show_default=True, help="Failed frames that are enough."
)
@click.option("--frames-max", type=click.IntRange(min=1), help="Most frames of a point; 200 steps unless given.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw it: .svg, .pdf or .png.")
@click.option("--json", "as_json", is_flag=True, help="Write the waterfall as JSON to standard output.")
def count_waterfall(  # noqa: PLR0913 - one per flag
    code: str,
    points: str | None,
    output: Path | None,
    seed: int,
    errors: int,
    frames_max: int | None,
    plot: Path | None,
    *,
    overwrite: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Count what CODE leaves over the pre-FEC BER, with 95 % intervals.

    Points with fewer than ten failed frames go on by a formula, a bound or a line, and say so. Ctrl-C keeps what was
    counted in the file of --output; --resume goes on there and ends with the counts of a run that was never stopped.

    \b
    Examples:
      lightlane fec waterfall bch-126-110 --points 1.07e-2,1.2e-2,1.4e-2 -o bch.json
      lightlane fec waterfall kp4 --points 2.4e-4,1e-3,2e-3 --plot kp4.svg
    """  # noqa: D301 - the escape is click's mark for lines that stay as they are
    from lightlane.cli.console import echo_json
    from lightlane.cli.fec_view import print_waterfall, save_plot
    from lightlane.fec_waterfall import get_code, load_waterfall

    threshold = get_code(code).threshold_pre_fec_ber
    start = None
    if output is not None and output.exists():
        if not (overwrite or resume):
            raise ParameterError(f"{output} exists; --resume goes on with it, --overwrite replaces it")
        start = load_waterfall(output) if resume else None
    if resume and output is None:
        raise ParameterError("--resume is given without --output; allowed: the mapping file to go on with")
    bers = (
        _read_points(points)
        if points
        else [threshold * 2 ** (k / (DEFAULT_POINTS_COUNT - 1)) for k in range(DEFAULT_POINTS_COUNT)]
    )
    waterfall = _run(code, bers, output, start, (seed, errors, frames_max))
    print_waterfall(waterfall)
    if plot is not None:
        save_plot(waterfall, threshold, plot)
    if as_json:
        echo_json(waterfall.model_dump(mode="json"))


def _read_points(text: str) -> list[float]:
    try:
        return [float(item) for item in text.split(",") if item.strip()]
    except ValueError:
        raise ParameterError(f"--points is {text!r}; allowed: numbers with commas, such as 2e-4,1e-3") from None


def _run(
    code: str, bers: list[float], output: Path | None, start: Waterfall | None, limits: tuple[int, int, int | None]
) -> Waterfall:
    from lightlane.cli.console import progress
    from lightlane.fec_waterfall import run_waterfall, save_waterfall

    seed, errors, frames_max = limits
    with progress() as bar:
        step = bar.add_task(f"Counting {code}", total=None)

        def show(waterfall: Waterfall, frames: int, most: int) -> None:
            bar.update(step, completed=frames, total=most)
            if output is not None:
                save_waterfall(waterfall, output)

        waterfall = run_waterfall(
            code,
            bers,
            seed=seed,
            errors_wanted_count=errors,
            frames_max_count=frames_max,
            start=start,
            on_step=show,
        )
    if output is not None:
        save_waterfall(waterfall, output)
    return waterfall


@command.command(name="tables")
@click.argument("fecs", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("waterfalls", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
def write_tables(fecs: Path, waterfalls: tuple[Path, ...]) -> None:
    """Write the tables of a catalog file FECS again from mapping files, with where they come from.

    \b
    Example:
      lightlane fec tables python/lightlane/catalog/data/fecs.toml python/lightlane/catalog/waterfalls/*.json
    """  # noqa: D301 - the escape is click's mark for lines that stay as they are
    from lightlane.cli.console import get_console
    from lightlane.fec_tables import update_tables
    from lightlane.fec_waterfall import load_waterfall

    changed = update_tables(fecs, [load_waterfall(path) for path in waterfalls])
    for part, count in changed.items():
        get_console().print(f"{part}: {count} points")

"""``lightlane surrogate``: the tables of waveform runs, shown and built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli.surrogate_compare import compare
from lightlane.errors import ParameterError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from lightlane.lane.surrogate.grids import SurrogateGrid
    from lightlane.lane.surrogate.record import Surrogate


@click.group(name="surrogate", short_help="Show and build the tables of waveform runs that surrogates read.")
def command() -> None:
    """Show and build the tables of waveform runs that `--fidelity surrogate` reads."""


command.add_command(compare)


@command.command(name="show")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Of tables; absent: the shipped ones.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def show(folder: Path | None, *, as_json: bool) -> None:
    """Show what each table holds, the runs it was fitted to, and how far it is off runs at other places."""
    from lightlane.cli.console import echo_json, get_answer_console
    from lightlane.lane.surrogate.store import load_surrogates, shipped_surrogates

    surrogates = shipped_surrogates() if folder is None else load_surrogates(folder)
    if as_json:
        echo_json([describe(surrogate) for surrogate in surrogates])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in (
        "table", "equalizer", "target SER", "D λ² Rs²/c", "chirp", "bandwidth/Rs", "ER dB", "eyes", "error rms, max dB",
    ):  # fmt: skip
        table.add_column(title)
    for surrogate in surrogates:
        held = surrogate.table
        axes = (held.dispersion_ratio, held.chirp_alpha, held.bandwidth_ratio, held.extinction_ratio_db)
        table.add_row(
            surrogate.name,
            held.equalizer,
            f"{held.target_ser_ratio:.1e}",
            *(f"{axis[0]:g} to {axis[-1]:g}" for axis in axes),
            f"{held.eye_ratio[..., 0].size:,}",
            f"{surrogate.mean_error_db():.3f}, {surrogate.greatest_error_db():.3f}",
        )
    get_answer_console().print(table)


def describe(surrogate: Surrogate) -> dict[str, Any]:
    """Return a table's box, runs and errors as JSON-ready values."""
    from dataclasses import asdict

    held = surrogate.table
    return {
        "name": surrogate.name,
        "equalizer": held.equalizer,
        "target_ser_ratio": held.target_ser_ratio,
        **{
            name: getattr(held, name).tolist()
            for name in ("dispersion_ratio", "chirp_alpha", "bandwidth_ratio", "extinction_ratio_db")
        },
        **asdict(surrogate.origin),
        "held_out_count": len(surrogate.claimed()),
        "mean_error_db": surrogate.mean_error_db(),
        "greatest_error_db": surrogate.greatest_error_db(),
    }


@command.command(name="build")
@click.argument("names", nargs=-1)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to."
)
@click.option(
    "--grid",
    "grid_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML file of your own tables: format = 1 and a [[table]] for each; absent: the shipped ones.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the symbols.")
@click.option(
    "--symbols",
    "symbols_count",
    type=click.IntRange(1024, 2**20),
    default=2**13,
    show_default=True,
    help="Of each run; even.",
)
@click.option("--held-out", type=click.IntRange(min=1), default=48, show_default=True, help="Runs to hold against.")
def build(
    names: tuple[str, ...], output: Path, grid_file: Path | None, seed: int, symbols_count: int, held_out: int
) -> None:
    """Simulate and tabulate the eyes of all tables, or those of NAMES: some ten minutes of one thread.

    `lightlane link|run --fidelity surrogate --surrogates DIR` read them, as does `surrogate_folder` of a scenario.
    Each table is held against waveform runs at places drawn from its box; how far it is off is kept in its file.
    """
    from lightlane.cli.console import get_console, progress
    from lightlane.lane.surrogate.build import BuildSettings, build_surrogate
    from lightlane.lane.surrogate.store import save_surrogate

    settings = BuildSettings(seed=seed, symbols_count=symbols_count, held_out_count=held_out)
    for grid in _choose(names, grid_file):
        with progress() as bar:
            step = bar.add_task(f"Simulating {grid.name}", total=None)

            def show_run(done: int, total: int, bar: Progress = bar, step: TaskID = step) -> None:
                bar.update(step, completed=done, total=total)

            surrogate = build_surrogate(grid, settings=settings, on_run=show_run)
        path = save_surrogate(surrogate, output)
        get_console().print(
            f"wrote {path}: {surrogate.table.eye_ratio[..., 0].size:,} eyes, at most "
            f"{surrogate.greatest_error_db():.3f} dB off {len(surrogate.claimed())} other runs",
            markup=False,
            soft_wrap=True,
        )


def _choose(names: tuple[str, ...], grid_file: Path | None) -> list[SurrogateGrid]:
    from lightlane.lane.surrogate.grid_file import load_grids
    from lightlane.lane.surrogate.grids import GRIDS

    known = {grid.name: grid for grid in (GRIDS if grid_file is None else load_grids(grid_file))}
    for name in names:
        if name not in known:
            raise ParameterError(f"there is no table {name!r}; allowed: {', '.join(known)}")
    return [grid for name, grid in known.items() if not names or name in names]

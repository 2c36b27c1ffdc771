"""``lightlane report``: a results folder as one HTML page, and its figures as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lightlane.cli.console import echo_json, get_console, progress

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lightlane.results.records import Results

STEPS_COUNT = 7
"""Steps that reading and rendering a report announce; the progress bar's length."""


@click.command("report")
@click.argument("results_folder", type=click.Path(path_type=Path), metavar="RESULTS")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="HTML file to write."
)
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE", help="Also write the map as a PNG.")
@click.option("--svg", type=click.Path(path_type=Path), metavar="DIR", help="Also write every figure as an SVG file.")
@click.option("--png-figures", type=click.Path(path_type=Path), metavar="DIR", help="Also every figure as a PNG file.")
@click.option("--pdf", type=click.Path(path_type=Path), metavar="DIR", help="Also write every figure as a PDF file.")
@click.option(
    "--study",
    "studies",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Add a study that `lightlane study` wrote.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the names of the written files as JSON.")
def command(
    results_folder: Path,
    output: Path,
    png: Path | None,
    studies: tuple[Path, ...],
    *,
    as_json: bool,
    **folders: Path | None,
) -> None:
    """Write the report of a results folder as one HTML page.

    RESULTS is a folder that `lightlane run` wrote. The page needs no other file and no network, and prints on A4.
    """
    from lightlane.report import write_report
    from lightlane.results.store import read_results
    from lightlane.results.studies import read_study

    written = [output]
    with progress() as bar:
        task = bar.add_task("Report: reading", total=STEPS_COUNT)

        def on_step(text: str) -> None:
            bar.update(task, description=f"Report: {text}", advance=1)

        results = read_results(results_folder)
        folder = _several_states(results_folder)
        read = [read_study(path) for path in studies]
        write_report(results, output, folder=folder, studies=read, on_step=on_step)
        if png is not None or any(folders.values()):
            bar.update(task, description="Report: figures as files")
            written += _write_figures(results, folder, png, folders)
        bar.update(task, completed=STEPS_COUNT)
    if as_json:
        echo_json({"written": [str(path) for path in written]})
        return
    console = get_console()
    for path in written:
        console.print(f"wrote {path}", markup=False, highlight=False, soft_wrap=True)


def _several_states(folder: Path) -> Path | None:
    """Return the folder unless it is of the first format, which has one state."""
    from lightlane.results.manifest import RESULTS_FORMAT, read_manifest

    return folder if read_manifest(folder)["format"] == RESULTS_FORMAT else None


def _write_figures(
    results: Results, folder: Path | None, png: Path | None, targets: Mapping[str, Path | None]
) -> list[Path]:
    """Write the map as PNG, and all figures into the folder of each kind of file; return the files."""
    from lightlane.files import write_atomically
    from lightlane.plots import figure_to_pdf, figure_to_png, figure_to_svg, plot_fabric_map

    name = results.manifest["fabric"].get("name") or "Fabric"
    title = f"{name}: links by margin"
    written: list[Path] = []
    if png is not None:
        write_atomically(png, figure_to_png(plot_fabric_map(results, title=title)))
        written.append(png)
    if not any(targets.values()):
        return written
    figures = _draw_all(results, name, title, folder)
    kinds = (("svg", "svg", figure_to_svg), ("png_figures", "png", figure_to_png), ("pdf", "pdf", figure_to_pdf))
    for flag, suffix, save in kinds:
        target = targets[flag]
        if target is None:
            continue
        _make_folder(target)
        for stem, figure in figures.items():
            path = target / f"{stem}.{suffix}"
            write_atomically(path, save(figure))
            written.append(path)
    return written


def _draw_all(results: Results, name: str, title: str, folder: Path | None) -> dict[str, Figure]:
    """Draw every figure of the report by the name of its file."""
    from lightlane.plots import (
        plot_bill,
        plot_demand_latency,
        plot_direct_waveform,
        plot_fabric_map,
        plot_margins,
        plot_waveform,
    )
    from lightlane.results.direct_waveforms import read_direct_picture
    from lightlane.results.waveforms import read_picture

    figures: dict[str, Figure] = {
        "map": plot_fabric_map(results, title=title),
        "margins": plot_margins(results, title=f"{name}: margins"),
        "demands": plot_demand_latency(results, title=f"{name}: latency of the demands"),
        "bill": plot_bill(results, title=f"{name}: modules and watts"),
    }
    for number, row in enumerate(results.waveforms.rows()):
        if (picture := read_picture(row)) is not None:
            figures[f"waveform-{number + 1}"] = plot_waveform(picture, title=f"{name}: {row['link']}")
    for number, row in enumerate(results.direct_waveforms.rows()):
        if (direct := read_direct_picture(row)) is not None:
            figures[f"direct-waveform-{number + 1}"] = plot_direct_waveform(direct, title=f"{name}: {row['link']}")
    return figures | ({} if folder is None else _draw_over_time(folder, name))


def _draw_over_time(folder: Path, name: str) -> dict[str, Figure]:
    """Draw what each variant went through, if the run has several instants."""
    from lightlane.plots import plot_margin_fan, plot_survival, plot_timeline
    from lightlane.results.folder import open_results
    from lightlane.results.history import read_drawn_history, read_history

    opened = open_results(folder)
    if "steps" not in opened.table_names:
        return {}
    figures: dict[str, Figure] = {}
    for variant in dict.fromkeys(opened.arrow("steps", columns=["variant"])["variant"].to_pylist()):
        history = read_history(opened, variant=variant)
        if len(history.time_days) < 2:
            continue
        title = f"{name}: {variant}"
        figures[f"timeline-{variant}"] = plot_timeline(history, title=title)
        drawn = read_drawn_history(opened, history)
        if drawn is not None:
            links = history.least_lasting(6)
            figures[f"fan-{variant}"] = plot_margin_fan(drawn, links=links, title=title)
            figures[f"survival-{variant}"] = plot_survival(drawn, title=title)
    return figures


def _make_folder(folder: Path) -> None:
    from lightlane.errors import ParameterError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(f"cannot make the folder {folder}: {error.strerror or error}") from error

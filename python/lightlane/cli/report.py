"""``lightlane report``: a results folder as one HTML page, and its figures as files."""

from __future__ import annotations

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
@click.option("--json", "as_json", is_flag=True, help="Print the names of the written files as JSON.")
def command(results_folder: Path, output: Path, png: Path | None, svg: Path | None, as_json: bool) -> None:
    """Write the report of a results folder as one HTML page.

    RESULTS is a folder that `lightlane run` wrote. The page needs no other file and no network, and prints on A4.
    """
    from lightlane.report import write_report
    from lightlane.results.store import read_results

    written = [output]
    with progress() as bar:
        task = bar.add_task("Report: reading", total=STEPS_COUNT)

        def on_step(text: str) -> None:
            bar.update(task, description=f"Report: {text}", advance=1)

        results = read_results(results_folder)
        write_report(results, output, on_step=on_step)
        if png is not None or svg is not None:
            bar.update(task, description="Report: figures as files")
            written += _write_figures(results, png, svg)
        bar.update(task, completed=STEPS_COUNT)
    if as_json:
        echo_json({"written": [str(path) for path in written]})
        return
    console = get_console()
    for path in written:
        console.print(f"wrote {path}", markup=False, highlight=False, soft_wrap=True)


def _write_figures(results: Results, png: Path | None, svg: Path | None) -> list[Path]:
    """Write the map as PNG and all figures as SVG; return the files."""
    from lightlane.errors import ParameterError
    from lightlane.files import write_atomically
    from lightlane.plots import (
        figure_to_png,
        figure_to_svg,
        plot_bill,
        plot_demand_latency,
        plot_direct_waveform,
        plot_fabric_map,
        plot_margins,
        plot_waveform,
    )
    from lightlane.results.direct_waveforms import read_direct_picture
    from lightlane.results.waveforms import read_picture

    name = results.manifest["fabric"].get("name") or "Fabric"
    title = f"{name}: links by margin"
    written: list[Path] = []
    if png is not None:
        write_atomically(png, figure_to_png(plot_fabric_map(results, title=title)))
        written.append(png)
    if svg is not None:
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
        try:
            svg.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ParameterError(f"cannot make the folder {svg}: {error.strerror or error}") from error
        for stem, figure in figures.items():
            path = svg / f"{stem}.svg"
            write_atomically(path, figure_to_svg(figure))
            written.append(path)
    return written

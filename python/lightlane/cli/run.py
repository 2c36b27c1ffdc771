"""``lightlane run``: a fabric or scenario into a results folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from lightlane.cli.budget_flags import budget_flags, take_budget_options
from lightlane.cli.console import FiniteFloat, echo_json, get_console, progress
from lightlane.lane.options import BudgetOptions

if TYPE_CHECKING:
    from lightlane.results.records import Results, Table


@click.command("run")
@click.argument("source", type=click.Path(path_type=Path), metavar="FABRIC|SCENARIO")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to write.")
@click.option("--overwrite", is_flag=True, help="Replace a results folder that exists.")
@click.option("--margin-db", type=FiniteFloat(min=0), help="A link with less margin is degraded.")
@budget_flags
@click.option(
    "--fidelity",
    type=click.Choice(("budget", "surrogate")),
    help="Eyes of direct-detect lanes as the budget computes them, or from tables of waveform runs.",
)
@click.option("--catalog", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="Own parts.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    source: Path,
    output: Path,
    overwrite: bool,
    margin_db: float | None,
    fidelity: Literal["budget", "surrogate"] | None,
    folders: tuple[Path, ...],
    as_json: bool,
    **settings: Any,
) -> None:
    """Evaluate every lane of every link, route the demands, and write tables and manifest to a results folder.

    The folder holds lanes.parquet, links.parquet, demands.parquet and manifest.json, and waveforms.parquet where the
    scenario asks for links to be simulated; it appears whole or not at all.
    """
    from rich.markup import escape

    from lightlane.catalog.load import load_catalog
    from lightlane.engine import run
    from lightlane.files import read_toml
    from lightlane.results.store import check_target, write_results
    from lightlane.scenario.load import source_of
    from lightlane.scenario.schema import Scenario

    # A folder that may not be written is better known before the work than after it.
    check_target(output, overwrite=overwrite)
    with progress() as bar:
        step = bar.add_task("Run: reading", total=None)
        document = read_toml(source)
        loaded = source_of(document)
        options = loaded.options() if isinstance(loaded, Scenario) else BudgetOptions()
        if fidelity is not None:
            options = replace(options, fidelity=fidelity)
        results = run(
            loaded,
            catalog=load_catalog(folders) if folders else None,
            wanted_margin_db=margin_db,
            options=replace(options, **take_budget_options(settings)),
            document=document,
            # Names of links are text and no markup.
            on_step=lambda text: bar.update(step, description=f"Run: {escape(text)}"),
        )
        bar.update(step, description="Run: writing")
        write_results(results, output, overwrite=overwrite)
    summary = summarize(results)
    if as_json:
        echo_json({"results": str(output), **summary})
    else:
        _show(summary, output)


def summarize(results: Results) -> dict[str, Any]:
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


def _show(summary: dict[str, Any], output: Path) -> None:
    from rich.table import Table

    console = get_console()
    table = Table(title="Run", title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_row("links", _counts(summary["links"]))
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
    console.print(table)
    console.print(f"wrote {output}", markup=False, soft_wrap=True)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "none"

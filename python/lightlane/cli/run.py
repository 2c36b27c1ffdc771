"""``lightlane run``: a fabric or scenario into a results folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightlane.cli import EXIT_DONE, EXIT_NO
from lightlane.cli.budget_flags import budget_flags, surrogates_flag, take_budget_options
from lightlane.cli.cluster_flags import cluster_flags, open_cluster
from lightlane.cli.console import FiniteFloat, echo_json, get_console, progress, show_duration

if TYPE_CHECKING:
    from lightlane.cli.run_summary import Summary
    from lightlane.plan.scenario_plan import ScenarioPlan


@click.command("run")
@click.argument("source", type=click.Path(path_type=Path), metavar="FABRIC|SCENARIO")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to write.")
@click.option("--overwrite", is_flag=True, help="Replace a results folder that exists.")
@click.option("--resume", is_flag=True, help="Go on with a run that was stopped; from the beginning if there is none.")
@click.option("--margin-db", type=FiniteFloat(min=0), help="A link with less margin is degraded.")
@budget_flags
@click.option(
    "--fidelity",
    type=click.Choice(("budget", "surrogate")),
    help="Eyes of direct-detect lanes as the budget computes them, or from tables of waveform runs.",
)
@surrogates_flag
@click.option("--catalog", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="Own parts.")
@cluster_flags
@click.option("--check", is_flag=True, help="Exit with 1 if an objective of the scenario is not met.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    source: Path,
    output: Path,
    margin_db: float | None,
    folders: tuple[Path, ...],
    *,
    overwrite: bool,
    resume: bool,
    check: bool,
    as_json: bool,
    **settings: Any,
) -> int:
    """Evaluate every lane of every link, route the demands, and write tables and manifest to a results folder.

    Of a scenario every variant, point of the sweep, step of the timeline and draw. What is finished is kept whatever
    happens; --resume does the rest. The folder holds manifest.json and a subfolder of Parquet files for each table.
    """
    from lightlane.cli.run_summary import summarize_run
    from lightlane.execution.execute import execute
    from lightlane.results.store import check_target

    if not resume:
        # A folder that may not be written is better known before the work than after it.
        check_target(output, overwrite=overwrite)
    with open_cluster(settings) as client, progress() as bar:
        step = bar.add_task("Run: reading", total=None)
        plan = _plan(source, folders, margin_db, settings)

        def on_progress(done: int, total: int, left_s: float | None) -> None:
            left = "" if left_s is None or done == total else f", about {show_duration(left_s)} left"
            bar.update(step, total=total, completed=done, description=f"Run: {done} of {total} chunks{left}")

        done = execute(plan, output, resume=resume, overwrite=overwrite, client=client, on_progress=on_progress)
        bar.update(step, description="Run: summary")
        summary = {"kept_chunks": done.kept_count, "chunks": done.chunks_count, **summarize_run(done.folder)}
    _tell(summary, output, as_json=as_json)
    return EXIT_NO if check and _is_broken(summary) else EXIT_DONE


def _plan(source: Path, folders: tuple[Path, ...], margin_db: float | None, settings: dict[str, Any]) -> ScenarioPlan:
    from lightlane.catalog.load import load_catalog
    from lightlane.engine import plan_run
    from lightlane.files import read_toml
    from lightlane.lane.options import BudgetOptions
    from lightlane.scenario.load import source_of
    from lightlane.scenario.schema import Scenario

    document = read_toml(source)
    loaded = source_of(document)
    own = loaded.options() if isinstance(loaded, Scenario) else BudgetOptions()
    fidelity, tables = settings.pop("fidelity"), settings.pop("surrogate_folder")
    if fidelity is not None:
        # Tables that a scenario names are of no use to a budget.
        own = replace(own, fidelity=fidelity, surrogate_folder=None if fidelity == "budget" else own.surrogate_folder)
    if tables is not None:
        if own.fidelity != "surrogate":
            raise click.UsageError("--surrogates is for --fidelity surrogate")
        own = replace(own, surrogate_folder=str(tables))
    return plan_run(
        loaded,
        catalog=load_catalog(folders) if folders else None,
        wanted_margin_db=margin_db,
        options=replace(own, **take_budget_options(settings)),
        document=document,
    )


def _tell(summary: Summary, output: Path, *, as_json: bool) -> None:
    from lightlane.cli.run_summary import show_summary

    if as_json:
        echo_json({"results": str(output), **summary})
        return
    show_summary(summary)
    nothing = summary["kept_chunks"] == summary["chunks"]
    text = "this run is complete: nothing to do" if nothing else f"wrote {output}"
    get_console().print(text, markup=False, soft_wrap=True)


def _is_broken(summary: Summary) -> bool:
    return bool(summary["objectives"] and summary["objectives"]["broken"])

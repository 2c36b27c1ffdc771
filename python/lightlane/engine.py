"""The engine: a fabric or scenario in, results out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.errors import ParameterError
from lightlane.execution.execute import OnProgress, execute
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.topology import Fabric
from lightlane.files import TomlDocument, read_toml
from lightlane.kernels import Task
from lightlane.lane.options import BudgetOptions
from lightlane.plan.scenario_plan import ScenarioPlan, plan_scenario
from lightlane.results.folder import ResultsFolder, open_results
from lightlane.results.records import DEMAND_COLUMNS, LANE_COLUMNS, LINK_COLUMNS, Results, Table, build_table
from lightlane.scenario.findings import own_findings, scenario_findings
from lightlane.scenario.load import load_fabric_of, refuse_findings, source_of
from lightlane.scenario.schema import Scenario

if TYPE_CHECKING:
    import distributed

    from lightlane.lane.waveform.compare import OnStep

Source = Fabric | Scenario | Path | str
NAME_MAX = 80
"""Characters of a scenario's name."""


@overload
def run(
    source: Source,
    output: None = None,
    *,
    fabric: Fabric | None = None,
    catalog: Catalog | None = None,
    wanted_margin_db: float | None = None,
    options: BudgetOptions | None = None,
    seed: int | None = None,
    task: Task | None = None,
    on_step: OnStep | None = None,
) -> Results: ...


@overload
def run(
    source: Source,
    output: str | os.PathLike[str],
    *,
    fabric: Fabric | None = None,
    catalog: Catalog | None = None,
    wanted_margin_db: float | None = None,
    options: BudgetOptions | None = None,
    seed: int | None = None,
    task: Task | None = None,
    resume: bool = False,
    overwrite: bool = False,
    client: distributed.Client | None = None,
    on_progress: OnProgress | None = None,
) -> ResultsFolder: ...


def run(  # noqa: PLR0913 - keyword-only
    source: Source,
    output: str | os.PathLike[str] | None = None,
    *,
    fabric: Fabric | None = None,
    catalog: Catalog | None = None,
    wanted_margin_db: float | None = None,
    options: BudgetOptions | None = None,
    seed: int | None = None,
    task: Task | None = None,
    on_step: OnStep | None = None,
    resume: bool = False,
    overwrite: bool = False,
    client: distributed.Client | None = None,
    on_progress: OnProgress | None = None,
) -> Results | ResultsFolder:
    """Evaluate every lane of a fabric, route its demands, and say where every number comes from.

    Parameters
    ----------
    source
        A fabric, a scenario, or the file of either.
    output
        Folder to write everything to: every variant, point, step and draw, chunk by chunk. Absent: the first instant of
        the scenario's base is returned in memory.
    fabric
        That a scenario stands on, as it is held in memory; absent: the one that the scenario names.
    catalog
        Absent: the shipped parts and those of the scenario's folders.
    wanted_margin_db, options, seed
        Absent: the scenario's; the margin then that of the fabric's design, else 1 dB. A seed replaces the options'.
    task
        Handle by which another thread reads progress or cancels.
    on_step
        Called with a word for each step before it starts.
    resume, overwrite, client, on_progress
        With ``output``: as of :func:`lightlane.execution.execute`.

    Returns
    -------
    The results in memory, or the folder.

    Raises
    ------
    FormatError
        If a file is wrong; carries all its problems.
    ParameterError
        If parts do not fit each other, or the folder is not one to write to.
    Cancelled
        If ``task`` was cancelled, or the run interrupted; what is finished stays in the folder.
    """
    plan = plan_run(
        source, fabric=fabric, catalog=catalog, wanted_margin_db=wanted_margin_db, options=options, seed=seed
    )
    if output is None:
        if resume or overwrite or client is not None:
            raise ParameterError("resume, overwrite and client go with output, the folder to write")
        return evaluate_first(plan, task=task, on_step=on_step)
    execute(plan, output, resume=resume, overwrite=overwrite, client=client, on_progress=on_progress, task=task)
    return open_results(output)


def plan_run(
    source: Source,
    *,
    fabric: Fabric | None = None,
    catalog: Catalog | None = None,
    wanted_margin_db: float | None = None,
    options: BudgetOptions | None = None,
    seed: int | None = None,
    document: TomlDocument | None = None,
) -> ScenarioPlan:
    """Return the plan of a run; parameters and errors as of :func:`run`.

    Parameters
    ----------
    document
        The file that a fabric or scenario was read from, to whose lines problems point.
    """
    fabric, scenario, catalog = _load(source, catalog, document, fabric)
    options = scenario.options() if options is None else options
    if seed is not None:
        options = replace(options, seed=seed)
    return plan_scenario(scenario, fabric, catalog, wanted_margin_db=wanted_margin_db, options=options)


def evaluate_first(plan: ScenarioPlan, *, task: Task | None = None, on_step: OnStep | None = None) -> Results:
    """Return the first instant of a plan's base, with the lanes that it simulates; errors as of :func:`run`."""
    if on_step is not None:
        on_step("evaluating")
    if plan.scenario.keep_draws:
        # Nothing keeps draws one by one in memory: their quantiles are wanted.
        plan = ScenarioPlan(plan.scenario.model_copy(update={"keep_draws": False}), plan.fabric, plan.catalog)
    with plan.first_case() as case:
        tables = case.evaluate_step(0, lanes=True, task=task)
        simulated = case.simulate(task=task, on_step=on_step)
    return Results(
        lanes=_without_key(tables["lanes"], LANE_COLUMNS),
        links=_without_key(tables["links"], LINK_COLUMNS),
        demands=_without_key(tables["demands"], DEMAND_COLUMNS),
        manifest=plan.header,
        **simulated,
    )


def _without_key(table: Table, schema: dict[str, str]) -> Table:
    return build_table(schema, {name: table.stored(name) for name in schema})


def _load(
    source: Source, catalog: Catalog | None, document: TomlDocument | None, fabric: Fabric | None
) -> tuple[Fabric, Scenario, Catalog]:
    """Resolve files to a fabric, the scenario it is run under, and a catalog."""
    if isinstance(source, Path | str):
        document = read_toml(source)
        source = source_of(document)
    if isinstance(source, Scenario):
        catalog = load_catalog(source.catalog) if catalog is None else catalog
        if fabric is not None:
            refuse_findings(catalog_problems(fabric, catalog), None)
            refuse_findings(own_findings(source) + scenario_findings(source, fabric, catalog), document)
            return fabric, source, catalog
        return load_fabric_of(source, catalog, document), source, catalog
    if fabric is not None:
        raise ParameterError("fabric goes with a scenario; the source is a fabric itself")
    catalog = load_catalog() if catalog is None else catalog
    refuse_findings(catalog_problems(source, catalog), document)
    return source, Scenario(format=1, name=source.name[:NAME_MAX] or "fabric", fabric="(given)"), catalog

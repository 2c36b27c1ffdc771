"""The engine: a fabric or scenario in, results out."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.evaluation import evaluate_fabric
from lightlane.fabric.routing import route_demands
from lightlane.fabric.topology import Fabric
from lightlane.files import TomlDocument, read_toml
from lightlane.kernels import Task
from lightlane.lane.batch import LaneBatch
from lightlane.lane.options import BudgetOptions
from lightlane.lane.waveform.compare import OnStep, SimulatedLane, simulate_links
from lightlane.plan.link_table import link_fiber_latency_us, list_link_columns
from lightlane.plan.manifest import (
    hash_fabric,
    list_amplifier_bill,
    list_module_bill,
    list_parts,
    list_versions,
)
from lightlane.results.records import DEMAND_COLUMNS, LANE_COLUMNS, LINK_COLUMNS, Results, Table, build_table
from lightlane.results.waveforms import waveform_table
from lightlane.scenario.load import load_fabric_of, refuse_findings, source_of
from lightlane.scenario.schema import Scenario

DEFAULT_WANTED_MARGIN_DB = 1.0


def run(
    source: Fabric | Scenario | Path | str,
    *,
    catalog: Catalog | None = None,
    wanted_margin_db: float | None = None,
    options: BudgetOptions | None = None,
    seed: int | None = None,
    task: Task | None = None,
    document: TomlDocument | None = None,
    on_step: OnStep | None = None,
) -> Results:
    """Evaluate every lane of a fabric, route its demands, and say where every number comes from.

    Parameters
    ----------
    source
        A fabric, a scenario, or the file of either.
    catalog
        Absent: the shipped parts and those of the scenario's folders.
    wanted_margin_db, options, seed
        Absent: the scenario's; the margin then that of the fabric's design, else 1 dB. A seed replaces the options'.
    task
        Handle by which another thread reads progress or cancels.
    document
        The file that a fabric or scenario was read from, to whose lines problems point.
    on_step
        Called with a word for each step before it starts.

    Raises
    ------
    FormatError
        If a file is wrong; carries all its problems.
    ParameterError
        If parts do not fit each other.
    Cancelled
        If ``task`` was cancelled.
    """
    fabric, scenario, catalog = _load(source, catalog, document)
    given = (wanted_margin_db, scenario.wanted_margin_db, fabric.wanted_margin_db, DEFAULT_WANTED_MARGIN_DB)
    wanted = next(margin for margin in given if margin is not None)
    options = scenario.options() if options is None else options
    if seed is not None:
        options = replace(options, seed=seed)
    if not 0 <= wanted < float("inf"):
        raise ParameterError(f"wanted_margin_db is {wanted}; allowed: a finite number, 0 or above")
    if not fabric.link:
        raise ParameterError("the fabric has no links; `lightlane design` adds them")
    if on_step is not None:
        on_step("evaluating")
    batch = evaluate_fabric(fabric, catalog, wanted_margin_db=wanted, options=options, task=task)
    simulated = _simulate(scenario, batch, options, wanted, task, on_step)
    links = build_table(LINK_COLUMNS, list_link_columns(fabric, batch))
    manifest = {
        **list_versions(),
        "created_utc": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "name": scenario.name,
        "fidelity": scenario.fidelity,
        "wanted_margin_db": wanted,
        **asdict(options),
        "catalog_sha256": catalog.sha256,
        "fabric_sha256": hash_fabric(fabric),
        "fabric": fabric.model_dump(mode="json", by_alias=True, exclude_none=True),
        **list_parts(batch.links, links["assumed"]),
        "module_bill": list_module_bill(batch.links),
        "amplifier_bill": list_amplifier_bill(batch.links),
        "design_notes": {link.name: list(link.notes) for link in fabric.link if link.notes},
    }
    if scenario.waveform is not None:
        manifest["waveform"] = scenario.waveform.describe(options.seed)
    return Results(
        lanes=build_table(LANE_COLUMNS, batch.columns),
        links=links,
        demands=build_table(DEMAND_COLUMNS, _route(fabric, batch, links)),
        manifest=manifest,
        waveforms=waveform_table(simulated),
    )


def _simulate(
    scenario: Scenario,
    batch: LaneBatch,
    options: BudgetOptions,
    wanted_margin_db: float,
    task: Task | None,
    on_step: OnStep | None,
) -> list[SimulatedLane]:
    """Simulate the links that the scenario names, in its order."""
    if scenario.waveform is None:
        return []
    links = {link.name: link for link in batch.links}
    return simulate_links(
        [links[name] for name in scenario.waveform.links],
        scenario.waveform.settings(options.seed),
        options,
        wanted_margin_db=wanted_margin_db,
        task=task,
        on_step=on_step,
    )


def _route(fabric: Fabric, batch: LaneBatch, links: Table) -> dict[str, Any]:
    """Route the demands over the links that close: a link without a verdict is not promised to anybody."""
    names = links["link"].tolist()
    up = [status in ("up", "degraded") for status in links["status"]]
    return route_demands(
        fabric,
        link_latency_us=dict(zip(names, links["latency_us"].tolist(), strict=True)),
        link_rate_gbps=dict(zip(names, links["rate_gbps"].tolist(), strict=True)),
        link_up=dict(zip(names, up, strict=True)),
        link_fiber_latency_us={link.name: link_fiber_latency_us(link) for link in batch.links},
    ).columns()


def _load(
    source: Fabric | Scenario | Path | str, catalog: Catalog | None, document: TomlDocument | None
) -> tuple[Fabric, Scenario, Catalog]:
    """Resolve files to a fabric, the scenario it is run under, and a catalog."""
    if isinstance(source, Path | str):
        document = read_toml(source)
        source = source_of(document)
    if isinstance(source, Scenario):
        catalog = load_catalog(source.catalog) if catalog is None else catalog
        return load_fabric_of(source, catalog, document), source, catalog
    catalog = load_catalog() if catalog is None else catalog
    refuse_findings(catalog_problems(source, catalog), document)
    return source, Scenario(format=1, name=source.name or "fabric", fabric="(given)"), catalog

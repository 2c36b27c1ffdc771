"""The engine: a fabric or scenario in, results out."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.catalog.parts import Fiber, Part, read_reasons
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.evaluation import evaluate_fabric
from lightlane.fabric.routing import route_demands
from lightlane.fabric.topology import Fabric
from lightlane.files import TomlDocument, read_toml
from lightlane.kernels import Task, build_info
from lightlane.lane.assumptions import UNKNOWN_REASON, UNKNOWN_REASONS
from lightlane.lane.batch import LaneBatch
from lightlane.lane.options import BudgetOptions
from lightlane.lane.surrogate.choose import describe_surrogates
from lightlane.lane.waveform.compare import OnStep, SimulatedLane, simulate_links
from lightlane.link import Link, fiber_latency_us, part_kind
from lightlane.results.direct_waveforms import direct_waveform_table
from lightlane.results.records import DEMAND_COLUMNS, LANE_COLUMNS, LINK_COLUMNS, Results, Table, build_table
from lightlane.results.store import RESULTS_FORMAT
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
    links = build_table(LINK_COLUMNS, _link_columns(fabric, batch))
    manifest = {
        **_versions(),
        "created_utc": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "name": scenario.name,
        "wanted_margin_db": wanted,
        **asdict(options),
        **describe_surrogates(options),
        "catalog_sha256": catalog.sha256,
        "fabric_sha256": _hash(fabric),
        "fabric": fabric.model_dump(mode="json", by_alias=True, exclude_none=True),
        **_parts(batch.links, links["assumed"]),
        "module_bill": _module_bill(batch.links),
        "amplifier_bill": _amplifier_bill(batch.links),
        "design_notes": {link.name: list(link.notes) for link in fabric.link if link.notes},
        **({} if scenario.waveform is None else {"waveform": scenario.waveform.describe(options.seed)}),
    }
    return Results(
        lanes=build_table(LANE_COLUMNS, batch.columns),
        links=links,
        demands=build_table(DEMAND_COLUMNS, _route(fabric, batch, links)),
        manifest=manifest,
        waveforms=waveform_table(simulated),
        direct_waveforms=direct_waveform_table(simulated),
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
        # What they are compared with is the budget.
        replace(options, fidelity="budget"),
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
        link_fiber_latency_us={link.name: _fiber_latency_us(link) for link in batch.links},
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


def _link_columns(fabric: Fabric, batch: LaneBatch) -> dict[str, list[Any]]:
    deciding = batch.deciding_lanes()
    worst = batch.columns.take(deciding)
    latency = np.maximum.reduceat(batch.columns["latency_us"], batch.link_bounds()[:-1])
    explained = [
        json.dumps([[item.label, item.value_db] for item in steps], ensure_ascii=False)
        for steps in batch.explain_rows(deciding.tolist())
    ]
    links = batch.links
    return {
        "link": [link.name for link in links],
        "a": [record.a for record in fabric.link],
        "b": [record.b for record in fabric.link],
        "module": [link.module.id for link in links],
        "mode": [link.mode.id for link in links],
        "detection": [link.mode.detection for link in links],
        "channels": [link.channels for link in links],
        "length_km": [link.length_km for link in links],
        "span_count": [link.span_count for link in links],
        "amplifier_count": [len(link.amplifiers) for link in links],
        "rate_gbps": [link.rate_gbps for link in links],
        "power_w": [_link_power_w(link) for link in links],
        "margin_db": worst["margin_db"].tolist(),
        "limited_by": worst["limited_by"].tolist(),
        "status": worst["status"].tolist(),
        "worst_direction": worst["direction"].tolist(),
        "worst_lane": worst["lane"].tolist(),
        "latency_us": latency.tolist(),
        "module_frame_loss_ratio": batch.link_frame_loss_ratios().tolist(),
        **{name: column.tolist() for name, column in batch.link_columns.items()},
        "blocked_by": worst["blocked_by"].tolist(),
        "unknown_because": worst["unknown_because"].tolist(),
        "assumed": worst["assumed"].tolist(),
        "explanation": explained,
    }


def module_power_w(link: Link) -> float | None:
    """Return the typical power of one module of a link in its mode, else its greatest; None where nobody knows it."""
    mode, module = link.mode, link.module
    for value in (mode.power_w, module.power_w, mode.power_max_w, module.power_max_w):
        if value is not None:
            return value
    return None


def _link_power_w(link: Link) -> float:
    module = module_power_w(link)
    amplifiers = [part.power_w for part in link.amplifiers]
    if module is None or None in amplifiers:
        return float("nan")
    return 2 * link.channels * module + sum(power for power in amplifiers if power is not None)


def _fiber_latency_us(link: Link) -> float:
    return sum(fiber_latency_us(item.length_km, item.part) for item in link.a_to_b if isinstance(item.part, Fiber))


def _versions() -> dict[str, Any]:
    build = build_info()
    return {
        "format": RESULTS_FORMAT,
        "lightlane_version": build["version"],
        "python_version": platform.python_version(),
        "numpy_version": np.__version__,
        "build": build["target"],
        "instruction_set": build["instruction_set"],
    }


def _hash(fabric: Fabric) -> str:
    text = json.dumps(fabric.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _parts(links: Iterable[Link], assumed_by_link: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """List the parts in use with their sources, and the assumed values that verdicts rest on with their reasons."""
    parts: dict[str, Part] = {}
    for link in links:
        parts |= link.parts()
    listed = [
        {
            "kind": part_kind(part),
            "id": part.id,
            "name": part.name,
            "source": part.source,
            "confidence": part.confidence,
        }
        for _, part in sorted(parts.items())
    ]
    needed = {item for text in assumed_by_link for item in text.split("; ") if item}
    assumed = []
    for _, part in sorted(parts.items()):
        reasons = read_reasons(part.notes)
        names = sorted(item.partition(": ")[2] for item in needed if item.startswith(f"{part.id}: "))
        for name in names:
            # A module and its mode may share an id: the field tells which of them is meant.
            if name not in type(part).model_fields:
                continue
            value = part.model_dump(mode="json")[name]
            reason = reasons.get(name, "") if name in part.assumed else UNKNOWN_REASONS.get(name, UNKNOWN_REASON)
            assumed.append({"part": part.id, "field": name, "value": value, "reason": reason})
    return {"parts": listed, "assumed": assumed}


def _module_bill(links: Iterable[Link]) -> list[dict[str, Any]]:
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], Link] = {}
    for link in links:
        key = (link.module.id, link.mode.id)
        counts[key] += 2 * link.channels
        examples[key] = link
    bill = []
    for key in sorted(counts):
        link = examples[key]
        # The names of modes begin with their module's where that has several.
        name = link.module.name if len(link.module.modes) == 1 else link.mode.name
        bill.append(
            {
                "module": link.module.id,
                "name": name,
                "count": counts[key],
                "power_w": module_power_w(link),
                "source": link.module.source,
            }
        )
    return bill


def _amplifier_bill(links: Iterable[Link]) -> list[dict[str, Any]]:
    counts: Counter[str] = Counter()
    parts = {}
    for link in links:
        for part in link.amplifiers:
            counts[part.id] += 1
            parts[part.id] = part
    return [
        {
            "module": name,
            "name": parts[name].name,
            "count": counts[name],
            "power_w": parts[name].power_w,
            "source": parts[name].source,
        }
        for name in sorted(counts)
    ]

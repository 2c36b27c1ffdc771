"""The tables of one step: lanes, links, demands, and the step as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lightlane.columns import CodedTexts, ColumnSet
from lightlane.fabric.condition import PlantState
from lightlane.fabric.restoration import RestoredRouting
from lightlane.lane.batch import CLOSING, LaneBatch
from lightlane.plan.link_table import list_link_columns
from lightlane.results.records import Table, build_table
from lightlane.results.schemas import STORE_SCHEMAS


@dataclass(frozen=True, slots=True)
class StepKey:
    """Which step of which variant at which point of the sweep."""

    variant: str
    point_index: int
    step_index: int
    time_days: float

    def columns(self, rows_count: int) -> dict[str, Any]:
        """Return the key columns of a table of so many rows."""
        codes = np.zeros(rows_count, dtype=np.int32)
        return {
            "variant": CodedTexts(codes, (self.variant,)),
            "point_index": np.full(rows_count, self.point_index, dtype=np.int32),
            "step_index": np.full(rows_count, self.step_index, dtype=np.int32),
            "time_days": np.full(rows_count, self.time_days),
        }


def build_step_tables(
    key: StepKey, state: PlantState, batch: LaneBatch, routing: RestoredRouting, *, lanes: bool
) -> dict[str, Table]:
    """Return the tables ``lanes`` (where they are kept), ``links``, ``demands`` and ``steps`` of one step."""
    links = list_link_columns(state.fabric, batch)
    tables = {
        "links": _keyed("links", key, links, len(batch.links)),
        "demands": _keyed("demands", key, _demand_columns(routing), len(routing.demand)),
        "steps": _keyed("steps", key, _step_columns(state, links, routing), 1),
    }
    if lanes:
        tables["lanes"] = _keyed("lanes", key, batch.columns, len(batch))
    return tables


def measure_step(state: PlantState, batch: LaneBatch, routing: RestoredRouting) -> dict[str, Any]:
    """Return the figures of the table ``steps`` alone, by their columns, without explaining any link."""
    deciding = batch.deciding_lanes()
    links = {
        "link": [link.name for link in batch.links],
        "rate_gbps": [link.rate_gbps for link in batch.links],
        "status": batch.columns.part("status", deciding).tolist(),
        "margin_db": batch.columns["margin_db"][deciding],
    }
    return {name: column[0] for name, column in _step_columns(state, links, routing).items()}


def join_tables(parts: Sequence[Mapping[str, Table]]) -> dict[str, Table]:
    """Return the tables of several steps or draws below each other."""
    names = dict.fromkeys(name for tables in parts for name in tables)
    return {name: _join(name, [tables[name] for tables in parts if name in tables]) for name in names}


def _keyed(name: str, key: StepKey, columns: Mapping[str, Any], rows_count: int) -> Table:
    own = {column: _stored(columns, column) for column in columns}
    return build_table(STORE_SCHEMAS[name], {**key.columns(rows_count), **own})


def _stored(columns: Mapping[str, Any], name: str) -> Any:
    return columns.stored(name) if isinstance(columns, ColumnSet) else columns[name]


def _demand_columns(routing: RestoredRouting) -> dict[str, Any]:
    return {
        **routing.columns(),
        "rerouted": np.array(routing.rerouted, dtype=bool),
        "latency_change_us": np.array(routing.latency_change_us, dtype=np.float64),
    }


def _step_columns(state: PlantState, links: Mapping[str, Any], routing: RestoredRouting) -> dict[str, Any]:
    statuses, outcomes = list(links["status"]), list(routing.status)
    rate_gbps = np.array(links["rate_gbps"])
    down = np.array([status not in CLOSING for status in statuses])
    margin_db = np.array(links["margin_db"], dtype=np.float64)
    least = int(np.nanargmin(margin_db)) if np.isfinite(margin_db).any() else None
    return {
        **{f"links_{word}_count": [statuses.count(word)] for word in ("up", "degraded", "down", "unknown")},
        **{f"demands_{word}_count": [outcomes.count(word)] for word in ("met", "late", "blocked")},
        "demands_rerouted_count": [sum(routing.rerouted)],
        "capacity_gbps": [float(rate_gbps.sum())],
        "capacity_lost_gbps": [float(rate_gbps[down].sum())],
        "demand_gbps": [float(sum(routing.rate_gbps))],
        "carried_gbps": [float(sum(routing.carried_gbps))],
        "least_margin_db": [float("nan") if least is None else float(margin_db[least])],
        "least_margin_link": ["" if least is None else links["link"][least]],
        "state_sha256": [state.sha256()],
    }


def _join(name: str, tables: Sequence[Table]) -> Table:
    if len(tables) == 1:
        return tables[0]
    columns: dict[str, Any] = {}
    for column in STORE_SCHEMAS[name]:
        stored = [table.stored(column) for table in tables]
        if all(isinstance(item, CodedTexts) for item in stored):
            columns[column] = _join_texts([item for item in stored if isinstance(item, CodedTexts)])
        else:
            spelled = [item.decode() if isinstance(item, CodedTexts) else item for item in stored]
            columns[column] = np.concatenate(spelled)
    return build_table(STORE_SCHEMAS[name], columns)


def _join_texts(parts: Sequence[CodedTexts]) -> CodedTexts:
    codes_by_text: dict[str, int] = {}
    out = []
    for part in parts:
        own = [codes_by_text.setdefault(text, len(codes_by_text)) for text in part.texts]
        out.append(np.array(own, dtype=np.int32)[part.codes] if own else np.zeros(0, dtype=np.int32))
    return CodedTexts(np.concatenate(out), tuple(codes_by_text))

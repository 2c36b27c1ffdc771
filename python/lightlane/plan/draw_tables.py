"""The tables of draws: every link's margin in each draw of a step, and what becomes of the demands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.columns import CodedTexts
from lightlane.fabric.condition import PlantState
from lightlane.fabric.restoration import RestoredRouting
from lightlane.kernels.budget import LIMITS
from lightlane.kernels.draws import DrawList
from lightlane.lane.batch import CLOSING, STATUS_ORDER
from lightlane.plan.step_tables import StepKey
from lightlane.plan.traffic import Traffic
from lightlane.results.records import Table, build_table
from lightlane.results.schemas import STORE_SCHEMAS

_CODES = {word: STATUS_ORDER.index(word) for word in ("up", "degraded", "down", "unknown")}


def build_draw_tables(
    key: StepKey,
    state: PlantState,
    drawn: DrawList,
    draws: range,
    out_of_service: Sequence[int],
    wanted_margin_db: float,
    traffic: Traffic,
) -> dict[str, Table]:
    """Return the tables ``draws`` and ``demand_draws`` of one step, draw by draw.

    Parameters
    ----------
    drawn
        Links as if nothing were out of service; one column per draw of ``draws``.
    out_of_service
        Places of the links of which a direction carries nothing.
    """
    status = _judge(drawn.margin_db, wanted_margin_db).T.copy()
    margin_db = drawn.margin_db.astype(np.float32).T.copy()
    limits = drawn.limited_by.T.copy()
    dark = list(out_of_service)
    margin_db[:, dark], limits[:, dark], status[:, dark] = np.nan, LIMITS.index("none"), _CODES["down"]
    # A limit without a decibel scale has no margin.
    margin_db[np.isinf(margin_db)] = np.nan
    links = [link.name for link in state.fabric.link]
    draws_count, links_count = margin_db.shape
    names = np.tile(np.arange(links_count, dtype=np.int32), draws_count)
    columns: dict[str, Any] = {
        **key.columns(draws_count * links_count),
        "draw_index": np.repeat(np.arange(draws.start, draws.stop, dtype=np.int32), links_count),
        "link": CodedTexts(names, tuple(links)),
        "margin_db": margin_db.ravel(),
        "limited_by": CodedTexts(limits.ravel(), LIMITS),
        "status": CodedTexts(status.ravel(), STATUS_ORDER),
    }
    tables = {"draws": build_table(STORE_SCHEMAS["draws"], columns)}
    if state.fabric.demand:
        tables["demand_draws"] = _demand_table(key, state, draws, links, status, traffic)
    return tables


def _judge(margin_db: NDArray[np.float64], wanted_margin_db: float) -> NDArray[np.uint8]:
    """Rank links as single evaluations do: minus infinity is down, NaN unknown."""
    status = np.full(margin_db.shape, _CODES["unknown"], dtype=np.uint8)
    status[margin_db >= wanted_margin_db] = _CODES["up"]
    status[(margin_db >= 0) & (margin_db < wanted_margin_db)] = _CODES["degraded"]
    status[margin_db < 0] = _CODES["down"]
    return status


def _demand_table(
    key: StepKey,
    state: PlantState,
    draws: range,
    links: Sequence[str],
    status: NDArray[np.uint8],
    traffic: Traffic,
) -> Table:
    closing = np.isin(status, [_CODES[word] for word in CLOSING])
    # Draws in which the same links are down have the same routing.
    patterns, which = np.unique(closing, axis=0, return_inverse=True)
    routings: list[RestoredRouting] = [
        traffic.route(state.fabric, [links[place] for place in np.flatnonzero(~pattern).tolist()])
        for pattern in patterns
    ]
    which = which.ravel()
    demands_count = len(state.fabric.demand)
    words = ("met", "late", "blocked")

    def gather(values: Sequence[Any], dtype: Any) -> Any:
        return np.array(values, dtype=dtype).reshape(len(patterns), demands_count)[which].ravel()

    columns: dict[str, Any] = {
        **key.columns(len(which) * demands_count),
        "draw_index": np.repeat(np.arange(draws.start, draws.stop, dtype=np.int32), demands_count),
        "demand": np.tile(np.arange(demands_count, dtype=np.int32), len(which)),
        "carried_gbps": gather([routing.carried_gbps for routing in routings], np.float64),
        "latency_us": gather([routing.latency_us for routing in routings], np.float64),
        "status": CodedTexts(gather([[words.index(w) for w in r.status] for r in routings], np.int32), words),
        "rerouted": gather([routing.rerouted for routing in routings], np.bool_),
    }
    return build_table(STORE_SCHEMAS["demand_draws"], columns)

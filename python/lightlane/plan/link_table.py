"""The table of links: the verdict of each by its deciding lane, its latency and its power."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import Fiber
from lightlane.fabric.topology import Fabric
from lightlane.lane.batch import LaneBatch
from lightlane.link import Link, fiber_latency_us


def list_verdict_columns(batch: LaneBatch) -> dict[str, list[Any]]:
    """Return of the table ``links`` what a live view shows: the verdict of each link by its deciding lane.

    What margins are made of, and what they rest on, is not among it: it takes another evaluation to find.
    """
    deciding = batch.deciding_lanes()
    latency = np.maximum.reduceat(batch.columns["latency_us"], batch.link_bounds()[:-1])
    return {
        "link": [link.name for link in batch.links],
        "margin_db": _take(batch, "margin_db", deciding),
        "limited_by": _take(batch, "limited_by", deciding),
        "status": _take(batch, "status", deciding),
        "worst_direction": _take(batch, "direction", deciding),
        "worst_lane": _take(batch, "lane", deciding),
        "latency_us": latency.tolist(),
    }


def list_link_columns(fabric: Fabric, batch: LaneBatch) -> dict[str, list[Any]]:
    """Return the columns of the table ``links`` for the links of a fabric and their lanes."""
    deciding = batch.deciding_lanes()
    verdicts = list_verdict_columns(batch)
    explained = [
        json.dumps([[item.label, item.value_db] for item in steps], ensure_ascii=False)
        for steps in batch.explain_rows(deciding.tolist())
    ]
    links = batch.links
    return {
        "link": verdicts.pop("link"),
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
        **verdicts,
        "module_frame_loss_ratio": batch.link_frame_loss_ratios().tolist(),
        **{name: column.tolist() for name, column in batch.link_columns.items()},
        "blocked_by": _take(batch, "blocked_by", deciding),
        "unknown_because": _take(batch, "unknown_because", deciding),
        "assumed": _take(batch, "assumed", deciding),
        "explanation": explained,
    }


def _take(batch: LaneBatch, name: str, rows: NDArray[np.int64]) -> list[Any]:
    return list(batch.columns.part(name, rows).tolist())


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


def link_fiber_latency_us(link: Link) -> float:
    """Return the one-way latency of a link's fibers alone."""
    return sum(fiber_latency_us(item.length_km, item.part) for item in link.a_to_b if isinstance(item.part, Fiber))

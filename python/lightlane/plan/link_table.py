"""The table of links: the verdict of each by its deciding lane, its latency and its power."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lightlane.catalog.parts import Fiber
from lightlane.fabric.topology import Fabric
from lightlane.lane.batch import LaneBatch
from lightlane.link import Link, fiber_latency_us


def list_link_columns(fabric: Fabric, batch: LaneBatch) -> dict[str, list[Any]]:
    """Return the columns of the table ``links`` for the links of a fabric and their lanes."""
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


def link_fiber_latency_us(link: Link) -> float:
    """Return the one-way latency of a link's fibers alone."""
    return sum(fiber_latency_us(item.length_km, item.part) for item in link.a_to_b if isinstance(item.part, Fiber))

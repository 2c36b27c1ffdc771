"""Demands over the states of a fabric: the home routing of each fabric, and what becomes of it when links are down."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lightlane.fabric.condition import PlantState
from lightlane.fabric.restoration import Restoration, RestoredRouting
from lightlane.fabric.topology import Fabric
from lightlane.lane.batch import CLOSING, LaneBatch
from lightlane.plan.link_table import link_fiber_latency_us

FOUND_MAX_COUNT = 1024
"""Sets of links down whose routings are remembered."""


def closing_links(batch: LaneBatch) -> list[bool]:
    """Return for each link whether it carries traffic: one without a verdict is not promised to anybody."""
    statuses = batch.columns["status"][batch.deciding_lanes()]
    return [status in CLOSING for status in statuses.tolist()]


def list_down(batch: LaneBatch) -> list[str]:
    """Return the links that carry no traffic."""
    return [link.name for link, closes in zip(batch.links, closing_links(batch), strict=True) if not closes]


@dataclass(slots=True)
class Traffic:
    """Routes the demands of a case: at home over the links that close before any event, then around what is down.

    Attributes
    ----------
    initial
        The state before any event, whose conditions hold at home.
    evaluate
        Evaluates a state as if nothing were out of service.
    """

    initial: PlantState
    evaluate: Callable[[PlantState], LaneBatch]
    _fabric: Fabric | None = None
    _figures: tuple[Any, ...] | None = None
    _home: Restoration | None = None
    _found: dict[frozenset[str], RestoredRouting] = field(default_factory=dict)

    def resume(self, before: Traffic) -> Traffic:
        """Take over the home routing of another form of the scenario; it is used where it would be the same."""
        self._home, self._figures, self._found = before._home, before._figures, before._found
        return self

    def route(self, fabric: Fabric, down: Collection[str]) -> RestoredRouting:
        """Return where the demands of a fabric go when some of its links are down.

        The answer is a function of the fabric, the initial conditions and ``down`` alone.
        """
        if self._home is None or (fabric is not self._fabric and fabric != self._fabric):
            self._open(fabric)
            self._fabric = fabric
        assert self._home is not None
        key = frozenset(down)
        if key not in self._found:
            if len(self._found) >= FOUND_MAX_COUNT:
                self._found.clear()
            self._found[key] = self._home.without(key)
        return self._found[key]

    def _open(self, fabric: Fabric) -> None:
        """Route the demands of a fabric at home, unless all that matters is as it was."""
        if fabric.demand:
            batch = self.evaluate(PlantState(fabric, self.initial.ducts, self.initial.links))
            names = [link.name for link in batch.links]
            latency_us = np.maximum.reduceat(batch.columns["latency_us"], batch.link_bounds()[:-1])
            figures: dict[str, Any] = {
                "link_latency_us": dict(zip(names, latency_us.tolist(), strict=True)),
                "link_rate_gbps": {link.name: link.rate_gbps for link in batch.links},
                "link_up": dict(zip(names, closing_links(batch), strict=True)),
                "link_fiber_latency_us": {link.name: link_fiber_latency_us(link) for link in batch.links},
            }
        else:
            # Which links close does not matter where nobody asks for any.
            nothing = dict.fromkeys((link.name for link in fabric.link), 0.0)
            figures = {
                "link_latency_us": nothing,
                "link_rate_gbps": nothing,
                "link_up": dict.fromkeys(nothing, False),
                "link_fiber_latency_us": nothing,
            }
        ways = [(link.name, link.a, link.b, link.ducts) for link in fabric.link]
        found = (figures, ways, fabric.demand, fabric.site)
        if self._home is None or found != self._figures:
            self._home = Restoration(fabric, **figures, before=self._home)
            self._figures, self._found = found, {}

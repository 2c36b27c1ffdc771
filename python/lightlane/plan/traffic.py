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

_Figures = tuple[dict[str, float], dict[str, float], dict[str, bool], dict[str, float] | None]
FOUND_MAX_COUNT = 1024
"""Sets of links down whose routings are remembered."""


def closing_links(batch: LaneBatch) -> list[bool]:
    """Return for each link whether it carries traffic: one without a verdict is not promised to anybody."""
    statuses = batch.columns.part("status", batch.deciding_lanes())
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
    _matter: tuple[Any, ...] | None = None
    _home: Restoration | None = None
    _found: dict[frozenset[str], RestoredRouting] = field(default_factory=dict)

    def resume(self, before: Traffic) -> Traffic:
        """Take over the home routing of another form of the scenario; it is used where it would be the same."""
        self._home, self._matter, self._found = before._home, before._matter, dict(before._found)
        return self

    def route(self, fabric: Fabric, down: Collection[str]) -> RestoredRouting:
        """Return where the demands of a fabric go when some of its links are down.

        The answer is a function of the fabric, the initial conditions and ``down`` alone.
        """
        home = self._home
        if home is None or (fabric is not self._fabric and fabric != self._fabric):
            home = self._open(fabric)
        key = frozenset(down)
        if key not in self._found:
            if len(self._found) >= FOUND_MAX_COUNT:
                self._found.clear()
            self._found[key] = home.without(key)
        return self._found[key]

    def _open(self, fabric: Fabric) -> Restoration:
        """Route the demands of a fabric at home, unless all that matters to them is as it was."""
        figures = self._find_figures(fabric)
        ways = [(link.name, link.a, link.b, link.ducts) for link in fabric.link]
        matter = (figures, ways, fabric.demand, fabric.site)
        if self._home is None or matter != self._matter:
            latency_us, rate_gbps, up, fiber_latency_us = figures
            self._home = Restoration(
                fabric,
                link_latency_us=latency_us,
                link_rate_gbps=rate_gbps,
                link_up=up,
                link_fiber_latency_us=fiber_latency_us,
                before=self._home,
            )
            self._matter, self._found = matter, {}
        self._fabric = fabric
        return self._home

    def _find_figures(self, fabric: Fabric) -> _Figures:
        """Return of each link latency, rate, whether it closes, and the latency of its fiber."""
        if not fabric.demand:
            # Which links close does not matter where nobody asks for any.
            nothing = dict.fromkeys((link.name for link in fabric.link), 0.0)
            return nothing, nothing, dict.fromkeys(nothing, False), None
        batch = self.evaluate(PlantState(fabric, self.initial.ducts, self.initial.links))
        names = [link.name for link in batch.links]
        latency_us = np.maximum.reduceat(batch.columns["latency_us"], batch.link_bounds()[:-1])
        return (
            dict(zip(names, latency_us.tolist(), strict=True)),
            {link.name: link.rate_gbps for link in batch.links},
            dict(zip(names, closing_links(batch), strict=True)),
            {link.name: link_fiber_latency_us(link) for link in batch.links},
        )

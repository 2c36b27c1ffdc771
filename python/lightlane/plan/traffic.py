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
    _home: Restoration | None = None
    _found: dict[frozenset[str], RestoredRouting] = field(default_factory=dict)
    _asked: tuple[Any, ...] = ()

    def resume(self, before: Traffic) -> Traffic:
        """Take over the home routing of another form of the scenario; it is used where it would be the same."""
        self._home, self._asked, self._found = before._home, before._asked, before._found
        return self

    def route(self, fabric: Fabric, down: Collection[str]) -> RestoredRouting:
        """Return where the demands of a fabric go when some of its links are down.

        The answer is a function of the fabric, the initial conditions and ``down`` alone.
        """
        if self._home is None or fabric != self._fabric:
            self._set_home(fabric)
        assert self._home is not None
        key = frozenset(down)
        if key not in self._found:
            self._found[key] = self._home.without(key)
        return self._found[key]

    def _set_home(self, fabric: Fabric) -> None:
        """Route at home, unless nothing that the home routing depends on has changed."""
        known = self._ask_links(fabric)
        ends = tuple((link.name, link.a, link.b) for link in fabric.link)
        asked = (fabric.site, fabric.demand, ends, known)
        if self._home is None or asked != self._asked:
            self._home, self._asked, self._found = Restoration(fabric, **known), asked, {}
        self._fabric = fabric

    def _ask_links(self, fabric: Fabric) -> dict[str, Any]:
        """Return what a routing wants to know of the links: latency, rate, whether they close."""
        if not fabric.demand:
            # Which links close does not matter where nobody asks for any.
            nothing = dict.fromkeys((link.name for link in fabric.link), 0.0)
            up = dict.fromkeys(nothing, False)
            return {"link_latency_us": nothing, "link_rate_gbps": nothing, "link_up": up}
        batch = self.evaluate(PlantState(fabric, self.initial.ducts, self.initial.links))
        names = [link.name for link in batch.links]
        latency_us = np.maximum.reduceat(batch.columns["latency_us"], batch.link_bounds()[:-1])
        return {
            "link_latency_us": dict(zip(names, latency_us.tolist(), strict=True)),
            "link_rate_gbps": {link.name: link.rate_gbps for link in batch.links},
            "link_up": dict(zip(names, closing_links(batch), strict=True)),
            "link_fiber_latency_us": {link.name: link_fiber_latency_us(link) for link in batch.links},
        }

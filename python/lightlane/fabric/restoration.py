"""Restoration: what becomes of the routed demands when links are lost."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from lightlane.errors import ParameterError
from lightlane.fabric.placing import Entry, Network, Placement, order_demands, place
from lightlane.fabric.routing import (
    DemandRouting,
    Placed,
    list_loads,
    list_routing,
    open_network,
    outcome_of,
    place_all,
)
from lightlane.fabric.topology import Fabric
from lightlane.files import suggest


@dataclass(frozen=True, slots=True)
class RestoredRouting(DemandRouting):
    """A routing after a failure, and how it differs from the home routing, one entry of every list per demand.

    Attributes
    ----------
    rerouted
        Whether something of the demand is carried another way than at home.
    latency_change_us
        Against the home routing; NaN where the demand is not carried here or there.
    """

    rerouted: list[bool] = field(default_factory=list)
    latency_change_us: list[float] = field(default_factory=list)


class DemandChange(NamedTuple):
    """What becomes of one demand in a failure; ``latency_us`` of its slowest part, NaN where nothing is carried."""

    demand: int
    carried_gbps: float
    latency_us: float
    is_late: bool
    rerouted: bool


_COPIED = tuple(item.name for item in fields(DemandRouting) if item.name != "load_gbps")


class Restoration:
    """What becomes of a fabric's demands in every state of its links.

    Algorithm
    ---------
    1. The home routing is :func:`route_demands` over the links that are up.
    2. When links go down, the parts of demands whose path survives stay and keep their room.
    3. The others are displaced. Their room is given back, and they are placed anew in the order of the home routing,
       over what is left; a part that has several links side by side is displaced when one of them is down.

    A state does not depend on the states asked for before it, nor on the order in which links are named.

    Parameters
    ----------
    fabric, link_latency_us, link_rate_gbps, link_up, link_fiber_latency_us, k, site_latency_us
        As of :func:`route_demands`.
    before
        Another one, whose paths are used again where the same links are up and as fast; they are the same without it.

    Raises
    ------
    ParameterError
        As :func:`route_demands`.
    """

    def __init__(
        self,
        fabric: Fabric,
        *,
        link_latency_us: Mapping[str, float],
        link_rate_gbps: Mapping[str, float],
        link_up: Mapping[str, bool],
        link_fiber_latency_us: Mapping[str, float] | None = None,
        k: int = 4,
        site_latency_us: float = 0.0,
        before: Restoration | None = None,
    ) -> None:
        self._fabric = fabric
        self._k = k
        self._network: Network = open_network(
            fabric,
            link_latency_us,
            link_rate_gbps,
            link_up,
            link_fiber_latency_us,
            site_latency_us=site_latency_us,
            k=k,
            paths=None if before is None else before._network.paths,
        )
        self._full_gbps = dict(self._network.room_gbps)
        self._placed = place_all(fabric, self._network, k)
        home = list_routing(fabric, self._network, self._full_gbps, self._placed)
        self._home = self._compare(home, (), ())
        order = order_demands(fabric.demand)
        self._rank = {index: rank for rank, index in enumerate(order)}
        self._names = frozenset(link.name for link in fabric.link)
        self._users: dict[str, list[tuple[int, int]]] = {}
        """Of each link the parts that go over it: (demand, position of the part)."""
        self._takers: dict[Entry, list[tuple[int, int, float]]] = {}
        """Of each direction of a link who took room and how much, in the order of placing."""
        for index in order:
            self._enter(index, self._placed[index][0])

    @property
    def home(self) -> RestoredRouting:
        """The routing with nothing down."""
        return self._home

    def without(self, down: Collection[str]) -> RestoredRouting:
        """Return the routing when the links ``down`` carry nothing; links that are not up anyway change nothing.

        Raises
        ------
        ParameterError
            If a name is no link of the fabric.
        """
        network, placed, moved = self._displace(down)
        if network is self._network:
            return self._home
        lists = {name: list(getattr(self._home, name)) for name in _COPIED}
        for index, (placements, reason) in placed.items():
            parts = tuple(item.part for item in placements)
            for name, value in outcome_of(index, self._fabric.demand[index], parts, reason).items():
                lists[name][index] = value
        routing = DemandRouting(**lists, load_gbps=list_loads(self._fabric, network, self._full_gbps))
        return self._compare(routing, placed, moved)

    def list_changes(self, down: Collection[str]) -> Iterator[DemandChange]:
        """Yield what becomes of each demand that loses a part when the links ``down`` carry nothing.

        It says less than :meth:`without` in less time, and raises the same error.
        """
        _, placed, moved = self._displace(down, explain=False)
        for index, (placements, reason) in placed.items():
            demand = self._fabric.demand[index]
            carried_gbps = sum(item.part.rate_gbps for item in placements) if reason else demand.rate_gbps
            latency_us = max((item.part.latency_us for item in placements), default=math.nan)
            late = demand.latency_ms is not None and not reason and latency_us > 1000.0 * demand.latency_ms
            yield DemandChange(index, carried_gbps, latency_us, is_late=late, rerouted=index in moved)

    def _displace(self, down: Collection[str], *, explain: bool = True) -> tuple[Network, dict[int, Placed], set[int]]:
        """Place what the links ``down`` carried anew.

        Returns
        -------
        What is left of the network (the home one if nothing is lost), what became of the demands that lost a part, and
        those of them of which something was placed anew.
        """
        for name in down:
            if name not in self._names:
                raise ParameterError(f"{name!r} is no link of the fabric{suggest(name, self._names)}")
        lost = frozenset(name for name in down if name in self._network.edge_of)
        if not lost:
            return self._network, {}, set()
        displaced: dict[int, set[int]] = {}
        for name in lost:
            for index, position in self._users.get(name, ()):
                displaced.setdefault(index, set()).add(position)
        edges = {self._network.edge_of[name] for name in lost}
        network = self._network.without(edges, lost, self._release(displaced))
        placed: dict[int, Placed] = {}
        moved: set[int] = set()
        for index in sorted(displaced, key=self._rank.__getitem__):
            demand = self._fabric.demand[index]
            parts, reason = self._placed[index]
            kept = tuple(part for position, part in enumerate(parts) if position not in displaced[index])
            rate_gbps = sum(parts[position].part.rate_gbps for position in sorted(displaced[index]))
            new, why = place(network, demand.from_site, demand.to_site, rate_gbps, self._k, explain=explain)
            placed[index] = ((*kept, *new), why or reason)
            if new:
                moved.add(index)
        return network, placed, moved

    def _enter(self, index: int, placements: tuple[Placement, ...]) -> None:
        for position, placement in enumerate(placements):
            for hop in placement.part.links:
                for name in hop:
                    self._users.setdefault(name, []).append((index, position))
            for entry, amount_gbps in placement.taken:
                self._takers.setdefault(entry, []).append((index, position, amount_gbps))

    def _release(self, displaced: Mapping[int, Collection[int]]) -> dict[Entry, float]:
        """Return the room of the directions that the displaced parts took, as if they had never been placed.

        Summed anew and not added back, so that rounding leaves nothing of them.
        """
        room_gbps: dict[Entry, float] = {}
        touched = {
            entry
            for index, positions in displaced.items()
            for position in positions
            for entry, _ in self._placed[index][0][position].taken
        }
        for entry in touched:
            left_gbps = self._full_gbps[entry]
            for index, position, amount_gbps in self._takers[entry]:
                if index not in displaced or position not in displaced[index]:
                    left_gbps -= amount_gbps
            room_gbps[entry] = left_gbps
        return room_gbps

    def _compare(self, routing: DemandRouting, displaced: Collection[int], moved: Collection[int]) -> RestoredRouting:
        rerouted = [False] * len(self._fabric.demand)
        for index in moved:
            rerouted[index] = True
        change_us = [0.0 if parts else math.nan for parts in routing.parts]
        for index in displaced:
            change_us[index] = routing.latency_us[index] - self._home.latency_us[index]
        return RestoredRouting(
            **{item.name: getattr(routing, item.name) for item in fields(DemandRouting)},
            rerouted=rerouted,
            latency_change_us=change_us,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFigures:
    """What routing needs of every link, by name.

    Attributes
    ----------
    up
        Whether the link closes; a link without a verdict is not promised to anybody.
    """

    latency_us: Mapping[str, float]
    rate_gbps: Mapping[str, float]
    up: Mapping[str, bool]

    def build_restoration(self, fabric: Fabric, *, k: int = 4, site_latency_us: float = 0.0) -> Restoration:
        """Return the restoration of the fabric's demands over these links; errors as of :class:`Restoration`."""
        return Restoration(
            fabric,
            link_latency_us=self.latency_us,
            link_rate_gbps=self.rate_gbps,
            link_up=self.up,
            k=k,
            site_latency_us=site_latency_us,
        )

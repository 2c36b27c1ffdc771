"""Routing of demands over the links that are up: what is carried, which way, how late."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lightlane.errors import ParameterError
from lightlane.fabric.paths import PathStore
from lightlane.fabric.placing import Entry, Network, Placement, RoutedPart, build_network, order_demands, place
from lightlane.fabric.topology import Demand, Fabric

PATH_SEPARATOR = " | "
"""Between the paths of a split demand; links along a path are separated by ``;``, links side by side by ``+``."""

Placed = tuple[tuple[Placement, ...], str]
"""The parts of a demand that are carried, and why not all is."""


@dataclass(frozen=True, slots=True)
class DemandRouting:
    """What became of each demand, one entry of every list per demand in the fabric's order.

    Attributes
    ----------
    latency_us, fiber_latency_us, hop_count
        Of the slowest part that is carried; NaN and 0 where nothing is.
    status
        ``met``, ``late`` (all is carried, but later than the objective) or ``blocked`` (less than the rate is carried).
    parts
        The parts in the order in which they were placed.
    load_gbps
        (a to b, b to a) of every link that is up.
    """

    demand: list[int] = field(default_factory=list)
    from_site: list[str] = field(default_factory=list)
    to_site: list[str] = field(default_factory=list)
    service: list[str] = field(default_factory=list)
    rate_gbps: list[float] = field(default_factory=list)
    carried_gbps: list[float] = field(default_factory=list)
    latency_us: list[float] = field(default_factory=list)
    fiber_latency_us: list[float] = field(default_factory=list)
    objective_us: list[float] = field(default_factory=list)
    latency_margin_us: list[float] = field(default_factory=list)
    hop_count: list[int] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    reason: list[str] = field(default_factory=list)
    parts: list[tuple[RoutedPart, ...]] = field(default_factory=list)
    load_gbps: dict[str, tuple[float, float]] = field(default_factory=dict)

    def columns(self) -> dict[str, list[int] | list[float] | list[str]]:
        """Return the lists under the names of the result table ``demands``."""
        return {
            "demand": self.demand,
            "from": self.from_site,
            "to": self.to_site,
            "service": self.service,
            "rate_gbps": self.rate_gbps,
            "carried_gbps": self.carried_gbps,
            "latency_us": self.latency_us,
            "fiber_latency_us": self.fiber_latency_us,
            "objective_us": self.objective_us,
            "latency_margin_us": self.latency_margin_us,
            "hop_count": self.hop_count,
            "path": self.path,
            "status": self.status,
            "reason": self.reason,
        }


def route_demands(
    fabric: Fabric,
    *,
    link_latency_us: Mapping[str, float],
    link_rate_gbps: Mapping[str, float],
    link_up: Mapping[str, bool],
    link_fiber_latency_us: Mapping[str, float] | None = None,
    k: int = 4,
    site_latency_us: float = 0.0,
) -> DemandRouting:
    """Route the fabric's demands over its links that are up.

    Algorithm
    ---------
    1. Links over the same ducts between the same sites form one edge of the site graph.
    2. Demands are placed one by one, the largest rate first, then by the names of their sites, then in file order.
    3. A demand goes the fastest of its ``k`` fastest simple paths that has room for all of it.
    4. Where none has, it is split over the links of those paths: the most that fits, at the least latency.
    5. What is carried only in part is ``blocked``; what comes later than its objective is ``late``.

    Parameters
    ----------
    link_latency_us
        From one end of each link to the other: fiber, modules, FEC, amplifiers.
    link_rate_gbps
        What each link carries in each of its directions.
    link_fiber_latency_us
        The fiber's part of the latency; absent: not known (NaN).
    k
        How many paths are tried.
    site_latency_us
        What each site between two links of a path adds.

    Raises
    ------
    ParameterError
        If a link is missing from a mapping, a link that is up has no latency, or ``k`` or a latency is out of range.
    """
    network = open_network(
        fabric, link_latency_us, link_rate_gbps, link_up, link_fiber_latency_us, site_latency_us=site_latency_us, k=k
    )
    full_gbps = dict(network.room_gbps)
    return list_routing(fabric, network, full_gbps, place_all(fabric, network, k))


def open_network(
    fabric: Fabric,
    link_latency_us: Mapping[str, float],
    link_rate_gbps: Mapping[str, float],
    link_up: Mapping[str, bool],
    link_fiber_latency_us: Mapping[str, float] | None,
    *,
    site_latency_us: float,
    k: int,
    paths: PathStore | None = None,
) -> Network:
    """Arrange the links that are up with all of their room; parameters and errors as of :func:`route_demands`.

    Parameters
    ----------
    paths
        Of another network, used again where that has the same graph.
    """
    if k < 1:
        raise ParameterError(f"k is {k}; at least one path must be tried")
    if not site_latency_us >= 0:
        raise ParameterError(f"site_latency_us is {site_latency_us}; a site cannot take less than no time")
    network = build_network(fabric, link_latency_us, link_rate_gbps, link_up, link_fiber_latency_us, site_latency_us)
    return network if paths is None or paths.graph != network.graph else replace(network, paths=paths)


def place_all(fabric: Fabric, network: Network, k: int) -> list[Placed]:
    """Place all demands and return what became of each, in the fabric's order."""
    placed: dict[int, Placed] = {}
    for index in order_demands(fabric.demand):
        demand = fabric.demand[index]
        placed[index] = place(network, demand.from_site, demand.to_site, demand.rate_gbps, k)
    return [placed[index] for index in range(len(fabric.demand))]


def list_routing(
    fabric: Fabric, network: Network, full_gbps: Mapping[Entry, float], placed: Sequence[Placed]
) -> DemandRouting:
    """List what became of the demands, and what every link carries."""
    routing = DemandRouting()
    for index, demand in enumerate(fabric.demand):
        placements, reason = placed[index]
        for name, value in outcome_of(index, demand, tuple(item.part for item in placements), reason).items():
            getattr(routing, name).append(value)
    routing.load_gbps.update(list_loads(fabric, network, full_gbps))
    return routing


def list_loads(fabric: Fabric, network: Network, full_gbps: Mapping[Entry, float]) -> dict[str, tuple[float, float]]:
    """Return (a to b, b to a) in Gb/s of every link that is up."""
    up = {name for names in network.bundles for name in names}
    room_gbps = network.room_gbps
    loads_gbps = {}
    for link in fabric.link:
        if link.name in up:
            a_to_b, b_to_a = (link.name, link.a), (link.name, link.b)
            loads_gbps[link.name] = (full_gbps[a_to_b] - room_gbps[a_to_b], full_gbps[b_to_a] - room_gbps[b_to_a])
    return loads_gbps


def outcome_of(index: int, demand: Demand, parts: tuple[RoutedPart, ...], reason: str) -> dict[str, Any]:
    """Return a demand's entry of every list of :class:`DemandRouting`."""
    slowest = max(parts, key=lambda part: part.latency_us, default=None)
    latency_us = slowest.latency_us if slowest else math.nan
    objective_us = math.nan if demand.latency_ms is None else 1000.0 * demand.latency_ms
    status = "blocked" if reason else "met"
    if not reason and latency_us > objective_us:
        status, late_us = "late", latency_us - objective_us
        reason = f"latency: {latency_us:.1f} µs is {late_us:.1f} µs over the objective"
    return {
        "demand": index,
        "from_site": demand.from_site,
        "to_site": demand.to_site,
        "service": demand.service,
        "rate_gbps": demand.rate_gbps,
        "carried_gbps": demand.rate_gbps if status != "blocked" else sum(part.rate_gbps for part in parts),
        "latency_us": latency_us,
        "fiber_latency_us": slowest.fiber_latency_us if slowest else math.nan,
        "objective_us": objective_us,
        "latency_margin_us": objective_us - latency_us,
        "hop_count": len(slowest.links) if slowest else 0,
        "path": PATH_SEPARATOR.join(part.describe() for part in parts),
        "status": status,
        "reason": reason,
        "parts": parts,
    }

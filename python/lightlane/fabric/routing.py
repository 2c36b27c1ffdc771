"""Routing of demands over the links that are up: what is carried, which way, how late."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from lightlane.errors import ParameterError
from lightlane.fabric.flow import Arc, list_arcs, split_rate
from lightlane.fabric.paths import (
    Edge,
    ShortestTree,
    SiteGraph,
    SitePath,
    build_graph,
    find_shortest_tree,
    iterate_paths,
)
from lightlane.fabric.topology import Demand, Fabric, Link

PATH_SEPARATOR = " | "
"""Between the paths of a split demand; links along a path are separated by ``;``, links side by side by ``+``."""


@dataclass(frozen=True, slots=True)
class RoutedPart:
    """A part of a demand that goes one way.

    Attributes
    ----------
    links
        For each hop the links side by side that carry the part there, nearly always one.
    """

    rate_gbps: float
    latency_us: float
    fiber_latency_us: float
    links: tuple[tuple[str, ...], ...]

    def describe(self) -> str:
        """Return the links in order, hops separated by ``;``, links side by side by ``+``."""
        return ";".join("+".join(hop) for hop in self.links)


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


@dataclass(slots=True)
class _Network:
    """The graph whose edges are bundles: links over the same ducts between the same sites, side by side."""

    graph: SiteGraph
    bundles: list[list[Link]]
    latency_us: Mapping[str, float]
    fiber_latency_us: Mapping[str, float]
    site_latency_us: float
    room_gbps: dict[tuple[str, str], float]
    """Of each link from each of its sites."""
    trees: dict[str, ShortestTree] = field(default_factory=dict)

    def arc_room_gbps(self, arc: Arc) -> float:
        index, site = arc
        return sum(self.room_gbps[link.name, site] for link in self.bundles[index])


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
    if k < 1:
        raise ParameterError(f"k is {k}; at least one path must be tried")
    if not site_latency_us >= 0:
        raise ParameterError(f"site_latency_us is {site_latency_us}; a site cannot take less than no time")
    network = _build_network(fabric, link_latency_us, link_rate_gbps, link_up, link_fiber_latency_us, site_latency_us)
    full_gbps = dict(network.room_gbps)
    placed: dict[int, tuple[tuple[RoutedPart, ...], str]] = {}
    for index in _order_demands(fabric.demand):
        placed[index] = _place(network, fabric.demand[index], k)
    routing = DemandRouting()
    for index, demand in enumerate(fabric.demand):
        parts, reason = placed[index]
        _record(routing, index, demand, parts, reason)
    for bundle in network.bundles:
        for link in bundle:
            a_to_b, b_to_a = ((link.name, link.a), (link.name, link.b))
            routing.load_gbps[link.name] = (
                full_gbps[a_to_b] - network.room_gbps[a_to_b],
                full_gbps[b_to_a] - network.room_gbps[b_to_a],
            )
    return routing


def _order_demands(demands: tuple[Demand, ...]) -> list[int]:
    def key(index: int) -> tuple[float, str, str, int]:
        demand = demands[index]
        return (-demand.rate_gbps, demand.from_site, demand.to_site, index)

    return sorted(range(len(demands)), key=key)


def _build_network(
    fabric: Fabric,
    latency_us: Mapping[str, float],
    rate_gbps: Mapping[str, float],
    link_up: Mapping[str, bool],
    fiber_latency_us: Mapping[str, float] | None,
    site_latency_us: float,
) -> _Network:
    known = (("link_latency_us", latency_us), ("link_rate_gbps", rate_gbps), ("link_up", link_up))
    bundles: dict[tuple[str, str, tuple[str, ...]], list[Link]] = {}
    room_gbps: dict[tuple[str, str], float] = {}
    for link in fabric.link:
        for name, mapping in known:
            if link.name not in mapping:
                raise ParameterError(f"{name} has no value for link {link.name!r}")
        if not link_up[link.name]:
            continue
        if not 0 <= latency_us[link.name] < math.inf or not 0 <= rate_gbps[link.name] < math.inf:
            raise ParameterError(f"link {link.name!r} is up but its latency or rate is not a number of at least 0")
        ducts = link.ducts if link.a <= link.b else link.ducts[::-1]
        bundles.setdefault((min(link.a, link.b), max(link.a, link.b), ducts), []).append(link)
        room_gbps[link.name, link.a] = room_gbps[link.name, link.b] = float(rate_gbps[link.name])
    edges = []
    for (a, b, _), links in bundles.items():
        links.sort(key=lambda link: latency_us[link.name])
        # Each hop but the first passes a site; one too many on every path alike does not change their order.
        edges.append(Edge(a, b, latency_us[links[0].name] + site_latency_us))
    fiber = fiber_latency_us if fiber_latency_us is not None else defaultdict(lambda: math.nan)
    return _Network(build_graph(edges), list(bundles.values()), latency_us, fiber, site_latency_us, room_gbps)


def _place(network: _Network, demand: Demand, k: int) -> tuple[tuple[RoutedPart, ...], str]:
    """Find room for a demand, take it, and say what stood in the way of the rest."""
    tried: list[SitePath] = []
    for path in islice(_candidate_paths(network, demand), k):
        if all(network.arc_room_gbps(arc) >= demand.rate_gbps for arc in list_arcs(path)):
            return (_take(network, path, demand.rate_gbps),), ""
        tried.append(path)
    if not tried:
        return (), f"no path: no links that are up join {demand.from_site!r} to {demand.to_site!r}"
    room_gbps = {arc: network.arc_room_gbps(arc) for path in tried for arc in list_arcs(path)}
    split = split_rate(network.graph, tried, room_gbps, demand.rate_gbps)
    parts = tuple(_take(network, path, rate_gbps) for path, rate_gbps in split)
    carried_gbps = sum(part.rate_gbps for part in parts)
    if carried_gbps >= demand.rate_gbps * (1 - 1e-9):
        return parts, ""
    return parts, f"capacity: {_name_full_links(network, tried)}"


def _candidate_paths(network: _Network, demand: Demand) -> Iterator[SitePath]:
    tree = network.trees.get(demand.to_site)
    if tree is None:
        tree = network.trees[demand.to_site] = find_shortest_tree(network.graph, demand.to_site)
    return iterate_paths(network.graph, tree, demand.from_site)


def _take(network: _Network, path: SitePath, rate_gbps: float) -> RoutedPart:
    """Take room on a path: on one link of each bundle where it fits, else on as few as it needs, the fastest first."""
    latency_us = network.site_latency_us * (len(path.edges) - 1)
    fiber_latency_us = 0.0
    hops: list[tuple[str, ...]] = []
    for index, site in list_arcs(path):
        bundle = network.bundles[index]
        whole = [link for link in bundle if network.room_gbps[link.name, site] >= rate_gbps]
        left_gbps, used = rate_gbps, []
        for link in whole[:1] or bundle:
            amount_gbps = min(left_gbps, network.room_gbps[link.name, site])
            if amount_gbps > 0:
                network.room_gbps[link.name, site] -= amount_gbps
                left_gbps -= amount_gbps
                used.append(link.name)
        hops.append(tuple(used))
        latency_us += max(network.latency_us[name] for name in used)
        fiber_latency_us += max(network.fiber_latency_us[name] for name in used)
    return RoutedPart(rate_gbps, latency_us, fiber_latency_us, tuple(hops))


def _name_full_links(network: _Network, paths: list[SitePath]) -> str:
    """Name the links of the tried paths that are full, in the direction that is asked for."""
    full: dict[str, None] = {}
    for path in paths:
        arcs = list_arcs(path)
        index, site = min(arcs, key=network.arc_room_gbps)
        other = path.sites[arcs.index((index, site)) + 1]
        names = "+".join(link.name for link in network.bundles[index])
        full[f"{names!r} from {site!r} to {other!r}"] = None
    named = list(full)[:3]
    more = f" and {len(full) - 3} more" if len(full) > 3 else ""
    return f"full on all tried paths: {', '.join(named)}{more}"


def _record(routing: DemandRouting, index: int, demand: Demand, parts: tuple[RoutedPart, ...], reason: str) -> None:
    slowest = max(parts, key=lambda part: part.latency_us, default=None)
    latency_us = slowest.latency_us if slowest else math.nan
    objective_us = math.nan if demand.latency_ms is None else 1000.0 * demand.latency_ms
    status = "blocked" if reason else "met"
    if not reason and latency_us > objective_us:
        status, late_us = "late", latency_us - objective_us
        reason = f"latency: {latency_us:.1f} µs is {late_us:.1f} µs over the objective"
    carried_gbps = demand.rate_gbps if status != "blocked" else sum(part.rate_gbps for part in parts)
    routing.demand.append(index)
    routing.from_site.append(demand.from_site)
    routing.to_site.append(demand.to_site)
    routing.service.append(demand.service)
    routing.rate_gbps.append(demand.rate_gbps)
    routing.carried_gbps.append(carried_gbps)
    routing.latency_us.append(latency_us)
    routing.fiber_latency_us.append(slowest.fiber_latency_us if slowest else math.nan)
    routing.objective_us.append(objective_us)
    routing.latency_margin_us.append(objective_us - latency_us)
    routing.hop_count.append(len(slowest.links) if slowest else 0)
    routing.path.append(PATH_SEPARATOR.join(part.describe() for part in parts))
    routing.status.append(status)
    routing.reason.append(reason)
    routing.parts.append(parts)

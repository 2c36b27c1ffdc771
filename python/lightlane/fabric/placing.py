"""Placing demands on links: the graph of what is up, the room that is left on it, and taking some of it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from lightlane.errors import ParameterError
from lightlane.fabric.flow import Arc, list_arcs, split_rate
from lightlane.fabric.paths import Edge, PathStore, SiteGraph, SitePath, build_graph, number_parts, replace_edges
from lightlane.fabric.topology import Demand, Fabric, Link

Entry = tuple[str, str]
"""A link and the site that it is entered from: one of its two directions."""


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
class Placement:
    """A part and the room that it took on each direction of a link."""

    part: RoutedPart
    taken: tuple[tuple[Entry, float], ...]


@dataclass(frozen=True, slots=True)
class Network:
    """The graph whose edges are bundles: links over the same ducts between the same sites, side by side.

    Attributes
    ----------
    bundles, edge_of
        The names of the links of each edge, the fastest first, and the edge of each link.
    room_gbps, arc_room_gbps
        What is left of each link, and of each edge, from each of its sites.
    paths
        Of the graph with everything up.
    gone, slower
        How the edges differ from those of ``paths``.
    part_of
        Of each site the part of the graph that it is in, where edges are gone.
    """

    graph: SiteGraph
    bundles: list[tuple[str, ...]]
    edge_of: Mapping[str, int]
    latency_us: Mapping[str, float]
    fiber_latency_us: Mapping[str, float]
    site_latency_us: float
    room_gbps: dict[Entry, float]
    arc_room_gbps: dict[Arc, float]
    paths: PathStore
    gone: frozenset[int] = frozenset()
    slower: frozenset[int] = frozenset()
    part_of: Mapping[str, int] | None = None

    def count_room(self, arc: Arc) -> float:
        """Return what all links of a bundle together still carry from one of its sites, in Gb/s."""
        index, site = arc
        names = self.bundles[index]
        if len(names) == 1:
            return self.room_gbps[names[0], site]
        return sum(self.room_gbps[name, site] for name in names)

    def without(self, edges: Collection[int], down: Collection[str], freed_gbps: Mapping[Entry, float]) -> Network:
        """Return the network that is left when the links ``down``, all of them on ``edges``, carry nothing.

        Parameters
        ----------
        freed_gbps
            What is left of each direction of a link that gets room back.
        """
        bundles = list(self.bundles)
        changes: dict[int, Edge | None] = {}
        for index in edges:
            bundles[index] = tuple(name for name in bundles[index] if name not in down)
            edge = self.graph.edges[index]
            if not bundles[index]:
                changes[index] = None
            elif bundles[index][0] != self.bundles[index][0]:
                latency_us = self.latency_us[bundles[index][0]] + self.site_latency_us
                changes[index] = Edge(edge.a, edge.b, latency_us)
        graph = replace_edges(self.graph, changes)
        gone = frozenset(index for index, edge in changes.items() if edge is None)
        slower = frozenset(changes) - gone
        room_gbps = self.room_gbps | dict(freed_gbps)
        part_of = number_parts(graph) if gone else None
        out = replace(
            self, graph=graph, bundles=bundles, room_gbps=room_gbps, gone=gone, slower=slower, part_of=part_of
        )
        arc_room_gbps = dict(self.arc_room_gbps)
        arcs = {(self.edge_of[name], site) for name, site in freed_gbps}
        for index in edges:
            arcs |= {(index, graph.edges[index].a), (index, graph.edges[index].b)}
        arc_room_gbps.update((arc, out.count_room(arc)) for arc in arcs)
        return replace(out, arc_room_gbps=arc_room_gbps)


def build_network(
    fabric: Fabric,
    latency_us: Mapping[str, float],
    rate_gbps: Mapping[str, float],
    link_up: Mapping[str, bool],
    fiber_latency_us: Mapping[str, float] | None,
    site_latency_us: float,
) -> Network:
    """Arrange the links that are up.

    Raises
    ------
    ParameterError
        If a link is missing from a mapping, or a link that is up has no latency or rate.
    """
    known = (("link_latency_us", latency_us), ("link_rate_gbps", rate_gbps), ("link_up", link_up))
    bundles: dict[tuple[str, str, tuple[str, ...]], list[Link]] = {}
    room_gbps: dict[Entry, float] = {}
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
    graph = build_graph(edges)
    fiber = fiber_latency_us if fiber_latency_us is not None else defaultdict(_not_known)
    network = Network(
        graph=graph,
        bundles=[tuple(link.name for link in links) for links in bundles.values()],
        edge_of={link.name: index for index, links in enumerate(bundles.values()) for link in links},
        latency_us=latency_us,
        fiber_latency_us=fiber,
        site_latency_us=site_latency_us,
        room_gbps=room_gbps,
        arc_room_gbps={},
        paths=PathStore(graph),
    )
    for index, edge in enumerate(edges):
        for site in (edge.a, edge.b):
            network.arc_room_gbps[index, site] = network.count_room((index, site))
    return network


def _not_known() -> float:
    return math.nan


def order_demands(demands: tuple[Demand, ...]) -> list[int]:
    """Return the indices of the demands in the order in which they are placed."""

    def key(index: int) -> tuple[float, str, str, int]:
        demand = demands[index]
        return (-demand.rate_gbps, demand.from_site, demand.to_site, index)

    return sorted(range(len(demands)), key=key)


def place(
    network: Network, from_site: str, to_site: str, rate_gbps: float, k: int, *, explain: bool = True
) -> tuple[tuple[Placement, ...], str]:
    """Find room for a rate on the ``k`` fastest paths, take it, and say what stood in the way of the rest.

    Parameters
    ----------
    explain
        Whether the reason names the links that are full.

    Returns
    -------
    The parts that are carried, and why not all is; the reason is empty where all is.
    """
    tried: list[SitePath] = []
    left_gbps = network.arc_room_gbps
    for path in islice(iterate_network_paths(network, from_site, to_site), k):
        for arc in zip(path.edges, path.sites, strict=False):
            if left_gbps[arc] < rate_gbps:
                break
        else:
            return (_take(network, path, rate_gbps),), ""
        tried.append(path)
    if not tried:
        return (), f"no path: no links that are up join {from_site!r} to {to_site!r}"
    if not (_has_room(left_gbps, tried, 0, rate_gbps) and _has_room(left_gbps, tried, -1, rate_gbps)):
        return (), _explain_lack(network, tried, explain=explain)
    room_gbps = {arc: left_gbps[arc] for path in tried for arc in list_arcs(path)}
    split = split_rate(network.graph, tried, room_gbps, rate_gbps)
    placements = tuple(_take(network, path, part_gbps) for path, part_gbps in split)
    if sum(placement.part.rate_gbps for placement in placements) >= rate_gbps * (1 - 1e-9):
        return placements, ""
    return placements, _explain_lack(network, tried, explain=explain)


def _has_room(arc_room_gbps: Mapping[Arc, float], paths: list[SitePath], position: int, rate_gbps: float) -> bool:
    """Whether anything worth taking is left on the first or the last edges of the paths."""
    least_gbps = 1e-9 * rate_gbps
    for path in paths:
        site = path.sites[position] if position >= 0 else path.sites[position - 1]
        if arc_room_gbps[path.edges[position], site] > least_gbps:
            return True
    return False


def iterate_network_paths(network: Network, from_site: str, to_site: str) -> Iterator[SitePath]:
    """Yield the simple paths between two sites, the fastest first."""
    part_of = network.part_of
    if part_of is not None and part_of.get(from_site, from_site) != part_of.get(to_site, to_site):
        # All listed paths of the whole graph would be looked through for one that is left.
        return iter(())
    return network.paths.iterate_without(from_site, to_site, network.graph, network.gone, network.slower)


def _take(network: Network, path: SitePath, rate_gbps: float) -> Placement:
    """Take room on a path: on one link of each bundle where it fits, else on as few as it needs, the fastest first."""
    latency_us = network.site_latency_us * (len(path.edges) - 1)
    fiber_latency_us = 0.0
    hops: list[tuple[str, ...]] = []
    taken: list[tuple[Entry, float]] = []
    room_gbps, link_us, fiber_us = network.room_gbps, network.latency_us, network.fiber_latency_us
    for arc in list_arcs(path):
        index, site = arc
        names = network.bundles[index]
        if len(names) > 1:
            names = _take_bundle(network, arc, rate_gbps, taken)
            latency_us += max(link_us[name] for name in names)
            fiber_latency_us += max(fiber_us[name] for name in names)
        else:
            # Nearly every edge is one link: written out, since a study of failures passes here millions of times.
            entry = (names[0], site)
            amount_gbps = min(rate_gbps, room_gbps[entry])
            room_gbps[entry] -= amount_gbps
            network.arc_room_gbps[arc] = room_gbps[entry]
            taken.append((entry, amount_gbps))
            latency_us += link_us[names[0]]
            fiber_latency_us += fiber_us[names[0]]
        hops.append(names)
    return Placement(RoutedPart(rate_gbps, latency_us, fiber_latency_us, tuple(hops)), tuple(taken))


def _take_bundle(network: Network, arc: Arc, rate_gbps: float, taken: list[tuple[Entry, float]]) -> tuple[str, ...]:
    """Take room on links side by side, add what was taken to ``taken``, and return their names."""
    index, site = arc
    room_gbps = network.room_gbps
    bundle = network.bundles[index]
    names = next(((name,) for name in bundle if room_gbps[name, site] >= rate_gbps), bundle)
    left_gbps, used = rate_gbps, []
    for name in names:
        entry = (name, site)
        amount_gbps = min(left_gbps, room_gbps[entry])
        if amount_gbps > 0:
            room_gbps[entry] -= amount_gbps
            left_gbps -= amount_gbps
            used.append(name)
            taken.append((entry, amount_gbps))
    network.arc_room_gbps[arc] = network.count_room(arc)
    return tuple(used)


def _explain_lack(network: Network, paths: list[SitePath], *, explain: bool) -> str:
    """Name the links of the tried paths that are full, in the direction that is asked for."""
    if not explain:
        return "capacity"
    full: dict[str, None] = {}
    for path in paths:
        arcs = list_arcs(path)
        index, site = min(arcs, key=network.arc_room_gbps.__getitem__)
        other = path.sites[arcs.index((index, site)) + 1]
        names = "+".join(network.bundles[index])
        full[f"{names!r} from {site!r} to {other!r}"] = None
    named = list(full)[:3]
    more = f" and {len(full) - 3} more" if len(full) > 3 else ""
    return f"capacity: full on all tried paths: {', '.join(named)}{more}"

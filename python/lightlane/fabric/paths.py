"""The k shortest simple paths between two sites, one after the other and only as many as are asked for."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count


@dataclass(frozen=True, slots=True)
class Edge:
    """What joins two sites and how long it takes to cross, in either direction."""

    a: str
    b: str
    latency_us: float


@dataclass(frozen=True, slots=True)
class SiteGraph:
    """Sites joined by edges, of which two may join the same sites.

    Attributes
    ----------
    edges
        The edges; their position is their name here.
    neighbors
        (position of the edge, site at its other end) for each site.
    """

    edges: tuple[Edge, ...]
    neighbors: Mapping[str, tuple[tuple[int, str], ...]]


@dataclass(frozen=True, slots=True)
class ShortestTree:
    """The shortest way from every site to ``target``.

    Attributes
    ----------
    latency_us
        Latency to the target; sites that cannot reach it are missing.
    steps
        First (edge, next site) of that way; the target has none.
    """

    target: str
    latency_us: Mapping[str, float]
    steps: Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class SitePath:
    """A simple path: one more site than edges."""

    latency_us: float
    edges: tuple[int, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Deviation:
    """The paths that share ``path``'s first ``start`` edges and then take none of ``banned``; ``path`` is the best."""

    path: SitePath
    start: int
    banned: frozenset[int]


LISTED_PATHS_MAX_COUNT = 64
"""Paths that are remembered of one pair of sites; those beyond are searched each time."""


@dataclass(slots=True)
class _Listed:
    """The shortest paths found so far, each with the set of its edges as bits, and where the next ones come from."""

    paths: list[tuple[int, SitePath]]
    rest: Iterator[SitePath]


@dataclass(frozen=True, slots=True)
class PathStore:
    """Shortest trees and shortest paths of one graph, each made when it is first asked for.

    The paths of a graph that lost edges are those of the whole one without those that took them, so that a study of
    many failures searches each path once.
    """

    graph: SiteGraph
    _trees: dict[str, ShortestTree] = field(default_factory=dict)
    _listed: dict[tuple[str, str], _Listed] = field(default_factory=dict)

    def find_tree(self, target: str) -> ShortestTree:
        """Return the shortest tree to ``target``."""
        tree = self._trees.get(target)
        if tree is None:
            tree = self._trees[target] = find_shortest_tree(self.graph, target)
        return tree

    def iterate_without(
        self, source: str, target: str, graph: SiteGraph, gone: frozenset[int], slower: frozenset[int]
    ) -> Iterator[SitePath]:
        """Yield the simple paths of ``graph``, which is this one with some edges gone or slower, shortest first."""
        mask = sum(1 << index for index in gone) if gone else 0
        known: list[tuple[int, SitePath]] = []
        if not slower:
            listed = self._listed.get((source, target))
            if listed is None:
                rest = iterate_paths(self.graph, self.find_tree(target), source)
                listed = self._listed[source, target] = _Listed([], rest)
            known = listed.paths
            for position in range(LISTED_PATHS_MAX_COUNT):
                if position >= len(known):
                    found = next(listed.rest, None)
                    if found is None:
                        return
                    known.append((sum(1 << index for index in found.edges), found))
                bits, path = known[position]
                if not bits & mask:
                    yield path
        seen = {path.edges for bits, path in known if not bits & mask}
        for path in iterate_paths(graph, self.find_tree(target), source, gone | slower):
            if path.edges not in seen:
                yield path


def build_graph(edges: Sequence[Edge]) -> SiteGraph:
    """Arrange edges by the sites that they touch."""
    neighbors: dict[str, list[tuple[int, str]]] = {}
    for index, edge in enumerate(edges):
        neighbors.setdefault(edge.a, []).append((index, edge.b))
        neighbors.setdefault(edge.b, []).append((index, edge.a))
    return SiteGraph(tuple(edges), {site: tuple(items) for site, items in neighbors.items()})


def replace_edges(graph: SiteGraph, changes: Mapping[int, Edge | None]) -> SiteGraph:
    """Return the graph with some edges replaced, or gone where there is None; the others keep their positions."""
    edges = list(graph.edges)
    neighbors = dict(graph.neighbors)
    for index, edge in changes.items():
        if edge is not None:
            edges[index] = edge
            continue
        for site in (edges[index].a, edges[index].b):
            neighbors[site] = tuple(item for item in neighbors[site] if item[0] != index)
    return SiteGraph(tuple(edges), neighbors)


def number_parts(graph: SiteGraph) -> dict[str, int]:
    """Return for each site the number of the part of the graph that it is in: sites of one part reach each other."""
    part_of: dict[str, int] = {}
    for number, first in enumerate(graph.neighbors):
        waiting = [] if first in part_of else [first]
        while waiting:
            site = waiting.pop()
            if site not in part_of:
                part_of[site] = number
                waiting += [other for _, other in graph.neighbors[site] if other not in part_of]
    return part_of


def find_shortest_tree(graph: SiteGraph, target: str) -> ShortestTree:
    """Find the shortest way from every site to ``target`` (Dijkstra 1959, doi 10.1007/BF01386390).

    Ties fall to the edge that comes first, so that equal inputs give equal paths.
    """
    latency_us: dict[str, float] = {}
    steps: dict[str, tuple[int, str]] = {}
    heap: list[tuple[float, int, str, str]] = [(0.0, -1, target, "")]
    edges, neighbors = graph.edges, graph.neighbors
    least_us = {target: 0.0}
    while heap:
        so_far_us, edge_index, site, toward = heapq.heappop(heap)
        if site in latency_us:
            continue
        latency_us[site] = so_far_us
        if edge_index >= 0:
            steps[site] = (edge_index, toward)
        for index, other in neighbors.get(site, ()):
            if other in latency_us:
                continue
            other_us = so_far_us + edges[index].latency_us
            # Of equal ones each is kept: the tie is decided when they are taken.
            if other_us <= least_us.get(other, math.inf):
                least_us[other] = other_us
                heapq.heappush(heap, (other_us, index, other, site))
    return ShortestTree(target, latency_us, steps)


def iterate_paths(
    graph: SiteGraph, tree: ShortestTree, source: str, changed: frozenset[int] = frozenset()
) -> Iterator[SitePath]:
    """Yield the simple paths from ``source`` to the tree's target, shortest first.

    Parameters
    ----------
    tree
        Of ``graph``, or of one with more or faster edges, whose latencies are bounds here.
    changed
        The edges that are gone or slower in ``graph`` than in the tree's.

    Algorithm
    ---------
    1. The paths are split into disjoint sets: those that leave the last found path at its first edge, at its second …
       (Yen 1971, doi 10.1287/mnsc.17.11.712, with the partition of Lawler 1972, doi 10.1287/mnsc.18.7.401).
    2. The best of a set is the tree's way from the best first step where that way does not come back to the sites
       already passed, which is nearly always; else an A* search that keeps off them, bounded by the tree's latencies.
       So where the way takes an edge that has changed.
    3. The shortest of all sets is the next path.
    """
    if source not in tree.latency_us or source == tree.target:
        return
    serial = count()
    heap: list[tuple[float, int, _Deviation]] = []

    def push(prefix: SitePath, banned: frozenset[int]) -> None:
        path = _find_best(graph, tree, prefix, banned, changed)
        if path is not None:
            heapq.heappush(heap, (path.latency_us, next(serial), _Deviation(path, len(prefix.edges), banned)))

    push(SitePath(0.0, (), (source,)), frozenset())
    while heap:
        _, _, found = heapq.heappop(heap)
        yield found.path
        prefix_us = sum(graph.edges[index].latency_us for index in found.path.edges[: found.start])
        for position in range(found.start, len(found.path.edges)):
            prefix = SitePath(prefix_us, found.path.edges[:position], found.path.sites[: position + 1])
            taken = frozenset((found.path.edges[position],))
            push(prefix, taken | found.banned if position == found.start else taken)
            prefix_us += graph.edges[found.path.edges[position]].latency_us


def _find_best(
    graph: SiteGraph, tree: ShortestTree, prefix: SitePath, banned: frozenset[int], changed: frozenset[int]
) -> SitePath | None:
    """Find the shortest simple path that starts with ``prefix`` and takes none of ``banned`` next."""
    passed = frozenset(prefix.sites)
    best_us, best_step = math.inf, None
    for index, other in graph.neighbors.get(prefix.sites[-1], ()):
        if index in banned or other in passed or other not in tree.latency_us:
            continue
        bound_us = graph.edges[index].latency_us + tree.latency_us[other]
        if bound_us < best_us:
            best_us, best_step = bound_us, (index, other)
    if best_step is None:
        return None
    edges, sites = [*prefix.edges, best_step[0]], [*prefix.sites, best_step[1]]
    while sites[-1] != tree.target:
        index, other = tree.steps[sites[-1]]
        if other in passed or index in changed:
            return _search(graph, tree, prefix, banned)
        edges.append(index)
        sites.append(other)
    return SitePath(prefix.latency_us + best_us, tuple(edges), tuple(sites))


def _search(graph: SiteGraph, tree: ShortestTree, prefix: SitePath, banned: frozenset[int]) -> SitePath | None:
    """Find the same by A* (Hart, Nilsson, Raphael 1968, doi 10.1109/TSSC.1968.300136)."""
    done = set(prefix.sites[:-1])
    came_from: dict[str, tuple[int, str]] = {}
    start = prefix.sites[-1]
    best_us = {start: 0.0}
    heap: list[tuple[float, int, str]] = [(0.0, 0, start)]
    serial = count(1)
    while heap:
        _, _, site = heapq.heappop(heap)
        if site in done:
            continue
        done.add(site)
        if site == tree.target:
            return _unwind(prefix, came_from, best_us[site], site)
        for index, other in graph.neighbors.get(site, ()):
            if other in done or other not in tree.latency_us or (site == start and index in banned):
                continue
            so_far_us = best_us[site] + graph.edges[index].latency_us
            if so_far_us < best_us.get(other, math.inf):
                best_us[other] = so_far_us
                came_from[other] = (index, site)
                heapq.heappush(heap, (so_far_us + tree.latency_us[other], next(serial), other))
    return None


def _unwind(prefix: SitePath, came_from: Mapping[str, tuple[int, str]], latency_us: float, target: str) -> SitePath:
    edges: list[int] = []
    sites: list[str] = []
    site = target
    while site != prefix.sites[-1]:
        index, before = came_from[site]
        edges.append(index)
        sites.append(site)
        site = before
    return SitePath(
        prefix.latency_us + latency_us, (*prefix.edges, *reversed(edges)), (*prefix.sites, *reversed(sites))
    )

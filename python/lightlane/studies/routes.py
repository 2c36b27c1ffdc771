"""The routes that restoration may give a demand: few, and such that no likely failure takes all of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lightlane.fabric.paths import SitePath, replace_edges
from lightlane.fabric.placing import Network

FAILED_RISKS_MAX_COUNT = 3
"""Risks that fail together."""
TRIED_FAILURES_MAX_COUNT = 100
"""Failures for which another route is looked for."""


@dataclass(frozen=True, slots=True)
class Risks:
    """What takes edges of a network down.

    Attributes
    ----------
    edges
        The edges that each risk takes, all different.
    unavailable_fraction
        Of each risk.
    by_edge
        The risks of each edge.
    """

    edges: list[frozenset[int]]
    unavailable_fraction: list[float]
    by_edge: list[frozenset[int]]


def list_risks(
    elements_by_edge: Sequence[Collection[str]], unavailable_fraction_by_element: Mapping[str, float]
) -> Risks:
    """Merge the elements that take the same edges down."""
    taken: dict[str, list[int]] = {}
    for index, elements in enumerate(elements_by_edge):
        for element in elements:
            taken.setdefault(element, []).append(index)
    up: dict[frozenset[int], float] = {}
    for element, edges in sorted(taken.items()):
        key = frozenset(edges)
        up[key] = up.get(key, 1.0) * (1.0 - unavailable_fraction_by_element[element])
    ordered = sorted(up, key=sorted)
    by_edge: list[set[int]] = [set() for _ in elements_by_edge]
    for number, edges_of in enumerate(ordered):
        for edge in edges_of:
            by_edge[edge].add(number)
    return Risks(ordered, [1.0 - up[key] for key in ordered], [frozenset(numbers) for numbers in by_edge])


def find_routes(
    network: Network, risks: Risks, from_site: str, to_site: str, *, k: int, gone: frozenset[int] = frozenset()
) -> list[SitePath]:
    """Find up to ``k`` routes, of which the first is the fastest.

    The ``k`` fastest paths often differ in a detour at one end and share the ducts at the other. Restoration takes the
    fastest of what a failure has left; so does this.

    Algorithm
    ---------
    1. The first route is the fastest path.
    2. Of the failures of one risk that take all routes so far the likeliest is looked at, then of two, then of three:
       the fastest path of what it leaves is the next route, if there is one.
    3. This ends with ``k`` routes, or when no such failure is left (or :data:`TRIED_FAILURES_MAX_COUNT` were tried).

    Parameters
    ----------
    gone
        Edges that the demand may not use.
    """
    first = find_fastest(network, from_site, to_site, gone)
    if first is None:
        return []
    routes = [first]
    hit_by = [frozenset().union(*(risks.by_edge[edge] for edge in first.edges))]
    tried: set[tuple[int, ...]] = set()
    while len(routes) < k and len(tried) < TRIED_FAILURES_MAX_COUNT:
        failure = _pick_failure(hit_by, risks, tried)
        if failure is None:
            break
        tried.add(failure)
        lost = gone.union(*(risks.edges[risk] for risk in failure))
        route = find_fastest(network, from_site, to_site, lost)
        if route is not None:
            routes.append(route)
            hit_by.append(frozenset().union(*(risks.by_edge[edge] for edge in route.edges)))
    return routes


def find_fastest(network: Network, from_site: str, to_site: str, gone: frozenset[int]) -> SitePath | None:
    """Return the fastest path without the edges ``gone``; None where there is none."""
    graph = replace_edges(network.graph, dict.fromkeys(gone))
    return next(network.paths.iterate_without(from_site, to_site, graph, gone, frozenset()), None)


def _pick_failure(
    hit_by: Sequence[frozenset[int]], risks: Risks, tried: Collection[tuple[int, ...]]
) -> tuple[int, ...] | None:
    """Return the likeliest set of the fewest risks that takes all routes and was not tried."""
    for size in range(1, FAILED_RISKS_MAX_COUNT + 1):
        failures = {item for item in _list_failures(hit_by, size) if item not in tried}
        if failures:
            return max(failures, key=lambda item: (math.prod(risks.unavailable_fraction[risk] for risk in item), item))
    return None


def _list_failures(hit_by: Sequence[frozenset[int]], size: int) -> Iterator[tuple[int, ...]]:
    """Yield the sets of ``size`` risks that take all routes, of which each takes one that those before it leave."""
    if size == 1:
        for risk in frozenset.intersection(*hit_by):
            yield (risk,)
        return
    for one in hit_by[0]:
        left = [risks for risks in hit_by if one not in risks]
        if left:
            for others in _list_failures(left, size - 1):
                yield tuple(sorted((one, *others)))

"""The routes that restoration may give a demand: few, and such that no likely failure takes all of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lightlane.fabric.paths import SitePath, replace_edges
from lightlane.fabric.placing import Network

TRIED_FAILURES_MAX_COUNT = 100
"""Failures of one or two risks for which another route is looked for, the likeliest first."""


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
    2. Of the failures of one or two risks that take all routes so far, the likeliest is looked at: the fastest path of
       what it leaves is the next route, if there is one.
    3. This ends with ``k`` routes, or when no such failure is left (or :data:`TRIED_FAILURES_MAX_COUNT` were tried).

    Parameters
    ----------
    gone
        Edges that the demand may not use.
    """
    first = _find_fastest(network, from_site, to_site, gone)
    if first is None:
        return []
    routes = [first]
    hit_by = [frozenset().union(*(risks.by_edge[edge] for edge in first.edges))]
    tried: set[tuple[int, ...]] = set()
    while len(routes) < k and len(tried) < TRIED_FAILURES_MAX_COUNT:
        failure = max(
            (item for item in _list_failures(hit_by) if item not in tried),
            key=lambda item: (math.prod(risks.unavailable_fraction[risk] for risk in item), [-risk for risk in item]),
            default=None,
        )
        if failure is None:
            break
        tried.add(failure)
        lost = gone.union(*(risks.edges[risk] for risk in failure))
        route = _find_fastest(network, from_site, to_site, lost)
        if route is not None:
            routes.append(route)
            hit_by.append(frozenset().union(*(risks.by_edge[edge] for edge in route.edges)))
    return routes


def _find_fastest(network: Network, from_site: str, to_site: str, gone: frozenset[int]) -> SitePath | None:
    graph = replace_edges(network.graph, dict.fromkeys(gone))
    return next(network.paths.iterate_without(from_site, to_site, graph, gone, frozenset()), None)


def _list_failures(hit_by: Sequence[frozenset[int]]) -> Iterator[tuple[int, ...]]:
    """Yield the risks, and the pairs of two risks, that take all routes; no pair with a risk that does it alone."""
    alone = frozenset.intersection(*hit_by)
    for risk in alone:
        yield (risk,)
    for one in hit_by[0] - alone:
        left = [risks for risks in hit_by if one not in risks]
        for two in frozenset.intersection(*left) - alone:
            yield (one, two) if one < two else (two, one)

"""Splitting a rate over the edges of a few paths: the most that fits, by the fastest way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lightlane.fabric.paths import SiteGraph, SitePath

Arc = tuple[int, str]
"""An edge of the graph and the site that it is entered from."""


class _Step(NamedTuple):
    arc: Arc
    forward: bool
    before: str


def list_arcs(path: SitePath) -> tuple[Arc, ...]:
    """Return the edges of a path with the site that each is entered from."""
    return tuple(zip(path.edges, path.sites, strict=False))


def split_rate(
    graph: SiteGraph, paths: Sequence[SitePath], room_gbps: Mapping[Arc, float], wanted_gbps: float
) -> list[tuple[SitePath, float]]:
    """Carry as much of ``wanted_gbps`` as fits on the edges that ``paths`` use, at the least latency.

    Filling the paths one after the other would not do: what the first takes may block two others, so that more room
    could carry less. This finds the greatest flow instead, so that more room never carries less.

    Algorithm
    ---------
    1. Augment along the shortest path of the residual graph until the rate is carried or nothing is left (successive
       shortest paths: Ahuja, Magnanti, Orlin, Network Flows, 1993, section 9.7), by Bellman-Ford, since residual arcs
       back have negative latency.
    2. Take the flow apart into simple paths, the fastest first.

    Returns
    -------
    (path, rate in Gb/s); a path may join pieces of several of ``paths``. The rates never exceed the room of any arc.
    """
    if not paths:
        return []
    source, target = paths[0].sites[0], paths[0].sites[-1]
    arcs = tuple(dict.fromkeys(arc for path in paths for arc in list_arcs(path)))
    flow_gbps = dict.fromkeys(arcs, 0.0)
    least_gbps = 1e-9 * wanted_gbps
    if not _is_open(graph, arcs, room_gbps, least_gbps, source, target):
        return []
    left_gbps = wanted_gbps
    while left_gbps > least_gbps:
        residual = _list_residual(graph, arcs, flow_gbps, room_gbps, least_gbps)
        steps = _find_residual_path(residual, source, target)
        if steps is None:
            break
        amounts = [room_gbps[s.arc] - flow_gbps[s.arc] if s.forward else flow_gbps[s.arc] for s in steps]
        amount_gbps = min(left_gbps, *amounts)
        for step in steps:
            flow_gbps[step.arc] += amount_gbps if step.forward else -amount_gbps
        left_gbps -= amount_gbps
    return _take_apart(graph, flow_gbps, source, target, least_gbps)


def _is_open(
    graph: SiteGraph,
    arcs: Sequence[Arc],
    room_gbps: Mapping[Arc, float],
    least_gbps: float,
    source: str,
    target: str,
) -> bool:
    """Whether anything can flow at all: where links are full this is asked often, and mostly in vain."""
    waiting = [arc for arc in arcs if room_gbps[arc] > least_gbps]
    reached = {source}
    while waiting:
        left = []
        for index, site in waiting:
            if site in reached:
                edge = graph.edges[index]
                reached.add(edge.b if site == edge.a else edge.a)
            else:
                left.append((index, site))
        if target in reached:
            return True
        if len(left) == len(waiting):
            break
        waiting = left
    return False


def _list_residual(
    graph: SiteGraph,
    arcs: Sequence[Arc],
    flow_gbps: Mapping[Arc, float],
    room_gbps: Mapping[Arc, float],
    least_gbps: float,
) -> list[tuple[float, str, _Step]]:
    """List (latency, site at the far end, step) of every arc that can still take flow or give some back."""
    residual = []
    for index, site in arcs:
        edge = graph.edges[index]
        other = edge.b if site == edge.a else edge.a
        arc = (index, site)
        if room_gbps[arc] - flow_gbps[arc] > least_gbps:
            residual.append((edge.latency_us, other, _Step(arc, forward=True, before=site)))
        if flow_gbps[arc] > least_gbps:
            residual.append((-edge.latency_us, site, _Step(arc, forward=False, before=other)))
    return residual


def _find_residual_path(residual: Sequence[tuple[float, str, _Step]], source: str, target: str) -> list[_Step] | None:
    best_us: dict[str, float] = {source: 0.0}
    last: dict[str, _Step] = {}
    for _ in range(2 * len(residual)):
        changed = False
        for latency_us, site, step in residual:
            so_far_us = best_us.get(step.before, math.inf) + latency_us
            # The slack keeps rounding from going round a loop of latency zero for ever.
            if so_far_us < best_us.get(site, math.inf) - 1e-9:
                best_us[site], last[site], changed = so_far_us, step, True
        if not changed:
            break
    if target not in last:
        return None
    steps = [last[target]]
    while steps[-1].before != source:
        steps.append(last[steps[-1].before])
    return steps[::-1]


def _take_apart(
    graph: SiteGraph, flow_gbps: dict[Arc, float], source: str, target: str, least_gbps: float
) -> list[tuple[SitePath, float]]:
    parts: list[tuple[SitePath, float]] = []
    while True:
        used = [arc for arc, amount_gbps in flow_gbps.items() if amount_gbps > least_gbps]
        steps = _find_residual_path(
            [
                (graph.edges[i].latency_us, graph.edges[i].b if site == graph.edges[i].a else graph.edges[i].a, step)
                for i, site in used
                for step in (_Step((i, site), forward=True, before=site),)
            ],
            source,
            target,
        )
        if steps is None:
            return parts
        amount_gbps = min(flow_gbps[step.arc] for step in steps)
        for step in steps:
            flow_gbps[step.arc] -= amount_gbps
        sites = (*(step.before for step in steps), target)
        latency_us = sum(graph.edges[step.arc[0]].latency_us for step in steps)
        parts.append((SitePath(latency_us, tuple(step.arc[0] for step in steps), sites), amount_gbps))

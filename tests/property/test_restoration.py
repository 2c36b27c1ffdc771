"""What must hold of restoration on any small fabric with any links down; networkx says what fits."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import fields
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lightlane.fabric.paths import Edge, PathStore, build_graph, replace_edges
from lightlane.fabric.restoration import Restoration, RestoredRouting
from lightlane.fabric.routing import DemandRouting, order_demands, route_demands
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site

SITES = [f"s{index}" for index in range(6)]
PATHS_COUNT = 3


def _pair() -> st.SearchStrategy[tuple[str, str]]:
    return st.tuples(st.sampled_from(SITES), st.sampled_from(SITES)).filter(lambda ends: ends[0] != ends[1])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Fabric, dict[str, dict[str, float]], list[str]]:
    """A fabric, figures of its links and the links that are down; links may be side by side in one duct."""
    ends = draw(st.lists(_pair(), min_size=3, max_size=12))
    beside = draw(st.lists(st.booleans(), min_size=len(ends), max_size=len(ends)))
    ducts: list[Duct] = []
    links: list[Link] = []
    for index, (a, b) in enumerate(ends):
        if not beside[index] or not ducts:
            ducts.append(Duct(name=f"d{index}", a=a, b=b, length_km=1, fiber="g652d"))
        duct = ducts[-1]
        links.append(Link(name=f"l{index}", a=duct.a, b=duct.b, module="m", ducts=(duct.name,)))
    demands = draw(st.lists(st.tuples(_pair(), st.integers(1, 500)), min_size=1, max_size=8))
    fabric = Fabric(
        format=1,
        site=tuple(Site(name=name, role="core", latitude_deg=0, longitude_deg=0) for name in SITES),
        duct=tuple(ducts),
        link=tuple(links),
        demand=tuple(
            Demand(from_site=a, to_site=b, rate_gbps=rate_gbps, latency_ms=0.05) for (a, b), rate_gbps in demands
        ),
    )
    # Latencies of which hardly two paths have the same sum.
    latency_us = draw(st.lists(st.floats(1, 50), min_size=len(links), max_size=len(links), unique=True))
    rate_gbps = draw(st.lists(st.integers(0, 600), min_size=len(links), max_size=len(links)))
    figures = {
        "link_latency_us": {link.name: value for link, value in zip(links, latency_us, strict=True)},
        "link_rate_gbps": {link.name: float(value) for link, value in zip(links, rate_gbps, strict=True)},
        "link_up": dict.fromkeys((link.name for link in links), True),
    }
    down = draw(st.lists(st.sampled_from([link.name for link in links]), max_size=4))
    return fabric, figures, down


def _loads(fabric: Fabric, routing: DemandRouting, *, skip: int = -1) -> dict[tuple[str, str], float]:
    """Add up anew what the edges (by duct) carry from each of their sites, from the parts alone."""
    links = {link.name: link for link in fabric.link}
    load_gbps: dict[tuple[str, str], float] = defaultdict(float)
    for index, parts in enumerate(routing.parts):
        for part in () if index == skip else parts:
            here = fabric.demand[index].from_site
            for hop in part.links:
                link = links[hop[0]]
                assert {links[name].ducts for name in hop} == {link.ducts}
                load_gbps[link.ducts[0], here] += part.rate_gbps
                here = link.b if here == link.a else link.a
            assert here == fabric.demand[index].to_site
    return load_gbps


def _values(routing: DemandRouting) -> list[object]:
    return [repr(getattr(routing, item.name)) for item in fields(routing)]


@given(case=cases())
@settings(max_examples=25, deadline=None)
def test_nothing_down_is_the_home_routing(case: tuple[Fabric, dict, list[str]]) -> None:
    fabric, figures, _ = case
    home = Restoration(fabric, **figures, k=PATHS_COUNT).without(())
    routed = route_demands(fabric, **figures, k=PATHS_COUNT)
    for item in fields(DemandRouting):
        assert repr(getattr(home, item.name)) == repr(getattr(routed, item.name))
    assert not any(home.rerouted)


@given(case=cases())
@settings(max_examples=25, deadline=None)
def test_neither_order_nor_earlier_states_matter(case: tuple[Fabric, dict, list[str]]) -> None:
    fabric, figures, down = case
    used = Restoration(fabric, **figures, k=PATHS_COUNT)
    for link in fabric.link:
        used.without([link.name])
    expected = _values(Restoration(fabric, **figures, k=PATHS_COUNT).without(down))
    assert _values(used.without(down[::-1])) == expected
    assert _values(used.without(set(down))) == expected


@given(case=cases())
@settings(max_examples=60, deadline=None)
def test_survivors_stay_and_no_arc_carries_more_than_it_can(case: tuple[Fabric, dict, list[str]]) -> None:
    fabric, figures, down = case
    restoration = Restoration(fabric, **figures, k=PATHS_COUNT)
    after = restoration.without(down)
    for index, parts in enumerate(restoration.home.parts):
        kept = [part for part in parts if not {name for hop in part.links for name in hop} & set(down)]
        # What survives comes first and unchanged; what is added was displaced.
        assert list(after.parts[index][: len(kept)]) == kept
        if len(kept) == len(parts):
            assert after.parts[index] == parts
            assert not after.rerouted[index]
        assert not {name for part in after.parts[index] for hop in part.links for name in hop} & set(down)
        assert sum(part.rate_gbps for part in after.parts[index]) <= fabric.demand[index].rate_gbps * (1 + 1e-9)
    room_gbps: dict[str, float] = defaultdict(float)
    for link in fabric.link:
        if link.name not in down:
            room_gbps[link.ducts[0]] += figures["link_rate_gbps"][link.name]
    for (duct, _), load_gbps in _loads(fabric, after).items():
        assert load_gbps <= room_gbps[duct] + 1e-6
    assert not set(after.load_gbps) & set(down)


def _fastest_paths(
    fabric: Fabric, figures: dict[str, dict[str, float]], down: list[str], demand: Demand
) -> list[list[tuple[str, str, str]]]:
    """Return the k fastest simple paths by networkx as (duct, from, to); skip the example where they are not clear."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(SITES)
    latency_us: dict[str, float] = {}
    for link in fabric.link:
        if link.name not in down:
            duct = link.ducts[0]
            graph.add_edge(link.a, link.b, key=duct)
            latency_us[duct] = min(latency_us.get(duct, math.inf), figures["link_latency_us"][link.name])
    paths = [
        (sum(latency_us[key] for _, _, key in path), [(key, a, b) for a, b, key in path])
        for path in nx.all_simple_edge_paths(graph, demand.from_site, demand.to_site)
    ]
    paths.sort(key=lambda item: item[0])
    assume(all(two[0] - one[0] > 1e-6 for one, two in pairwise(paths)))
    return [path for _, path in paths[:PATHS_COUNT]]


def _carried_at_most(
    fabric: Fabric, figures: dict[str, dict[str, float]], down: list[str], after: RestoredRouting, index: int
) -> float:
    """Return the greatest flow of one demand over its k fastest paths, beside what all others carry in the end."""
    demand = fabric.demand[index]
    others = _loads(fabric, after, skip=index)
    room_gbps: dict[tuple[str, str, str], float] = {}
    for path in _fastest_paths(fabric, figures, down, demand):
        for duct, a, b in path:
            full = sum(
                figures["link_rate_gbps"][link.name]
                for link in fabric.link
                if link.ducts[0] == duct and link.name not in down
            )
            room_gbps[duct, a, b] = max(0.0, full - others[duct, a])
    flow = nx.DiGraph()
    flow.add_nodes_from([demand.from_site, demand.to_site])
    for (duct, a, b), room in room_gbps.items():
        # A site in the middle, since two ducts may join the same sites.
        flow.add_edge(a, (duct, a), capacity=room)
        flow.add_edge((duct, a), b, capacity=room)
    return float(nx.maximum_flow_value(flow, demand.from_site, demand.to_site))


@given(case=cases())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_blocked_only_where_no_room_is_on_the_k_fastest_paths(case: tuple[Fabric, dict, list[str]]) -> None:
    fabric, figures, down = case
    restoration = Restoration(fabric, **figures, k=PATHS_COUNT)
    after = restoration.without(down)
    displaced = [
        index
        for index in order_demands(fabric.demand)
        if any(set(down) & {name for hop in part.links for name in hop} for part in restoration.home.parts[index])
    ]
    assume(displaced)
    # After the last one nothing was placed, so that the room that it found can be reckoned from the end.
    last = displaced[-1]
    assume(len(restoration.home.parts[last]) == 1)
    wanted_gbps = restoration.home.parts[last][0].rate_gbps
    carried_gbps = sum(part.rate_gbps for part in after.parts[last])
    most_gbps = _carried_at_most(fabric, figures, down, after, last)
    assert carried_gbps == pytest.approx(min(wanted_gbps, most_gbps), abs=1e-5)


@given(
    edges=st.lists(st.tuples(_pair(), st.floats(1, 50)), min_size=2, max_size=12),
    gone=st.sets(st.integers(0, 11), max_size=3),
    slower=st.sets(st.integers(0, 11), max_size=2),
    listed=st.sampled_from([0, 2, 100]),
)
@settings(max_examples=100, deadline=None)
def test_paths_of_what_is_left(
    edges: list[tuple[tuple[str, str], float]], gone: set[int], slower: set[int], listed: int
) -> None:
    gone = {index for index in gone if index < len(edges)}
    slower = {index for index in slower if index < len(edges)} - gone
    whole = build_graph([Edge(a, b, latency_us) for (a, b), latency_us in edges])
    changes: dict[int, Edge | None] = dict.fromkeys(gone)
    for index in slower:
        (a, b), latency_us = edges[index]
        changes[index] = Edge(a, b, latency_us + 20)
    left = replace_edges(whole, changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lightlane.fabric.paths.LISTED_PATHS_MAX_COUNT", listed)
        store = PathStore(whole)
        found = list(store.iterate_without("s0", "s1", left, frozenset(gone), frozenset(slower)))
    reference = nx.MultiGraph()
    reference.add_nodes_from(SITES)
    for index, edge in enumerate(left.edges):
        if index not in gone:
            reference.add_edge(edge.a, edge.b, key=index)
    expected = {
        tuple(key for _, _, key in path): sum(left.edges[key].latency_us for _, _, key in path)
        for path in nx.all_simple_edge_paths(reference, "s0", "s1")
    }
    assert {path.edges: path.latency_us for path in found} == pytest.approx(expected)
    assert len(found) == len(expected)
    assert all(one.latency_us <= two.latency_us + 1e-9 for one, two in pairwise(found))

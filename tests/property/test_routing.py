"""What must hold of routing on any small fabric."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightlane.fabric.paths import Edge, build_graph, find_shortest_tree, iterate_paths
from lightlane.fabric.routing import DemandRouting, route_demands
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site

SITES = [f"s{index}" for index in range(6)]


@st.composite
def edge_lists(draw: st.DrawFn) -> list[tuple[str, str, float]]:
    """Multigraphs: two edges may join the same sites."""
    pair = st.tuples(st.sampled_from(SITES), st.sampled_from(SITES)).filter(lambda ends: ends[0] != ends[1])
    latency_us = st.integers(1, 50).map(float)
    return draw(st.lists(st.tuples(pair, latency_us).map(lambda item: (*item[0], item[1])), min_size=1, max_size=12))


@given(edges=edge_lists())
@settings(max_examples=150, deadline=None)
def test_paths_come_in_order_and_none_is_missing(edges: list[tuple[str, str, float]]) -> None:
    source, target = "s0", "s1"
    graph = build_graph([Edge(*edge) for edge in edges])
    found = list(iterate_paths(graph, find_shortest_tree(graph, target), source))
    reference = nx.MultiGraph()
    reference.add_nodes_from(SITES)
    for index, (a, b, latency_us) in enumerate(edges):
        reference.add_edge(a, b, key=index, latency_us=latency_us)
    expected = {
        tuple(key for _, _, key in path): sum(edges[key][2] for _, _, key in path)
        for path in nx.all_simple_edge_paths(reference, source, target)
    }
    assert len(found) == len(expected)
    assert {path.edges: path.latency_us for path in found} == pytest.approx(expected)
    assert all(one.latency_us <= two.latency_us + 1e-9 for one, two in pairwise(found))
    for path in found:
        assert (path.sites[0], path.sites[-1]) == (source, target)
        assert len(set(path.sites)) == len(path.sites)
        for index, ends in zip(path.edges, pairwise(path.sites), strict=True):
            assert set(ends) == {edges[index][0], edges[index][1]}


def build_fabric(edges: list[tuple[str, str, float]], demands: list[tuple[str, str, float]]) -> Fabric:
    return Fabric(
        format=1,
        site=tuple(Site(name=name, role="core", latitude_deg=0, longitude_deg=0) for name in SITES),
        duct=tuple(Duct(name=f"d{i}", a=a, b=b, length_km=1, fiber="g652d") for i, (a, b, _) in enumerate(edges)),
        link=tuple(Link(name=f"l{i}", a=a, b=b, module="m", ducts=(f"d{i}",)) for i, (a, b, _) in enumerate(edges)),
        demand=tuple(Demand(from_site=a, to_site=b, rate_gbps=rate_gbps) for a, b, rate_gbps in demands),
    )


def route(fabric: Fabric, edges: list[tuple[str, str, float]], rates_gbps: list[float]) -> DemandRouting:
    return route_demands(
        fabric,
        link_latency_us={f"l{i}": edge[2] for i, edge in enumerate(edges)},
        link_rate_gbps={f"l{i}": rates_gbps[i] for i in range(len(edges))},
        link_up={f"l{i}": True for i in range(len(edges))},
    )


rates = st.lists(st.floats(0, 1000), min_size=12, max_size=12)
demand_lists = st.lists(
    st.tuples(st.sampled_from(SITES), st.sampled_from(SITES), st.floats(0.1, 2000)).filter(lambda d: d[0] != d[1]),
    min_size=1,
    max_size=8,
)


@given(edges=edge_lists(), rates_gbps=rates, demands=demand_lists)
@settings(max_examples=150, deadline=None)
def test_never_more_than_a_link_carries(
    edges: list[tuple[str, str, float]], rates_gbps: list[float], demands: list[tuple[str, str, float]]
) -> None:
    fabric = build_fabric(edges, demands)
    routing = route(fabric, edges, rates_gbps)
    # The load is added up again from the parts, so that the routing's own accounts are not trusted.
    load_gbps: dict[tuple[str, str], float] = defaultdict(float)
    links = {link.name: link for link in fabric.link}
    for index, parts in enumerate(routing.parts):
        for part in parts:
            here = fabric.demand[index].from_site
            for hop in part.links:
                (name,) = hop  # every link has a duct of its own here
                load_gbps[name, here] += part.rate_gbps
                here = links[name].b if here == links[name].a else links[name].a
            assert here == fabric.demand[index].to_site
        assert sum(part.rate_gbps for part in parts) == pytest.approx(routing.carried_gbps[index])
        assert routing.carried_gbps[index] <= fabric.demand[index].rate_gbps * (1 + 1e-9)
        assert (routing.status[index] == "blocked") == bool(routing.reason[index])
    for (name, site), amount_gbps in load_gbps.items():
        assert amount_gbps <= rates_gbps[int(name[1:])] + 1e-6
        direction = 0 if site == links[name].a else 1
        assert amount_gbps == pytest.approx(routing.load_gbps[name][direction], abs=1e-6)


@given(
    edges=edge_lists(),
    rates_gbps=rates,
    rate_gbps=st.floats(1, 3000),
    link=st.integers(0, 11),
    more_gbps=st.floats(0, 1000),
)
@settings(max_examples=200, deadline=None)
def test_more_room_never_carries_less_of_one_demand(
    edges: list[tuple[str, str, float]], rates_gbps: list[float], rate_gbps: float, link: int, more_gbps: float
) -> None:
    fabric = build_fabric(edges, [("s0", "s1", rate_gbps)])
    before_gbps = route(fabric, edges, rates_gbps).carried_gbps[0]
    larger_gbps = [value + more_gbps * (index == link % len(edges)) for index, value in enumerate(rates_gbps)]
    after_gbps = route(fabric, edges, larger_gbps).carried_gbps[0]
    assert after_gbps >= before_gbps - 1e-6

from __future__ import annotations

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.errors import ParameterError
from lightlane.fabric.capacity import find_adjacencies, find_adjacency_latencies, plan_load
from lightlane.fabric.topology import Demand, Duct, Fabric, Site


def build_fabric(ducts: list[tuple[str, str, str, float]], huts: tuple[str, ...] = ()) -> Fabric:
    names = sorted({end for _, a, b, _ in ducts for end in (a, b)})
    return Fabric(
        format=1,
        site=tuple(
            Site(name=name, role="hut" if name in huts else "core", latitude_deg=0, longitude_deg=0) for name in names
        ),
        duct=tuple(Duct(name=name, a=a, b=b, length_km=km, fiber="g652d") for name, a, b, km in ducts),
    )


def test_parallel_ducts_are_adjacencies_of_their_own() -> None:
    found = find_adjacencies(build_fabric([("d1", "A", "B", 10), ("d2", "B", "A", 20)]))
    assert [(adjacency.name, adjacency.a, adjacency.length_km) for adjacency in found] == [
        ("d1", "A", 10),
        ("d2", "B", 20),
    ]


def test_a_way_past_huts_is_one_adjacency() -> None:
    fabric = build_fabric([("d1", "h1", "A", 70), ("d2", "h1", "h2", 60), ("d3", "B", "h2", 50)], huts=("h1", "h2"))
    (adjacency,) = find_adjacencies(fabric)
    assert (adjacency.a, adjacency.b, adjacency.ducts, adjacency.huts) == ("A", "B", ("d1", "d2", "d3"), ("h1", "h2"))
    assert adjacency.length_km == 180


def test_a_hut_where_three_ducts_meet_joins_each_two() -> None:
    fabric = build_fabric([("a", "A", "h", 1), ("b", "B", "h", 2), ("c", "C", "h", 3)], huts=("h",))
    assert {frozenset((x.a, x.b)) for x in find_adjacencies(fabric)} == {
        frozenset("AB"),
        frozenset("AC"),
        frozenset("BC"),
    }


def test_a_dead_end_at_a_hut_is_no_adjacency() -> None:
    assert find_adjacencies(build_fabric([("d1", "A", "h", 1)], huts=("h",))) == ()


def test_load_follows_the_fastest_way_and_the_larger_direction_counts() -> None:
    fabric = build_fabric([("ab", "A", "B", 100), ("bc", "B", "C", 100), ("ac", "A", "C", 250), ("de", "D", "E", 1)])
    adjacencies = find_adjacencies(fabric)
    latency_us = find_adjacency_latencies(fabric, load_catalog(), adjacencies)
    # 100 km at the catalog's group index of G.652.D, 1.4682, over c.
    assert latency_us[0] == pytest.approx(489.738, abs=1e-3)
    demands = [
        Demand(from_site="A", to_site="C", rate_gbps=300),
        Demand(from_site="C", to_site="A", rate_gbps=100),
        Demand(from_site="C", to_site="B", rate_gbps=250),
        Demand(from_site="A", to_site="D", rate_gbps=50),
    ]
    load = plan_load(adjacencies, demands, latency_us)
    assert load.needed_gbps == (300, 350, 0, 0)
    assert load.unreachable == (3,)


def test_one_latency_for_each_adjacency() -> None:
    with pytest.raises(ParameterError, match="0 latencies"):
        plan_load(find_adjacencies(build_fabric([("ab", "A", "B", 1)])), [], [])

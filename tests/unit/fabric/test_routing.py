from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from lightlane.errors import ParameterError
from lightlane.fabric.routing import DemandRouting, route_demands
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site

LinkRow = tuple[str, str, str, float, float]
"""Name, a, b, latency in microseconds, rate in Gb/s."""


def build_fabric(rows: Sequence[LinkRow], demands: Sequence[Demand], *, shared_duct: bool = False) -> Fabric:
    names = sorted({end for _, a, b, _, _ in rows for end in (a, b)} | {"A", "B"})
    sites = tuple(Site(name=name, role="core", latitude_deg=0, longitude_deg=0) for name in names)
    ducts: dict[str, Duct] = {}
    links = []
    for name, a, b, _, _ in rows:
        duct = f"d-{a}-{b}" if shared_duct else f"d-{name}"
        ducts[duct] = Duct(name=duct, a=a, b=b, length_km=10, fiber="g652d")
        links.append(Link(name=name, a=a, b=b, module="m", ducts=(duct,)))
    return Fabric(format=1, site=sites, duct=tuple(ducts.values()), link=tuple(links), demand=tuple(demands))


def route(
    rows: Sequence[LinkRow],
    demands: Sequence[Demand],
    *,
    shared_duct: bool = False,
    down: Sequence[str] = (),
    k: int = 4,
    site_latency_us: float = 0.0,
) -> DemandRouting:
    return route_demands(
        build_fabric(rows, demands, shared_duct=shared_duct),
        link_latency_us={row[0]: row[3] for row in rows},
        link_fiber_latency_us={row[0]: row[3] / 2 for row in rows},
        link_rate_gbps={row[0]: row[4] for row in rows},
        link_up={row[0]: row[0] not in down for row in rows},
        k=k,
        site_latency_us=site_latency_us,
    )


def demand(rate_gbps: float, a: str = "A", b: str = "B", latency_ms: float | None = None) -> Demand:
    return Demand(from_site=a, to_site=b, rate_gbps=rate_gbps, latency_ms=latency_ms)


TRIANGLE: list[LinkRow] = [("ab", "A", "B", 30.0, 400.0), ("ac", "A", "C", 10.0, 400.0), ("cb", "C", "B", 10.0, 400.0)]


def test_goes_the_fastest_way_and_tells_its_latency() -> None:
    routing = route(TRIANGLE, [demand(100, latency_ms=0.05)], site_latency_us=2.0)
    assert routing.path == ["ac;cb"]
    assert routing.latency_us == [22.0]
    assert routing.fiber_latency_us == [10.0]
    assert routing.latency_margin_us == [pytest.approx(28.0)]
    assert (routing.hop_count, routing.status, routing.reason) == ([2], ["met"], [""])
    assert routing.load_gbps == {"ab": (0.0, 0.0), "ac": (100.0, 0.0), "cb": (100.0, 0.0)}


def test_site_latency_turns_the_choice() -> None:
    assert route(TRIANGLE, [demand(100)], site_latency_us=10.5).path == ["ab"]


def test_second_demand_goes_round_a_full_link() -> None:
    routing = route(TRIANGLE, [demand(150), demand(300)])
    assert routing.path == ["ab", "ac;cb"]
    assert routing.status == ["met", "met"]


def test_directions_have_room_of_their_own() -> None:
    routing = route(TRIANGLE, [demand(400), demand(400, "B", "A")])
    assert routing.path == ["ac;cb", "cb;ac"]
    assert routing.load_gbps["ac"] == (400.0, 400.0)


def test_splits_where_no_path_has_room_for_all() -> None:
    routing = route(TRIANGLE, [demand(600)])
    assert routing.status == ["met"]
    assert routing.path == ["ac;cb | ab"]
    assert [part.rate_gbps for part in routing.parts[0]] == [400.0, 200.0]
    assert routing.latency_us == [30.0]


def test_blocked_demand_names_the_full_links_and_keeps_what_fits() -> None:
    routing = route(TRIANGLE, [demand(1000)])
    assert routing.status == ["blocked"]
    assert routing.carried_gbps == [800.0]
    assert "'ab' from 'A' to 'B'" in routing.reason[0]
    assert "'ac' from 'A' to 'C'" in routing.reason[0]


def test_no_path_when_the_links_are_down() -> None:
    routing = route(TRIANGLE, [demand(100)], down=["ab", "ac"])
    assert routing.status == ["blocked"]
    assert routing.reason[0].startswith("no path")
    assert routing.carried_gbps == [0.0]
    assert math.isnan(routing.latency_us[0])
    assert math.isnan(routing.latency_margin_us[0])
    assert "ab" not in routing.load_gbps


def test_late_demand_says_by_how_much() -> None:
    routing = route(TRIANGLE, [demand(100, latency_ms=0.015)])
    assert routing.status == ["late"]
    assert routing.carried_gbps == [100.0]
    assert "5.0 µs over" in routing.reason[0]


def test_links_side_by_side_do_not_use_up_the_paths() -> None:
    rows: list[LinkRow] = [(f"p{i}", "A", "B", 10.0, 100.0) for i in range(6)]
    routing = route(rows, [demand(550)], shared_duct=True, k=1)
    assert routing.status == ["met"]
    assert routing.hop_count == [1]
    assert routing.path == ["p0+p1+p2+p3+p4+p5"]


def test_one_link_is_taken_where_one_has_room() -> None:
    rows: list[LinkRow] = [("small", "A", "B", 9.0, 100.0), ("big", "A", "B", 10.0, 800.0)]
    routing = route(rows, [demand(500)], shared_duct=True)
    assert routing.path == ["big"]
    assert routing.latency_us == [10.0]


def test_split_is_the_greatest_flow_not_the_first_that_comes() -> None:
    # The fastest path s-1-4-t blocks both others; filled path by path it would carry 1 of the 2 that fit.
    rows: list[LinkRow] = [
        ("a1", "A", "1", 1.0, 1.0),
        ("14", "1", "4", 1.0, 1.0),
        ("4b", "4", "B", 1.0, 1.0),
        ("13", "1", "3", 5.0, 1.0),
        ("3b", "3", "B", 5.0, 1.0),
        ("a2", "A", "2", 5.0, 1.0),
        ("24", "2", "4", 5.0, 1.0),
    ]
    # With k = 3 the way back over 14, whose other direction is free, is not among the paths.
    assert route(rows, [demand(2.0)], k=3).carried_gbps == [2.0]


def test_larger_demands_are_placed_first_whatever_the_order() -> None:
    one, two = demand(100), demand(400)
    first, second = route(TRIANGLE, [one, two]), route(TRIANGLE, [two, one])
    assert first.path == second.path[::-1] == ["ab", "ac;cb"]


def test_columns_are_the_demand_table() -> None:
    from lightlane.results.records import DEMAND_COLUMNS, build_table

    table = build_table(DEMAND_COLUMNS, route(TRIANGLE, [demand(100), demand(1000)]).columns())
    assert len(table) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"k": 0},
        {"site_latency_us": -1.0},
        {"site_latency_us": math.nan},
        {"link_rate_gbps": {}},
        {"link_latency_us": {"ab": math.nan}},
    ],
)
def test_wrong_parameters_are_refused(change: dict[str, object]) -> None:
    fabric = build_fabric([("ab", "A", "B", 1.0, 1.0)], [])
    arguments: dict[str, object] = {
        "link_latency_us": {"ab": 1.0},
        "link_rate_gbps": {"ab": 1.0},
        "link_up": {"ab": True},
        **change,
    }
    with pytest.raises(ParameterError):
        route_demands(fabric, **arguments)  # type: ignore[arg-type]

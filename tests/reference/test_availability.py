"""Availability of systems with shared elements against closed forms, brute force and Monte Carlo.

Sources: series and parallel systems, A = MTBF / (MTBF + MTTR) and FIT = 1e9 / MTBF (ITU-T G.911 uses the same); 4.39
cuts per year and 1000 sheath miles with 12 h to repair (as cited by Grover 2003), which is 196 minutes a year for
100 km; the bridge by factoring its middle element by hand. Brute force sums over all states of the elements.
Tolerances: closed forms and brute force differ by rounding, 1e-12; quoted figures by their last digit.
"""

from __future__ import annotations

import itertools
import math
import random

import networkx as nx
import pytest

from lightlane.fabric.paths import Edge
from lightlane.fabric.placing import Network, build_network
from lightlane.fabric.reliability import MINUTES_PER_YEAR, Reliability, list_cut_rates, load_reliability
from lightlane.fabric.topology import Duct, Fabric, Link, RiskGroup, Site
from lightlane.studies.path_sets import find_unavailability
from lightlane.studies.renewal import FailureRate, RenewalSimulation
from lightlane.studies.routes import find_routes, list_risks

CABLE = load_reliability().cable
AMPLIFIER = FailureRate(2000e-9 * 8760, 6.0)


def cable(length_km: float) -> FailureRate:
    return FailureRate(CABLE.cut_rate_per_km_year * length_km, CABLE.mttr_h)


def minutes(paths: list[list[str]], rates: dict[str, FailureRate]) -> float:
    unavailable = {name: rate.unavailable_fraction for name, rate in rates.items()}
    return find_unavailability(paths, unavailable).unavailable_fraction * MINUTES_PER_YEAR


def test_the_classic_cut_rate() -> None:
    assert CABLE.cut_rate_per_km_year == pytest.approx(4.39 / 1609.344, rel=1e-5)
    assert cable(100).unavailable_fraction == pytest.approx(3.74e-4, abs=0.005e-4)
    assert minutes([["a"]], {"a": cable(100)}) == pytest.approx(196, abs=0.5)


def test_five_shared_kilometers_are_nearly_all_of_the_risk() -> None:
    assert minutes([["a"], ["b"]], {"a": cable(100), "b": cable(100)}) == pytest.approx(0.073, abs=0.0005)
    rates = {"a": cable(95), "b": cable(95), "shared": cable(5)}
    paths = [["a", "shared"], ["b", "shared"]]
    assert minutes(paths, rates) == pytest.approx(9.9, abs=0.05)
    found = find_unavailability(paths, {name: rate.unavailable_fraction for name, rate in rates.items()})
    worst, saved = next(iter(found.saved_fraction.items()))
    assert worst == "shared"
    assert saved / found.unavailable_fraction == pytest.approx(0.99, abs=0.005)


def by_states(paths: list[list[str]], unavailable: dict[str, float]) -> float:
    """Sum over all states of the elements."""
    names = sorted(unavailable)
    total = 0.0
    for state in itertools.product((False, True), repeat=len(names)):
        down = {name for name, is_down in zip(names, state, strict=True) if is_down}
        if all(down & set(path) for path in paths):
            total += math.prod(unavailable[name] if name in down else 1 - unavailable[name] for name in names)
    return total


def test_any_system_is_the_sum_over_its_states() -> None:
    chance = random.Random(5)
    for _ in range(60):
        names = [f"e{index}" for index in range(chance.randint(1, 8))]
        unavailable = {name: chance.choice([0.0, 1.0, 0.3, 1e-3, 1e-6]) for name in names}
        paths = [chance.sample(names, chance.randint(1, len(names))) for _ in range(chance.randint(1, 5))]
        found = find_unavailability(paths, unavailable)
        expected = by_states(paths, unavailable)
        assert found.unavailable_fraction == pytest.approx(expected, rel=1e-12, abs=1e-30)
        for name, saved in found.saved_fraction.items():
            never = by_states(paths, unavailable | {name: 0.0})
            assert saved == pytest.approx(expected - never, rel=1e-9, abs=1e-15)


def test_small_unavailabilities_keep_their_digits() -> None:
    # Four independent paths: inclusion and exclusion would leave nothing of it.
    found = find_unavailability([["a"], ["b"], ["c"], ["d"]], dict.fromkeys("abcd", 1e-6))
    assert found.unavailable_fraction == pytest.approx(1e-24, rel=1e-12)


CANONICAL: dict[str, tuple[list[list[str]], dict[str, FailureRate]]] = {
    "series": ([["a", "b", "c"]], {"a": cable(100), "b": cable(50), "c": AMPLIFIER}),
    "parallel": ([["a"], ["b"]], {"a": cable(5000), "b": cable(8000)}),
    "shared risk": ([["a", "s"], ["b", "s"]], {"a": cable(2000), "b": cable(3000), "s": cable(20)}),
    "bridge": (
        [["a", "d"], ["b", "e"], ["a", "m", "e"], ["b", "m", "d"]],
        {name: cable(length) for name, length in zip("abmde", (4000, 5000, 3000, 6000, 4000), strict=True)},
    ),
    "two of three": (
        [["a", "b"], ["b", "c"], ["a", "c"]],
        {name: FailureRate(20.0, 24.0) for name in "abc"},
    ),
    "routes with amplifiers": (
        [["d1", "d2", "x1", "x2"], ["d1", "d3", "x1", "x3"], ["d4", "x4"]],
        {
            **{f"d{index}": cable(length) for index, length in zip((1, 2, 3, 4), (900, 2000, 2500, 6000), strict=True)},
            **{f"x{index}": FailureRate(3.0, 8.0) for index in (1, 2, 3, 4)},
        },
    ),
}


def test_closed_forms() -> None:
    q = {
        kind: {name: rate.unavailable_fraction for name, rate in rates.items()}
        for kind, (_, rates) in CANONICAL.items()
    }
    found = {kind: find_unavailability(paths, q[kind]).unavailable_fraction for kind, (paths, _) in CANONICAL.items()}
    a, b, c = (q["series"][name] for name in "abc")
    assert found["series"] == pytest.approx(1 - (1 - a) * (1 - b) * (1 - c), rel=1e-9)
    assert found["parallel"] == pytest.approx(q["parallel"]["a"] * q["parallel"]["b"], rel=1e-12)
    a, b, s = (q["shared risk"][name] for name in "abs")
    assert found["shared risk"] == pytest.approx(s + (1 - s) * a * b, rel=1e-12)
    a, b, m, d, e = (q["bridge"][name] for name in "abmde")
    whole = 1 - (1 - a * b) * (1 - d * e)
    parted = (1 - (1 - a) * (1 - d)) * (1 - (1 - b) * (1 - e))
    assert found["bridge"] == pytest.approx((1 - m) * whole + m * parted, rel=1e-12)
    p = q["two of three"]["a"]
    assert found["two of three"] == pytest.approx(3 * p**2 * (1 - p) + p**3, rel=1e-12)


@pytest.mark.parametrize("kind", CANONICAL)
def test_monte_carlo_agrees_within_its_interval(kind: str) -> None:
    paths, rates = CANONICAL[kind]
    # One seed, so that the test does not fail by chance one time in twenty; the next one tests the interval.
    found = RenewalSimulation(rates, 20_000, seed=2).find_downtime(paths)
    assert found.low_min_per_year < minutes(paths, rates) < found.high_min_per_year
    assert found.high_min_per_year - found.low_min_per_year < 0.5 * found.down_min_per_year


def test_the_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    paths, rates = CANONICAL["shared risk"]
    exact = minutes(paths, rates)
    inside = 0
    for seed in range(60):
        found = RenewalSimulation(rates, 1000, seed=seed).find_downtime(paths)
        inside += found.low_min_per_year <= exact <= found.high_min_per_year
    # Binomial with 60 and 0.95: below 51 or all of 60 more than once in 1000 is far less likely than 5 %.
    assert 51 <= inside <= 60


def test_simulations_do_not_depend_on_their_company() -> None:
    paths, rates = CANONICAL["bridge"]
    alone = RenewalSimulation(rates, 500, seed=3).find_downtime(paths)
    more = RenewalSimulation({"z": cable(1e4)} | rates, 500, seed=3)
    more.find_downtime([["z"]])
    more.find_downtime([["m"]])
    assert more.find_downtime([path[::-1] for path in paths[::-1]]) == alone
    assert RenewalSimulation(rates, 500, seed=4).find_downtime(paths) != alone


def test_equipment_side_by_side_is_one_element() -> None:
    rates = {"d": cable(500), "x": FailureRate(40.0, 24.0), "y": FailureRate(30.0, 24.0)}
    nested = RenewalSimulation(rates, 5000, 2, {"both": [["x"], ["y"]]}).find_downtime([["d", "both"]])
    assert nested == RenewalSimulation(rates, 5000, 2).find_downtime([["d", "x"], ["d", "y"]])


# Routes: the exact two-terminal reliability of a small network, by all states of its ducts.


def _network(edges: list[tuple[str, str, float]]) -> Network:
    sites = sorted({end for a, b, _ in edges for end in (a, b)})
    fabric = Fabric(
        format=1,
        site=tuple(Site(name=name, role="core", latitude_deg=0, longitude_deg=0) for name in sites),
        duct=tuple(Duct(name=f"d{i}", a=a, b=b, length_km=1, fiber="g652d") for i, (a, b, _) in enumerate(edges)),
        link=tuple(Link(name=f"l{i}", a=a, b=b, module="m", ducts=(f"d{i}",)) for i, (a, b, _) in enumerate(edges)),
    )
    latency_us = {f"l{i}": edge[2] for i, edge in enumerate(edges)}
    up = dict.fromkeys(latency_us, True)
    return build_network(fabric, latency_us, dict.fromkeys(latency_us, 1.0), up, None, 0.0)


def test_routes_find_what_any_way_round_would_give() -> None:
    chance = random.Random(2)
    for _ in range(12):
        ring = [(f"s{i}", f"s{(i + 1) % 5}", chance.uniform(1, 9)) for i in range(5)]
        chords = [(*sorted(chance.sample([f"s{i}" for i in range(5)], 2)), chance.uniform(1, 9)) for _ in range(3)]
        network = _network([*ring, *chords])
        edges: tuple[Edge, ...] = network.graph.edges
        # The last chord shares the first duct of the ring.
        elements = [[f"e{i}"] for i in range(len(edges) - 1)] + [[f"e{len(edges) - 1}", "e0"]]
        unavailable = {f"e{i}": chance.uniform(1e-4, 1e-2) for i in range(len(edges))}
        routes = find_routes(network, list_risks(elements, unavailable), "s0", "s2", k=12)
        paths = [[name for edge in route.edges for name in elements[edge]] for route in routes]
        found = find_unavailability(paths, unavailable).unavailable_fraction
        exact = 0.0
        for state in itertools.product((False, True), repeat=len(edges)):
            down = {f"e{i}" for i, is_down in enumerate(state) if is_down}
            graph = nx.MultiGraph()
            graph.add_nodes_from(["s0", "s2"])
            graph.add_edges_from((e.a, e.b) for e, names in zip(edges, elements, strict=True) if not down & set(names))
            if not nx.has_path(graph, "s0", "s2"):
                exact += math.prod(q if name in down else 1 - q for name, q in unavailable.items())
        # All failures of up to three are covered; four at once make a few percent of the rest here.
        assert exact * (1 - 1e-12) <= found <= exact * 1.05
        assert routes[0].latency_us == min(route.latency_us for route in routes)


def test_a_group_takes_what_it_shares_from_its_ducts() -> None:
    sites = tuple(
        Site(name=name, role=role, latitude_deg=0, longitude_deg=0)
        for name, role in (("A", "core"), ("B", "core"), ("h", "hut"))
    )
    duct = {"fiber": "g652d"}
    ducts = (
        Duct(name="one", a="A", b="B", length_km=100, **duct),
        Duct(name="two.1", a="A", b="h", length_km=60, **duct),
        Duct(name="two.2", a="h", b="B", length_km=40, mttr_h=24, cut_rate_per_km_year=0.01, **duct),
    )
    group = RiskGroup(name="bridge", ducts=("one", "two.1", "two.2"), shared_length_km=5)
    priors: Reliability = load_reliability()
    rates = list_cut_rates(Fabric(format=1, site=sites, duct=ducts, risk_group=(group,)), priors)
    rate = CABLE.cut_rate_per_km_year
    # The pieces that a hut joins are one way of 100 km, of which 5 are shared.
    assert rates["duct", "one"] == (pytest.approx(95 * rate), 12)
    assert rates["duct", "two.1"] == (pytest.approx(57 * rate), 12)
    assert rates["duct", "two.2"] == (pytest.approx(38 * 0.01), 24)
    assert rates["risk_group", "bridge"] == (pytest.approx(5 * 0.01), 24)
    whole = RiskGroup(name="bridge", ducts=("one", "two.1", "two.2"))
    rates = list_cut_rates(Fabric(format=1, site=sites, duct=ducts, risk_group=(whole,)), priors)
    assert [rates["duct", name][0] for name in ("one", "two.1", "two.2")] == pytest.approx([0, 0, 0], abs=1e-12)

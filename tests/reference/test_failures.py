"""Failures of a small national network against networkx.

Source: networkx 3.6, shortest paths and connectivity on the graph without the lost edges, of every single and dual cut.
The links have room for everything, so that a demand is blocked exactly where its sites are parted, and its latency is
that of the shortest path. Tolerance: the sums differ in their order only, 1e-9 µs.
"""

from __future__ import annotations

import math
from itertools import combinations

import networkx as nx
import pytest

from lightlane.fabric.restoration import LinkFigures
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, RiskGroup, Site
from lightlane.studies import failure_cases
from lightlane.studies.failure_cases import find_outcomes, list_pair_cases, list_single_cases

EDGES = [
    ("A", "B", 110.0), ("B", "C", 95.0), ("C", "D", 130.0), ("D", "A", 160.0), ("B", "E", 70.0),
    ("E", "F", 85.0), ("F", "C", 60.0), ("F", "G", 45.0), ("D", "H", 210.0), ("H", "C", 140.0),
]  # fmt: skip
SITES = sorted({end for a, b, _ in EDGES for end in (a, b)})


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return Fabric(
        format=1,
        site=tuple(Site(name=name, role="core", latitude_deg=0, longitude_deg=0) for name in SITES),
        duct=tuple(Duct(name=f"{a}{b}", a=a, b=b, length_km=km, fiber="g652d") for a, b, km in EDGES),
        risk_group=(RiskGroup(name="bridge", ducts=("EF", "BC")),),
        link=(
            *(Link(name=f"l-{a}{b}", a=a, b=b, module="m", ducts=(f"{a}{b}",)) for a, b, _ in EDGES),
            # Passes D on its way, and is the fastest from A to H.
            Link(name="express", a="A", b="H", module="m", ducts=("DA", "DH")),
        ),
        demand=tuple(
            Demand(from_site=a, to_site=b, rate_gbps=10, latency_ms=0.5, service=f"{a}{b}")
            for a, b in combinations(SITES, 2)
        ),
    )


@pytest.fixture(scope="module")
def figures(fabric: Fabric) -> LinkFigures:
    length_km = {duct.name: duct.length_km for duct in fabric.duct}
    return LinkFigures(
        latency_us={
            link.name: sum(length_km[duct] for duct in link.ducts) - (link.name == "express") for link in fabric.link
        },
        rate_gbps={link.name: 1e5 for link in fabric.link},
        up={link.name: True for link in fabric.link},
    )


def _latencies(fabric: Fabric, figures: LinkFigures, down: frozenset[str]) -> list[float]:
    graph = nx.Graph()
    graph.add_nodes_from(SITES)
    for link in fabric.link:
        if link.name not in down:
            graph.add_edge(link.a, link.b, weight=figures.latency_us[link.name])
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    return [lengths[demand.from_site].get(demand.to_site, math.inf) for demand in fabric.demand]


def test_every_single_and_dual_failure(fabric: Fabric, figures: LinkFigures) -> None:
    cases = list_single_cases(fabric, [("l-AB", ["booster"])], sites=True) + list_pair_cases(fabric)
    outcomes = find_outcomes(fabric, figures, [(case.down, case.site) for case in cases], k=4)
    home_us = _latencies(fabric, figures, frozenset())
    parted = 0
    for case in cases:
        after_us = _latencies(fabric, figures, case.down)
        outcome = outcomes[case.down, case.site]
        rows = [
            (demand, one, two)
            for demand, one, two in zip(fabric.demand, home_us, after_us, strict=True)
            if case.site not in (demand.from_site, demand.to_site)
        ]
        blocked = [demand.service for demand, _, two in rows if two == math.inf]
        late = [demand.service for demand, one, two in rows if one <= 500 < two < math.inf]
        assert (outcome.blocked_count, outcome.late_count) == (len(blocked), len(late)), case
        assert outcome.not_carried_gbps == pytest.approx(10 * len(blocked))
        assert outcome.services_hit == tuple(sorted(blocked + late))
        ended = sum(case.site in (demand.from_site, demand.to_site) for demand in fabric.demand)
        assert outcome.ended_there_gbps == pytest.approx(10 * ended if case.site else 0)
        increases_us = [two - one for _, one, two in rows if one + 1e-9 < two < math.inf]
        assert outcome.latency_increase_us == pytest.approx(max(increases_us, default=math.nan), abs=1e-9, nan_ok=True)
        parted += bool(blocked)
    assert 5 < parted < len(cases)


def test_what_a_case_takes_down(fabric: Fabric) -> None:
    single = {
        (case.kind, case.elements): case.down
        for case in list_single_cases(fabric, [("l-AB", ["booster", "preamplifier"])], sites=True)
    }
    assert single["duct", ("DA",)] == {"l-DA", "express"}
    assert single["risk_group", ("bridge",)] == {"l-EF", "l-BC"}
    assert single["amplifier", ("booster",)] == single["amplifier", ("preamplifier",)] == {"l-AB"}
    assert single["site", ("D",)] == {"l-CD", "l-DA", "l-DH", "express"}
    pairs = [case.elements for case in list_pair_cases(fabric)]
    # Ten ducts and a group, but no group with one of its own.
    assert len(pairs) == 11 * 10 // 2 - 2
    assert ("EF", "bridge") not in pairs
    assert ("EF", "BC") not in pairs
    assert ("BC", "EF") in pairs


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(
    fabric: Fabric, figures: LinkFigures, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [(case.down, case.site) for case in list_pair_cases(fabric)]
    alone = find_outcomes(fabric, figures, states, k=4)
    monkeypatch.setattr(failure_cases, "PARALLEL_STATES_MIN_COUNT", 1)
    monkeypatch.setattr(failure_cases, "_CHUNK_STATES_COUNT", 7)
    steps: list[tuple[int, int]] = []
    assert repr(find_outcomes(fabric, figures, states, k=4, jobs=2, on_progress=lambda *s: steps.append(s))) == repr(
        alone
    )
    assert steps[-1] == (len(alone), len(alone))

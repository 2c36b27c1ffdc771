"""Availability of the example's ring, reckoned again by hand and by all states of its ducts."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from lightlane.catalog.load import load_catalog
from lightlane.errors import ParameterError
from lightlane.fabric.load import load_fabric
from lightlane.fabric.reliability import EquipmentReliability, load_reliability
from lightlane.fabric.topology import Fabric
from lightlane.studies.availability import AvailabilityOptions, study_availability

EXAMPLES = Path(__file__).parents[3] / "examples"
RING = EXAMPLES / "07_studies" / "ring.toml"
MINUTES = 525_600.0


def unavailable(rate_per_year: float, mttr_h: float) -> float:
    mtbf_h = 8760 / rate_per_year
    return mttr_h / (mtbf_h + mttr_h)


CUT = 4.39 / 1609.344
MODULE = unavailable(1000e-9 * 8760, 4)
OWN = {  # what is left of each duct beside the two kilometers of the bridge
    "core-north": unavailable(42 * CUT, 12),
    "north-east": unavailable(38 * CUT, 12),
    "east-south": unavailable(40 * 0.004, 12),
    "south-core": unavailable(34 * CUT, 12),
    "core-east": unavailable(42 * CUT, 12),
}
BRIDGE = unavailable(2 * CUT, 12)
ENDS = {
    "core-north": ("Core", "North"), "north-east": ("North", "East"), "east-south": ("East", "South"),
    "south-core": ("South", "Core"), "core-east": ("Core", "East"),
}  # fmt: skip


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return load_fabric(RING, load_catalog())


def rows(fabric: Fabric, **more: Any) -> dict[str, dict[str, Any]]:
    options = more.pop("options", AvailabilityOptions())
    return {row["name"]: row for row in study_availability(fabric, options=options, **more).table.rows()}


def test_links_are_series_of_what_they_need(fabric: Fabric) -> None:
    found = rows(fabric)
    for name, duct in OWN.items():
        bridge = BRIDGE if name in ("south-core", "core-east") else 0.0
        expected = 1 - (1 - duct) * (1 - bridge) * (1 - MODULE) ** 2
        assert found[name]["down_min_per_year"] == pytest.approx(expected * MINUTES, rel=1e-4)
        parts = json.loads(found[name]["contributions"])
        assert parts[0][0] == found[name]["worst_element"] == f"duct {name}"
        assert sum(saved for _, saved in parts) == pytest.approx(expected * MINUTES, rel=1e-3)


def test_demands_are_the_sum_over_all_states(fabric: Fabric) -> None:
    q = {name: 1 - (1 - duct) * (1 - MODULE) ** 2 for name, duct in OWN.items()} | {"bridge": BRIDGE}
    found = rows(fabric)
    for end in ("North", "East", "South"):
        expected = 0.0
        for state in itertools.product((False, True), repeat=len(q)):
            down = {name for name, is_down in zip(q, state, strict=True) if is_down}
            lost = down | ({"south-core", "core-east"} if "bridge" in down else set())
            graph = nx.Graph()
            graph.add_nodes_from(["Core", "North", "East", "South"])
            graph.add_edges_from(ends for name, ends in ENDS.items() if name not in lost)
            if not nx.has_path(graph, end, "Core"):
                expected += math.prod(q[name] if name in down else 1 - q[name] for name in q)
        assert found[f"{end} - Core"]["down_min_per_year"] == pytest.approx(expected * MINUTES, rel=2e-4)


def test_a_rate_that_fits_nowhere_has_no_route(fabric: Fabric) -> None:
    wide = fabric.demand[0].model_copy(update={"rate_gbps": 500.0})
    loaded = fabric.model_copy(update={"demand": (wide,)})
    assert rows(loaded)["North - Core"]["paths_count"] == 3
    row = rows(loaded, options=AvailabilityOptions(rate_fits=True))["North - Core"]
    assert (row["paths_count"], row["down_min_per_year"]) == (0, MINUTES)


def test_equipment_side_by_side_stands_in(fabric: Fabric) -> None:
    single = fabric.model_copy(update={"link": fabric.link[:1], "demand": fabric.demand[:1]})
    second = fabric.link[0].model_copy(update={"name": "second"})
    double = single.model_copy(update={"link": (fabric.link[0], second)})
    pair = 1 - (1 - MODULE) ** 2
    options = AvailabilityOptions(simulated_years=2000, seed=3)
    for tested, equipment in ((single, pair), (double, pair**2)):
        row = rows(tested, options=options)["North - Core"]
        expected = MINUTES * (1 - (1 - OWN["core-north"]) * (1 - equipment))
        assert row["down_min_per_year"] == pytest.approx(expected, rel=1e-4)
        assert row["simulated_low_min_per_year"] < expected < row["simulated_high_min_per_year"]


def test_amplifiers_of_both_directions_count() -> None:
    found = rows(load_fabric(EXAMPLES / "02_metro_fabric" / "metro.toml", load_catalog()))["oder-zr"]
    # A booster and a preamplifier in each direction.
    amplifier = unavailable(2000e-9 * 8760, 6)
    expected = 1 - (1 - unavailable(98 * CUT, 12)) * (1 - amplifier) ** 4 * (1 - MODULE) ** 2
    assert found["down_min_per_year"] == pytest.approx(expected * MINUTES, rel=1e-4)


def test_sites_fail_where_somebody_says_how_often(fabric: Fabric) -> None:
    known = load_reliability()
    site = EquipmentReliability(mtbf_h=50_000.0, mttr_h=4.0, source="for the test", confidence="recalled")
    row = rows(fabric, reliability=known.model_copy(update={"site": site}))["East - Core"]
    # The two ends are in series with all that is between them.
    ends = 2 * 4.0 / 50_004.0 * MINUTES
    assert row["down_min_per_year"] == pytest.approx(ends, rel=0.01)
    assert row["worst_element"] in ("site Core", "site East")
    assert not row["target_met"]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"k": 13}, "k is 13"), ({"target_fraction": 1.0}, "target_fraction"), ({"simulated_years": -1.0}, "above 0")],
)
def test_options_out_of_range(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        AvailabilityOptions(**options)

"""Placement of the example's services: held by another routing, and refused where the file is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.errors import FormatError
from lightlane.fabric.load import load_fabric
from lightlane.fabric.services import load_presets, load_services
from lightlane.fabric.topology import Demand, Fabric
from lightlane.results.studies import Study
from lightlane.studies.failure_cases import list_single_cases
from lightlane.studies.placement import study_placement
from lightlane.studies.states import evaluate_for_study

EXAMPLE = Path(__file__).parents[3] / "examples" / "07_studies"
RING, SERVICES = EXAMPLE / "ring.toml", EXAMPLE / "services.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return study_placement(RING, SERVICES, n_minus_1=True)


def test_it_holds_under_every_cut_as_restoration_routes_it(study: Study) -> None:
    """What is placed is written as demands, which restoration carries in every state within the objective."""
    fabric = load_fabric(RING, load_catalog())
    demands = list(fabric.demand)
    first = len(demands)
    for row in study.table.rows():
        if row["status"] == "served" and row["served_from"] != row["users_at"]:
            slack_ms = row["objective_ms"] - row["transfer_ms"] - row["compute_ms"] - row["queue_ms"]
            for ends in ((row["users_at"], row["served_from"]), (row["served_from"], row["users_at"])):
                rate_gbps = row["rate_gbps"]
                demands.append(Demand(from_site=ends[0], to_site=ends[1], rate_gbps=rate_gbps, latency_ms=slack_ms / 2))
    assert len(demands) - first >= 6
    loaded: Fabric = fabric.model_copy(update={"demand": tuple(demands)})
    evaluated = evaluate_for_study(loaded)
    restoration = evaluated.figures.build_restoration(loaded)
    assert restoration.home.status[first:] == ["met"] * (len(demands) - first)
    for case in list_single_cases(loaded, (), sites=False):
        assert restoration.without(case.down).status[first:] == ["met"] * (len(demands) - first), case


def test_terms_add_up_and_no_site_has_more_than_it_has(study: Study) -> None:
    capacity = {"Core": 64, "North": 16, "East": 16, "South": 4}
    for row in study.table.rows():
        if row["status"] == "served":
            terms = (row["network_ms"], row["transfer_ms"], row["queue_ms"], row["compute_ms"])
            assert row["latency_ms"] == pytest.approx(sum(terms))
            assert row["latency_ms"] <= row["worst_latency_ms"] <= row["objective_ms"]
            assert 0 < row["utilization_fraction"] < 1
        else:
            assert row["reason"]
    assert all(count <= capacity[site] for site, count in study.summary["gpus"].items())


def test_search_serves_as_many_and_is_not_proven(study: Study) -> None:
    searched = study_placement(RING, SERVICES, n_minus_1=True, method="search").summary
    assert searched["served"] == study.summary["served"]
    assert searched["gpus_total"] >= study.summary["gpus_total"]
    assert study.summary["proven"]
    assert not searched["proven"]


def test_an_objective_below_the_way_is_served_at_home_or_not_at_all(tmp_path: Path) -> None:
    text = SERVICES.read_text("utf-8").split("[[capacity]]", maxsplit=1)
    file = tmp_path / "services.toml"
    service = """format = 1
[[service]]
name = "control"
latency_ms = 0.3
compute_ms = 0.1
requests_per_s = 10.0
rate_gbps = 0.1
"""
    file.write_text(
        f"{service}\n[[capacity]]{text[1].replace('South', 'Core2')}".replace('site = "Core2"', 'site = "South"')
    )
    rows = study_placement(RING, file).table.rows()
    # 36 km and more there and back are 0.35 ms.
    assert {row["users_at"]: row["served_from"] for row in rows} == {"North": "North", "East": "East", "South": "South"}
    file.write_text(service + '\n[[capacity]]\nsite = "Core"\ngpus = 8\n')
    rows = study_placement(RING, file).table.rows()
    assert all(row["status"] == "not served" and row["reason"].startswith("latency: 0.") for row in rows)


def test_presets_fill_in_what_a_service_does_not_say() -> None:
    chat = load_services(SERVICES, load_fabric(RING)).service[0]
    assert (chat.latency_ms, chat.counts) == (450.0, "round-trip")
    presets = load_presets()
    assert presets["sync-replication"].latency_ms == 5.0
    assert presets["fronthaul-25us"].counts == "one-way"
    # 3840 x 2160 pixels, 60 frames, 20 bits.
    assert presets["uhd-flow"].rate_gbps == pytest.approx(3840 * 2160 * 60 * 20 / 1e9, abs=0.005)
    assert all(preset.source for preset in presets.values())


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('preset = "llm-interactive"', 'preset = "llm-interactiv"', 6, "did you mean 'llm-interactive'"),
        ("compute_ms = 180.0", "", 4, "neither of compute_ms and split"),
        ('users = ["North", "East"]', 'users = ["North", "Eest"]', 25, "did you mean 'East'"),
        ('site = "South"', 'site = "North"', 52, "'North' again"),
        ("requests_per_s = 4.0", "requests_per_s = 0.0", 7, "found 0.0"),
        ("latency_ms = 6.0", "latency_mss = 6.0", 15, "latency_mss"),
        ('name = "robots"', 'name = "chat"', 14, "'chat' again"),
    ],
)
def test_problems_name_the_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    file = tmp_path / "services.toml"
    text = SERVICES.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FormatError, match=re.escape(words)) as caught:
        load_services(file, load_fabric(RING))
    assert [problem.line for problem in caught.value.problems if words in str(problem)] == [line]

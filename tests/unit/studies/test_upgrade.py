"""Upgrades of the metro example: what is compared, against runs of the fabric before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.engine import run
from lightlane.errors import ParameterError
from lightlane.fabric.topology import Fabric
from lightlane.results.studies import Study
from lightlane.studies.upgrade import study_upgrade

METRO = Path(__file__).parents[3] / "examples" / "02_metro_fabric" / "metro.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return study_upgrade(METRO, keep="channels")


def rows(study: Study) -> dict[str, dict[str, Any]]:
    return {row["link"]: row for row in study.table.rows()}


def test_before_and_after_are_those_of_runs(study: Study) -> None:
    before = {row["link"]: row for row in run(METRO).links.rows()}
    fabric = Fabric.model_validate(study.manifest["upgraded_fabric"], by_alias=True)
    after = {row["link"]: row for row in run(fabric).links.rows()}
    for name, row in rows(study).items():
        for when, run_row in (("before", before[name]), ("after", after[name])):
            assert row[f"margin_{when}_db"] == run_row["margin_db"]
            assert row[f"power_{when}_w"] == run_row["power_w"]
            assert row[f"status_{when}"] == run_row["status"]
            assert row[f"efficiency_{when}_w_per_gbps"] == pytest.approx(run_row["power_w"] / run_row["rate_gbps"])


def test_what_becomes_of_each_link(study: Study) -> None:
    found = rows(study)
    assert {name: row["outcome"] for name, row in found.items()} == {
        "campus-dr8": "kept",  # 800G already
        "inner-fr4": "upgraded",
        "adlershof-lr4": "upgraded",
        "potsdam-er8": "broken",  # no 800G module of such reach with direct detection
        "oder-zr": "upgraded",
        "magdeburg-zrplus": "upgraded",
    }
    assert found["inner-fr4"]["module_after"] == "800g-2xfr4"
    assert found["adlershof-lr4"]["module_after"] == "800g-2xlr4"
    assert found["potsdam-er8"]["reason"].startswith("blocked by")
    for row in found.values():
        if row["outcome"] == "upgraded":
            assert row["rate_after_gbps"] == 2 * row["rate_before_gbps"]
            assert row["channels_after"] == row["channels_before"]
            assert row["margin_cost_db"] == pytest.approx(row["margin_before_db"] - row["margin_after_db"])
    # Eight channels 75 GHz apart become eight 150 GHz apart.
    assert (found["oder-zr"]["spectrum_before_ghz"], found["oder-zr"]["spectrum_after_ghz"]) == (600.0, 1200.0)
    assert study.summary["links"] == {"upgraded": 4, "broken": 1, "kept": 1, "down before": 0}
    assert study.summary["rate_after_gbps"] == sum(row["rate_after_gbps"] for row in found.values())


def test_the_same_capacity_takes_half_the_channels() -> None:
    found = rows(study_upgrade(METRO, keep="capacity"))
    for name in ("oder-zr", "magdeburg-zrplus", "inner-fr4"):
        assert found[name]["channels_after"] == found[name]["channels_before"] // 2
        assert found[name]["rate_gained_gbps"] == 0
    assert found["adlershof-lr4"]["channels_after"] == 1


def test_a_module_that_is_given_is_taken() -> None:
    found = rows(study_upgrade(METRO, modules={"oif-400zr": "800g-zrplus"}, keep="channels"))
    assert found["oder-zr"]["module_after"] == "800g-zrplus"
    assert found["magdeburg-zrplus"]["module_after"] != "openzrplus-400g-ha"


def test_channels_beyond_the_band_are_counted() -> None:
    from lightlane.fabric.load import load_fabric

    fabric = load_fabric(METRO, load_catalog())
    links = tuple(link.model_copy(update={"channels": 64}) if link.name == "oder-zr" else link for link in fabric.link)
    found = rows(study_upgrade(fabric.model_copy(update={"link": links}), keep="channels"))["oder-zr"]
    # 4.8 THz of C band hold 64 slots of 75 GHz and 32 of 150 GHz.
    assert (found["channels_before"], found["channels_after"], found["channels_that_do_not_fit"]) == (64, 32, 32)


def test_wrong_modules_are_refused() -> None:
    with pytest.raises(ParameterError, match="no link has module '400gbase-fr8'"):
        study_upgrade(METRO, modules={"400gbase-fr8": "800g-zrplus"})
    with pytest.raises(ParameterError, match="800g-zrplud"):
        study_upgrade(METRO, modules={"oif-400zr": "800g-zrplud"})

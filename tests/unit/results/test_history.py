"""A run over time read back: margins, failures by margin and not by service, quantiles and survival over draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lightlane.catalog.load import load_catalog
from lightlane.execution import execute
from lightlane.fabric.topology import Duct, Fabric, Link, Site
from lightlane.plan.scenario_plan import plan_scenario
from lightlane.results.difference import NOT_THERE, compare_results
from lightlane.results.folder import ResultsFolder, open_results
from lightlane.results.history import read_drawn_history, read_history
from lightlane.results.store import read_results
from lightlane.scenario.schema import Scenario

DRAWS = 60
AGEING = {"kind": "module_ageing", "link": "short", "start_days": 0.0, "receiver_penalty_db_per_year": 4.0}
CUT = {"kind": "fiber_cut", "duct": "ab", "start_days": 100.0, "end_days": 110.0}
NEW = {
    "kind": "new_site",
    "start_days": 200.0,
    "site": {"name": "C", "role": "edge", "latitude_deg": 50.2, "longitude_deg": 8.6},
    "duct": [{"name": "bc", "a": "B", "b": "C", "length_km": 1.0, "fiber": "g652d"}],
    "link": [{"name": "late", "a": "B", "b": "C", "module": "400gbase-fr4", "ducts": ["bc"], "launch_power_dbm": 0.0}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ResultsFolder:
    fabric = Fabric(
        format=1,
        site=tuple(Site(name=n, role="core", latitude_deg=50, longitude_deg=8 + i / 9) for i, n in enumerate("AB")),
        duct=(Duct(name="ab", a="A", b="B", length_km=8.0, fiber="g652d"),),
        link=(
            Link(name="short", a="A", b="B", module="400g-lr4-10", ducts=("ab",)),
            Link(name="other", a="A", b="B", module="400g-lr4-10", ducts=("ab",)),
        ),
    )
    keys: dict[str, Any] = {
        "event": (AGEING, CUT, NEW),
        "timeline": {"duration_days": 365.0, "step_days": 36.5},
        "variant": ({"name": "dirty", "set": {"duct.ab.extra_loss_db": 0.5}},),
    }
    scenario = Scenario.model_validate(
        {"format": 1, "name": "t", "fabric": "x", "draws_count": DRAWS, "keep_draws": True, "seed": 4, **keys}
    )
    path = tmp_path_factory.mktemp("history") / "run"
    execute(plan_scenario(scenario, fabric, load_catalog()), path)
    return open_results(path)


def test_a_link_fails_by_its_margin_and_not_by_a_cut(folder: ResultsFolder) -> None:
    history = read_history(folder)
    assert history.variant == "baseline"
    assert history.links == ("short", "other", "late")
    cut = int(np.flatnonzero(history.time_days == 100.0)[0])
    assert np.isnan(history.margin_db[:2, cut]).all()
    assert not history.failing[:, cut].any()
    # 4 dB a year use its margin up: decibels of light are nearly decibels of margin.
    start_db = history.margin_db[0, 0]
    failed = history.first_failure
    assert failed is not None
    assert failed[0] == "short"
    assert failed[1] == pytest.approx(365.25 * start_db / 4.0, abs=40.0)
    assert history.least_lasting(1) == ("short",)
    assert np.isnan(history.margin_db[2, 0])
    assert np.isfinite(history.margin_db[2, -1])


def test_draws_over_time_are_the_rows_of_the_folder(folder: ResultsFolder) -> None:
    history = read_history(folder, variant="dirty")
    drawn = read_drawn_history(folder, history)
    assert drawn is not None
    assert drawn.draws_count == DRAWS
    rows = folder.query(
        "select draw_index, min(time_days) as day from draws where variant = 'dirty' and link = 'short' "
        "and status = 'down' and limited_by <> 'none' group by draw_index"
    ).to_pylist()
    lasting = [1 - sum(row["day"] <= day for row in rows) / DRAWS for day in history.time_days]
    assert drawn.lasting_ratio[0] == pytest.approx(lasting)
    assert drawn.all_lasting_ratio == pytest.approx(lasting)
    assert drawn.lasting_ratio[1] == pytest.approx(1.0)
    assert [link for link, _ in drawn.first_failures] == ["short"]
    assert drawn.first_failures[0][1] == pytest.approx(len(rows) / DRAWS)
    step = 2
    margins = np.sort(
        folder.query(
            f"select margin_db from draws where variant = 'dirty' and link = 'other' and step_index = {step}"
        )["margin_db"].to_numpy()
    )  # fmt: skip
    assert drawn.fan_db[1, step] == pytest.approx([margins[k] for k in (2, 14, 29, 44, 56)])
    assert (np.diff(drawn.fan_db[1, 0]) > 0).all()


def test_a_variant_against_the_base(folder: ResultsFolder) -> None:
    first, second = (read_results(folder.path, variant=name, step=0) for name in ("baseline", "dirty"))
    difference = compare_results(first, second)
    assert {item.link for item in difference.links} == {"short", "other"}
    for item in difference.links:
        assert item.margin_change_db == pytest.approx(-0.5, abs=0.06)
    assert compare_results(first, first).links == ()
    assert compare_results(first, first).same_links_count == 2


def test_a_site_that_comes_later_is_in_the_fabric_of_its_states_alone(folder: ResultsFolder) -> None:
    before, after = read_results(folder.path, step=0), read_results(folder.path, step=10)
    assert [site["name"] for site in before.manifest["fabric"]["site"]] == ["A", "B"]
    assert [site["name"] for site in after.manifest["fabric"]["site"]] == ["A", "B", "C"]
    assert [link["name"] for link in after.manifest["fabric"]["link"]] == after.links["link"].tolist()
    new = next(item for item in compare_results(before, after).links if item.link == "late")
    assert (new.first_status, new.second_status) == (NOT_THERE, "up")


def test_the_report_has_what_the_run_went_through(folder: ResultsFolder, tmp_path: Path) -> None:
    from lightlane.report import write_report

    page = write_report(read_results(folder.path), tmp_path / "r.html", folder=folder.path).read_text(encoding="utf-8")
    assert '<section id="time">' in page
    assert "short is the first link to fail by its margin" in page
    assert "dirty</bdi> against <bdi>baseline" in page
    assert page.count("<svg") >= 8
    alone = write_report(read_results(folder.path), tmp_path / "s.html").read_text(encoding="utf-8")
    assert '<section id="time">' not in alone

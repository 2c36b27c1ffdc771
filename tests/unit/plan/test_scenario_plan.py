"""A scenario as chunks: what comes out of each, and that it is the same alone, in any order and after pickling."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest

from lightlane.catalog.load import Catalog
from lightlane.errors import ParameterError
from lightlane.plan import chunks
from lightlane.plan.scenario_plan import SETTING
from lightlane.results.parquet import encode_tables

CUT = {"kind": "fiber_cut", "start_days": 10.0, "end_days": 20.0, "duct": "ab"}


def _tables(plan: Any) -> dict[str, Any]:
    from lightlane.plan.step_tables import join_tables

    return join_tables([plan.evaluate(chunk) for chunk in plan.chunks if chunk != SETTING])


def test_a_cut_takes_its_links_and_turns_the_demands(make_plan: Any) -> None:
    tables = _tables(make_plan(event=(CUT,)))
    links = {(row["time_days"], row["link"]): row for row in tables["links"].rows()}
    assert sorted({time for time, _ in links}) == [0.0, 10.0, 20.0]
    cut = links[10.0, "ab-1"]
    assert (cut["status"], cut["blocked_by"], cut["margin_db"]) == ("down", "fiber cut of ab", None)
    assert links[0.0, "ab-1"] | {"time_days": 20.0, "step_index": 2} == links[20.0, "ab-1"]
    lanes = [row for row in tables["lanes"].rows() if row["link"] == "ab-1" and row["time_days"] == 10.0]
    assert {row["status"] for row in lanes} == {"down"}
    assert {row["osnr_db"] for row in lanes} == {None}
    demands = {(row["time_days"], row["demand"]): row for row in tables["demands"].rows()}
    assert demands[0.0, 0]["path"] == "ab-1"
    assert demands[10.0, 0]["path"] == "ca-1;bc-1"
    assert demands[10.0, 0]["rerouted"]
    assert not demands[10.0, 1]["rerouted"]
    detour = demands[10.0, 0]["latency_us"] - demands[0.0, 0]["latency_us"]
    assert demands[10.0, 0]["latency_change_us"] == pytest.approx(detour)
    steps = tables["steps"].rows()
    assert [row["links_down_count"] for row in steps] == [0, 1, 0]
    assert [row["capacity_lost_gbps"] for row in steps] == [0.0, 400.0, 0.0]
    assert [row["demands_rerouted_count"] for row in steps] == [0, 1, 0]
    assert steps[0]["state_sha256"] == steps[2]["state_sha256"] != steps[1]["state_sha256"]


def test_draws_rank_to_the_quantiles_and_skip_what_is_cut(make_plan: Any) -> None:
    kept = _tables(make_plan(event=(CUT,), draws_count=200, seed=7, keep_draws=True))
    ranked = _tables(make_plan(event=(CUT,), draws_count=200, seed=7))
    quantiles = {(row["step_index"], row["link"]): row for row in ranked["links"].rows()}
    draws = kept["draws"]
    for step, link in ((0, "ab-1"), (1, "ca-1"), (2, "bc-1")):
        rows = (draws["step_index"] == step) & (draws["link"] == link)
        margins = np.sort(draws["margin_db"][rows])
        assert len(margins) == 200
        assert margins[1] == np.float32(quantiles[step, link]["margin_1_percent_db"])
    dark = (draws["step_index"] == 1) & (draws["link"] == "ab-1")
    assert np.isnan(draws["margin_db"][dark]).all()
    assert set(draws["status"][dark]) == {"down"}
    demands = kept["demand_draws"]
    of_cut = (demands["step_index"] == 1) & (demands["demand"] == 0)
    assert demands["rerouted"][of_cut].all()
    assert not demands["rerouted"][(demands["step_index"] == 0) & (demands["demand"] == 1)].any()


def test_chunks_are_the_same_alone_backward_and_elsewhere(make_plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "LINK_ROWS_COUNT", 6)
    monkeypatch.setattr(chunks, "DRAW_ROWS_COUNT", 60)
    storm = {"kind": "sop_storm", "start_days": 5.0, "end_days": 15.0, "sop_rate_krad_per_s": 40.0, "links": ["bc-1"]}
    ramp = {"kind": "temperature_ramp", "start_days": 1.0, "temperature_c": -20.0, "ramp_days": 30.0}
    plan = make_plan(
        event=(CUT, storm, ramp),
        draws_count=30,
        keep_draws=True,
        sweep=({"field": "link.ab-1.launch_power_dbm", "values": [-4.0, 0.0]},),
        variant=({"name": "old", "conditions": {"life_ratio": 1.0}},),
    )
    names = plan.chunks
    assert len(names) == len(set(names)) > 20
    forward = {name: encode_tables(plan.evaluate(name)) for name in names}
    other = pickle.loads(pickle.dumps(plan))
    assert other.fingerprint == plan.fingerprint
    backward = {name: encode_tables(other.evaluate(name)) for name in reversed(names)}
    for name in names:
        assert {key: table.sha256 for key, table in forward[name].items()} == {
            key: table.sha256 for key, table in backward[name].items()
        }


def test_the_way_chunks_are_cut_does_not_change_what_they_say(make_plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: dict[str, Any] = {"event": (CUT,), "draws_count": 40, "keep_draws": True}
    whole = _tables(make_plan(**keys))
    monkeypatch.setattr(chunks, "LINK_ROWS_COUNT", 3)
    monkeypatch.setattr(chunks, "DRAW_ROWS_COUNT", 21)
    pieces = _tables(make_plan(**keys))
    order = ("step_index", "draw_index", "link")
    for name in ("links", "draws"):
        key = [column for column in order if column in whole[name].columns]
        rows = [
            sorted(table.rows(), key=lambda row: tuple(row[k] for k in key)) for table in (whole[name], pieces[name])
        ]
        assert rows[0] == rows[1]


def test_sweep_and_variant_change_what_they_name(make_plan: Any) -> None:
    plan = make_plan(
        sweep=(
            {"field": "duct.ab.extra_loss_db", "start": 0.0, "stop": 2.0, "count": 3, "zip": "both"},
            {"field": "conditions.connector_loss_db", "values": [0.0, 0.1, 0.2], "zip": "both"},
        ),
        variant=({"name": "grown", "set": {"demand.*.rate_gbps": 300.0}, "conditions": {"temperature_c": 5.0}},),
    )
    setting = plan.evaluate(SETTING)["points"].rows()
    assert [(row["point_index"], row["field"], row["value"]) for row in setting if row["variant"] == "grown"][:2] == [
        (0, "duct.ab.extra_loss_db", "0.0"),
        (0, "conditions.connector_loss_db", "0.0"),
    ]
    tables = _tables(plan)
    links = {(row["variant"], row["point_index"], row["link"]): row["margin_db"] for row in tables["links"].rows()}
    falls = [links["baseline", point, "ca-1"] for point in range(3)]
    # Two connectors of 0.1 dB more at each point; a decibel of light is nearly one of margin.
    assert np.diff(falls) == pytest.approx([-0.2, -0.2], abs=0.02)
    assert {row["demand_gbps"] for row in tables["steps"].rows() if row["variant"] == "grown"} == {600.0}


def test_objectives_are_judged_at_every_step(make_plan: Any) -> None:
    plan = make_plan(event=(CUT,), objectives={"links_down_count": 0, "carried_ratio": 1.0, "least_margin_db": 0.5})
    rows = _tables(plan)["objectives"].rows()
    broken = [(row["time_days"], row["objective"]) for row in rows if not row["met"]]
    assert broken == [(10.0, "links_down_count")]
    assert len(rows) == 9


def test_what_a_point_breaks_is_said_with_its_place(make_plan: Any) -> None:
    drop = {"kind": "demand_drop", "start_days": 3.0, "demand": {"from": "A", "to": "B", "rate_gbps": 200.0}}
    plan = make_plan(event=(drop,), sweep=({"field": "demand.0.service", "values": ["", "x"]},))
    with pytest.raises(ParameterError, match=r"point 1, day 3: event\.0"):
        _tables(plan)


def test_an_ageing_fabric_fails_when_its_margin_is_used_up(make_plan: Any) -> None:
    start_db = _tables(make_plan())["links"].rows()[2]["margin_db"]
    rate = 2 * start_db
    ageing = {"kind": "module_ageing", "start_days": 0.0, "link": "ca-1", "receiver_penalty_db_per_year": rate}
    rows = _tables(make_plan(event=(ageing,), timeline={"duration_days": 365.25, "step_days": 36.525}))["links"].rows()
    margins = [row["margin_db"] for row in rows if row["link"] == "ca-1"]
    # Decibels of light are nearly decibels of margin: half a year uses it up.
    assert margins[5] == pytest.approx(0.0, abs=0.05 * start_db)
    assert [row["status"] for row in rows if row["link"] == "ca-1"][-1] == "down"
    assert all(math.isfinite(margin) for margin in margins)


def test_a_distribution_of_the_file_goes_before_the_catalogs(make_plan: Any, catalog: Catalog) -> None:
    own = {
        "id": "attenuation-of-cables", "name": "Narrow", "quantity": "attenuation_db_per_km", "scope": "cable",
        "basis": "ratio", "kind": "uniform", "low": 1.3, "high": 1.3000001, "source": "test", "confidence": "recalled",
    }  # fmt: skip
    keys = {"draws_count": 50, "keep_draws": True, "seed": 2}
    usual, narrow = make_plan(**keys), make_plan(**keys, distribution=(own,))
    assert narrow.fingerprint != usual.fingerprint
    assert set(narrow.catalog.distributions) == set(catalog.distributions)
    medians = [np.median(_tables(plan)["draws"]["margin_db"]) for plan in (usual, narrow)]
    assert medians[1] < medians[0] - 0.3


def test_a_run_in_memory_has_quantiles_though_a_folder_would_keep_draws(make_plan: Any) -> None:
    from lightlane.engine import evaluate_first

    kept, ranked = (evaluate_first(make_plan(draws_count=50, keep_draws=keep)) for keep in (True, False))
    assert np.isfinite(kept.links["margin_5_percent_db"]).all()
    assert np.array_equal(kept.links["margin_5_percent_db"], ranked.links["margin_5_percent_db"])

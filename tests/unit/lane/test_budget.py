"""Batches of lanes: their order, which lane decides, statuses and the words of verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lightlane.catalog.load import load_catalog
from lightlane.errors import Cancelled, ParameterError
from lightlane.kernels import Task
from lightlane.lane.budget import (
    RANKED_LANES_COUNT,
    STATUS_ORDER,
    VERDICT_FIELDS,
    LaneBatch,
    _status,
    assumed_values,
    evaluate_link,
    evaluate_links,
)
from lightlane.lane.model import LaneResult
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link
from lightlane.results.records import LANE_COLUMNS

MakeLink = Callable[..., Link]
CATALOG = load_catalog()
LINE = {
    "mux": "mux-75ghz",
    "booster": "edfa-fixed-5.5",
    "preamplifier": "edfa-fixed-5.5",
    "span_launch_power_dbm": 0.0,
    "received_power_dbm": -8.0,
}


def _row(batch: LaneBatch, **wanted: Any) -> LaneResult:
    for row in range(len(batch)):
        lane = batch.lane_result(row)
        if all(getattr(lane, name) == value for name, value in wanted.items()):
            return lane
    raise AssertionError(f"no lane with {wanted}")


def test_lanes_come_by_link_channel_direction_and_lane(make_link: MakeLink) -> None:
    links = [
        make_link("400gbase-fr4", [1.0], name="d"),
        make_link("openzrplus-400g-ha", [80.0], name="c", channels=2, line=LINE),
        make_link("800gbase-dr4", [0.4], name="e", channels=2),
    ]
    columns = evaluate_links(links).columns
    keys = list(zip(*(columns[name].tolist() for name in ("link", "channel_index", "direction", "lane")), strict=True))
    both = ("a_to_b", "b_to_a")
    assert keys == [
        *(("d", 0, way, lane) for way in both for lane in range(4)),
        *(("c", channel, way, 0) for channel in range(2) for way in both),
        *(("e", channel, way, lane) for channel in range(2) for way in both for lane in range(4)),
    ]


def test_columns_are_those_of_the_lane_table(make_link: MakeLink) -> None:
    batch = evaluate_links([make_link("400gbase-fr4", [1.0]), make_link("oif-400zr", [40.0])])
    assert set(batch.columns) == set(LANE_COLUMNS)
    assert {len(column) for column in batch.columns.values()} == {len(batch)}
    for name, kind in LANE_COLUMNS.items():
        if kind == "float64":
            assert batch.columns[name].dtype == np.float64, name


def test_wavelength_and_frequency_belong_together(make_link: MakeLink) -> None:
    columns = evaluate_links([make_link("400gbase-lr8", [1.0]), make_link("oif-400zr", [40.0])]).columns
    np.testing.assert_allclose(columns["wavelength_nm"] * columns["frequency_thz"], 299_792.458, rtol=1e-14)


@pytest.mark.parametrize(
    ("wanted_db", "status"), [(0.0, "up"), (1.9, "up"), (2.0, "up"), (2.1, "degraded"), (9.0, "degraded")]
)
def test_status_of_a_lane_that_closes(make_link: MakeLink, wanted_db: float, status: str) -> None:
    mode = CATALOG.get_mode("800gbase-lr1")
    link = make_link("800gbase-lr1", [10.0], mode=mode, run={"attenuation_db_per_km": 0.0, "extra_loss_db": 4.3})
    result = evaluate_link(link, wanted_margin_db=wanted_db)
    assert result.margin_db == 2.0
    assert result.status == status


def test_the_deciding_lane_has_the_worst_status_then_the_least_margin(make_link: MakeLink) -> None:
    closes = make_link("400gbase-fr4", [1.0], name="up", run={"extra_loss_db": 1.0})
    longest = make_link("400gbase-fr4", [2.9], name="blocked")
    unknown = make_link("400g-er4-30", [10.0], name="unknown")
    batch = evaluate_links([closes, longest, unknown], wanted_margin_db=0.5)
    deciding = batch.deciding_lanes()
    assert batch.link_index[deciding].tolist() == [0, 1, 2]
    results = batch.link_results()
    assert [result.status for result in results] == ["up", "down", "unknown"]
    for number, result in enumerate(results):
        rows = np.flatnonzero(batch.link_index == number)
        ranks = [STATUS_ORDER.index(status) for status in batch.columns["status"][rows]]
        worst = batch.columns["status"][rows] == STATUS_ORDER[min(ranks)]
        margins = batch.columns["margin_db"][rows][worst]
        assert result.worst().status == STATUS_ORDER[min(ranks)]
        if not np.isnan(margins).any():
            assert result.margin_db == margins.min()
        assert result.lanes[result.worst_lane_index] is result.worst()
        assert result.latency_us == max(lane.latency_us for lane in result.lanes)
    # One blocked lane takes the link down although others of the same link close.
    statuses = set(batch.columns["status"][batch.link_index == 1])
    assert statuses == {"down", "up"}
    assert math.isnan(results[1].margin_db)


def test_ties_are_decided_by_order(make_link: MakeLink) -> None:
    batch = evaluate_links([make_link("400gbase-dr4", [0.3])])
    assert batch.deciding_lanes().tolist() == [0]
    assert len(set(batch.columns["margin_db"])) == 1


@pytest.mark.parametrize(
    ("make", "limit", "words"),
    [
        (
            lambda make: make("openzrplus-400g-ha", [1300.0], run={"attenuation_db_per_km": 0.001}),
            "dispersion",
            "chromatic dispersion 21",
        ),
        (lambda make: make("400gbase-fr4", [3.0]), "dispersion", "chromatic dispersion -17"),
        (
            lambda make: make(
                "400gbase-dr4",
                [5.0],
                mode=CATALOG.get_mode("400gbase-dr4").model_copy(
                    update={"dispersion_min_ps_per_nm": -99.0, "dispersion_max_ps_per_nm": 99.0}
                ),
                fiber=CATALOG.get_fiber("g652d").model_copy(update={"pmd_ps_per_sqrt_km": 1.0}),
            ),
            "pmd",
            "DGD 8.39 ps, beyond 2.24 ps",
        ),
        (
            lambda make: make(
                "openzrplus-400g-ha",
                [20.0, 20.0, 20.0],
                line={
                    "inline": CATALOG.get_amplifier("edfa-fixed-5.5").model_copy(update={"pdl_db": 3.0}),
                    "span_launch_power_dbm": 0.0,
                },
            ),
            "pdl",
            "PDL 4.0",
        ),
        (
            lambda make: make("openroadm-800g-118", [20.0], line={"mux": "mux-75ghz"}),
            "filtering",
            "passband of ",
        ),
    ],
    ids=["coherent dispersion", "direct dispersion", "pmd", "pdl", "filtering"],
)
def test_blocked_lanes_say_what_blocks(
    make_link: MakeLink, make: Callable[[MakeLink], Link], limit: str, words: str
) -> None:
    lane = evaluate_link(make(make_link)).worst()
    assert (lane.status, lane.limited_by) == ("down", limit)
    assert lane.blocked_by.startswith(words)
    assert math.isnan(lane.margin_db)
    assert lane.explain() == ()
    # Past a hard end there is no penalty, hence no error ratio and no margin that would rest on one.
    assert math.isnan(lane.pre_fec_ber)
    assert math.isnan(lane.fec_margin_db)


def _without(mode_id: str, **absent: None) -> Any:
    return CATALOG.get_mode(mode_id).model_copy(update=absent)


NO_O_BAND = CATALOG.get_fiber("g654e")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda make: make("400gbase-fr4", [1.0], fiber=NO_O_BAND), "the fiber has no attenuation figure"),
        (
            lambda make: make("400gbase-fr4", [1.0], fiber=NO_O_BAND, run={"attenuation_db_per_km": 0.4}),
            "the fiber has no dispersion figure",
        ),
        (lambda make: make("400g-er4-30", [20.0]), "a figure of the mode's power closure"),
        (
            lambda make: make("oif-400zr", [20.0], mode=_without("oif-400zr", penalty_db_by_dgd_mean_ps=None)),
            "the PMD tolerance of the mode is not known",
        ),
        (
            lambda make: make(
                "oif-400zr", [20.0], mode=_without("oif-400zr", penalty_db_by_chromatic_dispersion_ps_per_nm=None)
            ),
            "the dispersion tolerance of the mode is not known",
        ),
        (
            lambda make: make(
                "oif-400zr",
                mode=_without("oif-400zr", penalty_db_by_pdl_db=None),
                line={"preamplifier": "openroadm-ila-standard", "received_power_dbm": -8.0},
            ),
            "the PDL tolerance of the mode is not known",
        ),
        (
            lambda make: make(
                "oif-400zr",
                [20.0],
                mode=_without("oif-400zr", required_osnr_db_by_received_power_dbm=None, kappa_db=None),
            ),
            "the required OSNR of the mode is not known",
        ),
        (
            lambda make: make(
                "oif-400zr",
                mode=_without("oif-400zr", required_osnr_db_by_received_power_dbm=None, sensitivity_dbm=None),
            ),
            "the least received power of the mode is not known",
        ),
        (lambda make: make("800gbase-er1", [10.0]), "the launch power of the mode is not known"),
        (
            lambda make: make(
                "openroadm-400g",
                [80.0],
                launch_power_dbm=-15.0,
                line={"preamplifier": "openroadm-ila-standard", "received_power_dbm": -8.0},
                run={"extra_loss_db": 6.0},
            ),
            "the level into an amplifier or ROADM stage is outside the range",
        ),
    ],
    ids=["attenuation", "dispersion", "closure", "pmd", "cd", "pdl", "osnr", "sensitivity", "launch", "input level"],
)
def test_unknown_lanes_say_what_is_missing(make_link: MakeLink, make: Callable[[MakeLink], Link], reason: str) -> None:
    lane = evaluate_link(make(make_link)).worst()
    assert (lane.status, lane.limited_by) == ("unknown", "none")
    assert lane.unknown_because.startswith(reason)
    assert math.isnan(lane.margin_db)
    assert lane.explain() == ()


LOST: list[tuple[str, list[float], dict[str, Any], dict[str, Any], str]] = [
    ("oif-400zr", [80.0], {"penalty_db_by_dgd_mean_ps": None}, {}, "power"),
    ("400gbase-fr4", [1.0], {"dispersion_max_ps_per_nm": None}, {"run": {"extra_loss_db": 9.0}}, "power"),
    ("400g-er4-30", [1.0], {"received_power_max_dbm": -9.0}, {"launch_power_dbm": 1.0}, "overload"),
    ("400gbase-fr4", [1.0], {"received_power_max_dbm": -9.0, "mpi_dgd_allocation_db": None}, {"launch_power_dbm": 1.0},
     "overload"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "spans_km", "figures", "more", "limit"), LOST)
def test_a_margin_below_zero_decides_whatever_else_is_missing(
    make_link: MakeLink, module: str, spans_km: list[float], figures: dict[str, Any], more: dict[str, Any], limit: str
) -> None:
    mode = CATALOG.get_mode(CATALOG.get_module(module).modes[0]).model_copy(update=figures)
    lane = evaluate_link(make_link(module, spans_km, mode=mode, **more)).worst()
    assert (lane.status, lane.limited_by) == ("down", limit)
    assert lane.margin_db == lane.power_margin_db < 0
    assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-6)
    assert lane.unknown_because
    assert not lane.blocked_by


def test_outages_of_a_path_are_known_without_a_level(make_link: MakeLink) -> None:
    slow = CATALOG.get_fiber("g652d").model_copy(update={"pmd_ps_per_sqrt_km": 1.0})
    known = make_link("openzrplus-400g-ha", [80.0], channels=3, fiber=slow, line=LINE)
    silent = known.mode.model_copy(update={"launch_power_default_dbm": None})
    with_level, without = (evaluate_links([link]).columns for link in (known, replace(known, mode=silent)))
    assert np.isfinite(with_level["received_power_dbm"]).all()
    assert np.isnan(without["received_power_dbm"]).all()
    assert (without["dgd_outage_ratio"] > 0.0).all()
    for name in ("dgd_mean_ps", "dgd_outage_ratio", "pdl_db", "pdl_outage_ratio", "latency_us"):
        np.testing.assert_array_equal(without[name], with_level[name], name)


def test_what_limits_is_named_by_its_cause(make_link: MakeLink) -> None:
    cases = {
        "power": make_link("oif-400zr", [80.0]),
        "overload": make_link("openzrplus-400g-ha", [0.5], launch_power_dbm=3.0),
        "osnr": make_link("openzrplus-400g-ha", [110.0], line={**LINE, "span_launch_power_dbm": -4.0}),
        "nonlinearity": make_link(
            "openzrplus-400g-ha",
            [80.0] * 8,
            channels=8,
            line={
                **LINE,
                "inline": "edfa-fixed-5.5",
                "booster": CATALOG.get_amplifier("edfa-fixed-5.5").model_copy(update={"output_power_max_dbm": 30.0}),
                "span_launch_power_dbm": 7.0,
            },
        ),
    }
    for limit, link in cases.items():
        assert evaluate_link(link).limited_by == limit, limit


def test_explanations_name_the_elements(make_link: MakeLink) -> None:
    lane = evaluate_link(make_link("openzrplus-400g-ha", [110.0], line={**LINE, "span_launch_power_dbm": -4.0})).worst()
    labels = [step.label for step in lane.explain()]
    assert labels[0] == "transmitter OSNR"
    assert "noise of booster at site 0" in labels
    assert "noise of preamplifier at site 1" in labels
    # The verdict of this lane ends at the threshold: the transceiver's own noise leaves less margin than the OSNR does.
    assert labels[-3:] == [
        "noise bandwidth (12.5 GHz to symbol rate)", "receiver and transceiver noise", "SNR at the FEC threshold",
    ]  # fmt: skip
    direct = evaluate_link(make_link("400gbase-fr4", [1.0], run={"connector_count": 2})).worst()
    assert [step.label for step in direct.explain()] == [
        "OMA less TDECQ", "1 connector of duct 1", "duct 1 (1 km)", "1 connector of duct 1",
        "MPI and DGD allocation", "sensitivity for a perfect transmitter",
    ]  # fmt: skip


def test_explanations_use_the_same_fiber_figures_as_the_verdict(make_link: MakeLink) -> None:
    links = [make_link("400gbase-lr4-6", [5.0]), make_link("openzrplus-400g-ha", [90.0], line=LINE)]
    batch = evaluate_links(links, options=BudgetOptions(fiber_limits=True))
    typical = evaluate_links(links)
    assert np.all(batch.columns["margin_db"] < typical.columns["margin_db"])
    for row in range(len(batch)):
        total = sum(step.value_db for step in batch.explain(row))
        assert total == pytest.approx(batch.columns["margin_db"][row], abs=1e-6)


def test_assumed_values_are_those_that_a_verdict_rests_on(make_link: MakeLink) -> None:
    link = make_link("oif-800zr", [80.0], line={**LINE, "mux": "mux-150ghz"})
    assumed = assumed_values(link)
    assert "oif-800zr: required_osnr_db_by_received_power_dbm" in assumed
    assert "edfa-fixed-5.5: gain_max_db" in assumed
    # An assumed latency or wattage moves no margin.
    assert "oif-800zr: latency_us" not in assumed
    assert "edfa-fixed-5.5: power_w" not in assumed
    assert assumed == sorted(assumed)
    lane = evaluate_link(link).worst()
    assert lane.assumed == tuple(assumed)
    assert evaluate_link(make_link("400gbase-dr4", [0.3])).worst().assumed == tuple(
        assumed_values(make_link("400gbase-dr4", [0.3]))
    )


def test_verdict_fields_exist(make_link: MakeLink) -> None:
    models = {
        "fiber": type(CATALOG.get_fiber("g652d")),
        "amplifier": type(CATALOG.get_amplifier("edfa-fixed-5.5")),
        "passive": type(CATALOG.get_passive("lc-upc")),
        "fec": type(CATALOG.get_fec("ofec")),
    }
    for kind, model in models.items():
        assert VERDICT_FIELDS[kind] <= set(model.model_fields), kind
    modes = {type(CATALOG.get_mode("oif-400zr")), type(CATALOG.get_mode("400gbase-fr4"))}
    known = set().union(*(mode.model_fields for mode in modes))
    assert VERDICT_FIELDS["mode"] <= known


def test_variants_of_a_mode_are_judged_apart(make_link: MakeLink) -> None:
    mode = CATALOG.get_mode("800gbase-lr1")
    better = mode.model_copy(update={"loss_budget_db": 8.3})
    links = [make_link("800gbase-lr1", [10.0], mode=item, name=str(k)) for k, item in enumerate((mode, better))]
    one, two = (result.margin_db for result in evaluate_links(links).link_results())
    assert two - one == pytest.approx(2.0)


def test_nothing_to_evaluate_is_refused() -> None:
    with pytest.raises(ParameterError, match="no links"):
        evaluate_links([])


def test_a_fidelity_that_does_not_exist_is_refused(make_link: MakeLink) -> None:
    with pytest.raises(ParameterError, match="fidelity is 'exact'; allowed: 'budget'"):
        evaluate_link(make_link("oif-400zr"), fidelity="exact")


def test_a_cancelled_task_ends_the_evaluation(make_link: MakeLink) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        evaluate_links([make_link("oif-400zr")], task=task)


def test_a_batch_in_chunks_is_the_whole_batch(make_link: MakeLink, monkeypatch: pytest.MonkeyPatch) -> None:
    links = [
        make_link("openzrplus-400g-ha", [60.0 + k, 70.0], name=f"c{k}", channels=1 + 5 * k, line=LINE) for k in range(4)
    ]
    links += [make_link("800g-2xlr4", [1.0 + k], name=f"d{k}", channels=1 + k) for k in range(4)]
    links = links[::2] + links[1::2]
    task = Task()
    whole = evaluate_links(links, explain=True, task=task)
    assert task.progress() == (len(whole), len(whole))
    for lanes_count in (1, 10, 40):
        monkeypatch.setattr("lightlane.lane.chunks.CHUNK_LANES_COUNT", lanes_count)
        monkeypatch.setattr("lightlane.lane.chunks.FEW_LANES_COUNT", 0)
        task = Task()
        pieces = evaluate_links(links, explain=True, task=task)
        assert task.progress() == (len(whole), len(whole))
        for name, column in whole.columns.items():
            np.testing.assert_array_equal(column, pieces.columns[name], name)
        for row in range(len(whole)):
            assert whole.explain(row) == pieces.explain(row)


def test_some_rows_are_explained_as_all_are(make_link: MakeLink) -> None:
    links = [make_link("openzrplus-400g-ha", [60.0 + k], channels=3, line=LINE) for k in range(3)]
    links.append(make_link("400gbase-fr4", [1.0]))
    every = evaluate_links(links, explain=True)
    rows = [20, 3, 9, 3]
    assert evaluate_links(links).explain_rows(rows) == [every.explain(row) for row in rows]
    assert all(every.explain(row) for row in rows)


def test_one_link_is_a_batch_of_one(make_link: MakeLink) -> None:
    link = make_link("openzrplus-400g-ha", [80.0], channels=3, line=LINE)
    alone = evaluate_link(link, wanted_margin_db=1.0)
    (batched,) = evaluate_links([link], wanted_margin_db=1.0).link_results(explain=True)
    # NaN is not itself: records are compared as what they are written as.
    assert alone.to_dict() == batched.to_dict()
    assert alone.explain() == alone.worst().explain() != ()


@pytest.mark.parametrize("wanted_db", [0.0, 1.0, -1.0, math.inf])
def test_status_of_lanes_of_all_kinds(wanted_db: float) -> None:
    kinds = [math.nan, -math.inf, -0.5, -1e-300, -0.0, 0.0, 1e-300, 1.0, 1.5, math.inf]
    margin_db = np.random.default_rng(1).choice(kinds, size=RANKED_LANES_COUNT + 999)
    blocked = np.random.default_rng(2).choice([0, 0, 0, 1, 13], size=len(margin_db)).astype(np.uint8)
    expected = [
        "down" if code or margin < 0.0 else "unknown" if math.isnan(margin) else
        "up" if margin >= wanted_db else "degraded"
        for margin, code in zip(margin_db.tolist(), blocked.tolist(), strict=True)
    ]  # fmt: skip
    assert [STATUS_ORDER[code] for code in _status(margin_db, blocked, wanted_db)] == expected

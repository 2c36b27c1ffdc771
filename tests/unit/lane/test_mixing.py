"""Four-wave mixing of whole links."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.lane.budget import evaluate_link, evaluate_links
from lightlane.lane.mixing import estimate_mixing
from lightlane.lane.model import LaneResult
from lightlane.link import Link


def test_fine_grids_mix_and_coarse_ones_do_not(make_link: Callable[..., Link]) -> None:
    fine = estimate_mixing(make_link("800gbase-lr4", [10.0]), launch_power_dbm=5.0, exceedance_ratio=0.003)
    coarse = estimate_mixing(make_link("400g-lr4-10", [10.0]), launch_power_dbm=5.0, exceedance_ratio=0.003)
    assert fine.crosstalk_dbc.max() > -45.0
    assert fine.penalty_db.max() > 0.02
    assert coarse.crosstalk_dbc.max() < -65.0
    assert coarse.penalty_db.max() < 0.01


def test_rarer_is_worse_and_seeds_repeat(make_link: Callable[..., Link]) -> None:
    link = make_link("800gbase-lr4", [10.0])
    often = estimate_mixing(link, launch_power_dbm=5.0, exceedance_ratio=0.05)
    rare = estimate_mixing(link, launch_power_dbm=5.0, exceedance_ratio=0.005)
    assert np.all(rare.crosstalk_dbc >= often.crosstalk_dbc)
    again = estimate_mixing(link, launch_power_dbm=5.0, exceedance_ratio=0.05)
    assert np.array_equal(often.crosstalk_dbc, again.crosstalk_dbc)


def test_fibers_in_a_row_are_one(make_link: Callable[..., Link]) -> None:
    whole = estimate_mixing(make_link("800gbase-lr4", [10.0]), launch_power_dbm=5.0)
    parts = estimate_mixing(make_link("800gbase-lr4", [4.0, 6.0]), launch_power_dbm=5.0)
    np.testing.assert_allclose(whole.crosstalk_dbc, parts.crosstalk_dbc, rtol=1e-9)


def test_refusals(make_link: Callable[..., Link]) -> None:
    with pytest.raises(ParameterError, match="share a fiber"):
        estimate_mixing(make_link("400gbase-dr4", [0.4]))
    with pytest.raises(ParameterError, match="exceedance_ratio"):
        estimate_mixing(make_link("800gbase-lr4", [10.0]), launch_power_dbm=3.0, exceedance_ratio=0.0)
    with pytest.raises(ParameterError, match="launch power"):
        estimate_mixing(make_link("400g-er4-30", [30.0]))


def _mixing_db(lane: LaneResult) -> float:
    return -sum(step.value_db for step in lane.contributions if step.label == "four-wave mixing")


def _fine(make_link: Callable[..., Link], length_km: float, launch_power_dbm: float) -> Link:
    run = {"attenuation_db_per_km": 0.35}
    return make_link("800gbase-lr4", [length_km], run=run, launch_power_dbm=launch_power_dbm)


@pytest.mark.parametrize("launch_power_dbm", [6.0, 8.0, 11.0])
def test_the_margin_holds_the_penalty_of_the_draws(make_link: Callable[..., Link], launch_power_dbm: float) -> None:
    # A tabulated length: only the penalty is interpolated, within 3 %.
    link = _fine(make_link, 0.0625 * 2**7, launch_power_dbm)
    expected = estimate_mixing(link)
    for lane in evaluate_link(link).lanes:
        assert sum(step.value_db for step in lane.contributions) == pytest.approx(lane.margin_db, abs=1e-6)
        assert _mixing_db(lane) == pytest.approx(expected.penalty_db[lane.lane], rel=0.03)


@pytest.mark.parametrize("length_km", [2.9, 3.4, 6.0, 9.5])
def test_between_the_lengths_the_quantile_is_as_sure_as_its_draws(
    make_link: Callable[..., Link], length_km: float
) -> None:
    # 40 of 4000 draws pass the quantile; two standard deviations of that are 13 draws.
    link = _fine(make_link, length_km, 8.0)
    often, rare = (estimate_mixing(link, exceedance_ratio=(40 + more) / 4000).penalty_db for more in (13, -13))
    for lane in evaluate_link(link).lanes:
        assert 0.97 * often[lane.lane] < _mixing_db(lane) < 1.03 * rare[lane.lane]


def test_what_does_not_mix_has_no_contribution(make_link: Callable[..., Link]) -> None:
    for mode, length_km in (("400gbase-fr4", 1.9), ("400gbase-dr4", 0.4)):
        lanes = evaluate_link(make_link(mode, [length_km])).lanes
        assert not any("four-wave" in step.label for lane in lanes for step in lane.contributions)


def test_mixing_that_closes_the_eye_blocks(make_link: Callable[..., Link]) -> None:
    lane = evaluate_link(make_link("800gbase-lr4", [10.0], launch_power_dbm=20.0)).worst()
    assert lane.status == "down"
    assert lane.limited_by == "crosstalk"
    assert lane.blocked_by.startswith("four-wave mixing of ")


def test_company_changes_nothing(make_link: Callable[..., Link]) -> None:
    links = [make_link("800gbase-lr4", [float(km)]) for km in (2, 10, 7)] + [make_link("400gbase-lr8", [5.0])]
    together = evaluate_links(links).columns["margin_db"]
    backwards = evaluate_links(links[::-1]).link_results()[::-1]
    alone = [lane.margin_db for link in links for lane in evaluate_link(link).lanes]
    assert together.tolist() == alone
    assert [lane.margin_db for result in backwards for lane in result.lanes] == alone

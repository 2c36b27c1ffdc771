"""Light of unequal lanes through a demultiplexer of finite isolation, from the mode's figures to the verdict.

Sources
-------
- Closed form, worked out here: each other lane's outer OMA, so many decibels above the lane's own and an isolation
  below, moves a level by half of itself, and all of them close half an eye of PAM4, a sixth of the outer OMA, by
  three times their sum x: -10 log10(1 - 3 x). Of a stressed test that had other lanes of its own as much is taken off
  as they cost there. 1e-9 dB.
- What arrives more of another lane: the attenuation of the fiber type, interpolated here between its points, over the
  length; in the worst case the mode's greatest difference of OMA between two lanes; in draws the difference of the
  specimens, at most that one, drawn here by numpy's own generator: five standard errors of a quantile, its density
  taken from the same draws.
- The penalty beyond which no eye is left: x = 1/3, -4.8 dB.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane.catalog.distributions import Distribution
from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import DirectMode
from lightlane.kernels import module_frame_loss
from lightlane.lane.budget import assumed_values, evaluate_link, evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link

CATALOG = load_catalog()
MakeLink = Callable[..., Link]
LABEL = "light of other lanes through the demultiplexer"
ADJACENT_DB, FURTHER_DB = 22.0, 30.0
DRAWS = 20_000
QUANTILES = (0.01, 0.1, 0.5, 0.9)


def _mode(**figures: Any) -> DirectMode:
    """Return four coarse lanes, whose light does not mix, behind a demultiplexer; one lane was stressed alone."""
    isolation = {"demux_isolation_adjacent_db": ADJACENT_DB, "demux_isolation_non_adjacent_db": FURTHER_DB}
    mode = CATALOG.get_mode("400gbase-fr4").model_copy(update={"aggressor_oma_dbm": None, **isolation, **figures})
    assert isinstance(mode, DirectMode)
    return mode


BARE = {"demux_isolation_adjacent_db": None, "demux_isolation_non_adjacent_db": None}


def _penalty_db(lane: int, more_db: Any, *, further_db: float = FURTHER_DB) -> float:
    """Return the penalty of one of four lanes; ``more_db`` is what each lane has more than this one."""
    isolation = [ADJACENT_DB if abs(other - lane) == 1 else further_db for other in range(4)]
    leaked = sum(10 ** ((more_db[other] - isolation[other]) / 10) for other in range(4) if other != lane)
    return -10 * math.log10(1 - 3 * leaked)


def _steps(lane: Any) -> dict[str, float]:
    assert sum(step.value_db for step in lane.contributions) == pytest.approx(lane.margin_db, abs=1e-6)
    return {step.label: step.value_db for step in lane.contributions}


def _flat(make_link: MakeLink, mode: DirectMode, loss_db: float = 2.0, **link: Any) -> Link:
    run = {"attenuation_db_per_km": 0.0, "extra_loss_db": loss_db}
    return make_link("400gbase-fr4", [0.5], mode=mode, run=run, **link)


def test_equal_lanes_leak_by_the_isolation(make_link: MakeLink) -> None:
    with_it, without = (evaluate_link(_flat(make_link, _mode(**some))).lanes for some in ({}, BARE))
    for lane, bare in zip(with_it, without, strict=True):
        expected = _penalty_db(lane.lane, np.zeros(4))
        assert _steps(lane)[LABEL] == pytest.approx(-expected, abs=1e-9)
        assert lane.power_margin_db == pytest.approx(bare.power_margin_db - expected, abs=1e-9)
        assert lane.pre_fec_ber > bare.pre_fec_ber
        # The same light leaves less to lose before the FEC's limit.
        assert bare.fec_margin_db - lane.fec_margin_db == pytest.approx(expected, abs=0.02)
        assert LABEL not in _steps(bare)


def test_what_the_fiber_takes_makes_lanes_unequal(make_link: MakeLink) -> None:
    length_km = 9.0
    mode = _mode(
        dispersion_min_ps_per_nm=-80.0, dispersion_max_ps_per_nm=60.0, insertion_loss_max_db=7.0, dgd_max_ps=None
    )
    points = np.array(CATALOG.get_fiber("g652d").typical_attenuation_db_per_km_by_wavelength_nm)
    loss_db = length_km * np.interp([lane.center_nm for lane in mode.lanes], points[:, 0], points[:, 1])
    lanes = evaluate_link(make_link("400gbase-fr4", [length_km], mode=mode)).lanes
    assert np.ptp(loss_db) > 0.3
    for lane in lanes:
        expected = _penalty_db(lane.lane, loss_db[lane.lane] - loss_db)
        assert abs(expected - _penalty_db(lane.lane, np.zeros(4))) > 1e-3
        assert _steps(lane)[LABEL] == pytest.approx(-expected, abs=1e-9)


@pytest.mark.parametrize("difference_db", [None, 2.0, 4.0])
def test_the_worst_neighbor_is_stronger_by_the_whole_difference(
    difference_db: float | None, make_link: MakeLink
) -> None:
    options = BudgetOptions(worst_case=True)
    modes = [_mode(lane_oma_difference_max_db=difference_db, **some) for some in ({}, BARE)]
    # Without a figure of reflectance the standard's allocation stands, whatever the loss between connectors.
    modes = [mode.model_copy(update={"reflectance_max_db": None}) for mode in modes]
    links = [_flat(make_link, mode, name=str(number)) for number, mode in enumerate(modes)]
    with_it, without = (evaluate_link(link, options=options).lanes for link in links)
    for lane, bare in zip(with_it, without, strict=True):
        expected = _penalty_db(lane.lane, np.full(4, difference_db or 0.0))
        assert bare.worst_margin_db - lane.worst_margin_db == pytest.approx(expected, abs=1e-9)
        # By the type lanes launch alike.
        assert _steps(lane)[LABEL] == pytest.approx(-_penalty_db(lane.lane, np.zeros(4)), abs=1e-9)


def test_a_launch_power_that_is_set_is_that_of_all_lanes(make_link: MakeLink) -> None:
    modes = [_mode(reflectance_max_db=None, **some) for some in ({}, BARE)]
    links = [_flat(make_link, mode, name=str(number), launch_power_dbm=0.0) for number, mode in enumerate(modes)]
    results = evaluate_links(links, options=BudgetOptions(worst_case=True)).link_results()
    for lane, bare in zip(results[0].lanes, results[1].lanes, strict=True):
        expected = _penalty_db(lane.lane, np.zeros(4))
        assert bare.worst_margin_db - lane.worst_margin_db == pytest.approx(expected, abs=1e-9)


def test_the_stressed_test_holds_what_it_had(make_link: MakeLink) -> None:
    def lanes(**figures: Any) -> Any:
        return evaluate_link(_flat(make_link, _mode(stressed_sensitivity_dbm=-2.6, **figures))).lanes

    for weak, strong in zip(lanes(aggressor_oma_dbm=-5.6), lanes(aggressor_oma_dbm=1.5), strict=True):
        beyond = _penalty_db(weak.lane, np.zeros(4)) - _penalty_db(weak.lane, np.full(4, -3.0))
        assert _steps(weak)[LABEL] == pytest.approx(-beyond, abs=1e-9)
        # Stronger lanes than there are cost nothing, and give nothing back.
        assert LABEL not in _steps(strong)
    bare = lanes(**BARE)
    assert [lane.margin_db for lane in lanes(aggressor_oma_dbm=1.5)] == [lane.margin_db for lane in bare]


def test_lanes_further_away_without_a_figure_leak_nothing(make_link: MakeLink) -> None:
    for lane in evaluate_link(_flat(make_link, _mode(demux_isolation_non_adjacent_db=None))).lanes:
        expected = _penalty_db(lane.lane, np.zeros(4), further_db=math.inf)
        assert _steps(lane)[LABEL] == pytest.approx(-expected, abs=1e-9)


def test_lanes_with_fibers_of_their_own_have_no_demultiplexer(make_link: MakeLink) -> None:
    for lane in evaluate_link(_flat(make_link, _mode(parallel_fibers=True))).lanes:
        assert LABEL not in _steps(lane)


def test_draws_are_as_unequal_as_their_specimens(make_link: MakeLink) -> None:
    """The greatest difference cuts what a neighbor has more; a transmitter's own light counts as ever."""
    low, peak, high, near_db = 0.0, 1.0, 6.0, 16.0
    spread = Distribution(
        id="lanes", name="Lanes", quantity="oma_minus_tdecq_dbm", scope="lane", basis="offset", kind="triangular",
        low=low, peak=peak, high=high, source="made for this test", confidence="computed",
    )  # fmt: skip
    more = np.random.default_rng(5).triangular(low, peak, high, size=(1_000_000, 4))
    options = BudgetOptions(draws_count=DRAWS, seed=3, quantiles=QUANTILES)
    lowest = {}
    for most_db in (0.5, None):
        mode = _mode(
            lane_oma_difference_max_db=most_db, demux_isolation_adjacent_db=near_db, reflectance_max_db=None,
            received_power_max_dbm=None,
        )  # fmt: skip
        result = evaluate_link(_flat(make_link, mode), options=options, distributions=[spread])
        bare = evaluate_link(_flat(make_link, mode.model_copy(update=BARE))).lanes
        for lane in result.lanes:
            difference = np.minimum(more - more[:, [lane.lane]], math.inf if most_db is None else most_db)
            difference[:, lane.lane] = -np.inf
            isolation = np.where(np.abs(np.arange(4) - lane.lane) == 1, near_db, FURTHER_DB)
            leaked = np.sum(10 ** ((difference - isolation) / 10), axis=1)
            margins = bare[lane.lane].margin_db + more[:, lane.lane] + 10 * np.log10(1 - 3 * leaked)
            for probability, margin_db in lane.margin_db_by_probability_ratio:
                error = 5 * math.sqrt(probability * (1 - probability) / DRAWS)
                least, most = np.quantile(margins, [max(probability - error, 0.0), probability + error])
                assert least < margin_db < most
            lowest[most_db, lane.lane] = least_and_most = np.quantile(margins, [0.0065, 0.0135])
            assert least_and_most[1] < np.quantile(bare[lane.lane].margin_db + more[:, lane.lane], 0.0065)
    # What the difference may be shows in the rare draws: without the cut the test would fail.
    assert lowest[None, 1][1] < lowest[0.5, 1][0]


def test_crosstalk_limits_where_it_turns_the_margin(make_link: MakeLink) -> None:
    mode = _mode(reflectance_max_db=None)
    assert mode.insertion_loss_max_db is not None
    near, far = (evaluate_link(_flat(make_link, mode, mode.insertion_loss_max_db + more)) for more in (-0.01, 0.5))
    assert [(lane.limited_by, lane.status) for lane in near.lanes] == [("crosstalk", "down")] * 8
    assert [(lane.limited_by, lane.status) for lane in far.lanes] == [("power", "down")] * 8


def test_an_eye_without_isolation_is_closed(make_link: MakeLink) -> None:
    for lane in evaluate_link(_flat(make_link, _mode(demux_isolation_adjacent_db=4.0))).lanes:
        assert (lane.limited_by, lane.status) == ("crosstalk", "down")
        assert math.isnan(lane.margin_db)
        assert "behind the demultiplexer, above -4.8 dB" in lane.blocked_by


def test_what_a_verdict_goes_without_is_said(make_link: MakeLink) -> None:
    def names(module: str = "400gbase-fr4", **figures: Any) -> set[str]:
        mode = CATALOG.get_mode(module).model_copy(update=figures)
        found = assumed_values(make_link(module, [0.5], mode=mode))
        return {name.partition(": ")[2] for name in found if "demux" in name or "lane_oma" in name}

    # FR4's receiver is tested beside lanes 4.1 dB stronger, and 4.0 dB is all that they may be.
    assert names() == set()
    both = {"demux_isolation_adjacent_db", "demux_isolation_non_adjacent_db"}
    assert names(aggressor_oma_dbm=1.3) == names(aggressor_oma_dbm=None) == both
    assert names(demux_isolation_adjacent_db=25.0, lane_oma_difference_max_db=None) == {
        "demux_isolation_non_adjacent_db", "lane_oma_difference_max_db",
    }  # fmt: skip
    assert names("400gbase-dr4") == set()
    # What LR4-6 assumes of the difference matters beside an isolation only.
    assert names("400gbase-lr4-6") == both
    assert "lane_oma_difference_max_db" in names("400gbase-lr4-6", demux_isolation_adjacent_db=25.0)


def test_the_module_loses_frames_by_its_unequal_lanes(make_link: MakeLink) -> None:
    """KP4 deals codewords out over lanes whose light differs, crosstalk included."""
    mode = _mode(demux_isolation_adjacent_db=20.0)
    batch = evaluate_links([_flat(make_link, mode, 4.0, launch_power_dbm=-1.0)])
    bers = np.array([lane.pre_fec_ber for lane in batch.link_results()[0].lanes if lane.direction == "a_to_b"])
    # The middle lanes have two neighbors.
    assert min(bers[1:3]) > 1.2 * max(bers[[0, 3]])
    whole = batch.link_frame_loss_ratios()[0]
    alone = [float(module_frame_loss([[ber] * 4], interleaved_codewords_count=2).frame_loss_ratio[0]) for ber in bers]
    assert min(alone) < whole < max(alone)
    assert whole == pytest.approx(
        float(module_frame_loss([bers], interleaved_codewords_count=2).frame_loss_ratio[0]), rel=1e-12
    )

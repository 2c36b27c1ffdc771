"""Links evaluated by waveform: one result type, addressed numbers, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import lightlane
from lightlane.errors import ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.coherent_hardware import Converter, IqModulator
from lightlane.lane.budget import evaluate_link
from lightlane.lane.trace import trace_link
from lightlane.lane.waveform.comb import choose_comb
from lightlane.lane.waveform.settings import IDEAL_HARDWARE, CoherentHardware, WaveformSettings
from lightlane.lane.waveform.simulate import SimulatedLink, simulate_link
from lightlane.link import Link

SMALL = WaveformSettings(symbols_count=2**14, neighbors_count=0)


@pytest.fixture(scope="module")
def link() -> Link:
    return point_to_point(
        "oif-400zr",
        60.0,
        channels=3,
        mux="mux-75ghz",
        booster="edfa-fixed-5.5",
        preamplifier="edfa-fixed-5.5",
        channel_spacing_ghz=100.0,
        span_launch_power_dbm=0.0,
        received_power_dbm=-8.0,
    )


@pytest.fixture(scope="module")
def simulated(link: Link) -> SimulatedLink:
    return simulate_link(link, settings=SMALL)


def test_one_lane_of_each_direction_is_simulated(link: Link, simulated: SimulatedLink) -> None:
    budget = evaluate_link(link)
    assert [lane.direction for lane in simulated.result.lanes] == ["a_to_b", "b_to_a"]
    for lane, waveform in zip(simulated.result.lanes, simulated.waveforms, strict=True):
        ours = next(
            item
            for item in budget.lanes
            if (item.direction, item.channel_index) == (lane.direction, lane.channel_index)
        )
        worst = min(item.margin_db for item in budget.lanes if item.direction == lane.direction)
        assert ours.margin_db == worst
        # Levels are the budget's; what is counted is not far from what the budget expects.
        assert lane.received_power_dbm == ours.received_power_dbm
        assert lane.snr_db == pytest.approx(ours.snr_db, abs=0.4)
        assert lane.snr_db == pytest.approx(waveform.counted.snr_db)
        assert lane.pre_fec_ber == waveform.counted.pre_fec_ber
        assert math.isnan(lane.gsnr_db)
        assert sum(step.value_db for step in lane.explain()) == pytest.approx(lane.margin_db, abs=1e-6)
        assert waveform.monitors.cd_ps_per_nm == pytest.approx(ours.chromatic_dispersion_ps_per_nm, abs=15.0)
        assert waveform.monitors.cfo_mhz == pytest.approx(400.0, abs=10.0)
        low, high = waveform.counted.interval_ber()
        assert low < waveform.counted.pre_fec_ber < high


def test_a_seed_gives_the_same_bits(link: Link, simulated: SimulatedLink) -> None:
    again = simulate_link(link, settings=SMALL)
    assert np.array_equal(again.waveforms[0].symbols, simulated.waveforms[0].symbols)
    alone = simulate_link(link, settings=replace(SMALL, channels=(simulated.waveforms[0].channel_index,)))
    assert np.array_equal(alone.waveforms[0].symbols, simulated.waveforms[0].symbols)
    other = simulate_link(link, settings=replace(SMALL, seed=1))
    assert not np.array_equal(other.waveforms[0].symbols, simulated.waveforms[0].symbols)


def test_evaluate_link_gives_the_same_result(link: Link, simulated: SimulatedLink) -> None:
    assert evaluate_link(link, fidelity="waveform", waveform=SMALL).to_dict() == simulated.result.to_dict()
    assert lightlane.simulate_link is simulate_link


def test_bad_hardware_is_said(link: Link) -> None:
    hardware = CoherentHardware(modulator=IqModulator(quadrature_error_deg=15.0, imbalance_db=3.0))
    lane = simulate_link(link, settings=replace(SMALL, hardware=hardware, channels=(1,))).result.lanes[0]
    assert "hardware alone" in lane.outside_domain
    assert lane.snr_db < simulate_link(link, settings=replace(SMALL, channels=(1,))).result.lanes[0].snr_db - 0.5


def test_comb_holds_its_neighbors(link: Link) -> None:
    trace = trace_link(link)[0]
    alone = choose_comb(trace, 1, symbols_count=2**14, neighbors_count=0, roll_off=0.2)
    assert (alone.samples_count, alone.bins.tolist()) == (2**15, [0])
    three = choose_comb(trace, 1, symbols_count=2**14, neighbors_count=1, roll_off=0.2)
    assert three.bins[1] == 0
    assert three.bins[2] * three.bin_ghz == pytest.approx(100.0, abs=0.5 * three.bin_ghz)
    # The outer edges of the outer channels, twice, with a quarter of room.
    assert three.sample_rate_ghz >= 1.25 * 2.0 * (100.0 + 0.6 * trace.symbol_rate_gbd)
    edge = choose_comb(trace, 0, symbols_count=2**14, neighbors_count=1, roll_off=0.2)
    assert edge.rows.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"symbols_count": 1000}, "symbols_count"),
        ({"symbols_count": 10_000}, "symbols_count"),
        ({"seed": -1}, "seed"),
        ({"neighbors_count": 9}, "neighbors_count"),
        ({"back_propagation_steps_count": -1}, "back_propagation_steps_count"),
        ({"max_error_db": 3.0}, "max_error_db"),
        ({"precision": "f16"}, "precision"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, object], name: str) -> None:
    with pytest.raises(ParameterError, match=name):
        WaveformSettings(**settings)  # type: ignore[arg-type]


def test_what_cannot_be_simulated_is_refused(link: Link) -> None:
    with pytest.raises(ParameterError, match="channels holds 7"):
        simulate_link(link, settings=replace(SMALL, channels=(7,)))
    with pytest.raises(ParameterError, match="not coherent"):
        evaluate_link(point_to_point("400g-lr4-10", 8.0), fidelity="waveform")
    with pytest.raises(ParameterError, match="fidelity"):
        evaluate_link(link, fidelity="surrogate")
    with pytest.raises(ParameterError, match="waveform"):
        evaluate_link(link, waveform=SMALL)
    with pytest.raises(ParameterError, match="not known"):
        simulate_link(point_to_point("800gbase-er1", 20.0), settings=SMALL)


def test_ideal_hardware_adds_nothing_but_noise() -> None:
    assert IDEAL_HARDWARE.transmitter == Converter()
    assert IDEAL_HARDWARE.linewidth_khz == 0.0

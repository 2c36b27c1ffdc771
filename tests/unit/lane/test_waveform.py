"""Links evaluated by waveform: one result type, addressed numbers, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import lightlane
from lightlane.catalog.parts import CoherentMode, Fiber
from lightlane.errors import ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.kernels.coherent_hardware import Converter, IqModulator
from lightlane.kernels.task import Task
from lightlane.lane.budget import evaluate_link
from lightlane.lane.trace import PathTrace, trace_link
from lightlane.lane.waveform.clock import sample_by_own_clock
from lightlane.lane.waveform.comb import choose_comb
from lightlane.lane.waveform.line import SampledLine
from lightlane.lane.waveform.receiver import ReceivingModule
from lightlane.lane.waveform.settings import IDEAL_HARDWARE, CoherentHardware, WaveformSettings
from lightlane.lane.waveform.simulate import SimulatedLink, measure_back_to_back, simulate_link
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


def test_a_clock_of_its_own_samples_at_its_own_rate() -> None:
    """A tone of the block has fewer turns per sample, by the error, and the loop brings the block back."""
    period, cycles, error_ppm = 8192, 1024, 200.0
    tone = np.exp(2j * np.pi * cycles * np.arange(period) / period) * np.ones((2, 1))
    stream = sample_by_own_clock(tone, clock_error_ppm=error_ppm, margin_count=512)
    inside = stream[0, 100:-100]
    turns = np.unwrap(np.angle(inside))
    per_sample = (turns[-1] - turns[0]) / (len(turns) - 1) / (2.0 * np.pi)
    # Less what the interpolator lets through of the tone's image.
    assert per_sample == pytest.approx(cycles / period / (1.0 + error_ppm * 1e-6), rel=1e-9)
    assert stream.shape[1] == pytest.approx((2 * period + 1024) * (1.0 + error_ppm * 1e-6), abs=2)


@pytest.mark.parametrize("error_ppm", [20.0, -40.0])
def test_a_clock_error_costs_little(link: Link, simulated: SimulatedLink, error_ppm: float) -> None:
    """20 ppm are what OpenZR+ allows a module, 40 what two of them may make; 16,384 symbols slip by 0.3 and 0.7."""
    channel = simulated.waveforms[0].channel_index
    settings = replace(SMALL, channels=(channel,), hardware=CoherentHardware(clock_error_ppm=error_ppm))
    found = simulate_link(link, settings=settings).result.lanes[0]
    assert found.snr_db == pytest.approx(simulated.result.lanes[0].snr_db, abs=0.1)
    # Nor does the hardware's part, which is taken off the module's noise, hide what it costs.
    (module, trace, row) = _receiving_module(link, channel, CoherentHardware())
    without = measure_back_to_back(module, trace, row, 0.02)
    off = replace(module, hardware=CoherentHardware(clock_error_ppm=error_ppm))
    assert measure_back_to_back(off, trace, row, 0.02) == pytest.approx(without, rel=0.02)


def _receiving_module(link: Link, channel: int, hardware: CoherentHardware) -> tuple[ReceivingModule, PathTrace, int]:
    trace = trace_link(link)[0]
    row = int(np.flatnonzero(trace.channel_indices == channel)[0])
    mode = link.mode
    assert isinstance(mode, CoherentMode)
    comb = choose_comb(trace, row, symbols_count=2**14, neighbors_count=0, roll_off=mode.roll_off)
    module = ReceivingModule(
        mode=mode, hardware=hardware, comb=comb, noise_ratio=0.0, dispersion_ps_per_nm=0.0, seed=1, stream=2
    )
    return module, trace, row


def test_pmd_acts_where_it_turns_something(link: Link) -> None:
    """Plates act at one place of a fiber that hardly turns the band, at more where it does, and nowhere without any."""
    trace = trace_link(link)[0]
    place = next(place for place, element in enumerate(trace.elements) if element.kind == "fiber")
    element = trace.elements[place]
    fiber = element.part
    assert isinstance(fiber, Fiber)
    counts = []
    for pmd_ps_per_sqrt_km in (0.0, 0.04, 0.2, 5.0):
        part = fiber.model_copy(update={"pmd_ps_per_sqrt_km": pmd_ps_per_sqrt_km})
        changed = element.with_figures(part=part, dgd_ps=0.0)
        comb = choose_comb(trace, 0, symbols_count=2**14, neighbors_count=0, roll_off=0.2)
        line = SampledLine(
            trace=trace,
            comb=comb,
            mode=link.mode,  # type: ignore[arg-type]
            settings=SMALL,
            rest_ratio=np.zeros(len(trace.elements)),
            fiber_limits=False,
            stream=1,
            task=Task(),
        )
        counts.append(0 if line._plates(place, changed) is None else line._places_count(changed))
    assert counts[0] == 0
    assert counts[1] == 1
    # pi times 36 GHz times 0.2 ps times the root of 60, over 0.1, squared: 3.1.
    assert counts[2] == 4
    assert counts[3] == 60


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


def test_a_clock_that_no_loop_follows_is_refused() -> None:
    for error_ppm in (500.0, float("nan")):
        with pytest.raises(ParameterError, match="clock_error_ppm"):
            CoherentHardware(clock_error_ppm=error_ppm)


def test_what_cannot_be_simulated_is_refused(link: Link) -> None:
    with pytest.raises(ParameterError, match="channels holds 7"):
        simulate_link(link, settings=replace(SMALL, channels=(7,)))
    with pytest.raises(ParameterError, match="fidelity"):
        evaluate_link(link, fidelity="exact")
    with pytest.raises(ParameterError, match="waveform"):
        evaluate_link(link, waveform=SMALL)
    with pytest.raises(ParameterError, match="not known"):
        simulate_link(point_to_point("800gbase-er1", 20.0), settings=SMALL)


def test_ideal_hardware_adds_nothing_but_noise() -> None:
    assert IDEAL_HARDWARE.transmitter == Converter()
    assert IDEAL_HARDWARE.linewidth_khz == 0.0

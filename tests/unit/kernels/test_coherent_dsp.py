"""What the blocks of the coherent receiver refuse, and that the message names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane import kernels
from lightlane.errors import ParameterError

ONES = np.ones((2, 64), complex)
NAN = float("nan")
SEARCH = {"symbol_rate_gbd": 60.0, "roll_off": 0.1, "segment_count": 64}


def stage(**options: Any) -> kernels.LearningStage:
    return kernels.LearningStage(**{"criterion": "cma", "step_ratio": 1e-3, **options})


def equalizer(**options: Any) -> Callable[[], Any]:
    return lambda: kernels.AdaptiveEqualizer(**{"modulation": "qpsk", **options})


REFUSED: dict[str, tuple[str, Callable[[], Any]]] = {
    "frame": ("frame_count", lambda: kernels.IqOrthogonalizer(frame_count=3)),
    "memory": ("memory_count", lambda: kernels.IqOrthogonalizer(memory_count=0)),
    "short": ("field", lambda: kernels.orthogonalize_quadratures(np.ones((2, 4)))),
    "input rate": ("input_rate_ghz", lambda: kernels.Resampler(input_rate_ghz=0.0, output_rate_ghz=1.0)),
    "ratio": ("output_rate_hz", lambda: kernels.Resampler(input_rate_ghz=1.0, output_rate_ghz=100.0)),
    "half": ("half_count", lambda: kernels.Resampler(input_rate_ghz=1.0, output_rate_ghz=1.0, half_count=1)),
    "samples": ("samples_count", lambda: kernels.resample_periodic(ONES, samples_count=0)),
    "rate": ("sample_rate_ghz", lambda: kernels.ReceiverFilter(sample_rate_ghz=NAN)),
    "dispersion": ("dispersion_s_per_m", lambda: kernels.ReceiverFilter(sample_rate_ghz=1, dispersion_ps_per_nm=NAN)),
    "spread": ("dispersion_s_per_m", lambda: kernels.ReceiverFilter(sample_rate_ghz=1e3, dispersion_ps_per_nm=1e9)),
    "band": (
        "sample_rate_hz",
        lambda: kernels.ReceiverFilter(
            sample_rate_ghz=60, matched=kernels.MatchedFilter(symbol_rate_gbd=60, roll_off=0.1)
        ),
    ),
    "roll-off": (
        "roll_off",
        lambda: kernels.ReceiverFilter(
            sample_rate_ghz=120, matched=kernels.MatchedFilter(symbol_rate_gbd=60, roll_off=2.0)
        ),
    ),
    "no excess": ("roll_off", lambda: kernels.TimingRecovery(roll_off=0.0)),
    "symbols of a frame": ("frame_symbols_count", lambda: kernels.TimingRecovery(roll_off=0.1, frame_symbols_count=1)),
    "bandwidth": ("bandwidth_ratio", lambda: kernels.TimingRecovery(roll_off=0.1, bandwidth_ratio=1.0)),
    "odd": ("field", lambda: kernels.estimate_timing_ratio(np.ones((2, 65)), roll_off=0.1)),
    "range": (
        "dispersion_max_s_per_m",
        lambda: kernels.estimate_dispersion(ONES, dispersion_min_ps_per_nm=0.0, dispersion_max_ps_per_nm=1e6, **SEARCH),
    ),
    "empty range": (
        "dispersion_min_s_per_m",
        lambda: kernels.estimate_dispersion(
            ONES, dispersion_min_ps_per_nm=10.0, dispersion_max_ps_per_nm=-10.0, **SEARCH
        ),
    ),
    "taps": ("taps_count", equalizer(taps_count=4)),
    "update": ("update_symbols_count", equalizer(update_symbols_count=5)),
    "format": ("modulation", equalizer(modulation="64qam")),
    "shaping": ("inner_amplitude_ratio", equalizer(modulation="pcs16qam")),
    "no stages": ("stages", equalizer(stages=[])),
    "step": ("stages[0].step_ratio", equalizer(stages=[stage(step_ratio=-1.0)])),
    "length": ("stages[0].symbols_count", equalizer(stages=[stage(), stage()])),
    "rule": ("criterion", equalizer(stages=[stage(criterion="best")])),
    "no pilots": ("stages[0].criterion", equalizer(stages=[stage(criterion="pilots")])),
    "pilots": ("pilots", lambda: kernels.PilotPhase(kernels.KnownSymbols(symbols=np.ones((2, 0))))),
    "spacing": (
        "pilot_spacing_count",
        lambda: kernels.PilotPhase(kernels.KnownSymbols(symbols=ONES, spacing_count=0)),
    ),
    "phases": ("test_phases_count", lambda: kernels.BlindPhaseSearch(modulation="qpsk", test_phases_count=33)),
    "window": ("half_window_count", lambda: kernels.BlindPhaseSearch(modulation="qpsk", half_window_count=300)),
    "powers": ("half_window_count", lambda: kernels.ViterbiViterbi(half_window_count=0)),
    "offset": ("offset_hz", lambda: kernels.FrequencyShift(offset_ghz=70.0, sample_rate_ghz=120.0)),
    "few": (
        "symbols",
        lambda: kernels.estimate_frequency_offset(np.ones((2, 8)), symbol_rate_gbd=60.0, modulation="qpsk"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_figure_that_is_not_allowed_is_named(case: str) -> None:
    name, make = REFUSED[case]
    with pytest.raises(ParameterError) as caught:
        make()
    message = str(caught.value)
    assert message.startswith(f"{name} is ")
    assert "; allowed: " in message


BLOCKS: dict[str, Callable[[], Any]] = {
    "quadratures": kernels.IqOrthogonalizer,
    "resampler": lambda: kernels.Resampler(input_rate_ghz=1.0, output_rate_ghz=2.0),
    "filter": lambda: kernels.ReceiverFilter(sample_rate_ghz=120.0),
    "clock": lambda: kernels.TimingRecovery(roll_off=0.1),
    "equalizer": lambda: kernels.AdaptiveEqualizer(modulation="qpsk"),
    "blind": lambda: kernels.BlindPhaseSearch(modulation="qpsk"),
    "viterbi": kernels.ViterbiViterbi,
    "pilots": lambda: kernels.PilotPhase(kernels.KnownSymbols(symbols=ONES)),
    "slips": lambda: kernels.CycleSlipRepair(kernels.KnownSymbols(symbols=ONES)),
    "shift": lambda: kernels.FrequencyShift(offset_ghz=1.0, sample_rate_ghz=120.0),
}


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("bad", [np.ones(8), np.ones((1, 8)), np.ones((3, 8)), np.full((2, 8), np.nan)])
def test_what_is_no_field_is_refused(name: str, bad: Any) -> None:
    with pytest.raises(ParameterError, match=r"^(field|symbols|block) is "):
        BLOCKS[name]().process(bad)


def test_a_band_beyond_the_symbol_rate_is_refused() -> None:
    block = kernels.AdaptiveEqualizer(modulation="qpsk")
    for band_ratio in (0.0, 1.1, NAN):
        with pytest.raises(ParameterError, match=r"^band_ratio is "):
            block.estimate_channel(symbol_rate_gbd=60.0, band_ratio=band_ratio)


def test_fresh_taps_are_one_in_the_middle() -> None:
    block = kernels.AdaptiveEqualizer(modulation="qpsk", taps_count=5)
    expected = np.zeros((2, 2, 5))
    expected[0, 0, 2] = expected[1, 1, 2] = 1.0
    assert np.array_equal(block.taps, expected)
    assert block.mean_squared_error_ratio.size == 0
    assert block.settled_symbols_count is None
    found = block.estimate_channel(symbol_rate_gbd=60.0)
    assert (found.dgd_ps, found.pdl_db) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert np.isnan(found.sop_rate_krad_per_s)


def test_the_fixed_filter_writes_into_given_memory() -> None:
    block = kernels.ReceiverFilter(sample_rate_ghz=120.0, dispersion_ps_per_nm=300.0)
    rng = np.random.default_rng(3)
    field = rng.standard_normal((2, 5000)) + 1j * rng.standard_normal((2, 5000))
    expected = block.process(field)
    block.reset()
    room = np.empty((2, 5000), dtype=np.complex128)
    found = block.process(field, out=room)
    assert np.shares_memory(found, room)
    assert np.array_equal(found, expected)
    block.reset()
    for wrong in (
        np.empty((2, expected.shape[1] - 1), complex),
        np.empty((3, 5000), complex),
        room[:, ::2],
        room.real,
        field,
        room[0],
    ):
        with pytest.raises(ParameterError, match=r"^out"):
            block.process(field, out=wrong)
    # What was refused has left the stream alone.
    assert np.array_equal(block.process(field, out=room), expected)

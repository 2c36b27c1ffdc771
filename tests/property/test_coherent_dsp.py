"""Laws of the coherent receiver's blocks: how a stream is cut does not matter, reset forgets, inverses invert."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lightlane import kernels

Field = NDArray[np.complex128]


def make_symbols(count: int, seed: int) -> Field:
    rng = np.random.default_rng(seed)
    levels = np.array([-3.0, -1.0, 1.0, 3.0]) / np.sqrt(10.0)
    symbols = rng.choice(levels, (2, count)) + 1j * rng.choice(levels, (2, count))
    return np.asarray(symbols + 0.05 * (rng.standard_normal((2, count)) + 1j * rng.standard_normal((2, count))))


KNOWN = kernels.KnownSymbols(symbols=make_symbols(40, 1), spacing_count=32)
CMA = (kernels.LearningStage(criterion="cma", step_ratio=1e-3, symbols_count=501), kernels.BLIND_STAGES[1])

BLOCKS: dict[str, Callable[[], Any]] = {
    "quadratures": lambda: kernels.IqOrthogonalizer(frame_count=100, memory_count=3),
    "resampler": lambda: kernels.Resampler(input_rate_ghz=100.0, output_rate_ghz=87.3),
    "filter": lambda: kernels.ReceiverFilter(sample_rate_ghz=120.0, dispersion_ps_per_nm=300.0),
    "clock": lambda: kernels.TimingRecovery(roll_off=0.5, frame_symbols_count=64),
    "equalizer": lambda: kernels.AdaptiveEqualizer(modulation="16qam", stages=CMA, single_output_symbols_count=300),
    "real equalizer": lambda: kernels.AdaptiveEqualizer(
        modulation="16qam", widely_linear=True, taps_count=7, update_symbols_count=4, single_output_symbols_count=0
    ),
    "pilots' equalizer": lambda: kernels.AdaptiveEqualizer(
        modulation="16qam", known=KNOWN, stages=[kernels.LearningStage(criterion="decisions", step_ratio=1e-3)]
    ),
    "blind phase": lambda: kernels.BlindPhaseSearch(modulation="16qam", half_window_count=17),
    "fourth power": lambda: kernels.ViterbiViterbi(modulation="16qam", half_window_count=9),
    "known symbols": lambda: kernels.PilotPhase(KNOWN, half_window_count=2),
    "slips": lambda: kernels.CycleSlipRepair(KNOWN, half_window_count=2),
    "shift": lambda: kernels.FrequencyShift(offset_ghz=1.7, sample_rate_ghz=120.0),
}


def samples_of(out: Any) -> Field:
    return np.asarray(out.symbols if isinstance(out, kernels.Recovered) else out)


def run(block: Any, field: Field, cuts: list[int]) -> Field:
    parts = [samples_of(block.process(part)) for part in np.split(field, cuts, axis=1)]
    if hasattr(block, "finish"):
        parts.append(samples_of(block.finish()))
    return np.hstack(parts)


@pytest.mark.parametrize("name", BLOCKS)
@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(0, 6_000),
    cuts=st.lists(st.floats(0.0, 1.0), max_size=6),
    seed=st.integers(0, 1_000),
)
def test_cuts_do_not_matter_and_reset_forgets(name: str, count: int, cuts: list[float], seed: int) -> None:
    # The clock needs one: symbols of two samples each.
    samples_count = 2 if name == "clock" else 1
    field = np.repeat(make_symbols(count, seed), samples_count, axis=1)[:, :count]
    whole = run(BLOCKS[name](), field, [])
    block = BLOCKS[name]()
    block.process(np.repeat(make_symbols(5_000, seed + 1), samples_count, axis=1))
    block.reset()
    assert np.array_equal(run(block, field, sorted(int(cut * count) for cut in cuts)), whole)
    if name not in ("clock", "resampler"):
        expected = (count + 1) // 2 if name.endswith("equalizer") else count
        assert whole.shape == (2, expected)


@settings(max_examples=30, deadline=None)
@given(
    dispersion_ps_per_nm=st.floats(-3e4, 3e4), slope_ps_per_nm2=st.floats(-100.0, 100.0), count=st.integers(1, 2_000)
)
def test_dispersion_then_its_inverse_is_identity(
    dispersion_ps_per_nm: float, slope_ps_per_nm2: float, count: int
) -> None:
    field = make_symbols(count, 3)

    def undo(sign: float, samples: Field) -> Field:
        block = kernels.ReceiverFilter(
            sample_rate_ghz=120.0,
            dispersion_ps_per_nm=sign * dispersion_ps_per_nm,
            dispersion_slope_ps_per_nm2=sign * slope_ps_per_nm2,
        )
        return block.apply_periodic(samples)

    there = undo(-1.0, field)
    assert np.sum(np.abs(there) ** 2) == pytest.approx(np.sum(np.abs(field) ** 2), rel=1e-12)
    assert np.abs(undo(1.0, there) - field).max() < 1e-11


@settings(max_examples=30, deadline=None)
@given(count=st.integers(2, 500), more=st.integers(0, 500))
def test_more_samples_and_back_is_identity(count: int, more: int) -> None:
    field = make_symbols(count, 4)
    up = kernels.resample_periodic(field, samples_count=count + more)
    assert np.abs(kernels.resample_periodic(up, samples_count=count) - field).max() < 1e-11


@settings(max_examples=20, deadline=None)
@given(quarter=st.integers(0, 3), seed=st.integers(0, 100))
def test_a_quarter_turn_of_the_symbols_changes_nothing_but_the_quarter(quarter: int, seed: int) -> None:
    symbols = make_symbols(800, seed)
    plain = kernels.BlindPhaseSearch(modulation="16qam").process(symbols)
    turned = kernels.BlindPhaseSearch(modulation="16qam").process(symbols * 1j**quarter)
    apart = (turned.phase_rad - plain.phase_rad) / (np.pi / 2)
    assert np.abs(apart - np.round(apart)).max() < 1e-9

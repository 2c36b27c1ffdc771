"""TDECQ, TECQ and SECQ of sampled waveforms, simulated or captured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.direct import ReferenceReceiver
from lightlane.kernels.patterns import as_levels, named_pattern

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EyeWaveform:
    """A measured waveform on a grid from the start of its symbols, before and behind the equalizer.

    Attributes
    ----------
    received_w
        Behind the reference receiver's filter.
    equalized_w
        Behind the equalizer too.
    pulse_ratio
        Response to one symbol behind the filter over the outer OMA, from ``pulse_before_count`` symbols before its own.
    """

    samples_per_symbol_count: int
    received_w: Floats
    equalized_w: Floats
    pulse_ratio: Floats
    pulse_before_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TdecqMeasurement:
    """TDECQ of a waveform and what it rests on. Powers are in watts if the waveform is, else in its unit.

    Attributes
    ----------
    tdecq_db
        Behind no fiber TECQ, of the signal of a stressed receiver test SECQ.
    least_squares_tdecq_db
        With the taps of least squared error that the search started from; NaN if that eye is closed.
    noise_enhancement_db
        10 log10 Ceq.
    window_tdecq_db
        Of the early and the late histogram alone; the greater one is TDECQ.
    bearable_noise_w
        Deviation of the noise that may be added before the equalizer.
    levels_from
        ``runs``: seven threes and six zeros, as the clause says; ``equalized_means``: the record has no such runs.
    thresholds_w, equalized_levels_w
        Of the equalized eye.
    taps
        Feed-forward weights, that of the latest sample first; they sum to 1 plus the feedback.
    main_index
        Place of the main tap among them: as many taps come before it in time.
    sampling_time_ratio
        Middle of the eye behind the start of the record's first symbol, over the symbol.
    rise_time_ps, fall_time_ps
        20 % to 80 %, behind the filter; NaN where the pattern has no such edges.
    steps_count, is_settled
        Of the search for taps; whether it ended where no step gains.
    rate_error_ppm
        Symbol rate that was found over the nominal one.
    early_values_ratio, late_values_ratio
        Equalized values in both histograms over the outer OMA, less the average.
    window_levels
        Sent level of each.
    """

    tdecq_db: float
    least_squares_tdecq_db: float
    noise_enhancement_db: float
    window_tdecq_db: tuple[float, float]
    bearable_noise_w: float
    low_level_w: float
    high_level_w: float
    levels_from: str
    average_power_w: float
    thresholds_w: tuple[float, float, float]
    equalized_levels_w: tuple[float, float, float, float]
    level_mismatch_ratio: float
    taps: Floats
    main_index: int
    feedback_ratio: float
    sampling_time_ratio: float
    overshoot_percent: float
    undershoot_percent: float
    rise_time_ps: float
    fall_time_ps: float
    steps_count: int
    is_settled: bool
    symbol_rate_gbd: float
    target_ser_ratio: float
    symbols_count: int
    judged_symbols_count: int
    periods_count: int
    pattern_index: int
    is_inverted: bool
    is_resampled: bool
    rate_error_ppm: float
    correlation_ratio: float
    early_values_ratio: Floats
    late_values_ratio: Floats
    window_levels: NDArray[np.uint8]
    waveform: EyeWaveform | None

    @property
    def oma_outer_w(self) -> float:
        """Outer optical modulation amplitude."""
        return self.high_level_w - self.low_level_w

    @property
    def extinction_ratio_db(self) -> float:
        """Highest over lowest level; NaN where the lowest is not above zero, as of a waveform without its mean."""
        return 10.0 * math.log10(self.high_level_w / self.low_level_w) if self.low_level_w > 0.0 else math.nan

    @property
    def transition_time_ps(self) -> float:
        """The slower of both edges."""
        return max(self.rise_time_ps, self.fall_time_ps)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is other than in the clause, in words."""
        said = []
        if self.levels_from != "runs":
            said.append(
                "the record has no runs of seven threes and six zeros: the outer levels are means of the equalized eye"
            )
        if self.periods_count == 0:
            said.append("the record is less than one period of the pattern")
        if self.is_inverted:
            said.append("the waveform holds the pattern upside down")
        if not self.is_settled:
            said.append("the search for taps did not settle: other taps may cost less")
        return tuple(said)


def measure_tdecq(  # noqa: PLR0913 - what an instrument's menu asks for
    power_w: ArrayLike,
    pattern: ArrayLike | str = "ssprq",
    *,
    sample_rate_ghz: float,
    symbol_rate_gbd: float,
    receiver: ReferenceReceiver | None = None,
    main_index: int | None = None,
    threshold_reach_percent: float = 1.0,
    instrument_noise_w: float = 0.0,
    average: bool = False,
    is_filtered: bool = False,
    samples_per_symbol: int = 0,
) -> TdecqMeasurement:
    """Return TDECQ of a sampled waveform that holds a known pattern.

    Parameters
    ----------
    power_w
        Evenly spaced samples, in watts or in anything proportional to power.
    pattern
        ``ssprq``, ``prbs13q`` and the like, or the levels of one period.
    receiver
        None for that of 50G and 100G lanes: 5 taps, error ratio 4.8e-4, filter at half the symbol rate.
    main_index
        Holds the main tap to a place; None for the best of those that the equalizer allows.
    threshold_reach_percent
        By how much of the outer OMA each threshold may move.
    instrument_noise_w
        Deviation of the noise of the instrument that took the waveform.
    average
        Average the periods of the pattern first; noise of the transmitter goes with it.
    is_filtered
        The instrument has applied the reference receiver's filter already.
    samples_per_symbol
        Grid of the waveforms to keep for pictures; 0 for none.

    Raises
    ------
    ParameterError
        If the waveform is too short, clipped, not finite or sampled too coarsely, or a figure is not allowed.
    ModelError
        If the waveform does not hold the pattern, or the eye is closed.

    References
    ----------
    IEEE 802.3-2022, 121.8.5; ``docs/models/tdecq.md``.
    """
    require_positive(sample_rate_ghz=sample_rate_ghz, symbol_rate_gbd=symbol_rate_gbd)
    receiver = ReferenceReceiver() if receiver is None else receiver
    bandwidth_ghz = receiver.bandwidth_at_ghz(symbol_rate_gbd)
    noise_hz = None if math.isinf(bandwidth_ghz) else bandwidth_ghz * 1e9
    if main_index is not None and main_index < 0:
        raise ParameterError(f"main_index is {main_index}; allowed: 0 or above")
    if samples_per_symbol and not 2 <= samples_per_symbol <= 64:
        raise ParameterError(f"samples_per_symbol is {samples_per_symbol}; allowed: 0 or 2 to 64")
    levels = named_pattern(pattern) if isinstance(pattern, str) else as_levels("pattern", pattern)
    found = _core.measure_tdecq(
        np.ascontiguousarray(power_w, dtype=np.float64).ravel(),
        levels,
        sample_rate_hz=sample_rate_ghz * 1e9,
        symbol_rate_hz=symbol_rate_gbd * 1e9,
        receiver_bandwidth_hz=None if is_filtered else noise_hz,
        noise_bandwidth_hz=noise_hz,
        equalizer=receiver.equalizer,
        tap_limits=receiver.tap_limits,
        main_index=main_index,
        target_ser_ratio=receiver.target_ser_ratio,
        threshold_reach_ratio=threshold_reach_percent / 100.0,
        instrument_noise_w=instrument_noise_w,
        is_averaged=average,
        samples_per_symbol=samples_per_symbol,
    )
    return _to_measurement(found, symbol_rate_gbd, receiver.target_ser_ratio, samples_per_symbol)


def _to_measurement(
    found: dict[str, Any], symbol_rate_gbd: float, target_ser_ratio: float, samples_per_symbol: int
) -> TdecqMeasurement:
    symbol_ps = 1e3 / symbol_rate_gbd
    same = ("tdecq_db", "least_squares_tdecq_db", "noise_enhancement_db", "level_mismatch_ratio", "taps", "main_index")
    more = ("feedback_ratio", "sampling_time_ratio", "steps_count", "is_settled", "periods_count", "pattern_index")
    last = ("is_inverted", "is_resampled", "correlation_ratio", "window_levels")
    return TdecqMeasurement(
        **{name: found[name] for name in (*same, *more, *last)},
        window_tdecq_db=tuple(found["window_tdecq_db"]),
        bearable_noise_w=found["bearable_noise"],
        low_level_w=found["low_level"],
        high_level_w=found["high_level"],
        levels_from="runs" if found["has_runs"] else "equalized_means",
        average_power_w=found["average"],
        thresholds_w=tuple(found["thresholds"]),
        equalized_levels_w=tuple(found["equalized_levels"]),
        overshoot_percent=100.0 * found["overshoot_ratio"],
        undershoot_percent=100.0 * found["undershoot_ratio"],
        rise_time_ps=found["rise_ratio"] * symbol_ps,
        fall_time_ps=found["fall_ratio"] * symbol_ps,
        symbol_rate_gbd=symbol_rate_gbd,
        target_ser_ratio=target_ser_ratio,
        symbols_count=len(found["symbols"]),
        judged_symbols_count=len(found["window_levels"]),
        rate_error_ppm=1e6 * found["rate_error_ratio"],
        early_values_ratio=found["early_values"],
        late_values_ratio=found["late_values"],
        waveform=_to_waveform(found, samples_per_symbol) if samples_per_symbol else None,
    )


PULSE_BEFORE_COUNT, PULSE_AFTER_COUNT = 3, 9


def _to_waveform(found: dict[str, Any], samples_per_symbol: int) -> EyeWaveform:
    pulse = _core.fit_pulse_response(
        found["received"],
        found["symbols"],
        samples_per_symbol=samples_per_symbol,
        before_count=PULSE_BEFORE_COUNT,
        after_count=PULSE_AFTER_COUNT,
    )
    oma = found["high_level"] - found["low_level"]
    return EyeWaveform(
        samples_per_symbol_count=samples_per_symbol,
        received_w=found["received"],
        equalized_w=found["equalized"],
        pulse_ratio=3.0 * pulse / oma,
        pulse_before_count=PULSE_BEFORE_COUNT,
    )

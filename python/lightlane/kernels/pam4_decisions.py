"""Decisions on sampled PAM4: equalizer taps, slicing or the likeliest sequence, error ratios from noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.direct import ReferenceEqualizer

Floats = NDArray[np.float64]
Symbols = NDArray[np.uint8]


def as_symbols(symbols: ArrayLike) -> Symbols:
    """Return PAM4 symbols as a contiguous column; raise ParameterError for what is not 0, 1, 2 or 3."""
    column = np.ascontiguousarray(symbols).ravel()
    wrong = column[~np.isin(column, (0, 1, 2, 3))]
    if wrong.size:
        raise ParameterError(f"symbols hold {wrong[0]}; allowed: 0, 1, 2 and 3")
    return column.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Pam4Taps:
    """Taps of an equalizer.

    Attributes
    ----------
    taps
        Feed-forward weights, the one of the latest sample first.
    main_index
        Place of the main one, which is also the number of taps before it.
    feedback_ratio
        Weight of the decision before.
    mean_squared_error_ratio
        Of the fit, noise included, over the square of what it was fitted to.
    per_symbol
        Taps, and samples, of a symbol: 1, or 2 for taps half a symbol apart.
    """

    taps: Floats
    main_index: int
    feedback_ratio: float
    mean_squared_error_ratio: float
    per_symbol: int = 1

    def feed_forward(self, samples: ArrayLike) -> Floats:
        """Return what the feed-forward taps make of the samples of a period, ``per_symbol`` a symbol: one by symbol."""
        column = np.asarray(samples, dtype=np.float64)
        before = len(self.taps) - 1 - self.main_index
        wrapped = np.concatenate([column[len(column) - before :], column, column[: self.main_index]])
        return np.convolve(wrapped, self.taps, mode="valid")[:: self.per_symbol]


def fit_pam4_equalizer(
    samples: ArrayLike,
    sent: ArrayLike,
    *,
    equalizer: ReferenceEqualizer,
    noise_variance_ratio: float,
    noise_autocorrelation_ratio: ArrayLike,
    tap_limits: bool = False,
) -> Pam4Taps:
    """Return the taps of least mean squared error for samples of a period, one per symbol, and what was sent.

    Raises
    ------
    ParameterError
        If lengths do not fit, or the equalizer is not one that exists.
    ModelError
        If no taps meet the limits.
    """
    return Pam4Taps(
        *_core.fit_pam4_equalizer(
            np.ascontiguousarray(samples, dtype=np.float64),
            np.ascontiguousarray(sent, dtype=np.float64),
            equalizer=equalizer,
            tap_limits=tap_limits,
            noise_variance_ratio=noise_variance_ratio,
            noise_autocorrelation_ratio=np.ascontiguousarray(noise_autocorrelation_ratio, dtype=np.float64),
        )
    )


FEEDBACK_MAX_RATIO: dict[ReferenceEqualizer, float] = {"none": 0.0, "ffe5": 0.0, "ffe15": 0.0, "ffe15_dfe1": 0.3}
"""Of the reference equalizers (P802.3dj drafts)."""


def fit_fractional_equalizer(
    samples: ArrayLike,
    sent: ArrayLike,
    *,
    taps_count: int,
    feedback_max_ratio: float,
    noise_variance_ratio: float,
    noise_autocorrelation_ratio: ArrayLike,
) -> Pam4Taps:
    """Return taps half a symbol apart of least mean squared error, which sum to 1 plus the feedback.

    Parameters
    ----------
    samples
        Of a period, two a symbol; sample 0 is that of symbol 0, and of the middle tap.
    taps_count
        Odd, so that there is a middle one.
    feedback_max_ratio
        Greatest weight of the symbol before; 0 for none.
    noise_autocorrelation_ratio
        At lags of half a symbol.

    Raises
    ------
    ParameterError
        If lengths do not fit or ``taps_count`` is even.
    """
    column, target = np.asarray(samples, dtype=np.float64), np.asarray(sent, dtype=np.float64)
    if taps_count % 2 == 0 or not 3 <= taps_count < len(target):
        raise ParameterError(f"taps_count is {taps_count}; allowed: odd numbers from 3 on")
    if len(column) != 2 * len(target):
        raise ParameterError(f"samples are {len(column)}; allowed: two for each of {len(target)} symbols")
    colored = np.asarray(noise_autocorrelation_ratio, dtype=np.float64)
    main = taps_count // 2
    columns = np.stack([np.roll(column, tap - main)[::2] for tap in range(taps_count)], axis=1)
    apart = np.abs(np.subtract.outer(range(taps_count), range(taps_count)))
    moments = columns.T @ columns / len(target) + noise_variance_ratio * colored[apart]

    def solve(feedback_ratio: float) -> Floats:
        """Taps for a weight of the symbol before; their sum is held by a multiplier."""
        wanted = columns.T @ (target + feedback_ratio * np.roll(target, 1)) / len(target)
        system = np.zeros((taps_count + 1, taps_count + 1))
        system[:-1, :-1], system[:-1, -1], system[-1, :-1] = moments, 1.0, 1.0
        return np.asarray(np.linalg.solve(system, np.append(wanted, 1.0 + feedback_ratio))[:-1])

    def error(taps: Floats, feedback_ratio: float) -> float:
        apart_from = columns @ taps - feedback_ratio * np.roll(target, 1) - target
        noise = noise_variance_ratio * float(taps @ colored[apart] @ taps)
        return (float(np.mean(apart_from**2)) + noise) / float(np.mean(target**2))

    # Taps are straight in the feedback and the error is a parabola: three of its points tell where it is least.
    feedback_ratio = 0.0
    if feedback_max_ratio > 0.0:
        ends = (0.0, 0.5 * feedback_max_ratio, feedback_max_ratio)
        bent = np.polyfit(ends, [error(solve(value), value) for value in ends], 2)
        feedback_ratio = float(np.clip(-0.5 * bent[1] / bent[0], 0.0, feedback_max_ratio))
    taps = solve(feedback_ratio)
    return Pam4Taps(taps, main, feedback_ratio, error(taps, feedback_ratio), per_symbol=2)


def adapt_pam4_equalizer(
    samples: ArrayLike,
    sent: ArrayLike,
    start: Pam4Taps,
    *,
    feedback_max_ratio: float,
    step_ratio: float = 0.1,
    symbols_count: int = 2**18,
) -> Pam4Taps:
    """Return taps that have adapted to known symbols by least mean squares, from the main tap alone.

    Parameters
    ----------
    samples
        Noisy, of a period, as many a symbol as ``start`` has taps.
    start
        Says how many taps there are and which is the main one.
    step_ratio
        Over the power of the samples in the taps; halved before each of the last two passes.
    symbols_count
        That taps adapt to at least: the block is gone through so often. Taps half a symbol apart need many.

    Raises
    ------
    ParameterError
        If a figure is not allowed or lengths do not fit.
    ModelError
        If the taps diverge.
    """
    taps, feedback_ratio, error_ratio = _core.adapt_lms(
        np.ascontiguousarray(samples, dtype=np.float64),
        np.ascontiguousarray(sent, dtype=np.float64),
        taps_count=len(start.taps),
        main_index=start.main_index,
        taps_per_symbol=start.per_symbol,
        feedback_max_ratio=feedback_max_ratio,
        step_ratio=step_ratio,
        passes_count=max(4, -(-symbols_count // max(1, np.size(sent)))),
    )
    return Pam4Taps(taps, start.main_index, feedback_ratio, error_ratio, start.per_symbol)


def decide_pam4(
    values: ArrayLike,
    *,
    level_ratio: ArrayLike,
    threshold_ratio: ArrayLike,
    feedback_ratio: float = 0.0,
    before: int = 0,
    sequence: bool = False,
) -> Symbols:
    """Return the symbols of equalized values.

    Parameters
    ----------
    level_ratio, threshold_ratio
        Values of the symbols 0 to 3, and three numbers between them.
    feedback_ratio
        Weight with which the symbol before is in a value; decision feedback takes it off.
    before
        Symbol before the first.
    sequence
        Decide for the likeliest sequence (Viterbi) in place of symbol by symbol.

    Raises
    ------
    ParameterError
        If levels or threshold_ratio do not rise.
    """
    return _core.decide_pam4(
        np.ascontiguousarray(values, dtype=np.float64),
        level_ratio=[float(level) for level in np.asarray(level_ratio)],
        threshold_ratio=[float(threshold) for threshold in np.asarray(threshold_ratio)],
        feedback_ratio=feedback_ratio,
        before=before,
        sequence=sequence,
    )


@dataclass(frozen=True, slots=True)
class DecisionNoise:
    """Variance of each decision: what does not depend on the light, and what does by decision (A^2).

    Attributes
    ----------
    dark_variance_ratio
        Shot noise of the dark current, which depends on the detector's gain as that of the light does.
    """

    constant_variance_ratio: float
    shot_variance_ratio: Floats
    intensity_variance_ratio: Floats
    dark_variance_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Pam4ErrorRatios:
    """Symbol error ratios in several lights, and how much light can be lost before a target.

    Attributes
    ----------
    symbol_error_ratio
        One entry per light.
    threshold_ratio
        Shape (lights, 3), for values in each light.
    margin_db
        NaN where no light reaches the target.
    """

    symbol_error_ratio: Floats
    threshold_ratio: Floats
    margin_db: float


def pam4_error_ratios(
    symbols: ArrayLike,
    values: ArrayLike,
    noise: DecisionNoise,
    *,
    light_ratio: ArrayLike = 1.0,
    target_ser_ratio: float | None = 4.8e-4,
) -> Pam4ErrorRatios:
    """Return the symbol error ratios that noise makes of equalized values without noise.

    Parameters
    ----------
    values
        Equalized current of each symbol in the light of ``light_ratio`` 1, feedback taken off.
    target_ser_ratio
        Of the margin; None for no margin.

    Raises
    ------
    ParameterError
        If lengths differ, a level does not occur, or a light is not above 0.

    References
    ----------
    ``docs/models/direct-waveform.md``.
    """
    ratios, threshold_ratio, margin_db = _core.pam4_error_ratios(
        as_symbols(symbols),
        np.ascontiguousarray(values, dtype=np.float64),
        constant_a2=noise.constant_variance_ratio + noise.dark_variance_ratio,
        shot_a2=np.ascontiguousarray(noise.shot_variance_ratio, dtype=np.float64),
        intensity_a2=np.ascontiguousarray(noise.intensity_variance_ratio, dtype=np.float64),
        light_ratio=np.atleast_1d(np.asarray(light_ratio, dtype=np.float64)),
        target_ser_ratio=target_ser_ratio,
    )
    return Pam4ErrorRatios(ratios, np.array(threshold_ratio), margin_db)

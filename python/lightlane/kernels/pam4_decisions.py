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
    """Taps of a symbol-spaced equalizer.

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
    """

    taps: Floats
    main_index: int
    feedback_ratio: float
    mean_squared_error_ratio: float

    def feed_forward(self, samples: ArrayLike) -> Floats:
        """Return what the feed-forward taps make of the samples of a period, one per symbol."""
        column = np.asarray(samples, dtype=np.float64)
        before = len(self.taps) - 1 - self.main_index
        wrapped = np.concatenate([column[len(column) - before :], column, column[: self.main_index]])
        return np.convolve(wrapped, self.taps, mode="valid")


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

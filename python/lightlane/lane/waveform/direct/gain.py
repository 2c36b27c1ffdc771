"""The gain of an avalanche photodiode that is set anew for its light."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.direct_waveform import FrontEndFigures
from lightlane.kernels.pam4_decisions import DecisionNoise, Pam4ErrorRatios, pam4_error_ratios

Floats = NDArray[np.float64]

STEPS_MAX = 12
PRECISION_DB = 1e-4
"""The gain moves by hundredths within a decibel: few steps reach it."""


@dataclass(frozen=True, slots=True)
class FollowedGain:
    """How a receiver's gain follows the light.

    Attributes
    ----------
    in_light
        Receiver in so many decibels less light than the lane has.
    here
        Receiver in the lane's own light.
    """

    in_light: Callable[[float], FrontEndFigures]
    here: FrontEndFigures

    def noise_in(self, noise: DecisionNoise, loss_db: float) -> DecisionNoise:
        """Return noise, stated over the current of the lane's own light, with the gain of less light."""
        there = self.in_light(loss_db)
        # Over the current, the amplifier's noise falls with the gain and shot noise rises with the excess noise factor.
        amplifier = (self.here.gain_ratio / there.gain_ratio) ** 2
        excess = excess_noise_ratio(there) / excess_noise_ratio(self.here)
        return replace(
            noise,
            constant_variance_ratio=noise.constant_variance_ratio * amplifier,
            shot_variance_ratio=noise.shot_variance_ratio * excess,
            dark_variance_ratio=noise.dark_variance_ratio * excess,
        )

    def error_ratios(
        self,
        symbols: NDArray[np.uint8],
        values: Floats,
        noise: DecisionNoise,
        *,
        light_ratio: Floats,
        target_ser_ratio: float,
    ) -> Pam4ErrorRatios:
        """Return the error ratios of :func:`pam4_error_ratios`, each with the gain of its light."""
        each = [
            pam4_error_ratios(
                symbols,
                values,
                self.noise_in(noise, -10.0 * math.log10(ratio)),
                light_ratio=ratio,
                target_ser_ratio=None,
            )
            for ratio in light_ratio.tolist()
        ]
        return Pam4ErrorRatios(
            np.concatenate([errors.symbol_error_ratio for errors in each]),
            np.concatenate([errors.threshold_ratio for errors in each]),
            self._margin_db(symbols, values, noise, target_ser_ratio),
        )

    def _margin_db(
        self, symbols: NDArray[np.uint8], values: Floats, noise: DecisionNoise, target_ser_ratio: float
    ) -> float:
        """Return the light that can be lost with the gain that is set then."""
        margin_db = 0.0
        for _ in range(STEPS_MAX):
            errors = pam4_error_ratios(
                symbols, values, self.noise_in(noise, margin_db), target_ser_ratio=target_ser_ratio
            )
            if not abs(errors.margin_db - margin_db) > PRECISION_DB:
                return errors.margin_db
            margin_db = errors.margin_db
        return margin_db


def excess_noise_ratio(figures: FrontEndFigures) -> float:
    """Return the excess noise factor F = k M + (1 - k)(2 - 1/M) (McIntyre 1966, doi 10.1109/T-ED.1966.15651)."""
    gain, ionization = figures.gain_ratio, figures.ionization_ratio
    return ionization * gain + (1.0 - ionization) * (2.0 - 1.0 / gain) if gain > 1.0 else 1.0

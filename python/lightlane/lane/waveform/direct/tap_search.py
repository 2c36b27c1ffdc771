"""The search for the sampling time and the taps that lose most light before the target."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.direct import ReferenceEqualizer
from lightlane.kernels.direct_waveform import SAMPLES_PER_SYMBOL
from lightlane.kernels.pam4_decisions import (
    FEEDBACK_MAX_RATIO,
    DecisionNoise,
    Pam4Taps,
    fit_fractional_equalizer,
    fit_pam4_equalizer,
    pam4_error_ratios,
)
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.light import EDGE_SYMBOLS_COUNT, ArrivedLight, Judged

Floats = NDArray[np.float64]

PHASE_SYMBOLS_COUNT = 4096
"""Symbols on which the equalizer's sampling time is chosen."""
NOISE_SHARES = (4.0, 1.0, 0.2, 0.0)
"""Noise for which taps are tried, over that of the lane's own light: at the margin's end there is more."""
FRACTIONAL_TAPS_COUNT: dict[ReferenceEqualizer, int] = {"none": 3, "ffe5": 9, "ffe15": 29, "ffe15_dfe1": 29}
"""Taps half a symbol apart over as many symbols as the reference equalizer has."""
LAGS_COUNT = 32
"""Of the noise's autocorrelation: as many as an equalizer may have taps."""


@dataclass(frozen=True, slots=True)
class TapSearch:
    """The search for sampling time and taps, on light without noise and with the noise's color.

    Taps of least squared error spare noise and leave interference, while rare errors are made by the outermost symbols:
    taps for less noise than there is may bear more loss of light. The search keeps what bears most.
    """

    mode: Judged
    hardware: DirectHardware
    light: ArrivedLight
    symbols_count: int
    variance_ratio: float
    autocorrelation_ratio: Floats

    @classmethod
    def of(cls, mode: Judged, hardware: DirectHardware, light: ArrivedLight) -> TapSearch:
        """Return the search on the first symbols of a lane."""
        count = min(PHASE_SYMBOLS_COUNT, len(light.symbols))
        noise = light.noise_behind(np.ones(1), 0, 0, symbols_count=count)
        variance_ratio = noise.constant_variance_ratio + float(
            noise.dark_variance_ratio + noise.shot_variance_ratio.mean() + noise.intensity_variance_ratio.mean()
        )
        step = SAMPLES_PER_SYMBOL // hardware.taps_per_symbol
        colored = light.receiver.to_core().noise_autocorrelation(step, LAGS_COUNT)
        return cls(mode, hardware, light, count, variance_ratio, colored)

    def choose(self) -> tuple[int, float]:
        """Return the sample of the symbol and the share of the noise whose taps lose most light before the target."""
        fine = self.light.sample_finely(self.symbols_count)
        step = SAMPLES_PER_SYMBOL // self.hardware.taps_per_symbol
        flat = (fine - fine.mean()).ravel()
        trials = [np.roll(flat, -first)[::step] for first in range(SAMPLES_PER_SYMBOL)]
        errors = [self._fit(trial, 1.0).mean_squared_error_ratio for trial in trials]
        middle = int(np.argmin(errors))
        chosen, most_db = (middle, 1.0), -math.inf
        # The time of least squared error is where the search starts: it goes on to a side as long as that bears more.
        waiting, tried = [middle], set()
        while waiting:
            first = waiting.pop() % SAMPLES_PER_SYMBOL
            if first in tried:
                continue
            tried.add(first)
            beside = self._beside(first, fine.mean())
            for share in NOISE_SHARES:
                margin_db = self._margin_db(trials[first], share, beside)
                if margin_db > most_db:
                    chosen, most_db = (first, share), margin_db
            if chosen[0] == first:
                waiting += [first - 1, first + 1]
        return chosen

    def taps_at(self, first: int, share_ratio: float) -> tuple[float, Pam4Taps]:
        """Return the average and the taps of the whole block at a sampling time, for a share of the noise."""
        quiet = self.light.sample(first, per_symbol=self.hardware.taps_per_symbol)
        average_ratio = float(quiet.mean())
        return average_ratio, self._fit(quiet - average_ratio, share_ratio)

    def _beside(self, first: int, average_ratio: float) -> list[Floats]:
        """Return the samples of both sides of the clock's error; those of the clock alone where it has none."""
        error_ui = self.hardware.timing_error_ui
        return [
            self.light.sample(
                first,
                delay_ui=delay_ui,
                symbols_count=self.symbols_count,
                per_symbol=self.hardware.taps_per_symbol,
            )
            - average_ratio
            for delay_ui in ((0.0,) if error_ui == 0.0 else (-error_ui, error_ui))
        ]

    def _margin_db(self, samples: Floats, share_ratio: float, beside: list[Floats]) -> float:
        """Return the light that can be lost with taps for a share of the noise, were it the same for all symbols.

        The taps are those of the clock's time, the worse of both sides beside it counts; NaN where no light is enough.
        """
        taps = self._fit(samples, share_ratio)
        count = len(samples) // self.hardware.taps_per_symbol
        sent = self.light.sent_ratio[:count]
        apart = np.abs(np.subtract.outer(range(len(taps.taps)), range(len(taps.taps))))
        enhanced = float(taps.taps @ self.autocorrelation_ratio[apart] @ taps.taps)
        inside = self._inside(count)
        none = np.zeros(count)[inside]
        noise = DecisionNoise(self.variance_ratio * enhanced, none, none)
        symbols, target = self.light.symbols[:count][inside], self.mode.target_ser_ratio
        margins_db = []
        for side in beside:
            values = (taps.feed_forward(side) - taps.feedback_ratio * np.roll(sent, 1))[inside]
            margins_db.append(pam4_error_ratios(symbols, values, noise, target_ser_ratio=target).margin_db)
        return math.nan if np.isnan(margins_db).any() else min(margins_db)

    def _inside(self, count: int) -> slice:
        """Return the symbols whose neighbors are their own: a part of the block does not go on at its begin."""
        return slice(0, count) if count == len(self.light.symbols) else slice(EDGE_SYMBOLS_COUNT, -EDGE_SYMBOLS_COUNT)

    def _fit(self, samples: Floats, share_ratio: float) -> Pam4Taps:
        equalizer, variance = self.mode.reference_equalizer, share_ratio * self.variance_ratio
        assert equalizer is not None
        sent = self.light.sent_ratio[: len(samples) // self.hardware.taps_per_symbol]
        if self.hardware.taps_per_symbol == 2:
            return fit_fractional_equalizer(
                samples,
                sent,
                taps_count=FRACTIONAL_TAPS_COUNT[equalizer],
                feedback_max_ratio=FEEDBACK_MAX_RATIO[equalizer],
                noise_variance_ratio=variance,
                noise_autocorrelation_ratio=self.autocorrelation_ratio,
            )
        return fit_pam4_equalizer(
            samples,
            sent,
            equalizer=equalizer,
            noise_variance_ratio=variance,
            noise_autocorrelation_ratio=self.autocorrelation_ratio,
        )

"""The receiver of a simulated lane: sampling time, equalizer, noise of each decision, decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.direct_waveform import SAMPLES_PER_SYMBOL
from lightlane.kernels.pam4_decisions import (
    FEEDBACK_MAX_RATIO,
    Pam4ErrorRatios,
    Pam4Taps,
    adapt_pam4_equalizer,
    decide_pam4,
    pam4_error_ratios,
)
from lightlane.lane.waveform.direct.gain import FollowedGain
from lightlane.lane.waveform.direct.hardware import DirectHardware
from lightlane.lane.waveform.direct.light import EDGE_SYMBOLS_COUNT, ArrivedLight, Judged
from lightlane.lane.waveform.direct.tap_search import TapSearch

Floats = NDArray[np.float64]
Symbols = NDArray[np.uint8]

EYE_SYMBOLS_COUNT = 4096
PULSE_REACH_UI = (-6, 10)
WATERFALL_DB = np.linspace(-8.0, 6.0, 57)
"""Light over the lane's own; 0 is among them."""
BATHTUB_UI = np.linspace(-0.5, 0.5, 41)
"""After the sampling time."""
HERE = int(np.argmin(np.abs(WATERFALL_DB)))
FULL_SCALE_RATIO = 1.25
"""Range of the converter over the distance of the outer levels."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Decisions at one time within the symbol.

    Attributes
    ----------
    delay_ui
        Before the sampling time.
    values
        Equalized, without noise, feedback by the sent symbols taken off.
    """

    delay_ui: float
    values: Floats
    errors: Pam4ErrorRatios


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What the receiver makes of a lane's light.

    Attributes
    ----------
    average_ratio
        Average current over that of the outer OMA.
    first
        Sample of the first symbol that the equalizer takes.
    worse
        The instant that errs more.
    symbol_error_ratio
        In the lights of :data:`WATERFALL_DB`, of the worse instant in each.
    """

    light: ArrivedLight
    average_ratio: float
    first: int
    taps: Pam4Taps
    worse: Instant
    symbol_error_ratio: Floats
    margin_db: float

    @property
    def threshold_ratio(self) -> Floats:
        """Thresholds in the lane's own light."""
        return np.asarray(self.worse.errors.threshold_ratio[HERE])

    @property
    def level_mean_ratio(self) -> Floats:
        """Mean equalized value of each level."""
        return np.array([self.worse.values[self.light.symbols == level].mean() for level in range(4)])

    def decide(self, hardware: DirectHardware, *, seed: int, stream: int) -> tuple[Symbols, Floats]:
        """Return the decided symbols and the equalized noisy values, feedback by those decisions taken off."""
        current = self.light.sample(
            self.first, delay_ui=self.worse.delay_ui, noise=(seed, stream), per_symbol=self.taps.per_symbol
        )
        values = self.taps.feed_forward(_quantize(current - self.average_ratio, hardware.converter_bits_count))
        levels = self.level_mean_ratio
        before = int(self.light.symbols[-1])
        decided = decide_pam4(
            values,
            level_ratio=levels,
            threshold_ratio=self.threshold_ratio,
            feedback_ratio=self.taps.feedback_ratio,
            before=before,
            sequence=hardware.decision == "sequence",
        )
        fed_back = levels[np.concatenate([[before], decided[:-1]])]
        return decided, values - self.taps.feedback_ratio * fed_back

    def bathtub_ser_ratio(self, mode: Judged) -> Floats:
        """Return the symbol error ratio at each of :data:`BATHTUB_UI`, of the first symbols with the same taps."""
        count = min(EYE_SYMBOLS_COUNT, len(self.light.symbols))
        sent = self.light.sent_ratio[:count]
        # A part of the block does not go on at its begin.
        inside = slice(EDGE_SYMBOLS_COUNT, count - EDGE_SYMBOLS_COUNT)
        ratios = []
        for time_ui in BATHTUB_UI.tolist():
            # A receiver's samples lie before those of its grid, the bathtub's after.
            quiet = self.light.sample(
                self.first, delay_ui=-time_ui, symbols_count=count, per_symbol=self.taps.per_symbol
            )
            values = self.taps.feed_forward(quiet - self.average_ratio) - self.taps.feedback_ratio * np.roll(sent, 1)
            noise = self.light.noise_behind(
                self.taps.taps,
                self.taps.main_index,
                self.first,
                delay_ui=-time_ui,
                symbols_count=count,
                per_symbol=self.taps.per_symbol,
            )
            part = replace(
                noise,
                shot_variance_ratio=noise.shot_variance_ratio[inside],
                intensity_variance_ratio=noise.intensity_variance_ratio[inside],
            )
            errors = pam4_error_ratios(self.light.symbols[inside], values[inside], part, target_ser_ratio=None)
            ratios.append(float(errors.symbol_error_ratio[0]))
        return np.array(ratios)

    def eye_ua(self) -> Floats:
        """Return the current of the first symbols without noise."""
        count = min(EYE_SYMBOLS_COUNT, len(self.light.symbols))
        return np.asarray(self.light.sample_finely(count).ravel() * self.light.oma_outer_ua)

    def pulse_response(self) -> tuple[Floats, Floats]:
        """Return what one symbol becomes, by least squares of the current on the symbols, and its times."""
        lags = np.arange(*PULSE_REACH_UI)
        count = min(EYE_SYMBOLS_COUNT, len(self.light.symbols))
        current = self.light.sample_finely(count)
        inside = slice(PULSE_REACH_UI[1], count + PULSE_REACH_UI[0])
        sent = self.light.sent_ratio[:count]
        columns = np.stack([np.roll(sent, lag)[inside] for lag in lags], axis=1)
        solved, *_ = np.linalg.lstsq(columns, current[inside] - current[inside].mean(axis=0), rcond=None)
        times = lags[:, None] + np.arange(SAMPLES_PER_SYMBOL) / SAMPLES_PER_SYMBOL
        return solved.ravel(), times.ravel()


def receive_lane(
    mode: Judged,
    hardware: DirectHardware,
    light: ArrivedLight,
    gain: FollowedGain | None = None,
    training: tuple[int, int] = (0, 0),
) -> Reception:
    """Receive a lane's light, and find how often its decisions err.

    Parameters
    ----------
    gain
        Of an avalanche photodiode that sets it anew in more or less light; None for one that stays.
    training
        Seed and stream of the noise in which taps adapt, where the hardware lets them.

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    ModelError
        If no taps meet the limits.
    """
    fit = TapSearch.of(mode, hardware, light)
    first, share = fit.choose()
    average_ratio, taps = fit.taps_at(first, share)
    if hardware.adaptation == "lms":
        taps = _adapt(mode, light, taps, first, average_ratio, training)
    error_ui = hardware.timing_error_ui
    instants = [
        _judge(mode, light, taps, first, average_ratio, delay_ui, gain)
        for delay_ui in ((0.0,) if error_ui == 0.0 else (-error_ui, error_ui))
    ]
    ratios = np.stack([instant.errors.symbol_error_ratio for instant in instants])
    margins_db = [instant.errors.margin_db for instant in instants]
    return Reception(
        light=light,
        average_ratio=average_ratio,
        first=first,
        taps=taps,
        worse=instants[int(np.argmax(ratios[:, HERE]))],
        symbol_error_ratio=ratios.max(axis=0),
        margin_db=math.nan if np.isnan(margins_db).any() else min(margins_db),
    )


def _adapt(
    mode: Judged,
    light: ArrivedLight,
    start: Pam4Taps,
    first: int,
    average_ratio: float,
    training: tuple[int, int],
) -> Pam4Taps:
    """Return taps that adapt to the lane's own noisy symbols; which is the main one is known."""
    assert mode.reference_equalizer is not None
    noisy = light.sample(first, noise=training, per_symbol=start.per_symbol) - average_ratio
    return adapt_pam4_equalizer(
        noisy, light.sent_ratio, start, feedback_max_ratio=FEEDBACK_MAX_RATIO[mode.reference_equalizer]
    )


def _judge(
    mode: Judged,
    light: ArrivedLight,
    taps: Pam4Taps,
    first: int,
    average_ratio: float,
    delay_ui: float,
    gain: FollowedGain | None,
) -> Instant:
    """Return how often the decisions of one instant err."""
    quiet = light.sample(first, delay_ui=delay_ui, per_symbol=taps.per_symbol) - average_ratio
    values = taps.feed_forward(quiet) - taps.feedback_ratio * np.roll(light.sent_ratio, 1)
    noise = light.noise_behind(taps.taps, taps.main_index, first, delay_ui=delay_ui, per_symbol=taps.per_symbol)
    lights, target = 10.0 ** (WATERFALL_DB / 10.0), mode.target_ser_ratio
    if gain is None:
        errors = pam4_error_ratios(light.symbols, values, noise, light_ratio=lights, target_ser_ratio=target)
    else:
        errors = gain.error_ratios(light.symbols, values, noise, light_ratio=lights, target_ser_ratio=target)
    return Instant(delay_ui, values, errors)


def _quantize(values: Floats, bits_count: float | None) -> Floats:
    """Round values, 1 being the outer OMA, to the steps of a converter; those beyond its range are clipped."""
    if bits_count is None:
        return values
    half_range = 0.5 * FULL_SCALE_RATIO
    step = 2.0 * half_range / 2.0**bits_count
    return np.asarray(np.clip((np.floor(values / step) + 0.5) * step, -half_range, half_range))

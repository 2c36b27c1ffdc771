"""The receiver of a simulated lane: sampling time, equalizer, noise of each decision, decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.kernels.direct import Pam4Transmitter
from lightlane.kernels.direct_waveform import SAMPLES_PER_SYMBOL, DirectReceiver, FrontEndFigures
from lightlane.kernels.pam4_decisions import (
    DecisionNoise,
    Pam4ErrorRatios,
    Pam4Taps,
    decide_pam4,
    fit_pam4_equalizer,
    pam4_error_ratios,
)
from lightlane.lane.waveform.direct.hardware import DirectHardware

Floats = NDArray[np.float64]
Symbols = NDArray[np.uint8]

PHASE_SYMBOLS_COUNT = 4096
"""Symbols on which the equalizer's sampling time is chosen."""
NOISE_SHARES = (4.0, 1.0, 0.2, 0.0)
"""Noise for which taps are tried, over that of the lane's own light: at the margin's end there is more."""
LAGS_COUNT = 32
"""Of the noise's autocorrelation: as many as an equalizer may have taps."""
EYE_SYMBOLS_COUNT = 4096
PULSE_REACH_UI = (-6, 10)
WATERFALL_DB = np.linspace(-8.0, 6.0, 57)
"""Light over the lane's own; 0 is among them."""
HERE = int(np.argmin(np.abs(WATERFALL_DB)))
FULL_SCALE_RATIO = 1.25
"""Range of the converter over the distance of the outer levels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedLight:
    """A lane's light at its receiver, and what was sent: levels are over the outer OMA, 0 for the average."""

    receiver: DirectReceiver
    power_w: Floats
    symbols: Symbols
    sent_ratio: Floats
    oma_outer_ua: float
    """Current of the outer OMA."""

    def sample(
        self,
        first: int,
        *,
        delay_ui: float = 0.0,
        symbols_count: int | None = None,
        noise: tuple[int, int] | None = None,
    ) -> Floats:
        """Return the current, over that of the outer OMA, once a symbol; of the first symbols alone where told."""
        power_w = self._light(symbols_count)
        core = self.receiver.to_core(delay_ui=delay_ui)
        current = core.receive(power_w, first=first, step=SAMPLES_PER_SYMBOL, noise=noise)
        return np.asarray(current * (1e6 / self.oma_outer_ua))

    def sample_finely(self, symbols_count: int) -> Floats:
        """Return the current of the first symbols at every sample, one row by symbol."""
        core = self.receiver.to_core()
        current = core.receive(self._light(symbols_count), first=0, step=1, noise=None)
        return np.asarray(current.reshape(-1, SAMPLES_PER_SYMBOL) * (1e6 / self.oma_outer_ua))

    def noise_behind(
        self, taps: Floats, lead_count: int, first: int, *, delay_ui: float = 0.0, symbols_count: int | None = None
    ) -> DecisionNoise:
        """Return the noise of each decision behind taps, over the squared outer OMA."""
        constant, dark, shot, intensity = self.receiver.to_core(delay_ui=delay_ui).decision_noise(
            self._light(symbols_count),
            first=first,
            step=SAMPLES_PER_SYMBOL,
            taps=np.ascontiguousarray(taps),
            lead=lead_count,
            tap_step=SAMPLES_PER_SYMBOL,
        )
        scale = (1e6 / self.oma_outer_ua) ** 2
        return DecisionNoise((constant + dark) * scale, shot * scale, intensity * scale)

    def _light(self, symbols_count: int | None) -> Floats:
        return self.power_w if symbols_count is None else self.power_w[: symbols_count * SAMPLES_PER_SYMBOL]


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
        current = self.light.sample(self.first, delay_ui=self.worse.delay_ui, noise=(seed, stream))
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


def take_light(
    mode: DirectMode,
    figures: FrontEndFigures,
    transmitter: Pam4Transmitter,
    *,
    oma_outer_dbm: float,
    power_ratio: Floats,
    symbols: Symbols,
) -> ArrivedLight:
    """Return a lane's light, given over its outer OMA, in front of the receiver that the budget gives its mode."""
    oma_w = 1e-3 * 10.0 ** (oma_outer_dbm / 10.0)
    levels = np.array(transmitter.level_powers_ratio())
    return ArrivedLight(
        receiver=DirectReceiver(
            symbol_rate_gbd=mode.symbol_rate_gbd,
            responsivity_a_per_w=figures.responsivity_a_per_w,
            thermal_noise_pa_per_sqrt_hz=figures.thermal_noise_pa_per_sqrt_hz,
            gain_ratio=figures.gain_ratio,
            ionization_ratio=figures.ionization_ratio,
            dark_current_na=figures.dark_current_na,
            rin_db_per_hz=-math.inf if mode.rin_db_per_hz is None else mode.rin_db_per_hz,
        ),
        power_w=power_ratio * oma_w,
        symbols=symbols,
        sent_ratio=(levels - levels[[0, 3]].mean())[symbols],
        oma_outer_ua=figures.gain_ratio * figures.responsivity_a_per_w * oma_w * 1e6,
    )


def receive_lane(mode: DirectMode, hardware: DirectHardware, light: ArrivedLight) -> Reception:
    """Receive a lane's light, and find how often its decisions err.

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    ModelError
        If no taps meet the limits.
    """
    fit = _Fit.of(mode, light)
    first, share = fit.choose()
    average_ratio, taps = fit.taps_at(first, share)
    error_ui = hardware.timing_error_ui
    instants = [
        _judge(mode, light, taps, first, average_ratio, delay_ui)
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


def _judge(
    mode: DirectMode, light: ArrivedLight, taps: Pam4Taps, first: int, average_ratio: float, delay_ui: float
) -> Instant:
    """Return how often the decisions of one instant err."""
    quiet = light.sample(first, delay_ui=delay_ui) - average_ratio
    values = taps.feed_forward(quiet) - taps.feedback_ratio * np.roll(light.sent_ratio, 1)
    errors = pam4_error_ratios(
        light.symbols,
        values,
        light.noise_behind(taps.taps, taps.main_index, first, delay_ui=delay_ui),
        light_ratio=10.0 ** (WATERFALL_DB / 10.0),
        target_ser_ratio=mode.target_ser_ratio,
    )
    return Instant(delay_ui, values, errors)


@dataclass(frozen=True, slots=True)
class _Fit:
    """The search for sampling time and taps, on light without noise and with the noise's color.

    Taps of least squared error spare noise and leave interference, while rare errors are made by the outermost symbols:
    taps for less noise than there is may bear more loss of light. The search keeps what bears most.
    """

    mode: DirectMode
    light: ArrivedLight
    symbols_count: int
    variance_ratio: float
    autocorrelation_ratio: Floats

    @classmethod
    def of(cls, mode: DirectMode, light: ArrivedLight) -> _Fit:
        count = min(PHASE_SYMBOLS_COUNT, len(light.symbols))
        noise = light.noise_behind(np.ones(1), 0, 0, symbols_count=count)
        variance_ratio = noise.constant_variance_ratio + float(
            noise.shot_variance_ratio.mean() + noise.intensity_variance_ratio.mean()
        )
        colored = light.receiver.to_core().noise_autocorrelation(SAMPLES_PER_SYMBOL, LAGS_COUNT)
        return cls(mode, light, count, variance_ratio, colored)

    def choose(self) -> tuple[int, float]:
        """Return the sample of the symbol and the share of the noise whose taps lose most light before the target."""
        fine = self.light.sample_finely(self.symbols_count)
        trials = (fine - fine.mean()).T
        errors = [self._fit(trial, 1.0).mean_squared_error_ratio for trial in trials]
        middle = int(np.argmin(errors))
        chosen, most_db = (middle, 1.0), -math.inf
        for first in ((middle - 1) % SAMPLES_PER_SYMBOL, middle, (middle + 1) % SAMPLES_PER_SYMBOL):
            for share in NOISE_SHARES:
                margin_db = self._margin_db(trials[first], share)
                if margin_db > most_db:
                    chosen, most_db = (first, share), margin_db
        return chosen

    def taps_at(self, first: int, share_ratio: float) -> tuple[float, Pam4Taps]:
        """Return the average and the taps of the whole block at a sampling time, for a share of the noise."""
        quiet = self.light.sample(first)
        average_ratio = float(quiet.mean())
        return average_ratio, self._fit(quiet - average_ratio, share_ratio)

    def _margin_db(self, samples: Floats, share_ratio: float) -> float:
        """Return the light that can be lost with taps for a share of the noise, were it the same for all symbols."""
        taps = self._fit(samples, share_ratio)
        sent = self.light.sent_ratio[: len(samples)]
        values = taps.feed_forward(samples) - taps.feedback_ratio * np.roll(sent, 1)
        apart = np.abs(np.subtract.outer(range(len(taps.taps)), range(len(taps.taps))))
        enhanced = float(taps.taps @ self.autocorrelation_ratio[apart] @ taps.taps)
        none = np.zeros(len(values))
        noise = DecisionNoise(self.variance_ratio * enhanced, none, none)
        symbols, target = self.light.symbols[: len(values)], self.mode.target_ser_ratio
        return pam4_error_ratios(symbols, values, noise, target_ser_ratio=target).margin_db

    def _fit(self, samples: Floats, share_ratio: float) -> Pam4Taps:
        assert self.mode.reference_equalizer is not None
        return fit_pam4_equalizer(
            samples,
            self.light.sent_ratio[: len(samples)],
            equalizer=self.mode.reference_equalizer,
            noise_variance_ratio=share_ratio * self.variance_ratio,
            noise_autocorrelation_ratio=self.autocorrelation_ratio,
        )


def _quantize(values: Floats, bits_count: float | None) -> Floats:
    """Round values, 1 being the outer OMA, to the steps of a converter; those beyond its range are clipped."""
    if bits_count is None:
        return values
    half_range = 0.5 * FULL_SCALE_RATIO
    step = 2.0 * half_range / 2.0**bits_count
    return np.asarray(np.clip((np.floor(values / step) + 0.5) * step, -half_range, half_range))

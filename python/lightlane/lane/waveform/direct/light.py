"""A lane's light in front of its receiver: samples of the current, and the noise behind taps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.errors import ParameterError
from lightlane.kernels.direct import Pam4Transmitter, ReferenceEqualizer
from lightlane.kernels.direct_waveform import SAMPLES_PER_SYMBOL, DirectReceiver, FrontEndFigures
from lightlane.kernels.lit_lanes import SemiconductorAmplifier
from lightlane.kernels.pam4_decisions import DecisionNoise
from lightlane.lane.waveform.direct.gain import excess_noise_ratio
from lightlane.units import ELEMENTARY_CHARGE_C

Floats = NDArray[np.float64]
Symbols = NDArray[np.uint8]

EDGE_SYMBOLS_COUNT = 64
"""At either end of a part of the block, which does not go on at its begin: more than taps and responses reach."""


class Judged(Protocol):
    """What of a mode decides how its lanes are equalized and judged."""

    @property
    def reference_equalizer(self) -> ReferenceEqualizer | None:
        """The equalizer."""

    @property
    def target_ser_ratio(self) -> float:
        """Symbol error ratio at which sensitivities are stated."""


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
        per_symbol: int = 1,
    ) -> Floats:
        """Return the current, over that of the outer OMA, once or twice a symbol; of the first symbols where told."""
        power_w = self._light(symbols_count)
        core = self.receiver.to_core(delay_ui=delay_ui)
        current = core.receive(power_w, first=first, step=SAMPLES_PER_SYMBOL // per_symbol, noise=noise)
        return np.asarray(current * (1e6 / self.oma_outer_ua))

    def sample_finely(self, symbols_count: int) -> Floats:
        """Return the current of the first symbols at every sample, one row by symbol."""
        core = self.receiver.to_core()
        current = core.receive(self._light(symbols_count), first=0, step=1, noise=None)
        return np.asarray(current.reshape(-1, SAMPLES_PER_SYMBOL) * (1e6 / self.oma_outer_ua))

    def noise_behind(
        self,
        taps: Floats,
        lead_count: int,
        first: int,
        *,
        delay_ui: float = 0.0,
        symbols_count: int | None = None,
        per_symbol: int = 1,
    ) -> DecisionNoise:
        """Return the noise of each decision behind taps, over the squared outer OMA."""
        constant, dark, shot, intensity = self.receiver.to_core(delay_ui=delay_ui).decision_noise(
            self._light(symbols_count),
            first=first,
            step=SAMPLES_PER_SYMBOL,
            taps=np.ascontiguousarray(taps),
            lead=lead_count,
            tap_step=SAMPLES_PER_SYMBOL // per_symbol,
        )
        scale = (1e6 / self.oma_outer_ua) ** 2
        return DecisionNoise(constant * scale, shot * scale, intensity * scale, dark * scale)

    def _light(self, symbols_count: int | None) -> Floats:
        return self.power_w if symbols_count is None else self.power_w[: symbols_count * SAMPLES_PER_SYMBOL]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmplifiedLight:
    """Light at the photodetector, over the outer OMA there.

    Attributes
    ----------
    gain_db
        Of an optical amplifier for the mean power; 0 without one.
    noise_dbm_per_ghz
        Density of its noise in one polarization.
    noise_bandwidth_ghz
        Of the filter that it passes.
    """

    power_ratio: Floats
    gain_db: float = 0.0
    noise_dbm_per_ghz: float = -math.inf
    noise_bandwidth_ghz: float = 0.0


def amplify_light(
    amplifier: SemiconductorAmplifier | None,
    mode: DirectMode,
    power_ratio: Floats,
    *,
    oma_outer_dbm: float,
    wavelength_nm: float,
) -> AmplifiedLight:
    """Return a lane's light, given over its outer OMA, behind the amplifier in front of its photodetector.

    Raises
    ------
    ParameterError
        If the photodetector is an avalanche photodiode: its gain is set for the light without an amplifier.
    """
    if amplifier is None:
        return AmplifiedLight(power_ratio=power_ratio)
    if mode.detector == "apd":
        raise ParameterError(
            f"mode {mode.id!r} has an avalanche photodiode; allowed: an optical amplifier in front of a PIN photodiode"
        )
    oma_w = 1e-3 * 10.0 ** (oma_outer_dbm / 10.0)
    # Dispersion and echoes leave no power below 0, side lobes of a spectrum that is cut may.
    power_w = np.maximum(power_ratio, 0.0) * oma_w
    out_w = amplifier.amplify(power_w, sample_rate_ghz=mode.symbol_rate_gbd * SAMPLES_PER_SYMBOL)
    gain_ratio = float(out_w.mean() / power_w.mean())
    return AmplifiedLight(
        power_ratio=out_w / (gain_ratio * oma_w),
        gain_db=10.0 * math.log10(gain_ratio),
        noise_dbm_per_ghz=10.0 * math.log10(1e12 * amplifier.noise_w_per_hz(wavelength_nm, gain_ratio)),
        noise_bandwidth_ghz=amplifier.filter_bandwidth_ghz,
    )


def take_light(
    mode: DirectMode,
    figures: FrontEndFigures,
    transmitter: Pam4Transmitter,
    amplified: AmplifiedLight,
    *,
    oma_outer_dbm: float,
    symbols: Symbols,
) -> ArrivedLight:
    """Return a lane's light in front of the receiver that the budget gives its mode; the OMA is that not amplified."""
    oma_w = 1e-3 * 10.0 ** ((oma_outer_dbm + amplified.gain_db) / 10.0)
    levels = np.array(transmitter.level_powers_ratio())
    # Noise of an amplifier beats with itself, and is light that makes shot noise (Olsson 1989, doi 10.1109/50.29634).
    density_w_per_hz = 1e-12 * 10.0 ** (amplified.noise_dbm_per_ghz / 10.0)
    noise_w = 2.0 * density_w_per_hz * amplified.noise_bandwidth_ghz * 1e9
    response = figures.gain_ratio * figures.responsivity_a_per_w
    beats_a2_per_hz = 2.0 * response**2 * noise_w * density_w_per_hz
    shot_a2_per_hz = 2.0 * ELEMENTARY_CHARGE_C * response * figures.gain_ratio * excess_noise_ratio(figures) * noise_w
    thermal_a2_per_hz = (figures.thermal_noise_pa_per_sqrt_hz * 1e-12) ** 2 + beats_a2_per_hz + shot_a2_per_hz
    return ArrivedLight(
        receiver=DirectReceiver(
            symbol_rate_gbd=mode.symbol_rate_gbd,
            responsivity_a_per_w=figures.responsivity_a_per_w,
            thermal_noise_pa_per_sqrt_hz=1e12 * math.sqrt(thermal_a2_per_hz),
            gain_ratio=figures.gain_ratio,
            ionization_ratio=figures.ionization_ratio,
            dark_current_na=figures.dark_current_na,
            rin_db_per_hz=-math.inf if mode.rin_db_per_hz is None else mode.rin_db_per_hz,
            amplified_dbm_per_ghz=amplified.noise_dbm_per_ghz,
        ),
        power_w=amplified.power_ratio * oma_w,
        symbols=symbols,
        sent_ratio=(levels - levels[[0, 3]].mean())[symbols],
        oma_outer_ua=figures.gain_ratio * figures.responsivity_a_per_w * oma_w * 1e6,
    )

"""A lane's light in front of its receiver: samples of the current, and the noise behind taps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lightlane.catalog.parts import DirectMode
from lightlane.kernels.direct import Pam4Transmitter, ReferenceEqualizer
from lightlane.kernels.direct_waveform import SAMPLES_PER_SYMBOL, DirectReceiver, FrontEndFigures
from lightlane.kernels.pam4_decisions import DecisionNoise

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

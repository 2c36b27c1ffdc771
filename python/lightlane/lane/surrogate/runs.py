"""Waveform runs that a surrogate is fitted to: one transmitter, one dispersion, the noise at the target."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ModelError
from lightlane.kernels.direct import Pam4Transmitter, ReferenceEqualizer
from lightlane.kernels.direct_waveform import DirectReceiver, SampledPath, propagate_pam4
from lightlane.kernels.signal import random_bits
from lightlane.kernels.surrogate import EYE_NUMBERS_COUNT, equalized_openings
from lightlane.lane.waveform.address import PAM4_BITS, stream_of
from lightlane.lane.waveform.direct.hardware import PLAIN_HARDWARE
from lightlane.lane.waveform.direct.light import ArrivedLight
from lightlane.lane.waveform.direct.receiver import Reception, receive_lane
from lightlane.units import SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]
Symbols = NDArray[np.uint8]

RUN_RATE_GBD = 53.125
RUN_WAVELENGTH_NM = 1310.0
"""Any rate and wavelength do: dispersion is given as D lambda^2 Rs^2/c and bandwidth over the symbol rate."""
FIRST_NOISE_RATIO = 0.04
"""Deviation over the outer OMA with which a search begins."""
CLOSE_DB = 0.3
"""So near to the target the taps are those of the target."""
TRIALS_COUNT = 6
"""Of noise; the taps that bear most are kept."""
LESS_NOISE_RATIO = 0.4
"""Where no light reaches the target, taps for so much less noise are tried."""
_ELEMENTARY_CHARGE_C = 1.602176634e-19
_TRACE_RIN_DB_PER_HZ = -190.0
"""So little intensity noise that it decides nothing and shows what makes it."""
_GRAY_SYMBOLS = np.array([0, 1, 3, 2], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class RunTarget:
    """What lanes are equalized with and judged by."""

    reference_equalizer: ReferenceEqualizer
    target_ser_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPoint:
    """One transmitter and fiber; see :class:`lightlane.kernels.surrogate.SurrogateTable`."""

    dispersion_ratio: float
    chirp_alpha: float
    bandwidth_ratio: float
    extinction_ratio_db: float

    @property
    def dispersion_ps_per_nm(self) -> float:
        """Accumulated dispersion of the run."""
        per_ratio = SPEED_OF_LIGHT_M_PER_S / (RUN_WAVELENGTH_NM * 1e-9 * RUN_RATE_GBD * 1e9) ** 2
        return self.dispersion_ratio * per_ratio * 1e3

    def transmitter(self) -> Pam4Transmitter:
        """Return the transmitter of the run."""
        return Pam4Transmitter(
            symbol_rate_gbd=RUN_RATE_GBD,
            eo_bandwidth_ghz=self.bandwidth_ratio * RUN_RATE_GBD,
            extinction_ratio_db=self.extinction_ratio_db,
            chirp_alpha=self.chirp_alpha,
        )


@dataclass(frozen=True, slots=True)
class RunEye:
    """What a run leaves.

    Attributes
    ----------
    eye_ratio
        Numbers of the eye, as :class:`lightlane.kernels.surrogate.SurrogateTable` keeps them.
    noise_ratio
        Deviation over the outer OMA with which the symbol error ratio is the target; NaN where none does.
    """

    eye_ratio: Floats
    noise_ratio: float


def run_symbols(count: int, seed: int) -> Symbols:
    """Return the symbols that every run of a surrogate sends."""
    bits = random_bits(2 * count, seed=seed, stream=stream_of("surrogate", "a_to_b", 0, "bits"), purpose=PAM4_BITS)
    return np.asarray(_GRAY_SYMBOLS[2 * bits[::2] + bits[1::2]])


def run_point(
    point: RunPoint, target: RunTarget, symbols: Symbols, *, first_noise_ratio: float = FIRST_NOISE_RATIO
) -> RunEye:
    """Send symbols through one transmitter and fiber, and equalize them in the noise with which they meet the target.

    Parameters
    ----------
    first_noise_ratio
        Where the search for that noise begins.

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    ModelError
        If the transmitter's response overshoots below zero power, or no taps are found.
    """
    transmitter = point.transmitter()
    path = SampledPath(wavelength_nm=RUN_WAVELENGTH_NM, dispersion_ps_per_nm=point.dispersion_ps_per_nm)
    levels = np.array(transmitter.level_powers_ratio())
    receiver = DirectReceiver(
        symbol_rate_gbd=RUN_RATE_GBD,
        responsivity_a_per_w=1.0,
        thermal_noise_pa_per_sqrt_hz=1.0,
        rin_db_per_hz=_TRACE_RIN_DB_PER_HZ,
    )
    bandwidth_hz = receiver.to_core().noise_bandwidth_hz()
    light = ArrivedLight(
        receiver=receiver,
        power_w=propagate_pam4(symbols, transmitter, path),
        symbols=symbols,
        sent_ratio=(levels - levels[[0, 3]].mean())[symbols],
        oma_outer_ua=1e6,
    )
    noise_ratio, best_ratio = first_noise_ratio, -math.inf
    best: Reception | None = None
    for _ in range(TRIALS_COUNT):
        density = noise_ratio / math.sqrt(bandwidth_hz) * 1e12
        light = replace(light, receiver=replace(receiver, thermal_noise_pa_per_sqrt_hz=density))
        reception = receive_lane(target, PLAIN_HARDWARE, light)
        if math.isnan(reception.margin_db):
            best = reception if best is None else best
            noise_ratio *= LESS_NOISE_RATIO
            continue
        borne_ratio = noise_ratio * 10.0 ** (reception.margin_db / 10.0)
        if borne_ratio > best_ratio:
            best, best_ratio = reception, borne_ratio
        if abs(reception.margin_db) <= CLOSE_DB:
            break
        noise_ratio = borne_ratio
    assert best is not None
    return RunEye(_numbers(best), best_ratio if best_ratio > 0.0 else math.nan)


def _numbers(reception: Reception) -> Floats:
    """Return the numbers of the eye that a reception has."""
    light, taps, symbols = reception.light, reception.taps, reception.light.symbols
    noise = light.noise_behind(taps.taps, taps.main_index, reception.first, delay_ui=reception.worse.delay_ui)
    plain = light.noise_behind(np.ones(1), 0, 0, symbols_count=min(64, len(symbols)))
    density_a2_per_hz = (light.receiver.thermal_noise_pa_per_sqrt_hz * 1e-12) ** 2
    constant = noise.constant_variance_ratio
    # White noise of a known density has passed the same taps: what is left is the light.
    power = noise.shot_variance_ratio / constant * density_a2_per_hz / (2.0 * _ELEMENTARY_CHARGE_C)
    square = noise.intensity_variance_ratio / constant * density_a2_per_hz / 10.0 ** (_TRACE_RIN_DB_PER_HZ / 10.0)
    extinction = light.power_w.mean()
    power_by_level = np.array([power[symbols == level].mean() for level in range(4)]) - extinction
    square_by_level = np.array([square[symbols == level].mean() for level in range(4)])
    numbers = np.concatenate(
        [
            [math.sqrt(constant / plain.constant_variance_ratio)],
            equalized_openings(symbols, reception.worse.values),
            power_by_level,
            square_by_level - 2.0 * extinction * power_by_level - extinction**2,
        ]
    )
    if not (len(numbers) == EYE_NUMBERS_COUNT and np.isfinite(numbers).all()):
        raise ModelError("an equalized eye has numbers that are not finite")
    return numbers

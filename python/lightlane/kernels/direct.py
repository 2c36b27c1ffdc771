"""The eye of direct-detect lanes: pulse response, TDECQ behind a fiber, receiver sensitivity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.task import Task

Floats = NDArray[np.float64]
ReferenceEqualizer = Literal["none", "ffe5", "ffe15", "ffe15_dfe1"]

NOISE_BANDWIDTH_RATIO = 0.52
"""Noise bandwidth of a receiver over the symbol rate: fourth-order Bessel-Thomson at half of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pam4Transmitter:
    """A transmitter of PAM4.

    Attributes
    ----------
    eo_bandwidth_ghz
        3-dB bandwidth from the rectangular drive to the emitted power; None for ideal edges.
    level_mismatch_ratio
        R_LM: 1 for equally spaced levels.
    chirp_alpha
        Transient chirp: the phase is alpha/2 ln P.
    adiabatic_chirp_ghz
        Shift of the optical frequency from the lowest to the highest level, of a directly modulated laser.
    response
        Shape of the bandwidth: fourth-order Bessel-Thomson or one pole.
    rin_db_per_hz
        Relative intensity noise of each level; minus infinity for none.
    rin_oma_db_per_hz
        Noise relative to the OMA, alike at every level, as the standards limit it.
    """

    symbol_rate_gbd: float
    eo_bandwidth_ghz: float | None
    extinction_ratio_db: float = 4.5
    level_mismatch_ratio: float = 1.0
    chirp_alpha: float = 0.0
    adiabatic_chirp_ghz: float = 0.0
    response: Literal["bessel4", "single_pole"] = "bessel4"
    rin_db_per_hz: float = -math.inf
    rin_oma_db_per_hz: float = -math.inf

    def _to_si(self) -> dict[str, float | None]:
        return {
            "symbol_rate_hz": self.symbol_rate_gbd * 1e9,
            "eo_bandwidth_hz": None if self.eo_bandwidth_ghz is None else self.eo_bandwidth_ghz * 1e9,
            "extinction_ratio_db": self.extinction_ratio_db,
            "level_mismatch_ratio": self.level_mismatch_ratio,
            "chirp_alpha": self.chirp_alpha,
            "adiabatic_chirp_hz": self.adiabatic_chirp_ghz * 1e9,
        }

    def level_powers_ratio(self) -> tuple[float, float, float, float]:
        """Return the powers of the four levels over the outer OMA."""
        ratio = 10.0 ** (self.extinction_ratio_db / 10.0)
        middle, inner = (ratio + 1.0) / (2.0 * (ratio - 1.0)), self.level_mismatch_ratio / 6.0
        return (middle - 0.5, middle - inner, middle + inner, middle + 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceReceiver:
    """What TDECQ is measured with.

    Attributes
    ----------
    equalizer
        5 or 15 symbol-spaced taps, or 15 with one tap of decision feedback.
    tap_limits
        Hold the taps to the limits of the 200G/lane drafts.
    bandwidth_ghz
        Of the fourth-order Bessel-Thomson filter; None for half the symbol rate, infinity for no filter.
    """

    equalizer: ReferenceEqualizer = "ffe5"
    tap_limits: bool = False
    target_ser_ratio: float = 4.8e-4
    bandwidth_ghz: float | None = None

    def bandwidth_at_ghz(self, symbol_rate_gbd: float) -> float:
        """Return the bandwidth at a symbol rate."""
        return symbol_rate_gbd / 2.0 if self.bandwidth_ghz is None else self.bandwidth_ghz


@dataclass(frozen=True, slots=True)
class TdecqEstimate:
    """What an eye costs, one entry per accumulated dispersion; NaN where the eye is closed.

    Attributes
    ----------
    noise_enhancement_db
        10 log10 of the factor by which the equalizer raises noise; TDECQ less it is what interference costs.
    overshoot_ratio
        Largest excursion of the detected signal beyond the outer levels, over the outer OMA.
    sampling_offset_ratio
        Time of the decision after the middle of the symbol, over the symbol.
    taps
        Feed-forward weights, the one of the latest sample first: shape (dispersions, taps).
    feedback_ratio
        Weight of the previous decision.
    """

    tdecq_db: Floats
    noise_enhancement_db: Floats
    overshoot_ratio: Floats
    sampling_offset_ratio: Floats
    feedback_ratio: Floats
    taps: Floats


def estimate_tdecq(
    dispersion_ps_per_nm: ArrayLike,
    transmitter: Pam4Transmitter,
    receiver: ReferenceReceiver | None = None,
    *,
    wavelength_nm: float = 1310.0,
    task: Task | None = None,
) -> TdecqEstimate:
    """Return TDECQ behind accumulated dispersion (TECQ at 0) with a reference receiver and equalizer.

    Parameters
    ----------
    dispersion_ps_per_nm
        One-dimensional or a number.
    receiver
        None for the one of 50G and 100G lanes.

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    Cancelled
        If ``task`` was cancelled.

    References
    ----------
    IEEE 802.3-2022, 121.8.5; ``docs/models/equalized-snr.md``.
    """
    dispersion = np.atleast_1d(np.asarray(dispersion_ps_per_nm, dtype=np.float64)) * 1e-3
    if dispersion.ndim != 1:
        raise ParameterError(f"dispersion_ps_per_nm has {dispersion.ndim} dimensions; allowed: 0 or 1")
    require_positive(wavelength_nm=wavelength_nm)
    receiver = ReferenceReceiver() if receiver is None else receiver
    bandwidth_ghz = receiver.bandwidth_at_ghz(transmitter.symbol_rate_gbd)
    found = _core.estimate_tdecq(
        dispersion,
        transmitter=transmitter._to_si(),
        response=transmitter.response,
        wavelength_m=wavelength_nm * 1e-9,
        receiver_bandwidth_hz=_finite(bandwidth_ghz * 1e9),
        equalizer=receiver.equalizer,
        tap_limits=receiver.tap_limits,
        target_ser_ratio=receiver.target_ser_ratio,
        noise_variance_ratio=_noise(transmitter, bandwidth_ghz),
        task=Task() if task is None else task,
    )
    return TdecqEstimate(**found)


def _finite(value: float) -> float | None:
    return None if math.isinf(value) else value


def _noise(transmitter: Pam4Transmitter, bandwidth_ghz: float) -> tuple[float, float, float, float]:
    """Return the variance of the transmitter's noise at each level over the squared OMA."""
    each, flat = 10.0 ** (transmitter.rin_db_per_hz / 10.0), 10.0 ** (transmitter.rin_oma_db_per_hz / 10.0)
    if each == flat == 0.0:
        return (0.0, 0.0, 0.0, 0.0)
    if math.isinf(bandwidth_ghz):
        raise ParameterError("bandwidth_ghz is infinite; allowed with noise of the transmitter: a finite one")
    noise_bandwidth_hz = _core.bessel_noise_bandwidth_hz(bandwidth_ghz * 1e9)
    a, b, c, d = ((flat + each * power * power) * noise_bandwidth_hz for power in transmitter.level_powers_ratio())
    return (a, b, c, d)


def pulse_response(
    dispersion_ps_per_nm: float,
    transmitter: Pam4Transmitter,
    receiver: ReferenceReceiver | None = None,
    *,
    wavelength_nm: float = 1310.0,
    symbols_count: int = 8,
    samples_per_symbol: int = 20,
) -> tuple[Floats, Floats]:
    """Return times (ps, 0 in the middle of the symbol) and the response to one symbol of unit height, not equalized.

    The fiber acts by its small-signal response cos(theta) - alpha sin(theta): a picture of the interference between
    symbols, exact for small modulation. :func:`estimate_tdecq` computes with the field instead.

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    """
    require_positive(wavelength_nm=wavelength_nm, symbols_count=symbols_count, samples_per_symbol=samples_per_symbol)
    receiver = ReferenceReceiver() if receiver is None else receiver
    count = symbols_count * samples_per_symbol + 1
    symbol_ps = 1e3 / transmitter.symbol_rate_gbd
    first_ps = -0.5 * symbols_count * symbol_ps
    response = _core.pulse_response(
        dispersion_ps_per_nm * 1e-3,
        transmitter=transmitter._to_si(),
        response=transmitter.response,
        wavelength_m=wavelength_nm * 1e-9,
        receiver_bandwidth_hz=_finite(receiver.bandwidth_at_ghz(transmitter.symbol_rate_gbd) * 1e9),
        first_s=first_ps * 1e-12,
        samples_per_symbol=samples_per_symbol,
        samples_count=count,
    )
    return first_ps + np.arange(count) / samples_per_symbol * symbol_ps, response


@dataclass(frozen=True, slots=True, kw_only=True)
class Pam4Receiver:
    """A receiver with its noise.

    Attributes
    ----------
    gain_ratio
        Of the APD; 1 for a PIN.
    noise_bandwidth_ratio
        Noise bandwidth over the symbol rate.
    thresholds
        Where the neighbors' tails are equally likely, or in the middle between the levels.
    """

    symbol_rate_gbd: float
    input_noise_pa_per_sqrt_hz: float
    responsivity_a_per_w: float = 0.8
    gain_ratio: float = 1.0
    ionization_ratio: float = 0.0
    dark_current_na: float = 10.0
    noise_bandwidth_ratio: float = NOISE_BANDWIDTH_RATIO
    thresholds: Literal["equal_tails", "middle"] = "equal_tails"


def pam4_sensitivity_dbm(
    receiver: Pam4Receiver,
    *,
    target_ser_ratio: float,
    extinction_ratio_db: float = 4.5,
    rin_db_per_hz: float = -math.inf,
) -> float:
    """Return the outer OMA at which a receiver reaches a symbol error ratio with ideal levels.

    Raises
    ------
    ParameterError
        If a figure is not allowed.
    ModelError
        If no OMA reaches the target, as with too much intensity noise.
    """
    require_positive(symbol_rate_gbd=receiver.symbol_rate_gbd, noise_bandwidth_ratio=receiver.noise_bandwidth_ratio)
    return _core.pam4_sensitivity_dbm(
        target_ser_ratio=target_ser_ratio,
        extinction_ratio_db=extinction_ratio_db,
        bandwidth_hz=receiver.noise_bandwidth_ratio * receiver.symbol_rate_gbd * 1e9,
        input_noise_a_per_sqrt_hz=receiver.input_noise_pa_per_sqrt_hz * 1e-12,
        responsivity_a_per_w=receiver.responsivity_a_per_w,
        gain_ratio=receiver.gain_ratio,
        ionization_ratio=receiver.ionization_ratio,
        dark_current_a=receiver.dark_current_na * 1e-9,
        rin_db_per_hz=rin_db_per_hz,
        middle_thresholds=receiver.thresholds == "middle",
    )

"""Direct-detect lanes that share a fiber, and amplifiers whose gain their light pulls down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.four_wave_mixing import MixingFiber, fiber_figures
from lightlane.units import PLANCK_J_S, SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]
Field = NDArray[np.complex128]


def mix_lanes(
    fields: ArrayLike,
    wavelength_nm: ArrayLike,
    jones: ArrayLike,
    *,
    victim_index: int,
    fiber: MixingFiber,
    zero_dispersion_nm: float,
    sample_rate_ghz: float,
    window_ghz: float,
) -> Field:
    """Return the field that the lanes of a fiber add to one of them, as if it had joined in front of the fiber.

    Four-wave mixing, cross-phase and self-phase modulation to the first order, all envelopes dispersed and delayed as
    the fiber does it; without its loss, and in the victim's polarization.

    Parameters
    ----------
    fields
        Envelopes of the lanes at launch in the square root of a watt, shape (lanes, samples), one period.
    jones
        Polarization of each lane, unit vectors of shape (lanes, 2).
    window_ghz
        Products further from the victim are left out.

    Raises
    ------
    ParameterError
        If a figure is not allowed or shapes do not fit.
    ModelError
        If what is added passes a tenth of the victim's power.

    References
    ----------
    ``docs/models/four-wave-mixing.md``.
    """
    envelopes = np.ascontiguousarray(fields, dtype=np.complex128)
    if envelopes.ndim != 2:
        raise ParameterError(f"fields is an array of {envelopes.ndim} dimensions; allowed: (lanes, samples)")
    states = np.ascontiguousarray(jones, dtype=np.complex128)
    if states.ndim != 2:
        raise ParameterError(f"jones is an array of {states.ndim} dimensions; allowed: (lanes, 2)")
    if not 0 <= victim_index < len(envelopes):
        raise ParameterError(f"victim_index is {victim_index}; allowed: 0 to {len(envelopes) - 1}")
    wavelengths_nm = np.atleast_1d(np.asarray(wavelength_nm, dtype=np.float64))
    with np.errstate(divide="ignore"):
        frequency_hz = SPEED_OF_LIGHT_M_PER_S * 1e9 / wavelengths_nm
    return _core.mix_lanes(
        envelopes,
        states,
        np.ascontiguousarray(frequency_hz),
        victim_index=victim_index,
        sample_rate_hz=sample_rate_ghz * 1e9,
        window_hz=window_ghz * 1e9,
        zero_dispersion_m=zero_dispersion_nm * 1e-9,
        **fiber_figures(fiber),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SemiconductorAmplifier:
    """A semiconductor optical amplifier in front of a photodetector.

    Attributes
    ----------
    gain_db
        Of weak light; above 3 dB.
    saturation_power_dbm
        Output power at which the gain is 3 dB less.
    lifetime_ps
        In which the gain recovers. 100 to 300 ps are usual (Agrawal and Olsson 1989; assumed).
    filter_bandwidth_ghz
        Of the optical filter behind it, the demultiplexer: what of the amplifier's noise beats with itself.
    """

    gain_db: float
    noise_figure_db: float
    saturation_power_dbm: float
    lifetime_ps: float = 200.0
    filter_bandwidth_ghz: float = 600.0

    def __post_init__(self) -> None:
        allowed = "finite numbers"
        for name in ("gain_db", "noise_figure_db", "saturation_power_dbm"):
            if not np.isfinite(getattr(self, name)):
                raise ParameterError(f"{name} is {getattr(self, name):g}; allowed: {allowed}")
        if self.gain_db <= GAIN_MIN_DB:
            raise ParameterError(
                f"gain_db is {self.gain_db:g}; allowed: above {GAIN_MIN_DB:.2f}, or it is no amplifier"
            )
        if self.noise_figure_db < 0.0:
            raise ParameterError(f"noise_figure_db is {self.noise_figure_db:g}; allowed: 0 or above")
        for name in ("lifetime_ps", "filter_bandwidth_ghz"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise ParameterError(f"{name} is {getattr(self, name):g}; allowed: a finite number above 0")

    def amplify(self, power_w: ArrayLike, *, sample_rate_ghz: float) -> Floats:
        """Return the power behind the amplifier, sample by sample of one period.

        Raises
        ------
        ParameterError
            If a power is negative or not finite, or the lifetime is below five samples.
        """
        return _core.amplify_power(
            np.ascontiguousarray(power_w, dtype=np.float64),
            gain_ratio=10.0 ** (self.gain_db / 10.0),
            saturation_power_w=1e-3 * 10.0 ** (self.saturation_power_dbm / 10.0),
            lifetime_s=self.lifetime_ps * 1e-12,
            sample_rate_hz=sample_rate_ghz * 1e9,
        )

    def noise_w_per_hz(self, wavelength_nm: float, gain_ratio: float) -> float:
        """Return the noise density in one polarization behind the amplifier at a gain: half of NF h nu G."""
        photon_j = PLANCK_J_S * SPEED_OF_LIGHT_M_PER_S * 1e9 / wavelength_nm
        return float(0.5 * 10.0 ** (self.noise_figure_db / 10.0) * photon_j * gain_ratio)


GAIN_MIN_DB = 10.0 * float(np.log10(2.0))

"""The strongest side mode of a laser: light that dispersion delays otherwise, and that comes and goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ParameterError
from lightlane.kernels.direct_waveform import normal_numbers
from lightlane.lane.waveform.address import SIDE_MODE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideMode:
    """A laser's strongest side mode.

    Attributes
    ----------
    smsr_db
        Power of the main mode over its mean power.
    spacing_nm
        Wavelength above that of the main mode. A cavity of 300 um has modes 0.8 nm apart at 1310 nm (assumed).
    fluctuation_ghz
        Half of the width over which its light fluctuates: power below threshold has the statistics of thermal light,
        whose mean and deviation are the same (assumed: 1 GHz).
    """

    smsr_db: float
    spacing_nm: float = 0.8
    fluctuation_ghz: float = 1.0

    def __post_init__(self) -> None:
        if not 10.0 <= self.smsr_db < float("inf"):
            raise ParameterError(f"smsr_db is {self.smsr_db:g}; allowed: 10 or above, or it is no side mode")
        if not np.isfinite(self.spacing_nm) or self.spacing_nm == 0.0:
            raise ParameterError(f"spacing_nm is {self.spacing_nm:g}; allowed: a finite number other than 0")
        if not 0.0 <= self.fluctuation_ghz < float("inf"):
            raise ParameterError(f"fluctuation_ghz is {self.fluctuation_ghz:g}; allowed: a finite number, 0 or above")

    def split(
        self, power_ratio: Floats, *, dispersion_ps_per_nm: float, sample_rate_ghz: float, seed: int, stream: int
    ) -> Floats:
        """Return the power at the detector where a share of the light arrives earlier or later.

        Both modes carry the same modulation and their power together is that of the laser: what the side mode has for a
        while the main mode lacks. Their beat note lies outside the receiver.
        """
        share = self._share(len(power_ratio), sample_rate_ghz, seed, stream)
        delay_ns = 1e-3 * dispersion_ps_per_nm * self.spacing_nm
        spectrum = np.fft.rfft(power_ratio)
        hertz = np.fft.rfftfreq(len(power_ratio), 1.0 / sample_rate_ghz)
        late = np.fft.irfft(spectrum * np.exp(-2j * np.pi * hertz * delay_ns), len(power_ratio))
        return np.asarray((1.0 - share) * power_ratio + share * late)

    def _share(self, count: int, sample_rate_ghz: float, seed: int, stream: int) -> Floats:
        """Return the side mode's share of the power at each sample: thermal light of Gaussian spectrum."""
        mean = 1.0 / (1.0 + 10.0 ** (self.smsr_db / 10.0))
        if self.fluctuation_ghz == 0.0:
            return np.full(count, mean)
        hertz = np.fft.fftfreq(count, 1.0 / sample_rate_ghz)
        shape = np.exp(-0.5 * (hertz / self.fluctuation_ghz) ** 2)
        normal = normal_numbers(2 * count, seed=seed, stream=stream, purpose=SIDE_MODE)
        field = np.fft.ifft((normal[0::2] + 1j * normal[1::2]) * shape)
        power = np.abs(field) ** 2 * (count**2 / (2.0 * float(np.sum(shape**2))))
        return np.asarray(np.minimum(mean * power, 1.0))

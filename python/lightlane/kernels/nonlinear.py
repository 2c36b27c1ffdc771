"""Nonlinear interference of a line, span by span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.gn_integral import PowerProfile, stack_profiles
from lightlane.kernels.task import Task

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LineNonlinearity:
    """Noise-to-signal ratios in the symbol rate, shape (span, channel); NaN where the model does not hold."""

    self_channel_ratio: Floats
    cross_channel_ratio: Floats

    @property
    def snr_nli_db(self) -> Floats:
        """SNR of what each span adds, shape (span, channel); inf where it adds nothing."""
        return _level_db(self.self_channel_ratio + self.cross_channel_ratio)

    @property
    def line_snr_nli_db(self) -> Floats:
        """SNR after the whole line, one entry per channel."""
        return _level_db((self.self_channel_ratio + self.cross_channel_ratio).sum(axis=0))


def _level_db(noise_ratio: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-10.0 * np.log10(noise_ratio))


def _columns(name: str, *figures: ArrayLike) -> list[Floats]:
    """Return one column of equal length for each figure."""
    try:
        spread = np.broadcast_arrays(*(np.atleast_1d(np.asarray(figure, dtype=np.float64)) for figure in figures))
    except ValueError as error:
        raise ParameterError(f"the columns of the {name} do not fit each other: {error}") from None
    if spread[0].ndim != 1:
        raise ParameterError(f"a column of the {name} has {spread[0].ndim} dimensions; allowed: one")
    return [np.ascontiguousarray(column) for column in spread]


def nonlinear_interference(  # noqa: PLR0913 - keyword-only figures of a line
    frequency_thz: ArrayLike,
    symbol_rate_gbd: ArrayLike,
    launch_power_dbm: ArrayLike,
    *,
    attenuation_db_per_km: ArrayLike,
    length_km: ArrayLike,
    dispersion_ps_per_nm_km: ArrayLike,
    slope_ps_per_nm2_km: ArrayLike,
    gamma_per_w_km: ArrayLike,
    raman_slope_per_w_km_thz: ArrayLike = 0.0,
    reference_thz: float,
    excess_kurtosis_ratio: ArrayLike = 0.0,
    profiles: Sequence[PowerProfile | None] | None = None,
    model: Literal["closed_form", "isrs_gn", "integral"] = "closed_form",
    format_correction: bool = True,
    task: Task | None = None,
) -> LineNonlinearity:
    """Return the nonlinear interference of every span of a line on every channel of its comb.

    Parameters
    ----------
    frequency_thz, symbol_rate_gbd, excess_kurtosis_ratio
        The comb, one entry per channel, or one for all. The excess kurtosis E|a|^4/(E|a|^2)^2 - 2 is 0 for Gaussian
        signals, -1 for QPSK, -0.68 for 16QAM.
    launch_power_dbm
        Power of each channel at the input of each fiber: (span, channel), or whatever spreads to it.
    attenuation_db_per_km, length_km, dispersion_ps_per_nm_km, slope_ps_per_nm2_km, gamma_per_w_km
        The fibers in the order of the light, one entry per span, or one for all; dispersion and slope at 1550 nm.
    raman_slope_per_w_km_thz
        Slope of their Raman gain over frequency; 0 without transfer of power between channels.
    reference_thz
        Frequency around which the dispersion is developed, usually the center of the comb.
    profiles
        How the powers run along each span where pumps make it other than attenuation and straight Raman gain do; one
        entry per span, None for a span without pumps.
    model
        ``closed_form``: islands of the GN integral, for spans of any length, spans added with their phases.
        ``isrs_gn``: the ISRS GN model as published for long spans; no place for profiles, NaN where there is one.
        ``integral``: the GN model's double integral with the closed form's format correction, for comparison: slow.

    Raises
    ------
    ParameterError
        If shapes do not fit, spectra overlap or a figure is outside its range.
    Cancelled
        If the task was cancelled, also in the middle of an integral.

    References
    ----------
    Poggiolini 2012, doi 10.1109/JLT.2012.2217729; Semrau, Killey, Bayvel 2019, doi 10.1109/JLT.2019.2903045.
    """
    require_positive(reference_thz=reference_thz)
    frequency, rate, kurtosis = _columns("comb", frequency_thz, symbol_rate_gbd, excess_kurtosis_ratio)
    attenuation, length, dispersion, slope, gamma, raman = _columns(
        "line", attenuation_db_per_km, length_km, dispersion_ps_per_nm_km, slope_ps_per_nm2_km, gamma_per_w_km,
        raman_slope_per_w_km_thz,
    )  # fmt: skip
    try:
        powers_dbm = np.broadcast_to(np.asarray(launch_power_dbm, dtype=np.float64), (length.size, frequency.size))
    except ValueError as error:
        raise ParameterError(f"launch_power_dbm does not fit the line and the comb: {error}") from None
    given, log_power_ratio = stack_profiles([None] * length.size if profiles is None else profiles, frequency.size)
    own, cross = _core.nonlinear_interference(
        frequency * 1e12,
        rate * 1e9,
        kurtosis,
        np.asarray(1e-3 * 10.0 ** (powers_dbm / 10.0)),
        given,
        log_power_ratio,
        attenuation_per_m=attenuation * (1e-3 * np.log(10.0) / 10.0),
        length_m=length * 1e3,
        dispersion_s_per_m2=dispersion * 1e-6,
        slope_s_per_m3=slope * 1e3,
        gamma_per_w_m=gamma * 1e-3,
        raman_slope_per_w_m_hz=raman * 1e-15,
        reference_hz=reference_thz * 1e12,
        model=model,
        format_correction=format_correction,
        task=Task() if task is None else task,
    )
    return LineNonlinearity(own, cross)

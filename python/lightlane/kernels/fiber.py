"""Closed forms of the fiber and of amplifier noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive

Floats = NDArray[np.float64]


def zero_dispersion_formula_ps_per_nm_km(
    wavelength_nm: ArrayLike, *, zero_dispersion_nm: float, zero_slope_ps_per_nm2_km: float
) -> Floats:
    """Return D = S0/4 (lambda - lambda0^4/lambda^3), the O-band description of a G.652 fiber.

    Raises
    ------
    ParameterError
        If a wavelength is not above 0.

    References
    ----------
    ITU-T G.652 (2016), 6.10.
    """
    require_positive(zero_dispersion_nm=zero_dispersion_nm, wavelength_nm=float(np.min(wavelength_nm)))
    dispersion = _core.zero_dispersion_formula(
        np.asarray(np.asarray(wavelength_nm, dtype=np.float64) * 1e-9),
        zero_dispersion_m=zero_dispersion_nm * 1e-9,
        zero_slope_s_per_m3=zero_slope_ps_per_nm2_km * 1e3,
    )
    return dispersion * 1e6


def accumulated_dispersion_range_ps_per_nm(
    wavelength_min_nm: float,
    wavelength_max_nm: float,
    length_km: float,
    *,
    zero_dispersion_min_nm: float = 1300.0,
    zero_dispersion_max_nm: float = 1324.0,
    zero_slope_ps_per_nm2_km: float = 0.093,
) -> tuple[float, float]:
    """Return the least and greatest accumulated dispersion over a wavelength range and both zero-dispersion corners.

    The defaults are the fiber figures that IEEE 802.3 uses for its single-mode links.

    Raises
    ------
    ParameterError
        If a wavelength or the length is not above 0, or a range is upside down.
    """
    require_positive(length_km=length_km)
    for name, least, greatest in (
        ("wavelength_min_nm", wavelength_min_nm, wavelength_max_nm),
        ("zero_dispersion_min_nm", zero_dispersion_min_nm, zero_dispersion_max_nm),
    ):
        if least > greatest:
            raise ParameterError(f"{name} is {least:g}; allowed: {greatest:g}, the greatest, or less")
    lowest = zero_dispersion_formula_ps_per_nm_km(
        wavelength_min_nm, zero_dispersion_nm=zero_dispersion_max_nm, zero_slope_ps_per_nm2_km=zero_slope_ps_per_nm2_km
    )
    highest = zero_dispersion_formula_ps_per_nm_km(
        wavelength_max_nm, zero_dispersion_nm=zero_dispersion_min_nm, zero_slope_ps_per_nm2_km=zero_slope_ps_per_nm2_km
    )
    return float(lowest) * length_km, float(highest) * length_km


def ase_osnr_db(input_power_dbm: ArrayLike, *, noise_figure_db: float, frequency_thz: float) -> Floats:
    """Return the OSNR (0.1 nm) that one amplifier leaves: P_in - NF - 10 log10(h nu 12.5 GHz).

    Raises
    ------
    ParameterError
        If the frequency is not above 0.

    References
    ----------
    ITU-T G.680 (2007); the convention of GNPy.
    """
    require_positive(frequency_thz=frequency_thz)
    power_w = np.asarray(1e-3 * 10.0 ** (np.asarray(input_power_dbm, dtype=np.float64) / 10.0))
    ratio = _core.ase_ratio(power_w, noise_figure_db=noise_figure_db, frequency_hz=frequency_thz * 1e12)
    return np.asarray(-10.0 * np.log10(ratio))


def nonlinear_efficiency_db(  # noqa: PLR0913 - keyword-only figures of one span
    frequency_thz: ArrayLike,
    symbol_rate_gbd: ArrayLike,
    launch_power_dbm: ArrayLike,
    *,
    attenuation_db_per_km: float,
    length_km: float,
    dispersion_ps_per_nm_km: float,
    slope_ps_per_nm2_km: float,
    gamma_per_w_km: float,
    raman_slope_per_w_km_thz: float,
    reference_thz: float,
) -> Floats:
    """Return eta = P_NLI/P^3 (dB of 1/W^2) of every channel of a comb after one span; -inf without Kerr effect.

    Parameters
    ----------
    frequency_thz, symbol_rate_gbd, launch_power_dbm
        The comb, one entry per channel; powers at the input of the fiber.
    reference_thz
        Frequency around which the comb's offsets are taken, usually its center.

    Raises
    ------
    ParameterError
        If columns differ in length or a figure is outside its range.

    References
    ----------
    Semrau, Killey, Bayvel 2019, doi 10.1109/JLT.2019.2903045.
    """
    require_positive(attenuation_db_per_km=attenuation_db_per_km, length_km=length_km, reference_thz=reference_thz)
    power_w = 1e-3 * 10.0 ** (np.atleast_1d(np.asarray(launch_power_dbm, dtype=np.float64)) / 10.0)
    own, cross = _core.nonlinear_efficiency(
        np.atleast_1d(np.asarray(frequency_thz, dtype=np.float64)) * 1e12,
        np.atleast_1d(np.asarray(symbol_rate_gbd, dtype=np.float64)) * 1e9,
        power_w,
        attenuation_per_m=attenuation_db_per_km * 1e-3 * np.log(10.0) / 10.0,
        length_m=length_km * 1e3,
        dispersion_s_per_m2=dispersion_ps_per_nm_km * 1e-6,
        slope_s_per_m3=slope_ps_per_nm2_km * 1e3,
        gamma_per_w_m=gamma_per_w_km * 1e-3,
        raman_slope_per_w_m_hz=raman_slope_per_w_km_thz * 1e-15,
        reference_hz=reference_thz * 1e12,
    )
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10((own + cross) / power_w**2))

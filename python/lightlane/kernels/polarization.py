"""Polarization-mode dispersion and polarization-dependent loss as distributions; equalization-enhanced phase noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core

Floats = NDArray[np.float64]


def maxwell_exceedance_ratio(dgd_over_mean_ratio: ArrayLike) -> Floats:
    """Return the probability that the instantaneous DGD exceeds a multiple of its mean (Maxwellian).

    References
    ----------
    Foschini and Poole 1991, doi 10.1109/50.97630.
    """
    return _core.maxwell_exceedance(np.asarray(dgd_over_mean_ratio, dtype=np.float64))


def maxwell_quantile_ratio(exceedance_ratio: ArrayLike) -> Floats:
    """Return the multiple of its mean that a Maxwellian DGD exceeds with a probability (the S factor).

    Raises
    ------
    ParameterError
        If a probability is not between 1e-300 and 1.
    """
    return _core.maxwell_quantile(np.asarray(exceedance_ratio, dtype=np.float64))


def dgd_exceedance_ratio(
    dgd_ps: ArrayLike, *, fiber_mean_dgd_ps: float, element_dgd_ps: Sequence[float] = ()
) -> Floats:
    """Return the probability that the DGD of a path exceeds a limit.

    Parameters
    ----------
    dgd_ps
        Limits, any shape.
    fiber_mean_dgd_ps
        Mean of the fiber's Maxwellian DGD.
    element_dgd_ps
        Constant DGD of each amplifier, switch and filter; their axes lie in any direction.

    Raises
    ------
    ParameterError
        If a DGD is not finite or negative.

    References
    ----------
    Gordon and Kogelnik 2000, doi 10.1073/pnas.97.9.4541.
    """
    limits = np.asarray(np.asarray(dgd_ps, dtype=np.float64) * 1e-12)
    elements = np.asarray(element_dgd_ps, dtype=np.float64) * 1e-12
    return _core.dgd_exceedance_ratio(limits, fiber_mean_dgd_s=fiber_mean_dgd_ps * 1e-12, element_dgd_s=elements)


def dgd_quantile_ps(
    exceedance_ratio: ArrayLike, *, fiber_mean_dgd_ps: float, element_dgd_ps: Sequence[float] = ()
) -> Floats:
    """Return the DGD of a path that is exceeded with a probability.

    Raises
    ------
    ParameterError
        If a DGD is not finite or negative, or a probability is not between 0 and 1.
    """
    probabilities = np.asarray(exceedance_ratio, dtype=np.float64)
    elements = np.asarray(element_dgd_ps, dtype=np.float64) * 1e-12
    _, quantiles = _core.dgd_quantile_s(
        probabilities, fiber_mean_dgd_s=fiber_mean_dgd_ps * 1e-12, element_dgd_s=elements
    )
    return quantiles * 1e12


def dgd_mean_ps(*, fiber_mean_dgd_ps: float, element_dgd_ps: Sequence[float] = ()) -> float:
    """Return the mean DGD of a path.

    Raises
    ------
    ParameterError
        If a DGD is not finite or negative.
    """
    elements = np.asarray(element_dgd_ps, dtype=np.float64) * 1e-12
    mean_s, _ = _core.dgd_quantile_s(np.empty(0), fiber_mean_dgd_s=fiber_mean_dgd_ps * 1e-12, element_dgd_s=elements)
    return mean_s * 1e12


def pdl_exceedance_ratio(pdl_db: ArrayLike, *, element_pdl_db: Sequence[float]) -> Floats:
    """Return the probability that elements of random orientation have more PDL together than a limit.

    Raises
    ------
    ParameterError
        If a PDL is not finite or negative.

    References
    ----------
    Gisin 1995, Optics Communications 114, 399; Mecozzi and Shtaif 2002, doi 10.1109/68.986797.
    """
    elements = np.asarray(element_pdl_db, dtype=np.float64)
    return _core.pdl_exceedance_ratio(np.asarray(pdl_db, dtype=np.float64), element_pdl_db=elements)


def pdl_quantile_db(exceedance_ratio: ArrayLike, *, element_pdl_db: Sequence[float]) -> Floats:
    """Return the PDL of elements of random orientation that is exceeded with a probability.

    Raises
    ------
    ParameterError
        If a PDL is not finite or negative, or a probability is not between 0 and 1.
    """
    elements = np.asarray(element_pdl_db, dtype=np.float64)
    _, quantiles = _core.pdl_quantile_db(np.asarray(exceedance_ratio, dtype=np.float64), element_pdl_db=elements)
    return quantiles


def pdl_mean_db(*, element_pdl_db: Sequence[float]) -> float:
    """Return the mean PDL (dB) of elements of random orientation.

    Raises
    ------
    ParameterError
        If a PDL is not finite or negative.
    """
    mean_db, _ = _core.pdl_quantile_db(np.empty(0), element_pdl_db=np.asarray(element_pdl_db, dtype=np.float64))
    return mean_db


def equalization_phase_noise_snr_db(
    chromatic_dispersion_ps_per_nm: ArrayLike,
    *,
    symbol_rate_gbd: float,
    linewidth_khz: float,
    wavelength_nm: float = 1550.0,
) -> Floats:
    """Return the SNR of equalization-enhanced phase noise alone; infinite without dispersion or linewidth.

    Raises
    ------
    ParameterError
        If a figure is not finite or negative.

    References
    ----------
    Shieh and Ho 2008, doi 10.1364/OE.16.015718.
    """
    noise = _core.equalization_phase_noise_ratio(
        np.asarray(np.asarray(chromatic_dispersion_ps_per_nm, dtype=np.float64) * 1e-3),
        symbol_rate_hz=symbol_rate_gbd * 1e9,
        linewidth_hz=linewidth_khz * 1e3,
        wavelength_m=wavelength_nm * 1e-9,
    )
    with np.errstate(divide="ignore"):
        return np.asarray(-10.0 * np.log10(noise))

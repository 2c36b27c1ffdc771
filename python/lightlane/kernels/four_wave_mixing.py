"""Four-wave mixing of the lanes of one fiber around its zero-dispersion wavelength."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.units import SPEED_OF_LIGHT_M_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingFiber:
    """What four-wave mixing needs to know of a length of fiber."""

    length_km: float
    attenuation_db_per_km: float
    gamma_per_w_km: float
    zero_slope_ps_per_nm2_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingProducts:
    """Products that fall on a lane, one entry each.

    Attributes
    ----------
    wave_indices
        Lanes i, j, k of f_i + f_j - f_k, shape (products, 3).
    victim_index
        Lane on which it falls.
    efficiency_ratio
        Share that phase mismatch leaves.
    crosstalk_dbc
        Power under the victim's, all waves in one polarization; -inf where nothing is left.
    """

    wave_indices: NDArray[np.int64]
    victim_index: NDArray[np.int64]
    offset_ghz: NDArray[np.float64]
    efficiency_ratio: NDArray[np.float64]
    crosstalk_dbc: NDArray[np.float64]


def fiber_figures(fiber: MixingFiber) -> dict[str, float]:
    """Return the figures of a fiber in SI; raise ParameterError if one is not above 0."""
    require_positive(length_km=fiber.length_km, attenuation_db_per_km=fiber.attenuation_db_per_km)
    return {
        "attenuation_per_m": fiber.attenuation_db_per_km * 1e-3 * np.log(10.0) / 10.0,
        "length_m": fiber.length_km * 1e3,
        "gamma_per_w_m": fiber.gamma_per_w_km * 1e-3,
        "zero_slope_s_per_m3": fiber.zero_slope_ps_per_nm2_km * 1e3,
    }


def _frequencies_hz(wavelength_nm: ArrayLike) -> NDArray[np.float64]:
    wavelengths = np.atleast_1d(np.asarray(wavelength_nm, dtype=np.float64))
    if np.any(~(wavelengths > 0.0)):
        raise ParameterError("wavelength_nm must hold numbers above 0")
    return np.ascontiguousarray(SPEED_OF_LIGHT_M_PER_S * 1e9 / wavelengths)


def _powers_w(launch_power_dbm: ArrayLike, count: int) -> NDArray[np.float64]:
    power = 1e-3 * 10.0 ** (np.asarray(launch_power_dbm, dtype=np.float64) / 10.0)
    return np.ascontiguousarray(np.broadcast_to(power, (count,)) if power.ndim == 0 else power)


def four_wave_mixing_products(
    wavelength_nm: ArrayLike,
    launch_power_dbm: ArrayLike,
    *,
    fiber: MixingFiber,
    zero_dispersion_nm: float,
    window_ghz: float,
) -> MixingProducts:
    """Return every product of the lanes that falls within ``window_ghz`` of a lane.

    Parameters
    ----------
    wavelength_nm, launch_power_dbm
        The lanes; one power for all or one each.

    Raises
    ------
    ParameterError
        If a figure is outside its range or the columns differ in length.

    References
    ----------
    ``docs/models/four-wave-mixing.md``.
    """
    frequencies = _frequencies_hz(wavelength_nm)
    waves, offset, efficiency, power = _core.four_wave_mixing(
        frequencies,
        _powers_w(launch_power_dbm, len(frequencies)),
        zero_dispersion_m=zero_dispersion_nm * 1e-9,
        window_hz=window_ghz * 1e9,
        **fiber_figures(fiber),
    )
    with np.errstate(divide="ignore"):
        crosstalk = np.asarray(10.0 * np.log10(power))
    return MixingProducts(
        wave_indices=waves[:, :3],
        victim_index=waves[:, 3],
        offset_ghz=offset * 1e-9,
        efficiency_ratio=efficiency,
        crosstalk_dbc=crosstalk,
    )


def draw_mixing_crosstalk_dbc(  # noqa: PLR0913 - keyword-only figures of one line
    wavelength_min_nm: ArrayLike,
    wavelength_max_nm: ArrayLike,
    launch_power_dbm: ArrayLike,
    *,
    fiber: MixingFiber,
    zero_dispersion_min_nm: float,
    zero_dispersion_max_nm: float,
    window_ghz: float,
    draws_count: int = 1000,
    seed: int = 1,
) -> NDArray[np.float64]:
    """Return the level of all products on each lane under the lane itself: a row per draw, a column per lane.

    Lane wavelengths and the zero-dispersion wavelength are uniform in their ranges, polarizations random; -inf where no
    product falls on a lane.

    Raises
    ------
    ParameterError
        If a figure is outside its range or the columns differ in length.

    References
    ----------
    ``docs/models/four-wave-mixing.md``.
    """
    lowest, highest = _frequencies_hz(wavelength_max_nm), _frequencies_hz(wavelength_min_nm)
    if draws_count < 1:
        raise ParameterError(f"draws_count is {draws_count}; allowed: 1 or more")
    ratios = _core.draw_mixing_crosstalk(
        lowest,
        highest,
        _powers_w(launch_power_dbm, len(lowest)),
        zero_dispersion_min_m=zero_dispersion_min_nm * 1e-9,
        zero_dispersion_max_m=zero_dispersion_max_nm * 1e-9,
        window_hz=window_ghz * 1e9,
        draws_count=draws_count,
        seed=seed,
        **fiber_figures(fiber),
    )
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(ratios))

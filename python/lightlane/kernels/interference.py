"""Light that beats with a direct-detect lane in its own band, and the closed forms of a lane's other penalties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive

Method = Literal["bound", "mean", "quantile", "estimate", "averaged"]
InterfererField = Literal["copy", "mixing", "degenerate_mixing"]


@dataclass(frozen=True, slots=True)
class Reflector:
    """One reflecting point of a path and the loss between the transmitter and it."""

    reflectance_db: float
    loss_before_db: float = 0.0


def double_reflections_dbc(reflectors: Sequence[Reflector]) -> NDArray[np.float64]:
    """Return the level of every delayed copy under the signal: one for each pair of reflectors, given in their order.

    Raises
    ------
    ParameterError
        If a reflectance is above 0 dB or the losses fall on the way.

    References
    ----------
    ``docs/models/multipath-interference.md``.
    """
    levels = np.array([item.reflectance_db for item in reflectors], dtype=np.float64)
    losses = np.array([item.loss_before_db for item in reflectors], dtype=np.float64)
    if np.any(~(levels <= 0.0)):
        raise ParameterError(f"reflectance_db is {levels[~(levels <= 0.0)][0]:g}; allowed: 0 or below")
    if np.any(~(np.diff(losses) >= 0.0)) or np.any(~np.isfinite(losses)):
        raise ParameterError("loss_before_db must not fall from one reflector to the next")
    return np.asarray(10.0 * np.log10(_core.double_reflections(levels, losses)))


def interference_penalty_db(  # noqa: PLR0913 - keyword-only figures of one evaluation
    interferer_dbc: ArrayLike,
    *,
    extinction_ratio_db: float,
    method: Method = "quantile",
    field: InterfererField = "copy",
    levels_count: int = 4,
    polarization_aligned: bool = False,
    discount_ratio: float = 1.0,
    exceedance_ratio: float = 1e-6,
    target_ser_ratio: float = 4.8e-4,
) -> float:
    """Return the optical penalty of coherent interferers; infinite where they close the eye.

    Parameters
    ----------
    interferer_dbc
        Level of each interferer under the signal, average powers.
    method
        ``bound``: all fields aligned and at their greatest, times ``discount_ratio``. ``mean``: aligned, each at the
        mean of its field. ``quantile``: closure of the top eye that random phases, polarizations and symbols pass with
        ``exceedance_ratio``. ``estimate``: the same by a normal distribution, at most the bound. ``averaged``: more
        power for the same symbol error ratio ``target_ser_ratio``, averaged over the interference.
    field
        What modulates the interferers: copies of the signal, or mixing products of other lanes.
    levels_count
        2 (NRZ) or 4 (PAM4).
    polarization_aligned
        Interferers in the signal's polarization instead of random ones.

    Raises
    ------
    ParameterError
        If a figure is outside its range.
    ModelError
        If interference alone passes the target.

    References
    ----------
    ``docs/models/multipath-interference.md``.
    """
    if levels_count not in {2, 4}:
        raise ParameterError(f"levels_count is {levels_count}; allowed: 2 or 4")
    power = np.atleast_1d(10.0 ** (np.asarray(interferer_dbc, dtype=np.float64) / 10.0))
    return _core.interference_penalty(
        power,
        extinction_ratio_db=extinction_ratio_db,
        method=method,
        field=field,
        levels_count=levels_count,
        polarization_aligned=polarization_aligned,
        discount_ratio=discount_ratio,
        exceedance_ratio=exceedance_ratio,
        target_ser_ratio=target_ser_ratio,
    )


def rin_oma_penalty_db(rin_oma_db_per_hz: float, *, noise_bandwidth_ghz: float, target_ser_ratio: float) -> float:
    """Return the penalty of intensity noise on equally noisy PAM4 levels; infinite where it takes the whole eye.

    Raises
    ------
    ParameterError
        If a figure is outside its range.
    """
    require_positive(noise_bandwidth_ghz=noise_bandwidth_ghz)
    return _core.rin_oma_penalty_db(
        rin_oma_db_per_hz, noise_bandwidth_hz=noise_bandwidth_ghz * 1e9, target_ser_ratio=target_ser_ratio
    )


def rin_db_per_hz_from_rin_oma(rin_oma_db_per_hz: float, *, extinction_ratio_db: float) -> float:
    """Return the RIN of the light whose RIN_OMA is known at an extinction ratio.

    Raises
    ------
    ParameterError
        If the extinction ratio is not above 0 dB.
    """
    return _core.rin_from_rin_oma(rin_oma_db_per_hz, extinction_ratio_db=extinction_ratio_db)


def dgd_penalty_db(dgd_ps: float, *, symbol_rate_gbd: float, power_split_ratio: float = 0.5) -> float:
    """Return the optical penalty of first-order PMD behind an ideal symbol-spaced equalizer.

    Parameters
    ----------
    power_split_ratio
        Share of the light in one of the two principal states; one half is the worst.

    Raises
    ------
    ParameterError
        If a figure is outside its range.
    ModelError
        If the delay exceeds a symbol.
    """
    return _core.dgd_penalty_db(
        dgd_ps * 1e-12, symbol_rate_hz=symbol_rate_gbd * 1e9, power_split_ratio=power_split_ratio
    )


def pdl_excess_loss_db(pdl_db: float, *, exceedance_ratio: float = 0.0) -> float:
    """Return the loss above the mean that a random polarization passes with a probability (0: the worst state).

    Raises
    ------
    ParameterError
        If a figure is outside its range.
    """
    return _core.pdl_excess_loss_db(pdl_db, exceedance_ratio=exceedance_ratio)


def lane_crosstalk_penalty_db(isolation_db: ArrayLike, *, lane_oma_difference_db: float) -> float:
    """Return the penalty of other lanes' light through a demux, each stronger than the lane by the difference.

    Raises
    ------
    ParameterError
        If a figure is not finite.
    """
    isolations = np.atleast_1d(np.asarray(isolation_db, dtype=np.float64))
    return _core.lane_crosstalk_penalty_db(isolations, lane_oma_difference_db=lane_oma_difference_db)


def optimum_apd_gain_ratio(
    received_power_dbm: float,
    *,
    responsivity_a_per_w: float,
    ionization_ratio: float,
    input_noise_pa_per_sqrt_hz: float,
    bandwidth_ghz: float,
    dark_current_na: float = 0.0,
) -> float:
    """Return the avalanche gain with the best signal to noise at one power.

    Raises
    ------
    ParameterError
        If a figure is outside its range.
    """
    require_positive(
        responsivity_a_per_w=responsivity_a_per_w,
        input_noise_pa_per_sqrt_hz=input_noise_pa_per_sqrt_hz,
        bandwidth_ghz=bandwidth_ghz,
    )
    if not 0.0 <= ionization_ratio <= 1.0:
        raise ParameterError(f"ionization_ratio is {ionization_ratio:g}; allowed: 0 to 1")
    return _core.optimum_gain_ratio(
        1e-3 * 10.0 ** (received_power_dbm / 10.0),
        responsivity_a_per_w=responsivity_a_per_w,
        ionization_ratio=ionization_ratio,
        dark_current_a=dark_current_na * 1e-9,
        input_noise_a_per_sqrt_hz=input_noise_pa_per_sqrt_hz * 1e-12,
        bandwidth_hz=bandwidth_ghz * 1e9,
    )

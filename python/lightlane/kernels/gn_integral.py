"""Nonlinear interference by direct integration of the GN model: the reference of the closed forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.task import Task

__all__ = ["IntegralSpan", "NonlinearInterference", "PowerProfile", "integrate_nonlinear_interference"]

Floats = NDArray[np.float64]
NEPER_PER_DB = np.log(10.0) / 10.0


@dataclass(frozen=True, slots=True)
class PowerProfile:
    """Power of every channel along one span, in dB above its own power at the input of the fiber."""

    position_km: Floats
    """Rising from 0 to the length of the span."""
    relative_power_db: Floats
    """One row per channel, one column per position; linear between them."""


@dataclass(frozen=True, slots=True)
class IntegralSpan:
    """One span of a chain: a fiber, the powers at its input and how they run along it."""

    length_km: float
    dispersion_ps_per_nm_km: float
    slope_ps_per_nm2_km: float
    """Dispersion and slope are those at 1550 nm."""
    gamma_per_w_km: float
    launch_power_dbm: ArrayLike
    """Of each channel, or one for all."""
    attenuation_db_per_km: ArrayLike | None = None
    """Of each channel, or one for all; absent where there is a profile."""
    profile: PowerProfile | None = None


@dataclass(frozen=True, slots=True)
class NonlinearInterference:
    """Interference of the channels asked for, after the whole chain, in their symbol rates."""

    snr_nli_db: Floats
    self_channel_ratio: Floats
    """Noise-to-signal ratio of the channel on itself."""
    cross_channel_ratio: Floats
    """Of pairs with one other channel."""
    multi_channel_ratio: Floats
    """Of all other triples."""
    error_fraction: Floats
    """Estimated relative error of the sum."""
    evaluations_count: Floats


def _rows(name: str, values: ArrayLike, channels: int) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 1 or (array.ndim == 1 and array.size != channels):
        raise ParameterError(f"{name} has the shape {array.shape}; allowed: one number, or one for each of {channels}")
    return np.broadcast_to(array, channels)


def _attenuation_per_m(span: IntegralSpan, channels: int) -> Floats:
    if (span.attenuation_db_per_km is None) == (span.profile is None):
        raise ParameterError("attenuation_db_per_km and profile are both given or both absent; allowed: one of them")
    if span.attenuation_db_per_km is None:
        return np.zeros(channels)
    return np.asarray(_rows("attenuation_db_per_km", span.attenuation_db_per_km, channels) * NEPER_PER_DB * 1e-3)


def stack_profiles(profiles: Sequence[PowerProfile | None], channels: int) -> tuple[dict[str, Any], Floats]:
    """Return the columns that the core reads profiles from, and the logarithms of power with a row per channel."""
    positions, levels = [np.zeros(0)], [np.zeros((channels, 0))]
    counts = []
    for profile in profiles:
        counts.append(0 if profile is None else np.size(profile.position_km))
        if profile is not None:
            position_m = np.asarray(profile.position_km, dtype=np.float64) * 1e3
            relative_db = np.asarray(profile.relative_power_db, dtype=np.float64)
            if relative_db.shape != (channels, position_m.size):
                raise ParameterError(
                    f"relative_power_db has the shape {relative_db.shape}; allowed: {(channels, position_m.size)}"
                )
            positions.append(position_m)
            levels.append(relative_db * NEPER_PER_DB)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    columns = {"position_offsets": offsets, "position_m": np.concatenate(positions)}
    return columns, np.ascontiguousarray(np.concatenate(levels, axis=1))


def integrate_nonlinear_interference(  # noqa: PLR0913 - keyword-only options
    frequency_thz: ArrayLike,
    symbol_rate_gbd: ArrayLike,
    spans: Sequence[IntegralSpan],
    *,
    reference_thz: float,
    roll_off: ArrayLike = 0.0,
    targets: Sequence[int] | None = None,
    tolerance_fraction: float = 1e-3,
    evaluations_max_count: int = 50_000_000,
    points_count: int = 1,
    coherent: bool = True,
    task: Task | None = None,
) -> NonlinearInterference:
    """Return the nonlinear interference of channels by the GN model's double integral over a chain of spans.

    Parameters
    ----------
    frequency_thz, symbol_rate_gbd, roll_off
        The comb; one symbol rate or roll-off may stand for all.
    reference_thz
        Frequency around which the propagation constant is expanded, usually the comb's center.
    targets
        Indices of the channels asked for; None is all.
    points_count
        Frequencies across each channel (1 to 6); 1 takes the noise at the center for the whole channel.
    coherent
        Whether the fields of the spans add with their phases; otherwise their noise powers add.

    Raises
    ------
    ParameterError
        If columns differ in length or a figure is outside its range.
    ModelError
        If the tolerance is not reached with the evaluations allowed.
    Cancelled
        If the task was cancelled.

    References
    ----------
    Poggiolini 2012, doi 10.1109/JLT.2012.2217729; Semrau, Killey, Bayvel 2018, doi 10.1109/JLT.2018.2830973.
    """
    require_positive(reference_thz=reference_thz)
    frequency_hz = np.atleast_1d(np.asarray(frequency_thz, dtype=np.float64)) * 1e12
    channels = frequency_hz.size
    profiles, log_power_ratio = stack_profiles([span.profile for span in spans], channels)
    power_w = [1e-3 * 10.0 ** (_rows("launch_power_dbm", span.launch_power_dbm, channels) / 10.0) for span in spans]
    attenuation_per_m = [_attenuation_per_m(span, channels) for span in spans]
    columns = _core.integrate_nonlinear_interference(
        {
            "frequency_hz": frequency_hz,
            "symbol_rate_hz": _rows("symbol_rate_gbd", symbol_rate_gbd, channels) * 1e9,
            "roll_off": _rows("roll_off", roll_off, channels) * 1.0,
        },
        {
            "length_m": np.array([span.length_km for span in spans], dtype=np.float64) * 1e3,
            "dispersion_s_per_m2": np.array([span.dispersion_ps_per_nm_km for span in spans], dtype=np.float64) * 1e-6,
            "slope_s_per_m3": np.array([span.slope_ps_per_nm2_km for span in spans], dtype=np.float64) * 1e3,
            "gamma_per_w_m": np.array([span.gamma_per_w_km for span in spans], dtype=np.float64) * 1e-3,
            **profiles,
        },
        np.array(power_w, dtype=np.float64).reshape(len(spans), channels),
        np.array(attenuation_per_m, dtype=np.float64).reshape(len(spans), channels),
        log_power_ratio,
        targets=list(range(channels)) if targets is None else list(targets),
        reference_hz=reference_thz * 1e12,
        tolerance_fraction=tolerance_fraction,
        evaluations_max_count=evaluations_max_count,
        points_count=points_count,
        coherent=coherent,
        task=Task() if task is None else task,
    )
    total = columns["self_channel_ratio"] + columns["cross_channel_ratio"] + columns["multi_channel_ratio"]
    with np.errstate(divide="ignore"):
        return NonlinearInterference(snr_nli_db=np.asarray(-10.0 * np.log10(total)), **columns)

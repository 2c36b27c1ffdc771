"""Raman scattering: how powers run along a fiber, and what a pumped span is worth as an amplifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError
from lightlane.kernels.checks import require_positive
from lightlane.kernels.gn_integral import PowerProfile
from lightlane.kernels.task import Task

__all__ = ["RamanPump", "RamanSpan", "solve_raman"]

Floats = NDArray[np.float64]
NEPER_PER_DB = np.log(10.0) / 10.0
ZERO_C_IN_K = 273.15


@dataclass(frozen=True, slots=True)
class RamanPump:
    """One pump of a fiber."""

    frequency_thz: float
    power_mw: float
    """Where it enters the glass."""
    direction: Literal["forward", "backward"]
    """With the channels, or against them from the end of the fiber."""
    attenuation_db_per_km: float


@dataclass(frozen=True, slots=True)
class RamanSpan:
    """Powers along a fiber, and gain and noise of each channel."""

    position_km: Floats
    channel_power_dbm: Floats
    """One row per channel, one column per position."""
    pump_power_dbm: Floats
    """One row per pump."""
    net_gain_db: Floats
    """Output over input of each channel; negative where the fiber still loses."""
    on_off_gain_db: Floats
    """Output with the pumps on over output with them off."""
    ase_ratio: Floats
    """Spontaneous emission in 12.5 GHz over the channel's power at the output."""
    noise_figure_db: Floats
    """Of the amplifier at the end of the fiber that has the on-off gain and adds as much noise; -inf without pumps."""
    sweeps_count: int
    """Sweeps that the solver needed; 1 where nothing runs backward."""
    change_ratio: float
    """Change of the logarithm of a power in the last sweep."""

    def profile(self) -> PowerProfile:
        """Return the channels' course relative to their inputs, as the integral and the waveform model take it."""
        return PowerProfile(self.position_km, self.channel_power_dbm - self.channel_power_dbm[:, :1])


def _to_dbm(power_w: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(power_w) + 30.0)


def solve_raman(  # noqa: PLR0913 - keyword-only figures of one span
    frequency_thz: ArrayLike,
    launch_power_dbm: ArrayLike,
    *,
    length_km: float,
    attenuation_db_per_km: ArrayLike,
    pumps: Sequence[RamanPump] = (),
    effective_area_um2: float | None = None,
    raman_slope_per_w_km_thz: float | None = None,
    temperature_c: float = 25.0,
    step_km: float = 1.0,
    tolerance_ratio: float = 1e-8,
    sweeps_max_count: int = 200,
    task: Task | None = None,
) -> RamanSpan:
    """Return the powers of all channels and pumps along a fiber with stimulated Raman scattering, its gain and noise.

    Parameters
    ----------
    frequency_thz, launch_power_dbm, attenuation_db_per_km
        The comb; powers at the input of the fiber. One power or attenuation may stand for all.
    effective_area_um2
        At 1550 nm; the gain is then silica's spectrum, scaled.
    raman_slope_per_w_km_thz
        Instead of it: a gain that rises in a straight line and keeps power, as the ISRS closed forms have it.
    step_km
        Distance between positions of the answer, at most.

    Raises
    ------
    ParameterError
        If columns differ in length or a figure is outside its range.
    ModelError
        If the sweeps between forward and backward waves do not converge.
    Cancelled
        If the task was cancelled.

    References
    ----------
    Bromage 2004, doi 10.1109/JLT.2003.822828; D'Amico et al. 2022, doi 10.1109/JLT.2022.3162134 (gain spectrum).
    """
    require_positive(length_km=length_km, step_km=step_km)
    if (effective_area_um2 is None) == (raman_slope_per_w_km_thz is None):
        raise ParameterError("effective_area_um2 and raman_slope_per_w_km_thz are both given or absent; allowed: one")
    frequency_hz = np.atleast_1d(np.asarray(frequency_thz, dtype=np.float64)) * 1e12
    power_w = 1e-3 * 10.0 ** (np.asarray(launch_power_dbm, dtype=np.float64) / 10.0)
    attenuation_per_m = np.asarray(attenuation_db_per_km, dtype=np.float64) * NEPER_PER_DB * 1e-3
    for name, values in (("launch_power_dbm", power_w), ("attenuation_db_per_km", attenuation_per_m)):
        if values.shape not in {(), frequency_hz.shape}:
            raise ParameterError(f"{name} has the shape {values.shape}; allowed: one number, or {frequency_hz.shape}")
    channels = {
        "frequency_hz": frequency_hz,
        "power_w": np.full(frequency_hz.shape, power_w),
        "attenuation_per_m": np.full(frequency_hz.shape, attenuation_per_m),
    }
    solved = _core.raman_span(
        channels,
        _pump_columns(pumps),
        length_m=length_km * 1e3,
        effective_area_m2=None if effective_area_um2 is None else effective_area_um2 * 1e-12,
        slope_per_w_m_hz=None if raman_slope_per_w_km_thz is None else raman_slope_per_w_km_thz * 1e-15,
        temperature_k=temperature_c + ZERO_C_IN_K,
        step_m=step_km * 1e3,
        tolerance_ratio=tolerance_ratio,
        sweeps_max_count=sweeps_max_count,
        task=Task() if task is None else task,
    )
    return _read(solved)


def _pump_columns(pumps: Sequence[RamanPump]) -> dict[str, NDArray[Any]]:
    attenuation_db_per_km = np.array([pump.attenuation_db_per_km for pump in pumps], dtype=np.float64)
    return {
        "frequency_hz": np.array([pump.frequency_thz for pump in pumps], dtype=np.float64) * 1e12,
        "power_w": np.array([pump.power_mw for pump in pumps], dtype=np.float64) * 1e-3,
        "attenuation_per_m": attenuation_db_per_km * NEPER_PER_DB * 1e-3,
        "is_backward": np.array([pump.direction == "backward" for pump in pumps], dtype=np.uint8),
    }


def _read(solved: dict[str, NDArray[Any]]) -> RamanSpan:
    return RamanSpan(
        position_km=solved["position_m"] * 1e-3,
        channel_power_dbm=_to_dbm(solved["channel_power_w"]),
        pump_power_dbm=_to_dbm(solved["pump_power_w"]),
        net_gain_db=solved["net_gain_db"],
        on_off_gain_db=solved["on_off_gain_db"],
        ase_ratio=solved["ase_ratio"],
        noise_figure_db=solved["noise_figure_db"],
        sweeps_count=int(solved["sweeps_count"][0]),
        change_ratio=float(solved["change_ratio"][0]),
    )

"""What a fiber does to a sampled lane: figures that propagation and back-propagation share, and the course of pumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lightlane.catalog.line_parts import choose_attenuation
from lightlane.catalog.parts import Amplifier, Fiber
from lightlane.errors import ParameterError
from lightlane.kernels.gn_integral import PowerProfile
from lightlane.kernels.raman import RamanPump, solve_raman
from lightlane.lane.trace import PathTrace
from lightlane.units import SPEED_OF_LIGHT_M_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledFiber:
    """One fiber at the frequency of a lane."""

    length_km: float
    attenuation_db: float
    dispersion_ps_per_nm_km: float
    dispersion_wavelength_nm: float
    slope_ps_per_nm2_km: float
    gamma_per_w_km: float
    reference_thz: float

    @property
    def attenuation_db_per_km(self) -> float:
        """Of the fiber alone."""
        return self.attenuation_db / self.length_km

    def figures(self) -> dict[str, Any]:
        """Return what both directions of propagation take, but for the course of the power."""
        names = (
            "length_km", "dispersion_ps_per_nm_km", "dispersion_wavelength_nm", "slope_ps_per_nm2_km", "gamma_per_w_km",
            "reference_thz",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def sampled_fiber(trace: PathTrace, place: int, row: int) -> SampledFiber | None:
    """Return the fiber at a place of a trace as a channel sees it; None for other elements.

    Raises
    ------
    ParameterError
        If it has no attenuation or dispersion at the channel's frequency.
    """
    element = trace.elements[place]
    fiber = element.part
    if element.kind != "fiber" or not isinstance(fiber, Fiber):
        return None
    frequency_thz = float(trace.frequency_thz[row])
    attenuation_db = float(trace.attenuation_db[row, place])
    dispersion_ps_per_nm = float(trace.chromatic_dispersion_ps_per_nm[row, place])
    if not np.isfinite(attenuation_db + dispersion_ps_per_nm):
        raise ParameterError(f"{element.label} has no attenuation or dispersion at {frequency_thz:.4f} THz")
    return SampledFiber(
        length_km=element.length_km,
        attenuation_db=attenuation_db,
        dispersion_ps_per_nm_km=dispersion_ps_per_nm / element.length_km,
        dispersion_wavelength_nm=SPEED_OF_LIGHT_M_PER_S * 1e-3 / frequency_thz,
        slope_ps_per_nm2_km=fiber.dispersion_slope_ps_per_nm2_km or 0.0,
        gamma_per_w_km=fiber.nonlinear_coefficient_per_w_km,
        reference_thz=frequency_thz,
    )


def pumped_profile(trace: PathTrace, place: int, row: int, *, fiber_limits: bool) -> PowerProfile | None:
    """Return the course of a channel's power along a fiber whose pumps come next; None without pumps.

    The solver is the budget's; the pumps are attenuated as the fiber's table says.
    """
    element = trace.elements[place]
    pumps = trace.elements[place + 1].part if place + 1 < len(trace.elements) else None
    if not (isinstance(pumps, Amplifier) and pumps.kind == "raman" and isinstance(element.part, Fiber)):
        return None
    fiber = element.part
    table = np.array(choose_attenuation(fiber, limits=fiber_limits))
    before = trace.launch_power_dbm if place == 0 else trace.level_dbm[:, place - 1]
    attenuation_db_per_km = trace.attenuation_db[:, place] / element.length_km

    def tabled_db_per_km(frequency_thz: float) -> float:
        return float(np.interp(SPEED_OF_LIGHT_M_PER_S * 1e-3 / frequency_thz, table[:, 0], table[:, 1]))

    # A measured attenuation moves the whole table, as the budget has it.
    excess = float(np.mean(attenuation_db_per_km)) - tabled_db_per_km(float(np.mean(trace.frequency_thz)))
    span = solve_raman(
        trace.frequency_thz,
        before,
        length_km=element.length_km,
        attenuation_db_per_km=attenuation_db_per_km,
        pumps=[
            RamanPump(
                pump.frequency_thz,
                pump.power_mw,
                "backward" if pump.direction == "counter" else "forward",
                tabled_db_per_km(pump.frequency_thz) + excess,
            )
            for pump in pumps.pumps
        ],
        effective_area_um2=fiber.effective_area_um2,
    )
    profile = span.profile()
    return PowerProfile(profile.position_km, np.atleast_2d(np.asarray(profile.relative_power_db))[row : row + 1])

"""Digital back-propagation: the lane's own way through the fibers, taken back in the receiver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightlane.catalog.parts import Fiber
from lightlane.kernels.propagation import back_propagate_fiber
from lightlane.kernels.signal import Field
from lightlane.lane.trace import PathTrace
from lightlane.units import SPEED_OF_LIGHT_M_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class BackPropagation:
    """What a receiver knows of a line: its fibers and the lane's level at the end of each."""

    trace: PathTrace
    row: int
    steps_count: int

    def undo(self, samples: Field, sample_rate_ghz: float) -> Field:
        """Return samples of mean power 1 as they were before the first fiber, by ``steps_count`` steps per fiber.

        Neighbors, noise and polarization stay as they are: only what the lane did to itself is taken back.

        References
        ----------
        Ip and Kahn 2008, doi 10.1109/JLT.2008.927791.
        """
        trace = self.trace
        frequency_thz = float(trace.frequency_thz[self.row])
        for place in reversed(range(len(trace.elements))):
            element = trace.elements[place]
            fiber = element.part
            if element.kind != "fiber" or not isinstance(fiber, Fiber):
                continue
            attenuation_db = float(trace.attenuation_db[self.row, place])
            before_dbm = float((trace.level_dbm - trace.level_step_db)[self.row, place])
            power_w = 1e-3 * 10.0 ** ((before_dbm - attenuation_db) / 10.0)
            samples = samples * np.sqrt(0.5 * power_w / np.mean(np.abs(samples) ** 2))
            samples = back_propagate_fiber(
                samples,
                sample_rate_ghz=sample_rate_ghz,
                length_km=element.length_km,
                attenuation_db_per_km=attenuation_db / element.length_km,
                dispersion_ps_per_nm_km=float(trace.chromatic_dispersion_ps_per_nm[self.row, place])
                / element.length_km,
                dispersion_wavelength_nm=SPEED_OF_LIGHT_M_PER_S * 1e-3 / frequency_thz,
                slope_ps_per_nm2_km=fiber.dispersion_slope_ps_per_nm2_km or 0.0,
                gamma_per_w_km=fiber.nonlinear_coefficient_per_w_km,
                reference_thz=frequency_thz,
                step_km=element.length_km / self.steps_count,
            ).field
        return np.asarray(samples / np.sqrt(np.mean(np.abs(samples) ** 2)))

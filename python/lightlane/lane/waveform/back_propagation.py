"""Digital back-propagation: the lane's own way through the fibers, taken back in the receiver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightlane.kernels.fields import Field
from lightlane.kernels.propagation import back_propagate_fiber
from lightlane.lane.trace import PathTrace
from lightlane.lane.waveform.fibers import sampled_fiber


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
        for place in reversed(range(len(trace.elements))):
            fiber = sampled_fiber(trace, place, self.row)
            if fiber is None:
                continue
            before_dbm = float((trace.level_dbm - trace.level_step_db)[self.row, place])
            power_w = 1e-3 * 10.0 ** ((before_dbm - fiber.attenuation_db) / 10.0)
            samples = samples * np.sqrt(0.5 * power_w / np.mean(np.abs(samples) ** 2))
            samples = back_propagate_fiber(
                samples,
                sample_rate_ghz=sample_rate_ghz,
                attenuation_db_per_km=fiber.attenuation_db_per_km,
                step_km=fiber.length_km / self.steps_count,
                **fiber.figures(),
            ).field
        return np.asarray(samples / np.sqrt(np.mean(np.abs(samples) ** 2)))

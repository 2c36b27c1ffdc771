"""Where surrogates are simulated: boxes that hold the direct-detect modes of the catalog."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.lane.surrogate.runs import RunTarget

Floats = NDArray[np.float64]

CHIRPS = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
"""Of electro-absorption modulators: about 0 to 1, and somewhat below zero at deep bias (assumed)."""
DENSE_CHIRPS = tuple(-0.25 + 0.125 * step for step in range(11))
EXTINCTION_RATIOS_DB = (3.0, 4.5, 7.0)
"""The catalog's modes allow from 3.5 dB on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurrogateGrid:
    """Box and values of one table.

    Attributes
    ----------
    name
        Of the table's file.
    dispersion_range_ratio
        Ends of D lambda^2 Rs^2/c, multiples of the step.
    """

    name: str
    target: RunTarget
    bandwidth_ratio: tuple[float, ...]
    dispersion_range_ratio: tuple[float, float]
    dispersion_step_ratio: float = 0.1
    chirp_alpha: tuple[float, ...] = CHIRPS
    extinction_ratio_db: tuple[float, ...] = EXTINCTION_RATIOS_DB

    @property
    def dispersion_ratio(self) -> Floats:
        """Values, 0 among them."""
        low, high = (round(end / self.dispersion_step_ratio) for end in self.dispersion_range_ratio)
        # Whole steps, so that 0 is 0 and decimals are short.
        return np.round(np.arange(low, high + 1) * self.dispersion_step_ratio, 9)


GRIDS = (
    SurrogateGrid(
        name="ffe5",
        target=RunTarget("ffe5", 4.8e-4),
        bandwidth_ratio=(0.5, 0.6, 0.7, 0.8),
        # 400G-LR4-10 and ER4-30: -1.05 to +0.60; 400GBASE-ER8: -0.83 to +0.16.
        dispersion_range_ratio=(-1.1, 0.7),
    ),
    SurrogateGrid(
        name="ffe15_dfe1",
        target=RunTarget("ffe15_dfe1", 4.8e-4),
        bandwidth_ratio=(0.45, 0.5, 0.55, 0.6),
        # 800GBASE-FR4-500: -0.20 to +0.12.
        dispersion_range_ratio=(-0.5, 0.4),
    ),
    SurrogateGrid(
        name="ffe15_dfe1_inner",
        target=RunTarget("ffe15_dfe1", 9.6e-3),
        bandwidth_ratio=(0.45, 0.5, 0.55, 0.6),
        # 800GBASE-LR4: -2.13 to +0.72; 800GBASE-FR4: -0.90 to +0.51.
        dispersion_range_ratio=(-2.3, 0.9),
        # Behind so much dispersion an eighth of chirp is a decibel.
        chirp_alpha=DENSE_CHIRPS,
    ),
)
"""One for each equalizer and target that modes of the catalog have."""

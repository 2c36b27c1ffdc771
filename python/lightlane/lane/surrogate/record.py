"""A surrogate: its table, where it comes from, and how far it is off."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lightlane.kernels.surrogate import SurrogateTable

CLAIMED_TDECQ_MAX_DB = 4.0
"""As of the budget's eye: no mode allows more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurrogateOrigin:
    """Runs that a table was fitted to."""

    seed: int
    symbols_count: int
    held_out_symbols_count: int
    lightlane_version: str
    build: str
    python_version: str
    processor_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """One transmitter and fiber by the table and by a run of its own; NaN for a closed eye."""

    dispersion_ratio: float
    chirp_alpha: float
    bandwidth_ratio: float
    extinction_ratio_db: float
    simulated_tdecq_db: float
    tabled_tdecq_db: float

    @property
    def error_db(self) -> float:
        """Of the table."""
        return self.tabled_tdecq_db - self.simulated_tdecq_db


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """A table with its runs."""

    name: str
    table: SurrogateTable
    origin: SurrogateOrigin
    held_out: tuple[HeldOut, ...]

    def claimed(self) -> list[HeldOut]:
        """Return the held-out runs whose eye is one that a mode may have."""
        return [found for found in self.held_out if found.simulated_tdecq_db <= CLAIMED_TDECQ_MAX_DB]

    def greatest_error_db(self) -> float:
        """Return the greatest difference of the table from the held-out runs that it claims; NaN without any.

        An eye that a run has open and the table closed is infinitely far off.
        """
        errors = [math.inf if math.isnan(found.error_db) else abs(found.error_db) for found in self.claimed()]
        return max(errors, default=math.nan)

    def mean_error_db(self) -> float:
        """Return the root mean square of the same differences; NaN without any."""
        errors = [found.error_db for found in self.claimed()]
        return math.sqrt(sum(error * error for error in errors) / len(errors)) if errors else math.nan

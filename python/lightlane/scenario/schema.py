"""The scenario: which fabric is run, how exactly, and against which margin."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import NonNegative
from lightlane.lane.options import DRAWS_MAX, SEED_MAX, BudgetOptions
from lightlane.scenario.waveform import Waveform

FilePath = Annotated[str, Field(min_length=1, max_length=4096)]


class Scenario(BaseModel):
    """A fabric and the conditions of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    fabric: FilePath
    """The fabric's file; in a scenario file relative to the folder of that file."""
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] = 0
    """Key of every random number of the run."""
    fidelity: Literal["budget", "surrogate"] = "budget"
    """Eyes of direct-detect lanes as the budget computes them, or from tables of waveform runs; coherent lanes have the
    budget either way."""
    wanted_margin_db: NonNegative | None = None
    """A link with less is degraded; absent: the margin that the fabric was designed for, else 1 dB."""
    fiber_limits: bool = False
    """True: the worst fiber that its class allows, instead of the typical one."""
    nonlinear_model: Literal["closed_form", "isrs_gn", "integral"] = "closed_form"
    """Nonlinear interference in closed form, right for spans of any length; by the ISRS GN model as published; or by
    the GN model's integral (seconds per channel of a full band)."""
    format_correction: bool = True
    """Take off what constellations make less nonlinear interference than Gaussian signals."""
    sop_rate_krad_per_s: NonNegative = 0.0
    """Speed at which polarization rotates."""
    idle_channels: Literal["dark", "noise"] = "dark"
    """What is in the spectrum of channels that are not lit."""
    amplifier_control: Literal["level", "gain", "power"] = "level"
    """What amplifiers hold on to while channels are dark: the level per channel, the gain, or the total power."""
    worst_case: bool = False
    """True: also evaluate every lane with all figures at their limits; draws always do."""
    draws_count: Annotated[int, Field(ge=0, le=DRAWS_MAX)] = 0
    """Draws of specimens over the distributions of the catalog, from which margin quantiles come; 0: none."""
    catalog: tuple[FilePath, ...] = ()
    """Folders of own parts; in a scenario file relative to the folder of that file."""
    waveform: Waveform | None = None
    """Links that are simulated sample by sample as well; absent: none."""

    def options(self) -> BudgetOptions:
        """Return how the lanes of the run are evaluated: the scenario's keys of the same names."""
        own = [field.name for field in fields(BudgetOptions) if field.name in type(self).model_fields]
        return BudgetOptions(**{name: getattr(self, name) for name in own})

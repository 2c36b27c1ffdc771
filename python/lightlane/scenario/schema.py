"""The scenario: which fabric is run, under which conditions and events, how exactly, and against which margin."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.catalog.distributions import Distribution
from lightlane.catalog.parts import NonNegative
from lightlane.lane.options import DRAWS_MAX, SEED_MAX, BudgetOptions
from lightlane.scenario.conditions import Conditions
from lightlane.scenario.events import Event
from lightlane.scenario.imports import Import
from lightlane.scenario.objectives import Objectives
from lightlane.scenario.sweep import Sweep
from lightlane.scenario.timeline import Timeline
from lightlane.scenario.variants import Variant
from lightlane.scenario.waveform import Waveform

FilePath = Annotated[str, Field(min_length=1, max_length=4096)]


class Scenario(BaseModel):
    """A fabric and what is asked of it: conditions, events, sweep, draws, variants, objectives."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False, populate_by_name=True)

    format: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    fabric: FilePath | None = None
    """The fabric's file; in a scenario file relative to the folder of that file."""
    imported: Annotated[Import | None, Field(alias="import")] = None
    """In place of a fabric's file: a topology from elsewhere."""
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] = 0
    """Key of every random number of the run."""
    fidelity: Literal["budget", "surrogate"] = "budget"
    """Eyes of direct-detect lanes as the budget computes them, or from tables of waveform runs; coherent lanes have the
    budget either way."""
    surrogate_folder: FilePath | None = None
    """Tables of `lightlane surrogate build` that serve the modes that they hold before the shipped ones do; in a
    scenario file relative to the folder of that file."""
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
    frame_loss: bool = False
    """True: also find what direct-detect modules lose of frames in the worst case and at quantiles over the draws."""
    catalog: tuple[FilePath, ...] = ()
    """Folders of own parts; in a scenario file relative to the folder of that file."""
    distribution: tuple[Distribution, ...] = ()
    """How figures spread in draws, beside the catalog's or, with the id of one of these, in its place."""
    waveform: Waveform | None = None
    """Links that are simulated sample by sample as well, at the first instant; absent: none."""
    conditions: Conditions = Conditions.model_construct()
    """Season, age, dirt, loading, from the first day on."""
    timeline: Timeline | None = None
    """Absent: the first instant, and those of the events."""
    event: tuple[Event, ...] = ()
    """What happens, and when."""
    sweep: tuple[Sweep, ...] = ()
    """Fields that take one value after the other."""
    variant: tuple[Variant, ...] = ()
    """What else the scenario is run as, beside its base."""
    objectives: Objectives = Objectives.model_construct()
    """What must hold at every instant."""
    keep_draws: bool = False
    """True: keep the margin of every link in every draw, and what becomes of the demands, in place of quantiles."""
    keep_lanes: bool = True
    """False: keep links and demands alone."""

    @model_validator(mode="after")
    def _one_fabric(self) -> Scenario:
        if (self.fabric is None) == (self.imported is None):
            raise ValueError("needs exactly one of fabric, import")
        return self

    def options(self) -> BudgetOptions:
        """Return how the lanes of the run are evaluated: the scenario's keys of the same names."""
        own = [field.name for field in fields(BudgetOptions) if field.name in type(self).model_fields]
        return BudgetOptions(**{name: getattr(self, name) for name in own})

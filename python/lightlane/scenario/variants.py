"""Variants: a scenario's base and what named variants change of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from lightlane.scenario.conditions import Conditions
from lightlane.scenario.events import Event, PlainValue
from lightlane.scenario.fields import Ground, assign_field
from lightlane.scenario.refusal import Refusal
from lightlane.scenario.sweep import Point

BASE_NAME = "baseline"
"""The scenario without a variant."""
VariantName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class Variant(BaseModel):
    """What is otherwise than in the base; what is not named stays."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    name: VariantName
    conditions: Conditions = Conditions.model_construct()
    """The keys that are given replace those of the base."""
    set: dict[Annotated[str, Field(min_length=1, max_length=300)], PlainValue] = {}
    """Fields by their paths, as in a sweep, and their values."""
    event: tuple[Event, ...] = ()
    """Events beside those of the base."""


def list_variants(scenario: Any) -> tuple[str, ...]:
    """Return the names of base and variants, in the order of the file."""
    return (BASE_NAME, *(variant.name for variant in scenario.variant))


def build_ground(ground: Ground, variant: str, point: Point = ()) -> Ground:
    """Return what a variant stands on at a point of the sweep.

    Raises
    ------
    Refusal
        If a field does not exist or does not take its value; the path is that of the scenario's file where it is
        known.
    """
    scenario = ground.scenario
    for place, item in enumerate(scenario.variant):
        if item.name == variant:
            ground = _vary(ground, item, place)
    for field, value in point:
        try:
            ground = assign_field(ground, field, value)
        except Refusal as refusal:
            place = next((i for i, sweep in enumerate(scenario.sweep) if sweep.field == field), 0)
            raise Refusal(("sweep", place, "field"), refusal.found, refusal.allowed) from None
    return ground


def _vary(ground: Ground, variant: Variant, place: int) -> Ground:
    scenario = ground.scenario
    given = {name: getattr(variant.conditions, name) for name in variant.conditions.model_fields_set}
    conditions = scenario.conditions.model_copy(update=given)
    ground = Ground(
        scenario.model_copy(update={"conditions": conditions, "event": (*scenario.event, *variant.event)}),
        ground.fabric,
        ground.catalog,
    )
    for field, value in variant.set.items():
        try:
            ground = assign_field(ground, field, value)
        except Refusal as refusal:
            raise Refusal(("variant", place, "set", field), refusal.found, refusal.allowed) from None
    return ground

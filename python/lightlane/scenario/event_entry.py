"""Events that come from no file: made of plain values, and held against the fabric before they are taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from lightlane.catalog.load import Catalog
from lightlane.errors import FormatError, Problem
from lightlane.fabric.topology import Fabric
from lightlane.files import find_misfits
from lightlane.scenario.events import Event
from lightlane.scenario.fields import Ground
from lightlane.scenario.refusal import Refusal
from lightlane.scenario.schema import Scenario
from lightlane.scenario.timeline import History
from lightlane.scenario.variants import BASE_NAME, build_ground

SOURCE = "event"
"""In place of a file in the problems."""


class _Entry(BaseModel):
    event: Event


def make_event(values: Mapping[str, Any]) -> Event:
    """Return an event of the values that its table in a file would have, ``kind`` and ``start_days`` among them.

    Raises
    ------
    FormatError
        With a problem for every value that is wrong or missing; its key is the field's name.
    """
    entry, misfits = find_misfits({"event": dict(values)}, _Entry)
    if entry is None:
        raise FormatError([_problem(path[1:], found, allowed) for path, found, allowed in misfits])
    return entry.event


def find_event_problems(
    event: Event, scenario: Scenario, fabric: Fabric, catalog: Catalog, *, variant: str = BASE_NAME
) -> list[Problem]:
    """Find why an event cannot be added to a variant.

    Returns
    -------
    A problem for each reason, its key the field of the event; for an event of the variant that would no longer fit,
    the key is empty. Nothing where it fits.
    """
    if scenario.timeline is not None and event.start_days > scenario.timeline.duration_days:
        allowed = f"at most the {scenario.timeline.duration_days:g} days of the timeline"
        return [_problem(("start_days",), f"{event.start_days:g}", allowed)]
    try:
        ground = build_ground(Ground(scenario, fabric, catalog), variant)
    except Refusal as refusal:
        return [_problem((), refusal.found, refusal.allowed)]
    before = ground.scenario.event
    ground = Ground(
        ground.scenario.model_copy(update={"event": (*before, event)}), fabric=ground.fabric, catalog=catalog
    )
    problems = []
    for misfit in History(ground).refusals():
        place = misfit.path[1]
        if place == len(before):
            problems.append(_problem(misfit.path[2:], misfit.found, misfit.allowed))
        else:
            assert isinstance(place, int)
            kind = before[place].kind
            found = f"what event {place} ({kind}, day {before[place].start_days:g}) cannot take: {misfit.found}"
            problems.append(_problem((), found, misfit.allowed))
    return problems


def _problem(path: tuple[str | int, ...], found: str, allowed: str) -> Problem:
    return Problem(SOURCE, 0, ".".join(map(str, path)), found, allowed)

"""The timeline: at which instants a fabric is looked at, and how it is then."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.load import Catalog
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.condition import PlantState
from lightlane.scenario.draft import PlantDraft
from lightlane.scenario.effects import apply_event
from lightlane.scenario.events import TIME_MAX_DAYS, SetField
from lightlane.scenario.fields import RECORDS, Ground, assign_record, split_path
from lightlane.scenario.refusal import Refusal

STEPS_MAX = 100_000


class Timeline(BaseModel):
    """The time that a scenario covers: a grid of instants, to which those of the events are added."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    duration_days: Annotated[float, Field(gt=0, le=TIME_MAX_DAYS)]
    """What happens later is not looked at."""
    step_days: Annotated[float, Field(gt=0, le=TIME_MAX_DAYS)] | None = None
    """Absent: the first instant and those of the events alone."""


def list_times(timeline: Timeline | None, events: Sequence[Any]) -> tuple[float, ...]:
    """Return the instants in days, rising: 0, the grid, and when events begin, end or have grown to their size."""
    last = timeline.duration_days if timeline is not None else float("inf")
    times = {0.0}
    for event in events:
        times.add(event.start_days)
        times.add(event.start_days + getattr(event, "ramp_days", 0.0))
        if event.end_days is not None:
            times.add(event.end_days)
    if timeline is not None and timeline.step_days is not None:
        count = int(timeline.duration_days / timeline.step_days + 1e-9)
        times |= {index * timeline.step_days for index in range(count + 1)}
    return tuple(sorted(time for time in times if time <= last))


def count_steps(timeline: Timeline | None, events: Sequence[Any]) -> int:
    """Return at most how many instants there are, without listing them."""
    grid = 0
    if timeline is not None and timeline.step_days is not None:
        grid = int(timeline.duration_days / timeline.step_days) + 1
    return 1 + grid + 3 * len(events)


def order_events(events: Sequence[Any]) -> list[tuple[int, Any]]:
    """Return (place in the file, event) in the order in which they are laid on the fabric."""
    return sorted(enumerate(events), key=lambda item: (item[1].start_days, item[0]))


class History:
    """A fabric through its events: the state at any instant is a function of the instant alone."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.events = order_events(ground.scenario.event)
        self._initial = PlantDraft(ground.fabric)
        ground.scenario.conditions.impose(self._initial, ground.catalog)

    def initial_state(self) -> PlantState:
        """Return the state before any event."""
        return self._initial.freeze()

    def state_at(self, time_days: float) -> PlantState:
        """Return the state at an instant: conditions, and over them every event that holds then.

        Raises
        ------
        Refusal
            If an event does not fit the fabric as it is then; the path begins with ``event``.
        """
        draft = self._initial.copy()
        for _ in self._lay(draft, time_days):
            pass
        return draft.freeze()

    def refusals(self) -> Iterator[Refusal]:
        """Lay every event on the fabric as it is when that begins, without those that do not fit; yield these."""
        broken: set[int] = set()
        for place, event in self.events:
            draft = self._initial.copy()
            try:
                for laid, _ in self._lay(draft, event.start_days, broken):
                    if laid == place:
                        break
                if isinstance(event, SetField):
                    _refuse_misfits(draft, place, self.ground.catalog)
            except Refusal as refusal:
                broken.add(place)
                yield refusal

    def _lay(self, draft: PlantDraft, time_days: float, left_out: Collection[int] = ()) -> Iterator[tuple[int, Any]]:
        for place, event in self.events:
            if event.start_days > time_days:
                break
            if place in left_out:
                continue
            if event.end_days is not None and event.end_days <= time_days:
                continue
            try:
                if isinstance(event, SetField):
                    _set_field(draft, event)
                else:
                    apply_event(draft, event, time_days, self.ground.catalog)
            except Refusal as refusal:
                raise Refusal(("event", place, *refusal.path), refusal.found, refusal.allowed) from None
            yield place, event


def _refuse_misfits(draft: PlantDraft, place: int, catalog: Catalog) -> None:
    """Refuse a value that parts of the fabric do not take; other events refuse theirs themselves."""
    for path, found, allowed in catalog_problems(draft.fabric(), catalog):
        raise Refusal(("event", place, "value"), f"{found} ({'.'.join(map(str, path))})", allowed)


def _set_field(draft: PlantDraft, event: SetField) -> None:
    try:
        steps = split_path(event.field)
        if steps[0] not in RECORDS:
            raise Refusal((), repr(event.field), "a field of the fabric: site, duct, link or demand")
        fabric = assign_record(draft.fabric(), steps, event.value)
    except Refusal as refusal:
        key = "value" if " for " in refusal.found else "field"
        raise Refusal((key,), refusal.found, refusal.allowed) from None
    draft.sites = {site.name: site for site in fabric.site}
    draft.ducts = {duct.name: duct for duct in fabric.duct}
    draft.links = {link.name: link for link in fabric.link}
    draft.demands = list(fabric.demand)

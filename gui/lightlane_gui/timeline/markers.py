"""Events on the time axis: which there are, what they are called, and how they are moved and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lightlane import Timeline
from lightlane.toolkit import find_event_problems, label_event_kind
from lightlane_gui.session.document import Document, Edited

DURATION_MAX_DAYS = 36_525.0
"""A century, as scenarios allow."""
DEFAULT_DURATION_DAYS = 3650.0
"""Of a scenario that has no timeline: ten years."""
Family = Literal["loss", "repair", "drift", "change"]
_FAMILIES: dict[Family, frozenset[str]] = {
    "loss": frozenset({"fiber_cut", "maintenance", "site_failure", "amplifier_failure", "connector_contamination"}),
    "repair": frozenset({"fiber_repair", "amplifier_repair", "connector_cleaning"}),
    "drift": frozenset(
        {"amplifier_drift", "pump_ageing", "laser_ageing", "module_ageing", "temperature_ramp", "sop_storm"}
    ),
}
_TARGETS = ("duct", "ducts", "link", "links", "site", "field")


@dataclass(frozen=True, slots=True)
class Marker:
    """One event of the base or of the variant on display.

    Attributes
    ----------
    place
        Among the events of the base and then those of the variant.
    is_own
        Of the variant: may be removed.
    """

    place: int
    event: Any
    is_own: bool

    @property
    def family(self) -> Family:
        """What sort of thing happens."""
        return next((name for name, kinds in _FAMILIES.items() if self.event.kind in kinds), "change")

    @property
    def label(self) -> str:
        """The kind and what it happens to."""
        return f"{label_event_kind(self.event.kind)} {describe_target(self.event)}".rstrip()

    @property
    def text(self) -> str:
        """All that is said about it."""
        event = self.event
        lines = [self.label, f"from day {event.start_days:.10g}"]
        if event.end_days is not None:
            lines[-1] += f" to day {event.end_days:.10g}"
        skipped = {"kind", "start_days", "end_days", "note", *_TARGETS}
        for name, value in event:
            if name not in skipped and value is not None and not hasattr(value, "model_fields"):
                lines.append(f"{name} = {value}")
        if event.note:
            lines.append(event.note)
        lines.append(
            "of this variant: drag moves it, Delete removes it" if self.is_own else "of the base: drag moves it"
        )
        return "\n".join(lines)


def list_markers(form: Edited) -> tuple[Marker, ...]:
    """Return the events of base and variant, where the variant has moved them."""
    variant = form.find(form.variant)
    events = list(form.scenario.event)
    base_count = len(events)
    if variant is not None:
        events += variant.event
        for path, value in variant.set.items():
            steps = path.split(".")
            if len(steps) == 3 and steps[0] == "event" and steps[1].isdecimal() and int(steps[1]) < len(events):
                place = int(steps[1])
                events[place] = events[place].model_copy(update={steps[2]: value})
    return tuple(Marker(place, event, place >= base_count) for place, event in enumerate(events))


def duration_days(form: Edited) -> float:
    """Return how much time there is to look at."""
    timeline = form.scenario.timeline
    if timeline is not None:
        return timeline.duration_days
    ends = [marker.event.end_days or marker.event.start_days for marker in list_markers(form)]
    return float(max([DEFAULT_DURATION_DAYS, *(1.1 * end for end in ends)]))


def set_duration(form: Edited, days: float) -> Edited:
    """Return a form whose scenario covers so much time."""
    old = form.scenario.timeline
    timeline = Timeline(duration_days=days, step_days=None if old is None else old.step_days)
    return Edited(form.scenario.model_copy(update={"timeline": timeline}), form.variant)


def list_stops(form: Edited) -> tuple[float, ...]:
    """Return the instants at which something begins or ends, rising, within the time there is."""
    last = duration_days(form)
    times = {0.0, last}
    for marker in list_markers(form):
        times.add(marker.event.start_days)
        if marker.event.end_days is not None:
            times.add(marker.event.end_days)
    return tuple(sorted(time for time in times if time <= last))


def move_event(form: Edited, marker: Marker, start_days: float) -> Edited:
    """Return a form in which an event begins at another time and lasts as long; one of the base moves by variant."""
    event = marker.event
    changes: dict[str, float] = {"start_days": start_days}
    if event.end_days is not None:
        changes["end_days"] = start_days + (event.end_days - event.start_days)
        if start_days > event.start_days:  # a moment's start behind the end would be refused
            changes = {"end_days": changes["end_days"], "start_days": start_days}
    if not marker.is_own:
        for name, value in changes.items():
            form = form.set_field(f"event.{marker.place}.{name}", value)
        return form
    variant = form.find(form.variant)
    assert variant is not None
    own = marker.place - len(form.scenario.event)
    events = list(variant.event)
    events[own] = event.model_copy(update=changes)
    moved = {path: value for path, value in variant.set.items() if not path.startswith(f"event.{marker.place}.")}
    return form.put(variant.model_copy(update={"event": tuple(events), "set": moved}))


def remove_event(form: Edited, marker: Marker) -> Edited:
    """Return a form without one of the events of its variant; what is set of later ones moves along."""
    variant = form.find(form.variant)
    assert variant is not None
    kept = {}
    for path, value in variant.set.items():
        steps = path.split(".")
        if steps[0] == "event" and steps[1].isdecimal():
            place = int(steps[1])
            if place == marker.place:
                continue
            steps[1] = str(place - (place > marker.place))
        kept[".".join(steps) if steps[0] == "event" else path] = value
    return form.put(variant.model_copy(update={"set": kept})).remove_event(marker.place - len(form.scenario.event))


def refusal_of_move(document: Document, form: Edited, marker: Marker, start_days: float) -> str:
    """Return in words why an event cannot begin then; empty where it can."""
    moved = move_event(form, marker, start_days)
    event = next(item.event for item in list_markers(moved) if item.place == marker.place)
    rest = remove_event(moved, marker) if marker.is_own else _without_base_event(moved, marker)
    problems = find_event_problems(event, rest.scenario, document.fabric, document.catalog, variant=rest.variant)
    return "; ".join(f"found {problem.found}; allowed: {problem.allowed}" for problem in problems[:1])


def _without_base_event(form: Edited, marker: Marker) -> Edited:
    """Return a form to try an event of the base on: its settings stand in the events, and it is not among them."""
    count = len(form.scenario.event)
    events = [item.event for item in list_markers(form) if item.place < count and item.place != marker.place]
    variant = form.find(form.variant)
    assert variant is not None
    kept = {path: value for path, value in variant.set.items() if not path.startswith("event.")}
    scenario = form.scenario.model_copy(update={"event": tuple(events)})
    return Edited(scenario, form.variant).put(variant.model_copy(update={"set": kept}))


def describe_target(event: Any) -> str:
    """Return what an event happens to."""
    words: list[str] = []
    for name in _TARGETS:
        value = getattr(event, name, None)
        if isinstance(value, tuple):
            words += [item if isinstance(item, str) else item.name for item in value]
        elif value is not None:
            words.append(value if isinstance(value, str) else value.name)
    return " ".join(word for word in words if word != "*")

"""Letting something happen to the fabric: events from plain values into the variant on display."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lightlane import FormatError, Problem, make_event
from lightlane.toolkit import EventField, EventKind, find_event_problems, list_event_kinds
from lightlane_gui.session.session import Session

HOURS_PER_DAY = 24.0
LASTING = "lasting"
"""In place of ``end_days`` in what is asked for: how long an event holds."""
DEFAULTS: dict[str, dict[str, str]] = {
    # Repair times are those of the shipped reliability priors (recalled there); the others are assumed, to be edited.
    "fiber_cut": {LASTING: "12"},
    "amplifier_failure": {LASTING: "6"},
    "site_failure": {LASTING: "4"},
    "maintenance": {LASTING: "4"},
    "sop_storm": {LASTING: "1", "sop_rate_krad_per_s": "50"},
    "connector_contamination": {"loss_db": "1.0"},
    "temperature_ramp": {"temperature_c": "40", "ramp_days": "30"},
    "channels_add": {"channels_count": "1"},
    "channels_drop": {"channels_count": "1"},
    "demand_growth": {"growth_percent_per_year": "20"},
    "pump_ageing": {"noise_figure_db_per_year": "0.1"},
    "module_ageing": {"receiver_penalty_db_per_year": "0.1"},
    "laser_ageing": {"launch_loss_db_per_year": "0.1"},
    "amplifier_drift": {"noise_figure_db": "0.5"},
}
"""Texts that a dialog begins with."""
_IN_HOURS = frozenset({"fiber_cut", "amplifier_failure", "site_failure", "maintenance", "sop_storm"})
_RANGE = re.compile(r"(\d+)\s*-\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """What was made of the texts of a dialog.

    Attributes
    ----------
    event
        None where something is wrong.
    problems
        By the name of the field; under the empty name what is no field's.
    """

    event: Any
    problems: dict[str, str]


def find_kind(kind: str) -> EventKind:
    """Return a kind of event by its key; KeyError where there is none."""
    return {item.kind: item for item in list_event_kinds()}[kind]


def inject_event(session: Session, spec: Mapping[str, Any]) -> Any:
    """Add an event to the variant on display, from the current time on unless it says when; it can be undone.

    Parameters
    ----------
    spec
        The event's table as a scenario file has it; ``start_days`` may be absent.

    Raises
    ------
    FormatError
        With a problem for each value that is wrong or does not fit the fabric.
    """
    event = make_event({"start_days": session.time_days, **spec})
    problems = _misfits(session, event)
    if problems:
        raise FormatError(problems)
    add_event(session, event)
    return event


def add_event(session: Session, event: Any) -> None:
    """Add an event that fits."""
    session.edit(session.form.add_event(event), f"{find_kind(event.kind).label}, day {event.start_days:.10g}")


def list_targets(session: Session, field: EventField) -> tuple[str, ...]:
    """Return the names that a field may take, of the open fabric or its catalog; empty: any text."""
    document = session.document
    if document is None or not field.target:
        return ()
    fabric, catalog = document.fabric, document.catalog
    if field.target == "service":
        return tuple(dict.fromkeys(demand.service for demand in fabric.demand if demand.service))
    if field.target in ("module", "mode"):
        return tuple(catalog.modules if field.target == "module" else catalog.modes)
    if field.target == "mux":
        return tuple(name for name, part in catalog.passives.items() if part.kind == "mux_demux")
    return tuple(row.name for row in getattr(fabric, field.target))


def begin_texts(session: Session, kind: EventKind, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts that the dialog of an event begins with: what is given, what is selected, usual values."""
    texts = {field.name: _text_of(field.default) for field in kind.fields}
    texts |= DEFAULTS.get(kind.kind, {})
    texts["start_days"] = f"{session.time_days:.10g}"
    selection = session.selection
    for field in kind.fields:
        if field.target == selection.kind and field.target:
            texts[field.name] = selection.name
    if kind.kind == "maintenance" and selection.kind not in ("duct", "site", "link"):
        texts |= {"duct": "", "site": "", "link": ""}
    texts |= {name: _text_of(value) for name, value in given.items()}
    return texts


def lasts_in_hours(kind: str) -> bool:
    """Return whether people count how long such an event holds in hours, not days."""
    return kind in _IN_HOURS


def read_entry(session: Session, kind: EventKind, texts: Mapping[str, str]) -> Entry:
    """Make an event of texts, one for each field, with ``lasting`` in place of ``end_days``."""
    values: dict[str, Any] = {"kind": kind.kind}
    for field in kind.fields:
        text = texts.get(field.name, "").strip()
        if not text or field.name == "end_days":
            continue
        head, _, key = field.name.partition(".")
        if key:
            values.setdefault(head, {})[key] = _value_of(field, text)
        else:
            values[field.name] = _value_of(field, text)
    problems = {}
    lasting = texts.get(LASTING, "").strip()
    if lasting and isinstance(values.get("start_days"), float):
        days = _number(lasting)
        if isinstance(days, float) and days > 0:
            values["end_days"] = values["start_days"] + (days / HOURS_PER_DAY if lasts_in_hours(kind.kind) else days)
        else:
            problems[LASTING] = f"found {lasting!r}; allowed: a number above 0, or nothing: it stays"
    try:
        event = make_event(values)
    except FormatError as error:
        targets = {field.name: field.target for field in kind.fields}
        return Entry(None, problems | _words(error.problems, targets))
    problems |= _words(_misfits(session, event))
    return Entry(None if problems else event, problems)


def _misfits(session: Session, event: Any) -> list[Problem]:
    document, form = session.document, session.form
    assert document is not None
    return find_event_problems(event, form.scenario, document.fabric, document.catalog, variant=form.variant)


def _words(problems: Iterable[Problem], targets: Mapping[str, str] | None = None) -> dict[str, str]:
    out: dict[str, str] = {}
    for problem in problems:
        key = re.sub(r"\.\d+$", "", problem.key)
        key = LASTING if key == "end_days" else key
        text = f"found {problem.found}; allowed: {problem.allowed}"
        if problem.found == "nothing":
            target = (targets or {}).get(key)
            text = f"needed: the name of a {target}" if target else f"needed: {problem.allowed}"
        out[key] = f"{out[key]}\n{text}" if key in out else text
    return out


def _value_of(field: EventField, text: str) -> Any:
    if field.kind in ("number", "integer"):
        return _number(text) if field.kind == "number" else _integer(text)
    if field.kind == "texts":
        return [part.strip() for part in text.split(",") if part.strip()]
    if field.kind == "numbers":
        return _list_of_numbers(text)
    if field.kind == "value":
        words = {"true": True, "false": False}
        return words[text] if text in words else text if isinstance(_number(text), str) else _plain_number(text)
    return text


def _number(text: str) -> float | str:
    try:
        return float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return text


def _integer(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _plain_number(text: str) -> float | int | str:
    whole = _integer(text)
    return whole if isinstance(whole, int) else _number(text)


def _list_of_numbers(text: str) -> list[int | str]:
    out: list[int | str] = []
    for part in filter(None, (item.strip() for item in text.split(","))):
        found = _RANGE.fullmatch(part)
        if found and int(found[1]) <= int(found[2]) <= int(found[1]) + 1000:
            out += range(int(found[1]), int(found[2]) + 1)
        else:
            out.append(_integer(part))
    return out


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)

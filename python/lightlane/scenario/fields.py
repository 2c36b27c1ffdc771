"""Paths of fields: how a sweep, a variant or an event names any field of a scenario, its fabric or a part.

``duct.d12.length_km``, ``link.*.launch_power_dbm``, ``demand.0.rate_gbps``, ``fiber.g652d.pmd_ps_per_sqrt_km``,
``conditions.temperature_c``, ``event.2.start_days``, ``fiber_limits``. A name that holds dots stands in quotes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from lightlane.catalog.load import Catalog
from lightlane.fabric.topology import Fabric
from lightlane.files import show_value, suggest
from lightlane.files.schema_words import describe, find_schema, list_choices
from lightlane.scenario.checked_records import checked_records
from lightlane.scenario.refusal import Refusal, look_up

ALL = "*"
RECORDS = ("site", "duct", "link", "demand")
"""Tables of a fabric."""
PARTS = {"module": "modules", "mode": "modes", "fiber": "fibers", "amplifier": "amplifiers", "passive": "passives",
         "fec": "fecs"}  # fmt: skip
"""Words for parts and the families that hold them."""
NAMING = (
    "name", "id", "a", "b", "from", "to", "ducts", "kind", "detection", "modes", "source", "confidence",
    "field_sources", "assumed", "notes",
)  # fmt: skip
"""Fields that say what something is and where it belongs: they are not for sweeping."""
_STEP = re.compile(r'"([^"]+)"|([^."]+)')


@dataclass(frozen=True, slots=True)
class Ground:
    """What a scenario is evaluated on: what a field may belong to."""

    scenario: Any
    """The scenario; its type is that of ``scenario.schema``, which imports this module."""
    fabric: Fabric
    catalog: Catalog


@lru_cache(maxsize=4096)
def split_path(text: str) -> tuple[str, ...]:
    """Return the steps of a path.

    Raises
    ------
    Refusal
        If the text is no path.
    """
    steps: list[str] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            break
        steps.append(match[1] or match[2].strip())
        position = match.end()
        if position < len(text):
            if text[position] != ".":
                break
            position += 1
            if position == len(text):
                break
    else:
        if steps and all(steps):
            return tuple(steps)
    raise Refusal((), show_value(text), "a path such as duct.NAME.length_km or conditions.temperature_c")


def join_path(*steps: str) -> str:
    """Return the path with these steps, those that hold dots in quotes: the inverse of :func:`split_path`."""
    return ".".join(f'"{step}"' if "." in step else step for step in steps)


def assign_field(ground: Ground, text: str, value: Any) -> Ground:
    """Return what a scenario stands on with another value in the field that a path names.

    Raises
    ------
    Refusal
        If there is no such field, or it does not take the value.
    """
    steps = split_path(text)
    head = steps[0]
    if head in RECORDS:
        return replace(ground, fabric=assign_record(ground.fabric, steps, value))
    if head in PARTS:
        return replace(ground, catalog=_assign_part(ground.catalog, steps, value))
    return replace(ground, scenario=_assign_scenario(ground.scenario, steps, value))


def assign_record(fabric: Fabric, steps: tuple[str, ...], value: Any) -> Fabric:
    """Return a fabric with another value in a field of one of its records, or of all (``*``); errors as above."""
    kind, name, key = _three(steps, f"{steps[0]}.NAME.FIELD")
    rows = list(getattr(fabric, kind))
    if kind == "demand":
        places = {str(index): index for index in range(len(rows))}
    else:
        places = {row.name: index for index, row in enumerate(rows)}
    chosen = places.values() if name == ALL else [look_up(places, name, (), f"the name of a {kind}, or *")]
    if not chosen:
        raise Refusal((), f"{kind}.*", f"a fabric that has a {kind}")
    for index, row in zip(chosen, assign_keys([rows[index] for index in chosen], key, value), strict=True):
        rows[index] = row
    return fabric.model_copy(update={kind: tuple(rows)})


def assign_key(record: BaseModel, key: str, value: Any) -> Any:
    """Return a record with another value under a key, checked as if a file had it."""
    model = type(record)
    keys = _list_keys(model)
    if key not in keys:
        raise Refusal((), repr(key) + suggest(key, keys), "one of " + ", ".join(keys))
    data = record.model_dump(mode="json", by_alias=True)
    data[key] = list(value) if isinstance(value, tuple) else value
    try:
        return model.model_validate_json(to_json(data, inf_nan_mode="constants"), strict=True)
    except (ValidationError, ValueError) as error:
        schema = find_schema(model, (key,))
        allowed = describe(schema, model) if schema else "another value"
        if isinstance(error, ValidationError):
            rules = [str(item["msg"]) for item in error.errors() if item["type"] == "value_error"]
            allowed = "; ".join(rule.removeprefix("Value error, ") for rule in rules) or allowed
        raise Refusal((), f"{show_value(value)} for {key}", allowed) from None


def assign_keys(records: Sequence[BaseModel], key: str, value: Any) -> list[Any]:
    """Return records of one model with another value under a key; as of :func:`assign_key`, but all at once."""
    model = type(records[0])
    if len(records) > 1 and key in _list_keys(model):
        checked = checked_records(model)
        # What does not fit is refused below, record by record, with what is allowed.
        with suppress(ValueError, Refusal):
            if checked.is_field_by_field:
                field = _find_field(model, key)
                return checked.put(records, field, getattr(assign_key(records[0], key, value), field))
            return checked.replace(records, {key: list(value) if isinstance(value, tuple) else value})
    return [assign_key(record, key, value) for record in records]


@cache
def _find_field(model: type[BaseModel], key: str) -> str:
    return next(name for name, field in model.model_fields.items() if key in (name, field.alias))


@cache
def _list_keys(model: type[BaseModel]) -> list[str]:
    return [name for name in list_choices(model, ()) if name not in NAMING]


def _three(steps: tuple[str, ...], form: str) -> tuple[str, str, str]:
    if len(steps) != 3:
        raise Refusal((), show_value(".".join(steps)), f"a path of the form {form}")
    return steps[0], steps[1], steps[2]


def _assign_part(catalog: Catalog, steps: tuple[str, ...], value: Any) -> Catalog:
    kind, name, key = _three(steps, f"{steps[0]}.ID.FIELD")
    family = PARTS[kind]
    parts: Mapping[str, Any] = getattr(catalog, family)
    part = look_up(parts, name, (), f"the id of a part of the catalog's {family}")
    changed = assign_key(part, key, value)
    text = json.dumps([catalog.sha256, family, name, key, value], default=list)
    changes: dict[str, Any] = {family: {**parts, name: changed}}
    return replace(catalog, **changes, sha256=hashlib.sha256(text.encode()).hexdigest())


def _assign_scenario(scenario: BaseModel, steps: tuple[str, ...], value: Any) -> Any:
    head = steps[0]
    if len(steps) == 1 and head in _options_of(scenario):
        return assign_key(scenario, head, value)
    if head == "conditions" and len(steps) == 2:
        conditions = assign_key(scenario.conditions, steps[1], value)  # type: ignore[attr-defined]
        return scenario.model_copy(update={"conditions": conditions})
    if head == "event" and len(steps) == 3:
        events = list(scenario.event)  # type: ignore[attr-defined]
        if not steps[1].isdecimal() or int(steps[1]) >= len(events):
            raise Refusal((), steps[1], f"the number of an event, 0 to {len(events) - 1}" if events else "no event")
        events[int(steps[1])] = assign_key(events[int(steps[1])], steps[2], value)
        return scenario.model_copy(update={"event": tuple(events)})
    tables = [*RECORDS, *PARTS, "conditions", "event"]
    heads = [*tables, *_options_of(scenario)]
    raise Refusal((), show_value(".".join(steps)) + suggest(head, heads), "a path that begins with " + ", ".join(heads))


def _options_of(scenario: BaseModel) -> list[str]:
    """Return the keys of a scenario that are single values of the evaluation."""
    return [name for name in SWEPT_OPTIONS if name in type(scenario).model_fields]


SWEPT_OPTIONS = (
    "wanted_margin_db", "fiber_limits", "nonlinear_model", "format_correction", "sop_rate_krad_per_s", "idle_channels",
    "amplifier_control", "fidelity",
)  # fmt: skip
"""Keys of a scenario that a path may name."""


def list_fields(ground: Ground) -> tuple[str, ...]:
    """Return the path of every field that a sweep, a variant or an event may name: of conditions, options, records."""
    paths = [f"conditions.{key}" for key in list_choices(type(ground.scenario.conditions), ())]
    paths += _options_of(ground.scenario)
    for kind in RECORDS:
        rows = getattr(ground.fabric, kind)
        if not rows:
            continue
        keys = [key for key in list_choices(type(rows[0]), ()) if key not in NAMING]
        names = map(str, range(len(rows))) if kind == "demand" else (row.name for row in rows)
        paths += [join_path(kind, name, key) for name in (ALL, *names) for key in keys]
    for kind, family in PARTS.items():
        for name, part in getattr(ground.catalog, family).items():
            paths += [join_path(kind, name, key) for key in list_choices(type(part), ()) if key not in NAMING]
    return tuple(paths)

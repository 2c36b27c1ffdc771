"""The kinds of events as forms: which fields each has, in words and bounds that a program can ask for them with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from lightlane.files.schema_words import describe
from lightlane.scenario.schema import Scenario
from lightlane.schemas import Schema, get_schema
from lightlane.units import ACRONYMS, UNIT_LABELS, unit_of

FieldKind = Literal["number", "integer", "text", "choice", "numbers", "texts", "value", "table"]
Target = Literal["", "duct", "link", "site", "module", "mode", "mux", "service"]
_TARGETS: dict[str, Target] = {
    "duct": "duct", "ducts": "duct", "link": "link", "links": "link", "site": "site", "from_site": "site",
    "to_site": "site", "from": "site", "to": "site", "module": "module", "mode": "mode", "mux": "mux",
    "service": "service",
}  # fmt: skip
"""Fields that name a record of the fabric or a part of the catalog."""
_LAST = ("start_days", "end_days", "note")


@dataclass(frozen=True, slots=True)
class EventField:
    """One field of a kind of event.

    Attributes
    ----------
    name
        As the event's table has it; of a table within, with a dot: ``demand.rate_gbps``.
    label, unit
        What people call it, and the unit of its values; empty: none.
    kind
        What it takes; ``table``: what no single value says.
    target
        What it is a name of; empty: of nothing.
    choices
        Of a ``choice``.
    allowed
        What it takes, in words.
    text
        What it means.
    """

    name: str
    label: str
    unit: str
    kind: FieldKind
    target: Target
    required: bool
    default: Any
    choices: tuple[str, ...]
    allowed: str
    text: str


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event: its key, its name in words, what it does, and its fields without ``kind``."""

    kind: str
    label: str
    text: str
    fields: tuple[EventField, ...]

    @property
    def is_flat(self) -> bool:
        """Whether single values say all of it."""
        return all(field.kind != "table" for field in self.fields)


@lru_cache(maxsize=1)
def list_event_kinds() -> tuple[EventKind, ...]:
    """Return all kinds of events, in the order of the scenario's schema."""
    schema = get_schema("scenario")
    definitions = schema["$defs"]
    kinds = []
    for entry in schema["properties"]["event"]["items"]["oneOf"]:
        found = definitions[_name_of(entry)]
        kind = found["properties"]["kind"]["const"]
        kinds.append(EventKind(kind, label_event_kind(kind), found["description"], _list_fields(found, definitions)))
    return tuple(kinds)


def label_event_kind(kind: str) -> str:
    """Return the name of a kind of event in words; unlike :func:`list_event_kinds` it takes no schema and no time."""
    return _words(kind)


def _list_fields(table: Schema, definitions: Schema, prefix: str = "") -> tuple[EventField, ...]:
    required = set(table.get("required", ()))
    fields: list[EventField] = []
    for name, given in table["properties"].items():
        if name == "kind" and not prefix:
            continue
        entry = {**definitions[_name_of(given)], **given} if "$ref" in given else given
        if entry.get("type") == "object" and "properties" in entry:
            inner = _list_fields(entry, definitions, f"{prefix}{name}.")
            fields += [field for field in inner if field.kind != "table"]
            continue
        fields.append(_make_field(prefix, name, entry, required=name in required))
    return tuple(sorted(fields, key=_rank))


def _rank(field: EventField) -> int:
    """Return which fields people fill in first: what it happens to, how much, when."""
    if field.name in _LAST:
        return 3 + _LAST.index(field.name)
    return 0 if field.target and field.required else 1 if field.target or field.required else 2


def _make_field(prefix: str, name: str, entry: Schema, *, required: bool) -> EventField:
    unit = unit_of(name) or ""
    label = _words(name[: -len(unit) - 1] if unit else name)
    return EventField(
        name=prefix + name,
        label=label,
        unit=UNIT_LABELS.get(unit, ""),
        kind=_kind_of(entry),
        target=_TARGETS.get(name, ""),
        required=required,
        default=entry.get("default"),
        choices=tuple(entry.get("enum", ())),
        allowed=describe(entry, Scenario),
        text=entry.get("description", ""),
    )


def _kind_of(entry: Schema) -> FieldKind:
    kind = entry.get("type")
    if "enum" in entry:
        return "choice"
    if kind == "array":
        item = entry.get("items", {}).get("type")
        return {"integer": "numbers", "string": "texts"}.get(item, "table")  # type: ignore[return-value]
    if kind in ("number", "integer"):
        return "number" if kind == "number" else "integer"
    if kind == "string":
        return "text"
    return "table" if kind == "object" else "value"


def _name_of(entry: Schema) -> str:
    return str(entry["$ref"]).rsplit("/", 1)[-1]


def _words(name: str) -> str:
    text = " ".join(word.upper() if word in ACRONYMS else word for word in name.split("_"))
    return text[:1].upper() + text[1:]


__all__ = ["EventField", "EventKind", "label_event_kind", "list_event_kinds"]

"""From a file's values to a model, with every problem of the file in the user's words and in file order."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import math
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.files.locate import KeyPath
from lightlane.files.schema_words import describe, find_schema, list_choices, list_tags
from lightlane.files.toml import TomlDocument
from lightlane.files.words import format_key, show_value, suggest

Model = TypeVar("Model", bound=BaseModel)

MAX_LISTED_KEYS_COUNT = 20
"""A message lists all keys of a table up to so many, and beyond only the nearest."""
_COUNTED_WITHOUT_WRONG_ITEMS = ("", "")


def validate(
    document: TomlDocument, model: type[Model], *, data: dict[str, Any] | None = None, at: KeyPath = ()
) -> Model:
    """Build ``model`` from the values of ``document``.

    Parameters
    ----------
    document
        The file, to which the problems point.
    model
        What the values must be.
    data
        The values; absent: those that the file has at ``at``. Keys that the file does not have there are not offered
        to its author.
    at
        Where in the file the values stand.

    Raises
    ------
    FormatError
        With every problem, in file order.
    """
    result, problems = problems_of(document, model, data=data, at=at)
    if result is None:
        raise FormatError(problems)
    return result


def problems_of(
    document: TomlDocument, model: type[Model], *, data: dict[str, Any] | None = None, at: KeyPath = ()
) -> tuple[Model | None, list[Problem]]:
    """Return the model, or None and what keeps the values from being one; parameters as of :func:`validate`.

    The reading is strict: text is no number, ``1.0`` is no integer and ``true`` is no 1.
    """
    given = document.value_at(at)
    values = given if data is None else data
    result, found = find_misfits(values, model, at=at, added=frozenset(values) - frozenset(given))
    problems = [document.problem((*at, *path), text, allowed) for path, text, allowed in found]
    problems.sort(key=lambda problem: problem.line)
    return result, problems


def find_misfits(
    values: dict[str, Any], model: type[Model], *, at: KeyPath = (), added: frozenset[str] = frozenset()
) -> tuple[Model | None, list[tuple[KeyPath, str, str]]]:
    """Return the model, or None and what keeps plain values from being one: (path, found, allowed) of each.

    Parameters
    ----------
    values
        A table as a file has it, read as strictly.
    at
        Where in a file it stands, for the words of the problems.
    added
        Keys that are not the author's own and are not offered.
    """
    context = _Context(model, values, at, added)
    found: dict[KeyPath, list[tuple[str, str]]] = {}
    for path, text in _find_foreign(values):
        found[path] = [(text, context.describe(path))]
    result: Model | None = None
    try:
        # Strict JSON mode takes lists for tuples, as TOML has them, but refuses every other conversion.
        result = model.model_validate_json(json.dumps(values, default=str), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path, words = _translate(dict(item), context)
            # What TOML should not say is named once; a table may break several rules.
            if path not in found or (item["type"] == "value_error" and words not in found[path]):
                found.setdefault(path, []).append(words)
        # A list whose items are wrong counts as too short for pydantic, which names the items as well.
        for path in [path for path, entries in found.items() if entries == [_COUNTED_WITHOUT_WRONG_ITEMS]]:
            del found[path]
    misfits = [(path, text, allowed) for path, entries in found.items() for text, allowed in entries]
    return (None if misfits else result), misfits


@dataclass(frozen=True, slots=True)
class _Context:
    """What an error is told about: the model, the values, where they stand, and keys that are not the file's own."""

    model: type[BaseModel]
    values: Any
    at: KeyPath
    added: frozenset[str]

    def value(self, path: KeyPath) -> Any:
        return _value(self.values, path)

    def describe(self, path: KeyPath) -> str:
        schema = find_schema(self.model, path, self.values)
        words = describe(schema, self.model) if schema else "another value"
        place = (*self.at, *path)
        if words.endswith("each a table") and all(isinstance(key, str) for key in place):
            return f"tables headed [[{format_key(place)}]]"
        return words

    def list_keys(self, path: KeyPath) -> list[str]:
        return [name for name in list_choices(self.model, path, self.values) if path or name not in self.added]


def _find_foreign(values: Any) -> list[tuple[KeyPath, str]]:
    """Find what TOML can say and no file of the project may: numbers that are none, dates and times."""
    out: list[tuple[KeyPath, str]] = []
    pending: list[tuple[KeyPath, Any]] = [((), values)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending.extend(((*path, key), item) for key, item in value.items())
        elif isinstance(value, list):
            pending.extend(((*path, index), item) for index, item in enumerate(value))
        elif isinstance(value, float) and not math.isfinite(value):
            out.append((path, str(value)))
        elif isinstance(value, dt.date | dt.time):
            out.append((path, f"the date or time {value}"))
    return out


def _translate(item: dict[str, Any], context: _Context) -> tuple[KeyPath, tuple[str, str]]:
    """Return (path, (found, allowed)) for one error of pydantic."""
    kind, path = item["type"], _path_in_data(tuple(item["loc"]), context.values, missing=item["type"] == "missing")
    if kind == "value_error":
        return _translate_rule(path, str(item["msg"]).removeprefix("Value error, "), context)
    if kind == "extra_forbidden":
        key, keys = str(path[-1]), context.list_keys(path[:-1])
        return path, (f"unknown key {key!r}{suggest(key, keys)}", _offer(key, keys))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _translate_tag(path, str(item["ctx"]["discriminator"]).strip("'"), context)
    if kind == "missing":
        if isinstance(path[-1], str):
            return path, ("nothing", context.describe(path))
        path = path[:-1]
    value = context.value(path)
    found = show_value(value)
    if kind == "literal_error" and isinstance(value, str):
        found += suggest(value, list_choices(context.model, path, context.values))
    elif kind in ("too_short", "too_long") and isinstance(value, list):
        if len(value) != item["ctx"]["actual_length"]:
            return path, _COUNTED_WITHOUT_WRONG_ITEMS
        found = f"a list of {len(value)}" if value else "an empty list"
    elif kind in ("string_too_short", "string_too_long") and isinstance(value, str):
        found = f"text of {len(value)} characters" if value else "an empty text"
    return path, (found, context.describe(path))


def _translate_tag(path: KeyPath, tag: str, context: _Context) -> tuple[KeyPath, tuple[str, str]]:
    """Point at the key that tells the variants of a table apart, which is missing or names none."""
    tags = list_tags(context.model, path, tag, context.values)
    table = context.value(path)
    found = show_value(table[tag]) + suggest(str(table[tag]), tags) if tag in table else "nothing"
    return (*path, tag), (found, f"one of {', '.join(tags)}")


def _translate_rule(path: KeyPath, message: str, context: _Context) -> tuple[KeyPath, tuple[str, str]]:
    """Point a rule that a model states in a sentence at the fields that the sentence names."""
    record = context.value(path)
    if not isinstance(record, dict):
        return path, (show_value(record), message)
    fields = list_choices(context.model, path, context.values)
    named = [name for name in dict.fromkeys(re.findall(r"\w+", message)) if name in fields]
    given = [name for name in named if name in record]
    found = ", ".join(f"{name} = {show_value(record[name])}" if name in record else f"no {name}" for name in named)
    return (*path, *given[:1]), (found or "a table that breaks this rule", message)


def _offer(key: str, keys: list[str]) -> str:
    """List the keys of a table; of very many the nearest to the one that was found."""
    if len(keys) <= MAX_LISTED_KEYS_COUNT:
        return "keys " + ", ".join(keys)
    near = difflib.get_close_matches(key, keys, n=8, cutoff=0.0)
    return f"keys {', '.join(near)} and {len(keys) - len(near)} others"


def _path_in_data(loc: KeyPath, values: Any, *, missing: bool) -> KeyPath:
    """Drop from ``loc`` what names a variant of a union and no key of the file."""
    path: KeyPath = ()
    for position, key in enumerate(loc):
        last = position == len(loc) - 1
        value = _value(values, path)
        if isinstance(key, int):
            present = isinstance(value, list) and (key < len(value) or missing)
        else:
            present = isinstance(value, dict) and (key in value or (missing and last))
        if present:
            path = (*path, key)
    return path


def _value(values: Any, path: KeyPath) -> Any:
    for key in path:
        values = values[key]
    return values


def as_parameter_error(error: ValidationError) -> ParameterError:
    """Return what pydantic found wrong with values that come from no file, in one line."""
    found = [f"{' '.join(map(str, item['loc']))} is {item['input']!r}: {item['msg']}" for item in error.errors()]
    return ParameterError("; ".join(found))

"""From a file's values to a model, with every problem of the file in the user's words and in file order."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lightlane.errors import FormatError, Problem
from lightlane.files.locate import KeyPath
from lightlane.files.schema_words import describe, find_schema, list_choices
from lightlane.files.toml import TomlDocument
from lightlane.files.words import format_key, show_value, suggest

Model = TypeVar("Model", bound=BaseModel)


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
    added = set(values) - set(given)
    found: dict[KeyPath, list[tuple[str, str]]] = {}
    for path, text in _find_foreign(values):
        found[path] = [(text, _describe_at(model, path))]
    result: Model | None = None
    try:
        # Strict JSON mode takes lists for tuples, as TOML has them, but refuses every other conversion.
        result = model.model_validate_json(json.dumps(values, default=str), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path, words = _translate(dict(item), values, model, added)
            # What TOML should not say is named once; a table may break several rules.
            if path not in found or (item["type"] == "value_error" and words not in found[path]):
                found.setdefault(path, []).append(words)
    problems = [
        document.problem((*at, *path), text, allowed) for path, entries in found.items() for text, allowed in entries
    ]
    problems.sort(key=lambda problem: problem.line)
    return (None, problems) if problems else (result, [])


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


def _translate(
    item: dict[str, Any], values: Any, model: type[BaseModel], added: set[str]
) -> tuple[KeyPath, tuple[str, str]]:
    """Return (path, (found, allowed)) for one error of pydantic; ``added`` keys are not offered to the author."""
    kind, path = item["type"], _path_in_data(tuple(item["loc"]), values, missing=item["type"] == "missing")
    if kind == "value_error":
        return _translate_rule(path, str(item["msg"]).removeprefix("Value error, "), values, model)
    if kind == "extra_forbidden":
        key = str(path[-1])
        keys = [name for name in list_choices(model, path[:-1]) if len(path) > 1 or name not in added]
        return path, (f"unknown key {key!r}{suggest(key, keys)}", "keys " + ", ".join(keys))
    if kind == "missing":
        if isinstance(path[-1], int):
            path = path[:-1]
            return path, (show_value(_value(values, path)), _describe_at(model, path))
        return path, ("nothing", _describe_at(model, path))
    value = _value(values, path)
    found = show_value(value)
    if kind == "literal_error" and isinstance(value, str):
        found += suggest(value, list_choices(model, path))
    elif kind in ("too_short", "too_long") and isinstance(value, list):
        found = f"a list of {len(value)}" if value else "an empty list"
    elif kind in ("string_too_short", "string_too_long") and isinstance(value, str):
        found = f"text of {len(value)} characters" if value else "an empty text"
    return path, (found, _describe_at(model, path))


def _translate_rule(
    path: KeyPath,
    message: str,
    values: Any,
    model: type[BaseModel],
) -> tuple[KeyPath, tuple[str, str]]:
    """Point a rule that a model states in a sentence at the fields that the sentence names."""
    record = _value(values, path)
    if not isinstance(record, dict):
        return path, (show_value(record), message)
    fields = list_choices(model, path)
    named = [name for name in dict.fromkeys(re.findall(r"\w+", message)) if name in fields]
    given = [name for name in named if name in record]
    found = ", ".join(f"{name} = {show_value(record[name])}" if name in record else f"no {name}" for name in named)
    return (*path, *given[:1]), (found or "a table that breaks this rule", message)


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


def _describe_at(model: type[BaseModel], path: KeyPath) -> str:
    schema = find_schema(model, path)
    words = describe(schema, model) if schema else "another value"
    if words.endswith("each a table") and len(path) == 1:
        return f"tables headed [[{format_key(path)}]]"
    return words

"""What a model allows, in the user's words, told from its JSON schema."""

from __future__ import annotations

import functools
import json
from typing import Any

from pydantic import BaseModel

from lightlane.files.locate import KeyPath

Schema = dict[str, Any]

_PATTERN_WORDS = {r"^[a-z0-9][a-z0-9.-]*$": "lower-case letters, digits, '.' and '-'"}
"""Patterns that have simpler words; any other is shown as it is."""


@functools.lru_cache(maxsize=32)
def _schema_of(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def find_schema(model: type[BaseModel], path: KeyPath, values: Any = None) -> Schema | None:
    """Return the schema of the value at ``path``, None where the model has no such place.

    ``values`` tell which variant of a union a table is, by a key that names it; absent: the first that has the place.
    """
    schema: Schema | None = _schema_of(model)
    for key in path:
        schema = _step(schema, key, model, values) if schema is not None else None
        values = _inside(values, key)
    return schema


def list_choices(model: type[BaseModel], path: KeyPath, values: Any = None) -> list[str]:
    """Return the keys of the table at ``path``, or the texts that the value there may be; ``values`` as above."""
    schema = find_schema(model, path, values)
    if schema is None:
        return []
    for key in path:
        values = _inside(values, key)
    out: list[str] = []
    for variant in _variants(schema, model, values):
        out += variant.get("properties", {})
        out += [choice for choice in _constants(variant) if isinstance(choice, str)]
    return list(dict.fromkeys(out))


def list_tags(model: type[BaseModel], path: KeyPath, tag: str, values: Any = None) -> list[str]:
    """Return what the key that tells the variants of a union apart may be, in the table at ``path``."""
    schema = find_schema(model, path, values)
    found = [variant.get("properties", {}).get(tag, {}) for variant in _variants(schema or {}, model)]
    return [choice for item in found for choice in _constants(item)]


def list_alternatives(schema: Schema, model: type[BaseModel]) -> list[Schema]:
    """Return what a value may be by ``schema``, a part of that of ``model``: one schema each, null left out."""
    return _variants(schema, model)


def describe(schema: Schema, model: type[BaseModel]) -> str:
    """Return what ``schema``, a part of that of ``model``, allows."""
    return " or ".join(dict.fromkeys(_describe_variant(variant, model) for variant in _variants(schema, model)))


def _step(schema: Schema, key: str | int, model: type[BaseModel], values: Any) -> Schema | None:
    for variant in _variants(schema, model, values):
        if isinstance(key, int):
            places = variant.get("prefixItems", [])
            found = places[key] if key < len(places) else variant.get("items")
        else:
            found = variant.get("properties", {}).get(key) or variant.get("additionalProperties")
        if isinstance(found, dict):
            return found
    return None


def _inside(values: Any, key: str | int) -> Any:
    """Return the value under a key; None where there is none."""
    try:
        return values[key]
    except (KeyError, IndexError, TypeError):
        return None


def _variants(schema: Schema, model: type[BaseModel], values: Any = None) -> list[Schema]:
    """Resolve references and unions; null is left out because TOML has none, and what the values say it is not."""
    if "$ref" in schema:
        return _variants(_schema_of(model)["$defs"][schema["$ref"].rsplit("/", 1)[-1]], model, values)
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            found = [variant for item in schema[union] for variant in _variants(item, model, values)]
            named = [variant for variant in found if _is_named(variant, schema.get("discriminator"), values)]
            return named or found
    return [] if schema.get("type") == "null" else [schema]


def _is_named(variant: Schema, discriminator: Any, values: Any) -> bool:
    if not discriminator or not isinstance(values, dict):
        return True
    tag = discriminator["propertyName"]
    return values.get(tag) in _constants(variant.get("properties", {}).get(tag, {}))


def _constants(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))


def _describe_variant(schema: Schema, model: type[BaseModel]) -> str:
    if constants := _constants(schema):
        words = [repr(item) if isinstance(item, str) else json.dumps(item) for item in constants]
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    kind = schema.get("type")
    if kind == "string":
        return _describe_text(schema)
    if kind in ("number", "integer"):
        return ("a number" if kind == "number" else "an integer") + _describe_bounds(schema)
    if kind == "boolean":
        return "true or false"
    if kind == "array":
        return _describe_list(schema, model)
    return "a table"


def _describe_text(schema: Schema) -> str:
    least, most = schema.get("minLength"), schema.get("maxLength")
    pattern = schema.get("pattern")
    words = "text"
    if pattern:
        words += f" of {_PATTERN_WORDS[pattern]}" if pattern in _PATTERN_WORDS else f" that matches {pattern}"
    if least and most:
        words += f" of {least} to {most} characters"
    elif most:
        words += f", at most {most} characters"
    elif least:
        words += f" of at least {least} character{'s' if least > 1 else ''}"
    return words


def _describe_bounds(schema: Schema) -> str:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {_number(low)} to {_number(high)}"
    words = [
        f"{text} {_number(bound)}"
        for text, bound in (("at least", low), ("greater than", above), ("at most", high), ("less than", below))
        if bound is not None
    ]
    return f" {' and '.join(words)}" if words else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _describe_list(schema: Schema, model: type[BaseModel]) -> str:
    if places := schema.get("prefixItems"):
        return f"a list of {len(places)}: " + ", ".join(describe(place, model) for place in places)
    item = describe(schema["items"], model) if schema.get("items") else "values"
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    count = f" of {least} to {most}" if most else f" of at least {least}" if least else ""
    return f"a list{count}, each {item}"

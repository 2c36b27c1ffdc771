"""From the texts and values of a row or a GeoJSON feature to a record, with every problem in the user's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lightlane.errors import Problem
from lightlane.files import show_value, suggest
from lightlane.files.schema_words import describe, find_schema

Record = TypeVar("Record", bound=BaseModel)


def list_fields(model: type[BaseModel]) -> list[str]:
    """Return the names of a record's fields as files have them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def read_record(
    model: type[Record], values: Mapping[str, Any], file: str, line: int, at: str = ""
) -> tuple[Record | None, list[Problem]]:
    """Build a record, or tell what keeps the values from being one.

    Parameters
    ----------
    model
        The record.
    values
        Value of each field; a text of digits is a number, as tables have it.
    file, line, at
        Where the values stand.
    """
    try:
        return model.model_validate(dict(values)), []
    except ValidationError as error:
        problems = []
        for item in error.errors(include_url=False):
            name = str(item["loc"][0])
            found = show_value(values[name]) if name in values else "nothing"
            schema = find_schema(model, (name,))
            allowed = describe(schema, model) if schema else str(item["msg"])
            if item["type"] == "literal_error" and isinstance(values.get(name), str):
                found += suggest(values[name], ("core", "edge", "hut"))
            problems.append(Problem(file, line, f"{at}.{name}" if at else name, found, allowed))
        return None, problems

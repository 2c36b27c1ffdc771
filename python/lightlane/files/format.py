"""Writing values as TOML that people like to read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lightlane.errors import ParameterError

MAX_LINE_CHARACTERS = 110
"""A list that would make a longer line has one line for each item."""


def format_toml(data: Mapping[str, Any]) -> str:
    """Return ``data`` as TOML: plain keys first, then a table or list of tables for every mapping in it.

    Numbers have the fewest digits that read back the same.

    Raises
    ------
    ParameterError
        If a value has no TOML form that the project's files allow, such as None or NaN.
    """
    import tomlkit

    document = tomlkit.item(_to_plain(data))
    _break_long_lists(document)
    return str(document.as_string()).lstrip("\n")


def _to_plain(value: object) -> Any:
    """Return ``value`` with lists for tuples; refuse what cannot be written."""
    if isinstance(value, Mapping):
        return {key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ParameterError(f"{value!r} cannot be written to a TOML file")


def _break_long_lists(item: Any) -> None:
    from tomlkit.items import AoT, Array

    if isinstance(item, Mapping):
        for key in item:
            child = item[key]
            if isinstance(child, Array) and len(key) + len(child.as_string()) > MAX_LINE_CHARACTERS:
                child.multiline(True)
            else:
                _break_long_lists(child)
    elif isinstance(item, AoT):
        for table in item:
            _break_long_lists(table)

"""Writing values as TOML that people like to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lightlane.errors import ParameterError
from lightlane.files.words import format_key, quote_text

MAX_LINE_CHARACTERS = 110
"""A list that would make a longer line has one line for each item."""


def format_toml(data: Mapping[str, Any]) -> str:
    """Return ``data`` as TOML: plain keys first, then a table or list of tables for every mapping in it.

    Numbers have the fewest digits that read back the same. A list of mappings becomes one ``[[table]]`` each; a mapping
    below that level stands inline.

    Raises
    ------
    ParameterError
        If a value has no TOML form that the project's files allow, such as None or NaN.
    """
    plain = {key: value for key, value in data.items() if not _is_table(value) and not _is_table_list(value)}
    blocks = [_format_pairs(plain)] if plain else []
    for key, value in data.items():
        name = format_key((key,))
        if _is_table(value):
            blocks.append(f"[{name}]\n{_format_pairs(value)}")
        elif _is_table_list(value):
            blocks += [f"[[{name}]]\n{_format_pairs(record)}" for record in value]
    return "\n".join(blocks)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_table_list(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _format_pairs(record: Mapping[str, Any]) -> str:
    lines = []
    for key, value in record.items():
        line = f"{format_key((key,))} = {_format_value(value)}"
        if len(line) > MAX_LINE_CHARACTERS and isinstance(value, list | tuple):
            items = "".join(f"  {_format_value(item)},\n" for item in value)
            line = f"{format_key((key,))} = [\n{items}]"
        lines.append(line + "\n")
    return "".join(lines)


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote_text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value - value == 0:
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{format_key((key,))} = {_format_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return "[" + ", ".join(_format_value(item) for item in value) + "]"
    raise ParameterError(f"{value!r} cannot be written to a TOML file")

"""How values, keys and texts of a file are written for people, on one line."""

from __future__ import annotations

import difflib
import json
import re
import string
from collections.abc import Collection, Iterator
from typing import Any

from lightlane.files.locate import KeyPath

MAX_COMPARED_COUNT = 100
"""A name is compared with up to so many choices one by one."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def format_key(path: KeyPath, *, after: str = "") -> str:
    """Write ``path`` as in ``link[3].module``; ``after`` is what already stands before it."""
    text = after
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += ("." if text else "") + (key if _BARE_KEY.fullmatch(key) else quote_text(key))
    return text[len(after) :]


def show_value(value: Any) -> str:
    """Write a value from a file in a few words on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table" if value else "an empty table"
    if isinstance(value, list):
        if any(isinstance(item, dict | list) for item in value):
            return f"a list of {len(value)}"
        return shorten("[" + ", ".join(show_value(item) for item in value[:20]) + "]", 60)
    if isinstance(value, str):
        return repr(shorten(value, 60))
    return shorten(str(value), 60)


def suggest(name: str, choices: Collection[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the choice nearest to ``name``, empty where none is near.

    Among many choices only one slip of the keyboard is looked for: a file may have thousands of wrong names, and
    comparing each with thousands of right ones would take minutes.
    """
    if len(choices) <= MAX_COMPARED_COUNT:
        near = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    else:
        near = [slip for slip in _iterate_slips(name) if slip in choices][:1]
    return f" (did you mean {near[0]!r}?)" if near else ""


def _iterate_slips(name: str) -> Iterator[str]:
    """Yield what ``name`` becomes with two letters swapped, or one replaced, left out, put in or in the other case."""
    name = shorten(name, 40)
    letters = dict.fromkeys(name + string.ascii_lowercase + string.digits + "-_")
    for place in range(len(name) + 1):
        head, tail = name[:place], name[place:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        if tail:
            yield head + tail[1:]
            yield head + tail[0].swapcase() + tail[1:]
            yield from (head + letter + tail[1:] for letter in letters)
        yield from (head + letter + tail for letter in letters)


def shorten(text: str, most: int) -> str:
    """Return ``text``, its tail replaced by ``…`` where it has more than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def quote_text(text: str) -> str:
    """Return ``text`` in double quotes as TOML has it, on one line."""
    return escape_unprintable(json.dumps(text, ensure_ascii=False))


def escape_unprintable(text: str) -> str:
    """Return ``text`` with TOML escapes for characters that a terminal would not show."""
    return "".join(
        char if char.isprintable() else f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
        for char in text
    )

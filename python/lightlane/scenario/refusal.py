"""What a scenario asks of a fabric that the fabric does not have or cannot take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightlane.files import suggest


class Refusal(Exception):  # noqa: N818 - it becomes a problem of a file
    """Something in a scenario does not hold for its fabric.

    Attributes
    ----------
    path
        Of the field, from the table that holds it.
    found, allowed
        The words of the problem.
    """

    def __init__(self, path: tuple[str | int, ...], found: str, allowed: str) -> None:
        super().__init__(f"{found}; allowed: {allowed}")
        self.path = path
        self.found = found
        self.allowed = allowed


def look_up(rows: Mapping[str, Any], name: str, path: tuple[str | int, ...], allowed: str) -> Any:
    """Return a record by name.

    Raises
    ------
    Refusal
        If there is none; names near ones.
    """
    if name not in rows:
        raise Refusal(path, repr(name) + suggest(name, rows), allowed)
    return rows[name]

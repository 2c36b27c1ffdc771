"""Files: reading TOML with errors that name line and key, and writing all of a file or nothing."""

from __future__ import annotations

from lightlane.files.atomic import write_atomically
from lightlane.files.toml import TomlDocument, read_toml, shorten, show_value, suggest
from lightlane.files.validation import problems_of, validate

__all__ = [
    "TomlDocument",
    "problems_of",
    "read_toml",
    "shorten",
    "show_value",
    "suggest",
    "validate",
    "write_atomically",
]

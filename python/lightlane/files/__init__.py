"""Files: reading TOML with errors that name line and key, and writing all of a file or nothing."""

from __future__ import annotations

from lightlane.files.atomic import write_atomically
from lightlane.files.format import format_toml
from lightlane.files.toml import TomlDocument, read_toml
from lightlane.files.validation import find_misfits, problems_of, validate
from lightlane.files.words import shorten, show_value, suggest

__all__ = [
    "TomlDocument",
    "find_misfits",
    "format_toml",
    "problems_of",
    "read_toml",
    "shorten",
    "show_value",
    "suggest",
    "validate",
    "write_atomically",
]

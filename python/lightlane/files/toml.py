"""Reading TOML: the values, and for an error the line of any key."""

from __future__ import annotations

import re
import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lightlane.errors import FormatError, Problem
from lightlane.files.locate import KeyPath, index_lines
from lightlane.files.words import escape_unprintable, format_key, quote_text, shorten

MAX_FILE_BYTES = 50_000_000
"""A fabric of 100 000 links stays below it; a file beyond it is not a project file."""
MAX_NESTING_LEVELS = 50
"""Levels of tables and lists; the project's own files need seven."""

_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*"""
# tomllib takes time that grows with the square of a dotted key's parts, so such a key is refused before it is parsed.
_ENDLESS_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_KEY_PART}\.[ \t]*){{{4 * MAX_NESTING_LEVELS}}}")
_POSITION = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")

_SYNTAX = {
    "Expected '=' after a key": "'=' after the key",
    "Invalid value": "a value: text in quotes, a number, true, false, a list or a table",
    "Cannot overwrite": "each key once in a table",
    "Duplicate inline table key": "each key once in a table",
    "Cannot declare": "each table once, and none inside a finished value",
    "Cannot mutate": "each table once, and none inside a finished value",
    "Cannot redefine": "each table once, and none inside a finished value",
    "Expected newline": "the end of the line after a value or a [table]",
    "Invalid initial character for a key part": "a key of letters, digits, '_' and '-', or a key in quotes",
    "Invalid statement": "key = value, [table] or [[table]]",
    "Unterminated string": "text that ends with the quote it began with",
    "Expected \"'": "text that ends with the quote it began with",
    "Illegal character": "text without control characters, ended by the quote it began with",
    "Found invalid character": "no control characters",
    "Unescaped '\\'": "text whose backslashes are doubled, or text in single quotes",
    "Invalid hex value": "the code of a character after \\u or \\U",
    "Escaped character": "the code of a character after \\u or \\U",
    "Invalid date": "a date that exists, or text in quotes",
    "Unclosed array": "a list that ends with ']', its items parted by ','",
    "Unclosed inline table": "a table that ends with '}', its keys parted by ','",
    "Expected ']' at the end": "']' after the table's name",
    "Expected ']]' at the end": "']]' after the table's name",
}
"""What the user may write, by the parser's message; a message that is not here is passed on in the parser's words."""


@dataclass(frozen=True, slots=True, eq=False)
class TomlDocument:
    """A TOML file: its values, and the way back from a value to its line.

    Attributes
    ----------
    path
        The file as the user named it.
    text
        Its content.
    data
        The values as plain Python data.
    """

    path: Path
    text: str
    data: dict[str, Any]
    _lines: dict[KeyPath, int] = field(default_factory=dict, repr=False)

    def line_of(self, path: KeyPath) -> int:
        """Return the line, from 1, of the value at ``path``; of what encloses it where there is no such value."""
        if not self._lines:
            self._lines.update(index_lines(self.text))
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def value_at(self, path: KeyPath) -> Any:
        """Return the value at ``path``.

        Raises
        ------
        LookupError
            If there is none.
        """
        value: Any = self.data
        for key in path:
            fits = isinstance(value, list) if isinstance(key, int) else isinstance(value, dict)
            if not fits:
                raise LookupError(format_key(path))
            value = value[key]
        return value

    def problem(self, path: KeyPath, found: str, allowed: str) -> Problem:
        """Return the problem of the value at ``path``, with its line and key."""
        key, label = format_key(path), self._label(path)
        return Problem(str(self.path), self.line_of(path), key, found, allowed, label="" if label == key else label)

    def _label(self, path: KeyPath) -> str:
        """Write ``path`` with the names of records instead of their numbers: ``link "berlin-1".module``."""
        text = ""
        for position, key in enumerate(path):
            name = None
            if isinstance(key, int):
                try:
                    record = self.value_at(path[: position + 1])
                except LookupError:
                    record = None
                name = record.get("name") if isinstance(record, dict) else None
            text += (
                f" {quote_text(shorten(name, 40))}"
                if isinstance(name, str) and name
                else format_key((key,), after=text)
            )
        return text


def read_toml(path: Path | str) -> TomlDocument:
    """Read a TOML file.

    Raises
    ------
    FormatError
        If it is missing, not a readable UTF-8 file, not TOML, or larger or nested deeper than any project file.
    """
    path = Path(path)
    text = _read_text(path)

    def refuse(line: int, found: str, allowed: str) -> FormatError:
        return FormatError(Problem(str(path), line, "", found, allowed))

    nesting = f"at most {MAX_NESTING_LEVELS} levels of tables and lists"
    if match := _ENDLESS_KEY.search(text):
        raise refuse(text.count("\n", 0, match.start()) + 1, "a key of very many parts", nesting)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(_syntax_problem(path, text, str(error))) from error
    except RecursionError as error:
        raise refuse(0, "values nested too deeply", nesting) from error
    except ValueError as error:
        # Python refuses to convert integers of thousands of digits, with an error that carries no line.
        raise refuse(0, "a number that is too long", "numbers of fewer than 4300 digits") from error
    document = TomlDocument(path, text, data)
    if (deep := _find_deep(data)) is not None:
        raise refuse(document.line_of(deep), "values nested too deeply", nesting)
    return document


def _read_text(path: Path) -> str:
    def refuse(found: str, allowed: str, line: int = 0) -> FormatError:
        return FormatError(Problem(str(path), line, "", found, allowed))

    try:
        status = path.stat()
        # Asked before it is opened: a pipe would be waited for.
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "something that is not a regular file"
            raise refuse(what, "a TOML file")
        if status.st_size > MAX_FILE_BYTES:
            raise refuse(f"{status.st_size} bytes", f"at most {MAX_FILE_BYTES} bytes")
        data = path.read_bytes()
    except FormatError:
        raise
    except FileNotFoundError as error:
        raise refuse("no such file", "a TOML file") from error
    except OSError as error:
        raise refuse(f"a file that cannot be read ({error.strerror})", "a readable TOML file") from error
    except ValueError as error:
        raise refuse("a name that no file can have", "a TOML file") from error
    try:
        # Editors on Windows may put a byte order mark first; it is no part of the text.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raw = error.object[error.start]
        line = error.object.count(b"\n", 0, error.start) + 1
        raise refuse(f"byte 0x{raw:02x}, which is not UTF-8", "UTF-8 text", line) from error


def _syntax_problem(path: Path, text: str, message: str) -> Problem:
    lines = text.splitlines() or [""]
    match = _POSITION.search(message)
    line = int(match[1]) if match and match[1] else len(lines)
    bare = message[: match.start()] if match else message
    while line > 1 and not lines[min(line, len(lines)) - 1].strip():
        line -= 1
    found = shorten(lines[min(line, len(lines)) - 1].strip(), 60)
    allowed = next((words for start, words in _SYNTAX.items() if bare.startswith(start)), bare)
    return Problem(str(path), line, "", f"`{escape_unprintable(found)}`" if found else "nothing", allowed)


def _find_deep(data: dict[str, Any]) -> KeyPath | None:
    pending: list[tuple[KeyPath, Any]] = [((), data)]
    while pending:
        path, value = pending.pop()
        if len(path) > MAX_NESTING_LEVELS:
            return path
        if isinstance(value, dict):
            pending.extend(((*path, key), item) for key, item in value.items())
        elif isinstance(value, list):
            pending.extend(((*path, index), item) for index, item in enumerate(value) if isinstance(item, dict | list))
    return None

"""The journal of finished chunks: one line for each, appended once its files are safe."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lightlane.errors import FormatError, Problem

JOURNAL_NAME = "chunks.jsonl"


class TableRecord(BaseModel):
    """What is known of one file: number of rows, size, checksum, and which states its rows are of."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    rows: int = Field(ge=1)
    bytes: int = Field(ge=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    states: dict[str, list[str] | list[int]] = Field(default_factory=dict)

    def may_hold(self, chosen: Mapping[str, str | int]) -> bool:
        """Tell whether the file may have rows with these values of key columns; of what is not known, it may."""
        for name, value in chosen.items():
            known = self.states.get(name)
            if known and not (value in known if isinstance(value, str) else int(known[0]) <= value <= int(known[-1])):
                return False
        return True


class ChunkRecord(BaseModel):
    """A finished chunk and its files by table."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    chunk: str
    tables: dict[str, TableRecord]

    def paths(self, folder: Path) -> dict[str, Path]:
        """Return the chunk's files by table."""
        return {table: chunk_path(folder, table, self.chunk) for table in self.tables}


def chunk_path(folder: Path, table: str, chunk: str) -> Path:
    """Return where a chunk's part of a table is kept."""
    return folder / table / f"{chunk}.parquet"


def format_records(records: list[ChunkRecord]) -> bytes:
    """Return the records as lines of a journal."""
    return b"".join(json.dumps(record.model_dump(), ensure_ascii=False).encode() + b"\n" for record in records)


def read_journal(path: Path) -> tuple[list[ChunkRecord], int]:
    """Return the records of a journal, and the size in bytes of the part that holds them.

    What follows the last whole line was being written when the writer died: it is not there.

    Raises
    ------
    FormatError
        If a line before the last is no record.
    FileNotFoundError
        If there is no journal.
    """
    data = path.read_bytes()
    records: list[ChunkRecord] = []
    size = 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            records.append(ChunkRecord.model_validate_json(line))
        except ValidationError as error:
            # A power cut may leave the last line in its full length, but with zeros for letters.
            if not any(lines[number:]):
                break
            allowed = "the record of a chunk"
            raise FormatError(Problem(str(path), number, "", error.errors()[0]["msg"], allowed)) from error
        size += len(line) + 1
    return records, size


class Journal:
    """A journal that is open for one writer; recording a chunk costs one line, however many there are."""

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o666)

    def append(self, record: ChunkRecord) -> None:
        """Write one line and force it to the disk; a line that does not get there is taken back.

        Raises
        ------
        OSError
            If the line cannot be written.
        """
        line = format_records([record])
        before = os.fstat(self._descriptor).st_size
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
            os.fsync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):  # a torn line is cut by whoever resumes
                os.ftruncate(self._descriptor, before)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # A thread that still has the journal must not write to whatever gets the number next.
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)

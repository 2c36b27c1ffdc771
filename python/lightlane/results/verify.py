"""Reading every byte of a results folder and comparing it with what was recorded."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightlane.errors import Problem
from lightlane.results.folder import ResultsFolder, open_results
from lightlane.results.journal import JOURNAL_NAME, ChunkRecord, TableRecord
from lightlane.results.lock import LOCK_NAME
from lightlane.results.manifest import MANIFEST_NAME
from lightlane.results.parquet import arrow_schema, find_states, table_from_arrow
from lightlane.results.records import ADDED_LATER
from lightlane.results.schemas import KEY_COLUMNS, STORE_SCHEMAS

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in a results folder.

    Attributes
    ----------
    problems
        Everything that is not as it was recorded.
    files_count, bytes_count
        The files that were read, and their size.
    complete
        Whether the run has ended.
    """

    problems: tuple[Problem, ...]
    files_count: int
    bytes_count: int
    complete: bool


def verify_results(folder: str | os.PathLike[str]) -> Verification:
    """Check sizes, checksums, columns and row counts of all files, and that no other files are there.

    Of a folder that a run is writing, files that are not recorded yet are not counted as problems.

    Raises
    ------
    FormatError
        If manifest or journal cannot be read: nothing else can be checked then.
    """
    opened = open_results(folder)
    problems: list[Problem] = []
    files_count, bytes_count = 0, 0
    for record in opened.chunks():
        for table, path in record.paths(opened.path).items():
            found = _verify_file(path, table, record)
            problems += found
            files_count += 1
            bytes_count += record.tables[table].bytes
    if opened.manifest["complete"]:
        problems += _list_strangers(opened)
    return Verification(tuple(problems), files_count, bytes_count, opened.manifest["complete"])


def _verify_file(path: Path, table: str, record: ChunkRecord) -> list[Problem]:
    expected = record.tables[table]
    try:
        size, digest = path.stat().st_size, _sha256(path)
    except OSError as error:
        return [Problem(str(path), 0, "", error.strerror or str(error), f"a file of {expected.bytes} bytes")]
    if size != expected.bytes:
        return [Problem(str(path), 0, "bytes", str(size), str(expected.bytes))]
    if digest != expected.sha256:
        return [Problem(str(path), 0, "sha256", digest, expected.sha256)]
    return _verify_content(path, table, expected)


def _verify_content(path: Path, table: str, expected: TableRecord) -> list[Problem]:
    """Compare columns and rows: a file can be what was written and yet not what this version reads."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        return [Problem(str(path), 0, "", f"no Parquet: {str(error).splitlines()[0]}", "a Parquet table")]
    with file:
        problems = []
        if file.metadata.num_rows != expected.rows:
            problems.append(Problem(str(path), 0, "rows", str(file.metadata.num_rows), str(expected.rows)))
        found, wanted = file.schema_arrow, arrow_schema(STORE_SCHEMAS[table])
        problems += _verify_states(path, table, file, expected)
    for field in wanted:
        place = found.get_field_index(field.name)
        if place < 0 and field.name not in ADDED_LATER:
            problems.append(Problem(str(path), 0, field.name, "no such column", str(field.type)))
        elif place >= 0 and found.field(place).type != field.type:
            problems.append(Problem(str(path), 0, field.name, str(found.field(place).type), str(field.type)))
    surplus = [name for name in found.names if name not in wanted.names]
    if surplus:
        problems.append(Problem(str(path), 0, "columns", f"also {', '.join(surplus)}", ", ".join(wanted.names)))
    return problems


def _verify_states(path: Path, table: str, file: Any, expected: TableRecord) -> list[Problem]:
    """Compare the states that readers find the file by with those of its rows."""
    if not expected.states:
        return []
    keys = {name: kind for name, kind in KEY_COLUMNS.items() if name in STORE_SCHEMAS[table]}
    try:
        states = find_states(table_from_arrow(file.read(list(keys)), keys)) if keys else {}
    except (KeyError, ValueError, TypeError) as error:  # pyarrow's errors of types are ValueErrors
        return [Problem(str(path), 0, "states", str(error).splitlines()[0], str(expected.states))]
    found = "" if states == expected.states else str(states)
    return [Problem(str(path), 0, "states", found, str(expected.states))] if found else []


def _list_strangers(opened: ResultsFolder) -> list[Problem]:
    """Name the files that nobody recorded; the journal of a complete run is one that is about to go."""
    own = {opened.path / name for name in (MANIFEST_NAME, JOURNAL_NAME, LOCK_NAME)}
    known = own | {path for record in opened.chunks() for path in record.paths(opened.path).values()}
    strangers = sorted(path for path in opened.path.rglob("*") if path.is_file() and path not in known)
    return [Problem(str(path), 0, "", "a file that is not recorded", "the files of the chunks") for path in strangers]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()

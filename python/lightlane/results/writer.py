"""Writing a results folder chunk by chunk: a reader sees a chunk whole or not at all, a killed writer loses none.

Each file of a chunk is written under a temporary name, forced to the disk and renamed; when all are there the chunk is
recorded in the journal. The end of the run folds the journal into the manifest. Files that no record names are not
there for readers, and the next writer removes them.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lightlane.errors import ParameterError
from lightlane.files.atomic import PART_SUFFIX, replace_file, sync_folder
from lightlane.results.journal import (
    JOURNAL_NAME,
    ChunkRecord,
    Journal,
    TableRecord,
    chunk_path,
    format_records,
)
from lightlane.results.manifest import (
    MANIFEST_NAME,
    FolderState,
    check_chunks,
    format_manifest,
    read_folder_state,
)
from lightlane.results.parquet import EncodedTable
from lightlane.results.schemas import STORE_SCHEMAS


def create_folder(target: Path, header: Mapping[str, Any], chunks: Iterable[str], fingerprint: str) -> None:
    """Make a results folder without chunks; it appears with its manifest.

    Raises
    ------
    ParameterError
        If a chunk's name is none for a file, or the header holds what JSON does not have.
    OSError
        If it cannot be made, or is there already.
    """
    planned = list(chunks)
    check_chunks(planned)
    manifest = format_manifest(header, fingerprint=fingerprint, planned=planned)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    try:
        temporary.mkdir()
        replace_file(temporary / MANIFEST_NAME, manifest)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync_folder(target.parent)


class FolderWriter:
    """The one writer of a results folder; whoever opens it holds the folder's lock.

    What a writer that died has left is put in order first: a torn line of the journal is cut, files that are not
    recorded are removed, chunks whose files are gone or of another size are no longer recorded. OSError comes out of
    every method where the system refuses.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        state = read_folder_state(folder)
        self._records = {record.chunk: record for record in state.records if _is_intact(record, folder)}
        self._state, self._planned = state, frozenset(state.planned)
        self.complete = state.complete and len(self._records) == len(state.planned)
        if self.complete:
            (folder / JOURNAL_NAME).unlink(missing_ok=True)
        else:
            self._restore(state)
        self._remove_strangers()
        if self.complete:
            return
        self._journal = Journal(folder / JOURNAL_NAME)

    @property
    def recorded(self) -> frozenset[str]:
        """The chunks that are finished."""
        return frozenset(self._records)

    @property
    def recorded_count(self) -> int:
        """Their number."""
        return len(self._records)

    def describe(self) -> str:
        """Return in words what is finished and how to go on."""
        counts = f"{len(self._records)} of {len(self._planned)} chunks are finished and kept"
        return f"{counts} in {str(self.folder)!r}, --resume (resume=True) does the others"

    def add(self, chunk: str, tables: Mapping[str, EncodedTable]) -> None:
        """Write the files of a chunk and record it.

        Raises
        ------
        ParameterError
            If the chunk was not planned or is recorded.
        """
        if chunk not in self._planned or chunk in self._records:
            raise ParameterError(f"the chunk {chunk!r} is {'finished' if chunk in self._records else 'not planned'}")
        for name, table in tables.items():
            path = chunk_path(self.folder, name, chunk)
            if not path.parent.is_dir():
                path.parent.mkdir()
                sync_folder(self.folder)
            replace_file(path, table.data)
        found = {
            name: TableRecord(rows=table.rows, bytes=len(table.data), sha256=table.sha256, states=table.states)
            for name, table in tables.items()
        }
        record = ChunkRecord(chunk=chunk, tables=found)
        self._journal.append(record)
        self._records[chunk] = record

    def finish(self) -> None:
        """Fold the journal into the manifest, which says from then on that the run is complete.

        Raises
        ------
        ParameterError
            If a chunk is missing.
        """
        missing = [chunk for chunk in self._state.planned if chunk not in self._records]
        if missing:
            raise ParameterError(f"{len(missing)} chunks are not finished, among them {missing[0]!r}")
        records = [self._records[chunk] for chunk in self._state.planned]
        manifest = format_manifest(self._state.manifest, fingerprint=self._state.fingerprint, records=records)
        replace_file(self.folder / MANIFEST_NAME, manifest)
        self.complete = True
        (self.folder / JOURNAL_NAME).unlink(missing_ok=True)
        sync_folder(self.folder)

    def _restore(self, state: FolderState) -> None:
        """Bring journal and manifest to what is really there."""
        journal, manifest = self.folder / JOURNAL_NAME, self.folder / MANIFEST_NAME
        lines = format_records(list(self._records.values()))
        torn = journal.exists() and journal.stat().st_size != state.journal_bytes
        if state.complete or torn or len(self._records) < len(state.records):
            replace_file(journal, lines)
        if state.complete:
            replace_file(
                manifest, format_manifest(state.manifest, fingerprint=state.fingerprint, planned=state.planned)
            )

    def _remove_strangers(self) -> None:
        """Remove the files of chunks that are not recorded, and those that were being written."""
        kept = {path for record in self._records.values() for path in record.paths(self.folder).values()}
        for path in _list_own_files(self.folder):
            if path not in kept:
                path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if hasattr(self, "_journal"):
            self._journal.__exit__(kind, error, traceback)


def _is_intact(record: ChunkRecord, folder: Path) -> bool:
    """Tell whether the files of a record are there in their size; ``verify`` also reads them."""
    for name, path in record.paths(folder).items():
        try:
            if path.stat().st_size != record.tables[name].bytes:
                return False
        except FileNotFoundError:
            return False
    return True


def _list_own_files(folder: Path) -> list[Path]:
    """List the files that a writer makes, besides manifest, journal and lock."""
    parts = [path for path in folder.iterdir() if path.name.startswith(".") and path.suffix == PART_SUFFIX]
    for table in STORE_SCHEMAS:
        if (folder / table).is_dir():
            parts += [path for path in (folder / table).iterdir() if path.suffix in (".parquet", PART_SUFFIX)]
    return parts

"""A results folder to read from: finished chunks as Arrow tables, also while a run adds to them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightlane.errors import ParameterError
from lightlane.results.journal import ChunkRecord, chunk_path
from lightlane.results.manifest import FolderState, read_folder_state
from lightlane.results.parquet import arrow_schema
from lightlane.results.schemas import STORE_SCHEMAS

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset


class ResultsFolder:
    """The finished chunks of a results folder, as they were when it was opened or last refreshed.

    Chunks that are being written are not there, and those that are there do not change: a reader may watch a folder
    that a run is growing.
    """

    def __init__(self, path: Path, state: FolderState) -> None:
        self.path = path
        self._state = state

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run says of itself; ``complete`` is False while chunks are missing."""
        return self._state.manifest

    @property
    def fingerprint(self) -> str:
        """Checksum of all that the results depend on; empty of a folder that was written at once."""
        return self._state.fingerprint

    @property
    def planned_count(self) -> int:
        """Number of chunks that the run has when it is complete."""
        return len(self._state.planned)

    @property
    def table_names(self) -> tuple[str, ...]:
        """The tables that have rows, in the order of the schemas."""
        found = {table for record in self._state.records for table in record.tables}
        return tuple(name for name in STORE_SCHEMAS if name in found)

    def chunks(self) -> tuple[ChunkRecord, ...]:
        """Return the finished chunks with rows, bytes and checksums of their files, in the order of the run."""
        return self._state.records

    def refresh(self) -> bool:
        """Look again at a folder that may have grown; return whether it has."""
        before, self._state = self._state, read_folder_state(self.path)
        return self._state != before

    def paths(self, table: str, chosen: Mapping[str, str | int] | None = None) -> list[Path]:
        """Return the files of a table that may have rows of a state, in the order of the run."""
        self.require_table(table)
        return [
            chunk_path(self.path, table, record.chunk)
            for record in self._state.records
            if table in record.tables and record.tables[table].may_hold(chosen or {})
        ]

    def dataset(self, table: str, chosen: Mapping[str, str | int] | None = None) -> pyarrow.dataset.Dataset:
        """Return a table as a pyarrow dataset over the finished chunks, of which nothing is read yet.

        Columns that a later release added are null in chunks of an earlier one. Files that have no rows of the state
        that is chosen, by key columns, are left out; rows of other states are not.

        Raises
        ------
        ParameterError
            If there is no table of that name.
        """
        import pyarrow.dataset as ds

        paths = [str(path) for path in self.paths(table, chosen)]
        checked = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
        form = ds.ParquetFileFormat(default_fragment_scan_options=checked)
        return ds.dataset(paths, schema=arrow_schema(STORE_SCHEMAS[table]), format=form)

    def arrow(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        variant: str | None = None,
        point: int | None = None,
        step: int | None = None,
    ) -> pa.Table:
        """Return a table, or some columns of some states of it, as Arrow, which pandas and polars take over.

        Parameters
        ----------
        table
            One of the tables of ``lightlane.results.schemas``; without rows if no chunk has it.
        columns
            Absent: all.
        variant, point, step
            Absent: of all variants, points and steps. Row groups of others are not read.

        Raises
        ------
        ParameterError
            If there is no such table or column, or the table does not tell such states apart.
        """
        self.require_table(table)
        schema = STORE_SCHEMAS[table]
        unknown = [name for name in columns or () if name not in schema]
        if unknown:
            raise ParameterError(f"table {table!r} has no column {unknown[0]!r}; allowed: {', '.join(schema)}")
        chosen = state_filter(variant, point, step)
        missing = [name for name in chosen if name not in schema]
        if missing:
            raise ParameterError(f"table {table!r} has no {missing[0]}: it is the same for all")
        names = None if columns is None else list(columns)
        found = self.dataset(table, chosen).to_table(columns=names, filter=filter_expression(chosen))
        # One dictionary for all chunks: what is read by codes then has one meaning for each.
        return found.unify_dictionaries()

    def query(self, sql: str) -> pa.Table:
        """Answer one SELECT of SQL over the tables as DuckDB has it; nothing else can be read or written.

        Raises
        ------
        ParameterError
            If the SQL is wrong or is no SELECT.
        """
        from lightlane.results.query import query_folder

        return query_folder(self, sql)

    def require_table(self, table: str) -> None:
        """Refuse a name that no table has with a :class:`ParameterError`."""
        if table not in STORE_SCHEMAS:
            raise ParameterError(f"there is no table {table!r}; allowed: {', '.join(STORE_SCHEMAS)}")


def state_filter(variant: str | None, point: int | None, step: int | None) -> dict[str, str | int]:
    """Return the key columns that are named and their values."""
    given = {"variant": variant, "point_index": point, "step_index": step}
    return {name: value for name, value in given.items() if value is not None}


def filter_expression(chosen: dict[str, str | int]) -> Any:
    """Return the filter of a pyarrow dataset for key columns of given values; None for all rows."""
    import pyarrow.dataset as ds

    expression = None
    for name, value in chosen.items():
        one = ds.field(name) == value
        expression = one if expression is None else expression & one
    return expression


def open_results(folder: str | os.PathLike[str]) -> ResultsFolder:
    """Open a results folder of format 2, complete or growing.

    Raises
    ------
    FormatError
        If it is no results folder, or one of another format.
    """
    path = Path(folder)
    return ResultsFolder(path, read_folder_state(path))

"""Reading results folders of format 1: one Parquet file for each table beside the manifest, one state of one run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lightlane.errors import FormatError, Problem
from lightlane.results.manifest import MANIFEST_NAME
from lightlane.results.parquet import table_from_arrow
from lightlane.results.records import (
    ADDED_LATER,
    DEMAND_COLUMNS,
    LANE_COLUMNS,
    LINK_COLUMNS,
    WAVEFORM_COLUMNS,
    Results,
    Table,
)

TABLE_SCHEMAS: dict[str, dict[str, str]] = {"lanes": LANE_COLUMNS, "links": LINK_COLUMNS, "demands": DEMAND_COLUMNS}
OPTIONAL_SCHEMAS: dict[str, dict[str, str]] = {"waveforms": WAVEFORM_COLUMNS}
"""Tables that a folder has only where there is something in them."""
_Refuse = Callable[[str, str, str], None]
"""Takes key, what was found, what is allowed."""


def read_format_1(folder: Path, manifest: dict[str, Any]) -> Results:
    """Read the tables of a folder of format 1 and check that they are whole: columns, row counts, checksums.

    Raises
    ------
    FormatError
        With every problem found.
    """
    manifest = dict(manifest)
    entries = manifest.pop("tables", None)
    if not isinstance(entries, dict):
        allowed = "an object with the keys " + ", ".join(TABLE_SCHEMAS)
        raise FormatError(Problem(str(folder / MANIFEST_NAME), 0, "tables", repr(entries), allowed))
    problems: list[Problem] = []
    tables: dict[str, Table] = {}
    optional = {name: schema for name, schema in OPTIONAL_SCHEMAS.items() if name in entries}
    for name, schema in (TABLE_SCHEMAS | optional).items():
        table = _read_table(folder / f"{name}.parquet", schema, entries.get(name), problems)
        if table is not None:
            tables[name] = table
    if problems:
        raise FormatError(problems)
    return Results(manifest=manifest, **tables)


def _read_table(path: Path, schema: dict[str, str], entry: Any, problems: list[Problem]) -> Table | None:
    """Read one table; append what is wrong with it to ``problems``."""

    def refuse(key: str, found: str, allowed: str) -> None:
        problems.append(Problem(str(path), 0, key, found, allowed))

    if not isinstance(entry, dict) or not {"rows", "sha256"} <= entry.keys():
        refuse("", "no row count and checksum in the manifest", f"an entry tables.{path.stem} in {MANIFEST_NAME}")
        return None
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        refuse("", "no such file", "the table that the manifest names")
        return None
    except OSError as error:
        refuse("", error.strerror or str(error), "a file that can be read")
        return None
    if digest != entry["sha256"]:
        refuse("sha256", digest, f"{entry['sha256']}: the file was changed after it was written")
        return None
    return _parse_table(path, schema, entry["rows"], refuse)


def _parse_table(path: Path, schema: dict[str, str], rows: Any, refuse: _Refuse) -> Table | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        arrow = pq.ParquetFile(path).read()
    except (pa.ArrowInvalid, OSError) as error:
        refuse("", f"no Parquet: {str(error).splitlines()[0]}", "a Parquet table")
        return None
    for name in ADDED_LATER:
        if name in schema and name not in arrow.column_names:
            empty = pa.repeat("", arrow.num_rows) if schema[name] == "str" else pa.nulls(arrow.num_rows, pa.float64())
            arrow = arrow.append_column(name, empty)
    missing = [name for name in schema if name not in arrow.column_names]
    surplus = [name for name in arrow.column_names if name not in schema]
    if missing or surplus:
        found = "; ".join(
            text
            for text in (f"no {', '.join(missing)}" if missing else "", f"also {', '.join(surplus)}" if surplus else "")
            if text
        )
        refuse("columns", found, ", ".join(schema))
        return None
    if arrow.num_rows != rows:
        refuse("rows", str(arrow.num_rows), str(rows))
        return None
    try:
        return table_from_arrow(arrow, schema)
    except (TypeError, ValueError, pa.ArrowException) as error:
        refuse("columns", str(error).splitlines()[0], "the types of this format")
        return None

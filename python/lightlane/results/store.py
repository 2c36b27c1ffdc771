"""The results folder: three Parquet tables and a JSON manifest, written as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lightlane.columns import CodedTexts
from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.results.direct_columns import DIRECT_WAVEFORM_COLUMNS
from lightlane.results.records import (
    ADDED_LATER,
    DEMAND_COLUMNS,
    LANE_COLUMNS,
    LINK_COLUMNS,
    WAVEFORM_COLUMNS,
    Results,
    Table,
    build_table,
)
from lightlane.units import axis_label, unit_of

RESULTS_FORMAT = 1
MANIFEST_KEYS = (
    "lightlane_version", "python_version", "numpy_version", "build", "instruction_set", "seed", "fidelity",
    "wanted_margin_db", "fiber_limits", "catalog_sha256", "fabric_sha256", "created_utc", "fabric", "parts", "assumed",
    "module_bill", "amplifier_bill", "design_notes",
)  # fmt: skip
"""What a report reads from a manifest besides its tables."""
"""Number of the layout of a results folder; a reader refuses every other."""
MANIFEST_NAME = "manifest.json"
TABLE_SCHEMAS: dict[str, dict[str, str]] = {"lanes": LANE_COLUMNS, "links": LINK_COLUMNS, "demands": DEMAND_COLUMNS}
OPTIONAL_SCHEMAS: dict[str, dict[str, str]] = {
    "waveforms": WAVEFORM_COLUMNS,
    "direct_waveforms": DIRECT_WAVEFORM_COLUMNS,
}
"""Tables that a folder has only where there is something in them."""
_UNIQUE_TEXTS = frozenset({"explanation", "path"})
"""Columns whose texts hardly repeat: a dictionary would only make them longer."""
_HASH_CHUNK_BYTES = 1 << 20
_SLICE_ROWS = 1 << 16
"""Rows that are turned into Parquet at a time."""
_Refuse = Callable[[str, str, str], None]
"""Takes key, what was found, what is allowed."""


def write_results(results: Results, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write ``results`` to ``folder``: ``lanes.parquet``, ``links.parquet``, ``demands.parquet``, ``manifest.json``.

    With ``waveforms.parquet`` where coherent and ``direct_waveforms.parquet`` where direct-detect lanes were simulated.

    Everything is written and synced to a temporary folder beside the target and then renamed, so that a reader sees the
    whole folder or none. With ``overwrite`` the old folder stays until the new one is in place.

    Parameters
    ----------
    results
        What to write; ``results.manifest["format"]`` must be :data:`RESULTS_FORMAT`.
    folder
        Where to; its parent folders are made.
    overwrite
        Replace an older results folder. A folder that holds anything else is never replaced.

    Returns
    -------
    The folder that was written.

    Raises
    ------
    ParameterError
        If the folder is there already, is not a results folder, or cannot be written (the message says why).
    """
    if results.manifest.get("format") != RESULTS_FORMAT:
        raise ParameterError(
            f"results have format {results.manifest.get('format')!r}; this version writes format {RESULTS_FORMAT}"
        )
    target = Path(folder)
    try:
        target = target.resolve()
        _refuse_target(target, overwrite=overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
        try:
            temporary.mkdir()
            _write_files(results, temporary)
            _put_in_place(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ParameterError(f"results folder {str(folder)!r} cannot be written: {_reason(error)}") from error
    return target


def read_results(folder: str | os.PathLike[str]) -> Results:
    """Read a results folder and check that it is whole: format, columns, row counts, checksums.

    Raises
    ------
    FormatError
        With every problem found: a missing file, another format number, a table that was changed or has other columns.
    """
    path = Path(folder)
    manifest = _read_manifest(path)
    entries = manifest.pop("tables")
    problems: list[Problem] = []
    tables: dict[str, Table] = {}
    optional = {name: schema for name, schema in OPTIONAL_SCHEMAS.items() if name in entries}
    for name, schema in (TABLE_SCHEMAS | optional).items():
        table = _read_table(path / f"{name}.parquet", schema, entries.get(name), problems)
        if table is not None:
            tables[name] = table
    if problems:
        raise FormatError(problems)
    return Results(manifest=manifest, **tables)


def _reason(error: OSError) -> str:
    """Return the operating system's words and the path that they are about."""
    text = error.strerror or str(error) or type(error).__name__
    return f"{text} ({error.filename})" if error.filename else text


def check_target(folder: str | os.PathLike[str], *, overwrite: bool) -> None:
    """Refuse a folder that results may not be written to, so that a long run need not end with the refusal.

    Raises
    ------
    ParameterError
        If ``folder`` is a file, exists without ``overwrite``, holds something else than results, or cannot be read.
    """
    try:
        _refuse_target(Path(folder), overwrite=overwrite)
    except OSError as error:
        raise ParameterError(f"results folder {str(folder)!r} cannot be written: {_reason(error)}") from error


def _refuse_target(target: Path, *, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ParameterError(f"results folder {str(target)!r} is a file; give another name")
    if not overwrite:
        raise ParameterError(f"results folder {str(target)!r} exists already; give another name or allow overwriting")
    if any(target.iterdir()) and not (target / MANIFEST_NAME).is_file():
        raise ParameterError(
            f"folder {str(target)!r} holds files but no {MANIFEST_NAME}: it is no results folder and is not replaced"
        )


def _write_files(results: Results, folder: Path) -> None:
    entries: dict[str, dict[str, object]] = {}
    optional = {name: schema for name, schema in OPTIONAL_SCHEMAS.items() if len(getattr(results, name))}
    for name, schema in (TABLE_SCHEMAS | optional).items():
        table: Table = getattr(results, name)
        path = folder / f"{name}.parquet"
        _write_table(table, schema, path)
        _sync(path)
        entries[name] = {"file": path.name, "rows": len(table), "sha256": _sha256(path)}
    try:
        text = json.dumps({**results.manifest, "tables": entries}, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"the manifest holds a value that JSON does not have: {error}") from error
    manifest = folder / MANIFEST_NAME
    manifest.write_text(text + "\n", encoding="utf-8")
    _sync(manifest)
    _sync(folder)


def _write_table(table: Table, schema: dict[str, str], path: Path) -> None:
    """Write a table slice by slice, so that a large one is never in memory twice."""
    import pyarrow.parquet as pq

    first = _to_arrow(table, schema, slice(0, _SLICE_ROWS))
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for start in range(_SLICE_ROWS, len(table), _SLICE_ROWS):
            writer.write_table(_to_arrow(table, schema, slice(start, start + _SLICE_ROWS)))


def _put_in_place(temporary: Path, target: Path) -> None:
    """Rename the finished folder to its name; an old folder is moved aside first and removed last."""
    if not target.exists():
        temporary.rename(target)
        _sync(target.parent)
        return
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}.old")
    target.rename(old)
    try:
        temporary.rename(target)
    except OSError:
        old.rename(target)
        raise
    _sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    """Force a file or folder to the disk; systems that cannot open folders sync them on their own."""
    if path.is_dir() and os.name == "nt":
        return
    # Windows syncs only handles that may write; a folder opens only for reading.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _to_arrow(table: Table, schema: dict[str, str], rows: slice) -> Any:
    """Return some rows as Arrow table: NaN becomes null, repeating texts a dictionary, units field metadata."""
    import pyarrow as pa

    arrays, fields = [], []
    for name, kind in schema.items():
        column = table.stored(name)
        if isinstance(column, CodedTexts):
            column = CodedTexts(column.codes[rows], column.texts).compact()
            array = pa.DictionaryArray.from_arrays(pa.array(column.codes, type=pa.int32()), pa.array(column.texts))
        elif kind.endswith("[]"):
            array = pa.array(list(column[rows]), type=_arrow_list(kind), from_pandas=True)
        elif kind == "str":
            array = pa.array(column[rows], type=pa.string())
            if name not in _UNIQUE_TEXTS:
                array = array.dictionary_encode()
        else:
            array = pa.array(column[rows], type=pa.from_numpy_dtype(np.dtype(kind)), from_pandas=True)
        unit = unit_of(name) if kind.startswith("float") else None
        metadata = {"unit": unit, "label": axis_label(name)} if unit is not None else None
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata=metadata))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _arrow_list(kind: str) -> Any:
    import pyarrow as pa

    return pa.list_(pa.from_numpy_dtype(np.dtype(kind.removesuffix("[]"))))


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST_NAME

    def refuse(key: str, found: str, allowed: str, line: int = 0) -> FormatError:
        return FormatError(Problem(str(path), line, key, found, allowed))

    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FormatError(
            Problem(str(folder), 0, "", f"no {MANIFEST_NAME}", "a results folder as `lightlane run` writes it")
        ) from error
    except OSError as error:
        raise refuse("", _reason(error), "a file that can be read") from error
    except json.JSONDecodeError as error:
        raise refuse("", f"no JSON: {error.msg}", "the manifest of a results folder", error.lineno) from error
    except UnicodeDecodeError as error:
        raise refuse("", "bytes that are not UTF-8", "the manifest of a results folder") from error
    if not isinstance(manifest, dict):
        raise refuse("", f"a JSON {type(manifest).__name__}", "a JSON object")
    found = manifest.get("format")
    if found != RESULTS_FORMAT or isinstance(found, bool):
        raise refuse("format", "nothing" if found is None else repr(found), f"{RESULTS_FORMAT}")
    missing = [key for key in MANIFEST_KEYS if key not in manifest]
    if missing:
        raise refuse(missing[0], "nothing", "what `lightlane run` writes there")
    if not isinstance(manifest.get("tables"), dict):
        raise refuse("tables", repr(manifest.get("tables")), "an object with the keys " + ", ".join(TABLE_SCHEMAS))
    return manifest


def _read_table(path: Path, schema: dict[str, str], entry: Any, problems: list[Problem]) -> Table | None:
    """Read one table; append what is wrong with it to ``problems``."""

    def refuse(key: str, found: str, allowed: str) -> None:
        problems.append(Problem(str(path), 0, key, found, allowed))

    if not isinstance(entry, dict) or not {"rows", "sha256"} <= entry.keys():
        refuse("", "no row count and checksum in the manifest", f"an entry tables.{path.stem} in {MANIFEST_NAME}")
        return None
    try:
        digest = _sha256(path)
    except FileNotFoundError:
        refuse("", "no such file", "the table that the manifest names")
        return None
    except OSError as error:
        refuse("", _reason(error), "a file that can be read")
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
        return build_table(schema, {name: _to_numpy(arrow[name], kind) for name, kind in schema.items()})
    except (TypeError, ValueError, pa.ArrowException) as error:
        refuse("columns", str(error).splitlines()[0], "the types of this format")
        return None


def _to_numpy(column: Any, kind: str) -> Any:
    """Return the column as an array; null becomes NaN in floats and is refused elsewhere."""
    import pyarrow as pa

    if kind != "float64" and column.null_count:
        raise ValueError("an empty field in a column of texts, counts or lists")
    if kind.endswith("[]"):
        return [row.values.to_numpy(zero_copy_only=False) for row in column.cast(_arrow_list(kind))]
    array = column.cast(pa.string() if kind == "str" else pa.from_numpy_dtype(np.dtype(kind)))
    return array.to_numpy()

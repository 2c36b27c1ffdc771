"""Results of one state in memory, to a results folder and back."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from lightlane.columns import CodedTexts, ColumnSet
from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.files.atomic import sync_folder
from lightlane.results.folder import ResultsFolder, filter_expression, open_results, state_filter
from lightlane.results.format_1 import read_format_1
from lightlane.results.lock import LOCK_NAME, lock_folder
from lightlane.results.manifest import (
    MANIFEST_NAME,
    RESULTS_FORMAT,
    read_manifest,
    require_format,
    require_report_keys,
)
from lightlane.results.parquet import arrow_schema, encode_tables, table_from_arrow
from lightlane.results.records import (
    DEMAND_COLUMNS,
    LANE_COLUMNS,
    LINK_COLUMNS,
    Results,
    Table,
)
from lightlane.results.schemas import DEMAND_CHANGE_COLUMNS, KEY_COLUMNS, STORE_SCHEMAS
from lightlane.results.state_fabric import fabric_of_state
from lightlane.results.writer import FolderWriter, create_folder

SINGLE_CHUNK = "baseline-p0000-s0000"
"""The one chunk of results that are written at once."""
FIRST_STATE: dict[str, Any] = {"variant": "baseline", "point_index": 0, "step_index": 0, "time_days": 0.0}
"""The state that results without a scenario in time are in."""
_STATE_SCHEMAS: dict[str, dict[str, str]] = {"lanes": LANE_COLUMNS, "links": LINK_COLUMNS, "demands": DEMAND_COLUMNS}
_SIMULATED = ("waveforms", "direct_waveforms")
"""Tables of lanes that were simulated, which are the same for all states."""


def write_results(results: Results, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write ``results`` to ``folder`` as one chunk: a subfolder for each table that has rows, and ``manifest.json``.

    Everything is written and synced to a temporary folder beside the target and then renamed, so that a reader sees the
    whole folder or none. With ``overwrite`` the old folder stays until the new one is in place.

    Parameters
    ----------
    results
        What to write.
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
        If the folder is there already, is not a results folder, is being written, or cannot be written (the message
        says why).
    """
    return write_tables(key_tables(results), results.manifest, folder, overwrite=overwrite)


def write_tables(
    tables: Mapping[str, Table], manifest: dict[str, Any], folder: str | os.PathLike[str], *, overwrite: bool = False
) -> Path:
    """Write tables of :data:`STORE_SCHEMAS` as one chunk; parameters and errors as of :func:`write_results`."""
    target = Path(folder)
    try:
        target = target.resolve()
        _refuse_target(target, overwrite=overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
        try:
            create_folder(temporary, manifest, [SINGLE_CHUNK], "")
            with FolderWriter(temporary) as writer:
                writer.add(SINGLE_CHUNK, encode_tables(tables))
                writer.finish()
            _put_in_place(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ParameterError(explain_refusal(folder, error)) from error
    return target


def key_tables(results: Results) -> dict[str, Table]:
    """Return the tables of results as the store keeps them: in the first state, with what events would have changed."""
    rows_count = len(results.demands)
    unchanged = {"rerouted": np.zeros(rows_count, dtype=bool), "latency_change_us": np.full(rows_count, np.nan)}
    changes = {name: unchanged[name] for name in DEMAND_CHANGE_COLUMNS if name not in results.demands.columns}
    return {
        "lanes": _key(results.lanes),
        "links": _key(results.links),
        "demands": _key(results.demands, changes),
        "waveforms": results.waveforms,
        "direct_waveforms": results.direct_waveforms,
    }


def _key(table: Table, more: dict[str, Any] | None = None) -> Table:
    rows_count = len(table)
    keys: dict[str, Any] = {
        name: CodedTexts(np.zeros(rows_count, dtype=np.int32), (value,))
        if KEY_COLUMNS[name] == "str"
        else np.full(rows_count, value, dtype=KEY_COLUMNS[name])
        for name, value in FIRST_STATE.items()
    }
    # Columns that are made when they are read stay so until the writer reads them.
    return Table(ColumnSet({**keys, **{name: table.stored(name) for name in table.columns}, **(more or {})}))


def read_results(
    folder: str | os.PathLike[str], *, variant: str | None = None, point: int | None = None, step: int | None = None
) -> Results:
    """Read the tables of one state from a results folder; ``manifest["complete"]`` tells whether its run has ended.

    Parameters
    ----------
    folder
        A folder of this format or of format 1.
    variant, point, step
        Which state; what is absent is that of the first one of the run. Row groups of other states are not read.

    Raises
    ------
    FormatError
        If a file is missing, has another format number, was changed or has other columns. ``lightlane results verify``
        reads every byte of every file; this function what it needs.
    ParameterError
        If the folder has no such state.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    require_format(path, manifest, (1, RESULTS_FORMAT))
    require_report_keys(path, manifest)
    chosen = state_filter(variant, point, step)
    if manifest["format"] == 1:
        if chosen:
            raise ParameterError(f"results folder {str(folder)!r} is of format 1 and has one state without a name")
        return read_format_1(path, manifest)
    opened = open_results(path)
    _require_files(opened)
    state = _find_state(opened, chosen)
    tables = {name: _read_table(opened, name, schema, state) for name, schema in _STATE_SCHEMAS.items()}
    for name in _SIMULATED:
        tables[name] = _read_table(opened, name, STORE_SCHEMAS[name], {})
    manifest = {**opened.manifest, "fabric": fabric_of_state(opened.manifest, tables["links"]["link"].tolist())}
    return Results(manifest=manifest, **tables)


def _require_files(opened: ResultsFolder) -> None:
    """Refuse a folder whose files are not there in their size, with every such file."""
    problems = []
    for record in opened.chunks():
        for name, path in record.paths(opened.path).items():
            if name not in _STATE_SCHEMAS and name not in _SIMULATED:
                continue
            expected = record.tables[name].bytes
            try:
                found = path.stat().st_size
            except OSError as error:
                problems.append(Problem(str(path), 0, "", error.strerror or str(error), "the table that was written"))
                continue
            if found != expected:
                allowed = f"{expected} bytes: the file was changed after it was written"
                problems.append(Problem(str(path), 0, "", f"{found} bytes", allowed))
    if problems:
        raise FormatError(problems)


def _find_state(opened: ResultsFolder, chosen: dict[str, str | int]) -> dict[str, str | int]:
    """Return the key columns of the first state of those that are chosen; of an empty folder what was chosen.

    Raises
    ------
    ParameterError
        If there is none.
    """
    if "links" not in opened.table_names and not chosen:
        return {}
    names = [name for name in KEY_COLUMNS if name != "time_days"]
    with _reading(opened, "links"):
        rows = opened.dataset("links", chosen).head(1, columns=names, filter=filter_expression(chosen)).to_pylist()
    if rows:
        return dict(rows[0])
    wanted = ", ".join(f"{name} {value!r}" for name, value in chosen.items())
    known = opened.arrow("links", ["variant"])["variant"].unique().to_pylist() if opened.table_names else []
    raise ParameterError(
        f"results folder {str(opened.path)!r} has no state with {wanted}; its variants: {', '.join(known) or 'none'}"
    )


def _read_table(opened: ResultsFolder, name: str, schema: dict[str, str], state: dict[str, str | int]) -> Table:
    """Read the rows of one state, out of files whose checksums are right."""
    import pyarrow as pa

    chosen, kept = filter_expression(state), arrow_schema(STORE_SCHEMAS[name])
    parts = []
    with _reading(opened, name):
        checksums = {
            record.paths(opened.path)[name]: record.tables[name].sha256
            for record in opened.chunks()
            if name in record.tables
        }
        for fragment in opened.dataset(name, state).get_fragments():
            part = fragment if chosen is None else fragment.subset(chosen, schema=kept)
            if part.row_groups:
                _check_sum(Path(fragment.path), checksums[Path(fragment.path)])
                parts.append(part.to_table(schema=kept, columns=list(schema), filter=chosen))
        empty = pa.schema([kept.field(column) for column in schema]).empty_table()
        return table_from_arrow(pa.concat_tables([empty, *parts]), schema)


def _check_sum(path: Path, expected: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        allowed = f"{expected}: the file was changed after it was written"
        raise FormatError(Problem(str(path), 0, "sha256", found, allowed))


class _reading:  # noqa: N801 - a context manager, called as a function
    """Turns what pyarrow says of a broken file into a :class:`FormatError`."""

    def __init__(self, opened: ResultsFolder, table: str) -> None:
        self._place = opened.path / table

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        import pyarrow as pa

        if isinstance(error, OSError | ValueError | TypeError | pa.ArrowException) and not isinstance(
            error, FormatError | ParameterError
        ):
            found = str(error).splitlines()[0]
            raise FormatError(Problem(str(self._place), 0, "", found, "the Parquet tables of a run")) from error


def explain_refusal(folder: str | os.PathLike[str], error: OSError) -> str:
    """Return why a results folder cannot be written: the operating system's words and the path that they are about."""
    reason = error.strerror or str(error) or type(error).__name__
    place = f" ({error.filename})" if error.filename else ""
    return f"results folder {str(folder)!r} cannot be written: {reason}{place}"


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
        raise ParameterError(explain_refusal(folder, error)) from error


def _refuse_target(target: Path, *, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ParameterError(f"results folder {str(target)!r} is a file; give another name")
    is_empty = not any(target.iterdir())
    if not overwrite:
        raise ParameterError(f"results folder {str(target)!r} exists already; give another name or allow overwriting")
    if not is_empty and not (target / MANIFEST_NAME).is_file():
        raise ParameterError(
            f"folder {str(target)!r} holds files but no {MANIFEST_NAME}: it is no results folder and is not replaced"
        )


def _put_in_place(temporary: Path, target: Path) -> None:
    """Rename the finished folder to its name; an old folder is moved aside first and removed last."""
    if not target.exists():
        temporary.rename(target)
        sync_folder(target.parent)
        return
    old = move_aside(target)
    try:
        temporary.rename(target)
    except OSError:
        old.rename(target)
        raise
    sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def move_aside(target: Path) -> Path:
    """Rename an old results folder, so that its name is free; return its new one.

    Raises
    ------
    ParameterError
        If a run is writing it.
    """
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}.old")
    with lock_folder(target) if (target / LOCK_NAME).exists() else nullcontext():
        target.rename(old)
    return old

"""Folders of format 1, which an earlier release wrote: one file for each table."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lightlane.errors import FormatError, ParameterError
from lightlane.results.folder import open_results
from lightlane.results.records import ADDED_LATER, LANE_COLUMNS, LINK_COLUMNS
from lightlane.results.store import read_results

SAVED = Path(__file__).parents[2] / "golden" / "results-0.1.0-format-1"
TABLES = ("lanes", "links", "demands")


def _problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(FormatError) as caught:
        read_results(folder)
    return [(Path(problem.file).name, problem.key) for problem in caught.value.problems]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return shutil.copytree(SAVED, tmp_path / "run")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _edit_manifest(run: Path, **changes: object) -> None:
    path = run / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_missing_and_changed_tables_are_reported_together(run: Path) -> None:
    (run / "demands.parquet").unlink()
    data = bytearray((run / "links.parquet").read_bytes())
    data[len(data) // 2] ^= 1
    (run / "links.parquet").write_bytes(data)
    assert _problems(run) == [("links.parquet", "sha256"), ("demands.parquet", "")]


@pytest.mark.parametrize("tables", [None, []])
def test_manifest_without_tables(run: Path, tables: object) -> None:
    _edit_manifest(run, tables=tables)
    assert _problems(run) == [("manifest.json", "tables")]


def test_manifest_with_incomplete_tables(run: Path) -> None:
    _edit_manifest(run, tables={"lanes": 3})
    assert _problems(run) == [(f"{name}.parquet", "") for name in TABLES]


def _replace_table(run: Path, table: pa.Table, rows: int | None = None) -> None:
    """Exchange the links table and make the manifest agree, as a careless program would."""
    path = run / "links.parquet"
    pq.write_table(table, path)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["tables"]["links"] = {
        "file": path.name, "rows": table.num_rows if rows is None else rows, "sha256": _hash(path),
    }  # fmt: skip
    (run / "manifest.json").write_text(json.dumps(manifest))


def test_other_columns(run: Path) -> None:
    table = pq.ParquetFile(run / "links.parquet").read()
    _replace_table(run, table.drop_columns(["module"]).append_column("price", pa.array([1.0] * table.num_rows)))
    with pytest.raises(FormatError) as caught:
        read_results(run)
    (problem,) = caught.value.problems
    assert problem.key == "columns"
    assert "module" in problem.found
    assert "price" in problem.found


def test_other_row_count(run: Path) -> None:
    _replace_table(run, pq.ParquetFile(run / "links.parquet").read(), rows=3)
    assert _problems(run) == [("links.parquet", "rows")]


@pytest.mark.parametrize("column", ["channels", "link", "margin_db"])
def test_other_types(run: Path, column: str) -> None:
    table = pq.ParquetFile(run / "links.parquet").read()
    values = pa.array(
        ["text"] * table.num_rows if LINK_COLUMNS[column] != "str" else [None] * table.num_rows, pa.string()
    )
    _replace_table(run, table.set_column(table.column_names.index(column), column, values))
    assert _problems(run) == [("links.parquet", "columns")]


def test_table_that_is_no_parquet(run: Path) -> None:
    path = run / "links.parquet"
    path.write_bytes(b"not a table")
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["tables"]["links"]["sha256"] = _hash(path)
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert _problems(run) == [("links.parquet", "")]


def test_columns_of_a_later_release_are_not_known(run: Path) -> None:
    results = read_results(run)
    found = pq.ParquetFile(run / "lanes.parquet").schema_arrow.names
    later = [name for name in ADDED_LATER if name in LANE_COLUMNS and name not in found]
    assert "outside_domain" in later
    assert "margin_5_percent_db" in later
    for name in later:
        column = results.lanes[name]
        assert set(column) == {""} if LANE_COLUMNS[name] == "str" else np.isnan(column).all(), name


def test_it_has_one_state_and_no_chunks(run: Path) -> None:
    with pytest.raises(ParameterError, match="format 1"):
        read_results(run, variant="baseline")
    with pytest.raises(FormatError) as caught:
        open_results(run)
    assert caught.value.problems[0].key == "format"

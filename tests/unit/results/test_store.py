"""Results are written as a whole, read back as they were, and refused where anything was changed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lightlane.columns import ColumnSet, code_texts
from lightlane.errors import FormatError, ParameterError
from lightlane.results.lock import lock_folder
from lightlane.results.records import LINK_COLUMNS, Results, Table
from lightlane.results.store import SINGLE_CHUNK, check_target, read_results, write_results

FILE = f"{SINGLE_CHUNK}.parquet"
TABLES = ("lanes", "links", "demands")


def _same(one: Table, other: Table) -> None:
    assert list(one.columns) == list(other.columns)
    for name, column in one.columns.items():
        assert column.dtype == other[name].dtype, name
        if column.dtype == object:
            assert column.tolist() == other[name].tolist(), name
        else:
            np.testing.assert_array_equal(column, other[name], err_msg=name)


def test_round_trip(synthetic_results: Results, tmp_path: Path) -> None:
    folder = write_results(synthetic_results, tmp_path / "deep" / "run")
    again = read_results(folder)
    for name in TABLES:
        _same(getattr(synthetic_results, name), getattr(again, name))
    assert again.manifest == synthetic_results.manifest
    assert sorted(path.name for path in folder.parent.iterdir()) == ["run"]
    files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files == [*(f"{name}/{SINGLE_CHUNK}.parquet" for name in sorted(TABLES)), "manifest.json"]


def test_a_table_in_slices_is_the_whole_table(
    synthetic_results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lightlane.results.parquet.SLICE_ROWS", 70)
    assert len(synthetic_results.lanes) > 140
    write_results(synthetic_results, tmp_path / "out")
    again = read_results(tmp_path / "out")
    for name in TABLES:
        _same(getattr(synthetic_results, name), getattr(again, name))


def test_coded_texts_are_written_as_they_are(synthetic_results: Results, tmp_path: Path) -> None:
    columns: dict[str, Any] = dict(synthetic_results.lanes.columns)
    for name in ("link", "status", "assumed"):
        columns[name] = code_texts(columns[name].tolist())
    coded = Table(ColumnSet(columns))
    write_results(replace(synthetic_results, lanes=coded), tmp_path / "out")
    _same(synthetic_results.lanes, read_results(tmp_path / "out").lanes)


def test_round_trip_of_empty_tables(synthetic_results: Results, tmp_path: Path) -> None:
    empty = Results(
        *(Table({k: v[:0] for k, v in getattr(synthetic_results, name).columns.items()}) for name in TABLES),
        synthetic_results.manifest,
    )
    again = read_results(write_results(empty, tmp_path / "run"))
    for name in TABLES:
        _same(getattr(empty, name), getattr(again, name))


def test_parquet_has_nulls_units_and_dictionaries(synthetic_results: Results, tmp_path: Path) -> None:
    folder = write_results(synthetic_results, tmp_path / "run")
    table = pq.read_table(folder / "lanes" / FILE)
    unknown = int(np.isnan(synthetic_results.lanes["osnr_db"]).sum())
    assert unknown > 0
    assert table["osnr_db"].null_count == unknown
    assert table.schema.field("osnr_db").metadata[b"unit"] == b"db"
    assert table.schema.field("osnr_db").metadata[b"label"] == b"OSNR (dB)"
    assert pa.types.is_dictionary(table.schema.field("link").type)
    links = pq.ParquetFile(folder / "links" / FILE)
    assert pa.types.is_string(links.schema_arrow.field("explanation").type)
    assert links.metadata.row_group(0).column(0).compression == "ZSTD"


def test_infinity_survives(synthetic_results: Results, tmp_path: Path) -> None:
    columns = dict(synthetic_results.links.columns)
    columns["margin_db"] = np.where(np.arange(len(columns["margin_db"])) == 0, np.inf, columns["margin_db"])
    changed = Results(synthetic_results.lanes, Table(columns), synthetic_results.demands, synthetic_results.manifest)
    assert read_results(write_results(changed, tmp_path / "run")).links["margin_db"][0] == np.inf


def test_existing_folder_is_refused_and_left_alone(synthetic_results: Results, tmp_path: Path) -> None:
    folder = write_results(synthetic_results, tmp_path / "run")
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    with pytest.raises(ParameterError, match="exists already"):
        write_results(synthetic_results, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_target_is_checked_before_the_work(synthetic_results: Results, tmp_path: Path) -> None:
    check_target(tmp_path / "run", overwrite=False)
    folder = write_results(synthetic_results, tmp_path / "run")
    check_target(folder, overwrite=True)
    with pytest.raises(ParameterError, match="exists already"):
        check_target(folder, overwrite=False)
    with pytest.raises(ParameterError, match=r"no manifest\.json"):
        check_target(tmp_path, overwrite=True)


def test_overwrite_replaces(synthetic_results: Results, tmp_path: Path) -> None:
    folder = write_results(synthetic_results, tmp_path / "run")
    newer = Results(
        synthetic_results.lanes,
        synthetic_results.links,
        synthetic_results.demands,
        {**synthetic_results.manifest, "seed": 9},
    )
    write_results(newer, folder, overwrite=True)
    assert read_results(folder).manifest["seed"] == 9
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_overwrite_spares_what_is_no_results_folder(synthetic_results: Results, tmp_path: Path) -> None:
    precious = tmp_path / "home"
    precious.mkdir()
    (precious / "letter.txt").write_text("dear reader")
    with pytest.raises(ParameterError, match=r"no manifest\.json"):
        write_results(synthetic_results, precious, overwrite=True)
    assert (precious / "letter.txt").read_text() == "dear reader"


def test_failed_swap_brings_the_old_folder_back(
    synthetic_results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_results(synthetic_results, tmp_path / "run")
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial") and target.name == "run":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ParameterError, match=os.strerror(errno.EIO)):
        write_results(synthetic_results, folder, overwrite=True)
    monkeypatch.undo()
    assert read_results(folder).manifest == synthetic_results.manifest
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_full_disk_leaves_nothing_behind(
    synthetic_results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ParameterError, match=os.strerror(errno.ENOSPC)):
        write_results(synthetic_results, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_folder_below_a_file_is_refused(synthetic_results: Results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="cannot be written"):
        write_results(synthetic_results, tmp_path / "file" / "run")
    with pytest.raises(ParameterError, match="is a file"):
        write_results(synthetic_results, tmp_path / "file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_parent_is_refused(synthetic_results: Results, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(ParameterError, match="cannot be written"):
            write_results(synthetic_results, tmp_path / "run")
    finally:
        tmp_path.chmod(0o755)


def test_a_manifest_that_json_cannot_hold_is_not_written(synthetic_results: Results, tmp_path: Path) -> None:
    nan = replace(synthetic_results, manifest={**synthetic_results.manifest, "x": float("nan")})
    with pytest.raises(ParameterError, match="JSON"):
        write_results(nan, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def _problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(FormatError) as caught:
        read_results(folder)
    return [(Path(problem.file).name, problem.key) for problem in caught.value.problems]


@pytest.fixture
def run(synthetic_results: Results, tmp_path: Path) -> Path:
    return write_results(synthetic_results, tmp_path / "run")


def _edit_manifest(run: Path, **changes: object) -> None:
    path = run / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_no_folder(tmp_path: Path) -> None:
    assert _problems(tmp_path / "nothing") == [("nothing", "")]


def test_missing_and_cut_tables_are_reported_together(run: Path) -> None:
    (run / "demands" / FILE).unlink()
    (run / "links" / FILE).write_bytes((run / "links" / FILE).read_bytes()[:-1])
    with pytest.raises(FormatError) as caught:
        read_results(run)
    assert {Path(problem.file).parent.name for problem in caught.value.problems} == {"links", "demands"}


@pytest.mark.parametrize("place", [0.02, 0.3, 0.5, 0.7, 0.999])
def test_a_changed_byte_is_seen(run: Path, place: float) -> None:
    data = bytearray((run / "lanes" / FILE).read_bytes())
    data[int(place * len(data))] ^= 1
    (run / "lanes" / FILE).write_bytes(data)
    assert _problems(run)[0][0] in ("lanes", FILE)


def test_manifest_that_is_no_json(run: Path) -> None:
    (run / "manifest.json").write_text("{\n  oops")
    with pytest.raises(FormatError) as caught:
        read_results(run)
    assert caught.value.problems[0].line == 2


@pytest.mark.parametrize("text", ["[]", "3", "null"])
def test_manifest_that_is_no_object(run: Path, text: str) -> None:
    (run / "manifest.json").write_text(text)
    assert _problems(run) == [("manifest.json", "")]


def test_manifest_in_other_bytes(run: Path) -> None:
    (run / "manifest.json").write_bytes(b"\xff\xfe{")
    assert _problems(run) == [("manifest.json", "")]


@pytest.mark.parametrize("found", [3, "2", None, True])
def test_other_format_number(run: Path, found: object) -> None:
    _edit_manifest(run, format=found)
    assert _problems(run) == [("manifest.json", "format")]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"complete": "yes"}, "complete"),
        ({"chunks": None}, "chunks"),
        ({"chunks": [{"chunk": "a", "tables": {"lanes": {"rows": 1}}}]}, "chunks.0.tables.lanes.bytes"),
        ({"chunks": [{"chunk": "a", "tables": {}}, {"chunk": "a", "tables": {}}]}, "chunks"),
        ({"chunks": [{"chunk": "../a", "tables": {}}]}, "chunks"),
        ({"complete": False, "planned": "all"}, "planned"),
    ],
)
def test_a_manifest_with_other_chunks(run: Path, changes: dict[str, object], key: str) -> None:
    _edit_manifest(run, **changes)
    assert _problems(run) == [("manifest.json", key)]


def _replace_links(run: Path, table: pa.Table) -> None:
    """Exchange the links table and make the manifest agree, as a careless program would."""
    path = run / "links" / FILE
    pq.write_table(table, path)
    manifest = json.loads((run / "manifest.json").read_text())
    entry = manifest["chunks"][0]["tables"]["links"]
    entry |= {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    (run / "manifest.json").write_text(json.dumps(manifest))


def test_a_column_of_a_later_release_is_not_known(run: Path) -> None:
    table = pq.ParquetFile(run / "links" / FILE).read()
    assert not np.isnan(read_results(run).links["module_frame_loss_ratio"]).all()
    _replace_links(run, table.drop_columns(["module_frame_loss_ratio"]))
    assert np.isnan(read_results(run).links["module_frame_loss_ratio"]).all()


@pytest.mark.parametrize("column", ["channels", "link", "margin_db"])
def test_other_types(run: Path, column: str) -> None:
    table = pq.ParquetFile(run / "links" / FILE).read()
    values = pa.array(
        ["text"] * table.num_rows if LINK_COLUMNS[column] != "str" else [None] * table.num_rows, pa.string()
    )
    _replace_links(run, table.set_column(table.column_names.index(column), column, values))
    assert _problems(run) == [("links", "")]


def test_a_table_that_is_no_parquet(run: Path) -> None:
    path = run / "links" / FILE
    path.write_bytes(b"x" * path.stat().st_size)
    assert _problems(run) == [("links", "")]


def test_a_folder_that_a_run_writes_is_not_overwritten(synthetic_results: Results, run: Path) -> None:
    with lock_folder(run), pytest.raises(ParameterError, match="another process"):
        write_results(synthetic_results, run, overwrite=True)
    write_results(synthetic_results, run, overwrite=True)


def test_a_state_by_name(run: Path, synthetic_results: Results) -> None:
    _same(read_results(run, variant="baseline", point=0, step=0).lanes, synthetic_results.lanes)
    for named in ({"variant": "winter"}, {"point": 1}, {"step": 3}):
        with pytest.raises(ParameterError, match="baseline"):
            read_results(run, **named)  # type: ignore[arg-type]

"""A folder grows chunk by chunk: what is recorded can be read, what is not is not there; bytes follow from rows."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_plan import FakePlan, fill_table

from lightlane.columns import CodedTexts, ColumnSet
from lightlane.errors import FormatError, ParameterError
from lightlane.results import parquet
from lightlane.results.folder import open_results
from lightlane.results.journal import JOURNAL_NAME
from lightlane.results.parquet import arrow_schema, encode_table, encode_tables, table_from_arrow
from lightlane.results.records import Results, Table
from lightlane.results.schemas import KEY_COLUMNS, STORE_SCHEMAS
from lightlane.results.store import read_results
from lightlane.results.verify import verify_results
from lightlane.results.writer import FolderWriter, create_folder
from lightlane.units import unit_of

TABLES = ("links", "steps", "draws", "waveforms")
PLAN = FakePlan(tables=TABLES)


@cache
def _encode(chunk: str) -> dict[str, parquet.EncodedTable]:
    return encode_tables(PLAN.evaluate(chunk))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "run"
    create_folder(path, PLAN.header, PLAN.chunks, PLAN.fingerprint)
    return path


def _write(folder: Path, *chunks: str) -> None:
    with FolderWriter(folder) as writer:
        for chunk in chunks:
            writer.add(chunk, _encode(chunk))


def test_a_growing_folder_can_be_read(folder: Path) -> None:
    opened = open_results(folder)
    assert opened.chunks() == ()
    assert opened.manifest == {"format": 2, "complete": False, **PLAN.header}
    assert opened.arrow("draws").num_rows == 0
    with FolderWriter(folder) as writer:
        for number, chunk in enumerate(reversed(PLAN.chunks), start=1):
            assert not opened.refresh()
            writer.add(chunk, _encode(chunk))
            assert opened.refresh()
            # In the order of the plan, whatever was finished first.
            assert [record.chunk for record in opened.chunks()] == list(PLAN.chunks[-number:])
            assert opened.arrow("draws", ["link"]).num_rows == 40 * number
        assert not opened.manifest["complete"]
        writer.finish()
    records = opened.chunks()
    assert verify_results(folder).problems == ()
    assert verify_results(folder).files_count == 6 * len(TABLES)
    assert opened.refresh()
    assert opened.manifest["complete"]
    assert opened.chunks() == records
    assert opened.table_names == TABLES
    assert not (folder / JOURNAL_NAME).exists()


def test_recording_costs_one_line(folder: Path) -> None:
    sizes = []
    with FolderWriter(folder) as writer:
        manifest = (folder / "manifest.json").stat()
        for chunk in PLAN.chunks:
            before = (folder / JOURNAL_NAME).read_bytes()
            writer.add(chunk, _encode(chunk))
            after = (folder / JOURNAL_NAME).read_bytes()
            assert after.startswith(before)
            sizes.append(len(after) - len(before))
        assert (folder / "manifest.json").stat() == manifest
    assert max(sizes) - min(sizes) < 20


def test_rows_come_back_by_state(folder: Path) -> None:
    _write(folder, *PLAN.chunks)
    opened = open_results(folder)
    for index, chunk in enumerate(PLAN.chunks):
        for name in TABLES[:3]:
            schema = STORE_SCHEMAS[name]
            found = table_from_arrow(opened.arrow(name, variant=PLAN.variant(index), point=index, step=0), schema)
            for column, expected in PLAN.evaluate(chunk)[name].columns.items():
                np.testing.assert_array_equal(found[column], expected, err_msg=f"{name}.{column}")
    assert opened.arrow("links", variant="winter", point=0).num_rows == 0
    assert opened.arrow("steps", ["time_days"]).column_names == ["time_days"]
    with pytest.raises(ParameterError, match="no column 'price'"):
        opened.arrow("links", ["price"])
    with pytest.raises(ParameterError, match="no table 'prices'"):
        opened.arrow("prices")
    with pytest.raises(ParameterError, match="point_index"):
        opened.arrow("waveforms", point=1)


def test_pandas_takes_the_tables(folder: Path) -> None:
    _write(folder, PLAN.chunks[0], PLAN.chunks[4])
    frame = open_results(folder).arrow("draws").to_pandas()
    assert frame.groupby("variant", observed=True).size().to_dict() == {"baseline": 40, "winter": 40}


def test_results_of_a_state(tmp_path: Path, synthetic_results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three states in two chunks of several row groups: the one that is named comes back, and no other is read."""
    monkeypatch.setattr(parquet, "SLICE_ROWS", len(synthetic_results.links))
    states = [("baseline", 0, 0), ("baseline", 1, 0), ("winter", 0, 2)]
    tables: list[dict[str, Any]] = []
    for number, state in enumerate(states):
        keys = {**dict(zip(KEY_COLUMNS, state, strict=False)), "time_days": 1.5}
        made = {}
        for name in ("lanes", "links", "demands"):
            rng = np.random.default_rng(number)
            made[name] = fill_table(STORE_SCHEMAS[name], len(synthetic_results.links), rng, keys)
        tables.append(made)
    joined = {
        name: Table({column: np.concatenate([tables[0][name][column], tables[1][name][column]]) for column in schema})
        for name, schema in STORE_SCHEMAS.items()
        if name in tables[0]
    }
    create_folder(tmp_path / "run", synthetic_results.manifest, ["b", "w"], "")
    with FolderWriter(tmp_path / "run") as writer:
        writer.add("b", encode_tables(joined))
        writer.add("w", encode_tables(tables[2]))
    for named, index in (
        ({}, 0), ({"point": 1}, 1), ({"variant": "winter"}, 2), ({"step": 2}, 2), ({"variant": "winter", "step": 2}, 2)
    ):  # fmt: skip
        found = read_results(tmp_path / "run", **named)  # type: ignore[arg-type]
        assert found.manifest["complete"] is False
        for name in tables[index]:
            for column, values in getattr(found, name).columns.items():
                assert column not in KEY_COLUMNS
                np.testing.assert_array_equal(values, tables[index][name][column], err_msg=f"{named} {name}.{column}")
    # A state is read without a look at files that hold none of it.
    path = tmp_path / "run" / "lanes" / "w.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    read_results(tmp_path / "run", point=1)
    with pytest.raises(FormatError):
        read_results(tmp_path / "run", variant="winter")


def test_a_torn_line_is_not_there_and_is_cut(folder: Path) -> None:
    _write(folder, *PLAN.chunks[:3])
    journal = folder / JOURNAL_NAME
    whole = journal.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    kept = len(whole) - len(last)
    for cut in (1, 17, len(last) - 2):
        for rest in (b"", b"\0" * (len(last) - cut - 1) + b"\n"):
            journal.write_bytes(whole[: kept + cut] + rest)
            assert [record.chunk for record in open_results(folder).chunks()] == list(PLAN.chunks[:2])
            with FolderWriter(folder) as writer:
                assert writer.recorded == set(PLAN.chunks[:2])
            assert journal.read_bytes() == whole[:kept]
            assert not (folder / "links" / f"{PLAN.chunks[2]}.parquet").exists()
            _write(folder, PLAN.chunks[2])
            assert journal.read_bytes() == whole


def test_a_journal_with_a_wrong_line_in_its_middle_is_refused(folder: Path) -> None:
    _write(folder, *PLAN.chunks[:3])
    lines = (folder / JOURNAL_NAME).read_bytes().splitlines(keepends=True)
    lines[1] = b'{"chunk": 3}\n'
    (folder / JOURNAL_NAME).write_bytes(b"".join(lines))
    with pytest.raises(FormatError) as caught:
        open_results(folder)
    assert [(Path(p.file).name, p.line) for p in caught.value.problems] == [(JOURNAL_NAME, 2)]


def test_wrong_states_of_a_record_are_found(folder: Path) -> None:
    _write(folder, *PLAN.chunks)
    with FolderWriter(folder) as writer:
        writer.finish()
    manifest = (folder / "manifest.json").read_text()
    record = json.loads(manifest)["chunks"][1]["tables"]["draws"]
    assert record["states"] == {"variant": ["baseline"], "point_index": [1, 1], "step_index": [0, 0]}
    for states in ({"variant": ["winter"]}, {**record["states"], "point_index": [0, 0]}, {"variants": ["baseline"]}):
        changed = json.loads(manifest)
        changed["chunks"][1]["tables"]["draws"]["states"] = states
        (folder / "manifest.json").write_text(json.dumps(changed))
        assert [problem.key for problem in verify_results(folder).problems] == ["states"]


def test_files_of_other_states_are_left_alone(folder: Path) -> None:
    _write(folder, *PLAN.chunks)
    opened = open_results(folder)
    expected = [folder / "links" / f"{PLAN.chunks[4]}.parquet"]
    assert opened.paths("links", {"variant": "winter", "point_index": 4}) == expected
    assert opened.paths("links", {"variant": "baseline", "point_index": 4}) == []
    assert len(opened.paths("links", {"step_index": 0})) == len(opened.paths("links")) == 6
    assert len(opened.paths("waveforms", {"variant": "winter"})) == 6  # it does not tell states apart
    for path in opened.paths("links"):
        if path not in expected:
            path.write_bytes(b"x")
    assert opened.arrow("links", variant="winter", point=4).num_rows == 40


@pytest.mark.parametrize("kind", ["twice", "unplanned", "table"])
def test_a_journal_of_other_chunks_is_refused(folder: Path, kind: str) -> None:
    _write(folder, *PLAN.chunks[:2])
    line = json.loads((folder / JOURNAL_NAME).read_text().splitlines()[0])
    changes = {
        "twice": {},
        "unplanned": {"chunk": "other"},
        "table": {"tables": {"x": line["tables"]["links"]}},
    }
    with (folder / JOURNAL_NAME).open("a") as stream:
        stream.write(json.dumps({**line, **changes[kind]}) + "\n")
    with pytest.raises(FormatError, match=r"twice|'other'|'x'"):
        open_results(folder)


def test_what_a_dead_writer_left_is_not_there_and_goes(folder: Path) -> None:
    _write(folder, PLAN.chunks[0])
    left = [
        folder / "draws" / f"{PLAN.chunks[1]}.parquet",
        folder / "draws" / ".0123456789ab.part",
        folder / ".0123456789ab.part",
    ]
    for path in left:
        path.write_bytes(b"half")
    mine = folder / "notes.txt"
    mine.write_text("not the store's")
    assert open_results(folder).arrow("draws").num_rows == 40
    with FolderWriter(folder) as writer:
        writer.add(PLAN.chunks[1], _encode(PLAN.chunks[1]))
    assert [path.exists() for path in left] == [True, False, False]
    assert open_results(folder).arrow("draws").num_rows == 80
    assert mine.exists()


def test_a_chunk_whose_file_is_gone_is_done_again(folder: Path) -> None:
    with FolderWriter(folder) as writer:
        for chunk in PLAN.chunks:
            writer.add(chunk, _encode(chunk))
        writer.finish()
    manifest = (folder / "manifest.json").read_bytes()
    (folder / "links" / f"{PLAN.chunks[2]}.parquet").unlink()
    with FolderWriter(folder) as writer:
        assert not writer.complete
        assert writer.recorded == set(PLAN.chunks) - {PLAN.chunks[2]}
        assert not open_results(folder).manifest["complete"]
        writer.add(PLAN.chunks[2], _encode(PLAN.chunks[2]))
        writer.finish()
    assert (folder / "manifest.json").read_bytes() == manifest
    assert FolderWriter(folder).complete


def test_only_planned_chunks_are_added_and_once(folder: Path) -> None:
    with FolderWriter(folder) as writer:
        writer.add(PLAN.chunks[0], _encode(PLAN.chunks[0]))
        for chunk in (PLAN.chunks[0], "other"):
            with pytest.raises(ParameterError, match="chunk"):
                writer.add(chunk, _encode(PLAN.chunks[0]))
        with pytest.raises(ParameterError, match="5 chunks are not finished"):
            writer.finish()


@pytest.mark.parametrize("chunks", [["a/b"], [".."], [""], ["ä"], ["a", "A"], ["x" * 201], ["a\n"]])
def test_names_of_chunks_are_names_of_files(tmp_path: Path, chunks: list[str]) -> None:
    with pytest.raises(ParameterError, match="chunk"):
        create_folder(tmp_path / "run", {}, chunks, "")
    assert list(tmp_path.iterdir()) == []


def test_tables_are_those_of_the_schemas() -> None:
    table = PLAN.evaluate(PLAN.chunks[0])["draws"]
    with pytest.raises(ParameterError, match="no table 'prices'"):
        encode_tables({"prices": table})
    with pytest.raises(ParameterError, match="table 'steps' lacks"):
        encode_tables({"steps": table})
    assert encode_tables({"draws": Table({name: column[:0] for name, column in table.columns.items()})}) == {}


def test_every_float_column_ends_in_its_unit() -> None:
    floats = {name for schema in STORE_SCHEMAS.values() for name, kind in schema.items() if kind.startswith("float")}
    # Those of objectives are in the unit of whichever column is judged, which stands beside them.
    assert {name for name in floats if unit_of(name) is None} == {"found_value", "allowed_value"}


# Bytes


def test_the_order_of_a_list_of_texts_does_not_show() -> None:
    """Coded texts, the same coded otherwise, with texts that no row has or that are there twice, and plain ones."""
    schema = {"link": "str", "text": "str", "margin_db": "float64"}
    texts = np.array(["c", "a", "c", "b", "a"] * 3, dtype=object)
    margin = np.arange(15.0)
    lists: list[tuple[str, ...]] = [("a", "b", "c"), ("z", "c", "b", "a", "y"), ("c", "b", "a", "c")]
    found = {
        hashlib.sha256(encode_table(Table({"link": texts, "text": texts, "margin_db": margin}), schema).data).digest()
    }
    for known in lists:
        coded = CodedTexts(np.array([known.index(text) for text in texts], dtype=np.int32), known)
        if known.count("c") == 2:
            coded.codes[2] = 3
        table = Table(ColumnSet({"link": coded, "text": coded, "margin_db": margin}))
        found.add(hashlib.sha256(encode_table(table, schema).data).digest())
    assert len(found) == 1


def test_bytes_hold_no_clock_and_no_place() -> None:
    chunk = PLAN.chunks[3]
    first = _encode(chunk)
    assert first == encode_tables(PLAN.evaluate(chunk))
    for name, table in first.items():
        assert table.sha256 == hashlib.sha256(table.data).hexdigest()
        file = pq.ParquetFile(pa.BufferReader(table.data))
        assert file.schema_arrow.equals(arrow_schema(STORE_SCHEMAS[name]), check_metadata=True)
        assert set(file.schema_arrow.metadata or {}) == set()
        assert file.metadata.num_rows == table.rows == 40

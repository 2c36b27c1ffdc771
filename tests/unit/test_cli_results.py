"""``lightlane results``: what is inside, what was changed, answers in SQL, files for other programs."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import lightlane
from lightlane.cli import run_command as run_cli
from lightlane.results.records import Results
from lightlane.results.store import SINGLE_CHUNK

FILE = f"{SINGLE_CHUNK}.parquet"


@pytest.fixture(scope="module")
def whole(synthetic_results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lightlane.write_results(synthetic_results, tmp_path_factory.mktemp("results") / "run")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "run")


def _json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> object:
    assert run_cli(["results", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_show(whole: Path, capsys: pytest.CaptureFixture[str], synthetic_results: Results) -> None:
    summary = _json(capsys, "show", str(whole))
    assert isinstance(summary, dict)
    assert (summary["complete"], summary["chunks"], summary["chunks_planned"]) == (True, 1, 1)
    assert summary["variants"] == {"baseline": {"points": 1, "steps": 1}}
    assert summary["tables"]["links"]["rows"] == len(synthetic_results.links)
    assert run_cli(["results", "show", str(whole)]) == 0
    assert f"{len(synthetic_results.lanes):,}" in capsys.readouterr().out


def test_verify_of_a_whole_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / ".lock").touch()
    found = _json(capsys, "verify", str(folder))
    assert isinstance(found, dict)
    assert (found["problems"], found["files"], found["complete"]) == ([], 3, True)
    assert found["bytes"] == sum(path.stat().st_size for path in folder.glob("*/*"))


def test_verify_finds_every_change(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lanes = bytearray((folder / "lanes" / FILE).read_bytes())
    lanes[len(lanes) // 2] ^= 1
    (folder / "lanes" / FILE).write_bytes(lanes)
    (folder / "links" / FILE).write_bytes((folder / "links" / FILE).read_bytes() + b"x")
    (folder / "demands" / FILE).unlink()
    (folder / "links" / "other.parquet").write_bytes(b"x")
    found = _json(capsys, "verify", str(folder), code=1)
    assert isinstance(found, dict)
    assert [(Path(p["file"]).relative_to(folder).as_posix(), p["key"]) for p in found["problems"]] == [
        (f"lanes/{FILE}", "sha256"),
        (f"links/{FILE}", "bytes"),
        (f"demands/{FILE}", ""),
        ("links/other.parquet", ""),
    ]
    assert run_cli(["results", "verify", str(folder)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 5


def test_verify_finds_other_columns_and_rows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files and manifest agree, and yet are not what this version reads."""
    import hashlib

    path = folder / "links" / FILE
    table = pq.ParquetFile(path).read()
    changed = table.drop_columns(["module"]).set_column(0, "variant", table["channels"]).append_column("x", table["a"])
    pq.write_table(changed.slice(1), path)
    manifest = json.loads((folder / "manifest.json").read_text())
    entry = manifest["chunks"][0]["tables"]["links"]
    entry |= {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = _json(capsys, "verify", str(folder), code=1)
    assert isinstance(found, dict)
    assert [p["key"] for p in found["problems"]] == ["rows", "states", "variant", "module", "columns"]


def test_query(whole: Path, capsys: pytest.CaptureFixture[str], synthetic_results: Results) -> None:
    statuses = synthetic_results.links["status"].tolist()
    expected = [{"status": name, "n": statuses.count(name)} for name in sorted(set(statuses))]
    sql = "select status, count(*) as n from links group by status order by status"
    assert _json(capsys, "query", str(whole), sql) == expected
    assert run_cli(["results", "query", str(whole), sql, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [{"status": row["status"], "n": int(row["n"])} for row in rows] == expected
    assert run_cli(["results", "query", str(whole), sql]) == 0
    shown = capsys.readouterr().out.split()
    assert shown == ["status", "n", *(str(value) for row in expected for value in row.values())]


def test_query_joins_and_knows_every_table(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = (
        "select count(*) n from lanes join links using (variant, point_index, step_index, link) where lanes.osnr_db > 0"
    )
    (row,) = _json(capsys, "query", str(whole), sql)  # type: ignore[misc]
    assert row["n"] > 10
    for table in ("steps", "events", "points", "draws", "demand_draws", "waveforms"):
        assert _json(capsys, "query", str(whole), f"select * from {table}") == []


def test_query_of_values_that_json_has_not(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "select 'nan'::double a, 'inf'::double b, null c, date '2026-01-02' d, [1, 2] e, true f"
    assert _json(capsys, "query", str(whole), sql) == [
        {"a": None, "b": "inf", "c": None, "d": "2026-01-02", "e": [1, 2], "f": True}
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "selct 1",
        "",
        "select nothing from links",
        "select 1; select 2",
        "create table x as select 1",
        "drop view links",
        "copy links to '{out}'",
        "attach '{out}'",
        "select * from '{secret}'",
        "select * from read_csv('{secret}')",
        "select * from read_text('{secret}')",
        "select * from glob('*')",
        "set enable_external_access = true",
        "install httpfs",
        "select * from folder",
        "select cast('a' as int)",
    ],
)
def test_query_refuses(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], sql: str) -> None:
    secret, out = tmp_path / "secret.csv", tmp_path / "out"
    secret.write_text("a,b\n1,2\n")
    assert run_cli(["results", "query", str(whole), sql.format(secret=secret, out=out)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("error: SQL: ")
    assert len(told.err.splitlines()) == 1
    assert told.out == ""
    assert not out.exists()


def test_export(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], synthetic_results: Results) -> None:
    links = synthetic_results.links
    for name in ("links.csv", "links.parquet"):
        assert run_cli(["results", "export", str(whole), "links", "-o", str(tmp_path / name)]) == 0
    with (tmp_path / "links.csv").open(newline="", encoding="utf-8") as stream:
        assert [row["link"] for row in csv.DictReader(stream)] == links["link"].tolist()
    assert pq.ParquetFile(tmp_path / "links.parquet").read()["module"].to_pylist() == links["module"].tolist()
    for table, name, more in (
        ("links", "links.xlsx", ()),
        ("waveforms", "x.csv", ()),
        ("waveforms", "x.parquet", ("--variant", "a")),
        ("nothing", "x.csv", ()),
        ("links", "no/such/folder/x.csv", ()),
    ):
        assert run_cli(["results", "export", str(whole), table, "-o", str(tmp_path / name), *more]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["links.csv", "links.parquet"]


@pytest.mark.parametrize("command", [["show"], ["verify"], ["query"], ["export"]])
def test_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    more = {"query": ["select 1"], "export": ["links", "-o", str(tmp_path / "x.csv")]}.get(command[0], [])
    assert run_cli(["results", *command, str(tmp_path / "nothing"), *more]) == 2
    assert "no manifest.json" in capsys.readouterr().err

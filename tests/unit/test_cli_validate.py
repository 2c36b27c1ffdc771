"""The commands ``validate`` and ``schema``: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lightlane.cli.schema import command as schema_command
from lightlane.cli.validate import command as validate_command
from lightlane.errors import FormatError, ParameterError
from lightlane.schemas import FILE_KINDS, get_schema

DATA = Path(__file__).parents[1] / "data"
SOUND = (
    (DATA / "fabric_of_two.toml")
    .read_text(encoding="utf-8")
    .replace("plus-400g", "openzrplus-400g-ha")
    .replace("mux75", "mux-75ghz")
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a fabric of shipped parts, a scenario of it and own parts."""
    (tmp_path / "fabric.toml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "scenario.toml").write_text('format = 1\nname = "Now"\nfabric = "fabric.toml"\n')
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "own.toml").write_text((DATA / "parts" / "own.toml").read_text())
    return tmp_path


def find_problems(*arguments: Path | str) -> list[tuple[int, str]]:
    result = CliRunner().invoke(validate_command, [str(item) for item in arguments])
    assert isinstance(result.exception, FormatError), result.output
    return [(problem.line, problem.key) for problem in result.exception.problems]


def run_lightlane(*arguments: Path | str, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = "from lightlane.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1", "COLUMNS": "80"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_sound_files_are_summarized_on_standard_error(folder: Path) -> None:
    files = [folder / "fabric.toml", folder / "scenario.toml", folder / "parts" / "own.toml"]
    result = CliRunner().invoke(validate_command, [str(file) for file in files])
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{files[0]}: fabric with 2 sites, 1 duct, 1 link, 1 demand",
        f"{files[1]}: scenario 'Now' of a fabric with 2 sites, 1 duct, 1 link, 1 demand",
        f"{files[2]}: catalog file with 1 fiber",
    ]


def test_own_parts_are_found(folder: Path) -> None:
    file = folder / "own_fiber.toml"
    file.write_text(SOUND.replace('"g652d"', '"old-g652"'), encoding="utf-8")
    assert find_problems(file) == [(21, "duct[0].fiber")]
    for arguments in (["--catalog", str(folder / "parts")], [f"--catalog={folder / 'parts'}"]):
        assert CliRunner().invoke(validate_command, [str(file), *arguments]).exit_code == 0
    (folder / "scenario.toml").write_text(
        'format = 1\nname = "Now"\nfabric = "own_fiber.toml"\ncatalog = ["parts"]\n', encoding="utf-8"
    )
    assert CliRunner().invoke(validate_command, [str(folder / "scenario.toml")]).exit_code == 0


def test_a_part_file_may_stand_in_a_folder_that_is_named_too(folder: Path) -> None:
    result = CliRunner().invoke(
        validate_command, [str(folder / "parts" / "own.toml"), "--catalog", str(folder / "parts")]
    )
    assert result.exit_code == 0, result.output


def test_problems_of_all_files_come_at_once(folder: Path) -> None:
    problems = find_problems(
        DATA / "broken" / "zero_length.toml",
        folder / "fabric.toml",
        DATA / "broken" / "missing_equals.toml",
        DATA / "broken_parts" / "five_errors.toml",
        folder / "missing.toml",
    )
    assert problems == [
        (20, "duct[0].length_km"),
        (29, ""),
        (1, "fibre"),
        (4, "fiber.no-source.source"),
        (9, "fiber.no-source.pmd_ps_per_sqrt_km"),
        (11, "fiber.no-source.confidence"),
        (16, "amplifier.upside-down.gain_min_db"),
        (0, ""),
    ]


def test_problems_of_a_scenario_are_those_of_its_fabric_too(folder: Path) -> None:
    (folder / "fabric.toml").write_text(SOUND.replace('"g652d"', '"g652"'), encoding="utf-8")
    assert find_problems(folder / "scenario.toml", folder / "fabric.toml") == [(21, "duct[0].fiber")]


def test_parts_outside_a_toml_file_are_no_catalog(folder: Path) -> None:
    file = folder / "parts" / "own.txt"
    file.write_text((DATA / "parts" / "own.toml").read_text())
    assert find_problems(file) == [(0, "")]


def test_json_lists_the_problems_on_standard_output() -> None:
    file = DATA / "broken" / "unknown_role.toml"
    result = CliRunner().invoke(validate_command, [str(file), "--json"])
    assert result.exit_code == 2
    assert result.stderr == ""
    (problem,) = json.loads(result.stdout)
    message = problem.pop("message")
    assert problem == {
        "file": str(file),
        "line": 12,
        "key": "site[1].role",
        "found": "'egde' (did you mean 'edge'?)",
        "allowed": "'core', 'edge' or 'hut'",
    }
    assert message.startswith(f'{file}:12: site "Magdeburg".role: found ')


def test_json_of_sound_files_is_an_empty_list(folder: Path) -> None:
    result = CliRunner().invoke(validate_command, [str(folder / "fabric.toml"), "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


@pytest.mark.parametrize(
    ("name", "count"), [("five_errors", 5), ("wrong_encoding", 1), ("scenario_of_missing_fabric", 2)]
)
def test_the_program_ends_with_2_and_one_line_a_problem_and_writes_nothing(
    tmp_path: Path, name: str, count: int
) -> None:
    (tmp_path / "broken").mkdir()
    file = tmp_path / "broken" / f"{name}.toml"
    file.write_bytes((DATA / "broken" / f"{name}.toml").read_bytes())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    done = run_lightlane("validate", file, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sum(line.count(f"{file.name}:") for line in done.stderr.splitlines()) == count, done.stderr
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_the_program_ends_with_0_on_sound_files(folder: Path) -> None:
    done = run_lightlane("validate", "scenario.toml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")


def test_validate_needs_a_file() -> None:
    assert CliRunner().invoke(validate_command, []).exit_code == 2


def test_schema_prints_json(folder: Path) -> None:
    result = CliRunner().invoke(schema_command, ["fabric"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, get_schema("fabric"))


def test_schema_lists_the_kinds() -> None:
    listed = CliRunner().invoke(schema_command, []).stdout.split()
    assert listed[: len(FILE_KINDS)] == list(FILE_KINDS)
    assert json.loads(CliRunner().invoke(schema_command, ["--json"]).stdout) == listed


def test_schemas_are_written_to_a_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(schema_command, ["--write", str(tmp_path / "new" / "schemas")])
    assert result.exit_code == 0, result.output
    written: dict[str, Any] = {
        path.name: json.loads(path.read_text()) for path in (tmp_path / "new" / "schemas").iterdir()
    }
    assert written == {f"{kind}.schema.json": get_schema(kind) for kind in FILE_KINDS}


def test_what_schema_refuses(tmp_path: Path) -> None:
    assert isinstance(CliRunner().invoke(schema_command, ["fabrik"]).exception, ParameterError)
    assert isinstance(
        CliRunner().invoke(schema_command, ["fabric", "--write", str(tmp_path)]).exception, ParameterError
    )
    (tmp_path / "file").write_text("")
    below = str(tmp_path / "file" / "below")
    assert isinstance(CliRunner().invoke(schema_command, ["--write", below]).exception, ParameterError)

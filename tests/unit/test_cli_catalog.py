"""`lightlane catalog`: what it prints, as data where there is data and as content, not layout, where there is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lightlane.catalog.load import load_catalog
from lightlane.cli.catalog import FAMILY_NAMES, command
from lightlane.errors import FormatError, ParameterError

OWN = """\
[passive.own-connector]
name = "Own connector"
kind = "connector"
loss_db = 0.33
source = "measured in May"
confidence = "datasheet"
"""


def run(*arguments: str, columns: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(columns), "NO_COLOR": "1"}).invoke(command, arguments)


def test_families_are_those_of_the_catalog() -> None:
    assert tuple(load_catalog().families()) == FAMILY_NAMES


@pytest.mark.parametrize("columns", [80, 100, 130])
def test_list_fits_the_terminal_and_cuts_no_id(columns: int) -> None:
    result = run("list", columns=columns)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    first_words = {line.split()[0].rstrip("*") for line in lines if line.strip()}
    for parts in load_catalog().families().values():
        assert set(parts) <= first_words
    # An ellipsis stands inside a range; at the end of a word it would mean that something was cut.
    assert not re.search(r"…(\s|$)", result.stdout)


def test_list_of_one_kind_lists_no_other() -> None:
    result = run("list", "fecs")
    assert "ofec" in result.stdout
    assert "g652d" not in result.stdout


def test_list_as_json_is_the_catalog() -> None:
    content = json.loads(run("list", "--json").stdout)
    catalog = load_catalog()
    assert content.pop("sha256") == catalog.sha256
    assert {family: [part["id"] for part in parts] for family, parts in content.items()} == {
        family: list(parts) for family, parts in catalog.families().items()
    }


@pytest.mark.parametrize("part_id", [id_ for parts in load_catalog().families().values() for id_ in parts])
def test_show_names_every_field_or_says_that_it_is_not_known(part_id: str) -> None:
    result = run("show", part_id, columns=100)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 100
    words = " ".join(result.stdout.split())
    for _, part in load_catalog().find(part_id):
        assert part.name in words
        assert " ".join(part.source.split()) in words
        assert words.count("assumed") >= len(part.assumed)


def test_show_gives_units_points_and_assumptions() -> None:
    words = " ".join(run("show", "oif-800zr").stdout.split())
    assert "Symbol rate (GBd) 118.203" in words
    assert "Received power (dBm) -14 -11 1" in words
    assert "Required OSNR (dB) 28 27 27" in words
    assert "Overload (dBm): that of OpenROADM 800G 16QAM." in words


def test_show_as_json_has_module_and_mode() -> None:
    content = json.loads(run("show", "400gbase-fr4", "--json").stdout)
    assert [item["family"] for item in content] == ["modules", "modes"]
    assert content[1]["insertion_loss_max_db"] == 4.0


def test_show_of_an_unknown_part_names_near_ones() -> None:
    result = run("show", "openzrplus-400g-hc")
    assert isinstance(result.exception, ParameterError)
    assert "openzrplus-400g-ha" in str(result.exception)


def test_own_parts_are_shown(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    result = run("show", "own-connector", "--catalog", str(tmp_path), "--json")
    assert json.loads(result.stdout)[0]["loss_db"] == 0.33
    assert "own-connector" in run("list", "passives", "--catalog", str(tmp_path)).stdout


def test_broken_own_parts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace("0.33", "-0.33"))
    result = run("list", "--catalog", str(tmp_path))
    assert isinstance(result.exception, FormatError)
    assert [problem.line for problem in result.exception.problems] == [4]


def test_unknown_kind_is_a_usage_error() -> None:
    assert run("list", "cables").exit_code == 2

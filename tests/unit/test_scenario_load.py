"""Scenario files, and telling them from fabrics."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightlane.errors import FormatError
from lightlane.fabric.topology import Fabric
from lightlane.scenario.load import load_any, load_scenario
from lightlane.scenario.schema import Scenario

DATA = Path(__file__).parents[1] / "data"
FABRIC = (DATA / "fabric_of_two.toml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fabrics").mkdir()
    (tmp_path / "parts").mkdir()
    (tmp_path / "fabrics" / "two.toml").write_text(FABRIC, encoding="utf-8")
    (tmp_path / "run.toml").write_text('format = 1\nname = "run"\nfabric = "fabrics/two.toml"\ncatalog = ["parts"]\n')
    return tmp_path


def test_paths_are_seen_from_the_scenario_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "parts")
    scenario = load_scenario(folder / "run.toml")
    assert Path(scenario.fabric) == folder / "fabrics" / "two.toml"
    assert [Path(name) for name in scenario.catalog] == [folder / "parts"]
    relative = load_scenario(Path("..") / "run.toml")
    assert Path(relative.fabric).resolve() == folder / "fabrics" / "two.toml"


def test_an_absolute_path_stays(folder: Path) -> None:
    fabric = folder / "fabrics" / "two.toml"
    (folder / "run.toml").write_text(f"format = 1\nname = 'run'\nfabric = '{fabric}'\n")
    assert Path(load_scenario(folder / "run.toml").fabric) == fabric


def test_defaults_say_what_a_run_is(folder: Path) -> None:
    scenario = load_scenario(folder / "run.toml")
    assert (scenario.seed, scenario.fidelity, scenario.wanted_margin_db, scenario.fiber_limits) == (
        0,
        "budget",
        None,
        False,
    )


def test_content_decides_what_a_file_is(folder: Path) -> None:
    assert isinstance(load_any(folder / "run.toml"), Scenario)
    assert isinstance(load_any(folder / "fabrics" / "two.toml"), Fabric)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("format = 1\nname = 'x'\nseed = 3\n", {""}),
        ("format = 1\nname = 'x'\n[[demand]]\nfrom = 'y'\n", {"demand[0].to", "demand[0].rate_gbps"}),
        ("seed = 3\n[[demand]]\nrate_gbps = 1\n", {"format", "seed", "demand[0].from", "demand[0].to"}),
    ],
    ids=["scenario", "fabric", "fabric-with-seed"],
)  # fmt: skip
def test_a_file_that_is_neither_is_judged_as_what_it_is_nearer_to(tmp_path: Path, text: str, keys: set[str]) -> None:
    path = tmp_path / "file.toml"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        load_any(path)
    assert {problem.key for problem in caught.value.problems} == keys


def test_a_folder_is_no_fabric_file(folder: Path) -> None:
    (folder / "run.toml").write_text("format = 1\nname = 'run'\nfabric = 'fabrics'\n")
    with pytest.raises(FormatError) as caught:
        load_scenario(folder / "run.toml")
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [(3, "fabric")]

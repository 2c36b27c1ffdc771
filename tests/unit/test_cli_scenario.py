"""A scenario from the command line: run, resume, check, diff, report; and what is wrong with it, said by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lightlane.cli import group, run_command

FABRIC = """\
format = 1
[[site]]
name = "A"
role = "core"
latitude_deg = 50.0
longitude_deg = 8.0
[[site]]
name = "B"
role = "edge"
latitude_deg = 50.1
longitude_deg = 8.1
[[duct]]
name = "ab"
a = "A"
b = "B"
length_km = 8.0
fiber = "g652d"
[[link]]
name = "only"
a = "A"
b = "B"
module = "400g-lr4-10"
ducts = ["ab"]
[[demand]]
from = "A"
to = "B"
rate_gbps = 100
"""
SCENARIO = """\
format = 1
name = "a cut"
fabric = "fabric.toml"
[objectives]
demands_blocked_count = 0
[[event]]
kind = "fiber_cut"
start_days = 3
end_days = 4
duct = "ab"
[[variant]]
name = "dirty"
conditions = { connector_loss_db = 0.5 }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("scenario")
    (place / "fabric.toml").write_text(FABRIC)
    (place / "scenario.toml").write_text(SCENARIO)
    done = CliRunner().invoke(group, ["run", str(place / "scenario.toml"), "-o", str(place / "run"), "--json"])
    assert done.exit_code == 0, done.output
    (place / "summary.json").write_text(done.stdout)
    return place


def test_the_summary_counts_states_and_broken_objectives(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["variants"], summary["states"]) == (2, 6)
    assert summary["links"]["up"] == 1
    assert summary["over_all_states"]["most_links_down"] == 1
    assert summary["objectives"] == {"judged": 6, "broken": {"demands_blocked_count": 2}}


def test_check_answers_no_and_resume_does_nothing_twice(folder: Path) -> None:
    arguments = ["run", str(folder / "scenario.toml"), "-o", str(folder / "run"), "--resume", "--check"]
    done = CliRunner().invoke(group, arguments, standalone_mode=False)
    assert done.return_value == 1
    assert "this run is complete: nothing to do" in done.stderr
    assert "broken: demands_blocked_count at 2 of 6" in " ".join(done.stderr.split())


def test_variants_differ_by_their_dirt(folder: Path) -> None:
    done = CliRunner().invoke(
        group, ["results", "diff", str(folder / "run"), "--variant", "baseline", "dirty", "--json"]
    )
    (link,) = json.loads(done.stdout)["links"]
    assert link["margin_change_db"] == pytest.approx(-1.0, abs=0.1)
    same = CliRunner().invoke(
        group, ["results", "diff", str(folder / "run"), "--step", "0", "2", "--check"], standalone_mode=False
    )
    assert same.return_value == 0
    assert "the same: 1 links, 1 demands" in same.stdout


def test_the_report_comes_with_its_figures_as_files(folder: Path, tmp_path: Path) -> None:
    flags = [item for kind in ("svg", "png-figures", "pdf") for item in (f"--{kind}", str(tmp_path / kind))]
    arguments = ["report", str(folder / "run"), "-o", str(tmp_path / "r.html"), *flags, "--json"]
    written = json.loads(CliRunner().invoke(group, arguments).stdout)["written"]
    names = {Path(name).name for name in written}
    assert {"timeline-baseline.svg", "timeline-dirty.pdf", "map.png", "r.html"} <= names
    assert all(Path(name).stat().st_size > 1000 for name in written)


def test_a_study_is_no_run_and_a_run_no_study(folder: Path, tmp_path: Path) -> None:
    study = CliRunner().invoke(group, ["study", "failures", str(folder / "fabric.toml"), "-o", str(tmp_path / "s")])
    assert study.exit_code == 0, study.output
    page = tmp_path / "r.html"
    done = CliRunner().invoke(group, ["report", str(folder / "run"), "-o", str(page), "--study", str(tmp_path / "s")])
    assert done.exit_code == 0, done.output
    assert '<section id="studies">' in page.read_text(encoding="utf-8")
    for arguments in (
        ["report", str(tmp_path / "s"), "-o", str(tmp_path / "x.html")],
        ["report", str(folder / "run"), "-o", str(tmp_path / "x.html"), "--study", str(folder / "run")],
    ):
        assert CliRunner().invoke(group, arguments).exit_code == 1
    assert not (tmp_path / "x.html").exists()


def test_all_that_does_not_hold_is_named_by_line(folder: Path) -> None:
    text = SCENARIO.replace('duct = "ab"', 'duct = "abc"') + '[[sweep]]\nfield = "link.only.chanels"\nvalues = [1]\n'
    (folder / "bad.toml").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        told: list[str] = []
        patch.setattr("click.echo", lambda text, **_: told.append(text))
        assert run_command(["validate", str(folder / "bad.toml")]) == 2
    assert [line.split("bad.toml:")[1].split(":")[0] for line in told] == ["10", "15"]
    assert "did you mean 'ab'?" in told[0]
    assert "did you mean 'channels'?" in told[1]

"""A scenario that asks for simulated links: refused by line where it is wrong, kept whole, shown beside the budget."""

from __future__ import annotations

import itertools
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from lightlane.cli.report import command as report_command
from lightlane.cli.run import command as run_command
from lightlane.cli.validate import command as validate_command
from lightlane.engine import run
from lightlane.errors import FormatError, ParameterError
from lightlane.lane.waveform.direct.picture import LEVELS_COUNT
from lightlane.lane.waveform.settings import SYMBOLS_MAX, SYMBOLS_MIN, WaveformSettings
from lightlane.plots import plot_direct_waveform, plot_waveform
from lightlane.report import render_report
from lightlane.report.waveforms import Q_AGREEMENT_DB, compare_direct_models, compare_models
from lightlane.results.direct_columns import DIRECT_WAVEFORM_COLUMNS
from lightlane.results.direct_waveforms import read_direct_picture
from lightlane.results.records import WAVEFORM_COLUMNS, Results, build_table
from lightlane.results.store import SINGLE_CHUNK, read_results, write_results
from lightlane.results.waveforms import read_picture
from lightlane.scenario.load import load_scenario
from lightlane.scenario.waveform import Waveform

EXAMPLE = Path(__file__).parents[2] / "examples" / "06_simulated_links"
FILE = f"{SINGLE_CHUNK}.parquet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("fabric.toml", "scenario.toml"):
        shutil.copy(EXAMPLE / name, tmp_path / name)
    return tmp_path


@pytest.fixture(scope="module")
def results() -> Results:
    scenario = load_scenario(EXAMPLE / "scenario.toml")
    assert scenario.waveform is not None
    small = scenario.waveform.model_copy(update={"symbols_count": 8192, "neighbors_count": 0})
    return run(scenario.model_copy(update={"waveform": small}))


def change(folder: Path, old: str, new: str) -> Path:
    path = folder / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ('"campus-north-1"', '"campus-nort-1"', 8, "waveform.links[0]", "campus-north-1"),
        ("neighbors_count = 1", "lanes = [1]", 10, "waveform.lanes[0]", "direct-detect links"),
        ('["campus-north-1"]', '["campus-north-1", "campus-north-1"]', 8, "waveform.links[1]", "again"),
        ('["campus-north-1"]', "[]", 8, "waveform.links", "at least"),
        ("symbols_count = 16384", "symbols_count = 16000", 9, "waveform.symbols_count", "16384"),
        ("neighbors_count = 1", "neighbors_count = 9", 10, "waveform.neighbors_count", "8"),
        ("neighbors_count = 1", "channels = [0, 4]", 10, "waveform.channels[1]", "0 to 3"),
        ("neighbors_count = 1", "channels = [2, 2]", 10, "waveform.channels[1]", "again"),
        ('precision = "f32"', 'precision = "f16"', 11, "waveform.precision", "f64"),
        ('precision = "f32"', "seed = -1", 11, "waveform.seed", "0"),
        ('precision = "f32"', "symbols = 3", 11, "waveform.symbols", "symbols_count"),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_key(
    folder: Path, old: str, new: str, line: int, key: str, words: str
) -> None:
    path = change(folder, old, new)
    with pytest.raises(FormatError) as caught:
        run(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.key) == (str(path), line, key)
    assert words in problem.found + problem.allowed
    for command, arguments in ((validate_command, [str(path)]), (run_command, [str(path), "-o", str(folder / "out")])):
        done = CliRunner().invoke(command, arguments)
        assert isinstance(done.exception, FormatError)
        assert done.exception.problems == caught.value.problems
    assert not (folder / "out").exists()


def test_a_scenario_without_a_file_is_refused_too() -> None:
    scenario = load_scenario(EXAMPLE / "scenario.toml")
    with pytest.raises(ParameterError, match=r"waveform\.links\[0\]"):
        run(scenario.model_copy(update={"waveform": Waveform(links=("nowhere",))}))


def test_blocks_are_those_that_the_simulation_takes() -> None:
    allowed = Waveform.model_fields["symbols_count"].annotation.__args__  # type: ignore[union-attr]
    assert allowed[0] == SYMBOLS_MIN
    assert allowed[-1] == SYMBOLS_MAX
    assert [after / before for before, after in itertools.pairwise(allowed)] == [2.0] * (len(allowed) - 1)
    plain = Waveform(links=("x",))
    assert plain.settings(3) == WaveformSettings(seed=3)
    assert plain.model_copy(update={"seed": 5}).settings(3).seed == 5
    lit = Waveform(links=("x",), lanes_together=True, zero_dispersion_nm=1310.0).settings(3)
    assert (lit.lanes_together, lit.zero_dispersion_nm) == (True, 1310.0)


def test_results_keep_what_the_figures_need(results: Results, tmp_path: Path) -> None:
    folder = write_results(results, tmp_path / "run")
    again = read_results(folder)
    assert list(again.waveforms.columns) == list(WAVEFORM_COLUMNS)
    for before, after in zip(results.waveforms.rows(), again.waveforms.rows(), strict=True):
        for name, value in before.items():
            np.testing.assert_array_equal(np.asarray(after[name]), np.asarray(value), err_msg=name)
        picture = read_picture(after)
        assert picture is not None
        # What is counted by place are the symbols that were measured, all of them within reach or all but a few.
        assert picture.density_count.sum() > 0.99 * 2 * 7000
        assert picture.taps.shape == (2, 2, 25)
        assert picture.path_km[-1] == 76.0
        assert picture.level_dbm[-1] == pytest.approx(-8.0, abs=0.5)
    schema = pq.read_schema(folder / "waveforms" / FILE)
    assert schema.field("offset_ghz").metadata[b"label"] == b"Offset (GHz)"
    assert (folder / "waveforms" / FILE).stat().st_size < 150_000
    assert again.manifest["waveform"]["seed"] == 7


def test_a_changed_table_is_refused(results: Results, tmp_path: Path) -> None:
    folder = write_results(results, tmp_path / "run")
    path = folder / "waveforms" / FILE
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(FormatError, match="Parquet"):
        read_results(folder)
    path.unlink()
    with pytest.raises(FormatError, match="No such file"):
        read_results(folder)


def test_both_models_stand_beside_each_other(results: Results) -> None:
    budget = {
        (row["direction"], row["channel_index"]): row for row in results.lanes.rows() if row["link"] == "campus-north-1"
    }
    rows = results.waveforms.rows()
    assert [row["direction"] for row in rows] == ["a_to_b", "b_to_a"]
    for row in rows:
        same = budget[row["direction"], row["channel_index"]]
        assert row["budget_q_db"] == same["q_db"]
        assert row["budget_margin_db"] == same["margin_db"]
        least = min(lane["margin_db"] for lane in budget.values() if lane["direction"] == row["direction"])
        assert same["margin_db"] == least
    text = render_report(results)
    assert text.count('<article class="waveform">') == 2
    assert 'id="waveform"' in text
    assert f"{rows[0]['q_db']:.2f}" in text
    assert all(href.startswith(("#", "data:")) for href in re.findall(r'href="([^"]*)"', text))
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))


def test_a_run_without_simulated_lanes_has_neither_table_nor_section(
    synthetic_results: Results, tmp_path: Path
) -> None:
    folder = write_results(synthetic_results, tmp_path / "run")
    assert not (folder / "waveforms").exists()
    assert len(read_results(folder).waveforms) == 0
    assert "Simulated lanes" not in render_report(synthetic_results)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"q_db": 8.0, "budget_q_db": 8.0 + 0.9 * Q_AGREEMENT_DB}, ["agree", "below"]),
        ({"q_db": 8.0, "budget_q_db": 8.0 - 1.1 * Q_AGREEMENT_DB}, ["disagree", "above"]),
        ({"status": "degraded", "budget_status": "up"}, ["verdicts differ"]),
        ({"bit_errors_count": 3}, ["Only 3 errors"]),
        ({"unknown_because": "no such figure", "q_db": float("nan")}, ["Not simulated: no such figure"]),
        (
            {"q_db": float("nan"), "status": "down", "blocked_by": "the receiver does not lock onto the lane"},
            ["disagree", "does not lock"],
        ),
        ({"outside_domain": "the hardware alone makes noise"}, ["the hardware alone"]),
    ],
)
def test_agreement_is_said_in_words(results: Results, changes: dict[str, object], words: list[str]) -> None:
    columns = {name: results.waveforms[name][:1].copy() for name in WAVEFORM_COLUMNS}
    # So few symbols leave Q open by more than the models may differ.
    for name, value in ({"q_db": columns["budget_q_db"][0]} | changes).items():
        columns[name][0] = value
    said = " ".join(compare_models(build_table(WAVEFORM_COLUMNS, columns).rows()[0]))
    assert all(word in said for word in words), said
    assert ("disagree" in said) == ("disagree" in words)


def test_a_lane_that_cannot_be_simulated_keeps_no_other_from_it(results: Results) -> None:
    # The block would be too long with eight neighbors.
    scenario = load_scenario(EXAMPLE / "scenario.toml")
    waveform = Waveform(links=("campus-north-1",), symbols_count=SYMBOLS_MAX, neighbors_count=8)
    found = run(scenario.model_copy(update={"waveform": waveform}))
    rows = found.waveforms.rows()
    assert [row["status"] for row in rows] == ["unknown", "unknown"]
    assert "symbols_count" in rows[0]["unknown_because"]
    assert read_picture(rows[0]) is None
    assert "Not simulated: symbols_count" in render_report(replace(results, waveforms=found.waveforms))


def test_figures_come_as_files(results: Results, tmp_path: Path) -> None:
    write_results(results, tmp_path / "run")
    arguments = [str(tmp_path / "run"), "-o", str(tmp_path / "r.html"), "--svg", str(tmp_path / "svg")]
    done = CliRunner().invoke(report_command, arguments)
    assert done.exit_code == 0, done.output
    assert {"waveform-1.svg", "waveform-2.svg"} <= {path.name for path in (tmp_path / "svg").iterdir()}
    picture = read_picture(results.waveforms.rows()[0])
    assert picture is not None
    labels = {axes.get_title(loc="left") for axes in plot_waveform(picture).axes}
    assert {"Spectra", "Along the path", "Equalizer"} <= labels


@pytest.fixture(scope="module")
def direct_results() -> Results:
    scenario = load_scenario(EXAMPLE / "scenario.toml")
    waveform = Waveform(links=("campus-east-1", "campus-north-1"), lanes=(1,), symbols_count=8192, neighbors_count=0)
    return run(scenario.model_copy(update={"waveform": waveform}))


def test_direct_lanes_are_simulated_kept_and_drawn(direct_results: Results, tmp_path: Path) -> None:
    table = direct_results.direct_waveforms
    assert table["lane"].tolist() == [1, 1]
    assert len(direct_results.waveforms) == 2
    again = read_results(write_results(direct_results, tmp_path / "run"))
    assert list(again.direct_waveforms.columns) == list(DIRECT_WAVEFORM_COLUMNS)
    for before, after in zip(table.rows(), again.direct_waveforms.rows(), strict=True):
        assert after["sensitivity_oma_dbm"] == before["sensitivity_oma_dbm"]
        picture = read_direct_picture(after)
        assert picture is not None
        assert picture.received.count.shape == (LEVELS_COUNT, 128)
        assert picture.histogram_count.sum() == 8192
        assert picture.bathtub_symbol_error_ratio.min() < 1e-6
        assert plot_direct_waveform(picture).axes
    page = render_report(again)
    assert "lane 1 of module pair 0" in page
    assert "Bathtub" in page
    assert "The models agree: by waveform it needs" in page


def test_direct_models_that_part_are_said_to() -> None:
    row = {
        "unknown_because": "", "budget_sensitivity_oma_dbm": -6.0, "sensitivity_oma_dbm": -4.0, "status": "up",
        "budget_status": "up", "symbol_error_ratio": 1e-9, "bit_errors_count": 0, "bits_count": 16384,
        "outside_domain": "", "blocked_by": "", "budget_margin_db": 2.0,
    }  # fmt: skip
    assert compare_direct_models(row)[0].startswith("The models disagree: by waveform it needs 2.00 dB more light")
    assert "Not simulated: no figure" in compare_direct_models({**row, "unknown_because": "no figure"})[0]
    closed = {**row, "sensitivity_oma_dbm": None, "status": "down", "blocked_by": "a closed eye"}
    assert compare_direct_models(closed)[0].startswith("By waveform the lane is down: a closed eye")

"""Surrogate tables of a user's own: a grid file, its refusals, and evaluations that read what was built."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lightlane.cli.link import command as link_command
from lightlane.cli.surrogate import command
from lightlane.engine import run
from lightlane.errors import FormatError, ParameterError
from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.budget import evaluate_link
from lightlane.lane.options import BudgetOptions
from lightlane.lane.surrogate.choose import hash_surrogates, surrogates_of
from lightlane.lane.surrogate.grid_file import load_grids
from lightlane.lane.surrogate.runs import RunPoint, RunTarget, run_point, run_symbols
from lightlane.link import Link
from lightlane.scenario.load import load_scenario

GRID = """format = 1
[[table]]
name = "slow"
equalizer = "ffe5"
target_ser_ratio = 4.8e-4
bandwidth_ratio = [0.4, 0.45, 0.49]
dispersion_range_ratio = [-0.2, 0.2]
dispersion_step_ratio = 0.2
chirp_alpha = [0.0, 0.25, 0.5]
extinction_ratio_db = [4.0, 5.0, 6.0]
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build one tiny table by the command."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "grid.toml").write_text(GRID)
    options = ["build", "--grid", str(folder / "grid.toml"), "-o", str(folder / "tables")]
    done = CliRunner().invoke(command, [*options, "--symbols", "1024", "--held-out", "2"])
    assert done.exit_code == 0, done.output
    return folder / "tables"


def _slow_link(length_km: float = 0.5) -> Link:
    """Return a link whose transmitter is slower than any that the shipped tables hold."""
    link = point_to_point("400gbase-fr4", length_km)
    figures = {"eo_bandwidth_ghz": 0.45 * 53.125, "chirp_alpha": 0.25, "extinction_ratio_min_db": 5.0}
    return replace(link, mode=link.mode.model_copy(update=figures))


def test_a_link_outside_of_the_shipped_tables_is_served_by_an_own_one(tables: Path) -> None:
    link = _slow_link()
    shipped = evaluate_link(link, fidelity="surrogate")
    assert all(lane.status == "unknown" for lane in shipped.lanes)
    options = BudgetOptions(surrogate_folder=str(tables))
    own = evaluate_link(link, fidelity="surrogate", options=options)
    assert all(lane.status in ("up", "degraded") for lane in own.lanes)
    # TECQ by a run of its own: the table's place is one of its values, the run's symbols are the same.
    point = RunPoint(dispersion_ratio=0.0, chirp_alpha=0.25, bandwidth_ratio=0.45, extinction_ratio_db=5.0)
    noise_ratio = run_point(point, RunTarget("ffe5", 4.8e-4), run_symbols(1024, 1)).noise_ratio
    known_db = -10.0 * np.log10(6.0 * 3.414 * noise_ratio)
    bare = replace(link, mode=link.mode.model_copy(update={"rin_db_per_hz": None, "rin_oma_max_db_per_hz": None}))
    found = evaluate_link(bare, fidelity="surrogate", options=options).lanes[0]
    assert found.tecq_db == pytest.approx(known_db, abs=0.02)


def test_modes_that_an_own_table_does_not_hold_keep_the_shipped_ones(tables: Path) -> None:
    link = point_to_point("400gbase-fr4", 0.5)
    options = BudgetOptions(surrogate_folder=str(tables), fidelity="surrogate")
    assert next(item.name for item in surrogates_of(options)) == "slow"
    shipped, own = (evaluate_link(link, fidelity="surrogate", options=some) for some in (BudgetOptions(), options))
    for one, other in zip(own.lanes, shipped.lanes, strict=True):
        assert (one.tdecq_db, one.margin_db, one.pre_fec_ber) == (other.tdecq_db, other.margin_db, other.pre_fec_ber)


def test_tables_that_change_are_read_anew_and_hashed(tables: Path, tmp_path: Path) -> None:
    options = BudgetOptions(surrogate_folder=str(tmp_path), fidelity="surrogate")
    with pytest.raises(ParameterError, match="holds no surrogate"):
        surrogates_of(options)
    content = (tables / "slow.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content)
    assert len(surrogates_of(options)) == 4
    first = hash_surrogates(options)
    (tmp_path / "b.parquet").write_bytes(content)
    assert len(surrogates_of(options)) == 5
    assert hash_surrogates(options) != first
    (tmp_path / "b.parquet").write_bytes(content[:100])
    with pytest.raises(FormatError, match="Parquet"):
        surrogates_of(options)


def test_a_scenario_names_its_tables(tables: Path, tmp_path: Path) -> None:
    (tmp_path / "fabric.toml").write_text(
        """format = 1
[[site]]
name = "A"
role = "core"
latitude_deg = 52.5
longitude_deg = 13.4
[[site]]
name = "B"
role = "edge"
latitude_deg = 52.505
longitude_deg = 13.4
[[duct]]
name = "d"
a = "A"
b = "B"
length_km = 1.0
fiber = "g652d"
[[link]]
name = "l"
a = "A"
b = "B"
module = "400gbase-fr4"
ducts = ["d"]
"""
    )
    text = f'format = 1\nname = "s"\nfabric = "fabric.toml"\nfidelity = "surrogate"\nsurrogate_folder = "{tables}"\n'
    (tmp_path / "s.toml").write_text(text)
    run(load_scenario(tmp_path / "s.toml"), tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [item["name"] for item in manifest["surrogates"]][:2] == ["slow", "ffe15_dfe1"]
    assert len(manifest["surrogates_sha256"]) == 64
    for change, message in (
        (("surrogate_folder = ", 'surrogate_folder = "x'), "a folder of `lightlane surrogate build`"),
        (('fidelity = "surrogate"', 'fidelity = "budget"'), 'fidelity = "surrogate" with it'),
    ):
        wrong = text.replace(*change) if change[0] != "surrogate_folder = " else text.replace(str(tables), "nowhere")
        (tmp_path / "s.toml").write_text(wrong)
        with pytest.raises(FormatError, match=message):
            load_scenario(tmp_path / "s.toml")


def test_the_command_line_takes_tables(tables: Path) -> None:
    given = ["400gbase-fr4", "--length-km", "0.5", "--surrogates", str(tables), "--json"]
    done = CliRunner().invoke(link_command, [*given, "--fidelity", "surrogate"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["fidelity"] == "surrogate"
    refused = CliRunner().invoke(link_command, given)
    assert refused.exit_code == 2
    assert "--surrogates is for --fidelity surrogate" in refused.output


@pytest.mark.parametrize(
    ("line", "wrong", "message"),
    [
        ("bandwidth_ratio = [0.4, 0.45, 0.49]", "bandwidth_ratio = [0.4, 0.45]", "3 to 200 numbers that rise"),
        ("chirp_alpha = [0.0, 0.25, 0.5]", "chirp_alpha = [0.0, 0.5, 0.25]", "3 to 200 numbers that rise"),
        ("dispersion_step_ratio = 0.2", "dispersion_step_ratio = 0.15", "multiples of dispersion_step_ratio"),
        ("dispersion_range_ratio = [-0.2, 0.2]", "dispersion_range_ratio = [0.2, 0.4]", "0"),
        ('equalizer = "ffe5"', 'equalizer = "ffe7"', "ffe15_dfe1"),
        ('name = "slow"', 'name = "../slow"', "name"),
        ("format = 1", "format = 2", "format"),
    ],
)
def test_grid_files_that_cannot_be_built_are_refused(tmp_path: Path, line: str, wrong: str, message: str) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(GRID.replace(line, wrong))
    with pytest.raises(FormatError, match=message):
        load_grids(path)


def test_each_table_has_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(GRID + GRID.removeprefix("format = 1\n"))
    with pytest.raises(FormatError, match="each name once"):
        load_grids(path)

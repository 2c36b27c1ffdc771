from __future__ import annotations

import json
import math
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import lightlane.fec_waterfall
from lightlane.catalog.load import SHIPPED_FOLDER
from lightlane.cli.fec import command
from lightlane.errors import FormatError, ParameterError
from lightlane.fec_tables import describe_source, update_tables
from lightlane.fec_waterfall import load_waterfall, run_waterfall, save_waterfall
from lightlane.kernels import FecCounts, count_fec_errors, kp4_post_fec_ber


def run(*arguments: object) -> tuple[str, str]:
    result = CliRunner().invoke(command, [str(item) for item in arguments], catch_exceptions=True)
    if result.exception is not None:
        raise result.exception
    return result.stdout, result.stderr


def test_codes_are_listed() -> None:
    assert "bch-126-110" in run("codes")[0]
    names = {code["name"] for code in json.loads(run("codes", "--json")[0])}
    assert {"kp4", "hamming-128-120", "hamming-128-120-kp4", "bch-126-110", "bch-126-110-kp4"} <= names


def test_a_waterfall_has_counts_intervals_and_says_what_is_not_counted(tmp_path: Path) -> None:
    output, plot = tmp_path / "kp4.json", tmp_path / "kp4.svg"
    points = ("--points", "2.4e-4,2.4e-3", "--frames-max", 3000, "--errors", 100)
    stdout, stderr = run("waterfall", "kp4", *points, "-o", output, "--plot", plot, "--json")
    low, high = json.loads(stdout)["points"]
    assert low["basis"] == "exact"
    assert low["ratio"] == pytest.approx(float(kp4_post_fec_ber(2.4e-4)))
    assert high["basis"] == "counted"
    assert high["low_ratio"] < float(kp4_post_fec_ber(2.4e-3)) < high["high_ratio"]
    assert "exact formula" in stderr
    assert plot.read_text().startswith("<?xml")
    assert json.loads(output.read_text()) == json.loads(stdout)


def test_a_stopped_run_goes_on_to_the_same_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--points", "2e-3,3e-3", "--frames-max", 9000, "--errors", 10_000_000, "--seed", 4)
    whole, parts = tmp_path / "whole.json", tmp_path / "parts.json"
    run("waterfall", "kp4", *arguments, "-o", whole)
    calls = 0

    def stop_later(*items: Any, **named: Any) -> FecCounts:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return count_fec_errors(*items, **named)

    monkeypatch.setattr(lightlane.fec_waterfall, "count_fec_errors", stop_later)
    with pytest.raises(SystemExit):
        run("waterfall", "kp4", *arguments, "-o", parts)
    (kept,) = load_waterfall(parts).points
    assert kept.get_counts().frames_count == 8192
    run("waterfall", "kp4", *arguments, "-o", parts, "--resume")
    assert parts.read_text() == whole.read_text()


def test_points_go_on_along_the_line_of_the_lowest_counted_ones() -> None:
    found = run_waterfall("bch-126-110", [1e-3, 1.5e-2, 2e-2], frames_max_count=3000, errors_wanted_count=20)
    far, low, high = found.points
    assert [point.basis for point in found.points] == ["extrapolated", "counted", "counted"]
    assert low.ratio
    assert high.ratio
    assert far.ratio
    exponent = math.log(high.ratio / low.ratio) / math.log(high.pre_fec_ber / low.pre_fec_ber)
    assert low.ratio / far.ratio == pytest.approx((low.pre_fec_ber / far.pre_fec_ber) ** exponent)
    assert far.low_ratio is None
    alone = run_waterfall("bch-126-110", [1e-3], frames_max_count=100)
    assert (alone.points[0].basis, alone.points[0].ratio) == ("unknown", None)


def test_chains_take_their_tail_from_the_formula() -> None:
    (point,) = run_waterfall("bch-126-110-kp4", [1.1e-2], frames_max_count=4).points
    assert point.basis == "kp4_formula"
    assert point.low_ratio
    assert point.ratio
    assert point.high_ratio
    # 10-bit symbols wrong with 2.1e-3 leave some 1e-16 (docs: 2e-13 codewords); the interval spans decades there.
    assert 0 < point.low_ratio < point.ratio < point.high_ratio < 1e-10


def test_wrong_flags_and_files_are_refused(tmp_path: Path) -> None:
    output = tmp_path / "x.json"
    for arguments, text in (
        (("kp5",), "code is 'kp5'"),
        (("kp4", "--points", "a"), "--points is 'a'"),
        (("kp4", "--points", "0.5"), "points are"),
        (("kp4", "--resume"), "--output"),
        (("kp4", "--points", "1e-2", "--frames-max", 1, "--plot", tmp_path / "x.gif"), "--plot"),
    ):
        with pytest.raises(ParameterError, match=text):
            run("waterfall", *arguments)
    output.write_text("{")
    with pytest.raises(ParameterError, match="exists"):
        run("waterfall", "kp4", "-o", output)
    with pytest.raises(FormatError):
        run("waterfall", "kp4", "-o", output, "--resume")
    output.write_text('{"format": 2}')
    with pytest.raises(FormatError):
        run("waterfall", "kp4", "-o", output, "--resume")
    save_waterfall(run_waterfall("kp4", [3e-3], frames_max_count=1), output)
    with pytest.raises(ParameterError, match="seed 1"):
        run("waterfall", "kp4", "--points", "3e-3", "-o", output, "--resume", "--seed", 2)


def shipped() -> list[Path]:
    return sorted((SHIPPED_FOLDER.parent / "waterfalls").glob("*.json"))


def test_the_catalog_holds_what_the_shipped_mapping_files_say(tmp_path: Path) -> None:
    fecs = tmp_path / "fecs.toml"
    shutil.copy(SHIPPED_FOLDER / "fecs.toml", fecs)
    assert len(shipped()) >= 2
    run("tables", fecs, *shipped())
    assert fecs.read_text() == (SHIPPED_FOLDER / "fecs.toml").read_text()


def test_counts_of_the_shipped_mapping_files_come_again() -> None:
    for path in shipped():
        waterfall = load_waterfall(path)
        point = waterfall.points[-1]
        again = count_fec_errors(
            waterfall.code,
            pre_fec_ber=point.pre_fec_ber,
            frames_count=point.get_counts().frames_count,
            seed=waterfall.seed,
        )
        assert again == point.get_counts()


def test_tables_are_replaced_with_their_source(tmp_path: Path) -> None:
    fecs = tmp_path / "fecs.toml"
    shutil.copy(SHIPPED_FOLDER / "fecs.toml", fecs)
    found = run_waterfall("bch-126-110", [1.5e-2, 2e-2], frames_max_count=2000, errors_wanted_count=20)
    assert update_tables(fecs, [found]) == {"bch-126-110-kp4": 2}
    part = tomllib.loads(fecs.read_text())["fec"]["bch-126-110-kp4"]
    assert [x for x, _ in part["kp4_symbol_error_ratio_by_pre_fec_ber"]] == [1.5e-2, 2e-2]
    assert part["field_sources"]["kp4_symbol_error_ratio_by_pre_fec_ber"] == describe_source(found)
    kp4 = run_waterfall("kp4", [3e-3], frames_max_count=1)
    with pytest.raises(ParameterError, match="kp4"):
        update_tables(fecs, [kp4])
    with pytest.raises(ParameterError, match="no ratio"):
        update_tables(fecs, [run_waterfall("bch-126-110", [1e-3], frames_max_count=1)])

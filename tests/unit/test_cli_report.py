"""``lightlane report`` writes page and figures, and says what is wrong with a folder that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lightlane.cli.report import command
from lightlane.errors import FormatError, ParameterError
from lightlane.report import render_report
from lightlane.results.records import Results
from lightlane.results.store import write_results


@pytest.fixture
def run(synthetic_results: Results, tmp_path: Path) -> Path:
    return write_results(synthetic_results, tmp_path / "run")


def test_page_and_figures(run: Path, tmp_path: Path, synthetic_results: Results) -> None:
    page, png, svg = tmp_path / "report.html", tmp_path / "map.png", tmp_path / "figures"
    result = CliRunner().invoke(command, [str(run), "-o", str(page), "--png", str(png), "--svg", str(svg), "--json"])
    assert result.exit_code == 0, result.output
    written = [Path(name) for name in json.loads(result.stdout)["written"]]
    assert written == [page, png, *(svg / f"{name}.svg" for name in ("map", "margins", "demands", "bill"))]
    assert all(path.stat().st_size > 1000 for path in written)
    assert page.read_text(encoding="utf-8") == render_report(synthetic_results)
    assert png.read_bytes().startswith(b"\x89PNG")


def test_human_text_goes_to_standard_error(run: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(run), "-o", str(tmp_path / "report.html")])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "report.html" in result.stderr


def test_folder_without_results_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    result = CliRunner().invoke(command, [str(tmp_path), "-o", str(target)])
    assert isinstance(result.exception, FormatError)
    assert not target.exists()


def test_target_that_cannot_be_written_is_refused(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (
        ["-o", str(tmp_path / "file" / "x.html")],
        ["-o", str(tmp_path / "x.html"), "--svg", str(tmp_path / "file")],
    ):
        result = CliRunner().invoke(command, [str(run), *arguments])
        assert isinstance(result.exception, ParameterError)


def test_output_is_required(run: Path) -> None:
    result = CliRunner().invoke(command, [str(run)])
    assert result.exit_code == 2
    assert "--output" in result.stderr

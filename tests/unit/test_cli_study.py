"""``lightlane study``: answers for machines, exit codes, the folder, and one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lightlane.cli import run_command
from lightlane.results.folder import open_results
from lightlane.results.studies import STUDY_TABLES, read_study

EXAMPLES = Path(__file__).parents[2] / "examples"
RING = str(EXAMPLES / "07_studies" / "ring.toml")
SERVICES = str(EXAMPLES / "07_studies" / "services.toml")
METRO = str(EXAMPLES / "02_metro_fabric" / "metro.toml")

STUDIES = {
    "failures": ["failures", RING, "--dual", "--jobs", "1"],
    "availability": ["availability", RING, "--years", "500"],
    "upgrade": ["upgrade", METRO, "--keep-channels"],
    "placement": ["placement", RING, "--services", SERVICES, "--n-1"],
}


@pytest.mark.parametrize("kind", STUDIES)
def test_json_and_the_folder_say_the_same(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / kind
    assert run_command(["study", *STUDIES[kind], "--json", "-o", str(folder)]) == 0
    answer = json.loads(capsys.readouterr().out)
    table = open_results(folder).arrow(kind)
    assert table.column_names == list(STUDY_TABLES[kind])
    assert table.to_pylist() == answer[kind]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["summary"] == answer["summary"]
    assert manifest["study"] == kind
    assert manifest["complete"] is True
    assert read_study(folder).summary == answer["summary"]
    assert len(manifest["fabric_sha256"]) == 64
    # A folder that is there is replaced only when asked for, and is refused before the work.
    assert run_command(["study", *STUDIES[kind], "-o", str(folder)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert run_command(["study", *STUDIES[kind], "--json", "-o", str(folder), "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["failures", RING, "--check"], 1, "one failure: NOT SAFE"),
        (["failures", RING], 0, "risk group: bridge"),
        (["availability", RING, "--check"], 0, "3 of 3 demands meet it"),
        (["availability", RING, "--target", "0.99999999", "--check"], 1, "1 of 3 demands meet it"),
        (["upgrade", METRO, "--check"], 1, "1 broken"),
        (["placement", RING, "--services", SERVICES, "--check"], 0, "8 of 8 served"),
        (["placement", RING, "--services", SERVICES, "--n-1", "--check"], 1, "6 of 8 served"),
    ],
)
def test_answers_for_people(arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["study", *arguments]) == code
    assert words in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["failures", RING, "--no-single"], "neither single nor dual"),
        (["availability", RING, "--years", "0"], "simulated_years is 0.0"),
        (["availability", RING, "--target", "1"], "target_fraction is 1.0"),
        (["availability", RING, "--reliability", RING], "found nothing; allowed"),
        (["upgrade", METRO, "--module", "oif-400zr"], "allowed: OLD=NEW"),
        (["upgrade", METRO, "--module", "oif-400zr=800zr"], "800zr"),
        (["placement", RING, "--services", RING], "unknown key 'site'"),
        (["placement", RING], "--services"),
    ],
)
def test_wrong_input_is_one_message(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["study", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_risk_group_that_stands_for_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(RING).read_text("utf-8")
    file = tmp_path / "ring.toml"
    file.write_text(text.replace('"core-east"]\nshared_length_km = 2.0', '"core-eest"]\nshared_length_km = 50.0'))
    assert run_command(["study", "failures", str(file)]) == 2
    error = capsys.readouterr().err
    assert "did you mean 'core-east'" in error
    assert "allowed: at most the length of the shortest of its ducts, 36" in error
    file.write_text(text.replace("cut_rate_per_km_year = 0.004", "cut_rate_per_km_year = 0.004\nmtbf_h = 9000.0\n#"))
    assert run_command(["study", "failures", str(file)]) == 2
    assert "give cut_rate_per_km_year or mtbf_h and not both" in capsys.readouterr().err

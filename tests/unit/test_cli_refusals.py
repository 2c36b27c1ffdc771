"""What a user can get wrong at the command line ends in one line and the right exit code, never in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lightlane.cli import run_command

METRO = Path(__file__).parents[2] / "examples" / "02_metro_fabric" / "metro.toml"


@pytest.mark.parametrize(
    "arguments",
    [
        ["link", "oif-400zr", "--length-km", "20001"],
        ["link", "oif-400zr", "--length-km", "80", "--launch-power-dbm", "nan"],
        ["link", "oif-400zr", "--length-km", "80", "--launch-power-dbm", "50"],
        ["link", "oif-400zr", "--length-km", "80", "--span-launch-power-dbm", "inf"],
        ["link", "oif-400zr", "--length-km", "80", "--mux", ""],
        ["link", "openzrplus-400g-hb", "--length-km", "9", "--mux", "coupler-16", "--channels", "17"],
        ["link", "oif-400zr", "--length-km", "80", "--margin-db", "inf"],
        ["link", "oif-400zr", "--length-km", "80", "--dark", "--booster", "edfa-fixed-5.5"],
        ["link", "oif-400zr", "--length-km", "80", "--mode", "foo"],
        ["design", str(METRO), "-o", "x.toml", "--max-span-km", "1e-9"],
        ["design", str(METRO), "-o", "x.toml", "--margin-db", "nan"],
        ["run", str(METRO), "-o", "results", "--margin-db", "nan"],
        ["run", str(METRO), "-o", "results", "--seed", str(2**64)],
    ],
)
def test_one_line_and_exit_code_two(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_many_channels_are_designed_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["link", "oif-400zr", "--length-km", "80", "--channels", "16", "--json", "--check"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["channels"] == 16
    assert answer["status"] == "up"
    assert any(element["label"].startswith("mux") for element in answer["elements"])


def test_one_channel_wider_than_every_mux_is_amplified_without(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["link", "openroadm-800g-131", "--length-km", "80", "--json", "--check"]) == 0
    kinds = [element["kind"] for element in json.loads(capsys.readouterr().out)["elements"]]
    assert "amplifier" in kinds


def test_a_line_that_cannot_be_designed_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["link", "oif-400zr", "--length-km", "300", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "down"
    assert any("no line closes" in note for note in answer["notes"])


def _start(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lightlane", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **settings}
    )


def test_a_terminal_without_unicode() -> None:
    done = _start("link", "400gbase-fr4", "--length-km", "2", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


BUFFERS = pytest.mark.parametrize("unbuffered", ["", "1"])
"""Small answers fail when they are written or only when the buffer is, by the user's settings."""


@BUFFERS
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_behind_standard_output(unbuffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lightlane", "link", "400gbase-fr4", "--length-km", "2", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@BUFFERS
@pytest.mark.parametrize(
    "arguments",
    [["catalog", "list"], ["link", "oif-400zr", "--length-km", "80", "--json"], ["schema", "fabric"], ["--help"]],
)
def test_a_reader_that_has_gone(arguments: list[str], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "lightlane", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert done.returncode == 0
    assert done.stderr == ""

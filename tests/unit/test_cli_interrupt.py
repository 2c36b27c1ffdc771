"""Ctrl-C and a request to stop end a command with exit code 130 and leave nothing half-written."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys
# A shell's background jobs ignore Ctrl-C, and so do their children: here it must count.
signal.signal(signal.SIGINT, signal.default_int_handler)
import lightlane.engine
from lightlane.cli import main

def stop(*arguments, **named):
    os.kill(os.getpid(), signal.{name})
    signal.pause()

lightlane.engine.evaluate_fabric = stop
main(["run", sys.argv[1], "-o", sys.argv[2]])
"""
METRO = Path(__file__).parents[2] / "examples" / "02_metro_fabric" / "metro.toml"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_leaves_nothing(name: str, tmp_path: Path) -> None:
    assert hasattr(signal, name)
    command = [sys.executable, "-c", PROGRAM.format(name=name), str(METRO), str(tmp_path / "results")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []

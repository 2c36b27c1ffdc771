"""Ctrl-C and a request to stop end a command with exit code 130: nothing is half-written, what is finished stays."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lightlane.results.folder import open_results
from lightlane.results.journal import JOURNAL_NAME
from lightlane.results.verify import verify_results

PROGRAM = """
import os, signal, sys, time
# A shell's background jobs ignore Ctrl-C, and so do their children: here it must count.
signal.signal(signal.SIGINT, signal.default_int_handler)
import lightlane.plan.stage
from lightlane.cli import main

evaluate = lightlane.plan.stage.evaluate_links

def stop(*arguments, **named):
    os.kill(os.getpid(), signal.{name})
    # The task is canceled while this thread waits; the kernels then stop at once.
    time.sleep(1.0)
    return evaluate(*arguments, **named)

lightlane.plan.stage.evaluate_links = stop
main(["run", sys.argv[1], "-o", sys.argv[2]])
"""
METRO = Path(__file__).parents[2] / "examples" / "02_metro_fabric" / "metro.toml"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_leaves_what_can_be_resumed(name: str, tmp_path: Path) -> None:
    assert hasattr(signal, name)
    command = [sys.executable, "-c", PROGRAM.format(name=name), str(METRO), str(tmp_path / "results")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert verify_results(tmp_path / "results").problems == ()
    assert open_results(tmp_path / "results").manifest["complete"] is False


LONG_RUN = f"""
import signal, sys, types
sys.path.insert(0, {str(Path(__file__).with_name("execution"))!r})
signal.signal(signal.SIGINT, signal.default_int_handler)
import click
import lightlane.cli
from fake_plan import FakePlan
from lightlane.execution import execute

@click.command("long")
@click.argument("folder")
def command(folder):
    execute(FakePlan(500, pause_s=0.02), folder, resume=True)

sys.modules["long"] = types.SimpleNamespace(command=command)
lightlane.cli.COMMANDS["long"] = ("long", "")
lightlane.cli.main(["long", *sys.argv[1:]])
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_keeps_its_chunks(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    command = [sys.executable, "-c", LONG_RUN, str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 60
        while not (folder / JOURNAL_NAME).exists() or (folder / JOURNAL_NAME).stat().st_size < 1000:
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.send_signal(getattr(signal, name))
        _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    kept = len(open_results(folder).chunks())
    assert 2 <= kept < 500
    assert told.splitlines()[-1].startswith(f"interrupted: stopped; {kept} of 500 chunks are finished and kept")
    assert "--resume" in told
    assert "Traceback" not in told
    assert verify_results(folder).problems == ()

"""Killed at any instant and resumed, a run ends with the same files as one that nothing has disturbed."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from fake_plan import FakePlan, main

from lightlane.execution import execute
from lightlane.results.folder import open_results
from lightlane.results.parquet import encode_tables

PLAN = FakePlan(8, rows_count=40, pause_s=0.01)
DURATION_S = 0.7
"""About what a run takes here, half of it on its disk; instants behind the end do no harm."""


@pytest.fixture(scope="module")
def context() -> multiprocessing.context.ForkServerContext:
    """Return what starts processes from one that has loaded everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fake_plan", "lightlane.execution", "pyarrow.parquet", "filelock"])
    return context


def _read_tables(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("*/*")}


def _expected() -> dict[str, bytes]:
    return {
        f"{name}/{chunk}.parquet": table.data
        for chunk in PLAN.chunks
        for name, table in encode_tables(PLAN.evaluate(chunk)).items()
    }


def _start(context: multiprocessing.context.ForkServerContext, folder: Path) -> BaseProcess:
    process = context.Process(target=main, args=(str(folder), str(PLAN.chunks_count), str(PLAN.pause_s), "resume"))
    process.start()
    return process


def _kill_and_resume(context: multiprocessing.context.ForkServerContext, folder: Path, instant_s: float) -> int:
    """Kill a run at an instant behind its first sign of life, resume it here, and compare; return the chunks kept."""
    process = _start(context, folder)
    while not folder.exists():
        time.sleep(0.001)
    time.sleep(instant_s)
    process.kill()
    process.join()
    assert process.exitcode in (-signal.SIGKILL, 0)
    opened = open_results(folder)
    assert opened.arrow("draws", ["link"]).num_rows == 40 * len(opened.chunks())
    done = execute(PLAN, folder, resume=True)
    assert done.kept_count == len(opened.chunks())
    opened.refresh()
    assert [record.chunk for record in opened.chunks()] == list(PLAN.chunks)
    assert opened.manifest["complete"]
    assert _read_tables(folder) == _expected()
    return done.kept_count


@pytest.mark.parametrize("number", range(3))
def test_a_run_that_is_killed(context: multiprocessing.context.ForkServerContext, tmp_path: Path, number: int) -> None:
    instant_s = random.Random(number).uniform(number, number + 1) / 3 * DURATION_S
    _kill_and_resume(context, tmp_path / "run", instant_s)


@pytest.mark.slow
def test_fifty_runs_that_are_killed(context: multiprocessing.context.ForkServerContext, tmp_path: Path) -> None:
    rng = random.Random(8)
    kept = [_kill_and_resume(context, tmp_path / f"run{n}", rng.uniform(0.0, DURATION_S)) for n in range(50)]
    assert len(set(kept)) > 3, "the instants must fall into the work"


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again(
    context: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    rng, folder, before = random.Random(9), tmp_path / "run", 0
    for _ in range(20):
        process = _start(context, folder)
        time.sleep(rng.uniform(0.0, 0.4))
        process.kill()
        process.join()
        kept = len(open_results(folder).chunks()) if folder.exists() else 0
        assert kept >= before
        before = kept
    execute(PLAN, folder, resume=True)
    assert _read_tables(folder) == _expected()

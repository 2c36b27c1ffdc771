"""A plan is executed once, whatever comes in between: the files are those of a run that nothing has disturbed."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fake_plan import FakePlan

from lightlane.errors import Cancelled, FormatError, ParameterError
from lightlane.execution import Execution, execute
from lightlane.kernels import Task
from lightlane.results.folder import open_results
from lightlane.results.journal import JOURNAL_NAME
from lightlane.results.lock import lock_folder
from lightlane.results.parquet import encode_tables
from lightlane.results.records import Table
from lightlane.results.store import write_results
from lightlane.results.writer import FolderWriter

PLAN = FakePlan()


@dataclass(frozen=True)
class Trap(FakePlan):
    """Does something at the beginning of some chunks."""

    at: frozenset[int] = frozenset()
    spring: Callable[[Task | None], None] = lambda task: None

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        if self.chunks.index(chunk) in self.at:
            self.spring(task)
        return super().evaluate(chunk, task)


def read_files(folder: Path) -> dict[str, bytes]:
    """Return every file of the tables and the manifest."""
    paths = [*folder.glob("*/*"), folder / "manifest.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    assert execute(PLAN, folder) == Execution(folder, 6, 0)
    return read_files(folder)


def test_files_are_those_of_the_plan(undisturbed: dict[str, bytes]) -> None:
    assert len(undisturbed) == 2 * 6 + 1
    for chunk in PLAN.chunks:
        for name, table in encode_tables(PLAN.evaluate(chunk)).items():
            assert undisturbed[f"{name}/{chunk}.parquet"] == table.data


def test_progress_counts_what_is_recorded(tmp_path: Path) -> None:
    seen: list[tuple[int, int, float | None]] = []
    execute(PLAN, tmp_path / "run", on_progress=lambda *now: seen.append(now))
    assert [total for _, total, _ in seen] == [6] * len(seen)
    counts = [done for done, _, _ in seen]
    assert counts == sorted(counts)
    assert seen[0] == (0, 6, None)
    assert seen[-1] == (6, 6, 0.0)
    assert all(left is None or left >= 0 for _, _, left in seen)


def test_a_complete_run_is_left_alone(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    folder = tmp_path / "run"
    execute(PLAN, folder, resume=True)  # there is none yet: from the beginning
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}

    def fail(task: Task | None) -> None:
        raise AssertionError

    assert execute(Trap(at=frozenset(range(6)), spring=fail), folder, resume=True) == Execution(folder, 6, 6)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")} == times
    with pytest.raises(ParameterError, match="exists already"):
        execute(PLAN, folder)
    assert read_files(folder) == undisturbed


@pytest.mark.parametrize("at", [0, 1, 4, 5])
def test_what_fails_keeps_what_is_finished(tmp_path: Path, undisturbed: dict[str, bytes], at: int) -> None:
    folder = tmp_path / "run"

    def fail(task: Task | None) -> None:
        raise ZeroDivisionError("by the plan")

    with pytest.raises(ZeroDivisionError, match="by the plan"):
        execute(Trap(at=frozenset({at}), spring=fail), folder)
    assert [record.chunk for record in open_results(folder).chunks()] == list(PLAN.chunks[:at])
    with pytest.raises(ParameterError, match="--resume"):
        execute(PLAN, folder)
    # Only what is missing is evaluated.
    assert execute(Trap(at=frozenset(range(at)), spring=fail), folder, resume=True) == Execution(folder, 6, at)
    assert read_files(folder) == undisturbed


@pytest.mark.parametrize("way", ["task", "progress", "interrupt"])
def test_stopping_keeps_what_is_finished(tmp_path: Path, undisturbed: dict[str, bytes], way: str) -> None:
    folder = tmp_path / "run"
    task = Task()

    def stop(given: Task | None) -> None:
        assert given is task
        raise Cancelled("as a kernel with a cancelled task")

    def tell(done: int, total: int, left_s: float | None) -> None:
        if done >= 3 and way != "task":
            raise Cancelled if way == "progress" else KeyboardInterrupt

    plan = Trap(at=frozenset({3}) if way == "task" else frozenset(), spring=stop)
    with pytest.raises(Cancelled, match=r"of 6 chunks are finished and kept in .*--resume"):
        execute(plan, folder, task=task, on_progress=tell)
    assert 3 <= len(open_results(folder).chunks()) < 6
    execute(PLAN, folder, resume=True)
    assert read_files(folder) == undisturbed


def test_a_signal_cancels_the_chunk_in_work(tmp_path: Path) -> None:
    """The chunk waits for its task to be cancelled, which only this process's main thread can do."""
    program = f"""
import os, signal, sys, threading
sys.path.insert(0, {str(Path(__file__).parent)!r})
signal.signal(signal.SIGINT, signal.default_int_handler)
from dataclasses import dataclass
from fake_plan import FakePlan
from lightlane.errors import Cancelled
from lightlane.execution import execute, local
asked = threading.Event()
class Watched:
    def cancel(self):
        asked.set()
@dataclass(frozen=True)
class Waiting(FakePlan):
    def evaluate(self, chunk, task=None):
        if chunk == self.chunks[2]:
            os.kill(os.getpid(), signal.SIGINT)
            assert asked.wait(30)
            raise Cancelled("cancelled")
        return super().evaluate(chunk, task)
try:
    execute(Waiting(), sys.argv[1], task=Watched())
except Cancelled as error:
    print(asked.is_set(), error)
"""
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("True stopped; 2 of 6 chunks are finished and kept")


@pytest.mark.parametrize(
    ("plan", "names"),
    [
        (replace(PLAN, seed=2), "seed"),
        (replace(PLAN, rows_count=41, seed=2), "rows_count, seed"),
        (replace(PLAN, chunks_count=7), "chunks"),
    ],
)
def test_a_folder_of_another_run_is_refused(tmp_path: Path, plan: FakePlan, names: str) -> None:
    execute(PLAN, tmp_path / "run")
    before = read_files(tmp_path / "run")
    with pytest.raises(ParameterError, match=f"another run, which differs in {names};"):
        execute(plan, tmp_path / "run", resume=True)
    assert read_files(tmp_path / "run") == before
    execute(plan, tmp_path / "run", overwrite=True)
    assert len(open_results(tmp_path / "run").chunks()) == plan.chunks_count
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_time_of_a_run_is_no_difference(tmp_path: Path) -> None:
    execute(PLAN, tmp_path / "run")
    assert execute(replace(PLAN, created="2027-01-01T00:00:00Z"), tmp_path / "run", resume=True).kept_count == 6


def test_folders_that_are_no_run_are_refused(tmp_path: Path, synthetic_results: Any) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear reader")
    for more in ({}, {"resume": True}, {"overwrite": True}):
        with pytest.raises(ParameterError, match="home"):
            execute(PLAN, tmp_path / "home", **more)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letter.txt"]
    write_results(synthetic_results, tmp_path / "whole")
    with pytest.raises(ParameterError, match="as a whole"):
        execute(PLAN, tmp_path / "whole", resume=True)
    with pytest.raises(ParameterError, match="one of them"):
        execute(PLAN, tmp_path / "new", resume=True, overwrite=True)
    (tmp_path / "whole" / "manifest.json").write_text("{")
    with pytest.raises(FormatError):
        execute(PLAN, tmp_path / "whole", resume=True)


def test_one_process_writes_a_folder(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """A process that holds the lock keeps another one out; killed, it lets it in."""
    folder = tmp_path / "run"
    program = Path(__file__).with_name("fake_plan.py")
    command = [sys.executable, str(program), str(folder), "6", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "0/6\n"
        for more in ({"resume": True}, {"overwrite": True}):
            with pytest.raises(ParameterError, match="another process"):
                execute(PLAN, folder, **more)  # type: ignore[arg-type]
        other.kill()
    execute(PLAN, folder, resume=True)
    assert read_files(folder) == undisturbed


def test_one_thread_writes_a_folder(tmp_path: Path) -> None:
    execute(PLAN, tmp_path / "run")
    with lock_folder(tmp_path / "run"), pytest.raises(ParameterError, match="another process"):
        execute(PLAN, tmp_path / "run", resume=True)


def test_no_more_than_three_chunks_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluation waits for a writer that is slow: one chunk is written, one waits, one is evaluated or handed over."""
    begun: list[int] = []
    add = FolderWriter.add

    def slow(self: FolderWriter, chunk: str, tables: Any) -> None:
        time.sleep(0.1)
        # This one is out of the queue, one is in it, and the evaluating side holds one more.
        assert len(begun) <= PLAN.chunks.index(chunk) + 3
        add(self, chunk, tables)

    monkeypatch.setattr(FolderWriter, "add", slow)
    execute(Trap(at=frozenset(range(6)), spring=lambda task: begun.append(1)), tmp_path / "run")
    assert len(begun) == 6


def test_a_reader_watches_a_run(tmp_path: Path) -> None:
    """Whenever a reader looks, what it finds is whole and no less than before."""
    program = Path(__file__).with_name("fake_plan.py")
    command = [sys.executable, str(program), str(tmp_path / "run"), "40"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as writing:
        while not (tmp_path / "run").exists():
            assert writing.poll() is None
            time.sleep(0.001)
        opened, counts = open_results(tmp_path / "run"), [0]
        while not opened.manifest["complete"]:
            opened.refresh()
            counts.append(len(opened.chunks()))
            assert opened.arrow("draws", ["link"]).num_rows == 40 * counts[-1]
            assert opened.query("select count(*) n from steps")["n"].to_pylist() == [40 * counts[-1]]
            assert counts[-1] >= counts[-2]
        assert writing.wait(30) == 0
    assert counts[-1] == 40
    assert len(set(counts)) > 4, "it must have looked while the run was going"


# Disks


@pytest.mark.parametrize("call", [1, 3, 4, 5, 6, 7, 14, 31])
def test_a_disk_that_is_full_at_any_moment(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    folder, calls, sync = tmp_path / "run", [0], os.fsync

    def fail(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] >= call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ParameterError, match=os.strerror(errno.ENOSPC)) as caught:
        execute(PLAN, folder)
    monkeypatch.undo()
    if not folder.exists():
        assert list(tmp_path.iterdir()) == []
        return
    kept = len(open_results(folder).chunks())
    if 0 < kept < 6:
        assert f"{kept} of 6 chunks are finished and kept" in str(caught.value)
    assert execute(PLAN, folder, resume=True).kept_count == kept
    assert read_files(folder) == undisturbed


def test_a_limit_of_file_sizes(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """The system itself refuses: no file may be as long as a table."""
    folder = tmp_path / "run"
    limit = 3000
    assert all(len(data) > limit for name, data in undisturbed.items() if name.startswith("steps"))
    program = Path(__file__).with_name("fake_plan.py")

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, str(program), str(folder), "6"],
        capture_output=True, text=True, check=False, timeout=60, preexec_fn=restrict,
    )  # fmt: skip
    assert done.returncode == 1
    assert os.strerror(errno.EFBIG) in done.stderr.splitlines()[-1]
    assert "0 of 6 chunks are finished and kept" in done.stderr.splitlines()[-1]
    assert not list(folder.rglob("*.part"))
    execute(PLAN, folder, resume=True)
    assert read_files(folder) == undisturbed


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 96 kB, where the machine lets us."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=96k", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def test_a_small_disk(small_disk: Path, undisturbed: dict[str, bytes]) -> None:
    folder = small_disk / "run"
    with pytest.raises(ParameterError, match=rf"{os.strerror(errno.ENOSPC)}.* of 6 chunks are finished and kept"):
        execute(PLAN, folder)
    kept = len(open_results(folder).chunks())
    assert 0 < kept < 6
    with pytest.raises(ParameterError, match=os.strerror(errno.ENOSPC)):
        execute(PLAN, folder, resume=True)
    _remount(small_disk, "size=10M")
    assert execute(PLAN, folder, resume=True).kept_count >= kept
    assert read_files(folder) == undisturbed


def test_a_read_only_disk(small_disk: Path, undisturbed: dict[str, bytes]) -> None:
    folder = small_disk / "run"
    _remount(small_disk, "size=10M")
    with pytest.raises(Cancelled):
        execute(PLAN, folder, on_progress=lambda done, *_: _stop() if done >= 2 else None)
    _remount(small_disk, "ro")
    kept = len(open_results(folder).chunks())
    for target, more in ((folder, {"resume": True}), (folder, {"overwrite": True}), (small_disk / "new", {})):
        with pytest.raises(ParameterError, match=os.strerror(errno.EROFS)):
            execute(PLAN, target, **more)
    _remount(small_disk, "rw")
    assert execute(PLAN, folder, resume=True).kept_count == kept >= 2
    assert read_files(folder) == undisturbed


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        execute(PLAN, tmp_path / "run", on_progress=lambda done, *_: _stop() if done >= 2 else None)
    (tmp_path / "run").chmod(0o555)
    try:
        with pytest.raises(ParameterError, match=os.strerror(errno.EACCES)):
            execute(PLAN, tmp_path / "run", resume=True)
    finally:
        (tmp_path / "run").chmod(0o755)
    execute(PLAN, tmp_path / "run", resume=True)


def _stop() -> None:
    raise Cancelled


def test_checksums_are_of_the_files(tmp_path: Path) -> None:
    execute(PLAN, tmp_path / "run")
    assert not (tmp_path / "run" / JOURNAL_NAME).exists()
    opened = open_results(tmp_path / "run")
    for record in opened.chunks():
        for name, path in record.paths(opened.path).items():
            assert record.tables[name].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
            assert record.tables[name].bytes == path.stat().st_size

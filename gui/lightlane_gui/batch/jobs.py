"""Runs in the background: started, watched, cancelled, tried again; each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal

from lightlane_gui.batch.child import RunRequest

State = Literal["waiting", "running", "done", "failed", "cancelled"]
GRACE_S = 0.08
"""How long a cancelled run may take to end by itself; then its process is ended, which loses nothing finished."""
TELL_S = 0.1
"""Time between two tellings of progress."""
OVER: tuple[State, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Job:
    """One run and how far it is.

    Attributes
    ----------
    done_count, total_count
        Chunks; 0 of 0 while it begins.
    left_s
        What the rest may take; None: no guess.
    text
        Why it ended, if not well.
    """

    number: int
    request: RunRequest
    state: State = "waiting"
    done_count: int = 0
    total_count: int = 0
    left_s: float | None = None
    text: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.state in OVER

    @property
    def details(self) -> str:
        """All that is known, to be sent to somebody."""
        lines = [
            f"run: {self.request.name}",
            f"results folder: {self.request.folder}",
            f"state: {self.state}, {self.done_count} of {self.total_count} chunks",
        ]
        return "\n".join([*lines, self.text] if self.text else lines)


@dataclass(slots=True)
class _Running:
    thread: threading.Thread | None = None
    process: subprocess.Popen[bytes] | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)


class JobManager(QObject):
    """Owns the jobs; views listen to ``changed`` and read ``jobs``."""

    changed = Signal(int)
    """Number of a job that is not as it was; sent in the window's thread."""
    _told = Signal(int)

    def __init__(self, parent: QObject | None = None, *, most_at_once: int | None = None) -> None:
        super().__init__(parent)
        self._most = max(1, (os.cpu_count() or 2) - 1) if most_at_once is None else most_at_once
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._running: dict[int, _Running] = {}
        self._told.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs, the newest first."""
        with self._lock:
            return tuple(sorted(self._jobs.values(), key=lambda job: -job.number))

    def find(self, number: int) -> Job:
        """Return a job by its number."""
        with self._lock:
            return self._jobs[number]

    def start(self, request: RunRequest) -> int:
        """Run, or wait until another run has ended; return the number of the job."""
        with self._lock:
            number = len(self._jobs) + 1
            self._jobs[number] = Job(number, request)
        self.changed.emit(number)
        self._start_next()
        return number

    def cancel(self, number: int) -> None:
        """End a job; what it has finished stays in its folder."""
        with self._lock:
            running = self._running.get(number)
            if running is None:
                if not self._jobs[number].is_over:
                    self._jobs[number] = replace(
                        self._jobs[number], state="cancelled", text="cancelled before it began"
                    )
                self._told.emit(number)
                return
        running.cancelled.set()
        threading.Thread(target=_end, args=(running,), name="cancel", daemon=True).start()

    def retry(self, number: int) -> int:
        """Go on with a job that has ended early, as a new one."""
        return self.start(replace(self.find(number).request, resume=True))

    def close(self) -> None:
        """Cancel everything, and wait until it has ended."""
        for job in self.jobs:
            if not job.is_over:
                self.cancel(job.number)
        with self._lock:
            threads = [running.thread for running in self._running.values() if running.thread is not None]
        for thread in threads:
            thread.join(2.0)

    def _pass_on(self, number: int) -> None:
        self.changed.emit(number)
        self._start_next()

    def _start_next(self) -> None:
        with self._lock:
            waiting = sorted(number for number, job in self._jobs.items() if job.state == "waiting")
            chosen = waiting[: max(0, self._most - len(self._running))]
            for number in chosen:
                self._jobs[number] = replace(self._jobs[number], state="running")
                running = self._running[number] = _Running()
                running.thread = threading.Thread(target=self._run, args=(number, running), name="job", daemon=True)
                running.thread.start()
        for number in chosen:
            self.changed.emit(number)

    def _set(self, number: int, **changes: Any) -> None:
        with self._lock:
            self._jobs[number] = replace(self._jobs[number], **changes)

    def _run(self, number: int, running: _Running) -> None:
        ending: dict[str, Any] = {}
        try:
            ending = self._follow(number, running)
        except Exception as error:  # noqa: BLE001 - the job says what happened
            ending = {"state": "failed", "text": f"the run could not be started: {error}"}
        if running.cancelled.is_set() and ending.get("state") != "done":
            ending = {"state": "cancelled", "text": ending.get("text") or "cancelled; what is finished stays"}
        with self._lock:
            self._jobs[number] = replace(self._jobs[number], left_s=None, **ending)
            del self._running[number]
        self._told.emit(number)

    def _follow(self, number: int, running: _Running) -> dict[str, Any]:
        """Start the process of a job and read what it says until it ends."""
        package_paths = os.pathsep.join(path for path in sys.path if path)
        process = running.process = subprocess.Popen(
            [sys.executable, "-m", "lightlane_gui.batch.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": package_paths},
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        errors: list[bytes] = []
        listener = threading.Thread(target=_drain, args=(process, errors), name="job-errors", daemon=True)
        listener.start()
        told_s, ending = 0.0, None
        try:
            try:
                process.stdin.write(pickle.dumps(self.find(number).request))
                process.stdin.flush()
            except OSError:
                pass  # it has ended before it read: what it wrote says why
            if running.cancelled.is_set():
                process.kill()
            for line in process.stdout:
                words = json.loads(line)
                if "ended" in words:
                    ending = {"state": words["ended"], "text": words["text"]}
                    continue
                self._set(number, done_count=words["done"], total_count=words["total"], left_s=words["left_s"])
                if time.monotonic() - told_s > TELL_S:
                    told_s = time.monotonic()
                    self._told.emit(number)
            code = process.wait()
            listener.join(1.0)
        finally:
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.stdout.close()
        if ending is None:
            said = b"".join(errors).decode(errors="replace").strip()
            if running.cancelled.is_set():
                return {"state": "cancelled", "text": said}  # it did not end by itself in time
            ending = {"state": "failed", "text": said or f"its process ended with code {code}"}
        return ending


def _drain(process: subprocess.Popen[bytes], errors: list[bytes]) -> None:
    assert process.stderr is not None
    errors.extend(process.stderr)
    process.stderr.close()


def _end(running: _Running) -> None:
    process = running.process
    if process is None or process.stdin is None:
        return
    try:
        process.stdin.write(b"x")
        process.stdin.flush()
    except (OSError, ValueError):
        return
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()

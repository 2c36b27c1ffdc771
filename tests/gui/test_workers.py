"""Mailbox and workers: the latest of each kind, no backlog, errors told, threads that end."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from lightlane import Task
from lightlane_gui.session.document import Edited
from lightlane_gui.session.opening import open_document
from lightlane_gui.window.palette import rank
from lightlane_gui.workers.fabric_worker import FabricRequest, FabricWorker
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox


def test_a_mailbox_keeps_the_latest_and_wakes_once(qtbot: Any) -> None:
    mailbox, wakes = Mailbox(), []
    mailbox.arrived.connect(lambda: wakes.append(1), Qt.ConnectionType.QueuedConnection)

    def post() -> None:
        for number in range(1000):
            mailbox.post("a", number)
        mailbox.post("b", -1)

    thread = threading.Thread(target=post)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(wakes))
    assert mailbox.take() == {"a": 999, "b": -1}
    assert mailbox.take() == {}
    assert (len(wakes), mailbox.overwritten_count) == (1, 999)


def test_a_worker_can_wait_until_what_it_posted_is_on_the_screen(qapp: Any) -> None:
    mailbox, waits = Mailbox(), []
    assert mailbox.wait_shown(0.0)
    mailbox.post("a", 1)
    assert not mailbox.wait_shown(0.01)
    thread = threading.Thread(target=lambda: waits.append(mailbox.wait_shown(10.0)))
    thread.start()
    mailbox.take()
    assert not mailbox.wait_shown(0.01)
    assert waits == []
    mailbox.note_shown()
    thread.join(10.0)
    assert waits == [True]


class StoppableTask:
    """A task that Python code can wait for."""

    def __init__(self) -> None:
        self.is_cancelled = threading.Event()

    def cancel(self) -> None:
        self.is_cancelled.set()


def test_a_worker_does_the_latest_request_and_cancels_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lightlane_gui.workers.latest.Task", StoppableTask)
    done: list[int] = []
    cancelled: list[int] = []
    is_working = threading.Event()

    def work(request: int, task: Any) -> None:
        is_working.set()
        if request == 0:
            assert task.is_cancelled.wait(5)
        (cancelled if task.is_cancelled.is_set() else done).append(request)

    worker: LatestWorker[int] = LatestWorker("test", work, lambda *_: None)
    worker.submit(0)
    assert is_working.wait(5)
    for request in (1, 2, 3):
        worker.submit(request)
    assert worker.wait(5)
    worker.close()
    assert 0 in cancelled
    assert done[-1] == 3
    assert threading.active_count() < 20


def test_a_worker_survives_what_goes_wrong() -> None:
    failed: list[tuple[int, str]] = []

    def work(request: int, task: Task) -> None:
        if request == 1:
            raise ValueError("broken")

    worker: LatestWorker[int] = LatestWorker("test", work, lambda request, error: failed.append((request, str(error))))
    for request in (1, 2):
        worker.submit(request)
        assert worker.wait(5)
    worker.close()
    assert failed == [(1, "broken")]


def test_work_knows_that_a_newer_request_waits() -> None:
    asked, goes_on, seen = threading.Event(), threading.Event(), []

    def work(request: int, _task: object) -> None:
        if request == 1:
            asked.set()
            goes_on.wait(5)
        seen.append((request, not worker.rests(0.0)))

    worker: LatestWorker[int] = LatestWorker("test", work, lambda _request, _error: None)
    worker.submit(1)
    assert asked.wait(5)
    worker.submit(2, cancel=False)
    goes_on.set()
    assert worker.wait(5)
    worker.close()
    assert seen == [(1, True), (2, False)]


@pytest.mark.parametrize("took_ms", [0.0, 1e3])
def test_demands_that_take_long_are_left_out_of_steps_that_others_follow(metro_path: Path, took_ms: float) -> None:
    shown, has_posted = threading.Event(), threading.Event()
    posted: list[tuple[str, int, bool]] = []

    class Box:
        """A mailbox whose window paints the first picture when it is told to."""

        def post(self, key: str, value: Any) -> None:
            posted.append((key, value.version, getattr(value, "routed", False)))
            has_posted.set()

        def wait_shown(self, time_s: float) -> bool:
            return shown.wait(10)

    document = open_document(metro_path)
    worker = FabricWorker(Box())  # type: ignore[arg-type]
    worker._routing_ms = took_ms
    form = Edited(document.scenario)
    for version in (1, 2):
        edited = form.set_field("conditions.connector_loss_db", 0.1 * version)
        worker.submit(FabricRequest(version, document, edited, 0.0))
        if version == 1:
            assert has_posted.wait(10)
    shown.set()
    assert worker.wait()
    worker.close()
    pictures = [(version, routed) for key, version, routed in posted if key == "fabric"]
    first = [(1, False)] if took_ms else [(1, False), (1, True)]
    assert pictures == [*first, (2, False), (2, True)]
    assert posted[-1] == ("problems", 2, False)


@pytest.mark.parametrize(
    ("query", "best"),
    [("undo", "Undo"), ("ber ham", "Berlin-Hamburg-1"), ("lay lin", "Layout: Link"), ("cmdp", "Command palette")],
)
def test_the_palette_finds(query: str, best: str) -> None:
    texts = ["Undo", "Redo", "Berlin-Hamburg-1", "Hamburg-Bremen-1", "Layout: Link", "Layout: Batch", "Command palette"]
    ranked = sorted((found, text) for text in texts if (found := rank(query, text)) is not None)
    assert ranked[0][1] == best


def test_the_palette_leaves_out_what_does_not_fit() -> None:
    assert rank("xyz", "Command palette") is None
    assert rank("", "anything") is not None

"""Quick work follows every step of a drag; slow work waits for its end, and is of its last step."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QObject

from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.restraint import QUICK_MS, Restraint


def test_slow_work_waits_for_a_rest(qtbot: Any, qapp: Any) -> None:
    owner, done = QObject(), []
    restraint = Restraint(owner)
    for step in range(3):
        restraint.ask(lambda step=step: done.append(step))
    assert done == [0, 1, 2]
    restraint.note(10 * QUICK_MS)
    for step in range(3, 6):
        restraint.ask(lambda step=step: done.append(step))
    assert done == [0, 1, 2]
    qtbot.waitUntil(lambda: done == [0, 1, 2, 5])
    restraint.note(QUICK_MS / 2)
    restraint.ask(lambda: done.append(6))
    assert done[-1] == 6


def test_a_cancelled_worker_is_idle_and_forgets_what_waits() -> None:
    done: list[int] = []
    has_begun, may_end = threading.Event(), threading.Event()

    def work(request: int, task: Any) -> None:
        if request == 0:
            has_begun.set()
            assert may_end.wait(10.0)
        done.append(request)

    worker: LatestWorker[int] = LatestWorker("test", work, lambda *_: None)
    worker.submit(0)
    assert has_begun.wait(10.0)
    worker.submit(1, cancel=False)
    worker.cancel()
    may_end.set()
    assert worker.wait(10.0)
    assert done == [0]
    worker.submit(2)
    assert worker.wait(10.0)
    assert done == [0, 2]
    worker.close()

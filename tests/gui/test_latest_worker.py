"""Workers: a newer request is known to the one in work."""

from __future__ import annotations

import threading

from lightlane_gui.workers.latest import LatestWorker


def test_work_knows_that_a_newer_request_waits() -> None:
    asked, goes_on, seen = threading.Event(), threading.Event(), []

    def work(request: int, _task: object) -> None:
        if request == 1:
            asked.set()
            goes_on.wait(5)
        seen.append((request, worker.is_superseded))

    worker: LatestWorker[int] = LatestWorker("test", work, lambda _request, _error: None)
    worker.submit(1)
    assert asked.wait(5)
    worker.submit(2, cancel=False)
    goes_on.set()
    assert worker.wait(5)
    worker.close()
    assert seen == [(1, True), (2, False)]

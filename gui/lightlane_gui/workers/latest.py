"""A thread that works on the latest request and on no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from lightlane import Cancelled, Task

Request = TypeVar("Request")


class LatestWorker(Generic[Request]):
    """Runs a function on the newest request; a newer one cancels the task of the one in work.

    Parameters
    ----------
    work
        Called in the thread with a request and a task that is cancelled when a newer request comes.
    fail
        Called in the thread with the request and what went wrong, a message for people or a traceback.
    """

    def __init__(
        self, name: str, work: Callable[[Request, Task], None], fail: Callable[[Request, Exception], None]
    ) -> None:
        self._work, self._fail = work, fail
        self._condition = threading.Condition()
        self._next: Request | None = None
        self._task: Task | None = None
        self._is_closing = False
        self._is_idle = True
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, request: Request, *, cancel: bool = True) -> None:
        """Ask for work; ``cancel``: what is being worked on is not worth finishing."""
        with self._condition:
            self._next = request
            self._is_idle = False
            if cancel and self._task is not None:
                self._task.cancel()
            self._condition.notify_all()

    def cancel(self) -> None:
        """Give up what is being worked on and what waits."""
        with self._condition:
            self._next = None
            if self._task is None:
                self._is_idle = True
            else:
                self._task.cancel()
            self._condition.notify_all()

    def rests(self, time_s: float) -> bool:
        """Wait in the thread for a newer request; return whether none came in this time."""
        with self._condition:
            return not self._condition.wait_for(lambda: self._next is not None or self._is_closing, time_s)

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; return whether that is so."""
        with self._condition:
            return self._condition.wait_for(lambda: self._is_idle, timeout_s)

    def close(self, timeout_s: float = 2.0) -> None:
        """Cancel, and end the thread."""
        with self._condition:
            self._is_closing = True
            if self._task is not None:
                self._task.cancel()
            self._condition.notify_all()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._next is not None or self._is_closing)
                if self._is_closing:
                    return
                request, self._next = self._next, None
                assert request is not None
                self._task = Task()
                task = self._task
            try:
                self._work(request, task)
            except Cancelled:
                pass
            except Exception as error:  # noqa: BLE001 - the thread must live on, and the window says what happened
                self._fail(request, error)
            with self._condition:
                self._task = None
                self._is_idle = self._next is None
                self._condition.notify_all()

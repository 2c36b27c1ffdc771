"""The parts of a simulation: how long each takes, and that none begins once nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from lightlane.kernels.task import Task


@contextmanager
def timed(durations_s: dict[str, float], part: str, task: Task) -> Iterator[None]:
    """Put the time that the body takes under the name of its part.

    Raises
    ------
    Cancelled
        If ``task`` was cancelled before.
    """
    task.check()
    start = time.perf_counter()
    yield
    durations_s[part] = time.perf_counter() - start

"""How long the parts of a simulation take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(durations_s: dict[str, float], part: str) -> Iterator[None]:
    """Put the time that the body takes under the name of its part."""
    start = time.perf_counter()
    yield
    durations_s[part] = time.perf_counter() - start

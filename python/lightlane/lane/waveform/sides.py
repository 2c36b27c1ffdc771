"""Both polarizations at once: kernels release the interpreter, so that two threads share the work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")


def do_both(work: Callable[[int], Answer]) -> tuple[Answer, Answer]:
    """Return what ``work`` gives for either polarization; what it computes must not depend on the order."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        x, y = pool.map(work, range(2))
    return x, y

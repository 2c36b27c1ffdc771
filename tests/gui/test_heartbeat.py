"""The window's event loop beats while the core computes: Rust lets go of the interpreter."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from lightlane import BudgetOptions, compose_links, evaluate_links, load_catalog, load_fabric

LONG_S = 0.4
"""Of a computation that is long enough to see the loop beat."""


def test_the_loop_beats_while_the_core_computes(qtbot: Any, metro_path: Path) -> None:
    links = compose_links(load_fabric(metro_path.with_name("fabric.toml")), load_catalog())
    beats: list[float] = []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start()
    draws_count = 2_000
    while True:
        spans: list[float] = []

        def compute(count: int, spans: list[float] = spans) -> None:
            spans.append(time.perf_counter())
            evaluate_links(links, options=BudgetOptions(draws_count=count))
            spans.append(time.perf_counter())

        thread = threading.Thread(target=compute, args=(draws_count,))
        thread.start()
        qtbot.waitUntil(lambda: not thread.is_alive(), timeout=60_000)  # noqa: B023 - waited for here
        if spans[1] - spans[0] > LONG_S or draws_count >= 100_000:
            break
        draws_count = min(100_000, 4 * draws_count)
    during = [beat for beat in beats if spans[0] < beat < spans[1]]
    # A loop that stands still beats once when the computation ends; one that runs beats dozens of times.
    assert len(during) > 10, (len(during), spans[1] - spans[0])

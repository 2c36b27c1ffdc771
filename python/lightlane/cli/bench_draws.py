"""The draws of the bench: one direct-detect link in very many draws, against its random numbers alone, and its memory.

Run as a module with the number of draws; prints one JSON object. The most memory that a process has had never falls:
hence the process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from lightlane.cli.bench_fabric import peak_mb

if TYPE_CHECKING:
    from lightlane.link import Link

MODULE, LENGTH_KM = "400g-lr4-10", 8.0
FEWER = 10
"""Memory is compared with that of so many times fewer draws."""


def count_numbers(link: Link) -> int:
    """Return how many random numbers one draw of a direct-detect link takes."""
    from lightlane.catalog.load import load_catalog
    from lightlane.lane.lowering import lower_direct
    from lightlane.lane.options import DEFAULT_OPTIONS
    from lightlane.lane.uncertainty import Spreads, lower_spread

    lowered = lower_direct([link], [0], DEFAULT_OPTIONS)
    spread = lower_spread([link], lowered, Spreads(tuple(load_catalog().distributions.values())))
    # Pieces share pairs of numbers; one path has one group of fibers here.
    of_elements = int(((spread.element_pieces_count + 1) // 2).sum())
    return of_elements + len(spread.mode_rule) * len(lowered.rows.mode)


def measure(draws: int) -> dict[str, Any]:
    """Time the draws of one link, and as many numbers of a generator of the same family (numpy's Philox)."""
    from lightlane.fabric.point_to_point import point_to_point
    from lightlane.lane.budget import evaluate_links
    from lightlane.lane.options import BudgetOptions

    link = point_to_point(MODULE, LENGTH_KM)
    evaluate_links([link], options=BudgetOptions(draws_count=max(draws // FEWER, 1)))
    before_mb = peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    evaluate_links([link], options=BudgetOptions(draws_count=draws))
    seconds, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    more_mb = peak_mb() - before_mb
    threads = int(os.environ.get("RAYON_NUM_THREADS", os.cpu_count() or 1))
    return {
        "draws": draws,
        "threads": threads,
        "seconds": seconds,
        "cpu_s": cpu_s,
        "numbers_floor_s": _numbers_floor_s(draws * count_numbers(link)) / threads,
        "memory_above_fewer_draws_mb": more_mb,
    }


def measure_apart(draws: int) -> dict[str, Any]:
    """Run :func:`measure` in a process of its own."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "lightlane.cli.bench_draws", str(draws)], check=True, capture_output=True, text=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _numbers_floor_s(count: int) -> float:
    """Time uniform numbers of numpy's Philox, one thread, in blocks that stay in the cache."""
    import numpy as np

    block = np.empty(10_000)
    generator = np.random.Generator(np.random.Philox(1))
    start = time.perf_counter()
    for _ in range(-(-count // block.size)):
        generator.random(out=block)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))

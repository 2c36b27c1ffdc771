"""The mixed fabric of the bench: links of both kinds, timed in a process of its own, against floors of the same run.

Run as a module with the number of links of each kind; prints one JSON object. The number of threads is that of
``RAYON_NUM_THREADS``, which is read when a process starts: hence the process.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightlane.link import Link

CHANNELS, SPANS_MAX = 64, 6
SPAN_KM = (40.0, 100.0)
DIRECT_REACH_KM = {
    "400g-lr4-10": 10.0, "400gbase-lr8": 10.0, "400gbase-fr4": 2.0, "800gbase-lr4": 10.0, "800gbase-dr8": 0.5,
}  # fmt: skip
"""Direct-detect modules of four and eight lanes, each with the length up to which its links are drawn."""
SEED = 1


def build_mixed_links(count: int) -> list[Link]:
    """Compose ``count`` coherent links of 1 to 6 spans with 64 loaded channels and as many direct-detect links.

    Every fiber has a length of its own, so that nothing is computed once for many.
    """
    from lightlane.catalog.load import load_catalog
    from lightlane.elements import FiberRun
    from lightlane.link import LineSystem, compose_link

    catalog = load_catalog()
    draw = random.Random(SEED)  # noqa: S311 - lengths of a bench are no secret
    amplifier = catalog.get_amplifier("edfa-medium-gain")
    mux = catalog.get_passive("mux-75ghz")
    line = LineSystem(
        mux=mux,
        booster=amplifier,
        inline=amplifier,
        preamplifier=amplifier,
        span_launch_power_dbm=0.0,
        received_power_dbm=-8.0,
    )
    fiber, connector, splice = (
        catalog.get_fiber("g652d"),
        catalog.get_passive("lc-upc"),
        catalog.get_passive("fusion-splice"),
    )

    def build(name: str, module_id: str, lengths_km: list[float], **settings: Any) -> Link:
        module = catalog.get_module(module_id)
        mode = catalog.get_mode(module.modes[0])
        runs = [
            FiberRun(label=f"{name}-{k}", fiber=fiber, length_km=length_km, connector=connector, splice=splice)
            for k, length_km in enumerate(lengths_km)
        ]
        return compose_link(name=name, module=module, mode=mode, fec=catalog.get_fec(mode.fec), runs=runs, **settings)

    direct = list(DIRECT_REACH_KM.items())
    links = []
    for number in range(count):
        spans_km = [draw.uniform(*SPAN_KM) for _ in range(draw.randint(1, SPANS_MAX))]
        links.append(build(f"c{number}", "openzrplus-400g-ha", spans_km, line=line, channels=CHANNELS))
        module, reach_km = direct[number % len(direct)]
        links.append(build(f"d{number}", module, [draw.uniform(0.1, 1.0) * reach_km]))
    return links


def measure(count: int) -> dict[str, Any]:
    """Time one evaluation of the mixed fabric and, in the same process, what it cannot do without."""
    from lightlane.lane.budget import evaluate_links

    links = build_mixed_links(count)
    evaluate_links(links[:2])
    before_mb = peak_mb()
    start = time.perf_counter()
    batch = evaluate_links(links)
    seconds = time.perf_counter() - start
    most_mb = peak_mb()
    stored = [batch.columns.stored(name) for name in batch.columns.made()]
    columns: list[Any] = [getattr(column, "codes", column) for column in stored]
    column_mb = sum(column.nbytes for column in columns) / 1e6
    return {
        "threads": int(os.environ.get("RAYON_NUM_THREADS", os.cpu_count() or 1)),
        "links": len(links),
        "lanes": len(batch),
        "seconds": seconds,
        "columns_mb": column_mb,
        "memory_above_columns_mb": max(most_mb - before_mb - column_mb, 0.0),
        "copy_floor_s": _time(lambda: [column.copy() for column in columns]),
        "pairs_floor_s": _pairs_floor_s(links),
    }


def measure_apart(count: int, threads: int) -> dict[str, Any]:
    """Run :func:`measure` in a process with so many threads."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "lightlane.cli.bench_fabric", str(count)],
        env={**os.environ, "RAYON_NUM_THREADS": str(threads)},
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _pairs_floor_s(links: list[Link]) -> float:
    """Time one arctangent for each pair of channels of each span, which the published closed form needs twice."""
    import numpy as np

    pairs = np.linspace(-40.0, 40.0, CHANNELS * CHANNELS)
    rounds = 200
    once_s = _time(lambda: [np.arctan(pairs) for _ in range(rounds)]) / rounds
    return once_s * sum(2 * link.span_count for link in links if link.frequencies_thz)


def _time(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def peak_mb() -> float:
    """Return the most memory that the process has had; NaN on systems that do not tell.

    ``getrusage`` of Linux counts in what the process had that started this one, as much as it may be.
    """
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        found = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
        if found:
            return int(found[1]) * 1024 / 1e6
    try:
        import resource
    except ImportError:
        return float("nan")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))

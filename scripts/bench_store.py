"""Measure the results store: rows written a second, queries over many rows, and what execution adds to evaluation.

python scripts/bench_store.py [--rows 10000000] [--folder DIR] [--chunks 12] [--links 100] [--draws 30]

The rows are random margins of draws, made before the clock runs; evaluation is the budget model over mixed links, cut
into chunks of as many links as `--links` says.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lightlane.cli.bench_fabric import build_mixed_links
from lightlane.columns import CodedTexts, ColumnSet
from lightlane.execution import execute
from lightlane.kernels import Task
from lightlane.lane.budget import evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.results.folder import open_results
from lightlane.results.records import LANE_COLUMNS, Table, build_table
from lightlane.results.schemas import DRAW_COLUMNS
from lightlane.results.store import FIRST_STATE

CHUNK_ROWS = 1_000_000
QUERIES = {
    "count": "select count(*) from draws",
    "quantiles of all margins": "select quantile_cont(margin_db, [0.001, 0.01, 0.05, 0.5, 0.95]) from draws",
    "least margin and outage by link": (
        "select link, min(margin_db) least, avg((status = 'down')::int) outage from draws group by link order by least"
    ),
    "what limits": "select limited_by, status, count(*) from draws group by all",
    "draws with the most links down": (
        "select draw_index, count(*) n from draws where margin_db < 0 group by draw_index order by n desc limit 10"
    ),
}


@dataclass(frozen=True)
class DrawPlan:
    """Chunks of 10^6 rows of the table ``draws``: margins of 10,000 links, as random as they are in life."""

    rows_count: int

    @property
    def chunks(self) -> tuple[str, ...]:
        """The chunks in their order."""
        return tuple(f"baseline-p0000-s0000-d{n:04}" for n in range(-(-self.rows_count // CHUNK_ROWS)))

    @property
    def header(self) -> dict[str, Any]:
        """What the manifest says."""
        return {"name": "bench"}

    @property
    def fingerprint(self) -> str:
        """What tells this plan from another."""
        return f"{self.rows_count}"

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        """Return the table of a chunk."""
        number = self.chunks.index(chunk)
        rows = min(CHUNK_ROWS, self.rows_count - number * CHUNK_ROWS)
        rng = np.random.default_rng(number)
        links_count = 10_000
        link = np.arange(rows, dtype=np.int32) % links_count
        margin_db = (2.0 + rng.standard_normal(links_count)[link] + 0.7 * rng.standard_normal(rows)).astype(np.float32)
        columns = {
            **_state(rows),
            "draw_index": (np.arange(rows) // links_count + number * (CHUNK_ROWS // links_count)).astype(np.int32),
            "link": CodedTexts(link, tuple(f"site-{n}-site-{n + 1}-1" for n in range(links_count))),
            "margin_db": margin_db,
            "limited_by": CodedTexts((link % 3).astype(np.int32), ("osnr", "power", "nonlinearity")),
            "status": CodedTexts((margin_db < 0).astype(np.int32), ("up", "down")),
        }
        return {"draws": build_table(DRAW_COLUMNS, ColumnSet(columns))}


@dataclass(frozen=True)
class LanePlan:
    """Chunks of mixed links with draws, evaluated by the budget model; lanes go into the table ``lanes``."""

    chunks_count: int
    links_count: int
    draws_count: int

    @property
    def chunks(self) -> tuple[str, ...]:
        """The chunks in their order."""
        return tuple(f"baseline-p{n:04}-s0000" for n in range(self.chunks_count))

    @property
    def header(self) -> dict[str, Any]:
        """What the manifest says."""
        return {"name": "bench"}

    @property
    def fingerprint(self) -> str:
        """What tells this plan from another."""
        return f"{self}"

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        """Return the table of a chunk."""
        options = BudgetOptions(draws_count=self.draws_count, seed=self.chunks.index(chunk))
        batch = evaluate_links(build_mixed_links(self.links_count), options=options, task=task)
        lanes = build_table(LANE_COLUMNS, batch.columns)
        columns = {**_state(len(lanes)), **{name: lanes.stored(name) for name in LANE_COLUMNS}}
        return {"lanes": Table(ColumnSet(columns))}


def _state(rows: int) -> dict[str, Any]:
    return {
        "variant": CodedTexts(np.zeros(rows, dtype=np.int32), (FIRST_STATE["variant"],)),
        "point_index": np.zeros(rows, dtype=np.int32),
        "step_index": np.zeros(rows, dtype=np.int32),
        "time_days": np.zeros(rows),
    }


def measure(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


def bench_rows(folder: Path, rows_count: int) -> dict[str, Any]:
    """Write rows and query them."""
    plan = DrawPlan(rows_count)
    evaluate_s = measure(lambda: [plan.evaluate(chunk) for chunk in plan.chunks])
    write_s = measure(lambda: execute(plan, folder))
    opened = open_results(folder)
    size = sum(record.tables["draws"].bytes for record in opened.chunks())
    return {
        "rows": rows_count,
        "made_s": evaluate_s,
        "made_and_written_s": write_s,
        "rows_written_per_s": rows_count / write_s,
        "bytes_per_row": size / rows_count,
        "query_s": {name: measure(lambda sql=sql: opened.query(sql)) for name, sql in QUERIES.items()},
        "read_as_arrow_s": measure(lambda: opened.arrow("draws", ["link", "margin_db"])),
    }


def bench_execution(folder: Path, plan: LanePlan) -> dict[str, Any]:
    """Compare execution, here and on a cluster of this machine, with evaluation alone: by the clock and by processor.

    On a machine that does other work too, only the time of the processors tells.
    """
    plan.evaluate(plan.chunks[0])
    execute(plan, folder / "warm")
    alone = clock(lambda: [plan.evaluate(chunk) for chunk in plan.chunks])
    found: dict[str, Any] = {"chunks": plan.chunks_count, "evaluate": alone}
    found["execute"] = compare(clock(lambda: execute(plan, folder / "local")), alone)
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        return found
    cores = os.cpu_count() or 1
    # One worker with all cores does what this process does; more workers share them.
    for workers in sorted({1, cores}):
        with (
            LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50,
                env={"RAYON_NUM_THREADS": str(max(1, cores // workers))},
            ) as cluster,
            Client(cluster) as client,
        ):  # fmt: skip
            client.wait_for_workers(workers)
            execute(LanePlan(4 * workers, plan.links_count, 1), folder / f"warm{workers}", client=client)
            before_s = sum(client.run(time.process_time).values())
            spent = clock(lambda: execute(plan, folder / f"cluster{workers}", client=client))  # noqa: B023
            spent["processors_s"] += sum(client.run(time.process_time).values()) - before_s
        found[f"cluster of {workers}"] = compare(spent, alone)
    return found


def clock(work: Callable[[], object]) -> dict[str, float]:
    """Return the seconds that something takes by the clock and of this process's processors."""
    start_s = time.process_time()
    clock_s = measure(work)
    return {"clock_s": clock_s, "processors_s": time.process_time() - start_s}


def compare(spent: dict[str, float], alone: dict[str, float]) -> dict[str, float]:
    """Return what was spent and by how many percent that is more."""
    return spent | {f"{name[:-2]}_overhead_percent": 100 * (spent[name] / alone[name] - 1) for name in alone}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--chunks", type=int, default=12)
    parser.add_argument("--links", type=int, default=100)
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(dir=given.folder))
    try:
        figures = {
            "rows": bench_rows(place / "rows", given.rows),
            "execution": bench_execution(place, LanePlan(given.chunks, given.links, given.draws)),
        }
    finally:
        shutil.rmtree(place, ignore_errors=True)
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

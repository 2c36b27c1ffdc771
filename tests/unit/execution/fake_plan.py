"""A plan whose chunks are quick to evaluate and differ from each other; also a program that executes it in a process.

python fake_plan.py FOLDER CHUNKS [PAUSE_S] [resume]
"""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lightlane.kernels import Task
from lightlane.results.records import Table, build_table
from lightlane.results.schemas import KEY_COLUMNS, STORE_SCHEMAS


@dataclass(frozen=True)
class FakePlan:
    """Chunk number n is point n of the variant ``baseline``, or of ``winter`` in the second half."""

    chunks_count: int = 6
    rows_count: int = 40
    seed: int = 1
    pause_s: float = 0.0
    tables: tuple[str, ...] = ("steps", "draws")
    created: str = "2026-01-02T03:04:05Z"

    @property
    def chunks(self) -> tuple[str, ...]:
        names = [self.variant(index) for index in range(self.chunks_count)]
        return tuple(f"{name}-p{index:04}-s0000" for index, name in enumerate(names))

    @property
    def header(self) -> dict[str, Any]:
        return {"name": "fake", "seed": self.seed, "rows_count": self.rows_count, "created_utc": self.created}

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr((self.chunks_count, self.rows_count, self.seed)).encode()).hexdigest()

    def variant(self, index: int) -> str:
        return "baseline" if index < (self.chunks_count + 1) // 2 else "winter"

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        time.sleep(self.pause_s)
        index = self.chunks.index(chunk)
        rng = np.random.default_rng([self.seed, index])
        keys = {"variant": self.variant(index), "point_index": index, "step_index": 0, "time_days": 0.0}
        return {name: fill_table(STORE_SCHEMAS[name], self.rows_count, rng, keys) for name in self.tables}


def fill_table(schema: dict[str, str], rows_count: int, rng: np.random.Generator, keys: dict[str, Any]) -> Table:
    """Return rows of random values of every kind, with empty ones among the floats."""
    columns = {}
    for name, kind in schema.items():
        if name in KEY_COLUMNS and name in keys:
            columns[name] = [keys[name]] * rows_count
        elif kind.endswith("[]"):
            columns[name] = [rng.integers(0, 9, size) for size in rng.integers(0, 4, rows_count)]
        elif kind == "str":
            columns[name] = [f"{name} {number}" for number in rng.integers(0, 5, rows_count)]
        elif kind.startswith("float"):
            columns[name] = np.where(rng.random(rows_count) < 0.2, np.nan, rng.normal(size=rows_count))
        else:
            columns[name] = rng.integers(0, 2, rows_count)
    return build_table(schema, columns)


def main(folder: str, chunks_count: str, pause_s: str = "0", *more: str) -> None:
    """Execute a plan to its end or until somebody ends it."""
    from lightlane.execution import execute

    plan = FakePlan(int(chunks_count), pause_s=float(pause_s))

    def tell(done: int, total: int, left_s: float | None) -> None:
        sys.stdout.write(f"{done}/{total}\n")
        sys.stdout.flush()

    execute(plan, Path(folder), resume="resume" in more, on_progress=tell)


if __name__ == "__main__":
    main(*sys.argv[1:])

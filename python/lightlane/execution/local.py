"""Evaluating chunks in this process, one after another: the kernels of each use all cores."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from functools import partial

from lightlane.execution.plan import Plan
from lightlane.execution.sink import Encode, wait_for
from lightlane.kernels import Task
from lightlane.results.parquet import encode_tables
from lightlane.results.records import Table


def evaluate_locally(plan: Plan, chunks: Iterable[str], task: Task) -> Generator[tuple[str, Encode] | None]:
    """Evaluate chunks in their order, and yield each with what makes its bytes.

    Raises
    ------
    Cancelled
        If ``task`` was cancelled.
    KeyboardInterrupt
        As soon as the kernels have stopped: ``task`` is cancelled before.
    """
    for chunk in chunks:
        yield chunk, partial(encode_tables, _evaluate(plan, chunk, task))


def _evaluate(plan: Plan, chunk: str, task: Task) -> dict[str, Table]:
    """Evaluate one chunk in a thread of its own: this one would not notice a signal before the kernels end."""
    tables: list[dict[str, Table]] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            tables.append(plan.evaluate(chunk, task))
        except BaseException as error:  # noqa: BLE001 - it is raised again where somebody sees it
            errors.append(error)

    thread = threading.Thread(target=work, name="lightlane-chunk", daemon=True)
    try:
        thread.start()  # a signal may come before this returns
        wait_for(thread)
    except BaseException:
        task.cancel()
        wait_for(thread)
        raise
    if errors:
        raise errors[0]
    return tables[0]

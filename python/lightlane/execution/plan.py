"""What a run needs to know of the work: its chunks, what they depend on, and how one is evaluated."""

from __future__ import annotations

from typing import Any, Protocol

from lightlane.kernels import Task
from lightlane.results.records import Table


class Plan(Protocol):
    """Work that is cut into chunks, any of which can be evaluated alone, anywhere and again.

    A plan is pickled to the workers of a cluster: it holds models and plain data.
    """

    @property
    def chunks(self) -> tuple[str, ...]:
        """The chunks in the order of work; each is the name of a file."""
        ...

    @property
    def header(self) -> dict[str, Any]:
        """What the manifest says of the run from its start: plain data of JSON."""
        ...

    @property
    def fingerprint(self) -> str:
        """Checksum of everything that results depend on: a run is resumed with the same one alone."""
        ...

    def evaluate(self, chunk: str, task: Task | None = None) -> dict[str, Table]:
        """Return the tables of a chunk; the same rows whenever and wherever, in whatever company.

        Raises
        ------
        Cancelled
            If ``task`` was cancelled.
        """
        ...

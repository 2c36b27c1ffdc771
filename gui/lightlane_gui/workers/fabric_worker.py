"""The worker that evaluates the fabric: margins first, demands after them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lightlane import LiveScenario, LiveState, Task
from lightlane.toolkit import MapLayout, StateProblem, lay_out_map
from lightlane_gui.session.document import Document, Edited
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox
from lightlane_gui.workers.restraint import QUICK_MS

REST_S = 0.4
"""So long nothing may have changed before sentences are made: the next step of a drag must not wait for them."""

SHOWN_S = 0.1
"""So long demands, and what a link is made of, wait at most for the window to show the margins."""


@dataclass(frozen=True, slots=True)
class FabricRequest:
    """One state to evaluate, and the variant that it is compared with."""

    version: int
    document: Document
    form: Edited
    time_days: float
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be computed, and why."""

    version: int
    error: Exception


@dataclass(frozen=True, slots=True)
class ProblemList:
    """What is wrong with a state, and the version that it is of."""

    version: int
    problems: tuple[StateProblem, ...]


class FabricWorker:
    """Evaluates the latest request; posts ``fabric`` twice (margins, then demands), ``reference`` and ``problems``.

    Demands are left out of a step of a drag that the next one follows already, once they took long.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._live: LiveScenario | None = None
        self._document: Document | None = None
        self._layouts: dict[str, MapLayout] = {}
        self._routing_ms = 0.0
        self._worker: LatestWorker[FabricRequest] = LatestWorker("fabric", self._evaluate, self._fail)

    def submit(self, request: FabricRequest) -> None:
        """Ask for a state; the one that is being computed is finished and shown, so that a drag is seen to move."""
        self._worker.submit(request, cancel=False)

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until the latest request is answered; return whether it is."""
        return self._worker.wait(timeout_s)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _evaluate(self, request: FabricRequest, task: Task) -> None:
        if self._live is None or self._document is not request.document:
            self._document, self._layouts = request.document, {}
            self._live = LiveScenario(request.document.scenario, request.document.fabric, request.document.catalog)
        self._live.forget_but(request.form.names())
        state = self._post("fabric", request, request.form.variant, task)
        if request.reference is not None:
            self._post("reference", request, request.reference, task)
        # While a slider moves nobody reads sentences; they come when it rests.
        if self._worker.rests(REST_S):
            self._mailbox.post("problems", ProblemList(request.version, state.problems))

    def _post(self, key: str, request: FabricRequest, variant: str, task: Task) -> LiveState:
        assert self._live is not None
        started = time.perf_counter()
        state = self._live.state(request.form.scenario, variant=variant, time_days=request.time_days, task=task)
        # Variants of one document share a projection: two maps side by side show the same place.
        known = self._layouts.get(variant, next(iter(self._layouts.values()), None))
        layout = self._layouts[variant] = lay_out_map(state.fabric, before=known)
        elapsed_ms = 1e3 * (time.perf_counter() - started)
        picture = FabricPicture(request.version, variant, request.time_days, state, False, elapsed_ms, layout)
        _ = picture.class_index, picture.links, picture.is_direct  # here, so that the window need not
        self._mailbox.post(key, picture)
        # Routing would take the interpreter from the window just when it paints.
        self._mailbox.wait_shown(SHOWN_S)
        # Nor may it keep the next step of a drag waiting, where it takes long.
        if self._routing_ms > QUICK_MS and not self._worker.rests(0.0):
            return state
        routed = time.perf_counter()
        _ = state.routing
        self._routing_ms = 1e3 * (time.perf_counter() - routed)
        self._mailbox.post(key, picture.with_demands(1e3 * (time.perf_counter() - started)))
        return state

    def _fail(self, request: FabricRequest, error: Exception) -> None:
        self._mailbox.post("failure", Failure(request.version, error))


__all__ = ["SHOWN_S", "FabricRequest", "FabricWorker", "Failure", "ProblemList"]

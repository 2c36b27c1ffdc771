"""Margins of all links over the whole timeline, computed beside the window."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane import LiveScenario, Task
from lightlane_gui.session.document import Document, Edited
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.timeline.markers import duration_days
from lightlane_gui.workers.fabric_worker import Failure
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox

Floats = NDArray[np.float64]
GRID_COUNT = 60
"""Instants beside those of the run, where the timeline has no grid."""
POST_S = 0.1
"""Time between two posts."""


@dataclass(frozen=True, eq=False)
class MarginHistory:
    """Margins over time, as far as they are computed.

    Attributes
    ----------
    form
        Whose they are.
    times_days
        All instants, rising.
    margin_db
        (links, instants); NaN where a link has none, is not there, or the instant has not been computed.
    done_count
        Instants that have been computed, from the first on.
    elapsed_ms
        Since it was begun.
    """

    form: Edited
    times_days: Floats
    links: tuple[str, ...]
    margin_db: Floats
    done_count: int
    elapsed_ms: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all instants have been computed."""
        return self.done_count == len(self.times_days)

    def of_link(self, link: str) -> Floats | None:
        """Return the margins of a link; None where there is no such link at any instant."""
        return self.margin_db[self.links.index(link)] if link in self.links else None

    def ranked(self, probability: float) -> Floats:
        """Return an order statistic over the links that have a margin at each instant; 0: the worst."""
        known = np.isfinite(self.margin_db)
        ordered = np.sort(np.where(known, self.margin_db, np.inf), axis=0)
        count = known.sum(axis=0)
        if not len(ordered):
            return np.full(len(self.times_days), np.nan)
        place = np.clip(np.ceil(probability * count - 1e-9).astype(np.int64), 1, np.maximum(count, 1)) - 1
        out = ordered[place, np.arange(len(count))]
        return np.where(count > 0, out, np.nan)


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """Of what the margins over time are wanted."""

    document: Document
    form: Edited


class HistoryWorker:
    """Computes the latest request and posts ``history`` as it grows; an edit cancels it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._live: LiveScenario | None = None
        self._document: Document | None = None
        self._latest: HistoryRequest | None = None
        self._worker: LatestWorker[HistoryRequest] = LatestWorker("history", self._evaluate, self._fail)

    def submit(self, request: HistoryRequest) -> None:
        """Ask for a history; the one in work is given up."""
        self._latest = request
        self._worker.submit(request)

    def cancel(self) -> None:
        """Give up the history in work: it is of earlier parameters."""
        self._latest = None
        self._worker.cancel()

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until the latest request is answered; return whether it is."""
        return self._worker.wait(timeout_s)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _evaluate(self, request: HistoryRequest, task: Task) -> None:
        if self._live is None or self._document is not request.document:
            self._document = request.document
            self._live = LiveScenario(request.document.scenario, request.document.fabric, request.document.catalog)
        form = request.form
        self._live.forget_but([form.variant])
        times = list_instants(form, self._live.times_days(form.scenario, variant=form.variant))
        rows: dict[str, Floats] = {}
        posted_s, started = 0.0, time.perf_counter()
        for place, time_days in enumerate(times.tolist()):
            state = self._live.state(form.scenario, variant=form.variant, time_days=time_days, task=task)
            picture = FabricPicture(0, form.variant, time_days, state, routed=False, elapsed_ms=0.0)
            for link, margin_db in zip(picture.links, picture.margin_db.tolist(), strict=True):
                rows.setdefault(link, np.full(len(times), np.nan))[place] = margin_db
            # A state that is known takes no kernel, which would notice that the task is cancelled.
            if self._latest is not request:
                return
            if time.monotonic() - posted_s > POST_S or place + 1 == len(times):
                margin_db = np.array(list(rows.values())) if rows else np.zeros((0, len(times)))
                elapsed_ms = 1e3 * (time.perf_counter() - started)
                found = MarginHistory(form, times, tuple(rows), margin_db, place + 1, elapsed_ms)
                self._mailbox.post("history", found)
                posted_s = time.monotonic()

    def _fail(self, request: HistoryRequest, error: Exception) -> None:
        self._mailbox.post("history_failure", (request.form, Failure(0, error)))


def list_instants(form: Edited, run_days: tuple[float, ...]) -> Floats:
    """Return the instants of a history: those of a run, and a grid beside them where the timeline has none."""
    last = duration_days(form)
    timeline = form.scenario.timeline
    times = {time_days for time_days in run_days if time_days <= last} | {last}
    if timeline is None or timeline.step_days is None:
        times |= set(np.linspace(0.0, last, GRID_COUNT + 1).tolist())
    return np.array(sorted(times))

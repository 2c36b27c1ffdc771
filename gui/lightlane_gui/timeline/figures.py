"""What a state means for links and demands, beside the same instant of the base."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from lightlane import LiveScenario, Scenario, Task
from lightlane_gui.session.document import BASE, Document, Edited
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.workers.fabric_worker import Failure
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox

FIGURES: tuple[tuple[str, str, str], ...] = (
    ("links_up_count", "Links up", "Links with the margin that is wanted"),
    ("links_degraded_count", "degraded", "Links that work with less margin than is wanted"),
    ("links_down_count", "down", "Links that are out of service or do not close"),
    ("demands_met_count", "Demands met", "Demands that are carried in time"),
    ("demands_late_count", "late", "Demands that are carried, but later than they allow"),
    ("demands_blocked_count", "blocked", "Demands for which there is no path with room"),
    ("demands_rerouted_count", "rerouted", "Demands that go another way than before any event"),
    ("capacity_lost_gbps", "Capacity lost", "Rate of the links that are down, in Gb/s"),
    ("least_margin_db", "Least margin", "Of the links in service, in dB"),
)
"""Columns of the table ``steps``: name, label, meaning."""


@dataclass(frozen=True, slots=True)
class StateFigures:
    """Figures of a picture, and of the base at the same instant; ``judged`` is what objectives say of the picture."""

    version: int
    form: Edited
    figures: dict[str, Any]
    base: dict[str, Any]
    judged: tuple[Any, ...] = ()
    elapsed_ms: float = 0.0


_BaseKey = tuple[Document, Scenario, float]
"""What the figures of the base follow from; of the scenario all but its variants."""


@dataclass(frozen=True, slots=True)
class FiguresRequest:
    """The picture to read, and where the base is found."""

    document: Document
    form: Edited
    picture: FabricPicture


class FiguresWorker:
    """Reads the latest picture and posts ``figures``."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._live: LiveScenario | None = None
        self._document: Document | None = None
        self._base: tuple[_BaseKey, dict[str, Any]] | None = None
        self._worker: LatestWorker[FiguresRequest] = LatestWorker("figures", self._read, self._fail)

    def submit(self, request: FiguresRequest) -> None:
        """Ask for figures; those that are being read are finished, so that they are seen to move."""
        self._worker.submit(request, cancel=False)

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until the latest request is answered; return whether it is."""
        return self._worker.wait(timeout_s)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _read(self, request: FiguresRequest, task: Task) -> None:
        started = time.perf_counter()
        figures = request.picture.state.figures
        judged = tuple(request.picture.state.judge())
        base = self._find_base(request, figures, task)
        elapsed_ms = 1e3 * (time.perf_counter() - started)
        found = StateFigures(request.picture.version, request.form, figures, base, judged, elapsed_ms)
        self._mailbox.post("figures", found)

    def _find_base(self, request: FiguresRequest, figures: dict[str, Any], task: Task) -> dict[str, Any]:
        """Return the figures of the base at the instant of a picture; those of the last time, where they hold."""
        document, picture = request.document, request.picture
        key = (document, request.form.scenario.model_copy(update={"variant": ()}), picture.time_days)
        if picture.variant == BASE:
            self._base = key, figures
        elif self._base is None or self._base[0] != key:
            if self._live is None or self._document is not document:
                self._document = document
                self._live = LiveScenario(document.scenario, document.fabric, document.catalog)
            state = self._live.state(request.form.scenario, time_days=picture.time_days, task=task)
            self._base = key, state.figures
        return self._base[1]

    def _fail(self, request: FiguresRequest, error: Exception) -> None:
        self._mailbox.post("figures_failure", Failure(request.picture.version, error))

"""Margins over time: the selected link, pinned ones, the worst and the fifth percentile, with the cursor of time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QGraphicsItem

from lightlane_gui.charts import Axis, Chart
from lightlane_gui.charts.series import Ranges
from lightlane_gui.charts.steps import hold_steps
from lightlane_gui.session.session import Session
from lightlane_gui.timeline.history import MarginHistory
from lightlane_gui.timeline.markers import duration_days

Floats = NDArray[np.float64]
LOWEST_DB = -4.0
HIGHEST_DB = 15.0
"""Margins outside are drawn at the edge and marked: a link far below would flatten all others."""
LOW_RANK_RATIO = 0.05
_PADDING_RATIO = 0.01
"""Room beside the timeline, as a share of it."""
EMPTY = "Margins over time come when a fabric with links is open"


class MarginStrip(Chart):
    """The strip chart; ``show_*`` are its choices."""

    def __init__(self, session: Session) -> None:
        super().__init__(
            session, "Margin over time", Axis("time_days", "Time (d)", decimals=1), Axis("margin_db"), empty_text=EMPTY,
            is_compact=True,
        )  # fmt: skip
        for side in ("left", "bottom"):
            # The cursor moves with every picture; axes and grid cost ten times as much to draw and stay as they are.
            self.plot.getPlotItem().getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.shows_link = self.shows_worst = self.shows_low = True
        self._history: MarginHistory | None = None
        self._drawn: set[str] = set()
        self.clicked.connect(lambda x, _: self._go(x))
        session.document_opened.connect(self._forget)
        session.time_changed.connect(lambda _: self._draw_now())
        session.selection_changed.connect(self.redraw)
        session.pins_changed.connect(self.redraw)
        session.edited.connect(self._mark_stale)

    def take(self, history: MarginHistory) -> None:
        """Show a history as far as it has come."""
        self._history = history
        self._mark_stale()
        self.redraw()

    def redraw(self) -> None:
        """Draw what is chosen."""
        history = self._history
        if history is None:
            return
        curves: list[tuple[str, str, Floats, str]] = []
        if self.shows_worst:
            curves.append(("worst", "worst", history.ranked(0.0), "class:down"))
        if self.shows_low:
            curves.append(("low", "5 %", history.ranked(LOW_RANK_RATIO), "muted"))
        links = [*self.session.pinned_links]
        if self.shows_link and self.session.selection.link and self.session.selection.link not in links:
            links.insert(0, self.session.selection.link)
        for number, link in enumerate(links):
            margin_db = history.of_link(link)
            if margin_db is not None:
                curves.append((f"link:{link}", link, margin_db, f"trace:{number}"))
        keys = {key for key, *_ in curves}
        with self.updating():
            for key in self._drawn - keys:
                self.remove(key)
                self.remove(f"{key}:outside")
            self._drawn = keys
            for key, label, margin_db, color in curves:
                self._draw_curve(key, label, margin_db, color, history)
        self.set_line("limit", 0.0, color="error")
        self._draw_now()

    def _draw_curve(self, key: str, label: str, margin_db: Floats, color: str, history: MarginHistory) -> None:
        times, clamped = hold_steps(history.times_days, np.clip(margin_db, LOWEST_DB, HIGHEST_DB))
        self.set_curve(key, times, clamped, label, color=color)
        outside = (margin_db < LOWEST_DB) | (margin_db > HIGHEST_DB)
        if not outside.any():
            self.remove(f"{key}:outside")
        else:
            edge = np.clip(margin_db[outside], LOWEST_DB, HIGHEST_DB)
            self.set_points(f"{key}:outside", history.times_days[outside], edge, color=color, symbol="t")

    def frame(self, ranges: Ranges) -> Ranges:
        """Show the whole timeline, as far up as there are margins, and the limit.

        Up to whole decibels: while a slider moves, the axes stand still.
        """
        if self.session.document is None:
            return ranges
        last = duration_days(self.session.form)
        low, high = ranges[1]
        beside = _PADDING_RATIO * last
        return [(-beside, last + beside), (min(math.floor(low), -0.5), max(math.ceil(high), 0.5))]

    def _draw_now(self) -> None:
        self.set_line("now", self.session.time_days, along="y", color="accent")

    def _go(self, time_days: float) -> None:
        if self.session.document is not None:
            self.session.set_time(min(max(round(time_days, 2), 0.0), duration_days(self.session.form)))

    def _mark_stale(self) -> None:
        document = self.session.document
        self.set_stale(self._history is not None and document is not None and self._history.form != self.session.form)

    def _forget(self) -> None:
        self._history = None
        self._drawn = set()
        self.clear(EMPTY)
        self.set_stale(False)

"""Playing: the clock that moves the session's time, never faster than pictures come."""

from __future__ import annotations

import bisect
import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from lightlane_gui.session.session import Session
from lightlane_gui.timeline.markers import list_stops

TICK_MS = 33
ELAPSED_MAX_S = 0.25
"""Time that one step may stand for: after a slow picture the clock does not leap."""
DEFAULT_SPEED_DAYS_PER_S = 90.0


def next_time(now_days: float, step_days: float, stops_days: Sequence[float]) -> float:
    """Return the instant after a step, or the first stop within it, so that nothing short is passed over.

    Parameters
    ----------
    stops_days
        Rising; the last is the end.
    """
    place = bisect.bisect_right(stops_days, now_days)
    if place == len(stops_days):
        return max(now_days, stops_days[-1]) if stops_days else now_days
    return min(now_days + step_days, stops_days[place])


class Player(QObject):
    """Plays a session's time."""

    playing_changed = Signal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.speed_days_per_s = DEFAULT_SPEED_DAYS_PER_S
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._last_s = 0.0
        session.document_opened.connect(self.pause)

    @property
    def is_playing(self) -> bool:
        """Whether the clock runs."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Run from here; at the end, from the beginning."""
        if self._session.document is None or self.is_playing:
            return
        stops = list_stops(self._session.form)
        if self._session.time_days >= stops[-1]:
            self._session.set_time(0.0)
        self._last_s = time.monotonic()
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop here."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def step(self, forward: bool) -> None:
        """Go to the next or the previous instant at which something begins or ends."""
        if self._session.document is None:
            return
        stops, now = list_stops(self._session.form), self._session.time_days
        if forward:
            place = bisect.bisect_right(stops, now)
            target = stops[place] if place < len(stops) else stops[-1]
        else:
            place = bisect.bisect_left(stops, now) - 1
            target = stops[max(place, 0)]
        self._session.set_time(target)

    def _tick(self) -> None:
        now_s = time.monotonic()
        if self._session.is_stale:
            # The picture of this instant has not come: waiting for it is no time that has passed.
            self._last_s = now_s
            return
        self.advance(min(now_s - self._last_s, ELAPSED_MAX_S))
        self._last_s = now_s

    def advance(self, elapsed_s: float) -> None:
        """Let so much time pass on the clock of the wall."""
        stops = list_stops(self._session.form)
        target = next_time(self._session.time_days, elapsed_s * self.speed_days_per_s, stops)
        self._session.set_time(target)
        if target >= stops[-1]:
            self.pause()

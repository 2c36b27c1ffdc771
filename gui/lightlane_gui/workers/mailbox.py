"""The mailbox between workers and window: of every kind only the latest is kept."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QObject, Signal


class Mailbox(QObject):
    """Workers post, the window takes everything once per turn of its event loop.

    At most one wake-up waits in the event queue, however fast workers post; what is overwritten before it was taken is
    counted.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Condition()
        self._posted: dict[str, Any] = {}
        self._is_waiting = self._is_showing = False
        self.overwritten_count = 0

    def post(self, key: str, value: Any) -> None:
        """Leave a value, from any thread."""
        with self._lock:
            self.overwritten_count += key in self._posted
            self._posted[key] = value
            wake = not self._is_waiting
            self._is_waiting = True
        if wake:
            self.arrived.emit()

    def take(self) -> dict[str, Any]:
        """Return everything that was posted since the last time, by key."""
        with self._lock:
            posted, self._posted = self._posted, {}
            self._is_waiting, self._is_showing = False, bool(posted)
        return posted

    def note_shown(self) -> None:
        """Tell that what was taken is on the screen."""
        with self._lock:
            self._is_showing = False
            self._lock.notify_all()

    def wait_shown(self, time_s: float) -> bool:
        """Wait in a worker until all that was posted is on the screen; return whether it is."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._posted and not self._is_showing, time_s)

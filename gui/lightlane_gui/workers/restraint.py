"""Work beside the map that takes long waits until the user rests: it would take the interpreter from the next map."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

QUICK_MS = 20.0
"""What takes no longer is done with every step of a drag."""
REST_MS = 400
"""Nothing asked for so long is a rest; a hand that drags hesitates for less."""


class Restraint(QObject):
    """Passes the latest request on: at once if the last one was answered quickly, else when no other has come."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._took_ms = 0.0
        self._wanted: Callable[[], object] | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._go)

    def ask(self, submit: Callable[[], object]) -> None:
        """Have ``submit`` called, now or at rest, unless something else is asked for before."""
        self._wanted = submit
        if self._took_ms <= QUICK_MS:
            self._go()
        else:
            self._rest.start()

    def note(self, took_ms: float) -> None:
        """Learn how long the latest answer took."""
        self._took_ms = took_ms

    def _go(self) -> None:
        self._rest.stop()
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            wanted()

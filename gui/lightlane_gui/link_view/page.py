"""A page that is drawn when it is seen: what happens behind another tab costs nothing, what comes together little."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class Page(QWidget):
    """Calls :meth:`draw` once after it was asked to refresh, however often: soon if it is seen, else when it is."""

    def __init__(self) -> None:
        super().__init__()
        self._is_due = True
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._draw_due)

    def refresh(self) -> None:
        """Something to show has changed."""
        self._is_due = True
        if self.isVisible():
            self._soon.start()

    def refresh_now(self) -> None:
        """Answer what the user did."""
        self._is_due = True
        self._draw_due()

    def _draw_due(self) -> None:
        if self._is_due and self.isVisible():
            self._is_due = False
            self.draw()

    def draw(self) -> None:
        """Bring everything up to date."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Draw what has changed behind the scenes."""
        super().showEvent(event)
        self._draw_due()

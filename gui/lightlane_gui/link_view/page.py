"""A page that is drawn when it is seen: what happens behind another tab costs nothing."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class Page(QWidget):
    """Calls :meth:`draw` when it is asked to refresh and seen, else once when it is seen next."""

    def __init__(self) -> None:
        super().__init__()
        self._is_due = True

    def refresh(self) -> None:
        """Something to show has changed."""
        if self.isVisible():
            self._is_due = False
            self.draw()
        else:
            self._is_due = True

    def draw(self) -> None:
        """Bring everything up to date."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Draw what has changed behind the scenes."""
        super().showEvent(event)
        if self._is_due:
            self._is_due = False
            self.draw()

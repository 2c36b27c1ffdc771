"""The chip beside a margin: its class as a color, the text in ink."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from lightlane_gui.session.session import Session
from lightlane_gui.theme import ClassKey


class Chip(QWidget):
    """A rounded square."""

    def __init__(self, session: Session, size: int = 14) -> None:
        super().__init__()
        self._session = session
        self._key: ClassKey = "unknown"
        self.setFixedSize(QSize(size, size))
        session.theme_changed.connect(self.update)

    def set_class(self, key: ClassKey, text: str) -> None:
        """Show a class; ``text`` is what a screen reader says."""
        self._key = key
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._session.theme.rule))
        painter.setBrush(QColor(self._session.theme.classes[self._key]))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

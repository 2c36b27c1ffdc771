"""Pages side by side where there is room, else behind tabs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QStackedLayout, QTabWidget, QVBoxLayout, QWidget

TILED_WIDTH, TILED_HEIGHT = 1080, 560
"""From this size on pages lie side by side."""
COLUMN_SHARES = (6, 5)
"""Widths of the columns against each other: the table of figures beside its chart needs some."""


class Tiles(QWidget):
    """Up to four pages; :attr:`is_tiled` tells how they lie."""

    arranged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Pages of the link")
        self.tabs.setDocumentMode(True)
        self._grid = QWidget()
        self._grid_layout = QGridLayout(self._grid)
        self._grid_layout.setContentsMargins(4, 4, 4, 4)
        self._grid_layout.setSpacing(6)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.tabs)
        self._stack.addWidget(self._grid)
        self._pages: list[tuple[str, QWidget]] = []
        self._frames: list[QWidget] = []
        self.is_tiled = False

    def add(self, title: str, page: QWidget) -> None:
        """Add a page."""
        self._pages.append((title, page))
        self.tabs.addTab(page, title)
        frame = QWidget()
        frame_layout = QVBoxLayout(frame)
        frame_layout.setContentsMargins(0, 0, 0, 0)
        frame_layout.setSpacing(0)
        label = QLabel(title)
        label.setStyleSheet("font-weight: 600; padding: 2px 8px;")
        frame_layout.addWidget(label)
        self._frames.append(frame)
        number = len(self._frames) - 1
        self._grid_layout.addWidget(frame, number // 2, number % 2)
        self._grid_layout.setColumnStretch(number % 2, COLUMN_SHARES[number % 2])
        self._grid_layout.setRowStretch(number // 2, 1)

    def show_page(self, number: int) -> None:
        """Bring a page to the front, or the focus to it where all are seen."""
        if self.is_tiled:
            self._pages[number][1].setFocus()
        else:
            self.tabs.setCurrentIndex(number)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for what the tabs need: tiled pages must not keep the dock from getting smaller."""
        return QSize(320, 260)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange the pages for the room that there is."""
        super().resizeEvent(event)
        self._arrange(event.size().width() >= TILED_WIDTH and event.size().height() >= TILED_HEIGHT)

    def _arrange(self, is_tiled: bool) -> None:
        if is_tiled == self.is_tiled:
            return
        self.is_tiled = is_tiled
        current = self.tabs.currentIndex()
        for number, (title, page) in enumerate(self._pages):
            if is_tiled:
                layout = self._frames[number].layout()
                assert isinstance(layout, QVBoxLayout)
                layout.addWidget(page, 1)
                page.show()
            else:
                self.tabs.insertTab(number, page, title)
        self._stack.setCurrentWidget(self._grid if is_tiled else self.tabs)
        if not is_tiled:
            self.tabs.setCurrentIndex(max(current, 0))
        self.arranged.emit()

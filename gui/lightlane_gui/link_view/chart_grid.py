"""Charts in as many columns as have room, scrolled where they are too many."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

CELL_WIDTH, CELL_HEIGHT = 215, 205
"""Least size of a chart with readable axes."""
COLUMNS_MAX = 3
_MARGIN, _SPACING = 2, 4


class ChartGrid(QScrollArea):
    """A grid that is laid out anew when its width changes."""

    def __init__(self, charts: list[QWidget]) -> None:
        super().__init__()
        self.charts = charts
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        self._layout = QGridLayout(inner)
        self._layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._layout.setSpacing(_SPACING)
        self.columns_count = 0
        self.setWidget(inner)
        self._layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._arrange(2)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take as many columns as have room."""
        super().resizeEvent(event)
        self._arrange(min(max(event.size().width() // CELL_WIDTH, 1), COLUMNS_MAX))
        rows_count = -(-len(self.charts) // self.columns_count)
        room = (event.size().height() - 2 * _MARGIN - (rows_count - 1) * _SPACING) // rows_count
        highest = int(1.1 * event.size().width() / self.columns_count)
        for chart in self.charts:
            chart.setFixedHeight(max(min(room, highest), CELL_HEIGHT))

    def _arrange(self, columns_count: int) -> None:
        if columns_count == self.columns_count:
            return
        for number in range(COLUMNS_MAX):
            self._layout.setColumnStretch(number, 1 if number < columns_count else 0)
        self.columns_count = columns_count
        for number, chart in enumerate(self.charts):
            self._layout.addWidget(chart, number // columns_count, number % columns_count)

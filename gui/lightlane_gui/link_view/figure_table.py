"""The key figures of a lane in both directions, and in what is compared with."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from lightlane import LaneResult
from lightlane_gui.charts.number_text import STALE, format_number
from lightlane_gui.link_view.chooser import ARROWS
from lightlane_gui.link_view.figures import FIGURES, Figure
from lightlane_gui.session.link_rows import DIRECTIONS, LinkRows
from lightlane_gui.session.session import Session
from lightlane_gui.workers.link_desk import LinkDesk

_ROW_HEIGHT = 21
_COLUMN_WIDTH = 66
"""Of the widest value, an error ratio, with the mark of a stale one."""


class FigureTable(QTableWidget):
    """A row for each figure that the link has; columns: a to b, b to a, and the change where something is compared."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self._shown: tuple[LinkRows, int, bool, str, LaneResult | None, str | None] | None = None
        self._named: tuple[list[str], list[Figure], str] | None = None
        self._written: dict[tuple[int, int], tuple[str, str, str]] = {}
        self._values: dict[tuple[int, int], tuple[float | None, bool, bool, str]] = {}
        self.setAccessibleName("Figures of the lane in both directions")
        self.setToolTip("Figures of the lane; each has its formula in the tooltip of its name")
        self.setTabKeyNavigation(False)  # Tab goes on to the next control
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setMinimumWidth(104)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setMinimumWidth(250)

    def show_figures(self) -> None:
        """Bring it up to date."""
        desk, rows = self._desk, self._desk.rows
        if rows is None:
            self.setRowCount(0)
            self._named = self._shown = None
            return
        if self._is_shown(rows):
            return
        detection = rows.link.mode.detection
        figures = [figure for figure in FIGURES if figure.fits(detection)]
        shot = desk.shot
        reference = None if shot is None or self._session.reference is None else shot.reference
        names = [ARROWS[name] for name in DIRECTIONS] + (["change"] if reference is not None else [])
        self._name(names, figures, detection)
        channel, direction, lane = rows.address(desk.row)
        places = [rows.find_row(channel, name, lane, desk.row) for name in DIRECTIONS]
        for line, figure in enumerate(figures):
            for column, row in enumerate(places):
                self._write(line, column, figure, rows, row, is_chosen=DIRECTIONS[column] == direction)
            if reference is not None:
                change = rows.value(desk.row, figure.name) - float(getattr(reference, figure.name))
                text = "" if math.isnan(change) else _write_change(figure, change)
                self._put(
                    line, 2, text, f"Change against {self._session.reference_variant}: {figure.meaning}", muted=True
                )

    def _is_shown(self, rows: LinkRows) -> bool:
        """Return whether all this was shown already: a page is drawn for several reasons in a frame."""
        desk, session = self._desk, self._session
        reference = None if desk.shot is None or session.reference is None else desk.shot.reference
        now = (rows, desk.row, desk.is_stale, session.theme.name, reference, session.reference_variant)
        before, self._shown = self._shown, now
        return before is not None and before[:4] == now[:4] and before[4] is now[4] and before[5] == now[5]

    def _name(self, names: list[str], figures: list[Figure], detection: str) -> None:
        """Name columns and rows, where these are not those that stand there."""
        if (names, figures, detection) == self._named:
            return
        self._named = names, figures, detection
        self._written.clear()
        self.clearContents()
        self._values.clear()
        self.setColumnCount(len(names))
        self.setRowCount(len(figures))
        self.setHorizontalHeaderLabels(names)
        self.setVerticalHeaderLabels([f"{item.label} ({item.unit})" if item.unit else item.label for item in figures])
        for line, figure in enumerate(figures):
            header = self.verticalHeaderItem(line)
            header.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            header.setToolTip(figure.explain(detection))
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(self.verticalHeader().sizeHint().width() + len(names) * _COLUMN_WIDTH + bar + 4)

    def _write(self, line: int, column: int, figure: Figure, rows: LinkRows, row: int, *, is_chosen: bool) -> None:
        value = rows.value(row, figure.name)
        # Most values of a drag stay as they are; NaN is not equal to itself, None is.
        known = (None if math.isnan(value) else value, is_chosen, self._desk.is_stale, self._session.theme.name)
        if self._values.get((line, column)) == known:
            return
        self._values[line, column] = known
        text = figure.write(value)
        detection = rows.link.mode.detection
        mark = STALE if self._desk.is_stale else ""
        self._put(line, column, text + mark, figure.explain(detection), muted=not is_chosen or self._desk.is_stale)

    def _put(self, line: int, column: int, text: str, tip: str, *, muted: bool) -> None:
        color = self._session.theme.muted if muted else self._session.theme.ink
        # Most of a drag stays as it is, and all that is written has the cell laid out anew.
        before, now = self._written.get((line, column), ("", "", "")), (text, tip, color)
        if before == now:
            return
        self._written[line, column] = now
        item = self.item(line, column)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(line, column, item)
        if before[0] != text:
            item.setText(text)
        if before[1] != tip:
            item.setToolTip(tip)
        if before[2] != color:
            item.setForeground(QColor(color))


def _write_change(figure: Figure, change: float) -> str:
    if figure.name.endswith(("_ber", "_ratio")):
        return "" if change == 0.0 else ("+" if change > 0 else "\N{MINUS SIGN}") + figure.write(abs(change))
    return format_number(change, figure.decimals, signed=True)

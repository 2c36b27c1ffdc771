"""Qt's view of a table: sorted and filtered by an array of row numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from lightlane_gui.tables.column_table import EMPTY_TABLE, ColumnSpec, ColumnTable
from lightlane_gui.tables.filter_language import Test
from lightlane_gui.theme import CLASS_KEYS, Theme

ClassRole = Qt.ItemDataRole.UserRole + 1
"""Key of the margin class of a cell that shows a margin."""
Index = QModelIndex | QPersistentModelIndex
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ROOT = QModelIndex()


class ColumnTableModel(QAbstractTableModel):
    """Shows a :class:`ColumnTable`; rows keep the order and the filter that the user chose when values change."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table: ColumnTable = EMPTY_TABLE
        self._rows: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._test: Test | None = None
        self._sort: tuple[str, bool] = ("", False)
        self._is_stale = False
        self.set_theme(theme)

    @property
    def table(self) -> ColumnTable:
        """What is shown."""
        return self._table

    @property
    def rows(self) -> NDArray[np.intp]:
        """The rows of the table that are shown, from above."""
        return self._rows

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self._muted = QColor(theme.muted)

    def set_table(self, table: ColumnTable) -> None:
        """Show other values; columns may be others."""
        if [spec.key for spec in table.specs] != [spec.key for spec in self._table.specs]:
            self.beginResetModel()
            self._table = table
            self._rows = self._arrange()
            self.endResetModel()
            return
        before, self._table = self._table, table
        rows = self._arrange()
        if len(before) != len(table) or not np.array_equal(rows, self._rows):
            self._show(rows)
            return
        # Each cell that is told is painted: of most steps of a drag only some look otherwise.
        for column, spec in enumerate(table.specs):
            places = np.flatnonzero(np.isin(rows, table.changed_rows(before, spec)))
            if len(places):
                self.dataChanged.emit(self.index(int(places[0]), column), self.index(int(places[-1]), column))

    def set_filter(self, test: Test | None) -> None:
        """Show the rows that pass a test; None: all."""
        self._test = test
        self._show(self._arrange())

    def set_stale(self, stale: bool) -> None:
        """Mark what is of the state as computed from other parameters than are set."""
        if stale != self._is_stale:
            self._is_stale = stale
            for column, spec in enumerate(self._table.specs):
                if spec.is_live and len(self._rows):
                    self.dataChanged.emit(self.index(0, column), self.index(len(self._rows) - 1, column))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1: as in the fabric."""
        keys = [spec.key for spec in self._table.specs]
        key = keys[column] if 0 <= column < len(keys) else ""
        self._sort = key, order == Qt.SortOrder.DescendingOrder
        self._show(self._arrange())

    def place_of(self, name: str) -> int:
        """Return where a row is shown; -1: it is not."""
        row = self._table.row_by_name.get(name)
        if row is None:
            return -1
        found = np.flatnonzero(self._rows == row)
        return int(found[0]) if len(found) else -1

    def name_at(self, place: int) -> str:
        """Return what the row at a place is called."""
        return self._table.names[int(self._rows[place])]

    def _arrange(self) -> NDArray[np.intp]:
        key, descending = self._sort
        known = any(spec.key == key for spec in self._table.specs)
        mask = self._test(self._table) if self._test is not None else None
        return self._table.order(key if known else "", descending=descending, mask=mask)

    def _show(self, rows: NDArray[np.intp]) -> None:
        if len(rows) == len(self._rows):
            # Nothing is rebuilt while values change: the views keep their place.
            self._rows = rows
            self._tell_changed()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def _tell_changed(self) -> None:
        if len(self._rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._table.specs) - 1))

    # --- what Qt asks ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Count the rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        """Count the columns."""
        return 0 if parent.isValid() else len(self._table.specs)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Say what a column is called and what it means."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._table.specs):
            return None
        spec = self._table.specs[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return spec.header
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if spec.kind == "text" else _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{spec.help or spec.header}\nIn filters: {spec.key}"
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Say what a cell holds."""
        spec = self._table.specs[index.column()]
        row = int(self._rows[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(spec, row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if spec.kind == "text" else _RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._muted if self._is_stale and spec.is_live else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._table.show(spec, row) if spec.kind == "text" else None
        if role == ClassRole and spec.key == "margin_db" and self._table.class_index is not None:
            return CLASS_KEYS[int(self._table.class_index[row])]
        return None

    def look(self, row: int, column: int) -> tuple[str, int, QColor | None, str]:
        """Return all that is painted of a cell in one call: text, alignment, color if it has its own, margin class."""
        spec, place = self._table.specs[column], int(self._rows[row])
        classes = self._table.class_index
        key = "" if classes is None or spec.key != "margin_db" else CLASS_KEYS[int(classes[place])]
        color = self._muted if self._is_stale and spec.is_live else None
        return self._text(spec, place), _LEFT if spec.kind == "text" else _RIGHT, color, key

    def _text(self, spec: ColumnSpec, row: int) -> str:
        text = self._table.show(spec, row)
        return f"{text} ?" if self._is_stale and spec.is_live and text else text


__all__ = ["ClassRole", "ColumnTableModel"]

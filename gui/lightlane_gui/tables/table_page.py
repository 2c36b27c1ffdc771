"""One table with its filter: sort, select, copy, export."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from lightlane_gui.tables.chip_delegate import ChipDelegate
from lightlane_gui.tables.column_table import ColumnSpec, ColumnTable
from lightlane_gui.tables.filter_edit import FilterEdit
from lightlane_gui.tables.table_model import ColumnTableModel
from lightlane_gui.theme import Theme

ROW_PX = 22


class TablePage(QWidget):
    """A table; what the user points at is said by name."""

    picked = Signal(str)
    opened = Signal(str)

    def __init__(self, title: str, hint: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.model = ColumnTableModel(theme, self)
        self.filter = FilterEdit(theme, hint)
        self.count = QLabel()
        self.count.setAccessibleName(f"How many {title.lower()} are shown")
        self.view = self._make_view(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self.filter)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.count)
        self._make_actions()
        self._is_following = False
        self._sized_for: tuple[ColumnSpec, ...] = ()
        self.filter.changed.connect(self._apply_filter)
        self.view.selectionModel().currentRowChanged.connect(self._pick)
        self.view.doubleClicked.connect(lambda index: self.opened.emit(self.model.name_at(index.row())))
        self.view.installEventFilter(self)

    def _make_view(self, theme: Theme) -> QTableView:
        view = QTableView()
        view.setModel(self.model)
        view.setAccessibleName(f"Table of {self.title.lower()}")
        view.setToolTip(f"{self.title} of the fabric; a click on a header sorts, Ctrl+C copies rows")
        view.setSortingEnabled(True)
        view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(ROW_PX)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setSectionsMovable(True)
        view.horizontalHeader().setResizeContentsPrecision(100)
        self.delegate = ChipDelegate(theme, view)
        view.setItemDelegate(self.delegate)
        # Room for the arrow of the sort order beside words at the right.
        view.horizontalHeader().setStyleSheet("QHeaderView::section { padding: 3px 16px 3px 8px; }")
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return view

    def _make_actions(self) -> None:
        self.copy_action = QAction(f"Copy rows of {self.title.lower()}", self)
        self.copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_action.triggered.connect(self.copy_rows)
        self.export_action = QAction(f"Export table of {self.title.lower()} as CSV\N{HORIZONTAL ELLIPSIS}", self)
        self.export_action.setShortcut(QKeySequence("Ctrl+Alt+E"))
        self.export_action.triggered.connect(self._ask_export)
        for action in (self.copy_action, self.export_action):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.view.addAction(action)

    # --- values -----------------------------------------------------------------------------------------------------

    def set_table(self, table: ColumnTable, *, stale: bool, selected: str) -> None:
        """Show other values; the row that is selected stays so wherever it goes."""
        bar = self.view.verticalScrollBar()
        place = bar.value()
        self._is_following = True
        self.model.set_table(table)
        self.model.set_stale(stale)
        self.filter.set_table(table)
        self._is_following = False
        bar.setValue(place)
        if self._sized_for != table.specs and len(table):
            self._sized_for = table.specs
            self.view.resizeColumnsToContents()
            for column, spec in enumerate(table.specs):
                # Room for the sign of what is stale.
                extra = 12 if spec.is_live else 0
                self.view.setColumnWidth(column, min(self.view.columnWidth(column) + extra, 220))
        self.follow(selected, scroll=False)
        self._count()

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self.model.set_theme(theme)
        self.delegate.theme = theme
        self.filter.set_theme(theme)
        self.view.viewport().update()

    def follow(self, name: str, *, scroll: bool = True) -> None:
        """Select the row of a name; empty: none."""
        place = self.model.place_of(name) if name else -1
        chosen = self.view.selectionModel()
        self._is_following = True
        if place < 0:
            chosen.clear()
        elif chosen.currentIndex().row() != place or len(chosen.selectedRows()) <= 1:
            index = self.model.index(place, 0)
            flags = QItemSelectionModel.SelectionFlag
            chosen.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            if scroll:
                self.view.scrollTo(index)
        self._is_following = False

    def _apply_filter(self, test: object) -> None:
        name = self.current_name()
        self._is_following = True
        self.model.set_filter(test)  # type: ignore[arg-type]
        self._is_following = False
        self.follow(name)
        self._count()

    def current_name(self) -> str:
        """Return what the current row is called; empty: there is none."""
        index = self.view.selectionModel().currentIndex()
        return self.model.name_at(index.row()) if index.isValid() and index.row() < len(self.model.rows) else ""

    def _count(self) -> None:
        shown, total = len(self.model.rows), len(self.model.table)
        what = self.title.lower()
        if not total:
            self.count.setText(f"No {what}")
        elif not shown:
            self.count.setText(f"None of {total} {what} pass the filter")
        else:
            self.count.setText(f"{shown} of {total} {what}" if shown < total else f"{total} {what}")

    # --- what the user does ------------------------------------------------------------------------------------------

    def _pick(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not self._is_following and current.isValid():
            self.picked.emit(self.model.name_at(current.row()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Open the current row on Enter."""
        if watched is self.view and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_name():
                self.opened.emit(self.current_name())
                return True
        return super().eventFilter(watched, event)

    def copy_rows(self) -> None:
        """Put the selected rows into the clipboard, tabs between the columns."""
        places = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        rows = [int(self.model.rows[place]) for place in places]
        if rows:
            QGuiApplication.clipboard().setText(self.model.table.export(rows, "\t"))

    def export_csv(self, path: Path) -> None:
        """Write the rows that are shown, in their order.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        path.write_text(self.model.table.export(self.model.rows.tolist(), ","), encoding="utf-8")

    def _ask_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export table", f"{self.title.lower()}.csv", "CSV (*.csv)")
        if name:
            try:
                self.export_csv(Path(name))
            except OSError as error:
                self.count.setText(f"Not written: {error}")


__all__ = ["TablePage"]

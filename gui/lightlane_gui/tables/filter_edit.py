"""The line where a filter is typed: errors beside it, words completed."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QVBoxLayout, QWidget

from lightlane_gui.tables.column_table import EMPTY_TABLE, ColumnTable
from lightlane_gui.tables.filter_language import FilterError, Test, complete_filter, parse_filter
from lightlane_gui.theme import Theme


class FilterEdit(QWidget):
    """Says on every change which test is asked for; while what stands there is no filter, the last one holds."""

    changed = Signal(object)
    """The test, None for all rows."""

    def __init__(self, theme: Theme, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setClearButtonEnabled(True)
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName("Filter")
        self.line.setToolTip(
            "Words search names; columns compare: margin < 2 dB, limited_by = osnr, module ~ zr, latency > 0.5 ms;\n"
            "joined by and, or, not and brackets; none stands for what is not known."
        )
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setAccessibleName("What is wrong with the filter")
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line)
        layout.addWidget(self.problem)
        self._table = EMPTY_TABLE
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self.line)
        self._completer.activated[str].connect(self._insert)  # type: ignore[index]
        self.line.textChanged.connect(self._read)
        self.line.textEdited.connect(self._offer)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self._error_color = theme.error
        self.problem.setStyleSheet(f"color: {theme.error};")
        self._read(self.line.text())

    def set_table(self, table: ColumnTable) -> None:
        """Complete with the columns and values of another table; what stands there is read anew."""
        columns_changed = table.specs != self._table.specs
        self._table = table
        if columns_changed:
            self._read(self.line.text())

    def _read(self, text: str) -> None:
        try:
            test: Test | None = parse_filter(text, self._table.specs)
        except FilterError as error:
            self.problem.setText(str(error))
            self.problem.show()
            self.line.setStyleSheet(f"QLineEdit {{ border-color: {self._error_color}; }}")
            return
        self.problem.hide()
        self.line.setStyleSheet("")
        self.changed.emit(test)

    def _offer(self, text: str) -> None:
        place = self.line.cursorPosition()
        start, words = complete_filter(text[:place], self._table.specs, self._table)
        if not words or (start == place and not text[:place].rstrip().endswith(("=", "~"))):
            if (popup := self._completer.popup()) is not None:
                popup.hide()
            return
        self._words.setStringList(words[:12])
        self._completer.complete()

    def _insert(self, word: str) -> None:
        text, place = self.line.text(), self.line.cursorPosition()
        start, _ = complete_filter(text[:place], self._table.specs, self._table)
        self.line.setText(f"{text[:start]}{word} {text[place:].lstrip()}")
        self.line.setCursorPosition(start + len(word) + 1)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)


__all__ = ["FilterEdit"]

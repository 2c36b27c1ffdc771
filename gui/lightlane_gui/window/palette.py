"""The command palette: everything that can be done, and every site, duct and link, by a few letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

SHOWN_MAX = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette.

    Attributes
    ----------
    hint
        Shown behind the text: what it is, or its keys.
    """

    text: str
    hint: str
    run: Callable[[], object]


def rank(query: str, text: str) -> float | None:
    """Return how well a text fits what was typed, less is better; None: not at all.

    Every word of the query must be in the text, or its letters in their order; a word at the beginning fits best, then
    one at the beginning of a word.
    """
    low = text.casefold()
    total = 0.0
    for word in query.casefold().split():
        place = low.find(word)
        if place >= 0:
            starts_word = place == 0 or not low[place - 1].isalnum()
            total += 0.0 if place == 0 else 1.0 if starts_word else 2.0
            continue
        at, gaps = -1, 0
        for letter in word:
            found = low.find(letter, at + 1)
            if found < 0:
                return None
            gaps += found - at - 1
            at = found
        total += 5.0 + gaps / 10
    return total + len(text) / 1000


class Palette(QDialog):
    """A line to type in and what fits it; Enter does the first, arrows choose, Escape closes."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget, *, prompt: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries = list(entries)
        self.line = QLineEdit(placeholderText=prompt)
        self.line.setAccessibleName(prompt)
        self.line.setToolTip("A few letters of it, in their order; arrows choose, Enter does it, Escape closes")
        self.line.setClearButtonEnabled(True)
        self.found = QTreeWidget()
        self.found.setColumnCount(2)
        self.found.setHeaderHidden(True)
        self.found.setRootIsDecorated(False)
        self.found.header().setStretchLastSection(False)
        self.found.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.found.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.found.setAccessibleName("What fits")
        self.found.setToolTip("What fits the letters, the best first")
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.found.setUniformRowHeights(True)
        self.nothing = QLabel("Nothing fits. Fewer letters find more.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        for widget in (self.line, self.found, self.nothing):
            layout.addWidget(widget)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.found.itemActivated.connect(self._run)
        self.found.itemClicked.connect(self._run)
        self.resize(min(620, parent.width() - 80), 420)
        corner = parent.mapToGlobal(parent.rect().center())
        self.move(corner.x() - self.width() // 2, parent.mapToGlobal(parent.rect().topLeft()).y() + 70)
        self._fill("")
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let arrows and Enter of the line work on the list."""
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            key = Qt.Key(event.key())
            if key in step and self.found.topLevelItemCount():
                row = self.found.indexOfTopLevelItem(self.found.currentItem()) + step[key]
                self._choose(max(0, min(self.found.topLevelItemCount() - 1, row)))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.found.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _fill(self, query: str) -> None:
        ranked = [(found, number) for number, entry in enumerate(self._entries)
                  if (found := rank(query, entry.text)) is not None]  # fmt: skip
        if query:
            ranked.sort()
        self.found.clear()
        for _, number in ranked[:SHOWN_MAX]:
            entry = self._entries[number]
            item = QTreeWidgetItem([entry.text, entry.hint])
            item.setData(0, Qt.ItemDataRole.UserRole, number)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
            item.setForeground(1, self.palette().placeholderText())
            self.found.addTopLevelItem(item)
        self._choose(0)
        self.found.setVisible(bool(ranked))
        self.nothing.setVisible(not ranked)

    def _choose(self, row: int) -> None:
        item = self.found.topLevelItem(row)
        if item is not None:
            self.found.setCurrentItem(item)

    def _run(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            entry = self._entries[int(item.data(0, Qt.ItemDataRole.UserRole))]
            self.close()
            entry.run()

"""Help: the shortcuts, and the three steps for whoever is here for the first time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from lightlane_gui.theme import Theme
from lightlane_gui.window.actions import keys_text, plain_text

STEPS = (
    ("1  Look", "Color is margin. N jumps to the worst link; the panel at the right says what limits it."),
    ("2  Change", "Move a slider in What-if: map and link follow. Ctrl+Z takes a whole drag back."),
    ("3  Wait", "Space plays the years: cuts, ageing, growth. Ctrl+K finds everything else."),
)


class ShortcutsDialog(QDialog):
    """All actions with their keys, by where they work."""

    def __init__(self, groups: Mapping[str, Sequence[QAction]], parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setObjectName("shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        tables = []
        for place, actions in groups.items():
            rows = dict.fromkeys((plain_text(action), keys_text(action)) for action in actions if action.shortcuts())
            if rows:
                heading = place if place == "Anywhere" else f"With the focus in: {place}"
                tables.append((heading, list(rows)))
        tables.append(("Mouse", list(MOUSE)))
        self.page = QTextBrowser()
        self.page.setAccessibleName("Shortcuts")
        self.page.setToolTip("What each key does, by where the focus is")
        left, right = _balance(tables)
        columns = "".join(f'<td width="50%">{_write(column, theme)}</td>' for column in (left, right))
        self.page.setHtml(f'<table width="100%"><tr>{columns}</tr></table>')
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setToolTip("Close this list (Esc)")
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(close)
        self.resize(900, min(760, parent.height() - 60))


Table = tuple[str, list[tuple[str, str]]]


def _balance(tables: Sequence[Table]) -> tuple[list[Table], list[Table]]:
    """Part tables into two columns of nearly the same length, in their order."""
    whole = sum(len(rows) + 2 for _, rows in tables)
    left: list[Table] = []
    used = 0
    for table in tables:
        if used + len(table[1]) / 2 > whole / 2:
            break
        left.append(table)
        used += len(table[1]) + 2
    return left, list(tables[len(left) :])


def _write(tables: Sequence[Table], theme: Theme) -> str:
    out = ""
    for heading, rows in tables:
        cells = "".join(
            f'<tr><td style="padding:2px 12px 2px 0">{escape(text)}</td>'
            f'<td style="padding:2px 0;color:{theme.muted}">{escape(keys)}</td></tr>'
            for text, keys in rows
        )
        out += f'<p style="margin:8px 0 2px 0"><b>{escape(heading)}</b></p><table>{cells}</table>'
    return out


MOUSE = (
    ("Map: zoom at the pointer", "wheel"),
    ("Map: pan", "drag"),
    ("Map: zoom into a box", "right drag"),
    ("Link: select, open", "click, double click"),
    ("Duct or link: cut, fail, dirty, …", "right click"),
    ("Plot: one axis alone", "wheel on the axis"),
)
"""What the mouse does, beside the keys."""


class FirstSteps(QFrame):
    """The three steps, in a strip above the map, until they are read."""

    def __init__(self, on_done: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("first-steps")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(18)
        for title, text in STEPS:
            label = QLabel(f"<b>{title}</b><br>{text}")
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            layout.addWidget(label, 1)
        self.button = QPushButton("Got it")
        self.button.setAccessibleName("Close the first steps")
        self.button.setToolTip("Close these steps; the Help menu has them")
        layout.addWidget(self.button)

        def close() -> None:
            self.hide()
            on_done()

        self.button.clicked.connect(close)

    def paint_with(self, theme: Theme) -> None:
        """Take over the colors of a theme."""
        self.setStyleSheet(f"#first-steps {{ background: {theme.panel}; border-bottom: 1px solid {theme.rule}; }}")

"""Help: the shortcuts, and the three steps for whoever is here for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
    """All actions with their keys."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setObjectName("shortcuts")
        rows = sorted({(plain_text(action), keys_text(action)) for action in actions if action.shortcuts()})
        lines = [*rows, *MOUSE]
        half = (len(lines) + 1) // 2
        cells = ""
        for left, right in zip(lines[:half], [*lines[half:], ("", "")], strict=False):
            cells += "<tr>" + "".join(
                f'<td style="padding:3px 14px 3px 4px">{text}</td>'
                f'<td style="padding:3px 26px 3px 4px;color:{theme.muted}">{keys}</td>'
                for text, keys in (left, right)
            )
            cells += "</tr>"
        self.page = QTextBrowser()
        self.page.setAccessibleName("Shortcuts")
        self.page.setHtml(f"<table>{cells}</table>")
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(close)
        self.resize(820, 560)


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
        layout.addWidget(self.button)

        def close() -> None:
            self.hide()
            on_done()

        self.button.clicked.connect(close)

    def paint_with(self, theme: Theme) -> None:
        """Take over the colors of a theme."""
        self.setStyleSheet(f"#first-steps {{ background: {theme.panel}; border-bottom: 1px solid {theme.rule}; }}")

"""The parameters of one thing, under a heading that folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lightlane import Parameter
from lightlane_gui.what_if.rows import ParameterRow

HEADING_NAME = "group-heading"
HEADING_STYLE = f"""
#{HEADING_NAME} {{ text-align: left; font-weight: 600; padding: 5px 4px; border-radius: 0;
    border: 1px solid transparent; background: transparent; }}
#{HEADING_NAME}:hover, #{HEADING_NAME}:focus {{ border-color: palette(highlight); }}
"""
"""For the widget that holds the groups."""


class ParameterGroup(QWidget):
    """Rows are made when the group is first unfolded: most of hundreds of parameters are never looked at."""

    folded = Signal(str, bool)
    """Title, and whether it is open now."""

    def __init__(self, title: str, parameters: Sequence[Parameter], make: Callable[[Parameter], ParameterRow]) -> None:
        super().__init__()
        self.title = title
        self.parameters = tuple(parameters)
        self.rows: dict[str, ParameterRow] = {}
        self._make = make
        self._changed_count = 0
        self.heading = QToolButton()
        self.heading.setCheckable(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.setAccessibleName(title)
        self.heading.setToolTip(f"Fold or unfold: {title}")
        self.heading.setObjectName(HEADING_NAME)
        self.heading.toggled.connect(self.set_open)
        self.heading.clicked.connect(lambda checked: self.folded.emit(title, checked))
        self.body = QWidget()
        self._lines = QVBoxLayout(self.body)
        self._lines.setContentsMargins(0, 0, 0, 4)
        self._lines.setSpacing(2)
        self.body.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.heading)
        layout.addWidget(self.body)
        self._write_heading()

    @property
    def is_open(self) -> bool:
        """Whether the rows are shown."""
        return self.heading.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Fold or unfold."""
        if is_open and not self.rows:
            for parameter in self.parameters:
                row = self._make(parameter)
                self.rows[parameter.path] = row
                self._lines.addWidget(row)
                row.show()  # one that was shown elsewhere before may be hidden
            # Made late, they would come behind all other docks.
            stops = [self.heading, *(stop for row in self.rows.values() for stop in row.tab_stops())]
            for before, stop in pairwise(stops):
                QWidget.setTabOrder(before, stop)
        if self.heading.isChecked() != is_open:
            self.heading.setChecked(is_open)
            return
        self.heading.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.body.setVisible(is_open)

    def set_changed_count(self, count: int) -> None:
        """Say in the heading how many of the parameters the variant sets."""
        if count != self._changed_count:
            self._changed_count = count
            self._write_heading()

    def filter(self, words: Sequence[str], *, is_open: bool) -> None:
        """Show the rows that have all of these words; none given: all, if ``is_open``."""
        if not words:
            self.setVisible(True)
            self.set_open(is_open)
            for row in self.rows.values():
                row.setVisible(True)
            return
        hits = {item.path for item in self.parameters if _has_all(item, words)}
        self.setVisible(bool(hits))
        self.set_open(bool(hits))
        for path, row in self.rows.items():
            row.setVisible(path in hits)

    def _write_heading(self) -> None:
        count = f"   {self._changed_count} changed" if self._changed_count else ""
        self.heading.setText(f"{self.title}{count}")
        self.heading.setArrowType(Qt.ArrowType.DownArrow if self.is_open else Qt.ArrowType.RightArrow)


def _has_all(parameter: Parameter, words: Sequence[str]) -> bool:
    text = f"{parameter.group} {parameter.label} {parameter.path} {parameter.unit_label}".lower()
    return all(word in text for word in words)


__all__ = ["HEADING_STYLE", "ParameterGroup"]

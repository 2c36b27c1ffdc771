"""The row of figures below the charts: links and demands by status, and how they differ from the base."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from lightlane_gui.charts.number_text import MINUS
from lightlane_gui.charts.steady_label import write_steady
from lightlane_gui.session.session import Session
from lightlane_gui.timeline.figures import FIGURES, StateFigures

LATE_MS = 150
"""An answer that takes longer is marked as awaited; marks that come and go with each step of a drag would flicker."""
NO_DATA = "\N{EN DASH}"
SPARE_PX = 16
_UNITS = {"capacity_lost_gbps": " Gb/s", "least_margin_db": " dB"}


def show_figure(name: str, value: object) -> str:
    """Return a figure with its unit; a dash where there is none."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return NO_DATA
    decimals = 2 if name.endswith("_db") else 0
    text = f"{abs(value):,.{decimals}f}".replace(",", "\N{THIN SPACE}")
    return (MINUS if value < 0 and float(f"{value:.{decimals}f}") != 0 else "") + text + _UNITS.get(name, "")


def show_change(name: str, value: object, base: object) -> str:
    """Return how a figure differs from that of the base; empty where it does not."""
    if not isinstance(value, int | float) or not isinstance(base, int | float):
        return ""
    change = value - base
    decimals = 2 if name.endswith("_db") else 0
    if not math.isfinite(change) or float(f"{change:.{decimals}f}") == 0:
        return ""
    return f"{'+' if change > 0 else MINUS}{show_figure(name, abs(change)).removesuffix(_UNITS.get(name, ''))}"


def show_objectives(judged: Sequence[Any]) -> tuple[str, str]:
    """Return how many objectives are met, and each of them with what was found."""
    if not judged:
        return "none set", "The scenario asks for nothing: [objectives] of its file"
    broken = [item for item in judged if not item.met]
    lines = []
    for item in judged:
        word = "met" if item.met else "BROKEN"
        lines.append(f"{word}: {item.objective} is {item.found_value:.6g}, allowed {item.allowed_value:.6g}")
    return (f"{len(broken)} of {len(judged)} broken" if broken else f"{len(judged)} met"), "\n".join(lines)


class FiguresRow(QWidget):
    """Label, figure and change of each; ``?`` while they are stale."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._figures: StateFigures | None = None
        self.values: dict[str, QLabel] = {}
        self.changes: dict[str, QLabel] = {}
        self._labels: list[QLabel] = []
        self._colors = ("", "")
        self._is_late = False
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 4, 8, 6)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(0)
        for column, (name, label, meaning) in enumerate(FIGURES):
            head, value, change = QLabel(label), QLabel(NO_DATA), QLabel(" ")
            for row, item in enumerate((head, value, change)):
                item.setToolTip(f"{meaning}, at the time of the cursor; below: against the base at that time")
                grid.addWidget(item, row, column, Qt.AlignmentFlag.AlignLeft)
            value.setAccessibleName(label)
            bold = value.font()
            bold.setBold(True)
            value.setFont(bold)
            self._labels.append(head)
            self.values[name], self.changes[name] = value, change
        self.objectives = QLabel(NO_DATA)
        self.objectives.setAccessibleName("Objectives")
        head = QLabel("Objectives")
        self._labels.append(head)
        grid.addWidget(head, 0, len(FIGURES))
        grid.addWidget(self.objectives, 1, len(FIGURES), Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(len(FIGURES) + 1, 1)
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._late.timeout.connect(self._mark_late)
        session.edited.connect(self._fall_behind)
        session.document_opened.connect(self._forget)
        session.theme_changed.connect(self._show)
        self._show()

    def take(self, figures: StateFigures) -> None:
        """Show figures that a worker read."""
        self._figures = figures
        if figures.version >= self._session.version:
            self._late.stop()
            self._is_late = False
        self._show()

    def _fall_behind(self) -> None:
        if not self._is_late and not self._late.isActive():
            self._late.start()

    def _mark_late(self) -> None:
        self._is_late = True
        self._show()

    def _forget(self) -> None:
        self._figures = None
        self._show()

    def _show(self) -> None:
        theme, found = self._session.theme, self._figures
        is_stale = found is not None and self._is_late and found.version < self._session.version
        ink = theme.muted if is_stale or found is None else theme.ink
        if (theme.name, ink) != self._colors:
            self._colors = (theme.name, ink)
            self._color(theme.muted, ink)
        for name, label in self.values.items():
            text = NO_DATA if found is None else show_figure(name, found.figures.get(name))
            write_steady(label, f"{text} ?" if is_stale else text, spare_px=SPARE_PX)
            change = "" if found is None else show_change(name, found.figures.get(name), found.base.get(name))
            write_steady(self.changes[name], change or " ", spare_px=SPARE_PX)
        text, meaning = show_objectives(() if found is None else found.judged)
        write_steady(self.objectives, f"{text} ?" if is_stale else text, spare_px=SPARE_PX)
        self.objectives.setToolTip(meaning)

    def _color(self, muted: str, ink: str) -> None:
        """Color the texts by the palette: a style sheet for each would cost more than all else of a frame."""
        values = [*self.values.values(), self.objectives]
        for labels, color in ((self._labels, muted), (self.changes.values(), muted), (values, ink)):
            for label in labels:
                palette = label.palette()
                palette.setColor(QPalette.ColorRole.WindowText, QColor(color))
                label.setPalette(palette)

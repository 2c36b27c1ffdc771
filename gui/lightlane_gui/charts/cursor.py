"""Crosshair and the two markers A and B of a chart, and what is read off at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from lightlane_gui.charts.items import Axis
from lightlane_gui.charts.number_text import format_number, format_quantity
from lightlane_gui.charts.series import Series, off_axis, on_axis
from lightlane_gui.theme import Theme

NAMES = ("A", "B")


class ReadOut(QLabel):
    """What is read off, over the upper corner of the plot; gone where nothing is."""

    def __init__(self, plot: QWidget, left: int) -> None:
        super().__init__(plot)
        self._left = left
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self.setAccessibleName("Read-out")
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colors of a theme."""
        border = f"border: 1px solid {theme.rule}; padding: 1px 4px;"
        self.setStyleSheet(f"color: {theme.ink}; background: {theme.panel}; {border}")

    def show_text(self, text: str) -> None:
        """Show it."""
        self.setText(text)
        self.setVisible(bool(text))
        self.place()

    def place(self) -> None:
        """Take as much width as the text needs and the plot has."""
        parent = self.parentWidget()
        if parent is None or not self.text():
            return
        room = max(parent.width() - self._left - 6, 60)
        width = min(self.fontMetrics().horizontalAdvance(self.text()) + 16, room)
        self.setGeometry(self._left + 3, 3, width, self.heightForWidth(width))


class Cursor:
    """Lines over a plot; asks for its series when it reads."""

    def __init__(self, plot: Any, axes: tuple[Axis, Axis], changed: Callable[[], None]) -> None:
        self._plot, self._axes, self._changed = plot, axes, changed
        self.x: float | None = None
        self._hair = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._hair.setZValue(50)
        self._hair.hide()
        plot.addItem(self._hair, ignoreBounds=True)
        self._markers: list[Any] = [None, None]
        self._theme: Theme | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colors of a theme."""
        self._theme = theme
        self._hair.setPen(pyqtgraph.mkPen(theme.muted, width=1, style=Qt.PenStyle.DotLine))
        for line in self._markers:
            if line is not None:
                line.setPen(pyqtgraph.mkPen(theme.accent, width=1))
                line.label.setColor(theme.ink)

    def move(self, x: float | None) -> None:
        """Put the crosshair at a place of the axis; None: away."""
        self.x = x
        self._hair.setVisible(x is not None)
        if x is not None:
            self._hair.setPos(x)
        self._changed()

    def mark(self, number: int, x: float) -> None:
        """Put marker A (0) or B (1) at a place of the axis."""
        line = self._markers[number]
        if line is None:
            line = pyqtgraph.InfiniteLine(
                angle=90, movable=True, label=NAMES[number], labelOpts={"position": 0.95, "movable": False}
            )
            line.setZValue(60)
            line.sigPositionChanged.connect(lambda _: self._changed())
            self._plot.addItem(line, ignoreBounds=True)
            self._markers[number] = line
            if self._theme is not None:
                self.set_theme(self._theme)
        line.setPos(x)
        self._changed()

    def mark_next(self, x: float) -> None:
        """Put the marker that is not there yet, or else the nearer one."""
        if self._markers[0] is None or self._markers[1] is None:
            self.mark(0 if self._markers[0] is None else 1, x)
        else:
            near = [abs(line.value() - x) for line in self._markers]
            self.mark(int(np.argmin(near)), x)

    def clear_marks(self) -> None:
        """Take both markers away."""
        for number, line in enumerate(self._markers):
            if line is not None:
                self._plot.removeItem(line)
                self._markers[number] = None
        self._changed()

    @property
    def marks(self) -> list[float | None]:
        """Places of A and B on the axis."""
        return [None if line is None else float(line.value()) for line in self._markers]

    def read(self, series: list[Series]) -> str:
        """Return what stands at the crosshair and what differs between the markers; empty where neither is."""
        parts = []
        if self.x is not None:
            parts.append(self._read_at("", self.x, series))
        here = [place for place in self.marks if place is not None]
        if len(here) == 1:
            parts.append(self._read_at("A ", here[0], series) if self.x is None else "")
        elif len(here) == 2:
            parts.append(self._read_difference(here[0], here[1], series))
        return "   |   ".join(part for part in parts if part)

    def _read_at(self, name: str, x: float, series: list[Series]) -> str:
        x_axis, y_axis = self._axes
        value = off_axis(x, x_axis)
        at = next((item.nearest(value) for item in series if item.form != "curve"), None)
        if at is not None:
            value = float(next(item.x[at] for item in series if item.form != "curve"))
        texts = [name + format_quantity(x_axis.name, value, x_axis.decimals)]
        for item in series[:6]:
            value_text = format_quantity(y_axis.name, self._at(item, x), y_axis.decimals)
            texts += [f"{item.label or item.key} {value_text}"]
        return " \N{MIDDLE DOT} ".join(texts)

    def _read_difference(self, first: float, second: float, series: list[Series]) -> str:
        x_axis, y_axis = self._axes
        texts = [f"B{chr(0x2212)}A {_difference(x_axis, first, second)}"]
        for item in series[:4]:
            low, high = (float(on_axis(np.array([self._at(item, x)]), y_axis)[0]) for x in (first, second))
            texts.append(f"{item.label or item.key} {_difference(y_axis, low, high)}")
        return " \N{MIDDLE DOT} ".join(texts)

    def _at(self, item: Series, x: float) -> float:
        """Return a series at a place: on the line between points of a curve, else at the nearest point."""
        value = off_axis(x, self._axes[0])
        if item.form == "curve" and len(item.x) > 1:
            drawn = item.x if not self._axes[0].is_log else on_axis(item.x, self._axes[0])
            return float(np.interp(x, drawn, item.y, left=np.nan, right=np.nan))
        place = item.nearest(value)
        return float("nan") if place is None else float(item.y[place])


def _difference(axis: Axis, first: float, second: float) -> str:
    """Return a difference; on a logarithmic axis a factor."""
    if axis.is_log:
        return f"\N{MULTIPLICATION SIGN}{format_number(10.0 ** (second - first), 2)}"
    text = format_quantity(axis.name, second - first, axis.decimals)
    return text if second <= first else f"+{text}"

"""Lines and bands of a chart that are no data: limits, thresholds, windows, the chosen place."""

from __future__ import annotations

from collections.abc import KeysView
from typing import Any, Literal

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from lightlane_gui.charts.colors import resolve
from lightlane_gui.charts.items import Axis
from lightlane_gui.charts.series import on_axis
from lightlane_gui.theme import DARK, Theme

Along = Literal["x", "y"]
"""The axis that a line runs along: at a value of the other one."""


class Guides:
    """Those of one plot, by key."""

    def __init__(self, plot: Any, axes: tuple[Axis, Axis]) -> None:
        self._plot, self._axes = plot, axes
        self._items: dict[str, tuple[Any, str]] = {}
        self._theme = DARK

    def keys(self) -> KeysView[str]:
        """Return the keys of all."""
        return self._items.keys()

    def set_line(self, key: str, value: float, label: str, along: Along, color: str) -> None:
        """Draw or replace a dashed line with its label."""
        place = self._places(along, value)[0]
        known = self._items.get(key)
        if known is not None and isinstance(known[0], pyqtgraph.InfiniteLine) and known[1] == color:
            known[0].setPos(place)
            return
        self.remove(key)
        angle = 0 if along == "x" else 90
        # The library takes the second anchor in the lower half, and the right one: labels stay inside.
        options: dict[str, Any] = {"position": 0.98, "anchors": [(1, 0), (1, 1)]}
        if angle == 90:
            options = {"position": 0.92, "anchors": [(0, 0), (1, 0)]}
        self._add(key, pyqtgraph.InfiniteLine(pos=place, angle=angle, label=label or None, labelOpts=options), color)

    def set_band(self, key: str, low: float, high: float, along: Along, color: str) -> None:
        """Draw or replace a band."""
        ends = self._places(along, low, high)
        known = self._items.get(key)
        if known is not None and isinstance(known[0], pyqtgraph.LinearRegionItem) and known[1] == color:
            known[0].setRegion(ends)
            return
        self.remove(key)
        way = "horizontal" if along == "x" else "vertical"
        band = pyqtgraph.LinearRegionItem(ends, orientation=way, movable=False)
        band.setZValue(-20)
        self._add(key, band, color)

    def remove(self, key: str) -> None:
        """Take one away, if it is there."""
        known = self._items.pop(key, None)
        if known is not None:
            self._plot.removeItem(known[0])

    def set_theme(self, theme: Theme) -> None:
        """Take the colors of a theme."""
        self._theme = theme
        for item, color in self._items.values():
            self._paint(item, color)

    def _add(self, key: str, item: Any, color: str) -> None:
        self._plot.addItem(item, ignoreBounds=True)
        self._items[key] = (item, color)
        self._paint(item, color)

    def _places(self, along: Along, *values: float) -> list[float]:
        axis = self._axes[1] if along == "x" else self._axes[0]
        return [float(place) for place in on_axis(np.array(values), axis)]

    def _paint(self, item: Any, role: str) -> None:
        color = resolve(self._theme, role)
        if isinstance(item, pyqtgraph.LinearRegionItem):
            item.setBrush(pyqtgraph.mkBrush(color + "30"))
            for edge in item.lines:
                edge.setPen(pyqtgraph.mkPen(color + "80", width=1))
            return
        item.setPen(pyqtgraph.mkPen(color, width=1, style=Qt.PenStyle.DashLine))
        if hasattr(item, "label"):
            item.label.setColor(self._theme.ink)

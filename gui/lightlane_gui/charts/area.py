"""The plotting area of a chart: a view with two axes.

The library's own plot has four axes, menus, buttons and forms that a chart does not use, and takes four times as long
to make; a window has dozens of charts.
"""

from __future__ import annotations

from typing import Any

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy

from lightlane_gui.charts.items import Axis, HouseAxis

pyqtgraph.setConfigOptions(antialias=True, useOpenGL=False)

AXIS_WIDTH = 66
"""Of the left axis everywhere: charts below each other have their scales below each other."""
GRID_ALPHA = 64
"""Of 255."""


class PlotArea(pyqtgraph.GraphicsView):  # type: ignore[misc] # the library has no types
    """View and axes, laid out in a scene; names as of the library's plot where it has the same."""

    def __init__(self, x: Axis, y: Axis) -> None:
        super().__init__()
        self.enableMouse(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        # The chart has the focus, and its keys.
        for widget in (self, self.viewport()):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.view = pyqtgraph.ViewBox(enableMenu=False)
        self.view.disableAutoRange()
        self.axes = {"bottom": HouseAxis("bottom", x), "left": HouseAxis("left", y)}
        self.axes["left"].setWidth(AXIS_WIDTH)
        self._frame = pyqtgraph.GraphicsWidget()
        layout = QGraphicsGridLayout()
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(0)
        self._frame.setLayout(layout)
        layout.addItem(self.axes["left"], 0, 0)
        layout.addItem(self.view, 0, 1)
        layout.addItem(self.axes["bottom"], 1, 1)
        layout.setRowStretchFactor(0, 100)
        layout.setColumnStretchFactor(1, 100)
        for axis in self.axes.values():
            axis.linkToView(self.view)
            axis.setGrid(GRID_ALPHA)
            # Behind the curves, which the view's own items are above of.
            axis.setZValue(-1000)
            # Ticks and grid cost more than curves: they are painted when they change and kept.
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setCentralItem(self._frame)

    def getPlotItem(self) -> PlotArea:  # noqa: N802 - the library's name
        """Return what has the axes."""
        return self

    def getAxis(self, name: str) -> Any:  # noqa: N802 - the library's name
        """Return the axis at ``left`` or ``bottom``."""
        return self.axes[name]

    def addItem(self, item: Any, *, ignoreBounds: bool = True) -> None:  # noqa: N802, N803 - the library's names
        """Put a graphics item into the view."""
        self.view.addItem(item, ignoreBounds=ignoreBounds)

    def removeItem(self, item: Any) -> None:  # noqa: N802 - the library's name
        """Take a graphics item out of the view."""
        self.view.removeItem(item)

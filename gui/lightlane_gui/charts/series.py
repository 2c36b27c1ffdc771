"""What a chart shows: curves, points, bars; each knows its data and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from lightlane_gui.charts.colors import resolve
from lightlane_gui.charts.decimate import POINTS_MAX, decimate
from lightlane_gui.charts.items import Axis
from lightlane_gui.theme import Theme

Floats = NDArray[np.float64]
Form = Literal["curve", "points", "bars"]
Style = Literal["solid", "dashed", "dotted"]
Ranges = list[tuple[float, ...]]
"""Least and greatest value of x and of y."""
_PADDING = 0.06
"""Of what is shown, left around it."""
_PENS = {"solid": Qt.PenStyle.SolidLine, "dashed": Qt.PenStyle.DashLine, "dotted": Qt.PenStyle.DotLine}


@dataclass(slots=True, kw_only=True)
class Series:
    """One of them.

    Attributes
    ----------
    x, y
        As given: not in logarithms.
    label
        In the legend; empty: not there.
    color
        Role, see :func:`lightlane_gui.charts.colors.resolve`.
    point_colors
        Of each bar or point, in place of ``color``.
    column
        Quantity of ``y`` in an exported table.
    """

    key: str
    form: Form
    x: Floats
    y: Floats
    label: str
    color: str
    style: Style = "solid"
    marks: bool = False
    symbol: str = "o"
    width: float = 0.8
    base: float = 0.0
    point_colors: tuple[str, ...] = ()
    column: str = ""
    is_shown: bool = True
    item: Any = None

    @property
    def is_long(self) -> bool:
        """Whether it is drawn by columns of the screen."""
        return self.form == "curve" and len(self.x) > POINTS_MAX and bool(np.isfinite(self.x).all())

    def drawn(self, x_axis: Axis, y_axis: Axis) -> tuple[Floats, Floats]:
        """Return the data as the axes count."""
        return on_axis(self.x, x_axis), on_axis(self.y, y_axis)

    def draw(self, theme: Theme, x_axis: Axis, y_axis: Axis, span: tuple[float, float]) -> Any:
        """Return the graphics, made or brought up to date; ``span``: the part of x that is in sight."""
        x, y = self.drawn(x_axis, y_axis)
        if self.form == "bars":
            return self._draw_bars(theme, x, y)
        if self.is_long:
            x, y = decimate(x, y, *span)
        color = resolve(theme, self.color)
        brushes = [pyqtgraph.mkBrush(resolve(theme, role)) for role in self.point_colors]
        brush = brushes or pyqtgraph.mkBrush(color)
        if self.form == "points":
            known = np.isfinite(x) & np.isfinite(y)
            if self.item is None:
                self.item = pyqtgraph.ScatterPlotItem(pxMode=True, antialias=True)
            some = [item for item, keep in zip(brushes, known.tolist(), strict=True) if keep] if brushes else brush
            self.item.setData(x[known], y[known], symbol=self.symbol, size=7, pen=None, brush=some)
        else:
            # Wider pens are ten times as slow.
            pen = pyqtgraph.mkPen(color, width=1, style=_PENS[self.style])
            if self.item is None:
                # The one that can mark its points takes three times as long to update.
                make = pyqtgraph.PlotDataItem if self.marks else pyqtgraph.PlotCurveItem
                self.item = make(connect="finite", antialias=True)
            marks = {"symbol": self.symbol, "symbolSize": 5, "symbolPen": None, "symbolBrush": brush}
            self.item.setData(x, y, pen=pen, connect="finite", **(marks if self.marks else {}))
        self.item.setVisible(self.is_shown)
        return self.item

    def _draw_bars(self, theme: Theme, x: Floats, y: Floats) -> Any:
        brushes = [resolve(theme, role) for role in self.point_colors] or [resolve(theme, self.color)] * len(x)
        known = np.isfinite(y)
        options = {
            "x": x[known],
            "y0": np.full(int(known.sum()), self.base),
            "y1": y[known],
            "width": self.width,
            "pen": None,
            "brushes": [brush for brush, keep in zip(brushes, known.tolist(), strict=True) if keep],
        }
        if self.item is None:
            self.item = pyqtgraph.BarGraphItem(**options)
        else:
            self.item.setOpts(**options)
        self.item.setVisible(self.is_shown)
        return self.item

    def bounds(self, x_axis: Axis, y_axis: Axis) -> tuple[float, float, float, float] | None:
        """Return left, right, bottom and top of what is known, as the axes count; None: nothing is."""
        x, y = self.drawn(x_axis, y_axis)
        known = np.isfinite(x) & np.isfinite(y)
        if not known.any():
            return None
        left, right = float(x[known].min()), float(x[known].max())
        bottom, top = float(y[known].min()), float(y[known].max())
        if self.form == "bars":
            left, right = left - self.width / 2, right + self.width / 2
            bottom, top = min(bottom, self.base), max(top, self.base)
        return left, right, bottom, top

    def nearest(self, x: float) -> int | None:
        """Return the place of the point whose x, as given, is nearest; None: there is none."""
        if not len(self.x):
            return None
        return int(np.nanargmin(np.abs(self.x - x))) if np.isfinite(self.x).any() else None


def fit_ranges(boxes: list[tuple[float, float, float, float]], axes: tuple[Axis, Axis], *, is_tight: bool) -> Ranges:
    """Return the parts of both axes that show all boxes (left, right, bottom, top) or the axes' own limits.

    Parameters
    ----------
    is_tight
        Leave no room around.
    """
    ends = np.array(boxes)
    ranges: Ranges = []
    for axis, (low, high) in zip(
        axes, ((ends[:, 0].min(), ends[:, 1].max()), (ends[:, 2].min(), ends[:, 3].max())), strict=True
    ):
        if axis.limits is not None:
            ranges.append(tuple(on_axis(np.array(axis.limits), axis).tolist()))
        else:
            room = 0.0 if is_tight else _PADDING * (high - low) or 0.5
            ranges.append((float(low - room), float(high + room)))
    return ranges


def on_axis(values: Floats, axis: Axis) -> Floats:
    """Return values as an axis counts: their logarithms where it is logarithmic, NaN for what has none."""
    values = np.asarray(values, dtype=np.float64)
    if not axis.is_log:
        return np.where(np.isinf(values), np.nan, values)
    out = np.full(values.shape, np.nan)
    np.log10(values, out=out, where=(values > 0.0) & np.isfinite(values))
    return out


def off_axis(value: float, axis: Axis) -> float:
    """Return the value at a place of an axis."""
    return float(10.0 ** min(value, 300.0)) if axis.is_log else value

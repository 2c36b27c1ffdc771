"""Graphics that the plot library lacks: an axis in house style and a picture of RGB32 pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from lightlane.toolkit import UNIT_LABELS, axis_label, unit_of
from lightlane_gui.charts.number_text import MINUS


@dataclass(frozen=True, slots=True)
class Axis:
    """What stands along an axis.

    Attributes
    ----------
    name
        Of the quantity with its unit, as the columns of an exported table have it.
    label
        Empty: that of the name.
    decimals
        Of a read-out.
    limits
        Fit shows just these; None: what there is.
    """

    name: str
    label: str = ""
    is_log: bool = False
    decimals: int = 2
    limits: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        """The label."""
        return self.label or axis_label(self.name)

    @property
    def unit(self) -> str:
        """As people write it; empty where the quantity has none."""
        return UNIT_LABELS.get(unit_of(self.name) or "", "")


_FEW_POWERS = 1.6
"""Decades: fewer do not hold two whole powers for sure, and get ticks between."""


class HouseAxis(pyqtgraph.AxisItem):  # type: ignore[misc] # the library has no types
    """Ticks with a real minus; powers of ten where the axis is logarithmic; words where ticks were given."""

    def __init__(self, orientation: str, axis: Axis) -> None:
        super().__init__(orientation)
        self.axis = axis
        self.enableAutoSIPrefix(False)
        self.setLabel(axis.text)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802 - its name
        """Write the ticks."""
        if self.axis.is_log:
            return [_power(value) for value in values]
        decimals = max(0, math.ceil(-math.log10(spacing * scale) - 1e-9)) if spacing * scale > 0 else 0
        return [_tick(value * scale, decimals) for value in values]

    def tickValues(self, low: float, high: float, size: float) -> Any:  # noqa: N802 - its name
        """Place the ticks: of a logarithmic axis on whole powers, no more than have room, and between them if few."""
        if not self.axis.is_log:
            levels = super().tickValues(low, high, size)
            # Between two lanes there is none.
            return [level for level in levels if level[0] >= 1.0] if self.axis.decimals == 0 else levels
        if high - low < _FEW_POWERS:
            mantissas = (1, 2, 5) if high - low > _FEW_POWERS / 3 else range(1, 10)
            powers = range(math.floor(low), math.ceil(high) + 1)
            places = sorted(power + math.log10(mantissa) for power in powers for mantissa in mantissas)
            return [(0.3, [place for place in places if low <= place <= high])]
        step = max(1, math.ceil((high - low) / max(size / 28.0, 1.0)))
        first = math.ceil(low / step) * step
        return [(float(step), [float(value) for value in range(first, math.floor(high) + 1, step)])]


def _power(value: float) -> str:
    """Write a place of a logarithmic axis."""
    power = math.floor(value + 1e-9)
    mantissa = 10.0 ** (value - power)
    return f"{mantissa:.2g}e{power}".replace("-", MINUS)


def _tick(value: float, decimals: int) -> str:
    text = f"{abs(value):.{decimals}f}"
    return (MINUS if value < 0 and float(text) != 0.0 else "") + text


class PixelItem(QGraphicsObject):
    """A picture in the coordinates of a plot, its first row at the bottom."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: NDArray[np.uint32] | None = None
        self._image = QImage()
        self._bounds = QRectF()

    def set_pixels(self, pixels: NDArray[np.uint32], bounds: tuple[float, float, float, float]) -> None:
        """Show pixels of the shape (rows, columns) between left, right, bottom and top."""
        left, right, bottom, top = bounds
        self.prepareGeometryChange()
        # Kept: the image does not own the memory that it shows.
        self._pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
        rows, columns = self._pixels.shape
        self._image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        self._bounds = QRectF(left, bottom, right - left, top - bottom)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """Tell Qt where it is."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the pixels; smoothly, since they seldom are those of the screen."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._bounds, self._image)

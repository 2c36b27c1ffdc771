"""What is drawn under and over the links for a moment or for a selection: casing, route, flash, breaks, rings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen

from lightlane_gui.map.geometry import MapGeometry
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.theme import Theme

Floats = NDArray[np.float64]
CASING_PX = 9.0
ROUTE_PX = 11.0
RING_PX = 10.0


def trace_path(lines: Floats) -> QPainterPath:
    """Return the stretches of links as one path; those that follow each other are joined."""
    if not len(lines):
        return QPainterPath()
    points = lines.reshape(-1, 2)
    path: QPainterPath = pyqtgraph.arrayToQPath(points[:, 0], points[:, 1], connect="pairs", finiteCheck=False)
    return path


def draw_wide(painter: QPainter, lines: Floats, color: str, width_px: float, *, opacity: float = 1.0) -> None:
    """Draw wide lines with round ends, to lie under others."""
    pen = QPen(QColor(color), width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setOpacity(opacity)
    painter.strokePath(trace_path(lines), pen)
    painter.setOpacity(1.0)


def draw_breaks(painter: QPainter, lines: Floats, theme: Theme) -> None:
    """Draw a cross in the middle of each duct that is out of service."""
    for x1, y1, x2, y2 in lines.tolist():
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        cross = [QLineF(x - 5, y - 5, x + 5, y + 5), QLineF(x - 5, y + 5, x + 5, y - 5)]
        painter.setPen(QPen(QColor(theme.plot), 5.5, c=Qt.PenCapStyle.RoundCap))
        painter.drawLines(cross)
        painter.setPen(QPen(QColor(theme.error), 2.5, c=Qt.PenCapStyle.RoundCap))
        painter.drawLines(cross)


def draw_ring(painter: QPainter, x: float, y: float, radius_px: float, color: str, *, opacity: float = 1.0) -> None:
    """Draw a ring about a point."""
    painter.setOpacity(opacity)
    painter.setPen(QPen(QColor(color), 2.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(x, y), radius_px, radius_px)
    painter.setOpacity(1.0)


class RingStamps:
    """Rings with a number in them, each drawn once per color, number and theme."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, float, str], QImage] = {}

    def draw(self, painter: QPainter, x: float, y: float, color: str, count: int, ratio: float, theme: Theme) -> None:
        """Draw a ring for so many sites about a point, in logical pixels."""
        key = (color, count, ratio, theme.name)
        if key not in self._known:
            self._known[key] = _make_stamp(color, count, ratio, theme, painter.font())
        half = RING_PX + 2
        painter.drawImage(QRectF(x - half, y - half, 2 * half, 2 * half), self._known[key])


def _make_stamp(color: str, count: int, ratio: float, theme: Theme, font: QFont) -> QImage:
    side = round(2 * (RING_PX + 2) * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / (2 * (RING_PX + 2)), side / (2 * (RING_PX + 2)))
    middle = QPointF(RING_PX + 2, RING_PX + 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.plot))
    painter.drawEllipse(middle, RING_PX + 1.5, RING_PX + 1.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(color), 2.4))
    painter.drawEllipse(middle, RING_PX - 1.2, RING_PX - 1.2)
    small = QFont(font)
    small.setPixelSize(11 if count < 100 else 9)
    small.setBold(True)
    painter.setFont(small)
    painter.setPen(QColor(theme.ink))
    painter.drawText(QRectF(0, 0, 2 * middle.x(), 2 * middle.y()), Qt.AlignmentFlag.AlignCenter, str(count))
    painter.end()
    return image


def stretches_of(geometry: MapGeometry, links: Iterable[str]) -> NDArray[np.intp]:
    """Return the stretches of links by name; names that are not on the map are passed over."""
    index = geometry.link_index
    found = [geometry.stretches_by_link[index[name]] for name in links if name in index]
    return np.concatenate(found) if found else np.empty(0, dtype=np.intp)


def route_of(picture: FabricPicture | None, demand: str) -> tuple[list[str], bool]:
    """Return the links that a demand goes over, and whether it left its usual way; nothing while it is not known."""
    if picture is None or not picture.routed or not demand.isdigit():
        return [], False
    number, routing = int(demand), picture.state.routing
    if number >= len(routing.parts):
        return [], False
    links = [name for part in routing.parts[number] for hop in part.links for name in hop]
    return list(dict.fromkeys(links)), bool(routing.rerouted[number])

"""What is drawn under and over the links for a moment or for a selection: casing, route, flash, breaks, rings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from lightlane_gui.map.arrays import join_points
from lightlane_gui.map.geometry import MapGeometry
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.theme import Theme

Floats = NDArray[np.float64]
CASING_PX = 11.0
ROUTE_PX = 11.0


def trace_path(lines: Floats) -> QPainterPath:
    """Return the stretches of links as one path, to be drawn at once: where they cross or meet nothing shows twice."""
    return join_points(lines.reshape(-1, 2), np.tile([False, True], len(lines)))


def draw_wide(painter: QPainter, lines: Floats, color: str, width_px: float, *, opacity: float = 1.0) -> None:
    """Draw wide lines with round ends, to lie under others."""
    pen = QPen(QColor(color), width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setOpacity(opacity)
    painter.strokePath(trace_path(lines), pen)
    painter.setOpacity(1.0)


def draw_route(painter: QPainter, lines: Floats, theme: Theme, *, rerouted: bool) -> None:
    """Draw the way of a demand under its links; one that left its usual way is broken, in the color of warnings."""
    pen = QPen(QColor(theme.warning if rerouted else theme.accent), ROUTE_PX)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if rerouted else Qt.PenCapStyle.RoundCap)
    if rerouted:
        pen.setDashPattern([1.4, 0.5])
    painter.setOpacity(0.55)
    painter.strokePath(trace_path(lines), pen)
    painter.setOpacity(1.0)


def draw_casing(painter: QPainter, lines: Floats, theme: Theme, *, opacity: float = 1.0) -> None:
    """Draw an outline about lines that are drawn over it, with room between so that their color is seen."""
    draw_wide(painter, lines, theme.selection, CASING_PX, opacity=opacity)
    draw_wide(painter, lines, theme.plot, CASING_PX - 4.0)


def draw_breaks(painter: QPainter, points: Floats, theme: Theme) -> None:
    """Draw a cross at each place that is out of service: a site, or the middle of a duct."""
    for x, y in points.tolist():
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

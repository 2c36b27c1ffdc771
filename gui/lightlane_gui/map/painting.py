"""Drawing in device pixels: base map, ducts, links by class, sites. Many lines are one call each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from lightlane.toolkit import MapLayout
from lightlane_gui.map.arrays import join_points, view_as
from lightlane_gui.map.camera import Viewport
from lightlane_gui.map.stamps import Stamps
from lightlane_gui.map.strokes import Stroke
from lightlane_gui.theme import Theme

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_DETAIL_PX = 1.5
"""Vertices of coasts that are closer to each other than about this are left out."""
FINE_LINKS_MAX = 6_000
"""Above so many stretches, lines are not smoothed."""
DOUBLE_PX = 2.6
"""A double line is wider than a single one by this."""


def draw_lines(painter: QPainter, lines: Floats, pen: QPen) -> None:
    """Draw lines x1, y1, x2, y2."""
    if len(lines):
        kept = np.ascontiguousarray(lines, dtype=np.float64)
        painter.setPen(pen)
        painter.drawLines(*view_as(QLineF, kept))


def draw_squares(painter: QPainter, points: Floats, color: str, size_px: float) -> None:
    """Draw filled squares about points (x, y)."""
    if len(points):
        boxes = np.empty((len(points), 4))
        boxes[:, :2] = np.round(points - size_px / 2)
        boxes[:, 2:] = round(size_px)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRects(*view_as(QRectF, boxes))
        painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_triangles(painter: QPainter, points: Floats, color: str, size_px: float) -> None:
    """Draw filled triangles about points (x, y)."""
    if not len(points):
        return
    corners = np.array([[0.0, -0.6], [0.55, 0.4], [-0.55, 0.4], [0.0, -0.6]]) * size_px
    vertices = (points[:, None, :] + corners).reshape(-1, 2)
    path = join_points(vertices, np.tile([False, True, True, True], len(points)))
    painter.fillPath(path, QBrush(QColor(color)))


@lru_cache(maxsize=64)
def pen_of(stroke: Stroke, ratio: float, *, color: str = "", extra_px: float = 0.0) -> QPen:
    """Return the pen of a class of links; the same one each time, which must not be changed."""
    pen = QPen(QColor(color or stroke.color), (stroke.width_px + extra_px) * ratio)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if stroke.pattern != "solid":
        lengths_px = (7.0, 4.5) if stroke.pattern == "dash" else (2.0, 3.0)
        # Qt counts dashes in widths of the pen.
        pen.setDashPattern([length * ratio / pen.widthF() for length in lengths_px])
    return pen


def draw_basemap(painter: QPainter, view: Viewport, ratio: float, layout: MapLayout, theme: Theme) -> None:
    """Draw coasts and borders."""
    drawn = (
        (layout.state, theme.border, 0.7), (layout.border, theme.border, 1.0), (layout.coast, theme.coast, 1.0)
    )  # fmt: skip
    for lines, color, width_px in drawn:
        if len(lines.x_km) < 2:
            continue
        points = np.column_stack(view.to_px(lines.x_km, lines.y_km))
        first = np.zeros(len(points), dtype=bool)
        first[lines.offsets[:-1]] = True
        last = np.roll(first, -1)
        cell = np.floor(points / (_DETAIL_PX * ratio))
        moved = np.ones(len(points), dtype=bool)
        moved[1:] = (cell[1:] != cell[:-1]).any(axis=1)
        kept = first | last | moved
        points, first = points[kept], first[kept]
        segments = np.hstack([points[:-1], points[1:]])[~first[1:]]
        draw_lines(painter, segments[_in_view(segments, view)], QPen(QColor(color), width_px * ratio))


def draw_ducts(painter: QPainter, view: Viewport, ratio: float, lines: Floats, theme: Theme) -> None:
    """Draw ducts as thin lines."""
    draw_lines(painter, lines[_in_view(lines, view)], QPen(QColor(duct_color(theme)), ratio))


def duct_color(theme: Theme) -> str:
    """Return the color of ducts: quieter than a link of any class, clearer than borders."""
    one, other = QColor(theme.muted), QColor(theme.plot)
    red, green, blue = (
        (a + b) // 2 for a, b in ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    )
    return QColor(red, green, blue).name()


@dataclass(frozen=True, slots=True, eq=False)
class LinkMarks:
    """How each of some stretches of links is drawn.

    Attributes
    ----------
    classes
        Place of its stroke.
    double
        As two lines.
    dimmed
        Left out of what is looked at.
    """

    classes: NDArray[np.uint8]
    double: Mask
    dimmed: Mask


def draw_links(
    painter: QPainter, view: Viewport, ratio: float, lines: Floats, marks: LinkMarks, strokes: Sequence[Stroke],
    theme: Theme,
) -> None:  # fmt: skip
    """Draw stretches of links, those that are dimmed first, then class by class, the worst last."""
    seen = _in_view(lines, view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(lines) <= FINE_LINKS_MAX)
    draw_lines(painter, lines[seen & marks.dimmed], QPen(QColor(theme.rule), ratio))
    lit = seen & ~marks.dimmed
    for index in sorted(range(len(strokes)), key=lambda index: strokes[index].rank):
        stroke, mine = strokes[index], lit & (marks.classes == index)
        single, twice = lines[mine & ~marks.double], lines[mine & marks.double]
        if len(twice):
            draw_lines(painter, twice, pen_of(stroke, ratio, extra_px=DOUBLE_PX))
            draw_lines(painter, twice, QPen(QColor(theme.plot), (DOUBLE_PX - 0.9) * ratio))
        if len(single):
            draw_lines(painter, single, pen_of(stroke, ratio))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def draw_sites(
    painter: QPainter, ratio: float, points: Floats, roles: NDArray[np.str_], stamps: Stamps, theme: Theme
) -> None:
    """Draw sites by role: core a square, edge a circle, hut a small triangle."""
    draw_triangles(painter, points[roles == "hut"], theme.muted, 6.0 * ratio)
    stamps.put_circles(painter, points[roles == "edge"], ratio, theme)
    cores = points[roles == "core"]
    draw_squares(painter, cores, theme.plot, 11.0 * ratio)
    draw_squares(painter, cores, theme.site, 8.0 * ratio)


def _in_view(lines: Floats, view: Viewport) -> Mask:
    x, y = lines[:, [0, 2]], lines[:, [1, 3]]
    inside = (x.max(axis=1) >= 0) & (x.min(axis=1) <= view.width_px)
    return np.asarray(inside & (y.max(axis=1) >= 0) & (y.min(axis=1) <= view.height_px))

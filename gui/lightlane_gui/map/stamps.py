"""Small pictures that are drawn once and put down many times: rings with a number, names, markers."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from lightlane_gui.theme import Theme

RING_PX = 10.0
_EDGE_OUTER_PX, _EDGE_INNER_PX = 7.0, 4.0
_STAMPS_MAX = 4_000
_HALO = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1))


class Stamps:
    """Draws in device pixels; every picture is kept by what it depends on.

    Parameters
    ----------
    are_kept
        False: all is drawn where it stands, so that in a file words are words and lines are lines.
    """

    def __init__(self, *, are_kept: bool = True) -> None:
        self._are_kept = are_kept
        self._known: dict[Hashable, QImage] = {}

    def put_rings(
        self, painter: QPainter, points: NDArray[np.float64], colors: Sequence[str], counts: Sequence[int],
        ratio: float, theme: Theme,
    ) -> None:  # fmt: skip
        """Draw a ring about each of the points (x, y) with the number of sites that it stands for."""
        half = math.ceil((RING_PX + 2) * ratio)
        for (x, y), color, count in zip(np.round(points - half).tolist(), colors, counts, strict=True):
            key = (color, count, ratio, theme.name)
            self._put(painter, QPointF(x, y), key, 2 * half, partial(_draw_ring, color, count, ratio, theme))

    def put_circles(self, painter: QPainter, points: NDArray[np.float64], ratio: float, theme: Theme) -> None:
        """Draw the marker of an edge site about each of the points (x, y)."""
        half = math.ceil((_EDGE_OUTER_PX / 2 + 1) * ratio)
        key, draw = ("circle", ratio, theme.name), partial(_draw_circle, half, ratio, theme)
        for x, y in np.round(points - half).tolist():
            self._put(painter, QPointF(x, y), key, 2 * half, draw)

    def put_text(
        self, painter: QPainter, x: float, y: float, text: str, font: QFont, ratio: float, theme: Theme
    ) -> None:
        """Draw a text with a halo of the map's color; its base line begins at a point."""
        if not self._are_kept:
            painter.save()
            _draw_text(QPointF(x, y), text, font, ratio, theme, painter)
            painter.restore()
            return
        key = ("text", text, font.key(), ratio, theme.name)
        pad = math.ceil(2 * ratio)
        image = self._known.get(key)
        if image is None:
            large = QFont(font)
            large.setPointSizeF(font.pointSizeF() * ratio)
            metrics = QFontMetricsF(large)
            wide = math.ceil(metrics.horizontalAdvance(text)) + 2 * pad
            ascent = math.ceil(metrics.ascent())
            high = ascent + math.ceil(metrics.descent()) + 2 * pad
            image = self._make(
                key, wide, high, partial(_draw_text, QPointF(pad, pad + ascent), text, large, ratio, theme)
            )
            image.setOffset(QPoint(pad, pad + ascent))
        painter.drawImage(QPointF(round(x) - image.offset().x(), round(y) - image.offset().y()), image)

    def _put(
        self, painter: QPainter, corner: QPointF, key: Hashable, side: int, draw: Callable[[QPainter], None]
    ) -> None:
        if self._are_kept:
            painter.drawImage(corner, self._known.get(key) or self._make(key, side, side, draw))
            return
        painter.save()
        painter.translate(corner)
        draw(painter)
        painter.restore()

    def _make(self, key: Hashable, wide: int, high: int, draw: Callable[[QPainter], None]) -> QImage:
        if len(self._known) >= _STAMPS_MAX:
            self._known.clear()
        image = QImage(wide, high, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        stamp = QPainter(image)
        stamp.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw(stamp)
        stamp.end()
        self._known[key] = image
        return image


def _draw_text(base: QPointF, text: str, font: QFont, ratio: float, theme: Theme, stamp: QPainter) -> None:
    stamp.setFont(font)
    stamp.setPen(QColor(theme.plot))
    for right, down in _HALO:
        stamp.drawText(base + QPointF(right, down) * ratio, text)
    stamp.setPen(QColor(theme.ink))
    stamp.drawText(base, text)


def _draw_circle(half: int, ratio: float, theme: Theme, stamp: QPainter) -> None:
    stamp.setPen(Qt.PenStyle.NoPen)
    for color, across_px in ((theme.site, _EDGE_OUTER_PX), (theme.plot, _EDGE_INNER_PX)):
        stamp.setBrush(QColor(color))
        stamp.drawEllipse(QPointF(half, half), across_px / 2 * ratio, across_px / 2 * ratio)


def _draw_ring(color: str, count: int, ratio: float, theme: Theme, stamp: QPainter) -> None:
    half = math.ceil((RING_PX + 2) * ratio)
    middle = QPointF(half, half)
    stamp.setPen(Qt.PenStyle.NoPen)
    stamp.setBrush(QColor(theme.plot))
    stamp.drawEllipse(middle, (RING_PX + 1.5) * ratio, (RING_PX + 1.5) * ratio)
    stamp.setBrush(Qt.BrushStyle.NoBrush)
    stamp.setPen(QPen(QColor(color), 2.4 * ratio))
    stamp.drawEllipse(middle, (RING_PX - 1.2) * ratio, (RING_PX - 1.2) * ratio)
    small = QFont()
    small.setPixelSize(round((11 if count < 100 else 8) * ratio))
    small.setBold(True)
    stamp.setFont(small)
    stamp.setPen(QColor(theme.ink))
    stamp.drawText(QRectF(0, 0, 2 * half, 2 * half), Qt.AlignmentFlag.AlignCenter, str(count))

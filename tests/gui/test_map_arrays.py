"""Arrays handed to Qt draw what the same lines drawn one by one draw, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from lightlane_gui.map.arrays import join_points, view_as

SIZE = 80
RNG = np.random.default_rng(5)


def _paint(draw: Callable[[QPainter], object]) -> NDArray[np.uint32]:
    image = QImage(SIZE, SIZE, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setPen(QPen(QColor("#102030"), 2))
    draw(painter)
    painter.end()
    return np.frombuffer(image.constBits(), dtype=np.uint32).reshape(SIZE, SIZE).copy()


def test_lines_and_boxes_are_those_of_the_array(qapp: Any) -> None:
    values = RNG.uniform(5, 35, (12, 4))
    lines = [QLineF(*row) for row in values.tolist()]
    boxes = [QRectF(*row) for row in values.tolist()]
    by_line = _paint(lambda painter: painter.drawLines(lines))
    assert (by_line != by_line[0, 0]).any()
    np.testing.assert_array_equal(_paint(lambda painter: painter.drawLines(*view_as(QLineF, values))), by_line)
    by_box = _paint(lambda painter: painter.drawRects(boxes))
    np.testing.assert_array_equal(_paint(lambda painter: painter.drawRects(*view_as(QRectF, values))), by_box)
    assert (by_box != by_line).any()


def test_a_path_joins_what_is_to_be_joined(qapp: Any) -> None:
    points = RNG.uniform(0, SIZE, (7, 2))
    # That a first point is joined to nothing goes without saying.
    is_joined = np.array([True, True, False, True, True, False, True])
    expected = QPainterPath()
    for (x, y), joined in zip(points.tolist(), [False, *is_joined[1:].tolist()], strict=True):
        (expected.lineTo if joined else expected.moveTo)(QPointF(x, y))
    assert join_points(points, is_joined) == expected
    assert join_points(np.empty((0, 2)), np.empty(0, dtype=bool)) == QPainterPath()

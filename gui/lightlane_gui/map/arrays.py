"""Arrays of coordinates as Qt draws them: many lines, rectangles or outlines in one call, without a loop in Python.

The plot library has the same; it takes a quarter of a second to load, and the map is what a window shows first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPainterPath
from shiboken6 import Shiboken

Floats = NDArray[np.float64]
_VERTEX = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
"""As a stream holds an element of a path (QPainterPath, operator<<): 0 moves there, 1 draws a line."""


def view_as(kind: type[Any], values: Floats) -> tuple[Any, int]:
    """Return what ``drawLines`` and ``drawRects`` take: the first of a row of values of Qt's class, and their number.

    Parameters
    ----------
    kind
        A class of four doubles, ``QLineF`` or ``QRectF``.
    values
        Shape (n, 4), n at least 1, contiguous. It must outlive what is returned, which is a view of its memory.
    """
    assert values.flags.c_contiguous
    assert values.dtype == np.float64
    # ``values.ctypes`` would run an import each time, and with it the hook that Qt has put there.
    return Shiboken.wrapInstance(values.__array_interface__["data"][0], kind), len(values)


def join_points(points: Floats, is_joined: NDArray[np.bool_]) -> QPainterPath:
    """Return a path through points (x, y); ``is_joined``: of each, whether a line leads to it from the one before."""
    path = QPainterPath()
    if not len(points):
        return path
    vertices = np.empty(len(points), dtype=_VERTEX)
    vertices["kind"] = is_joined
    vertices["kind"][0] = 0
    vertices["x"], vertices["y"] = points[:, 0], points[:, 1]
    count, end = len(points).to_bytes(4, "big"), bytes(8)  # start of the last subpath, and the odd-even rule
    stream = QDataStream(QByteArray(count + vertices.tobytes() + end))
    stream >> path
    return path

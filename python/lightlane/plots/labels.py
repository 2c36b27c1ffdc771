"""Placing names beside points so that they cover neither each other nor the points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""

# Right of the point reads best, then left, then the corners, then above and below.
_PLACES: tuple[tuple[float, float, str], ...] = (
    (1, 0, "left"),
    (-1, 0, "right"),
    (0.75, 0.9, "left"),
    (0.75, -0.9, "left"),
    (-0.75, 0.9, "right"),
    (-0.75, -0.9, "right"),
    (0, 1.35, "center"),
    (0, -1.35, "center"),
    (1.3, 1.6, "left"),
    (1.3, -1.6, "left"),
    (-1.3, 1.6, "right"),
    (-1.3, -1.6, "right"),
)
_RIGHT = np.array([right for right, _, _ in _PLACES])
_UP = np.array([up for _, up, _ in _PLACES])
_BEYOND = np.where(np.abs(_UP) < 1, 0.0, np.sign(_UP) * 0.15)
_ALIGN = np.array([{"left": 0.0, "center": 0.5, "right": 1.0}[align] for _, _, align in _PLACES])
_COVERED_POINT_COST = 4.0
_COVERED_LINE_COST = 0.35


@dataclass(frozen=True, slots=True)
class Label:
    """A name and where it stands, in points from the lower left corner of the map."""

    index: int
    x_pt: float
    y_pt: float
    align: str


def place_labels(
    anchors_pt: Points,
    widths_pt: Sequence[float],
    order: Sequence[int],
    frame_pt: Box,
    *,
    height_pt: float,
    gaps_pt: Sequence[float],
    line_points_pt: Points,
    reserved_pt: Sequence[Box] = (),
) -> list[Label]:
    """Place names greedily, the first of ``order`` first; a name that finds no free place is left out.

    Parameters
    ----------
    anchors_pt
        The points, shape (points, 2).
    widths_pt
        How wide each name is.
    order
        Which points get a name, the most important first.
    frame_pt
        The names stay inside.
    height_pt, gaps_pt
        Height of a name, and the distance of each from its point.
    line_points_pt
        Points along the drawn lines, which names should rather not cover; shape (any, 2).
    reserved_pt
        Where no name may stand.
    """
    taken = np.array(reserved_pt, dtype=float).reshape(-1, 4)
    points, lines = _Scatter(anchors_pt), _Scatter(line_points_pt)
    labels: list[Label] = []
    for index in order:
        x, y, boxes = _boxes(anchors_pt[index], widths_pt[index], height_pt, gaps_pt[index])
        cost = np.arange(len(_PLACES)) * 0.1
        near = boxes + np.array([-2.0, -1.0, 2.0, 1.0])
        # A name may cover its own point, where the gap is small.
        cost += _COVERED_POINT_COST * (points.count_inside(near) - _is_inside(anchors_pt[index], near))
        cost += _COVERED_LINE_COST * lines.count_inside(boxes)
        cost[~_fit(boxes, frame_pt) | _overlap(boxes, taken)] = np.inf
        best = int(np.argmin(cost))
        if cost[best] < _COVERED_POINT_COST:
            labels.append(Label(index, float(x[best]), float(y[best]), _PLACES[best][2]))
            taken = np.vstack([taken, boxes[best]])
    return labels


def _boxes(anchor_pt: Points, width_pt: float, height_pt: float, gap_pt: float) -> tuple[Points, Points, Points]:
    """Return x, y and box of a name at each place about its point."""
    x = anchor_pt[0] + _RIGHT * gap_pt
    y = anchor_pt[1] + _UP * gap_pt + _BEYOND * height_pt
    left = x - _ALIGN * width_pt
    return x, y, np.stack([left, y - height_pt / 2, left + width_pt, y + height_pt / 2], axis=1)


def _fit(boxes: Points, frame_pt: Box) -> NDArray[np.bool_]:
    """Tell which boxes lie inside the frame."""
    left, bottom, right, top = frame_pt
    inside = (boxes[:, 0] >= left) & (boxes[:, 1] >= bottom) & (boxes[:, 2] <= right) & (boxes[:, 3] <= top)
    return np.asarray(inside)


def _overlap(boxes: Points, taken: Points) -> NDArray[np.bool_]:
    """Tell which boxes overlap with any that is taken."""
    one, other = boxes[:, None, :], taken[None, :, :]
    across = (one[..., 0] < other[..., 2]) & (other[..., 0] < one[..., 2])
    return np.asarray((across & (one[..., 1] < other[..., 3]) & (other[..., 1] < one[..., 3])).any(axis=1))


def _is_inside(point: Points, boxes: Points) -> NDArray[np.intp]:
    x, y = point
    inside = (x > boxes[:, 0]) & (x < boxes[:, 2]) & (y > boxes[:, 1]) & (y < boxes[:, 3])
    return np.asarray(inside, dtype=np.intp)


class _Scatter:
    """Points from left to right, to count those in a few boxes that are near each other."""

    def __init__(self, points_pt: Points) -> None:
        order = np.argsort(points_pt[:, 0], kind="stable")
        self._x_pt, self._y_pt = np.ascontiguousarray(points_pt[order].T)

    def count_inside(self, boxes_pt: Points) -> NDArray[np.intp]:
        """Return how many points each box holds, those on its edge not counted."""
        left, bottom, right, top = boxes_pt.T
        first, last = np.searchsorted(self._x_pt, (left.min(), right.max()))
        x_pt, y_pt = self._x_pt[first:last], self._y_pt[first:last]
        close = (y_pt > bottom.min()) & (y_pt < top.max())
        x_pt, y_pt = x_pt[close, None], y_pt[close, None]
        inside = (x_pt > left) & (x_pt < right) & (y_pt > bottom) & (y_pt < top)
        return np.asarray(inside.sum(axis=0), dtype=np.intp)

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
    labels: list[Label] = []
    for index in order:
        x, y, boxes = _boxes(anchors_pt[index], widths_pt[index], height_pt, gaps_pt[index])
        cost = np.arange(len(_PLACES)) * 0.1
        near = boxes + np.array((-2, -1, 2, 1))
        # A name may cover its own point, where the gap is small.
        cost += _COVERED_POINT_COST * (_count_inside(anchors_pt, near) - _is_inside(anchors_pt[index], near))
        cost += _COVERED_LINE_COST * _count_inside(line_points_pt, boxes)
        cost[~_fit(boxes, frame_pt) | _overlap(boxes, taken)] = np.inf
        best = int(np.argmin(cost))
        if cost[best] < _COVERED_POINT_COST:
            labels.append(Label(index, float(x[best]), float(y[best]), _PLACES[best][2]))
            taken = np.vstack([taken, boxes[best]])
    return labels


def _boxes(anchor_pt: Points, width_pt: float, height_pt: float, gap_pt: float) -> tuple[Points, Points, Points]:
    """Return x, y and box of a name at each place about its point."""
    x = anchor_pt[0] + _RIGHT * gap_pt
    y = anchor_pt[1] + _UP * gap_pt + np.where(np.abs(_UP) < 1, 0.0, np.sign(_UP) * height_pt * 0.15)
    left = x - _ALIGN * width_pt
    return x, y, np.column_stack([left, y - height_pt / 2, left + width_pt, y + height_pt / 2])


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


def _count_inside(points: Points, boxes: Points) -> NDArray[np.intp]:
    """Count the points in each box; few of all points are near."""
    left, bottom = boxes[:, :2].min(axis=0)
    right, top = boxes[:, 2:].max(axis=0)
    x, y = points[:, 0], points[:, 1]
    close = (x > left) & (x < right) & (y > bottom) & (y < top)
    x, y = x[close, None], y[close, None]
    inside = (x > boxes[:, 0]) & (x < boxes[:, 2]) & (y > boxes[:, 1]) & (y < boxes[:, 3])
    return np.asarray(inside.sum(axis=0), dtype=np.intp)

"""Placing names beside points so that they cover neither each other nor the points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    anchors_pt: NDArray[np.float64],
    widths_pt: Sequence[float],
    order: Sequence[int],
    frame_pt: Box,
    *,
    height_pt: float,
    gaps_pt: Sequence[float],
    line_points_pt: NDArray[np.float64],
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
    taken = list(reserved_pt)
    labels: list[Label] = []
    for index in order:
        best: tuple[float, Label, Box] | None = None
        for rank, (dx, dy, align) in enumerate(_PLACES):
            x = float(anchors_pt[index, 0]) + dx * gaps_pt[index]
            y = (
                float(anchors_pt[index, 1])
                + dy * gaps_pt[index]
                + (0.0 if abs(dy) < 1 else np.sign(dy) * height_pt * 0.15)
            )
            box = _box(x, y, widths_pt[index], height_pt, align)
            if not _inside(box, frame_pt) or any(_overlap(box, other) for other in taken):
                continue
            cost = rank * 0.1
            near = (box[0] - 2, box[1] - 1, box[2] + 2, box[3] + 1)
            cost += _COVERED_POINT_COST * _count_inside(np.delete(anchors_pt, index, axis=0), near)
            cost += _COVERED_LINE_COST * _count_inside(line_points_pt, box)
            if best is None or cost < best[0]:
                best = (cost, Label(index, x, y, align), box)
        if best is not None and best[0] < _COVERED_POINT_COST:
            labels.append(best[1])
            taken.append(best[2])
    return labels


def _box(x: float, y: float, width: float, height: float, align: str) -> Box:
    left = x if align == "left" else x - width if align == "right" else x - width / 2
    return (left, y - height / 2, left + width, y + height / 2)


def _inside(box: Box, frame_pt: Box) -> bool:
    return box[0] >= frame_pt[0] and box[1] >= frame_pt[1] and box[2] <= frame_pt[2] and box[3] <= frame_pt[3]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _count_inside(points: NDArray[np.float64], box: Box) -> int:
    if len(points) == 0:
        return 0
    x, y = points[:, 0], points[:, 1]
    return int(np.count_nonzero((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])))

"""Names on a map never overlap and never leave it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lightlane.plots.labels import Label, place_labels

FRAME = (0.0, 0.0, 200.0, 200.0)
NO_LINES = np.empty((0, 2))
BEFORE = {"left": 0.0, "center": 0.5, "right": 1.0}
"""How much of a name stands before its point."""


def box_of(label: Label, width_pt: float, height_pt: float) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of a name."""
    left = label.x_pt - BEFORE[label.align] * width_pt
    return left, label.y_pt - height_pt / 2, left + width_pt, label.y_pt + height_pt / 2


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 200)), min_size=1, max_size=25))
def test_names_never_overlap_or_leave(points: list[tuple[float, float]]) -> None:
    anchors = np.array(points)
    labels = place_labels(
        anchors, [25.0] * len(points), range(len(points)), FRAME, height_pt=8, gaps_pt=[5] * 25, line_points_pt=NO_LINES
    )
    boxes = [box_of(label, 25.0, 8.0) for label in labels]
    for number, box in enumerate(boxes):
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= 200
        assert box[3] <= 200
        for other in boxes[:number]:
            beside = box[0] >= other[2] or other[0] >= box[2]
            assert beside or box[1] >= other[3] or other[1] >= box[3]

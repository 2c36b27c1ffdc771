"""Names on a map never overlap and never leave it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lightlane.plots.labels import _box, _overlap, place_labels

FRAME = (0.0, 0.0, 200.0, 200.0)
NO_LINES = np.empty((0, 2))


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 200)), min_size=1, max_size=25))
def test_names_never_overlap_or_leave(points: list[tuple[float, float]]) -> None:
    anchors = np.array(points)
    labels = place_labels(
        anchors, [25.0] * len(points), range(len(points)), FRAME, height_pt=8, gaps_pt=[5] * 25, line_points_pt=NO_LINES
    )
    boxes = [_box(label.x_pt, label.y_pt, 25.0, 8.0, label.align) for label in labels]
    for number, box in enumerate(boxes):
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= 200
        assert box[3] <= 200
        assert not any(_overlap(box, other) for other in boxes[:number])

"""Names stand beside their points, inside the frame, off reserved places."""

from __future__ import annotations

import numpy as np

from lightlane.plots.labels import place_labels

FRAME = (0.0, 0.0, 200.0, 200.0)
NO_LINES = np.empty((0, 2))


def test_free_point_gets_its_name_at_the_right() -> None:
    (label,) = place_labels(
        np.array([[50.0, 50.0]]), [30.0], [0], FRAME, height_pt=8, gaps_pt=[5], line_points_pt=NO_LINES
    )
    assert (label.x_pt, label.y_pt, label.align) == (55.0, 50.0, "left")


def test_name_turns_to_the_left_at_the_edge() -> None:
    (label,) = place_labels(
        np.array([[195.0, 50.0]]), [30.0], [0], FRAME, height_pt=8, gaps_pt=[5], line_points_pt=NO_LINES
    )
    assert label.align == "right"


def test_reserved_place_stays_free() -> None:
    placed = place_labels(
        np.array([[50.0, 50.0]]),
        [30.0],
        [0],
        FRAME,
        height_pt=8,
        gaps_pt=[5],
        line_points_pt=NO_LINES,
        reserved_pt=[FRAME],
    )
    assert placed == []

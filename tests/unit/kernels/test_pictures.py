"""What pictures refuse, and what they do at their edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightlane import ParameterError, Persistence
from lightlane.toolkit import decimate_trace, shade_matrix

PALETTE = np.arange(256, dtype=np.uint32) | 0xFF000000
RANGES: dict[str, Any] = {"x_range": (0.0, 2.0), "y_range": (0.0, 1.0)}


def _screen() -> Persistence:
    return Persistence(4, 3, **RANGES)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Persistence(0, 3, **RANGES), "width_px is 0"),
        (lambda: Persistence(4, 1 << 20, **RANGES), "height_px is 1048576"),
        (lambda: Persistence(4, 3, x_range=(0.0, 1.0), y_range=(1.0, 1.0)), "y_range is 1 to 1"),
        (lambda: Persistence(4, 3, x_range=(0.0, np.nan), y_range=(0.0, 1.0)), "x_range is NaN"),
        (lambda: Persistence(4, 3, x_range=(0.0, 1.0, 2.0), y_range=(0.0, 1.0)), "x_range has 3 numbers"),
        (lambda: _screen().add_points([0.0], [0.0, 1.0]), "y is 2 points; allowed: 1 points"),
        (lambda: _screen().add_points([[0.0]], [[0.0]]), "x is an array of 2 dimensions"),
        (lambda: _screen().add_traces([0.0, 1.0], 0.5), "samples_per_symbol is 0.5"),
        (lambda: _screen().add_traces([0.0, 1.0], 8, offset_ui=np.inf), "offset_ui is inf"),
        (lambda: _screen().fade(-0.1), "keep_ratio is -0.1"),
        (lambda: _screen().shade(PALETTE[:9]), "palette is uint32 of shape \\(9,\\)"),
        (lambda: _screen().shade(np.linspace(0, 1, 256)), "palette is float64"),
        (lambda: _screen().shade(np.arange(256) - 1), "palette\\[0\\] is -1"),
        (lambda: _screen().shade(PALETTE, np.empty((4, 3), np.uint32)), "out is uint32 of shape \\(4, 3\\)"),
        (lambda: _screen().shade(PALETTE, np.empty((3, 8), np.uint32)[:, ::2]), "allowed: contiguous uint32"),
        (lambda: _screen().shade(PALETTE, scale="root"), "scale is root; allowed: log or linear"),
        (lambda: shade_matrix([1.0], 0.0, 1.0, PALETTE), "values is an array of 1 dimensions"),
        (lambda: shade_matrix([[1.0]], 1.0, 1.0, PALETTE), "low and high is 1 to 1"),
        (lambda: shade_matrix([[1.0]], 0.0, 1.0, PALETTE, nan_color=-1), "nan_color is -1"),
        (lambda: decimate_trace([0.0, 1.0], [0.0], 3), "y is 1 points; allowed: 2 points"),
        (lambda: decimate_trace([1.0, 0.0], [0.0, 1.0], 3), "x\\[1\\] is 0; allowed: 1 or above"),
        (lambda: decimate_trace([0.0, np.nan], [0.0, 1.0], 3), "x\\[1\\] is NaN"),
        (lambda: decimate_trace([0.0], [0.0], 0), "columns_count is 0"),
    ],
)
def test_what_is_refused(act: Callable[[], object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        act()


def test_read_only_memory_is_refused() -> None:
    out = np.empty((3, 4), dtype=np.uint32)
    out.flags.writeable = False
    with pytest.raises(ParameterError, match="that can be written"):
        _screen().shade(PALETTE, out)


def test_empty_pictures_are_dark_and_cleared_ones_too() -> None:
    screen = _screen()
    screen.add_points([], [])
    screen.add_traces([0.5], 8)
    assert (screen.shade(PALETTE) == PALETTE[0]).all()
    screen.add_points([1.0, 5.0], [0.5, 0.5])
    assert (screen.hits_count, screen.dropped_count) == (1, 1)
    screen.clear()
    assert (screen.hits_count, screen.dropped_count, screen.grid.sum()) == (0, 0, 0.0)


def test_rows_go_from_top_to_bottom() -> None:
    screen = _screen()
    screen.add_points([0.1], [0.9])
    assert screen.grid[0, 0] == 1.0
    assert screen.shade(PALETTE)[0, 0] == PALETTE[255]
    values = np.array([[0.0, 1.0], [0.5, np.nan]])
    assert shade_matrix(values, 0.0, 1.0, PALETTE, nan_color=5).tolist() == [
        [PALETTE[0], PALETTE[255]],
        [PALETTE[128], 5],
    ]


def test_gaps_stand_between_points() -> None:
    y = np.sin(np.arange(1000) / 30.0)
    y[200:600] = np.nan
    kept_x, kept_y = decimate_trace(np.arange(1000), y, 10)
    assert np.isnan(kept_y).sum() == 1
    assert 0 < kept_x[~np.isnan(kept_y)].searchsorted(600) < len(kept_y) - 1
    assert decimate_trace(np.arange(100), np.full(100, np.nan), 10)[0].size == 0

"""Long curves as few points as a screen has columns, without losing a peak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lightlane.toolkit import decimate_trace

Floats = NDArray[np.float64]

POINTS_MAX = 4000
"""Of a curve that is drawn as it is."""
COLUMNS_COUNT = 1600
"""Of a screen, for longer ones."""


def decimate(x: Floats, y: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return the least and the greatest of each column of the part of a curve between two places, in their order.

    Parameters
    ----------
    x
        Rising.
    """
    first = max(int(np.searchsorted(x, low, side="left")) - 1, 0)
    last = min(int(np.searchsorted(x, high, side="right")) + 1, len(x))
    x, y = x[first:last], y[first:last]
    if len(x) <= POINTS_MAX:
        return x, y
    return decimate_trace(x, y, COLUMNS_COUNT)

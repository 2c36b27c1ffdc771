"""Long curves as few points as a screen has columns, without losing a peak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    width = -(-len(x) // COLUMNS_COUNT)
    whole = len(x) // width * width
    columns = y[:whole].reshape(-1, width)
    # NaN: no data; a column that has some other value shows that.
    finite = np.where(np.isnan(columns), -np.inf, columns)
    greatest = finite.argmax(axis=1)
    least = np.where(np.isnan(columns), np.inf, columns).argmin(axis=1)
    starts = np.arange(0, whole, width)
    ends = np.stack([starts + np.minimum(least, greatest), starts + np.maximum(least, greatest)], axis=1).ravel()
    if whole < len(x):
        rest = y[whole:]
        ends = np.concatenate([ends, whole + np.flatnonzero((rest == np.nanmin(rest)) | (rest == np.nanmax(rest)))])
    return x[ends], y[ends]

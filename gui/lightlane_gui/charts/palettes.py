"""Colors of densities and heat maps: 256 of them for each name, ready for an RGB32 picture."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph
from numpy.typing import NDArray

from lightlane.toolkit import shade_matrix

COLORS_COUNT = 256
_SHIPPED = ("inferno", "viridis")
"""Of those that the plot library ships (matplotlib's, public domain)."""
_PAPER = ("#ffffff", "#d5e4f3", "#9dc0e4", "#5590cb", "#1f5fa8", "#0b2f66")
"""From paper to ink, evenly spaced: lightness falls all the way, so that it survives a gray print."""
_START_SHARE = 0.12
NAMES = (*_SHIPPED, "paper")


@cache
def palette(name: str) -> NDArray[np.uint32]:
    """Return 256 colors as ``0xffRRGGBB``, nothing first, most last.

    Raises
    ------
    KeyError
        If there is no palette of the name.
    """
    if name in _SHIPPED:
        rgb = pyqtgraph.colormap.get(name).getLookupTable(0.0, 1.0, COLORS_COUNT, alpha=False, mode="byte")
    elif name == "paper":
        stops = np.array([[int(color[place : place + 2], 16) for place in (1, 3, 5)] for color in _PAPER], dtype=float)
        at = np.linspace(0.0, len(stops) - 1.0, COLORS_COUNT)
        rgb = np.stack([np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)], axis=1)
    else:
        raise KeyError(name)
    red, green, blue = np.rint(rgb).astype(np.uint32).T
    colors: NDArray[np.uint32] = np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue
    colors.flags.writeable = False
    return colors


def shade_density(count: NDArray[np.integer] | NDArray[np.floating], name: str, background: str) -> NDArray[np.uint32]:
    """Return the picture of how often each place was met: logarithmic, and the background where never.

    Parameters
    ----------
    count
        Shape (rows, columns), 0 and above.
    background
        As ``#rrggbb``.
    """
    most = float(count.max()) if count.size else 0.0
    high = float(np.log1p(most)) or 1.0
    values = np.where(count > 0, np.log1p(count), np.nan)
    # The palette's start lies below a single hit, which must be seen on the background.
    low = -_START_SHARE / (1.0 - _START_SHARE) * high
    return shade_matrix(values, low, high, palette(name), nan_color=0xFF000000 | int(background[1:], 16))

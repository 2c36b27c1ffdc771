"""Colors of densities and heat maps: 256 of them for each name, ready for an RGB32 picture."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph
from numpy.typing import NDArray

COLORS_COUNT = 256
_SHIPPED = ("inferno", "viridis")
"""Of those that the plot library ships (matplotlib's, public domain)."""
_PAPER = ("#ffffff", "#d5e4f3", "#9dc0e4", "#5590cb", "#1f5fa8", "#0b2f66")
"""From paper to ink, evenly spaced: lightness falls all the way, so that it survives a gray print."""
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
    colors = palette(name)
    most = float(count.max()) if count.size else 0.0
    shown = np.full(count.shape, 0xFF000000 | int(background[1:], 16), dtype=np.uint32)
    met = count > 0
    if most > 0.0:
        # A tenth of the palette's start is left out: one hit must be seen on the background.
        share = 0.12 + 0.88 * np.log1p(count[met]) / np.log1p(most)
        shown[met] = colors[np.rint(share * (COLORS_COUNT - 1)).astype(np.intp)]
    return shown

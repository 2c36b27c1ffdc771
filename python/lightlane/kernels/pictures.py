"""Pictures of signals as arrays of pixels: density of points and eyes, heat maps, traces cut down to a screen.

Pixels are ``0xAARRGGBB`` in rows from top to bottom, as 32-bit images of desktop toolkits have them, and are painted
without another copy. All work is done in Rust with the interpreter released.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightlane import _core
from lightlane.errors import ParameterError

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint32]
Scale = Literal["log", "linear"]

COLORS_COUNT = 256
"""Of a palette."""


def _as_color(name: str, color: int) -> int:
    if not 0 <= color < 2**32:
        raise ParameterError(f"{name} is {color}; allowed: 0 to 0xffffffff, written 0xAARRGGBB")
    return int(color)


def _as_palette(palette: ArrayLike) -> Pixels:
    """Return the colors of a palette; refuse what is no color, and another number of them."""
    colors = np.asarray(palette)
    if colors.shape != (COLORS_COUNT,) or colors.dtype.kind not in "iu":
        found = f"{colors.dtype} of shape {colors.shape}"
        raise ParameterError(f"palette is {found}; allowed: {COLORS_COUNT} whole numbers 0xAARRGGBB")
    for index in (int(colors.argmin()), int(colors.argmax())):
        _as_color(f"palette[{index}]", int(colors[index]))
    return np.ascontiguousarray(colors, dtype=np.uint32)


def _as_column(name: str, values: ArrayLike) -> Floats:
    column = np.ascontiguousarray(values, dtype=np.float64)
    if column.ndim != 1:
        raise ParameterError(f"{name} is an array of {column.ndim} dimensions; allowed: one")
    return column


def _as_pixels(out: Pixels | None, shape: tuple[int, ...]) -> Pixels:
    """Return the array to draw into: a new one, or ``out`` if it is what the core can fill."""
    if out is None:
        return np.empty(shape, dtype=np.uint32)
    # Looked at before the border, which would raise errors of its own kind.
    if out.dtype != np.uint32 or out.shape != shape or not (out.flags.c_contiguous and out.flags.writeable):
        found = f"{out.dtype} of shape {out.shape}"
        raise ParameterError(f"out is {found}; allowed: contiguous uint32 of shape {shape} that can be written")
    return out


def _as_range(name: str, ends: tuple[float, float]) -> tuple[float, float]:
    if len(ends) != 2:
        raise ParameterError(f"{name} has {len(ends)} numbers; allowed: two, the lower one first")
    return float(ends[0]), float(ends[1])


class Persistence:
    """A screen that remembers where the signal has been, as that of an oscilloscope: a grid of hits that fade.

    Threads may share one; they take turns.

    Parameters
    ----------
    width_px, height_px
        Columns and rows, 1 to 16384.
    x_range, y_range
        Ends of the picture, rising to the right and to the top. x of an eye counts symbols: ``(-1.0, 1.0)`` or
        ``(0.0, 2.0)`` for an eye of two unit intervals.

    Raises
    ------
    ParameterError
        If a size is out of bounds or a range does not rise.
    """

    def __init__(
        self, width_px: int, height_px: int, *, x_range: tuple[float, float], y_range: tuple[float, float]
    ) -> None:
        for name, size_px in (("width_px", width_px), ("height_px", height_px)):
            if size_px < 1:
                raise ParameterError(f"{name} is {size_px}; allowed: whole numbers from 1 to 16384")
        self._screen = _core.Persistence(
            width_px, height_px, x_range=_as_range("x_range", x_range), y_range=_as_range("y_range", y_range)
        )

    def add_points(self, x: ArrayLike, y: ArrayLike) -> None:
        """Add one hit for each point, such as the symbols of a constellation. The edges belong to the picture.

        Points that lie outside or are not finite are dropped and counted.

        Raises
        ------
        ParameterError
            If there are not as many ``x`` as ``y``.
        """
        self._screen.add_points(_as_column("x", x), _as_column("y", y))

    def add_traces(self, samples: ArrayLike, samples_per_symbol: float, *, offset_ui: float = 0.0) -> None:
        """Add a waveform as an eye, its samples joined by straight lines.

        Sample k stands at x = k / ``samples_per_symbol`` + ``offset_ui``, less as many whole turns as bring it into the
        picture; a turn is the least whole number of symbols that is no shorter than ``x_range``. A trace that crosses a
        column of pixels is one hit there, spread over the rows in proportion to the time that it spends in each.
        Pieces between two samples that lie outside, or have an end that is not finite, are dropped and counted.

        Parameters
        ----------
        samples
            Of the waveform, in the unit of ``y_range``.
        samples_per_symbol
            1 to 65536, not necessarily whole.

        Raises
        ------
        ParameterError
            If ``samples_per_symbol`` or ``offset_ui`` is out of bounds.
        """
        self._screen.add_traces(
            _as_column("samples", samples), samples_per_symbol_ratio=samples_per_symbol, offset_ratio=offset_ui
        )

    def fade(self, keep_ratio: float) -> None:
        """Multiply all hits by ``keep_ratio``, 0 to 1; what falls below a millionth of a hit is gone.

        Raises
        ------
        ParameterError
            If the ratio is not allowed.
        """
        self._screen.fade(keep_ratio)

    def clear(self) -> None:
        """Forget all hits and counts."""
        self._screen.clear()

    def shade(self, palette: ArrayLike, out: Pixels | None = None, *, scale: Scale = "log") -> Pixels:
        """Return the picture: uint32 of shape (height_px, width_px).

        Parameters
        ----------
        palette
            256 colors ``0xAARRGGBB``, the first for no hits, the last for the most hits of any pixel.
        out
            Filled and returned in place of a new array: contiguous uint32 of that shape.
        scale
            ``linear`` in hits, or ``log``, in ln(1 + hits).

        Raises
        ------
        ParameterError
            If the palette is none, ``out`` does not fit or ``scale`` is another word.
        """
        pixels = _as_pixels(out, self._screen.shape())
        self._screen.shade(_as_palette(palette), pixels, scale=scale)
        return pixels

    @property
    def grid(self) -> NDArray[np.float32]:
        """Hits of each pixel as a copy, shape (height_px, width_px), rows from top to bottom."""
        return self._screen.grid()

    @property
    def hits_count(self) -> int:
        """Points and pieces of traces that were drawn since the screen was last cleared."""
        return self._screen.counts()[0]

    @property
    def dropped_count(self) -> int:
        """Points and pieces of traces that were not drawn since the screen was last cleared."""
        return self._screen.counts()[1]


def shade_matrix(
    values: ArrayLike,
    low: float,
    high: float,
    palette: ArrayLike,
    *,
    nan_color: int = 0,
    out: Pixels | None = None,
) -> Pixels:
    """Return the colors of a matrix, such as that of a waterfall of spectra: uint32 of its shape, row 0 on top.

    Parameters
    ----------
    values
        Shape (rows, columns).
    low, high
        Values of the first and the last color; what lies beyond gets the color of that end.
    palette
        256 colors ``0xAARRGGBB``, of equal steps.
    nan_color
        Of what is not a number; transparent unless given.
    out
        Filled and returned in place of a new array: contiguous uint32 of the matrix' shape.

    Raises
    ------
    ParameterError
        If ``low`` is not below ``high``, the palette is none, or a shape does not fit.
    """
    matrix = np.ascontiguousarray(values, dtype=np.float64)
    if matrix.ndim != 2:
        raise ParameterError(f"values is an array of {matrix.ndim} dimensions; allowed: two, rows and columns")
    pixels = _as_pixels(out, matrix.shape)
    colors, color = _as_palette(palette), _as_color("nan_color", nan_color)
    _core.shade_matrix(matrix, low=low, high=high, palette=colors, nan_color=color, out=pixels)
    return pixels


def decimate_trace(x: ArrayLike, y: ArrayLike, columns_count: int) -> tuple[Floats, Floats]:
    """Return few points that draw the same line: the least and the greatest value of each column of pixels.

    Points keep their own places and order, two per column at most. Values that are not finite are gaps: NaN stands
    between points that a gap parts; gaps at the ends are left out. A trace of no more points than that is
    returned whole, its gaps as NaN.

    Parameters
    ----------
    x, y
        Points of the trace; ``x`` is finite and does not fall.
    columns_count
        Equal parts of the range of ``x``.

    Raises
    ------
    ParameterError
        If lengths differ, ``x`` falls or is not finite, or ``columns_count`` is below 1.
    """
    if columns_count < 1:
        raise ParameterError(f"columns_count is {columns_count}; allowed: whole numbers from 1 on")
    return _core.decimate_trace(_as_column("x", x), _as_column("y", y), columns_count=columns_count)

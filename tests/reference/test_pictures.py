"""Pictures against numpy and matplotlib: histograms of points, lines of thousands of points, color maps, extremes.

Histograms of points, colors and extremes are exact. A line drawn by points puts at most one point too many or too few
into a pixel at either of its ends there: the tolerance is two points for every piece of the waveform that a pixel sees.
"""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import ListedColormap, Normalize
from numpy.typing import NDArray

from lightlane import Persistence
from lightlane.toolkit import decimate_trace, shade_matrix

Floats = NDArray[np.float64]
PALETTE = np.arange(256, dtype=np.uint32) * 0x010101 | 0xFF000000


def test_points_are_a_histogram() -> None:
    random = np.random.default_rng(1)
    x, y = random.normal(size=(2, 100_000))
    x[:4], y[:4] = [-2.0, 3.0, 3.0, 0.0], [-1.0, 1.5, -1.0, np.nan]
    screen = Persistence(70, 50, x_range=(-2.0, 3.0), y_range=(-1.0, 1.5))
    screen.add_points(x, y)
    expected, _, _ = np.histogram2d(y[4:], x[4:], bins=(50, 70), range=((-1.0, 1.5), (-2.0, 3.0)))
    expected[0, 0] += 1  # both ends belong to the picture
    expected[0, -1] += 1
    expected[-1, -1] += 1
    np.testing.assert_array_equal(screen.grid, expected[::-1])
    assert screen.hits_count == expected.sum()
    assert screen.dropped_count == 100_000 - expected.sum()


POINTS = 100_000
"""Of a piece between two samples."""


def _draw_by_points(samples: Floats, per_symbol: float, offset: float, turn: float, bins: tuple[int, int]) -> Floats:
    """Return time in pixels of lines drawn by points, over x from -1 to 1 and y from 0 to 3, the top row first."""
    share = (np.arange(POINTS) + 0.5) / POINTS
    at = np.arange(len(samples) - 1)[:, None] + share
    x = (at / per_symbol + offset + 1.0) % turn - 1.0
    y = samples[:-1, None] + share * np.diff(samples)[:, None]
    grid, _, _ = np.histogram2d(y.ravel(), x.ravel(), bins=bins, range=((0.0, 3.0), (-1.0, 1.0)))
    return np.asarray(grid[::-1] * bins[1] / 2.0 / per_symbol / POINTS)


@pytest.mark.parametrize("per_symbol", [1.0, 3.7, 16.0])
@pytest.mark.parametrize("offset", [0.0, -0.37])
def test_an_eye_is_the_time_in_each_pixel(per_symbol: float, offset: float) -> None:
    samples = np.random.default_rng(2).uniform(-0.5, 3.5, size=20)
    screen = Persistence(40, 30, x_range=(-1.0, 1.0), y_range=(0.0, 3.0))
    screen.add_traces(samples, per_symbol, offset_ui=offset)
    expected = _draw_by_points(samples, per_symbol, offset, 2.0, (30, 40))
    turns, pieces_in_column = np.ceil(19.0 / per_symbol / 2.0) + 1.0, np.ceil(per_symbol / 20.0) + 1.0
    point = 20.0 / per_symbol / POINTS
    np.testing.assert_allclose(screen.grid, expected, atol=2.0 * point * turns * pieces_in_column + 1e-6)
    assert expected.sum() > 150.0 / per_symbol


def test_colors_of_a_matrix_are_those_of_a_color_map() -> None:
    values = np.random.default_rng(3).normal(size=(30, 40))
    values[0, :3] = [np.nan, np.inf, -np.inf]
    colors = mpl.colormaps["viridis"].resampled(256)(np.arange(256), bytes=True).astype(np.uint32)
    palette = colors[:, 3] << 24 | colors[:, 0] << 16 | colors[:, 1] << 8 | colors[:, 2]
    found = shade_matrix(values, -1.0, 1.5, palette, nan_color=0x80123456)
    color_map = ListedColormap([f"#{color & 0xFFFFFF:06x}" for color in palette])
    shown = color_map(Normalize(-1.0, 1.5, clip=True)(values[:, 3:].ravel()), bytes=True).astype(np.uint32)
    expected = shown[:, 3] << 24 | shown[:, 0] << 16 | shown[:, 1] << 8 | shown[:, 2]
    np.testing.assert_array_equal(found[:, 3:].ravel(), expected)
    assert list(found[0, :3]) == [0x80123456, palette[-1], palette[0]]


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_shares_of_the_most_hits(scale: str) -> None:
    screen = Persistence(20, 1, x_range=(0.0, 20.0), y_range=(0.0, 1.0))
    hits = np.arange(20) ** 2
    screen.add_points(np.repeat(np.arange(20), hits) + 0.5, np.full(hits.sum(), 0.5))
    shares = np.log1p(hits) / np.log1p(361) if scale == "log" else hits / 361
    expected = PALETTE[np.minimum((shares * 256).astype(int), 255)]
    out = np.empty((1, 20), dtype=np.uint32)
    assert screen.shade(PALETTE, out, scale=scale) is out  # type: ignore[arg-type]
    np.testing.assert_array_equal(out[0], expected)


def test_extremes_are_those_of_numpy() -> None:
    random = np.random.default_rng(4)
    x, y = np.sort(random.uniform(0.0, 10.0, 50_000)), random.normal(size=50_000)
    x[0], x[-1] = 0.0, 10.0
    kept_x, kept_y = decimate_trace(x, y, 300)
    starts = np.searchsorted(x, np.linspace(0.0, 10.0, 301)[:-1])
    assert len(kept_x) == 600
    np.testing.assert_array_equal(kept_y.reshape(-1, 2).min(axis=1), np.minimum.reduceat(y, starts))
    np.testing.assert_array_equal(kept_y.reshape(-1, 2).max(axis=1), np.maximum.reduceat(y, starts))
    np.testing.assert_array_equal(kept_y, y[np.searchsorted(x, kept_x)])

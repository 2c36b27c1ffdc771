"""Laws of pictures: mirrored eyes, fading is multiplication, threads lose nothing, lines keep their extremes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lightlane import Persistence
from lightlane.toolkit import decimate_trace

# None on the border of two pixels, at multiples of 0.25, where rounding decides.
levels = st.lists(st.integers(0, 999).map(lambda n: 0.003 * n + 0.0007), min_size=2, max_size=50)


def _screen() -> Persistence:
    return Persistence(16, 12, x_range=(0.0, 2.0), y_range=(0.0, 3.0))


@given(levels, st.floats(1.0, 40.0), st.floats(-5.0, 5.0))
def test_a_mirrored_waveform_is_a_mirrored_eye(values: list[float], per_symbol: float, offset_ui: float) -> None:
    upright, mirrored = _screen(), _screen()
    upright.add_traces(values, per_symbol, offset_ui=offset_ui)
    mirrored.add_traces(3.0 - np.array(values), per_symbol, offset_ui=offset_ui)
    np.testing.assert_allclose(upright.grid, mirrored.grid[::-1], atol=1e-5 * len(values))


@given(levels, st.floats(0.0, 1.0))
def test_fading_is_multiplication(values: list[float], keep_ratio: float) -> None:
    screen = _screen()
    screen.add_traces(values, 4)
    before = screen.grid
    screen.fade(keep_ratio)
    expected = before * np.float32(keep_ratio)
    np.testing.assert_array_equal(screen.grid, np.where(expected < np.float32(1e-6), 0.0, expected))


def test_threads_that_share_a_screen_lose_no_hit() -> None:
    screen = _screen()
    x, y = np.random.default_rng(5).uniform(0.0, 2.0, size=(2, 50_000))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: screen.add_points(*part), zip(np.split(x, 50), np.split(y, 50), strict=True)))
    assert screen.hits_count == screen.grid.sum() == 50_000


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=200), st.integers(1, 20))
def test_a_decimated_line_keeps_its_extremes_and_decimates_to_itself(values: list[float], columns_count: int) -> None:
    x = np.arange(len(values), dtype=float)
    kept_x, kept_y = decimate_trace(x, values, columns_count)
    assert len(kept_x) <= 2 * columns_count
    assert (kept_y.min(), kept_y.max()) == (min(values), max(values))
    again_x, again_y = decimate_trace(kept_x, kept_y, columns_count)
    np.testing.assert_array_equal(again_x, kept_x)
    np.testing.assert_array_equal(again_y, kept_y)

"""Time the pictures that a desktop application paints many times a second, next to numpy's way to the same picture."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from lightlane import Persistence
from lightlane.toolkit import decimate_trace, shade_matrix

GOAL_MS = 10.0
TURNS = 15
POINTS_COUNT, SAMPLES_COUNT, TRACE_COUNT = 100_000, 2**16, 1_000_000
PER_SYMBOL = 16
PALETTE = np.arange(256, dtype=np.uint32) | 0xFF000000


def main() -> None:
    """Print milliseconds, the least of some turns, and how many times longer numpy takes."""
    random = np.random.default_rng(1)
    print(f"Pictures; goal {GOAL_MS:g} ms for constellation and eye together:")  # noqa: T201
    total_ms = _bench_constellation(random) + _bench_eye(random)
    print(f"  constellation and eye: {total_ms:.2f} ms")  # noqa: T201
    _bench_trace(random)
    _bench_matrix(random)


def _bench_constellation(random: np.random.Generator) -> float:
    x, y = random.normal(0.0, 0.5, size=(2, POINTS_COUNT))
    screen, out = Persistence(384, 384, x_range=(-2.0, 2.0), y_range=(-2.0, 2.0)), np.empty((384, 384), np.uint32)

    def draw() -> None:
        screen.fade(0.9)
        screen.add_points(x, y)
        screen.shade(PALETTE, out)

    def draw_by_numpy() -> None:
        hits, _, _ = np.histogram2d(y, x, bins=384, range=((-2.0, 2.0), (-2.0, 2.0)))
        shown = np.log1p(hits[::-1])
        PALETTE[np.minimum(shown * (256.0 / shown.max()), 255.0).astype(np.intp)]

    return _print("100,000 symbols faded, added and shaded", draw, draw_by_numpy)


def _bench_eye(random: np.random.Generator) -> float:
    levels = random.integers(0, 4, SAMPLES_COUNT // PER_SYMBOL).repeat(PER_SYMBOL).astype(float)
    hertz = np.fft.rfftfreq(SAMPLES_COUNT, 1.0 / PER_SYMBOL)
    samples = np.fft.irfft(np.fft.rfft(levels) * np.exp(-0.35 * (hertz / 0.5) ** 2), SAMPLES_COUNT)
    screen, out = Persistence(512, 256, x_range=(0.0, 2.0), y_range=(-1.0, 4.0)), np.empty((256, 512), np.uint32)

    def draw() -> None:
        screen.fade(0.9)
        screen.add_traces(samples, PER_SYMBOL)
        screen.shade(PALETTE, out)

    def draw_by_numpy() -> None:
        # A point in each column, the simplest that looks like lines.
        at = np.arange(0.0, SAMPLES_COUNT - 1.0, PER_SYMBOL / 256.0)
        row = ((4.0 - np.interp(at, np.arange(SAMPLES_COUNT), samples)) * (256.0 / 5.0)).astype(np.intp)
        column = np.arange(at.size) % 512
        shown = np.log1p(np.bincount(row * 512 + column, minlength=256 * 512).reshape(256, 512))
        PALETTE[np.minimum(shown * (256.0 / shown.max()), 255.0).astype(np.intp)]

    return _print(f"eye of {SAMPLES_COUNT:,} samples faded, added and shaded", draw, draw_by_numpy)


def _bench_trace(random: np.random.Generator) -> None:
    x, y = np.arange(float(TRACE_COUNT)), random.normal(size=TRACE_COUNT)

    def decimate_by_numpy() -> None:
        starts = np.searchsorted(x, np.linspace(x[0], x[-1], 1001)[:-1])
        np.minimum.reduceat(y, starts)
        np.maximum.reduceat(y, starts)

    _print("1,000,000 points to 1,000 columns", lambda: decimate_trace(x, y, 1000), decimate_by_numpy)


def _bench_matrix(random: np.random.Generator) -> None:
    values, out = random.normal(size=(512, 1024)), np.empty((512, 1024), np.uint32)

    def shade_by_numpy() -> None:
        PALETTE[np.clip((values + 1.0) * 128.0, 0.0, 255.0).astype(np.intp)]

    _print("matrix of 512 x 1024", lambda: shade_matrix(values, -1.0, 1.0, PALETTE, out=out), shade_by_numpy)


def _print(what: str, work: Callable[[], object], reference: Callable[[], object]) -> float:
    taken_ms, reference_ms = _take_ms(work), _take_ms(reference)
    print(f"  {what}: {taken_ms:.2f} ms; numpy {reference_ms:.2f} ms, {reference_ms / taken_ms:.1f} x")  # noqa: T201
    return taken_ms


def _take_ms(work: Callable[[], object]) -> float:
    turns = []
    for _ in range(TURNS):
        start = time.perf_counter()
        work()
        turns.append(time.perf_counter() - start)
    return 1e3 * min(turns)


if __name__ == "__main__":
    main()

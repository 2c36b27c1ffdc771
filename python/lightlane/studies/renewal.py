"""Monte Carlo of alternating renewal: elements that fail and are repaired, over many years."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ParameterError
from lightlane.fabric.reliability import HOURS_PER_YEAR, MINUTES_PER_YEAR

HISTORIES_COUNT = 100
"""A simulation is so many histories of one length, independent of each other: their scatter is the uncertainty."""
STUDENT_95 = 1.984
"""Quantile 0.975 of Student's distribution with 99 degrees of freedom."""

Intervals = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Begins and ends in hours, in order, without overlap; all histories one behind the other."""


class FailureRate(NamedTuple):
    """How an element fails and is repaired."""

    rate_per_year: float
    mttr_h: float

    @property
    def unavailable_fraction(self) -> float:
        """Share of time in which it is down: MTTR / (MTBF + MTTR)."""
        lost_h = self.rate_per_year * self.mttr_h
        return lost_h / (HOURS_PER_YEAR + lost_h)


@dataclass(frozen=True, slots=True)
class SimulatedDowntime:
    """Mean time down in a year and what bounds it by 95 %; no upper bound (NaN) where no outage was seen."""

    down_min_per_year: float
    low_min_per_year: float
    high_min_per_year: float


@dataclass(frozen=True, slots=True)
class RenewalSimulation:
    """Elements that go up and down, each on its own.

    Algorithm
    ---------
    1. Every element has a history of exponential times up (mean MTBF) and down (mean MTTR), which begins down with the
       probability that it is down, so that nothing has to settle.
    2. A path is down while one of its elements is, a system while all of its paths are.
    3. The downtime of the histories gives mean and interval (Student, 95 %).

    Randomness is addressed: Philox keyed by the seed and the element's name, with the history as its counter. So no
    result depends on what else is simulated, in which order or in which chunks.
    """

    rates: Mapping[str, FailureRate]
    simulated_years: float
    seed: int = 0
    composites: Mapping[str, Sequence[Collection[str]]] = field(default_factory=dict)
    """Elements that are systems themselves, of elements that stand nowhere else: down while all of their paths are."""
    _known_h: dict[str, Intervals] = field(default_factory=dict)

    def find_downtime(self, paths: Sequence[Collection[str]]) -> SimulatedDowntime:
        """Simulate a system that is up while all elements of one of ``paths`` are.

        Raises
        ------
        ParameterError
            If there are no years, or an element has no rate.
        """
        if not 0 < self.simulated_years < math.inf:
            raise ParameterError(f"simulated_years is {self.simulated_years}; allowed: above 0")
        length_h = self.simulated_years * HOURS_PER_YEAR / HISTORIES_COUNT
        down = self._find_system(paths)
        bounds_h = np.arange(HISTORIES_COUNT + 1, dtype=np.float64) * length_h
        # Cut where one history ends and the next begins.
        down = _intersect(down, (bounds_h[:-1], bounds_h[1:]))
        number = np.minimum((0.5 * (down[0] + down[1]) / length_h).astype(int), HISTORIES_COUNT - 1)
        lost_h = np.bincount(number, weights=down[1] - down[0], minlength=HISTORIES_COUNT)
        minutes = lost_h / length_h * MINUTES_PER_YEAR
        mean = float(np.mean(minutes))
        if mean == 0.0:
            # Histories without any outage do not scatter and bound nothing.
            return SimulatedDowntime(0.0, 0.0, math.nan)
        half = STUDENT_95 * float(np.std(minutes, ddof=1)) / math.sqrt(HISTORIES_COUNT)
        return SimulatedDowntime(mean, max(0.0, mean - half), mean + half)

    def _find_system(self, paths: Sequence[Collection[str]]) -> Intervals:
        down: Intervals = (np.zeros(1), np.full(1, self.simulated_years * HOURS_PER_YEAR))
        for path in paths:
            down = _intersect(down, _unite([self._find_intervals(name) for name in sorted(path)]))
        return down

    def _find_intervals(self, name: str) -> Intervals:
        if name in self.composites:
            return self._find_system(self.composites[name])
        if name not in self.rates:
            raise ParameterError(f"element {name!r} has no failure rate")
        if name not in self._known_h:
            self._known_h[name] = self._draw(name, self.rates[name])
        return self._known_h[name]

    def _draw(self, name: str, rate: FailureRate) -> Intervals:
        length_h = self.simulated_years * HOURS_PER_YEAR / HISTORIES_COUNT
        if rate.rate_per_year == 0.0:
            return np.zeros(0), np.zeros(0)
        begins, ends = [], []
        for history in range(HISTORIES_COUNT):
            begin, end = _draw_history(rate, length_h, self._address(name, history))
            begins.append(begin + history * length_h)
            ends.append(end + history * length_h)
        return np.concatenate(begins), np.concatenate(ends)

    def _address(self, name: str, history: int) -> np.random.Generator:
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        key = np.frombuffer(digest[:16], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, history]))


def _draw_history(rate: FailureRate, length_h: float, random: np.random.Generator) -> Intervals:
    """Draw when an element is down in one history, cut off at its end."""
    mtbf_h = HOURS_PER_YEAR / rate.rate_per_year
    starts_down = random.random() < rate.unavailable_fraction
    begins, ends = [], []
    now_h = 0.0
    while now_h < length_h:
        # Blocks of about as many as are needed; what is drawn too much is beyond the end.
        count = 16 + int(1.2 * (length_h - now_h) / (mtbf_h + rate.mttr_h))
        up_h = random.exponential(mtbf_h, count)
        down_h = random.exponential(rate.mttr_h, count)
        if starts_down and now_h == 0.0:
            up_h[0] = 0.0
        end = now_h + np.cumsum(up_h + down_h)
        begins.append(end - down_h)
        ends.append(end)
        now_h = float(end[-1])
    begin, end = np.concatenate(begins), np.concatenate(ends)
    inside = begin < length_h
    return begin[inside], np.minimum(end[inside], length_h)


def _unite(intervals: Sequence[Intervals]) -> Intervals:
    """Return when one at least is down."""
    begin = np.concatenate([item[0] for item in intervals]) if intervals else np.zeros(0)
    end = np.concatenate([item[1] for item in intervals]) if intervals else np.zeros(0)
    if not len(begin):
        return begin, end
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], np.maximum.accumulate(end[order])
    # A new interval begins where the last one has ended before.
    first = np.concatenate(([True], begin[1:] > end[:-1]))
    last = np.concatenate((first[1:], [True]))
    return begin[first], end[last]


def _intersect(one: Intervals, two: Intervals) -> Intervals:
    """Return when both are down; intervals of ``two`` that touch cut those of ``one``."""
    if not len(one[0]) or not len(two[0]):
        return np.zeros(0), np.zeros(0)
    first = np.searchsorted(two[1], one[0], side="right")
    last = np.searchsorted(two[0], one[1], side="left")
    count = np.maximum(last - first, 0)
    left = np.repeat(np.arange(len(one[0])), count)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    right = first[left] + offset
    return np.maximum(one[0][left], two[0][right]), np.minimum(one[1][left], two[1][right])

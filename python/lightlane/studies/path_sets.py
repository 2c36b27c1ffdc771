"""Unavailability of a system that works while one of several sets of elements works as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.errors import ParameterError

PATHS_MAX_COUNT = 12
"""The exact sum grows with 2 to the number of paths."""


@dataclass(frozen=True, slots=True)
class SystemUnavailability:
    """What a system and each of its elements make of the failures.

    Attributes
    ----------
    unavailable_fraction
        Share of time in which no path works.
    saved_fraction
        By element what would be saved of it if the element never failed, the largest first.
    """

    unavailable_fraction: float
    saved_fraction: dict[str, float]


def find_unavailability(
    paths: Sequence[Collection[str]], unavailable_fraction_by_element: Mapping[str, float]
) -> SystemUnavailability:
    """Find the exact unavailability of a system of independent elements.

    Algorithm
    ---------
    1. Elements that stand on the same paths fail these paths together: they are one class, which is down unless all of
       them are up, ``q = 1 - prod(1 - q_e)``.
    2. The classes are gone through one by one; what is kept is the probability of each set of paths that are down
       (2 to the number of paths). The system is down when all of them are.

    Every term is a product of probabilities and every sum one of positive terms, so that small unavailabilities keep
    all their digits (inclusion and exclusion would lose them).

    Parameters
    ----------
    paths
        The elements of each path; an element may stand on several, which is what makes them share a risk.
    unavailable_fraction_by_element
        Of every element, 0 to 1.

    Raises
    ------
    ParameterError
        If there are too many paths or an element has no figure from 0 to 1.
    """
    if len(paths) > PATHS_MAX_COUNT:
        raise ParameterError(f"{len(paths)} paths; allowed: up to {PATHS_MAX_COUNT}")
    members: dict[int, list[str]] = {}
    for element in sorted({element for path in paths for element in path}):
        if not 0.0 <= unavailable_fraction_by_element.get(element, -1.0) <= 1.0:
            raise ParameterError(f"element {element!r} has no unavailability from 0 to 1")
        mask = sum(1 << index for index, path in enumerate(paths) if element in path)
        members.setdefault(mask, []).append(element)
    masks = sorted(members)
    down = [_any_down([unavailable_fraction_by_element[name] for name in members[mask]]) for mask in masks]
    # Row 0 is the system as it is; row i + 1 has class i always up, the last ones always down.
    count = len(masks)
    q = np.tile(np.array(down, dtype=float), (2 * count + 1, 1))
    for index in range(count):
        q[index + 1, index] = 0.0
        q[count + index + 1, index] = 1.0
    result = _sum_states(masks, q, len(paths))
    saved = {}
    for index, mask in enumerate(masks):
        up, failed = float(result[index + 1]), float(result[count + index + 1])
        for element in members[mask]:
            rest = _any_down([unavailable_fraction_by_element[name] for name in members[mask] if name != element])
            # (down[index] - rest) without the cancellation: only this element is down.
            alone = unavailable_fraction_by_element[element] * (1.0 - rest)
            saved[element] = alone * (failed - up)
    ordered = dict(sorted(saved.items(), key=lambda item: (-item[1], item[0])))
    return SystemUnavailability(float(result[0]), ordered)


def _any_down(unavailable_fraction: Sequence[float]) -> float:
    """Return the share of time in which one at least is down, to full precision where all are small."""
    if any(value >= 1.0 for value in unavailable_fraction):
        return 1.0
    return float(-np.expm1(np.sum(np.log1p(-np.array(unavailable_fraction, dtype=float)))))


def _sum_states(masks: Sequence[int], q: NDArray[np.float64], paths_count: int) -> NDArray[np.float64]:
    """Return for each row of ``q`` (shape (rows, classes)) the probability that all paths are down."""
    states = 1 << paths_count
    probability = np.zeros((len(q), states))
    probability[:, 0] = 1.0
    for index, mask in enumerate(masks):
        failed = probability * q[:, index, None]
        probability -= failed
        hit = np.zeros_like(probability)
        np.add.at(hit.T, np.arange(states) | mask, failed.T)
        probability += hit
    return np.asarray(probability[:, -1])

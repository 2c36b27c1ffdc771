"""Sweeps: fields that take one value after the other, in grids or side by side."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.catalog.parts import Finite
from lightlane.scenario.events import PlainValue

POINTS_MAX = 1_000_000


class Sweep(BaseModel):
    """One field and the values that it takes; several sweeps make a grid, those of one ``zip`` go side by side."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    field: Annotated[str, Field(min_length=1, max_length=300)]
    """``duct.NAME.length_km``, ``link.*.launch_power_dbm``, ``conditions.temperature_c``, ``fiber.ID.FIELD`` …"""
    values: Annotated[tuple[PlainValue, ...], Field(min_length=1, max_length=POINTS_MAX)] | None = None
    start: Finite | None = None
    stop: Finite | None = None
    count: Annotated[int, Field(ge=2, le=POINTS_MAX)] | None = None
    """In place of values: so many from start to stop, both included, evenly spaced."""
    zip: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    """Name of a group of sweeps that go side by side; absent: one more axis of the grid."""

    @model_validator(mode="after")
    def _one_way(self) -> Sweep:
        ends = [self.start, self.stop, self.count]
        if (self.values is None) != all(end is not None for end in ends) or (
            self.values is not None and any(end is not None for end in ends)
        ):
            raise ValueError("needs either values, or all of start, stop, count")
        return self

    def list_values(self) -> tuple[Any, ...]:
        """Return the values in order."""
        if self.values is not None:
            return self.values
        assert self.start is not None
        assert self.stop is not None
        assert self.count is not None
        return tuple(np.linspace(self.start, self.stop, self.count).tolist())


Point = tuple[tuple[str, Any], ...]
"""Fields and their values at one point of a sweep, in the order of the file."""


def count_points(sweeps: Sequence[Sweep]) -> int:
    """Return how many points sweeps have together; one without any."""
    count = 1
    for group in _groups(sweeps):
        count *= min(len(sweep.list_values()) for sweep in group)
    return count


def list_points(sweeps: Sequence[Sweep]) -> list[Point]:
    """Return the points of the grid, the last axis fastest; one point without any sweep."""
    axes = []
    for group in _groups(sweeps):
        columns = [[(sweep.field, value) for value in sweep.list_values()] for sweep in group]
        axes.append(list(zip(*columns, strict=False)))
    return [tuple(itertools.chain.from_iterable(steps)) for steps in itertools.product(*axes)]


def sweep_findings(sweeps: Sequence[Sweep]) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Find fields that are swept twice, groups of unequal length, and grids that are too large."""
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    seen: dict[str, int] = {}
    for index, sweep in enumerate(sweeps):
        if sweep.field in seen:
            found.append((("sweep", index, "field"), f"{sweep.field!r} again", "each field in one sweep"))
        seen[sweep.field] = index
    for group in _groups(sweeps):
        lengths = [len(sweep.list_values()) for sweep in group]
        if len(set(lengths)) > 1:
            place = next(index for index, sweep in enumerate(sweeps) if sweep is group[lengths.index(lengths[-1])])
            words = " and ".join(str(length) for length in dict.fromkeys(lengths))
            found.append(
                (("sweep", place), f"{words} values side by side", f"as many in each sweep of {group[0].zip!r}")
            )
    if not found and count_points(sweeps) > POINTS_MAX:
        found.append((("sweep",), f"{count_points(sweeps)} points", f"at most {POINTS_MAX} points"))
    return found


def _groups(sweeps: Sequence[Sweep]) -> list[list[Sweep]]:
    """Return sweeps that go side by side, in the order in which the groups begin."""
    groups: dict[Any, list[Sweep]] = {}
    for index, sweep in enumerate(sweeps):
        groups.setdefault(index if sweep.zip is None else sweep.zip, []).append(sweep)
    return list(groups.values())

"""Grids of a user's own: where surrogates of his transmitters are simulated, as a TOML file."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.errors import FormatError
from lightlane.files import read_toml, validate
from lightlane.lane.surrogate.grids import SurrogateGrid
from lightlane.lane.surrogate.runs import RunTarget

Positive = Annotated[float, Field(gt=0.0)]
AXIS_MIN_COUNT, AXIS_MAX_COUNT = 3, 200
EYES_MAX_COUNT = 200_000
"""A run takes a tenth of a second: more would take hours."""


class GridTable(BaseModel):
    """Box and values of one table."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    """Of the table's file."""
    equalizer: Literal["ffe5", "ffe15_dfe1"]
    target_ser_ratio: Annotated[float, Field(gt=0.0, lt=0.1)]
    """Symbol error ratio at which the modes state their sensitivity; a table serves those of the same one."""
    bandwidth_ratio: tuple[Positive, ...]
    """Of the transmitter over the symbol rate."""
    dispersion_range_ratio: tuple[Annotated[float, Field(le=0.0)], Annotated[float, Field(ge=0.0)]]
    """Ends of D lambda^2 Rs^2/c around 0, multiples of the step."""
    dispersion_step_ratio: Positive = 0.1
    chirp_alpha: tuple[float, ...]
    extinction_ratio_db: tuple[Positive, ...]

    @model_validator(mode="after")
    def _fits(self) -> GridTable:
        for name in ("bandwidth_ratio", "chirp_alpha", "extinction_ratio_db"):
            axis = getattr(self, name)
            rises = all(low < high for low, high in itertools.pairwise(axis))
            if not (AXIS_MIN_COUNT <= len(axis) <= AXIS_MAX_COUNT and rises):
                raise ValueError(f"{name} needs {AXIS_MIN_COUNT} to {AXIS_MAX_COUNT} numbers that rise")
        low, high = self.dispersion_range_ratio
        steps = [end / self.dispersion_step_ratio for end in (low, high)]
        if any(abs(step - round(step)) > 1e-6 for step in steps) or round(steps[1] - steps[0]) < 2:
            raise ValueError("dispersion_range_ratio needs multiples of dispersion_step_ratio, two steps apart or more")
        count = len(self.bandwidth_ratio) * len(self.chirp_alpha) * len(self.extinction_ratio_db)
        if count * (round(steps[1] - steps[0]) + 1) > EYES_MAX_COUNT:
            raise ValueError(f"needs {EYES_MAX_COUNT:,} eyes or fewer in a table")
        return self

    def grid(self) -> SurrogateGrid:
        """Return the grid as the builder takes it."""
        return SurrogateGrid(
            name=self.name,
            target=RunTarget(self.equalizer, self.target_ser_ratio),
            bandwidth_ratio=self.bandwidth_ratio,
            dispersion_range_ratio=self.dispersion_range_ratio,
            dispersion_step_ratio=self.dispersion_step_ratio,
            chirp_alpha=self.chirp_alpha,
            extinction_ratio_db=self.extinction_ratio_db,
        )


class GridFile(BaseModel):
    """A file of grids."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    format: Literal[1]
    table: Annotated[tuple[GridTable, ...], Field(min_length=1)]
    """The tables, each of a name of its own."""


def load_grids(path: Path | str) -> tuple[SurrogateGrid, ...]:
    """Read a file of grids.

    Raises
    ------
    FormatError
        With every problem of the file.
    """
    document = read_toml(path)
    tables = validate(document, GridFile).table
    names = [table.name for table in tables]
    problems = [
        document.problem(("table", index, "name"), f"{name!r} again", "each name once")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
    if problems:
        raise FormatError(problems)
    return tuple(table.grid() for table in tables)

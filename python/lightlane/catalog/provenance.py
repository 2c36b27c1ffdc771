"""What all parts of the catalog have: an id, a name, where the figures come from."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Confidence = Literal["primary", "datasheet", "second-hand", "recalled", "computed"]
"""How sure a row is: the standard or its machine-readable form itself, a vendor's sheet, read in a third-party text,
from memory and unverified, derived by a formula that the source names."""

PartId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=60)]
Points = Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]
"""A piecewise-linear table of (x, y) points with rising x; outside it nothing is extrapolated."""
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


def read_reasons(notes: str) -> dict[str, str]:
    """Return the reasons that a part's notes give: of each line ``field: reason`` the field and the reason."""
    matches = (re.match(r"([a-z][a-z0-9_]*): (\S.*)", line) for line in notes.splitlines())
    return {match[1]: match[2] for match in matches if match}


def refuse_inverted(part: BaseModel, *pairs: tuple[str, ...]) -> None:
    """Raise ValueError for the first run of fields whose given values fall."""
    for names in pairs:
        given = [value for name in names if (value := getattr(part, name)) is not None]
        if any(b < a for a, b in pairwise(given)):
            raise ValueError("needs " + " <= ".join(names))


class Part(BaseModel):
    """What every row of the catalog has."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    id: PartId
    name: Annotated[str, Field(min_length=1, max_length=80)]
    source: Annotated[str, Field(min_length=3)]
    confidence: Confidence
    assumed: tuple[str, ...] = ()
    """Names of the fields whose values no source gives; a line ``field: reason`` of the notes says why each stands."""
    field_sources: dict[str, str] = {}
    """Source of single fields where it differs from the row's source."""
    notes: str = ""

    @model_validator(mode="after")
    def _provenance_names_fields(self) -> Part:
        fields = set(type(self).model_fields)
        for where, names in (("assumed", self.assumed), ("field_sources", self.field_sources)):
            for name in names:
                if name not in fields:
                    raise ValueError(f"{where} names {name!r}, which is not a field of this part")
        for name in self.assumed:
            if name not in read_reasons(self.notes):
                raise ValueError(f"assumed names {name!r}, which needs a line '{name}: reason' in notes")
        for name in sorted(fields):
            value = getattr(self, name)
            if "_by_" in name and value is not None and any(b[0] <= a[0] for a, b in pairwise(value)):
                raise ValueError(f"{name} must have rising x values")
        return self

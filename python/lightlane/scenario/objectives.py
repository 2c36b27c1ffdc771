"""What a scenario's fabric must keep at every instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import Finite, NonNegative

Count = Annotated[int, Field(ge=0)]


class Objectives(BaseModel):
    """Bounds that hold at every step of every variant and point; absent ones are not asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    least_margin_db: Finite | None = None
    """Of the links that are in service."""
    links_down_count: Count | None = None
    """At most so many."""
    demands_blocked_count: Count | None = None
    demands_late_count: Count | None = None
    capacity_lost_gbps: NonNegative | None = None
    """Of links that are down, at most."""
    carried_ratio: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of what demands ask for that is carried, at least."""

    def judge(self, step: Mapping[str, float]) -> Iterator[Judged]:
        """Compare the figures of a step, by the names of its columns, with what is asked for."""
        for name in type(self).model_fields:
            allowed = getattr(self, name)
            if allowed is None:
                continue
            if name == "carried_ratio":
                asked = step["demand_gbps"]
                found = step["carried_gbps"] / asked if asked else 1.0
            else:
                found = float(step[name])
            # Where nothing is in service there is no margin to fall short.
            met = found != found or (found >= allowed if name in _AT_LEAST else found <= allowed)  # noqa: PLR0124
            yield Judged(name, found, float(allowed), met)


@dataclass(frozen=True, slots=True)
class Judged:
    """One objective at one step: what was found, what is allowed, in the unit of its name."""

    objective: str
    found_value: float
    allowed_value: float
    met: bool


_AT_LEAST = frozenset({"least_margin_db", "carried_ratio"})

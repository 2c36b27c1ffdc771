"""A topology as a source gives it, before it is checked, repaired and made a fabric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lightlane.catalog.parts import NonNegative, PartId, Positive
from lightlane.fabric.importers.geodesic import Position
from lightlane.fabric.topology import Duct, Name, Role

DUCT_LENGTH_MAX_KM = 20_000.0
"""As :class:`lightlane.fabric.topology.Duct` has it."""


class SiteFields(BaseModel):
    """What a row of a table or the properties of a point say of a site."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    name: Name
    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]
    role: Role | None = None


class DuctProperties(BaseModel):
    """What a source may say of a duct besides where it runs; absent fields take the value of the import."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    name: Name | None = None
    length_km: Annotated[float, Field(gt=0, le=DUCT_LENGTH_MAX_KM)] | None = None
    """Fiber length; absent: from the geometry, times the route factor."""
    fiber: PartId | None = None
    attenuation_db_per_km: NonNegative | None = None
    splice_count: Annotated[int, Field(ge=0)] = Duct.model_fields["splice_count"].default
    connector_count: Annotated[int, Field(ge=0)] = Duct.model_fields["connector_count"].default
    extra_loss_db: NonNegative = Duct.model_fields["extra_loss_db"].default


class DuctFields(DuctProperties):
    """A row of a table of links."""

    a: Name
    b: Name


class DemandFields(BaseModel):
    """A row of a table of demands."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    from_site: Annotated[Name, Field(alias="from")]
    to_site: Annotated[Name, Field(alias="to")]
    rate_gbps: Positive
    latency_ms: Positive | None = None
    service: str = ""


@dataclass(frozen=True, slots=True)
class DraftSite:
    """A site; its role where the source gives one."""

    name: str
    position_deg: Position
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class DraftDuct:
    """A duct between the sites with these indices.

    Attributes
    ----------
    geometry_km
        Length of the line that the source draws: a geodesic, or along a polyline.
    line
        Line of the source's file, 0 where it has none.
    """

    a: int
    b: int
    geometry_km: float
    properties: DuctProperties = field(default_factory=DuctProperties)
    line: int = 0


@dataclass(frozen=True, slots=True)
class DraftDemand:
    """A demand between the sites with these indices.

    Attributes
    ----------
    size_ratio
        Size to that of the others, in Gb/s only where ``Draft.demand_in_gbps`` says so.
    """

    a: int
    b: int
    size_ratio: float
    latency_ms: float | None = None
    service: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A topology as its source gives it.

    Attributes
    ----------
    label
        The source as the user named it, for messages.
    source
        The source as the fabric's file names it.
    follows_route
        Whether the geometry follows the route, so that it needs no route factor.
    notes
        What the reader repaired, dropped or doubts, one sentence each.
    """

    name: str
    label: str
    source: str
    sites: tuple[DraftSite, ...]
    ducts: tuple[DraftDuct, ...]
    demands: tuple[DraftDemand, ...] = ()
    demand_in_gbps: bool = False
    follows_route: bool = False
    notes: tuple[str, ...] = ()


def make_unique(name: str, taken: set[str]) -> str:
    """Return ``name``, with a number behind it where it is taken, and note it as taken; at most 80 characters."""
    candidate, number = name[:80], 2
    while candidate in taken:
        suffix = f" {number}"
        candidate, number = name[: 80 - len(suffix)] + suffix, number + 1
    taken.add(candidate)
    return candidate


def count_of(number: int, noun: str) -> str:
    """Write a number of things: ``1 duct``, ``2 ducts``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def list_names(names: list[str], most: int = 8) -> str:
    """Write up to ``most`` names and count the others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more

"""What the user decides about an import: repairs, roles, metro edges, demands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from lightlane.errors import ParameterError


def _require(condition: bool, name: str, value: object, allowed: str) -> None:
    if not condition:
        raise ParameterError(f"{name} is {value!r}; allowed: {allowed}")


def _is_positive(value: float | None) -> bool:
    return value is None or (math.isfinite(value) and value > 0)


@dataclass(frozen=True, slots=True)
class Repairs:
    """Which doubtful things the user accepts.

    Attributes
    ----------
    accept_unverified
        Take a topology whose coordinates nobody could check.
    merge_coincident
        Make one site of several at the same point, and drop the ducts between them.
    skip_seacable
        Leave out sea cables, and the landing points and waypoints that only they reach.
    snap_tolerance_km
        GeoJSON: how far a line may end from its site.
    """

    accept_unverified: bool = False
    merge_coincident: bool = False
    skip_seacable: bool = False
    snap_tolerance_km: float = 1.0

    def __post_init__(self) -> None:
        _require(_is_positive(self.snap_tolerance_km), "snap_tolerance_km", self.snap_tolerance_km, "greater than 0")


@dataclass(frozen=True, slots=True)
class RoleRule:
    """How sites get their roles; names go before the source's own roles, those before the rule.

    Attributes
    ----------
    rule
        ``degree:N``: sites with at least N ducts are core, the others edge. ``all-core``: every site is core. Absent:
        the source must give each site's role.
    core, edge, hut
        Names of sites with that role.
    """

    rule: str | None = None
    core: tuple[str, ...] = ()
    edge: tuple[str, ...] = ()
    hut: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = self.rule is None or self.rule == "all-core" or re.fullmatch(r"degree:[1-9]\d{0,3}", self.rule)
        _require(bool(known), "roles", self.rule, "all-core, or degree:N with N of at least 1, such as degree:4")
        twice = sorted({*self.core} & {*self.edge} | {*self.core} & {*self.hut} | {*self.edge} & {*self.hut})
        _require(not twice, "roles", ", ".join(twice), "one role for each site, these have two")

    @property
    def degree(self) -> int | None:
        """Return N of ``degree:N``."""
        return int(self.rule[7:]) if self.rule and self.rule.startswith("degree:") else None


@dataclass(frozen=True, slots=True)
class MetroRule:
    """Towns around core sites that become edge sites.

    Attributes
    ----------
    edges_count
        So many towns for each core site, where there are so many.
    radius_km
        Geodesic distance up to which a town belongs to a core site.
    min_population_count
        Smaller towns are left out; at least 500, for GeoNames' list ends there.
    bands_km
        Bands of distance from which the towns are taken in turn; absent: one band up to the radius.
    """

    edges_count: int
    radius_km: float
    min_population_count: int = 15_000
    bands_km: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        _require(1 <= self.edges_count <= 1000, "metro_edges", self.edges_count, "1 to 1000")
        _require(0 < self.radius_km <= 500, "metro_radius_km", self.radius_km, "greater than 0, at most 500")
        population = self.min_population_count
        _require(population >= 500, "metro_min_population", population, "at least 500")
        for low, high in self.bands_km:
            allowed = f"bands LOW-HIGH with 0 <= LOW < HIGH <= {self.radius_km:g}, the radius"
            _require(0 <= low < high <= self.radius_km, "metro_bands", f"{low:g}-{high:g}", allowed)


@dataclass(frozen=True, slots=True)
class DemandRule:
    """Which demands the fabric gets.

    Attributes
    ----------
    total_demand_gbps
        Sum to which the source's demand matrix is scaled; absent: a matrix without a unit is left out.
    latency_ms
        One-way objective of the source's demands that have none of their own.
    edge_demand_gbps
        Rate of an added demand from each edge site to its nearest core site along the ducts.
    edge_latency_ms
        One-way objective of the added demands.
    """

    total_demand_gbps: float | None = None
    latency_ms: float | None = None
    edge_demand_gbps: float | None = None
    edge_latency_ms: float | None = None

    def __post_init__(self) -> None:
        for name in ("total_demand_gbps", "latency_ms", "edge_demand_gbps", "edge_latency_ms"):
            _require(_is_positive(getattr(self, name)), name, getattr(self, name), "greater than 0")
        if self.edge_latency_ms is not None and self.edge_demand_gbps is None:
            raise ParameterError("edge_latency_ms needs edge_demand_gbps, the rate of the demands that it is for")

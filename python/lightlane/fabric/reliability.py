"""How often things fail and how long that takes: the priors of availability, as their TOML file has them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lightlane.catalog.parts import NonNegative, Positive
from lightlane.fabric.topology import Duct, Fabric, list_ways
from lightlane.files import read_toml, validate

HOURS_PER_YEAR = 8760.0
MINUTES_PER_YEAR = 525_600.0
SHIPPED_FILE = Path(__file__).parent / "data" / "reliability.toml"
"""The priors that come with the package."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    source: Annotated[str, Field(min_length=3)]
    """Where the figures come from."""
    confidence: Literal["primary", "datasheet", "second-hand", "recalled", "computed"]
    assumed: tuple[str, ...] = ()
    """Fields whose figure was chosen."""
    notes: str = ""


class CableReliability(_Record):
    """Cuts of cables in the ground, in proportion to their length."""

    cut_rate_per_km_year: NonNegative
    mttr_h: Positive


class EquipmentReliability(_Record):
    """Failures of one piece of equipment, by rate or by mean time between failures; neither: it does not fail."""

    failure_rate_fit: NonNegative | None = None
    """Failures in a billion hours."""
    mtbf_h: Positive | None = None
    mttr_h: Positive

    @model_validator(mode="after")
    def _check_rates(self) -> EquipmentReliability:
        if self.failure_rate_fit is not None and self.mtbf_h is not None:
            raise ValueError("give failure_rate_fit or mtbf_h and not both")
        return self

    @property
    def rate_per_year(self) -> float:
        """Failures in a year of operation."""
        if self.mtbf_h is not None:
            return HOURS_PER_YEAR / self.mtbf_h
        return (self.failure_rate_fit or 0.0) * 1e-9 * HOURS_PER_YEAR


class Reliability(BaseModel):
    """Priors of everything that can fail; a fabric's ducts may have their own."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: Literal[1]
    cable: CableReliability
    amplifier: EquipmentReliability
    module: EquipmentReliability
    site: EquipmentReliability
    """Power, cooling and routers of a whole site."""


def load_reliability(path: Path | str | None = None) -> Reliability:
    """Read a reliability file; absent: the shipped one.

    Raises
    ------
    FormatError
        With every problem of the file.
    """
    return _load_shipped() if path is None else validate(read_toml(path), Reliability)


@lru_cache(maxsize=1)
def _load_shipped() -> Reliability:
    return validate(read_toml(SHIPPED_FILE), Reliability)


def list_cut_rates(fabric: Fabric, priors: Reliability) -> dict[tuple[str, str], tuple[float, float]]:
    """Return (cuts per year, MTTR in hours) of every duct and risk group by (kind, name).

    What a group shares is cut as the group and no longer as the single ducts: each way of a group (pieces that huts
    join) gives up the shared length, each piece by its share. A group is cut as often for its length as the worst of
    its ducts and repaired as slowly. Where the groups of a duct share more than all of it, nothing is left of its own.
    """
    sites = {site.name: site for site in fabric.site}
    ducts = {duct.name: duct for duct in fabric.duct}
    own_fraction = dict.fromkeys(ducts, 1.0)
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for group in fabric.risk_group:
        members = [ducts[name] for name in group.ducts]
        lengths_km = [sum(duct.length_km for duct in way) for way in list_ways(members, sites)]
        shared_km = min(lengths_km) if group.shared_length_km is None else group.shared_length_km
        for way, length_km in zip(list_ways(members, sites), lengths_km, strict=True):
            for duct in way:
                own_fraction[duct.name] -= shared_km / length_km
        worst_per_year = max(_cut_rate(duct, priors) / duct.length_km for duct in members) * shared_km
        found["risk_group", group.name] = (worst_per_year, max(_repair_time(duct, priors) for duct in members))
    for duct in fabric.duct:
        left = max(0.0, own_fraction[duct.name])
        found["duct", duct.name] = (_cut_rate(duct, priors) * left, _repair_time(duct, priors))
    return found


def _cut_rate(duct: Duct, priors: Reliability) -> float:
    if duct.mtbf_h is not None:
        return HOURS_PER_YEAR / duct.mtbf_h
    rate = priors.cable.cut_rate_per_km_year if duct.cut_rate_per_km_year is None else duct.cut_rate_per_km_year
    return rate * duct.length_km


def _repair_time(duct: Duct, priors: Reliability) -> float:
    return priors.cable.mttr_h if duct.mttr_h is None else duct.mttr_h

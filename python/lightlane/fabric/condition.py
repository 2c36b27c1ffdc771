"""The condition of a fabric at one instant: how its plant and equipment stand apart from what its file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any

from lightlane.elements import CLEAN, Dirt
from lightlane.fabric.topology import Fabric
from lightlane.files.hashing import hash_json

REFERENCE_TEMPERATURE_C = 20.0
"""At which the figures of fibers hold."""

_Numbers = Mapping[str, float]
_NOTHING: _Numbers = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DuctCondition:
    """How one duct stands apart from its record.

    Attributes
    ----------
    out_of_service
        Why it carries nothing; empty: it does.
    connector_loss_db
        Added to each of its connectors.
    dirt_a, dirt_b
        A dirty connector at the duct's end ``a`` or ``b``.
    attenuation_db_per_km
        Added to that of its fibers.
    """

    out_of_service: tuple[str, ...] = ()
    temperature_c: float = REFERENCE_TEMPERATURE_C
    connector_loss_db: float = 0.0
    dirt_a: Dirt = CLEAN
    dirt_b: Dirt = CLEAN
    attenuation_db_per_km: float = 0.0


@dataclass(frozen=True, slots=True)
class LinkCondition:
    """How the equipment of one link stands apart from its record.

    Attributes
    ----------
    out_of_service
        Why neither direction carries anything; empty: they do.
    failed_amplifiers
        Labels of amplifiers without gain, ``direction:label``.
    launch_loss_db
        What the modules' lasers have lost.
    receiver_penalty_db
        OSNR or optical power that the modules' receivers need more.
    noise_figure_db, gain_db, pump_power_db
        What amplifiers have more than their type, by site; ``""``: all of the link. Pumps of Raman amplifiers alone.
    sop_rate_krad_per_s
        How fast polarization rotates; NaN: as the options of the run say.
    """

    out_of_service: tuple[str, ...] = ()
    failed_amplifiers: tuple[str, ...] = ()
    launch_loss_db: float = 0.0
    receiver_penalty_db: float = 0.0
    noise_figure_db: _Numbers = field(default_factory=lambda: _NOTHING)
    gain_db: _Numbers = field(default_factory=lambda: _NOTHING)
    pump_power_db: _Numbers = field(default_factory=lambda: _NOTHING)
    sop_rate_krad_per_s: float = float("nan")
    key: tuple[Any, ...] = field(init=False, repr=False, compare=False)
    """What two equal conditions have in common."""
    wear: tuple[Any, ...] = field(init=False, repr=False, compare=False)
    """Of it what a link is made of: that it is out of service, and how polarization rotates, changes no element."""
    is_alike_everywhere: bool = field(init=False, repr=False, compare=False)
    """Whether all amplifiers of the link stand apart from their types in the same way."""

    def __post_init__(self) -> None:
        by_site = (self.noise_figure_db, self.gain_db, self.pump_power_db)
        wear = (
            self.launch_loss_db,
            self.receiver_penalty_db,
            *(tuple(sorted(values.items())) if values else () for values in by_site),
        )
        rate = repr(self.sop_rate_krad_per_s)
        alike = all(not values or set(values) == {""} for values in by_site)
        object.__setattr__(self, "wear", wear)
        object.__setattr__(self, "is_alike_everywhere", alike)
        object.__setattr__(self, "key", (self.out_of_service, self.failed_amplifiers, *wear, rate))


GOOD_DUCT = DuctCondition()
GOOD_LINK = LinkCondition()


@dataclass(frozen=True, slots=True)
class PlantState:
    """A fabric and the condition of its ducts and links; those that are not named are as their records say.

    Attributes
    ----------
    sites
        Reasons why sites are out of service. Their links say so themselves.
    """

    fabric: Fabric
    ducts: Mapping[str, DuctCondition] = field(default_factory=dict)
    links: Mapping[str, LinkCondition] = field(default_factory=dict)
    sites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def duct(self, name: str) -> DuctCondition:
        """Return the condition of a duct."""
        return self.ducts.get(name, GOOD_DUCT)

    def link(self, name: str) -> LinkCondition:
        """Return the condition of a link's equipment."""
        return self.links.get(name, GOOD_LINK)

    def reasons_down(self, name: str, ducts: tuple[str, ...]) -> tuple[str, ...]:
        """Return why a link over these ducts is out of service as a whole; empty where it is not."""
        of_ducts = (reason for duct in ducts for reason in self.duct(duct).out_of_service)
        return tuple(dict.fromkeys((*self.link(name).out_of_service, *of_ducts)))

    def sha256(self) -> str:
        """Return the hash of everything that the state says; equal states have equal hashes."""
        data = {
            "fabric": self.fabric.model_dump(mode="json", by_alias=True),
            "ducts": {name: _plain(item) for name, item in sorted(self.ducts.items()) if item != GOOD_DUCT},
            "links": {name: _plain(item) for name, item in sorted(self.links.items()) if item.key != GOOD_LINK.key},
            **({"sites": dict(sorted(self.sites.items()))} if self.sites else {}),
        }
        return hash_json(data)


def _plain(item: DuctCondition | LinkCondition) -> dict[str, Any]:
    if isinstance(item, DuctCondition):
        return _without_nan(asdict(item))
    return _without_nan({entry.name: getattr(item, entry.name) for entry in fields(item) if entry.init})


def _without_nan(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data in which no number is NaN, which JSON does not have."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            out[name] = _without_nan(value)
        elif isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
            out[name] = None
        else:
            out[name] = list(value) if isinstance(value, tuple) else value
    return out

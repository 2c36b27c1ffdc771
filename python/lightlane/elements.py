"""The elements of a line: what light passes between two modules, made of the parts of the catalog."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from operator import attrgetter
from struct import Struct
from typing import Literal

from lightlane.catalog.parts import Amplifier, Fiber, Part, Passive

NO_VALUE = float("nan")
ElementKind = Literal["fiber", "loss", "amplifier", "stage"]

ELEMENT_FIGURES = (
    "length_km", "attenuation_db_per_km", "loss_db", "target_power_dbm", "osnr_db", "input_power_min_dbm",
    "input_power_max_dbm", "pdl_db", "dgd_ps", "chromatic_dispersion_ps_per_nm", "latency_us", "reflectance_db",
    "reflectors_count", "passband_3db_ghz", "passband_10db_ghz", "frequency_tolerance_ghz", "isolation_adjacent_db",
    "isolation_non_adjacent_db", "in_band_crosstalk_db", "colorless_channels_count", "filtering_penalty_db",
)  # fmt: skip
"""The figures that every element has, in the order in which they are packed."""
_read_figures = attrgetter(*ELEMENT_FIGURES)
_pack_figures = Struct(f"={len(ELEMENT_FIGURES)}d").pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One thing that light passes. NaN marks what the element does not have.

    ``target_power_dbm`` is the level per channel that an amplifier or an equalizing stage is set to;
    ``loss_db`` of a fiber comes on top of its attenuation.
    """

    kind: ElementKind
    label: str
    part: Part
    length_km: float = NO_VALUE
    attenuation_db_per_km: float = NO_VALUE
    loss_db: float = 0.0
    target_power_dbm: float = NO_VALUE
    osnr_db: float = NO_VALUE
    input_power_min_dbm: float = NO_VALUE
    input_power_max_dbm: float = NO_VALUE
    osnr_coefficients: tuple[float, float, float, float] | None = None
    pdl_db: float = 0.0
    dgd_ps: float = 0.0
    chromatic_dispersion_ps_per_nm: float = 0.0
    latency_us: float = 0.0
    passband_3db_ghz: float = NO_VALUE
    passband_10db_ghz: float = NO_VALUE
    frequency_tolerance_ghz: float = NO_VALUE
    isolation_adjacent_db: float = NO_VALUE
    isolation_non_adjacent_db: float = NO_VALUE
    in_band_crosstalk_db: float = NO_VALUE
    colorless_channels_count: float = NO_VALUE
    """Channels that reach one receiver behind it; infinite: all."""
    filtering_penalty_db: float = 0.0
    reflectance_db: float = NO_VALUE
    reflectors_count: int = 0
    splice: Passive | None = None
    splice_count: int = 0
    """Of a fiber, part of its ``loss_db``."""
    packed_figures: bytes = field(init=False, repr=False, compare=False)
    """:data:`ELEMENT_FIGURES` as numbers: a link is composed once and evaluated many times."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "packed_figures", _pack_figures(*_read_figures(self)))


@dataclass(frozen=True, slots=True)
class Dirt:
    """What a dirty connector adds: loss of its own, and a reflection where one is known (NaN: none)."""

    loss_db: float = 0.0
    reflectance_db: float = NO_VALUE


CLEAN = Dirt()


@dataclass(frozen=True, slots=True, kw_only=True)
class FiberRun:
    """The fiber of one duct with what joins it: connectors at both ends, repair splices, anything else with loss."""

    label: str
    fiber: Fiber
    length_km: float
    connector: Passive
    splice: Passive
    connector_count: int = 2
    splice_count: int = 0
    attenuation_db_per_km: float | None = None
    extra_loss_db: float = 0.0
    first_dirt: Dirt = CLEAN
    last_dirt: Dirt = CLEAN
    """Of a connector at the end where the run begins, and ends, in the direction from a to b."""

    def elements(self, *, backward: bool = False, raman: Amplifier | None = None) -> list[Element]:
        """Return connectors, fiber, pumps, connectors in the order of one direction; an odd one is at the first end."""
        before = self.connector_count // 2 if backward else (self.connector_count + 1) // 2
        fiber = Element(
            kind="fiber",
            label=f"{self.label} ({self.length_km:g} km)",
            part=self.fiber,
            length_km=self.length_km,
            attenuation_db_per_km=NO_VALUE if self.attenuation_db_per_km is None else self.attenuation_db_per_km,
            loss_db=self.splice_count * self.splice.loss_db + self.extra_loss_db,
            splice=self.splice,
            splice_count=self.splice_count,
        )
        pumps = [] if raman is None else [amplifier_element(raman, f"Raman pumps of {self.label}", None)]
        dirt = (self.last_dirt, self.first_dirt) if backward else (self.first_dirt, self.last_dirt)
        return [
            *self._dirt(dirt[0]),
            *self._connectors(before),
            fiber,
            *pumps,
            *self._connectors(self.connector_count - before),
            *self._dirt(dirt[1]),
        ]

    def _dirt(self, dirt: Dirt) -> list[Element]:
        if dirt == CLEAN or not (dirt.loss_db or math.isfinite(dirt.reflectance_db)):
            return []
        reflects = math.isfinite(dirt.reflectance_db)
        return [
            Element(
                kind="loss",
                label=f"dirty connector of {self.label}",
                part=self.connector,
                loss_db=dirt.loss_db,
                reflectance_db=dirt.reflectance_db,
                reflectors_count=int(reflects),
            )
        ]

    def _connectors(self, count: int) -> list[Element]:
        if count == 0:
            return []
        label = f"{count} connector{'s' if count > 1 else ''} of {self.label}"
        return [
            Element(
                kind="loss",
                label=label,
                part=self.connector,
                loss_db=count * self.connector.loss_db,
                reflectance_db=_or_no_value(self.connector.reflectance_db),
                reflectors_count=count,
            )
        ]


def amplifier_element(part: Amplifier, label: str, target_power_dbm: float | None) -> Element:
    """Return an amplifier set to a level per channel."""
    return Element(
        kind="amplifier",
        label=label,
        part=part,
        target_power_dbm=_or_no_value(target_power_dbm),
        input_power_min_dbm=_or_no_value(part.input_power_min_dbm),
        input_power_max_dbm=_or_no_value(part.input_power_max_dbm),
        pdl_db=part.pdl_db,
        dgd_ps=part.dgd_ps,
        latency_us=part.latency_us or 0.0,
    )


def passive_element(part: Passive, label: str) -> Element:
    """Return a part without gain on its own account."""
    stage = part.kind.startswith("roadm")
    # A coupler keeps nothing of the others' out-of-band noise away; what a ROADM's add lets through is in its OSNR.
    isolation_db = (0.0, 0.0) if part.is_colorless else (part.isolation_adjacent_db, part.isolation_non_adjacent_db)
    return Element(
        kind="stage" if stage else "loss",
        label=label,
        part=part,
        loss_db=part.loss_db,
        target_power_dbm=_or_no_value(part.output_power_dbm),
        osnr_db=_or_no_value(part.osnr_db),
        input_power_min_dbm=_or_no_value(part.input_power_min_dbm),
        input_power_max_dbm=_or_no_value(part.input_power_max_dbm),
        osnr_coefficients=part.incremental_osnr_coefficients,
        pdl_db=part.pdl_db,
        dgd_ps=part.dgd_ps,
        chromatic_dispersion_ps_per_nm=part.chromatic_dispersion_ps_per_nm,
        passband_3db_ghz=_or_no_value(part.passband_3db_ghz),
        passband_10db_ghz=_or_no_value(part.passband_10db_ghz),
        frequency_tolerance_ghz=_or_no_value(part.frequency_tolerance_ghz),
        isolation_adjacent_db=_or_no_value(isolation_db[0]),
        isolation_non_adjacent_db=_or_no_value(isolation_db[1]),
        in_band_crosstalk_db=_or_no_value(part.in_band_crosstalk_db),
        filtering_penalty_db=part.filtering_penalty_db or 0.0,
    )


def receiving_element(part: Passive, label: str) -> Element:
    """Return a passive part before receiving modules, which all see all channels where it has no filter."""
    element = passive_element(part, label)
    if not part.is_colorless:
        return element
    return replace(element, colorless_channels_count=math.inf if part.ports_count is None else part.ports_count)


def _or_no_value(value: float | None) -> float:
    return NO_VALUE if value is None else value

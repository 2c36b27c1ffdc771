"""The elements of a line: what light passes between two modules, made of the parts of the catalog."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from operator import attrgetter
from struct import Struct
from typing import Any, Generic, Literal, TypeVar

from lightlane.catalog.parts import Amplifier, Fiber, Part, Passive
from lightlane.quick_making import quick_maker

NO_VALUE = float("nan")
ElementKind = Literal["fiber", "loss", "amplifier", "stage"]
FigureValue = TypeVar("FigureValue")

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
class ElementFigures:
    """The numbers of an element, which elements of one kind share. NaN marks what the element does not have.

    ``target_power_dbm`` is the level per channel that an amplifier or an equalizing stage is set to;
    ``loss_db`` of a fiber comes on top of its attenuation.
    """

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
    packed: bytes = field(init=False, repr=False, compare=False)
    """:data:`ELEMENT_FIGURES` as numbers: a link is composed once and evaluated many times."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "packed", _pack_figures(*_read_figures(self)))


class _Figure(Generic[FigureValue]):
    """Reads a figure of an element as if it were the element's own."""

    __slots__ = ("_name",)

    def __set_name__(self, owner: type[Element], name: str) -> None:
        self._name = name

    def __get__(self, element: Element, owner: type[Element] | None = None) -> FigureValue:
        found: FigureValue = getattr(element.figures, self._name)
        return found


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that light passes: what it is, what it is called, and its figures, which others may share."""

    kind: ElementKind
    label: str
    part: Part
    figures: ElementFigures
    splice: Passive | None = None
    splice_count: int = 0
    """Of a fiber, part of its ``loss_db``."""

    length_km = _Figure[float]()
    attenuation_db_per_km = _Figure[float]()
    loss_db = _Figure[float]()
    target_power_dbm = _Figure[float]()
    osnr_db = _Figure[float]()
    input_power_min_dbm = _Figure[float]()
    input_power_max_dbm = _Figure[float]()
    pdl_db = _Figure[float]()
    dgd_ps = _Figure[float]()
    chromatic_dispersion_ps_per_nm = _Figure[float]()
    latency_us = _Figure[float]()
    passband_3db_ghz = _Figure[float]()
    passband_10db_ghz = _Figure[float]()
    frequency_tolerance_ghz = _Figure[float]()
    isolation_adjacent_db = _Figure[float]()
    isolation_non_adjacent_db = _Figure[float]()
    in_band_crosstalk_db = _Figure[float]()
    colorless_channels_count = _Figure[float]()
    filtering_penalty_db = _Figure[float]()
    reflectance_db = _Figure[float]()
    reflectors_count = _Figure[int]()
    osnr_coefficients = _Figure[tuple[float, float, float, float] | None]()

    def with_figures(self, *, part: Part | None = None, **figures: Any) -> Element:
        """Return the element with some figures changed, and another part where one is given."""
        return replace(self, part=self.part if part is None else part, figures=replace(self.figures, **figures))


new_element = quick_maker(Element)


@dataclass(frozen=True, slots=True)
class Dirt:
    """What a dirty connector adds: loss of its own, and a reflection where one is known (NaN: none)."""

    loss_db: float = 0.0
    reflectance_db: float = NO_VALUE


CLEAN = Dirt()


@dataclass(frozen=True, slots=True, kw_only=True)
class FiberRun:
    """The fiber of one duct with what joins it: connectors at both ends, repair splices, anything else with loss.

    Fiber and connectors are the same objects in both directions and in all links that pass the run.
    """

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
    _fiber: Element = field(init=False, repr=False, compare=False)
    _joints: tuple[tuple[Element, ...], tuple[Element, ...]] = field(init=False, repr=False, compare=False)
    """Connectors before and behind the fiber, in the direction from a to b."""

    def __post_init__(self) -> None:
        loss_db = self.splice_count * self.splice.loss_db + self.extra_loss_db
        figures = fiber_figures(self.length_km, self.attenuation_db_per_km, loss_db)
        name = fiber_label(self.label, self.length_km)
        fiber = new_element("fiber", name, self.fiber, figures, self.splice, self.splice_count)
        ahead, behind = split_connectors(self.connector_count, backward=False)
        before = self._connectors(ahead)
        object.__setattr__(self, "_fiber", fiber)
        object.__setattr__(self, "_joints", (before, before if behind == ahead else self._connectors(behind)))

    def elements(self, *, backward: bool = False, raman: Amplifier | None = None) -> list[Element]:
        """Return connectors, fiber, pumps, connectors in the order of one direction; an odd one is at the first end."""
        before, after = self._joints[::-1] if backward else self._joints
        first, last = (self.last_dirt, self.first_dirt) if backward else (self.first_dirt, self.last_dirt)
        return [
            *dirt_elements(self.connector, first, self.label),
            *before,
            self._fiber,
            *([] if raman is None else [pumps_element(raman, self.label)]),
            *after,
            *dirt_elements(self.connector, last, self.label),
        ]

    def _connectors(self, count: int) -> tuple[Element, ...]:
        if count == 0:
            return ()
        figures = connector_figures(self.connector, count)
        return (new_element("loss", connectors_label(self.label, count), self.connector, figures),)


def fiber_label(run: str, length_km: float) -> str:
    """Return what the fiber of a run is called."""
    return f"{run} ({length_km:g} km)"


def connectors_label(run: str, count: int) -> str:
    """Return what so many connectors at one end of a run are called."""
    return f"{count} connector{'s' if count > 1 else ''} of {run}"


def split_connectors(count: int, *, backward: bool) -> tuple[int, int]:
    """Return how many connectors stand before and behind a fiber: an odd one is where the run begins."""
    before = count // 2 if backward else (count + 1) // 2
    return before, count - before


def fiber_figures(length_km: float, attenuation_db_per_km: float | None, loss_db: float) -> ElementFigures:
    """Return the figures of a fiber; its type's attenuation where none is given."""
    return ElementFigures(
        length_km=length_km, attenuation_db_per_km=_or_no_value(attenuation_db_per_km), loss_db=loss_db
    )


def connector_figures(part: Passive, count: int) -> ElementFigures:
    """Return the figures of so many connectors side by side."""
    return ElementFigures(
        loss_db=count * part.loss_db, reflectance_db=_or_no_value(part.reflectance_db), reflectors_count=count
    )


def dirt_elements(connector: Passive, dirt: Dirt, run: str) -> list[Element]:
    """Return what the dirt on a connector of a run adds; nothing where it is clean."""
    reflects = math.isfinite(dirt.reflectance_db)
    if not (dirt.loss_db or reflects):
        return []
    figures = ElementFigures(loss_db=dirt.loss_db, reflectance_db=dirt.reflectance_db, reflectors_count=int(reflects))
    return [Element("loss", f"dirty connector of {run}", connector, figures)]


def pumps_element(part: Amplifier, run: str) -> Element:
    """Return the Raman pumps of a run, which are set to no level."""
    return Element("amplifier", f"Raman pumps of {run}", part, amplifier_figures(part, None))


def amplifier_figures(part: Amplifier, target_power_dbm: float | None) -> ElementFigures:
    """Return the figures of an amplifier set to a level per channel."""
    return ElementFigures(
        target_power_dbm=_or_no_value(target_power_dbm),
        input_power_min_dbm=_or_no_value(part.input_power_min_dbm),
        input_power_max_dbm=_or_no_value(part.input_power_max_dbm),
        pdl_db=part.pdl_db,
        dgd_ps=part.dgd_ps,
        latency_us=part.latency_us or 0.0,
    )


def passive_figures(part: Passive, *, receiving: bool = False) -> ElementFigures:
    """Return the figures of a part without gain on its own account.

    Parameters
    ----------
    receiving
        It stands before receiving modules, which all see all channels where it has no filter.
    """
    # A coupler keeps nothing of the others' out-of-band noise away; what a ROADM's add lets through is in its OSNR.
    isolation_db = (0.0, 0.0) if part.is_colorless else (part.isolation_adjacent_db, part.isolation_non_adjacent_db)
    channels_count = math.inf if part.ports_count is None else part.ports_count
    return ElementFigures(
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
        colorless_channels_count=channels_count if receiving and part.is_colorless else NO_VALUE,
        filtering_penalty_db=part.filtering_penalty_db or 0.0,
    )


def passive_kind(part: Passive) -> ElementKind:
    """Return what a passive part is to the light: a stage where it sets levels."""
    return "stage" if part.kind.startswith("roadm") else "loss"


def _or_no_value(value: float | None) -> float:
    return NO_VALUE if value is None else value

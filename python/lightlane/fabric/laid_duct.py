"""One duct as links pass it, under conditions that change: what a condition leaves alone stays the same objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import Amplifier, Fiber, Passive
from lightlane.elements import (
    CLEAN,
    Dirt,
    Element,
    ElementFigures,
    connector_figures,
    connectors_label,
    dirt_elements,
    fiber_figures,
    fiber_label,
    pumps_element,
    split_connectors,
)
from lightlane.fabric.condition import REFERENCE_TEMPERATURE_C, DuctCondition
from lightlane.fabric.topology import Duct
from lightlane.fabric.worn_parts import WornParts


class LaidRun(NamedTuple):
    """A duct in one condition as the links pass it that enter it at one of its ends.

    Attributes
    ----------
    forward, backward
        What light passes from where the links enter, and the other way.
    fiber_places
        Of the fiber in both.
    """

    label: str
    fiber: Fiber
    length_km: float
    forward: tuple[Element, ...]
    backward: tuple[Element, ...]
    fiber_places: tuple[int, int]

    def elements(self, *, backward: bool = False, raman: Amplifier | None = None) -> Sequence[Element]:
        """Return what light passes in one direction, with Raman pumps behind the fiber where there are any."""
        elements = self.backward if backward else self.forward
        if raman is None:
            return elements
        place = self.fiber_places[backward] + 1
        return (*elements[:place], pumps_element(raman, self.label), *elements[place:])


CLEAN_ENDS: tuple[Sequence[Element], Sequence[Element]] = ((), ())
"""No dirt at either end."""


@dataclass(slots=True, eq=False)
class DuctVariant:
    """A duct in one condition; links that hold the same object are made of the same fiber."""

    condition: DuctCondition
    fiber: Element
    joints: dict[int, tuple[Element, ...]]
    """Connectors by their number."""
    dirt: tuple[Sequence[Element], Sequence[Element]]
    """At the duct's ends a and b."""
    _runs: dict[bool, LaidRun] = field(default_factory=dict)

    def run(self, duct: Duct, first_place: str) -> LaidRun:
        """Return the run of links that enter the duct at a place."""
        # Without dirt both ends are alike.
        turned = self.dirt is not CLEAN_ENDS and first_place != duct.a
        run = self._runs.get(turned)
        if run is None:
            run = self._runs[turned] = self._lay(duct, turned=turned)
        return run

    def _lay(self, duct: Duct, *, turned: bool) -> LaidRun:
        first, last = self.dirt[::-1] if turned else self.dirt
        ahead, behind = split_connectors(duct.connector_count, backward=False)
        before, after = self.joints[ahead], self.joints[behind]
        forward = (*first, *before, self.fiber, *after, *last)
        if ahead == behind and not (first or last):
            backward = forward
        else:
            backward = (*last, *after, self.fiber, *before, *first)
        places = (len(first) + len(before), len(last) + len(after))
        fiber = self.fiber.part
        assert isinstance(fiber, Fiber)
        return LaidRun(duct.name, fiber, duct.length_km, forward, backward, places)


class ConnectorFigures:
    """Figures of connectors side by side, each made once for all ducts of a state."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[tuple[int, int], tuple[Passive, ElementFigures]] = {}

    def of(self, part: Passive, count: int) -> ElementFigures:
        """Return the figures of so many connectors."""
        known = self._made.get((id(part), count))
        if known is None:
            # The part is kept, so that no other object can get its identity.
            known = self._made[id(part), count] = (part, connector_figures(part, count))
        return known[1]


class LaidDuct:
    """A duct and its last variant, and nothing older: a slider that is dragged for an hour leaves nothing behind."""

    __slots__ = ("_connector", "_fiber", "_last", "_splice", "duct")

    def __init__(self, duct: Duct, catalog: Catalog) -> None:
        self.duct = duct
        self._fiber = catalog.get_fiber(duct.fiber)
        self._connector = catalog.get_passive(duct.connector)
        self._splice = catalog.get_passive(duct.splice)
        self._last: tuple[DuctVariant, float, Passive] | None = None

    def copy(self) -> LaidDuct:
        """Return a duct that shares the variant and goes on with others of its own."""
        out = LaidDuct.__new__(LaidDuct)
        for name in self.__slots__:
            setattr(out, name, getattr(self, name))
        return out

    def under(self, condition: DuctCondition, worn: WornParts, connectors: ConnectorFigures) -> DuctVariant:
        """Return the duct in a condition: the same variant as before where links are made of the same."""
        last = self._last
        if last is not None and (condition is last[0].condition or _is_alike(condition, last[0].condition)):
            return last[0]
        duct = self.duct
        extra_loss_db = duct.extra_loss_db + condition.attenuation_db_per_km * duct.length_km
        connector = worn.connector(self._connector, condition.connector_loss_db)
        fiber = worn.fiber(self._fiber, condition.temperature_c - REFERENCE_TEMPERATURE_C)
        variant = DuctVariant(
            condition,
            self._fiber_element(fiber, extra_loss_db, last),
            last[0].joints if last is not None and connector is last[2] else self._join(connector, connectors),
            self._soil(condition, connector),
        )
        self._last = (variant, extra_loss_db, connector)
        return variant

    def _fiber_element(
        self, fiber: Fiber, extra_loss_db: float, last: tuple[DuctVariant, float, Passive] | None
    ) -> Element:
        duct = self.duct
        if last is None or extra_loss_db != last[1]:
            loss_db = duct.splice_count * self._splice.loss_db + extra_loss_db
            figures = fiber_figures(duct.length_km, duct.attenuation_db_per_km, loss_db)
            label = fiber_label(duct.name, duct.length_km)
        else:
            before = last[0].fiber
            if before.part is fiber:
                return before
            figures, label = before.figures, before.label
        return Element("fiber", label, fiber, figures, self._splice, duct.splice_count)

    def _soil(self, condition: DuctCondition, connector: Passive) -> tuple[Sequence[Element], Sequence[Element]]:
        if condition.dirt_a is CLEAN and condition.dirt_b is CLEAN:
            return CLEAN_ENDS
        name = self.duct.name
        return dirt_elements(connector, condition.dirt_a, name), dirt_elements(connector, condition.dirt_b, name)

    def _join(self, connector: Passive, connectors: ConnectorFigures) -> dict[int, tuple[Element, ...]]:
        joints: dict[int, tuple[Element, ...]] = {}
        for count in split_connectors(self.duct.connector_count, backward=False):
            if count not in joints:
                label = connectors_label(self.duct.name, count)
                figures = connectors.of(connector, count)
                joints[count] = (Element("loss", label, connector, figures),) if count else ()
        return joints


def _is_alike(one: DuctCondition, other: DuctCondition) -> bool:
    """Tell whether links are made of the same in two conditions: that a duct is out of service changes nothing."""
    return (
        one.temperature_c == other.temperature_c
        and one.connector_loss_db == other.connector_loss_db
        and one.attenuation_db_per_km == other.attenuation_db_per_km
        and _is_same_dirt(one.dirt_a, other.dirt_a)
        and _is_same_dirt(one.dirt_b, other.dirt_b)
    )


def _is_same_dirt(one: Dirt, other: Dirt) -> bool:
    # As texts NaN is NaN.
    return one is other or (one.loss_db == other.loss_db and repr(one.reflectance_db) == repr(other.reflectance_db))

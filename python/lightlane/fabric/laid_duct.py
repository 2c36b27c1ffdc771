"""One duct as links pass it, under conditions that change: what a condition leaves alone stays the same objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    new_element,
    pumps_element,
    split_connectors,
)
from lightlane.fabric.condition import REFERENCE_TEMPERATURE_C, DuctCondition
from lightlane.fabric.topology import Duct
from lightlane.fabric.worn_parts import WornParts

Joints = tuple[tuple[Element, ...], tuple[Element, ...]]
"""Connectors before and behind the fiber, from where links enter."""


@dataclass(slots=True, eq=False)
class LaidRun:
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


class StateParts:
    """What the ducts of one state share: worn parts, and the figures of connectors."""

    __slots__ = ("_connectors", "_fibers", "_figures", "_worn")

    def __init__(self, worn: WornParts) -> None:
        self._worn = worn
        self._fibers: dict[tuple[int, float], Fiber] = {}
        self._connectors: dict[tuple[int, float], Passive] = {}
        self._figures: dict[tuple[int, int], tuple[Passive, ElementFigures]] = {}

    def fiber(self, part: Fiber, temperature_c: float) -> Fiber:
        """Return a fiber of the catalog at a temperature."""
        found = self._fibers.get((id(part), temperature_c))
        if found is None:
            found = self._worn.fiber(part, temperature_c - REFERENCE_TEMPERATURE_C)
            self._fibers[id(part), temperature_c] = found
        return found

    def connector(self, part: Passive, loss_db: float) -> Passive:
        """Return a connector of the catalog with more loss."""
        found = self._connectors.get((id(part), loss_db))
        if found is None:
            found = self._connectors[id(part), loss_db] = self._worn.connector(part, loss_db)
        return found

    def figures(self, part: Passive, count: int) -> ElementFigures:
        """Return the figures of so many connectors."""
        known = self._figures.get((id(part), count))
        if known is None:
            # The part is kept, so that no other object can get its identity.
            known = self._figures[id(part), count] = (part, connector_figures(part, count))
        return known[1]


class LaidDuct:
    """A duct in its last condition, and in none before: a slider that is dragged for an hour leaves nothing behind."""

    __slots__ = (
        "_base_fiber", "_condition", "_connector", "_extra_loss_db", "_fiber", "_joints", "_new_connector", "_splice",
        "_turned", "duct", "run",
    )  # fmt: skip

    duct: Duct
    run: LaidRun
    """Of links that enter the duct at its end a, and where no end is dirty of all; a new object where links change."""

    def __init__(self, duct: Duct, catalog: Catalog, parts: StateParts, condition: DuctCondition) -> None:
        self.duct = duct
        self._base_fiber = catalog.get_fiber(duct.fiber)
        self._new_connector = catalog.get_passive(duct.connector)
        self._splice = catalog.get_passive(duct.splice)
        self._connector = parts.connector(self._new_connector, condition.connector_loss_db)
        self._joints = self._join(parts)
        self._extra_loss_db = self._find_extra_loss_db(condition)
        self._fiber = self._new_fiber(parts.fiber(self._base_fiber, condition.temperature_c))
        self._lay(condition)

    def copy(self) -> LaidDuct:
        """Return a duct that goes on from the same condition on its own."""
        out = LaidDuct.__new__(LaidDuct)
        for name in self.__slots__:
            setattr(out, name, getattr(self, name))
        return out

    def change(self, condition: DuctCondition, parts: StateParts) -> None:
        """Put the duct into another condition; :attr:`run` stays where links are made of the same in both."""
        if condition is self._condition or _is_alike(condition, self._condition):
            return
        connector = parts.connector(self._new_connector, condition.connector_loss_db)
        if connector is not self._connector:
            self._connector = connector
            self._joints = self._join(parts)
        fiber = parts.fiber(self._base_fiber, condition.temperature_c)
        extra_loss_db = self._find_extra_loss_db(condition)
        if extra_loss_db != self._extra_loss_db:
            self._extra_loss_db = extra_loss_db
            self._fiber = self._new_fiber(fiber)
        elif fiber is not self._fiber.part:
            known = self._fiber
            self._fiber = new_element("fiber", known.label, fiber, known.figures, known.splice, known.splice_count)
        self._lay(condition)

    def run_from(self, place: str) -> LaidRun:
        """Return the run of links that enter the duct at one of its ends."""
        if self._turned is None or place == self.duct.a:
            return self.run
        return self._turned

    def _find_extra_loss_db(self, condition: DuctCondition) -> float:
        return self.duct.extra_loss_db + condition.attenuation_db_per_km * self.duct.length_km

    def _new_fiber(self, fiber: Fiber) -> Element:
        duct = self.duct
        loss_db = duct.splice_count * self._splice.loss_db + self._extra_loss_db
        figures = fiber_figures(duct.length_km, duct.attenuation_db_per_km, loss_db)
        label = fiber_label(duct.name, duct.length_km)
        return new_element("fiber", label, fiber, figures, self._splice, duct.splice_count)

    def _join(self, parts: StateParts) -> Joints:
        ahead, behind = split_connectors(self.duct.connector_count, backward=False)
        before = self._connectors(ahead, parts)
        return before, before if behind == ahead else self._connectors(behind, parts)

    def _connectors(self, count: int, parts: StateParts) -> tuple[Element, ...]:
        if count == 0:
            return ()
        figures = parts.figures(self._connector, count)
        return (new_element("loss", connectors_label(self.duct.name, count), self._connector, figures),)

    def _lay(self, condition: DuctCondition) -> None:
        self._condition = condition
        if condition.dirt_a is CLEAN and condition.dirt_b is CLEAN:
            self.run, self._turned = self._lay_from((), ()), None
            return
        a, b = (dirt_elements(self._connector, dirt, self.duct.name) for dirt in (condition.dirt_a, condition.dirt_b))
        self.run, self._turned = self._lay_from(a, b), self._lay_from(b, a)

    def _lay_from(self, first: Sequence[Element], last: Sequence[Element]) -> LaidRun:
        (before, after), fiber = self._joints, self._fiber
        forward = (*first, *before, fiber, *after, *last)
        alike = before is after and not first and not last
        backward = forward if alike else (*last, *after, fiber, *before, *first)
        places = (len(first) + len(before), len(last) + len(after))
        assert isinstance(fiber.part, Fiber)
        return LaidRun(self.duct.name, fiber.part, self.duct.length_km, forward, backward, places)


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

"""One duct as links pass it, under conditions that change: what a condition leaves alone stays the same objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lightlane.catalog.load import Catalog
from lightlane.catalog.parts import Amplifier, Fiber, Passive
from lightlane.elements import (
    CLEAN,
    Dirt,
    Element,
    ElementFigures,
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
from lightlane.line_system import FigureStore


@dataclass(frozen=True, slots=True)
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


@dataclass(slots=True, eq=False)
class DuctVariant:
    """A duct in one condition; links that hold the same object are made of the same fiber."""

    condition: DuctCondition
    fiber: Element
    joints: dict[int, tuple[Element, ...]]
    """Connectors by their number."""
    dirt: tuple[list[Element], list[Element]]
    """At the duct's ends a and b."""
    _runs: dict[bool, LaidRun] = field(default_factory=dict)

    def run(self, duct: Duct, first_place: str) -> LaidRun:
        """Return the run of links that enter the duct at a place."""
        from_b = first_place != duct.a
        # Without dirt both ends are alike.
        turned = from_b and any(self.dirt)
        if turned not in self._runs:
            self._runs[turned] = self._lay(duct, turned=turned)
        return self._runs[turned]

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

    def under(self, condition: DuctCondition, worn: WornParts, store: FigureStore) -> DuctVariant:
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
            last[0].joints if last is not None and connector is last[2] else self._join(connector, store),
            (self._soil(condition.dirt_a, connector), self._soil(condition.dirt_b, connector)),
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

    def _soil(self, dirt: Dirt, connector: Passive) -> list[Element]:
        return [] if dirt is CLEAN else dirt_elements(connector, dirt, self.duct.name)

    def _join(self, connector: Passive, store: FigureStore) -> dict[int, tuple[Element, ...]]:
        joints: dict[int, tuple[Element, ...]] = {}
        for count in split_connectors(self.duct.connector_count, backward=False):
            if count not in joints:
                label = connectors_label(self.duct.name, count)
                figures = store.connectors(connector, count)
                joints[count] = (Element("loss", label, connector, figures),) if count else ()
        return joints


def _is_alike(one: DuctCondition, other: DuctCondition) -> bool:
    """Tell whether links are made of the same in two conditions: that a duct is out of service changes nothing."""
    return _matter(one) == _matter(other)


def _matter(condition: DuctCondition) -> tuple[object, ...]:
    # Numbers as texts, in which NaN is NaN.
    dirt = [(item.loss_db, repr(item.reflectance_db)) for item in (condition.dirt_a, condition.dirt_b)]
    return (condition.temperature_c, condition.connector_loss_db, condition.attenuation_db_per_km, *dirt)

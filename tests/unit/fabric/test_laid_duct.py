"""A duct in a condition, against a fiber run that is written out from the records."""

from __future__ import annotations

from itertools import product

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.elements import CLEAN, Dirt, Element, FiberRun
from lightlane.fabric.condition import DuctCondition
from lightlane.fabric.laid_duct import LaidDuct, StateParts
from lightlane.fabric.topology import Duct
from lightlane.fabric.worn_parts import WornParts

CATALOG = load_catalog()
RAMAN = CATALOG.get_amplifier("raman-two-counter-pumps")


def _write_out(duct: Duct, condition: DuctCondition, worn: WornParts, place: str) -> FiberRun:
    ends = (condition.dirt_a, condition.dirt_b) if place == duct.a else (condition.dirt_b, condition.dirt_a)
    return FiberRun(
        label=duct.name,
        fiber=worn.fiber(CATALOG.get_fiber(duct.fiber), condition.temperature_c - 20.0),
        length_km=duct.length_km,
        connector=worn.connector(CATALOG.get_passive(duct.connector), condition.connector_loss_db),
        splice=CATALOG.get_passive(duct.splice),
        connector_count=duct.connector_count,
        splice_count=duct.splice_count,
        attenuation_db_per_km=duct.attenuation_db_per_km,
        extra_loss_db=duct.extra_loss_db + condition.attenuation_db_per_km * duct.length_km,
        first_dirt=ends[0],
        last_dirt=ends[1],
    )


def _describe(elements: list[Element]) -> list[tuple[object, ...]]:
    return [
        (item.kind, item.label, item.part, item.figures.packed, item.splice, item.splice_count) for item in elements
    ]


@pytest.mark.parametrize("connector_count", [0, 1, 2, 3])
def test_every_condition_from_either_end_after_any_other(connector_count: int) -> None:
    duct = Duct(
        name="d", a="A", b="B", length_km=30.0, fiber="g652d", connector_count=connector_count, splice_count=2,
        extra_loss_db=0.3, attenuation_db_per_km=0.21,
    )  # fmt: skip
    conditions = [
        DuctCondition(temperature_c=temperature_c, connector_loss_db=loss_db, dirt_a=dirt_a, attenuation_db_per_km=aged)
        for temperature_c, loss_db, dirt_a, aged in product(
            (20.0, 50.0), (0.0, 0.2), (CLEAN, Dirt(0.4, -30.0)), (0.0, 0.01)
        )
    ]
    conditions += [DuctCondition(dirt_b=Dirt(0.2)), DuctCondition(dirt_a=Dirt(0.1), dirt_b=Dirt(0.0, -40.0))]
    worn = WornParts(0.025, 7.5)
    laid = LaidDuct(duct, CATALOG, StateParts(worn), conditions[-1])
    for condition in [*conditions, *conditions[::3], *conditions[::-5]]:
        laid.change(condition, StateParts(worn))
        for place, backward, raman in product("AB", (False, True), (None, RAMAN)):
            expected = _write_out(duct, condition, worn, place).elements(backward=backward, raman=raman)
            found = laid.run_from(place).elements(backward=backward, raman=raman)
            assert _describe(list(found)) == _describe(expected), (condition, place, backward)

"""Records that are made quickly are those that their class makes, and as frozen."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.elements import Element, ElementFigures, new_element
from lightlane.link import Link
from lightlane.quick_making import quick_maker

CATALOG = load_catalog()
LC = CATALOG.get_passive("lc-upc")


def test_a_record_made_quickly_is_one_of_its_class() -> None:
    figures = ElementFigures(loss_db=0.5)
    quick, plain = (
        new_element("loss", "joint", LC, figures, splice_count=2),
        Element("loss", "joint", LC, figures, splice_count=2),
    )
    assert type(quick) is Element
    assert quick == plain
    assert (hash(quick.label), repr(quick), quick.loss_db, quick.splice) == (
        hash(plain.label), repr(plain), 0.5, None,
    )  # fmt: skip
    assert replace(quick, label="other") == replace(plain, label="other")
    # NaN of another making is not equal to itself.
    assert repr(copy.deepcopy(quick)) == repr(pickle.loads(pickle.dumps(quick))) == repr(plain)
    with pytest.raises(FrozenInstanceError):
        quick.label = "other"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):  # the latter by Python 3.11
        quick.more = 1  # type: ignore[attr-defined]


def test_it_takes_the_arguments_of_its_class_and_no_others() -> None:
    module = CATALOG.get_module("400gbase-fr4")
    mode = CATALOG.get_mode(module.modes[0])
    given = {"name": "l", "module": module, "mode": mode, "fec": CATALOG.get_fec(mode.fec), "a_to_b": (), "b_to_a": ()}
    new_link = quick_maker(Link)
    assert repr(new_link(**given)) == repr(Link(**given))
    assert new_link(**given, channels=3).channels == 3
    for wrong in ({}, {**given, "nothing": 1}):
        with pytest.raises(TypeError):
            new_link(**wrong)
    with pytest.raises(TypeError):
        new_link("l", *given.values())

"""The session: edits become variants, steps that can be undone, and pictures of their own version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lightlane import LiveScenario, ParameterError, Variant, load_scenario
from lightlane_gui.session.document import BASE, Edited
from lightlane_gui.session.opening import demo_path, open_file

FIELD = "conditions.connector_loss_db"


def test_an_edit_of_the_base_makes_a_variant(metro_path: Path) -> None:
    form = Edited(load_scenario(metro_path))
    changed = form.set_field("link.adlershof.channels", 1)
    assert changed.variant == "what-if"
    assert changed.names() == (BASE, "careless", "what-if")
    assert changed.scenario.variant[0] == form.scenario.variant[0]
    assert changed.set_field("link.adlershof.channels", None).find("what-if") == Variant(name="what-if")


def test_conditions_and_fields_have_their_places(metro_path: Path) -> None:
    form = Edited(load_scenario(metro_path)).set_field(FIELD, 0.2).set_field("duct.avus.extra_loss_db", 1.0)
    variant = form.find("what-if")
    assert variant is not None
    assert variant.conditions.model_fields_set == {"connector_loss_db"}
    assert variant.set == {"duct.avus.extra_loss_db": 1.0}
    assert form.set_field(FIELD, None).find("what-if").conditions.model_fields_set == set()  # type: ignore[union-attr]


def test_names_of_variants_are_free(metro_path: Path) -> None:
    form = Edited(load_scenario(metro_path)).set_field(FIELD, 0.1).show(BASE).set_field(FIELD, 0.2)
    assert form.names() == (BASE, "careless", "what-if", "what-if-2")
    assert form.remove("what-if-2").variant == BASE
    renamed = form.put(Variant(name="dirty"), in_place_of="what-if-2")
    assert (renamed.variant, renamed.find("what-if-2")) == ("dirty", None)


def test_events_come_and_go(metro_path: Path) -> None:
    event = load_scenario(metro_path).event[3]
    form = Edited(load_scenario(metro_path)).add_event(event)
    assert form.find("what-if").event == (event,)  # type: ignore[union-attr]
    assert form.remove_event(0).find("what-if").event == ()  # type: ignore[union-attr]
    assert form.show(BASE).remove_event(0) == form.show(BASE)


def open_metro(workbench: Any, path: Path, qtbot: Any) -> Any:
    session = workbench.session
    with qtbot.waitSignal(session.picture_changed):
        open_file(path).put_into(session)
    qtbot.waitUntil(lambda: session.picture.routed and not session.is_stale)
    return session


def test_a_drag_is_one_step(workbench: Any, metro_path: Path, qtbot: Any) -> None:
    session = open_metro(workbench, metro_path, qtbot)
    margin_db = session.picture.margin_db
    for step in range(1, 60):
        session.set_field(FIELD, step / 100, "Connector loss", key=FIELD)
    session.end_drag()
    session.set_field(FIELD, 0.9, "Connector loss", key=FIELD)
    assert session.undo_stack.count() == 2
    qtbot.waitUntil(lambda: not session.is_stale)
    assert (session.picture.margin_db < margin_db).all()
    session.undo_stack.undo()
    assert session.form.find("what-if").conditions.connector_loss_db == 0.59
    session.undo_stack.undo()
    assert session.form.variant == BASE
    qtbot.waitUntil(lambda: not session.is_stale)
    np.testing.assert_array_equal(session.picture.margin_db, margin_db)


def test_a_drag_back_to_where_it_began_leaves_no_step(workbench: Any, metro_path: Path, qtbot: Any) -> None:
    session = open_metro(workbench, metro_path, qtbot)
    session.set_field(FIELD, 0.1, "Connector loss", key="first")
    session.end_drag()
    for value in (0.3, 0.1):
        session.set_field(FIELD, value, "Connector loss", key=FIELD)
    assert session.undo_stack.count() == 1


def test_pictures_are_stale_until_their_version_comes(workbench: Any, metro_path: Path, qtbot: Any) -> None:
    session = open_metro(workbench, metro_path, qtbot)
    assert not session.is_stale
    old = session.picture
    session.set_time(1300.0)
    assert session.is_stale
    qtbot.waitUntil(lambda: not session.is_stale)
    assert session.picture.time_days == 1300.0
    session.show(old)
    assert session.picture is not old, "an older picture took the place of a newer one"


def test_numbers_on_screen_are_those_of_the_api(workbench: Any, metro_path: Path, qtbot: Any) -> None:
    session = open_metro(workbench, metro_path, qtbot)
    session.set_field("duct.havel.extra_loss_db", 2.0, "Loss")
    session.set_time(900.0)
    qtbot.waitUntil(lambda: not session.is_stale and session.picture.routed)
    state = LiveScenario.open(session.form.scenario).state(variant="what-if", time_days=900.0)
    links = state.tables["links"]
    assert list(session.picture.links) == links["link"].tolist()
    np.testing.assert_array_equal(session.picture.margin_db, links["margin_db"])
    assert session.picture.status == links["status"].tolist()
    assert session.picture.limited_by == links["limited_by"].tolist()
    assert session.picture.state.routing.status == state.routing.status


def test_classes_are_those_of_the_report(workbench: Any, metro_path: Path, qtbot: Any) -> None:
    from lightlane.toolkit import classify_margin
    from lightlane_gui.theme import CLASS_KEYS

    session = open_metro(workbench, metro_path, qtbot)
    for time_days in (0.0, 300.0, 900.0, 2100.0):
        session.set_time(time_days)
        qtbot.waitUntil(lambda: not session.is_stale)
        picture = session.picture
        wanted = [classify_margin(*pair).key for pair in zip(picture.margin_db.tolist(), picture.status, strict=True)]
        assert [CLASS_KEYS[index] for index in picture.class_index.tolist()] == wanted


def test_a_variant_is_compared_with_another(workbench: Any, metro_path: Path, qtbot: Any) -> None:
    session = open_metro(workbench, metro_path, qtbot)
    session.compare_with("careless")
    qtbot.waitUntil(lambda: session.reference is not None)
    assert session.reference.variant == "careless"
    assert (session.reference.margin_db <= session.picture.margin_db).all()
    session.edit(session.form.remove("careless"), "Delete careless")
    assert session.reference_variant is None


def test_what_the_model_refuses_is_told_and_nothing_is_lost(workbench: Any, metro_path: Path, qtbot: Any) -> None:
    session = open_metro(workbench, metro_path, qtbot)
    before = session.picture
    with qtbot.waitSignal(session.noticed) as told:
        session.set_field("link.adlershof.module", "no-such-module", "Module")
    assert told.args[0] == "error"
    assert "no-such-module" in told.args[1]
    assert session.picture is before
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: not session.is_stale)


def test_the_demo_opens(qtbot: Any) -> None:
    opened = open_file(demo_path())
    assert len(opened.document.fabric.link) > 50
    with pytest.raises(ParameterError, match="no such file"):
        open_file(demo_path().with_name("nothing.toml"))

"""The what-if panel, used as a person does: slide, type, undo, reset, name and compare variants."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from lightlane import Variant
from lightlane_gui.session.document import BASE
from lightlane_gui.what_if.number_row import NumberRow
from lightlane_gui.what_if.panel import WhatIfPanel
from lightlane_gui.what_if.rows import ChoiceRow, ParameterRow, SwitchRow
from lightlane_gui.what_if.settings import describe_path, find_value, list_settings, show_value
from lightlane_gui.workbench import Workbench


@pytest.fixture
def panel(qtbot: QtBot, what_if_panel: WhatIfPanel) -> WhatIfPanel:
    """A panel on an open scenario, its parameters listed."""
    wait_for(qtbot, what_if_panel, "conditions.temperature_c")
    return what_if_panel


def wait_for(qtbot: QtBot, panel: WhatIfPanel, path: str) -> ParameterRow:
    """Wait until a row is there, its group unfolded, and return it."""

    def find() -> ParameterRow | None:
        for group in panel.groups:
            if any(item.path == path for item in group.parameters):
                group.set_open(True)
                return group.rows[path]
        return None

    qtbot.waitUntil(lambda: find() is not None, timeout=10_000)
    found = find()
    assert found is not None
    return found


def wait_for_number(qtbot: QtBot, panel: WhatIfPanel, path: str) -> NumberRow:
    row = wait_for(qtbot, panel, path)
    assert isinstance(row, NumberRow)
    return row


def type_into(qtbot: QtBot, row: NumberRow, text: str) -> None:
    row.box.setFocus()
    row.box.selectAll()
    qtbot.keyClicks(row.box, text)
    qtbot.keyClick(row.box, Qt.Key.Key_Return)


def test_a_drag_is_live_and_one_step_to_undo(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    row = wait_for_number(qtbot, panel, "conditions.temperature_c")
    seen: list[float] = []
    session.edited.connect(lambda: seen.append(list_settings(session.form).get("conditions.temperature_c", 20.0)))
    slider = row.slider
    at = QPoint(slider.width() * (20 + 60) // 150, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
    slider.setSliderDown(True)
    for share in (0.6, 0.7, 0.8, 0.9):
        slider.setSliderPosition(round(share * slider.maximum()))
    slider.setSliderDown(False)
    assert len(seen) >= 4
    assert session.form.variant != BASE
    assert seen[-1] == pytest.approx(-60 + 0.9 * 150, abs=1)
    assert row.box.number() == seen[-1]
    assert row.undo.isVisible()
    assert "baseline: 20 °C" in row.note.text()
    count = session.undo_stack.count()
    session.undo_stack.undo()
    assert (count, session.form.variant) == (1, BASE)
    assert row.box.number() == 20.0
    assert not row.undo.isVisible()
    session.undo_stack.redo()
    slider.setSliderDown(True)
    slider.setSliderPosition(0)
    slider.setSliderDown(False)
    assert session.undo_stack.count() == 2


def test_the_picture_follows(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    qtbot.waitUntil(lambda: not session.is_stale, timeout=10_000)
    assert session.picture is not None
    before = session.picture.margin_db.copy()
    type_into(qtbot, wait_for_number(qtbot, panel, "conditions.connector_loss_db"), "0.5")
    qtbot.waitUntil(lambda: not session.is_stale, timeout=10_000)
    assert (session.picture.margin_db <= before).all()
    assert (session.picture.margin_db < before).any()


def test_what_is_not_allowed_is_said_and_the_last_value_stays(qtbot: QtBot, panel: WhatIfPanel) -> None:
    row = wait_for_number(qtbot, panel, "conditions.temperature_c")
    type_into(qtbot, row, "35")
    type_into(qtbot, row, "200")
    assert "a number from -60 to 90" in row.note.text()
    assert "border-color" in row.box.styleSheet()
    assert list_settings(panel.session.form) == {"conditions.temperature_c": 35.0}
    type_into(qtbot, row, "-5.5")
    assert "border-color" not in row.box.styleSheet()
    assert list_settings(panel.session.form) == {"conditions.temperature_c": -5.5}


def test_reset_of_one_parameter(qtbot: QtBot, panel: WhatIfPanel) -> None:
    row = wait_for_number(qtbot, panel, "conditions.life_ratio")
    type_into(qtbot, row, "0.5")
    assert panel.changes.topLevelItemCount() == 1
    qtbot.mouseClick(row.undo, Qt.MouseButton.LeftButton)
    assert list_settings(panel.session.form) == {}
    assert row.box.number() == 0.0
    assert panel.changes.isHidden()


def test_the_selection_has_its_own_parameters(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    assert session.document is not None
    link = session.document.fabric.link[0]
    session.select("link", link.name)
    row = wait_for(qtbot, panel, f"link.{link.name}.module")
    assert isinstance(row, ChoiceRow)
    assert row.box.currentText() == link.module
    assert panel.groups[0].title == f"Link {link.name}"
    duct = wait_for_number(qtbot, panel, f"duct.{link.ducts[0]}.length_km")
    type_into(qtbot, duct, "33")
    assert list_settings(session.form) == {f"duct.{link.ducts[0]}.length_km": 33.0}
    qtbot.mouseClick(panel.of_fabric, Qt.MouseButton.LeftButton)
    wait_for(qtbot, panel, "conditions.temperature_c")
    qtbot.waitUntil(lambda: all("Link" not in group.title for group in panel.groups))


def test_another_module_brings_other_parameters(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    assert session.document is not None
    link = session.document.fabric.link[0]
    session.select("link", link.name)
    row = wait_for(qtbot, panel, f"link.{link.name}.module")
    assert isinstance(row, ChoiceRow)
    other = next(choice for choice in row.parameter.choices if choice != link.module)
    row.box.setFocus()
    row.box.lineEdit().selectAll()  # type: ignore[union-attr]
    qtbot.keyClicks(row.box.lineEdit(), other)
    qtbot.keyClick(row.box.lineEdit(), Qt.Key.Key_Return)
    assert list_settings(session.form) == {f"link.{link.name}.module": other}
    qtbot.waitUntil(lambda: any(group.title == f"Module {other}" for group in panel.groups), timeout=10_000)
    session.undo_stack.undo()
    qtbot.waitUntil(lambda: any(group.title == f"Module {link.module}" for group in panel.groups), timeout=10_000)


def test_a_mode_that_was_chosen_follows_the_module(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    assert session.document is not None
    link, catalog = session.document.fabric.link[0], session.document.catalog
    mode = catalog.get_module(link.module).modes[0]
    session.set_field(f"link.{link.name}.mode", mode, "Mode")
    session.select("link", link.name)
    row = wait_for(qtbot, panel, f"link.{link.name}.module")
    assert isinstance(row, ChoiceRow)
    other = next(item for item in row.parameter.choices if mode not in catalog.get_module(item).modes)
    count = session.undo_stack.count()
    row.box.setCurrentText(other)
    row.box.activated.emit(row.box.findText(other))
    wanted = {f"link.{link.name}.module": other, f"link.{link.name}.mode": catalog.get_module(other).modes[0]}
    assert list_settings(session.form) == wanted
    assert session.undo_stack.count() == count + 1
    qtbot.waitUntil(lambda: not session.is_stale, timeout=10_000)


def test_the_ends_of_a_slider_can_be_typed(qtbot: QtBot, panel: WhatIfPanel) -> None:
    row = wait_for_number(qtbot, panel, "conditions.connector_loss_db")
    row.ends[1].selectAll()
    qtbot.keyClicks(row.ends[1], "1")
    qtbot.keyClick(row.ends[1], Qt.Key.Key_Return)
    assert (row.low, row.high) == (0.0, 1.0)
    row.slider.setValue(row.slider.maximum())
    assert list_settings(panel.session.form) == {"conditions.connector_loss_db": 1.0}
    # An end beyond what is allowed: the slider goes there, the value does not.
    row.ends[0].selectAll()
    qtbot.keyClicks(row.ends[0], "-1")
    qtbot.keyClick(row.ends[0], Qt.Key.Key_Return)
    row.slider.setValue(0)
    assert "at least 0" in row.note.text()
    assert list_settings(panel.session.form) == {"conditions.connector_loss_db": 1.0}


def test_what_fitted_when_listed_is_tried_again_after_other_changes(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    assert session.document is not None
    catalog = session.document.catalog
    link = next(
        item for item in session.document.fabric.link
        if item.channels > 1 and catalog.get_mode(item.mode or catalog.get_module(item.module).modes[0]).detection
        == "coherent"
    )  # fmt: skip
    session.select("link", link.name)
    spacing = wait_for_number(qtbot, panel, f"link.{link.name}.channel_spacing_ghz")
    channels = wait_for_number(qtbot, panel, f"link.{link.name}.channels")
    type_into(qtbot, channels, str(round(channels.high)))
    # So many channels have no room with the spacing that was possible before.
    spacing.slider.setSliderDown(True)
    spacing.slider.setSliderPosition(spacing.slider.maximum())
    spacing.slider.setSliderDown(False)
    assert "Not taken" in spacing.note.text()
    assert list_settings(session.form) == {f"link.{link.name}.channels": round(channels.high)}


def test_the_thread_ends_with_the_panel(qtbot: QtBot) -> None:
    workbench = Workbench()
    shown = WhatIfPanel(workbench.session)
    qtbot.addWidget(shown)
    before = sum(thread.name == "parameters" for thread in threading.enumerate())
    shown.close_threads()
    workbench.close()
    assert sum(thread.name == "parameters" for thread in threading.enumerate()) == before - 1


def test_the_search_shows_what_has_the_words(qtbot: QtBot, panel: WhatIfPanel) -> None:
    qtbot.keyClicks(panel.search, "connector loss")
    shown = [row for group in panel.groups if group.isVisible() for row in group.rows.values() if row.isVisible()]
    assert "conditions.connector_loss_db" in [row.parameter.path for row in shown]
    assert all("connector" in f"{row.parameter.path}" for row in shown)
    panel.search.clear()
    qtbot.keyClicks(panel.search, "zeppelin")
    assert panel.hint.isVisible()
    assert "zeppelin" in panel.hint.text()


def test_switches_and_choices_of_options(qtbot: QtBot, panel: WhatIfPanel) -> None:
    switch = wait_for(qtbot, panel, "fiber_limits")
    assert isinstance(switch, SwitchRow)
    qtbot.mouseClick(switch.box, Qt.MouseButton.LeftButton, pos=QPoint(6, switch.box.height() // 2))
    assert list_settings(panel.session.form) == {"fiber_limits": True}


def test_variants_are_made_named_compared_and_deleted(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session, bar = panel.session, panel.variant_bar
    given = session.form.names()
    qtbot.mouseClick(bar.new, Qt.MouseButton.LeftButton)
    made = session.form.variant
    assert made not in given
    type_into(qtbot, wait_for_number(qtbot, panel, "conditions.temperature_c"), "40")
    bar.rename_action.trigger()
    qtbot.keyClicks(bar.name_line, "not a name!")
    qtbot.keyClick(bar.name_line, Qt.Key.Key_Return)
    assert bar.problem.isVisible()
    bar.name_line.selectAll()
    qtbot.keyClicks(bar.name_line, "hot")
    qtbot.keyClick(bar.name_line, Qt.Key.Key_Return)
    assert session.form.variant == "hot"
    assert list_settings(session.form) == {"conditions.temperature_c": 40.0}
    bar.duplicate_action.trigger()
    assert session.form.variant == "hot-copy"
    assert list_settings(session.form) == {"conditions.temperature_c": 40.0}
    place = bar.reference.findText("hot")
    bar.reference.setCurrentIndex(place)
    bar.reference.activated.emit(place)
    assert session.reference_variant == "hot"
    bar.reset_action.trigger()
    assert list_settings(session.form) == {}
    bar.delete_action.trigger()
    assert "hot-copy" not in session.form.names()
    for _ in range(session.undo_stack.count()):
        session.undo_stack.undo()
    assert session.form.names() == given
    assert not bar.rename_action.isEnabled()


def test_changes_are_listed_and_taken_back_one_by_one(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    type_into(qtbot, wait_for_number(qtbot, panel, "conditions.temperature_c"), "40")
    type_into(qtbot, wait_for_number(qtbot, panel, "conditions.life_ratio"), "1")
    assert session.document is not None
    duct = session.document.fabric.duct[0].name
    event = {"kind": "fiber_cut", "duct": duct, "start_days": 0.0}
    cut = Variant(name="x", event=(event,)).event[0]  # type: ignore[arg-type]
    session.edit(session.form.add_event(cut), "Cut")
    texts = [panel.changes.topLevelItem(place).text(0) for place in range(3)]  # type: ignore[union-attr]
    assert texts == ["Temperature", "Life ratio", f"Fiber cut: {duct}"]
    panel.changes.setCurrentItem(panel.changes.topLevelItem(2))
    qtbot.keyClick(panel.changes, Qt.Key.Key_Delete)
    variant = session.form.find(session.form.variant)
    assert variant is not None
    assert variant.event == ()
    button = panel.changes.itemWidget(panel.changes.topLevelItem(0), 2)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert list_settings(session.form) == {"conditions.life_ratio": 1.0}


def test_the_last_setting_that_names_a_field_holds() -> None:
    path = "link.a.launch_power_dbm"
    assert find_value(path, {}, 1.0) == 1.0
    assert find_value(path, {"link.*.launch_power_dbm": 2.0, path: 3.0}, 1.0) == 3.0
    assert find_value(path, {path: 3.0, "link.*.launch_power_dbm": 2.0}, 1.0) == 2.0
    assert find_value(path, {"link.b.launch_power_dbm": 2.0, "duct.*.launch_power_dbm": 4.0}, 1.0) == 1.0


def test_words_of_paths_and_values() -> None:
    assert describe_path('link."a.b".launch_power_dbm') == ("link a.b", "Launch power", "dbm")
    assert describe_path("duct.*.length_km") == ("all ducts", "Length", "km")
    assert describe_path("fiber_limits") == ("options", "Fiber limits", "")
    assert show_value(-3.0, "dbm") == "\N{MINUS SIGN}3 dBm"
    assert show_value(True) == "on"
    assert show_value(None, "km") == "not set"

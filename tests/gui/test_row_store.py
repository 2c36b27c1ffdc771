"""Rows of the what-if panel serve other parameters: none is left over, and nothing of the former ones is seen."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lightlane import Parameter
from lightlane_gui.theme import DARK, LIGHT
from lightlane_gui.what_if.number_row import NumberRow
from lightlane_gui.what_if.panel import WhatIfPanel
from lightlane_gui.what_if.row_store import RowStore
from lightlane_gui.what_if.rows import ChoiceRow, ParameterRow, SwitchRow
from lightlane_gui.what_if.settings import list_settings

LENGTH = Parameter(
    "duct.a.length_km", "Length", "km", "number", "Duct a", value=80.0, low=0.0, high=200.0, help="Of it."
)
COUNT = Parameter("link.b.channels", "Channels", "", "integer", "Link b", effective=4, low=1, high=64)


@pytest.fixture
def panel(what_if_panel: WhatIfPanel) -> WhatIfPanel:
    return what_if_panel


def look_at(qtbot: QtBot, panel: WhatIfPanel, link: str) -> dict[str, ParameterRow]:
    """Select a link and return all its rows, unfolded."""
    panel.session.select("link", link)
    qtbot.waitUntil(lambda: bool(panel.groups) and panel.groups[0].title == f"Link {link}", timeout=10_000)
    for group in panel.groups:
        group.set_open(True)
    return {path: row for group in panel.groups for path, row in group.rows.items()}


def describe(row: ParameterRow) -> dict[str, Any]:
    """Return all that is seen of a row, and said to a reader of the screen."""
    seen: dict[str, Any] = {
        "hidden": (row.isHidden(), row.undo.isHidden(), row.note.isHidden()),
        "texts": (row.label.text(), row.note.text(), row.label.font().bold(), row.undo.accessibleName()),
        "stops": [(stop.accessibleName(), stop.toolTip(), stop.styleSheet()) for stop in row.tab_stops()],
        "ink": row.note.palette().color(row.note.foregroundRole()).name(),
        "tip": row.label.toolTip(),
    }
    if isinstance(row, NumberRow):
        box, slider = row.box, row.slider
        seen["box"] = (box.text(), box.number(), box.singleStep(), box.suffix(), box.specialValueText())
        seen["slider"] = (slider.minimum(), slider.maximum(), slider.value(), slider.pageStep())
        seen["ends"] = (row.low, row.high, *(end.text() for end in row.ends))
    elif isinstance(row, ChoiceRow):
        seen["box"] = ([row.box.itemText(place) for place in range(row.box.count())], row.box.currentText())
    elif isinstance(row, SwitchRow):
        seen["box"] = row.box.isChecked()
    return seen


def test_links_that_are_looked_at_in_turn_share_their_rows(qtbot: QtBot, panel: WhatIfPanel) -> None:
    assert panel.session.document is not None
    names = [link.name for link in panel.session.document.fabric.link[:4]]
    seen = [list(look_at(qtbot, panel, name).values()) for name in [*names, *names]]
    for kind in (NumberRow, ChoiceRow, SwitchRow):
        counts = [sum(isinstance(row, kind) for row in rows) for rows in seen]
        made = {row for rows in seen for row in rows if isinstance(row, kind)}
        assert len(made) == max(counts), kind  # what the link with most of them needs
        assert len(panel.findChildren(kind)) == len(made)


def test_a_row_shows_nothing_of_the_parameter_before(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    assert session.document is not None
    one, other = session.document.fabric.link[0].name, session.document.fabric.link[-1].name
    refused, taken = set(), set()
    for path, row in look_at(qtbot, panel, one).items():
        if isinstance(row, NumberRow):
            row.ends[1].setText("77")
            row._take_ends()
            row.box.setValue(-1e9)
            (refused if "Not taken" in row.note.text() else taken).add(path)
    assert refused
    assert taken
    panel._filter("nothing has this name")
    session.select("link", other)
    qtbot.waitUntil(lambda: bool(panel.groups) and panel.groups[0].title == f"Link {other}", timeout=10_000)
    rows = look_at(qtbot, panel, other)
    empty = QWidget()
    qtbot.addWidget(empty)
    for path, row in rows.items():
        fresh = RowStore(empty, panel._check, lambda _: None).take(row.parameter, session.theme)
        fresh.show_value(*row._shown_last[:2], changed=row._shown_last[2])  # type: ignore[index]
        assert {**describe(row), "hidden": 0} == {**describe(fresh), "hidden": 0}, path
        assert not row.isHidden()
        assert row.undo.accessibleName() == f"Reset {row.parameter.label}"
        assert all(path in text for text in (row.label.toolTip(), row.tab_stops()[0].toolTip()))


def test_what_is_changed_is_the_parameter_that_is_shown(qtbot: QtBot, panel: WhatIfPanel) -> None:
    session = panel.session
    assert session.document is not None
    one, other = (link for link in session.document.fabric.link[:2])
    look_at(qtbot, panel, one.name)
    row = look_at(qtbot, panel, other.name)[f"duct.{other.ducts[0]}.length_km"]
    assert isinstance(row, NumberRow)
    row.box.setValue(33.0)
    assert list_settings(session.form) == {f"duct.{other.ducts[0]}.length_km": 33.0}
    qtbot.mouseClick(row.undo, Qt.MouseButton.LeftButton)
    assert list_settings(session.form) == {}


def test_a_row_that_is_dragged_is_not_given_to_another_parameter(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.show()
    moved: list[tuple[str, object]] = []
    store = RowStore(holder, lambda path, value: "", lambda row: row.moved.connect(lambda *what: moved.append(what)))
    row = store.take(LENGTH, DARK)
    assert isinstance(row, NumberRow)
    row.setParent(holder)
    row.show()
    qtbot.mousePress(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(row.slider.width() // 2, 5))
    row.slider.setSliderDown(True)
    row.hide()
    store.give_back([row])
    again = store.take(COUNT, DARK)
    assert again is not row
    row.slider.setSliderPosition(3)
    assert {path for path, _ in moved} <= {LENGTH.path}


def test_a_row_takes_the_colors_that_hold_now(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    store = RowStore(holder, lambda path, value: "", lambda _: None)
    row = store.take(LENGTH, DARK)
    store.give_back([row])
    again = store.take(COUNT, LIGHT)
    assert again is row
    assert describe(again)["ink"] == LIGHT.muted.lower() != DARK.muted.lower()


def test_a_value_like_that_of_the_parameter_before_is_shown(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    store = RowStore(holder, lambda path, value: "", lambda _: None)
    for parameter in (LENGTH, COUNT):
        row = store.take(parameter, DARK)
        assert isinstance(row, NumberRow)
        row.show_value(None, None, changed=False)
        assert row.box.number() is None, parameter.path
        store.give_back([row])
    assert row.box.text() == "(4)"

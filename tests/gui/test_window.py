"""The whole window as a user has it: select, slide, undo, play, cut, compare, cancel; the views follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QStyle, QStyleOptionSlider

from lightlane_gui.session.document import BASE
from lightlane_gui.what_if.number_row import NumberRow

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture(autouse=True)
def fresh(user: Any) -> Iterator[None]:
    """Begin each test with the example, nothing selected."""
    user.begin()
    yield
    user.end()


def at_link(view: Any, name: str, share: float = 0.5) -> QPoint:
    """Return where a link is on the map."""
    geometry = view.scene.geometry
    row = geometry.stretches_by_link[geometry.link_index[name]][0]
    x1, y1, x2, y2 = geometry.stretch_px(view.camera.viewport(view.canvas.width(), view.canvas.height()))[row]
    return QPoint(round(x1 + share * (x2 - x1)), round(y1 + share * (y2 - y1)))


def find_row(user: Any, path: str) -> NumberRow:
    """Return the row of a parameter, unfolded and scrolled to."""
    panel = user.views.what_if

    def find() -> Any:
        for group in panel.groups:
            if any(item.path == path for item in group.parameters):
                group.set_open(True)
                return group.rows[path]
        return None

    # Rows of the selection or of the document before stay until those of now are listed.
    user.wait(lambda: not panel._timer.isActive())
    assert panel._lister._worker.wait(10.0)
    QApplication.processEvents()
    user.wait(lambda: find() is not None)
    row = find()
    QApplication.processEvents()
    panel.scroll_area.ensureWidgetVisible(row)
    return row


def drag_slider(slider: Any, share: float) -> None:
    """Take the handle of a slider with the mouse and draw it to a share of the way."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    handle = slider.style().subControlRect(
        QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
    )
    begin = handle.center()
    end = QPoint(round(share * slider.width()), begin.y())
    QTest.mousePress(slider, LEFT, pos=begin)
    for k in range(1, 7):
        QTest.mouseMove(slider, begin + (end - begin) * k / 6)
    QTest.mouseRelease(slider, LEFT, pos=end)


def table_row(user: Any, kind: str, name: str) -> dict[str, str]:
    """Return what a row of a table says on screen, by column."""
    model = user.views.fabric.pages[kind].model
    place = model.place_of(name)
    return {spec.key: model.index(place, column).data() for column, spec in enumerate(model.table.specs)}


def worst_link(user: Any) -> str:
    picture = user.session.picture
    return str(picture.links[int(np.nanargmin(picture.margin_db))])


# --- selecting ------------------------------------------------------------------------------------------------------


def test_link_clicked_on_the_map_is_shown_everywhere(user: Any) -> None:
    name = user.session.picture.links[0]
    QTest.mouseClick(user.views.map.canvas, LEFT, pos=at_link(user.views.map, name))
    chosen = user.session.selection.link
    assert chosen
    page = user.views.fabric.pages["link"]
    assert user.views.fabric.tabs.currentWidget() is page
    assert page.current_name() == chosen
    user.wait(lambda: user.views.link.header.name.text() == chosen)
    row = user.session.picture.row_by_link[chosen]
    assert user.views.link.header.margin.text().startswith(f"{user.session.picture.margin_db[row]:+.2f}"[:4])
    assert user.views.what_if.of_selection.text() == f"Link {chosen}"
    assert "?" not in table_row(user, "link", chosen)["margin_db"]


def test_row_clicked_in_a_table_is_shown_on_the_map(user: Any) -> None:
    page = user.views.fabric.pages["link"]
    user.views.fabric.tabs.setCurrentWidget(page)
    QApplication.processEvents()
    name = page.model.name_at(1)
    QTest.mouseClick(page.view.viewport(), LEFT, pos=page.view.visualRect(page.model.index(1, 0)).center())
    assert user.session.selection.link == name
    assert user.views.map.scene.accents.selection.link == name


def test_escape_selects_nothing_wherever_the_focus_is(user: Any) -> None:
    page = user.views.fabric.pages["link"]
    for widget in (user.views.map.canvas, page.view, user.views.link, user.views.timeline.strip):
        user.session.select("link", user.session.picture.links[0])
        user.press("Esc", widget)
        assert user.session.selection.kind == "", widget


def test_escape_gives_up_a_box_and_keeps_the_selection(user: Any) -> None:
    canvas, camera = user.views.map.canvas, user.views.map.camera
    name = user.session.picture.links[0]
    user.session.select("link", name)
    scale = camera.km_per_px
    QTest.mousePress(canvas, RIGHT, pos=QPoint(100, 100))
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(300, 250),
        canvas.mapToGlobal(QPointF(300, 250)),
        RIGHT,
        RIGHT,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(canvas, move)
    assert canvas._box is not None
    user.press("Esc", canvas)
    assert canvas._box is None
    QTest.mouseRelease(canvas, RIGHT, pos=QPoint(320, 270))
    assert user.session.selection.link == name
    assert camera.km_per_px == scale
    assert QApplication.activePopupWidget() is None


def test_status_bar_counts_what_the_picture_has(user: Any) -> None:
    bar, picture = user.window.statusBar(), user.session.picture
    assert f"{picture.status.count('up')} up" in bar.links.text()
    assert f"{picture.state.routing.status.count('met')} met" in bar.demands.text()
    assert bar.variant.text() == "baseline, day 0"


# --- what if --------------------------------------------------------------------------------------------------------


def test_slider_dragged_by_the_mouse_changes_the_map_and_is_one_step(user: Any) -> None:
    user.views.map.canvas.setFocus()
    user.settle()
    before = user.session.picture
    row = find_row(user, "conditions.connector_loss_db")
    drag_slider(row.slider, 0.98)
    user.settle()
    after = user.session.picture
    assert user.session.form.variant != BASE
    assert (after.margin_db < before.margin_db).any()
    assert (after.class_index != before.class_index).any()
    assert np.array_equal(user.views.map.scene.picture.class_index, after.class_index)
    assert user.session.undo_stack.count() == 1
    user.press("Ctrl+Z", user.views.map.canvas)
    user.settle()
    assert user.session.form.variant == BASE
    assert np.array_equal(user.session.picture.margin_db, before.margin_db)
    user.press("Ctrl+Shift+Z")
    user.settle()
    assert np.array_equal(user.session.picture.margin_db, after.margin_db)
    assert user.window.windowTitle().count(" *") == 1


def test_slider_moves_by_keys_and_the_steps_are_one(user: Any) -> None:
    row = find_row(user, "conditions.connector_loss_db")
    before = row.box.number()
    for _ in range(3):
        user.press("PgUp", row.slider)
    user.settle()
    assert row.box.number() > before
    assert user.session.undo_stack.count() == 1
    # Undo works while the field that was typed into still has the focus.
    user.press("Ctrl+Z", row.box)
    assert user.session.form.variant == BASE


def test_rows_that_are_made_anew_keep_the_focus(user: Any) -> None:
    links = user.session.picture.links
    user.session.select("link", links[0])
    row = find_row(user, f"link.{links[0]}.module")
    row.editor.setFocus()
    panel = user.views.what_if
    panel._shown = ()  # as after a choice that brings other parameters
    panel._ask()
    user.wait(lambda: find_row(user, f"link.{links[0]}.module") is not row)
    assert find_row(user, f"link.{links[0]}.module").editor.hasFocus()
    user.session.select("link", links[1])
    find_row(user, f"link.{links[1]}.module")
    assert panel.search.hasFocus(), "the keyboard stays in the panel"


# --- time -----------------------------------------------------------------------------------------------------------


def test_timeline_plays_and_stops_and_the_map_follows(user: Any) -> None:
    timeline = user.views.timeline
    user.press("Space", timeline.track)
    user.wait(lambda: user.session.time_days > 5)
    assert timeline.player.is_playing
    user.press("Space", timeline.track)
    assert not timeline.player.is_playing
    user.settle()
    assert user.session.picture.time_days == user.session.time_days
    assert timeline.transport.day.value() == pytest.approx(user.session.time_days, abs=0.005)
    assert "day 0" not in user.window.statusBar().variant.text()


def test_keys_of_the_timeline_go_from_event_to_event(user: Any) -> None:
    for day in (300.0, 300.5):
        user.press("Ctrl+Right", user.views.timeline.track)
        assert user.session.time_days == day
    user.press("Ctrl+Left")
    user.settle()
    assert user.session.time_days == 300.0
    assert "down" in user.session.picture.status


# --- what happens ---------------------------------------------------------------------------------------------------


def cut_by_menu(user: Any, link: str, duct: str) -> None:
    QTest.mouseClick(user.views.map.canvas, RIGHT, pos=at_link(user.views.map, link))
    menu = user.popup()
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    assert f"Cut {duct}" in actions, list(actions)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(actions[f"Cut {duct}"]).center())


def test_cut_from_the_menu_takes_the_link_down_and_reroutes(user: Any) -> None:
    picture = user.session.picture
    record = next(item for item in picture.state.fabric.link if len(item.ducts) == 1)
    row = picture.row_by_link[record.name]
    cut_by_menu(user, record.name, record.ducts[0])
    user.settle()
    cut = user.session.picture
    assert cut.status[row] == "down"
    assert user.session.form.variant != BASE
    assert table_row(user, "link", record.name)["status"] == "down"
    assert f"{cut.status.count('down')} down" in user.window.statusBar().links.text()
    routes, before = cut.state.routing.path, picture.state.routing.path
    changed = [k for k, route in enumerate(before) if record.name in route]
    assert changed
    assert all(record.name not in routes[k] for k in changed)
    assert all(routes[k] and cut.state.routing.status[k] != "blocked" for k in changed), "the ring has another way"
    user.views.fabric.tabs.setCurrentIndex(3)
    names = user.views.fabric.pages["demand"].model.table.names
    for k in changed:
        assert table_row(user, "demand", names[k])["status"] == cut.state.routing.status[k]
    assert f"{cut.state.routing.status.count('late')} late" in user.window.statusBar().demands.text()
    user.press("Ctrl+Z")
    user.settle()
    assert list(user.session.picture.status) == list(picture.status)
    assert user.session.picture.state.routing.status == picture.state.routing.status


# --- comparing ------------------------------------------------------------------------------------------------------


def test_compare_puts_two_maps_side_by_side_with_their_names(user: Any) -> None:
    user.press("Ctrl+B")
    user.settle()
    maps = user.window.maps
    shown = [caption.text() for caption in maps._captions if caption.isVisible()]
    assert shown == ["<b>baseline</b>", "<b>careless</b>"]
    assert user.views.reference_map.isVisible()
    assert user.views.reference_map.width() > 150
    user.views.fabric.tabs.setCurrentIndex(0)
    name = user.session.picture.links[0]
    reference, picture = user.session.reference, user.session.picture
    change_db = float(picture.margin_db[0] - reference.margin_db[reference.row_by_link[name]])
    said = table_row(user, "link", name)["change_db"].replace("\N{MINUS SIGN}", "-")
    assert float(said) == pytest.approx(change_db, abs=0.006)
    user.press("Ctrl+B")
    assert not user.views.reference_map.isVisible()
    assert not any(caption.isVisible() for caption in maps._captions)


# --- runs -----------------------------------------------------------------------------------------------------------


def test_run_is_cancelled_by_its_button(user: Any) -> None:
    batch = user.views.batch
    user.window.show_dock("batch")
    batch.setup.tabs.setCurrentIndex(1)
    batch.setup.draws_count.setValue(200_000)
    batch.setup.folder.setText(str(user.folder / "long"))
    QTest.mouseClick(batch.setup.start, LEFT)
    assert not batch.setup.problem.isVisible(), batch.setup.problem.text()
    user.wait(lambda: user.views.jobs.jobs and user.views.jobs.jobs[0].state == "running")
    QTest.mouseClick(batch.jobs_view.cancel, LEFT)
    user.wait(lambda: not batch.jobs_view.cancel.isEnabled())
    assert user.views.jobs.jobs[0].state == "cancelled"
    assert batch.jobs_view.retry.isEnabled()

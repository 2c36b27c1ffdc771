"""Finding one's way in the window: palette, shortcuts, names and tooltips, keyboard alone, layouts, themes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from lightlane_gui.theme import DARK, LIGHT, Theme
from lightlane_gui.window.help import ShortcutsDialog
from lightlane_gui.window.layouts import LAYOUTS
from lightlane_gui.window.palette import Palette
from lightlane_gui.window.views import DOCK_TITLES

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)
"""What a user acts on. A chart has its tooltips at title and axes, so that nothing hides its curves."""
WIDEST_LINK_PX, NARROWEST_MAP_PX = 420, 500


@pytest.fixture(autouse=True)
def fresh(user: Any) -> Iterator[None]:
    """Begin each test with the first layout, nothing selected."""
    user.begin()
    yield
    user.end()


def open_palette(user: Any, keys: str = "Ctrl+K") -> Palette:
    user.press(keys)
    found = user.popup()
    assert isinstance(found, Palette)
    return found


def lines(palette: Palette) -> list[str]:
    return [palette.found.topLevelItem(row).text(0) for row in range(palette.found.topLevelItemCount())]


# --- palette --------------------------------------------------------------------------------------------------------


def test_palette_finds_an_action_by_a_few_letters_and_does_it(user: Any) -> None:
    before = user.session.theme.name
    palette = open_palette(user)
    QTest.keyClicks(palette.line, "dk lght")
    assert lines(palette)[0].startswith("Dark or light")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert user.session.theme.name != before
    user.press("Ctrl+Shift+T")
    assert user.session.theme.name == before


@pytest.mark.parametrize(("letters", "kind", "name"), [("berlpot", "link", "berlin-potsdam"), ("adlersh", "site", "")])
def test_palette_goes_to_links_and_sites(user: Any, letters: str, kind: str, name: str) -> None:
    palette = open_palette(user, "Ctrl+F" if kind == "site" else "Ctrl+K")
    QTest.keyClicks(palette.line, letters)
    while palette.found.currentItem().text(1) != kind:
        QTest.keyClick(palette.line, Qt.Key.Key_Down)
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert user.session.selection.kind == kind
    assert user.session.selection.name.casefold().startswith(name or "adlersh")


def test_palette_says_that_nothing_fits_and_escape_closes_it(user: Any) -> None:
    palette = open_palette(user)
    QTest.keyClicks(palette.line, "qqqzzz")
    assert palette.nothing.isVisible()
    QTest.keyClick(palette.line, Qt.Key.Key_Return)  # runs nothing
    QTest.keyClick(palette.line, Qt.Key.Key_Escape)
    user.wait(lambda: QApplication.activePopupWidget() is None)


def test_menu_of_events_is_in_the_palette_line_by_line(user: Any) -> None:
    assert [action.text() for action in user.book if action.menu() is not None] == ["Add event"]
    palette = open_palette(user)
    QTest.keyClicks(palette.line, "add event")
    assert "Add event" not in lines(palette), "a menu by itself does nothing"
    QTest.keyClicks(palette.line, " fiber cut")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    timeline = user.views.timeline
    user.wait(lambda: timeline.dialog is not None and timeline.dialog.isVisible())
    timeline.dialog.reject()


# --- shortcuts ------------------------------------------------------------------------------------------------------


def test_f1_lists_every_shortcut_once_in_its_group(user: Any) -> None:
    user.press("F1")
    user.wait(lambda: any(isinstance(item, ShortcutsDialog) for item in QApplication.topLevelWidgets()))
    (dialog,) = [item for item in QApplication.topLevelWidgets() if isinstance(item, ShortcutsDialog)]
    text = dialog.page.toPlainText()
    for place, actions in user.book.groups().items():
        keyed = [action for action in actions if action.shortcuts()]
        names = [action.text() for action in keyed]
        assert len(names) == len(set(names)), place
        keys = [key.toString() for action in keyed for key in action.shortcuts()]
        if place != "Fabric":  # each table has its own copy and export
            assert len(keys) == len(set(keys)), (place, keys)
        for action in keyed:
            assert action.text().replace("&", "").rstrip("…") in text
            assert action.shortcut().toString() in text


def reach(action: QAction, window: QWidget) -> list[QWidget]:
    """Return the widgets whose focus lets an action be triggered; the window: anywhere."""
    if action.shortcutContext() == Qt.ShortcutContext.WidgetWithChildrenShortcut:
        return [
            item for item in action.associatedObjects() if isinstance(item, QWidget) and not isinstance(item, QMenu)
        ]
    return [window]


def test_no_key_means_two_things_at_one_place(user: Any) -> None:
    window = user.window
    keyed: dict[str, set[QAction]] = {}
    for widget in (window, *window.findChildren(QWidget)):
        for action in widget.actions():
            for key in action.shortcuts():
                keyed.setdefault(key.toString(), set()).add(action)
    assert len(keyed) > 40
    clashes = []
    for key, actions in keyed.items():
        for one, other in combinations(actions, 2):
            for a in reach(one, window):
                clashes += [
                    (key, one.text(), other.text())
                    for b in reach(other, window)
                    if a is b or a.isAncestorOf(b) or b.isAncestorOf(a)
                ]
    assert clashes == []


def test_keys_that_a_chart_has_for_itself_go_to_the_chart(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda _parent, title, *_: (asked.append(title), ("", ""))[1]
    )
    strip = user.views.timeline.strip
    user.press("Ctrl+E", strip)
    user.press("Ctrl+E", user.views.map.canvas)
    assert asked == [f"Export {strip.title}", "Export the map"]
    user.session.select("link", user.session.picture.links[0])
    user.press("M", strip)
    assert any(mark is not None for mark in strip.crosshair.marks)
    user.press("Esc", strip)
    assert not any(mark is not None for mark in strip.crosshair.marks)
    assert user.session.selection.kind == "link", "the first Escape was for the markers"
    user.press("Esc", strip)
    assert user.session.selection.kind == ""


# --- names and tooltips ---------------------------------------------------------------------------------------------


def is_part_of_qt(widget: QWidget) -> bool:
    """Tell whether Qt made a widget as a part of another, which has name and tooltip for both."""
    parent = widget.parentWidget()
    return (
        widget.objectName().startswith("qt_")
        or isinstance(widget, (QHeaderView, QScrollBar))
        or isinstance(parent, (QTabBar, QLineEdit, QComboBox, QAbstractSpinBox))
        or (parent is not None and isinstance(parent.parentWidget(), QComboBox))
        or (isinstance(widget, QAbstractButton) and isinstance(parent, QAbstractItemView))
        or (isinstance(widget, QTabBar) and widget.parentWidget().objectName() == "main-window")
    )


def describe(widget: QWidget) -> str:
    """Return where a widget is, for a message."""
    chain, item = [], widget
    while item is not None:
        chain.append(type(item).__name__ + (f"#{item.objectName()}" if item.objectName() else ""))
        item = item.parentWidget()
    return " < ".join(chain[:5])


def test_every_control_has_a_name_and_a_tooltip(user: Any) -> None:
    user.session.select("link", user.session.picture.links[0])
    user.wait(user.views.link.header.isVisible)
    user.wait(lambda: not user.views.what_if._timer.isActive() and len(user.views.what_if.groups) > 1)
    controls = [
        item for item in user.window.findChildren(QWidget) if isinstance(item, CONTROLS) and not is_part_of_qt(item)
    ]
    assert len(controls) > 100
    lacking = {
        f"{describe(item)}: name {item.accessibleName()!r}, tooltip {item.toolTip()!r}"
        for item in controls
        if not (item.accessibleName() or (isinstance(item, QAbstractButton) and item.text())) or not item.toolTip()
    }
    assert lacking == set()


def test_what_takes_the_focus_says_what_it_is(user: Any) -> None:
    taking = [
        item
        for item in user.window.findChildren(QWidget)
        if item.focusPolicy() & Qt.FocusPolicy.TabFocus and item.isVisible() and not is_part_of_qt(item)
    ]
    assert len(taking) > 40
    lacking = {
        describe(item)
        for item in taking
        if not item.accessibleName() and not (isinstance(item, QAbstractButton) and item.text())
    }
    assert lacking == set()


def test_every_action_says_what_it_does(user: Any) -> None:
    assert [action.text() for action in user.book if not action.toolTip() or not action.text()] == []


# --- keyboard alone -------------------------------------------------------------------------------------------------


def test_tab_goes_round_to_map_tables_and_sliders(user: Any) -> None:
    user.press("Ctrl+0")
    user.views.fabric.tabs.setCurrentIndex(0)
    user.wait(lambda: any(group.is_open for group in user.views.what_if.groups))
    canvas = user.views.map.canvas
    canvas.setFocus()
    seen: list[QWidget] = []
    for _ in range(600):
        user.press("Tab")
        seen.append(QApplication.focusWidget())
        if seen[-1] is canvas:
            break
    assert seen[-1] is canvas, "Tab comes round to where it began"
    assert user.views.fabric.pages["link"].view in seen
    assert user.views.timeline.track in seen
    assert user.views.timeline.transport.day in seen
    unseen = [item for item in seen if item.visibleRegion().isEmpty()]
    hidden = {describe(item) for item in unseen if not is_in_scroll_area(item) and not is_part_of_qt(item)}
    assert hidden == set(), "the focus is where it can be seen"
    # The parameters follow the search above them, field and slider of each in turn.
    panel = user.views.what_if
    group = next(item for item in panel.groups if item.is_open)
    stops = [stop for row in group.rows.values() for stop in row.tab_stops() if stop.isVisible()]
    assert any(isinstance(item, QAbstractSlider) for item in stops)
    begin = seen.index(panel.search) + 1
    assert seen[begin : begin + 1 + len(stops)] == [group.heading, *stops]


def is_in_scroll_area(widget: QWidget) -> bool:
    """Tell whether what is out of sight is scrolled to when it gets the focus."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent is not None


@pytest.mark.parametrize(("number", "key"), list(enumerate(DOCK_TITLES, start=1)))
def test_each_dock_is_reached_by_its_number_and_hidden_by_it(user: Any, number: int, key: str) -> None:
    user.session.select("link", user.session.picture.links[0])
    user.wait(user.views.link.header.isVisible)
    dock = user.window.docks[key]
    user.press(f"Ctrl+{number}", user.views.map.canvas)
    assert dock.isVisible()
    QApplication.processEvents()
    assert not dock.visibleRegion().isEmpty()
    assert dock.isAncestorOf(QApplication.focusWidget())
    user.press(f"Ctrl+{number}")
    assert not dock.isVisible()
    assert QApplication.focusWidget() is user.views.map.canvas
    user.press(f"Ctrl+{number}")
    assert dock.isVisible()


# --- layouts --------------------------------------------------------------------------------------------------------


def tell_area(user: Any, key: str) -> Qt.DockWidgetArea:
    return user.window.dockWidgetArea(user.window.docks[key])


def test_layouts_put_docks_where_they_say(user: Any) -> None:
    window = user.window
    window.resize(1440, 900)
    for number, layout in enumerate(LAYOUTS):
        user.press(f"F{5 + number}", window)
        user.press("Ctrl+0")
        QApplication.processEvents()
        assert window.layouts.current is layout
        # Docks that need more room than there is make the window wider than the screen.
        assert window.width() == 1440
        assert window.minimumSizeHint().width() <= 1280
        named = {key: area for area, groups in layout.areas.items() for group in groups for key in group}
        for key, dock in window.docks.items():
            assert dock.isHidden() is (key not in named), (layout.key, key)
            if key in named:
                assert tell_area(user, key) == named[key]
        for groups in layout.areas.values():
            for group in groups:
                first = window.docks[group[0]]
                assert not first.visibleRegion().isEmpty(), "the first of a group is in front"
                assert first.widget().isVisible()
        assert window.centralWidget().isVisible() is layout.map_is_shown
    user.press("F5", window)


def seen_docks(user: Any) -> dict[str, Any]:
    """Return where the docks are that are in front."""
    docks = user.window.docks.items()
    return {key: dock.geometry().getRect() for key, dock in docks if not dock.visibleRegion().isEmpty()}


def test_reset_brings_a_layout_back(user: Any) -> None:
    window = user.window
    user.press("Ctrl+0", window)
    QApplication.processEvents()
    at_first = seen_docks(user)
    window.docks["link"].hide()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.docks["what-if"])
    window.docks["fabric"].setFloating(True)
    user.press("Ctrl+0", window)
    QApplication.processEvents()
    assert seen_docks(user) == at_first


def test_first_layout_leaves_room_for_link_and_map(user: Any) -> None:
    window = user.window
    window.resize(1440, 900)
    user.press("Ctrl+0", window)
    user.session.select("link", user.session.picture.links[0])
    user.wait(user.views.link.header.isVisible)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (1440, 900)
    assert window.docks["link"].width() >= WIDEST_LINK_PX
    assert user.views.map.width() >= NARROWEST_MAP_PX
    assert user.views.map.height() >= 350
    assert window.docks["fabric"].width() >= 400


# --- themes ---------------------------------------------------------------------------------------------------------


def share_of(image: NDArray[np.uint32], color: str) -> float:
    """Return how much of a picture has a color."""
    return float(np.mean(image & 0xFFFFFF == QColor(color).rgb() & 0xFFFFFF))


@pytest.mark.parametrize(("name", "other"), [("light", DARK), ("dark", LIGHT)])
def test_theme_recolors_everything(user: Any, name: str, other: Theme) -> None:
    user.session.select("link", user.session.picture.links[0])
    user.settle()
    if user.session.theme.name == name:
        user.press("Ctrl+Shift+T", user.views.map.canvas)
    user.press("Ctrl+Shift+T", user.views.map.canvas)
    assert user.session.theme.name == name
    theme = user.session.theme
    for layout in LAYOUTS:
        user.window.layouts.show(layout, fresh=True)
        QTest.qWait(50)
        image = user.window.grab().toImage()
        pixels = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), -1)[:, : image.width()]
        grounds = {theme.window, theme.panel, theme.field, theme.plot}
        assert sum(share_of(pixels, color) for color in grounds) > 0.6, layout.key
        for part in ("window", "panel", "field", "plot", "land", "rule", "grid"):
            # A thousandth: white and grays are in icons and smoothed letters too.
            assert share_of(pixels, getattr(other, part)) < 0.001, (layout.key, part)

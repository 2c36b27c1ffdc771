"""The map as a user holds it: pointing, clicking, dragging, keys; what is selected, filtered, cut, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from lightlane import LiveScenario
from lightlane.scenario.events import FiberCut, SiteFailure
from lightlane.toolkit import lay_out_map
from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.facts import describe_site
from lightlane_gui.map.strokes import MINUS
from lightlane_gui.map.view import MapView
from lightlane_gui.session.document import Document, Edited
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.session import Session
from lightlane_gui.theme import CLASS_KEYS, DARK, LIGHT
from lightlane_gui.workbench import Workbench

METRO = Path(__file__).parents[2] / "examples" / "02_metro_fabric" / "metro.toml"
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
LINK, DUCT = "oder-zr", "oder"
"""From Berlin to Frankfurt (Oder), long on the map and alone in its duct."""


@cache
def live() -> LiveScenario:
    """Return the metro of the examples."""
    return LiveScenario.open(METRO)


@cache
def picture(cut: str = "") -> FabricPicture:
    """Return a picture of it, with a duct cut."""
    events = (FiberCut(kind="fiber_cut", start_days=0, duct=cut),) if cut else ()
    state = live().state(live().scenario.model_copy(update={"event": events}))
    found = FabricPicture(0, "baseline", 0.0, state, True, 0.0, lay_out_map(state.fabric))
    _ = state.routing
    return found


def show(session: Session, cut: str = "", **changes: Any) -> None:
    """Let the session take a picture of its version, as the worker makes them."""
    session.show(replace(picture(cut), version=session.version, **changes))


@pytest.fixture
def session(qapp: QApplication) -> Session:
    """Return a session with the metro open and shown."""
    found = Session(DARK)
    base = live()
    found.open(Document(base.scenario, base.fabric, base.catalog, METRO))
    show(found)
    return found


@pytest.fixture
def view(session: Session, qtbot: QtBot) -> Iterator[MapView]:
    """Return a map of it."""
    found = MapView(session)
    qtbot.addWidget(found)
    found.resize(900, 650)
    found.show()
    qtbot.waitExposed(found)
    QApplication.processEvents()
    yield found
    for menu in found.findChildren(QMenu):
        menu.close()


def at_link(view: MapView, name: str, share: float = 0.5) -> QPoint:
    """Return where a link is in the widget."""
    geometry = view.scene.geometry
    assert geometry is not None
    row = geometry.stretches_by_link[geometry.link_index[name]][0]
    x1, y1, x2, y2 = geometry.stretch_px(view.camera.viewport(view.canvas.width(), view.canvas.height()))[row]
    return QPoint(round(x1 + share * (x2 - x1)), round(y1 + share * (y2 - y1)))


def at_site(view: MapView, name: str) -> QPoint:
    """Return where a site is in the widget."""
    geometry = view.scene.geometry
    assert geometry is not None
    points = geometry.site_px(view.camera.viewport(view.canvas.width(), view.canvas.height()))
    return QPoint(*(round(value) for value in points[geometry.site_index[name]].tolist()))


def count_pixels(view: MapView, color: str) -> int:
    """Return how many pixels of the canvas have a color."""
    image = view.canvas.grab().toImage()
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), -1)[:, : image.width()]
    return int(np.count_nonzero(pixels & 0xFFFFFF == QColor(color).rgb() & 0xFFFFFF))


def has_color_at(view: MapView, at: QPoint, color: str, reach: int = 2) -> bool:
    """Tell whether a color, or nearly that at the edge of a line, is within a few pixels of a point."""
    image, wanted = view.canvas.grab().toImage(), QColor(color)
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            found = image.pixelColor(at.x() + i, at.y() + j)
            pairs = zip(found.getRgb()[:3], wanted.getRgb()[:3], strict=True)
            # Any two colors of the classes are further apart than this.
            if sum(abs(one - other) for one, other in pairs) < 80:
                return True
    return False


@pytest.mark.parametrize(("name", "beside_px"), [("Magdeburg", (0, 0)), ("Berlin", (12, -12))])
def test_a_site_that_failed_has_a_cross_and_says_why(
    view: MapView, session: Session, name: str, beside_px: tuple[int, int]
) -> None:
    # Berlin is drawn as one with others, in a ring.
    at = at_site(view, name) + QPoint(*beside_px)
    assert not has_color_at(view, at, DARK.error)
    event = SiteFailure(kind="site_failure", start_days=0, site=name)
    state = live().state(live().scenario.model_copy(update={"event": (event,)}))
    failed = FabricPicture(session.version, "baseline", 0.0, state, True, 0.0, lay_out_map(state.fabric))
    session.show(failed)
    assert has_color_at(view, at, DARK.error)
    card = describe_site(failed, name, DARK, stale=False)
    assert (card.facts[0].word, card.facts[0].text) == ("state", f"failure of site {name}")
    show(session)
    assert not has_color_at(view, at, DARK.error)


# --- pointing


def test_click_on_a_link_selects_it_and_on_nothing_clears(view: MapView, session: Session, qtbot: QtBot) -> None:
    qtbot.mouseClick(view.canvas, LEFT, pos=at_link(view, LINK))
    assert (session.selection.kind, session.selection.name) == ("link", LINK)
    qtbot.mouseClick(view.canvas, LEFT, pos=QPoint(20, 560))
    assert session.selection.kind == ""
    qtbot.mouseClick(view.canvas, LEFT, pos=at_site(view, "Potsdam"))
    assert (session.selection.kind, session.selection.name) == ("site", "Potsdam")


def test_double_click_opens_the_link(view: MapView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.link_opened, timeout=1000) as opened:
        qtbot.mouseDClick(view.canvas, LEFT, pos=at_link(view, LINK))
    assert opened.args == [LINK]


def test_card_says_margin_limit_and_latency(view: MapView, session: Session, qtbot: QtBot) -> None:
    QTest.mouseMove(view.canvas, at_link(view, LINK))
    assert view.card.isVisible()
    (link,) = [item for item in picture().state.batch.link_results() if item.link == LINK]
    text = view.card.text
    assert f"{link.margin_db:.2f} dB".replace("-", MINUS) in text
    assert link.limited_by.replace("_", " ") in text
    assert f"{link.latency_us / 1e3:.3f} ms" in text
    assert "?" not in text
    session.set_field("conditions.connector_loss_db", 0.1, "dirt")
    QTest.mouseMove(view.canvas, QPoint(20, 560))
    assert not view.card.isVisible()
    QTest.mouseMove(view.canvas, at_link(view, LINK))
    assert "dB, " in view.card.text
    # In place, when an answer takes longer than a blink, and again when it is there.
    qtbot.waitUntil(lambda: " ?" in view.card.text, timeout=5000)
    show(session, cut=DUCT)
    assert "out of service" in view.card.text
    assert " ?" not in view.card.text


def test_card_keeps_inside_the_map(view: MapView) -> None:
    for at in (at_link(view, LINK, 0.98), at_site(view, "Magdeburg"), at_site(view, "Frankfurt (Oder)")):
        QTest.mouseMove(view.canvas, at)
        assert view.canvas.rect().contains(view.card.geometry())
        assert not view.card.geometry().contains(at)


def test_cluster_tells_who_is_in_it(view: MapView) -> None:
    QTest.mouseMove(view.canvas, at_site(view, "Berlin"))
    assert "3 sites close together" in view.card.text
    assert "Mitte" in view.card.text
    assert "Moabit" in view.card.text


def test_hidden_link_cannot_be_pointed_at_until_the_sites_part(view: MapView) -> None:
    assert view.canvas.target_at(QPointF(at_site(view, "Mitte"))) == ("site", "Berlin")
    view.center_on("site", "Mitte")
    assert view.canvas.target_at(QPointF(at_site(view, "Mitte"))) == ("site", "Mitte")
    assert view.canvas.target_at(QPointF(at_link(view, "campus-dr8"))) == ("link", "campus-dr8")


# --- moving


def test_wheel_zooms_at_the_pointer(view: MapView) -> None:
    at = QPointF(at_site(view, "Potsdam"))
    before = view.camera.km_per_px
    event = QWheelEvent(
        at, view.canvas.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas, event)
    assert view.camera.km_per_px < before
    assert (at_site(view, "Potsdam") - at.toPoint()).manhattanLength() <= 1


def test_drag_pans_and_does_not_select(view: MapView, session: Session) -> None:
    start, before = at_link(view, LINK), at_site(view, "Potsdam")
    QTest.mousePress(view.canvas, LEFT, pos=start)
    for step in range(1, 11):
        QTest.mouseMove(view.canvas, start + QPoint(8 * step, -3 * step))
    QTest.mouseRelease(view.canvas, LEFT, pos=start + QPoint(80, -30))
    assert (at_site(view, "Potsdam") - before - QPoint(80, -30)).manhattanLength() <= 2
    assert session.selection.kind == ""


def test_box_zoom_shows_the_box(view: MapView) -> None:
    first, second = at_site(view, "Potsdam") - QPoint(60, 60), at_site(view, "Adlershof") + QPoint(60, 60)
    QTest.mousePress(view.canvas, RIGHT, pos=first)
    QTest.mouseMove(view.canvas, first + QPoint(40, 40))
    QTest.mouseMove(view.canvas, second)
    QTest.mouseRelease(view.canvas, RIGHT, pos=second)
    width = (at_site(view, "Adlershof") - at_site(view, "Potsdam")).x()
    assert width > 0.4 * view.canvas.width()
    for name in ("Potsdam", "Adlershof"):
        assert view.canvas.rect().contains(at_site(view, name))


def test_keys_pan_zoom_and_fit(view: MapView, qtbot: QtBot) -> None:
    view.canvas.setFocus()
    fitted, before = view.camera.km_per_px, at_site(view, "Berlin")
    qtbot.keyClick(view.canvas, Qt.Key.Key_Left)
    assert at_site(view, "Berlin").x() > before.x()
    qtbot.keyClicks(view.canvas, "++")
    assert view.camera.km_per_px == pytest.approx(fitted / 1.4**2)
    qtbot.keyClicks(view.canvas, "-")
    assert view.camera.km_per_px == pytest.approx(fitted / 1.4)
    qtbot.keyClicks(view.canvas, "f")
    assert view.camera.km_per_px == pytest.approx(fitted)
    assert (at_site(view, "Berlin") - before).manhattanLength() <= 1


def test_map_is_fitted_again_in_another_size_until_it_is_moved(view: MapView) -> None:
    view.resize(500, 400)
    QApplication.processEvents()
    assert all(view.canvas.rect().contains(at_site(view, site.name)) for site in live().fabric.site)
    view.camera.zoom_at(2, view.camera.viewport(500, 400), 0, 0)
    scale = view.camera.km_per_px
    view.resize(900, 650)
    QApplication.processEvents()
    assert view.camera.km_per_px == scale


# --- keys and menus


def test_n_goes_from_the_worst_link_on(view: MapView, session: Session, qtbot: QtBot) -> None:
    margins = {item.link: item.margin_db for item in picture().state.batch.link_results()}
    order = sorted(margins, key=margins.__getitem__)
    view.canvas.setFocus()
    for name in (*order, order[0]):
        qtbot.keyClicks(view.canvas, "n")
        assert session.selection.link == name
    qtbot.keyClicks(view.canvas, "n", Qt.KeyboardModifier.ShiftModifier)
    assert session.selection.link == order[-1]
    with qtbot.waitSignal(view.link_opened, timeout=1000) as opened:
        qtbot.keyClick(view.canvas, Qt.Key.Key_Return)
    assert opened.args == [order[-1]]
    with qtbot.waitSignal(view.cut_requested, timeout=1000) as cut:
        qtbot.keyClicks(view.canvas, "x")
    assert cut.args == ["link", order[-1]]


def test_menu_turns_into_an_event_at_the_time_of_now(view: MapView, session: Session, qtbot: QtBot) -> None:
    session.set_time(12.0)
    qtbot.mouseClick(view.canvas, RIGHT, pos=at_link(view, LINK))
    assert session.selection.link == LINK
    (menu,) = [item for item in view.findChildren(QMenu) if item.isVisible()]
    (action,) = [item for item in menu.actions() if item.text() == f"Cut {DUCT}"]
    with qtbot.waitSignal(view.event_requested, timeout=1000) as asked:
        action.trigger()
    assert asked.args == [{"kind": "fiber_cut", "duct": DUCT, "start_days": 12.0}]
    (explain,) = [item for item in menu.actions() if item.text() == "Explain"]
    with qtbot.waitSignal(view.explain_requested, timeout=1000) as explained:
        explain.trigger()
    assert explained.args == [LINK]


def test_every_action_has_keys_and_says_what_it_does(view: MapView) -> None:
    actions = view.actions_offered()
    keys = [key.toString() for action in actions for key in action.shortcuts()]
    assert len(keys) == len(set(keys)) >= len(actions)
    assert all(action.text() and action.toolTip() for action in actions)


# --- what is drawn


def test_links_have_the_colors_of_their_classes(view: MapView) -> None:
    shown = picture()
    for name in ("oder-zr", "potsdam-er8", "magdeburg-zrplus"):
        color = DARK.classes[CLASS_KEYS[shown.class_index[shown.row_by_link[name]]]]
        assert has_color_at(view, at_link(view, name, 0.34), color)


def test_filter_dims_all_other_classes(view: MapView, qtbot: QtBot) -> None:
    shown = picture()
    mine = int(shown.class_index[shown.row_by_link[LINK]])
    others = {int(index) for index in shown.class_index} - {mine}
    assert others
    before = {index: count_pixels(view, DARK.classes[CLASS_KEYS[index]]) for index in (mine, *others)}
    qtbot.mouseClick(view.legend.buttons[mine], LEFT)
    assert view.scene.wanted == {mine}
    assert count_pixels(view, DARK.classes[CLASS_KEYS[mine]]) == before[mine]
    for index in others:
        # What is left is the ring about Berlin, in the color of a link that is hidden in it.
        assert count_pixels(view, DARK.classes[CLASS_KEYS[index]]) < max(1, 0.5 * before[index])
    qtbot.mouseClick(view.legend.buttons[mine], LEFT)
    assert view.scene.wanted == frozenset()


def test_legend_counts_the_links(view: MapView, session: Session, qtbot: QtBot) -> None:
    counts = np.bincount(picture().class_index, minlength=len(CLASS_KEYS))
    for button, count in zip(view.legend.buttons, counts.tolist(), strict=True):
        assert button.text().endswith(f"  {count}")
    session.set_field("conditions.connector_loss_db", 0.1, "dirt")
    places = [button.geometry() for button in view.legend.buttons]
    qtbot.waitUntil(lambda: all(button.text().endswith("?") for button in view.legend.buttons), timeout=5000)
    assert [button.geometry() for button in view.legend.buttons] == places
    show(session)
    assert not any(button.text().endswith("?") for button in view.legend.buttons)


def test_a_cut_is_marked_and_flashes_once(view: MapView, session: Session, qtbot: QtBot) -> None:
    view.animated = True
    assert not has_color_at(view, at_link(view, LINK), DARK.error)
    session.apply(Edited(live().scenario))
    show(session, cut=DUCT)
    assert view.scene.accents.changed == (LINK,)
    assert has_color_at(view, at_link(view, LINK), DARK.error)
    qtbot.waitUntil(lambda: view.scene.accents.glow == 0.0, timeout=5000)
    assert has_color_at(view, at_link(view, LINK, 0.25), DARK.classes["down"], reach=6)


def test_a_flash_lets_the_next_picture_come_first(view: MapView, session: Session, qtbot: QtBot) -> None:
    view.animated = True
    session.apply(Edited(live().scenario))
    show(session, cut=DUCT)
    session.apply(Edited(live().scenario))
    QApplication.processEvents()
    paints = PaintCount(view.canvas)
    qtbot.waitUntil(lambda: 0.0 < view.scene.accents.glow < 0.9, timeout=5000)
    assert paints.count == 0
    # Where none comes, the flash is taken away at its end all the same.
    qtbot.waitUntil(lambda: view.scene.accents.glow == 0.0 and paints.count > 0, timeout=5000)


def test_nothing_fades_where_animations_are_off(view: MapView, session: Session) -> None:
    view.animated = False
    session.apply(Edited(live().scenario))
    show(session, cut=DUCT)
    assert view.scene.accents.glow == 0.0


def test_selection_lies_under_the_link(view: MapView, session: Session) -> None:
    color = DARK.classes[CLASS_KEYS[picture().class_index[picture().row_by_link[LINK]]]]
    session.select("link", LINK)
    at = at_link(view, LINK, 0.34)
    assert has_color_at(view, at, color)
    assert has_color_at(view, at, DARK.selection, reach=7)
    session.select("")
    assert not has_color_at(view, at, DARK.selection, reach=7)


def test_route_of_a_demand_is_drawn(view: MapView, session: Session) -> None:
    routing = picture().state.routing
    number = next(
        k for k, parts in enumerate(routing.parts) if parts and LINK in {n for hop in parts[0].links for n in hop}
    )
    at = at_link(view, LINK, 0.34) + QPoint(0, 4)
    plain = view.canvas.grab().toImage().pixelColor(at)
    session.select("demand", str(number))
    assert view.canvas.grab().toImage().pixelColor(at) != plain
    session.select("demand", "9999")
    assert view.canvas.grab().toImage().pixelColor(at) == plain


def test_difference_against_the_reference(view: MapView, session: Session, qtbot: QtBot) -> None:
    view.canvas.setFocus()
    qtbot.keyClicks(view.canvas, "d")
    assert view.scene.mode == "margin"  # there is nothing to compare with
    session.compare_with("baseline")
    show(session, cut=DUCT)
    session.show_reference(picture())
    of_margins = list(view.legend.buttons)
    qtbot.keyClicks(view.canvas, "d")
    assert not any(button.isVisible() for button in of_margins)
    QApplication.processEvents()
    assert view.legend.buttons[0].text() == "went down  1"
    assert view.legend.buttons[3].text().endswith(f"  {len(picture().links) - 1}")
    assert all(button.isVisible() for button in view.legend.buttons)
    qtbot.keyClicks(view.canvas, "d")
    assert view.legend.buttons[0].text().startswith("down")


def test_two_maps_share_a_camera(session: Session, qtbot: QtBot) -> None:
    camera = MapCamera()
    left, right = MapView(session, camera=camera), MapView(session, which="reference", camera=camera)
    for item in (left, right):
        qtbot.addWidget(item)
        item.resize(450, 400)
        item.show()
    assert right.canvas.message[0] == "Nothing to compare with"
    session.compare_with("baseline")
    session.show_reference(picture())
    assert right.canvas.message == ()
    left.canvas.zoom_in()
    assert at_site(left, "Potsdam") == at_site(right, "Potsdam")


# --- states


def test_empty_and_busy_maps_say_so(qtbot: QtBot) -> None:
    session = Session(DARK)
    view = MapView(session)
    qtbot.addWidget(view)
    assert "Ctrl+O" in view.canvas.message[1]
    base = live()
    session.open(Document(base.scenario, base.fabric, base.catalog, METRO))
    assert f"{len(base.fabric.link)} links" in view.canvas.message[0]
    session.notice("fabric.toml: link[0]: something is wrong", "error")
    assert "something is wrong" in view.canvas.message[1]
    show(session)
    assert view.canvas.message == ()


def test_theme_recolors(view: MapView, session: Session) -> None:
    session.set_theme(LIGHT)
    assert count_pixels(view, DARK.plot) == 0
    assert count_pixels(view, LIGHT.plot) > 100_000


def test_readers_of_the_screen_are_told(view: MapView, session: Session) -> None:
    session.select("link", LINK)
    interface = QAccessible.queryAccessibleInterface(view.canvas)
    assert interface.text(QAccessible.Text.Name) == "Fabric map"
    described = interface.text(QAccessible.Text.Description)
    assert LINK in described
    assert "margin" in described
    for button in view.legend.buttons:
        assert button.accessibleName()
        assert button.toolTip()


def test_worker_lays_out_what_it_posts(workbench: Workbench, qtbot: QtBot) -> None:
    base = live()
    session = workbench.session
    session.open(Document(base.scenario, base.fabric, base.catalog, METRO))
    qtbot.waitUntil(lambda: session.picture is not None and session.picture.routed, timeout=20_000)
    first = session.picture
    assert first is not None
    assert first.layout is not None
    assert first.layout.links == first.links
    session.set_field("conditions.connector_loss_db", 0.1, "dirt")
    qtbot.waitUntil(lambda: not session.is_stale and session.picture.routed, timeout=20_000)
    assert session.picture is not first
    assert session.picture.layout is first.layout


class PaintCount(QObject):
    """Counts paintings of a widget, and what was called before the first of them."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count."""
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_the_map_is_painted_before_anything_else_follows_a_picture(qtbot: QtBot) -> None:
    session = Session(DARK)
    counted: list[int] = []
    paints: list[PaintCount] = []
    # Views that were made before the map: the order in which they listen does not matter.
    session.picture_changed.connect(lambda: counted.append(paints[0].count))
    base = live()
    session.open(Document(base.scenario, base.fabric, base.catalog, METRO))
    view = MapView(session)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    QApplication.processEvents()
    paints.append(PaintCount(view.canvas))
    show(session)
    assert counted == [1]


def test_demands_that_come_later_paint_the_map_only_where_one_is_seen(session: Session, view: MapView) -> None:
    first = replace(picture("oder"), version=session.version, routed=False)
    session.show(first)
    QApplication.processEvents()
    paints = PaintCount(view.canvas)
    session.show(first.with_demands(5.0))
    assert view.scene.picture is session.picture
    assert session.picture is not None
    assert session.picture.routed
    assert session.picture.elapsed_ms == 5.0
    QApplication.processEvents()
    assert paints.count == 0
    # Of a site the description tells what becomes of its demands.
    session.select("site", "Berlin")
    other = replace(picture("oder"), version=session.version, routed=False)
    session.show(other)
    words = (" met", " late", " blocked")
    assert not any(word in view.canvas.accessibleDescription() for word in words)
    session.show(other.with_demands(5.0))
    assert any(word in view.canvas.accessibleDescription() for word in words)
    session.select("")
    QApplication.processEvents()
    paints.count = 0
    # Others look the same, but nobody said so.
    show(session, "oder")
    assert paints.count == 1
    session.select("demand", "0")
    QApplication.processEvents()
    second = replace(picture("oder"), version=session.version, routed=False)
    session.show(second)
    before = paints.count
    session.show(second.with_demands(5.0))
    assert paints.count == before + 1

"""The link view as a person uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton, QWidget

from lightlane_gui.charts.number_text import format_number
from lightlane_gui.link_view.bridge import ROW_HEIGHT
from lightlane_gui.link_view.view import LinkView
from lightlane_gui.session.opening import open_document
from lightlane_gui.theme import LIGHT
from lightlane_gui.workbench import Workbench

METRO = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"
NARROW, WIDE = (540, 760), (1440, 860)
CUT_DAYS = 300.2


class Bench:
    """A workbench with the view on it and the metro open."""

    def __init__(self, qtbot: Any) -> None:
        self.qtbot = qtbot
        self.workbench = Workbench()
        self.session, self.desk = self.workbench.session, self.workbench.link_desk
        self.desk.rounds = (2**13,)
        self.view = LinkView(self.session, self.desk)
        qtbot.addWidget(self.view)
        self.view.resize(*NARROW)
        with qtbot.waitExposed(self.view):
            self.view.show()

    def open(self) -> None:
        self.session.open(open_document(METRO))
        self.qtbot.waitUntil(lambda: self.session.picture is not None and not self.session.is_stale)

    def select(self, name: str) -> None:
        self.session.select("link", name)
        self.wait_shot()

    def wait_shot(self) -> None:
        def is_there() -> bool:
            shot, picture = self.desk.shot, self.session.picture
            return shot is not None and picture is not None and shot.version == picture.version == self.session.version

        self.qtbot.waitUntil(is_there)
        self.wait_drawn()

    def wait_drawn(self) -> None:
        """Let pages that are due be drawn: they are a turn of the event loop behind the header."""
        view = self.view
        pages = (view.budget, view.path, view.lanes, view.signal)
        self.qtbot.waitUntil(lambda: not any(page._soon.isActive() for page in pages))

    @property
    def state(self) -> Any:
        assert self.session.picture is not None
        return self.session.picture.state


@pytest.fixture
def bench(qtbot: Any) -> Iterator[Bench]:
    found = Bench(qtbot)
    yield found
    found.workbench.close()


def test_what_is_missing_is_said_with_what_to_do(bench: Bench) -> None:
    assert "Ctrl+O" in bench.view.empty.text()
    bench.open()
    assert bench.view.empty.isVisible()
    assert "press N" in bench.view.empty.text()


def test_header_and_bridge_say_what_the_core_says(bench: Bench) -> None:
    bench.open()
    bench.select("berlin-potsdam")
    result = bench.state.batch.link_results(explain=True)[0]
    header = bench.view.header
    assert header.name.text() == "berlin-potsdam"
    assert header.margin.text() == f"{format_number(result.margin_db, signed=True)}\N{NO-BREAK SPACE}dB"
    assert "Berlin \N{LEFT RIGHT ARROW} Potsdam" in header.facts.text()
    assert bench.view.budget.bridge.margin_db == pytest.approx(result.margin_db, abs=1e-6)
    assert len(bench.view.budget.bridge.steps) >= 5


def test_a_bar_tells_why_by_mouse_and_by_keys(bench: Bench) -> None:
    bench.open()
    bench.select("berlin-potsdam")
    page = bench.view.budget
    bench.qtbot.mouseMove(page.bridge, QPoint(30, ROW_HEIGHT // 2 + 2))
    bench.qtbot.waitUntil(lambda: page.bridge.row == 0)
    assert page.reason.text().startswith(page.bridge.steps[0].label)
    assert "Formula:" in page.reason.text()
    page.bridge.setFocus()
    bench.qtbot.keyClick(page.bridge, Qt.Key.Key_Down)
    assert page.reason.text().startswith(page.bridge.steps[1].label)


def test_buttons_keys_and_boxes_choose_the_lane(bench: Bench) -> None:
    bench.open()
    bench.select("adlershof")
    chooser = bench.view.chooser
    bench.qtbot.mouseClick(chooser.buttons.button(2), Qt.MouseButton.LeftButton)
    assert bench.session.selection.direction == "b_to_a"
    lane = bench.session.selection.lane
    chooser.buttons.button(2).setFocus()
    bench.qtbot.keyClick(chooser.buttons.button(2), "]")
    assert bench.session.selection.lane == (lane + 1) % chooser.lane.count()
    bench.qtbot.keyClick(chooser.buttons.button(2), ".")
    assert bench.session.selection.channel_index == chooser.channel.currentData()
    bench.wait_shot()
    bench.qtbot.waitUntil(lambda: bench.desk.shot.lane.direction == "b_to_a" and bench.desk.shot.lane.lane == lane + 1)
    bench.qtbot.keyClick(chooser.buttons.button(2), "D")
    assert bench.session.selection.channel_index == -1


def test_an_edit_marks_numbers_until_the_new_ones_come(bench: Bench) -> None:
    bench.open()
    bench.select("berlin-potsdam")
    before = bench.view.header.margin.text()
    bench.workbench.fabric_worker.close()  # nobody answers for a while
    bench.session.set_field("conditions.connector_loss_db", 0.9, "dirtier")
    bench.qtbot.waitUntil(lambda: bench.view.header.margin.text() == f"{before} ?")
    bench.wait_drawn()
    assert bench.view.budget.bridge.is_stale
    assert bench.view.budget.table.item(0, 0).text().endswith("?")


def test_an_edit_gives_new_numbers_without_a_mark(bench: Bench) -> None:
    bench.open()
    bench.select("berlin-potsdam")
    before = bench.view.header.margin.text()
    bench.session.set_field("conditions.connector_loss_db", 0.9, "dirtier")
    bench.wait_shot()
    assert bench.view.header.margin.text() != before
    assert "?" not in bench.view.header.margin.text()
    bench.session.compare_with("baseline")
    bench.qtbot.waitUntil(lambda: bench.desk.shot is not None and bench.desk.shot.reference is not None)
    bench.wait_drawn()
    table = bench.view.budget.table
    assert table.columnCount() == 3
    margin = bench.desk.shot.lane.margin_db - bench.desk.shot.reference.margin_db
    assert table.item(0, 2).text() == format_number(margin, signed=True)
    assert any(step.reference_db != step.value_db for step in bench.view.budget.bridge.steps)
    bench.view.tiles.show_page(1)
    curves = {item.key: item.y for item in bench.view.path.level.series}
    assert (curves["reference"][-1] > curves["a_to_b"]).any()  # with cleaner connectors more arrives
    bench.view.tiles.show_page(2)
    marks = {item.key: item.y for item in bench.view.lanes.charts["osnr_db"].series}
    assert marks["reference"].mean() > marks["a_to_b"].mean()


def test_a_page_is_drawn_once_for_all_that_comes_together(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.open()
    bench.select("adlershof")
    drawn: list[str] = []
    for page in (bench.view.budget, bench.view.lanes):
        monkeypatch.setattr(page, "draw", lambda page=page: drawn.append(type(page).__name__))
    bench.view.tiles.show_page(0)
    bench.wait_drawn()
    drawn.clear()
    for _ in range(3):
        bench.desk.link_changed.emit()
        bench.desk.shot_changed.emit()
    assert drawn == []
    bench.qtbot.waitUntil(lambda: drawn == ["BudgetPage"])
    # Behind another page it is drawn when it is seen, once.
    bench.view.tiles.show_page(2)
    bench.wait_drawn()
    assert drawn.count("LanesPage") == 1


def test_demands_that_come_change_no_link(bench: Bench) -> None:
    bench.open()
    bench.select("adlershof")
    session, changed = bench.session, []
    bench.desk.link_changed.connect(lambda: changed.append(session.picture))
    assert session.picture is not None
    session.show(session.picture.with_demands(1.0))
    assert changed == []
    session.show(replace(session.picture))
    assert changed == [session.picture]


def test_a_cut_link_says_so_everywhere(bench: Bench) -> None:
    bench.open()
    bench.session.set_time(CUT_DAYS)
    bench.select("berlin-potsdam")
    assert "cut" in bench.view.header.verdict.text()
    assert bench.view.header.margin.text() == "No data"
    assert "cut" in bench.view.budget.reason.text()
    bench.view.tiles.show_page(1)
    bench.qtbot.waitUntil(lambda: "cut" in bench.view.path.level.empty.text())
    bench.view.tiles.show_page(3)
    bench.qtbot.waitUntil(lambda: bench.desk.waveform is not None and bench.desk.running is None)
    assert bench.view.signal.state.text() == "Not simulated"
    assert "cut" in bench.view.signal.coherent.spectrum.empty.text()


def test_the_path_is_drawn_both_ways_and_its_parts_are_told(bench: Bench) -> None:
    bench.open()
    bench.select("berlin-potsdam")
    bench.view.tiles.show_page(1)
    page = bench.view.path
    bench.qtbot.waitUntil(lambda: len(page.level.series) == 2 and bool(page.schematic.marks))
    ends = {item.key: (item.y[0], item.y[-1]) for item in page.level.series}
    lane = bench.desk.shot.lane
    assert ends["a_to_b"][0] == lane.launch_power_dbm
    assert ends["b_to_a"][1] == lane.launch_power_dbm
    mark = next(m for m in page.schematic.marks if m.path.elements[m.number].kind == "fiber")
    bench.qtbot.mouseMove(page.schematic, QPointF(0.5 * (mark.left + mark.right), mark.y).toPoint())
    bench.qtbot.waitUntil(lambda: page.schematic.chosen >= 0)
    assert page.level.crosshair.x == pytest.approx(0.5 * mark.path.distance_km[-1])
    text = page.schematic.describe(mark)
    assert mark.path.elements[mark.number].part.id in text
    assert format_number(float(mark.path.level_dbm[mark.number])) in text


def test_a_click_on_a_lane_chooses_it(bench: Bench) -> None:
    bench.open()
    bench.select("adlershof")
    bench.view.tiles.show_page(2)
    chart = bench.view.lanes.charts["margin_db"]
    bench.qtbot.waitUntil(lambda: bool(chart.series))
    place = chart.plot.mapFromScene(chart.view.mapViewToScene(QPointF(2.2, 0.2)))
    bench.qtbot.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    selection = bench.session.selection
    assert (selection.channel_index, selection.lane, selection.direction) == (0, 2, "b_to_a")


def test_the_signal_is_simulated_while_it_is_seen(bench: Bench) -> None:
    bench.open()
    bench.select("adlershof")
    assert bench.desk.running is None
    assert not bench.desk.is_waiting
    bench.view.tiles.show_page(3)
    assert bench.desk.is_waiting
    bench.qtbot.waitUntil(lambda: bench.desk.waveform is not None and bench.desk.running is None, timeout=60_000)
    page = bench.view.signal
    assert page.panels.currentWidget() is page.direct
    assert page.button.text() == "Run again"
    shot = bench.desk.waveform
    assert shot is not None
    assert shot.result is not None
    assert format_number(shot.result.fec_margin_db, signed=True) in page.numbers.text()
    assert {item.key for item in page.direct.levels.series} == {f"level-{level}" for level in range(4)}
    bench.qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert page.button.text() == "Cancel"
    bench.qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert bench.desk.running is None
    assert bench.desk.waveform is shot  # what had come stays


def test_what_was_cancelled_does_not_begin_again_unasked(bench: Bench) -> None:
    bench.open()
    bench.select("adlershof")
    bench.view.tiles.show_page(3)
    bench.desk.cancel()
    assert bench.view.signal.state.text() == "Cancelled"
    bench.desk.shot_changed.emit()
    bench.desk.deliver("link", bench.desk.shot)
    assert not bench.desk.is_waiting
    bench.session.set_field("conditions.connector_loss_db", 0.9, "dirtier")  # another lane, so to say
    bench.wait_shot()
    assert bench.desk.is_waiting
    bench.desk.cancel()


def test_the_end_of_an_earlier_run_does_not_end_the_next(bench: Bench) -> None:
    bench.open()
    bench.select("adlershof")
    bench.desk.run()
    bench.desk.run()
    assert bench.desk.running is not None
    bench.desk.deliver("lane_done", 1)  # of the first one, late
    assert bench.desk.running is not None
    bench.desk.deliver("lane_done", 2)
    assert bench.desk.running is None
    bench.desk.lane_worker.cancel()


def test_a_simulation_that_breaks_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr("lightlane.simulate_link", break_down)
    said: list[str] = []
    bench.session.noticed.connect(lambda _, text: said.append(text))
    bench.open()
    bench.select("adlershof")
    bench.view.tiles.show_page(3)
    bench.qtbot.waitUntil(lambda: bench.view.signal.state.text().startswith("Failed"))
    assert "a wheel came off" in "".join(said)
    assert bench.desk.running is None


def test_pages_lie_side_by_side_where_there_is_room(bench: Bench) -> None:
    bench.open()
    bench.select("berlin-potsdam")
    bench.view.resize(*WIDE)
    bench.qtbot.waitUntil(lambda: bench.view.tiles.is_tiled)
    pages = (bench.view.budget, bench.view.path, bench.view.lanes, bench.view.signal)
    assert all(page.isVisible() for page in pages)
    bench.desk.cancel()
    bench.view.resize(*NARROW)
    bench.qtbot.waitUntil(lambda: not bench.view.tiles.is_tiled)
    assert [page.isVisible() for page in pages].count(True) == 1
    assert (bench.view.width(), bench.view.height()) == NARROW


def test_the_theme_reaches_every_chart(bench: Bench) -> None:
    bench.open()
    bench.select("berlin-potsdam")
    bench.view.tiles.show_page(1)
    bench.session.set_theme(LIGHT)
    shot = bench.view.path.level.plot.grab().toImage()
    assert shot.pixelColor(2, 2).name() == LIGHT.plot


def test_every_control_has_a_name_and_a_tooltip(bench: Bench) -> None:
    bench.open()
    bench.select("adlershof")
    mine = (bench.view.chooser, bench.view.path, bench.view.signal)
    controls: list[QWidget] = []
    for part in mine:
        controls += [*part.findChildren(QToolButton), *part.findChildren(QPushButton), *part.findChildren(QComboBox)]
    assert len(controls) >= 7
    assert [item for item in controls if not item.accessibleName() or not item.toolTip()] == []
    assert {"Next lane", "Deciding lane", "Link: Signal"} <= {item.text() for item in bench.view.actions_offered()}

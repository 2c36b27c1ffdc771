"""The tables of the fabric, used as a person does: sort, filter, select, copy, export."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lightlane import LiveScenario
from lightlane.toolkit import classify_margin
from lightlane_gui.session.opening import open_document
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.tables.browser import FabricBrowser
from lightlane_gui.tables.column_table import ColumnSpec, ColumnTable, TextColumn
from lightlane_gui.tables.fabric_tables import LINK_RECORD, build_links
from lightlane_gui.tables.table_model import ClassRole
from lightlane_gui.tables.table_page import TablePage
from lightlane_gui.theme import CLASS_KEYS, DARK, LIGHT
from lightlane_gui.workbench import Workbench

SCENARIO = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"
LATE_DAYS = 2190.0


@pytest.fixture
def browser(qtbot: QtBot) -> Iterator[FabricBrowser]:
    """Tables of a scenario late in its life, where something is down."""
    workbench = Workbench()
    shown = FabricBrowser(workbench.session)
    qtbot.addWidget(shown)
    shown.resize(900, 400)
    shown.show()
    workbench.session.open(open_document(SCENARIO), time_days=LATE_DAYS)
    wait_until_fresh(qtbot, shown)
    yield shown
    workbench.close()


def wait_until_fresh(qtbot: QtBot, browser: FabricBrowser) -> None:
    """Wait for the picture with its demands, and until the table on display has it."""
    session = browser.session

    def is_fresh() -> bool:
        picture = session.picture
        return picture is not None and picture.routed and not session.is_stale and not browser._timer.isActive()

    qtbot.waitUntil(is_fresh, timeout=10_000)


def hold_answers(browser: FabricBrowser) -> None:
    """Let edits be answered by nobody but the test."""
    workbench = browser.session.parent()
    assert isinstance(workbench, Workbench)
    browser.session.edited.disconnect(workbench._ask_fabric)


def column(page: TablePage, key: str) -> int:
    return [spec.key for spec in page.model.table.specs].index(key)


def cells(page: TablePage, key: str) -> list[str]:
    place = column(page, key)
    return [str(page.model.index(row, place).data()) for row in range(page.model.rowCount())]


def click_cell(qtbot: QtBot, page: TablePage, row: int, place: int = 0) -> None:
    spot = page.view.visualRect(page.model.index(row, place)).center()
    qtbot.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def test_the_numbers_are_those_of_the_headless_tables(browser: FabricBrowser) -> None:
    state = LiveScenario.open(SCENARIO).state(time_days=LATE_DAYS)
    table, headless = browser.pages["link"].model.table, state.tables["links"]
    for key in ("margin_db", "latency_us", "length_km", "channels", "rate_gbps"):
        np.testing.assert_allclose(table.numbers(key), headless[key].astype(float), rtol=1e-12, err_msg=key)
    for key in ("link", "a", "b", "module", "status", "limited_by"):
        assert [table.texts(key)[row] for row in range(len(table))] == headless[key].tolist(), key
    page = browser.pages["link"]
    place = column(page, "margin_db")
    for row, name in enumerate(cells(page, "link")):
        number = headless["link"].tolist().index(name)
        wanted = classify_margin(headless["margin_db"][number], headless["status"][number]).key
        assert page.model.index(row, place).data(ClassRole) == wanted


def test_demands_sites_and_ducts(qtbot: QtBot, browser: FabricBrowser) -> None:
    state = LiveScenario.open(SCENARIO).state(time_days=LATE_DAYS)
    browser.tabs.setCurrentWidget(browser.pages["demand"])
    page = browser.pages["demand"]
    assert cells(page, "status") == state.tables["demands"]["status"].tolist()
    links = state.tables["links"].rows()
    for kind, ends in (("site", lambda link: (link.a, link.b)), ("duct", lambda link: link.ducts)):
        browser.tabs.setCurrentWidget(browser.pages[kind])  # type: ignore[index]
        table = browser.pages[kind].model.table  # type: ignore[index]
        users = {link.name: ends(link) for link in state.fabric.link}
        for name, margin_db, count in zip(
            table.names, table.numbers("margin_db"), table.numbers("links_count"), strict=True
        ):
            own = [row["margin_db"] for row in links if name in users[row["link"]]]
            assert count == len(own)
            known = [value for value in own if value is not None]
            assert margin_db == min(known) if known else np.isnan(margin_db)


def test_sorting_by_a_click_on_the_header(qtbot: QtBot, browser: FabricBrowser) -> None:
    page = browser.pages["link"]
    header = page.view.horizontalHeader()
    place = column(page, "margin_db")
    spot = header.sectionViewportPosition(place) + 20
    for descending in (False, True):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot, 8))
        values = page.model.table.numbers("margin_db")[page.model.rows]
        known = values[~np.isnan(values)]
        assert known.tolist() == sorted(known.tolist(), reverse=descending)
        assert not np.isnan(values[: len(known)]).any()


def test_filtering_while_typing(qtbot: QtBot, browser: FabricBrowser) -> None:
    page = browser.pages["link"]
    margins_db = page.model.table.numbers("margin_db")
    limit_db = float(np.nanmedian(margins_db))
    qtbot.keyClicks(page.filter.line, f"margin < {limit_db:.6f} dB")
    wanted = {name for name, value in zip(page.model.table.names, margins_db, strict=True) if value < limit_db}
    assert 0 < len(wanted) < len(margins_db)
    assert set(cells(page, "link")) == wanted
    assert page.count.text() == f"{len(wanted)} of {len(margins_db)} links"
    # What is pasted and is no filter is said in words, and the last one holds.
    page.filter.line.setText(f"{page.filter.line.text()} and colour = red")
    assert page.filter.problem.isVisible()
    assert "there is no column 'colour'" in page.filter.problem.text()
    assert set(cells(page, "link")) == wanted
    page.filter.line.clear()
    assert page.model.rowCount() == len(margins_db)
    assert page.filter.problem.isHidden()


def test_words_are_completed_with_the_keyboard(qtbot: QtBot, browser: FabricBrowser) -> None:
    line = browser.pages["link"].filter.line
    line.setFocus()
    qtbot.keyClicks(line, "lim")
    popup = browser.pages["link"].filter._completer.popup()
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert line.text() == "limited_by "


def test_selection_goes_both_ways_and_stays_with_its_row(qtbot: QtBot, browser: FabricBrowser) -> None:
    session, page = browser.session, browser.pages["link"]
    click_cell(qtbot, page, 2)
    name = cells(page, "link")[2]
    assert session.selection.link == name
    page.view.sortByColumn(column(page, "margin_db"), Qt.SortOrder.AscendingOrder)
    session.set_field("conditions.connector_loss_db", 0.3, "Dirt")
    wait_until_fresh(qtbot, browser)
    assert page.current_name() == session.selection.link == name
    other = page.model.table.names[0]
    session.select("link", other)
    assert page.current_name() == other
    site = session.document.fabric.site[1].name  # type: ignore[union-attr]
    session.select("site", site)
    assert browser.tabs.currentWidget() is browser.pages["site"]
    assert browser.pages["site"].current_name() == site
    assert page.current_name() == ""


def test_the_selected_row_is_followed_where_sorting_takes_it(qtbot: QtBot) -> None:
    specs = (ColumnSpec("link", "Link", "text", is_searched=True), ColumnSpec("margin_db", "Margin"))
    names = [f"l{number}" for number in range(9)]
    page = TablePage("Links", "", DARK)
    qtbot.addWidget(page)
    margin_db = np.arange(9.0)
    page.set_table(
        ColumnTable(specs, {"link": TextColumn(names), "margin_db": margin_db}, names), stale=False, selected=""
    )
    page.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    page.follow("l1")
    assert page.view.currentIndex().row() == 1
    told: list[str] = []
    page.picked.connect(told.append)
    turned = ColumnTable(specs, {"link": TextColumn(names), "margin_db": -margin_db}, names)
    page.set_table(turned, stale=False, selected="l1")
    assert page.view.currentIndex().row() == 7
    assert page.current_name() == "l1"
    assert told == []


def test_a_link_is_opened_by_double_click_and_by_enter(qtbot: QtBot, browser: FabricBrowser) -> None:
    page = browser.pages["link"]
    click_cell(qtbot, page, 1)
    with qtbot.waitSignal(browser.link_opened) as opened:
        spot = page.view.visualRect(page.model.index(1, 0)).center()
        qtbot.mouseDClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert opened.args == [cells(page, "link")[1]]
    with qtbot.waitSignal(browser.link_opened) as opened:
        qtbot.keyClick(page.view, Qt.Key.Key_Down)
        qtbot.keyClick(page.view, Qt.Key.Key_Return)
    assert opened.args == [cells(page, "link")[2]]


def test_figures_of_earlier_parameters_carry_a_sign(qtbot: QtBot, browser: FabricBrowser) -> None:
    page = browser.pages["link"]
    assert not any("?" in text for text in cells(page, "margin_db"))
    hold_answers(browser)
    browser.session.version += 1  # an edit whose picture has not come
    browser.session.edited.emit()
    qtbot.waitUntil(lambda: all(text.endswith("?") for text in cells(page, "margin_db")), timeout=5_000)
    assert not any("?" in text for text in cells(page, "length_km"))
    # So do those of a table that is looked at only now.
    browser.tabs.setCurrentWidget(browser.pages["site"])
    assert all(text.endswith("?") for text in cells(browser.pages["site"], "margin_db") if text)
    picture = browser.session.picture
    assert picture is not None
    browser.session.show(replace(picture, version=browser.session.version))
    wait_until_fresh(qtbot, browser)
    for kind in ("site", "link"):
        browser.tabs.setCurrentWidget(browser.pages[kind])
        assert not any("?" in text for text in cells(browser.pages[kind], "margin_db"))


def test_tables_are_written_after_the_picture_that_is_awaited_and_not_before(
    qtbot: QtBot, browser: FabricBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, page = browser.session, browser.pages["link"]
    first = session.picture
    assert first is not None
    hold_answers(browser)
    written: list[tuple[bool, int]] = []
    write = page.set_table

    def note(table: ColumnTable, *, stale: bool, selected: str) -> None:
        assert session.picture is not None
        written.append((stale, session.picture.version))
        write(table, stale=stale, selected=selected)

    monkeypatch.setattr(page, "set_table", note)
    session.show(first)  # demands have come, say
    assert browser._timer.isActive()
    session.version += 1
    session.edited.emit()
    browser._timer.timeout.emit()  # while an answer is awaited
    assert not written
    session.show(replace(first, version=session.version))
    qtbot.waitUntil(lambda: bool(written), timeout=5_000)
    assert written == [(False, session.version)]
    # An answer that does not come is waited for no longer than marks may be.
    session.show(session.picture)
    session.version += 1
    session.edited.emit()
    browser._timer.timeout.emit()
    qtbot.waitUntil(lambda: len(written) > 1, timeout=5_000)
    assert written[1:] == [(True, session.version - 1)]
    # Once they are marked, a drag that goes on is followed picture by picture.
    session.version += 1
    session.edited.emit()
    session.show(replace(first, version=session.version - 1))
    qtbot.waitUntil(lambda: len(written) > 2, timeout=5_000)
    assert written[2:] == [(True, session.version - 1)]


def test_comparing_adds_the_reference_and_the_change(qtbot: QtBot, browser: FabricBrowser) -> None:
    session, page = browser.session, browser.pages["link"]
    before = dict(zip(page.model.table.names, page.model.table.numbers("margin_db"), strict=True))
    session.set_field("conditions.connector_loss_db", 0.4, "Dirt")
    session.compare_with("baseline")
    qtbot.waitUntil(lambda: session.reference is not None, timeout=10_000)
    wait_until_fresh(qtbot, browser)
    table = page.model.table
    np.testing.assert_allclose(table.numbers("reference_margin_db"), [before[name] for name in table.names])
    np.testing.assert_allclose(
        table.numbers("change_db"), table.numbers("margin_db") - table.numbers("reference_margin_db")
    )
    assert np.nanmax(table.numbers("change_db")) <= 0
    assert np.nanmin(table.numbers("change_db")) < 0
    session.compare_with(None)
    qtbot.waitUntil(lambda: "change_db" not in [spec.key for spec in page.model.table.specs], timeout=5_000)


def test_rows_are_copied_and_exported(qtbot: QtBot, browser: FabricBrowser, tmp_path: Path) -> None:
    page = browser.pages["link"]
    click_cell(qtbot, page, 0)
    qtbot.keyClick(page.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    page.copy_action.trigger()
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert [row[0] for row in rows] == ["link", *cells(page, "link")[:2]]
    page.view.sortByColumn(column(page, "length_km"), Qt.SortOrder.DescendingOrder)
    page.export_csv(tmp_path / "links.csv")
    with (tmp_path / "links.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["link"] for row in read] == cells(page, "link")
    state = LiveScenario.open(SCENARIO).state(time_days=LATE_DAYS)
    lengths = dict(zip(state.tables["links"]["link"], state.tables["links"]["length_km"], strict=True))
    assert [float(row["length_km"]) for row in read] == pytest.approx([lengths[row["link"]] for row in read])


def test_the_chip_has_the_color_of_the_class_in_both_themes(qtbot: QtBot, browser: FabricBrowser) -> None:
    page = browser.pages["link"]
    for theme in (browser.session.theme, LIGHT):
        browser.session.set_theme(theme)
        for row in range(page.model.rowCount()):
            index = page.model.index(row, column(page, "margin_db"))
            key = index.data(ClassRole)
            assert key in CLASS_KEYS
            if key in ("down", "unknown"):
                continue
            rect = page.view.visualRect(index)
            image = page.view.viewport().grab(rect).toImage()
            assert image.pixelColor(12, rect.height() // 2).name() == theme.classes[key]


@pytest.mark.parametrize(
    "odd", [[], ["two\nlines"], ["x" * 300]], ids=["letters alone", "a line break within", "one is very long"]
)
@pytest.mark.parametrize("descending", [False, True])
def test_many_different_texts_are_in_the_order_of_their_letters(odd: list[str], descending: bool) -> None:
    rng = np.random.default_rng(3)
    letters = list("abYZ09 -\u00c4\u00f6\u0141\u4e2d\U0001f600")
    texts = ["".join(rng.choice(letters, size=length)) for length in rng.integers(0, 14, 12_000)] + odd
    texts += texts[:500]  # what is equal stays in the order of the rows
    table = ColumnTable((ColumnSpec("name", "Name", "text"),), {"name": TextColumn(texts)}, texts)
    assert len(table.texts("name").texts) > 5000
    mask = np.arange(len(texts)) % 3 != 0
    for rows, given in ((range(len(texts)), None), (np.flatnonzero(mask).tolist(), mask)):
        expected = sorted(rows, key=lambda row: texts[row].lower(), reverse=descending)
        found = table.order("name", descending=descending, mask=given)
        assert [texts[row].lower() for row in found] == [texts[row].lower() for row in expected]
        same = [(a, b) for a, b in pairwise(found) if texts[a] == texts[b]]
        assert same
        assert all(a < b for a, b in same)


def test_only_cells_that_look_otherwise_are_told(qtbot: QtBot) -> None:
    specs = (
        ColumnSpec("name", "Name", "text"), ColumnSpec("margin_db", "Margin", is_live=True),
        ColumnSpec("status", "Status", "text", is_live=True), ColumnSpec("length_km", "Length"),
    )  # fmt: skip
    names, count = [f"link-{number}" for number in range(6)], 6
    values = np.array([5.0, 4.0, np.nan, 2.0, 1.0, 0.5])

    def table(margin_db: np.ndarray, status: list[str], classes: list[int]) -> ColumnTable:
        columns = {
            "name": TextColumn(names), "margin_db": margin_db, "status": TextColumn(status),
            "length_km": np.full(count, 80.0),
        }  # fmt: skip
        return ColumnTable(specs, columns, names, np.array(classes, dtype=np.uint8))

    page = TablePage("Links", "filter", DARK)
    qtbot.addWidget(page)
    page.set_table(table(values, ["up"] * count, [4] * count), stale=False, selected="")
    told: list[tuple[int, int, int, int]] = []
    page.model.dataChanged.connect(
        lambda first, last, _roles: told.append((first.row(), first.column(), last.row(), last.column()))
    )

    def take(shown: ColumnTable, *, stale: bool = False) -> list[tuple[int, int, int, int]]:
        told.clear()
        page.set_table(shown, stale=stale, selected="")
        return list(told)

    assert take(table(values.copy(), ["up"] * count, [4] * count)) == []
    moved = values.copy()
    moved[[1, 3]] -= 0.1
    assert take(table(moved, ["up"] * count, [4] * count)) == [(1, 1, 3, 1)]
    # Another class has another chip, whatever the number; another text is another column.
    assert take(table(moved, ["up"] * count, [4] * 5 + [0])) == [(0, 1, 5, 1)]
    assert take(table(moved, ["up"] * 5 + ["down"], [4] * 5 + [0])) == [(0, 2, 5, 2)]
    assert take(table(moved, ["up"] * 5 + ["down"], [4] * 5 + [0]), stale=True) == [(0, 1, 5, 1), (0, 2, 5, 2)]
    assert page.model.index(5, 2).data() == "down ?"
    # Rows that go elsewhere are told whole.
    page.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    risen = moved.copy()
    risen[5] = 9.0
    assert take(table(risen, ["up"] * 5 + ["down"], [4] * 5 + [0]), stale=True) == [(0, 0, 5, 3)]
    assert [page.model.name_at(place) for place in range(count)] == [names[row] for row in (4, 3, 1, 0, 5, 2)]


def test_columns_of_records_are_taken_over_only_where_records_say_the_same() -> None:
    live = LiveScenario.open(SCENARIO)
    state = live.state()
    picture = FabricPicture(0, "baseline", 0.0, state, routed=False, elapsed_ms=0.0)
    first = build_links(live.fabric, picture, None, compared=False)
    again = build_links(live.fabric, picture, None, compared=False, before=first)
    assert all(again.columns[key] is first.columns[key] for key in LINK_RECORD)
    duct = live.fabric.duct[0]
    ducts = (duct.model_copy(update={"length_km": duct.length_km + 1.0}), *live.fabric.duct[1:])
    longer = build_links(live.fabric.model_copy(update={"duct": ducts}), None, None, compared=False, before=first)
    rows = [duct.name in link.ducts for link in live.fabric.link]
    assert (longer.numbers("length_km") - first.numbers("length_km")).tolist() == pytest.approx(
        [float(x) for x in rows]
    )
    assert any(rows)

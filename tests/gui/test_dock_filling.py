"""The window shows its map first; the views of the docks come after it and know what went on before."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from lightlane_gui.app import look_for_garbage, open_window
from lightlane_gui.session.session import Session
from lightlane_gui.session.settings import Settings
from lightlane_gui.window.garbage import OLD_COUNT, TRIM_S, YOUNG_COUNT, GarbageKeeper
from lightlane_gui.window.main_window import MainWindow


@pytest.fixture
def window(qtbot: Any, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """Return a window with nothing open, not shown."""
    workbench, found = open_window(qapp, Settings(tmp_path / "settings.ini"), autosave_folder=tmp_path)
    yield found
    found.session.undo_stack.setClean()
    found.close()
    workbench.close()


def test_the_map_is_there_before_the_docks_and_these_follow(qtbot: Any, window: MainWindow, metro_path: Path) -> None:
    made: list[tuple[str, bool]] = []
    window.views.made.connect(lambda key, _: made.append((key, window.session.picture is not None)))
    assert [key for key in window.docks if window.views.is_made(key)] == ["problems"]
    window.show()
    window.files.open(metro_path)
    assert made == []
    with qtbot.waitSignal(window.filler.filled):
        pass
    assert len(made) == len(window.docks) - 1
    assert all(had_picture for _, had_picture in made)
    # What is in sight comes before what is behind a tab.
    assert [key for key, _ in made][-1] == "batch"
    assert all(window.docks[key].widget() is window.views.docked(key) for key in window.docks)


def test_views_that_come_late_know_what_is_open(qtbot: Any, window: MainWindow, metro_path: Path) -> None:
    window.show()
    window.files.open(metro_path)
    session = window.session
    qtbot.waitUntil(lambda: session.picture is not None and session.picture.routed)
    session.select("link", session.picture.links[0])
    window.filler.fill()
    views = window.views
    assert views.timeline.track._markers
    qtbot.waitUntil(lambda: views.timeline.figures._figures is not None)
    assert views.fabric.pages["link"].current_name() == session.picture.links[0]
    assert views.link.header.name.text() == session.picture.links[0]
    assert views.batch.setup.folder.text()
    assert views.batch.setup.isEnabled()
    qtbot.waitUntil(lambda: len(views.what_if.groups) > 0)


def test_docks_are_filled_without_a_fabric_and_offer_their_actions(qtbot: Any, window: MainWindow) -> None:
    places = list(window.actions_book.groups())
    assert not window.actions_book.groups()["Timeline"]
    window.filler.fill()
    assert list(window.actions_book.groups()) == places
    offered = window.actions_book.groups()
    assert all(offered[place] for place in places)
    for key in ("new-variant", "reset-variant"):
        window.actions_book[key].trigger()
    assert window.session.document is None


def test_a_window_is_made_without_what_only_plots_and_simulations_need() -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "import lightlane_gui.app;"
        "print([name for name in ('pyqtgraph', 'matplotlib', 'pyarrow', 'lightlane.lane.waveform.simulate',"
        "'lightlane.schemas') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


def test_garbage_is_looked_for_once_the_window_is_complete() -> None:
    gc.disable()
    try:
        look_for_garbage()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()


def test_what_a_document_is_made_of_is_left_out_of_the_search_from_its_first_rest_on(
    qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("unfreeze", "freeze"):
        monkeypatch.setattr(gc, name, lambda name=name: calls.append(name))
    monkeypatch.setattr(gc, "collect", lambda *generation: calls.append(" ".join(["collect", *map(str, generation)])))
    before, session = gc.get_threshold(), Session()
    keeper = GarbageKeeper(session, session)
    assert keeper.parent() is session
    try:
        session.document_opened.emit()
        assert calls == []
        session.problems_changed.emit()
        assert calls == ["freeze"]
        session.document_opened.emit()
        session.problems_changed.emit()
        assert calls[1:] == ["unfreeze", "collect", "freeze"]
        monkeypatch.setattr(gc, "get_count", lambda: (0, 0, OLD_COUNT - 1))
        session.problems_changed.emit()
        assert len(calls) == 4
        monkeypatch.setattr(gc, "get_count", lambda: (0, 0, OLD_COUNT))
        session.problems_changed.emit()
        assert calls[4:] == ["collect"]
        # What was made since the last rest, where it is much.
        monkeypatch.setattr(gc, "get_count", lambda: (YOUNG_COUNT - 1, 0, OLD_COUNT - 1))
        session.problems_changed.emit()
        assert len(calls) == 5
        monkeypatch.setattr(gc, "get_count", lambda: (YOUNG_COUNT, 0, OLD_COUNT - 1))
        session.problems_changed.emit()
        assert calls[5:] == ["collect 1"]
        # Before the window is complete nothing is looked for.
        monkeypatch.setattr(gc, "isenabled", lambda: False)
        session.problems_changed.emit()
        assert len(calls) == 6
    finally:
        gc.set_threshold(*before)


def test_memory_is_given_back_at_a_rest_now_and_then(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given, now = [], [100.0]
    monkeypatch.setattr("lightlane_gui.window.garbage.give_back_memory", lambda: given.append(now[0]))
    monkeypatch.setattr("lightlane_gui.window.garbage.time.monotonic", lambda: now[0])
    before, session = gc.get_threshold(), Session()
    GarbageKeeper(session, session)
    try:
        for now[0] in (101.0, 101.0 + TRIM_S, 102.0 + TRIM_S, 110.0 + 2 * TRIM_S):
            session.problems_changed.emit()
        assert given == [101.0 + TRIM_S, 110.0 + 2 * TRIM_S]
    finally:
        gc.set_threshold(*before)


def test_tables_that_come_late_show_the_kind_that_is_selected(qtbot: Any, window: MainWindow, metro_path: Path) -> None:
    window.files.open(metro_path)
    document = window.session.document
    assert document is not None
    window.session.select("duct", document.fabric.duct[0].name)
    fabric = window.views.fabric
    assert fabric.tabs.currentWidget() is fabric.pages["duct"]
    assert fabric.pages["duct"].current_name() == document.fabric.duct[0].name

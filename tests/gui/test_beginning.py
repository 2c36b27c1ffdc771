"""What a window begins with is read beside it: the window is there meanwhile, and mistakes are told as ever."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from lightlane_gui.app import begin, open_window
from lightlane_gui.session.opening import demo_path, open_file
from lightlane_gui.session.settings import Settings
from lightlane_gui.window.main_window import MainWindow
from lightlane_gui.workers import reader


@pytest.fixture
def window(qtbot: Any, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """Return a window with nothing open."""
    workbench, found = open_window(qapp, Settings(tmp_path / "settings.ini"), autosave_folder=tmp_path)
    found.show()
    yield found
    found.session.undo_stack.setClean()
    found.close()
    workbench.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Return what the reading of files waits for."""
    found = threading.Event()

    def read(path: Path) -> Any:
        found.wait(30.0)
        return open_file(path)

    monkeypatch.setattr(reader, "open_file", read)
    yield found
    found.set()


def test_window_lives_while_its_first_file_is_read(
    qtbot: Any, window: MainWindow, gate: threading.Event, metro_path: Path
) -> None:
    begin(window, metro_path)
    said = window.views.map.canvas.message
    assert said[0].startswith(f"Reading {metro_path.name}")
    assert said[0] in window.views.map.canvas.accessibleDescription()
    QApplication.processEvents()
    assert window.session.document is None
    gate.set()
    qtbot.waitUntil(lambda: window.session.document is not None)
    assert window.session.document.path == metro_path
    assert window.settings.recent[0] == metro_path
    qtbot.waitUntil(lambda: window.session.picture is not None)
    assert window.views.map.canvas.message == ()


def test_without_a_file_the_demo_is_opened_and_not_remembered(qtbot: Any, window: MainWindow) -> None:
    begin(window, None)
    qtbot.waitUntil(lambda: window.session.document is not None)
    assert window.session.document.path == demo_path()
    assert window.settings.recent == []


def test_what_is_opened_meanwhile_stays(
    qtbot: Any, window: MainWindow, gate: threading.Event, metro_path: Path
) -> None:
    begin(window, demo_path())
    assert window.files.open(metro_path)
    gate.set()
    qtbot.waitUntil(lambda: not window.files._reader._thread.is_alive())
    QApplication.processEvents()
    assert window.session.document.path == metro_path


@pytest.mark.parametrize("text", [None, "format = 1\nname = 3\n"])
def test_mistakes_in_the_first_file_are_told_before_edits_left_behind_are_offered(
    qtbot: Any, window: MainWindow, tmp_path: Path, text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, offered = tmp_path / "first.toml", []
    monkeypatch.setattr(window.files, "offer_recovery", lambda: offered.append(1))
    if text is not None:
        path.write_text(text)
    begin(window, path)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.session.document is None
    assert window.views.map.canvas.message[0] == "No fabric is open"
    assert not offered
    begin(window, demo_path())
    qtbot.waitUntil(lambda: bool(offered))
    assert not window.banner.isVisible()


def test_window_may_be_closed_while_a_file_is_read(window: MainWindow, gate: threading.Event, metro_path: Path) -> None:
    begin(window, metro_path)
    gate.set()
    window.close()
    assert not window.files._reader._thread.is_alive()
    QApplication.processEvents()
    assert window.session.document is None


def test_docks_are_not_filled_after_the_window_is_closed(qtbot: Any, window: MainWindow, metro_path: Path) -> None:
    begin(window, metro_path)
    with qtbot.waitSignal(window.views.made):
        pass
    there = [key for key in window.docks if window.views.is_made(key)]
    assert len(there) < len(window.docks)
    window.close()
    for _ in range(20):
        QApplication.processEvents()
    assert [key for key in window.docks if window.views.is_made(key)] == there


def test_models_are_built_when_they_are_used_and_the_core_is_loaded_before_qt() -> None:
    code = (
        "import sys, pydantic; from lightlane_gui import load_core; load_core();"
        "find = lambda model: [model, *(found for kind in model.__subclasses__() for found in find(kind))];"
        "ours = [model for model in find(pydantic.BaseModel) if model.__module__.startswith('lightlane')];"
        "print(len(ours) > 40, [model.__name__ for model in ours if model.__pydantic_complete__],"
        "[name for name in sys.modules if name.startswith('PySide6')])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "True [] []"

"""No action of the window ends in an error, whether something is open or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox

from lightlane_gui.app import open_window
from lightlane_gui.session.settings import Settings
from lightlane_gui.window.palette import Palette

ENDS = {"action-quit"}
"""Actions after which there is no window."""


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close every dialog without an answer."""
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_a, **_k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: "")
    monkeypatch.setattr(QMessageBox, "question", lambda *_a, **_k: QMessageBox.StandardButton.Cancel)
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda *_: True)


@pytest.fixture(scope="module")
def empty(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a window in which nothing is open."""
    tmp_path = tmp_path_factory.mktemp("empty")
    bench, window = open_window(qapp, Settings(tmp_path / "settings.ini"), autosave_folder=tmp_path)
    window.show()
    window.filler.fill()
    yield window
    window.session.undo_stack.setClean()
    window.close()
    bench.close()
    _KEPT.append((bench, window))


_KEPT: list[Any] = []
"""Closed, not taken apart: in which order Python would do that nobody can say."""


def trigger_all(window: Any) -> list[str]:
    """Do everything that the window offers; return the errors that were told."""
    told: list[str] = []
    done = []
    window.session.noticed.connect(lambda level, text: told.append(text) if level == "error" else None)
    for action in list(window.actions_book):
        if action.objectName() in ENDS or action.objectName() == "action-demo" or not action.isEnabled():
            continue
        menu = action.menu()
        for item in [action] if menu is None else menu.actions():
            item.trigger()
            done.append(item.text())
            QApplication.processEvents()
            for widget in QApplication.topLevelWidgets():
                if isinstance(widget, (Palette, QDialog)):
                    widget.close()
    window.showNormal()
    assert len(done) > 40
    return told


def test_no_action_breaks_while_nothing_is_open(empty: Any) -> None:
    assert trigger_all(empty) == []
    assert empty.session.document is None


def test_actions_are_offered_as_far_as_they_can_be_done(empty: Any, user: Any) -> None:
    for key in ("save", "export-map", "undo", "redo", "new-variant", "reset-variant", "compare", "next-worst"):
        assert not empty.actions_book[key].isEnabled(), key
    assert empty.actions_book["open"].isEnabled()
    user.begin()
    book, session = user.book, user.session
    assert book["save"].isEnabled()
    assert not book["undo"].isEnabled()
    session.set_field("conditions.connector_loss_db", 0.4, "Connector loss")
    assert book["undo"].isEnabled()
    assert book["reset-variant"].isEnabled()
    assert not book["redo"].isEnabled()
    book["undo"].trigger()
    assert book["redo"].isEnabled()
    assert not book["undo"].isEnabled()
    assert not book["reset-variant"].isEnabled()


@pytest.mark.slow
def test_no_action_breaks_on_an_open_fabric(empty: Any, metro_path: Path, qtbot: Any) -> None:
    # Not in the window of the other tests: switches are left as nobody would leave them.
    session = empty.session
    assert empty.files.open(metro_path)
    qtbot.waitUntil(lambda: not session.is_stale and session.picture.routed, timeout=30_000)
    session.select("link", session.picture.links[0])
    assert trigger_all(empty) == []
    qtbot.waitUntil(lambda: not session.is_stale, timeout=30_000)

"""Tests of the desktop application: real widgets on Qt's offscreen platform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

EXAMPLES = Path(__file__).parents[2] / "examples"
METRO = EXAMPLES / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture
def metro_path() -> Path:
    """Return a scenario of four links, with events and a variant."""
    return METRO


@pytest.fixture
def workbench(qtbot: object) -> Iterator[object]:
    """Return a workbench without a window, whose threads end with the test."""
    from lightlane_gui.workbench import Workbench

    found = Workbench()
    yield found
    found.close()


@pytest.fixture
def what_if_panel(qtbot: Any, workbench: Any) -> Iterator[Any]:
    """Return the what-if panel on the example, at the size of a dock."""
    from lightlane_gui.session.opening import open_document
    from lightlane_gui.what_if.panel import WhatIfPanel

    shown = WhatIfPanel(workbench.session)
    qtbot.addWidget(shown)
    shown.resize(340, 800)
    shown.show()
    workbench.session.open(open_document(METRO))
    yield shown
    shown.close_threads()


class User:
    """Whoever sits before the window: presses keys, chooses from menus, waits for what comes."""

    def __init__(self, bench: Any, window: Any, folder: Path) -> None:
        self.bench, self.window, self.folder = bench, window, folder
        self.session, self.views, self.book = window.session, window.views, window.actions_book

    def wait(self, condition: Callable[[], Any], seconds: float = 30.0) -> None:
        """Let the window live until something holds."""
        from PySide6.QtTest import QTest

        for _ in range(round(100 * seconds)):
            if condition():
                return
            QTest.qWait(10)
        raise TimeoutError("it did not come")

    def settle(self) -> None:
        """Wait for the picture of the parameters on screen, routed, and for the tables."""
        session, fabric = self.session, self.views.fabric
        self.wait(lambda: not session.is_stale and session.picture.routed)
        if session.reference_variant is not None:
            self.wait(lambda: session.reference is not None and session.reference.version == session.version)
        self.wait(lambda: not fabric._timer.isActive())

    def open(self, path: Path) -> None:
        """Begin with a file, everything else as it was at first."""
        self.session.undo_stack.setClean()
        self.window.banner.hide()
        assert self.window.files.open(path)
        self.settle()

    def begin(self) -> None:
        """Have everything as it is when the example was just opened."""
        from lightlane_gui.window.layouts import LAYOUTS

        session, window = self.session, self.window
        window.activateWindow()
        window.banner.hide()
        window.resize(1440, 900)
        if window.layouts.current is not LAYOUTS[0]:
            window.layouts.show(LAYOUTS[0], fresh=True)
        is_edited = session.undo_stack.count() or not session.undo_stack.isClean() or len(session.form.names()) != 2
        if is_edited or session.document.path != METRO or session.time_days or session.reference_variant:
            self.open(METRO)
        session.select("")
        self.views.map.canvas.setFocus()

    def end(self) -> None:
        """Close what pops up, and give up what was changed."""
        from PySide6.QtWidgets import QApplication, QDialog

        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog):
                widget.close()
        self.session.undo_stack.setClean()

    def press(self, keys: str, widget: Any = None) -> None:
        """Press keys, where the focus is or in a widget that gets it first."""
        from PySide6.QtGui import QKeySequence
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QApplication

        if QApplication.activeWindow() is None:
            # A real desktop does so when a menu closes; the offscreen platform does not.
            self.window.activateWindow()
            self.wait(self.window.isActiveWindow)
        if widget is not None:
            widget.setFocus()
        target = QApplication.focusWidget() or self.window
        stroke = QKeySequence(keys)[0]
        QTest.keyClick(target, stroke.key(), stroke.keyboardModifiers())

    def choose(self, menu: str, text: str) -> None:
        """Choose a line of a menu of the bar."""
        from PySide6.QtWidgets import QMenu

        found = self.window.menuBar().findChild(QMenu, f"menu-{menu.lower()}")
        (action,) = [item for item in found.actions() if item.text().replace("&", "") == text]
        assert action.isEnabled()
        action.trigger()

    def popup(self) -> Any:
        """Return the menu or the palette that is open."""
        from PySide6.QtWidgets import QApplication

        self.wait(lambda: QApplication.activePopupWidget() is not None)
        return QApplication.activePopupWidget()


@pytest.fixture(scope="session")
def user(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """Return a user before a window on the example, at 1440 x 900, shared by all tests that have one."""
    from lightlane_gui.app import open_window
    from lightlane_gui.session.settings import Settings

    folder = tmp_path_factory.mktemp("window")
    settings = Settings(folder / "settings.ini")
    settings.knows_the_way = True
    bench, window = open_window(qapp, settings, autosave_folder=folder / "autosave")
    window.show()
    window.activateWindow()
    found = User(bench, window, folder)
    found.open(METRO)
    yield found
    window.session.undo_stack.setClean()
    window.close()
    bench.close()
    # Closed, not taken apart: in which order Python would do that nobody can say.
    _KEPT.append(found)


_KEPT: list[User] = []

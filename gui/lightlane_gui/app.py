"""Starting the application."""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from lightlane_gui.session.opening import demo_path
from lightlane_gui.session.session import Session
from lightlane_gui.session.settings import Settings
from lightlane_gui.theme import THEMES, apply_theme
from lightlane_gui.window.garbage import GarbageKeeper
from lightlane_gui.window.main_window import APP_NAME, MainWindow
from lightlane_gui.workbench import Workbench

SWITCH_S = 0.001
HARMLESS = ("propagateSizeHints",)
"""Parts of messages of Qt that say nothing to a user."""


def run_app(arguments: Sequence[str] | None = None) -> int:
    """Open the window on what the arguments name; return the exit code when it is closed."""
    parser = argparse.ArgumentParser(prog="lightlane-gui", description="The desktop application of Lightlane.")
    parser.add_argument("source", nargs="?", type=Path, help="fabric, scenario, session or results folder")
    parser.add_argument("--theme", choices=sorted(THEMES))
    given = parser.parse_args(sys.argv[1:] if arguments is None else list(arguments))
    app = QApplication.instance() or QApplication([APP_NAME])
    assert isinstance(app, QApplication)
    app.setApplicationName(APP_NAME)
    app.setDesktopFileName("lightlane")
    settings = Settings()
    if given.theme:
        settings.theme = given.theme
    workbench, window = open_window(app, settings)
    watch_errors(workbench.session)
    window.filler.filled.connect(look_for_garbage)
    window.show()
    # Of a results folder there is a panel and no map to begin with.
    recent = [path for path in settings.recent if path.is_file()] if settings.knows_the_way else []
    begin(window, given.source or next(iter(recent), None))
    code = app.exec()
    workbench.close()
    return code


def open_window(
    app: QApplication, settings: Settings, *, autosave_folder: Path | None = None
) -> tuple[Workbench, MainWindow]:
    """Return workbench and window, not shown yet."""
    # A worker that runs Python keeps the interpreter so long before the window gets it, a dozen times in a frame.
    sys.setswitchinterval(SWITCH_S)
    theme = THEMES.get(settings.theme, THEMES["dark"])
    apply_theme(app, theme)
    workbench = Workbench(theme)
    GarbageKeeper(workbench.session, workbench)
    return workbench, MainWindow(workbench, settings, autosave_folder=autosave_folder)


def begin(window: MainWindow, source: Path | None) -> None:
    """Open what the window begins with; None: the demo. Edits left behind are offered then: mistakes come first."""
    then = window.files.offer_recovery
    window.files.begin_with(source or demo_path(), remember=source is not None, then=then)


def look_for_garbage() -> None:
    """Begin to look for garbage, among what is made from now on: what the window was made of stays as long as it."""
    gc.freeze()
    gc.enable()


def watch_errors(session: Session) -> None:
    """Let what nobody caught, and what Qt complains of, go to the log; the window stays."""

    def tell(kind: type[BaseException], error: BaseException | None, trace: object) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = "".join(traceback.format_exception(error)) if error is not None else kind.__name__
        logging.getLogger("lightlane").error(text)
        session.notice(f"Something went wrong that should not; please report it.\n{text}", "error")

    def take_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(word in text for word in HARMLESS):
            session.notice(text, "warning")

    sys.excepthook = tell
    threading.excepthook = lambda hook: tell(hook.exc_type, hook.exc_value, hook.exc_traceback)
    qInstallMessageHandler(take_message)

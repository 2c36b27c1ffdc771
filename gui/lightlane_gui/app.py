"""Starting the application."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from lightlane_gui.session.opening import open_document
from lightlane_gui.theme import apply_theme
from lightlane_gui.window.main_window import MainWindow
from lightlane_gui.workbench import Workbench


def run_app(arguments: Sequence[str] | None = None) -> int:
    """Open the window on what the arguments name and return the exit code when it is closed."""
    names = list(sys.argv[1:] if arguments is None else arguments)
    app = QApplication(["lightlane"])
    workbench = Workbench()
    apply_theme(app, workbench.session.theme)
    window = MainWindow(workbench)
    if names:
        workbench.session.open(open_document(Path(names[0])))
    window.show()
    code = app.exec()
    workbench.close()
    return code

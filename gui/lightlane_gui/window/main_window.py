"""The window: the map in the middle, everything else in docks around it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from lightlane_gui.workbench import Workbench

Area = Qt.DockWidgetArea


class MainWindow(QMainWindow):
    """The one window of the application."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self.workbench = workbench
        self.session = workbench.session
        self.docks: dict[str, QDockWidget] = {}
        self.setDockNestingEnabled(True)
        self.resize(1440, 900)

    def add_dock(self, key: str, title: str, widget: QWidget, area: Area) -> QDockWidget:
        """Put a widget into a dock that the user can move and hide."""
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{key}")
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        self.docks[key] = dock
        return dock

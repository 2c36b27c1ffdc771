"""The window: the map in the middle, everything else in docks around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from lightlane_gui.session.autosave import Autosave
from lightlane_gui.session.settings import Settings
from lightlane_gui.window.actions import ActionBook
from lightlane_gui.window.banner import Banner
from lightlane_gui.window.export import StateExport
from lightlane_gui.window.files import Files
from lightlane_gui.window.filling import DockFiller
from lightlane_gui.window.happenings import Happenings
from lightlane_gui.window.help import FirstSteps
from lightlane_gui.window.layouts import LAYOUTS, LayoutKeeper
from lightlane_gui.window.map_pair import MapPair
from lightlane_gui.window.menus import list_actions
from lightlane_gui.window.status import StatusBar
from lightlane_gui.window.views import DOCK_TITLES, Views
from lightlane_gui.workbench import Workbench

APP_NAME = "Lightlane"
OFFERED = {
    "what-if": "What-if",
    "fabric": "Fabric",
    "link": "Link",
    "timeline": "Timeline",
    "batch": "Batch",
    "problems": "Problems",
}
"""Under which words what a view can do stands in the palette and the list of shortcuts."""


class MainWindow(QMainWindow):
    """The one window of the application.

    Parameters
    ----------
    autosave_folder
        Absent: the user's.
    """

    def __init__(self, workbench: Workbench, settings: Settings, *, autosave_folder: Path | None = None) -> None:
        super().__init__()
        self.workbench, self.settings = workbench, settings
        self.session = session = workbench.session
        self.setObjectName("main-window")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.views = views = Views(workbench)
        self.banner = Banner()
        self.first_steps = FirstSteps(lambda: setattr(settings, "knows_the_way", True))
        self.first_steps.paint_with(session.theme)
        self.first_steps.setVisible(not settings.knows_the_way)
        self.setCentralWidget(self._build_center())
        self.docks: dict[str, QDockWidget] = {}
        self._build_docks()
        self.autosave = Autosave(session, autosave_folder, self)
        self.files = Files(session, settings, self.autosave, self.banner, self, self.show_results)
        self.export = StateExport(session, self.banner, self)
        self.layouts = LayoutKeeper(self, self.docks, settings)
        self.actions_book = ActionBook(self)
        for spec in list_actions(self):
            self.actions_book.add(spec)
        self.actions_book.offer("Map", views.map.actions_offered())
        for place in OFFERED.values():
            self.actions_book.offer(place, [])
        self.actions_book.offer(OFFERED["problems"], views.problems.actions_offered())
        for key in ("undo", "redo"):
            self.actions_book[key].setEnabled(False)
        self.actions_book.fill(self.menuBar())
        self.setStatusBar(StatusBar(session))
        self._connect()
        self.resize(1440, 900)
        self.layouts.show(LAYOUTS[0], fresh=True)
        self.layouts.restore()
        self._name()

    def _build_center(self) -> QWidget:
        self.maps = MapPair(self.session, self.views.map, self.views.reference_map)
        center = QWidget()
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.first_steps)
        layout.addWidget(self.maps, 1)
        return center

    def _build_docks(self) -> None:
        for key, title in DOCK_TITLES.items():
            dock = QDockWidget(title, self)
            dock.setObjectName(f"dock-{key}")
            self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
            self.docks[key] = dock
        self.filler = DockFiller(self.views, self.docks, self)
        self.views.made.connect(self._take_view)

    def _take_view(self, key: str, view: Any) -> None:
        """Take in a view that has just been made."""
        self.actions_book.offer(OFFERED[key], view.actions_offered())
        if key == "fabric":
            view.link_opened.connect(self.open_link)
        elif key == "batch":
            view.results.may_replace = self.files.may_leave

    def _ask_event(self, kind: str, **given: str) -> None:
        self.views.timeline.ask_event(kind, **given)

    def _connect(self) -> None:
        session, views = self.session, self.views
        session.document_opened.connect(self._name)
        session.undo_stack.cleanChanged.connect(self._name)
        for signal in (session.document_opened, session.edited):
            signal.connect(self.actions_book.refresh)
        session.undo_stack.canUndoChanged.connect(self.actions_book["undo"].setEnabled)
        session.undo_stack.canRedoChanged.connect(self.actions_book["redo"].setEnabled)
        session.theme_changed.connect(lambda: self.first_steps.paint_with(session.theme))
        self.happenings = Happenings(session, self._ask_event, self)
        for view in (views.map, views.reference_map):
            view.link_opened.connect(self.open_link)
            view.explain_requested.connect(self.explain_link)
            view.cut_requested.connect(self.happenings.cut)
            view.event_requested.connect(self.happenings.inject)
        views.problems.link_opened.connect(self.open_link)

    def _name(self, *_: object) -> None:
        document = self.session.document
        changed = "" if self.session.undo_stack.isClean() else " *"
        self.setWindowTitle(APP_NAME if document is None else f"{document.title}{changed} - {APP_NAME}")

    def open_link(self, name: str) -> None:
        """Select a link and bring its view to the front."""
        self.session.select("link", name)
        self.show_dock("link")

    def explain_link(self, name: str) -> None:
        """Select a link and show what its margin is made of."""
        self.open_link(name)
        self.views.link.tiles.show_page(0)

    def show_results(self, path: Path) -> None:
        """Show a results folder, and the dock that it is in."""
        self.views.batch.open_folder(path)
        self.show_dock("batch")

    def show_dock(self, key: str) -> None:
        """Bring a dock to the front."""
        self.docks[key].show()
        self.docks[key].raise_()

    def focus_dock(self, key: str) -> None:
        """Let a dock have the keyboard, at the control that last had it."""
        view = self.docks[key].widget()
        controls = [view.focusWidget(), *view.findChildren(QWidget)]
        fits = (
            item
            for item in controls
            if item is not None
            and item.isVisibleTo(view)
            and item.isEnabled()
            and item.focusPolicy() & Qt.FocusPolicy.TabFocus
        )
        next(fits, view).setFocus(Qt.FocusReason.ShortcutFocusReason)

    # --- Qt's events ------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open what was dropped."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                event.acceptProposedAction()
                self.files.open(Path(url.toLocalFile()))
                return

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask only if something would be lost."""
        if not self.files.may_leave():
            event.ignore()
            return
        self.layouts.keep()
        self.autosave.discard()
        self.filler.stop()
        self.files.close()
        self.export.close()
        self.views.close()
        event.accept()

"""The fabric as tables: links, sites, ducts, demands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from lightlane_gui.session.selection import Kind
from lightlane_gui.session.session import Session
from lightlane_gui.tables.column_table import EMPTY_TABLE, ColumnTable
from lightlane_gui.tables.fabric_tables import build_demands, build_ducts, build_links, build_sites
from lightlane_gui.tables.table_page import TablePage

REFRESH_MS = 150
"""Numbers that change faster than this cannot be read."""
BEHIND_MS = 100
"""What is shown may be of earlier parameters so long before it is marked, and an answer is waited for so long: tables
that were written just before a map would make it late, only to be written again after it."""
HINTS: dict[Kind, str] = {
    "link": "Filter: margin < 2 dB and limited_by = osnr",
    "site": "Filter: role = edge and margin < 2 dB",
    "duct": "Filter: length > 80 km and fiber = g652d",
    "demand": "Filter: status != met",
}
TITLES: dict[Kind, str] = {"link": "Links", "site": "Sites", "duct": "Ducts", "demand": "Demands"}


class FabricBrowser(QWidget):
    """Tables of the open fabric; what is selected here is selected everywhere, and the other way round."""

    link_opened = Signal(str)
    """A link was double-clicked, or Enter pressed on it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Tables of the fabric")
        self.pages: dict[Kind, TablePage] = {}
        for kind, title in TITLES.items():
            page = TablePage(title, HINTS[kind], session.theme)
            page.picked.connect(lambda name, kind=kind: session.select(kind, name))
            page.opened.connect(lambda name, kind=kind: self._open(kind, name))
            self.pages[kind] = page
            self.tabs.addTab(page, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs)
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh_unless_awaiting)
        self._behind = QTimer(self, singleShot=True, interval=BEHIND_MS)
        self._behind.timeout.connect(self._mark_late)
        self._is_late = self._is_due = False
        self._dirty: set[Kind] = set(self.pages)
        session.document_opened.connect(self.refresh_all)
        session.edited.connect(self._fall_behind)
        session.picture_changed.connect(self._catch_up)
        session.reference_changed.connect(self._refresh_soon)
        session.selection_changed.connect(self._follow)
        session.theme_changed.connect(self._recolor)
        self.tabs.currentChanged.connect(lambda _: self.refresh())
        self._make_actions()
        self.refresh_all()
        self._follow()

    def actions_offered(self) -> list[QAction]:
        """Return what can be done here, for menus and the command palette."""
        own = [action for page in self.pages.values() for action in (page.copy_action, page.export_action)]
        return [self.find_action, *own]

    def _make_actions(self) -> None:
        self.find_action = QAction("Filter the table", self)
        self.find_action.setShortcut(QKeySequence("Ctrl+Shift+F"))
        self.find_action.triggered.connect(self.focus_filter)
        self.addAction(self.find_action)

    def focus_filter(self) -> None:
        """Put the cursor into the filter of the table on display."""
        page = self._shown_page()
        page.filter.line.setFocus()
        page.filter.line.selectAll()

    def show_filtered(self, kind: Kind, text: str) -> None:
        """Show a table through a filter."""
        page = self.pages[kind]
        self.tabs.setCurrentWidget(page)
        page.filter.line.setText(text)

    def _shown_page(self) -> TablePage:
        page = self.tabs.currentWidget()
        assert isinstance(page, TablePage)
        return page

    def _open(self, kind: Kind, name: str) -> None:
        if kind == "link":
            self.link_opened.emit(name)

    # --- refreshing -------------------------------------------------------------------------------------------------

    def refresh_all(self) -> None:
        """Build all tables anew as they are looked at."""
        self._dirty = set(self.pages)
        self.refresh()

    def _refresh_soon(self) -> None:
        self._dirty = set(self.pages)
        if not self._timer.isActive():
            self._timer.start(0 if self._is_due else REFRESH_MS)

    def _fall_behind(self) -> None:
        if not self._is_late and not self._behind.isActive():
            self._behind.start()

    def _mark_late(self) -> None:
        self._is_late = self.session.is_stale
        self.refresh()

    def _catch_up(self) -> None:
        if not self.session.is_stale:
            self._behind.stop()
            self._is_late = False
        self._refresh_soon()

    def _refresh_unless_awaiting(self) -> None:
        # The picture that is awaited has it done, or the end of the wait.
        self._is_due = self._behind.isActive()
        if not self._is_due:
            self.refresh()

    def refresh(self) -> None:
        """Build the table on display if anything has changed; the others wait until they are looked at."""
        self._is_due = False
        page = self._shown_page()
        kind = next(key for key, item in self.pages.items() if item is page)
        if kind not in self._dirty:
            page.model.set_stale(self._is_late)
            return
        self._dirty.discard(kind)
        selection = self.session.selection
        selected = selection.name if selection.kind == kind else ""
        page.set_table(self._build(kind), stale=self._is_late, selected=selected)
        if self.session.document is None:
            page.count.setText("No fabric loaded. Open one with Ctrl+O.")

    def _build(self, kind: Kind) -> ColumnTable:
        session = self.session
        if session.document is None:
            return EMPTY_TABLE
        fabric, picture = session.document.fabric, session.picture
        builders: dict[Kind, Callable[[], ColumnTable]] = {
            "link": lambda: build_links(
                fabric,
                picture,
                session.reference,
                compared=session.reference_variant is not None,
                before=self.pages["link"].model.table,
            ),
            "site": lambda: build_sites(fabric, picture),
            "duct": lambda: build_ducts(fabric, picture),
            "demand": lambda: build_demands(fabric, picture),
        }
        return builders[kind]()

    def _follow(self) -> None:
        selection = self.session.selection
        for kind, page in self.pages.items():
            page.follow(selection.name if kind == selection.kind else "")
        if selection.kind and self.pages[selection.kind] is not self.tabs.currentWidget():
            self.tabs.setCurrentWidget(self.pages[selection.kind])
            self.pages[selection.kind].follow(selection.name)

    def _recolor(self) -> None:
        for page in self.pages.values():
            page.set_theme(self.session.theme)


__all__ = ["FabricBrowser"]

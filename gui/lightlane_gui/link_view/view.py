"""The link view: everything there is to see of one link."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from lightlane_gui.link_view.budget_page import BudgetPage
from lightlane_gui.link_view.chooser import LaneChooser
from lightlane_gui.link_view.header import LinkHeader
from lightlane_gui.link_view.lanes_page import LanesPage
from lightlane_gui.link_view.path_page import NO_LINK, PathPage
from lightlane_gui.link_view.signal_page import SignalPage
from lightlane_gui.link_view.tiles import Tiles
from lightlane_gui.session.session import Session
from lightlane_gui.workers.link_desk import LinkDesk

PAGES = ("Budget", "Path", "Lanes", "Signal")


class LinkView(QWidget):
    """Follows the selection: header and lane chooser above, four pages below."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self.session, self.desk = session, desk
        self.setAccessibleName("Link")
        self.header = LinkHeader(session, desk)
        self.chooser = LaneChooser(session, desk)
        self.budget, self.path = BudgetPage(session, desk), PathPage(session, desk)
        self.lanes, self.signal = LanesPage(session, desk), SignalPage(session, desk)
        self.tiles = Tiles()
        for title, page in zip(PAGES, (self.budget, self.path, self.lanes, self.signal), strict=True):
            self.tiles.add(title, page)
        self.empty = QLabel(NO_LINK)
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.tiles)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.chooser)
        layout.addWidget(self._stack, 1)
        self._actions = [*self.chooser.actions_offered(self), *self._page_actions()]
        self.addActions(self._actions)
        desk.link_changed.connect(self._show)
        session.theme_changed.connect(self._color)
        self._color()
        self._show()

    def actions_offered(self) -> list[QAction]:
        """Return what the command palette offers of this view."""
        return list(self._actions)

    def _page_actions(self) -> list[QAction]:
        found = []
        for number, title in enumerate(PAGES):
            action = QAction(f"Link: {title}", self)
            action.triggered.connect(lambda _checked=False, number=number: self.tiles.show_page(number))
            found.append(action)
        for text, done in (("Simulate the lane again", self.desk.run), ("Cancel the simulation", self.desk.cancel)):
            action = QAction(text, self)
            action.triggered.connect(done)
            found.append(action)
        return found

    def _show(self) -> None:
        rows, session = self.desk.rows, self.session
        text = NO_LINK
        if session.document is None:
            text = "Nothing is open.\nOpen a fabric or a scenario with Ctrl+O, or drop its file on the window."
        elif session.picture is None:
            text = "Loading\N{HORIZONTAL ELLIPSIS}"
        elif session.selection.link and rows is None:
            text = f"{session.selection.link} is not in this state of the fabric."
        self.empty.setText(text)
        self._stack.setCurrentWidget(self.empty if rows is None else self.tiles)

    def _color(self) -> None:
        self.empty.setStyleSheet(f"color: {self.session.theme.muted};")

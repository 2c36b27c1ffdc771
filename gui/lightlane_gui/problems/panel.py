"""What does not work and why, what the figures rest on, and the log."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from lightlane_gui.problems.log_view import LogView
from lightlane_gui.problems.problem_tree import ProblemTree
from lightlane_gui.session.session import Session


class ProblemsPanel(QWidget):
    """Two tabs: problems of the state on display, and the log."""

    link_opened = Signal(str)
    """A link's line was double-clicked, or Enter pressed on it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.tree = ProblemTree(session.theme)
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.tree)
        self.log = LogView(session.theme)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Problems and log")
        self.tabs.addTab(self.stack, "Problems")
        self.tabs.addTab(self.log, "Log")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs)
        self._unread = 0
        self._make_actions()
        self.tree.picked.connect(self._go)
        self.tree.opened.connect(self.link_opened)
        self.tabs.currentChanged.connect(self._read_log)
        for signal in (session.document_opened, session.edited, session.problems_changed):
            signal.connect(self.refresh)
        session.noticed.connect(self._note)
        session.theme_changed.connect(self._recolor)
        self._recolor()
        self.refresh()

    def actions_offered(self) -> list[QAction]:
        """Return what can be done here, for menus and the command palette."""
        return [self.problems_action, self.log_action, self.copy_action]

    def _make_actions(self) -> None:
        self.problems_action = QAction("Show problems", self)
        self.problems_action.setShortcut(QKeySequence("Ctrl+Shift+M"))
        self.problems_action.triggered.connect(lambda: self._show_tab(self.stack, self.tree))
        self.log_action = QAction("Show log", self)
        self.log_action.setShortcut(QKeySequence("Ctrl+Shift+L"))
        self.log_action.triggered.connect(lambda: self._show_tab(self.log, self.log))
        self.copy_action = QAction("Copy log", self)
        self.copy_action.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.log.text()))
        self.addActions([self.problems_action, self.log_action])
        self.log.addAction(self.copy_action)
        self.log.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _show_tab(self, page: QWidget, focus: QWidget) -> None:
        self.tabs.setCurrentWidget(page)
        focus.setFocus()

    def refresh(self) -> None:
        """Show the problems that were found; a sign says that they are of earlier parameters."""
        session = self.session
        problems = session.problems
        if session.document is None:
            self._say("No fabric loaded. Open one with Ctrl+O.")
        elif problems is None:
            self._say("Looking for problems\N{HORIZONTAL ELLIPSIS}")
        elif not problems:
            self._say("No problems: every link closes with the wanted margin, every demand is met, nothing is assumed.")
        else:
            self.tree.show_problems(problems)
            self.stack.setCurrentWidget(self.tree)
        self.tabs.setTabText(0, f"Problems{self._count()}")

    def _count(self) -> str:
        problems = self.session.problems
        if problems is None:
            return ""
        words = []
        for level in ("error", "warning"):
            count = sum(item.level == level for item in problems)
            if count:
                words.append(f"{count} {level}{'s' if count > 1 else ''}")
        stale = " ?" if self.session.problems_version < self.session.version else ""
        return f": {', '.join(words) or 'none'}{stale}"

    def _say(self, text: str) -> None:
        self.empty.setText(text)
        self.stack.setCurrentWidget(self.empty)

    def _go(self, record: str, name: str) -> None:
        self.session.select(record, name)  # type: ignore[arg-type]

    def _note(self, level: str, text: str) -> None:
        self.log.add(level, text)
        if self.tabs.currentWidget() is not self.log:
            self._unread += 1
        self._write_log_tab()

    def _read_log(self) -> None:
        if self.tabs.currentWidget() is self.log:
            self._unread = 0
            self._write_log_tab()

    def _write_log_tab(self) -> None:
        self.tabs.setTabText(1, f"Log ({self._unread} new)" if self._unread else "Log")

    def _recolor(self) -> None:
        theme = self.session.theme
        self.tree.set_theme(theme)
        self.log.set_theme(theme)
        self.empty.setStyleSheet(f"color: {theme.muted};")


__all__ = ["ProblemsPanel"]

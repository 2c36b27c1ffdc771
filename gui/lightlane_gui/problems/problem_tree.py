"""Problems by kind, worst first; each line leads to its place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QKeyEvent, QPainter, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from lightlane.toolkit import StateProblem
from lightlane_gui.theme import Theme

ProblemRole = Qt.ItemDataRole.UserRole
TITLES = {
    "link": "Links that do not close, or barely",
    "objective": "Objectives that are broken",
    "demand": "Demands that are not met",
    "domain": "Outside what the model claims",
    "assumption": "Assumptions in use",
}
OPENED_FIRST = frozenset({"link", "objective", "demand", "domain"})
SIGN_PX = 12
SHARES = (0.22, 0.36)
"""Of the width, for the first two columns."""
LEAST_PX = 190
"""Of a column: names of links are to be read."""
LINES_MAX = 200
"""A group shows so many lines; the tables show all."""


class ProblemTree(QTreeWidget):
    """Groups that fold; what was open stays open when the problems change."""

    picked = Signal(str, str)
    """Record and name of the line that the user went to."""
    opened = Signal(str)
    """Name of the link whose line was double-clicked or entered."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[StateProblem, ...] | None = None
        self._open = set(OPENED_FIRST)
        self._is_arranged = False
        self._lines: list[tuple[StateProblem, QTreeWidgetItem]] = []
        self.setAccessibleName("Problems")
        self.setToolTip("What is wrong with the state on display; Enter or a double click leads to its place")
        self.setColumnCount(3)
        self.setHeaderLabels(["Where", "What", "What would help"])
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(SIGN_PX, SIGN_PX))
        self.setAlternatingRowColors(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setStyleSheet("QTreeView::item { padding: 2px 4px; }")
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sectionResized.connect(self._note_arranged)
        self.currentItemChanged.connect(lambda item, _: self._go(item))
        self.itemClicked.connect(lambda item, _: self._go(item))
        self.itemDoubleClicked.connect(lambda item, _: self._open_link(item))
        self.itemExpanded.connect(lambda item: self._open.add(item.data(0, ProblemRole)))
        self.itemCollapsed.connect(lambda item: self._open.discard(item.data(0, ProblemRole)))
        self.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the width between the columns until the user moves one."""
        super().resizeEvent(event)
        if not self._is_arranged:
            for column, share in enumerate(SHARES):
                self.header().resizeSection(column, max(LEAST_PX, int(share * self.viewport().width())))

    def _note_arranged(self) -> None:
        # The last section also follows the width of the window.
        if self.header().underMouse() and QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._is_arranged = True

    def set_theme(self, theme: Theme) -> None:
        """Change the colors."""
        self._theme = theme
        shown, self._shown = self._shown, None
        if shown is not None:
            self.show_problems(shown)

    def show_problems(self, problems: Sequence[StateProblem]) -> None:
        """Show other problems; the same ones leave everything as it is."""
        if tuple(problems) == self._shown:
            return
        before, self._shown = self._shown, tuple(problems)
        if before is not None and [_place(item) for item in before] == [_place(item) for item in self._shown]:
            self._rewrite(before)
            return
        current = self._current_key()
        place = self.verticalScrollBar().value()
        self.blockSignals(True)
        self.clear()
        self._lines = []
        for kind, title in TITLES.items():
            own = [item for item in self._shown if item.kind == kind]
            if own:
                self._add_group(kind, title, own, current)
        self.blockSignals(False)
        self.verticalScrollBar().setValue(place)

    def _rewrite(self, before: Sequence[StateProblem]) -> None:
        """Write other figures into the lines that are there: while a slider moves most problems stay."""
        assert self._shown is not None
        self.blockSignals(True)
        now = {id(old): new for old, new in zip(before, self._shown, strict=True)}
        for number, (old, item) in enumerate(self._lines):
            new = now[id(old)]
            self._lines[number] = (new, item)
            if new != old:
                _write(item, new)
        self.blockSignals(False)

    def _add_group(self, kind: str, title: str, problems: Sequence[StateProblem], current: tuple[str, ...]) -> None:
        group = QTreeWidgetItem(self, [f"{title}  ({len(problems)})"])
        group.setData(0, ProblemRole, kind)
        group.setFirstColumnSpanned(True)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        icons = self._draw_signs()
        for problem in problems[:LINES_MAX]:
            where = problem.name or "fabric"
            if problem.record == "demand":
                where = f"demand {problem.name}"
            item = QTreeWidgetItem(group, [where])
            item.setIcon(0, icons[problem.level])
            item.setToolTip(0, f"{problem.level}; click to go there" if problem.record else problem.level)
            _write(item, problem)
            self._lines.append((problem, item))
            if _key(problem) == current:
                self.setCurrentItem(item)
        if len(problems) > LINES_MAX:
            rest = len(problems) - LINES_MAX
            QTreeWidgetItem(group, ["", f"and {rest} more: see the tables"])
        group.setExpanded(kind in self._open)

    def _draw_signs(self) -> dict[str, QIcon]:
        """Return a sign for each level: shape and color, beside text in the color of text."""
        colors = {"error": self._theme.error, "warning": self._theme.warning, "info": self._theme.muted}
        icons = {}
        for level, color in colors.items():
            ratio = self.devicePixelRatioF()
            picture = QPixmap(round(SIGN_PX * ratio), round(SIGN_PX * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(color), 2))
            if level == "error":
                painter.drawLine(QPointF(3, 3), QPointF(SIGN_PX - 3, SIGN_PX - 3))
                painter.drawLine(QPointF(3, SIGN_PX - 3), QPointF(SIGN_PX - 3, 3))
            else:
                painter.setBrush(QColor(color))
                painter.setPen(Qt.PenStyle.NoPen)
                if level == "warning":
                    corners = (QPointF(SIGN_PX / 2, 1), QPointF(SIGN_PX - 1, SIGN_PX - 2), QPointF(1, SIGN_PX - 2))
                    painter.drawPolygon(QPolygonF(list(corners)))
                else:
                    painter.drawEllipse(QPointF(SIGN_PX / 2, SIGN_PX / 2), 2.5, 2.5)
            painter.end()
            icons[level] = QIcon(picture)
        return icons

    def _current_key(self) -> tuple[str, ...]:
        item = self.currentItem()
        problem = item.data(0, ProblemRole) if item is not None else None
        return _key(problem) if isinstance(problem, StateProblem) else ()

    def _go(self, item: QTreeWidgetItem | None) -> None:
        problem = item.data(0, ProblemRole) if item is not None else None
        if isinstance(problem, StateProblem) and problem.record:
            self.picked.emit(problem.record, problem.name)

    def _open_link(self, item: QTreeWidgetItem | None) -> None:
        problem = item.data(0, ProblemRole) if item is not None else None
        if isinstance(problem, StateProblem) and problem.record == "link":
            self.opened.emit(problem.name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Open the link of the current line on Enter."""
        if watched is self and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._open_link(self.currentItem())
                return True
        return super().eventFilter(watched, event)


def _write(item: QTreeWidgetItem, problem: StateProblem) -> None:
    item.setData(0, ProblemRole, problem)
    for column, text in ((1, problem.text), (2, problem.remedy)):
        item.setText(column, text)
        item.setToolTip(column, text)


def _place(problem: StateProblem) -> tuple[str, ...]:
    """Return what decides where a problem stands in the tree, and with which sign."""
    return problem.kind, problem.level, *_key(problem)


def _key(problem: StateProblem) -> tuple[str, ...]:
    """Return what stays of a problem while its figures change."""
    text = problem.text.partition(" (")[0] if problem.kind == "assumption" else ""
    return problem.kind, problem.record, problem.name, text


__all__ = ["ProblemTree"]

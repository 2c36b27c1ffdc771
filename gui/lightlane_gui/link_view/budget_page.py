"""The budget of a lane: what adds up to its margin, and its figures."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from lightlane import LaneResult
from lightlane.toolkit import classify_margin
from lightlane_gui.charts.number_text import format_number
from lightlane_gui.link_view.bridge import Bridge
from lightlane_gui.link_view.chooser import ARROWS
from lightlane_gui.link_view.figure_table import FigureTable
from lightlane_gui.link_view.header import LIMIT_WORDS
from lightlane_gui.link_view.page import Page
from lightlane_gui.link_view.steps import list_steps
from lightlane_gui.session.session import Session
from lightlane_gui.theme import CLASS_KEYS, ClassKey
from lightlane_gui.workers.link_desk import LinkDesk

_SIDE_BY_SIDE = 760
"""Width from which the table stands beside the chart."""
_CHART_SHARE = 0.5
_REASON_HEIGHT = 72
_NARROWER, _LOW = 540, 480
"""In a low page it does from this width on."""


class BudgetPage(Page):
    """Bridge chart with the reason of the chosen bar below it, and the table of figures."""

    def __init__(self, session: Session, desk: LinkDesk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.bridge = Bridge(session)
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setMinimumHeight(_REASON_HEIGHT)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reason.setAccessibleName("Why this number")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(0, 0, 0, 0)
        inner_layout.addWidget(self.bridge)
        inner_layout.addStretch(1)
        scroll.setWidget(inner)
        left = QWidget()
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(0, 4, 0, 0)
        left_layout.setSpacing(2)
        left_layout.addWidget(self.title)
        left_layout.addWidget(scroll, 1)
        left_layout.addWidget(self.reason)
        self.table = FigureTable(session, desk)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(left)
        self._split.addWidget(self.table)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)
        self.bridge.chosen.connect(self._explain)
        desk.shot_changed.connect(self.refresh)
        desk.link_changed.connect(self.refresh)
        desk.stale_changed.connect(self.refresh)
        session.theme_changed.connect(self._color)
        session.theme_changed.connect(self.refresh)
        self._color()

    def draw(self) -> None:
        """Bring the chart up to date."""
        self.table.show_figures()
        shot, rows = self._desk.shot, self._desk.rows
        lane = None if shot is None or rows is None else shot.lane
        if lane is None:
            self.bridge.set_steps([], "unknown", is_stale=True)
            self.title.setText("")
            self._explain(self.bridge.row)
            return
        assert shot is not None
        reference = () if shot.reference is None or self._session.reference is None else shot.reference.contributions
        is_stale = self._desk.is_stale
        self.bridge.set_steps(list_steps(lane.contributions, reference), class_of(lane), is_stale=is_stale)
        self.title.setText(_title(lane) + (" ?" if is_stale else ""))
        self._explain(self.bridge.row)

    def _explain(self, row: int) -> None:
        steps = self.bridge.steps
        shot = self._desk.shot
        if not steps and shot is not None:
            reason = shot.lane.blocked_by or shot.lane.unknown_because or "the lane has no margin in dB"
            self.reason.setText(f"No contributions to add up: {reason}.")
        elif 0 <= row < len(steps):
            step = steps[row]
            text = step.explain()
            self.reason.setText(f"{step.label}: {format_number(step.value_db, signed=True)} dB\n{text}")
        elif steps:
            self.reason.setText("Point at a bar, or choose it with the arrow keys, to see why it has its value.")
        else:
            self.reason.setText("")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the table beside the chart where there is room."""
        super().resizeEvent(event)
        size = event.size()
        is_wide = size.width() >= _SIDE_BY_SIDE or (size.width() >= _NARROWER and size.height() < _LOW)
        self.reason.setMinimumHeight(_REASON_HEIGHT if size.height() >= _LOW else _REASON_HEIGHT // 2)
        orientation = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if orientation != self._split.orientation():
            self._split.setOrientation(orientation)
            whole = size.width() if is_wide else size.height()
            self._split.setSizes([int(_CHART_SHARE * whole), int((1.0 - _CHART_SHARE) * whole)])

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for what chart above table needs: side by side they must not keep the dock from getting narrower."""
        return QSize(300, 240)

    def _color(self) -> None:
        theme = self._session.theme
        self.title.setStyleSheet(f"color: {theme.ink}; font-weight: 600; padding: 0 8px;")
        self.reason.setStyleSheet(f"color: {theme.muted}; padding: 4px 8px; border-top: 1px solid {theme.rule};")


def class_of(lane: LaneResult) -> ClassKey:
    """Return the class of a lane's margin."""
    key = classify_margin(lane.margin_db, lane.status).key
    return next(item for item in CLASS_KEYS if item == key)


def _title(lane: LaneResult) -> str:
    where = f"{ARROWS[lane.direction]}, channel {lane.channel_index}, lane {lane.lane}"
    if math.isnan(lane.margin_db):
        return f"{where}: no margin in dB"
    limit = LIMIT_WORDS.get(lane.limited_by, lane.limited_by)
    return f"{where}: margin {format_number(lane.margin_db, signed=True)} dB, limited by {limit}"

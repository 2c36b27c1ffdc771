"""A link drawn straight: modules at the ends and the elements between them, in both directions."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from lightlane.toolkit import PathProfile
from lightlane_gui.charts.number_text import format_number
from lightlane_gui.session.session import Session

_WIDTHS = {"loss": 9.0, "amplifier": 20.0, "stage": 20.0}
_FIBER_LEAST = 16.0
_END, _LANE = 34.0, 30.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One element where it is drawn."""

    path: PathProfile
    number: int
    left: float
    right: float
    y: float


class Schematic(QWidget):
    """The strip; the element under the pointer or chosen by the arrow keys is told."""

    pointed = Signal(float)
    """Kilometers from a of the element that is pointed at; NaN: none."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.paths: tuple[PathProfile, ...] = ()
        self.marks: list[Mark] = []
        self.chosen = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Elements of the path")
        self.setFixedHeight(int(2 * _LANE + 10))
        session.theme_changed.connect(self.update)

    def set_paths(self, paths: tuple[PathProfile, ...]) -> None:
        """Show these, one row each."""
        self.paths = tuple(sorted(paths, key=lambda path: path.direction))
        self.chosen = -1
        self.setFixedHeight(int(_LANE * max(len(self.paths), 1) + 10))
        self.setAccessibleDescription("; ".join(item.label for path in self.paths[:1] for item in path.elements))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for little."""
        return QSize(300, int(2 * _LANE + 10))

    def describe(self, mark: Mark) -> str:
        """Return what is to be said of an element: part, levels at both ends, what it adds."""
        path, number = mark.path, mark.number
        element = path.elements[number]
        before, behind = float(path.level_dbm[number]), float(path.level_dbm[number + 1])
        way = path.direction.replace("_", " ")
        lines = [f"{element.label} ({way})", f"{element.part.name} [{element.part.id}]"]
        lines.append(
            f"Level {format_number(before)} dBm in, {format_number(behind)} dBm out "
            f"({format_number(behind - before, signed=True)} dB)"
        )
        osnr_before, osnr_behind = float(path.osnr_db[number]), float(path.osnr_db[number + 1])
        if math.isfinite(osnr_behind):
            change = format_number(osnr_behind - osnr_before, signed=True)
            lines.append(f"OSNR behind it {format_number(osnr_behind)} dB" + _aside(change, osnr_before))
        lines.append(f"At {format_number(float(path.distance_km[number + 1]), 1)} km of fiber")
        return "\n".join(lines)

    # --- drawing ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.marks = []
        for row, path in enumerate(self.paths):
            self._draw_path(painter, path, 5 + _LANE * row + _LANE / 2)

    def _draw_path(self, painter: QPainter, path: PathProfile, y: float) -> None:
        theme = self._session.theme
        is_back = path.direction == "b_to_a"
        left, right = _END, self.width() - _END
        color = QColor(theme.traces[1 if is_back else 0])
        for x, name in ((_END / 2, "a"), (self.width() - _END / 2, "b")):
            painter.setPen(QPen(QColor(theme.muted), 1))
            painter.setBrush(QColor(theme.panel))
            box = QRectF(x - 11, y - 9, 22, 18)
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(QColor(theme.ink))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
        spans = _lay_out(path, right - left)
        for number, (start, end) in enumerate(spans):
            # The way back is read from right to left.
            a, b = (right - end, right - start) if is_back else (left + start, left + end)
            mark = Mark(path, number, a, b, y)
            self.marks.append(mark)
            self._draw_element(painter, mark, color, is_back=is_back)

    def _draw_element(self, painter: QPainter, mark: Mark, color: QColor, *, is_back: bool) -> None:
        theme = self._session.theme
        element = mark.path.elements[mark.number]
        middle, y = 0.5 * (mark.left + mark.right), mark.y
        if self.marks.index(mark) == self.chosen:
            shade = QColor(theme.accent)
            shade.setAlpha(70)
            painter.fillRect(QRectF(mark.left, y - _LANE / 2 + 1, mark.right - mark.left, _LANE - 2), shade)
        painter.setPen(QPen(color, 1))
        painter.drawLine(QPointF(mark.left, y), QPointF(mark.right, y))
        painter.setBrush(QColor(theme.panel))
        if element.kind == "fiber":
            painter.setPen(QPen(QColor(theme.muted), 1))
            text = f"{format_number(element.length_km, 0 if element.length_km >= 10 else 1)} km"
            room = mark.right - mark.left
            if painter.fontMetrics().horizontalAdvance(text) + 4 < room:
                place = QRectF(mark.left, y - 14, room, 12)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
        elif element.kind == "amplifier":
            tip = -7.0 if is_back else 7.0
            painter.drawPolygon(
                QPolygonF([QPointF(middle - tip, y - 8), QPointF(middle + tip, y), QPointF(middle - tip, y + 8)])
            )
        elif element.kind == "stage" or element.part.id.startswith(("mux", "demux")):
            painter.drawRect(QRectF(middle - 7, y - 7, 14, 14))
            painter.drawLine(QPointF(middle - 7, y + 7), QPointF(middle + 7, y - 7))
        else:
            painter.drawLine(QPointF(middle, y - 5), QPointF(middle, y + 5))

    # --- hand -------------------------------------------------------------------------------------------------------

    def choose(self, place: int) -> None:
        """Choose an element by its place among the marks; -1: none."""
        if place != self.chosen:
            self.chosen = place
            self.update()
            self.pointed.emit(self._distance_km(self.marks[place]) if 0 <= place < len(self.marks) else math.nan)

    def find_mark(self, point: QPointF) -> int:
        """Return the place of the mark at a point; -1: none."""
        for place, mark in enumerate(self.marks):
            if mark.left <= point.x() <= mark.right and abs(point.y() - mark.y) <= _LANE / 2:
                return place
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the element under the pointer."""
        self.choose(self.find_mark(event.position()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Choose none."""
        self.choose(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Choose by arrow keys, and say what it is."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step == 0 or not self.marks:
            super().keyPressEvent(event)
            return
        self.choose(min(max(self.chosen + step, 0), len(self.marks) - 1))
        mark = self.marks[self.chosen]
        QToolTip.showText(self.mapToGlobal(QPointF(mark.left, mark.y + 10)).toPoint(), self.describe(mark), self)

    def event(self, event: QEvent) -> bool:
        """Answer a question for a tooltip."""
        if isinstance(event, QHelpEvent):
            place = self.find_mark(QPointF(event.pos()))
            if place >= 0:
                QToolTip.showText(event.globalPos(), self.describe(self.marks[place]), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    @staticmethod
    def _distance_km(mark: Mark) -> float:
        path = mark.path
        passed = 0.5 * float(path.distance_km[mark.number] + path.distance_km[mark.number + 1])
        return float(path.distance_km[-1]) - passed if path.direction == "b_to_a" else passed


def _aside(change: str, before_db: float) -> str:
    return f" ({change} dB)" if math.isfinite(before_db) else ""


def _lay_out(path: PathProfile, width: float) -> list[tuple[float, float]]:
    """Return where each element begins and ends: parts as wide as their marks, fibers share the rest by length."""
    lengths = [item.length_km if item.kind == "fiber" else 0.0 for item in path.elements]
    wanted = [_FIBER_LEAST if item.kind == "fiber" else _WIDTHS[item.kind] for item in path.elements]
    spare = width - sum(wanted)
    if spare < 0.0:
        wanted = [item * width / sum(wanted) for item in wanted]
    elif sum(lengths) > 0.0:
        wanted = [item + spare * length / sum(lengths) for item, length in zip(wanted, lengths, strict=True)]
    spans, place = [], 0.0
    for item in wanted:
        spans.append((place, place + item))
        place += item
    return spans

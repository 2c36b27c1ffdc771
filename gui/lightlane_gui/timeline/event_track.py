"""The lane of events over the charts: flags on the time axis, the cursor of time, moved by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from lightlane_gui.session.session import Session
from lightlane_gui.timeline.markers import (
    Family,
    Marker,
    duration_days,
    list_markers,
    list_stops,
    move_event,
    refusal_of_move,
    remove_event,
)

ROWS_COUNT = 3
ROW_HEIGHT = 19
HEAD_HEIGHT = 13
REACH = 6
"""Distance in pixels at which a flag is hit."""
DRAG_BEGINS = 4
_ROLES = {"loss": "error", "repair": "good", "drift": "warning", "change": "accent"}


class EventTrack(QWidget):
    """Events of base and variant; drag a flag to move its event, drag elsewhere to scrub."""

    event_selected = Signal()
    refused = Signal(str)
    """Why a drag goes no further; empty: it does."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._markers: tuple[Marker, ...] = ()
        self._low_days, self._high_days, self._left, self._right = 0.0, 1.0, 0.0, 1.0
        self._rows: dict[int, int] = {}
        self._labels: dict[int, str] = {}
        self.selected_place: int | None = None
        self._dragged: Marker | None = None
        self._pressed_x: float | None = None
        self._is_dragging = False
        self.setFixedHeight(HEAD_HEIGHT + ROWS_COUNT * ROW_HEIGHT + 4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Events over time")
        self.setToolTip(
            "Events (days). Drag: move time. Drag a flag: move its event. Left, Right: from event to event."
        )
        for signal in (session.document_opened, session.edited):
            signal.connect(self._take_form)
        session.time_changed.connect(lambda _: self.update())
        session.theme_changed.connect(self.update)
        self._take_form()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return what it takes."""
        return QSize(400, self.height())

    def set_view(self, low_days: float, high_days: float, left: float, right: float) -> None:
        """Show the time between two days from one pixel to another."""
        view = (low_days, max(high_days, low_days + 1e-9), left, right)
        if view == (self._low_days, self._high_days, self._left, self._right):
            return
        self._low_days, self._high_days, self._left, self._right = view
        self._place_rows()
        self.update()

    @property
    def selected(self) -> Marker | None:
        """The event that keys act on."""
        return next((marker for marker in self._markers if marker.place == self.selected_place), None)

    def x_of(self, time_days: float) -> float:
        """Return the pixel of an instant."""
        share = (time_days - self._low_days) / (self._high_days - self._low_days)
        return self._left + share * (self._right - self._left)

    def place_of(self, marker: Marker) -> QPointF:
        """Return where the flag of an event is."""
        y = HEAD_HEIGHT + (self._rows.get(marker.place, 0) + 0.5) * ROW_HEIGHT
        return QPointF(self.x_of(marker.event.start_days), y)

    def delete_selected(self) -> None:
        """Remove the selected event from the variant."""
        marker = self.selected
        if marker is None:
            return
        if not marker.is_own:
            self._session.notice(
                f"{marker.label} is of the base and stays; events of the variant itself can be removed", "warning"
            )
            return
        self.selected_place = None
        self._session.edit(remove_event(self._session.form, marker), f"remove {marker.label}")

    # --- data -------------------------------------------------------------------------------------------------------

    def _take_form(self) -> None:
        if self._session.document is None:
            return
        markers = list_markers(self._session.form)
        if markers != self._markers:
            self._markers = markers
            self._labels = {marker.place: marker.label for marker in markers}
            if self.selected is None:
                self.selected_place = None
            self._place_rows()
            self.update()

    def _place_rows(self) -> None:
        """Give each flag a row in which its label does not cover the one before, as far as there are rows."""
        metrics = QFontMetrics(self.font())
        ends = [float("-inf")] * ROWS_COUNT
        self._rows = {}
        for marker in sorted(self._markers, key=lambda item: item.event.start_days):
            x = self.x_of(marker.event.start_days)
            row = next((number for number, end in enumerate(ends) if end < x), None)
            row = ends.index(min(ends)) if row is None else row
            self._rows[marker.place] = row
            ends[row] = max(ends[row], x + 14 + metrics.horizontalAdvance(self._labels[marker.place]))

    def _day_at(self, x: float) -> float:
        share = (x - self._left) / max(self._right - self._left, 1.0)
        day = self._low_days + share * (self._high_days - self._low_days)
        return round(min(max(day, 0.0), duration_days(self._session.form)), self._decimals)

    @property
    def _decimals(self) -> int:
        per_pixel = (self._high_days - self._low_days) / max(self._right - self._left, 1.0)
        return 0 if per_pixel > 0.5 else 1 if per_pixel > 0.05 else 2

    def _marker_at(self, place: QPointF) -> Marker | None:
        found, best = None, float(REACH)
        for marker in self._markers:
            at = self.place_of(marker)
            distance = abs(place.x() - at.x())
            if abs(place.y() - at.y()) <= ROW_HEIGHT / 2 and distance <= best:
                found, best = marker, distance
        return found

    # --- hand -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of a flag or of time."""
        if event.button() != Qt.MouseButton.LeftButton or self._session.document is None:
            return
        self._pressed_x, self._is_dragging = event.position().x(), False
        self._dragged = self._marker_at(event.position())
        if self._dragged is not None:
            self._select(self._dragged.place)
        else:
            self._select(None)
            self._session.set_time(self._day_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move what is held."""
        x = event.position().x()
        if self._pressed_x is None:
            over = self._marker_at(event.position())
            self.setCursor(Qt.CursorShape.SizeHorCursor if over is not None else Qt.CursorShape.ArrowCursor)
            return
        if self._dragged is None:
            self._session.set_time(self._day_at(x))
        elif self._is_dragging or abs(x - self._pressed_x) >= DRAG_BEGINS:
            self._is_dragging = True
            self._move_selected(self._day_at(x))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go; what was dragged is one step to undo."""
        del event
        if self._is_dragging:
            self._session.end_drag()
        self._pressed_x, self._dragged, self._is_dragging = None, None, False
        self.refused.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go from event to event, move the selected one, remove it."""
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        marker = self.selected
        if event.key() in ways and event.modifiers() & Qt.KeyboardModifier.ShiftModifier and marker is not None:
            self._move_selected(max(0.0, marker.event.start_days + ways[Qt.Key(event.key())] * 10.0**-self._decimals))
        elif event.key() in ways:
            self._select_next(ways[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_selected()
        elif event.key() == Qt.Key.Key_Home:
            self._session.set_time(0.0)
        elif event.key() == Qt.Key.Key_End and self._session.document is not None:
            self._session.set_time(list_stops(self._session.form)[-1])
        else:
            super().keyPressEvent(event)

    def _select_next(self, way: int) -> None:
        ordered = sorted(self._markers, key=lambda item: (item.event.start_days, item.place))
        if not ordered:
            return
        places = [marker.place for marker in ordered]
        if self.selected_place in places:
            at = min(max(places.index(self.selected_place) + way, 0), len(places) - 1)
        else:
            at = 0 if way > 0 else len(places) - 1
        self._select(places[at])
        self._session.set_time(ordered[at].event.start_days)

    def _select(self, place: int | None) -> None:
        self.selected_place = place
        self.event_selected.emit()
        self.update()

    def _move_selected(self, start_days: float) -> None:
        marker, document = self.selected, self._session.document
        if marker is None or document is None or start_days == marker.event.start_days:
            return
        # On the base the move makes a variant, whose events begin with those of the base: the place stays.
        refusal = refusal_of_move(document, self._session.form, marker, start_days)
        self.refused.emit(refusal)
        if not refusal:
            moved = move_event(self._session.form, marker, start_days)
            self._session.edit(moved, f"{marker.label} to day {start_days:.10g}", key=f"event.{marker.place}")

    def event(self, event: QEvent) -> bool:
        """Show what is said about an event under the mouse."""
        if event.type() == QEvent.Type.ToolTip:
            marker = self._marker_at(QPointF(event.pos()))  # type: ignore[attr-defined] # a QHelpEvent
            QToolTip.showText(event.globalPos(), marker.text if marker else self.toolTip(), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    # --- drawing ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw lanes, flags and cursor."""
        del event
        theme = self._session.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.plot))
        painter.setPen(QColor(theme.muted))
        if not self._markers:
            text = "Nothing happens: add an event with the button above, or on the map"
            if self._session.document is None:
                text = "Open a fabric or a scenario to see what happens to it"
            area = QRectF(self._left + 8, HEAD_HEIGHT, self._right - self._left - 16, 3 * ROW_HEIGHT)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setClipRect(QRectF(self._left - 8, 0, self.width() - self._left + 8, self.height()))
        for marker in self._markers:
            self._draw_flag(painter, marker)
        x = self.x_of(self._session.time_days)
        painter.setPen(QPen(QColor(theme.accent), 1))
        painter.drawLine(QPointF(x, 4), QPointF(x, self.height()))
        painter.setBrush(QColor(theme.accent))
        painter.drawPolygon(QPolygonF([QPointF(x - 6, 1), QPointF(x + 6, 1), QPointF(x, 10)]))
        if self.hasFocus():
            painter.setClipping(False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _draw_flag(self, painter: QPainter, marker: Marker) -> None:
        theme = self._session.theme
        color = QColor(getattr(theme, _ROLES[marker.family]))
        at = self.place_of(marker)
        if marker.event.end_days is not None:
            band = QColor(color)
            band.setAlpha(60)
            width = max(self.x_of(marker.event.end_days) - at.x(), 2.0)
            painter.fillRect(QRectF(at.x(), at.y() - 7, width, 14), band)
        if marker.place == self.selected_place:
            painter.setPen(QPen(QColor(theme.selection), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, 8, 8)
        painter.setPen(QPen(color, 1.5))
        # Events of the base are outlined, those of the variant filled.
        painter.setBrush(color if marker.is_own else QColor(theme.plot))
        painter.drawPolygon(_shape(marker.family, at))
        painter.setPen(QColor(theme.ink if marker.place == self.selected_place else theme.muted))
        area = QRectF(at.x() + 11, at.y() - ROW_HEIGHT / 2, self._room_of(marker, at.x()), ROW_HEIGHT)
        if area.width() > 24:
            label = self._labels[marker.place]
            text = QFontMetrics(self.font()).elidedText(label, Qt.TextElideMode.ElideRight, int(area.width()))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _room_of(self, marker: Marker, x: float) -> float:
        """Return how many pixels a label has before the next flag of its row."""
        row = self._rows.get(marker.place, 0)
        others = [self.x_of(item.event.start_days) for item in self._markers if self._rows.get(item.place) == row]
        after = [other for other in others if other > x]
        return max(min([*after, self.width() + 10]) - x - 20, 0.0)


def _shape(family: Family, at: QPointF) -> QPolygonF:
    """Return the sign of a sort of event: shapes tell them apart where colors do not."""
    x, y = at.x(), at.y()
    shapes: dict[Family, list[tuple[float, float]]] = {
        "loss": [(-5, -5), (5, -5), (0, 5)],
        "repair": [(-5, 5), (5, 5), (0, -5)],
        "drift": [(-5, 0), (0, -5), (5, 0), (0, 5)],
        "change": [(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)],
    }
    return QPolygonF([QPointF(x + dx, y + dy) for dx, dy in shapes[family]])

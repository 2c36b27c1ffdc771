"""The bridge chart: each contribution as a bar that starts where the last one ended, the margin below them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lightlane_gui.charts.number_text import format_number
from lightlane_gui.link_view.steps import Step
from lightlane_gui.session.session import Session
from lightlane_gui.theme import ClassKey

ROW_HEIGHT = 21
_LABEL_SHARE = 0.45
"""Of the width at most; longer ones lose their middle."""
_GAP = 8.0


class Bridge(QWidget):
    """The chart, as high as it has rows; arrow keys and mouse choose one."""

    chosen = Signal(int)
    """Row under the pointer or the keys; -1: none; the last is the margin."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.steps: list[Step] = []
        self.class_key: ClassKey = "unknown"
        self.row = -1
        self.is_stale = False
        self._widest: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("What adds up to the margin")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        session.theme_changed.connect(self.update)

    def set_steps(self, steps: list[Step], class_key: ClassKey, *, is_stale: bool) -> None:
        """Show these; none: nothing."""
        if (steps, class_key, is_stale) == (self.steps, self.class_key, self.is_stale):
            return
        if [step.label for step in steps] != [step.label for step in self.steps]:
            self._widest = None
        self.steps, self.class_key, self.is_stale = steps, class_key, is_stale
        self.row = min(self.row, len(steps))
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleDescription("; ".join(f"{step.label} {step.value_db:+.2f} dB" for step in steps))
        self.update()

    @property
    def margin_db(self) -> float:
        """Where the last step ends."""
        return self.steps[-1].end_db if self.steps else float("nan")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for the rows and the scale below them."""
        return QSize(420, ROW_HEIGHT * (len(self.steps) + 1) + 8 if self.steps else 40)

    # --- drawing ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it."""
        if not self.steps:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.5 if self.is_stale else 1.0)
        left, right = self._frame()
        low = min(0.0, *(min(step.start_db, step.end_db) for step in self.steps))
        high = max(0.0, *(max(step.start_db, step.end_db) for step in self.steps))
        scale = (right - left) / max(high - low, 1e-9)
        theme = self._session.theme
        painter.setPen(QPen(QColor(theme.rule), 1))
        zero = left - low * scale
        painter.drawLine(int(zero), 2, int(zero), self.height() - 4)
        for row, step in enumerate(self.steps):
            color = theme.traces[3] if step.value_db >= 0 else theme.traces[1]
            self._draw_row(painter, row, step.label, step.value_db)
            bar = self._bar(row, left + (step.start_db - low) * scale, left + (step.end_db - low) * scale)
            painter.fillRect(bar, QColor(color))
            if step.reference_db is not None and abs(step.reference_db - step.value_db) >= 0.005:
                ghost_end = left + (step.start_db + step.reference_db - low) * scale
                painter.setPen(QPen(QColor(theme.ink), 1, Qt.PenStyle.DashLine))
                painter.drawRect(self._bar(row, left + (step.start_db - low) * scale, ghost_end).adjusted(0, -2, 0, 2))
            painter.setPen(QPen(QColor(theme.muted), 1))
            end = left + (step.end_db - low) * scale
            painter.drawLine(int(end), int(bar.top()), int(end), int(bar.bottom()) + ROW_HEIGHT - 6)
        last = len(self.steps)
        painter.setPen(QPen(QColor(theme.rule), 1))
        painter.drawLine(8, last * ROW_HEIGHT, self.width() - 8, last * ROW_HEIGHT)
        self._draw_row(painter, last, "margin", self.margin_db)
        painter.fillRect(
            self._bar(last, zero, left + (self.margin_db - low) * scale), QColor(theme.classes[self.class_key])
        )

    def _draw_row(self, painter: QPainter, row: int, label: str, value_db: float) -> None:
        theme, top = self._session.theme, row * ROW_HEIGHT
        if row == self.row:
            shade = QColor(theme.accent)
            shade.setAlpha(45)
            painter.fillRect(QRectF(2, top, self.width() - 4, ROW_HEIGHT), shade)
        is_sum = row == len(self.steps)
        if is_sum:
            font = QFont(self.font())
            font.setBold(True)
            painter.setFont(font)
        painter.setPen(QColor(theme.ink))
        width = self._label_width()
        text = label
        # Only what is too long is looked at closer.
        if is_sum or (self._widest or 0.0) > width:
            text = QFontMetricsF(painter.font()).elidedText(label, Qt.TextElideMode.ElideMiddle, width)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(8, top, width, ROW_HEIGHT), middle | Qt.AlignmentFlag.AlignLeft, text)
        number = format_number(value_db, signed=True)
        place = QRectF(0, top, self.width() - 8, ROW_HEIGHT)
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, number)

    def _label_width(self) -> float:
        if self._widest is None:
            metrics = QFontMetricsF(self.font())
            self._widest = max((metrics.horizontalAdvance(step.label) for step in self.steps), default=0.0) + 2.0
        return max(min(self._widest, _LABEL_SHARE * self.width()), 60.0)

    def _number_width(self) -> float:
        return QFontMetricsF(self.font()).horizontalAdvance("+00.00")

    def _frame(self) -> tuple[float, float]:
        return 8 + self._label_width() + _GAP, self.width() - 8 - self._number_width() - _GAP

    @staticmethod
    def _bar(row: int, start: float, end: float) -> QRectF:
        return QRectF(min(start, end), row * ROW_HEIGHT + 4, max(abs(end - start), 1.0), ROW_HEIGHT - 8)

    # --- hand -------------------------------------------------------------------------------------------------------

    def choose(self, row: int) -> None:
        """Choose a row."""
        row = row if 0 <= row <= len(self.steps) and self.steps else -1
        if row != self.row:
            self.row = row
            self.chosen.emit(row)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose the row under the pointer."""
        self.choose(int(event.position().y() // ROW_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Choose by arrow keys."""
        if event.key() == Qt.Key.Key_Down:
            self.choose(min(self.row + 1, len(self.steps)))
        elif event.key() == Qt.Key.Key_Up:
            self.choose(max(self.row - 1, 0))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Measure the labels anew in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._widest = None

    def event(self, event: QEvent) -> bool:
        """Answer a question for a tooltip with the row's reasons."""
        if isinstance(event, QHelpEvent) and self.steps:
            self._tell(event.globalPos(), event.pos())
            return True
        return super().event(event)

    def _tell(self, where: QPoint, at: QPoint) -> None:
        row = at.y() // ROW_HEIGHT
        if 0 <= row < len(self.steps):
            QToolTip.showText(where, f"{self.steps[row].label}\n{self.steps[row].explain()}", self)
        else:
            QToolTip.hideText()

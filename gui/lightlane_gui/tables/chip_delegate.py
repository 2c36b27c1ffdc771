"""Cells of tables: text with room beside it, and for margins a chip in the color of the class."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from lightlane_gui.tables.table_model import ClassRole, ColumnTableModel
from lightlane_gui.theme import Theme

CHIP_PX = 9
PAD_PX = 7
Index = QModelIndex | QPersistentModelIndex


def ground(option: QStyleOptionViewItem) -> QColor:
    """Return the color of the table where nothing is selected."""
    return option.palette.color(QPalette.ColorRole.Base)


class ChipDelegate(QStyledItemDelegate):
    """Paints plain cells itself: several times quicker than through style sheets.

    The chip stands at the left of the cell; the text stays in the color of text.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Leave room at both sides, and for the chip."""
        chip = CHIP_PX + PAD_PX if index.data(ClassRole) is not None else 0
        width = option.fontMetrics.horizontalAdvance(str(index.data() or ""))
        return QSize(width + 2 * PAD_PX + chip + 2, option.fontMetrics.height() + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        model = index.model()
        assert isinstance(model, ColumnTableModel)
        text, alignment, color, key = model.look(index.row(), index.column())
        rect: QRect = option.rect
        role = QPalette.ColorRole
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, option.palette.color(role.Highlight))
            color = option.palette.color(role.HighlightedText)
        painter.setPen(option.palette.color(role.Text) if color is None else color)
        inside = rect.adjusted(PAD_PX, 0, -PAD_PX, 0)
        painter.drawText(
            inside, alignment, option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        )
        if key:
            if option.state & QStyle.StateFlag.State_Selected:
                # On the color of the selection a chip needs a ground of its own.
                painter.fillRect(
                    rect.left() + PAD_PX - 2, rect.center().y() - 6, CHIP_PX + 4, CHIP_PX + 5, ground(option)
                )
            self._paint_chip(painter, rect, key)

    def _paint_chip(self, painter: QPainter, rect: QRect, key: str) -> None:
        chip = QRectF(rect.left() + PAD_PX, rect.center().y() - CHIP_PX / 2 + 0.5, CHIP_PX, CHIP_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(self.theme.classes[key])
        # A second cue beside color: what is down is a crossed frame, what nobody knows a ring.
        if key == "down":
            painter.setPen(color)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(chip.adjusted(0.5, 0.5, -0.5, -0.5))
            painter.drawLine(chip.topLeft(), chip.bottomRight())
        elif key == "unknown":
            painter.setPen(color)
            painter.drawEllipse(chip.adjusted(2, 2, -2, -2))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(chip, 2, 2)
        painter.restore()

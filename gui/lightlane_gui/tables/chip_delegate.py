"""Cells of margins: a chip in the color of the class beside the number."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from lightlane_gui.tables.table_model import ClassRole
from lightlane_gui.theme import Theme

CHIP_PX = 9


class ChipDelegate(QStyledItemDelegate):
    """Paints the chip at the left of the cell; the text stays in the color of text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a cell."""
        super().paint(painter, option, index)
        key = index.data(ClassRole)
        if key is None:
            return
        rect = option.rect
        chip = QRectF(rect.left() + 7, rect.center().y() - CHIP_PX / 2 + 0.5, CHIP_PX, CHIP_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(self.theme.classes[key])
        painter.setPen(QColor(self.theme.rule))
        # A second cue beside color: what is down is hollow, what nobody knows a dot.
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

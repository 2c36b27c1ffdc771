"""A chart as a picture or a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QWidget

from lightlane_gui.charts.series import Series

PNG_SCALE = 2
"""Pixels of an exported picture for each of the screen."""
_TITLE_ROOM = 26


def save_png(widget: QWidget, path: Path) -> bool:
    """Write a widget as a picture of twice the screen's pixels; return whether it was written."""
    pixmap = QPixmap(widget.size() * PNG_SCALE)
    pixmap.setDevicePixelRatio(PNG_SCALE)
    widget.render(pixmap)
    return pixmap.save(str(path), "PNG")


def save_svg(view: QGraphicsView, path: Path, title: str, ink: str, paper: str) -> bool:
    """Write the scene of a plot with its title as vectors; return whether it was written."""
    size = view.viewport().size()
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    # Without it axes come out at three quarters of their size and beside the curves.
    generator.setResolution(96)
    whole = QSize(size.width(), size.height() + _TITLE_ROOM)
    generator.setSize(whole)
    generator.setViewBox(QRect(0, 0, whole.width(), whole.height()))
    generator.setTitle(title)
    painter = QPainter()
    if not painter.begin(generator):
        return False
    painter.fillRect(0, 0, whole.width(), whole.height(), QColor(paper))
    painter.setPen(QColor(ink))
    painter.drawText(QRectF(8, 0, whole.width() - 16, _TITLE_ROOM), Qt.AlignmentFlag.AlignVCenter, title)
    target = QRectF(0, _TITLE_ROOM, size.width(), size.height())
    # What is kept as pixels on the screen is to be vectors here.
    cached = [item for item in view.scene().items() if item.cacheMode() != QGraphicsItem.CacheMode.NoCache]
    modes = [item.cacheMode() for item in cached]
    for item in cached:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    view.scene().render(painter, target, QRectF(view.mapToScene(view.viewport().rect()).boundingRect()))
    for item, mode in zip(cached, modes, strict=True):
        item.setCacheMode(mode)
    return painter.end()


def write_table(series: list[Series], x_name: str, y_name: str) -> str:
    """Return the data of a chart as CSV: one column each where all have the same places, else one row per point."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    shared = all(np.array_equal(item.x, series[0].x, equal_nan=True) for item in series)
    if shared and series:
        names = [item.column or (y_name if len(series) == 1 else f"{item.key}_{y_name}") for item in series]
        writer.writerow([x_name, *names])
        columns = [series[0].x, *(item.y for item in series)]
        writer.writerows([[_cell(value) for value in row] for row in zip(*columns, strict=True)])
        return out.getvalue()
    writer.writerow(["series", x_name, y_name])
    for item in series:
        writer.writerows([item.key, _cell(x), _cell(y)] for x, y in zip(item.x, item.y, strict=True))
    return out.getvalue()


def _cell(value: float) -> str:
    """Return a number as tables have it; nothing where there is none."""
    return "" if np.isnan(value) else repr(float(value))

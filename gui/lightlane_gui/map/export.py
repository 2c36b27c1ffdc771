"""The map as a file: pixels as on the screen, or vectors."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator

from lightlane_gui.map.canvas import MapCanvas

PNG_SCALE = 2
"""Pixels of the picture for each of the screen."""
SCREEN_DPI = 96


def export_map(canvas: MapCanvas, path: Path) -> None:
    """Write what a map shows: vectors where the name ends in .svg, else pixels.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    if path.suffix.lower() == ".svg":
        is_written = _write_svg(canvas, path)
    else:
        pixmap = QPixmap(canvas.size() * PNG_SCALE)
        pixmap.setDevicePixelRatio(PNG_SCALE)
        painter = QPainter(pixmap)
        canvas.scene.paint_vectors(painter, canvas.width(), canvas.height(), canvas.font())
        painter.end()
        is_written = pixmap.save(str(path if path.suffix else path.with_suffix(".png")))
    if not is_written:
        raise OSError(f"cannot write {path}: the folder is missing or takes no files, or the kind of file is unknown")


def _write_svg(canvas: MapCanvas, path: Path) -> bool:
    size = canvas.size()
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    # Without it lengths come out at three quarters of their size.
    generator.setResolution(SCREEN_DPI)
    generator.setSize(QSize(size.width(), size.height()))
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle("Fabric map")
    painter = QPainter()
    if not painter.begin(generator):
        return False
    canvas.scene.paint_vectors(painter, size.width(), size.height(), canvas.font())
    return painter.end()

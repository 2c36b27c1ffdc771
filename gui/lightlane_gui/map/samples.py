"""Small pictures of how links and sites are drawn, and the scale bar: for the strip under the map."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from lightlane_gui.map.camera import MapCamera, Viewport
from lightlane_gui.map.painting import LinkMarks, draw_links, draw_sites
from lightlane_gui.map.stamps import Stamps
from lightlane_gui.map.strokes import Stroke
from lightlane_gui.theme import Theme

LINE_SIZE = QSize(26, 12)
_SITE_SIZE = QSize(14, 14)
_RING_SIZE = QSize(26, 26)
_BAR_MAX_PX = 110.0


def _open(size: QSize, ratio: float) -> tuple[QPixmap, QPainter]:
    pixmap = QPixmap(size * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return pixmap, painter


def _close(pixmap: QPixmap, painter: QPainter, ratio: float) -> QPixmap:
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def sample_link(stroke: Stroke, theme: Theme, ratio: float, *, double: bool = False) -> QPixmap:
    """Return a piece of a link's line."""
    pixmap, painter = _open(LINE_SIZE, ratio)
    wide, high = LINE_SIZE.width() * ratio, LINE_SIZE.height() * ratio
    line = np.array([[1.0, high / 2, wide - 1, high / 2]])
    none = np.zeros(1, dtype=bool)
    view = Viewport(0.0, 0.0, 1.0, wide, high)
    marks = LinkMarks(np.zeros(1, dtype=np.uint8), none | double, none)
    draw_links(painter, view, ratio, line, marks, (stroke,), theme)
    return _close(pixmap, painter, ratio)


def sample_line(color: str, width_px: float, ratio: float) -> QPixmap:
    """Return a piece of a plain line."""
    pixmap, painter = _open(LINE_SIZE, ratio)
    painter.setPen(QPen(QColor(color), width_px * ratio))
    middle = LINE_SIZE.height() * ratio / 2
    painter.drawLine(QPointF(1, middle), QPointF(LINE_SIZE.width() * ratio - 1, middle))
    return _close(pixmap, painter, ratio)


def sample_site(role: str, theme: Theme, ratio: float) -> QPixmap:
    """Return the marker of a role."""
    pixmap, painter = _open(_SITE_SIZE, ratio)
    middle = np.array([[_SITE_SIZE.width() / 2, _SITE_SIZE.height() / 2]]) * ratio
    draw_sites(painter, ratio, middle, np.array([role]), Stamps(), theme)
    return _close(pixmap, painter, ratio)


def sample_ring(theme: Theme, ratio: float) -> QPixmap:
    """Return the ring of several sites."""
    pixmap, painter = _open(_RING_SIZE, ratio)
    middle = _RING_SIZE.width() / 2 * ratio
    Stamps().put_rings(painter, np.array([[middle, middle]]), [theme.muted], [5], ratio, theme)
    return _close(pixmap, painter, ratio)


class Sample(QWidget):
    """A picture and what it means."""

    def __init__(self, text: str, meaning: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture, self._text = QLabel(self), QLabel(text, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(4)
        layout.addWidget(self._picture)
        layout.addWidget(self._text)
        self.setToolTip(meaning)
        self.setAccessibleName(f"{text}: {meaning}")
        self.setFixedHeight(24)

    def show_picture(self, pixmap: QPixmap) -> None:
        """Put another picture before the text."""
        self._picture.setPixmap(pixmap)


def to_icon(pixmap: QPixmap) -> QIcon:
    """Return an icon that looks the same in every state."""
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Disabled)
    return icon


class ScaleBar(QWidget):
    """How long a round number of kilometers is."""

    def __init__(self, camera: MapCamera, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._camera = camera
        camera.changed.connect(self._changed)
        self.setFixedSize(QSize(int(_BAR_MAX_PX) + 76, 24))
        self._changed()

    def _changed(self) -> None:
        self.setAccessibleName(f"Scale: the bar is {self.text()} long")
        self.update()

    def length_km(self) -> float:
        """Return the greatest of 1, 2, 5, 10, ... that fits."""
        room_km = self._camera.km_per_px * _BAR_MAX_PX
        power = 10.0 ** np.floor(np.log10(room_km))
        return float(max(step * power for step in (1, 2, 5) if step * power <= room_km))

    def text(self) -> str:
        """Return what it says."""
        length_km = self.length_km()
        return f"{length_km:g} km" if length_km >= 1 else f"{length_km * 1000:g} m"

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw bar and words."""
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self.theme.muted), 1))
        wide, low = round(self.length_km() / self._camera.km_per_px), 15
        painter.drawPolyline([QPointF(1, low - 5), QPointF(1, low), QPointF(1 + wide, low), QPointF(1 + wide, low - 5)])
        painter.drawText(QRectF(wide + 8, 0, 76, 24), Qt.AlignmentFlag.AlignVCenter, self.text())

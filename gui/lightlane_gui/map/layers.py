"""Images that are kept between paints and moved with the map."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from lightlane_gui.map.camera import MapCamera, Viewport

PAD_PX = 96
"""Drawn beyond each edge, so that a drag mostly moves an image."""

_STRETCH_MAX = 1.4
Paint = Callable[[QPainter, Viewport, float], None]
"""Draws in device pixels; the last argument is their number per logical pixel."""


class Layer:
    """One image of the map."""

    def __init__(self, *, opaque: bool = False) -> None:
        self._format = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
        self._image: QImage | None = None
        self._view = Viewport(0.0, 0.0, 1.0, 0.0, 0.0)
        self._made_of: Hashable = None

    def is_fresh(self, key: Hashable, camera: MapCamera, width: int, height: int, ratio: float) -> bool:
        """Tell whether the image shows what it should, where it should."""
        if self._image is None or self._made_of != (key, width, height, ratio):
            return False
        view = self._view
        if view.km_per_px != camera.km_per_px:
            return False
        right_px = abs(view.center_x_km - camera.center_x_km) / camera.km_per_px
        down_px = abs(view.center_y_km - camera.center_y_km) / camera.km_per_px
        return max(right_px, down_px) <= PAD_PX

    def can_stretch(self, key: Hashable, camera: MapCamera, width: int, height: int, ratio: float) -> bool:
        """Tell whether the image, enlarged or made smaller a little, will do for a moment."""
        if self._image is None or self._made_of != (key, width, height, ratio):
            return False
        grown = self._view.km_per_px / camera.km_per_px
        return grown != 1.0 and 1 / _STRETCH_MAX < grown < _STRETCH_MAX

    def clear(self) -> None:
        """Forget the image."""
        self._image = None

    def render(
        self,
        key: Hashable,
        camera: MapCamera,
        size: tuple[int, int],
        ratio: float,
        background: str | None,
        paint: Paint,
    ) -> None:
        """Draw the image anew.

        Parameters
        ----------
        background
            Color; None: transparent.
        """
        width, height = size
        wide, high = math.ceil((width + 2 * PAD_PX) * ratio), math.ceil((height + 2 * PAD_PX) * ratio)
        if self._image is None or (self._image.width(), self._image.height()) != (wide, high):
            self._image = QImage(wide, high, self._format)
        self._image.setDevicePixelRatio(1.0)
        self._image.fill(QColor(background) if background else Qt.GlobalColor.transparent)
        self._view = camera.viewport(width, height)
        self._made_of = (key, width, height, ratio)
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter, Viewport(camera.center_x_km, camera.center_y_km, camera.km_per_px / ratio, wide, high), ratio)
        painter.end()
        self._image.setDevicePixelRatio(ratio)

    def draw(self, painter: QPainter, camera: MapCamera, width: int, height: int, ratio: float) -> None:
        """Put the image onto a widget where its part of the plane is now."""
        if self._image is None:
            return
        view = self._view
        grown = view.km_per_px / camera.km_per_px
        wide, high = self._image.width() / ratio * grown, self._image.height() / ratio * grown
        left = width / 2 + (view.center_x_km - camera.center_x_km) / camera.km_per_px - wide / 2
        top = height / 2 - (view.center_y_km - camera.center_y_km) / camera.km_per_px - high / 2
        if grown == 1.0:
            # Pixel on pixel, which is a copy and no transformation.
            painter.drawImage(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), self._image)
        else:
            painter.drawImage(QRectF(left, top, wide, high), self._image)

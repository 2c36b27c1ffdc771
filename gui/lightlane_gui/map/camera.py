"""Which part of the plane a map shows; two maps side by side share one camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

NEAREST_KM_PER_PX = 0.002
_ROOM_PX = 56.0
"""Between the outermost sites and the edge, for their names."""
_LEAST_EXTENT_KM = 2.0
_WIDEST = 4.0
"""How many times the fabric's size can be seen at most."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """A picture of the plane: pixel (0, 0) is its upper left corner."""

    center_x_km: float
    center_y_km: float
    km_per_px: float
    width_px: float
    height_px: float

    def to_px(self, x_km: NDArray[np.float64], y_km: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Return where points of the plane are in the picture."""
        return (
            self.width_px / 2 + (x_km - self.center_x_km) / self.km_per_px,
            self.height_px / 2 - (y_km - self.center_y_km) / self.km_per_px,
        )

    def to_km(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Return which point of the plane is at a pixel."""
        return (
            self.center_x_km + (x_px - self.width_px / 2) * self.km_per_px,
            self.center_y_km - (y_px - self.height_px / 2) * self.km_per_px,
        )


class MapCamera(QObject):
    """Center and scale."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.center_x_km = self.center_y_km = 0.0
        self.km_per_px = 1.0
        self.is_fitted = True
        """Nobody moved it since it was fitted: a window of another size is fitted again."""
        self._farthest_km_per_px = 100.0

    def viewport(self, width_px: float, height_px: float) -> Viewport:
        """Return what a widget of this size sees."""
        return Viewport(self.center_x_km, self.center_y_km, self.km_per_px, width_px, height_px)

    def fit(self, bounds_km: tuple[float, float, float, float], width_px: float, height_px: float) -> None:
        """Show a box, west, south, east, north, with room for names around it."""
        west, south, east, north = bounds_km
        wide_km, high_km = max(east - west, _LEAST_EXTENT_KM), max(north - south, _LEAST_EXTENT_KM)
        scale = max(
            wide_km / max(width_px - 2 * _ROOM_PX, width_px / 2, 1.0),
            high_km / max(height_px - 2 * _ROOM_PX, height_px / 2, 1.0),
        )
        self._farthest_km_per_px = max(self._farthest_km_per_px if not self.is_fitted else 0.0, _WIDEST * scale)
        self._set((west + east) / 2, (south + north) / 2, scale)
        self.is_fitted = True

    def fit_box(self, bounds_km: tuple[float, float, float, float], width_px: float, height_px: float) -> None:
        """Show a box that the user chose."""
        west, south, east, north = bounds_km
        scale = max((east - west) / max(width_px, 1.0), (north - south) / max(height_px, 1.0))
        self.is_fitted = False
        self._set((west + east) / 2, (south + north) / 2, scale)

    def move_to(self, x_km: float, y_km: float, km_per_px: float | None = None) -> None:
        """Put a point into the middle."""
        self.is_fitted = False
        self._set(x_km, y_km, self.km_per_px if km_per_px is None else km_per_px)

    def pan_px(self, right_px: float, down_px: float) -> None:
        """Move the plane by so many pixels."""
        self.is_fitted = False
        self._set(
            self.center_x_km - right_px * self.km_per_px, self.center_y_km + down_px * self.km_per_px, self.km_per_px
        )

    def zoom_at(self, factor: float, view: Viewport, x_px: float, y_px: float) -> None:
        """Magnify about a pixel of a view; the point of the plane that is there stays there."""
        x_km, y_km = view.to_km(x_px, y_px)
        scale = self._clip(self.km_per_px / factor)
        shrink = scale / self.km_per_px
        self.is_fitted = False
        self._set(x_km + (self.center_x_km - x_km) * shrink, y_km + (self.center_y_km - y_km) * shrink, scale)

    def _clip(self, km_per_px: float) -> float:
        return min(max(km_per_px, NEAREST_KM_PER_PX), max(self._farthest_km_per_px, NEAREST_KM_PER_PX))

    def _set(self, x_km: float, y_km: float, km_per_px: float) -> None:
        found = (x_km, y_km, self._clip(km_per_px))
        if found != (self.center_x_km, self.center_y_km, self.km_per_px):
            self.center_x_km, self.center_y_km, self.km_per_px = found
            self.changed.emit()

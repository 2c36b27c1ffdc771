"""Where things of a layout are in a picture, and what lies at a pixel."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lightlane.toolkit import MapLayout
from lightlane_gui.map.camera import Viewport

Floats = NDArray[np.float64]
SPACING_PX = 4.0
"""Between links side by side."""
_MOST_OF_LENGTH = 0.2
"""Links side by side take at most this much of a short stretch's length, on each side."""


class MapGeometry:
    """Sites, ducts and links of one layout in pixels."""

    def __init__(self, layout: MapLayout) -> None:
        self.layout = layout
        x_km, y_km = layout.places.x_km, layout.places.y_km
        low, high = layout.stretch_sites.min(axis=1), layout.stretch_sites.max(axis=1)
        dx, dy = x_km[high] - x_km[low], y_km[high] - y_km[low]
        self._length_km = np.hypot(dx, dy)
        safe = np.where(self._length_km > 0, self._length_km, 1.0)
        # To the left of the way from the lower to the higher site; y of pixels goes down.
        self._left = np.column_stack([-dy / safe, -dx / safe])

    def site_px(self, view: Viewport) -> Floats:
        """Return the sites, shape (sites, 2)."""
        return np.column_stack(view.to_px(self.layout.places.x_km, self.layout.places.y_km))

    def stretch_px(self, view: Viewport, *, ratio: float = 1.0) -> Floats:
        """Return the stretches of the links as x1, y1, x2, y2, shape (stretches, 4).

        Parameters
        ----------
        ratio
            Pixels of the view per logical pixel.
        """
        sites = self.site_px(view)
        ends = self.layout.stretch_sites
        length_px = self._length_km / view.km_per_px
        spacing = np.minimum(SPACING_PX * ratio, length_px * _MOST_OF_LENGTH / 2)
        shift = self._left * (self.layout.stretch_offset_ratio * spacing)[:, None]
        return np.hstack([sites[ends[:, 0]] + shift, sites[ends[:, 1]] + shift])

    def duct_px(self, view: Viewport) -> Floats:
        """Return the ducts as x1, y1, x2, y2, shape (ducts, 4)."""
        sites = self.site_px(view)
        ends = self.layout.duct_sites
        return np.hstack([sites[ends[:, 0]], sites[ends[:, 1]]])

    def nearest_site(self, view: Viewport, x_px: float, y_px: float, reach_px: float, shown: NDArray[np.bool_]) -> int:
        """Return the nearest site among those that are shown within reach; -1: none."""
        sites = self.site_px(view)
        distance = np.hypot(sites[:, 0] - x_px, sites[:, 1] - y_px)
        return _nearest(np.where(shown, distance, np.inf), reach_px)

    def nearest_stretch(
        self, view: Viewport, x_px: float, y_px: float, reach_px: float, shown: NDArray[np.bool_]
    ) -> int:
        """Return the nearest stretch of a link among those that are shown within reach; -1: none."""
        return _nearest(np.where(shown, distance_px(self.stretch_px(view), x_px, y_px), np.inf), reach_px)

    def nearest_duct(self, view: Viewport, x_px: float, y_px: float, reach_px: float) -> int:
        """Return the nearest duct within reach; -1: none."""
        return _nearest(distance_px(self.duct_px(view), x_px, y_px), reach_px)

    @cached_property
    def stretches_by_link(self) -> list[NDArray[np.intp]]:
        """Stretches of each link in its order."""
        order = np.argsort(self.layout.stretch_link, kind="stable")
        counts = np.bincount(self.layout.stretch_link, minlength=len(self.layout.links))
        return np.split(order, np.cumsum(counts)[:-1]) if len(counts) else []

    @cached_property
    def site_index(self) -> dict[str, int]:
        """Place of each site."""
        return {name: row for row, name in enumerate(self.layout.places.names)}

    @cached_property
    def link_index(self) -> dict[str, int]:
        """Place of each link."""
        return {name: row for row, name in enumerate(self.layout.links)}

    @cached_property
    def duct_index(self) -> dict[str, int]:
        """Place of each duct."""
        return {name: row for row, name in enumerate(self.layout.ducts)}

    def bounds_of(self, kind: str, name: str) -> tuple[float, float, float, float] | None:
        """Return the box about a site, duct or link in km; None for what is not on the map."""
        if kind == "site" and name in self.site_index:
            sites = np.array([self.site_index[name]])
        elif kind == "duct" and name in self.duct_index:
            sites = self.layout.duct_sites[self.duct_index[name]]
        elif kind == "link" and name in self.link_index:
            sites = self.layout.stretch_sites[self.stretches_by_link[self.link_index[name]]].ravel()
        else:
            return None
        x_km, y_km = self.layout.places.x_km[sites], self.layout.places.y_km[sites]
        return float(x_km.min()), float(y_km.min()), float(x_km.max()), float(y_km.max())


def distance_px(lines: Floats, x_px: float, y_px: float) -> Floats:
    """Return the distance of a point from each of the lines x1, y1, x2, y2."""
    step = lines[:, 2:] - lines[:, :2]
    to_point = np.array([x_px, y_px]) - lines[:, :2]
    squared = (step**2).sum(axis=1)
    along = np.clip((to_point * step).sum(axis=1) / np.where(squared > 0, squared, 1.0), 0.0, 1.0)
    return np.asarray(np.hypot(*(to_point - along[:, None] * step).T))


def _nearest(distance: Floats, reach_px: float) -> int:
    if not len(distance):
        return -1
    row = int(np.argmin(distance))
    return row if distance[row] <= reach_px else -1

"""Where the camera must stand so that something is seen."""

from __future__ import annotations

import numpy as np

from lightlane_gui.map.clusters import Clusters
from lightlane_gui.map.geometry import MapGeometry
from lightlane_gui.map.scene import MapScene

_SHARE = 0.6
"""Of the map that something large takes at most."""
_LEAST_PX, _SMALL_PX, _APART_PX = 16.0, 60.0, 40.0


def is_seen(scene: MapScene, kind: str, name: str, width: int, height: int) -> bool:
    """Tell whether something is on the map as it is, large enough to be seen; also where it is on no map."""
    bounds = scene.geometry.bounds_of(kind, name) if scene.geometry is not None else None
    if bounds is None:
        return True
    west, south, east, north = bounds
    x, y = scene.camera.viewport(width, height).to_px(np.array([west, east]), np.array([south, north]))
    inside = x.min() >= 0 and x.max() <= width and y.min() >= 0 and y.max() <= height
    return bool(inside and max(np.ptp(x), np.ptp(y)) >= _LEAST_PX)


def aim_at(scene: MapScene, kind: str, name: str, width: int, height: int) -> tuple[float, float, float] | None:
    """Return center and scale, x and y in km and km per pixel, that show something; None for what is on no map.

    The scale stays where it will do: a site must stand alone, a link or duct be neither too large nor too small.
    """
    geometry, clusters = scene.geometry, scene.clusters()
    bounds = geometry.bounds_of(kind, name) if geometry is not None else None
    if geometry is None or clusters is None or bounds is None:
        return None
    west, south, east, north = bounds
    scale = scene.camera.km_per_px
    if kind == "site":
        scale = _part(geometry, clusters, geometry.site_index[name], scale)
    else:
        nearest = max((east - west) / (_SHARE * width), (north - south) / (_SHARE * height))
        if nearest > scale or 0 < max(east - west, north - south) < _SMALL_PX * scale:
            scale = nearest
    return (west + east) / 2, (south + north) / 2, scale


def _part(geometry: MapGeometry, clusters: Clusters, site: int, km_per_px: float) -> float:
    """Return the scale at which a site stands alone."""
    if clusters.center[site] == site and clusters.site_count[site] <= 1:
        return km_per_px
    places = geometry.layout.places
    distance_km = np.hypot(places.x_km - places.x_km[site], places.y_km - places.y_km[site])
    others = distance_km[distance_km > 0]
    return min(km_per_px, float(others.min()) / _APART_PX) if len(others) else km_per_px

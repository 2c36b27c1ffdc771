"""Sites that lie closer together than a finger's width of pixels are shown as one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.toolkit import MapLayout

REACH_PX = 18.0
_SPACING_PX = 20.0
_DENSER_MAX = 1.8
"""Where sites lie closer than the spacing on average, they are put together from further away, up to so many times."""
_LEVELS_PER_OCTAVE = 2
"""Steps of scale at which sites are put together anew."""
_RANK = {"core": 0, "edge": 1, "hut": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Sites put together at one scale.

    Attributes
    ----------
    center
        For each site the one that stands for it; itself where it is shown.
    site_count
        For each site how many it stands for, huts not counted; 0 where another stands for it.
    hidden_stretch
        Stretches of links inside a cluster.
    """

    center: NDArray[np.intp]
    site_count: NDArray[np.intp]
    hidden_stretch: NDArray[np.bool_]

    def rings(self) -> NDArray[np.intp]:
        """Return the sites that stand for several."""
        return np.flatnonzero(self.site_count > 1)


class ClusterLevels:
    """The clusters of one layout at any scale; computed once per step of scale."""

    def __init__(self, layout: MapLayout) -> None:
        self._layout = layout
        places = layout.places
        ranks = [(_RANK.get(role, 1), -degree) for role, degree in zip(places.roles, places.degrees, strict=True)]
        self._order = sorted(range(len(ranks)), key=ranks.__getitem__)
        west, south, east, north = layout.bounds_km()
        area_km2 = max(east - west, 1e-3) * max(north - south, 1e-3)
        counted = sum(role != "hut" for role in places.roles)
        self._spacing_km = math.sqrt(area_km2 / max(counted, 1))
        self._known: dict[int, Clusters] = {}

    def level(self, km_per_px: float) -> int:
        """Return the step of a scale."""
        return math.floor(math.log2(km_per_px) * _LEVELS_PER_OCTAVE)

    def at(self, km_per_px: float) -> Clusters:
        """Return the clusters at a scale."""
        level = self.level(km_per_px)
        if level not in self._known:
            scale = 2.0 ** (level / _LEVELS_PER_OCTAVE)
            denser = min(max(_SPACING_PX * scale / self._spacing_km, 1.0), _DENSER_MAX)
            self._known[level] = self._gather(REACH_PX * denser * scale)
        return self._known[level]

    def _gather(self, reach_km: float) -> Clusters:
        """Let each site, the weightiest first, join the nearest within reach that stands for itself, or stand so."""
        xs, ys = self._layout.places.x_km.tolist(), self._layout.places.y_km.tolist()
        cells: dict[tuple[int, int], list[int]] = {}
        center = np.arange(len(xs))
        for site in self._order:
            x, y = xs[site], ys[site]
            column, row = math.floor(x / reach_km), math.floor(y / reach_km)
            best, least = -1, reach_km
            for other in cells.get((column, row), ()):
                distance = math.hypot(xs[other] - x, ys[other] - y)
                if distance < least:
                    best, least = other, distance
            if best < 0:
                # Few stand for themselves: each is entered where it can be found from, so that the rest look once.
                for i in (-1, 0, 1):
                    for j in (-1, 0, 1):
                        cells.setdefault((column + i, row + j), []).append(site)
            else:
                center[site] = best
        counted = np.array([role != "hut" for role in self._layout.places.roles], dtype=bool)
        site_count = np.bincount(center[counted], minlength=len(xs)).astype(np.intp)
        ends = self._layout.stretch_sites
        return Clusters(center, site_count, center[ends[:, 0]] == center[ends[:, 1]])

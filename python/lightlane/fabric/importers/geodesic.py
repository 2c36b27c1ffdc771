"""Distances on the WGS84 ellipsoid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

MEAN_RADIUS_KM = 6371.0088
"""Of the sphere that stands for the ellipsoid where half a percent of distance does not matter."""

Position = tuple[float, float]
"""Latitude and longitude in degrees."""


@cache
def _ellipsoid() -> Any:
    from geographiclib.geodesic import Geodesic

    return Geodesic.WGS84


def measure_geodesic_km(a_deg: Position, b_deg: Position) -> float:
    """Return the length of the shortest line on the ellipsoid between two positions.

    References
    ----------
    Karney 2013, doi 10.1007/s00190-012-0578-z.
    """
    ellipsoid = _ellipsoid()
    return float(ellipsoid.Inverse(*a_deg, *b_deg, ellipsoid.DISTANCE)["s12"]) / 1e3


def measure_line_km(positions_deg: Sequence[Position]) -> float:
    """Return the length of a line through ``positions_deg``, geodesic from each to the next."""
    return sum(measure_geodesic_km(a, b) for a, b in pairwise(positions_deg))


def estimate_distances_km(
    position_deg: Position, latitudes_deg: npt.NDArray[np.float64], longitudes_deg: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the distances from one position to many on a sphere, within 0.6 % of the geodesic; shape (positions,)."""
    latitude, longitude = np.radians(position_deg)
    latitudes, longitudes = np.radians(latitudes_deg), np.radians(longitudes_deg)
    half_chord = np.sin((latitudes - latitude) / 2) ** 2 + np.cos(latitude) * np.cos(latitudes) * (
        np.sin((longitudes - longitude) / 2) ** 2
    )
    distances: npt.NDArray[np.float64] = 2 * MEAN_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half_chord, 0.0, 1.0)))
    return distances

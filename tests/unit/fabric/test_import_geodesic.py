"""Distances on the ellipsoid against published ones.

Sources: Flinders Peak to Buninyong is the worked example of the GDA94 Technical Manual (Geoscience Australia), on
GRS80, which differs from WGS84 by less than 0.1 mm here; JFK to Singapore Changi is the example of
GeographicLib's GeodSolve manual page, printed to the meter. Tolerances are the last digit printed.
"""

import numpy as np
import pytest

from lightlane.fabric.importers.geodesic import estimate_distances_km, measure_geodesic_km, measure_line_km


def degrees(whole: float, minutes: float, seconds: float) -> float:
    return whole + minutes / 60 + seconds / 3600


def test_flinders_peak_to_buninyong() -> None:
    flinders = (-degrees(37, 57, 3.72030), degrees(144, 25, 29.52440))
    buninyong = (-degrees(37, 39, 10.15610), degrees(143, 55, 35.38390))
    assert measure_geodesic_km(flinders, buninyong) == pytest.approx(54.972271, abs=1e-6)


def test_new_york_to_singapore() -> None:
    jfk, changi = (degrees(40, 38, 23), -degrees(73, 46, 44)), (degrees(1, 21, 33), degrees(103, 59, 22))
    assert measure_geodesic_km(jfk, changi) == pytest.approx(15347.628, abs=1e-3)


def test_a_line_is_longer_than_its_chord() -> None:
    a, detour, b = (52.52, 13.405), (52.4, 12.5), (52.13, 11.63)
    assert measure_line_km([a, detour, b]) > measure_geodesic_km(a, b)
    assert measure_line_km([a, b]) == measure_geodesic_km(a, b)


def test_the_sphere_is_near_the_ellipsoid() -> None:
    # The ellipsoid's radii of curvature differ by 0.6 % from the mean radius at most.
    latitudes, longitudes = np.array([48.1, 53.5, 0.0, 89.0]), np.array([11.6, 10.0, 13.0, 0.0])
    exact = [measure_geodesic_km((52.52, 13.405), pair) for pair in zip(latitudes, longitudes, strict=True)]
    np.testing.assert_allclose(estimate_distances_km((52.52, 13.405), latitudes, longitudes), exact, rtol=0.006)


def test_the_antimeridian_is_no_wall() -> None:
    assert measure_geodesic_km((0.0, 179.5), (0.0, -179.5)) == pytest.approx(111.319, abs=1e-3)

"""Links follow their ducts, parallels lie side by side, metros are found, the date line is no wall."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lightlane.plots.geography import (
    Course,
    Projection,
    draw_course,
    find_metros,
    locate_sites,
    spread_parallels,
    trace_links,
)


def _fabric(
    sites: list[tuple[str, str, float, float]], ducts: list[tuple[str, str]], links: list[list[int]]
) -> dict[str, Any]:
    records = [{"name": f"d{k}", "a": a, "b": b} for k, (a, b) in enumerate(ducts)]
    return {
        "site": [{"name": n, "role": r, "latitude_deg": lat, "longitude_deg": lon} for n, r, lat, lon in sites],
        "duct": records,
        "link": [
            {"name": f"l{k}", "a": ducts[path[0]][0], "b": ducts[path[-1]][1], "ducts": [f"d{i}" for i in path]}
            for k, path in enumerate(links)
        ],
    }


def test_projection_keeps_distances_about_its_center() -> None:
    x_km, y_km = Projection(10.0, 60.0).project([11.0, 10.0], [60.0, 61.0])
    assert x_km[0] == pytest.approx(111.195 * 0.5)
    assert y_km[1] == pytest.approx(111.195)


def test_date_line_is_crossed_the_short_way() -> None:
    fabric = _fabric([("Fiji", "core", -18, 178.0), ("Samoa", "core", -14, -172.0)], [("Fiji", "Samoa")], [[0]])
    places = locate_sites(fabric)
    assert np.ptp(places.x_km) == pytest.approx(10 * 111.195 * math.cos(math.radians(16)))
    assert abs(abs(places.projection.longitude_deg) - 177.0) < 1e-9


def test_single_site_has_a_center() -> None:
    places = locate_sites(_fabric([("Alone", "core", 50.0, 8.0)], [], []))
    assert places.projection.longitude_deg == pytest.approx(8.0)
    assert (places.x_km[0], places.y_km[0]) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


def test_link_follows_ducts_in_either_sense() -> None:
    fabric = _fabric(
        [("A", "core", 50, 8), ("H", "hut", 50.5, 9), ("B", "core", 51, 10)], [("A", "H"), ("B", "H")], [[0]]
    )
    fabric["link"] = [{"name": "l", "a": "A", "b": "B", "ducts": ["d0", "d1"]}]
    assert trace_links(fabric, locate_sites(fabric)) == [Course(0, (0, 1, 2))]


def test_parallels_are_spread_about_the_middle() -> None:
    courses = [Course(0, (0, 1)), Course(1, (1, 0)), Course(2, (0, 1, 2))]
    offsets = spread_parallels(courses, 3.0, 12.0)
    assert sorted(offsets[key] for key in ((0, 0), (1, 0), (2, 0))) == [-3.0, 0.0, 3.0]
    assert offsets[2, 1] == 0.0
    many = spread_parallels([Course(k, (0, 1)) for k in range(13)], 3.0, 12.0)
    assert max(many.values()) - min(many.values()) == pytest.approx(12.0)


def test_parallels_do_not_cross_whatever_their_sense() -> None:
    fabric = _fabric([("A", "core", 50, 8), ("B", "core", 50, 9)], [("A", "B")], [[0]])
    places = locate_sites(fabric)
    courses = [Course(0, (0, 1)), Course(1, (1, 0))]
    offsets = spread_parallels(courses, 2.0, 12.0)
    forth, back = (draw_course(course, places, offsets, 1.0) for course in courses)
    assert forth[:, 1] == pytest.approx([-1.0, -1.0])
    assert back[:, 1] == pytest.approx([1.0, 1.0])
    assert forth[:, 0] == pytest.approx(back[::-1, 0])


def test_metros_are_groups_of_short_links() -> None:
    sites = [("A", "edge", 50.00, 8.0), ("B", "core", 50.02, 8.0), ("C", "edge", 50.04, 8.0), ("D", "core", 52, 8.0)]
    ducts = [("A", "B"), ("B", "C"), ("B", "D")]
    fabric = _fabric(sites, ducts, [[0], [1], [2]])
    places = locate_sites(fabric)
    (metro,) = find_metros(trace_links(fabric, places), places, 5.0)
    assert metro.center == 1
    assert metro.sites == (0, 1, 2)
    assert [course.row for course in metro.courses] == [0, 1]
    assert find_metros(trace_links(fabric, places), places, 1.0) == []

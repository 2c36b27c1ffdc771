"""Where the fabric lies on paper: projection, the course of each link, the metros that a country map cannot show."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
KILOMETERS_PER_DEGREE = 111.195
"""Of latitude on the mean sphere (radius 6371.0 km)."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Equirectangular about a center: true distances along meridians and along the central parallel."""

    longitude_deg: float
    latitude_deg: float

    def project(self, longitude_deg: Any, latitude_deg: Any) -> tuple[Points, Points]:
        """Return x and y in km; longitudes are taken the short way round from the center."""
        turned = (np.asarray(longitude_deg, dtype=float) - self.longitude_deg + 180.0) % 360.0 - 180.0
        x_km = turned * KILOMETERS_PER_DEGREE * math.cos(math.radians(self.latitude_deg))
        y_km = (np.asarray(latitude_deg, dtype=float) - self.latitude_deg) * KILOMETERS_PER_DEGREE
        return x_km, y_km


@dataclass(frozen=True, slots=True)
class Places:
    """The sites in file order with their positions in km."""

    names: tuple[str, ...]
    roles: tuple[str, ...]
    x_km: Points
    y_km: Points
    projection: Projection
    degrees: tuple[int, ...]
    """Links that end at the site."""


@dataclass(frozen=True, slots=True)
class Course:
    """One link on the map: the sites that it passes, as indexes into :class:`Places`."""

    row: int
    sites: tuple[int, ...]


def locate_sites(fabric: dict[str, Any], *, projection: Projection | None = None) -> Places:
    """Project the sites of a fabric given as plain data; ``projection`` absent: about their middle."""
    sites = fabric["site"]
    longitudes = np.array([site["longitude_deg"] for site in sites], dtype=float)
    latitudes = np.array([site["latitude_deg"] for site in sites], dtype=float)
    if projection is not None:
        center = projection
    elif len(sites):
        center = Projection(_middle_longitude_deg(longitudes), float((latitudes.min() + latitudes.max()) / 2))
    else:
        center = Projection(0.0, 0.0)
    x_km, y_km = center.project(longitudes, latitudes)
    ends = Counter(end for link in fabric["link"] for end in (link["a"], link["b"]))
    names = tuple(site["name"] for site in sites)
    degrees = tuple(ends[name] for name in names)
    return Places(names, tuple(site["role"] for site in sites), x_km, y_km, center, degrees)


def _middle_longitude_deg(longitudes_deg: Points) -> float:
    """Return the middle of the arc that holds all longitudes: opposite of the widest gap between neighbors."""
    ordered = np.sort(longitudes_deg % 360.0)
    gaps = np.diff(np.append(ordered, ordered[0] + 360.0))
    widest = int(np.argmax(gaps))
    middle_of_gap = ordered[widest] + gaps[widest] / 2
    return float((middle_of_gap + 180.0 + 180.0) % 360.0 - 180.0)


def trace_links(fabric: dict[str, Any], places: Places) -> list[Course]:
    """Follow each link duct by duct from its ``a`` end."""
    index = {name: number for number, name in enumerate(places.names)}
    ducts = {duct["name"]: (duct["a"], duct["b"]) for duct in fabric["duct"]}
    courses = []
    for row, link in enumerate(fabric["link"]):
        here = link["a"]
        passed = [index[here]]
        for name in link["ducts"]:
            a, b = ducts[name]
            here = b if here == a else a
            passed.append(index[here])
        courses.append(Course(row, tuple(passed)))
    return courses


def spread_parallels(courses: list[Course], spacing_pt: float, most_pt: float) -> dict[tuple[int, int], float]:
    """Give links that share a stretch a place beside each other.

    Returns
    -------
    Offset for each (row of the link, number of its stretch), positive to the left of the way from the lower to the
    higher site index; ``spacing_pt`` apart, or closer where more than ``most_pt`` would be needed.
    """
    users: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for course in courses:
        for number, (a, b) in enumerate(pairwise(course.sites)):
            users.setdefault((min(a, b), max(a, b)), []).append((course.row, number))
    offsets_pt: dict[tuple[int, int], float] = {}
    for sharing in users.values():
        step = min(spacing_pt, most_pt / max(1, len(sharing) - 1))
        for place, key in enumerate(sharing):
            offsets_pt[key] = (place - (len(sharing) - 1) / 2) * step
    return offsets_pt


def draw_course(course: Course, places: Places, offsets_pt: dict[tuple[int, int], float], unit_km: float) -> Points:
    """Return the points (x, y) in km of a link's line; ``unit_km`` turns the offsets into km."""
    points: list[tuple[float, float]] = []
    for number, (a, b) in enumerate(pairwise(course.sites)):
        low, high = min(a, b), max(a, b)
        dx, dy = places.x_km[high] - places.x_km[low], places.y_km[high] - places.y_km[low]
        length = math.hypot(dx, dy)
        offset = offsets_pt.get((course.row, number), 0.0) * unit_km
        shift = (-dy / length * offset, dx / length * offset) if length > 0 else (0.0, 0.0)
        points += [(float(places.x_km[end] + shift[0]), float(places.y_km[end] + shift[1])) for end in (a, b)]
    return np.array(points, dtype=float).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Metro:
    """Sites so close together that their links vanish on the map."""

    center: int
    """Index of the site with the most links."""
    sites: tuple[int, ...]
    courses: tuple[Course, ...]


def find_metros(courses: list[Course], places: Places, smallest_km: float) -> list[Metro]:
    """Find the groups of sites joined by links that are drawn shorter than ``smallest_km``, in site order."""
    parents = list(range(len(places.names)))

    def root(site: int) -> int:
        while parents[site] != site:
            parents[site] = parents[parents[site]]
            site = parents[site]
        return site

    short = []
    for course in courses:
        xs, ys = places.x_km[list(course.sites)], places.y_km[list(course.sites)]
        if float(np.hypot(np.diff(xs), np.diff(ys)).sum()) < smallest_km:
            short.append(course)
            for site in course.sites[1:]:
                parents[root(site)] = root(course.sites[0])
    groups: dict[int, list[Course]] = {}
    for course in short:
        groups.setdefault(root(course.sites[0]), []).append(course)
    metros = []
    for top, members in groups.items():
        sites = tuple(site for site in range(len(parents)) if root(site) == top)
        ends = Counter(end for course in members for end in (course.sites[0], course.sites[-1]))
        center = min(sites, key=lambda site: (places.roles[site] != "core", -ends[site], site))
        metros.append(Metro(center, sites, tuple(members)))
    return sorted(metros, key=lambda metro: metro.center)

"""A fabric laid out on the plane: where sites, ducts and links lie, and the coasts and borders around them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightlane.fabric.topology import Fabric
from lightlane.plots import basemap as base
from lightlane.plots.geography import (
    KILOMETERS_PER_DEGREE,
    Places,
    Points,
    Projection,
    locate_sites,
    spread_parallels,
    trace_links,
)

Indices = NDArray[np.intp]
_MOST_PARALLEL_STEPS = 4.0
"""Links side by side are one step apart, or closer where more than these would be needed."""
_LEAST_FRAME_KM = 250.0
"""Of coasts and borders on each side of the sites, so that a metro shows which country it is in."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Polylines end to end in one array: polyline ``i`` is ``[offsets[i]:offsets[i + 1]]``."""

    x_km: Points
    y_km: Points
    offsets: Indices


@dataclass(frozen=True, slots=True, eq=False)
class MapLayout:
    """Where everything lies; x to the east, y to the north, about the middle of the sites.

    Attributes
    ----------
    places
        The sites.
    ducts, duct_sites
        Names, and indexes of the two ends; shape (ducts, 2).
    links
        Names.
    stretch_link, stretch_duct, stretch_sites
        Links cut into stretches, one per duct that they pass, in order: index of the link, of the duct, and of the
        sites in the link's order, shape (stretches,) and (stretches, 2).
    stretch_offset_ratio
        Place of each stretch beside those of other links between the same sites, over the distance of two neighbors;
        positive to the left of the way from the lower to the higher site index.
    coast, border, state
        Base map.
    attribution
        Whose base map it is.
    """

    places: Places
    ducts: tuple[str, ...]
    duct_sites: Indices
    links: tuple[str, ...]
    stretch_link: Indices
    stretch_duct: Indices
    stretch_sites: Indices
    stretch_offset_ratio: NDArray[np.float64]
    coast: Lines
    border: Lines
    state: Lines
    outline: tuple[Any, ...] = field(repr=False)
    """What the layout depends on."""
    attribution: str = base.ATTRIBUTION

    def bounds_km(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north edge of the sites; zeros where there are none."""
        if not self.places.names:
            return (0.0, 0.0, 0.0, 0.0)
        x_km, y_km = self.places.x_km, self.places.y_km
        return float(x_km.min()), float(y_km.min()), float(x_km.max()), float(y_km.max())


def lay_out_map(fabric: Fabric, *, before: MapLayout | None = None) -> MapLayout:
    """Lay out a fabric.

    Parameters
    ----------
    before
        An earlier layout of another state of the fabric: it is returned where nothing on the map has moved; else its
        projection is kept, so that what stays does not jump.
    """
    outline = (
        tuple((site.name, site.role, site.longitude_deg, site.latitude_deg) for site in fabric.site),
        tuple((duct.name, duct.a, duct.b) for duct in fabric.duct),
        tuple((link.name, link.a, link.b, link.ducts) for link in fabric.link),
    )
    if before is not None and before.outline == outline:
        return before
    plain = _to_plain(outline)
    places = locate_sites(plain, projection=before.places.projection if before and before.places.names else None)
    index = {name: number for number, name in enumerate(places.names)}
    duct_index = {name: number for number, (name, _, _) in enumerate(outline[1])}
    courses = trace_links(plain, places)
    offsets = spread_parallels(courses, 1.0, _MOST_PARALLEL_STEPS)
    stretches = [
        (course.row, duct_index[outline[2][course.row][3][number]], a, b, offsets[course.row, number])
        for course in courses
        for number, (a, b) in enumerate(pairwise(course.sites))
    ]
    table = np.array(stretches, dtype=np.float64).reshape(-1, 5)
    whole = table[:, :4].astype(np.intp)
    coast, border, state = project_basemap(places.projection, _frame(places))
    return MapLayout(
        places=places,
        ducts=tuple(duct_index),
        duct_sites=np.array([(index[a], index[b]) for _, a, b in outline[1]], dtype=np.intp).reshape(-1, 2),
        links=tuple(name for name, _, _, _ in outline[2]),
        stretch_link=whole[:, 0],
        stretch_duct=whole[:, 1],
        stretch_sites=whole[:, 2:4],
        stretch_offset_ratio=table[:, 4],
        coast=coast,
        border=border,
        state=state,
        outline=outline,
    )


def _to_plain(outline: tuple[Any, ...]) -> dict[str, Any]:
    sites, ducts, links = outline
    return {
        "site": [{"name": n, "role": r, "longitude_deg": x, "latitude_deg": y} for n, r, x, y in sites],
        "duct": [{"name": name, "a": a, "b": b} for name, a, b in ducts],
        "link": [{"name": name, "a": a, "b": b, "ducts": way} for name, a, b, way in links],
    }


def _frame(places: Places) -> tuple[float, float, float, float]:
    """Return the box that coasts and borders are drawn in: room on each side for as much as the sites take."""
    if not places.names:
        return (-_LEAST_FRAME_KM, -_LEAST_FRAME_KM, _LEAST_FRAME_KM, _LEAST_FRAME_KM)
    room_km = max(float(np.ptp(places.x_km)), float(np.ptp(places.y_km)), _LEAST_FRAME_KM)
    return (
        float(places.x_km.min()) - room_km,
        float(places.y_km.min()) - room_km,
        float(places.x_km.max()) + room_km,
        float(places.y_km.max()) + room_km,
    )


def project_basemap(projection: Projection, frame_km: tuple[float, float, float, float]) -> tuple[Lines, Lines, Lines]:
    """Return coasts, borders of countries and borders of states within a box, west, south, east, north.

    What lies on the far side of the globe is left out, a box that crosses the date line is no trouble.
    """
    west, south, east, north = frame_km
    stretch = KILOMETERS_PER_DEGREE * math.cos(math.radians(projection.latitude_deg))
    # Half a turn from the center is where a line would jump from the east edge to the west edge.
    low = projection.longitude_deg + max(west / stretch, -179.99)
    high = projection.longitude_deg + min(east / stretch, 179.99)
    bottom = max(-90.0, projection.latitude_deg + south / KILOMETERS_PER_DEGREE)
    top = min(90.0, projection.latitude_deg + north / KILOMETERS_PER_DEGREE)
    world = base.load_basemap()
    parts = [base.clip(world, (a, bottom, b, top)) for a, b in _longitude_boxes(low, high)]
    coast, border, state = (
        _project_lines(projection, [getattr(part, layer) for part in parts]) for layer in ("coast", "border", "state")
    )
    return coast, border, state


def _project_lines(projection: Projection, parts: list[base.Polylines]) -> Lines:
    lines = [line for part in parts for line in base.split_polylines(part) if len(line) > 1]
    vertices = np.concatenate(lines) if lines else np.empty((0, 2))
    x_km, y_km = projection.project(vertices[:, 0], vertices[:, 1])
    return Lines(x_km, y_km, np.cumsum([0, *(len(line) for line in lines)]).astype(np.intp))


def _longitude_boxes(low_deg: float, high_deg: float) -> list[tuple[float, float]]:
    """Cut a range of longitudes, less than a turn, at the date line."""
    low_deg, high_deg = ((edge + 180.0) % 360.0 - 180.0 for edge in (low_deg, high_deg))
    if low_deg < high_deg:
        return [(low_deg, high_deg)]
    return [box for box in ((low_deg, 180.0), (-180.0, high_deg)) if box[0] < box[1]]

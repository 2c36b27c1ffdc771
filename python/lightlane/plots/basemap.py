"""The base map under a fabric: coasts, country borders and borders of states as polylines in degrees.

Natural Earth 1:50m, simplified; ``data/README.md`` tells where it comes from and how the file is packed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from lightlane.errors import ParameterError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

ATTRIBUTION = "Made with Natural Earth"


@dataclass(frozen=True, slots=True)
class Polylines:
    """Polylines end to end in one array.

    Attributes
    ----------
    longitude_deg, latitude_deg
        Vertices of all polylines, shape (vertices,).
    offsets
        Polyline ``i`` is ``[offsets[i]:offsets[i + 1]]``; shape (polylines + 1,).
    """

    longitude_deg: FloatArray
    latitude_deg: FloatArray
    offsets: IntArray


@dataclass(frozen=True, slots=True)
class Basemap:
    """The layers of the base map.

    Attributes
    ----------
    coast
        Coastlines and the shores of the Great Lakes.
    border
        Borders between countries.
    state
        Borders between the states of the United States, Canada, Brazil and Australia.
    """

    coast: Polylines
    border: Polylines
    state: Polylines


def split_polylines(polylines: Polylines) -> list[FloatArray]:
    """Return each polyline as rows of (longitude, latitude), shape (vertices, 2), as plot libraries take it."""
    vertices = np.column_stack([polylines.longitude_deg, polylines.latitude_deg])
    return np.split(vertices, polylines.offsets[1:-1]) if len(polylines.offsets) > 1 else []


def _join(lines: list[FloatArray]) -> Polylines:
    vertices = np.concatenate(lines) if lines else np.empty((0, 2))
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.intp)
    longitude_deg, latitude_deg = np.ascontiguousarray(vertices.T)
    for array in (longitude_deg, latitude_deg, offsets):
        array.flags.writeable = False
    return Polylines(longitude_deg, latitude_deg, offsets)


def _decode(lines: list[list[int]], step_deg: float) -> Polylines:
    return _join([np.cumsum(np.reshape(line, (-1, 2)), axis=0) * step_deg for line in lines])


@cache
def load_basemap() -> Basemap:
    """Return the base map of the whole world; read once, its arrays are read-only."""
    import gzip
    import json

    packed = resources.files(__package__).joinpath("data", "basemap.json.gz").read_bytes()
    content = json.loads(gzip.decompress(packed))
    layers, step_deg = content["layers"], content["step_deg"]
    return Basemap(
        coast=_decode(layers["coast"], step_deg),
        border=_decode(layers["border"], step_deg),
        state=_decode(layers["state"], step_deg),
    )


def clip(basemap: Basemap, bbox_deg: tuple[float, float, float, float]) -> Basemap:
    """Cut a base map to a box.

    Parameters
    ----------
    basemap
        The map to cut.
    bbox_deg
        West, south, east and north edge in degrees.

    Returns
    -------
    The parts of each polyline inside the box; a polyline that leaves and comes back becomes several.

    Raises
    ------
    ParameterError
        If the box is empty or leaves the map.
    """
    west, south, east, north = bbox_deg
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ParameterError(
            f"bbox_deg is {bbox_deg}; allowed: west < east in -180 to 180 and south < north in -90 to 90 degrees"
        )
    return Basemap(
        coast=_clip_polylines(basemap.coast, bbox_deg),
        border=_clip_polylines(basemap.border, bbox_deg),
        state=_clip_polylines(basemap.state, bbox_deg),
    )


def _clip_polylines(polylines: Polylines, bbox_deg: tuple[float, float, float, float]) -> Polylines:
    west, south, east, north = bbox_deg
    kept: list[FloatArray] = []
    for line in split_polylines(polylines):
        low, high = line.min(axis=0), line.max(axis=0)
        if low[0] > east or high[0] < west or low[1] > north or high[1] < south:
            continue
        if low[0] >= west and high[0] <= east and low[1] >= south and high[1] <= north:
            kept.append(line)
        else:
            kept += _clip_line(line, bbox_deg)
    return _join(kept)


def _clip_line(line: FloatArray, bbox_deg: tuple[float, float, float, float]) -> list[FloatArray]:
    """Cut one polyline by Liang and Barsky's rule: keep of each segment the parameters between entry and exit."""
    west, south, east, north = bbox_deg
    start, step = line[:-1], np.diff(line, axis=0)
    near, far = np.array([west, south]), np.array([east, north])
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (near - start) / step, (far - start) / step
    inside = (start >= near) & (start <= far)
    # A segment parallel to an edge never crosses it: it is between both edges throughout, or outside throughout.
    parallel = step == 0
    entry = np.where(parallel, np.where(inside, -np.inf, np.inf), np.minimum(first, second)).max(axis=1).clip(min=0.0)
    leave = np.where(parallel, np.where(inside, np.inf, -np.inf), np.maximum(first, second)).min(axis=1).clip(max=1.0)
    pieces: list[list[FloatArray]] = []
    for index in np.flatnonzero(entry < leave):
        begin = start[index] + entry[index] * step[index]
        end = line[index + 1] if leave[index] == 1.0 else start[index] + leave[index] * step[index]
        if entry[index] == 0.0 and pieces and np.array_equal(pieces[-1][-1], begin):
            pieces[-1].append(end)
        else:
            pieces.append([begin, end])
    return [np.array(piece) for piece in pieces]

"""Topologies from GeoJSON: points are sites, lines are ducts with the length of their course.

A line's ends are the sites that its properties ``a`` and ``b`` name, else the sites nearest to its first and last
position within a tolerance. The gaps between the line and its sites count as duct. Properties that are not fields of a
site or duct are left out, with a note.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.fabric.importers.draft import (
    DUCT_LENGTH_MAX_KM,
    Draft,
    DraftDuct,
    DraftSite,
    DuctProperties,
    SiteFields,
    count_of,
    list_names,
)
from lightlane.fabric.importers.geodesic import Position, measure_geodesic_km, measure_line_km
from lightlane.fabric.importers.rows import list_fields, read_record
from lightlane.files import show_value, suggest

_GEOMETRIES = "Point, LineString or MultiLineString"
_WGS84 = re.compile(r"(urn:ogc:def:crs:)?(OGC:(1\.3)?:?CRS84|EPSG::?4326)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Feature:
    index: int
    line: int
    kind: str
    coordinates: Any
    properties: dict[str, Any]

    @property
    def key(self) -> str:
        return f"features[{self.index}]"


@dataclass(frozen=True, slots=True)
class _Places:
    """The sites of a file.

    ``sound`` tells whether every point became a site: else lines may not be snapped. ``names`` has the names of all
    points, None where not all are known.
    """

    sites: list[DraftSite]
    names: frozenset[str] | None
    sound: bool


def read_geojson(path: Path, snap_tolerance_km: float) -> Draft:
    """Read a topology from a GeoJSON file.

    Raises
    ------
    FormatError
        With every problem of the file.
    ParameterError
        If the file cannot be read.
    """
    file = str(path)
    problems: list[Problem] = []
    features = _read_features(path, problems)
    points = [feature for feature in features if feature.kind == "Point"]
    lines = [feature for feature in features if feature.kind != "Point"]
    broken_features = bool(problems)
    sites = _read_sites(file, points, problems)
    names_of_points = [feature.properties.get("name") for feature in points]
    complete = not broken_features and all(isinstance(name, str) for name in names_of_points)
    places = _Places(sites, frozenset(map(str, names_of_points)) if complete else None, sound=not problems)
    ducts = [_read_duct(file, feature, places, snap_tolerance_km, problems) for feature in lines]
    names = Counter(duct.properties.name for duct in ducts if duct and duct.properties.name)
    for feature, duct in zip(lines, ducts, strict=True):
        if duct and duct.properties.name and names[duct.properties.name] > 1:
            key = f"{feature.key}.properties.name"
            found = f"{duct.properties.name!r}, the name of several ducts"
            problems.append(Problem(file, feature.line, key, found, "a name that no other duct has"))
    if not sites and not problems:
        problems.append(Problem(file, 0, "features", "no points", "a point for each site"))
    if problems:
        raise FormatError(sorted(problems, key=lambda problem: problem.line))
    return Draft(
        name=path.stem,
        label=file,
        source=path.name,
        sites=tuple(sites),
        ducts=tuple(duct for duct in ducts if duct),
        follows_route=True,
        notes=tuple(_describe_doubts(lines, features)),
    )


def _read_features(path: Path, problems: list[Problem]) -> list[_Feature]:
    """Return the features whose geometry is of a known kind; adds to ``problems``."""
    file = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        content = json.loads(text)
    except OSError as error:
        raise ParameterError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise FormatError(Problem(file, 0, "", "bytes that are no text", "UTF-8 text")) from None
    except json.JSONDecodeError as error:
        raise FormatError(Problem(file, error.lineno, "", f"broken JSON ({error.msg})", "GeoJSON")) from None
    except (RecursionError, ValueError):
        # ValueError: Python reads no whole number of more than some thousand digits.
        raise FormatError(Problem(file, 0, "", "JSON nested too deep or a number too long", "GeoJSON")) from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        found = show_value(content.get("type")) if isinstance(content, dict) else show_value(content)
        raise FormatError(Problem(file, 1, "type", found, "'FeatureCollection'"))
    if not isinstance(content.get("features"), list):
        raise FormatError(Problem(file, 1, "features", show_value(content.get("features")), "a list of features"))
    crs = content.get("crs")
    if crs is not None and not _WGS84.fullmatch(name := _name_crs(crs)):
        problems.append(Problem(file, 1, "crs", show_value(name), "WGS84 longitude and latitude, or no crs"))
    at_lines = _find_lines(text, len(content["features"]))
    read = [_read_feature(file, i, at_lines[i], item, problems) for i, item in enumerate(content["features"])]
    return [feature for feature in read if feature]


def _name_crs(crs: Any) -> str:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name")) if isinstance(properties, dict) else "an unknown system"


def _find_lines(text: str, count: int) -> list[int]:
    """Return the line of each feature; zeros where the text does not tell."""
    decoder = json.JSONDecoder()
    for start in re.finditer(r'"features"\s*:\s*\[', text):
        at = start.end()
        lines: list[int] = []
        try:
            while len(lines) < count:
                skipped = re.compile(r"[\s,]*").match(text, at)
                at = skipped.end() if skipped else at
                lines.append(text.count("\n", 0, at) + 1)
                _, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            continue
        return lines
    return [0] * count


def _read_feature(file: str, index: int, line: int, item: Any, problems: list[Problem]) -> _Feature | None:
    key = f"features[{index}]"
    if not isinstance(item, dict) or item.get("type") != "Feature":
        problems.append(Problem(file, line, key, show_value(item), "a table with type 'Feature'"))
        return None
    geometry = item["geometry"] if isinstance(item.get("geometry"), dict) else {}
    kind = geometry.get("type")
    if kind not in ("Point", "LineString", "MultiLineString"):
        found = show_value(kind) if kind is not None else "no geometry"
        problems.append(Problem(file, line, f"{key}.geometry", found, _GEOMETRIES))
        return None
    properties = item.get("properties") or {}
    if not isinstance(properties, dict):
        problems.append(Problem(file, line, f"{key}.properties", show_value(properties), "a table"))
        return None
    # Empty cells of a map's table of properties come as null or as an empty text.
    given = {name: value for name, value in properties.items() if value is not None and value != ""}
    return _Feature(index, line, kind, geometry.get("coordinates"), given)


def _read_sites(file: str, features: Sequence[_Feature], problems: list[Problem]) -> list[DraftSite]:
    sites: dict[str, DraftSite] = {}
    known = {"name", "role"}
    for feature in features:
        position = _read_position(file, feature, feature.coordinates, problems)
        # A broken position is reported already; 0, 0 lets the other fields be checked.
        latitude, longitude = position or (0.0, 0.0)
        values: dict[str, Any] = {name: feature.properties[name] for name in known & feature.properties.keys()}
        values |= {"latitude_deg": latitude, "longitude_deg": longitude}
        record, found = read_record(SiteFields, values, file, feature.line, f"{feature.key}.properties")
        problems += found
        if record is None:
            continue
        if record.name in sites:
            key = f"{feature.key}.properties.name"
            problems.append(Problem(file, feature.line, key, f"{record.name!r} again", "a name that no other site has"))
        elif position is not None:
            sites[record.name] = DraftSite(record.name, position, record.role)
    return list(sites.values())


def _read_position(file: str, feature: _Feature, value: Any, problems: list[Problem]) -> Position | None:
    """Return (latitude, longitude) of a GeoJSON position, which has the longitude first and may have a height."""
    allowed = "[longitude, latitude] with -180 to 180 and -90 to 90 degrees"
    if isinstance(value, list) and len(value) in (2, 3) and all(_is_number(item) for item in value):
        longitude, latitude = float(value[0]), float(value[1])
        if -180 <= longitude <= 180 and -90 <= latitude <= 90:
            return latitude, longitude
    key = f"{feature.key}.geometry.coordinates"
    problems.append(Problem(file, feature.line, key, show_value(value), allowed))
    return None


def _is_number(value: Any) -> bool:
    # A whole number may be too large for a float; the range check that follows would refuse it as well.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e9


def _read_duct(
    file: str, feature: _Feature, places: _Places, tolerance_km: float, problems: list[Problem]
) -> DraftDuct | None:
    before = len(problems)
    course = _read_course(file, feature, tolerance_km, problems)
    fields = list_fields(DuctProperties)
    values = {name: value for name, value in feature.properties.items() if name in fields}
    properties, found = read_record(DuctProperties, values, file, feature.line, f"{feature.key}.properties")
    problems += found
    if course is None or properties is None or not places.sites:
        return None
    ends = _find_ends(file, feature, course, places, tolerance_km, problems)
    if ends is None:
        return None
    a, b = ends
    length_km = measure_line_km([places.sites[a].position_deg, *course, places.sites[b].position_deg])
    if not 1e-3 <= length_km <= DUCT_LENGTH_MAX_KM:
        allowed = f"0.001 to {DUCT_LENGTH_MAX_KM:g} km"
        problems.append(Problem(file, feature.line, feature.key, f"a line of {length_km:g} km", allowed))
    return DraftDuct(a, b, length_km, properties, feature.line) if len(problems) == before else None


def _read_course(
    file: str, feature: _Feature, tolerance_km: float, problems: list[Problem]
) -> tuple[Position, ...] | None:
    """Return the positions of a line, the parts of a multiple line end to end."""
    parts = [feature.coordinates] if feature.kind == "LineString" else feature.coordinates
    key = f"{feature.key}.geometry.coordinates"
    if not isinstance(parts, list) or not parts or not all(_is_course(part) for part in parts):
        found = show_value(feature.coordinates)
        problems.append(Problem(file, feature.line, key, found, "a list of at least two [longitude, latitude]"))
        return None
    read = [[_read_position(file, feature, value, problems) for value in part] for part in parts]
    course = [[position for position in part if position] for part in read]
    if any(None in part for part in read):
        return None
    for first, second in pairwise(course):
        gap_km = measure_geodesic_km(first[-1], second[0])
        if gap_km > tolerance_km:
            found = f"parts {gap_km:.3g} km apart"
            allowed = f"parts that follow each other within {tolerance_km:g} km (--snap-tolerance-km)"
            problems.append(Problem(file, feature.line, key, found, allowed))
            return None
    return tuple(position for part in course for position in part)


def _is_course(part: Any) -> bool:
    return isinstance(part, list) and len(part) >= 2 and all(isinstance(position, list) for position in part)


def _find_ends(
    file: str,
    feature: _Feature,
    course: Sequence[Position],
    places: _Places,
    tolerance_km: float,
    problems: list[Problem],
) -> tuple[int, int] | None:
    """Return the sites of a line's two ends, in the direction in which the line is drawn."""
    first, last = course[0], course[-1]
    sites = places.sites
    if feature.properties.keys() & {"a", "b"}:
        named = _find_named(file, feature, places, problems)
        if named is None or not places.sound:
            return None
        a, b = named
        if _measure_gaps(sites, (b, a), course) < _measure_gaps(sites, (a, b), course):
            a, b = b, a
    elif places.sound:
        a, b = _find_nearest(first, sites), _find_nearest(last, sites)
    else:
        return None
    before = len(problems)
    for index, position, word in ((a, first, "first"), (b, last, "last")):
        gap_km = measure_geodesic_km(sites[index].position_deg, position)
        if gap_km > tolerance_km:
            found = f"{gap_km:.3g} km from the {word} position to {sites[index].name!r}"
            allowed = f"a site within {tolerance_km:g} km (--snap-tolerance-km)"
            problems.append(Problem(file, feature.line, feature.key, found, allowed))
    if a == b and len(problems) == before:
        found = f"both ends at {sites[a].name!r}"
        problems.append(Problem(file, feature.line, feature.key, found, "ends at two sites"))
    return (a, b) if len(problems) == before else None


def _measure_gaps(sites: Sequence[DraftSite], ends: tuple[int, int], course: Sequence[Position]) -> float:
    """Return the distance in km from a line's first and last position to the sites that would be its ends."""
    first = measure_geodesic_km(sites[ends[0]].position_deg, course[0])
    return first + measure_geodesic_km(sites[ends[1]].position_deg, course[-1])


def _find_named(file: str, feature: _Feature, places: _Places, problems: list[Problem]) -> tuple[int, int] | None:
    index = {site.name: place for place, site in enumerate(places.sites)}
    names = [feature.properties.get(key) for key in ("a", "b")]
    for key, name in zip(("a", "b"), names, strict=True):
        if not isinstance(name, str) or (places.names is not None and name not in places.names):
            found = "nothing" if name is None else show_value(name) + suggest(str(name), places.names or ())
            where = f"{feature.key}.properties.{key}"
            problems.append(Problem(file, feature.line, where, found, "the name of a point, for both ends or for none"))
    a, b = (index.get(name) if isinstance(name, str) else None for name in names)
    return None if a is None or b is None else (a, b)


def _find_nearest(position: Position, sites: list[DraftSite]) -> int:
    return min(range(len(sites)), key=lambda index: measure_geodesic_km(sites[index].position_deg, position))


def _describe_doubts(lines: Sequence[_Feature], features: Sequence[_Feature]) -> list[str]:
    known = {"a", "b", *list_fields(DuctProperties), *list_fields(SiteFields)}
    unused = sorted({name for feature in features for name in feature.properties} - known)
    notes = []
    if unused:
        notes.append(f"dropped: properties that a fabric does not have: {list_names(unused)}")
    straight = sum(
        feature.kind == "LineString" and len(feature.coordinates) == 2 and "length_km" not in feature.properties
        for feature in lines
    )
    if straight:
        notes.append(
            f"flagged: {count_of(straight, 'line')} with two positions only: a straight line, its fiber is longer"
        )
    return notes

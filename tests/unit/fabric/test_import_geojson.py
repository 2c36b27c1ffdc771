"""GeoJSON points and lines: what is read, and what is said of broken files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightlane.errors import FormatError
from lightlane.fabric.importers import Repairs, import_topology
from lightlane.fabric.importers.geodesic import measure_line_km

RING = Path(__file__).parents[2] / "data" / "import" / "ring.geojson"
BERN, THUN, BIEL = (46.948, 7.447), (46.758, 7.629), (47.137, 7.246)
Json = Any


def test_points_and_lines() -> None:
    report = import_topology(RING)
    fabric = report.fabric
    assert fabric.name == "ring"
    assert {site.name: site.role for site in fabric.site} == {"Bern": "core", "Thun": "edge", "Biel": "edge"}
    ducts = {frozenset((duct.a, duct.b)): duct for duct in fabric.duct}
    # The line ends 0.24 km from Thun: the gap counts.
    a6 = ducts[frozenset(("Bern", "Thun"))]
    assert a6.name == "A6"
    assert a6.length_km == pytest.approx(measure_line_km([BERN, (46.87, 7.56), (46.76, 7.63), THUN]), abs=1e-3)
    biel = ducts[frozenset(("Bern", "Biel"))]
    assert biel.length_km == pytest.approx(measure_line_km([BIEL, (47.06, 7.3), BERN]), abs=1e-3)
    assert ducts[frozenset(("Thun", "Biel"))].length_km == 71.5
    assert any(note.startswith("dropped: properties") and "canton" in note for note in report.audit)


def test_route_factor_multiplies_the_lines_only() -> None:
    plain = {duct.name: duct.length_km for duct in import_topology(RING).fabric.duct}
    longer = {duct.name: duct.length_km for duct in import_topology(RING, route_factor=1.1).fabric.duct}
    assert longer["A6"] == pytest.approx(1.1 * plain["A6"], abs=1e-3)
    assert longer["Biel - Thun"] == plain["Biel - Thun"] == 71.5


def ring_with(change: Callable[[Json], None], folder: Path) -> Path:
    content = json.loads(RING.read_text("utf-8"))
    change(content)
    path = folder / "ring.geojson"
    path.write_text(json.dumps(content, indent=1), "utf-8")
    return path


def assign(*path: str | int, value: Json) -> Callable[[Json], None]:
    def change(content: Json) -> None:
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = value

    return change


def test_straight_lines_are_flagged(tmp_path: Path) -> None:
    path = ring_with(assign("features", 5, "properties", value={}), tmp_path)
    assert any("straight line" in note for note in import_topology(path).audit)


def test_named_ends_may_be_drawn_backward(tmp_path: Path) -> None:
    path = ring_with(assign("features", 4, "properties", value={"a": "Biel", "b": "Bern"}), tmp_path)
    assert import_topology(path).fabric.duct[1].length_km == import_topology(RING).fabric.duct[1].length_km


def test_tolerance_decides_what_snaps() -> None:
    with pytest.raises(FormatError, match="from the last position to 'Thun'"):
        import_topology(RING, repairs=Repairs(snap_tolerance_km=0.1))


FIRST = ("features", 0)
LINE = ("features", 3)
BROKEN = {
    "not a collection": (assign("type", value="Feature"), "type"),
    "no features": (assign("features", value=None), "features"),
    "projected": (assign("crs", value={"properties": {"name": "EPSG:3857"}}), "crs"),
    "no feature": (assign(*FIRST, value=7), "features[0]"),
    "polygon": (assign(*LINE, "geometry", "type", value="Polygon"), "features[3].geometry"),
    "no geometry": (assign(*FIRST, "geometry", value=None), "features[0].geometry"),
    "no name": (assign(*FIRST, "properties", "name", value=None), "features[0].properties.name"),
    "name is a number": (assign(*FIRST, "properties", "name", value=7), "features[0].properties.name"),
    "name twice": (assign("features", 1, "properties", "name", value="Biel"), "features[2].properties.name"),
    "role": (assign(*FIRST, "properties", "role", value="hub"), "features[0].properties.role"),
    "swapped": (assign(*FIRST, "geometry", "coordinates", value=[7, 97]), "features[0].geometry.coordinates"),
    "text": (assign(*FIRST, "geometry", "coordinates", value="7,46"), "features[0].geometry.coordinates"),
    "huge": (assign(*FIRST, "geometry", "coordinates", value=[10**400, 46]), "features[0].geometry.coordinates"),
    "one position": (assign(*LINE, "geometry", "coordinates", value=[[7.4, 46.9]]), "features[3].geometry.coordinates"),
    "flat line": (assign(*LINE, "geometry", "coordinates", value=[7.4, 46.9]), "features[3].geometry.coordinates"),
    "position in a line": (
        assign(*LINE, "geometry", "coordinates", 1, value=[7.4, None]),
        "features[3].geometry.coordinates",
    ),
    "far from any site": (assign(*LINE, "geometry", "coordinates", 2, value=[8.5, 46.7]), "features[3]"),
    "back to its start": (assign(*LINE, "geometry", "coordinates", 2, value=[7.447, 46.948]), "features[3]"),
    "parts apart": (
        assign("features", 4, "geometry", "coordinates", 1, 0, value=[7.4, 47.0]),
        "features[4].geometry.coordinates",
    ),
    "unknown end": (assign("features", 4, "properties", "b", value="Bienne"), "features[4].properties.b"),
    "an end that is a table": (assign("features", 4, "properties", "b", value={}), "features[4].properties.b"),
    "one end": (assign("features", 4, "properties", value={"a": "Bern"}), "features[4].properties.b"),
    "length": (assign("features", 5, "properties", "length_km", value=-1), "features[5].properties.length_km"),
    "duct twice": (assign("features", 5, "properties", "name", value="A6"), "features[3].properties.name"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files(tmp_path: Path, case: str) -> None:
    change, key = BROKEN[case]
    path = ring_with(change, tmp_path)
    with pytest.raises(FormatError) as caught:
        import_topology(path)
    first = caught.value.problems[0]
    assert (first.file, first.key) == (str(path), key)
    # Nothing follows from the one fault but the second mention of a name that two ducts have.
    assert len(caught.value.problems) == (2 if case == "duct twice" else 1), caught.value.problems
    assert first.line >= 1


def test_problems_name_the_line_of_their_feature(tmp_path: Path) -> None:
    text = (
        RING.read_text("utf-8").replace('"name": "Thun"', '"name": ""').replace("[7.300, 47.060]]", "[7.300, 97.060]]")
    )
    path = tmp_path / "ring.geojson"
    path.write_text(text, "utf-8")
    with pytest.raises(FormatError) as caught:
        import_topology(path)
    assert [problem.line for problem in caught.value.problems] == [5, 9]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'{"type": "FeatureCollection",\n "features": [}', 2),
        (b"\xff\xfe", 0),
        (b"[" * 100_000, 0),
        (b"7", 1),
        (b"", 1),
    ],
)
def test_what_is_no_json(tmp_path: Path, content: bytes, line: int) -> None:
    path = tmp_path / "broken.geojson"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        import_topology(path)
    assert caught.value.problems[0].line == line


def test_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "ring.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + RING.read_bytes())
    assert len(import_topology(path).fabric.duct) == 3


def test_no_points(tmp_path: Path) -> None:
    path = tmp_path / "empty.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    with pytest.raises(FormatError, match="a point for each site"):
        import_topology(path)

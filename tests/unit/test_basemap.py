"""The base map: its file, its loader and its clipping."""

from importlib import resources

import numpy as np
import pytest

from lightlane.errors import ParameterError
from lightlane.plots.basemap import Basemap, Polylines, clip, load_basemap, split_polylines

GERMANY = (5.0, 46.5, 16.0, 55.5)


def nearest_km(polylines: Polylines, latitude_deg: float, longitude_deg: float) -> float:
    """Distance from a point to the nearest vertex, on a plane that is good enough for some tens of kilometers."""
    dx = (polylines.longitude_deg - longitude_deg) * np.cos(np.radians(latitude_deg))
    return float(np.hypot(dx, polylines.latitude_deg - latitude_deg).min() * 111.2)


def made_of(*lines: list[tuple[float, float]]) -> Polylines:
    vertices = np.array([vertex for line in lines for vertex in line], dtype=float)
    offsets = np.cumsum([0, *(len(line) for line in lines)])
    return Polylines(vertices[:, 0].copy(), vertices[:, 1].copy(), offsets)


def box_of(polylines: Polylines) -> list[list[tuple[float, float]]]:
    return [[(float(x), float(y)) for x, y in line] for line in split_polylines(polylines)]


def clip_coast(coast: Polylines, bbox: tuple[float, float, float, float]) -> list[list[tuple[float, float]]]:
    nothing = Polylines(np.empty(0), np.empty(0), np.array([0]))
    return box_of(clip(Basemap(coast, nothing, nothing), bbox).coast)


def test_file_is_small_enough_to_ship() -> None:
    assert len(resources.files("lightlane.plots").joinpath("data", "basemap.json.gz").read_bytes()) < 300_000


def test_layers_are_sound() -> None:
    basemap = load_basemap()
    for polylines in (basemap.coast, basemap.border, basemap.state):
        assert polylines.offsets[0] == 0
        assert polylines.offsets[-1] == len(polylines.longitude_deg) == len(polylines.latitude_deg)
        assert np.diff(polylines.offsets).min() >= 2
        assert np.abs(polylines.longitude_deg).max() <= 180
        assert np.abs(polylines.latitude_deg).max() <= 90
        assert not polylines.longitude_deg.flags.writeable


@pytest.mark.parametrize(
    ("layer", "latitude_deg", "longitude_deg"),
    [
        ("coast", 50.07, -5.71),  # Land's End
        ("coast", 57.74, 10.64),  # Skagen, the tip of Jutland
        ("coast", 36.00, -5.61),  # Tarifa, the south of Spain
        ("coast", 41.73, -87.53),  # the shore of Lake Michigan at Chicago
        ("coast", 40.57, -74.00),  # Coney Island
        ("border", 47.58, 7.59),  # the tripoint at Basel
        ("border", 50.75, 6.02),  # Vaalserberg: Belgium, Germany, the Netherlands
        ("border", 49.00, -95.15),  # Lake of the Woods: Canada and the United States
        ("state", 37.00, -109.05),  # the Four Corners
    ],
)
def test_known_places_are_on_the_map(layer: str, latitude_deg: float, longitude_deg: float) -> None:
    # 1:50m is good for about 0.5 mm on paper, 25 km at worst; the places chosen are corners that every scale keeps.
    assert nearest_km(getattr(load_basemap(), layer), latitude_deg, longitude_deg) < 12


def test_borders_of_germany_have_no_gap() -> None:
    # Each end of a border lies on another border, on a coast or on the edge of the box.
    basemap = load_basemap()
    box = np.array([[5.6, 47.2], [15.2, 54.9]])
    lines = split_polylines(clip(basemap, (5.6, 47.2, 15.2, 54.9)).border)
    assert len(lines) > 10
    for index, line in enumerate(lines):
        others = np.concatenate(lines[:index] + lines[index + 1 :])
        for end in (line[0], line[-1]):
            on_border = np.abs(others - end).max(axis=1).min() < 0.003
            on_coast = nearest_km(basemap.coast, end[1], end[0]) < 5
            assert on_border or on_coast or np.isclose(end, box).any(), end


def test_clip_keeps_only_what_is_inside() -> None:
    west, south, east, north = GERMANY
    clipped = clip(load_basemap(), GERMANY)
    for polylines in (clipped.coast, clipped.border):
        assert len(polylines.longitude_deg) > 100
        assert polylines.longitude_deg.min() >= west - 1e-9
        assert polylines.longitude_deg.max() <= east + 1e-9
        assert polylines.latitude_deg.min() >= south - 1e-9
        assert polylines.latitude_deg.max() <= north + 1e-9
    assert len(clipped.state.longitude_deg) == 0
    assert split_polylines(clipped.state) == []


def test_clip_of_the_world_changes_nothing() -> None:
    basemap = load_basemap()
    np.testing.assert_array_equal(clip(basemap, (-180, -90, 180, 90)).coast.longitude_deg, basemap.coast.longitude_deg)


def test_clip_cuts_at_the_edge() -> None:
    assert clip_coast(made_of([(-1, 0.5), (2, 0.5)]), (0, 0, 1, 1)) == [[(0, 0.5), (1, 0.5)]]


def test_clip_splits_a_line_that_leaves_and_comes_back() -> None:
    line = made_of([(0.5, 0.5), (2.5, 0.5), (2.5, 0.75), (0.5, 0.75)])
    assert clip_coast(line, (0, 0, 1, 1)) == [[(0.5, 0.5), (1, 0.5)], [(1, 0.75), (0.5, 0.75)]]


def test_clip_drops_a_line_that_passes_the_corner() -> None:
    assert clip_coast(made_of([(-1, 0.5), (0.5, 2.1)]), (0, 0, 1, 1)) == []


@pytest.mark.parametrize("bbox", [(10, 0, 5, 1), (0, 1, 1, 1), (-190, 0, 0, 1), (0, 0, 1, 91)])
def test_clip_refuses_an_empty_box(bbox: tuple[float, float, float, float]) -> None:
    with pytest.raises(ParameterError, match="west < east"):
        clip(load_basemap(), bbox)

"""A laid out fabric: stretches follow the ducts, what stays does not move, no line jumps over the date line."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from lightlane import Duct, Fabric, Link, Site
from lightlane.plots.map_layout import _longitude_boxes
from lightlane.toolkit import lay_out_map


def _fabric(sites: list[tuple[str, float, float]], links: list[tuple[str, ...]]) -> Fabric:
    """Make a fabric with a duct between all sites that follow each other on a link."""
    pairs = sorted({tuple(sorted(pair)) for way in links for pair in pairwise(way)})
    return Fabric(
        format=1,
        site=tuple(Site(name=n, role="core", latitude_deg=y, longitude_deg=x) for n, x, y in sites),
        duct=tuple(Duct(name=a + b, a=a, b=b, length_km=50, fiber="g652d") for a, b in pairs),
        link=tuple(
            Link(
                name="-".join(way), a=way[0], b=way[-1], module="oif-400zr",
                ducts=tuple("".join(sorted(pair)) for pair in pairwise(way)),
            )
            for way in links
        ),
    )  # fmt: skip


SITES = [("A", 10.0, 60.0), ("B", 11.0, 60.0), ("C", 11.0, 61.0)]


def test_stretches_follow_the_ducts_of_each_link() -> None:
    layout = lay_out_map(_fabric(SITES, [("A", "B", "C"), ("C", "B")]))
    assert layout.links == ("A-B-C", "C-B")
    assert layout.stretch_link.tolist() == [0, 0, 1]
    assert [layout.ducts[row] for row in layout.stretch_duct] == ["AB", "BC", "BC"]
    assert layout.stretch_sites.tolist() == [[0, 1], [1, 2], [2, 1]]
    # Two links share B to C and lie one step apart about the middle; the one that is alone lies in it.
    assert layout.stretch_offset_ratio.tolist() == [0.0, -0.5, 0.5]
    assert layout.duct_sites.tolist() == [[0, 1], [1, 2]]


def test_distances_are_those_of_the_sphere() -> None:
    layout = lay_out_map(_fabric(SITES, []))
    west, south, east, north = layout.bounds_km()
    # A degree of 6371 km: 2 pi 6371 / 360, and the cosine of the central parallel, 60.5 degrees, across it.
    degree_km = 2 * math.pi * 6371.0 / 360
    assert north - south == pytest.approx(degree_km, rel=1e-5)
    assert east - west == pytest.approx(degree_km * math.cos(math.radians(60.5)), rel=1e-5)


def test_nothing_moves_that_stays() -> None:
    fabric = _fabric(SITES, [("A", "B", "C")])
    before = lay_out_map(fabric)
    longer = fabric.model_copy(update={"duct": tuple(d.model_copy(update={"length_km": 60}) for d in fabric.duct)})
    assert lay_out_map(longer, before=before) is before
    more = _fabric([*SITES, ("D", 30.0, 50.0)], [("A", "B", "C"), ("C", "D")])
    after = lay_out_map(more, before=before)
    assert after is not before
    assert after.places.x_km[:3].tolist() == before.places.x_km.tolist()
    assert after.places.y_km[:3].tolist() == before.places.y_km.tolist()
    assert lay_out_map(more).places.x_km[0] != before.places.x_km[0]


def test_empty_fabric() -> None:
    layout = lay_out_map(Fabric(format=1))
    assert layout.bounds_km() == (0.0, 0.0, 0.0, 0.0)
    assert layout.stretch_sites.shape == (0, 2)
    assert layout.duct_sites.shape == (0, 2)


@pytest.mark.parametrize(
    "sites",
    [
        [("Fiji", 178.0, -18.0), ("Samoa", -172.0, -14.0)],
        [("Lisbon", -9.0, 39.0), ("Tokyo", 140.0, 36.0), ("Denver", -105.0, 40.0)],
    ],
)
def test_no_coast_jumps_over_the_map(sites: list[tuple[str, float, float]]) -> None:
    layout = lay_out_map(_fabric(sites, []))
    coast = layout.coast
    assert len(coast.offsets) > 1
    jump_km = np.abs(np.diff(coast.x_km))
    jump_km[coast.offsets[1:-1] - 1] = 0.0  # from the end of one line to the beginning of the next
    # A quarter of the equator at most: Antarctica's edge along the bottom of the map is the longest straight line.
    assert jump_km.max() < 10_000


def test_boxes_are_cut_at_the_date_line() -> None:
    assert _longitude_boxes(170.0, 200.0) == [(170.0, 180.0), (-180.0, -160.0)]
    assert _longitude_boxes(5.0, 15.0) == [(5.0, 15.0)]
    assert _longitude_boxes(-169.99, 189.99) == [(-169.99, 180.0), (-180.0, pytest.approx(-170.01))]


def test_whole_world_is_shown_about_its_middle() -> None:
    layout = lay_out_map(_fabric([("Lisbon", -9.0, 39.0), ("Tokyo", 140.0, 36.0), ("Denver", -105.0, 40.0)], []))
    center = layout.places.projection
    turn_km = 2 * math.pi * 6371.0 * math.cos(math.radians(center.latitude_deg))
    # There is land within a few degrees of every meridian.
    assert layout.coast.x_km.min() < -0.48 * turn_km
    assert layout.coast.x_km.max() > 0.48 * turn_km

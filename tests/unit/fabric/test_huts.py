from __future__ import annotations

from itertools import pairwise

import pytest
from geographiclib.geodesic import Geodesic

from lightlane.errors import ParameterError
from lightlane.fabric.huts import NAME_LENGTH_MAX, make_namer, split_duct
from lightlane.fabric.topology import Duct, Site

BERLIN = Site(name="Berlin", role="core", latitude_deg=52.52, longitude_deg=13.405)
MUNICH = Site(name="Munich", role="core", latitude_deg=48.137, longitude_deg=11.575)
DUCT = Duct(
    name="d1",
    a="Berlin",
    b="Munich",
    length_km=700,
    fiber="g652d",
    attenuation_db_per_km=0.2,
    splice_count=11,
    connector_count=2,
    extra_loss_db=1.8,
)


def test_parts_add_up_to_the_duct() -> None:
    huts, ducts = split_duct(DUCT, BERLIN, MUNICH, 9)
    assert [hut.name for hut in huts] == [f"d1-hut{i}" for i in range(1, 9)]
    assert [duct.name for duct in ducts] == [f"d1.{i}" for i in range(1, 10)]
    assert sum(duct.length_km for duct in ducts) == pytest.approx(700)
    assert sum(duct.extra_loss_db for duct in ducts) == pytest.approx(1.8)
    assert sum(duct.splice_count for duct in ducts) == 11
    assert max(d.splice_count for d in ducts) - min(d.splice_count for d in ducts) <= 1
    assert {duct.connector_count for duct in ducts} == {2}
    assert {duct.attenuation_db_per_km for duct in ducts} == {0.2}
    ends = [duct.a for duct in ducts] + [ducts[-1].b]
    assert ends == ["Berlin", *(hut.name for hut in huts), "Munich"]
    assert [duct.b for duct in ducts] == ends[1:]


def test_huts_stand_on_the_geodesic_at_equal_distances() -> None:
    huts, _ = split_duct(DUCT, BERLIN, MUNICH, 3)
    points = [BERLIN, *huts, MUNICH]
    distances_m = [
        Geodesic.WGS84.Inverse(p.latitude_deg, p.longitude_deg, q.latitude_deg, q.longitude_deg)["s12"]
        for p, q in pairwise(points)
    ]
    whole_m = Geodesic.WGS84.Inverse(52.52, 13.405, 48.137, 11.575)["s12"]
    # Coordinates are written with five decimals, which is 1.1 m.
    assert distances_m == pytest.approx([whole_m / 3] * 3, abs=3)
    assert {hut.role for hut in huts} == {"hut"}


@pytest.mark.parametrize(("total", "expected"), [(0, [1, 2, 1]), (1, [2, 2, 1]), (2, [2, 2, 2]), (5, [4, 2, 3])])
def test_ends_keep_their_connectors(total: int, expected: list[int]) -> None:
    _, ducts = split_duct(DUCT.model_copy(update={"connector_count": total}), BERLIN, MUNICH, 3)
    assert [duct.connector_count for duct in ducts] == expected


def test_one_span_is_the_duct_itself() -> None:
    assert split_duct(DUCT, BERLIN, MUNICH, 1) == ((), (DUCT,))


def test_no_span_is_refused() -> None:
    with pytest.raises(ParameterError, match="span_count is 0"):
        split_duct(DUCT, BERLIN, MUNICH, 0)


def test_names_are_free_and_fit() -> None:
    taken = {"d1.1", "d1.1~2"}
    name_part = make_namer(taken)
    assert name_part("d1.1") == "d1.1~3"
    long = "x" * 90
    first, second = name_part(long), name_part(long)
    assert len({first, second}) == 2
    assert max(len(first), len(second)) <= NAME_LENGTH_MAX

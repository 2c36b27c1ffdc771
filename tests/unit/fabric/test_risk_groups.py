"""Risk groups and own failure rates of ducts: checked, and kept when a design splits ducts."""

from __future__ import annotations

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.fabric.design import design_fabric
from lightlane.fabric.huts import split_duct
from lightlane.fabric.load import fabric_to_toml
from lightlane.fabric.reliability import list_cut_rates, load_reliability
from lightlane.fabric.topology import Demand, Duct, Fabric, RiskGroup, Site, list_ways, reference_problems


def site(name: str, latitude_deg: float = 50.0) -> Site:
    return Site(name=name, role="core", latitude_deg=latitude_deg, longitude_deg=8.0)


def duct(name: str, a: str, b: str, length_km: float, **more: float) -> Duct:
    return Duct(name=name, a=a, b=b, length_km=length_km, fiber="g652d", **more)  # type: ignore[arg-type]


def build(*groups: RiskGroup) -> Fabric:
    return Fabric(
        format=1,
        site=(site("A"), site("B", 51.3), site("C", 50.5)),
        duct=(duct("ab", "A", "B", 170), duct("ac", "A", "C", 60), duct("cb", "C", "B", 100)),
        risk_group=groups,
        demand=(Demand(from_site="A", to_site="B", rate_gbps=300),),
    )


def test_groups_are_checked() -> None:
    groups = (
        RiskGroup(name="g", ducts=("ab", "ac"), shared_length_km=61),
        RiskGroup(name="g", ducts=("ab", "ad")),
        RiskGroup(name="h", ducts=("ab", "ab", "cb")),
    )
    problems = {path: (found, allowed) for path, found, allowed in reference_problems(build(*groups))}
    assert problems.keys() == {
        ("risk_group", 0, "shared_length_km"),
        ("risk_group", 1, "name"),
        ("risk_group", 1, "ducts", 1),
        ("risk_group", 2, "ducts", 1),
    }
    assert problems["risk_group", 0, "shared_length_km"][1].endswith("shortest of its ducts, 60")
    assert not reference_problems(build(RiskGroup(name="g", ducts=("ab", "ac"), shared_length_km=60)))


def test_a_design_names_the_pieces_and_keeps_the_rates() -> None:
    fabric = build(RiskGroup(name="station", ducts=("ab", "ac"), shared_length_km=3))
    designed = design_fabric(fabric, load_catalog()).fabric
    assert len(designed.duct) > len(fabric.duct)
    assert not reference_problems(designed)
    (group,) = designed.risk_group
    assert set(group.ducts) == {item.name for item in designed.duct if item.name.startswith(("ab", "ac"))}
    assert "[[risk_group]]" in fabric_to_toml(designed)
    before = list_cut_rates(fabric, load_reliability())
    after = list_cut_rates(designed, load_reliability())
    # What fails in a year does not depend on where huts stand.
    for name in ("ab", "ac", "cb"):
        pieces = sum(rate for (kind, key), (rate, _) in after.items() if kind == "duct" and key.startswith(name))
        assert pieces == pytest.approx(before["duct", name][0])
    assert after["risk_group", "station"] == pytest.approx(before["risk_group", "station"])


def test_cuts_are_divided_over_the_pieces() -> None:
    whole = duct("ab", "A", "B", 160, mtbf_h=9000.0, mttr_h=20.0)
    huts, pieces = split_duct(whole, site("A"), site("B", 51.3), 2)
    assert [piece.mtbf_h for piece in pieces] == [18_000.0, 18_000.0]
    assert [piece.mttr_h for piece in pieces] == [20.0, 20.0]
    sites = {item.name: item for item in (site("A"), site("B", 51.3), *huts)}
    assert list_ways(pieces, sites) == [list(pieces)]

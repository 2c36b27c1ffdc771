"""Roles and demands of an imported fabric."""

from pathlib import Path

import pytest

from lightlane.errors import ParameterError
from lightlane.fabric.importers import DemandRule, RoleRule, import_topology
from lightlane.fabric.importers.demands import find_nearest_core
from lightlane.fabric.topology import Duct, Fabric, Role, Site

LINE = "topohub:sndlib/polska"


def roles_of(fabric: Fabric) -> dict[str, Role]:
    return {site.name: site.role for site in fabric.site}


def degrees_of(fabric: Fabric) -> dict[str, int]:
    return {site.name: sum(site.name in (duct.a, duct.b) for duct in fabric.duct) for site in fabric.site}


def test_degree() -> None:
    fabric = import_topology(LINE, route_factor=1.2, roles="degree:4").fabric
    degrees = degrees_of(fabric)
    assert {name for name, role in roles_of(fabric).items() if role == "core"} == {
        name for name, degree in degrees.items() if degree >= 4
    }
    assert set(roles_of(fabric).values()) == {"core", "edge"}


def test_names_go_before_the_rule() -> None:
    rule = RoleRule("all-core", edge=("Gdansk",), hut=("Kolobrzeg", "Rzeszow"))
    roles = roles_of(import_topology(LINE, route_factor=1.2, roles=rule).fabric)
    assert (roles["Gdansk"], roles["Kolobrzeg"], roles["Rzeszow"]) == ("edge", "hut", "hut")
    assert sum(role == "core" for role in roles.values()) == 9


def test_no_rule_no_role() -> None:
    with pytest.raises(ParameterError, match=r"gives no role for .* and 4 more; allowed: a rule \(--roles degree:4"):
        import_topology(LINE, route_factor=1.2)


def test_unknown_names_get_suggestions() -> None:
    with pytest.raises(ParameterError, match=r"'Gdnsk'.*did you mean 'Gdansk'"):
        import_topology(LINE, route_factor=1.2, roles=RoleRule("all-core", edge=("Gdnsk",)))


@pytest.mark.parametrize("rule", ["degree:0", "degree:", "degree:4.5", "core", "", "degree:99999"])
def test_unknown_rules(rule: str) -> None:
    with pytest.raises(ParameterError, match="all-core"):
        RoleRule(rule)


def test_one_site_one_role() -> None:
    with pytest.raises(ParameterError, match="Gdansk"):
        RoleRule("all-core", core=("Gdansk",), hut=("Gdansk",))


def test_huts_have_no_demands() -> None:
    rule = RoleRule("all-core", hut=("Gdansk",))
    report = import_topology(LINE, route_factor=1.2, roles=rule, demand=DemandRule(1000))
    demands = report.fabric.demand
    assert demands
    assert not any("Gdansk" in (demand.from_site, demand.to_site) for demand in demands)
    # The total holds for what is left; six digits each.
    assert sum(demand.rate_gbps for demand in demands) == pytest.approx(1000, rel=1e-5)
    assert any(note.startswith("dropped") and "huts" in note for note in report.audit)


def test_edges_get_a_demand_to_a_core() -> None:
    rule = DemandRule(edge_demand_gbps=400, edge_latency_ms=2)
    fabric = import_topology(LINE, route_factor=1.2, roles="degree:4", demand=rule).fabric
    roles = roles_of(fabric)
    assert {demand.from_site for demand in fabric.demand} == {name for name, role in roles.items() if role == "edge"}
    assert {roles[demand.to_site] for demand in fabric.demand} == {"core"}
    assert {(demand.rate_gbps, demand.latency_ms, demand.service) for demand in fabric.demand} == {
        (400, 2, "inference")
    }


def test_nearest_core_is_nearest_along_the_ducts() -> None:
    def site(name: str, role: Role) -> Site:
        return Site(name=name, role=role, latitude_deg=0, longitude_deg=0)

    def duct(a: str, b: str, length_km: float) -> Duct:
        return Duct(name=a + b, a=a, b=b, length_km=length_km, fiber="g652d")

    sites = [site("X", "core"), site("Y", "core"), site("h", "hut"), site("e", "edge"), site("alone", "edge")]
    ducts = [duct("X", "e", 100), duct("e", "h", 30), duct("Y", "h", 40)]
    assert find_nearest_core(sites, ducts) == {"X": "X", "Y": "Y", "h": "Y", "e": "Y"}


def test_edges_without_a_way_are_flagged(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text(
        "name,latitude_deg,longitude_deg,role\nA,1,1,core\nB,2,2,edge\nC,3,3,edge\nD,4,4,edge\nE,5,5,edge\n"
    )
    (tmp_path / "links.csv").write_text("a,b,length_km\nA,B,80\nC,D,80\n")
    report = import_topology(tmp_path, demand=DemandRule(edge_demand_gbps=10))
    assert [demand.from_site for demand in report.fabric.demand] == ["B"]
    assert any("C, D, E" in note for note in report.audit)
    assert any("1 site without a duct: E" in note for note in report.audit)
    assert any("2 separate networks of 2, 2 sites" in note for note in report.audit)


def test_demand_options_that_cannot_be_met(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="needs total_demand_gbps"):
        import_topology(LINE, route_factor=1.2, roles="all-core", demand=DemandRule(latency_ms=5))
    with pytest.raises(ParameterError, match="has no demands"):
        import_topology("topohub:topozoo/Arnes", route_factor=1.2, roles="all-core", demand=DemandRule(1000))
    with pytest.raises(ParameterError, match="needs edge_demand_gbps"):
        DemandRule(edge_latency_ms=5)
    with pytest.raises(ParameterError, match="greater than 0"):
        DemandRule(total_demand_gbps=-1)

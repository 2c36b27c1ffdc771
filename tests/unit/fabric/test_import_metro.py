"""Metro edges: real towns around core sites."""

import pytest

from lightlane.errors import ParameterError
from lightlane.fabric.importers import MetroRule, import_topology
from lightlane.fabric.importers.geodesic import measure_geodesic_km
from lightlane.fabric.importers.metro import Town, _Candidate, choose_by_band, load_towns
from lightlane.fabric.topology import Fabric, Site

BANDS = ((2.0, 10.0), (10.0, 20.0), (20.0, 40.0))


def import_germany(rule: MetroRule, route_factor: float = 1.25) -> Fabric:
    return import_topology("topohub:sndlib/germany50", route_factor=route_factor, roles="degree:5", metro=rule).fabric


def added_to(fabric: Fabric) -> list[tuple[Site, Site, float]]:
    """Return (edge, core, duct length) of what was added to germany50's 50 sites and 88 ducts."""
    sites = {site.name: site for site in fabric.site}
    assert len(fabric.site) - 50 == len(fabric.duct) - 88
    return [(sites[duct.b], sites[duct.a], duct.length_km) for duct in fabric.duct[88:]]


def distance_km(a: Site, b: Site) -> float:
    return measure_geodesic_km((a.latitude_deg, a.longitude_deg), (b.latitude_deg, b.longitude_deg))


def test_edges_are_real_towns_within_the_radius() -> None:
    fabric = import_germany(MetroRule(4, 30))
    towns = {(town.name, town.position_deg) for town in load_towns(15_000)}
    added = added_to(fabric)
    assert len(added) > 30
    for edge, core, length_km in added:
        assert (edge.role, core.role) == ("edge", "core")
        assert (edge.name.split(" (")[0], (edge.latitude_deg, edge.longitude_deg)) in towns
        assert distance_km(edge, core) <= 30
        assert length_km == pytest.approx(1.25 * distance_km(edge, core), abs=1e-3)


def test_a_town_goes_once_and_to_its_nearest_core() -> None:
    fabric = import_germany(MetroRule(6, 40, bands_km=BANDS))
    cores = [site for site in fabric.site if site.role == "core"]
    added = added_to(fabric)
    assert len({(edge.latitude_deg, edge.longitude_deg) for edge, _, _ in added}) == len(added)
    for edge, core, _ in added:
        assert min(cores, key=lambda site: distance_km(edge, site)) == core


def test_a_site_is_no_town_of_its_own() -> None:
    fabric = import_germany(MetroRule(6, 40))
    given, added = fabric.site[:50], fabric.site[50:]
    for site in given:
        for edge in added:
            assert distance_km(site, edge) >= 1
            assert edge.name.split(" (")[0] != site.name or distance_km(site, edge) >= 25
    # The site is Muenchen, the town München; it has the other name among its own.
    assert "Muenchen" in {site.name for site in given}
    assert "München" not in {edge.name for edge in added}


def test_bands_give_short_and_long_ducts() -> None:
    added = [edge for edge in added_to(import_germany(MetroRule(6, 40, bands_km=BANDS))) if edge[1].name == "Berlin"]
    distances_km = sorted(distance_km(edge, core) for edge, core, _ in added)
    assert [sum(low <= distance <= high for distance in distances_km) for low, high in BANDS] == [2, 2, 2]


def test_without_bands_the_largest_come_first() -> None:
    few, more = import_germany(MetroRule(1, 40)), import_germany(MetroRule(3, 40))
    people = {town.position_deg: town.population_count for town in load_towns(15_000)}

    def sizes(fabric: Fabric) -> list[int]:
        added = [edge for edge, core, _ in added_to(fabric) if core.name == "Berlin"]
        return [people[edge.latitude_deg, edge.longitude_deg] for edge in added]

    assert sizes(more) == sorted(sizes(more), reverse=True)
    assert sizes(few) == sizes(more)[:1]


def test_two_imports_are_the_same() -> None:
    rule = MetroRule(6, 40, bands_km=BANDS)
    first = import_germany(rule)
    load_towns.cache_clear()
    assert import_germany(rule) == first


def test_least_population() -> None:
    people = {town.position_deg: town.population_count for town in load_towns(100_000)}
    assert min(people.values()) >= 100_000
    added = added_to(import_germany(MetroRule(6, 40, min_population_count=100_000)))
    assert added
    assert all((edge.latitude_deg, edge.longitude_deg) in people for edge, _, _ in added)


def test_the_source_names_geonames() -> None:
    assert "GeoNames" in import_germany(MetroRule(1, 10)).source
    assert "GeoNames" not in import_topology("topohub:sndlib/polska", route_factor=1.2, roles="all-core").fabric.source


def candidate(number: int, distance: float) -> _Candidate:
    return _Candidate(Town(number, str(number), (), (0.0, 0.0), 1000 - number), 0, distance)


def test_an_empty_band_leaves_its_turn_to_the_next() -> None:
    candidates = [candidate(1, 25), candidate(2, 30), candidate(3, 5), candidate(4, 6), candidate(5, 1)]
    chosen = choose_by_band(candidates, MetroRule(4, 40, bands_km=BANDS))
    assert [item.town.number for item in chosen] == [3, 1, 2, 4]


def test_a_shared_edge_belongs_to_the_nearer_band() -> None:
    chosen = choose_by_band([candidate(1, 10), candidate(2, 15)], MetroRule(1, 40, bands_km=BANDS))
    assert [item.town.number for item in chosen] == [1]


def test_no_core_no_metro() -> None:
    with pytest.raises(ParameterError, match="core site"):
        import_topology("topohub:sndlib/germany50", route_factor=1.3, roles="degree:50", metro=MetroRule(1, 10))


@pytest.mark.parametrize(
    ("count", "radius_km", "population", "bands_km"),
    [
        (0, 40, 15_000, ()),
        (3, 0, 15_000, ()),
        (3, 40, 100, ()),
        (3, 40, 15_000, ((10, 5),)),
        (3, 40, 15_000, ((20, 50),)),
    ],
)
def test_rules_out_of_range(
    count: int, radius_km: float, population: int, bands_km: tuple[tuple[float, float], ...]
) -> None:
    with pytest.raises(ParameterError, match="allowed"):
        MetroRule(count, radius_km, population, bands_km)

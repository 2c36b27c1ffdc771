"""Topologies of topohub: counts, repairs, refusals.

City coordinates are those that any atlas prints, to 0.01 degrees; a topology places a city within some kilometers.
"""

import pytest

from lightlane.errors import FormatError, ParameterError
from lightlane.fabric.importers import (
    DemandRule,
    ImportReport,
    Repairs,
    import_topology,
    list_topologies,
    summarize_fabric,
)
from lightlane.fabric.importers.audit import (
    DEGREES_MINUTES,
    NON_GEOGRAPHIC,
    are_degrees_minutes,
    convert_degrees_minutes,
    find_distance_faults,
    find_position_faults,
)
from lightlane.fabric.importers.geodesic import measure_geodesic_km
from lightlane.fabric.importers.topologies import read_topology

CITIES = {
    "Amsterdam": (52.37, 4.90),
    "Athens": (37.98, 23.73),
    "Barcelona": (41.39, 2.17),
    "Dublin": (53.35, -6.26),
    "Glasgow": (55.86, -4.25),
    "London": (51.51, -0.13),
    "Madrid": (40.42, -3.70),
    "Oslo": (59.91, 10.75),
    "Paris": (48.86, 2.35),
    "Rome": (41.90, 12.50),
    "Stockholm": (59.33, 18.07),
    "Warsaw": (52.23, 21.01),
}


def import_all_core(name: str, repairs: Repairs | None = None) -> ImportReport:
    return import_topology(f"topohub:{name}", route_factor=1.3, roles="all-core", repairs=repairs)


def starts(report: ImportReport, word: str) -> list[str]:
    return [note for note in report.audit if note.startswith(f"{word}:")]


def test_germany50() -> None:
    report = import_all_core("sndlib/germany50")
    fabric = report.fabric
    assert (len(fabric.site), len(fabric.duct), len(fabric.link)) == (50, 88, 0)
    assert starts(report, "repaired") == starts(report, "flagged") == []
    sites = {site.name: site for site in fabric.site}
    for duct in fabric.duct:
        a, b = sites[duct.a], sites[duct.b]
        straight_km = measure_geodesic_km((a.latitude_deg, a.longitude_deg), (b.latitude_deg, b.longitude_deg))
        assert duct.length_km == pytest.approx(1.3 * straight_km, abs=1e-3)


def test_germany50_summary() -> None:
    summary = summarize_fabric(import_all_core("sndlib/germany50").fabric)
    # 252.3 km is the longest distance in the source, on a sphere: 0.5 % from the ellipsoid.
    assert summary["longest_km"] == pytest.approx(1.3 * 252.3, rel=0.005)
    assert summary["core_count"] == summary["site_count"] == 50


def test_demands_are_scaled_to_a_total() -> None:
    report = import_topology(
        "topohub:sndlib/germany50", route_factor=1.3, roles="all-core", demand=DemandRule(10_000, latency_ms=20)
    )
    # Six digits each: the sum of 662 may be off by 1e-6 of it.
    assert sum(demand.rate_gbps for demand in report.fabric.demand) == pytest.approx(10_000, rel=1e-5)
    assert len(report.fabric.demand) == 662
    rates = {(demand.from_site, demand.to_site): demand.rate_gbps for demand in report.fabric.demand}
    # The source has 34 and 9 for these, of 2365 in all; ids 14, 12 and 29 are these cities.
    names = [site.name for site in report.fabric.site]
    assert rates[names[14], names[12]] / rates[names[14], names[29]] == pytest.approx(34 / 9, rel=1e-5)
    assert {demand.latency_ms for demand in report.fabric.demand} == {20}


def test_demands_without_a_unit_are_left_out() -> None:
    report = import_all_core("sndlib/germany50")
    assert report.fabric.demand == ()
    assert len(starts(report, "dropped")) == 1


def test_nobel_eu_is_repaired() -> None:
    report = import_all_core("sndlib/nobel-eu")
    assert len(starts(report, "repaired")) == 1
    sites = {site.name: (site.latitude_deg, site.longitude_deg) for site in report.fabric.site}
    gaps_km = sorted(measure_geodesic_km(sites[name], place) for name, place in CITIES.items())
    assert gaps_km[-1] < 6
    assert gaps_km[len(gaps_km) // 2] < 3
    # The lengths follow the repaired coordinates and not the stated ones: London - Paris is 344 km by air.
    lengths_km = {frozenset((duct.a, duct.b)): duct.length_km for duct in report.fabric.duct}
    assert lengths_km[frozenset(("London", "Paris"))] == pytest.approx(1.3 * 344, rel=0.01)


@pytest.mark.parametrize("name", sorted(NON_GEOGRAPHIC))
def test_drawings_are_refused(name: str) -> None:
    with pytest.raises(FormatError) as caught:
        import_all_core(name)
    assert {problem.key for problem in caught.value.problems} == {"coordinates"}


@pytest.mark.parametrize("name", sorted(NON_GEOGRAPHIC))
def test_drawings_are_found_without_the_list(name: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_topology(name, Repairs())
    assert "drawing" in caught.value.problems[-1].found


def test_list_and_detection_of_degrees_minutes_agree() -> None:
    from json import loads

    from lightlane.fabric.importers.topologies import _data_folder

    names = [name for name in list_topologies() if name.startswith(("sndlib/", "topozoo/", "backbone/europe"))]
    detected = set()
    for name in names:
        content = loads(_data_folder().joinpath(f"{name}.json").read_text("utf-8"))
        if are_degrees_minutes([value for node in content["nodes"] for value in node["pos"]]):
            detected.add(name)
    assert len(names) > 200
    assert detected == DEGREES_MINUTES


@pytest.mark.parametrize(("stored", "degrees"), [(52.31, 52 + 31 / 60), (-6.15, -6.25), (-0.1, -1 / 6), (11.0, 11.0)])
def test_degrees_minutes(stored: float, degrees: float) -> None:
    assert convert_degrees_minutes(stored) == pytest.approx(degrees, abs=5e-7)


def test_few_coordinates_are_no_proof() -> None:
    assert not are_degrees_minutes([52.31, 13.24, 48.08, 11.34])


def test_a_drawing_that_no_list_has() -> None:
    positions = [(float(i % 7), float(i % 11)) for i in range(12)]
    assert find_position_faults("sndlib/new", positions)
    assert not find_position_faults("sndlib/new", [(lat + 0.37, lon) for lat, lon in positions])


def test_stated_distances_must_fit() -> None:
    assert find_distance_faults([("a - b", 100.0, 104.0)])
    assert not find_distance_faults([("a - b", 100.0, 102.0), ("c - d", 3.6, 4.5)])


@pytest.mark.parametrize("name", ["gabriel/5/0", "gabriel/25/0"])
def test_synthetic_planes_are_refused(name: str) -> None:
    with pytest.raises(FormatError):
        import_all_core(name)


def test_unverified_coordinates_need_the_users_word() -> None:
    with pytest.raises(FormatError):
        import_all_core("sndlib/brain")
    report = import_all_core("sndlib/brain", Repairs(accept_unverified=True))
    assert len(report.fabric.site) == 161
    assert any("coordinates" in note for note in starts(report, "flagged"))


def test_sites_at_one_point_are_refused_by_name() -> None:
    with pytest.raises(FormatError) as caught:
        import_all_core("topozoo/Restena")
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["CCRN = Luxembourg", "RESTENA = BCE", "UNI.iu = Limpertsberg"]
    assert "2 ducts of zero length" in caught.value.problems[0].found


def test_sites_at_one_point_are_merged_on_request() -> None:
    before = read_topology("topozoo/Restena", Repairs())
    report = import_all_core("topozoo/Restena", Repairs(merge_coincident=True))
    assert len(report.fabric.site) == len(before.sites) - 3 == len({site.position_deg for site in before.sites})
    assert len(report.fabric.duct) == len(before.ducts) - 2
    assert len(starts(report, "merged")) == 3
    assert len({duct.name for duct in report.fabric.duct}) == len(report.fabric.duct)


def test_zero_lengths_of_the_topology_zoo() -> None:
    # Counted once by hand: 537 ducts of zero length in 75 of the 203 topologies.
    counts = []
    for name in list_topologies():
        if name.startswith("topozoo/"):
            draft = read_topology(name, Repairs())
            counts.append(
                sum(draft.sites[duct.a].position_deg == draft.sites[duct.b].position_deg for duct in draft.ducts)
            )
    assert (len(counts), sum(counts), sum(count > 0 for count in counts)) == (203, 537, 75)


def test_sea_cables_are_refused_or_skipped() -> None:
    with pytest.raises(FormatError) as caught:
        import_all_core("backbone/europe")
    assert "427 sea cables" in caught.value.problems[0].found
    report = import_all_core("backbone/europe", Repairs(skip_seacable=True, merge_coincident=True))
    assert len(report.fabric.duct) == 1287 - 427
    assert starts(report, "dropped")


def test_caida_is_flagged_as_logical() -> None:
    assert any("logical" in note for note in starts(import_all_core("caida/2024-08/5384"), "flagged"))


def test_short_ducts_of_rounded_coordinates_are_flagged() -> None:
    assert any("0.01 degrees" in note for note in starts(import_all_core("topozoo/Arnes"), "flagged"))


def test_every_topology_is_imported_or_refused_cleanly() -> None:
    repairs = Repairs(accept_unverified=True, merge_coincident=True, skip_seacable=True)
    imported: list[ImportReport] = []
    refused = set()
    for name in list_topologies():
        if name.startswith(("sndlib/", "topozoo/", "backbone/europe", "caida/2024-08/1")):
            try:
                imported.append(import_topology(f"topohub:{name}", route_factor=1, roles="all-core", repairs=repairs))
            except FormatError:
                refused.add(name)
    assert len(imported) > 220
    assert refused == NON_GEOGRAPHIC


def test_missing_route_factor_says_what_is_common() -> None:
    with pytest.raises(ParameterError, match=r"1\.2 to 1\.5 are common"):
        import_topology("topohub:sndlib/germany50", roles="all-core")


@pytest.mark.parametrize("route_factor", [0.9, 0.0, -1.3, float("nan"), float("inf"), 130.0])
def test_route_factor_must_be_one(route_factor: float) -> None:
    with pytest.raises(ParameterError, match="route_factor"):
        import_topology("topohub:sndlib/germany50", roles="all-core", route_factor=route_factor)


@pytest.mark.parametrize("name", ["sndlib/germny50", "germany50", "../../etc/passwd", ""])
def test_unknown_topology(name: str) -> None:
    with pytest.raises(ParameterError, match="topohub has no topology"):
        import_all_core(name)


def test_unknown_topology_gets_a_suggestion() -> None:
    with pytest.raises(ParameterError, match=r"did you mean 'sndlib/germany50'"):
        import_all_core("germany50")

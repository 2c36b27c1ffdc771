"""Tables of sites, links and demands: what is read, and what is said of broken ones."""

from pathlib import Path

import pytest

from lightlane.errors import FormatError, ParameterError, Problem
from lightlane.fabric.importers import DemandRule, Repairs, import_topology
from lightlane.fabric.importers.geodesic import measure_geodesic_km
from lightlane.fabric.topology import Fabric

BAVARIA = Path(__file__).parents[2] / "data" / "import" / "bavaria"
SITES = "name,latitude_deg,longitude_deg,role\nA,52.0,13.0,core\nB,52.5,13.5,edge\n"
LINKS = "a,b,length_km\nA,B,80\n"


def write(folder: Path, sites: str | bytes = SITES, links: str | bytes = LINKS, demands: str | None = None) -> Path:
    for name, content in (("sites.csv", sites), ("links.csv", links), ("demands.csv", demands)):
        if content is not None:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read(folder: Path, sites: str | bytes = SITES, links: str | bytes = LINKS, demands: str | None = None) -> Fabric:
    return import_topology(write(folder, sites, links, demands)).fabric


def problems_of(folder: Path, sites: str | bytes = SITES, links: str | bytes = LINKS) -> tuple[Problem, ...]:
    write(folder, sites, links)
    with pytest.raises(FormatError) as caught:
        import_topology(folder, route_factor=1.3, roles="all-core")
    return caught.value.problems


def test_folder_of_tables() -> None:
    report = import_topology(BAVARIA, route_factor=1.25)
    fabric = report.fabric
    assert fabric.name == "bavaria"
    assert {site.name: site.role for site in fabric.site} == {
        "München": "core",
        "Augsburg": "edge",
        "Nürnberg": "core",
        "Ingolstadt": "hut",
    }
    ducts = {duct.name: duct for duct in fabric.duct}
    assert set(ducts) == {"A8", "München - Ingolstadt", "A9 north", "A9 south"}
    assert ducts["A8"].length_km == 68.4
    measured = ducts["München - Ingolstadt"]
    assert measured.length_km == pytest.approx(1.25 * measure_geodesic_km((48.137, 11.575), (48.763, 11.425)), abs=1e-3)
    assert (measured.fiber, measured.attenuation_db_per_km, measured.splice_count) == ("g654e", 0.17, 3)
    assert (ducts["A8"].fiber, ducts["A8"].attenuation_db_per_km, ducts["A8"].connector_count) == ("g652d", None, 2)
    replication, other = fabric.demand
    assert (replication.rate_gbps, replication.latency_ms, replication.service) == (1600, 5, "replication")
    assert (other.from_site, other.to_site, other.latency_ms) == ("Augsburg", "München", None)
    assert any("parallel" in note for note in report.audit)


def test_files_one_by_one() -> None:
    report = import_topology((BAVARIA / "sites.csv", BAVARIA / "links.csv"), route_factor=1.25)
    assert (len(report.fabric.duct), report.fabric.demand) == (4, ())


def test_demands_of_tables_can_be_scaled() -> None:
    report = import_topology(BAVARIA, route_factor=1.25, demand=DemandRule(total_demand_gbps=1000, latency_ms=7))
    assert [(demand.rate_gbps, demand.latency_ms) for demand in report.fabric.demand] == [(800, 5), (200, 7)]


def test_lengths_make_a_route_factor_needless(tmp_path: Path) -> None:
    assert read(tmp_path).duct[0].length_km == 80


def test_a_missing_length_needs_a_route_factor(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"no fiber length for 1 of its 1 ducts.*1\.2 to 1\.5"):
        read(tmp_path, links="a,b\nA,B\n")


@pytest.mark.parametrize(
    ("sites", "links"),
    [
        (b"\xef\xbb\xbf" + SITES.encode(), b"\xef\xbb\xbf" + LINKS.encode()),
        (SITES.replace("\n", "\r\n"), LINKS.replace("\n", "\r\n")),
        (SITES.replace(",", ";"), LINKS.replace(",", ";")),
        (SITES.replace(",", ";").replace(".", ","), LINKS.replace(",", ";").replace("80", "80,0")),
        (SITES.replace(",", "\t"), LINKS.replace(",", "\t")),
        ("\n" + SITES.replace("\n", "\n\n"), LINKS.replace("A,B,80", ' A , "B" , 80 ').replace(' "B" ', '"B"')),
    ],
    ids=["bom", "crlf", "semicolons", "decimal commas", "tabs", "blank lines and cells with spaces"],
)
def test_dialects_give_the_same_fabric(tmp_path: Path, sites: str | bytes, links: str | bytes) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    expected, found = read(one), read(other, sites, links)
    assert (found.site, found.duct) == (expected.site, expected.duct)


BROKEN: dict[str, tuple[str | bytes, str, str, int, str]] = {
    "no such column": ("name,latitude_deg\nA,52\n", LINKS, "sites.csv", 1, "longitude_deg"),
    "unknown column": (SITES.replace("role", "rolle"), LINKS, "sites.csv", 1, ""),
    "column twice": (SITES.replace("role", "name"), LINKS, "sites.csv", 1, "name"),
    "no rows": ("name,latitude_deg,longitude_deg\n", LINKS, "sites.csv", 0, ""),
    "empty file": ("", LINKS, "sites.csv", 0, ""),
    "not a number": (SITES.replace("52.5", "north"), LINKS, "sites.csv", 3, "latitude_deg"),
    "out of range": (SITES.replace("52.5", "152.5"), LINKS, "sites.csv", 3, "latitude_deg"),
    "nan": (SITES.replace("52.5", "nan"), LINKS, "sites.csv", 3, "latitude_deg"),
    "empty name": (SITES.replace("B,", ","), LINKS, "sites.csv", 3, "name"),
    "role": (SITES.replace("edge", "edgy"), LINKS, "sites.csv", 3, "role"),
    "site twice": (SITES + "A,53,14,core\n", LINKS, "sites.csv", 4, "name"),
    "too few cells": (SITES + "C,53\n", LINKS, "sites.csv", 4, ""),
    "too many cells": (SITES + "C,53,14,core,5\n", LINKS, "sites.csv", 4, ""),
    "open quote": (SITES + '"C,53,14,core\n', LINKS, "sites.csv", 4, ""),
    "not UTF-8": (SITES.encode() + "Köln,53,14,core\n".encode("latin-1"), LINKS, "sites.csv", 4, ""),
    "unknown site": (SITES, LINKS.replace("B", "Bb"), "links.csv", 2, "b"),
    "to itself": (SITES, LINKS.replace("B", "A"), "links.csv", 2, "b"),
    "no length": (SITES, LINKS.replace("80", "0"), "links.csv", 2, "length_km"),
    "too long": (SITES, LINKS.replace("80", "80000"), "links.csv", 2, "length_km"),
    "fiber with a capital": (SITES, "a,b,fiber\nA,B,G652D\n", "links.csv", 2, "fiber"),
    "half a splice": (SITES, "a,b,splice_count\nA,B,0.5\n", "links.csv", 2, "splice_count"),
    "duct twice": (SITES, "a,b,name\nA,B,x\nA,B,x\n", "links.csv", 3, "name"),
    "zero length": (SITES.replace("52.5,13.5", "52.000001,13.0"), LINKS.replace("80", ""), "links.csv", 2, "A - B"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_tables(tmp_path: Path, case: str) -> None:
    sites, links, file, line, key = BROKEN[case]
    problems = problems_of(tmp_path, sites, links)
    assert len(problems) == 1, problems
    if case != "zero length":
        assert Path(problems[0].file).name == file
    assert (problems[0].line, problems[0].key) == (line, key)
    assert problems[0].found
    assert problems[0].allowed


def test_all_problems_of_all_tables_at_once(tmp_path: Path) -> None:
    sites = "name,latitude_deg,longitude_deg\nA,north,13\nB,52,513\nC,1,1\n"
    links = "a,b,length_km\nA,B,-1\nA,D,5\nC,C,5\n"
    problems = problems_of(tmp_path, sites, links)
    places = [(Path(problem.file).name, problem.line, problem.key) for problem in problems]
    assert places == [
        ("links.csv", 2, "length_km"),
        ("links.csv", 3, "b"),
        ("links.csv", 4, "b"),
        ("sites.csv", 2, "latitude_deg"),
        ("sites.csv", 3, "longitude_deg"),
    ]


def test_unknown_site_gets_a_suggestion(tmp_path: Path) -> None:
    sites = "name,latitude_deg,longitude_deg,role\nBerlin,52.5,13.4,core\nPotsdam,52.4,13.1,edge\n"
    (problem,) = problems_of(tmp_path, sites, "a,b\nBerlin,Postdam\n")
    assert "did you mean 'Potsdam'" in problem.found


def test_a_row_over_two_lines_keeps_the_count(tmp_path: Path) -> None:
    sites = 'name,latitude_deg,longitude_deg\n"A\nA",52,13\nB,north,13\n'
    problems = problems_of(tmp_path, sites, "a,b\nB,B\n")
    assert {(problem.line, problem.key) for problem in problems} == {(4, "latitude_deg"), (2, "b")}


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"sites\.csv: no such file"):
        import_topology(tmp_path, roles="all-core")


def test_a_source_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="allowed: topohub:GROUP/NAME"):
        import_topology(tmp_path / "net.graphml", roles="all-core")


def test_sites_at_one_point(tmp_path: Path) -> None:
    sites = SITES + "B2,52.5,13.5,core\n"
    campus = read(tmp_path, sites, LINKS + "B,B2,0.4\n")
    assert len(campus.site) == 3
    write(tmp_path, sites, "a,b,length_km\nA,B,80\nA,B2,\nB,B2,\n")
    with pytest.raises(FormatError, match="B = B2"):
        import_topology(tmp_path, route_factor=1.3)
    merged = import_topology(tmp_path, route_factor=1.3, repairs=Repairs(merge_coincident=True)).fabric
    assert [(site.name, site.role) for site in merged.site] == [("A", "core"), ("B", "core")]
    assert len(merged.duct) == 2


def test_a_route_factor_can_make_a_duct_too_long(tmp_path: Path) -> None:
    sites = "name,latitude_deg,longitude_deg,role\nA,0,0,core\nB,0,175,core\n"
    write(tmp_path, sites, "a,b\nA,B\n")
    with pytest.raises(FormatError, match="at most 20000 km"):
        import_topology(tmp_path, route_factor=1.5)

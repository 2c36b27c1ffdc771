"""The design rules with the real lane model and the shipped catalog: which class ends where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.fabric.design import Choice, Design, design_fabric
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.evaluation import evaluate_fabric
from lightlane.fabric.load import catalog_problems
from lightlane.fabric.topology import Demand, Duct, Fabric, Site, reference_problems
from lightlane.fabric.verdicts import Verdict, leave_out_assumed_controls
from lightlane.lane.assumptions import assumed_values
from lightlane.link import Link

LENGTHS_KM = (0.4, 2.0, 10.0, 30.0, 39.5, 80.0, 100.0, 115.0, 160.0, 400.0)


def build_fabric(rate_gbps: float) -> Fabric:
    """One duct of each length from a site of its own to one site in the middle, with the same demand over each."""
    sites = [Site(name="M", role="core", latitude_deg=50, longitude_deg=10)]
    ducts, demands = [], []
    for index, length_km in enumerate(LENGTHS_KM):
        name = f"s{index}"
        sites.append(Site(name=name, role="edge", latitude_deg=50 + length_km / 150, longitude_deg=10))
        ducts.append(Duct(name=f"d{length_km:g}", a="M", b=name, length_km=length_km, fiber="g652d"))
        demands.append(Demand(from_site="M", to_site=name, rate_gbps=rate_gbps))
    return Fabric(format=1, site=tuple(sites), duct=tuple(ducts), demand=tuple(demands))


@pytest.fixture(scope="module")
def design() -> Design:
    return design_fabric(build_fabric(1500), load_catalog())


@pytest.fixture(scope="module")
def by_length(design: Design) -> dict[float, Choice]:
    return {choice.adjacency.length_km: choice for choice in design.choices}


def test_every_length_closes(design: Design) -> None:
    assert not design.unclosed
    assert not reference_problems(design.fabric)
    assert not catalog_problems(design.fabric, load_catalog())


@pytest.mark.parametrize(
    ("length_km", "classes"),
    [
        (2.0, ("fr", "dr4-2")),
        (10.0, ("lr",)),
        (30.0, ("er",)),
        (39.5, ("er",)),
    ],
)
def test_short_links_end_in_their_class(
    by_length: dict[float, Choice], length_km: float, classes: tuple[str, ...]
) -> None:
    choice = by_length[length_km]
    assert choice.candidate.family == "direct"
    assert any(name in choice.candidate.module for name in classes), choice.candidate.module


@pytest.mark.parametrize("length_km", [80.0, 100.0, 115.0])
def test_metro_links_are_amplified_at_the_ends(by_length: dict[float, Choice], length_km: float) -> None:
    choice = by_length[length_km]
    assert choice.candidate.family == "coherent-amplified"
    assert choice.candidate.span_count == 1
    # A module of the ZR family by any vendor: its FEC is that of 400ZR or OpenZR+.
    assert load_catalog().get_mode(choice.candidate.mode).fec in {"cfec", "ofec"}


@pytest.mark.parametrize("length_km", [160.0, 400.0])
def test_long_links_are_amplified_on_the_way(by_length: dict[float, Choice], length_km: float) -> None:
    choice = by_length[length_km]
    assert choice.candidate.family == "coherent-spans"
    assert choice.candidate.span_count >= length_km / 80


def test_what_was_promised_is_what_the_designed_fabric_gives(design: Design) -> None:
    catalog = load_catalog()
    options = DesignOptions()
    batch = evaluate_fabric(design.fabric, catalog, wanted_margin_db=options.wanted_margin_db)
    results = {result.link: result for result in batch.link_results()}
    for choice in design.choices:
        for name in choice.links:
            assert results[name].status == "up"
            # A link of fewer channels than the fullest one has no less margin.
            assert results[name].margin_db >= choice.margin_db - 1e-9
            assert results[name].margin_db >= options.wanted_margin_db
        assert results[choice.links[0]].margin_db == pytest.approx(choice.margin_db, abs=1e-9)
        assert choice.latency_us == pytest.approx(results[choice.links[0]].latency_us)


def test_a_larger_margin_is_reached_where_amplifiers_can() -> None:
    # Preamplifiers are set to the wanted margin: left where 1 dB needs them, no amplified line would have more.
    fabric = build_fabric(300)
    fabric = fabric.model_copy(update={"duct": tuple(duct for duct in fabric.duct if duct.length_km in {100.0, 160.0})})
    found = design_fabric(fabric, load_catalog(), options=DesignOptions(wanted_margin_db=3.5))
    assert [choice.adjacency.length_km for choice in found.choices] == [100.0, 160.0]
    assert any(choice.candidate.chain.preamplifier for choice in found.choices)


def test_each_cheaper_candidate_has_its_reason(design: Design) -> None:
    for choice in design.choices:
        for rejected in choice.rejected:
            assert rejected.reason
            if not rejected.reason.startswith("left out"):
                assert (rejected.span_count - 1, rejected.power_w) <= (
                    choice.candidate.span_count - 1,
                    choice.candidate.power_w,
                )


def test_an_assumed_tilt_control_rules_no_line_out_that_closes_without_it() -> None:
    """A kind of amplifier of which nothing else is assumed: without the control the line over 160 km still closes."""
    fabric = build_fabric(1500)
    fabric = fabric.model_copy(update={"duct": fabric.duct[8:9], "demand": fabric.demand[8:9]})
    part = ("edfa-medium-gain",)
    options = DesignOptions(modules=("smartoptics-tqd013",), boosters=part, inline_amplifiers=part, preamplifiers=part)
    (with_all,) = design_fabric(fabric, load_catalog(), options=options).choices
    assert with_all.assumed == ("edfa-medium-gain: gain_tilt_max_db",)
    (without,) = design_fabric(
        fabric, load_catalog(), options=options.model_copy(update={"allow_assumed": False})
    ).choices
    assert without.assumed == ()
    assert without.candidate.chain == with_all.candidate.chain
    # The figure did something: without it the worst channel has less.
    assert without.margin_db < with_all.margin_db


def test_one_channel_rests_on_no_tilt_control(make_link: Callable[..., Link]) -> None:
    line = {"booster": "edfa-fixed-5.5", "mux": "mux-75ghz", "span_launch_power_dbm": 0.0}
    one, two = (assumed_values(make_link("openzrplus-400g-ha", line=line, channels=count)) for count in (1, 2))
    assert [item for item in two if item not in one] == ["edfa-fixed-5.5: gain_tilt_max_db"]


def test_only_assumed_controls_are_left_out_and_said() -> None:
    catalog = load_catalog()
    left_out = leave_out_assumed_controls(catalog)
    for name, part in catalog.amplifiers.items():
        found = left_out.amplifiers[name]
        if "gain_tilt_max_db" in part.assumed:
            assert found.gain_tilt_max_db is None
            assert found.model_dump(exclude={"gain_tilt_max_db", "assumed"}) == part.model_dump(
                exclude={"gain_tilt_max_db", "assumed"}
            )
        else:
            assert found is part
    verdict = Verdict(0.5, "osnr", 1.0)
    assert verdict.why_not(1.0, allow_assumed=False, left_out=", without tilt").endswith("1 dB wanted, without tilt")

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from lightlane.catalog.load import Catalog, load_catalog
from lightlane.errors import ParameterError
from lightlane.fabric.design import Design, design_fabric
from lightlane.fabric.design_options import DesignOptions
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site, reference_problems
from lightlane.fabric.verdicts import Verdict

REACH_KM = {"400gbase-fr4": 2.0, "400g-lr4-10": 10.0, "800g-2xfr4": 2.0, "800gbase-lr4": 10.0}
SPAN_REACH_KM = 100.0


def reach_model(fabric: Fabric, _: Catalog, wanted_margin_db: float, fiber_limits: bool) -> Sequence[Verdict]:
    """A lane model that is easy to foresee: 0.1 dB for each kilometer of reach left over the longest span."""
    assert wanted_margin_db == 2.0
    assert not reference_problems(fabric)
    lengths_km = {duct.name: duct.length_km for duct in fabric.duct}
    verdicts = []
    for link in fabric.link:
        spans_km = [lengths_km[name] for name in link.ducts]
        longest_km = max(spans_km) if link.inline_amplifier else sum(spans_km)
        if link.module in REACH_KM:
            reach_km = REACH_KM[link.module] + 20
        elif (link.booster and link.preamplifier) or link.inline_amplifier:
            reach_km = SPAN_REACH_KM - 5 * abs((link.span_launch_power_dbm or 0) - 1)
        else:
            reach_km = 40.0
        margin_db = 0.1 * (reach_km - longest_km) - (1 if fiber_limits else 0)
        assumed = ("fiber: pmd",) if link.module == "400gbase-fr4" else ()
        verdicts.append(Verdict(margin_db, "power", 5 * sum(spans_km) + 4, assumed=assumed))
    return verdicts


def build_fabric(
    ducts: Sequence[tuple[str, str, str, float]],
    demands: Sequence[tuple[str, str, float]] = (),
    *,
    links: Sequence[Link] = (),
    huts: Sequence[str] = (),
) -> Fabric:
    names = sorted({end for _, a, b, _ in ducts for end in (a, b)})
    return Fabric(
        format=1,
        site=tuple(
            Site(name=n, role="hut" if n in huts else "core", latitude_deg=50, longitude_deg=10 + i)
            for i, n in enumerate(names)
        ),
        duct=tuple(Duct(name=name, a=a, b=b, length_km=km, fiber="g652d") for name, a, b, km in ducts),
        link=tuple(links),
        demand=tuple(Demand(from_site=a, to_site=b, rate_gbps=rate_gbps) for a, b, rate_gbps in demands),
    )


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


MODULES = ("400gbase-fr4", "400g-lr4-10", "800g-2xfr4", "800gbase-lr4", "oif-400zr", "openzrplus-400g-ha")


@pytest.fixture
def design(catalog: Catalog) -> Callable[..., Design]:
    def run(fabric: Fabric, **options: object) -> Design:
        chosen = DesignOptions.model_validate({"modules": MODULES, "wanted_margin_db": 2.0, **options})
        found = design_fabric(fabric, catalog, options=chosen, evaluate=reach_model)
        assert not reference_problems(found.fabric)
        return found

    return run


def test_takes_the_least_watts_that_close(design: Callable[..., Design]) -> None:
    found = design(build_fabric([("d2", "A", "B", 2), ("d9", "A", "C", 9)]))
    near, far = found.choices
    # Both modules take 12 W: the shorter class of reach is the tie's winner, not the larger margin.
    assert (near.candidate.module, near.candidate.family) == ("400gbase-fr4", "direct")
    assert far.candidate.module == "400g-lr4-10"
    assert far.margin_db == pytest.approx(2.1)
    assert [(item.module, item.reason) for item in far.rejected] == [
        ("400gbase-fr4", "margin 1.30 dB, limited by power; 2 dB wanted")
    ]
    assert found.fabric.link[0].name == near.links[0] == "A-B-1"


def test_larger_modules_where_they_take_less_for_the_rate(design: Callable[..., Design]) -> None:
    (choice,) = design(build_fabric([("d", "A", "B", 2)], [("A", "B", 1500)])).choices
    # 2 pairs of 16 W against 4 pairs of 12 W.
    assert choice.candidate.module == "800g-2xfr4"
    assert choice.candidate.power_w == 2 * 2 * 16
    assert (sum(choice.candidate.channels), choice.candidate.fiber_pairs, choice.rate_gbps) == (2, 4, 1600)


def test_amplified_at_the_ends_without_a_hut(design: Callable[..., Design]) -> None:
    found = design(build_fabric([("d", "A", "B", 75)], [("A", "B", 2000), ("B", "A", 2900)]))
    (choice,) = found.choices
    assert choice.candidate.family == "coherent-amplified"
    assert choice.needed_gbps == 2900
    assert (found.fabric.link[0].channels, found.fabric.duct) == (8, found.fabric.duct[:1])
    assert {item.family for item in choice.rejected} >= {"direct", "coherent-mux"}
    tried = [item for item in choice.rejected if not item.reason.startswith("left out")]
    assert tried
    assert all(item.power_w <= choice.candidate.power_w for item in tried)


def test_huts_stand_where_spans_get_too_long(design: Callable[..., Design]) -> None:
    found = design(build_fabric([("d", "B", "A", 230)]), max_span_km=80, max_single_span_km=120)
    (choice,) = found.choices
    assert choice.candidate.family == "coherent-spans"
    assert choice.candidate.spans == (3,)
    assert [duct.name for duct in found.fabric.duct] == ["d.1", "d.2", "d.3"]
    assert [site.name for site in found.fabric.site if site.role == "hut"] == ["d-hut1", "d-hut2"]
    assert found.fabric.link[0].ducts == ("d.1", "d.2", "d.3")
    # One in-line amplifier in each hut and direction, and those at the ends.
    link = found.fabric.link[0]
    ends = sum(part is not None for part in (link.booster, link.preamplifier))
    assert choice.candidate.amplifier_count == 2 * 2 + 2 * ends


def test_most_margin_among_equal_watts(design: Callable[..., Design]) -> None:
    (choice,) = design(build_fabric([("d", "A", "B", 70)]), modules=("oif-400zr",)).choices
    # -2 to 2 dBm close alike in watts; in this model 1 dBm has the most margin.
    assert choice.candidate.chain.span_launch_power_dbm == 1.0
    assert choice.margin_db == pytest.approx(3.0)


def test_nothing_closes(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("d", "A", "B", 300), ("e", "B", "C", 2)], [("A", "C", 900)])
    found = design(fabric, modules=("400gbase-fr4", "oif-400zr"), max_span_km=150)
    (unclosed,) = found.unclosed
    assert unclosed.adjacency.name == "d"
    assert unclosed.best is not None
    assert "dB wanted" in unclosed.best.reason
    assert [duct.name for duct in found.fabric.duct] == ["d", "e"]
    assert [choice.adjacency.name for choice in found.choices] == ["e"]
    assert found.unreachable == (0,)


def test_links_that_stand_are_kept(design: Callable[..., Design]) -> None:
    link = Link(name="mine", a="A", b="C", module="oif-400zr", ducts=("d", "e"))
    fabric = build_fabric([("d", "A", "B", 2), ("e", "B", "C", 2), ("f", "A", "C", 2)], links=[link])
    found = design(fabric)
    assert [adjacency.name for adjacency in found.kept] == ["d", "e"]
    assert [item.name for item in found.fabric.link] == ["mine", "A-C-1"]
    again = design(fabric, redesign=True)
    assert len(again.choices) == 3
    assert again.kept == ()


def test_huts_of_the_fabric_get_amplifiers(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("d", "A", "h", 70), ("e", "B", "h", 75)], huts=["h"])
    found = design(fabric)
    (choice,) = found.choices
    assert choice.candidate.spans == (1, 1)
    assert found.fabric.link[0].ducts == ("d", "e")
    assert found.fabric.link[0].inline_amplifier is not None
    assert found.fabric.duct == fabric.duct


def test_a_duct_that_runs_the_other_way_is_split_and_joined_in_order(design: Callable[..., Design]) -> None:
    found = design(build_fabric([("d", "A", "h", 70), ("e", "B", "h", 150)], huts=["h"]))
    (link,) = found.fabric.link
    assert (link.a, link.ducts) == ("A", ("d", "e.2", "e.1"))


def test_ducts_that_others_use_are_not_split(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("a", "A", "h", 200), ("b", "B", "h", 2), ("c", "C", "h", 3)], huts=["h"])
    found = design(fabric)
    assert {item.adjacency.name for item in found.unclosed} == {"a+b", "a+c"}
    assert [choice.adjacency.name for choice in found.choices] == ["b+c"]


def test_price_book_turns_the_choice(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("d", "A", "B", 2)])
    (choice,) = design(fabric, price_book={"400g-lr4-10": 100.0, "400gbase-fr4": 300.0}).choices
    assert choice.candidate.module == "400g-lr4-10"
    assert choice.candidate.price == 200.0
    reasons = {item.module: item.reason for item in choice.rejected}
    assert reasons["oif-400zr"] == "left out: the price book has no oif-400zr"
    assert "400gbase-fr4" not in reasons


def test_a_hut_is_built_to_save_amplifiers_only_where_it_is_priced(design: Callable[..., Design]) -> None:
    # 75 km close with four amplifiers at the ends, or with two in a hut halfway.
    fabric, modules = build_fabric([("d", "A", "B", 75)]), ("oif-400zr",)
    assert design(fabric, modules=modules).choices[0].candidate.hut_count == 0
    catalog = load_catalog()
    book = dict.fromkeys((*catalog.amplifiers, "oif-400zr"), 10.0)
    assert design(fabric, modules=modules, price_book=book).choices[0].candidate.hut_count == 0
    for hut, hut_count in ((5.0, 1), (50.0, 0)):
        (choice,) = design(fabric, modules=modules, price_book={**book, "hut": hut}).choices
        assert choice.candidate.hut_count == hut_count
        assert choice.candidate.price == 20 + 10 * choice.candidate.amplifier_count + hut * hut_count


def test_unknown_names_are_refused(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("d", "A", "B", 2)])
    with pytest.raises(ParameterError, match="price book names no-such"):
        design(fabric, price_book={"no-such": 1.0})
    with pytest.raises(ParameterError, match="no-such"):
        design(fabric, modules=("no-such",))


def test_assumed_values_can_be_ruled_out(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("d", "A", "B", 2)])
    assert design(fabric).choices[0].assumed == ("fiber: pmd",)
    (choice,) = design(fabric, allow_assumed=False).choices
    assert choice.candidate.module == "400g-lr4-10"
    assert choice.rejected[0].reason == "rests on assumed values: fiber: pmd"


def test_fiber_pairs_can_be_limited(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("d", "A", "B", 2)], [("A", "B", 3200)])
    (choice,) = design(fabric, max_fiber_pairs=4).choices
    assert choice.candidate.fiber_pairs <= 4
    assert any("fiber pairs, 4 allowed" in item.reason for item in choice.rejected)


def test_comb_wider_than_the_band_takes_more_fiber_pairs(design: Callable[..., Design]) -> None:
    fabric = build_fabric([("d", "A", "B", 75)], [("A", "B", 400 * 100)])
    (choice,) = design(fabric, modules=("openzrplus-400g-ha",)).choices
    # 4.8 THz at 75 GHz hold 64 channels.
    assert choice.candidate.channels == (50, 50)
    assert choice.links == ("A-B-1", "A-B-2")


def test_module_latency_turns_the_way_and_is_provided_for(design: Callable[..., Design], catalog: Catalog) -> None:
    # By fiber alone A-B-C is the faster way; the modules' 40 us at each hop turn it, and a-c must carry the demand.
    def slow_modules(fabric: Fabric, *rest: object) -> list[Verdict]:
        verdicts = reach_model(fabric, *rest)  # type: ignore[arg-type]
        return [Verdict(v.margin_db, v.limited_by, v.latency_us + 36) for v in verdicts]

    fabric = build_fabric([("ab", "A", "B", 4), ("bc", "B", "C", 4), ("ac", "A", "C", 9)], [("A", "C", 1100)])
    found = design_fabric(
        fabric, catalog, options=DesignOptions(modules=MODULES, wanted_margin_db=2.0), evaluate=slow_modules
    )
    assert {choice.adjacency.name: choice.rate_gbps for choice in found.choices}["ac"] >= 1100


def test_few_questions_are_asked(catalog: Catalog) -> None:
    calls: list[int] = []

    def counting(fabric: Fabric, *rest: object) -> Sequence[Verdict]:
        calls.append(len(fabric.link))
        return reach_model(fabric, *rest)  # type: ignore[arg-type]

    ducts = [(f"d{i}", f"s{i}", f"s{i + 1}", 1.0 + 3 * i) for i in range(40)]
    found = design_fabric(build_fabric(ducts), catalog, options=DesignOptions(wanted_margin_db=2.0), evaluate=counting)
    assert len(found.choices) + len(found.unclosed) == 40
    assert len(calls) <= 6
    assert max(calls) > 100


def test_choices_are_json_ready(design: Callable[..., Design]) -> None:
    import json

    found = design(build_fabric([("d", "A", "B", 75), ("e", "B", "C", 900)]), max_span_km=200)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert '"price": null' in text
    assert not math.isnan(found.choices[0].margin_db)

"""Composition of links: the order of elements, the comb, and every refusal."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Passive
from lightlane.elements import FiberRun
from lightlane.errors import ParameterError
from lightlane.lane.allowances import crosstalk_allowance_db, filtering_allowance_db
from lightlane.link import LineSystem, Link, compose_link, part_kind

MakeLink = Callable[..., Link]
CATALOG = load_catalog()
LEVELS = {"span_launch_power_dbm": 0.0, "received_power_dbm": -8.0}
AMPLIFIED = {
    "mux": "mux-75ghz",
    "booster": "edfa-fixed-5.5",
    "inline": "edfa-medium-gain",
    "preamplifier": "edfa-low-gain",
    **LEVELS,
}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "mode of another module": (
        {"module": "openzrplus-400g", "mode": "oif-400zr"},
        "link 'link': module 'openzrplus-400g' has no mode 'oif-400zr'; it has openzrplus-zr400-16qam,",
    ),
    "no fiber": ({"module": "oif-400zr", "spans_km": []}, "link 'link' has no fiber"),
    "no channels": ({"module": "oif-400zr", "channels": 0}, "link 'link': channels is 0; allowed: 1 or more"),
    "places that do not fit": (
        {"module": "oif-400zr", "places": ["a", "b", "c"]},
        "link 'link' passes 3 places; 1 fibers join 2",
    ),
    "amplified direct detection": (
        {"module": "400gbase-fr4", "line": {"preamplifier": "edfa-low-gain", "received_power_dbm": -5.0}},
        "link 'link': direct-detect mode '400gbase-fr4' takes no mux and no amplifiers",
    ),
    "muxed direct detection": (
        {"module": "400gbase-fr4", "line": {"mux": "mux-75ghz"}},
        "link 'link': direct-detect mode '400gbase-fr4' takes no mux and no amplifiers",
    ),
    "demuxed direct detection": (
        {"module": "400gbase-fr4", "line": {"demux": "mux-75ghz"}},
        "link 'link': direct-detect mode '400gbase-fr4' takes no mux and no amplifiers",
    ),
    "booster without level": (
        {"module": "oif-400zr", "line": {"booster": "edfa-fixed-5.5"}},
        "link 'link': a booster or in-line amplifier needs span_launch_power_dbm",
    ),
    "in-line amplifier without level": (
        {"module": "oif-400zr", "spans_km": [60, 60], "line": {"inline": "edfa-fixed-5.5"}},
        "link 'link': a booster or in-line amplifier needs span_launch_power_dbm",
    ),
    "preamplifier without level": (
        {"module": "oif-400zr", "line": {"preamplifier": "edfa-fixed-5.5"}},
        "link 'link': a preamplifier needs received_power_dbm",
    ),
    "amplifiers for a mode without": (
        {"module": "800gbase-lr1", "line": {"booster": "edfa-fixed-5.5", **LEVELS}},
        "link 'link': mode '800gbase-lr1' is specified for lines without amplifiers",
    ),
    "Raman pumps on a direct-detect link": (
        {"module": "400gbase-fr4", "line": {"raman": "raman-two-counter-pumps"}},
        "link 'link': direct-detect mode '400gbase-fr4' takes no mux and no amplifiers",
    ),
    "Raman pumps as a booster": (
        {"module": "oif-400zr", "line": {"booster": "raman-two-counter-pumps", **LEVELS}},
        "link 'link': 'raman-two-counter-pumps' is a Raman amplifier, which is pumps in a fiber only",
    ),
    "an erbium amplifier as Raman pumps": (
        {"module": "oif-400zr", "line": {"raman": "edfa-fixed-5.5"}},
        "link 'link': 'edfa-fixed-5.5' is no Raman amplifier",
    ),
    "pumps in a fiber without figures for them": (
        {"module": "oif-400zr", "fiber": CATALOG.get_fiber("g654e"), "line": {"raman": "raman-two-counter-pumps"}},
        "link 'link': fiber 'g654e' has no attenuation at 1462 nm, which Raman pumps need",
    ),
    "pumps in a fiber without effective area": (
        {
            "module": "oif-400zr",
            "fiber": CATALOG.get_fiber("hollow-core"),
            "line": {"raman": "raman-two-counter-pumps"},
        },
        "link 'link': fiber 'hollow-core' has no effective area, which Raman pumps need",
    ),
    "channels without mux": (
        {"module": "oif-400zr", "channels": 4},
        "link 'link': 4 channels on one fiber pair need a mux",
    ),
    "channels too close": (
        {"module": "openzrplus-400g", "channel_spacing_ghz": 62.5},
        "link 'link': channel_spacing_ghz is 62.5; mode 'openzrplus-zr400-16qam' needs at least 75",
    ),
    "comb beyond the band": (
        {"module": "openzrplus-400g", "channels": 65, "channel_spacing_ghz": 100.0, "line": {"mux": "mux-100ghz"}},
        "link 'link': 65 channels at 100 GHz from 190.5000 THz leave the band of mode 'openzrplus-zr400-16qam', "
        "191.3 to 196.1 THz, which holds 49",
    ),
    "first channel below the band": (
        {"module": "openzrplus-400g", "first_channel_thz": 191.2},
        "link 'link': 1 channels at 75 GHz from 191.2000 THz leave the band",
    ),
    "last channel above the band": (
        {"module": "openzrplus-400g", "first_channel_thz": 196.0, "channels": 3, "line": {"mux": "mux-75ghz"}},
        "link 'link': 3 channels at 75 GHz from 196.0000 THz leave the band",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case: str, make_link: MakeLink) -> None:
    keywords, beginning = REFUSED[case]
    with pytest.raises(ParameterError) as caught:
        make_link(**keywords)
    assert str(caught.value).startswith(beginning)


def test_a_fec_that_is_not_the_modes_is_refused() -> None:
    run = FiberRun(
        label="d",
        fiber=CATALOG.get_fiber("g652d"),
        length_km=10.0,
        connector=CATALOG.get_passive("lc-upc"),
        splice=CATALOG.get_passive("fusion-splice"),
    )
    with pytest.raises(ParameterError) as caught:
        compose_link(
            name="x",
            module=CATALOG.get_module("oif-400zr"),
            mode=CATALOG.get_mode("oif-400zr"),
            fec=CATALOG.get_fec("ofec"),
            runs=[run],
        )
    assert str(caught.value) == "link 'x': mode 'oif-400zr' is specified with FEC 'cfec', not 'ofec'"


def test_elements_stand_in_the_order_of_light(make_link: MakeLink) -> None:
    link = make_link(
        "openzrplus-400g-ha",
        [60.0, 80.0],
        line=AMPLIFIED,
        run={"connector_count": 2, "splice_count": 3, "extra_loss_db": 0.5},
        places=["Berlin", "Hut", "Leipzig"],
        channels=2,
    )
    assert [element.label for element in link.a_to_b] == [
        "mux at Berlin", "booster at Berlin",
        "1 connector of duct 1", "duct 1 (60 km)", "1 connector of duct 1", "amplifier at Hut",
        "1 connector of duct 2", "duct 2 (80 km)", "1 connector of duct 2",
        "preamplifier at Leipzig", "demux at Leipzig",
    ]  # fmt: skip
    assert [element.label for element in link.b_to_a][:4] == [
        "mux at Leipzig", "booster at Leipzig", "1 connector of duct 2", "duct 2 (80 km)",
    ]  # fmt: skip
    splice, mux = CATALOG.get_passive("fusion-splice"), CATALOG.get_passive("mux-75ghz")
    assert link.a_to_b[3].loss_db == pytest.approx(3 * splice.loss_db + 0.5)
    # The preamplifier makes up the demux behind it, so that the module gets the level that was asked for.
    assert link.a_to_b[-2].target_power_dbm == pytest.approx(-8.0 + mux.loss_db)
    assert link.length_km == 140.0
    assert link.span_count == 2
    assert len(link.amplifiers) == 6
    assert link.muxed


@pytest.mark.parametrize(("count", "before", "after"), [(0, 0, 0), (1, 1, 0), (2, 1, 1), (3, 2, 1), (4, 2, 2)])
def test_connectors_stand_at_both_ends(make_link: MakeLink, count: int, before: int, after: int) -> None:
    link = make_link("400gbase-fr4", [1.0], run={"connector_count": count})
    loss_db = CATALOG.get_passive("lc-upc").loss_db
    position = next(index for index, element in enumerate(link.a_to_b) if element.kind == "fiber")
    sides = (link.a_to_b[:position], link.a_to_b[position + 1 :])
    for elements, expected in zip(sides, (before, after), strict=True):
        assert sum(element.loss_db for element in elements) == pytest.approx(expected * loss_db)
        assert len(elements) == min(expected, 1)


def test_the_comb_is_centered_or_starts_where_it_is_told(make_link: MakeLink) -> None:
    line = {"mux": "mux-75ghz"}
    centered = make_link("openzrplus-400g", channels=5, line=line)
    assert centered.frequencies_thz == pytest.approx((193.55, 193.625, 193.7, 193.775, 193.85))
    told = make_link("openzrplus-400g", channels=2, line=line, first_channel_thz=191.3, channel_spacing_ghz=100.0)
    assert told.frequencies_thz == pytest.approx((191.3, 191.4))
    full = make_link("openzrplus-400g", channels=65, line=line)
    assert full.frequencies_thz[0] == pytest.approx(191.3)
    assert full.frequencies_thz[-1] == pytest.approx(196.1)
    assert make_link("400gbase-fr4", [1.0]).frequencies_thz == ()


def test_rates_count_engines_and_channels(make_link: MakeLink) -> None:
    assert make_link("openzrplus-400g", channels=3, line={"mux": "mux-75ghz"}).rate_gbps == 1200.0
    assert make_link("800g-2xfr4", [1.0]).rate_gbps == 800.0


def test_spans_are_counted_between_amplifiers(make_link: MakeLink) -> None:
    assert make_link("openzrplus-400g", [40.0, 40.0]).span_count == 1
    ends = {"mux": "mux-75ghz", "booster": "edfa-fixed-5.5", "preamplifier": "edfa-fixed-5.5", **LEVELS}
    assert make_link("openzrplus-400g", [40.0, 40.0], line=ends).span_count == 1
    pumped = {**ends, "raman": "raman-two-counter-pumps"}
    assert make_link("openzrplus-400g", [80.0], line=pumped).span_count == 1
    assert make_link("openzrplus-400g", [40.0, 40.0], line=pumped).span_count == 2
    inline = {"inline": "edfa-fixed-5.5", **LEVELS}
    assert make_link("openzrplus-400g", [40.0] * 4, line=inline).span_count == 4


def test_a_link_names_every_part_that_it_rests_on(make_link: MakeLink) -> None:
    parts = make_link("openzrplus-400g-ha", [60.0, 80.0], line=AMPLIFIED, run={"connector_count": 2}).parts()
    assert set(parts) == {
        "module openzrplus-400g-ha", "mode openzrplus-zr400-16qam-ha", "fec ofec", "fiber g652d", "passive lc-upc",
        "passive mux-75ghz", "amplifier edfa-fixed-5.5", "amplifier edfa-medium-gain", "amplifier edfa-low-gain",
    }  # fmt: skip
    assert part_kind(CATALOG.get_mode("400gbase-fr4")) == "mode"


def test_a_roadm_between_spans_is_a_stage(make_link: MakeLink) -> None:
    line = {**AMPLIFIED, "express": "openroadm-express"}
    link = make_link("openroadm-400g", [60.0, 80.0], line=line)
    (stage,) = [element for element in link.a_to_b if element.kind == "stage"]
    passive = CATALOG.get_passive("openroadm-express")
    assert stage.label == "express at site 1"
    assert stage.osnr_coefficients == passive.incremental_osnr_coefficients
    assert (stage.pdl_db, stage.dgd_ps) == (passive.pdl_db, passive.dgd_ps)


def test_allowances_belong_to_dense_combs(make_link: MakeLink) -> None:
    dense = make_link("openzrplus-400g", channels=4, line={"mux": "mux-75ghz"})
    alone = make_link("openzrplus-400g", channels=1, line={"mux": "mux-75ghz"})
    wide = make_link("openzrplus-400g", channels=4, channel_spacing_ghz=100.0, line={"mux": "mux-100ghz"})
    dark = make_link("openzrplus-400g")
    direct = make_link("400gbase-fr4", [1.0])
    links = (dense, alone, wide, dark, direct)
    assert [filtering_allowance_db(link) for link in links] == [0.5, 0.5, 0.0, 0.0, 0.0]
    assert [crosstalk_allowance_db(link) for link in links] == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_an_empty_line_system_is_dark_fiber() -> None:
    assert all(getattr(LineSystem(), name) is None for name in ("mux", "booster", "inline", "preamplifier"))


def test_a_coupler_has_a_port_for_each_channel(make_link: Callable[..., Link]) -> None:
    assert make_link("openzrplus-400g-hb", line={"mux": "coupler-16"}, channels=16).channels == 16
    with pytest.raises(ParameterError, match="16 ports for 17 channels"):
        make_link("openzrplus-400g-hb", line={"mux": "coupler-16"}, channels=17)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "roadm_express", "is_colorless": True},
        {"kind": "mux_demux", "ports_count": 16},
        {"kind": "mux_demux", "is_colorless": True, "isolation_adjacent_db": 30.0},
        {"kind": "roadm_add", "in_band_crosstalk_db": 3.0},
    ],
)
def test_parts_that_make_no_sense(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Passive.model_validate(
            {"id": "part", "name": "part", "loss_db": 1.0, "source": "test", "confidence": "computed"} | fields
        )


def test_directions_and_links_share_the_elements_of_a_run() -> None:
    fiber, connector = CATALOG.get_fiber("g652d"), CATALOG.get_passive("lc-upc")
    splice = CATALOG.get_passive("fusion-splice")
    run = FiberRun(label="d", fiber=fiber, length_km=10.0, connector=connector, splice=splice, connector_count=3)
    forward, backward = run.elements(), run.elements(backward=True)
    assert [element.label for element in forward] == ["2 connectors of d", "d (10 km)", "1 connector of d"]
    assert all(one is other for one, other in zip(forward, reversed(backward), strict=True))
    assert all(one is other for one, other in zip(forward, run.elements(), strict=True))
    longer = replace(run, length_km=20.0, connector_count=2)
    assert [element.label for element in longer.elements()] == ["1 connector of d", "d (20 km)", "1 connector of d"]
    assert longer.elements()[1].length_km == 20.0
    kept = pickle.loads(pickle.dumps(run)).elements()
    assert [element.figures.packed for element in kept] == [element.figures.packed for element in forward]

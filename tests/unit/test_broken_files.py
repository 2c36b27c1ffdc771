"""Broken fabric, scenario and part files, each with the problems to be named: line, key, found, allowed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fiber, Module, Passive, WavelengthLane
from lightlane.errors import FormatError
from lightlane.fabric.topology import Duct
from lightlane.scenario.load import load_any
from lightlane.scenario.schema import Scenario

if TYPE_CHECKING:
    from lightlane.catalog.load import Catalog

DATA = Path(__file__).parents[1] / "data"
BROKEN = DATA / "broken"
BROKEN_PARTS = DATA / "broken_parts"
Expected = tuple[int, str, str, str]

NAME = "text of 1 to 80 characters"
ID = "text of lower-case letters, digits, '.' and '-', at most 60 characters"
LENGTH = "a number greater than 0 and at most 20000"
NEAR_KEYS = (
    "keys channels, lit_channels, channel_spacing_ghz, notes, first_channel_thz, name, ducts, express and 13 others"
)
DUCT_KEYS = "keys " + ", ".join(Duct.model_fields)
MUXES = "passive parts of kind mux_demux or roadm_add mux75, mux100, roadm-add"
FABRIC_KEYS = "keys format, name, source, wanted_margin_db, site, duct, link, demand"
SCENARIO_KEYS = "keys " + ", ".join(Scenario.model_fields)

EXPECTED: dict[str, list[Expected]] = {
    # What stands in the file is not TOML.
    "wrong_encoding": [(11, "", "byte 0xf6, which is not UTF-8", "UTF-8 text")],
    "missing_equals": [(29, "", "`channels 16`", "'=' after the key")],
    "unclosed_list": [(29, "", "`channels = 16`", "a list that ends with ']', its items parted by ','")],
    "key_twice": [(30, "", "`channels = 8`", "each key once in a table")],
    # It is, and not a fabric.
    "empty": [(1, "format", "nothing", "1")],
    "unknown_key": [(29, "link[0].chanels", "unknown key 'chanels' (did you mean 'channels'?)", NEAR_KEYS)],
    "unknown_table": [(32, "demands", "unknown key 'demands' (did you mean 'demand'?)", FABRIC_KEYS)],
    "missing_format": [(1, "format", "nothing", "1")],
    "later_format": [(1, "format", "2", "1")],
    "missing_key": [(23, "link[0].module", "nothing", ID)],
    "latitude_out_of_range": [(7, "site[0].latitude_deg", "152.52", "a number from -90 to 90")],
    "unknown_role": [(12, "site[1].role", "'egde' (did you mean 'edge'?)", "'core', 'edge' or 'hut'")],
    "number_in_quotes": [(20, "duct[0].length_km", "'152.3'", LENGTH)],
    "zero_length": [(20, "duct[0].length_km", "0", LENGTH)],
    "not_a_number": [(35, "demand[0].rate_gbps", "nan", "a number greater than 0")],
    "fractional_channels": [(29, "link[0].channels", "16.5", "an integer from 1 to 128")],
    "truth_for_number": [(36, "demand[0].latency_ms", "true", "a number greater than 0")],
    "single_brackets": [(16, "duct", "a table", "tables headed [[duct]]")],
    "no_ducts": [(28, "link[0].ducts", "an empty list", f"a list of at least 1, each {NAME}")],
    "number_among_ducts": [(30, "link[0].ducts[1]", "13", NAME)],
    "bad_id": [(21, "duct[0].fiber", "'G.652 D'", ID)],
    "date_for_text": [(17, "duct[0].name", "the date or time 2026-01-02", NAME)],
    "python_name_of_key": [
        (32, "demand[0].from", "nothing", NAME),
        (
            33,
            "demand[0].from_site",
            "unknown key 'from_site' (did you mean 'from'?)",
            "keys from, to, rate_gbps, latency_ms, service",
        ),
    ],
    "five_errors": [
        (2, "colour", "unknown key 'colour'", FABRIC_KEYS),
        (14, "site[1].latitude_deg", "inf", "a number from -90 to 90"),
        (17, "duct[0].length_km", "nothing", LENGTH),
        (21, "duct[0].lenght_km", "unknown key 'lenght_km' (did you mean 'length_km'?)", DUCT_KEYS),
        (36, "demand[0].rate_gbps", "-3200", "a number greater than 0"),
    ],
    # It is a fabric, and its names do not fit each other.
    "name_twice": [
        (11, "site[1].name", "'Berlin' again", "a name that no other site has"),
        (19, "duct[0].b", "'Magdeburg'", "the name of a site"),
        (26, "link[0].b", "'Magdeburg'", "the name of a site"),
        (34, "demand[0].to", "'Potsdam'", "the name of a site"),
    ],
    "unknown_site": [
        (19, "duct[0].b", "'Magdeborg' (did you mean 'Magdeburg'?)", "the name of a site"),
    ],
    "duct_to_itself": [
        (19, "duct[0].b", "'Berlin', the same site as a", "another site"),
    ],
    "unknown_duct": [(28, "link[0].ducts[0]", "'d21' (did you mean 'd12'?)", "the name of a duct")],
    "ducts_that_do_not_join": [
        (41, "link[0].ducts[1]", "'d34' from 'Halle' to 'Berlin'", "a duct that starts at 'Magdeburg'")
    ],
    "link_ends_at_hut": [(26, "link[0].b", "'Magdeburg', a hut", "a site with role core or edge")],
    "demand_to_itself": [(34, "demand[0].to", "'Berlin', the same site as from", "another site")],
    # Its parts are not in the catalog or do not fit.
    "unknown_fiber": [(21, "duct[0].fiber", "'g652' (did you mean 'g652d'?)", "fibers g652d, g654e")],
    "unknown_module": [(27, "link[0].module", "'plus-400' (did you mean 'plus-400g'?)", "modules plus-400g, fr4-400g")],
    "mode_of_another_module": [
        (28, "link[0].mode", "'fr4', a mode of other modules", "modes of module 'plus-400g' plus-16qam, plus-dark")
    ],
    "unknown_mode": [
        (
            28,
            "link[0].mode",
            "'plus-16qma' (did you mean 'plus-16qam'?)",
            "modes of module 'plus-400g' plus-16qam, plus-dark",
        )
    ],
    "amplifier_as_mux": [(30, "link[0].mux", "'edfa', which is an amplifier", MUXES)],
    "drop_as_mux": [(30, "link[0].mux", "'roadm-drop', of kind roadm_drop", MUXES)],
    "add_without_drop": [
        (
            23,
            "link[0].demux",
            "nothing",
            "a part of kind roadm_drop or mux_demux, since the mux is a ROADM's add side",
        )
    ],
    "mux_as_express": [
        (
            31,
            "link[0].express",
            "'mux100', of kind mux_demux",
            "none, for there are no passive parts of kind roadm_express",
        )
    ],
    "channels_without_mux": [(23, "link[0].mux", "nothing", "a mux, since 16 channels share one fiber pair")],
    "splice_as_connector": [
        (22, "duct[0].connector", "'fusion-splice', of kind splice", "passive parts of kind connector lc-upc"),
        (
            23,
            "duct[0].splice",
            "'fusion-splise' (did you mean 'fusion-splice'?)",
            "passive parts of kind splice fusion-splice",
        ),
    ],
    "preamplifier_without_level": [
        (23, "link[0].received_power_dbm", "nothing", "a number, since the link has a preamplifier")
    ],
    "amplified_dark_fiber_mode": [
        (
            32,
            "link[0].preamplifier",
            "'edfa' on a link of mode 'plus-dark'",
            "none: the mode is for unamplified lines",
        )
    ],
    "unknown_amplifier": [(30, "link[0].preamplifier", "'edfb' (did you mean 'edfa'?)", "amplifiers edfa")],
    "booster_without_level": [
        (
            23,
            "link[0].span_launch_power_dbm",
            "nothing",
            "a number, since the link has a booster or in-line amplifier",
        )
    ],
    "amplified_direct_detect": [
        (28, "link[0].preamplifier", "'edfa' on a link of direct-detect lanes", "only on links of coherent modules"),
        (
            29,
            "link[0].received_power_dbm",
            "-5.0 on a link of direct-detect lanes",
            "only on links of coherent modules",
        ),
    ],
    "too_many_channels": [
        (29, "link[0].channels", "65 channels at 75 GHz", "at most 64 in the 4725 GHz of mode 'plus-16qam'")
    ],
    "channels_too_close": [(30, "link[0].channel_spacing_ghz", "50", "at least 75 GHz, of mode 'plus-16qam'")],
    "comb_outside_band": [
        (
            30,
            "link[0].first_channel_thz",
            "195.5",
            "from 191.375 to 194.975, so that 16 channels stay in the mode's band",
        )
    ],
    "five_wrong_names": [
        (19, "duct[0].b", "'Magdeborg' (did you mean 'Magdeburg'?)", "the name of a site"),
        (21, "duct[0].fiber", "'g655e' (did you mean 'g654e'?)", "fibers g652d, g654e"),
        (27, "link[0].module", "'plus' (did you mean 'plus-400g'?)", "modules plus-400g, fr4-400g"),
        (30, "link[0].mux", "'smux' (did you mean 'mux75'?)", MUXES),
        (33, "demand[0].from", "'Bonn'", "the name of a site"),
    ],
    # It is a scenario.
    "scenario_without_fabric": [(1, "fabric", "nothing", "text of 1 to 4096 characters")],
    "scenario_of_missing_fabric": [
        (3, "fabric", "'../fabric_of_tow.toml'", f"a fabric file, seen from {BROKEN}"),
        (5, "catalog[1]", "'../no-parts'", f"a folder of parts, seen from {BROKEN}"),
    ],
    "scenario_with_negative_seed": [(4, "seed", "-7", "an integer from 0 to 9223372036854775807")],
    "scenario_with_unknown_fidelity": [
        (4, "fidelity", "'budgets' (did you mean 'budget'?)", "'budget' or 'surrogate'")
    ],
    "scenario_with_links": [(4, "links", "unknown key 'links'", SCENARIO_KEYS)],
}

EXPECTED_PARTS: dict[str, list[Expected]] = {
    "five_errors": [
        (
            1,
            "fibre",
            "unknown kind of part 'fibre' (did you mean 'fiber'?)",
            "kinds module, coherent_mode, direct_mode, fiber, amplifier, passive, fec, distribution, sources",
        ),
        (4, "fiber.no-source.source", "nothing", "text of at least 3 characters"),
        (9, "fiber.no-source.pmd_ps_per_sqrt_km", "-0.1", "a number at least 0"),
        (11, "fiber.no-source.confidence", "'sure'", "'primary', 'datasheet', 'second-hand', 'recalled' or 'computed'"),
        (
            16,
            "amplifier.upside-down.gain_min_db",
            "gain_min_db = 30, gain_max_db = 20",
            "needs gain_min_db <= gain_max_db",
        ),
    ],
    "misspelled_key": [
        (1, "direct_mode.own-fr4.detector", "nothing", "'pin' or 'apd'"),
        (
            8,
            "direct_mode.own-fr4.detektor",
            "unknown key 'detektor' (did you mean 'detector'?)",
            "keys detector, detection, sensitivity_floor_dbm, target_ser_ratio, confidence, extinction_ratio_min_db, "
            f"notes, source and {len(DirectMode.model_fields) - len(['id']) - 8} others",
        ),
    ],
    "lane_outside_its_range": [
        (
            14,
            "direct_mode.own-fr4.lanes[0].min_nm",
            "min_nm = 1274.5, center_nm = 1271, max_nm = 1277.5",
            "needs min_nm <= center_nm <= max_nm",
        )
    ],
    "assumed_without_field": [
        (
            21,
            "module.own-fr4.assumed",
            "assumed = ['powr_w']",
            "assumed names 'powr_w', which is not a field of this part",
        )
    ],
    "id_as_key": [(18, "module.own-fr4.id", "a key 'id'", "none: the table's name 'own-fr4' is the id")],
    "part_without_id": [(17, "module", "a list of 1", "tables [module.ID], each a part with an id of its own")],
    "unknown_fec": [
        (
            5,
            "direct_mode.own-fr4.fec",
            "'kp5-1' (did you mean 'kp4-1'?)",
            f"the id of a FEC: {', '.join(load_catalog().fecs)}",
        )
    ],
    "unknown_mode": [(22, "module.own-fr4.modes[1]", "'own-fr5' (did you mean 'own-fr4'?)", "the id of a mode")],
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Return a catalog of a few parts, so that what the shipped one holds does not matter here."""
    row = {"name": "a part of the tests", "source": "made up for tests", "confidence": "computed"}
    rates = {"net_rate_gbps": 400, "symbol_rate_gbd": 60, "fec": "ofec"}
    coherent = CoherentMode.model_validate(
        {
            **row,
            **rates,
            "id": "plus-16qam",
            "modulation": "16qam",
            "roll_off": 0.2,
            "frequency_min_thz": 191.375,
            "frequency_max_thz": 196.1,
            "channel_spacing_min_ghz": 75,
            "amplified": True,
            "launch_power_min_dbm": -10,
            "launch_power_max_dbm": 1,
            "launch_power_default_dbm": 0,
        }
    )
    dark = coherent.model_copy(update={"id": "plus-dark", "amplified": False})
    lane = WavelengthLane(center_nm=1310, min_nm=1305, max_nm=1315)
    direct = DirectMode.model_validate(
        {
            **row,
            **rates,
            "id": "fr4",
            "lanes": (lane,),
            "parallel_fibers": False,
            "target_ser_ratio": 4.8e-4,
            "detector": "pin",
        }
    )
    modules = [
        Module.model_validate({**row, "id": name, "form_factors": ("QSFP-DD",), "modes": modes})
        for name, modes in (("plus-400g", ("plus-16qam", "plus-dark")), ("fr4-400g", ("fr4",)))
    ]
    attenuation = ((1260.0, 0.35), (1625.0, 0.2))
    glass = {
        "itu_class": "G.652.D",
        "typical_attenuation_db_per_km_by_wavelength_nm": attenuation,
        "nonlinear_coefficient_per_w_km": 1.3,
        "pmd_ps_per_sqrt_km": 0.04,
        "group_index": 1.4682,
    }
    fibers = [Fiber.model_validate({**row, **glass, "id": name}) for name in ("g652d", "g654e")]
    gain = {"kind": "fixed_nf", "gain_min_db": 0, "gain_max_db": 25, "output_power_max_dbm": 20, "noise_figure_db": 5}
    amplifier = Amplifier.model_validate({**row, **gain, "id": "edfa"})
    passives = [
        Passive.model_validate({**row, "id": name, "kind": kind, "loss_db": 4})
        for name, kind in (
            ("mux75", "mux_demux"),
            ("mux100", "mux_demux"),
            ("roadm-add", "roadm_add"),
            ("roadm-drop", "roadm_drop"),
            ("lc-upc", "connector"),
            ("fusion-splice", "splice"),
        )
    ]
    return cast(
        "Catalog",
        SimpleNamespace(
            modules={part.id: part for part in modules},
            modes={part.id: part for part in (coherent, dark, direct)},
            fibers={part.id: part for part in fibers},
            amplifiers={amplifier.id: amplifier},
            passives={part.id: part for part in passives},
            fecs={},
        ),
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_problems_of_a_broken_file(name: str, catalog: Catalog) -> None:
    path = BROKEN / f"{name}.toml"
    with pytest.raises(FormatError) as caught:
        load_any(path, catalog)
    problems = caught.value.problems
    assert [(item.line, item.key, item.found, item.allowed) for item in problems] == EXPECTED[name]
    assert {item.file for item in problems} == {str(path)}
    assert str(caught.value).count("\n") == len(problems) - 1, "each problem is one line"


@pytest.mark.parametrize("name", EXPECTED_PARTS)
def test_problems_of_a_broken_part_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes((BROKEN_PARTS / f"{name}.toml").read_bytes())
    with pytest.raises(FormatError) as caught:
        load_catalog([tmp_path])
    problems = caught.value.problems
    assert [(item.line, item.key, item.found, item.allowed) for item in problems] == EXPECTED_PARTS[name]
    assert {item.file for item in problems} == {str(path)}


def test_every_broken_file_is_tested() -> None:
    assert {path.stem for path in BROKEN.glob("*.toml")} == set(EXPECTED)
    assert {path.stem for path in BROKEN_PARTS.glob("*.toml")} == set(EXPECTED_PARTS)


def test_the_parts_that_the_broken_ones_were_made_from_are_sound() -> None:
    assert load_catalog([DATA / "parts"]).get_module("own-fr4").modes == ("own-fr4",)


def test_the_fabric_that_the_broken_ones_were_made_from_is_sound(catalog: Catalog) -> None:
    load_any(DATA / "fabric_of_two.toml", catalog)

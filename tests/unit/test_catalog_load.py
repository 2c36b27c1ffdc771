"""Loading parts: shipped ones, the user's over them, and what is wrong with the user's."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from lightlane.catalog.load import SHIPPED_FOLDER, Catalog, load_catalog
from lightlane.catalog.parts import CoherentMode, DirectMode, read_reasons
from lightlane.errors import FormatError, ParameterError, Problem

FIBER = """\
[fiber.own]
name = "Own fiber"
itu_class = "G.652.D"
typical_attenuation_db_per_km_by_wavelength_nm = [[1530.0, 0.19], [1565.0, 0.19]]
nonlinear_coefficient_per_w_km = 1.3
pmd_ps_per_sqrt_km = 0.05
group_index = 1.468
source = "measured in May"
confidence = "datasheet"
"""
MODULE = """\
[module.own]
name = "Own module"
form_factors = ["OSFP"]
modes = ["oif-400zr"]
source = "order sheet"
confidence = "datasheet"
"""
PROMISED = """
oif-400zr openzrplus-400g openzrplus-400g-ha openzrplus-400g-hb openroadm-400g openroadm-800g-118 oif-800zr 800g-zrplus
800gbase-lr1 800gbase-er1-20 800gbase-er1 400gbase-dr4 400gbase-fr4 400gbase-lr4-6 400g-lr4-10 400gbase-fr8 400gbase-lr8
400gbase-er8 400g-er4-30 800gbase-dr8 800g-2xfr4 800g-2xlr4 800gbase-dr4 800gbase-fr4-500 800gbase-fr4 800gbase-lr4
"""
ALL_KINDS = ("modules", "modes", "fibers", "amplifiers", "passives", "fecs", "distributions")


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return folder


def find_problems(folder: Path, **files: str) -> tuple[Problem, ...]:
    with pytest.raises(FormatError) as caught:
        load_catalog([write(folder, **files)])
    return caught.value.problems


def all_parts() -> list[tuple[str, object]]:
    return [(family, part) for family, parts in load_catalog().families().items() for part in parts.values()]


def test_shipped_catalog_has_the_parts_that_the_project_promises() -> None:
    catalog = load_catalog()
    for module in PROMISED.split():
        assert catalog.get_module(module).modes
    assert catalog.get_module("openzrplus-400g-ha").modes[0] == "openzrplus-zr400-16qam-ha"
    assert {"g652d", "g654e", "g655", "smf-28-ull", "hollow-core"} <= set(catalog.fibers)
    assert {part.kind for part in catalog.amplifiers.values()} == {
        "fixed_nf",
        "variable_gain_nf",
        "openroadm_polynomial",
        "raman",
    }
    muxes = [part for part in catalog.passives.values() if part.kind == "mux_demux"]
    assert {75.0, 100.0, 150.0} == {part.channel_spacing_ghz for part in muxes if not part.is_colorless}
    assert {part.kind for part in catalog.passives.values() if part.is_colorless} == {"mux_demux", "roadm_drop"}
    assert {p.kind for p in catalog.passives.values()} > {"roadm_express", "roadm_add", "roadm_drop", "connector"}
    assert {"kp4-1", "kp4-2", "kp4-4", "hamming-128-120-kp4", "cfec", "ofec", "bch-126-110-kp4", "sc-fec"} <= set(
        catalog.fecs
    )


def test_every_mode_is_run_by_a_module() -> None:
    catalog = load_catalog()
    assert set(catalog.modes) == {mode for module in catalog.modules.values() for mode in module.modes}


def test_shipped_catalog_is_read_once() -> None:
    assert load_catalog() is load_catalog()


@pytest.mark.parametrize(("family", "part"), all_parts(), ids=lambda item: getattr(item, "id", item))
def test_assumed_fields_have_a_value_and_a_reason(family: str, part: object) -> None:
    reasons = read_reasons(part.notes)  # type: ignore[attr-defined]
    for name in part.assumed:  # type: ignore[attr-defined]
        assert getattr(part, name) is not None, (family, name)
        assert len(reasons[name]) > 10


@pytest.mark.parametrize(("family", "part"), all_parts(), ids=lambda item: getattr(item, "id", item))
def test_provenance_is_spelled_out(family: str, part: object) -> None:
    """An abbreviation left in a source would be a word without a blank; a figure cannot have a source and be absent."""
    sources = [part.source, *part.field_sources.values()]  # type: ignore[attr-defined]
    assert all(len(text) >= 3 and (" " in text or "." in text) for text in sources), family
    assert all(getattr(part, name) is not None for name in part.field_sources)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("family", "part"), all_parts(), ids=lambda item: getattr(item, "id", item))
def test_confidence_agrees_with_the_source(family: str, part: object) -> None:
    """`primary` must name the document that is primary; what is from memory must say so and the reverse."""
    source, confidence = part.source, part.confidence  # type: ignore[attr-defined]
    if confidence == "primary":
        assert source.startswith("OpenROADM MSA optical specification 9.0")
    if confidence == "recalled":
        assert "recalled, unverified" in source, family
    if "recalled, unverified" in source:
        assert confidence == "recalled"
    if confidence == "computed":
        assert source.startswith("computed")


def test_limits_are_not_better_than_typical_values() -> None:
    for fiber in load_catalog().fibers.values():
        typical = dict(fiber.typical_attenuation_db_per_km_by_wavelength_nm)
        for wavelength, limit in fiber.limit_attenuation_db_per_km_by_wavelength_nm or ():
            if wavelength in typical:
                assert limit >= typical[wavelength], fiber.id
        if fiber.limit_pmd_ps_per_sqrt_km is not None:
            assert fiber.limit_pmd_ps_per_sqrt_km >= fiber.pmd_ps_per_sqrt_km


def test_required_osnr_falls_with_received_power_and_ends_at_the_overload() -> None:
    seen = 0
    for mode in load_catalog().modes.values():
        if not isinstance(mode, CoherentMode) or mode.required_osnr_db_by_received_power_dbm is None:
            continue
        table = mode.required_osnr_db_by_received_power_dbm
        assert all(b[1] <= a[1] for a, b in pairwise(table)), mode.id
        assert table[-1][0] == mode.overload_dbm, mode.id
        if mode.sensitivity_dbm is not None:
            assert table[0][0] == mode.sensitivity_dbm, mode.id
        seen += 1
    assert seen > 40


def test_penalty_tables_start_at_zero_and_do_not_fall() -> None:
    names = [name for name in CoherentMode.model_fields if name.startswith("penalty_db_by")]
    assert len(names) == 5
    for mode in load_catalog().modes.values():
        for name in names:
            table = getattr(mode, name, None) or ()
            assert not table or table[0] == (0, 0), (mode.id, name)
            assert all(b[1] >= a[1] for a, b in pairwise(table)), (mode.id, name)


def test_fec_tables_carry_the_target_at_the_threshold() -> None:
    tables = [fec for fec in load_catalog().fecs.values() if fec.kind == "table"]
    assert {fec.id for fec in tables} == {"cfec", "ofec", "sc-fec"}
    for fec in tables:
        assert fec.post_fec_ber_by_pre_fec_ber is not None
        assert fec.post_fec_ber_by_pre_fec_ber[0] == (fec.threshold_pre_fec_ber, fec.target_post_fec_ber)


def test_direct_modes_have_one_lane_per_rate_share() -> None:
    """Line rate of all lanes, 2 bits a symbol, is the net rate with KP4 (and the inner code) on 256b/257b."""
    for mode in load_catalog().modes.values():
        if isinstance(mode, DirectMode):
            inner = 128 / 120 * 1089 / 1088 if mode.fec.startswith("hamming") else 1.0
            line_gbps = mode.net_rate_gbps * 257 / 256 * 544 / 514 * inner
            assert 2 * mode.symbol_rate_gbd * len(mode.lanes) == pytest.approx(line_gbps, rel=1e-9), mode.id


def test_unknown_ids_name_near_ones() -> None:
    catalog = load_catalog()
    for get, wrong, near in (
        (catalog.get_module, "openzr-400g-ha", "openzrplus-400g-ha"),
        (catalog.get_mode, "400gbase-fr-4", "400gbase-fr4"),
        (catalog.get_fiber, "g652", "g652d"),
        (catalog.get_amplifier, "edfa-fixed", "edfa-fixed-5.5"),
        (catalog.get_passive, "mux-75", "mux-75ghz"),
        (catalog.get_fec, "o-fec", "ofec"),
    ):
        with pytest.raises(ParameterError, match=near):
            get(wrong)
    with pytest.raises(ParameterError, match="g652d"):
        catalog.find("g652-d")


def test_a_module_and_its_mode_may_share_an_id() -> None:
    assert [family for family, _ in load_catalog().find("400gbase-fr4")] == ["modules", "modes"]


def test_user_parts_are_added(tmp_path: Path) -> None:
    catalog = load_catalog([write(tmp_path, parts=FIBER + MODULE)])
    assert catalog.get_fiber("own").pmd_ps_per_sqrt_km == 0.05
    assert catalog.get_module("own").modes == ("oif-400zr",)
    assert len(catalog.fibers) == len(load_catalog().fibers) + 1
    assert catalog.folders == (tmp_path,)


def test_user_part_replaces_shipped_one(tmp_path: Path) -> None:
    shipped = load_catalog()
    catalog = load_catalog([write(tmp_path, parts=FIBER.replace("fiber.own", "fiber.g652d"))])
    assert catalog.get_fiber("g652d").name == "Own fiber"
    assert shipped.get_fiber("g652d").name != "Own fiber"
    assert list(catalog.fibers) == list(shipped.fibers)
    assert catalog.sha256 != shipped.sha256


def test_hash_does_not_depend_on_files(tmp_path: Path) -> None:
    one, two, three = tmp_path / "one", tmp_path / "two", tmp_path / "three"
    for folder in (one, two, three):
        folder.mkdir()
    together = load_catalog([write(one, parts=FIBER + MODULE)])
    apart = load_catalog([write(two, a=MODULE, b=FIBER)])
    other = load_catalog([write(three, a=MODULE, b=FIBER.replace("0.05", "0.06"))])
    assert together.sha256 == apart.sha256 != other.sha256


def test_sources_may_be_abbreviated(tmp_path: Path) -> None:
    text = '[sources]\nsheet = "Sheet 7 of May"\n' + FIBER.replace('"measured in May"', '"sheet"')
    text += '[fiber.own.field_sources]\ngroup_index = "sheet"\n'
    fiber = load_catalog([write(tmp_path, parts=text)]).get_fiber("own")
    assert fiber.source == fiber.field_sources["group_index"] == "Sheet 7 of May"


BROKEN = {
    "unknown key": (FIBER + "pmd = 0.1\n", 10, "fiber.own.pmd", "'pmd'", "pmd_ps_per_sqrt_km"),
    "wrong type": (FIBER.replace("= 1.3", '= "1.3"'), 5, "fiber.own.nonlinear_coefficient_per_w_km", "'1.3'", "number"),
    "missing source": (FIBER.replace('source = "measured in May"\n', ""), 1, "fiber.own.source", "nothing", "text"),
    "falling table": (
        FIBER.replace("[1565.0, 0.19]", "[1500.0, 0.19]"),
        4,
        "fiber.own.typical_attenuation_db_per_km_by_wavelength_nm",
        "",
        "rising",
    ),
    "bad confidence": (FIBER.replace('"datasheet"', '"sure"'), 9, "fiber.own.confidence", "'sure'", "'datasheet'"),
    "unknown mode": (MODULE.replace("oif-400zr", "oif-400z"), 4, "module.own.modes[0]", "'oif-400zr'", "mode"),
    "unknown kind": (FIBER.replace("fiber.own", "fibre.own"), 1, "fibre", "'fiber'", "amplifier"),
    "id twice in one": (FIBER + 'id = "other"\n', 10, "fiber.own.id", "id", "'own'"),
    "bad id": (FIBER.replace("fiber.own", 'fiber."Own fiber"'), 1, 'fiber."Own fiber"', "Own fiber", ""),
    "not a table": ("fiber = 3\n", 1, "fiber", "3", "[fiber.ID]"),
    "part not a table": ("[fiber]\nown = 3\n", 2, "fiber.own", "3", "table"),
    "sources no table": ("sources = 3\n", 1, "sources", "3", "table"),
    "empty source": ('[sources]\na = ""\n', 2, "sources.a", "''", "text"),
    "assumed without reason": (
        FIBER + 'assumed = ["group_index"]\n',
        10,
        "fiber.own.assumed",
        "group_index",
        "group_index: reason",
    ),
    "infinite": (FIBER.replace("1.468", "inf"), 7, "fiber.own.group_index", "inf", "number"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_part_is_located(name: str, tmp_path: Path) -> None:
    text, line, key, found, allowed = BROKEN[name]
    problems = find_problems(tmp_path, parts=text)
    assert len(problems) == 1
    problem = problems[0]
    assert (problem.file, problem.line) == (str(tmp_path / "parts.toml"), line)
    assert problem.key.startswith(key)
    assert found in problem.found
    assert allowed in problem.allowed


MODE = """\
[coherent_mode.own]
name = "Own mode"
net_rate_gbps = 400.0
modulation = "16qam"
symbol_rate_gbd = 60.0
fec = "ofec"
roll_off = 0.2
frequency_min_thz = 191.3
frequency_max_thz = 196.1
channel_spacing_min_ghz = 75.0
amplified = true
launch_power_min_dbm = -10.0
launch_power_max_dbm = 0.0
launch_power_default_dbm = -5.0
source = "order sheet"
confidence = "datasheet"
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ('"ofec"', '"ofecc"', 6, "fec"),
        ("launch_power_max_dbm = 0.0", "launch_power_max_dbm = -20.0", 12, "launch_power_min_dbm"),
        ("frequency_max_thz = 196.1", "frequency_max_thz = 190.0", 8, "frequency_min_thz"),
        ("launch_power_max_dbm = 0.0\n", "", 12, "launch_power_min_dbm"),
        ('"16qam"', '"pcs16qam"', 4, "modulation"),
    ],
)
def test_broken_mode_is_located(old: str, new: str, line: int, key: str, tmp_path: Path) -> None:
    assert MODE.count(old) == 1
    load_catalog([write(tmp_path, parts=MODE)])
    (problem,) = find_problems(tmp_path, parts=MODE.replace(old, new))
    assert (problem.line, problem.key) == (line, f"coherent_mode.own.{key}")


def test_same_id_in_two_user_files_is_an_error(tmp_path: Path) -> None:
    (problem,) = find_problems(tmp_path, a=FIBER, b="# again\n" + FIBER)
    assert (problem.file, problem.line, problem.key) == (str(tmp_path / "b.toml"), 2, "fiber.own")
    assert f"{tmp_path / 'a.toml'}:1" in problem.found


def test_modes_of_both_detections_share_their_ids(tmp_path: Path) -> None:
    """A coherent mode may replace a shipped direct-detect one, two of the user's own may not share an id."""
    catalog = load_catalog([write(tmp_path, parts=MODE.replace("coherent_mode.own", "coherent_mode.400gbase-fr4"))])
    assert isinstance(catalog.get_mode("400gbase-fr4"), CoherentMode)


def test_all_problems_of_all_files_are_reported_in_order(tmp_path: Path) -> None:
    problems = find_problems(
        tmp_path,
        a=FIBER.replace("= 1.3", "= -1.3").replace("0.05", '"x"'),
        b=MODULE.replace("oif-400zr", "none-such"),
        c="[fiber\n",
    )
    places = [(Path(problem.file).name, problem.line) for problem in problems]
    assert sorted(places) == [("a.toml", 5), ("a.toml", 6), ("b.toml", 4), ("c.toml", 1)]
    assert [line for file, line in places if file == "a.toml"] == [5, 6]


def test_reference_to_a_broken_part_is_not_reported_twice(tmp_path: Path) -> None:
    text = MODULE.replace("oif-400zr", "own") + MODE.replace('"16qam"', '"17qam"')
    (problem,) = find_problems(tmp_path, parts=text)
    assert problem.key == "coherent_mode.own.modulation"


@pytest.mark.parametrize("kind", ["missing", "file", "empty"])
def test_folder_that_is_none_is_refused(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    if kind == "file":
        folder.write_text("")
    if kind == "empty":
        folder.mkdir()
    with pytest.raises(FormatError) as caught:
        load_catalog([folder])
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(folder), 0)


def test_shipped_files_hold_no_abbreviation_that_nobody_uses() -> None:
    import tomllib

    for path in SHIPPED_FOLDER.glob("*.toml"):
        text = path.read_text()
        for key in tomllib.loads(text).get("sources", {}):
            assert text.count(f'= "{key}"') >= 2, (path.name, key)


def test_catalog_families_are_its_fields() -> None:
    assert tuple(load_catalog().families()) == ALL_KINDS
    assert isinstance(load_catalog(), Catalog)


def test_example_in_the_documentation_loads(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "catalog.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    catalog = load_catalog([write(tmp_path, parts=example)])
    assert catalog.get_mode("acme-ax400-16qam").source == "Acme AX-400 datasheet, revision 3"
    assert catalog.get_module("acme-ax400").modes == ("acme-ax400-16qam",)

"""Parameters told from the models: every one can be set as it is offered, and to the ends of its slider."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lightlane.catalog.load import load_catalog
from lightlane.errors import ParameterError
from lightlane.fabric.catalog_check import catalog_problems
from lightlane.fabric.load import load_fabric
from lightlane.fabric.topology import Fabric
from lightlane.live import LiveScenario
from lightlane.scenario.fields import Ground, assign_field, join_path
from lightlane.scenario.findings import scenario_findings
from lightlane.scenario.parameter_list import list_parameters
from lightlane.scenario.parameters import Parameter, slider_range
from lightlane.scenario.refusal import Refusal
from lightlane.scenario.settings import check_setting, choose_module, ground_scenario, read_setting
from lightlane.scenario.variants import Variant

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def ground() -> Ground:
    """Coherent and direct-detect links over shared ducts, with amplifiers, events and variants."""
    live = LiveScenario.open(EXAMPLES / "09_years_of_a_metro" / "scenario.toml")
    return ground_scenario(live.scenario, live.fabric, live.catalog)


@pytest.fixture(scope="module")
def metro() -> Ground:
    catalog = load_catalog()
    fabric = load_fabric(EXAMPLES / "02_metro_fabric" / "metro.toml", catalog)
    return LiveScenario.open(fabric, catalog=catalog).ground()


@pytest.fixture(scope="module")
def named(metro: Ground) -> Ground:
    """The metro with the mode of every link written down."""
    default = metro.catalog.get_module
    links = tuple(link.model_copy(update={"mode": default(link.module).modes[0]}) for link in metro.fabric.link)
    return replace(metro, fabric=metro.fabric.model_copy(update={"link": links}))


def scopes(fabric: Fabric) -> list[tuple[str, str]]:
    """The whole fabric, a link of each kind of module, and the first of every other table."""
    links = {link.module: link.name for link in fabric.link}
    return [("", ""), *(("link", name) for name in links.values()), ("duct", fabric.duct[0].name),
            ("site", fabric.site[0].name), ("demand", "0")]  # fmt: skip


def find(parameters: list[Parameter], path: str) -> Parameter:
    return next(item for item in parameters if item.path == path)


@pytest.mark.parametrize("which", ["ground", "metro"])
def test_every_parameter_takes_its_value_and_both_ends_of_its_slider(
    which: str, request: pytest.FixtureRequest
) -> None:
    ground: Ground = request.getfixturevalue(which)
    seen = set()
    for kind, name in scopes(ground.fabric):
        for parameter in list_parameters(ground, kind, name):
            if parameter.path in seen:
                continue
            seen.add(parameter.path)
            values = [] if parameter.is_mixed else [parameter.value]
            if parameter.kind in ("number", "integer"):
                ends = slider_range(parameter)
                assert ends[0] < ends[1], parameter
                values += [int(end) if parameter.kind == "integer" else end for end in ends]
            values += [*parameter.choices, *((True, False) if parameter.kind == "switch" else ())]
            for value in values:
                changed = assign_field(ground, parameter.path, value)
                assert read_setting(changed, parameter.path) == value, (parameter.path, value)
                # What is offered fits the parts as well, not only the schema. None is no value that a variant sets.
                if value is not None and not (kind == "link" and parameter.path.endswith(".module")):
                    assert check_setting(ground, parameter.path, value) == "", (parameter.path, value)
    assert len(seen) > 100


def test_values_limits_and_words_are_those_of_the_models(ground: Ground) -> None:
    temperature = find(list_parameters(ground), "conditions.temperature_c")
    assert (temperature.label, temperature.unit_label, temperature.group) == ("Temperature", "°C", "Conditions")
    assert (temperature.low, temperature.high, temperature.allowed) == (-60, 90, "a number from -60 to 90")
    assert temperature.help.startswith("Of all ducts")
    assert slider_range(temperature) == (-60, 90)
    record = ground.fabric.link[0]
    found = list_parameters(ground, "link", record.name)
    assert find(found, f"link.{record.name}.module").value == record.module
    assert {f"Link {record.name}", *(f"Duct {duct}" for duct in record.ducts)} <= {item.group for item in found}
    duct = ground.fabric.duct[0]
    length = find(list_parameters(ground, "duct", duct.name), f"duct.{duct.name}.length_km")
    assert (length.value, length.is_low_excluded, length.help) == (
        duct.length_km, True, "Fiber length, not the great circle.",
    )  # fmt: skip
    assert slider_range(length)[1] == pytest.approx(2 * duct.length_km, rel=0.02)


def test_launch_power_stays_within_the_range_of_the_mode(ground: Ground) -> None:
    for link in ground.fabric.link:
        mode = ground.catalog.get_mode(link.mode or ground.catalog.get_module(link.module).modes[0])
        path = f"link.{link.name}.launch_power_dbm"
        low_dbm, high_dbm = slider_range(find(list_parameters(ground, "link", link.name), path))
        assert mode.launch_power_min_dbm is not None
        assert mode.launch_power_max_dbm is not None
        assert mode.launch_power_min_dbm <= low_dbm < high_dbm <= mode.launch_power_max_dbm
        assert str(mode.launch_power_max_dbm + 1) not in check_setting(ground, path, high_dbm)
        assert mode.id in check_setting(ground, path, mode.launch_power_max_dbm + 1)


def test_what_is_left_open_shows_what_holds(ground: Ground) -> None:
    link = next(item for item in ground.fabric.link if item.mode is None)
    mode = ground.catalog.get_module(link.module).modes[0]
    shown = find(list_parameters(ground, "link", link.name), f"link.{link.name}.launch_power_dbm")
    if link.launch_power_dbm is None:
        assert (shown.value, shown.effective) == (None, ground.catalog.get_mode(mode).launch_power_default_dbm)
    wanted = find(list_parameters(ground), "wanted_margin_db")
    given = ground.scenario.wanted_margin_db, ground.fabric.wanted_margin_db, 1.0
    assert wanted.effective == next(item for item in given if item is not None)


def test_a_figure_that_differs_between_records_is_mixed_and_shows_the_middle(ground: Ground) -> None:
    lengths = sorted(duct.length_km for duct in ground.fabric.duct)
    shown = find(list_parameters(ground), "duct.*.length_km")
    assert (shown.is_mixed, shown.value, shown.effective) == (True, None, lengths[len(lengths) // 2])


def test_choices_are_the_parts_that_fit(ground: Ground) -> None:
    link = next(
        item for item in ground.fabric.link
        if ground.catalog.get_mode(item.mode or ground.catalog.get_module(item.module).modes[0]).detection == "direct"
    )  # fmt: skip
    found = list_parameters(ground, "link", link.name)
    names = {item.path for item in found}
    # A line of direct-detect lanes has no channels on a grid and no amplifiers.
    assert not names & {
        f"link.{link.name}.{key}" for key in ("channel_spacing_ghz", "booster", "span_launch_power_dbm")
    }
    modules = find(found, f"link.{link.name}.module").choices
    assert link.module in modules
    for module in modules:
        detection = ground.catalog.get_mode(ground.catalog.get_module(module).modes[0]).detection
        assert detection == "direct" or module == link.module or not link.mode


def test_another_module_brings_its_mode_and_is_read_back(metro: Ground, named: Ground) -> None:
    count = 0
    for place in (metro, named):
        for link in place.fabric.link[:4]:
            path = f"link.{link.name}.module"
            for module in find(list_parameters(place, "link", link.name), path).choices:
                settings = choose_module(place, path, module)
                assert any(name.endswith(".mode") for name in settings) == (link.mode is not None)
                variant = Variant(name="other", set=settings)
                scenario = place.scenario.model_copy(update={"variant": (variant,)})
                changed = ground_scenario(scenario, place.fabric, place.catalog, variant="other")
                # Headless, a saved scenario with this variant is accepted.
                assert not catalog_problems(changed.fabric, changed.catalog), (link.name, module)
                own = [
                    item
                    for item in scenario_findings(scenario, place.fabric, place.catalog)
                    if item[0][2:3] == ("set",)
                ]
                assert own == []
                count += link.mode is not None and module != link.module
    assert count


def test_a_module_without_a_mode_that_it_has_is_refused_by_name(named: Ground) -> None:
    metro, link = named, named.fabric.link[0]
    path = f"link.{link.name}.module"
    others = find(list_parameters(metro, "link", link.name), path).choices
    other = next(item for item in others if link.mode not in metro.catalog.get_module(item).modes)
    scenario = metro.scenario.model_copy(update={"variant": (Variant(name="other", set={path: other}),)})
    (finding,) = scenario_findings(scenario, metro.fabric, metro.catalog)
    assert finding[0] == ("variant", 0, "set", path)
    assert repr(link.mode) in finding[1]
    assert metro.catalog.get_module(other).modes[0] in finding[2]


def test_fields_that_exclude_each_other_are_not_offered_together(ground: Ground) -> None:
    amplifier = next(part for part in ground.catalog.amplifiers.values() if part.kind == "variable_gain_nf")
    assert check_setting(ground, f'amplifier."{amplifier.id}".gain_min_db', amplifier.gain_max_db + 1) != ""
    mode = next(item for item in ground.catalog.modes.values() if item.detection == "coherent"
                and item.launch_power_max_dbm is not None)  # fmt: skip
    assert "launch_power" in check_setting(
        ground, f"mode.{mode.id}.launch_power_max_dbm", mode.launch_power_min_dbm - 1
    )


def test_a_variant_is_laid_on_the_ground(ground: Ground) -> None:
    scenario = ground.scenario.model_copy(
        update={"variant": (Variant(name="long", set={"duct.*.length_km": 12.5}, conditions={"temperature_c": 5.0}),)}
    )
    changed = ground_scenario(scenario, ground.fabric, ground.catalog, variant="long")
    assert read_setting(changed, "duct.*.length_km") == 12.5
    assert find(list_parameters(changed), "conditions.temperature_c").value == 5.0
    wrong = scenario.model_copy(update={"variant": (Variant(name="no", set={"duct.*.length_km": -1.0}),)})
    with pytest.raises(ParameterError, match=r"variant 'no'.*-1"):
        ground_scenario(wrong, ground.fabric, ground.catalog, variant="no")


def test_refusals_say_what_there_is(ground: Ground) -> None:
    with pytest.raises(ParameterError, match="there is no link 'nowhere'"):
        list_parameters(ground, "link", "nowhere")
    with pytest.raises(ParameterError, match="kind is 'planet'"):
        list_parameters(ground, "planet", "earth")
    assert check_setting(ground, "conditions.temperature_c", 1000.0) == "a number from -60 to 90"
    assert check_setting(ground, "conditions.nothing", 1.0) != ""
    for path in ("link.nowhere.channels", "conditions.nothing", "amplifier..x"):
        with pytest.raises(ParameterError, match=path):
            read_setting(ground, path)
    switch = find(list_parameters(ground), "fiber_limits")
    with pytest.raises(ParameterError, match="only numbers"):
        slider_range(switch)


PLAIN = Parameter(path="x", label="X", unit="", kind="number", group="")


@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({"unit": "km", "effective": 80.0, "low": 0.0, "is_low_excluded": True, "high": 20_000.0}, (1.0, 160.0)),
        ({"unit": "dbm", "effective": -3.0}, (-9.0, 3.0)),
        ({"unit": "db", "effective": 0.5, "low": 0.0}, (0.0, 6.5)),
        ({"unit": "c", "effective": 20.0, "low": -60.0, "high": 90.0}, (-60.0, 90.0)),
        ({"kind": "integer", "effective": 4, "low": 1, "high": 128}, (1, 128)),
        ({"kind": "integer", "effective": 0, "low": 0}, (0, 10)),
        ({"unit": "ps_per_nm", "effective": -400.0}, (-800.0, 0.0)),
        ({"unit": "km", "effective": None, "low": 0.0}, (0.0, 100.0)),
        ({"effective": 2e-15, "low": 0.0, "is_low_excluded": True}, (1e-17, 4e-15)),
        # A value between two steps stays within.
        ({"unit": "dbm", "effective": 0.123456789, "low": 0.123456789}, (0.123456789, 6.1)),
    ],
)
def test_the_range_of_a_slider(fields: dict[str, object], ends: tuple[float, float]) -> None:
    assert slider_range(replace(PLAIN, **fields)) == pytest.approx(ends, rel=0.01)  # type: ignore[arg-type]


def test_a_field_of_all_records_is_as_if_set_one_by_one(ground: Ground) -> None:
    for kind, key, value in (
        ("link", "launch_power_dbm", -1.25),
        ("duct", "extra_loss_db", 0.3),
        ("demand", "rate_gbps", 90.0),
        ("link", "lit_channels", (0,)),
    ):
        one_by_one = ground
        for place, record in enumerate(getattr(ground.fabric, kind)):
            name = str(place) if kind == "demand" else record.name
            one_by_one = assign_field(one_by_one, join_path(kind, name, key), value)
        at_once = assign_field(ground, f"{kind}.*.{key}", value)
        assert at_once.fabric == one_by_one.fabric
        for one, other in zip(getattr(at_once.fabric, kind), getattr(one_by_one.fabric, kind), strict=True):
            assert one.model_fields_set == other.model_fields_set
    for path, value in (("duct.*.length_km", -1.0), ("link.*.nothing", 1.0), ("duct.*.length_km", "far")):
        first = getattr(ground.fabric, path.partition(".")[0])[0].name
        with pytest.raises(Refusal) as together:
            assign_field(ground, path, value)
        with pytest.raises(Refusal) as alone:
            assign_field(ground, path.replace("*", join_path(first)), value)
        assert str(together.value) == str(alone.value)

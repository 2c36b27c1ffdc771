"""A scenario held open: its answers are those of a run, whatever was edited before."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from lightlane import Conditions, LiveScenario, ParameterError, Task, Variant, run
from lightlane.errors import Cancelled
from lightlane.fabric.topology import Duct, Fabric, Link, Site
from lightlane.results.parquet import table_from_arrow
from lightlane.results.records import Table
from lightlane.results.schemas import STORE_SCHEMAS
from lightlane.toolkit import join_path, split_path

EXAMPLE = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture(scope="module")
def live() -> LiveScenario:
    return LiveScenario.open(EXAMPLE)


def assert_same(found: Table, wanted: Table, *, but: tuple[str, ...] = ()) -> None:
    assert list(found.columns) == list(wanted.columns)
    for name in found.columns:
        if name not in but:
            np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)


def edit(live: LiveScenario, **changes: object) -> LiveScenario:
    variant = Variant(name="what-if", **changes)  # type: ignore[arg-type]
    return LiveScenario(live.scenario.model_copy(update={"variant": (variant,)}), live.fabric, live.catalog)


def test_states_are_those_of_a_run(live: LiveScenario, tmp_path: Path) -> None:
    scenario = live.scenario.model_copy(update={"keep_draws": False, "draws_count": 0})
    folder = run(scenario, tmp_path / "results")
    for variant in ("baseline", "careless"):
        times = live.times_days(scenario, variant=variant)
        # Not in the order of time, and each after an edit that is taken back: nothing of them may stay.
        for step in (len(times) - 1, 0, len(times) // 2):
            live.state(edit(live, set={"link.*.launch_power_dbm": -3.0}).scenario, variant="what-if", time_days=700)
            state = live.state(scenario, variant=variant, time_days=times[step])
            for name in ("lanes", "links", "demands", "steps"):
                stored = folder.arrow(name, variant=variant, point=0, step=step)
                assert_same(state.tables[name], table_from_arrow(stored, STORE_SCHEMAS[name]), but=("step_index",))


def _wide_fabric() -> Fabric:
    """Return so many links that all that is kept from step to step is kept."""
    sites = [Site(name=name, role="core", latitude_deg=50.0, longitude_deg=number) for number, name in enumerate("ABC")]
    line = {"booster": "edfa-fixed-5.5", "inline_amplifier": "edfa-fixed-5.5", "preamplifier": "edfa-fixed-5.5"}
    ducts, links = [], []
    for number in range(24):
        own = [
            Duct(name=f"{a}{b}{number}".lower(), a=a, b=b, length_km=40.0 + number, fiber="g652d")
            for a, b in (("A", "B"), ("B", "C"))
        ]
        ducts += own
        links.append(
            Link(name=f"l{number}", a="A", b="C", module="openzrplus-400g-ha", ducts=tuple(duct.name for duct in own),
                 span_launch_power_dbm=0.0, received_power_dbm=-10.0, **line)
        )  # fmt: skip
    ducts.append(Duct(name="short", a="A", b="B", length_km=1.0, fiber="g652d"))
    links += [Link(name=f"g{n}", a="A", b="B", module="400gbase-fr4", ducts=("short",)) for n in range(40)]
    return Fabric(format=1, name="wide", site=tuple(sites), duct=tuple(ducts), link=tuple(links))


def test_a_drag_over_many_links_gives_what_each_step_gives_alone() -> None:
    own = LiveScenario.open(_wide_fabric())
    steps: list[dict[str, object]] = [
        {"set": {"link.*.launch_power_dbm": -1.0}},
        {"set": {"link.*.launch_power_dbm": -1.5}},
        {"set": {"link.l3.launch_power_dbm": -2.0, "link.*.launch_power_dbm": -1.5}},
        {"set": {"link.*.launch_power_dbm": -1.5, "link.l3.launch_power_dbm": -2.0}},
        {"set": {"link.l3.booster": "edfa-medium-gain", "link.*.launch_power_dbm": -1.0}},
        {"conditions": Conditions(connector_loss_db=0.1)},
        {"conditions": Conditions(connector_loss_db=0.2), "set": {"link.*.launch_power_dbm": -1.0}},
        {"conditions": Conditions(connector_loss_db=0.2, temperature_c=35.0)},
        {"conditions": Conditions(life_ratio=0.5)},
        {"set": {"fiber_limits": True, "link.*.launch_power_dbm": -1.0}},
        {"set": {"duct.*.extra_loss_db": 0.5}},
        {"set": {"duct.ab7.extra_loss_db": 0.5, "link.*.span_launch_power_dbm": 1.0}},
        {"set": {'amplifier."edfa-fixed-5.5".noise_figure_db': 6.0}},
        {"set": {"link.*.launch_power_dbm": -1.0}},
    ]
    seen = set()
    for changes in steps:
        scenario = edit(own, **changes).scenario
        batch = own.state(scenario, variant="what-if").batch
        alone = LiveScenario(own.scenario, own.fabric, own.catalog).state(scenario, variant="what-if").batch
        assert list(batch.columns) == list(alone.columns)
        for name in batch.columns:
            found, wanted = batch.columns[name], alone.columns[name]
            assert found.tolist() == wanted.tolist() if found.dtype == object else found.tobytes() == wanted.tobytes()
        seen.add(repr({name: batch.columns[name].tolist() for name in batch.columns}))
        assert batch.explain(5) == alone.explain(5)
    # The value of all that is set after that of one link takes its place, and the last step is as the first.
    assert len(seen) == len(steps) - 2


def test_an_edit_of_one_link_evaluates_that_link_alone(live: LiveScenario) -> None:
    before = live.state(live.scenario, time_days=0)
    name = live.fabric.link[0].name
    changed = edit(live, set={join_path("link", name, "launch_power_dbm"): -4.0})
    first = live.state(changed.scenario, variant="what-if")
    again = edit(live, set={join_path("link", name, "launch_power_dbm"): -5.0})
    second = live.state(again.scenario, variant="what-if")
    kept = [a is b for a, b in zip(first.batch.links, second.batch.links, strict=True)]
    assert kept == [False, *[True] * (len(kept) - 1)]
    row, _ = second.find_link(name)
    assert second.explain_link(name) != before.explain_link(name)
    assert row == 0


def test_demands_follow_a_cut(live: LiveScenario) -> None:
    cut = {"kind": "fiber_cut", "start_days": 10.0, "duct": "avus"}
    changed = edit(live, event=(cut,))
    whole = live.state(changed.scenario, variant="what-if", time_days=9.0)
    broken = live.state(changed.scenario, variant="what-if", time_days=10.0)
    assert not any(whole.routing.rerouted)
    assert any(broken.routing.rerouted)
    assert broken.tables["steps"]["links_down_count"][0] == 1


def test_conditions_and_objectives(live: LiveScenario) -> None:
    changed = edit(live, conditions=Conditions(connector_loss_db=1.0))
    clean = live.state(live.scenario).tables["steps"]["least_margin_db"][0]
    dirty = live.state(changed.scenario, variant="what-if").tables["steps"]["least_margin_db"][0]
    assert dirty < clean
    judged = {item.objective: item.met for item in live.state(live.scenario).judge()}
    assert judged == {"demands_blocked_count": True, "demands_late_count": True}


def test_a_fabric_alone_is_opened_at_rest() -> None:
    alone = LiveScenario.open(EXAMPLE.with_name("fabric.toml"))
    assert alone.times_days() == (0.0,)
    assert alone.state().tables["links"]["status"].tolist() == ["up"] * len(alone.fabric.link)


def test_what_does_not_fit_is_refused(live: LiveScenario) -> None:
    with pytest.raises(ParameterError, match="'nobody' is no variant"):
        live.state(variant="nobody")
    with pytest.raises(ParameterError, match="launch_power"):
        live.state(edit(live, set={"link.*.launch_power": 1.0}).scenario, variant="what-if")
    with pytest.raises(ParameterError, match="'x' is no link"):
        live.state().find_link("x")
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        live.state(edit(live, conditions=Conditions(temperature_c=-20.0)).scenario, variant="what-if", task=task)


def test_forgotten_variants_are_evaluated_again(live: LiveScenario) -> None:
    changed = edit(live, conditions=Conditions(temperature_c=-20.0)).scenario
    first = live.state(changed, variant="what-if")
    live.forget_but(["baseline"])
    second = live.state(changed, variant="what-if")
    assert first.batch is not second.batch
    assert_same(second.tables["links"], first.tables["links"])


def test_a_new_variant_begins_with_what_another_knows_and_leaves_it_alone(live: LiveScenario) -> None:
    own = LiveScenario(live.scenario, live.fabric, live.catalog)
    base = own.state()
    assert base.routing.status
    changed = edit(live, set={join_path("link", live.fabric.link[0].name, "launch_power_dbm"): -4.0}).scenario
    state = own.state(changed, variant="what-if")
    kept = [a is b for a, b in zip(base.batch.links, state.batch.links, strict=True)]
    assert kept == [False, *[True] * (len(kept) - 1)]
    alone = LiveScenario(live.scenario, live.fabric, live.catalog).state(changed, variant="what-if")
    for name in ("lanes", "links", "demands", "steps"):
        assert_same(state.tables[name], alone.tables[name])
    again = own.state(changed)
    for name in ("lanes", "links", "demands", "steps"):
        assert_same(again.tables[name], base.tables[name])
    assert [a is b for a, b in zip(again.batch.links, base.batch.links, strict=True)] == [True] * len(kept)


def test_a_state_that_is_let_go_of_is_gone_at_once(live: LiveScenario) -> None:
    own = LiveScenario(live.scenario, live.fabric, live.catalog)
    state = own.state()
    assert state.routing.status
    case = weakref.ref(state.case)
    gc.disable()
    try:
        del state
        own.forget_but(())
        assert case() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "steps", [("duct", "d.1", "length_km"), ("link", "a b", "module"), ("conditions", "life_ratio")]
)
def test_paths_of_any_name_can_be_written(steps: tuple[str, ...]) -> None:
    assert split_path(join_path(*steps)) == steps

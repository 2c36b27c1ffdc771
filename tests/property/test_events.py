"""Events over time: what is undone leaves no trace, and the state is a function of the instant alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightlane.catalog.load import load_catalog
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site
from lightlane.scenario.fields import Ground
from lightlane.scenario.schema import Scenario
from lightlane.scenario.timeline import History, list_times

CATALOG = load_catalog()
FABRIC = Fabric(
    format=1,
    site=tuple(Site(name=name, role="core", latitude_deg=50, longitude_deg=8 + i) for i, name in enumerate("ABC")),
    duct=(
        Duct(name="ab", a="A", b="B", length_km=60, fiber="g652d"),
        Duct(name="bc", a="B", b="C", length_km=50, fiber="g652d"),
        Duct(name="ca", a="C", b="A", length_km=4, fiber="g652d"),
    ),
    link=(
        Link(
            name="line", a="A", b="C", module="openzrplus-400g-ha", ducts=("ab", "bc"), channels=8, mux="mux-75ghz",
            booster="edfa-fixed-5.5", inline_amplifier="edfa-fixed-5.5", preamplifier="edfa-fixed-5.5",
            span_launch_power_dbm=0.0, received_power_dbm=-10.0, lit_channels=(0, 1, 2, 3, 5),
        ),
        Link(name="gray", a="C", b="A", module="400g-lr4-10", ducts=("ca",), channels=3),
    ),
    demand=(Demand(from_site="A", to_site="C", rate_gbps=100.0, service="x"),),
)  # fmt: skip

ducts = st.sampled_from(["ab", "bc", "ca"])
days = st.floats(0, 1000).map(lambda value: round(value, 3))
DEMAND = {"from": "C", "to": "A", "rate_gbps": 30.0, "service": "y"}
PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"kind": "fiber_cut", "duct": "bc"}, {"kind": "fiber_repair", "duct": "bc", "splice_count": 0}),
    (
        {"kind": "amplifier_failure", "link": "line", "site": "B"},
        {"kind": "amplifier_repair", "link": "line", "site": "B"},
    ),
    (
        {"kind": "connector_contamination", "duct": "ab", "site": "B", "loss_db": 1.0, "reflectance_db": -30.0},
        {"kind": "connector_cleaning", "duct": "ab", "site": "B"},
    ),
    (
        {"kind": "channels_add", "link": "line", "channels": [4, 6, 7]},
        {"kind": "channels_drop", "link": "line", "channels": [7, 4, 6]},
    ),
    (
        {"kind": "channels_drop", "link": "gray", "channels_count": 2},
        {"kind": "channels_add", "link": "gray", "channels_count": 2},
    ),
    (
        {"kind": "module_swap", "link": "gray", "module": "400gbase-fr4"},
        {"kind": "module_swap", "link": "gray", "module": "400g-lr4-10"},
    ),
    ({"kind": "demand_add", "demand": DEMAND}, {"kind": "demand_drop", "demand": DEMAND}),
    (
        {"kind": "set", "field": "duct.ab.extra_loss_db", "value": 1.0},
        {"kind": "set", "field": "duct.ab.extra_loss_db", "value": 0.0},
    ),
    (
        {"kind": "amplifier_drift", "link": "*", "noise_figure_db": 0.5, "gain_db": -0.25},
        {"kind": "amplifier_drift", "link": "*", "noise_figure_db": -0.5, "gain_db": 0.25},
    ),
    (
        {"kind": "temperature_ramp", "temperature_c": -20.0},
        {"kind": "temperature_ramp", "temperature_c": 20.0},
    ),
]
"""An event and what undoes it."""
ENDING: list[dict[str, Any]] = [
    *(event for event, _ in PAIRS),
    {"kind": "maintenance", "site": "B"},
    {"kind": "maintenance", "link": "gray"},
    {"kind": "site_failure", "site": "C"},
    {"kind": "pump_ageing", "link": "line", "noise_figure_db_per_year": 0.3},
    {"kind": "laser_ageing", "link": "*", "launch_loss_db_per_year": 0.4},
    {"kind": "module_ageing", "link": "gray", "receiver_penalty_db_per_year": 0.4},
    {"kind": "sop_storm", "sop_rate_krad_per_s": 30.0},
    {"kind": "demand_growth", "growth_percent_per_year": 30.0},
    {
        "kind": "new_site",
        "site": {"name": "D", "role": "edge", "latitude_deg": 51.0, "longitude_deg": 9.0},
        "duct": [{"name": "ad", "a": "A", "b": "D", "length_km": 8.0, "fiber": "g652d"}],
        "link": [{"name": "ad-1", "a": "A", "b": "D", "module": "400g-lr4-10", "ducts": ["ad"]}],
        "demand": [{"from": "A", "to": "D", "rate_gbps": 10.0}],
    },
]


def _history(*events: dict[str, Any]) -> History:
    scenario = Scenario.model_validate({"format": 1, "name": "test", "fabric": "x", "event": events})
    return History(Ground(scenario, FABRIC, CATALOG))


@pytest.mark.parametrize(("event", "inverse"), PAIRS, ids=[event["kind"] for event, _ in PAIRS])
def test_an_event_and_its_inverse_restore_the_state(event: dict[str, Any], inverse: dict[str, Any]) -> None:
    history = _history({**event, "start_days": 3.0}, {**inverse, "start_days": 5.0})
    before, during, after = (history.state_at(time).sha256() for time in (0.0, 4.0, 6.0))
    assert during != before
    assert after == before


@pytest.mark.parametrize("event", ENDING, ids=[event["kind"] for event in ENDING])
def test_an_event_that_ends_leaves_no_trace(event: dict[str, Any]) -> None:
    history = _history({**event, "start_days": 3.0, "end_days": 400.0})
    before, during, after = (history.state_at(time).sha256() for time in (0.0, 300.0, 400.0))
    assert during != before
    assert after == before


@settings(max_examples=40, deadline=None)
@given(
    chosen=st.lists(st.tuples(st.sampled_from(ENDING), days, st.floats(0.5, 300.0)), min_size=1, max_size=6),
    when=days,
    shuffled=st.randoms(use_true_random=False),
)
def test_the_state_is_a_function_of_the_instant(
    chosen: list[tuple[dict[str, Any], float, float]], when: float, shuffled: Any
) -> None:
    events = [{**event, "start_days": start, "end_days": start + length} for event, start, length in chosen]
    # What one event takes another may need: only fitting histories are compared.
    if list(_history(*events).refusals()) or len({event["start_days"] for event in events}) < len(events):
        return
    history, mixed = _history(*events), list(events)
    shuffled.shuffle(mixed)
    expected = history.state_at(when).sha256()
    history.state_at(when / 2)
    history.state_at(2000.0)
    assert history.state_at(when).sha256() == expected
    assert _history(*mixed).state_at(when).sha256() == expected
    last = max(event["end_days"] for event in events)
    assert history.state_at(last).sha256() == history.state_at(-0.0).sha256() or min(
        event["start_days"] for event in events
    ) == pytest.approx(0.0)


@given(st.lists(st.tuples(days, st.floats(0.01, 100.0)), max_size=5), st.floats(1, 500), st.floats(1, 50))
def test_instants_rise_and_hold_every_change(spans: list[tuple[float, float]], duration: float, step: float) -> None:
    events = [{"kind": "fiber_cut", "duct": "ab", "start_days": start, "end_days": start + n} for start, n in spans]
    scenario = Scenario.model_validate(
        {"format": 1, "name": "t", "fabric": "x", "event": events,
         "timeline": {"duration_days": duration, "step_days": step}},
    )  # fmt: skip
    times = list_times(scenario.timeline, scenario.event)
    assert list(times) == sorted(set(times))
    assert times[0] == 0.0
    assert times[-1] <= duration
    for start, length in spans:
        assert {time for time in (start, start + length) if time <= duration} <= set(times)

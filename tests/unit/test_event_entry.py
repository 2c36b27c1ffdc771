"""Events entered by hand: forms that say all that a file may, and refusals that name the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from lightlane import FormatError, LiveScenario, Timeline, make_event
from lightlane.scenario import events
from lightlane.toolkit import Ground, find_event_problems, list_event_kinds

EXAMPLE = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture(scope="module")
def live() -> LiveScenario:
    return LiveScenario.open(EXAMPLE)


def problems_of(values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(FormatError) as caught:
        make_event(values)
    return {problem.key: problem.found for problem in caught.value.problems}


def test_kinds_are_those_of_the_models_with_all_their_fields() -> None:
    models = get_args(get_args(events.Event)[0])
    kinds = {kind.kind: kind for kind in list_event_kinds()}
    assert list(kinds) == [get_args(model.model_fields["kind"].annotation)[0] for model in models]
    for model in models:
        kind = kinds[get_args(model.model_fields["kind"].annotation)[0]]
        heads = {field.name.partition(".")[0] for field in kind.fields}
        assert heads == {field.alias or name for name, field in model.model_fields.items()} - {"kind"}
        for field in kind.fields:
            if "." not in field.name:
                assert field.required == model.model_fields[field.name].is_required(), field.name
    assert [kind.kind for kind in list_event_kinds() if not kind.is_flat] == ["new_site"]


def test_fields_say_unit_bounds_and_what_they_name() -> None:
    kind = next(kind for kind in list_event_kinds() if kind.kind == "connector_contamination")
    fields = {field.name: field for field in kind.fields}
    assert [field.name for field in kind.fields][:3] == ["duct", "site", "loss_db"]
    assert (fields["loss_db"].unit, fields["loss_db"].kind, fields["loss_db"].allowed) == (
        "dB",
        "number",
        "a number at least 0",
    )
    assert (fields["duct"].target, fields["site"].target, fields["note"].target) == ("duct", "site", "")
    assert fields["start_days"].unit == "d"


def test_event_of_values_is_that_of_a_file(live: LiveScenario) -> None:
    made = make_event({"kind": "fiber_cut", "start_days": 300, "duct": "avus", "note": "an excavator"})
    assert made == next(event for event in live.scenario.event if event.kind == "fiber_cut")


def test_every_wrong_value_is_named() -> None:
    assert problems_of({"kind": "fiber_cut"}) == {"start_days": "nothing", "duct": "nothing"}
    assert set(problems_of({"kind": "fiber_cut", "start_days": -1, "duct": "", "x": 1})) == {"start_days", "duct", "x"}
    assert problems_of({"kind": "fiber_cut", "start_days": 5, "end_days": 4, "duct": "a"}).keys() == {"end_days"}
    assert "did you mean 'fiber_cut'" in problems_of({"kind": "fibre_cut", "start_days": 5})["kind"]


def test_what_does_not_fit_the_fabric_is_found_before_it_is_added(live: LiveScenario) -> None:
    def keys(values: dict[str, Any], variant: str = "baseline") -> list[str]:
        event = make_event(values)
        return [p.key for p in find_event_problems(event, live.scenario, live.fabric, live.catalog, variant=variant)]

    assert keys({"kind": "fiber_cut", "start_days": 10, "duct": "avus"}) == []
    assert keys({"kind": "fiber_cut", "start_days": 10, "duct": "avis"}) == ["duct"]
    assert keys({"kind": "fiber_repair", "start_days": 10, "duct": "avus"}, "careless") == ["duct"]
    assert keys({"kind": "fiber_cut", "start_days": 2191, "duct": "avus"}) == ["start_days"]
    # Mending the cut of day 300 before its own repair leaves that one nothing to mend.
    assert keys({"kind": "fiber_repair", "start_days": 300.2, "duct": "avus"}) == [""]


def test_timeline_and_ground_are_public(live: LiveScenario) -> None:
    assert isinstance(live.ground(), Ground)
    assert Timeline(duration_days=10).step_days is None

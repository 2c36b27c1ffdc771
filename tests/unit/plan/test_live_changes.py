"""A fabric under changes, one after the other: every answer is that of the state alone, and old ones leave nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lightlane.catalog.load import Catalog
from lightlane.fabric.composition import LinkComposer
from lightlane.fabric.condition import DuctCondition, LinkCondition, PlantState
from lightlane.fabric.topology import Fabric
from lightlane.lane.assumptions import assumed_values
from lightlane.lane.options import BudgetOptions
from lightlane.plan.link_table import list_link_columns, list_verdict_columns
from lightlane.plan.stage import Stage
from lightlane.plan.traffic import FOUND_MAX_COUNT, Traffic

STATES: dict[str, dict[str, Any]] = {
    "good": {},
    "one duct": {"ducts": {"ab": DuctCondition(connector_loss_db=0.4)}},
    "all ducts": {"ducts": {name: DuctCondition(temperature_c=40.0) for name in ("ab", "bc", "ca")}},
    "one link turns": {"links": {"ab-1": LinkCondition(sop_rate_krad_per_s=30.0)}},
    "one link is old": {"links": {"ca-1": LinkCondition(launch_loss_db=0.5)}},
}


def _stage(catalog: Catalog) -> Stage:
    return Stage(LinkComposer(catalog), 1.0, BudgetOptions(), tuple(catalog.distributions.values()))


def _table(stage: Stage, state: PlantState) -> str:
    """Return the table of links with explanations, as a text in which NaN is NaN and numbers have all digits."""
    return repr(list_link_columns(state.fabric, stage.evaluate(state)))


def test_every_state_has_the_answer_that_it_has_alone(triangle: Fabric, catalog: Catalog) -> None:
    states = {name: PlantState(triangle, **keys) for name, keys in STATES.items()}
    alone = {name: _table(_stage(catalog), state) for name, state in states.items()}
    assert len(set(alone.values())) == len(alone)
    stage = _stage(catalog)
    for before in states.values():
        for name, state in states.items():
            stage.evaluate(before)
            assert _table(stage, state) == alone[name]
    # Explained late, after others were evaluated: the batch stands on its own.
    stage.evaluate(states["good"])
    kept = stage.evaluate(states["one duct"])
    for state in states.values():
        stage.evaluate(state)
    assert repr(list_link_columns(triangle, kept)) == alone["one duct"]


def test_nothing_is_evaluated_again_for_verdicts(
    triangle: Fabric, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = _stage(catalog)
    whole = {name: list_link_columns(triangle, stage.evaluate(PlantState(triangle, **k))) for name, k in STATES.items()}
    explained: list[Any] = []
    monkeypatch.setattr("lightlane.lane.batch.LaneBatch.explain_rows", lambda *_: explained.append(1))
    monkeypatch.setattr("lightlane.lane.assumptions.assumed_values", lambda *_: explained.append(1))
    for name, keys in STATES.items():
        verdicts = list_verdict_columns(stage.evaluate(PlantState(triangle, **keys)))
        assert verdicts == {column: whole[name][column] for column in verdicts}
    assert not explained


def test_a_home_routing_is_made_anew_where_something_matters_to_it(triangle: Fabric, catalog: Catalog) -> None:
    def change(**keys: Any) -> Fabric:
        return triangle.model_copy(update=keys)

    ab, *others = triangle.link
    ducts = (triangle.duct[0].model_copy(update={"length_km": 33.0}), *triangle.duct[1:])
    fabrics = {
        "as it was": (triangle, True),
        "stronger": (change(link=(ab.model_copy(update={"launch_power_dbm": 0.5}), *others)), True),
        "longer": (change(duct=ducts), False),
        "more demand": (change(demand=(*triangle.demand, triangle.demand[0])), False),
        "renamed": (change(link=(ab.model_copy(update={"name": "other"}), *others)), False),
    }
    initial = PlantState(triangle)
    traffic = Traffic(initial, _stage(catalog).evaluate)
    for fabric, same in fabrics.values():
        traffic.route(triangle, ())
        home = traffic._home
        for down in ((), (fabric.link[0].name,)):
            found = traffic.route(fabric, down)
            assert repr(found) == repr(Traffic(initial, _stage(catalog).evaluate).route(fabric, down))
        assert (traffic._home is home) == same


def test_routings_of_cuts_are_not_kept_without_end(triangle: Fabric, catalog: Catalog) -> None:
    traffic = Traffic(PlantState(triangle), _stage(catalog).evaluate)
    first = traffic.route(triangle, ("ab-1",))
    traffic._found.update({frozenset({str(number)}): first for number in range(FOUND_MAX_COUNT)})
    assert repr(traffic.route(triangle, ("bc-1",))) != repr(first)
    assert len(traffic._found) == 1
    assert repr(traffic.route(triangle, ("ab-1",))) == repr(first)


def test_what_one_lane_rests_on_is_found_without_the_other_links(
    triangle: Fabric, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = _stage(catalog)
    whole = {}
    for name, keys in STATES.items():
        whole[name] = [lane.assumed for link in stage.evaluate(PlantState(triangle, **keys)).link_results()
                       for lane in link.lanes]  # fmt: skip
    assert any(any(texts) for texts in whole.values())
    looked_at: list[str] = []

    def look(link: Any) -> list[str]:
        looked_at.append(link.name)
        return assumed_values(link)

    monkeypatch.setattr("lightlane.lane.assumptions.assumed_values", look)
    for name, keys in STATES.items():
        # Batches evaluated whole, and put together of an earlier one and what is new.
        for own in (_stage(catalog), stage):
            batch = own.evaluate(PlantState(triangle, **keys))
            for row in (len(batch) - 1, 0, len(batch) // 2):
                looked_at.clear()
                assert batch.lane_result(row, explain=False).assumed == whole[name][row]
                assert set(looked_at) <= {batch.links[int(batch.link_index[row])].name}
            assert list(batch.columns["assumed"]) == ["; ".join(texts) for texts in whole[name]]

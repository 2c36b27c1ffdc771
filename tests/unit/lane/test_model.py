"""Lane and link results as records."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace

from lightlane.lane.budget import evaluate_link
from lightlane.lane.model import Contribution, LaneResult, is_quantile_column, quantile_column
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link
from lightlane.results.records import LANE_COLUMNS


def test_a_lane_is_json_without_nan(make_link: Callable[..., Link]) -> None:
    lane = evaluate_link(make_link("400gbase-fr4", [1.0], run={"connector_count": 2})).worst()
    out = lane.to_dict()
    assert json.loads(json.dumps(out, allow_nan=False)) == out
    assert out["osnr_db"] is None
    assert out["margin_db"] == lane.margin_db
    steps = out["contributions"]
    assert isinstance(steps, list)
    assert steps[0] == {"label": "OMA less TDECQ", "value_db": -1.7}
    assert out["assumed"] == list(lane.assumed)


def test_infinite_values_are_not_written_as_numbers(make_link: Callable[..., Link]) -> None:
    lane = replace(evaluate_link(make_link("400gbase-fr4", [1.0])).worst(), q_db=float("inf"))
    assert lane.to_dict()["q_db"] is None


def test_fields_of_a_lane_are_columns_of_the_table() -> None:
    """Quantiles are columns of their own in the table and pairs in the record."""
    names = {field.name for field in fields(LaneResult)} - {"contributions", "margin_db_by_probability_ratio"}
    assert names == {name for name in LANE_COLUMNS if not is_quantile_column(name)}
    assert [name for name in LANE_COLUMNS if is_quantile_column(name)] == [
        quantile_column(probability) for probability in BudgetOptions().quantiles
    ]


def test_a_link_result_is_its_lanes_and_the_worst(make_link: Callable[..., Link]) -> None:
    result = evaluate_link(make_link("400gbase-fr4", [1.0]))
    out = result.to_dict()
    assert json.loads(json.dumps(out, allow_nan=False)) == out
    lanes = out["lanes"]
    assert isinstance(lanes, list)
    assert len(lanes) == 8
    assert lanes[result.worst_lane_index]["margin_db"] == out["margin_db"] == result.margin_db
    assert result.explain() == result.worst().contributions
    assert all(isinstance(step, Contribution) for step in result.explain())


def test_a_link_without_margin_is_json_too(make_link: Callable[..., Link]) -> None:
    out = evaluate_link(make_link("400g-er4-30", [10.0])).to_dict()
    assert out["margin_db"] is None
    assert out["status"] == "unknown"
    assert json.dumps(out, allow_nan=False)

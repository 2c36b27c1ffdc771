"""Problems of a state, held against the tables that a run writes of the same state."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from lightlane.lane.remedies import find_remedy
from lightlane.live import LiveScenario, LiveState
from lightlane.plan.state_problems import StateProblem
from lightlane.plan.step_tables import measure_step

SCENARIO = Path(__file__).parents[3] / "examples" / "09_years_of_a_metro" / "scenario.toml"


@pytest.fixture(scope="module")
def states() -> list[LiveState]:
    live = LiveScenario.open(SCENARIO)
    times = live.times_days()
    return [live.state(time_days=days) for days in (*times[:: max(1, len(times) // 6)], times[-1])]


def of_kind(state: LiveState, kind: str) -> list[StateProblem]:
    return [item for item in state.problems if item.kind == kind]


def test_every_link_that_is_not_up_is_named_with_what_would_help(states: list[LiveState]) -> None:
    seen = set()
    for state in states:
        rows = {row["link"]: row for row in state.tables["links"].rows()}
        found = of_kind(state, "link")
        assert {item.name for item in found} == {name for name, row in rows.items() if row["status"] != "up"}
        for item in found:
            row = rows[item.name]
            seen.add(row["status"])
            assert item.level == ("error" if row["status"] == "down" else "warning")
            assert item.remedy == find_remedy(row["detection"], row["limited_by"])
            if row["blocked_by"]:
                assert row["blocked_by"] in item.text
            elif row["margin_db"] is not None:
                assert f"{row['margin_db']:.2f}".replace("-", "\N{MINUS SIGN}") in item.text
                assert row["limited_by"] in item.text
        ranks = [
            (rows[item.name]["status"] != "down", -math.inf if rows[item.name]["margin_db"] is None
             else rows[item.name]["margin_db"]) for item in found
        ]  # fmt: skip
        assert ranks == sorted(ranks)
    assert {"down", "degraded"} <= seen


def test_demands_that_are_not_met_are_named_with_their_reason(states: list[LiveState]) -> None:
    count = 0
    for state in states:
        rows = [row for row in state.tables["demands"].rows() if row["status"] != "met"]
        found = {item.name: item for item in of_kind(state, "demand")}
        assert found.keys() == {str(row["demand"]) for row in rows}
        for row in rows:
            assert row["reason"] in found[str(row["demand"])].text
        count += len(rows)
    assert count


def test_objectives_that_are_broken_are_named(states: list[LiveState]) -> None:
    count = 0
    for state in states:
        broken = [item for item in state.judge() if not item.met]
        assert len(of_kind(state, "objective")) == len(broken)
        count += len(broken)
    assert count


def test_assumptions_are_those_of_the_links_each_once(states: list[LiveState]) -> None:
    state = states[0]
    wanted: dict[str, int] = {}
    for text in state.tables["links"]["assumed"].tolist():
        for item in filter(None, text.split("; ")):
            wanted[item] = wanted.get(item, 0) + 1
    found = {item.text.partition(" (")[0]: item for item in of_kind(state, "assumption")}
    assert found.keys() == wanted.keys()
    for item, count in wanted.items():
        assert f"({count} link" in found[item].text


def test_figures_of_a_step_are_those_of_its_table(states: list[LiveState]) -> None:
    for state in states:
        row = {name: column[0] for name, column in state.tables["steps"].columns.items()}
        for name, value in measure_step(state.plant, state.batch, state.routing).items():
            np.testing.assert_equal(value, row[name], err_msg=name)

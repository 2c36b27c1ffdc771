"""The border of the batched budget: wrong tables, progress, cancellation, codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from lightlane.errors import Cancelled, ParameterError
from lightlane.kernels import Task, evaluate_coherent_lanes, evaluate_direct_lanes
from lightlane.kernels.budget import (
    CONTRIBUTIONS,
    LIMITS,
    UNKNOWNS,
    fill_coherent_lanes,
    fill_direct_lanes,
    limit_words,
)
from lightlane.kernels.lane_answers import LaneAnswers
from lightlane.kernels.tables import (
    CoherentModeColumns,
    CoherentPathColumns,
    DirectLaneColumns,
    DirectModeColumns,
    PlantColumns,
)
from lightlane.lane.lowering import Lowered, lower_coherent, lower_direct
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link

COHERENT_LINE = {
    "mux": "mux-75ghz",
    "booster": "edfa-fixed-5.5",
    "preamplifier": "edfa-medium-gain",
    "span_launch_power_dbm": 0.0,
    "received_power_dbm": -8.0,
}


@pytest.fixture
def coherent(make_link: Callable[..., Link]) -> Lowered:
    links = [make_link("openzrplus-400g-ha", [60.0 + 10 * k], channels=3, line=COHERENT_LINE) for k in range(4)]
    return lower_coherent(links, range(4), BudgetOptions())


@pytest.fixture
def direct(make_link: Callable[..., Link]) -> Lowered:
    return lower_direct([make_link("400gbase-fr4", [1.0]), make_link("400gbase-dr4", [0.4])], [0, 1], BudgetOptions())


def _evaluate(lowered: Lowered, **options: Any) -> dict[str, np.ndarray]:
    if isinstance(lowered.rows, CoherentPathColumns):
        assert isinstance(lowered.modes, CoherentModeColumns)
        return evaluate_coherent_lanes(lowered.plant, lowered.modes, lowered.rows, **options)
    assert isinstance(lowered.modes, DirectModeColumns)
    assert isinstance(lowered.rows, DirectLaneColumns)
    return evaluate_direct_lanes(lowered.plant, lowered.modes, lowered.rows, **options)


def _columns_of(table: Any) -> list[str]:
    """Return the plain columns that have an entry for each row."""
    plain = [field.name for field in fields(table) if isinstance(getattr(table, field.name), np.ndarray)]
    return [name for name in plain if not name.endswith("_offsets")]


def test_answer_has_a_row_for_each_lane(coherent: Lowered, direct: Lowered) -> None:
    for lowered in (coherent, direct):
        answer = _evaluate(lowered, explain=True)
        rows = len(lowered.row_path)
        lengths = {name: len(column) for name, column in answer.items() if not name.startswith("contribution")}
        assert set(lengths.values()) == {rows}
        assert answer["contribution_offsets"][0] == 0
        assert len(answer["contribution_offsets"]) == rows + 1
        assert len(answer["contribution_db"]) == answer["contribution_offsets"][-1] > 0
        assert answer["limited_by"].max() < len(LIMITS)
        assert answer["unknown"].max() < len(UNKNOWNS)
        assert answer["contribution_kind"].max() < len(CONTRIBUTIONS)


def _fill(lowered: Lowered, answers: LaneAnswers, rows: np.ndarray) -> dict[str, np.ndarray]:
    fill: Any = fill_coherent_lanes if isinstance(lowered.rows, CoherentPathColumns) else fill_direct_lanes
    filled: dict[str, np.ndarray] = fill(lowered.plant, lowered.modes, lowered.rows, answers, rows, explain=True)
    return filled


def test_answers_of_several_calls_share_columns(coherent: Lowered, direct: Lowered) -> None:
    lengths = [len(lowered.row_path) for lowered in (coherent, direct)]
    # Rows of both kinds among each other, and backwards within each.
    places = np.random.default_rng(7).permutation(sum(lengths))
    rows = np.sort(places[: lengths[0]])[::-1].copy(), np.sort(places[lengths[0] :])[::-1].copy()
    answers = LaneAnswers(sum(lengths))
    steps = [_fill(lowered, answers, own) for lowered, own in zip((coherent, direct), rows, strict=True)]
    columns = answers.finish()
    for lowered, own, contributions in zip((coherent, direct), rows, steps, strict=True):
        alone = _evaluate(lowered, explain=True)
        for name, column in columns.items():
            np.testing.assert_array_equal(column[own], alone[name], name)
        for name, contribution in contributions.items():
            np.testing.assert_array_equal(contribution, alone[name], name)


def test_numbers_that_few_lanes_have_or_a_path_shares_are_kept_apart(coherent: Lowered, direct: Lowered) -> None:
    lengths = [len(lowered.row_path) for lowered in (coherent, direct)]
    places = np.random.default_rng(8).permutation(sum(lengths))
    rows, theirs = np.sort(places[: lengths[0]]), places[lengths[0] :]
    # The paths of the coherent links are the odd ones of the batch.
    paths_count = len(coherent.path_link)
    answers, own = LaneAnswers(sum(lengths), paths_count=2 * paths_count), LaneAnswers(lengths[1])
    part = answers.between(0, sum(lengths), paths_count)
    _fill(coherent, part, rows)
    answers.take_paths(part, 2 * np.arange(paths_count) + 1)
    _fill(direct, own, np.arange(lengths[1]))
    answers.take(own, theirs)
    path_of_rows = np.zeros(sum(lengths), dtype=np.int64)
    path_of_rows[rows] = 2 * coherent.row_path + 1
    found = answers.late_columns(path_of_rows.__getitem__)
    late: dict[str, Any] = {name: column() for name, column in found.items()}
    for some in (slice(3, None, 2), theirs[::-1], np.arange(sum(lengths)) % 3 == 1, slice(0, 0)):
        for name, column in late.items():
            np.testing.assert_array_equal(found[name].decode(some), column[some], name)
    columns = answers.finish()
    assert not set(late) & set(columns)
    assert {"latency_us", "dgd_mean_ps", "launch_power_dbm", "tdecq_db"} <= set(late)
    for lowered, own_rows in ((coherent, rows), (direct, theirs)):
        alone = _evaluate(lowered)
        assert {*columns, *late, "q_db"} == {name for name in alone if not name.startswith("contribution")}
        for name, column in (columns | late).items():
            np.testing.assert_array_equal(column[own_rows], alone[name], name)
    # Who has a row for each lane of each number has all of them at once.
    assert own.late_columns(path_of_rows.__getitem__) == {}
    del own._si_columns["margin_db"]
    with pytest.raises(TypeError, match=r"answers\.margin_db: missing"):
        _fill(direct, own, np.arange(lengths[1]))


def test_a_path_shares_nothing_that_is_not_its_own(coherent: Lowered) -> None:
    rows = np.arange(len(coherent.row_path))
    answers = LaneAnswers(len(rows), paths_count=len(coherent.path_link) + 1)
    with pytest.raises(ParameterError, match=r"columns of units is \d+ rows; allowed: \d+ rows, one for each unit"):
        _fill(coherent, answers, rows)


def test_rows_that_are_not_there_are_refused(coherent: Lowered, direct: Lowered) -> None:
    for lowered in (coherent, direct):
        count = len(lowered.row_path)
        with pytest.raises(ParameterError, match=rf"rows is {count}; allowed: a number below {count}"):
            _fill(lowered, LaneAnswers(count), np.arange(1, count + 1))
        with pytest.raises(ParameterError, match=f"allowed: {count}, one for each answer"):
            _fill(lowered, LaneAnswers(count), np.arange(count - 1))


def test_explaining_changes_no_figure(coherent: Lowered, direct: Lowered) -> None:
    for lowered in (coherent, direct):
        plain, explained = _evaluate(lowered), _evaluate(lowered, explain=True)
        for name, column in plain.items():
            if not name.startswith("contribution"):
                np.testing.assert_array_equal(column, explained[name], name)


@pytest.mark.parametrize("table", ["rows", "modes", "elements", "fibers", "amplifiers", "fecs"])
def test_a_column_of_the_wrong_length_is_refused(table: str, coherent: Lowered, direct: Lowered) -> None:
    for lowered in (coherent, direct):
        part = getattr(lowered, table, None)
        part = getattr(lowered.plant, table) if part is None else part
        for name in _columns_of(part):
            column = getattr(part, name)
            if len(column) == 0:
                continue
            more = column[-4:] if name == "osnr_coefficients" else column[-1:]
            wrong = replace(part, **{name: np.append(column, more)})
            with pytest.raises(ParameterError, match=r"rows|offsets"):
                _evaluate(_with(lowered, table, wrong))


def _with(lowered: Lowered, table: str, part: Any) -> Lowered:
    if table in ("rows", "modes"):
        return replace(lowered, **{table: part})
    plant: PlantColumns = replace(lowered.plant, **{table: part})
    return replace(lowered, plant=plant)


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        ("rows", "mode", 7),
        ("rows", "mode", -1),
        ("rows", "symbol_rate_gbd", 0.0),
        ("rows", "frequency_thz", np.nan),
        ("rows", "slot_ghz", -75.0),
        ("modes", "fec", 3),
        ("modes", "modulation", 9),
        ("modes", "snr_trx_db", 5.0),
        ("elements", "kind", 8),
        ("elements", "part", 99),
        ("elements", "length_km", -2.0),
        ("fecs", "kind", 5),
        ("fecs", "threshold_ber", 0.4),
    ],
)
def test_a_value_that_no_model_allows_is_refused(table: str, name: str, value: float, coherent: Lowered) -> None:
    part = getattr(coherent, table) if table in ("rows", "modes") else getattr(coherent.plant, table)
    column = getattr(part, name).copy()
    # A length belongs to a fiber, a part number to a fiber or an amplifier.
    index = int(np.flatnonzero(part.kind == 0)[0]) if table == "elements" else 0
    column[index] = value
    with pytest.raises(ParameterError):
        _evaluate(_with(coherent, table, replace(part, **{name: column})))


@pytest.mark.parametrize(("name", "value"), [("path", 12), ("mode", 5), ("center_nm", 0.0), ("max_nm", np.nan)])
def test_a_direct_lane_that_cannot_be_is_refused(name: str, value: float, direct: Lowered) -> None:
    column = getattr(direct.rows, name).copy()
    column[0] = value
    with pytest.raises(ParameterError, match=name.rpartition("_")[0] or name):
        _evaluate(_with(direct, "rows", replace(direct.rows, **{name: column})))


def test_offsets_that_do_not_cut_the_rows_are_refused(coherent: Lowered) -> None:
    assert isinstance(coherent.rows, CoherentPathColumns)
    offsets = coherent.rows.channel_offsets.copy()
    offsets[-1] += 1
    with pytest.raises(ParameterError, match="offsets"):
        _evaluate(_with(coherent, "rows", replace(coherent.rows, channel_offsets=offsets)))


def test_a_column_of_the_wrong_type_is_a_type_error(coherent: Lowered) -> None:
    # A mistake of the program and not of its user: Python callers only reach this by building tables themselves.
    rows = replace(coherent.rows, mode=getattr(coherent.rows, "mode").astype(np.float64))  # noqa: B009
    with pytest.raises(TypeError, match="mode"):
        _evaluate(_with(coherent, "rows", rows))


def test_a_task_counts_the_lanes_of_all_kernels(coherent: Lowered, direct: Lowered) -> None:
    task = Task()
    assert task.progress() == (0, 0)
    task.start(24 + 16)
    assert task.progress() == (0, 40)
    _evaluate(coherent, task=task)
    assert task.progress() == (24, 40)
    _evaluate(direct, task=task)
    assert task.progress() == (40, 40)


def test_a_cancelled_task_ends_the_evaluation(coherent: Lowered, direct: Lowered) -> None:
    for lowered in (coherent, direct):
        task = Task()
        task.cancel()
        with pytest.raises(Cancelled):
            _evaluate(lowered, task=task)
        assert task.progress()[0] == 0


def test_limit_words_follow_their_codes() -> None:
    codes = np.array([0, 1, 10], dtype=np.uint8)
    assert limit_words(codes).tolist() == ["none", "power", "fec"]

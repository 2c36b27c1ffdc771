"""A run with draws: tables, manifest and report carry what worst case and draws say; without, nothing is invented."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lightlane.engine import run
from lightlane.errors import Cancelled
from lightlane.kernels import Task
from lightlane.lane.options import BudgetOptions
from lightlane.plots.margins import plot_margins
from lightlane.report.sentences import explain_link
from lightlane.results.records import FRAME_LOSS_NAMES, UNCERTAINTY_NAMES
from lightlane.results.store import read_results, write_results

PAIR = """
format = 1
[[site]]
name = "Core"
role = "core"
latitude_deg = 52.0
longitude_deg = 13.0
[[site]]
name = "Edge"
role = "edge"
latitude_deg = 52.05
longitude_deg = 13.0
[[duct]]
name = "d1"
a = "Core"
b = "Edge"
length_km = 7.5
fiber = "g652d"
[[link]]
name = "core-edge-1"
a = "Core"
b = "Edge"
module = "400g-lr4-10"
ducts = ["d1"]
"""


@pytest.fixture(scope="module")
def fabric(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fabric") / "pair.toml"
    path.write_text(PAIR, encoding="utf-8")
    return path


def test_draws_reach_tables_file_report_and_picture(fabric: Path, tmp_path: Path) -> None:
    results = run(fabric, options=BudgetOptions(draws_count=40, seed=6))
    assert (results.manifest["draws_count"], results.manifest["seed"]) == (40, 6)
    again = read_results(write_results(results, tmp_path / "run"))
    for table, other in ((results.lanes, again.lanes), (results.links, again.links)):
        for name in UNCERTAINTY_NAMES:
            assert np.isfinite(table[name]).any(), name
            np.testing.assert_array_equal(table[name], other[name])
    row = next(row for row in again.links.rows() if row["margin_5_percent_db"] is not None)
    assert "of the draws close" in explain_link(row, None)
    assert plot_margins(again).axes


def test_loss_of_frames_reaches_the_table_where_it_is_asked_for(fabric: Path, tmp_path: Path) -> None:
    results = run(fabric, options=BudgetOptions(draws_count=40, seed=6, frame_loss=True))
    again = read_results(write_results(results, tmp_path / "run"))
    lost = np.array([again.links[name] for name in FRAME_LOSS_NAMES])
    assert np.isfinite(lost).all()
    # The worst case loses most, and the fewer draws may lose more, the more is lost.
    assert (np.diff(lost, axis=0) <= 0.0).all()
    plain = run(fabric, options=BudgetOptions(draws_count=40, seed=6))
    assert all(np.isnan(plain.links[name]).all() for name in FRAME_LOSS_NAMES)
    # What else the draws say does not change with the question.
    for name in UNCERTAINTY_NAMES:
        np.testing.assert_array_equal(results.links[name], plain.links[name])
        np.testing.assert_array_equal(results.lanes[name], plain.lanes[name])


def test_a_run_without_draws_says_nothing_of_them(fabric: Path, tmp_path: Path) -> None:
    results = read_results(write_results(run(fabric), tmp_path / "run"))
    for name in UNCERTAINTY_NAMES:
        assert np.isnan(results.links[name]).all()
    assert all("draws" not in explain_link(row, None) for row in results.links.rows())


def test_a_seed_beside_the_options_is_the_one_that_counts(fabric: Path) -> None:
    options = BudgetOptions(draws_count=20, seed=1)
    one, other = run(fabric, options=options, seed=2), run(fabric, options=BudgetOptions(draws_count=20, seed=2))
    assert one.manifest["seed"] == 2
    np.testing.assert_array_equal(one.links["margin_5_percent_db"], other.links["margin_5_percent_db"])


def test_draws_stop_when_the_task_is_cancelled(fabric: Path) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        run(fabric, options=BudgetOptions(draws_count=1000), task=task)


def test_a_running_draw_counts_and_stops(fabric: Path) -> None:
    task = Task()
    options = BudgetOptions(draws_count=10_000_000)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, fabric, options=options, task=task)
        # Four lanes each way, once as they are and once with every figure at its limit: more can only be draws.
        seen = [0]
        while len(set(seen)) < 4 and not running.done():
            done, total = task.progress()
            seen.append(max(done - 2 * 8, 0))
            time.sleep(0.01)
        task.cancel()
        with pytest.raises(Cancelled):
            # A run of draws that is under way ends within one draw; half a minute is left.
            running.result(timeout=60)
    assert seen == sorted(seen)
    assert total == 8 * (2 + options.draws_count)
    assert 0 < seen[-1] < total / 2


def test_a_finished_draw_has_counted_everything(fabric: Path) -> None:
    task = Task()
    run(fabric, options=BudgetOptions(draws_count=1000), task=task)
    assert task.progress() == (8 * 1002, 8 * 1002)

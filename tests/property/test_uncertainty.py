"""What must hold of draws whatever the links: order, batch and threads do not matter, the worst case bounds them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightlane.catalog.load import load_catalog
from lightlane.lane.batch import LaneBatch
from lightlane.lane.budget import evaluate_links
from lightlane.lane.options import BudgetOptions
from lightlane.link import Link

MakeLink = Callable[..., Link]
COMMON = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
RUN = {"connector_count": 4, "splice_count": 3}
LINE = {
    "mux": "mux-75ghz",
    "inline": "edfa-medium-gain",
    "preamplifier": "edfa-medium-gain",
    "span_launch_power_dbm": 1.0,
    "received_power_dbm": -6.0,
}
NAMES = ("worst_margin_db", "margin_0_1_percent_db", "margin_5_percent_db", "margin_50_percent_db", "outage_ratio")


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    """Keywords of a direct-detect link, or of a coherent one with amplifiers or without."""
    if draw(st.booleans()):
        module = draw(st.sampled_from(["400g-lr4-10", "400gbase-dr4", "800g-2xlr4", "400gbase-er8"]))
        return {"module": module, "spans_km": [draw(st.floats(0.1, 12.0))], "run": RUN}
    spans = draw(st.lists(st.floats(50.0, 100.0), min_size=1, max_size=3))
    dark = len(spans) == 1 and draw(st.booleans())
    return {
        "module": "openzrplus-400g-ha",
        "spans_km": spans,
        "run": RUN,
        "channels": 1 if dark else draw(st.integers(1, 3)),
        "line": None if dark else LINE,
    }


def _bits(batch: LaneBatch, name: str, link: int = 0) -> list[bytes]:
    lanes = batch.columns[name][batch.link_index == link]
    return [lanes.tobytes(), batch.link_columns[name][link : link + 1].tobytes()]


@COMMON
@given(some=st.lists(lines(), min_size=2, max_size=4), seed=st.integers(0, 2**63 - 1), draws=st.integers(1, 40))
def test_a_link_is_drawn_alike_in_any_company(
    make_link: MakeLink, some: list[dict[str, Any]], seed: int, draws: int
) -> None:
    links = [make_link(**line, name=f"link {index}") for index, line in enumerate(some)]
    options = BudgetOptions(draws_count=draws, seed=seed)
    together = evaluate_links(links, options=options)
    backwards = evaluate_links(links[::-1], options=options)
    for index, link in enumerate(links):
        alone = evaluate_links([link], options=options)
        for name in NAMES:
            assert _bits(alone, name) == _bits(together, name, index)
            assert _bits(alone, name) == _bits(backwards, name, len(links) - 1 - index)


@COMMON
@given(line=lines(), seed=st.integers(0, 2**62))
def test_nominal_columns_do_not_know_of_draws(make_link: MakeLink, line: dict[str, Any], seed: int) -> None:
    link = make_link(**line)
    plain = evaluate_links([link])
    drawn = evaluate_links([link], options=BudgetOptions(draws_count=3, seed=seed))
    for name, column in plain.columns.items():
        if name in NAMES or name.endswith("_percent_db"):
            assert np.all(np.isnan(column))
        else:
            np.testing.assert_array_equal(column, drawn.columns[name])


@COMMON
@given(line=lines(), seed=st.integers(0, 2**62))
def test_worst_case_bounds_bounded_draws(make_link: MakeLink, line: dict[str, Any], seed: int) -> None:
    """With the shipped distributions that have ends, no draw is worse than every figure at its limit.

    Not of a lane that too much light limits: figures at their limits let less of it through.
    """
    rows = [item for item in load_catalog().distributions.values() if np.isfinite(item.bounds()[1])]
    batch = evaluate_links(
        [make_link(**line)],
        options=BudgetOptions(draws_count=200, seed=seed, quantiles=(0.001, 0.5)),
        distributions=rows,
    )
    worst, least = batch.columns["worst_margin_db"], batch.columns["margin_0_1_percent_db"]
    # Where the worst case has no margin there is nothing to compare.
    known = np.isfinite(worst) & np.isfinite(least) & (batch.columns["limited_by"] != "overload")
    # The closed form of nonlinear interference may fall by some hundredths where a fiber loses more. Below the least
    # received power nobody knows the required OSNR, so that of two margins below zero the lesser cannot be told.
    assert np.all((worst[known] <= least[known] + 0.05) | ((worst[known] < 0) & (least[known] < 0)))


@COMMON
@given(line=lines(), seed=st.integers(0, 2**62))
def test_quantiles_rise_and_a_link_is_no_better_than_its_lanes(
    make_link: MakeLink, line: dict[str, Any], seed: int
) -> None:
    quantiles = (0.01, 0.1, 0.5, 0.9, 0.99)
    batch = evaluate_links([make_link(**line)], options=BudgetOptions(draws_count=100, seed=seed, quantiles=quantiles))
    names = [f"margin_{name}_percent_db" for name in ("1", "10", "50", "90", "99")]
    lanes = np.stack([batch.columns[name] for name in names], axis=1)
    assert np.all((np.diff(lanes, axis=1) >= 0) | np.isnan(lanes[:, :-1]))
    link = np.array([batch.link_columns[name][0] for name in names])
    known = np.isfinite(link) & np.all(np.isfinite(lanes), axis=0)
    assert np.all(link[known] <= lanes.min(axis=0)[known])
    assert batch.link_columns["outage_ratio"][0] >= batch.columns["outage_ratio"].max()


def test_seed_and_name_key_the_draws(make_link: MakeLink) -> None:
    link = make_link("400g-lr4-10", [8.0], run=RUN)
    options = BudgetOptions(draws_count=50, seed=7)
    first = evaluate_links([link], options=options).columns["margin_5_percent_db"]
    again = evaluate_links([link], options=options).columns["margin_5_percent_db"]
    other_seed = evaluate_links([link], options=replace(options, seed=8)).columns["margin_5_percent_db"]
    other_name = evaluate_links([replace(link, name="other")], options=options).columns["margin_5_percent_db"]
    np.testing.assert_array_equal(first, again)
    assert np.all(first != other_seed)
    assert np.all(first != other_name)


def test_without_distributions_only_polarization_is_drawn(make_link: MakeLink) -> None:
    link = make_link("400g-lr4-10", [8.0], run=RUN)
    batch = evaluate_links([link], options=BudgetOptions(draws_count=50), distributions=[])
    for name in ("margin_0_1_percent_db", "margin_95_percent_db"):
        # The wavelength and the fiber stay ranges, as in the nominal evaluation.
        np.testing.assert_array_equal(batch.columns[name], batch.columns["margin_db"])


_DIGEST = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from conftest import build_link
from lightlane.lane import budget, chunks
from lightlane.lane.options import BudgetOptions
chunks.CHUNK_LANES_COUNT, chunks.FEW_LANES_COUNT = int(sys.argv[2]), 0
line = {"mux": "mux-75ghz", "inline": "edfa-medium-gain", "preamplifier": "edfa-medium-gain",
        "span_launch_power_dbm": 1.0, "received_power_dbm": -6.0}
run = {"connector_count": 4, "splice_count": 3}
links = [build_link("openzrplus-400g-ha", [60.0 + i, 90.0 - i], name=f"c{i}", channels=1 + i, line=line, run=run)
         for i in range(3)]
links += [build_link("800g-2xlr4", [0.3 * i + 0.1], name=f"d{i}", run=run) for i in range(4)]
batch = budget.evaluate_links(links, options=BudgetOptions(draws_count=600, seed=3))
digest = hashlib.sha256()
for columns in (batch.columns, batch.link_columns):
    for name in sorted(columns):
        column = columns[name]
        digest.update(column.tobytes() if column.dtype.kind == "f" else repr(column.tolist()).encode())
print(digest.hexdigest())
"""


def test_threads_and_chunks_do_not_matter() -> None:
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    answers = set()
    for threads, lanes in (("1", "65536"), ("2", "65536"), ("5", "10")):
        environment = {**os.environ, "RAYON_NUM_THREADS": threads, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST, tests, lanes], env=environment, capture_output=True, text=True, check=True
        )
        answers.add(done.stdout)
    assert len(answers) == 1
    assert answers.pop().strip()


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"draws_count": -1}, "draws_count"), ({"seed": -1}, "seed"), ({"quantiles": (0.5, 1.0)}, "quantiles")],
)
def test_options_refuse_what_they_cannot_mean(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        BudgetOptions(**changes)

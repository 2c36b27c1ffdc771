"""Memory of large batches: what is needed besides the answer does not grow with the number of links."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_PEAK = """
import json, sys
from lightlane.cli.bench_fabric import build_mixed_links, peak_mb
from lightlane.lane.budget import evaluate_links
from lightlane.results.records import LANE_COLUMNS, build_table
from lightlane.results.parquet import encode_table
import pyarrow.parquet

links = build_mixed_links(int(sys.argv[1]))
evaluate_links(links[:4])
before = peak_mb()
batch = evaluate_links(links)
evaluated = peak_mb()
def size_mb(names):
    stored = [batch.columns.stored(name) for name in names]
    return sum(getattr(column, "codes", column).nbytes for column in stored) / 1e6
answer = size_mb(batch.columns.made())
# Some columns are made when they are read, as each is for the file.
size_mb(batch.columns)
made = peak_mb()
file_mb = len(encode_table(build_table(LANE_COLUMNS, batch.columns), LANE_COLUMNS).data) / 1e6
# The file stands in a buffer that doubles, half of it copied, and once more as bytes.
writing = peak_mb() - made - 3 * file_mb
print(json.dumps({"evaluating": evaluated - before - answer, "writing": writing, "lanes": len(batch)}))
"""


def _measure(links_count: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(links_count)], capture_output=True, text=True, check=True, timeout=600
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak memory is Linux's")
def test_ten_times_the_links_need_no_more_memory_besides_the_answer() -> None:
    few, many = _measure(300), _measure(3000)
    assert many["lanes"] > 9 * few["lanes"]
    # The answer itself grows from 5 to 51 MB. What comes besides is chunks of 32,768 lanes as tables, of which `few`
    # has one and part of another and `many` up to three at a time; 36 to 39 MB more were measured, and 41 to 44 with
    # twice as many links.
    assert many["evaluating"] < few["evaluating"] + 50.0, (few, many)
    # A slice of 65,536 rows as Arrow, of which `few` fills two thirds; 10 MB more were measured.
    assert many["writing"] < few["writing"] + 60.0, (few, many)


_PEAK_OF_DRAWS = """
import sys
from lightlane.cli.bench_fabric import peak_mb
from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.budget import evaluate_links
from lightlane.lane.options import BudgetOptions

link = point_to_point("400g-lr4-10", 8.0)
evaluate_links([link], options=BudgetOptions(draws_count=int(sys.argv[1])))
before = peak_mb()
evaluate_links([link], options=BudgetOptions(draws_count=10 * int(sys.argv[1])))
print(peak_mb() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak memory is Linux's")
def test_ten_times_the_draws_need_no_more_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PEAK_OF_DRAWS, "100000"], capture_output=True, text=True, check=True, timeout=600
    )
    # All margins at once would be 58 MB more; 0.5 MB were measured, candidates of quantiles that grow with the root.
    assert float(done.stdout) < 8.0

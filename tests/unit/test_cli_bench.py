"""The bench: what it times is what it says, and its figures come out whole."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from lightlane.cli import bench_draws
from lightlane.cli.bench_fabric import CHANNELS, SPANS_MAX, build_mixed_links, measure_apart
from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.budget import evaluate_links


def test_the_mixed_fabric_is_what_it_says() -> None:
    links = build_mixed_links(40)
    coherent = [link for link in links if link.mode.detection == "coherent"]
    direct = [link for link in links if link.mode.detection == "direct"]
    assert len(coherent) == len(direct) == 40
    assert {link.channels for link in coherent} == {CHANNELS}
    assert {link.span_count for link in coherent} == set(range(1, SPANS_MAX + 1))
    assert {len(link.mode.lanes) for link in direct} == {4, 8}  # type: ignore[union-attr]
    lengths = [element.length_km for link in links for element in link.a_to_b if element.kind == "fiber"]
    assert len(set(lengths)) == len(lengths)
    # Lanes that close and lanes that do not: no part of the model is left out.
    assert {"up", "down"} <= set(evaluate_links(links).columns["status"])


@pytest.mark.slow
def test_figures_of_one_run() -> None:
    figures = measure_apart(30, threads=1)
    assert figures["threads"] == 1
    assert figures["links"] == 60
    assert figures["lanes"] == len(evaluate_links(build_mixed_links(30)))
    for name in ("seconds", "columns_mb", "copy_floor_s", "pairs_floor_s"):
        assert figures[name] > 0.0, name


def test_the_numbers_of_a_draw_are_counted() -> None:
    # Each way: two connectors, of its fiber attenuation and zero dispersion of cable and fiber, slope, dispersion at
    # 1550 nm and PMD, and of four lanes wavelength, OMA less TDECQ and sensitivity.
    assert bench_draws.count_numbers(point_to_point("400g-lr4-10", 8.0)) == 2 * (2 + 7 + 4 * 3)


@pytest.mark.slow
def test_figures_of_the_draws() -> None:
    figures = bench_draws.measure_apart(20_000)
    assert figures["draws"] == 20_000
    for name in ("seconds", "cpu_s", "numbers_floor_s"):
        assert figures[name] > 0.0, name


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts in the process that started another")
def test_the_peak_memory_of_a_process_is_its_own() -> None:
    held = np.ones(40_000_000)
    code = "from lightlane.cli.bench_fabric import peak_mb; print(peak_mb())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 5.0 < float(told.stdout) < held.nbytes / 1e6

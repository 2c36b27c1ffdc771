"""Measure scenario runs: many links in many draws, what the engine adds to the kernels, memory and disk.

python scripts/bench_scenario.py [--links 10000] [--draws 1000] [--folder DIR]

Half of the links are coherent, half direct-detect, one module pair each. The kernels' floor is the same draws through
the kernels alone, in the same process.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lightlane.catalog.load import load_catalog
from lightlane.cli.bench_fabric import peak_mb
from lightlane.execution import execute
from lightlane.fabric.composition import compose_links
from lightlane.fabric.topology import Duct, Fabric, Link, Site
from lightlane.lane.budget import evaluate_links
from lightlane.lane.draw_list import LoweredDraws
from lightlane.plan.chunks import DRAW_ROWS_COUNT
from lightlane.plan.scenario_plan import plan_scenario
from lightlane.results.folder import open_results
from lightlane.scenario.schema import Scenario

SITES = 101


def build_fabric(links_count: int) -> Fabric:
    """Return a fabric of so many links of one duct each."""
    rng = np.random.default_rng(1)
    ducts, links = [], []
    for number in range(links_count):
        a, b = (f"s{site}" for site in rng.choice(SITES, 2, replace=False))
        coherent = number % 2 == 0
        length_km = float(rng.uniform(20, 60) if coherent else rng.uniform(2, 9))
        ducts.append(Duct(name=f"d{number}", a=a, b=b, length_km=length_km, fiber="g652d"))
        module = "openzrplus-400g-ha" if coherent else "400g-lr4-10"
        links.append(Link(name=f"l{number}", a=a, b=b, module=module, ducts=(f"d{number}",)))
    sites = tuple(Site(name=f"s{i}", role="core", latitude_deg=50, longitude_deg=i * 0.01) for i in range(SITES))
    return Fabric(format=1, name="bench", site=sites, duct=tuple(ducts), link=tuple(links))


def main() -> None:
    """Run the scenario, then the kernels alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--draws", type=int, default=1_000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    catalog, fabric = load_catalog(), build_fabric(arguments.links)
    keys = {"draws_count": arguments.draws, "keep_draws": True, "keep_lanes": False, "seed": 1}
    scenario = Scenario.model_validate({"format": 1, "name": "bench", "fabric": "(given)", **keys})
    folder = arguments.folder or Path(tempfile.mkdtemp())
    try:
        start = time.perf_counter()
        execute(plan_scenario(scenario, fabric, catalog), folder / "run")
        seconds = time.perf_counter() - start
        most_mb = peak_mb()
        size_mb = sum(path.stat().st_size for path in (folder / "run").rglob("*") if path.is_file()) / 1e6
        start = time.perf_counter()
        opened = open_results(folder / "run")
        rows = opened.query("select count(*) n, avg((status = 'down')::int) share from draws").to_pylist()[0]
        query_s = time.perf_counter() - start
    finally:
        if arguments.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    kernel_s = time_kernels(fabric, arguments.draws)
    count = arguments.links * arguments.draws
    lines = (
        f"{count:,} link evaluations in {seconds:.1f} s, {count / seconds:,.0f} a second",
        f"kernels alone {kernel_s:.1f} s: the engine adds {100 * (seconds / kernel_s - 1):.0f} %",
        f"peak memory {most_mb:.0f} MB, results {size_mb:.0f} MB on disk",
        f"query over {rows['n']:,} rows: {query_s:.2f} s",
    )
    sys.stdout.write("\n".join(lines) + "\n")


def time_kernels(fabric: Fabric, draws_count: int) -> float:
    """Time one evaluation and the draws through the lane models alone, in ranges as long as those of the run."""
    catalog = load_catalog()
    options = Scenario(format=1, name="bench", fabric="x", draws_count=draws_count, seed=1).options()
    links = compose_links(fabric, catalog)
    lowered = LoweredDraws.of(links, options, catalog.distributions.values())
    at_a_time = max(1, DRAW_ROWS_COUNT // len(links))
    start = time.perf_counter()
    evaluate_links(links)
    for first in range(0, draws_count, at_a_time):
        lowered.list(range(first, min(first + at_a_time, draws_count)))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

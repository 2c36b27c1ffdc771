"""Time all single and dual cuts of germany50, restored one by one and by all processes, next to plain Python work.

The aim is 10 s for all 88 + 3,828 cases on two cores. Links get the capacity of their home load, or 2.5
times that, so that no lane model is needed: what is timed is restoration.
"""

from __future__ import annotations

import os
import sys
import time

from lightlane.fabric.importers import import_topology
from lightlane.fabric.importers.rules import DemandRule
from lightlane.fabric.restoration import LinkFigures
from lightlane.fabric.routing import route_demands
from lightlane.fabric.topology import Fabric, Link
from lightlane.studies.failure_cases import Case, State, find_outcomes, list_pair_cases, list_single_cases

TOTAL_GBPS = 40_000.0
SPARE_RATIO = 2.5
FLOOR_STEPS_COUNT = 10_000_000


def build_fabric() -> Fabric:
    """Return germany50 with one link on every duct."""
    imported = import_topology(
        "topohub:sndlib/germany50", route_factor=1.3, roles="degree:4", demand=DemandRule(total_demand_gbps=TOTAL_GBPS)
    )
    links = tuple(Link(name=d.name, a=d.a, b=d.b, module="m", ducts=(d.name,)) for d in imported.fabric.duct)
    return imported.fabric.model_copy(update={"link": links})


def find_figures(fabric: Fabric, spare_ratio: float) -> LinkFigures:
    """Return latencies by length and rates of whole 400G channels above the home load."""
    length_km = {duct.name: duct.length_km for duct in fabric.duct}
    latency_us = {link.name: 4.9 * length_km[link.ducts[0]] + 5.0 for link in fabric.link}
    up = dict.fromkeys(latency_us, True)
    home = route_demands(fabric, link_latency_us=latency_us, link_rate_gbps=dict.fromkeys(latency_us, 1e9), link_up=up)
    rate_gbps = {name: 400.0 * (1 + spare_ratio * max(load) // 400) for name, load in home.load_gbps.items()}
    return LinkFigures(latency_us=latency_us, rate_gbps=rate_gbps, up=up)


def time_floor() -> float:
    """Return how long ten million empty steps take: how fast this machine is just now."""
    start = time.perf_counter()
    for _ in range(FLOOR_STEPS_COUNT):
        pass
    return time.perf_counter() - start


def main() -> None:
    """Print the time of all cases for links that are just large enough at home and for larger ones."""
    fabric = build_fabric()
    cases: list[Case] = [*list_single_cases(fabric, (), sites=False), *list_pair_cases(fabric)]
    states: list[State] = [(case.down, case.site) for case in cases]
    jobs = os.cpu_count() or 1
    print(f"{len(fabric.site)} sites, {len(fabric.duct)} ducts, {len(fabric.demand)} demands, {len(cases)} cases")  # noqa: T201
    for words, spare_ratio in (("full links", 1.0), ("links of two and a half times the load", SPARE_RATIO)):
        figures = find_figures(fabric, spare_ratio)
        found = {}
        for count in (1, jobs):
            start = time.perf_counter()
            found[count] = find_outcomes(fabric, figures, states, k=4, jobs=count)
            elapsed = time.perf_counter() - start
            case_ms = 1e3 * elapsed / len(cases)
            print(f"{words}, {count} process(es): {elapsed:.1f} s, {case_ms:.2f} ms a case")  # noqa: T201
        if repr(found[1]) != repr(found[jobs]):
            sys.exit("the number of processes changed the result")
        unsafe = sum(not outcome.is_safe for outcome in found[1].values())
        print(f"  {unsafe} cases block or delay a demand; 10,000,000 empty steps: {time_floor():.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()

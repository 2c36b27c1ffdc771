"""Time what a slider over a live fabric asks for: the state, composed links, tables, margins, deciding lanes, routes.

python scripts/bench_live.py [--links 500] [--demands 1000] [--rounds 15]

Every round gives the field a value that it never had. The fabric has the mix of modules, lines and lengths that
``lightlane design`` chose for the fabric of ``make demo``; every link has ducts of its own, so that nothing is shared.
The aim is 50 ms from the value to the picture, of which composing and evaluating all links may take 35 ms.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from lightlane.catalog.load import load_catalog
from lightlane.fabric.topology import Demand, Duct, Fabric, Link, Site
from lightlane.lane.lowering import lower_coherent, lower_direct
from lightlane.lane.options import BudgetOptions
from lightlane.plan.case import Case
from lightlane.plan.link_table import list_verdict_columns
from lightlane.plan.traffic import closing_links
from lightlane.scenario.fields import Ground, assign_field
from lightlane.scenario.schema import Scenario
from lightlane.scenario.timeline import History

SITES_COUNT = 150
SEED = 1
EDFA = "edfa-fixed-5.5"
KINDS: tuple[tuple[int, dict[str, Any], tuple[int, ...], tuple[float, float]], ...] = (
    (4, {"module": "800g-zrplus", "mode": "openroadm-800g-131e", "launch_power_dbm": 0.0, "inline_amplifier": EDFA,
         "span_launch_power_dbm": 4.0}, (2, 3), (60.0, 80.0)),
    (3, {"module": "800g-zrplus", "mode": "openroadm-800g-131e", "launch_power_dbm": 0.0, "preamplifier": EDFA,
         "received_power_dbm": -5.0}, (1,), (60.0, 90.0)),
    (4, {"module": "openroadm-800g-118", "channels": 2, "channel_spacing_ghz": 150.0, "mux": "mux-150ghz",
         "booster": EDFA, "preamplifier": EDFA, "span_launch_power_dbm": 4.0, "received_power_dbm": -5.0},
     (1,), (40.0, 90.0)),
    (3, {"module": "oif-400zr", "mode": "oif-400zr-unamplified"}, (1,), (10.0, 40.0)),
    (2, {"module": "openzrplus-400g-ha", "mode": "openzrplus-zr400-8qam-ha", "channels": 3, "mux": "mux-100ghz",
         "channel_spacing_ghz": 100.0, "launch_power_dbm": 1.0,
         "preamplifier": EDFA, "received_power_dbm": -5.5}, (1,), (20.0, 60.0)),
    (1, {"module": "openroadm-400g", "mode": "openroadm-400g-63", "mux": "mux-100ghz", "inline_amplifier": EDFA,
         "channel_spacing_ghz": 100.0, "span_launch_power_dbm": 4.0}, (3,), (40.0, 60.0)),
    (2, {"module": "400g-lr4-10"}, (1,), (2.0, 9.0)),
    (1, {"module": "400gbase-er8", "channels": 6}, (1,), (5.0, 20.0)),
)  # fmt: skip
"""Of twenty links: how many, their fields, numbers of ducts, least and greatest length of a duct."""
CHANGES = {
    "one link": "link.l0.launch_power_dbm",
    "all ducts": "conditions.temperature_c",
    "all links": "link.*.launch_power_dbm",
}
"""Words and fields of the changes; ducts and links that a value reaches are all composed anew."""


def build_fabric(links_count: int, demands_count: int) -> Fabric:
    """Return a ring of sites with chords, one link each, and demands between any of them."""
    draw = random.Random(SEED)  # noqa: S311 - lengths of a bench are no secret
    kinds = itertools.cycle([kind for count, *kind in KINDS for _ in range(count)])
    names = [f"s{number}" for number in range(SITES_COUNT)]
    sites = [Site(name=name, role="core", latitude_deg=50, longitude_deg=i * 0.01) for i, name in enumerate(names)]
    ducts, links = [], []
    for number in range(links_count):
        if number < SITES_COUNT:
            a, b = names[number], names[(number + 1) % SITES_COUNT]
        else:
            a, b = draw.sample(names, 2)
        values, counts, (least_km, greatest_km) = next(kinds)
        places = [a, *(f"h{number}-{place}" for place in range(1, draw.choice(counts))), b]
        sites += [Site(name=name, role="hut", latitude_deg=50, longitude_deg=0) for name in places[1:-1]]
        own = [
            Duct(name=f"d{number}-{k}", a=c, b=d, length_km=draw.uniform(least_km, greatest_km), fiber="g652d")
            for k, (c, d) in enumerate(itertools.pairwise(places))
        ]
        ducts += own
        links.append(Link(name=f"l{number}", a=a, b=b, ducts=tuple(duct.name for duct in own), **values))
    pairs = [draw.sample(names, 2) for _ in range(demands_count)]
    demands = [Demand.model_validate({"from": a, "to": b, "rate_gbps": draw.uniform(1, 10)}) for a, b in pairs]
    return Fabric(format=1, name="live", site=tuple(sites), duct=tuple(ducts), link=tuple(links), demand=tuple(demands))


class Live:
    """A fabric under a slider: each turn is timed part by part."""

    def __init__(self, fabric: Fabric) -> None:
        self.ground = Ground(Scenario(format=1, name="live", fabric="(given)"), fabric, load_catalog())
        self.case = Case(self.ground, "baseline", 0, (), options=BudgetOptions())
        self.case.stage.evaluate(self.case.state(0))
        self.times_ms: dict[str, list[float]] = {}

    def turn(self, field: str, value: float) -> None:
        """Give a field another value and follow it to the routes."""
        stage = self.case.stage
        state = self._time("state", lambda: History(assign_field(self.ground, field, value)).state_at(0.0))
        links = self._time("compose", lambda: stage.composer.compose(state))
        batch = self._time("evaluate", lambda: stage.evaluate(state))
        self._time("verdicts", lambda: list_verdict_columns(batch))
        self._time("(lowering of all links)", lambda: _lower(links))
        closing = closing_links(batch)
        down = [link.name for link, closes in zip(links, closing, strict=True) if not closes]
        self._time("route", lambda: self.case.traffic.route(state.fabric, down))

    def _time(self, part: str, action: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        found = action()
        self.times_ms.setdefault(part, []).append(1e3 * (time.perf_counter() - start))
        return found


def _lower(links: Any) -> None:
    options = BudgetOptions()
    for lower, detection in ((lower_coherent, "coherent"), (lower_direct, "direct")):
        lower(links, [place for place, link in enumerate(links) if link.mode.detection == detection], options)


def main() -> None:
    """Print the median of every part for each kind of change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--links", type=int, default=500)
    parser.add_argument("--demands", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    live = Live(build_fabric(arguments.links, arguments.demands))
    fabric = live.ground.fabric
    lanes_count = len(live.case.stage.evaluate(live.case.state(0)))
    lines = [f"{len(fabric.link)} links, {len(fabric.duct)} ducts, {lanes_count} lanes, {len(fabric.demand)} demands"]
    route_ms = _once_ms(lambda: live.case.traffic.route(fabric, ()))
    cut_ms = [_once_ms(lambda name=link.name: live.case.traffic.route(fabric, (name,))) for link in fabric.link[:20]]
    lines.append(f"first routes {route_ms:.1f} ms; with another link cut {statistics.median(cut_ms):.1f} ms")
    for words, field in CHANGES.items():
        live.times_ms = {}
        for number in range(arguments.rounds):
            live.turn(field, -1.0 - 0.1 * number)
        parts = ", ".join(f"{part} {statistics.median(values):.1f}" for part, values in live.times_ms.items())
        lines.append(f"{words} (ms): {parts}")
    sys.stdout.write("\n".join(lines) + "\n")


def _once_ms(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()

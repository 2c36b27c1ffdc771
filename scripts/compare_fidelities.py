"""Print Q of the budget and of the waveform over a grid of links: how far the two models of one lane are apart.

Single channels with their whole line sampled, once with no more than the noise that the budget gives to the module,
once with the impairments of typical hardware in its place; both directions, whose budgets are the same, are averaged.
``--full`` takes all points (some 15 minutes), the default a few; ``--part 2/4`` the second quarter of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from lightlane.fabric.point_to_point import point_to_point
from lightlane.lane.budget import evaluate_link
from lightlane.lane.waveform.settings import IDEAL_HARDWARE, WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link
from lightlane.link import Link

AMPLIFIERS = {"booster": "edfa-fixed-5.5", "preamplifier": "edfa-fixed-5.5"}
LEVEL_DBM = -8.0


def links(full: bool) -> Iterator[tuple[str, Link]]:
    """Yield the links of the grid with their names."""
    for length_km in (40, 60, 80, 100, 120) if full else (40, 80, 120):
        for launch_dbm in (-6.0, -3.0, 0.0, 3.0, 6.0) if full else (-6.0, 0.0, 6.0):
            yield f"400ZR {length_km} km, {launch_dbm:+g} dBm", _span("oif-400zr", length_km, 1, launch_dbm, LEVEL_DBM)
    for power_dbm in (-22.0, -18.0, -14.0, -10.0, -6.0, 0.0) if full else (-18.0, -12.0, 0.0):
        yield f"400ZR 80 km, {power_dbm:+g} dBm received", _span("oif-400zr", 80, 1, 0.0, power_dbm)
    for spans in range(1, 11) if full else (1, 5, 10):
        for launch_dbm in (-3.0, 0.0, 3.0) if full else (0.0,):
            name = f"OpenZR+ {spans} x 80 km, {launch_dbm:+g} dBm"
            yield name, _span("openzrplus-400g-ha", 80 * spans, spans, launch_dbm, LEVEL_DBM)
    for length_km in (40, 80, 120) if full else (80,):
        yield f"800ZR {length_km} km, 0 dBm", _span("oif-800zr", length_km, 1, 0.0, -5.0)


def _span(module: str, length_km: float, spans: int, launch_dbm: float, received_dbm: float) -> Link:
    inline = {"inline_amplifier": "edfa-fixed-5.5"} if spans > 1 else {}
    return point_to_point(
        module,
        float(length_km),
        spans=spans,
        **AMPLIFIERS,
        **inline,
        span_launch_power_dbm=launch_dbm,
        received_power_dbm=received_dbm,
    )


def _choose_part(points: list[tuple[str, Link]]) -> list[tuple[str, Link]]:
    """Return the points of the part that the command line names, or all."""
    if "--part" not in sys.argv:
        return points
    number, parts = (int(word) for word in sys.argv[sys.argv.index("--part") + 1].split("/"))
    return points[(number - 1) * len(points) // parts : number * len(points) // parts]


def _mean_q_db(link: Link, settings: WaveformSettings) -> float:
    return float(np.mean([lane.q_db for lane in simulate_link(link, settings=settings).result.lanes]))


def main() -> None:
    """Print one line per link, and the greatest difference with noise of the module alone."""
    worst = 0.0
    print(f"{'link':34} {'budget':>7} {'waveform':>9} {'less':>6} {'hardware':>9} {'less':>6}   Q in dB")  # noqa: T201
    for name, link in _choose_part(list(links("--full" in sys.argv))):
        expected = evaluate_link(link).lanes[0].q_db
        ideal = _mean_q_db(link, WaveformSettings(channels=(0,), hardware=IDEAL_HARDWARE))
        typical = _mean_q_db(link, WaveformSettings(channels=(0,)))
        worst = max(worst, abs(ideal - expected))
        figures = f"{ideal:9.2f} {ideal - expected:+6.2f} {typical:9.2f} {typical - expected:+6.2f}"
        print(f"{name:34} {expected:7.2f} {figures}", flush=True)  # noqa: T201
    print(f"greatest difference with ideal hardware {worst:.2f} dB")  # noqa: T201


if __name__ == "__main__":
    main()

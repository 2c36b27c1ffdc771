"""``lightlane bench``: how fast this machine evaluates, against floors measured in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import click

from lightlane.cli.console import echo_json, progress

ROUNDS = 5
"""Each figure is the median of so many rounds."""
HELP_GOAL_S = 0.3
COHERENT_LINKS, DIRECT_LINKS = 500, 500


@click.command("bench")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(as_json: bool) -> None:
    """Measure links per second and the time to first help on this machine.

    Coherent: 16 loaded channels over 80 km, every channel evaluated in both directions. Direct-detect: 400G-LR4-10 over
    8 km, every lane in both directions. The floor of start-up is a Python that does nothing, timed in the same run.
    """
    with progress() as bar:
        steps = [_measure_help, _measure_coherent, _measure_direct]
        task = bar.add_task("Bench", total=len(steps))
        figures: dict[str, Any] = {}
        for step in steps:
            figures |= step()
            bar.advance(task)
    figures["cpu_count"] = os.cpu_count()
    if as_json:
        echo_json(figures)
        return
    _show(figures)


def _median_s(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def _measure_help() -> dict[str, Any]:
    def call(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)  # noqa: S603

    call("-m", "lightlane", "--help")()  # Compiled files and disk cache are warm from here on.
    floor_s = _median_s(call("-c", "pass"))
    help_s = _median_s(call("-m", "lightlane", "--help"))
    return {
        "help_s": help_s,
        "python_floor_s": floor_s,
        "help_over_floor": help_s / floor_s,
        "help_goal_s": HELP_GOAL_S,
    }


def _measure_coherent() -> dict[str, Any]:
    from lightlane.fabric.point_to_point import point_to_point
    from lightlane.lane.budget import evaluate_links

    link = point_to_point(
        "openzrplus-400g-ha",
        80.0,
        channels=16,
        mux="mux-75ghz",
        booster="edfa-fixed-5.5",
        preamplifier="edfa-fixed-5.5",
        span_launch_power_dbm=1.0,
        received_power_dbm=-6.0,
    )
    return _measure_links("coherent", [link] * COHERENT_LINKS, evaluate_links)


def _measure_direct() -> dict[str, Any]:
    from lightlane.fabric.point_to_point import point_to_point
    from lightlane.lane.budget import evaluate_links

    return _measure_links("direct", [point_to_point("400g-lr4-10", 8.0)] * DIRECT_LINKS, evaluate_links)


def _measure_links(name: str, links: list[Any], evaluate: Callable[[list[Any]], Any]) -> dict[str, Any]:
    lanes = len(evaluate(links))
    seconds = _median_s(lambda: evaluate(links))
    one = _median_s(lambda: evaluate(links[:1]), 21)
    return {
        f"{name}_links_per_s": len(links) / seconds,
        f"{name}_lanes_per_s": lanes / seconds,
        f"{name}_one_link_ms": one * 1e3,
    }


def _show(figures: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, title="Speed", title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_row(
        "lightlane --help",
        f"{figures['help_s'] * 1e3:.0f} ms",
        f"{figures['help_over_floor']:.1f} times an empty Python ({figures['python_floor_s'] * 1e3:.0f} ms); "
        f"goal {HELP_GOAL_S * 1e3:.0f} ms",
    )
    for name, what in (("coherent", "coherent links, 16 channels"), ("direct", "direct-detect links, 4 lanes")):
        table.add_row(
            what,
            f"{figures[f'{name}_links_per_s']:,.0f} links/s",
            f"{figures[f'{name}_lanes_per_s']:,.0f} lanes/s in a batch; one link alone "
            f"{figures[f'{name}_one_link_ms']:.2f} ms",
        )
    Console(highlight=False).print(table)

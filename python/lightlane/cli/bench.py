"""``lightlane bench``: how fast this machine evaluates, against floors measured in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from lightlane.cli.console import echo_json, progress

ROUNDS = 5
"""Each figure is the median of so many rounds."""
HELP_GOAL_S = 0.3
MIXED_GOAL_S = 2.0
"""Of 10,000 links of each kind on two cores."""
DRAWS_GOAL_S = 5.0
"""Of a million draws of one link on two cores."""
COHERENT_LINKS, DIRECT_LINKS = 500, 500


@click.command("bench")
@click.option(
    "--size",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Links of each kind in the mixed fabric.",
)
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    help="Draws of one direct-detect link.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(size: int, draws: int, as_json: bool) -> None:
    """Measure links per second and the time to first help on this machine.

    Coherent: 16 loaded channels over 80 km, every channel evaluated in both directions. Direct-detect: 400G-LR4-10 over
    8 km, every lane in both directions. The mixed fabric: as many coherent links of 1 to 6 spans with 64 channels as
    direct-detect links of 4 or 8 lanes, each of its own length, by one thread and by all. Draws: 400G-LR4-10 over 8 km.

    Floors are timed in the same run: of start-up a Python that does nothing, of the mixed fabric a copy of its columns
    and one arctangent for each pair of channels of each span, of draws their random numbers alone.
    """
    with progress() as bar:
        steps: list[Callable[[], dict[str, Any]]] = [
            _measure_help,
            _measure_coherent,
            _measure_direct,
            partial(_measure_mixed, size),
            partial(_measure_draws, draws),
        ]
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


def _measure_mixed(size: int) -> dict[str, Any]:
    from lightlane.cli.bench_fabric import measure_apart

    threads = sorted({1, os.cpu_count() or 1})
    return {"mixed": [measure_apart(size, count) for count in threads], "mixed_goal_s": MIXED_GOAL_S * size / 10_000}


def _measure_draws(count: int) -> dict[str, Any]:
    from lightlane.cli.bench_draws import measure_apart

    return {"draws": measure_apart(count), "draws_goal_s": DRAWS_GOAL_S * count / 1_000_000}


def _show_draws(table: Any, figures: dict[str, Any]) -> None:
    run = figures["draws"]
    table.add_row(
        f"{run['draws']:,} draws of one link",
        f"{run['seconds']:.2f} s",
        f"goal on 2 cores {figures['draws_goal_s']:g} s; {run['seconds'] / run['numbers_floor_s']:.0f} times its "
        f"random numbers ({run['numbers_floor_s']:.2f} s)",
    )
    more_mb = run["memory_above_fewer_draws_mb"]
    table.add_row("their memory", f"{more_mb:.1f} MB", "above that of a tenth of the draws")


def _show_mixed(table: Any, figures: dict[str, Any]) -> None:
    alone = figures["mixed"][0]
    goal = f"goal on 2 cores {figures['mixed_goal_s']:g} s"
    size = f"{alone['links']:,} links, {alone['lanes']:,} lanes; {goal}"
    for run in figures["mixed"]:
        floor_s = run["copy_floor_s"] + run["pairs_floor_s"] / run["threads"]
        gain = f"{alone['seconds'] / run['seconds']:.2f} times as fast as one thread; " if run is not alone else ""
        table.add_row(
            f"mixed fabric, {run['threads']} thread{'s' if run['threads'] > 1 else ''}",
            f"{run['seconds']:.2f} s",
            size if run is alone else f"{gain}{run['seconds'] / floor_s:.1f} times its floor ({floor_s:.2f} s)",
        )
    table.add_row(
        "its memory", f"{alone['memory_above_columns_mb']:.0f} MB", f"above the columns ({alone['columns_mb']:.0f} MB)"
    )


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
    _show_mixed(table, figures)
    _show_draws(table, figures)
    Console(highlight=False).print(table)

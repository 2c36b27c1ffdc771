"""Use the window for an hour in less than one: ``bench_gui.py --soak 60``.

An hour of use is 3,600 actions, one for each second, done as quickly as the window answers: a quarter of an hour here.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from window_under_test import Bench, opened, rss_mb, say

STEPS_PER_MINUTE = 60
WARM_SHARE = 0.1
"""Of the steps: what is loaded and cached on first use is no leak."""
TOLD_STEPS = 250


def soak(minutes: float) -> None:
    """Do one thing for each second: an edit, another link, another instant, another dock; print what has grown."""
    with opened() as bench:
        steps = round(minutes * STEPS_PER_MINUTE)
        warm = max(50, round(WARM_SHARE * steps))
        first = (0.0, 0)
        for step in range(steps):
            if step == warm:
                first = look(bench)
            act(bench, step)
            if step % TOLD_STEPS == TOLD_STEPS - 1:
                mb, threads = look(bench)
                sys.stdout.write(f"  {step + 1:5} steps: {mb:.1f} MB, {threads} threads\n")
                sys.stdout.flush()
        last = look(bench)
        say(f"soak of {steps} steps: memory grows by", f"{last[0] - first[0]:+.1f} MB from {first[0]:.0f}", "< 20 MB")
        say(f"soak of {steps} steps: threads grow by", f"{last[1] - first[1]:+d} from {first[1]}", "0")


def act(bench: Bench, step: int) -> None:
    """Do one thing that a user does, and wait for the window to answer."""
    window, session = bench.window, bench.session
    assert session.picture is not None
    kind, number = step % 4, step // 4
    if kind == 0:
        session.end_drag()
        session.set_field("conditions.connector_loss_db", 0.005 * (number % 60), "loss")
    elif kind == 1:
        links = session.picture.links
        session.select("link", links[7 * number % len(links)])
    elif kind == 2:
        session.set_time(10.0 * (number % 200))
    else:
        keys = list(window.docks)
        window.show_dock(keys[number % len(keys)])
        window.views.link.tiles.show_page(number % 3)
    bench.wait(bench.is_settled)
    bench.app.processEvents()


def look(bench: Bench) -> tuple[float, int]:
    """Return memory and threads of the window at rest."""
    bench.spin(1.0)  # a rest, as users have: what is done at rest is part of the use
    gc.collect()
    threads = []
    for _ in range(20):  # an evaluation behind the window has some of its own for as long as it takes
        bench.spin(0.05)
        threads.append(len(list(Path("/proc/self/task").iterdir())))
    return rss_mb(), min(threads)

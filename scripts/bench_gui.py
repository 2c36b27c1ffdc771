"""Measure the desktop application against its goals, without a screen.

python scripts/bench_gui.py [--only NAME ...] [--soak MINUTES]

A line for each figure with its goal. CPU milliseconds are those of the window's thread, which other programs disturb
less than a clock; seconds of a clock stand where the goal is one. The least of some turns is what the work costs, what
is above it is mostly other programs in the caches. The map's own figures are those of ``scripts/bench_gui_map.py``.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from window_under_test import Bench, opened, rss_mb, say, spread

FRAMES = 40
SLIDER_KINDS = (
    ("one link's launch power", "link.l0.launch_power_dbm"),
    ("loss of all connectors", "conditions.connector_loss_db"),
    ("all launch powers", "link.*.launch_power_dbm"),
)
BOX_DEG = (6.0, 47.0, 15.0, 55.0)


# --- start and memory: each in a process of its own -------------------------------------------------------------------


def child(what: str, *arguments: str) -> Any:
    """Run a part of this script in a process of its own and return what it found."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    # As after an install: byte code of the package is on the disk.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    found = subprocess.run(  # noqa: S603 - this very script
        [sys.executable, __file__, "--child", what, *arguments],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(found.stdout.splitlines()[-1])


def watch_map(bench: Bench, tell: Callable[[], None], version: int = 0) -> Any:
    """Call ``tell`` when the map has painted a picture that is no older than a version; keep what is returned."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watch(QObject):
        seen = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
            picture = bench.session.picture
            is_new = picture is not None and picture.version >= version
            if event.type() == QEvent.Type.Paint and is_new and not self.seen:
                self.seen = True
                QTimer.singleShot(0, tell)  # when all of this frame is painted
            return False

    watch = Watch()
    bench.window.views.map.canvas.installEventFilter(watch)
    return watch


def first_paint() -> dict[str, float]:
    """Return the CPU seconds from the start of the process to the first map of the demo fabric on display."""
    found: dict[str, float] = {}

    def tell() -> None:
        found.update(process_s=time.process_time(), window_s=time.thread_time())

    gc.disable()  # as the application does until its window is complete
    bench = Bench()
    bench.show()
    watch = watch_map(bench, tell)
    bench.wait(lambda: bool(found))
    bench.settle()
    found["all_s"] = time.process_time()
    del watch
    bench.close()
    return found


def bench_start() -> None:
    """Measure the first paint of the demo fabric."""
    runs = [child("first-paint") for _ in range(6)][1:]  # the first one writes byte code
    for key, words in (("process_s", "all threads"), ("window_s", "window's thread")):
        values = [run[key] for run in runs]
        say(f"first paint, {words}", f"least {min(values):.2f}, median {np.median(values):.2f} s CPU", "<= 1.0 s")
    say("  all docks filled, routes known", f"least {min(run['all_s'] for run in runs):.2f} s CPU", "-")


def memory(path: str = "") -> dict[str, float]:
    """Return the memory of a window that is at rest, after some edits."""
    with opened(Path(path) if path else None) as bench:
        for number in range(20):
            bench.session.set_field("conditions.connector_loss_db", 0.01 * number, "loss", key="bench")
            bench.wait(bench.is_settled)
        bench.spin(0.3)
        return {"rss_mb": rss_mb()}


def bench_memory() -> None:
    """Measure memory with the demo fabric and with 200 sites."""
    from bench_gui_map import build_fabric

    from lightlane import save_fabric

    say("memory, demo fabric", f"{child('memory')['rss_mb']:.0f} MB", "<= 250 MB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fabric.toml"
        save_fabric(build_fabric(200, 400, BOX_DEG), path)
        say("memory, 200 sites and 400 links", f"{child('memory', str(path))['rss_mb']:.0f} MB", "<= 250 MB")


# --- frames -----------------------------------------------------------------------------------------------------------


def bench_frame() -> None:
    """Show pictures of other states in all docks and paint them."""
    with opened() as bench:
        pictures: list[Any] = []
        session = bench.session
        for loss_db in (0.0, 0.1, 0.2, 0.3):
            session.set_field("conditions.connector_loss_db", loss_db, "loss", key="bench")
            bench.settle()
            pictures.append(session.picture)
        took_ms = []
        for number in range(FRAMES):
            started = time.thread_time()
            session.show(replace(pictures[number % 4], version=session.version))
            bench.app.processEvents()
            took_ms.append(1e3 * (time.thread_time() - started))
            bench.spin(0.03)
        say("frame: another picture, all docks painted", spread(took_ms), "<= 10 ms")
        took_ms = []
        for number in range(FRAMES):
            count, started = count_pictures(bench), time.thread_time()
            session.set_field("conditions.connector_loss_db", 0.01 * number, "loss", key="bench")
            bench.wait(bench.is_settled)
            bench.app.processEvents()
            took_ms.append(1e3 * (time.thread_time() - started) / max(count(), 1))
            bench.spin(0.03)
        say("frame: edit to paint, of each picture", spread(took_ms), "<= 10 ms")


def count_pictures(bench: Bench) -> Callable[[], int]:
    """Begin to count pictures; what is returned ends it and says how many came."""
    counted: list[int] = []
    kept = bench.session.picture_changed.connect(lambda: counted.append(1))

    def end() -> int:
        bench.session.picture_changed.disconnect(kept)
        return len(counted)

    return end


def bench_slider() -> None:
    """Measure from a value to its map for 500 links: processor time of the window's thread, and by the clock."""
    from bench_live import build_fabric

    from lightlane import save_fabric

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fabric.toml"
        save_fabric(build_fabric(500, 1000), path)
        with opened(path) as bench:
            for words, field in SLIDER_KINDS:
                steps = [slide(bench, field, 0.5 + 0.01 * number) for number in range(FRAMES)]
                own_ms, took_ms = ([step[place] for step in steps] for place in (0, 1))
                say(f"slider to map, 500 links: {words}", spread(own_ms), "p95 <= 50")
                say("  the same by the clock", spread(took_ms), "p95 <= 50")


def slide(bench: Bench, field: str, value: float) -> tuple[float, float]:
    """Give a field another value; return the processor time of this thread until its map is painted, and the time."""
    seen: list[tuple[float, float]] = []
    watch = watch_map(bench, lambda: seen.append((time.thread_time(), time.perf_counter())), bench.session.version + 1)
    own, started = time.thread_time(), time.perf_counter()
    bench.session.set_field(field, value, "slide", key=field)
    bench.wait(lambda: bool(seen))
    bench.window.views.map.canvas.removeEventFilter(watch)
    bench.wait(bench.is_settled)
    bench.spin(0.05)
    return 1e3 * (seen[0][0] - own), 1e3 * (seen[0][1] - started)


def bench_heartbeat() -> None:
    """Measure gaps between turns of the event loop while a kernel of a second runs in another thread."""
    from PySide6.QtCore import Qt, QTimer

    from lightlane import BudgetOptions, evaluate_links

    with opened() as bench:
        assert bench.session.picture is not None
        links = bench.session.picture.state.batch.links
        beats: list[float] = []
        timer = QTimer(interval=2, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: beats.append(time.perf_counter()))
        timer.start()
        draws_count, took_s = 500, 0.0
        while took_s < 1.0:
            beats.clear()
            started = time.perf_counter()
            options = BudgetOptions(draws_count=draws_count)
            thread = threading.Thread(target=evaluate_links, args=(links,), kwargs={"options": options})
            thread.start()
            bench.wait(lambda: not thread.is_alive())  # noqa: B023 - waited for here
            took_s = time.perf_counter() - started
            draws_count *= 2
        gaps_ms = (1e3 * np.diff(beats)).tolist()
        say(f"event loop beside a kernel of {took_s:.1f} s: gap", spread(gaps_ms), "p95 <= 50")


def bench_cancel() -> None:
    """Measure from the wish to end a run to its end, by the clock."""
    from lightlane_gui.batch.child import RunRequest
    from lightlane_gui.batch.setups import build_scenario

    with opened() as bench, tempfile.TemporaryDirectory() as folder:
        document, jobs = bench.session.document, bench.window.views.jobs
        assert document is not None
        scenario = build_scenario(bench.session.form, draws_count=20_000, shown_variant_only=True)
        took_ms = []
        for turn in range(5):
            place = Path(folder) / f"run-{turn}"
            number = jobs.start(RunRequest("bench", scenario, document.fabric, document.catalog, place))
            bench.wait(lambda: jobs.find(number).total_count > 0)  # noqa: B023 - waited for here
            bench.spin(0.2)
            started = time.perf_counter()
            jobs.cancel(number)
            bench.wait(lambda: jobs.find(number).is_over)  # noqa: B023 - waited for here
            took_ms.append(1e3 * (time.perf_counter() - started))
            assert jobs.find(number).state == "cancelled", jobs.find(number)
        say("cancel of a run", spread(took_ms), "<= 200 ms")


# --- tables and pictures ----------------------------------------------------------------------------------------------


def bench_table() -> None:
    """Sort a hundred thousand rows."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from lightlane_gui.tables.column_table import ColumnSpec, ColumnTable, TextColumn
    from lightlane_gui.tables.table_page import TablePage
    from lightlane_gui.theme import DARK, apply_theme

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    apply_theme(app, DARK)
    count, rng = 100_000, np.random.default_rng(1)
    names = [f"site{number % 997} - site{number}" for number in rng.permutation(count).tolist()]
    specs = (
        ColumnSpec("name", "Name", "text", is_searched=True), ColumnSpec("limited_by", "Limited by", "text"),
        ColumnSpec("margin_db", "Margin", is_live=True),
    )  # fmt: skip
    words = TextColumn([f"reason {number}" for number in rng.integers(0, 9, count).tolist()])
    columns = {"name": TextColumn(names), "limited_by": words, "margin_db": rng.normal(3.0, 2.0, count)}
    page = TablePage("Links", "filter", DARK)
    page.resize(700, 400)
    page.show()
    page.set_table(ColumnTable(specs, columns, names), stale=False, selected=names[5])
    app.processEvents()
    for column, label in ((2, "numbers"), (1, "words that repeat"), (0, "names, all different")):
        took_ms = []
        for turn in range(10):
            order = Qt.SortOrder.AscendingOrder if turn % 2 else Qt.SortOrder.DescendingOrder
            started = time.thread_time()
            page.view.sortByColumn(column, order)
            app.processEvents()
            took_ms.append(1e3 * (time.thread_time() - started))
        say(f"table of 1e5 rows sorts: {label}", f"{spread(took_ms)}, first {took_ms[0]:.0f}", "<= 60 ms")
    page.close()


def bench_pictures() -> None:
    """Paint constellation and eye that the core counted: shaded, handed over and painted in the window's thread."""
    from PySide6.QtWidgets import QApplication

    from lightlane import Persistence
    from lightlane_gui.charts import Chart
    from lightlane_gui.charts.palettes import palette
    from lightlane_gui.session.session import Session
    from lightlane_gui.theme import DARK

    app = QApplication.instance() or QApplication([])
    session, rng = Session(), np.random.default_rng(1)
    constellation = Persistence(176, 176, x_range=(-2.0, 2.0), y_range=(-2.0, 2.0))
    constellation.add_points(*rng.normal(0.0, 0.5, size=(2, 100_000)))
    eye = Persistence(256, 176, x_range=(0.0, 2.0), y_range=(-1.0, 4.0))
    eye.add_traces(rng.integers(0, 4, 2**12).repeat(16).astype(float), 16)
    charts = []
    for title, screen, size, bounds in (
        ("Constellation", constellation, (176, 176), (-2.0, 2.0, -2.0, 2.0)),
        ("Eye", eye, (176, 256), (0.0, 2.0, -1.0, 4.0)),
    ):
        chart = Chart(session, title, "time_us", "phase_rad")
        chart.resize(300, 260)
        chart.show()
        charts.append((chart, screen, np.empty(size, np.uint32), bounds))
    app.processEvents()
    took_ms = []
    for _ in range(FRAMES):
        started = time.thread_time()
        for chart, screen, out, bounds in charts:
            screen.shade(palette(DARK.density), out)
            chart.set_image("density", out, bounds)
        app.processEvents()
        took_ms.append(1e3 * (time.thread_time() - started))
    say("constellation of 1e5 symbols, eye of 2^16", spread(took_ms[2:]), "<= 3 ms")


PARTS: dict[str, Callable[[], None]] = {
    "start": bench_start,
    "memory": bench_memory,
    "frame": bench_frame,
    "slider": bench_slider,
    "heartbeat": bench_heartbeat,
    "cancel": bench_cancel,
    "table": bench_table,
    "pictures": bench_pictures,
}


def main() -> None:
    """Measure what was asked for; everything but the soak without being asked."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=sorted(PARTS), default=list(PARTS))
    parser.add_argument(
        "--soak", type=float, metavar="MINUTES", help="only this: one thing done a second, at full speed"
    )
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        what, *rest = arguments.child
        found = first_paint() if what == "first-paint" else memory(*rest)
        sys.stdout.write(json.dumps(found) + "\n")
    elif arguments.soak:
        from soak_gui import soak

        soak(arguments.soak)
    else:
        for name in arguments.only:
            PARTS[name]()


if __name__ == "__main__":
    main()

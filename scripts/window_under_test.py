"""A window to measure: opened as a user does, waited for without a busy loop. For the benches of the application."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

SIZE_PX = (1680, 1000)


def say(what: str, found: str, goal: str) -> None:
    """Print a figure."""
    load = os.getloadavg()[0]
    sys.stdout.write(f"{what:<44} {found:<46} goal {goal:<12} load {load:.1f}\n")
    sys.stdout.flush()


def spread(took_ms: list[float]) -> str:
    """Say the least, the median and the 95th percentile."""
    least, median, high = np.percentile(took_ms, [0, 50, 95])
    return f"least {least:.1f}, median {median:.1f}, p95 {high:.1f} ms"


def rss_mb() -> float:
    """Return the memory of this process that is in use, in 1e6 bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Bench:
    """A window as the user has it, and means to wait for it."""

    def __init__(self) -> None:
        from lightlane_gui import load_core

        load_core()  # as the application does
        from PySide6.QtWidgets import QApplication

        from lightlane_gui.app import open_window, watch_errors
        from lightlane_gui.session.settings import Settings

        self.app = QApplication.instance() or QApplication([])
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.workbench, self.window = open_window(self.app, Settings(folder / "settings.ini"), autosave_folder=folder)  # type: ignore[arg-type]
        self.session = self.window.session
        watch_errors(self.session)

    def show(self, path: Path | None = None) -> None:
        """Show the window on the demo fabric, or another."""
        from lightlane_gui.app import begin

        self.window.resize(*SIZE_PX)
        self.window.show()
        begin(self.window, path)

    def select_first_link(self) -> None:
        """Select a link, so that its view has something to show."""
        assert self.session.picture is not None
        self.session.select("link", self.session.picture.links[0])
        self.settle()

    def wait(self, holds: Callable[[], bool], timeout_s: float = 120.0) -> None:
        """Let the window live until something holds; without a busy loop, which would take time from the workers.

        Raises
        ------
        TimeoutError
            If it does not come to hold.
        """
        from PySide6.QtCore import QEventLoop, QTimer

        alarm = QTimer(interval=20)
        alarm.start()
        end = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError("the window did not come to what is measured")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def spin(self, seconds: float) -> None:
        """Let the window live for a while."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def is_settled(self) -> bool:
        """Whether demands and margins on display are of the parameters as they are."""
        picture = self.session.picture
        return picture is not None and not self.session.is_stale and picture.routed

    def settle(self) -> None:
        """Wait until everything is on display and painted."""
        self.wait(self.is_settled)
        self.spin(0.3)

    def close(self) -> None:
        """End window and threads."""
        self.session.undo_stack.setClean()
        self.window.close()
        self.workbench.close()
        self._folder.cleanup()


@contextmanager
def opened(path: Path | None = None) -> Iterator[Bench]:
    """Have a window that is at rest, with all docks and a link in its view."""
    bench = Bench()
    bench.show(path)
    bench.settle()
    bench.select_first_link()
    try:
        yield bench
    finally:
        bench.close()

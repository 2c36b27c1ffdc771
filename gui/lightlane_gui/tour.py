"""A scripted tour of the window that takes a picture of every view: ``python -m lightlane_gui.tour FOLDER``.

Meant for a virtual display; ``make screenshots`` runs it there. It does what a user does, by the actions of the window.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from lightlane_gui.app import open_window
from lightlane_gui.batch.child import RunRequest
from lightlane_gui.batch.setups import build_scenario
from lightlane_gui.session.document import BASE
from lightlane_gui.session.settings import Settings
from lightlane_gui.theme import THEMES
from lightlane_gui.window.main_window import MainWindow
from lightlane_gui.window.menus import set_theme
from lightlane_gui.workbench import Workbench

SIZES_PX = ((1440, 900), (2560, 1440))
SIGNAL_PAGE = 3
"""Of the link view, where pages are behind tabs."""
SETTLE_S = 0.4
"""For animations and queued paints to end."""

BROKEN = """format = 1
name = "broken"

[[site]]
name = "A"
role = "kore"
latitude_deg = 99.0
longitude_deg = 8.0

[[duct]]
name = "d"
a = "A"
b = "B"
length_km = -3
fiber = "g652d"
"""
"""A fabric with several mistakes."""


class Tour:
    """The window, and what is done with it.

    Parameters
    ----------
    folder
        Where the pictures go.
    """

    def __init__(self, app: QApplication, window: MainWindow, folder: Path) -> None:
        self._app, self._window, self._folder = app, window, folder
        self._session = window.session

    def spin(self, seconds: float = SETTLE_S) -> None:
        """Let the window live for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)

    def wait(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Let the window live until something holds.

        Raises
        ------
        TimeoutError
            If it does not come to hold.
        """
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the window did not come to the point of the tour")
            self.spin(0.02)

    def settle(self) -> None:
        """Wait for the picture of the parameters on screen."""
        self.wait(lambda: not self._session.is_stale and self._picture_is_routed())
        self.spin()

    def _picture_is_routed(self) -> bool:
        picture = self._session.picture
        return picture is not None and picture.routed

    def _is_simulated(self) -> bool:
        desk = self._window.workbench.link_desk
        return desk.running is None and desk.waveform is not None and not desk.is_waveform_stale

    def run(self) -> Iterator[str]:
        """Go from view to view; yield the name of each when it is to be taken."""
        window, session = self._window, self._session
        book = window.actions_book
        window.files.open_demo()
        self.wait(lambda: all(map(window.views.is_made, window.docks)))
        self.settle()
        yield "01-first-start"
        window.first_steps.hide()
        book["next-worst"].trigger()
        self.settle()
        yield "02-worst-link"
        window.session.set_field("conditions.connector_loss_db", 0.15, "Connector loss")
        self.settle()
        yield "03-what-if"
        book["compare"].trigger()
        self.wait(lambda: session.reference is not None)
        self.settle()
        yield "04-compare"
        book["compare"].trigger()
        session.set_time(410.0)
        self.settle()
        yield "05-cut-on-the-timeline"
        session.set_time(2190.0)
        window.show_dock("problems")
        self.settle()
        yield "06-problems"
        book["palette"].trigger()
        self.spin()
        yield "07-palette"
        self._close_popups()
        book["shortcuts"].trigger()
        self.spin()
        yield "08-shortcuts"
        self._close_popups()
        yield from self._links()
        yield from self._batch()
        yield from self._errors()

    def _links(self) -> Iterator[str]:
        window, session = self._window, self._session
        window.actions_book["layout-link"].trigger()
        window.views.link.tiles.show_page(SIGNAL_PAGE)
        for name, kind in (("09-coherent-link", "coherent"), ("10-direct-link", "direct")):
            assert session.picture is not None
            links = [link for link in session.picture.state.batch.links if link.mode.detection == kind]
            session.select("link", min(links, key=lambda link: link.length_km).name)
            self.settle()
            self.wait(self._is_simulated, 120.0)
            self.settle()
            yield name

    def _batch(self) -> Iterator[str]:
        window = self._window
        window.actions_book["layout-batch"].trigger()
        with tempfile.TemporaryDirectory() as folder:
            document, form = window.session.document, window.session.form
            assert document is not None
            scenario = build_scenario(form.show(BASE), draws_count=40, shown_variant_only=True)
            request = RunRequest("40 draws", scenario, document.fabric, document.catalog, Path(folder) / "draws")
            window.views.jobs.start(request)
            self.wait(lambda: all(job.is_over for job in window.views.jobs.jobs), 300.0)
            window.views.batch.open_folder(request.folder)
            self.spin(3.0)
            yield "11-batch"
        window.actions_book["layout-monitor"].trigger()

    def _errors(self) -> Iterator[str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "broken.toml"
            path.write_text(BROKEN)
            self._session.undo_stack.setClean()
            self._window.files.open(path)
            self.spin()
            yield "12-bad-file"
            self._window.banner.hide()

    def _close_popups(self) -> None:
        for widget in self._app.topLevelWidgets():
            if widget is not self._window and widget.isVisible():
                widget.close()
        self.spin(0.1)

    def take(self, name: str) -> None:
        """Take a picture of the screen where the window is."""
        self.spin(0.1)
        screen = self._window.screen()
        box = self._window.frameGeometry()
        picture = screen.grabWindow(0, box.x(), box.y(), box.width(), box.height())
        path = self._folder / f"{name}.png"
        picture.save(str(path))
        print(path, file=sys.stderr)  # noqa: T201 - progress of a script


def main() -> int:
    """Take the tour in every theme and size; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lightlane_gui.tour", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", choices=sorted(THEMES), action="append")
    parser.add_argument("--only", help="beginning of the names of the pictures to take")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    # Closed, not taken apart: in which order Python would do that nobody can say.
    kept: list[tuple[Workbench, MainWindow]] = []
    for theme in given.theme or list(THEMES):
        for width_px, height_px in SIZES_PX:
            with tempfile.TemporaryDirectory() as folder:
                settings = Settings(Path(folder) / "settings.ini")
                settings.theme = theme
                workbench, window = open_window(app, settings, autosave_folder=Path(folder))
                window.resize(width_px, height_px)
                window.move(0, 0)
                window.show()
                set_theme(window, theme)
                tour = Tour(app, window, given.folder)
                for name in tour.run():
                    if given.only is None or name.startswith(given.only):
                        tour.take(f"{name}-{theme}-{width_px}")
                window.session.undo_stack.setClean()
                window.close()
                workbench.close()
                tour.spin()
                kept.append((workbench, window))
    return 0


if __name__ == "__main__":
    sys.exit(main())

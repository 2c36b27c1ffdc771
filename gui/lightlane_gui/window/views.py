"""The views of the window, wired to the session alone; each is made, and its libraries loaded, when first wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from lightlane_gui.batch.jobs import JobManager
from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.view import MapView
from lightlane_gui.problems.panel import ProblemsPanel
from lightlane_gui.workbench import Workbench

if TYPE_CHECKING:
    from lightlane_gui.batch.batch_panel import BatchPanel
    from lightlane_gui.link_view.view import LinkView
    from lightlane_gui.tables.browser import FabricBrowser
    from lightlane_gui.timeline.timeline_panel import TimelinePanel
    from lightlane_gui.what_if.panel import WhatIfPanel

DOCK_TITLES = {
    "what-if": "What-if",
    "fabric": "Fabric",
    "link": "Link",
    "timeline": "Timeline",
    "batch": "Batch runs",
    "problems": "Problems and log",
}


class Views(QObject):
    """What the window is made of, and the runs that it started.

    The maps are there at once, and the problems, whose log misses no line. All others catch up with the session.
    """

    made = Signal(str, object)
    """Key of a dock, and its view, which was not there before."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        session, camera = workbench.session, MapCamera()
        self._workbench = workbench
        self._made: dict[str, QWidget] = {}
        self.jobs = JobManager()
        self.map = MapView(session, camera=camera)
        self.reference_map = MapView(session, which="reference", camera=camera)
        self.problems = ProblemsPanel(session)
        self._made["problems"] = self.problems

    def docked(self, key: str) -> QWidget:
        """Return the view of a dock; it is made if it is not there yet."""
        if key not in self._made:
            self._made[key] = _MAKERS[key](self._workbench, self)
            self.made.emit(key, self._made[key])
        return self._made[key]

    def is_made(self, key: str) -> bool:
        """Return whether the view of a dock is there."""
        return key in self._made

    @property
    def what_if(self) -> WhatIfPanel:
        """Parameters and variants."""
        return cast("WhatIfPanel", self.docked("what-if"))

    @property
    def fabric(self) -> FabricBrowser:
        """Tables."""
        return cast("FabricBrowser", self.docked("fabric"))

    @property
    def link(self) -> LinkView:
        """The selected link."""
        return cast("LinkView", self.docked("link"))

    @property
    def timeline(self) -> TimelinePanel:
        """Events and time."""
        return cast("TimelinePanel", self.docked("timeline"))

    @property
    def batch(self) -> BatchPanel:
        """Runs and their results."""
        return cast("BatchPanel", self.docked("batch"))

    def close(self) -> None:
        """End the threads and processes of the views."""
        if self.is_made("timeline"):
            self.timeline.close_workers()
        if self.is_made("batch"):
            self.batch.close_workers()
        if self.is_made("what-if"):
            self.what_if.close_threads()
        self.jobs.close()


def _make_what_if(workbench: Workbench, _views: Views) -> QWidget:
    from lightlane_gui.what_if.panel import WhatIfPanel

    return WhatIfPanel(workbench.session)


def _make_fabric(workbench: Workbench, _views: Views) -> QWidget:
    from lightlane_gui.tables.browser import FabricBrowser

    return FabricBrowser(workbench.session)


def _make_link(workbench: Workbench, _views: Views) -> QWidget:
    from lightlane_gui.link_view.view import LinkView

    return LinkView(workbench.session, workbench.link_desk)


def _make_timeline(workbench: Workbench, _views: Views) -> QWidget:
    from lightlane_gui.timeline.timeline_panel import TimelinePanel

    return TimelinePanel(workbench.session)


def _make_batch(workbench: Workbench, views: Views) -> QWidget:
    from lightlane_gui.batch.batch_panel import BatchPanel

    return BatchPanel(workbench.session, views.jobs)


_MAKERS: dict[str, Callable[[Workbench, Views], QWidget]] = {
    "what-if": _make_what_if,
    "fabric": _make_fabric,
    "link": _make_link,
    "timeline": _make_timeline,
    "batch": _make_batch,
}

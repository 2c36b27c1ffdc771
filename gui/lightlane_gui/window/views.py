"""The views of the window, made once and wired to the session alone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from lightlane_gui.batch.batch_panel import BatchPanel
from lightlane_gui.batch.jobs import JobManager
from lightlane_gui.link_view.view import LinkView
from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.view import MapView
from lightlane_gui.problems.panel import ProblemsPanel
from lightlane_gui.tables.browser import FabricBrowser
from lightlane_gui.timeline.timeline_panel import TimelinePanel
from lightlane_gui.what_if.panel import WhatIfPanel
from lightlane_gui.workbench import Workbench

DOCK_TITLES = {
    "what-if": "What-if",
    "fabric": "Fabric",
    "link": "Link",
    "timeline": "Timeline",
    "batch": "Batch runs",
    "problems": "Problems and log",
}


@dataclass(frozen=True, slots=True)
class Views:
    """What the window is made of, and the runs that it started."""

    map: MapView
    reference_map: MapView
    what_if: WhatIfPanel
    fabric: FabricBrowser
    link: LinkView
    timeline: TimelinePanel
    batch: BatchPanel
    problems: ProblemsPanel
    jobs: JobManager

    def docked(self) -> dict[str, QWidget]:
        """Return the views that stand in docks, by the key of the dock."""
        return {
            "what-if": self.what_if,
            "fabric": self.fabric,
            "link": self.link,
            "timeline": self.timeline,
            "batch": self.batch,
            "problems": self.problems,
        }

    def close(self) -> None:
        """End the threads and processes of the views."""
        self.timeline.close_workers()
        self.batch.close_workers()
        self.what_if.close_threads()
        self.jobs.close()


def build_views(workbench: Workbench) -> Views:
    """Make every view."""
    session = workbench.session
    camera, jobs = MapCamera(), JobManager()
    return Views(
        map=MapView(session, camera=camera),
        reference_map=MapView(session, which="reference", camera=camera),
        what_if=WhatIfPanel(session),
        fabric=FabricBrowser(session),
        link=LinkView(session, workbench.link_desk),
        timeline=TimelinePanel(session),
        batch=BatchPanel(session, jobs),
        problems=ProblemsPanel(session),
        jobs=jobs,
    )

"""The views of the window, made once and wired to the session alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from lightlane_gui.map.camera import MapCamera
from lightlane_gui.map.view import MapView
from lightlane_gui.tables.browser import FabricBrowser
from lightlane_gui.timeline.timeline_panel import TimelinePanel
from lightlane_gui.workbench import Workbench

DOCK_TITLES = {
    "what-if": "What-if",
    "fabric": "Fabric",
    "link": "Link",
    "timeline": "Timeline",
    "batch": "Batch runs",
    "problems": "Problems and log",
}

class Stub(QLabel):
    def __getattr__(self, name): return lambda *a, **k: []

@dataclass(frozen=True, slots=True)
class Views:
    """What the window is made of."""

    map: MapView
    reference_map: MapView
    what_if: Any
    fabric: FabricBrowser
    link: Any
    timeline: TimelinePanel
    batch: Any
    problems: Any

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


def build_views(workbench: Workbench) -> Views:
    """Make every view."""
    session = workbench.session
    camera = MapCamera()
    return Views(
        map=MapView(session, camera=camera),
        reference_map=MapView(session, which="reference", camera=camera),
        what_if=Stub("what if"),
        fabric=FabricBrowser(session),
        link=Stub("link"),
        timeline=TimelinePanel(session),
        batch=Stub("batch"),
        problems=Stub("problems"),
    )

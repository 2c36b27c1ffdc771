"""What the mouse lets happen on the map, as events of the scenario at the instant on display."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject

from lightlane import FormatError
from lightlane_gui.session.session import Session
from lightlane_gui.timeline.injecting import inject_event
from lightlane_gui.timeline.timeline_panel import TimelinePanel


class Happenings(QObject):
    """Turns what a map asks for into events; what does not fit is told in the log."""

    def __init__(self, session: Session, timeline: TimelinePanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._timeline = session, timeline

    def cut(self, kind: str, name: str) -> None:
        """Cut a duct; of a link over several ducts the user is asked which."""
        ducts = [name]
        if kind == "link":
            picture = self._session.picture
            records = () if picture is None else picture.state.fabric.link
            ducts = [duct for link in records if link.name == name for duct in link.ducts]
        if len(ducts) == 1:
            self.inject({"kind": "fiber_cut", "duct": ducts[0]})
        elif ducts:
            self._timeline.ask_event("fiber_cut", duct=ducts[0])

    def inject(self, event: Mapping[str, Any]) -> None:
        """Let an event happen."""
        try:
            inject_event(self._session, event)
        except FormatError as error:
            for problem in error.problems:
                self._session.notice(str(problem), "error")

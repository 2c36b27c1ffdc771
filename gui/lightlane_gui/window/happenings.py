"""What the mouse lets happen on the map, as events of the scenario at the instant on display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject

from lightlane import FormatError
from lightlane_gui.session.session import Session


class Happenings(QObject):
    """Turns what a map asks for into events; what does not fit is told in the log.

    Parameters
    ----------
    ask_event
        Called with a kind of event and fields of it, to ask the user for the rest.
    """

    def __init__(self, session: Session, ask_event: Callable[..., object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._ask_event = session, ask_event

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
            self._ask_event("fiber_cut", duct=ducts[0])

    def inject(self, event: Mapping[str, Any]) -> None:
        """Let an event happen."""
        from lightlane_gui.timeline.injecting import inject_event

        try:
            inject_event(self._session, event)
        except FormatError as error:
            for problem in error.problems:
                self._session.notice(str(problem), "error")

"""What stands behind the window: session, mailbox and workers, wired together."""

from __future__ import annotations

import traceback
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from lightlane import LightlaneError
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.session import Session
from lightlane_gui.theme import DARK, Theme
from lightlane_gui.workers.fabric_worker import FabricRequest, FabricWorker, Failure, ProblemList
from lightlane_gui.workers.link_desk import LinkDesk
from lightlane_gui.workers.mailbox import Mailbox


class Workbench(QObject):
    """Owns the session and the workers: edits become requests, what workers post becomes pictures."""

    def __init__(self, theme: Theme = DARK, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = Session(theme, self)
        self.mailbox = Mailbox(self)
        self.fabric_worker = FabricWorker(self.mailbox)
        self.link_desk = LinkDesk(self.session, self.mailbox)
        self.session.edited.connect(self._ask_fabric)
        # Queued even where a test posts from the window's own thread: a post never runs views inside a worker's call.
        self.mailbox.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        # When all that follows from what was taken is painted.
        self._shown = QTimer(self, singleShot=True, interval=0)
        self._shown.timeout.connect(self.mailbox.note_shown)

    def close(self) -> None:
        """End all threads."""
        self.fabric_worker.close()
        self.link_desk.close()

    def _ask_fabric(self) -> None:
        session = self.session
        if session.document is not None:
            self.fabric_worker.submit(
                FabricRequest(
                    session.version, session.document, session.form, session.time_days, session.reference_variant
                )
            )

    def _take(self) -> None:
        for key, value in self.mailbox.take().items():
            self._deliver(key, value)
        self._shown.start()

    def _deliver(self, key: str, value: Any) -> None:
        if key == "fabric" and isinstance(value, FabricPicture):
            self.session.show(value)
        elif key == "reference" and isinstance(value, FabricPicture):
            self.session.show_reference(value)
        elif key in LinkDesk.KEYS:
            self.link_desk.deliver(key, value)
        elif isinstance(value, ProblemList):
            self.session.show_problems(value.version, value.problems)
        elif isinstance(value, Failure):
            self._report(value.error)

    def _report(self, error: Exception) -> None:
        if isinstance(error, LightlaneError):
            self.session.notice(str(error), "error")
        else:
            text = "".join(traceback.format_exception(error))
            self.session.notice(f"This should not happen; please report it.\n{text}", "error")

"""What is on the desk: the link that is looked at, what workers found of it, and the simulation of its lane."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from lightlane_gui.session.link_rows import LinkRows
from lightlane_gui.session.picture import FabricPicture
from lightlane_gui.session.session import Session
from lightlane_gui.workers.lane_worker import ROUNDS, LaneKey, LaneRequest, LaneShot, LaneWorker
from lightlane_gui.workers.link_worker import LinkRequest, LinkShot, LinkWorker
from lightlane_gui.workers.mailbox import Mailbox

SETTLE_MS = 350
"""A simulation waits so long for the next change: during a drag none begins."""

BEHIND_MS = 100
"""What is shown may be of earlier parameters so long before it is marked: marks that come and go with each step of a
drag would flicker, and nobody reads a number within a tenth of a second."""


class LinkDesk(QObject):
    """Follows the session's selection and pictures; asks workers, keeps their latest answers."""

    KEYS = frozenset({"link", "lane", "lane_done"})
    """Of what workers post for it."""
    link_changed = Signal()
    """Another link or lane, or another state of it; ``shot`` may follow later."""
    shot_changed = Signal()
    stale_changed = Signal()
    """``is_stale`` changed: whether what is shown is of other parameters than these."""
    waveform_changed = Signal()
    """A round came, a run began or ended."""

    def __init__(self, session: Session, mailbox: Mailbox) -> None:
        super().__init__(session)
        self.session = session
        self.link_worker, self.lane_worker = LinkWorker(mailbox), LaneWorker(mailbox)
        self._known: FabricPicture | None = None
        self.rows: LinkRows | None = None
        self.row = -1
        self.shot: LinkShot | None = None
        self.waveform: LaneShot | None = None
        self.running: LaneKey | None = None
        self._number = 0
        self.has_failed = False
        self._given_up: LaneKey | None = None
        self.rounds = ROUNDS
        self._watchers: set[str] = set()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.run)
        self.is_stale = False
        self._behind = QTimer(self)
        self._behind.setSingleShot(True)
        self._behind.setInterval(BEHIND_MS)
        self._behind.timeout.connect(self._judge_stale)
        session.edited.connect(self._fall_behind)
        session.picture_changed.connect(self._follow)
        for signal in (session.selection_changed, session.reference_changed):
            signal.connect(self._ask)
        session.document_opened.connect(self._forget)

    def close(self) -> None:
        """End both threads."""
        self._settle.stop()
        self.link_worker.close()
        self.lane_worker.close()

    def deliver(self, key: str, value: Any) -> None:
        """Take what a worker posted."""
        if key == "link" and isinstance(value, LinkShot):
            # One of another link came too late.
            if self.rows is not None and value.link.name == self.rows.link.name:
                self.shot = value
                self.shot_changed.emit()
                self._consider_run()
        elif key == "lane" and isinstance(value, LaneShot):
            if self.running is not None and value.number == self._number:
                self.waveform = value
                self.waveform_changed.emit()
        elif key == "lane_done" and self.running is not None and value == self._number:
            # Every run that ends by itself has posted something, unless it broke.
            self.has_failed = self.waveform is None or self.waveform.number != self._number
            self.running = None
            self.waveform_changed.emit()

    # --- what is looked at ------------------------------------------------------------------------------------------

    @property
    def key(self) -> LaneKey | None:
        """Of the simulation that would show the lane as it is now; None: not known yet."""
        shot = self.shot
        if shot is None or self.rows is None:
            return None
        lane = shot.lane
        return LaneKey(shot.link, shot.state.options, lane.direction, lane.channel_index, lane.lane)

    @property
    def is_waveform_stale(self) -> bool:
        """Whether the simulated lane is not the one that is looked at, as it is now."""
        return self.waveform is not None and (self.is_stale or self.waveform.key != self.key)

    def _fall_behind(self) -> None:
        if not self.is_stale and not self._behind.isActive():
            self._behind.start()

    def _follow(self) -> None:
        picture, known = self.session.picture, self._known
        # That demands have come changes no link.
        if picture is None or known is None or not picture.is_alike(known):
            self._ask()
        self._catch_up()

    def _catch_up(self) -> None:
        if not self.session.is_stale:
            self._behind.stop()
            self._set_stale(is_stale=False)

    def _judge_stale(self) -> None:
        self._set_stale(is_stale=self.session.is_stale)

    def _set_stale(self, *, is_stale: bool) -> None:
        if is_stale != self.is_stale:
            self.is_stale = is_stale
            self.stale_changed.emit()

    def _ask(self) -> None:
        session, picture = self.session, self.session.picture
        self._known = picture
        rows = LinkRows.find(picture, session.selection.link)
        is_other = rows is None or self.rows is None or rows.link.name != self.rows.link.name
        self.rows = rows
        self.row = -1 if rows is None else rows.choose(session.selection)
        if is_other:
            self.shot, self.has_failed = None, False
            self._end_run()
            self.waveform = None
        self.link_changed.emit()
        if rows is None or picture is None:
            return
        reference = session.reference
        other = None if reference is None else LinkRows.find(reference, rows.link.name)
        self.link_worker.submit(
            LinkRequest(
                picture.version,
                picture.state,
                rows.link,
                self.row,
                rows.opposite(self.row),
                None if other is None or reference is None else reference.state,
                -1 if other is None else other.find_row(*rows.address(self.row), other.deciding),
            )
        )

    def _forget(self) -> None:
        self._end_run()
        self.rows, self.row, self.shot, self.waveform = None, -1, None, None
        self.link_changed.emit()

    # --- simulation -------------------------------------------------------------------------------------------------

    @property
    def is_waiting(self) -> bool:
        """Whether a simulation will begin unless something changes."""
        return self._settle.isActive()

    @property
    def was_cancelled(self) -> bool:
        """Whether the user gave the simulation of this lane up: it does not begin again unasked."""
        return self._given_up is not None and self._given_up == self.key

    def watch(self, watcher: str, is_seen: bool) -> None:
        """Tell whether a view of the waveform is on the screen: only then it is simulated unasked."""
        before = bool(self._watchers)
        (self._watchers.add if is_seen else self._watchers.discard)(watcher)
        if self._watchers and not before:
            self._consider_run()
        elif not self._watchers:
            self._settle.stop()

    def _consider_run(self) -> None:
        key = self.key
        if key is None or not self._watchers:
            return
        if key in (self.running, self._given_up) or (
            self.running is None and self.waveform is not None and key == self.waveform.key
        ):
            self._settle.stop()
            return
        self._end_run()
        self._settle.start()

    def run(self) -> None:
        """Simulate the lane as it is now, from the first round."""
        shot, key = self.shot, self.key
        if shot is None or key is None:
            return
        self._settle.stop()
        self.running, self._given_up, self.has_failed = key, None, False
        self._number += 1
        self.lane_worker.submit(LaneRequest(key, shot.lane, shot.state.wanted_margin_db, self.rounds, self._number))
        self.waveform_changed.emit()

    def cancel(self) -> None:
        """Give the simulation up; what has come of it stays."""
        if self.running is not None or self._settle.isActive():
            self._settle.stop()
            self._end_run()
            self._given_up = self.key
            self.waveform_changed.emit()

    def _end_run(self) -> None:
        if self.running is not None:
            self.lane_worker.cancel()
            self.running = None
            self.waveform_changed.emit()

"""The worker that looks into one link: what its margin is made of, and what it is along its path."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lightlane import LaneResult, LightlaneError, LiveState, Task
from lightlane.toolkit import ComposedLink, PathProfile, follow_path
from lightlane_gui.workers.fabric_worker import SHOWN_S, Failure
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A lane to look into: its row in a state, that of the other direction, and its row in what is compared with."""

    version: int
    state: LiveState
    link: ComposedLink
    row: int
    opposite_row: int
    reference: LiveState | None = None
    reference_row: int = -1


@dataclass(frozen=True, slots=True)
class LinkShot:
    """What was found.

    Attributes
    ----------
    lane, opposite
        The lane with its contributions, and the same lane of the other direction.
    reference
        The lane in the variant that is compared with.
    paths
        Along both directions, the lane's own first; empty where a link is out of service.
    reference_path
        Of the lane in what is compared with.
    why_no_path
        In words.
    """

    version: int
    state: LiveState
    link: ComposedLink
    lane: LaneResult
    opposite: LaneResult
    reference: LaneResult | None
    paths: tuple[PathProfile, ...]
    reference_path: PathProfile | None
    why_no_path: str


class LinkWorker:
    """Looks into the latest link that was asked for; posts ``link``."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._worker: LatestWorker[LinkRequest] = LatestWorker("link", self._look, self._fail)

    def submit(self, request: LinkRequest) -> None:
        """Ask for a link."""
        self._worker.submit(request)

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until the latest request is answered; return whether it is."""
        return self._worker.wait(timeout_s)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _look(self, request: LinkRequest, task: Task) -> None:
        # It would take the interpreter from the window just when it paints the map.
        self._mailbox.wait_shown(SHOWN_S)
        batch = request.state.batch
        lane = batch.lane_result(request.row)
        opposite = batch.lane_result(request.opposite_row)
        reference = None if request.reference is None else request.reference.batch.lane_result(request.reference_row)
        paths: tuple[PathProfile, ...] = ()
        reference_path, why = None, ""
        try:
            paths = tuple(
                follow_path(request.link, item, options=request.state.options)
                for item in (lane, opposite)
                if _has_light(item)
            )
            if request.reference is not None and reference is not None and _has_light(reference):
                _, link = request.reference.find_link(request.link.name)
                reference_path = follow_path(link, reference, options=request.reference.options)
        except LightlaneError as error:
            why = str(error)
        if not paths and not why:
            why = lane.blocked_by
        self._mailbox.post(
            "link",
            LinkShot(
                request.version, request.state, request.link, lane, opposite, reference, paths, reference_path, why
            ),
        )

    def _fail(self, request: LinkRequest, error: Exception) -> None:
        self._mailbox.post("failure", Failure(request.version, error))


def _has_light(lane: LaneResult) -> bool:
    """Return whether light arrives: where a direction is cut, levels would be those of another state."""
    return lane.status != "down" or not math.isnan(lane.received_power_dbm)

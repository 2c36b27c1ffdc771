"""Reading results folders beside the window, while runs add to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lightlane import ResultsFolder, Task, open_results
from lightlane.toolkit import (
    DrawnHistory,
    History,
    PointMargins,
    RecordedScenario,
    StateList,
    list_states,
    read_drawn_history,
    read_drawn_margins,
    read_history,
    read_point_margins,
    recall_scenario,
)
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox

View = Literal["histogram", "scatter", "heat", "fan", "survival"]
VIEWS: dict[View, tuple[str, str]] = {
    "histogram": ("Histogram", "How margins spread over draws, or over links where there are no draws"),
    "scatter": ("Margin by value", "Margin at each value of the sweep"),
    "heat": ("Heat map", "Margin of every link at every point of the sweep, or at every step"),
    "fan": ("Fan", "Quantiles of the margin over time"),
    "survival": ("Survival", "Share of draws in which a link has lasted so far"),
}


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What is wanted of a folder.

    Attributes
    ----------
    link
        Empty: the worst of all.
    """

    path: Path
    view: View
    variant: str = ""
    point: int = 0
    step: int = 0
    link: str = ""


@dataclass(frozen=True, eq=False)
class FolderPicture:
    """What was read; of the last fields those that the view needs.

    Attributes
    ----------
    request
        With variant, point and step that are there.
    draws_db
        Margin by draw, of the link or the worst; of no draws empty.
    """

    request: ReadRequest
    name: str
    is_complete: bool
    done_count: int
    planned_count: int
    states: StateList
    links: tuple[str, ...]
    margins: PointMargins | None = None
    draws_db: NDArray[np.float64] | None = None
    history: History | None = None
    drawn_history: DrawnHistory | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """What was clicked: a state of a folder, perhaps one of its draws."""

    path: Path
    variant: str
    point: int
    step: int
    draw: int | None = None
    link: str = ""


@dataclass(frozen=True, eq=False)
class Picked:
    """A pick with all that showing it takes."""

    pick: Pick
    recalled: RecordedScenario
    fields: tuple[tuple[str, Any], ...]
    time_days: float
    links: tuple[str, ...] = ()
    margin_db: NDArray[np.float64] | None = None
    status: tuple[str, ...] = ()
    limited_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """Why a folder could not be read."""

    path: Path
    error: Exception


class ResultsReader:
    """Reads the latest request and posts ``folder``, ``picked`` or ``read_failure``."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._folder: ResultsFolder | None = None
        self._reader: LatestWorker[ReadRequest] = LatestWorker("results", self._read, self._fail)
        self._picker: LatestWorker[Pick] = LatestWorker("picks", self._pick, self._fail)

    def read(self, request: ReadRequest) -> None:
        """Ask for a view of a folder."""
        self._reader.submit(request)

    def pick(self, pick: Pick) -> None:
        """Ask for what showing a point or a draw takes."""
        self._picker.submit(pick)

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until nothing is left to read; return whether that is so."""
        return self._reader.wait(timeout_s) and self._picker.wait(timeout_s)

    def close(self) -> None:
        """End the threads."""
        self._reader.close()
        self._picker.close()

    def _read(self, request: ReadRequest, _: Task) -> None:
        folder = self._folder
        if folder is None or folder.path != request.path:
            folder = self._folder = open_results(request.path)
        else:
            folder.refresh()
        self._mailbox.post("folder", read_view(folder, request))

    def _pick(self, pick: Pick, _: Task) -> None:
        self._mailbox.post("picked", read_pick(open_results(pick.path), pick))

    def _fail(self, request: ReadRequest | Pick, error: Exception) -> None:
        self._folder = None
        self._mailbox.post("read_failure", ReadFailure(request.path, error))


def read_view(folder: ResultsFolder, request: ReadRequest) -> FolderPicture:
    """Read what a view shows of the finished part of a folder.

    Raises
    ------
    FormatError, ParameterError
        If the folder cannot be read.
    """
    states = list_states(folder)
    variant = request.variant if request.variant in states.variants else next(iter(states.variants), "")
    steps = states.times_days.get(variant, ())
    request = ReadRequest(
        request.path, request.view, variant, min(request.point, len(states.points) - 1),
        min(request.step, max(len(steps) - 1, 0)), request.link,
    )  # fmt: skip
    found: dict[str, Any] = {}
    links: tuple[str, ...] = ()
    if variant:
        margins = read_point_margins(folder, variant=variant, step=request.step, points_count=len(states.points))
        found["margins"], links = margins, margins.links
        if request.link not in links:
            request = ReadRequest(request.path, request.view, variant, request.point, request.step)
        if request.view == "histogram":
            link = request.link or None
            drawn = read_drawn_margins(folder, variant=variant, point=request.point, step=request.step, link=link)
            found["draws_db"] = drawn.worst() if drawn.links else np.zeros(0)
        elif request.view in ("fan", "survival") or (request.view == "heat" and len(states.points) == 1):
            history = found["history"] = read_history(folder, variant=variant, point=request.point)
            if request.view != "heat":
                found["drawn_history"] = read_drawn_history(folder, history)
    manifest = folder.manifest
    return FolderPicture(
        request, str(manifest.get("name", "")), bool(manifest["complete"]), len(folder.chunks()), folder.planned_count,
        states, links, **found,
    )  # fmt: skip


def read_pick(folder: ResultsFolder, pick: Pick) -> Picked:
    """Read scenario, fields and, of a draw, margins; errors as of :func:`read_view`."""
    states = list_states(folder)
    recalled = recall_scenario(folder)
    time_days = states.times_days[pick.variant][pick.step]
    if pick.draw is None:
        return Picked(pick, recalled, states.points[pick.point], time_days)
    drawn = read_drawn_margins(folder, variant=pick.variant, point=pick.point, step=pick.step)
    return Picked(
        pick, recalled, states.points[pick.point], time_days, drawn.links, drawn.margin_db[:, pick.draw],
        tuple(drawn.status[:, pick.draw].tolist()), tuple(drawn.limited_by[:, pick.draw].tolist()),
    )  # fmt: skip

"""The worker that simulates a lane sample by sample, in rounds of more and more symbols."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from lightlane import BudgetOptions, Cancelled, LaneResult, LightlaneError, Task
from lightlane.toolkit import ComposedLink
from lightlane_gui.workers.fabric_worker import Failure
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox

if TYPE_CHECKING:
    from lightlane.toolkit import DirectPicture, DirectWaveform, LanePicture, LaneWaveform

ROUNDS = (2**13, 2**15, 2**17)
"""Symbols of each round: the first is seen at once, the last counts errors down to a ratio of a millionth."""
CONSTELLATION_BINS_COUNT = 176
"""Of a picture of two hundred to four hundred pixels."""


@dataclass(frozen=True, slots=True)
class LaneKey:
    """What a simulation depends on: requests with equal keys have the same answer."""

    link: ComposedLink
    options: BudgetOptions
    direction: Literal["a_to_b", "b_to_a"]
    channel_index: int
    lane: int


@dataclass(frozen=True, slots=True)
class LaneRequest:
    """A lane to simulate.

    Attributes
    ----------
    budget
        What the analytic model says of it.
    number
        Of the request: what is posted carries it, so that the end of one run is not taken for that of the next.
    """

    key: LaneKey
    budget: LaneResult
    wanted_margin_db: float
    rounds: tuple[int, ...] = ROUNDS
    number: int = 0


@dataclass(frozen=True, slots=True)
class LaneShot:
    """A lane after one round.

    Attributes
    ----------
    round_index, rounds_count
        Of the rounds that were asked for, this one.
    result
        With what the simulation found; None where there was nothing to simulate.
    picture
        What there is to draw; None where the receiver did not lock or there was nothing to simulate.
    reason
        Why there is none, in words.
    """

    key: LaneKey
    number: int
    budget: LaneResult
    symbols_count: int
    round_index: int
    rounds_count: int
    result: LaneResult | None
    picture: LanePicture | DirectPicture | None
    reason: str
    elapsed_s: float

    @property
    def is_last(self) -> bool:
        """Whether no more rounds come."""
        return self.round_index == self.rounds_count - 1


@dataclass(slots=True)
class _Run:
    """A request on its way; ``is_cancelled`` also before it began."""

    request: LaneRequest
    is_cancelled: bool = False
    task: Task = field(default_factory=Task)
    round_index: int = 0


class LaneWorker:
    """Simulates the latest lane that was asked for; posts ``lane`` after each round, ``lane_done`` at the end."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._run: _Run | None = None
        self._worker: LatestWorker[_Run] = LatestWorker("lane", self._simulate, self._fail)

    def submit(self, request: LaneRequest) -> None:
        """Ask for a lane; the one in work is given up."""
        self.cancel()
        self._run = _Run(request)
        self._worker.submit(self._run)

    def cancel(self) -> None:
        """Give up what is in work; its pictures so far stay."""
        if self._run is not None:
            self._run.is_cancelled = True
            self._run.task.cancel()

    def progress(self) -> tuple[int, float]:
        """Return the round in work and the share of it that is done; the share is 0 where nobody can tell."""
        run = self._run
        if run is None:
            return 0, 0.0
        done, total = run.task.progress()
        return run.round_index, min(done / total, 1.0) if total else 0.0

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until the latest request is answered; return whether it is."""
        return self._worker.wait(timeout_s)

    def close(self) -> None:
        """End the thread."""
        self.cancel()
        self._worker.close()

    def _simulate(self, run: _Run, task: Task) -> None:
        started = time.perf_counter()
        rounds = run.request.rounds
        for index, symbols_count in enumerate(rounds):
            run.round_index, run.task = index, Task()
            if run.is_cancelled:
                raise Cancelled
            shot = self._run_round(run, index, symbols_count, started)
            if run.is_cancelled:
                raise Cancelled
            self._mailbox.post("lane", shot)
            if shot.picture is None:
                break
        self._mailbox.post("lane_done", run.request.number)

    def _run_round(self, run: _Run, index: int, symbols_count: int, started: float) -> LaneShot:
        # What simulates is loaded with the first lane: a window is there sooner.
        from lightlane import WaveformSettings, simulate_link

        request, key = run.request, run.request.key
        shot = LaneShot(
            key=key,
            number=request.number,
            budget=request.budget,
            symbols_count=symbols_count,
            round_index=index,
            rounds_count=len(request.rounds),
            result=None,
            picture=None,
            reason=why_not_simulated(request.budget),
            elapsed_s=0.0,
        )
        if shot.reason:
            return shot
        is_direct = key.link.mode.detection == "direct"
        settings = WaveformSettings(
            symbols_count=symbols_count,
            channels=(key.channel_index,),
            lanes=(key.lane,) if is_direct else None,
            directions=(key.direction,),
            # The test pattern is of one length: it is sent once.
            measure_tdecq=is_direct and index == len(request.rounds) - 1,
        )
        try:
            found = simulate_link(
                key.link,
                settings=settings,
                options=replace(key.options.nominal(), fidelity="budget"),
                wanted_margin_db=request.wanted_margin_db,
                task=run.task,
            )
        except Cancelled:
            raise
        except LightlaneError as error:
            return replace(shot, reason=str(error))
        waveform, result = found.waveforms[0], found.result.lanes[0]
        picture = None if waveform is None else _draw(waveform)
        reason = "" if picture is not None else result.blocked_by or result.unknown_because
        elapsed_s = time.perf_counter() - started
        return replace(shot, result=result, picture=picture, reason=reason, elapsed_s=elapsed_s)

    def _fail(self, run: _Run, error: Exception) -> None:
        self._mailbox.post("lane_done", run.request.number)
        self._mailbox.post("failure", Failure(-1, error))


def _draw(waveform: LaneWaveform | DirectWaveform) -> LanePicture | DirectPicture:
    from lightlane.toolkit import LaneWaveform, picture_direct, picture_lane

    if isinstance(waveform, LaneWaveform):
        return picture_lane(waveform, bins_count=CONSTELLATION_BINS_COUNT)
    return picture_direct(waveform)


def why_not_simulated(lane: LaneResult) -> str:
    """Return why there is nothing to simulate of a lane; empty where there is."""
    if math.isnan(lane.received_power_dbm):
        return lane.blocked_by or lane.unknown_because or "the received power is not known"
    return ""

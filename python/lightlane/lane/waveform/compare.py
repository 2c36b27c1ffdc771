"""Lanes of several links by both models: what the budget says, and what the waveform finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lightlane.catalog.parts import DirectMode
from lightlane.errors import ParameterError
from lightlane.kernels.task import Task
from lightlane.lane.budget import evaluate_links
from lightlane.lane.lowering import DIRECTIONS
from lightlane.lane.model import LaneResult, LinkResult
from lightlane.lane.options import BudgetOptions
from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.lane.waveform.record import LaneWaveform
from lightlane.lane.waveform.settings import WaveformSettings
from lightlane.lane.waveform.simulate import simulate_link
from lightlane.link import Link

OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedLane:
    """One lane as both models see it.

    Attributes
    ----------
    found
        The result by waveform; None where the lane was not simulated.
    waveform
        None where the lane was not simulated or its receiver does not lock.
    unknown_because
        Why it was not simulated.
    """

    link: str
    budget: LaneResult
    found: LaneResult | None
    waveform: LaneWaveform | DirectWaveform | None
    is_direct: bool
    unknown_because: str = ""


def simulate_links(
    links: Sequence[Link],
    settings: WaveformSettings,
    options: BudgetOptions,
    *,
    wanted_margin_db: float,
    task: Task | None = None,
    on_step: OnStep | None = None,
) -> list[SimulatedLane]:
    """Simulate lanes of links; what keeps one from it is said in its place and keeps no other.

    Parameters
    ----------
    settings
        Of both kinds of links; those that mean nothing for one kind do not act on it.

    Raises
    ------
    Cancelled
        If ``task`` was cancelled.
    """
    # Worst case and draws are the budget's alone.
    options = options.nominal()
    lanes: list[SimulatedLane] = []
    for number, link in enumerate(links, start=1):
        if on_step is not None:
            on_step(f"simulating {link.name}, {number} of {len(links)}")
        own = _settings_of(link, settings)
        try:
            both = simulate_link(link, settings=own, options=options, wanted_margin_db=wanted_margin_db, task=task)
        except ParameterError as error:
            lanes += _leave_out(link, own, options, wanted_margin_db, str(error))
            continue
        lanes += [
            SimulatedLane(
                link=link.name,
                budget=_same_lane(both.budget, found),
                found=found,
                waveform=waveform,
                is_direct=isinstance(link.mode, DirectMode),
            )
            for found, waveform in zip(both.result.lanes, both.waveforms, strict=True)
        ]
    return lanes


def _same_lane(budget: LinkResult, found: LaneResult) -> LaneResult:
    wanted = (found.direction, found.channel_index, found.lane)
    return next(lane for lane in budget.lanes if (lane.direction, lane.channel_index, lane.lane) == wanted)


def _settings_of(link: Link, settings: WaveformSettings) -> WaveformSettings:
    """Return the settings without those of the other kind of detection."""
    if isinstance(link.mode, DirectMode):
        return replace(settings, precision="f64", back_propagation_steps_count=0)
    return replace(settings, lanes=None)


def _leave_out(
    link: Link, settings: WaveformSettings, options: BudgetOptions, wanted_margin_db: float, reason: str
) -> list[SimulatedLane]:
    """Return the lanes that were to be simulated, one of each direction where none is named, with why they were not."""
    budget = evaluate_links([link], options=options, wanted_margin_db=wanted_margin_db).link_results()[0]
    first = budget.lanes[0].channel_index
    return [
        SimulatedLane(
            link=link.name,
            budget=lane,
            found=None,
            waveform=None,
            is_direct=isinstance(link.mode, DirectMode),
            unknown_because=reason,
        )
        for direction in DIRECTIONS
        for lane in budget.lanes
        if lane.direction == direction
        and lane.channel_index in (settings.channels or (first,))
        and lane.lane in (settings.lanes or (0,))
    ]

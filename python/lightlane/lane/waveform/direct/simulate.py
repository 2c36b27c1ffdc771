"""Lanes of a direct-detect link, simulated, with the result that the budget would give."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lightlane.catalog.parts import DirectMode, Fec
from lightlane.errors import ModelError, ParameterError
from lightlane.kernels.metrics import q_factor_db
from lightlane.kernels.task import Task
from lightlane.lane.model import Contribution, LaneResult, Limit, LinkResult, Status
from lightlane.lane.waveform.address import stream_of
from lightlane.lane.waveform.direct.lane import DirectLaneSimulation
from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.lane.waveform.direct.tdecq import measure_lane_tdecq
from lightlane.lane.waveform.direct.together import lanes_of_fiber
from lightlane.lane.waveform.settings import DIRECTIONS, WaveformSettings
from lightlane.lane.waveform.verdict import ERRORS_COUNTED_MIN, left_by_fec, lose_lane
from lightlane.link import Link


def simulate_direct_lanes(
    link: Link,
    budget: LinkResult,
    *,
    settings: WaveformSettings,
    wanted_margin_db: float,
    task: Task,
) -> tuple[list[LaneResult], list[DirectWaveform | None]]:
    """Simulate lanes of both directions of a direct-detect link whose budget is known.

    Parameters
    ----------
    settings
        Without lanes or channels the one with the least margin of each direction is simulated. TDECQ and TECQ are the
        budget's unless the settings ask to measure them.

    Raises
    ------
    ParameterError
        If there is no such lane, or the mode lacks a figure that the model needs.
    Cancelled
        If ``task`` was cancelled.
    """
    mode = link.mode
    if not isinstance(mode, DirectMode):
        raise ParameterError(f"link {link.name!r} is not direct-detect; allowed: a link of a direct-detect mode")
    results: list[LaneResult] = []
    waveforms: list[DirectWaveform | None] = []
    for lane in _choose(budget, settings):
        if lane.blocked_by or lane.unknown_because:
            # Beyond a limit without a decibel scale, or without a figure, there is nothing to simulate.
            results.append(lane)
            waveforms.append(None)
            continue
        simulation = DirectLaneSimulation(
            link,
            mode,
            lane,
            settings.direct_hardware,
            settings.symbols_count,
            settings.seed,
            lit=lanes_of_fiber(mode, link, lane, budget.lanes) if settings.lanes_together else [],
            zero_dispersion_nm=settings.zero_dispersion_nm,
            task=task,
        )
        try:
            waveform = simulation.run()
        except ModelError as error:
            results.append(lose_lane(lane, str(error)))
            waveforms.append(None)
            continue
        judged = judge_direct_lane(lane, waveform, link.fec, wanted_margin_db=wanted_margin_db)
        results.append(_with_tdecq(judged, mode, settings, task) if settings.measure_tdecq else judged)
        waveforms.append(waveform)
    return results, waveforms


def _with_tdecq(lane: LaneResult, mode: DirectMode, settings: WaveformSettings, task: Task) -> LaneResult:
    """Return the lane with TDECQ and TECQ of the test pattern through transmitter and fiber; NaN for a closed eye."""
    found_db = []
    for dispersion_ps_per_nm in (lane.chromatic_dispersion_ps_per_nm, 0.0):
        task.check()
        try:
            found = measure_lane_tdecq(
                mode,
                settings.direct_hardware,
                wavelength_nm=lane.wavelength_nm,
                dispersion_ps_per_nm=dispersion_ps_per_nm,
                seed=settings.seed,
                stream=stream_of(lane.link, lane.direction, lane.channel_index, f"{lane.lane} tdecq"),
            )
            found_db.append(found.tdecq_db)
        except ModelError:
            found_db.append(math.nan)
    return replace(lane, tdecq_db=found_db[0], tecq_db=found_db[1])


def _choose(budget: LinkResult, settings: WaveformSettings) -> list[LaneResult]:
    """Return the wanted lanes of each direction, or the one that the budget gives the least margin."""
    lanes, channels = settings.lanes, settings.channels
    for name, wanted, known in (
        ("lanes", lanes, {lane.lane for lane in budget.lanes}),
        ("channels", channels, {lane.channel_index for lane in budget.lanes}),
    ):
        for index in wanted or ():
            if index not in known:
                raise ParameterError(f"{name} holds {index}; allowed: {min(known)} to {max(known)}")
    chosen: list[LaneResult] = []
    for direction in DIRECTIONS:
        if direction not in settings.directions:
            continue
        found = [
            lane
            for lane in budget.lanes
            if lane.direction == direction
            and (lanes is None or lane.lane in lanes)
            and (channels is None or lane.channel_index in channels)
        ]
        if lanes is None and found:
            found = [min(found, key=lambda lane: lane.margin_db if math.isfinite(lane.margin_db) else math.inf)]
        chosen += found
    return chosen


def judge_direct_lane(lane: LaneResult, waveform: DirectWaveform, fec: Fec, *, wanted_margin_db: float) -> LaneResult:
    """Return the budget's result of a lane with what the simulation found in its place.

    Levels, dispersion and latency are the budget's. The BER is the counted one where enough errors were, else that of
    the noise of each decision; the FEC margin is the light that can be lost before the mode's target; the power margin,
    which is the standard's closure, stays.
    """
    counts = waveform.counts
    counted = counts.bit_errors_count >= ERRORS_COUNTED_MIN
    pre_fec_ber = counts.pre_fec_ber if counted else 0.5 * counts.symbol_error_ratio
    symbol_error_ratio = counts.symbol_errors_count / counts.symbols_count if counted else counts.symbol_error_ratio
    post_fec_ber, frame_loss_ratio = left_by_fec(fec, pre_fec_ber, waveform.payload)
    judged = replace(
        lane,
        symbol_error_ratio=symbol_error_ratio,
        pre_fec_ber=pre_fec_ber,
        q_db=float(q_factor_db(pre_fec_ber)),
        post_fec_ber=post_fec_ber,
        frame_loss_ratio=frame_loss_ratio,
        fec_margin_db=waveform.margin_db,
        sensitivity_oma_dbm=lane.oma_outer_dbm - waveform.margin_db,
        outside_domain="; ".join(waveform.notes),
        contributions=(),
        worst_margin_db=math.nan,
        margin_db_by_probability_ratio=(),
        outage_ratio=math.nan,
    )
    return _decide(judged, lane.limited_by, wanted_margin_db)


def _decide(lane: LaneResult, budget_limit: Limit, wanted_margin_db: float) -> LaneResult:
    """Let the lesser margin decide."""
    if math.isnan(lane.fec_margin_db):
        reason = "no light brings the symbol error ratio to the mode's target in the simulation"
        return replace(lane, margin_db=math.nan, limited_by="fec", status="down", blocked_by=reason)
    margins: list[tuple[float, Limit, Contribution]] = [
        (lane.power_margin_db, budget_limit, Contribution("closure of the standard", lane.power_margin_db)),
        (lane.fec_margin_db, "fec", Contribution("light before the target, simulated", lane.fec_margin_db)),
    ]
    known = [item for item in margins if np.isfinite(item[0])]
    margin_db, limit, contribution = min(known, key=lambda item: item[0])
    status: Status = "down" if margin_db < 0.0 else "up" if margin_db >= wanted_margin_db else "degraded"
    return replace(lane, margin_db=margin_db, limited_by=limit, status=status, contributions=(contribution,))

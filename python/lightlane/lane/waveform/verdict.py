"""From counted symbols to the lane's result: margins and status by the rules of the budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lightlane.catalog.parts import CoherentMode, Fec
from lightlane.kernels.fec import apply_fec
from lightlane.kernels.metrics import bit_error_ratio, q_factor_db, required_snr_db
from lightlane.lane.model import Contribution, LaneResult, Limit, LinkResult, Status
from lightlane.lane.waveform.coding import DecodedPayload
from lightlane.lane.waveform.record import LaneWaveform
from lightlane.lane.waveform.transmitter import format_of

ERRORS_COUNTED_MIN = 20
"""Fewer counted errors say less of the BER than the measured SNR does."""


def judge_lane(
    lane: LaneResult, waveform: LaneWaveform, mode: CoherentMode, fec: Fec, *, wanted_margin_db: float
) -> LaneResult:
    """Return the budget's result of a lane with what the simulation found in its place.

    Levels, dispersion, latency and the required OSNR are the budget's. SNR, BER, Q and post-FEC BER are counted or
    measured, post-FEC BER by the decoder where it leaves enough errors to count; the FEC margin is the distance of the
    measured SNR to the threshold, the OSNR margin what the line's noise may still grow; a limit that the budget sees
    passed (dispersion, power) stays passed.
    """
    counted = waveform.counted
    form = format_of(mode)
    measured_ber = float(
        bit_error_ratio(counted.snr_db, modulation=form.modulation, inner_amplitude_ratio=form.inner_amplitude_ratio)
    )
    pre_fec_ber = counted.pre_fec_ber if counted.bit_errors_count >= ERRORS_COUNTED_MIN else measured_ber
    threshold_db = required_snr_db(
        fec.threshold_pre_fec_ber, modulation=mode.modulation, inner_amplitude_ratio=mode.inner_amplitude_ratio
    )
    post_fec_ber, frame_loss_ratio = left_by_fec(fec, pre_fec_ber, waveform.payload)
    row = int(np.flatnonzero(waveform.trace.channel_indices == waveform.channel_index)[0])
    receiver_ratio = waveform.trace.receivers[row].receiver_ratio
    noise_ratio = 10.0 ** (-counted.snr_db / 10.0)
    osnr_margin_db = _ratio_db(10.0 ** (-threshold_db / 10.0) - receiver_ratio, noise_ratio - receiver_ratio)
    judged = replace(
        lane,
        snr_db=counted.snr_db,
        # The line's share cannot be told from the module's in what was counted.
        gsnr_db=math.nan,
        snr_nli_db=math.nan,
        pre_fec_ber=pre_fec_ber,
        q_db=float(q_factor_db(pre_fec_ber)),
        post_fec_ber=post_fec_ber,
        frame_loss_ratio=frame_loss_ratio,
        fec_margin_db=counted.snr_db - threshold_db,
        osnr_margin_db=osnr_margin_db if math.isfinite(lane.osnr_margin_db) else lane.osnr_margin_db,
        outside_domain="; ".join(waveform.notes),
        contributions=(),
        worst_margin_db=math.nan,
        margin_db_by_probability_ratio=(),
        outage_ratio=math.nan,
    )
    if lane.blocked_by or lane.unknown_because:
        return judged
    return _decide(judged, lane.limited_by, threshold_db, wanted_margin_db)


def left_by_fec(fec: Fec, pre_fec_ber: float, payload: DecodedPayload | None) -> tuple[float, float]:
    """Return post-FEC BER, counted where a lane's own bits leave enough errors, and frame loss ratio.

    Of an inner code the payload counts what KP4 is handed, not what it leaves: there the catalog's map decides.
    """
    post_fec_ber, frame_loss_ratio = apply_fec(
        pre_fec_ber,
        kind=fec.kind,
        left_ratio_by_pre_fec_ber=fec.kp4_symbol_error_ratio_by_pre_fec_ber or fec.post_fec_ber_by_pre_fec_ber or (),
        interleaved_codewords_count=fec.interleaved_codewords_count or 0,
    )
    if payload is not None and not payload.symbols_count and payload.bit_errors_count >= ERRORS_COUNTED_MIN:
        post_fec_ber = payload.post_fec_ber
    return post_fec_ber, frame_loss_ratio


def lose_lane(lane: LaneResult, reason: str) -> LaneResult:
    """Return the result of a lane that its receiver does not lock onto: down, without a margin."""
    return replace(
        lane,
        snr_db=math.nan,
        gsnr_db=math.nan,
        snr_nli_db=math.nan,
        pre_fec_ber=math.nan,
        q_db=math.nan,
        post_fec_ber=math.nan,
        frame_loss_ratio=math.nan,
        fec_margin_db=math.nan,
        osnr_margin_db=math.nan,
        margin_db=math.nan,
        worst_margin_db=math.nan,
        outage_ratio=math.nan,
        margin_db_by_probability_ratio=(),
        contributions=(),
        status="down",
        blocked_by=reason,
        unknown_because="",
    )


def _ratio_db(above: float, below: float) -> float:
    """Return a ratio in dB; -inf where nothing is left above, inf where nothing is below."""
    if above <= 0.0:
        return -math.inf
    return math.inf if below <= 0.0 else 10.0 * math.log10(above / below)


def _decide(lane: LaneResult, budget_limit: Limit, threshold_db: float, wanted_margin_db: float) -> LaneResult:
    """Let the least margin decide; what limits a lane by noise is what limits it in the budget."""
    margins: list[tuple[float, Limit, tuple[Contribution, ...]]] = [
        (
            lane.fec_margin_db,
            budget_limit if budget_limit not in ("power", "overload") else "fec",
            (
                Contribution("SNR at the decision, simulated", lane.snr_db),
                Contribution("SNR at the FEC threshold", -threshold_db),
            ),
        ),
        (
            lane.power_margin_db,
            budget_limit if budget_limit in ("power", "overload") else "power",
            (Contribution("level against the mode's limits", lane.power_margin_db),),
        ),
        (
            lane.osnr_margin_db,
            budget_limit if budget_limit not in ("power", "overload") else "osnr",
            (Contribution("what noise of the line may grow, simulated", lane.osnr_margin_db),),
        ),
    ]
    known = [item for item in margins if not math.isnan(item[0])]
    margin_db, limit, contributions = min(known, key=lambda item: item[0])
    status: Status = "down" if margin_db < 0.0 else "up" if margin_db >= wanted_margin_db else "degraded"
    return replace(lane, margin_db=margin_db, limited_by=limit, status=status, contributions=contributions)


def summarize(budget: LinkResult, lanes: Sequence[LaneResult]) -> LinkResult:
    """Return the link's result over its simulated lanes."""
    order = {"down": 0, "unknown": 1, "degraded": 2, "up": 3}

    def rank(index: int) -> tuple[int, float]:
        margin_db = lanes[index].margin_db
        return order[lanes[index].status], margin_db if math.isfinite(margin_db) else math.inf

    worst = min(range(len(lanes)), key=rank)
    return LinkResult(
        fidelity="waveform",
        link=budget.link,
        lanes=tuple(lanes),
        margin_db=lanes[worst].margin_db,
        limited_by=lanes[worst].limited_by,
        latency_us=budget.latency_us,
        status=lanes[worst].status,
        worst_lane_index=worst,
        frame_loss_ratio=lanes[worst].frame_loss_ratio,
    )

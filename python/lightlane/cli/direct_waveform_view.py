"""What the screen and machines are told of a simulated direct-detect lane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lightlane.cli.coding_view import describe_payload, payload_sentence

if TYPE_CHECKING:
    from lightlane.lane.waveform.direct.record import DirectWaveform


def direct_sentences(lane: DirectWaveform) -> list[str]:
    """Return what the screen says of a simulated lane."""
    counts = lane.counts
    low, high = counts.low_pre_fec_ber, counts.high_pre_fec_ber
    way = lane.direction.replace("_", " ").replace("to", "→")
    parts = ", ".join(f"{part} {seconds * 1e3:.0f} ms" for part, seconds in lane.durations_s.items())
    runs = sum(count for length, count in enumerate(counts.burst_lengths_count, start=1) if length > 1)
    return [
        f"Simulated {way}, lane {lane.lane}: {counts.bit_errors_count:,} errors in {2 * counts.symbols_count:,} bits, "
        f"BER {low:.2e} to {high:.2e} (95 %), {runs:,} runs of more than one wrong symbol.",
        f"By the noise of each decision the symbol error ratio is {counts.symbol_error_ratio:.2e}; "
        + (
            "no light brings it to the mode's target."
            if math.isnan(lane.margin_db)
            else f"{lane.margin_db:.2f} dB of light can be lost before {lane.target_ser_ratio:.2g}."
        ),
        payload_sentence(lane.payload),
        f"{lane.dispersion_ps_per_nm:+.2f} ps/nm, {lane.echoes_count} echoes of reflections; {parts}.",
        *(f"Note: {text}." for text in lane.notes),
    ]


def describe_direct(lane: DirectWaveform) -> dict[str, Any]:
    """Return what was counted and computed as JSON-ready values."""
    counts = lane.counts
    low, high = counts.low_pre_fec_ber, counts.high_pre_fec_ber
    return {
        "direction": lane.direction,
        "channel_index": lane.channel_index,
        "lane": lane.lane,
        "symbols_count": counts.symbols_count,
        "symbol_errors_count": counts.symbol_errors_count,
        "bit_errors_count": counts.bit_errors_count,
        "pre_fec_ber_low": low,
        "pre_fec_ber_high": high,
        "burst_lengths_count": list(counts.burst_lengths_count),
        "symbol_error_ratio": counts.symbol_error_ratio,
        "margin_db": None if math.isnan(lane.margin_db) else lane.margin_db,
        "taps": lane.taps.taps.tolist(),
        "main_tap": lane.taps.main_index,
        "feedback_ratio": lane.taps.feedback_ratio,
        "sampling_offset_ui": lane.sampling_offset_ui,
        "threshold_ratio": lane.threshold_ratio.tolist(),
        "waterfall": {
            "oma_outer_dbm": lane.waterfall.oma_outer_dbm.tolist(),
            "symbol_error_ratio": lane.waterfall.symbol_error_ratio.tolist(),
        },
        "payload": describe_payload(lane.payload),
        "echoes_count": lane.echoes_count,
        "durations_s": lane.durations_s,
        "seed": lane.seed,
        "notes": list(lane.notes),
    }

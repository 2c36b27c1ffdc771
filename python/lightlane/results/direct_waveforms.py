"""The table of simulated direct-detect lanes: what budget and waveform say of each, and the numbers of its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lightlane.lane.waveform.compare import SimulatedLane
from lightlane.lane.waveform.direct.picture import HISTOGRAM_BINS_COUNT, LEVELS_COUNT, DirectPicture, EyeDensity
from lightlane.lane.waveform.direct.picture import picture_direct as draw_numbers
from lightlane.lane.waveform.direct.record import DirectWaveform
from lightlane.results.direct_columns import DIRECT_WAVEFORM_COLUMNS
from lightlane.results.records import Table, build_table
from lightlane.results.waveforms import nothing_of

PICTURE_FIGURES = (
    "lane", "wavelength_nm", "symbol_rate_gbd", "dispersion_ps_per_nm", "target_ser_ratio", "symbol_error_ratio",
    "pre_fec_low_ber", "pre_fec_high_ber", "bit_errors_count", "bits_count", "histogram_low_ratio",
    "histogram_high_ratio", "threshold_ratio", "tap_ratio", "main_index", "feedback_ratio", "sampling_offset_ui",
    "pulse_time_ui", "pulse_response_ratio", "fall_oma_outer_dbm", "fall_symbol_error_ratio", "bathtub_time_ui",
    "bathtub_symbol_error_ratio",
)  # fmt: skip
"""Fields of a picture that have a column of their name."""
BUDGET_FIGURES = ("pre_fec_ber", "q_db", "sensitivity_oma_dbm", "fec_margin_db", "margin_db", "status", "limited_by")
RESULT_FIGURES = (*BUDGET_FIGURES, "symbol_error_ratio", "blocked_by", "outside_domain")


def direct_waveform_table(lanes: Sequence[SimulatedLane] = ()) -> Table:
    """Return the table ``direct_waveforms`` of the direct-detect ones among simulated lanes."""
    rows = [_row(lane) for lane in lanes if lane.is_direct]
    return build_table(DIRECT_WAVEFORM_COLUMNS, {name: [row[name] for row in rows] for name in DIRECT_WAVEFORM_COLUMNS})


def _row(lane: SimulatedLane) -> dict[str, Any]:
    row: dict[str, Any] = {name: nothing_of(kind) for name, kind in DIRECT_WAVEFORM_COLUMNS.items()}
    budget = lane.budget
    row |= {
        "link": lane.link,
        "direction": budget.direction,
        "channel_index": budget.channel_index,
        "lane": budget.lane,
    }
    row |= {name: getattr(budget, name) for name in ("wavelength_nm", "symbol_rate_gbd")}
    row |= {"dispersion_ps_per_nm": budget.chromatic_dispersion_ps_per_nm}
    row |= {f"budget_{name}": getattr(budget, name) for name in BUDGET_FIGURES}
    row |= {"status": "unknown", "limited_by": "none", "unknown_because": lane.unknown_because}
    if lane.found is not None:
        row |= {name: getattr(lane.found, name) for name in RESULT_FIGURES}
    if isinstance(lane.waveform, DirectWaveform):
        picture = draw_numbers(lane.waveform)
        row |= {name: getattr(picture, name) for name in PICTURE_FIGURES if name not in RESULT_FIGURES}
        row |= {
            "received_count": picture.received.count.ravel(),
            "received_low_ua": picture.received.low,
            "received_high_ua": picture.received.high,
            "equalized_count": picture.equalized.count.ravel(),
            "equalized_low_ratio": picture.equalized.low,
            "equalized_high_ratio": picture.equalized.high,
            "first_ui": picture.received.first_ui,
            "last_ui": picture.received.last_ui,
            "histogram_count": picture.histogram_count.ravel(),
        }
    return row


def read_direct_picture(row: dict[str, Any]) -> DirectPicture | None:
    """Return the figures of a row of the table ``direct_waveforms``; None where the lane has none."""
    if len(row["received_count"]) == 0:
        return None

    def eye(name: str, unit: str) -> EyeDensity:
        return EyeDensity(
            count=row[f"{name}_count"].reshape(LEVELS_COUNT, -1),
            first_ui=row["first_ui"],
            last_ui=row["last_ui"],
            low=row[f"{name}_low_{unit}"],
            high=row[f"{name}_high_{unit}"],
        )

    return DirectPicture(
        **{name: row[name] for name in PICTURE_FIGURES},
        **{name: row[name] for name in ("direction", "channel_index")},
        # A margin that no light gives is none.
        margin_db=float("nan") if row["fec_margin_db"] is None else row["fec_margin_db"],
        received=eye("received", "ua"),
        equalized=eye("equalized", "ratio"),
        histogram_count=row["histogram_count"].reshape(4, HISTOGRAM_BINS_COUNT),
    )

"""The table of simulated lanes: what budget and waveform say of each, and the numbers behind its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lightlane.lane.waveform.compare import SimulatedLane
from lightlane.lane.waveform.picture import LanePicture, picture_lane
from lightlane.lane.waveform.record import LaneWaveform
from lightlane.results.records import WAVEFORM_COLUMNS, Table, build_table

PICTURE_FIGURES = (
    "snr_x_db", "snr_y_db", "evm_percent", "bit_errors_count", "bits_count", "ngmi_ratio", "cd_ps_per_nm", "dgd_ps",
    "cfo_mhz", "reach_ratio", "phase_spacing_us",
)  # fmt: skip
"""Numbers of a picture that have a column of their name; its PDL is ``receiver_pdl_db``."""
PICTURE_CURVES = ("offset_ghz", "sent_dbm_per_ghz", "received_dbm_per_ghz", "path_km", "level_dbm", "osnr_db")
BUDGET_FIGURES = ("snr_db", "pre_fec_ber", "q_db", "fec_margin_db", "margin_db", "status", "limited_by")
RESULT_FIGURES = (*BUDGET_FIGURES, "blocked_by", "outside_domain")


def waveform_table(lanes: Sequence[SimulatedLane] = ()) -> Table:
    """Return the table ``waveforms`` of the coherent ones among simulated lanes; empty without any."""
    rows = [_row(lane) for lane in lanes if not lane.is_direct]
    return build_table(WAVEFORM_COLUMNS, {name: [row[name] for row in rows] for name in WAVEFORM_COLUMNS})


def _row(lane: SimulatedLane) -> dict[str, Any]:
    row: dict[str, Any] = {name: nothing_of(kind) for name, kind in WAVEFORM_COLUMNS.items()}
    row |= {"link": lane.link, "direction": lane.budget.direction, "channel_index": lane.budget.channel_index}
    row |= {f"budget_{name}": getattr(lane.budget, name) for name in BUDGET_FIGURES}
    row |= {"status": "unknown", "limited_by": "none", "unknown_because": lane.unknown_because}
    if lane.found is not None:
        row |= {name: getattr(lane.found, name) for name in RESULT_FIGURES}
    if isinstance(lane.waveform, LaneWaveform):
        row |= _seen(lane.waveform)
    return row


def nothing_of(kind: str) -> Any:
    """Return what stands where a lane has no such figure."""
    if kind.endswith("[]"):
        return np.zeros(0)
    return {"str": "", "float64": float("nan")}.get(kind, 0)


def _seen(waveform: LaneWaveform) -> dict[str, Any]:
    picture = picture_lane(waveform)
    low, high = waveform.counted.interval_ber()
    return {
        **{name: getattr(picture, name) for name in (*PICTURE_FIGURES, *PICTURE_CURVES)},
        "receiver_pdl_db": picture.pdl_db,
        "pre_fec_low_ber": low,
        "pre_fec_high_ber": high,
        "module_noise_db": waveform.module_noise_db,
        "steps_count": waveform.steps_count,
        "samples_count": waveform.samples_count,
        "density_count": picture.density_count.ravel(),
        "points_in_phase_ratio": picture.points.real.ravel(),
        "points_quadrature_ratio": picture.points.imag.ravel(),
        "taps_in_phase_ratio": picture.taps.real.ravel(),
        "taps_quadrature_ratio": picture.taps.imag.ravel(),
        "phase_rad": picture.phase_rad.ravel(),
    }


def read_picture(row: dict[str, Any]) -> LanePicture | None:
    """Return the figures of a row of the table ``waveforms``; None where the lane has none."""
    if len(row["density_count"]) == 0:
        return None
    side_count = round((len(row["density_count"]) / 2) ** 0.5)
    points = row["points_in_phase_ratio"] + 1j * row["points_quadrature_ratio"]
    taps = row["taps_in_phase_ratio"] + 1j * row["taps_quadrature_ratio"]
    return LanePicture(
        **{name: row[name] for name in (*PICTURE_FIGURES, *PICTURE_CURVES)},
        **{name: row[name] for name in ("direction", "channel_index", "snr_db", "pre_fec_ber")},
        pdl_db=row["receiver_pdl_db"],
        density_count=row["density_count"].reshape(2, side_count, side_count),
        points=points.reshape(2, -1),
        taps=taps.reshape(2, 2, -1),
        phase_rad=row["phase_rad"].reshape(2, -1),
    )

"""The tables of a run: plain columns, one dictionary of arrays each, with their order and types fixed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lightlane.columns import CodedTexts, Column, ColumnSet, StoredColumn
from lightlane.results.direct_columns import DIRECT_WAVEFORM_COLUMNS

UNCERTAINTY_NAMES = (
    "worst_margin_db",
    "margin_0_1_percent_db",
    "margin_1_percent_db",
    "margin_5_percent_db",
    "margin_50_percent_db",
    "margin_95_percent_db",
    "outage_ratio",
)
"""Worst case, quantiles of the margin over draws and the share of draws that do not close; NaN where a run asks for
none."""

FRAME_LOSS_NAMES = (
    "worst_module_frame_loss_ratio",
    "module_frame_loss_0_1_percent_ratio",
    "module_frame_loss_1_percent_ratio",
    "module_frame_loss_5_percent_ratio",
    "module_frame_loss_50_percent_ratio",
    "module_frame_loss_95_percent_ratio",
)
"""What modules lose of frames in the worst case, and what such a share of draws exceeds at most; NaN: nobody asked."""

LANE_COLUMNS: dict[str, str] = {
    "link": "str",
    "channel_index": "int32",
    "direction": "str",
    "lane": "int32",
    "frequency_thz": "float64",
    "wavelength_nm": "float64",
    "symbol_rate_gbd": "float64",
    "launch_power_dbm": "float64",
    "received_power_dbm": "float64",
    "osnr_db": "float64",
    "snr_nli_db": "float64",
    "gsnr_db": "float64",
    "snr_db": "float64",
    "chromatic_dispersion_ps_per_nm": "float64",
    "dgd_mean_ps": "float64",
    "dgd_outage_ratio": "float64",
    "pdl_db": "float64",
    "pdl_outage_ratio": "float64",
    "tdecq_db": "float64",
    "tecq_db": "float64",
    "oma_outer_dbm": "float64",
    "sensitivity_oma_dbm": "float64",
    "symbol_error_ratio": "float64",
    "pre_fec_ber": "float64",
    "q_db": "float64",
    "post_fec_ber": "float64",
    "frame_loss_ratio": "float64",
    "required_osnr_db": "float64",
    "osnr_margin_db": "float64",
    "power_margin_db": "float64",
    "fec_margin_db": "float64",
    "margin_db": "float64",
    **dict.fromkeys(UNCERTAINTY_NAMES, "float64"),
    "limited_by": "str",
    "latency_us": "float64",
    "status": "str",
    "blocked_by": "str",
    "unknown_because": "str",
    "outside_domain": "str",
    "assumed": "str",
}
"""Table ``lanes``; ``assumed`` is a semicolon-separated list."""

ADDED_LATER = (
    "dgd_outage_ratio",
    "pdl_outage_ratio",
    "tecq_db",
    "sensitivity_oma_dbm",
    "symbol_error_ratio",
    "outside_domain",
    "module_frame_loss_ratio",
    *UNCERTAINTY_NAMES,
    *FRAME_LOSS_NAMES,
)
"""Columns that results of an earlier release lack: they load as not known, texts as empty."""

LINK_COLUMNS: dict[str, str] = {
    "link": "str",
    "a": "str",
    "b": "str",
    "module": "str",
    "mode": "str",
    "detection": "str",
    "channels": "int32",
    "length_km": "float64",
    "span_count": "int32",
    "amplifier_count": "int32",
    "rate_gbps": "float64",
    "power_w": "float64",
    "margin_db": "float64",
    **dict.fromkeys(UNCERTAINTY_NAMES, "float64"),
    "limited_by": "str",
    "status": "str",
    "worst_direction": "str",
    "worst_lane": "int32",
    "latency_us": "float64",
    "module_frame_loss_ratio": "float64",
    **dict.fromkeys(FRAME_LOSS_NAMES, "float64"),
    "blocked_by": "str",
    "unknown_because": "str",
    "assumed": "str",
    "explanation": "str",
}
"""Table ``links``; ``rate_gbps`` over all channels, ``power_w`` of all modules and amplifiers of both ends (NaN if
one is not known), ``module_frame_loss_ratio`` the greatest of a module's engines with all of its lanes (direct-detect
links alone), ``explanation`` a JSON list of [label, dB] pairs that add up to the margin of the deciding lane."""

DEMAND_COLUMNS: dict[str, str] = {
    "demand": "int32",
    "from": "str",
    "to": "str",
    "service": "str",
    "rate_gbps": "float64",
    "carried_gbps": "float64",
    "latency_us": "float64",
    "fiber_latency_us": "float64",
    "objective_us": "float64",
    "latency_margin_us": "float64",
    "hop_count": "int32",
    "path": "str",
    "status": "str",
    "reason": "str",
}
"""Table ``demands``; ``path`` is a semicolon-separated list of link names, status ``met``, ``late``, ``blocked``."""

WAVEFORM_COLUMNS: dict[str, str] = {
    "link": "str",
    "direction": "str",
    "channel_index": "int32",
    "budget_snr_db": "float64",
    "budget_pre_fec_ber": "float64",
    "budget_q_db": "float64",
    "budget_fec_margin_db": "float64",
    "budget_margin_db": "float64",
    "budget_status": "str",
    "budget_limited_by": "str",
    "snr_db": "float64",
    "snr_x_db": "float64",
    "snr_y_db": "float64",
    "pre_fec_ber": "float64",
    "pre_fec_low_ber": "float64",
    "pre_fec_high_ber": "float64",
    "q_db": "float64",
    "fec_margin_db": "float64",
    "margin_db": "float64",
    "status": "str",
    "limited_by": "str",
    "blocked_by": "str",
    "unknown_because": "str",
    "outside_domain": "str",
    "bit_errors_count": "int64",
    "bits_count": "int64",
    "evm_percent": "float64",
    "ngmi_ratio": "float64",
    "cd_ps_per_nm": "float64",
    "dgd_ps": "float64",
    "receiver_pdl_db": "float64",
    "cfo_mhz": "float64",
    "module_noise_db": "float64",
    "steps_count": "int64",
    "samples_count": "int64",
    "offset_ghz": "float32[]",
    "sent_dbm_per_ghz": "float32[]",
    "received_dbm_per_ghz": "float32[]",
    "density_count": "int32[]",
    "reach_ratio": "float64",
    "points_in_phase_ratio": "float32[]",
    "points_quadrature_ratio": "float32[]",
    "taps_in_phase_ratio": "float32[]",
    "taps_quadrature_ratio": "float32[]",
    "phase_rad": "float32[]",
    "phase_spacing_us": "float64",
    "path_km": "float32[]",
    "level_dbm": "float32[]",
    "osnr_db": "float32[]",
}
"""Table ``waveforms``, one row for each lane that was simulated, ``budget_`` before what the analytic model says of it.
``pre_fec_low_ber`` and ``pre_fec_high_ber`` bound the counted BER (95 %). Kinds with ``[]`` hold a list in each row,
empty where there is nothing to draw: spectra over ``offset_ghz``, symbols by polarization, quadrature and in phase over
plus and minus ``reach_ratio``, sent points by polarization, taps by output and input, phase by polarization every
``phase_spacing_us``, levels and OSNR behind each element."""


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns of one length."""

    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def stored(self, name: str) -> StoredColumn:
        """Return a column as it is stored: texts that repeat may be coded."""
        return self.columns.stored(name) if isinstance(self.columns, ColumnSet) else self.columns[name]

    def rows(self) -> list[dict[str, Any]]:
        """Return the table as a list of plain dictionaries; NaN becomes None."""
        lists = {name: column.tolist() for name, column in self.columns.items()}
        out = []
        for index in range(len(self)):
            row = {name: values[index] for name, values in lists.items()}
            out.append({k: None if isinstance(v, float) and v != v else v for k, v in row.items()})  # noqa: PLR0124
        return out


def build_table(schema: dict[str, str], columns: Mapping[str, Any]) -> Table:
    """Arrange ``columns`` in the order and types of ``schema``; missing ones of worst case and draws are NaN.

    Raises
    ------
    KeyError
        If another column of the schema is missing.
    """
    rows_count = len(columns[next(iter(schema))])
    out: dict[str, StoredColumn] = {}
    for name, kind in schema.items():
        if name in (*UNCERTAINTY_NAMES, *FRAME_LOSS_NAMES) and name not in columns:
            out[name] = np.full(rows_count, np.nan)
            continue
        column = columns.stored(name) if isinstance(columns, ColumnSet) else columns[name]
        if kind.endswith("[]"):
            out[name] = _as_lists(column, kind)
            continue
        dtype: Any = object if kind == "str" else np.dtype(kind)
        out[name] = column if isinstance(column, CodedTexts) else np.asarray(column, dtype=dtype)
    return Table(ColumnSet(out))


def _as_lists(column: Any, kind: str) -> Column:
    """Return a column that holds an array in each row, which numpy would stack where they are of one length."""
    out = np.empty(len(column), dtype=object)
    for index, values in enumerate(column):
        out[index] = np.asarray(values, dtype=kind.removesuffix("[]"))
    return out


@dataclass(frozen=True, slots=True)
class Results:
    """What a run gives: tables of the fabric and of simulated lanes, and the manifest that says where they come from.

    ``manifest`` holds format, lightlane and library versions, build target, instruction set, seed, catalog hash, fabric
    hash, fidelity, wanted margin, the assumed values with their reasons, and the fabric itself as plain data.
    """

    lanes: Table
    links: Table
    demands: Table
    manifest: dict[str, Any]
    waveforms: Table = field(default_factory=lambda: build_table(WAVEFORM_COLUMNS, dict.fromkeys(WAVEFORM_COLUMNS, ())))
    direct_waveforms: Table = field(
        default_factory=lambda: build_table(DIRECT_WAVEFORM_COLUMNS, dict.fromkeys(DIRECT_WAVEFORM_COLUMNS, ()))
    )

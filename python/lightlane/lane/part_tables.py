"""Lowering of parts: the rows of the tables of fibers, amplifiers, FEC schemes and modes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import wraps
from typing import Any, Generic, TypeVar, cast

import numpy as np

from lightlane.catalog.line_parts import choose_attenuation
from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fec, Fiber, Part
from lightlane.kernels.interference import rin_db_per_hz_from_rin_oma
from lightlane.kernels.si import Curves, pack_curves
from lightlane.kernels.tables import (
    AmplifierColumns,
    CoherentModeColumns,
    DirectModeColumns,
    FecColumns,
    FiberColumns,
    Floats,
)

MODULATION_CODES = {"qpsk": 0, "8qam": 1, "16qam": 2, "pcs16qam": 3}
FEC_CODES = {"kp4": 0, "inner_kp4": 1, "table": 2}
EQUALIZER_CODES = {None: 0, "ffe5": 1, "ffe15_dfe1": 2}

DEFAULT_RESPONSIVITY_A_PER_W = 0.8
"""Used where a mode names none; it cancels in every ratio but that of shot noise. Middle of published receivers."""

AnyPart = TypeVar("AnyPart", bound=Part)
AnyMode = TypeVar("AnyMode", CoherentMode, DirectMode)
Lower = TypeVar("Lower", bound=Callable[..., Any])
Points = tuple[tuple[float, float], ...]


@dataclass(slots=True)
class PartIndex(Generic[AnyPart]):
    """Rows of the parts in use, in order of first use.

    Parts are told apart as objects and not by their ids: links of one batch may carry variants of a catalog part.
    """

    rows: dict[int, int] = field(default_factory=dict)
    parts: list[AnyPart] = field(default_factory=list)

    def add(self, part: AnyPart) -> int:
        """Return the row of a part, a new one if it has none yet."""
        row = self.rows.get(id(part))
        if row is None:
            # The list keeps the part alive, so that no other object can get its identity.
            row = self.rows[id(part)] = len(self.parts)
            self.parts.append(part)
        return row


@dataclass(slots=True)
class ModeIndex(Generic[AnyMode]):
    """Rows of the modes in use, each with the FEC that its links name."""

    fecs: PartIndex[Fec] = field(default_factory=PartIndex)
    rows: dict[tuple[int, int], int] = field(default_factory=dict)
    parts: list[AnyMode] = field(default_factory=list)
    fec_rows: list[int] = field(default_factory=list)

    def add(self, mode: AnyMode, fec: Fec) -> int:
        """Return the row of a mode with its FEC, a new one if it has none yet."""
        fec_row = self.fecs.add(fec)
        row = self.rows.get((id(mode), fec_row))
        if row is None:
            row = self.rows[id(mode), fec_row] = len(self.parts)
            self.parts.append(mode)
            self.fec_rows.append(fec_row)
        return row


KEPT_TABLES_COUNT = 16
"""Tables of each family that are kept: chunks of links and steps of a slider mostly ask for a few again and again."""
KEPT_PARTS_COUNT = 32
"""Parts of a table that is kept; where there are more, nearly all are worn each in its way."""


def _keep_tables(lower: Lower) -> Lower:
    """Have what lowers a sequence of parts keep its last tables, which nobody changes."""
    kept: dict[tuple[Any, ...], tuple[Sequence[Part], Any]] = {}

    @wraps(lower)
    def find(parts: Sequence[Part], *options: Any) -> Any:
        if len(parts) > KEPT_PARTS_COUNT:
            return lower(parts, *options)
        key = (*map(id, parts), *options)
        known = kept.get(key)
        if known is None:
            if len(kept) >= KEPT_TABLES_COUNT:
                kept.clear()
            # The parts are kept, so that no other object can get the identity of one.
            known = kept[key] = (tuple(parts), _freeze(lower(parts, *options)))
        return known[1]

    return cast("Lower", find)


def _freeze(table: Any) -> Any:
    """Return a table whose columns cannot be changed."""
    for item in fields(table):
        column = getattr(table, item.name)
        for array in (column.offsets, column.x, column.y) if isinstance(column, Curves) else (column,):
            array.flags.writeable = False
    return table


@_keep_tables
def lower_fibers(parts: Sequence[Fiber], fiber_limits: bool) -> FiberColumns:
    """Lower fiber types, at their typical or their limit figures."""

    def pick(typical: float | None, limit: float | None) -> float:
        return number_or_nan(limit if fiber_limits and limit is not None else typical)

    return FiberColumns(
        attenuation__attenuation_db_per_km_by_wavelength_nm=pack_curves(
            [choose_attenuation(part, limits=fiber_limits) for part in parts]
        ),
        zero_dispersion_min_nm=to_floats(number_or_nan(part.zero_dispersion_min_nm) for part in parts),
        zero_dispersion_max_nm=to_floats(number_or_nan(part.zero_dispersion_max_nm) for part in parts),
        zero_dispersion_nominal_nm=to_floats(number_or_nan(part.zero_dispersion_typical_nm) for part in parts),
        zero_slope_max_ps_per_nm2_km=to_floats(
            number_or_nan(part.zero_dispersion_slope_max_ps_per_nm2_km) for part in parts
        ),
        zero_slope_nominal_ps_per_nm2_km=to_floats(
            number_or_nan(part.zero_dispersion_slope_typical_ps_per_nm2_km) for part in parts
        ),
        dispersion_ps_per_nm_km=to_floats(
            pick(part.dispersion_ps_per_nm_km, part.limit_dispersion_ps_per_nm_km) for part in parts
        ),
        slope_ps_per_nm2_km=to_floats(number_or_nan(part.dispersion_slope_ps_per_nm2_km) for part in parts),
        effective_area_um2=to_floats(number_or_nan(part.effective_area_um2) for part in parts),
        gamma_per_w_km=to_floats(part.nonlinear_coefficient_per_w_km for part in parts),
        # No Raman figure means that no Raman transfer is modeled, which the fiber's page says.
        raman_slope_per_w_km_thz=to_floats(part.raman_slope_per_w_km_thz or 0.0 for part in parts),
        pmd_ps_per_sqrt_km=to_floats(pick(part.pmd_ps_per_sqrt_km, part.limit_pmd_ps_per_sqrt_km) for part in parts),
        group_index=to_floats(part.group_index for part in parts),
    )


@_keep_tables
def lower_amplifiers(parts: Sequence[Amplifier]) -> AmplifierColumns:
    """Lower amplifier types."""
    no_polynomial = (np.nan,) * 4
    return AmplifierColumns(
        gain_min_db=to_floats(part.gain_min_db for part in parts),
        gain_max_db=to_floats(part.gain_max_db for part in parts),
        output_power_max_dbm=to_floats(part.output_power_max_dbm for part in parts),
        noise_figure_db=to_floats(
            number_or_nan(part.noise_figure_db if part.kind == "fixed_nf" else None) for part in parts
        ),
        noise_figure__noise_figure_db_by_gain_db=pack_curves(
            [part.noise_figure_db_by_gain_db if part.kind == "variable_gain_nf" else None for part in parts]
        ),
        osnr_coefficients=to_floats(c for part in parts for c in part.incremental_osnr_coefficients or no_polynomial),
        gain_ripple__gain_ripple_db_by_frequency_thz=pack_curves(
            [part.gain_ripple_db_by_frequency_thz for part in parts]
        ),
        gain_tilt_max_db=to_floats(number_or_nan(part.gain_tilt_max_db) for part in parts),
        pump_offsets=np.cumsum([0, *(len(part.pumps) for part in parts)], dtype=np.int64),
        pump_frequency_thz=to_floats(pump.frequency_thz for part in parts for pump in part.pumps),
        pump_power_mw=to_floats(pump.power_mw for part in parts for pump in part.pumps),
        pump_is_backward=np.array([pump.direction == "counter" for part in parts for pump in part.pumps], np.uint8),
    )


@_keep_tables
def lower_fecs(parts: Sequence[Fec]) -> FecColumns:
    """Lower FEC schemes."""
    tables = [part.kp4_symbol_error_ratio_by_pre_fec_ber or part.post_fec_ber_by_pre_fec_ber for part in parts]
    return FecColumns(
        kind=np.array([FEC_CODES[part.kind] for part in parts], dtype=np.uint8),
        threshold_ber=to_floats(part.threshold_pre_fec_ber for part in parts),
        interleaved_codewords_count=np.array([part.interleaved_codewords_count or 0 for part in parts], dtype=np.int64),
        points__left_ratio_by_pre_fec_ber=pack_curves(list(tables)),
        latency_us=to_floats(number_or_nan(part.latency_us) for part in parts),
    )


@_keep_tables
def lower_coherent_modes(parts: Sequence[CoherentMode], fec_rows: tuple[int, ...]) -> CoherentModeColumns:
    """Lower coherent modes with the rows of the FECs that their links name."""
    return CoherentModeColumns(
        modulation=np.array([MODULATION_CODES[part.modulation] for part in parts], dtype=np.uint8),
        inner_amplitude_ratio=to_floats(number_or_nan(part.inner_amplitude_ratio) for part in parts),
        fec=np.array(fec_rows, dtype=np.int64),
        tx_osnr_db=to_floats(number_or_nan(part.tx_osnr_db) for part in parts),
        required_osnr__required_osnr_db_by_received_power_dbm=pack_curves(
            [part.required_osnr_db_by_received_power_dbm for part in parts]
        ),
        sensitivity_dbm=to_floats(number_or_nan(part.sensitivity_dbm) for part in parts),
        overload_dbm=to_floats(number_or_nan(part.overload_dbm) for part in parts),
        kappa_db=to_floats(number_or_nan(part.kappa_db) for part in parts),
        snr_trx_db=to_floats(number_or_nan(part.snr_trx_db) for part in parts),
        loss_budget_db=to_floats(number_or_nan(part.loss_budget_db) for part in parts),
        dispersion_penalty__penalty_db_by_dispersion_ps_per_nm=pack_curves(
            [_from_zero(part.penalty_db_by_chromatic_dispersion_ps_per_nm) for part in parts]
        ),
        dgd_penalty__penalty_db_by_dgd_ps=pack_curves([_from_zero(part.penalty_db_by_dgd_mean_ps) for part in parts]),
        sop_penalty__penalty_db_by_sop_rate_krad_per_s=pack_curves(
            [_from_zero(part.penalty_db_by_sop_rate_krad_per_s) for part in parts]
        ),
        colorless_penalty__penalty_db_by_colorless_ratio_db=pack_curves(
            [_from_zero(part.penalty_db_by_colorless_ratio_db) for part in parts]
        ),
        roll_off=to_floats(part.roll_off for part in parts),
        frequency_tolerance_ghz=to_floats(number_or_nan(part.frequency_tolerance_ghz) for part in parts),
        linewidth_khz=to_floats(number_or_nan(part.linewidth_max_khz) for part in parts),
        dgd_max_ps=to_floats(number_or_nan(part.dgd_max_ps) for part in parts),
        tx_out_of_band_osnr_db=to_floats(number_or_nan(part.tx_out_of_band_osnr_db) for part in parts),
        pdl_penalty__penalty_db_by_pdl_db=pack_curves([_from_zero(part.penalty_db_by_pdl_db) for part in parts]),
        latency_us=to_floats(number_or_nan(part.latency_us) for part in parts),
    )


@_keep_tables
def lower_direct_modes(parts: Sequence[DirectMode], fec_rows: tuple[int, ...]) -> DirectModeColumns:
    """Lower direct-detect modes with the rows of the FECs that their links name."""
    return DirectModeColumns(
        fec=np.array(fec_rows, dtype=np.int64),
        symbol_rate_gbd=to_floats(part.symbol_rate_gbd for part in parts),
        target_ser_ratio=to_floats(part.target_ser_ratio for part in parts),
        oma_less_tdecq_min_dbm=to_floats(number_or_nan(part.oma_minus_tdecq_min_dbm) for part in parts),
        tdecq_max_db=to_floats(number_or_nan(part.tdecq_max_db) for part in parts),
        extinction_ratio_db=to_floats(number_or_nan(part.extinction_ratio_min_db) for part in parts),
        insertion_loss_max_db=to_floats(number_or_nan(part.insertion_loss_max_db) for part in parts),
        mpi_dgd_allocation_db=to_floats(number_or_nan(part.mpi_dgd_allocation_db) for part in parts),
        reflectance_max_db=to_floats(number_or_nan(part.reflectance_max_db) for part in parts),
        dispersion_min_ps_per_nm=to_floats(number_or_nan(part.dispersion_min_ps_per_nm) for part in parts),
        dispersion_max_ps_per_nm=to_floats(number_or_nan(part.dispersion_max_ps_per_nm) for part in parts),
        dgd_max_ps=to_floats(number_or_nan(part.dgd_max_ps) for part in parts),
        launch_power_min_dbm=to_floats(number_or_nan(part.launch_power_min_dbm) for part in parts),
        launch_power_max_dbm=to_floats(number_or_nan(part.launch_power_max_dbm) for part in parts),
        received_power_max_dbm=to_floats(number_or_nan(part.received_power_max_dbm) for part in parts),
        responsivity_a_per_w=to_floats(part.responsivity_a_per_w or DEFAULT_RESPONSIVITY_A_PER_W for part in parts),
        gain_ratio=to_floats(number_or_nan(part.apd_gain_ratio) if part.detector == "apd" else 1.0 for part in parts),
        ionization_ratio=to_floats(_ionization_ratio(part) for part in parts),
        apd_bandwidth_ghz=to_floats(number_or_nan(part.apd_bandwidth_ghz) for part in parts),
        apd_gain_bandwidth_ghz=to_floats(number_or_nan(part.apd_gain_bandwidth_ghz) for part in parts),
        dark_current_na=to_floats(part.dark_current_na or 0.0 for part in parts),
        oma_outer_min_dbm=to_floats(number_or_nan(part.oma_outer_min_dbm) for part in parts),
        equalizer=np.array([EQUALIZER_CODES[part.reference_equalizer] for part in parts], dtype=np.uint8),
        eo_bandwidth_ghz=to_floats(number_or_nan(part.eo_bandwidth_ghz) for part in parts),
        chirp_alpha=to_floats(number_or_nan(part.chirp_alpha) for part in parts),
        rin_db_per_hz=to_floats(_intensity_noise_db_per_hz(part) for part in parts),
        level_mismatch_ratio=to_floats(number_or_nan(part.level_mismatch_ratio) for part in parts),
        lane_range__max_nm_by_min_nm=pack_curves([_lane_ranges(part) for part in parts]),
        demux_isolation_adjacent_db=to_floats(number_or_nan(part.demux_isolation_adjacent_db) for part in parts),
        demux_isolation_non_adjacent_db=to_floats(
            number_or_nan(part.demux_isolation_non_adjacent_db) for part in parts
        ),
        lane_oma_difference_max_db=to_floats(number_or_nan(part.lane_oma_difference_max_db) for part in parts),
        stressed_lane_difference_db=to_floats(number_or_nan(part.stressed_lane_difference_db) for part in parts),
        latency_us=to_floats(number_or_nan(part.latency_us) for part in parts),
    )


def _ionization_ratio(mode: DirectMode) -> float:
    """Return the ratio where it is known; without one a stated gain has the least excess noise, and no gain is best."""
    if mode.detector == "apd" and mode.apd_gain_ratio is None:
        return number_or_nan(mode.apd_ionization_ratio)
    return mode.apd_ionization_ratio or 0.0


def _intensity_noise_db_per_hz(mode: DirectMode) -> float:
    """Return the RIN of the laser where it is known, else what the limit of RIN_OMA allows at the extinction ratio."""
    if mode.rin_db_per_hz is not None:
        return mode.rin_db_per_hz
    if mode.rin_oma_max_db_per_hz is None or mode.extinction_ratio_min_db is None:
        return math.nan
    return rin_db_per_hz_from_rin_oma(mode.rin_oma_max_db_per_hz, extinction_ratio_db=mode.extinction_ratio_min_db)


def _lane_ranges(mode: DirectMode) -> Points | None:
    """Return shortest and longest wavelength of the lanes that share a fiber; parallel fibers keep them apart."""
    if mode.parallel_fibers:
        return None
    return tuple(sorted((lane.min_nm, lane.max_nm) for lane in mode.lanes))


def _from_zero(points: Points | None) -> Points | None:
    """Let a penalty grow from zero at zero, unless the table itself reaches down to it."""
    if points is None or points[0][0] <= 0.0:
        return points
    return ((0.0, 0.0), *points)


def number_or_nan(value: float | None) -> float:
    """Return NaN for a figure that nobody knows."""
    return np.nan if value is None else value


def to_floats(values: Iterable[float]) -> Floats:
    """Return a column of numbers."""
    return np.fromiter(values, dtype=np.float64)

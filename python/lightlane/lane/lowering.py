"""Lowering: any number of links becomes the flat tables that the budget kernels read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from lightlane.catalog.parts import Amplifier, CoherentMode, DirectMode, Fec, Fiber, Part
from lightlane.errors import ParameterError
from lightlane.kernels.si import pack_curves
from lightlane.kernels.tables import (
    AmplifierColumns,
    CoherentModeColumns,
    CoherentPathColumns,
    DirectLaneColumns,
    DirectModeColumns,
    ElementColumns,
    FecColumns,
    FiberColumns,
    Floats,
    PlantColumns,
)
from lightlane.lane.model import Direction
from lightlane.lane.options import BudgetOptions
from lightlane.link import (
    Element,
    Link,
    choose_attenuation,
    crosstalk_allowance_db,
    filtering_allowance_db,
    narrowest_passband_ghz,
)

ELEMENT_CODES = {"fiber": 0, "loss": 1, "amplifier": 2, "stage": 3}
MODULATION_CODES = {"qpsk": 0, "8qam": 1, "16qam": 2, "pcs16qam": 3}
FEC_CODES = {"kp4": 0, "inner_kp4": 1, "table": 2}
DIRECTIONS: tuple[Direction, Direction] = ("a_to_b", "b_to_a")

DEFAULT_RESPONSIVITY_A_PER_W = 0.8
"""Used where a mode names none; it cancels in every ratio but that of shot noise. Middle of published receivers."""

AnyPart = TypeVar("AnyPart", bound=Part)
AnyMode = TypeVar("AnyMode", CoherentMode, DirectMode)
Points = tuple[tuple[float, float], ...]


@dataclass(slots=True)
class _Index(Generic[AnyPart]):
    """Rows of the parts in use, in order of first use.

    Parts are told apart as objects and not by their ids: links of one batch may carry variants of a catalog part.
    """

    rows: dict[int, int] = field(default_factory=dict)
    parts: list[AnyPart] = field(default_factory=list)

    def add(self, part: AnyPart) -> int:
        row = self.rows.get(id(part))
        if row is None:
            # The list keeps the part alive, so that no other object can get its identity.
            row = self.rows[id(part)] = len(self.parts)
            self.parts.append(part)
        return row


@dataclass(slots=True)
class _ModeIndex(Generic[AnyMode]):
    """Rows of the modes in use, each with the FEC that its links name."""

    fecs: _Index[Fec] = field(default_factory=_Index)
    rows: dict[tuple[int, int], int] = field(default_factory=dict)
    parts: list[AnyMode] = field(default_factory=list)
    fec_rows: list[int] = field(default_factory=list)

    def add(self, mode: AnyMode, fec: Fec) -> int:
        fec_row = self.fecs.add(fec)
        row = self.rows.get((id(mode), fec_row))
        if row is None:
            row = self.rows[id(mode), fec_row] = len(self.parts)
            self.parts.append(mode)
            self.fec_rows.append(fec_row)
        return row


@dataclass(frozen=True, slots=True)
class LoweredPath:
    """One direction of one link."""

    link_index: int
    direction: Direction
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Lowered:
    """The tables of one kind of detection and, for each row of the answer, where it comes from.

    Attributes
    ----------
    paths
        In the order of the element table.
    row_path, row_channel, row_lane
        For each row of the answer: its path, channel and lane index.
    """

    plant: PlantColumns
    modes: CoherentModeColumns | DirectModeColumns
    rows: CoherentPathColumns | DirectLaneColumns
    paths: tuple[LoweredPath, ...]
    row_path: np.ndarray[tuple[int], np.dtype[np.int64]]
    row_channel: np.ndarray[tuple[int], np.dtype[np.int64]]
    row_lane: np.ndarray[tuple[int], np.dtype[np.int64]]
    element_labels: tuple[str, ...]


def lower_coherent(links: Sequence[Link], indices: Sequence[int], options: BudgetOptions) -> Lowered:
    """Lower the coherent links at ``indices`` of ``links``: one row per channel of each direction."""
    modes: _ModeIndex[CoherentMode] = _ModeIndex()
    paths = _paths(links, indices)
    mode_rows: list[int] = []
    channel_offsets = [0]
    columns: dict[str, list[float]] = {name: [] for name in ("f", "rate", "slot", "launch", "filter", "xtalk", "band")}
    row_path: list[int] = []
    row_channel: list[int] = []
    for number, path in enumerate(paths):
        link = links[path.link_index]
        mode = _coherent(link)
        count = len(link.frequencies_thz)
        mode_rows += [modes.add(mode, link.fec)] * count
        launch = mode.launch_power_default_dbm if link.launch_power_dbm is None else link.launch_power_dbm
        columns["f"] += link.frequencies_thz
        columns["rate"] += [mode.symbol_rate_gbd] * count
        columns["slot"] += [link.channel_spacing_ghz] * count
        columns["launch"] += [_number(launch)] * count
        columns["filter"] += [filtering_allowance_db(link, path.elements)] * count
        columns["xtalk"] += [crosstalk_allowance_db(link)] * count
        columns["band"] += [narrowest_passband_ghz(path.elements)] * count
        channel_offsets.append(channel_offsets[-1] + count)
        row_path += [number] * count
        row_channel += range(count)
    plant, labels = _plant(paths, modes.fecs.parts, options)
    rows = CoherentPathColumns(
        channel_offsets=np.array(channel_offsets, dtype=np.int64),
        mode=np.array(mode_rows, dtype=np.int64),
        frequency_thz=_floats(columns["f"]),
        symbol_rate_gbd=_floats(columns["rate"]),
        slot_ghz=_floats(columns["slot"]),
        launch_power_dbm=_floats(columns["launch"]),
        filtering_penalty_db=_floats(columns["filter"]),
        crosstalk_penalty_db=_floats(columns["xtalk"]),
        passband_ghz=_floats(columns["band"]),
    )
    return Lowered(
        plant,
        _coherent_modes(modes),
        rows,
        tuple(paths),
        np.array(row_path, dtype=np.int64),
        np.array(row_channel, dtype=np.int64),
        np.zeros(len(row_path), dtype=np.int64),
        labels,
    )


def lower_direct(links: Sequence[Link], indices: Sequence[int], options: BudgetOptions) -> Lowered:
    """Lower the direct-detect links at ``indices`` of ``links``: one row per lane, channel and direction."""
    modes: _ModeIndex[DirectMode] = _ModeIndex()
    paths = _paths(links, indices)
    mode_rows: list[int] = []
    wavelengths: list[tuple[float, float, float]] = []
    launches: list[float] = []
    row_path: list[int] = []
    row_channel: list[int] = []
    row_lane: list[int] = []
    for number, path in enumerate(paths):
        link = links[path.link_index]
        mode = _direct(link)
        lanes = [(lane.center_nm, lane.min_nm, lane.max_nm) for lane in mode.lanes] * link.module.engines_count
        count = len(lanes) * link.channels
        mode_rows += [modes.add(mode, link.fec)] * count
        wavelengths += lanes * link.channels
        launches += [_number(link.launch_power_dbm)] * count
        row_path += [number] * count
        row_channel += [channel for channel in range(link.channels) for _ in lanes]
        row_lane += [*range(len(lanes))] * link.channels
    plant, labels = _plant(paths, modes.fecs.parts, options)
    nm = np.array(wavelengths, dtype=np.float64).reshape(-1, 3)
    rows = DirectLaneColumns(
        path=np.array(row_path, dtype=np.int64),
        mode=np.array(mode_rows, dtype=np.int64),
        center_nm=np.ascontiguousarray(nm[:, 0]),
        min_nm=np.ascontiguousarray(nm[:, 1]),
        max_nm=np.ascontiguousarray(nm[:, 2]),
        launch_power_dbm=_floats(launches),
    )
    return Lowered(
        plant,
        _direct_modes(modes),
        rows,
        tuple(paths),
        rows.path,
        np.array(row_channel, dtype=np.int64),
        np.array(row_lane, dtype=np.int64),
        labels,
    )


def _paths(links: Sequence[Link], indices: Sequence[int]) -> list[LoweredPath]:
    return [
        LoweredPath(index, direction, elements)
        for index in indices
        for direction, elements in zip(DIRECTIONS, (links[index].a_to_b, links[index].b_to_a), strict=True)
    ]


def _plant(
    paths: Sequence[LoweredPath], fecs: Sequence[Fec], options: BudgetOptions
) -> tuple[PlantColumns, tuple[str, ...]]:
    fibers: _Index[Fiber] = _Index()
    amplifiers: _Index[Amplifier] = _Index()
    elements = [element for path in paths for element in path.elements]
    parts = []
    for element in elements:
        if isinstance(element.part, Fiber):
            parts.append(fibers.add(element.part))
        elif isinstance(element.part, Amplifier):
            parts.append(amplifiers.add(element.part))
        else:
            parts.append(-1)
    no_polynomial = (np.nan,) * 4
    columns = ElementColumns(
        kind=np.array([ELEMENT_CODES[element.kind] for element in elements], dtype=np.uint8),
        part=np.array(parts, dtype=np.int64),
        length_km=_floats(element.length_km for element in elements),
        attenuation_db_per_km=_floats(element.attenuation_db_per_km for element in elements),
        loss_db=_floats(element.loss_db for element in elements),
        target_power_dbm=_floats(element.target_power_dbm for element in elements),
        osnr_db=_floats(element.osnr_db for element in elements),
        input_power_min_dbm=_floats(element.input_power_min_dbm for element in elements),
        input_power_max_dbm=_floats(element.input_power_max_dbm for element in elements),
        osnr_coefficients=_floats(c for element in elements for c in element.osnr_coefficients or no_polynomial),
        pdl_db=_floats(element.pdl_db for element in elements),
        dgd_ps=_floats(element.dgd_ps for element in elements),
        dispersion_ps_per_nm=_floats(element.chromatic_dispersion_ps_per_nm for element in elements),
        latency_us=_floats(element.latency_us for element in elements),
        path_offsets=np.cumsum([0, *(len(path.elements) for path in paths)]).astype(np.int64),
    )
    plant = PlantColumns(
        _fibers(fibers.parts, options.fiber_limits), _amplifiers(amplifiers.parts), _fecs(fecs), columns
    )
    return plant, tuple(element.label for element in elements)


def _fibers(parts: Sequence[Fiber], fiber_limits: bool) -> FiberColumns:
    def pick(typical: float | None, limit: float | None) -> float:
        return _number(limit if fiber_limits and limit is not None else typical)

    return FiberColumns(
        attenuation__attenuation_db_per_km_by_wavelength_nm=pack_curves(
            [choose_attenuation(part, limits=fiber_limits) for part in parts]
        ),
        zero_dispersion_min_nm=_floats(_number(part.zero_dispersion_min_nm) for part in parts),
        zero_dispersion_max_nm=_floats(_number(part.zero_dispersion_max_nm) for part in parts),
        zero_dispersion_nominal_nm=_floats(_number(part.zero_dispersion_typical_nm) for part in parts),
        zero_slope_max_ps_per_nm2_km=_floats(_number(part.zero_dispersion_slope_max_ps_per_nm2_km) for part in parts),
        zero_slope_nominal_ps_per_nm2_km=_floats(
            _number(part.zero_dispersion_slope_typical_ps_per_nm2_km) for part in parts
        ),
        dispersion_ps_per_nm_km=_floats(
            pick(part.dispersion_ps_per_nm_km, part.limit_dispersion_ps_per_nm_km) for part in parts
        ),
        slope_ps_per_nm2_km=_floats(_number(part.dispersion_slope_ps_per_nm2_km) for part in parts),
        gamma_per_w_km=_floats(part.nonlinear_coefficient_per_w_km for part in parts),
        # No Raman figure means that no Raman transfer is modeled, which the fiber's page says.
        raman_slope_per_w_km_thz=_floats(part.raman_slope_per_w_km_thz or 0.0 for part in parts),
        pmd_ps_per_sqrt_km=_floats(pick(part.pmd_ps_per_sqrt_km, part.limit_pmd_ps_per_sqrt_km) for part in parts),
        group_index=_floats(part.group_index for part in parts),
    )


def _amplifiers(parts: Sequence[Amplifier]) -> AmplifierColumns:
    no_polynomial = (np.nan,) * 4
    return AmplifierColumns(
        gain_min_db=_floats(part.gain_min_db for part in parts),
        gain_max_db=_floats(part.gain_max_db for part in parts),
        output_power_max_dbm=_floats(part.output_power_max_dbm for part in parts),
        noise_figure_db=_floats(_number(part.noise_figure_db if part.kind == "fixed_nf" else None) for part in parts),
        noise_figure__noise_figure_db_by_gain_db=pack_curves(
            [part.noise_figure_db_by_gain_db if part.kind == "variable_gain_nf" else None for part in parts]
        ),
        osnr_coefficients=_floats(c for part in parts for c in part.incremental_osnr_coefficients or no_polynomial),
    )


def _fecs(parts: Sequence[Fec]) -> FecColumns:
    tables = [part.kp4_symbol_error_ratio_by_pre_fec_ber or part.post_fec_ber_by_pre_fec_ber for part in parts]
    return FecColumns(
        kind=np.array([FEC_CODES[part.kind] for part in parts], dtype=np.uint8),
        threshold_ber=_floats(part.threshold_pre_fec_ber for part in parts),
        interleaved_codewords_count=np.array([part.interleaved_codewords_count or 0 for part in parts], dtype=np.int64),
        points__left_ratio_by_pre_fec_ber=pack_curves(list(tables)),
        latency_us=_floats(_number(part.latency_us) for part in parts),
    )


def _coherent_modes(modes: _ModeIndex[CoherentMode]) -> CoherentModeColumns:
    parts = modes.parts
    return CoherentModeColumns(
        modulation=np.array([MODULATION_CODES[part.modulation] for part in parts], dtype=np.uint8),
        inner_amplitude_ratio=_floats(_number(part.inner_amplitude_ratio) for part in parts),
        fec=np.array(modes.fec_rows, dtype=np.int64),
        tx_osnr_db=_floats(_number(part.tx_osnr_db) for part in parts),
        required_osnr__required_osnr_db_by_received_power_dbm=pack_curves(
            [part.required_osnr_db_by_received_power_dbm for part in parts]
        ),
        sensitivity_dbm=_floats(_number(part.sensitivity_dbm) for part in parts),
        overload_dbm=_floats(_number(part.overload_dbm) for part in parts),
        kappa_db=_floats(_number(part.kappa_db) for part in parts),
        snr_trx_db=_floats(_number(part.snr_trx_db) for part in parts),
        loss_budget_db=_floats(_number(part.loss_budget_db) for part in parts),
        dispersion_penalty__penalty_db_by_dispersion_ps_per_nm=pack_curves(
            [_from_zero(part.penalty_db_by_chromatic_dispersion_ps_per_nm) for part in parts]
        ),
        dgd_penalty__penalty_db_by_dgd_ps=pack_curves([_from_zero(part.penalty_db_by_dgd_mean_ps) for part in parts]),
        pdl_penalty__penalty_db_by_pdl_db=pack_curves([_from_zero(part.penalty_db_by_pdl_db) for part in parts]),
        latency_us=_floats(_number(part.latency_us) for part in parts),
    )


def _direct_modes(modes: _ModeIndex[DirectMode]) -> DirectModeColumns:
    parts = modes.parts
    return DirectModeColumns(
        fec=np.array(modes.fec_rows, dtype=np.int64),
        symbol_rate_gbd=_floats(part.symbol_rate_gbd for part in parts),
        target_ser_ratio=_floats(part.target_ser_ratio for part in parts),
        oma_less_tdecq_min_dbm=_floats(_number(part.oma_minus_tdecq_min_dbm) for part in parts),
        tdecq_max_db=_floats(_number(part.tdecq_max_db) for part in parts),
        extinction_ratio_db=_floats(_number(part.extinction_ratio_min_db) for part in parts),
        insertion_loss_max_db=_floats(_number(part.insertion_loss_max_db) for part in parts),
        mpi_dgd_allocation_db=_floats(_number(part.mpi_dgd_allocation_db) for part in parts),
        dispersion_min_ps_per_nm=_floats(_number(part.dispersion_min_ps_per_nm) for part in parts),
        dispersion_max_ps_per_nm=_floats(_number(part.dispersion_max_ps_per_nm) for part in parts),
        dgd_max_ps=_floats(_number(part.dgd_max_ps) for part in parts),
        launch_power_min_dbm=_floats(_number(part.launch_power_min_dbm) for part in parts),
        launch_power_max_dbm=_floats(_number(part.launch_power_max_dbm) for part in parts),
        received_power_max_dbm=_floats(_number(part.received_power_max_dbm) for part in parts),
        responsivity_a_per_w=_floats(part.responsivity_a_per_w or DEFAULT_RESPONSIVITY_A_PER_W for part in parts),
        gain_ratio=_floats((part.apd_gain_ratio or 1.0) if part.detector == "apd" else 1.0 for part in parts),
        ionization_ratio=_floats(part.apd_ionization_ratio or 0.0 for part in parts),
        dark_current_na=_floats(part.dark_current_na or 0.0 for part in parts),
        latency_us=_floats(_number(part.latency_us) for part in parts),
    )


def _from_zero(points: Points | None) -> Points | None:
    """Let a penalty grow from zero at zero, unless the table itself reaches down to it."""
    if points is None or points[0][0] <= 0.0:
        return points
    return ((0.0, 0.0), *points)


def _coherent(link: Link) -> CoherentMode:
    if not isinstance(link.mode, CoherentMode):
        raise ParameterError(f"link {link.name!r} is not coherent")
    return link.mode


def _direct(link: Link) -> DirectMode:
    if not isinstance(link.mode, DirectMode):
        raise ParameterError(f"link {link.name!r} is not direct-detect")
    return link.mode


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)

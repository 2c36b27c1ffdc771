"""The input tables of the budget kernels: one array per quantity, one row per part, element, channel or lane.

NaN (or an empty curve) marks a figure that nobody knows. Arrays are one-dimensional and contiguous; offsets start at 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightlane.kernels.si import Curves

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FiberColumns:
    """Fiber types in use."""

    attenuation__attenuation_db_per_km_by_wavelength_nm: Curves
    zero_dispersion_min_nm: Floats
    zero_dispersion_max_nm: Floats
    zero_dispersion_nominal_nm: Floats
    zero_slope_max_ps_per_nm2_km: Floats
    zero_slope_nominal_ps_per_nm2_km: Floats
    dispersion_ps_per_nm_km: Floats
    slope_ps_per_nm2_km: Floats
    effective_area_um2: Floats
    gamma_per_w_km: Floats
    raman_slope_per_w_km_thz: Floats
    pmd_ps_per_sqrt_km: Floats
    group_index: Floats


@dataclass(frozen=True, slots=True)
class AmplifierColumns:
    """Amplifier types in use; ``osnr_coefficients`` has four entries per amplifier.

    Amplifier ``i`` has the Raman pumps ``pump_offsets[i]:pump_offsets[i + 1]``, those from the end of the fiber with
    1 in ``pump_is_backward``.
    """

    gain_min_db: Floats
    gain_max_db: Floats
    output_power_max_dbm: Floats
    noise_figure_db: Floats
    noise_figure__noise_figure_db_by_gain_db: Curves
    osnr_coefficients: Floats
    gain_ripple__gain_ripple_db_by_frequency_thz: Curves
    gain_tilt_max_db: Floats
    pump_offsets: Integers
    pump_frequency_thz: Floats
    pump_power_mw: Floats
    pump_is_backward: Codes


@dataclass(frozen=True, slots=True)
class FecColumns:
    """FEC schemes in use; kind 0 KP4, 1 inner code and KP4, 2 table."""

    kind: Codes
    threshold_ber: Floats
    interleaved_codewords_count: Integers
    points__left_ratio_by_pre_fec_ber: Curves
    latency_us: Floats


@dataclass(frozen=True, slots=True)
class ElementColumns:
    """Elements of all paths; kind 0 fiber, 1 loss, 2 amplifier, 3 ROADM stage.

    Path ``i`` has ``path_offsets[i]:path_offsets[i + 1]``.
    """

    kind: Codes
    part: Integers
    length_km: Floats
    attenuation_db_per_km: Floats
    loss_db: Floats
    target_power_dbm: Floats
    osnr_db: Floats
    input_power_min_dbm: Floats
    input_power_max_dbm: Floats
    osnr_coefficients: Floats
    pdl_db: Floats
    dgd_ps: Floats
    dispersion_ps_per_nm: Floats
    latency_us: Floats
    reflectance_db: Floats
    reflectors_count: Floats
    passband_3db_ghz: Floats
    passband_10db_ghz: Floats
    frequency_tolerance_ghz: Floats
    isolation_adjacent_db: Floats
    isolation_non_adjacent_db: Floats
    in_band_crosstalk_db: Floats
    colorless_channels_count: Floats
    path_offsets: Integers


@dataclass(frozen=True, slots=True)
class PlantColumns:
    """Everything that light passes."""

    fibers: FiberColumns
    amplifiers: AmplifierColumns
    fecs: FecColumns
    elements: ElementColumns


@dataclass(frozen=True, slots=True)
class CoherentModeColumns:
    """Coherent modes in use; modulation 0 QPSK, 1 8QAM, 2 16QAM, 3 shaped 16QAM."""

    modulation: Codes
    inner_amplitude_ratio: Floats
    fec: Integers
    tx_osnr_db: Floats
    required_osnr__required_osnr_db_by_received_power_dbm: Curves
    sensitivity_dbm: Floats
    overload_dbm: Floats
    kappa_db: Floats
    snr_trx_db: Floats
    loss_budget_db: Floats
    dispersion_penalty__penalty_db_by_dispersion_ps_per_nm: Curves
    dgd_penalty__penalty_db_by_dgd_ps: Curves
    pdl_penalty__penalty_db_by_pdl_db: Curves
    sop_penalty__penalty_db_by_sop_rate_krad_per_s: Curves
    colorless_penalty__penalty_db_by_colorless_ratio_db: Curves
    roll_off: Floats
    frequency_tolerance_ghz: Floats
    linewidth_khz: Floats
    dgd_max_ps: Floats
    tx_out_of_band_osnr_db: Floats
    latency_us: Floats


@dataclass(frozen=True, slots=True)
class CoherentPathColumns:
    """Channels of all paths; path ``i`` has ``channel_offsets[i]:channel_offsets[i + 1]``.

    ``occupancy``: 0 dark, 1 lit, 2 filled with noise; only lit channels have a row in the answer.
    """

    channel_offsets: Integers
    mode: Integers
    occupancy: Codes
    frequency_thz: Floats
    symbol_rate_gbd: Floats
    slot_ghz: Floats
    launch_power_dbm: Floats
    filtering_penalty_db: Floats
    crosstalk_penalty_db: Floats
    passband_ghz: Floats


@dataclass(frozen=True, slots=True)
class DirectModeColumns:
    """Direct-detect modes in use; equalizer 0 not known, 1 five taps, 2 fifteen taps and one of feedback."""

    fec: Integers
    symbol_rate_gbd: Floats
    target_ser_ratio: Floats
    oma_less_tdecq_min_dbm: Floats
    tdecq_max_db: Floats
    extinction_ratio_db: Floats
    insertion_loss_max_db: Floats
    mpi_dgd_allocation_db: Floats
    reflectance_max_db: Floats
    dispersion_min_ps_per_nm: Floats
    dispersion_max_ps_per_nm: Floats
    dgd_max_ps: Floats
    launch_power_min_dbm: Floats
    launch_power_max_dbm: Floats
    received_power_max_dbm: Floats
    responsivity_a_per_w: Floats
    gain_ratio: Floats
    ionization_ratio: Floats
    apd_bandwidth_ghz: Floats
    apd_gain_bandwidth_ghz: Floats
    dark_current_na: Floats
    oma_outer_min_dbm: Floats
    equalizer: Codes
    eo_bandwidth_ghz: Floats
    chirp_alpha: Floats
    rin_db_per_hz: Floats
    level_mismatch_ratio: Floats
    lane_range__max_nm_by_min_nm: Curves
    demux_isolation_adjacent_db: Floats
    demux_isolation_non_adjacent_db: Floats
    lane_oma_difference_max_db: Floats
    stressed_lane_difference_db: Floats
    latency_us: Floats


@dataclass(frozen=True, slots=True)
class DirectLaneColumns:
    """Direct-detect lanes, each on one path."""

    path: Integers
    mode: Integers
    center_nm: Floats
    min_nm: Floats
    max_nm: Floats
    launch_power_dbm: Floats

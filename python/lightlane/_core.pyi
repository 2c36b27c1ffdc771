"""The Rust kernels, in SI units. Only :mod:`lightlane.kernels` imports this."""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AdaptiveEqualizer",
    "BlindPhaseSearch",
    "EyeSurrogates",
    "FrequencyShift",
    "IqOrthogonalizer",
    "Persistence",
    "PilotPhase",
    "ReceiverFilter",
    "Resampler",
    "SampledReceiver",
    "Task",
    "TimingRecovery",
    "ViterbiViterbi",
    "__version__",
    "adapt_lms",
    "align_symbols",
    "amplify_field",
    "amplify_power",
    "amplitude_block",
    "apply_fec",
    "ase_ratio",
    "bessel_noise_bandwidth_hz",
    "bit_error_ratio",
    "bit_log_likelihood_ratios",
    "block_symbol_errors",
    "build_frame",
    "build_info",
    "cascade_power_ratio",
    "cascade_width_hz",
    "collect_kp4",
    "colorless_penalty_db",
    "complex_normals",
    "convert",
    "count_code",
    "count_ofec",
    "count_staircase",
    "counted_codes",
    "decide_bits",
    "decide_pam4",
    "decimate_trace",
    "decode_cfec",
    "decode_inner_hard",
    "decode_inner_soft",
    "decode_kp4",
    "decode_ofec",
    "decode_ofec_hard",
    "decode_staircase",
    "deinterleave_ofec_llr",
    "detect_coherent",
    "dgd_exceedance_ratio",
    "dgd_penalty_db",
    "dgd_quantile_s",
    "direct_front_end",
    "distribute_kp4",
    "double_reflections",
    "draw_coherent",
    "draw_direct",
    "draw_mixing_crosstalk",
    "draw_waveplates",
    "encode_inner",
    "encode_kp4",
    "encode_product",
    "equalization_phase_noise_ratio",
    "equalized_openings",
    "error_ratio_interval",
    "estimate_dispersion",
    "estimate_frequency_offset",
    "estimate_tdecq",
    "estimate_timing",
    "evaluate_coherent",
    "evaluate_direct",
    "excess_kurtosis_ratio",
    "feedback_continuation_ratio",
    "filter_field",
    "fit_colorless_receiver",
    "fit_pam4_equalizer",
    "fit_pulse_response",
    "fit_receiver",
    "four_wave_mixing",
    "frame_plan",
    "frame_roles",
    "front_end_noise_ratio",
    "generalized_mutual_information_bits",
    "gray_bits",
    "gray_levels",
    "hamming_hard_symbol_error_ratio",
    "hamming_soft_symbol_error_bound",
    "in_band_crosstalk_ratio",
    "inner_code_bits",
    "integrate_nonlinear_interference",
    "interference_penalty",
    "interleave_ofec_bits",
    "kp4_codeword_error_ratio",
    "kp4_frame_loss_ratio",
    "kp4_post_fec_ber",
    "lane_crosstalk_penalty_db",
    "laser_amplitude_ratio",
    "laser_phase_rad",
    "list_coherent_draws",
    "list_direct_draws",
    "map_bits",
    "maxwell_exceedance",
    "maxwell_quantile",
    "measure_symbols",
    "measure_tdecq",
    "mix_lanes",
    "modulate_iq",
    "module_frame_loss",
    "mutual_information_bits",
    "neighbor_crosstalk_ratio",
    "nonlinear_efficiency",
    "nonlinear_interference",
    "normalized_information_ratio",
    "optimum_gain_ratio",
    "out_of_band_noise_ratio",
    "pam4_error_ratios",
    "pam4_field",
    "pam4_power",
    "pam4_sensitivity_dbm",
    "pam4_target_q",
    "pass_polarization_loss",
    "pass_waveplates",
    "pdl_exceedance_ratio",
    "pdl_excess_loss_db",
    "pdl_quantile_db",
    "prbs_bits",
    "precode",
    "propagate_fiber",
    "pulse_response",
    "q_factor_db",
    "quaternary_prbs",
    "raman_span",
    "random_axis",
    "random_bits",
    "receive_bits",
    "receiver_noise_share_ratio",
    "receiver_required_osnr_db",
    "resample_periodic",
    "rin_from_rin_oma",
    "rin_oma_penalty_db",
    "rotate_polarization",
    "send_through_passbands",
    "shade_matrix",
    "shape_amplitudes",
    "shape_pulses",
    "snr_for_ber",
    "snr_for_normalized_information",
    "ssprq",
    "trace_coherent",
    "undo_precoding",
    "unshape_amplitudes",
    "waveplates_dgd_s",
    "zero_dispersion_formula",
]

__version__: str

_Floats = NDArray[np.float64]
_Field = NDArray[np.complex128]
_Bits = NDArray[np.uint8]
_Flags = NDArray[np.bool_]
_Symbols = NDArray[np.uint16]
_Columns = dict[str, NDArray[Any]]
_Answers = dict[str, Any]
"""Columns, and under ``units`` those with a row for each path."""

@final
class Task:
    def __new__(cls) -> Task: ...
    def start(self, total_count: int) -> None: ...
    def cancel(self) -> None: ...
    def check(self) -> None: ...
    def progress(self) -> tuple[int, int]: ...

def build_info() -> dict[str, Any]: ...
def draw_coherent(
    plant: dict[str, _Columns],
    modes: _Columns,
    paths: _Columns,
    spread: _Columns,
    *,
    amplifier_control: str,
    nonlinear_model: str,
    format_correction: bool,
    sop_rate_rad_per_s: float,
    seed: int,
    draws_count: int,
    quantile_ratio: _Floats,
    frame_loss: bool,
    task: Task,
) -> _Columns: ...
def draw_direct(
    plant: dict[str, _Columns],
    modes: _Columns,
    lanes: _Columns,
    spread: _Columns,
    *,
    surrogates: EyeSurrogates | None,
    seed: int,
    draws_count: int,
    quantile_ratio: _Floats,
    frame_loss: bool,
    task: Task,
) -> _Columns: ...
def list_coherent_draws(
    plant: dict[str, _Columns],
    modes: _Columns,
    paths: _Columns,
    spread: _Columns,
    *,
    amplifier_control: str,
    nonlinear_model: str,
    format_correction: bool,
    sop_rate_rad_per_s: float,
    seed: int,
    first_draw: int,
    draws_count: int,
    task: Task,
) -> _Columns: ...
def list_direct_draws(
    plant: dict[str, _Columns],
    modes: _Columns,
    lanes: _Columns,
    spread: _Columns,
    *,
    surrogates: EyeSurrogates | None,
    seed: int,
    first_draw: int,
    draws_count: int,
    task: Task,
) -> _Columns: ...
def evaluate_coherent(
    plant: dict[str, _Columns],
    modes: _Columns,
    paths: _Columns,
    answers: _Answers,
    *,
    explain: bool,
    amplifier_control: str,
    nonlinear_model: str,
    format_correction: bool,
    sop_rate_rad_per_s: float,
    task: Task,
) -> _Columns: ...
def trace_coherent(
    plant: dict[str, _Columns],
    modes: _Columns,
    paths: _Columns,
    *,
    amplifier_control: str,
    nonlinear_model: str,
    format_correction: bool,
    sop_rate_rad_per_s: float,
    task: Task,
) -> _Columns: ...
def evaluate_direct(
    plant: dict[str, _Columns],
    modes: _Columns,
    lanes: _Columns,
    answers: _Answers,
    *,
    surrogates: EyeSurrogates | None,
    explain: bool,
    task: Task,
) -> _Columns: ...
def kp4_codeword_error_ratio(pre_fec_ber: _Floats) -> _Floats: ...
def kp4_post_fec_ber(pre_fec_ber: _Floats) -> _Floats: ...
def kp4_frame_loss_ratio(codeword_error_ratio: _Floats, *, interleaved_codewords_count: int) -> _Floats: ...
def module_frame_loss(
    pre_fec_ber: _Floats,
    *,
    interleaved_codewords_count: int,
    inner_pre_fec_ber: _Floats | None = None,
    inner_symbol_error_ratio: _Floats | None = None,
    continuation_ratio: float | None = None,
    precoded: bool = False,
    pcs_lanes_count: int | None = None,
) -> tuple[_Floats, _Floats, _Floats]: ...
def block_symbol_errors(
    pre_fec_ber: _Floats,
    *,
    interleaved_codewords_count: int,
    inner_pre_fec_ber: _Floats | None = None,
    inner_symbol_error_ratio: _Floats | None = None,
    continuation_ratio: float | None = None,
    precoded: bool = False,
    pcs_lanes_count: int | None = None,
) -> _Floats: ...
def encode_product(information: NDArray[np.uint8], *, code: str) -> NDArray[np.uint8]: ...
def decode_ofec(
    log_ratio: NDArray[np.float32], *, soft: list[tuple[int, float, float]], hard_passes_count: int, task: Task
) -> tuple[NDArray[np.uint8], list[int], list[int]]: ...
def decode_ofec_hard(
    bits: NDArray[np.uint8], *, hard_passes_count: int, task: Task
) -> tuple[NDArray[np.uint8], list[int], list[int]]: ...
def decode_staircase(
    bits: NDArray[np.uint8], *, window_blocks_count: int, passes_count: int, task: Task
) -> tuple[NDArray[np.uint8], list[int], list[int]]: ...
def decode_cfec(
    log_ratio: NDArray[np.float32], *, window_blocks_count: int, passes_count: int, task: Task
) -> tuple[NDArray[np.uint8], list[int], list[int]]: ...
def interleave_ofec_bits(bits: NDArray[np.uint8], *, symbol_bits_count: int, back: bool) -> NDArray[np.uint8]: ...
def deinterleave_ofec_llr(log_ratio: NDArray[np.float32], *, symbol_bits_count: int) -> NDArray[np.float32]: ...
def count_ofec(
    *,
    channel: str,
    pre_fec_ber: float,
    first_frame: int,
    frames: int,
    seed: int,
    soft: list[tuple[int, float, float]],
    hard_passes_count: int,
    task: Task,
) -> dict[str, int]: ...
def count_staircase(
    *,
    code: str,
    channel: str,
    pre_fec_ber: float,
    first_frame: int,
    frames: int,
    seed: int,
    window_blocks_count: int,
    passes_count: int,
    task: Task,
) -> dict[str, int]: ...
def hamming_hard_symbol_error_ratio(pre_fec_ber: _Floats) -> _Floats: ...
def hamming_soft_symbol_error_bound(pre_fec_ber: _Floats) -> _Floats: ...
def feedback_continuation_ratio(tap_ratio: float, *, distance_over_sigma_ratio: float) -> float: ...
def maxwell_exceedance(ratio: _Floats) -> _Floats: ...
def maxwell_quantile(exceedance_ratio: _Floats) -> _Floats: ...
def dgd_exceedance_ratio(dgd_s: _Floats, *, fiber_mean_dgd_s: float, element_dgd_s: _Floats) -> _Floats: ...
def dgd_quantile_s(
    exceedance_ratio: _Floats, *, fiber_mean_dgd_s: float, element_dgd_s: _Floats
) -> tuple[float, _Floats]: ...
def pdl_exceedance_ratio(pdl_db: _Floats, *, element_pdl_db: _Floats) -> _Floats: ...
def pdl_quantile_db(exceedance_ratio: _Floats, *, element_pdl_db: _Floats) -> tuple[float, _Floats]: ...
def equalization_phase_noise_ratio(
    dispersion_s_per_m: _Floats, *, symbol_rate_hz: float, linewidth_hz: float, wavelength_m: float
) -> _Floats: ...
def zero_dispersion_formula(
    wavelength_m: _Floats, *, zero_dispersion_m: float, zero_slope_s_per_m3: float
) -> _Floats: ...
def ase_ratio(input_power_w: _Floats, *, noise_figure_db: float, frequency_hz: float) -> _Floats: ...
def nonlinear_efficiency(
    frequency_hz: _Floats,
    symbol_rate_hz: _Floats,
    power_w: _Floats,
    *,
    attenuation_per_m: float,
    length_m: float,
    dispersion_s_per_m2: float,
    slope_s_per_m3: float,
    gamma_per_w_m: float,
    raman_slope_per_w_m_hz: float,
    reference_hz: float,
) -> tuple[_Floats, _Floats]: ...
def integrate_nonlinear_interference(
    channels: _Columns,
    spans: _Columns,
    launch_power_w: _Floats,
    attenuation_per_m: _Floats,
    log_power_ratio: _Floats,
    *,
    targets: list[int],
    reference_hz: float,
    tolerance_fraction: float,
    evaluations_max_count: int,
    points_count: int,
    coherent: bool,
    task: Task,
) -> _Columns: ...
def nonlinear_interference(
    frequency_hz: _Floats,
    symbol_rate_hz: _Floats,
    excess_kurtosis_ratio: _Floats,
    power_w: _Floats,
    profiles: _Columns,
    log_power_ratio: _Floats,
    *,
    attenuation_per_m: _Floats,
    length_m: _Floats,
    dispersion_s_per_m2: _Floats,
    slope_s_per_m3: _Floats,
    gamma_per_w_m: _Floats,
    raman_slope_per_w_m_hz: _Floats,
    reference_hz: float,
    model: str,
    format_correction: bool,
    task: Task,
) -> tuple[_Floats, _Floats]: ...
def raman_span(
    channels: _Columns,
    pumps: _Columns,
    *,
    length_m: float,
    effective_area_m2: float | None,
    slope_per_w_m_hz: float | None,
    temperature_k: float,
    step_m: float,
    tolerance_ratio: float,
    sweeps_max_count: int,
    task: Task,
) -> _Columns: ...
def bit_error_ratio(snr_ratio: _Floats, *, modulation: str, inner_amplitude_ratio: float | None = None) -> _Floats: ...
def snr_for_ber(ber: float, *, modulation: str, inner_amplitude_ratio: float | None = None) -> float: ...
def mutual_information_bits(
    snr_ratio: _Floats, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> _Floats: ...
def generalized_mutual_information_bits(
    snr_ratio: _Floats, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> _Floats: ...
def normalized_information_ratio(
    snr_ratio: _Floats, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> _Floats: ...
def snr_for_normalized_information(
    ngmi_ratio: float, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> float: ...
def excess_kurtosis_ratio(*, modulation: str, inner_amplitude_ratio: float | None = None) -> float: ...
def q_factor_db(ber: _Floats) -> _Floats: ...
def pam4_target_q(symbol_error_ratio: float) -> float: ...
def bessel_noise_bandwidth_hz(bandwidth_hz: float) -> float: ...
def estimate_tdecq(
    dispersion_s_per_m: _Floats,
    *,
    transmitter: dict[str, Any],
    response: str,
    wavelength_m: float,
    receiver_bandwidth_hz: float | None,
    equalizer: str,
    tap_limits: bool,
    target_ser_ratio: float,
    noise_variance_ratio: tuple[float, float, float, float],
    task: Task,
) -> dict[str, _Floats]: ...
def propagate_fiber(
    field: _Field,
    position_m: _Floats,
    log_power_ratio: _Floats,
    *,
    sample_rate_hz: float,
    length_m: float,
    attenuation_per_m: float,
    dispersion_s_per_m2: float,
    slope_s_per_m3: float,
    reference_hz: float,
    gamma_per_w_m: float,
    rotations: _Field,
    delay_s: float,
    places_count: int,
    rule: str,
    rule_value: float,
    single: bool,
    backward: bool,
    task: Task,
) -> tuple[_Field, dict[str, Any]]: ...
def pulse_response(
    dispersion_s_per_m: float,
    *,
    transmitter: dict[str, Any],
    response: str,
    wavelength_m: float,
    receiver_bandwidth_hz: float | None,
    first_s: float,
    samples_per_symbol: int,
    samples_count: int,
) -> _Floats: ...
def pam4_sensitivity_dbm(
    *,
    target_ser_ratio: float,
    extinction_ratio_db: float,
    bandwidth_hz: float,
    input_noise_a_per_sqrt_hz: float,
    responsivity_a_per_w: float,
    gain_ratio: float,
    ionization_ratio: float,
    dark_current_a: float,
    rin_db_per_hz: float,
    middle_thresholds: bool,
) -> float: ...
def cascade_power_ratio(
    offset_hz: _Floats, *, width_3db_hz: _Floats, width_10db_hz: _Floats, center_offset_hz: _Floats, shape: str
) -> _Floats: ...
def cascade_width_hz(
    depth_db: float, *, width_3db_hz: _Floats, width_10db_hz: _Floats, center_offset_hz: _Floats, shape: str
) -> float: ...
def send_through_passbands(
    line_noise_ratio: _Floats,
    passbands_before_count: NDArray[np.int64],
    *,
    receiver_noise_ratio: float,
    symbol_rate_hz: float,
    roll_off: float,
    width_3db_hz: _Floats,
    width_10db_hz: _Floats,
    center_offset_hz: _Floats,
    shape: str,
) -> tuple[float, float, float]: ...
def neighbor_crosstalk_ratio(
    spacing_hz: _Floats,
    *,
    symbol_rate_hz: float,
    roll_off: float,
    neighbor_symbol_rate_hz: float,
    neighbor_roll_off_ratio: float,
    power_ratio: float,
    width_3db_hz: _Floats,
    width_10db_hz: _Floats,
    center_offset_hz: _Floats,
    shape: str,
) -> _Floats: ...
def in_band_crosstalk_ratio(levels_db: _Floats, *, symbol_rate_hz: float, roll_off: float) -> float: ...
def out_of_band_noise_ratio(level_db: _Floats, isolation_db: _Floats, out_of_band_osnr_db: _Floats) -> float: ...
def fit_receiver(
    power_dbm: _Floats, osnr_db: _Floats, *, sensitivity_dbm: float | None = None
) -> tuple[_Floats, _Floats, _Floats, _Floats]: ...
def receiver_required_osnr_db(
    power_dbm: _Floats,
    point_power_dbm: _Floats,
    point_share_ratio: _Floats,
    *,
    ample_osnr_db: float,
    line_ratio: float,
    inverse_power_ratio: float,
    inverse_square_ratio: float,
    knee_power_dbm: float,
    least_power_dbm: float,
) -> _Floats: ...
def receiver_noise_share_ratio(
    power_dbm: _Floats,
    point_power_dbm: _Floats,
    point_share_ratio: _Floats,
    *,
    ample_osnr_db: float,
    line_ratio: float,
    inverse_power_ratio: float,
    inverse_square_ratio: float,
    knee_power_dbm: float,
    least_power_dbm: float,
) -> _Floats: ...
def fit_colorless_receiver(total_to_channel_db: _Floats, penalty_db: _Floats) -> tuple[float, float]: ...
def colorless_penalty_db(total_to_channel_db: _Floats, *, rejection_ratio: float) -> _Floats: ...
def double_reflections(reflectance_db: _Floats, loss_before_db: _Floats) -> _Floats: ...
def interference_penalty(
    power_ratio: _Floats,
    *,
    extinction_ratio_db: float,
    method: str,
    field: str,
    levels_count: int,
    polarization_aligned: bool,
    discount_ratio: float,
    exceedance_ratio: float,
    target_ser_ratio: float,
) -> float: ...
def rin_oma_penalty_db(rin_oma_db_per_hz: float, *, noise_bandwidth_hz: float, target_ser_ratio: float) -> float: ...
def rin_from_rin_oma(rin_oma_db_per_hz: float, *, extinction_ratio_db: float) -> float: ...
def dgd_penalty_db(dgd_s: float, *, symbol_rate_hz: float, power_split_ratio: float) -> float: ...
def pdl_excess_loss_db(pdl_db: float, *, exceedance_ratio: float) -> float: ...
def lane_crosstalk_penalty_db(isolation_db: _Floats, *, lane_oma_difference_db: float) -> float: ...
def optimum_gain_ratio(
    power_w: float,
    *,
    responsivity_a_per_w: float,
    ionization_ratio: float,
    dark_current_a: float,
    input_noise_a_per_sqrt_hz: float,
    bandwidth_hz: float,
) -> float: ...
def four_wave_mixing(
    frequency_hz: _Floats,
    power_w: _Floats,
    *,
    attenuation_per_m: float,
    length_m: float,
    gamma_per_w_m: float,
    zero_dispersion_m: float,
    zero_slope_s_per_m3: float,
    window_hz: float,
) -> tuple[NDArray[np.int64], _Floats, _Floats, _Floats]: ...
def draw_mixing_crosstalk(
    frequency_min_hz: _Floats,
    frequency_max_hz: _Floats,
    power_w: _Floats,
    *,
    attenuation_per_m: float,
    length_m: float,
    gamma_per_w_m: float,
    zero_dispersion_min_m: float,
    zero_dispersion_max_m: float,
    zero_slope_s_per_m3: float,
    window_hz: float,
    draws_count: int,
    seed: int,
) -> _Floats: ...
def align_symbols(
    received_x: _Field, received_y: _Field, sent_x: _Field, sent_y: _Field
) -> tuple[list[int], list[int], list[float]]: ...
def amplitude_block(inner_amplitude_ratio: float) -> tuple[int, float]: ...
def bit_log_likelihood_ratios(
    symbols: _Field, *, modulation: str, noise_variance_ratio: float, inner_amplitude_ratio: float | None = None
) -> _Floats: ...
def build_frame(
    payload_x: _Field,
    payload_y: _Field,
    *,
    frame: str,
    count: int,
    modulation: str,
    seed: int,
    stream: int,
    inner_amplitude_ratio: float | None = None,
) -> tuple[_Field, _Field]: ...
def complex_normals(count: int, *, seed: int, stream: int, purpose: int) -> _Field: ...
def convert(
    samples: _Field,
    *,
    sample_rate_hz: float,
    effective_bits: float,
    full_scale_ratio: float,
    bandwidth_hz: float | None,
    filter_first: bool,
) -> _Field: ...
def decide_bits(
    symbols: _Field, *, modulation: str, noise_variance_ratio: float, inner_amplitude_ratio: float | None = None
) -> _Bits: ...
def detect_coherent(
    field: _Field,
    oscillator_phase_rad: _Floats,
    *,
    sample_rate_hz: float,
    oscillator_power_w: float,
    responsivity_a_per_w: float,
    thermal_noise_a_per_sqrt_hz: float,
    frequency_offset_hz: float,
    quadrature_error_rad: float,
    imbalance_db: float,
    seed: int,
    stream: int,
    polarization: int,
) -> _Field: ...
def error_ratio_interval(errors_count: int, trials_count: int, deviations_count: float) -> tuple[float, float]: ...
def frame_plan(frame: str) -> tuple[int, int, int]: ...
def frame_roles(frame: str, count: int) -> _Bits: ...
def front_end_noise_ratio(
    signal_power_w: float,
    *,
    bandwidth_hz: float,
    oscillator_power_w: float,
    responsivity_a_per_w: float,
    thermal_noise_a_per_sqrt_hz: float,
) -> float: ...
def laser_amplitude_ratio(
    count: int, *, sample_rate_hz: float, rin_db_per_hz: float, seed: int, stream: int, laser: int
) -> _Floats: ...
def laser_phase_rad(
    count: int,
    *,
    sample_rate_hz: float,
    linewidth_hz: float,
    frequency_noise_hz2_per_hz_by_offset_hz: list[tuple[float, float]],
    seed: int,
    stream: int,
    laser: int,
) -> _Floats: ...
def map_bits(bits: _Bits, *, modulation: str, inner_amplitude_ratio: float | None = None) -> _Field: ...
def measure_symbols(
    received: _Field, sent: _Field, *, modulation: str, inner_amplitude_ratio: float | None = None
) -> dict[str, Any]: ...
def modulate_iq(
    drive: _Field,
    *,
    sample_rate_hz: float,
    drive_rms_ratio: float,
    saturation_ratio: float,
    bias_error_rad: tuple[float, float],
    quadrature_error_rad: float,
    imbalance_db: float,
    skew_s: float,
) -> _Field: ...
def random_bits(count: int, *, seed: int, stream: int, purpose: int) -> _Bits: ...
def shape_amplitudes(bits: _Bits, *, inner_amplitude_ratio: float) -> _Bits: ...
def shape_pulses(symbols: _Field, *, samples_count: int, roll_off: float) -> _Field: ...
def unshape_amplitudes(amplitudes: _Bits, *, inner_amplitude_ratio: float) -> tuple[_Bits, int]: ...

@final
class AdaptiveEqualizer:
    def __new__(
        cls,
        *,
        taps_count: int,
        widely_linear: bool,
        modulation: str,
        inner_amplitude_ratio: float | None,
        update_symbols_count: int,
        single_output_symbols_count: int,
        stages: list[tuple[str, float, int]],
        pilots: _Field | None = None,
        pilot_spacing_count: int = 1,
    ) -> AdaptiveEqualizer: ...
    def process(self, field: _Field) -> _Field: ...
    def finish(self) -> _Field: ...
    def reset(self) -> None: ...
    def taps(self) -> _Floats: ...
    def mean_squared_error_ratio(self) -> _Floats: ...
    def center_matrices(self) -> _Field: ...
    def estimate_channel(
        self, *, symbol_rate_hz: float, wavelength_m: float, band_ratio: float
    ) -> tuple[float, float, float, float]: ...

@final
class BlindPhaseSearch:
    def __new__(
        cls, *, modulation: str, inner_amplitude_ratio: float | None, test_phases_count: int, half_window_count: int
    ) -> BlindPhaseSearch: ...
    def process(self, symbols: _Field) -> tuple[_Field, _Floats]: ...
    def finish(self) -> tuple[_Field, _Floats]: ...
    def reset(self) -> None: ...

@final
class FrequencyShift:
    def __new__(cls, *, offset_hz: float, sample_rate_hz: float) -> FrequencyShift: ...
    def process(self, field: _Field) -> _Field: ...
    def reset(self) -> None: ...

@final
class IqOrthogonalizer:
    def __new__(cls, *, frame_count: int, memory_count: int) -> IqOrthogonalizer: ...
    def process(self, field: _Field) -> _Field: ...
    def finish(self) -> _Field: ...
    def reset(self) -> None: ...

@final
class PilotPhase:
    def __new__(
        cls, pilots: _Field, *, pilot_spacing_count: int, half_window_count: int, quarters_only: bool
    ) -> PilotPhase: ...
    def process(self, symbols: _Field) -> tuple[_Field, _Floats]: ...
    def finish(self) -> tuple[_Field, _Floats]: ...
    def reset(self) -> None: ...
    @property
    def slips_count(self) -> tuple[int, int]: ...

@final
class ReceiverFilter:
    def __new__(
        cls,
        *,
        sample_rate_hz: float,
        dispersion_s_per_m: float,
        dispersion_slope_s_per_m2: float,
        wavelength_m: float,
        symbol_rate_hz: float | None = None,
        roll_off: float | None = None,
    ) -> ReceiverFilter: ...
    def process(self, field: _Field) -> _Field: ...
    def process_into(self, field: _Field, out: _Field) -> int: ...
    def finish(self) -> _Field: ...
    def reset(self) -> None: ...
    def apply_periodic(self, field: _Field) -> _Field: ...
    def transform_only(self, segments_count: int) -> None: ...
    @property
    def segment_count(self) -> int: ...
    @property
    def overlap_count(self) -> int: ...

@final
class Resampler:
    def __new__(cls, *, input_rate_hz: float, output_rate_hz: float, half_count: int) -> Resampler: ...
    def process(self, field: _Field) -> _Field: ...
    def finish(self) -> _Field: ...
    def reset(self) -> None: ...

@final
class TimingRecovery:
    def __new__(cls, *, roll_off: float, frame_symbols_count: int, bandwidth_ratio: float) -> TimingRecovery: ...
    def process(self, field: _Field) -> _Field: ...
    def reset(self) -> None: ...
    @property
    def clock_error_ratio(self) -> float: ...
    @property
    def delays_ratio(self) -> _Floats: ...

@final
class ViterbiViterbi:
    def __new__(
        cls, *, modulation: str, inner_amplitude_ratio: float | None, half_window_count: int
    ) -> ViterbiViterbi: ...
    def process(self, symbols: _Field) -> tuple[_Field, _Floats]: ...
    def finish(self) -> tuple[_Field, _Floats]: ...
    def reset(self) -> None: ...

def estimate_dispersion(
    field: _Field,
    *,
    symbol_rate_hz: float,
    roll_off: float,
    wavelength_m: float,
    dispersion_min_s_per_m: float,
    dispersion_max_s_per_m: float,
    segment_count: int,
) -> tuple[float, float]: ...
def estimate_frequency_offset(
    symbols: _Field,
    *,
    symbol_rate_hz: float,
    modulation: str,
    inner_amplitude_ratio: float | None,
    pilots: _Field | None = None,
    pilot_spacing_count: int = 1,
    near_hz: float = 0.0,
) -> tuple[float, float]: ...
def estimate_timing(field: _Field, *, roll_off: float) -> float: ...
def resample_periodic(field: _Field, *, samples_count: int) -> _Field: ...
def amplify_field(
    field: _Field,
    gain_db: _Floats,
    *,
    sample_rate_hz: float,
    center_hz: float,
    noise_figure_db: float,
    seed: int,
    link_key: int,
    draw: int,
    purpose: int,
) -> _Field: ...
def filter_field(field: _Field, transmission: _Field) -> _Field: ...
def rotate_polarization(
    field: _Field, *, sample_rate_hz: float, rate_rad_per_s: float, start_rad: float, axis: tuple[float, float, float]
) -> _Field: ...
def pass_polarization_loss(field: _Field, *, pdl_db: float, axis: tuple[float, float, float]) -> _Field: ...
def random_axis(*, seed: int, link_key: int, draw: int, purpose: int) -> list[float]: ...
def draw_waveplates(
    *, dgd_mean_s: float, sections_count: int, seed: int, link_key: int, draw: int
) -> tuple[float, _Field]: ...
def pass_waveplates(field: _Field, rotations: _Field, *, delay_s: float, sample_rate_hz: float) -> _Field: ...
def waveplates_dgd_s(offset_hz: _Floats, rotations: _Field, *, delay_s: float) -> _Floats: ...
def apply_fec(
    pre_fec_ber: float,
    *,
    kind: str,
    point_ber: _Floats,
    point_ratio: _Floats,
    interleaved_codewords_count: int,
) -> tuple[float, float]: ...

@final
class EyeSurrogates:
    WIDTH: int
    OPENINGS_COUNT: int
    def __new__(
        cls, tables: list[tuple[int, float, tuple[_Floats, _Floats, _Floats, _Floats], _Floats]]
    ) -> EyeSurrogates: ...
    def bearable_ratio(
        self,
        table: int,
        dispersion_s_per_m: _Floats,
        *,
        figures: tuple[float, float, float, float],
        intensity_noise_ratio: float,
    ) -> _Floats: ...

def equalized_openings(symbols: _Bits, values: _Floats) -> _Floats: ...

@final
class SampledReceiver:
    def __new__(
        cls,
        *,
        figures: dict[str, float],
        samples_per_symbol: int,
        response: tuple[str, float | None],
        delay_ui: float = 0.0,
    ) -> SampledReceiver: ...
    def receive(self, power_w: _Floats, *, first: int, step: int, noise: tuple[int, int] | None) -> _Floats: ...
    def decision_noise(
        self, power_w: _Floats, *, first: int, step: int, taps: _Floats, lead: int, tap_step: int
    ) -> tuple[float, float, _Floats, _Floats]: ...
    def noise_autocorrelation(self, step: int, lags_count: int) -> _Floats: ...
    def noise_bandwidth_hz(self) -> float: ...

def pam4_power(
    symbols: _Bits,
    edge_delay_ratio: _Floats,
    *,
    figures: dict[str, float],
    modulator: str,
    samples_per_symbol: int,
    pre_emphasis_ratio: _Floats,
    main_tap: int,
    response: tuple[str, float | None],
    measured: tuple[_Floats, _Field] | None = None,
    echo_delay_count: NDArray[np.int64],
    echo_amplitude_ratio: _Floats,
    echo_phase_rad: _Floats,
    joining_ratio: _Field | None = None,
) -> _Floats: ...
def pam4_field(
    symbols: _Bits,
    edge_delay_ratio: _Floats,
    *,
    figures: dict[str, float],
    modulator: str,
    samples_per_symbol: int,
    pre_emphasis_ratio: _Floats,
    main_tap: int,
    response: tuple[str, float | None],
    measured: tuple[_Floats, _Field] | None = None,
) -> _Field: ...
def mix_lanes(
    fields: _Field,
    jones: _Field,
    frequency_hz: _Floats,
    *,
    victim_index: int,
    sample_rate_hz: float,
    window_hz: float,
    length_m: float,
    attenuation_per_m: float,
    gamma_per_w_m: float,
    zero_dispersion_m: float,
    zero_slope_s_per_m3: float,
) -> _Field: ...
def amplify_power(
    power_w: _Floats, *, gain_ratio: float, saturation_power_w: float, lifetime_s: float, sample_rate_hz: float
) -> _Floats: ...
def fit_pam4_equalizer(
    sample_ratio: _Floats,
    sent_ratio: _Floats,
    *,
    equalizer: str,
    tap_limits: bool,
    noise_variance_ratio: float,
    noise_autocorrelation_ratio: _Floats,
) -> tuple[_Floats, int, float, float]: ...
def decide_pam4(
    values: _Floats,
    *,
    level_ratio: list[float],
    threshold_ratio: list[float],
    feedback_ratio: float,
    before: int,
    sequence: bool,
) -> _Bits: ...
def adapt_lms(
    sample_ratio: _Floats,
    sent_ratio: _Floats,
    *,
    taps_count: int,
    main_index: int,
    taps_per_symbol: int,
    feedback_max_ratio: float,
    step_ratio: float,
    passes_count: int,
) -> tuple[_Floats, float, float]: ...
def pam4_error_ratios(
    symbols: _Bits,
    values: _Floats,
    *,
    constant_a2: float,
    shot_a2: _Floats,
    intensity_a2: _Floats,
    light_ratio: _Floats,
    target_ser_ratio: float | None,
) -> tuple[_Floats, list[list[float]], float]: ...
def direct_front_end(modes: dict[str, Any], mode: int, oma_w: float, average_w: float) -> dict[str, float] | None: ...
def encode_kp4(message: _Symbols) -> _Symbols: ...
def decode_kp4(received: _Symbols, erased: _Flags | None) -> tuple[_Symbols, _Symbols, _Symbols, _Flags]: ...
def distribute_kp4(codewords: _Symbols, *, codewords_count: int, lanes_count: int) -> _Symbols: ...
def collect_kp4(line: _Symbols, *, codewords_count: int, lanes_count: int) -> _Symbols: ...
def inner_code_bits(code: str) -> tuple[int, int]: ...
def encode_inner(code: str, information: _Bits) -> _Bits: ...
def decode_inner_hard(code: str, bits: _Bits) -> tuple[_Bits, _Bits, _Flags]: ...
def decode_inner_soft(
    code: str, log_likelihood_ratio: NDArray[np.float32], *, test_bits_count: int
) -> tuple[_Bits, _Bits, _Flags]: ...
def counted_codes() -> list[tuple[str, str, str, float, int]]: ...
def count_code(
    code: str, *, pre_fec_ber: float, first_frame: int, frames_count: int, seed: int, task: Task
) -> dict[str, int]: ...
def receive_bits(
    bits: _Bits, *, channel: str, pre_fec_ber: float, exact: bool, seed: int, stream: int
) -> NDArray[np.float32]: ...
def prbs_bits(order: int, count: int, *, state: int, inverted: bool | None) -> NDArray[np.uint8]: ...
def quaternary_prbs(order: int, count: int, *, state: int) -> NDArray[np.uint8]: ...
def ssprq() -> NDArray[np.uint8]: ...
def gray_levels(bits: NDArray[np.uint8]) -> NDArray[np.uint8]: ...
def gray_bits(levels: NDArray[np.uint8]) -> NDArray[np.uint8]: ...
def precode(levels: NDArray[np.uint8], *, before: int) -> NDArray[np.uint8]: ...
def undo_precoding(levels: NDArray[np.uint8], *, before: int) -> NDArray[np.uint8]: ...
def measure_tdecq(
    power_w: _Floats,
    pattern: NDArray[np.uint8],
    *,
    sample_rate_hz: float,
    symbol_rate_hz: float,
    receiver_bandwidth_hz: float | None,
    noise_bandwidth_hz: float | None,
    equalizer: str,
    tap_limits: bool,
    main_index: int | None,
    target_ser_ratio: float,
    threshold_reach_ratio: float,
    instrument_noise_w: float,
    is_averaged: bool,
    samples_per_symbol: int,
) -> dict[str, Any]: ...
def fit_pulse_response(
    power_w: _Floats,
    symbols: NDArray[np.uint8],
    *,
    samples_per_symbol: int,
    before_count: int,
    after_count: int,
) -> _Floats: ...

@final
class Persistence:
    def __new__(
        cls, width_px: int, height_px: int, *, x_range: tuple[float, float], y_range: tuple[float, float]
    ) -> Persistence: ...
    def add_points(self, x: _Floats, y: _Floats) -> None: ...
    def add_traces(self, values: _Floats, *, samples_per_symbol_ratio: float, offset_ratio: float) -> None: ...
    def fade(self, keep_ratio: float) -> None: ...
    def clear(self) -> None: ...
    def shade(self, palette: NDArray[np.uint32], out: NDArray[np.uint32], *, scale: str) -> None: ...
    def shape(self) -> tuple[int, int]: ...
    def grid(self) -> NDArray[np.float32]: ...
    def counts(self) -> tuple[int, int]: ...

def shade_matrix(
    values: NDArray[np.float64],
    *,
    low: float,
    high: float,
    palette: NDArray[np.uint32],
    nan_color: int,
    out: NDArray[np.uint32],
) -> None: ...
def decimate_trace(x: _Floats, y: _Floats, *, columns_count: int) -> tuple[_Floats, _Floats]: ...

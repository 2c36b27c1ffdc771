"""The Rust kernels, in SI units. Only :mod:`lightlane.kernels` imports this."""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Task",
    "__version__",
    "ase_ratio",
    "bessel_noise_bandwidth_hz",
    "bit_error_ratio",
    "block_symbol_errors",
    "build_info",
    "cascade_power_ratio",
    "cascade_width_hz",
    "colorless_penalty_db",
    "dgd_exceedance_ratio",
    "dgd_penalty_db",
    "dgd_quantile_s",
    "double_reflections",
    "draw_coherent",
    "draw_direct",
    "draw_mixing_crosstalk",
    "equalization_phase_noise_ratio",
    "estimate_tdecq",
    "evaluate_coherent",
    "evaluate_direct",
    "excess_kurtosis_ratio",
    "feedback_continuation_ratio",
    "fit_colorless_receiver",
    "fit_receiver",
    "four_wave_mixing",
    "generalized_mutual_information_bits",
    "hamming_hard_symbol_error_ratio",
    "hamming_soft_symbol_error_bound",
    "in_band_crosstalk_ratio",
    "integrate_nonlinear_interference",
    "interference_penalty",
    "kp4_codeword_error_ratio",
    "kp4_frame_loss_ratio",
    "kp4_post_fec_ber",
    "lane_crosstalk_penalty_db",
    "maxwell_exceedance",
    "maxwell_quantile",
    "module_frame_loss",
    "mutual_information_bits",
    "neighbor_crosstalk_ratio",
    "nonlinear_efficiency",
    "nonlinear_interference",
    "normalized_information_ratio",
    "optimum_gain_ratio",
    "out_of_band_noise_ratio",
    "pam4_sensitivity_dbm",
    "pam4_target_q",
    "pdl_exceedance_ratio",
    "pdl_excess_loss_db",
    "pdl_quantile_db",
    "pulse_response",
    "q_factor_db",
    "raman_span",
    "receiver_noise_share_ratio",
    "receiver_required_osnr_db",
    "rin_from_rin_oma",
    "rin_oma_penalty_db",
    "send_through_passbands",
    "snr_for_ber",
    "snr_for_normalized_information",
    "zero_dispersion_formula",
]

__version__: str

_Floats = NDArray[np.float64]
_Columns = dict[str, NDArray[Any]]

@final
class Task:
    def __new__(cls) -> Task: ...
    def start(self, total_count: int) -> None: ...
    def cancel(self) -> None: ...
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
    task: Task,
) -> _Columns: ...
def draw_direct(
    plant: dict[str, _Columns],
    modes: _Columns,
    lanes: _Columns,
    spread: _Columns,
    *,
    seed: int,
    draws_count: int,
    quantile_ratio: _Floats,
    task: Task,
) -> _Columns: ...
def evaluate_coherent(
    plant: dict[str, _Columns],
    modes: _Columns,
    paths: _Columns,
    answers: _Columns,
    *,
    explain: bool,
    amplifier_control: str,
    nonlinear_model: str,
    format_correction: bool,
    sop_rate_rad_per_s: float,
    task: Task,
) -> _Columns: ...
def evaluate_direct(
    plant: dict[str, _Columns], modes: _Columns, lanes: _Columns, answers: _Columns, *, explain: bool, task: Task
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

"""Typed wrappers of the Rust kernels: engineering units in, SI across the border.

Nothing else in Lightlane imports the extension. Every function works on numpy arrays and is usable from a notebook.
"""

from lightlane.kernels.budget import evaluate_coherent_lanes, evaluate_direct_lanes
from lightlane.kernels.direct import (
    Pam4Receiver,
    Pam4Transmitter,
    ReferenceReceiver,
    TdecqEstimate,
    estimate_tdecq,
    pam4_sensitivity_dbm,
    pulse_response,
)
from lightlane.kernels.fec import (
    DecisionFeedback,
    ModuleErrors,
    block_symbol_error_ratios,
    feedback_continuation_ratio,
    hamming_hard_symbol_error_ratio,
    hamming_soft_symbol_error_bound_ratio,
    kp4_codeword_error_ratio,
    kp4_frame_loss_ratio,
    kp4_post_fec_ber,
    module_frame_loss,
)
from lightlane.kernels.fiber import (
    accumulated_dispersion_range_ps_per_nm,
    ase_osnr_db,
    maxwell_exceedance_ratio,
    nonlinear_efficiency_db,
    zero_dispersion_formula_ps_per_nm_km,
)
from lightlane.kernels.gn_integral import (
    IntegralSpan,
    NonlinearInterference,
    PowerProfile,
    integrate_nonlinear_interference,
)
from lightlane.kernels.metrics import (
    bit_error_ratio,
    excess_kurtosis_ratio,
    gmi_bits,
    mutual_information_bits,
    ngmi_ratio,
    pam4_target_q_ratio,
    q_factor_db,
    required_osnr_db,
    required_snr_db,
    required_snr_for_ngmi_db,
)
from lightlane.kernels.nonlinear import LineNonlinearity, nonlinear_interference
from lightlane.kernels.task import Task, build_info

__all__ = [
    "DecisionFeedback",
    "IntegralSpan",
    "LineNonlinearity",
    "ModuleErrors",
    "NonlinearInterference",
    "Pam4Receiver",
    "Pam4Transmitter",
    "PowerProfile",
    "ReferenceReceiver",
    "Task",
    "TdecqEstimate",
    "accumulated_dispersion_range_ps_per_nm",
    "ase_osnr_db",
    "bit_error_ratio",
    "block_symbol_error_ratios",
    "build_info",
    "estimate_tdecq",
    "evaluate_coherent_lanes",
    "evaluate_direct_lanes",
    "excess_kurtosis_ratio",
    "feedback_continuation_ratio",
    "gmi_bits",
    "hamming_hard_symbol_error_ratio",
    "hamming_soft_symbol_error_bound_ratio",
    "integrate_nonlinear_interference",
    "kp4_codeword_error_ratio",
    "kp4_frame_loss_ratio",
    "kp4_post_fec_ber",
    "maxwell_exceedance_ratio",
    "module_frame_loss",
    "mutual_information_bits",
    "ngmi_ratio",
    "nonlinear_efficiency_db",
    "nonlinear_interference",
    "pam4_sensitivity_dbm",
    "pam4_target_q_ratio",
    "pulse_response",
    "q_factor_db",
    "required_osnr_db",
    "required_snr_db",
    "required_snr_for_ngmi_db",
    "zero_dispersion_formula_ps_per_nm_km",
]

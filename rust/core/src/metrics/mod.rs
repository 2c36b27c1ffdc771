//! Bit and symbol error ratios and mutual information of the modulation formats, and their inverses.

mod alignment;
mod coherent;
mod decision_errors;
mod direct_penalties;
mod eight_qam;
mod equalized_eye;
mod eye;
mod eye_table;
mod information;
mod interference;
mod interference_distribution;
mod pam4;
mod symbol_quality;
mod tdecq;

pub use crate::signal::Modulation;
pub use alignment::{Alignment, align_symbols};
pub use coherent::{q_factor_db, snr_for_ber};
pub use decision_errors::{DecisionErrors, NoisyDecisions};
pub use direct_penalties::{
    LEAKED_LIGHT_END_RATIO, dgd_penalty_db, lane_crosstalk_penalty_db, leaked_light_penalty_db, pdl_excess_loss_db,
    relative_noise_penalty_db, rin_from_rin_oma, rin_oma_penalty_db,
};
pub use equalized_eye::EqualizedEye;
pub use eye::{EYE_SAMPLES_PER_SYMBOL, EyeSource, pulse_response};
pub use eye_table::{EyePlace, EyeState, EyeTable};
pub use information::snr_for_normalized_information;
pub use interference::{
    CopyClosure, InterferedSignal, Interferer, InterfererField, closure_penalty_db, interference_bound_ratio,
    interference_deviation_ratio, interference_mean_ratio, interference_quantile_estimate_ratio,
};
pub use interference_distribution::InterferenceDistribution;
pub use pam4::{Pam4Levels, Pam4Receiver, Thresholds, pam4_sensitivity_dbm, pam4_symbol_error_ratio, pam4_target_q};
pub use symbol_quality::{SymbolQuality, error_ratio_interval, measure_symbols};
pub use tdecq::{DecisionDistances, Tdecq, TdecqTest, estimate_tdecq, sweep_tdecq};

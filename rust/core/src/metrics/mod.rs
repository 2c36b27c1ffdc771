//! Bit and symbol error ratios and mutual information of the modulation formats, and their inverses.

mod alignment;
mod capture;
mod coherent;
mod decision_errors;
mod direct_penalties;
mod eight_qam;
mod equalized_eye;
mod eye;
mod eye_levels;
mod eye_surrogate;
mod eye_table;
mod eye_waveforms;
mod eye_windows;
mod information;
mod interference;
mod interference_distribution;
mod pam4;
mod pattern_lock;
mod sampled_eye;
mod symbol_quality;
mod tap_search;
mod tdecq;
mod waveform_tdecq;

pub use crate::signal::Modulation;
pub use alignment::{Alignment, align_symbols};
pub use capture::{Capture, GUARD_SYMBOLS, prepare_capture};
pub use coherent::{q_factor_db, snr_for_ber};
pub use decision_errors::{DecisionErrors, NoisyDecisions};
pub use direct_penalties::{
    LEAKED_LIGHT_END_RATIO, dgd_penalty_db, lane_crosstalk_penalty_db, leaked_light_penalty_db, pdl_excess_loss_db,
    relative_noise_penalty_db, rin_from_rin_oma, rin_oma_penalty_db,
};
pub use equalized_eye::{EqualizedEye, NoiseLevels};
pub use eye::{EYE_SAMPLES_PER_SYMBOL, EyeSource, pulse_response};
pub use eye_levels::{EdgeFigures, OuterLevels, level_mismatch_ratio, measure_edges, measure_outer_levels};
pub use eye_surrogate::{EyeSurrogate, OPENINGS_COUNT, SURROGATE_WIDTH, SurrogateAxes, equalized_openings};
pub use eye_table::{EyePlace, EyeState, EyeTable};
pub use eye_waveforms::{equalize_waveform, fit_pulse_response};
pub use information::snr_for_normalized_information;
pub use interference::{
    CopyClosure, InterferedSignal, Interferer, InterfererField, closure_penalty_db, interference_bound_ratio,
    interference_deviation_ratio, interference_mean_ratio, interference_quantile_estimate_ratio,
};
pub use interference_distribution::InterferenceDistribution;
pub use pam4::{Pam4Levels, Pam4Receiver, Thresholds, pam4_sensitivity_dbm, pam4_symbol_error_ratio, pam4_target_q};
pub use pattern_lock::{PatternLock, lock_pattern};
pub use sampled_eye::SampledEye;
pub use symbol_quality::{SymbolQuality, error_ratio_interval, measure_symbols};
pub use tdecq::{DecisionDistances, Tdecq, TdecqTest, estimate_tdecq, sweep_tdecq};
pub use waveform_tdecq::{LevelSource, WaveformTdecq, WaveformTest, measure_tdecq};

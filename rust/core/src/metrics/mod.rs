//! Bit and symbol error ratios and mutual information of the modulation formats, and their inverses.

mod coherent;
mod eight_qam;
mod eye;
mod information;
mod pam4;
mod tdecq;

pub use crate::signal::Modulation;
pub use coherent::{q_factor_db, snr_for_ber};
pub use eye::{EYE_SAMPLES_PER_SYMBOL, EyeSource, pulse_response};
pub use information::snr_for_normalized_information;
pub use pam4::{Pam4Levels, Pam4Receiver, Thresholds, pam4_sensitivity_dbm, pam4_symbol_error_ratio, pam4_target_q};
pub use tdecq::{DecisionDistances, Tdecq, TdecqTest, estimate_tdecq, sweep_tdecq};

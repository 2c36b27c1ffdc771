//! Bit and symbol error ratios and mutual information of the modulation formats, and their inverses.

mod coherent;
mod eight_qam;
mod information;
mod pam4;

pub use crate::signal::Modulation;
pub use coherent::{q_factor_db, snr_for_ber};
pub use information::snr_for_normalized_information;
pub use pam4::{Pam4Levels, pam4_symbol_error_ratio, pam4_target_q};

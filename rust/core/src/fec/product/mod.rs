//! Codes whose every bit stands in two words: oFEC and the staircase code.

pub mod bch256;
mod bch1022;
mod cfec;
mod hamming128;
mod ofec_count;
mod ofec_decode;
mod ofec_decoder;
mod ofec_geometry;
mod ofec_soft;
mod staircase;
mod staircase_count;

use crate::error::{Error, Result};

pub use cfec::{CFEC_FRAME_BITS, CFEC_FRAME_INFORMATION_BITS, decode_cfec, decode_staircase, encode_cfec};
pub use ofec_count::count_ofec;
pub use ofec_decode::{Decoded, decode_ofec, decode_ofec_hard};
pub use ofec_decoder::OfecSchedule;
pub use ofec_geometry::{OFEC_BLOCK_BITS, OFEC_BLOCK_INFORMATION_BITS, encode_ofec};
pub use ofec_soft::SoftPass;
pub use staircase::{
    STAIRCASE_BLOCK_BITS, STAIRCASE_BLOCK_INFORMATION_BITS, StaircaseSchedule, encode_staircase,
};
pub use staircase_count::{count_cfec, count_staircase};

/// Refuses what is neither 0 nor 1.
pub(crate) fn require_bits(name: &str, bits: &[u8]) -> Result<()> {
    match bits.iter().find(|&&bit| bit > 1) {
        Some(wrong) => Err(Error::parameter(name, wrong, "0 and 1")),
        None => Ok(()),
    }
}

/// Greatest log-likelihood ratio that is taken for one.
const LLR_MAX: f32 = 1e6;

/// Refuses log-likelihood ratios that are none.
pub(crate) fn require_llr(llr: &[f32]) -> Result<()> {
    match llr.iter().find(|llr| llr.is_nan() || llr.abs() > LLR_MAX) {
        Some(wrong) => Err(Error::parameter("llr", wrong, "numbers from -1e6 to 1e6")),
        None => Ok(()),
    }
}

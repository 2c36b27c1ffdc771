//! Codes whose every bit stands in two words: oFEC and the staircase code.

mod bch1022;
mod bch256;
mod cfec;
mod hamming128;
mod ofec_count;
mod ofec_decode;
mod ofec_decoder;
mod ofec_geometry;
mod ofec_interleaver;
mod ofec_soft;
mod staircase;
mod staircase_count;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use rayon::prelude::*;

pub use cfec::{CFEC_FRAME_BITS, CFEC_FRAME_INFORMATION_BITS, decode_cfec, decode_staircase, encode_cfec};
pub use ofec_count::count_ofec;
pub use ofec_decode::{Decoded, decode_ofec, decode_ofec_hard};
pub use ofec_decoder::OfecSchedule;
pub use ofec_geometry::{OFEC_BLOCK_BITS, OFEC_BLOCK_INFORMATION_BITS, encode_ofec};
pub use ofec_interleaver::{OFEC_ENCODERS, OFEC_INTERLEAVER_BITS, deal_ofec, deinterleave_ofec, interleave_ofec};
pub use ofec_soft::SoftPass;
pub use staircase::{STAIRCASE_BLOCK_BITS, STAIRCASE_BLOCK_INFORMATION_BITS, StaircaseSchedule, encode_staircase};
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

/// Does the same with each stream of a table in parallel; the streams are equally long.
///
/// # Errors
/// [`Error::Parameter`] if the streams are empty; else the first error of a stream.
pub fn each_stream<T: Sync, U: Send>(
    table: &[T],
    length: usize,
    function: impl Fn(&[T]) -> Result<U> + Sync,
) -> Result<Vec<U>> {
    if length == 0 {
        return Err(Error::parameter("streams", "0 long", "at least one block"));
    }
    table.par_chunks_exact(length).map(&function).collect()
}

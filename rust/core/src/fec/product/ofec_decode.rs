//! Decoding whole streams of oFEC.

use super::ofec_decoder::{OfecDecoder, OfecSchedule, quantized};
use super::ofec_geometry::{
    BitRow, FRESH, HALF, LANES, OFEC_BLOCK_BITS, OFEC_BLOCK_INFORMATION_BITS, ROW_BITS, ROW_INFORMATION, Row,
    input_place, output_place,
};
use super::{require_bits, require_llr};
use crate::error::{Error, Result};
use crate::task::Task;

/// A decoded stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Information bits.
    pub information: Vec<u8>,
    /// Hard decisions of the line that the decoder changed.
    pub changed_bits_count: u64,
    /// Words of the last hard pass with more errors than it corrects.
    pub flagged_words_count: u64,
}

/// Decodes whole output blocks of one stream from log-likelihood ratios ln P(0)/P(1).
///
/// # Algorithm
/// Steps of 1/4 up to 31.5, beyond which a bit is as sure as any; then soft passes and hard ones row by row, each pass 22 rows
/// behind the one before. The words of the first 20 rows know their front halves; bits of the last 20 rows are in one word only.
///
/// # Errors
/// [`Error::Parameter`] if the ratios are not whole blocks of 4096, one is not finite or beyond 1e6, or the schedule is not
/// allowed; [`Error::Cancelled`] if the task is cancelled.
///
/// # References
/// Open ROADM W-Port digital specification 1.0.1, 10.2 (any iterative decoder of product codes); Pyndiah 1998.
pub fn decode_ofec(llr: &[f32], schedule: &OfecSchedule, task: &Task) -> Result<Decoded> {
    if !llr.len().is_multiple_of(OFEC_BLOCK_BITS) {
        let allowed = format!("a multiple of {OFEC_BLOCK_BITS}");
        return Err(Error::parameter("llr", format!("{} numbers", llr.len()), allowed));
    }
    require_llr(llr)?;
    let rows_count = llr.len() / ROW_BITS;
    let mut decoder = OfecDecoder::new(schedule, rows_count)?;
    let mut information = vec![0; rows_count * ROW_INFORMATION];
    let mut changed_bits_count = 0;
    let mut steps: Row<i16> = [[0; LANES]; HALF];
    for row in 0..rows_count + schedule.delay_rows() {
        if row % 16 == 0 {
            task.check()?;
        }
        let done = if row < rows_count {
            read_row(llr, row, &mut steps);
            decoder.push(&steps)
        } else {
            decoder.advance()
        };
        if let Some((row, bits)) = done {
            changed_bits_count += count_changes(llr, row, bits);
            let out = &mut information[row / 2 * OFEC_BLOCK_INFORMATION_BITS..];
            for (k, lanes) in bits.iter().enumerate().take(FRESH) {
                for r in 0..LANES {
                    out[input_place(row % 2, k, r)] = (lanes >> r & 1) as u8;
                }
            }
        }
    }
    Ok(Decoded { information, changed_bits_count, flagged_words_count: decoder.flagged_words_count })
}

/// Ratios of a square of a row, in the order of the line: 16 bits of each of its words.
fn square(llr: &[f32], row: usize, square: usize) -> &[f32] {
    &llr[row / 2 * OFEC_BLOCK_BITS + output_place(row % 2, square * LANES, 0)..][..LANES * LANES]
}

/// A row in steps of the decoder.
fn read_row(llr: &[f32], row: usize, steps: &mut Row<i16>) {
    for (number, steps) in steps.chunks_exact_mut(LANES).enumerate() {
        for (r, ratios) in square(llr, row, number).chunks_exact(LANES).enumerate() {
            let mut numbers = [0; LANES];
            for (number, &ratio) in numbers.iter_mut().zip(ratios) {
                *number = quantized(ratio);
            }
            for c in 0..LANES {
                steps[c ^ r][r] = numbers[c];
            }
        }
    }
}

/// Hard decisions of a row that differ from the decoded bits.
fn count_changes(llr: &[f32], row: usize, bits: &BitRow) -> u64 {
    let mut count = 0;
    for (number, bits) in bits.chunks_exact(LANES).enumerate() {
        for (r, ratios) in square(llr, row, number).chunks_exact(LANES).enumerate() {
            for (c, &ratio) in ratios.iter().enumerate() {
                count += u64::from(u16::from(ratio < 0.0) ^ (bits[c ^ r] >> r & 1));
            }
        }
    }
    count
}

/// Decodes whole output blocks of one stream from hard decisions, by hard passes alone.
///
/// # Errors
/// [`Error::Parameter`] if the bits are not whole blocks of 4096, one is neither 0 nor 1, or there are more than 16 passes;
/// [`Error::Cancelled`] if the task is cancelled.
pub fn decode_ofec_hard(bits: &[u8], hard_passes_count: u32, task: &Task) -> Result<Decoded> {
    require_bits("bits", bits)?;
    if !bits.len().is_multiple_of(OFEC_BLOCK_BITS) {
        let allowed = format!("a multiple of {OFEC_BLOCK_BITS}");
        return Err(Error::parameter("bits", format!("{} bits", bits.len()), allowed));
    }
    let llr: Vec<f32> = bits.iter().map(|&bit| 1.0 - 2.0 * f32::from(bit)).collect();
    decode_ofec(&llr, &OfecSchedule { soft: Vec::new(), hard_passes_count }, task)
}

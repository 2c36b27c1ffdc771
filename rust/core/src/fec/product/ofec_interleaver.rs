//! From the four encoders of oFEC to the line: squares permuted, buffers of 84 block rows, merged symbol by symbol.

use super::ofec_geometry::{HALF, LANES, OFEC_BLOCK_BITS, OFEC_BLOCK_INFORMATION_BITS, ROW_BITS};
use crate::error::{Error, Result};

/// Encoders side by side.
pub const OFEC_ENCODERS: usize = 4;
/// Block rows of one encoder in a buffer.
const ENCODER_ROWS: usize = 42;
/// Bits of a buffer: two encoders.
const BUFFER_BITS: usize = 2 * ENCODER_ROWS * ROW_BITS;
/// Bits that a subset of rows gives at a time.
const RUN: usize = 8;
/// Bits of the line of one round of the interleaver.
pub const OFEC_INTERLEAVER_BITS: usize = 2 * BUFFER_BITS;

/// Bit of a square that stands at (row, column) behind the permutation of squares.
///
/// # Algorithm
/// Row c - 2r - h and column c - r - h modulo 16, h = 1 in the lower half: a Latin square, so that rows and columns are dealt out
/// evenly. This is the table of the standard in closed form.
fn source_in_square(row: usize, column: usize) -> (usize, usize) {
    let lower = usize::from(row >= LANES / 2);
    ((column + 3 * LANES - 2 * row - lower) % LANES, (column + 2 * LANES - row - lower) % LANES)
}

/// Place in an encoder's output (42 block rows) of each bit of a buffer as it is read; the encoder of the pair in front.
///
/// # Algorithm
/// Column by column, eight bits at a time in turn from four subsets of 21 block rows: even and odd rows of the first 42, then of
/// the last; even block rows are those of the first encoder.
fn reading_order() -> Vec<(usize, usize)> {
    let mut order = Vec::with_capacity(BUFFER_BITS);
    for column in 0..HALF {
        for run in 0..ENCODER_ROWS {
            for subset in 0..4 {
                for bit in run * RUN..(run + 1) * RUN {
                    let row = ENCODER_ROWS * (subset / 2) + 2 * (bit / LANES) + subset % 2;
                    let (r, c) = source_in_square(bit % LANES, column % LANES);
                    let own = row / 2;
                    let place =
                        own / 2 * OFEC_BLOCK_BITS + (column / LANES * 2 + own % 2) * LANES * LANES + r * LANES + c;
                    order.push((row % 2, place));
                }
            }
        }
    }
    order
}

fn check_lengths(name: &str, bits: usize, symbol_bits_count: usize) -> Result<()> {
    if !bits.is_multiple_of(OFEC_INTERLEAVER_BITS) {
        let allowed = format!("a multiple of {OFEC_INTERLEAVER_BITS}");
        return Err(Error::parameter(name, format!("{bits} numbers"), allowed));
    }
    if ![4, 8].contains(&symbol_bits_count) {
        return Err(Error::parameter("symbol_bits_count", symbol_bits_count, "4 (QPSK) or 8 (16QAM)"));
    }
    Ok(())
}

/// Calls with each place of the line and its place among the outputs of the four encoders, one after the other.
fn each_place(total: usize, symbol_bits_count: usize, mut visit: impl FnMut(usize, usize)) {
    let order = reading_order();
    let each = total / OFEC_ENCODERS;
    for round in 0..total / OFEC_INTERLEAVER_BITS {
        for pair in 0..2 {
            for (read, &(encoder, place)) in order.iter().enumerate() {
                let (symbol, bit) = (read / symbol_bits_count, read % symbol_bits_count);
                let line = round * OFEC_INTERLEAVER_BITS + (2 * symbol + pair) * symbol_bits_count + bit;
                visit(line, (2 * pair + encoder) * each + round * ENCODER_ROWS * ROW_BITS + place);
            }
        }
    }
}

/// Line bits of the outputs of four encoders, one after the other; for bits or reliabilities.
///
/// # Algorithm
/// Squares permuted; 42 block rows each of encoders 0 and 1, and of 2 and 3, in a buffer; both read by columns and merged
/// `symbol_bits_count` bits at a time.
///
/// # Errors
/// [`Error::Parameter`] if the length is not a multiple of 344,064 or a symbol has other than 4 or 8 bits.
///
/// # References
/// Open ROADM W-Port digital specification 1.0.1, 10.3 and 11.1.
pub fn interleave_ofec<T: Copy + Default>(encoded: &[T], symbol_bits_count: usize) -> Result<Vec<T>> {
    check_lengths("encoded", encoded.len(), symbol_bits_count)?;
    let mut line = vec![T::default(); encoded.len()];
    each_place(encoded.len(), symbol_bits_count, |to, from| line[to] = encoded[from]);
    Ok(line)
}

/// Inverse of [`interleave_ofec`].
///
/// # Errors
/// As [`interleave_ofec`].
pub fn deinterleave_ofec<T: Copy + Default>(line: &[T], symbol_bits_count: usize) -> Result<Vec<T>> {
    check_lengths("line", line.len(), symbol_bits_count)?;
    let mut encoded = vec![T::default(); line.len()];
    each_place(line.len(), symbol_bits_count, |from, to| encoded[to] = line[from]);
    Ok(encoded)
}

/// Information bits of the four encoders, one after the other, from a payload that deals them out bit by bit.
///
/// # Errors
/// [`Error::Parameter`] if the length is not a multiple of 14,208.
pub fn deal_ofec(payload: &[u8]) -> Result<Vec<u8>> {
    let block = OFEC_ENCODERS * OFEC_BLOCK_INFORMATION_BITS;
    if !payload.len().is_multiple_of(block) {
        let allowed = format!("a multiple of {block} bits");
        return Err(Error::parameter("payload", format!("{} bits", payload.len()), allowed));
    }
    let each = payload.len() / OFEC_ENCODERS;
    let mut out = vec![0; payload.len()];
    for (place, &bit) in payload.iter().enumerate() {
        out[place % OFEC_ENCODERS * each + place / OFEC_ENCODERS] = bit;
    }
    Ok(out)
}

//! Where the bits of oFEC stand: rows of 16 words, the twist, the order on the line, and the encoder.

use super::bch256::{MESSAGE_BITS, PARITY_MASKS, WORD_BITS};
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};

/// Words of a row of square blocks, side by side in one vector.
pub(crate) const LANES: usize = 16;
/// Columns of the matrix: half a word.
pub(crate) const HALF: usize = WORD_BITS / 2;
/// Fresh information bits of a word.
pub(crate) const FRESH: usize = MESSAGE_BITS - HALF;
/// Rows from a word's back half to the first of its front half.
pub(crate) const REACH: usize = 20;
/// Information bits of a row.
pub(crate) const ROW_INFORMATION: usize = LANES * FRESH;
/// Bits of a row.
pub(crate) const ROW_BITS: usize = LANES * HALF;
/// Information bits of an input block: two rows.
pub const OFEC_BLOCK_INFORMATION_BITS: usize = 2 * ROW_INFORMATION;
/// Bits of an output block: two rows.
pub const OFEC_BLOCK_BITS: usize = 2 * ROW_BITS;

/// One number for each bit of a row: entry [k][r] is that of place 128 + k of word r, which the standard calls
/// V(R, k/16, r, (k % 16) ^ r).
pub(crate) type Row<T> = [[T; LANES]; HALF];

/// Row of the front bits 16 c to 16 c + 15 of the words of a row. Bit k of word r stands there at [k][r ^ (k % 16)]: the twist
/// makes front halves of back halves by an exchange of lanes alone.
pub(crate) fn front_row(row: usize, c: usize) -> usize {
    (row ^ 1) + 2 * c - REACH
}

/// Place of bit [k][r] of a row in its output block; `odd` is the row within the block.
pub(crate) fn output_place(odd: usize, k: usize, r: usize) -> usize {
    (k / LANES) * 2 * LANES * LANES + odd * LANES * LANES + r * LANES + ((k % LANES) ^ r)
}

/// Place of fresh bit k of word r of a row in its input block.
pub(crate) fn input_place(odd: usize, k: usize, r: usize) -> usize {
    let width = if k < 96 { LANES } else { FRESH - 96 };
    (odd * LANES + r) * width + (k / LANES) * 2 * LANES * LANES + k % LANES
}

/// Lane by lane exchange with the lane whose number differs by `twist`.
#[inline(always)]
pub(crate) fn twisted<T: Copy>(lanes: &[T; LANES], twist: usize) -> [T; LANES] {
    let mut out = *lanes;
    for (r, out) in out.iter_mut().enumerate() {
        *out = lanes[(r ^ twist) & (LANES - 1)];
    }
    out
}

/// Bits of a row, a lane's bit in each word.
pub(crate) type BitRow = [u16; HALF];

/// [`twisted`] for lanes that are the bits of a number.
#[inline(always)]
pub(crate) fn twisted_bits(mut lanes: u16, twist: usize) -> u16 {
    for (step, mask) in [(1, 0x5555), (2, 0x3333), (4, 0x0F0F), (8, 0x00FF)] {
        if twist & step != 0 {
            lanes = (lanes >> step & mask) | (lanes & mask) << step;
        }
    }
    lanes
}

/// Front halves of the words of a row, from the rows that `row_at` gives; zeros where the stream begins.
#[inline(always)]
pub(crate) fn front_bits<'a>(row: usize, row_at: impl Fn(usize) -> &'a BitRow) -> BitRow {
    let mut front = [0; HALF];
    if row >= REACH {
        for c in 0..HALF / LANES {
            let from = row_at(front_row(row, c));
            for twist in 0..LANES {
                let k = c * LANES + twist;
                front[k] = twisted_bits(from[k], twist);
            }
        }
    }
    front
}

/// Completes the back halves of a row by their check bits.
///
/// # Algorithm
/// Division of the message by the generator, as a sum of columns: check bit j of the 16 words is the sum of the bits whose
/// column has it. Then the parity of all.
pub(crate) fn complete_row(front: &BitRow, back: &mut BitRow) {
    vectorize(CompleteRow { front, back });
}

struct CompleteRow<'a> {
    front: &'a BitRow,
    back: &'a mut BitRow,
}

impl ColumnWork for CompleteRow<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { front, back } = self;
        let mut checks = [0u16; 16];
        let mut parity = 0;
        for (k, masks) in PARITY_MASKS.iter().enumerate() {
            let bits = if k < HALF { front[k] } else { back[k - HALF] };
            parity ^= bits;
            for j in 0..16 {
                checks[j] ^= bits & masks[j];
            }
        }
        for (j, &check) in checks.iter().enumerate() {
            back[FRESH + j] = check;
            parity ^= check;
        }
        back[FRESH + 16] = parity;
    }
}

/// Encodes whole input blocks of one stream to output blocks.
///
/// # Algorithm
/// Row by row: fresh bits, front halves by the twist from the rows before (zeros in the first 20 rows), checks.
///
/// # Errors
/// [`Error::Parameter`] if the bits are not a whole number of blocks of 3552, or one is neither 0 nor 1.
///
/// # References
/// Open ROADM W-Port digital specification 1.0.1, 10.1.2; ITU-T G.709.6.
pub fn encode_ofec(information: &[u8]) -> Result<Vec<u8>> {
    if !information.len().is_multiple_of(OFEC_BLOCK_INFORMATION_BITS) {
        let allowed = format!("a multiple of {OFEC_BLOCK_INFORMATION_BITS} bits");
        return Err(Error::parameter("information", format!("{} bits", information.len()), allowed));
    }
    super::require_bits("information", information)?;
    let rows_count = information.len() / ROW_INFORMATION;
    let mut rows: Vec<BitRow> = Vec::with_capacity(rows_count);
    let mut line = vec![0; rows_count * ROW_BITS];
    for row in 0..rows_count {
        let mut back = [0; HALF];
        let block = &information[row / 2 * OFEC_BLOCK_INFORMATION_BITS..];
        for (k, lanes) in back.iter_mut().enumerate().take(FRESH) {
            *lanes = (0..LANES).fold(0, |sum, r| sum | u16::from(block[input_place(row % 2, k, r)]) << r);
        }
        complete_row(&front_bits(row, |at| &rows[at]), &mut back);
        let out = &mut line[row / 2 * OFEC_BLOCK_BITS..];
        for (k, lanes) in back.iter().enumerate() {
            for r in 0..LANES {
                out[output_place(row % 2, k, r)] = (lanes >> r & 1) as u8;
            }
        }
        rows.push(back);
    }
    Ok(line)
}

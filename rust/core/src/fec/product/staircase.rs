//! The staircase code of G.709.2: blocks of 512 rows and 510 columns, encoder and sliding-window decoder.

use super::bch1022::{Bch1022, CHECKS, LEFT, inverse_permutation, permutation};
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};
use std::collections::VecDeque;

/// Rows of a block.
pub(crate) const ROWS: usize = 512;
/// Columns of a block.
pub(crate) const COLUMNS: usize = 510;
/// Columns that hold information.
pub(crate) const INFORMATION_COLUMNS: usize = COLUMNS - CHECKS;
/// Bits of a block.
pub const STAIRCASE_BLOCK_BITS: usize = ROWS * COLUMNS;
/// Information bits of a block.
pub const STAIRCASE_BLOCK_INFORMATION_BITS: usize = ROWS * INFORMATION_COLUMNS;

/// How the decoder of the staircase code works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaircaseSchedule {
    /// Blocks that are corrected together, 2 to 16.
    pub window_blocks_count: u32,
    /// Passes over all words of the window whenever a block comes in, 1 to 64.
    pub passes_count: u32,
}

impl Default for StaircaseSchedule {
    fn default() -> Self {
        Self { window_blocks_count: 7, passes_count: 8 }
    }
}

impl StaircaseSchedule {
    pub(crate) fn validate(self) -> Result<()> {
        if !(2..=16).contains(&self.window_blocks_count) {
            return Err(Error::parameter("window_blocks_count", self.window_blocks_count, "2 to 16"));
        }
        if !(1..=64).contains(&self.passes_count) {
            return Err(Error::parameter("passes_count", self.passes_count, "1 to 64"));
        }
        Ok(())
    }
}

/// Sums of the weights of the ones in a block: by column with a weight for each row, by row with a weight for each column.
struct Sums<'a> {
    bits: &'a [u8],
    weight_of_row: &'a [u32],
    weight_of_column: &'a [u32],
    by_column: &'a mut [u32; COLUMNS],
    by_row: &'a mut [u32; ROWS],
}

impl ColumnWork for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.by_column.fill(0);
        for row in 0..ROWS {
            let bits = &self.bits[row * COLUMNS..(row + 1) * COLUMNS];
            let (weight, weights) = (self.weight_of_row[row], &self.weight_of_column[..COLUMNS]);
            let mut sum = 0;
            for column in 0..COLUMNS {
                let mask = u32::from(bits[column]).wrapping_neg();
                self.by_column[column] ^= weight & mask;
                sum ^= weights[column] & mask;
            }
            self.by_row[row] = sum;
        }
    }
}

/// Encoder of a stream.
#[derive(Debug, Clone)]
pub(crate) struct StaircaseEncoder {
    code: Bch1022,
    /// Checks that the block before adds to each row.
    carried: [u32; ROWS],
}

impl StaircaseEncoder {
    pub fn new() -> Result<Self> {
        Ok(Self { code: Bch1022::new()?, carried: [0; ROWS] })
    }

    /// Fills the check columns of the next block, whose information columns are given.
    pub fn complete(&mut self, block: &mut [u8]) {
        let weights = &self.code.parity;
        let (mut by_column, mut by_row) = ([0; COLUMNS], [0; ROWS]);
        for row in block.chunks_exact_mut(COLUMNS) {
            row[INFORMATION_COLUMNS..].fill(0);
        }
        let mut sums = |block: &[u8]| {
            vectorize(Sums {
                bits: block,
                weight_of_row: &weights[..LEFT],
                weight_of_column: &weights[LEFT..],
                by_column: &mut by_column,
                by_row: &mut by_row,
            });
            (by_column, by_row)
        };
        let (_, own) = sums(block);
        for (row, bits) in block.chunks_exact_mut(COLUMNS).enumerate() {
            let checks = self.carried[row] ^ own[row];
            for (k, bit) in bits[INFORMATION_COLUMNS..].iter_mut().enumerate() {
                *bit = (checks >> k & 1) as u8;
            }
        }
        let (carried, _) = sums(block);
        for row in 2..ROWS {
            self.carried[row] = carried[permutation(row - 2)];
        }
    }
}

/// A block in the window.
#[derive(Debug, Clone)]
struct Block {
    bits: Vec<u8>,
    /// Syndromes of the words of its rows.
    syndromes: [u32; ROWS],
    /// Words that have changed since they were looked at.
    open: [bool; ROWS],
}

/// Decoder of a stream.
#[derive(Debug, Clone)]
pub(crate) struct StaircaseDecoder {
    code: Bch1022,
    schedule: StaircaseSchedule,
    window: VecDeque<Block>,
    spare: Vec<Block>,
    /// Words with more errors than the code corrects in blocks that left the window.
    pub flagged_words_count: u64,
}

impl StaircaseDecoder {
    pub fn new(schedule: StaircaseSchedule) -> Result<Self> {
        schedule.validate()?;
        Ok(Self { code: Bch1022::new()?, schedule, window: VecDeque::new(), spare: Vec::new(), flagged_words_count: 0 })
    }

    /// Takes the next block; hands the oldest one to `done` if it leaves the window.
    pub fn push(&mut self, bits: &[u8], done: &mut impl FnMut(&[u8])) {
        let empty = || Block { bits: Vec::new(), syndromes: [0; ROWS], open: [false; ROWS] };
        let mut block = self.spare.pop().unwrap_or_else(empty);
        block.bits.clear();
        block.bits.extend_from_slice(bits);
        let (mut by_column, mut by_row) = ([0; COLUMNS], [0; ROWS]);
        let columns = &self.code.columns;
        let mut sums = |bits: &[u8]| {
            vectorize(Sums {
                bits,
                weight_of_row: &columns[..LEFT],
                weight_of_column: &columns[LEFT..],
                by_column: &mut by_column,
                by_row: &mut by_row,
            });
            (by_column, by_row)
        };
        block.syndromes = sums(bits).1;
        if let Some(before) = self.window.back() {
            let carried = sums(&before.bits).0;
            for row in 2..ROWS {
                block.syndromes[row] ^= carried[permutation(row - 2)];
            }
        }
        block.open = block.syndromes.map(|syndrome| syndrome != 0);
        self.window.push_back(block);
        self.correct();
        if self.window.len() == self.schedule.window_blocks_count as usize {
            self.release(done);
        }
    }

    /// Hands out the rest of the window.
    pub fn finish(&mut self, done: &mut impl FnMut(&[u8])) {
        while !self.window.is_empty() {
            self.release(done);
        }
    }

    fn release(&mut self, done: &mut impl FnMut(&[u8])) {
        if let Some(block) = self.window.pop_front() {
            self.flagged_words_count += block.syndromes.iter().filter(|&&syndrome| syndrome != 0).count() as u64;
            done(&block.bits);
            self.spare.push(block);
        }
    }

    /// Passes over all open words, from the oldest block to the newest.
    ///
    /// # Algorithm
    /// A word with up to three errors is corrected, and both syndromes of each bit change with it. A correction of a bit that
    /// has left the window, or of one that a word does not have, is refused.
    fn correct(&mut self) {
        for _ in 0..self.schedule.passes_count {
            let mut changed = false;
            for number in 0..self.window.len() {
                for row in 0..ROWS {
                    if std::mem::take(&mut self.window[number].open[row]) {
                        changed |= self.correct_word(number, row);
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }

    fn correct_word(&mut self, number: usize, row: usize) -> bool {
        let Some((places, count)) = self.code.locate(self.window[number].syndromes[row]) else { return false };
        let places = &places[..count];
        if places.iter().any(|&place| usize::from(place) < LEFT && (number == 0 || row < 2)) {
            return false;
        }
        for &place in places {
            match usize::from(place) {
                left @ ..LEFT => self.invert(number - 1, left, permutation(row - 2)),
                right => self.invert(number, row, right - LEFT),
            }
        }
        self.window[number].open[row] = false;
        count > 0
    }

    fn invert(&mut self, number: usize, row: usize, column: usize) {
        let block = &mut self.window[number];
        block.bits[row * COLUMNS + column] ^= 1;
        block.syndromes[row] ^= self.code.columns[LEFT + column];
        block.open[row] = block.syndromes[row] != 0;
        if let Some(next) = self.window.get_mut(number + 1) {
            let other = inverse_permutation(column) + 2;
            next.syndromes[other] ^= self.code.columns[row];
            next.open[other] = next.syndromes[other] != 0;
        }
    }
}

/// Encodes whole blocks of information to blocks of 512 rows and 510 columns, row by row.
///
/// # Algorithm
/// Row j of a block, with column j - 2 of the block before in front of it (zeros for j < 2, and for the first block), is a word
/// of BCH(1022,990).
///
/// # Errors
/// [`Error::Parameter`] if the bits are not a whole number of blocks of 244,736, or one is neither 0 nor 1.
///
/// # References
/// ITU-T G.709.2 (2018), annex A; the permutation of columns is a stand-in and the error decorrelator is left out.
pub fn encode_staircase(information: &[u8]) -> Result<Vec<u8>> {
    if !information.len().is_multiple_of(STAIRCASE_BLOCK_INFORMATION_BITS) {
        let allowed = format!("a multiple of {STAIRCASE_BLOCK_INFORMATION_BITS} bits");
        return Err(Error::parameter("information", format!("{} bits", information.len()), allowed));
    }
    super::require_bits("information", information)?;
    let mut encoder = StaircaseEncoder::new()?;
    let mut out = vec![0; information.len() / INFORMATION_COLUMNS * COLUMNS];
    let blocks = information.chunks_exact(STAIRCASE_BLOCK_INFORMATION_BITS);
    for (block, information) in out.chunks_exact_mut(STAIRCASE_BLOCK_BITS).zip(blocks) {
        for (row, bits) in block.chunks_exact_mut(COLUMNS).zip(information.chunks_exact(INFORMATION_COLUMNS)) {
            row[..INFORMATION_COLUMNS].copy_from_slice(bits);
        }
        encoder.complete(block);
    }
    Ok(out)
}

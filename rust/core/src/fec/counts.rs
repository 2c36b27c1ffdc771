//! What a Monte Carlo run of a code counts.

use crate::error::{Error, Result};
use crate::task::Task;
use rayon::prelude::*;
use std::iter::Sum;
use std::ops::{Add, Range};

/// Errors before and after decoding; adds up over any split of the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Frames decoded.
    pub frames: u64,
    /// Frames with at least one wrong bit after decoding.
    pub frame_errors: u64,
    /// Bits on the line.
    pub line_bits: u64,
    /// Wrong hard decisions among them.
    pub bit_errors_before: u64,
    /// Bits after decoding.
    pub bits: u64,
    /// Wrong bits among them.
    pub bit_errors_after: u64,
    /// 10-bit symbols handed to KP4; 0 for other codes.
    pub symbols: u64,
    /// Wrong symbols among them.
    pub symbol_errors: u64,
    /// Bits between the stages of CFEC; 0 for other codes.
    pub inner_bits: u64,
    /// Wrong bits among them.
    pub inner_bit_errors: u64,
    /// Words that were decoded to a wrong codeword without notice.
    pub miscorrections: u64,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            frames: self.frames + other.frames,
            frame_errors: self.frame_errors + other.frame_errors,
            line_bits: self.line_bits + other.line_bits,
            bit_errors_before: self.bit_errors_before + other.bit_errors_before,
            bits: self.bits + other.bits,
            bit_errors_after: self.bit_errors_after + other.bit_errors_after,
            symbols: self.symbols + other.symbols,
            symbol_errors: self.symbol_errors + other.symbol_errors,
            inner_bits: self.inner_bits + other.inner_bits,
            inner_bit_errors: self.inner_bit_errors + other.inner_bit_errors,
            miscorrections: self.miscorrections + other.miscorrections,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), Add::add)
    }
}

/// Sums the counts of frames in parallel; the result does not depend on how the frames are split.
///
/// # Errors
/// [`Error::Cancelled`] after a cancel of the task; [`Error::Parameter`] if the range ends before it starts.
pub fn count_frames<F>(frames: &Range<u64>, batch: u64, task: &Task, count: F) -> Result<Counts>
where
    F: Fn(Range<u64>) -> Result<Counts> + Sync,
{
    let Some(total) = frames.end.checked_sub(frames.start) else {
        return Err(Error::parameter("frames", format!("{frames:?}"), "a range that does not end before it starts"));
    };
    (0..total.div_ceil(batch))
        .into_par_iter()
        .map(|index| {
            task.check()?;
            let first = frames.start + index * batch;
            let part = first..frames.end.min(first + batch);
            let done = part.end - part.start;
            let counts = count(part)?;
            task.advance(done);
            Ok(counts)
        })
        .try_reduce(Counts::default, |a, b| Ok(a + b))
}

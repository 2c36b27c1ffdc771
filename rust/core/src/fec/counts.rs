//! What a Monte Carlo run of a code counts.

use std::ops::{Add, AddAssign};

/// Counts of frames that were sent over a noisy channel and decoded; those of two runs over other frames add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Frames.
    pub frames: u64,
    /// Frames with a wrong information bit behind the decoder.
    pub frame_errors: u64,
    /// Information bits of all frames.
    pub bits: u64,
    /// Bits of the line.
    pub line_bits: u64,
    /// Wrong hard decisions of the line.
    pub bit_errors_before: u64,
    /// Wrong information bits behind the decoder.
    pub bit_errors_after: u64,
    /// Symbols between the stages of a concatenated code.
    pub inner_symbols: u64,
    /// Wrong ones.
    pub symbol_errors: u64,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            frames: self.frames + other.frames,
            frame_errors: self.frame_errors + other.frame_errors,
            bits: self.bits + other.bits,
            line_bits: self.line_bits + other.line_bits,
            bit_errors_before: self.bit_errors_before + other.bit_errors_before,
            bit_errors_after: self.bit_errors_after + other.bit_errors_after,
            inner_symbols: self.inner_symbols + other.inner_symbols,
            symbol_errors: self.symbol_errors + other.symbol_errors,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

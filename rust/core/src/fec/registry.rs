//! The codes that can be counted, one entry each.

use super::channel::{Channel, ChannelKind, Reliability};
use super::counting::{InnerDecoder, count_chain, count_inner, count_kp4};
use super::counts::Counts;
use super::inner_code::InnerCode;
use super::product::{OfecSchedule, StaircaseSchedule, count_cfec, count_ofec, count_staircase};
use crate::error::{Error, Result};
use crate::task::Task;
use std::ops::Range;

/// What the catalog's map of a code holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedRatio {
    /// Wrong bits after decoding over bits.
    PostFecBer,
    /// Wrong 10-bit symbols handed to KP4 over symbols.
    OuterSymbolErrorRatio,
}

/// A function that counts the errors of frames of a code.
pub type CountFrames = fn(&Channel, Range<u64>, u64, &Task) -> Result<Counts>;

/// A code that can be counted.
#[derive(Debug, Clone, Copy)]
pub struct CountedCode {
    /// Name, as in the catalog where the catalog has it.
    pub name: &'static str,
    /// What is counted, in words.
    pub description: &'static str,
    /// Channel that it is counted on.
    pub channel: ChannelKind,
    /// Ratio that its map holds.
    pub ratio: CountedRatio,
    /// Pre-FEC bit error ratio up to which the code is specified to work.
    pub threshold_ber: f64,
    /// Frames that take some tenths of a second, after which a run looks whether it has counted enough.
    pub step_frames: u64,
    /// Counts frames.
    pub count: CountFrames,
}

/// Bits that the soft decoders try both ways.
const TEST_BITS: usize = 6;
const SOFT: InnerDecoder = InnerDecoder::Soft { test_bits_count: TEST_BITS };

/// All codes.
pub static COUNTED_CODES: &[CountedCode] = &[
    CountedCode {
        name: "kp4",
        description: "RS(544,514), bits flipped at random",
        channel: ChannelKind::BinarySymmetric,
        ratio: CountedRatio::PostFecBer,
        threshold_ber: 2.4e-4,
        step_frames: 8_192,
        count: count_kp4,
    },
    CountedCode {
        name: "hamming-128-120",
        description: "Hamming(128,120) on PAM4, Chase on 6 bits, its output to KP4",
        channel: ChannelKind::Pam4,
        ratio: CountedRatio::OuterSymbolErrorRatio,
        threshold_ber: 4.8e-3,
        step_frames: 65_536,
        count: |channel, frames, seed, task| count_inner(InnerCode::Hamming128, SOFT, channel, frames, seed, task),
    },
    CountedCode {
        name: "hamming-128-120-hard",
        description: "Hamming(128,120) on PAM4, hard decisions, its output to KP4",
        channel: ChannelKind::Pam4,
        ratio: CountedRatio::OuterSymbolErrorRatio,
        threshold_ber: 1.4e-3,
        step_frames: 65_536,
        count: |channel, frames, seed, task| {
            count_inner(InnerCode::Hamming128, InnerDecoder::Hard, channel, frames, seed, task)
        },
    },
    CountedCode {
        name: "hamming-128-120-kp4",
        description: "Hamming(128,120) and KP4 on PAM4, Chase on 6 bits",
        channel: ChannelKind::Pam4,
        ratio: CountedRatio::PostFecBer,
        threshold_ber: 4.8e-3,
        step_frames: 64,
        count: |channel, frames, seed, task| count_chain(InnerCode::Hamming128, SOFT, channel, frames, seed, task),
    },
    CountedCode {
        name: "bch-126-110",
        description: "BCH(126,110) on 16QAM, Chase on 6 bits, its output to KP4",
        channel: ChannelKind::Pam4,
        ratio: CountedRatio::OuterSymbolErrorRatio,
        threshold_ber: 1.09e-2,
        step_frames: 65_536,
        count: |channel, frames, seed, task| count_inner(InnerCode::Bch126, SOFT, channel, frames, seed, task),
    },
    CountedCode {
        name: "bch-126-110-kp4",
        description: "BCH(126,110) and KP4 on 16QAM, Chase on 6 bits",
        channel: ChannelKind::Pam4,
        ratio: CountedRatio::PostFecBer,
        threshold_ber: 1.09e-2,
        step_frames: 64,
        count: |channel, frames, seed, task| count_chain(InnerCode::Bch126, SOFT, channel, frames, seed, task),
    },
    CountedCode {
        name: "ofec",
        description: "oFEC on QPSK, three soft passes with 6 bits tried and two hard ones; frames of 745,920 bits",
        channel: ChannelKind::Bpsk,
        ratio: CountedRatio::PostFecBer,
        threshold_ber: 2e-2,
        step_frames: 2,
        count: |channel, frames, seed, task| count_ofec(channel, frames, seed, &OfecSchedule::default(), task),
    },
    CountedCode {
        name: "cfec",
        description: "CFEC on 16QAM: Hamming(128,119) with 6 bits tried, staircase code; frames of 2,202,624 bits",
        channel: ChannelKind::Pam4,
        ratio: CountedRatio::PostFecBer,
        threshold_ber: 1.25e-2,
        step_frames: 2,
        count: |channel, frames, seed, task| count_cfec(channel, frames, seed, StaircaseSchedule::default(), task),
    },
    CountedCode {
        name: "sc-fec",
        description: "Staircase code alone, bits flipped at random; frames of 2,202,624 bits",
        channel: ChannelKind::BinarySymmetric,
        ratio: CountedRatio::PostFecBer,
        threshold_ber: 4.5e-3,
        step_frames: 2,
        count: |channel, frames, seed, task| count_staircase(channel, frames, seed, StaircaseSchedule::default(), task),
    },
];

/// The code of a name.
///
/// # Errors
/// [`Error::Parameter`] if no code has the name.
pub fn counted_code(name: &str) -> Result<&'static CountedCode> {
    COUNTED_CODES.iter().find(|code| code.name == name).ok_or_else(|| {
        let names: Vec<&str> = COUNTED_CODES.iter().map(|code| code.name).collect();
        Error::parameter("code", name, names.join(", "))
    })
}

/// Counts frames of a code at a pre-FEC bit error ratio, on the channel that it is counted on.
///
/// Every frame is addressed by its number: any split of a range and any number of threads give the same sums.
///
/// # Errors
/// [`Error::Parameter`] if no code has the name, the ratio is not from 1e-15 to 0.4 or the range ends before it starts;
/// [`Error::Cancelled`] after a cancel of the task.
pub fn count_code(name: &str, pre_fec_ber: f64, frames: Range<u64>, seed: u64, task: &Task) -> Result<Counts> {
    let code = counted_code(name)?;
    let channel = Channel::new(code.channel, Reliability::MaxLog, pre_fec_ber)?;
    (code.count)(&channel, frames, seed, task)
}

#[cfg(test)]
mod tests {
    use super::super::hamming::hamming_hard_symbol_error_ratio;
    use super::super::kp4::{codeword_error_ratio, kp4_from_bit_errors};
    use super::*;

    fn count(name: &str, ber: f64, frames: u64) -> Counts {
        count_code(name, ber, 0..frames, 11, &Task::new()).unwrap()
    }

    /// Whether `found` events of a Poisson count are within four deviations of `expected`.
    fn near(found: u64, expected: f64) -> bool {
        (found as f64 - expected).abs() < 4.0 * expected.sqrt() + 1.0
    }

    #[test]
    fn kp4_fails_as_the_exact_binomial_says() {
        for ber in [1.5e-3, 2e-3, 3e-3] {
            let exact = kp4_from_bit_errors(ber);
            let counts = count("kp4", ber, 4000);
            assert!(near(counts.frame_errors, exact.codeword_error_ratio * 4000.0), "{ber}: {counts:?}");
            assert!(near(counts.symbol_errors, exact.symbol_error_ratio * counts.symbols as f64));
            assert!(near(counts.bit_errors_before, ber * counts.line_bits as f64));
            // One in about 15! words beyond reach is near another codeword.
            assert_eq!(counts.miscorrections, 0);
        }
    }

    #[test]
    fn hard_hamming_leaves_what_its_weights_say() {
        for ber in [1e-3, 1.4e-3, 1e-2] {
            let counts = count("hamming-128-120-hard", ber, 40_000);
            let expected = hamming_hard_symbol_error_ratio(ber) * counts.symbols as f64;
            // Errors of one word come together: as many as six symbols of one event.
            assert!(
                (counts.symbol_errors as f64 - expected).abs() < 4.0 * (4.0 * expected).sqrt(),
                "{ber}: {counts:?} {expected}"
            );
        }
    }

    /// A chain's codewords fail as the binomial says of the symbols that its inner decoder leaves wrong: the interleaver
    /// puts each word's symbols into different codewords.
    #[test]
    fn chains_fail_as_the_binomial_says() {
        for (name, ber) in [("hamming-128-120-kp4", 9.8e-3), ("bch-126-110-kp4", 1.75e-2)] {
            let frames = 60;
            let counts = count(name, ber, frames);
            let one = codeword_error_ratio(counts.symbol_errors as f64 / counts.symbols as f64);
            let expected = frames as f64 * (1.0 - (1.0 - one).powi(12));
            assert!(expected > 15.0 && expected < 55.0 && near(counts.frame_errors, expected), "{counts:?} {expected}");
        }
    }

    #[test]
    fn sums_do_not_depend_on_the_split_or_on_threads() {
        for code in COUNTED_CODES {
            let run = |threads: usize, ranges: &[Range<u64>]| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let part = |frames: &Range<u64>| count_code(code.name, 1e-2, frames.clone(), 3, &Task::new()).unwrap();
                pool.install(|| ranges.iter().map(part).sum::<Counts>())
            };
            assert_eq!(run(1, &[5..25, 25..45]), run(3, &[5..6, 6..38, 38..45]), "{}", code.name);
        }
    }

    #[test]
    fn wrong_names_and_ratios_are_refused_and_tasks_are_cancelled() {
        let task = Task::new();
        assert!(count_code("kp5", 1e-3, 0..1, 1, &task).is_err());
        assert!(count_code("kp4", 0.0, 0..1, 1, &task).is_err());
        #[allow(clippy::reversed_empty_ranges)]
        let reversed = 2..1;
        assert!(count_code("kp4", 1e-3, reversed, 1, &task).is_err());
        task.cancel();
        assert_eq!(count_code("kp4", 1e-3, 0..1, 1, &task), Err(Error::Cancelled));
    }
}

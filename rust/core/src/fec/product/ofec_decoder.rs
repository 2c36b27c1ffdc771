//! Sliding-window decoder of one stream of oFEC: soft passes, then hard ones, each 22 rows behind the one before.

use super::bch256::{COLUMN_MASKS, NO_PLACE, hard_correction};
use super::ofec_geometry::{BitRow, HALF, LANES, REACH, Row, front_bits, front_row, twisted, twisted_bits};
use super::ofec_soft::{PassSteps, RELIABILITY_MAX, SoftPass, SoftRow, TEST_PLACES_MAX, Words, decode_words};
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};

/// Rows from a pass to the next: behind it, all words that hold a bit of the row have been decoded.
pub(crate) const LAG: usize = REACH + 2;
/// Step of the decoder's log-likelihood ratios.
pub(crate) const LLR_STEP: f64 = 0.25;
/// Most passes of either kind.
const PASSES_MAX: usize = 16;

/// Passes of the decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct OfecSchedule {
    /// Soft passes in order.
    pub soft: Vec<SoftPass>,
    /// Hard passes behind them.
    pub hard_passes_count: u32,
}

impl Default for OfecSchedule {
    /// Three soft passes with six test places and two hard passes; scales and confidences by search at a pre-FEC BER of 2.11e-2.
    fn default() -> Self {
        let pass =
            |scale_ratio, confidence_log_ratio| SoftPass { test_places_count: 6, scale_ratio, confidence_log_ratio };
        Self { soft: vec![pass(0.296_875, 2.25), pass(0.359_375, 3.5), pass(0.625, 3.0)], hard_passes_count: 2 }
    }
}

impl OfecSchedule {
    /// The passes in the decoder's numbers.
    fn steps(&self) -> Result<Vec<PassSteps>> {
        if self.soft.len() > PASSES_MAX {
            return Err(Error::parameter("soft", format!("{} passes", self.soft.len()), "at most 16 passes"));
        }
        if self.hard_passes_count as usize > PASSES_MAX {
            return Err(Error::parameter("hard_passes_count", self.hard_passes_count, "at most 16"));
        }
        let step = |pass: &SoftPass| {
            let tests = pass.test_places_count;
            if !(1..=TEST_PLACES_MAX as u32).contains(&tests) {
                return Err(Error::parameter("test_places_count", tests, "1 to 7"));
            }
            if !(0.0..=1.0).contains(&pass.scale_ratio) {
                return Err(Error::parameter("scale_ratio", pass.scale_ratio, "a number from 0 to 1"));
            }
            let confidence_max = f64::from(RELIABILITY_MAX) * LLR_STEP;
            if !(0.0..=confidence_max).contains(&pass.confidence_log_ratio) {
                let allowed = format!("a number from 0 to {confidence_max}");
                return Err(Error::parameter("confidence_log_ratio", pass.confidence_log_ratio, allowed));
            }
            Ok(PassSteps {
                test_places: tests as usize,
                scale: (pass.scale_ratio * 256.0).round() as i16,
                confidence: (pass.confidence_log_ratio / LLR_STEP).round() as i16,
            })
        };
        self.soft.iter().map(step).collect()
    }

    /// Rows between a row's arrival and its decision.
    pub(crate) fn delay_rows(&self) -> usize {
        LAG * (self.soft.len() + self.hard_passes_count as usize)
    }
}

/// Number of the decoder nearest to a log-likelihood ratio; the ends of the scale stand for all beyond.
#[inline(always)]
pub(crate) fn quantized(llr: f32) -> i16 {
    let bound = f32::from(RELIABILITY_MAX - 1);
    // 1.5 2^23 leaves the nearest integer in the low bits.
    let shifted = (llr * (1.0 / LLR_STEP as f32)).min(bound).max(-bound) + 12_582_912.0;
    shifted.to_bits() as i16
}

/// Decoder of one stream.
#[derive(Debug, Clone)]
pub(crate) struct OfecDecoder {
    passes: Vec<PassSteps>,
    hard_passes_count: usize,
    soft: Vec<SoftRow>,
    decided: Vec<BitRow>,
    words: Box<Words>,
    rows_count: usize,
    next: usize,
    /// Words of the last hard pass that no two errors explain.
    pub flagged_words_count: u64,
}

impl OfecDecoder {
    /// A decoder for a stream of so many rows.
    pub fn new(schedule: &OfecSchedule, rows_count: usize) -> Result<Self> {
        let passes = schedule.steps()?;
        let ring = (schedule.delay_rows() + LAG).next_power_of_two();
        Ok(Self {
            passes,
            hard_passes_count: schedule.hard_passes_count as usize,
            soft: vec![SoftRow::new(); ring],
            decided: vec![[0; HALF]; ring],
            words: Box::new(Words::new()),
            rows_count,
            next: 0,
            flagged_words_count: 0,
        })
    }

    /// Takes the next row, in steps of the decoder.
    pub fn push(&mut self, row: &Row<i16>) -> Option<(usize, &BitRow)> {
        let slot = self.next & (self.soft.len() - 1);
        let newest = &mut self.soft[slot];
        newest.channel.copy_from_slice(row);
        newest.by_back.fill([0; LANES]);
        newest.by_front.fill([0; LANES]);
        self.advance()
    }

    /// Moves on by a row: all passes do their part. Gives the row that is done, if any.
    pub fn advance(&mut self) -> Option<(usize, &BitRow)> {
        let newest = self.next;
        self.next += 1;
        let stages = self.passes.len();
        for stage in 0..stages {
            if let Some(row) = behind(newest, stage, self.rows_count) {
                self.soft_row(row, self.passes[stage]);
            }
        }
        if let Some(row) = behind(newest, stages, self.rows_count) {
            let mask = self.soft.len() - 1;
            vectorize(Decide { row: &self.soft[row & mask], bits: &mut self.decided[row & mask] });
        }
        for pass in 0..self.hard_passes_count {
            if let Some(row) = behind(newest, stages + pass, self.rows_count) {
                let flagged = self.hard_row(row);
                if pass + 1 == self.hard_passes_count {
                    self.flagged_words_count += flagged;
                }
            }
        }
        let mask = self.decided.len() - 1;
        let done = behind(newest, stages + self.hard_passes_count, self.rows_count);
        done.map(|row| (row, &self.decided[row & mask]))
    }

    fn soft_row(&mut self, row: usize, pass: PassSteps) {
        vectorize(Gather { row, soft: &self.soft, words: &mut self.words });
        decode_words(&mut self.words, pass);
        vectorize(Scatter { row, soft: &mut self.soft, words: &self.words });
    }

    /// Corrects up to two errors in each word of a row; gives the number of words with more.
    fn hard_row(&mut self, row: usize) -> u64 {
        let mask = self.decided.len() - 1;
        let front = front_bits(row, |at| &self.decided[at & mask]);
        let back = &self.decided[row & mask];
        let (syndromes, odd) = vectorize(BitSyndromes { front: &front, back });
        let wrong = syndromes.iter().fold(odd, |sum, lanes| sum | lanes);
        let mut flagged = 0;
        for lane in (0..LANES).filter(|lane| wrong >> lane & 1 == 1) {
            let syndrome = (0..16).fold(0, |sum, bit| sum | (syndromes[bit] >> lane & 1) << bit);
            let Some(places) = hard_correction(syndrome, odd >> lane & 1 == 1) else {
                flagged += 1;
                continue;
            };
            for place in places.into_iter().filter(|&place| place != NO_PLACE).map(usize::from) {
                if place >= HALF {
                    self.decided[row & mask][place - HALF] ^= 1 << lane;
                } else if row >= REACH {
                    let at = front_row(row, place / LANES);
                    self.decided[at & mask][place] ^= twisted_bits(1 << lane, place % LANES);
                } else {
                    flagged += 1; // An error among known zeros is none.
                }
            }
        }
        flagged
    }
}

/// Row of the stage that works so many lags behind the newest row.
fn behind(newest: usize, stage: usize, rows_count: usize) -> Option<usize> {
    newest.checked_sub(LAG * stage).filter(|&row| row < rows_count)
}

/// Signs of all that is known of a row.
struct Decide<'a> {
    row: &'a SoftRow,
    bits: &'a mut BitRow,
}

impl ColumnWork for Decide<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let SoftRow { channel, by_back, by_front } = self.row;
        for k in 0..HALF {
            let mut bits = 0;
            for lane in 0..LANES {
                let sum = channel[k][lane] + by_back[k][lane] + by_front[k][lane];
                bits |= (sum >> 15) as u16 & 1 << lane;
            }
            self.bits[k] = bits;
        }
    }
}

/// Repeats a statement for the 16 twists, each of them a constant.
macro_rules! each_twist {
    ($twist:ident, $body:block) => {
        each_twist!(@ $twist, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $twist:ident, $body:block, $($value:literal)*) => {
        $({ const $twist: usize = $value; $body })*
    };
}

/// Reads the words of a row: the channel and what the words say that hold the bits in their other half.
struct Gather<'a> {
    row: usize,
    soft: &'a [SoftRow],
    words: &'a mut Words,
}

impl ColumnWork for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mask = self.soft.len() - 1;
        let input = &mut self.words.input;
        let (front, back) = input.split_at_mut(HALF);
        let own = &self.soft[self.row & mask];
        for ((back, channel), said) in back.iter_mut().zip(&own.channel).zip(&own.by_front) {
            *back = sum(channel, said);
        }
        if self.row < REACH {
            front.fill([RELIABILITY_MAX; LANES]);
            return;
        }
        for c in 0..HALF / LANES {
            let from = &self.soft[front_row(self.row, c) & mask];
            each_twist!(TWIST, {
                let k = c * LANES + TWIST;
                front[k] = twisted(&sum(&from.channel[k], &from.by_back[k]), TWIST);
            });
        }
    }
}

#[inline(always)]
fn sum(a: &[i16; LANES], b: &[i16; LANES]) -> [i16; LANES] {
    let mut out = [0; LANES];
    for lane in 0..LANES {
        out[lane] = (a[lane] + b[lane]).clamp(-RELIABILITY_MAX, RELIABILITY_MAX);
    }
    out
}

/// Writes what the words of a row say.
struct Scatter<'a> {
    row: usize,
    soft: &'a mut [SoftRow],
    words: &'a Words,
}

impl ColumnWork for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mask = self.soft.len() - 1;
        let (front, back) = self.words.extrinsic.split_at(HALF);
        self.soft[self.row & mask].by_back.copy_from_slice(back);
        if self.row < REACH {
            return;
        }
        for c in 0..HALF / LANES {
            let to = &mut self.soft[front_row(self.row, c) & mask];
            each_twist!(TWIST, {
                let k = c * LANES + TWIST;
                to.by_front[k] = twisted(&front[k], TWIST);
            });
        }
    }
}

/// Syndromes of 16 words, bit by bit: a lane's bit in each entry.
struct BitSyndromes<'a> {
    front: &'a BitRow,
    back: &'a BitRow,
}

impl ColumnWork for BitSyndromes<'_> {
    type Output = ([u16; 16], u16);

    #[inline(always)]
    fn run(self) -> ([u16; 16], u16) {
        let mut syndromes = [0u16; 16];
        let mut odd = 0;
        for (k, masks) in COLUMN_MASKS.iter().enumerate() {
            let bits = if k < HALF { self.front[k] } else { self.back[k - HALF] };
            odd ^= bits;
            for bit in 0..16 {
                syndromes[bit] ^= bits & masks[bit];
            }
        }
        (syndromes, odd)
    }
}

//! Monte Carlo of the staircase code, alone and with its inner code.

use super::cfec::{BLOCKS, CFEC_FRAME_BITS, InnerStage};
use super::staircase::{
    COLUMNS, INFORMATION_COLUMNS, STAIRCASE_BLOCK_BITS, STAIRCASE_BLOCK_INFORMATION_BITS, StaircaseDecoder,
    StaircaseEncoder, StaircaseSchedule,
};
use crate::error::Result;
use crate::fec::channel::{Channel, wrong_decisions};
use crate::fec::counts::{Counts, count_frames};
use crate::rng::RandomSource;
use crate::task::Task;
use std::ops::Range;

/// Blocks of a frame that are not counted: the first block leans on known zeros.
const RUN_IN_BLOCKS: usize = 5;
/// Key and purposes of the random numbers of a stream; the noise of each group of blocks has a purpose of its own.
const STAIRCASE_KEY: u64 = 0x5354_4149;
const DATA_PURPOSE: u32 = 0;
const NOISE_PURPOSE: u32 = 1;
/// Blocks that are counted.
const COUNTED_BLOCKS: usize = 9;

/// Counts errors of streams of the staircase code alone (SC-FEC) behind hard decisions.
///
/// # Algorithm
/// A frame is a stream of 5 blocks that are not counted, 9 that are (2,202,624 information bits), and as many as fill the window
/// and five blocks.
///
/// # Errors
/// [`crate::Error::Parameter`] if the schedule is not allowed; [`crate::Error::Cancelled`] if the task is cancelled.
pub fn count_staircase(
    channel: &Channel,
    frames: Range<u64>,
    seed: u64,
    schedule: StaircaseSchedule,
    task: &Task,
) -> Result<Counts> {
    count(frames, task, |frame| Stream::new(channel, (seed, frame), schedule)?.run(None, task))
}

/// Counts errors of streams of CFEC; symbols between the stages are the bits of the staircase code.
///
/// # Algorithm
/// As [`count_staircase`], with the inner words and their interleaver between the blocks and the line.
///
/// # Errors
/// As [`count_staircase`].
pub fn count_cfec(
    channel: &Channel,
    frames: Range<u64>,
    seed: u64,
    schedule: StaircaseSchedule,
    task: &Task,
) -> Result<Counts> {
    count(frames, task, |frame| Stream::new(channel, (seed, frame), schedule)?.run(Some(InnerStage::new()), task))
}

fn count(frames: Range<u64>, task: &Task, run: impl Fn(u64) -> Result<Counts> + Sync) -> Result<Counts> {
    count_frames(&frames, 1, task, |mut part| part.try_fold(Counts::default(), |sum, frame| Ok(sum + run(frame)?)))
}

struct Stream<'a> {
    channel: &'a Channel,
    source: RandomSource,
    encoder: StaircaseEncoder,
    decoder: StaircaseDecoder,
    groups_count: usize,
    counts: Counts,
}

fn is_counted(block: usize) -> bool {
    (RUN_IN_BLOCKS..RUN_IN_BLOCKS + COUNTED_BLOCKS).contains(&block)
}

impl<'a> Stream<'a> {
    fn new(channel: &'a Channel, (seed, frame): (u64, u64), schedule: StaircaseSchedule) -> Result<Self> {
        let blocks_count = RUN_IN_BLOCKS + COUNTED_BLOCKS + schedule.window_blocks_count as usize - 1;
        Ok(Self {
            channel,
            source: RandomSource::new(seed, STAIRCASE_KEY, frame),
            encoder: StaircaseEncoder::new()?,
            decoder: StaircaseDecoder::new(schedule)?,
            groups_count: blocks_count.div_ceil(BLOCKS),
            counts: Counts { frames: 1, ..Counts::default() },
        })
    }

    fn run(mut self, mut inner: Option<InnerStage>, task: &Task) -> Result<Counts> {
        let group_bits = BLOCKS * STAIRCASE_BLOCK_BITS;
        let line_bits = if inner.is_some() { CFEC_FRAME_BITS } else { group_bits };
        let mut sent = vec![0; self.groups_count * group_bits];
        let mut received = vec![0; group_bits];
        let (mut line, mut llr) = (vec![0; line_bits], vec![0.0; line_bits]);
        let mut done_count = 0;
        for group in 0..self.groups_count {
            task.check()?;
            let blocks = &mut sent[group * group_bits..][..group_bits];
            for (number, block) in blocks.chunks_exact_mut(STAIRCASE_BLOCK_BITS).enumerate() {
                fill_randomly(&self.source, group * BLOCKS + number, block);
                self.encoder.complete(block);
            }
            if let Some(inner) = &mut inner {
                inner.encode(blocks, &mut line);
            } else {
                line.copy_from_slice(blocks);
            }
            self.channel.receive(&self.source, NOISE_PURPOSE + group as u32, &line, &mut llr);
            if let Some(inner) = &mut inner {
                inner.decode(&llr, &mut received);
            } else {
                for (bit, &llr) in received.iter_mut().zip(&llr) {
                    *bit = u8::from(llr < 0.0);
                }
            }
            if (group + 1) * BLOCKS > RUN_IN_BLOCKS && group * BLOCKS < RUN_IN_BLOCKS + COUNTED_BLOCKS {
                self.counts.bit_errors_before += wrong_decisions(&line, &llr);
                self.counts.line_bits += line_bits as u64;
                if inner.is_some() {
                    self.counts.inner_bits += group_bits as u64;
                    self.counts.inner_bit_errors +=
                        received.iter().zip(&*blocks).filter(|(a, b)| a != b).count() as u64;
                }
            }
            let counts = &mut self.counts;
            for block in received.chunks_exact(STAIRCASE_BLOCK_BITS) {
                self.decoder.push(block, &mut |decided| {
                    if is_counted(done_count) {
                        let truth = &sent[done_count * STAIRCASE_BLOCK_BITS..][..STAIRCASE_BLOCK_BITS];
                        counts.bits += STAIRCASE_BLOCK_INFORMATION_BITS as u64;
                        counts.bit_errors_after += information_errors(decided, truth);
                    }
                    done_count += 1;
                });
            }
        }
        self.counts.frame_errors = u64::from(self.counts.bit_errors_after > 0);
        Ok(self.counts)
    }
}

fn information_errors(decided: &[u8], truth: &[u8]) -> u64 {
    let rows = decided.chunks_exact(COLUMNS).zip(truth.chunks_exact(COLUMNS));
    rows.map(|(a, b)| a.iter().zip(b).take(INFORMATION_COLUMNS).filter(|(a, b)| a != b).count() as u64).sum()
}

/// Random information columns of a block.
fn fill_randomly(source: &RandomSource, number: usize, block: &mut [u8]) {
    for (row, bits) in block.chunks_exact_mut(COLUMNS).enumerate() {
        for (k, part) in bits[..INFORMATION_COLUMNS].chunks_mut(128).enumerate() {
            let words = source.words(DATA_PURPOSE, ((number * 512 + row) * 4 + k) as u32);
            for (place, bit) in part.iter_mut().enumerate() {
                *bit = (words[place / 32] >> (place % 32) & 1) as u8;
            }
        }
    }
}

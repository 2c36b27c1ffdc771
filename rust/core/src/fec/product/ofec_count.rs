//! Monte Carlo of oFEC.

use super::ofec_decoder::{OfecDecoder, OfecSchedule, quantized};
use super::ofec_geometry::{BitRow, FRESH, HALF, LANES, ROW_BITS, complete_row, front_bits};
use crate::error::Result;
use crate::fec::channel::{Channel, wrong_decisions};
use crate::fec::counts::{Counts, count_frames};
use crate::rng::RandomSource;
use crate::task::Task;
use std::ops::Range;

/// Rows of a frame that are not counted: the first words know half of their bits, which helps the rows behind them.
const RUN_IN_ROWS: usize = 84;
/// Rows that are counted: five frames of 84 rows of the line interleaver.
const COUNTED_ROWS: usize = 420;
/// Key and purposes of the random numbers of a stream; each row's noise has a purpose of its own.
const OFEC_KEY: u64 = 0x4f46_4543;
const DATA_PURPOSE: u32 = 0;
const NOISE_PURPOSE: u32 = 1;
/// Rows of sent bits that are kept: more than the delay of any schedule.
const KEPT_ROWS: usize = 1024;

/// Counts errors of streams of oFEC, each from its own start: random information, noise, decoding.
///
/// # Algorithm
/// A frame is a stream of 84 rows that are not counted, 420 that are (745,920 information bits), and as many as the decoder
/// looks ahead. Line bits are in no interleaver, as the channel has no memory; with two bits per symbol, neighbors of a row
/// share one, belong to different words, and each word has as many first bits as second ones.
///
/// # Errors
/// [`crate::Error::Parameter`] if the schedule is not allowed; [`crate::Error::Cancelled`] if the task is cancelled.
pub fn count_ofec(
    channel: &Channel,
    frames: Range<u64>,
    seed: u64,
    schedule: &OfecSchedule,
    task: &Task,
) -> Result<Counts> {
    OfecDecoder::new(schedule, 1)?;
    count_frames(&frames, 1, task, |part| {
        part.map(|frame| count_frame(channel, &RandomSource::new(seed, OFEC_KEY, frame), schedule, task))
            .try_fold(Counts::default(), |sum, counts| Ok(sum + counts?))
    })
}

fn count_frame(channel: &Channel, source: &RandomSource, schedule: &OfecSchedule, task: &Task) -> Result<Counts> {
    let delay = schedule.delay_rows();
    let rows_count = RUN_IN_ROWS + COUNTED_ROWS + delay;
    let mut decoder = OfecDecoder::new(schedule, rows_count)?;
    let mut sent: Vec<BitRow> = vec![[0; HALF]; KEPT_ROWS];
    let (mut bits, mut llr) = (vec![0; ROW_BITS], vec![0.0; ROW_BITS]);
    let mut steps = [[0i16; LANES]; HALF];
    let mut counts = Counts { frames: 1, ..Counts::default() };
    for row in 0..rows_count {
        if row % 16 == 0 {
            task.check()?;
        }
        sent[row % KEPT_ROWS] = random_row(source, row, &sent);
        let back = &sent[row % KEPT_ROWS];
        for (place, bit) in bits.iter_mut().enumerate() {
            let (k, r) = sent_place(place);
            *bit = (back[k] >> r & 1) as u8;
        }
        channel.receive(source, NOISE_PURPOSE + row as u32, &bits, &mut llr);
        for (place, &llr) in llr.iter().enumerate() {
            let (k, r) = sent_place(place);
            steps[k][r] = quantized(llr);
        }
        if (RUN_IN_ROWS..RUN_IN_ROWS + COUNTED_ROWS).contains(&row) {
            counts.line_bits += ROW_BITS as u64;
            counts.bit_errors_before += wrong_decisions(&bits, &llr);
        }
        if let Some((done, decided)) = decoder.push(&steps)
            && (RUN_IN_ROWS..RUN_IN_ROWS + COUNTED_ROWS).contains(&done)
        {
            let truth = &sent[done % KEPT_ROWS];
            let wrong = decided.iter().zip(truth).take(FRESH).map(|(a, b)| u64::from((a ^ b).count_ones()));
            counts.bit_errors_after += wrong.sum::<u64>();
            counts.bits += (FRESH * LANES) as u64;
        }
    }
    counts.frame_errors = u64::from(counts.bit_errors_after > 0);
    Ok(counts)
}

/// Place [k][r] of the row from which each line bit comes: neighbors are of two words, which take turns to be first.
fn sent_place(place: usize) -> (usize, usize) {
    let k = place / LANES;
    (k, (place % LANES) ^ (k & 1))
}

/// A row of random information with its checks.
fn random_row(source: &RandomSource, row: usize, sent: &[BitRow]) -> BitRow {
    let mut back = [0; HALF];
    for (index, eight) in back[..=FRESH].chunks_exact_mut(8).enumerate() {
        let words = source.words(DATA_PURPOSE, (row * 14 + index) as u32);
        for (k, lanes) in eight.iter_mut().enumerate() {
            *lanes = (words[k / 2] >> (16 * (k % 2))) as u16;
        }
    }
    complete_row(&front_bits(row, |at| &sent[at % KEPT_ROWS]), &mut back);
    back
}

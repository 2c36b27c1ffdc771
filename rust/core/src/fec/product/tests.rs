//! The decoders as a whole: words close, errors are corrected or counted, cuts and threads change nothing, bad input is refused.

use super::bch256::GENERATOR;
use super::*;
use crate::fec::channel::{Channel, ChannelKind, Reliability};
use crate::rng::RandomSource;
use crate::rng::philox_4x32;
use crate::task::Task;

fn random_bits(count: usize, seed: u32) -> Vec<u8> {
    (0..count).map(|k| (philox_4x32([k as u32, 1, 2, 3], [seed, 7])[0] & 1) as u8).collect()
}

/// Each word, read from the line by the formulas of the standard, is a multiple of the generator with even parity.
#[test]
fn every_word_of_ofec_is_a_codeword() {
    let blocks = 16;
    let line = encode_ofec(&random_bits(blocks * OFEC_BLOCK_INFORMATION_BITS, 1)).unwrap();
    // V(R, C, r, c) of the standard.
    let v = |row: usize, column: usize, r: usize, c: usize| {
        line[row / 2 * OFEC_BLOCK_BITS + column * 512 + row % 2 * 256 + r * 16 + c]
    };
    for row in 20..2 * blocks {
        for r in 0..16 {
            let front = (0..128).map(|k| v((row ^ 1) - 20 + 2 * (k / 16), k / 16, (k % 16) ^ r, r));
            let word: Vec<u8> = front.chain((0..128).map(|k| v(row, k / 16, r, (k % 16) ^ r))).collect();
            assert_eq!(word.iter().sum::<u8>() % 2, 0);
            let mut remainder = 0u32;
            for &bit in &word[..255] {
                remainder = remainder << 1 | u32::from(bit);
                if remainder >> 16 & 1 == 1 {
                    remainder ^= GENERATOR;
                }
            }
            assert_eq!(remainder, 0, "{row} {r}");
        }
    }
}

/// Two errors in each row of squares, of which no word gets more than two (each word meets 9 rows): soft and hard decoders
/// correct all of them, and say so.
#[test]
fn few_errors_are_all_corrected() {
    let information = random_bits(20 * OFEC_BLOCK_INFORMATION_BITS, 2);
    let line = encode_ofec(&information).unwrap();
    let mut wrong = line.clone();
    let places: Vec<usize> = (0..20).map(|block| block * OFEC_BLOCK_BITS + (block * 1777) % OFEC_BLOCK_BITS).collect();
    for &place in &places {
        wrong[place] ^= 1;
    }
    let hard = decode_ofec_hard(&wrong, 2, &Task::new()).unwrap();
    let expected = Decoded { information, changed_bits_count: 20, flagged_words_count: 0 };
    assert_eq!(hard, expected);
    let llr: Vec<f32> = wrong.iter().map(|&bit| 8.0 * (1.0 - 2.0 * f32::from(bit))).collect();
    assert_eq!(decode_ofec(&llr, &OfecSchedule::default(), &Task::new()).unwrap(), expected);
}

/// A square full of errors is more than the code corrects: what is left is flagged.
#[test]
fn errors_that_stay_are_flagged() {
    let mut line = encode_ofec(&random_bits(30 * OFEC_BLOCK_INFORMATION_BITS, 3)).unwrap();
    for bit in &mut line[10 * OFEC_BLOCK_BITS..11 * OFEC_BLOCK_BITS] {
        *bit ^= 1;
    }
    let found = decode_ofec_hard(&line, 4, &Task::new()).unwrap();
    assert!(found.flagged_words_count > 0);
    let mut blocks = encode_staircase(&random_bits(3 * STAIRCASE_BLOCK_INFORMATION_BITS, 3)).unwrap();
    for bit in &mut blocks[..5100] {
        *bit ^= 1;
    }
    assert!(decode_staircase(&blocks, StaircaseSchedule::default(), &Task::new()).unwrap().flagged_words_count > 0);
}

/// Three errors in each word of one block and a thin sprinkle over others are corrected; the last block has one word per bit.
#[test]
fn staircase_corrects_three_errors_in_each_word() {
    let information = random_bits(3 * STAIRCASE_BLOCK_INFORMATION_BITS, 4);
    let mut blocks = encode_staircase(&information).unwrap();
    for row in 0..512 {
        for step in [0, 170, 340] {
            blocks[STAIRCASE_BLOCK_BITS + row * 510 + (row + step) % 510] ^= 1;
        }
    }
    let found = decode_staircase(&blocks, StaircaseSchedule::default(), &Task::new()).unwrap();
    assert!(found == Decoded { information, changed_bits_count: 3 * 512, flagged_words_count: 0 });
}

#[test]
fn cfec_goes_around() {
    let information = random_bits(CFEC_FRAME_INFORMATION_BITS, 5);
    let line = encode_cfec(&information).unwrap();
    let channel = Channel::new(ChannelKind::Pam4, Reliability::MaxLog, 0.002).unwrap();
    let mut llr = vec![0.0; line.len()];
    channel.receive(&RandomSource::new(9, 0, 0), 1, &line, &mut llr);
    let found = decode_cfec(&llr, StaircaseSchedule::default(), &Task::new()).unwrap();
    let wrong = found.information.iter().zip(&information).filter(|(a, b)| a != b).count();
    assert_eq!((wrong, found.flagged_words_count), (0, 0));
    assert!(found.changed_bits_count > 0);
}

/// Sums over any split of the frames and any number of threads are the same.
#[test]
fn counts_add_and_do_not_depend_on_threads() {
    let channel = Channel::new(ChannelKind::Bpsk, Reliability::MaxLog, 0.0215).unwrap();
    let count = |frames| count_ofec(&channel, frames, 5, &OfecSchedule::default(), &Task::new()).unwrap();
    let whole = count(3..5);
    assert_eq!(count(3..4) + count(4..5), whole);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one.install(|| count(3..5)), whole);
    assert!(whole.frame_errors == 2 && whole.bit_errors_after < whole.bit_errors_before);
    let task = Task::new();
    task.cancel();
    assert_eq!(count_ofec(&channel, 0..4, 5, &OfecSchedule::default(), &task), Err(Error::Cancelled));
}

/// Noise without a signal, and ratios at the ends of what is allowed, come to an end.
#[test]
fn noise_is_decoded_without_a_panic() {
    for (seed, scale) in [(1, 1.0), (2, 1e6), (3, 1e-3), (4, 0.0)] {
        let llr: Vec<f32> = (0..12 * OFEC_BLOCK_BITS)
            .map(|k| (philox_4x32([k as u32, 0, 0, 0], [seed, 0])[0] as f32 / 2f32.powi(31) - 1.0) * scale)
            .collect();
        for test_places_count in 1..=7 {
            let pass = SoftPass { test_places_count, scale_ratio: 1.0, confidence_log_ratio: 31.75 };
            let schedule = OfecSchedule { soft: vec![pass; 2], hard_passes_count: 1 };
            assert!(decode_ofec(&llr, &schedule, &Task::new()).is_ok());
        }
    }
}

#[test]
fn bad_input_is_refused_by_name() {
    let named = |name: &str, error: Error| assert!(error.to_string().starts_with(name), "{error}");
    let (task, ofec, outer) = (Task::new(), OfecSchedule::default(), StaircaseSchedule::default());
    named("information", encode_ofec(&[0; 3551]).unwrap_err());
    named("information", encode_ofec(&[2; 3552]).unwrap_err());
    named("information", encode_cfec(&[0; 10]).unwrap_err());
    named("llr", decode_ofec(&[0.0; 4095], &ofec, &task).unwrap_err());
    for wrong in [f32::NAN, f32::INFINITY, -1.1e6] {
        let mut llr = vec![0.0; OFEC_BLOCK_BITS];
        llr[17] = wrong;
        named("llr", decode_ofec(&llr, &ofec, &task).unwrap_err());
    }
    named("bits", decode_staircase(&[0; 5], outer, &task).unwrap_err());
    named(
        "window_blocks_count",
        decode_staircase(&[], StaircaseSchedule { window_blocks_count: 1, ..outer }, &task).unwrap_err(),
    );
    let pass = |test_places_count, scale_ratio, confidence_log_ratio| OfecSchedule {
        soft: vec![SoftPass { test_places_count, scale_ratio, confidence_log_ratio }],
        hard_passes_count: 0,
    };
    named("test_places_count", decode_ofec(&[], &pass(8, 0.5, 1.0), &task).unwrap_err());
    named("scale_ratio", decode_ofec(&[], &pass(6, f64::NAN, 1.0), &task).unwrap_err());
    named("confidence_log_ratio", decode_ofec(&[], &pass(6, 0.5, 32.0), &task).unwrap_err());
    named("symbol_bits_count", interleave_ofec(&vec![0u8; OFEC_INTERLEAVER_BITS], 6).unwrap_err());
    named("streams", each_stream(&[0u8; 0], 0, |_| Ok(())).unwrap_err());
}

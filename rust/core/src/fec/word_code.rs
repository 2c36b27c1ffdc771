//! Short binary codes whose words fit one machine word: tables of syndromes, hard decisions, Chase's soft decisions.

use crate::error::{Error, Result};
use rayon::prelude::*;

/// Most bits of a word.
pub(super) const MOST_BITS: usize = 128;
/// Most bits that a soft decoder tries both ways.
pub const MOST_TEST_BITS: usize = 8;
/// Place in a table of corrections that changes nothing; the one behind it says that no word is near enough.
const NOWHERE: u8 = MOST_BITS as u8;
const FAILED: u8 = NOWHERE + 1;
/// Largest log-likelihood ratio that is taken: sums of a word's stay far inside single precision.
const LARGEST_LLR: f32 = 1e30;
/// Words that one thread takes at a time.
const BATCH: usize = 256;

/// A code of at most 128 bits that corrects one or two hard decisions; bit k of a word is the k-th on the line.
#[derive(Debug)]
pub struct WordCode {
    bits: usize,
    /// Runs of information bits: first place and length.
    runs: &'static [(u32, u32)],
    /// Syndrome of each place alone.
    columns: [u16; MOST_BITS],
    /// Syndromes of each byte of a word.
    by_byte: Vec<[u16; 256]>,
    /// Places to change for each syndrome.
    corrections: Vec<[u8; 2]>,
    /// Parity bits with each syndrome, by its low and its high byte.
    parity: [Vec<u128>; 2],
}

/// A decoded word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodedWord {
    /// The word, parity included.
    pub word: u128,
    /// Hard decisions that were changed.
    pub corrected_bits: u8,
    /// Whether no codeword was found; the hard decisions stay.
    pub failed: bool,
}

/// Decoded words, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedWords {
    /// Information bits, a byte each.
    pub information: Vec<u8>,
    /// Hard decisions that were changed in each word.
    pub corrected_bits: Vec<u8>,
    /// Words without a codeword near enough.
    pub failed: Vec<bool>,
}

impl WordCode {
    /// Tables of a code.
    ///
    /// `columns` are the syndromes of its places, `units` the parity bits whose syndrome is a single bit, `errors` the hard
    /// decisions that it corrects, 1 or 2.
    pub(super) fn new(columns: &[u16], units: &[u128], runs: &'static [(u32, u32)], errors: usize) -> Self {
        let mut all = [0; MOST_BITS];
        all[..columns.len()].copy_from_slice(columns);
        let by_byte = (0..MOST_BITS / 8)
            .map(|byte| {
                let of =
                    |value: usize| (0..8).filter(|k| value >> k & 1 == 1).fold(0, |sum, k| sum ^ all[8 * byte + k]);
                std::array::from_fn(of)
            })
            .collect();
        let mut corrections = vec![[FAILED; 2]; 1 << units.len()];
        corrections[0] = [NOWHERE; 2];
        for (first, &column) in columns.iter().enumerate() {
            corrections[usize::from(column)] = [first as u8, NOWHERE];
            for (second, &other) in columns[..first].iter().enumerate().filter(|_| errors > 1) {
                corrections[usize::from(column ^ other)] = [first as u8, second as u8];
            }
        }
        let table = |shift: usize| {
            let unit = |k: usize| units.get(shift + k).copied().unwrap_or(0);
            (0..256usize).map(|value| (0..8).filter(|k| value >> k & 1 == 1).fold(0, |sum, k| sum ^ unit(k))).collect()
        };
        Self { bits: columns.len(), runs, columns: all, by_byte, corrections, parity: [table(0), table(8)] }
    }

    /// Bits of a word.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Information bits of a word.
    pub fn information_bits(&self) -> usize {
        self.runs.iter().map(|run| run.1 as usize).sum()
    }

    /// Syndrome of a word; 0 for a codeword.
    #[inline]
    pub fn syndrome(&self, word: u128) -> u16 {
        word.to_le_bytes().iter().zip(&self.by_byte).fold(0, |sum, (&byte, row)| sum ^ row[usize::from(byte)])
    }

    /// The codeword with these information bits, the first in the lowest place.
    #[inline]
    pub fn encode(&self, information: u128) -> u128 {
        let (mut word, mut taken) = (0, 0);
        for &(first, length) in self.runs {
            word |= (information >> taken & ((1 << length) - 1)) << first;
            taken += length;
        }
        let [low, high] = self.syndrome(word).to_le_bytes();
        word ^ self.parity[0][usize::from(low)] ^ self.parity[1][usize::from(high)]
    }

    /// The information bits of a word.
    #[inline]
    pub fn information(&self, word: u128) -> u128 {
        let (mut information, mut taken) = (0, 0);
        for &(first, length) in self.runs {
            information |= (word >> first & ((1 << length) - 1)) << taken;
            taken += length;
        }
        information
    }

    /// The codeword nearest to hard decisions, within the errors that the code corrects.
    #[inline]
    pub fn decode_hard(&self, word: u128) -> DecodedWord {
        let places = self.corrections[usize::from(self.syndrome(word))];
        if places[0] == FAILED {
            return DecodedWord { word, corrected_bits: 0, failed: true };
        }
        let changes = places.iter().filter(|&&place| place < NOWHERE).fold(0, |sum, place| sum | 1 << place);
        DecodedWord { word: word ^ changes, corrected_bits: changes.count_ones() as u8, failed: false }
    }

    /// The likeliest codeword of those that hard decoding finds after changes of the least reliable bits.
    ///
    /// `llrs` are one log-likelihood ratio per bit, above 0 for bit 0, finite.
    ///
    /// # Algorithm
    /// 1. Hard decisions that are a codeword are the answer: none is likelier.
    /// 2. All 2^p changes of the p least reliable bits in Gray order, one column of the parity check a step; a look-up of the
    ///    syndrome gives the places of the remaining errors or none.
    /// 3. The least sum of the reliabilities of changed bits wins, the first of equals. Without any codeword the hard
    ///    decisions stay.
    ///
    /// Cost: p insertions into a list over the bits, 2^p look-ups.
    ///
    /// # References
    /// Chase 1972, doi 10.1109/TIT.1972.1054746, algorithm 2 with p free.
    #[inline]
    pub fn decode_soft(&self, llrs: &[f32], test_bits_count: usize) -> DecodedWord {
        let mut hard = 0u128;
        for (byte, eight) in llrs.chunks(8).enumerate() {
            let value = eight.iter().enumerate().fold(0u8, |sum, (k, llr)| sum | u8::from(*llr < 0.0) << k);
            hard |= u128::from(value) << (8 * byte);
        }
        let mut syndrome = self.syndrome(hard);
        if syndrome == 0 {
            return DecodedWord { word: hard, corrected_bits: 0, failed: false };
        }
        // What a change of each bit costs; a change taken back gains the same. Two more places for no change and no answer.
        let mut costs = [0f32; MOST_BITS + 2];
        for (cost, llr) in costs.iter_mut().zip(llrs) {
            *cost = llr.abs();
        }
        costs[usize::from(FAILED)] = f32::INFINITY;
        let weak = least_reliable(&costs[..self.bits], test_bits_count);
        let weak = &weak[..test_bits_count.min(MOST_TEST_BITS)];
        let (mut weight, mut flips) = (0f32, 0u128);
        let (mut least, mut changes) = (f32::INFINITY, 0);
        for step in 1..=1usize << weak.len() {
            let places = self.corrections[usize::from(syndrome)];
            let total = weight + (costs[usize::from(places[0])] + costs[usize::from(places[1])]);
            if total < least {
                let corrected =
                    places.iter().filter(|&&place| place < NOWHERE).fold(0, |sum, place| sum | 1u128 << place);
                (least, changes) = (total, flips ^ corrected);
            }
            let Some(&place) = weak.get(step.trailing_zeros() as usize) else { break };
            let place = usize::from(place);
            weight += costs[place];
            costs[place] = -costs[place];
            flips ^= 1 << place;
            syndrome ^= self.columns[place];
        }
        let failed = least == f32::INFINITY;
        DecodedWord { word: hard ^ changes, corrected_bits: changes.count_ones() as u8, failed }
    }
}

/// Places of the least values, the least first.
#[inline]
fn least_reliable(costs: &[f32], count: usize) -> [u8; MOST_TEST_BITS] {
    let (mut values, mut places) = ([f32::INFINITY; MOST_TEST_BITS], [0u8; MOST_TEST_BITS]);
    let Some(last) = count.min(MOST_TEST_BITS).checked_sub(1) else { return places };
    for (place, &cost) in costs.iter().enumerate() {
        if cost >= values[last] {
            continue;
        }
        let mut slot = last;
        while slot > 0 && values[slot - 1] > cost {
            (values[slot], places[slot]) = (values[slot - 1], places[slot - 1]);
            slot -= 1;
        }
        (values[slot], places[slot]) = (cost, place as u8);
    }
    places
}

fn check_bits(name: &str, bits: &[u8], word_bits: usize) -> Result<()> {
    check_length(name, bits.len(), word_bits)?;
    match bits.iter().find(|&&bit| bit > 1) {
        Some(bit) => Err(Error::parameter(name, bit, "bits 0 and 1")),
        None => Ok(()),
    }
}

fn check_length(name: &str, count: usize, word_bits: usize) -> Result<()> {
    if count.is_multiple_of(word_bits) {
        return Ok(());
    }
    Err(Error::parameter(name, format!("{count} values"), format!("whole words of {word_bits}")))
}

/// Bits, a byte each, as a word.
pub(super) fn pack_bits(bits: &[u8]) -> u128 {
    let mut bytes = [0; MOST_BITS / 8];
    for (byte, eight) in bytes.iter_mut().zip(bits.chunks(8)) {
        *byte = eight.iter().enumerate().fold(0, |sum, (k, &bit)| sum | bit << k);
    }
    u128::from_le_bytes(bytes)
}

/// A word as bits, a byte each.
pub(super) fn unpack_bits(word: u128, bits: &mut [u8]) {
    for (eight, byte) in bits.chunks_mut(8).zip(word.to_le_bytes()) {
        for (k, bit) in eight.iter_mut().enumerate() {
            *bit = byte >> k & 1;
        }
    }
}

/// Codewords of information bits, a byte each.
///
/// # Errors
/// [`Error::Parameter`] if the bits are not whole words of information or not 0 and 1.
pub fn encode_words(code: &WordCode, information: &[u8]) -> Result<Vec<u8>> {
    let count = code.information_bits();
    check_bits("information", information, count)?;
    let mut out = vec![0; information.len() / count * code.bits];
    out.par_chunks_mut(BATCH * code.bits).zip(information.par_chunks(BATCH * count)).for_each(
        |(words, information)| {
            for (word, bits) in words.chunks_exact_mut(code.bits).zip(information.chunks_exact(count)) {
                unpack_bits(code.encode(pack_bits(bits)), word);
            }
        },
    );
    Ok(out)
}

/// Decodes hard decisions, a byte each, see [`WordCode::decode_hard`].
///
/// # Errors
/// [`Error::Parameter`] if the bits are not whole words or not 0 and 1.
pub fn decode_words_hard(code: &WordCode, bits: &[u8]) -> Result<DecodedWords> {
    check_bits("bits", bits, code.bits)?;
    Ok(decode_words(code, bits, |word| code.decode_hard(pack_bits(word))))
}

/// Decodes log-likelihood ratios, see [`WordCode::decode_soft`].
///
/// # Errors
/// [`Error::Parameter`] if the ratios are not whole words, one is NaN or beyond 1e30, or more than 8 bits are to be tried.
pub fn decode_words_soft(code: &WordCode, llrs: &[f32], test_bits_count: usize) -> Result<DecodedWords> {
    check_length("log_likelihood_ratio", llrs.len(), code.bits)?;
    if test_bits_count > MOST_TEST_BITS {
        return Err(Error::parameter("test_bits_count", test_bits_count, format!("0 to {MOST_TEST_BITS}")));
    }
    // NaN fails the comparison.
    if let Some(wrong) =
        llrs.iter().find(|llr| !matches!(llr.abs().partial_cmp(&LARGEST_LLR), Some(order) if order.is_le()))
    {
        return Err(Error::parameter("log_likelihood_ratio", wrong, "numbers from -1e30 to 1e30"));
    }
    Ok(decode_words(code, llrs, |word| code.decode_soft(word, test_bits_count)))
}

fn decode_words<T: Sync>(code: &WordCode, input: &[T], decode: impl Fn(&[T]) -> DecodedWord + Sync) -> DecodedWords {
    let (words, count) = (input.len() / code.bits, code.information_bits());
    let (mut information, mut results) = (vec![0; words * count], vec![(0, false); words]);
    information
        .par_chunks_mut(BATCH * count)
        .zip(results.par_chunks_mut(BATCH))
        .zip(input.par_chunks(BATCH * code.bits))
        .for_each(|((information, results), input)| {
            let words = input.chunks_exact(code.bits).zip(information.chunks_exact_mut(count)).zip(results);
            for ((word, bits), result) in words {
                let decoded = decode(word);
                unpack_bits(code.information(decoded.word), bits);
                *result = (decoded.corrected_bits, decoded.failed);
            }
        });
    let (corrected_bits, failed) = results.into_iter().unzip();
    DecodedWords { information, corrected_bits, failed }
}

//! The inner code of CFEC: double-extended Hamming (128,119), hard and by Chase on its least reliable bits.

use crate::vector::{ColumnWork, vectorize};

/// Bits of a word.
pub(crate) const WORD_BITS: usize = 128;
/// Information bits of a word, in front.
pub(crate) const MESSAGE_BITS: usize = 119;
/// Words side by side.
pub(crate) const LANES: usize = 16;
/// Least reliable bits that test patterns invert: the last one as the parity wants.
const TESTS: usize = 7;
const PATTERNS: usize = 1 << (TESTS - 1);
/// Entry of [`PLACES`] for no error.
const NOTHING: u8 = 128;
/// Entry of [`PLACES`] for a syndrome that no single error makes.
const REFUSED: u8 = 129;
/// A weight above that of every candidate: 8 places of 127.
const NONE: i16 = 4096;

/// Number of each place: information first.
const fn numbers() -> [u8; WORD_BITS] {
    let checks = [63, 95, 111, 119, 121, 123, 125, 126, 127];
    let mut table = [0; WORD_BITS];
    let (mut number, mut place, mut check) = (0, 0, 0);
    while number < WORD_BITS {
        if check < 9 && checks[check] == number {
            table[MESSAGE_BITS + check] = number as u8;
            check += 1;
        } else {
            table[place] = number as u8;
            place += 1;
        }
        number += 1;
    }
    table
}

/// Syndrome of an error at each place: the 7 bits of its number, s0 s2 or !s0 !s1 !s2 or s0 s1 !s2, and a one.
const fn columns() -> [u16; WORD_BITS] {
    let numbers = numbers();
    let mut table = [0; WORD_BITS];
    let mut place = 0;
    while place < WORD_BITS {
        let number = numbers[place] as u16;
        let (s0, s1, s2) = (number & 1, number >> 1 & 1, number >> 2 & 1);
        let s7 = (s0 & s2) | ((1 - s0) & (1 - s1) & (1 - s2)) | (s0 & s1 & (1 - s2));
        table[place] = number | s7 << 7 | 1 << 8;
        place += 1;
    }
    table
}

const fn places() -> [u8; 512] {
    let columns = columns();
    let mut table = [REFUSED; 512];
    table[0] = NOTHING;
    let mut place = 0;
    while place < WORD_BITS {
        table[columns[place] as usize] = place as u8;
        place += 1;
    }
    table
}

/// See [`columns`].
static COLUMNS: [u16; WORD_BITS] = columns();
/// Place of a single error by its syndrome.
static PLACES: [u8; 512] = places();

/// Check bits of a message.
///
/// # Algorithm
/// The checks that close each message bit are sums of check columns, found by elimination when the table is made.
pub(crate) struct HammingEncoder {
    checks: [u16; MESSAGE_BITS],
}

impl HammingEncoder {
    pub fn new() -> Self {
        // Nine check columns are independent: of the 512 sums, each syndrome is one.
        let mut combination = [0u16; 512];
        for set in 0..512u16 {
            let sum = (0..9).filter(|k| set >> k & 1 == 1).fold(0, |sum, k| sum ^ COLUMNS[MESSAGE_BITS + k]);
            combination[usize::from(sum)] = set;
        }
        let mut checks = [0; MESSAGE_BITS];
        for (check, column) in checks.iter_mut().zip(&COLUMNS) {
            *check = combination[usize::from(*column)];
        }
        Self { checks }
    }

    /// Fills the last nine bits of a word.
    pub fn complete(&self, word: &mut [u8]) {
        let mut sum = 0;
        for (&bit, check) in word.iter().zip(&self.checks) {
            sum ^= check & u16::from(bit).wrapping_neg();
        }
        for (k, bit) in word[MESSAGE_BITS..].iter_mut().enumerate() {
            *bit = (sum >> k & 1) as u8;
        }
    }
}

/// Reliabilities of 16 words, place by place; decoding replaces them by their decided signs.
pub(crate) type Words = [[i16; LANES]; WORD_BITS];

/// Decides 16 words: entry [place][lane] becomes 1 or 0.
///
/// # Algorithm
/// 1. All words at once: syndromes and the seven least reliable places. A word without a syndrome stays.
/// 2. All patterns of the first six, the seventh inverted where the number of errors would be even otherwise: an even pattern that
///    closes a word comes from the odd one with an inversion less. Each pattern with the single error that its syndrome names,
///    if any, is a candidate; the lightest wins. An error named within the pattern is weighed too high, and its word comes
///    from another pattern. Without a candidate the hard decisions stay.
///
/// # References
/// Chase 1972, doi 10.1109/TIT.1972.1054746 (second algorithm).
pub(crate) fn decide_words(words: &mut Words) {
    vectorize(DecideWords { words });
}

struct DecideWords<'a> {
    words: &'a mut Words,
}

impl ColumnWork for DecideWords<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let words = self.words;
        let mut syndromes = [0u16; LANES];
        let mut list = [[i16::MAX; LANES]; TESTS];
        let mut costs = [[0i16; LANES]; WORD_BITS + 2];
        for place in 0..WORD_BITS {
            let mut key = [0i16; LANES];
            for lane in 0..LANES {
                let value = words[place][lane];
                let magnitude = value.max(-value);
                syndromes[lane] ^= (value >> 15) as u16 & COLUMNS[place];
                costs[place][lane] = magnitude;
                key[lane] = magnitude << 8 | place as i16;
                words[place][lane] = (value >> 15) & 1;
            }
            for entry in &mut list {
                for lane in 0..LANES {
                    let (low, high) = (entry[lane].min(key[lane]), entry[lane].max(key[lane]));
                    entry[lane] = low;
                    key[lane] = high;
                }
            }
        }
        costs[usize::from(REFUSED)] = [2 * NONE; LANES];
        for lane in 0..LANES {
            let mut weakest = [0; TESTS];
            for test in 0..TESTS {
                weakest[test] = list[test][lane];
            }
            search(words, &costs, lane, &weakest, syndromes[lane]);
        }
    }
}

#[inline(always)]
fn search(
    words: &mut Words,
    costs: &[[i16; LANES]; WORD_BITS + 2],
    lane: usize,
    weakest: &[i16; TESTS],
    syndrome: u16,
) {
    if syndrome == 0 {
        return;
    }
    let (mut syndromes, mut weights) = ([0u16; PATTERNS], [0i16; PATTERNS]);
    syndromes[0] = syndrome;
    for (test, &key) in weakest.iter().enumerate().take(TESTS - 1) {
        let place = (key & 0x7F) as usize;
        let half = 1 << test;
        for p in 0..half {
            syndromes[p + half] = syndromes[p] ^ COLUMNS[place];
            weights[p + half] = weights[p] + (key >> 8);
        }
    }
    let last = weakest[TESTS - 1];
    for p in 0..PATTERNS {
        let even = (syndromes[p] >> 8 & 1) ^ 1;
        syndromes[p] ^= COLUMNS[(last & 0x7F) as usize] & even.wrapping_neg();
        weights[p] += (last >> 8) & -(even as i16);
    }
    let (mut least, mut winner) = (NONE, PATTERNS);
    for p in 0..PATTERNS {
        let named = usize::from(PLACES[usize::from(syndromes[p] & 511)]);
        let weight = weights[p] + costs[named][lane];
        if weight < least {
            (least, winner) = (weight, p);
        }
    }
    if winner == PATTERNS {
        return;
    }
    for (test, &key) in weakest.iter().enumerate().take(TESTS - 1) {
        words[(key & 0x7F) as usize][lane] ^= (winner >> test & 1) as i16;
    }
    let even = u32::from(syndrome >> 8 & 1) ^ (winner.count_ones() & 1) ^ 1;
    words[(last & 0x7F) as usize][lane] ^= even as i16;
    let named = PLACES[usize::from(syndromes[winner] & 511)];
    if named < NOTHING {
        words[usize::from(named)][lane] ^= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of weight 4 by counting pairs with the same sum: 52,576 (the count of the two public descriptions).
    #[test]
    fn distance_is_four_and_its_words_are_counted() {
        let mut pairs = [0u64; 512];
        for a in 0..WORD_BITS {
            for b in 0..a {
                assert_ne!(COLUMNS[a], COLUMNS[b]);
                pairs[usize::from(COLUMNS[a] ^ COLUMNS[b])] += 1;
            }
        }
        let fours: u64 = pairs.iter().map(|n| n * n.saturating_sub(1) / 2).sum();
        assert_eq!(fours / 3, 52_576);
    }

    /// One error on any place, with every other bit surer, is corrected; so are up to six on the least reliable places, of
    /// which the least weight is that of the sent word.
    #[test]
    fn errors_on_the_least_reliable_places_are_corrected() {
        let encoder = HammingEncoder::new();
        for (shift, wrong) in [(0, 1), (3, 1), (5, 2), (9, 3)] {
            let mut sent = [[0u8; WORD_BITS]; LANES];
            let mut words = [[0i16; LANES]; WORD_BITS];
            for (lane, word) in sent.iter_mut().enumerate() {
                for (k, bit) in word.iter_mut().enumerate().take(MESSAGE_BITS) {
                    *bit = ((k * 7 + lane * 13) % 5 % 2) as u8;
                }
                encoder.complete(word);
                for (place, &bit) in word.iter().enumerate() {
                    words[place][lane] = if bit == 1 { -100 } else { 100 };
                }
                for n in 0..wrong {
                    let place = (lane * 8 + shift + n * 41) % WORD_BITS;
                    words[place][lane] = -words[place][lane] / 20;
                }
            }
            decide_words(&mut words);
            for (lane, word) in sent.iter().enumerate() {
                let decided: Vec<u8> = (0..WORD_BITS).map(|place| words[place][lane] as u8).collect();
                assert_eq!(&decided[..], &word[..], "{shift} {wrong} {lane}");
            }
        }
    }
}

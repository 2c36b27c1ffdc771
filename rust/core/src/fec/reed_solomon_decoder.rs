//! Bounded-distance decoder of RS(544,514), "KP4", for errors and erasures.

use super::galois_field::{FIELD_ORDER, divide, evaluate, logarithm, multiply, power};
use super::kp4::KP4_CORRECTED;
use super::reed_solomon::{BATCH, LENGTH, PARITY, Syndromes, check_symbols, syndromes_of};
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};
use rayon::prelude::*;
use std::sync::LazyLock;

/// Most errors that are located.
const MOST: usize = KP4_CORRECTED as usize;

/// What became of one received word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kp4Decoded {
    /// Symbols that were changed.
    pub corrected_symbols: u16,
    /// Bits that were changed.
    pub corrected_bits: u16,
    /// Whether no codeword lies within reach; the word is left as it was received.
    pub failed: bool,
}

const FAILED: Kp4Decoded = Kp4Decoded { corrected_symbols: 0, corrected_bits: 0, failed: true };

/// A polynomial of the locator's greatest degree, errors and erasures together, lowest power first.
type Locator = [u16; PARITY + 2];

/// Terms of a locator at all places: the powers of the root with each stride, in a row for each class of starts.
struct Strides {
    powers: Vec<u16>,
    by_degree: [Stride; MOST + 1],
}

#[derive(Clone, Copy, Default)]
struct Stride {
    /// Start of this stride's rows.
    first: usize,
    /// Common divisor of stride and order: the number of classes.
    classes: usize,
    /// Steps until the powers come again.
    period: usize,
    /// Inverse of stride over divisor, modulo the period.
    inverse: usize,
}

static STRIDES: LazyLock<Strides> = LazyLock::new(|| {
    let (mut powers, mut by_degree) = (Vec::new(), [Stride::default(); MOST + 1]);
    for (degree, stride) in by_degree.iter_mut().enumerate().skip(1) {
        let classes = if degree % 3 == 0 { 3 } else { 1 } * if degree % 11 == 0 { 11 } else { 1 };
        let period = FIELD_ORDER / classes;
        let inverse = (1..period).find(|x| degree / classes * x % period == 1).unwrap_or(1);
        *stride = Stride { first: powers.len(), classes, period, inverse };
        for class in 0..classes {
            let falling = degree * FIELD_ORDER + class;
            powers.extend((0..period + LENGTH).map(|k| power((falling - degree * (k % FIELD_ORDER)) % FIELD_ORDER)));
        }
    }
    Strides { powers, by_degree }
});

impl Strides {
    /// Value times root^(-degree i) for i = 0 to 543; the value must not be zero.
    #[inline]
    fn terms(&self, degree: usize, value: u16) -> &[u16] {
        let stride = self.by_degree[degree];
        let log = logarithm(value);
        let steps = (log - log % stride.classes) / stride.classes * stride.inverse % stride.period;
        let row = stride.first + log % stride.classes * (stride.period + LENGTH);
        let start = row + (stride.period - steps) % stride.period;
        &self.powers[start..start + LENGTH]
    }
}

/// Degrees below 544 at whose inverse points the locator is zero.
///
/// # Algorithm
/// Chien's search with all places side by side: each term of the locator is a run of a table of powers with the term's
/// stride, so that the search is one exclusive or per term and place.
struct Search<'a> {
    locator: &'a [u16],
    places: &'a mut [u16; MOST],
}

impl ColumnWork for Search<'_> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        let mut values = [1u16; LENGTH];
        for (degree, &factor) in self.locator.iter().enumerate().skip(1) {
            if factor != 0 {
                for (value, term) in values.iter_mut().zip(STRIDES.terms(degree, factor)) {
                    *value ^= term;
                }
            }
        }
        let mut found = 0;
        for (chunk, sixteen) in values.chunks_exact(16).enumerate() {
            if sixteen.iter().fold(u16::MAX, |least, &value| least.min(value)) > 0 {
                continue;
            }
            for (k, _) in sixteen.iter().enumerate().filter(|(_, value)| **value == 0) {
                // The locator's degree bounds its zeros.
                if let Some(place) = self.places.get_mut(found) {
                    *place = (16 * chunk + k) as u16;
                    found += 1;
                }
            }
        }
        found
    }
}

/// Shortest recurrence of a sequence and its length.
///
/// # References
/// Massey 1969, doi 10.1109/TIT.1969.1054260.
fn shortest_recurrence(sequence: &[u16]) -> (Locator, usize) {
    let (mut current, mut before) = ([0u16; PARITY + 2], [0u16; PARITY + 2]);
    (current[0], before[0]) = (1, 1);
    let (mut length, mut before_length, mut gap, mut scale) = (0, 0, 1, 1u16);
    for (n, &value) in sequence.iter().enumerate() {
        let mut difference = value;
        for k in 1..=length {
            difference ^= multiply(current[k], sequence[n - k]);
        }
        if difference == 0 {
            gap += 1;
            continue;
        }
        let factor = logarithm(divide(difference, scale));
        let saved = current;
        for k in 0..=before_length.min(PARITY + 1 - gap) {
            current[k + gap] ^= power(factor + logarithm(before[k]));
        }
        if 2 * length <= n {
            (before, before_length) = (saved, length);
            (length, scale, gap) = (n + 1 - length, difference, 1);
        } else {
            gap += 1;
        }
    }
    (current, length)
}

/// Place and value of the only error, if the syndromes are those of one.
#[inline]
fn single_error(syndromes: &Syndromes) -> Option<(usize, u16)> {
    if syndromes[0] == 0 || syndromes[1] == 0 {
        return None;
    }
    let degree = logarithm(divide(syndromes[1], syndromes[0]));
    let geometric = (1..PARITY - 1).all(|j| power(logarithm(syndromes[j]) + degree) == syndromes[j + 1]);
    (geometric && degree < LENGTH).then(|| (LENGTH - 1 - degree, syndromes[0]))
}

/// Corrects one word of 544 symbols in place.
#[inline]
pub(super) fn decode_one(received: &mut [u16], erased: &[u16]) -> Kp4Decoded {
    let Some(syndromes) = syndromes_of(received) else {
        return Kp4Decoded::default();
    };
    if let (true, Some((place, value))) = (erased.is_empty(), single_error(&syndromes)) {
        received[place] ^= value;
        return Kp4Decoded { corrected_symbols: 1, corrected_bits: value.count_ones() as u16, failed: false };
    }
    decode_errors_and_erasures(received, &syndromes, erased)
}

/// The general case.
fn decode_errors_and_erasures(received: &mut [u16], syndromes: &Syndromes, erased: &[u16]) -> Kp4Decoded {
    let mut places = [0u16; PARITY];
    let erasures = erased.len();
    if erasures > PARITY {
        return FAILED;
    }
    // Product of (1 - X x) over the erasures, and the syndromes times it: from x^erasures on a sequence of the errors alone.
    let mut known: Locator = [0; PARITY + 2];
    known[0] = 1;
    for (count, (&symbol, place)) in erased.iter().zip(&mut places).enumerate() {
        *place = (LENGTH - 1) as u16 - symbol;
        multiply_by_root(&mut known, count, usize::from(*place));
    }
    let mut sequence = [0u16; PARITY];
    for (n, value) in sequence.iter_mut().enumerate() {
        *value = (0..=erasures.min(n)).fold(0, |sum, k| sum ^ multiply(known[k], syndromes[n - k]));
    }
    let (errors_locator, errors) = shortest_recurrence(&sequence[erasures..]);
    if 2 * errors > PARITY - erasures || errors_locator[errors + 1..].iter().any(|&factor| factor != 0) {
        return FAILED;
    }
    let mut found = [0u16; MOST];
    if errors > 0 && vectorize(Search { locator: &errors_locator[..=errors], places: &mut found }) != errors {
        return FAILED;
    }
    let mut locator = known;
    for (count, &degree) in found[..errors].iter().enumerate() {
        if places[..erasures].contains(&degree) {
            return FAILED;
        }
        places[erasures + count] = degree;
        multiply_by_root(&mut locator, erasures + count, usize::from(degree));
    }
    correct(received, syndromes, &locator, &places[..erasures + errors])
}

/// Takes in one more factor 1 - root^degree x of a polynomial of degree `count`.
fn multiply_by_root(locator: &mut Locator, count: usize, degree: usize) {
    for k in (0..=count).rev() {
        locator[k + 1] ^= power(logarithm(locator[k]) + degree);
    }
}

/// Values of the errors by Forney's formula, taken off the word.
///
/// # References
/// Forney 1965, doi 10.1109/TIT.1965.1053825.
fn correct(received: &mut [u16], syndromes: &Syndromes, locator: &Locator, places: &[u16]) -> Kp4Decoded {
    let count = places.len();
    let mut evaluator = [0u16; PARITY];
    for (n, value) in evaluator[..count].iter_mut().enumerate() {
        *value = (0..=n).fold(0, |sum, k| sum ^ multiply(locator[k], syndromes[n - k]));
    }
    // Derivative: odd powers, as a polynomial in x^2.
    let mut derivative = [0u16; PARITY / 2 + 1];
    for (factor, of_locator) in derivative.iter_mut().zip(locator.iter().skip(1).step_by(2)) {
        *factor = *of_locator;
    }
    let mut decoded = Kp4Decoded::default();
    for &degree in places {
        let degree = usize::from(degree);
        let inverse = FIELD_ORDER - degree;
        let above = evaluate(&evaluator[..count], inverse);
        let below = evaluate(&derivative[..count.div_ceil(2)], 2 * inverse);
        let value = power(logarithm(divide(above, below)) + degree);
        received[LENGTH - 1 - degree] ^= value;
        decoded.corrected_symbols += u16::from(value != 0);
        decoded.corrected_bits += value.count_ones() as u16;
    }
    decoded
}

/// Corrects received words in place, one behind the other.
///
/// `erased` names for each word the symbols known to be unreliable; empty where there are none. A word with e errors and f
/// erasures is corrected if 2e + f <= 30. A word beyond that fails, or, for roughly one in 15! of random words, is taken for another
/// codeword: that cannot be known here.
///
/// # Algorithm
/// 1. Syndromes; a word without any is right. Syndromes that are a geometric series are one error, found directly.
/// 2. Syndromes times the erasure locator; from its degree on their shortest recurrence (Massey) is the error locator.
/// 3. Zeros of the error locator (Chien), all 544 places side by side. The word fails if they are fewer than its degree, if
///    one is an erasure, or if the degree is above what can be corrected.
/// 4. Values by Forney's formula for a code whose first root is a^0.
///
/// Cost: the encoder's 86 steps a word; 60 rows of 64 bytes where there are errors; 30 steps of the recurrence and as many
/// passes over 544 symbols as errors where there are two or more.
///
/// # Errors
/// [`Error::Parameter`] if the words are not whole, a symbol has more than ten bits, `erased` is neither empty nor as long
/// as there are words, or a place is 544 or more or named twice.
///
/// # References
/// Lin and Costello 2004, ch. 7; IEEE 802.3-2022, 91.5.3.3.
pub fn decode_kp4(received: &mut [u16], erased: &[Vec<u16>]) -> Result<Vec<Kp4Decoded>> {
    check_symbols("received", received, LENGTH)?;
    let words = received.len() / LENGTH;
    if !erased.is_empty() && erased.len() != words {
        return Err(Error::parameter(
            "erased",
            format!("{} lists", erased.len()),
            format!("one for each of {words} words"),
        ));
    }
    for places in erased {
        let mut seen = [false; LENGTH];
        for &place in places {
            match seen.get_mut(usize::from(place)) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(Error::parameter("erased", place, "symbols 0 to 543, each once")),
            }
        }
    }
    let mut decoded = vec![Kp4Decoded::default(); words];
    received.par_chunks_mut(BATCH * LENGTH).zip(decoded.par_chunks_mut(BATCH)).enumerate().for_each(
        |(batch, (received, decoded))| {
            for (k, (word, out)) in received.chunks_exact_mut(LENGTH).zip(decoded).enumerate() {
                *out = decode_one(word, erased.get(batch * BATCH + k).map_or(&[], Vec::as_slice));
            }
        },
    );
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::super::reed_solomon::{KP4_MESSAGE_SYMBOLS, encode_kp4};
    use super::*;
    use crate::rng::RandomSource;

    /// Whole numbers below `bound`, by address.
    fn random(seed: u64, entity: u32, bound: usize) -> usize {
        (RandomSource::new(seed, 1, 2).uniform(3, entity) * bound as f64) as usize
    }

    /// A codeword and `count` different places with values above 0.
    fn damaged(seed: u64, count: usize) -> (Vec<u16>, Vec<(usize, u16)>) {
        let message: Vec<u16> = (0..KP4_MESSAGE_SYMBOLS as u32).map(|k| random(seed, k, 1024) as u16).collect();
        let mut places: Vec<usize> = (0..LENGTH).collect();
        let errors = (0..count)
            .map(|k| {
                let chosen = k + random(seed, 1000 + k as u32, LENGTH - k);
                places.swap(k, chosen);
                (places[k], 1 + random(seed, 2000 + k as u32, 1023) as u16)
            })
            .collect();
        (encode_kp4(&message).unwrap(), errors)
    }

    #[test]
    fn every_pattern_within_reach_is_corrected() {
        for seed in 0..400u64 {
            // All pairs of e errors and f erasures with 2e + f <= 30 in turn; some erased symbols are right.
            let errors = seed as usize % 16;
            let erasures = random(seed, 5000, 31 - 2 * errors);
            let (sent, damage) = damaged(seed, errors + erasures);
            let mut received = sent.clone();
            for (k, &(place, value)) in damage.iter().enumerate() {
                received[place] ^= if k >= errors && value % 3 == 0 { 0 } else { value };
            }
            let changed = sent.iter().zip(&received).filter(|(a, b)| a != b).count();
            let bits: u32 = sent.iter().zip(&received).map(|(a, b)| (a ^ b).count_ones()).sum();
            let erased: Vec<u16> = damage[errors..].iter().map(|&(place, _)| place as u16).collect();
            let decoded = decode_kp4(&mut received, &[erased]).unwrap();
            assert_eq!(received, sent, "{errors} errors, {erasures} erasures");
            let expected = Kp4Decoded { corrected_symbols: changed as u16, corrected_bits: bits as u16, failed: false };
            assert_eq!(decoded, [expected]);
        }
    }

    /// Beyond reach a word fails and is left alone, or is moved to another codeword within reach.
    #[test]
    fn words_beyond_reach_fail_and_stay() {
        for seed in 0..300u64 {
            let (sent, damage) = damaged(seed, 16 + seed as usize % 40);
            let mut received = sent.clone();
            for &(place, value) in &damage {
                received[place] ^= value;
            }
            let before = received.clone();
            let decoded = decode_kp4(&mut received, &[]).unwrap()[0];
            if decoded.failed {
                assert_eq!(received, before);
            } else {
                assert!(syndromes_of(&received).is_none() && received != sent);
            }
        }
    }

    /// 16 errors of which 15 more would be another codeword's: the decoder must go to the nearer, wrong one.
    #[test]
    fn a_word_nearer_to_another_codeword_is_miscorrected() {
        let mut message = vec![0u16; KP4_MESSAGE_SYMBOLS];
        message[513] = 1;
        let other = encode_kp4(&message).unwrap();
        // A word of least weight 31; half of its symbols in error lie 16 from zero and 15 from it.
        let places: Vec<usize> = (0..LENGTH).filter(|&k| other[k] != 0).collect();
        assert_eq!(places.len(), 31);
        let mut received = vec![0; LENGTH];
        for &k in &places[..16] {
            received[k] = other[k];
        }
        let decoded = decode_kp4(&mut received, &[]).unwrap()[0];
        assert_eq!((decoded.corrected_symbols, decoded.failed), (15, false));
        assert_eq!(received, other);
    }

    #[test]
    fn results_do_not_depend_on_threads() {
        let words: Vec<u16> = (0..300u64)
            .flat_map(|seed| {
                let (mut word, damage) = damaged(seed, seed as usize % 18);
                for &(place, value) in &damage {
                    word[place] ^= value;
                }
                word
            })
            .collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut received = words.clone();
            let decoded = pool.install(|| decode_kp4(&mut received, &[]).unwrap());
            (received, decoded)
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn wrong_words_are_refused() {
        assert!(decode_kp4(&mut [0; 543], &[]).is_err());
        assert!(decode_kp4(&mut [1024; 544], &[]).is_err());
        assert!(decode_kp4(&mut [0; 544], &[vec![], vec![]]).is_err());
        assert!(decode_kp4(&mut [0; 544], &[vec![544]]).is_err());
        assert!(decode_kp4(&mut [0; 544], &[vec![5, 5]]).is_err());
        assert!(decode_kp4(&mut [7; 544], &[(0..31).collect()]).unwrap()[0].failed);
    }
}

//! Encoder and syndromes of RS(544,514) over GF(2^10), "KP4".

use super::galois_field::{multiply, power};
use super::kp4::{KP4_CORRECTED, KP4_SYMBOLS};
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};
use rayon::prelude::*;
use std::sync::LazyLock;

/// Symbols of a codeword.
pub(super) const LENGTH: usize = KP4_SYMBOLS as usize;
/// Parity symbols.
pub(super) const PARITY: usize = 2 * KP4_CORRECTED as usize;
/// Message symbols of one codeword.
pub const KP4_MESSAGE_SYMBOLS: usize = LENGTH - PARITY;
/// Bits of a symbol, and of the halves that tables are looked up by.
const SYMBOL_BITS: usize = 10;
const HALF_BITS: usize = 5;
const HALVES: usize = 1 << HALF_BITS;
/// Symbols that share one machine word, the first in the highest bits; all parity is five such words.
const PACKED: usize = 6;
const PACKED_WORDS: usize = PARITY / PACKED;
/// Zeros before the message that make whole words of it; leading zeros change nothing.
const LEADING: usize = PACKED - KP4_MESSAGE_SYMBOLS % PACKED;
/// Codewords that one thread takes at a time.
pub(super) const BATCH: usize = 64;

/// A polynomial below the generator's degree, packed.
type Packed = [u64; PACKED_WORDS];
/// The same, filled up to two of the widest vectors.
type Row = [u64; 8];
/// Syndromes, two more than there are so that rows fill whole lines of the cache.
pub(super) type Syndromes = [u16; PARITY + 2];

/// Coefficients of the generator polynomial, the lowest power first.
///
/// # Algorithm
/// Product of (x - a^j), j = 0 to 29, a the root of the field's polynomial.
///
/// # References
/// IEEE 802.3-2022, 91.5.2.7 and 119.2.4.6.
pub fn kp4_generator() -> [u16; PARITY + 1] {
    let mut generator = [0; PARITY + 1];
    generator[0] = 1;
    for j in 0..PARITY {
        let root = power(j);
        for k in (0..=j + 1).rev() {
            let shifted = if k == 0 { 0 } else { generator[k - 1] };
            generator[k] = shifted ^ multiply(generator[k], root);
        }
    }
    generator
}

/// What encoder and syndromes look up.
struct Tables {
    /// Remainder of a half symbol times its power of x, for the twelve halves of one packed word.
    remainders: Vec<[Row; HALVES]>,
    /// Syndromes of a half symbol at each place of the parity.
    syndromes: Vec<[Syndromes; HALVES]>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables { remainders: remainder_rows(), syndromes: syndrome_rows() });

fn remainder_rows() -> Vec<[Row; HALVES]> {
    let generator = kp4_generator();
    // x^30 mod g, then times x for each place further up.
    let mut power_of_x: Vec<u16> = generator[..PARITY].to_vec();
    let mut rows = vec![[[0; 8]; HALVES]; 2 * PACKED];
    for place in (0..PACKED).rev() {
        for half in 0..2 {
            for (value, row) in rows[2 * place + half].iter_mut().enumerate() {
                let symbol = (value as u16) << if half == 0 { HALF_BITS } else { 0 };
                let remainder: Vec<u16> = power_of_x.iter().rev().map(|&factor| multiply(factor, symbol)).collect();
                for (word, symbols) in row.iter_mut().zip(remainder.chunks_exact(PACKED)) {
                    *word = pack(symbols);
                }
            }
        }
        let top = power_of_x[PARITY - 1];
        power_of_x.rotate_right(1);
        power_of_x[0] = 0;
        for (factor, &of_generator) in power_of_x.iter_mut().zip(&generator) {
            *factor ^= multiply(top, of_generator);
        }
    }
    rows
}

fn syndrome_rows() -> Vec<[Syndromes; HALVES]> {
    let row = |place: usize, half: usize| {
        let degree = PARITY - 1 - place;
        let mut rows = [[0; PARITY + 2]; HALVES];
        for (value, syndromes) in rows.iter_mut().enumerate() {
            let symbol = (value as u16) << if half == 0 { HALF_BITS } else { 0 };
            for (j, syndrome) in syndromes[..PARITY].iter_mut().enumerate() {
                *syndrome = multiply(symbol, power(j * degree));
            }
        }
        rows
    };
    (0..PARITY).flat_map(|place| [row(place, 0), row(place, 1)]).collect()
}

/// Six symbols in one word, the first in the highest bits.
#[inline(always)]
fn pack(symbols: &[u16]) -> u64 {
    symbols.iter().fold(0, |word, &symbol| word << SYMBOL_BITS | u64::from(symbol))
}

/// Message times x^30 modulo the generator, packed.
struct Remainder<'a>(&'a [u16]);

impl ColumnWork for Remainder<'_> {
    type Output = Packed;

    #[inline(always)]
    fn run(self) -> Packed {
        // A fixed number of rows, so that the loop over them is unrolled; there are as many.
        let Some(rows) = TABLES.remainders.first_chunk() else { return [0; PACKED_WORDS] };
        let mut state: Packed = [0; PACKED_WORDS];
        let (first, rest) = self.0.split_at(PACKED - LEADING);
        state[0] = pack(first);
        for symbols in rest.as_chunks::<PACKED>().0 {
            state = step(rows, state);
            state[0] ^= pack(symbols);
        }
        step(rows, state)
    }
}

/// Moves the remainder on by six places.
#[inline(always)]
fn step(rows: &[[Row; HALVES]; 2 * PACKED], state: Packed) -> Packed {
    let mut sum: Row = [0; 8];
    for (half, row) in rows.iter().enumerate() {
        let found = &row[(state[0] >> (HALF_BITS * (2 * PACKED - 1 - half))) as usize % HALVES];
        for (word, of_row) in sum.iter_mut().zip(found) {
            *word ^= of_row;
        }
    }
    [state[1] ^ sum[0], state[2] ^ sum[1], state[3] ^ sum[2], state[4] ^ sum[3], sum[4]]
}

/// Message times x^30 modulo the generator, packed.
#[inline]
fn remainder(message: &[u16]) -> Packed {
    vectorize(Remainder(message))
}

#[inline]
fn unpack(packed: Packed, symbols: &mut [u16]) {
    for (six, word) in symbols.chunks_exact_mut(PACKED).zip(packed) {
        for (k, symbol) in six.iter_mut().enumerate() {
            *symbol = (word >> (SYMBOL_BITS * (PACKED - 1 - k))) as u16 & 0x3ff;
        }
    }
}

/// Writes the parity behind the message of one codeword; the message's length is the caller's promise.
#[inline]
pub(super) fn encode_one(codeword: &mut [u16]) {
    let (message, parity) = codeword.split_at_mut(KP4_MESSAGE_SYMBOLS);
    unpack(remainder(message), parity);
}

/// Syndromes S_0 to S_29 of a received word; `None` if it is a codeword.
///
/// # Algorithm
/// 1. The word modulo the generator, as in encoding: zero for a codeword.
/// 2. Syndromes of that remainder, which are the word's, as a sum of one table row per half symbol.
#[inline]
pub(super) fn syndromes_of(received: &[u16]) -> Option<Syndromes> {
    let (message, parity) = received.split_at(KP4_MESSAGE_SYMBOLS);
    let mut packed = remainder(message);
    for (word, symbols) in packed.iter_mut().zip(parity.as_chunks::<PACKED>().0) {
        *word ^= pack(symbols);
    }
    if packed == [0; PACKED_WORDS] {
        return None;
    }
    let rows = &TABLES.syndromes;
    let mut sum = [0; PARITY + 2];
    for (twelve, word) in rows.chunks_exact(2 * PACKED).zip(packed) {
        for (half, row) in twelve.iter().enumerate() {
            let found = &row[(word >> (HALF_BITS * (2 * PACKED - 1 - half))) as usize % HALVES];
            for (syndrome, of_row) in sum.iter_mut().zip(found) {
                *syndrome ^= of_row;
            }
        }
    }
    Some(sum)
}

/// Refuses symbols that do not fill whole words, or that have more than ten bits.
pub(super) fn check_symbols(name: &str, symbols: &[u16], word_symbols: usize) -> Result<()> {
    if !symbols.len().is_multiple_of(word_symbols) {
        let allowed = format!("whole words of {word_symbols} symbols");
        return Err(Error::parameter(name, format!("{} symbols", symbols.len()), allowed));
    }
    // All bits together first: the place of a wrong symbol is sought only where there is one.
    if symbols.iter().fold(0, |all, &symbol| all | symbol) >> SYMBOL_BITS == 0 {
        return Ok(());
    }
    let wrong = symbols.iter().find(|&&symbol| symbol >> SYMBOL_BITS != 0).copied().unwrap_or_default();
    Err(Error::parameter(name, wrong, "symbols from 0 to 1023"))
}

/// Codewords of messages, one behind the other; the first symbol is the highest power and the first on the line.
///
/// # Algorithm
/// 1. Six symbols a step: they and the six highest of the remainder so far go out of it, and come back by the sum of twelve
///    table rows, one per five bits, each a polynomial below the generator packed into five words.
/// 2. The remainder is the parity.
///
/// Cost: 86 steps of twelve rows of 64 bytes a codeword.
///
/// # Errors
/// [`Error::Parameter`] if the messages are not whole (514 symbols each) or a symbol has more than ten bits.
///
/// # References
/// IEEE 802.3-2022, 91.5.2.7; tables over several symbols as for CRCs, Kounavis and Berry 2008, doi 10.1109/TC.2008.85.
pub fn encode_kp4(messages: &[u16]) -> Result<Vec<u16>> {
    check_symbols("message", messages, KP4_MESSAGE_SYMBOLS)?;
    let mut codewords = vec![0; messages.len() / KP4_MESSAGE_SYMBOLS * LENGTH];
    codewords.par_chunks_mut(BATCH * LENGTH).zip(messages.par_chunks(BATCH * KP4_MESSAGE_SYMBOLS)).for_each(
        |(codewords, messages)| {
            let pairs = codewords.chunks_exact_mut(LENGTH).zip(messages.chunks_exact(KP4_MESSAGE_SYMBOLS));
            for (codeword, message) in pairs {
                codeword[..KP4_MESSAGE_SYMBOLS].copy_from_slice(message);
                encode_one(codeword);
            }
        },
    );
    Ok(codewords)
}

#[cfg(test)]
mod tests {
    use super::super::galois_field::evaluate;
    use super::*;

    /// The division of polynomials by hand, symbol after symbol.
    fn plain_parity(message: &[u16]) -> Vec<u16> {
        let generator = kp4_generator();
        let mut state = vec![0u16; PARITY];
        for &symbol in message {
            let top = state[0] ^ symbol;
            state.rotate_left(1);
            state[PARITY - 1] = 0;
            for (k, value) in state.iter_mut().enumerate() {
                *value ^= multiply(top, generator[PARITY - 1 - k]);
            }
        }
        state
    }

    /// The generator has the roots a^0 to a^29 and no other, and its constant term is the product of them, a^(0 + ... + 29).
    #[test]
    fn generator_has_its_thirty_roots() {
        let generator = kp4_generator();
        assert!((0..1023).all(|exponent| (evaluate(&generator, exponent) == 0) == (exponent < PARITY)));
        assert_eq!((generator[PARITY], generator[0]), (1, power(435)));
    }

    #[test]
    fn parity_is_the_remainder_of_the_division() {
        let message: Vec<u16> =
            (0..3 * KP4_MESSAGE_SYMBOLS as u32).map(|k| (k * k * 7 + k * 13 + 5) as u16 % 1024).collect();
        let codewords = encode_kp4(&message).unwrap();
        for (codeword, message) in codewords.chunks(LENGTH).zip(message.chunks(KP4_MESSAGE_SYMBOLS)) {
            assert_eq!(codeword[..KP4_MESSAGE_SYMBOLS], *message);
            assert_eq!(codeword[KP4_MESSAGE_SYMBOLS..], plain_parity(message)[..]);
            assert!(syndromes_of(codeword).is_none());
        }
    }

    #[test]
    fn syndromes_are_values_of_the_word() {
        let word: Vec<u16> = (0..LENGTH as u32).map(|k| (k * k * 31 + 17) as u16 % 1024).collect();
        let reversed: Vec<u16> = word.iter().rev().copied().collect();
        let found = syndromes_of(&word).unwrap();
        assert!((0..PARITY).all(|j| found[j] == evaluate(&reversed, j)));
    }

    #[test]
    fn wrong_messages_are_refused() {
        assert!(encode_kp4(&[0; 513]).is_err());
        let mut message = [0; 514];
        message[77] = 1024;
        assert!(encode_kp4(&message).is_err());
    }
}

//! The inner codes before KP4: Hamming(128,120) of PAM4 lanes at 200 Gb/s and BCH(126,110) of 800LR.

use super::hamming::HAMMING_SYMBOLS;
use super::word_code::WordCode;
use std::sync::LazyLock;

/// Generator of BCH(126,110): (x^7 + x^3 + 1)(x^7 + x^3 + x^2 + x + 1)(x^2 + 1).
///
/// # References
/// IEEE P802.3dj draft, Clause 184: BCH(127,113), shortened to (124,110), extended by the parities of even and odd places.
pub const BCH_GENERATOR: u32 = 0x1_4EAB;
/// Bits of one BCH word.
pub const BCH_BITS: usize = 126;
/// Outer symbols that one BCH word carries.
pub const BCH_SYMBOLS: usize = 11;
const BCH_PARITY: usize = 16;

/// An inner code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InnerCode {
    /// Extended Hamming code, distance 4.
    Hamming128,
    /// Extended BCH code, distance 6.
    Bch126,
}

static HAMMING: LazyLock<WordCode> = LazyLock::new(|| {
    // Checks 0 to 6 are the bits of the place, check 7 is over all; the places 2^k and 0 hold their parities.
    let columns: Vec<u16> = (0..128).map(|place| 0x80 | place).collect();
    let units: Vec<u128> = (0..7).map(|k| 1 | 1 << (1 << k)).chain([1]).collect();
    WordCode::new(&columns, &units, &[(3, 1), (5, 3), (9, 7), (17, 15), (33, 31), (65, 63)], 1)
});

static BCH: LazyLock<WordCode> = LazyLock::new(|| {
    // The first bit on the line is the highest power, x^125.
    let mut columns = vec![1u32; BCH_BITS];
    for place in (0..BCH_BITS - 1).rev() {
        let shifted = columns[place + 1] << 1;
        columns[place] = if shifted >> BCH_PARITY == 1 { shifted ^ BCH_GENERATOR } else { shifted };
    }
    let columns: Vec<u16> = columns.into_iter().map(|column| column as u16).collect();
    let units: Vec<u128> = (0..BCH_PARITY).map(|power| 1 << (BCH_BITS - 1 - power)).collect();
    WordCode::new(&columns, &units, &[(0, 110)], 2)
});

impl InnerCode {
    /// The code's tables.
    pub fn code(self) -> &'static WordCode {
        match self {
            Self::Hamming128 => &HAMMING,
            Self::Bch126 => &BCH,
        }
    }

    /// Outer symbols that one word carries, each of a different outer codeword.
    pub fn symbols(self) -> usize {
        match self {
            Self::Hamming128 => HAMMING_SYMBOLS,
            Self::Bch126 => BCH_SYMBOLS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hamming::hamming_information_positions;
    use super::super::word_code::{decode_words_hard, decode_words_soft, encode_words};
    use super::*;
    use crate::rng::RandomSource;

    const CODES: [InnerCode; 2] = [InnerCode::Hamming128, InnerCode::Bch126];

    fn random_word(entity: u32, bits: usize) -> u128 {
        let words = RandomSource::new(1, 2, 3).words(4, entity);
        words.iter().fold(0, |all, &word| all << 32 | u128::from(word)) & (u128::MAX >> (128 - bits))
    }

    /// Product of two polynomials over GF(2), and of many.
    fn product(factors: &[u32]) -> u32 {
        factors
            .iter()
            .fold(1, |product, &factor| (0..17).filter(|k| factor >> k & 1 == 1).fold(0, |sum, k| sum ^ product << k))
    }

    /// Minimal polynomial of root^power over the field of x^7 + x^3 + 1: product of (x - conjugate).
    fn minimal_polynomial(power: usize) -> u32 {
        let (mut powers, mut value) = (vec![], 1u8);
        for _ in 0..127 {
            powers.push(value);
            value = if value & 0x40 == 0 { value << 1 } else { (value << 1 ^ 0x09) & 0x7f };
        }
        let times = |a: u8, b: u8| {
            let log = |x: u8| powers.iter().position(|&y| y == x).unwrap();
            if a == 0 || b == 0 { 0 } else { powers[(log(a) + log(b)) % 127] }
        };
        let mut polynomial = vec![1u8];
        for k in 0..7 {
            let root = powers[(power << k) % 127];
            let mut next = vec![0; polynomial.len() + 1];
            for (degree, &factor) in polynomial.iter().enumerate() {
                next[degree + 1] ^= factor;
                next[degree] ^= times(factor, root);
            }
            polynomial = next;
        }
        polynomial.iter().enumerate().fold(0, |sum, (k, &bit)| sum | u32::from(bit) << k)
    }

    #[test]
    fn generator_is_the_product_of_its_minimal_polynomials() {
        let (first, third) = (minimal_polynomial(1), minimal_polynomial(3));
        assert_eq!((first, third), (0b1000_1001, 0b1000_1111));
        assert_eq!(product(&[first, third, 0b101]), BCH_GENERATOR);
    }

    #[test]
    fn codewords_are_systematic_and_have_no_syndrome() {
        for inner in CODES {
            let code = inner.code();
            assert_eq!(code.information_bits(), 10 * inner.symbols());
            for k in 0..200 {
                let information = random_word(k, code.information_bits());
                let word = code.encode(information);
                assert_eq!((code.syndrome(word), code.information(word)), (0, information));
            }
        }
        // The formulas' places of the information bits are these.
        for (k, &place) in hamming_information_positions().iter().enumerate() {
            assert_eq!(HAMMING.information(1 << place), 1 << k);
        }
    }

    /// Division by the generator, bit by bit: information bit v is the power 125 - v, and parities of even and odd places vanish.
    #[test]
    fn bch_words_are_multiples_of_the_generator() {
        for k in 0..50 {
            let word = BCH.encode(random_word(k, 110));
            let mut remainder = word.reverse_bits() >> 2;
            for power in (BCH_PARITY..BCH_BITS).rev() {
                if remainder >> power & 1 == 1 {
                    remainder ^= u128::from(BCH_GENERATOR) << (power - BCH_PARITY);
                }
            }
            assert_eq!(remainder, 0);
            let even = u128::MAX / 3;
            assert_eq!(((word & even).count_ones() % 2, (word & !even).count_ones() % 2), (0, 0));
        }
    }

    /// All patterns of up to t errors are corrected, and all of t + 1 are found: distances 4 and 6.
    #[test]
    fn every_pattern_within_reach_is_corrected_and_one_more_is_found() {
        let word = HAMMING.encode(random_word(5, 120));
        for a in 0..128 {
            assert_eq!(HAMMING.decode_hard(word ^ 1 << a).word, word);
            assert!((0..a).all(|b| HAMMING.decode_hard(word ^ 1 << a ^ 1 << b).failed));
        }
        let word = BCH.encode(random_word(5, 110));
        for a in 0..BCH_BITS {
            assert_eq!(BCH.decode_hard(word ^ 1 << a).word, word);
            for b in 0..a {
                let two = word ^ 1 << a ^ 1 << b;
                assert_eq!(
                    BCH.decode_hard(two),
                    super::super::word_code::DecodedWord { word, corrected_bits: 2, failed: false }
                );
                assert!((0..b).all(|c| BCH.decode_hard(two ^ 1 << c).failed));
            }
        }
    }

    /// With every unreliable bit among the tried ones the soft decoder corrects up to p + t wrong bits.
    #[test]
    fn soft_decisions_correct_more_than_hard_ones() {
        for (inner, wrong) in [(InnerCode::Hamming128, 3), (InnerCode::Bch126, 5)] {
            let code = inner.code();
            for k in 0..200u32 {
                let word = code.encode(random_word(k, code.information_bits()));
                let mut llrs: Vec<f32> =
                    (0..code.bits()).map(|place| if word >> place & 1 == 1 { -4.0 } else { 4.0 }).collect();
                for n in 0..wrong {
                    let place = (k as usize * 7 + n * 19) % code.bits();
                    llrs[place] *= -0.05;
                }
                let decoded = code.decode_soft(&llrs, 6);
                assert_eq!((decoded.word, decoded.corrected_bits), (word, wrong as u8));
                assert!(code.decode_soft(&llrs, 0).word != word);
            }
        }
    }

    #[test]
    fn batches_equal_single_words_and_refuse_what_is_wrong() {
        for inner in CODES {
            let code = inner.code();
            let information: Vec<u8> =
                (0..700 * code.information_bits() as u32).map(|k| (k.wrapping_mul(k) / 7 % 2) as u8).collect();
            let mut words = encode_words(code, &information).unwrap();
            words.iter_mut().step_by(code.bits()).for_each(|bit| *bit ^= 1);
            let decoded = decode_words_hard(code, &words).unwrap();
            assert!(decoded.information == information && decoded.corrected_bits.iter().all(|&count| count == 1));
            let llrs: Vec<f32> = words.iter().map(|&bit| 1.0 - 2.0 * f32::from(bit)).collect();
            assert_eq!(decode_words_soft(code, &llrs, 6).unwrap(), decoded);
            assert!(encode_words(code, &information[1..]).is_err());
            assert!(encode_words(code, &vec![2; code.information_bits()]).is_err());
            assert!(decode_words_hard(code, &words[1..]).is_err());
            assert!(decode_words_soft(code, &llrs[1..], 6).is_err());
            assert!(decode_words_soft(code, &llrs, 9).is_err());
            for wrong in [f32::NAN, f32::INFINITY, -2e30] {
                assert!(decode_words_soft(code, &vec![wrong; code.bits()], 6).is_err());
            }
        }
    }
}

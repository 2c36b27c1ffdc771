//! The component code of oFEC: BCH(255,239) over GF(2^8) that corrects two errors, with a bit of parity over all.

/// Bits of a word.
pub const WORD_BITS: usize = 256;
/// Information bits of a word.
pub const MESSAGE_BITS: usize = 239;
/// Place of the bit of parity over all.
pub(crate) const PARITY_PLACE: usize = 255;
/// Generator polynomial, bit i the factor of x^i: x^16+x^14+x^13+x^11+x^10+x^9+x^8+x^6+x^5+x+1 (G.709.6; Open ROADM W-Port
/// digital specification 1.0.1, 10.1.2).
pub const GENERATOR: u32 = 0x1_6F63;
/// x^8+x^4+x^3+x^2+1, whose root generates GF(2^8).
const FIELD_POLYNOMIAL: u32 = 0x11D;
/// Entry of [`PAIRS`] for a syndrome that neither one nor two errors make; no pair of errors is twice the same place.
pub(crate) const NO_PAIR: u16 = 0xFEFE;

/// Powers of the generating element.
const fn powers() -> [u8; 255] {
    let mut table = [0; 255];
    let (mut value, mut k) = (1u32, 0);
    while k < 255 {
        table[k] = value as u8;
        value <<= 1;
        if value & 0x100 != 0 {
            value ^= FIELD_POLYNOMIAL;
        }
        k += 1;
    }
    table
}

/// Syndrome of an error at each place: its power a in the low byte, a^3 in the high one. Place i holds the coefficient of
/// x^(254-i); the bit of parity has none.
const fn column_syndromes() -> [u16; WORD_BITS] {
    let powers = powers();
    let mut table = [0; WORD_BITS];
    let mut place = 0;
    while place < PARITY_PLACE {
        let exponent = 254 - place;
        table[place] = powers[exponent] as u16 | (powers[3 * exponent % 255] as u16) << 8;
        place += 1;
    }
    table
}

/// The places of at most two errors by their syndrome: low and high byte, [`PARITY_PLACE`] for none.
#[allow(clippy::large_stack_arrays)] // Made when the crate is compiled.
const fn error_pairs() -> [u16; 1 << 16] {
    let columns = column_syndromes();
    let mut table = [NO_PAIR; 1 << 16];
    table[0] = 0xFFFF;
    let mut first = 0;
    while first < PARITY_PLACE {
        table[columns[first] as usize] = first as u16 | 0xFF00;
        let mut second = 0;
        while second < first {
            table[(columns[first] ^ columns[second]) as usize] = (first as u16) | (second as u16) << 8;
            second += 1;
        }
        first += 1;
    }
    table
}

/// Check bits that each message bit adds: bit 15-j stands at place 239+j.
const fn parity_columns() -> [u16; MESSAGE_BITS] {
    let mut table = [0; MESSAGE_BITS];
    let (mut remainder, mut place) = (GENERATOR & 0xFFFF, MESSAGE_BITS);
    while place > 0 {
        place -= 1;
        table[place] = remainder as u16;
        remainder <<= 1;
        if remainder & 0x1_0000 != 0 {
            remainder ^= GENERATOR;
        }
    }
    table
}

/// The bits of columns as masks, the highest first or the lowest.
const fn masks<const N: usize>(columns: &[u16; N], highest_first: bool) -> [[u16; 16]; N] {
    let mut table = [[0; 16]; N];
    let mut place = 0;
    while place < N {
        let mut j = 0;
        while j < 16 {
            let bit = if highest_first { 15 - j } else { j };
            table[place][j] = (columns[place] >> bit & 1).wrapping_neg();
            j += 1;
        }
        place += 1;
    }
    table
}

/// See [`column_syndromes`].
pub(crate) static COLUMNS: [u16; WORD_BITS] = column_syndromes();
/// See [`parity_columns`].
pub(crate) static PARITY: [u16; MESSAGE_BITS] = parity_columns();
/// Bit 15-j of each of [`PARITY`] as a mask of all bits.
pub(crate) static PARITY_MASKS: [[u16; 16]; MESSAGE_BITS] = masks(&PARITY, true);
/// Bit j of each of [`COLUMNS`] as a mask of all bits.
pub(crate) static COLUMN_MASKS: [[u16; 16]; WORD_BITS] = masks(&COLUMNS, false);
/// See [`error_pairs`].
pub(crate) static PAIRS: [u16; 1 << 16] = error_pairs();

/// What bounded-distance decoding makes of a word: the places to invert, [`NO_PLACE`] for none, or nothing.
///
/// # Algorithm
/// 1. The syndrome of the first 255 bits names up to two places.
/// 2. If the parity of all bits does not fit their number, the bit of parity is wrong too; more than two errors in all are
///    refused: the distance of the code is 6.
pub(crate) fn hard_correction(syndrome: u16, odd: bool) -> Option<[u16; 2]> {
    let pair = PAIRS[usize::from(syndrome)];
    let places = [pair & 0xFF, pair >> 8];
    let parity = PARITY_PLACE as u16;
    match (places, odd) {
        _ if pair == NO_PAIR => None,
        ([first, second], false) if first == parity && second == parity => Some([NO_PLACE; 2]),
        ([first, second], true) if first == parity && second == parity => Some([parity, NO_PLACE]),
        ([first, second], true) if second == parity => Some([first, NO_PLACE]),
        ([first, second], false) if second == parity => Some([first, parity]),
        (places, false) => Some(places),
        (_, true) => None,
    }
}

/// Marks an unused entry of [`hard_correction`].
pub(crate) const NO_PLACE: u16 = 256;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Product of polynomials over GF(2).
    pub fn polynomial_product(a: u64, b: u64) -> u64 {
        (0..40).filter(|k| b >> k & 1 == 1).fold(0, |sum, k| sum ^ (a << k))
    }

    /// The generator is the product of the minimal polynomials of a and a^3, each found from the powers of its root.
    #[test]
    fn generator_follows_from_its_roots() {
        let powers = powers();
        let product = |a: u8, b: u8| {
            (0..8).filter(|k| b >> k & 1 == 1).fold(0u32, |sum, k| {
                sum ^ (0..k).fold(u32::from(a), |v, _| if v & 0x80 != 0 { v << 1 ^ FIELD_POLYNOMIAL } else { v << 1 })
            }) as u8
        };
        let minimal = |exponent: usize| {
            (2u64..1 << 9)
                .find(|p| {
                    let root = powers[exponent];
                    let mut sum = 0;
                    for k in (0..9).rev() {
                        sum = product(sum, root) ^ (p >> k & 1) as u8;
                    }
                    sum == 0
                })
                .unwrap()
        };
        assert_eq!(polynomial_product(minimal(1), minimal(3)), u64::from(GENERATOR));
    }

    #[test]
    fn message_bits_and_their_checks_have_no_syndrome() {
        for (place, checks) in PARITY.iter().enumerate() {
            let sum =
                (0..16).filter(|j| checks >> (15 - j) & 1 == 1).fold(COLUMNS[place], |sum, j| sum ^ COLUMNS[239 + j]);
            assert_eq!(sum, 0, "{place}");
        }
    }

    #[test]
    fn every_pair_of_errors_is_found_and_triples_are_refused() {
        for (first, &column) in COLUMNS.iter().enumerate() {
            for (second, &other) in COLUMNS.iter().enumerate().take(first + 1) {
                let one = first == second;
                let syndrome = if one { column } else { column ^ other };
                let mut found = hard_correction(syndrome, one).unwrap();
                found.sort_unstable();
                let expected = if one { [first as u16, NO_PLACE] } else { [second as u16, first as u16] };
                assert_eq!(found, expected);
            }
            // Distance 6: no three errors lie within two of a codeword.
            for (second, third) in [(7, 99), (254, 255), (128, 3)] {
                if first != second && first != third {
                    let syndrome = column ^ COLUMNS[second] ^ COLUMNS[third];
                    assert_eq!(hard_correction(syndrome, true), None);
                }
            }
        }
        assert_eq!(hard_correction(0, false), Some([NO_PLACE; 2]));
    }
}

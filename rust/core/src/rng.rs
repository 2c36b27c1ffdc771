//! Random numbers that are addressed and not drawn: the same address gives the same number on every machine, in any order.

/// Multipliers of Philox-4x32.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// Increments of the key from round to round (golden ratio, sqrt(3) - 1).
const KEY_INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS_COUNT: usize = 10;

/// Four random words at a counter under a key: Philox-4x32 with ten rounds.
///
/// # Algorithm
/// 1. In each round two of the four words are multiplied to 64 bits; the high halves are mixed with the other two words and
///    the key, the low halves move on unchanged.
/// 2. Between rounds the key grows by two constants.
///
/// Cost: 20 multiplications of 32 by 32 bits.
///
/// # References
/// Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi 10.1145/2063384.2063405; checked against the
/// known-answer vectors of Random123.
pub fn philox_4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut first_key, mut second_key] = key;
    for _ in 0..ROUNDS_COUNT {
        let (high_a, low_a) = split(u64::from(MULTIPLIERS[0]) * u64::from(a));
        let (high_c, low_c) = split(u64::from(MULTIPLIERS[1]) * u64::from(c));
        (a, b, c, d) = (high_c ^ b ^ first_key, low_c, high_a ^ d ^ second_key, low_a);
        first_key = first_key.wrapping_add(KEY_INCREMENTS[0]);
        second_key = second_key.wrapping_add(KEY_INCREMENTS[1]);
    }
    [a, b, c, d]
}

/// What a number is for, and which part of the link it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NumberAddress {
    /// What for.
    pub purpose: u32,
    /// Which part.
    pub entity: u32,
}

/// High and low half of a product.
#[allow(clippy::cast_possible_truncation)] // The halves are what is wanted.
fn split(product: u64) -> (u32, u32) {
    ((product >> 32) as u32, product as u32)
}

/// Scrambles 64 bits one to one (finalizer of `SplitMix64`), so that neighboring seeds share no structure.
///
/// # References
/// Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195.
pub fn mix_bits(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// The random numbers of one draw of one link under one run seed.
///
/// A number's whole address is (seed, link, draw, purpose, entity): what it is for and which part of the link it belongs to.
/// Nothing is counted on, so the order in which numbers are asked for does not matter.
#[derive(Debug, Clone, Copy)]
pub struct RandomSource {
    key: [u32; 2],
    draw: [u32; 2],
}

impl RandomSource {
    /// The source for one draw of one link, which is known by a key that does not depend on its place in a table.
    pub fn new(seed: u64, link_key: u64, draw: u64) -> Self {
        let (high, low) = split(mix_bits(seed ^ mix_bits(link_key)));
        let (draw_high, draw_low) = split(draw);
        Self { key: [low, high], draw: [draw_low, draw_high] }
    }

    /// Four random words of 32 bits.
    pub fn words(&self, purpose: u32, entity: u32) -> [u32; 4] {
        philox_4x32([entity, purpose, self.draw[0], self.draw[1]], self.key)
    }

    /// Two independent numbers, uniform in the open interval (0, 1), of 52 bits each.
    pub fn uniform_pair(&self, purpose: u32, entity: u32) -> [f64; 2] {
        let [a, b, c, d] = self.words(purpose, entity);
        [unit_interval(a, b), unit_interval(c, d)]
    }

    /// [`RandomSource::uniform_pair`] at many addresses: side by side, so that none waits for another.
    pub fn uniform_pairs(&self, addresses: &[NumberAddress], pairs: &mut Vec<[f64; 2]>) {
        pairs.clear();
        pairs.extend(addresses.iter().map(|address| self.uniform_pair(address.purpose, address.entity)));
    }

    /// One number, uniform in the open interval (0, 1): the first of [`RandomSource::uniform_pair`].
    pub fn uniform(&self, purpose: u32, entity: u32) -> f64 {
        self.uniform_pair(purpose, entity)[0]
    }
}

/// 52 bits in the middle of their cells of (0, 1): neither 0 nor 1 can come out.
fn unit_interval(low: u32, high: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 12;
    (bits as f64 + 0.5) * 2f64.powi(-52)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// File `kat_vectors` of Random123 (github.com/DEShawResearch/random123), lines `philox4x32 10`.
    #[test]
    fn known_answers_of_random123() {
        assert_eq!(philox_4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox_4x32([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox_4x32([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    /// First outputs of `SplitMix64` from the state 1234567, as published with the generator.
    #[test]
    fn mixing_is_splitmix64() {
        assert_eq!(mix_bits(1_234_567), 6_457_827_717_110_365_317);
    }

    #[test]
    fn ends_of_the_unit_interval_are_open() {
        assert!(unit_interval(0, 0) > 0.0);
        assert!(unit_interval(u32::MAX, u32::MAX) < 1.0);
    }

    /// Kolmogorov-Smirnov distance of 2^16 numbers; 1.95/sqrt(n) is passed by one seed in a thousand, and this one is fixed.
    #[test]
    fn numbers_are_uniform_over_draws_and_over_entities() {
        let count = 1u32 << 16;
        let over_draws = |draw: u32| RandomSource::new(7, 11, u64::from(draw)).uniform(3, 5);
        let over_entities = |entity: u32| RandomSource::new(7, 11, 13).uniform(3, entity);
        for numbers in [(0..count).map(over_draws).collect::<Vec<_>>(), (0..count).map(over_entities).collect()] {
            let mut sorted = numbers;
            sorted.sort_by(f64::total_cmp);
            let n = f64::from(count);
            let distance = sorted.iter().enumerate().map(|(i, x)| (x - (i as f64 + 0.5) / n).abs()).fold(0.0, f64::max);
            assert!(distance < 1.95 / n.sqrt(), "{distance}");
        }
    }

    /// Each word of the address changes the number, and none of the changes is correlated with another: |r| < 4/sqrt(n).
    #[test]
    fn numbers_of_different_addresses_are_uncorrelated() {
        let count = 1u32 << 14;
        let here = |draw: u32| RandomSource::new(7, 11, u64::from(draw)).uniform_pair(3, 5);
        let others: [fn(u32) -> f64; 5] = [
            |draw| RandomSource::new(8, 11, u64::from(draw)).uniform(3, 5),
            |draw| RandomSource::new(7, 12, u64::from(draw)).uniform(3, 5),
            |draw| RandomSource::new(7, 11, u64::from(draw) + 1).uniform(3, 5),
            |draw| RandomSource::new(7, 11, u64::from(draw)).uniform(4, 5),
            |draw| RandomSource::new(7, 11, u64::from(draw)).uniform(3, 6),
        ];
        let correlation = |other: &dyn Fn(u32) -> f64| {
            let products = (0..count).map(|draw| (here(draw)[0] - 0.5) * (other(draw) - 0.5));
            12.0 * products.sum::<f64>() / f64::from(count)
        };
        for other in others {
            assert!(correlation(&other).abs() < 4.0 / f64::from(count).sqrt());
        }
        assert!(correlation(&|draw| here(draw)[1]).abs() < 4.0 / f64::from(count).sqrt());
        assert!((correlation(&|draw| here(draw)[0]) - 1.0).abs() < 0.05);
    }
}

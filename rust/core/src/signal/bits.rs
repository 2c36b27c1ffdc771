//! Random bits.

use crate::rng::RandomSource;

/// Random bits of a source under a purpose: bit k is the same however many are asked for.
///
/// # Algorithm
/// Entity k / 104 gives two numbers of 52 bits each; their leading bits first.
pub fn random_bits(source: &RandomSource, purpose: u32, count: usize) -> Vec<u8> {
    const BITS: usize = 52;
    let mut bits = Vec::with_capacity(count + 2 * BITS);
    let mut entity = 0;
    while bits.len() < count {
        for number in source.uniform_pair(purpose, entity) {
            // Numbers lie in the middle of cells of 2^-52: the cell's index is exact.
            let cell = (number * (1u64 << BITS) as f64) as u64;
            bits.extend((0..BITS).rev().map(|place| (cell >> place & 1) as u8));
        }
        entity += 1;
    }
    bits.truncate(count);
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_fair_and_do_not_depend_on_how_many_are_asked_for() {
        let source = RandomSource::new(5, 6, 7);
        let many = random_bits(&source, 1, 100_000);
        assert_eq!(many[..1000], random_bits(&source, 1, 1000)[..]);
        let ones = many.iter().map(|&bit| f64::from(bit)).sum::<f64>();
        // Four standard deviations of 100,000 fair bits.
        assert!((ones - 50_000.0).abs() < 4.0 * 158.2, "{ones}");
        let same = many.windows(2).filter(|pair| pair[0] == pair[1]).count() as f64;
        assert!((same - 50_000.0).abs() < 4.0 * 158.2, "{same}");
        assert_ne!(many[..64], random_bits(&source, 2, 64)[..]);
    }
}

//! The extended Hamming code (128,120), inner code of PAM4 lanes at 200 Gb/s: hard decisions exactly, soft ones as a bound.

use super::kp4::KP4_SYMBOL_BITS;
use crate::special::{inverse_q_function, q_function};

/// Bits of one inner word.
pub const HAMMING_BITS: usize = 128;
/// Outer symbols that one inner word carries, each of a different outer codeword.
pub const HAMMING_SYMBOLS: usize = 12;
/// Words of weight 4: C(128, 3)/4, since any three positions determine the fourth.
const WEIGHT_FOUR_COUNT: f64 = 85_344.0;

/// Positions of the information bits: bit i stands at point i of the binary space of dimension 7 and takes part in the
/// parity checks 1 and the bits of i; the points 0 and 2^k hold the parity bits.
///
/// Any other order of the bits is an equivalent code; it would change which positions share an outer symbol.
pub fn hamming_information_positions() -> [u8; 120] {
    let mut positions = [0; 120];
    let points = (0..128u8).filter(|point| point.count_ones() > 1);
    for (slot, point) in positions.iter_mut().zip(points) {
        *slot = point;
    }
    positions
}

/// Ratio of 10-bit outer symbols left in error by a decoder that corrects one hard-decided bit and detects two.
///
/// # Algorithm
/// 1. An error pattern of odd weight stands one bit from exactly one codeword, to which the decoder moves it; one of even
///    weight stays as it is. A symbol S of 10 positions is right if the pattern is even and zero on S, or if it is odd
///    and its codeword is zero on S.
/// 2. Even and zero on S: q^10 (1 + (1 - 2p)^118)/2 with q = 1 - p.
/// 3. Codewords that are zero on S have, by MacWilliams, the enumerator (1/256) sum over the 256 words d of the dual code
///    of x^10 (x + y)^(118 - b) (x - y)^b, b the weight of d outside S; one bit more is (y d/dx + x d/dy) of it, which at
///    x = q, y = p gives (1/256) sum of q^10 (1 - 2p)^b (10 p/q + 118 - 2b).
/// 4. The mean over the 12 symbols of a word.
///
/// # References
/// MacWilliams and Sloane 1977, ch. 5; the dual code is the first-order Reed-Muller code of length 128.
pub fn hamming_hard_symbol_error_ratio(pre_fec_ber: f64) -> f64 {
    if !(pre_fec_ber > 0.0 && pre_fec_ber <= 0.5) {
        return if pre_fec_ber == 0.0 { 0.0 } else { f64::NAN };
    }
    let (p, q) = (pre_fec_ber, 1.0 - pre_fec_ber);
    let size = f64::from(KP4_SYMBOL_BITS);
    let outside = HAMMING_BITS as f64 - size;
    let clean = q.powf(size);
    let even = 0.5 * clean * (1.0 + (1.0 - 2.0 * p).powf(outside));
    let odd_of = |b: f64| clean * (1.0 - 2.0 * p).powf(b) * (size * p / q + outside - 2.0 * b) / 256.0;
    let positions = hamming_information_positions();
    let mut right = 0.0;
    for symbol in positions.chunks_exact(KP4_SYMBOL_BITS as usize) {
        let mut odd = odd_of(0.0) + odd_of(outside);
        for mask in 1..128u8 {
            let inside = symbol.iter().filter(|&&point| (point & mask).count_ones() % 2 == 1).count() as f64;
            odd += odd_of(64.0 - inside) + odd_of(64.0 - (size - inside));
        }
        right += even + odd;
    }
    (1.0 - right / HAMMING_SYMBOLS as f64).max(0.0)
}

/// Upper bound on the ratio of 10-bit outer symbols that a maximum-likelihood soft decoder leaves in error on Gray-labelled
/// PAM4 with white Gaussian noise.
///
/// # Algorithm
/// 1. x = distance to a threshold over sigma, from BER = SER/2 = 3/4 Q(x).
/// 2. A bit lies next to a threshold with probability 3/4 (the less significant bit always, the other on the inner
///    levels); four such bits are mistaken together with probability Q(2 x). Bits further away count as safe.
/// 3. Union over the words of weight 4, each of which touches a given symbol with the probability that four random
///    positions do.
///
/// # References
/// Union bound, e.g. Lin and Costello 2004, ch. 3 and 10.
pub fn hamming_soft_symbol_error_bound(pre_fec_ber: f64) -> f64 {
    let Ok(x) = inverse_q_function(pre_fec_ber / 0.75) else {
        return if pre_fec_ber == 0.0 { 0.0 } else { f64::NAN };
    };
    let missed = (0..4).map(|k| (118.0 - f64::from(k)) / (128.0 - f64::from(k))).product::<f64>();
    (WEIGHT_FOUR_COUNT * 0.75f64.powi(4) * q_function(2.0 * x) * (1.0 - missed)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn information_positions_leave_independent_parities() {
        let positions = hamming_information_positions();
        assert_eq!((positions[0], positions[119]), (3, 127));
        assert!(positions.windows(2).all(|pair| pair[0] < pair[1]));
    }

    /// Weights 2 and 3 by hand: a pair stays, a triple becomes the word of weight 4 through it.
    #[test]
    fn few_errors_by_counting() {
        let p = 1e-5f64;
        let pairs = 8128.0 * p * p * (1.0 - p).powi(126);
        let hit = 1.0 - 118.0 * 117.0 / (128.0 * 127.0);
        let found = hamming_hard_symbol_error_ratio(p);
        assert!((found / (pairs * hit) - 1.0).abs() < 1e-3, "{found}");
        assert_eq!(hamming_hard_symbol_error_ratio(0.0), 0.0);
        assert!(hamming_hard_symbol_error_ratio(f64::NAN).is_nan());
        // Half of all bits wrong leaves nothing: a symbol is right by chance.
        assert!((hamming_hard_symbol_error_ratio(0.5) - (1.0 - 1.0 / 1024.0)).abs() < 1e-9);
    }

    #[test]
    fn the_bound_falls_with_the_square_of_the_slope() {
        let (low, high) = (hamming_soft_symbol_error_bound(1e-4), hamming_soft_symbol_error_bound(1e-3));
        assert!(low < 1e-8 && high > 1e-6 && high < 1e-5, "{low} {high}");
        assert_eq!(hamming_soft_symbol_error_bound(0.0), 0.0);
        assert!(hamming_soft_symbol_error_bound(0.9).is_nan());
    }
}

//! RS(544,514) over GF(2^10) ("KP4"), the outer code of every PAM4 Ethernet lane: exact bounded-distance formulas.

use libm::lgamma;
use std::sync::LazyLock;

/// Code length in 10-bit symbols.
pub const KP4_SYMBOLS: u32 = 544;
/// Symbol errors that are corrected.
pub const KP4_CORRECTED: u32 = 15;
/// Bits of one symbol.
pub const KP4_SYMBOL_BITS: u32 = 10;
/// A term so small against the sum of all before it, and all after it together, are lost in rounding.
const NEGLIGIBLE_RATIO: f64 = 1e-19;
/// 64-octet frames that one codeword carries (8 x 64 octets in 514 symbols), as IEEE 802.3 counts them.
const FRAMES_PER_CODEWORD: f64 = 8.0;

/// What is left after decoding with independent symbol errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kp4Errors {
    /// Ratio of 10-bit symbols in error before decoding.
    pub symbol_error_ratio: f64,
    /// Ratio of codewords that cannot be corrected.
    pub codeword_error_ratio: f64,
    /// Bit error ratio after decoding.
    pub post_fec_ber: f64,
}

/// Errors after decoding of independent bit errors.
///
/// # Algorithm
/// 1. p_s = 1 - (1 - BER)^10.
/// 2. CER = sum over k >= 16 of C(544, k) p_s^k (1 - p_s)^(544 - k).
/// 3. post-FEC SER = sum over k >= 16 of k/544 P(k); post-FEC BER = post-FEC SER x BER / p_s.
///
/// # References
/// IEEE 802.3-2022, 91.5.3.3 (code); binomial formula of bounded-distance decoding, e.g. Lin and Costello 2004, ch. 7.
pub fn kp4_from_bit_errors(pre_fec_ber: f64) -> Kp4Errors {
    let symbol_error_ratio = -libm::expm1(f64::from(KP4_SYMBOL_BITS) * libm::log1p(-pre_fec_ber));
    kp4_from_symbol_errors(symbol_error_ratio, pre_fec_ber)
}

/// Errors after decoding where the 10-bit symbol error ratio is known, as behind an inner code.
///
/// `pre_fec_ber` is the bit error ratio at the same place; it only splits symbol errors into bit errors.
pub fn kp4_from_symbol_errors(symbol_error_ratio: f64, pre_fec_ber: f64) -> Kp4Errors {
    if symbol_error_ratio.is_nan() || pre_fec_ber.is_nan() {
        return Kp4Errors { symbol_error_ratio, codeword_error_ratio: f64::NAN, post_fec_ber: f64::NAN };
    }
    if symbol_error_ratio <= 0.0 {
        return Kp4Errors { symbol_error_ratio: 0.0, codeword_error_ratio: 0.0, post_fec_ber: 0.0 };
    }
    let (codeword_error_ratio, post_fec_ser) = binomial_tail(symbol_error_ratio);
    Kp4Errors {
        symbol_error_ratio,
        codeword_error_ratio,
        post_fec_ber: post_fec_ser * pre_fec_ber / symbol_error_ratio,
    }
}

/// Ratio of codewords that cannot be corrected at a given symbol error ratio.
pub fn codeword_error_ratio(symbol_error_ratio: f64) -> f64 {
    binomial_tail(symbol_error_ratio).0
}

/// Loss ratio of 64-octet frames: CER (1 + X MFC) / MFC with MFC = 8 frames a codeword and X interleaved codewords.
///
/// # References
/// IEEE 802.3 annex on frame loss; at BER 2.4e-4 it gives 9.2e-13, 1.7e-12 and 3.4e-12 for X = 1, 2, 4 as published.
pub fn frame_loss_ratio(codeword_error_ratio: f64, interleaved_codewords_count: u32) -> f64 {
    let x = f64::from(interleaved_codewords_count);
    (codeword_error_ratio * (1.0 + x * FRAMES_PER_CODEWORD) / FRAMES_PER_CODEWORD).min(1.0)
}

/// ln C(544, k) for every k, computed once.
static LN_CHOICES: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let n = f64::from(KP4_SYMBOLS);
    (0..=KP4_SYMBOLS).map(f64::from).map(|k| lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)).collect()
});

/// (P(k > 15), expected symbol errors left per symbol).
///
/// Terms are summed from the largest one on until they no longer count: some twenty of 529 at any useful error ratio.
fn binomial_tail(p: f64) -> (f64, f64) {
    if p >= 1.0 {
        return (1.0, 1.0);
    }
    let n = f64::from(KP4_SYMBOLS);
    let (ln_p, ln_q) = (p.ln(), libm::log1p(-p));
    // Start at the largest uncorrectable term, so that nothing underflows, and walk both ways; all terms are positive.
    let lowest = f64::from(KP4_CORRECTED + 1);
    let start = ((n + 1.0) * p).floor().clamp(lowest, n);
    let peak = (LN_CHOICES[start as usize] + start * ln_p + (n - start) * ln_q).exp();
    let odds = p / (1.0 - p);
    let (mut tail, mut weighted) = (peak, peak * start / n);
    let (mut k, mut term) = (start, peak);
    while k < n && term > NEGLIGIBLE_RATIO * weighted {
        term *= (n - k) / (k + 1.0) * odds;
        k += 1.0;
        tail += term;
        weighted += k / n * term;
    }
    (k, term) = (start, peak);
    while k > lowest && term > NEGLIGIBLE_RATIO * weighted {
        term *= k / (n - k + 1.0) / odds;
        k -= 1.0;
        tail += term;
        weighted += k / n * term;
    }
    (tail.min(1.0), weighted.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_left_out_do_not_count() {
        let (n, lowest) = (f64::from(KP4_SYMBOLS), KP4_CORRECTED + 1);
        for p in [1e-12f64, 1e-7, 1e-5, 1e-3, 2.4e-3, 0.01, 0.02, 0.03, 0.05, 0.2, 0.5, 0.9, 0.999] {
            let term =
                |k: u32| (LN_CHOICES[k as usize] + f64::from(k) * p.ln() + (n - f64::from(k)) * (-p).ln_1p()).exp();
            let all: f64 = (lowest..=KP4_SYMBOLS).map(term).sum();
            let weighted: f64 = (lowest..=KP4_SYMBOLS).map(|k| f64::from(k) / n * term(k)).sum();
            let (tail, mean) = binomial_tail(p);
            // Each term of the plain sum carries the rounding of its exponent, some hundreds times 1e-16.
            assert!((tail / all.min(1.0) - 1.0).abs() < 1e-12, "{p}: {tail} {all}");
            assert!((mean / weighted.min(1.0) - 1.0).abs() < 1e-12, "{p}: {mean} {weighted}");
        }
    }

    #[test]
    fn certain_and_impossible_errors() {
        assert_eq!(kp4_from_bit_errors(0.0).codeword_error_ratio, 0.0);
        assert!((kp4_from_bit_errors(0.4).codeword_error_ratio - 1.0).abs() < 1e-9);
        assert!(kp4_from_bit_errors(f64::NAN).post_fec_ber.is_nan());
    }

    #[test]
    fn threshold_of_802_3() {
        let errors = kp4_from_bit_errors(2.4e-4);
        assert!((errors.codeword_error_ratio / 8.15e-13 - 1.0).abs() < 2e-3);
        assert!((frame_loss_ratio(errors.codeword_error_ratio, 2) / 1.73e-12 - 1.0).abs() < 5e-3);
    }
}

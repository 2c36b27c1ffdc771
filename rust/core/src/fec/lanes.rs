//! A module's codewords from lanes that err unequally: KP4 deals the symbols of each codeword out over all lanes.

use super::bursts::{ErrorBursts, LaneMultiplexing, burst_symbol_errors};
use super::kp4::{KP4_CORRECTED, KP4_SYMBOL_BITS, KP4_SYMBOLS, frame_loss_ratio};
use crate::error::{Error, Result};

/// What reaches one codeword from one lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LaneErrors {
    /// Independent errors of 10-bit symbols: random bit errors, or the output of an inner decoder.
    Independent {
        /// Ratio of 10-bit symbols in error.
        symbol_error_ratio: f64,
        /// Wrong bits over all bits at the same place.
        bit_error_ratio: f64,
    },
    /// Errors in runs.
    Bursts {
        /// Ratio of PAM4 symbols decided wrong, before a precoder is undone.
        pam4_symbol_error_ratio: f64,
        /// The runs.
        bursts: ErrorBursts,
        /// How outer symbols lie on the lane.
        multiplexing: LaneMultiplexing,
    },
}

impl LaneErrors {
    /// Random bit errors: p_s = 1 - (1 - BER)^10.
    pub fn from_bit_errors(pre_fec_ber: f64) -> Self {
        let symbol_error_ratio = -libm::expm1(f64::from(KP4_SYMBOL_BITS) * libm::log1p(-pre_fec_ber));
        Self::Independent { symbol_error_ratio, bit_error_ratio: pre_fec_ber }
    }
}

/// What a module's KP4 decoder leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleErrors {
    /// Probability of 0, 1, 2 ... symbols in error in a codeword before decoding; ends where nothing that counts is left.
    pub symbol_errors_ratio: Vec<f64>,
    /// Ratio of codewords that cannot be corrected.
    pub codeword_error_ratio: f64,
    /// Bit error ratio after decoding.
    pub post_fec_ber: f64,
    /// Loss ratio of 64-octet frames.
    pub frame_loss_ratio: f64,
}

/// Errors of a module whose codewords lie on all of its lanes in equal shares.
///
/// # Algorithm
/// 1. Each lane gives a codeword 544/L symbols (the first lanes one more where that does not divide). Their number of
///    errors is binomial where errors are independent, of a Markov chain where they come in runs ([`burst_symbol_errors`]).
/// 2. The codeword's number is the sum over lanes: a Poisson-binomial distribution, by convolution of positive terms.
/// 3. CER = P(k > 15); the symbols of such codewords stay wrong: post-FEC SER = sum over k >= 16 of k/544 P(k), and
///    post-FEC BER = post-FEC SER x (BER/p_s before decoding).
/// 4. Frame loss as for one lane, see [`frame_loss_ratio`].
///
/// # Errors
/// [`Error::Parameter`] if there is no lane or more than 544, or a ratio is outside 0 to 1.
///
/// # References
/// IEEE 802.3-2022, 119.2.4 (distribution of symbols to lanes); block errors as a histogram of symbol errors per codeword
/// are the subject of Annex 174A of the P802.3dj draft.
pub fn module_errors(lanes: &[LaneErrors], interleaved_codewords_count: u32) -> Result<ModuleErrors> {
    let count = lanes.len() as u32;
    if !(1..=KP4_SYMBOLS).contains(&count) {
        return Err(Error::parameter("lanes", count, format!("1 to {KP4_SYMBOLS}")));
    }
    if interleaved_codewords_count == 0 {
        return Err(Error::parameter("interleaved_codewords_count", 0, "1 or more"));
    }
    let mut whole = vec![1.0];
    let (mut symbol_errors, mut bit_errors) = (0.0, 0.0);
    for (index, lane) in lanes.iter().enumerate() {
        let share = KP4_SYMBOLS / count + u32::from((index as u32) < KP4_SYMBOLS % count);
        let part = lane.symbol_errors(share, interleaved_codewords_count)?;
        let mean: f64 = part.iter().enumerate().map(|(k, p)| k as f64 * p).sum();
        symbol_errors += mean;
        bit_errors += f64::from(share) * lane.bit_error_ratio();
        whole = convolve(&whole, &part);
    }
    let first_failing = KP4_CORRECTED as usize + 1;
    let tail = whole.get(first_failing..).unwrap_or(&[]);
    let codeword_error_ratio = tail.iter().sum::<f64>().min(1.0);
    let left: f64 = tail.iter().enumerate().map(|(k, p)| (k + first_failing) as f64 * p).sum();
    let post_fec_ber =
        if symbol_errors > 0.0 { left / f64::from(KP4_SYMBOLS) * (bit_errors / symbol_errors) } else { 0.0 };
    Ok(ModuleErrors {
        frame_loss_ratio: frame_loss_ratio(codeword_error_ratio, interleaved_codewords_count),
        symbol_errors_ratio: whole,
        codeword_error_ratio,
        post_fec_ber,
    })
}

impl LaneErrors {
    fn symbol_errors(&self, symbols_count: u32, interleaved_codewords_count: u32) -> Result<Vec<f64>> {
        match *self {
            Self::Independent { symbol_error_ratio, .. } => {
                if !(0.0..=1.0).contains(&symbol_error_ratio) {
                    return Err(Error::parameter("symbol_error_ratio", symbol_error_ratio, "a number from 0 to 1"));
                }
                Ok(binomial(symbols_count, symbol_error_ratio))
            }
            Self::Bursts { pam4_symbol_error_ratio, bursts, multiplexing } => burst_symbol_errors(
                symbols_count,
                pam4_symbol_error_ratio,
                bursts,
                multiplexing,
                interleaved_codewords_count,
            ),
        }
    }

    /// Wrong bits over all bits before KP4: of each PAM4 symbol seen wrong one of two.
    fn bit_error_ratio(&self) -> f64 {
        match *self {
            Self::Independent { bit_error_ratio, .. } => bit_error_ratio,
            Self::Bursts { pam4_symbol_error_ratio: ser, bursts, .. } if bursts.precoded => {
                // Runs start and end equally often; each makes one symbol wrong.
                ser * (1.0 - bursts.continuation_ratio)
            }
            Self::Bursts { pam4_symbol_error_ratio, .. } => 0.5 * pam4_symbol_error_ratio,
        }
    }
}

/// Beyond the mean the terms of a binomial only fall; what is below this cannot count in any sum of 544.
const LEAST_TERM: f64 = 1e-280;

/// P(k) of `trials` independent errors, up to where the rest is below the rounding of what matters.
fn binomial(trials: u32, p: f64) -> Vec<f64> {
    let n = f64::from(trials);
    if p == 0.0 {
        return vec![1.0];
    }
    if p == 1.0 {
        let mut certain = vec![0.0; trials as usize + 1];
        certain[trials as usize] = 1.0;
        return certain;
    }
    let (ln_p, ln_q) = (p.ln(), libm::log1p(-p));
    let mut out = Vec::new();
    // From no error on by the ratio of neighboring terms, unless that is too rare to be a number.
    if n * ln_q > -645.0 {
        let odds = p / (1.0 - p);
        let mut term = (n * ln_q).exp();
        for k in 0..=trials {
            let k = f64::from(k);
            if k > n * p + 1.0 && term < LEAST_TERM {
                break;
            }
            out.push(term);
            term *= odds * (n - k) / (k + 1.0);
        }
        return out;
    }
    let ln_all = libm::lgamma(n + 1.0);
    for k in 0..=trials {
        let k = f64::from(k);
        let ln_term = ln_all - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0) + k * ln_p + (n - k) * ln_q;
        let term = ln_term.exp();
        if k > n * p + 1.0 && term < LEAST_TERM {
            break;
        }
        out.push(term);
    }
    out
}

fn convolve(left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; left.len() + right.len() - 1];
    for (i, x) in left.iter().enumerate() {
        for (slot, y) in out[i..].iter_mut().zip(right) {
            *slot += x * y;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fec::kp4_from_bit_errors;

    #[test]
    fn equal_lanes_are_the_single_lane() {
        for ber in [1e-4, 2.4e-4, 1e-3, 2e-2] {
            let alone = kp4_from_bit_errors(ber);
            for count in [1, 2, 3, 4, 8] {
                let module = module_errors(&vec![LaneErrors::from_bit_errors(ber); count], 2).unwrap();
                assert!(
                    (module.codeword_error_ratio / alone.codeword_error_ratio - 1.0).abs() < 1e-11,
                    "{ber} {count}"
                );
                assert!((module.post_fec_ber / alone.post_fec_ber - 1.0).abs() < 1e-11);
                assert!((module.symbol_errors_ratio.iter().sum::<f64>() - 1.0).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn one_bad_lane_of_four_errs_as_its_share() {
        // All errors on 136 symbols: the binomial of 136 trials.
        let bad = LaneErrors::from_bit_errors(5e-3);
        let good = LaneErrors::from_bit_errors(0.0);
        let found = module_errors(&[good, bad, good, good], 1).unwrap();
        let expected: f64 = binomial(136, 1.0 - (1.0 - 5e-3f64).powi(10))[16..].iter().sum();
        assert!((found.codeword_error_ratio / expected - 1.0).abs() < 1e-12);
        assert!(module_errors(&[], 1).is_err());
        assert!(module_errors(&[LaneErrors::from_bit_errors(f64::NAN)], 1).is_err());
        assert!(module_errors(&[good], 0).is_err());
        assert_eq!(module_errors(&[good], 1).unwrap().codeword_error_ratio, 0.0);
    }

    #[test]
    fn runs_cost_codewords_and_precoding_gets_some_back() {
        let lane = |continuation_ratio, precoded| LaneErrors::Bursts {
            pam4_symbol_error_ratio: 1e-3,
            bursts: ErrorBursts { continuation_ratio, precoded },
            multiplexing: LaneMultiplexing::Symbol,
        };
        let random = module_errors(&[lane(1e-3, false); 4], 2).unwrap();
        let runs = module_errors(&[lane(0.75, false); 4], 2).unwrap();
        let precoded = module_errors(&[lane(0.75, true); 4], 2).unwrap();
        // The same number of wrong PAM4 symbols in fewer outer symbols: fewer, but with a longer tail.
        let mean = |m: &ModuleErrors| m.symbol_errors_ratio.iter().enumerate().map(|(k, p)| k as f64 * p).sum::<f64>();
        assert!(mean(&runs) < mean(&random));
        assert!(precoded.codeword_error_ratio < runs.codeword_error_ratio);
    }
}

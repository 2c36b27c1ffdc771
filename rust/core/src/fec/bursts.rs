//! Errors that come in runs: the decision feedback of an equalizer as a two-state chain over PAM4 symbols.

use super::kp4::KP4_SYMBOL_BITS;
use crate::error::{Error, Result};
use crate::special::q_function;

/// PAM4 symbols of one 10-bit outer symbol.
const PAM4_PER_SYMBOL: u32 = KP4_SYMBOL_BITS / 2;

/// How outer symbols lie on a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneMultiplexing {
    /// Outer symbols follow each other whole, in turn from each interleaved codeword.
    Symbol,
    /// Bits of so many PCS lanes in turn; that many outer symbols of the interleaved codewords are under way at once.
    Bit {
        /// PCS lanes that the lane carries, even.
        pcs_lanes_count: u32,
    },
}

/// The error process of one lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorBursts {
    /// Probability that a PAM4 symbol is wrong if the one before it was.
    pub continuation_ratio: f64,
    /// Whether the transmitter precodes by 1/(1+D), so that a run of errors becomes one at its start and one behind its end.
    pub precoded: bool,
}

/// Probability that a PAM4 decision is wrong if the one before it was, behind one tap of decision feedback.
///
/// # Algorithm
/// 1. A decision wrong by one level leaves b level spacings of feedback with the wrong sign.
/// 2. With x = half a spacing over sigma, three of four levels have a neighbor on each side:
///    a = 3/4 (Q(x (1 - 2b)) + Q(x (1 + 2b))); b = 0 gives the SER 3/2 Q(x), b = 1 gives 3/4.
///
/// # Errors
/// [`Error::Parameter`] if `tap_ratio` is outside 0 to 1 or `distance_over_sigma_ratio` is not above 0.
///
/// # References
/// Derived here; 3/4 at b = 1 is the figure that IEEE 802.3 contributions use for PAM4 with full decision feedback.
pub fn feedback_continuation_ratio(tap_ratio: f64, distance_over_sigma_ratio: f64) -> Result<f64> {
    if !(0.0..=1.0).contains(&tap_ratio) {
        return Err(Error::parameter("tap_ratio", tap_ratio, "a number from 0 to 1"));
    }
    let x = crate::error::require_positive("distance_over_sigma_ratio", distance_over_sigma_ratio)?;
    Ok(0.75 * (q_function(x * (1.0 - 2.0 * tap_ratio)) + q_function(x * (1.0 + 2.0 * tap_ratio))))
}

/// A two-state chain with, for each pair of states, a polynomial in the number of outer symbols hit.
type Transfer = [[Vec<f64>; 2]; 2];

/// Probabilities of 0, 1, 2 ... outer symbols in error out of those that one lane gives to one codeword.
///
/// # Algorithm
/// 1. Chain over PAM4 symbols: wrong after wrong with probability a, wrong after right with e, such that the stationary
///    ratio of wrong symbols is the SER: e = SER (1 - a)/(1 - SER).
/// 2. A symbol is seen wrong if it is wrong or, behind the precoder, if exactly one of it and its predecessor is.
/// 3. Outer symbols whole: 5 PAM4 symbols of this codeword, then 5 of each other one. Bits of m PCS lanes in turn: m outer
///    symbols share 5 m PAM4 symbols; a wrong PAM4 symbol has one wrong bit (Gray), the less significant in two of three
///    cases (one of two behind the precoder, whose levels are a ring), and so hits one outer symbol. Of the m, every X-th
///    belongs to this codeword, shifted by one from block to block.
/// 4. Transfer matrices with a counting variable, multiplied through the codeword; no approximation but the chain itself.
///
/// # Errors
/// [`Error::Parameter`] if a ratio is outside 0 to 1, no codeword is interleaved, or the PCS lanes do not divide evenly.
///
/// # References
/// Zhan, Hu and Zhang 2020, doi 10.1587/transele.2019ECP5016 (runs by decision feedback, both ways of multiplexing).
pub fn burst_symbol_errors(
    symbols_count: u32,
    pam4_symbol_error_ratio: f64,
    bursts: ErrorBursts,
    multiplexing: LaneMultiplexing,
    interleaved_codewords_count: u32,
) -> Result<Vec<f64>> {
    let (ser, a) = (pam4_symbol_error_ratio, bursts.continuation_ratio);
    if !(0.0..1.0).contains(&ser) {
        return Err(Error::parameter("pam4_symbol_error_ratio", ser, "a number from 0 to below 1"));
    }
    if !(0.0..1.0).contains(&a) {
        return Err(Error::parameter("continuation_ratio", a, "a number from 0 to below 1"));
    }
    if interleaved_codewords_count == 0 {
        return Err(Error::parameter("interleaved_codewords_count", 0, "1 or more"));
    }
    let entry = ser * (1.0 - a) / (1.0 - ser);
    if entry > 1.0 {
        return Err(Error::parameter("pam4_symbol_error_ratio", ser, "a ratio that runs of errors can make up"));
    }
    let chain = Chain { step: [[1.0 - entry, entry], [1.0 - a, a]], precoded: bursts.precoded };
    let (blocks, hits_per_block) = match multiplexing {
        LaneMultiplexing::Symbol => (vec![chain.whole_symbol(interleaved_codewords_count)], 1),
        LaneMultiplexing::Bit { pcs_lanes_count } => {
            if pcs_lanes_count == 0
                || !pcs_lanes_count.is_multiple_of(2)
                || pcs_lanes_count > 16
                || !pcs_lanes_count.is_multiple_of(interleaved_codewords_count)
            {
                return Err(Error::parameter(
                    "pcs_lanes_count",
                    pcs_lanes_count,
                    "2 to 16, even and a multiple of interleaved_codewords_count",
                ));
            }
            let own = pcs_lanes_count / interleaved_codewords_count;
            let turns = 0..interleaved_codewords_count;
            let block = |turn| chain.interleaved_bits(pcs_lanes_count, interleaved_codewords_count, turn);
            (turns.map(block).collect(), own)
        }
    };
    if !symbols_count.is_multiple_of(hits_per_block) {
        return Err(Error::parameter("symbols_count", symbols_count, format!("a multiple of {hits_per_block}")));
    }
    let mut state = [vec![1.0 - ser], vec![ser]];
    for turn in 0..(symbols_count / hits_per_block) as usize {
        state = advance(&state, &blocks[turn % blocks.len()]);
    }
    let [right, wrong] = state;
    Ok(right.iter().zip(&wrong).map(|(x, y)| x + y).collect())
}

struct Chain {
    step: [[f64; 2]; 2],
    precoded: bool,
}

impl Chain {
    fn is_seen(&self, from: usize, to: usize) -> bool {
        if self.precoded { from != to } else { to == 1 }
    }

    /// One outer symbol of this codeword and one of each other one.
    fn whole_symbol(&self, interleaved_codewords_count: u32) -> Transfer {
        let clean = |from: usize, to: usize| if self.is_seen(from, to) { 0.0 } else { self.step[from][to] };
        let clean_step = [[clean(0, 0), clean(0, 1)], [clean(1, 0), clean(1, 1)]];
        let all = power(&self.step, PAM4_PER_SYMBOL);
        let clean = power(&clean_step, PAM4_PER_SYMBOL);
        let gap = power(&self.step, PAM4_PER_SYMBOL * (interleaved_codewords_count - 1));
        let missed = product(&clean, &gap);
        let total = product(&all, &gap);
        std::array::from_fn(|i| std::array::from_fn(|j| vec![missed[i][j], (total[i][j] - missed[i][j]).max(0.0)]))
    }

    /// Outer symbols of all PCS lanes at once: follows which of this codeword's are hit, then counts them.
    fn interleaved_bits(&self, pcs_lanes_count: u32, interleaved_codewords_count: u32, turn: u32) -> Transfer {
        let own = (pcs_lanes_count / interleaved_codewords_count) as usize;
        let (masks, pairs) = (1usize << own, pcs_lanes_count / 2);
        let lower_share = if self.precoded { 0.5 } else { 2.0 / 3.0 };
        // Bit k of a pair belongs to PCS lane 2 * pair + k; every X-th PCS lane is this codeword's.
        let mask_of = |lane: u32| {
            let own_lane = lane % interleaved_codewords_count == turn;
            if own_lane { 1usize << (lane / interleaved_codewords_count) } else { 0 }
        };
        std::array::from_fn(|start| {
            let mut table = [vec![0.0; masks], vec![0.0; masks]];
            table[start][0] = 1.0;
            for pam4 in 0..PAM4_PER_SYMBOL * pcs_lanes_count {
                let pair = pam4 % pairs;
                let (upper, lower) = (mask_of(2 * pair), mask_of(2 * pair + 1));
                let mut next = [vec![0.0; masks], vec![0.0; masks]];
                for (from, before) in table.iter().enumerate() {
                    for (to, after) in next.iter_mut().enumerate() {
                        let weight = self.step[from][to];
                        for (mask, mass) in before.iter().map(|mass| mass * weight).enumerate() {
                            if self.is_seen(from, to) {
                                after[mask | upper] += mass * (1.0 - lower_share);
                                after[mask | lower] += mass * lower_share;
                            } else {
                                after[mask] += mass;
                            }
                        }
                    }
                }
                table = next;
            }
            std::array::from_fn(|end| {
                let mut counts = vec![0.0; own + 1];
                for (mask, mass) in table[end].iter().enumerate() {
                    counts[mask.count_ones() as usize] += mass;
                }
                counts
            })
        })
    }
}

fn product(left: &[[f64; 2]; 2], right: &[[f64; 2]; 2]) -> [[f64; 2]; 2] {
    std::array::from_fn(|i| std::array::from_fn(|j| left[i][0] * right[0][j] + left[i][1] * right[1][j]))
}

fn power(matrix: &[[f64; 2]; 2], exponent: u32) -> [[f64; 2]; 2] {
    (0..exponent).fold([[1.0, 0.0], [0.0, 1.0]], |done, _| product(&done, matrix))
}

fn advance(state: &[Vec<f64>; 2], block: &Transfer) -> [Vec<f64>; 2] {
    let length = state[0].len() + block[0][0].len() - 1;
    std::array::from_fn(|to| {
        let mut next = vec![0.0; length];
        for from in 0..2 {
            for (k, mass) in state[from].iter().enumerate() {
                for (hits, weight) in block[from][to].iter().enumerate() {
                    next[k + hits] += mass * weight;
                }
            }
        }
        next
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_at_its_ends() {
        let x = 3.4141;
        let free = feedback_continuation_ratio(0.0, x).unwrap();
        assert!((free - 1.5 * q_function(x)).abs() < 1e-15);
        assert!((feedback_continuation_ratio(1.0, x).unwrap() - 0.75).abs() < 1e-3);
        assert!(feedback_continuation_ratio(1.1, x).is_err());
    }

    #[test]
    fn without_memory_it_is_the_binomial() {
        let ser = 4.8e-4;
        let bursts = ErrorBursts { continuation_ratio: ser, precoded: false };
        let p = 1.0 - (1.0 - ser).powi(5);
        for (multiplexing, interleaved) in [(LaneMultiplexing::Symbol, 1), (LaneMultiplexing::Symbol, 4)] {
            let found = burst_symbol_errors(136, ser, bursts, multiplexing, interleaved).unwrap();
            assert!((found[0] / (1.0 - p).powi(136) - 1.0).abs() < 1e-12);
            assert!((found[1] / (136.0 * p * (1.0 - p).powi(135)) - 1.0).abs() < 1e-11);
            assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_mean_holds_whatever_the_multiplexing() {
        // Each PAM4 error hits one of ten bits of one symbol; without memory a symbol of a bit-multiplexed lane sees ten
        // PAM4 symbols with one of its bits in each, hit with 1/3 or 2/3 of the SER.
        let ser = 1e-3;
        let bursts = ErrorBursts { continuation_ratio: ser, precoded: false };
        let found = burst_symbol_errors(136, ser, bursts, LaneMultiplexing::Bit { pcs_lanes_count: 4 }, 2).unwrap();
        let mean: f64 = found.iter().enumerate().map(|(k, p)| k as f64 * p).sum();
        let expected = 68.0 * (1.0 - (1.0 - ser / 3.0f64).powi(10)) + 68.0 * (1.0 - (1.0 - ser / 1.5f64).powi(10));
        assert!((mean / expected - 1.0).abs() < 1e-12, "{mean} {expected}");
        assert!(burst_symbol_errors(136, ser, bursts, LaneMultiplexing::Bit { pcs_lanes_count: 3 }, 1).is_err());
    }
}

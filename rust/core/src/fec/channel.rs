//! The noisy channels that codes are counted on.

use crate::error::{Error, Result};
use crate::gaussian::fill_complex_normals;
use crate::rng::RandomSource;
use crate::special::{find_root, inverse_q_function, q_function};
use crate::vector::ln;
use rustfft::num_complex::Complex64;
use std::f64::consts::SQRT_2;

/// Gaussian numbers that are made at a time, two to each complex one.
const PIECE: usize = 64;
/// Levels of a Gray labelled quadrature and the two bits of each.
const LEVELS: [f64; 4] = [-3.0, -1.0, 1.0, 3.0];
/// Level of the bits 00, 01, 10, 11.
const LEVEL_OF_LABEL: [f64; 4] = [-3.0, -1.0, 3.0, 1.0];

/// How bits travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// Two levels in white Gaussian noise: BPSK, and either quadrature of QPSK.
    Bpsk,
    /// Four Gray labelled levels in white Gaussian noise: PAM4, and either quadrature of 16QAM.
    Pam4,
    /// Bits flipped at random.
    BinarySymmetric,
}

/// How log-likelihood ratios of four levels are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliability {
    /// Of the nearest levels alone.
    MaxLog,
    /// Of all levels.
    Exact,
}

/// A channel with a given error ratio of hard decisions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channel {
    kind: ChannelKind,
    reliability: Reliability,
    pre_fec_ber: f64,
    /// Standard deviation of the noise over half a level spacing.
    sigma: f64,
}

/// Bit error ratio of four Gray labelled levels at half a spacing over sigma.
fn pam4_ber(x: f64) -> f64 {
    0.75 * q_function(x) + 0.5 * q_function(3.0 * x) - 0.25 * q_function(5.0 * x)
}

impl Channel {
    /// The channel whose hard decisions are wrong with the ratio `pre_fec_ber`.
    ///
    /// # Algorithm
    /// BPSK: 1/sigma = Q^-1(BER). Four levels: the root of BER = 3/4 Q(x) + 1/2 Q(3x) - 1/4 Q(5x), x = 1/sigma.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `pre_fec_ber` is not from 1e-15 to 0.4.
    pub fn new(kind: ChannelKind, reliability: Reliability, pre_fec_ber: f64) -> Result<Self> {
        if !(1e-15..=0.4).contains(&pre_fec_ber) {
            return Err(Error::parameter("pre_fec_ber", pre_fec_ber, "a number from 1e-15 to 0.4"));
        }
        let sigma = match kind {
            ChannelKind::Bpsk => 1.0 / inverse_q_function(pre_fec_ber)?,
            ChannelKind::Pam4 => 1.0 / find_root(|x| pam4_ber(x).ln() - pre_fec_ber.ln(), 0.0, 10.0, 1e-14)?,
            ChannelKind::BinarySymmetric => f64::NAN,
        };
        Ok(Self { kind, reliability, pre_fec_ber, sigma })
    }

    /// How bits travel.
    pub fn kind(&self) -> ChannelKind {
        self.kind
    }

    /// Ratio of wrong hard decisions.
    pub fn pre_fec_ber(&self) -> f64 {
        self.pre_fec_ber
    }

    /// Log-likelihood ratios, above 0 for bit 0, of bits received at the addresses (purpose, 0 ...) of a source.
    ///
    /// Two consecutive bits share a symbol of four levels; a last bit alone is sent with a 0.
    pub fn receive(&self, source: &RandomSource, purpose: u32, bits: &[u8], llrs: &mut [f32]) {
        match self.kind {
            ChannelKind::Bpsk => self.receive_symbols(source, purpose, bits, llrs, |bits, llrs, noise| {
                for ((bit, llr), noise) in bits.iter().zip(llrs).zip(noise) {
                    let received = 1.0 - 2.0 * f64::from(*bit) + self.sigma * noise;
                    *llr = (2.0 / (self.sigma * self.sigma) * received) as f32;
                }
            }),
            ChannelKind::Pam4 => self.receive_symbols(source, purpose, bits, llrs, |bits, llrs, noise| {
                for ((bits, llrs), noise) in bits.chunks(2).zip(llrs.chunks_mut(2)).zip(noise) {
                    let label = 2 * bits[0] + bits.get(1).copied().unwrap_or(0);
                    let received = LEVEL_OF_LABEL[usize::from(label) % 4] + self.sigma * noise;
                    for (llr, found) in llrs.iter_mut().zip(self.pam4_llrs(received)) {
                        *llr = found as f32;
                    }
                }
            }),
            ChannelKind::BinarySymmetric => {
                let sure = ((1.0 - self.pre_fec_ber) / self.pre_fec_ber).ln() as f32;
                for (llr, bit) in llrs.iter_mut().zip(bits) {
                    *llr = if *bit == 0 { sure } else { -sure };
                }
                self.flips(source, purpose, bits.len(), |place| llrs[place] = -llrs[place]);
            }
        }
    }

    /// Hands out pieces of bits with the noise of their symbols.
    #[inline]
    fn receive_symbols(
        &self,
        source: &RandomSource,
        purpose: u32,
        bits: &[u8],
        llrs: &mut [f32],
        mut piece: impl FnMut(&[u8], &mut [f32], &[f64]),
    ) {
        let bits_per_symbol = if self.kind == ChannelKind::Pam4 { 2 } else { 1 };
        let most = 2 * PIECE * bits_per_symbol;
        for (index, (bits, llrs)) in bits.chunks(most).zip(llrs.chunks_mut(most)).enumerate() {
            let symbols = bits.len().div_ceil(bits_per_symbol);
            let (mut normals, mut noise) = ([Complex64::default(); PIECE], [0.0; 2 * PIECE]);
            let normals = &mut normals[..symbols.div_ceil(2)];
            fill_complex_normals(source, purpose, (index * PIECE) as u32, normals);
            for (pair, number) in noise.chunks_exact_mut(2).zip(normals) {
                (pair[0], pair[1]) = (SQRT_2 * number.re, SQRT_2 * number.im);
            }
            piece(bits, llrs, &noise[..symbols]);
        }
    }

    /// Log-likelihood ratios of the two bits of four levels; the first bit is the sign, the second the amplitude.
    #[inline]
    fn pam4_llrs(&self, received: f64) -> [f64; 2] {
        let scale = 0.5 / (self.sigma * self.sigma);
        let costs = LEVELS.map(|level| scale * (received - level) * (received - level));
        let pair = |a: f64, b: f64| match self.reliability {
            Reliability::MaxLog => a.min(b),
            Reliability::Exact => a.min(b) - (-(a - b).abs()).exp().ln_1p(),
        };
        [pair(costs[2], costs[3]) - pair(costs[0], costs[1]), pair(costs[1], costs[2]) - pair(costs[0], costs[3])]
    }

    /// Calls `flip` with the places of wrong bits on a binary symmetric channel.
    ///
    /// # Algorithm
    /// Gaps between errors are geometric: floor(ln u/ln(1 - p)).
    pub fn flips(&self, source: &RandomSource, purpose: u32, bits_count: usize, mut flip: impl FnMut(usize)) {
        let rate = 1.0 / libm::log1p(-self.pre_fec_ber);
        let mut next = 0.0;
        for entity in 0.. {
            for number in source.uniform_pair(purpose, entity) {
                next += (ln(number) * rate).floor();
                if next >= bits_count as f64 {
                    return;
                }
                flip(next as usize);
                next += 1.0;
            }
        }
    }
}

/// Hard decisions of log-likelihood ratios that differ from the sent bits.
pub(super) fn wrong_decisions(bits: &[u8], llrs: &[f32]) -> u64 {
    bits.iter().zip(llrs).filter(|&(&bit, &llr)| (llr < 0.0) != (bit == 1)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ChannelKind; 3] = [ChannelKind::Bpsk, ChannelKind::Pam4, ChannelKind::BinarySymmetric];

    /// Hard decisions of the ratios are wrong as often as the channel says: four standard deviations.
    #[test]
    fn hard_decisions_are_wrong_as_asked() {
        let source = RandomSource::new(3, 4, 5);
        let bits: Vec<u8> = (0..400_001u32).map(|k| (source.uniform(1, k) > 0.5).into()).collect();
        for kind in KINDS {
            for reliability in [Reliability::MaxLog, Reliability::Exact] {
                for ber in [1e-3, 2e-2, 0.2] {
                    let channel = Channel::new(kind, reliability, ber).unwrap();
                    let mut llrs = vec![0.0; bits.len()];
                    channel.receive(&source, 2, &bits, &mut llrs);
                    let wrong = wrong_decisions(&bits, &llrs) as f64;
                    let expected = ber * bits.len() as f64;
                    // Exact ratios decide the rare far errors of four levels a little better.
                    assert!((wrong - expected).abs() < 4.0 * expected.sqrt(), "{kind:?} {ber}: {wrong} {expected}");
                }
            }
        }
    }

    /// A log-likelihood ratio is what it says: of the bits received with one near L, one in 1 + e^L is wrong.
    #[test]
    fn ratios_are_likelihoods() {
        let source = RandomSource::new(3, 4, 6);
        let bits: Vec<u8> = (0..1_000_000u32).map(|k| (source.uniform(1, k) > 0.5).into()).collect();
        for kind in KINDS {
            let channel = Channel::new(kind, Reliability::Exact, 0.1).unwrap();
            let mut llrs = vec![0.0; bits.len()];
            channel.receive(&source, 2, &bits, &mut llrs);
            for low in [0.25f32, 1.0, 2.0] {
                let near: Vec<_> =
                    bits.iter().zip(&llrs).filter(|(_, llr)| (low..low + 0.25).contains(&llr.abs())).collect();
                let wrong = near.iter().filter(|(bit, llr)| (**llr < 0.0) != (**bit == 1)).count() as f64;
                let expected: f64 = near.iter().map(|(_, llr)| 1.0 / (1.0 + f64::from(llr.abs()).exp())).sum();
                assert!((wrong - expected).abs() <= 4.0 * expected.sqrt(), "{kind:?} {low}: {wrong} {expected}");
            }
        }
    }

    #[test]
    fn wrong_ratios_are_refused() {
        for ber in [0.0, -1.0, 0.5, f64::NAN, f64::INFINITY] {
            assert!(KINDS.iter().all(|&kind| Channel::new(kind, Reliability::MaxLog, ber).is_err()));
        }
    }
}

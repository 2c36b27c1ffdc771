//! Memoryless channels of Monte Carlo runs: what a receiver knows of each bit, addressed bit by bit.

use crate::error::{Error, Result};
use crate::rng::{mix_bits, philox_4x32};
use crate::special::{find_root, inverse_q_function, q_function};
use crate::vector::{ColumnWork, ln, vectorize};
use std::f64::consts::PI;

/// Normal numbers made at once, and bits of the line that a run should hand over at a time (or a multiple).
const BATCH: usize = 8;

/// Step of uniform numbers of 32 bits.
const UNIT: f64 = 1.0 / 4_294_967_296.0;

/// What carries the bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// A bit per dimension in white Gaussian noise: BPSK, or QPSK per quadrature.
    Bpsk,
    /// Two bits per dimension, Gray labels, max-log reliabilities: PAM4, or 16QAM per quadrature.
    Pam4,
    /// Hard decisions with independent errors.
    BinarySymmetric,
}

/// A channel by the bit error ratio of its hard decisions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channel {
    kind: ChannelKind,
    pre_fec_ber: f64,
    /// Half the distance of levels over the standard deviation of the noise.
    distance: f64,
    key: [u32; 2],
}

/// Bit error ratio of Gray PAM4 with half the distance of levels `x` standard deviations.
fn pam4_ber(x: f64) -> f64 {
    0.75 * q_function(x) + 0.5 * q_function(3.0 * x) - 0.25 * q_function(5.0 * x)
}

impl Channel {
    /// A channel under a seed.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the ratio is not above 0 and below 0.5 (0.375 for four levels).
    pub fn new(kind: ChannelKind, pre_fec_ber: f64, seed: u64) -> Result<Self> {
        let limit = if kind == ChannelKind::Pam4 { 0.375 } else { 0.5 };
        if !(pre_fec_ber > 0.0 && pre_fec_ber < limit) {
            return Err(Error::parameter("pre_fec_ber", pre_fec_ber, format!("a number between 0 and {limit}")));
        }
        let distance = match kind {
            ChannelKind::Bpsk | ChannelKind::BinarySymmetric => inverse_q_function(pre_fec_ber)?,
            ChannelKind::Pam4 => find_root(|x| (pam4_ber(x) / pre_fec_ber).ln(), 1e-6, 37.0, 1e-14)?,
        };
        let mixed = mix_bits(seed ^ mix_bits(0x6665_632D_6D63)); // "fec-mc": apart from all other numbers of a seed.
        Ok(Self { kind, pre_fec_ber, distance, key: [mixed as u32, (mixed >> 32) as u32] })
    }

    /// Random bits of a frame, 128 from each index.
    pub fn information(&self, frame: u64, index: u32) -> [u32; 4] {
        philox_4x32([index, 0, frame as u32, (frame >> 32) as u32], self.key)
    }

    /// Log-likelihood ratios ln P(0)/P(1) of bits of a frame; `first` is the place of the first in the frame.
    ///
    /// # Algorithm
    /// Normal numbers by Box and Muller from words of 32 bits, up to 6.7 standard deviations; number n at its own address, so
    /// that pieces give what the whole would. The places and counts must be multiples of 16.
    ///
    /// # References
    /// Box and Muller 1958, doi 10.1214/aoms/1177706645.
    pub fn receive(&self, bits: &[u8], frame: u64, first: usize, llr: &mut [f32]) {
        debug_assert!(first.is_multiple_of(2 * BATCH) && bits.len().is_multiple_of(2 * BATCH));
        vectorize(Receive { channel: self, bits, frame, first, llr });
    }
}

/// Cosine and sine of twice an angle from -pi/2 to pi/2, right to 1e-12.
///
/// # Algorithm
/// Taylor polynomials at the half angle to its 18th power; the angle is doubled.
#[inline(always)]
fn cosine_and_sine(half: f64) -> (f64, f64) {
    let z = 0.25 * half * half;
    let (mut sine, mut versine) = (1.0, 1.0);
    for k in [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        sine = 1.0 - z * sine / (2.0 * k * (2.0 * k + 1.0));
        versine = 1.0 - z * versine / ((2.0 * k + 1.0) * (2.0 * k + 2.0));
    }
    let (sine, versine) = (0.5 * half * sine, 0.5 * z * versine);
    // Twice doubled: s2 = 2 s (1 - v), v2 = 2 s^2.
    let (sine, versine) = (2.0 * sine * (1.0 - versine), 2.0 * sine * sine);
    let (sine, versine) = (2.0 * sine * (1.0 - versine), 2.0 * sine * sine);
    (1.0 - versine, sine)
}

#[inline(always)]
fn square(x: f64) -> f64 {
    x * x
}

struct Receive<'a> {
    channel: &'a Channel,
    bits: &'a [u8],
    frame: u64,
    first: usize,
    llr: &'a mut [f32],
}

impl Receive<'_> {
    #[inline(always)]
    fn words(&self, index: usize) -> [u32; 4] {
        philox_4x32([index as u32, 1, self.frame as u32, (self.frame >> 32) as u32], self.channel.key)
    }

    /// Eight normal numbers, the `index`-th of the frame.
    #[inline(always)]
    fn normals(&self, index: usize) -> [f64; BATCH] {
        let (a, b) = (self.words(2 * index), self.words(2 * index + 1));
        let (u, v) = ([a[0], a[2], b[0], b[2]], [a[1], a[3], b[1], b[3]]);
        let (mut radius, mut angle) = ([0.0; 4], [0.0; 4]);
        for k in 0..4 {
            radius[k] = (-2.0 * ln((f64::from(u[k]) + 0.5) * UNIT)).sqrt();
            angle[k] = PI * ((f64::from(v[k]) + 0.5) * UNIT - 0.5);
        }
        let (mut cosine, mut sine) = ([0.0; 4], [0.0; 4]);
        for k in 0..4 {
            (cosine[k], sine[k]) = cosine_and_sine(angle[k]);
        }
        let mut numbers = [0.0; BATCH];
        for k in 0..4 {
            numbers[2 * k] = radius[k] * cosine[k];
            numbers[2 * k + 1] = radius[k] * sine[k];
        }
        numbers
    }
}

impl ColumnWork for Receive<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let x = self.channel.distance;
        match self.channel.kind {
            ChannelKind::Bpsk => {
                // Level +-1 in noise of 1/x: 2 y x^2.
                for at in (0..self.bits.len()).step_by(BATCH) {
                    let noise = self.normals((self.first + at) / BATCH);
                    for (k, noise) in noise.iter().enumerate() {
                        let level = 1.0 - 2.0 * f64::from(self.bits[at + k]);
                        self.llr[at + k] = (2.0 * x * (x * level + noise)) as f32;
                    }
                }
            }
            ChannelKind::Pam4 => {
                // Levels -3, -1, 1, 3 for 00, 01, 11, 10 in noise of 1/x.
                for at in (0..self.bits.len()).step_by(2 * BATCH) {
                    let noise = self.normals((self.first + at) / (2 * BATCH));
                    for (k, noise) in noise.iter().enumerate() {
                        let (high, low) = (self.bits[at + 2 * k], self.bits[at + 2 * k + 1]);
                        let level = (2.0 * f64::from(high) - 1.0) * (3.0 - 2.0 * f64::from(low));
                        let y = level + noise / x;
                        let (a, b, c, d) = (square(y + 3.0), square(y + 1.0), square(y - 1.0), square(y - 3.0));
                        let half = 0.5 * x * x;
                        self.llr[at + 2 * k] = (half * (c.min(d) - a.min(b))) as f32;
                        self.llr[at + 2 * k + 1] = (half * (b.min(c) - a.min(d))) as f32;
                    }
                }
            }
            ChannelKind::BinarySymmetric => {
                let ratio = self.channel.pre_fec_ber;
                let sure = ((1.0 - ratio) / ratio).ln() as f32;
                let bound = (ratio / UNIT) as u32;
                for at in (0..self.bits.len()).step_by(4) {
                    let words = self.words((self.first + at) / 4);
                    for (k, &word) in words.iter().enumerate() {
                        let wrong = word < bound;
                        self.llr[at + k] = if (self.bits[at + k] != 0) == wrong { sure } else { -sure };
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Error ratios of 2^20 bits within four standard errors, pieces the same as the whole.
    #[test]
    fn hard_decisions_have_the_ratio_asked_for() {
        let count = 1 << 20;
        for (kind, ber) in [
            (ChannelKind::Bpsk, 0.02),
            (ChannelKind::Pam4, 0.012),
            (ChannelKind::Pam4, 0.1),
            (ChannelKind::BinarySymmetric, 0.0045),
        ] {
            let channel = Channel::new(kind, ber, 3).unwrap();
            let bits: Vec<u8> = (0..count / 128)
                .flat_map(|i| {
                    channel.information(7, i).into_iter().flat_map(|w| (0..32).map(move |k| (w >> k & 1) as u8))
                })
                .collect();
            let mut llr = vec![0.0; bits.len()];
            channel.receive(&bits, 7, 0, &mut llr);
            let wrong = bits.iter().zip(&llr).filter(|&(&bit, &llr)| (llr < 0.0) != (bit == 1)).count() as f64;
            let n = f64::from(count);
            assert!((wrong / n - ber).abs() < 4.0 * (ber / n).sqrt(), "{kind:?} {}", wrong / n);
            let mut piece = vec![0.0; 64];
            channel.receive(&bits[4096..4160], 7, 4096, &mut piece);
            assert_eq!(piece, llr[4096..4160]);
            if kind == ChannelKind::Bpsk {
                // True ratios of a Gaussian channel: their variance is twice their mean, which is 2 x^2.
                let x2 = inverse_q_function(ber).unwrap().powi(2);
                let sent = |(bit, llr): (&u8, &f32)| f64::from(*llr) * (1.0 - 2.0 * f64::from(*bit));
                let mean = bits.iter().zip(&llr).map(sent).sum::<f64>() / n;
                let variance = bits.iter().zip(&llr).map(sent).map(|v| (v - mean).powi(2)).sum::<f64>() / n;
                assert!((mean - 2.0 * x2).abs() < 4.0 * (4.0 * x2 / n).sqrt(), "{mean}");
                assert!((variance / (4.0 * x2) - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{variance}");
            }
        }
        assert!(Channel::new(ChannelKind::Bpsk, f64::NAN, 1).is_err());
        assert!(Channel::new(ChannelKind::Pam4, 0.4, 1).is_err());
    }
}

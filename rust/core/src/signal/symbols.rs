//! Between bits and symbols: mapping, decisions, log-likelihood ratios.

use super::constellation::{Modulation, Point};
use crate::error::{Error, Result, require_positive};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;

/// Symbols that one task takes.
const CHUNK: usize = 4096;

/// A format as tables: points by label, decisions, soft bits.
#[derive(Debug, Clone)]
pub struct SymbolMap {
    points: Vec<Point>,
    by_label: Vec<Complex64>,
    bits_count: usize,
}

impl SymbolMap {
    /// Tables of a format.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the format is not valid.
    pub fn new(modulation: Modulation) -> Result<Self> {
        modulation.validate()?;
        let mut points = modulation.points();
        points.sort_by_key(|point| point.label);
        let by_label = points.iter().map(place).collect();
        Ok(Self { points, by_label, bits_count: modulation.bits_per_symbol() as usize })
    }

    /// Bits of one symbol of one polarization.
    pub fn bits_per_symbol(&self) -> usize {
        self.bits_count
    }

    /// Points in the order of their labels.
    pub fn points(&self) -> &[Complex64] {
        &self.by_label
    }

    /// Symbols of mean energy 1 that carry bits, the first bit of each the most significant of its label.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the bits are not a whole number of symbols or one is neither 0 nor 1.
    pub fn map(&self, bits: &[u8]) -> Result<Vec<Complex64>> {
        if !bits.len().is_multiple_of(self.bits_count) {
            let allowed = format!("a multiple of {} bits", self.bits_count);
            return Err(Error::parameter("bits", format!("{} bits", bits.len()), allowed));
        }
        if let Some(wrong) = bits.iter().find(|&&bit| bit > 1) {
            return Err(Error::parameter("bits", wrong, "0 and 1"));
        }
        let label = |chunk: &[u8]| chunk.iter().fold(0, |label, &bit| 2 * label + usize::from(bit));
        Ok(bits.chunks_exact(self.bits_count).map(|chunk| self.by_label[label(chunk)]).collect())
    }

    /// Label of the likeliest point for each sample in noise of `noise_variance` (both quadratures together).
    ///
    /// # Algorithm
    /// Least |y - x|^2 - noise_variance ln P(x): the nearest point where all are equally likely.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the variance is negative or not finite.
    pub fn decide(&self, samples: &[Complex64], noise_variance: f64) -> Result<Vec<u8>> {
        if !(noise_variance >= 0.0 && noise_variance.is_finite()) {
            return Err(Error::parameter("noise_variance", noise_variance, "a finite number, 0 or above"));
        }
        let priors: Vec<f64> = self.points.iter().map(|point| noise_variance * point.probability_ratio.ln()).collect();
        let least = |sample: &Complex64| {
            let mut best = (f64::INFINITY, 0);
            for (label, (point, prior)) in self.points.iter().zip(&priors).enumerate() {
                let distance = (sample - place(point)).norm_sqr() - prior;
                if distance < best.0 {
                    best = (distance, label);
                }
            }
            best.1 as u8
        };
        Ok(samples.iter().map(least).collect())
    }

    /// Bits of labels, the most significant first.
    pub fn bits_of(&self, labels: &[u8]) -> Vec<u8> {
        let places = (0..self.bits_count).rev();
        labels.iter().flat_map(|label| places.clone().map(move |place| label >> place & 1)).collect()
    }

    /// Log-likelihood ratios ln P(b = 0|y)/P(b = 1|y) of all bits in white Gaussian noise.
    ///
    /// # Algorithm
    /// ln of the sums over the points with either bit of P(x) exp(-|y - x|^2/noise_variance), without the max-log shortcut.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the variance is not above 0.
    ///
    /// # References
    /// Alvarado 2015, doi 10.1109/JLT.2015.2450537.
    pub fn log_likelihood_ratios(&self, samples: &[Complex64], noise_variance: f64) -> Result<Vec<f64>> {
        require_positive("noise_variance", noise_variance)?;
        let mut ratios = vec![0.0; samples.len() * self.bits_count];
        let chunks = ratios.par_chunks_mut(CHUNK * self.bits_count).zip(samples.par_chunks(CHUNK));
        chunks.for_each(|(ratios, samples)| {
            let mut exponents = vec![0.0; self.points.len()];
            let mut weights = vec![0.0; self.points.len()];
            for (ratios, sample) in ratios.chunks_exact_mut(self.bits_count).zip(samples) {
                let mut top = f64::NEG_INFINITY;
                for (exponent, point) in exponents.iter_mut().zip(&self.points) {
                    *exponent = point.probability_ratio.ln() - (sample - place(point)).norm_sqr() / noise_variance;
                    top = top.max(*exponent);
                }
                for (weight, exponent) in weights.iter_mut().zip(&exponents) {
                    *weight = (exponent - top).exp();
                }
                for (place, ratio) in ratios.iter_mut().enumerate() {
                    *ratio = bit_ratio(self.bits_count - 1 - place, &weights, &exponents);
                }
            }
        });
        Ok(ratios)
    }
}

/// Log-likelihood ratio of the bit at `shift` of the label.
fn bit_ratio(shift: usize, weights: &[f64], exponents: &[f64]) -> f64 {
    let mut sums = [0.0; 2];
    for (label, weight) in weights.iter().enumerate() {
        sums[label >> shift & 1] += weight;
    }
    if sums[0].min(sums[1]) > f64::MIN_POSITIVE {
        return (sums[0] / sums[1]).ln();
    }
    // One value is so unlikely that its sum vanishes: what is left of it is its greatest term.
    let mut top = [f64::NEG_INFINITY; 2];
    for (label, &exponent) in exponents.iter().enumerate() {
        let bit = label >> shift & 1;
        top[bit] = top[bit].max(exponent);
    }
    top[0] - top[1]
}

fn place(point: &Point) -> Complex64 {
    Complex64::new(point.in_phase_ratio, point.quadrature_ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [Modulation; 4] = [
        Modulation::Qpsk,
        Modulation::EightQam,
        Modulation::SixteenQam,
        Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.681 },
    ];

    #[test]
    fn decisions_undo_the_mapping() {
        for modulation in FORMATS {
            let map = SymbolMap::new(modulation).unwrap();
            let width = map.bits_per_symbol();
            let bits: Vec<u8> =
                (0..1usize << width).flat_map(|label| (0..width).rev().map(move |k| (label >> k & 1) as u8)).collect();
            let symbols = map.map(&bits).unwrap();
            assert_eq!(map.bits_of(&map.decide(&symbols, 0.01).unwrap()), bits);
            let soft = map.log_likelihood_ratios(&symbols, 0.01).unwrap();
            assert!(soft.iter().zip(&bits).all(|(&ratio, &bit)| (ratio < 0.0) == (bit == 1)));
        }
    }

    /// QPSK: each bit is a sign in noise of variance v/2, whose ratio is 4 a y/v; the label's 0 is the negative level.
    #[test]
    fn soft_bits_of_qpsk_are_linear() {
        let map = SymbolMap::new(Modulation::Qpsk).unwrap();
        let sample = Complex64::new(0.3, -0.7);
        let soft = map.log_likelihood_ratios(&[sample], 0.2).unwrap();
        let level = std::f64::consts::FRAC_1_SQRT_2;
        assert!((soft[0] + 4.0 * level * 0.3 / 0.2).abs() < 1e-12);
        assert!((soft[1] - 4.0 * level * 0.7 / 0.2).abs() < 1e-12);
    }

    /// Far from the noise's reach the sums vanish and their greatest terms are left: still linear for QPSK.
    #[test]
    fn soft_bits_stay_finite() {
        let map = SymbolMap::new(Modulation::Qpsk).unwrap();
        let soft = map.log_likelihood_ratios(&[Complex64::new(0.3, -0.7)], 1e-4).unwrap();
        let level = std::f64::consts::FRAC_1_SQRT_2;
        assert!((soft[1] / (4.0 * level * 0.7 / 1e-4) - 1.0).abs() < 1e-12, "{}", soft[1]);
    }

    #[test]
    fn wrong_input_is_refused() {
        let map = SymbolMap::new(Modulation::SixteenQam).unwrap();
        assert!(map.map(&[0, 1, 1]).is_err());
        assert!(map.map(&[0, 1, 1, 2]).is_err());
        assert!(map.decide(&[], f64::NAN).is_err());
        assert!(map.log_likelihood_ratios(&[], 0.0).is_err());
    }
}

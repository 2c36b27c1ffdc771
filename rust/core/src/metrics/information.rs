//! Mutual information of the formats in additive white Gaussian noise: what a soft-decision code can carry.

use crate::error::{Error, Result};
use crate::hermite::gaussian_nodes;
use crate::signal::{Modulation, Point};
use crate::special::find_root;
use crate::units::from_db;
use std::f64::consts::{LN_2, SQRT_2};

/// What a symbol of one polarization still hides after it was received, in bits.
#[derive(Debug, Clone, Copy, Default)]
struct Losses {
    /// H(X|Y): of the symbol.
    symbol: f64,
    /// Sum of H(B|Y) over the bits of the label, each decoded on its own.
    bits: f64,
}

impl Modulation {
    /// Mutual information (bits per symbol of one polarization) at Es/N0 `snr_ratio`.
    ///
    /// # Algorithm
    /// Entropy of the symbols less the mean of -log2 P(x|y) over symbols and noise (Gauss-Hermite); square formats are
    /// two quadratures of their levels, 8QAM is integrated in the plane for one point of each ring.
    pub fn mutual_information_bits(&self, snr_ratio: f64) -> f64 {
        self.information(snr_ratio, |losses| losses.symbol)
    }

    /// Generalized mutual information (bits per symbol of one polarization) at Es/N0 `snr_ratio`: what bit-metric
    /// decoding with the Gray labels can carry, the shaping's probabilities known to the demapper.
    ///
    /// # Algorithm
    /// As the mutual information, with the sum over the label's bits of the mean of -log2 P(b|y).
    ///
    /// # References
    /// Alvarado 2015, doi 10.1109/JLT.2015.2450537; Böcherer 2015, doi 10.1109/TCOMM.2015.2494016 (shaped).
    pub fn generalized_mutual_information_bits(&self, snr_ratio: f64) -> f64 {
        self.information(snr_ratio, |losses| losses.bits)
    }

    /// Generalized mutual information as a ratio: 1 - (H - GMI)/m, the greatest code rate of an ideal binary code.
    ///
    /// # References
    /// Cho, Schmalen and Winzer, ECOC 2017 (shaped formats); GMI/m for the others.
    pub fn normalized_information_ratio(&self, snr_ratio: f64) -> f64 {
        let gmi = self.generalized_mutual_information_bits(snr_ratio);
        1.0 - (self.entropy_bits() - gmi) / self.bits_per_symbol()
    }

    fn information(&self, snr_ratio: f64, loss: impl Fn(&Losses) -> f64) -> f64 {
        if snr_ratio.is_nan() || snr_ratio < 0.0 {
            return f64::NAN;
        }
        if snr_ratio == 0.0 {
            return 0.0;
        }
        let entropy = self.entropy_bits();
        let quadratures = if matches!(self, Self::EightQam) { 1.0 } else { 2.0 };
        entropy - quadratures * loss(&self.losses(snr_ratio))
    }

    fn losses(&self, snr_ratio: f64) -> Losses {
        let sigma = (0.5 / snr_ratio).sqrt();
        let line = [(0.0, 1.0)];
        match self {
            // A quarter turn maps each ring on itself and its labels on labels of the same distances.
            Self::EightQam => losses(&self.points(), &[(0, 0.5), (4, 0.5)], 3, sigma, gaussian_nodes()),
            Self::Qpsk => {
                let levels = [level(-1.0, 0.5, 0), level(1.0, 0.5, 1)].map(|point| scaled(point, 1.0 / SQRT_2));
                losses(&levels, &[(1, 1.0)], 1, sigma, &line)
            }
            Self::SixteenQam | Self::ShapedSixteenQam { .. } => {
                let inner = self.inner_amplitude_ratio();
                let (p, q) = (0.5 * inner, 0.5 * (1.0 - inner));
                let scale = 1.0 / (2.0 * (inner + 9.0 * (1.0 - inner))).sqrt();
                let levels = [level(-3.0, q, 0b00), level(-1.0, p, 0b01), level(1.0, p, 0b11), level(3.0, q, 0b10)]
                    .map(|point| scaled(point, scale));
                losses(&levels, &[(2, inner), (3, 1.0 - inner)], 2, sigma, &line)
            }
        }
    }
}

/// A level of one quadrature.
fn level(value: f64, probability_ratio: f64, label: u32) -> Point {
    Point { in_phase_ratio: value, quadrature_ratio: 0.0, probability_ratio, label }
}

fn scaled(point: Point, scale: f64) -> Point {
    Point { in_phase_ratio: scale * point.in_phase_ratio, ..point }
}

/// Mean losses of `points` in noise of `sigma` in each direction, over the sent points `sent` (index, weight).
fn losses(points: &[Point], sent: &[(usize, f64)], bits: u32, sigma: f64, quadrature_nodes: &[(f64, f64)]) -> Losses {
    let priors: Vec<f64> = points.iter().map(|point| point.probability_ratio.ln()).collect();
    let mut exponents = vec![0.0; points.len()];
    let mut out = Losses::default();
    for &(index, weight) in sent {
        for &(x, x_weight) in gaussian_nodes() {
            for &(y, y_weight) in quadrature_nodes {
                let received = (points[index].in_phase_ratio + sigma * x, points[index].quadrature_ratio + sigma * y);
                for ((exponent, prior), point) in exponents.iter_mut().zip(&priors).zip(points) {
                    let (dx, dy) = (received.0 - point.in_phase_ratio, received.1 - point.quadrature_ratio);
                    *exponent = prior - (dx * dx + dy * dy) / (2.0 * sigma * sigma);
                }
                let share = weight * x_weight * y_weight / LN_2;
                let hidden = hidden_information(points, &mut exponents, index, bits);
                out.symbol += share * hidden.symbol;
                out.bits += share * hidden.bits;
            }
        }
    }
    out
}

/// -ln P(x|y) and the sum of -ln P(b|y) for the sent point `index`; `exponents` become likelihoods.
fn hidden_information(points: &[Point], exponents: &mut [f64], index: usize, bits: u32) -> Losses {
    let greatest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for exponent in exponents.iter_mut() {
        *exponent = (*exponent - greatest).exp();
    }
    let own_label = points[index].label;
    let loss = |mask: u32| {
        let (mut right, mut wrong) = (0.0, 0.0);
        for (point, likelihood) in points.iter().zip(exponents.iter()) {
            *(if (point.label ^ own_label) & mask == 0 { &mut right } else { &mut wrong }) += likelihood;
        }
        // The sent point itself never vanishes: the outermost node is 15 sigma away.
        (wrong / right).ln_1p()
    };
    Losses { symbol: loss(u32::MAX), bits: (0..bits).map(|bit| loss(1 << bit)).sum() }
}

/// SNR (ratio) at which a format has a normalized generalized mutual information.
///
/// # Errors
/// [`Error::Parameter`] if `ngmi_ratio` is outside the range between -5 and 25 dB of SNR or the format is not valid.
pub fn snr_for_normalized_information(modulation: Modulation, ngmi_ratio: f64) -> Result<f64> {
    modulation.validate()?;
    let (low_db, high_db) = (-5.0, 25.0);
    let ends = [low_db, high_db].map(|snr_db| modulation.normalized_information_ratio(from_db(snr_db)));
    if !(ends[0] < ngmi_ratio && ngmi_ratio < ends[1]) {
        let allowed = format!("a number between {:.3} and {:.6}", ends[0], ends[1]);
        return Err(Error::parameter("ngmi_ratio", ngmi_ratio, allowed));
    }
    let difference = |snr_db: f64| modulation.normalized_information_ratio(from_db(snr_db)) - ngmi_ratio;
    find_root(difference, low_db, high_db, 1e-12).map(from_db)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [Modulation; 5] = [
        Modulation::Qpsk,
        Modulation::EightQam,
        Modulation::SixteenQam,
        Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.623 },
        Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.8265 },
    ];

    #[test]
    fn square_formats_are_two_quadratures() {
        // The same mean over the plane and all points knows nothing of levels.
        for format in FORMATS {
            let points = format.points();
            let sent: Vec<_> =
                points.iter().enumerate().map(|(index, point)| (index, point.probability_ratio)).collect();
            for snr_db in [2.0, 9.0, 14.0] {
                let sigma = (0.5 / from_db(snr_db)).sqrt();
                let bits = format.bits_per_symbol() as u32;
                let plane = losses(&points, &sent, bits, sigma, gaussian_nodes());
                let gmi = format.generalized_mutual_information_bits(from_db(snr_db));
                let mi = format.mutual_information_bits(from_db(snr_db));
                assert!((format.entropy_bits() - plane.bits - gmi).abs() < 1e-9, "{format:?} {snr_db} {gmi}");
                assert!((format.entropy_bits() - plane.symbol - mi).abs() < 1e-9, "{format:?} {snr_db} {mi}");
            }
        }
    }

    #[test]
    fn information_rises_below_its_bounds() {
        for format in FORMATS {
            let mut last = 0.0;
            for step in 0..46 {
                let snr = from_db(-10.0 + 0.5 * f64::from(step));
                let (mi, gmi) = (format.mutual_information_bits(snr), format.generalized_mutual_information_bits(snr));
                assert!(gmi > last && gmi <= mi + 1e-12 && mi < (1.0 + snr).log2(), "{format:?} {snr} {gmi} {mi}");
                last = gmi;
            }
            assert!((format.normalized_information_ratio(from_db(30.0)) - 1.0).abs() < 1e-9);
            assert_eq!(format.generalized_mutual_information_bits(0.0), 0.0);
            assert!(format.generalized_mutual_information_bits(f64::NAN).is_nan());
        }
    }

    #[test]
    fn one_bit_hides_as_much_as_its_symbol_in_binary() {
        // Each quadrature of QPSK carries one bit: bit-metric decoding loses nothing.
        for snr_db in [-3.0, 3.0, 8.0] {
            let snr = from_db(snr_db);
            let difference = Modulation::Qpsk.mutual_information_bits(snr)
                - Modulation::Qpsk.generalized_mutual_information_bits(snr);
            assert!(difference.abs() < 1e-14);
        }
    }

    #[test]
    fn inverse_meets_its_ratio() {
        for format in FORMATS {
            for ngmi in [0.8, 111.0 / 128.0, 0.92] {
                let snr = snr_for_normalized_information(format, ngmi).unwrap();
                assert!((format.normalized_information_ratio(snr) - ngmi).abs() < 1e-9);
            }
        }
        assert!(snr_for_normalized_information(Modulation::Qpsk, 1.0).is_err());
        assert!(snr_for_normalized_information(Modulation::Qpsk, f64::NAN).is_err());
    }
}

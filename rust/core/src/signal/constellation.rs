//! The constellations of the dual-polarization formats: points, probabilities, labels, moments.

use crate::error::{Error, Result};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4};

/// A format, as seen by one polarization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Modulation {
    /// 4 points.
    Qpsk,
    /// 8 points on two rings, outer radius (1 + sqrt 3)/sqrt 2 of the inner one.
    EightQam,
    /// 16 points.
    SixteenQam,
    /// 16 points whose amplitudes are not equally likely.
    ShapedSixteenQam {
        /// Probability of the inner amplitude in each quadrature.
        inner_amplitude_ratio: f64,
    },
}

/// One point of a constellation of mean energy 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// In phase, over the square root of the mean energy.
    pub in_phase_ratio: f64,
    /// In quadrature, over the square root of the mean energy.
    pub quadrature_ratio: f64,
    /// How often the point is sent.
    pub probability_ratio: f64,
    /// Bits that the point carries, the first one the most significant.
    pub label: u32,
}

/// Labels of the two rings: the first bit names the ring, the others count around it in Gray order.
const RING_LABELS: [u32; 8] = [0b000, 0b001, 0b011, 0b010, 0b100, 0b101, 0b111, 0b110];
/// Labels of the levels -3, -1, 1, 3 of one quadrature: the first bit is the sign, the second the amplitude.
const LEVEL_LABELS: [u32; 4] = [0b00, 0b01, 0b11, 0b10];

impl Modulation {
    /// Bits that label one point of one polarization, FEC and shaping overhead included.
    pub fn bits_per_symbol(&self) -> f64 {
        match self {
            Self::Qpsk => 2.0,
            Self::EightQam => 3.0,
            Self::SixteenQam | Self::ShapedSixteenQam { .. } => 4.0,
        }
    }

    /// Checks the parameters of the format.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the inner amplitude's probability is outside [0.5, 1).
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::ShapedSixteenQam { inner_amplitude_ratio } if !(0.5..1.0).contains(inner_amplitude_ratio) => {
                Err(Error::parameter("inner_amplitude_ratio", inner_amplitude_ratio, "a number from 0.5 to below 1"))
            }
            _ => Ok(()),
        }
    }

    /// Probability of the inner amplitude in each quadrature of the 16-point formats; 1/2 of the others.
    pub fn inner_amplitude_ratio(&self) -> f64 {
        match self {
            Self::ShapedSixteenQam { inner_amplitude_ratio } => *inner_amplitude_ratio,
            _ => 0.5,
        }
    }

    /// Points of the constellation, scaled to mean energy 1, with probabilities and Gray labels.
    ///
    /// # Algorithm
    /// 1. QPSK: the four diagonals; the first bit is the sign of the in-phase, the second of the quadrature component.
    /// 2. 8QAM: inner ring on the diagonals, outer ring on the axes, [`Point::label`] counts around each ring.
    /// 3. 16QAM: the levels -3, -1, 1, 3 in both quadratures, two bits each, Gray.
    pub fn points(&self) -> Vec<Point> {
        match self {
            Self::Qpsk => (0..4)
                .map(|label| Point {
                    in_phase_ratio: if label & 2 == 0 { -FRAC_1_SQRT_2 } else { FRAC_1_SQRT_2 },
                    quadrature_ratio: if label & 1 == 0 { -FRAC_1_SQRT_2 } else { FRAC_1_SQRT_2 },
                    probability_ratio: 0.25,
                    label,
                })
                .collect(),
            Self::EightQam => eight_points(),
            Self::SixteenQam | Self::ShapedSixteenQam { .. } => sixteen_points(self.inner_amplitude_ratio()),
        }
    }

    /// Excess kurtosis E|a|^4 / (E|a|^2)^2 - 2 of the symbols of one polarization; 0 for a Gaussian signal.
    ///
    /// # Algorithm
    /// 1. QPSK: -1 (constant modulus).
    /// 2. 8QAM: -2/3 (rings of energies 1 and 2 + sqrt 3, equally likely).
    /// 3. 16QAM with inner amplitude of probability p: m2 = p + 9 (1 - p) and m4 = p + 81 (1 - p) are the moments of
    ///    one quadrature, E|a|^4 = 2 m4 + 2 m2^2, so that the excess is m4/(2 m2^2) - 3/2; -0.68 at p = 1/2.
    ///
    /// # References
    /// Carena 2014, doi 10.1364/OE.22.016335 (where it enters nonlinear interference).
    pub fn excess_kurtosis_ratio(&self) -> f64 {
        match self {
            Self::Qpsk => -1.0,
            Self::EightQam => -2.0 / 3.0,
            Self::SixteenQam | Self::ShapedSixteenQam { .. } => {
                let inner = self.inner_amplitude_ratio();
                let (second, fourth) = (inner + 9.0 * (1.0 - inner), inner + 81.0 * (1.0 - inner));
                0.5 * fourth / (second * second) - 1.5
            }
        }
    }

    /// Entropy of the symbols of one polarization in bits: the most that a shaped format carries.
    pub fn entropy_bits(&self) -> f64 {
        match self {
            Self::ShapedSixteenQam { inner_amplitude_ratio: inner } => {
                let outer = 1.0 - inner;
                2.0 - 2.0 * (inner * inner.log2() + outer * outer.log2())
            }
            _ => self.bits_per_symbol(),
        }
    }
}

fn eight_points() -> Vec<Point> {
    let outer = (1.0 + 3f64.sqrt()) * FRAC_1_SQRT_2;
    let scale = (2.0 / (1.0 + outer * outer)).sqrt();
    (0..8)
        .map(|index: usize| {
            let (radius, start) = if index < 4 { (scale, FRAC_PI_4) } else { (scale * outer, 0.0) };
            let angle = start + (index % 4) as f64 * FRAC_PI_2;
            Point {
                in_phase_ratio: radius * angle.cos(),
                quadrature_ratio: radius * angle.sin(),
                probability_ratio: 0.125,
                label: RING_LABELS[index],
            }
        })
        .collect()
}

fn sixteen_points(inner: f64) -> Vec<Point> {
    let probability = [0.5 * (1.0 - inner), 0.5 * inner, 0.5 * inner, 0.5 * (1.0 - inner)];
    let scale = 1.0 / (2.0 * (inner + 9.0 * (1.0 - inner))).sqrt();
    let level = |index: usize| scale * (2.0 * index as f64 - 3.0);
    (0..16)
        .map(|index: usize| {
            let (i, q) = (index / 4, index % 4);
            Point {
                in_phase_ratio: level(i),
                quadrature_ratio: level(q),
                probability_ratio: probability[i] * probability[q],
                label: LEVEL_LABELS[i] << 2 | LEVEL_LABELS[q],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [Modulation; 6] = [
        Modulation::Qpsk,
        Modulation::EightQam,
        Modulation::SixteenQam,
        Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.623 },
        Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.681 },
        Modulation::ShapedSixteenQam { inner_amplitude_ratio: 0.8265 },
    ];

    fn moment(points: &[Point], order: i32) -> f64 {
        points
            .iter()
            .map(|p| p.probability_ratio * (p.in_phase_ratio.powi(2) + p.quadrature_ratio.powi(2)).powi(order / 2))
            .sum()
    }

    #[test]
    fn points_have_unit_energy_all_labels_and_all_probability() {
        for format in FORMATS {
            let points = format.points();
            assert!((moment(&points, 0) - 1.0).abs() < 1e-14, "{format:?}");
            assert!((moment(&points, 2) - 1.0).abs() < 1e-14, "{format:?}");
            let mut labels: Vec<u32> = points.iter().map(|point| point.label).collect();
            labels.sort_unstable();
            assert_eq!(labels, (0..points.len() as u32).collect::<Vec<_>>());
            assert_eq!(points.len() as f64, format.bits_per_symbol().exp2());
        }
    }

    #[test]
    fn closed_kurtosis_is_the_one_of_the_points() {
        for format in FORMATS {
            let points = format.points();
            let expected = moment(&points, 4) / moment(&points, 2).powi(2) - 2.0;
            assert!((format.excess_kurtosis_ratio() - expected).abs() < 1e-13, "{format:?}: {expected}");
        }
        assert_eq!(Modulation::Qpsk.excess_kurtosis_ratio(), -1.0);
        assert!((Modulation::SixteenQam.excess_kurtosis_ratio() + 0.68).abs() < 1e-15);
    }

    #[test]
    fn neighbors_on_the_square_grids_differ_in_one_bit() {
        for format in [Modulation::Qpsk, Modulation::SixteenQam] {
            let points = format.points();
            let distance = |a: &Point, b: &Point| {
                ((a.in_phase_ratio - b.in_phase_ratio).powi(2) + (a.quadrature_ratio - b.quadrature_ratio).powi(2))
                    .sqrt()
            };
            let least = points[1..].iter().map(|point| distance(&points[0], point)).fold(f64::INFINITY, f64::min);
            for a in &points {
                for b in &points {
                    if (distance(a, b) - least).abs() < 1e-12 {
                        assert_eq!((a.label ^ b.label).count_ones(), 1, "{a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn entropy_is_the_one_of_the_points() {
        for format in FORMATS {
            let expected: f64 =
                format.points().iter().map(|point| -point.probability_ratio * point.probability_ratio.log2()).sum();
            assert!((format.entropy_bits() - expected).abs() < 1e-13);
        }
    }
}

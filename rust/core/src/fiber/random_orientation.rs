//! Sums of vectors of random orientation: DGD of many elements in Stokes space, PDL of many elements.

use crate::error::{Error, Result};
use crate::special::find_root;
use std::f64::consts::PI;

/// Greatest number of terms of a series; the last ones change a probability by less than 1e-9.
const MAX_TERMS: usize = 20_000;
/// Terms below this cannot be seen in a probability.
const NEGLIGIBLE: f64 = 1e-17;
/// Share of the greatest length below which a part only blurs the law: its series would need more terms than there are.
const BLUR_SHARE: f64 = 5e-4;

/// How vectors add.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Geometry {
    /// As vectors in space: DGD.
    Flat,
    /// As rapidities, cosh c = cosh a cosh b + sinh a sinh b cos(angle): PDL.
    Hyperbolic,
}

/// Law of the length of a sum of vectors, each of fixed length and any direction, and of one Gaussian vector.
#[derive(Debug, Clone)]
pub(super) struct RandomSum {
    geometry: Geometry,
    law: Law,
    /// Length that the sum does not exceed.
    greatest: f64,
}

#[derive(Debug, Clone)]
enum Law {
    /// One vector or none: its length is certain.
    Certain(f64),
    /// Two vectors: the square of the length, or its cosh, is equally likely between these ends.
    Two { low: f64, high: f64 },
    /// Coefficients of sin(m pi x/greatest), m from 1 on, in the density over x (flat) or sinh x (hyperbolic).
    Series(Vec<f64>),
}

impl RandomSum {
    /// The sum of vectors of `lengths` and of a Gaussian vector of this standard deviation in each direction.
    ///
    /// # Algorithm
    /// 1. Isotropic laws multiply in the spherical transform: E[sin(k x)/(k s(x))] of the sum is the product of
    ///    sin(k r)/(k s(r)) over the lengths r, s(x) = x (flat) or sinh x (hyperbolic), and of the Gaussian's factor
    ///    exp(-k^2 sigma^2/2) or, hyperbolic (diffusion), exp(-(k^2 + 1) sigma^2/2).
    /// 2. The length is bounded by L, the sum of the lengths (and ten sigma), so that the density is s(x) times a sine
    ///    series at k = m pi/L with coefficients (2/L) k times the transform: no truncation but that of the series.
    /// 3. One vector and two vectors have closed forms.
    /// 4. Vectors shorter than 5e-4 of the sum join the Gaussian, r^2/3 in each direction. A Gaussian below 5e-4 of the sum
    ///    beside one or two vectors counts as none: it would only round the ends of their law by as much.
    pub(super) fn new(geometry: Geometry, lengths: &[f64], sigma: f64) -> Result<Self> {
        for &length in lengths.iter().chain([&sigma]) {
            if !(length.is_finite() && length >= 0.0) {
                return Err(Error::parameter("elements", length, "finite numbers of 0 or more"));
            }
        }
        let least = BLUR_SHARE * (lengths.iter().sum::<f64>() + 10.0 * sigma);
        let (lengths, short): (Vec<f64>, Vec<f64>) = lengths.iter().partition(|&&length| length > least);
        let mut sigma = (sigma * sigma + short.iter().map(|length| length * length / 3.0).sum::<f64>()).sqrt();
        if sigma < least && matches!(lengths.len(), 1 | 2) {
            sigma = 0.0;
        }
        let greatest = lengths.iter().sum::<f64>() + 10.0 * sigma;
        let law = match lengths[..] {
            [] if sigma == 0.0 => Law::Certain(0.0),
            [length] if sigma == 0.0 => Law::Certain(length),
            [a, b] if sigma == 0.0 => Law::Two { low: geometry.equalize(a - b), high: geometry.equalize(a + b) },
            _ => Law::Series(coefficients(geometry, &lengths, sigma, greatest)),
        };
        Ok(Self { geometry, law, greatest })
    }

    /// Probability that the length exceeds `x`.
    pub(super) fn exceedance(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        if x < 0.0 {
            return 1.0;
        }
        if x >= self.greatest {
            return 0.0;
        }
        match &self.law {
            Law::Certain(length) => f64::from(u8::from(*length > x)),
            Law::Two { low, high } => ((high - self.geometry.equalize(x)) / (high - low)).clamp(0.0, 1.0),
            Law::Series(terms) => {
                let below: f64 = self.each(terms).map(|(b, k)| b * self.geometry.integral_below(k, x)).sum();
                (1.0 - below).clamp(0.0, 1.0)
            }
        }
    }

    /// Mean length.
    pub(super) fn mean(&self) -> f64 {
        match &self.law {
            Law::Certain(length) => *length,
            Law::Two { low, high } => match self.geometry {
                Geometry::Flat => (2.0 / 3.0) * (high.powf(1.5) - low.powf(1.5)) / (high - low),
                Geometry::Hyperbolic => {
                    let moment = |c: f64| c * c.acosh() - (c * c - 1.0).max(0.0).sqrt();
                    (moment(*high) - moment(*low)) / (high - low)
                }
            },
            Law::Series(terms) => self
                .each(terms)
                .zip([-1.0, 1.0].into_iter().cycle())
                .map(|((b, k), sign)| b * self.geometry.first_moment(k, self.greatest, sign))
                .sum(),
        }
    }

    /// Length that is exceeded with a probability.
    pub(super) fn quantile(&self, exceedance_ratio: f64) -> Result<f64> {
        if !(exceedance_ratio > 0.0 && exceedance_ratio < 1.0) {
            return Err(Error::parameter("probability", exceedance_ratio, "a number between 0 and 1, both excluded"));
        }
        match self.law {
            Law::Certain(length) => Ok(length),
            _ => find_root(|x| self.exceedance(x) - exceedance_ratio, 0.0, self.greatest, 1e-12),
        }
    }

    fn each<'a>(&'a self, terms: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
        terms.iter().enumerate().map(|(index, &b)| (b, (index + 1) as f64 * PI / self.greatest))
    }
}

fn coefficients(geometry: Geometry, lengths: &[f64], sigma: f64, greatest: f64) -> Vec<f64> {
    let curvature = if geometry == Geometry::Hyperbolic { 1.0 } else { 0.0 };
    let mut out = Vec::new();
    for m in 1..=MAX_TERMS {
        let k = m as f64 * PI / greatest;
        let gaussian = (-0.5 * (k * k + curvature) * sigma * sigma).exp();
        let (mut transform, mut bound) = (gaussian, gaussian);
        for &length in lengths {
            let divisor = k * geometry.radius(length);
            transform *= (k * length).sin() / divisor;
            bound *= divisor.recip().min(1.0);
        }
        out.push(2.0 / greatest * k * transform);
        if bound * geometry.radius(greatest) < NEGLIGIBLE {
            break;
        }
    }
    out
}

impl Geometry {
    /// s(x): circumference of a circle of radius x over 2 pi.
    fn radius(self, x: f64) -> f64 {
        match self {
            Self::Flat => x,
            Self::Hyperbolic => x.sinh(),
        }
    }

    /// The function of the length of two vectors that is equally likely between its ends.
    fn equalize(self, x: f64) -> f64 {
        match self {
            Self::Flat => x * x,
            Self::Hyperbolic => x.cosh(),
        }
    }

    /// Integral of s(y) sin(k y) over y from 0 to x.
    fn integral_below(self, k: f64, x: f64) -> f64 {
        let (sin, cos) = (k * x).sin_cos();
        match self {
            Self::Flat => (sin / k - x * cos) / k,
            Self::Hyperbolic => (x.cosh() * sin - k * x.sinh() * cos) / (1.0 + k * k),
        }
    }

    /// Integral of y s(y) sin(k y) over y from 0 to `x`, where sin(k x) = 0 and cos(k x) = `sign`.
    fn first_moment(self, k: f64, x: f64, sign: f64) -> f64 {
        match self {
            Self::Flat => (2.0 * (sign - 1.0) / (k * k) - x * x * sign) / k,
            Self::Hyperbolic => {
                let divisor = 1.0 + k * k;
                -(x * k * x.sinh() * sign) / divisor - 2.0 * k * (1.0 - x.cosh() * sign) / (divisor * divisor)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_equal_steps_in_space_have_the_published_law() {
        // Rayleigh's flights of three unit steps: density x^2/2 up to 1, x (3 - x)/4 up to 3.
        let sum = RandomSum::new(Geometry::Flat, &[1.0; 3], 0.0).unwrap();
        let below = |x: f64| {
            if x < 1.0 { x.powi(3) / 6.0 } else { 1.0 / 6.0 + (3.0 * x * x / 8.0 - x.powi(3) / 12.0) - 7.0 / 24.0 }
        };
        for x in [0.1, 0.5, 0.99, 1.0, 1.7, 2.5, 2.9, 3.0] {
            assert!((sum.exceedance(x) - (1.0 - below(x))).abs() < 1e-8, "{x}: {}", sum.exceedance(x));
        }
        assert!((sum.mean() - 1.625).abs() < 1e-6, "{}", sum.mean());
    }

    #[test]
    fn two_steps_and_a_vanishing_third_are_two_steps() {
        for geometry in [Geometry::Flat, Geometry::Hyperbolic] {
            let two = RandomSum::new(geometry, &[0.3, 0.5], 0.0).unwrap();
            let three = RandomSum::new(geometry, &[0.3, 0.5, 0.002], 0.0).unwrap();
            for x in [0.25, 0.4, 0.6, 0.75] {
                assert!((two.exceedance(x) - three.exceedance(x)).abs() < 1e-4, "{geometry:?} {x}");
            }
            assert!((two.mean() - three.mean()).abs() < 1e-4, "{} {}", two.mean(), three.mean());
            assert_eq!(two.exceedance(0.19), 1.0);
        }
    }

    #[test]
    fn small_rapidities_add_as_vectors() {
        let lengths = [0.01, 0.02, 0.015, 0.012];
        let flat = RandomSum::new(Geometry::Flat, &lengths, 0.004).unwrap();
        let curved = RandomSum::new(Geometry::Hyperbolic, &lengths, 0.004).unwrap();
        for x in [0.01, 0.02, 0.03, 0.045] {
            assert!((flat.exceedance(x) - curved.exceedance(x)).abs() < 1e-3);
        }
    }

    #[test]
    fn mean_of_cosh_is_the_product_of_cosh() {
        // The mean over the angle of the addition law: E cosh c = cosh a cosh b, vector by vector.
        let lengths = [0.2, 0.35, 0.1, 0.5, 0.25];
        let sum = RandomSum::new(Geometry::Hyperbolic, &lengths, 0.0).unwrap();
        let steps = 4000;
        let width = sum.greatest / f64::from(steps);
        // E cosh = 1 + integral of sinh(x) P(> x).
        let mean = 1.0
            + (0..steps)
                .map(|step| (f64::from(step) + 0.5) * width)
                .map(|x| x.sinh() * sum.exceedance(x) * width)
                .sum::<f64>();
        let expected: f64 = lengths.iter().map(|length| length.cosh()).product();
        assert!((mean / expected - 1.0).abs() < 1e-6, "{mean} {expected}");
    }

    #[test]
    fn certain_lengths_and_quantiles() {
        assert_eq!(RandomSum::new(Geometry::Flat, &[], 0.0).unwrap().exceedance(0.0), 0.0);
        let one = RandomSum::new(Geometry::Flat, &[2.0, 0.0], 0.0).unwrap();
        assert_eq!((one.exceedance(1.9), one.exceedance(2.0), one.mean()), (1.0, 0.0, 2.0));
        let many = RandomSum::new(Geometry::Hyperbolic, &[0.1; 8], 0.0).unwrap();
        for probability in [0.5, 1e-2, 1e-5] {
            let x = many.quantile(probability).unwrap();
            assert!((many.exceedance(x) / probability - 1.0).abs() < 1e-6);
        }
        assert!(many.quantile(0.0).is_err());
        assert!(RandomSum::new(Geometry::Flat, &[-1.0], 0.0).is_err());
    }
}

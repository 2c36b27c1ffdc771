//! Turning samples by phases, a column at a time.

use crate::vector::{ColumnWork, vectorize};
use rustfft::num_complex::Complex64;
use std::f64::consts::FRAC_2_PI;

/// 1.5 2^52: added to a small number, it leaves its nearest integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// The nearest integer, for numbers below 2^51: without a call where the processor has no instruction for it.
#[inline(always)]
pub(super) fn nearest_integer(x: f64) -> f64 {
    (x + ROUND) - ROUND
}

/// pi/2 in two parts, the first of which has zeros in its last bits.
const HALF_PI_HIGH: f64 = 1.570_796_326_734_125_6;
const HALF_PI_LOW: f64 = 6.077_100_506_506_192e-11;

/// e^(j x) for |x| below 1e6, right to 1e-13.
///
/// # Algorithm
/// x = n pi/2 + r, |r| <= pi/4; Taylor polynomials to r^13 and r^14; n swaps and turns the signs.
#[inline(always)]
pub(super) fn cis(x: f64) -> Complex64 {
    let shifted = x * FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * HALF_PI_HIGH) - n * HALF_PI_LOW;
    let z = r * r;
    let mut sine = 1.0 / 6_227_020_800.0;
    for inverse in [-1.0 / 39_916_800.0, 1.0 / 362_880.0, -1.0 / 5_040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0] {
        sine = sine * z + inverse;
    }
    sine *= r;
    let mut cosine = -1.0 / 87_178_291_200.0;
    for inverse in [1.0 / 479_001_600.0, -1.0 / 3_628_800.0, 1.0 / 40_320.0, -1.0 / 720.0, 1.0 / 24.0, -0.5, 1.0] {
        cosine = cosine * z + inverse;
    }
    let quarter = shifted.to_bits();
    let (re, im) = if quarter & 1 == 0 { (cosine, sine) } else { (-sine, cosine) };
    let sign = f64::from_bits((quarter & 2) << 62 | 1.0f64.to_bits());
    Complex64::new(re * sign, im * sign)
}

struct Turn<'a>(&'a mut [Complex64], &'a [f64]);

impl ColumnWork for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (sample, phase) in self.0.iter_mut().zip(self.1) {
            *sample *= cis(-phase);
        }
    }
}

/// Takes a phase off each sample.
pub(super) fn take_off_phase(samples: &mut [Complex64], phases_rad: &[f64]) {
    vectorize(Turn(samples, phases_rad));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_standard_librarys() {
        for step in -40_000..40_000 {
            let x = 0.017_3 * f64::from(step);
            assert!((cis(x) - Complex64::cis(x)).norm() < 1e-13, "{x}");
        }
        assert!((cis(9.9e5) - Complex64::cis(9.9e5)).norm() < 1e-10);
    }

    #[test]
    fn phases_are_taken_off() {
        let mut samples = [Complex64::cis(0.3), Complex64::cis(-2.0)];
        take_off_phase(&mut samples, &[0.3, -2.0]);
        assert!(samples.iter().all(|value| (value - 1.0).norm() < 1e-14));
    }
}

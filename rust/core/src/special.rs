//! Gaussian tails and a bracketing root finder.

use crate::error::{Error, Result};
use crate::sums::sum_over;
use crate::vector::{ColumnWork, gaussian_tail, gaussian_tails, vectorize};
use std::f64::consts::PI;

/// Gaussian tail probability Q(x) = P(N(0,1) > x).
///
/// # Algorithm
/// That of the crate's column functions, right to 1e-15 of itself; 0 above 37.6.
#[inline]
pub fn q_function(x: f64) -> f64 {
    gaussian_tails([x])[0]
}

/// Sum of Q(x/deviation) over a column.
pub fn sum_of_tails(column: &[f64], deviation: f64) -> f64 {
    vectorize(Tails { column, inverse: 1.0 / deviation })
}

struct Tails<'a> {
    column: &'a [f64],
    inverse: f64,
}

impl ColumnWork for Tails<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        sum_over(self.column, |x| gaussian_tail(x * self.inverse))
    }
}

/// Inverse of [`q_function`] for probabilities in (0, 1).
///
/// # Algorithm
/// 1. Start from the rational approximation of Abramowitz and Stegun 26.2.23 (error below 4.5e-4).
/// 2. Refine by Halley steps on ln Q(x), which converge for tails down to the smallest normal number.
///
/// # Errors
/// [`Error::Parameter`] if `probability` is outside (0, 1).
pub fn inverse_q_function(probability: f64) -> Result<f64> {
    if !(probability > 0.0 && probability < 1.0) {
        return Err(Error::parameter("probability", probability, "a number between 0 and 1, both excluded"));
    }
    if probability > 0.5 {
        return inverse_q_function(1.0 - probability).map(|x| -x);
    }
    let t = (-2.0 * probability.ln()).sqrt();
    let mut x =
        t - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..4 {
        let tail = q_function(x);
        if tail <= 0.0 {
            break;
        }
        // g = ln Q - ln p; g' = -pdf/Q =: -h; g'' = h (x - h), so Halley's step divides by 1 - g g''/(2 g'^2).
        let hazard = (-0.5 * x * x).exp() / ((2.0 * PI).sqrt() * tail);
        let difference = (tail / probability).ln();
        let step = difference / hazard;
        x += step / (1.0 - 0.5 * difference * (x - hazard) / hazard);
        if step.abs() < 1e-15 * (1.0 + x.abs()) {
            break;
        }
    }
    Ok(x)
}

/// Root of a falling or rising `function` between `low` and `high`, by the Illinois variant of regula falsi.
///
/// # Errors
/// [`Error::Model`] if the function has the same sign at both ends.
pub fn find_root(function: impl Fn(f64) -> f64, low: f64, high: f64, tolerance_ratio: f64) -> Result<f64> {
    let (mut a, mut b) = (low, high);
    let (mut fa, mut fb) = (function(a), function(b));
    if fa == 0.0 {
        return Ok(a);
    }
    if fb == 0.0 {
        return Ok(b);
    }
    if fa.signum() == fb.signum() || fa.is_nan() || fb.is_nan() {
        return Err(Error::Model(format!("no root between {low} and {high}: the function is {fa} and {fb} there")));
    }
    for iteration in 0..200 {
        // Every third step halves the bracket, so that a curve with a hard bend cannot stall the secant.
        let x = if iteration % 3 == 2 { 0.5 * (a + b) } else { (a * fb - b * fa) / (fb - fa) };
        let fx = function(x);
        if fx == 0.0 {
            return Ok(x);
        }
        if fx.signum() == fb.signum() {
            fa *= 0.5;
        } else {
            a = b;
            fa = fb;
        }
        b = x;
        fb = fx;
        if (b - a).abs() <= tolerance_ratio * (1.0 + b.abs()) {
            break;
        }
    }
    Ok(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_and_inverse_agree_over_the_whole_range() {
        for exponent in 1..300 {
            let p = 10f64.powi(-exponent) * 0.4;
            let x = inverse_q_function(p).unwrap();
            assert!((q_function(x) / p - 1.0).abs() < 1e-11, "p = {p}");
        }
        assert!(inverse_q_function(0.5).unwrap().abs() < 1e-15);
        assert!((inverse_q_function(0.9).unwrap() + inverse_q_function(0.1).unwrap()).abs() < 1e-12);
        assert!(inverse_q_function(0.0).is_err());
        assert!(inverse_q_function(1.0).is_err());
    }

    #[test]
    fn root_of_a_cubic() {
        let root = find_root(|x| x * x * x - 2.0, 0.0, 2.0, 1e-15).unwrap();
        assert!((root - 2f64.cbrt()).abs() < 1e-13);
        assert!(find_root(|x| x * x + 1.0, -1.0, 1.0, 1e-12).is_err());
    }
}

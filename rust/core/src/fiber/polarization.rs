//! Polarization-mode dispersion as a distribution.

use std::f64::consts::PI;

/// Probability that the instantaneous DGD exceeds `ratio` times its mean, for a Maxwellian DGD.
///
/// # Algorithm
/// With a = mean sqrt(pi/8): P = erfc(x/(a sqrt 2)) + sqrt(2/pi) (x/a) exp(-x^2/(2 a^2)), x/a = ratio sqrt(8/pi).
///
/// # References
/// Foschini and Poole 1991, doi 10.1109/50.97630.
pub fn maxwell_exceedance(ratio: f64) -> f64 {
    if ratio <= 0.0 {
        return 1.0;
    }
    let u = ratio * (8.0 / PI).sqrt();
    libm::erfc(u / 2f64.sqrt()) + (2.0 / PI).sqrt() * u * (-0.5 * u * u).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_the_maxwellian() {
        for (ratio, expected, tolerance) in
            [(3.0, 4.2e-5, 0.05e-5), (3.2, 9.2e-6, 0.05e-6), (3.3, 4.1e-6, 0.05e-6), (3.5, 7.7e-7, 0.05e-7)]
        {
            assert!(
                (maxwell_exceedance(ratio) - expected).abs() <= tolerance,
                "{ratio}: {}",
                maxwell_exceedance(ratio)
            );
        }
        assert_eq!(maxwell_exceedance(0.0), 1.0);
    }
}

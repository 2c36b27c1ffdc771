//! Quantiles that have no closed form: of the Gaussian and of the length of a Gaussian vector.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Inverse of the standard Gaussian's cumulative distribution, for probabilities in (0, 1).
///
/// # Algorithm
/// Wichura's PPND16: one ratio of polynomials of seventh degree in the middle (no logarithm there), two in the tails; the
/// relative error is near the rounding of double precision.
///
/// # References
/// Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution", doi 10.2307/2347330.
pub fn normal_quantile(probability: f64) -> f64 {
    let centered = probability - 0.5;
    if centered.abs() <= 0.425 {
        let r = 0.180_625 - centered * centered;
        return centered * ratio(&MIDDLE, r);
    }
    let tail = if centered < 0.0 { probability } else { 1.0 - probability };
    let r = (-tail.ln()).sqrt();
    let value = if r <= 5.0 { ratio(&NEAR_TAIL, r - 1.6) } else { ratio(&FAR_TAIL, r - 5.0) };
    value.copysign(centered)
}

/// Numerator and denominator of a ratio of polynomials, constants first.
type Ratio = ([f64; 8], [f64; 8]);

#[allow(clippy::unreadable_literal, clippy::excessive_precision)] // The digits of the publication.
const MIDDLE: Ratio = (
    [
        3.3871328727963666080,
        133.14166789178437745,
        1971.5909503065514427,
        13731.693765509461125,
        45921.953931549871457,
        67265.770927008700853,
        33430.575583588128105,
        2509.0809287301226727,
    ],
    [
        1.0,
        42.313330701600911252,
        687.18700749205790830,
        5394.1960214247511077,
        21213.794301586595867,
        39307.895800092710610,
        28729.085735721942674,
        5226.4952788528545610,
    ],
);
#[allow(clippy::unreadable_literal, clippy::excessive_precision)]
const NEAR_TAIL: Ratio = (
    [
        1.42343711074968357734,
        4.63033784615654529590,
        5.76949722146069140550,
        3.64784832476320460504,
        1.27045825245236838258,
        0.241780725177450611770,
        0.0227238449892691845833,
        7.74545014278341407640e-4,
    ],
    [
        1.0,
        2.05319162663775882187,
        1.67638483018380384940,
        0.689767334985100004550,
        0.148103976427480074590,
        0.0151986665636164571966,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ],
);
#[allow(clippy::unreadable_literal, clippy::excessive_precision)]
const FAR_TAIL: Ratio = (
    [
        6.65790464350110377720,
        5.46378491116411436990,
        1.78482653991729133580,
        0.296560571828504891230,
        0.0265321895265761230930,
        0.00124266094738807843860,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ],
    [
        1.0,
        0.599832206555887937690,
        0.136929880922735805310,
        0.0148753612908506148525,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ],
);

fn ratio((above, below): &Ratio, x: f64) -> f64 {
    let value =
        |c: &[f64; 8]| c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * (c[5] + x * (c[6] + x * c[7]))))));
    value(above) / value(below)
}

/// Quantile of the length of a vector of three standard Gaussian components.
///
/// # Algorithm
/// 1. Start from Wilson and Hilferty: r^2 = 3 (1 - 2/27 + z sqrt(2/27))^3; near zero from r^3 = 3 sqrt(pi/2) p.
/// 2. Newton steps on the cumulative distribution, of the nearer end.
pub(crate) fn unit_maxwell_quantile(probability: f64) -> f64 {
    let spread = 2.0 / 27.0;
    let cube_root = 1.0 - spread + normal_quantile(probability) * f64::sqrt(spread);
    let mut r = if probability < 1e-3 {
        (3.0 * (PI / 2.0).sqrt() * probability).cbrt()
    } else {
        (3.0 * cube_root.powi(3)).sqrt()
    };
    for _ in 0..20 {
        let density = (2.0 / PI).sqrt() * r * r * (-0.5 * r * r).exp();
        let difference = if r > 1.5 { 1.0 - probability - maxwell_above(r) } else { maxwell_below(r) - probability };
        let step = difference / density;
        r -= step;
        if step.abs() < 1e-15 * r {
            break;
        }
    }
    r
}

/// Probability above `r`.
fn maxwell_above(r: f64) -> f64 {
    libm::erfc(r * FRAC_1_SQRT_2) + (2.0 / PI).sqrt() * r * (-0.5 * r * r).exp()
}

/// Probability below `r`; by its series where the closed form is a difference of near equals.
fn maxwell_below(r: f64) -> f64 {
    if r < 0.1 {
        let x = r * r;
        return (2.0 / PI).sqrt() * r * x * (1.0 / 3.0 - x * (0.1 - x * (1.0 / 56.0 - x * (1.0 / 432.0 - x / 4224.0))));
    }
    libm::erf(r * FRAC_1_SQRT_2) - (2.0 / PI).sqrt() * r * (-0.5 * r * r).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::inverse_q_function;

    #[test]
    fn gaussian_quantiles_invert_the_tail() {
        for exponent in 1..300 {
            let p = 0.49 * 10f64.powi(-exponent);
            let expected = -inverse_q_function(p).unwrap();
            assert!((normal_quantile(p) / expected - 1.0).abs() < 1e-13, "{p}");
        }
        for step in 1..1000 {
            let p = f64::from(step) / 1000.0;
            assert!((normal_quantile(p) + inverse_q_function(p).unwrap()).abs() < 1e-13, "{p}");
        }
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    #[test]
    fn maxwell_quantiles_invert_the_distribution() {
        for step in 1..2000 {
            let p = (f64::from(step) / 2000.0).powi(4);
            let r = unit_maxwell_quantile(p);
            assert!((maxwell_below(r) / p - 1.0).abs() < 1e-10, "{p}");
        }
    }
}

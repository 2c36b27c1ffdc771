//! Normal random numbers at addresses, many at a time.

use crate::rng::RandomSource;
use rayon::prelude::*;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// Numbers that one task fills: enough to pay for handing it out.
const CHUNK: usize = 8192;

/// Independent circular complex normal numbers of unit variance (one half in each part) at the entities 0, 1, ... of a purpose.
///
/// # Algorithm
/// Box-Muller: sqrt(-ln u) exp(2 pi j v) for the pair (u, v) of each entity. Number k is the same however many are asked for
/// and by however many threads.
///
/// # References
/// Box and Muller 1958, doi 10.1214/aoms/1177706645.
pub fn complex_normals(source: &RandomSource, purpose: u32, count: usize) -> Vec<Complex64> {
    let mut numbers = vec![Complex64::default(); count];
    numbers.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, numbers)| {
        for (place, number) in numbers.iter_mut().enumerate() {
            let [u, v] = source.uniform_pair(purpose, (chunk * CHUNK + place) as u32);
            *number = Complex64::from_polar((-u.ln()).sqrt(), TAU * v);
        }
    });
    numbers
}

/// Independent real normal numbers of unit variance: the parts of [`complex_normals`], two from each.
pub fn normals(source: &RandomSource, purpose: u32, count: usize) -> Vec<f64> {
    let mut out = Vec::with_capacity(count + 1);
    for number in complex_normals(source, purpose, count.div_ceil(2)) {
        out.push(number.re * std::f64::consts::SQRT_2);
        out.push(number.im * std::f64::consts::SQRT_2);
    }
    out.truncate(count);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments of 2^17 numbers; standard deviations of the moments of a normal number are sqrt of 1, 2, 15 and 96 over n.
    #[test]
    fn moments_are_those_of_a_normal_number() {
        let numbers = normals(&RandomSource::new(1, 2, 3), 4, 1 << 17);
        let n = numbers.len() as f64;
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let moment = numbers.iter().map(|x| x.powi(power)).sum::<f64>() / n;
            assert!((moment - expected).abs() < 4.0 * f64::sqrt(variance / n), "{power}: {moment}");
        }
        let lagged = numbers.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / n;
        assert!(lagged.abs() < 4.0 / n.sqrt());
    }

    #[test]
    fn numbers_do_not_depend_on_how_many_are_asked_for() {
        let source = RandomSource::new(9, 9, 9);
        let many = complex_normals(&source, 0, 3 * CHUNK);
        assert_eq!(many[..CHUNK + 5], complex_normals(&source, 0, CHUNK + 5)[..]);
        assert_eq!(normals(&source, 0, 7).len(), 7);
    }
}

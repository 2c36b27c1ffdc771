//! Gaussian noise of sampled fields and received bits, addressed number by number.

use crate::rng::RandomSource;
use crate::vector::ln;
use crate::wide::{Wide, WideWork, enter_doubles};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// Numbers of one piece of work.
const PIECE_COUNT: usize = 1024;
/// Numbers that are made together.
const LANES: usize = 4;

/// Complex Gaussian numbers of unit mean square, number n at the address (purpose, first + n) of the source.
///
/// # Algorithm
/// Box and Muller: magnitude (-ln u)^(1/2) and angle 2 pi v of the two uniform numbers at each address.
///
/// # References
/// Box and Muller 1958, doi 10.1214/aoms/1177706645.
pub fn complex_normals(source: &RandomSource, purpose: u32, first: u32, count: usize) -> Vec<Complex64> {
    let mut out = vec![Complex64::default(); count];
    out.par_chunks_mut(PIECE_COUNT).enumerate().for_each(|(piece, numbers)| {
        let start = first.wrapping_add((piece * PIECE_COUNT) as u32);
        enter_doubles(Normals { source, purpose, start, numbers });
    });
    out
}

/// Fills a few numbers of [`complex_normals`] on this thread, without memory of its own.
pub(crate) fn fill_complex_normals(source: &RandomSource, purpose: u32, first: u32, numbers: &mut [Complex64]) {
    enter_doubles(Normals { source, purpose, start: first, numbers });
}

/// Independent real normal numbers of unit variance: the parts of [`complex_normals`], two from each.
pub fn normals(source: &RandomSource, purpose: u32, count: usize) -> Vec<f64> {
    let mut out = Vec::with_capacity(count + 1);
    for number in complex_normals(source, purpose, 0, count.div_ceil(2)) {
        out.push(number.re * std::f64::consts::SQRT_2);
        out.push(number.im * std::f64::consts::SQRT_2);
    }
    out.truncate(count);
    out
}

struct Normals<'a> {
    source: &'a RandomSource,
    purpose: u32,
    start: u32,
    numbers: &'a mut [Complex64],
}

impl<W: Wide<Real = f64, Cell = [f64; LANES]>> WideWork<W> for Normals<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, wide: W) {
        for (index, four) in self.numbers.chunks_mut(LANES).enumerate() {
            let (mut first, mut second) = ([0.5; LANES], [0.5; LANES]);
            for lane in 0..four.len() {
                let entity = self.start.wrapping_add((index * LANES + lane) as u32);
                [first[lane], second[lane]] = self.source.uniform_pair(self.purpose, entity);
            }
            let (mut magnitude, mut angle) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                magnitude[lane] = (-ln(first[lane])).sqrt();
                angle[lane] = TAU * (second[lane] - 0.5);
            }
            let (versine, sine) = wide.versine_and_sine(wide.load(&angle));
            let magnitude = wide.load(&magnitude);
            let cosines = wide.store(wide.mul_add(magnitude, versine, magnitude));
            let sines = wide.store(wide.mul(magnitude, sine));
            for (lane, number) in four.iter_mut().enumerate() {
                *number = Complex64::new(cosines[lane], sines[lane]);
            }
        }
    }
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

    /// Moments of 2^16 numbers within four standard errors: mean 0, mean square 1, fourth moment 2, no correlation of parts.
    #[test]
    fn numbers_are_gaussian_and_addressed() {
        let source = RandomSource::new(3, 5, 7);
        let count = 1 << 16;
        let numbers = complex_normals(&source, 11, 13, count);
        let mean = |of: &dyn Fn(Complex64) -> f64| numbers.iter().map(|&x| of(x)).sum::<f64>() / count as f64;
        let sigma = 4.0 / (count as f64).sqrt();
        assert!(mean(&|x| x.re).abs() < sigma && mean(&|x| x.im).abs() < sigma);
        assert!((mean(&|x| x.norm_sqr()) - 1.0).abs() < sigma);
        assert!((mean(&|x| x.norm_sqr().powi(2)) - 2.0).abs() < sigma * 20f64.sqrt());
        assert!(mean(&|x| x.re * x.im).abs() < 0.5 * sigma);
        assert!((mean(&|x| x.re.powi(4)) - 0.75).abs() < sigma * 6f64.sqrt());
        let some = complex_normals(&source, 11, 13 + 2051, 10);
        assert_eq!(some, numbers[2051..2061]);
        assert!(numbers[0] != complex_normals(&source, 12, 13, 1)[0]);
    }
}

//! The distribution of what interferers close of an eye, and the penalty that follows from it.

use super::interference::{InterferedSignal, Interferer, amplitudes, interference_bound_ratio};
use super::pam4_target_q;
use crate::error::{Error, Result};
use crate::special::{find_root, inverse_q_function};
use crate::sums::sum;
use crate::units::from_db;
use crate::vector::{ColumnWork, gaussian_tail, vectorize};
use std::f64::consts::PI;

/// Grid points on each side of zero for distributions of the interference.
const GRID_COUNT: usize = 512;

/// The distribution of the closure of the top eye over half its height, symmetric around 0.
#[derive(Debug, Clone)]
pub struct InterferenceDistribution {
    step: f64,
    mass: Vec<f64>,
    levels: Vec<f64>,
}

impl InterferenceDistribution {
    /// Builds the distribution.
    ///
    /// # Algorithm
    /// 1. Each interferer adds its field times cos(phase), phase uniform; in the signal's polarization that is an arcsine
    ///    distribution on [-a, a], in a random one (projection sqrt(u), u uniform) a semicircle; a mixture over its levels.
    /// 2. Masses on a grid over the greatest closure from the exact distribution functions; convolution of positive terms,
    ///    so that tails keep their digits.
    ///
    /// Cost: about (grid points)^2 multiplications whatever the number of interferers.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a figure is outside its range.
    pub fn new(signal: &InterferedSignal, interferers: &[Interferer]) -> Result<Self> {
        let levels = signal.levels()?;
        let bound = interference_bound_ratio(signal, interferers, 1.0)?;
        let step = bound / GRID_COUNT as f64;
        let mut mass = vec![1.0];
        if bound > 0.0 {
            for interferer in interferers.iter().filter(|interferer| interferer.power_ratio > 0.0) {
                let scale = signal.scale()? * interferer.power_ratio.sqrt();
                let parts: Vec<(f64, f64)> =
                    amplitudes(&levels, interferer.field).iter().map(|(a, p)| (a * scale, *p)).collect();
                mass = convolve(&mass, &grid_masses(&parts, step, signal.polarization_aligned));
            }
        }
        Ok(Self { step, mass, levels })
    }

    fn closure_at(&self, index: usize) -> f64 {
        self.step * (index as f64 - 0.5 * (self.mass.len() - 1) as f64)
    }

    /// Closure that is passed with a probability below 1/2.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the probability is outside (0, 0.5).
    pub fn quantile_ratio(&self, exceedance_ratio: f64) -> Result<f64> {
        if !(exceedance_ratio > 0.0 && exceedance_ratio < 0.5) {
            return Err(Error::parameter("exceedance_ratio", exceedance_ratio, "a number above 0 and below 0.5"));
        }
        let mut tail = 0.0;
        for index in (0..self.mass.len()).rev() {
            let next = tail + self.mass[index];
            if next >= exceedance_ratio {
                // A cell's mass lies half a step to either side of its point.
                let share = (exceedance_ratio - tail) / self.mass[index];
                return Ok((self.closure_at(index) + self.step * (0.5 - share)).max(0.0));
            }
            tail = next;
        }
        Ok(0.0)
    }

    /// Optical penalty at a symbol error ratio that is averaged over the interference, with equal Gaussian noise.
    ///
    /// # Algorithm
    /// 1. SER of level i: its neighbors' number times the mean of Q((1 - X_i)/s), X_i the closure times sqrt(P_i/P_top).
    /// 2. Penalty = 10 log10(s_0/s), s_0 the noise over half an eye that the target allows without interference.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a target that the format does not have, [`Error::Model`] if interference alone passes it.
    pub fn averaged_penalty_db(&self, target_ser_ratio: f64) -> Result<f64> {
        pam4_target_q(target_ser_ratio)?;
        let count = self.levels.len() as f64;
        let allowed = 1.0 / inverse_q_function(target_ser_ratio * count / (2.0 * (count - 1.0)))?;
        let excess = |penalty_db: f64| {
            (self.symbol_error_ratio(allowed * from_db(-penalty_db)).max(1e-300) / target_ser_ratio).ln()
        };
        find_root(excess, 0.0, 20.0, 1e-10).or_else(|error| {
            // Without interference both ends agree but for rounding.
            if excess(0.0).abs() < 1e-9 { Ok(0.0) } else { Err(error) }
        })
    }

    fn symbol_error_ratio(&self, sigma_ratio: f64) -> f64 {
        let mut terms = vec![0.0; self.mass.len()];
        let last = self.levels.len() - 1;
        let top = self.levels[last];
        let mut total = 0.0;
        for (level, power) in self.levels.iter().enumerate() {
            let neighbors = if level == 0 || level == last { 1.0 } else { 2.0 };
            let scale = (power / top).sqrt();
            // The left of an eye, over the noise, falls evenly from point to point.
            let (first, step) = ((1.0 - self.closure_at(0) * scale) / sigma_ratio, self.step * scale / sigma_ratio);
            for (index, place) in terms.iter_mut().enumerate() {
                *place = index as f64;
            }
            total += neighbors * vectorize(MeanTail { terms: &mut terms, mass: &self.mass, first, step });
        }
        total / self.levels.len() as f64
    }
}

/// Mean of Q over points with masses, of which the first is at `first` and each other one `step` less than the one before.
struct MeanTail<'a> {
    /// Number of each point.
    terms: &'a mut [f64],
    mass: &'a [f64],
    first: f64,
    step: f64,
}

impl ColumnWork for MeanTail<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Self { terms, mass, first, step } = self;
        let mass = &mass[..terms.len()];
        for (term, mass) in terms.iter_mut().zip(mass) {
            *term = mass * gaussian_tail(first - *term * step);
        }
        sum(terms)
    }
}

/// Masses of a mixture of arcsine or semicircle distributions on the grid, symmetric around the middle.
fn grid_masses(parts: &[(f64, f64)], step: f64, aligned: bool) -> Vec<f64> {
    let greatest = parts.iter().fold(0.0f64, |most, (a, _)| most.max(*a));
    let half = (greatest / step + 0.5).floor() as usize;
    let distribution = |x: f64, a: f64| {
        let u = (x / a).clamp(-1.0, 1.0);
        if aligned { 0.5 + u.asin() / PI } else { 0.5 + (u * (1.0 - u * u).sqrt() + u.asin()) / PI }
    };
    let mut below = vec![0.0; parts.len()];
    let mut next_mass = |edge: usize| {
        let edge = step * (edge as f64 - half as f64 + 0.5);
        let gains = parts.iter().zip(&mut below).map(|((a, p), below)| {
            let before = std::mem::replace(below, distribution(edge, *a));
            p * (*below - before)
        });
        gains.sum()
    };
    (0..=2 * half).map(&mut next_mass).collect()
}

fn convolve(left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; left.len() + right.len() - 1];
    for (i, x) in left.iter().enumerate() {
        for (slot, y) in out[i..].iter_mut().zip(right) {
            *slot += x * y;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::interference::*;
    use super::*;
    use crate::units::from_db;

    const PAM4: InterferedSignal =
        InterferedSignal { levels_count: 4, extinction_ratio_db: 4.5, polarization_aligned: false };

    fn copies(levels_db: &[f64]) -> Vec<Interferer> {
        levels_db
            .iter()
            .map(|level| Interferer { power_ratio: from_db(*level), field: InterfererField::Copy })
            .collect()
    }

    #[test]
    fn moments_of_the_distribution() {
        for aligned in [false, true] {
            for field in [InterfererField::Copy, InterfererField::Mixing, InterfererField::DegenerateMixing] {
                let signal = InterferedSignal { polarization_aligned: aligned, ..PAM4 };
                let all: Vec<Interferer> =
                    [1e-5, 3e-5, 2e-6].map(|power_ratio| Interferer { power_ratio, field }).to_vec();
                let found = InterferenceDistribution::new(&signal, &all).unwrap();
                let total: f64 = found.mass.iter().sum();
                let variance: f64 = found.mass.iter().enumerate().map(|(k, m)| m * found.closure_at(k).powi(2)).sum();
                assert!((total - 1.0).abs() < 1e-12);
                let expected = interference_deviation_ratio(&signal, &all).unwrap();
                assert!((variance.sqrt() / expected - 1.0).abs() < 2e-3, "{field:?} {}", variance.sqrt() / expected);
            }
        }
    }

    #[test]
    fn order_of_the_figures() {
        let all = copies(&[-50.0, -52.0, -55.0, -60.0]);
        let bound = interference_bound_ratio(&PAM4, &all, 1.0).unwrap();
        let mean = interference_mean_ratio(&PAM4, &all).unwrap();
        let exact = InterferenceDistribution::new(&PAM4, &all).unwrap();
        let rare = exact.quantile_ratio(1e-9).unwrap();
        let often = exact.quantile_ratio(1e-2).unwrap();
        let estimate = interference_quantile_estimate_ratio(&PAM4, &all, 1e-9).unwrap();
        assert!(mean < bound && often < rare && rare <= bound && estimate >= rare);
        assert!(closure_penalty_db(bound) > closure_penalty_db(rare));
        assert!(exact.averaged_penalty_db(4.8e-4).unwrap() < closure_penalty_db(rare));
        assert!(closure_penalty_db(1.0).is_infinite());
    }

    #[test]
    fn nothing_interferes() {
        let none = InterferenceDistribution::new(&PAM4, &[]).unwrap();
        assert_eq!(none.quantile_ratio(1e-6).unwrap(), 0.0);
        assert!(none.averaged_penalty_db(4.8e-4).unwrap().abs() < 1e-9);
        assert!(none.quantile_ratio(0.6).is_err());
        assert!(interference_bound_ratio(&InterferedSignal { levels_count: 3, ..PAM4 }, &[], 1.0).is_err());
    }
}

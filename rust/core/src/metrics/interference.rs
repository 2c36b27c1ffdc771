//! Light that beats with a PAM4 signal in its own band: multipath copies and mixing products, from bound to distribution.

use super::pam4_target_q;
use crate::error::{Error, Result, require_positive};
use crate::special::{find_root, inverse_q_function, q_function};
use crate::units::{from_db, to_db};
use std::f64::consts::PI;

/// Grid points on each side of zero for distributions of the interference.
const GRID_COUNT: usize = 512;

/// What modulates an interferer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfererField {
    /// A copy of a signal of the same format: the field follows the square root of one random level.
    Copy,
    /// A degenerate mixing product: level i times the square root of level k.
    DegenerateMixing,
    /// A mixing product of three lanes: the square root of three random levels' product.
    Mixing,
}

/// One interferer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interferer {
    /// Power over the average power of the signal, every lane that it comes from at its average power.
    pub power_ratio: f64,
    /// Its modulation.
    pub field: InterfererField,
}

/// The signal that is interfered with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InterferedSignal {
    /// Levels: 2 (NRZ) or 4 (PAM4).
    pub levels_count: u32,
    /// Extinction ratio.
    pub extinction_ratio_db: f64,
    /// Whether interferers lie in the signal's polarization; otherwise in a random one.
    pub polarization_aligned: bool,
}

impl InterferedSignal {
    /// Powers of the levels over the average power.
    fn levels(&self) -> Result<Vec<f64>> {
        if !matches!(self.levels_count, 2 | 4) {
            return Err(Error::parameter("levels_count", self.levels_count, "2 or 4"));
        }
        let er = from_db(require_positive("extinction_ratio_db", self.extinction_ratio_db)?);
        let (lowest, span) = (2.0 / (er + 1.0), 2.0 * (er - 1.0) / (er + 1.0));
        let steps = f64::from(self.levels_count - 1);
        Ok((0..self.levels_count).map(|level| lowest + span * f64::from(level) / steps).collect())
    }

    /// Greatest closure of the eye below the top level over half that eye, of an interferer with unit field.
    fn scale(&self) -> Result<f64> {
        let levels = self.levels()?;
        let (lowest, top) = (levels[0], levels[levels.len() - 1]);
        Ok(4.0 * f64::from(self.levels_count - 1) * top.sqrt() / (top - lowest))
    }
}

/// Field amplitudes of an interferer over that of the average powers, with their probabilities.
fn amplitudes(levels: &[f64], field: InterfererField) -> Vec<(f64, f64)> {
    let share = 1.0 / levels.len() as f64;
    let copies = levels.iter().map(|level| (level.sqrt(), share));
    let pairs = |left: &[(f64, f64)], right: &[(f64, f64)]| {
        left.iter().flat_map(|(a, p)| right.iter().map(move |(b, q)| (a * b, p * q))).collect::<Vec<_>>()
    };
    let single: Vec<(f64, f64)> = copies.collect();
    match field {
        InterfererField::Copy => single,
        InterfererField::Mixing => pairs(&pairs(&single, &single), &single),
        InterfererField::DegenerateMixing => {
            pairs(&levels.iter().map(|level| (*level, share)).collect::<Vec<_>>(), &single)
        }
    }
}

/// Closure of the top eye over half its height when every interferer stands against it at its greatest field, times a
/// discount.
///
/// # Algorithm
/// x = D 4 (M - 1) E/(E - 1) sum of sqrt(r) for copies of the signal, E the extinction ratio; where a copy is at the top
/// level its field is sqrt(r P_top).
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range.
///
/// # References
/// Bhatt, King and Smith, IEEE P802.3bs, January 2016 (bound and discount); Farhood et al., IEEE P802.3bm, November 2012.
pub fn interference_bound_ratio(
    signal: &InterferedSignal,
    interferers: &[Interferer],
    discount_ratio: f64,
) -> Result<f64> {
    check(interferers)?;
    let (levels, scale) = (signal.levels()?, signal.scale()?);
    let fields: f64 = interferers
        .iter()
        .map(|interferer| {
            let greatest = amplitudes(&levels, interferer.field).iter().fold(0.0f64, |most, (a, _)| most.max(*a));
            interferer.power_ratio.sqrt() * greatest
        })
        .sum();
    Ok(discount_ratio * scale * fields)
}

/// The same with each interferer at the mean of its field over the symbols, phases and polarizations still aligned.
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range.
///
/// # References
/// Farhood et al., IEEE P802.3bm, November 2012 ("statistical upper bound").
pub fn interference_mean_ratio(signal: &InterferedSignal, interferers: &[Interferer]) -> Result<f64> {
    check(interferers)?;
    let (levels, scale) = (signal.levels()?, signal.scale()?);
    let fields: f64 = interferers
        .iter()
        .map(|interferer| {
            let mean: f64 = amplitudes(&levels, interferer.field).iter().map(|(a, p)| a * p).sum();
            interferer.power_ratio.sqrt() * mean
        })
        .sum();
    Ok(scale * fields)
}

/// Standard deviation of the closure of the top eye over half its height, over phases, polarizations and symbols.
///
/// Other levels have sqrt(P_i/P_top) of it: the interference grows with the level that it beats with.
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range.
pub fn interference_deviation_ratio(signal: &InterferedSignal, interferers: &[Interferer]) -> Result<f64> {
    check(interferers)?;
    let alignment = if signal.polarization_aligned { 0.5 } else { 0.25 };
    let levels = signal.levels()?;
    let power: f64 = interferers
        .iter()
        .map(|interferer| {
            let square: f64 = amplitudes(&levels, interferer.field).iter().map(|(a, p)| a * a * p).sum();
            interferer.power_ratio * square
        })
        .sum();
    Ok(signal.scale()? * (alignment * power).sqrt())
}

/// Closure of the top eye that is passed with a probability, by the quantile of a normal distribution, at most the bound.
///
/// The distribution of many interferers is close to normal; few have shorter tails, so that this errs to the safe side. It
/// costs no more than its square roots.
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range.
pub fn interference_quantile_estimate_ratio(
    signal: &InterferedSignal,
    interferers: &[Interferer],
    exceedance_ratio: f64,
) -> Result<f64> {
    let deviation = interference_deviation_ratio(signal, interferers)?;
    let bound = interference_bound_ratio(signal, interferers, 1.0)?;
    Ok(bound.min(deviation * inverse_q_function(exceedance_ratio)?.max(0.0)))
}

/// The estimate of [`interference_quantile_estimate_ratio`] for copies of the signal, from two sums that are known already.
#[derive(Debug, Clone, Copy)]
pub struct CopyClosure {
    per_field: f64,
    per_root_power: f64,
}

impl CopyClosure {
    /// Prepares the estimate for one signal and probability.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a figure is outside its range.
    pub fn new(signal: &InterferedSignal, exceedance_ratio: f64) -> Result<Self> {
        let one = [Interferer { power_ratio: 1.0, field: InterfererField::Copy }];
        let quantile = inverse_q_function(exceedance_ratio)?.max(0.0);
        Ok(Self {
            per_field: interference_bound_ratio(signal, &one, 1.0)?,
            per_root_power: interference_deviation_ratio(signal, &one)? * quantile,
        })
    }

    /// Closure for the sum of the square roots of the copies' powers and the sum of their powers, over the signal's.
    pub fn closure_ratio(&self, fields_ratio: f64, powers_ratio: f64) -> f64 {
        (self.per_field * fields_ratio).min(self.per_root_power * powers_ratio.sqrt())
    }
}

/// Optical penalty of a closure; infinite where the eye is closed.
pub fn closure_penalty_db(closure_ratio: f64) -> f64 {
    if closure_ratio >= 1.0 { f64::INFINITY } else { -to_db(1.0 - closure_ratio) }
}

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
        let last = self.levels.len() - 1;
        let top = self.levels[last];
        let mut total = 0.0;
        for (level, power) in self.levels.iter().enumerate() {
            let neighbors = if level == 0 || level == last { 1.0 } else { 2.0 };
            let scale = (power / top).sqrt();
            let mean: f64 = self
                .mass
                .iter()
                .enumerate()
                .map(|(index, mass)| mass * q_function((1.0 - self.closure_at(index) * scale) / sigma_ratio))
                .sum();
            total += neighbors * mean;
        }
        total / self.levels.len() as f64
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
    (0..=2 * half)
        .map(|index| {
            let middle = step * (index as f64 - half as f64);
            let (low, high) = (middle - 0.5 * step, middle + 0.5 * step);
            parts.iter().map(|(a, p)| p * (distribution(high, *a) - distribution(low, *a))).sum()
        })
        .collect()
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

fn check(interferers: &[Interferer]) -> Result<()> {
    for interferer in interferers {
        if !(interferer.power_ratio >= 0.0 && interferer.power_ratio.is_finite()) {
            return Err(Error::parameter("power_ratio", interferer.power_ratio, "a finite number, 0 or above"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn sums_are_enough_for_copies() {
        let all = copies(&[-50.0, -52.0, -55.0, -60.0]);
        let closure = CopyClosure::new(&PAM4, 1e-4).unwrap();
        let fields = all.iter().map(|one| one.power_ratio.sqrt()).sum();
        let powers = all.iter().map(|one| one.power_ratio).sum();
        let expected = interference_quantile_estimate_ratio(&PAM4, &all, 1e-4).unwrap();
        assert!((closure.closure_ratio(fields, powers) / expected - 1.0).abs() < 1e-12);
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

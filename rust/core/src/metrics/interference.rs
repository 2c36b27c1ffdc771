//! Light that beats with a PAM4 signal in its own band: multipath copies and mixing products, from bound to distribution.

use crate::error::{Error, Result, require_positive};
use crate::special::inverse_q_function;
use crate::units::{from_db, to_db};

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
    pub(super) fn levels(&self) -> Result<Vec<f64>> {
        if !matches!(self.levels_count, 2 | 4) {
            return Err(Error::parameter("levels_count", self.levels_count, "2 or 4"));
        }
        let er = from_db(require_positive("extinction_ratio_db", self.extinction_ratio_db)?);
        let (lowest, span) = (2.0 / (er + 1.0), 2.0 * (er - 1.0) / (er + 1.0));
        let steps = f64::from(self.levels_count - 1);
        Ok((0..self.levels_count).map(|level| lowest + span * f64::from(level) / steps).collect())
    }

    /// Greatest closure of the eye below the top level over half that eye, of an interferer with unit field.
    pub(super) fn scale(&self) -> Result<f64> {
        let levels = self.levels()?;
        let (lowest, top) = (levels[0], levels[levels.len() - 1]);
        Ok(4.0 * f64::from(self.levels_count - 1) * top.sqrt() / (top - lowest))
    }
}

/// Field amplitudes of an interferer over that of the average powers, with their probabilities.
pub(super) fn amplitudes(levels: &[f64], field: InterfererField) -> Vec<(f64, f64)> {
    let share = 1.0 / levels.len() as f64;
    let copies = levels.iter().map(|level| (level.sqrt(), share));
    let pairs = |left: &[(f64, f64)], right: &[(f64, f64)]| {
        left.iter().flat_map(|(a, p)| right.iter().map(move |(b, q)| (a * b, p * q))).collect::<Vec<_>>()
    };
    let single: Vec<(f64, f64)> = copies.collect();
    let all = match field {
        InterfererField::Copy => single,
        InterfererField::Mixing => pairs(&pairs(&single, &single), &single),
        InterfererField::DegenerateMixing => {
            pairs(&levels.iter().map(|level| (*level, share)).collect::<Vec<_>>(), &single)
        }
    };
    join_alike(all)
}

/// Puts amplitudes that differ by no more than rounding together: products of the same levels in another order.
fn join_alike(mut all: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (amplitude, probability) in all {
        match out.last_mut() {
            Some(last) if amplitude - last.0 <= 1e-14 * amplitude => last.1 += probability,
            _ => out.push((amplitude, probability)),
        }
    }
    out
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
    fn sums_are_enough_for_copies() {
        let all = copies(&[-50.0, -52.0, -55.0, -60.0]);
        let closure = CopyClosure::new(&PAM4, 1e-4).unwrap();
        let fields = all.iter().map(|one| one.power_ratio.sqrt()).sum();
        let powers = all.iter().map(|one| one.power_ratio).sum();
        let expected = interference_quantile_estimate_ratio(&PAM4, &all, 1e-4).unwrap();
        assert!((closure.closure_ratio(fields, powers) / expected - 1.0).abs() < 1e-12);
    }
}

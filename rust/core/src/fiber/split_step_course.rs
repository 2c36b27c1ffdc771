//! How power runs along a fiber that a split-step integrator goes along, in either direction.

use super::PowerProfile;
use crate::error::Result;

/// A fiber as an integrator meets it: `s` counts from where it starts.
///
/// The integrator's field is that of a fiber without loss; the power at a place is its power times the gain there. So loss
/// needs no steps, and the phase of a step is exact however the power runs.
pub(super) struct Course {
    /// 1, or -1 on the way back: of distances and of nonlinear phases.
    pub(super) direction: f64,
    pub(super) length_m: f64,
    /// Places at which the logarithm of the gain is known, linear between them.
    position_m: Vec<f64>,
    log_gain: Vec<f64>,
}

impl Course {
    /// The course along one channel's profile.
    pub(super) fn new(profile: &PowerProfile, length_m: f64, backward: bool) -> Result<Self> {
        profile.check(1, length_m)?;
        let (mut position_m, mut log_gain) = match profile {
            PowerProfile::Exponential { attenuation_per_m } => {
                (vec![0.0, length_m], vec![0.0, -attenuation_per_m[0] * length_m])
            }
            PowerProfile::Sampled { position_m, log_power_ratio } => (position_m.clone(), log_power_ratio[0].clone()),
        };
        if backward {
            position_m = position_m.iter().rev().map(|z| length_m - z).collect();
            log_gain.reverse();
        }
        Ok(Self { direction: if backward { -1.0 } else { 1.0 }, length_m, position_m, log_gain })
    }

    /// Scale of the field between the fiber's own and the lossless one's, at the start and at the end.
    pub(super) fn scales(&self) -> [f64; 2] {
        let ends = [self.log_gain.first(), self.log_gain.last()];
        let [start, end] = ends.map(|log_gain| log_gain.copied().unwrap_or(0.0));
        [(-0.5 * start).exp(), (0.5 * end).exp()]
    }

    /// Integral of a power of the gain between two places: 1 for the nonlinear phase.
    ///
    /// # Algorithm
    /// Over each stretch of a linear logarithm a to b the mean is exp(a) (exp(b - a) - 1)/(b - a).
    pub(super) fn integral_m(&self, from_m: f64, to_m: f64, exponent: f64) -> f64 {
        let places = self.position_m.windows(2).zip(self.log_gain.windows(2));
        let stretch = |(place, log_gain): (&[f64], &[f64])| {
            let (start, end) = (place[0].max(from_m), place[1].min(to_m));
            if end <= start {
                return 0.0;
            }
            let slope = exponent * (log_gain[1] - log_gain[0]) / (place[1] - place[0]);
            let rise = slope * (end - start);
            let mean = if rise.abs() < 1e-12 { 1.0 } else { rise.exp_m1() / rise };
            (exponent * log_gain[0] + slope * (start - place[0])).exp() * mean * (end - start)
        };
        places.map(stretch).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_are_effective_lengths() {
        let alpha = 4.6e-5;
        let plain = PowerProfile::Exponential { attenuation_per_m: vec![alpha] };
        let course = Course::new(&plain, 80e3, false).unwrap();
        let expected = ((-alpha * 10e3).exp() - (-alpha * 30e3).exp()) / alpha;
        assert!((course.integral_m(10e3, 30e3, 1.0) / expected - 1.0).abs() < 1e-12);
        assert!((course.scales()[1] - (-0.5 * alpha * 80e3).exp()).abs() < 1e-12);
        let back = Course::new(&plain, 80e3, true).unwrap();
        assert!((back.integral_m(50e3, 70e3, 1.0) / expected - 1.0).abs() < 1e-12);
        let sampled = PowerProfile::Sampled {
            position_m: vec![0.0, 20e3, 80e3],
            log_power_ratio: vec![vec![0.0, -alpha * 20e3, -alpha * 80e3]],
        };
        let sampled = Course::new(&sampled, 80e3, false).unwrap();
        assert!((sampled.integral_m(10e3, 30e3, 1.0) / expected - 1.0).abs() < 1e-12);
    }
}

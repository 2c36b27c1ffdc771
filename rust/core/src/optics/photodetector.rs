//! PIN and avalanche photodetectors: photocurrent noise that depends on the level.

use crate::error::{Result, require_positive};
use crate::units::ELEMENTARY_CHARGE_C;

/// A photodetector with its amplifier's input noise.
#[derive(Debug, Clone, Copy)]
pub struct Photodetector {
    /// Responsivity at unity gain.
    pub responsivity_a_per_w: f64,
    /// Avalanche gain; 1 for a PIN.
    pub gain_ratio: f64,
    /// Ratio of the ionization coefficients; ignored at unity gain.
    pub ionization_ratio: f64,
    /// Dark current that is multiplied.
    pub dark_current_a: f64,
}

impl Photodetector {
    /// Excess noise factor F = k M + (1 - k)(2 - 1/M); 1 for a PIN.
    ///
    /// # References
    /// McIntyre 1966, doi 10.1109/T-ED.1966.15651.
    pub fn excess_noise_ratio(&self) -> f64 {
        let m = self.gain_ratio;
        self.ionization_ratio * m + (1.0 - self.ionization_ratio) * (2.0 - 1.0 / m)
    }

    /// Shot noise variance (A^2) of a received power: 2 q M^2 F (R P + I_d) B.
    pub fn shot_noise_a2(&self, power_w: f64, bandwidth_hz: f64) -> f64 {
        let current = self.responsivity_a_per_w * power_w + self.dark_current_a;
        let factor = if self.gain_ratio > 1.0 { self.excess_noise_ratio() } else { 1.0 };
        2.0 * ELEMENTARY_CHARGE_C * self.gain_ratio.powi(2) * factor * current * bandwidth_hz
    }

    /// Signal current of a received power after multiplication.
    pub fn current_a(&self, power_w: f64) -> f64 {
        self.gain_ratio * self.responsivity_a_per_w * power_w
    }
}

/// How fast an avalanche photodiode is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AvalancheSpeed {
    /// Bandwidth at low gain.
    pub bandwidth_hz: f64,
    /// Product of gain and bandwidth at high gain.
    pub gain_bandwidth_hz: f64,
}

impl AvalancheSpeed {
    /// Bandwidth at a gain: the lesser of the two limits.
    ///
    /// # References
    /// Campbell 2007, doi 10.1109/JLT.2006.888481.
    pub fn bandwidth_at(&self, gain_ratio: f64) -> f64 {
        self.bandwidth_hz.min(self.gain_bandwidth_hz / gain_ratio)
    }

    /// Greatest gain that leaves a bandwidth; `None` where even unity gain is too slow.
    pub fn greatest_gain_ratio(&self, needed_hz: f64) -> Option<f64> {
        let gain = self.gain_bandwidth_hz / needed_hz;
        (needed_hz <= self.bandwidth_hz && gain >= 1.0).then_some(gain)
    }
}

/// Gain at which an avalanche photodiode has the best signal to noise for one power.
///
/// # Algorithm
/// Thermal noise falls with 1/M^2, shot noise grows with F: the derivative of s^2/M^2 + c (k M + (1 - k)(2 - 1/M)) is zero where
/// k c M^3 + (1 - k) c M = 2 s^2, c = 2 q (R P + I_d) B; the cubic has one root, found by Newton's method from above. Never
/// below 1.
///
/// # Errors
/// [`Error::Parameter`] if the thermal noise or the current is not above 0.
///
/// # References
/// Agrawal 2010, Fiber-Optic Communication Systems, 4.4.3.
pub fn optimum_gain_ratio(
    detector: &Photodetector,
    power_w: f64,
    thermal_noise_a2: f64,
    bandwidth_hz: f64,
) -> Result<f64> {
    require_positive("thermal_noise_a2", thermal_noise_a2)?;
    require_positive("current_a", detector.responsivity_a_per_w * power_w + detector.dark_current_a)?;
    Ok(detector.best_gain_ratio(power_w, thermal_noise_a2, bandwidth_hz))
}

impl Photodetector {
    /// See [`optimum_gain_ratio`], which checks what it is given; 1 without thermal noise, infinite without a current.
    pub(crate) fn best_gain_ratio(&self, power_w: f64, thermal_noise_a2: f64, bandwidth_hz: f64) -> f64 {
        let current = self.responsivity_a_per_w * power_w + self.dark_current_a;
        let c = 2.0 * ELEMENTARY_CHARGE_C * current * bandwidth_hz;
        if thermal_noise_a2 <= 0.0 || c <= 0.0 {
            return if thermal_noise_a2 <= 0.0 { 1.0 } else { f64::INFINITY };
        }
        let k = self.ionization_ratio;
        let linear = (1.0 - k) * c;
        let twice = 2.0 * thermal_noise_a2;
        let mut gain = if k > 0.0 { (twice / (k * c)).cbrt() } else { twice / linear };
        for _ in 0..60 {
            let square = k * c * gain * gain;
            let step = ((square + linear) * gain - twice) / (3.0 * square + linear);
            gain -= step;
            // The step after it would be the square of this one.
            if step.abs() <= 1e-8 * gain {
                break;
            }
        }
        gain.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excess_noise_limits() {
        let pin =
            Photodetector { responsivity_a_per_w: 0.8, gain_ratio: 1.0, ionization_ratio: 0.3, dark_current_a: 0.0 };
        assert!((pin.excess_noise_ratio() - 1.0).abs() < 1e-15);
        let apd = Photodetector { gain_ratio: 6.0, ionization_ratio: 0.2, ..pin };
        assert!((apd.excess_noise_ratio() - (1.2 + 0.8 * (2.0 - 1.0 / 6.0))).abs() < 1e-12);
        assert!((pin.shot_noise_a2(1e-3, 1e9) / (2.0 * 1.602_176_634e-19 * 0.8e-3 * 1e9) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn speed_of_an_avalanche_photodiode() {
        let speed = AvalancheSpeed { bandwidth_hz: 24e9, gain_bandwidth_hz: 290e9 };
        assert_eq!(speed.bandwidth_at(4.0), 24e9);
        assert!((speed.bandwidth_at(20.0) - 14.5e9).abs() < 1.0);
        assert!((speed.greatest_gain_ratio(20e9).unwrap() - 14.5).abs() < 1e-12);
        assert!(speed.greatest_gain_ratio(30e9).is_none());
    }

    #[test]
    fn the_optimum_gain_is_the_least_noise() {
        let (power_w, bandwidth_hz) = (20e-6, 27.6e9);
        let thermal = (15e-12f64).powi(2) * bandwidth_hz;
        for k in [0.0, 0.18, 0.5] {
            let apd = Photodetector {
                responsivity_a_per_w: 0.8,
                gain_ratio: 1.0,
                ionization_ratio: k,
                dark_current_a: 10e-9,
            };
            let found = optimum_gain_ratio(&apd, power_w, thermal, bandwidth_hz).unwrap();
            let noise = |gain_ratio: f64| {
                let at = Photodetector { gain_ratio, ..apd };
                (thermal + at.shot_noise_a2(power_w, bandwidth_hz)) / (gain_ratio * gain_ratio)
            };
            assert!(found > 1.5 && noise(found) <= noise(found * 1.001) && noise(found) <= noise(found * 0.999), "{k}");
        }
    }
}

//! PIN and avalanche photodetectors: photocurrent noise that depends on the level.

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
}

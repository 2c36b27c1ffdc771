//! Four-level amplitude modulation with noise that depends on the level.

use crate::error::{Error, Result, require_positive};
use crate::optics::{Photodetector, average_over_oma};
use crate::special::{find_root, inverse_q_function, q_function};
use crate::units::{from_db, from_dbm};

/// Received PAM4 levels as photocurrents, from the lowest level up.
#[derive(Debug, Clone, Copy)]
pub struct Pam4Levels {
    /// Mean of each level.
    pub mean_a: [f64; 4],
    /// Standard deviation of each level.
    pub sigma_a: [f64; 4],
}

/// Q at which equally spaced levels in equal noise reach a symbol error ratio: SER = 3/2 Q(q).
///
/// # Errors
/// [`Error::Parameter`] if `symbol_error_ratio` is outside (0, 0.75).
///
/// # References
/// IEEE 802.3-2022, 121.8.5.3: Q_t = 3.4141 at 4.8e-4.
pub fn pam4_target_q(symbol_error_ratio: f64) -> Result<f64> {
    if !(symbol_error_ratio > 0.0 && symbol_error_ratio < 0.75) {
        return Err(Error::parameter("symbol_error_ratio", symbol_error_ratio, "a number between 0 and 0.75"));
    }
    inverse_q_function(symbol_error_ratio / 1.5)
}

/// Symbol error ratio with each threshold where the neighbors' tails are equally likely.
///
/// # Algorithm
/// 1. Between levels i and i+1 the threshold lies at (sigma_i m_{i+1} + sigma_{i+1} m_i)/(sigma_i + sigma_{i+1}), where both
///    levels have the same normalized distance q_i = (m_{i+1} - m_i)/(sigma_i + sigma_{i+1}).
/// 2. SER = 1/4 sum over the three thresholds of 2 Q(q_i).
pub fn pam4_symbol_error_ratio(levels: &Pam4Levels) -> f64 {
    (0..3)
        .map(|i| {
            let spread = levels.sigma_a[i] + levels.sigma_a[i + 1];
            let gap = levels.mean_a[i + 1] - levels.mean_a[i];
            if spread == 0.0 { if gap > 0.0 { 0.0 } else { 1.0 } } else { 2.0 * q_function(gap / spread) }
        })
        .sum::<f64>()
        / 4.0
}

/// Where a receiver puts its thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thresholds {
    /// In the middle between the levels.
    Middle,
    /// Where the neighbors' tails are equally likely.
    EqualTails,
}

/// A receiver of PAM4 with its noise.
#[derive(Debug, Clone, Copy)]
pub struct Pam4Receiver {
    /// The detector.
    pub detector: Photodetector,
    /// Input noise of the amplifier behind it.
    pub input_noise_a_per_sqrt_hz: f64,
    /// Noise bandwidth.
    pub bandwidth_hz: f64,
    /// Relative intensity noise of the light; minus infinity for none.
    pub rin_db_per_hz: f64,
    /// Thresholds.
    pub thresholds: Thresholds,
}

impl Pam4Receiver {
    /// Means and deviations of the four levels.
    ///
    /// # Algorithm
    /// 1. Level i has the power P_avg + OMA (i/3 - 1/2) and the current M R P.
    /// 2. Variance: thermal i_n^2 B, shot noise of the detector at that power, and RIN (M R P)^2 B.
    pub fn levels(&self, oma_outer_w: f64, average_w: f64) -> Pam4Levels {
        let mut levels = Pam4Levels { mean_a: [0.0; 4], sigma_a: [0.0; 4] };
        let rin = from_db(self.rin_db_per_hz) * self.bandwidth_hz;
        for index in 0..4 {
            let power_w = (average_w + oma_outer_w * (index as f64 / 3.0 - 0.5)).max(0.0);
            let current_a = self.detector.current_a(power_w);
            levels.mean_a[index] = current_a;
            levels.sigma_a[index] = (self.input_noise_a_per_sqrt_hz.powi(2) * self.bandwidth_hz
                + self.detector.shot_noise_a2(power_w, self.bandwidth_hz)
                + rin * current_a * current_a)
                .sqrt();
        }
        levels
    }

    /// Symbol error ratio at an outer OMA and average power.
    pub fn symbol_error_ratio(&self, oma_outer_w: f64, average_w: f64) -> f64 {
        let levels = self.levels(oma_outer_w, average_w);
        match self.thresholds {
            Thresholds::EqualTails => pam4_symbol_error_ratio(&levels),
            Thresholds::Middle => {
                (0..3)
                    .flat_map(|i| {
                        let half = 0.5 * (levels.mean_a[i + 1] - levels.mean_a[i]);
                        [q_function(half / levels.sigma_a[i]), q_function(half / levels.sigma_a[i + 1])]
                    })
                    .sum::<f64>()
                    / 4.0
            }
        }
    }
}

/// Outer OMA (dBm) at which a receiver reaches a symbol error ratio for ideal levels of an extinction ratio.
///
/// # Errors
/// [`Error::Parameter`] if a figure is not allowed, [`Error::Model`] if no OMA from -60 to 20 dBm is enough or so little
/// is needed.
pub fn pam4_sensitivity_dbm(receiver: &Pam4Receiver, extinction_ratio_db: f64, target_ser_ratio: f64) -> Result<f64> {
    pam4_target_q(target_ser_ratio)?;
    require_positive("extinction_ratio_db", extinction_ratio_db)?;
    require_positive("bandwidth_hz", receiver.bandwidth_hz)?;
    require_positive("responsivity_a_per_w", receiver.detector.responsivity_a_per_w)?;
    require_positive("gain_ratio", receiver.detector.gain_ratio)?;
    let average = average_over_oma(extinction_ratio_db);
    let excess = |oma_dbm: f64| {
        let oma_w = from_dbm(oma_dbm);
        (receiver.symbol_error_ratio(oma_w, average * oma_w).max(1e-300) / target_ser_ratio).ln()
    };
    find_root(excess, -60.0, 20.0, 1e-12).map_err(|_| {
        Error::Model(format!("no OMA from -60 to 20 dBm gives a symbol error ratio of {target_ser_ratio}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_q_of_the_standard() {
        assert!((pam4_target_q(4.8e-4).unwrap() - 3.4141).abs() < 5e-5);
        assert!((pam4_target_q(9.6e-3).unwrap() - 2.4893).abs() < 5e-5);
        assert!(pam4_target_q(0.0).is_err());
    }

    #[test]
    fn equal_noise_gives_three_halves_q() {
        let q: f64 = 3.0;
        let levels = Pam4Levels { mean_a: [0.0, 2.0, 4.0, 6.0], sigma_a: [1.0 / q; 4] };
        assert!((pam4_symbol_error_ratio(&levels) / (1.5 * q_function(q)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn rin_floors_the_error_ratio() {
        let detector =
            Photodetector { responsivity_a_per_w: 0.8, gain_ratio: 1.0, ionization_ratio: 0.0, dark_current_a: 0.0 };
        let receiver = Pam4Receiver {
            detector,
            input_noise_a_per_sqrt_hz: 15e-12,
            bandwidth_hz: 27.6e9,
            rin_db_per_hz: f64::NEG_INFINITY,
            thresholds: Thresholds::EqualTails,
        };
        let quiet = pam4_sensitivity_dbm(&receiver, 4.5, 4.8e-4).unwrap();
        let noisy = Pam4Receiver { rin_db_per_hz: -142.0, ..receiver };
        assert!(pam4_sensitivity_dbm(&noisy, 4.5, 4.8e-4).unwrap() > quiet);
        assert!(pam4_sensitivity_dbm(&Pam4Receiver { rin_db_per_hz: -125.0, ..receiver }, 4.5, 4.8e-4).is_err());
        let middle = Pam4Receiver { thresholds: Thresholds::Middle, ..receiver };
        assert!(pam4_sensitivity_dbm(&middle, 4.5, 4.8e-4).unwrap() >= quiet - 1e-9);
    }
}

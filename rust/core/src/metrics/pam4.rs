//! Four-level amplitude modulation with noise that depends on the level.

use crate::error::{Error, Result};
use crate::special::{inverse_q_function, q_function};

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
}

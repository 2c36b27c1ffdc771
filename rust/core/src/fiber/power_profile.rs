//! How the power of each channel runs along a span.

use crate::error::{Error, Result};

/// Power of each channel along one span, relative to its own power at the input of the fiber.
#[derive(Debug, Clone, PartialEq)]
pub enum PowerProfile {
    /// exp(-alpha z), one power attenuation coefficient per channel.
    Exponential {
        /// Power attenuation coefficient of each channel.
        attenuation_per_m: Vec<f64>,
    },
    /// Samples between which the logarithm of the power is linear.
    Sampled {
        /// Rising positions from 0 to the length of the span.
        position_m: Vec<f64>,
        /// Natural logarithm of P(z)/P(0): one row per channel, one entry per position.
        log_power_ratio: Vec<Vec<f64>>,
    },
}

impl PowerProfile {
    /// Loss of each channel over the whole span as the natural logarithm of P(0)/P(L).
    pub fn log_loss_ratio(&self, length_m: f64) -> Vec<f64> {
        match self {
            Self::Exponential { attenuation_per_m } => attenuation_per_m.iter().map(|alpha| alpha * length_m).collect(),
            Self::Sampled { log_power_ratio, .. } => {
                log_power_ratio.iter().map(|row| -row.last().copied().unwrap_or(0.0)).collect()
            }
        }
    }

    /// Refuses a profile that does not describe `channels` channels over `length_m`.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a number is not finite, rows differ in length, positions do not rise from 0 to the length, or a
    /// channel has another power than its own at the input.
    pub fn check(&self, channels: usize, length_m: f64) -> Result<()> {
        match self {
            Self::Exponential { attenuation_per_m } => {
                expect_count("attenuation_per_m", attenuation_per_m.len(), channels)?;
                expect_finite("attenuation_per_m", attenuation_per_m)
            }
            Self::Sampled { position_m, log_power_ratio } => {
                expect_count("log_power_ratio", log_power_ratio.len(), channels)?;
                expect_finite("position_m", position_m)?;
                let rising = position_m.windows(2).all(|pair| pair[1] > pair[0]);
                let ends = (position_m.first(), position_m.last());
                let spans = ends.0 == Some(&0.0) && ends.1.is_some_and(|end| (end - length_m).abs() <= 1e-9 * length_m);
                if !(rising && spans) {
                    return Err(Error::parameter(
                        "position_m",
                        format!("{} positions from {:?} to {:?}", position_m.len(), ends.0, ends.1),
                        format!("positions that rise from 0 to {length_m}"),
                    ));
                }
                for row in log_power_ratio {
                    expect_count("log_power_ratio", row.len(), position_m.len())?;
                    expect_finite("log_power_ratio", row)?;
                    if row[0] != 0.0 {
                        return Err(Error::parameter("log_power_ratio", row[0], "0 at the input of the fiber"));
                    }
                }
                Ok(())
            }
        }
    }
}

fn expect_count(name: &str, found: usize, needed: usize) -> Result<()> {
    if found == needed {
        Ok(())
    } else {
        Err(Error::parameter(name, format!("{found} entries"), format!("{needed} entries")))
    }
}

fn expect_finite(name: &str, values: &[f64]) -> Result<()> {
    match values.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => Err(Error::parameter(name, value, "finite numbers")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_checked() {
        let exponential = PowerProfile::Exponential { attenuation_per_m: vec![4.6e-5; 3] };
        assert!(exponential.check(3, 80e3).is_ok());
        assert!(exponential.check(2, 80e3).is_err());
        assert!((exponential.log_loss_ratio(80e3)[2] - 3.68).abs() < 1e-12);
        let sampled = |position_m: &[f64], row: &[f64]| PowerProfile::Sampled {
            position_m: position_m.to_vec(),
            log_power_ratio: vec![row.to_vec()],
        };
        assert!(sampled(&[0.0, 1.0, 2.0], &[0.0, -1.0, -1.5]).check(1, 2.0).is_ok());
        assert!(sampled(&[0.0, 1.0, 2.0], &[0.0, -1.0, -1.5]).check(1, 3.0).is_err());
        assert!(sampled(&[0.0, 2.0, 1.0], &[0.0, -1.0, -1.5]).check(1, 1.0).is_err());
        assert!(sampled(&[0.0, 1.0], &[0.1, -1.0]).check(1, 1.0).is_err());
        assert!(sampled(&[0.0, 1.0], &[0.0, f64::NAN]).check(1, 1.0).is_err());
        assert!(sampled(&[0.0, 1.0], &[0.0]).check(1, 1.0).is_err());
        assert!(sampled(&[], &[]).check(1, 1.0).is_err());
    }
}

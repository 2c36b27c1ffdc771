//! Equalization-enhanced phase noise: what the local oscillator's phase noise becomes in the dispersion equalizer.

use crate::error::{Error, Result};
use crate::units::SPEED_OF_LIGHT_M_PER_S;
use std::f64::consts::PI;

/// Variance of equalization-enhanced phase noise over the signal's power.
///
/// # Algorithm
/// sigma^2 = pi lambda^2 |D L| Rs dnu/(2 c), D L the dispersion that the receiver's equalizer takes away, dnu the linewidth
/// of the local oscillator. It adds as noise of the receiver: no line noise and no power changes it.
///
/// # Errors
/// [`Error::Parameter`] if the dispersion is not finite or another figure is negative or not finite.
///
/// # References
/// Shieh and Ho 2008, doi 10.1364/OE.16.015718.
pub fn equalization_phase_noise_ratio(
    dispersion_s_per_m: f64,
    symbol_rate_hz: f64,
    linewidth_hz: f64,
    wavelength_m: f64,
) -> Result<f64> {
    for (name, value) in [
        ("dispersion_s_per_m", dispersion_s_per_m.abs()),
        ("symbol_rate_hz", symbol_rate_hz),
        ("linewidth_hz", linewidth_hz),
        ("wavelength_m", wavelength_m),
    ] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(Error::parameter(name, value, "a finite number of 0 or more"));
        }
    }
    let scale = PI * wavelength_m * wavelength_m / (2.0 * SPEED_OF_LIGHT_M_PER_S);
    Ok(scale * dispersion_s_per_m.abs() * symbol_rate_hz * linewidth_hz)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::to_db;

    #[test]
    fn grows_with_each_figure_and_has_its_size() {
        // 20 ns/nm, 118.2 GBd, 300 kHz, 1550 nm: pi x 2.4025e-12 x 20 x 118.2e9 x 3e5/(2 x 2.99792e8) = 8.928e-3.
        let noise = |d: f64, rate: f64, width: f64| equalization_phase_noise_ratio(d, rate, width, 1550e-9).unwrap();
        let base = noise(20.0, 118.2e9, 300e3);
        assert!((base - 8.928e-3).abs() < 5e-6, "{base}");
        assert!((-to_db(base) - 20.5).abs() < 0.02);
        assert!((noise(-20.0, 118.2e9, 300e3) / base - 1.0).abs() < 1e-15);
        assert!((noise(40.0, 59.1e9, 600e3) / base - 2.0).abs() < 1e-12);
        assert_eq!(noise(0.0, 118.2e9, 300e3), 0.0);
        assert!(equalization_phase_noise_ratio(20.0, -1.0, 300e3, 1550e-9).is_err());
        assert!(equalization_phase_noise_ratio(f64::NAN, 60e9, 300e3, 1550e-9).is_err());
    }
}

//! Chromatic dispersion over wavelength and its conversion to propagation constants.

use crate::units::{C_BAND_REFERENCE_M, SPEED_OF_LIGHT_M_PER_S, wavelength_m};
use std::f64::consts::PI;

/// Bounds of the O band, where the zero-dispersion description of a G.652 fiber holds.
const O_BAND_M: (f64, f64) = (1260e-9, 1360e-9);
/// Bounds of S, C and L band, where a value and slope at 1550 nm hold.
const CONVENTIONAL_M: (f64, f64) = (1480e-9, 1625e-9);

/// Which end of a fiber's zero-dispersion range is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispersionCorner {
    /// Nominal zero-dispersion wavelength and slope.
    Nominal,
    /// Shortest zero-dispersion wavelength: the most positive dispersion.
    ShortestZero,
    /// Longest zero-dispersion wavelength: the most negative dispersion.
    LongestZero,
}

/// What is known of a fiber's dispersion; NaN marks what is not.
#[derive(Debug, Clone, Copy)]
pub struct ChromaticDispersion {
    /// Shortest zero-dispersion wavelength.
    pub zero_dispersion_min_m: f64,
    /// Longest zero-dispersion wavelength.
    pub zero_dispersion_max_m: f64,
    /// Nominal zero-dispersion wavelength.
    pub zero_dispersion_nominal_m: f64,
    /// Largest slope at the zero-dispersion wavelength.
    pub zero_slope_max_s_per_m3: f64,
    /// Nominal slope at the zero-dispersion wavelength.
    pub zero_slope_nominal_s_per_m3: f64,
    /// Dispersion at 1550 nm.
    pub dispersion_s_per_m2: f64,
    /// Dispersion slope at 1550 nm.
    pub slope_s_per_m3: f64,
}

impl ChromaticDispersion {
    /// Dispersion D at a wavelength; NaN where the fiber has no figures for that band.
    ///
    /// # Algorithm
    /// 1. In 1260-1360 nm: D = S0/4 (lambda - lambda0^4/lambda^3) with the corner's lambda0 and S0.
    /// 2. In 1480-1625 nm: D = D(1550 nm) + S (lambda - 1550 nm); the corners do not apply.
    ///
    /// # References
    /// ITU-T G.652 (2016), 6.10; IEEE 802.3-2022 fiber tables (both ends of the zero-dispersion range).
    pub fn at(&self, wavelength_m: f64, corner: DispersionCorner) -> f64 {
        if (O_BAND_M.0..=O_BAND_M.1).contains(&wavelength_m) {
            let (zero, slope) = match corner {
                DispersionCorner::Nominal => (self.zero_dispersion_nominal_m, self.zero_slope_nominal_s_per_m3),
                DispersionCorner::ShortestZero => (self.zero_dispersion_min_m, self.zero_slope_max_s_per_m3),
                DispersionCorner::LongestZero => (self.zero_dispersion_max_m, self.zero_slope_max_s_per_m3),
            };
            zero_dispersion_formula(wavelength_m, zero, slope)
        } else if (CONVENTIONAL_M.0..=CONVENTIONAL_M.1).contains(&wavelength_m) {
            let slope = if self.slope_s_per_m3.is_nan() { 0.0 } else { self.slope_s_per_m3 };
            self.dispersion_s_per_m2 + slope * (wavelength_m - C_BAND_REFERENCE_M)
        } else {
            f64::NAN
        }
    }
}

/// D = S0/4 (lambda - lambda0^4/lambda^3), the dispersion of a fiber around its zero-dispersion wavelength.
pub fn zero_dispersion_formula(wavelength_m: f64, zero_dispersion_m: f64, zero_slope_s_per_m3: f64) -> f64 {
    0.25 * zero_slope_s_per_m3 * wavelength_m * (1.0 - (zero_dispersion_m / wavelength_m).powi(4))
}

/// beta2 (s^2/m) and beta3 (s^3/m) at a frequency from D and its slope at 1550 nm.
///
/// D > 0 goes with beta2 < 0 (field written as exp(+j omega t)).
pub fn propagation_constants(dispersion_s_per_m2: f64, slope_s_per_m3: f64, frequency_hz: f64) -> (f64, f64) {
    let lambda = wavelength_m(frequency_hz);
    let slope = if slope_s_per_m3.is_nan() { 0.0 } else { slope_s_per_m3 };
    let here = dispersion_s_per_m2 + slope * (lambda - C_BAND_REFERENCE_M);
    let factor = lambda * lambda / (2.0 * PI * SPEED_OF_LIGHT_M_PER_S);
    (-here * factor, factor * factor * (slope + 2.0 * here / lambda))
}

/// Phase that accumulated dispersion gives to the field at an offset from the carrier: pi lambda^2 D f^2/c.
///
/// The field is written as exp(+j omega t) and passes a fiber as exp(-j beta2 omega^2 L/2), with beta2 L = -D lambda^2/(2 pi c).
pub fn dispersion_phase_rad(dispersion_s_per_m: f64, wavelength_m: f64, offset_hz: f64) -> f64 {
    PI * wavelength_m * wavelength_m * dispersion_s_per_m * offset_hz * offset_hz / SPEED_OF_LIGHT_M_PER_S
}

/// Phase that accumulated dispersion and its slope over wavelength give to the field at an offset from the carrier.
///
/// # Algorithm
/// [`dispersion_phase_rad`] less beta3 L omega^3/6, beta3 L = (lambda^2/(2 pi c))^2 (slope + 2 D/lambda).
pub fn accumulated_phase_rad(dispersion_s_per_m: f64, slope_s_per_m2: f64, wavelength_m: f64, offset_hz: f64) -> f64 {
    let factor = wavelength_m * wavelength_m / (2.0 * PI * SPEED_OF_LIGHT_M_PER_S);
    let third = factor * factor * (slope_s_per_m2 + 2.0 * dispersion_s_per_m / wavelength_m);
    dispersion_phase_rad(dispersion_s_per_m, wavelength_m, offset_hz) - third * (2.0 * PI * offset_hz).powi(3) / 6.0
}

/// Small-signal response from modulated to detected power behind accumulated dispersion: cos(theta) - alpha sin(theta).
///
/// # References
/// Wang and Petermann 1992, doi 10.1109/50.108743.
pub fn small_signal_response_ratio(
    dispersion_s_per_m: f64,
    wavelength_m: f64,
    chirp_alpha: f64,
    frequency_hz: f64,
) -> f64 {
    let (sine, cosine) = dispersion_phase_rad(dispersion_s_per_m, wavelength_m, frequency_hz).sin_cos();
    cosine - chirp_alpha * sine
}

#[cfg(test)]
mod tests {
    use super::*;

    const G652: ChromaticDispersion = ChromaticDispersion {
        zero_dispersion_min_m: 1300e-9,
        zero_dispersion_max_m: 1324e-9,
        zero_dispersion_nominal_m: 1312e-9,
        zero_slope_max_s_per_m3: 93.0,
        zero_slope_nominal_s_per_m3: 88.0,
        dispersion_s_per_m2: 16.7e-6,
        slope_s_per_m3: 58.0,
    };

    #[test]
    fn both_corners_and_the_gap_between_bands() {
        let low = G652.at(1264.5e-9, DispersionCorner::LongestZero);
        assert!((low * 1e6 - -5.94).abs() < 0.005, "{low}");
        let high = G652.at(1337.5e-9, DispersionCorner::ShortestZero);
        assert!((high * 1e6 - 3.34).abs() < 0.005, "{high}");
        assert!(G652.at(1400e-9, DispersionCorner::Nominal).is_nan());
        assert!((G652.at(1550e-9, DispersionCorner::Nominal) - 16.7e-6).abs() < 1e-12);
    }

    #[test]
    fn first_null_without_chirp() {
        // f = sqrt(c/(2 lambda^2 |D L|)): 55.5 GHz for 28.4 ps/nm at 1310 nm, 39.7 GHz for 59.4 ps/nm at 1264.5 nm.
        for (dispersion, wavelength, null_hz) in [(-28.4e-3, 1310e-9, 55.5e9), (-59.4e-3, 1264.5e-9, 39.7e9)] {
            assert!(small_signal_response_ratio(dispersion, wavelength, 0.0, null_hz).abs() < 3e-3);
        }
        // Positive dispersion and positive chirp is the bad pair.
        assert!(small_signal_response_ratio(10e-3, 1310e-9, 1.0, 20e9) < 1.0);
        assert!(small_signal_response_ratio(-10e-3, 1310e-9, 1.0, 20e9) > 1.0);
    }

    #[test]
    fn beta2_of_standard_fiber() {
        let (beta2, beta3) = propagation_constants(17e-6, 67.0, SPEED_OF_LIGHT_M_PER_S / 1550e-9);
        assert!((beta2 - -21.683e-27).abs() < 0.01e-27, "{beta2}");
        assert!((beta3 - 0.1449e-39).abs() < 0.001e-39, "{beta3}");
    }
}

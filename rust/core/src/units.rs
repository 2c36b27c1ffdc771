//! Constants of nature and the conversions between linear quantities and decibels.

use std::f64::consts::LN_10;

/// Speed of light in vacuum, exact.
pub const SPEED_OF_LIGHT_M_PER_S: f64 = 299_792_458.0;
/// Planck constant, exact.
pub const PLANCK_J_S: f64 = 6.626_070_15e-34;
/// Boltzmann constant, exact.
pub const BOLTZMANN_J_PER_K: f64 = 1.380_649e-23;
/// Elementary charge, exact.
pub const ELEMENTARY_CHARGE_C: f64 = 1.602_176_634e-19;
/// Noise bandwidth of every OSNR: 0.1 nm at 1550 nm.
pub const REFERENCE_BANDWIDTH_HZ: f64 = 12.5e9;
/// Wavelength at which C-band dispersion figures are given.
pub const C_BAND_REFERENCE_M: f64 = 1550e-9;

/// Ratio of a decibel value, right to 3e-16 of itself for each 10 dB. The natural exponential takes half the time of a power of 10.
#[inline]
pub fn from_db(value_db: f64) -> f64 {
    (value_db * (0.1 * LN_10)).exp()
}

/// Decibel value of a ratio, right to 2e-16 of itself. The natural logarithm takes half the time of that to the base 10.
#[inline]
pub fn to_db(ratio: f64) -> f64 {
    ratio.ln() * (10.0 / LN_10)
}

/// Power in watts of a level in dBm.
pub fn from_dbm(level_dbm: f64) -> f64 {
    1e-3 * from_db(level_dbm)
}

/// Level in dBm of a power in watts.
pub fn to_dbm(power_w: f64) -> f64 {
    to_db(power_w / 1e-3)
}

/// Wavelength in vacuum.
pub fn wavelength_m(frequency_hz: f64) -> f64 {
    SPEED_OF_LIGHT_M_PER_S / frequency_hz
}

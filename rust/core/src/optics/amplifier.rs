//! Amplified spontaneous emission.

use crate::interpolate::Points;
use crate::units::{PLANCK_J_S, REFERENCE_BANDWIDTH_HZ, from_db, to_db, to_dbm};

/// Slot of the OpenROADM noise polynomials.
pub const POLYNOMIAL_SLOT_HZ: f64 = 50e9;

/// How an amplifier's noise figure is described.
#[derive(Debug, Clone, Copy)]
pub enum AmplifierNoise<'a> {
    /// One figure at every gain.
    Fixed {
        /// Noise figure.
        noise_figure_db: f64,
    },
    /// Noise figure over gain.
    OverGain {
        /// Points (gain in dB, noise figure in dB).
        points: Points<'a>,
    },
    /// OpenROADM: incremental OSNR as a cubic of the input power per 50-GHz slot.
    Polynomial {
        /// A, B, C, D of A p^3 + B p^2 + C p + D.
        coefficients: [f64; 4],
    },
}

impl AmplifierNoise<'_> {
    /// Noise figure at a gain where it is the same for every channel; `None` where it is not, or the description does not reach.
    pub fn at_every_input(&self, gain_db: f64) -> Option<f64> {
        match self {
            Self::Fixed { noise_figure_db } => Some(*noise_figure_db),
            Self::OverGain { points } => points.at(gain_db),
            Self::Polynomial { .. } => None,
        }
    }

    /// Noise figure at a gain and an input; `None` where the description does not reach.
    ///
    /// `slot_hz` is the spectrum that the channel fills: its power is taken as spread over it.
    pub fn noise_figure_db(&self, gain_db: f64, input_power_w: f64, frequency_hz: f64, slot_hz: f64) -> Option<f64> {
        match self {
            Self::Fixed { .. } | Self::OverGain { .. } => self.at_every_input(gain_db),
            Self::Polynomial { coefficients } => Some(polynomial_noise_figure_db(
                coefficients,
                input_power_w * POLYNOMIAL_SLOT_HZ / slot_hz,
                frequency_hz,
            )),
        }
    }
}

/// Noise-to-signal ratio in 12.5 GHz that an amplifier adds: NF h nu B / P_in (both polarizations, input-referred).
///
/// # References
/// ITU-T G.680 (2007), OSNR of a chain of amplifiers; the convention of GNPy (`Edfa.noise_profile`).
pub fn ase_ratio(noise_figure_db: f64, input_power_w: f64, frequency_hz: f64) -> f64 {
    spontaneous_emission_ratio(from_db(noise_figure_db), input_power_w, frequency_hz)
}

/// As [`ase_ratio`] for a noise figure that is a ratio already.
pub fn spontaneous_emission_ratio(noise_figure_ratio: f64, input_power_w: f64, frequency_hz: f64) -> f64 {
    noise_figure_ratio * PLANCK_J_S * frequency_hz * REFERENCE_BANDWIDTH_HZ / input_power_w
}

/// Incremental OSNR (dB in 12.5 GHz) at `input_power_w` per 50-GHz slot.
pub fn osnr_polynomial(coefficients: &[f64; 4], input_power_w: f64) -> f64 {
    let p = to_dbm(input_power_w);
    ((coefficients[0] * p + coefficients[1]) * p + coefficients[2]) * p + coefficients[3]
}

/// Noise figure that gives the polynomial's OSNR at `input_power_w` per 50-GHz slot.
pub fn polynomial_noise_figure_db(coefficients: &[f64; 4], input_power_w: f64, frequency_hz: f64) -> f64 {
    to_db(input_power_w / (PLANCK_J_S * frequency_hz * REFERENCE_BANDWIDTH_HZ))
        - osnr_polynomial(coefficients, input_power_w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::from_dbm;

    #[test]
    fn fifty_eight_decibel_rule() {
        let osnr = -to_db(ase_ratio(5.5, from_dbm(-20.0), 193.4e12));
        assert!((osnr - (-20.0 - 5.5 + 57.95)).abs() < 0.01, "{osnr}");
    }

    #[test]
    fn openroadm_equivalent_noise_figures() {
        let standard = [-5.952e-4, -6.25e-2, -1.071, 28.99];
        let low_noise = [-8.104e-4, -6.221e-2, -0.5889, 37.62];
        for (coefficients, level, expected) in [
            (standard, -25.0, 6.95),
            (standard, -20.0, 7.78),
            (standard, -15.0, 9.95),
            (low_noise, -25.0, 6.83),
            (low_noise, -20.0, 6.95),
            (low_noise, -15.0, 7.76),
        ] {
            let found = polynomial_noise_figure_db(&coefficients, from_dbm(level), 193.4e12);
            assert!((found - expected).abs() < 0.01, "{level} dBm: {found}");
        }
    }
}

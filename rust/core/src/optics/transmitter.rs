//! The transmitter of a PAM4 lane: levels, electro-optic response, chirp.

use super::response::Response;
use crate::error::{Error, Result, require_finite, require_positive};
use crate::signal::Fourier;
use crate::units::from_db;
use rustfft::num_complex::Complex64;
use std::f64::consts::PI;

/// A directly or externally modulated laser that sends PAM4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transmitter {
    /// Symbol rate.
    pub symbol_rate_hz: f64,
    /// From the symbols' rectangular drive to the emitted power.
    pub response: Response,
    /// Highest over lowest power.
    pub extinction_ratio_db: f64,
    /// R_LM: 1 for equally spaced levels, less where the inner levels are drawn to the middle.
    pub level_mismatch_ratio: f64,
    /// alpha of the transient chirp: phase = alpha/2 ln P.
    pub chirp_alpha: f64,
    /// Shift of the optical frequency from the lowest to the highest level (adiabatic chirp of a DML).
    pub adiabatic_chirp_hz: f64,
}

impl Transmitter {
    /// Checks every figure.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the first that is not allowed.
    pub fn validate(&self) -> Result<()> {
        require_positive("symbol_rate_hz", self.symbol_rate_hz)?;
        require_positive("extinction_ratio_db", self.extinction_ratio_db)?;
        require_finite("chirp_alpha", self.chirp_alpha)?;
        require_finite("adiabatic_chirp_hz", self.adiabatic_chirp_hz)?;
        if !(self.level_mismatch_ratio > 0.0 && self.level_mismatch_ratio <= 1.0) {
            let found = self.level_mismatch_ratio;
            return Err(Error::parameter("level_mismatch_ratio", found, "a number above 0, up to 1"));
        }
        self.response.validate()
    }

    /// Average power of the outer levels over the outer OMA: (ER + 1)/(2 (ER - 1)).
    pub fn average_over_oma(&self) -> f64 {
        average_over_oma(self.extinction_ratio_db)
    }

    /// Powers of the four levels over the outer OMA.
    ///
    /// # Algorithm
    /// 1. The outer levels lie half an OMA below and above the middle, the inner ones R_LM/3 of that half; R_LM is the least
    ///    of 3 ES1, 3 ES2, 2 - 3 ES1, 2 - 3 ES2, and compression draws both towards the middle.
    pub fn level_powers(&self) -> [f64; 4] {
        let (middle, inner) = (self.average_over_oma(), self.level_mismatch_ratio / 6.0);
        [middle - 0.5, middle - inner, middle + inner, middle + 0.5]
    }

    /// The field of a periodic pattern, in units of the square root of the outer OMA.
    ///
    /// # Algorithm
    /// 1. Rectangular levels through the electro-optic response. Symbol k has the samples around `samples_per_symbol * k`; their
    ///    middle is that sample where their number is odd and half a sample before it where it is even.
    /// 2. E = sqrt(P) exp(j phase), phase = alpha/2 ln P + 2 pi shift integral of (P - mean P) dt for OMA 1.
    ///
    /// # Errors
    /// [`Error::Model`] if the response drives the power below zero.
    ///
    /// # References
    /// Koch and Bowers 1984, doi 10.1049/el:19840709 (chirp).
    pub fn field(&self, pattern: &[u8], samples_per_symbol: usize, fourier: &Fourier) -> Result<Vec<Complex64>> {
        let powers = self.level_powers();
        let length = pattern.len() * samples_per_symbol;
        let half = samples_per_symbol / 2;
        let mut field = vec![Complex64::default(); length];
        for (index, value) in field.iter_mut().enumerate() {
            let symbol = ((index + half) / samples_per_symbol) % pattern.len();
            value.re = powers[pattern[symbol] as usize];
        }
        let sample_rate_hz = self.symbol_rate_hz * samples_per_symbol as f64;
        fourier.filter(&mut field, sample_rate_hz, |frequency_hz| self.response.at(frequency_hz));
        let mean = field.iter().map(|value| value.re).sum::<f64>() / length as f64;
        let step_rad = 2.0 * PI * self.adiabatic_chirp_hz / sample_rate_hz;
        let mut shifted_rad = 0.0;
        for value in &mut field {
            let power = value.re;
            if power <= 0.0 {
                return Err(Error::Model(format!(
                    "the electro-optic response overshoots below zero power at an extinction ratio of {} dB",
                    self.extinction_ratio_db
                )));
            }
            *value = Complex64::from_polar(power.sqrt(), 0.5 * self.chirp_alpha * power.ln() + shifted_rad);
            shifted_rad += step_rad * (power - mean);
        }
        Ok(field)
    }
}

/// Average power over outer OMA for an extinction ratio: (ER + 1)/(2 (ER - 1)).
pub fn average_over_oma(extinction_ratio_db: f64) -> f64 {
    let er = from_db(extinction_ratio_db);
    (er + 1.0) / (2.0 * (er - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::pam4_pattern;

    const IDEAL: Transmitter = Transmitter {
        symbol_rate_hz: 50e9,
        response: Response::Flat,
        extinction_ratio_db: 4.5,
        level_mismatch_ratio: 1.0,
        chirp_alpha: 0.0,
        adiabatic_chirp_hz: 0.0,
    };

    #[test]
    fn average_and_oma() {
        // OMA/Pavg = 2 (ER - 1)/(ER + 1): 0.765 at 3.5 dB, 0.952 at 4.5 dB, 1.197 at 6 dB.
        for (er, ratio) in [(3.5, 0.765), (4.5, 0.952), (6.0, 1.197)] {
            assert!((1.0 / average_over_oma(er) - ratio).abs() < 1e-3);
        }
    }

    #[test]
    fn chirp_turns_the_phase_and_leaves_the_power() {
        let pattern = pam4_pattern(3).unwrap();
        let fourier = Fourier::new(64 * 10);
        let filtered = Transmitter { response: Response::BesselThomson { bandwidth_hz: 30e9 }, ..IDEAL };
        let plain = filtered.field(&pattern, 10, &fourier).unwrap();
        let chirped = Transmitter { chirp_alpha: 0.8, adiabatic_chirp_hz: 5e9, ..filtered };
        for (a, b) in plain.iter().zip(chirped.field(&pattern, 10, &fourier).unwrap()) {
            assert!((a.norm_sqr() - b.norm_sqr()).abs() < 1e-12);
            assert!(a.im.abs() < 1e-12);
        }
        let mean = plain.iter().map(Complex64::norm_sqr).sum::<f64>() / plain.len() as f64;
        assert!((mean - average_over_oma(4.5)).abs() < 1e-9);
    }

    #[test]
    fn compressed_levels_have_their_mismatch() {
        let levels = Transmitter { level_mismatch_ratio: 0.95, ..IDEAL }.level_powers();
        let middle = 0.5 * (levels[0] + levels[3]);
        let es1 = (levels[1] - middle) / (levels[0] - middle);
        let es2 = (levels[2] - middle) / (levels[3] - middle);
        let rlm = [3.0 * es1, 3.0 * es2, 2.0 - 3.0 * es1, 2.0 - 3.0 * es2].into_iter().fold(f64::INFINITY, f64::min);
        assert!((rlm - 0.95).abs() < 1e-12);
    }

    #[test]
    fn refusals() {
        assert!(Transmitter { level_mismatch_ratio: 0.0, ..IDEAL }.validate().is_err());
        assert!(Transmitter { extinction_ratio_db: 0.0, ..IDEAL }.validate().is_err());
        assert!(IDEAL.validate().is_ok());
    }
}

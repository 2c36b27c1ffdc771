//! The coherent receiver's front end: local oscillator, hybrid, photodiodes with their noise.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::rng::RandomSource;
use crate::signal::complex_normals;
use crate::units::{ELEMENTARY_CHARGE_C, from_db};
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// Purpose of the noise of the photodiodes, on top of which polarizations count.
const NOISE_PURPOSE: u32 = 0x6665_0000;

/// Oscillator, 90-degree hybrid and balanced photodiodes of one polarization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoherentFrontEnd {
    /// Oscillator at this polarization's hybrid.
    pub oscillator_power_w: f64,
    /// Of the photodiodes.
    pub responsivity_a_per_w: f64,
    /// Thermal noise of each quadrature, over the square root of the bandwidth.
    pub thermal_noise_a_per_sqrt_hz: f64,
    /// Carrier less oscillator.
    pub frequency_offset_hz: f64,
    /// Error of the hybrid's 90 degrees.
    pub quadrature_error_rad: f64,
    /// Amplitude of Q over that of I.
    pub imbalance_db: f64,
}

impl CoherentFrontEnd {
    /// Checks the figures.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a power or the responsivity is not above 0, or a figure is not finite.
    pub fn validate(&self) -> Result<()> {
        require_positive("oscillator_power_w", self.oscillator_power_w)?;
        require_positive("responsivity_a_per_w", self.responsivity_a_per_w)?;
        if !(self.thermal_noise_a_per_sqrt_hz >= 0.0 && self.thermal_noise_a_per_sqrt_hz.is_finite()) {
            let found = self.thermal_noise_a_per_sqrt_hz;
            return Err(Error::parameter("thermal_noise_a_per_sqrt_hz", found, "a finite number, 0 or above"));
        }
        for (name, value) in [
            ("frequency_offset_hz", self.frequency_offset_hz),
            ("quadrature_error_rad", self.quadrature_error_rad),
            ("imbalance_db", self.imbalance_db),
        ] {
            require_finite(name, value)?;
        }
        Ok(())
    }

    /// Noise-to-signal ratio that shot and thermal noise leave in a bandwidth (the symbol rate) at a signal power.
    ///
    /// # Algorithm
    /// Currents of both quadratures: mean square R^2 P_s P_lo together. Noise of each, one-sided in half of the bandwidth:
    /// shot noise q R (P_lo + P_s), thermal noise i_n^2. Shot noise alone leaves one photon of noise per symbol.
    ///
    /// # References
    /// Kikuchi 2016, doi 10.1109/JLT.2015.2463719.
    pub fn noise_ratio(&self, signal_power_w: f64, bandwidth_hz: f64) -> f64 {
        let signal = self.responsivity_a_per_w.powi(2) * signal_power_w * self.oscillator_power_w;
        self.quadrature_noise_density(signal_power_w) * bandwidth_hz / signal
    }

    /// One-sided density (A^2/Hz) of the noise of one quadrature: two diodes with half of the light of a quadrature each.
    fn quadrature_noise_density(&self, signal_power_w: f64) -> f64 {
        let light_w = 0.5 * (self.oscillator_power_w + signal_power_w);
        2.0 * ELEMENTARY_CHARGE_C * self.responsivity_a_per_w * light_w + self.thermal_noise_a_per_sqrt_hz.powi(2)
    }

    /// Beats a field of one polarization with the oscillator; the result is scaled back to the field.
    ///
    /// # Algorithm
    /// 1. The field turns by the frequency offset (to the nearest whole number of turns in the block, so that it stays
    ///    periodic) and by the oscillator's phase.
    /// 2. I and Q as currents R sqrt(P_lo) of each quadrature, Q with the errors of the hybrid.
    /// 3. White noise of both quadratures in half of the sample rate each.
    ///
    /// `oscillator_phase_rad` has as many entries as the field, or none.
    ///
    /// # Errors
    /// Those of [`Self::validate`], and a phase of another length.
    pub fn detect(
        &self,
        field: &mut [Complex64],
        sample_rate_hz: f64,
        oscillator_phase_rad: &[f64],
        source: &RandomSource,
        polarization: u32,
    ) -> Result<()> {
        self.validate()?;
        require_positive("sample_rate_hz", sample_rate_hz)?;
        if !oscillator_phase_rad.is_empty() && oscillator_phase_rad.len() != field.len() {
            let found = format!("{} samples", oscillator_phase_rad.len());
            return Err(Error::parameter("oscillator_phase_rad", found, format!("{} samples or none", field.len())));
        }
        let count = field.len();
        let power_w = field.iter().map(Complex64::norm_sqr).sum::<f64>() / count.max(1) as f64;
        let turns = (self.frequency_offset_hz * count as f64 / sample_rate_hz).round();
        // Currents are R sqrt(P_lo) times the field; scaling them back scales the noise.
        let scale = self.responsivity_a_per_w * self.oscillator_power_w.sqrt();
        let deviation = (self.quadrature_noise_density(power_w) * 0.5 * sample_rate_hz).sqrt() / scale;
        let quadrature = from_db(self.imbalance_db).sqrt();
        let (sin, cos) = self.quadrature_error_rad.sin_cos();
        let noise = complex_normals(source, NOISE_PURPOSE + polarization, 0, count);
        for (index, (sample, noise)) in field.iter_mut().zip(noise).enumerate() {
            let turn = TAU * (turns * index as f64 / count as f64).fract();
            let phase = turn - oscillator_phase_rad.get(index).copied().unwrap_or(0.0);
            let beat = *sample * Complex64::cis(phase);
            let skewed = quadrature * (beat.im * cos + beat.re * sin);
            // A complex normal number of unit variance has one half in each part.
            *sample = Complex64::new(beat.re, skewed) + noise * (deviation * std::f64::consts::SQRT_2);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONT_END: CoherentFrontEnd = CoherentFrontEnd {
        oscillator_power_w: 5e-3,
        responsivity_a_per_w: 0.8,
        thermal_noise_a_per_sqrt_hz: 20e-12,
        frequency_offset_hz: 0.0,
        quadrature_error_rad: 0.0,
        imbalance_db: 0.0,
    };

    /// The noise that the samples have is the noise that the closed form says.
    #[test]
    fn noise_is_that_of_the_closed_form() {
        let (count, rate, power_w) = (1 << 16, 120e9, 1e-5);
        let clean = vec![Complex64::new(f64::sqrt(power_w), 0.0); count];
        let mut field = clean.clone();
        FRONT_END.detect(&mut field, rate, &[], &RandomSource::new(1, 2, 3), 0).unwrap();
        let noise = field.iter().zip(&clean).map(|(a, b)| (a - b).norm_sqr()).sum::<f64>() / count as f64;
        let expected = FRONT_END.noise_ratio(power_w, rate);
        assert!((noise / power_w / expected - 1.0).abs() < 4.0 / f64::from(1 << 8), "{}", noise / power_w / expected);
    }

    /// Shot noise alone, strong oscillator: SNR is the number of photons per symbol, R P_s/(q B) with R = q/(h nu).
    #[test]
    fn shot_noise_limit() {
        let strong = CoherentFrontEnd { oscillator_power_w: 1.0, thermal_noise_a_per_sqrt_hz: 0.0, ..FRONT_END };
        let ratio = strong.noise_ratio(1e-6, 60e9);
        let photons = strong.responsivity_a_per_w * 1e-6 / (ELEMENTARY_CHARGE_C * 60e9);
        assert!((ratio * photons - 1.0).abs() < 1e-5, "{}", ratio * photons);
    }

    #[test]
    fn offset_turns_and_hybrid_skews() {
        let mut field = vec![Complex64::new(1.0, 0.0); 128];
        let quiet = CoherentFrontEnd { frequency_offset_hz: 4.1, oscillator_power_w: 1e6, ..FRONT_END };
        quiet.detect(&mut field, 128.0, &[], &RandomSource::new(1, 2, 3), 0).unwrap();
        assert!((field[8] - Complex64::cis(TAU * 4.0 * 8.0 / 128.0)).norm() < 1e-4);
        assert!(quiet.detect(&mut field, 128.0, &[0.0], &RandomSource::new(1, 2, 3), 0).is_err());
        assert!(CoherentFrontEnd { oscillator_power_w: 0.0, ..FRONT_END }.validate().is_err());
        assert!(CoherentFrontEnd { imbalance_db: f64::NAN, ..FRONT_END }.validate().is_err());
    }
}

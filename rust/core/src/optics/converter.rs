//! Digital-to-analog and analog-to-digital converters of one quadrature.

use super::response::Response;
use crate::error::{Error, Result, require_positive};
use crate::signal::Fourier;
use rustfft::num_complex::Complex64;

/// A converter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Converter {
    /// Effective number of bits: 2^bits levels over the full scale; infinite for none of its noise.
    pub effective_bits: f64,
    /// Full scale over the root mean square of the signal; what is beyond is clipped.
    pub full_scale_ratio: f64,
    /// Of the analog side.
    pub response: Response,
}

impl Converter {
    /// Checks the figures.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there are fewer than one bit, or the full scale is not above 0.
    pub fn validate(&self) -> Result<()> {
        if self.effective_bits.is_nan() || self.effective_bits < 1.0 {
            return Err(Error::parameter("effective_bits", self.effective_bits, "a number from 1 up"));
        }
        require_positive("full_scale_ratio", self.full_scale_ratio)?;
        self.response.validate()
    }

    /// Clips and quantizes: to the middles of 2^bits cells of equal width between both full scales.
    ///
    /// # Errors
    /// Those of [`Self::validate`].
    pub fn quantize(&self, samples: &mut [f64]) -> Result<()> {
        self.validate()?;
        let mean_square = samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len().max(1) as f64;
        let full_scale = self.full_scale_ratio * mean_square.sqrt();
        if full_scale == 0.0 {
            return Ok(());
        }
        if self.effective_bits.is_infinite() {
            for sample in samples.iter_mut() {
                *sample = sample.clamp(-full_scale, full_scale);
            }
            return Ok(());
        }
        let cell = 2.0 * full_scale / self.effective_bits.exp2();
        for sample in samples {
            let inside = sample.clamp(-full_scale, full_scale - 1e-9 * cell);
            *sample = ((inside + full_scale) / cell).floor() * cell + 0.5 * cell - full_scale;
        }
        Ok(())
    }

    /// Applies the analog response to a periodic signal of both quadratures alike.
    ///
    /// # Errors
    /// Those of [`Self::validate`], and a sample rate that is not above 0.
    pub fn filter(&self, samples: &mut [Complex64], sample_rate_hz: f64) -> Result<()> {
        self.validate()?;
        require_positive("sample_rate_hz", sample_rate_hz)?;
        if self.response == Response::Flat || samples.is_empty() {
            return Ok(());
        }
        Fourier::new(samples.len()).filter(samples, sample_rate_hz, |frequency_hz| self.response.at(frequency_hz));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Converter = Converter { effective_bits: 6.0, full_scale_ratio: 3.0, response: Response::Flat };

    /// Noise of a uniform quantizer is cell^2/12 for a signal without steps in its density.
    #[test]
    fn noise_is_that_of_the_cells() {
        let signal: Vec<f64> = (0..100_000).map(|k| (f64::from(k) * 0.618_033_988_75).fract() - 0.5).collect();
        let mut quantized = signal.clone();
        PLAIN.quantize(&mut quantized).unwrap();
        let noise = signal.iter().zip(&quantized).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 1e5;
        let cell = 2.0 * 3.0 / 12f64.sqrt() / 64.0;
        assert!((noise / (cell * cell / 12.0) - 1.0).abs() < 0.05, "{}", noise / (cell * cell / 12.0));
        let mut levels: Vec<i64> = quantized.iter().map(|value| (value / cell * 2.0).round() as i64).collect();
        levels.sort_unstable();
        levels.dedup();
        assert!(levels.len() <= 64);
    }

    #[test]
    fn what_is_beyond_the_full_scale_is_clipped() {
        let mut samples = vec![1.0, -1.0, 1.0, -1.0, 10.0, -10.0];
        let clipping = Converter { effective_bits: f64::INFINITY, full_scale_ratio: 1.0, ..PLAIN };
        clipping.quantize(&mut samples).unwrap();
        let full_scale = f64::sqrt(204.0 / 6.0);
        assert!((samples[4] - full_scale).abs() < 1e-12);
        assert_eq!(samples[0], 1.0);
    }

    #[test]
    fn a_tone_at_the_bandwidth_has_half_the_power() {
        let count = 64;
        let mut tone: Vec<Complex64> =
            (0..count).map(|n| Complex64::cis(std::f64::consts::TAU * 4.0 * f64::from(n) / 64.0)).collect();
        let response = Response::BesselThomson { bandwidth_hz: 4.0 };
        Converter { response, ..PLAIN }.filter(&mut tone, 64.0).unwrap();
        assert!((tone[5].norm_sqr() - 0.5).abs() < 1e-9);
        assert!(Converter { effective_bits: 0.5, ..PLAIN }.quantize(&mut []).is_err());
        assert!(Converter { full_scale_ratio: 0.0, ..PLAIN }.quantize(&mut []).is_err());
    }
}

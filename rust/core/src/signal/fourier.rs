//! Transforms between time and frequency of periodic signals.

use rustfft::num_complex::Complex64;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Plans of one length, made once and used for many signals.
#[derive(Clone)]
pub struct Fourier {
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
}

impl Fourier {
    /// Plans for signals of `length` samples.
    pub fn new(length: usize) -> Self {
        let mut planner = FftPlanner::new();
        Self { forward: planner.plan_fft_forward(length), inverse: planner.plan_fft_inverse(length) }
    }

    /// Number of samples.
    pub fn length(&self) -> usize {
        self.forward.len()
    }

    /// Spectrum of one period: X_k = sum of x_n exp(-2 pi j k n / N). `signal` has [`Self::length`] samples.
    pub fn to_spectrum(&self, signal: &mut [Complex64]) {
        self.forward.process(signal);
    }

    /// The signal of a spectrum, with the factor 1/N.
    pub fn to_signal(&self, spectrum: &mut [Complex64]) {
        self.inverse.process(spectrum);
        let scale = 1.0 / self.length() as f64;
        for value in spectrum {
            *value *= scale;
        }
    }

    /// Sends a periodic signal through a filter given by its response over frequency.
    pub fn filter(&self, signal: &mut [Complex64], sample_rate_hz: f64, response: impl Fn(f64) -> Complex64) {
        self.to_spectrum(signal);
        for (index, value) in signal.iter_mut().enumerate() {
            *value *= response(bin_frequency_hz(index, self.length(), sample_rate_hz));
        }
        self.to_signal(signal);
    }
}

/// Frequency of bin `index` of `length`, negative in the upper half.
pub fn bin_frequency_hz(index: usize, length: usize, sample_rate_hz: f64) -> f64 {
    let signed = if 2 * index < length { index as f64 } else { index as f64 - length as f64 };
    signed * sample_rate_hz / length as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let fourier = Fourier::new(40);
        let signal: Vec<_> = (0..40).map(|n| Complex64::new(f64::from(n % 7), f64::from(n % 3))).collect();
        let mut copy = signal.clone();
        fourier.to_spectrum(&mut copy);
        let sum: Complex64 = signal.iter().sum();
        assert!((copy[0] - sum).norm() < 1e-12);
        fourier.to_signal(&mut copy);
        assert!(signal.iter().zip(&copy).all(|(a, b)| (a - b).norm() < 1e-13));
        assert_eq!(bin_frequency_hz(39, 40, 80.0), -2.0);
    }
}

//! The dual-polarization IQ modulator: drivers and nested Mach-Zehnder modulators.

use crate::error::{Error, Result, require_positive};
use crate::signal::Fourier;
use crate::units::from_db;
use rustfft::num_complex::Complex64;
use std::f64::consts::{FRAC_PI_2, TAU};

/// The modulator of one polarization with its two drivers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IqModulator {
    /// Root mean square of the drive of each quadrature, over the half-wave voltage.
    pub drive_rms_ratio: f64,
    /// Voltage at which the drivers saturate, over the half-wave voltage; infinite for linear drivers.
    pub saturation_ratio: f64,
    /// Offsets of both children from their null, as a phase between their arms.
    pub bias_error_rad: [f64; 2],
    /// Error of the 90 degrees between the children.
    pub quadrature_error_rad: f64,
    /// Amplitude of Q over that of I.
    pub imbalance_db: f64,
    /// Delay of Q behind I.
    pub skew_s: f64,
}

impl IqModulator {
    /// A modulator without errors, driven to a small part of its half-wave voltage.
    pub const IDEAL: Self = Self {
        drive_rms_ratio: 1e-3,
        saturation_ratio: f64::INFINITY,
        bias_error_rad: [0.0; 2],
        quadrature_error_rad: 0.0,
        imbalance_db: 0.0,
        skew_s: 0.0,
    };

    /// Checks the figures.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the drive or the saturation is not above 0 or an error is not finite.
    pub fn validate(&self) -> Result<()> {
        require_positive("drive_rms_ratio", self.drive_rms_ratio)?;
        if self.saturation_ratio.is_nan() || self.saturation_ratio <= 0.0 {
            return Err(Error::parameter("saturation_ratio", self.saturation_ratio, "a number above 0"));
        }
        let errors = [
            ("bias_error_rad", self.bias_error_rad[0]),
            ("bias_error_rad", self.bias_error_rad[1]),
            ("quadrature_error_rad", self.quadrature_error_rad),
            ("imbalance_db", self.imbalance_db),
            ("skew_s", self.skew_s),
        ];
        errors.iter().try_for_each(|&(name, value)| crate::error::require_finite(name, value).map(|_| ()))
    }

    /// Field of mean power 1 that a periodic drive makes of unmodulated light.
    ///
    /// # Algorithm
    /// 1. The drive is scaled to its root mean square; Q is delayed in the frequency domain.
    /// 2. Driver: v = s tanh(v/s).
    /// 3. Child: sin(pi/2 v + bias/2), v over the half-wave voltage: its null is at 0.
    /// 4. E = I + g exp(j (pi/2 + error)) Q, scaled to mean power 1.
    ///
    /// # Errors
    /// Those of [`Self::validate`], and a drive without a signal.
    ///
    /// # References
    /// Seimetz 2009, High-Order Modulation for Optical Fiber Transmission, 2.2.
    pub fn modulate(&self, drive: &mut [Complex64], sample_rate_hz: f64) -> Result<()> {
        self.validate()?;
        require_positive("sample_rate_hz", sample_rate_hz)?;
        delay_quadrature(drive, sample_rate_hz, self.skew_s);
        let count = drive.len().max(1) as f64;
        let mean_power = drive.iter().map(Complex64::norm_sqr).sum::<f64>() / count;
        if !(mean_power > 0.0 && mean_power.is_finite()) {
            return Err(Error::parameter("drive mean power", mean_power, "a finite number above 0"));
        }
        let scale = self.drive_rms_ratio / (0.5 * mean_power).sqrt();
        let child = |voltage: f64, bias_rad: f64| {
            let driven = if self.saturation_ratio.is_finite() {
                self.saturation_ratio * (voltage / self.saturation_ratio).tanh()
            } else {
                voltage
            };
            (FRAC_PI_2 * driven + 0.5 * bias_rad).sin()
        };
        let quadrature =
            Complex64::from_polar(from_db(self.imbalance_db).sqrt(), FRAC_PI_2 + self.quadrature_error_rad);
        let mut power = 0.0;
        for sample in drive.iter_mut() {
            let in_phase = child(scale * sample.re, self.bias_error_rad[0]);
            *sample = in_phase + quadrature * child(scale * sample.im, self.bias_error_rad[1]);
            power += sample.norm_sqr();
        }
        let normal = (count / power).sqrt();
        for sample in drive.iter_mut() {
            *sample *= normal;
        }
        Ok(())
    }
}

/// Delays the imaginary part of a periodic signal by a time, exactly.
fn delay_quadrature(signal: &mut [Complex64], sample_rate_hz: f64, delay_s: f64) {
    if delay_s == 0.0 || signal.is_empty() {
        return;
    }
    let mut quadrature: Vec<Complex64> = signal.iter().map(|sample| Complex64::new(sample.im, 0.0)).collect();
    Fourier::new(signal.len())
        .filter(&mut quadrature, sample_rate_hz, |frequency_hz| Complex64::cis(-TAU * frequency_hz * delay_s));
    for (sample, delayed) in signal.iter_mut().zip(&quadrature) {
        sample.im = delayed.re;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive() -> Vec<Complex64> {
        let tone = |k: f64, n: i32| (TAU * k * f64::from(n) / 256.0).sin();
        (0..256).map(|n| Complex64::new(tone(3.0, n), tone(5.0, n))).collect()
    }

    #[test]
    fn small_drive_is_linear_and_large_drive_is_not() {
        let mut field = drive();
        IqModulator::IDEAL.modulate(&mut field, 256.0).unwrap();
        assert!(field.iter().zip(drive()).all(|(a, b)| (a - b).norm() < 1e-5));
        let mut strong = drive();
        IqModulator { drive_rms_ratio: 0.5, ..IqModulator::IDEAL }.modulate(&mut strong, 256.0).unwrap();
        let power = strong.iter().map(Complex64::norm_sqr).sum::<f64>() / 256.0;
        assert!((power - 1.0).abs() < 1e-12);
        // Third harmonic of sin(pi/2 a sin x) is 2 J3(pi a/2) against 2 J1: a = 1/sqrt 2 gives 2.0 %.
        let harmonic = |k: f64| {
            strong.iter().enumerate().map(|(n, s)| s.re * (TAU * k * n as f64 / 256.0).sin()).sum::<f64>() / 128.0
        };
        let x = FRAC_PI_2 * 0.5f64.sqrt();
        let bessel = |order: i32, x: f64| {
            (0..12)
                .fold((0.0, (x / 2.0).powi(order) / (1..=order).map(f64::from).product::<f64>()), |(sum, term), k| {
                    (sum + term, -term * (x / 2.0).powi(2) / (f64::from(k + 1) * f64::from(k + 1 + order)))
                })
                .0
        };
        assert!((harmonic(9.0) / harmonic(3.0) - bessel(3, x) / bessel(1, x)).abs() < 1e-10);
    }

    #[test]
    fn bias_leaves_carrier_and_imbalance_turns_circles_to_ellipses() {
        let mut field = drive();
        IqModulator { bias_error_rad: [0.02, 0.0], drive_rms_ratio: 0.1, ..IqModulator::IDEAL }
            .modulate(&mut field, 256.0)
            .unwrap();
        let mean: Complex64 = field.iter().sum::<Complex64>() / 256.0;
        // Carrier sin(0.01) against a signal of pi/2 times 0.1 root mean square in each quadrature.
        assert!((mean.re - 0.01 / (FRAC_PI_2 * 0.1 * 2f64.sqrt())).abs() < 2e-3, "{}", mean.re);
        let mut field = drive();
        IqModulator { imbalance_db: 1.0, ..IqModulator::IDEAL }.modulate(&mut field, 256.0).unwrap();
        let (i, q) = field.iter().fold((0.0, 0.0), |(i, q), s| (i + s.re * s.re, q + s.im * s.im));
        assert!((10.0 * f64::log10(q / i) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn skew_delays_the_quadrature() {
        let mut field = drive();
        IqModulator { skew_s: 2.0 / 256.0, ..IqModulator::IDEAL }.modulate(&mut field, 256.0).unwrap();
        let reference = drive();
        for n in 0..256 {
            assert!((field[(n + 2) % 256].im - reference[n].im).abs() < 1e-5);
            assert!((field[n].re - reference[n].re).abs() < 1e-5);
        }
        assert!(IqModulator { drive_rms_ratio: 0.0, ..IqModulator::IDEAL }.validate().is_err());
        assert!(IqModulator::IDEAL.modulate(&mut [Complex64::default()], 1.0).is_err());
    }
}

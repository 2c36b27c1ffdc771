//! Electrical responses of transmitters and receivers.

use crate::error::{Result, require_positive};
use rustfft::num_complex::Complex64;
use std::f64::consts::PI;

/// y of the fourth-order Bessel-Thomson filter, whose delay is 1, at which the power is halved.
const BESSEL_SCALE: f64 = 2.113_917_674_904_216;
/// Reach and points of integrals over |H|^2.
const INTEGRAL_BANDWIDTHS: f64 = 12.0;
const INTEGRAL_STEPS: u32 = 1000;

/// Low-pass responses of unit gain at zero frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Response {
    /// No filter.
    Flat,
    /// One pole (an RC element).
    SinglePole {
        /// 3-dB bandwidth.
        bandwidth_hz: f64,
    },
    /// Fourth-order Bessel-Thomson.
    BesselThomson {
        /// 3-dB bandwidth.
        bandwidth_hz: f64,
    },
}

impl Response {
    /// Checks the bandwidth.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if it is not a finite number above 0.
    pub fn validate(&self) -> Result<()> {
        match *self {
            Self::Flat => Ok(()),
            Self::SinglePole { bandwidth_hz } | Self::BesselThomson { bandwidth_hz } => {
                require_positive("bandwidth_hz", bandwidth_hz).map(|_| ())
            }
        }
    }

    /// Complex gain at a frequency, without the filter's delay at low frequencies.
    ///
    /// # Algorithm
    /// 1. Bessel-Thomson: H = 105/(105 + 105 y + 45 y^2 + 10 y^3 + y^4), y = j 2.1139 f/f_3dB; one pole: H = 1/(1 + j f/f_3dB).
    /// 2. Turn the phase back by the group delay at zero frequency, so that an eye stays where its symbol is.
    ///
    /// # References
    /// IEEE 802.3-2022, 121.8.5.1 (reference receiver); Thomson 1949.
    pub fn at(&self, frequency_hz: f64) -> Complex64 {
        match *self {
            Self::Flat => Complex64::new(1.0, 0.0),
            Self::SinglePole { bandwidth_hz } => {
                let x = frequency_hz / bandwidth_hz;
                Complex64::cis(x) / Complex64::new(1.0, x)
            }
            Self::BesselThomson { bandwidth_hz } => {
                let x = BESSEL_SCALE * frequency_hz / bandwidth_hz;
                let denominator = Complex64::new(105.0 - 45.0 * x * x + x.powi(4), 105.0 * x - 10.0 * x.powi(3));
                Complex64::cis(x) * 105.0 / denominator
            }
        }
    }

    /// Bandwidth of a rectangular filter that lets as much white noise pass; infinite for a flat response.
    pub fn noise_bandwidth_hz(&self) -> f64 {
        match *self {
            Self::Flat => f64::INFINITY,
            Self::SinglePole { bandwidth_hz } => 0.5 * PI * bandwidth_hz,
            Self::BesselThomson { bandwidth_hz } => {
                let step_hz = INTEGRAL_BANDWIDTHS * bandwidth_hz / f64::from(INTEGRAL_STEPS);
                self.weights(bandwidth_hz).sum::<f64>() * step_hz
            }
        }
    }

    /// |H|^2 at the points of the trapezoidal rule.
    fn weights(&self, bandwidth_hz: f64) -> impl Iterator<Item = f64> + '_ {
        let step_hz = INTEGRAL_BANDWIDTHS * bandwidth_hz / f64::from(INTEGRAL_STEPS);
        (0..=INTEGRAL_STEPS)
            .map(move |step| if step == 0 { 0.5 } else { self.at(f64::from(step) * step_hz).norm_sqr() })
    }

    /// Autocorrelation over its value at 0 of white noise behind the filter, at the lags 0, T, 2T ... of `lags_count`.
    ///
    /// # Algorithm
    /// 1. r_k = integral of |H|^2 cos(2 pi f k T) over that of |H|^2, by the trapezoidal rule up to 12 bandwidths, where the
    ///    steps are fine enough for the longest lag; the integrand is smooth and dies away, so the rule converges fast.
    /// 2. A flat response leaves noise white: r_0 = 1, the rest 0.
    pub fn noise_autocorrelation(&self, symbol_rate_hz: f64, lags_count: usize) -> Vec<f64> {
        let mut out = vec![0.0; lags_count];
        let bandwidth_hz = match *self {
            Self::Flat => {
                if let Some(first) = out.first_mut() {
                    *first = 1.0;
                }
                return out;
            }
            Self::SinglePole { bandwidth_hz } => {
                for (lag, value) in out.iter_mut().enumerate() {
                    *value = (-2.0 * PI * bandwidth_hz * lag as f64 / symbol_rate_hz).exp();
                }
                return out;
            }
            Self::BesselThomson { bandwidth_hz } => bandwidth_hz,
        };
        let step_hz = INTEGRAL_BANDWIDTHS * bandwidth_hz / f64::from(INTEGRAL_STEPS);
        for (step, weight) in self.weights(bandwidth_hz).enumerate() {
            let angle = 2.0 * PI * step as f64 * step_hz / symbol_rate_hz;
            for (lag, value) in out.iter_mut().enumerate() {
                *value += weight * (angle * lag as f64).cos();
            }
        }
        if let Some(&total) = out.first() {
            for value in &mut out {
                *value /= total;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_decibels_at_the_bandwidth_and_no_delay() {
        for response in
            [Response::BesselThomson { bandwidth_hz: 26.5e9 }, Response::SinglePole { bandwidth_hz: 26.5e9 }]
        {
            assert!((response.at(26.5e9).norm_sqr() - 0.5).abs() < 1e-12);
            assert!((response.at(0.0) - 1.0).norm() < 1e-15);
            assert!(response.at(1e6).arg().abs() < 1e-12);
        }
        assert!(Response::SinglePole { bandwidth_hz: 0.0 }.validate().is_err());
    }

    #[test]
    fn noise_behind_half_the_symbol_rate_is_nearly_white() {
        let r = Response::BesselThomson { bandwidth_hz: 0.5 }.noise_autocorrelation(1.0, 4);
        assert_eq!(r[0], 1.0);
        // 0.52 of the symbol rate, which receivers are usually reckoned with, is 27.6 GHz at 53.125 GBd.
        let bandwidth_hz = Response::BesselThomson { bandwidth_hz: 26.5625e9 }.noise_bandwidth_hz();
        assert!((bandwidth_hz / 27.6e9 - 1.0).abs() < 1e-2, "{bandwidth_hz}");
        assert!(r[1..].iter().all(|value| value.abs() < 0.12), "{r:?}");
        let one_pole = Response::SinglePole { bandwidth_hz: 0.5 }.noise_autocorrelation(1.0, 2);
        assert!((one_pole[1] - (-PI).exp()).abs() < 1e-15);
    }
}

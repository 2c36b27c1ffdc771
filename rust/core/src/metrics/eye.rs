//! The eye of a PAM4 lane behind its fiber: field, square-law detection, reference receiver, one short periodic pattern.

use crate::dsp::EQUALIZER_TAPS_MAX_COUNT;
use crate::error::{Result, require_finite, require_positive};
use crate::fiber::{dispersion_phase_rad, small_signal_response_ratio};
use crate::optics::{Response, Transmitter};
use crate::signal::{Fourier, bin_frequency_hz, pam4_pattern};
use rustfft::num_complex::Complex64;
use std::f64::consts::PI;

/// Samples of a symbol: 0.05 UI, by which the two histograms of TDECQ lie beside the middle of the eye, is one of them.
pub const EYE_SAMPLES_PER_SYMBOL: usize = 20;
/// Context length of the pattern: 4^5 symbols hold each run of five once.
const PATTERN_ORDER: usize = 5;

/// Lags of the noise's autocorrelation, as many as an equalizer may have taps.
const NOISE_LAGS_COUNT: usize = EQUALIZER_TAPS_MAX_COUNT;

/// A transmitter's field with everything that does not depend on the fiber computed once.
#[derive(Clone)]
pub struct EyeSource {
    transmitter: Transmitter,
    fourier: Fourier,
    pattern: Vec<u8>,
    sent: Vec<f64>,
    field_spectrum: Vec<Complex64>,
    receiver_gain: Vec<Complex64>,
    noise_autocorrelation: Vec<f64>,
}

impl EyeSource {
    /// Prepares a transmitter and a receiver's response.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for a figure that is not allowed, [`crate::Error::Model`] if the transmitter's response
    /// overshoots below zero power.
    pub fn new(transmitter: &Transmitter, receiver: Response) -> Result<Self> {
        Self::with_order(transmitter, receiver, PATTERN_ORDER)
    }

    /// As [`EyeSource::new`], with a pattern that holds each run of `order` symbols once.
    ///
    /// # Errors
    /// As [`EyeSource::new`]; also if `order` is outside 3-7.
    pub fn with_order(transmitter: &Transmitter, receiver: Response, order: usize) -> Result<Self> {
        transmitter.validate()?;
        receiver.validate()?;
        let pattern = pam4_pattern(order)?;
        let length = pattern.len() * EYE_SAMPLES_PER_SYMBOL;
        let fourier = Fourier::new(length);
        let mut field_spectrum = transmitter.field(&pattern, EYE_SAMPLES_PER_SYMBOL, &fourier)?;
        fourier.to_spectrum(&mut field_spectrum);
        let sample_rate_hz = transmitter.symbol_rate_hz * EYE_SAMPLES_PER_SYMBOL as f64;
        let receiver_gain = (0..length)
            .map(|index| {
                let frequency_hz = bin_frequency_hz(index, length, sample_rate_hz);
                // Symbols of an even number of samples are centered half a sample early. Without a filter the shift of a
                // sharp edge by half a sample would ring, and matters little.
                let half_sample = if receiver == Response::Flat { 0.0 } else { -PI * frequency_hz / sample_rate_hz };
                receiver.at(frequency_hz) * Complex64::cis(half_sample)
            })
            .collect();
        let levels = transmitter.level_powers();
        let middle = transmitter.average_over_oma();
        let sent = pattern.iter().map(|&level| levels[level as usize] - middle).collect();
        Ok(Self {
            transmitter: *transmitter,
            noise_autocorrelation: receiver.noise_autocorrelation(transmitter.symbol_rate_hz, NOISE_LAGS_COUNT),
            fourier,
            pattern,
            sent,
            field_spectrum,
            receiver_gain,
        })
    }

    /// The transmitter.
    pub fn transmitter(&self) -> &Transmitter {
        &self.transmitter
    }

    /// Autocorrelation of the receiver's noise at lags of whole symbols.
    pub fn noise_autocorrelation(&self) -> &[f64] {
        &self.noise_autocorrelation
    }

    /// Level of each symbol, 0 to 3.
    pub fn pattern(&self) -> &[u8] {
        &self.pattern
    }

    /// Power of each symbol's level less the average power, over the outer OMA.
    pub fn sent(&self) -> &[f64] {
        &self.sent
    }

    /// Detected signal less its average, over the outer OMA; symbol k is centered on its sample
    /// [`EYE_SAMPLES_PER_SYMBOL`] * k.
    ///
    /// # Algorithm
    /// 1. Turn the phase of the field's spectrum by the accumulated dispersion: the fiber acts on the field, so that chirp and
    ///    large modulation are exact.
    /// 2. Power |E|^2, which dispersion moves but does not change on average.
    /// 3. The receiver's response.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if a figure is not finite.
    pub fn detect(&self, dispersion_s_per_m: f64, wavelength_m: f64) -> Result<Vec<f64>> {
        require_finite("dispersion_s_per_m", dispersion_s_per_m)?;
        require_positive("wavelength_m", wavelength_m)?;
        let length = self.field_spectrum.len();
        let sample_rate_hz = self.transmitter.symbol_rate_hz * EYE_SAMPLES_PER_SYMBOL as f64;
        let mut signal = self.field_spectrum.clone();
        if dispersion_s_per_m != 0.0 {
            for (index, value) in signal.iter_mut().enumerate() {
                let offset_hz = bin_frequency_hz(index, length, sample_rate_hz);
                *value *= Complex64::cis(dispersion_phase_rad(dispersion_s_per_m, wavelength_m, offset_hz));
            }
        }
        self.fourier.to_signal(&mut signal);
        for value in &mut signal {
            *value = Complex64::new(value.norm_sqr(), 0.0);
        }
        self.fourier.to_spectrum(&mut signal);
        for (value, gain) in signal.iter_mut().zip(&self.receiver_gain) {
            *value *= gain;
        }
        signal[0] = Complex64::default();
        self.fourier.to_signal(&mut signal);
        Ok(signal.iter().map(|value| value.re).collect())
    }
}

/// Response to one rectangular symbol of unit height through transmitter, small-signal fiber and receiver, sampled from
/// `first_s` in steps of `1/samples_per_symbol` of a symbol, 0 being the symbol's middle.
///
/// It is the linear part of what [`EyeSource::detect`] does exactly: right for small modulation, and a picture of the
/// intersymbol interference otherwise.
///
/// # Algorithm
/// 1. Spectrum: sin(pi f T)/(pi f) x transmitter x (cos theta - alpha sin theta) x receiver.
/// 2. Fourier sum up to five times the symbol rate over a period of 32 symbols.
///
/// # Errors
/// [`crate::Error::Parameter`] for a figure that is not allowed.
pub fn pulse_response(
    transmitter: &Transmitter,
    receiver: Response,
    dispersion_s_per_m: f64,
    wavelength_m: f64,
    first_s: f64,
    samples_per_symbol: usize,
    samples_count: usize,
) -> Result<Vec<f64>> {
    transmitter.validate()?;
    receiver.validate()?;
    require_finite("dispersion_s_per_m", dispersion_s_per_m)?;
    require_positive("wavelength_m", wavelength_m)?;
    require_finite("first_s", first_s)?;
    let (period, rate_hz) = (32.0, transmitter.symbol_rate_hz);
    let bins: Vec<(f64, Complex64)> = (1..160)
        .map(|bin| {
            let per_symbol = f64::from(bin) / period;
            let frequency_hz = per_symbol * rate_hz;
            let fiber =
                small_signal_response_ratio(dispersion_s_per_m, wavelength_m, transmitter.chirp_alpha, frequency_hz);
            let sinc = (PI * per_symbol).sin() / (PI * per_symbol);
            (per_symbol, transmitter.response.at(frequency_hz) * receiver.at(frequency_hz) * sinc * fiber)
        })
        .collect();
    Ok((0..samples_count)
        .map(|sample| {
            let time_ui = first_s * rate_hz + sample as f64 / samples_per_symbol as f64;
            let sum: f64 = bins.iter().map(|(f, gain)| (gain * Complex64::cis(2.0 * PI * f * time_ui)).re).sum();
            (1.0 + 2.0 * sum) / period
        })
        .collect())
}

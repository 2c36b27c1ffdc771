//! A sampled waveform of whole symbols behind the reference receiver's filter, read at any time within the symbol.

use crate::error::{Error, Result};
use crate::optics::Response;
use rayon::prelude::*;
use rustfft::num_complex::Complex64;
use rustfft::{Fft, FftPlanner};
use std::f64::consts::PI;
use std::sync::Arc;

/// Frequencies that are kept, in symbol rates: behind the receiver's filter nothing is left beyond.
const BAND_SYMBOL_RATES: usize = 4;
/// Bins for which a phasor is turned step by step before it is computed anew.
const TURNS: usize = 64;

/// A waveform, periodic over a whole number of symbols, as a Fourier series.
#[derive(Clone)]
pub struct SampledEye {
    symbols: Vec<u8>,
    /// Coefficients of the frequencies from 0 up, in steps of the symbol rate over the number of symbols.
    series: Vec<Complex64>,
    /// From the spectrum of one value per symbol to these.
    inverse: Arc<dyn Fft<f64>>,
    guard: usize,
}

impl SampledEye {
    /// Filters a record whose samples span as many symbols as are given; `guard` symbols at either end are not to be judged.
    ///
    /// # Algorithm
    /// FFT of the record, times the response at every frequency up to four symbol rates.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there are fewer than two samples in a symbol.
    pub fn new(
        samples: &[f64],
        symbols: Vec<u8>,
        guard: usize,
        symbol_rate_hz: f64,
        receiver: Response,
    ) -> Result<Self> {
        let count = symbols.len();
        if samples.len() < 2 * count || count == 0 {
            return Err(Error::parameter(
                "samples",
                samples.len(),
                format!("two for each of {count} symbols at least"),
            ));
        }
        let mut spectrum = real_spectrum(samples, (samples.len() / 2).min(BAND_SYMBOL_RATES * count) + 1);
        let (step_hz, scale) = (symbol_rate_hz / count as f64, 1.0 / samples.len() as f64);
        for (bin, value) in spectrum.iter_mut().enumerate() {
            *value *= receiver.at(bin as f64 * step_hz) * scale;
        }
        // The bin at half the sample rate stands for both signs.
        if 2 * (spectrum.len() - 1) == samples.len()
            && let Some(last) = spectrum.last_mut()
        {
            *last *= 0.5;
        }
        Ok(Self { symbols, series: spectrum, inverse: FftPlanner::new().plan_fft_inverse(count), guard })
    }

    /// Levels of the symbols, 0 to 3.
    pub fn symbols(&self) -> &[u8] {
        &self.symbols
    }

    /// Mean over the record.
    pub fn mean(&self) -> f64 {
        self.series[0].re
    }

    /// Symbols that are judged.
    pub fn judged(&self) -> std::ops::Range<usize> {
        self.guard..self.symbols.len() - self.guard
    }

    /// Values and their slopes (per symbol) at a time behind the start of every symbol.
    pub fn values_and_slopes(&self, time: f64) -> (Vec<f64>, Vec<f64>) {
        // A real signal x + j x': both come out of one transform, the slope of exp(j w t) being j w.
        self.read(time, |radians| (Complex64::new(1.0 - radians, 0.0), Complex64::new(1.0 + radians, 0.0)))
    }

    /// Means over `width` symbols around a time behind the start of every symbol, and around half a symbol later.
    pub fn means(&self, time: f64, width: f64) -> (Vec<f64>, Vec<f64>) {
        self.read_pair(time, 0.5, |radians| {
            let half = 0.5 * width * radians;
            if half == 0.0 { 1.0 } else { half.sin() / half }
        })
    }

    /// The series, its frequencies weighed, at two times that lie `apart` symbols from each other.
    fn read_pair(&self, time: f64, apart: f64, weight: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<f64>) {
        let count = self.symbols.len();
        let step = 2.0 * PI / count as f64;
        let mut folded = vec![Complex64::default(); count];
        let turns = [time, time + apart].map(|time| Complex64::cis(step * time));
        let (mut phasors, mut place) = ([Complex64::new(1.0, 0.0); 2], 0);
        for (bin, value) in self.series.iter().enumerate() {
            if bin % TURNS == 0 {
                phasors = [time, time + apart].map(|time| Complex64::cis(step * time * bin as f64));
            }
            let weighed = value * weight(step * bin as f64);
            // Two real signals x + j y in one transform.
            let [x, y] = [weighed * phasors[0], weighed * phasors[1]];
            folded[place] += Complex64::new(x.re - y.im, x.im + y.re);
            if bin > 0 {
                let mirror = if place == 0 { 0 } else { count - place };
                folded[mirror] += Complex64::new(x.re + y.im, y.re - x.im);
            }
            phasors = [phasors[0] * turns[0], phasors[1] * turns[1]];
            place = if place + 1 == count { 0 } else { place + 1 };
        }
        self.inverse.process(&mut folded);
        folded.iter().map(|value| (value.re, value.im)).unzip()
    }

    /// Real and imaginary part of the series with factors for the frequencies of either sign.
    fn read(&self, time: f64, factors: impl Fn(f64) -> (Complex64, Complex64)) -> (Vec<f64>, Vec<f64>) {
        let count = self.symbols.len();
        let step = 2.0 * PI / count as f64;
        let mut folded = vec![Complex64::default(); count];
        let turn = Complex64::cis(step * time);
        let (mut phasor, mut place) = (Complex64::new(1.0, 0.0), 0);
        for (bin, value) in self.series.iter().enumerate() {
            if bin % TURNS == 0 {
                phasor = Complex64::cis(step * time * bin as f64);
            }
            let turned = value * phasor;
            let (up, down) = factors(step * bin as f64);
            folded[place] += turned * up;
            if bin > 0 {
                let mirror = if place == 0 { 0 } else { count - place };
                folded[mirror] += turned.conj() * down;
            }
            phasor *= turn;
            place = if place + 1 == count { 0 } else { place + 1 };
        }
        self.inverse.process(&mut folded);
        folded.iter().map(|value| (value.re, value.im)).unzip()
    }

    /// The waveform on a grid of so many samples per symbol, from the start of the record.
    ///
    /// # Algorithm
    /// An even number goes by pairs of times through transforms of one value per symbol, whose plan is there.
    pub fn grid(&self, samples_per_symbol: usize) -> Vec<f64> {
        let length = self.symbols.len() * samples_per_symbol;
        if samples_per_symbol.is_multiple_of(2) {
            let apart = 1.0 / samples_per_symbol as f64;
            let pairs: Vec<(Vec<f64>, Vec<f64>)> = (0..samples_per_symbol / 2)
                .into_par_iter()
                .map(|pair| self.read_pair((2 * pair) as f64 * apart, apart, |_| 1.0))
                .collect();
            let mut out = Vec::with_capacity(length);
            for symbol in 0..self.symbols.len() {
                out.extend(pairs.iter().flat_map(|(first, second)| [first[symbol], second[symbol]]));
            }
            return out;
        }
        let mut spectrum = vec![Complex64::default(); length];
        for (bin, value) in self.series.iter().enumerate().take(length / 2 + 1) {
            // Twice the half at positive frequencies; the real part is the signal.
            spectrum[bin] = if bin == 0 { *value } else { 2.0 * value };
        }
        FftPlanner::new().plan_fft_inverse(length).process(&mut spectrum);
        spectrum.iter().map(|value| value.re).collect()
    }
}

/// Takes a period to its spectrum. The way back is not planned, which for a length used once is half of the plan.
fn transform(signal: &mut [Complex64]) {
    FftPlanner::new().plan_fft_forward(signal.len()).process(signal);
}

/// The first bins of the spectrum of real samples.
///
/// # Algorithm
/// An even number of them goes through one transform of half the length, even samples as real, odd ones as imaginary parts:
/// X_k = (Z_k + Z*_{-k})/2 - j exp(-2 pi j k/N) (Z_k - Z*_{-k})/2.
fn real_spectrum(samples: &[f64], bins_count: usize) -> Vec<Complex64> {
    let length = samples.len();
    if !length.is_multiple_of(2) {
        let mut spectrum: Vec<Complex64> = samples.iter().map(|&sample| sample.into()).collect();
        transform(&mut spectrum);
        spectrum.truncate(bins_count);
        return spectrum;
    }
    let half = length / 2;
    let mut packed: Vec<Complex64> = samples.chunks_exact(2).map(|pair| Complex64::new(pair[0], pair[1])).collect();
    transform(&mut packed);
    let step = -2.0 * PI / length as f64;
    let turn = Complex64::cis(step);
    let mut phasor = Complex64::new(1.0, 0.0);
    (0..bins_count)
        .map(|bin| {
            if bin % TURNS == 0 {
                phasor = Complex64::cis(step * bin as f64);
            }
            let (here, mirror) = (packed[bin % half], packed[(half - bin % half) % half].conj());
            let odd = (here - mirror) * phasor;
            phasor *= turn;
            // -j (x + j y) = y - j x.
            0.5 * (here + mirror + Complex64::new(odd.im, -odd.re))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Fourier;

    #[test]
    fn values_slopes_and_means_of_tones() {
        let (symbols, per_symbol) = (30, 9);
        let wave = |time: f64| 0.7 + (2.0 * PI * 0.4 * time + 0.3).cos() - 0.5 * (2.0 * PI * 1.3 * time).sin();
        let slope = |time: f64| -0.8 * PI * (0.8 * PI * time + 0.3).sin() - 1.3 * PI * (2.6 * PI * time).cos();
        let samples: Vec<f64> = (0..symbols * per_symbol).map(|n| wave(n as f64 / per_symbol as f64)).collect();
        let eye = SampledEye::new(&samples, vec![0; symbols], 0, 1.0, Response::Flat).unwrap();
        assert!((eye.mean() - 0.7).abs() < 1e-12);
        let (values, slopes) = eye.values_and_slopes(0.37);
        let (means, later) = eye.means(0.37, 2.0);
        for k in 0..symbols {
            let time = k as f64 + 0.37;
            assert!((values[k] - wave(time)).abs() < 1e-11 && (slopes[k] - slope(time)).abs() < 1e-10);
            let mean =
                |middle: f64| (0..2000).map(|i| wave(middle - 1.0 + (f64::from(i) + 0.5) * 1e-3)).sum::<f64>() / 2000.0;
            assert!((means[k] - mean(time)).abs() < 1e-6 && (later[k] - mean(time + 0.5)).abs() < 1e-6);
        }
        for count in [4, 5] {
            let grid = eye.grid(count);
            assert!(grid.iter().enumerate().all(|(n, value)| (value - wave(n as f64 / count as f64)).abs() < 1e-11));
        }
        for count in [269, 270] {
            let mut plain: Vec<Complex64> = samples[..count].iter().map(|&sample| sample.into()).collect();
            Fourier::new(count).to_spectrum(&mut plain);
            let bins = real_spectrum(&samples[..count], count / 2 + 1);
            assert!(bins.iter().zip(&plain).all(|(a, b)| (a - b).norm() < 1e-10));
        }
        assert!(SampledEye::new(&samples[..50], vec![0; 30], 0, 1.0, Response::Flat).is_err());
    }
}

//! What one rectangular symbol becomes behind pre-emphasis and a response, and whole drive waveforms made of such pulses.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::signal::{Fourier, bin_frequency_hz};
use crate::vector::{ColumnWork, vectorize};
use rustfft::num_complex::Complex64;
use std::f64::consts::{PI, TAU};
use std::ops::Range;

/// Period in which pulses are computed: far longer than they are.
const PERIOD_SYMBOLS: usize = 64;
/// What is left out of a pulse's tails, over its greatest value.
const TAIL_RATIO: f64 = 1e-6;
/// The same of an impulse response, which rings on as long as the response does not end within half of the sample rate: 1e-4 are
/// 1e-7 of its energy, and the gain at zero frequency is kept.
const IMPULSE_TAIL_RATIO: f64 = 1e-4;
/// Samples of a symbol that are computed together.
const LANES: usize = 4;

/// Samples of a pulse in whole symbols: entry `lag * samples_per_symbol + phase` belongs to the time `first + lag +
/// phase/samples_per_symbol` symbols after the symbol's middle.
#[derive(Debug, Clone)]
struct Pulse {
    first: isize,
    samples: Vec<f64>,
}

/// Pulses of a transmitter: of a symbol, and of an edge that comes too late.
#[derive(Debug, Clone)]
pub struct DrivePulse {
    samples_per_symbol: usize,
    symbol: Pulse,
    /// Response to an impulse half a symbol early, and its slope: what an edge's delay adds per symbol of it and per half
    /// of its square.
    edge: [Pulse; 2],
}

/// Impulse response at the sample rate, turned about: tap j weighs the sample j - `center` from the one that is wanted.
///
/// # Errors
/// [`Error::Parameter`] if the samples per symbol are not allowed or the response is not finite.
pub(super) fn impulse_taps(
    symbol_rate_hz: f64,
    samples_per_symbol: usize,
    response: impl Fn(f64) -> Complex64,
) -> Result<(Vec<f64>, usize)> {
    require_positive("symbol_rate_hz", symbol_rate_hz)?;
    check_samples(samples_per_symbol)?;
    let count = PERIOD_SYMBOLS * samples_per_symbol;
    let rate_hz = symbol_rate_hz * samples_per_symbol as f64;
    let mut spectrum: Vec<Complex64> = (0..count).map(|bin| response(bin_frequency_hz(bin, count, rate_hz))).collect();
    if let Some(gain) = spectrum.iter().find(|gain| !gain.is_finite()) {
        return Err(Error::parameter("response", gain, "a finite gain at every frequency"));
    }
    Fourier::new(count).to_signal(&mut spectrum);
    let period: Vec<f64> = spectrum.iter().map(|value| value.re).collect();
    let mut taps = Pulse::cut(&period, (1, count), IMPULSE_TAIL_RATIO);
    let kept: f64 = taps.samples.iter().sum();
    if kept != 0.0 {
        for tap in &mut taps.samples {
            *tap *= period.iter().sum::<f64>() / kept;
        }
    }
    let latest = taps.first + taps.samples.len() as isize - 1;
    Ok((taps.samples.into_iter().rev().collect(), latest.unsigned_abs()))
}

fn check_samples(samples_per_symbol: usize) -> Result<()> {
    if !samples_per_symbol.is_multiple_of(LANES) || !(LANES..=64).contains(&samples_per_symbol) {
        return Err(Error::parameter("samples_per_symbol", samples_per_symbol, "a multiple of 4 from 4 to 64"));
    }
    Ok(())
}

impl DrivePulse {
    /// The pulses behind symbol-spaced pre-emphasis taps, whose main one is at `main_tap`, and a response.
    ///
    /// # Algorithm
    /// 1. Spectrum: sin(pi f T)/(pi f T), the taps' sum and the response, up to half of the sample rate: exact for a response
    ///    that leaves nothing beyond.
    /// 2. Edges that come late by tau add -step (tau g - tau^2/2 g'), g being the response to an impulse: right to the third
    ///    power of 2 pi f tau.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the samples per symbol are not a multiple of 4 up to 64, there is no tap, or a tap or the
    /// response is not finite.
    pub fn new(
        symbol_rate_hz: f64,
        samples_per_symbol: usize,
        (taps, main_tap): (&[f64], usize),
        response: impl Fn(f64) -> Complex64,
    ) -> Result<Self> {
        require_positive("symbol_rate_hz", symbol_rate_hz)?;
        check_samples(samples_per_symbol)?;
        if main_tap >= taps.len() || taps.len() > PERIOD_SYMBOLS / 4 {
            let allowed = format!("1 to {} taps, one of which is the main one", PERIOD_SYMBOLS / 4);
            return Err(Error::parameter("pre-emphasis taps", taps.len(), allowed));
        }
        for &tap in taps {
            require_finite("pre-emphasis tap", tap)?;
        }
        let count = PERIOD_SYMBOLS * samples_per_symbol;
        let mut symbol = vec![Complex64::default(); count];
        let mut edge = [symbol.clone(), symbol.clone()];
        for bin in 0..count {
            let signed = if 2 * bin < count { bin as f64 } else { bin as f64 - count as f64 };
            // Per symbol. The bin at half of the sample rate belongs to both sides and is left out.
            let frequency = if 2 * bin == count { continue } else { signed / PERIOD_SYMBOLS as f64 };
            let filter: Complex64 = taps
                .iter()
                .enumerate()
                .map(|(place, tap)| tap * Complex64::cis(-TAU * frequency * (place as f64 - main_tap as f64)))
                .sum();
            let gain = filter * response(frequency * symbol_rate_hz) / PERIOD_SYMBOLS as f64;
            if !gain.is_finite() {
                return Err(Error::parameter("response", gain, "a finite gain at every frequency"));
            }
            let sinc = if frequency == 0.0 { 1.0 } else { (PI * frequency).sin() / (PI * frequency) };
            symbol[bin] = gain * sinc;
            edge[0][bin] = gain * Complex64::cis(PI * frequency);
            edge[1][bin] = edge[0][bin] * Complex64::new(0.0, TAU * frequency);
        }
        let fourier = Fourier::new(count);
        let pulse = |mut spectrum: Vec<Complex64>| {
            fourier.to_signal(&mut spectrum);
            // The transform divides by the count; the sum over frequencies is wanted.
            Pulse::cut(
                &spectrum.iter().map(|value| value.re * count as f64).collect::<Vec<_>>(),
                (samples_per_symbol, PERIOD_SYMBOLS),
                TAIL_RATIO,
            )
        };
        let [late, slope] = edge;
        Ok(Self { samples_per_symbol, symbol: pulse(symbol), edge: [pulse(late), pulse(slope)] })
    }

    /// Samples per symbol.
    pub fn samples_per_symbol(&self) -> usize {
        self.samples_per_symbol
    }

    /// Symbols before and behind a symbol that its pulse reaches.
    pub fn reach_symbols(&self) -> Range<isize> {
        self.symbol.first..self.symbol.first + (self.symbol.samples.len() / self.samples_per_symbol) as isize
    }

    /// The pulse of a symbol and the time of its first sample, in symbols after the symbol's middle.
    pub fn symbol(&self) -> (&[f64], isize) {
        (&self.symbol.samples, self.symbol.first)
    }

    /// Writes the waveform of a periodic sequence of levels from symbol `first` on: sample `samples_per_symbol * k` of the
    /// period is the middle of symbol k.
    ///
    /// `delays`: how late the edge in front of each symbol is, in symbols; empty where all are on time.
    pub fn drive(&self, levels: &[f64], delays: &[f64], first: isize, out: &mut [f64]) {
        let count = levels.len() as isize;
        let level = |symbol: isize| levels[symbol.rem_euclid(count) as usize];
        out.fill(0.0);
        vectorize(Convolution { pulse: &self.symbol, per_symbol: self.samples_per_symbol, first, weight: level, out });
        if delays.is_empty() {
            return;
        }
        let delay = |symbol: isize| delays[symbol.rem_euclid(count) as usize];
        let step = |symbol: isize| level(symbol) - level(symbol - 1);
        let late = |symbol: isize| -step(symbol) * delay(symbol);
        let squared = |symbol: isize| 0.5 * step(symbol) * delay(symbol).powi(2);
        let per_symbol = self.samples_per_symbol;
        vectorize(Convolution { pulse: &self.edge[0], per_symbol, first, weight: late, out });
        vectorize(Convolution { pulse: &self.edge[1], per_symbol, first, weight: squared, out });
    }
}

impl Pulse {
    /// The symbols of a period, 0 in its middle, that hold more than tails; 0 is among them.
    fn cut(period: &[f64], (per_symbol, symbols): (usize, usize), tail_ratio: f64) -> Self {
        let greatest = period.iter().fold(0.0f64, |most, value| most.max(value.abs()));
        let half = (symbols / 2) as isize;
        let symbol_at = |lag: isize| {
            let start = lag.rem_euclid(symbols as isize) as usize * per_symbol;
            &period[start..start + per_symbol]
        };
        let counts = |lag: &isize| symbol_at(*lag).iter().any(|value| value.abs() > tail_ratio * greatest);
        let first = (-half..half).find(counts).unwrap_or(0).min(0);
        let last = (-half..half).rev().find(counts).unwrap_or(0).max(0);
        Self { first, samples: (first..=last).flat_map(|lag| symbol_at(lag).iter().copied()).collect() }
    }
}

/// Adds pulses with the weights of their symbols to the samples of `out`, which begin at the middle of symbol `first`.
struct Convolution<'a, F> {
    pulse: &'a Pulse,
    per_symbol: usize,
    first: isize,
    weight: F,
    out: &'a mut [f64],
}

impl<F: Fn(isize) -> f64> ColumnWork for Convolution<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let lags = self.pulse.samples.len() / self.per_symbol;
        let symbols = self.out.len().div_ceil(self.per_symbol);
        // Weight of symbol k - first + lags - 1 in `out`'s own count; each is used by as many symbols as the pulse is long.
        let earliest = self.first - self.pulse.first - lags as isize + 1;
        let weights: Vec<f64> =
            (0..(symbols + lags) as isize - 1).map(|index| (self.weight)(earliest + index)).collect();
        for (k, samples) in self.out.chunks_mut(self.per_symbol).enumerate() {
            let window = &weights[k..k + lags];
            let (four, rest) = samples.as_chunks_mut::<LANES>();
            for (group, sums) in four.iter_mut().enumerate() {
                let mut sum = *sums;
                for (lag, weight) in window.iter().rev().enumerate() {
                    let at = lag * self.per_symbol + group * LANES;
                    let taps = &self.pulse.samples[at..at + LANES];
                    for (slot, tap) in sum.iter_mut().zip(taps) {
                        *slot += weight * tap;
                    }
                }
                *sums = sum;
            }
            let done = four.len() * LANES;
            for (phase, value) in rest.iter_mut().enumerate() {
                for (lag, weight) in window.iter().rev().enumerate() {
                    *value += weight * self.pulse.samples[lag * self.per_symbol + done + phase];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::Response;
    use crate::signal::pam4_pattern;

    const RATE: f64 = 53.125e9;

    fn levels() -> Vec<f64> {
        pam4_pattern(4).unwrap().iter().map(|&level| f64::from(level)).collect()
    }

    fn bessel(ratio: f64) -> impl Fn(f64) -> Complex64 {
        let response = Response::BesselThomson { bandwidth_hz: ratio * RATE };
        move |frequency_hz| response.at(frequency_hz)
    }

    /// Rectangles through the response by one transform of the whole pattern at sixteen times the sample rate.
    #[test]
    fn pulses_add_up_to_the_filtered_rectangles() {
        let levels = levels();
        let pulse = DrivePulse::new(RATE, 8, (&[1.0], 0), bessel(0.6)).unwrap();
        let mut out = vec![0.0; levels.len() * 8];
        pulse.drive(&levels, &[], 0, &mut out);
        let fine = 128;
        let mut field: Vec<Complex64> =
            (0..levels.len() * fine).map(|n| Complex64::from(levels[((n + fine / 2) / fine) % levels.len()])).collect();
        // An even number of samples: the middle is half a sample late.
        Fourier::new(field.len()).filter(&mut field, RATE * fine as f64, |f| {
            bessel(0.6)(f) * Complex64::cis(-PI * f / (RATE * fine as f64))
        });
        for (k, value) in out.iter().enumerate() {
            assert!((value - field[k * fine / 8].re).abs() < 2e-3, "{k}: {value} {}", field[k * fine / 8].re);
        }
        // A part of the waveform is the same numbers, wherever it begins.
        let mut part = vec![0.0; 80];
        pulse.drive(&levels, &[], -3, &mut part);
        assert_eq!(part[24..], out[..56]);
    }

    #[test]
    fn late_edges_are_late() {
        let levels = levels();
        let pulse = DrivePulse::new(RATE, 32, (&[1.0], 0), bessel(0.5)).unwrap();
        let (mut plain, mut late) = (vec![0.0; levels.len() * 32], vec![0.0; levels.len() * 32]);
        pulse.drive(&levels, &[], 0, &mut plain);
        // All edges late by a sample: the waveform is late by a sample.
        pulse.drive(&levels, &vec![1.0 / 32.0; levels.len()], 0, &mut late);
        for k in 1..plain.len() {
            assert!((late[k] - plain[k - 1]).abs() < 2e-3, "{k}: {} {}", late[k], plain[k - 1]);
        }
        assert!(late.iter().zip(&plain).any(|(a, b)| (a - b).abs() > 0.05));
    }

    #[test]
    fn taps_are_echoes() {
        let levels = levels();
        let plain = DrivePulse::new(RATE, 4, (&[1.0], 0), bessel(0.6)).unwrap();
        let shaped = DrivePulse::new(RATE, 4, (&[-0.1, 1.2, -0.1], 1), bessel(0.6)).unwrap();
        let count = levels.len() * 4;
        let (mut one, mut three) = (vec![0.0; count], vec![0.0; count]);
        plain.drive(&levels, &[], 0, &mut one);
        shaped.drive(&levels, &[], 0, &mut three);
        for k in 0..count {
            let expected = 1.2 * one[k] - 0.1 * (one[(k + 4) % count] + one[(k + count - 4) % count]);
            assert!((three[k] - expected).abs() < 1e-5);
        }
    }

    #[test]
    fn refusals() {
        for (per_symbol, taps, main) in [(6, 1, 0), (128, 1, 0), (8, 0, 0), (8, 2, 2), (8, 20, 0)] {
            assert!(DrivePulse::new(RATE, per_symbol, (&vec![1.0; taps], main), bessel(0.6)).is_err());
        }
        assert!(DrivePulse::new(RATE, 8, (&[f64::NAN], 0), bessel(0.6)).is_err());
        assert!(DrivePulse::new(RATE, 8, (&[1.0], 0), |_| Complex64::from(f64::NAN)).is_err());
    }
}

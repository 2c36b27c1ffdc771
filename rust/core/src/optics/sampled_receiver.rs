//! The sampled front end of a direct-detect receiver: photocurrent, noise by level, the amplifier's response.

use super::drive_pulse::impulse_taps;
use super::photodetector::Photodetector;
use crate::error::{Error, Result, require_positive};
use crate::gaussian::fill_complex_normals;
use crate::rng::RandomSource;
use crate::vector::{ColumnWork, vectorize};
use crate::wide::{Wide, WideWork, enter_doubles};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;

const NOISE_PURPOSE: u32 = 0x5044_4E01;
/// Outputs of one piece of work.
const PIECE_COUNT: usize = 1024;
/// Products that are made together, and sums of them side by side.
const LANES: usize = 4;
const UNROLLED: usize = 4 * LANES;

/// A photodetector with its amplifier, sampled.
#[derive(Debug, Clone)]
pub struct SampledReceiver {
    detector: Photodetector,
    /// One-sided density of the noise that does not depend on the light.
    thermal_a2_per_hz: f64,
    /// Relative intensity noise of the light, as a ratio per hertz.
    intensity_per_hz: f64,
    /// Density of an optical amplifier's noise in the light's polarization, at the detector.
    amplified_w_per_hz: f64,
    sample_rate_hz: f64,
    /// Impulse response, turned about so that a tap weighs the sample at its own place; `center` belongs to time 0.
    taps: Vec<f64>,
    center: usize,
}

/// Where a periodic waveform is sampled: every `step` samples from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplingGrid {
    /// First sample.
    pub first: usize,
    /// Samples between two of the grid; divides the period.
    pub step: usize,
}

/// Squared noise of each decision behind further taps.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionNoise {
    /// Noise that does not depend on the light.
    pub thermal_a2: f64,
    /// Shot noise of the dark current.
    pub dark_a2: f64,
    /// Shot noise of the light, and its beat with an amplifier's noise, in proportion to its power.
    pub shot_a2: Vec<f64>,
    /// Intensity noise, in proportion to the square of the power.
    pub intensity_a2: Vec<f64>,
}

impl SampledReceiver {
    /// A receiver with a response of unit gain at zero frequency.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the figure that is not allowed.
    pub fn new(
        detector: Photodetector,
        thermal_a2_per_hz: f64,
        intensity_per_hz: f64,
        (symbol_rate_hz, samples_per_symbol): (f64, usize),
        response: impl Fn(f64) -> Complex64,
    ) -> Result<Self> {
        require_positive("responsivity_a_per_w", detector.responsivity_a_per_w)?;
        if !(detector.gain_ratio >= 1.0 && detector.gain_ratio.is_finite()) {
            return Err(Error::parameter("gain_ratio", detector.gain_ratio, "a finite number, 1 or above"));
        }
        for (name, value) in [
            ("thermal_a2_per_hz", thermal_a2_per_hz),
            ("intensity_per_hz", intensity_per_hz),
            ("dark_current_a", detector.dark_current_a),
            ("ionization_ratio", detector.ionization_ratio),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::parameter(name, value, "a finite number, 0 or above"));
            }
        }
        let (mut taps, center) = impulse_taps(symbol_rate_hz, samples_per_symbol, response)?;
        taps.resize(taps.len().next_multiple_of(UNROLLED), 0.0);
        let sample_rate_hz = symbol_rate_hz * samples_per_symbol as f64;
        Ok(Self {
            detector,
            thermal_a2_per_hz,
            intensity_per_hz,
            amplified_w_per_hz: 0.0,
            sample_rate_hz,
            taps,
            center,
        })
    }

    /// The same receiver behind an optical amplifier whose noise has this density in the light's polarization: it beats with
    /// the light, 4 (M R)^2 P S.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the density is negative or not finite.
    ///
    /// # References
    /// Olsson 1989, doi 10.1109/50.29634.
    pub fn behind_amplifier(mut self, amplified_w_per_hz: f64) -> Result<Self> {
        if !(amplified_w_per_hz >= 0.0 && amplified_w_per_hz.is_finite()) {
            return Err(Error::parameter("amplified_w_per_hz", amplified_w_per_hz, "a finite number, 0 or above"));
        }
        self.amplified_w_per_hz = amplified_w_per_hz;
        Ok(self)
    }

    /// Noise per watt of light and hertz: shot noise, and the beat with an amplifier's noise.
    fn noise_a2_per_w_hz(&self) -> f64 {
        let shot = self.detector.shot_noise_a2(1.0, 1.0) - self.detector.shot_noise_a2(0.0, 1.0);
        shot + 4.0 * self.detector.current_a(1.0).powi(2) * self.amplified_w_per_hz
    }

    /// The current behind the response on a grid of a periodic waveform of optical power, with noise where there is a source.
    ///
    /// # Algorithm
    /// 1. i = M R P; at each sample a normal number with the variance (thermal + 2 q M^2 F (R P + I_d) + RIN i^2) times half of
    ///    the sample rate.
    /// 2. The response as a sum over its taps.
    ///
    /// Cost: one multiplication per tap and output, one normal number per sample.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the period is no multiple of the step, odd, or shorter than the response.
    pub fn receive(&self, power_w: &[f64], grid: SamplingGrid, noise: Option<&RandomSource>) -> Result<Vec<f64>> {
        let outputs = self.check_period(power_w, grid)?;
        let mut out = vec![0.0; outputs];
        let room = || (Vec::new(), Vec::new());
        out.par_chunks_mut(PIECE_COUNT).enumerate().for_each_init(room, |(current, normals), (piece, part)| {
            // An even start: noise comes in pairs of samples.
            let at = (grid.first + piece * PIECE_COUNT * grid.step) as isize - self.center as isize;
            let start = at - at.rem_euclid(2);
            let needed = (at - start) as usize + (part.len() - 1) * grid.step + self.taps.len();
            self.detect(power_w, start, needed + needed % 2, noise, current, normals);
            let samples = &current[(at - start) as usize..];
            enter_doubles(Correlate { samples, taps: &self.taps, step: grid.step, out: part });
        });
        Ok(out)
    }

    /// Noise of each decision on a grid whose samples pass further taps, spaced by `tap_step` samples, the latest first;
    /// `lead` of them come before the main one.
    ///
    /// # Errors
    /// As [`SampledReceiver::receive`].
    pub fn decision_noise(
        &self,
        power_w: &[f64],
        grid: SamplingGrid,
        (further, lead, tap_step): (&[f64], usize, usize),
    ) -> Result<DecisionNoise> {
        let outputs = self.check_period(power_w, grid)?;
        // The taps and the response together; the oldest sample first.
        let mut squared = vec![0.0; self.taps.len() + further.len().saturating_sub(1) * tap_step];
        for (age, weight) in further.iter().rev().enumerate() {
            for (slot, tap) in squared[age * tap_step..].iter_mut().zip(&self.taps) {
                *slot += weight * tap;
            }
        }
        for tap in &mut squared {
            *tap *= *tap;
        }
        squared.resize(squared.len().next_multiple_of(UNROLLED), 0.0);
        let oldest = further.len().saturating_sub(1).saturating_sub(lead) * tap_step;
        let (gain, detector) = (0.5 * self.sample_rate_hz, &self.detector);
        let total: f64 = squared.iter().sum::<f64>() * gain;
        let shot = self.noise_a2_per_w_hz();
        let intensity = self.intensity_per_hz * detector.current_a(1.0).powi(2);
        let (mut shot_a2, mut intensity_a2) = (vec![0.0; outputs], vec![0.0; outputs]);
        shot_a2.par_chunks_mut(PIECE_COUNT).zip(intensity_a2.par_chunks_mut(PIECE_COUNT)).enumerate().for_each(
            |(piece, (first, second))| {
                let at = (grid.first + piece * PIECE_COUNT * grid.step) as isize - (self.center + oldest) as isize;
                let needed = (first.len() - 1) * grid.step + squared.len();
                let mut power: Vec<f64> = Vec::with_capacity(needed);
                power.extend(periodic(power_w, at, needed));
                enter_doubles(Correlate { samples: &power, taps: &squared, step: grid.step, out: first });
                for value in &mut power {
                    *value *= *value;
                }
                enter_doubles(Correlate { samples: &power, taps: &squared, step: grid.step, out: second });
                for (first, second) in first.iter_mut().zip(second) {
                    *first *= shot * gain;
                    *second *= intensity * gain;
                }
            },
        );
        Ok(DecisionNoise {
            thermal_a2: self.thermal_a2_per_hz * total,
            dark_a2: detector.shot_noise_a2(0.0, 1.0) * total,
            shot_a2,
            intensity_a2,
        })
    }

    /// Autocorrelation of the response's taps at lags of `step` samples, over its value at lag 0: that of white noise behind
    /// the response.
    pub fn noise_autocorrelation(&self, step: usize, lags_count: usize) -> Vec<f64> {
        let at = |lag: usize| {
            self.taps.iter().zip(self.taps.get(lag * step..).unwrap_or(&[])).map(|(a, b)| a * b).sum::<f64>()
        };
        let total = at(0);
        (0..lags_count).map(|lag| at(lag) / total).collect()
    }

    /// Bandwidth of a rectangular filter that lets as much white noise pass.
    pub fn noise_bandwidth_hz(&self) -> f64 {
        0.5 * self.sample_rate_hz * self.taps.iter().map(|tap| tap * tap).sum::<f64>()
    }

    fn check_period(&self, power_w: &[f64], grid: SamplingGrid) -> Result<usize> {
        if grid.step == 0 || power_w.is_empty() || !power_w.len().is_multiple_of(grid.step) {
            let allowed = format!("a divisor of the {} samples of the waveform", power_w.len());
            return Err(Error::parameter("sampling step", grid.step, allowed));
        }
        if power_w.len() < self.taps.len() || !power_w.len().is_multiple_of(2) {
            let allowed = format!("an even number, at least the {} of the receiver's response", self.taps.len());
            return Err(Error::parameter("waveform", format!("{} samples", power_w.len()), allowed));
        }
        Ok(power_w.len() / grid.step)
    }

    /// Writes the current of `count` samples from `start` on, which is even.
    fn detect(
        &self,
        power_w: &[f64],
        start: isize,
        count: usize,
        noise: Option<&RandomSource>,
        current: &mut Vec<f64>,
        normals: &mut Vec<Complex64>,
    ) {
        current.clear();
        current.extend(periodic(power_w, start, count));
        let gain = self.detector.current_a(1.0);
        let Some(source) = noise else {
            for value in current {
                *value *= gain;
            }
            return;
        };
        normals.resize(count / 2, Complex64::default());
        // Where the period, which is even, ends within the piece, numbers start over with it.
        let period = power_w.len() as isize;
        let mut done = 0;
        while done < count {
            let place = (start + done as isize).rem_euclid(period);
            let length = ((period - place) as usize).min(count - done);
            let pairs = &mut normals[done / 2..][..length / 2];
            fill_complex_normals(source, NOISE_PURPOSE, (place / 2) as u32, pairs);
            done += length;
        }
        let half_rate_hz = 0.5 * self.sample_rate_hz;
        let dark = self.detector.shot_noise_a2(0.0, half_rate_hz);
        let shot = self.noise_a2_per_w_hz() * half_rate_hz;
        let constant = self.thermal_a2_per_hz * half_rate_hz + dark;
        let intensity = self.intensity_per_hz * half_rate_hz * gain * gain;
        vectorize(AddNoise { current, normals, gain, parts: [constant, shot, intensity] });
    }
}

/// Samples of a period from a place on, as often as it takes.
fn periodic(values: &[f64], start: isize, count: usize) -> impl Iterator<Item = f64> + '_ {
    let start = start.rem_euclid(values.len() as isize) as usize;
    values[start..].iter().chain(values.iter().cycle()).copied().take(count)
}

struct AddNoise<'a> {
    current: &'a mut [f64],
    normals: &'a [Complex64],
    gain: f64,
    /// Variance: constant, per watt, per square watt.
    parts: [f64; 3],
}

impl ColumnWork for AddNoise<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [constant, shot, intensity] = self.parts;
        // The parts of a complex number have half its mean square.
        let scaled = [2.0 * constant, 2.0 * shot, 2.0 * intensity];
        let (pairs, _) = self.current.as_chunks_mut::<2>();
        for (pair, number) in pairs.iter_mut().zip(self.normals) {
            for (value, normal) in pair.iter_mut().zip([number.re, number.im]) {
                let power = *value;
                let variance = scaled[0] + power * (scaled[1] + power * scaled[2]);
                *value = self.gain * power + variance.sqrt() * normal;
            }
        }
    }
}

struct Correlate<'a> {
    samples: &'a [f64],
    taps: &'a [f64],
    step: usize,
    out: &'a mut [f64],
}

impl<W: Wide<Real = f64, Cell = [f64; LANES]>> WideWork<W> for Correlate<'_> {
    type Output = ();

    /// Four sums side by side, so that none waits for its last product; the taps are filled up with zeros.
    #[inline(always)]
    fn run(self, wide: W) {
        let (taps, _) = self.taps.as_chunks::<UNROLLED>();
        for (index, value) in self.out.iter_mut().enumerate() {
            let window = &self.samples[index * self.step..][..self.taps.len()];
            let (samples, _) = window.as_chunks::<UNROLLED>();
            let zero = wide.constant(0.0);
            let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
            for (samples, taps) in samples.iter().zip(taps) {
                let ((samples, _), (taps, _)) = (samples.as_chunks::<LANES>(), taps.as_chunks::<LANES>());
                a = wide.mul_add(wide.load(&samples[0]), wide.load(&taps[0]), a);
                b = wide.mul_add(wide.load(&samples[1]), wide.load(&taps[1]), b);
                c = wide.mul_add(wide.load(&samples[2]), wide.load(&taps[2]), c);
                d = wide.mul_add(wide.load(&samples[3]), wide.load(&taps[3]), d);
            }
            let total = wide.store(wide.add(wide.add(a, b), wide.add(c, d)));
            let sum = (total[0] + total[1]) + (total[2] + total[3]);
            *value = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::Response;
    use crate::units::ELEMENTARY_CHARGE_C;

    const RATE: f64 = 53.125e9;
    const PIN: Photodetector =
        Photodetector { responsivity_a_per_w: 0.8, gain_ratio: 1.0, ionization_ratio: 0.2, dark_current_a: 10e-9 };

    fn receiver(detector: Photodetector, thermal: f64, intensity: f64) -> SampledReceiver {
        let response = Response::BesselThomson { bandwidth_hz: 0.5 * RATE };
        SampledReceiver::new(detector, thermal, intensity, (RATE, 8), |f| response.at(f)).unwrap()
    }

    #[test]
    fn constant_light_gives_constant_current_and_known_noise() {
        let apd = Photodetector { gain_ratio: 6.0, ..PIN };
        for (detector, thermal, intensity) in [(PIN, 4e-22, 0.0), (PIN, 0.0, 1e-14), (apd, 1e-23, 0.0)] {
            let receiver = receiver(detector, thermal, intensity);
            let power_w = vec![0.5e-3; 1 << 17];
            let grid = SamplingGrid { first: 3, step: 8 };
            let quiet = receiver.receive(&power_w, grid, None).unwrap();
            let current = detector.gain_ratio * 0.8 * 0.5e-3;
            assert!(quiet.iter().all(|value| (value / current - 1.0).abs() < 1e-6));
            let noisy = receiver.receive(&power_w, grid, Some(&RandomSource::new(1, 2, 3))).unwrap();
            let variance = noisy.iter().map(|value| (value - current).powi(2)).sum::<f64>() / noisy.len() as f64;
            let bandwidth_hz = Response::BesselThomson { bandwidth_hz: 0.5 * RATE }.noise_bandwidth_hz();
            assert!((receiver.noise_bandwidth_hz() / bandwidth_hz - 1.0).abs() < 1e-4);
            let factor = if detector.gain_ratio > 1.0 { 36.0 * detector.excess_noise_ratio() } else { 1.0 };
            let density =
                thermal + 2.0 * ELEMENTARY_CHARGE_C * factor * (0.8 * 0.5e-3 + 10e-9) + intensity * current * current;
            let expected = density * bandwidth_hz;
            // Four standard deviations of a variance of 2^14 numbers.
            assert!((variance / expected - 1.0).abs() < 0.045, "{variance} {expected}");
            let found = receiver.decision_noise(&power_w, grid, (&[1.0], 0, 8)).unwrap();
            let sum = found.thermal_a2 + found.dark_a2 + found.shot_a2[5] + found.intensity_a2[5];
            assert!((sum / expected - 1.0).abs() < 1e-4);
        }
    }

    /// Noise of decisions behind taps: the mean square over many draws of what the same taps make of received noise.
    #[test]
    fn noise_behind_taps_is_that_of_draws() {
        let apd = Photodetector { gain_ratio: 8.0, ..PIN };
        let receiver = receiver(apd, 1e-22, 1e-14);
        let count = 64;
        let power_w: Vec<f64> = (0..8 * count).map(|n| if (n / 8) % 5 < 2 { 0.2e-3 } else { 0.02e-3 }).collect();
        let grid = SamplingGrid { first: 1, step: 8 };
        let taps = [-0.2, 1.3, -0.1];
        let apply = |values: &[f64], k: usize| -> f64 {
            // One tap before the main one: the latest sample is one symbol ahead.
            taps.iter().enumerate().map(|(i, tap)| tap * values[(k + 1 + count - i) % count]).sum()
        };
        let quiet = receiver.receive(&power_w, grid, None).unwrap();
        let mut squares = vec![0.0; count];
        let draws = 4000;
        for draw in 0..draws {
            let noisy = receiver.receive(&power_w, grid, Some(&RandomSource::new(7, 8, draw))).unwrap();
            for (k, square) in squares.iter_mut().enumerate() {
                *square += (apply(&noisy, k) - apply(&quiet, k)).powi(2) / draws as f64;
            }
        }
        let found = receiver.decision_noise(&power_w, grid, (&taps, 1, 8)).unwrap();
        for (k, square) in squares.iter().enumerate() {
            let expected = found.thermal_a2 + found.dark_a2 + found.shot_a2[k] + found.intensity_a2[k];
            assert!((square / expected - 1.0).abs() < 0.1, "{k}: {square} {expected}");
        }
    }

    #[test]
    fn numbers_do_not_depend_on_pieces_and_refusals() {
        let receiver = receiver(PIN, 4e-22, 0.0);
        let power_w = vec![0.5e-3; 8 * 3000];
        let source = RandomSource::new(1, 2, 3);
        let all = receiver.receive(&power_w, SamplingGrid { first: 1, step: 4 }, Some(&source)).unwrap();
        let half = receiver.receive(&power_w, SamplingGrid { first: 1, step: 8 }, Some(&source)).unwrap();
        assert!(half.iter().zip(all.iter().step_by(2)).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert!(receiver.receive(&power_w, SamplingGrid { first: 0, step: 7 }, None).is_err());
        assert!(receiver.receive(&power_w[..16], SamplingGrid { first: 0, step: 8 }, None).is_err());
        let response = |_: f64| 1.0.into();
        assert!(SampledReceiver::new(PIN, -1.0, 0.0, (RATE, 8), response).is_err());
        assert!(SampledReceiver::new(PIN, 0.0, f64::NAN, (RATE, 8), response).is_err());
        let weak = Photodetector { gain_ratio: 0.5, ..PIN };
        assert!(SampledReceiver::new(weak, 0.0, 0.0, (RATE, 8), response).is_err());
        let white = receiver.noise_autocorrelation(8, 3);
        assert!((white[0] - 1.0).abs() < 1e-12 && white[1].abs() < 0.05);
    }
}

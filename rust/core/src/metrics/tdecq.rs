//! TDECQ: what a transmitter and its fiber cost a receiver with a reference equalizer.

use super::eye::{EYE_SAMPLES_PER_SYMBOL, EyeSource};
use super::pam4::pam4_target_q;
use crate::dsp::{Equalizer, EqualizerTaps, fit_equalizer};
use crate::error::{Error, Result};
use crate::special::sum_of_tails;
use crate::sums::sum_over;
use crate::task::Task;
use crate::units::to_db;
use crate::vector::{ColumnWork, exp, gaussian_tail, vectorize};
use rayon::prelude::*;
use std::f64::consts::PI;

/// Decision errors of an equalized pattern, as distances from the thresholds over the outer OMA.
#[derive(Debug, Clone)]
pub struct DecisionDistances {
    /// For each level the distances of its symbols to the threshold below; empty for the lowest.
    pub below_ratio: [Vec<f64>; 4],
    /// For each level the distances to the threshold above; empty for the highest.
    pub above_ratio: [Vec<f64>; 4],
    /// Symbols.
    pub symbols_count: usize,
}

impl DecisionDistances {
    /// Distances of equalized values (over the outer OMA, less the average) to the thresholds -OMA/3, 0, +OMA/3.
    pub fn of(pattern: &[u8], values: &[f64]) -> Self {
        Self::from_thresholds(pattern, values, [-1.0 / 3.0, 0.0, 1.0 / 3.0])
    }

    /// Distances of equalized values to thresholds of any place.
    pub fn from_thresholds(pattern: &[u8], values: &[f64], thresholds: [f64; 3]) -> Self {
        let mut out =
            Self { below_ratio: Default::default(), above_ratio: Default::default(), symbols_count: pattern.len() };
        for (&level, &value) in pattern.iter().zip(values) {
            let threshold = |index: u8| thresholds[usize::from(index)];
            if level > 0 {
                out.below_ratio[level as usize].push(value - threshold(level - 1));
            }
            if level < 3 {
                out.above_ratio[level as usize].push(threshold(level) - value);
            }
        }
        out
    }

    /// Symbol error ratio with Gaussian noise of a standard deviation (over the outer OMA) for each level.
    pub fn symbol_error_ratio(&self, sigma: [f64; 4]) -> f64 {
        let mut sum = 0.0;
        for (level, deviation) in sigma.iter().enumerate() {
            sum += self.sides(level).map(|side| sum_of_tails(side, *deviation)).sum::<f64>();
        }
        sum / self.symbols_count as f64
    }

    /// The same with its derivatives by the logarithm of each level's noise.
    fn with_slopes(&self, sigma: [f64; 4]) -> (f64, [f64; 4]) {
        let (mut sum, mut slopes) = (0.0, [0.0; 4]);
        for level in 0..4 {
            for side in self.sides(level) {
                let (tails, slope) = vectorize(TailsWithSlopes { column: side, inverse: 1.0 / sigma[level] });
                sum += tails;
                slopes[level] += slope;
            }
        }
        let scale = 1.0 / self.symbols_count as f64;
        (sum * scale, slopes.map(|slope| slope * scale / (2.0 * PI).sqrt()))
    }

    fn sides(&self, level: usize) -> impl Iterator<Item = &[f64]> {
        [&self.below_ratio[level][..], &self.above_ratio[level]].into_iter()
    }

    /// Least distance of any symbol; below zero the eye is closed.
    pub fn least(&self) -> f64 {
        self.below_ratio.iter().chain(&self.above_ratio).flatten().fold(f64::INFINITY, |least, &value| least.min(value))
    }
}

/// Sums of Q(x) and of x e^(-x^2/2) over a column of distances over their deviation.
struct TailsWithSlopes<'a> {
    column: &'a [f64],
    inverse: f64,
}

impl ColumnWork for TailsWithSlopes<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run(self) -> (f64, f64) {
        let slope = |distance: f64| {
            let x = distance * self.inverse;
            x * exp(-0.5 * x * x)
        };
        (sum_over(self.column, |distance| gaussian_tail(distance * self.inverse)), sum_over(self.column, slope))
    }
}

/// What TDECQ is measured with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TdecqTest {
    /// The reference equalizer.
    pub equalizer: Equalizer,
    /// Symbol error ratio at which noise is weighed.
    pub target_ser_ratio: f64,
    /// Variance of the transmitter's own noise at each level, over the squared outer OMA, in the receiver's bandwidth.
    pub noise_variance_ratio: [f64; 4],
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct Tdecq {
    /// TDECQ; behind no fiber TECQ.
    pub tdecq_db: f64,
    /// 10 log10 of the factor by which the equalizer raises noise.
    pub noise_enhancement_db: f64,
    /// Largest excursion of the detected signal beyond the outer levels, over the outer OMA.
    pub overshoot_ratio: f64,
    /// The taps.
    pub taps: EqualizerTaps,
    /// Middle of the eye after the symbol's own, in symbols.
    pub sampling_offset_ratio: f64,
    /// Decisions 0.05 UI before and after the middle of the eye.
    pub distances: [DecisionDistances; 2],
}

/// Weighs the eye behind an accumulated dispersion.
///
/// # Algorithm
/// 1. Detect the pattern; sample it once per symbol at times over the middle 0.6 UI and fit taps of least squared error;
///    keep the time of least error.
/// 2. Fit again at the neighboring times and for less noise, down to none: error ratios of 1e-3 and less are made by the
///    outermost symbols, so taps that spare noise and leave interference are not best. Keep the taps that bear most noise.
/// 3. sigma_G: the noise before the equalizer, of the receiver's color, for which the greater of the error ratios 0.05 UI
///    before and after that time is the target. The thresholds are the average power and it -/+ OMA/3; a symbol of each
///    context errs by its Gaussian tail.
/// 4. TDECQ = 10 log10(OMA/(6 Q_t sigma_G)).
///
/// # Errors
/// [`Error::Parameter`] for a figure that is not allowed, [`Error::Model`] if the eye stays closed: no noise is too little.
///
/// # References
/// IEEE 802.3-2022, 121.8.5.
pub fn estimate_tdecq(
    source: &EyeSource,
    dispersion_s_per_m: f64,
    wavelength_m: f64,
    test: &TdecqTest,
) -> Result<Tdecq> {
    let signal = source.detect(dispersion_s_per_m, wavelength_m)?;
    let target_q = pam4_target_q(test.target_ser_ratio)?;
    let noise = source.noise_autocorrelation();
    let mut eye = Sampler { signal: &signal, source, test, noise, samples: Vec::new(), values: Vec::new() };
    // An ideal signal bears 1/(6 Q_t); an eye that is closed with taps for much noise may open with taps for less.
    let ideal = 1.0 / (6.0 * target_q);
    let mut weighed = None;
    for share in [0.4, 0.1] {
        let time = eye.best_time((ideal * share).powi(2))?;
        match eye.weigh(time, ideal * share, ideal) {
            Ok(first) => {
                weighed = Some(first);
                break;
            }
            Err(Error::Model(_)) => {}
            Err(other) => return Err(other),
        }
    }
    let mut weighed = weighed.ok_or_else(eye_closed)?;
    for (later, share) in [(-1, 0.4), (1, 0.4), (0, 0.15), (0, 0.0)] {
        weighed = eye.better(weighed, later, share);
    }
    let Weighed { sigma, enhancement, time, taps, distances } = weighed;
    Ok(Tdecq {
        tdecq_db: to_db(1.0 / (6.0 * target_q * sigma)),
        noise_enhancement_db: to_db(enhancement),
        overshoot_ratio: signal.iter().fold(0.0, |most: f64, value| most.max(value.abs())) - 0.5,
        taps,
        sampling_offset_ratio: time as f64 / EYE_SAMPLES_PER_SYMBOL as f64,
        distances,
    })
}

/// [`estimate_tdecq`] for many accumulated dispersions, on all cores; `None` where the eye is closed.
///
/// # Errors
/// [`Error::Parameter`] for a figure that is not allowed, [`Error::Cancelled`] if the task was cancelled.
pub fn sweep_tdecq(
    source: &EyeSource,
    dispersion_s_per_m: &[f64],
    wavelength_m: f64,
    test: &TdecqTest,
    task: &Task,
) -> Result<Vec<Option<Tdecq>>> {
    task.start(dispersion_s_per_m.len() as u64);
    dispersion_s_per_m
        .par_iter()
        .map(|&dispersion| {
            task.check()?;
            let found = match estimate_tdecq(source, dispersion, wavelength_m, test) {
                Ok(found) => Some(found),
                Err(Error::Model(_)) => None,
                Err(other) => return Err(other),
            };
            task.advance(1);
            Ok(found)
        })
        .collect()
}

/// An eye with its taps and the noise that it bears.
struct Weighed {
    sigma: f64,
    enhancement: f64,
    time: isize,
    taps: EqualizerTaps,
    distances: [DecisionDistances; 2],
}

/// Samples a detected signal at a time within the symbol, in samples.
struct Sampler<'a> {
    signal: &'a [f64],
    source: &'a EyeSource,
    test: &'a TdecqTest,
    noise: &'a [f64],
    samples: Vec<f64>,
    values: Vec<f64>,
}

impl Sampler<'_> {
    fn sample(&mut self, time: isize) {
        let (length, step) = (self.signal.len() as isize, EYE_SAMPLES_PER_SYMBOL as isize);
        let count = self.source.pattern().len() as isize;
        self.samples.clear();
        self.samples.extend((0..count).map(|k| self.signal[(k * step + time).rem_euclid(length) as usize]));
    }

    fn fit(&mut self, time: isize, variance: f64) -> Result<EqualizerTaps> {
        self.sample(time);
        fit_equalizer(&self.test.equalizer, &self.samples, self.source.sent(), variance, self.noise)
    }

    fn distances(&mut self, time: isize, taps: &EqualizerTaps) -> DecisionDistances {
        self.sample(time);
        taps.apply(&self.samples, self.source.sent(), &mut self.values);
        DecisionDistances::of(self.source.pattern(), &self.values)
    }

    /// Taps for a noise, and the noise that the eye then bears, sought from a guess.
    fn weigh(&mut self, time: isize, noise_sigma: f64, guess: f64) -> Result<Weighed> {
        let taps = self.fit(time, noise_sigma * noise_sigma)?;
        let enhancement = taps.noise_enhancement_ratio(self.noise);
        let distances = [self.distances(time - 1, &taps), self.distances(time + 1, &taps)];
        let sigma = bearable_noise(&distances, enhancement, guess, self.test)?;
        Ok(Weighed { sigma, enhancement, time, taps, distances })
    }

    /// The given eye, or one at a later time and with taps for a share of its noise if that bears more.
    fn better(&mut self, kept: Weighed, later: isize, share: f64) -> Weighed {
        match self.weigh(kept.time + later, kept.sigma * share, kept.sigma) {
            Ok(again) if again.sigma > kept.sigma => again,
            _ => kept,
        }
    }

    /// Time of least error: coarse over the middle of the symbol, then around the best.
    fn best_time(&mut self, variance: f64) -> Result<isize> {
        let mut best = (0, f64::INFINITY);
        for time in [-6, -3, 0, 3, 6] {
            let error = self.fit(time, variance)?.mean_squared_error_ratio;
            if error < best.1 {
                best = (time, error);
            }
        }
        let middle = best.0;
        for time in [middle - 2, middle - 1, middle + 1, middle + 2] {
            let error = self.fit(time, variance)?.mean_squared_error_ratio;
            if error < best.1 {
                best = (time, error);
            }
        }
        Ok(best.0)
    }
}

fn eye_closed() -> Error {
    Error::Model("the eye is closed: even without noise the target symbol error ratio is passed".to_string())
}

/// Noise before the equalizer, over the outer OMA, at which the worse of the two times reaches the target.
///
/// Newton steps on ln SER over ln sigma, which is nearly straight, kept inside the bracket that they shrink; 1e-5 of sigma are
/// 4e-5 dB.
fn bearable_noise(distances: &[DecisionDistances; 2], enhancement: f64, guess: f64, test: &TdecqTest) -> Result<f64> {
    let one = |times: &DecisionDistances, start: f64| -> Result<f64> {
        let (mut low, mut high, mut x) = (1e-4_f64.ln(), 0.0, start);
        for _ in 0..60 {
            let variance = (2.0 * x).exp();
            let levels = test.noise_variance_ratio.map(|own| enhancement * (variance + own).sqrt());
            let (ratio, slopes) = times.with_slopes(levels);
            let slope: f64 = (0..4).map(|i| slopes[i] * variance / (variance + test.noise_variance_ratio[i])).sum();
            let excess = (ratio.max(1e-300) / test.target_ser_ratio).ln();
            if excess > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let step = excess * ratio / slope;
            let next = x - step;
            let inside = step.is_finite() && next > low && next < high;
            let before = x;
            x = if inside { next } else { 0.5 * (low + high) };
            if (x - before).abs() < 1e-5 {
                break;
            }
        }
        if x < 1e-4_f64.ln() + 1e-3 { Err(eye_closed()) } else { Ok(x) }
    };
    let first = one(&distances[0], guess.ln())?;
    let levels = test.noise_variance_ratio.map(|own| enhancement * ((2.0 * first).exp() + own).sqrt());
    // Where the later instant errs less in the same noise, the earlier one decides.
    if distances[1].symbol_error_ratio(levels) <= test.target_ser_ratio {
        return Ok(first.exp());
    }
    Ok(one(&distances[1], first)?.exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::{Response, Transmitter};

    fn rectangular(rate_hz: f64, response: Response, chirp_alpha: f64) -> Transmitter {
        Transmitter {
            symbol_rate_hz: rate_hz,
            response,
            extinction_ratio_db: 4.5,
            level_mismatch_ratio: 1.0,
            chirp_alpha,
            adiabatic_chirp_hz: 0.0,
        }
    }

    fn bessel(rate_hz: f64, ratio: f64) -> Response {
        Response::BesselThomson { bandwidth_hz: ratio * rate_hz }
    }

    const KP4: TdecqTest =
        TdecqTest { equalizer: Equalizer::FFE5, target_ser_ratio: 4.8e-4, noise_variance_ratio: [0.0; 4] };

    fn weigh(transmitter: &Transmitter, receiver: Response, dispersion_s_per_m: f64, test: &TdecqTest) -> Tdecq {
        let source = EyeSource::new(transmitter, receiver).unwrap();
        estimate_tdecq(&source, dispersion_s_per_m, 1310e-9, test).unwrap()
    }

    #[test]
    fn ideal_levels_cost_nothing_and_noise_its_share() {
        let flat = rectangular(53.125e9, Response::Flat, 0.0);
        assert!(weigh(&flat, Response::Flat, 0.0, &KP4).tdecq_db.abs() < 1e-3);
        // 0.6 of the noise that an ideal signal bears leaves sqrt(1 - 0.36) of it: -5 log10(1 - 0.36) = 0.969 dB.
        let sigma = 0.6 / (6.0 * pam4_target_q(4.8e-4).unwrap());
        let noisy = TdecqTest { noise_variance_ratio: [sigma * sigma; 4], ..KP4 };
        assert!((weigh(&flat, Response::Flat, 0.0, &noisy).tdecq_db - 0.969).abs() < 1e-3);
    }

    #[test]
    fn a_short_pattern_says_what_a_long_one_says() {
        let transmitter = rectangular(53.125e9, bessel(53.125e9, 0.6), 0.5);
        for dispersion in [0.0, 40e-3] {
            let of = |order| {
                let source = EyeSource::with_order(&transmitter, bessel(53.125e9, 0.5), order).unwrap();
                estimate_tdecq(&source, dispersion, 1310e-9, &KP4).unwrap().tdecq_db
            };
            let long = of(6);
            assert!((of(5) - long).abs() < 0.003 && (of(4) - long).abs() < 0.01, "{} {} {long}", of(4), of(5));
        }
    }

    #[test]
    fn signs_of_chirp_and_dispersion() {
        let with = |chirp, dispersion| {
            weigh(&rectangular(53.125e9, bessel(53.125e9, 0.6), chirp), bessel(53.125e9, 0.5), dispersion, &KP4)
        };
        let (good, none, bad) = (with(1.0, -20e-3), with(0.0, -20e-3), with(-1.0, -20e-3));
        assert!(good.tdecq_db < none.tdecq_db && none.tdecq_db < bad.tdecq_db);
        // Turning both signs mirrors the field in time's frequency axis and leaves the power.
        assert!((with(1.0, 20e-3).tdecq_db - bad.tdecq_db).abs() < 0.02);
        assert!((bad.taps.taps.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_closed_eye_is_an_error() {
        let transmitter = rectangular(53.125e9, bessel(53.125e9, 0.6), -1.0);
        let source = EyeSource::new(&transmitter, bessel(53.125e9, 0.5)).unwrap();
        assert!(matches!(estimate_tdecq(&source, -60e-3, 1310e-9, &KP4), Err(Error::Model(_))));
        assert!(matches!(estimate_tdecq(&source, f64::NAN, 1310e-9, &KP4), Err(Error::Parameter { .. })));
    }
}

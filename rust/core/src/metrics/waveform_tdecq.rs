//! TDECQ, TECQ and SECQ of a sampled waveform: the reference receiver with the equalizer that costs least.

use super::capture::Capture;
use super::eye_levels::{EdgeFigures, OuterLevels, level_mismatch_ratio, measure_edges, measure_outer_levels};
use super::eye_waveforms::fit_pulse_response;
use super::eye_windows::{EyeWindows, Setting};
use super::pam4::pam4_target_q;
use super::sampled_eye::SampledEye;
use super::tap_search::{Found, SHARPNESS, TapSearch};
use crate::dsp::{Equalizer, EqualizerTaps, fit_equalizer_at};
use crate::error::{Error, Result};
use crate::optics::Response;
use crate::units::to_db;

/// Shares of the noise of ideal levels with which first taps are fitted: an eye that closes with one may open with another.
const NOISE_SHARES: [f64; 4] = [0.4, 0.15, 0.05, 0.0];
/// Times around the middle of the symbol that first taps are fitted at.
const TIME_STEP: f64 = 0.15;
/// Symbols that the search among places of the main tap looks at.
const SCOUTED_SYMBOLS: usize = 8192;
/// Symbols before and behind its own that the response to one symbol is fitted over.
const PULSE_BEFORE: usize = 6;
const PULSE_AFTER: usize = 10;
/// Times that the waveform is read again where the search has gone, and the distance (symbols) that ends this.
const RECENTERINGS: usize = 4;
const TIME_TOLERANCE: f64 = 0.01;
/// Rounds that levels without runs of the pattern are taken anew from the equalized eye.
const LEVEL_ROUNDS: usize = 3;

/// What TDECQ of a waveform is measured with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaveformTest {
    /// Symbol rate.
    pub symbol_rate_hz: f64,
    /// Filter ahead of the equalizer.
    pub receiver: Response,
    /// Filter that colors the noise: that of the reference receiver, also where the samples have gone through it already.
    pub noise_color: Response,
    /// The reference equalizer.
    pub equalizer: Equalizer,
    /// Place of the main tap; `None` for the best one of those allowed.
    pub main_index: Option<usize>,
    /// Symbol error ratio at which noise is weighed.
    pub target_ser_ratio: f64,
    /// By how much each threshold may move, over the outer OMA.
    pub threshold_reach_ratio: f64,
    /// Deviation of the noise of the instrument that took the waveform, in the unit of the samples.
    pub instrument_noise_w: f64,
}

/// What the outer levels were taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelSource {
    /// Runs of seven threes and six zeros, as the clause says.
    Runs,
    /// Means of the equalized outer levels: the record lacks such runs.
    EqualizedMeans,
}

/// The outcome; levels in the unit of the samples.
#[derive(Debug, Clone)]
pub struct WaveformTdecq {
    /// TDECQ; behind no fiber TECQ, of a stressed receiver test's signal SECQ.
    pub tdecq_db: f64,
    /// TDECQ with taps of least squared error, where the search started; NaN where that eye is closed.
    pub least_squares_tdecq_db: f64,
    /// 10 log10 of the factor by which the equalizer raises noise.
    pub noise_enhancement_db: f64,
    /// Noise that may be added before the equalizer.
    pub bearable_noise_w: f64,
    /// TDECQ of either histogram alone, the early one first; the greater is TDECQ.
    pub window_tdecq_db: [f64; 2],
    /// Lowest and highest level.
    pub levels: OuterLevels,
    /// What they were taken from.
    pub level_source: LevelSource,
    /// Mean of the waveform.
    pub average_w: f64,
    /// Thresholds of the equalized eye.
    pub thresholds_w: [f64; 3],
    /// Means of the four equalized levels, over both histograms.
    pub equalized_levels_w: [f64; 4],
    /// Level mismatch of these.
    pub level_mismatch_ratio: f64,
    /// The taps.
    pub taps: EqualizerTaps,
    /// Middle of the eye behind the start of the record's symbols, in symbols.
    pub sampling_time_ratio: f64,
    /// Over- and undershoot and transition times behind the filter.
    pub edges: EdgeFigures,
    /// Steps of the search.
    pub steps_count: usize,
    /// Whether the search ended where no step gains.
    pub is_settled: bool,
    /// Equalized values of the judged symbols in the early and the late histogram, over the outer OMA, less the average.
    pub window_values_ratio: [Vec<f64>; 2],
    /// Levels of these symbols.
    pub window_levels: Vec<u8>,
}

/// Weighs a waveform.
///
/// # Algorithm
/// 1. The receiver's filter. Outer levels on the runs of seven threes and six zeros, two symbols in their middle.
/// 2. Taps of least squared error for several noises at three times within the symbol: where the search starts.
/// 3. Search of taps, feedback, thresholds and a common time of both histograms for the greatest noise sigma_G before the
///    equalizer with which the greater of both histograms' error ratios is the target (`tap_search.rs`), for each allowed place of
///    the main tap on a part of the record, then for the best place on all of it.
/// 4. Read the waveform anew at the time that was found and repeat, until it stays.
/// 5. TDECQ = 10 log10(OMA/(6 Q_t R)), R^2 = sigma_G^2 + sigma_S^2, sigma_S that of the instrument.
///
/// Cost: FFTs of the record, and four transforms of one sample per symbol for each reading; a step of the search reads four
/// columns of one value per symbol.
///
/// # Errors
/// [`Error::Parameter`] for a figure that is not allowed, [`Error::Model`] if the eye stays closed.
///
/// # References
/// IEEE 802.3-2022, 121.8.5, as `docs/models/tdecq.md` says.
pub fn measure_tdecq(capture: &Capture, test: &WaveformTest) -> Result<WaveformTdecq> {
    validate(test)?;
    let eye = SampledEye::new(
        &capture.power_w,
        capture.symbols.clone(),
        capture.guard_count,
        test.symbol_rate_hz,
        test.receiver,
    )?;
    let sent: Vec<f64> = eye.symbols().iter().map(|&level| f64::from(level) / 3.0 - 0.5).collect();
    let noise = test.noise_color.noise_autocorrelation(test.symbol_rate_hz, test.equalizer.taps_count.max(2));
    let mut judge =
        Judge { eye: &eye, sent: &sent, test, noise, oma: 1.0, target_q: pam4_target_q(test.target_ser_ratio)? };
    let time = judge.first_time(capture.lock.delay_ratio)?;
    let runs = measure_outer_levels(&eye, time);
    let source = if runs.is_some() { LevelSource::Runs } else { LevelSource::EqualizedMeans };
    let mut levels = match runs {
        Some(runs) => runs,
        None => judge.linear_levels(time)?,
    };
    judge.oma = levels.high - levels.low;
    if judge.oma <= 0.0 {
        return Err(eye_closed());
    }
    let mut best = judge.search(time, judge.mains())?;
    if source == LevelSource::EqualizedMeans {
        // Levels go with the taps: places of the main tap can be compared only when each has its own.
        let mut kept: Option<(f64, Best, OuterLevels, f64)> = None;
        let (first_oma, first_time) = (judge.oma, best.time);
        for main in judge.mains() {
            judge.oma = first_oma;
            let Ok((found, own)) = judge.search_with_levels(first_time, main) else { continue };
            let noise = found.found.worst().exp();
            let is_main = test.main_index.is_some() || has_largest_main(&found.found.setting);
            if is_main && kept.as_ref().is_none_or(|kept| noise > kept.0) {
                kept = Some((noise, found, own, judge.oma));
            }
        }
        let (_, found, own, oma) = kept.ok_or_else(eye_closed)?;
        (best, levels, judge.oma) = (found, own, oma);
    }
    Ok(judge.report(best, levels, source))
}

fn validate(test: &WaveformTest) -> Result<()> {
    test.equalizer.validate()?;
    test.receiver.validate()?;
    test.noise_color.validate()?;
    if let Some(main) = test.main_index.filter(|&main| main >= test.equalizer.taps_count) {
        return Err(Error::parameter("main_index", main, format!("below the {} taps", test.equalizer.taps_count)));
    }
    if !(0.0..=0.1).contains(&test.threshold_reach_ratio) {
        return Err(Error::parameter("threshold_reach_ratio", test.threshold_reach_ratio, "a number from 0 to 0.1"));
    }
    if !(test.instrument_noise_w.is_finite() && test.instrument_noise_w >= 0.0) {
        return Err(Error::parameter("instrument_noise_w", test.instrument_noise_w, "a finite number of 0 or above"));
    }
    Ok(())
}

fn eye_closed() -> Error {
    Error::Model("the eye is closed: even without noise the target symbol error ratio is passed".to_string())
}

/// The waveform with all that is known of it.
struct Judge<'a> {
    eye: &'a SampledEye,
    sent: &'a [f64],
    test: &'a WaveformTest,
    noise: Vec<f64>,
    oma: f64,
    target_q: f64,
}

/// Where a search ended.
struct Best {
    found: Found,
    time: f64,
    least_squares: f64,
    means: [f64; 4],
    values: [Vec<f64>; 2],
    steps_count: usize,
}

impl Judge<'_> {
    fn column(&self, time: f64) -> Vec<f64> {
        let mean = self.eye.mean();
        self.eye.values_and_slopes(time).0.iter().map(|value| (value - mean) / self.oma).collect()
    }

    /// Symbols that places of the main tap and first taps are sought on.
    fn scouted(&self) -> std::ops::Range<usize> {
        let judged = self.eye.judged();
        judged.start..judged.end.min(judged.start + SCOUTED_SYMBOLS)
    }

    /// Outer levels that long runs would settle on, by the linear response to one symbol.
    fn linear_levels(&self, time: f64) -> Result<OuterLevels> {
        let values = &self.eye.values_and_slopes(time).0[self.scouted()];
        let symbols = &self.eye.symbols()[self.scouted()];
        let rise: f64 = fit_pulse_response(values, symbols, 1, PULSE_BEFORE, PULSE_AFTER)?.iter().sum();
        let average = values.iter().sum::<f64>() / values.len() as f64;
        let level = symbols.iter().map(|&level| f64::from(level)).sum::<f64>() / symbols.len() as f64;
        Ok(OuterLevels { low: average - level * rise, high: average + (3.0 - level) * rise })
    }

    /// Time of least squared error by a parabola.
    fn first_time(&mut self, delay: f64) -> Result<f64> {
        let levels = self.linear_levels(delay)?;
        self.oma = levels.high - levels.low;
        if self.oma <= 0.0 {
            return Err(eye_closed());
        }
        let error = |time: f64| -> Result<f64> {
            Ok(self.fit(&self.column(time), 0.15, self.mains())?.mean_squared_error_ratio)
        };
        let (before, here, after) = (error(delay - TIME_STEP)?, error(delay)?, error(delay + TIME_STEP)?);
        let bend = before - 2.0 * here + after;
        let later = if bend > 0.0 { 0.5 * TIME_STEP * (before - after) / bend } else { 0.0 };
        Ok(delay + later.clamp(-1.5 * TIME_STEP, 1.5 * TIME_STEP))
    }

    fn mains(&self) -> std::ops::RangeInclusive<usize> {
        match self.test.main_index {
            Some(main) => main..=main,
            None => 0..=self.test.equalizer.precursors_max_count,
        }
    }

    fn fit(&self, column: &[f64], share: f64, mains: std::ops::RangeInclusive<usize>) -> Result<EqualizerTaps> {
        let variance = (share / (6.0 * self.target_q)).powi(2);
        // Where the part is cut, a few symbols do not fit together: nothing to a start.
        let (column, sent) = (&column[self.scouted()], &self.sent[self.scouted()]);
        fit_equalizer_at(&self.test.equalizer, mains, column, sent, variance, &self.noise)
    }

    fn setting(&self, taps: &EqualizerTaps) -> Setting {
        let mut weights = taps.taps.clone();
        if self.test.equalizer.feedback_max_ratio > 0.0 {
            weights.push(-taps.feedback_ratio);
        }
        Setting {
            weights,
            taps_count: taps.taps.len(),
            main_index: taps.main_index,
            later: 0.0,
            thresholds: [-1.0 / 3.0, 0.0, 1.0 / 3.0],
            target_ser_ratio: self.test.target_ser_ratio,
        }
    }

    /// The best equalizer with the main tap at a place, and the outer levels that are means of its eye.
    fn search_with_levels(&mut self, time: f64, main: usize) -> Result<(Best, OuterLevels)> {
        let mut best = self.search(time, main..=main)?;
        let mut levels = OuterLevels { low: 0.0, high: 0.0 };
        for _ in 0..LEVEL_ROUNDS {
            let means = best.means.map(|mean| mean * self.oma + self.eye.mean());
            levels = OuterLevels { low: means[0], high: means[3] };
            self.oma = levels.high - levels.low;
            best = self.search(best.time, main..=main)?;
        }
        Ok((best, levels))
    }

    /// The best equalizer with the main tap at one of some places, from a time on.
    fn search(&self, first_time: f64, mains: std::ops::RangeInclusive<usize>) -> Result<Best> {
        let judged = self.eye.judged();
        let part = self.scouted();
        let mut time = first_time;
        let column = self.column(time);
        let moments = moments(&column[part.clone()], self.test.equalizer.taps_count);
        let search = TapSearch {
            equalizer: &self.test.equalizer,
            noise_autocorrelation: &self.noise,
            threshold_reach: self.test.threshold_reach_ratio,
            moments: &moments,
        };
        let windows = EyeWindows::new(self.eye, self.sent, time, self.oma, part.clone());
        let (mut best, mut least_squares) = (None::<Found>, f64::NAN);
        let is_free = mains.clone().count() > 1;
        for main in mains {
            let Some(start) = self.start(&search, &windows, &column, main) else { continue };
            // Further starts are not needed: the search goes down the same valley from each.
            let first = search.evaluate(&windows, &start).map(|bearable| bearable.ln_sigma);
            let Some(found) = search.improve(&windows, start, &SHARPNESS) else { continue };
            let is_main = !is_free || has_largest_main(&found.setting);
            if is_main && best.as_ref().is_none_or(|best| found.worst() > best.worst()) {
                least_squares = first.map_or(f64::NAN, |both| both[0].min(both[1]));
                best = Some(found);
            }
        }
        let mut found = best.ok_or_else(eye_closed)?;
        let mut windows = windows;
        let mut steps_count = found.steps_count;
        let mut settle = |found: &mut Found, range: std::ops::Range<usize>, rounds: &[f64]| -> Result<()> {
            time += found.setting.later;
            found.setting.later = 0.0;
            windows = EyeWindows::new(self.eye, self.sent, time, self.oma, range);
            *found = search.improve(&windows, found.setting.clone(), rounds).ok_or_else(eye_closed)?;
            steps_count += found.steps_count;
            Ok(())
        };
        for _ in 0..RECENTERINGS {
            if found.setting.later.abs() < TIME_TOLERANCE {
                break;
            }
            settle(&mut found, part.clone(), &SHARPNESS[1..])?;
        }
        if part != judged {
            settle(&mut found, judged.clone(), &SHARPNESS[1..])?;
        }
        // What the slopes foretold, read at its own time.
        time += found.setting.later;
        found.setting.later = 0.0;
        let windows = EyeWindows::new(self.eye, self.sent, time, self.oma, judged);
        found.ln_sigma = search.evaluate(&windows, &found.setting).ok_or_else(eye_closed)?.ln_sigma;
        let histograms = windows.histograms(&found.setting);
        let (a, b) = (histograms[0].level_means(), histograms[1].level_means());
        let means = [0, 1, 2, 3].map(|level| 0.5 * (a[level] + b[level]));
        let values = [0, 1].map(|window| {
            let [first, second] = windows.values(&found.setting, window);
            first.iter().zip(&second).map(|(a, b)| 0.5 * (a + b)).collect()
        });
        Ok(Best { found, time, least_squares, means, values, steps_count })
    }

    /// First taps with the main one at a place: of those for several noises the ones that bear most.
    fn start(&self, search: &TapSearch<'_>, windows: &EyeWindows<'_>, column: &[f64], main: usize) -> Option<Setting> {
        let mut best: Option<(f64, Setting)> = None;
        for share in NOISE_SHARES {
            let Ok(taps) = self.fit(column, share, main..=main) else { continue };
            let setting = self.setting(&taps);
            if let Some(bearable) = search.evaluate(windows, &setting) {
                let worst = bearable.ln_sigma[0].min(bearable.ln_sigma[1]);
                if best.as_ref().is_none_or(|(kept, _)| worst > *kept) {
                    best = Some((worst, setting));
                }
            }
        }
        best.map(|(_, setting)| setting)
    }

    fn report(&self, best: Best, levels: OuterLevels, level_source: LevelSource) -> WaveformTdecq {
        let setting = &best.found.setting;
        let instrument = self.test.instrument_noise_w / self.oma;
        let penalty = |ln_sigma: f64| to_db(1.0 / (6.0 * self.target_q * ln_sigma.exp().hypot(instrument)));
        let taps = EqualizerTaps {
            taps: setting.weights[..setting.taps_count].to_vec(),
            main_index: setting.main_index,
            feedback_ratio: setting.weights.get(setting.taps_count).map_or(0.0, |weight| 0.0 - weight),
            mean_squared_error_ratio: f64::NAN,
        };
        let average = self.eye.mean();
        let absolute = |value: f64| value * self.oma + average;
        let equalized_levels_w = best.means.map(absolute);
        let window_tdecq_db = best.found.ln_sigma.map(penalty);
        WaveformTdecq {
            tdecq_db: penalty(best.found.worst()),
            least_squares_tdecq_db: penalty(best.least_squares),
            noise_enhancement_db: to_db(taps.noise_enhancement_ratio(&self.noise)),
            bearable_noise_w: best.found.worst().exp() * self.oma,
            window_tdecq_db,
            levels,
            level_source,
            average_w: average,
            thresholds_w: setting.thresholds.map(absolute),
            equalized_levels_w,
            level_mismatch_ratio: level_mismatch_ratio(equalized_levels_w),
            taps,
            sampling_time_ratio: best.time,
            edges: measure_edges(self.eye, best.time, levels),
            steps_count: best.steps_count,
            is_settled: best.found.is_settled,
            window_values_ratio: best.values,
            window_levels: self.eye.symbols()[self.eye.judged()].to_vec(),
        }
    }
}

fn has_largest_main(setting: &Setting) -> bool {
    let main = setting.weights[setting.main_index].abs();
    setting.weights[..setting.taps_count].iter().all(|weight| weight.abs() <= main)
}

/// Second moments of a periodic column at the lags of the taps.
fn moments(column: &[f64], lags: usize) -> Vec<f64> {
    let n = column.len();
    (0..lags).map(|lag| (0..n).map(|k| column[k] * column[(k + lag) % n]).sum::<f64>() / n as f64).collect()
}

#[cfg(test)]
mod tests;

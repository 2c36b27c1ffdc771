//! Feed-forward equalizer of symbol-spaced taps with at most one tap of decision feedback.

use super::linear::{Bound, minimize_quadratic};
use crate::error::{Error, Result};
use std::ops::RangeInclusive;

/// Most feed-forward taps; the reference equalizers have 5 and 15.
pub const EQUALIZER_TAPS_MAX_COUNT: usize = 32;

/// What an equalizer may do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equalizer {
    /// Feed-forward taps.
    pub taps_count: usize,
    /// Most taps before the main one.
    pub precursors_max_count: usize,
    /// Largest weight of the previous decision; 0 for none.
    pub feedback_max_ratio: f64,
    /// Whether the limits of [`EqualizerLimits`] hold.
    pub limits: Option<EqualizerLimits>,
}

/// Limits of feed-forward taps: the main tap itself, the others over the main tap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EqualizerLimits {
    /// Least and greatest main tap.
    pub main_ratio: (f64, f64),
    /// Neighbors of the main tap.
    pub first_ratio: (f64, f64),
    /// Two away.
    pub second_ratio: (f64, f64),
    /// Three and more away.
    pub far_ratio: (f64, f64),
    /// Greatest difference of the two neighbors.
    pub skew_max_ratio: f64,
}

impl EqualizerLimits {
    /// Limits of the 200G/lane drafts as public code describes them (not read in the draft itself): IEEE P802.3dj, 180.9.
    pub const P802_3DJ: Self = Self {
        main_ratio: (0.8, 2.5),
        first_ratio: (-0.4, 0.05),
        second_ratio: (-0.1, 0.2),
        far_ratio: (-0.1, 0.1),
        skew_max_ratio: 0.25,
    };

    fn of_distance(&self, distance: usize) -> (f64, f64) {
        match distance {
            1 => self.first_ratio,
            2 => self.second_ratio,
            _ => self.far_ratio,
        }
    }
}

impl Equalizer {
    /// Five feed-forward taps, the main one among the first three: 50G and 100G lanes.
    ///
    /// # References
    /// IEEE 802.3-2022, 121.8.5.4 as public code describes it.
    pub const FFE5: Self = Self { taps_count: 5, precursors_max_count: 2, feedback_max_ratio: 0.0, limits: None };
    /// Fifteen feed-forward taps, up to three before the main one, and one tap of feedback up to 0.3: 200G lanes.
    ///
    /// # References
    /// IEEE P802.3dj draft as public code describes it.
    pub const FFE15_DFE1: Self =
        Self { taps_count: 15, precursors_max_count: 3, feedback_max_ratio: 0.3, limits: None };

    /// Checks the counts.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming the first that is not allowed.
    pub fn validate(&self) -> Result<()> {
        if !(1..=EQUALIZER_TAPS_MAX_COUNT).contains(&self.taps_count) {
            let allowed = format!("a number from 1 to {EQUALIZER_TAPS_MAX_COUNT}");
            return Err(Error::parameter("taps_count", self.taps_count, allowed));
        }
        if self.precursors_max_count >= self.taps_count {
            let allowed = format!("below taps_count, {}", self.taps_count);
            return Err(Error::parameter("precursors_max_count", self.precursors_max_count, allowed));
        }
        if !(0.0..1.0).contains(&self.feedback_max_ratio) {
            return Err(Error::parameter("feedback_max_ratio", self.feedback_max_ratio, "a number from 0 to below 1"));
        }
        Ok(())
    }
}

/// Taps that an equalizer has settled on.
#[derive(Debug, Clone, PartialEq)]
pub struct EqualizerTaps {
    /// Feed-forward weights, the one of the latest sample first; their sum is 1 plus the feedback.
    pub taps: Vec<f64>,
    /// Index of the main tap, which is also the number of taps before it.
    pub main_index: usize,
    /// Weight of the previous decision, subtracted.
    pub feedback_ratio: f64,
    /// Mean squared error of the fit, with the noise.
    pub mean_squared_error_ratio: f64,
}

impl EqualizerTaps {
    /// Standard deviation of noise behind the taps over that before them: sqrt(w' R w).
    ///
    /// `noise_autocorrelation` is that of the noise at lags of whole symbols, 1 at lag 0.
    pub fn noise_enhancement_ratio(&self, noise_autocorrelation: &[f64]) -> f64 {
        let w = &self.taps;
        let mut sum = 0.0;
        for (i, a) in w.iter().enumerate() {
            for (j, b) in w.iter().enumerate() {
                sum += a * b * noise_autocorrelation[i.abs_diff(j)];
            }
        }
        sum.sqrt()
    }

    /// The equalized value of every symbol of a periodic signal: samples one symbol apart, and the symbols that were sent.
    pub fn apply(&self, samples: &[f64], sent: &[f64], out: &mut Vec<f64>) {
        let n = samples.len();
        out.clear();
        out.extend((0..n).map(|k| {
            let mut sum = -self.feedback_ratio * sent[(k + n - 1) % n];
            let latest = k + self.main_index + n;
            for (i, weight) in self.taps.iter().enumerate() {
                sum += weight * samples[(latest - i) % n];
            }
            sum
        }));
    }
}

/// Fits the taps of least mean squared error between the equalized periodic signal and the symbols that were sent.
///
/// # Algorithm
/// 1. Correlations of the samples with themselves and with the symbols; the noise adds its variance times its
///    autocorrelation.
/// 2. For each allowed place of the main tap minimize E|w x - b d_(k-1) - d_k|^2 + variance w'Rw under sum w = 1 + b, the
///    feedback's range and the tap limits.
/// 3. Keep the place of least error.
///
/// # Errors
/// [`Error::Parameter`] if the equalizer or lengths are not valid, [`Error::Model`] if no taps meet the limits.
pub fn fit_equalizer(
    equalizer: &Equalizer,
    samples: &[f64],
    sent: &[f64],
    noise_variance: f64,
    noise_autocorrelation: &[f64],
) -> Result<EqualizerTaps> {
    equalizer.validate()?;
    fit_equalizer_at(
        equalizer,
        0..=equalizer.precursors_max_count,
        samples,
        sent,
        noise_variance,
        noise_autocorrelation,
    )
}

/// As [`fit_equalizer`], the main tap at one of some places.
///
/// # Errors
/// As [`fit_equalizer`]; [`Error::Parameter`] if a place is not one of the taps.
pub fn fit_equalizer_at(
    equalizer: &Equalizer,
    main_indices: RangeInclusive<usize>,
    samples: &[f64],
    sent: &[f64],
    noise_variance: f64,
    noise_autocorrelation: &[f64],
) -> Result<EqualizerTaps> {
    let taps = equalizer.taps_count;
    if *main_indices.end() >= taps {
        return Err(Error::parameter("main_index", main_indices.end(), format!("below taps_count, {taps}")));
    }
    if samples.len() != sent.len() || samples.len() < 2 * taps {
        return Err(Error::parameter("samples", samples.len(), format!("{} and at least two per tap", sent.len())));
    }
    if noise_autocorrelation.len() < taps {
        return Err(Error::parameter("noise_autocorrelation", noise_autocorrelation.len(), "a lag for each tap"));
    }
    let correlations = Correlations::of(*main_indices.end(), taps, samples, sent);
    let mut best: Option<EqualizerTaps> = None;
    for main in main_indices {
        let Some(found) = correlations.fit(equalizer, main, noise_variance, noise_autocorrelation) else { continue };
        if best.as_ref().is_none_or(|kept| found.mean_squared_error_ratio < kept.mean_squared_error_ratio) {
            best = Some(found);
        }
    }
    best.ok_or_else(|| Error::Model("no equalizer taps meet the tap limits for this signal".to_string()))
}

/// Correlations of a periodic signal with itself and with its symbols.
struct Correlations {
    /// Samples with samples, lag 0 and up.
    own: Vec<f64>,
    /// E d_k x_{k+lag} for lag + taps - 1 as index.
    sent: Vec<f64>,
    /// E d_k d_{k-1} and E d_k^2.
    symbols: (f64, f64),
    taps: usize,
}

impl Correlations {
    fn of(main_last: usize, taps: usize, samples: &[f64], sent: &[f64]) -> Self {
        let n = samples.len();
        let mean = |a: &[f64], b: &[f64], lag: usize| {
            let (head, tail) = b.split_at(lag);
            let straight: f64 = a.iter().zip(tail).map(|(x, y)| x * y).sum();
            let wrapped: f64 = a[n - lag..].iter().zip(head).map(|(x, y)| x * y).sum();
            (straight + wrapped) / n as f64
        };
        let lags = 0..taps + main_last + 1;
        Self {
            own: (0..taps).map(|lag| mean(samples, samples, lag)).collect(),
            sent: lags.map(|index| mean(sent, samples, (n + index + 1 - taps) % n)).collect(),
            symbols: (mean(sent, sent, 1), mean(sent, sent, 0)),
            taps,
        }
    }

    /// E d_k x_{k + lead - back}.
    fn with_sent(&self, lead: usize, back: usize) -> f64 {
        self.sent[self.taps - 1 + lead - back]
    }

    fn fit(&self, equalizer: &Equalizer, main: usize, variance: f64, noise: &[f64]) -> Option<EqualizerTaps> {
        let taps = self.taps;
        let size = taps + usize::from(equalizer.feedback_max_ratio > 0.0);
        let mut a = vec![0.0; size * size];
        let mut b = vec![0.0; size];
        for row in 0..taps {
            for column in 0..taps {
                let lag = row.abs_diff(column);
                a[row * size + column] = self.own[lag] + variance * noise[lag];
            }
            b[row] = self.with_sent(main, row);
        }
        if size > taps {
            // The last unknown is -b: it weighs the previous symbol.
            for row in 0..taps {
                let value = self.with_sent(main + 1, row);
                a[row * size + taps] = value;
                a[taps * size + row] = value;
            }
            a[size * size - 1] = self.symbols.1;
            b[taps] = self.symbols.0;
        }
        let bounds = tap_bounds(equalizer, main, size);
        let found = minimize_quadratic(&a, &b, &bounds)?;
        let mut error = self.symbols.1;
        for row in 0..size {
            let product: f64 = (0..size).map(|column| a[row * size + column] * found[column]).sum();
            error += found[row] * (product - 2.0 * b[row]);
        }
        let feedback = if size > taps { -found[taps] } else { 0.0 };
        Some(EqualizerTaps {
            taps: found[..taps].to_vec(),
            main_index: main,
            feedback_ratio: feedback,
            mean_squared_error_ratio: error,
        })
    }
}

/// The bounds of taps and feedback as rows over all unknowns.
pub(crate) fn tap_bounds(equalizer: &Equalizer, main: usize, size: usize) -> Vec<Bound> {
    let taps = equalizer.taps_count;
    let mut out = Vec::new();
    let mut add = |entries: &[(usize, f64)], least: f64| {
        let mut gradient = vec![0.0; size];
        for &(index, value) in entries {
            gradient[index] += value;
        }
        out.push(Bound { gradient, least });
    };
    if size > taps {
        add(&[(taps, -1.0)], 0.0);
        add(&[(taps, 1.0)], -equalizer.feedback_max_ratio);
    }
    if let Some(limits) = equalizer.limits {
        add(&[(main, 1.0)], limits.main_ratio.0);
        add(&[(main, -1.0)], -limits.main_ratio.1);
        for tap in (0..taps).filter(|&tap| tap != main) {
            let (low, high) = limits.of_distance(tap.abs_diff(main));
            add(&[(tap, 1.0), (main, -low)], 0.0);
            add(&[(tap, -1.0), (main, high)], 0.0);
        }
        if main > 0 && main + 1 < taps {
            add(&[(main, limits.skew_max_ratio), (main + 1, -1.0), (main - 1, 1.0)], 0.0);
            add(&[(main, limits.skew_max_ratio), (main + 1, 1.0), (main - 1, -1.0)], 0.0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::pam4_pattern;

    fn sent() -> Vec<f64> {
        pam4_pattern(5).unwrap().iter().map(|&level| f64::from(level) / 3.0 - 0.5).collect()
    }

    /// A channel with one precursor and two postcursors.
    fn smeared(sent: &[f64], cursors: [f64; 4]) -> Vec<f64> {
        let n = sent.len();
        (0..n).map(|k| cursors.iter().enumerate().map(|(i, c)| c * sent[(k + 1 + n - i) % n]).sum()).collect()
    }

    const WHITE: [f64; 15] = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];

    #[test]
    fn nothing_to_do_without_interference() {
        let sent = sent();
        for equalizer in [Equalizer::FFE5, Equalizer::FFE15_DFE1] {
            let taps = fit_equalizer(&equalizer, &sent, &sent, 1e-9, &WHITE).unwrap();
            assert!((taps.taps[taps.main_index] - 1.0).abs() < 1e-7);
            assert!((taps.noise_enhancement_ratio(&WHITE) - 1.0).abs() < 1e-7);
            assert!(taps.feedback_ratio.abs() < 1e-7);
        }
    }

    #[test]
    fn taps_sum_to_one_plus_feedback_and_open_the_eye() {
        let sent = sent();
        let samples = smeared(&sent, [0.08, 0.75, 0.15, 0.02]);
        let mut error = Vec::new();
        for equalizer in [
            Equalizer::FFE5,
            Equalizer { feedback_max_ratio: 0.3, ..Equalizer::FFE5 },
            Equalizer::FFE15_DFE1,
            Equalizer { limits: Some(EqualizerLimits::P802_3DJ), ..Equalizer::FFE15_DFE1 },
        ] {
            let taps = fit_equalizer(&equalizer, &samples, &sent, 1e-3, &WHITE).unwrap();
            let sum: f64 = taps.taps.iter().sum();
            assert!((sum - 1.0 - taps.feedback_ratio).abs() < 1e-9);
            assert!((0.0..=0.3 + 1e-12).contains(&taps.feedback_ratio));
            let mut out = Vec::new();
            taps.apply(&samples, &sent, &mut out);
            let seen = out.iter().zip(&sent).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / sent.len() as f64;
            let noise = 1e-3 * taps.noise_enhancement_ratio(&WHITE).powi(2);
            assert!((seen + noise - taps.mean_squared_error_ratio).abs() < 1e-9);
            error.push(taps.mean_squared_error_ratio);
        }
        assert!(error[1] < error[0] && error[2] < error[1] && error[3] >= error[2] - 1e-12, "{error:?}");
    }

    #[test]
    fn limits_hold() {
        let sent = sent();
        let samples = smeared(&sent, [0.05, 0.5, 0.45, 0.0]);
        let limits = EqualizerLimits::P802_3DJ;
        let equalizer = Equalizer { limits: Some(limits), ..Equalizer::FFE15_DFE1 };
        let taps = fit_equalizer(&equalizer, &samples, &sent, 1e-3, &WHITE).unwrap();
        let main = taps.taps[taps.main_index];
        assert!((limits.main_ratio.0 - 1e-9..=limits.main_ratio.1 + 1e-9).contains(&main));
        for (tap, weight) in taps.taps.iter().enumerate().filter(|(tap, _)| *tap != taps.main_index) {
            let (low, high) = limits.of_distance(tap.abs_diff(taps.main_index));
            assert!((low - 1e-9..=high + 1e-9).contains(&(weight / main)), "{tap}: {}", weight / main);
        }
    }

    #[test]
    fn refusals() {
        let sent = sent();
        let wrong = Equalizer { taps_count: 0, ..Equalizer::FFE5 };
        assert!(fit_equalizer(&wrong, &sent, &sent, 1e-3, &WHITE).is_err());
        assert!(fit_equalizer(&Equalizer::FFE5, &sent[1..], &sent, 1e-3, &WHITE).is_err());
        assert!(fit_equalizer(&Equalizer::FFE5, &sent, &sent, 1e-3, &WHITE[..3]).is_err());
    }
}

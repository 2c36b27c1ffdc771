//! Taps that adapt from symbol to symbol: least mean squares.

use crate::error::{Error, Result, require_finite, require_positive};

/// Passes that end with smaller steps.
const SETTLING_PASSES: usize = 3;

/// An equalizer that adapts to known symbols.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LmsEqualizer {
    /// Feed-forward taps.
    pub taps_count: usize,
    /// Place of the main one, the tap of the latest sample being the first.
    pub main_index: usize,
    /// Samples of a symbol, and taps.
    pub taps_per_symbol: usize,
    /// Greatest weight of the symbol before; 0 for no feedback.
    pub feedback_max_ratio: f64,
    /// Step over the power of the samples in the taps: below 2, or taps diverge.
    pub step_ratio: f64,
    /// Times that the block is gone through; taps of the last time are averaged.
    pub passes_count: usize,
}

/// Adapted taps.
#[derive(Debug, Clone, PartialEq)]
pub struct LmsTaps {
    /// Feed-forward weights, the one of the latest sample first.
    pub taps: Vec<f64>,
    /// Weight of the symbol before.
    pub feedback_ratio: f64,
    /// Of the last pass, over the square of the sent values.
    pub mean_squared_error_ratio: f64,
}

impl LmsEqualizer {
    /// Goes through samples of a period, [`Self::taps_per_symbol`] a symbol, sample 0 being that of symbol 0.
    ///
    /// # Algorithm
    /// 1. Start: the main tap alone passes.
    /// 2. Symbol by symbol e = sent - (w x - b sent before); w += m e x/|x|^2, b -= m e sent before/|x|^2, b kept in its range. The
    ///    norm is the mean one of the block, so that the minimum is that of the mean squared error.
    /// 3. Before each of the last two passes m is halved; the taps are the mean of those of the last one, in which they wander
    ///    about the minimum.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a figure is not allowed or lengths do not fit; [`Error::Model`] if the taps diverge.
    ///
    /// # References
    /// Widrow and Hoff 1960; Polyak and Juditsky 1992, doi 10.1137/0330046 (averaging).
    pub fn adapt(&self, samples: &[f64], sent: &[f64]) -> Result<LmsTaps> {
        self.validate(samples, sent)?;
        let (count, per_symbol) = (sent.len(), self.taps_per_symbol);
        let power = samples.iter().map(|value| value * value).sum::<f64>() / samples.len() as f64;
        let norm = power * self.taps_count as f64;
        let mut taps = vec![0.0; self.taps_count];
        taps[self.main_index] = 1.0;
        let (mut feedback, mut step) = (0.0_f64, self.step_ratio / norm);
        let (mut sums, mut feedback_sum, mut squares) = (vec![0.0; self.taps_count], 0.0, 0.0);
        let mut window = vec![0.0; self.taps_count];
        for pass in 0..self.passes_count {
            let is_last = pass + 1 == self.passes_count;
            for k in 0..count {
                // The tap of the latest sample weighs the one so many behind the symbol's.
                let latest = k * per_symbol + self.main_index + samples.len();
                for (tap, value) in window.iter_mut().enumerate() {
                    *value = samples[(latest - tap) % samples.len()];
                }
                let before = sent[(k + count - 1) % count];
                let output: f64 = taps.iter().zip(&window).map(|(tap, value)| tap * value).sum();
                let error = sent[k] - (output - feedback * before);
                for (tap, value) in taps.iter_mut().zip(&window) {
                    *tap += step * error * value;
                }
                feedback = (feedback - step * error * before).clamp(0.0, self.feedback_max_ratio);
                if is_last {
                    for (sum, tap) in sums.iter_mut().zip(&taps) {
                        *sum += tap;
                    }
                    feedback_sum += feedback;
                    squares += error * error;
                }
            }
            if !taps.iter().all(|tap| tap.is_finite()) {
                return Err(Error::Model(format!(
                    "taps diverge with a step of {} of the samples' power",
                    self.step_ratio
                )));
            }
            if pass + SETTLING_PASSES >= self.passes_count {
                step *= 0.5;
            }
        }
        let sent_power: f64 = sent.iter().map(|value| value * value).sum();
        Ok(LmsTaps {
            taps: sums.iter().map(|sum| sum / count as f64).collect(),
            feedback_ratio: feedback_sum / count as f64,
            mean_squared_error_ratio: squares / sent_power,
        })
    }

    fn validate(&self, samples: &[f64], sent: &[f64]) -> Result<()> {
        require_positive("step_ratio", self.step_ratio)?;
        require_finite("feedback_max_ratio", self.feedback_max_ratio)?;
        if self.step_ratio >= 2.0 {
            return Err(Error::parameter("step_ratio", self.step_ratio, "below 2"));
        }
        if self.passes_count == 0 {
            return Err(Error::parameter("passes_count", 0, "1 or more"));
        }
        if !(1..=2).contains(&self.taps_per_symbol) {
            return Err(Error::parameter("taps_per_symbol", self.taps_per_symbol, "1 or 2"));
        }
        if self.main_index >= self.taps_count || self.taps_count > samples.len() {
            let allowed = format!("below the {} taps, these at most as many as samples", self.taps_count);
            return Err(Error::parameter("main_index", self.main_index, allowed));
        }
        if sent.is_empty() || samples.len() != sent.len() * self.taps_per_symbol {
            let allowed = format!("{} for each of {} symbols", self.taps_per_symbol, sent.len());
            return Err(Error::parameter("samples", samples.len(), allowed));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::solve;
    use crate::signal::pam4_pattern;

    fn channel() -> (Vec<f64>, Vec<f64>) {
        let sent: Vec<f64> = pam4_pattern(5).unwrap().iter().map(|&level| f64::from(level) / 3.0 - 0.5).collect();
        let n = sent.len();
        let samples = (0..n).map(|k| 0.8 * sent[k] + 0.15 * sent[(k + 1) % n] + 0.2 * sent[(k + n - 1) % n]).collect();
        (samples, sent)
    }

    const FFE: LmsEqualizer = LmsEqualizer {
        taps_count: 5,
        main_index: 2,
        taps_per_symbol: 1,
        feedback_max_ratio: 0.0,
        step_ratio: 0.1,
        passes_count: 12,
    };

    /// The normal equations of the block, without anything held.
    fn least_squares(samples: &[f64], sent: &[f64]) -> Vec<f64> {
        let n = sent.len();
        let column = |tap: usize, k: usize| samples[(k + 2 + n - tap) % n];
        let sum = |of: &dyn Fn(usize) -> f64| (0..n).map(of).sum::<f64>();
        let mut matrix: Vec<f64> = (0..25).map(|place| sum(&|k| column(place / 5, k) * column(place % 5, k))).collect();
        let mut right: Vec<f64> = (0..5).map(|tap| sum(&|k| column(tap, k) * sent[k])).collect();
        solve(&mut matrix, &mut right).unwrap();
        right
    }

    #[test]
    fn taps_end_at_those_of_least_squared_error() {
        let (samples, sent) = channel();
        let found = FFE.adapt(&samples, &sent).unwrap();
        for (own, exact) in found.taps.iter().zip(least_squares(&samples, &sent)) {
            assert!((own - exact).abs() < 0.01, "{found:?} {exact}");
        }
    }

    #[test]
    fn feedback_takes_off_what_comes_after_and_keeps_its_range() {
        let (samples, sent) = channel();
        let with = LmsEqualizer { feedback_max_ratio: 0.3, ..FFE };
        let found = with.adapt(&samples, &sent).unwrap();
        assert!(found.feedback_ratio > 0.05 && found.feedback_ratio <= 0.3);
        assert!(found.mean_squared_error_ratio < FFE.adapt(&samples, &sent).unwrap().mean_squared_error_ratio);
    }

    #[test]
    fn two_samples_a_symbol_and_refusals() {
        let (samples, sent) = channel();
        // The second sample of each symbol says nothing: the taps on it fade.
        let doubled: Vec<f64> = samples.iter().flat_map(|&value| [value, 0.0]).collect();
        let half = LmsEqualizer { taps_count: 9, main_index: 4, taps_per_symbol: 2, ..FFE };
        let (own, plain) = (half.adapt(&doubled, &sent).unwrap(), FFE.adapt(&samples, &sent).unwrap());
        assert!((own.taps[4] - plain.taps[2]).abs() < 0.02 && own.taps[3].abs() < 1e-12);
        assert!(half.adapt(&samples, &sent).is_err());
        assert!(LmsEqualizer { step_ratio: 2.0, ..FFE }.adapt(&samples, &sent).is_err());
        assert!(LmsEqualizer { main_index: 5, ..FFE }.adapt(&samples, &sent).is_err());
        assert!(LmsEqualizer { passes_count: 0, ..FFE }.adapt(&samples, &sent).is_err());
        assert!(LmsEqualizer { taps_per_symbol: 3, ..FFE }.adapt(&samples, &sent).is_err());
    }
}

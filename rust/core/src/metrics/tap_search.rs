//! The equalizer with which an eye bears most noise: least TDECQ over taps, feedback, thresholds and sampling time.

use super::eye_windows::{Bearable, EyeWindows, Setting};
use crate::dsp::{Equalizer, minimize_quadratic, tap_bounds};

/// Farthest that the waveform is followed by its slope, in symbols.
const LATER_MAX: f64 = 0.02;
/// Sharpness with which the worse of both windows counts, from step to step.
pub(super) const SHARPNESS: [f64; 3] = [30.0, 300.0, 3000.0];
/// Steps of each sharpness, and the gain in ln(noise) below which one is the last: 4e-5 dB.
const STEPS: usize = 40;
const GAIN_MIN: f64 = 1e-5;
/// Steps by which each threshold is sought in its range.
const THRESHOLD_STEPS: usize = 9;

/// What the search is bound by.
pub(super) struct TapSearch<'a> {
    pub equalizer: &'a Equalizer,
    pub noise_autocorrelation: &'a [f64],
    /// By how much each threshold may move, over the outer OMA.
    pub threshold_reach: f64,
    /// Second moments of the samples: the scale of the first step.
    pub moments: &'a [f64],
}

/// Where the search stands.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub setting: Setting,
    /// Logarithm of the noise before the equalizer over the outer OMA, as either window bears it.
    pub ln_sigma: [f64; 2],
    pub steps_count: usize,
    /// Whether the last descent ended where no step gains.
    pub is_settled: bool,
}

impl Found {
    pub fn worst(&self) -> f64 {
        self.ln_sigma[0].min(self.ln_sigma[1])
    }
}

impl TapSearch<'_> {
    /// ln of the noise enhancement and its slopes.
    fn enhancement(&self, setting: &Setting) -> (f64, Vec<f64>) {
        let taps = &setting.weights[..setting.taps_count];
        let mut slopes = vec![0.0; setting.weights.len()];
        let mut total = 0.0;
        for (i, a) in taps.iter().enumerate() {
            let row: f64 = taps.iter().enumerate().map(|(j, b)| b * self.noise_autocorrelation[i.abs_diff(j)]).sum();
            slopes[i] = row;
            total += a * row;
        }
        for slope in &mut slopes {
            *slope /= total;
        }
        (0.5 * total.ln(), slopes)
    }

    /// Noise before the equalizer that a setting bears.
    pub fn evaluate(&self, windows: &EyeWindows<'_>, setting: &Setting) -> Option<Bearable> {
        let mut bearable = windows.judge(setting)?;
        let (ln_enhancement, slopes) = self.enhancement(setting);
        for window in 0..2 {
            bearable.ln_sigma[window] -= ln_enhancement;
            for (slope, less) in bearable.slopes[window].0.iter_mut().zip(&slopes) {
                *slope -= less;
            }
        }
        Some(bearable)
    }

    /// Improves a setting as far as it goes.
    ///
    /// # Algorithm
    /// 1. Cost: minus the soft minimum of ln sigma_G over both windows, sharper from round to round.
    /// 2. Sequential quadratic programming: a model of second order (BFGS) is minimized over taps that sum to 1 plus feedback
    ///    and keep the tap limits; the time is eliminated from it (Schur complement) and bounded. Halve the step until the cost falls.
    /// 3. Before each round seek each threshold in its range, the others held.
    ///
    /// # References
    /// Nocedal and Wright 2006, Numerical Optimization, 18.3 and 6.1.
    pub fn improve(&self, windows: &EyeWindows<'_>, start: Setting, rounds: &[f64]) -> Option<Found> {
        let first = self.evaluate(windows, &start)?;
        let mut found = Found { setting: start, ln_sigma: first.ln_sigma, steps_count: 0, is_settled: false };
        for &sharpness in rounds {
            if self.threshold_reach > 0.0 {
                self.move_thresholds(windows, &mut found);
            }
            self.descend(windows, &mut found, sharpness);
        }
        Some(found)
    }

    fn descend(&self, windows: &EyeWindows<'_>, found: &mut Found, sharpness: f64) {
        let Some(bearable) = self.evaluate(windows, &found.setting) else { return };
        let mut here = Point::new(&bearable, sharpness);
        let mut model = self.first_model(&found.setting);
        found.is_settled = false;
        for _ in 0..STEPS {
            let Some(step) = self.step(&found.setting, &model, &here) else { return };
            let expected: f64 = step.iter().zip(&here.slopes).map(|(step, slope)| step * slope).sum();
            let mut share = 1.0;
            let mut next = None;
            while share > 1e-3 {
                let setting = moved(&found.setting, &step, share);
                if let Some(bearable) = self.evaluate(windows, &setting) {
                    let there = Point::new(&bearable, sharpness);
                    if there.cost <= here.cost + 1e-4 * share * expected {
                        next = Some((setting, bearable, there));
                        break;
                    }
                }
                share *= 0.4;
            }
            found.steps_count += 1;
            let Some((setting, bearable, there)) = next else {
                found.is_settled = expected.abs() < 100.0 * GAIN_MIN;
                return;
            };
            let change: Vec<f64> = step.iter().map(|value| value * share).collect();
            update(&mut model, &change, &here.slopes, &there.slopes);
            let gain = here.cost - there.cost;
            found.setting = setting;
            found.ln_sigma = bearable.ln_sigma;
            here = there;
            if gain < GAIN_MIN {
                found.is_settled = true;
                return;
            }
        }
    }

    /// Second moments over the noise that ideal levels bear: how a mean squared error would curve.
    fn first_model(&self, setting: &Setting) -> Vec<f64> {
        let (taps, size) = (setting.taps_count, setting.weights.len() + 1);
        let mut model = vec![0.0; size * size];
        let scale = 1.0 / 0.04_f64.powi(2);
        for row in 0..size {
            for column in 0..size {
                let lag = row.abs_diff(column);
                if row < taps && column < taps {
                    model[row * size + column] = scale * (self.moments[lag] + 1e-3 * self.noise_autocorrelation[lag]);
                } else if row == column {
                    model[row * size + column] = scale * 0.14;
                }
            }
        }
        // The eye closes by a noise's worth within a tenth of a symbol.
        model[size * size - 1] = 400.0;
        model
    }

    /// The step to the minimum of the model.
    fn step(&self, setting: &Setting, model: &[f64], here: &Point) -> Option<Vec<f64>> {
        let (n, size) = (setting.weights.len(), setting.weights.len() + 1);
        let own = model[size * size - 1];
        let cross: Vec<f64> = (0..n).map(|row| model[row * size + n]).collect();
        let mut reduced = vec![0.0; n * n];
        let mut right = vec![0.0; n];
        for row in 0..n {
            for column in 0..n {
                reduced[row * n + column] = model[row * size + column] - cross[row] * cross[column] / own;
            }
            right[row] = -(here.slopes[row] - cross[row] * here.slopes[n] / own);
        }
        for row in 0..n {
            right[row] += (0..n).map(|column| reduced[row * n + column] * setting.weights[column]).sum::<f64>();
        }
        let bounds = tap_bounds(self.equalizer, setting.main_index, n);
        let weights = minimize_quadratic(&reduced, &right, &bounds)?;
        let mut step: Vec<f64> = weights.iter().zip(&setting.weights).map(|(new, old)| new - old).collect();
        let coupled: f64 = cross.iter().zip(&step).map(|(cross, step)| cross * step).sum();
        let later = setting.later - (here.slopes[n] + coupled) / own;
        step.push(later.clamp(-LATER_MAX, LATER_MAX) - setting.later);
        Some(step)
    }

    fn move_thresholds(&self, windows: &EyeWindows<'_>, found: &mut Found) {
        let histograms = windows.histograms(&found.setting);
        let (ln_enhancement, _) = self.enhancement(&found.setting);
        let target = found.setting.target_ser_ratio;
        let borne = |thresholds: [f64; 3]| {
            let both = [0, 1].map(|window| histograms[window].bearable(thresholds, target));
            match both {
                [Some(early), Some(late)] => Some([early - ln_enhancement, late - ln_enhancement]),
                _ => None,
            }
        };
        let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
        for index in 0..3 {
            let middle = (index as f64 - 1.0) / 3.0;
            let with = |value: f64| {
                let mut thresholds = found.setting.thresholds;
                thresholds[index] = value;
                thresholds
            };
            let worst = |value: f64| borne(with(value)).map_or(f64::NEG_INFINITY, |both| both[0].min(both[1]));
            let (mut low, mut high) = (middle - self.threshold_reach, middle + self.threshold_reach);
            let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
            let (mut of_a, mut of_b) = (worst(a), worst(b));
            for _ in 0..THRESHOLD_STEPS {
                if of_a > of_b {
                    (high, b, of_b) = (b, a, of_a);
                    a = high - golden * (high - low);
                    of_a = worst(a);
                } else {
                    (low, a, of_a) = (a, b, of_b);
                    b = low + golden * (high - low);
                    of_b = worst(b);
                }
            }
            let best = with(0.5 * (low + high));
            if let Some(both) = borne(best)
                && both[0].min(both[1]) > found.worst()
            {
                found.setting.thresholds = best;
                found.ln_sigma = both;
            }
        }
    }
}

fn moved(setting: &Setting, step: &[f64], share: f64) -> Setting {
    let mut out = setting.clone();
    for (weight, step) in out.weights.iter_mut().zip(step) {
        *weight += share * step;
    }
    out.later += share * step[step.len() - 1];
    out
}

/// Cost and slopes (of the unknowns, then of the time) where the search stands.
struct Point {
    cost: f64,
    slopes: Vec<f64>,
}

impl Point {
    fn new(bearable: &Bearable, sharpness: f64) -> Self {
        let [early, late] = bearable.ln_sigma;
        let least = early.min(late);
        let weights = [early, late].map(|value| (-sharpness * (value - least)).exp());
        let total = weights[0] + weights[1];
        let cost = -least + (0.5 * total).ln() / sharpness;
        let mean = |of: &dyn Fn(usize) -> f64| -(weights[0] * of(0) + weights[1] * of(1)) / total;
        let mut slopes: Vec<f64> =
            (0..bearable.slopes[0].0.len()).map(|index| mean(&|window| bearable.slopes[window].0[index])).collect();
        slopes.push(mean(&|window| bearable.slopes[window].1));
        Self { cost, slopes }
    }
}

/// Damped BFGS update of the model.
fn update(model: &mut [f64], change: &[f64], before: &[f64], after: &[f64]) {
    let n = change.len();
    let product: Vec<f64> =
        (0..n).map(|row| (0..n).map(|column| model[row * n + column] * change[column]).sum()).collect();
    let curvature: f64 = change.iter().zip(&product).map(|(a, b)| a * b).sum();
    let plain: Vec<f64> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    let along: f64 = change.iter().zip(&plain).map(|(a, b)| a * b).sum();
    if curvature <= 1e-300 {
        return;
    }
    let share = if along >= 0.2 * curvature { 1.0 } else { 0.8 * curvature / (curvature - along) };
    let seen: Vec<f64> =
        plain.iter().zip(&product).map(|(plain, product)| share * plain + (1.0 - share) * product).collect();
    let along: f64 = change.iter().zip(&seen).map(|(a, b)| a * b).sum();
    for row in 0..n {
        for column in 0..n {
            model[row * n + column] += seen[row] * seen[column] / along - product[row] * product[column] / curvature;
        }
    }
}

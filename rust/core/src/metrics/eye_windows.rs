//! The two histograms of TDECQ: what noise an equalizer's eye bears, and how that moves with its taps.

use super::sampled_eye::SampledEye;
use crate::sums::{SUM_LANES, join};
use crate::vector::{ColumnWork, exp, gaussian_tail, vectorize};
use std::f64::consts::PI;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Middles of the histograms from the middle of the eye, and their width, in symbols.
pub const WINDOW_OFFSET: f64 = 0.05;
const WINDOW_WIDTH: f64 = 0.04;
/// Bins of a histogram over the outer OMA; their means and not their middles stand for the values.
const BINS_PER_OMA: f64 = 1024.0;
const BINS: usize = 2048;
/// Noise behind an equalizer over the outer OMA that is tried first.
const FIRST_NOISE_RATIO: f64 = 0.03;
/// Symbols that are worked on at once.
const CHUNK: usize = 1024;
/// Symbols on either side that an equalizer may reach.
const REACH: usize = 32;

/// A judge of equalizers: the waveform in both histograms' windows.
///
/// Unknowns are the taps, then, where there is feedback, its weight with the other sign: it weighs the symbol before.
pub(super) struct EyeWindows<'a> {
    sent: &'a [f64],
    levels: &'a [u8],
    range: Range<usize>,
    /// Two instants of each of two windows: values over the outer OMA less their mean, and slopes, wrapped by [`REACH`].
    columns: [[(Vec<f64>, Vec<f64>); 2]; 2],
    /// Logarithm of the noise that either window bore last, where the next equalizer's is sought first.
    last: [AtomicU64; 2],
}

/// Bearable noise of one equalizer.
#[derive(Debug, Clone)]
pub(super) struct Bearable {
    /// Logarithm of the noise behind the equalizer over the outer OMA, of either window.
    pub ln_sigma: [f64; 2],
    /// Its derivatives by the unknowns, and by the time in symbols.
    pub slopes: [(Vec<f64>, f64); 2],
}

/// An equalizer and the thresholds that its eye is judged with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    /// Weights of the unknowns.
    pub weights: Vec<f64>,
    /// Feed-forward taps among them.
    pub taps_count: usize,
    pub main_index: usize,
    /// Time behind that of the windows, in symbols.
    pub later: f64,
    /// Over the outer OMA, less the average.
    pub thresholds: [f64; 3],
    pub target_ser_ratio: f64,
}

impl<'a> EyeWindows<'a> {
    /// Reads the waveform around a time; symbols of a range are judged.
    ///
    /// # Algorithm
    /// A window of 0.04 UI is represented by its two Gauss-Legendre points: the waveform is smooth there, and means over the window
    /// are right to the third power of its width.
    pub fn new(eye: &'a SampledEye, sent: &'a [f64], time: f64, oma: f64, range: Range<usize>) -> Self {
        let point = 0.5 * WINDOW_WIDTH / 3.0_f64.sqrt();
        let column = |time: f64| {
            let (values, slopes) = eye.values_and_slopes(time);
            let mean = eye.mean();
            let wrap = |column: Vec<f64>, mean: f64| -> Vec<f64> {
                let n = column.len();
                (0..n + 2 * REACH).map(|k| (column[(k + n * REACH - REACH) % n] - mean) / oma).collect()
            };
            (wrap(values, mean), wrap(slopes, 0.0))
        };
        let window = |middle: f64| {
            let (first, second) = rayon::join(|| column(time + middle - point), || column(time + middle + point));
            [first, second]
        };
        let (early, late) = rayon::join(|| window(-WINDOW_OFFSET), || window(WINDOW_OFFSET));
        let last = [FIRST_NOISE_RATIO.ln(); 2].map(|ln_sigma| AtomicU64::new(ln_sigma.to_bits()));
        Self { sent, levels: eye.symbols(), range, columns: [early, late], last }
    }

    /// An empty histogram of a window, whose noise is sought from that of the equalizer before: trials are neighbors.
    fn histogram(&self, window: usize) -> Histogram {
        Histogram::new(f64::from_bits(self.last[window].load(Ordering::Relaxed)))
    }

    /// What the equalizer makes of one instant, for the judged symbols.
    fn equalize(&self, setting: &Setting, samples: &[f64], out: &mut Vec<f64>) {
        out.clear();
        out.resize(self.range.len(), 0.0);
        let first = REACH + setting.main_index;
        vectorize(Convolve { taps: &setting.weights[..setting.taps_count], samples, first, out });
        if let Some(weight) = setting.weights.get(setting.taps_count) {
            for (value, k) in out.iter_mut().zip(self.range.clone()) {
                *value += weight * self.before(k);
            }
        }
    }

    fn before(&self, k: usize) -> f64 {
        self.sent[if k == 0 { self.sent.len() - 1 } else { k - 1 }]
    }

    /// The part of a column that the judged symbols' equalized values come from.
    fn part<'b>(&self, column: &'b [f64]) -> &'b [f64] {
        &column[self.range.start..self.range.end + 2 * REACH]
    }

    fn moved(&self, window: usize, instant: usize, later: f64) -> Vec<f64> {
        let (values, slopes) = &self.columns[window][instant];
        self.part(values).iter().zip(self.part(slopes)).map(|(value, slope)| value + later * slope).collect()
    }

    /// Equalized values of the judged symbols at both instants of a window.
    pub fn values(&self, setting: &Setting, window: usize) -> [Vec<f64>; 2] {
        [0, 1].map(|instant| {
            let mut out = Vec::new();
            self.equalize(setting, &self.moved(window, instant, setting.later), &mut out);
            out
        })
    }

    /// Bearable noise of the windows; `None` if the target is passed without noise.
    ///
    /// # Algorithm
    /// 1. Equalize; sort the values of each level into bins of 1/1024 OMA, which keep their means: what is lost is a
    ///    thousandth of the noise's variance.
    /// 2. Newton's steps on the logarithm of the error ratio over that of the noise.
    /// 3. Slopes by implicit differentiation: each value weighs with the density of the noise at the thresholds beside it.
    pub fn judge(&self, setting: &Setting) -> Option<Bearable> {
        let (early, late) = rayon::join(|| self.judge_window(setting, 0), || self.judge_window(setting, 1));
        let (early, late) = (early?, late?);
        Some(Bearable { ln_sigma: [early.0, late.0], slopes: [early.1, late.1] })
    }

    /// As [`Self::judge`] without slopes, with the histograms made once for several thresholds.
    pub fn histograms(&self, setting: &Setting) -> [Histogram; 2] {
        [0, 1].map(|window| {
            let mut histogram = self.histogram(window);
            for values in self.values(setting, window) {
                histogram.add(&values, &self.levels[self.range.clone()], &mut Vec::new());
            }
            histogram
        })
    }

    fn judge_window(&self, setting: &Setting, window: usize) -> Option<(f64, (Vec<f64>, f64))> {
        let levels = &self.levels[self.range.clone()];
        let mut histogram = self.histogram(window);
        let moved = [0, 1].map(|instant| self.moved(window, instant, setting.later));
        let mut bins = [Vec::new(), Vec::new()];
        let mut values = Vec::new();
        for (samples, bins) in moved.iter().zip(&mut bins) {
            self.equalize(setting, samples, &mut values);
            histogram.add(&values, levels, bins);
        }
        let ln_sigma = histogram.bearable(setting.thresholds, setting.target_ser_ratio)?;
        self.last[window].store(ln_sigma.to_bits(), Ordering::Relaxed);
        let (densities, by_noise) = histogram.densities(setting.thresholds, ln_sigma.exp());
        let (mut slopes, mut by_time) = (vec![0.0; setting.weights.len()], 0.0);
        let mut weights = vec![0.0; self.range.len()];
        for (instant, bins) in bins.iter().enumerate() {
            for (weight, &bin) in weights.iter_mut().zip(bins) {
                *weight = densities[bin as usize];
            }
            let first = REACH + setting.main_index;
            let slope = self.part(&self.columns[window][instant].1);
            for start in (0..weights.len()).step_by(CHUNK) {
                // As much as stays near the processor for all taps.
                let part = &weights[start..(start + CHUNK).min(weights.len())];
                for (tap, sum) in slopes.iter_mut().enumerate().take(setting.taps_count) {
                    let at = start + first - tap;
                    *sum += dot(part, &moved[instant][at..at + part.len()]);
                    by_time += setting.weights[tap] * dot(part, &slope[at..at + part.len()]);
                }
            }
            if setting.weights.len() > setting.taps_count {
                slopes[setting.taps_count] +=
                    weights.iter().zip(self.range.clone()).map(|(weight, k)| weight * self.before(k)).sum::<f64>();
            }
        }
        // d ln(sigma)/dx = -(d SER/dx)/(d SER/d ln sigma).
        let scale = -1.0 / by_noise;
        Some((ln_sigma, (slopes.iter().map(|slope| slope * scale).collect(), by_time * scale)))
    }
}

/// Equalized values by level.
pub(super) struct Histogram {
    /// Number and sum of the values of each level and bin.
    bins: Vec<[f64; 2]>,
    count: f64,
    /// Where its noise is sought first.
    start: f64,
}

impl Histogram {
    fn new(start: f64) -> Self {
        Self { bins: vec![[0.0; 2]; 4 * BINS], count: 0.0, start }
    }

    fn add(&mut self, values: &[f64], levels: &[u8], places: &mut Vec<u16>) {
        places.clear();
        places.resize(values.len().min(levels.len()), 0);
        vectorize(FindBins { values, levels, places });
        for (&place, value) in places.iter().zip(values) {
            let slot = &mut self.bins[usize::from(place)];
            slot[0] += 1.0;
            slot[1] += value;
        }
        self.count += values.len() as f64;
    }

    /// Distances to the thresholds and how many values have them.
    fn distances(&self, thresholds: [f64; 3]) -> (Vec<f64>, Vec<f64>) {
        let (mut distances, mut counts) = (Vec::new(), Vec::new());
        for (place, [count, sum]) in self.bins.iter().enumerate().filter(|(_, slot)| slot[0] > 0.0) {
            let (level, value) = (place / BINS, sum / count);
            if level > 0 {
                distances.push(value - thresholds[level - 1]);
                counts.push(*count);
            }
            if level < 3 {
                distances.push(thresholds[level] - value);
                counts.push(*count);
            }
        }
        // Whole chunks for the vectors: what is added weighs nothing.
        let whole = distances.len().next_multiple_of(SUM_LANES);
        distances.resize(whole, 0.0);
        counts.resize(whole, 0.0);
        (distances, counts)
    }

    /// Logarithm of the noise at which the error ratio is the target; `None` if it is passed without noise.
    pub fn bearable(&self, thresholds: [f64; 3], target_ser_ratio: f64) -> Option<f64> {
        let (distances, counts) = self.distances(thresholds);
        let wrong: f64 = distances.iter().zip(&counts).filter(|(distance, _)| **distance < 0.0).map(|(_, c)| c).sum();
        if wrong >= target_ser_ratio * self.count {
            return None;
        }
        let (mut low, mut high, mut x) = (1e-5_f64.ln(), 0.0_f64, self.start);
        for _ in 0..80 {
            let (sum, slope) = vectorize(WeighedTails { distances: &distances, counts: &counts, inverse: (-x).exp() });
            let excess = (sum.max(1e-300) / (target_ser_ratio * self.count)).ln();
            if excess > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let next = x - excess * sum / slope;
            let before = x;
            x = if next.is_finite() && next > low && next < high { next } else { 0.5 * (low + high) };
            // Newton's steps square the error: what is left is of the order of 1e-10.
            if (x - before).abs() < 1e-5 {
                break;
            }
        }
        (x > 1.01e-5_f64.ln()).then_some(x)
    }

    /// By how much the number of errors grows with a value in each bin, and with the logarithm of the noise.
    fn densities(&self, thresholds: [f64; 3], sigma: f64) -> (Vec<f64>, f64) {
        let scale = 1.0 / ((2.0 * PI).sqrt() * sigma);
        let mut by_noise = 0.0;
        let densities = self.bins.iter().enumerate().map(|(place, [count, sum])| {
            if *count == 0.0 {
                return 0.0;
            }
            let (level, value) = (place / BINS, sum / count);
            let mut density = |distance: f64| {
                let x = distance / sigma;
                let density = scale * exp(-0.5 * x * x);
                by_noise += count * distance * density;
                density
            };
            let below = if level > 0 { density(value - thresholds[level - 1]) } else { 0.0 };
            let above = if level < 3 { density(thresholds[level] - value) } else { 0.0 };
            above - below
        });
        (densities.collect(), by_noise)
    }

    /// Mean of the values of each level.
    pub fn level_means(&self) -> [f64; 4] {
        [0, 1, 2, 3].map(|level| {
            let bins = &self.bins[level * BINS..(level + 1) * BINS];
            bins.iter().map(|slot| slot[1]).sum::<f64>() / bins.iter().map(|slot| slot[0]).sum::<f64>()
        })
    }
}

/// Bin of each value, among those of its level.
struct FindBins<'a> {
    values: &'a [f64],
    levels: &'a [u8],
    places: &'a mut [u16],
}

impl ColumnWork for FindBins<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((place, &value), &level) in self.places.iter_mut().zip(self.values).zip(self.levels) {
            let bin = (value + 0.5 * BINS as f64 / BINS_PER_OMA) * BINS_PER_OMA;
            let bin = if bin > 0.0 { bin } else { 0.0 };
            let bin = if bin < (BINS - 1) as f64 { bin } else { (BINS - 1) as f64 };
            *place = u16::from(level) * BINS as u16 + bin as i32 as u16;
        }
    }
}

struct Convolve<'a> {
    taps: &'a [f64],
    samples: &'a [f64],
    /// Place of the sample that the first tap weighs for the first value.
    first: usize,
    out: &'a mut [f64],
}

impl ColumnWork for Convolve<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (index, chunk) in self.out.chunks_mut(CHUNK).enumerate() {
            for (tap, weight) in self.taps.iter().enumerate() {
                let start = self.first + index * CHUNK - tap;
                for (value, sample) in chunk.iter_mut().zip(&self.samples[start..]) {
                    *value += weight * sample;
                }
            }
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    vectorize(Dot { a, b })
}

struct Dot<'a> {
    a: &'a [f64],
    b: &'a [f64],
}

impl ColumnWork for Dot<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let ((a, rest_a), (b, rest_b)) = (self.a.as_chunks::<SUM_LANES>(), self.b.as_chunks::<SUM_LANES>());
        let mut lanes = [0.0; SUM_LANES];
        for (a, b) in a.iter().zip(b) {
            for ((lane, x), y) in lanes.iter_mut().zip(a).zip(b) {
                *lane += x * y;
            }
        }
        join(lanes) + rest_a.iter().zip(rest_b).map(|(x, y)| x * y).sum::<f64>()
    }
}

/// Sums of Q(x), x = distance over sigma, and of x times its density: the slope over ln sigma. Columns of whole chunks.
struct WeighedTails<'a> {
    distances: &'a [f64],
    counts: &'a [f64],
    inverse: f64,
}

impl ColumnWork for WeighedTails<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run(self) -> (f64, f64) {
        let (mut tails, mut slopes) = ([0.0; SUM_LANES], [0.0; SUM_LANES]);
        let (distances, counts) = (self.distances.as_chunks::<SUM_LANES>().0, self.counts.as_chunks::<SUM_LANES>().0);
        for (distances, counts) in distances.iter().zip(counts) {
            for lane in 0..SUM_LANES {
                let x = distances[lane] * self.inverse;
                tails[lane] += counts[lane] * gaussian_tail(x);
                slopes[lane] += counts[lane] * x * exp(-0.5 * x * x);
            }
        }
        (join(tails), join(slopes) / (2.0 * PI).sqrt())
    }
}

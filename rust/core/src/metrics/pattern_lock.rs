//! Where in a known periodic pattern a sampled PAM4 waveform lies, and the symbol clock that it was sent with.

use crate::error::{Error, Result};
use crate::signal::Fourier;
use rustfft::num_complex::Complex64;

/// Symbols that the first search looks at, and those of one block of the clock's search.
const SEARCH_SYMBOLS: usize = 4096;
const BLOCK_SYMBOLS: usize = 2048;
const BLOCKS_COUNT: usize = 24;
/// Drift over the record, in symbols, below which the nominal clock stands: what patterns feign in short blocks.
const NEGLIGIBLE_DRIFT: f64 = 0.03;
/// Greatest error of the symbol rate that the first search still finds.
const RATE_ERROR_MAX_RATIO: f64 = 500e-6;
/// Least correlation with the pattern that counts as a lock; interference between symbols alone leaves 0.8 and more, other
/// patterns 0.2 and less in blocks of this length.
const CORRELATION_MIN_RATIO: f64 = 0.5;

/// A waveform found in its pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PatternLock {
    /// Index in the pattern of the symbol around sample 0.
    pub pattern_index: usize,
    /// Time of that symbol's middle, in symbols behind sample 0.
    pub delay_ratio: f64,
    /// Samples of a symbol of the clock that was found.
    pub samples_per_symbol_ratio: f64,
    /// Found symbol rate over the nominal one, less 1.
    pub rate_error_ratio: f64,
    /// Correlation with the pattern, at most 1.
    pub correlation_ratio: f64,
    /// Whether the waveform holds the pattern upside down.
    pub is_inverted: bool,
}

/// Finds a waveform in a pattern.
///
/// # Algorithm
/// 1. Take 4096 symbols from the middle at four places within the symbol and correlate them with all shifts of the pattern by
///    FFT; the greatest correlation of either sign gives shift and polarity.
/// 2. In up to 24 blocks over the record find the time of greatest correlation by parabolas, from the middle outwards.
/// 3. A straight line through these times gives the clock; repeat with it until it stands.
///
/// # Errors
/// [`Error::Parameter`] if the waveform is too short, [`Error::Model`] if nothing in it correlates with the pattern or the
/// clock is more than 500 ppm off.
pub fn lock_pattern(samples: &[f64], samples_per_symbol: f64, pattern: &[u8]) -> Result<PatternLock> {
    let symbols = (samples.len() as f64 / samples_per_symbol).floor() as usize;
    let levels = centered(pattern);
    let mut search = Search { samples, levels: &levels, rate: samples_per_symbol };
    let count = symbols.min(SEARCH_SYMBOLS);
    let start = (symbols - count) / 2;
    let (shift, delay, correlation) = search.coarse(start, count);
    if correlation.abs() < CORRELATION_MIN_RATIO {
        return Err(Error::Model(format!(
            "no pattern lock: the greatest correlation of the waveform with the pattern of {} symbols is {:.2}, a lock needs \
             {CORRELATION_MIN_RATIO}; the pattern or the symbol rate is another one, or the eye is closed",
            pattern.len(),
            correlation.abs()
        )));
    }
    let (mut offset, nominal) = (shift as f64 - start as f64 - delay, samples_per_symbol);
    for _ in 0..4 {
        let (time, drift) = search.drift(offset, start + count / 2, symbols);
        if (drift * symbols as f64).abs() < NEGLIGIBLE_DRIFT {
            offset -= time;
            break;
        }
        // Times are those behind the clock so far: a symbol k lies at k (1 + drift) + time.
        search.rate *= 1.0 + drift;
        offset -= time;
        if (search.rate / nominal - 1.0).abs() > RATE_ERROR_MAX_RATIO {
            return Err(Error::Model(format!(
                "no pattern lock: the symbol rate is off by more than {:.0} ppm",
                RATE_ERROR_MAX_RATIO * 1e6
            )));
        }
    }
    let correlation = search.at(offset, start, count, correlation.signum());
    let length = pattern.len() as f64;
    let first = offset.round();
    Ok(PatternLock {
        pattern_index: first.rem_euclid(length) as usize,
        delay_ratio: first - offset,
        samples_per_symbol_ratio: search.rate,
        rate_error_ratio: nominal / search.rate - 1.0,
        correlation_ratio: correlation.abs(),
        is_inverted: correlation < 0.0,
    })
}

/// Levels less their mean.
fn centered(pattern: &[u8]) -> Vec<f64> {
    let mean = pattern.iter().map(|&level| f64::from(level)).sum::<f64>() / pattern.len() as f64;
    pattern.iter().map(|&level| f64::from(level) - mean).collect()
}

struct Search<'a> {
    samples: &'a [f64],
    levels: &'a [f64],
    /// Samples per symbol.
    rate: f64,
}

impl Search<'_> {
    /// Value at a time in symbols, straight between samples; the record's ends go on flat.
    fn value(&self, time: f64) -> f64 {
        let place = (time * self.rate).clamp(0.0, (self.samples.len() - 1) as f64);
        let index = (place as usize).min(self.samples.len() - 2);
        let share = place - index as f64;
        self.samples[index] + share * (self.samples[index + 1] - self.samples[index])
    }

    /// Shift of the pattern, delay within the symbol and correlation of the block that starts at a symbol.
    fn coarse(&self, start: usize, count: usize) -> (usize, f64, f64) {
        let length = self.levels.len();
        let fourier = Fourier::new(length);
        let mut pattern: Vec<Complex64> = self.levels.iter().map(|&level| level.into()).collect();
        fourier.to_spectrum(&mut pattern);
        let level_energy = self.levels.iter().map(|level| level * level).sum::<f64>() / length as f64 * count as f64;
        let mut best = (0, 0.0, 0.0_f64);
        for quarter in 0..4 {
            let delay = 0.25 * f64::from(quarter);
            let block: Vec<f64> = (0..count).map(|k| self.value((start + k) as f64 + delay)).collect();
            let mean = block.iter().sum::<f64>() / count as f64;
            let energy = block.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            let mut folded = vec![Complex64::default(); length];
            for (k, value) in block.iter().enumerate() {
                folded[k % length] += value - mean;
            }
            fourier.to_spectrum(&mut folded);
            for (value, level) in folded.iter_mut().zip(&pattern) {
                *value = value.conj() * level;
            }
            fourier.to_signal(&mut folded);
            let scale = 1.0 / (energy * level_energy).sqrt();
            for (shift, value) in folded.iter().enumerate() {
                let correlation = value.re * scale;
                if correlation.abs() > best.2.abs() {
                    best = (shift, delay, correlation);
                }
            }
        }
        best
    }

    /// Correlation of `count` symbols from one on, symbol k having the pattern's entry k + offset in its middle.
    fn at(&self, offset: f64, start: usize, count: usize, sign: f64) -> f64 {
        let (length, whole) = (self.levels.len() as i64, offset.round());
        let delay = whole - offset;
        let (mut product, mut sum, mut energy, mut level_energy, mut level_sum) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for k in start..start + count {
            let level = self.levels[(k as i64 + whole as i64).rem_euclid(length) as usize];
            let value = self.value(k as f64 + delay);
            product += level * value;
            sum += value;
            energy += value * value;
            level_sum += level;
            level_energy += level * level;
        }
        let n = count as f64;
        let variance = (energy - sum * sum / n) * (level_energy - level_sum * level_sum / n);
        let correlation = (product - sum * level_sum / n) / variance.max(f64::MIN_POSITIVE).sqrt();
        // A block must keep the sign of the whole.
        if correlation * sign < 0.0 { 0.0 } else { correlation }
    }

    /// Time of greatest correlation of a block, near a time.
    fn peak(&self, offset: f64, start: usize, count: usize, near: f64, sign: f64) -> f64 {
        let step = 0.25;
        let mut time = near;
        for _ in 0..4 {
            let [before, here, after] =
                [-step, 0.0, step].map(|move_by| sign * self.at(offset - time - move_by, start, count, sign));
            let bend = before - 2.0 * here + after;
            let move_by = if bend < 0.0 { 0.5 * step * (before - after) / bend } else { 0.0 };
            time += move_by.clamp(-step, step);
            if move_by.abs() < 1e-4 {
                break;
            }
        }
        time
    }

    /// Time of symbol 0 behind the clock so far, and by how much each symbol is longer.
    fn drift(&self, offset: f64, middle: usize, symbols: usize) -> (f64, f64) {
        let count = BLOCK_SYMBOLS.min((symbols / 3).max(1));
        let blocks = (symbols / count).clamp(1, BLOCKS_COUNT);
        let sign =
            if self.at(offset, middle.saturating_sub(count / 2), count.min(symbols), 0.0) < 0.0 { -1.0 } else { 1.0 };
        let place = |block: usize| if blocks == 1 { 0 } else { block * (symbols - count) / (blocks - 1) };
        let first = (0..blocks).min_by_key(|&block| place(block).abs_diff(middle)).unwrap_or(0);
        let mut times = vec![0.0; blocks];
        times[first] = self.peak(offset, place(first), count, 0.0, sign);
        for block in first + 1..blocks {
            times[block] = self.peak(offset, place(block), count, times[block - 1], sign);
        }
        for block in (0..first).rev() {
            times[block] = self.peak(offset, place(block), count, times[block + 1], sign);
        }
        let x: Vec<f64> = (0..blocks).map(|block| (place(block) + count / 2) as f64).collect();
        let n = blocks as f64;
        let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, times.iter().sum::<f64>() / n);
        let spread: f64 = x.iter().map(|x| (x - mean_x).powi(2)).sum();
        let product: f64 = x.iter().zip(&times).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let slope = if spread > 0.0 { product / spread } else { 0.0 };
        (mean_y - slope * mean_x, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::quaternary_prbs;
    use std::f64::consts::PI;

    /// Raised-cosine edges between symbols, `delay` symbols late.
    fn waveform(pattern: &[u8], symbols: usize, rate: f64, delay: f64, scale: f64) -> Vec<f64> {
        let level = |k: i64| f64::from(pattern[k.rem_euclid(pattern.len() as i64) as usize]);
        (0..(symbols as f64 * rate) as usize)
            .map(|n| {
                let time = n as f64 / rate - delay;
                let share = 0.5 - 0.5 * (PI * (time - time.floor())).cos();
                scale * (level(time.floor() as i64) * (1.0 - share) + level(time.floor() as i64 + 1) * share)
            })
            .collect()
    }

    #[test]
    fn shift_delay_clock_and_polarity_are_found() {
        let pattern = quaternary_prbs(13, 1, 8191).unwrap();
        for (late, error, scale) in [(1234.3, 0.0, 1.0), (17.8, 80e-6, 1.0), (5000.0, -120e-6, -0.01)] {
            let samples = waveform(&pattern, 20_000, 8.0 * (1.0 + error), -late, scale);
            let found = lock_pattern(&samples, 8.0, &pattern).unwrap();
            assert_eq!(found.is_inverted, scale < 0.0);
            let seen = found.pattern_index as f64 - found.delay_ratio;
            assert!((seen - late).abs() < 0.05, "{found:?} {late}");
            assert!((found.rate_error_ratio + error).abs() < 3e-6, "{found:?} {error}");
        }
    }

    #[test]
    fn another_pattern_or_rate_is_no_lock() {
        let pattern = quaternary_prbs(13, 1, 8191).unwrap();
        let samples = waveform(&pattern, 9_000, 8.0, 3.0, 1.0);
        let other = quaternary_prbs(11, 1, 2047).unwrap();
        assert!(matches!(lock_pattern(&samples, 8.0, &other), Err(Error::Model(_))));
        assert!(matches!(lock_pattern(&samples, 7.7, &pattern), Err(Error::Model(_))));
    }
}

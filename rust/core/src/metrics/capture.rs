//! A captured waveform made ready: checked, found in its pattern, cut to whole symbols of the clock that it was sent with.

use super::pattern_lock::{PatternLock, lock_pattern};
use crate::dsp::resample_uniform;
use crate::error::{Error, Result, require_positive};

/// Least samples of a symbol, and least symbols.
const SAMPLES_PER_SYMBOL_MIN: f64 = 2.0;
const SYMBOLS_MIN: usize = 256;
/// Symbols at either end of a record of less than one period that are not judged.
pub const GUARD_SYMBOLS: usize = 24;
/// A record is clipped where more samples lie exactly on its greatest or least value than this share, and so many times more than
/// on any other value.
const CLIPPED_SHARE: f64 = 0.005;
const CLIPPED_EXCESS: f64 = 2.0;
/// Samples by which the record may miss a whole number of symbols before it is resampled.
const SAMPLE_TOLERANCE: f64 = 0.02;
/// Samples on either side that resampling weighs.
const RESAMPLE_HALF: usize = 16;

/// A record of whole symbols.
#[derive(Debug, Clone)]
pub struct Capture {
    /// Samples that span the symbols, in watts or in proportion to them.
    pub power_w: Vec<f64>,
    /// Levels of the symbols, 0 to 3.
    pub symbols: Vec<u8>,
    /// Symbols at either end that are not judged: none where the record is whole periods.
    pub guard_count: usize,
    /// Periods of the pattern in the record; 0 for a part of one.
    pub periods_count: usize,
    /// How the pattern was found.
    pub lock: PatternLock,
    /// Whether samples had to be made at other places than they were taken.
    pub is_resampled: bool,
}

/// Makes a waveform ready.
///
/// # Algorithm
/// 1. Refuse what is not finite, constant, clipped, too short or too coarsely sampled.
/// 2. Find the pattern and the clock ([`lock_pattern`]).
/// 3. Keep whole periods of the pattern, or all whole symbols where there is not one; where they are no whole number of samples,
///    resample by a sinc in a Kaiser window. Averaged periods become one.
///
/// # Errors
/// [`Error::Parameter`] naming what is wrong with the waveform, [`Error::Model`] if it does not hold the pattern.
pub fn prepare_capture(
    samples: &[f64],
    sample_rate_hz: f64,
    symbol_rate_hz: f64,
    pattern: &[u8],
    is_averaged: bool,
) -> Result<Capture> {
    require_positive("sample_rate_hz", sample_rate_hz)?;
    require_positive("symbol_rate_hz", symbol_rate_hz)?;
    let per_symbol = sample_rate_hz / symbol_rate_hz;
    check_pattern(pattern)?;
    check_samples(samples, per_symbol)?;
    let lock = lock_pattern(samples, per_symbol, pattern)?;
    let available = (samples.len() as f64 / lock.samples_per_symbol_ratio + 1e-6) as usize;
    let periods = available / pattern.len();
    if is_averaged && periods < 2 {
        let found = format!("{:.2} periods", available as f64 / pattern.len() as f64);
        return Err(Error::parameter("samples", found, "two periods of the pattern at least where they are averaged"));
    }
    let count = if periods > 0 { periods * pattern.len() } else { available };
    let wanted = count as f64 * lock.samples_per_symbol_ratio;
    let is_resampled = (wanted - wanted.round()).abs() > SAMPLE_TOLERANCE;
    let mut kept = if is_resampled {
        let whole = lock.samples_per_symbol_ratio.ceil().max(4.0);
        resample_uniform(samples, lock.samples_per_symbol_ratio / whole, count * whole as usize, RESAMPLE_HALF)?
    } else {
        samples[..(wanted.round() as usize).min(samples.len())].to_vec()
    };
    let level = |k: usize| {
        let level = pattern[(k + lock.pattern_index) % pattern.len()];
        if lock.is_inverted { 3 - level } else { level }
    };
    let mut symbols: Vec<u8> = (0..count).map(level).collect();
    let mut periods_count = periods;
    if is_averaged && kept.len().is_multiple_of(periods) {
        let length = kept.len() / periods;
        kept = (0..length)
            .map(|n| (0..periods).map(|period| kept[n + period * length]).sum::<f64>() / periods as f64)
            .collect();
        symbols.truncate(pattern.len());
        periods_count = 1;
    } else if is_averaged {
        return Err(Error::Model(
            "the periods of the pattern are no whole number of samples and cannot be averaged".into(),
        ));
    }
    let guard_count = if periods > 0 { 0 } else { GUARD_SYMBOLS };
    Ok(Capture { power_w: kept, symbols, guard_count, periods_count, lock, is_resampled })
}

fn check_pattern(pattern: &[u8]) -> Result<()> {
    if pattern.len() < 16 {
        return Err(Error::parameter("pattern", format!("{} symbols", pattern.len()), "16 symbols at least"));
    }
    if let Some(wrong) = pattern.iter().find(|&&level| level > 3) {
        return Err(Error::parameter("pattern", wrong, "levels from 0 to 3"));
    }
    if let Some(missing) = (0..4).find(|level| !pattern.contains(level)) {
        return Err(Error::parameter("pattern", format!("without level {missing}"), "all four levels"));
    }
    Ok(())
}

fn check_samples(samples: &[f64], per_symbol: f64) -> Result<()> {
    if let Some(index) = samples.iter().position(|sample| !sample.is_finite()) {
        let found = format!("{} at index {index}", samples[index]);
        return Err(Error::parameter("samples", found, "finite numbers"));
    }
    if per_symbol < SAMPLES_PER_SYMBOL_MIN {
        let found = format!("{per_symbol:.3} samples per symbol");
        return Err(Error::parameter("sample_rate_hz", found, format!("{SAMPLES_PER_SYMBOL_MIN} or more")));
    }
    let symbols = samples.len() as f64 / per_symbol;
    if symbols < SYMBOLS_MIN as f64 {
        let found = format!("{} samples, {symbols:.1} symbols", samples.len());
        return Err(Error::parameter("samples", found, format!("{SYMBOLS_MIN} symbols at least")));
    }
    let (least, most) = samples.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
    if least == most {
        return Err(Error::parameter("samples", format!("{least} throughout"), "a waveform that changes"));
    }
    for (end, word) in [(most, "greatest"), (least, "least")] {
        check_clipping(samples, end, word)?;
    }
    Ok(())
}

fn check_clipping(samples: &[f64], end: f64, word: &str) -> Result<()> {
    let at_end = samples.iter().filter(|&&sample| sample == end).count();
    if (at_end as f64) < CLIPPED_SHARE * samples.len() as f64 {
        return Ok(());
    }
    // What is sampled at rest lies on one value too, but then that of the inner levels as often.
    let mut inner: Vec<u64> = samples.iter().filter(|&&sample| sample != end).map(|sample| sample.to_bits()).collect();
    inner.sort_unstable();
    let most_common = inner.chunk_by(|a, b| a == b).map(<[u64]>::len).max().unwrap_or(0);
    if at_end as f64 > CLIPPED_EXCESS * most_common as f64 {
        let found = format!("clipped: {at_end} of {} samples lie on the {word} value, {end}", samples.len());
        return Err(Error::parameter("samples", found, "a waveform within the range of its converter"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::quaternary_prbs;
    use std::f64::consts::PI;

    fn waveform(rate: f64, symbols: usize) -> (Vec<f64>, Vec<u8>) {
        let pattern = quaternary_prbs(11, 1, 2047).unwrap();
        let level = |k: usize| f64::from(pattern[k % pattern.len()]);
        let samples = (0..(symbols as f64 * rate) as usize).map(|n| {
            let time = n as f64 / rate;
            let share = 0.5 - 0.5 * (PI * time.fract()).cos();
            level(time as usize) * (1.0 - share) + level(time as usize + 1) * share
        });
        (samples.collect(), pattern)
    }

    #[test]
    fn whole_periods_are_kept_and_parts_are_guarded() {
        let (samples, pattern) = waveform(8.0, 5000);
        let found = prepare_capture(&samples, 8.0, 1.0, &pattern, false).unwrap();
        assert_eq!((found.periods_count, found.guard_count, found.symbols.len()), (2, 0, 4094));
        assert!(!found.is_resampled && found.power_w.len() == 8 * 4094);
        let one = prepare_capture(&samples, 8.0, 1.0, &pattern, true).unwrap();
        assert_eq!((one.periods_count, one.symbols.len(), one.power_w.len()), (1, 2047, 8 * 2047));
        assert!(one.power_w.iter().zip(&found.power_w).all(|(a, b)| (a - b).abs() < 1e-12));
        let part = prepare_capture(&samples[..8 * 1000], 8.0, 1.0, &pattern, false).unwrap();
        assert_eq!((part.periods_count, part.guard_count, part.symbols.len()), (0, GUARD_SYMBOLS, 1000));
        assert!(prepare_capture(&samples[..8 * 3000], 8.0, 1.0, &pattern, true).is_err());
    }

    /// A clock of 7.9 samples per symbol on whole periods: resampled to 8 per symbol, which is what was sent.
    #[test]
    fn another_clock_is_resampled() {
        let (samples, pattern) = waveform(7.91, 3000);
        let found = prepare_capture(&samples, 7.91, 1.0, &pattern, false).unwrap();
        assert!(found.is_resampled && found.symbols.len() == 2047);
        let (expected, _) = waveform(8.0, 2047);
        let worst =
            found.power_w[200..16_000].iter().zip(&expected[200..]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.02, "{worst}");
    }

    #[test]
    fn bad_captures_are_refused() {
        let (samples, pattern) = waveform(8.0, 3000);
        let refused = |samples: &[f64], rate: f64| prepare_capture(samples, rate, 1.0, &pattern, false).unwrap_err();
        let mut broken = samples.clone();
        broken[77] = f64::NAN;
        assert!(refused(&broken, 8.0).to_string().contains("NaN at index 77"));
        // With the noise that every record has no inner value comes again.
        let noisy = samples.iter().enumerate().map(|(n, sample)| sample + 1e-3 * (n as f64).sin());
        let clipped: Vec<f64> = noisy.map(|sample| sample.min(2.6)).collect();
        assert!(refused(&clipped, 8.0).to_string().contains("clipped"));
        assert!(refused(&samples[..1000], 8.0).to_string().contains("symbols"));
        assert!(refused(&samples, 1.5).to_string().contains("samples per symbol"));
        assert!(refused(&samples, 6.1).to_string().contains("no pattern lock"));
        assert!(refused(&vec![1.0; 4000], 8.0).to_string().contains("changes"));
        assert!(prepare_capture(&samples, 8.0, 1.0, &[0, 1, 2, 3], false).is_err());
        assert!(prepare_capture(&samples, 8.0, 1.0, &[4; 100], false).is_err());
    }
}

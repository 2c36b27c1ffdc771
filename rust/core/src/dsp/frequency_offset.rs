//! Frequency offset of the local oscillator, from the fourth power of the symbols or from known symbols.

use super::criterion::KnownSymbols;
use super::dispersion::parabola_offset;
use super::field::{FieldView, require_block};
use super::viterbi::fourth_power_line;
use crate::error::{Error, Result, require_positive};
use crate::signal::{Fourier, Modulation, bin_frequency_hz};
use rustfft::num_complex::Complex64;

/// Zeros that are added to the periodogram: its bins are as much finer.
const FINER_COUNT: usize = 4;

/// A frequency offset that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrequencyOffset {
    /// Frequency of the signal's carrier over that of the local oscillator.
    pub offset_hz: f64,
    /// Greatest value of the periodogram over its mean: below about 20 nothing was found.
    pub peak_ratio: f64,
}

/// Frequency of the strongest line of sequences together.
fn strongest_line(sequences: &[Vec<Complex64>; 2], rate_hz: f64) -> FrequencyOffset {
    let count = sequences[0].len();
    let length = (FINER_COUNT * count).next_power_of_two();
    let fourier = Fourier::new(length);
    let mut power = vec![0.0; length];
    for sequence in sequences {
        let mut spectrum = sequence.clone();
        spectrum.resize(length, Complex64::default());
        fourier.to_spectrum(&mut spectrum);
        for (sum, value) in power.iter_mut().zip(&spectrum) {
            *sum += value.norm_sqr();
        }
    }
    let best = (0..length).max_by(|a, b| power[*a].total_cmp(&power[*b])).unwrap_or(0);
    let mean = power.iter().sum::<f64>() / length as f64;
    let offset = parabola_offset(power[(best + length - 1) % length], power[best], power[(best + 1) % length]);
    FrequencyOffset {
        offset_hz: bin_frequency_hz(best, length, rate_hz) + offset * rate_hz / length as f64,
        peak_ratio: power[best] / mean,
    }
}

/// Estimates the frequency offset of symbols, one sample each, without known ones: within an eighth of the symbol rate of 0.
///
/// # Algorithm
/// 1. The fourth power of QPSK and QAM symbols has a line at four times the offset.
/// 2. The periodograms of both polarizations are added up, four times finer than the block; the greatest value and a parabola.
///
/// # Errors
/// [`Error::Parameter`] if there are fewer than 64 symbols, one is not finite, the rate is not above 0 or the format has no line.
///
/// # References
/// Leven et al. 2007, doi 10.1109/LPT.2007.891893; Selmi, Jaouen and Ciblat 2009, ECOC, P3.08 (periodogram).
pub fn estimate_frequency_offset(
    symbols: FieldView<'_>,
    symbol_rate_hz: f64,
    modulation: Modulation,
) -> Result<FrequencyOffset> {
    require_positive("symbol_rate_hz", symbol_rate_hz)?;
    fourth_power_line(modulation)?;
    require_block("symbols", symbols, 64)?;
    let found =
        strongest_line(&symbols.map(|samples| samples.iter().map(|value| value.powu(4)).collect()), symbol_rate_hz);
    Ok(FrequencyOffset { offset_hz: 0.25 * found.offset_hz, ..found })
}

/// Estimates the frequency offset of symbols, one sample each, from known ones: within half the rate of known symbols of `near_hz`.
///
/// # Algorithm
/// The products of received and conjugate known symbols have a line at the offset, periodic with the rate of known symbols; found as in
/// [`estimate_frequency_offset`]. Of its periods the one nearest to `near_hz` is taken.
///
/// # Errors
/// [`Error::Parameter`] if there are fewer than 16 known symbols in the block, one is not finite or a rate is not above 0.
pub fn estimate_frequency_offset_by_pilots(
    symbols: FieldView<'_>,
    symbol_rate_hz: f64,
    known: &KnownSymbols,
    near_hz: f64,
) -> Result<FrequencyOffset> {
    require_positive("symbol_rate_hz", symbol_rate_hz)?;
    crate::error::require_finite("near_hz", near_hz)?;
    known.validate()?;
    let count = require_block("symbols", symbols, 1)?;
    let pilots = count.div_ceil(known.spacing_count);
    if pilots < 16 {
        return Err(Error::parameter(
            "symbols",
            format!("{count} with {pilots} known symbols"),
            "at least 16 known symbols",
        ));
    }
    let rate_hz = symbol_rate_hz / known.spacing_count as f64;
    let product = |polarization: usize| {
        let places = (0..count).step_by(known.spacing_count);
        places
            .filter_map(|place| {
                known.at(polarization, place as u64).map(|target| symbols[polarization][place] * target.conj())
            })
            .collect()
    };
    let found = strongest_line(&[product(0), product(1)], rate_hz);
    let periods = ((near_hz - found.offset_hz) / rate_hz).round();
    Ok(FrequencyOffset { offset_hz: found.offset_hz + periods * rate_hz, ..found })
}

#[cfg(test)]
mod tests {
    use super::super::field::{Field, view};
    use super::super::test_signals::{symbols, with_noise};
    use super::*;
    use std::f64::consts::TAU;

    const RATE_HZ: f64 = 60e9;

    fn shifted(sent: &Field, offset_hz: f64) -> Field {
        let turn = |k: usize| Complex64::cis(TAU * offset_hz / RATE_HZ * k as f64);
        with_noise(&sent.each_ref().map(|s| s.iter().enumerate().map(|(k, v)| v * turn(k)).collect()), 0.03, 7)
    }

    #[test]
    fn an_offset_is_found() {
        for modulation in [Modulation::Qpsk, Modulation::EightQam, Modulation::SixteenQam] {
            let sent = symbols(modulation, 1 << 14, 3);
            for offset_hz in [-3.3e9, 0.0, 1.234_567e9] {
                let received = shifted(&sent, offset_hz);
                let blind = estimate_frequency_offset(view(&received), RATE_HZ, modulation).unwrap();
                // A tenth of a bin of the block.
                assert!(
                    (blind.offset_hz - offset_hz).abs() < 0.1 * RATE_HZ / 16_384.0 / 4.0 * 4.0,
                    "{modulation:?} {blind:?}"
                );
                let known = KnownSymbols {
                    symbols: sent.each_ref().map(|s| s.iter().copied().step_by(32).collect()),
                    spacing_count: 32,
                };
                let by_pilots =
                    estimate_frequency_offset_by_pilots(view(&received), RATE_HZ, &known, blind.offset_hz).unwrap();
                assert!((by_pilots.offset_hz - offset_hz).abs() < 0.1 * RATE_HZ / 16_384.0, "{by_pilots:?}");
            }
        }
    }

    /// The bound of Rife and Boorstyn 1974 for a tone known up to phase and frequency: var f = 6 Rs^2/((2 pi)^2 SNR N^3), of which two
    /// polarizations leave half. The parabola on bins four times finer is within twice the bound.
    #[test]
    fn pilots_reach_the_bound() {
        let sent = symbols(Modulation::Qpsk, 1_024, 3);
        let known = KnownSymbols { symbols: sent.clone(), spacing_count: 1 };
        let (variance, count) = (0.3, 1_024f64);
        let turn = |k: usize| Complex64::cis(TAU * 0.012_345 * k as f64);
        let clean: Field = sent.each_ref().map(|s| s.iter().enumerate().map(|(k, v)| v * turn(k)).collect());
        let mean: f64 = (0..200)
            .map(|seed| {
                let noisy = with_noise(&clean, variance, seed);
                let found = estimate_frequency_offset_by_pilots(view(&noisy), 1.0, &known, 0.0).unwrap();
                (found.offset_hz - 0.012_345).powi(2)
            })
            .sum::<f64>()
            / 200.0;
        let bound = 6.0 * variance / (TAU * TAU * count.powi(3)) / 2.0;
        assert!(mean < 2.0 * bound && mean > 0.7 * bound, "{}", mean / bound);
    }

    #[test]
    fn nonsense_is_refused() {
        let few = symbols(Modulation::Qpsk, 32, 3);
        assert!(estimate_frequency_offset(view(&few), RATE_HZ, Modulation::Qpsk).is_err());
        assert!(estimate_frequency_offset(view(&symbols(Modulation::Qpsk, 64, 1)), 0.0, Modulation::Qpsk).is_err());
        let known = KnownSymbols { symbols: few.clone(), spacing_count: 4 };
        assert!(estimate_frequency_offset_by_pilots(view(&few), RATE_HZ, &known, 0.0).is_err());
    }
}

//! Pulse shaping of periodic symbol sequences.

use super::fourier::{Fourier, bin_frequency_hz};
use super::spectrum::RaisedCosine;
use crate::error::{Error, Result};
use rustfft::num_complex::Complex64;

/// Shapes a periodic sequence of symbols with root-raised-cosine pulses and samples it.
///
/// # Algorithm
/// 1. The spectrum of the symbols is periodic; it is repeated over the bins of the samples.
/// 2. Each bin is multiplied with the square root of the raised cosine, exact also for roll-off 0: no pulse is cut off.
/// 3. Inverse transform; the mean power of the samples is that of the symbols (white ones).
///
/// Cost: one FFT of the symbols and one of the samples.
///
/// # Errors
/// [`Error::Parameter`] if the roll-off is outside [0, 1], there are no symbols, or there are too few samples for the
/// spectrum: fewer than (1 + roll-off) per symbol.
///
/// # References
/// Proakis and Salehi 2008, Digital Communications, 9.2.
pub fn shape_pulses(symbols: &[Complex64], samples_count: usize, roll_off: f64) -> Result<Vec<Complex64>> {
    // Frequencies count in symbol rates.
    let spectrum_shape = RaisedCosine::new(1.0, roll_off)?;
    if symbols.is_empty() {
        return Err(Error::parameter("symbols", "none", "one or more"));
    }
    let least = (2.0 * spectrum_shape.edge_hz() * symbols.len() as f64).ceil() as usize;
    if samples_count < least {
        return Err(Error::parameter("samples_count", samples_count, format!("{least} or more for these symbols")));
    }
    let mut symbol_spectrum = symbols.to_vec();
    Fourier::new(symbols.len()).to_spectrum(&mut symbol_spectrum);
    let samples_per_symbol = samples_count as f64 / symbols.len() as f64;
    let mut samples = vec![Complex64::new(0.0, 0.0); samples_count];
    for (index, bin) in samples.iter_mut().enumerate() {
        let frequency = bin_frequency_hz(index, samples_count, samples_per_symbol);
        let density = spectrum_shape.density_ratio(frequency);
        if density > 0.0 {
            let place = if 2 * index < samples_count { index as i64 } else { index as i64 - samples_count as i64 };
            let source = place.rem_euclid(symbols.len() as i64) as usize;
            *bin = symbol_spectrum[source] * (density.sqrt() * samples_per_symbol);
        }
    }
    Fourier::new(samples_count).to_signal(&mut samples);
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RandomSource;
    use crate::signal::{Modulation, SymbolMap, random_bits};

    /// Shaped twice (the matched filter), the samples at the symbols are the symbols: no interference between them.
    #[test]
    fn matched_filter_gives_the_symbols_back() {
        let bits = random_bits(&RandomSource::new(3, 1, 4), 0, 2 * 1000);
        let symbols = SymbolMap::new(Modulation::Qpsk).unwrap().map(&bits).unwrap();
        for (samples_count, roll_off) in [(2000, 0.2), (2000, 1.0), (1250, 0.1), (4000, 0.0)] {
            let mut samples = shape_pulses(&symbols, samples_count, roll_off).unwrap();
            let power = samples.iter().map(Complex64::norm_sqr).sum::<f64>() / samples_count as f64;
            // The band edges carry the random symbols' own spectrum, of which 1,000 fluctuate by some percent.
            assert!((power - 1.0).abs() < 0.03, "{power}");
            let fourier = Fourier::new(samples_count);
            let matched = RaisedCosine::new(1.0, roll_off).unwrap();
            let response = |frequency: f64| Complex64::from(matched.density_ratio(frequency).sqrt());
            fourier.filter(&mut samples, samples_count as f64 / 1000.0, response);
            let step = samples_count / 1000;
            if samples_count % 1000 == 0 {
                for (index, symbol) in symbols.iter().enumerate() {
                    assert!((samples[index * step] - symbol).norm() < 1e-10);
                }
            }
        }
    }

    #[test]
    fn wrong_input_is_refused() {
        let symbols = vec![Complex64::new(1.0, 0.0); 8];
        assert!(shape_pulses(&symbols, 9, 0.2).is_err());
        assert!(shape_pulses(&symbols, 16, 1.5).is_err());
        assert!(shape_pulses(&[], 16, 0.2).is_err());
    }
}

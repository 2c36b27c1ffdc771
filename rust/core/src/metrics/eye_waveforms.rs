//! Waveforms for pictures: behind an equalizer, and the response to one symbol.

use super::sampled_eye::SampledEye;
use super::waveform_tdecq::WaveformTdecq;
use crate::dsp::solve;
use crate::error::{Error, Result};

/// A waveform on a grid behind an equalizer; feedback weighs the symbol before all over a symbol around its middle.
pub fn equalize_waveform(
    waveform: &[f64],
    samples_per_symbol: usize,
    eye: &SampledEye,
    found: &WaveformTdecq,
) -> Vec<f64> {
    let (n, symbols) = (waveform.len(), eye.symbols());
    let feedback = found.taps.feedback_ratio * (found.levels.high - found.levels.low);
    let start = ((found.sampling_time_ratio - 0.5) * samples_per_symbol as f64).round() as i64;
    // Where the taps sum to 1 and feedback, the symbol before enters with its level over the average's.
    let middle = found.taps.feedback_ratio * found.average_w;
    (0..n)
        .map(|k| {
            let latest = k + found.taps.main_index * samples_per_symbol + n * found.taps.taps.len();
            let sum: f64 = found
                .taps
                .taps
                .iter()
                .enumerate()
                .map(|(tap, weight)| weight * waveform[(latest - tap * samples_per_symbol) % n])
                .sum();
            let symbol = (k as i64 - start).rem_euclid(n as i64) as usize / samples_per_symbol;
            let before = symbols[(symbol + symbols.len() - 1) % symbols.len()];
            sum - middle - feedback * (f64::from(before) / 3.0 - 0.5)
        })
        .collect()
}

/// Response to one symbol whose level rises by the outer OMA's third, over that rise, from `before_count` symbols before its start.
///
/// # Algorithm
/// At each place within the symbol least squares between the waveform less its mean and the symbols around: what is left is not
/// linear.
///
/// # Errors
/// [`Error::Parameter`] if the waveform is not a whole number of samples for each symbol or there are too few of these.
pub fn fit_pulse_response(
    waveform: &[f64],
    symbols: &[u8],
    samples_per_symbol: usize,
    before_count: usize,
    after_count: usize,
) -> Result<Vec<f64>> {
    let (n, size) = (symbols.len(), before_count + after_count);
    if samples_per_symbol == 0 || waveform.len() != n * samples_per_symbol || n < 4 * size || size == 0 {
        let allowed = format!("samples_per_symbol samples for each of {} symbols or more", 4 * size);
        return Err(Error::parameter("waveform", format!("{} samples, {n} symbols", waveform.len()), allowed));
    }
    let mean = symbols.iter().map(|&level| f64::from(level)).sum::<f64>() / n as f64;
    let sent: Vec<f64> = symbols.iter().map(|&level| f64::from(level) - mean).collect();
    let average = waveform.iter().sum::<f64>() / waveform.len() as f64;
    let lagged = |lag: usize| (0..n).map(|k| sent[k] * sent[(k + lag) % n]).sum::<f64>();
    let own: Vec<f64> = (0..size).map(lagged).collect();
    let mut out = vec![0.0; size * samples_per_symbol];
    for phase in 0..samples_per_symbol {
        let mut matrix: Vec<f64> =
            (0..size * size).map(|place| own[(place / size).abs_diff(place % size)] / n as f64).collect();
        // Symbol k begins to act on the sample at k + lag - before.
        let mut right: Vec<f64> = (0..size)
            .map(|lag| {
                let product = |k: usize| {
                    let at = (k + n + lag - before_count) % n;
                    sent[k] * (waveform[at * samples_per_symbol + phase] - average)
                };
                (0..n).map(product).sum::<f64>() / n as f64
            })
            .collect();
        solve(&mut matrix, &mut right)
            .ok_or_else(|| Error::Model("the symbols do not tell one response from another".to_string()))?;
        for (lag, value) in right.into_iter().enumerate() {
            out[lag * samples_per_symbol + phase] = value;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::quaternary_prbs;

    #[test]
    fn a_linear_response_is_found() {
        let symbols = quaternary_prbs(9, 1, 511).unwrap();
        let pulse = [0.1, 0.4, 0.8, 1.0, 0.5, 0.2, 0.05, -0.1];
        let n = symbols.len();
        // Two samples per symbol: the response spans four symbols, the first of them ahead of its own.
        let waveform: Vec<f64> = (0..2 * n)
            .map(|i| (0..4).map(|lag| pulse[2 * lag + i % 2] * f64::from(symbols[(i / 2 + 1 + n - lag) % n])).sum())
            .collect();
        let found = fit_pulse_response(&waveform, &symbols, 2, 1, 3).unwrap();
        assert!(found.iter().zip(pulse).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        assert!(fit_pulse_response(&waveform[1..], &symbols, 2, 1, 3).is_err());
    }
}

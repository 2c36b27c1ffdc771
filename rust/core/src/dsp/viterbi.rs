//! Carrier phase by the fourth power of the symbols.

use super::blind_phase::Recovered;
use super::criterion::Targets;
use super::field::{FieldView, require_count, require_field};
use super::rotation::take_off_phase;
use crate::error::{Error, Result};
use crate::signal::Modulation;
use rustfft::num_complex::Complex64;
use std::f64::consts::FRAC_PI_2;

/// Least |E a^4|/E |a|^4 of a format whose fourth power has a line worth following.
const LINE_MIN_RATIO: f64 = 0.3;

/// Mean fourth power of a format over the mean fourth power of its amplitudes: the line at the carrier.
///
/// # Errors
/// [`Error::Parameter`] if it is below 0.3: the fourth power of the format says little of its phase.
pub(super) fn fourth_power_line(modulation: Modulation) -> Result<f64> {
    Targets::new(modulation)?;
    let (mut line, mut power) = (0.0, 0.0);
    for point in modulation.points() {
        let value = Complex64::new(point.in_phase_ratio, point.quadrature_ratio);
        line += point.probability_ratio * value.powu(4).re;
        power += point.probability_ratio * value.norm_sqr().powi(2);
    }
    let ratio = line / power;
    if ratio.abs() < LINE_MIN_RATIO {
        let allowed = "a format whose fourth power has a line (QPSK, 8QAM, 16QAM)";
        return Err(Error::parameter("modulation", format!("{modulation:?}"), allowed));
    }
    Ok(ratio)
}

/// Fourth-power phase recovery on each polarization of a stream of symbols.
///
/// # Algorithm
/// 1. z = a^4/|a|^3: the fourth power's angle with the amplitude's weight.
/// 2. z is summed from `half_window_count` symbols before to as many behind; a quarter of its angle, from that of the format's own
///    fourth power on, is the phase.
/// 3. Quarter turns are chosen so that the phase moves least.
///
/// Exact for QPSK up to noise; 16QAM and 8QAM add noise of their own pattern: take a long window or [`super::BlindPhaseSearch`].
///
/// # References
/// Viterbi and Viterbi 1983, doi 10.1109/TIT.1983.1056713.
pub struct ViterbiViterbi {
    sign: f64,
    half_window_count: usize,
    tracks: [Track; 2],
}

/// State of one polarization.
#[derive(Default)]
struct Track {
    symbols: Vec<Complex64>,
    /// Terms of the last symbols; the sum over the window.
    terms: Vec<Complex64>,
    sum: Complex64,
    entered_count: usize,
    phase_rad: f64,
}

impl ViterbiViterbi {
    /// A recovery with windows of 2 `half_window_count` + 1 symbols.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the window is outside 1 to 4096 or the format's fourth power has no line.
    pub fn new(modulation: Modulation, half_window_count: usize) -> Result<Self> {
        let sign = fourth_power_line(modulation)?.signum();
        require_count("half_window_count", half_window_count, 1, 4096)?;
        let mut out = Self { sign, half_window_count, tracks: Default::default() };
        out.reset();
        Ok(out)
    }

    /// Takes the next symbols and gives those whose window is complete.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the polarizations differ in length or a symbol is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Recovered> {
        require_field("block", block)?;
        Ok(self.advance(block, 0))
    }

    /// Gives the rest of the symbols, with windows that end with the stream, and starts anew.
    pub fn finish(&mut self) -> Recovered {
        let out = self.advance([&[], &[]], self.half_window_count);
        self.reset();
        out
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        let terms = vec![Complex64::default(); 2 * self.half_window_count + 1];
        self.tracks = [0, 1].map(|_| Track { terms: terms.clone(), ..Track::default() });
    }

    fn advance(&mut self, block: FieldView<'_>, beyond_count: usize) -> Recovered {
        let mut out = Recovered::default();
        let window = 2 * self.half_window_count + 1;
        for (polarization, (track, symbols)) in self.tracks.iter_mut().zip(block).enumerate() {
            track.symbols.extend_from_slice(symbols);
            track.terms.extend(symbols.iter().map(|value| self.sign * fourth_power(*value)));
            track.terms.resize(track.terms.len() + beyond_count, Complex64::default());
            let mut phases = Vec::with_capacity(symbols.len());
            for entering in window..track.terms.len() {
                track.sum += track.terms[entering] - track.terms[entering - window];
                track.entered_count += 1;
                if track.entered_count > self.half_window_count && phases.len() < track.symbols.len() {
                    let raw = 0.25 * track.sum.arg();
                    track.phase_rad = raw + ((track.phase_rad - raw) / FRAC_PI_2).round() * FRAC_PI_2;
                    phases.push(track.phase_rad);
                }
            }
            let used = track.terms.len() - window;
            track.terms.drain(..used);
            let mut turned: Vec<Complex64> = track.symbols.drain(..phases.len()).collect();
            take_off_phase(&mut turned, &phases);
            out.symbols[polarization] = turned;
            out.phase_rad[polarization] = phases;
        }
        out
    }
}

/// a^4/|a|^3.
fn fourth_power(value: Complex64) -> Complex64 {
    let square = value * value;
    let power = value.norm_sqr();
    if power > 0.0 { square * square / (power * power.sqrt()) } else { Complex64::default() }
}

#[cfg(test)]
mod tests {
    use super::super::field::{Field, view};
    use super::super::test_signals::{symbols, with_noise};
    use super::*;

    /// The variance of the estimate is sigma^2/(2 N) for QPSK at high SNR.
    #[test]
    fn the_error_is_that_of_the_noise() {
        let sent = symbols(Modulation::Qpsk, 20_000, 1);
        let turned: Field = sent.each_ref().map(|s| s.iter().map(|value| value * Complex64::cis(0.2)).collect());
        let noisy = with_noise(&turned, 0.05, 9);
        let mut block = ViterbiViterbi::new(Modulation::Qpsk, 10).unwrap();
        let mut out = block.process(view(&noisy)).unwrap();
        let rest = block.finish();
        out.phase_rad[0].extend_from_slice(&rest.phase_rad[0]);
        let phases = &out.phase_rad[0];
        assert_eq!(phases.len(), 20_000);
        let variance = phases.iter().map(|phase| (phase - 0.2).powi(2)).sum::<f64>() / 20_000.0;
        let bound = 0.05 / (2.0 * 21.0);
        assert!((variance / bound - 1.0).abs() < 0.15, "{}", variance / bound);
        let mut parts = Vec::new();
        for (from, to) in [(0, 4), (4, 300), (300, 20_000)] {
            parts.extend_from_slice(&block.process([&noisy[0][from..to], &noisy[1][from..to]]).unwrap().phase_rad[0]);
        }
        parts.extend_from_slice(&block.finish().phase_rad[0]);
        assert_eq!(&parts, phases);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(ViterbiViterbi::new(Modulation::Qpsk, 0).is_err());
        assert!((fourth_power_line(Modulation::Qpsk).unwrap() + 1.0).abs() < 1e-12);
        assert!(fourth_power_line(Modulation::EightQam).unwrap() > 0.3);
        // 16QAM: E a^4 = -0.68, E |a|^4 = 1.32.
        assert!((fourth_power_line(Modulation::SixteenQam).unwrap() + 0.68 / 1.32).abs() < 1e-12);
    }
}

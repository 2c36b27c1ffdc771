//! Carrier phase from known symbols, and the repair of quarter turns that a blind search has slipped by.

use super::blind_phase::Recovered;
use super::criterion::KnownSymbols;
use super::field::{Field, FieldView, require_count, require_field};
use super::rotation::take_off_phase;
use crate::error::Result;
use rustfft::num_complex::Complex64;
use std::f64::consts::{FRAC_PI_2, TAU};

/// Carrier phase from known symbols on each polarization of a stream of symbols.
///
/// # Algorithm
/// 1. At each known symbol the products of received and conjugate known symbols, from `half_window_count` known symbols before to as
///    many behind, are summed: their angle is the phase there.
/// 2. The phase moves by less than half a turn from one known symbol to the next.
/// 3. Between known symbols it is linear; behind the last one it stays. [`Self::new_slip_repair`] rounds it to quarter turns
///    instead, changes them halfway between known symbols, and counts the changes.
///
/// # References
/// Magarini et al. 2012, doi 10.1109/LPT.2012.2187439 (pilots against cycle slips); OIF-400ZR-03.0, section 11 (every 32nd symbol).
pub struct PilotPhase {
    known: KnownSymbols,
    half_window_count: usize,
    quarters_only: bool,
    tracks: [Track; 2],
}

/// State of one polarization.
#[derive(Default)]
struct Track {
    symbols: Vec<Complex64>,
    /// Place in the stream of the first symbol that waits.
    given_count: u64,
    taken_count: u64,
    /// Products at known symbols, from the first on that a window still needs.
    products: Vec<Complex64>,
    dropped_count: u64,
    /// Phase at the last known symbol whose window was complete, and how many there were.
    phase_rad: f64,
    phases_count: u64,
    slips_count: u64,
}

impl PilotPhase {
    /// Phase from known symbols, smoothed over 2 `half_window_count` + 1 of them.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the known symbols are not allowed or the window is above 1024.
    pub fn new(known: KnownSymbols, half_window_count: usize) -> Result<Self> {
        known.validate()?;
        require_count("half_window_count", half_window_count, 0, 1024)?;
        Ok(Self { known, half_window_count, quarters_only: false, tracks: Default::default() })
    }

    /// Takes whole quarter turns off symbols behind a blind search.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn new_slip_repair(known: KnownSymbols, half_window_count: usize) -> Result<Self> {
        Ok(Self { quarters_only: true, ..Self::new(known, half_window_count)? })
    }

    /// Takes the next symbols and gives those whose phase is known.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the polarizations differ in length or a symbol is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Recovered> {
        require_field("block", block)?;
        Ok(self.advance(block, false))
    }

    /// Gives the rest of the symbols, with windows that end with the stream, and starts anew.
    pub fn finish(&mut self) -> Recovered {
        let out = self.advance([&[], &[]], true);
        self.reset();
        out
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        self.tracks = Default::default();
    }

    /// Changes of the quarter turn so far, by polarization; 0 unless slips are repaired.
    pub fn slips_count(&self) -> [u64; 2] {
        self.tracks.each_ref().map(|track| track.slips_count)
    }

    fn advance(&mut self, block: FieldView<'_>, at_end: bool) -> Recovered {
        let mut out = Recovered::default();
        let rule = (&self.known, self.half_window_count as u64, self.quarters_only);
        for (polarization, (track, symbols)) in self.tracks.iter_mut().zip(block).enumerate() {
            let mut phases = Vec::with_capacity(track.symbols.len() + symbols.len());
            track.take(rule.0, polarization, symbols);
            track.find(rule, at_end, &mut phases);
            let mut turned: Vec<Complex64> = track.symbols.drain(..phases.len()).collect();
            track.given_count += phases.len() as u64;
            take_off_phase(&mut turned, &phases);
            out.symbols[polarization] = turned;
            out.phase_rad[polarization] = phases;
        }
        out
    }
}

impl Track {
    fn take(&mut self, known: &KnownSymbols, polarization: usize, symbols: &[Complex64]) {
        for symbol in symbols {
            if let Some(target) = known.at(polarization, self.taken_count) {
                self.products.push(symbol * target.conj());
            }
            self.taken_count += 1;
        }
        self.symbols.extend_from_slice(symbols);
    }

    /// Appends the phases of all symbols up to the last known one with a complete window; at the end of the stream, of all.
    fn find(&mut self, rule: (&KnownSymbols, u64, bool), at_end: bool, phases: &mut Vec<f64>) {
        let (known, half, quarters_only) = rule;
        let spacing = known.spacing_count as u64;
        let present = self.dropped_count + self.products.len() as u64;
        let ready = if at_end { present } else { present.saturating_sub(half) };
        while self.phases_count < ready {
            let index = self.phases_count;
            let (from, to) = (index.saturating_sub(half), (index + half + 1).min(present));
            let window = &self.products[(from - self.dropped_count) as usize..(to - self.dropped_count) as usize];
            let raw = window.iter().sum::<Complex64>().arg();
            let before = self.phase_rad;
            let whole = if quarters_only { FRAC_PI_2 } else { TAU };
            let mut phase = raw;
            if quarters_only {
                phase = (raw / whole).round() * whole;
                let turns = ((phase - before) / TAU).round();
                phase -= turns * TAU;
                self.slips_count += u64::from(index > 0 && (phase - before).abs() > 0.1);
            } else if index > 0 {
                phase += ((before - raw) / whole).round() * whole;
            }
            self.phase_rad = phase;
            self.phases_count += 1;
            if index == 0 {
                phases.push(phase);
                continue;
            }
            for step in 1..=spacing {
                let share = step as f64 / spacing as f64;
                let here = if quarters_only { f64::from(share > 0.5) } else { share };
                phases.push(before + here * (phase - before));
            }
        }
        if at_end {
            phases.resize(self.symbols.len(), self.phase_rad);
        }
        let needed_from = self.phases_count.saturating_sub(half).max(self.dropped_count);
        let unused = ((needed_from - self.dropped_count) as usize).min(self.products.len());
        self.products.drain(..unused);
        self.dropped_count += unused as u64;
    }
}

/// Takes a constant frequency offset off a stream.
pub struct FrequencyShift {
    cycles_per_sample: f64,
    sample_index: u64,
}

impl FrequencyShift {
    /// A shift by minus an offset.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the sample rate is not above 0 or the offset not within half of it.
    pub fn new(offset_hz: f64, sample_rate_hz: f64) -> Result<Self> {
        crate::error::require_positive("sample_rate_hz", sample_rate_hz)?;
        if !(-0.5 * sample_rate_hz..=0.5 * sample_rate_hz).contains(&offset_hz) {
            let allowed = format!("within half the sample rate, {}", 0.5 * sample_rate_hz);
            return Err(crate::Error::parameter("offset_hz", offset_hz, allowed));
        }
        Ok(Self { cycles_per_sample: offset_hz / sample_rate_hz, sample_index: 0 })
    }

    /// Takes the offset off the next samples.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the polarizations differ in length or a sample is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Field> {
        let count = require_field("block", block)?;
        let phases: Vec<f64> = (0..count)
            .map(|k| ((self.sample_index + k as u64) as f64 * self.cycles_per_sample).fract() * TAU)
            .collect();
        self.sample_index += count as u64;
        Ok(block.map(|samples| {
            let mut samples = samples.to_vec();
            take_off_phase(&mut samples, &phases);
            samples
        }))
    }

    /// Starts anew with no phase.
    pub fn reset(&mut self) {
        self.sample_index = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::view;
    use super::super::test_signals::{symbols, with_noise};
    use super::*;
    use crate::signal::Modulation;

    fn known(sent: &Field, spacing_count: usize) -> KnownSymbols {
        KnownSymbols {
            symbols: sent.each_ref().map(|s| s.iter().copied().step_by(spacing_count).collect()),
            spacing_count,
        }
    }

    #[test]
    fn a_linear_phase_comes_out_exactly() {
        let sent = symbols(Modulation::SixteenQam, 1_000, 1);
        let phase = |k: usize| 0.4 + 0.03 * k as f64;
        let received: Field =
            sent.each_ref().map(|s| s.iter().enumerate().map(|(k, v)| v * Complex64::cis(phase(k))).collect());
        let mut block = PilotPhase::new(known(&sent, 32), 0).unwrap();
        let mut out = block.process(view(&received)).unwrap();
        let rest = block.finish();
        out.symbols[1].extend_from_slice(&rest.symbols[1]);
        assert_eq!(out.symbols[1].len(), 1_000);
        assert!((0..993).all(|k| (out.symbols[1][k] - sent[1][k]).norm() < 1e-9));
        let mut parts = Vec::new();
        for (from, to) in [(0, 10), (10, 400), (400, 1_000)] {
            parts.extend_from_slice(
                &block.process([&received[0][from..to], &received[1][from..to]]).unwrap().symbols[1],
            );
        }
        parts.extend_from_slice(&block.finish().symbols[1]);
        assert_eq!(parts, out.symbols[1]);
    }

    /// Slips of one and two quarters come back within half a spacing, and are counted.
    #[test]
    fn slips_are_repaired() {
        let sent = symbols(Modulation::SixteenQam, 4_000, 2);
        let quarter = |k: usize| f64::from(u8::from(k >= 1_003)) + 2.0 * f64::from(u8::from(k >= 2_500)) + 1.0;
        let received: Field = sent
            .each_ref()
            .map(|s| s.iter().enumerate().map(|(k, v)| v * Complex64::cis(quarter(k) * FRAC_PI_2)).collect());
        let noisy = with_noise(&received, 0.05, 4);
        let mut block = PilotPhase::new_slip_repair(known(&sent, 32), 2).unwrap();
        let mut out = block.process(view(&noisy)).unwrap();
        assert_eq!(block.slips_count(), [2, 2]);
        let rest = block.finish();
        out.symbols[0].extend_from_slice(&rest.symbols[0]);
        let wrong = (0..4_000).filter(|&k| (out.symbols[0][k] - sent[0][k]).norm() > 1.1).count();
        assert!(wrong < 2 * 17 * 3, "{wrong}");
    }

    #[test]
    fn a_shift_is_a_shift() {
        let ones: Field = [vec![Complex64::new(1.0, 0.0); 300], vec![Complex64::new(0.0, 1.0); 300]];
        let mut shift = FrequencyShift::new(-3e9, 64e9).unwrap();
        let out = shift.process(view(&ones)).unwrap();
        assert!((0..300).all(|k| (out[0][k] - Complex64::cis(TAU * 3.0 / 64.0 * k as f64)).norm() < 1e-12));
        assert!(FrequencyShift::new(40e9, 64e9).is_err());
        assert!(FrequencyShift::new(f64::NAN, 64e9).is_err());
    }
}

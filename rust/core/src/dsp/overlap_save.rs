//! A filter given by its frequency response, on a stream, by transforms of overlapping segments.

use super::field::{Field, FieldView, require_field};
use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};
use rustfft::num_complex::Complex64;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Longest transform.
pub(super) const SEGMENT_MAX_COUNT: usize = 1 << 20;

/// Overlap-save filter of both polarizations with one response; output sample k belongs to input sample k.
///
/// # Algorithm
/// 1. Segments of N samples follow each other by N - lead - lag; the stream starts behind `lag` zeros.
/// 2. Each is transformed, multiplied with the response and transformed back.
/// 3. The first `lag` and the last `lead` samples of a segment are circular nonsense and dropped.
///
/// Cost: 2 transforms of N for every N - lead - lag samples of one polarization.
///
/// # References
/// Oppenheim and Schafer, Discrete-Time Signal Processing, section 8.7.3.
pub struct OverlapSave {
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
    response: Vec<Complex64>,
    lead_count: usize,
    lag_count: usize,
    pending: Field,
    taken_count: u64,
    given_count: u64,
    segment: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

/// Products of a spectrum and a response.
struct Multiply<'a>(&'a mut [Complex64], &'a [Complex64]);

impl ColumnWork for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (value, factor) in self.0.iter_mut().zip(self.1) {
            *value *= factor;
        }
    }
}

impl OverlapSave {
    /// A filter of a response at the bins of a transform of its length, whose pulse response reaches `lead_count` samples
    /// before and `lag_count` samples behind its middle.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the response is not finite, is longer than 2^20 or not longer than lead and lag together.
    pub fn new(response: &[Complex64], lead_count: usize, lag_count: usize) -> Result<Self> {
        let length = response.len();
        if length > SEGMENT_MAX_COUNT || length <= lead_count.saturating_add(lag_count) {
            let allowed =
                format!("more than lead and lag, {lead_count} and {lag_count}, and at most {SEGMENT_MAX_COUNT} bins");
            return Err(Error::parameter("response", format!("{length} bins"), allowed));
        }
        if let Some(bad) = response.iter().find(|value| !value.is_finite()) {
            return Err(Error::parameter("response", bad, "finite numbers"));
        }
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let scratch_count = forward.get_immutable_scratch_len().max(inverse.get_inplace_scratch_len());
        let scale = 1.0 / length as f64;
        let mut filter = Self {
            forward,
            inverse,
            response: response.iter().map(|value| value * scale).collect(),
            lead_count,
            lag_count,
            pending: Field::default(),
            taken_count: 0,
            given_count: 0,
            segment: vec![Complex64::default(); length],
            scratch: vec![Complex64::default(); scratch_count],
        };
        filter.reset();
        Ok(filter)
    }

    /// Samples of one transform.
    pub fn segment_count(&self) -> usize {
        self.response.len()
    }

    /// Samples that two segments share.
    pub fn overlap_count(&self) -> usize {
        self.lead_count + self.lag_count
    }

    /// Filters the next samples of the stream and gives those that are complete.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the polarizations differ in length or a sample is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Field> {
        let count = require_field("block", block)?;
        self.taken_count += count as u64;
        Ok(self.advance(block))
    }

    /// Gives the rest of the stream, as if zeros followed, and starts anew.
    pub fn finish(&mut self) -> Field {
        let wanted = (self.taken_count - self.given_count) as usize;
        let zeros = vec![Complex64::default(); self.segment_count() + wanted];
        let mut out = self.advance([&zeros, &zeros]);
        for samples in &mut out {
            samples.truncate(wanted);
        }
        self.reset();
        out
    }

    /// Does nothing but the transforms of a number of segments: the floor that benchmarks compare [`Self::process`] with.
    pub fn transform_only(&mut self, segments_count: usize) {
        let input = vec![Complex64::default(); self.segment_count()];
        for _ in 0..segments_count {
            self.forward.process_immutable_with_scratch(&input, &mut self.segment, &mut self.scratch);
            self.inverse.process_with_scratch(&mut self.segment, &mut self.scratch);
        }
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        for pending in &mut self.pending {
            pending.clear();
            pending.resize(self.lag_count, Complex64::default());
        }
        self.taken_count = 0;
        self.given_count = 0;
    }

    fn advance(&mut self, block: FieldView<'_>) -> Field {
        let length = self.response.len();
        let hop = length - self.overlap_count();
        let mut out = Field::default();
        for ((pending, mut samples), out) in self.pending.iter_mut().zip(block).zip(&mut out) {
            out.reserve((pending.len() + samples.len()) / hop * hop);
            // One segment at a time is filled up, so that it stays in the cache.
            while pending.len() + samples.len() >= length {
                let (more, rest) = samples.split_at(length - pending.len());
                pending.extend_from_slice(more);
                samples = rest;
                self.forward.process_immutable_with_scratch(pending, &mut self.segment, &mut self.scratch);
                vectorize(Multiply(&mut self.segment, &self.response));
                self.inverse.process_with_scratch(&mut self.segment, &mut self.scratch);
                out.extend_from_slice(&self.segment[self.lag_count..length - self.lead_count]);
                pending.copy_within(hop.., 0);
                pending.truncate(length - hop);
            }
            pending.extend_from_slice(samples);
        }
        self.given_count += out[0].len() as u64;
        out
    }
}

/// Samples of the transform, the least power of 2 whose cost per sample is within a tenth of the least there is when segments overlap
/// by `overlap_count`: short transforms stay in the cache.
pub(super) fn cheapest_segment_count(overlap_count: usize) -> usize {
    let cost = |length: usize| {
        let length = length as f64;
        // One pass over the segment costs about what two stages of the transform do.
        length * (length.log2() + 2.0) / (length - overlap_count as f64)
    };
    let least = (overlap_count + 1).next_power_of_two().max(64);
    let lengths = (0..8).map(|power| least << power).filter(|length| *length <= SEGMENT_MAX_COUNT);
    let cheapest = lengths.clone().map(cost).fold(f64::INFINITY, f64::min);
    lengths.clone().find(|length| cost(*length) <= 1.1 * cheapest).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::super::test_signals::noise;
    use super::*;
    use crate::signal::Fourier;

    /// The response of taps h(-2..=3) on 32 bins.
    fn filter() -> (OverlapSave, Vec<(i64, Complex64)>) {
        let taps: Vec<(i64, Complex64)> =
            (-2..=3).map(|place| (place, Complex64::new(0.3 + place as f64, 0.7 - 0.2 * place as f64))).collect();
        let mut response = vec![Complex64::default(); 32];
        for (place, value) in &taps {
            response[place.rem_euclid(32) as usize] = *value;
        }
        Fourier::new(32).to_spectrum(&mut response);
        (OverlapSave::new(&response, 2, 3).unwrap(), taps)
    }

    #[test]
    fn it_is_the_convolution() {
        let (mut filter, taps) = filter();
        let field = noise(201, 1);
        let mut out = filter.process(view(&field)).unwrap();
        let rest = filter.finish();
        for p in 0..2 {
            out[p].extend_from_slice(&rest[p]);
            assert_eq!(out[p].len(), 201);
            for k in 0..201i64 {
                let expected: Complex64 = taps
                    .iter()
                    .filter(|(place, _)| (0..201).contains(&(k - place)))
                    .map(|(place, tap)| tap * field[p][(k - place) as usize])
                    .sum();
                assert!((out[p][k as usize] - expected).norm() < 1e-12);
            }
        }
    }

    use super::super::field::view;

    #[test]
    fn blocks_do_not_matter_and_reset_forgets() {
        let (mut filter, _) = filter();
        let field = noise(500, 2);
        let mut whole = filter.process(view(&field)).unwrap();
        let rest = filter.finish();
        whole[0].extend_from_slice(&rest[0]);
        filter.process(view(&noise(77, 3))).unwrap();
        filter.reset();
        let mut parts = Vec::new();
        for (from, to) in [(0, 1), (1, 40), (40, 40), (40, 333), (333, 500)] {
            parts.extend_from_slice(&filter.process([&field[0][from..to], &field[1][from..to]]).unwrap()[0]);
        }
        parts.extend_from_slice(&filter.finish()[0]);
        assert_eq!(whole[0], parts);
    }

    #[test]
    fn nonsense_is_refused() {
        let ones = [Complex64::new(1.0, 0.0); 8];
        assert!(OverlapSave::new(&ones, 4, 4).is_err());
        assert!(OverlapSave::new(&[], 0, 0).is_err());
        assert!(OverlapSave::new(&[Complex64::new(f64::NAN, 0.0); 8], 1, 1).is_err());
        assert!(cheapest_segment_count(100) >= 512);
    }
}

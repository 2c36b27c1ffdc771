//! A filter given by its frequency response, on a stream, by transforms of overlapping segments.

use super::field::{Field, FieldView, require_field};
use super::overlap_save_lanes::{Bank, SEGMENT_MIN_COUNT, make_bank};
use crate::error::{Error, Result};
use rustfft::num_complex::Complex64;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Longest transform.
pub(super) const SEGMENT_MAX_COUNT: usize = 1 << 20;

/// Overlap-save filter of both polarizations with one response; output sample k belongs to input sample k.
///
/// # Algorithm
/// 1. Segments of N samples follow each other by N - lead - lag; the stream starts behind `lag` zeros.
/// 2. Each is transformed, multiplied with the response and transformed back: two segments of both polarizations at a time, in the
///    lanes of vectors.
/// 3. The first `lag` and the last `lead` samples of a segment are circular nonsense and dropped.
///
/// Cost: 2 transforms of N for every N - lead - lag samples of one polarization; of an odd number of segments the last one costs twice.
///
/// # References
/// Oppenheim and Schafer, Discrete-Time Signal Processing, section 8.7.3.
pub struct OverlapSave {
    bank: Box<dyn Bank>,
    segment_count: usize,
    lead_count: usize,
    lag_count: usize,
    pending: Field,
    taken_count: u64,
    given_count: u64,
    floor: Option<Floor>,
}

/// The transforms alone, by the library.
struct Floor {
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
    input: Vec<Complex64>,
    segment: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl Floor {
    fn new(length: usize) -> Self {
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let scratch_count = forward.get_immutable_scratch_len().max(inverse.get_inplace_scratch_len());
        let zeros = |count: usize| vec![Complex64::default(); count];
        Self { forward, inverse, input: zeros(length), segment: zeros(length), scratch: zeros(scratch_count) }
    }
}

impl OverlapSave {
    /// A filter of a response at the bins of a transform of its length, whose pulse response reaches `lead_count` samples
    /// before and `lag_count` samples behind its middle.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the response is not finite, its length no power of two from 16 to 2^20, or not more than lead and
    /// lag together.
    pub fn new(response: &[Complex64], lead_count: usize, lag_count: usize) -> Result<Self> {
        let length = response.len();
        let is_allowed = length.is_power_of_two() && (SEGMENT_MIN_COUNT..=SEGMENT_MAX_COUNT).contains(&length);
        if !is_allowed || length <= lead_count.saturating_add(lag_count) {
            let allowed = format!(
                "a power of two from {SEGMENT_MIN_COUNT} to {SEGMENT_MAX_COUNT}, more than lead and lag, {lead_count} and {lag_count}"
            );
            return Err(Error::parameter("response", format!("{length} bins"), allowed));
        }
        if let Some(bad) = response.iter().find(|value| !value.is_finite()) {
            return Err(Error::parameter("response", bad, "finite numbers"));
        }
        let mut filter = Self {
            bank: make_bank(response),
            segment_count: length,
            lead_count,
            lag_count,
            pending: Field::default(),
            taken_count: 0,
            given_count: 0,
            floor: None,
        };
        filter.reset();
        Ok(filter)
    }

    /// Samples of one transform.
    pub fn segment_count(&self) -> usize {
        self.segment_count
    }

    /// Samples that two segments share.
    pub fn overlap_count(&self) -> usize {
        self.lead_count + self.lag_count
    }

    /// Samples of each polarization that are complete once `count` more have come.
    pub fn ready_count(&self, count: usize) -> usize {
        let hop = self.segment_count - self.overlap_count();
        (self.pending[0].len() + count).checked_sub(self.segment_count).map_or(0, |more| (more / hop + 1) * hop)
    }

    /// Filters the next samples of the stream and gives those that are complete.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the polarizations differ in length or a sample is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Field> {
        let zeros = || vec![Complex64::default(); self.ready_count(block[0].len())];
        let [mut x, mut y] = [zeros(), zeros()];
        self.process_into(block, [&mut x, &mut y])?;
        Ok([x, y])
    }

    /// As [`Self::process`], into memory that is there; gives how many samples of each row were written.
    ///
    /// # Errors
    /// As [`Self::process`], and if a row of `out` holds fewer than [`Self::ready_count`] samples.
    pub fn process_into(&mut self, block: FieldView<'_>, out: [&mut [Complex64]; 2]) -> Result<usize> {
        let count = require_field("block", block)?;
        let ready = self.ready_count(count);
        let [x, y] = out;
        if let Some(short) = [x.len(), y.len()].into_iter().find(|length| *length < ready) {
            return Err(Error::parameter("out", format!("{short} samples"), format!("at least {ready} in each row")));
        }
        self.taken_count += count as u64;
        self.advance(block, [&mut x[..ready], &mut y[..ready]]);
        Ok(ready)
    }

    /// Gives the rest of the stream, as if zeros followed, and starts anew.
    pub fn finish(&mut self) -> Field {
        let wanted = (self.taken_count - self.given_count) as usize;
        let zeros = vec![Complex64::default(); self.segment_count + wanted];
        let ready = self.ready_count(zeros.len());
        let mut out = [vec![Complex64::default(); ready], vec![Complex64::default(); ready]];
        let [x, y] = &mut out;
        self.advance([&zeros, &zeros], [x, y]);
        for samples in &mut out {
            samples.truncate(wanted);
        }
        self.reset();
        out
    }

    /// Does nothing but the transforms of a number of segments of one polarization, by the library: the floor that benchmarks compare
    /// [`Self::process`] with.
    pub fn transform_only(&mut self, segments_count: usize) {
        let length = self.segment_count;
        let Floor { forward, inverse, input, segment, scratch } = self.floor.get_or_insert_with(|| Floor::new(length));
        for _ in 0..segments_count {
            forward.process_immutable_with_scratch(input, segment, scratch);
            inverse.process_with_scratch(segment, scratch);
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

    /// Filters all segments that end within what is pending and the block; `out` has room for what they give.
    fn advance(&mut self, block: FieldView<'_>, out: [&mut [Complex64]; 2]) {
        let Self { bank, segment_count, lead_count, lag_count, pending, given_count, .. } = self;
        let (length, held) = (*segment_count, pending[0].len());
        let (hop, kept) = (length - *lead_count - *lag_count, *lag_count..length - *lead_count);
        let [x_out, y_out] = out;
        *given_count += x_out.len() as u64;
        let taken = x_out.len();
        // Segments that begin in what is pending see the block behind it; all others lie in the block.
        for (pending, samples) in pending.iter_mut().zip(block) {
            pending.extend_from_slice(&samples[..samples.len().min(length - 1)]);
        }
        let segment = |row: usize, start: usize| {
            if start < held { &pending[row][start..][..length] } else { &block[row][start - held..][..length] }
        };
        let pairs = x_out.chunks_mut(2 * hop).zip(y_out.chunks_mut(2 * hop)).enumerate();
        for (pair, (x, y)) in pairs {
            let start = 2 * hop * pair;
            // Without a second segment the first one is done twice, and once for nothing.
            let second = if x.len() > hop { start + hop } else { start };
            let rows = [segment(0, start), segment(1, start), segment(0, second), segment(1, second)];
            let ((x, next_x), (y, next_y)) = (x.split_at_mut(hop), y.split_at_mut(hop));
            bank.filter(rows, kept.clone(), [x, y, next_x, next_y]);
        }
        for (pending, samples) in pending.iter_mut().zip(block) {
            pending.truncate(held);
            pending.drain(..taken.min(held));
            pending.extend_from_slice(&samples[taken.saturating_sub(held)..]);
        }
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
    fn given_memory_is_filled_as_far_as_samples_are_complete() {
        let (mut filter, _) = filter();
        let field = noise(300, 4);
        let whole = filter.process(view(&field)).unwrap();
        filter.reset();
        let ready = filter.ready_count(300);
        assert_eq!(ready, whole[0].len());
        let mark = Complex64::new(9.0, 9.0);
        let mut out = [vec![mark; ready + 3], vec![mark; ready + 3]];
        let [x, y] = &mut out;
        assert!(filter.process_into(view(&field), [&mut x[..ready - 1], y]).is_err());
        assert_eq!(filter.process_into(view(&field), [x, y]).unwrap(), ready);
        for (row, samples) in out.iter().enumerate() {
            assert_eq!(samples[..ready], whole[row][..]);
            assert_eq!(samples[ready..], [mark; 3]);
        }
        assert_eq!(filter.ready_count(0), 0);
    }

    #[test]
    fn nonsense_is_refused() {
        let ones = [Complex64::new(1.0, 0.0); 32];
        assert!(OverlapSave::new(&ones, 16, 15).is_ok());
        assert!(OverlapSave::new(&ones, 16, 16).is_err());
        assert!(OverlapSave::new(&ones[..24], 1, 1).is_err());
        assert!(OverlapSave::new(&ones[..8], 1, 1).is_err());
        assert!(OverlapSave::new(&[], 0, 0).is_err());
        assert!(OverlapSave::new(&[Complex64::new(f64::NAN, 0.0); 16], 1, 1).is_err());
        assert!(cheapest_segment_count(100) >= 512);
    }
}

//! Change of the sample rate by any ratio: of whole periodic blocks exactly, of streams by an interpolating kernel.

use super::field::{Field, FieldView, require_block, require_count, require_field};
use super::interpolator::Interpolator;
use crate::error::{Error, Result, require_positive};
use crate::signal::Fourier;
use rustfft::num_complex::Complex64;

/// Changes the number of samples of one period of a periodic field, by zeros in its spectrum or by cutting it.
///
/// # Errors
/// [`Error::Parameter`] if the field is empty or not finite, or `samples_count` is 0 or above 2^26.
pub fn resample_periodic(field: FieldView<'_>, samples_count: usize) -> Result<Field> {
    let count = require_block("field", field, 1)?;
    require_count("samples_count", samples_count, 1, 1 << 26)?;
    let (there, back) = (Fourier::new(count), Fourier::new(samples_count));
    let kept = count.min(samples_count);
    let scale = samples_count as f64 / count as f64;
    Ok(field.map(|samples| {
        let mut spectrum = samples.to_vec();
        there.to_spectrum(&mut spectrum);
        let mut out = vec![Complex64::default(); samples_count];
        let upper = kept.div_ceil(2);
        out[..upper].copy_from_slice(&spectrum[..upper]);
        let lower = kept - upper;
        out[samples_count - lower..].copy_from_slice(&spectrum[count - lower..]);
        if kept.is_multiple_of(2) && count != samples_count {
            // The bin at half the rate stands for both signs of its frequency.
            let edge =
                if samples_count > count { 0.5 * spectrum[lower] } else { spectrum[lower] + spectrum[count - lower] };
            out[samples_count - lower] = edge;
            if samples_count > count {
                out[lower] = edge;
            }
        }
        for value in &mut out {
            *value *= scale;
        }
        back.to_signal(&mut out);
        out
    }))
}

/// Samples of a real record at the places 0, step, 2 step ...; its ends go on flat.
///
/// # Algorithm
/// As [`Resampler`]; `half_count` samples on either side are weighed where the rate rises.
///
/// # Errors
/// [`Error::Parameter`] if the record is empty, the step is not from 1/64 to 64 or `half_count` is outside 4 to 256.
pub fn resample_uniform(samples: &[f64], step: f64, count: usize, half_count: usize) -> Result<Vec<f64>> {
    require_count("half_count", half_count, 4, 256)?;
    let (Some(&first), Some(&last)) = (samples.first(), samples.last()) else {
        return Err(Error::parameter("samples", "none", "one at least"));
    };
    if !(1.0 / 64.0..=64.0).contains(&step) {
        return Err(Error::parameter("step", step, "from 1/64 to 64"));
    }
    let wider = step.max(1.0);
    let kernel = Interpolator::new((half_count as f64 * wider).ceil() as usize, 1.0 / wider);
    let half = kernel.half_count();
    let ends = |value: f64| std::iter::repeat_n(Complex64::from(value), half);
    let padded: Vec<Complex64> =
        ends(first).chain(samples.iter().map(|&sample| sample.into())).chain(ends(last)).collect();
    let out = (0..count).map(|k| {
        let place = (k as f64 * step).min((samples.len() - 1) as f64);
        kernel.value(&padded, place as usize + half, place.fract()).re
    });
    Ok(out.collect())
}

/// Change of the sample rate of a stream: output k is the input at place k times the ratio of the rates.
///
/// # Algorithm
/// 1. The place of output k is k times input rate over output rate.
/// 2. Its value is a sum over 2 `half_count` samples around it, by a sinc in a Kaiser window; where the rate falls, the sinc is as
///    much wider and cuts the band off at half the new rate.
///
/// Cost: 4 `half_count` real products per output sample and polarization, times input over output rate where the rate falls.
///
/// # References
/// Smith and Gossett 1984, "A flexible sampling-rate conversion method", ICASSP, 19.4.
pub struct Resampler {
    step: f64,
    kernel: Interpolator,
    pending: Field,
    dropped_count: u64,
    taken_count: u64,
    output_index: u64,
}

impl Resampler {
    /// A resampler; `half_count` samples on either side make the kernel's flank.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a rate is not above 0, their ratio outside 1/64 to 64, or `half_count` outside 4 to 256.
    pub fn new(input_rate_hz: f64, output_rate_hz: f64, half_count: usize) -> Result<Self> {
        require_positive("input_rate_hz", input_rate_hz)?;
        require_positive("output_rate_hz", output_rate_hz)?;
        require_count("half_count", half_count, 4, 256)?;
        let step = input_rate_hz / output_rate_hz;
        if !(1.0 / 64.0..=64.0).contains(&step) {
            return Err(Error::parameter("output_rate_hz", output_rate_hz, "from 1/64 to 64 times the input's"));
        }
        let wider = step.max(1.0);
        let kernel = Interpolator::new((half_count as f64 * wider).ceil() as usize, 1.0 / wider);
        let mut out =
            Self { step, kernel, pending: Field::default(), dropped_count: 0, taken_count: 0, output_index: 0 };
        out.reset();
        Ok(out)
    }

    /// Takes the next samples and gives those that are complete.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the polarizations differ in length or a sample is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Field> {
        self.taken_count += require_field("block", block)? as u64;
        Ok(self.advance(block))
    }

    /// Gives the rest of the stream, as if zeros followed, and starts anew.
    pub fn finish(&mut self) -> Field {
        let wanted = (self.taken_count as f64 / self.step).ceil() as u64;
        let left = wanted.saturating_sub(self.output_index) as usize;
        let zeros = vec![Complex64::default(); 2 * self.kernel.half_count() + 2];
        let mut out = self.advance([&zeros, &zeros]);
        for samples in &mut out {
            samples.truncate(left);
        }
        self.reset();
        out
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        let before = self.kernel.half_count() - 1;
        for pending in &mut self.pending {
            pending.clear();
            pending.resize(before, Complex64::default());
        }
        (self.dropped_count, self.taken_count, self.output_index) = (0, 0, 0);
    }

    fn advance(&mut self, block: FieldView<'_>) -> Field {
        let half = self.kernel.half_count();
        let mut out = Field::default();
        for (pending, samples) in self.pending.iter_mut().zip(block) {
            pending.extend_from_slice(samples);
        }
        loop {
            let place = self.output_index as f64 * self.step;
            // Zeros before the stream shift it by half - 1.
            let index = (place.floor() as u64 - self.dropped_count) as usize + half - 1;
            if index + half >= self.pending[0].len() {
                let drop = (index + 1 - half).min(self.pending[0].len());
                for pending in &mut self.pending {
                    pending.drain(..drop);
                }
                self.dropped_count += drop as u64;
                return out;
            }
            for (out, pending) in out.iter_mut().zip(&self.pending) {
                out.push(self.kernel.value(pending, index, place.fract()));
            }
            self.output_index += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::view;
    use super::super::test_signals::{shape, symbols};
    use super::*;
    use crate::signal::Modulation;

    #[test]
    fn periodic_there_and_back_is_identity() {
        let field = shape(&symbols(Modulation::Qpsk, 512, 1), 0.2, false);
        let up = resample_periodic(view(&field), 1_536).unwrap();
        let back = resample_periodic(view(&up), 1_024).unwrap();
        for p in 0..2 {
            assert!(field[p].iter().zip(&back[p]).all(|(a, b)| (a - b).norm() < 1e-12));
            assert!(
                field[p].iter().enumerate().all(|(k, value)| k % 2 == 1 || (up[p][k / 2 * 3] - value).norm() < 1e-12)
            );
        }
    }

    /// A band of 0.55 of the sample rate's half; the kernel's 80 dB, and 60 dB where the new band is 1.09 times the signal's.
    #[test]
    fn a_stream_agrees_with_the_periodic_one() {
        let field = shape(&symbols(Modulation::SixteenQam, 2_048, 2), 0.1, false);
        for (count, half, tolerance) in [(5_120usize, 16, 1e-4), (2_458, 64, 1e-3), (4_096, 16, 1e-4)] {
            let exact = resample_periodic(view(&field), count).unwrap();
            let mut stream = Resampler::new(4_096.0, count as f64, half).unwrap();
            let mut out = stream.process(view(&field)).unwrap();
            let rest = stream.finish();
            for p in 0..2 {
                out[p].extend_from_slice(&rest[p]);
                assert_eq!(out[p].len(), count);
                let inside = count / 8..count - count / 8;
                let worst = inside.map(|k| (out[p][k] - exact[p][k]).norm()).fold(0.0, f64::max);
                assert!(worst < tolerance, "{count}: {worst}");
            }
        }
    }

    #[test]
    fn blocks_do_not_matter() {
        let field = shape(&symbols(Modulation::Qpsk, 400, 2), 0.1, false);
        let mut stream = Resampler::new(92.0, 120.0, 8).unwrap();
        let whole = stream.process(view(&field)).unwrap();
        stream.reset();
        let mut parts = Vec::new();
        for (from, to) in [(0, 3), (3, 200), (200, 201), (201, 800)] {
            parts.extend_from_slice(&stream.process([&field[0][from..to], &field[1][from..to]]).unwrap()[0]);
        }
        assert_eq!(whole[0], parts);
        assert!(Resampler::new(1.0, 100.0, 8).is_err() && Resampler::new(0.0, 1.0, 8).is_err());
        assert!(Resampler::new(1.0, 1.0, 2).is_err());
    }
}

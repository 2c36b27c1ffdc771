//! Quadratures of a receiver whose arms are not balanced and not at right angles, made so by Gram and Schmidt.

use super::field::{Field, FieldView, require_count, require_field};
use crate::error::Result;
use rustfft::num_complex::Complex64;

/// Gram-Schmidt orthogonalization of both polarizations of a stream, frame by frame.
///
/// # Algorithm
/// 1. Over each frame the means of I and Q, their powers and their product are taken; frames add up until `memory_count` of them
///    count, older ones then fade.
/// 2. I' = I/sqrt(E I^2), Q' = (Q - I E[IQ]/E I^2) over its own root power, both times the root of the mean power of I and Q.
///
/// # References
/// Fatadin, Savory and Ives 2008, doi 10.1109/LPT.2008.2004630.
pub struct IqOrthogonalizer {
    frame_count: usize,
    memory_count: usize,
    pending: Field,
    moments: [[f64; 5]; 2],
    seen_count: f64,
}

impl IqOrthogonalizer {
    /// An orthogonalizer with frames of `frame_count` samples.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the frame is outside 16 to 2^24 samples or the memory outside 1 to 65536 frames.
    pub fn new(frame_count: usize, memory_count: usize) -> Result<Self> {
        require_count("frame_count", frame_count, 16, 1 << 24)?;
        require_count("memory_count", memory_count, 1, 1 << 16)?;
        Ok(Self { frame_count, memory_count, pending: Field::default(), moments: [[0.0; 5]; 2], seen_count: 0.0 })
    }

    /// Takes the next samples and gives the frames that are complete.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the polarizations differ in length or a sample is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Field> {
        require_field("block", block)?;
        for (pending, samples) in self.pending.iter_mut().zip(block) {
            pending.extend_from_slice(samples);
        }
        let frames = self.pending[0].len() / self.frame_count;
        let mut out: Field =
            self.pending.each_mut().map(|pending| pending.drain(..frames * self.frame_count).collect());
        for start in (0..out[0].len()).step_by(self.frame_count) {
            self.correct_frame(&mut out, start, start + self.frame_count);
        }
        Ok(out)
    }

    /// Gives the rest of the stream, with a frame that is shorter, and starts anew.
    pub fn finish(&mut self) -> Field {
        let mut out = std::mem::take(&mut self.pending);
        let count = out[0].len();
        if count > 0 {
            self.correct_frame(&mut out, 0, count);
        }
        self.reset();
        out
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        self.pending = Field::default();
        self.moments = [[0.0; 5]; 2];
        self.seen_count = 0.0;
    }

    fn correct_frame(&mut self, field: &mut Field, from: usize, to: usize) {
        let frames = (to - from) as f64 / self.frame_count as f64;
        self.seen_count = (self.seen_count + frames).min(self.memory_count.max(1) as f64);
        let share = (frames / self.seen_count).min(1.0);
        for (samples, moments) in field.iter_mut().zip(&mut self.moments) {
            let samples = &mut samples[from..to];
            for (old, new) in moments.iter_mut().zip(moments_of(samples)) {
                *old += share * (new - *old);
            }
            orthogonalize(samples, moments);
        }
    }
}

/// Means of I, Q, I^2, Q^2 and I Q.
fn moments_of(samples: &[Complex64]) -> [f64; 5] {
    let mut sums = [0.0; 5];
    for value in samples {
        let (i, q) = (value.re, value.im);
        for (sum, term) in sums.iter_mut().zip([i, q, i * i, q * q, i * q]) {
            *sum += term;
        }
    }
    sums.map(|sum| sum / samples.len() as f64)
}

/// Corrects samples by their moments; a quadrature without power stays as it is.
fn orthogonalize(samples: &mut [Complex64], &[mean_i, mean_q, power_i, power_q, product]: &[f64; 5]) {
    let (power_i, power_q, product) = (power_i - mean_i * mean_i, power_q - mean_q * mean_q, product - mean_i * mean_q);
    let lean = if power_i > 0.0 { product / power_i } else { 0.0 };
    let rest = power_q - lean * product;
    let level = (0.5 * (power_i + power_q)).sqrt();
    let scale = |power: f64| if power > 0.0 { level / power.sqrt() } else { 1.0 };
    let (scale_i, scale_q) = (scale(power_i), scale(rest));
    for value in samples {
        let i = value.re - mean_i;
        *value = Complex64::new(scale_i * i, scale_q * (value.im - mean_q - lean * i));
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::view;
    use super::super::test_signals::symbols;
    use super::*;
    use crate::signal::Modulation;

    /// 1.5 dB of imbalance, 8 degrees off the right angle, an offset: a frame's own moments come out exact.
    #[test]
    fn quadratures_come_out_orthogonal() {
        let sent = symbols(Modulation::SixteenQam, 4_096, 5);
        let (sine, cosine) = 8f64.to_radians().sin_cos();
        let bent: Field = sent.each_ref().map(|samples| {
            samples.iter().map(|v| Complex64::new(v.re + 0.1, 0.84 * (v.im * cosine + v.re * sine) - 0.05)).collect()
        });
        let mut block = IqOrthogonalizer::new(4_096, 1).unwrap();
        let out = block.process(view(&bent)).unwrap();
        for samples in &out {
            let [mean_i, mean_q, power_i, power_q, product] = moments_of(samples);
            assert!([mean_i, mean_q, power_i - power_q, product].iter().all(|value| value.abs() < 1e-12));
        }
        // What is left is the chance of the symbols themselves, 1/sqrt(4096).
        let error: f64 = out[0].iter().zip(&sent[0]).map(|(a, b)| (a / 0.92 - b).norm_sqr()).sum::<f64>() / 4_096.0;
        assert!(error < 4e-3, "{error}");
    }

    #[test]
    fn blocks_do_not_matter() {
        let field = symbols(Modulation::Qpsk, 1_000, 5);
        let mut block = IqOrthogonalizer::new(128, 4).unwrap();
        let mut whole = block.process(view(&field)).unwrap();
        whole[1].extend_from_slice(&block.finish()[1]);
        let mut parts = Vec::new();
        for (from, to) in [(0, 100), (100, 900), (900, 1_000)] {
            parts.extend_from_slice(&block.process([&field[0][from..to], &field[1][from..to]]).unwrap()[1]);
        }
        parts.extend_from_slice(&block.finish()[1]);
        assert_eq!(whole[1], parts);
        assert!(IqOrthogonalizer::new(8, 1).is_err() && IqOrthogonalizer::new(64, 0).is_err());
    }
}

//! Values between samples of band-limited signals.

use rustfft::num_complex::Complex64;
use std::f64::consts::PI;

/// Places between two samples at which the kernel is tabulated; between them it is taken as linear.
const PHASES_COUNT: usize = 1024;
/// Shape of the Kaiser window: side lobes 90 dB down.
const KAISER_SHAPE: f64 = 9.0;

/// Sinc kernel in a Kaiser window, by place between two samples.
///
/// # References
/// Smith and Gossett 1984, "A flexible sampling-rate conversion method", ICASSP, 19.4; Kaiser 1974 (window).
#[derive(Debug, Clone)]
pub(super) struct Interpolator {
    half_count: usize,
    table: Vec<f64>,
}

impl Interpolator {
    /// Kernel of `half_count` samples on either side, with a band of `cutoff_ratio` of the sample rate's half.
    pub fn new(half_count: usize, cutoff_ratio: f64) -> Self {
        let taps = 2 * half_count;
        let mut table = Vec::with_capacity((PHASES_COUNT + 1) * taps);
        for phase in 0..=PHASES_COUNT {
            let fraction = phase as f64 / PHASES_COUNT as f64;
            let start = table.len();
            // Tap k stands for the sample k - (half_count - 1) behind the one before the wanted place.
            table.extend((0..taps).map(|k| {
                let distance = k as f64 - (half_count as f64 - 1.0) - fraction;
                cutoff_ratio * sinc(cutoff_ratio * distance) * kaiser(distance / half_count as f64)
            }));
            let sum: f64 = table[start..].iter().sum();
            for value in &mut table[start..] {
                *value /= sum;
            }
        }
        Self { half_count, table }
    }

    /// Samples on either side of a place.
    pub fn half_count(&self) -> usize {
        self.half_count
    }

    /// Value at `fraction` (0 to below 1) behind sample `index`; samples from index - half + 1 to index + half must exist.
    pub fn value(&self, samples: &[Complex64], index: usize, fraction: f64) -> Complex64 {
        let taps = 2 * self.half_count;
        let place = fraction * PHASES_COUNT as f64;
        let phase = (place as usize).min(PHASES_COUNT - 1);
        let share = place - phase as f64;
        let (here, next) = self.table[phase * taps..(phase + 2) * taps].split_at(taps);
        let window = &samples[index + 1 - self.half_count..][..taps];
        let (mut re, mut im) = (0.0, 0.0);
        for ((sample, here), next) in window.iter().zip(here).zip(next) {
            let weight = here + share * (next - here);
            re += weight * sample.re;
            im += weight * sample.im;
        }
        Complex64::new(re, im)
    }
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-12 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

fn kaiser(x: f64) -> f64 {
    if x.abs() > 1.0 { 0.0 } else { bessel_i0(KAISER_SHAPE * (1.0 - x * x).sqrt()) / bessel_i0(KAISER_SHAPE) }
}

/// Modified Bessel function of order 0 by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..60 {
        term *= quarter / f64::from(k * k);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tones up to 0.7 of the band between samples: 80 dB below the tone is what the window promises.
    #[test]
    fn tones_come_out_between_the_samples() {
        let kernel = Interpolator::new(16, 1.0);
        for step in 0..15 {
            let omega = PI * 0.05 * f64::from(step);
            let samples: Vec<_> = (0..64).map(|n| Complex64::cis(omega * f64::from(n))).collect();
            for fraction in [0.0, 0.123_456, 0.5, 0.999_99] {
                let expected = Complex64::cis(omega * (30.0 + fraction));
                assert!((kernel.value(&samples, 30, fraction) - expected).norm() < 1e-4, "{omega} {fraction}");
            }
        }
        assert!((bessel_i0(1.0) - 1.266_065_877_752_008_4).abs() < 1e-15);
    }
}

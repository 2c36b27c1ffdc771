//! Signals that the tests of the receiver's blocks share.

use super::field::Field;
use crate::rng::RandomSource;
use crate::signal::{Fourier, Modulation, RaisedCosine, bin_frequency_hz};
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// White Gaussian noise of mean power 1 in each polarization.
pub fn noise(count: usize, seed: u64) -> Field {
    let source = RandomSource::new(seed, 1, 0);
    [0u32, 1].map(|polarization| {
        (0..count)
            .map(|index| {
                let [u, v] = source.uniform_pair(polarization, index as u32);
                Complex64::from_polar((-u.ln()).sqrt(), TAU * v)
            })
            .collect()
    })
}

/// Random symbols of mean power 1.
pub fn symbols(modulation: Modulation, count: usize, seed: u64) -> Field {
    let source = RandomSource::new(seed, 2, 0);
    let points = modulation.points();
    [0u32, 1].map(|polarization| {
        (0..count)
            .map(|index| {
                let mut left = source.uniform(polarization, index as u32);
                let point = points
                    .iter()
                    .find(|point| {
                        left -= point.probability_ratio;
                        left <= 0.0
                    })
                    .unwrap_or(&points[0]);
                Complex64::new(point.in_phase_ratio, point.quadrature_ratio)
            })
            .collect()
    })
}

/// Applies a transfer matrix over frequency, in units of the symbol rate, to a periodic field of two samples per symbol.
pub fn through(field: &Field, matrix: impl Fn(f64) -> [[Complex64; 2]; 2]) -> Field {
    let count = field[0].len();
    let fourier = Fourier::new(count);
    let mut out = field.clone();
    for samples in &mut out {
        fourier.to_spectrum(samples);
    }
    let [first, second] = &mut out;
    for (k, (x, y)) in first.iter_mut().zip(second).enumerate() {
        let h = matrix(bin_frequency_hz(k, count, 2.0));
        (*x, *y) = (h[0][0] * *x + h[0][1] * *y, h[1][0] * *x + h[1][1] * *y);
    }
    for samples in &mut out {
        fourier.to_signal(samples);
    }
    out
}

/// A factor of both polarizations alike.
pub fn scalar(value: Complex64) -> [[Complex64; 2]; 2] {
    [[value, Complex64::default()], [Complex64::default(), value]]
}

/// Periodic pulses of symbols, two samples each: behind the matched filter (`full`) or before it, mean power 1 per symbol.
pub fn shape(symbols: &Field, roll_off: f64, full: bool) -> Field {
    let spectrum = RaisedCosine::new(1.0, roll_off).unwrap();
    let up: Field =
        [0, 1].map(|p| symbols[p].iter().flat_map(|value| [value * 2.0, Complex64::default()]).collect::<Vec<_>>());
    through(&up, |f| {
        let density = spectrum.density_ratio(f);
        scalar(Complex64::from(if full { density } else { density.sqrt() }))
    })
}

/// A field with noise of a given variance per sample and polarization.
pub fn with_noise(field: &Field, variance: f64, seed: u64) -> Field {
    let added = noise(field[0].len(), seed);
    [0, 1].map(|p| field[p].iter().zip(&added[p]).map(|(value, n)| value + n * variance.sqrt()).collect())
}

/// Turns the polarization and delays one axis by `dgd` symbols.
pub fn birefringent(dgd_symbols: f64, angle: f64, phase: f64) -> impl Fn(f64) -> [[Complex64; 2]; 2] {
    move |f| {
        let (s, c) = angle.sin_cos();
        let (fast, slow) = (Complex64::cis(TAU * f * dgd_symbols / 2.0), Complex64::cis(-TAU * f * dgd_symbols / 2.0));
        let turn = Complex64::cis(phase);
        [[fast * c, fast * s * turn], [-slow * s * turn.conj(), slow * c]]
    }
}

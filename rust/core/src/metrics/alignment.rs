//! Where in what was sent the received symbols lie, and which polarization is which.

use crate::error::{Error, Result};
use crate::signal::Fourier;
use rustfft::num_complex::Complex64;

/// Place of received symbols in a periodic sent sequence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// Symbol 0 of each received polarization is that sent symbol. A blind equalizer may set its outputs symbols apart.
    pub delays: [usize; 2],
    /// Which sent polarization each received one is.
    pub polarizations: [usize; 2],
    /// Correlation of both, over what equal sequences would have: 1 without noise.
    pub correlation_ratio: [f64; 2],
}

/// Finds received symbols in what was sent.
///
/// # Algorithm
/// 1. Circular cross-correlations of both received with both sent polarizations by FFT.
/// 2. Straight or crossed, whichever has the greatest sum of powers, each polarization at its own delay.
///
/// Cost: six FFTs of the block.
///
/// # Errors
/// [`Error::Parameter`] if the columns differ in length or are empty, and if nothing stands out of the noise: the greatest
/// correlation power is less than 16 times the mean one.
///
/// # References
/// Proakis and Salehi 2008, Digital Communications, 4.2.
pub fn align_symbols(received: [&[Complex64]; 2], sent: [&[Complex64]; 2]) -> Result<Alignment> {
    let count = sent[0].len();
    if count == 0 || received.iter().chain(&sent).any(|column| column.len() != count) {
        return Err(Error::parameter(
            "received",
            "columns of other lengths",
            format!("four columns of {count} symbols"),
        ));
    }
    let fourier = Fourier::new(count);
    let transform = |column: &[Complex64]| {
        let mut spectrum = column.to_vec();
        fourier.to_spectrum(&mut spectrum);
        spectrum
    };
    let (received_spectra, sent_spectra) = (received.map(transform), sent.map(transform));
    let correlation = |r: usize, s: usize| -> Vec<f64> {
        let mut product: Vec<Complex64> =
            sent_spectra[s].iter().zip(&received_spectra[r]).map(|(sent, received)| sent * received.conj()).collect();
        fourier.to_signal(&mut product);
        let energy = |column: &[Complex64]| column.iter().map(Complex64::norm_sqr).sum::<f64>();
        let scale = 1.0 / (energy(received[r]) * energy(sent[s])).sqrt();
        product.iter().map(|value| (value.norm() * scale).powi(2)).collect()
    };
    let peak = |powers: &[f64]| powers.iter().copied().enumerate().fold((0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
    let mut best: Option<(f64, Alignment)> = None;
    let mut power_sum = 0.0;
    for polarizations in [[0, 1], [1, 0]] {
        let powers = [0, 1].map(|side| correlation(side, polarizations[side]));
        power_sum += powers.iter().flatten().sum::<f64>();
        let [(x_delay, x), (y_delay, y)] = [peak(&powers[0]), peak(&powers[1])];
        if best.is_none_or(|(greatest, _)| x + y > greatest) {
            let correlation_ratio = [x.sqrt(), y.sqrt()];
            best = Some((x + y, Alignment { delays: [x_delay, y_delay], polarizations, correlation_ratio }));
        }
    }
    let mean = power_sum / (2 * count) as f64;
    match best {
        Some((power, alignment)) if power > 16.0 * mean => Ok(alignment),
        _ => Err(Error::Model("the received symbols are not found in what was sent: the receiver did not lock".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RandomSource;
    use crate::signal::complex_normals;

    #[test]
    fn delay_and_swap_are_found() {
        let source = RandomSource::new(1, 0, 0);
        let sent = [0, 1].map(|purpose| complex_normals(&source, purpose, 0, 1000));
        let noise = [2, 3].map(|purpose| complex_normals(&source, purpose, 0, 1000));
        let received = [0, 1].map(|polarization: usize| {
            (0..1000)
                .map(|k| {
                    sent[1 - polarization][(k + 37 + polarization) % 1000] * Complex64::cis(2.0)
                        + noise[polarization][k]
                })
                .collect::<Vec<_>>()
        });
        let found = align_symbols([&received[0], &received[1]], [&sent[0], &sent[1]]).unwrap();
        assert_eq!((found.delays, found.polarizations), ([37, 38], [1, 0]));
        // Equal parts of signal and noise: a correlation of sqrt(1/2).
        assert!(found.correlation_ratio.iter().all(|ratio| (ratio - 0.707).abs() < 0.05));
        assert!(align_symbols([&noise[0], &noise[1]], [&sent[0], &sent[1]]).is_err());
        assert!(align_symbols([&noise[0][1..], &noise[1]], [&sent[0], &sent[1]]).is_err());
    }
}

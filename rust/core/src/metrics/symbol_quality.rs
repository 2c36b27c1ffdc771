//! How good received symbols are when what was sent is known: SNR, EVM, counted errors, information.

use crate::error::{Error, Result};
use crate::signal::{Modulation, SymbolMap};
use rustfft::num_complex::Complex64;
use std::f64::consts::LN_2;

/// Quality of the symbols of one polarization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SymbolQuality {
    /// Energy of the symbols over that of what the best fit of the sent ones leaves; infinite without noise.
    pub snr_ratio: f64,
    /// Root mean square of the error vector over that of the sent symbols.
    pub evm_ratio: f64,
    /// Gain of the fit.
    pub gain: Complex64,
    /// Wrong bits after hard decisions.
    pub bit_errors_count: usize,
    /// Bits looked at.
    pub bits_count: usize,
    /// Generalized mutual information of a symbol.
    pub gmi_bits: f64,
    /// The same as the greatest rate of an ideal binary code.
    pub ngmi_ratio: f64,
}

/// Measures received symbols against the sent ones.
///
/// # Algorithm
/// 1. Gain: least squares of received over sent symbols. What is left is noise, and its variance that of the decisions.
/// 2. Hard decisions by the likeliest point; bits are compared with those of the sent symbols, themselves decided without
///    noise.
/// 3. GMI = H - sum over bits of the mean of log2(1 + exp(-L)), L the log-likelihood ratio of the sent value of the bit, in
///    circular Gaussian noise of the measured variance; H the entropy of the format; NGMI = 1 - (H - GMI)/m.
///
/// # Errors
/// [`Error::Parameter`] if the columns differ in length, are empty or hold what is not finite.
///
/// # References
/// Alvarado 2015, doi 10.1109/JLT.2015.2450537; Cho, Schmalen and Winzer, ECOC 2017 (NGMI).
pub fn measure_symbols(received: &[Complex64], sent: &[Complex64], modulation: Modulation) -> Result<SymbolQuality> {
    if received.len() != sent.len() || sent.is_empty() {
        let found = format!("{} symbols", received.len());
        return Err(Error::parameter("received", found, format!("as many as sent, {}, and at least one", sent.len())));
    }
    let sent_energy: f64 = sent.iter().map(Complex64::norm_sqr).sum();
    let product: Complex64 = received.iter().zip(sent).map(|(r, s)| r * s.conj()).sum();
    let gain = product / sent_energy;
    if !(gain.norm() > 0.0 && gain.norm().is_finite()) {
        return Err(Error::parameter("received", "no fit", "finite symbols that hold some of the sent ones"));
    }
    let scaled: Vec<Complex64> = received.iter().map(|symbol| symbol / gain).collect();
    let noise_energy: f64 = scaled.iter().zip(sent).map(|(r, s)| (r - s).norm_sqr()).sum();
    let variance = noise_energy / sent.len() as f64;
    let map = SymbolMap::new(modulation)?;
    let labels = map.decide(sent, 0.0)?;
    let decided = map.decide(&scaled, variance)?;
    let bit_errors_count = labels.iter().zip(&decided).map(|(a, b)| (a ^ b).count_ones() as usize).sum();
    let bits = map.bits_of(&labels);
    let entropy = modulation.entropy_bits();
    let hidden = if variance > 0.0 {
        let ratios = map.log_likelihood_ratios(&scaled, variance)?;
        let loss = |(ratio, bit): (&f64, &u8)| softplus(if *bit == 0 { -ratio } else { *ratio });
        ratios.iter().zip(&bits).map(loss).sum::<f64>() / LN_2 / sent.len() as f64
    } else {
        0.0
    };
    Ok(SymbolQuality {
        snr_ratio: sent_energy / noise_energy,
        evm_ratio: (noise_energy / sent_energy).sqrt(),
        gain,
        bit_errors_count,
        bits_count: bits.len(),
        gmi_bits: entropy - hidden,
        ngmi_ratio: 1.0 - hidden / modulation.bits_per_symbol(),
    })
}

/// ln(1 + e^x) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Interval that holds the true ratio of errors with the confidence of `deviations` of a normal number (1.96: 95 %).
///
/// # Algorithm
/// Wilson's score interval: never below 0, and above 0 at its upper end without a single error.
///
/// # Errors
/// [`Error::Parameter`] if there are more errors than trials or no trials.
///
/// # References
/// Wilson 1927, doi 10.1080/01621459.1927.10502953.
pub fn error_ratio_interval(errors_count: usize, trials_count: usize, deviations: f64) -> Result<(f64, f64)> {
    if errors_count > trials_count || trials_count == 0 {
        return Err(Error::parameter(
            "errors_count",
            errors_count,
            format!("at most {trials_count} trials, at least 1"),
        ));
    }
    let n = trials_count as f64;
    let ratio = errors_count as f64 / n;
    let square = deviations * deviations;
    let center = (ratio + 0.5 * square / n) / (1.0 + square / n);
    let half = deviations / (1.0 + square / n) * (ratio * (1.0 - ratio) / n + 0.25 * square / (n * n)).sqrt();
    let low = if errors_count == 0 { 0.0 } else { (center - half).max(0.0) };
    Ok((low, (center + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RandomSource;
    use crate::signal::complex_normals;
    use crate::signal::random_bits;
    use crate::units::from_db;

    /// White noise of a known SNR: everything measured is what the closed forms and integrals of the formats say.
    #[test]
    fn white_noise_is_measured_as_the_closed_forms_say() {
        let count = 1 << 16;
        for (modulation, snr_db) in
            [(Modulation::Qpsk, 6.0), (Modulation::EightQam, 10.0), (Modulation::SixteenQam, 13.0)]
        {
            let map = SymbolMap::new(modulation).unwrap();
            let source = RandomSource::new(4, 5, 6);
            let sent = map.map(&random_bits(&source, 0, count * map.bits_per_symbol())).unwrap();
            let sigma = from_db(-snr_db).sqrt();
            let noise = complex_normals(&source, 1, 0, count);
            let turn = Complex64::from_polar(0.3, 1.1);
            let received: Vec<Complex64> = sent.iter().zip(&noise).map(|(s, n)| turn * (s + sigma * n)).collect();
            let quality = measure_symbols(&received, &sent, modulation).unwrap();
            assert!((quality.gain / turn - 1.0).norm() < 0.01);
            assert!((quality.snr_ratio / from_db(snr_db) - 1.0).abs() < 0.02);
            let (low, high) = error_ratio_interval(quality.bit_errors_count, quality.bits_count, 3.3).unwrap();
            let expected = modulation.bit_error_ratio(quality.snr_ratio);
            assert!(low < expected && expected < high, "{modulation:?}: {low} {expected} {high}");
            let gmi = modulation.generalized_mutual_information_bits(quality.snr_ratio);
            assert!((quality.gmi_bits - gmi).abs() < 0.01, "{modulation:?}: {} {gmi}", quality.gmi_bits);
        }
    }

    /// Agresti and Coull 1998, table 1, and the rule of the normal approximation for many errors.
    #[test]
    fn intervals() {
        let (low, high) = error_ratio_interval(0, 20, 1.959_964).unwrap();
        assert_eq!(low, 0.0);
        assert!((high - 0.1611).abs() < 1e-4, "{high}");
        let (low, high) = error_ratio_interval(10_000, 1_000_000, 1.96).unwrap();
        let half = 1.96 * (0.01f64 * 0.99 / 1e6).sqrt();
        assert!((high - low - 2.0 * half).abs() < 1e-3 * half);
        assert!(error_ratio_interval(2, 1, 1.0).is_err());
        assert!(error_ratio_interval(0, 0, 1.0).is_err());
    }

    #[test]
    fn wrong_input_is_refused() {
        let one = [Complex64::new(1.0, 0.0)];
        assert!(measure_symbols(&one, &[], Modulation::Qpsk).is_err());
        assert!(measure_symbols(&[Complex64::new(f64::NAN, 0.0)], &one, Modulation::Qpsk).is_err());
        assert!(measure_symbols(&[Complex64::new(0.0, 0.0)], &one, Modulation::Qpsk).is_err());
    }
}

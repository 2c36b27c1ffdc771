//! Lasers as sampled fields: phase noise and relative intensity noise.

use crate::error::{Error, Result, require_positive};
use crate::rng::RandomSource;
use crate::signal::{Fourier, complex_normals, normals};
use crate::units::from_db;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// Purposes of random numbers, on top of which the caller counts its lasers.
const PHASE_PURPOSE: u32 = 0x6c70_0000;
const INTENSITY_PURPOSE: u32 = 0x6c69_0000;

/// Phase (rad) of a laser with a Lorentzian line.
///
/// # Algorithm
/// 1. A random walk whose steps have the variance 2 pi linewidth / sample rate.
/// 2. A straight line is taken off so that it ends where it began: the block stays periodic. Over times short against the
///    block the walk is as before; the line is an offset of the frequency by some hundredths of the linewidth's root over time.
///
/// # Errors
/// [`Error::Parameter`] if the linewidth is negative or not finite or the sample rate is not above 0.
///
/// # References
/// Henry 1982, doi 10.1109/JQE.1982.1071522.
pub fn lorentzian_phase_rad(
    count: usize,
    sample_rate_hz: f64,
    linewidth_hz: f64,
    source: &RandomSource,
    laser: u32,
) -> Result<Vec<f64>> {
    require_positive("sample_rate_hz", sample_rate_hz)?;
    if !(linewidth_hz >= 0.0 && linewidth_hz.is_finite()) {
        return Err(Error::parameter("linewidth_hz", linewidth_hz, "a finite number, 0 or above"));
    }
    let step_rad = (TAU * linewidth_hz / sample_rate_hz).sqrt();
    let mut phase = 0.0;
    let mut walk: Vec<f64> = normals(source, PHASE_PURPOSE + laser, count)
        .into_iter()
        .map(|number| {
            phase += step_rad * number;
            phase
        })
        .collect();
    let slope = phase / count.max(1) as f64;
    for (index, value) in walk.iter_mut().enumerate() {
        *value -= slope * (index + 1) as f64;
    }
    Ok(walk)
}

/// Phase (rad) of a laser whose frequency noise is given as one-sided power spectral density over frequency.
///
/// # Algorithm
/// 1. Between its points the density is a straight line in both logarithms; before the first and after the last it is level.
/// 2. Each bin of the phase's spectrum is a complex normal number of the variance S(f)/f^2; the mean phase is left out, and
///    with it all that is slower than the block.
///
/// # Errors
/// [`Error::Parameter`] if the points do not rise in frequency or a value is not above 0.
///
/// # References
/// Di Domenico, Schilt and Thomann 2010, doi 10.1364/AO.49.004801.
pub fn masked_phase_rad(
    count: usize,
    sample_rate_hz: f64,
    mask: &[(f64, f64)],
    source: &RandomSource,
    laser: u32,
) -> Result<Vec<f64>> {
    require_positive("sample_rate_hz", sample_rate_hz)?;
    if mask.is_empty() || mask.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Err(Error::parameter(
            "frequency_noise",
            format!("{} points", mask.len()),
            "points of rising frequency",
        ));
    }
    for &(frequency_hz, density) in mask {
        require_positive("frequency_noise frequency_hz", frequency_hz)?;
        require_positive("frequency_noise density_hz2_per_hz", density)?;
    }
    let bin_hz = sample_rate_hz / count.max(1) as f64;
    let numbers = complex_normals(source, PHASE_PURPOSE + laser, 0, count / 2);
    let mut spectrum = vec![Complex64::default(); count];
    for (index, number) in numbers.iter().enumerate().skip(1) {
        let frequency_hz = index as f64 * bin_hz;
        let density = density_at(mask, frequency_hz);
        // Of a one-sided density each of the two bins of a frequency carries half, in the scale of an unscaled transform.
        let deviation = (0.5 * density * bin_hz).sqrt() / frequency_hz * count as f64;
        spectrum[index] = number * deviation;
        spectrum[count - index] = spectrum[index].conj();
    }
    if count > 0 {
        Fourier::new(count).to_signal(&mut spectrum);
    }
    Ok(spectrum.into_iter().map(|value| value.re).collect())
}

fn density_at(mask: &[(f64, f64)], frequency_hz: f64) -> f64 {
    let after = mask.partition_point(|point| point.0 < frequency_hz);
    let (Some(&high), Some(&low)) = (mask.get(after), after.checked_sub(1).and_then(|before| mask.get(before))) else {
        return mask[after.min(mask.len() - 1)].1;
    };
    let share = (frequency_hz / low.0).ln() / (high.0 / low.0).ln();
    low.1 * (high.1 / low.1).powf(share)
}

/// Amplitude (over its mean) of a laser with white relative intensity noise up to half of the sample rate.
///
/// # Algorithm
/// sqrt(1 + n), n normal with the variance RIN times half of the sample rate; n is kept above -1.
///
/// # Errors
/// [`Error::Parameter`] if the noise is not finite, or as strong as the light.
///
/// # References
/// IEEE 802.3-2022, 52.9.6 (RIN as noise power density over mean optical power squared).
pub fn intensity_noise_amplitude(
    count: usize,
    sample_rate_hz: f64,
    rin_db_per_hz: f64,
    source: &RandomSource,
    laser: u32,
) -> Result<Vec<f64>> {
    require_positive("sample_rate_hz", sample_rate_hz)?;
    let variance = from_db(rin_db_per_hz) * 0.5 * sample_rate_hz;
    if variance.is_nan() || variance >= 0.04 {
        let allowed = "a number that leaves the noise below a fifth of the light in half of the sample rate";
        return Err(Error::parameter("rin_db_per_hz", rin_db_per_hz, allowed));
    }
    let deviation = variance.sqrt();
    let numbers = normals(source, INTENSITY_PURPOSE + laser, count);
    Ok(numbers.into_iter().map(|number| (1.0 + deviation * number).max(0.0).sqrt()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variance of the phase difference over a delay is 2 pi linewidth delay.
    #[test]
    fn phase_walks_with_the_linewidth() {
        let (count, rate) = (1 << 18, 60e9);
        let phase = lorentzian_phase_rad(count, rate, 1e6, &RandomSource::new(1, 0, 0), 0).unwrap();
        for delay in [1usize, 10, 100] {
            let mean =
                (0..count - delay).map(|k| (phase[k + delay] - phase[k]).powi(2)).sum::<f64>() / (count - delay) as f64;
            let expected = TAU * 1e6 * delay as f64 / rate;
            // Overlapping differences: about 2 delay/count of relative variance.
            let deviation = (2.0 * delay as f64 / count as f64).sqrt();
            assert!((mean / expected - 1.0).abs() < 4.0 * deviation, "{delay}: {}", mean / expected);
        }
        assert!(phase[count - 1].abs() < 1e-9);
    }

    /// White frequency noise S (one-sided) is a Lorentzian line of the width pi S: 1.6e5 of OpenZR+ is 500 kHz.
    #[test]
    fn white_frequency_noise_is_a_lorentzian_line() {
        let (count, rate) = (1 << 18, 60e9);
        let mask = [(1e2, 1.6e5), (1e9, 1.6e5)];
        let phase = masked_phase_rad(count, rate, &mask, &RandomSource::new(2, 0, 0), 0).unwrap();
        let delay = 20;
        let mean = (0..count).map(|k| (phase[(k + delay) % count] - phase[k]).powi(2)).sum::<f64>() / count as f64;
        let expected = TAU * std::f64::consts::PI * 1.6e5 * delay as f64 / rate;
        assert!((mean / expected - 1.0).abs() < 0.05, "{}", mean / expected);
        assert!((density_at(&[(1e2, 1e11), (1e4, 1e9)], 1e3) - 1e10).abs() < 1.0);
    }

    #[test]
    fn intensity_noise_has_its_density() {
        let amplitude = intensity_noise_amplitude(1 << 16, 100e9, -140.0, &RandomSource::new(3, 0, 0), 0).unwrap();
        let power: Vec<f64> = amplitude.iter().map(|a| a * a).collect();
        let variance = power.iter().map(|p| (p - 1.0).powi(2)).sum::<f64>() / power.len() as f64;
        assert!((variance / (1e-14 * 50e9) - 1.0).abs() < 4.0 * (2.0f64 / 65536.0).sqrt(), "{variance}");
    }

    #[test]
    fn wrong_input_is_refused() {
        let source = RandomSource::new(1, 1, 1);
        assert!(lorentzian_phase_rad(8, 1e9, -1.0, &source, 0).is_err());
        assert!(masked_phase_rad(8, 1e9, &[], &source, 0).is_err());
        assert!(masked_phase_rad(8, 1e9, &[(2.0, 1.0), (1.0, 1.0)], &source, 0).is_err());
        assert!(intensity_noise_amplitude(8, 100e9, -100.0, &source, 0).is_err());
    }
}

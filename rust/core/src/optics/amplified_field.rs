//! Amplifiers and filters of sampled fields.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::rng::RandomSource;
use crate::signal::{Fourier, bin_frequency_hz, complex_normals};
use crate::units::{PLANCK_J_S, from_db};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;

/// Which random numbers an amplifier's noise takes.
#[derive(Debug, Clone, Copy)]
pub struct NoiseAddress {
    /// The run's numbers of one draw of one link.
    pub source: RandomSource,
    /// Which amplifier: its own numbers.
    pub purpose: u32,
}

fn check_rows(field: &[Complex64], rows: usize) -> Result<usize> {
    let count = field.len() / rows.max(1);
    if count == 0 || count * rows != field.len() {
        return Err(Error::parameter(
            "field",
            format!("{} samples", field.len()),
            format!("{rows} rows of one length"),
        ));
    }
    match field.iter().find(|value| !value.is_finite()) {
        None => Ok(count),
        Some(value) => Err(Error::parameter("field", value, "finite numbers")),
    }
}

/// Amplifies a field of one or two rows and adds the spontaneous emission in all of its bandwidth.
///
/// `gain_db` is the gain at each frequency of the transform, or one for all.
///
/// # Algorithm
/// 1. At the amplifier's input each polarization gets Gaussian noise of density NF h nu/2 at each frequency nu: both together are
///    the NF h nu of the budget (`ase_ratio`), whatever the gain.
/// 2. Field and noise are multiplied by the root of the gain.
///
/// Number k of row r is at the address (purpose, k + r n). Cost: two transforms of each row.
///
/// # Errors
/// [`Error::Parameter`] if the field has no rows of one length, a figure is not finite or outside its range, or there is another
/// number of gains than 1 and the samples of a row.
///
/// # References
/// docs/decisions/0003-amplifier-noise-is-input-referred.md; ITU-T G.680 (2007).
pub fn amplify_field(
    field: &mut [Complex64],
    rows: usize,
    sample_rate_hz: f64,
    center_hz: f64,
    gain_db: &[f64],
    noise_figure_db: f64,
    noise: &NoiseAddress,
) -> Result<()> {
    let count = check_rows(field, rows)?;
    require_positive("sample_rate_hz", sample_rate_hz)?;
    require_finite("noise_figure_db", noise_figure_db)?;
    if !(center_hz.is_finite() && center_hz > 0.5 * sample_rate_hz) {
        return Err(Error::parameter("center_hz", center_hz, "more than half the sample rate"));
    }
    if gain_db.len() != 1 && gain_db.len() != count {
        return Err(Error::parameter("gain_db", format!("{} gains", gain_db.len()), format!("1 or {count}")));
    }
    if let Some(gain) = gain_db.iter().find(|gain| !gain.is_finite()) {
        return Err(Error::parameter("gain_db", gain, "finite numbers"));
    }
    let gain = |k: usize| from_db(0.5 * gain_db[if gain_db.len() == 1 { 0 } else { k }]);
    let density = from_db(noise_figure_db) * PLANCK_J_S / 2.0;
    let fourier = Fourier::new(count);
    field.par_chunks_exact_mut(count).enumerate().for_each(|(row, samples)| {
        let normals = complex_normals(&noise.source, noise.purpose, (row * count) as u32, count);
        fourier.to_spectrum(samples);
        for (k, (value, normal)) in samples.iter_mut().zip(normals).enumerate() {
            let frequency_hz = center_hz + bin_frequency_hz(k, count, sample_rate_hz);
            // The mean square of a bin is n times the power in the whole bandwidth.
            let power_w = density * frequency_hz * sample_rate_hz;
            *value = (*value + normal * (power_w * count as f64).sqrt()) * gain(k);
        }
        fourier.to_signal(samples);
    });
    Ok(())
}

/// Multiplies the spectrum of each row of a field by the transmission of the field at each frequency of the transform.
///
/// # Errors
/// [`Error::Parameter`] if the field has no rows of one length or there is another number of transmissions than samples of a row.
pub fn filter_field(field: &mut [Complex64], rows: usize, transmission: &[Complex64]) -> Result<()> {
    let count = check_rows(field, rows)?;
    if transmission.len() != count {
        return Err(Error::parameter("transmission", format!("{} numbers", transmission.len()), format!("{count}")));
    }
    if let Some(value) = transmission.iter().find(|value| !value.is_finite()) {
        return Err(Error::parameter("transmission", value, "finite numbers"));
    }
    let fourier = Fourier::new(count);
    field.par_chunks_exact_mut(count).for_each(|samples| {
        fourier.to_spectrum(samples);
        for (value, factor) in samples.iter_mut().zip(transmission) {
            *value *= factor;
        }
        fourier.to_signal(samples);
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::ase_ratio;
    use crate::units::{REFERENCE_BANDWIDTH_HZ, to_db};

    const ADDRESS: (u64, u64, u64) = (1, 2, 3);

    fn noise(purpose: u32) -> NoiseAddress {
        NoiseAddress { source: RandomSource::new(ADDRESS.0, ADDRESS.1, ADDRESS.2), purpose }
    }

    /// Two amplifiers with loss between them: OSNR is that of the budget's ratios. 2^17 complex numbers of each row: the
    /// power of noise is known to 4/sqrt(2^18) = 0.8 %, 0.03 dB.
    #[test]
    fn osnr_of_a_chain_is_that_of_the_budget() {
        let (count, rate_hz, center_hz, power_w) = (1 << 17, 100e9, 193.7e12, 1e-4);
        let mut field = vec![Complex64::new((0.5f64 * power_w).sqrt(), 0.0); 2 * count];
        amplify_field(&mut field, 2, rate_hz, center_hz, &[20.0], 5.0, &noise(1)).unwrap();
        for value in &mut field {
            *value *= from_db(-12.0);
        }
        amplify_field(&mut field, 2, rate_hz, center_hz, &[24.0], 6.0, &noise(2)).unwrap();
        let expected = ase_ratio(5.0, power_w, center_hz) + ase_ratio(6.0, power_w * from_db(20.0 - 24.0), center_hz);
        let (mut signal, mut noise_w) = (0.0, 0.0);
        for row in field.chunks_exact(count) {
            let mean = row.iter().sum::<Complex64>() / count as f64;
            signal += mean.norm_sqr();
            noise_w += row.iter().map(|value| (value - mean).norm_sqr()).sum::<f64>() / count as f64;
        }
        let found = noise_w / signal * REFERENCE_BANDWIDTH_HZ / rate_hz;
        assert!((to_db(found) - to_db(expected)).abs() < 0.03, "{} {}", to_db(found), to_db(expected));
        assert!((to_db(signal / power_w) - 20.0).abs() < 0.01);
    }

    #[test]
    fn gain_over_frequency_and_filters_act_on_their_frequencies() {
        let count = 64;
        let tone = |n: usize| Complex64::from_polar(1.0, std::f64::consts::TAU * (5 * n % count) as f64 / count as f64);
        let mut field: Vec<_> = (0..count).map(|n| tone(n) + 1.0).collect();
        let gain_db: Vec<f64> = (0..count).map(|k| if k == 5 { 6.0 } else { 0.0 }).collect();
        amplify_field(&mut field, 1, 64e9, 193e12, &gain_db, -200.0, &noise(1)).unwrap();
        let pass: Vec<_> = (0..count).map(|k| Complex64::new(if k == 5 { 0.5 } else { 0.0 }, 0.0)).collect();
        filter_field(&mut field, 1, &pass).unwrap();
        let expected = 0.5 * from_db(3.0);
        assert!((0..count).all(|n| (field[n] - tone(n) * expected).norm() < 1e-9));
        assert!(filter_field(&mut field, 1, &pass[1..]).is_err());
        assert!(amplify_field(&mut field, 1, 64e9, 193e12, &gain_db[1..], 5.0, &noise(1)).is_err());
    }
}

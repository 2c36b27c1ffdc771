//! Correlation of spectral components one symbol rate apart: the clock tone of a field of two samples per symbol.

use super::field::Field;
use crate::error::{Error, Result};
use crate::signal::RaisedCosine;
use rustfft::num_complex::Complex64;

/// Weights of the products, that of the component at -Rs + k/`half_count` Rs and its partner first: what a root-raised-cosine
/// signal leaves of them, so that noise beside the roll-off does not count.
///
/// # Errors
/// [`Error::Parameter`] if the roll-off is not from 0.01 to 1; without excess bandwidth there is no tone.
pub(super) fn clock_weights(half_count: usize, roll_off: f64) -> Result<Vec<f64>> {
    if !(0.01..=1.0).contains(&roll_off) {
        return Err(Error::parameter("roll_off", roll_off, "a number from 0.01 to 1"));
    }
    let spectrum = RaisedCosine::new(1.0, roll_off)?;
    let weight = |k: usize| {
        let upper = k as f64 / half_count as f64;
        (spectrum.density_ratio(upper - 1.0) * spectrum.density_ratio(upper)).sqrt()
    };
    Ok((0..half_count).map(weight).collect())
}

/// Products X_p(f) conj X_q(f + Rs) of two spectra, weighted, by rising f.
pub(super) fn products<'a>(
    low: &'a [Complex64],
    high: &'a [Complex64],
    weights: &'a [f64],
) -> impl Iterator<Item = Complex64> + 'a {
    // Bins of the lower half of the band stand behind those of the upper one.
    low[weights.len()..].iter().zip(high).zip(weights).map(|((a, b), weight)| a * b.conj() * weight)
}

/// Sums of the products of all pairs of polarizations.
pub(super) fn correlate(spectra: &Field, weights: &[f64]) -> [[Complex64; 2]; 2] {
    [0, 1].map(|low| [0, 1].map(|high| products(&spectra[low], &spectra[high], weights).sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_fill_the_roll_off() {
        let weights = clock_weights(100, 0.2).unwrap();
        assert!((weights[50] - 0.5).abs() < 1e-12);
        assert!(weights.iter().enumerate().all(|(k, weight)| (*weight > 0.0) == (k.abs_diff(50) < 10)));
        assert!(clock_weights(100, 0.0).is_err() && clock_weights(100, f64::NAN).is_err());
    }
}

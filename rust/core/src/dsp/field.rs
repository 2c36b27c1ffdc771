//! Sampled fields of two polarizations as the receiver's blocks take and give them.

use crate::error::{Error, Result};
use crate::vector::{ColumnWork, vectorize};
use rustfft::num_complex::Complex64;

/// Samples of two polarizations.
pub type Field = [Vec<Complex64>; 2];
/// Borrowed samples of two polarizations.
pub type FieldView<'a> = [&'a [Complex64]; 2];

/// A field as a view.
pub fn view(field: &Field) -> FieldView<'_> {
    [&field[0], &field[1]]
}

/// Sum of the products of all numbers with 0: NaN for NaN and infinity, and no branch for each sample.
struct ProductsWithZero<'a>(&'a [Complex64]);

impl ColumnWork for ProductsWithZero<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let (chunks, rest) = self.0.as_chunks::<4>();
        let mut sums = [0.0; 8];
        for chunk in chunks {
            for (k, value) in chunk.iter().enumerate() {
                sums[2 * k] += value.re * 0.0;
                sums[2 * k + 1] += value.im * 0.0;
            }
        }
        sums.iter().sum::<f64>() + rest.iter().map(|value| value.re * 0.0 + value.im * 0.0).sum::<f64>()
    }
}

/// Samples of each polarization, where both have the same number of finite ones.
///
/// # Errors
/// [`Error::Parameter`] naming `name` otherwise.
pub(super) fn require_field(name: &str, field: FieldView<'_>) -> Result<usize> {
    let [x, y] = field;
    if x.len() != y.len() {
        let found = format!("{} and {} samples", x.len(), y.len());
        return Err(Error::parameter(name, found, "two polarizations of the same length"));
    }
    for (polarization, samples) in field.into_iter().enumerate() {
        let marker = vectorize(ProductsWithZero(samples));
        if marker != 0.0 || marker.is_nan() {
            let index = samples.iter().position(|value| !value.is_finite()).unwrap_or(0);
            let found = format!("{} at polarization {polarization}, sample {index}", samples[index]);
            return Err(Error::parameter(name, found, "finite samples"));
        }
    }
    Ok(x.len())
}

/// A field of a whole block with samples in it.
///
/// # Errors
/// [`Error::Parameter`] naming `name` if it has fewer than `least_count` samples or one is not finite.
pub(super) fn require_block(name: &str, field: FieldView<'_>, least_count: usize) -> Result<usize> {
    let count = require_field(name, field)?;
    if count < least_count {
        let found = format!("a field of {count} samples");
        return Err(Error::parameter(name, found, format!("at least {least_count} samples")));
    }
    Ok(count)
}

/// A count within bounds.
///
/// # Errors
/// [`Error::Parameter`] naming `name` outside `least..=most`.
pub(super) fn require_count(name: &str, count: usize, least: usize, most: usize) -> Result<usize> {
    if (least..=most).contains(&count) {
        Ok(count)
    } else {
        Err(Error::parameter(name, count, format!("a number from {least} to {most}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_field_is_refused_by_name() {
        let good = vec![Complex64::new(1.0, -1.0); 3];
        let mut bad = good.clone();
        assert_eq!(require_field("field", [&good, &good]).unwrap(), 3);
        let error = require_field("field", [&good, &good[1..]]).unwrap_err().to_string();
        assert_eq!(error, "field is 3 and 2 samples; allowed: two polarizations of the same length");
        for value in [f64::NAN, f64::INFINITY] {
            bad[1].im = value;
            let error = require_field("field", [&good, &bad]).unwrap_err().to_string();
            assert!(error.starts_with("field is ") && error.contains("polarization 1, sample 1"), "{error}");
        }
        assert!(require_block("field", [&good, &good], 4).is_err());
        assert!(require_count("taps_count", 4, 5, 6).is_err());
    }
}

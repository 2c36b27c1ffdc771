//! Jones matrices, and what they do to sampled fields of two polarizations.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::rng::RandomSource;
use crate::units::from_db;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// What a polarization does to the two rows of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jones(
    /// Rows, then columns.
    pub [[Complex64; 2]; 2],
);

impl Jones {
    /// Nothing.
    pub const IDENTITY: Self = Self([
        [Complex64::new(1.0, 0.0), Complex64::new(0.0, 0.0)],
        [Complex64::new(0.0, 0.0), Complex64::new(1.0, 0.0)],
    ]);

    /// A rotation of the Poincare sphere without preferred direction.
    ///
    /// # Algorithm
    /// Two random phases and a random share of power: uniform over SU(2).
    ///
    /// # References
    /// Shoemake 1992, "Uniform random rotations", Graphics Gems III.
    pub fn random(source: &RandomSource, purpose: u32, entity: u32) -> Self {
        let [share, first] = source.uniform_pair(purpose, entity);
        let [second, _] = source.uniform_pair(purpose, entity ^ 0x8000_0000);
        let a = Complex64::from_polar((1.0 - share).sqrt(), TAU * first);
        let b = Complex64::from_polar(share.sqrt(), TAU * second);
        Self([[a, -b.conj()], [b, a.conj()]])
    }

    /// a + b times the Pauli matrix of an axis of Stokes space: S1 is x against y, S2 the diagonals, S3 the circles.
    fn around(axis: [f64; 3], a: Complex64, b: Complex64) -> Self {
        let off = Complex64::new(axis[1], -axis[2]);
        Self([[a + b * axis[0], b * off], [b * off.conj(), a - b * axis[0]]])
    }

    /// The conjugate transposed: the inverse of a rotation.
    #[must_use]
    pub fn adjoint(self) -> Self {
        let [[a, b], [c, d]] = self.0;
        Self([[a.conj(), c.conj()], [b.conj(), d.conj()]])
    }

    /// Both polarizations behind it.
    #[inline(always)]
    pub fn apply(&self, x: Complex64, y: Complex64) -> (Complex64, Complex64) {
        let [[a, b], [c, d]] = self.0;
        (a * x + b * y, c * x + d * y)
    }
}

/// Refuses what is no field of two polarizations; gives the number of samples.
fn expect_two_rows(field: &[Complex64]) -> Result<usize> {
    if field.is_empty() || !field.len().is_multiple_of(2) {
        return Err(Error::parameter("field", format!("{} samples", field.len()), "two rows of one length"));
    }
    Ok(field.len() / 2)
}

/// The unit vector along an axis of Stokes space.
fn unit_axis(axis: [f64; 3]) -> Result<[f64; 3]> {
    let length = axis.iter().map(|part| part * part).sum::<f64>().sqrt();
    if length.is_finite() && length > 0.0 {
        Ok(axis.map(|part| part / length))
    } else {
        Err(Error::parameter("axis", format!("{axis:?}"), "three finite numbers, not all 0"))
    }
}

fn pass(field: &mut [Complex64], count: usize, jones: impl Fn(usize) -> Jones) {
    let (x, y) = field.split_at_mut(count);
    for (n, (x, y)) in x.iter_mut().zip(y).enumerate() {
        (*x, *y) = jones(n).apply(*x, *y);
    }
}

/// Turns the polarization of a field at a constant rate around an axis of Stokes space, as fast events on a line do.
///
/// # Algorithm
/// At time t the matrix is cos(a/2) - j sin(a/2) n.sigma, a = start + rate t: a rotation of the Poincare sphere by a.
///
/// # Errors
/// [`Error::Parameter`] if the field has not two rows, the axis no direction or a figure is not finite.
///
/// # References
/// Gordon and Kogelnik 2000, doi 10.1073/pnas.97.9.4541.
pub fn rotate_polarization(
    field: &mut [Complex64],
    sample_rate_hz: f64,
    rate_rad_per_s: f64,
    start_rad: f64,
    axis: [f64; 3],
) -> Result<()> {
    let count = expect_two_rows(field)?;
    require_positive("sample_rate_hz", sample_rate_hz)?;
    require_finite("rate_rad_per_s", rate_rad_per_s)?;
    require_finite("start_rad", start_rad)?;
    let axis = unit_axis(axis)?;
    pass(field, count, |n| {
        let (sine, cosine) = (0.5 * (start_rad + rate_rad_per_s * n as f64 / sample_rate_hz)).sin_cos();
        Jones::around(axis, Complex64::new(cosine, 0.0), Complex64::new(0.0, -sine))
    });
    Ok(())
}

/// An element of polarization-dependent loss with its favored state along an axis of Stokes space.
///
/// Unpolarized light keeps its power: the element's mean loss stands elsewhere.
///
/// # Algorithm
/// Fields of the favored state and the other one are multiplied by (2/(1 + r))^(1/2) and (2 r/(1 + r))^(1/2), r the ratio of
/// their transmissions.
///
/// # Errors
/// [`Error::Parameter`] if the field has not two rows, the axis no direction or the loss is not 0 or more.
///
/// # References
/// Gisin and Huttner 1997, doi 10.1016/S0030-4018(97)00236-6.
pub fn pass_polarization_loss(field: &mut [Complex64], pdl_db: f64, axis: [f64; 3]) -> Result<()> {
    let count = expect_two_rows(field)?;
    if !(pdl_db.is_finite() && pdl_db >= 0.0) {
        return Err(Error::parameter("pdl_db", pdl_db, "a finite number of 0 or more"));
    }
    let ratio = from_db(-pdl_db);
    let most = (2.0 / (1.0 + ratio)).sqrt();
    let least = most * ratio.sqrt();
    let jones = Jones::around(
        unit_axis(axis)?,
        Complex64::new(0.5 * (most + least), 0.0),
        Complex64::new(0.5 * (most - least), 0.0),
    );
    pass(field, count, |_| jones);
    Ok(())
}

/// A direction of Stokes space without preference, at an address.
pub fn random_axis(source: &RandomSource, purpose: u32, entity: u32) -> [f64; 3] {
    let [height, turn] = source.uniform_pair(purpose, entity);
    let height = 2.0 * height - 1.0;
    let radius = (1.0 - height * height).max(0.0).sqrt();
    let (sine, cosine) = (TAU * turn).sin_cos();
    [radius * cosine, radius * sine, height]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stokes(x: Complex64, y: Complex64) -> [f64; 3] {
        let cross = x * y.conj();
        [x.norm_sqr() - y.norm_sqr(), 2.0 * cross.re, -2.0 * cross.im]
    }

    #[test]
    fn a_rotation_turns_the_sphere_at_its_rate() {
        // x light, turned around S3 by a quarter: the diagonal.
        let mut field = vec![Complex64::new(0.0, 0.0); 200];
        field[..100].fill(Complex64::new(1.0, 0.0));
        let rate = 1e6;
        rotate_polarization(&mut field, 1e9, rate, 0.0, [0.0, 0.0, 2.0]).unwrap();
        for n in 0..100 {
            let found = stokes(field[n], field[100 + n]);
            let angle = rate * n as f64 / 1e9;
            let expected = [angle.cos(), angle.sin(), 0.0];
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
        }
        assert!(rotate_polarization(&mut field, 1e9, rate, 0.0, [0.0; 3]).is_err());
    }

    #[test]
    fn loss_has_its_two_axes() {
        let at = |x: f64, y: f64| {
            let mut field = vec![Complex64::new(x, 0.0), Complex64::new(y, 0.0)];
            pass_polarization_loss(&mut field, 3.0, [1.0, 0.0, 0.0]).unwrap();
            field.iter().map(Complex64::norm_sqr).sum::<f64>()
        };
        assert!((at(1.0, 0.0) / at(0.0, 1.0) - from_db(3.0)).abs() < 1e-12);
        assert!((0.5 * (at(1.0, 0.0) + at(0.0, 1.0)) - 1.0).abs() < 1e-12);
        assert!((at(0.5f64.sqrt(), 0.5f64.sqrt()) - 1.0).abs() < 1e-12);
    }
}

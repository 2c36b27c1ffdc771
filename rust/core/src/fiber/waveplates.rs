//! Polarization-mode dispersion of sampled fields: sections of fixed delay between random rotations.

use super::random_orientation::{Geometry, RandomSum};
use crate::error::{Error, Result};
use crate::rng::RandomSource;
use crate::signal::{Fourier, Jones, bin_frequency_hz};
use rustfft::num_complex::Complex64;
use std::f64::consts::PI;
use std::ops::Range;

/// Most sections of one fiber.
const SECTIONS_MAX: usize = 10_000;
/// Addresses of rotations: what for.
const ROTATION_PURPOSE: u32 = 0x706d_6400;

/// One realization of a fiber's polarization-mode dispersion: rotation, delay, rotation, delay, ...
#[derive(Debug, Clone, PartialEq)]
pub struct Waveplates {
    /// Differential delay of each section.
    pub delay_s: f64,
    /// Rotation before each section.
    pub rotations: Vec<Jones>,
}

impl Waveplates {
    /// A realization with a mean DGD over all realizations.
    ///
    /// # Algorithm
    /// Sections of equal delay with rotations uniform over SU(2) before each: their vectors in Stokes space add as steps of
    /// random direction. The delay is the mean DGD over the mean length of that many unit steps, which is exact at any number;
    /// from some twenty sections on the DGD is Maxwellian as far as the tails of a simulation go.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the mean DGD is not 0 or more, or there are no sections or more than 10,000.
    ///
    /// # References
    /// Curti et al. 1990, doi 10.1109/50.57836; Marcuse, Menyuk and Wai 1997, doi 10.1109/50.622902.
    pub fn draw(dgd_mean_s: f64, sections_count: usize, source: &RandomSource) -> Result<Self> {
        if !(dgd_mean_s.is_finite() && dgd_mean_s >= 0.0) {
            return Err(Error::parameter("dgd_mean_s", dgd_mean_s, "a finite number of 0 or more"));
        }
        if !(1..=SECTIONS_MAX).contains(&sections_count) {
            return Err(Error::parameter("sections_count", sections_count, format!("1 to {SECTIONS_MAX}")));
        }
        let steps = RandomSum::new(Geometry::Flat, &vec![1.0; sections_count], 0.0)?;
        let rotation = |section: usize| Jones::random(source, ROTATION_PURPOSE, section as u32);
        Ok(Self { delay_s: dgd_mean_s / steps.mean(), rotations: (0..sections_count).map(rotation).collect() })
    }

    /// Both polarizations at a frequency behind some of the sections.
    pub fn transmit(
        &self,
        sections: Range<usize>,
        x: Complex64,
        y: Complex64,
        offset_hz: f64,
    ) -> (Complex64, Complex64) {
        let delay = Complex64::from_polar(1.0, -PI * offset_hz * self.delay_s);
        self.rotations[sections].iter().fold((x, y), |(x, y), rotation| {
            let (x, y) = rotation.apply(x, y);
            (x * delay, y * delay.conj())
        })
    }

    /// Both polarizations at a frequency before some of the sections, from those behind them.
    pub fn undo(&self, sections: Range<usize>, x: Complex64, y: Complex64, offset_hz: f64) -> (Complex64, Complex64) {
        let delay = Complex64::from_polar(1.0, -PI * offset_hz * self.delay_s);
        self.rotations[sections]
            .iter()
            .rev()
            .fold((x, y), |(x, y), rotation| rotation.adjoint().apply(x * delay.conj(), y * delay))
    }

    /// Differential group delay at a frequency.
    ///
    /// # Algorithm
    /// Concatenation of Stokes vectors would need the rotations of the sphere; the Jones matrix itself tells: with U(f) in SU(2)
    /// the DGD is the difference of the eigenvalues of j dU/domega U^-1, 2 (det dU/domega)^(1/2), by the exact derivative.
    ///
    /// # References
    /// Heffner 1992, doi 10.1109/68.157150.
    pub fn dgd_s(&self, offset_hz: f64) -> f64 {
        let delay = Complex64::from_polar(1.0, -PI * offset_hz * self.delay_s);
        // Columns of U and of dU/domega over half the delay.
        let column = |start: (Complex64, Complex64)| {
            let zero = Complex64::new(0.0, 0.0);
            self.rotations.iter().fold((start, (zero, zero)), |(value, slope), rotation| {
                let (x, y) = rotation.apply(value.0, value.1);
                let (dx, dy) = rotation.apply(slope.0, slope.1);
                let j = Complex64::i();
                ((x * delay, y * delay.conj()), ((dx - j * x) * delay, (dy + j * y) * delay.conj()))
            })
        };
        let (one, zero) = (Complex64::new(1.0, 0.0), Complex64::new(0.0, 0.0));
        let ((_, a), (_, b)) = (column((one, zero)), column((zero, one)));
        self.delay_s * (a.0 * b.1 - a.1 * b.0).norm().sqrt()
    }

    /// Sends a field of two rows through all sections.
    ///
    /// Cost: two transforms of each polarization, some twenty products per sample and section.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the field has not two rows.
    pub fn pass(&self, field: &mut [Complex64], sample_rate_hz: f64) -> Result<()> {
        let count = field.len() / 2;
        if count == 0 || 2 * count != field.len() {
            return Err(Error::parameter("field", format!("{} samples", field.len()), "two rows of one length"));
        }
        let fourier = Fourier::new(count);
        let (x, y) = field.split_at_mut(count);
        rayon::join(|| fourier.to_spectrum(x), || fourier.to_spectrum(y));
        for (k, (x, y)) in x.iter_mut().zip(y.iter_mut()).enumerate() {
            let offset_hz = bin_frequency_hz(k, count, sample_rate_hz);
            (*x, *y) = self.transmit(0..self.rotations.len(), *x, *y, offset_hz);
        }
        rayon::join(|| fourier.to_signal(x), || fourier.to_signal(y));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::maxwell_exceedance;

    #[test]
    fn the_exact_derivative_is_that_of_differences() {
        let plates = Waveplates::draw(10e-12, 30, &RandomSource::new(1, 2, 3)).unwrap();
        let (offset_hz, step_hz) = (17e9, 1e6);
        let column = |f: f64, x: f64| plates.transmit(0..30, Complex64::new(x, 0.0), Complex64::new(1.0 - x, 0.0), f);
        let slope = |x: f64| {
            let (a, b) = (column(offset_hz + step_hz, x), column(offset_hz - step_hz, x));
            let width = 4.0 * PI * step_hz;
            ((a.0 - b.0) / width, (a.1 - b.1) / width)
        };
        let (a, b) = (slope(1.0), slope(0.0));
        let expected = 2.0 * (a.0 * b.1 - a.1 * b.0).norm().sqrt();
        assert!((plates.dgd_s(offset_hz) / expected - 1.0).abs() < 1e-6, "{} {expected}", plates.dgd_s(offset_hz));
    }

    /// 2,000 fibers: the mean within 2 % (its standard error is 0.9 %), and Kolmogorov's distance from the Maxwellian below
    /// 1.63/sqrt(n), which one seed in a hundred passes.
    #[test]
    fn dgd_is_maxwellian() {
        let count = 2000u32;
        let dgd_of = |draw: u32| {
            Waveplates::draw(5e-12, 60, &RandomSource::new(42, 0, u64::from(draw))).unwrap().dgd_s(0.0) / 5e-12
        };
        let mut ratios: Vec<f64> = (0..count).map(dgd_of).collect();
        let mean = ratios.iter().sum::<f64>() / f64::from(count);
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        ratios.sort_by(f64::total_cmp);
        let gap = |(index, ratio): (usize, &f64)| {
            ((index as f64 + 0.5) / f64::from(count) - (1.0 - maxwell_exceedance(*ratio))).abs()
        };
        let distance = ratios.iter().enumerate().map(gap).fold(0.0, f64::max);
        assert!(distance < 1.63 / f64::from(count).sqrt(), "{distance}");
    }

    #[test]
    fn one_section_delays_one_polarization_against_the_other() {
        let plates = Waveplates { delay_s: 2e-12, rotations: vec![Jones::IDENTITY] };
        assert!((plates.dgd_s(5e9) / 2e-12 - 1.0).abs() < 1e-12);
        let count = 64;
        let mut field = vec![Complex64::new(0.0, 0.0); 2 * count];
        (field[10], field[count + 10]) = (Complex64::new(1.0, 0.0), Complex64::new(1.0, 0.0));
        plates.pass(&mut field, 1e12).unwrap();
        assert!((field[11].re - 1.0).abs() < 1e-12 && (field[count + 9].re - 1.0).abs() < 1e-12);
    }
}

//! Polarization-mode dispersion and polarization-dependent loss as distributions.

use super::random_orientation::{Geometry, RandomSum};
use crate::error::{Error, Result, require_finite};
use crate::special::find_root;
use std::f64::consts::{LN_10, PI};

/// Probability that the instantaneous DGD exceeds `ratio` times its mean, for a Maxwellian DGD.
///
/// # Algorithm
/// With a = mean sqrt(pi/8): P = erfc(x/(a sqrt 2)) + sqrt(2/pi) (x/a) exp(-x^2/(2 a^2)), x/a = ratio sqrt(8/pi).
///
/// # References
/// Foschini and Poole 1991, doi 10.1109/50.97630.
pub fn maxwell_exceedance(ratio: f64) -> f64 {
    if ratio <= 0.0 {
        return 1.0;
    }
    let u = ratio * (8.0 / PI).sqrt();
    libm::erfc(u / 2f64.sqrt()) + (2.0 / PI).sqrt() * u * (-0.5 * u * u).exp()
}

/// Multiple of its mean that a Maxwellian DGD exceeds with a probability: the S factor.
///
/// # Errors
/// [`Error::Parameter`] if the probability is not between 1e-300 and 1.
pub fn maxwell_quantile(exceedance_ratio: f64) -> Result<f64> {
    if !(exceedance_ratio > 1e-300 && exceedance_ratio < 1.0) {
        return Err(Error::parameter("probability", exceedance_ratio, "a number between 1e-300 and 1, both excluded"));
    }
    find_root(|ratio| (maxwell_exceedance(ratio).max(1e-320) / exceedance_ratio).ln(), 0.0, 24.0, 1e-14)
}

/// DGD of a path: Maxwellian fiber and elements of constant DGD and random orientation.
#[derive(Debug, Clone)]
pub struct DgdDistribution {
    /// In units of `unit_s`, so that the series needs no scale.
    sum: RandomSum,
    unit_s: f64,
    /// Mean DGD where the fiber alone has any: then the law is the Maxwellian, exact at any probability.
    maxwell_mean_s: Option<f64>,
}

impl DgdDistribution {
    /// The law of a fiber of this mean DGD with these elements.
    ///
    /// # Algorithm
    /// The polarization-mode dispersion vectors of fiber and elements add in Stokes space: each element's length is fixed
    /// and its direction any, the fiber's vector is Gaussian in each direction (mean DGD = sigma sqrt(8/pi)). The law of
    /// the length follows from the spherical transform, right to 1e-9 in probability; of fiber alone it is the Maxwellian.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a DGD is not finite or negative.
    ///
    /// # References
    /// Gordon and Kogelnik 2000, doi 10.1073/pnas.97.9.4541 (addition of the vectors); Rayleigh 1919 (random flights).
    pub fn new(fiber_mean_dgd_s: f64, element_dgd_s: &[f64]) -> Result<Self> {
        let total_s = require_finite("dgd_s", fiber_mean_dgd_s + element_dgd_s.iter().sum::<f64>())?;
        let unit_s = if total_s > 0.0 { total_s } else { 1.0 };
        let lengths: Vec<f64> = element_dgd_s.iter().map(|dgd| dgd / unit_s).collect();
        let sum = RandomSum::new(Geometry::Flat, &lengths, fiber_mean_dgd_s * (PI / 8.0).sqrt() / unit_s)?;
        let fiber_alone = fiber_mean_dgd_s > 0.0 && element_dgd_s.iter().all(|&dgd| dgd == 0.0);
        Ok(Self { sum, unit_s, maxwell_mean_s: fiber_alone.then_some(fiber_mean_dgd_s) })
    }

    /// Probability that the instantaneous DGD exceeds `dgd_s`.
    pub fn exceedance_ratio(&self, dgd_s: f64) -> f64 {
        match self.maxwell_mean_s {
            Some(mean_s) => maxwell_exceedance(dgd_s / mean_s),
            None => self.sum.exceedance(dgd_s / self.unit_s),
        }
    }

    /// Mean DGD.
    pub fn mean_s(&self) -> f64 {
        self.maxwell_mean_s.unwrap_or_else(|| self.sum.mean() * self.unit_s)
    }

    /// DGD that is exceeded with a probability.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the probability is not between 0 and 1.
    pub fn quantile_s(&self, exceedance_ratio: f64) -> Result<f64> {
        match self.maxwell_mean_s {
            Some(mean_s) => Ok(mean_s * maxwell_quantile(exceedance_ratio)?),
            None => Ok(self.unit_s * self.sum.quantile(exceedance_ratio)?),
        }
    }
}

/// PDL of elements one after the other, their axes in any direction.
#[derive(Debug, Clone)]
pub struct PdlDistribution {
    sum: RandomSum,
}

/// Decibels of PDL of a rapidity of 1: the transmissions of the two axes differ by exp(2 rapidity).
const DB_PER_RAPIDITY: f64 = 20.0 / LN_10;

impl PdlDistribution {
    /// The law of the PDL of these elements together.
    ///
    /// # Algorithm
    /// 1. An element with PDL acts on the Stokes vector as a boost of rapidity ln(10)/20 times its PDL in dB; two of them
    ///    at an angle give cosh c = cosh a cosh b + sinh a sinh b cos(angle).
    /// 2. With directions at random the law of the sum follows exactly from the spherical transform of hyperbolic space,
    ///    right to 1e-9 in probability. For many small elements it tends to the Maxwellian.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a PDL is not finite or negative.
    ///
    /// # References
    /// Gisin 1995, Optics Communications 114, 399 (composition); Mecozzi and Shtaif 2002, doi 10.1109/68.986797 (limit).
    pub fn new(element_pdl_db: &[f64]) -> Result<Self> {
        let rapidities: Vec<f64> = element_pdl_db.iter().map(|pdl| pdl / DB_PER_RAPIDITY).collect();
        Ok(Self { sum: RandomSum::new(Geometry::Hyperbolic, &rapidities, 0.0)? })
    }

    /// Probability that the PDL exceeds `pdl_db`.
    pub fn exceedance_ratio(&self, pdl_db: f64) -> f64 {
        self.sum.exceedance(pdl_db / DB_PER_RAPIDITY)
    }

    /// Mean PDL in decibels.
    pub fn mean_db(&self) -> f64 {
        self.sum.mean() * DB_PER_RAPIDITY
    }

    /// PDL that is exceeded with a probability.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the probability is not between 0 and 1.
    pub fn quantile_db(&self, exceedance_ratio: f64) -> Result<f64> {
        Ok(DB_PER_RAPIDITY * self.sum.quantile(exceedance_ratio)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_of_the_maxwellian() {
        for (ratio, expected, tolerance) in [
            (3.0, 4.2e-5, 0.05e-5),
            (3.2, 9.2e-6, 0.05e-6),
            (3.3, 4.1e-6, 0.05e-6),
            (3.5, 7.7e-7, 0.05e-7),
            (3.775, 6.5e-8, 0.05e-8),
        ] {
            let found = maxwell_exceedance(ratio);
            assert!((found - expected).abs() <= tolerance, "{ratio}: {found}");
            assert!((maxwell_quantile(found).unwrap() / ratio - 1.0).abs() < 1e-10);
        }
        assert_eq!(maxwell_exceedance(0.0), 1.0);
        assert!(maxwell_quantile(1.0).is_err());
        assert!(maxwell_quantile(f64::NAN).is_err());
    }

    #[test]
    fn fiber_alone_is_maxwellian_by_both_ways() {
        let mean_s = 4e-12;
        let exact = DgdDistribution::new(mean_s, &[0.0]).unwrap();
        let series = DgdDistribution::new(mean_s, &[1e-17]).unwrap();
        for ratio in [0.3, 1.0, 2.0, 3.3] {
            let (a, b) = (exact.exceedance_ratio(ratio * mean_s), series.exceedance_ratio(ratio * mean_s));
            assert!((a - b).abs() < 1e-9, "{ratio}: {a} {b}");
        }
        assert!((series.mean_s() / mean_s - 1.0).abs() < 1e-9);
        let far_s = exact.quantile_s(1e-12).unwrap();
        assert!((exact.exceedance_ratio(far_s) / 1e-12 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn squares_of_elements_add() {
        // E x^2 = sum of squares, of the Maxwellian 3 pi/8 of the square of its mean; from the tail: 2 integral x P(> x).
        let law = DgdDistribution::new(2e-12, &[3e-12, 3e-12, 1e-12]).unwrap();
        let (steps, width) = (4000, 1e-14);
        let second: f64 = (0..steps)
            .map(|step| (f64::from(step) + 0.5) * width)
            .map(|x| 2.0 * x * law.exceedance_ratio(x) * width)
            .sum();
        let expected = (9.0 + 9.0 + 1.0 + 4.0 * 3.0 * PI / 8.0) * 1e-24;
        assert!((second / expected - 1.0).abs() < 1e-6, "{second} {expected}");
        let none = DgdDistribution::new(0.0, &[]).unwrap();
        assert_eq!((none.exceedance_ratio(0.0), none.mean_s()), (0.0, 0.0));
        assert!(DgdDistribution::new(-1e-12, &[]).is_err());
    }

    #[test]
    fn pdl_of_two_elements_between_difference_and_sum() {
        let law = PdlDistribution::new(&[1.5, 0.7]).unwrap();
        assert_eq!((law.exceedance_ratio(0.79), law.exceedance_ratio(2.21)), (1.0, 0.0));
        let median_db = law.quantile_db(0.5).unwrap();
        // cosh is equally likely between its ends, so that its mean is its median.
        let cosh = |db: f64| (db / DB_PER_RAPIDITY).cosh();
        assert!((cosh(median_db) / (cosh(1.5) * cosh(0.7)) - 1.0).abs() < 1e-9);
        assert_eq!(PdlDistribution::new(&[1.5]).unwrap().mean_db(), 1.5);
    }

    #[test]
    fn pdl_of_many_small_elements_is_maxwellian() {
        let law = PdlDistribution::new(&[0.1; 60]).unwrap();
        // Mean of a Maxwellian of mean square 60 x 0.01 dB^2.
        let mean_db = (8.0 / (3.0 * PI) * 0.6f64).sqrt();
        assert!((law.mean_db() / mean_db - 1.0).abs() < 5e-3, "{} {mean_db}", law.mean_db());
        for ratio in [0.5, 1.0, 2.0] {
            let (found, expected) = (law.exceedance_ratio(ratio * mean_db), maxwell_exceedance(ratio));
            assert!((found - expected).abs() < 5e-3, "{ratio}: {found} {expected}");
        }
    }
}

//! Optical penalties of a PAM4 lane in closed form: intensity noise, differential group delay, polarization-dependent loss,
//! light of other lanes.

use super::pam4_target_q;
use crate::error::{Error, Result, require_finite, require_positive};
use crate::units::{from_db, to_db};
use std::f64::consts::PI;

/// Penalty of noise that grows with the signal: -5 log10(1 - r^2), r its deviation over the deviation that the target
/// allows; infinite where it takes all.
pub fn relative_noise_penalty_db(noise_over_allowed_ratio: f64) -> f64 {
    let left = 1.0 - noise_over_allowed_ratio * noise_over_allowed_ratio;
    if left > 0.0 { -0.5 * to_db(left) } else { f64::INFINITY }
}

/// RIN of the light over RIN_OMA at an extinction ratio: RIN = RIN_OMA + 20 log10(OMA/P_avg), OMA/P_avg = 2 (E - 1)/(E + 1).
///
/// # Errors
/// [`Error::Parameter`] if the extinction ratio is not above 0 dB or a figure not finite.
///
/// # References
/// IEEE 802.3-2022, 52.9.6 (RIN_OMA: noise power over modulated power).
pub fn rin_from_rin_oma(rin_oma_db_per_hz: f64, extinction_ratio_db: f64) -> Result<f64> {
    require_finite("rin_oma_db_per_hz", rin_oma_db_per_hz)?;
    let er = from_db(require_positive("extinction_ratio_db", extinction_ratio_db)?);
    Ok(rin_oma_db_per_hz + 2.0 * to_db(2.0 * (er - 1.0) / (er + 1.0)))
}

/// Penalty of intensity noise that is the same on all levels, as a TDECQ measurement counts it.
///
/// # Algorithm
/// 1. sigma/OMA = sqrt(10^(RIN_OMA/10) B).
/// 2. Allowed: 1/(6 Q_t) at the target SER. Penalty by [`relative_noise_penalty_db`].
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range.
///
/// # References
/// IEEE 802.3-2022, 121.8.5.3.
pub fn rin_oma_penalty_db(rin_oma_db_per_hz: f64, noise_bandwidth_hz: f64, target_ser_ratio: f64) -> Result<f64> {
    let bandwidth_hz = require_positive("noise_bandwidth_hz", noise_bandwidth_hz)?;
    let sigma = (from_db(require_finite("rin_oma_db_per_hz", rin_oma_db_per_hz)?) * bandwidth_hz).sqrt();
    Ok(relative_noise_penalty_db(sigma * 6.0 * pam4_target_q(target_ser_ratio)?))
}

/// Penalty of first-order PMD behind an equalizer that takes it back.
///
/// # Algorithm
/// 1. Power split g : 1 - g over two delays makes |H|^2 = 1 - 4 g (1 - g) sin^2(pi f dgd) after detection.
/// 2. A T-spaced equalizer without residual interference enhances white noise, for a pulse that fills the Nyquist band
///    evenly, by the mean of 1/|H|^2 up to half the symbol rate: atan(s tan u)/(s u), u = pi R dgd/2, s = |1 - 2 g|; for an
///    even split tan u/u.
/// 3. Penalty 5 log10 of it in optical power; infinite where the even split has its null inside the band.
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range, [`Error::Model`] if the delay exceeds a symbol.
///
/// # References
/// Poole, Tkach, Chraplyvy and Fishman 1991, doi 10.1109/68.68051 (two delayed copies of the intensity); Proakis 2001,
/// 10.2 (noise enhancement of a zero-forcing equalizer).
pub fn dgd_penalty_db(dgd_s: f64, symbol_rate_hz: f64, power_split_ratio: f64) -> Result<f64> {
    require_positive("symbol_rate_hz", symbol_rate_hz)?;
    if !(0.0..=1.0).contains(&power_split_ratio) {
        return Err(Error::parameter("power_split_ratio", power_split_ratio, "a number from 0 to 1"));
    }
    if require_finite("dgd_s", dgd_s)? < 0.0 {
        return Err(Error::parameter("dgd_s", dgd_s, "0 or above"));
    }
    let u = 0.5 * PI * symbol_rate_hz * dgd_s;
    if u >= 0.5 * PI {
        return Err(Error::Model(format!("a DGD of {dgd_s} s exceeds the symbol; the equalized model ends there")));
    }
    let s = (1.0 - 2.0 * power_split_ratio).abs();
    if u < 1e-6 {
        return Ok(0.0);
    }
    let enhancement = if s < 1e-9 { u.tan() / u } else { (s * u.tan()).atan() / (s * u) };
    Ok(0.5 * to_db(enhancement))
}

/// Loss above the mean that a lane sees through polarization-dependent loss, passed with a probability.
///
/// # Algorithm
/// A random state of polarization sees the transmission T (1 + G c), c uniform in -1..1 and G = (1 - p)/(1 + p) with p the
/// PDL as a ratio; the quantile is -10 log10(1 - G (1 - 2 P)), at P = 0 the full PDL below the mean.
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range.
///
/// # References
/// Gisin 1995, doi 10.1016/0030-4018(94)00612-6 (transmission over the state of polarization).
pub fn pdl_excess_loss_db(pdl_db: f64, exceedance_ratio: f64) -> Result<f64> {
    if require_finite("pdl_db", pdl_db)? < 0.0 {
        return Err(Error::parameter("pdl_db", pdl_db, "0 or above"));
    }
    if !(0.0..=1.0).contains(&exceedance_ratio) {
        return Err(Error::parameter("exceedance_ratio", exceedance_ratio, "a number from 0 to 1"));
    }
    let p = from_db(-pdl_db);
    let depth = (1.0 - p) / (1.0 + p);
    Ok(-to_db(1.0 - depth * (1.0 - 2.0 * exceedance_ratio)))
}

/// Penalty of other lanes' light through the demux, each stronger by the lane difference, all against the signal.
///
/// # Algorithm
/// x = (M - 1) sum of 10^((difference - isolation)/10) of half an eye for M = 4 levels; penalty -10 log10(1 - x), infinite
/// from x = 1 on. The lanes' beat notes lie outside the receiver's band.
///
/// # Errors
/// [`Error::Parameter`] if a figure is not finite.
///
/// # References
/// Peak-distortion bound of additive crosstalk; the lane difference is the limit of IEEE 802.3 on OMA between any two lanes.
pub fn lane_crosstalk_penalty_db(isolations_db: &[f64], lane_oma_difference_db: f64) -> Result<f64> {
    require_finite("lane_oma_difference_db", lane_oma_difference_db)?;
    let mut leaked = 0.0;
    for &isolation_db in isolations_db {
        leaked += from_db(lane_oma_difference_db - require_finite("isolation_db", isolation_db)?);
    }
    Ok(leaked_light_penalty_db(leaked))
}

/// Greatest OMA of other lanes over the lane's own that leaves an eye of PAM4 open.
pub const LEAKED_LIGHT_END_RATIO: f64 = 1.0 / 3.0;

/// Penalty of other lanes' light, its OMA over that of the signal, as of [`lane_crosstalk_penalty_db`].
pub fn leaked_light_penalty_db(leaked_ratio: f64) -> f64 {
    if leaked_ratio < LEAKED_LIGHT_END_RATIO {
        -to_db(1.0 - leaked_ratio / LEAKED_LIGHT_END_RATIO)
    } else {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intensity_noise_of_the_vectors() {
        for (level, bandwidth_hz, target, expected) in [
            (-136.0, 27.6e9, 4.8e-4, 0.75),
            (-132.0, 13.8e9, 4.8e-4, 0.99),
            (-139.0, 55.2e9, 4.8e-4, 0.75),
            (-139.0, 55.2e9, 9.6e-3, 0.37),
        ] {
            let found = rin_oma_penalty_db(level, bandwidth_hz, target).unwrap();
            assert!((found - expected).abs() < 0.01, "{found} {expected}");
        }
        assert!(rin_oma_penalty_db(-110.0, 27.6e9, 4.8e-4).unwrap().is_infinite());
        for (er, difference) in [(3.5, 2.3), (4.5, 0.4), (6.0, -1.6)] {
            assert!((-136.0 - rin_from_rin_oma(-136.0, er).unwrap() - difference).abs() < 0.05);
        }
    }

    #[test]
    fn dgd_against_the_integral() {
        for split in [0.5, 0.3, 0.0] {
            let (rate, dgd) = (53.125e9, 7e-12);
            let steps = 20_000;
            let mean = (0..steps)
                .map(|k| {
                    let f = (f64::from(k) + 0.5) / f64::from(steps) * 0.5 * rate;
                    1.0 / (1.0 - 4.0 * split * (1.0 - split) * (PI * f * dgd).sin().powi(2))
                })
                .sum::<f64>()
                / f64::from(steps);
            let found = dgd_penalty_db(dgd, rate, split).unwrap();
            assert!((found - 0.5 * to_db(mean)).abs() < 1e-6, "{split} {found}");
        }
        assert_eq!(dgd_penalty_db(0.0, 53e9, 0.5).unwrap(), 0.0);
        assert!(dgd_penalty_db(30e-12, 53.125e9, 0.5).is_err());
    }

    #[test]
    fn ends_of_the_polarization_dependent_loss() {
        let worst = pdl_excess_loss_db(0.4, 0.0).unwrap();
        let best = pdl_excess_loss_db(0.4, 1.0).unwrap();
        assert!((worst - best - 0.4).abs() < 1e-12);
        assert!(pdl_excess_loss_db(0.4, 0.5).unwrap().abs() < 1e-12);
        assert!(pdl_excess_loss_db(-0.1, 0.5).is_err());
    }

    #[test]
    fn crosstalk_of_two_neighbors() {
        let found = lane_crosstalk_penalty_db(&[30.0, 30.0], 4.0).unwrap();
        assert!((found + 10.0 * (1.0 - 6.0 * 10f64.powf(-2.6)).log10()).abs() < 1e-12);
        assert!(lane_crosstalk_penalty_db(&[3.0], 4.0).unwrap().is_infinite());
        assert_eq!(lane_crosstalk_penalty_db(&[], 4.0).unwrap(), 0.0);
    }
}

//! Light of other channels at a coherent receiver: neighbors, copies in band, transmitters without a filter.

use super::passband::{Passband, cascade_power_ratio};
use crate::error::{Error, Result, require_finite};
use crate::signal::RaisedCosine;
use crate::units::from_db;

/// Steps over the overlap of two spectra; the integral is right to 1e-6 of itself.
const STEPS: usize = 512;

/// A channel beside the signal.
#[derive(Debug, Clone, Copy)]
pub struct Neighbor<'a> {
    /// Its spectrum.
    pub spectrum: RaisedCosine,
    /// Its center, less the signal's; frequency errors of both lasers included.
    pub spacing_hz: f64,
    /// Its power over the signal's.
    pub power_ratio: f64,
    /// Filters that it went through alone, around its own center, such as its port of the multiplexer.
    pub passbands: &'a [Passband],
}

/// Crosstalk of a neighbor after the receiver's matched filter, over the signal's power.
///
/// # Algorithm
/// X = (P_n/P_s) (1/Rs_n) integral of g_n(f - spacing) H_n(f - spacing) g_s(f) df, where g are raised-cosine spectra of
/// height 1 and g_s is the matched filter's response. Filters that both channels share leave the ratio at each frequency.
/// Midpoint rule over the overlap.
///
/// # Errors
/// [`Error::Parameter`] if the spacing is not finite or the power ratio is negative.
pub fn neighbor_crosstalk_ratio(signal: &RaisedCosine, neighbor: &Neighbor<'_>) -> Result<f64> {
    let spacing = require_finite("spacing_hz", neighbor.spacing_hz)?;
    check_ratio("power_ratio", neighbor.power_ratio)?;
    let low = (spacing - neighbor.spectrum.edge_hz()).max(-signal.edge_hz());
    let high = (spacing + neighbor.spectrum.edge_hz()).min(signal.edge_hz());
    if low >= high {
        return Ok(0.0);
    }
    let step = (high - low) / STEPS as f64;
    let overlap: f64 = (0..STEPS)
        .map(|index| {
            let f = low + (index as f64 + 0.5) * step;
            neighbor.spectrum.density_ratio(f - spacing)
                * cascade_power_ratio(neighbor.passbands, f - spacing)
                * signal.density_ratio(f)
        })
        .sum::<f64>()
        * step;
    Ok(neighbor.power_ratio * overlap / neighbor.spectrum.symbol_rate_hz())
}

fn check_ratio(name: &str, ratio: f64) -> Result<f64> {
    if ratio.is_finite() && ratio >= 0.0 {
        Ok(ratio)
    } else {
        Err(Error::parameter(name, ratio, "a finite number of 0 or more"))
    }
}

/// Crosstalk of signals at the same center, such as leaks through switches, over the signal's power.
///
/// # Algorithm
/// Independent fields add as Gaussian noise. A copy of the signal's shape and of level x passes the matched filter with
/// x (1 - roll-off/4), the mean of the squared raised cosine; the levels of several leaks add.
///
/// # Errors
/// [`Error::Parameter`] if a level is NaN or positively infinite.
///
/// # References
/// Winzer and others, ECOC 2011, Tu.5.B.7 (in-band crosstalk as Gaussian noise).
pub fn in_band_crosstalk_ratio(signal: &RaisedCosine, levels_db: &[f64]) -> Result<f64> {
    let mut sum = 0.0;
    for &level_db in levels_db {
        if level_db.is_nan() || level_db == f64::INFINITY {
            return Err(Error::parameter("levels_db", level_db, "numbers, or minus infinity for no leak"));
        }
        sum += from_db(level_db);
    }
    Ok(sum * (1.0 - 0.25 * signal.roll_off()))
}

/// Noise (in 12.5 GHz, over the signal) that other transmitters throw into a channel where they are combined.
///
/// # Algorithm
/// Each other transmitter brings its out-of-band noise, its level over the signal's and less the isolation of its port:
/// the sum over the transmitters of 10^((level - isolation - OSNR)/10). Without a filter the isolation is 0 dB.
///
/// # Errors
/// [`Error::Parameter`] if the lists differ in length or hold NaN.
pub fn out_of_band_noise_ratio(level_db: &[f64], isolation_db: &[f64], out_of_band_osnr_db: &[f64]) -> Result<f64> {
    if level_db.len() != isolation_db.len() || level_db.len() != out_of_band_osnr_db.len() {
        let found = format!("{}, {}, {}", level_db.len(), isolation_db.len(), out_of_band_osnr_db.len());
        return Err(Error::parameter("transmitters", found, "three lists of one length"));
    }
    let levels = level_db.iter().zip(isolation_db).zip(out_of_band_osnr_db);
    let sum: f64 = levels.map(|((level, isolation), osnr)| from_db(level - isolation - osnr)).sum();
    if sum.is_finite() {
        Ok(sum)
    } else {
        Err(Error::parameter("transmitters", "a level that is not a number", "finite levels"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::to_db;

    fn neighbor(spacing_hz: f64, roll_off: f64) -> Neighbor<'static> {
        let spectrum = RaisedCosine::new(60e9, roll_off).unwrap();
        Neighbor { spectrum, spacing_hz, power_ratio: 1.0, passbands: &[] }
    }

    fn crosstalk(roll_off: f64, spacing_hz: f64) -> f64 {
        let signal = RaisedCosine::new(60e9, roll_off).unwrap();
        neighbor_crosstalk_ratio(&signal, &neighbor(spacing_hz, roll_off)).unwrap()
    }

    #[test]
    fn closed_forms_of_the_overlap() {
        // In step: the mean of the squared raised cosine. Rectangles: a triangle over the spacing. Apart: nothing.
        assert!((crosstalk(0.2, 0.0) - 0.95).abs() < 1e-5);
        assert!((crosstalk(1.0, 0.0) - 0.75).abs() < 1e-6);
        assert!((crosstalk(0.0, 45e9) - 0.25).abs() < 1e-12);
        assert_eq!(crosstalk(0.2, 72.1e9), 0.0);
        // Roll-off 1, one symbol rate apart: integral of cos^2(pi u/2) sin^2(pi u/2) over 0 to 1, u = f/Rs: 1/8.
        assert!((crosstalk(1.0, 60e9) - 0.125).abs() < 1e-6);
    }

    #[test]
    fn a_neighbor_counts_alike_from_both_sides_and_with_its_power() {
        let signal = RaisedCosine::new(60e9, 0.2).unwrap();
        let one = neighbor_crosstalk_ratio(&signal, &neighbor(64e9, 0.3)).unwrap();
        let other = neighbor_crosstalk_ratio(&signal, &neighbor(-64e9, 0.3)).unwrap();
        assert!(one > 0.0 && (one / other - 1.0).abs() < 1e-9);
        let twice = Neighbor { power_ratio: 2.0, ..neighbor(64e9, 0.3) };
        assert!((neighbor_crosstalk_ratio(&signal, &twice).unwrap() / one - 2.0).abs() < 1e-12);
        let mux = [Passband::flat_top(70e9, 90e9, 0.0).unwrap()];
        let filtered = Neighbor { passbands: &mux, ..neighbor(64e9, 0.3) };
        assert!(neighbor_crosstalk_ratio(&signal, &filtered).unwrap() < one);
    }

    #[test]
    fn leaks_and_out_of_band_noise_add() {
        let signal = RaisedCosine::new(60e9, 0.2).unwrap();
        let leaks = in_band_crosstalk_ratio(&signal, &[-35.0, -35.0]).unwrap();
        assert!((to_db(leaks) - (-35.0 + to_db(2.0) + to_db(0.95))).abs() < 1e-12);
        assert_eq!(in_band_crosstalk_ratio(&signal, &[f64::NEG_INFINITY]).unwrap(), 0.0);
        // 15 others of 43 dB on one coupler: 43 - 10 log10(15) = 31.2 dB; of 23 dB: 11.2 dB.
        for (osnr_db, expected_db) in [(43.0, 31.24), (23.0, 11.24)] {
            let noise = out_of_band_noise_ratio(&[0.0; 15], &[0.0; 15], &[osnr_db; 15]).unwrap();
            assert!((-to_db(noise) - expected_db).abs() < 0.005);
        }
        assert_eq!(out_of_band_noise_ratio(&[], &[], &[]).unwrap(), 0.0);
        assert!(out_of_band_noise_ratio(&[0.0], &[], &[40.0]).is_err());
        assert!(out_of_band_noise_ratio(&[f64::NAN], &[0.0], &[40.0]).is_err());
        assert!(in_band_crosstalk_ratio(&signal, &[f64::NAN]).is_err());
    }
}

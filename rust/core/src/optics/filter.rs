//! What a cascade of filters costs a coherent signal after an ideal linear equalizer.

use super::passband::{Passband, cascade_power_ratio};
use crate::error::{Error, Result};
use crate::signal::RaisedCosine;
use crate::units::to_db;

/// Frequencies over one symbol rate; the SNR is right to 3e-5 of itself, without roll-off too.
const FREQUENCIES: usize = 256;

/// Noise that is added somewhere along a cascade of passbands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseStage {
    /// White noise in the symbol rate, over the signal's power at the place where the noise is added.
    pub noise_ratio: f64,
    /// Passbands that the signal has gone through before; the noise goes through the rest.
    pub passbands_before_count: usize,
}

/// A signal after filters, noise and equalizer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilteredSignal {
    /// SNR after the equalizer.
    pub snr_ratio: f64,
    /// SNR of the same noise without filters: white noise ratios add.
    pub unfiltered_snr_ratio: f64,
    /// Share of the signal's power that the filters pass.
    pub power_ratio: f64,
}

/// Sends a signal through passbands with noise at any place and equalizes it.
///
/// # Algorithm
/// 1. Signal density S(f): raised cosine times all passbands. Each noise is white where it is added, in proportion to the
///    power that the signal still has there (gain is leveled per channel), and shaped by the passbands that follow.
/// 2. Density ratio after the optimum receiver, all images of a symbol rate Rs together: G(f) = sum over k of S/N at f + k Rs.
/// 3. Minimum mean square error of the infinitely long linear equalizer, mean over one symbol rate, unbiased:
///    SNR = 1/mean(1/(1 + G)) - 1. Midpoint rule over 256 frequencies.
///
/// # Errors
/// [`Error::Parameter`] if a noise ratio is not finite or negative, all are zero, or a stage counts more passbands than
/// there are.
///
/// # References
/// Proakis and Salehi, Digital Communications, 5th edition, 9.4 (equalizer of least mean square error).
pub fn send_through_passbands(
    signal: &RaisedCosine,
    passbands: &[Passband],
    stages: &[NoiseStage],
) -> Result<FilteredSignal> {
    for stage in stages {
        if !(stage.noise_ratio.is_finite() && stage.noise_ratio >= 0.0) {
            return Err(Error::parameter("noise_ratio", stage.noise_ratio, "a finite number of 0 or more"));
        }
        if stage.passbands_before_count > passbands.len() {
            let allowed = format!("at most {}, the number of passbands", passbands.len());
            return Err(Error::parameter("passbands_before_count", stage.passbands_before_count, allowed));
        }
    }
    let unfiltered_noise: f64 = stages.iter().map(|stage| stage.noise_ratio).sum();
    if unfiltered_noise <= 0.0 {
        return Err(Error::parameter("noise_ratio", "0 at every stage", "noise at one stage or more"));
    }
    let passed: Vec<f64> = (0..=passbands.len()).map(|count| passed_power_ratio(signal, &passbands[..count])).collect();
    let snr_ratio = equalized_snr(signal, passbands, stages, &passed);
    Ok(FilteredSignal { snr_ratio, unfiltered_snr_ratio: 1.0 / unfiltered_noise, power_ratio: passed[passbands.len()] })
}

/// The middles of equal steps over one symbol rate around the center.
fn frequencies_hz(symbol_rate_hz: f64) -> impl Iterator<Item = f64> {
    (0..FREQUENCIES).map(move |step| symbol_rate_hz * ((step as f64 + 0.5) / FREQUENCIES as f64 - 0.5))
}

fn passed_power_ratio(signal: &RaisedCosine, passbands: &[Passband]) -> f64 {
    let rate = signal.symbol_rate_hz();
    let images = |f: f64| [f - rate, f, f + rate].map(|f| signal.density_ratio(f) * cascade_power_ratio(passbands, f));
    frequencies_hz(rate).flat_map(images).sum::<f64>() / FREQUENCIES as f64
}

fn equalized_snr(signal: &RaisedCosine, passbands: &[Passband], stages: &[NoiseStage], passed: &[f64]) -> f64 {
    let rate = signal.symbol_rate_hz();
    // after[i]: transmission of the passbands from the i-th on.
    let mut after = vec![1.0; passbands.len() + 1];
    let mut density_ratio = |f: f64| {
        let sent = signal.density_ratio(f);
        if sent == 0.0 {
            return 0.0;
        }
        for index in (0..passbands.len()).rev() {
            after[index] = after[index + 1] * passbands[index].power_ratio(f);
        }
        let noise: f64 = stages
            .iter()
            .map(|stage| stage.noise_ratio * passed[stage.passbands_before_count] * after[stage.passbands_before_count])
            .sum();
        // Where a filter passes nothing at all, noise and signal are gone alike.
        if noise > 0.0 { sent * after[0] / noise } else { 0.0 }
    };
    let error: f64 = frequencies_hz(rate)
        .map(|f| 1.0 / (1.0 + density_ratio(f - rate) + density_ratio(f) + density_ratio(f + rate)))
        .sum::<f64>()
        / FREQUENCIES as f64;
    1.0 / error - 1.0
}

/// Penalty (dB of line noise) of a cascade of passbands: by how much the line's noise would have to be greater without
/// filters to give the same SNR.
///
/// # Algorithm
/// With r the receiver's own noise ratio, added after all passbands, and l the sum of the line's noise ratios:
/// penalty = 10 log10((1/SNR - r)/l), SNR from [`send_through_passbands`]. So 1/SNR = l 10^(penalty/10) + r.
///
/// # Errors
/// As [`send_through_passbands`]; [`Error::Parameter`] if the line has no noise.
pub fn filtering_penalty_db(
    signal: &RaisedCosine,
    passbands: &[Passband],
    line: &[NoiseStage],
    receiver_noise_ratio: f64,
) -> Result<f64> {
    let line_noise: f64 = line.iter().map(|stage| stage.noise_ratio).sum();
    if line_noise <= 0.0 {
        return Err(Error::parameter("line noise_ratio", line_noise, "noise at one stage or more"));
    }
    let receiver = NoiseStage { noise_ratio: receiver_noise_ratio, passbands_before_count: passbands.len() };
    let stages: Vec<NoiseStage> = line.iter().copied().chain([receiver]).collect();
    let filtered = send_through_passbands(signal, passbands, &stages)?;
    Ok(to_db((1.0 / filtered.snr_ratio - receiver_noise_ratio) / line_noise))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::from_db;

    fn signal() -> RaisedCosine {
        RaisedCosine::new(60e9, 0.2).unwrap()
    }

    fn stage(snr_db: f64, passbands_before_count: usize) -> NoiseStage {
        NoiseStage { noise_ratio: 1.0 / from_db(snr_db), passbands_before_count }
    }

    #[test]
    fn without_filters_noise_ratios_add() {
        let found = send_through_passbands(&signal(), &[], &[stage(15.0, 0), stage(18.0, 0)]).unwrap();
        let expected = 1.0 / (1.0 / from_db(15.0) + 1.0 / from_db(18.0));
        assert!((found.snr_ratio / expected - 1.0).abs() < 1e-12);
        assert!((found.unfiltered_snr_ratio / expected - 1.0).abs() < 1e-12);
        assert!((found.power_ratio - 1.0).abs() < 1e-12);
    }

    #[test]
    fn noise_before_the_filters_costs_nothing() {
        // Signal and noise are shaped alike: the equalizer undoes it.
        let passbands = [Passband::flat_top(50e9, 60e9, 2e9).unwrap(); 3];
        let found = send_through_passbands(&signal(), &passbands, &[stage(14.0, 0)]).unwrap();
        assert!((found.snr_ratio / from_db(14.0) - 1.0).abs() < 1e-12);
        assert!(found.power_ratio < 0.9);
        let penalty_db = filtering_penalty_db(&signal(), &passbands, &[stage(14.0, 0)], 0.0).unwrap();
        assert!(penalty_db.abs() < 1e-10);
    }

    #[test]
    fn a_step_in_the_band_has_a_closed_form() {
        // No roll-off, a sharp filter that passes only a share: the rest of the band carries no information.
        // mean 1/(1 + G) = share/(1 + G1) + (1 - share), where the noise follows the power left: G1 = SNR/share.
        let signal = RaisedCosine::new(60e9, 0.0).unwrap();
        let sharp = Passband::super_gaussian(48e9, 48.000_1e9, 0.0).unwrap();
        let snr = from_db(12.0);
        let found = send_through_passbands(&signal, &[sharp], &[stage(12.0, 1)]).unwrap();
        let share = found.power_ratio;
        assert!((share - 0.8).abs() < 0.005);
        let expected = 1.0 / (share / (1.0 + snr / share) + 1.0 - share) - 1.0;
        assert!((found.snr_ratio / expected - 1.0).abs() < 1e-3, "{} {expected}", found.snr_ratio);
    }

    #[test]
    fn midpoints_are_dense_enough() {
        // The same mean with 40 times the frequencies, written as an integral over the whole spectrum without images:
        // at no roll-off there are none.
        let signal = RaisedCosine::new(60e9, 0.0).unwrap();
        let passband = Passband::flat_top(58e9, 72e9, 3e9).unwrap();
        let found = send_through_passbands(&signal, &[passband], &[stage(13.0, 1)]).unwrap();
        let count = 10_000;
        let at = |step: usize| passband.power_ratio(60e9 * ((step as f64 + 0.5) / f64::from(count) - 0.5));
        let power: f64 = (0..count as usize).map(at).sum::<f64>() / f64::from(count);
        let snr = from_db(13.0) / power;
        let error: f64 = (0..count as usize).map(|step| 1.0 / (1.0 + snr * at(step))).sum::<f64>() / f64::from(count);
        let ratio = found.snr_ratio / (1.0 / error - 1.0);
        assert!((ratio - 1.0).abs() < 3e-5, "{ratio}");
        assert!((found.power_ratio / power - 1.0).abs() < 1e-5);
    }

    #[test]
    fn narrower_longer_and_further_off_costs_more() {
        let penalty = |count: usize, width: f64, shift: f64, snr_db: f64| {
            let passbands = vec![Passband::flat_top(width, 1.25 * width, shift).unwrap(); count];
            filtering_penalty_db(&signal(), &passbands, &[stage(snr_db, count)], 0.02).unwrap()
        };
        assert!(penalty(1, 60e9, 0.0, 13.0) > penalty(1, 70e9, 0.0, 13.0));
        assert!(penalty(4, 70e9, 0.0, 13.0) > penalty(2, 70e9, 0.0, 13.0));
        assert!(penalty(2, 70e9, 5e9, 13.0) > penalty(2, 70e9, 0.0, 13.0));
        assert!(penalty(2, 70e9, 5e9, 17.0) > penalty(2, 70e9, 5e9, 10.0));
        assert!(penalty(1, 200e9, 0.0, 13.0).abs() < 1e-6);
    }

    #[test]
    fn refuses_noise_that_makes_no_sense() {
        let passbands = [Passband::flat_top(70e9, 94e9, 0.0).unwrap()];
        assert!(send_through_passbands(&signal(), &passbands, &[]).is_err());
        assert!(send_through_passbands(&signal(), &passbands, &[stage(10.0, 2)]).is_err());
        let negative = NoiseStage { noise_ratio: -0.1, passbands_before_count: 0 };
        assert!(send_through_passbands(&signal(), &passbands, &[negative]).is_err());
        assert!(filtering_penalty_db(&signal(), &passbands, &[], 0.1).is_err());
    }
}

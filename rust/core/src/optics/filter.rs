//! What a cascade of filters costs a coherent signal after an ideal linear equalizer.

use super::passband::Passband;
use crate::error::{Error, Result};
use crate::signal::RaisedCosine;
use crate::units::to_db;
use crate::vector::{ColumnWork, sum, vectorize};

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

impl FilteredSignal {
    /// By how much (dB) the line's noise would have to be greater without filters to give the same SNR, next to a
    /// receiver's own noise: 1/SNR = line 10^(penalty/10) + receiver.
    pub fn penalty_db(&self, line_noise_ratio: f64, receiver_noise_ratio: f64) -> f64 {
        to_db((1.0 / self.snr_ratio - receiver_noise_ratio) / line_noise_ratio)
    }
}

/// A signal's spectrum behind a cascade of passbands, ready for noise: prepare once, ask for each channel.
#[derive(Debug, Clone)]
pub struct FilterCascade {
    passband_count: usize,
    /// Share of the signal's power behind the first 0, 1, 2 ... passbands.
    passed: Vec<f64>,
    /// Signal density behind all passbands, per entry: one for each frequency, then one for each image of a symbol rate.
    signal: Vec<f64>,
    /// Frequency that each image adds to.
    image_index: Vec<usize>,
    /// Transmission per entry of the passbands behind the first 0, 1, 2 ...: all entries of one after the other.
    after: Vec<f64>,
}

impl FilterCascade {
    /// The cascade of `passbands` as a signal of this spectrum meets it.
    ///
    /// Cost: one transmission for each passband and each of 256 (1 + roll-off) frequencies.
    pub fn new(signal: &RaisedCosine, passbands: &[Passband]) -> Self {
        let stages = passbands.len() + 1;
        let rate = signal.symbol_rate_hz();
        let mut out = Self {
            passband_count: passbands.len(),
            passed: vec![0.0; stages],
            signal: Vec::new(),
            image_index: Vec::new(),
            after: Vec::new(),
        };
        let center = |step: usize| rate * ((step as f64 + 0.5) / FREQUENCIES as f64 - 0.5);
        // Spectra of less than two symbol rates have one image at most, on the other side.
        let image = |step: usize| center(step) - rate.copysign(center(step));
        out.image_index = (0..FREQUENCIES).filter(|&step| signal.density_ratio(image(step)) > 0.0).collect();
        let offsets_hz: Vec<f64> =
            (0..FREQUENCIES).map(center).chain(out.image_index.iter().map(|&step| image(step))).collect();
        let sent: Vec<f64> = offsets_hz.iter().map(|&f| signal.density_ratio(f)).collect();
        let transmissions: Vec<Vec<f64>> =
            passbands.iter().map(|passband| offsets_hz.iter().map(|&f| passband.power_ratio(f)).collect()).collect();
        out.signal.clone_from(&sent);
        out.passed[0] = sent.iter().sum::<f64>() / FREQUENCIES as f64;
        for (index, transmission) in transmissions.iter().enumerate() {
            for (left, share) in out.signal.iter_mut().zip(transmission) {
                *left *= share;
            }
            out.passed[index + 1] = out.signal.iter().sum::<f64>() / FREQUENCIES as f64;
        }
        let mut behind = vec![vec![1.0; sent.len()]; stages];
        for index in (0..passbands.len()).rev() {
            behind[index] = behind[index + 1].iter().zip(&transmissions[index]).map(|(a, b)| a * b).collect();
        }
        out.after = behind.concat();
        out
    }

    /// Share of the signal's power that all passbands pass.
    pub fn power_ratio(&self) -> f64 {
        self.passed[self.passband_count]
    }

    /// Sends the signal through the cascade with noise at any place and equalizes it.
    ///
    /// # Algorithm
    /// 1. Signal density S(f): raised cosine times all passbands. Each noise is white where it is added, in proportion to
    ///    the power that the signal still has there (gain is leveled per channel), and shaped by the passbands that follow.
    /// 2. Density ratio after the optimum receiver, all images of a symbol rate Rs together: G(f) = sum of S/N at f + k Rs.
    /// 3. Least mean square error of the infinitely long linear equalizer, mean over one symbol rate, unbiased:
    ///    SNR = 1/mean(1/(1 + G)) - 1. Midpoint rule over 256 frequencies.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a noise ratio is not finite or negative, all are zero, or a stage counts more passbands
    /// than there are.
    ///
    /// # References
    /// Proakis and Salehi, Digital Communications, 5th edition, 9.4 (equalizer of least mean square error).
    pub fn send(&self, stages: &[NoiseStage]) -> Result<FilteredSignal> {
        let mut ratios = vec![0.0; self.passband_count + 1];
        for stage in stages {
            if !(stage.noise_ratio.is_finite() && stage.noise_ratio >= 0.0) {
                return Err(Error::parameter("noise_ratio", stage.noise_ratio, "a finite number of 0 or more"));
            }
            let count = stage.passbands_before_count;
            if count > self.passband_count {
                let allowed = format!("at most {}, the number of passbands", self.passband_count);
                return Err(Error::parameter("passbands_before_count", count, allowed));
            }
            ratios[count] += stage.noise_ratio;
        }
        self.send_noise(&mut ratios)
    }

    /// As [`Self::send`] for noise ratios added behind the first 0, 1, 2 ... passbands; what the passbands make of them is left
    /// in `ratios`.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is not one for each place, or not one is above zero.
    pub(crate) fn send_noise(&self, ratios: &mut [f64]) -> Result<FilteredSignal> {
        if ratios.len() != self.passed.len() {
            let allowed = format!("{}, one more than passbands", self.passed.len());
            return Err(Error::parameter("noise_ratio", format!("{} entries", ratios.len()), allowed));
        }
        let unfiltered_noise: f64 = ratios.iter().sum();
        if !(unfiltered_noise > 0.0 && unfiltered_noise.is_finite()) {
            return Err(Error::parameter("noise_ratio", "0 at every stage", "noise at one stage or more"));
        }
        for (ratio, passed) in ratios.iter_mut().zip(&self.passed) {
            *ratio *= passed;
        }
        Ok(FilteredSignal {
            snr_ratio: self.equalized_snr(ratios),
            unfiltered_snr_ratio: 1.0 / unfiltered_noise,
            power_ratio: self.power_ratio(),
        })
    }

    /// SNR with noise densities added behind the first 0, 1, 2 ... passbands.
    fn equalized_snr(&self, noise: &[f64]) -> f64 {
        FREQUENCIES as f64 / vectorize(Errors { cascade: self, noise }) - 1.0
    }
}

/// Sum of 1/(1 + G) over all frequencies, with noise densities added behind the first 0, 1, 2 ... passbands.
struct Errors<'a> {
    cascade: &'a FilterCascade,
    noise: &'a [f64],
}

impl ColumnWork for Errors<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        // Loops over plain arrays, which the compiler turns into vector instructions: this runs once for every channel.
        let FilterCascade { signal, after, image_index, .. } = self.cascade;
        let entries = signal.len();
        let mut density = [0.0; 2 * FREQUENCIES];
        let density = &mut density[..entries];
        let mut parts = self.noise.iter().zip(after.chunks_exact(entries)).filter(|(part, _)| **part > 0.0);
        if let Some((&part, after)) = parts.next() {
            for (sum, transmission) in density.iter_mut().zip(after) {
                *sum = part * transmission;
            }
        }
        for (&part, after) in parts {
            for (sum, transmission) in density.iter_mut().zip(after) {
                *sum += part * transmission;
            }
        }
        // 1/(1 + S/N) = N/(N + S): one division each.
        for (share, &signal) in density.iter_mut().zip(signal) {
            *share = share_of_noise(*share, signal);
        }
        let (bases, images) = density.split_at(FREQUENCIES);
        let with_images: f64 = image_index
            .iter()
            .zip(images)
            .map(|(&index, &other)| {
                let alone = bases[index];
                // G = S/N + S'/N' with S/N = 1/share - 1: 1/(1 + G) = 1/(1/share + 1/share' - 1).
                alone * other / (alone + other - alone * other) - alone
            })
            .sum();
        sum(bases) + with_images
    }
}

/// N/(N + S). Where a filter passes nothing at all, noise and signal are gone alike, and nothing is received: 1.
#[inline(always)]
fn share_of_noise(noise: f64, signal: f64) -> f64 {
    if noise > 0.0 { noise / (noise + signal) } else { 1.0 }
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
        let found = FilterCascade::new(&signal(), &[]).send(&[stage(15.0, 0), stage(18.0, 0)]).unwrap();
        let expected = 1.0 / (1.0 / from_db(15.0) + 1.0 / from_db(18.0));
        assert!((found.snr_ratio / expected - 1.0).abs() < 1e-12);
        assert!((found.unfiltered_snr_ratio / expected - 1.0).abs() < 1e-12);
        assert!((found.power_ratio - 1.0).abs() < 1e-12);
    }

    #[test]
    fn noise_before_the_filters_costs_nothing() {
        // Signal and noise are shaped alike: the equalizer undoes it.
        let passbands = [Passband::flat_top(50e9, 60e9, 2e9).unwrap(); 3];
        let found = FilterCascade::new(&signal(), &passbands).send(&[stage(14.0, 0)]).unwrap();
        assert!((found.snr_ratio / from_db(14.0) - 1.0).abs() < 1e-12);
        assert!(found.power_ratio < 0.9);
        assert!(found.penalty_db(1.0 / from_db(14.0), 0.0).abs() < 1e-10);
    }

    #[test]
    fn a_step_in_the_band_has_a_closed_form() {
        // No roll-off, a sharp filter that passes only a share: the rest of the band carries no information.
        // mean 1/(1 + G) = share/(1 + G1) + (1 - share), where the noise follows the power left: G1 = SNR/share.
        let signal = RaisedCosine::new(60e9, 0.0).unwrap();
        let sharp = Passband::super_gaussian(48e9, 48.000_1e9, 0.0).unwrap();
        let snr = from_db(12.0);
        let found = FilterCascade::new(&signal, &[sharp]).send(&[stage(12.0, 1)]).unwrap();
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
        let found = FilterCascade::new(&signal, &[passband]).send(&[stage(13.0, 1)]).unwrap();
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
            let receiver = NoiseStage { noise_ratio: 0.02, passbands_before_count: count };
            let found = FilterCascade::new(&signal(), &passbands).send(&[stage(snr_db, count), receiver]).unwrap();
            found.penalty_db(1.0 / from_db(snr_db), 0.02)
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
        assert!(FilterCascade::new(&signal(), &passbands).send(&[]).is_err());
        assert!(FilterCascade::new(&signal(), &passbands).send(&[stage(10.0, 2)]).is_err());
        let negative = NoiseStage { noise_ratio: -0.1, passbands_before_count: 0 };
        assert!(FilterCascade::new(&signal(), &passbands).send(&[negative]).is_err());
    }
}

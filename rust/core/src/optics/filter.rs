//! What a cascade of filters costs a coherent signal after an ideal linear equalizer.

use super::filter_nodes::{Nodes, PANELS};
use super::passband::Passband;
use crate::error::{Error, Result};
use crate::signal::RaisedCosine;
use crate::sums::sum;
use crate::units::to_db;
use crate::vector::{ColumnWork, vectorize};

/// Relative difference of the SNR up to which panels do.
const PANEL_TOLERANCE: f64 = 1e-5;

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
    nodes: Nodes,
    /// Signal density behind all passbands at each node and image.
    signal: Vec<f64>,
    /// Transmission at each node and image of the passbands behind the first 0, 1, 2 ...: all of one after the other.
    after: Vec<f64>,
}

impl FilterCascade {
    /// The cascade of `passbands` as a signal of this spectrum meets it.
    ///
    /// # Algorithm
    /// 1. On 256 midpoints of one symbol rate, and on panels of six Gauss-Legendre nodes, 18 to 96 in all.
    /// 2. The fewest panels stand for the midpoints with which both give the same SNR, to 1e-5, for noise of any place.
    ///
    /// Cost: one transmission for each passband and frequency.
    pub fn new(signal: &RaisedCosine, passbands: &[Passband]) -> Self {
        let dense = Self::at(Nodes::midpoints(signal), signal, passbands);
        let snr = |cascade: &Self, noise: &[f64]| cascade.equalized_snr(noise, &mut Vec::new());
        let places = 0..=passbands.len();
        let alone = |place: usize, ratio: f64| places.clone().map(|k| if k == place { ratio } else { 1e-3 }).collect();
        let cases: Vec<Vec<f64>> =
            places.clone().flat_map(|place| [1e-2, 0.3].map(|ratio| alone(place, ratio))).collect();
        let agrees = |sparse: &Self| {
            cases.iter().all(|noise| {
                let (few, many) = (snr(sparse, noise), snr(&dense, noise));
                (few - many).abs() <= PANEL_TOLERANCE * many
            })
        };
        let mut sparse = PANELS.iter().map(|&panels| Self::at(Nodes::panels(signal, panels), signal, passbands));
        sparse.find(agrees).unwrap_or(dense)
    }

    fn at(nodes: Nodes, signal: &RaisedCosine, passbands: &[Passband]) -> Self {
        let transmissions: Vec<Vec<f64>> = passbands
            .iter()
            .map(|passband| nodes.offsets_hz.iter().map(|&offset_hz| passband.power_ratio(offset_hz)).collect())
            .collect();
        let mut left: Vec<f64> = nodes.offsets_hz.iter().map(|&offset_hz| signal.density_ratio(offset_hz)).collect();
        let images = &nodes.weights[..nodes.images_count];
        let weights: Vec<f64> = nodes.weights.iter().chain(images).copied().collect();
        let power = |density: &[f64]| density.iter().zip(&weights).map(|(density, weight)| density * weight).sum();
        let mut passed = vec![power(&left)];
        for transmission in &transmissions {
            for (density, share) in left.iter_mut().zip(transmission) {
                *density *= share;
            }
            passed.push(power(&left));
        }
        let mut behind = vec![vec![1.0; left.len()]; passbands.len() + 1];
        for index in (0..passbands.len()).rev() {
            behind[index] = behind[index + 1].iter().zip(&transmissions[index]).map(|(a, b)| a * b).collect();
        }
        Self { passband_count: passbands.len(), passed, nodes, signal: left, after: behind.concat() }
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
    ///    SNR = 1/mean(1/(1 + G)) - 1.
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
        self.send_noise(&mut ratios, &mut Vec::new())
    }

    /// As [`Self::send`] for noise ratios added behind the first 0, 1, 2 ... passbands; what the passbands make of them is left
    /// in `ratios`. `memory` serves channel after channel.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is not one for each place, or not one is above zero.
    pub(crate) fn send_noise(&self, ratios: &mut [f64], memory: &mut Vec<f64>) -> Result<FilteredSignal> {
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
            snr_ratio: self.equalized_snr(ratios, memory),
            unfiltered_snr_ratio: 1.0 / unfiltered_noise,
            power_ratio: self.power_ratio(),
        })
    }

    /// SNR with noise densities added behind the first 0, 1, 2 ... passbands.
    fn equalized_snr(&self, noise: &[f64], memory: &mut Vec<f64>) -> f64 {
        memory.resize(self.signal.len(), 0.0);
        1.0 / vectorize(Errors { cascade: self, noise, density: memory }) - 1.0
    }
}

/// Mean of 1/(1 + G) over one symbol rate, with noise densities added behind the first 0, 1, 2 ... passbands.
struct Errors<'a> {
    cascade: &'a FilterCascade,
    noise: &'a [f64],
    /// Memory for one number at each node and image.
    density: &'a mut [f64],
}

impl ColumnWork for Errors<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        // Loops over plain arrays, which the compiler turns into vector instructions: this runs once for every channel.
        let FilterCascade { signal, after, nodes, .. } = self.cascade;
        let entries = signal.len();
        let density = &mut self.density[..entries];
        let mut parts = self.noise.iter().zip(after.chunks_exact(entries)).filter(|(part, _)| **part > 0.0);
        if let Some((&part, after)) = parts.next() {
            for (sum, transmission) in density.iter_mut().zip(after) {
                *sum = part * transmission;
            }
        } else {
            density.fill(0.0);
        }
        for (&part, after) in parts {
            for (sum, transmission) in density.iter_mut().zip(after) {
                *sum += part * transmission;
            }
        }
        let (bases, images) = density.split_at_mut(nodes.weights.len());
        let (signal, image_signal) = signal.split_at(bases.len());
        let (doubled, alone) = bases.split_at_mut(nodes.images_count);
        let (doubled_signal, alone_signal) = signal.split_at(doubled.len());
        let of_images = images.iter().zip(image_signal);
        for ((share, &signal), (&image, &image_signal)) in doubled.iter_mut().zip(doubled_signal).zip(of_images) {
            *share = share_of_both((*share, signal), (image, image_signal));
        }
        for (share, &signal) in alone.iter_mut().zip(alone_signal) {
            *share = share_of_noise(*share, signal);
        }
        for (share, weight) in bases.iter_mut().zip(&nodes.weights) {
            *share *= weight;
        }
        sum(bases)
    }
}

/// 1/(1 + S/N) = N/(N + S). Where a filter passes nothing at all, noise and signal are gone alike, and nothing is received: 1.
#[inline(always)]
fn share_of_noise(noise: f64, signal: f64) -> f64 {
    if noise > 0.0 { noise / (noise + signal) } else { 1.0 }
}

/// 1/(1 + S/N + S'/N') of two noises and signals, by one division; where a filter passes nothing of one, the other alone counts.
#[inline(always)]
fn share_of_both((noise, signal): (f64, f64), (other_noise, other_signal): (f64, f64)) -> f64 {
    let (noise, signal) = if noise > 0.0 { (noise, signal) } else { (1.0, 0.0) };
    let (other_noise, other_signal) = if other_noise > 0.0 { (other_noise, other_signal) } else { (1.0, 0.0) };
    let both = noise * other_noise;
    both / (both + signal * other_noise + other_signal * noise)
}

#[cfg(test)]
mod tests {
    use super::super::filter_nodes::MIDPOINTS;
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
    fn two_frequencies_share_one_division() {
        // Over one division what each costs by its own: 1/(1/a + 1/b - 1).
        let alone = |(noise, signal)| 1.0 / share_of_noise(noise, signal);
        for (one, other) in [((1e-2, 0.8), (3e-3, 0.1)), ((0.4, 1.0), (0.2, 1e-9)), ((1e-30, 1e-25), (1e-20, 1.0))] {
            let expected = 1.0 / (alone(one) + alone(other) - 1.0);
            assert!((share_of_both(one, other) / expected - 1.0).abs() < 1e-12);
        }
        // Where nothing passes, the other alone counts.
        let (gone, left) = ((0.0, 0.0), (0.1, 0.7));
        assert_eq!(share_of_both(gone, left), share_of_noise(0.1, 0.7));
        assert_eq!(share_of_both(left, gone), share_of_noise(0.1, 0.7));
        assert_eq!(share_of_both(gone, gone), 1.0);
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
    fn few_nodes_do_for_smooth_passbands() {
        // The mux and the signal of OpenZR+ at 400G, and eight narrow filters; a sharp step needs the midpoints.
        let mux = [4e9, -4e9].map(|shift_hz| Passband::flat_top(70e9, 94e9, shift_hz).unwrap());
        let narrow = [Passband::flat_top(61e9, 75e9, 5e9).unwrap(); 8];
        for (passbands, nodes, tolerance) in [(&mux[..], 18..25, 1e-6), (&narrow, 25..MIDPOINTS, PANEL_TOLERANCE)] {
            let cascade = FilterCascade::new(&signal(), passbands);
            assert!(nodes.contains(&cascade.nodes.weights.len()));
            let dense = FilterCascade::at(Nodes::midpoints(&signal()), &signal(), passbands);
            for [first, middle, last] in [[0.01, 0.02, 0.03], [0.0, 0.2, 0.0], [0.03, 0.0, 0.0]] {
                let mut noise = vec![middle; passbands.len() + 1];
                (noise[0], noise[passbands.len()]) = (first, last);
                let snr = |cascade: &FilterCascade| cascade.equalized_snr(&noise, &mut Vec::new());
                let ratio = snr(&cascade) / snr(&dense);
                assert!((ratio - 1.0).abs() < tolerance, "{ratio}");
            }
        }
        let sharp = Passband::super_gaussian(48e9, 48.000_1e9, 0.0).unwrap();
        assert!(FilterCascade::new(&signal(), &[sharp]).signal.len() > MIDPOINTS);
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

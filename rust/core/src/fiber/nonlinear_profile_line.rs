//! Nonlinear interference of a line with powers that run in any way along its spans, in closed form.

use super::nonlinear::{ChainNonlinearity, ChainSpan, NonlinearOptions, SpanNonlinearity};
use super::nonlinear_cache::{NonlinearCache, profile_key};
use super::nonlinear_chain::is_modeled;
use super::nonlinear_comb::Comb;
use super::nonlinear_format::FOURTH_MOMENT_WEIGHT;
use super::nonlinear_integral::power_profile;
use super::nonlinear_line_span::beta2_at;
use super::nonlinear_profile_coherence::{cross_coherence, own_coherence};
use super::nonlinear_profile_format::profile_format_change;
use super::nonlinear_profile_places::SpanPlaces;
use super::nonlinear_profile_span::{ProfileNoise, evaluate_profile_span};
use super::power_course::PowerCourse;
use super::power_profile::PowerProfile;
use crate::error::Result;
use std::sync::Arc;

/// One span on its own: its noise and where its powers lie, channels in sorted order.
#[derive(Debug)]
pub(super) struct ProfileSpan {
    pub noise: ProfileNoise,
    pub places: SpanPlaces,
}

impl ProfileSpan {
    fn new(span: &ChainSpan<'_>, profile: &PowerProfile, comb: &Comb) -> Self {
        let course = PowerCourse::new(&sort_rows(profile, comb.order()), span.fiber.length_m);
        Self { noise: evaluate_profile_span(span, comb, &course), places: SpanPlaces::new(&course) }
    }

    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        self.noise.pairs.len() + 2 * self.noise.own.len() + self.places.weight()
    }
}

/// The profile with its channels in the order of their frequencies.
fn sort_rows(profile: &PowerProfile, order: &[usize]) -> PowerProfile {
    match profile {
        PowerProfile::Exponential { attenuation_per_m } => {
            PowerProfile::Exponential { attenuation_per_m: order.iter().map(|&c| attenuation_per_m[c]).collect() }
        }
        PowerProfile::Sampled { position_m, log_power_ratio } => PowerProfile::Sampled {
            position_m: position_m.clone(),
            log_power_ratio: order.iter().map(|&c| log_power_ratio[c].clone()).collect(),
        },
    }
}

/// One span in its line.
pub(super) struct ProfileLineSpan<'a> {
    pub span: &'a ChainSpan<'a>,
    /// `None` where it makes no noise or the model does not hold.
    pub solved: Option<Arc<ProfileSpan>>,
    /// Kerr coefficient times power density of each channel at the input, in sorted order.
    pub amplitudes: Vec<f64>,
}

/// Nonlinear noise-to-signal ratio of every channel in every span of a line in which some powers do not just decay.
///
/// # Algorithm
/// 1. Each span with its profile, or with attenuation and straight Raman gain, on its own: [`evaluate_profile_span`].
/// 2. The channel on itself: what its coherence with every span before adds, see [`own_coherence`].
/// 3. Other channels: what their coherence over the joint with the span before adds, see [`cross_coherence`].
/// 4. What their constellations take off, see [`profile_format_change`].
///
/// # Errors
/// For a profile that does not fit its span.
pub(super) fn profile_chain(
    spans: &[ChainSpan<'_>],
    profiles: &[Option<&PowerProfile>],
    comb: &Comb,
    options: NonlinearOptions,
    cache: &NonlinearCache,
) -> Result<ChainNonlinearity> {
    let count = comb.channels().len();
    let mut line = Vec::with_capacity(spans.len());
    for (index, span) in spans.iter().enumerate() {
        let profile = match profiles.get(index).copied().flatten() {
            Some(profile) => {
                profile.check(count, span.fiber.length_m)?;
                profile.clone()
            }
            None => power_profile(span, comb)?,
        };
        let works = span.fiber.gamma_per_w_m != 0.0 && is_modeled(&span.fiber, comb);
        let solve = || Ok(ProfileSpan::new(span, &profile, comb));
        let solved = if works { Some(cache.profile_span(&profile_key(span, &profile, comb), solve)?) } else { None };
        let amplitude = |(&channel, rate): (&usize, &f64)| span.fiber.gamma_per_w_m * span.powers_w[channel] / rate;
        let amplitudes = comb.order().iter().zip(&comb.rates_hz).map(amplitude).collect();
        line.push(ProfileLineSpan { span, solved, amplitudes });
    }
    let mut out = vec![SpanNonlinearity { self_channel_ratio: 0.0, cross_channel_ratio: 0.0 }; spans.len() * count];
    for (test, &channel) in comb.order().iter().enumerate() {
        let mut before_s2 = Vec::with_capacity(spans.len());
        let mut gathered_s2 = 0.0;
        for (index, here) in line.iter().enumerate() {
            before_s2.push(gathered_s2);
            gathered_s2 += beta2_at(here.span, comb.offsets_hz[test]) * here.span.fiber.length_m;
            let cell = &mut out[index * count + channel];
            let Some(solved) = &here.solved else {
                if here.span.fiber.gamma_per_w_m != 0.0 {
                    *cell = SpanNonlinearity::NOT_MODELED;
                }
                continue;
            };
            let noise = &solved.noise;
            let row = &noise.pairs[test * count..(test + 1) * count];
            cell.self_channel_ratio = noise.own[test] + own_coherence(&line[..=index], &before_s2, comb, test);
            let (gained, formatted) = cross_coherence(&line[..=index], comb, test);
            cell.cross_channel_ratio = row.iter().sum::<f64>() + noise.rest[test] + gained;
            if options.format_correction {
                // What adds over a joint is made by the same symbols.
                cell.cross_channel_ratio += FOURTH_MOMENT_WEIGHT * formatted;
                cell.cross_channel_ratio += profile_format_change(&line[..=index], &before_s2, comb, test);
            }
        }
    }
    Ok(ChainNonlinearity::new(count, out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{
        ChannelSignal, NonlinearModel, NonlinearSpan, nonlinear_chain, nonlinear_pumped_chain, propagation_constants,
    };
    use crate::task::Task;
    use crate::units::to_db;

    const ALPHA: f64 = 0.2e-3 / 4.342_944_819;

    fn comb(count: usize, spacing_hz: f64, symbol_rate_hz: f64) -> Comb {
        let signal = |index: usize| ChannelSignal {
            offset_hz: (index as f64 - 0.5 * (count as f64 - 1.0)) * spacing_hz,
            symbol_rate_hz,
            excess_kurtosis_ratio: -0.68,
        };
        Comb::new((0..count).map(signal).collect()).unwrap()
    }

    fn fiber(length_m: f64, dispersion_s_per_m2: f64) -> NonlinearSpan {
        let (beta2_s2_per_m, beta3_s3_per_m) = propagation_constants(dispersion_s_per_m2, 60.0, 193.4e12);
        NonlinearSpan {
            attenuation_per_m: ALPHA,
            length_m,
            beta2_s2_per_m,
            beta3_s3_per_m,
            gamma_per_w_m: 1.3e-3,
            raman_slope_per_w_m_hz: 0.0,
        }
    }

    fn run(
        spans: &[ChainSpan<'_>],
        profiles: &[Option<&PowerProfile>],
        comb: &Comb,
        model: NonlinearModel,
    ) -> Vec<f64> {
        let options = NonlinearOptions { model, format_correction: false };
        nonlinear_pumped_chain(spans, profiles, comb, &options, &NonlinearCache::new(0), &Task::new())
            .unwrap()
            .total_ratios()
    }

    /// Powers that fall and rise again towards the end, each channel a little more than the one below.
    fn valley(count: usize, length_m: f64, gain_nepers: f64) -> PowerProfile {
        let steps = (length_m / 1e3) as usize;
        let position_m: Vec<f64> = (0..=steps).map(|node| length_m * node as f64 / steps as f64).collect();
        let gain = |z: f64| gain_nepers * ((-6e-5 * (length_m - z)).exp() - (-6e-5 * length_m).exp());
        let row = |channel: usize| {
            position_m.iter().map(|z| -ALPHA * z + (1.0 + 0.01 * channel as f64) * gain(*z)).collect::<Vec<f64>>()
        };
        PowerProfile::Sampled { log_power_ratio: (0..count).map(row).collect(), position_m }
    }

    #[test]
    fn a_plain_decay_is_that_of_the_closed_form() {
        for (count, spacing_hz, symbol_rate_hz) in
            [(1, 75e9, 60e9), (9, 75e9, 60e9), (9, 37.5e9, 32e9), (48, 150e9, 118e9)]
        {
            let comb = comb(count, spacing_hz, symbol_rate_hz);
            let powers_w: Vec<f64> = (0..count).map(|index| 1e-3 + 1e-4 * index as f64).collect();
            for (length_m, dispersion) in [(20e3, 4.5e-6), (20e3, 16.7e-6), (80e3, 4.5e-6), (120e3, 16.7e-6)] {
                let fiber = fiber(length_m, dispersion);
                let span = [ChainSpan { fiber, powers_w: &powers_w, attenuations_per_m: &[] }];
                let profile = PowerProfile::Exponential { attenuation_per_m: vec![ALPHA; count] };
                for format_correction in [false, true] {
                    let options = NonlinearOptions { model: NonlinearModel::ClosedForm, format_correction };
                    let cache = NonlinearCache::new(0);
                    let found = nonlinear_pumped_chain(&span, &[Some(&profile)], &comb, &options, &cache, &Task::new())
                        .unwrap();
                    let expected = nonlinear_chain(&span, &comb, &options, &cache).unwrap();
                    for (found, expected) in found.total_ratios().iter().zip(expected.total_ratios()) {
                        let difference_db = to_db(found / expected);
                        assert!(difference_db.abs() < 0.02, "{count} {length_m} {dispersion}: {difference_db}");
                    }
                }
            }
        }
    }

    #[test]
    fn pumped_spans_agree_with_the_integral() {
        for (dispersion, gain_nepers) in [(16.7e-6, 2.5), (4.5e-6, 3.5)] {
            let comb = comb(5, 75e9, 60e9);
            let powers_w = [1e-3, 2e-3, 1e-3, 0.5e-3, 1e-3];
            let profile = valley(5, 70e3, gain_nepers);
            let pumped = ChainSpan { fiber: fiber(70e3, dispersion), powers_w: &powers_w, attenuations_per_m: &[] };
            let plain = ChainSpan { fiber: fiber(40e3, 16.7e-6), powers_w: &powers_w, attenuations_per_m: &[] };
            let lines = [
                (vec![pumped], vec![Some(&profile)]),
                (vec![pumped, plain, pumped], vec![Some(&profile), None, Some(&profile)]),
            ];
            for (spans, profiles) in lines {
                let found = run(&spans, &profiles, &comb, NonlinearModel::ClosedForm);
                let expected = run(&spans, &profiles, &comb, NonlinearModel::Integral);
                let bare = run(&spans, &[], &comb, NonlinearModel::ClosedForm);
                for ((found, expected), bare) in found.iter().zip(&expected).zip(&bare) {
                    // Found are 0.036 dB (a channel between stronger ones) and, without what strips gain over joints, 0.06.
                    let most_db = if spans.len() == 1 { 0.05 } else { 0.1 };
                    let difference_db = to_db(found / expected);
                    assert!(difference_db.abs() < most_db, "{} {difference_db}", spans.len());
                    // Not because pumps made no difference.
                    assert!(to_db(expected / bare) > 0.5, "{}", to_db(expected / bare));
                }
            }
        }
    }

    /// Where nothing is between two pieces, all noise of the second adds to that of the first with its phase.
    #[test]
    fn a_pumped_span_in_two_pieces_makes_the_noise_of_one() {
        let comb = comb(7, 75e9, 60e9);
        let PowerProfile::Sampled { position_m, log_power_ratio } = valley(7, 80e3, 3.0) else { unreachable!() };
        let cut = 72;
        let first = PowerProfile::Sampled {
            position_m: position_m[..=cut].to_vec(),
            log_power_ratio: log_power_ratio.iter().map(|row| row[..=cut].to_vec()).collect(),
        };
        let second = PowerProfile::Sampled {
            position_m: position_m[cut..].iter().map(|z| z - position_m[cut]).collect(),
            log_power_ratio: log_power_ratio
                .iter()
                .map(|row| row[cut..].iter().map(|level| level - row[cut]).collect())
                .collect(),
        };
        let powers_w = [1e-3; 7];
        let later_w: Vec<f64> = log_power_ratio.iter().map(|row| 1e-3 * row[cut].exp()).collect();
        let span =
            |length_m: f64, powers_w| ChainSpan { fiber: fiber(length_m, 16.7e-6), powers_w, attenuations_per_m: &[] };
        let whole = PowerProfile::Sampled { position_m, log_power_ratio };
        let one = run(&[span(80e3, &powers_w)], &[Some(&whole)], &comb, NonlinearModel::ClosedForm);
        let pieces = [span(72e3, &powers_w), span(8e3, &later_w)];
        let two = run(&pieces, &[Some(&first), Some(&second)], &comb, NonlinearModel::ClosedForm);
        for (one, two) in one.iter().zip(two) {
            assert!(to_db(two / one).abs() < 0.05, "{}", to_db(two / one));
        }
    }

    #[test]
    fn rows_stay_with_their_channels_and_what_cannot_be_known_is_no_number() {
        let signal = |offset_hz: f64| ChannelSignal { offset_hz, symbol_rate_hz: 60e9, excess_kurtosis_ratio: 0.0 };
        let offsets_hz = [-150e9, -75e9, 0.0, 100e9, 200e9];
        let swapped = [3, 0, 4, 1, 2];
        let sorted = Comb::new(offsets_hz.map(signal).to_vec()).unwrap();
        let mixed = Comb::new(swapped.map(|index| signal(offsets_hz[index])).to_vec()).unwrap();
        let PowerProfile::Sampled { position_m, log_power_ratio } = valley(5, 60e3, 2.0) else { unreachable!() };
        let moved = PowerProfile::Sampled {
            position_m: position_m.clone(),
            log_power_ratio: swapped.iter().map(|&index| log_power_ratio[index].clone()).collect(),
        };
        let profile = PowerProfile::Sampled { position_m, log_power_ratio };
        let powers_w = [1e-3; 5];
        let span = [ChainSpan { fiber: fiber(60e3, 16.7e-6), powers_w: &powers_w, attenuations_per_m: &[] }];
        let straight = run(&span, &[Some(&profile)], &sorted, NonlinearModel::ClosedForm);
        let other = run(&span, &[Some(&moved)], &mixed, NonlinearModel::ClosedForm);
        assert!(swapped.iter().zip(other).all(|(&index, ratio)| straight[index] == ratio));
        let published = run(&span, &[Some(&profile)], &sorted, NonlinearModel::PublishedIsrsGn);
        assert!(published.iter().all(|ratio| ratio.is_nan()));
        let short = valley(5, 50e3, 2.0);
        let refused = nonlinear_pumped_chain(
            &span,
            &[Some(&short)],
            &sorted,
            &NonlinearOptions::default(),
            &NonlinearCache::new(0),
            &Task::new(),
        );
        assert!(refused.is_err());
    }
}

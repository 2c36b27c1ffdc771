//! What the noise of other channels gains where two spans meet, for decaying powers: over short spans of little dispersion
//! near neighbors still add with their phases.

use super::nonlinear::ChainSpan;
use super::nonlinear_coherence::{LineSpan, beta2_at};
use super::nonlinear_comb::Comb;
use super::nonlinear_profile_coherence::{SETTLED, sine_integral};
use super::nonlinear_span::{SpanNoise, THIRD_CHANNEL_SHARE};
use crate::quadrature::THREE_NODES;
use std::f64::consts::PI;

/// Neighbors whose noise gains less than this over a joint, and all beyond them, are left alone.
const LEAST_GAIN: f64 = 0.01;

/// Panels of the phase at the near edge of the neighbor.
const PANELS: [f64; 12] = [0.0, 0.25, 0.7, 1.5, 3.0, 5.0, 8.0, 12.0, 17.0, 23.0, 31.0, SETTLED];

/// A span with what it makes on its own.
#[derive(Clone, Copy)]
pub(super) struct JointSpan<'a> {
    span: &'a ChainSpan<'a>,
    noise: &'a SpanNoise,
    /// Kerr coefficient times power density of each channel at the input.
    amplitudes: &'a [f64],
    /// Share of the power that is left at its end.
    left_share: f64,
}

impl<'a> JointSpan<'a> {
    /// `None` for a span that makes nothing.
    pub(super) fn new(span: &'a ChainSpan<'a>, line_span: &'a LineSpan) -> Option<Self> {
        let left_share = 1.0 - line_span.nodes.lost_share;
        line_span.noise.as_ref().map(|noise| Self { span, noise, amplitudes: &line_span.amplitudes, left_share })
    }

    /// Power of a channel at the end relative to its input.
    fn end_power(&self, k: usize) -> f64 {
        (self.noise.profiles[k].single + self.noise.profiles[k].double * self.left_share) * self.left_share
    }
}

/// Noise-to-signal ratio that the noise of all other channels in a span gains by coherence with the span before: all of it,
/// and the sum of each channel's times its excess kurtosis.
///
/// # Algorithm
/// 1. Channel k gains 4 16/27 g_s g_r int R(x) w(x) dx, R the cosine transform of its rectangle over the dispersion x between two
///    places as in [`super::nonlinear_profile_coherence::cross_coherence`], w(x) what both powers make of each x: they decay, so
///    that rho_r(L) e^(a_r x/b_r) (e^(-q z0) - e^(-q z1))/(q b_r) with q = a_s + a_r b_s/b_r over the places z0 to z1 of this span.
/// 2. From the next neighbors outward on both sides, until the limit of narrow R is a hundredth of the neighbor's noise.
/// 3. Where any is counted: of three channels, the step of the power in place of both powers.
///
/// Cost: two products per channel where nothing adds up; 36 pairs of sine integrals for each neighbor that does.
///
/// `pairs` is what each channel makes alone on the one under test in this span.
pub(super) fn joint_gain(
    here: JointSpan<'_>,
    before: JointSpan<'_>,
    comb: &Comb,
    test: usize,
    pairs: &[f64],
) -> (f64, f64) {
    let count = comb.rates_hz.len();
    let (mut sum, mut formatted) = (0.0, 0.0);
    let mut add = |k: usize| -> bool {
        let gain = neighbor_gain(here, before, comb, (test, k), pairs[k]);
        sum += gain;
        formatted += gain * comb.kurtoses[k];
        gain > 0.0
    };
    for k in (0..test).rev() {
        if !add(k) {
            break;
        }
    }
    for k in test + 1..count {
        if !add(k) {
            break;
        }
    }
    if sum == 0.0 { (0.0, 0.0) } else { (sum - three_channels(here, before, comb, test), formatted) }
}

/// The gain of one neighbor; 0 where it is too small to count.
fn neighbor_gain(
    here: JointSpan<'_>,
    before: JointSpan<'_>,
    comb: &Comb,
    (test, k): (usize, usize),
    pair_ratio: f64,
) -> f64 {
    let middle_hz = 0.5 * (comb.offsets_hz[test] + comb.offsets_hz[k]);
    let (beta2, beta2_before) = (beta2_at(here.span, middle_hz), beta2_at(before.span, middle_hz));
    if beta2 * beta2_before <= 0.0 {
        return 0.0;
    }
    let rate = comb.rates_hz[test];
    let front = 64.0 / 27.0 * here.amplitudes[k] * before.amplitudes[k] * before.end_power(k);
    let narrow = comb.pairs.span_per_hz.row(test)[k] / (4.0 * PI.powi(4) * rate * beta2 * beta2_before);
    if front * narrow <= LEAST_GAIN * pair_ratio {
        return 0.0;
    }
    let distance_hz = (comb.offsets_hz[k] - comb.offsets_hz[test]).abs();
    let edges = [-0.5, 0.5].map(|side| 2.0 * PI * PI * rate * (distance_hz + side * comb.rates_hz[k]));
    front * overlap(here.span, before.span, edges, (beta2.abs(), beta2_before.abs()))
}

/// int R(x) w(x) dx over the power at the joint.
fn overlap(here: &ChainSpan<'_>, before: &ChainSpan<'_>, edges: [f64; 2], (beta2, beta2_before): (f64, f64)) -> f64 {
    let (fiber, fiber_before) = (&here.fiber, &before.fiber);
    let growth = fiber_before.attenuation_per_m / beta2_before;
    let rate_per_m = fiber.attenuation_per_m + growth * beta2;
    let (reach, reach_before) = (beta2 * fiber.length_m, beta2_before * fiber_before.length_m);
    let greatest = reach + reach_before;
    // The powers have kinks where one of the spans ends.
    let mut cuts: Vec<f64> = PANELS.iter().map(|phase| phase / edges[0]).chain([reach, reach_before]).collect();
    cuts.retain(|cut| *cut < greatest.min(SETTLED / edges[0]));
    cuts.push(greatest.min(SETTLED / edges[0]));
    cuts.sort_unstable_by(f64::total_cmp);
    let mut sum = 0.0;
    for panel in cuts.windows(2) {
        for (place, weight) in THREE_NODES {
            let apart = panel[0] + place * (panel[1] - panel[0]);
            let from_m = ((apart - reach_before) / beta2).max(0.0);
            let to_m = fiber.length_m.min(apart / beta2);
            let power = (growth * apart).exp() * ((-rate_per_m * from_m).exp() - (-rate_per_m * to_m).exp())
                / (rate_per_m * beta2_before);
            let rectangle =
                (sine_integral(edges[1] * apart) - sine_integral(edges[0] * apart)) / (2.0 * PI * PI * apart);
            sum += weight * (panel[1] - panel[0]) * power * rectangle;
        }
    }
    sum
}

/// What three channels lose: they feel the step of the power at the joint and not both powers.
fn three_channels(here: JointSpan<'_>, before: JointSpan<'_>, comb: &Comb, test: usize) -> f64 {
    let widths = comb.pairs.span_per_hz.row(test);
    let level = before.end_power(test);
    let spread: f64 = widths
        .iter()
        .enumerate()
        .map(|(k, width)| {
            let end = before.end_power(k);
            width * (here.amplitudes[k] * before.amplitudes[k] * end * end / level).sqrt()
        })
        .sum();
    let offset_hz = comb.offsets_hz[test];
    let both = beta2_at(here.span, offset_hz) * beta2_at(before.span, offset_hz);
    32.0 / 27.0 * THIRD_CHANNEL_SHARE * spread * spread / (16.0 * PI.powi(4) * both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::NonlinearSpan;

    /// The integral over both places as it stands, by midpoints.
    #[test]
    fn overlap_is_the_integral_over_two_places() {
        let fiber = |length_m: f64, attenuation_per_m: f64| NonlinearSpan {
            attenuation_per_m,
            length_m,
            beta2_s2_per_m: -5.7e-27,
            beta3_s3_per_m: 0.0,
            gamma_per_w_m: 1.3e-3,
            raman_slope_per_w_m_hz: 0.0,
        };
        let span = |fiber| ChainSpan { fiber, powers_w: &[], attenuations_per_m: &[] };
        let (here, before) = (span(fiber(20e3, 4.6e-5)), span(fiber(8e3, 5.2e-5)));
        for (edges, betas) in [([5e22, 1.5e23], (5.7e-27, 5.7e-27)), ([8e21, 2e22], (5.7e-27, 21e-27))] {
            let steps = 2000;
            let mut expected = 0.0;
            for first in 0..steps {
                let z = 20e3 * (f64::from(first) + 0.5) / f64::from(steps);
                for second in 0..steps {
                    let back = 8e3 * (f64::from(second) + 0.5) / f64::from(steps);
                    let apart = betas.0 * z + betas.1 * back;
                    if edges[0] * apart < SETTLED {
                        let rectangle = (sine_integral(edges[1] * apart) - sine_integral(edges[0] * apart))
                            / (2.0 * PI * PI * apart);
                        expected += (-4.6e-5 * z + 5.2e-5 * back).exp() * rectangle;
                    }
                }
            }
            expected *= 20e3 * 8e3 / f64::from(steps * steps);
            let found = overlap(&here, &before, edges, betas);
            assert!((found / expected - 1.0).abs() < 0.01, "{}", found / expected);
        }
    }
}

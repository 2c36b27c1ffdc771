//! What the noise of other channels gains where two spans meet, for decaying powers: over short spans of little dispersion
//! near neighbors still add with their phases.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_line_span::LineSpan;
use super::nonlinear_profile_coherence::{SETTLED, sine_integral};
use super::nonlinear_span::THIRD_CHANNEL_SHARE;
use super::nonlinear_tile::{TILE_WIDTH, Tile};
use crate::column::Column;
use crate::quadrature::THREE_NODES;
use crate::vector::{ColumnWork, vectorize};
use std::f64::consts::PI;

/// Neighbors whose noise gains less than this over a joint, and all beyond them, are left alone.
const LEAST_GAIN: f64 = 0.01;

/// Panels of the phase at the near edge of the neighbor.
const PANELS: [f64; 12] = [0.0, 0.25, 0.7, 1.5, 3.0, 5.0, 8.0, 12.0, 17.0, 23.0, 31.0, SETTLED];

/// One of two spans.
#[derive(Clone, Copy)]
struct JointSpan<'a> {
    span: &'a ChainSpan<'a>,
    line: &'a LineSpan,
}

impl JointSpan<'_> {
    /// Dispersion in the middle between two channels, the sum of their offsets given.
    #[inline(always)]
    fn beta2_between(&self, sum_hz: f64) -> f64 {
        self.line.beta2_s2_per_m.at(0.5 * sum_hz)
    }
}

/// Two spans that follow each other.
pub(super) struct Joint<'a> {
    here: JointSpan<'a>,
    before: JointSpan<'a>,
    comb: &'a Comb,
    /// Power of each channel at the end of the span before, relative to its input there.
    end_powers: Column,
    /// 4 16/27 g_s g_r rho_r(L) of each channel.
    fronts: Column,
}

impl<'a> Joint<'a> {
    /// A span that makes noise and the one before, each with what it is in the line; `None` where that one makes none.
    pub(super) fn new(
        here: (&'a ChainSpan<'a>, &'a LineSpan),
        before: (&'a ChainSpan<'a>, &'a LineSpan),
        comb: &'a Comb,
    ) -> Option<Self> {
        let [here, before] = [here, before].map(|(span, line)| JointSpan { span, line });
        let left_share = 1.0 - before.line.nodes.lost_share;
        let profiles = &before.line.noise.as_ref()?.profiles;
        let end_powers: Column = profiles.iter().map(|profile| profile.at(left_share)).collect();
        let amplitudes = here.line.amplitudes.iter().zip(&before.line.amplitudes);
        let fronts = amplitudes.zip(&end_powers).map(|((here, there), end)| 64.0 / 27.0 * here * there * end).collect();
        Some(Self { here, before, comb, end_powers, fronts })
    }

    /// Whether any channel of a tile has a next neighbor whose gain counts, which few lines have: found out for all at once.
    pub(super) fn counts_in(&self, tile: Tile<'_>) -> bool {
        vectorize(Counting { joint: self, tile })
    }

    /// Products of the dispersions of both spans between two channels, the sum of their offsets given.
    #[inline(always)]
    fn both_beta2(&self, sum_hz: f64) -> f64 {
        self.here.beta2_between(sum_hz) * self.before.beta2_between(sum_hz)
    }
}

/// Whether the gain of a neighbor is too small to count by the limit of narrow R, which is its front times its width over
/// 4 pi^4 rate beta2^2. Products of dispersions of other sign are below 0.
#[inline(always)]
fn is_negligible(front_width: f64, pair_ratio: f64, rate_hz: f64, both: f64) -> bool {
    both <= 0.0 || front_width <= LEAST_GAIN * pair_ratio * (4.0 * (PI * PI * PI * PI) * rate_hz * both)
}

/// See [`Joint::counts_in`].
struct Counting<'a> {
    joint: &'a Joint<'a>,
    tile: Tile<'a>,
}

impl ColumnWork for Counting<'_> {
    type Output = bool;

    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // One counter for many lanes.
    fn run(self) -> bool {
        let Self { joint, tile } = self;
        let Joint { comb, fronts, .. } = joint;
        let mut counted = 0;
        for is_below in [true, false] {
            let [mut widths, mut pairs, mut sums_hz, mut rates_hz] = [[0.0; TILE_WIDTH]; 4];
            for (lane, test) in tile.tests().enumerate() {
                let k = if is_below { test.wrapping_sub(1) } else { test + 1 };
                // The ends of a comb have one neighbor: zeros, which do not count, stand for the other.
                let Some(pair) = tile.pairs.get(k) else { continue };
                (widths[lane], pairs[lane]) = (fronts[k] * comb.pairs.span_per_hz.at(test, k), pair.0[lane]);
                (sums_hz[lane], rates_hz[lane]) = (comb.offsets_hz[test] + comb.offsets_hz[k], comb.rates_hz[test]);
            }
            for lane in 0..TILE_WIDTH {
                let both = joint.both_beta2(sums_hz[lane]);
                counted += usize::from(!is_negligible(widths[lane], pairs[lane], rates_hz[lane], both));
            }
        }
        counted > 0
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
/// `pair` tells what a channel makes alone on the one under test in this span.
pub(super) fn joint_gain(joint: &Joint<'_>, test: usize, pair: impl Fn(usize) -> f64) -> (f64, f64) {
    let (mut sum, mut formatted) = (0.0, 0.0);
    let mut add = |k: usize| -> bool {
        let gain = neighbor_gain(joint, test, k, pair(k));
        sum += gain;
        formatted += gain * joint.comb.kurtoses[k];
        gain > 0.0
    };
    for k in (0..test).rev() {
        if !add(k) {
            break;
        }
    }
    for k in test + 1..joint.comb.order().len() {
        if !add(k) {
            break;
        }
    }
    if sum == 0.0 { (0.0, 0.0) } else { (sum - three_channels(joint, test), formatted) }
}

/// The gain of one neighbor; 0 where it is too small to count.
fn neighbor_gain(joint: &Joint<'_>, test: usize, k: usize, pair_ratio: f64) -> f64 {
    let Joint { here, before, comb, fronts, .. } = joint;
    let (sum_hz, rate, front) = (comb.offsets_hz[test] + comb.offsets_hz[k], comb.rates_hz[test], fronts[k]);
    if is_negligible(front * comb.pairs.span_per_hz.at(test, k), pair_ratio, rate, joint.both_beta2(sum_hz)) {
        return 0.0;
    }
    let (beta2, beta2_before) = (here.beta2_between(sum_hz), before.beta2_between(sum_hz));
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
fn three_channels(joint: &Joint<'_>, test: usize) -> f64 {
    let Joint { here, before, comb, end_powers, .. } = joint;
    let widths = comb.pairs.span_per_hz.seen_from(test);
    let spread: f64 = widths
        .enumerate()
        .map(|(k, width)| {
            let end = end_powers[k];
            width * (here.line.amplitudes[k] * before.line.amplitudes[k] * end * end / end_powers[test]).sqrt()
        })
        .sum();
    let both = joint.both_beta2(2.0 * comb.offsets_hz[test]);
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

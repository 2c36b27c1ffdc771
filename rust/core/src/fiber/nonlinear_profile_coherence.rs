//! What a span's noise gains by its coherence with the noise of the spans before, for powers that run in any way.

use super::nonlinear_comb::Comb;
use super::nonlinear_line_span::beta2_at;
use super::nonlinear_overlap::lozenge_overlap;
use super::nonlinear_profile_line::ProfileLineSpan;
use super::nonlinear_profile_places::Places;
use super::nonlinear_span::THIRD_CHANNEL_SHARE;
use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::LazyLock;

/// Phase over this length at the near edge of a channel from which its noise adds up over less than the powers change in.
const SHORT_M: f64 = 3e3;
const SHORT_PHASE: f64 = 4.0;

const STEP: f64 = 0.25;
const NODES: usize = 164;
/// Where the table ends.
pub(super) const SETTLED: f64 = (NODES - 3) as f64 * STEP;

/// Si(x) at 0, 0.25, 0.5, ..., 40.75.
static SINE_INTEGRAL: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
    let mut sum = 0.0;
    (0..NODES)
        .map(|index| {
            if index > 0 {
                let high = index as f64 * STEP;
                // Simpson's rule: 1e-9.
                let pieces = 8;
                let width = STEP / f64::from(2 * pieces);
                for piece in 0..pieces {
                    let low = high - STEP + 2.0 * f64::from(piece) * width;
                    sum += width / 3.0 * (sinc(low) + 4.0 * sinc(low + width) + sinc(low + 2.0 * width));
                }
            }
            sum
        })
        .collect()
});

/// The sine integral to 3e-5; beyond 40 without its oscillation, which no sum over places would follow.
pub(super) fn sine_integral(x: f64) -> f64 {
    if x >= SETTLED {
        return FRAC_PI_2;
    }
    let position = x / STEP;
    let index = (position as usize).max(1);
    let t = position - index as f64;
    let y = &SINE_INTEGRAL[index - 1..index + 3];
    let (a, b, c) = (t + 1.0, t - 1.0, t - 2.0);
    -t * b * c / 6.0 * y[0] + a * b * c / 2.0 * y[1] - a * t * c / 2.0 * y[2] + a * t * b / 6.0 * y[3]
}

/// Noise-to-signal ratio that the last span's noise of a channel on itself gains by coherence with each span before.
///
/// # Algorithm
/// 2 16/27 g_s g_r (B/2)^2 int int rho_s(z) rho_r(z') W(4 pi^2 (B/2)^2 |d(z) - d(z')|) dz dz' as in `coherent_gain`, d the
/// dispersion gathered up to a place and W the cosine transform of the lozenge, over places that are dense where the two spans
/// meet, and over fewer where others lie between.
pub(super) fn own_coherence(line: &[ProfileLineSpan<'_>], before_s2: &[f64], comb: &Comb, test: usize) -> f64 {
    let Some((here, earlier)) = line.split_last() else { return 0.0 };
    let Some(solved) = &here.solved else { return 0.0 };
    let area = 0.25 * comb.rates_hz[test].powi(2);
    let turn = 4.0 * PI * PI * area;
    let beta2 = |span: &ProfileLineSpan<'_>| beta2_at(span.span, comb.offsets_hz[test]);
    let mut sum = 0.0;
    for (index, other) in earlier.iter().enumerate() {
        let Some(there) = &other.solved else { continue };
        let (places, others) = if index + 1 == earlier.len() {
            (&solved.places.near, &there.places.near)
        } else {
            (&solved.places.far, &there.places.far)
        };
        let start = (before_s2[earlier.len()], beta2(here));
        let overlap =
            over_places((places, test, start), (others, test, (before_s2[index], beta2(other))), |apart_s2| {
                lozenge_overlap(turn * apart_s2)
            });
        sum += other.amplitudes[test] * overlap;
    }
    32.0 / 27.0 * area * here.amplitudes[test] * sum
}

/// Integral over a place in each of two spans of both powers times a function of the dispersion between the places.
fn over_places(
    (here, channel, (here_s2, here_beta2)): (&Places, usize, (f64, f64)),
    (there, other, (there_s2, there_beta2)): (&Places, usize, (f64, f64)),
    kernel: impl Fn(f64) -> f64,
) -> f64 {
    let mut sum = 0.0;
    for (place_m, share_m) in here.place_m.iter().zip(here.shares_m(channel)) {
        let gathered_s2 = here_s2 - there_s2 + here_beta2 * place_m;
        let inner: f64 = there
            .place_m
            .iter()
            .zip(there.shares_m(other))
            .map(|(place_m, share_m)| share_m * kernel((gathered_s2 - there_beta2 * place_m).abs()))
            .sum();
        sum += share_m * inner;
    }
    sum
}

/// Noise-to-signal ratio that the noise of all other channels in the last span gains over the joint with the span before: all of
/// it, and the sum of each channel's times its excess kurtosis.
///
/// # Algorithm
/// 1. Channel k at distance D: 4 16/27 g_s g_r int int rho_s(z) rho_r(z') R(d(z) - d(z')) dz dz' with the cosine transform of
///    its rectangle, R(d) = int_-B/2^B/2 int_{D-B_k/2}^{D+B_k/2} cos(4 pi^2 u v d) dv du
///    = 2 [Si(2 pi^2 d B (D + B_k/2)) - Si(2 pi^2 d B (D - B_k/2))]/(4 pi^2 d).
/// 2. Where R is narrow, the powers at the joint and int_0^inf x R(x) dx = w_k/(4 pi^4 B), w_k = int dv/v^2.
/// 3. Three channels, which feel no more than the ends of spans: the step of the power at the joint in place of both powers.
pub(super) fn cross_coherence(line: &[ProfileLineSpan<'_>], comb: &Comb, test: usize) -> (f64, f64) {
    let [.., other, here] = line else { return (0.0, 0.0) };
    let (Some(solved), Some(there)) = (&here.solved, &other.solved) else { return (0.0, 0.0) };
    let rate = comb.rates_hz[test];
    let widths = comb.pairs.span_per_hz.seen_from(test);
    let level = there.places.end_power[test];
    let (mut sum, mut formatted, mut spread) = (0.0, 0.0, 0.0);
    for (k, width) in widths.enumerate().filter(|(k, _)| *k != test) {
        let middle_hz = 0.5 * (comb.offsets_hz[test] + comb.offsets_hz[k]);
        let (beta2, beta2_before) = (beta2_at(here.span, middle_hz), beta2_at(other.span, middle_hz));
        let distance_hz = (comb.offsets_hz[k] - comb.offsets_hz[test]).abs();
        let edges = [-0.5, 0.5].map(|side| 2.0 * PI * PI * rate * (distance_hz + side * comb.rates_hz[k]));
        let both = here.amplitudes[k] * other.amplitudes[k];
        let at_end = there.places.end_power[k];
        let short = SHORT_M * edges[0] * beta2.abs().min(beta2_before.abs()) > SHORT_PHASE;
        let gain = both
            * if short && beta2 * beta2_before > 0.0 {
                at_end * width / (4.0 * PI.powi(4) * rate * beta2 * beta2_before)
            } else {
                let from = (other.span.fiber.length_m * beta2_before, beta2);
                over_places((&solved.places.near, k, from), (&there.places.near, k, (0.0, beta2_before)), |apart| {
                    if apart * edges[0] >= SETTLED {
                        return 0.0;
                    }
                    let apart_s2 = apart.max(1e-3 / edges[1]);
                    (sine_integral(edges[1] * apart_s2) - sine_integral(edges[0] * apart_s2))
                        / (2.0 * PI * PI * apart_s2)
                })
            };
        sum += gain;
        formatted += gain * comb.kurtoses[k];
        spread += width * (both * at_end * at_end / level).sqrt();
    }
    let (beta2, beta2_before) =
        (beta2_at(here.span, comb.offsets_hz[test]), beta2_at(other.span, comb.offsets_hz[test]));
    let three = 2.0 * THIRD_CHANNEL_SHARE * spread * spread / (16.0 * PI.powi(4) * beta2 * beta2_before);
    (16.0 / 27.0 * (4.0 * sum - three), 64.0 / 27.0 * formatted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz and Stegun, table 5.1 and 5.3.
    #[test]
    fn sine_integrals() {
        for (x, expected) in [(0.1, 0.099_944), (1.0, 0.946_083), (3.1, 1.851_66), (10.0, 1.658_348), (37.3, 1.565)] {
            let tolerance = if x > 30.0 { 0.02 } else { 3e-5 };
            assert!((sine_integral(x) - expected).abs() < tolerance, "{x}: {}", sine_integral(x));
        }
    }
}

//! What the constellations of the interfering channels make less cross-channel noise than Gaussian signals.

use super::nonlinear_coherence::ChannelSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_span::{SpanNoise, lane_sum};

/// Weight of the fourth moment against the second in cross-channel interference: 80/81 over 32/27.
pub(super) const FOURTH_MOMENT_WEIGHT: f64 = 5.0 / 6.0;

/// int_0^1 (1 - s) e^(-x s) ds = (1 - (1 - e^-x)/x)/x as a quotient of polynomials that has its series at 0 and at infinity.
#[inline]
fn triangle_decay(x: f64) -> f64 {
    (12.0 + x * (5.0 + x)) / (24.0 + x * (18.0 + x * (6.0 + x)))
}

/// Mean of w - x over 0 <= x < w, times w, where x is spread as a triangle over 0 ... 2, for w = `width`.
#[inline]
fn meeting_share(width: f64) -> f64 {
    let beyond = |start: f64| {
        let rest = (width - start).max(0.0);
        rest * rest * rest
    };
    (width * width * width - 2.0 * beyond(1.0) + beyond(2.0)) / 6.0
}

/// Change of the cross-channel noise of one channel in one span by the formats of the others (below 0 for QAM).
///
/// # Algorithm
/// Symbols of channel k that pass a symbol of the channel under test within the pulse width that dispersion d gave them act
/// together: noise from places z and z' is correlated as far as the intervals d (D - B_k/2) ... d (D + B_k/2) at both places
/// overlap, D the distance of the channels. With t = B_k/(D - B_k/2):
/// 1. Within the span, of its rectangle's noise the share 5/6 excess kurtosis F: F1 = what holds together where no dispersion
///    came before, between a flat and a long span by 1 - e^(-a L); after the dispersion of z0 of this fiber F = 2 F1 f(X),
///    X = F1 z0 a' ln(1 + t), a' = a coth(a L/2), f(X) = int_0^1 (1 - s) e^(-X s) ds.
/// 2. With each span before: twice 5/6 excess kurtosis times the products of amplitudes and of effective lengths over the
///    dispersion, as far as the two spans meet in the window: for neighbors with the distance of their powers spread as a
///    triangle, for others with that of their middles.
///
/// One long span, F1 -> 1: the correction 5/6 of the published formula. Many equal spans: its asymptotic term 5/3.
///
/// # References
/// Dar et al. 2013, doi 10.1364/OE.21.025685 (origin of the correction); Semrau, Sillekens, Killey, Bayvel 2019,
/// doi 10.1109/JLT.2019.2929461, arXiv 1903.02506 (first-span and asymptotic term).
pub(super) fn format_change(
    test: usize,
    comb: &Comb,
    noise: &SpanNoise,
    span: &ChannelSpan<'_>,
    before: &[ChannelSpan<'_>],
    amplitude_ratios: &[Vec<f64>],
) -> f64 {
    let count = comb.kurtoses.len();
    let row = test * count..(test + 1) * count;
    let pairs = &noise.pairs[row.clone()];
    let geometry = &comb.pairs;
    let (reaches, widths) = (&geometry.reach_ln[row.clone()], &geometry.width[row.clone()]);
    let (levels, flats) = (&geometry.level[row.clone()], &geometry.flat_share[row.clone()]);
    let excesses = &geometry.long_excess[row];
    let kurtoses = &comb.kurtoses[..count];
    let nodes = span.nodes;
    let beta2 = span.beta2_s2_per_m.abs();
    let reach = nodes.correlation_per_m * span.before_s2.abs() / beta2;
    let mut sum = 2.0
        * lane_sum(count, |k| {
            let first = flats[k] + excesses[k] * nodes.lost_share;
            pairs[k] * kurtoses[k] * first * triangle_decay(reach * first * reaches[k])
        });
    let here = span.before_s2 + span.beta2_s2_per_m * nodes.middle_m;
    for (index, (other, ratios)) in before.iter().zip(amplitude_ratios).enumerate() {
        let neighbor = index + 1 == before.len();
        let there = other.before_s2 + other.beta2_s2_per_m * other.nodes.middle_m;
        let apart = (here - there).abs();
        let least = if neighbor { (there * span.before_s2).abs().sqrt() } else { here.abs().min(there.abs()) };
        // Dispersions of other sign never meet; of the same size they belong to a fiber and its inverse.
        if here * there <= 0.0 || apart == 0.0 || (!neighbor && apart >= least * comb.widest_windows[test]) {
            continue;
        }
        let lengths_m = nodes.effective_length_m() * other.nodes.effective_length_m() / nodes.square_length_m;
        let factor = 2.0 * lengths_m * beta2 / here.abs().max(there.abs());
        let relative = least / apart;
        let ratios = &ratios[..count];
        sum += factor
            * if neighbor {
                lane_sum(count, |k| {
                    pairs[k] * kurtoses[k] * ratios[k] * levels[k] * meeting_share(widths[k] * relative)
                }) / relative
            } else {
                lane_sum(count, |k| {
                    pairs[k] * kurtoses[k] * ratios[k] * levels[k] * (widths[k] - 1.0 / relative).max(0.0)
                })
            };
    }
    FOURTH_MOMENT_WEIGHT * sum
}

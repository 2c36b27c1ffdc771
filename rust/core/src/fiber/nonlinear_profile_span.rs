//! Nonlinear interference of one span whose powers run in any way, without its history: Gaussian signals, no other span.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_line_span::beta2_at;
use super::nonlinear_profile_tables::ProfileTables;
use super::nonlinear_span::THIRD_CHANNEL_SHARE;
use super::nonlinear_strips::Strip;
use super::power_course::PowerCourse;
use std::f64::consts::PI;

/// What one span makes on its own, channels in sorted order.
#[derive(Debug, Clone)]
pub(super) struct ProfileNoise {
    /// Noise-to-signal ratio of each channel on itself.
    pub own: Vec<f64>,
    /// Of two and three channels beyond the islands of `pairs`.
    pub rest: Vec<f64>,
    /// Of each channel (column) on each other one (row).
    pub pairs: Vec<f64>,
}

/// Nonlinear interference of one span; `course` has the channels in sorted order.
///
/// # Algorithm
/// The islands of `evaluate_span` with the tables of each channel's own power: on itself by S, from channel k by H of k, at the
/// edges of islands by G and K of the channel of the first frequency. Of three channels, which mix far out, both ends of the
/// span: share (L/y)^2 [(sum_k G_k w_k)^2 + (sum_k G_k w_k rho_k(L)^2/rho(L))^2], w_k = int dv/v^2.
pub(super) fn evaluate_profile_span(span: &ChainSpan<'_>, comb: &Comb, course: &PowerCourse) -> ProfileNoise {
    let count = comb.order().len();
    let length_m = span.fiber.length_m;
    let tables = ProfileTables::new(course);
    let densities: Vec<f64> =
        comb.order().iter().zip(&comb.rates_hz).map(|(&channel, rate)| span.powers_w[channel] / rate).collect();
    let front = span.fiber.gamma_per_w_m.powi(2) * 16.0 / 27.0;
    let per_offset = 4.0 * PI * PI * length_m;
    let mut out = ProfileNoise { own: vec![0.0; count], rest: vec![0.0; count], pairs: vec![0.0; count * count] };
    for test in 0..count {
        let half = 0.5 * comb.rates_hz[test];
        let here = comb.offsets_hz[test];
        let scale = per_offset * beta2_at(span, here).abs();
        let lozenge = tables.lozenge(test, scale.ln() + 2.0 * half.ln());
        out.own[test] = front * densities[test].powi(2) * length_m.powi(2) / scale * lozenge;

        let row = &mut out.pairs[test * count..(test + 1) * count];
        for (k, cell) in row.iter_mut().enumerate().filter(|(k, _)| *k != test) {
            let beta2 = beta2_at(span, 0.5 * (comb.offsets_hz[k] + here)).abs();
            let near_hz = (comb.offsets_hz[k] - here).abs() - 0.5 * comb.rates_hz[k];
            let phase_ln = (per_offset * beta2 * half * near_hz).ln();
            let high = tables.rectangle(k, phase_ln + comb.pairs.reach_ln.at(test, k));
            let strength = front * length_m / (PI * PI) * densities[k].powi(2) / beta2;
            *cell = strength * (high - tables.rectangle(k, phase_ln));
        }
        let per_square = front * (length_m / scale).powi(2);
        out.rest[test] = edge_strips(row, &tables, &densities, comb, test, scale, 2.0 * per_square);
        let [start, end] = spreads(comb, &densities, course, test);
        out.rest[test] += THIRD_CHANNEL_SHARE * per_square * (start * start + end * end);
    }
    out
}

/// sum_k G_k B_k/(D^2 - B_k^2/4) at the input, and at the end of the span with the powers there.
pub(super) fn spreads(comb: &Comb, densities: &[f64], course: &PowerCourse, test: usize) -> [f64; 2] {
    let widths = comb.pairs.span_per_hz.seen_from(test);
    let level = course.ends[test][1].power;
    let mut sums = [0.0; 2];
    for (k, (density, width)) in densities.iter().zip(widths).enumerate() {
        sums[0] += density * width;
        sums[1] += density * width * course.ends[k][1].power.powi(2) / level;
    }
    sums
}

/// Adds the strips around the islands to the row and returns those that belong to no single channel.
fn edge_strips(
    row: &mut [f64],
    tables: &ProfileTables,
    densities: &[f64],
    comb: &Comb,
    test: usize,
    scale: f64,
    front: f64,
) -> f64 {
    let scale_ln = scale.ln();
    let mut spilled = 0.0;
    for group in comb.strips(test) {
        let Some((first, third)) = group.channels(test, row.len()) else { continue };
        let area: f64 = group.strips.iter().map(|strip| strip_area(strip, tables, first, scale, scale_ln)).sum();
        let noise = front * densities[first] * densities[third] * area;
        if first == third {
            row[first] += noise;
        } else {
            spilled += noise;
        }
    }
    spilled
}

/// Integral of the mixing efficiency over one strip, times the square of `scale`.
fn strip_area(strip: &Strip, tables: &ProfileTables, first: usize, scale: f64, scale_ln: f64) -> f64 {
    let value = |offset_hz: f64| {
        if offset_hz == 0.0 { (0.0, 0.0) } else { tables.strip(first, scale_ln + (strip.distance_hz * offset_hz).ln()) }
    };
    let ((g_from, k_from), (g_to, k_to)) = (value(strip.from_hz), value(strip.to_hz));
    strip.ramp * (k_to - k_from) / strip.distance_hz.powi(2)
        + strip.level_hz * scale * (g_to - g_from) / strip.distance_hz
}

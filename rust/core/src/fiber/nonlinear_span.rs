//! Nonlinear interference of one span without its history: Gaussian signals, no other span.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::{Comb, Strip};
use super::nonlinear_islands::Islands;
use super::nonlinear_profile::{Profile, fit_profiles};
use std::f64::consts::PI;

/// Share of the islands of three different channels that the third frequency finds a channel in: three quarters of a square.
const THIRD_CHANNEL_SHARE: f64 = 0.75;

/// What one span makes on its own, channels in sorted order.
#[derive(Debug, Clone)]
pub(super) struct SpanNoise {
    /// Noise-to-signal ratio of each channel on itself.
    pub own: Vec<f64>,
    /// Of two and three channels beyond the islands of `pairs`.
    pub rest: Vec<f64>,
    /// Of each channel (column) on each other one (row).
    pub pairs: Vec<f64>,
    /// Power profile of each channel.
    pub profiles: Vec<Profile>,
}

impl SpanNoise {
    /// Noise-to-signal ratio of all other channels on one, Gaussian signals.
    pub(super) fn cross(&self, test: usize) -> f64 {
        let count = self.own.len();
        let row = &self.pairs[test * count..(test + 1) * count];
        lane_sum(count, |k| row[k]) + self.rest[test]
    }

    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        self.pairs.len() + 4 * self.own.len()
    }
}

/// Sum of `count` terms in eight interleaved partial sums: an order that vector instructions of any width can keep.
#[inline(always)]
#[allow(clippy::inline_always)] // The closure must be inlined to be vectorized.
pub(super) fn lane_sum(count: usize, term: impl Fn(usize) -> f64) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    let whole = count / LANES * LANES;
    for start in (0..whole).step_by(LANES) {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += term(start + lane);
        }
    }
    for (lane, sum) in lanes.iter_mut().enumerate().take(count - whole) {
        *sum += term(whole + lane);
    }
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

/// Group-velocity dispersion of mixing between two offsets.
fn dispersion(span: &ChainSpan<'_>, sum_hz: f64) -> f64 {
    (span.fiber.beta2_s2_per_m + PI * span.fiber.beta3_s3_per_m * sum_hz).abs()
}

/// Nonlinear interference of one span.
///
/// # Algorithm
/// Everything is 16/27 gamma^2 times integrals of the mixing efficiency over frequency offsets u and v from the center of the
/// channel under test, whose product with 4 pi^2 beta L is the phase y of the tables.
/// 1. The channel on itself: the lozenge |u|, |v|, |u + v| < B/2, by S.
/// 2. Channel k at distance D: |u| < B/2, |v - D| < B_k/2: (2 L/c) [H(c B/2 (D + B_k/2)) - H(c B/2 (D - B_k/2))],
///    c = 4 pi^2 |beta2 + pi beta3 (f + f_k)|; by its asymptote where the phases are great.
/// 3. Strips along the edges of nearby islands: off where the third frequency u + v leaves channel k, on where it finds a
///    neighbor, by G and K at the distance of the edge.
/// 4. Three channels: the tail of the mixing efficiency over all islands beyond: (sum_k G_k int dv/v^2)^2, of which three
///    quarters find a channel.
pub(super) fn evaluate_span(span: &ChainSpan<'_>, comb: &Comb) -> SpanNoise {
    let count = comb.order().len();
    let islands = Islands::new(span.fiber.attenuation_per_m, span.fiber.length_m);
    let profiles = fit_profiles(span, comb, islands.length_m);
    let densities: Vec<f64> =
        comb.order().iter().zip(&comb.rates_hz).map(|(&channel, rate)| span.powers_w[channel] / rate).collect();
    let front = span.fiber.gamma_per_w_m.powi(2) * 16.0 / 27.0;
    let per_offset = 4.0 * PI * PI * islands.length_m;
    let sources = Sources::new(&islands, &profiles, &densities, front * islands.length_m / (PI * PI));
    let mut out = SpanNoise {
        own: Vec::with_capacity(count),
        rest: Vec::with_capacity(count),
        pairs: vec![0.0; count * count],
        profiles,
    };
    for test in 0..count {
        let half = 0.5 * comb.rates_hz[test];
        let here = comb.offsets_hz[test];
        let beta2 = dispersion(span, 2.0 * here);
        let scale = per_offset * beta2;
        let scale_ln = scale.ln();

        let lozenge = out.profiles[test].weigh(&islands.lozenge(scale_ln + 2.0 * half.ln()));
        out.own.push(front * densities[test].powi(2) * islands.length_m.powi(2) / scale * lozenge);

        let row = &mut out.pairs[test * count..(test + 1) * count];
        let spread = sources.fill_row(row, comb, test, span, islands.length_m);
        near_rectangles(row, &islands, &sources, &out.profiles, comb, test, span);

        let per_square = front * (islands.length_m / scale).powi(2);
        let strips = edge_strips(row, &islands, &sources, &densities, comb, test, scale, 2.0 * per_square);
        let three = THIRD_CHANNEL_SHARE * islands.tail[0] * per_square * spread * spread;
        out.rest.push(strips + three);
    }
    out
}

/// Columns over the interfering channels.
struct Sources {
    /// Square of the power density with all constant factors, times G at infinity.
    whole: Vec<f64>,
    /// The same with its first tail.
    tail: Vec<f64>,
    /// Constant factors and square of the density alone.
    front: Vec<f64>,
    densities: Vec<f64>,
    /// G at infinity relative to that of the plain decay.
    raman: Vec<f64>,
}

impl Sources {
    fn new(islands: &Islands, profiles: &[Profile], densities: &[f64], front: f64) -> Self {
        let squares: Vec<f64> = densities.iter().map(|density| front * density * density).collect();
        let weigh = |products: &[f64; 3]| -> Vec<f64> {
            profiles.iter().zip(&squares).map(|(profile, square)| square * profile.weigh(products)).collect()
        };
        Self {
            whole: weigh(&islands.whole),
            tail: weigh(&islands.tail),
            raman: profiles.iter().map(|profile| profile.weigh(&islands.whole) / islands.whole[0]).collect(),
            densities: densities.to_vec(),
            front: squares,
        }
    }

    /// Rectangles of all channels on one by the asymptotes; returns sum_k G_k B_k/(D^2 - B_k^2/4).
    fn fill_row(&self, row: &mut [f64], comb: &Comb, test: usize, span: &ChainSpan<'_>, length_m: f64) -> f64 {
        let count = row.len();
        let here = comb.offsets_hz[test];
        let (beta2, slope) = (span.fiber.beta2_s2_per_m, PI * span.fiber.beta3_s3_per_m);
        let half_phase = 2.0 * PI * PI * length_m * comb.rates_hz[test];
        let reach = &comb.pairs.reach_ln[test * count..(test + 1) * count];
        let widths = &comb.pairs.span_per_hz[test * count..(test + 1) * count];
        let offsets = &comb.offsets_hz[..count];
        let (whole, tail, densities) = (&self.whole[..count], &self.tail[..count], &self.densities[..count]);
        // The channel under test has neither reach nor width to itself.
        for k in 0..count {
            let inverse = 1.0 / (beta2 + slope * (offsets[k] + here)).abs();
            row[k] = inverse * (whole[k] * reach[k] - tail[k] * widths[k] * inverse / half_phase);
        }
        lane_sum(count, |k| densities[k] * widths[k])
    }
}

/// Puts the tables in place of the asymptotes for the neighbors whose phases are small.
fn near_rectangles(
    row: &mut [f64],
    islands: &Islands,
    sources: &Sources,
    profiles: &[Profile],
    comb: &Comb,
    test: usize,
    span: &ChainSpan<'_>,
) {
    let here = comb.offsets_hz[test];
    let half = 0.5 * comb.rates_hz[test];
    let mut replace = |k: usize| -> bool {
        let distance = (comb.offsets_hz[k] - here).abs();
        let beta2 = dispersion(span, comb.offsets_hz[k] + here);
        let near = distance - 0.5 * comb.rates_hz[k];
        let phase_ln = (4.0 * PI * PI * islands.length_m * beta2 * half * near).ln();
        if phase_ln >= islands.asymptote_ln {
            return false;
        }
        let low = islands.rectangle(phase_ln);
        let high = islands.rectangle(phase_ln + comb.pairs.reach_ln[test * row.len() + k]);
        row[k] = sources.front[k] / beta2 * profiles[k].weigh(&std::array::from_fn(|p| high[p] - low[p]));
        true
    };
    let _ = (0..test).rev().all(&mut replace);
    let _ = (test + 1..comb.order().len()).all(&mut replace);
}

/// Cuts the strips that leave a channel off its rectangle and returns the noise of those that fall into a neighbor.
fn edge_strips(
    row: &mut [f64],
    islands: &Islands,
    sources: &Sources,
    densities: &[f64],
    comb: &Comb,
    test: usize,
    scale: f64,
    front: f64,
) -> f64 {
    let scale_ln = scale.ln();
    let constant = islands.moment_constant + islands.tail[0] * scale_ln;
    let mut spilled = 0.0;
    for group in &comb.strips[test] {
        let weight = front * densities[group.first] * densities[group.third] * sources.raman[group.first];
        let area = if scale_ln + group.least_ln >= islands.strip_asymptote_ln {
            islands.tail[0] * group.tail_weight + constant * group.constant_weight
        } else {
            group.strips.iter().map(|strip| strip_area(strip, islands, scale, scale_ln)).sum()
        };
        if group.first == group.third {
            row[group.first] += weight * area;
        } else {
            spilled += weight * area;
        }
    }
    spilled
}

/// Integral of the mixing efficiency over one strip, times the square of `scale`.
fn strip_area(strip: &Strip, islands: &Islands, scale: f64, scale_ln: f64) -> f64 {
    let value = |offset_hz: f64| {
        if offset_hz == 0.0 { (0.0, 0.0) } else { islands.strip(scale_ln + (strip.distance_hz * offset_hz).ln()) }
    };
    let ((g_from, k_from), (g_to, k_to)) = (value(strip.from_hz), value(strip.to_hz));
    strip.ramp * (k_to - k_from) / strip.distance_hz.powi(2)
        + strip.level_hz * scale * (g_to - g_from) / strip.distance_hz
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{ChannelSignal, NonlinearSpan};

    /// Integrals over the islands of the channel in the middle, in Hz^2 m^2 per unit of power density.
    fn islands_of_the_middle(d: f64, length_m: f64, count: i32, spacing_hz: f64, symbol_rate_hz: f64) -> f64 {
        let fiber = NonlinearSpan {
            attenuation_per_m: 0.2e-3 * std::f64::consts::LN_10 / 10.0,
            length_m,
            beta2_s2_per_m: -d * 1.2755e-27,
            beta3_s3_per_m: 0.0,
            gamma_per_w_m: 1e-3,
            raman_slope_per_w_m_hz: 0.0,
        };
        let middle = (count - 1) / 2;
        let channels = (0..count)
            .map(|index| ChannelSignal {
                offset_hz: f64::from(index - middle) * spacing_hz,
                symbol_rate_hz,
                excess_kurtosis_ratio: 0.0,
            })
            .collect();
        let comb = Comb::new(channels).unwrap();
        let powers_w = vec![1e-3; count as usize];
        let noise = evaluate_span(&ChainSpan { fiber, powers_w: &powers_w, attenuations_per_m: &[] }, &comb);
        let unit = 16.0 / 27.0 * (1e-3f64 * 1e-3 / symbol_rate_hz).powi(2);
        (noise.own[middle as usize] + noise.cross(middle as usize)) / unit
    }

    /// Values of the double integral by quadrature (inner integral of the tabulated mixing efficiency exact, outer by
    /// Gauss-Legendre panels over the logarithm of the offset; 1e-3), 0.2 dB/km: see `tests/reference/test_nonlinear.py`.
    #[test]
    fn islands_of_short_and_long_spans() {
        for (d, length_m, count, spacing_hz, symbol_rate_hz, expected) in [
            (16.7, 20e3, 1, 75e9, 60e9, 2.811e29),
            (16.7, 20e3, 9, 75e9, 60e9, 7.309e29),
            (16.7, 80e3, 9, 75e9, 60e9, 9.786e29),
            (16.7, 40e3, 9, 37.5e9, 32e9, 7.386e29),
            (4.5, 20e3, 9, 37.5e9, 32e9, 1.505e30),
            (4.5, 80e3, 96, 50e9, 40e9, 4.456e30),
            (4.5, 20e3, 96, 50e9, 40e9, 3.447e30),
        ] {
            let found = islands_of_the_middle(d, length_m, count, spacing_hz, symbol_rate_hz);
            let difference_db = 10.0 * (found / expected).log10();
            assert!(difference_db.abs() < 0.05, "{d} {length_m} {count}: {difference_db} dB");
        }
    }
}

//! Nonlinear interference of one span without its history: Gaussian signals, no other span.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_islands::Islands;
use super::nonlinear_profile::{Profile, fit_profiles};
use super::nonlinear_strips::{Strip, StripTarget};
use crate::vector::{ColumnWork, lane_sum, ln, vectorize};
use std::f64::consts::PI;

/// Share of the islands of three different channels that the third frequency finds a channel in: three quarters of a square.
const THIRD_CHANNEL_SHARE: f64 = 0.75;

/// What one span makes on its own, channels in sorted order.
#[derive(Debug, Clone)]
pub(super) struct SpanNoise {
    /// Noise-to-signal ratio of each channel on itself.
    pub own: Vec<f64>,
    /// Of all other channels on each, for Gaussian signals.
    pub cross: Vec<f64>,
    /// What each channel (column) makes of it on each other one (row) in its own island.
    pub pairs: Vec<f64>,
    /// Power profile of each channel.
    pub profiles: Vec<Profile>,
}

impl SpanNoise {
    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        self.pairs.len() + 4 * self.own.len()
    }
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
///
/// Cost: some ten products for each pair of channels, and a division where the comb is not on an even grid.
pub(super) fn evaluate_span(span: &ChainSpan<'_>, comb: &Comb) -> SpanNoise {
    let count = comb.order().len();
    let mut islands = Islands::new(span.fiber.attenuation_per_m, span.fiber.length_m);
    let profiles = fit_profiles(span, comb, islands.length_m);
    let sources = Sources::new(span, comb, &islands, &profiles);
    let mut out = SpanNoise {
        own: Vec::with_capacity(count),
        cross: Vec::with_capacity(count),
        pairs: vec![0.0; count * count],
        profiles,
    };
    let mut inverses = Inverses::new(span, comb);
    for test in 0..count {
        let (scale, scale_ln) = (sources.scales[test], sources.scales_ln[test]);
        let lozenge = out.profiles[test].weigh(&islands.lozenge(scale_ln + 2.0 * comb.half_rates_ln[test]));
        let square = (sources.densities[test] * islands.length_m).powi(2);
        out.own.push(sources.front * square / scale * lozenge);

        let row = &mut out.pairs[test * count..(test + 1) * count];
        let half_phase = 2.0 * PI * PI * islands.length_m * comb.rates_hz[test];
        let inverse = inverses.row(test, comb);
        let spread = vectorize(FillRow { row, test, comb, sources: &sources, inverse, half_phase });
        near_rectangles(row, &mut islands, &sources, span, &out.profiles, comb, test);

        let per_square = sources.front * (islands.length_m / scale).powi(2);
        let three = THIRD_CHANNEL_SHARE * islands.tail[0] * per_square * spread * spread;
        let constant = islands.moment_constant + islands.tail[0] * scale_ln;
        let weights = (2.0 * per_square * islands.tail[0], 2.0 * per_square * constant);
        let rest = if scale_ln + comb.least_strip_ln >= islands.strip_asymptote_ln {
            vectorize(EdgeStrips { row, test, comb, sources: &sources, weights })
        } else {
            let spilled = near_strips(row, &mut islands, &sources, comb, test, weights);
            spilled + lane_sum(count, |k| row[k])
        };
        out.cross.push(rest + three);
    }
    out
}

/// Group-velocity dispersion of mixing between two offsets, their sum given.
#[inline(always)]
fn dispersion(span: &ChainSpan<'_>, sum_hz: f64) -> f64 {
    (span.fiber.beta2_s2_per_m + PI * span.fiber.beta3_s3_per_m * sum_hz).abs()
}

/// Columns over the interfering channels, and over the channels under test.
struct Sources {
    /// 16/27 gamma^2.
    front: f64,
    densities: Vec<f64>,
    /// Square of the power density with all constant factors of a rectangle.
    squares: Vec<f64>,
    /// The same times G at infinity, and times its first tail.
    whole: Vec<f64>,
    tail: Vec<f64>,
    /// Square of the density for what strips cut off; products of densities for what falls into the channels above and below.
    cut: Vec<f64>,
    upper: Vec<f64>,
    lower: Vec<f64>,
    /// Phase per square of the offset around each channel under test, and its logarithm.
    scales: Vec<f64>,
    scales_ln: Vec<f64>,
}

impl Sources {
    fn new(span: &ChainSpan<'_>, comb: &Comb, islands: &Islands, profiles: &[Profile]) -> Self {
        let front = span.fiber.gamma_per_w_m.powi(2) * 16.0 / 27.0;
        let per_square = front * islands.length_m / (PI * PI);
        let per_offset = 4.0 * PI * PI * islands.length_m;
        let count = comb.order().len();
        let densities: Vec<f64> =
            comb.order().iter().zip(&comb.rates_hz).map(|(&channel, rate)| span.powers_w[channel] / rate).collect();
        let squares: Vec<f64> = densities.iter().map(|density| per_square * density * density).collect();
        let weigh = |products: &[f64; 3]| -> Vec<f64> {
            profiles.iter().zip(&squares).map(|(profile, square)| square * profile.weigh(products)).collect()
        };
        // Strips have G and K of the plain decay; Raman scattering changes them by what it changes G at infinity.
        let mixed: Vec<f64> = profiles
            .iter()
            .zip(&densities)
            .map(|(profile, density)| density * profile.weigh(&islands.whole) / islands.whole[0])
            .collect();
        let beside = |other: Option<usize>| other.and_then(|k| densities.get(k)).copied().unwrap_or(0.0);
        let scales: Vec<f64> =
            comb.offsets_hz.iter().map(|&offset| per_offset * dispersion(span, 2.0 * offset)).collect();
        Self {
            front,
            whole: weigh(&islands.whole),
            tail: weigh(&islands.tail),
            cut: (0..count).map(|k| mixed[k] * densities[k]).collect(),
            upper: (0..count).map(|k| mixed[k] * beside(Some(k + 1))).collect(),
            lower: (0..count).map(|k| mixed[k] * beside(k.checked_sub(1))).collect(),
            scales_ln: scales.iter().map(|&scale| ln(scale)).collect(),
            scales,
            densities,
            squares,
        }
    }
}

/// 1/|beta2| of mixing between two channels: on an even grid, a function of the sum of their places alone.
struct Inverses<'a> {
    span: &'a ChainSpan<'a>,
    figures: Vec<f64>,
}

impl<'a> Inverses<'a> {
    fn new(span: &'a ChainSpan<'a>, comb: &Comb) -> Self {
        let offsets = &comb.offsets_hz;
        let figures = if comb.is_even() {
            let sum = |place: usize| offsets[place / 2] + offsets[place - place / 2];
            (0..(2 * offsets.len()).saturating_sub(1)).map(|place| 1.0 / dispersion(span, sum(place))).collect()
        } else {
            vec![0.0; offsets.len()]
        };
        Self { span, figures }
    }

    /// Those of all channels with one.
    fn row(&mut self, test: usize, comb: &Comb) -> &[f64] {
        if comb.is_even() {
            return &self.figures[test..test + comb.offsets_hz.len()];
        }
        let here = comb.offsets_hz[test];
        for (figure, &offset) in self.figures.iter_mut().zip(&comb.offsets_hz) {
            *figure = 1.0 / dispersion(self.span, offset + here);
        }
        &self.figures
    }
}

/// Rectangles of all channels on one by the asymptotes; gives sum_k G_k B_k/(D^2 - B_k^2/4).
struct FillRow<'a> {
    row: &'a mut [f64],
    test: usize,
    comb: &'a Comb,
    sources: &'a Sources,
    inverse: &'a [f64],
    half_phase: f64,
}

impl ColumnWork for FillRow<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let count = self.row.len();
        let pairs = &self.comb.pairs;
        let (reach, widths) = (&pairs.reach_ln.row(self.test)[..count], &pairs.span_per_hz.row(self.test)[..count]);
        let (whole, tail) = (&self.sources.whole[..count], &self.sources.tail[..count]);
        let (inverse, densities) = (&self.inverse[..count], &self.sources.densities[..count]);
        let per_phase = 1.0 / self.half_phase;
        // The channel under test has neither reach nor width to itself.
        for k in 0..count {
            self.row[k] = inverse[k] * (whole[k] * reach[k] - tail[k] * widths[k] * (inverse[k] * per_phase));
        }
        lane_sum(count, |k| densities[k] * widths[k])
    }
}

/// Puts the tables in place of the asymptotes for the neighbors whose phases are small.
fn near_rectangles(
    row: &mut [f64],
    islands: &mut Islands,
    sources: &Sources,
    span: &ChainSpan<'_>,
    profiles: &[Profile],
    comb: &Comb,
    test: usize,
) {
    let here = comb.offsets_hz[test];
    let per_beta2 = 2.0 * PI * PI * islands.length_m * comb.rates_hz[test];
    let mut replace = |k: usize| -> bool {
        let beta2 = dispersion(span, comb.offsets_hz[k] + here);
        let phase = per_beta2 * beta2 * ((comb.offsets_hz[k] - here).abs() - 0.5 * comb.rates_hz[k]);
        if phase >= islands.asymptote {
            return false;
        }
        let phase_ln = phase.ln();
        let low = islands.rectangle(phase_ln);
        let high = islands.rectangle(phase_ln + comb.pairs.reach_ln.row(test)[k]);
        row[k] = sources.squares[k] / beta2 * profiles[k].weigh(&std::array::from_fn(|p| high[p] - low[p]));
        true
    };
    let _ = (0..test).rev().all(&mut replace);
    let _ = (test + 1..comb.order().len()).all(&mut replace);
}

/// Cuts the strips that leave a channel off its rectangle, by their asymptotes; gives the sum of the row and of the strips that
/// fall into a neighbor.
struct EdgeStrips<'a> {
    row: &'a mut [f64],
    test: usize,
    comb: &'a Comb,
    sources: &'a Sources,
    /// Weights of tails and of constants.
    weights: (f64, f64),
}

impl ColumnWork for EdgeStrips<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Self { row, test, comb, sources, weights: (of_tail, of_constant) } = self;
        let (start, end) = (test.saturating_sub(comb.strip_reach), (test + comb.strip_reach + 1).min(row.len()));
        let count = end - start;
        let pairs = &comb.pairs;
        let (tails, constants) = (&pairs.cut_tail.row(test)[start..end], &pairs.cut_constant.row(test)[start..end]);
        let (above, below) = (&pairs.upper_tail.row(test)[start..end], &pairs.lower_tail.row(test)[start..end]);
        let (upper, lower) = (&sources.upper[start..end], &sources.lower[start..end]);
        let (near, cut) = (&mut row[start..end], &sources.cut[start..end]);
        for k in 0..count {
            near[k] += cut[k] * (of_tail * tails[k] + of_constant * constants[k]);
        }
        let spilled = of_tail * lane_sum(count, |k| upper[k] * above[k] + lower[k] * below[k]);
        let row = &*row;
        spilled + lane_sum(row.len(), |k| row[k])
    }
}

/// The same strips one by one by the tables, where phases are small; gives what falls into neighbors.
fn near_strips(
    row: &mut [f64],
    islands: &mut Islands,
    sources: &Sources,
    comb: &Comb,
    test: usize,
    (of_tail, of_constant): (f64, f64),
) -> f64 {
    let (scale, scale_ln) = (sources.scales[test], sources.scales_ln[test]);
    let mut spilled = 0.0;
    for group in comb.strips(test) {
        let Some(first) = test.checked_add_signed(group.first).filter(|&first| first < row.len()) else { continue };
        let noise = if scale_ln + group.least_ln >= islands.strip_asymptote_ln {
            of_tail * group.tail_weight + of_constant * group.constant_weight
        } else {
            let area: f64 = group.strips.iter().map(|strip| strip_area(strip, islands, scale, scale_ln)).sum();
            of_tail / islands.tail[0] * area
        };
        match group.target {
            StripTarget::Cut => row[first] += sources.cut[first] * noise,
            StripTarget::Above => spilled += sources.upper[first] * noise,
            StripTarget::Below => spilled += sources.lower[first] * noise,
        }
    }
    spilled
}

/// Integral of the mixing efficiency over one strip, times the square of `scale`.
fn strip_area(strip: &Strip, islands: &mut Islands, scale: f64, scale_ln: f64) -> f64 {
    let mut value = |offset_hz: f64| {
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
        (noise.own[middle as usize] + noise.cross[middle as usize]) / unit
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

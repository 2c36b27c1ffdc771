//! Nonlinear interference of one span without its history: Gaussian signals, no other span.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_islands::Islands;
use super::nonlinear_profile::{Profile, fit_profiles};
use super::nonlinear_strips::{Strip, StripTarget};
use crate::vector::{ColumnWork, ln, sum, sum_terms, vectorize};
use std::f64::consts::PI;

/// Share of the islands of three different channels that the third frequency finds a channel in: three quarters of a square.
pub(super) const THIRD_CHANNEL_SHARE: f64 = 0.75;

/// What one span makes on its own, channels in sorted order.
#[derive(Debug, Clone)]
pub(super) struct SpanNoise {
    /// Noise-to-signal ratio of each channel on itself.
    pub own: Vec<f64>,
    /// Of all other channels on each, for Gaussian signals.
    pub cross: Vec<f64>,
    /// Power profile of each channel.
    pub profiles: Vec<Profile>,
    pairs: PairNoise,
}

/// What each channel makes on each other one in its own island.
#[derive(Debug, Clone)]
enum PairNoise {
    /// All phases are great: the asymptotes make a row in less time than it takes to keep it.
    Asymptotic(Box<Sources>),
    /// Row after row, one for each channel under test.
    Tabulated(Vec<f64>),
}

impl SpanNoise {
    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        let pairs = match &self.pairs {
            PairNoise::Asymptotic(sources) => 8 * sources.whole.len() + sources.inverses.len(),
            PairNoise::Tabulated(pairs) => pairs.len(),
        };
        4 * self.own.len() + pairs
    }

    /// Noise-to-signal ratio that each channel makes on one in its own island. The buffers have one entry for each channel: for
    /// the row where it is calculated, and for terms of sums.
    pub(super) fn row<'a>(&'a self, test: usize, comb: &Comb, (row, terms): (&'a mut [f64], &mut [f64])) -> &'a [f64] {
        let count = self.own.len();
        match &self.pairs {
            PairNoise::Tabulated(pairs) => &pairs[test * count..(test + 1) * count],
            PairNoise::Asymptotic(sources) => {
                sources.fill_row(row, terms, test, comb);
                row
            }
        }
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
///    neighbor, by G and K at the distance of the edge; by their asymptote where the phases are great.
/// 4. Three channels: the tail of the mixing efficiency over all islands beyond: (sum_k G_k int dv/v^2)^2, of which three
///    quarters find a channel.
///
/// Cost: some ten products for each pair of channels, and a division where the comb is not on an even grid.
pub(super) fn evaluate_span(span: &ChainSpan<'_>, comb: &Comb) -> SpanNoise {
    let count = comb.order().len();
    let mut islands = Islands::new(span.fiber.attenuation_per_m, span.fiber.length_m);
    let profiles = fit_profiles(span, comb, islands.length_m);
    let sources = Sources::new(span, comb, &islands, &profiles);
    let own = (0..count)
        .map(|test| {
            let lozenge = islands.lozenge(sources.scales_ln[test] + 2.0 * comb.half_rates_ln[test]);
            let square = (sources.densities[test] * islands.length_m).powi(2);
            sources.front * square / sources.scales[test] * profiles[test].weigh(&lozenge)
        })
        .collect();
    let (mut row, mut terms) = (vec![0.0; count], vec![0.0; count]);
    let is_asymptotic = (0..count).all(|test| sources.is_asymptotic(test, comb, &islands));
    let mut pairs = Vec::with_capacity(if is_asymptotic { 0 } else { count * count });
    let mut cross = Vec::with_capacity(count);
    for test in 0..count {
        let (spread, strips) = if is_asymptotic {
            sources.fill_row(&mut row, &mut terms, test, comb)
        } else {
            let spread = sources.fill_rectangles(&mut row, &mut terms, test, comb);
            let spilled = near_row(&mut row, &mut islands, &sources, &profiles, comb, test);
            pairs.extend_from_slice(&row);
            (spread, spilled + sum(&row))
        };
        let three = THIRD_CHANNEL_SHARE * sources.strip_weights[test].0 / 2.0 * spread * spread;
        cross.push(strips + three);
    }
    let pairs = if is_asymptotic { PairNoise::Asymptotic(Box::new(sources)) } else { PairNoise::Tabulated(pairs) };
    SpanNoise { own, cross, profiles, pairs }
}

/// Columns over the interfering channels, and over the channels under test.
#[derive(Debug, Clone)]
struct Sources {
    /// 16/27 gamma^2.
    front: f64,
    length_m: f64,
    beta2_s2_per_m: f64,
    /// Change of beta2 with the sum of two offsets.
    slope_s3_per_m: f64,
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
    /// 1/|beta2| of mixing between two channels over the sum of their places on an even grid.
    inverses: Vec<f64>,
    /// Phase per square of the offset around each channel under test, and its logarithm.
    scales: Vec<f64>,
    scales_ln: Vec<f64>,
    /// What the strips around each channel under test are multiplied by: tails, and constants.
    strip_weights: Vec<(f64, f64)>,
}

impl Sources {
    fn new(span: &ChainSpan<'_>, comb: &Comb, islands: &Islands, profiles: &[Profile]) -> Self {
        let fiber = &span.fiber;
        let front = fiber.gamma_per_w_m.powi(2) * 16.0 / 27.0;
        let length_m = islands.length_m;
        let per_square = front * length_m / (PI * PI);
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
        let mut out = Self {
            front,
            length_m,
            beta2_s2_per_m: fiber.beta2_s2_per_m,
            slope_s3_per_m: PI * fiber.beta3_s3_per_m,
            whole: weigh(&islands.whole),
            tail: weigh(&islands.tail),
            cut: mixed.iter().zip(&densities).map(|(mixed, density)| mixed * density).collect(),
            upper: mixed.iter().zip(densities.iter().skip(1).chain([&0.0])).map(|(a, b)| a * b).collect(),
            lower: mixed.iter().zip([&0.0].into_iter().chain(&densities)).map(|(a, b)| a * b).collect(),
            densities,
            squares,
            inverses: Vec::new(),
            scales: Vec::new(),
            scales_ln: Vec::new(),
            strip_weights: Vec::new(),
        };
        let offsets_hz = &comb.offsets_hz;
        if comb.is_even() {
            let sum = |place: usize| offsets_hz[place / 2] + offsets_hz[place - place / 2];
            out.inverses =
                (0..(2 * offsets_hz.len()).saturating_sub(1)).map(|place| 1.0 / out.beta2(sum(place))).collect();
        }
        let per_offset = 4.0 * PI * PI * length_m;
        out.scales = offsets_hz.iter().map(|&offset_hz| per_offset * out.beta2(2.0 * offset_hz)).collect();
        out.scales_ln = out.scales.iter().map(|&scale| ln(scale)).collect();
        let weights = |(scale, scale_ln): (&f64, &f64)| {
            let double = 2.0 * front * (length_m / scale).powi(2);
            (double * islands.tail[0], double * (islands.moment_constant + islands.tail[0] * scale_ln))
        };
        out.strip_weights = out.scales.iter().zip(&out.scales_ln).map(weights).collect();
        out
    }

    /// Group-velocity dispersion of mixing between two channels, the sum of their offsets given.
    #[inline(always)]
    fn beta2(&self, sum_hz: f64) -> f64 {
        (self.beta2_s2_per_m + self.slope_s3_per_m * sum_hz).abs()
    }

    /// Phase at which the rectangle of channel k begins.
    fn near_phase(&self, test: usize, k: usize, comb: &Comb) -> f64 {
        let (here, there) = (comb.offsets_hz[test], comb.offsets_hz[k]);
        let near_hz = (there - here).abs() - 0.5 * comb.rates_hz[k];
        2.0 * PI * PI * self.length_m * comb.rates_hz[test] * self.beta2(here + there) * near_hz
    }

    /// Whether the asymptotes hold for all rectangles and strips around a channel: those of its neighbors have the least phases.
    fn is_asymptotic(&self, test: usize, comb: &Comb, islands: &Islands) -> bool {
        let has_great_phase = |k: usize| self.near_phase(test, k, comb) >= islands.asymptote;
        self.scales_ln[test] + comb.least_strip_ln >= islands.strip_asymptote_ln
            && test.checked_sub(1).is_none_or(has_great_phase)
            && (test + 1 == comb.order().len() || has_great_phase(test + 1))
    }

    /// Rectangles of all channels on one by the asymptotes; returns sum_k G_k B_k/(D^2 - B_k^2/4).
    fn fill_rectangles(&self, row: &mut [f64], terms: &mut [f64], test: usize, comb: &Comb) -> f64 {
        vectorize(Rectangles { row, terms, test, comb, sources: self })
    }

    /// Rectangles with the strips that leave a channel cut off, all by their asymptotes; returns what [`Self::fill_rectangles`]
    /// does, and the sum of the row and of the strips that fall into a neighbor.
    fn fill_row(&self, row: &mut [f64], terms: &mut [f64], test: usize, comb: &Comb) -> (f64, f64) {
        vectorize(AsymptoticRow { row, terms, test, comb, sources: self })
    }
}

/// See [`Sources::fill_rectangles`].
struct Rectangles<'a> {
    row: &'a mut [f64],
    terms: &'a mut [f64],
    test: usize,
    comb: &'a Comb,
    sources: &'a Sources,
}

impl ColumnWork for Rectangles<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Self { row, terms, test, comb, sources } = self;
        let count = row.len();
        let (reach, widths) = (&comb.pairs.reach_ln.row(test)[..count], &comb.pairs.span_per_hz.row(test)[..count]);
        let (whole, tail) = (&sources.whole[..count], &sources.tail[..count]);
        let densities = &sources.densities[..count];
        let per_phase = 1.0 / (2.0 * PI * PI * sources.length_m * comb.rates_hz[test]);
        // The channel under test has neither reach nor width to itself.
        if comb.is_even() {
            let inverses = &sources.inverses[test..test + count];
            for (k, pair) in row.iter_mut().enumerate() {
                *pair = inverses[k] * (whole[k] * reach[k] - tail[k] * widths[k] * (inverses[k] * per_phase));
            }
        } else {
            let (here, offsets_hz) = (comb.offsets_hz[test], &comb.offsets_hz[..count]);
            for (k, pair) in row.iter_mut().enumerate() {
                let inverse = 1.0 / sources.beta2(offsets_hz[k] + here);
                *pair = inverse * (whole[k] * reach[k] - tail[k] * widths[k] * (inverse * per_phase));
            }
        }
        sum_terms(&mut terms[..count], |k| densities[k] * widths[k])
    }
}

/// See [`Sources::fill_row`].
struct AsymptoticRow<'a> {
    row: &'a mut [f64],
    terms: &'a mut [f64],
    test: usize,
    comb: &'a Comb,
    sources: &'a Sources,
}

impl ColumnWork for AsymptoticRow<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run(self) -> (f64, f64) {
        let Self { row, terms, test, comb, sources } = self;
        let spread = Rectangles { row: &mut *row, terms: &mut *terms, test, comb, sources }.run();
        let (of_tail, of_constant) = sources.strip_weights[test];
        let (start, end) = (test.saturating_sub(comb.strip_reach), (test + comb.strip_reach + 1).min(row.len()));
        let count = end - start;
        let pairs = &comb.pairs;
        let (tails, constants) = (&pairs.cut_tail.row(test)[start..end], &pairs.cut_constant.row(test)[start..end]);
        let (above, below) = (&pairs.upper_tail.row(test)[start..end], &pairs.lower_tail.row(test)[start..end]);
        let (upper, lower) = (&sources.upper[start..end], &sources.lower[start..end]);
        let (near, cut) = (&mut row[start..end], &sources.cut[start..end]);
        for (k, pair) in near.iter_mut().enumerate() {
            *pair += cut[k] * (of_tail * tails[k] + of_constant * constants[k]);
        }
        let spilled = sum_terms(&mut terms[..count], |k| upper[k] * above[k] + lower[k] * below[k]);
        (spread, of_tail * spilled + sum(row))
    }
}

/// Puts rectangles and strips by the tables in place of the asymptotes where phases are small; returns the sum of the strips
/// that fall into a neighbor.
fn near_row(
    row: &mut [f64],
    islands: &mut Islands,
    sources: &Sources,
    profiles: &[Profile],
    comb: &Comb,
    test: usize,
) -> f64 {
    let mut replace = |k: usize| -> bool {
        let phase = sources.near_phase(test, k, comb);
        if phase >= islands.asymptote {
            return false;
        }
        let phase_ln = phase.ln();
        let low = islands.rectangle(phase_ln);
        let high = islands.rectangle(phase_ln + comb.pairs.reach_ln.row(test)[k]);
        let beta2 = sources.beta2(comb.offsets_hz[k] + comb.offsets_hz[test]);
        row[k] = sources.squares[k] / beta2 * profiles[k].weigh(&std::array::from_fn(|p| high[p] - low[p]));
        true
    };
    let _ = (0..test).rev().all(&mut replace);
    let _ = (test + 1..comb.order().len()).all(&mut replace);
    near_strips(row, islands, sources, comb, test)
}

/// Cuts off the strips that leave a channel, each by the tables where its phase is small; returns what falls into neighbors.
fn near_strips(row: &mut [f64], islands: &mut Islands, sources: &Sources, comb: &Comb, test: usize) -> f64 {
    let (scale, scale_ln) = (sources.scales[test], sources.scales_ln[test]);
    let (of_tail, of_constant) = sources.strip_weights[test];
    let mut spilled = 0.0;
    for group in comb.strips(test) {
        let Some((first, _)) = group.channels(test, row.len()) else { continue };
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

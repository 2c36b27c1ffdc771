//! Nonlinear interference of one span without its history: Gaussian signals, no other span.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_islands::Islands;
use super::nonlinear_profile::{Profile, fit_profiles};
use super::nonlinear_sources::{Sources, TileSums};
use super::nonlinear_strips::{Strip, StripTarget};
use super::nonlinear_tile::{Lanes, TILE_WIDTH, Tile, tile_starts, with_pairs};
use crate::column::{Column, split_columns};
use crate::sums::sum;
use crate::vector::{ColumnWork, ln, vectorize};

/// Share of the islands of three different channels that the third frequency finds a channel in: three quarters of a square.
pub(super) const THIRD_CHANNEL_SHARE: f64 = 0.75;

/// What one span makes on its own, channels in sorted order.
#[derive(Debug, Clone)]
pub(super) struct SpanNoise {
    /// Noise-to-signal ratio of each channel on itself.
    pub own: Column,
    /// Of all other channels on each, for Gaussian signals.
    pub cross: Column,
    /// Power profile of each channel.
    pub profiles: Vec<Profile>,
    pairs: PairNoise,
}

/// What each channel makes on each other one in its own island.
#[derive(Debug, Clone)]
enum PairNoise {
    /// All phases are great: the asymptotes make a tile in less time than it takes to keep it.
    Asymptotic(Box<Sources>),
    /// Tile after tile.
    Tabulated(Vec<Lanes>),
}

impl SpanNoise {
    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        let pairs = match &self.pairs {
            PairNoise::Asymptotic(sources) => 8 * sources.whole.len() + sources.inverses.len(),
            PairNoise::Tabulated(pairs) => TILE_WIDTH * pairs.len(),
        };
        4 * self.own.len() + pairs
    }

    /// Visits what each channel makes on each other one in its own island, as [`evaluate_span`] does.
    pub(super) fn visit_tiles(&self, comb: &Comb, visit: &mut dyn FnMut(Tile<'_>)) {
        let count = comb.order().len();
        match &self.pairs {
            PairNoise::Tabulated(pairs) => {
                for (first, pairs) in tile_starts(count).zip(pairs.chunks_exact(count.max(1))) {
                    visit(Tile { first, pairs });
                }
            }
            PairNoise::Asymptotic(sources) => with_pairs(count, |pairs| {
                for first in tile_starts(count) {
                    sources.fill_tile(first, pairs, comb);
                    visit(Tile { first, pairs });
                }
            }),
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
///
/// `visit` sees what each channel makes on each other one in its own island, tile after tile.
pub(super) fn evaluate_span(span: &ChainSpan<'_>, comb: &Comb, visit: &mut dyn FnMut(Tile<'_>)) -> SpanNoise {
    let count = comb.order().len();
    let mut islands = Islands::new(span.fiber.attenuation_per_m, span.fiber.length_m);
    let profiles = fit_profiles(span, comb, islands.length_m);
    let sources = Sources::new(span, comb, &islands, &profiles);
    let mut own = Column::scratch(count);
    vectorize(OwnIslands { own: &mut own, islands: &mut islands, sources: &sources, profiles: &profiles, comb });
    let mut cross = Column::scratch(count);
    let mut close = |tile: Tile<'_>, sums: &TileSums| {
        visit(tile);
        for (lane, test) in tile.tests().enumerate() {
            let three = THIRD_CHANNEL_SHARE * sources.strip_tails[test] / 2.0 * sums.spread[lane] * sums.spread[lane];
            cross[test] = sums.two[lane] + three;
        }
    };
    if sources.are_asymptotic(comb, &islands) {
        with_pairs(count, |pairs| {
            for first in tile_starts(count) {
                let sums = sources.fill_tile(first, pairs, comb);
                close(Tile { first, pairs }, &sums);
            }
        });
        return SpanNoise { own, cross, profiles, pairs: PairNoise::Asymptotic(Box::new(sources)) };
    }
    let mut kept = vec![Lanes::default(); count * tile_starts(count).len()];
    for (first, pairs) in tile_starts(count).zip(kept.chunks_exact_mut(count.max(1))) {
        let sums = near_tile(first, pairs, (&mut islands, &sources, &profiles, comb));
        close(Tile { first, pairs }, &sums);
    }
    SpanNoise { own, cross, profiles, pairs: PairNoise::Tabulated(kept) }
}

/// What each channel makes on itself.
struct OwnIslands<'a> {
    own: &'a mut [f64],
    islands: &'a mut Islands,
    sources: &'a Sources,
    profiles: &'a [Profile],
    comb: &'a Comb,
}

impl ColumnWork for OwnIslands<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { own, islands, sources, profiles, comb } = self;
        let (stations, count) = (comb.stations.count(), own.len());
        let mut products = Column::scratch(3 * stations);
        let [first, second, third] = split_columns(&mut products, stations);
        for (station, (&offset_hz, &rate_hz)) in
            comb.stations.offsets_hz.iter().zip(&comb.stations.rates_hz).enumerate()
        {
            let corner = sources.scale(offset_hz) * (0.25 * rate_hz * rate_hz);
            [first[station], second[station], third[station]] = islands.lozenge(ln(corner));
        }
        let width = comb.stations.spread_count();
        let mut spread = Column::scratch(3 * width);
        let [single, mixed, double] = split_columns(&mut spread, width);
        comb.stations.spread([&*first, &*second, &*third], [&mut *single, &mut *mixed, &mut *double]);
        let (single, mixed, double) = (&single[..count], &mixed[..count], &double[..count]);
        let (densities, scales) = (&sources.densities[..count], &sources.scales[..count]);
        let per_square = sources.front * islands.length_m * islands.length_m;
        for (test, (own, profile)) in own.iter_mut().zip(&profiles[..count]).enumerate() {
            let products = profile.weigh(&[single[test], mixed[test], double[test]]);
            *own = per_square * densities[test] * densities[test] / scales[test] * products;
        }
    }
}

/// A tile by the asymptotes, with rectangles and strips by the tables in their place where phases are small.
fn near_tile(
    first: usize,
    pairs: &mut [Lanes],
    (islands, sources, profiles, comb): (&mut Islands, &Sources, &[Profile], &Comb),
) -> TileSums {
    let mut sums = sources.fill_rectangles(first, pairs, comb);
    for (lane, test) in (Tile { first, pairs }).tests().enumerate() {
        let mut row: Column = pairs.iter().map(|lanes| lanes.0[lane]).collect();
        let spilled = near_row(&mut row, islands, sources, profiles, comb, test);
        sums.two[lane] = spilled + sum(&row);
        for (lanes, pair) in pairs.iter_mut().zip(&row) {
            lanes.0[lane] = *pair;
        }
    }
    sums
}

/// One channel under test of [`near_tile`]; returns the sum of the strips that fall into a neighbor.
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
        let high = islands.rectangle(phase_ln + comb.pairs.reach_ln.at(test, k));
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
    let (of_tail, of_constant) = (sources.strip_tails[test], sources.strip_constants[test]);
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
        let span = ChainSpan { fiber, powers_w: &powers_w, attenuations_per_m: &[] };
        let (mut pairs, mut again) = (Vec::new(), Vec::new());
        let noise = evaluate_span(&span, &comb, &mut |tile| pairs.extend_from_slice(tile.pairs));
        noise.visit_tiles(&comb, &mut |tile| again.extend_from_slice(tile.pairs));
        assert_eq!(pairs.len(), powers_w.len() * powers_w.len().div_ceil(TILE_WIDTH));
        assert_eq!(pairs, again);
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

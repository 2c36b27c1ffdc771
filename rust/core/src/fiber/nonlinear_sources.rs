//! What the channels of a comb are as sources of interference in one span, and tiles of it by the asymptotes of great phases.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_islands::Islands;
use super::nonlinear_profile::Profile;
use super::nonlinear_tile::{Lanes, TILE_WIDTH, lanes_at, lanes_of};
use crate::column::Column;
use crate::vector::{ColumnWork, ln, vectorize};
use std::f64::consts::PI;
use std::ops::Range;

/// Columns over the interfering channels, and over the channels under test.
#[derive(Debug, Clone)]
pub(super) struct Sources {
    /// 16/27 gamma^2.
    pub front: f64,
    pub length_m: f64,
    pub beta2_s2_per_m: f64,
    /// Change of beta2 with the sum of two offsets.
    pub slope_s3_per_m: f64,
    pub densities: Column,
    /// Square of the power density with all constant factors of a rectangle.
    pub squares: Column,
    /// The same times G at infinity, and times its first tail.
    pub whole: Column,
    pub tail: Column,
    /// Square of the density for what strips cut off; products of densities for what falls into the channels above and below.
    pub cut: Column,
    pub upper: Column,
    pub lower: Column,
    /// 1/|beta2| of mixing between two channels over the sum of their places on an even grid; zeros behind, for the last tile.
    pub inverses: Column,
    /// Phase per square of the offset around each channel under test, and its logarithm.
    pub scales: Column,
    pub scales_ln: Column,
    /// What the tails and the constants of the strips around each channel under test are multiplied by.
    pub strip_tails: Column,
    pub strip_constants: Column,
}

impl Sources {
    pub(super) fn new(span: &ChainSpan<'_>, comb: &Comb, islands: &Islands, profiles: &[Profile]) -> Self {
        let fiber = &span.fiber;
        let count = comb.order().len();
        let column = || Column::scratch(count);
        let mut out = Self {
            front: fiber.gamma_per_w_m.powi(2) * 16.0 / 27.0,
            length_m: islands.length_m,
            beta2_s2_per_m: fiber.beta2_s2_per_m,
            slope_s3_per_m: PI * fiber.beta3_s3_per_m,
            densities: comb.order().iter().map(|&channel| span.powers_w[channel]).collect(),
            squares: column(),
            whole: column(),
            tail: column(),
            cut: column(),
            upper: column(),
            lower: column(),
            inverses: Column::zeros(if comb.is_even() { 2 * count + TILE_WIDTH } else { 0 }),
            scales: column(),
            scales_ln: column(),
            strip_tails: column(),
            strip_constants: column(),
        };
        vectorize(Preparation { sources: &mut out, comb, islands, profiles });
        out
    }

    /// Group-velocity dispersion of mixing between two channels, the sum of their offsets given.
    #[inline(always)]
    pub(super) fn beta2(&self, sum_hz: f64) -> f64 {
        beta2_of_mixing(self.beta2_s2_per_m, self.slope_s3_per_m, sum_hz)
    }

    /// Phase per square of the offset around a frequency.
    #[inline(always)]
    pub(super) fn scale(&self, offset_hz: f64) -> f64 {
        scale_around(self.length_m, self.beta2(2.0 * offset_hz))
    }

    /// Phase at which the rectangle of channel k begins.
    #[inline(always)]
    pub(super) fn near_phase(&self, test: usize, k: usize, comb: &Comb) -> f64 {
        let (here, there) = (comb.offsets_hz[test], comb.offsets_hz[k]);
        let near_hz = (there - here).abs() - 0.5 * comb.rates_hz[k];
        2.0 * PI * PI * self.length_m * comb.rates_hz[test] * self.beta2(here + there) * near_hz
    }

    /// Whether the asymptotes hold for all rectangles and strips: those of neighbors have the least phases.
    pub(super) fn are_asymptotic(&self, comb: &Comb, islands: &Islands) -> bool {
        vectorize(GreatPhases { sources: self, comb, islands })
    }

    /// Rectangles of all channels on those of a tile by the asymptotes.
    pub(super) fn fill_rectangles(&self, first: usize, pairs: &mut [Lanes], comb: &Comb) -> TileSums {
        vectorize(AsymptoticTile { first, pairs, with_strips: false, comb, sources: self })
    }

    /// The same with the strips that leave a channel cut off, and the strips that fall into a neighbor in the sum.
    pub(super) fn fill_tile(&self, first: usize, pairs: &mut [Lanes], comb: &Comb) -> TileSums {
        vectorize(AsymptoticTile { first, pairs, with_strips: true, comb, sources: self })
    }
}

/// Sums over all channels for each channel under test of a tile.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TileSums {
    /// sum_k G_k B_k/(D^2 - B_k^2/4).
    pub spread: [f64; TILE_WIDTH],
    /// Rectangles and strips.
    pub two: [f64; TILE_WIDTH],
}

/// See [`Sources::beta2`], for those who fill its other columns.
#[inline(always)]
fn beta2_of_mixing(beta2_s2_per_m: f64, slope_s3_per_m: f64, sum_hz: f64) -> f64 {
    (beta2_s2_per_m + slope_s3_per_m * sum_hz).abs()
}

/// See [`Sources::scale`], the dispersion there given.
#[inline(always)]
fn scale_around(length_m: f64, beta2_s2_per_m: f64) -> f64 {
    4.0 * PI * PI * length_m * beta2_s2_per_m
}

/// Fills the columns of sources whose densities are powers as yet.
struct Preparation<'a> {
    sources: &'a mut Sources,
    comb: &'a Comb,
    islands: &'a Islands,
    profiles: &'a [Profile],
}

impl ColumnWork for Preparation<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { sources, comb, islands, profiles } = self;
        sources.fill_sources(comb, islands, profiles);
        sources.fill_tests(comb, islands);
    }
}

impl Sources {
    /// Columns over the interfering channels.
    #[inline(always)]
    fn fill_sources(&mut self, comb: &Comb, islands: &Islands, profiles: &[Profile]) {
        let count = comb.order().len();
        let per_square = self.front * self.length_m / (PI * PI);
        let (densities, squares) = (&mut self.densities[..count], &mut self.squares[..count]);
        for ((density, square), rate) in densities.iter_mut().zip(squares.iter_mut()).zip(&comb.rates_hz) {
            *density /= rate;
            *square = per_square * *density * *density;
        }
        let (densities, squares) = (&densities[..count], &squares[..count]);
        let (whole, tail) = (&mut self.whole[..count], &mut self.tail[..count]);
        // Strips have G and K of the plain decay; Raman scattering changes them by what it changes G at infinity.
        let mixed = &mut self.cut[..count];
        for (k, profile) in profiles[..count].iter().enumerate() {
            let (of_whole, of_tail) = (profile.weigh(&islands.whole), profile.weigh(&islands.tail));
            whole[k] = squares[k] * of_whole;
            tail[k] = squares[k] * of_tail;
            mixed[k] = densities[k] * of_whole / islands.whole[0];
        }
        let (upper, lower) = (&mut self.upper[..count], &mut self.lower[..count]);
        for k in 1..count {
            upper[k - 1] = mixed[k - 1] * densities[k];
            lower[k] = mixed[k] * densities[k - 1];
        }
        if let (Some(last), Some(first)) = (upper.last_mut(), lower.first_mut()) {
            (*last, *first) = (0.0, 0.0);
        }
        for (cut, density) in mixed.iter_mut().zip(densities) {
            *cut *= density;
        }
    }

    /// Columns over the channels under test, and over the sums of places on an even grid.
    #[inline(always)]
    fn fill_tests(&mut self, comb: &Comb, islands: &Islands) {
        let count = comb.order().len();
        let offsets_hz = &comb.offsets_hz[..count];
        let (beta2, slope) = (self.beta2_s2_per_m, self.slope_s3_per_m);
        let mixing = |sum_hz: f64| beta2_of_mixing(beta2, slope, sum_hz);
        if comb.is_even() {
            for (place, inverse) in self.inverses[..(2 * count).saturating_sub(1)].iter_mut().enumerate() {
                *inverse = 1.0 / mixing(offsets_hz[place / 2] + offsets_hz[place - place / 2]);
            }
        }
        let double = 2.0 * self.front;
        let (scales, scales_ln) = (&mut self.scales[..count], &mut self.scales_ln[..count]);
        let (tails, constants) = (&mut self.strip_tails[..count], &mut self.strip_constants[..count]);
        for k in 0..count {
            let scale = scale_around(self.length_m, mixing(2.0 * offsets_hz[k]));
            let scale_ln = ln(scale);
            let weight = double * (self.length_m / scale).powi(2);
            (scales[k], scales_ln[k]) = (scale, scale_ln);
            tails[k] = weight * islands.tail[0];
            constants[k] = weight * (islands.moment_constant + islands.tail[0] * scale_ln);
        }
    }
}

/// Whether all phases are great enough for the asymptotes.
struct GreatPhases<'a> {
    sources: &'a Sources,
    comb: &'a Comb,
    islands: &'a Islands,
}

impl ColumnWork for GreatPhases<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { sources, comb, islands } = self;
        let is_great = |phase: f64| usize::from(phase >= islands.asymptote);
        let has_great_strips = |&ln: &f64| usize::from(ln + comb.least_strip_ln >= islands.strip_asymptote_ln);
        // Counted to the end, which takes less time than to look at each.
        let count = comb.order().len();
        let of_strips: usize = sources.scales_ln.iter().map(has_great_strips).sum();
        let between =
            |k: usize| is_great(sources.near_phase(k - 1, k, comb)) + is_great(sources.near_phase(k, k - 1, comb));
        let of_neighbors: usize = (1..count).map(between).sum();
        of_strips == count && of_neighbors == 2 * count.saturating_sub(1)
    }
}

/// See [`Sources::fill_tile`].
struct AsymptoticTile<'a> {
    first: usize,
    pairs: &'a mut [Lanes],
    with_strips: bool,
    comb: &'a Comb,
    sources: &'a Sources,
}

impl ColumnWork for AsymptoticTile<'_> {
    type Output = TileSums;

    #[inline(always)]
    fn run(mut self) -> TileSums {
        let count = self.pairs.len();
        // Only near channels have strips.
        let near = if self.with_strips {
            let reach = self.comb.strip_reach;
            self.first.saturating_sub(reach)..count.min(self.first + TILE_WIDTH + reach)
        } else {
            0..0
        };
        let tests = TileTests::new(self.first, self.sources, self.comb);
        let mut sums = TileSums::default();
        let mut spilled = [0.0; TILE_WIDTH];
        self.add::<false>(0..near.start, &tests, &mut sums, &mut spilled);
        self.add::<true>(near.clone(), &tests, &mut sums, &mut spilled);
        self.add::<false>(near.end..count, &tests, &mut sums, &mut spilled);
        for ((two, of_tail), spilled) in sums.two.iter_mut().zip(tests.of_tail).zip(spilled) {
            *two = of_tail.mul_add(spilled, *two);
        }
        sums
    }
}

/// Columns over the channels under test of a tile.
struct TileTests {
    of_tail: [f64; TILE_WIDTH],
    of_constant: [f64; TILE_WIDTH],
    /// 1/(2 pi^2 L B).
    per_phase: [f64; TILE_WIDTH],
    offsets_hz: [f64; TILE_WIDTH],
}

impl TileTests {
    #[inline(always)]
    fn new(first: usize, sources: &Sources, comb: &Comb) -> Self {
        let mut per_phase = lanes_of(&comb.rates_hz, first);
        for lane in &mut per_phase {
            *lane = 1.0 / (2.0 * PI * PI * sources.length_m * lane.max(1.0));
        }
        Self {
            of_tail: lanes_of(&sources.strip_tails, first),
            of_constant: lanes_of(&sources.strip_constants, first),
            per_phase,
            offsets_hz: lanes_of(&comb.offsets_hz, first),
        }
    }
}

impl AsymptoticTile<'_> {
    /// Makes what some channels make, with or without strips, and adds it to the sums.
    ///
    /// Columns are looked up once: behind what is written in the loop, the compiler would look for them again and again.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // One counter for many lanes.
    fn add<const STRIPS: bool>(
        &mut self,
        range: Range<usize>,
        tests: &TileTests,
        sums: &mut TileSums,
        spilled: &mut [f64; TILE_WIDTH],
    ) {
        let Self { first, pairs, comb, sources, .. } = self;
        let (first, is_even, geometry) = (*first, comb.is_even(), &comb.pairs);
        let places = geometry.reach_ln.places(first);
        let (reaches, widths) = (geometry.reach_ln.figures(), geometry.span_per_hz.figures());
        let (tails, constants) = (geometry.cut_tail.figures(), geometry.cut_constant.figures());
        let (aboves, belows) = (geometry.upper_tail.figures(), geometry.lower_tail.figures());
        let (inverses, offsets_hz) = (&sources.inverses[..], &comb.offsets_hz[..]);
        let (beta2, slope) = (sources.beta2_s2_per_m, sources.slope_s3_per_m);
        let (wholes, tail_factors, densities) =
            (&sources.whole[range.clone()], &sources.tail[range.clone()], &sources.densities[range.clone()]);
        let (cuts, uppers, lowers) =
            (&sources.cut[range.clone()], &sources.upper[range.clone()], &sources.lower[range.clone()]);
        let TileSums { mut spread, mut two } = *sums;
        let mut spill = *spilled;
        for (index, slot) in pairs[range.clone()].iter_mut().enumerate() {
            let k = range.start + index;
            let place = places.of(k);
            let (reach, width) = (lanes_at(reaches, place), lanes_at(widths, place));
            let (whole, tail, density) = (wholes[index], tail_factors[index], densities[index]);
            let mut inverse = [0.0; TILE_WIDTH];
            if is_even {
                inverse.copy_from_slice(lanes_at(inverses, first + k));
            } else {
                let there = offsets_hz[k];
                for (inverse, here) in inverse.iter_mut().zip(tests.offsets_hz) {
                    *inverse = 1.0 / beta2_of_mixing(beta2, slope, there + here);
                }
            }
            let mut pair = [0.0; TILE_WIDTH];
            for lane in 0..TILE_WIDTH {
                let narrowed = tail * width[lane] * (inverse[lane] * tests.per_phase[lane]);
                pair[lane] = inverse[lane] * whole.mul_add(reach[lane], -narrowed);
                spread[lane] = density.mul_add(width[lane], spread[lane]);
            }
            if STRIPS {
                let (tails, constants) = (lanes_at(tails, place), lanes_at(constants, place));
                let (above, below) = (lanes_at(aboves, place), lanes_at(belows, place));
                let (cut, upper, lower) = (cuts[index], uppers[index], lowers[index]);
                for lane in 0..TILE_WIDTH {
                    let strips = tests.of_tail[lane].mul_add(tails[lane], tests.of_constant[lane] * constants[lane]);
                    pair[lane] = cut.mul_add(strips, pair[lane]);
                    spill[lane] = upper.mul_add(above[lane], lower.mul_add(below[lane], spill[lane]));
                }
            }
            for lane in 0..TILE_WIDTH {
                two[lane] += pair[lane];
            }
            slot.0 = pair;
        }
        *sums = TileSums { spread, two };
        *spilled = spill;
    }
}

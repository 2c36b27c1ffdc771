//! What the channels of a comb are as sources of interference in one span, and rows of it by the asymptotes of great phases.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_islands::Islands;
use super::nonlinear_profile::Profile;
use crate::column::Column;
use crate::sums::{SUM_LANES, chunk_up, join, sum_terms};
use crate::vector::{ColumnWork, ln, vectorize};
use std::f64::consts::PI;

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
    /// 1/|beta2| of mixing between two channels over the sum of their places on an even grid.
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
            inverses: Column::scratch(if comb.is_even() { (2 * count).saturating_sub(1) } else { 0 }),
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

    /// Rectangles of all channels on one by the asymptotes; returns sum_k G_k B_k/(D^2 - B_k^2/4).
    pub(super) fn fill_rectangles(&self, row: &mut [f64], terms: &mut [f64], test: usize, comb: &Comb) -> f64 {
        vectorize(Rectangles { row, terms, test, comb, sources: self })
    }

    /// Rectangles on the channels from `first` on, with the strips that leave a channel cut off, all by their asymptotes, row after
    /// row; fills `sums` with what [`Self::fill_rectangles`] returns for each, and the sum of its row and of the strips that fall into
    /// a neighbor.
    pub(super) fn fill_rows(
        &self,
        first: usize,
        rows: &mut [f64],
        terms: &mut [f64],
        sums: &mut [(f64, f64)],
        comb: &Comb,
    ) {
        vectorize(AsymptoticRows { first, rows, terms, sums, comb, sources: self });
    }
}

/// See [`Sources::beta2`], for those who fill its other columns.
#[inline(always)]
fn beta2_of_mixing(beta2_s2_per_m: f64, slope_s3_per_m: f64, sum_hz: f64) -> f64 {
    (beta2_s2_per_m + slope_s3_per_m * sum_hz).abs()
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
            for (place, inverse) in self.inverses.iter_mut().enumerate() {
                *inverse = 1.0 / mixing(offsets_hz[place / 2] + offsets_hz[place - place / 2]);
            }
        }
        let per_offset = 4.0 * PI * PI * self.length_m;
        let double = 2.0 * self.front;
        let (scales, scales_ln) = (&mut self.scales[..count], &mut self.scales_ln[..count]);
        let (tails, constants) = (&mut self.strip_tails[..count], &mut self.strip_constants[..count]);
        for k in 0..count {
            let scale = per_offset * mixing(2.0 * offsets_hz[k]);
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

/// See [`Sources::fill_rows`].
struct AsymptoticRows<'a> {
    first: usize,
    rows: &'a mut [f64],
    terms: &'a mut [f64],
    sums: &'a mut [(f64, f64)],
    comb: &'a Comb,
    sources: &'a Sources,
}

impl ColumnWork for AsymptoticRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { first, rows, terms, sums, comb, sources } = self;
        let rows = rows.chunks_exact_mut(terms.len().max(1)).zip(sums);
        for (test, (row, sum)) in (first..).zip(rows) {
            *sum = sources.asymptotic_row(row, terms, test, comb);
        }
    }
}

impl Sources {
    /// One row of [`Self::fill_rows`]; `terms` is memory for one number each.
    ///
    /// All columns are read in chunks of one size into numbers of its own: so the compiler makes vectors of them without asking,
    /// row after row, whether any two of the columns are one.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // One counter for many columns.
    fn asymptotic_row(&self, row: &mut [f64], terms: &mut [f64], test: usize, comb: &Comb) -> (f64, f64) {
        let pairs = &comb.pairs;
        let inverses = self.row_inverses(terms, test, comb);
        let (reach, widths) = (pairs.reach_ln.row(test), pairs.span_per_hz.row(test));
        let (tails, constants) = (pairs.cut_tail.row(test), pairs.cut_constant.row(test));
        let (above, below) = (pairs.upper_tail.row(test), pairs.lower_tail.row(test));
        let (of_tail, of_constant) = (self.strip_tails[test], self.strip_constants[test]);
        let per_phase = 1.0 / (2.0 * PI * PI * self.length_m * comb.rates_hz[test]);
        let rectangle = |inverse: f64, whole: f64, reach: f64, tail: f64, width: f64| {
            inverse * whole.mul_add(reach, -(tail * width * (inverse * per_phase)))
        };
        // Only near channels have strips.
        let near = test.saturating_sub(comb.strip_reach) / SUM_LANES..(test + comb.strip_reach) / SUM_LANES + 1;
        let [mut spread, mut two, mut spilled] = [[0.0; SUM_LANES]; 3];
        let (slots, slots_rest) = row.as_chunks_mut::<SUM_LANES>();
        let chunks = slots.len();
        let far_columns = (chunk_up(inverses, chunks), chunk_up(&self.whole, chunks), chunk_up(&self.tail, chunks));
        let of_pairs = (chunk_up(reach, chunks), chunk_up(widths, chunks), chunk_up(&self.densities, chunks));
        let cuts = (chunk_up(&self.cut, chunks), chunk_up(tails, chunks), chunk_up(constants, chunks));
        let spills = (chunk_up(&self.upper, chunks), chunk_up(&self.lower, chunks));
        let places = (chunk_up(above, chunks), chunk_up(below, chunks));
        for (chunk, slots) in slots.iter_mut().enumerate() {
            let (inverse, whole, tail) = (far_columns.0[chunk], far_columns.1[chunk], far_columns.2[chunk]);
            let (reach, width, density) = (of_pairs.0[chunk], of_pairs.1[chunk], of_pairs.2[chunk]);
            let mut pair = [0.0; SUM_LANES];
            for lane in 0..SUM_LANES {
                pair[lane] = rectangle(inverse[lane], whole[lane], reach[lane], tail[lane], width[lane]);
                spread[lane] = density[lane].mul_add(width[lane], spread[lane]);
            }
            if near.contains(&chunk) {
                let (cut, tails, constants) = (cuts.0[chunk], cuts.1[chunk], cuts.2[chunk]);
                let (upper, lower, above, below) = (spills.0[chunk], spills.1[chunk], places.0[chunk], places.1[chunk]);
                for lane in 0..SUM_LANES {
                    let strips = of_tail.mul_add(tails[lane], of_constant * constants[lane]);
                    pair[lane] = cut[lane].mul_add(strips, pair[lane]);
                    spilled[lane] = upper[lane].mul_add(above[lane], lower[lane].mul_add(below[lane], spilled[lane]));
                }
            }
            for lane in 0..SUM_LANES {
                two[lane] += pair[lane];
            }
            *slots = pair;
        }
        for (lane, slot) in slots_rest.iter_mut().enumerate() {
            let k = chunks * SUM_LANES + lane;
            *slot = rectangle(inverses[k], self.whole[k], reach[k], self.tail[k], widths[k])
                + self.cut[k] * (of_tail * tails[k] + of_constant * constants[k]);
            spread[lane] += self.densities[k] * widths[k];
            two[lane] += *slot;
            spilled[lane] += self.upper[k] * above[k] + self.lower[k] * below[k];
        }
        (join(spread), of_tail * join(spilled) + join(two))
    }

    /// 1/|beta2| of mixing of each channel with one.
    #[inline(always)]
    fn row_inverses<'a>(&'a self, terms: &'a mut [f64], test: usize, comb: &Comb) -> &'a [f64] {
        if comb.is_even() {
            return &self.inverses[test..test + terms.len()];
        }
        let here = comb.offsets_hz[test];
        for (term, offset_hz) in terms.iter_mut().zip(&comb.offsets_hz) {
            *term = 1.0 / self.beta2(offset_hz + here);
        }
        terms
    }
}

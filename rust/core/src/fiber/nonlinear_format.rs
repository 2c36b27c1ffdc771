//! What the constellations of the interfering channels make less cross-channel noise than Gaussian signals.

use super::nonlinear_comb::Comb;
use super::nonlinear_geometry::PairFigures;
use super::nonlinear_line_span::LineSpan;
use super::nonlinear_tile::{Lanes, TILE_WIDTH, Tile, lanes_at};
use crate::column::Column;
use crate::vector::{ColumnWork, vectorize};
use std::ops::Range;

/// Weight of the fourth moment against the second in cross-channel interference: 80/81 over 32/27.
pub(super) const FOURTH_MOMENT_WEIGHT: f64 = 5.0 / 6.0;

/// int_0^1 (1 - s) e^(-x s) ds = (1 - (1 - e^-x)/x)/x as a quotient of polynomials that has its series at 0 and at infinity.
#[inline(always)]
fn triangle_decay(x: f64) -> f64 {
    (12.0 + x * (5.0 + x)) / (24.0 + x * (18.0 + x * (6.0 + x)))
}

/// Mean of w - x over 0 <= x < w, times w, where x is spread as a triangle over 0 ... 2, for w = `width`.
#[inline(always)]
fn meeting_share(width: f64) -> f64 {
    let beyond = |start: f64| {
        let rest = (width - start).max(0.0);
        rest * rest * rest
    };
    (width * width * width - 2.0 * beyond(1.0) + beyond(2.0)) / 6.0
}

/// Where the noise arises whose symbols are the same as those of the span's own.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the span itself.
    Within,
    /// In the span before it.
    Neighbor,
    /// In a span before that.
    Distant,
}

/// What decides which share of a neighbor's noise its symbols make together, for channels under test side by side.
///
/// Within one span: dispersion gathered before, as a length of this fiber over that of the correlation of its powers. With the span
/// before: least dispersion of both over that between them, and what the share is multiplied by. With others: the inverse of the
/// first, and the second. Where the second is 0, nothing.
#[derive(Debug, Clone, Copy)]
struct Together<const TESTS: usize>([[f64; TESTS]; 2]);

/// Relative difference up to which figures of all channels are one: rounding, not another fiber.
const SAME_FRACTION: f64 = 1e-9;

impl Together<1> {
    /// Nothing.
    const NEVER: Self = Self([[1.0], [0.0]]);

    /// Whether two channels have the same figures.
    fn is_like(self, other: Self) -> bool {
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= SAME_FRACTION * b.abs();
        self.0.as_flattened().iter().zip(other.0.as_flattened()).all(close)
    }

    /// The same for all channels.
    fn for_all(self) -> Together<TILE_WIDTH> {
        Together(self.0.map(|[figure]| [figure; TILE_WIDTH]))
    }
}

/// Format correction of one span: what it needs of the spans before, once for all channels.
pub(super) struct FormatCorrection<'a> {
    span: &'a LineSpan,
    before: &'a [LineSpan],
    comb: &'a Comb,
    parts: Vec<Part>,
}

/// What the symbols of each channel make together within the span, or with one span before.
struct Part {
    /// 0 within the span, then one with each span before.
    index: usize,
    /// For each channel its excess kurtosis, times its amplitude in the span before over that in this one.
    weights: Column,
    shares: Shares,
}

/// Shares of the noise of pairs.
enum Shares {
    /// One row for all channels, where each has the same figures: on an even grid under one kind of fiber; and how many
    /// channels off the last one with a share is.
    Alike { row: PairFigures, reach: usize },
    /// They are made for each channel.
    Each,
}

impl<'a> FormatCorrection<'a> {
    pub(super) fn new(span: &'a LineSpan, before: &'a [LineSpan], comb: &'a Comb) -> Self {
        let ratio = |other: f64, here: f64| if here == 0.0 { 0.0 } else { other / here };
        let column = |other: &LineSpan| -> Column {
            let amplitudes = other.amplitudes.iter().zip(&span.amplitudes);
            amplitudes.zip(&comb.kurtoses).map(|((&other, &here), kurtosis)| kurtosis * ratio(other, here)).collect()
        };
        let mut out = Self { span, before, comb, parts: vec![] };
        let parts = (0..=before.len()).filter_map(|part| {
            let shares = out.share(part)?;
            let weights =
                part.checked_sub(1).map_or_else(|| Column::from(&comb.kurtoses[..]), |index| column(&before[index]));
            Some(Part { index: part, weights, shares })
        });
        out.parts = parts.collect();
        out
    }

    /// Shares of all pairs at once, where all channels have the same figures; `None` where no pair has a share.
    fn share(&self, part: usize) -> Option<Shares> {
        let count = self.comb.kurtoses.len();
        if !self.comb.is_even() || count == 0 {
            return Some(Shares::Each);
        }
        let first = self.together(part, 0);
        // Dispersion is a straight line over frequency, and the figures are quotients of such lines and of their products: those
        // that agree at four channels agree at all.
        if ![count / 3, 2 * count / 3, count - 1].iter().all(|&test| self.together(part, test).is_like(first)) {
            return Some(Shares::Each);
        }
        let mut row = PairFigures::new(count, true);
        vectorize(EvenShares { row: &mut row, part, together: first.for_all(), format: self });
        let with_share = |off: usize| row.at(off, 0) != 0.0 || row.at(0, off) != 0.0;
        let reach = (0..count).rev().find(|&off| with_share(off))?;
        Some(Shares::Alike { row, reach })
    }

    /// Where the noise of a part arises: 0 within the span, then one for each span before.
    #[inline(always)]
    fn place(&self, part: usize) -> Place {
        match part {
            0 => Place::Within,
            _ if part == self.before.len() => Place::Neighbor,
            _ => Place::Distant,
        }
    }

    /// Figures of one channel for a part.
    fn together(&self, part: usize, test: usize) -> Together<1> {
        let nodes = &self.span.nodes;
        let offset_hz = self.comb.offsets_hz[test];
        let (beta2, before_s2) = (self.span.beta2_s2_per_m.at(offset_hz).abs(), self.span.before_s2.at(offset_hz));
        let Some(index) = part.checked_sub(1) else {
            return Together([[nodes.correlation_per_m * before_s2.abs() / beta2], [1.0]]);
        };
        let other = &self.before[index];
        let is_neighbor = part == self.before.len();
        let (here, there) = (self.span.middle_s2().at(offset_hz), other.middle_s2().at(offset_hz));
        let apart = (here - there).abs();
        let least = if is_neighbor { (there * before_s2).abs().sqrt() } else { here.abs().min(there.abs()) };
        // Dispersions of other sign never meet; of the same size they belong to a fiber and its inverse.
        if here * there <= 0.0 || apart == 0.0 || (!is_neighbor && apart >= least * self.comb.widest_windows[test]) {
            return Together::NEVER;
        }
        let lengths_m = nodes.effective_length_m() * other.nodes.effective_length_m() / nodes.square_length_m;
        let factor = 2.0 * lengths_m * beta2 / here.abs().max(there.abs());
        let relative = least / apart;
        Together(if is_neighbor { [[relative], [factor / relative]] } else { [[1.0 / relative], [factor]] })
    }

    /// Figures of the channels of a tile for a part; `None` where all of them are nothing.
    fn together_lanes(&self, part: usize, tests: Range<usize>) -> Option<Together<TILE_WIDTH>> {
        let mut out = Together::NEVER.for_all();
        for (lane, test) in tests.enumerate() {
            let Together([[first], [second]]) = self.together(part, test);
            (out.0[0][lane], out.0[1][lane]) = (first, second);
        }
        out.0[1].iter().any(|&factor| factor != 0.0).then_some(out)
    }

    /// Shares that the symbols of some pairs make together, whose figures are at this place.
    #[inline(always)]
    fn shares(&self, part: usize, together: &Together<TILE_WIDTH>, place: usize) -> [f64; TILE_WIDTH] {
        let pairs = &self.comb.pairs;
        let Together([first, second]) = together;
        let mut out = [0.0; TILE_WIDTH];
        match self.place(part) {
            Place::Within => {
                let (flat, excess) =
                    (lanes_at(pairs.flat_share.figures(), place), lanes_at(pairs.long_excess.figures(), place));
                let reach = lanes_at(pairs.reach_ln.figures(), place);
                for lane in 0..TILE_WIDTH {
                    let together = flat[lane] + excess[lane] * self.span.nodes.lost_share;
                    out[lane] = 2.0 * together * triangle_decay(first[lane] * together * reach[lane]);
                }
            }
            Place::Neighbor => {
                let (level, width) = (lanes_at(pairs.level.figures(), place), lanes_at(pairs.width.figures(), place));
                for lane in 0..TILE_WIDTH {
                    out[lane] = second[lane] * level[lane] * meeting_share(width[lane] * first[lane]);
                }
            }
            Place::Distant => {
                let (level, width) = (lanes_at(pairs.level.figures(), place), lanes_at(pairs.width.figures(), place));
                for lane in 0..TILE_WIDTH {
                    out[lane] = second[lane] * level[lane] * (width[lane] - first[lane]).max(0.0);
                }
            }
        }
        out
    }

    /// Change of the cross-channel noise of each channel in one span by the formats of the others (below 0 for QAM).
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
    ///
    /// `tile` is what each channel makes alone on those under test.
    pub(super) fn changes(&self, tile: Tile<'_>) -> [f64; TILE_WIDTH] {
        vectorize(Changes { format: self, tile })
    }
}

/// See [`FormatCorrection::changes`].
struct Changes<'a> {
    format: &'a FormatCorrection<'a>,
    tile: Tile<'a>,
}

impl ColumnWork for Changes<'_> {
    type Output = [f64; TILE_WIDTH];

    #[inline(always)]
    fn run(self) -> [f64; TILE_WIDTH] {
        let Self { format, tile } = self;
        let (first, count) = (tile.first, tile.pairs.len());
        let mut sums = [0.0; TILE_WIDTH];
        // A closure that is called at several places is not always inlined: what is much work is made before.
        let mut made = Vec::new();
        for Part { index, weights, shares } in &format.parts {
            if let Shares::Alike { row, reach } = shares {
                let near = first.saturating_sub(*reach)..count.min(first + TILE_WIDTH + reach);
                let (places, figures) = (row.places(first), row.figures());
                add_weighted(&mut sums, near, tile, weights, |k| lanes_at(figures, places.of(k)));
            } else if let Some(together) = format.together_lanes(*index, tile.tests()) {
                let places = format.comb.pairs.width.places(first);
                made.resize(count, Lanes::default());
                for (k, slot) in made.iter_mut().enumerate() {
                    slot.0 = format.shares(*index, &together, places.of(k));
                }
                add_weighted(&mut sums, 0..count, tile, weights, |k| &made[k].0);
            }
        }
        for sum in &mut sums {
            *sum *= FOURTH_MOMENT_WEIGHT;
        }
        sums
    }
}

/// Adds what some channels make, times their weights and shares. Two sums run side by side, or each product would wait for the last.
#[inline(always)]
fn add_weighted<'a>(
    sums: &mut [f64; TILE_WIDTH],
    range: Range<usize>,
    tile: Tile<'_>,
    weights: &[f64],
    share: impl Fn(usize) -> &'a [f64],
) {
    let (pairs, weights) = (&tile.pairs[range.clone()], &weights[range.clone()]);
    let [mut even, mut odd] = [[0.0; TILE_WIDTH]; 2];
    let add = |sum: &mut [f64; TILE_WIDTH], k: usize, pair: &Lanes, weight: f64| {
        let share = &share(range.start + k)[..TILE_WIDTH];
        for (lane, sum) in sum.iter_mut().enumerate() {
            *sum = (pair.0[lane] * weight).mul_add(share[lane], *sum);
        }
    };
    let (pairs, last_pair) = pairs.as_chunks::<2>();
    let (weights, last_weight) = weights.as_chunks::<2>();
    for (chunk, (pair, weight)) in pairs.iter().zip(weights).enumerate() {
        add(&mut even, 2 * chunk, &pair[0], weight[0]);
        add(&mut odd, 2 * chunk + 1, &pair[1], weight[1]);
    }
    for (pair, weight) in last_pair.iter().zip(last_weight) {
        add(&mut even, 2 * pairs.len(), pair, *weight);
    }
    for (lane, sum) in sums.iter_mut().enumerate() {
        *sum += even[lane] + odd[lane];
    }
}

/// Shares of all pairs of an even grid.
struct EvenShares<'a> {
    row: &'a mut PairFigures,
    part: usize,
    together: Together<TILE_WIDTH>,
    format: &'a FormatCorrection<'a>,
}

impl ColumnWork for EvenShares<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { row, part, together, format } = self;
        for (group, slot) in row.even_groups_mut().iter_mut().enumerate() {
            *slot = format.shares(part, &together, group * TILE_WIDTH);
        }
    }
}

//! What the constellations of the interfering channels make less cross-channel noise than Gaussian signals.

use super::nonlinear_coherence::LineSpan;
use super::nonlinear_comb::Comb;
use super::nonlinear_geometry::PairRows;
use crate::column::Column;
use crate::sums::{SUM_LANES, sum_of_products};
use crate::vector::{ColumnWork, vectorize};

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

/// What decides which share of a neighbor's noise its symbols make together.
#[derive(Debug, Clone, Copy)]
enum Together {
    /// Within one span: dispersion gathered before, as a length of this fiber over that of the correlation of its powers.
    Within { reach: f64 },
    /// With the span before: least dispersion of both over that between them, and what the share is multiplied by.
    Neighbor { relative: f64, factor: f64 },
    /// With a span before that, in the same figures.
    Distant { relative: f64, factor: f64 },
    /// Nothing.
    Never,
}

/// Relative difference up to which figures of all channels are one: rounding, not another fiber.
const SAME_FRACTION: f64 = 1e-9;

impl Together {
    /// Whether two channels have the same figures.
    fn is_like(self, other: Self) -> bool {
        let close = |a: f64, b: f64| (a - b).abs() <= SAME_FRACTION * b.abs();
        match (self, other) {
            (Self::Within { reach: a }, Self::Within { reach: b }) => close(a, b),
            (Self::Neighbor { relative: a, factor: c }, Self::Neighbor { relative: b, factor: d })
            | (Self::Distant { relative: a, factor: c }, Self::Distant { relative: b, factor: d }) => {
                close(a, b) && close(c, d)
            }
            (Self::Never, Self::Never) => true,
            _ => false,
        }
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
    Alike { rows: PairRows, reach: usize },
    /// A row is made for each channel.
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
        let pairs = &self.comb.pairs;
        let mut shares = vec![0.0; pairs.width.even_row().len()];
        vectorize(EvenShares { shares: &mut shares, together: first, format: self });
        let with_share = |off: usize| shares[count - 1 - off] != 0.0 || shares[count - 1 + off] != 0.0;
        let reach = (0..count).rev().find(|&off| with_share(off))?;
        Some(Shares::Alike { rows: PairRows::even(shares), reach })
    }

    #[inline(always)]
    fn fill_shares<'b>(&'b self, shares: &mut [f64], together: Together, row: impl Fn(&'b PairRows) -> &'b [f64]) {
        let pairs = &self.comb.pairs;
        let geometry = [&pairs.flat_share, &pairs.long_excess, &pairs.reach_ln, &pairs.level, &pairs.width].map(row);
        FillShares { shares, together, lost_share: self.span.nodes.lost_share, geometry }.run();
    }

    /// Figures of one channel for a part: 0 within the span, then one with each span before.
    fn together(&self, part: usize, test: usize) -> Together {
        let nodes = &self.span.nodes;
        let (beta2, before_s2) = (self.span.beta2_s2_per_m[test].abs(), self.span.before_s2[test]);
        let Some(index) = part.checked_sub(1) else {
            return Together::Within { reach: nodes.correlation_per_m * before_s2.abs() / beta2 };
        };
        let other = &self.before[index];
        let is_neighbor = part == self.before.len();
        let (here, there) = (self.span.middle_s2(test), other.middle_s2(test));
        let apart = (here - there).abs();
        let least = if is_neighbor { (there * before_s2).abs().sqrt() } else { here.abs().min(there.abs()) };
        // Dispersions of other sign never meet; of the same size they belong to a fiber and its inverse.
        if here * there <= 0.0 || apart == 0.0 || (!is_neighbor && apart >= least * self.comb.widest_windows[test]) {
            return Together::Never;
        }
        let lengths_m = nodes.effective_length_m() * other.nodes.effective_length_m() / nodes.square_length_m;
        let factor = 2.0 * lengths_m * beta2 / here.abs().max(there.abs());
        let relative = least / apart;
        if is_neighbor { Together::Neighbor { relative, factor } } else { Together::Distant { relative, factor } }
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
    /// `rows` is what each channel makes alone on those under test from `first` on, row after row; fills `out`, one for each of them.
    pub(super) fn fill_changes(&self, first: usize, rows: &[f64], out: &mut [f64]) {
        vectorize(Changes { format: self, first, rows, out });
    }

    /// The change for one channel; `terms` is memory for one entry each.
    #[inline(always)]
    fn change(&self, test: usize, pairs: &[f64], terms: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for Part { index, weights, shares } in &self.parts {
            if let Shares::Alike { rows, reach } = shares {
                // Whole groups of the partial sums: what is left out would add zeros to them.
                let from = test.saturating_sub(*reach) / SUM_LANES * SUM_LANES;
                let to = (test + reach + 1).next_multiple_of(SUM_LANES).min(pairs.len());
                let (pairs, weights, shares) = (&pairs[from..to], &weights[from..to], &rows.row(test)[from..to]);
                sum += sum_of_products(pairs, weights, shares);
                continue;
            }
            let together = self.together(*index, test);
            if !matches!(together, Together::Never) {
                self.fill_shares(terms, together, |rows| rows.row(test));
                sum += sum_of_products(terms, pairs, weights);
            }
        }
        FOURTH_MOMENT_WEIGHT * sum
    }
}

/// See [`FormatCorrection::fill_changes`].
struct Changes<'a> {
    format: &'a FormatCorrection<'a>,
    first: usize,
    rows: &'a [f64],
    out: &'a mut [f64],
}

impl ColumnWork for Changes<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { format, first, rows, out } = self;
        let count = format.comb.kurtoses.len();
        let mut terms = Column::scratch(count);
        for (test, (pairs, change)) in (first..).zip(rows.chunks_exact(count.max(1)).zip(out)) {
            *change = format.change(test, pairs, &mut terms);
        }
    }
}

/// Shares of all pairs of an even grid.
struct EvenShares<'a> {
    shares: &'a mut [f64],
    together: Together,
    format: &'a FormatCorrection<'a>,
}

impl ColumnWork for EvenShares<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.format.fill_shares(self.shares, self.together, PairRows::even_row);
    }
}

/// Shares of the noise of pairs that symbols make together.
struct FillShares<'a> {
    shares: &'a mut [f64],
    together: Together,
    lost_share: f64,
    /// Flat share, long excess, reach, level and width.
    geometry: [&'a [f64]; 5],
}

impl ColumnWork for FillShares<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { shares, together, lost_share, geometry } = self;
        let [flats, excesses, reaches, levels, widths] = geometry.map(|column| &column[..shares.len()]);
        match together {
            Together::Within { reach } => {
                for (k, share) in shares.iter_mut().enumerate() {
                    let first = flats[k] + excesses[k] * lost_share;
                    *share = 2.0 * first * triangle_decay(reach * first * reaches[k]);
                }
            }
            Together::Neighbor { relative, factor } => {
                let front = factor / relative;
                for (k, share) in shares.iter_mut().enumerate() {
                    *share = front * levels[k] * meeting_share(widths[k] * relative);
                }
            }
            Together::Distant { relative, factor } => {
                let beyond = 1.0 / relative;
                for (k, share) in shares.iter_mut().enumerate() {
                    *share = factor * levels[k] * (widths[k] - beyond).max(0.0);
                }
            }
            Together::Never => shares.fill(0.0),
        }
    }
}

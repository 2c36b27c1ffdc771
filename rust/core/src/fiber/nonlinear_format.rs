//! What the constellations of the interfering channels make less cross-channel noise than Gaussian signals.

use super::nonlinear_coherence::LineSpan;
use super::nonlinear_comb::Comb;
use crate::vector::{ColumnWork, sum_terms, vectorize};

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

/// Format correction of one span: what it needs of the spans before, once for all channels.
pub(super) struct FormatCorrection<'a> {
    span: &'a LineSpan,
    before: &'a [LineSpan],
    comb: &'a Comb,
    /// For each span before: excess kurtosis times its amplitude over that of this span, for each channel.
    weights: Vec<Vec<f64>>,
}

impl<'a> FormatCorrection<'a> {
    pub(super) fn new(span: &'a LineSpan, before: &'a [LineSpan], comb: &'a Comb) -> Self {
        let ratio = |other: f64, here: f64| if here == 0.0 { 0.0 } else { other / here };
        let column = |other: &LineSpan| {
            let amplitudes = other.amplitudes.iter().zip(&span.amplitudes);
            amplitudes.zip(&comb.kurtoses).map(|((&other, &here), kurtosis)| kurtosis * ratio(other, here)).collect()
        };
        Self { span, before, comb, weights: before.iter().map(column).collect() }
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
    ///
    /// `pairs` is what each channel makes alone on the one under test in this span; `terms` is memory for one entry each.
    pub(super) fn change(&self, test: usize, pairs: &[f64], terms: &mut [f64]) -> f64 {
        let (span, comb) = (self.span, self.comb);
        let nodes = &span.nodes;
        let (beta2, before_s2) = (span.beta2_s2_per_m[test].abs(), span.before_s2[test]);
        let reach = nodes.correlation_per_m * before_s2.abs() / beta2;
        let mut sum =
            2.0 * vectorize(WithinSpan { terms: &mut *terms, pairs, test, comb, reach, lost_share: nodes.lost_share });
        let here = span.middle_s2(test);
        for (index, (other, weights)) in self.before.iter().zip(&self.weights).enumerate() {
            let is_neighbor = index + 1 == self.before.len();
            let there = other.middle_s2(test);
            let apart = (here - there).abs();
            let least = if is_neighbor { (there * before_s2).abs().sqrt() } else { here.abs().min(there.abs()) };
            // Dispersions of other sign never meet; of the same size they belong to a fiber and its inverse.
            if here * there <= 0.0 || apart == 0.0 || (!is_neighbor && apart >= least * comb.widest_windows[test]) {
                continue;
            }
            let lengths_m = nodes.effective_length_m() * other.nodes.effective_length_m() / nodes.square_length_m;
            let factor = 2.0 * lengths_m * beta2 / here.abs().max(there.abs());
            let relative = least / apart;
            sum += factor
                * vectorize(BetweenSpans { terms: &mut *terms, pairs, test, comb, weights, relative, is_neighbor });
        }
        FOURTH_MOMENT_WEIGHT * sum
    }
}

/// What the symbols of each channel make together within one span.
struct WithinSpan<'a> {
    terms: &'a mut [f64],
    pairs: &'a [f64],
    test: usize,
    comb: &'a Comb,
    /// Dispersion gathered before, as a length of this fiber over that of the correlation of its powers.
    reach: f64,
    lost_share: f64,
}

impl ColumnWork for WithinSpan<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let (count, geometry) = (self.terms.len(), &self.comb.pairs);
        let pairs = &self.pairs[..count];
        let (flats, excesses) =
            (&geometry.flat_share.row(self.test)[..count], &geometry.long_excess.row(self.test)[..count]);
        let (reaches, kurtoses) = (&geometry.reach_ln.row(self.test)[..count], &self.comb.kurtoses[..count]);
        let (reach, lost_share) = (self.reach, self.lost_share);
        sum_terms(self.terms, |k| {
            let first = flats[k] + excesses[k] * lost_share;
            pairs[k] * kurtoses[k] * first * triangle_decay(reach * first * reaches[k])
        })
    }
}

/// What they make together with a span before.
struct BetweenSpans<'a> {
    terms: &'a mut [f64],
    pairs: &'a [f64],
    test: usize,
    comb: &'a Comb,
    weights: &'a [f64],
    /// Least dispersion of both over that between them.
    relative: f64,
    is_neighbor: bool,
}

impl ColumnWork for BetweenSpans<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Self { terms, pairs, test, comb, weights, relative, is_neighbor } = self;
        let count = terms.len();
        let (levels, widths) = (&comb.pairs.level.row(test)[..count], &comb.pairs.width.row(test)[..count]);
        let (weights, pairs) = (&weights[..count], &pairs[..count]);
        if is_neighbor {
            sum_terms(terms, |k| pairs[k] * weights[k] * levels[k] * meeting_share(widths[k] * relative)) / relative
        } else {
            let beyond = 1.0 / relative;
            sum_terms(terms, |k| pairs[k] * weights[k] * levels[k] * (widths[k] - beyond).max(0.0))
        }
    }
}

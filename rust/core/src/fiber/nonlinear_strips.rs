//! Strips along the edges of the islands of the GN integral, where the third frequency leaves a channel or finds its neighbor.

/// A strip along the edge of an island: where the third frequency leaves a channel (-) or falls into its neighbor (+).
///
/// At the edge, D from the channel under test, it has the width `ramp` u + `level` where the second frequency is u off,
/// from `from_hz` to `to_hz`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strip {
    pub distance_hz: f64,
    pub from_hz: f64,
    pub to_hz: f64,
    pub ramp: f64,
    pub level_hz: f64,
}

impl Strip {
    /// Product of distance and offset at the start; at the end where the strip starts at 0.
    fn least(&self) -> f64 {
        self.distance_hz * if self.from_hz == 0.0 { self.to_hz } else { self.from_hz }
    }

    /// Weights of the first tail and of the constant of K in the asymptote.
    fn weights(&self) -> (f64, f64) {
        let squared = self.distance_hz * self.distance_hz;
        let (from_ln, to_ln) = ((self.distance_hz * self.from_hz).ln(), (self.distance_hz * self.to_hz).ln());
        if self.from_hz == 0.0 {
            (self.ramp * to_ln / squared, self.ramp / squared)
        } else {
            let level = self.level_hz * (1.0 / self.from_hz - 1.0 / self.to_hz);
            ((self.ramp * (to_ln - from_ln) + level) / squared, 0.0)
        }
    }
}

/// Into which channel a strip falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StripTarget {
    /// Out of the channel of the first frequency itself.
    Cut,
    /// Into the one above it.
    Above,
    /// Into the one below it.
    Below,
}

/// All strips of one channel with one target, seen from the channel under test.
#[derive(Debug, Clone)]
pub(super) struct StripGroup {
    /// Channel of the first frequency, counted from the channel under test in sorted order.
    pub first: isize,
    pub target: StripTarget,
    /// ln of the least product of distance and offset of any strip.
    pub least_ln: f64,
    pub tail_weight: f64,
    pub constant_weight: f64,
    pub strips: Vec<Strip>,
}

impl StripGroup {
    /// Channels whose power densities make it, in sorted order: the first frequency's and the third's. `None` where the comb of
    /// `count` channels ends before.
    pub(super) fn channels(&self, test: usize, count: usize) -> Option<(usize, usize)> {
        let first = test.checked_add_signed(self.first)?;
        let third = match self.target {
            StripTarget::Cut => first,
            StripTarget::Above => first + 1,
            StripTarget::Below => first.checked_sub(1)?,
        };
        (first.max(third) < count).then_some((first, third))
    }
}

/// Weights of one channel's strips in the asymptote: tail and constant of what is cut, tail of what falls above and below.
pub(super) fn sum_strips(groups: &[StripGroup]) -> [f64; 4] {
    let mut out = [0.0; 4];
    for group in groups {
        match group.target {
            StripTarget::Cut => {
                out[0] += group.tail_weight;
                out[1] += group.constant_weight;
            }
            // Strips that fall into a neighbor start beyond 0: their asymptote has no constant.
            StripTarget::Above => out[2] += group.tail_weight,
            StripTarget::Below => out[3] += group.tail_weight,
        }
    }
    out
}

/// One channel and its neighbors as the channel under test sees them.
#[derive(Debug, Clone, Copy)]
pub(super) struct StripSource {
    /// Place in sorted order, counted from the channel under test.
    pub first: isize,
    /// Distance from the channel under test, with its sign.
    pub distance_hz: f64,
    pub rate_hz: f64,
    pub test_rate_hz: f64,
    /// (distance, symbol rate) of the neighbors below and above.
    pub neighbors: [Option<(f64, f64)>; 2],
}

/// Strips further off than so many sums of the two symbol rates make less than a thousandth of an island.
const STRIP_REACH: f64 = 4.0;

/// Strips of one channel.
pub(super) fn list_strips(source: &StripSource) -> Vec<StripGroup> {
    let StripSource { distance_hz, rate_hz, test_rate_hz, .. } = *source;
    if distance_hz.abs() > STRIP_REACH * (rate_hz + test_rate_hz) {
        return Vec::new();
    }
    let half = 0.5 * test_rate_hz;
    let is_test = source.first == 0;
    let mut lists: [Vec<Strip>; 3] = Default::default();
    let [cut, above, below] = &mut lists;
    for (side, neighbor) in [-0.5 * rate_hz, 0.5 * rate_hz].into_iter().zip(source.neighbors) {
        let edge = distance_hz + side;
        // Away from the channel under test the strip lies inside of the edge, towards it beyond.
        let inward = edge.signum() * side.signum();
        if !is_test {
            push_cut(cut, edge.abs(), inward, half, rate_hz);
        }
        let Some((apart, width)) = neighbor else { continue };
        let gap = (apart - 0.5 * (rate_hz + width)).max(0.0);
        let spilled = if side > 0.0 { &mut *above } else { &mut *below };
        if gap < half && is_test {
            push_own_spill(spilled, half, gap);
        } else if gap < half {
            push_spill(spilled, edge.abs(), inward, half, gap, rate_hz.min(width));
        }
    }
    let targets = [StripTarget::Cut, StripTarget::Above, StripTarget::Below];
    let groups = targets.into_iter().zip(lists).filter(|(_, strips)| !strips.is_empty());
    groups.map(|(target, strips)| group(source.first, target, strips)).collect()
}

fn group(first: isize, target: StripTarget, strips: Vec<Strip>) -> StripGroup {
    let least = strips.iter().map(Strip::least).fold(f64::INFINITY, f64::min);
    let weights: Vec<(f64, f64)> = strips.iter().map(Strip::weights).collect();
    StripGroup {
        first,
        target,
        least_ln: least.ln(),
        tail_weight: weights.iter().map(|weight| weight.0).sum(),
        constant_weight: weights.iter().map(|weight| weight.1).sum(),
        strips,
    }
}

/// Share of the offset by which the middle of a strip lies off the edge: half of it, weighted by the mixing efficiency.
const STRIP_SHIFT: f64 = 0.2;

fn push_strip(out: &mut Vec<Strip>, distance_hz: f64, (from_hz, to_hz): (f64, f64), ramp: f64, level_hz: f64) {
    if from_hz < to_hz && distance_hz > 0.0 {
        out.push(Strip { distance_hz, from_hz, to_hz, ramp, level_hz });
    }
}

/// Where the third frequency leaves the channel of the first.
fn push_cut(out: &mut Vec<Strip>, edge_hz: f64, inward: f64, half_hz: f64, rate_hz: f64) {
    let end = half_hz.min(rate_hz);
    let distance = edge_hz - inward * STRIP_SHIFT * end;
    push_strip(out, distance, (0.0, end), -1.0, 0.0);
    push_strip(out, distance, (end, half_hz), 0.0, -rate_hz);
}

/// Where it falls into the neighbor beyond a gap, until the narrower of the two channels is filled.
fn push_spill(out: &mut Vec<Strip>, edge_hz: f64, inward: f64, half_hz: f64, gap_hz: f64, narrower_hz: f64) {
    let full = half_hz.min(gap_hz + narrower_hz);
    let distance = edge_hz - inward * STRIP_SHIFT * (full - gap_hz);
    // A gap of 0 would start where the logarithm has no value.
    let start = gap_hz.max(1e-9 * half_hz);
    push_strip(out, distance, (start, full), 1.0, -gap_hz);
    push_strip(out, distance, (full, half_hz), 0.0, narrower_hz);
}

/// Where two frequencies of the channel under test throw the third into a neighbor.
fn push_own_spill(out: &mut Vec<Strip>, half_hz: f64, gap_hz: f64) {
    let top = 0.5 * (half_hz + gap_hz);
    let distance = half_hz - STRIP_SHIFT * (top - gap_hz);
    let start = gap_hz.max(1e-9 * half_hz);
    push_strip(out, distance, (start, top), 1.0, -gap_hz);
    push_strip(out, distance, (top, half_hz), -1.0, half_hz);
}

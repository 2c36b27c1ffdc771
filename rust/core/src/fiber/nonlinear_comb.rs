//! The comb of channels that loads a line, and what its geometry alone decides.

use crate::error::{Error, Result, require_finite, require_positive};

/// One channel of a comb: where it is, how wide, and how its amplitudes are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelSignal {
    /// Center frequency relative to the frequency at which beta2 and beta3 are given.
    pub offset_hz: f64,
    /// Symbol rate: the width of its spectrum, which is taken as a rectangle, and the noise bandwidth.
    pub symbol_rate_hz: f64,
    /// E|a|^4/(E|a|^2)^2 - 2 of its constellation: 0 Gaussian, -1 QPSK, -0.68 16QAM.
    pub excess_kurtosis_ratio: f64,
}

/// A strip along the edge of an island: where the third frequency leaves a channel (-) or falls into its neighbor (+).
///
/// At the edge, D from the channel under test, it has the width `ramp` u + `level` where the second frequency is u off,
/// from `from_hz` to `to_hz`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strip {
    /// Channels whose power densities make it, in sorted order: the first frequency's and the third's.
    pub first: usize,
    pub third: usize,
    pub distance_hz: f64,
    pub from_hz: f64,
    pub to_hz: f64,
    pub ramp: f64,
    pub level_hz: f64,
    /// ln of distance times the offset at the start; of the end where the strip starts at 0.
    pub least_ln: f64,
    /// Weight of the first tail in the asymptote, and of the constant of K.
    pub tail_weight: f64,
    pub constant_weight: f64,
}

/// Figures of each channel seen from each other one, one row for each channel under test; all 0 from itself.
#[derive(Debug, Clone, Default)]
pub(super) struct PairGeometry {
    /// ln((D + B/2)/(D - B/2)) for distance D and symbol rate B.
    pub reach_ln: Vec<f64>,
    /// B/(D^2 - B^2/4).
    pub span_per_hz: Vec<f64>,
    /// t = B/(D - B/2): width, relative to the dispersion gathered, of the window in which symbols of one channel pass one of
    /// the other.
    pub width: Vec<f64>,
    /// 1/(t ln(1 + t)).
    pub level: Vec<f64>,
    /// Share of the noise of a span too short to lose power, without dispersion before it, that the window holds together.
    pub flat_share: Vec<f64>,
    /// What it holds together of a long span beyond that.
    pub long_excess: Vec<f64>,
}

impl PairGeometry {
    /// # Algorithm
    /// The window has the shape 1 - s at 1 + t s times the dispersion. A decaying power from zero dispersion on:
    /// 4 t/ln(1 + t) int_0^1 (1 - s)/((1 + t s)(2 + t s)) ds; a constant one: 2/ln(1 + t) int_0^1 t s/(1 + t s) ds; both by
    /// partial fractions.
    fn push(&mut self, distance_hz: f64, rate_hz: f64) {
        let t = rate_hz / (distance_hz - 0.5 * rate_hz);
        let reach_ln = t.ln_1p();
        let flat_share = 2.0 * (t - reach_ln) / (t * reach_ln);
        let long_share = 4.0 * ((1.0 + 1.0 / t) * reach_ln - (1.0 + 2.0 / t) * (0.5 * t).ln_1p()) / reach_ln;
        self.push_row([
            reach_ln,
            rate_hz / (distance_hz * distance_hz - 0.25 * rate_hz * rate_hz),
            t,
            1.0 / (t * reach_ln),
            flat_share,
            long_share - flat_share,
        ]);
    }

    fn push_row(&mut self, row: [f64; 6]) {
        let columns = [
            &mut self.reach_ln,
            &mut self.span_per_hz,
            &mut self.width,
            &mut self.level,
            &mut self.flat_share,
            &mut self.long_excess,
        ];
        for (column, figure) in columns.into_iter().zip(row) {
            column.push(figure);
        }
    }
}

/// All strips of one pair of channels.
#[derive(Debug, Clone)]
pub(super) struct StripGroup {
    /// Channels whose power densities make it, in sorted order: the first frequency's and the third's.
    pub first: usize,
    pub third: usize,
    /// Least of the strips' logarithms, and sums of their weights in the asymptote.
    pub least_ln: f64,
    pub tail_weight: f64,
    pub constant_weight: f64,
    pub strips: Vec<Strip>,
}

/// Collects the strips of the same pair, in the order in which pairs appear.
fn group_strips(strips: Vec<Strip>) -> Vec<StripGroup> {
    let mut groups: Vec<StripGroup> = Vec::new();
    for strip in strips {
        let (first, third) = (strip.first, strip.third);
        let place = groups.iter().position(|group| group.first == first && group.third == third);
        let index = place.unwrap_or(groups.len());
        if place.is_none() {
            let least_ln = f64::INFINITY;
            groups.push(StripGroup { first, third, least_ln, tail_weight: 0.0, constant_weight: 0.0, strips: vec![] });
        }
        let group = &mut groups[index];
        group.least_ln = group.least_ln.min(strip.least_ln);
        group.tail_weight += strip.tail_weight;
        group.constant_weight += strip.constant_weight;
        group.strips.push(strip);
    }
    groups
}

/// Strips further off than so many sums of the two symbol rates make less than a thousandth of an island.
const STRIP_REACH: f64 = 4.0;

/// A comb of channels, checked, with the figures that depend on its geometry only.
#[derive(Debug, Clone)]
pub struct Comb {
    channels: Vec<ChannelSignal>,
    order: Vec<usize>,
    /// Columns in sorted order.
    pub(super) offsets_hz: Vec<f64>,
    pub(super) rates_hz: Vec<f64>,
    pub(super) kurtoses: Vec<f64>,
    pub(super) pairs: PairGeometry,
    /// Greatest relative width of a window seen from each channel.
    pub(super) widest_windows: Vec<f64>,
    /// Strips of each channel under test.
    pub(super) strips: Vec<Vec<StripGroup>>,
}

impl Comb {
    /// Checks a comb.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a symbol rate is not above zero, a number is not finite, or two spectra overlap.
    pub fn new(channels: Vec<ChannelSignal>) -> Result<Self> {
        for channel in &channels {
            require_positive("symbol_rate_hz", channel.symbol_rate_hz)?;
            require_finite("offset_hz", channel.offset_hz)?;
            require_finite("excess_kurtosis_ratio", channel.excess_kurtosis_ratio)?;
        }
        let mut order: Vec<usize> = (0..channels.len()).collect();
        order.sort_by(|&a, &b| channels[a].offset_hz.total_cmp(&channels[b].offset_hz));
        let column = |figure: fn(&ChannelSignal) -> f64| order.iter().map(|&index| figure(&channels[index])).collect();
        let offsets_hz: Vec<f64> = column(|channel| channel.offset_hz);
        let rates_hz: Vec<f64> = column(|channel| channel.symbol_rate_hz);
        let kurtoses = column(|channel| channel.excess_kurtosis_ratio);
        for index in 1..offsets_hz.len() {
            let distance = offsets_hz[index] - offsets_hz[index - 1];
            let needed = 0.5 * (rates_hz[index] + rates_hz[index - 1]);
            // A millionth is rounding of the frequencies, not an overlap.
            if distance < needed * (1.0 - 1e-6) {
                return Err(Error::parameter(
                    "offset_hz",
                    format!("{distance:.6e} Hz between two channels"),
                    format!("{needed:.6e} Hz or more, half the sum of their symbol rates"),
                ));
            }
        }
        let mut comb = Self {
            channels,
            order,
            offsets_hz,
            rates_hz,
            kurtoses,
            pairs: PairGeometry::default(),
            widest_windows: vec![],
            strips: vec![],
        };
        comb.measure_windows();
        comb.strips = (0..comb.order.len()).map(|test| comb.list_strips(test)).collect();
        Ok(comb)
    }

    /// The channels, in the order given.
    pub fn channels(&self) -> &[ChannelSignal] {
        &self.channels
    }

    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        let strips: usize = self.strips.iter().flatten().map(|group| 8 + 10 * group.strips.len()).sum();
        8 * self.order.len() + 6 * self.pairs.width.len() + strips
    }

    /// Indices of the channels by rising frequency.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    fn measure_windows(&mut self) {
        for (test, &here) in self.offsets_hz.iter().enumerate() {
            let start = self.pairs.width.len();
            for (other, (&there, &rate)) in self.offsets_hz.iter().zip(&self.rates_hz).enumerate() {
                if other == test {
                    self.pairs.push_row([0.0; 6]);
                } else {
                    self.pairs.push((there - here).abs(), rate);
                }
            }
            self.widest_windows.push(self.pairs.width[start..].iter().copied().fold(0.0, f64::max));
        }
    }

    /// Strips around the islands of one channel under test.
    fn list_strips(&self, test: usize) -> Vec<StripGroup> {
        let here = self.offsets_hz[test];
        let half = 0.5 * self.rates_hz[test];
        let mut out = Vec::new();
        for (channel, (&offset, &rate)) in self.offsets_hz.iter().zip(&self.rates_hz).enumerate() {
            let distance = offset - here;
            if distance.abs() > STRIP_REACH * (rate + self.rates_hz[test]) {
                continue;
            }
            for upper in [false, true] {
                let side = if upper { 0.5 * rate } else { -0.5 * rate };
                let edge = distance + side;
                // Away from the channel under test the strip lies inside of the edge, towards it beyond.
                let inward = edge.signum() * side.signum();
                if channel != test {
                    push_cut(&mut out, channel, edge.abs(), inward, half, rate);
                }
                let neighbor = if upper { channel + 1 } else { channel.wrapping_sub(1) };
                if let (Some(&next), Some(&width)) = (self.offsets_hz.get(neighbor), self.rates_hz.get(neighbor)) {
                    let gap = ((next - offset).abs() - 0.5 * (rate + width)).max(0.0);
                    let pair = (channel, neighbor);
                    if gap < half && channel == test {
                        push_own_spill(&mut out, pair, half, gap);
                    } else if gap < half {
                        push_spill(&mut out, pair, edge.abs(), inward, half, gap, rate.min(width));
                    }
                }
            }
        }
        group_strips(out)
    }
}

/// Share of the offset by which the middle of a strip lies off the edge: half of it, weighted by the mixing efficiency.
const STRIP_SHIFT: f64 = 0.2;

fn push_strip(
    out: &mut Vec<Strip>,
    pair: (usize, usize),
    distance_hz: f64,
    (from_hz, to_hz): (f64, f64),
    ramp: f64,
    level_hz: f64,
) {
    if from_hz >= to_hz || distance_hz <= 0.0 {
        return;
    }
    let squared = distance_hz * distance_hz;
    let (from_ln, to_ln) = ((distance_hz * from_hz).ln(), (distance_hz * to_hz).ln());
    let starts_at_zero = from_hz == 0.0;
    let (tail_weight, constant_weight) = if starts_at_zero {
        (ramp * to_ln / squared, ramp / squared)
    } else {
        ((ramp * (to_ln - from_ln) + level_hz * (1.0 / from_hz - 1.0 / to_hz)) / squared, 0.0)
    };
    out.push(Strip {
        first: pair.0,
        third: pair.1,
        distance_hz,
        from_hz,
        to_hz,
        ramp,
        level_hz,
        least_ln: if starts_at_zero { to_ln } else { from_ln },
        tail_weight,
        constant_weight,
    });
}

/// Where the third frequency leaves the channel of the first.
fn push_cut(out: &mut Vec<Strip>, channel: usize, edge_hz: f64, inward: f64, half_hz: f64, rate_hz: f64) {
    let end = half_hz.min(rate_hz);
    let distance = edge_hz - inward * STRIP_SHIFT * end;
    push_strip(out, (channel, channel), distance, (0.0, end), -1.0, 0.0);
    push_strip(out, (channel, channel), distance, (end, half_hz), 0.0, -rate_hz);
}

/// Where it falls into the neighbor beyond a gap, until the narrower of the two channels is filled.
fn push_spill(
    out: &mut Vec<Strip>,
    pair: (usize, usize),
    edge_hz: f64,
    inward: f64,
    half_hz: f64,
    gap_hz: f64,
    narrower_hz: f64,
) {
    let full = half_hz.min(gap_hz + narrower_hz);
    let distance = edge_hz - inward * STRIP_SHIFT * (full - gap_hz);
    // A gap of 0 would start where the logarithm has no value.
    let start = gap_hz.max(1e-9 * half_hz);
    push_strip(out, pair, distance, (start, full), 1.0, -gap_hz);
    push_strip(out, pair, distance, (full, half_hz), 0.0, narrower_hz);
}

/// Where two frequencies of the channel under test throw the third into a neighbor.
fn push_own_spill(out: &mut Vec<Strip>, pair: (usize, usize), half_hz: f64, gap_hz: f64) {
    let top = 0.5 * (half_hz + gap_hz);
    let distance = half_hz - STRIP_SHIFT * (top - gap_hz);
    let start = gap_hz.max(1e-9 * half_hz);
    push_strip(out, pair, distance, (start, top), 1.0, -gap_hz);
    push_strip(out, pair, distance, (top, half_hz), -1.0, half_hz);
}

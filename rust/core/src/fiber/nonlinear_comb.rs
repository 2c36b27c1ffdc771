//! The comb of channels that loads a line, and what its geometry alone decides.

use super::nonlinear_geometry::PairGeometry;
use super::nonlinear_stations::Stations;
use super::nonlinear_strips::{StripGroup, StripSource, list_strips};
use crate::error::{Error, Result, require_finite, require_positive};
use std::sync::atomic::{AtomicU64, Ordering};

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

/// Share of the spacing by which channels of an even grid may be off: far more than rounding, far less than any figure here.
const EVEN_FRACTION: f64 = 1e-9;

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// A comb of channels, checked, with the figures that depend on its geometry only.
#[derive(Debug, Clone)]
pub struct Comb {
    /// Its own alone: keys name it in place of all its channels.
    id: u64,
    channels: Vec<ChannelSignal>,
    order: Vec<usize>,
    /// Whether all channels have one symbol rate and one spacing.
    is_even: bool,
    /// Columns in sorted order.
    pub(super) offsets_hz: Vec<f64>,
    pub(super) rates_hz: Vec<f64>,
    pub(super) kurtoses: Vec<f64>,
    pub(super) pairs: PairGeometry,
    /// Where functions that are smooth over the comb are calculated.
    pub(super) stations: Stations,
    /// Greatest relative width of a window seen from each channel.
    pub(super) widest_windows: Vec<f64>,
    /// Strips of each channel under test; one list for all where the comb is even, some of it beyond the ends of the comb.
    strips: Vec<Vec<StripGroup>>,
    /// Channels off the one under test at most that have strips.
    pub(super) strip_reach: usize,
    /// Least logarithm of distance times offset of any strip.
    pub(super) least_strip_ln: f64,
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
        let is_even = is_even(&offsets_hz, &rates_hz);
        let mut comb = Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            pairs: PairGeometry::new(channels.len(), is_even),
            stations: Stations::new(&offsets_hz, &rates_hz),
            channels,
            order,
            is_even,
            offsets_hz,
            rates_hz,
            kurtoses,
            widest_windows: vec![],
            strips: vec![],
            strip_reach: 0,
            least_strip_ln: f64::INFINITY,
        };
        if is_even {
            comb.measure_even();
        } else {
            comb.measure_pairs();
        }
        let widest = |test| comb.pairs.width.seen_from(test).fold(0.0, f64::max);
        comb.widest_windows = (0..comb.order.len()).map(widest).collect();
        comb.least_strip_ln = comb.strips.iter().flatten().map(|group| group.least_ln).fold(f64::INFINITY, f64::min);
        let reaches = comb.strips.iter().flatten().map(|group| group.first.unsigned_abs());
        comb.strip_reach = reaches.max().unwrap_or(0);
        Ok(comb)
    }

    /// The channels, in the order given.
    pub fn channels(&self) -> &[ChannelSignal] {
        &self.channels
    }

    /// A number that no comb made apart from this one has.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        let strips: usize = self.strips.iter().flatten().map(|group| 8 + 5 * group.strips.len()).sum();
        8 * self.order.len() + self.pairs.weight() + self.stations.weight() + strips
    }

    /// Indices of the channels by rising frequency.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// Whether all channels have one symbol rate and one spacing.
    pub(super) fn is_even(&self) -> bool {
        self.is_even
    }

    /// Strips seen from one channel; those of channels beyond the ends of the comb make nothing.
    pub(super) fn strips(&self, test: usize) -> &[StripGroup] {
        &self.strips[if self.is_even { 0 } else { test }]
    }

    /// One row of figures for all channels.
    fn measure_even(&mut self) {
        let Some((&first, &last)) = self.offsets_hz.first().zip(self.offsets_hz.last()) else { return };
        let last_index = self.order.len() - 1;
        let spacing = if last_index == 0 { f64::INFINITY } else { (last - first) / last_index as f64 };
        let rate = self.rates_hz[0];
        let mut all = Vec::new();
        for place in -(last_index as isize)..=last_index as isize {
            let distance = if place == 0 { 0.0 } else { place as f64 * spacing };
            let strips = list_strips(&StripSource {
                first: place,
                distance_hz: distance,
                rate_hz: rate,
                test_rate_hz: rate,
                neighbors: [Some((spacing, rate)); 2],
            });
            let pair = ((-place).max(0).unsigned_abs(), place.max(0).unsigned_abs());
            self.pairs.set(pair, distance.abs(), rate, &strips);
            all.extend(strips);
        }
        self.strips.push(all);
    }

    /// A row of figures for each channel.
    fn measure_pairs(&mut self) {
        let beside = |channel: usize, other: Option<usize>| {
            let other = other.filter(|&other| other < self.order.len())?;
            Some(((self.offsets_hz[other] - self.offsets_hz[channel]).abs(), self.rates_hz[other]))
        };
        for test in 0..self.order.len() {
            let mut all = Vec::new();
            for channel in 0..self.order.len() {
                let distance = self.offsets_hz[channel] - self.offsets_hz[test];
                let strips = list_strips(&StripSource {
                    first: channel as isize - test as isize,
                    distance_hz: distance,
                    rate_hz: self.rates_hz[channel],
                    test_rate_hz: self.rates_hz[test],
                    neighbors: [beside(channel, channel.checked_sub(1)), beside(channel, Some(channel + 1))],
                });
                self.pairs.set((test, channel), distance.abs(), self.rates_hz[channel], &strips);
                all.extend(strips);
            }
            self.strips.push(all);
        }
    }
}

/// Whether all channels have one symbol rate and lie on an even grid.
fn is_even(offsets_hz: &[f64], rates_hz: &[f64]) -> bool {
    let Some((&first, &last)) = offsets_hz.first().zip(offsets_hz.last()) else { return true };
    let spacing = (last - first) / (offsets_hz.len().max(2) - 1) as f64;
    let is_on_grid =
        |(index, &offset): (usize, &f64)| (offset - (first + index as f64 * spacing)).abs() <= EVEN_FRACTION * spacing;
    rates_hz.iter().all(|&rate| rate == rates_hz[0]) && offsets_hz.iter().enumerate().all(is_on_grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comb(offsets_hz: &[f64]) -> Comb {
        let channel =
            |&offset_hz: &f64| ChannelSignal { offset_hz, symbol_rate_hz: 60e9, excess_kurtosis_ratio: -0.68 };
        Comb::new(offsets_hz.iter().map(channel).collect()).unwrap()
    }

    #[test]
    fn one_row_for_all_is_what_a_row_for_each_would_be() {
        let even: Vec<f64> = (0..30).map(|k| 75e9 * f64::from(k) - 1.1e12).collect();
        let mut uneven = even.clone();
        // Far enough from all others to change nothing but the layout.
        uneven.push(40e12);
        let (even, uneven) = (comb(&even), comb(&uneven));
        assert!(even.is_even() && !uneven.is_even());
        for test in 0..30 {
            for (one, each) in [
                (&even.pairs.reach_ln, &uneven.pairs.reach_ln),
                (&even.pairs.long_excess, &uneven.pairs.long_excess),
                (&even.pairs.cut_tail, &uneven.pairs.cut_tail),
                (&even.pairs.cut_constant, &uneven.pairs.cut_constant),
            ] {
                let scale = each.seen_from(test).map(f64::abs).fold(0.0, f64::max);
                assert!((0..30).all(|k| (one.at(test, k) - each.at(test, k)).abs() <= 1e-12 * scale));
            }
            // Only the comb's ends lack a neighbor.
            let (one, each) = (&even.pairs.upper_tail, &uneven.pairs.upper_tail);
            let close = |k| (one.at(test, k) - each.at(test, k)).abs() <= 1e-9 * each.at(test, k).abs();
            assert!((0..29).all(close));
        }
        assert_eq!(even.strip_reach, 6);
    }
}

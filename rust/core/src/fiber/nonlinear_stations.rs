//! Frequencies at which functions that are smooth over a comb are computed, and how they come from there to its channels.

use super::nonlinear_tile::{Lanes, TILE_WIDTH, tile_starts};
use std::f64::consts::PI;

/// Stations of a comb of no width, and the width for which there is one more.
const LEAST_STATIONS: f64 = 5.0;
const STATION_WIDTH_HZ: f64 = 0.45e12;
/// Numbers of the widest vectors, which stations fill.
const STATION_GROUP: usize = 8;

/// Places over a comb that stand for its channels.
///
/// # Algorithm
/// 1. Channels of one symbol rate differ in their frequency alone, and what dispersion makes of it is smooth: from the nodes of
///    a Chebyshev polynomial it comes to the channels by the polynomial through all nodes. Over the C band phases at the end of
///    the tables change by 1 from station to station, of which the polynomial loses less than a millionth.
/// 2. Else, and where channels are not twice as many, each channel is its own station.
#[derive(Debug, Clone, Default)]
pub(super) struct Stations {
    /// Offset and symbol rate of each station.
    pub offsets_hz: Vec<f64>,
    pub rates_hz: Vec<f64>,
    /// Weights of each station for the channels of a tile, tile after tile; none where channels are their own stations.
    weights: Vec<Lanes>,
}

impl Stations {
    /// Stations of channels by rising frequency.
    pub(super) fn new(offsets_hz: &[f64], rates_hz: &[f64]) -> Self {
        let itself = || Self { offsets_hz: offsets_hz.to_vec(), rates_hz: rates_hz.to_vec(), weights: vec![] };
        let (Some((&first, &last)), Some(&rate)) = (offsets_hz.first().zip(offsets_hz.last()), rates_hz.first()) else {
            return itself();
        };
        let wanted = (LEAST_STATIONS + (last - first) / STATION_WIDTH_HZ).ceil() as usize;
        let stations = wanted.next_multiple_of(STATION_GROUP);
        if 2 * stations > offsets_hz.len() || rates_hz.iter().any(|&other| other != rate) {
            return itself();
        }
        let turn = |station: usize| PI * (station as f64 + 0.5) / stations as f64;
        let at_stations =
            (0..stations).map(|station| 0.5 * (first + last) - 0.5 * (last - first) * turn(station).cos());
        let mut out = Self { offsets_hz: at_stations.collect(), rates_hz: vec![rate; stations], weights: vec![] };
        for first in tile_starts(offsets_hz.len()) {
            let mut tile = vec![Lanes::default(); stations];
            for (lane, &offset_hz) in offsets_hz[first..].iter().take(TILE_WIDTH).enumerate() {
                // Weights of the barycentric formula: the sines of the turns, with signs by turns.
                let weigh = |station: usize| {
                    let sign = if station.is_multiple_of(2) { 1.0 } else { -1.0 };
                    sign * turn(station).sin() / (offset_hz - out.offsets_hz[station])
                };
                if let Some(met) = out.offsets_hz.iter().position(|&there| there == offset_hz) {
                    tile[met].0[lane] = 1.0;
                    continue;
                }
                let all: f64 = (0..stations).map(weigh).sum();
                for (station, lanes) in tile.iter_mut().enumerate() {
                    lanes.0[lane] = weigh(station) / all;
                }
            }
            out.weights.extend(tile);
        }
        out
    }

    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        2 * self.offsets_hz.len() + TILE_WIDTH * self.weights.len()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.offsets_hz.len()
    }

    /// How many numbers a column for the channels must take, those behind its end included.
    pub(super) fn spread_count(&self) -> usize {
        if self.weights.is_empty() { self.count() } else { self.weights.len() / self.count() * TILE_WIDTH }
    }

    /// Brings functions from the stations to the channels; each has [`Self::spread_count`] numbers there.
    #[inline(always)]
    pub(super) fn spread<const N: usize>(&self, at_stations: [&[f64]; N], mut out: [&mut [f64]; N]) {
        let count = self.count();
        if self.weights.is_empty() {
            for (out, values) in out.into_iter().zip(at_stations) {
                out.copy_from_slice(&values[..count]);
            }
            return;
        }
        for (tile, weights) in self.weights.chunks_exact(count).enumerate() {
            let mut sums = [[0.0; TILE_WIDTH]; N];
            for (station, weights) in weights.iter().enumerate() {
                for (sum, values) in sums.iter_mut().zip(&at_stations) {
                    let value = values[station];
                    for (sum, weight) in sum.iter_mut().zip(&weights.0) {
                        *sum = weight.mul_add(value, *sum);
                    }
                }
            }
            let first = tile * TILE_WIDTH;
            for (column, sum) in out.iter_mut().zip(&sums) {
                column[first..][..TILE_WIDTH].copy_from_slice(sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Greatest error of a smooth function that comes from the stations to the channels.
    fn error_of(offsets_hz: &[f64]) -> f64 {
        let stations = Stations::new(offsets_hz, &vec![60e9; offsets_hz.len()]);
        assert!(2 * stations.count() <= offsets_hz.len());
        let smooth = |offset_hz: f64| (offset_hz / 0.5e12).cos() + 1e12 / (offset_hz + 6e12);
        let values: Vec<f64> = stations.offsets_hz.iter().map(|&offset_hz| smooth(offset_hz)).collect();
        let mut found = vec![0.0; stations.spread_count()];
        stations.spread([&values], [&mut found]);
        let errors = offsets_hz.iter().zip(&found).map(|(&offset_hz, found)| (found - smooth(offset_hz)).abs());
        errors.fold(0.0, f64::max)
    }

    #[test]
    fn smooth_functions_come_to_the_channels() {
        let mut offsets_hz: Vec<f64> = (0..70).map(|k| (f64::from(k) - 34.5) * 60e9).collect();
        assert!(error_of(&offsets_hz) < 1e-5, "{}", error_of(&offsets_hz));
        // A channel may be where a station is, which its first and last one alone decide.
        let there = Stations::new(&offsets_hz, &[60e9; 70]).offsets_hz[7];
        let next = offsets_hz.iter().position(|&offset_hz| offset_hz > there).unwrap();
        offsets_hz[next] = there;
        assert!(error_of(&offsets_hz) < 1e-5, "{}", error_of(&offsets_hz));
    }

    #[test]
    fn channels_of_other_rates_and_few_ones_are_their_own_stations() {
        let offsets_hz: Vec<f64> = (0..40).map(|k| f64::from(k) * 75e9).collect();
        let mut rates_hz = vec![60e9; 40];
        assert_eq!(Stations::new(&offsets_hz, &rates_hz).count(), 16);
        assert_eq!(Stations::new(&offsets_hz[..31], &rates_hz[..31]).offsets_hz, offsets_hz[..31]);
        rates_hz[3] = 32e9;
        let itself = Stations::new(&offsets_hz, &rates_hz);
        let mut out = [0.0; 40];
        itself.spread([&offsets_hz], [&mut out]);
        assert_eq!((&out[..], itself.rates_hz), (&offsets_hz[..], rates_hz));
        assert_eq!(Stations::new(&[], &[]).spread_count(), 0);
    }
}

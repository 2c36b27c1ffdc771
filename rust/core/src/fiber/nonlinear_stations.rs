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
                let all: f64 = (0..stations).map(weigh).sum();
                for (station, lanes) in tile.iter_mut().enumerate() {
                    lanes.0[lane] = match out.offsets_hz.iter().position(|&there| there == offset_hz) {
                        Some(met) => f64::from(u8::from(met == station)),
                        None => weigh(station) / all,
                    };
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

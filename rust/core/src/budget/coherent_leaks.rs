//! Light that no filter keeps from a receiver: leaks in band along a path, and the other channels of a colorless drop.

use super::tables::Plant;
use crate::error::Result;
use crate::optics::in_band_crosstalk_ratio;
use crate::signal::RaisedCosine;
use crate::units::{from_dbm, to_db};

/// What reaches the receivers of one path besides their own channels.
#[derive(Debug, Default)]
pub(super) struct PathLeaks {
    /// Level of the leaks of each element that has some, over the signal.
    in_band_db: Vec<f64>,
    /// The comb at a drop without a filter.
    drop: Option<ColorlessDrop>,
}

/// The strongest channels that a colorless drop may bring to one receiver.
#[derive(Debug, Clone, Copy)]
struct ColorlessDrop {
    /// Power of as many of the strongest channels as it brings.
    total_w: f64,
    /// The weakest of those.
    least_w: f64,
}

impl PathLeaks {
    /// Finds what a path leaks, from the levels of its comb where it ends.
    pub(super) fn find(plant: &Plant<'_>, path: usize, levels_dbm: impl Iterator<Item = f64>) -> Self {
        let range = plant.path_offsets[path]..plant.path_offsets[path + 1];
        let known = |column: &[f64]| -> Vec<f64> {
            column[range.clone()].iter().copied().filter(|value| !value.is_nan()).collect()
        };
        let counts = known(plant.elements.colorless_channels_count);
        let most = counts.into_iter().reduce(f64::min);
        Self {
            in_band_db: known(plant.elements.in_band_crosstalk_db),
            drop: most.map(|most| ColorlessDrop::of(levels_dbm, most)),
        }
    }

    /// Noise of the leaks in band after the matched filter, over the signal's power.
    pub(super) fn in_band_ratio(&self, symbol_rate_hz: f64, roll_off: f64) -> Result<f64> {
        if self.in_band_db.is_empty() {
            return Ok(0.0);
        }
        in_band_crosstalk_ratio(&RaisedCosine::new(symbol_rate_hz, roll_off)?, &self.in_band_db)
    }

    /// Ratio of total to channel power at the receiver; 0 dB behind a filter, NaN where a level is not known.
    pub(super) fn total_to_channel_db(&self, level_dbm: f64) -> f64 {
        self.drop.map_or(0.0, |drop| drop.total_to_channel_db(level_dbm))
    }
}

impl ColorlessDrop {
    /// Of all channels those that may meet at one receiver: at most `most`, the strongest.
    fn of(levels_dbm: impl Iterator<Item = f64>, most: f64) -> Self {
        let mut power_w: Vec<f64> = levels_dbm.map(from_dbm).collect();
        power_w.sort_by(|a, b| b.total_cmp(a));
        if power_w.iter().any(|power| !power.is_finite()) {
            return Self { total_w: f64::NAN, least_w: f64::NAN };
        }
        // The float conversion of a count is exact; more than there are leaves all.
        let met = power_w.iter().enumerate().take_while(|(index, _)| (*index as f64) < most).map(|(_, power)| *power);
        Self { total_w: met.clone().sum(), least_w: met.last().unwrap_or(0.0) }
    }

    /// A receiver's own channel stands for the weakest of the strongest, where it is weaker than they.
    fn total_to_channel_db(self, level_dbm: f64) -> f64 {
        let own_w = from_dbm(level_dbm);
        let others_w = self.total_w - own_w.max(self.least_w);
        if others_w.is_nan() {
            return f64::NAN;
        }
        to_db(1.0 + others_w.max(0.0) / own_w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(levels_dbm: &[f64], most: f64, own_dbm: f64) -> f64 {
        ColorlessDrop::of(levels_dbm.iter().copied(), most).total_to_channel_db(own_dbm)
    }

    #[test]
    fn alike_channels_count_by_their_number() {
        assert_eq!(ratio(&[-10.0], f64::INFINITY, -10.0), 0.0);
        assert!((ratio(&[-10.0; 20], f64::INFINITY, -10.0) - to_db(20.0)).abs() < 1e-12);
        assert!((ratio(&[-10.0; 64], 16.0, -10.0) - to_db(16.0)).abs() < 1e-12);
    }

    #[test]
    fn the_strongest_may_meet_the_weakest() {
        // One of -20 dBm with the two strongest of -10, -13 and -16 dBm.
        let levels = [-20.0, -10.0, -13.0, -16.0];
        let expected = to_db(1.0 + 10.0 + from_dbm(-13.0) / from_dbm(-20.0));
        assert!((ratio(&levels, 3.0, -20.0) - expected).abs() < 1e-12);
        // The strongest one meets the second and the third.
        let expected = to_db(1.0 + (from_dbm(-13.0) + from_dbm(-16.0)) / from_dbm(-10.0));
        assert!((ratio(&levels, 3.0, -10.0) - expected).abs() < 1e-12);
        assert_eq!(ratio(&levels, 1.0, -20.0), 0.0);
        assert!(ratio(&[-10.0, f64::NAN], f64::INFINITY, -10.0).is_nan());
    }
}

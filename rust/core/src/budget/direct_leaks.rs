//! Light of the other lanes of a fiber that the demultiplexer of a direct-detect receiver lets through.

use super::direct::Batch;
use super::direct_specimen::PathSpecimen;
use crate::error::Result;
use crate::metrics::leaked_light_penalty_db;
use crate::units::{from_db, to_db};

/// What light of other lanes does to one lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LeakedLight {
    /// Optical penalty beyond that of the stressed test; infinite where the eye is closed, NaN where a level is not known.
    pub(super) penalty_db: f64,
    /// Outer OMA of all of it over the lane's.
    pub(super) leaked_db: f64,
}

impl LeakedLight {
    /// Nothing leaks.
    pub(super) const NONE: Self = Self { penalty_db: 0.0, leaked_db: f64::NEG_INFINITY };
}

impl Batch<'_> {
    /// Light of the other lanes of the fiber.
    ///
    /// # Algorithm
    /// 1. Each other lane of the mode's grid arrives with the lane's own OMA, more by what it launches more and loses less:
    ///    by the type nothing and the difference of the fibers' attenuation; among specimens what they differ by, at most
    ///    the mode's greatest difference; in the worst case that difference.
    /// 2. It passes with the isolation of a neighbor, or of a lane further away. Unknown isolation lets nothing pass.
    /// 3. Peak distortion of all of it, less that of the stressed test, whose other lanes are stronger by a difference of
    ///    their own: the sensitivity was found beside them. Never a gain.
    ///
    /// # Errors
    /// Those of the tables.
    ///
    /// # References
    /// IEEE 802.3-2022, 121.8.9 (stressed receiver sensitivity with the other lanes lit); `docs/models/direct-budget.md`.
    pub(super) fn leaked_light(
        &self,
        (lane, mode): (usize, usize),
        path: &PathSpecimen,
        wavelength_m: f64,
    ) -> Result<LeakedLight> {
        let modes = self.modes;
        let isolations_db = [modes.demux_isolation_adjacent_db[mode], modes.demux_isolation_non_adjacent_db[mode]];
        if isolations_db.iter().all(|isolation| isolation.is_nan()) {
            return Ok(LeakedLight::NONE);
        }
        let grid = modes.lane_range.curve(mode)?;
        let (low_m, high_m) = (grid.x(), grid.y());
        let center_m = self.lanes.center_m[lane];
        let own = low_m.partition_point(|&low| low <= center_m).saturating_sub(1);
        let (mut leaked_ratio, mut stressed_ratio) = (0.0, 0.0);
        for other in (0..low_m.len()).filter(|&other| other != own) {
            let isolation_db = isolations_db[usize::from(other.abs_diff(own) > 1)];
            if isolation_db.is_nan() {
                continue;
            }
            let range_m = (low_m[other], high_m[other]);
            let less_loss_db = self.less_loss_db(path, wavelength_m, 0.5 * (range_m.0 + range_m.1))?;
            leaked_ratio += from_db(self.launched_more_db((lane, mode), range_m) + less_loss_db - isolation_db);
            stressed_ratio += from_db(modes.stressed_lane_difference_db[mode] - isolation_db);
        }
        let stressed_db = if stressed_ratio.is_nan() { 0.0 } else { leaked_light_penalty_db(stressed_ratio) };
        if stressed_db.is_infinite() {
            // No receiver passes that test: the figures contradict each other, and none of the penalty is held.
            return Ok(LeakedLight {
                penalty_db: leaked_light_penalty_db(leaked_ratio),
                leaked_db: to_db(leaked_ratio),
            });
        }
        let penalty_db = leaked_light_penalty_db(leaked_ratio) - stressed_db;
        // f64::max would pass over a level that nobody knows.
        Ok(LeakedLight { penalty_db: if penalty_db < 0.0 { 0.0 } else { penalty_db }, leaked_db: to_db(leaked_ratio) })
    }

    /// What another lane loses less in the fibers; NaN where an attenuation is not known.
    fn less_loss_db(&self, path: &PathSpecimen, wavelength_m: f64, other_m: f64) -> Result<f64> {
        let mut less_db = 0.0;
        for fiber in path.elements.iter().filter_map(|element| element.fiber.as_ref()) {
            let at = |at_m| fiber.attenuation_db_per_m(&self.plant.fibers, at_m).map(|found| found.unwrap_or(f64::NAN));
            less_db += (at(wavelength_m)? - at(other_m)?) * fiber.length_m;
        }
        Ok(less_db)
    }

    /// What the lane in a range of wavelengths launches more than this one.
    fn launched_more_db(&self, (lane, mode): (usize, usize), (low_m, high_m): (f64, f64)) -> f64 {
        let Some(sample) = self.lanes.sample else { return 0.0 };
        if !self.lanes.launch_power_dbm[lane].is_nan() {
            // What the user sets holds for all lanes.
            return 0.0;
        }
        let greatest_db = self.modes.lane_oma_difference_max_db[mode];
        let own = self.lanes.change(lane);
        if own.neighbors_at_limit {
            return if greatest_db.is_nan() { 0.0 } else { greatest_db };
        }
        // A sample holds the lanes that share the fiber.
        let rows = sample.first..sample.first + sample.changes.len();
        let other = rows.zip(&sample.changes).find(|(row, _)| (low_m..=high_m).contains(&self.lanes.center_m[*row]));
        // What a specimen has beyond the greatest difference it has as a better eye. f64::min passes over an unknown one.
        other.map_or(0.0, |(_, change)| (change.transmitter_db - own.transmitter_db).min(greatest_db))
    }
}

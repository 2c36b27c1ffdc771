//! What four-wave mixing of the lanes of one fiber costs, over what nobody controls.

use super::direct_tables::DirectModes;
use super::memo::Memo;
use super::mixing_tables::{CrosstalkPlace, CrosstalkTables, MergedFiber};
use super::tables::{ElementKind, Plant};
use super::walk::attenuation_db_per_m;
use crate::error::{Error, Result};
use crate::metrics::{InterferedSignal, InterferenceDistribution, Interferer, InterfererField};
use crate::units::{SPEED_OF_LIGHT_M_PER_S, from_db, to_db};
use rayon::prelude::*;
use std::sync::Arc;

/// Tables of penalties that are kept: one for each extinction ratio and target.
const PENALTY_TABLES_MOST: usize = 64;
/// Crosstalk below which the penalty is in proportion to its power, and above which no eye is open.
const PENALTY_LEAST_DBC: i32 = -50;
const PENALTY_GREATEST_DBC: i32 = -10;
/// Penalties below this are none: no lane of a coarse grid has a contribution.
const NEGLIGIBLE_DB: f64 = 1e-6;
/// Halvings of the last decibel, in search of the crosstalk that closes the eye.
const BISECTIONS_COUNT: usize = 6;

/// What mixing does to one lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LaneMixing {
    /// Optical penalty; infinite where the eye is closed.
    pub(super) penalty_db: f64,
    /// All products under the lane.
    pub(super) crosstalk_dbc: f64,
    /// Where the eye closes.
    pub(super) closing_dbc: f64,
}

impl LaneMixing {
    /// Nothing mixes.
    pub(super) const NONE: Self =
        Self { penalty_db: 0.0, crosstalk_dbc: f64::NEG_INFINITY, closing_dbc: f64::INFINITY };
}

/// Tables that one batch leaves to the next.
#[derive(Debug)]
pub(super) struct MixingCache {
    crosstalk: CrosstalkTables,
    penalties: Memo<PenaltyTable>,
}

impl Default for MixingCache {
    fn default() -> Self {
        Self { crosstalk: CrosstalkTables::default(), penalties: Memo::of_most(PENALTY_TABLES_MOST) }
    }
}

/// Where the mixing of one mode on one path is looked up.
#[derive(Debug)]
pub(super) struct PathPlace {
    grid_m: Vec<(f64, f64)>,
    gamma_per_w_m: f64,
    place: CrosstalkPlace,
}

impl PathPlace {
    /// The place of a mode on a path; `None` where no lanes share a fiber, or a figure of the fiber is not known.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a figure outside its range.
    pub(super) fn find(
        plant: &Plant<'_>,
        modes: &DirectModes<'_>,
        (mode, path): (usize, usize),
        cache: &MixingCache,
    ) -> Result<Option<Self>> {
        let range = modes.lane_range.curve(mode)?;
        let grid_m: Vec<(f64, f64)> = range.x().iter().copied().zip(range.y().iter().copied()).collect();
        if grid_m.len() < 2 || modes.extinction_ratio_db[mode].is_nan() {
            return Ok(None);
        }
        let center_m = grid_m.iter().map(|(low, high)| 0.5 * (low + high)).sum::<f64>() / grid_m.len() as f64;
        let Some(fiber) = merge(plant, path, center_m)? else { return Ok(None) };
        let window_hz = 0.5 * modes.symbol_rate_hz[mode];
        let place = cache.crosstalk.find(&fiber, &grid_m, window_hz)?;
        Ok(Some(Self { grid_m, gamma_per_w_m: fiber.gamma_per_w_m, place }))
    }
}

/// Computes all that is not known yet of many places, in parallel.
///
/// # Errors
/// [`Error::Parameter`] for a figure outside its range.
pub(super) fn prepare<'a>(places: impl Iterator<Item = &'a PathPlace>) -> Result<()> {
    CrosstalkTables::fill(places.map(|path| &path.place))
}

/// The mixing of one mode on one path, for every lane of its grid.
#[derive(Debug)]
pub(super) struct PathMixing {
    /// Shortest and longest wavelength of each lane.
    grid_m: Vec<(f64, f64)>,
    /// Crosstalk at 0 dBm per lane; minus infinity where nothing falls on the lane.
    unit_dbc: Vec<f64>,
    penalties: Arc<PenaltyTable>,
}

impl PathMixing {
    /// Crosstalk that the stated share of links passes; `None` where no lane is hit.
    ///
    /// # Algorithm
    /// 1. The fibers of the path as one: length summed, attenuation and Kerr coefficient weighted by length, the range of
    ///    zero dispersion that of all, the least slope.
    /// 2. Crosstalk of 1 W lanes for a unit Kerr coefficient, tabulated over length and attenuation by draws with a key of
    ///    their own, and linear between in dB over the logarithm of the length; it goes with the square of both.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a figure outside its range.
    pub(super) fn of(
        modes: &DirectModes<'_>,
        mode: usize,
        path: &PathPlace,
        cache: &MixingCache,
    ) -> Result<Option<Self>> {
        // Power of four waves: the cube of the lanes' over one lane's.
        let scale_db = 2.0 * to_db(path.gamma_per_w_m * 1e-3);
        let unit_dbc: Vec<f64> = path.place.unit_crosstalk_dbc()?.into_iter().map(|level| level + scale_db).collect();
        if unit_dbc.iter().all(|level| level.is_infinite()) {
            return Ok(None);
        }
        let (er, target) = (modes.extinction_ratio_db[mode], modes.target_ser_ratio[mode]);
        let penalties = cache.penalties.get(&[er, target], || PenaltyTable::new(er, target))?;
        Ok(Some(Self { grid_m: path.grid_m.clone(), unit_dbc, penalties }))
    }

    /// What mixing does to the lane at a wavelength when every lane is launched with the same power.
    pub(super) fn lane(&self, center_m: f64, launch_power_dbm: f64) -> LaneMixing {
        let inside = |&(low, high): &(f64, f64)| (low..=high).contains(&center_m);
        let Some(lane) = self.grid_m.iter().position(inside) else { return LaneMixing::NONE };
        if !launch_power_dbm.is_finite() || self.unit_dbc[lane].is_infinite() {
            return LaneMixing::NONE;
        }
        let crosstalk_dbc = self.unit_dbc[lane] + 2.0 * launch_power_dbm;
        let penalty_db = self.penalties.at(crosstalk_dbc);
        if penalty_db < NEGLIGIBLE_DB {
            return LaneMixing::NONE;
        }
        LaneMixing { penalty_db, crosstalk_dbc, closing_dbc: self.penalties.closing_dbc }
    }
}

fn merge(plant: &Plant<'_>, path: usize, center_m: f64) -> Result<Option<MergedFiber>> {
    let (elements, fibers) = (&plant.elements, &plant.fibers);
    let mut merged = MergedFiber {
        length_m: 0.0,
        attenuation_db_per_m: 0.0,
        gamma_per_w_m: 0.0,
        zero_dispersion_m: (f64::INFINITY, 0.0),
        zero_slope_s_per_m3: f64::INFINITY,
    };
    for element in plant.path_offsets[path]..plant.path_offsets[path + 1] {
        let length_m = elements.length_m[element];
        if elements.kind(element) != ElementKind::Fiber || length_m <= 0.0 {
            continue;
        }
        let part = elements.part(element);
        let frequency_hz = SPEED_OF_LIGHT_M_PER_S / center_m;
        let attenuation = attenuation_db_per_m(plant, element, frequency_hz)?.unwrap_or(f64::NAN);
        let range = (fibers.zero_dispersion_min_m[part], fibers.zero_dispersion_max_m[part]);
        let (slope, gamma) = (fibers.zero_slope_max_s_per_m3[part], fibers.gamma_per_w_m[part]);
        if [attenuation, range.0, range.1, slope, gamma].iter().any(|figure| figure.is_nan()) {
            return Ok(None);
        }
        merged.length_m += length_m;
        merged.attenuation_db_per_m += attenuation * length_m;
        merged.gamma_per_w_m += gamma * length_m;
        merged.zero_dispersion_m = (range.0.min(merged.zero_dispersion_m.0), range.1.max(merged.zero_dispersion_m.1));
        merged.zero_slope_s_per_m3 = slope.min(merged.zero_slope_s_per_m3);
    }
    let mixes = merged.gamma_per_w_m > 0.0;
    merged.attenuation_db_per_m /= merged.length_m;
    merged.gamma_per_w_m /= merged.length_m;
    Ok(mixes.then_some(merged))
}

/// Penalty of a PAM4 lane over the crosstalk of mixing products, in steps of a decibel.
#[derive(Debug)]
struct PenaltyTable {
    /// Logarithms of the penalties in dB, from the least crosstalk on.
    log_penalty: Vec<f64>,
    /// Crosstalk that closes the eye, and the logarithm of the penalty just below.
    closing_dbc: f64,
    last_log_penalty: f64,
}

impl PenaltyTable {
    fn new(extinction_ratio_db: f64, target_ser_ratio: f64) -> Result<Self> {
        let signal = InterferedSignal { levels_count: 4, extinction_ratio_db, polarization_aligned: true };
        let log_penalty_at = |crosstalk_dbc: f64| -> Result<Option<f64>> {
            let products = [Interferer { power_ratio: from_db(crosstalk_dbc), field: InterfererField::Mixing }];
            match InterferenceDistribution::new(&signal, &products)?.averaged_penalty_db(target_ser_ratio) {
                Ok(penalty_db) => Ok(Some(penalty_db.max(f64::MIN_POSITIVE).ln())),
                Err(Error::Model(_)) => Ok(None),
                Err(other) => Err(other),
            }
        };
        let all: Vec<Option<f64>> = (PENALTY_LEAST_DBC..=PENALTY_GREATEST_DBC)
            .into_par_iter()
            .map(|level| log_penalty_at(f64::from(level)))
            .collect::<Result<_>>()?;
        let log_penalty: Vec<f64> = all.into_iter().map_while(|entry| entry).collect();
        let Some(&last) = log_penalty.last() else {
            return Err(Error::parameter("extinction_ratio_db", extinction_ratio_db, "one that leaves an open eye"));
        };
        let mut open = (f64::from(PENALTY_LEAST_DBC) + (log_penalty.len() - 1) as f64, last);
        let mut closed_dbc = open.0 + 1.0;
        for _ in 0..BISECTIONS_COUNT {
            let middle_dbc = 0.5 * (open.0 + closed_dbc);
            match log_penalty_at(middle_dbc)? {
                Some(log_penalty) => open = (middle_dbc, log_penalty),
                None => closed_dbc = middle_dbc,
            }
        }
        Ok(Self { log_penalty, closing_dbc: open.0, last_log_penalty: open.1 })
    }

    /// Penalty at a crosstalk; infinite where the eye is closed.
    fn at(&self, crosstalk_dbc: f64) -> f64 {
        let place = crosstalk_dbc - f64::from(PENALTY_LEAST_DBC);
        if crosstalk_dbc > self.closing_dbc {
            return f64::INFINITY;
        }
        if place <= 0.0 {
            return self.log_penalty[0].exp() * from_db(place);
        }
        let row = place.floor() as usize;
        let low = self.log_penalty[row];
        let (high, width) = match self.log_penalty.get(row + 1) {
            Some(&high) => (high, 1.0),
            None => (self.last_log_penalty, self.closing_dbc - f64::from(PENALTY_LEAST_DBC) - row as f64),
        };
        let share = if width > 0.0 { (place - row as f64) / width } else { 0.0 };
        (low + share * (high - low)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn penalties_between_the_points_are_those_of_the_distribution() {
        let table = PenaltyTable::new(3.5, 4.8e-4).unwrap();
        let signal = InterferedSignal { levels_count: 4, extinction_ratio_db: 3.5, polarization_aligned: true };
        let exact = |level: f64| {
            let one = [Interferer { power_ratio: from_db(level), field: InterfererField::Mixing }];
            InterferenceDistribution::new(&signal, &one).unwrap().averaged_penalty_db(4.8e-4)
        };
        for level in [-62.3, -45.5, -38.7, -34.4] {
            let (found, expected) = (table.at(level), exact(level).unwrap());
            assert!((found - expected).abs() < 2e-4 + 0.03 * expected, "{level}: {found} {expected}");
        }
        assert!(exact(table.closing_dbc).is_ok() && exact(table.closing_dbc + 0.05).is_err());
        assert!(table.at(table.closing_dbc).is_finite() && table.at(table.closing_dbc + 1e-9).is_infinite());
    }
}

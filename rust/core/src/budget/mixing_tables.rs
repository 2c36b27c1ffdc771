//! Tables of four-wave mixing over the length and attenuation of a fiber, of which only the rows in use are computed.

use super::memo::Memo;
use crate::error::Result;
use crate::fiber::{MixingDraws, MixingSpan, SpreadLane, SpreadLine};
use crate::units::{SPEED_OF_LIGHT_M_PER_S, to_db};
use rayon::prelude::*;
use std::collections::HashMap;
use std::f64::consts::LN_10;
use std::sync::{Arc, OnceLock};

/// Share of links whose mixing is stronger than counted.
const EXCEEDANCE_RATIO: f64 = 0.01;
const DRAWS_COUNT: usize = 4000;
/// The key of every number: whatever the batch, a link has the same draws.
const SEED: u64 = 1;
/// Tabulated lengths: six for each octave from 62.5 m to 64 km.
const SHORTEST_M: f64 = 62.5;
const LENGTHS_PER_OCTAVE: f64 = 6.0;
const LENGTHS_COUNT: usize = 61;
/// Step between tabulated attenuations.
const ATTENUATION_STEP_DB_PER_M: f64 = 5e-5;
/// Draws of grids that are kept, about a megabyte each.
const GRIDS_MOST: usize = 32;
/// Tables that are kept, a few kilobytes each: a fiber that warms up has new ones at every step.
const TABLES_MOST: usize = 4096;

/// All fibers of a path as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct MergedFiber {
    pub(super) length_m: f64,
    pub(super) attenuation_db_per_m: f64,
    pub(super) gamma_per_w_m: f64,
    pub(super) zero_dispersion_m: (f64, f64),
    pub(super) zero_slope_s_per_m3: f64,
}

/// Tables by the fiber and the grid that they are for.
#[derive(Debug)]
pub(super) struct CrosstalkTables {
    draws: Memo<MixingDraws>,
    tables: Memo<CrosstalkTable>,
}

impl Default for CrosstalkTables {
    fn default() -> Self {
        Self { draws: Memo::of_most(GRIDS_MOST), tables: Memo::of_most(TABLES_MOST) }
    }
}

/// A fiber between two tabulated lengths and two tabulated attenuations.
#[derive(Debug)]
pub(super) struct CrosstalkPlace {
    below: Arc<CrosstalkTable>,
    above: Arc<CrosstalkTable>,
    attenuation_share: f64,
    row: usize,
    length_share: f64,
    short_db: f64,
}

impl CrosstalkTables {
    /// Finds the place of a fiber for lanes that may lie in these ranges of wavelength.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for a figure outside its range.
    pub(super) fn find(&self, fiber: &MergedFiber, grid_m: &[(f64, f64)], window_hz: f64) -> Result<CrosstalkPlace> {
        let attenuation = fiber.attenuation_db_per_m / ATTENUATION_STEP_DB_PER_M;
        let place = (fiber.length_m / SHORTEST_M).log2() * LENGTHS_PER_OCTAVE;
        let row = (place.max(0.0).floor() as usize).min(LENGTHS_COUNT - 2);
        Ok(CrosstalkPlace {
            below: self.table(fiber, attenuation.floor(), grid_m, window_hz)?,
            above: self.table(fiber, attenuation.floor() + 1.0, grid_m, window_hz)?,
            attenuation_share: attenuation.fract(),
            row,
            length_share: (place - row as f64).clamp(0.0, 1.0),
            // Products of a short line grow with the square of its length; those of a longer one than tabulated have
            // attenuated.
            short_db: if place < 0.0 { 2.0 * to_db(fiber.length_m / SHORTEST_M) } else { 0.0 },
        })
    }

    /// Computes what rows of these places are not known yet, in parallel.
    ///
    /// # Errors
    /// As [`CrosstalkTables::find`].
    pub(super) fn fill<'a>(places: impl Iterator<Item = &'a CrosstalkPlace>) -> Result<()> {
        let mut wanted: HashMap<*const CrosstalkTable, (&CrosstalkTable, Vec<usize>)> = HashMap::new();
        for place in places {
            for table in [&place.below, &place.above] {
                let (_, rows) = wanted.entry(Arc::as_ptr(table)).or_insert((table, Vec::new()));
                rows.extend([place.row, place.row + 1]);
            }
        }
        let jobs: Vec<(&CrosstalkTable, Vec<usize>)> = wanted.into_values().collect();
        jobs.into_par_iter().try_for_each(|(table, rows)| table.fill(rows))
    }

    fn table(
        &self,
        fiber: &MergedFiber,
        attenuation_place: f64,
        grid_m: &[(f64, f64)],
        window_hz: f64,
    ) -> Result<Arc<CrosstalkTable>> {
        let mut grid_key = vec![window_hz];
        grid_key.extend(grid_m.iter().flat_map(|(low, high)| [low, high]));
        let mut key =
            vec![attenuation_place, fiber.zero_dispersion_m.0, fiber.zero_dispersion_m.1, fiber.zero_slope_s_per_m3];
        key.extend(&grid_key);
        self.tables.get(&key, || {
            let draws = self.draws.get(&grid_key, || {
                let lanes: Vec<SpreadLane> = grid_m.iter().map(lane_of).collect();
                MixingDraws::new(&lanes, window_hz, DRAWS_COUNT, SEED)
            })?;
            Ok(CrosstalkTable {
                line: line_of(fiber, attenuation_place, window_hz),
                draws,
                rows: std::array::from_fn(|_| OnceLock::new()),
            })
        })
    }
}

impl CrosstalkPlace {
    /// Crosstalk per lane at 1 W and a Kerr coefficient of 1/W/m.
    ///
    /// # Errors
    /// As [`CrosstalkTables::find`].
    pub(super) fn unit_crosstalk_dbc(&self) -> Result<Vec<f64>> {
        let [below, above] = [self.at_length(&self.below)?, self.at_length(&self.above)?];
        Ok(below.iter().zip(&above).map(|(&low, &high)| between(low, high, self.attenuation_share)).collect())
    }

    fn at_length(&self, table: &CrosstalkTable) -> Result<Vec<f64>> {
        let (shorter, longer) = (table.row(self.row)?, table.row(self.row + 1)?);
        let pairs = shorter.iter().zip(longer);
        Ok(pairs.map(|(&low, &high)| between(low, high, self.length_share) + self.short_db).collect())
    }
}

/// Crosstalk of lanes of 1 W at a tabulated attenuation, over the tabulated lengths.
#[derive(Debug)]
struct CrosstalkTable {
    line: SpreadLine,
    draws: Arc<MixingDraws>,
    rows: [OnceLock<Vec<f64>>; LENGTHS_COUNT],
}

impl CrosstalkTable {
    /// The lanes' crosstalk at one length.
    fn row(&self, row: usize) -> Result<&[f64]> {
        if self.rows[row].get().is_none() {
            self.fill(vec![row])?;
        }
        Ok(self.rows[row].get().map_or(&[], Vec::as_slice))
    }

    /// Computes the rows that are not known yet. Rows are alone in what they follow from: who comes first changes nothing.
    fn fill(&self, mut rows: Vec<usize>) -> Result<()> {
        rows.sort_unstable();
        rows.dedup();
        rows.retain(|&row| self.rows[row].get().is_none());
        if rows.is_empty() {
            return Ok(());
        }
        let lengths_m: Vec<f64> =
            rows.iter().map(|&row| SHORTEST_M * (row as f64 / LENGTHS_PER_OCTAVE).exp2()).collect();
        let found = self.draws.quantiles(&self.line, &lengths_m, EXCEEDANCE_RATIO)?;
        for (row, ratios) in rows.into_iter().zip(found) {
            // Another thread may have been here with the same numbers.
            self.rows[row].get_or_init(|| ratios.into_iter().map(to_db).collect());
        }
        Ok(())
    }
}

/// Linear between two levels, one of which may be minus infinity.
fn between(low: f64, high: f64, share: f64) -> f64 {
    if low.is_infinite() || high.is_infinite() { low.max(high) } else { low + share * (high - low) }
}

fn lane_of(&(low, high): &(f64, f64)) -> SpreadLane {
    SpreadLane {
        frequency_min_hz: SPEED_OF_LIGHT_M_PER_S / high,
        frequency_max_hz: SPEED_OF_LIGHT_M_PER_S / low,
        power_w: 1.0,
    }
}

fn line_of(fiber: &MergedFiber, attenuation_place: f64, window_hz: f64) -> SpreadLine {
    SpreadLine {
        span: MixingSpan {
            attenuation_per_m: attenuation_place * ATTENUATION_STEP_DB_PER_M * LN_10 / 10.0,
            length_m: fiber.length_m,
            gamma_per_w_m: 1.0,
            zero_dispersion_m: fiber.zero_dispersion_m.0,
            zero_slope_s_per_m3: fiber.zero_slope_s_per_m3,
            transmission_ratio: 1.0,
        },
        zero_dispersion_min_m: fiber.zero_dispersion_m.0,
        zero_dispersion_max_m: fiber.zero_dispersion_m.1,
        window_hz,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crosstalk_between_the_lengths_is_that_of_the_draws() {
        let nm = [1295.56, 1300.05, 1304.58, 1309.14];
        let grid: Vec<(f64, f64)> = nm.iter().map(|nm| ((nm - 1.0) * 1e-9, (nm + 1.0) * 1e-9)).collect();
        let lanes: Vec<SpreadLane> = grid.iter().map(lane_of).collect();
        let draws = MixingDraws::new(&lanes, 56e9, DRAWS_COUNT, SEED).unwrap();
        let tables = CrosstalkTables::default();
        for (length_m, attenuation_place) in [(120.0, 6.0), (10e3, 7.0), (13e3, 7.0), (29e3, 8.0)] {
            let fiber = MergedFiber {
                length_m,
                attenuation_db_per_m: attenuation_place * ATTENUATION_STEP_DB_PER_M,
                gamma_per_w_m: 1.0,
                zero_dispersion_m: (1300e-9, 1324e-9),
                zero_slope_s_per_m3: 92.0,
            };
            let place = tables.find(&fiber, &grid, 56e9).unwrap();
            let found = place.unit_crosstalk_dbc().unwrap();
            let line = line_of(&fiber, attenuation_place, 56e9);
            let exact = draws.quantiles(&line, &[length_m], EXCEEDANCE_RATIO).unwrap();
            for (found, ratio) in found.iter().zip(&exact[0]) {
                assert!((found - to_db(*ratio)).abs() < 0.5, "{length_m}: {found} {}", to_db(*ratio));
            }
        }
    }

    #[test]
    fn rows_are_the_same_whatever_was_asked_for_before() {
        let grid = [(1294.5e-9, 1296.6e-9), (1299.0e-9, 1301.1e-9), (1303.5e-9, 1305.6e-9)];
        let fiber = |length_m: f64| MergedFiber {
            length_m,
            attenuation_db_per_m: 3.3e-4,
            gamma_per_w_m: 1.0,
            zero_dispersion_m: (1300e-9, 1324e-9),
            zero_slope_s_per_m3: 92.0,
        };
        let alone = CrosstalkTables::default().find(&fiber(7e3), &grid, 53e9).unwrap().unit_crosstalk_dbc().unwrap();
        let tables = CrosstalkTables::default();
        let places: Vec<CrosstalkPlace> =
            [200.0, 6.5e3, 7e3, 40e3, 90e3].iter().map(|&km| tables.find(&fiber(km), &grid, 53e9).unwrap()).collect();
        CrosstalkTables::fill(places.iter()).unwrap();
        assert_eq!(places[2].unit_crosstalk_dbc().unwrap(), alone);
        assert!(alone.iter().any(|level| level.is_finite()));
    }
}

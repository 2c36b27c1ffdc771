//! The way of one direct-detect lane: levels, dispersion corners, DGD.

use super::direct_specimen::PathSpecimen;
use super::direct_tables::DirectModes;
use super::tables::FiberTable;
use super::verdict::{LaneOutput, Limit, Unknown};
use crate::error::Result;
use crate::fiber::DispersionCorner;

/// Sends one lane along its path; gives the most negative and the most positive accumulated dispersion.
///
/// Its loss counts at the first wavelength, its dispersion at the other two, the shortest and the longest.
pub(super) fn pass(
    fibers: &FiberTable<'_>,
    path: &PathSpecimen,
    (center_m, min_m, max_m): (f64, f64, f64),
    out: &mut LaneOutput,
    level_steps_db: &mut Vec<f64>,
) -> Result<(f64, f64)> {
    level_steps_db.clear();
    let (mut lowest, mut highest) = (path.dispersion_s_per_m, path.dispersion_s_per_m);
    for element in &path.elements {
        let Some(fiber) = &element.fiber else {
            level_steps_db.push(-element.loss_db);
            continue;
        };
        let attenuation_db_per_m = fiber.attenuation_db_per_m(fibers, center_m)?.unwrap_or_else(|| {
            out.set_unknown(Unknown::Attenuation);
            f64::NAN
        });
        level_steps_db.push(-attenuation_db_per_m * fiber.length_m - element.loss_db);
        let dispersion = &fiber.dispersion;
        let least = dispersion.at(min_m, DispersionCorner::LongestZero) * fiber.length_m;
        // Of a specimen both corners are one.
        let one = min_m == max_m && dispersion.zero_dispersion_min_m == dispersion.zero_dispersion_max_m;
        lowest += least;
        highest += if one { least } else { dispersion.at(max_m, DispersionCorner::ShortestZero) * fiber.length_m };
    }
    if lowest.is_nan() || highest.is_nan() {
        out.set_unknown(Unknown::Dispersion);
    }
    out.dgd_mean_s = path.dgd_mean_s;
    Ok((lowest, highest))
}

/// Reports the corner that is nearer to (or further beyond) its limit, and blocks beyond it.
pub(super) fn check_dispersion(
    modes: &DirectModes<'_>,
    mode: usize,
    out: &mut LaneOutput,
    (lowest, highest): (f64, f64),
) {
    let (floor, ceiling) = (modes.dispersion_min_s_per_m[mode], modes.dispersion_max_s_per_m[mode]);
    if floor.is_nan() || ceiling.is_nan() {
        out.dispersion_s_per_m = if -lowest > highest { lowest } else { highest };
        if !lowest.is_nan() {
            out.set_unknown(Unknown::DispersionTolerance);
        }
        return;
    }
    let lower_is_nearer = lowest - floor < ceiling - highest;
    out.dispersion_s_per_m = if lower_is_nearer { lowest } else { highest };
    if lowest < floor {
        out.set_blocked(Limit::Dispersion, lowest, floor);
    }
    if highest > ceiling {
        out.set_blocked(Limit::Dispersion, highest, ceiling);
    }
}

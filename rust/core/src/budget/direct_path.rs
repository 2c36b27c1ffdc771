//! The way of one direct-detect lane: levels, dispersion corners, DGD.

use super::direct_tables::{DirectLanes, DirectModes};
use super::tables::{ElementKind, Plant};
use super::verdict::{LaneOutput, Limit, Unknown};
use super::walk::attenuation_db_per_m;
use crate::error::Result;
use crate::fiber::DispersionCorner;
use crate::units::SPEED_OF_LIGHT_M_PER_S;

/// Sends one lane along its path; gives the most negative and the most positive accumulated dispersion.
pub(super) fn pass(
    plant: &Plant<'_>,
    path: usize,
    lanes: &DirectLanes<'_>,
    lane: usize,
    out: &mut LaneOutput,
    level_steps_db: &mut Vec<f64>,
) -> Result<(f64, f64)> {
    let elements = &plant.elements;
    level_steps_db.clear();
    let (center_m, min_m, max_m) = lanes.wavelengths_m(lane);
    let (mut lowest, mut highest, mut dgd_squared) = (0.0, 0.0, 0.0);
    for element in plant.path_offsets[path]..plant.path_offsets[path + 1] {
        lowest += elements.dispersion_s_per_m[element];
        highest += elements.dispersion_s_per_m[element];
        dgd_squared += elements.dgd_s[element].powi(2);
        if elements.kind(element) != ElementKind::Fiber {
            level_steps_db.push(-plant.loss_db(element));
            continue;
        }
        let length_m = elements.length_m[element];
        let frequency_hz = SPEED_OF_LIGHT_M_PER_S / center_m;
        let attenuation = attenuation_db_per_m(plant, element, frequency_hz)?.unwrap_or_else(|| {
            out.set_unknown(Unknown::Attenuation);
            f64::NAN
        });
        level_steps_db.push(-attenuation * length_m - plant.loss_db(element));
        let dispersion = plant.dispersion(element);
        lowest += dispersion.at(min_m, DispersionCorner::LongestZero) * length_m;
        highest += dispersion.at(max_m, DispersionCorner::ShortestZero) * length_m;
        dgd_squared += plant.pmd_s_per_sqrt_m(element).powi(2) * length_m;
    }
    if lowest.is_nan() || highest.is_nan() {
        out.set_unknown(Unknown::Dispersion);
    }
    out.dgd_mean_s = f64::sqrt(dgd_squared);
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

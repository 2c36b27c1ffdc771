//! The eye that a direct-detect mode's transmitter leaves behind a fiber, tabulated once per mode.

use super::direct_mixing::MixingCache;
use super::direct_tables::DirectModes;
use crate::dsp::Equalizer;
use crate::error::{Error, Result};
use crate::metrics::{EqualizedEye, EyePlace, EyeTable, TdecqTest};
use crate::optics::{Response, Transmitter};
use crate::units::{from_db, to_db};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Receiver bandwidth over the symbol rate.
const RECEIVER_BANDWIDTH_RATIO: f64 = 0.5;
/// Wavelength at which the range that a mode is tested over is weighed.
const TEST_WAVELENGTH_M: f64 = 1310e-9;

/// Figures that decide an eye, bit by bit.
type Key = [u64; 9];

/// Eyes, and crosstalk of four-wave mixing, that one batch leaves to the next; a table takes as long as ten thousand lanes.
#[derive(Debug, Default)]
pub struct EyeCache {
    pub(super) mixing: MixingCache,
    tables: Mutex<HashMap<Key, Option<Arc<EyeTable>>>>,
}

/// The eye of one mode.
#[derive(Debug, Clone)]
pub(super) enum ModeEye {
    /// The mode lacks a figure of its transmitter: its TDECQ limit stands for the eye.
    Limit,
    /// The transmitter's figures leave no open eye even without a fiber.
    Closed,
    /// Tabulated.
    Table {
        /// The eyes.
        table: Arc<EyeTable>,
        /// TDECQ without a fiber.
        tecq_db: f64,
        /// Greatest TDECQ over the dispersion that the mode is tested over, at most its limit.
        transmitter_tdecq_db: f64,
    },
}

/// The eye of one lane, of which most draws read a number or two.
#[derive(Debug, Clone, Copy)]
pub(super) enum LaneEye<'a> {
    /// Ideal levels that the mode's TDECQ limit closes.
    Limit(f64),
    /// A place in the table of the mode.
    Table {
        table: &'a EyeTable,
        place: EyePlace,
        /// See [`EqualizedEye::bearable_ratio`].
        bearable_ratio: f64,
    },
}

impl LaneEye<'_> {
    pub(super) fn tdecq_db(&self) -> f64 {
        match self {
            Self::Limit(limit_db) => *limit_db,
            Self::Table { bearable_ratio, .. } => -to_db(*bearable_ratio),
        }
    }

    /// See [`EqualizedEye::level_noise_ratio`].
    pub(super) fn level_noise_ratio(&self) -> f64 {
        match self {
            Self::Limit(limit_db) => from_db(-limit_db),
            Self::Table { table, place, .. } => table.level_noise_ratio(place),
        }
    }

    /// All of it.
    pub(super) fn whole(&self) -> EqualizedEye {
        match self {
            Self::Limit(limit_db) => EqualizedEye::ideal(*limit_db),
            Self::Table { table, place, .. } => table.eye(place),
        }
    }
}

/// Tabulates the eyes of all modes, in parallel, those that the cache knows at once.
///
/// # Errors
/// [`Error::Parameter`] if a figure of a transmitter is not allowed.
pub(super) fn mode_eyes(modes: &DirectModes<'_>, cache: &EyeCache) -> Result<Vec<ModeEye>> {
    (0..modes.fec.len()).into_par_iter().map(|mode| mode_eye(modes, mode, cache)).collect()
}

fn mode_eye(modes: &DirectModes<'_>, mode: usize, cache: &EyeCache) -> Result<ModeEye> {
    let equalizer = match modes.equalizer[mode] {
        1 => Equalizer::FFE5,
        2 => Equalizer::FFE15_DFE1,
        _ => return Ok(ModeEye::Limit),
    };
    let range = (modes.dispersion_min_s_per_m[mode], modes.dispersion_max_s_per_m[mode]);
    let needed = [
        modes.eo_bandwidth_hz[mode],
        modes.chirp_alpha[mode],
        modes.extinction_ratio_db[mode],
        range.0,
        range.1,
        modes.symbol_rate_hz[mode],
        modes.target_ser_ratio[mode],
    ];
    if needed.iter().any(|figure| figure.is_nan()) {
        return Ok(ModeEye::Limit);
    }
    let mismatch = modes.level_mismatch_ratio[mode];
    let optional = [if mismatch.is_nan() { 1.0 } else { mismatch }, modes.rin_db_per_hz[mode]];
    let mut key: Key = [0; 9];
    for (place, figure) in key.iter_mut().zip(needed.iter().chain(&optional)) {
        *place = figure.to_bits();
    }
    key[5] ^= u64::from(modes.equalizer[mode]);
    let known = cache.tables.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    let table = if let Some(table) = known {
        table
    } else {
        let table = match tabulate(modes, mode, equalizer, optional[0], range) {
            Ok(table) => Some(Arc::new(table)),
            Err(Error::Model(_)) => None,
            Err(other) => return Err(other),
        };
        cache.tables.lock().unwrap_or_else(PoisonError::into_inner).insert(key, table.clone());
        table
    };
    Ok(table.map_or(ModeEye::Closed, |table| {
        let worst_db = table.worst_tdecq_db(range, TEST_WAVELENGTH_M);
        let tecq_db = table.worst_tdecq_db((0.0, 0.0), TEST_WAVELENGTH_M);
        let limit_db = modes.tdecq_max_db[mode];
        // f64::min passes over a limit that nobody knows.
        ModeEye::Table { table, tecq_db, transmitter_tdecq_db: worst_db.min(limit_db) }
    }))
}

fn tabulate(
    modes: &DirectModes<'_>,
    mode: usize,
    equalizer: Equalizer,
    level_mismatch_ratio: f64,
    range: (f64, f64),
) -> Result<EyeTable> {
    let symbol_rate_hz = modes.symbol_rate_hz[mode];
    let transmitter = Transmitter {
        symbol_rate_hz,
        response: Response::BesselThomson { bandwidth_hz: modes.eo_bandwidth_hz[mode] },
        extinction_ratio_db: modes.extinction_ratio_db[mode],
        level_mismatch_ratio,
        chirp_alpha: modes.chirp_alpha[mode],
        adiabatic_chirp_hz: 0.0,
    };
    let receiver = Response::BesselThomson { bandwidth_hz: RECEIVER_BANDWIDTH_RATIO * symbol_rate_hz };
    let rin = modes.rin_db_per_hz[mode];
    let noise = if rin.is_nan() { 0.0 } else { from_db(rin) * receiver.noise_bandwidth_hz() };
    let noise_variance_ratio = transmitter.level_powers().map(|power| noise * power * power);
    let test = TdecqTest { equalizer, target_ser_ratio: modes.target_ser_ratio[mode], noise_variance_ratio };
    EyeTable::new(&transmitter, receiver, &test, range)
}

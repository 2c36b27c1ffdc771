//! The eye that a direct-detect mode's transmitter leaves behind a fiber, tabulated once per mode.

use super::direct_mixing::MixingCache;
use super::direct_tables::DirectModes;
use crate::dsp::Equalizer;
use crate::error::{Error, Result};
use crate::metrics::{EqualizedEye, EyePlace, EyeSurrogate, EyeTable, TdecqTest};
use crate::optics::{Response, Transmitter};
use crate::units::{from_db, to_db};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Receiver bandwidth over the symbol rate.
const RECEIVER_BANDWIDTH_RATIO: f64 = 0.5;
/// Wavelength at which the range that a mode is tested over is weighed.
const TEST_WAVELENGTH_M: f64 = 1310e-9;

/// Eyes that are kept: one for each mode, and for each value of a figure of theirs that is swept.
const TABLES_MOST: usize = 1024;

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
    /// The surrogate, whose eyes are asked for, has none of this transmitter.
    Outside,
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

/// Where the eyes of a batch come from.
#[derive(Clone, Copy)]
pub struct EyeSources<'a> {
    /// What earlier batches have computed.
    pub cache: &'a EyeCache,
    /// Eyes of simulated waveforms, in place of those that are computed.
    pub surrogates: Option<&'a [ModeSurrogate]>,
}

/// A surrogate and the equalizer that it was simulated with.
#[derive(Debug, Clone)]
pub struct ModeSurrogate {
    /// As in [`DirectModes::equalizer`].
    pub equalizer: u8,
    /// The eyes.
    pub eyes: EyeSurrogate,
}

/// Tabulates the eyes of all modes, in parallel, those that the cache knows at once.
///
/// # Errors
/// [`Error::Parameter`] if a figure of a transmitter is not allowed.
pub(super) fn mode_eyes(modes: &DirectModes<'_>, sources: EyeSources<'_>) -> Result<Vec<ModeEye>> {
    (0..modes.fec.len())
        .into_par_iter()
        .map(|mode| match sources.surrogates {
            None => mode_eye(modes, mode, sources.cache),
            Some(surrogates) => surrogate_eye(modes, mode, surrogates),
        })
        .collect()
}

/// The eye of the first surrogate that holds a mode.
fn surrogate_eye(modes: &DirectModes<'_>, mode: usize, surrogates: &[ModeSurrogate]) -> Result<ModeEye> {
    let range = (modes.dispersion_min_s_per_m[mode], modes.dispersion_max_s_per_m[mode]);
    let transmitter = transmitter_of(modes, mode);
    let figures = [transmitter.extinction_ratio_db, transmitter.chirp_alpha, range.0, range.1];
    if modes.eo_bandwidth_hz[mode].is_nan() || figures.iter().any(|figure| figure.is_nan()) {
        return Ok(ModeEye::Outside);
    }
    let noise = intensity_noise_ratio(modes, mode);
    for surrogate in surrogates {
        if surrogate.equalizer != modes.equalizer[mode] || !surrogate.eyes.is_for(modes.target_ser_ratio[mode]) {
            continue;
        }
        match surrogate.eyes.tabulate(&transmitter, noise, range) {
            Ok(None) => {}
            Ok(Some(table)) => return Ok(tabulated(modes, mode, Arc::new(table))),
            Err(Error::Model(_)) => return Ok(ModeEye::Closed),
            Err(other) => return Err(other),
        }
    }
    Ok(ModeEye::Outside)
}

/// An eye with what the transmitter launches for it.
fn tabulated(modes: &DirectModes<'_>, mode: usize, table: Arc<EyeTable>) -> ModeEye {
    let range = (modes.dispersion_min_s_per_m[mode], modes.dispersion_max_s_per_m[mode]);
    let worst_db = table.worst_tdecq_db(range, TEST_WAVELENGTH_M);
    let tecq_db = table.worst_tdecq_db((0.0, 0.0), TEST_WAVELENGTH_M);
    // f64::min passes over a limit that nobody knows.
    ModeEye::Table { table, tecq_db, transmitter_tdecq_db: worst_db.min(modes.tdecq_max_db[mode]) }
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
        let table = match tabulate(modes, mode, equalizer, range) {
            Ok(table) => Some(Arc::new(table)),
            Err(Error::Model(_)) => None,
            Err(other) => return Err(other),
        };
        let mut tables = cache.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if tables.len() >= TABLES_MOST {
            tables.clear();
        }
        tables.insert(key, table.clone());
        drop(tables);
        table
    };
    Ok(table.map_or(ModeEye::Closed, |table| tabulated(modes, mode, table)))
}

fn tabulate(modes: &DirectModes<'_>, mode: usize, equalizer: Equalizer, range: (f64, f64)) -> Result<EyeTable> {
    let transmitter = transmitter_of(modes, mode);
    let receiver = receiver_of(modes, mode);
    let noise = intensity_noise_ratio(modes, mode);
    let noise_variance_ratio = transmitter.level_powers().map(|power| noise * power * power);
    let test = TdecqTest { equalizer, target_ser_ratio: modes.target_ser_ratio[mode], noise_variance_ratio };
    EyeTable::new(&transmitter, receiver, &test, range)
}

fn transmitter_of(modes: &DirectModes<'_>, mode: usize) -> Transmitter {
    let mismatch = modes.level_mismatch_ratio[mode];
    Transmitter {
        symbol_rate_hz: modes.symbol_rate_hz[mode],
        response: Response::BesselThomson { bandwidth_hz: modes.eo_bandwidth_hz[mode] },
        extinction_ratio_db: modes.extinction_ratio_db[mode],
        level_mismatch_ratio: if mismatch.is_nan() { 1.0 } else { mismatch },
        chirp_alpha: modes.chirp_alpha[mode],
        adiabatic_chirp_hz: 0.0,
    }
}

fn receiver_of(modes: &DirectModes<'_>, mode: usize) -> Response {
    Response::BesselThomson { bandwidth_hz: RECEIVER_BANDWIDTH_RATIO * modes.symbol_rate_hz[mode] }
}

/// Variance of the light's relative intensity behind the receiver's response.
fn intensity_noise_ratio(modes: &DirectModes<'_>, mode: usize) -> f64 {
    let rin = modes.rin_db_per_hz[mode];
    if rin.is_nan() { 0.0 } else { from_db(rin) * receiver_of(modes, mode).noise_bandwidth_hz() }
}

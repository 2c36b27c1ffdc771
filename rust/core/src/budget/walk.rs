//! The way of a comb of channels along one path: levels, noise, dispersion.

use super::tables::{ElementKind, Plant};
use super::verdict::Unknown;
use super::walk_amplifier::{AmplifierControl, AmplifierSetting, pass_amplifier};
use super::walk_fiber::{Spans, pass_fiber};
use crate::error::Result;
use crate::optics::{POLYNOMIAL_SLOT_HZ, osnr_polynomial};
use crate::units::{SPEED_OF_LIGHT_M_PER_S, from_db, from_dbm, to_db, wavelength_m};

/// One channel before and on its way.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub frequency_hz: f64,
    pub symbol_rate_hz: f64,
    /// Spectrum between neighbors, over which the noise polynomials spread the power.
    pub slot_hz: f64,
    pub level_dbm: f64,
    /// Level change of each element, in order.
    pub level_steps_db: Vec<f64>,
    /// Noise-to-signal ratio in 12.5 GHz of each element, in order; 0 where it adds none.
    pub noise_steps: Vec<f64>,
    /// Noise-to-signal ratio of nonlinear interference in the symbol rate.
    pub nonlinear_ratio: f64,
    pub dispersion_s_per_m: f64,
    pub dgd_squared_s2: f64,
    pub unknown: Unknown,
    /// Decibels by which the slot is wider than the slot of the noise polynomials.
    pub slot_db: f64,
    /// What the fiber type passed last does at this frequency: spans of one path, and paths with one comb, look it up once.
    pub fiber: Option<FiberFigures>,
}

/// Figures of one fiber type at one frequency.
#[derive(Debug, Clone, Copy)]
pub(super) struct FiberFigures {
    pub part: usize,
    /// `None` where no figure reaches.
    pub attenuation_db_per_m: Option<f64>,
    pub dispersion_s_per_m2: f64,
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            frequency_hz: f64::NAN,
            symbol_rate_hz: f64::NAN,
            slot_hz: f64::NAN,
            level_dbm: f64::NAN,
            level_steps_db: Vec::new(),
            noise_steps: Vec::new(),
            nonlinear_ratio: 0.0,
            dispersion_s_per_m: 0.0,
            dgd_squared_s2: 0.0,
            unknown: Unknown::No,
            slot_db: f64::NAN,
            fiber: None,
        }
    }
}

impl Channel {
    /// Puts the channel at the start of a path; keeps the memory that an earlier path left.
    pub(super) fn reset(&mut self, frequency_hz: f64, symbol_rate_hz: f64, slot_hz: f64, level_dbm: f64) {
        self.level_steps_db.clear();
        self.noise_steps.clear();
        *self = Self {
            slot_db: if slot_hz == self.slot_hz { self.slot_db } else { to_db(slot_hz / POLYNOMIAL_SLOT_HZ) },
            fiber: if frequency_hz == self.frequency_hz { self.fiber } else { None },
            frequency_hz,
            symbol_rate_hz,
            slot_hz,
            level_dbm,
            level_steps_db: std::mem::take(&mut self.level_steps_db),
            noise_steps: std::mem::take(&mut self.noise_steps),
            ..Self::default()
        };
    }

    pub(super) fn miss(&mut self, reason: Unknown) {
        if self.unknown == Unknown::No {
            self.unknown = reason;
        }
    }
}

/// What a path does to every channel alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct PathTotals {
    pub pdl_db: f64,
    pub latency_s: f64,
}

/// Attenuation of a fiber element at one frequency, without the extra loss; `None` where no figure reaches.
pub(super) fn attenuation_db_per_m(plant: &Plant<'_>, element: usize, frequency_hz: f64) -> Result<Option<f64>> {
    let measured = plant.elements.attenuation_db_per_m[element];
    if !measured.is_nan() {
        return Ok(Some(measured));
    }
    Ok(plant.fibers.attenuation.curve(plant.elements.part(element))?.at(wavelength_m(frequency_hz)))
}

/// Latency and PDL of a path.
pub(super) fn path_totals(plant: &Plant<'_>, path: usize) -> PathTotals {
    let elements = &plant.elements;
    let (mut pdl_squared, mut latency_s) = (0.0, 0.0);
    for element in plant.path_offsets[path]..plant.path_offsets[path + 1] {
        pdl_squared += elements.pdl_db[element].powi(2);
        latency_s += elements.latency_s[element];
        if elements.kind(element) == ElementKind::Fiber {
            let index = plant.fibers.group_index[elements.part(element)];
            latency_s += elements.length_m[element] * index / SPEED_OF_LIGHT_M_PER_S;
        }
    }
    PathTotals { pdl_db: pdl_squared.sqrt(), latency_s }
}

/// Sends a comb along a path and returns what each of its amplifiers is set to, in order.
///
/// # Algorithm
/// 1. Fiber: [`pass_fiber`].
/// 2. Loss: the level falls.
/// 3. Amplifier: [`pass_amplifier`], under `control`.
/// 4. Stage: brings each channel to its target level or takes its loss; adds its incremental OSNR. More input than its noise
///    is specified for is attenuated in front.
pub(super) fn propagate(
    plant: &Plant<'_>,
    path: usize,
    channels: &mut [Channel],
    control: AmplifierControl<'_>,
) -> Result<Vec<Option<AmplifierSetting>>> {
    let range = plant.path_offsets[path]..plant.path_offsets[path + 1];
    let spans = Spans::of(plant, range.clone());
    let mut settings = Vec::new();
    for element in range {
        for channel in channels.iter_mut() {
            channel.dispersion_s_per_m += plant.elements.dispersion_s_per_m[element];
            channel.dgd_squared_s2 += plant.elements.dgd_s[element].powi(2);
        }
        match plant.elements.kind(element) {
            ElementKind::Fiber => pass_fiber(plant, element, &spans, channels)?,
            ElementKind::Loss => {
                for channel in channels.iter_mut() {
                    step(channel, -plant.elements.loss_db[element], 0.0);
                }
            }
            ElementKind::Amplifier => {
                settings.push(pass_amplifier(plant, element, channels, control, settings.len())?);
            }
            ElementKind::Stage => pass_stage(plant, element, channels),
        }
    }
    Ok(settings)
}

pub(super) fn step(channel: &mut Channel, level_db: f64, noise: f64) {
    channel.level_dbm += level_db;
    channel.level_steps_db.push(level_db);
    channel.noise_steps.push(noise);
}

/// Level that enters an element whose noise is specified up to a level per 50-GHz slot: an attenuator in front takes the rest.
fn attenuate_to_specified(plant: &Plant<'_>, element: usize, channel: &Channel) -> f64 {
    // NaN, no limit, leaves the level as it is.
    channel.level_dbm.min(plant.elements.input_power_max_dbm[element] + channel.slot_db)
}

/// Notes a level so low that the element's noise is not specified for it.
pub(super) fn check_least_input(plant: &Plant<'_>, element: usize, channel: &mut Channel, input_dbm: f64) {
    // A level that was computed to lie on the limit may miss it by rounding.
    let slack_db = 1e-9;
    if input_dbm - channel.slot_db < plant.elements.input_power_min_dbm[element] - slack_db {
        channel.miss(Unknown::InputLevel);
    }
}

fn pass_stage(plant: &Plant<'_>, element: usize, channels: &mut [Channel]) {
    let target_dbm = plant.elements.target_power_dbm[element];
    let coefficients = &plant.elements.osnr_coefficients[4 * element..4 * element + 4];
    for channel in channels.iter_mut() {
        let input_dbm = attenuate_to_specified(plant, element, channel);
        check_least_input(plant, element, channel, input_dbm);
        let osnr_db = if coefficients[0].is_nan() {
            plant.elements.osnr_db[element]
        } else {
            let slot_power_w = from_dbm(input_dbm) * POLYNOMIAL_SLOT_HZ / channel.slot_hz;
            osnr_polynomial(&[coefficients[0], coefficients[1], coefficients[2], coefficients[3]], slot_power_w)
        };
        let noise = if osnr_db.is_nan() { 0.0 } else { 1.0 / from_db(osnr_db) };
        let output_dbm = if target_dbm.is_nan() { input_dbm - plant.elements.loss_db[element] } else { target_dbm };
        let level_db = output_dbm - channel.level_dbm;
        step(channel, level_db, noise);
    }
}

/// Decibels that a noise-to-signal ratio costs when `added` joins `before`; the level itself where it is the first noise.
pub(super) fn noise_step_db(before: f64, added: f64) -> f64 {
    if before == 0.0 { -to_db(added) } else { to_db(before / (before + added)) }
}

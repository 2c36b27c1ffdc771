//! The way of a comb of channels along one path: levels, noise, dispersion.

use super::tables::{ElementKind, Plant};
use super::verdict::Unknown;
use super::walk_amplifier::{AmplifierControl, AmplifierSetting, pass_amplifier};
use super::walk_channels::Channels;
use super::walk_fiber::pass_fiber;
use super::walk_nonlinear::{FiberLoad, NonlinearContext};
use super::walk_raman::{is_raman, pass_raman};
use crate::column::Column;
use crate::error::Result;
use crate::optics::{POLYNOMIAL_SLOT_HZ, osnr_polynomial};
use crate::units::{SPEED_OF_LIGHT_M_PER_S, from_db, from_dbm, to_db, wavelength_m};
use crate::vector::from_dbm_column;

/// What a comb has met on its path.
#[derive(Debug)]
pub(super) struct LineState {
    /// What each amplifier is set to, in order.
    pub settings: Vec<Option<AmplifierSetting>>,
    /// Fibers with the light at their inputs, in order.
    pub loads: Vec<FiberLoad>,
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
    let figure = plant.fibers.attenuation.curve(plant.elements.part(element))?.at(wavelength_m(frequency_hz));
    Ok(figure.map(|figure| plant.change(element).attenuation.apply(figure)))
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

/// Sends a comb along a path: levels, noise of amplifiers and stages, dispersion and PMD.
///
/// # Algorithm
/// 1. Fiber: [`pass_fiber`].
/// 2. Loss: the level falls; [`add_noise_of_others`] where transmitters are combined.
/// 3. Amplifier: [`pass_amplifier`], under `control`.
/// 4. Raman pumps: [`pass_raman`] with the fiber in front.
/// 5. Stage: brings each channel to its target level or takes its loss; adds its incremental OSNR. More input than its noise
///    is specified for is attenuated in front.
pub(super) fn propagate(
    plant: &Plant<'_>,
    path: usize,
    channels: &mut Channels,
    control: AmplifierControl<'_>,
    context: NonlinearContext<'_>,
) -> Result<LineState> {
    let range = plant.path_offsets[path]..plant.path_offsets[path + 1];
    let (mut settings, mut loads) = (Vec::new(), Vec::<FiberLoad>::new());
    let mut is_transmitter_side = true;
    for element in range {
        let dispersion_s_per_m = plant.elements.dispersion_s_per_m[element];
        if dispersion_s_per_m != 0.0 {
            for gathered in &mut channels.dispersion_s_per_m {
                *gathered += dispersion_s_per_m;
            }
        }
        match plant.elements.kind(element) {
            ElementKind::Fiber => {
                is_transmitter_side = false;
                loads.extend(pass_fiber(plant, element, channels)?);
            }
            ElementKind::Loss => pass_loss(plant, element, channels, is_transmitter_side),
            ElementKind::Amplifier if is_raman(plant, element) => {
                pass_raman(plant, element, channels, loads.last_mut(), context)?;
            }
            ElementKind::Amplifier => {
                settings.push(pass_amplifier(plant, element, channels, control, settings.len())?);
            }
            ElementKind::Stage => pass_stage(plant, element, channels),
        }
    }
    Ok(LineState { settings, loads })
}

fn pass_loss(plant: &Plant<'_>, element: usize, channels: &mut Channels, is_transmitter_side: bool) {
    let noise = if is_transmitter_side { add_noise_of_others(plant, element, channels) } else { None };
    channels.pass_flat(-plant.loss_db(element));
    if let Some(noise) = noise {
        channels.add_noise(&noise);
    }
}

/// Noise (in 12.5 GHz, over the signal) that the out-of-band noise of all other transmitters leaves in each channel behind the
/// filter that combines them; `None` where its isolation is not known.
///
/// # Algorithm
/// Each other transmitter brings its power over its out-of-band OSNR, less the isolation of its port: that from neighbors for
/// the channels beside, the greater of both figures for the others, since no filter lets more through further away.
fn add_noise_of_others(plant: &Plant<'_>, element: usize, channels: &Channels) -> Option<Column> {
    let adjacent_db = plant.elements.isolation_adjacent_db[element];
    let far_db = plant.elements.isolation_non_adjacent_db[element].max(adjacent_db);
    if adjacent_db.is_nan() || channels.count() < 2 {
        return None;
    }
    let power_w = from_dbm_column(channels.level_dbm.iter().copied());
    let noise_w: Column = power_w.iter().zip(&channels.out_of_band_noise_ratio).map(|(w, ratio)| w * ratio).collect();
    let (adjacent_ratio, far_ratio) = (from_db(-adjacent_db), from_db(-far_db));
    let total_w: f64 = noise_w.iter().sum();
    let ratio = |index: usize| {
        let (frequency_hz, slot_hz) = (channels.frequency_hz[index], channels.slot_hz[index]);
        let beside_w: f64 = [index.checked_sub(1), Some(index + 1)]
            .into_iter()
            .flatten()
            .filter(|&other| {
                channels.frequency_hz.get(other).is_some_and(|hz| (hz - frequency_hz).abs() < 1.5 * slot_hz)
            })
            .map(|other| noise_w[other])
            .sum();
        let far_w = (total_w - noise_w[index] - beside_w).max(0.0);
        (beside_w * adjacent_ratio + far_w * far_ratio) / power_w[index]
    };
    Some((0..channels.count()).map(ratio).collect())
}

/// Notes levels so low that the element's noise is not specified for them; `input_dbm` is what reaches it of a level in a slot
/// that is so many decibels wider than that of the noise polynomials.
pub(super) fn check_least_input(
    plant: &Plant<'_>,
    element: usize,
    channels: &mut Channels,
    input_dbm: impl Fn(f64, f64) -> f64,
) {
    // A level that was computed to lie on the limit may miss it by rounding.
    let slack_db = 1e-9;
    let least_dbm = plant.elements.input_power_min_dbm[element] - slack_db;
    if least_dbm.is_nan() {
        return;
    }
    for place in 0..channels.count() {
        let (level_dbm, slot_db) = (channels.level_dbm[place], channels.slot_db[place]);
        if input_dbm(level_dbm, slot_db) - slot_db < least_dbm {
            channels.miss(place, Unknown::InputLevel);
        }
    }
}

fn pass_stage(plant: &Plant<'_>, element: usize, channels: &mut Channels) {
    let target_dbm = plant.elements.target_power_dbm[element];
    let coefficients = &plant.elements.osnr_coefficients[4 * element..4 * element + 4];
    let greatest_dbm = plant.elements.input_power_max_dbm[element];
    // Noise is specified up to a level per 50-GHz slot: an attenuator in front takes the rest. NaN, no limit, leaves the level
    // as it is.
    let attenuate = |level_dbm: f64, slot_db: f64| level_dbm.min(greatest_dbm + slot_db);
    check_least_input(plant, element, channels, attenuate);
    let [mut level_db, mut noise] = [(); 2].map(|()| Column::scratch(channels.count()));
    for place in 0..channels.count() {
        let input_dbm = attenuate(channels.level_dbm[place], channels.slot_db[place]);
        let osnr_db = if coefficients[0].is_nan() {
            plant.elements.osnr_db[element]
        } else {
            let slot_power_w = from_dbm(input_dbm) * POLYNOMIAL_SLOT_HZ / channels.slot_hz[place];
            osnr_polynomial(&[coefficients[0], coefficients[1], coefficients[2], coefficients[3]], slot_power_w)
        };
        noise[place] = if osnr_db.is_nan() { 0.0 } else { 1.0 / from_db(osnr_db) };
        let output_dbm = if target_dbm.is_nan() { input_dbm - plant.loss_db(element) } else { target_dbm };
        level_db[place] = output_dbm - channels.level_dbm[place];
    }
    channels.pass(&level_db);
    if noise.iter().any(|&ratio| ratio != 0.0) {
        channels.add_noise(&noise);
    }
}

/// Decibels that a noise-to-signal ratio costs when `added` joins `before`; the level itself where it is the first noise.
pub(super) fn noise_step_db(before: f64, added: f64) -> f64 {
    if before == 0.0 { -to_db(added) } else { to_db(before / (before + added)) }
}

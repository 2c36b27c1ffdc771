//! The way of a comb of channels along one path: levels, noise, dispersion.

use super::tables::{ElementKind, Plant};
use super::verdict::Unknown;
use super::walk_amplifier::{AmplifierControl, AmplifierSetting, pass_amplifier};
use super::walk_fiber::pass_fiber;
use super::walk_nonlinear::{FiberLoad, NonlinearContext};
use super::walk_raman::{is_raman, pass_raman};
use crate::error::Result;
use crate::optics::{POLYNOMIAL_SLOT_HZ, osnr_polynomial};
use crate::units::{SPEED_OF_LIGHT_M_PER_S, from_db, from_dbm, to_db, wavelength_m};
use crate::vector::from_dbm_column;

/// A channel where its path begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub frequency_hz: f64,
    pub symbol_rate_hz: f64,
    pub slot_hz: f64,
    pub excess_kurtosis_ratio: f64,
    pub out_of_band_noise_ratio: f64,
    pub level_dbm: f64,
}

/// What a comb has met on its path.
#[derive(Debug)]
pub(super) struct LineState {
    /// What each amplifier is set to, in order.
    pub settings: Vec<Option<AmplifierSetting>>,
    /// Fibers with the light at their inputs, in order.
    pub loads: Vec<FiberLoad>,
}

/// What one element does to one channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub level_db: f64,
    /// Noise-to-signal ratio in 12.5 GHz; 0 where it adds none.
    pub noise_ratio: f64,
    /// Noise-to-signal ratio of nonlinear interference in the symbol rate.
    pub nonlinear_ratio: f64,
}

/// One channel before and on its way.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub frequency_hz: f64,
    pub symbol_rate_hz: f64,
    /// Spectrum between neighbors, over which the noise polynomials spread the power.
    pub slot_hz: f64,
    /// Excess kurtosis of its constellation; 0 for Gaussian noise.
    pub excess_kurtosis_ratio: f64,
    /// Noise of its transmitter in 12.5 GHz outside its band, over its power; 0 where it is not known.
    pub out_of_band_noise_ratio: f64,
    pub level_dbm: f64,
    /// What each element does to it, in order.
    pub steps: Vec<Step>,
    /// Nonlinear interference of all elements.
    pub nonlinear_ratio: f64,
    pub dispersion_s_per_m: f64,
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
            excess_kurtosis_ratio: 0.0,
            out_of_band_noise_ratio: 0.0,
            level_dbm: f64::NAN,
            steps: Vec::new(),
            nonlinear_ratio: 0.0,
            dispersion_s_per_m: 0.0,
            unknown: Unknown::No,
            slot_db: f64::NAN,
            fiber: None,
        }
    }
}

impl Channel {
    /// Puts the channel at the start of a path; keeps the memory that an earlier path left.
    pub(super) fn reset(&mut self, start: Start) {
        self.steps.clear();
        *self = Self {
            slot_db: if start.slot_hz == self.slot_hz {
                self.slot_db
            } else {
                to_db(start.slot_hz / POLYNOMIAL_SLOT_HZ)
            },
            fiber: if start.frequency_hz == self.frequency_hz { self.fiber } else { None },
            frequency_hz: start.frequency_hz,
            symbol_rate_hz: start.symbol_rate_hz,
            slot_hz: start.slot_hz,
            excess_kurtosis_ratio: start.excess_kurtosis_ratio,
            out_of_band_noise_ratio: start.out_of_band_noise_ratio,
            level_dbm: start.level_dbm,
            steps: std::mem::take(&mut self.steps),
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
    channels: &mut [Channel],
    control: AmplifierControl<'_>,
    context: NonlinearContext<'_>,
) -> Result<LineState> {
    let range = plant.path_offsets[path]..plant.path_offsets[path + 1];
    let (mut settings, mut loads) = (Vec::new(), Vec::<FiberLoad>::new());
    let mut is_transmitter_side = true;
    for element in range {
        let dispersion_s_per_m = plant.elements.dispersion_s_per_m[element];
        if dispersion_s_per_m != 0.0 {
            for channel in channels.iter_mut() {
                channel.dispersion_s_per_m += dispersion_s_per_m;
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

pub(super) fn step(channel: &mut Channel, level_db: f64, noise_ratio: f64) {
    channel.level_dbm += level_db;
    channel.steps.push(Step { level_db, noise_ratio, nonlinear_ratio: 0.0 });
}

fn pass_loss(plant: &Plant<'_>, element: usize, channels: &mut [Channel], is_transmitter_side: bool) {
    let noise = if is_transmitter_side { add_noise_of_others(plant, element, channels) } else { None };
    for (index, channel) in channels.iter_mut().enumerate() {
        let ratio = noise.as_ref().map_or(0.0, |noise| noise[index]);
        step(channel, -plant.loss_db(element), ratio);
    }
}

/// Noise (in 12.5 GHz, over the signal) that the out-of-band noise of all other transmitters leaves in each channel behind the
/// filter that combines them; `None` where its isolation is not known.
///
/// # Algorithm
/// Each other transmitter brings its power over its out-of-band OSNR, less the isolation of its port: that from neighbors for
/// the channels beside, the greater of both figures for the others, since no filter lets more through further away.
fn add_noise_of_others(plant: &Plant<'_>, element: usize, channels: &[Channel]) -> Option<Vec<f64>> {
    let adjacent_db = plant.elements.isolation_adjacent_db[element];
    let far_db = plant.elements.isolation_non_adjacent_db[element].max(adjacent_db);
    if adjacent_db.is_nan() || channels.len() < 2 {
        return None;
    }
    let power_w = from_dbm_column(channels.iter().map(|channel| channel.level_dbm));
    let noise_w: Vec<f64> =
        channels.iter().zip(&power_w).map(|(c, power_w)| power_w * c.out_of_band_noise_ratio).collect();
    let (adjacent_ratio, far_ratio) = (from_db(-adjacent_db), from_db(-far_db));
    let total_w: f64 = noise_w.iter().sum();
    let ratio = |index: usize| {
        let beside_w: f64 = [index.checked_sub(1), Some(index + 1)]
            .into_iter()
            .flatten()
            .filter(|&other| {
                let slot_hz = channels[index].slot_hz;
                channels
                    .get(other)
                    .is_some_and(|c| (c.frequency_hz - channels[index].frequency_hz).abs() < 1.5 * slot_hz)
            })
            .map(|other| noise_w[other])
            .sum();
        let far_w = (total_w - noise_w[index] - beside_w).max(0.0);
        (beside_w * adjacent_ratio + far_w * far_ratio) / power_w[index]
    };
    Some((0..channels.len()).map(ratio).collect())
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
        let output_dbm = if target_dbm.is_nan() { input_dbm - plant.loss_db(element) } else { target_dbm };
        let level_db = output_dbm - channel.level_dbm;
        step(channel, level_db, noise);
    }
}

/// Decibels that a noise-to-signal ratio costs when `added` joins `before`; the level itself where it is the first noise.
pub(super) fn noise_step_db(before: f64, added: f64) -> f64 {
    if before == 0.0 { -to_db(added) } else { to_db(before / (before + added)) }
}

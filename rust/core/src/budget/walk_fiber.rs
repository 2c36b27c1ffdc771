//! A comb through one fiber: attenuation, Raman tilt, dispersion, PMD.

use super::tables::Plant;
use super::verdict::Unknown;
use super::walk_channels::{Channels, FiberColumns};
use super::walk_nonlinear::{FiberLoad, load_fiber};
use crate::column::Column;
use crate::error::Result;
use crate::fiber::{DispersionCorner, raman_transfer_ratio};
use crate::units::wavelength_m;
use crate::vector::to_db_column;
use std::borrow::Cow;

/// Sends a comb through a fiber and returns the light at its input, for the nonlinear interference.
///
/// # Algorithm
/// 1. Attenuation at each channel's wavelength; Raman scattering moves power from higher to lower frequencies.
/// 2. Dispersion adds.
pub(super) fn pass_fiber(plant: &Plant<'_>, element: usize, channels: &mut Channels) -> Result<Option<FiberLoad>> {
    let part = plant.elements.part(element);
    let length_m = plant.elements.length_m[element];
    let measured = plant.elements.attenuation_db_per_m[element];
    let change = plant.change(element);
    let fiber = channels.fiber(part, |frequency_hz| look_up(plant, part, frequency_hz))?;
    let load = load_fiber(plant, element, channels, fiber)?;
    let mut level_db = raman_transfer_db(load.as_ref(), channels)?;
    let (loss_db, figures) = (plant.loss_db(element), channels.fiber_columns(fiber));
    if measured.is_nan() {
        for (step_db, &figure) in level_db.iter_mut().zip(&figures.attenuation_db_per_m) {
            *step_db = *step_db - change.attenuation.apply(figure) * length_m - loss_db;
        }
    } else {
        for step_db in &mut level_db {
            *step_db = *step_db - measured * length_m - loss_db;
        }
    }
    let dispersion_s_per_m2: Cow<'_, [f64]> = if plant.sample.is_none() {
        figures.dispersion_s_per_m2[..].into()
    } else {
        // The two descriptions of dispersion are drawn apart; one of them holds here.
        let drawn = plant.dispersion(element);
        let at = |&frequency_hz: &f64| drawn.at(wavelength_m(frequency_hz), DispersionCorner::Nominal);
        channels.frequency_hz.iter().map(at).collect()
    };
    let gathered_s_per_m: Column = dispersion_s_per_m2.iter().map(|dispersion| dispersion * length_m).collect();
    for place in 0..channels.count() {
        let figures = channels.fiber_columns(fiber);
        let (attenuation, dispersion) = (figures.attenuation_db_per_m[place], figures.dispersion_s_per_m2[place]);
        if measured.is_nan() && attenuation.is_nan() {
            channels.miss(place, Unknown::Attenuation);
        }
        if dispersion.is_nan() {
            channels.miss(place, Unknown::Dispersion);
        }
    }
    for (gathered, added) in channels.dispersion_s_per_m.iter_mut().zip(&gathered_s_per_m) {
        *gathered += added;
    }
    channels.pass(&level_db);
    Ok(load)
}

/// Figures of a fiber type at some frequencies.
fn look_up(plant: &Plant<'_>, part: usize, frequency_hz: &[f64]) -> Result<FiberColumns> {
    let (attenuation, dispersion) = (plant.fibers.attenuation.curve(part)?, plant.fibers.dispersion(part));
    let wavelengths_m = || frequency_hz.iter().map(|&frequency_hz| wavelength_m(frequency_hz));
    Ok(FiberColumns::new(
        part,
        wavelengths_m().map(|wavelength_m| attenuation.at(wavelength_m).unwrap_or(f64::NAN)).collect(),
        wavelengths_m().map(|wavelength_m| dispersion.at(wavelength_m, DispersionCorner::Nominal)).collect(),
    ))
}

/// Level that Raman scattering between the channels gives to each or takes from it.
fn raman_transfer_db(load: Option<&FiberLoad>, channels: &Channels) -> Result<Column> {
    let Some(load) = load.filter(|load| load.fiber.raman_slope_per_w_m_hz != 0.0 && channels.count() > 1) else {
        return Ok(Column::zeros(channels.count()));
    };
    let alpha = load.fiber.attenuation_per_m;
    let effective_m = -libm::expm1(-alpha * load.fiber.length_m) / alpha;
    let slope = load.fiber.raman_slope_per_w_m_hz;
    let mut column = raman_transfer_ratio(&load.powers_w, &channels.frequency_hz, slope, effective_m)?;
    to_db_column(&mut column);
    Ok(column)
}

//! A comb through one fiber: attenuation, Raman tilt, dispersion, PMD.

use super::tables::Plant;
use super::verdict::Unknown;
use super::walk::{Channel, FiberFigures, step};
use super::walk_nonlinear::{FiberLoad, load_fiber};
use crate::error::Result;
use crate::fiber::{DispersionCorner, raman_transfer_ratio};
use crate::units::wavelength_m;
use crate::vector::to_db_column;

/// Sends a comb through a fiber and returns the light at its input, for the nonlinear interference.
///
/// # Algorithm
/// 1. Attenuation at each channel's wavelength; Raman scattering moves power from higher to lower frequencies.
/// 2. Dispersion adds.
pub(super) fn pass_fiber(plant: &Plant<'_>, element: usize, channels: &mut [Channel]) -> Result<Option<FiberLoad>> {
    let part = plant.elements.part(element);
    let length_m = plant.elements.length_m[element];
    let measured = plant.elements.attenuation_db_per_m[element];
    let change = plant.change(element);
    for channel in channels.iter_mut() {
        look_up(plant, part, channel)?;
    }
    let load = load_fiber(plant, element, channels)?;
    let transfer_db = raman_transfer_db(load.as_ref(), channels)?;
    for (channel, transfer_db) in channels.iter_mut().zip(transfer_db) {
        let figures = look_up(plant, part, channel)?;
        let drawn = figures.attenuation_db_per_m.map(|figure| change.attenuation.apply(figure));
        let known = if measured.is_nan() { drawn } else { Some(measured) };
        let attenuation = known.unwrap_or_else(|| {
            channel.miss(Unknown::Attenuation);
            f64::NAN
        });
        if figures.dispersion_s_per_m2.is_nan() {
            channel.miss(Unknown::Dispersion);
        }
        // The two descriptions of dispersion are drawn apart; one of them holds here.
        let dispersion_s_per_m2 = if plant.sample.is_none() {
            figures.dispersion_s_per_m2
        } else {
            plant.dispersion(element).at(wavelength_m(channel.frequency_hz), DispersionCorner::Nominal)
        };
        channel.dispersion_s_per_m += dispersion_s_per_m2 * length_m;
        step(channel, transfer_db - attenuation * length_m - plant.loss_db(element), 0.0);
    }
    Ok(load)
}

/// Figures of a fiber type at the channel's frequency, from the last look-up where that was the same.
fn look_up(plant: &Plant<'_>, part: usize, channel: &mut Channel) -> Result<FiberFigures> {
    if let Some(figures) = channel.fiber.filter(|figures| figures.part == part) {
        return Ok(figures);
    }
    let wavelength_m = wavelength_m(channel.frequency_hz);
    let figures = FiberFigures {
        part,
        attenuation_db_per_m: plant.fibers.attenuation.curve(part)?.at(wavelength_m),
        dispersion_s_per_m2: plant.fibers.dispersion(part).at(wavelength_m, DispersionCorner::Nominal),
    };
    channel.fiber = Some(figures);
    Ok(figures)
}

/// Level that Raman scattering between the channels gives to each or takes from it.
fn raman_transfer_db(load: Option<&FiberLoad>, channels: &[Channel]) -> Result<Vec<f64>> {
    let Some(load) = load.filter(|load| load.fiber.raman_slope_per_w_m_hz != 0.0 && channels.len() > 1) else {
        return Ok(vec![0.0; channels.len()]);
    };
    let alpha = load.fiber.attenuation_per_m;
    let effective_m = -libm::expm1(-alpha * load.fiber.length_m) / alpha;
    let frequency_hz: Vec<f64> = channels.iter().map(|channel| channel.frequency_hz).collect();
    let slope = load.fiber.raman_slope_per_w_m_hz;
    let mut column = raman_transfer_ratio(&load.powers_w, &frequency_hz, slope, effective_m)?;
    to_db_column(&mut column);
    Ok(column)
}

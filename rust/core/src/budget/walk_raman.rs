//! A comb through a Raman-pumped fiber: gain and noise of each channel.

use super::tables::{ElementKind, Plant};
use super::verdict::Unknown;
use super::walk_channels::Channels;
use super::walk_nonlinear::{FiberLoad, NonlinearContext};
use crate::error::Result;
use crate::fiber::{PumpedFiber, RamanFiber, RamanGain, RamanPump, RamanWave};
use crate::units::{to_dbm, wavelength_m};

/// Temperature of the glass, which makes spontaneous scattering: 10 K less make 0.04 dB less noise.
const TEMPERATURE_K: f64 = 298.15;

/// Pumps the fiber in front and brings each channel to the level that it then has.
///
/// # Algorithm
/// 1. The powers at the input of the fiber run along it again with the pumps on, see [`crate::fiber::raman_span`].
/// 2. The step of the element is the difference to the level without pumps; the losses that come on top of the fiber's
///    attenuation stay behind the pumped glass.
/// 3. Spontaneous scattering adds noise.
/// 4. On average more on-off gain than the part is specified for: the noise is not known.
pub(super) fn pass_raman(
    plant: &Plant<'_>,
    element: usize,
    channels: &mut Channels,
    load: Option<&mut FiberLoad>,
    context: NonlinearContext<'_>,
) -> Result<()> {
    let load = load.filter(|load| load.element + 1 == element);
    let Some((load, fiber)) = load.and_then(|load| pumped_fiber(plant, element, channels, load).map(|f| (load, f)))
    else {
        channels.miss_all(Unknown::AmplifierNoise);
        channels.pass_unknown();
        return Ok(());
    };
    let solved = context.cache.pumped_span(&fiber, context.task)?;
    let on_off_db = solved.channels.iter().map(|channel| channel.on_off_gain_db).sum::<f64>() / channels.count() as f64;
    let loss_db = plant.loss_db(load.element);
    if on_off_db > plant.amplifiers.gain_max_db[plant.elements.part(element)] {
        channels.miss_all(Unknown::AmplifierNoise);
    }
    let outputs_dbm = solved
        .channels
        .iter()
        .zip(&load.powers_w)
        .map(|(found, power_w)| to_dbm(*power_w) + found.net_gain_db - loss_db);
    let level_db: Vec<f64> =
        outputs_dbm.zip(&channels.level_dbm).map(|(output_dbm, level_dbm)| output_dbm - level_dbm).collect();
    channels.pass(&level_db);
    channels.add_noise(&solved.channels.iter().map(|found| found.ase_ratio).collect::<Vec<_>>());
    load.pumped = Some(solved);
    Ok(())
}

/// The fiber with its light and its pumps; `None` where the fiber has no figures for them.
fn pumped_fiber(plant: &Plant<'_>, element: usize, channels: &Channels, load: &FiberLoad) -> Option<PumpedFiber> {
    let part = plant.elements.part(load.element);
    let effective_area_m2 = plant.fibers.effective_area_m2[part];
    let per_m = |db_per_m: f64| db_per_m * std::f64::consts::LN_10 / 10.0;
    let table = plant.fibers.attenuation.curve(part).ok()?;
    // A measured or drawn attenuation moves the whole table: joints and bends take as much from every wavelength.
    let excess_per_m = load.fiber.attenuation_per_m - per_m(table.at(wavelength_m(channels.center_hz()))?);
    let pumps = plant.amplifiers.pumps;
    let pumps: Option<Vec<RamanPump>> = pumps
        .rows(plant.elements.part(element))
        .map(|row| {
            let alpha = per_m(table.at(wavelength_m(pumps.frequency_hz[row]))?) + excess_per_m;
            (alpha > 0.0).then(|| pumps.pump(row, alpha))
        })
        .collect();
    let channels =
        channels.frequency_hz.iter().zip(&load.powers_w).enumerate().map(|(index, (&frequency_hz, &power_w))| {
            RamanWave {
                frequency_hz,
                power_w,
                attenuation_per_m: load.attenuations_per_m.get(index).copied().unwrap_or(load.fiber.attenuation_per_m),
            }
        });
    effective_area_m2.is_finite().then_some(())?;
    Some(PumpedFiber {
        fiber: RamanFiber {
            length_m: load.fiber.length_m,
            gain: RamanGain::Silica { effective_area_m2 },
            temperature_k: TEMPERATURE_K,
        },
        channels: channels.collect(),
        pumps: pumps?,
    })
}

/// Whether an element stands for the Raman pumps of the fiber in front.
pub(super) fn is_raman(plant: &Plant<'_>, element: usize) -> bool {
    plant.elements.kind(element) == ElementKind::Amplifier
        && !plant.amplifiers.pumps.rows(plant.elements.part(element)).is_empty()
}

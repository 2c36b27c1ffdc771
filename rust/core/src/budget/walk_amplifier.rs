//! A comb through one amplifier: levels by total power, gain over frequency, noise of each channel.

use super::tables::Plant;
use super::verdict::Unknown;
use super::walk::check_least_input;
use super::walk_channels::Channels;
use crate::column::Column;
use crate::error::Result;
use crate::optics::{AmplifierNoise, GainShape, TiltSetting, spontaneous_emission_ratio};
use crate::units::{from_db, to_db, to_dbm};
use crate::vector::{from_db_column, from_dbm_column};
use std::borrow::Cow;

/// What an amplifier is set to once its line is up.
#[derive(Debug, Clone, Copy)]
pub(super) struct AmplifierSetting {
    /// Attenuator in front.
    pub attenuation_db: f64,
    /// Gain from the total power behind that attenuator to the total output power.
    pub gain_db: f64,
    /// What is added to the gain so that ripple and tilt leave the total power as it is.
    pub offset_db: f64,
    /// Tilt control.
    pub tilt: TiltSetting,
    /// Total output power.
    pub total_output_dbm: f64,
}

/// What an amplifier holds on to when channels come and go.
#[derive(Debug, Clone, Copy)]
pub(super) enum AmplifierControl<'a> {
    /// The level per channel: it is set anew for the channels that are there.
    Level,
    /// The gain that it had with all channels.
    Gain(&'a [Option<AmplifierSetting>]),
    /// The total output power that it had with all channels.
    Power(&'a [Option<AmplifierSetting>]),
}

/// Limits of one amplifier and the levels of the channels whose level is known.
struct Amplifier<'a> {
    shape: GainShape<'a>,
    gain_min_db: f64,
    gain_max_db: f64,
    output_power_max_dbm: f64,
    level_dbm: Cow<'a, [f64]>,
    power_w: Cow<'a, [f64]>,
    frequency_hz: Cow<'a, [f64]>,
    total_dbm: f64,
}

impl Amplifier<'_> {
    /// Sets attenuator, gain and tilt such that the channels have `target_dbm` each on average.
    fn set(&self, target_dbm: f64, excess_input_db: f64) -> AmplifierSetting {
        let offered_dbm = self.total_dbm - excess_input_db;
        let wanted_dbm = target_dbm + to_db(self.level_dbm.len() as f64);
        let total_output_dbm = wanted_dbm.min(offered_dbm + self.gain_max_db).min(self.output_power_max_dbm);
        // Less gain than the least: an attenuator in front takes the rest.
        let input_dbm = offered_dbm.min(total_output_dbm - self.gain_min_db);
        let tilt = self.shape.choose_tilt(&self.level_dbm, &self.frequency_hz);
        AmplifierSetting {
            attenuation_db: self.total_dbm - input_dbm,
            // Only rounding can bring the gain outside its range, where a curve of noise figures has no value.
            gain_db: (total_output_dbm - input_dbm).clamp(self.gain_min_db, self.gain_max_db),
            offset_db: self.offset_db(tilt),
            tilt,
            total_output_dbm,
        }
    }

    /// The same setting with other channels: only the total power may ask for less gain.
    fn hold_gain(&self, before: AmplifierSetting) -> AmplifierSetting {
        let excess_db = (self.shaped_total_dbm(before.tilt) + before.offset_db + before.gain_db
            - before.attenuation_db
            - self.output_power_max_dbm)
            .max(0.0);
        AmplifierSetting { attenuation_db: before.attenuation_db + excess_db, ..before }
    }

    /// Other channels share the total output power, as far as the gain reaches.
    fn hold_power(&self, before: AmplifierSetting) -> AmplifierSetting {
        let missing_db = before.total_output_dbm - (self.total_dbm - before.attenuation_db + before.gain_db);
        let more_gain_db = missing_db.min(self.gain_max_db - before.gain_db).max(self.gain_min_db - before.gain_db);
        let more_light_db = (missing_db - more_gain_db).clamp(-f64::INFINITY, before.attenuation_db);
        AmplifierSetting {
            gain_db: before.gain_db + more_gain_db,
            attenuation_db: before.attenuation_db - more_light_db,
            offset_db: self.offset_db(before.tilt),
            ..before
        }
    }

    fn shaped_total_dbm(&self, tilt: TiltSetting) -> f64 {
        if self.shape.is_flat(tilt) {
            return self.total_dbm;
        }
        let gains = from_db_column(self.frequency_hz.iter().map(|&f| self.shape.relative_gain_db(tilt, f)));
        to_dbm(self.power_w.iter().zip(&gains).map(|(power, gain)| power * gain).sum())
    }

    fn offset_db(&self, tilt: TiltSetting) -> f64 {
        self.total_dbm - self.shaped_total_dbm(tilt)
    }
}

/// Amplifies a comb.
///
/// # Algorithm
/// 1. More input than the noise is specified for: an attenuator in front takes the rest, from all channels alike.
/// 2. The gain is one for all channels, such that their mean power is the target level; at most the greatest gain, at most the
///    total power that the amplifier gives. Less than the least gain: the attenuator in front takes the rest.
/// 3. Tilt, as far as its control reaches, turns the tilt of what arrives around; ripple comes on top; the total stays.
/// 4. ASE adds NF h nu B / P_in to each channel, P_in its own power behind the attenuator, NF that of the gain.
pub(super) fn pass_amplifier(
    plant: &Plant<'_>,
    element: usize,
    channels: &mut Channels,
    control: AmplifierControl<'_>,
    position: usize,
) -> Result<Option<AmplifierSetting>> {
    let part = plant.elements.part(element);
    let noise = plant.amplifiers.noise(part)?;
    let is_known: Vec<bool> = channels.level_dbm.iter().map(|level_dbm| !level_dbm.is_nan()).collect();
    if !is_known.contains(&true) {
        channels.pass_unknown();
        return Ok(None);
    }
    let greatest_dbm = plant.elements.input_power_max_dbm[element];
    let excess_db = |(level_dbm, slot_db): (&f64, &f64)| level_dbm - (greatest_dbm + slot_db);
    // NaN is no limit.
    let excess_input_db = if greatest_dbm.is_nan() {
        0.0
    } else {
        channels.level_dbm.iter().zip(&channels.slot_db).map(excess_db).fold(0.0, f64::max)
    };
    let power_w = from_dbm_column(channels.level_dbm.iter().copied());
    let known_w = known(&power_w, &is_known);
    let shape = plant.amplifiers.gain_shape(part)?;
    let amplifier = Amplifier {
        shape,
        gain_min_db: plant.amplifiers.gain_min_db[part],
        gain_max_db: plant.amplifiers.gain_max_db[part],
        output_power_max_dbm: plant.amplifiers.output_power_max_dbm[part],
        level_dbm: known(&channels.level_dbm, &is_known),
        frequency_hz: known(&channels.frequency_hz, &is_known),
        total_dbm: to_dbm(known_w.iter().sum()),
        power_w: known_w,
    };
    let held = |settings: &[Option<AmplifierSetting>]| settings.get(position).copied().flatten();
    let setting = match control {
        AmplifierControl::Gain(settings) => held(settings).map(|before| amplifier.hold_gain(before)),
        AmplifierControl::Power(settings) => held(settings).map(|before| amplifier.hold_power(before)),
        AmplifierControl::Level => None,
    }
    .unwrap_or_else(|| amplifier.set(plant.elements.target_power_dbm[element], excess_input_db));
    check_least_input(plant, element, channels, |level_dbm, _| level_dbm - setting.attenuation_db);
    let passed_ratio = from_db(-setting.attenuation_db);
    let input_w: Column = power_w.iter().map(|power_w| power_w * passed_ratio).collect();
    let noise_ratio = noise_ratios(plant, element, channels, (&noise, setting.gain_db), &input_w);
    let level_db = setting.gain_db - setting.attenuation_db;
    if shape.is_flat(setting.tilt) && !is_known.contains(&false) {
        channels.pass_flat(level_db + setting.offset_db);
    } else {
        let step_db = |(&frequency_hz, &known): (&f64, &bool)| {
            if known {
                level_db + (shape.relative_gain_db(setting.tilt, frequency_hz) + setting.offset_db)
            } else {
                f64::NAN
            }
        };
        let steps_db: Column = channels.frequency_hz.iter().zip(&is_known).map(step_db).collect();
        channels.pass(&steps_db);
    }
    channels.add_noise(&noise_ratio);
    Ok(Some(setting))
}

/// The entries of a column whose level is known.
fn known<'a>(column: &'a [f64], is_known: &[bool]) -> Cow<'a, [f64]> {
    if is_known.contains(&false) {
        column.iter().zip(is_known).filter(|(_, known)| **known).map(|(value, _)| *value).collect()
    } else {
        column.into()
    }
}

/// Noise that the amplifier adds to each channel by its power behind the attenuator.
fn noise_ratios(
    plant: &Plant<'_>,
    element: usize,
    channels: &mut Channels,
    (noise, gain_db): (&AmplifierNoise<'_>, f64),
    input_w: &[f64],
) -> Column {
    let change = plant.change(element).noise_figure;
    // Most amplifiers have one noise figure at a gain, whatever the channel: its ratio is taken once.
    if let Some(figure_db) = noise.at_every_input(gain_db) {
        let figure = from_db(change.apply(figure_db));
        let ratios = input_w.iter().zip(&channels.frequency_hz);
        return ratios.map(|(&input_w, &hz)| spontaneous_emission_ratio(figure, input_w, hz)).collect();
    }
    let mut ratio = |(place, &input_w): (usize, &f64)| {
        let (frequency_hz, slot_hz) = (channels.frequency_hz[place], channels.slot_hz[place]);
        let figure_db = noise.noise_figure_db(gain_db, input_w, frequency_hz, slot_hz);
        if figure_db.is_none() && !input_w.is_nan() {
            channels.miss(place, Unknown::AmplifierNoise);
        }
        let figure = from_db(change.apply(figure_db.unwrap_or(f64::NAN)));
        spontaneous_emission_ratio(figure, input_w, frequency_hz)
    };
    input_w.iter().enumerate().map(&mut ratio).collect()
}

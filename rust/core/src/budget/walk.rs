//! The way of a comb of channels along one path: levels, noise, dispersion.

use super::tables::{ElementKind, Plant};
use super::verdict::Unknown;
use crate::error::Result;
use crate::fiber::{
    CombChannel, DispersionCorner, NonlinearSpan, coherence_exponent, nonlinear_efficiency, propagation_constants,
};
use crate::optics::{POLYNOMIAL_SLOT_HZ, ase_ratio, osnr_polynomial};
use crate::units::{C_BAND_REFERENCE_M, SPEED_OF_LIGHT_M_PER_S, from_db, from_dbm, to_db, to_dbm, wavelength_m};

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
        }
    }
}

impl Channel {
    /// Puts the channel at the start of a path; keeps the memory that an earlier path left.
    pub(super) fn reset(&mut self, frequency_hz: f64, symbol_rate_hz: f64, slot_hz: f64, level_dbm: f64) {
        self.level_steps_db.clear();
        self.noise_steps.clear();
        *self = Self {
            frequency_hz,
            symbol_rate_hz,
            slot_hz,
            level_dbm,
            level_steps_db: std::mem::take(&mut self.level_steps_db),
            noise_steps: std::mem::take(&mut self.noise_steps),
            ..Self::default()
        };
    }

    fn miss(&mut self, reason: Unknown) {
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

/// Sends a comb along a path.
///
/// # Algorithm
/// 1. Fiber: attenuation at each channel's wavelength, dispersion and PMD (in squares) add; nonlinear interference by the
///    closed form with the powers at the fiber's input; self-channel noise grows with the coherence exponent of the number
///    of amplified spans.
/// 2. Loss: the level falls.
/// 3. Amplifier: brings each channel to the target level. Less gain than the least, or more input than its noise is
///    specified for: an attenuator in front takes the rest.
///    More than the greatest, or more total power than the amplifier gives: the level stays below the target. ASE adds
///    NF h nu B / P_in.
/// 4. Stage: brings each channel to its target level or takes its loss; adds its incremental OSNR. Too much input is
///    attenuated in front as above.
pub(super) fn propagate(plant: &Plant<'_>, path: usize, channels: &mut [Channel]) -> Result<()> {
    let range = plant.path_offsets[path]..plant.path_offsets[path + 1];
    let spans = amplified_spans(plant, range.clone());
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
            ElementKind::Amplifier => pass_amplifier(plant, element, channels)?,
            ElementKind::Stage => pass_stage(plant, element, channels),
        }
    }
    Ok(())
}

/// The amplified spans of a path.
struct Spans {
    count: usize,
    /// (first element, length) of each span.
    starts: Vec<(usize, f64)>,
}

impl Spans {
    /// Length of the span that holds a fiber.
    fn length_of(&self, element: usize) -> f64 {
        let after = self.starts.partition_point(|&(first, _)| first <= element);
        self.starts[after.saturating_sub(1)].1
    }
}

/// Cuts a path at its amplifiers and ROADM stages; only spans with a Kerr coefficient count.
fn amplified_spans(plant: &Plant<'_>, range: std::ops::Range<usize>) -> Spans {
    let mut starts = vec![(range.start, 0.0)];
    for element in range {
        match plant.elements.kind(element) {
            ElementKind::Amplifier | ElementKind::Stage => starts.push((element, 0.0)),
            ElementKind::Fiber if plant.fibers.gamma_per_w_m[plant.elements.part(element)] > 0.0 => {
                if let Some(last) = starts.last_mut() {
                    last.1 += plant.elements.length_m[element];
                }
            }
            _ => {}
        }
    }
    Spans { count: starts.iter().filter(|span| span.1 > 0.0).count(), starts }
}

fn step(channel: &mut Channel, level_db: f64, noise: f64) {
    channel.level_dbm += level_db;
    channel.level_steps_db.push(level_db);
    channel.noise_steps.push(noise);
}

/// Level that enters an element whose noise is specified up to a level per 50-GHz slot: an attenuator in front takes the rest.
fn attenuate_to_specified(plant: &Plant<'_>, element: usize, channel: &Channel) -> f64 {
    // NaN, no limit, leaves the level as it is.
    channel.level_dbm.min(plant.elements.input_power_max_dbm[element] + slot_db(channel))
}

/// Notes a level so low that the element's noise is not specified for it.
fn check_least_input(plant: &Plant<'_>, element: usize, channel: &mut Channel, input_dbm: f64) {
    // A level that was computed to lie on the limit may miss it by rounding.
    let slack_db = 1e-9;
    if input_dbm - slot_db(channel) < plant.elements.input_power_min_dbm[element] - slack_db {
        channel.miss(Unknown::InputLevel);
    }
}

/// Decibels by which a channel's slot is wider than the slot of the noise polynomials.
fn slot_db(channel: &Channel) -> f64 {
    to_db(channel.slot_hz / POLYNOMIAL_SLOT_HZ)
}

fn pass_fiber(plant: &Plant<'_>, element: usize, spans: &Spans, channels: &mut [Channel]) -> Result<()> {
    let part = plant.elements.part(element);
    let length_m = plant.elements.length_m[element];
    let dispersion = plant.fibers.dispersion(part);
    add_nonlinearity(plant, element, spans, channels)?;
    for channel in channels.iter_mut() {
        let attenuation = attenuation_db_per_m(plant, element, channel.frequency_hz)?.unwrap_or_else(|| {
            channel.miss(Unknown::Attenuation);
            f64::NAN
        });
        let d = dispersion.at(wavelength_m(channel.frequency_hz), DispersionCorner::Nominal);
        if d.is_nan() {
            channel.miss(Unknown::Dispersion);
        }
        channel.dispersion_s_per_m += d * length_m;
        channel.dgd_squared_s2 += plant.fibers.pmd_s_per_sqrt_m[part].powi(2) * length_m;
        step(channel, -attenuation * length_m - plant.elements.loss_db[element], 0.0);
    }
    Ok(())
}

fn add_nonlinearity(plant: &Plant<'_>, element: usize, spans: &Spans, channels: &mut [Channel]) -> Result<()> {
    let part = plant.elements.part(element);
    let center_hz = channels.iter().map(|channel| channel.frequency_hz).sum::<f64>() / channels.len() as f64;
    // The closed form holds where dispersion separates the channels: not around the zero-dispersion wavelength.
    let conventional = (wavelength_m(center_hz) - C_BAND_REFERENCE_M).abs() < 80e-9;
    let Some(attenuation) = attenuation_db_per_m(plant, element, center_hz)? else { return Ok(()) };
    if plant.fibers.gamma_per_w_m[part] == 0.0 || !conventional || attenuation <= 0.0 {
        return Ok(());
    }
    let (beta2, beta3) =
        propagation_constants(plant.fibers.dispersion_s_per_m2[part], plant.fibers.slope_s_per_m3[part], center_hz);
    if !beta2.is_finite() || channels.iter().any(|channel| !channel.level_dbm.is_finite()) {
        return Ok(());
    }
    let span = NonlinearSpan {
        attenuation_per_m: attenuation * std::f64::consts::LN_10 / 10.0,
        length_m: plant.elements.length_m[element],
        beta2_s2_per_m: beta2,
        beta3_s3_per_m: beta3,
        gamma_per_w_m: plant.fibers.gamma_per_w_m[part],
        raman_slope_per_w_m_hz: plant.fibers.raman_slope_per_w_m_hz[part],
    };
    // Pieces of fiber between two amplifiers are one span to the growth of self-channel noise.
    let whole = NonlinearSpan { length_m: spans.length_of(element), ..span };
    let comb: Vec<CombChannel> = channels
        .iter()
        .map(|channel| CombChannel {
            offset_hz: channel.frequency_hz - center_hz,
            symbol_rate_hz: channel.symbol_rate_hz,
            power_w: from_dbm(channel.level_dbm),
        })
        .collect();
    for ((channel, noise), loaded) in channels.iter_mut().zip(nonlinear_efficiency(&span, &comb)?).zip(&comb) {
        let coherence = (spans.count as f64).powf(coherence_exponent(&whole, loaded));
        channel.nonlinear_ratio += noise.self_channel_ratio * coherence + noise.cross_channel_ratio;
    }
    Ok(())
}

fn pass_amplifier(plant: &Plant<'_>, element: usize, channels: &mut [Channel]) -> Result<()> {
    let part = plant.elements.part(element);
    let noise = plant.amplifiers.noise(part)?;
    let target_dbm = plant.elements.target_power_dbm[element];
    let greatest_db = plant.amplifiers.gain_max_db[part];
    let least_db = plant.amplifiers.gain_min_db[part];
    let offered: Vec<f64> = channels.iter().map(|channel| attenuate_to_specified(plant, element, channel)).collect();
    let wanted = offered.iter().map(|&input_dbm| target_dbm.min(input_dbm + greatest_db));
    let total_dbm = to_dbm(wanted.clone().map(from_dbm).sum());
    let excess_db = (total_dbm - plant.amplifiers.output_power_max_dbm[part]).max(0.0);
    let outputs: Vec<f64> = wanted.map(|output_dbm| output_dbm - excess_db).collect();
    for ((channel, output_dbm), offered_dbm) in channels.iter_mut().zip(outputs).zip(offered) {
        if channel.level_dbm.is_nan() {
            step(channel, f64::NAN, f64::NAN);
            continue;
        }
        let input_dbm = offered_dbm.min(output_dbm - least_db);
        check_least_input(plant, element, channel, input_dbm);
        // Only rounding can bring the gain outside its range, where a curve of noise figures has no value.
        let gain_db = (output_dbm - input_dbm).clamp(least_db, greatest_db);
        let input_w = from_dbm(input_dbm);
        let figure =
            noise.noise_figure_db(gain_db, input_w, channel.frequency_hz, channel.slot_hz).unwrap_or_else(|| {
                channel.miss(Unknown::AmplifierNoise);
                f64::NAN
            });
        let ratio = ase_ratio(figure, input_w, channel.frequency_hz);
        step(channel, output_dbm - channel.level_dbm, ratio);
    }
    Ok(())
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

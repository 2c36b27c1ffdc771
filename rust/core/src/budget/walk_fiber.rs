//! A comb through one fiber: attenuation, Raman tilt, dispersion, PMD, nonlinear interference.

use super::tables::{ElementKind, Plant};
use super::verdict::Unknown;
use super::walk::{Channel, FiberFigures, attenuation_db_per_m, step};
use crate::error::Result;
use crate::fiber::{
    CombChannel, DispersionCorner, NonlinearSpan, coherence_exponent, nonlinear_efficiency, propagation_constants,
    raman_transfer_ratio,
};
use crate::units::{C_BAND_REFERENCE_M, from_dbm, to_db, wavelength_m};

/// Half width of the band around 1550 nm in which the figures of Kerr and Raman effects hold.
const CONVENTIONAL_HALF_WIDTH_M: f64 = 80e-9;

/// The amplified spans of a path.
pub(super) struct Spans {
    count: usize,
    /// (first element, length) of each span.
    starts: Vec<(usize, f64)>,
}

impl Spans {
    /// Cuts a path at its amplifiers and ROADM stages; only spans with a Kerr coefficient count.
    pub(super) fn of(plant: &Plant<'_>, range: std::ops::Range<usize>) -> Self {
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
        Self { count: starts.iter().filter(|span| span.1 > 0.0).count(), starts }
    }

    /// Length of the span that holds a fiber.
    fn length_of(&self, element: usize) -> f64 {
        let after = self.starts.partition_point(|&(first, _)| first <= element);
        self.starts[after.saturating_sub(1)].1
    }
}

/// Sends a comb through a fiber.
///
/// # Algorithm
/// 1. Nonlinear interference with the powers at the fiber's input.
/// 2. Attenuation at each channel's wavelength; Raman scattering moves power from higher to lower frequencies.
/// 3. Dispersion adds; PMD adds in squares.
pub(super) fn pass_fiber(plant: &Plant<'_>, element: usize, spans: &Spans, channels: &mut [Channel]) -> Result<()> {
    let part = plant.elements.part(element);
    let length_m = plant.elements.length_m[element];
    add_nonlinearity(plant, element, spans, channels)?;
    let transfer_db = raman_transfer_db(plant, element, channels)?;
    let measured = plant.elements.attenuation_db_per_m[element];
    let dgd_squared_s2 = plant.fibers.pmd_s_per_sqrt_m[part].powi(2) * length_m;
    for (channel, transfer_db) in channels.iter_mut().zip(transfer_db) {
        let figures = look_up(plant, part, channel)?;
        let known = if measured.is_nan() { figures.attenuation_db_per_m } else { Some(measured) };
        let attenuation = known.unwrap_or_else(|| {
            channel.miss(Unknown::Attenuation);
            f64::NAN
        });
        if figures.dispersion_s_per_m2.is_nan() {
            channel.miss(Unknown::Dispersion);
        }
        channel.dispersion_s_per_m += figures.dispersion_s_per_m2 * length_m;
        channel.dgd_squared_s2 += dgd_squared_s2;
        step(channel, transfer_db - attenuation * length_m - plant.elements.loss_db[element], 0.0);
    }
    Ok(())
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

fn center_hz(channels: &[Channel]) -> f64 {
    channels.iter().map(|channel| channel.frequency_hz).sum::<f64>() / channels.len() as f64
}

/// Whether the Kerr and Raman figures of fibers, which are those around 1550 nm, hold for a comb.
fn is_conventional(channels: &[Channel]) -> bool {
    (wavelength_m(center_hz(channels)) - C_BAND_REFERENCE_M).abs() < CONVENTIONAL_HALF_WIDTH_M
}

/// Attenuation coefficient at the comb's center where Kerr and Raman effects are modeled.
fn nonlinear_attenuation_per_m(plant: &Plant<'_>, element: usize, channels: &[Channel]) -> Result<Option<f64>> {
    if !is_conventional(channels) || channels.iter().any(|channel| !channel.level_dbm.is_finite()) {
        return Ok(None);
    }
    let attenuation = attenuation_db_per_m(plant, element, center_hz(channels))?;
    Ok(attenuation.filter(|&value| value > 0.0).map(|value| value * std::f64::consts::LN_10 / 10.0))
}

/// Level that Raman scattering between the channels gives to each or takes from it.
fn raman_transfer_db(plant: &Plant<'_>, element: usize, channels: &[Channel]) -> Result<Vec<f64>> {
    let slope = plant.fibers.raman_slope_per_w_m_hz[plant.elements.part(element)];
    if slope == 0.0 || channels.len() < 2 {
        return Ok(vec![0.0; channels.len()]);
    }
    let Some(alpha) = nonlinear_attenuation_per_m(plant, element, channels)? else {
        return Ok(vec![0.0; channels.len()]);
    };
    let effective_m = -libm::expm1(-alpha * plant.elements.length_m[element]) / alpha;
    let power_w: Vec<f64> = channels.iter().map(|channel| from_dbm(channel.level_dbm)).collect();
    let frequency_hz: Vec<f64> = channels.iter().map(|channel| channel.frequency_hz).collect();
    let ratios = raman_transfer_ratio(&power_w, &frequency_hz, slope, effective_m)?;
    Ok(ratios.into_iter().map(to_db).collect())
}

fn add_nonlinearity(plant: &Plant<'_>, element: usize, spans: &Spans, channels: &mut [Channel]) -> Result<()> {
    let part = plant.elements.part(element);
    if plant.fibers.gamma_per_w_m[part] == 0.0 {
        return Ok(());
    }
    let Some(attenuation_per_m) = nonlinear_attenuation_per_m(plant, element, channels)? else { return Ok(()) };
    let center_hz = center_hz(channels);
    let (beta2, beta3) =
        propagation_constants(plant.fibers.dispersion_s_per_m2[part], plant.fibers.slope_s_per_m3[part], center_hz);
    if !beta2.is_finite() {
        return Ok(());
    }
    let span = NonlinearSpan {
        attenuation_per_m,
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

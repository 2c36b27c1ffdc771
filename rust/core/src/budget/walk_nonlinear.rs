//! Nonlinear interference of the fibers of one path, once the levels along it are known.

use super::tables::Plant;
use super::verdict::Unknown;
use super::walk::attenuation_db_per_m;
use super::walk_channels::Channels;
use crate::column::Column;
use crate::error::Result;
use crate::fiber::{
    ChainSpan, ChannelSignal, Comb, NonlinearCache, NonlinearModel, NonlinearOptions, NonlinearSpan, PumpedSpan,
    SpanNonlinearity, nonlinear_pumped_chain, propagation_constants,
};
use crate::task::Task;
use crate::units::{C_BAND_REFERENCE_M, wavelength_m};
use crate::vector::from_dbm_column;
use std::sync::Arc;

/// Half width of the band around 1550 nm in which the figures of Kerr and Raman effects hold.
const CONVENTIONAL_HALF_WIDTH_M: f64 = 80e-9;

/// One fiber with the light at its input.
#[derive(Debug, Clone)]
pub(super) struct FiberLoad {
    /// Row in the element table.
    pub element: usize,
    pub fiber: NonlinearSpan,
    pub powers_w: Column,
    pub attenuations_per_m: Column,
    /// What its pumps make of it, if it has some.
    pub pumped: Option<Arc<PumpedSpan>>,
}

/// How the interference is calculated, and what was calculated before.
#[derive(Debug, Clone, Copy)]
pub(super) struct NonlinearContext<'a> {
    pub options: &'a NonlinearOptions,
    pub cache: &'a NonlinearCache,
    /// Asked whether to go on within long calculations.
    pub task: &'a Task,
}

/// Fiber and powers of one element; `None` outside the band of its figures and where a level or a figure is not known. `figures`
/// are those of its type at the channels, see [`Channels::fiber`].
pub(super) fn load_fiber(
    plant: &Plant<'_>,
    element: usize,
    channels: &Channels,
    figures: usize,
) -> Result<Option<FiberLoad>> {
    let center_hz = channels.center_hz();
    let conventional = (wavelength_m(center_hz) - C_BAND_REFERENCE_M).abs() < CONVENTIONAL_HALF_WIDTH_M;
    if !conventional || channels.level_dbm.iter().any(|level_dbm| !level_dbm.is_finite()) {
        return Ok(None);
    }
    let per_m = |db_per_m: f64| db_per_m * std::f64::consts::LN_10 / 10.0;
    let attenuation_per_m = attenuation_db_per_m(plant, element, center_hz)?.map_or(f64::NAN, per_m);
    let part = plant.elements.part(element);
    let dispersion_s_per_m2 = plant.dispersion(element).dispersion_s_per_m2;
    let (beta2_s2_per_m, beta3_s3_per_m) =
        propagation_constants(dispersion_s_per_m2, plant.fibers.slope_s_per_m3[part], center_hz);
    let attenuations_per_m = if plant.elements.attenuation_db_per_m[element].is_nan() {
        let figures = channels.fiber_columns(figures).attenuation_db_per_m.iter();
        let change = plant.change(element);
        figures.map(|&figure| per_m(change.attenuation.apply(figure))).collect()
    } else {
        Column::default()
    };
    // A measured attenuation of nothing is a lossless fiber, which the closed forms do not have.
    let sound = attenuation_per_m > 0.0 && attenuations_per_m.iter().all(|&alpha| alpha > 0.0);
    if !sound || !beta2_s2_per_m.is_finite() {
        return Ok(None);
    }
    Ok(Some(FiberLoad {
        element,
        fiber: NonlinearSpan {
            attenuation_per_m,
            length_m: plant.elements.length_m[element],
            beta2_s2_per_m,
            beta3_s3_per_m,
            gamma_per_w_m: plant.fibers.gamma_per_w_m[part],
            raman_slope_per_w_m_hz: plant.fibers.raman_slope_per_w_m_hz[part],
        },
        powers_w: from_dbm_column(channels.level_dbm.iter().copied()),
        attenuations_per_m,
        pumped: None,
    }))
}

/// The comb of the channels: that of the path before, as most are, or one that the cache has for all threads.
fn find_comb(channels: &mut Channels, cache: &NonlinearCache) -> Result<Arc<Comb>> {
    let center_hz = channels.center_hz();
    let signal = |place: usize| ChannelSignal {
        offset_hz: channels.frequency_hz[place] - center_hz,
        symbol_rate_hz: channels.symbol_rate_hz[place],
        excess_kurtosis_ratio: channels.excess_kurtosis_ratio[place],
    };
    let all = (0..channels.count()).map(signal);
    if let Some(known) = channels.comb.as_ref().filter(|known| all.clone().eq(known.channels().iter().copied())) {
        return Ok(Arc::clone(known));
    }
    let comb = cache.comb(&all.collect::<Vec<_>>())?;
    channels.comb = Some(Arc::clone(&comb));
    Ok(comb)
}

/// Adds the interference of every fiber to the channels, each in the place of its element.
pub(super) fn add_nonlinearity(
    first_element: usize,
    loads: &[FiberLoad],
    channels: &mut Channels,
    context: NonlinearContext<'_>,
) -> Result<()> {
    if loads.iter().all(|load| load.fiber.gamma_per_w_m == 0.0) || channels.count() == 0 {
        return Ok(());
    }
    let comb = find_comb(channels, context.cache)?;
    let spans: Vec<ChainSpan<'_>> = loads
        .iter()
        .map(|load| ChainSpan {
            fiber: load.fiber,
            powers_w: &load.powers_w,
            attenuations_per_m: &load.attenuations_per_m,
        })
        .collect();
    let profiles: Vec<_> = loads.iter().map(|load| load.pumped.as_deref().map(|pumped| &pumped.profile)).collect();
    let noise = nonlinear_pumped_chain(&spans, &profiles, &comb, context.options, context.cache, context.task)?;
    for (span, load) in loads.iter().enumerate() {
        let is_published = context.options.model == NonlinearModel::PublishedIsrsGn;
        let reason =
            if is_published && load.pumped.is_some() { Unknown::PumpedNonlinearity } else { Unknown::Nonlinearity };
        let ratios = noise.span(span).iter().map(SpanNonlinearity::total_ratio);
        for (place, ratio) in ratios.clone().enumerate() {
            if ratio.is_nan() {
                channels.miss(place, reason);
            }
        }
        let known = ratios.map(|ratio| if ratio.is_nan() { 0.0 } else { ratio });
        channels.add_nonlinear(load.element - first_element, known);
    }
    Ok(())
}

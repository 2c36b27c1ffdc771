//! The interference of one channel by the GN integral: frequencies across it, and at each the sum over all islands.

use super::gn_integral::{IntegralOptions, IntegralResult, IntegralSpan, SpectralChannel};
use super::gn_integral_island::{Band, Island};
use super::gn_integral_link::{LinkFunction, Quartet};
use super::gn_integral_plane::islands;
use super::gn_integral_quadrature::{Estimate, gauss_legendre};
use crate::error::{Error, Result};
use crate::task::Task;
use rayon::prelude::*;

/// Interference of one channel: at its center, or averaged over the matched filter.
pub(super) fn integrate_channel(
    channels: &[SpectralChannel],
    spans: &[IntegralSpan],
    target: usize,
    options: &IntegralOptions,
    task: &Task,
) -> Result<IntegralResult> {
    let channel = channels[target];
    let band = Band::new(0.0, channel.symbol_rate_hz, channel.roll_off);
    let mut out = IntegralResult::default();
    let mut error = 0.0;
    for (node, weight) in gauss_legendre(options.points_count) {
        let offset_hz = node * band.edge_half;
        // The matched filter's power response has the area of the symbol rate.
        let share = weight * band.edge_half * band.shape(offset_hz) / channel.symbol_rate_hz;
        let share = if options.points_count == 1 { 1.0 } else { share };
        let at = integrate_frequency(channels, spans, target, channel.offset_hz + offset_hz, options, task)?;
        out.self_channel_ratio += share * at.self_channel_ratio;
        out.cross_channel_ratio += share * at.cross_channel_ratio;
        out.multi_channel_ratio += share * at.multi_channel_ratio;
        out.evaluations_count += at.evaluations_count;
        error += share * at.error_fraction * at.total_ratio();
    }
    out.error_fraction = if error > 0.0 { error / out.total_ratio() } else { 0.0 };
    Ok(out)
}

/// Interference at one frequency, times the target's symbol rate.
fn integrate_frequency(
    channels: &[SpectralChannel],
    spans: &[IntegralSpan],
    target: usize,
    frequency_hz: f64,
    options: &IntegralOptions,
    task: &Task,
) -> Result<IntegralResult> {
    let is_linear = spans.iter().all(|span| span.gamma_per_w_m == 0.0);
    if is_linear {
        return Ok(IntegralResult::default());
    }
    let islands = islands(channels, spans, target, frequency_hz);
    let (axial, others): (Vec<Island>, Vec<Island>) =
        islands.into_iter().partition(|island| island.u_range_hz.0 == 0.0 || island.v_range_hz.0 == 0.0);
    let link = |island: &Island| {
        LinkFunction::new(spans, island.quartet, 2.0 * frequency_hz + island.middle_sum_hz(), options.coherent)
    };
    let tolerance_fraction = options.tolerance_fraction;
    let rough: f64 = axial
        .par_iter()
        .map(|island| Ok(island.integrate(&link(island), f64::MAX, tolerance_fraction, 1, task)?.value))
        .collect::<Result<Vec<f64>>>()?
        .iter()
        .sum();
    let mut out = IntegralResult::default();
    let mut error = 0.0;
    let mut scale = rough;
    for stage in [axial, others] {
        let tolerance = 0.3 * tolerance_fraction * scale / stage.len().max(1) as f64;
        let limit_count = (options.evaluations_max_count / 10).max(1000);
        let estimates: Vec<Estimate> = stage
            .par_iter()
            .map(|island| island.integrate(&link(island), tolerance, tolerance_fraction, limit_count, task))
            .collect::<Result<_>>()?;
        for (island, estimate) in stage.iter().zip(&estimates) {
            match Family::of(island.quartet) {
                Family::Own => out.self_channel_ratio += estimate.value,
                Family::Cross => out.cross_channel_ratio += estimate.value,
                Family::Multi => out.multi_channel_ratio += estimate.value,
            }
            error += estimate.error;
            out.evaluations_count += estimate.evaluations_count;
        }
        scale = out.total_ratio();
    }
    out.error_fraction = error / scale;
    if out.evaluations_count > options.evaluations_max_count
        || out.error_fraction > tolerance_fraction
        || out.error_fraction.is_nan()
    {
        return Err(Error::Model(format!(
            "the integral of channel {target} is known to {:.1e} after {} evaluations, not to {tolerance_fraction:.1e}",
            out.error_fraction, out.evaluations_count
        )));
    }
    Ok(out)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Own,
    Cross,
    Multi,
}

impl Family {
    fn of(quartet: Quartet) -> Self {
        let Quartet { first, second, third, target } = quartet;
        if first == target && second == target && third == target {
            Self::Own
        } else if (first == target && second == third) || (second == target && first == third) {
            Self::Cross
        } else {
            Self::Multi
        }
    }
}

//! Nonlinear interference of a line by the integral of the GN model, in the place of the closed forms.

use super::gn_integral::{IntegralOptions, IntegralResult, IntegralSpan, SpectralChannel, integrate_channels};
use super::nonlinear::{ChainNonlinearity, ChainSpan, SpanNonlinearity};
use super::nonlinear_comb::Comb;
use super::power_profile::PowerProfile;
use super::raman_tilt::raman_transfer_ratio;
use crate::error::Result;
use crate::task::Task;

/// Distance of the points of a power profile.
const STEP_M: f64 = 1000.0;
/// What a dark channel is taken to have, since the integral needs some power: it makes no difference to any other.
const DARK_W: f64 = 1e-15;
/// Relative error allowed; what is found is far closer.
const TOLERANCE_FRACTION: f64 = 3e-3;

/// Nonlinear noise-to-signal ratio of Gaussian signals in every span of a line, by integration.
///
/// # Algorithm
/// 1. Powers run along each fiber as its profile says, else by attenuation and straight Raman gain, sampled every kilometer.
/// 2. The integral of all spans with their phases, and of each span alone.
/// 3. Each span has the share of the whole that it has of the sum of the spans alone, for the channel on itself and for others.
///
/// # Errors
/// Those of [`integrate_channels`].
pub(super) fn integrate_chain(
    spans: &[ChainSpan<'_>],
    profiles: &[Option<&PowerProfile>],
    comb: &Comb,
    task: &Task,
) -> Result<ChainNonlinearity> {
    let count = comb.channels().len();
    let no_noise = SpanNonlinearity { self_channel_ratio: 0.0, cross_channel_ratio: 0.0 };
    let has_figures = |span: &ChainSpan<'_>| {
        span.fiber.gamma_per_w_m == 0.0 || (span.fiber.beta2_s2_per_m + span.fiber.beta3_s3_per_m).is_finite()
    };
    let channels: Vec<SpectralChannel> = comb
        .channels()
        .iter()
        .map(|c| SpectralChannel { offset_hz: c.offset_hz, symbol_rate_hz: c.symbol_rate_hz, roll_off: 0.0 })
        .collect();
    let targets: Vec<usize> = (0..count).collect();
    let options = IntegralOptions { tolerance_fraction: TOLERANCE_FRACTION, ..IntegralOptions::default() };
    let integrate = |line: &[IntegralSpan]| integrate_channels(&channels, line, &targets, &options, task, || {});
    let mut out = vec![no_noise; spans.len() * count];
    if !spans.iter().all(has_figures) {
        out.fill(SpanNonlinearity::NOT_MODELED);
        return Ok(ChainNonlinearity::new(count, out));
    }
    let given = |index: usize| profiles.get(index).copied().flatten();
    let line = spans
        .iter()
        .enumerate()
        .map(|(index, span)| integral_span(span, given(index), comb))
        .collect::<Result<Vec<IntegralSpan>>>()?;
    let whole = integrate(&line)?;
    let alone = match &line[..] {
        [_] => vec![whole.clone()],
        _ => line.chunks(1).map(integrate).collect::<Result<Vec<Vec<IntegralResult>>>>()?,
    };
    for channel in 0..count {
        let others = |result: &IntegralResult| result.cross_channel_ratio + result.multi_channel_ratio;
        let growth = |part: &dyn Fn(&IntegralResult) -> f64| {
            let sum: f64 = alone.iter().map(|span| part(&span[channel])).sum();
            if sum > 0.0 { part(&whole[channel]) / sum } else { 0.0 }
        };
        let (own_growth, cross_growth) = (growth(&|result| result.self_channel_ratio), growth(&others));
        for (index, span) in alone.iter().enumerate() {
            out[index * count + channel] = SpanNonlinearity {
                self_channel_ratio: own_growth * span[channel].self_channel_ratio,
                cross_channel_ratio: cross_growth * others(&span[channel]),
            };
        }
    }
    Ok(ChainNonlinearity::new(count, out))
}

/// A span with the course of its powers.
fn integral_span(span: &ChainSpan<'_>, given: Option<&PowerProfile>, comb: &Comb) -> Result<IntegralSpan> {
    let fiber = &span.fiber;
    Ok(IntegralSpan {
        length_m: fiber.length_m,
        beta2_s2_per_m: fiber.beta2_s2_per_m,
        beta3_s3_per_m: fiber.beta3_s3_per_m,
        gamma_per_w_m: fiber.gamma_per_w_m,
        launch_power_w: span.powers_w.iter().map(|power_w| power_w.max(DARK_W)).collect(),
        profile: given.map_or_else(|| power_profile(span, comb), |profile| Ok(profile.clone()))?,
    })
}

/// How powers run along a fiber without pumps: attenuation and straight Raman gain.
pub(super) fn power_profile(span: &ChainSpan<'_>, comb: &Comb) -> Result<PowerProfile> {
    let fiber = &span.fiber;
    let count = comb.channels().len();
    let attenuation_per_m = if span.attenuations_per_m.is_empty() {
        vec![fiber.attenuation_per_m; count]
    } else {
        span.attenuations_per_m.to_vec()
    };
    if fiber.raman_slope_per_w_m_hz == 0.0 {
        return Ok(PowerProfile::Exponential { attenuation_per_m });
    }
    let steps = (fiber.length_m / STEP_M).ceil().max(1.0) as usize;
    let position_m: Vec<f64> = (0..=steps).map(|node| fiber.length_m * node as f64 / steps as f64).collect();
    // Only distances between frequencies count, which must be above 0.
    let frequency_hz: Vec<f64> = comb.channels().iter().map(|channel| 200e12 + channel.offset_hz).collect();
    let mut log_power_ratio = vec![Vec::with_capacity(steps + 1); count];
    for &z in &position_m {
        let effective_m = -libm::expm1(-fiber.attenuation_per_m * z) / fiber.attenuation_per_m;
        let transfer = raman_transfer_ratio(span.powers_w, &frequency_hz, fiber.raman_slope_per_w_m_hz, effective_m)?;
        for ((row, ratio), alpha) in log_power_ratio.iter_mut().zip(&transfer).zip(&attenuation_per_m) {
            row.push(if z == 0.0 { 0.0 } else { ratio.ln() - alpha * z });
        }
    }
    Ok(PowerProfile::Sampled { position_m, log_power_ratio })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{
        ChannelSignal, NonlinearCache, NonlinearModel, NonlinearOptions, NonlinearSpan, nonlinear_chain,
    };
    use crate::units::to_db;

    const FIBER: NonlinearSpan = NonlinearSpan {
        attenuation_per_m: 0.2e-3 / 4.342_944_819,
        length_m: 60e3,
        beta2_s2_per_m: -21.3e-27,
        beta3_s3_per_m: 0.14e-39,
        gamma_per_w_m: 1.27e-3,
        raman_slope_per_w_m_hz: 0.028e-15,
    };

    fn comb() -> Comb {
        let signal = |index: usize| ChannelSignal {
            offset_hz: (index as f64 - 2.0) * 75e9,
            symbol_rate_hz: 64e9,
            excess_kurtosis_ratio: -1.0,
        };
        Comb::new((0..5).map(signal).collect()).unwrap()
    }

    fn run(spans: &[ChainSpan<'_>], model: NonlinearModel, format_correction: bool) -> ChainNonlinearity {
        let options = NonlinearOptions { model, format_correction };
        (*nonlinear_chain(spans, &comb(), &options, &NonlinearCache::default()).unwrap()).clone()
    }

    #[test]
    fn a_line_by_integral_and_in_closed_form() {
        let powers_w = [1e-3, 2e-3, 1e-3, 0.5e-3, 1e-3];
        let short = NonlinearSpan { length_m: 25e3, beta2_s2_per_m: -5.7e-27, ..FIBER };
        let spans =
            [FIBER, short, FIBER].map(|fiber| ChainSpan { fiber, powers_w: &powers_w, attenuations_per_m: &[] });
        for format_correction in [false, true] {
            let found = run(&spans, NonlinearModel::Integral, format_correction);
            let closed = run(&spans, NonlinearModel::ClosedForm, format_correction);
            for (a, b) in found.total_ratios().iter().zip(closed.total_ratios()) {
                assert!(to_db(a / b).abs() < 0.2, "{}", to_db(a / b));
            }
        }
        let gaussian = run(&spans, NonlinearModel::Integral, false).total_ratios();
        let qpsk = run(&spans, NonlinearModel::Integral, true).total_ratios();
        assert!(gaussian.iter().zip(qpsk).all(|(gaussian, qpsk)| qpsk < *gaussian));
    }

    #[test]
    fn a_dark_channel_disturbs_nobody_and_an_unknown_fiber_makes_no_number() {
        let lit = [1e-3; 5];
        let mut dark = lit;
        dark[4] = 0.0;
        let chain = |fiber: NonlinearSpan, powers_w: &[f64]| {
            let span = ChainSpan { fiber, powers_w, attenuations_per_m: &[] };
            run(&[span], NonlinearModel::Integral, false).total_ratios()
        };
        let (with, without) = (chain(FIBER, &lit), chain(FIBER, &dark));
        assert!(without[3] < with[3] && without.iter().all(|ratio| ratio.is_finite()));
        let unknown = NonlinearSpan { beta2_s2_per_m: f64::NAN, ..FIBER };
        assert!(chain(unknown, &lit).iter().all(|ratio| ratio.is_nan()));
        assert!(chain(NonlinearSpan { gamma_per_w_m: 0.0, ..FIBER }, &lit).iter().all(|&ratio| ratio == 0.0));
    }
}

//! Closed form of a line: what each span makes on its own, and what it gains and loses by the spans before.

use super::nonlinear::{ChainNonlinearity, ChainSpan, SpanNonlinearity};
use super::nonlinear_cache::{Key, NonlinearCache, write_span_key};
use super::nonlinear_chain::is_modeled;
use super::nonlinear_coherence::coherent_gains;
use super::nonlinear_comb::Comb;
use super::nonlinear_format::{FOURTH_MOMENT_WEIGHT, FormatCorrection};
use super::nonlinear_joint::{Joint, joint_gain};
use super::nonlinear_line_span::{LineSpan, Slope, SpanNodes, beta2_of};
use super::nonlinear_span::{SpanNoise, evaluate_span};
use super::nonlinear_tile::Tile;
use crate::column::Column;
use crate::error::Result;
use std::sync::Arc;

/// Nonlinear interference of every span of a line.
///
/// # Algorithm
/// 1. Each span on its own, once for identical spans.
/// 2. The channel on itself: what its coherence with each span before adds, from the dispersion between them.
/// 3. Other channels: what they gain over the joint with the span before, and what their constellations take off, from the
///    dispersion gathered before.
///
/// # Errors
/// Those of the spans.
pub(super) fn evaluate_line(
    spans: &[ChainSpan<'_>],
    comb: &Comb,
    format_correction: bool,
    cache: &NonlinearCache,
) -> Result<ChainNonlinearity> {
    let count = comb.channels().len();
    let mut out = vec![SpanNonlinearity { self_channel_ratio: 0.0, cross_channel_ratio: 0.0 }; spans.len() * count];
    let mut line: Vec<LineSpan> = Vec::with_capacity(spans.len());
    let mut before_s2 = Slope::default();
    let mut key = Key::new();
    for (index, span) in spans.iter().enumerate() {
        let makes_noise = span.fiber.gamma_per_w_m != 0.0 && is_modeled(&span.fiber, comb);
        let mut here = enter_span(span, comb, &mut before_s2, makes_noise);
        let row = &mut out[index * count..(index + 1) * count];
        if makes_noise {
            let before = index.checked_sub(1).map(|last| (&spans[last], &line[last]));
            let joint = before.and_then(|before| Joint::new((span, &here), before, comb));
            let formats = format_correction.then(|| FormatCorrection::new(&here, &line, comb));
            let mut changes = Column::zeros(count);
            let mut visit = |tile: Tile<'_>| add_changes(&mut changes, tile, formats.as_ref(), joint.as_ref());
            let noise = make_noise(span, comb, &mut visit, cache, &mut key)?;
            let gains = coherent_gains(&here, &noise, &line, comb);
            for (test, &channel) in comb.order().iter().enumerate() {
                row[channel] = SpanNonlinearity {
                    self_channel_ratio: noise.own[test] + gains[test],
                    cross_channel_ratio: noise.cross[test] + changes[test],
                };
            }
            here.noise = Some(noise);
        } else if span.fiber.gamma_per_w_m != 0.0 {
            row.fill(SpanNonlinearity::NOT_MODELED);
        }
        line.push(here);
    }
    Ok(ChainNonlinearity::new(count, out))
}

/// Changes of the cross-channel noise of the channels of a tile by formats and by the joint with the span before.
fn add_changes(changes: &mut [f64], tile: Tile<'_>, formats: Option<&FormatCorrection<'_>>, joint: Option<&Joint<'_>>) {
    let tests = tile.tests();
    if let Some(formats) = formats {
        let found = formats.changes(tile);
        changes[tests.clone()].copy_from_slice(&found[..tests.len()]);
    }
    let Some(joint) = joint.filter(|joint| joint.counts_in(tile)) else { return };
    for (lane, test) in tests.enumerate() {
        let (gained, formatted) = joint_gain(joint, test, |k| tile.pairs[k].0[lane]);
        changes[test] += gained;
        if formats.is_some() {
            // What adds over a joint is made by the same symbols.
            changes[test] += FOURTH_MOMENT_WEIGHT * formatted;
        }
    }
}

/// What a span makes on its own, computed where the cache does not know it; `visit` sees its tiles.
fn make_noise(
    span: &ChainSpan<'_>,
    comb: &Comb,
    visit: &mut dyn FnMut(Tile<'_>),
    cache: &NonlinearCache,
    key: &mut Key,
) -> Result<Arc<SpanNoise>> {
    let mut is_known = true;
    write_span_key(key, span, comb);
    let noise = cache.span(key, || {
        is_known = false;
        Ok(evaluate_span(span, comb, visit))
    })?;
    if is_known {
        noise.visit_tiles(comb, visit);
    }
    Ok(noise)
}

/// A span as all channels see it, without what it makes on its own; adds its dispersion to what they have gathered.
fn enter_span(span: &ChainSpan<'_>, comb: &Comb, before_s2: &mut Slope, makes_noise: bool) -> LineSpan {
    // A span that makes no noise keeps its place in the line.
    let gamma_per_w_m = if makes_noise { span.fiber.gamma_per_w_m } else { 0.0 };
    let densities = comb.order().iter().zip(&comb.rates_hz);
    let amplitudes = densities.map(|(&channel, rate)| gamma_per_w_m * span.powers_w[channel] / rate).collect();
    let nodes = SpanNodes::new(span.fiber.attenuation_per_m, span.fiber.length_m);
    let beta2_s2_per_m = beta2_of(&span.fiber);
    let here = LineSpan { nodes, noise: None, beta2_s2_per_m, before_s2: *before_s2, amplitudes };
    *before_s2 = here.gathered_s2(span.fiber.length_m);
    here
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{ChannelSignal, NonlinearSpan, propagation_constants};

    /// Lines of one kind of fiber and of two, long spans and short ones, by a comb of channels whose last one is changed.
    fn totals(count: usize, change: impl Fn(&mut ChannelSignal)) -> Vec<Vec<f64>> {
        let channel = |k: usize| ChannelSignal {
            offset_hz: (k as f64 - 0.5 * (count - 1) as f64) * 75e9,
            symbol_rate_hz: 60e9,
            excess_kurtosis_ratio: if k.is_multiple_of(3) { -1.0 } else { -0.68 },
        };
        let mut channels: Vec<ChannelSignal> = (0..count).map(channel).collect();
        change(&mut channels[count - 1]);
        let comb = Comb::new(channels).unwrap();
        let powers_w: Vec<f64> = (0..count).map(|k| 1e-3 * (1.0 + 0.48 * k as f64 / count as f64)).collect();
        let lines: [&[(f64, f64)]; 4] = [
            &[(80e3, 16.7e-6), (60e3, 16.7e-6), (90e3, 16.7e-6)],
            &[(40e3, 16.7e-6), (120e3, 20.7e-6), (20e3, 16.7e-6), (80e3, 16.7e-6)],
            &[(80e3, 16.7e-6), (50e3, 4.5e-6), (70e3, 16.7e-6)],
            &[(2e3, 16.7e-6), (5e3, 4.5e-6)],
        ];
        let cache = NonlinearCache::default();
        lines
            .iter()
            .map(|line| {
                let spans: Vec<ChainSpan<'_>> = line
                    .iter()
                    .map(|&(length_m, dispersion)| {
                        let (beta2_s2_per_m, beta3_s3_per_m) = propagation_constants(dispersion, 60.0, 193.4e12);
                        let fiber = NonlinearSpan {
                            attenuation_per_m: 4.6e-5,
                            length_m,
                            beta2_s2_per_m,
                            beta3_s3_per_m,
                            gamma_per_w_m: 1.3e-3,
                            raman_slope_per_w_m_hz: 2.8e-17,
                        };
                        ChainSpan { fiber, powers_w: &powers_w, attenuations_per_m: &[] }
                    })
                    .collect();
                let first = evaluate_line(&spans, &comb, true, &cache).unwrap();
                // Spans that the cache knows fill their rows again.
                assert_eq!(first, evaluate_line(&spans, &comb, true, &cache).unwrap());
                first.total_ratios()
            })
            .collect()
    }

    /// Greatest relative difference of two combs.
    fn difference(left: &[Vec<f64>], right: &[Vec<f64>]) -> f64 {
        left.iter().flatten().zip(right.iter().flatten()).fold(0.0, |most, (a, b)| (a / b - 1.0).abs().max(most))
    }

    #[test]
    fn what_an_even_comb_shares_changes_nothing() {
        // A millionth of the spacing makes the grid uneven; whatever all channels shared is then calculated for each.
        let even = totals(24, |_| ());
        assert!(difference(&even, &totals(24, |last| last.offset_hz += 75e3)) < 1e-5);
        // Far more would not go unnoticed.
        assert!(difference(&even, &totals(24, |last| last.offset_hz += 3e9)) > 1e-3);
    }

    #[test]
    fn stations_stand_for_all_channels() {
        // Another symbol rate, and each channel is its own station.
        for count in [32, 64, 120] {
            let apart = difference(&totals(count, |_| ()), &totals(count, |last| last.symbol_rate_hz *= 1.0 + 1e-9));
            assert!(apart < 1e-6, "{count} {apart:e}");
        }
    }
}

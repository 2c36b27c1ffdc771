//! Closed form of a line: what each span makes on its own, and what it gains and loses by the spans before.

use super::nonlinear::{ChainNonlinearity, ChainSpan, SpanNonlinearity};
use super::nonlinear_cache::{NonlinearCache, write_span_key};
use super::nonlinear_chain::is_modeled;
use super::nonlinear_coherence::{LineSpan, SpanNodes, beta2_at, coherent_gains};
use super::nonlinear_comb::Comb;
use super::nonlinear_format::{FOURTH_MOMENT_WEIGHT, FormatCorrection};
use super::nonlinear_joint::{Joint, joint_gain};
use super::nonlinear_span::evaluate_span;
use crate::column::Column;
use crate::error::Result;

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
    let (mut before_s2, mut rows) = (Column::zeros(count), vec![0.0; count * count]);
    let mut key = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        let here = enter_span(span, comb, &mut before_s2, &mut rows, (cache, &mut key))?;
        let row = &mut out[index * count..(index + 1) * count];
        if let Some(noise) = &here.noise {
            let gains = coherent_gains(&here, &line, &comb.rates_hz);
            let before = index.checked_sub(1).map(|last| (&spans[last], &line[last]));
            let joint = before.and_then(|before| Joint::new((span, &here), before, comb));
            let formats = format_correction.then(|| FormatCorrection::new(&here, &line, comb).changes(&rows));
            for (test, &channel) in comb.order().iter().enumerate() {
                let pairs = &rows[test * count..(test + 1) * count];
                let (gained, formatted) = joint.as_ref().map_or((0.0, 0.0), |joint| joint_gain(joint, test, pairs));
                let mut cross_channel_ratio = noise.cross[test] + gained;
                if let Some(formats) = &formats {
                    // What adds over a joint is made by the same symbols.
                    cross_channel_ratio += FOURTH_MOMENT_WEIGHT * formatted;
                    cross_channel_ratio += formats[test];
                }
                row[channel] =
                    SpanNonlinearity { self_channel_ratio: noise.own[test] + gains[test], cross_channel_ratio };
            }
        } else if span.fiber.gamma_per_w_m != 0.0 {
            row.fill(SpanNonlinearity::NOT_MODELED);
        }
        line.push(here);
    }
    Ok(ChainNonlinearity::new(count, out))
}

/// A span as all channels see it; adds its dispersion to what they have gathered, and fills `rows` with what each channel makes
/// on each other one in it.
fn enter_span(
    span: &ChainSpan<'_>,
    comb: &Comb,
    before_s2: &mut [f64],
    rows: &mut [f64],
    (cache, key): (&NonlinearCache, &mut Vec<u64>),
) -> Result<LineSpan> {
    let gamma_per_w_m = span.fiber.gamma_per_w_m;
    let noise = if gamma_per_w_m != 0.0 && is_modeled(&span.fiber, comb) {
        let mut is_known = true;
        write_span_key(key, span, comb);
        let noise = cache.span(key, || {
            is_known = false;
            Ok(evaluate_span(span, comb, rows))
        })?;
        if is_known {
            noise.fill_rows(comb, rows);
        }
        Some(noise)
    } else {
        None
    };
    let nodes = SpanNodes::new(span.fiber.attenuation_per_m, span.fiber.length_m);
    let amplitudes = match &noise {
        Some(_) => {
            let densities = comb.order().iter().zip(&comb.rates_hz);
            densities.map(|(&channel, rate)| gamma_per_w_m * span.powers_w[channel] / rate).collect()
        }
        // A span that makes no noise keeps its place in the line.
        None => Column::zeros(before_s2.len()),
    };
    let beta2_s2_per_m: Column = comb.offsets_hz.iter().map(|&offset_hz| beta2_at(span, offset_hz)).collect();
    let here = LineSpan::new(nodes, noise, beta2_s2_per_m, Column::from(&*before_s2), amplitudes);
    for (gathered, beta2) in before_s2.iter_mut().zip(&here.beta2_s2_per_m) {
        *gathered += beta2 * span.fiber.length_m;
    }
    Ok(here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{ChannelSignal, NonlinearSpan, propagation_constants};

    /// Lines of one kind of fiber and of two, long spans and short ones, by a comb of 24 channels.
    fn totals(shift_hz: f64) -> Vec<Vec<f64>> {
        let channel = |k: usize| ChannelSignal {
            offset_hz: (k as f64 - 11.5) * 75e9 + if k == 23 { shift_hz } else { 0.0 },
            symbol_rate_hz: 60e9,
            excess_kurtosis_ratio: if k.is_multiple_of(3) { -1.0 } else { -0.68 },
        };
        let comb = Comb::new((0..24).map(channel).collect()).unwrap();
        let powers_w: Vec<f64> = (0..24).map(|k| 1e-3 * (1.0 + 0.02 * f64::from(k))).collect();
        let lines: [&[(f64, f64)]; 3] = [
            &[(80e3, 16.7e-6), (60e3, 16.7e-6), (90e3, 16.7e-6)],
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

    #[test]
    fn what_an_even_comb_shares_changes_nothing() {
        // A millionth of the spacing makes the grid uneven; whatever all channels shared is then calculated for each.
        let (even, uneven) = (totals(0.0), totals(75e3));
        for (even, uneven) in even.iter().flatten().zip(uneven.iter().flatten()) {
            assert!((even / uneven - 1.0).abs() < 1e-5, "{even} {uneven}");
        }
        // Far more would not go unnoticed.
        let moved = totals(3e9);
        assert!(even.iter().flatten().zip(moved.iter().flatten()).any(|(a, b)| (a / b - 1.0).abs() > 1e-3));
    }
}

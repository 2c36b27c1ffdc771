//! Nonlinear interference of a line of unequal spans.

use super::nonlinear::{
    ChainNonlinearity, ChainSpan, CombChannel, NonlinearModel, NonlinearOptions, NonlinearSpan, SpanNonlinearity,
};
use super::nonlinear_cache::{NonlinearCache, chain_key};
use super::nonlinear_comb::Comb;
use super::nonlinear_integral::integrate_chain;
use super::nonlinear_line::evaluate_line;
use super::nonlinear_line_span::beta2_of;
use super::nonlinear_profile_line::profile_chain;
use super::nonlinear_published::{coherence_exponent, nonlinear_efficiency};
use super::nonlinear_store::Cost;
use super::power_profile::PowerProfile;
use crate::error::{Error, Result, require_finite, require_positive};
use crate::task::Task;
use std::sync::Arc;

/// Nonlinear noise-to-signal ratio of every channel in every span of a line.
///
/// Fibers follow each other in the order of the light; whatever is between them (nothing, an amplifier, a ROADM) only sets
/// the powers at their inputs. A span where the model does not hold (see [`is_modeled`]) gives NaN for every channel.
///
/// # Algorithm
/// 1. The closed form: [`evaluate_line`], or where powers do not just decay [`profile_chain`].
/// 2. The published form instead: closed forms of long spans, N^epsilon for the channel on itself.
/// 3. The integral instead, for Gaussian signals, with what the closed form takes off for the constellations; where the closed
///    form does not hold, nothing is taken off.
///
/// # Errors
/// [`Error::Parameter`] if a fiber's attenuation or length is not above zero, a figure is not finite, a power is negative or
/// a column is not as long as the comb.
///
/// # References
/// Poggiolini 2012, doi 10.1109/JLT.2012.2217729 (GN integral); Semrau et al. 2018, doi 10.1109/JLT.2018.2830973 (its Raman
/// profile); the forms of the islands are derived in `docs/models/nonlinear-interference.md`.
pub fn nonlinear_chain(
    spans: &[ChainSpan<'_>],
    comb: &Comb,
    options: &NonlinearOptions,
    cache: &NonlinearCache,
) -> Result<Arc<ChainNonlinearity>> {
    nonlinear_pumped_chain(spans, &[], comb, options, cache, &Task::new())
}

/// The same of a line with Raman-pumped spans: `profiles` is empty or has one entry per span, the course of the powers where
/// pumps make it other than attenuation and straight Raman gain do.
///
/// # Algorithm
/// As [`nonlinear_chain`]; with a profile the closed form is that of `profile_chain`. The published form has no place for pumps:
/// NaN for every channel of such a span.
///
/// # Errors
/// As [`nonlinear_chain`], for a profile that does not fit its span, and [`Error::Cancelled`] in the middle of an integral.
pub fn nonlinear_pumped_chain(
    spans: &[ChainSpan<'_>],
    profiles: &[Option<&PowerProfile>],
    comb: &Comb,
    options: &NonlinearOptions,
    cache: &NonlinearCache,
    task: &Task,
) -> Result<Arc<ChainNonlinearity>> {
    for span in spans {
        check_span(span, comb.channels().len())?;
    }
    let is_decay = options.model == NonlinearModel::ClosedForm && profiles.iter().all(Option::is_none);
    let cost = if is_decay { Cost::Low } else { Cost::High };
    cache.chain(&chain_key(spans, profiles, comb, *options), cost, || match options.model {
        NonlinearModel::ClosedForm => any_closed_form(spans, profiles, comb, *options, cache),
        NonlinearModel::PublishedIsrsGn => published(spans, profiles, comb),
        NonlinearModel::Integral => integral(spans, profiles, comb, options.format_correction, cache, task),
    })
}

/// The closed form of decaying powers, or where a profile is given that of any powers.
fn any_closed_form(
    spans: &[ChainSpan<'_>],
    profiles: &[Option<&PowerProfile>],
    comb: &Comb,
    options: NonlinearOptions,
    cache: &NonlinearCache,
) -> Result<ChainNonlinearity> {
    if profiles.iter().all(Option::is_none) {
        evaluate_line(spans, comb, options.format_correction, cache)
    } else {
        profile_chain(spans, profiles, comb, options, cache)
    }
}

fn integral(
    spans: &[ChainSpan<'_>],
    profiles: &[Option<&PowerProfile>],
    comb: &Comb,
    format_correction: bool,
    cache: &NonlinearCache,
    task: &Task,
) -> Result<ChainNonlinearity> {
    let mut out = integrate_chain(spans, profiles, comb, task)?;
    if format_correction {
        let closed = |format_correction| {
            let options = NonlinearOptions { model: NonlinearModel::ClosedForm, format_correction };
            any_closed_form(spans, profiles, comb, options, cache)
        };
        out.add_cross(&closed(true)?, &closed(false)?);
    }
    Ok(out)
}

fn published(spans: &[ChainSpan<'_>], profiles: &[Option<&PowerProfile>], comb: &Comb) -> Result<ChainNonlinearity> {
    let count = comb.channels().len();
    let mut out = Vec::with_capacity(spans.len() * count);
    for (index, span) in spans.iter().enumerate() {
        let is_pumped = profiles.get(index).is_some_and(Option::is_some);
        if span.fiber.gamma_per_w_m != 0.0 && (is_pumped || !is_modeled(&span.fiber, comb)) {
            out.resize(out.len() + count, SpanNonlinearity::NOT_MODELED);
            continue;
        }
        let loaded: Vec<CombChannel> = comb
            .channels()
            .iter()
            .zip(span.powers_w)
            .map(|(channel, &power_w)| CombChannel {
                offset_hz: channel.offset_hz,
                symbol_rate_hz: channel.symbol_rate_hz,
                power_w,
            })
            .collect();
        let single = nonlinear_efficiency(&span.fiber, &loaded)?;
        out.extend(single.iter().zip(&loaded).map(|(noise, channel)| {
            let growth = (spans.len() as f64).powf(coherence_exponent(&span.fiber, channel));
            SpanNonlinearity { self_channel_ratio: noise.self_channel_ratio * growth, ..*noise }
        }));
    }
    Ok(ChainNonlinearity::new(count, out))
}

/// Whether the closed forms hold for a comb in a fiber: dispersion separates the channels, far enough from zero dispersion.
pub fn is_modeled(fiber: &NonlinearSpan, comb: &Comb) -> bool {
    // 1 ps/nm/km at 1550 nm.
    let least_beta2 = 1.275e-27;
    let Some((&first, &last)) = comb.offsets_hz.first().zip(comb.offsets_hz.last()) else {
        return fiber.beta2_s2_per_m.is_finite();
    };
    // A straight line over frequency has its least and greatest values at the ends.
    let ends = [first, last].map(|offset_hz| beta2_of(fiber).at(offset_hz));
    ends.iter().all(|&beta2| beta2 >= least_beta2) || ends.iter().all(|&beta2| beta2 <= -least_beta2)
}

fn check_span(span: &ChainSpan<'_>, count: usize) -> Result<()> {
    let lengths = (span.powers_w.len(), span.attenuations_per_m.len());
    if lengths.0 != count || (lengths.1 != count && lengths.1 != 0) {
        return Err(Error::parameter("powers_w", format!("{lengths:?} entries"), format!("{count}, one per channel")));
    }
    let fiber = &span.fiber;
    require_positive("attenuation_per_m", fiber.attenuation_per_m)?;
    require_positive("length_m", fiber.length_m)?;
    require_finite("gamma_per_w_m", fiber.gamma_per_w_m)?;
    require_finite("raman_slope_per_w_m_hz", fiber.raman_slope_per_w_m_hz)?;
    // All are counted first, in wide vectors: the one that is wrong is looked for where there is one.
    let is_power = |power_w: f64| (0.0..f64::INFINITY).contains(&power_w);
    if count_of(span.attenuations_per_m, |own| own > 0.0 && own < f64::INFINITY) < span.attenuations_per_m.len() {
        span.attenuations_per_m.iter().try_for_each(|&own| require_positive("attenuation_per_m", own).map(|_| ()))?;
    }
    if count_of(span.powers_w, is_power) < span.powers_w.len() {
        let wrong = span.powers_w.iter().copied().find(|&power_w| !is_power(power_w)).unwrap_or(f64::NAN);
        return Err(Error::parameter("power_w", wrong, "a finite number, 0 or above"));
    }
    Ok(())
}

/// How many of some numbers are as they must be.
fn count_of(column: &[f64], is_so: impl Fn(f64) -> bool) -> usize {
    column.iter().map(|&value| usize::from(is_so(value))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::{ChannelSignal, propagation_constants};
    use rayon::prelude::*;

    fn fiber(length_m: f64, dispersion_s_per_m2: f64) -> NonlinearSpan {
        let (beta2_s2_per_m, beta3_s3_per_m) = propagation_constants(dispersion_s_per_m2, 60.0, 193.4e12);
        NonlinearSpan {
            attenuation_per_m: 4.6e-5,
            length_m,
            beta2_s2_per_m,
            beta3_s3_per_m,
            gamma_per_w_m: 1.3e-3,
            raman_slope_per_w_m_hz: 2.8e-17,
        }
    }

    fn mixed_comb() -> Comb {
        let plan =
            [(-300e9, 63e9, -1.0), (-150e9, 118e9, -0.68), (0.0, 60e9, -0.2), (75e9, 60e9, -0.68), (200e9, 32e9, -1.0)];
        let channel = |(offset_hz, symbol_rate_hz, excess_kurtosis_ratio)| ChannelSignal {
            offset_hz,
            symbol_rate_hz,
            excess_kurtosis_ratio,
        };
        Comb::new(plan.map(channel).to_vec()).unwrap()
    }

    fn line(seed: usize, cache: &NonlinearCache) -> Vec<f64> {
        let comb = cache.comb(mixed_comb().channels()).unwrap();
        let powers_w = [1e-3, 2e-3, 1e-3, 0.0, 0.5e-3];
        let lengths_m = [40e3 + 1e3 * (seed % 7) as f64, 80e3, 40e3 + 1e3 * (seed % 7) as f64];
        let spans: Vec<ChainSpan<'_>> = lengths_m
            .iter()
            .map(|&length_m| ChainSpan {
                fiber: fiber(length_m, 16.7e-6),
                powers_w: &powers_w,
                attenuations_per_m: &[],
            })
            .collect();
        let found = nonlinear_chain(&spans, &comb, &NonlinearOptions::default(), cache).unwrap();
        (0..3)
            .flat_map(|span| found.span(span).to_vec())
            .flat_map(|n| [n.self_channel_ratio, n.cross_channel_ratio])
            .collect()
    }

    #[test]
    fn neither_threads_nor_the_cache_change_a_bit() {
        let nothing = NonlinearCache::new(0);
        let alone: Vec<Vec<f64>> = (0..40).map(|seed| line(seed, &nothing)).collect();
        let shared = NonlinearCache::default();
        let together: Vec<Vec<f64>> = (0..40).into_par_iter().map(|seed| line(seed, &shared)).collect();
        assert_eq!(alone, together);
        assert!(alone.iter().flatten().all(|ratio| ratio.is_finite() && *ratio >= 0.0));
    }

    #[test]
    fn nothing_is_calculated_around_zero_dispersion() {
        let comb = mixed_comb();
        let powers_w = [1e-3; 5];
        let cache = NonlinearCache::default();
        for model in [NonlinearModel::ClosedForm, NonlinearModel::PublishedIsrsGn] {
            let options = NonlinearOptions { model, format_correction: true };
            let spans = [16.7e-6, 0.5e-6, -0.2e-6].map(|d| ChainSpan {
                fiber: fiber(20e3, d),
                powers_w: &powers_w,
                attenuations_per_m: &[],
            });
            let found = nonlinear_chain(&spans, &comb, &options, &cache).unwrap();
            assert!(found.span(0).iter().all(|noise| noise.total_ratio() > 0.0));
            assert!((1..3).all(|span| found.span(span).iter().all(|noise| noise.total_ratio().is_nan())));
            assert!(found.total_ratios().iter().all(|ratio| ratio.is_nan()));
        }
    }

    #[test]
    fn a_span_in_two_pieces_makes_the_noise_of_one() {
        // No amplifier at the cut: the second piece starts with what the first leaves.
        let comb = mixed_comb();
        let options = NonlinearOptions { model: NonlinearModel::ClosedForm, format_correction: false };
        let cache = NonlinearCache::default();
        let mut whole = fiber(80e3, 16.7e-6);
        whole.raman_slope_per_w_m_hz = 0.0;
        let (first_w, mut piece) = ([1e-3; 5], whole);
        piece.length_m = 40e3;
        let second_w = first_w.map(|power_w| power_w * (-whole.attenuation_per_m * 40e3).exp());
        let one = ChainSpan { fiber: whole, powers_w: &first_w, attenuations_per_m: &[] };
        let two = [
            ChainSpan { fiber: piece, powers_w: &first_w, attenuations_per_m: &[] },
            ChainSpan { fiber: piece, powers_w: &second_w, attenuations_per_m: &[] },
        ];
        let expected = nonlinear_chain(&[one], &comb, &options, &cache).unwrap().total_ratios();
        let found = nonlinear_chain(&two, &comb, &options, &cache).unwrap().total_ratios();
        for (found, expected) in found.iter().zip(&expected) {
            assert!((10.0 * (found / expected).log10()).abs() < 0.15, "{found} {expected}");
        }
    }

    #[test]
    fn attenuation_of_a_channel_counts() {
        let comb = mixed_comb();
        let powers_w = [1e-3; 5];
        let cache = NonlinearCache::default();
        let total = |attenuations_per_m: &[f64]| {
            let span = ChainSpan { fiber: fiber(80e3, 16.7e-6), powers_w: &powers_w, attenuations_per_m };
            nonlinear_chain(&[span], &comb, &NonlinearOptions::default(), &cache).unwrap().total_ratios()
        };
        let (plain, same, more) = (total(&[]), total(&[4.6e-5; 5]), total(&[5.0e-5; 5]));
        for ((plain, same), more) in plain.iter().zip(&same).zip(&more) {
            assert!((same / plain - 1.0).abs() < 1e-6 && more < plain);
        }
        assert!(
            nonlinear_chain(
                &[ChainSpan { fiber: fiber(80e3, 16.7e-6), powers_w: &powers_w[..4], attenuations_per_m: &[] }],
                &comb,
                &NonlinearOptions::default(),
                &cache
            )
            .is_err()
        );
    }

    #[test]
    fn overlapping_spectra_are_refused() {
        let at = |offset_hz: f64| ChannelSignal { offset_hz, symbol_rate_hz: 60e9, excess_kurtosis_ratio: 0.0 };
        assert!(Comb::new(vec![at(0.0), at(50e9)]).is_err());
        assert!(Comb::new(vec![at(60e9), at(0.0)]).is_ok());
    }
}

//! Nonlinear interference by direct integration: the GN model with any power profile, over any chain of spans.

use super::gn_integral_channel::integrate_channel;
use super::gn_integral_quadrature::POINTS_MAX_COUNT;
use super::power_profile::PowerProfile;
use crate::error::{Error, Result, require_finite, require_positive};
use crate::task::Task;
use rayon::prelude::*;

/// One channel of the spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpectralChannel {
    /// Center frequency relative to the frequency at which beta2 and beta3 are given.
    pub offset_hz: f64,
    /// Symbol rate, which is the noise bandwidth.
    pub symbol_rate_hz: f64,
    /// Roll-off of the root-raised-cosine pulse, 0 (rectangular spectrum) to 1.
    pub roll_off: f64,
}

/// One span of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegralSpan {
    /// Length.
    pub length_m: f64,
    /// Group-velocity dispersion.
    pub beta2_s2_per_m: f64,
    /// Its slope over angular frequency.
    pub beta3_s3_per_m: f64,
    /// Kerr coefficient.
    pub gamma_per_w_m: f64,
    /// Power of each channel at the input of the fiber.
    pub launch_power_w: Vec<f64>,
    /// How the power of each channel runs along the fiber.
    pub profile: PowerProfile,
}

/// How closely and over what to integrate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntegralOptions {
    /// Relative error allowed.
    pub tolerance_fraction: f64,
    /// Evaluations of the link function allowed per frequency.
    pub evaluations_max_count: u64,
    /// Frequencies across each channel: 1 takes the noise at the center for that of the whole symbol rate, up to 6.
    pub points_count: usize,
    /// Whether the fields of the spans add with their phases, or their noise powers add.
    pub coherent: bool,
}

impl Default for IntegralOptions {
    fn default() -> Self {
        Self { tolerance_fraction: 1e-3, evaluations_max_count: 50_000_000, points_count: 1, coherent: true }
    }
}

/// Nonlinear interference of one channel after the chain, as noise-to-signal ratios in the symbol rate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct IntegralResult {
    /// All three mixing frequencies in the channel itself.
    pub self_channel_ratio: f64,
    /// One in the channel itself and two in one other channel.
    pub cross_channel_ratio: f64,
    /// Every other triple.
    pub multi_channel_ratio: f64,
    /// Estimated error over the sum of the three.
    pub error_fraction: f64,
    /// Evaluations of the link function.
    pub evaluations_count: u64,
}

impl IntegralResult {
    /// All of the interference.
    pub fn total_ratio(&self) -> f64 {
        self.self_channel_ratio + self.cross_channel_ratio + self.multi_channel_ratio
    }
}

/// Nonlinear noise-to-signal ratio of the channels `targets` by the GN model's double integral.
///
/// # Algorithm
/// 1. NSR = 16/27 B integral g(f1) g(f2) g(f1 + f2 - f) |sum over spans of gamma sqrt(P1 P2 P3/P) e^{j Phi}
///    integral sqrt(rho1 rho2 rho3/rho) e^{j dbeta z} dz|^2 df1 df2 with spectra g of area 1 and the powers P at each span's
///    input; dbeta = 4 pi^2 (f1 - f)(f2 - f)(beta2 + pi beta3 (f1 + f2)), Phi is what the spans before have built up.
/// 2. The plane is cut into islands (three channels, one sign each of f1 - f and f2 - f), and where beta3 makes the dispersion
///    vary by more than 2 % in one, into smaller ones; in an island the integral is single, over p = |f1 - f||f2 - f|
///    (see `Island::integrate`).
/// 3. Islands on an axis come first, with a tolerance from a rough pass over them; the others share the tolerance of their sum.
/// 4. Across a channel: Gauss-Legendre points weighted by the receiver's matched filter.
///
/// Cost: about 10^4 islands per frequency at 96 channels, 15 evaluations or more each. A link function costs one sine pair per
/// span and a complex division per segment. Channels with a Raman profile of their own in a quartet are each taken at their center.
///
/// # Errors
/// [`Error::Parameter`] for figures outside their range; [`Error::Model`] if the tolerance is not reached with the evaluations
/// allowed; [`Error::Cancelled`].
///
/// # References
/// Poggiolini 2012, doi 10.1109/JLT.2012.2217729 (GN model); Cantono et al. 2017, arXiv 1710.02225, and Semrau, Killey,
/// Bayvel 2018, doi 10.1109/JLT.2018.2830973 (power profiles with Raman scattering).
pub fn integrate_nonlinear_interference(
    channels: &[SpectralChannel],
    spans: &[IntegralSpan],
    targets: &[usize],
    options: &IntegralOptions,
    task: &Task,
) -> Result<Vec<IntegralResult>> {
    task.start(targets.len() as u64);
    integrate_channels(channels, spans, targets, options, task, || task.advance(1))
}

/// The same as a part of a greater piece of work, whose `task` counts something else; `on_channel` after each channel.
pub(super) fn integrate_channels(
    channels: &[SpectralChannel],
    spans: &[IntegralSpan],
    targets: &[usize],
    options: &IntegralOptions,
    task: &Task,
    on_channel: impl Fn() + Sync,
) -> Result<Vec<IntegralResult>> {
    check(channels, spans, targets, options)?;
    targets
        .par_iter()
        .map(|&target| {
            let result = integrate_channel(channels, spans, target, options, task)?;
            on_channel();
            Ok(result)
        })
        .collect()
}

fn check(
    channels: &[SpectralChannel],
    spans: &[IntegralSpan],
    targets: &[usize],
    options: &IntegralOptions,
) -> Result<()> {
    for channel in channels {
        require_finite("offset_hz", channel.offset_hz)?;
        require_positive("symbol_rate_hz", channel.symbol_rate_hz)?;
        if !(0.0..=1.0).contains(&channel.roll_off) {
            return Err(Error::parameter("roll_off", channel.roll_off, "a number from 0 to 1"));
        }
    }
    for span in spans {
        require_positive("length_m", span.length_m)?;
        require_finite("beta2_s2_per_m", span.beta2_s2_per_m)?;
        require_finite("beta3_s3_per_m", span.beta3_s3_per_m)?;
        require_finite("gamma_per_w_m", span.gamma_per_w_m)?;
        if span.launch_power_w.len() != channels.len() {
            let found = format!("{} entries", span.launch_power_w.len());
            return Err(Error::parameter("launch_power_w", found, format!("{} entries", channels.len())));
        }
        for &power_w in &span.launch_power_w {
            require_positive("launch_power_w", power_w)?;
        }
        span.profile.check(channels.len(), span.length_m)?;
    }
    if let Some(target) = targets.iter().find(|&&target| target >= channels.len()) {
        return Err(Error::parameter("targets", target, format!("0 to {}", channels.len().saturating_sub(1))));
    }
    if !(options.tolerance_fraction > 0.0 && options.tolerance_fraction <= 0.1) {
        return Err(Error::parameter("tolerance_fraction", options.tolerance_fraction, "above 0, up to 0.1"));
    }
    if !(1..=POINTS_MAX_COUNT).contains(&options.points_count) {
        return Err(Error::parameter("points_count", options.points_count, "1 to 6"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::gn_integral_island::Band;
    use super::*;
    use crate::fiber::{CombChannel, NonlinearSpan, coherence_exponent, nonlinear_efficiency, propagation_constants};
    use crate::units::{SPEED_OF_LIGHT_M_PER_S, to_db};

    const ALPHA: f64 = 0.2e-3 / 4.342_944_819;

    fn spectrum(count: usize, spacing_hz: f64, symbol_rate_hz: f64, roll_off: f64) -> Vec<SpectralChannel> {
        (0..count)
            .map(|index| SpectralChannel {
                offset_hz: (index as f64 - 0.5 * (count as f64 - 1.0)) * spacing_hz,
                symbol_rate_hz,
                roll_off,
            })
            .collect()
    }

    fn span(channels: usize, length_m: f64, dispersion: f64, slope: f64) -> IntegralSpan {
        let (beta2, beta3) = propagation_constants(dispersion, slope, SPEED_OF_LIGHT_M_PER_S / 1550e-9);
        IntegralSpan {
            length_m,
            beta2_s2_per_m: beta2,
            beta3_s3_per_m: beta3,
            gamma_per_w_m: 1.2e-3,
            launch_power_w: vec![1e-3; channels],
            profile: PowerProfile::Exponential { attenuation_per_m: vec![ALPHA; channels] },
        }
    }

    fn integrate(
        channels: &[SpectralChannel],
        spans: &[IntegralSpan],
        target: usize,
        tolerance_fraction: f64,
    ) -> IntegralResult {
        let options = IntegralOptions { tolerance_fraction, ..IntegralOptions::default() };
        integrate_nonlinear_interference(channels, spans, &[target], &options, &Task::new()).unwrap()[0]
    }

    /// The double integral taken as it stands: midpoints of a square grid, every span's integral by its own closed form.
    fn brute_force(channels: &[SpectralChannel], spans: &[IntegralSpan], target: usize, step_hz: f64) -> f64 {
        let density = |frequency_hz: f64| {
            channels.iter().enumerate().find_map(|(index, channel)| {
                let band = Band::new(channel.offset_hz, channel.symbol_rate_hz, channel.roll_off);
                let on_edge = ((frequency_hz - channel.offset_hz).abs() - band.edge_half).abs() < 1e-3 * step_hz;
                // Only half of a cell whose middle lies on the edge of the third channel is inside.
                let shape = if on_edge && channel.roll_off == 0.0 { 0.5 } else { band.shape(frequency_hz) };
                (shape > 0.0).then_some((index, shape / channel.symbol_rate_hz))
            })
        };
        let here = channels[target].offset_hz;
        let low = channels.iter().map(|c| c.offset_hz - c.symbol_rate_hz).fold(f64::INFINITY, f64::min);
        let high = channels.iter().map(|c| c.offset_hz + c.symbol_rate_hz).fold(f64::NEG_INFINITY, f64::max);
        let count = ((high - low) / step_hz).round() as usize;
        let grid: Vec<f64> = (0..count).map(|index| low + (index as f64 + 0.5) * step_hz).collect();
        let mut sum = 0.0;
        for &f1 in &grid {
            let Some((first, g1)) = density(f1) else { continue };
            for &f2 in &grid {
                let Some((second, g2)) = density(f2) else { continue };
                let Some((third, g3)) = density(f1 + f2 - here) else { continue };
                let (mut re, mut im, mut lead) = (0.0, 0.0, 0.0f64);
                for span in spans {
                    let PowerProfile::Exponential { attenuation_per_m } = &span.profile else { unreachable!() };
                    let alpha = attenuation_per_m[0];
                    let beta = span.beta2_s2_per_m + std::f64::consts::PI * span.beta3_s3_per_m * (f1 + f2);
                    let mismatch = 4.0 * std::f64::consts::PI.powi(2) * (f1 - here) * (f2 - here) * beta;
                    let p = &span.launch_power_w;
                    let weight = span.gamma_per_w_m * (p[first] * p[second] * p[third] / p[target]).sqrt();
                    // (e^{(j d - a) L} - 1)/(j d - a), turned by the phase of the spans before.
                    let decay = (-alpha * span.length_m).exp();
                    let turn = mismatch * span.length_m;
                    let (nr, ni) = (decay * turn.cos() - 1.0, decay * turn.sin());
                    let scale = weight / (alpha * alpha + mismatch * mismatch);
                    let (ar, ai) = (scale * (-alpha * nr + mismatch * ni), scale * (-alpha * ni - mismatch * nr));
                    re += ar * lead.cos() - ai * lead.sin();
                    im += ar * lead.sin() + ai * lead.cos();
                    lead += turn;
                }
                sum += g1 * g2 * g3 * (re * re + im * im);
            }
        }
        16.0 / 27.0 * channels[target].symbol_rate_hz * sum * step_hz * step_hz
    }

    /// The grid has 120 points per channel; the sums are asked to 1e-4 and agree to 6e-6.
    #[test]
    fn equals_the_plain_double_sum() {
        for (roll_off, dispersion, slope) in [(0.0, 17e-6, 67.0), (0.2, 4.5e-6, 85.0), (0.1, -0.2e-6, 80.0)] {
            let channels = spectrum(3, 12e9, 10e9, roll_off);
            let mut spans = [span(3, 30e3, dispersion, slope), span(3, 21e3, 17e-6, 67.0)];
            spans[1].launch_power_w = vec![1e-3, 0.5e-3, 2e-3];
            for chain in [&spans[..1], &spans[..]] {
                for target in [0, 1] {
                    let expected = brute_force(&channels, chain, target, 10e9 / 120.0);
                    let found = integrate(&channels, chain, target, 1e-4);
                    let ratio = found.total_ratio() / expected;
                    assert!((ratio - 1.0).abs() < 1e-4, "{roll_off} {dispersion} {} {target}: {ratio}", chain.len());
                }
            }
        }
    }

    #[test]
    fn a_tighter_tolerance_changes_less_than_the_looser_one() {
        let channels = spectrum(9, 75e9, 60e9, 0.1);
        let spans = [span(9, 40e3, 17e-6, 67.0), span(9, 65e3, 17e-6, 67.0), span(9, 80e3, 4.5e-6, 85.0)];
        for target in [0, 4] {
            let reference = integrate(&channels, &spans, target, 1e-5).total_ratio();
            for tolerance_fraction in [1e-2, 1e-3, 1e-4] {
                let found = integrate(&channels, &spans, target, tolerance_fraction);
                assert!(found.error_fraction <= tolerance_fraction);
                let change = (found.total_ratio() / reference - 1.0).abs();
                assert!(change < tolerance_fraction, "{target}: {change} at {tolerance_fraction}");
            }
        }
    }

    /// A span sampled where it is exponential is that exponential; one span cut in two without an amplifier is one span.
    #[test]
    fn samples_and_cuts_change_nothing() {
        let channels = spectrum(5, 75e9, 60e9, 0.0);
        let whole = span(5, 80e3, 17e-6, 67.0);
        let position_m: Vec<f64> = (0..=37).map(|node| 80e3 * (f64::from(node) / 37.0).powf(1.3)).collect();
        let row: Vec<f64> = position_m.iter().map(|z| -ALPHA * z).collect();
        let sampled = IntegralSpan {
            profile: PowerProfile::Sampled { position_m, log_power_ratio: vec![row; 5] },
            ..whole.clone()
        };
        let mut halves = [span(5, 30e3, 17e-6, 67.0), span(5, 50e3, 17e-6, 67.0)];
        halves[1].launch_power_w = vec![1e-3 * (-ALPHA * 30e3).exp(); 5];
        let expected = integrate(&channels, std::slice::from_ref(&whole), 2, 1e-4).total_ratio();
        let from_samples = integrate(&channels, &[sampled], 2, 1e-4).total_ratio();
        let from_halves = integrate(&channels, &halves, 2, 1e-4).total_ratio();
        assert!((from_samples / expected - 1.0).abs() < 1e-4, "{}", from_samples / expected);
        assert!((from_halves / expected - 1.0).abs() < 1e-4, "{}", from_halves / expected);
    }

    /// Over 100 km the published closed form is right to 0.2 dB; its coherence exponent for one channel to 0.3 dB.
    #[test]
    fn long_spans_agree_with_the_closed_form() {
        let channels = spectrum(25, 50e9, 40e9, 0.0);
        let one = span(25, 100e3, 17e-6, 67.0);
        let closed = NonlinearSpan {
            attenuation_per_m: ALPHA,
            length_m: one.length_m,
            beta2_s2_per_m: one.beta2_s2_per_m,
            beta3_s3_per_m: one.beta3_s3_per_m,
            gamma_per_w_m: one.gamma_per_w_m,
            raman_slope_per_w_m_hz: 0.0,
        };
        let comb: Vec<CombChannel> = channels
            .iter()
            .map(|c| CombChannel { offset_hz: c.offset_hz, symbol_rate_hz: c.symbol_rate_hz, power_w: 1e-3 })
            .collect();
        let expected = nonlinear_efficiency(&closed, &comb).unwrap()[12];
        let found = integrate(&channels, std::slice::from_ref(&one), 12, 1e-3);
        let difference_db = to_db(found.total_ratio() / (expected.self_channel_ratio + expected.cross_channel_ratio));
        assert!(difference_db.abs() < 0.2, "{difference_db}");
        let alone = spectrum(1, 50e9, 40e9, 0.0);
        let lone = span(1, 100e3, 17e-6, 67.0);
        let first = integrate(&alone, std::slice::from_ref(&lone), 0, 1e-3).total_ratio();
        let tenth = integrate(&alone, &vec![lone; 10], 0, 1e-3).total_ratio();
        let growth_db = to_db(tenth / first) - 10.0 * (1.0 + coherence_exponent(&closed, &comb[0]));
        assert!(growth_db.abs() < 0.3, "{growth_db}");
    }

    #[test]
    fn across_a_channel_the_noise_is_a_little_less_than_at_its_center() {
        let channels = spectrum(1, 75e9, 60e9, 0.0);
        let spans = [span(1, 80e3, 17e-6, 67.0)];
        let at = |points_count: usize| {
            let options = IntegralOptions { points_count, ..IntegralOptions::default() };
            integrate_nonlinear_interference(&channels, &spans, &[0], &options, &Task::new()).unwrap()[0].total_ratio()
        };
        assert!((to_db(at(6) / at(5))).abs() < 0.01, "{}", to_db(at(6) / at(5)));
        let change_db = to_db(at(6) / at(1));
        assert!(change_db < -0.1 && change_db > -1.5, "{change_db}");
    }

    #[test]
    fn refusals_limits_and_cancelling() {
        let channels = spectrum(2, 75e9, 60e9, 0.1);
        let spans = [span(2, 80e3, 17e-6, 67.0)];
        let run = |channels: &[SpectralChannel], spans: &[IntegralSpan], targets: &[usize], options| {
            integrate_nonlinear_interference(channels, spans, targets, &options, &Task::new())
        };
        let usual = IntegralOptions::default();
        assert!(run(&channels, &spans, &[2], usual).is_err());
        assert!(run(&channels[..1], &spans, &[0], usual).is_err());
        assert!(run(&channels, &spans, &[0], IntegralOptions { points_count: 7, ..usual }).is_err());
        assert!(run(&channels, &spans, &[0], IntegralOptions { tolerance_fraction: 0.0, ..usual }).is_err());
        let short = run(&channels, &spans, &[0], IntegralOptions { evaluations_max_count: 100, ..usual });
        assert!(matches!(short, Err(Error::Model(_))), "{short:?}");
        let mut dark = spans.clone();
        dark[0].gamma_per_w_m = 0.0;
        assert_eq!(run(&channels, &dark, &[1], usual).unwrap()[0].total_ratio(), 0.0);
        let task = Task::new();
        task.cancel();
        let cancelled = integrate_nonlinear_interference(&channels, &spans, &[0, 1], &usual, &task);
        assert_eq!(cancelled.unwrap_err(), Error::Cancelled);
    }
}

//! Coherent accumulation of a channel's noise on itself over unequal spans.

use super::nonlinear::ChainSpan;
use super::nonlinear_profile::Profile;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Nodes and weights of Gauss-Legendre quadrature on (0, 1).
const RULE: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

const OVERLAP_STEP: f64 = 0.25;
const OVERLAP_NODES: usize = 516;

/// Cosine transform of the lozenge of one channel on itself at phases 0, 0.25, 0.5, ...
static OVERLAP: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let mut sine_integral = 0.0;
    (0..OVERLAP_NODES)
        .map(|index| {
            let phase = index as f64 * OVERLAP_STEP;
            if index == 0 {
                return 3.0;
            }
            let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
            let low = phase - OVERLAP_STEP;
            sine_integral += OVERLAP_STEP / 6.0 * (sinc(low) + 4.0 * sinc(low + 0.5 * OVERLAP_STEP) + sinc(phase));
            // The trapezoid rule converges geometrically: the integrand is even and decays as e^-2t.
            let step = 0.05;
            let mut same = 0.5 * (0.25 * phase).sin();
            for node in 1..240 {
                same += (0.25 * phase / (f64::from(node) * step).cosh().powi(2)).sin();
            }
            (2.0 * sine_integral + 4.0 * step * same) / phase
        })
        .collect()
});

/// Integral of cos(phase w) over the lozenge |u|, |v|, |u + v| < 1, w = u v.
///
/// # Algorithm
/// 1. 2/x Si(x) + 4/x int_0^inf sin(x/(4 cosh^2 t)) dt, tabulated to x = 128, cubic interpolation.
/// 2. Beyond, without the oscillation of its sharp corners: 2 pi/x + 4/x^2.
pub(super) fn lozenge_overlap(phase: f64) -> f64 {
    let position = phase / OVERLAP_STEP;
    if position >= (OVERLAP_NODES - 3) as f64 {
        return (2.0 * PI + 4.0 / phase) / phase;
    }
    let index = (position as usize).max(1);
    let t = position - index as f64;
    let y = &OVERLAP[index - 1..index + 3];
    let (a, b, c) = (t + 1.0, t - 1.0, t - 2.0);
    -t * b * c / 6.0 * y[0] + a * b * c / 2.0 * y[1] - a * t * c / 2.0 * y[2] + a * t * b / 6.0 * y[3]
}

/// Where the power of one span lies: nodes of quadrature over its decay, and its middle.
#[derive(Debug, Clone)]
pub(super) struct SpanNodes {
    /// (place, e^(-a z), weight) of each node.
    nodes: [(f64, f64, f64); 4],
    /// Integrals of the two decays over the span.
    lengths_m: (f64, f64),
    /// Middle of the power of the plain decay.
    pub middle_m: f64,
    /// Integral of its square.
    pub square_length_m: f64,
    /// Share of the power that is lost over the span.
    pub lost_share: f64,
    /// Decay of the correlation of its powers over their distance.
    pub correlation_per_m: f64,
}

impl SpanNodes {
    pub(super) fn new(attenuation_per_m: f64, length_m: f64) -> Self {
        let least = (-attenuation_per_m * length_m).exp();
        let nodes = RULE.map(|(place, weight)| {
            let s = least + place * (1.0 - least);
            (-s.ln() / attenuation_per_m, s, weight * (1.0 - least) / attenuation_per_m)
        });
        let share = -libm::expm1(-attenuation_per_m * length_m);
        Self {
            nodes,
            lengths_m: (share / attenuation_per_m, 0.5 * share * (1.0 + least) / attenuation_per_m),
            middle_m: 1.0 / attenuation_per_m - length_m * least / share,
            square_length_m: 0.5 * share * (1.0 + least) / attenuation_per_m,
            lost_share: share,
            correlation_per_m: attenuation_per_m * (1.0 + least) / share,
        }
    }

    /// Effective length of the plain decay.
    pub(super) fn effective_length_m(&self) -> f64 {
        self.lengths_m.0
    }

    fn effective(&self, profile: Profile) -> f64 {
        profile.single * self.lengths_m.0 + profile.double * self.lengths_m.1
    }
}

/// One span as one channel sees it.
#[derive(Clone, Copy)]
pub(super) struct ChannelSpan<'a> {
    pub nodes: &'a SpanNodes,
    pub profile: Profile,
    pub beta2_s2_per_m: f64,
    /// Dispersion gathered before the span.
    pub before_s2: f64,
    /// Kerr coefficient times power spectral density.
    pub amplitude: f64,
}

/// Noise-to-signal ratio that a span's noise of a channel on itself gains by its coherence with the spans before.
///
/// # Algorithm
/// 1. The mixing products of two spans add with the phase of the dispersion between the two places where they arise:
///    2 16/27 g_s g_r (B/2)^2 int int rho_s(z) rho_r(z') W(4 pi^2 (B/2)^2 |d(z) - d(z')|) dz dz', where d is the dispersion
///    gathered up to a place and W the cosine transform of the lozenge.
/// 2. Neighboring spans: four nodes in each; others: the middles of their powers.
///
/// Cost: 16 values of W for a neighbor, 1 for each other span before.
pub(super) fn coherent_gain(span: &ChannelSpan<'_>, before: &[ChannelSpan<'_>], symbol_rate_hz: f64) -> f64 {
    let area = 0.25 * symbol_rate_hz * symbol_rate_hz;
    let turn = 4.0 * PI * PI * area;
    let mut sum = 0.0;
    for (back, other) in before.iter().rev().enumerate() {
        let overlap = if back == 0 {
            neighbors(span, other, turn)
        } else {
            let here = span.before_s2 + span.beta2_s2_per_m * span.nodes.middle_m;
            let there = other.before_s2 + other.beta2_s2_per_m * other.nodes.middle_m;
            span.nodes.effective(span.profile)
                * other.nodes.effective(other.profile)
                * lozenge_overlap(turn * (here - there).abs())
        };
        sum += other.amplitude * overlap;
    }
    32.0 / 27.0 * area * span.amplitude * sum
}

fn neighbors(span: &ChannelSpan<'_>, other: &ChannelSpan<'_>, turn: f64) -> f64 {
    let mut sum = 0.0;
    for (z, s, weight) in span.nodes.nodes {
        let here = span.before_s2 + span.beta2_s2_per_m * z;
        let power = weight * (span.profile.single + span.profile.double * s);
        let mut inner = 0.0;
        for (z, s, weight) in other.nodes.nodes {
            let there = other.before_s2 + other.beta2_s2_per_m * z;
            inner += weight
                * (other.profile.single + other.profile.double * s)
                * lozenge_overlap(turn * (here - there).abs());
        }
        sum += power * inner;
    }
    sum
}

/// Group-velocity dispersion of a fiber at an offset.
pub(super) fn beta2_at(span: &ChainSpan<'_>, offset_hz: f64) -> f64 {
    span.fiber.beta2_s2_per_m + 2.0 * PI * span.fiber.beta3_s3_per_m * offset_hz
}

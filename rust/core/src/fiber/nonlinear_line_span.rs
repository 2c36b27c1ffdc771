//! One span of a line: where its power lies, and the dispersion that has been gathered before it.

use super::nonlinear::{ChainSpan, NonlinearSpan};
use super::nonlinear_profile::Profile;
use super::nonlinear_span::SpanNoise;
use crate::column::Column;
use crate::quadrature::FOUR_NODES;
use std::f64::consts::PI;
use std::sync::Arc;

/// Where the power of one span lies: nodes of quadrature over its decay, and its middle.
#[derive(Debug, Clone)]
pub(super) struct SpanNodes {
    /// (place, e^(-a z), weight) of each node.
    pub nodes: [(f64, f64, f64); 4],
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
        let nodes = FOUR_NODES.map(|(place, weight)| {
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

    /// Effective length of a power profile.
    #[inline(always)]
    pub(super) fn effective(&self, profile: Profile) -> f64 {
        profile.single * self.lengths_m.0 + profile.double * self.lengths_m.1
    }
}

/// A quantity that is a straight line over frequency.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slope {
    /// At offset 0.
    pub value: f64,
    pub per_hz: f64,
}

impl Slope {
    /// Its value at an offset.
    #[inline(always)]
    pub(super) fn at(self, offset_hz: f64) -> f64 {
        self.value + self.per_hz * offset_hz
    }

    /// With so much of another one.
    #[inline(always)]
    pub(super) fn plus(self, factor: f64, other: Self) -> Self {
        Self { value: self.value + factor * other.value, per_hz: self.per_hz + factor * other.per_hz }
    }
}

/// One span of a line as the channels of a comb see it, in sorted order.
#[derive(Debug)]
pub(super) struct LineSpan {
    pub nodes: SpanNodes,
    /// What it makes on its own; `None` where it makes nothing or the model does not hold.
    pub noise: Option<Arc<SpanNoise>>,
    /// Group-velocity dispersion.
    pub beta2_s2_per_m: Slope,
    /// Dispersion gathered before the span.
    pub before_s2: Slope,
    /// Kerr coefficient times power spectral density of each channel.
    pub amplitudes: Column,
}

impl LineSpan {
    /// Dispersion gathered up to a place of the span.
    #[inline(always)]
    pub(super) fn gathered_s2(&self, place_m: f64) -> Slope {
        self.before_s2.plus(place_m, self.beta2_s2_per_m)
    }

    /// Dispersion gathered up to the middle of its power.
    pub(super) fn middle_s2(&self) -> Slope {
        self.gathered_s2(self.nodes.middle_m)
    }
}

/// Group-velocity dispersion of a fiber.
pub(super) fn beta2_of(fiber: &NonlinearSpan) -> Slope {
    Slope { value: fiber.beta2_s2_per_m, per_hz: 2.0 * PI * fiber.beta3_s3_per_m }
}

/// The same at an offset.
pub(super) fn beta2_at(span: &ChainSpan<'_>, offset_hz: f64) -> f64 {
    beta2_of(&span.fiber).at(offset_hz)
}

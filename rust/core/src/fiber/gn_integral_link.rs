//! The link function of four-wave mixing: what all spans make of one triple of frequencies, as a function of their phase mismatch.

use super::gn_integral::IntegralSpan;
use super::power_profile::PowerProfile;
use std::f64::consts::PI;

/// Channels of the three mixing frequencies and of the one they mix into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quartet {
    pub first: usize,
    pub second: usize,
    pub third: usize,
    pub target: usize,
}

/// Below this size of (j delta beta - a) h a segment's integral is taken by its series.
const SERIES_BELOW: f64 = 1e-2;

struct LinkSpan {
    /// gamma times the root of the three launch powers over the target's.
    weight: f64,
    /// Phase mismatch per meter and per (f1 - f)(f2 - f).
    mismatch: f64,
    /// Phase mismatch of all spans before, per (f1 - f)(f2 - f).
    lead: f64,
    length_m: f64,
    /// Length, decay rate and levels at both ends of the segments in which the product of the profiles is exponential.
    segments: Vec<Segment>,
}

struct Segment {
    length_m: f64,
    rate_per_m: f64,
    start: f64,
    end: f64,
}

/// |sum over spans of the mixing integrals|^2 for one quartet of channels, in 1/W^2 m^2 times powers.
pub(super) struct LinkFunction {
    spans: Vec<LinkSpan>,
    coherent: bool,
}

impl LinkFunction {
    /// The link function around `sum_hz` = f1 + f2, at which the dispersion is taken.
    ///
    /// # Algorithm
    /// 1. In each span the product sqrt(rho1 rho2 rho3/rho) is cut into segments that are exponential.
    /// 2. The mismatch of a span is 4 pi^2 (beta2 + pi beta3 (f1 + f2)) per (f1 - f)(f2 - f) and meter.
    /// 3. A span starts with the phase that the spans before it have built up.
    pub fn new(spans: &[IntegralSpan], quartet: Quartet, sum_hz: f64, coherent: bool) -> Self {
        let mut lead = 0.0;
        let spans = spans
            .iter()
            .map(|span| {
                let mismatch = 4.0 * PI * PI * (span.beta2_s2_per_m + PI * span.beta3_s3_per_m * sum_hz);
                let power = |channel: usize| span.launch_power_w[channel];
                let product = power(quartet.first) * power(quartet.second) * power(quartet.third);
                let out = LinkSpan {
                    weight: span.gamma_per_w_m * (product / power(quartet.target)).sqrt(),
                    mismatch,
                    lead,
                    length_m: span.length_m,
                    segments: segments(&span.profile, quartet, span.length_m),
                };
                lead += mismatch * span.length_m;
                out
            })
            .collect();
        Self { spans, coherent }
    }

    /// Squared size of the sum, at (f1 - f)(f2 - f) = `product_hz2`; all spans with their phases, or each for itself.
    ///
    /// # Algorithm
    /// 1. A segment from z0 to z1 adds (r1 e^{j d z1} - r0 e^{j d z0})/(j d - a): exact, whatever d (z1 - z0) is.
    /// 2. Where |j d - a| (z1 - z0) is small, its series to the fourth term.
    pub fn power(&self, product_hz2: f64) -> f64 {
        let (mut total, mut sum) = (0.0, (0.0, 0.0));
        for span in &self.spans {
            let (re, im) = span.integral(product_hz2);
            let (re, im) = (span.weight * re, span.weight * im);
            if self.coherent {
                sum.0 += re;
                sum.1 += im;
            } else {
                total += re * re + im * im;
            }
        }
        total + sum.0 * sum.0 + sum.1 * sum.1
    }

    /// [`Self::power`] without what oscillates as the mismatch grows: the sum over the joints between spans, each for itself.
    pub fn mean_power(&self, product_hz2: f64) -> f64 {
        let (mut total, mut before) = (0.0, (0.0, 0.0));
        for span in &self.spans {
            let mismatch = span.mismatch * product_hz2;
            let (Some(first), Some(last)) = (span.segments.first(), span.segments.last()) else { continue };
            let start = divide((-span.weight * first.start, 0.0), (-first.rate_per_m, mismatch));
            let end = divide((span.weight * last.end, 0.0), (-last.rate_per_m, mismatch));
            if self.coherent {
                total += (before.0 + start.0).powi(2) + (before.1 + start.1).powi(2);
                before = end;
            } else {
                total += start.0 * start.0 + start.1 * start.1 + end.0 * end.0 + end.1 * end.1;
            }
        }
        total + before.0 * before.0 + before.1 * before.1
    }

    /// Greatest phase per (f1 - f)(f2 - f) between any two places whose fields add.
    pub fn fastest_phase(&self) -> f64 {
        let each = self.spans.iter().map(|span| (span.mismatch * span.length_m).abs());
        if self.coherent { each.sum() } else { each.fold(0.0, f64::max) }
    }

    /// Least phase per (f1 - f)(f2 - f) between the ends of a span.
    pub fn slowest_phase(&self) -> f64 {
        self.spans.iter().map(|span| (span.mismatch * span.length_m).abs()).fold(f64::INFINITY, f64::min)
    }
}

impl LinkSpan {
    fn integral(&self, product_hz2: f64) -> (f64, f64) {
        let mismatch = self.mismatch * product_hz2;
        let (im, re) = (self.lead * product_hz2).sin_cos();
        let mut phasor = (re, im);
        let mut step = (1.0, 0.0);
        let mut step_m = f64::NAN;
        let mut sum = (0.0, 0.0);
        for segment in &self.segments {
            if segment.length_m != step_m {
                step_m = segment.length_m;
                let (im, re) = (mismatch * step_m).sin_cos();
                step = (re, im);
            }
            let next = multiply(phasor, step);
            let exponent = (-segment.rate_per_m * step_m, mismatch * step_m);
            let part = if exponent.0 * exponent.0 + exponent.1 * exponent.1 < SERIES_BELOW * SERIES_BELOW {
                let mut series = (1.0 + 0.25 * exponent.0, 0.25 * exponent.1);
                for divisor in [3.0, 2.0] {
                    series = multiply(series, exponent);
                    series = (1.0 + series.0 / divisor, series.1 / divisor);
                }
                let scale = segment.start * step_m;
                multiply(phasor, (scale * series.0, scale * series.1))
            } else {
                let rise =
                    (segment.end * next.0 - segment.start * phasor.0, segment.end * next.1 - segment.start * phasor.1);
                divide(rise, (-segment.rate_per_m, mismatch))
            };
            sum.0 += part.0;
            sum.1 += part.1;
            phasor = next;
        }
        sum
    }
}

/// Segments in which sqrt(rho1 rho2 rho3/rho) is exponential.
fn segments(profile: &PowerProfile, quartet: Quartet, length_m: f64) -> Vec<Segment> {
    let Quartet { first, second, third, target } = quartet;
    match profile {
        PowerProfile::Exponential { attenuation_per_m: alpha } => {
            let rate_per_m = 0.5 * (alpha[first] + alpha[second] + alpha[third] - alpha[target]);
            vec![Segment { length_m, rate_per_m, start: 1.0, end: (-rate_per_m * length_m).exp() }]
        }
        PowerProfile::Sampled { position_m, log_power_ratio: log } => {
            let level =
                |node: usize| 0.5 * (log[first][node] + log[second][node] + log[third][node] - log[target][node]);
            let (mut from, mut start) = (level(0), level(0).exp());
            (1..position_m.len())
                .map(|node| {
                    let length_m = position_m[node] - position_m[node - 1];
                    let to = level(node);
                    let segment = Segment { length_m, rate_per_m: (from - to) / length_m, start, end: to.exp() };
                    (from, start) = (to, segment.end);
                    segment
                })
                .collect()
        }
    }
}

fn multiply(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn divide(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let scale = 1.0 / (b.0 * b.0 + b.1 * b.1);
    ((a.0 * b.0 + a.1 * b.1) * scale, (a.1 * b.0 - a.0 * b.1) * scale)
}

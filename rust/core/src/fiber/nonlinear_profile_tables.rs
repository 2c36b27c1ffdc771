//! Integrals of the mixing efficiency over the islands of the GN integral for powers that run in any way along their span.

use super::power_course::{EndSlope, PowerCourse};
use std::f64::consts::{LN_2, PI};

/// Grid of the phase y over a span: logarithmic, 28 steps for each factor of four.
const STEP: f64 = 2.0 * LN_2 / 28.0;
const FIRST_PHASE: f64 = 0.02;
const NODES: usize = 384;
/// Above this phase what oscillates over the span's length is below 1e-3 of the integrals.
const OSCILLATION_END: f64 = 60.0;

/// Gauss-Legendre nodes and weights on (0, 1).
const RULE: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// Step and number of the trapezoid rule over t of the lozenge: its integrand is even and falls as e^-2t.
const LOZENGE_STEP: f64 = 0.1;
const LOZENGE_STEPS: u32 = 90;

/// For every channel of one span: G(y) = int_0^y M, H(y) = int_0^y G/x dx, K(y) = int_0^y x M dx of its mixing efficiency
/// M(y) = |int rho e^(j y z/L) dz/L|^2.
///
/// # Algorithm
/// 1. M of all channels at once, see [`PowerCourse::efficiencies`], and its integrals by Gauss-Legendre quadrature, up to the
///    phase where the oscillation over the span's length has died.
/// 2. Beyond, the two ends of the span alone: M = sum of rho^2/(y^2 + q^2), q^2 = L^2 (r^2 + 2 r') with the slope r of ln rho at
///    the end, into the fiber: its next order. G(infinity) = pi int rho^2 dz/L by Parseval's theorem.
///
/// Cost: 650 phases times positions times channels; for 96 channels and 80 km some 10 ms.
#[derive(Debug, Clone)]
pub(super) struct ProfileTables {
    /// Channel after channel.
    g: Vec<f64>,
    h: Vec<f64>,
    k: Vec<f64>,
}

impl ProfileTables {
    pub(super) fn new(course: &PowerCourse) -> Self {
        let count = course.channels;
        let (power_m, square_m) = course.integrals_m();
        let mut out = Self { g: vec![0.0; count * NODES], h: vec![0.0; count * NODES], k: vec![0.0; count * NODES] };
        for (channel, power_m) in power_m.iter().enumerate() {
            let start = (power_m / course.length_m).powi(2) * FIRST_PHASE;
            out.put(channel, 0, [start, start, 0.5 * start * FIRST_PHASE]);
        }
        let (mut sums, mut values) = (vec![(0.0, 0.0); count], vec![0.0; count]);
        for index in 1..NODES {
            let low = FIRST_PHASE * ((index - 1) as f64 * STEP).exp();
            let high = FIRST_PHASE * (index as f64 * STEP).exp();
            if high < OSCILLATION_END {
                let mut added = vec![[0.0; 3]; count];
                for (place, weight) in RULE {
                    let y = low + place * (high - low);
                    course.efficiencies(y, &mut sums, &mut values);
                    let late = (high / y).ln();
                    for (sum, value) in added.iter_mut().zip(&values) {
                        let m = weight * (high - low) * value;
                        *sum = [sum[0] + m, sum[1] + m * late, sum[2] + m * y];
                    }
                }
                for (channel, [m, late, moment]) in added.into_iter().enumerate() {
                    let [g, h, k] = out.get(channel, index - 1);
                    // By parts: int G/y dy = G(low) ln(high/low) + int M ln(high/y) dy.
                    out.put(channel, index, [g + m, h + g * STEP + late, k + moment]);
                }
            } else {
                for (channel, square_m) in square_m.iter().enumerate() {
                    let [before, h, k] = out.get(channel, index - 1);
                    let far = FarField::new(course, channel, PI * square_m / course.length_m);
                    let middle = (low * high).sqrt();
                    let g = far.integral(high);
                    let mean = (before + 4.0 * far.integral(middle) + g) / 6.0;
                    let moment = (far.moment(low) + 4.0 * far.moment(middle) + far.moment(high)) / 6.0;
                    out.put(channel, index, [g, h + STEP * mean, k + STEP * moment]);
                }
            }
        }
        out
    }

    /// Numbers it holds.
    fn get(&self, channel: usize, index: usize) -> [f64; 3] {
        let place = channel * NODES + index;
        [self.g[place], self.h[place], self.k[place]]
    }

    fn put(&mut self, channel: usize, index: usize, [g, h, k]: [f64; 3]) {
        let place = channel * NODES + index;
        (self.g[place], self.h[place], self.k[place]) = (g, h, k);
    }

    /// H of a channel at a phase, given by its logarithm.
    pub(super) fn rectangle(&self, channel: usize, phase_ln: f64) -> f64 {
        interpolate(&self.h[channel * NODES..(channel + 1) * NODES], phase_ln, 1.0)
    }

    /// G and K of a channel.
    pub(super) fn strip(&self, channel: usize, phase_ln: f64) -> (f64, f64) {
        let range = channel * NODES..(channel + 1) * NODES;
        (interpolate(&self.g[range.clone()], phase_ln, 1.0), interpolate(&self.k[range], phase_ln, 2.0))
    }

    /// S(y) = 2 H(y) + 4 int_0^inf G(y/(4 cosh^2 t)) dt: y times the integral of M over the lozenge whose corner has the phase y.
    pub(super) fn lozenge(&self, channel: usize, phase_ln: f64) -> f64 {
        let g = &self.g[channel * NODES..(channel + 1) * NODES];
        let at = |step: u32| {
            let t = f64::from(step) * LOZENGE_STEP;
            interpolate(g, phase_ln - 2.0 * (LN_2 + t.cosh().ln()), 1.0)
        };
        let same = 0.5 * at(0) + (1..LOZENGE_STEPS).map(at).sum::<f64>();
        2.0 * self.rectangle(channel, phase_ln) + 4.0 * LOZENGE_STEP * same
    }
}

/// A function of the phase by cubic interpolation over its logarithm; below the grid a power of it, beyond a straight line.
fn interpolate(values: &[f64], phase_ln: f64, power: f64) -> f64 {
    let position = (phase_ln - FIRST_PHASE.ln()) / STEP;
    if position < 0.0 {
        return values[0] * (power * position * STEP).exp();
    }
    if position >= (NODES - 2) as f64 {
        let (last, before) = (values[NODES - 1], values[NODES - 2]);
        return last + (last - before) * (position - (NODES - 1) as f64);
    }
    let index = (position as usize).max(1);
    let t = position - index as f64;
    let (a, b, c) = (t + 1.0, t - 1.0, t - 2.0);
    let y = &values[index - 1..index + 3];
    -t * b * c / 6.0 * y[0] + a * b * c / 2.0 * y[1] - a * t * c / 2.0 * y[2] + a * t * b / 6.0 * y[3]
}

/// The mixing efficiency at great phases: what the two ends make of it.
struct FarField {
    whole: f64,
    /// rho^2 and q of each end.
    ends: [(f64, f64); 2],
}

impl FarField {
    fn new(course: &PowerCourse, channel: usize, whole: f64) -> Self {
        let end = |slope: &EndSlope| {
            let square = slope.growth_per_m.powi(2) + 2.0 * slope.bend_per_m2;
            (slope.power * slope.power, course.length_m * square.max(0.0).sqrt())
        };
        let [input, output] = &course.ends[channel];
        Self { whole, ends: [end(input), end(output)] }
    }

    /// G(y).
    fn integral(&self, y: f64) -> f64 {
        let beyond = |(square, q): (f64, f64)| if q < 1e-6 * y { square / y } else { square * (q / y).atan() / q };
        self.whole - beyond(self.ends[0]) - beyond(self.ends[1])
    }

    /// y^2 M(y), the integrand of K over ln y.
    fn moment(&self, y: f64) -> f64 {
        self.ends.iter().map(|(square, q)| square / (1.0 + (q / y).powi(2))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::nonlinear_islands::Islands;
    use super::*;
    use crate::fiber::PowerProfile;

    /// The tables of plain decays are those of the closed form.
    #[test]
    fn a_plain_decay_has_the_tables_of_the_closed_form() {
        for (attenuation_per_m, length_m) in [(4.6e-5, 20e3), (4.6e-5, 80e3), (3.9e-5, 120e3)] {
            let profile = PowerProfile::Exponential { attenuation_per_m: vec![attenuation_per_m; 2] };
            let tables = ProfileTables::new(&PowerCourse::new(&profile, length_m));
            let mut islands = Islands::new(attenuation_per_m, length_m);
            for phase in [0.003, 1.0, 7.0, 45.0, 130.0, 4e3, 1e6] {
                let phase_ln = f64::ln(phase);
                let same = |found: f64, expected: f64, name: &str| {
                    assert!((found / expected - 1.0).abs() < 1.5e-3, "{name} {length_m} {phase}: {}", found / expected);
                };
                same(tables.rectangle(1, phase_ln), islands.rectangle(phase_ln)[0], "H");
                same(tables.lozenge(1, phase_ln), islands.lozenge(phase_ln)[0], "S");
                let (found, expected) = (tables.strip(1, phase_ln), islands.strip(phase_ln));
                same(found.0, expected.0, "G");
                same(found.1, expected.1, "K");
            }
        }
    }
}

//! Coherent accumulation of a channel's noise on itself over unequal spans.

use super::nonlinear::ChainSpan;
use super::nonlinear_profile::Profile;
use super::nonlinear_span::SpanNoise;
use crate::column::Column;
use crate::quadrature::FOUR_NODES;
use crate::vector::{ColumnWork, vectorize};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::f64::consts::PI;
use std::sync::{Arc, LazyLock};

const OVERLAP_STEP: f64 = 0.25;
const OVERLAP_CELLS: usize = 512;

/// Cosine transform of the lozenge of one channel on itself from each of the phases 0, 0.25, 0.5, ... to the next: factors of
/// 1, t, t^2, t^3 with t from 0 to 1.
static OVERLAP: LazyLock<[[f64; 4]; OVERLAP_CELLS]> = LazyLock::new(|| {
    let mut sine_integral = 0.0;
    let nodes: Vec<f64> = (0..OVERLAP_CELLS + 2)
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
        .collect();
    let mut factors = [[0.0; 4]; OVERLAP_CELLS];
    for (index, factors) in factors.iter_mut().enumerate() {
        // The cubic through four nodes; the transform is even in the phase.
        let (before, y) = (nodes[if index == 0 { 1 } else { index - 1 }], &nodes[index..index + 3]);
        let (first, second) = (y[1] - y[0], y[2] - y[1]);
        let (bend, third) = (first - (y[0] - before), second - 2.0 * first + (y[0] - before));
        *factors = [y[0], first - bend / 2.0 - third / 6.0, bend / 2.0, third / 6.0];
    }
    factors
});

/// Integral of cos(phase w) over the lozenge |u|, |v|, |u + v| < 1, w = u v.
///
/// # Algorithm
/// 1. 2/x Si(x) + 4/x int_0^inf sin(x/(4 cosh^2 t)) dt, tabulated to x = 128, cubic interpolation.
/// 2. Beyond, without the oscillation of its sharp corners: 2 pi/x + 4/x^2.
pub(super) fn lozenge_overlap(phase: f64) -> f64 {
    let mut one = [phase];
    OverlapScratch::new(1).look_up(&mut one, &OVERLAP);
    one[0]
}

/// Memory for the places of phases in the table: the cell of each, in its low bits, and how far into the cell it is.
struct OverlapScratch {
    cells: Column,
    shares: Column,
}

impl OverlapScratch {
    fn new(count: usize) -> Self {
        Self { cells: Column::scratch(count), shares: Column::scratch(count) }
    }

    /// Puts the values of [`lozenge_overlap`] in the place of phases.
    ///
    /// Cells are found in wide vectors; the table is read number by number, which is faster than vector instructions that gather.
    #[inline(always)]
    fn look_up(&mut self, phases: &mut [f64], table: &[[f64; 4]; OVERLAP_CELLS]) {
        /// 1.5 2^52: its low bits take an integer.
        const INTEGER: f64 = 6_755_399_441_055_744.0;
        const END: f64 = OVERLAP_STEP * OVERLAP_CELLS as f64;
        let (cells, shares) = (&mut self.cells[..phases.len()], &mut self.shares[..phases.len()]);
        for ((cell, share), phase) in cells.iter_mut().zip(shares.iter_mut()).zip(&*phases) {
            // Down to the next integer, without a conversion that vector instructions lack.
            let position = (phase * (1.0 / OVERLAP_STEP)).min(OVERLAP_CELLS as f64 - 1.0);
            let shifted = (position - 0.5) + INTEGER;
            (*cell, *share) = (shifted, position - (shifted - INTEGER));
        }
        for ((phase, &cell), &t) in phases.iter_mut().zip(&*cells).zip(&*shares) {
            *phase = if *phase < END - OVERLAP_STEP {
                let [a, b, c, d] = table[cell.to_bits() as usize & (OVERLAP_CELLS - 1)];
                a + t * (b + t * (c + t * d))
            } else {
                (2.0 * PI + 4.0 / *phase) / *phase
            };
        }
    }
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

    fn effective(&self, profile: Profile) -> f64 {
        profile.single * self.lengths_m.0 + profile.double * self.lengths_m.1
    }
}

/// One span of a line as the channels of a comb see it, in sorted order.
#[derive(Debug)]
pub(super) struct LineSpan {
    pub nodes: SpanNodes,
    /// What it makes on its own; `None` where it makes nothing or the model does not hold.
    pub noise: Option<Arc<SpanNoise>>,
    /// Group-velocity dispersion at each channel.
    pub beta2_s2_per_m: Column,
    /// Dispersion gathered before the span.
    pub before_s2: Column,
    /// Kerr coefficient times power spectral density.
    pub amplitudes: Column,
    /// See [`Self::node_powers`].
    node_powers: OnceCell<[(Column, Column); 4]>,
}

impl LineSpan {
    /// A span before which `before_s2` was gathered, without what it makes on its own.
    pub(super) fn new(nodes: SpanNodes, beta2_s2_per_m: Column, before_s2: Column, amplitudes: Column) -> Self {
        Self { nodes, noise: None, beta2_s2_per_m, before_s2, amplitudes, node_powers: OnceCell::new() }
    }

    /// Dispersion gathered up to the middle of its power.
    pub(super) fn middle_s2(&self, test: usize) -> f64 {
        self.before_s2[test] + self.beta2_s2_per_m[test] * self.nodes.middle_m
    }

    fn profile(&self, test: usize) -> Profile {
        self.noise.as_ref().map_or(Profile::PLAIN, |noise| noise.profiles[test])
    }

    /// Dispersion gathered up to each node, and the power there times the node's weight, for all channels: asked for by the span
    /// itself and by the one behind it.
    fn node_powers(&self) -> &[(Column, Column); 4] {
        self.node_powers.get_or_init(|| {
            let plain = || vec![Profile::PLAIN; self.before_s2.len()];
            let profiles = self.noise.as_ref().map_or_else(|| Cow::Owned(plain()), |noise| Cow::from(&noise.profiles));
            self.nodes.nodes.map(|(z, s, weight)| {
                let gathered =
                    self.before_s2.iter().zip(&self.beta2_s2_per_m).map(|(before, beta2)| before + beta2 * z);
                let powers = profiles.iter().map(|profile| weight * (profile.single + profile.double * s));
                (gathered.collect(), powers.collect())
            })
        })
    }
}

/// Noise-to-signal ratio that a span's noise of each channel on itself gains by its coherence with the spans before.
///
/// # Algorithm
/// 1. The mixing products of two spans add with the phase of the dispersion between the two places where they arise:
///    2 16/27 g_s g_r (B/2)^2 int int rho_s(z) rho_r(z') W(4 pi^2 (B/2)^2 |d(z) - d(z')|) dz dz', where d is the dispersion
///    gathered up to a place and W the cosine transform of the lozenge.
/// 2. Neighboring spans: four nodes in each; others: the middles of their powers.
///
/// Cost: 16 values of W for a neighbor, 1 for each other span before.
pub(super) fn coherent_gains(span: &LineSpan, before: &[LineSpan], rates_hz: &[f64]) -> Column {
    let count = rates_hz.len();
    let Some((neighbor, others)) = before.split_last() else { return Column::zeros(count) };
    let turns: Column = rates_hz.iter().map(|rate| PI * PI * rate * rate).collect();
    let mut shared = Column::zeros(count);
    let (phases, scratch) = (&mut Column::scratch(count)[..], &mut OverlapScratch::new(count));
    let turns = &turns[..];
    if neighbor.noise.is_some() {
        let there = neighbor.node_powers();
        for (here_s2, power) in span.node_powers() {
            for (there_s2, weight) in there {
                let columns = [here_s2, power, there_s2, weight].map(|column| &column[..]);
                vectorize(SharedPower { shared: &mut shared, phases, scratch, turns, columns });
            }
        }
        for (shared, amplitude) in shared.iter_mut().zip(&neighbor.amplitudes) {
            *shared *= amplitude;
        }
    }
    let effective = |span: &LineSpan| -> Column {
        (0..count).map(|test| span.amplitudes[test] * span.nodes.effective(span.profile(test))).collect()
    };
    let middles = |span: &LineSpan| -> Column { (0..count).map(|test| span.middle_s2(test)).collect() };
    let here_m: Column = (0..count).map(|test| span.nodes.effective(span.profile(test))).collect();
    let here_s2 = middles(span);
    for other in others.iter().filter(|other| other.noise.is_some()) {
        let (there_s2, weights) = (middles(other), effective(other));
        let columns = [&here_s2[..], &here_m, &there_s2, &weights];
        vectorize(SharedPower { shared: &mut shared, phases, scratch, turns, columns });
    }
    let gains = shared.iter().zip(&span.amplitudes).zip(rates_hz);
    gains.map(|((shared, amplitude), rate)| 8.0 / 27.0 * rate * rate * amplitude * shared).collect()
}

/// Adds what two places of the line share: product of their powers times W of the dispersion between them.
struct SharedPower<'a> {
    shared: &'a mut [f64],
    phases: &'a mut [f64],
    scratch: &'a mut OverlapScratch,
    /// Phase of W per dispersion.
    turns: &'a [f64],
    /// Dispersion and power at the one place, and at the other.
    columns: [&'a [f64]; 4],
}

impl ColumnWork for SharedPower<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { shared, phases, scratch, turns, columns } = self;
        let count = shared.len();
        let turns = &turns[..count];
        let [here_s2, power, there_s2, weight] = columns.map(|column| &column[..count]);
        let phases = &mut phases[..count];
        for (k, phase) in phases.iter_mut().enumerate() {
            *phase = turns[k] * (here_s2[k] - there_s2[k]).abs();
        }
        scratch.look_up(phases, &OVERLAP);
        for (k, sum) in shared.iter_mut().enumerate() {
            *sum += power[k] * weight[k] * phases[k];
        }
    }
}

/// Group-velocity dispersion of a fiber at an offset.
pub(super) fn beta2_at(span: &ChainSpan<'_>, offset_hz: f64) -> f64 {
    span.fiber.beta2_s2_per_m + 2.0 * PI * span.fiber.beta3_s3_per_m * offset_hz
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_of_the_lozenge_is_that_of_its_area() {
        // Midpoints over the lozenge |u|, |v|, |u + v| < 1.
        let cells = 800;
        let middle = |index: i32| (f64::from(index) + 0.5) / f64::from(cells) * 2.0 - 1.0;
        for phase in [0.0, 0.1, 0.3, 1.7, 9.3, 40.0] {
            let mut sum = 0.0;
            for i in 0..cells {
                for j in 0..cells {
                    let (u, v) = (middle(i), middle(j));
                    if (u + v).abs() < 1.0 {
                        sum += (phase * u * v).cos();
                    }
                }
            }
            let expected = sum * (2.0 / f64::from(cells)).powi(2);
            assert!((lozenge_overlap(phase) - expected).abs() < 4e-3, "{phase} {expected}");
        }
        // At the end of the table only the oscillation is left out, 4/x sqrt(pi/x) at most.
        let asymptote = |phase: f64| (2.0 * PI + 4.0 / phase) / phase;
        for phase in [124.0, 125.5, 127.0] {
            let oscillation = lozenge_overlap(phase) - asymptote(phase);
            assert!(oscillation.abs() < 1.1 * 4.0 / phase * (PI / phase).sqrt(), "{phase} {oscillation}");
        }
        assert_eq!(lozenge_overlap(129.0), asymptote(129.0));
    }
}

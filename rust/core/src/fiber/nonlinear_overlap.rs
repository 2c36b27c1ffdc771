//! Cosine transform of the lozenge of a channel on itself: how noise from two places of a line adds up.

use crate::column::Column;
use std::f64::consts::PI;
use std::sync::LazyLock;

const STEP: f64 = 0.25;
const CELLS: usize = 512;
const END: f64 = STEP * CELLS as f64;
/// From here to the end of the table the oscillation of the lozenge's sharp corners fades out.
const FADE_START: f64 = 0.75 * END;

/// The transform from each of the phases 0, 0.25, 0.5, ... to the next: factors of 1, t, t^2, t^3 with t from 0 to 1.
static OVERLAP: LazyLock<[[f64; 4]; CELLS]> = LazyLock::new(|| {
    let mut sine_integral = 0.0;
    let nodes: Vec<f64> = (0..CELLS + 2)
        .map(|index| {
            let phase = index as f64 * STEP;
            if index == 0 {
                return 3.0;
            }
            let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
            let low = phase - STEP;
            sine_integral += STEP / 6.0 * (sinc(low) + 4.0 * sinc(low + 0.5 * STEP) + sinc(phase));
            // The trapezoid rule converges geometrically: the integrand is even and decays as e^-2t.
            let step = 0.05;
            let mut same = 0.5 * (0.25 * phase).sin();
            for node in 1..240 {
                same += (0.25 * phase / (f64::from(node) * step).cosh().powi(2)).sin();
            }
            let exact = (2.0 * sine_integral + 4.0 * step * same) / phase;
            let steady = without_oscillation(phase);
            steady + oscillation_share(phase) * (exact - steady)
        })
        .collect();
    let mut factors = [[0.0; 4]; CELLS];
    for (index, factors) in factors.iter_mut().enumerate() {
        // The cubic through four nodes; the transform is even in the phase.
        let (before, y) = (nodes[if index == 0 { 1 } else { index - 1 }], &nodes[index..index + 3]);
        let (first, second) = (y[1] - y[0], y[2] - y[1]);
        let (bend, third) = (first - (y[0] - before), second - 2.0 * first + (y[0] - before));
        *factors = [y[0], first - bend / 2.0 - third / 6.0, bend / 2.0, third / 6.0];
    }
    factors
});

/// The transform at great phases without what its sharp corners make oscillate.
#[inline(always)]
fn without_oscillation(phase: f64) -> f64 {
    (2.0 * PI + 4.0 / phase) / phase
}

/// How much of the oscillation counts: all of it, then less and less, without a step.
fn oscillation_share(phase: f64) -> f64 {
    let faded = ((phase - FADE_START) / (END - FADE_START)).clamp(0.0, 1.0);
    0.5 * (1.0 + (PI * faded).cos())
}

/// Integral of cos(phase w) over the lozenge |u|, |v|, |u + v| < 1, w = u v.
///
/// # Algorithm
/// 1. 2/x Si(x) + 4/x int_0^inf sin(x/(4 cosh^2 t)) dt, tabulated to x = 128, cubic interpolation.
/// 2. Beyond, without the oscillation of its sharp corners: 2 pi/x + 4/x^2; from x = 96 on it fades out.
pub(super) fn lozenge_overlap(phase: f64) -> f64 {
    let mut one = [phase];
    OverlapTable::new(1).look_up(&mut one);
    one[0]
}

/// The table, and memory for the places of phases in it: the cell of each, in its low bits, and how far into the cell it is.
pub(super) struct OverlapTable {
    table: &'static [[f64; 4]; CELLS],
    cells: Column,
    shares: Column,
}

impl OverlapTable {
    /// The table with memory for so many phases at a time.
    pub(super) fn new(count: usize) -> Self {
        Self { table: &OVERLAP, cells: Column::scratch(count), shares: Column::scratch(count) }
    }

    /// Puts the values of [`lozenge_overlap`] in the place of phases.
    ///
    /// Cells are found in wide vectors; the table is read number by number, which is faster than vector instructions that gather.
    #[inline(always)]
    pub(super) fn look_up(&mut self, phases: &mut [f64]) {
        /// 1.5 2^52: its low bits take an integer.
        const INTEGER: f64 = 6_755_399_441_055_744.0;
        let (cells, shares) = (&mut self.cells[..phases.len()], &mut self.shares[..phases.len()]);
        for ((cell, share), phase) in cells.iter_mut().zip(shares.iter_mut()).zip(&*phases) {
            // Down to the next integer, without a conversion that vector instructions lack.
            let position = (phase * (1.0 / STEP)).min(CELLS as f64 - 1.0);
            let shifted = (position - 0.5) + INTEGER;
            (*cell, *share) = (shifted, position - (shifted - INTEGER));
        }
        for ((phase, &cell), &t) in phases.iter_mut().zip(&*cells).zip(&*shares) {
            *phase = if *phase < END - STEP {
                let [a, b, c, d] = self.table[cell.to_bits() as usize & (CELLS - 1)];
                a + t * (b + t * (c + t * d))
            } else {
                without_oscillation(*phase)
            };
        }
    }
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
        assert_eq!(lozenge_overlap(129.0), without_oscillation(129.0));
    }

    #[test]
    fn only_the_oscillation_is_left_out_and_without_a_step() {
        // It is 4/x sqrt(pi/x) at most.
        for step in 0..4_000 {
            let phase = 90.0 + 0.01 * f64::from(step);
            let oscillation = lozenge_overlap(phase) - without_oscillation(phase);
            assert!(oscillation.abs() < 1.1 * 4.0 / phase * (PI / phase).sqrt(), "{phase} {oscillation}");
            let change = lozenge_overlap(phase + 0.01) - lozenge_overlap(phase);
            assert!(change.abs() < 4e-5, "{phase} {change}");
        }
    }
}

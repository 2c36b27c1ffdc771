//! Places along a span at which integrals over two places are taken, with the powers of all channels there.

use super::power_course::{EndSlope, PowerCourse};
use crate::quadrature::THREE_NODES;

/// Panels from either end of the span, where it meets its neighbor: what is mixed there adds up over a kilometer or less.
const NEAR_EDGES_M: [f64; 5] = [0.3e3, 1e3, 3e3, 8e3, 20e3];
/// Panels for spans further off.
const FAR_EDGES_M: [f64; 1] = [10e3];
/// Steps between which powers are taken as straight.
const EVEN_STEPS: usize = 160;

/// Nodes of a quadrature along the span.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub place_m: Vec<f64>,
    /// Weights times power, channel after channel.
    shares_m: Vec<f64>,
}

impl Places {
    fn new(course: &PowerCourse, edges_m: &[f64]) -> Self {
        let length_m = course.length_m;
        let inside = edges_m.iter().copied().filter(|edge| *edge < 0.45 * length_m);
        let mut edges: Vec<f64> = inside.clone().chain(inside.map(|edge| length_m - edge)).collect();
        edges.extend([0.0, 0.5 * length_m, length_m]);
        edges.sort_unstable_by(f64::total_cmp);
        let (mut place_m, mut weights) = (Vec::new(), Vec::new());
        for pair in edges.windows(2) {
            place_m.extend(THREE_NODES.iter().map(|(place, _)| pair[0] + place * (pair[1] - pair[0])));
            weights.extend(THREE_NODES.iter().map(|(_, weight)| weight * (pair[1] - pair[0])));
        }
        let mut powers = vec![0.0; course.channels];
        let mut shares_m = vec![0.0; course.channels * place_m.len()];
        for (node, (place, weight)) in place_m.iter().zip(&weights).enumerate() {
            course.between(*place, &mut powers);
            for (channel, power) in powers.iter().enumerate() {
                shares_m[channel * place_m.len() + node] = weight * power;
            }
        }
        Self { place_m, shares_m }
    }

    /// Weights times power of one channel at all places.
    pub(super) fn shares_m(&self, channel: usize) -> &[f64] {
        &self.shares_m[channel * self.place_m.len()..(channel + 1) * self.place_m.len()]
    }
}

/// Where the powers of a span lie.
#[derive(Debug, Clone)]
pub(super) struct SpanPlaces {
    pub length_m: f64,
    /// Fine towards the ends of the span.
    pub near: Places,
    /// Fewer.
    pub far: Places,
    /// Integral of the square of each channel's power.
    pub square_m: Vec<f64>,
    /// Power of each channel at the end.
    pub end_power: Vec<f64>,
    /// Powers at even steps, channel after channel.
    even: Vec<f64>,
}

impl SpanPlaces {
    pub(super) fn new(course: &PowerCourse) -> Self {
        let nodes = EVEN_STEPS + 1;
        let mut powers = vec![0.0; course.channels];
        let mut even = vec![0.0; course.channels * nodes];
        for node in 0..nodes {
            course.between(course.length_m * node as f64 / EVEN_STEPS as f64, &mut powers);
            for (channel, power) in powers.iter().enumerate() {
                even[channel * nodes + node] = *power;
            }
        }
        let end = |[_, end]: &[EndSlope; 2]| end.power;
        Self {
            length_m: course.length_m,
            near: Places::new(course, &NEAR_EDGES_M),
            far: Places::new(course, &FAR_EDGES_M),
            square_m: course.integrals_m().1,
            end_power: course.ends.iter().map(end).collect(),
            even,
        }
    }

    /// Numbers it holds.
    pub(super) fn weight(&self) -> usize {
        self.even.len() + self.near.shares_m.len() + self.far.shares_m.len() + 2 * self.square_m.len()
    }

    /// Power of a channel anywhere along the span.
    pub(super) fn power(&self, channel: usize, place_m: f64) -> f64 {
        let position = (place_m / self.length_m).clamp(0.0, 1.0) * EVEN_STEPS as f64;
        let index = (position as usize).min(EVEN_STEPS - 1);
        let row = &self.even[channel * (EVEN_STEPS + 1)..];
        row[index] + (position - index as f64) * (row[index + 1] - row[index])
    }
}

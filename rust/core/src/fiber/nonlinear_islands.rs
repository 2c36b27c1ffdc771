//! Integrals of the mixing efficiency of one span over the islands of the GN integral, tabulated once for all spans.

use crate::quadrature::FOUR_NODES;
use std::f64::consts::{LN_2, PI};
use std::sync::LazyLock;

/// Products of the two decays exp(-a z) and exp(-2 a z) of which a power profile consists.
pub(super) const PRODUCT_COUNT: usize = 3;
const DECAYS: [(f64, f64); PRODUCT_COUNT] = [(1.0, 1.0), (1.0, 2.0), (2.0, 2.0)];

/// Grid of the phase y over a span: logarithmic, 28 steps for each factor of four, because the lozenge of the channel on itself
/// ends at a quarter of the square of its half width.
const STEPS_PER_QUARTER: usize = 28;
const STEP: f64 = 2.0 * LN_2 / STEPS_PER_QUARTER as f64;
const FIRST_PHASE: f64 = 0.02;
const NODES: usize = 384;
/// Above this phase the rest of the oscillation over the span's length is below 1e-3 of the integrals.
const OSCILLATION_END: f64 = 60.0;

/// Grid of the loss aL of a span (in nepers), logarithmic.
const FIRST_LOSS: f64 = 1e-3;
const LOSS_STEP: f64 = 0.15;
const LOSS_NODES: usize = 64;

/// Functions of one phase: H of each product, S of each product, then G and K of the plain decay.
const FUNCTIONS: usize = 2 * PRODUCT_COUNT + 2;
const G: usize = 6;
const K: usize = 7;

type Node = [f64; FUNCTIONS];

/// Figures of one loss: the tables over the phase and the constant of K beyond them.
struct LossRow {
    nodes: Vec<Node>,
    moment_constant: f64,
}

static ROWS: LazyLock<Vec<LossRow>> = LazyLock::new(|| {
    let weights = lozenge_weights();
    (0..LOSS_NODES).map(|index| build_row(FIRST_LOSS * (index as f64 * LOSS_STEP).exp(), &weights)).collect()
});

/// Integral of the mixing efficiency of a product over all phases: pi (1 - exp(-(p + q)))/(p + q).
fn whole(p: f64, q: f64) -> f64 {
    -PI * libm::expm1(-(p + q)) / (p + q)
}

/// Mixing efficiency at phase y of two decays p and q over the span, relative to its length squared.
fn efficiency(y: f64, p: f64, q: f64) -> f64 {
    // Real part of mu_p conj(mu_q) = (1 - e^-p e^jy)(1 - e^-q e^-jy) / ((p - jy)(q + jy)).
    let (ep, eq) = ((-p).exp(), (-q).exp());
    let (sine, cosine) = y.sin_cos();
    let (upper, upper_turn) = (1.0 + ep * eq - (ep + eq) * cosine, (eq - ep) * sine);
    let (lower, lower_turn) = (p * q + y * y, y * (p - q));
    (upper * lower + upper_turn * lower_turn) / (lower * lower + lower_turn * lower_turn)
}

/// The same without the part that oscillates with the span's length.
fn steady_efficiency(y: f64, p: f64, q: f64) -> f64 {
    let (real, turn) = (p * q + y * y, y * (p - q));
    (1.0 + (-p - q).exp()) * real / (real * real + turn * turn)
}

/// Weights by which G at y/4, y/4 e^-STEP, ... makes four times the integral of G(y/(4 cosh^2 t)) over t.
fn lozenge_weights() -> Vec<f64> {
    let place = |t: f64| 2.0 * t.cosh().ln() / STEP;
    let time = |index: usize| (0.5 * index as f64 * STEP).exp().acosh();
    let mut weights = vec![0.0; NODES];
    for index in 0..NODES - 1 {
        let (start, end) = (time(index), time(index + 1));
        // Linear between the nodes; Simpson's rule in t, where the place is smooth.
        let pieces = 8;
        let width = (end - start) / f64::from(pieces);
        let mut moment = 0.0;
        for piece in 0..=pieces {
            let simpson = if piece == 0 || piece == pieces { 1.0 } else { f64::from(2 + 2 * (piece % 2)) };
            moment += simpson * width / 3.0 * (place(start + f64::from(piece) * width) - index as f64);
        }
        weights[index] += 4.0 * (end - start - moment);
        weights[index + 1] += 4.0 * moment;
    }
    weights
}

/// Cumulative integrals of one product: G(y) = int M, H(y) = int G/y, K(y) = int y M.
fn accumulate(p: f64, q: f64) -> Vec<(f64, f64, f64)> {
    let (ep, eq) = (-libm::expm1(-p), -libm::expm1(-q));
    let start = ep * eq / (p * q);
    let total = whole(p, q);
    let steady = (1.0 + (-p - q).exp()) / (p + q);
    let (mut g, mut h, mut k) = (start * FIRST_PHASE, start * FIRST_PHASE, 0.5 * start * FIRST_PHASE * FIRST_PHASE);
    let mut out = Vec::with_capacity(NODES);
    out.push((g, h, k));
    for index in 1..NODES {
        let low = FIRST_PHASE * ((index - 1) as f64 * STEP).exp();
        let high = FIRST_PHASE * (index as f64 * STEP).exp();
        let before = g;
        if high < OSCILLATION_END {
            let mut late = 0.0;
            for (place, weight) in FOUR_NODES {
                let y = low + place * (high - low);
                let m = efficiency(y, p, q);
                g += weight * (high - low) * m;
                k += weight * (high - low) * y * m;
                late += weight * (high - low) * m * (high / y).ln();
            }
            // By parts: int G/y dy = G(low) ln(high/low) + int M ln(high/y) dy.
            h += before * STEP + late;
        } else {
            g = total - steady * (PI - (high / p).atan() - (high / q).atan());
            let middle = (low * high).sqrt();
            let between = total - steady * (PI - (middle / p).atan() - (middle / q).atan());
            h += STEP / 6.0 * (before + 4.0 * between + g);
            let moment = |y: f64| y * y * steady_efficiency(y, p, q);
            k += STEP / 6.0 * (moment(low) + 4.0 * moment(middle) + moment(high));
        }
        out.push((g, h, k));
    }
    out
}

/// Tables of one loss, function by function for each phase.
fn build_row(loss: f64, weights: &[f64]) -> LossRow {
    let mut nodes = vec![[0.0; FUNCTIONS]; NODES];
    let mut moment_constant = 0.0;
    for (product, (a, b)) in DECAYS.into_iter().enumerate() {
        let (p, q) = (a * loss, b * loss);
        let columns = accumulate(p, q);
        let start = columns[0].0 / FIRST_PHASE;
        for (index, &(g, h, k)) in columns.iter().enumerate() {
            let y = FIRST_PHASE * (index as f64 * STEP).exp();
            nodes[index][product] = h;
            // Same signs of the two frequency offsets: a convolution on the grid. Below the grid G is straight.
            let same = if index < STEPS_PER_QUARTER {
                start * y
            } else {
                let top = index - STEPS_PER_QUARTER;
                let sum: f64 = (0..=top).map(|back| weights[back] * columns[top - back].0).sum();
                sum + (2.0 - STEP) * columns[0].0
            };
            nodes[index][PRODUCT_COUNT + product] = 2.0 * h + same;
            if product == 0 {
                nodes[index][G] = g;
                nodes[index][K] = k;
                moment_constant = k - tail(p, q) * y.ln();
            }
        }
    }
    LossRow { nodes, moment_constant }
}

/// Factor of 1/y^2 in the mixing efficiency at great phases, free of its oscillation.
fn tail(p: f64, q: f64) -> f64 {
    1.0 + (-p - q).exp()
}

/// Weights of four-point Lagrange interpolation at `t` between the second and third of four nodes.
#[inline(always)]
fn lagrange(t: f64) -> [f64; 4] {
    let (a, b, c) = (t + 1.0, t - 1.0, t - 2.0);
    [-t * b * c / 6.0, a * b * c / 2.0, -a * t * c / 2.0, a * t * b / 6.0]
}

/// Place on a grid: index of the second of four nodes, and how far beyond it.
#[inline(always)]
fn place(position: f64, nodes: usize) -> (usize, f64) {
    let index = (position.max(0.0) as usize).clamp(1, nodes - 3);
    (index, position - index as f64)
}

/// Island integrals of all spans of one loss.
///
/// M(y) is the mixing efficiency |int rho e^(j y z/L) dz/L|^2 at the phase y that mixing gathers over the span, of which
/// G(y) = int_0^y M, H(y) = int_0^y G/x dx, K(y) = int_0^y x M dx; S(y) is y times the integral of M over the lozenge of one
/// channel on itself whose corner has the phase y. A profile c0 e^(-a z) + c1 e^(-2 a z) makes c0^2, 2 c0 c1 and c1^2 of three
/// products.
///
/// # Algorithm
/// 1. For 64 losses once: G, H and K by Gauss-Legendre quadrature up to the phase where the oscillation has died, beyond in
///    closed form; S = 2 H(y) + 4 int_0^inf G(y/(4 cosh^2 t)) dt.
/// 2. For a loss between them: cubic interpolation over its logarithm; for a phase: over that of the phase.
pub(super) struct Islands {
    /// Span length that the tables stand for; longer fibers end where 2e-5 of the power is left.
    pub length_m: f64,
    /// G at infinity of each product.
    pub whole: [f64; PRODUCT_COUNT],
    /// Factor of 1/y by which G misses it.
    pub tail: [f64; PRODUCT_COUNT],
    /// K(y) tends to this plus the first tail times ln y.
    pub moment_constant: f64,
    /// Phase from which the asymptotes hold.
    pub asymptote: f64,
    /// ln of the phase from which those of G and K hold to a few percent, which is enough for the strips.
    pub strip_asymptote_ln: f64,
    /// Losses between which the tables are interpolated, and their weights.
    rows: [&'static LossRow; 4],
    weights: [f64; 4],
    /// Nodes that were asked for, and for each place on the grid which of them it is, counted from 1.
    nodes: Vec<Node>,
    found: [u16; NODES],
}

impl Islands {
    /// Tables of a span.
    pub(super) fn new(attenuation_per_m: f64, length_m: f64) -> Self {
        let longest = FIRST_LOSS * ((LOSS_NODES - 3) as f64 * LOSS_STEP).exp();
        let loss = (attenuation_per_m * length_m).min(longest);
        let (row, t) = place((loss / FIRST_LOSS).ln() / LOSS_STEP, LOSS_NODES);
        let weights = lagrange(t.max(-1.0));
        let rows = [&ROWS[row - 1], &ROWS[row], &ROWS[row + 1], &ROWS[row + 2]];
        Self {
            length_m: loss / attenuation_per_m,
            whole: DECAYS.map(|(p, q)| whole(p * loss, q * loss)),
            tail: DECAYS.map(|(p, q)| tail(p * loss, q * loss)),
            moment_constant: weights.iter().zip(rows).map(|(weight, row)| weight * row.moment_constant).sum(),
            asymptote: (8.0 * loss).max(24.0),
            strip_asymptote_ln: (2.0 * loss).max(6.0).ln(),
            rows,
            weights,
            nodes: Vec::with_capacity(8),
            found: [0; NODES],
        }
    }

    /// Which of the nodes has the functions at one place on the grid: interpolated over the loss when first asked for, since most
    /// spans need few.
    #[inline(always)]
    fn find(&mut self, index: usize) -> usize {
        if self.found[index] == 0 {
            let (w, [a, b, c, d]) = (self.weights, self.rows.map(|row| &row.nodes[index]));
            self.nodes.push(std::array::from_fn(|f| w[0] * a[f] + w[1] * b[f] + w[2] * c[f] + w[3] * d[f]));
            self.found[index] = self.nodes.len() as u16;
        }
        usize::from(self.found[index]) - 1
    }

    /// The functions of a phase, given by its logarithm.
    #[inline(always)]
    fn interpolate<const N: usize>(&mut self, first: usize, phase_ln: f64) -> [f64; N] {
        let position = (phase_ln - FIRST_PHASE.ln()) / STEP;
        if position < 0.0 {
            // Below the grid all but K are straight lines.
            let factor = (position * STEP).exp();
            let lowest = self.find(0);
            let lowest = &self.nodes[lowest];
            let mut out = std::array::from_fn(|f| lowest[first + f] * factor);
            if first == G {
                out[N - 1] *= factor;
            }
            return out;
        }
        let (index, t) = place(position.min((NODES - 2) as f64), NODES);
        let w = lagrange(t);
        let found = [index - 1, index, index + 1, index + 2].map(|index| self.find(index));
        let nodes = found.map(|node| &self.nodes[node]);
        std::array::from_fn(|f| {
            w[0] * nodes[0][first + f]
                + w[1] * nodes[1][first + f]
                + w[2] * nodes[2][first + f]
                + w[3] * nodes[3][first + f]
        })
    }

    /// H of each product.
    pub(super) fn rectangle(&mut self, phase_ln: f64) -> [f64; PRODUCT_COUNT] {
        self.interpolate(0, phase_ln)
    }

    /// S of each product.
    #[inline(always)]
    pub(super) fn lozenge(&mut self, phase_ln: f64) -> [f64; PRODUCT_COUNT] {
        self.interpolate(PRODUCT_COUNT, phase_ln)
    }

    /// G and K of the plain decay.
    pub(super) fn strip(&mut self, phase_ln: f64) -> (f64, f64) {
        let [g, k] = self.interpolate(G, phase_ln);
        (g, k)
    }
}

//! Islands of the GN model's double integral: where f1, f2 and f1 + f2 - f lie in three given channels.

use super::gn_integral_link::{LinkFunction, Quartet};
use super::gn_integral_quadrature::{Estimate, GAUSS_NODES, GAUSS_WEIGHTS, integrate_adaptively};
use crate::error::Result;
use crate::task::Task;
use std::f64::consts::{FRAC_PI_2, PI};

/// Phase at which what oscillates may be left out, for a tolerance of 1e-3; it goes with the root of the tolerance.
const AVERAGED_FROM_RAD: f64 = 100.0;
/// An island whose phase spans less than this is integrated with every oscillation.
const WHOLE_BELOW_RAD: f64 = 60.0;
/// Most phase that one panel of the quadrature may span.
const PANEL_RAD: f64 = 10.0;
/// Phase below which the link function is constant.
const STILL_RAD: f64 = 1e-6;

/// Band of one channel relative to the frequency at which the noise is asked: flat in the middle, cosine at the edges.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    /// All in Hz.
    pub center: f64,
    pub flat_half: f64,
    pub edge_half: f64,
}

impl Band {
    pub fn new(center: f64, symbol_rate_hz: f64, roll_off: f64) -> Self {
        let half = 0.5 * symbol_rate_hz;
        Self { center, flat_half: half * (1.0 - roll_off), edge_half: half * (1.0 + roll_off) }
    }

    pub fn low_hz(&self) -> f64 {
        self.center - self.edge_half
    }

    pub fn high_hz(&self) -> f64 {
        self.center + self.edge_half
    }

    /// Power spectral density over that of the flat part.
    pub fn shape(&self, frequency_hz: f64) -> f64 {
        let distance = (frequency_hz - self.center).abs();
        if distance <= self.flat_half {
            1.0
        } else if distance < self.edge_half {
            let into = (distance - self.flat_half) / (self.edge_half - self.flat_half);
            0.5 * (1.0 + (PI * into).cos())
        } else {
            0.0
        }
    }

    /// Edges of the band and of its flat part.
    fn corners_hz(&self) -> [f64; 4] {
        [self.low_hz(), self.center - self.flat_half, self.center + self.flat_half, self.high_hz()]
    }
}

/// One quadrant of one island: u = f1 - f and v = f2 - f of one sign each, u + v in the third channel.
#[derive(Debug, Clone)]
pub(super) struct Island {
    pub quartet: Quartet,
    /// Counts the exchange of f1 and f2 and holds the three spectra's heights.
    pub scale: f64,
    pub first: Band,
    pub second: Band,
    pub third: Band,
    pub u_sign: f64,
    pub v_sign: f64,
    /// Sizes of u and v.
    pub u_range_hz: (f64, f64),
    pub v_range_hz: (f64, f64),
}

/// Up to this many edges of u, v and u + v cut a hyperbola.
const CUTS: usize = 24;

impl Island {
    /// Whether u + v reaches the third channel.
    pub fn is_reachable(&self) -> bool {
        let low = self.sum_hz(self.u_range_hz.0, self.v_range_hz.0, self.u_range_hz.0, self.v_range_hz.1).0;
        let high = self.sum_hz(self.u_range_hz.1, self.v_range_hz.0, self.u_range_hz.1, self.v_range_hz.1).1;
        let low = low.min(self.sum_hz(self.u_range_hz.1, self.v_range_hz.0, self.u_range_hz.1, self.v_range_hz.1).0);
        let high = high.max(self.sum_hz(self.u_range_hz.0, self.v_range_hz.0, self.u_range_hz.0, self.v_range_hz.1).1);
        high > self.third.low_hz() && low < self.third.high_hz()
    }

    fn sum_hz(&self, u1: f64, v1: f64, u2: f64, v2: f64) -> (f64, f64) {
        let (a, b) = (self.u_sign * u1 + self.v_sign * v1, self.u_sign * u2 + self.v_sign * v2);
        (a.min(b), a.max(b))
    }

    /// u + v in the middle.
    pub fn middle_sum_hz(&self) -> f64 {
        0.5 * (self.u_sign * (self.u_range_hz.0 + self.u_range_hz.1)
            + self.v_sign * (self.v_range_hz.0 + self.v_range_hz.1))
    }

    fn is_same_sign(&self) -> bool {
        self.u_sign == self.v_sign
    }

    /// Integral of the three spectra along the hyperbola |u v| = `product_hz2`, over q = ln(u/v)/2.
    ///
    /// # Algorithm
    /// 1. u = sqrt(p) e^q, v = sqrt(p) e^-q, so that du dv = dp dq; u + v is 2 sqrt(p) cosh q or, of opposite signs, sinh q.
    /// 2. The edges of the three bands cut q into intervals; where all three spectra are flat, an interval adds its length.
    /// 3. Elsewhere Gauss-Legendre quadrature of their product, which is smooth inside the interval.
    pub fn density(&self, product_hz2: f64) -> f64 {
        let root = product_hz2.sqrt();
        let low = (self.u_range_hz.0 / root).ln().max((root / self.v_range_hz.1).ln());
        let high = (self.u_range_hz.1 / root).ln().min((root / self.v_range_hz.0).ln());
        if low >= high {
            return 0.0;
        }
        let mut cuts = [0.0; CUTS];
        cuts[0] = low;
        cuts[1] = high;
        let mut count = 2;
        let mut cut = |q: f64| {
            if q > low && q < high {
                cuts[count] = q;
                count += 1;
            }
        };
        if self.first.flat_half < self.first.edge_half {
            self.first.corners_hz().iter().for_each(|corner| cut((self.u_sign * corner / root).ln()));
        }
        if self.second.flat_half < self.second.edge_half {
            self.second.corners_hz().iter().for_each(|corner| cut((root / (self.v_sign * corner)).ln()));
        }
        for corner in self.third.corners_hz() {
            let ratio = self.u_sign * corner / (2.0 * root);
            if !self.is_same_sign() {
                cut(ratio.asinh());
            } else if ratio > 1.0 {
                let q = ratio.acosh();
                cut(q);
                cut(-q);
            }
        }
        let cuts = &mut cuts[..count];
        cuts.sort_unstable_by(f64::total_cmp);
        cuts.windows(2).map(|pair| self.interval(root, pair[0], pair[1])).sum()
    }

    fn interval(&self, root: f64, low: f64, high: f64) -> f64 {
        let half = 0.5 * (high - low);
        let middle = 0.5 * (high + low);
        let at = |q: f64| {
            let (u, v) = (self.u_sign * root * q.exp(), self.v_sign * root * (-q).exp());
            let third = self.third.shape(u + v);
            if third == 0.0 { (0.0, u, v) } else { (third * self.first.shape(u) * self.second.shape(v), u, v) }
        };
        if half <= 0.0 {
            return 0.0;
        }
        let (height, u, v) = at(middle);
        if height == 0.0 {
            return 0.0;
        }
        let is_flat = |band: &Band, x: f64| (x - band.center).abs() <= band.flat_half;
        if is_flat(&self.first, u) && is_flat(&self.second, v) && is_flat(&self.third, u + v) {
            return 2.0 * half;
        }
        half * GAUSS_NODES.iter().zip(GAUSS_WEIGHTS).map(|(x, weight)| weight * at(middle + half * x).0).sum::<f64>()
    }

    /// Values of |u v| at which the density has a kink, rising, from the least to the greatest in the island.
    fn kinks_hz2(&self, least: f64, greatest: f64) -> Vec<f64> {
        let sizes = |band: &Band, sign: f64, range: (f64, f64)| -> Vec<f64> {
            let inside = band.corners_hz().into_iter().map(|corner| sign * corner);
            inside.chain([range.0, range.1]).filter(|x| (range.0..=range.1).contains(x)).collect()
        };
        let us = sizes(&self.first, self.u_sign, self.u_range_hz);
        let vs = sizes(&self.second, self.v_sign, self.v_range_hz);
        let mut kinks = vec![least, greatest];
        for u in &us {
            kinks.extend(vs.iter().map(|v| u * v));
        }
        for corner in self.third.corners_hz() {
            let sum = self.u_sign * corner;
            if self.is_same_sign() {
                kinks.extend(us.iter().chain(&vs).map(|x| x * (sum - x)));
                kinks.push(0.25 * sum * sum);
            } else {
                kinks.extend(us.iter().map(|u| u * (u - sum)));
                kinks.extend(vs.iter().map(|v| v * (v + sum)));
            }
        }
        kinks.retain(|p| (least..=greatest).contains(p));
        kinks.sort_unstable_by(f64::total_cmp);
        kinks.dedup_by(|b, a| *b - *a <= 1e-9 * *b);
        kinks
    }

    /// Integral of the three spectra times the link function over the island.
    ///
    /// # Algorithm
    /// 1. In p = |u v| the link function depends on p alone and the spectra enter by their density over p, so the double integral
    ///    is a single one; it is taken over ln p, where the core at p = 0 and the far tail are equally smooth.
    /// 2. Panels end at the density's kinks and span at most 10 rad of the fastest phase; then they are halved where the 15-point
    ///    Kronrod rule and its 7-point Gauss rule differ by more than the tolerance.
    /// 3. Where a span's own phase is past 100 rad and the island spans more than 60 rad, the oscillating part of the link
    ///    function is faded out over one octave: its integral is of the order of the phase to the power -2.
    /// 4. Below a phase of 1e-6 rad the link function is constant.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`].
    pub fn integrate(
        &self,
        link: &LinkFunction,
        tolerance: f64,
        tolerance_ratio: f64,
        evaluations_count: u64,
        task: &Task,
    ) -> Result<Estimate> {
        let greatest = self.u_range_hz.1 * self.v_range_hz.1;
        let mut least = self.u_range_hz.0 * self.v_range_hz.0;
        let fastest = link.fastest_phase();
        let mut core = 0.0;
        let fade_from = fade_from(link, greatest - least, tolerance_ratio);
        if least == 0.0 {
            least = (STILL_RAD / fastest).min(1e-6 * greatest);
            core = least * self.density(least) * link.power(least) * self.scale;
        }
        let integrand = |log_product: f64| {
            let product = log_product.exp();
            let density = self.density(product);
            if density == 0.0 { 0.0 } else { self.scale * product * density * faded(link, product, fade_from) }
        };
        let middle = 0.5 * (least + greatest);
        let area = (self.u_range_hz.1 - self.u_range_hz.0) * (self.v_range_hz.1 - self.v_range_hz.0);
        let rough = self.scale * area * faded(link, middle, fade_from);
        let kinks = if rough < tolerance { vec![least, greatest] } else { self.kinks_hz2(least, greatest) };
        let needs_split = |low: f64, high: f64| {
            let (low, high) = (low.exp(), high.exp());
            rough >= tolerance && low < 2.0 * fade_from && fastest * (high.min(2.0 * fade_from) - low) > PANEL_RAD
        };
        let panels: Vec<f64> = kinks.iter().map(|p| p.ln()).collect();
        let mut estimate = integrate_adaptively(integrand, &panels, needs_split, tolerance, evaluations_count, task)?;
        estimate.value += core;
        Ok(estimate)
    }
}

/// The link function, its oscillating part faded out over an octave.
fn faded(link: &LinkFunction, product_hz2: f64, fade_from: f64) -> f64 {
    if product_hz2 >= 2.0 * fade_from {
        return link.mean_power(product_hz2);
    }
    let whole = link.power(product_hz2);
    if product_hz2 <= fade_from {
        return whole;
    }
    let share = (FRAC_PI_2 * (product_hz2 / fade_from).log2()).cos().powi(2);
    link.mean_power(product_hz2) * (1.0 - share) + whole * share
}

/// |u v| from which the oscillating part is faded out.
fn fade_from(link: &LinkFunction, range_hz2: f64, tolerance_ratio: f64) -> f64 {
    let slowest = link.slowest_phase();
    if range_hz2 * slowest < WHOLE_BELOW_RAD {
        f64::INFINITY
    } else {
        AVERAGED_FROM_RAD * (1e-3 / tolerance_ratio).sqrt().max(0.5) / slowest
    }
}

//! Power profile of each channel along a span under inter-channel Raman scattering.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;
use crate::column::Column;
use crate::quadrature::SIX_NODES;
use crate::sums::{sum_over, sum_terms};
use crate::vector::{ColumnWork, NEAR_ZERO, exp, exp_near_zero, vectorize};

/// Power of one channel along a span relative to its start: c0 e^(-a z) + c1 e^(-2 a z) with the attenuation a of the fiber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Profile {
    pub single: f64,
    pub double: f64,
}

impl Profile {
    /// The plain decay.
    pub(super) const PLAIN: Self = Self { single: 1.0, double: 0.0 };

    /// Power where the fiber's attenuation has left this share.
    pub(super) fn at(self, left_share: f64) -> f64 {
        (self.single + self.double * left_share) * left_share
    }

    /// Factors of the three products of decays in the square of the profile.
    #[inline(always)]
    pub(super) fn squares(self) -> [f64; 3] {
        [self.single * self.single, 2.0 * self.single * self.double, self.double * self.double]
    }

    /// Value of a square from its three products.
    #[inline(always)]
    pub(super) fn weigh(self, products: &[f64; 3]) -> f64 {
        let [a, b, c] = self.squares();
        a * products[0] + b * products[1] + c * products[2]
    }
}

/// Power profile of each channel, in the sorted order of the comb.
///
/// # Algorithm
/// 1. The exact solution for a Raman gain that rises in proportion to the distance of two frequencies:
///    rho_k(z) = e^(-a_k z) P e^(-P C f_k l(z)) / sum_i P_i e^(-P C f_i l(z)), l = (1 - e^(-a z))/a, P the total power.
/// 2. Fit by least squares over the length of the fiber: with s = e^(-a z), rho/s = d0 + d1 (s - m), weight s ds.
///
/// # References
/// Zirngibl 1998, doi 10.1049/el:19980555 (step 1).
pub(super) fn fit_profiles(span: &ChainSpan<'_>, comb: &Comb, length_m: f64) -> Vec<Profile> {
    let fiber = &span.fiber;
    let order = comb.order();
    let total_w: f64 = order.iter().map(|&channel| span.powers_w[channel]).sum();
    let raman_per_hz = total_w * fiber.raman_slope_per_w_m_hz / fiber.attenuation_per_m;
    if raman_per_hz == 0.0 && span.attenuations_per_m.is_empty() {
        return vec![Profile::PLAIN; order.len()];
    }
    let least = (-fiber.attenuation_per_m * length_m).exp();
    let mean = |power: i32| (1.0 - least.powi(power + 1)) / f64::from(power + 1);
    let (first, second, third) = (mean(1), mean(2), mean(3));
    let center = second / first;
    let spread = third - second * center;
    // Exponent of each channel: Raman transfer over its offset, and by how much its own attenuation is more than the fiber's.
    let excess: Column = order
        .iter()
        .map(|&channel| span.attenuations_per_m.get(channel).map_or(0.0, |own| own / fiber.attenuation_per_m - 1.0))
        .collect();
    let powers_w: Column = order.iter().map(|&channel| span.powers_w[channel]).collect();
    let [mut levels, mut slopes] = [(); 2].map(|()| Column::zeros(order.len()));
    let [mut powers, mut terms] = [(); 2].map(|()| Column::scratch(order.len()));
    vectorize(Moments {
        sums: [&mut levels, &mut slopes],
        memory: [&mut powers, &mut terms],
        columns: [&comb.offsets_hz, &excess, &powers_w],
        raman_per_hz,
        total_w,
        least,
        center,
    });
    levels
        .iter()
        .zip(&slopes)
        .map(|(level, slope)| {
            let double = slope / spread;
            Profile { single: level / first - double * center, double }
        })
        .collect()
}

/// Integrals of rho/s and of rho/s (s - m) over the share s that attenuation leaves, for each channel.
struct Moments<'a> {
    sums: [&'a mut [f64]; 2],
    /// Of any value, one entry for each channel.
    memory: [&'a mut [f64]; 2],
    /// Offset, attenuation over the fiber's less 1, and power at the start of each channel.
    columns: [&'a [f64]; 3],
    /// Exponent of the Raman transfer over the whole fiber and the offset.
    raman_per_hz: f64,
    total_w: f64,
    /// Share left at the end of the fiber.
    least: f64,
    /// m.
    center: f64,
}

impl ColumnWork for Moments<'_> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // One counter for four columns.
    fn run(self) {
        let Self { sums: [levels, slopes], memory: [powers, terms], columns, raman_per_hz, total_w, least, center } =
            self;
        let count = levels.len();
        let (slopes, powers, terms) = (&mut slopes[..count], &mut powers[..count], &mut terms[..count]);
        let [offsets, excess, powers_w] = columns.map(|column| &column[..count]);
        for (place, weight) in SIX_NODES {
            let s = least + place * (1.0 - least);
            exponentials(powers, offsets, -raman_per_hz * (1.0 - s));
            // Power of all channels, but for attenuation.
            let all = sum_terms(terms, |k| powers_w[k] * powers[k]);
            exponentials(terms, excess, s.ln());
            let factor = weight * (1.0 - least) * if all > 0.0 { total_w / all } else { 1.0 };
            for k in 0..count {
                let rho = factor * (powers[k] * (s * terms[k]));
                levels[k] += rho;
                slopes[k] += rho * (s - center);
            }
        }
    }
}

/// Fills a column with e^(factor x); exponents are small as a rule.
#[inline(always)]
fn exponentials(out: &mut [f64], column: &[f64], factor: f64) {
    let column = &column[..out.len()];
    if sum_over(column, |x| f64::from(u8::from((factor * x).abs() > NEAR_ZERO))) == 0.0 {
        for (value, x) in out.iter_mut().zip(column) {
            *value = exp_near_zero(factor * x);
        }
    } else {
        for (value, x) in out.iter_mut().zip(column) {
            *value = exp(factor * x);
        }
    }
}

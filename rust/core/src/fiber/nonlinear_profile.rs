//! Power profile of each channel along a span under inter-channel Raman scattering.

use super::nonlinear::ChainSpan;
use super::nonlinear_comb::Comb;

/// Nodes and weights of Gauss-Legendre quadrature on (0, 1).
const RULE: [(f64, f64); 6] = [
    (0.033_765_242_898_423_99, 0.085_662_246_189_585_17),
    (0.169_395_306_766_867_74, 0.180_380_786_524_069_3),
    (0.380_690_406_958_401_55, 0.233_956_967_286_345_52),
    (0.619_309_593_041_598_5, 0.233_956_967_286_345_52),
    (0.830_604_693_233_132_3, 0.180_380_786_524_069_3),
    (0.966_234_757_101_576, 0.085_662_246_189_585_17),
];

/// Power of one channel along a span relative to its start: c0 e^(-a z) + c1 e^(-2 a z) with the attenuation a of the fiber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Profile {
    pub single: f64,
    pub double: f64,
}

impl Profile {
    /// The plain decay.
    pub(super) const PLAIN: Self = Self { single: 1.0, double: 0.0 };

    /// Factors of the three products of decays in the square of the profile.
    pub(super) fn squares(self) -> [f64; 3] {
        [self.single * self.single, 2.0 * self.single * self.double, self.double * self.double]
    }

    /// Value of a square from its three products.
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
    let mut sums = vec![(0.0, 0.0); order.len()];
    let mut shifts = vec![0.0; order.len()];
    for (place, weight) in RULE {
        let s = least + place * (1.0 - least);
        let exponent = -raman_per_hz * (1.0 - s);
        let mut all = 0.0;
        for (shift, &channel) in shifts.iter_mut().zip(order) {
            *shift = (exponent * comb.channels()[channel].offset_hz).exp();
            all += span.powers_w[channel] * *shift;
        }
        for ((sum, &shift), &channel) in sums.iter_mut().zip(&shifts).zip(order) {
            let own = span.attenuations_per_m.get(channel).copied().unwrap_or(fiber.attenuation_per_m);
            let decay = if own == fiber.attenuation_per_m { s } else { s.powf(own / fiber.attenuation_per_m) };
            let rho = weight * (1.0 - least) * decay * if all > 0.0 { shift * total_w / all } else { 1.0 };
            sum.0 += rho;
            sum.1 += rho * (s - center);
        }
    }
    sums.into_iter()
        .map(|(level, slope)| {
            let double = slope / spread;
            Profile { single: level / first - double * center, double }
        })
        .collect()
}

//! Four-wave mixing of the lanes of one fiber around its zero-dispersion wavelength.

use crate::error::{Error, Result, require_finite, require_positive};
use crate::units::SPEED_OF_LIGHT_M_PER_S;
use std::f64::consts::PI;

/// One lane at the input of the fiber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixingLane {
    /// Optical frequency.
    pub frequency_hz: f64,
    /// Average power.
    pub power_w: f64,
}

/// One piece of fiber, in the order that light passes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixingSpan {
    /// Power attenuation, common to all lanes.
    pub attenuation_per_m: f64,
    /// Length.
    pub length_m: f64,
    /// Kerr coefficient.
    pub gamma_per_w_m: f64,
    /// Zero-dispersion wavelength.
    pub zero_dispersion_m: f64,
    /// Dispersion slope there.
    pub zero_slope_s_per_m3: f64,
    /// Power that is lost in front of this piece besides, as of connectors: transmission, 1 for none.
    pub transmission_ratio: f64,
}

/// One mixing product that falls on a lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixingProduct {
    /// Lanes i, j and k of the product f_i + f_j - f_k; i = j where it is degenerate.
    pub lane_indices: [usize; 3],
    /// Lane on which it falls.
    pub victim_index: usize,
    /// Distance of the product from the victim.
    pub offset_hz: f64,
    /// |integral over the line|^2 over what it would be without phase mismatch.
    pub efficiency_ratio: f64,
    /// Power of the product over that of the victim at the end of the line, all waves in one polarization.
    pub power_ratio: f64,
}

impl MixingProduct {
    /// Whether two of the three waves are the same.
    pub fn is_degenerate(&self) -> bool {
        self.lane_indices[0] == self.lane_indices[1]
    }
}

/// Propagation constant of the O band up to terms that are linear in frequency, from D = S0/4 (lambda - lambda0^4/lambda^3).
///
/// # Algorithm
/// The group delay is S0/8 (lambda - lambda0^2/lambda)^2; integrated over angular frequency, with u = lambda/lambda0, it is
/// beta = -(pi c S0 lambda0/4) (u + 2/u - 1/(3 u^3)) plus a constant and a linear term.
///
/// # References
/// ITU-T G.652 (2016), 6.10.
pub fn zero_dispersion_phase_per_m(frequency_hz: f64, zero_dispersion_m: f64, zero_slope_s_per_m3: f64) -> f64 {
    let u = SPEED_OF_LIGHT_M_PER_S / (frequency_hz * zero_dispersion_m);
    // The constant 8/3 is what the bracket is at u = 1; without it products of four phases lose their last digits.
    let bracket = u + 2.0 / u - 1.0 / (3.0 * u.powi(3)) - 8.0 / 3.0;
    -0.25 * PI * SPEED_OF_LIGHT_M_PER_S * zero_slope_s_per_m3 * zero_dispersion_m * bracket
}

/// Every product of the lanes that falls within `window_hz` of a lane.
///
/// # Algorithm
/// 1. All i <= j and k different from both with f = f_i + f_j - f_k; the victim is the nearest lane other than where the
///    product is one of its own waves, kept if it is within the window.
/// 2. Phase mismatch from the dispersion of each piece: db = b(f_i) + b(f_j) - b(f_k) - b(f), exact for the description of
///    G.652; equal to (2 pi lambda^2/c)(f_i - f_k)(f_j - f_k) D where D is constant.
/// 3. Power over the victim's: (d/3)^2 P_i P_j P_k/P_v |sum over pieces of gamma T exp(j phi)(1 - exp((-a + j db) L))/
///    (a - j db)|^2, with d = 3 degenerate and 6 else, T the transmission from the input to the piece and phi the mismatch
///    accumulated up to it.
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range.
///
/// # References
/// Inoue 1992, doi 10.1109/50.156882 (efficiency); Agrawal 2013, Nonlinear Fiber Optics, ch. 10.
pub fn four_wave_mixing(spans: &[MixingSpan], lanes: &[MixingLane], window_hz: f64) -> Result<Vec<MixingProduct>> {
    check(spans, lanes)?;
    require_positive("window_hz", window_hz)?;
    let mut products = Vec::new();
    let frequency_hz: Vec<f64> = lanes.iter().map(|lane| lane.frequency_hz).collect();
    visit_products(&frequency_hz, window_hz, |[i, j, k], victim_index, offset_hz| {
        let (field, ideal) = mix(spans, [i, j, k].map(|lane| frequency_hz[lane]));
        let degeneracy = if i == j { 1.0 } else { 2.0 };
        let powers = lanes[i].power_w * lanes[j].power_w * lanes[k].power_w / lanes[victim_index].power_w;
        products.push(MixingProduct {
            lane_indices: [i, j, k],
            victim_index,
            offset_hz,
            efficiency_ratio: if ideal > 0.0 { field / (ideal * ideal) } else { 0.0 },
            power_ratio: degeneracy * degeneracy * powers * field,
        });
    });
    Ok(products)
}

/// Calls `visit` with waves, victim and distance of every product that falls within `window_hz` of a lane.
pub(super) fn visit_products(lanes_hz: &[f64], window_hz: f64, mut visit: impl FnMut([usize; 3], usize, f64)) {
    for i in 0..lanes_hz.len() {
        for j in i..lanes_hz.len() {
            for k in (0..lanes_hz.len()).filter(|&k| k != i && k != j) {
                let frequency_hz = lanes_hz[i] + lanes_hz[j] - lanes_hz[k];
                let nearest = (0..lanes_hz.len()).min_by(|&a, &b| {
                    let distance = |lane: usize| (lanes_hz[lane] - frequency_hz).abs();
                    distance(a).total_cmp(&distance(b))
                });
                let Some(victim_index) = nearest else { continue };
                let offset_hz = frequency_hz - lanes_hz[victim_index];
                if offset_hz.abs() <= window_hz {
                    visit([i, j, k], victim_index, offset_hz);
                }
            }
        }
    }
}

/// Phase mismatch of the product f_i + f_j - f_k with its waves.
pub(super) fn mismatch_per_m(span: &MixingSpan, [fi, fj, fk]: [f64; 3]) -> f64 {
    let beta =
        |frequency_hz| zero_dispersion_phase_per_m(frequency_hz, span.zero_dispersion_m, span.zero_slope_s_per_m3);
    beta(fi) + beta(fj) - beta(fk) - beta(fi + fj - fk)
}

/// |integral|^2 of gamma T exp(j phase) over the line, and the integral without phase.
fn mix(spans: &[MixingSpan], waves_hz: [f64; 3]) -> (f64, f64) {
    let (mut real, mut imaginary, mut ideal) = (0.0, 0.0, 0.0);
    let (mut transmission, mut phase) = (1.0, 0.0f64);
    for span in spans {
        let mismatch_per_m = mismatch_per_m(span, waves_hz);
        transmission *= span.transmission_ratio;
        let (a, length) = (span.attenuation_per_m, span.length_m);
        let weight = span.gamma_per_w_m * transmission;
        let left = (-a * length).exp();
        let (x, y) = integral(a, mismatch_per_m, length);
        real += weight * (phase.cos() * x - phase.sin() * y);
        imaginary += weight * (phase.sin() * x + phase.cos() * y);
        ideal += weight * integral(a, 0.0, length).0;
        phase += mismatch_per_m * length;
        transmission *= left;
    }
    (real * real + imaginary * imaginary, ideal)
}

/// Integral of exp((-a + j b) z) from 0 to `length_m`.
fn integral(attenuation_per_m: f64, mismatch_per_m: f64, length_m: f64) -> (f64, f64) {
    let (a, b) = (attenuation_per_m, mismatch_per_m);
    if (a * length_m).abs().max((b * length_m).abs()) < 1e-6 {
        return (length_m * (1.0 - 0.5 * a * length_m), 0.5 * b * length_m * length_m);
    }
    let left = (-a * length_m).exp();
    let (sine, cosine) = (b * length_m).sin_cos();
    let (x, y) = (1.0 - left * cosine, -left * sine);
    // (x + j y)/(a - j b).
    let norm = a * a + b * b;
    ((x * a - y * b) / norm, (x * b + y * a) / norm)
}

fn check(spans: &[MixingSpan], lanes: &[MixingLane]) -> Result<()> {
    for span in spans {
        check_span(span)?;
    }
    for lane in lanes {
        require_positive("frequency_hz", lane.frequency_hz)?;
        require_positive("power_w", lane.power_w)?;
    }
    Ok(())
}

/// Refuses a piece of fiber that cannot be.
pub(super) fn check_span(span: &MixingSpan) -> Result<()> {
    for (name, value) in [
        ("attenuation_per_m", span.attenuation_per_m),
        ("length_m", span.length_m),
        ("gamma_per_w_m", span.gamma_per_w_m),
        ("zero_slope_s_per_m3", span.zero_slope_s_per_m3),
    ] {
        if require_finite(name, value)? < 0.0 {
            return Err(Error::parameter(name, value, "0 or above"));
        }
    }
    require_positive("zero_dispersion_m", span.zero_dispersion_m)?;
    require_positive("transmission_ratio", span.transmission_ratio)?;
    Ok(())
}

/// Share of a co-polarized product's power that four polarization states leave in the victim's polarization.
///
/// # Algorithm
/// With unit Jones vectors a, b (waves i, j), c (wave k) and v (victim), and the factor 8/9 of a fiber whose birefringence
/// turns quickly: |v* . ((c* . a) b + (c* . b) a)/2|^2 (8/9)^2. The mean over independent random states is (3/16)(8/9)^2,
/// for a degenerate product (1/4)(8/9)^2.
///
/// # References
/// Inoue 1992, doi 10.1109/50.156882 (polarization); Wai and Menyuk 1996, doi 10.1109/50.482766 (8/9).
pub fn mixing_polarization_ratio(stokes: &[[f64; 3]; 4]) -> f64 {
    let [a, b, c, v] = stokes.map(jones);
    let (ca, cb) = (inner(&c, &a), inner(&c, &b));
    let field: [(f64, f64); 2] = std::array::from_fn(|axis| {
        let (first, second) = (times(ca, b[axis]), times(cb, a[axis]));
        (0.5 * (first.0 + second.0), 0.5 * (first.1 + second.1))
    });
    let (x, y) = inner(&v, &field);
    (x * x + y * y) * (8.0f64 / 9.0).powi(2)
}

type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// conj(a) . b
fn inner(a: &[Complex; 2], b: &[Complex; 2]) -> Complex {
    let parts = [0, 1].map(|axis| times((a[axis].0, -a[axis].1), b[axis]));
    (parts[0].0 + parts[1].0, parts[0].1 + parts[1].1)
}

/// Unit Jones vector of a point of the Poincare sphere.
fn jones([s1, s2, s3]: [f64; 3]) -> [Complex; 2] {
    let x = (0.5 * (1.0 + s1)).max(0.0).sqrt();
    if x < 1e-9 {
        return [(0.0, 0.0), (1.0, 0.0)];
    }
    [(x, 0.0), (0.5 * s2 / x, 0.5 * s3 / x)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::zero_dispersion_formula;
    use crate::units::{from_dbm, to_db};

    fn span(zero_dispersion_m: f64) -> MixingSpan {
        MixingSpan {
            attenuation_per_m: 0.35e-3 * std::f64::consts::LN_10 / 10.0,
            length_m: 10e3,
            gamma_per_w_m: 1.5e-3,
            zero_dispersion_m,
            zero_slope_s_per_m3: 93.0,
            transmission_ratio: 1.0,
        }
    }

    fn grid(first_hz: f64, spacing_hz: f64, count: u32, power_dbm: f64) -> Vec<MixingLane> {
        (0..count)
            .map(|k| MixingLane { frequency_hz: first_hz + f64::from(k) * spacing_hz, power_w: from_dbm(power_dbm) })
            .collect()
    }

    #[test]
    fn the_phase_is_the_integral_of_the_dispersion() {
        let (zero, slope) = (1312e-9, 90.0);
        let (f, step) = (229.0e12, 50e9);
        let beta = |f: f64| zero_dispersion_phase_per_m(f, zero, slope);
        // beta2 by a second difference against D at the same wavelength.
        let beta2 = (beta(f + step) - 2.0 * beta(f) + beta(f - step)) / (2.0 * PI * step).powi(2);
        let lambda = SPEED_OF_LIGHT_M_PER_S / f;
        let expected =
            -zero_dispersion_formula(lambda, zero, slope) * lambda * lambda / (2.0 * PI * SPEED_OF_LIGHT_M_PER_S);
        assert!((beta2 / expected - 1.0).abs() < 1e-4, "{beta2} {expected}");
    }

    #[test]
    fn products_in_phase_have_the_closed_form() {
        // 4 lanes 10 MHz apart: no mismatch to speak of; the product 1 + 2 - 0 falls on lane 3.
        let lanes = grid(229e12, 10e6, 4, 3.0);
        let products = four_wave_mixing(&[span(1310e-9)], &lanes, 1.0).unwrap();
        let one = products.iter().find(|p| p.lane_indices == [1, 2, 0] && p.victim_index == 3).unwrap();
        assert!((one.efficiency_ratio - 1.0).abs() < 1e-6);
        let a = span(1310e-9).attenuation_per_m;
        let effective = (1.0 - (-a * 10e3f64).exp()) / a;
        let expected = to_db((2.0 * 1.5e-3 * from_dbm(3.0) * effective).powi(2));
        assert!((to_db(one.power_ratio) - expected).abs() < 1e-6);
        let degenerate = products.iter().find(|p| p.lane_indices == [1, 1, 0] && p.victim_index == 2).unwrap();
        assert!((to_db(one.power_ratio / degenerate.power_ratio) - 6.0206).abs() < 1e-3);
    }

    #[test]
    fn a_line_in_pieces_is_the_line() {
        let lanes = grid(228.6e12, 400e9, 4, 4.0);
        let whole = four_wave_mixing(&[span(1309e-9)], &lanes, 50e9).unwrap();
        let piece = |length_m| MixingSpan { length_m, ..span(1309e-9) };
        let cut = four_wave_mixing(&[piece(3e3), piece(2e3), piece(5e3)], &lanes, 50e9).unwrap();
        assert_eq!(whole.len(), cut.len());
        for (one, other) in whole.iter().zip(&cut) {
            assert!((one.power_ratio / other.power_ratio - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn polarization_of_equal_and_crossed_states() {
        let x = [1.0, 0.0, 0.0];
        let scale = (8.0f64 / 9.0).powi(2);
        assert!((mixing_polarization_ratio(&[x; 4]) / scale - 1.0).abs() < 1e-12);
        assert!(mixing_polarization_ratio(&[x, x, [-1.0, 0.0, 0.0], x]) < 1e-15);
        assert!(mixing_polarization_ratio(&[x, x, x, [-1.0, 0.0, 0.0]]) < 1e-15);
    }

    #[test]
    fn refuses_nonsense() {
        let lanes = grid(228.6e12, 400e9, 4, 4.0);
        assert!(four_wave_mixing(&[MixingSpan { length_m: -1.0, ..span(1310e-9) }], &lanes, 50e9).is_err());
        assert!(four_wave_mixing(&[span(1310e-9)], &lanes, 0.0).is_err());
    }
}

//! Bit error ratio of two-ring 8QAM by integration over its decision regions.

use crate::signal::Modulation;
use crate::units::{from_db, to_db};
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Directions of the trapezoid rule around a sent point; the error is below 1e-4 dB.
const DIRECTIONS: usize = 360;
/// Grid of the table: -10 to 25 dB in steps of 1/16 dB.
const TABLE_START_DB: f64 = -10.0;
const TABLE_STEP_DB: f64 = 0.0625;
const TABLE_POINTS: usize = 561;

/// Bit error ratio at Es/N0 `snr_ratio` by direct integration.
///
/// # Algorithm
/// 1. From the sent point a ray in direction theta crosses each (convex) decision region in one interval [r1, r2].
/// 2. P(region) = mean over theta of exp(-r1^2/N0) - exp(-r2^2/N0).
/// 3. Weigh by the Hamming distance of the labels. A quarter turn maps each ring on itself and keeps all distances of the
///    labels, so that one sent point stands for its ring.
fn integrate(snr_ratio: f64) -> f64 {
    let points = Modulation::EightQam.points();
    let noise = 1.0 / snr_ratio;
    let mut errors = 0.0;
    for sent in [0, 4] {
        let (sx, sy) = (points[sent].in_phase_ratio, points[sent].quadrature_ratio);
        for step in 0..DIRECTIONS {
            let theta = 2.0 * PI * (step as f64 + 0.5) / DIRECTIONS as f64;
            let (ux, uy) = (theta.cos(), theta.sin());
            for (decided, point) in points.iter().enumerate() {
                let (dx, dy) = (point.in_phase_ratio, point.quadrature_ratio);
                let weight = (points[sent].label ^ point.label).count_ones();
                if weight == 0 {
                    continue;
                }
                let (mut near, mut far) = (0.0f64, f64::INFINITY);
                for (other, rival) in points.iter().enumerate() {
                    if other == decided {
                        continue;
                    }
                    let (ox, oy) = (rival.in_phase_ratio, rival.quadrature_ratio);
                    let (nx, ny) = (ox - dx, oy - dy);
                    let slope = nx * ux + ny * uy;
                    let distance = nx * (0.5 * (ox + dx) - sx) + ny * (0.5 * (oy + dy) - sy);
                    if slope > 0.0 {
                        far = far.min(distance / slope);
                    } else if slope < 0.0 {
                        near = near.max(distance / slope);
                    } else if distance < 0.0 {
                        far = -1.0;
                    }
                }
                if far > near {
                    errors += f64::from(weight) * ((-near * near / noise).exp() - (-far * far / noise).exp());
                }
            }
        }
    }
    errors / (2.0 * 3.0 * DIRECTIONS as f64)
}

/// ln BER over the SNR in dB, computed once.
static TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| {
    (0..TABLE_POINTS)
        .map(|index| integrate(from_db(TABLE_START_DB + index as f64 * TABLE_STEP_DB)).max(1e-320).ln())
        .collect()
});

/// Bit error ratio at Es/N0 `snr_ratio`, by cubic interpolation of ln BER over the SNR in dB.
///
/// Outside -10 to 25 dB the integral itself is taken.
pub(super) fn bit_error_ratio(snr_ratio: f64) -> f64 {
    let position = (to_db(snr_ratio) - TABLE_START_DB) / TABLE_STEP_DB;
    if !(position >= 1.0 && position < (TABLE_POINTS - 2) as f64) {
        return if snr_ratio == 0.0 { 0.5 } else { integrate(snr_ratio) };
    }
    let index = position as usize;
    let t = position - index as f64;
    let (a, b, c, d) = (TABLE[index - 1], TABLE[index], TABLE[index + 1], TABLE[index + 2]);
    // Four-point Lagrange interpolation.
    let value = -a * t * (t - 1.0) * (t - 2.0) / 6.0 + b * (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0
        - c * (t + 1.0) * t * (t - 2.0) / 2.0
        + d * (t + 1.0) * t * (t - 1.0) / 6.0;
    value.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_agrees_with_the_integral() {
        for snr_db in [-5.03, 3.31, 10.339, 11.07, 15.02, 19.97] {
            let (table, exact) = (bit_error_ratio(from_db(snr_db)), integrate(from_db(snr_db)));
            assert!((table / exact - 1.0).abs() < 1e-6, "{snr_db}: {table} {exact}");
        }
    }

    #[test]
    fn high_snr_tends_to_the_nearest_neighbor_bound() {
        // The union bound with the labels' distances is tight.
        let points = Modulation::EightQam.points();
        let snr = from_db(18.0);
        let sigma = (0.5 / snr).sqrt();
        let mut bound = 0.0;
        for a in &points {
            for b in points.iter().filter(|b| b.label != a.label) {
                let distance = (a.in_phase_ratio - b.in_phase_ratio).hypot(a.quadrature_ratio - b.quadrature_ratio);
                bound +=
                    f64::from((a.label ^ b.label).count_ones()) * crate::special::q_function(0.5 * distance / sigma);
            }
        }
        bound /= 24.0;
        let exact = bit_error_ratio(snr);
        assert!(exact <= bound && exact > 0.97 * bound, "{exact} {bound}");
    }
}

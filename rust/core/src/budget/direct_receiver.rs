//! The receiver of a direct-detect mode: as noisy as the mode's stressed sensitivity allows.

use super::direct_tables::DirectModes;
use crate::metrics::{EqualizedEye, pam4_target_q};
use crate::optics::{Photodetector, average_over_oma};
use crate::special::{find_root, inverse_q_function};
use crate::units::{from_db, from_dbm, to_db};

/// Receiver noise bandwidth over the symbol rate, as of a fourth-order Bessel-Thomson receiver at half the symbol rate.
const NOISE_BANDWIDTH_RATIO: f64 = 0.52;
/// Steps after which the search for the FEC margin gives way to bisection.
const SECANT_STEPS: usize = 12;

/// A receiver whose thermal noise closes its mode's sensitivity.
#[derive(Clone, Copy)]
pub(super) struct Receiver {
    detector: Photodetector,
    bandwidth_hz: f64,
    thermal_noise_a2: f64,
    /// Relative intensity noise of the light in the bandwidth.
    intensity_noise_ratio: f64,
    target_ser_ratio: f64,
    target_q: f64,
    /// What multipath interference and DGD close of the eye.
    closure_ratio: f64,
    /// Powers of the levels less their average, over the outer OMA.
    levels: [f64; 4],
}

impl Receiver {
    /// `None` where the mode lacks a figure, or where shot noise alone exceeds what the sensitivity allows.
    ///
    /// # Algorithm
    /// 1. The standard's stressed test: a signal of the OMA A - IL + TDECQ_max whose eye TDECQ_max and X have closed, without
    ///    intensity noise of its own, which TDECQ holds already.
    /// 2. The thermal noise with which its symbol error ratio is the target.
    pub(super) fn of(modes: &DirectModes<'_>, mode: usize) -> Option<Self> {
        let sensitivity_dbm =
            modes.oma_less_tdecq_min_dbm[mode] - modes.insertion_loss_max_db[mode] - modes.mpi_dgd_allocation_db[mode];
        let average_over_oma = average_over_oma(modes.extinction_ratio_db[mode]);
        if !(sensitivity_dbm.is_finite() && average_over_oma.is_finite()) {
            return None;
        }
        let tdecq_max_db = modes.tdecq_max_db[mode];
        let stressed_db = if tdecq_max_db.is_nan() { 0.0 } else { tdecq_max_db };
        let mut receiver = Self {
            detector: Photodetector {
                responsivity_a_per_w: modes.responsivity_a_per_w[mode],
                gain_ratio: modes.gain_ratio[mode],
                ionization_ratio: modes.ionization_ratio[mode],
                dark_current_a: modes.dark_current_a[mode],
            },
            bandwidth_hz: NOISE_BANDWIDTH_RATIO * modes.symbol_rate_hz[mode],
            thermal_noise_a2: 0.0,
            intensity_noise_ratio: 0.0,
            target_ser_ratio: modes.target_ser_ratio[mode],
            target_q: pam4_target_q(modes.target_ser_ratio[mode]).ok()?,
            closure_ratio: from_db(-modes.mpi_dgd_allocation_db[mode]),
            levels: [-0.5, -1.0 / 6.0, 1.0 / 6.0, 0.5],
        };
        let oma_w = from_dbm(sensitivity_dbm + stressed_db + modes.mpi_dgd_allocation_db[mode]);
        let average_w = average_over_oma * oma_w;
        let eye = EqualizedEye::ideal(stressed_db);
        let spread = receiver.detector.current_a(oma_w);
        let excess = |sigma: f64| {
            let trial = Self { thermal_noise_a2: sigma * sigma, ..receiver };
            trial.symbol_error_ratio(&eye, oma_w, average_w).max(1e-300).ln() - receiver.target_ser_ratio.ln()
        };
        let sigma = find_root(excess, 0.0, spread, 1e-14).ok()?;
        receiver.thermal_noise_a2 = sigma * sigma;
        Some(receiver)
    }

    /// The same receiver for a transmitter with intensity noise and uneven levels of its own.
    pub(super) fn with_transmitter(self, rin_db_per_hz: f64, level_mismatch_ratio: f64) -> Self {
        let rin = if rin_db_per_hz.is_nan() { 0.0 } else { from_db(rin_db_per_hz) * self.bandwidth_hz };
        let inner = if level_mismatch_ratio.is_nan() { 1.0 } else { level_mismatch_ratio } / 6.0;
        Self { intensity_noise_ratio: rin, levels: [-0.5, -inner, inner, 0.5], ..self }
    }

    /// The same receiver on a path that closes the eye by another penalty than X.
    pub(super) fn with_penalty(self, penalty_db: f64) -> Self {
        Self { closure_ratio: from_db(-penalty_db), ..self }
    }

    /// SER of an eye at an outer OMA and average power.
    pub(super) fn symbol_error_ratio(&self, eye: &EqualizedEye, oma_w: f64, average_w: f64) -> f64 {
        let swing_a = self.detector.current_a(oma_w) * self.closure_ratio;
        let sigma = self.levels.map(|level| {
            let power_w = (average_w + oma_w * level).max(0.0);
            let current_a = self.detector.current_a(power_w);
            let variance_a2 = self.thermal_noise_a2
                + self.detector.shot_noise_a2(power_w, self.bandwidth_hz)
                + self.intensity_noise_ratio * current_a * current_a;
            variance_a2.sqrt() / swing_a
        });
        eye.symbol_error_ratio(sigma)
    }

    /// Whether the SER is at most the target, rounding left aside.
    pub(super) fn meets_target(&self, eye: &EqualizedEye, oma_w: f64, average_w: f64) -> bool {
        self.symbol_error_ratio(eye, oma_w, average_w) <= self.target_ser_ratio * (1.0 + 1e-9)
    }

    /// Optical dB that can be lost before the target SER; NaN where no power reaches it.
    ///
    /// # Algorithm
    /// 1. Q of the SER grows with the received power, in proportion where noise is thermal: the first step is 10 log10 of Q
    ///    over the target Q, the next ones are secants of ln Q over the loss.
    /// 2. Where they do not settle, bisection within 40 dB both ways.
    pub(super) fn fec_margin_db(&self, eye: &EqualizedEye, oma_w: f64, average_w: f64) -> f64 {
        let ratio_at = |loss_db: f64| {
            let left = from_db(-loss_db);
            self.symbol_error_ratio(eye, oma_w * left, average_w * left)
        };
        let excess_db = |loss_db: f64| {
            let q = inverse_q_function(ratio_at(loss_db) / 1.5).unwrap_or(f64::NAN);
            to_db(q / self.target_q)
        };
        let (mut at, mut excess) = (0.0, excess_db(0.0));
        let mut slope = -1.0;
        for _ in 0..SECANT_STEPS {
            if !excess.is_finite() || slope > -0.05 {
                break;
            }
            let next = at - excess / slope;
            let next_excess = excess_db(next);
            if (next - at).abs() < 1e-10 {
                return next;
            }
            slope = (next_excess - excess) / (next - at);
            (at, excess) = (next, next_excess);
        }
        let target = self.target_ser_ratio.ln();
        find_root(|loss_db| ratio_at(loss_db).max(1e-300).ln() - target, -40.0, 40.0, 1e-13).unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::super::direct_tables::one_mode;
    use super::*;

    #[test]
    fn a_receiver_meets_its_own_target() {
        for gain_ratio in [1.0, 6.0] {
            let columns = one_mode(gain_ratio);
            let receiver = Receiver::of(&columns.view(), 0).unwrap();
            // A -1.7, IL 4.0, X 0.3, TDECQ 3.4 dB at most.
            let oma_w = from_dbm(-1.7 + 3.4 - 4.0);
            let average_w = oma_w * average_over_oma(4.5);
            let eye = EqualizedEye::ideal(3.4);
            assert!((receiver.symbol_error_ratio(&eye, oma_w, average_w) / 4.8e-4 - 1.0).abs() < 1e-9);
            assert!(receiver.fec_margin_db(&eye, oma_w, average_w).abs() < 1e-9);
            let margin = receiver.fec_margin_db(&eye, oma_w * from_db(2.0), average_w * from_db(2.0));
            assert!((margin - 2.0).abs() < 1e-8, "{margin}");
            let better = EqualizedEye::ideal(2.4);
            let margin = receiver.fec_margin_db(&better, oma_w, average_w);
            // Thermal noise alone gives the decibel back; an APD's shot noise keeps some of it.
            assert!(if gain_ratio > 1.0 { (0.7..1.0).contains(&margin) } else { (margin - 1.0).abs() < 0.05 });
        }
    }

    #[test]
    fn noise_of_the_light_costs() {
        let receiver = Receiver::of(&one_mode(1.0).view(), 0).unwrap();
        let oma_w = from_dbm(-3.0);
        let average_w = oma_w * average_over_oma(4.5);
        let eye = EqualizedEye::ideal(1.0);
        let noisy = receiver.with_transmitter(-140.0, 1.0);
        assert!(noisy.fec_margin_db(&eye, oma_w, average_w) < receiver.fec_margin_db(&eye, oma_w, average_w));
        assert!(receiver.with_transmitter(-120.0, 1.0).fec_margin_db(&eye, oma_w, average_w).is_nan());
    }
}

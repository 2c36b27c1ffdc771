//! The receiver of a direct-detect mode: as noisy as the mode's stressed sensitivity allows.

use super::direct_front_end::DirectFrontEnd;
use super::direct_gain::{Gain, GainBounds};
use super::direct_tables::DirectModes;
use crate::metrics::{EqualizedEye, NoiseLevels, pam4_target_q};
use crate::optics::{Photodetector, average_over_oma};
use crate::special::find_root;
use crate::units::{from_db, from_dbm, to_db};

/// Receiver noise bandwidth over the symbol rate, as of a fourth-order Bessel-Thomson receiver at half the symbol rate.
const NOISE_BANDWIDTH_RATIO: f64 = 0.52;
/// d ln sqrt(-ln SER) over dB where Q is in proportion to the light, about the target.
const THERMAL_SLOPE_PER_DB: f64 = -0.36;
/// Steps after which the search for the FEC margin gives way to bisection.
const SECANT_STEPS: usize = 12;

/// A receiver whose thermal noise closes its mode's sensitivity.
#[derive(Clone, Copy)]
pub(super) struct Receiver {
    /// With the gain at the stressed sensitivity.
    detector: Photodetector,
    /// How far the gain follows the light; `None` where it is what the mode states.
    gain_bounds: Option<GainBounds>,
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
    /// `None` where the mode lacks a figure, among them those that decide a gain which it does not state, or where shot
    /// noise alone exceeds what the sensitivity allows.
    ///
    /// # Algorithm
    /// 1. The standard's stressed test: a signal of the OMA A - IL + TDECQ_max whose eye TDECQ_max and X have closed, without
    ///    intensity noise of its own, which TDECQ holds already.
    /// 2. The thermal noise with which its symbol error ratio is the target. A gain that the mode does not state is the best
    ///    one for that noise and light: the more thermal noise, the greater the gain and the error ratio all the same.
    pub(super) fn of(modes: &DirectModes<'_>, mode: usize) -> Option<Self> {
        let sensitivity_dbm =
            modes.oma_less_tdecq_min_dbm[mode] - modes.insertion_loss_max_db[mode] - modes.mpi_dgd_allocation_db[mode];
        let average_over_oma = average_over_oma(modes.extinction_ratio_db[mode]);
        if !(sensitivity_dbm.is_finite() && average_over_oma.is_finite()) {
            return None;
        }
        let tdecq_max_db = modes.tdecq_max_db[mode];
        let stressed_db = if tdecq_max_db.is_nan() { 0.0 } else { tdecq_max_db };
        let gain_bounds = Gain::of(modes, mode)?.bounds();
        let mut receiver = Self {
            detector: Photodetector {
                responsivity_a_per_w: modes.responsivity_a_per_w[mode],
                gain_ratio: gain_bounds.map_or(modes.gain_ratio[mode], |bounds| bounds.greatest_ratio),
                ionization_ratio: modes.ionization_ratio[mode],
                dark_current_a: modes.dark_current_a[mode],
            },
            gain_bounds,
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
        receiver.detector = receiver.detector_for(oma_w, average_w);
        Some(receiver)
    }

    /// The photodetector with the gain that it has for an outer OMA and average power.
    fn detector_for(&self, oma_w: f64, average_w: f64) -> Photodetector {
        self.gain_bounds.map_or(self.detector, |bounds| {
            bounds.set_gain(self.detector, (oma_w, average_w), self.thermal_noise_a2, self.bandwidth_hz)
        })
    }

    /// What a model that samples the receiver reads.
    pub(super) fn in_light(&self, oma_w: f64, average_w: f64) -> DirectFrontEnd {
        DirectFrontEnd {
            detector: self.detector_for(oma_w, average_w),
            thermal_noise_a2: self.thermal_noise_a2,
            bandwidth_hz: self.bandwidth_hz,
        }
    }

    /// The same receiver with the gain of its sensitivity, whatever the light; `None` where it has no other.
    pub(super) fn with_gain_held(self) -> Option<Self> {
        self.gain_bounds.map(|_| Self { gain_bounds: None, ..self })
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
        let detector = self.detector_for(oma_w, average_w);
        let swing_a = detector.current_a(oma_w) * self.closure_ratio;
        if let Some(levels) = &eye.noise_levels {
            let sigma = std::array::from_fn(|level| {
                self.mixed_deviation_a(&detector, (oma_w, average_w), levels, level) / swing_a
            });
            return eye.symbol_error_ratio(sigma);
        }
        eye.symbol_error_ratio(
            self.levels.map(|level| self.deviation_a(&detector, average_w + oma_w * level) / swing_a),
        )
    }

    /// Standard deviation of the current of a level.
    fn deviation_a(&self, detector: &Photodetector, power_w: f64) -> f64 {
        let power_w = power_w.max(0.0);
        let current_a = detector.current_a(power_w);
        let variance_a2 = self.thermal_noise_a2
            + detector.shot_noise_a2(power_w, self.bandwidth_hz)
            + self.intensity_noise_ratio * current_a * current_a;
        variance_a2.sqrt()
    }

    /// The same of a level whose noise comes from the light of its neighbors too.
    fn mixed_deviation_a(
        &self,
        detector: &Photodetector,
        (oma_w, average_w): (f64, f64),
        levels: &NoiseLevels,
        level: usize,
    ) -> f64 {
        let (power, square) = (levels.power_ratio[level], levels.square_ratio[level]);
        let power_w = (average_w + oma_w * power).max(0.0);
        let square_w2 = average_w * average_w + 2.0 * average_w * oma_w * power + oma_w * oma_w * square;
        let current_a = detector.current_a(square_w2.max(0.0).sqrt());
        let variance_a2 = self.thermal_noise_a2
            + detector.shot_noise_a2(power_w, self.bandwidth_hz)
            + self.intensity_noise_ratio * current_a * current_a;
        variance_a2.sqrt()
    }

    /// Whether the SER is at most the target, rounding left aside.
    pub(super) fn meets_target(&self, eye: &EqualizedEye, oma_w: f64, average_w: f64) -> bool {
        self.symbol_error_ratio(eye, oma_w, average_w) <= self.target_ser_ratio * (1.0 + 1e-9)
    }

    /// Whether the SER is below the target for sure; costs two roots and no error function.
    ///
    /// Noise grows with the level, so that the mean of the upper two is the most that an eye sees: where all levels alike
    /// could have it, the target holds. A distance of 2 % covers what interpolation does to that.
    pub(super) fn surely_meets_target(&self, level_noise_ratio: f64, oma_w: f64, average_w: f64) -> bool {
        let [.., third, top] = self.levels.map(|level| average_w + oma_w * level);
        let detector = self.detector_for(oma_w, average_w);
        let most_a = 0.5 * (self.deviation_a(&detector, third) + self.deviation_a(&detector, top));
        let swing_a = detector.current_a(oma_w) * self.closure_ratio;
        most_a * 6.0 * self.target_q < 0.98 * level_noise_ratio * swing_a
    }

    /// Optical dB that can be lost before the target SER, from where the SER is `here`; NaN where no power reaches it.
    ///
    /// # Algorithm
    /// 1. First guess: the share l of the light at which thermal noise and the mean shot noise, which falls with l, are what
    ///    the eye bears: thermal + shot l = (OMA l/(6 Q_t TDECQ))^2.
    /// 2. Secants of ln sqrt(-ln(SER/1.5)), which is nearly straight over the decibels, until a step is below 1e-6 dB; its
    ///    own error is then below 1e-9.
    /// 3. Where they do not settle, bisection within 40 dB both ways.
    pub(super) fn fec_margin_db(&self, eye: &EqualizedEye, oma_w: f64, average_w: f64, here: f64) -> f64 {
        let ratio_at = |loss_db: f64| {
            let left = from_db(-loss_db);
            self.symbol_error_ratio(eye, oma_w * left, average_w * left)
        };
        let target = (-(self.target_ser_ratio / 1.5).ln()).ln();
        let excess = |ratio: f64| (-(ratio.max(1e-300) / 1.5).ln()).ln() - target;
        let (mut before, mut excess_before) = (0.0, excess(here));
        let mut at = self.guess_margin_db(eye, oma_w, average_w);
        for step in 0..SECANT_STEPS {
            let excess_at = excess(ratio_at(at));
            // A guess right here has no secant yet; the slope is that of thermal noise at the target.
            let slope = if step == 0 && (at - before).abs() < 1e-3 {
                THERMAL_SLOPE_PER_DB
            } else {
                (excess_at - excess_before) / (at - before)
            };
            let next = at - excess_at / slope;
            if !next.is_finite() || slope >= 0.0 {
                break;
            }
            if (next - at).abs() < 1e-6 {
                return next;
            }
            (before, excess_before, at) = (at, excess_at, next);
        }
        let target = self.target_ser_ratio.ln();
        find_root(|loss_db| ratio_at(loss_db).max(1e-300).ln() - target, -40.0, 40.0, 1e-13).unwrap_or(f64::NAN)
    }

    fn guess_margin_db(&self, eye: &EqualizedEye, oma_w: f64, average_w: f64) -> f64 {
        let bearable_a =
            self.detector.current_a(oma_w) * self.closure_ratio * eye.bearable_ratio / (6.0 * self.target_q);
        // At the target the gain is about that of the sensitivity.
        let shot_a2 = self.detector.shot_noise_a2(average_w, self.bandwidth_hz);
        let square = bearable_a * bearable_a;
        let share = (shot_a2 + (shot_a2 * shot_a2 + 4.0 * square * self.thermal_noise_a2).sqrt()) / (2.0 * square);
        -to_db(share)
    }
}

#[cfg(test)]
mod tests {
    use super::super::direct_tables::one_mode;
    use super::*;

    fn margin_of(receiver: &Receiver, eye: &EqualizedEye, oma_w: f64, average_w: f64) -> f64 {
        receiver.fec_margin_db(eye, oma_w, average_w, receiver.symbol_error_ratio(eye, oma_w, average_w))
    }

    #[test]
    fn the_light_that_the_margin_names_can_be_lost() {
        for gain_ratio in [1.0, 8.0, f64::NAN] {
            let receiver = Receiver::of(&one_mode(gain_ratio).view(), 0).unwrap().with_transmitter(-145.0, 0.97);
            for (closed_db, oma_dbm) in [(0.5, -20.0), (2.0, -6.0), (3.4, -2.0), (1.0, 3.0)] {
                let eye = EqualizedEye::ideal(closed_db);
                let (oma_w, average_w) = (from_dbm(oma_dbm), from_dbm(oma_dbm) * average_over_oma(4.5));
                let left = from_db(-margin_of(&receiver, &eye, oma_w, average_w));
                let ratio = receiver.symbol_error_ratio(&eye, oma_w * left, average_w * left);
                assert!((ratio / 4.8e-4 - 1.0).abs() < 1e-7, "{gain_ratio} {oma_dbm}: {ratio}");
            }
        }
    }

    #[test]
    fn a_receiver_meets_its_own_target() {
        for gain_ratio in [1.0, 6.0, f64::NAN] {
            let columns = one_mode(gain_ratio);
            let receiver = Receiver::of(&columns.view(), 0).unwrap();
            // A -1.7, IL 4.0, X 0.3, TDECQ 3.4 dB at most.
            let oma_w = from_dbm(-1.7 + 3.4 - 4.0);
            let average_w = oma_w * average_over_oma(4.5);
            let eye = EqualizedEye::ideal(3.4);
            assert!((receiver.symbol_error_ratio(&eye, oma_w, average_w) / 4.8e-4 - 1.0).abs() < 1e-9);
            assert!(margin_of(&receiver, &eye, oma_w, average_w).abs() < 1e-9);
            let margin = margin_of(&receiver, &eye, oma_w * from_db(2.0), average_w * from_db(2.0));
            assert!((margin - 2.0).abs() < 1e-8, "{margin}");
            let better = EqualizedEye::ideal(2.4);
            let margin = margin_of(&receiver, &better, oma_w, average_w);
            // Thermal noise alone gives the decibel back; shot noise, which falls with the light, a little more.
            assert!((1.0..1.1).contains(&margin), "{margin}");
        }
    }

    /// Whatever passes the quick look passes the target; and it passes most of what does, or it were of no use.
    #[test]
    fn the_quick_look_never_errs() {
        use crate::dsp::Equalizer;
        use crate::metrics::{EyeState, EyeTable, TdecqTest};
        use crate::optics::{Response, Transmitter};
        let rate = 53.125e9;
        let receiver_response = Response::BesselThomson { bandwidth_hz: 0.5 * rate };
        let test = TdecqTest { equalizer: Equalizer::FFE5, target_ser_ratio: 4.8e-4, noise_variance_ratio: [1e-4; 4] };
        let (mut sure, mut missed) = (0, 0);
        for (chirp_alpha, gain_ratio, mismatch, rin) in [
            (0.5, 1.0, 1.0, -145.0),
            (0.0, 8.0, 0.9, f64::NAN),
            (-0.5, f64::NAN, 0.95, -138.0),
            (1.0, 5.0, 1.0, -142.0),
        ] {
            let transmitter = Transmitter {
                symbol_rate_hz: rate,
                response: Response::BesselThomson { bandwidth_hz: 0.6 * rate },
                extinction_ratio_db: 4.5,
                level_mismatch_ratio: mismatch,
                chirp_alpha,
                adiabatic_chirp_hz: 0.0,
            };
            let table = EyeTable::new(&transmitter, receiver_response, &test, (-60e-3, 34e-3)).unwrap();
            let receiver = Receiver::of(&one_mode(gain_ratio).view(), 0).unwrap().with_transmitter(rin, mismatch);
            for step in 0..=200 {
                let EyeState::Open(place) = table.at(-60e-3 + 0.47e-3 * f64::from(step), 1300e-9) else { continue };
                for level in 0..60 {
                    let receiver = receiver.with_penalty(0.1 * f64::from(level % 5));
                    let oma_w = from_dbm(-7.0 + 0.1 * f64::from(level));
                    let average_w = oma_w * average_over_oma(4.5);
                    let quick = receiver.surely_meets_target(table.level_noise_ratio(&place), oma_w, average_w);
                    let met = receiver.meets_target(&table.eye(&place), oma_w, average_w);
                    assert!(met || !quick, "{chirp_alpha} {gain_ratio} {step} {level}");
                    sure += usize::from(quick);
                    missed += usize::from(met && !quick);
                }
            }
        }
        assert!(sure > 5 * missed, "{sure} {missed}");
    }

    #[test]
    fn noise_of_the_light_costs() {
        let receiver = Receiver::of(&one_mode(1.0).view(), 0).unwrap();
        let oma_w = from_dbm(-3.0);
        let average_w = oma_w * average_over_oma(4.5);
        let eye = EqualizedEye::ideal(1.0);
        let noisy = receiver.with_transmitter(-140.0, 1.0);
        assert!(margin_of(&noisy, &eye, oma_w, average_w) < margin_of(&receiver, &eye, oma_w, average_w));
        assert!(margin_of(&receiver.with_transmitter(-120.0, 1.0), &eye, oma_w, average_w).is_nan());
    }
}

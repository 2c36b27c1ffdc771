//! The three rules by which a split-step integrator chooses its steps.

use super::split_step::PropagationReport;
use super::split_step_birefringence::Cuts;
use super::split_step_course::Course;
use super::split_step_engine::{Engine, Trial};
use crate::error::{Error, Result};
use crate::task::Task;

/// Rungs of the ladder of step lengths for one factor of two, under the phase rule.
const PHASE_RUNGS: f64 = 4.0;
/// The same under the rule of the local error: a third of a doubling, by Sinkin et al.
const ERROR_RUNGS: f64 = 3.0;
/// Rung below which no step goes: 2^-30 of the length.
const DOUBLINGS_MAX: f64 = 30.0;
/// Nonlinear phase of the mean power that the first step of the error rule tries.
const FIRST_PHASE_RAD: f64 = 0.05;
/// Power of the gain to which the allowed error is proportional. The error of a stretch goes with gain times step cubed; the least steps
/// for a sum of errors are those of equal error, whose density goes with this power.
const WEIGHT_EXPONENT: f64 = 1.0 / 3.0;
/// Power of a stretch's own error that the error of its extrapolation is taken to be. One is of third order in the step and
/// the other of fifth, so that 5/3 is what it comes to; three halves is on the safe side as long as both are small.
const ORDER_RATIO: f64 = 1.5;
/// The error at the end over the sum of those powers: the greatest found, on combs of little power and long steps, is 12.
const ERROR_FACTOR: f64 = 20.0;
/// Order of the error per length in the step: a third of the step's power less one for the length.
const STEP_ORDER: f64 = 3.0 * ORDER_RATIO - 1.0;

/// One propagation.
pub(super) struct Walk<'a> {
    pub(super) engine: &'a mut dyn Engine,
    pub(super) course: &'a Course,
    pub(super) cuts: &'a Cuts<'a>,
    /// Nonlinear phase per meter and watt, with its factor for two polarizations.
    pub(super) phase_rad_per_w_m: f64,
    pub(super) task: &'a Task,
    pub(super) report: PropagationReport,
}

impl Walk<'_> {
    /// Steps of one length, at most `step_m` between two cuts.
    pub(super) fn fixed(&mut self, step_m: f64) -> Result<()> {
        let (mut from_m, mut last_m) = (0.0, 0.0);
        self.engine.enter();
        for behind in 0..=self.cuts.count() {
            let stretch_m = self.cuts.end_m(behind) - from_m;
            let count = (stretch_m / step_m - 1e-9).ceil().max(1.0) as u64;
            let step_m = stretch_m / count as f64;
            for index in 0..count {
                self.disperse(0.5 * (last_m + step_m), if index == 0 { behind.checked_sub(1) } else { None });
                self.rotate(from_m + step_m * index as f64, from_m + step_m * (index + 1) as f64)?;
                last_m = step_m;
            }
            from_m = self.cuts.end_m(behind);
        }
        self.disperse(0.5 * last_m, None);
        self.engine.leave();
        Ok(())
    }

    /// Steps whose greatest nonlinear phase is within a bound, as far as the last step's peak tells.
    pub(super) fn phase(&mut self, greatest_rad: f64, peak_power_w: f64) -> Result<()> {
        let length_m = self.course.length_m;
        let (mut place_m, mut last_m, mut peak_w) = (0.0, 0.0, peak_power_w);
        let (mut behind, mut cut) = (0, None);
        self.engine.enter();
        while place_m < length_m {
            let left_m = self.cuts.end_m(behind) - place_m;
            let mut rung = 0.0;
            let mut step_m = left_m;
            while self.phase_per_w(place_m, place_m + step_m) * peak_w > greatest_rad {
                rung += 1.0;
                step_m = (length_m * (-rung / PHASE_RUNGS).exp2()).min(left_m);
                if rung > DOUBLINGS_MAX * PHASE_RUNGS {
                    return Err(too_small("phase_max_rad", greatest_rad));
                }
            }
            let end_m = self.end_of_step(place_m, step_m, behind);
            self.disperse(0.5 * (last_m + (end_m - place_m)), cut.take());
            peak_w = self.rotate(place_m, end_m)?;
            last_m = end_m - place_m;
            place_m = end_m;
            if place_m >= self.cuts.end_m(behind) {
                cut = Some(behind);
                behind += 1;
            }
        }
        self.disperse(0.5 * last_m, None);
        self.engine.leave();
        Ok(())
    }

    /// Where a step ends: what is left of its stretch after rounding is no step.
    fn end_of_step(&self, place_m: f64, step_m: f64, behind: usize) -> f64 {
        let stretch_end_m = self.cuts.end_m(behind);
        if stretch_end_m - place_m - step_m < 1e-12 * self.course.length_m { stretch_end_m } else { place_m + step_m }
    }

    /// Steps with an estimated error of at most `error_fraction` of the field.
    pub(super) fn error(&mut self, error_fraction: f64, mean_power_w: f64) -> Result<()> {
        let course = self.course;
        let length_m = course.length_m;
        let whole = course.integral_m(0.0, length_m, WEIGHT_EXPONENT);
        let (mut place_m, mut rung, mut error, mut behind) = (0.0, 0.0, 0.0, 0);
        // Between cuts steps are halves of halves: they end at the cuts, and share their tables.
        let (ladder_m, rungs) = (self.cuts.piece_m(), if self.cuts.count() > 0 { 1.0 } else { ERROR_RUNGS });
        while self.phase_per_w(0.0, ladder_m * (-rung / rungs).exp2()) * mean_power_w > FIRST_PHASE_RAD {
            rung += 1.0;
        }
        self.engine.enter();
        self.engine.enter_spectrum();
        while place_m < length_m {
            let step_m = (ladder_m * (-rung / rungs).exp2()).min(self.cuts.end_m(behind) - place_m);
            let end_m = self.end_of_step(place_m, step_m, behind);
            let found = ERROR_FACTOR * self.try_step(place_m, end_m)?.powf(ORDER_RATIO);
            let allowed = error_fraction * course.integral_m(place_m, end_m, WEIGHT_EXPONENT) / whole;
            if !found.is_finite() {
                return Err(Error::Model(
                    "the field is not finite any more: its power is beyond what steps can follow".into(),
                ));
            }
            if found > allowed {
                rung += (rungs / STEP_ORDER * (found / allowed).log2()).ceil().clamp(1.0, 4.0 * rungs);
                self.report.rejected_count += 1;
                if rung > DOUBLINGS_MAX * rungs {
                    return Err(too_small("error_fraction", error_fraction));
                }
                continue;
            }
            self.engine.accept_trials();
            self.note_step(0.5 * (end_m - place_m), 2);
            error += found;
            place_m = end_m;
            if found * (STEP_ORDER / rungs).exp2() < allowed && rung > 0.0 {
                rung -= 1.0;
            }
            if place_m >= self.cuts.end_m(behind) && place_m < length_m {
                self.turn(behind);
                behind += 1;
            }
        }
        self.report.error_fraction = error;
        self.engine.disperse_spectrum(0.0);
        self.engine.leave();
        self.report.transforms_count += 2;
        Ok(())
    }

    /// One step and two of half its length; gives the estimated error of the two.
    fn try_step(&mut self, from_m: f64, to_m: f64) -> Result<f64> {
        self.task.check()?;
        let step_m = to_m - from_m;
        let middle_m = from_m + 0.5 * step_m;
        let direction = self.course.direction;
        let half_m = direction * 0.5 * step_m;
        self.engine.disperse_spectrum(half_m);
        self.engine.rotate(direction * self.phase_per_w(from_m, to_m));
        self.engine.disperse_to_trial(half_m, Trial::Coarse);
        self.engine.disperse_spectrum(0.5 * half_m);
        let first = self.phase_per_w(from_m, middle_m);
        let peak_w = self.engine.rotate(direction * first);
        self.note_phase(first.abs() * peak_w);
        self.engine.disperse(half_m);
        let second = self.phase_per_w(middle_m, to_m);
        let peak_w = self.engine.rotate(direction * second);
        self.note_phase(second.abs() * peak_w);
        self.engine.disperse_to_trial(0.5 * half_m, Trial::Fine);
        self.report.transforms_count += 6;
        // The coarse error is four times the fine one: their difference is three.
        Ok(self.engine.compare_trials() / 3.0)
    }

    fn phase_per_w(&self, from_m: f64, to_m: f64) -> f64 {
        self.phase_rad_per_w_m * self.course.integral_m(from_m, to_m, 1.0)
    }

    /// Dispersion, and what waveplates do at a cut within its distance: they commute.
    fn disperse(&mut self, distance_m: f64, cut: Option<usize>) {
        let distance_m = self.course.direction * distance_m;
        self.report.transforms_count += 2;
        let Some(cut) = cut else {
            self.engine.disperse(distance_m);
            return;
        };
        self.engine.halt_in_spectrum();
        self.turn(cut);
        self.engine.disperse_spectrum(distance_m);
    }

    fn turn(&mut self, cut: usize) {
        let cuts = self.cuts;
        self.engine.turn_spectrum(&|bin, x, y| cuts.turn(cut, bin, x, y));
    }

    fn rotate(&mut self, from_m: f64, to_m: f64) -> Result<f64> {
        self.task.check()?;
        let phase = self.phase_per_w(from_m, to_m);
        let peak_w = self.engine.rotate(self.course.direction * phase);
        self.note_phase(phase.abs() * peak_w);
        self.note_step(to_m - from_m, 1);
        Ok(peak_w)
    }

    fn note_step(&mut self, step_m: f64, count: u64) {
        self.report.steps_count += count;
        self.report.step_min_m = self.report.step_min_m.min(step_m);
        self.report.step_max_m = self.report.step_max_m.max(step_m);
    }

    fn note_phase(&mut self, phase_rad: f64) {
        self.report.phase_max_rad = self.report.phase_max_rad.max(phase_rad);
    }
}

fn too_small(name: &str, value: f64) -> Error {
    Error::parameter(name, value, "more: no step of a billionth of the fiber meets it with this field")
}

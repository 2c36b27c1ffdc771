//! What a split-step integrator asks of whatever holds and transforms the field.

use super::split_step_birefringence::Turn;
use crate::wide::{Line, Real, Wide};
use rustfft::num_complex::Complex64;

/// Which of two trials of one step.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Trial {
    /// One step.
    Coarse = 0,
    /// Two steps of half the length.
    Fine = 1,
}

/// A field on its way. Calls alternate: `enter`, then `disperse` and `rotate` in turns, `leave` after a `disperse`.
pub(super) trait Engine: Send {
    /// Takes the samples, one polarization after the other.
    fn load(&mut self, field: &[Complex64]);
    /// Gives the samples, multiplied by a scale.
    fn unload(&self, scale: f64) -> Vec<Complex64>;
    /// Leaves time.
    fn enter(&mut self);
    /// Comes back to time.
    fn leave(&mut self);
    /// Dispersion over a distance.
    fn disperse(&mut self, distance_m: f64);
    /// Turns each sample by its power times `phase_rad_per_w`; gives the greatest power met.
    fn rotate(&mut self, phase_rad_per_w: f64) -> f64;
    /// From `enter` to a spectrum that trials start from.
    fn enter_spectrum(&mut self);
    /// From between a `rotate` and a `disperse` to a spectrum; `disperse_spectrum` goes on.
    fn halt_in_spectrum(&mut self);
    /// Changes both polarizations of the spectrum.
    fn turn_spectrum(&mut self, turn: Turn<'_>);
    /// As `disperse`, from the spectrum.
    fn disperse_spectrum(&mut self, distance_m: f64);
    /// As `disperse`, to the spectrum of a trial.
    fn disperse_to_trial(&mut self, distance_m: f64, trial: Trial);
    /// Norm of the difference of both trials over that of the fine one; the coarse one becomes the extrapolation.
    fn compare_trials(&mut self) -> f64;
    /// The extrapolation becomes the spectrum that trials start from.
    fn accept_trials(&mut self);
}

/// Whether two distances differ by no more than rounding: one table does for both.
pub(super) fn is_same_distance(a_m: f64, b_m: f64) -> bool {
    (a_m - b_m).abs() <= 1e-12 * b_m.abs()
}

/// Writes `scale` exp(j angle) into one lane.
#[inline]
pub(super) fn turn_line<W: Wide>(line: &mut Line<W::Cell>, lane: usize, angle_rad: f64, scale: f64) {
    let (sine, cosine) = angle_rad.sin_cos();
    line.re.as_mut()[lane] = W::Real::nearest(scale * cosine);
    line.im.as_mut()[lane] = W::Real::nearest(scale * sine);
}

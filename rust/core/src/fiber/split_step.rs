//! Sampled fields along a fiber: the Manakov equation of two polarizations, the nonlinear Schroedinger equation of one.

use super::PowerProfile;
use super::split_step_birefringence::{Birefringence, Cuts};
use super::split_step_course::Course;
use super::split_step_engine::Engine;
use super::split_step_plain::Plain;
use super::split_step_rules::Walk;
use super::split_step_sweeps::{SHORTEST_COUNT, Sweeps};
use crate::error::{Error, Result, require_finite, require_positive};
use crate::signal::bin_frequency_hz;
use crate::task::Task;
#[cfg(target_arch = "x86_64")]
use crate::wide::Fused;
use crate::wide::Portable;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// Share of the Kerr effect that is left when the polarization wanders over the Poincare sphere.
///
/// # References
/// Marcuse, Menyuk and Wai 1997, doi 10.1109/50.622902.
pub const MANAKOV_RATIO: f64 = 8.0 / 9.0;
/// Fewest samples of a field.
const COUNT_MIN: usize = 16;
/// Least error that steps can be chosen by: singles lose some 4e-8 of the field in each step.
const ERROR_MIN: [f64; 2] = [1e-9, 2e-4];

/// A fiber that a field goes along.
#[derive(Debug, Clone)]
pub struct FieldFiber {
    /// Length.
    pub length_m: f64,
    /// Second and third derivative of the propagation constant at the field's center frequency.
    pub beta2_s2_per_m: f64,
    /// See `beta2_s2_per_m`.
    pub beta3_s3_per_m: f64,
    /// Nonlinear coefficient, before any average over polarizations.
    pub gamma_per_w_m: f64,
    /// Power along the fiber: one channel, which stands for the whole field.
    pub profile: PowerProfile,
    /// Polarization-mode dispersion between the steps.
    pub birefringence: Option<Birefringence>,
}

/// How long steps are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepRule {
    /// Equal steps of at most this length.
    Fixed {
        /// Greatest length.
        length_m: f64,
    },
    /// The nonlinear phase at the field's peak within a step.
    NonlinearPhase {
        /// Greatest phase.
        greatest_rad: f64,
    },
    /// The estimated error of the field at the end, as a share of its norm.
    LocalError {
        /// Greatest error.
        error_fraction: f64,
    },
}

/// Numbers that a field is calculated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 53 bits.
    Double,
    /// 24 bits: twice as fast.
    Single,
}

/// A field's sampling.
#[derive(Debug, Clone, Copy)]
pub struct FieldSampling {
    /// Samples per second.
    pub sample_rate_hz: f64,
    /// 1 or 2: the field has as many rows.
    pub polarizations_count: usize,
    /// Precision.
    pub precision: Precision,
}

/// What a propagation took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PropagationReport {
    /// Steps taken (of the error rule: halves of those tried).
    pub steps_count: u64,
    /// Trials that were too far off and taken again.
    pub rejected_count: u64,
    /// Transforms of one polarization.
    pub transforms_count: u64,
    /// Estimated error over the norm of the field; NaN unless steps were chosen by it.
    pub error_fraction: f64,
    /// Greatest nonlinear phase in a step.
    pub phase_max_rad: f64,
    /// Shortest step.
    pub step_min_m: f64,
    /// Longest step.
    pub step_max_m: f64,
}

/// A field behind a fiber: dA/dz = -alpha/2 A - j beta(omega) A - j gamma' P A, with P the power of all polarizations.
///
/// `field` has one row of samples per polarization, one after the other, periodic in time, in the square root of a watt and
/// written as exp(+j omega t). gamma' is 8/9 gamma for two polarizations and gamma for one. The result does not depend on the
/// number of threads.
///
/// # Algorithm
/// 1. Loss is taken out: the field of a lossless fiber, whose nonlinear phase goes with the integral of the gain over each step.
/// 2. Symmetric steps: dispersion over half the step, phase rotation, dispersion over the other half; halves of neighbors merge.
/// 3. By local error: each stretch once in one step and once in two; a third of the difference estimates the error of the two, and
///    the extrapolation (4 fine - coarse)/3 goes on, whose error is of fourth order. A stretch may have as much of the whole as
///    it has of the integral of gain^(1/3); if it has more it is taken again shorter, if much less the next one is longer.
/// 4. The error promised is twenty times the sum of the estimates to the power 3/2: the extrapolation's error in a stretch is of fifth
///    order where theirs is of third, and the difference is the margin.
/// 5. Where waveplates act no step goes on: the spectrum is turned there, between the dispersion of the steps on both sides, which
///    it commutes with. By local error, steps then are halves of halves of what lies between two places, so that they end there.
///
/// Cost: two transforms of each polarization in each step; half as much again by local error. Each place of waveplates: one step
/// more or a little less, and some ten products per sample and section.
///
/// # Errors
/// [`Error::Parameter`] if a figure is outside its range or the field's size is none of a field;
/// [`Error::Model`] if the field does not stay finite; [`Error::Cancelled`].
///
/// # References
/// Marcuse, Menyuk and Wai 1997, doi 10.1109/50.622902; Sinkin et al. 2003, doi 10.1109/JLT.2003.808628.
pub fn propagate_fiber(
    field: &[Complex64],
    sampling: &FieldSampling,
    fiber: &FieldFiber,
    rule: StepRule,
    task: &Task,
) -> Result<(Vec<Complex64>, PropagationReport)> {
    propagate(field, sampling, fiber, rule, task, false)
}

/// The field in front of a fiber from the one behind it: the same equation from the end to the start.
///
/// # Algorithm
/// As [`propagate_fiber`] with distances and nonlinear phases of the other sign and the power profile from its end.
///
/// # Errors
/// As [`propagate_fiber`].
///
/// # References
/// Ip and Kahn 2008, doi 10.1109/JLT.2008.927791.
pub fn back_propagate_fiber(
    field: &[Complex64],
    sampling: &FieldSampling,
    fiber: &FieldFiber,
    rule: StepRule,
    task: &Task,
) -> Result<(Vec<Complex64>, PropagationReport)> {
    propagate(field, sampling, fiber, rule, task, true)
}

fn propagate(
    field: &[Complex64],
    sampling: &FieldSampling,
    fiber: &FieldFiber,
    rule: StepRule,
    task: &Task,
    backward: bool,
) -> Result<(Vec<Complex64>, PropagationReport)> {
    check(field, sampling, fiber, rule)?;
    let course = Course::new(&fiber.profile, fiber.length_m, backward)?;
    let samples_count = field.len() / sampling.polarizations_count;
    let cuts = Cuts::new(fiber.birefringence.as_ref(), fiber.length_m, sampling, samples_count, backward)?;
    let [start_scale, end_scale] = course.scales();
    let powers = sample_powers(field, sampling.polarizations_count);
    let mean_w = powers.iter().sum::<f64>() / powers.len() as f64;
    let peak_w = powers.iter().copied().fold(0.0, f64::max);
    let share = if sampling.polarizations_count == 2 { MANAKOV_RATIO } else { 1.0 };
    let report = PropagationReport {
        steps_count: 0,
        rejected_count: 0,
        transforms_count: 0,
        error_fraction: f64::NAN,
        phase_max_rad: 0.0,
        step_min_m: f64::INFINITY,
        step_max_m: 0.0,
    };
    // Inside the pool from the first step to the last, so that no step waits to get there.
    rayon::scope(|_| {
        let mut engine = make_engine(samples_count, sampling, fiber);
        engine.load(field);
        let mut walk = Walk {
            engine: engine.as_mut(),
            course: &course,
            cuts: &cuts,
            // The lossless field is that at the input of the fiber, wherever the course starts.
            phase_rad_per_w_m: share * fiber.gamma_per_w_m * start_scale * start_scale,
            task,
            report,
        };
        match rule {
            StepRule::Fixed { length_m } => walk.fixed(length_m)?,
            StepRule::NonlinearPhase { greatest_rad } => walk.phase(greatest_rad, peak_w)?,
            StepRule::LocalError { error_fraction } => walk.error(error_fraction, mean_w)?,
        }
        let mut report = walk.report;
        report.transforms_count *= sampling.polarizations_count as u64;
        Ok((engine.unload(start_scale * end_scale), report))
    })
}

fn make_engine(count: usize, sampling: &FieldSampling, fiber: &FieldFiber) -> Box<dyn Engine> {
    let phase_per_m = |index: usize| {
        let omega = TAU * bin_frequency_hz(index, count, sampling.sample_rate_hz);
        omega * omega * (fiber.beta2_s2_per_m / 2.0 + omega * fiber.beta3_s3_per_m / 6.0)
    };
    let polarizations = sampling.polarizations_count;
    let in_sweeps = count.is_power_of_two() && count >= SHORTEST_COUNT;
    match (sampling.precision, in_sweeps) {
        (Precision::Double, false) => return Box::new(Plain::<f64>::new(count, polarizations, &phase_per_m)),
        (Precision::Single, false) => return Box::new(Plain::<f32>::new(count, polarizations, &phase_per_m)),
        (_, true) => {}
    }
    #[cfg(target_arch = "x86_64")]
    match (sampling.precision, Fused::<true>::detect(), Fused::<false>::detect()) {
        (Precision::Double, Some(wide), _) => return Box::new(Sweeps::new(wide, count, polarizations, &phase_per_m)),
        (Precision::Single, _, Some(wide)) => return Box::new(Sweeps::new(wide, count, polarizations, &phase_per_m)),
        _ => {}
    }
    match sampling.precision {
        Precision::Double => Box::new(Sweeps::new(Portable::<true>, count, polarizations, &phase_per_m)),
        Precision::Single => Box::new(Sweeps::new(Portable::<false>, count, polarizations, &phase_per_m)),
    }
}

fn sample_powers(field: &[Complex64], polarizations: usize) -> Vec<f64> {
    let count = field.len() / polarizations;
    (0..count).map(|n| field.iter().skip(n).step_by(count).map(Complex64::norm_sqr).sum::<f64>()).collect()
}

fn check(field: &[Complex64], sampling: &FieldSampling, fiber: &FieldFiber, rule: StepRule) -> Result<()> {
    let rows = sampling.polarizations_count;
    if !(rows == 1 || rows == 2) {
        return Err(Error::parameter("field", format!("{rows} rows"), "1 or 2 polarizations"));
    }
    let count = field.len() / rows;
    if count * rows != field.len() || count < COUNT_MIN {
        return Err(Error::parameter(
            "field",
            format!("{count} samples"),
            format!("{COUNT_MIN} or more in each row; powers of two from {SHORTEST_COUNT} on are the quickest"),
        ));
    }
    if let Some(index) = field.iter().position(|value| !value.is_finite()) {
        let found = format!("{} at sample {} of row {}", field[index], index % count, index / count);
        return Err(Error::parameter("field", found, "finite numbers"));
    }
    require_positive("sample_rate_hz", sampling.sample_rate_hz)?;
    require_positive("length_m", fiber.length_m)?;
    require_finite("beta2_s2_per_m", fiber.beta2_s2_per_m)?;
    require_finite("beta3_s3_per_m", fiber.beta3_s3_per_m)?;
    if !(fiber.gamma_per_w_m.is_finite() && fiber.gamma_per_w_m >= 0.0) {
        return Err(Error::parameter("gamma_per_w_m", fiber.gamma_per_w_m, "a finite number of 0 or more"));
    }
    match rule {
        StepRule::Fixed { length_m } => require_positive("step_m", length_m).map(|_| ()),
        StepRule::NonlinearPhase { greatest_rad } => require_positive("phase_max_rad", greatest_rad).map(|_| ()),
        StepRule::LocalError { error_fraction } => {
            let least = ERROR_MIN[usize::from(sampling.precision == Precision::Single)];
            if (least..=1.0).contains(&error_fraction) {
                Ok(())
            } else {
                Err(Error::parameter("error_fraction", error_fraction, format!("{least} to 1 in this precision")))
            }
        }
    }
}

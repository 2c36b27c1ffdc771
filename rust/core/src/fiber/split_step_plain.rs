//! Split steps of fields of any length, one transform after the other.

use super::split_step_birefringence::Turn;
use super::split_step_engine::{Engine, Trial, is_same_distance};
use crate::wide::Real;
use rayon::prelude::*;
use rustfft::num_complex::{Complex, Complex64};
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

type Field<T> = Vec<Vec<Complex<T>>>;

/// A field of one or two polarizations, held in time between the steps.
///
/// Cost of a step: two transforms of each polarization and a product with a table that is made anew where the distance changes.
pub(super) struct Plain<T: Real> {
    forward: Arc<dyn Fft<T>>,
    inverse: Arc<dyn Fft<T>>,
    time: Field<T>,
    spectrum: Field<T>,
    trials: [Field<T>; 2],
    phase_per_m: Vec<f64>,
    table: (f64, Vec<Complex<T>>),
}

impl<T: Real> Plain<T> {
    /// Room and plans for a field of `count` samples.
    pub(super) fn new(count: usize, polarizations: usize, phase_per_m: &dyn Fn(usize) -> f64) -> Self {
        let mut planner = FftPlanner::new();
        Self {
            forward: planner.plan_fft_forward(count),
            inverse: planner.plan_fft_inverse(count),
            time: vec![vec![Complex::default(); count]; polarizations],
            spectrum: Vec::new(),
            trials: [Vec::new(), Vec::new()],
            phase_per_m: (0..count).map(phase_per_m).collect(),
            table: (f64::NAN, Vec::new()),
        }
    }

    fn choose_table(&mut self, distance_m: f64) {
        if is_same_distance(self.table.0, distance_m) {
            return;
        }
        let scale = 1.0 / self.phase_per_m.len() as f64;
        let entry = |phase: &f64| {
            let (sine, cosine) = (-phase * distance_m).sin_cos();
            Complex::new(T::nearest(scale * cosine), T::nearest(scale * sine))
        };
        self.table = (distance_m, self.phase_per_m.iter().map(entry).collect());
    }
}

fn multiply<T: Real>(values: &mut [Complex<T>], factors: &[Complex<T>]) {
    for (value, factor) in values.iter_mut().zip(factors) {
        *value = *value * *factor;
    }
}

impl<T: Real> Engine for Plain<T> {
    fn load(&mut self, field: &[Complex64]) {
        for (values, samples) in self.time.iter_mut().zip(field.chunks_exact(self.phase_per_m.len())) {
            for (value, sample) in values.iter_mut().zip(samples) {
                *value = Complex::new(T::nearest(sample.re), T::nearest(sample.im));
            }
        }
    }

    fn unload(&self, scale: f64) -> Vec<Complex64> {
        let widen = |value: &Complex<T>| Complex64::new(scale * value.re.as_f64(), scale * value.im.as_f64());
        self.time.iter().flatten().map(widen).collect()
    }

    fn enter(&mut self) {}

    fn leave(&mut self) {}

    fn disperse(&mut self, distance_m: f64) {
        self.choose_table(distance_m);
        let Self { forward, inverse, time, table, .. } = self;
        time.par_iter_mut().for_each(|values| {
            forward.process(values);
            multiply(values, &table.1);
            inverse.process(values);
        });
    }

    fn rotate(&mut self, phase_rad_per_w: f64) -> f64 {
        let (first, rest) = self.time.split_at_mut(1);
        let mut peak = 0.0f64;
        for n in 0..first[0].len() {
            let power = first[0][n].norm_sqr().as_f64() + rest.first().map_or(0.0, |y| y[n].norm_sqr().as_f64());
            peak = peak.max(power);
            let (sine, cosine) = (-power * phase_rad_per_w).sin_cos();
            let turn = Complex::new(T::nearest(cosine), T::nearest(sine));
            first[0][n] = first[0][n] * turn;
            if let Some(y) = rest.first_mut() {
                y[n] = y[n] * turn;
            }
        }
        peak
    }

    fn enter_spectrum(&mut self) {
        self.spectrum = self.time.clone();
        self.trials = [self.time.clone(), self.time.clone()];
        self.spectrum.par_iter_mut().for_each(|values| self.forward.process(values));
    }

    fn halt_in_spectrum(&mut self) {
        self.spectrum.clone_from(&self.time);
        self.spectrum.par_iter_mut().for_each(|values| self.forward.process(values));
    }

    fn turn_spectrum(&mut self, turn: Turn<'_>) {
        let [first, second] = &mut self.spectrum[..] else { return };
        first.par_iter_mut().zip(second).enumerate().with_min_len(1 << 10).for_each(|(bin, (x, y))| {
            let wide = |value: &Complex<T>| Complex64::new(value.re.as_f64(), value.im.as_f64());
            let narrow = |value: Complex64| Complex::new(T::nearest(value.re), T::nearest(value.im));
            let (turned_x, turned_y) = turn(bin, wide(x), wide(y));
            (*x, *y) = (narrow(turned_x), narrow(turned_y));
        });
    }

    fn disperse_spectrum(&mut self, distance_m: f64) {
        self.choose_table(distance_m);
        let Self { inverse, time, spectrum, table, .. } = self;
        time.par_iter_mut().zip(spectrum).for_each(|(values, spectrum)| {
            values.copy_from_slice(spectrum);
            multiply(values, &table.1);
            inverse.process(values);
        });
    }

    fn disperse_to_trial(&mut self, distance_m: f64, trial: Trial) {
        self.choose_table(distance_m);
        let Self { forward, time, trials, table, phase_per_m, .. } = self;
        // The table holds 1/n for the way back, which is not gone here.
        let count = T::nearest(phase_per_m.len() as f64);
        trials[trial as usize].par_iter_mut().zip(time).for_each(|(values, time)| {
            values.copy_from_slice(time);
            forward.process(values);
            multiply(values, &table.1);
            for value in values {
                *value = *value * count;
            }
        });
    }

    fn compare_trials(&mut self) -> f64 {
        let [coarse, fine] = &mut self.trials;
        let (mut difference, mut size) = (0.0, 0.0);
        let third = T::nearest(1.0 / 3.0);
        for (coarse, fine) in coarse.iter_mut().flatten().zip(fine.iter().flatten()) {
            let gap = *fine - *coarse;
            difference += gap.norm_sqr().as_f64();
            size += fine.norm_sqr().as_f64();
            *coarse = *fine + gap * third;
        }
        (difference / size.max(f64::MIN_POSITIVE)).sqrt()
    }

    fn accept_trials(&mut self) {
        std::mem::swap(&mut self.spectrum, &mut self.trials[0]);
    }
}

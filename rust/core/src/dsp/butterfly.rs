//! Adaptive butterfly equalizer of both polarizations, two samples per symbol in, one out.

use super::butterfly_kernel::{Lanes, ROWS, RealTaps, filter, gradient, update};
use super::criterion::{Criterion, KnownSymbols, LearningStage, Targets, validate_stages};
use super::field::{Field, FieldView, require_count, require_field};
use super::phase_follower::PhaseFollower;
use crate::error::Result;
use crate::signal::Modulation;
use crate::vector::dispatch_quads;
use pulp::Simd;
use rustfft::num_complex::Complex64;

/// Symbols of one entry of the history.
pub const HISTORY_SYMBOLS_COUNT: u64 = 1024;
/// Samples whose mean power scales the stream.
const LEVEL_SAMPLES_COUNT: usize = 4096;
/// Samples sorted at a time.
const PIECE_SAMPLES_COUNT: usize = 2048;

/// What an adaptive equalizer is.
#[derive(Debug, Clone, PartialEq)]
pub struct AdaptiveEqualizerPlan {
    /// Taps half a symbol apart, odd.
    pub taps_count: usize,
    /// Whether each quadrature has filters of its own (4x4 real), or both share complex ones (2x2).
    pub widely_linear: bool,
    /// Format of the symbols.
    pub modulation: Modulation,
    /// Symbols whose gradients are summed before the taps move: 1, 2, 4 or 8.
    pub update_symbols_count: usize,
    /// Symbols during which the first output learns alone; the second then starts orthogonal to it. 0: both learn at once.
    pub single_output_symbols_count: u64,
    /// Stages of learning, one after the other.
    pub stages: Vec<LearningStage>,
    /// Known symbols.
    pub known: Option<KnownSymbols>,
}

/// Course of the learning over one span of [`HISTORY_SYMBOLS_COUNT`] symbols.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearningSpan {
    /// Mean of (R - |y|^2)^2 or of |d - y|^2, both polarizations, at symbols that were learned from; NaN if there were none.
    pub mean_squared_error_ratio: f64,
    /// Transfer matrix of the equalizer at the carrier's frequency behind the span: outputs by inputs.
    pub center_matrix: [[Complex64; 2]; 2],
}

/// Butterfly equalizer that learns from its own outputs or from known symbols.
///
/// # Algorithm
/// 1. The first 4096 samples set a scale: mean power 1 in each polarization.
/// 2. The taps start as one in the middle; outputs of symbol n are sums over samples 2n - m to 2n + m, m half the taps.
/// 3. After every `update_symbols_count` symbols the taps move by step times the sum of error times conjugate sample.
/// 4. A first phase moves the first output alone. Then the second starts as its orthogonal partner: w_yx(k) = -conj w_xy(-k),
///    w_yy(k) = conj w_xx(-k), so that both cannot settle on the same polarization.
/// 5. Rules that see the carrier's phase compare behind a phase-locked loop of second order in each polarization; the outputs
///    themselves keep their phase.
///
/// Cost: 16 real products per tap and symbol for the filter and as many for the gradient, 2x2 or 4x4.
///
/// # References
/// Savory 2008, doi 10.1364/OE.16.000804; Liu et al. 2009, "Initial tap setup of constant modulus algorithm for polarization
/// de-multiplexing in optical coherent receivers", OFC, OMT2; da Silva and Zibar 2016, doi 10.1109/JLT.2016.2598590 (4x4 real).
pub struct AdaptiveEqualizer {
    plan: AdaptiveEqualizerPlan,
    targets: Targets,
    taps: RealTaps,
    mask: Vec<f64>,
    slopes: Vec<f64>,
    followers: [PhaseFollower; 2],
    waiting: Field,
    scale: Option<f64>,
    lanes: [[Vec<f64>; 2]; ROWS],
    odd_next: bool,
    taken_count: u64,
    symbol_index: u64,
    history: Vec<LearningSpan>,
    span_error: f64,
    span_learned_count: f64,
}

impl AdaptiveEqualizer {
    /// An equalizer at the start of a stream.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] naming the first field of the plan that is not allowed.
    pub fn new(plan: AdaptiveEqualizerPlan) -> Result<Self> {
        require_count("taps_count", plan.taps_count, 1, 1023)?;
        if plan.taps_count.is_multiple_of(2) {
            return Err(crate::Error::parameter("taps_count", plan.taps_count, "an odd number"));
        }
        if ![1, 2, 4, 8].contains(&plan.update_symbols_count) {
            return Err(crate::Error::parameter("update_symbols_count", plan.update_symbols_count, "1, 2, 4 or 8"));
        }
        if let Some(known) = &plan.known {
            known.validate()?;
        }
        validate_stages(&plan.stages, plan.known.as_ref())?;
        let taps = RealTaps::new(plan.taps_count);
        let half = taps.half_count;
        let mask = (0..2 * half).map(|k| f64::from(2 * (k % half) + k / half < plan.taps_count)).collect();
        let mut equalizer = Self {
            targets: Targets::new(plan.modulation)?,
            slopes: vec![0.0; taps.values.len()],
            mask,
            taps,
            plan,
            followers: [PhaseFollower::default(); 2],
            waiting: Field::default(),
            scale: None,
            lanes: Default::default(),
            odd_next: false,
            taken_count: 0,
            symbol_index: 0,
            history: Vec::new(),
            span_error: 0.0,
            span_learned_count: 0.0,
        };
        equalizer.reset();
        Ok(equalizer)
    }

    /// Forgets the stream and what was learned.
    pub fn reset(&mut self) {
        self.taps.values.fill(0.0);
        let middle = self.plan.taps_count / 2;
        for row in 0..ROWS {
            let place = self.taps.place(row, row, middle);
            self.taps.values[place] = 1.0;
        }
        self.history.clear();
        self.restart();
    }

    /// Forgets the stream and keeps the taps.
    fn restart(&mut self) {
        self.followers = [PhaseFollower::default(); 2];
        self.waiting = Field::default();
        self.scale = None;
        self.lanes = Default::default();
        self.odd_next = false;
        (self.taken_count, self.symbol_index) = (0, 0);
        (self.span_error, self.span_learned_count) = (0.0, 0.0);
        let middle = vec![Complex64::default(); self.plan.taps_count / 2];
        self.sort([&middle, &middle], 0.0);
    }

    /// Equalizes the next samples, two per symbol, and gives the symbols that are complete.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] if the polarizations differ in length or a sample is not finite.
    pub fn process(&mut self, block: FieldView<'_>) -> Result<Field> {
        self.taken_count += require_field("block", block)? as u64;
        let mut out = Field::default();
        let Some(scale) = self.scale else {
            for (waiting, samples) in self.waiting.iter_mut().zip(block) {
                waiting.extend_from_slice(samples);
            }
            if self.waiting[0].len() >= LEVEL_SAMPLES_COUNT {
                self.set_scale(&mut out);
            }
            return Ok(out);
        };
        self.advance(block, scale, u64::MAX, &mut out);
        Ok(out)
    }

    /// Gives the rest of the symbols, as if zeros followed. The taps stay until [`Self::reset`]; the stream starts anew.
    pub fn finish(&mut self) -> Field {
        let mut out = Field::default();
        if self.scale.is_none() {
            self.set_scale(&mut out);
        }
        let last = self.taken_count.div_ceil(2);
        let zeros = vec![Complex64::default(); 4 * self.taps.half_count + 64];
        self.advance([&zeros, &zeros], 0.0, last, &mut out);
        self.restart();
        out
    }

    /// Taps by output row, input row and tap, rows being in-phase and quadrature of the first and of the second polarization;
    /// tap k stands for the sample k - (taps - 1)/2 before the symbol's own. They act on the scaled field.
    pub fn taps(&self) -> Vec<f64> {
        let count = self.plan.taps_count;
        let mut out = Vec::with_capacity(ROWS * ROWS * count);
        for pair in 0..ROWS * ROWS {
            let (output, input) = (pair / ROWS, pair % ROWS);
            // In the loops the first tap meets the earliest sample.
            out.extend((0..count).rev().map(|tap| self.taps.values[self.taps.place(output, input, tap)]));
        }
        out
    }

    /// Course of the learning.
    pub fn history(&self) -> &[LearningSpan] {
        &self.history
    }

    /// What the equalizer is.
    pub fn plan(&self) -> &AdaptiveEqualizerPlan {
        &self.plan
    }

    fn set_scale(&mut self, out: &mut Field) {
        let waiting = std::mem::take(&mut self.waiting);
        let level = &waiting.each_ref().map(|samples| &samples[..samples.len().min(LEVEL_SAMPLES_COUNT)]);
        let power: f64 = level.iter().flat_map(|samples| samples.iter()).map(Complex64::norm_sqr).sum();
        let scale = if power > 0.0 { (2.0 * level[0].len() as f64 / power).sqrt() } else { 1.0 };
        self.scale = Some(scale);
        self.advance([&waiting[0], &waiting[1]], scale, u64::MAX, out);
    }

    /// Equalizes samples up to symbol `last` of the stream, in pieces that stay in the cache.
    fn advance(&mut self, block: FieldView<'_>, scale: f64, last: u64, out: &mut Field) {
        for samples in &mut *out {
            samples.reserve(block[0].len() / 2 + 8);
        }
        for (x, y) in block[0].chunks(PIECE_SAMPLES_COUNT).zip(block[1].chunks(PIECE_SAMPLES_COUNT)) {
            self.sort([x, y], scale);
            self.run(last, out);
        }
    }

    fn sort(&mut self, block: FieldView<'_>, scale: f64) {
        let first = usize::from(self.odd_next);
        for (polarization, samples) in block.iter().enumerate() {
            for parity in [first, 1 - first] {
                let own = &samples[(parity ^ first).min(samples.len())..];
                self.lanes[2 * polarization][parity].extend(own.iter().step_by(2).map(|value| scale * value.re));
                self.lanes[2 * polarization + 1][parity].extend(own.iter().step_by(2).map(|value| scale * value.im));
            }
        }
        self.odd_next = (first + block[0].len()) % 2 == 1;
    }

    fn run(&mut self, last: u64, out: &mut Field) {
        let update = self.plan.update_symbols_count;
        let present = self.lanes[0][0].len().min(self.lanes[0][1].len());
        let reach = self.taps.half_count + update - 1;
        let ready = if present < reach { 0 } else { (present - reach) / update + 1 };
        let left = usize::try_from(last.saturating_sub(self.symbol_index)).unwrap_or(usize::MAX);
        let blocks = ready.min(left.div_ceil(update));
        let before = out[0].len();
        match update {
            1 => dispatch_quads(Run::<1> { equalizer: self, blocks, out }),
            2 => dispatch_quads(Run::<2> { equalizer: self, blocks, out }),
            4 => dispatch_quads(Run::<4> { equalizer: self, blocks, out }),
            _ => dispatch_quads(Run::<8> { equalizer: self, blocks, out }),
        }
        for parity in self.lanes.iter_mut().flatten() {
            parity.drain(..blocks * update);
        }
        for samples in out {
            samples.truncate(before.saturating_add(left));
        }
    }

    /// Starts the second output orthogonal to the first.
    fn start_second_output(&mut self) {
        let count = self.plan.taps_count;
        let complex = |taps: &RealTaps, input: usize, tap: usize| {
            let at = |output: usize, quadrature: usize| taps.values[taps.place(output, 2 * input + quadrature, tap)];
            Complex64::new(0.5 * (at(0, 0) + at(1, 1)), 0.5 * (at(1, 0) - at(0, 1)))
        };
        for tap in 0..count {
            let mirrored = count - 1 - tap;
            let partners = [-complex(&self.taps, 1, mirrored).conj(), complex(&self.taps, 0, mirrored).conj()];
            for (input, value) in partners.into_iter().enumerate() {
                let parts = [(2, 0, value.re), (2, 1, -value.im), (3, 0, value.im), (3, 1, value.re)];
                for (output, quadrature, part) in parts {
                    let place = self.taps.place(output, 2 * input + quadrature, tap);
                    self.taps.values[place] = part;
                }
            }
        }
        self.followers[1] = PhaseFollower::default();
    }

    fn center_matrix(&self) -> [[Complex64; 2]; 2] {
        let sum = |output: usize, input: usize| -> f64 {
            (0..self.plan.taps_count).map(|tap| self.taps.values[self.taps.place(output, input, tap)]).sum()
        };
        [0, 1].map(|output| {
            [0, 1].map(|input| {
                let (o, i) = (2 * output, 2 * input);
                Complex64::new(0.5 * (sum(o, i) + sum(o + 1, i + 1)), 0.5 * (sum(o + 1, i) - sum(o, i + 1)))
            })
        })
    }

    fn stage(&self) -> LearningStage {
        let mut before = 0;
        for stage in &self.plan.stages {
            before += stage.symbols_count;
            if self.symbol_index < before {
                return *stage;
            }
        }
        self.plan.stages[self.plan.stages.len() - 1]
    }

    /// Errors by row of `B` symbols; the sum of their squares and the number of symbols learned from are noted.
    #[inline(always)]
    fn errors<const B: usize>(&mut self, criterion: Criterion, outputs: &[[f64; B]; ROWS]) -> [[f64; B]; ROWS] {
        let mut errors = [[0.0; B]; ROWS];
        if criterion.sees_phase() {
            for polarization in 0..2 {
                let known = self.plan.known.as_ref();
                let decide = criterion == Criterion::DecisionDirected;
                let targets = &self.targets;
                let index = self.symbol_index;
                let want = |k: usize, value: Complex64| {
                    known
                        .and_then(|known| known.at(polarization, index + k as u64))
                        .or_else(|| decide.then(|| targets.nearest(value)))
                };
                let (i, q) = (outputs[2 * polarization], outputs[2 * polarization + 1]);
                let (found, total, count) = self.followers[polarization].errors::<B>(&i, &q, want);
                [errors[2 * polarization], errors[2 * polarization + 1]] = found;
                self.span_error += total;
                self.span_learned_count += count;
            }
        } else {
            self.span_error += self.targets.radius_errors(criterion, outputs, &mut errors);
            self.span_learned_count += 2.0 * B as f64;
        }
        errors
    }

    #[inline(always)]
    fn learn<const B: usize, S: Simd>(&mut self, simd: S, start: usize, outputs: &[[f64; B]; ROWS]) {
        let stage = self.stage();
        let single = self.plan.single_output_symbols_count;
        let mut errors = self.errors(stage.criterion, outputs);
        if self.symbol_index < single {
            (errors[2], errors[3]) = ([0.0; B], [0.0; B]);
        }
        let lanes: Lanes<'_> = self.lanes.each_ref().map(|row| row.each_ref().map(|samples| &samples[start..]));
        gradient::<B, S>(simd, self.taps.half_count, &lanes, &errors, &mut self.slopes);
        update(simd, &mut self.taps.values, &self.slopes, &self.mask, stage.step_ratio, self.plan.widely_linear);
        let before = self.symbol_index;
        self.symbol_index += B as u64;
        if before < single && self.symbol_index >= single {
            self.start_second_output();
        }
        if self.symbol_index.is_multiple_of(HISTORY_SYMBOLS_COUNT) {
            let mean_squared_error_ratio = self.span_error / self.span_learned_count;
            self.history.push(LearningSpan { mean_squared_error_ratio, center_matrix: self.center_matrix() });
            (self.span_error, self.span_learned_count) = (0.0, 0.0);
        }
    }
}

/// A number of blocks of `B` symbols.
struct Run<'a, const B: usize> {
    equalizer: &'a mut AdaptiveEqualizer,
    blocks: usize,
    out: &'a mut Field,
}

impl<const B: usize> Run<'_, B> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let equalizer = self.equalizer;
        for start in (0..self.blocks).map(|block| block * B) {
            let lanes: Lanes<'_> =
                equalizer.lanes.each_ref().map(|row| row.each_ref().map(|samples| &samples[start..]));
            let outputs = filter::<B, S>(simd, &equalizer.taps, &lanes);
            for (polarization, out) in self.out.iter_mut().enumerate() {
                let (i, q) = (&outputs[2 * polarization], &outputs[2 * polarization + 1]);
                out.extend(i.iter().zip(q).map(|(re, im)| Complex64::new(*re, *im)));
            }
            equalizer.learn::<B, S>(simd, start, &outputs);
        }
    }
}

impl<const B: usize> pulp::WithSimd for Run<'_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.run(simd);
    }
}

#[cfg(test)]
mod tests;

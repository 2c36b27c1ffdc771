//! Split steps of power-of-two fields in two sweeps through memory a step.

use super::split_step_birefringence::{Turn, turn_lines};
use super::split_step_engine::{Engine, Trial, is_same_distance, turn_line};
use crate::signal::LaneFourier;
use crate::wide::{Line, Pair, Real, Wide, WideWork};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;
use std::f64::consts::TAU;

/// Shortest field that has two passes along both axes.
pub(super) const SHORTEST_COUNT: usize = 256;
/// Dispersion tables kept.
const TABLES_COUNT: usize = 4;

type Lines<W> = Vec<Line<<W as Wide>::Cell>>;
type Field<W> = Vec<Lines<W>>;

/// A field of one or two polarizations as a matrix of `columns` x `rows`: sample j = `rows` j1 + j2.
///
/// # Algorithm
/// 1. The transform of n = columns x rows samples is one along j1, a factor exp(-2 pi j k1 j2/n), and one along j2.
/// 2. *Between* the sweeps the field is transformed along j1 alone. The first sweep goes over k1: transform along j2,
///    dispersion, and back. The second goes over j2: factor and transform back to time, phase rotation, and forth again.
/// 3. Neighbors in the other direction lie side by side in the lanes of vectors, so that no transform shuffles; squares of
///    lanes x lanes lines are laid on their side while a sweep reads what the last one left. A sweep writes one block of memory at a
///    time, which stays in the cache until it is done, and blocks are independent: threads change no bit.
/// 4. Frequencies stay in the order in which the transforms leave them; the tables are in that order.
///
/// Cost of a step: two transforms of each polarization, one product with a table and two with factors per sample and direction.
pub(super) struct Sweeps<W: Wide> {
    wide: W,
    along_columns: LaneFourier<W::Real>,
    along_rows: LaneFourier<W::Real>,
    columns: usize,
    rows: usize,
    /// Blocks of j2, lines over k1 (or j1).
    time: Field<W>,
    /// Blocks of k1, lines over j2.
    frequency: Field<W>,
    /// Whole spectra in the layout of `frequency`: the state of adaptive steps and their two trials.
    spectrum: Field<W>,
    trials: [Field<W>; 2],
    /// exp(-2 pi j k1 j2/n) in the layout of `time`.
    factors: Lines<W>,
    /// Phase per meter of each frequency, in the layout of the tables.
    phase_per_m: Vec<f64>,
    tables: Vec<(f64, Lines<W>)>,
    /// 1/n, and what the rounded constants of the transforms take from the field there and back.
    scale: f64,
}

impl<W: Wide> Sweeps<W> {
    /// Room and tables for a field of `count` samples, a power of two from [`SHORTEST_COUNT`] on.
    pub(super) fn new(wide: W, count: usize, polarizations: usize, phase_per_m: &dyn Fn(usize) -> f64) -> Self {
        let columns = 1 << (count.trailing_zeros() / 2);
        let rows = count / columns;
        let (along_columns, along_rows) = (LaneFourier::new(columns), LaneFourier::new(rows));
        let zero = Line::default();
        let time = vec![vec![zero; rows / W::LANES * (columns + W::LANES)]; polarizations];
        let frequency = vec![vec![zero; columns / W::LANES * (rows + W::LANES)]; polarizations];
        let mut factors = vec![zero; rows / W::LANES * columns];
        for (index, line) in factors.iter_mut().enumerate() {
            let k1 = along_columns.frequency_index(index % columns);
            for lane in 0..W::LANES {
                let j2 = index / columns * W::LANES + lane;
                turn_line::<W>(line, lane, -TAU * ((k1 * j2) % count) as f64 / count as f64, 1.0);
            }
        }
        let parts = factors.iter().flat_map(|line| line.re.as_ref().iter().chain(line.im.as_ref()));
        let square = parts.map(|part| part.as_f64().powi(2)).sum::<f64>() / count as f64;
        let gain = along_columns.rounding_gain() * along_rows.rounding_gain() * square;
        let mut phases = vec![0.0; count];
        for (index, lanes) in phases.chunks_exact_mut(W::LANES).enumerate() {
            let k2 = along_rows.frequency_index(index % rows);
            for (lane, phase) in lanes.iter_mut().enumerate() {
                let k1 = along_columns.frequency_index(index / rows * W::LANES + lane);
                *phase = phase_per_m(k1 + columns * k2);
            }
        }
        Self {
            wide,
            along_columns,
            along_rows,
            columns,
            rows,
            time,
            frequency,
            spectrum: Vec::new(),
            trials: [Vec::new(), Vec::new()],
            factors,
            phase_per_m: phases,
            tables: Vec::new(),
            scale: 1.0 / (count as f64 * gain),
        }
    }

    /// Puts the table of a distance, exp(-j phase)/n, last.
    fn choose_table(&mut self, distance_m: f64) {
        if let Some(at) = self.tables.iter().position(|(known, _)| is_same_distance(*known, distance_m)) {
            let table = self.tables.remove(at);
            self.tables.push(table);
            return;
        }
        let mut table = if self.tables.len() < TABLES_COUNT {
            vec![Line::default(); self.phase_per_m.len() / W::LANES]
        } else {
            self.tables.remove(0).1
        };
        let scale = self.scale;
        let lanes = self.phase_per_m.par_chunks_exact(W::LANES);
        table.par_iter_mut().zip(lanes).with_min_len(1 << 10).for_each(|(line, phases)| {
            for (lane, phase) in phases.iter().enumerate() {
                turn_line::<W>(line, lane, -phase * distance_m, scale);
            }
        });
        self.tables.push((distance_m, table));
    }

    fn sweep_frequency(&mut self, from: Source, to: Target) {
        let Self { wide, along_rows, rows, columns, time, frequency, spectrum, trials, tables, .. } = self;
        let (wide, rows, stride) = (*wide, *rows, *rows + W::LANES);
        let table = tables.last().map_or(&[][..], |(_, table)| table);
        let (target, source): (&mut Field<W>, &Field<W>) = match (from, to) {
            (Source::Time, Target::Frequency) => (frequency, time),
            (Source::Spectrum, Target::Frequency) => (frequency, spectrum),
            (_, Target::Spectrum) => (spectrum, time),
            (_, Target::Trial(trial)) => (&mut trials[trial as usize], time),
        };
        for (target, source) in target.iter_mut().zip(source) {
            target.par_chunks_exact_mut(stride).enumerate().for_each(|(block, lines)| {
                let factors = if table.is_empty() { table } else { &table[block * rows..][..rows] };
                let along = &*along_rows;
                let lines = &mut lines[..rows];
                wide.enter(FrequencyBlock { along, from, to, block, columns: *columns, source, lines, factors });
            });
        }
    }

    fn sweep_time(&mut self, passage: Passage, coefficient: f64) -> f64 {
        let Self { wide, along_columns, rows, columns, time, frequency, factors, .. } = self;
        let (wide, columns, stride) = (*wide, *columns, *columns + W::LANES);
        let (first, rest) = time.split_at_mut(1);
        let source: &Field<W> = frequency;
        let work = |block: usize, lines: [&mut [Line<W::Cell>]; 2]| {
            let factors = &factors[block * columns..][..columns];
            let along = &*along_columns;
            wide.enter(TimeBlock { along, passage, block, rows: *rows, source, lines, factors, coefficient })
        };
        let blocks = first[0].par_chunks_exact_mut(stride).enumerate();
        match rest {
            [second] => blocks
                .zip(second.par_chunks_exact_mut(stride))
                .map(|((block, x), y)| work(block, [&mut x[..columns], &mut y[..columns]]))
                .reduce(|| 0.0, f64::max),
            _ => blocks.map(|(block, x)| work(block, [&mut x[..columns], &mut []])).reduce(|| 0.0, f64::max),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Source {
    Time,
    Spectrum,
}

#[derive(Clone, Copy, PartialEq)]
enum Target {
    Frequency,
    Spectrum,
    Trial(Trial),
}

/// One block of the sweep over frequency.
struct FrequencyBlock<'a, W: Wide> {
    along: &'a LaneFourier<W::Real>,
    from: Source,
    to: Target,
    block: usize,
    columns: usize,
    source: &'a [Line<W::Cell>],
    lines: &'a mut [Line<W::Cell>],
    factors: &'a [Line<W::Cell>],
}

impl<W: Wide> WideWork<W> for FrequencyBlock<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run(self, wide: W) {
        let Self { along, from, to, block, columns, source, lines, factors } = self;
        let rows = lines.len();
        if from == Source::Spectrum {
            lines.copy_from_slice(&source[block * (rows + W::LANES)..][..rows]);
            along.inverse(
                wide,
                lines,
                #[inline(always)]
                |at, value| wide.mul_pair(value, wide.load_line(&factors[at])),
            );
            return;
        }
        lie_down(wide, source, columns + W::LANES, block, lines);
        match to {
            Target::Frequency => along.filter(wide, lines, factors),
            Target::Spectrum => along.forward(
                wide,
                lines,
                #[inline(always)]
                |_, value| value,
            ),
            Target::Trial(_) => {
                // The tables hold 1/n for the way back, which is not gone here.
                let count = wide.splat(W::Real::nearest((rows * columns) as f64));
                along.forward(
                    wide,
                    lines,
                    #[inline(always)]
                    |at, (re, im)| {
                        wide.mul_pair((wide.mul(re, count), wide.mul(im, count)), wide.load_line(&factors[at]))
                    },
                );
            }
        }
    }
}

/// How much of the second sweep is done.
#[derive(Clone, Copy, PartialEq)]
enum Passage {
    /// From samples in time.
    Enter,
    /// Back to time, rotated, forth again.
    Through,
    /// To samples in time.
    Leave,
}

/// One block of the sweep over time, of both polarizations; the second has no lines if there is one.
struct TimeBlock<'a, W: Wide> {
    along: &'a LaneFourier<W::Real>,
    passage: Passage,
    block: usize,
    rows: usize,
    source: &'a Field<W>,
    lines: [&'a mut [Line<W::Cell>]; 2],
    factors: &'a [Line<W::Cell>],
    coefficient: f64,
}

impl<W: Wide> WideWork<W> for TimeBlock<'_, W> {
    type Output = f64;

    #[inline(always)]
    fn run(self, wide: W) -> f64 {
        let Self { along, passage, block, rows, source, lines: [x, y], factors, coefficient } = self;
        let both = !y.is_empty();
        let mut peak = wide.splat(W::Real::nearest(0.0));
        if passage != Passage::Enter {
            lie_down(wide, &source[0], rows + W::LANES, block, x);
            along.inverse_but_first(
                wide,
                x,
                #[inline(always)]
                |at, value| wide.mul_conjugate(value, wide.load_line(&factors[at])),
            );
            if both {
                lie_down(wide, &source[1], rows + W::LANES, block, y);
                along.inverse_but_first(
                    wide,
                    y,
                    #[inline(always)]
                    |at, value| wide.mul_conjugate(value, wide.load_line(&factors[at])),
                );
            }
        }
        match (passage, both) {
            (Passage::Through, true) => {
                along.through_time(
                    wide,
                    x,
                    Some(y),
                    #[inline(always)]
                    |a, b| rotate(wide, coefficient, a, b, &mut peak),
                );
            }
            (Passage::Through, false) => {
                along.through_time(
                    wide,
                    x,
                    None,
                    #[inline(always)]
                    |a, b| rotate(wide, coefficient, a, b, &mut peak),
                );
            }
            (Passage::Leave, _) => {
                along.first_inverse(wide, x);
                along.first_inverse(wide, y);
            }
            (Passage::Enter, _) => {
                along.first_forward(wide, x);
                along.first_forward(wide, y);
            }
        }
        if passage != Passage::Leave {
            along.forward_but_first(
                wide,
                x,
                #[inline(always)]
                |at, value| wide.mul_pair(value, wide.load_line(&factors[at])),
            );
            along.forward_but_first(
                wide,
                y,
                #[inline(always)]
                |at, value| wide.mul_pair(value, wide.load_line(&factors[at])),
            );
        }
        wide.store(peak).as_ref().iter().fold(0.0, |peak, lane| lane.as_f64().max(peak))
    }
}

/// Turns each sample by the power of both polarizations; the greatest power stays in `peak`.
#[inline(always)]
fn rotate<W: Wide>(wide: W, coefficient: f64, x: &mut [Pair<W>], y: &mut [Pair<W>], peak: &mut W::Vector) {
    let coefficient = wide.splat(W::Real::nearest(coefficient));
    for (x, y) in x.iter_mut().zip(y) {
        let power = wide.mul_add(x.0, x.0, wide.mul(x.1, x.1));
        let power = wide.mul_add(y.0, y.0, wide.mul_add(y.1, y.1, power));
        *peak = wide.max(*peak, power);
        // exp(-j phase) - 1
        let (versine, sine) = wide.versine_and_sine(wide.mul(power, coefficient));
        for value in [x, y] {
            let (re, im) = *value;
            *value = (
                wide.mul_add(re, versine, wide.mul_add(im, sine, re)),
                wide.mul_add(im, versine, wide.neg_mul_add(re, sine, im)),
            );
        }
    }
}

/// Reads the squares of one block from the other layout.
#[inline(always)]
fn lie_down<W: Wide>(wide: W, source: &[Line<W::Cell>], stride: usize, block: usize, lines: &mut [Line<W::Cell>]) {
    for (row, square) in source.chunks_exact(stride).zip(lines.chunks_exact_mut(W::LANES)) {
        wide.transpose(&row[block * W::LANES..][..W::LANES], square);
    }
}

impl<W: Wide> Engine for Sweeps<W> {
    fn load(&mut self, field: &[Complex64]) {
        let (rows, stride) = (self.rows, self.columns + W::LANES);
        let count = self.rows * self.columns;
        for (lines, samples) in self.time.iter_mut().zip(field.chunks_exact(count)) {
            for (j, sample) in samples.iter().enumerate() {
                let (j1, j2) = (j / rows, j % rows);
                let line = &mut lines[j2 / W::LANES * stride + j1];
                line.re.as_mut()[j2 % W::LANES] = W::Real::nearest(sample.re);
                line.im.as_mut()[j2 % W::LANES] = W::Real::nearest(sample.im);
            }
        }
    }

    fn unload(&self, scale: f64) -> Vec<Complex64> {
        let (rows, stride) = (self.rows, self.columns + W::LANES);
        let count = self.rows * self.columns;
        let sample = |lines: &Lines<W>, j: usize| {
            let (j1, j2) = (j / rows, j % rows);
            let line = &lines[j2 / W::LANES * stride + j1];
            let part = |cell: &W::Cell| scale * cell.as_ref()[j2 % W::LANES].as_f64();
            Complex64::new(part(&line.re), part(&line.im))
        };
        self.time.iter().flat_map(|lines| (0..count).map(move |j| sample(lines, j))).collect()
    }

    fn enter(&mut self) {
        self.sweep_time(Passage::Enter, 0.0);
    }

    fn leave(&mut self) {
        self.sweep_time(Passage::Leave, 0.0);
    }

    fn disperse(&mut self, distance_m: f64) {
        self.choose_table(distance_m);
        self.sweep_frequency(Source::Time, Target::Frequency);
    }

    fn rotate(&mut self, phase_rad_per_w: f64) -> f64 {
        self.sweep_time(Passage::Through, phase_rad_per_w)
    }

    fn enter_spectrum(&mut self) {
        self.spectrum = self.frequency.clone();
        self.trials = [self.frequency.clone(), self.frequency.clone()];
        self.sweep_frequency(Source::Time, Target::Spectrum);
    }

    fn halt_in_spectrum(&mut self) {
        if self.spectrum.is_empty() {
            self.spectrum = self.frequency.clone();
        }
        self.sweep_frequency(Source::Time, Target::Spectrum);
    }

    fn turn_spectrum(&mut self, turn: Turn<'_>) {
        let Self { along_columns, along_rows, rows, columns, spectrum, .. } = self;
        turn_lines::<W>(spectrum, *rows, turn, |block, row, lane| {
            along_columns.frequency_index(block * W::LANES + lane) + *columns * along_rows.frequency_index(row)
        });
    }

    fn disperse_spectrum(&mut self, distance_m: f64) {
        self.choose_table(distance_m);
        self.sweep_frequency(Source::Spectrum, Target::Frequency);
    }

    fn disperse_to_trial(&mut self, distance_m: f64, trial: Trial) {
        self.choose_table(distance_m);
        self.sweep_frequency(Source::Time, Target::Trial(trial));
    }

    fn compare_trials(&mut self) -> f64 {
        let wide = self.wide;
        let stride = self.rows + W::LANES;
        let [coarse, fine] = &mut self.trials;
        let sums: Vec<[f64; 2]> = coarse
            .iter_mut()
            .zip(fine.iter())
            .flat_map(|(coarse, fine)| {
                let blocks = coarse.par_chunks_exact_mut(stride).zip(fine.par_chunks_exact(stride));
                blocks.map(|(coarse, fine)| wide.enter(Comparison { coarse, fine })).collect::<Vec<_>>()
            })
            .collect();
        let total = |which: usize| sums.iter().map(|sum| sum[which]).sum::<f64>();
        (total(0) / total(1).max(f64::MIN_POSITIVE)).sqrt()
    }

    fn accept_trials(&mut self) {
        std::mem::swap(&mut self.spectrum, &mut self.trials[0]);
    }
}

/// Difference and size of two trials; the extrapolation takes the place of the coarse one.
struct Comparison<'a, C> {
    coarse: &'a mut [Line<C>],
    fine: &'a [Line<C>],
}

impl<W: Wide> WideWork<W> for Comparison<'_, W::Cell> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self, wide: W) -> [f64; 2] {
        let zero = wide.splat(W::Real::nearest(0.0));
        let third = wide.splat(W::Real::nearest(1.0 / 3.0));
        let (mut difference, mut size) = (zero, zero);
        for (coarse, fine) in self.coarse.iter_mut().zip(self.fine) {
            let here = wide.load_line(fine);
            let gap = wide.sub_pair(here, wide.load_line(coarse));
            difference = wide.mul_add(gap.0, gap.0, wide.mul_add(gap.1, gap.1, difference));
            size = wide.mul_add(here.0, here.0, wide.mul_add(here.1, here.1, size));
            *coarse = wide.store_line((wide.mul_add(third, gap.0, here.0), wide.mul_add(third, gap.1, here.1)));
        }
        [difference, size].map(|sum| wide.store(sum).as_ref().iter().map(|lane| lane.as_f64()).sum())
    }
}

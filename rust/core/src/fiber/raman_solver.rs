//! The boundary-value problem of Raman scattering: sweeps of an adaptive Runge-Kutta solver in logarithmic power.

use super::raman::{RamanOptions, RamanWave};
use super::raman_gain::RamanGain;
use super::raman_shooting::shoot;
use crate::error::{Error, Result};
use crate::task::Task;

/// Most steps between two positions.
const STEPS_MAX: u32 = 100_000;

/// Sweeps after which shooting is tried, again and again.
const SHOOTING_SWEEPS_COUNT: u32 = 16;

/// All waves with their coupling: first those that run ahead, then those that run back.
pub(super) struct Waves {
    ahead: usize,
    log_launch: Vec<f64>,
    attenuation_per_m: Vec<f64>,
    /// Row after row, what each wave gains from a watt of every other.
    coupling_per_w_m: Vec<f64>,
}

impl Waves {
    pub fn new(gain: &RamanGain, ahead: &[RamanWave], back: &[RamanWave]) -> Self {
        let all: Vec<RamanWave> = ahead.iter().chain(back).copied().collect();
        let between = |wave: &RamanWave, other: &RamanWave| {
            let (here, there) = (wave.frequency_hz, other.frequency_hz);
            if there > here {
                gain.between_per_w_m(there, here)
            } else if there < here {
                -gain.defect_ratio(here, there) * gain.between_per_w_m(here, there)
            } else {
                0.0
            }
        };
        Self {
            ahead: ahead.len(),
            log_launch: all.iter().map(|wave| wave.power_w.ln()).collect(),
            attenuation_per_m: all.iter().map(|wave| wave.attenuation_per_m).collect(),
            coupling_per_w_m: all
                .iter()
                .flat_map(|wave| all.iter().map(move |other| between(wave, other)).collect::<Vec<f64>>())
                .collect(),
        }
    }

    /// Number of waves that run ahead.
    pub fn ahead(&self) -> usize {
        self.ahead
    }

    /// Logarithm of each wave's power where it enters.
    pub fn log_launch(&self) -> &[f64] {
        &self.log_launch
    }

    fn count(&self) -> usize {
        self.log_launch.len()
    }

    /// Growth per meter, in its own direction, of the waves `range` with all powers given.
    pub fn rates(&self, range: std::ops::Range<usize>, powers_w: &[f64], out: &mut [f64]) {
        for (wave, rate) in range.zip(out) {
            let row = &self.coupling_per_w_m[wave * self.count()..(wave + 1) * self.count()];
            let gained: f64 = row.iter().zip(powers_w).map(|(gain, power)| gain * power).sum();
            *rate = gained - self.attenuation_per_m[wave];
        }
    }
}

/// Logarithms of all powers, node after node.
pub(super) struct Solved {
    pub log_powers: Vec<Vec<f64>>,
    pub sweeps_count: u32,
    pub change_ratio: f64,
}

/// Logarithms and their growth over z at all nodes, of the waves of one direction.
struct Track {
    log_powers: Vec<Vec<f64>>,
    slopes_per_m: Vec<Vec<f64>>,
}

/// Solves for all powers at `position_m`, see [`super::raman::solve_raman`].
pub(super) fn solve(waves: &Waves, position_m: &[f64], options: &RamanOptions, task: &Task) -> Result<Solved> {
    let length_m = position_m[position_m.len() - 1];
    let back = waves.ahead..waves.count();
    // Undepleted pumps to begin with.
    let mut against = Track {
        log_powers: position_m
            .iter()
            .map(|z| back.clone().map(|w| waves.log_launch[w] - waves.attenuation_per_m[w] * (length_m - z)).collect())
            .collect(),
        slopes_per_m: vec![waves.attenuation_per_m[back.clone()].to_vec(); position_m.len()],
    };
    let mut with = sweep(waves, position_m, &against, false, options, task)?;
    let (mut sweeps_count, mut change_ratio, mut share) = (1_u32, 0.0, 1.0);
    if !back.is_empty() {
        let mut last_change = f64::INFINITY;
        loop {
            let next = sweep(waves, position_m, &with, true, options, task)?;
            change_ratio = relax(&mut against, &next, share);
            with = sweep(waves, position_m, &against, false, options, task)?;
            sweeps_count += 1;
            if change_ratio <= 10.0 * options.tolerance_ratio {
                break;
            }
            if sweeps_count.is_multiple_of(SHOOTING_SWEEPS_COUNT)
                && let Some(mut solved) = shoot(waves, position_m, &against.log_powers[0], options, task)?
            {
                solved.sweeps_count += sweeps_count;
                return Ok(solved);
            }
            if sweeps_count >= options.sweeps_max_count {
                return Err(Error::Model(format!(
                    "the powers of the Raman pumps still change by {change_ratio:.1e} after {sweeps_count} sweeps; weaker pumps or \
                     more sweeps are needed"
                )));
            }
            if change_ratio > 0.7 * last_change {
                share = (0.7 * share).max(0.05);
            }
            last_change = change_ratio;
        }
    }
    let log_powers = with
        .log_powers
        .into_iter()
        .zip(against.log_powers)
        .map(|(mut node, behind)| {
            node.extend(behind);
            node
        })
        .collect();
    Ok(Solved { log_powers, sweeps_count, change_ratio })
}

/// Moves `track` towards `next` by `share` and returns the greatest distance between them.
fn relax(track: &mut Track, next: &Track, share: f64) -> f64 {
    let mut greatest = 0.0f64;
    let rows = track.log_powers.iter_mut().zip(&mut track.slopes_per_m);
    for ((logs, slopes), (next_logs, next_slopes)) in rows.zip(next.log_powers.iter().zip(&next.slopes_per_m)) {
        for ((log, next_log), (slope, next_slope)) in
            logs.iter_mut().zip(next_logs).zip(slopes.iter_mut().zip(next_slopes))
        {
            greatest = greatest.max((next_log - *log).abs());
            *log += share * (next_log - *log);
            *slope += share * (next_slope - *slope);
        }
    }
    greatest
}

/// One direction through all nodes with the other direction's powers given.
fn sweep(
    waves: &Waves,
    position_m: &[f64],
    others: &Track,
    is_backward: bool,
    options: &RamanOptions,
    task: &Task,
) -> Result<Track> {
    let nodes = position_m.len();
    let moving = if is_backward { waves.ahead..waves.count() } else { 0..waves.ahead };
    let sign = if is_backward { -1.0 } else { 1.0 };
    let given = if is_backward { 0..waves.ahead } else { waves.ahead..waves.count() };
    let mut powers = vec![0.0; waves.count()];
    // Growth over the way already run, at a share of the interval between two nodes.
    let mut rates = |from: usize, to: usize, share: f64, log_powers: &[f64], out: &mut [f64]| {
        let step_m = position_m[to] - position_m[from];
        for (place, wave) in given.clone().enumerate() {
            powers[wave] = hermite(others, from, to, place, step_m, share).exp();
        }
        for (wave, log_power) in moving.clone().zip(log_powers) {
            powers[wave] = log_power.exp();
        }
        waves.rates(moving.clone(), &powers, out);
    };
    let mut track = Track { log_powers: vec![Vec::new(); nodes], slopes_per_m: vec![Vec::new(); nodes] };
    let mut state = waves.log_launch[moving.clone()].to_vec();
    let order: Vec<usize> = if is_backward { (0..nodes).rev().collect() } else { (0..nodes).collect() };
    let mut slope = vec![0.0; state.len()];
    let mut trial = f64::INFINITY;
    for pair in order.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        rates(from, to, 0.0, &state, &mut slope);
        track.log_powers[from].clone_from(&state);
        track.slopes_per_m[from] = slope.iter().map(|rate| sign * rate).collect();
        let interval_m = (position_m[to] - position_m[from]).abs();
        trial = advance(&mut state, interval_m, trial, options.tolerance_ratio, task, |share, log_powers, out| {
            rates(from, to, share, log_powers, out);
        })?;
    }
    if let [.., before, end] = order[..] {
        rates(before, end, 1.0, &state, &mut slope);
        track.slopes_per_m[end] = slope.iter().map(|rate| sign * rate).collect();
        track.log_powers[end] = state;
    }
    Ok(track)
}

/// Logarithm of a wave's power between two nodes by cubic Hermite interpolation.
fn hermite(track: &Track, from: usize, to: usize, wave: usize, step_m: f64, share: f64) -> f64 {
    let (y0, y1) = (track.log_powers[from][wave], track.log_powers[to][wave]);
    let (d0, d1) = (track.slopes_per_m[from][wave] * step_m, track.slopes_per_m[to][wave] * step_m);
    let rest = 1.0 - share;
    y0 * rest * rest * (1.0 + 2.0 * share) + y1 * share * share * (1.0 + 2.0 * rest) + d0 * share * rest * rest
        - d1 * rest * share * share
}

/// Nodes, weights and difference of weights of the Dormand-Prince pair.
const STAGE_SHARES: [f64; 7] = [0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0];
const STAGES: [[f64; 6]; 7] = [
    [0.0; 6],
    [0.2, 0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0 / 40.0, 9.0 / 40.0, 0.0, 0.0, 0.0, 0.0],
    [44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0, 0.0, 0.0, 0.0],
    [19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0, 0.0, 0.0],
    [9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0, 0.0],
    [35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
const ERROR_WEIGHTS: [f64; 7] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -0.025];

/// Carries the state over one interval in as many steps as the tolerance asks for; returns the length of the next step.
///
/// # Errors
/// [`Error::Model`] if the steps are too many; [`Error::Cancelled`], asked for before every step.
pub(super) fn advance(
    state: &mut [f64],
    interval_m: f64,
    trial_m: f64,
    tolerance: f64,
    task: &Task,
    mut rates: impl FnMut(f64, &[f64], &mut [f64]),
) -> Result<f64> {
    let waves = state.len();
    let mut stages = vec![vec![0.0; waves]; 7];
    let mut probe = vec![0.0; waves];
    let (mut done_m, mut step_m) = (0.0, trial_m.min(interval_m));
    for _ in 0..STEPS_MAX {
        task.check()?;
        let is_last = done_m + step_m >= interval_m * (1.0 - 1e-12);
        let taken_m = if is_last { interval_m - done_m } else { step_m };
        for stage in 0..7 {
            for wave in 0..waves {
                let moved: f64 = (0..stage).map(|before| STAGES[stage][before] * stages[before][wave]).sum();
                probe[wave] = state[wave] + taken_m * moved;
            }
            let share = ((done_m + STAGE_SHARES[stage] * taken_m) / interval_m).min(1.0);
            rates(share, &probe, &mut stages[stage]);
        }
        let error = (0..waves)
            .map(|wave| (taken_m * (0..7).map(|stage| ERROR_WEIGHTS[stage] * stages[stage][wave]).sum::<f64>()).abs())
            .fold(0.0, f64::max);
        if !error.is_finite() {
            break;
        }
        let change = 0.9 * (tolerance / error.max(1e-30)).powf(0.2);
        if error <= tolerance {
            state.copy_from_slice(&probe);
            done_m += taken_m;
            if is_last {
                return Ok((taken_m * change.clamp(0.2, 5.0)).max(step_m));
            }
            step_m = taken_m * change.clamp(0.2, 5.0);
        } else {
            step_m = taken_m * change.clamp(0.1, 0.9);
        }
    }
    Err(Error::Model("the powers along the fiber change too fast to follow".into()))
}

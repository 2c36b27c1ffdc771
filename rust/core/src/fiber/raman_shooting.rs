//! The boundary-value problem of Raman scattering by shooting: Newton's method on the backward waves' powers at the input.

use super::raman::RamanOptions;
use super::raman_solver::{Solved, Waves, advance};
use crate::error::{Error, Result};
use crate::task::Task;

/// Newton steps before it gives up: from a start that is near, three or four do.
const STEPS_MAX_COUNT: u32 = 12;
/// Times that a step is halved where it does not come closer.
const HALVINGS_MAX_COUNT: u32 = 6;
/// Difference of logarithms for the derivatives.
const DIFFERENCE: f64 = 1e-4;

/// Solves for all powers from a start that is near; `None` where it does not come closer.
///
/// # Algorithm
/// 1. All waves together from the input to the end of the fiber, the backward ones as they are there, growing over z.
/// 2. What the logarithms of the backward powers miss of their launch powers at the end is to vanish: Newton's method with
///    derivatives by differences, halving steps that do not come closer.
pub(super) fn shoot(
    waves: &Waves,
    position_m: &[f64],
    start: &[f64],
    options: &RamanOptions,
    task: &Task,
) -> Result<Option<Solved>> {
    let mut log_inputs = start.to_vec();
    let Some(mut track) = march(waves, position_m, &log_inputs, options, task)? else { return Ok(None) };
    let mut marches_count = 1;
    let mut missed = misses(waves, &track);
    for _ in 0..STEPS_MAX_COUNT {
        let distance = greatest(&missed);
        if distance <= 10.0 * options.tolerance_ratio {
            return Ok(Some(Solved { log_powers: track, sweeps_count: marches_count, change_ratio: distance }));
        }
        let mut columns = Vec::with_capacity(missed.len());
        for wave in 0..missed.len() {
            let mut beside = log_inputs.clone();
            beside[wave] += DIFFERENCE;
            let Some(found) = march(waves, position_m, &beside, options, task)? else { return Ok(None) };
            marches_count += 1;
            let moved = misses(waves, &found);
            columns.push(moved.iter().zip(&missed).map(|(a, b)| (a - b) / DIFFERENCE).collect::<Vec<f64>>());
        }
        let Some(step) = eliminate(&columns, &missed) else { return Ok(None) };
        let mut share = 1.0f64.min(1.0 / greatest(&step));
        let mut closer = None;
        for _ in 0..HALVINGS_MAX_COUNT {
            let trial: Vec<f64> = log_inputs.iter().zip(&step).map(|(input, by)| input - share * by).collect();
            let found = march(waves, position_m, &trial, options, task)?;
            marches_count += 1;
            if let Some(found) = found.filter(|found| greatest(&misses(waves, found)) < distance) {
                closer = Some((trial, found));
                break;
            }
            share *= 0.5;
        }
        let Some((inputs, found)) = closer else { return Ok(None) };
        missed = misses(waves, &found);
        (log_inputs, track) = (inputs, found);
    }
    Ok(None)
}

/// Logarithms of all powers, node after node, from those at the input; `None` where they run away.
fn march(
    waves: &Waves,
    position_m: &[f64],
    log_inputs: &[f64],
    options: &RamanOptions,
    task: &Task,
) -> Result<Option<Vec<Vec<f64>>>> {
    let ahead = waves.ahead();
    let mut state: Vec<f64> = waves.log_launch()[..ahead].iter().chain(log_inputs).copied().collect();
    let mut powers = vec![0.0; state.len()];
    let mut track = vec![state.clone()];
    let mut trial_m = f64::INFINITY;
    for pair in position_m.windows(2) {
        let grown = advance(&mut state, pair[1] - pair[0], trial_m, options.tolerance_ratio, task, |_, logs, out| {
            for (power, log) in powers.iter_mut().zip(logs) {
                *power = log.exp();
            }
            waves.rates(0..logs.len(), &powers, out);
            out[ahead..].iter_mut().for_each(|rate| *rate = -*rate);
        });
        match grown {
            Ok(next_m) => trial_m = next_m,
            Err(Error::Model(_)) => return Ok(None),
            Err(other) => return Err(other),
        }
        track.push(state.clone());
    }
    Ok(Some(track))
}

/// Logarithms of the backward powers at the end of the fiber over those that are launched there.
fn misses(waves: &Waves, track: &[Vec<f64>]) -> Vec<f64> {
    let end = track.last().map_or(&[][..], |node| &node[waves.ahead()..]);
    end.iter().zip(&waves.log_launch()[waves.ahead()..]).map(|(found, wanted)| found - wanted).collect()
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |greatest, value| value.abs().max(greatest))
}

/// Solves sum over j of columns[j][i] x[j] = right[i] by elimination with the greatest pivots; `None` if there is none.
fn eliminate(columns: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let count = right.len();
    let mut rows: Vec<Vec<f64>> =
        (0..count).map(|i| columns.iter().map(|column| column[i]).chain([right[i]]).collect()).collect();
    for place in 0..count {
        let pivot = (place..count).max_by(|&a, &b| rows[a][place].abs().total_cmp(&rows[b][place].abs()))?;
        rows.swap(place, pivot);
        if rows[place][place] == 0.0 || !rows[place][place].is_finite() {
            return None;
        }
        let above = rows[place].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            if index != place {
                let factor = row[place] / above[place];
                row.iter_mut().zip(&above).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    Some((0..count).map(|place| rows[place][count] / rows[place][place]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_equations() {
        let columns = [vec![0.0, 2.0, 1.0], vec![1.0, -1.0, 3.0], vec![4.0, 0.5, -2.0]];
        let x = [0.3, -1.2, 2.5];
        let right: Vec<f64> = (0..3).map(|i| (0..3).map(|j| columns[j][i] * x[j]).sum()).collect();
        let found = eliminate(&columns, &right).unwrap();
        assert!(found.iter().zip(x).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        assert!(eliminate(&[vec![1.0, 2.0], vec![2.0, 4.0]], &[1.0, 1.0]).is_none());
    }
}

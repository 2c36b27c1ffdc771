//! A coherent receiver from the OSNR limit to the unamplified one: its required OSNR over the received power.

use crate::error::{Error, Result};
use crate::units::{from_db, to_db};
use std::f64::consts::LN_10;

/// Steps of the reweighted fit; the weights settle within ten.
const FIT_STEPS: usize = 60;
/// Decibels of a relative change.
const DB_PER_NEPER: f64 = 10.0 / LN_10;

/// Required OSNR over received power by noise that does not change with power, and noise that goes with 1/P and 1/P^2.
///
/// The receiver meets its FEC threshold where `line_ratio` SNR_ample/SNR + c1 u + c2 u^2 = 1, u = P_knee/P.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReceiverNoise {
    /// Required OSNR at ample power: what the mode states, never less.
    pub ample_osnr_db: f64,
    /// Share of line noise in all bearable noise, at the ample required OSNR.
    pub line_ratio: f64,
    /// c1: share of shot and oscillator noise at the knee.
    pub inverse_power_ratio: f64,
    /// c2: share of thermal and converter noise at the knee.
    pub inverse_square_ratio: f64,
    /// Received power from which the mode states its required OSNR.
    pub knee_power_dbm: f64,
    /// Hard end: least received power.
    pub least_power_dbm: f64,
}

/// A fitted receiver and how far its curve passes from each point.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiverFit {
    /// The receiver.
    pub noise: ReceiverNoise,
    /// Received powers of the points that say something, rising.
    pub power_dbm: Vec<f64>,
    /// Distance of each point from the curve in the plane of power and OSNR; above 0 where the curve asks for more.
    pub distance_db: Vec<f64>,
}

/// One equation of the fit: required SNR and power as ratios to those of the knee.
#[derive(Debug, Clone, Copy)]
struct Equation {
    terms: [f64; 3],
    pinned: bool,
}

impl Equation {
    fn sum(&self, solution: [f64; 3]) -> f64 {
        self.terms.iter().zip(solution).map(|(term, factor)| term * factor).sum()
    }

    /// Reciprocal of the slope of the sum in the plane of two decibel scales: turns a misfit into a distance.
    fn weight(&self, solution: [f64; 3]) -> f64 {
        let osnr = solution[0] * self.terms[0];
        let power = solution[1] * self.terms[1] + 2.0 * solution[2] * self.terms[2];
        DB_PER_NEPER / osnr.hypot(power)
    }
}

impl ReceiverNoise {
    /// Fits a receiver to points of required OSNR over received power.
    ///
    /// # Algorithm
    /// 1. The least required OSNR is the one at ample power, and the least power that has it the knee; points of more power
    ///    say nothing more.
    /// 2. At each point line noise, c1 u and c2 u^2 fill the bearable noise: linear in the three, none below zero, `line_ratio` at most 1. Least
    ///    squares over all subsets of the three, the misfits weighted so that they are distances in the plane of the two
    ///    decibel scales (steep points count by their power), again and again until the weights settle.
    /// 3. The point at the sensitivity is met or bettered: where the fit would ask for more, it is made an equality.
    ///
    /// With fewer points than three the linear term alone is taken: it asks for most between the points. A single point
    /// leaves the required OSNR flat, and the hard end at that point.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the columns differ in length, are empty, hold NaN, or power does not rise.
    pub fn fit(power_dbm: &[f64], osnr_db: &[f64], sensitivity_dbm: Option<f64>) -> Result<ReceiverFit> {
        check(power_dbm, osnr_db)?;
        let ample_osnr_db = osnr_db.iter().copied().fold(f64::INFINITY, f64::min);
        let knee = osnr_db.iter().position(|&osnr| osnr == ample_osnr_db).unwrap_or(0);
        let knee_power_dbm = power_dbm[knee];
        let power_dbm: Vec<f64> = power_dbm[..=knee].to_vec();
        let equations: Vec<Equation> = power_dbm
            .iter()
            .zip(osnr_db)
            .map(|(&power, &osnr)| {
                let u = from_db(knee_power_dbm - power);
                let pinned = sensitivity_dbm.is_some_and(|limit| power <= limit);
                Equation { terms: [from_db(ample_osnr_db - osnr), u, u * u], pinned }
            })
            .collect();
        let mut solution = solve_reweighted(&equations, false);
        if equations.iter().any(|equation| equation.pinned && equation.sum(solution) > 1.0) {
            solution = solve_reweighted(&equations, true);
            let most = equations.iter().filter(|equation| equation.pinned).map(|equation| equation.sum(solution));
            let most = most.fold(1.0, f64::max);
            solution = solution.map(|factor| factor / most);
        }
        let noise = Self {
            ample_osnr_db,
            line_ratio: solution[0],
            inverse_power_ratio: solution[1],
            inverse_square_ratio: solution[2],
            knee_power_dbm,
            least_power_dbm: sensitivity_dbm.map_or(power_dbm[0], |limit| limit.min(power_dbm[0])),
        };
        let distance_db =
            equations.iter().map(|equation| equation.weight(solution) * (equation.sum(solution) - 1.0)).collect();
        Ok(ReceiverFit { noise, power_dbm, distance_db })
    }

    /// Required OSNR at a received power; `None` below the hard end and where no OSNR is enough.
    pub fn required_osnr_db(&self, power_dbm: f64) -> Option<f64> {
        if power_dbm.is_nan() || power_dbm < self.least_power_dbm {
            return None;
        }
        let u = from_db(self.knee_power_dbm - power_dbm);
        let left = 1.0 - u * (self.inverse_power_ratio + u * self.inverse_square_ratio);
        (left > 0.0).then(|| self.ample_osnr_db + to_db(self.line_ratio / left).max(0.0))
    }
}

impl ReceiverFit {
    /// Greatest distance of a point from the curve.
    pub fn worst_distance_db(&self) -> f64 {
        self.distance_db.iter().fold(0.0, |worst, distance| distance.abs().max(worst))
    }
}

fn check(power_dbm: &[f64], osnr_db: &[f64]) -> Result<()> {
    if power_dbm.len() != osnr_db.len() || power_dbm.is_empty() {
        let found = format!("{} powers and {} OSNRs", power_dbm.len(), osnr_db.len());
        return Err(Error::parameter("points", found, "one OSNR for each power, and one point or more"));
    }
    if power_dbm.iter().chain(osnr_db).any(|value| !value.is_finite()) {
        return Err(Error::parameter("points", "a number that is not finite", "finite numbers"));
    }
    if power_dbm.windows(2).any(|pair| pair[1] <= pair[0]) {
        return Err(Error::parameter("points", "power that does not rise", "strictly rising power"));
    }
    Ok(())
}

/// Weight of an equation that must hold.
const PIN: f64 = 1e4;

fn solve_reweighted(equations: &[Equation], pin: bool) -> [f64; 3] {
    let mut solution = [1.0, 0.0, 0.0];
    for _ in 0..FIT_STEPS {
        let weights: Vec<f64> = equations
            .iter()
            .map(|equation| equation.weight(solution) * if pin && equation.pinned { PIN } else { 1.0 })
            .collect();
        solution = solve_not_negative(equations, &weights);
    }
    solution
}

/// Least squares with no factor below zero and that of the line at most one, so that ample power needs no more than the
/// mode states: the best of all subsets of the terms. The line's own term is always there, a term more must pay for itself.
fn solve_not_negative(equations: &[Equation], weights: &[f64]) -> [f64; 3] {
    let free: [&[usize]; 7] = [&[], &[0], &[1], &[2], &[0, 1], &[0, 2], &[0, 1, 2]];
    let mut best = ([1.0, 0.0, 0.0], f64::INFINITY);
    for terms in free.into_iter().filter(|terms| terms.len() <= equations.len()) {
        let Some(solution) = solve_normal_equations(equations, weights, terms) else { continue };
        if solution.iter().any(|&factor| factor < 0.0) || solution[0] > 1.0 {
            continue;
        }
        let misfit: f64 = equations
            .iter()
            .zip(weights)
            .map(|(equation, weight)| (weight * (equation.sum(solution) - 1.0)).powi(2))
            .sum();
        if misfit < best.1 - 1e-12 {
            best = (solution, misfit);
        }
    }
    best.0
}

/// Least squares over the free `terms`; the line's factor is 1 where it is not among them.
fn solve_normal_equations(equations: &[Equation], weights: &[f64], terms: &[usize]) -> Option<[f64; 3]> {
    let size = terms.len();
    let fixed = if terms.contains(&0) { 0.0 } else { 1.0 };
    let mut matrix = [[0.0; 4]; 3];
    for (equation, weight) in equations.iter().zip(weights) {
        let left = 1.0 - fixed * equation.terms[0];
        let row: Vec<f64> = terms.iter().map(|&term| equation.terms[term]).chain([left]).collect();
        for i in 0..size {
            for (j, value) in row.iter().enumerate() {
                matrix[i][j] += weight * weight * row[i] * value;
            }
        }
    }
    // Gauss-Jordan; the matrix is symmetric and positive, the pivots are on the diagonal.
    for pivot in 0..size {
        let divisor = matrix[pivot][pivot];
        if divisor.abs() < 1e-12 * matrix[pivot][size].abs() {
            return None;
        }
        let scaled = matrix[pivot].map(|value| value / divisor);
        for (index, row) in matrix.iter_mut().enumerate().take(size) {
            let factor = row[pivot];
            for (value, part) in row.iter_mut().zip(scaled) {
                *value = if index == pivot { part } else { *value - factor * part };
            }
        }
    }
    let mut out = [fixed, 0.0, 0.0];
    for (index, &term) in terms.iter().enumerate() {
        out[term] = matrix[index][size];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_triples_of_one_receiver_and_its_sensitivity() {
        // 400G 16QAM oFEC: 23.4 dB from -12 dBm, 23.9 at -14, 24.4 at -16, -21 dBm at an OSNR of 36 dB.
        let power = [-21.0, -16.0, -14.0, -12.0, 0.0];
        let osnr = [36.0, 24.4, 23.9, 23.4, 23.4];
        let fit = ReceiverNoise::fit(&power, &osnr, Some(-21.0)).unwrap();
        assert!(fit.worst_distance_db() < 0.1, "{:?}", fit.distance_db);
        for (power, osnr) in power.into_iter().zip(osnr).skip(1) {
            let found = fit.noise.required_osnr_db(power).unwrap();
            assert!((found - osnr).abs() < 0.1, "{power}: {found}");
        }
        assert!(fit.noise.required_osnr_db(-21.0).unwrap() <= 36.0 + 1e-9);
        assert_eq!(fit.noise.required_osnr_db(-21.001), None);
        assert_eq!(fit.noise.required_osnr_db(f64::NAN), None);
        assert_eq!(fit.noise.required_osnr_db(0.0), Some(23.4));
    }

    #[test]
    fn a_receiver_of_the_law_is_found_again() {
        let truth = ReceiverNoise {
            ample_osnr_db: 20.0,
            line_ratio: 0.9,
            inverse_power_ratio: 0.06,
            inverse_square_ratio: 0.04,
            knee_power_dbm: -12.0,
            least_power_dbm: -17.0,
        };
        let power = [-17.0, -16.0, -15.0, -14.0, -13.0, -12.0];
        let osnr = power.map(|power| truth.required_osnr_db(power).unwrap());
        let fit = ReceiverNoise::fit(&power, &osnr, None).unwrap();
        assert!(fit.worst_distance_db() < 1e-9, "{:?}", fit.distance_db);
        for (found, expected) in
            [(fit.noise.line_ratio, 0.9), (fit.noise.inverse_power_ratio, 0.06), (fit.noise.inverse_square_ratio, 0.04)]
        {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn required_osnr_falls_with_power_and_keeps_the_sensitivity() {
        for (power, osnr) in [
            (vec![-22.0, -19.0, -17.0, -15.0], vec![36.0, 21.3, 20.8, 20.3]),
            (vec![-29.0, -22.0, -20.0, -18.0], vec![36.0, 16.0, 15.5, 15.0]),
            (vec![-23.0, -12.0], vec![43.0, 23.5]),
        ] {
            let fit = ReceiverNoise::fit(&power, &osnr, Some(power[0])).unwrap();
            assert!(fit.noise.required_osnr_db(power[0]).unwrap() <= osnr[0] + 1e-9);
            let mut last = f64::INFINITY;
            for step in 0..240 {
                let found = fit.noise.required_osnr_db(power[0] + 0.1 * f64::from(step)).unwrap();
                assert!(found <= last);
                last = found;
            }
            assert_eq!(last, fit.noise.ample_osnr_db);
        }
    }

    #[test]
    fn one_point_is_flat_and_two_are_met() {
        let flat = ReceiverNoise::fit(&[-12.0, 0.0], &[24.0, 24.0], None).unwrap().noise;
        assert_eq!((flat.required_osnr_db(-12.0), flat.required_osnr_db(-12.1)), (Some(24.0), None));
        let two = ReceiverNoise::fit(&[-14.0, -11.0], &[28.0, 27.0], None).unwrap();
        assert!(two.worst_distance_db() < 1e-9);
        assert!((two.noise.required_osnr_db(-14.0).unwrap() - 28.0).abs() < 1e-9);
        assert!(ReceiverNoise::fit(&[], &[], None).is_err());
        assert!(ReceiverNoise::fit(&[-12.0, -12.0], &[24.0, 24.0], None).is_err());
        assert!(ReceiverNoise::fit(&[-12.0], &[f64::NAN], None).is_err());
    }
}

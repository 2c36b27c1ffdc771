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

/// Required OSNR over received power through every point that a mode states: the law, and between the points what they are
/// off from it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiverCurve {
    /// The smooth law.
    pub law: ReceiverNoise,
    /// Received powers of the points that say something, rising; the last is the knee.
    pub power_dbm: Vec<f64>,
    /// Share of the bearable noise that too little power makes at each of them, falling to 0 at the knee.
    pub share_ratio: Vec<f64>,
    /// By how much each share is above that of the law.
    residual_ratio: Vec<f64>,
}

/// A fitted receiver and how far its law passes from each point.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiverFit {
    /// The receiver.
    pub curve: ReceiverCurve,
    /// Distance of each point from the law in the plane of power and OSNR; above 0 where the law asks for more.
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
    /// Share of the bearable noise that too little power makes; below 0 where the law asks for less than at ample power.
    fn share_ratio(&self, power_dbm: f64) -> f64 {
        let u = from_db(self.knee_power_dbm - power_dbm);
        1.0 - (1.0 - u * (self.inverse_power_ratio + u * self.inverse_square_ratio)) / self.line_ratio
    }
}

impl ReceiverCurve {
    /// A curve through points of the share of noise over power, of which the last is the knee.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the columns differ in length, are empty, hold NaN, or power does not rise.
    pub fn new(law: ReceiverNoise, power_dbm: Vec<f64>, share_ratio: Vec<f64>) -> Result<Self> {
        check(&power_dbm, &share_ratio)?;
        let shares = power_dbm.iter().zip(&share_ratio);
        let residual_ratio = shares.map(|(&power, share)| share - law.share_ratio(power)).collect();
        Ok(Self { law, power_dbm, share_ratio, residual_ratio })
    }

    /// Fits a receiver to points of required OSNR over received power.
    ///
    /// # Algorithm
    /// 1. The least required OSNR is the one at ample power, and the least power that has it the knee; points of more power
    ///    say nothing more.
    /// 2. At each point line noise, c1 u and c2 u^2 fill the bearable noise: linear in the three, none below zero, `line_ratio` at most 1. Least
    ///    squares over all subsets of the three, the misfits weighted so that they are distances in the plane of the two
    ///    decibel scales (steep points count by their power), again and again until the weights settle. With fewer points
    ///    than three the linear term alone is taken. The point at the sensitivity is met or bettered: where the law would ask
    ///    for more, it is made an equality.
    /// 3. Each point's share of noise less the law's is what is left over; a point that asks for less than one of more power
    ///    counts as that one.
    ///
    /// A single point leaves the required OSNR flat, and the hard end at that point.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the columns differ in length, are empty, hold NaN, or power does not rise.
    pub fn fit(power_dbm: &[f64], osnr_db: &[f64], sensitivity_dbm: Option<f64>) -> Result<ReceiverFit> {
        check(power_dbm, osnr_db)?;
        let ample_osnr_db = osnr_db.iter().copied().fold(f64::INFINITY, f64::min);
        let knee = osnr_db.iter().position(|&osnr| osnr == ample_osnr_db).unwrap_or(0);
        let knee_power_dbm = power_dbm[knee];
        let (power_dbm, osnr_db) = (power_dbm[..=knee].to_vec(), &osnr_db[..=knee]);
        let equations: Vec<Equation> = power_dbm
            .iter()
            .zip(osnr_db)
            .map(|(&power, &osnr)| {
                let u = from_db(knee_power_dbm - power);
                let pinned = sensitivity_dbm.is_some_and(|limit| power <= limit);
                Equation { terms: [from_db(ample_osnr_db - osnr), u, u * u], pinned }
            })
            .collect();
        let solution = solve(&equations);
        let law = ReceiverNoise {
            ample_osnr_db,
            line_ratio: solution[0],
            inverse_power_ratio: solution[1],
            inverse_square_ratio: solution[2],
            knee_power_dbm,
            least_power_dbm: sensitivity_dbm.map_or(power_dbm[0], |limit| limit.min(power_dbm[0])),
        };
        let distance_db =
            equations.iter().map(|equation| equation.weight(solution) * (equation.sum(solution) - 1.0)).collect();
        let mut share_ratio: Vec<f64> = equations.iter().map(|equation| 1.0 - equation.terms[0]).collect();
        for index in (1..share_ratio.len()).rev() {
            share_ratio[index - 1] = share_ratio[index - 1].max(share_ratio[index]);
        }
        Ok(ReceiverFit { curve: Self::new(law, power_dbm, share_ratio)?, distance_db })
    }

    /// Share of the bearable noise that too little power makes: 0 from the knee on; `None` below the least point where
    /// nothing says how noise grows.
    ///
    /// # Algorithm
    /// The law plus what the points are off from it, interpolated over power in decibels, but never less than at the next
    /// point of more power. The law is convex over decibels, so that the sum of it and a straight line lies below the chord
    /// of two points, and the greater of it and the upper point's share neither falls with less power nor overshoots.
    /// Below the least point the law goes on with what that point is off.
    pub fn noise_share_ratio(&self, power_dbm: f64) -> Option<f64> {
        let upper = self.power_dbm.partition_point(|&point| point < power_dbm);
        if power_dbm.is_nan() {
            return None;
        }
        if upper == self.power_dbm.len() || self.power_dbm[upper] == power_dbm {
            return Some(self.share_ratio.get(upper).copied().unwrap_or(0.0));
        }
        if upper == 0 {
            let grows = self.law.inverse_power_ratio > 0.0 || self.law.inverse_square_ratio > 0.0;
            return grows.then(|| self.law.share_ratio(power_dbm) + self.residual_ratio[0]);
        }
        let (low, high) = (self.power_dbm[upper - 1], self.power_dbm[upper]);
        let weight = (power_dbm - low) / (high - low);
        let residual = self.residual_ratio[upper - 1] * (1.0 - weight) + self.residual_ratio[upper] * weight;
        Some((self.law.share_ratio(power_dbm) + residual).max(self.share_ratio[upper]))
    }

    /// Required OSNR at a received power; `None` below the hard end and where no OSNR is enough.
    pub fn required_osnr_db(&self, power_dbm: f64) -> Option<f64> {
        let share = self.noise_share_ratio(power_dbm).filter(|_| power_dbm >= self.law.least_power_dbm)?;
        (share < 1.0).then(|| self.law.ample_osnr_db - to_db(1.0 - share))
    }
}

impl ReceiverFit {
    /// Greatest distance of a point from the law.
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

/// The three factors of the law; the pinned equations are met or bettered.
fn solve(equations: &[Equation]) -> [f64; 3] {
    let free = solve_reweighted(equations, false);
    if !equations.iter().any(|equation| equation.pinned && equation.sum(free) > 1.0) {
        return free;
    }
    let pinned = solve_reweighted(equations, true);
    let sums = equations.iter().filter(|equation| equation.pinned).map(|equation| equation.sum(pinned));
    let most = sums.fold(1.0, f64::max);
    pinned.map(|factor| factor / most)
}

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

    /// Points of four receivers: power, OSNR.
    fn tables() -> [(Vec<f64>, Vec<f64>); 5] {
        [
            // 400G 16QAM oFEC: 23.4 dB from -12 dBm, 23.9 at -14, 24.4 at -16, -21 dBm at an OSNR of 36 dB.
            (vec![-21.0, -16.0, -14.0, -12.0, 0.0], vec![36.0, 24.4, 23.9, 23.4, 23.4]),
            (vec![-22.0, -19.0, -17.0, -15.0], vec![36.0, 21.3, 20.8, 20.3]),
            (vec![-29.0, -22.0, -20.0, -18.0], vec![36.0, 16.0, 15.5, 15.0]),
            (vec![-23.0, -12.0], vec![43.0, 23.5]),
            // Steps that no law of noise has.
            (vec![-20.0, -19.9, -15.0, -10.0], vec![30.0, 20.0, 19.9, 10.0]),
        ]
    }

    #[test]
    fn every_point_is_met_and_nothing_is_said_below_the_sensitivity() {
        for (power, osnr) in tables() {
            let curve = ReceiverCurve::fit(&power, &osnr, Some(power[0])).unwrap().curve;
            for (&power, &osnr) in power.iter().zip(&osnr) {
                let found = curve.required_osnr_db(power).unwrap();
                assert!((found - osnr).abs() < 1e-9, "{power}: {found}");
            }
            assert_eq!(curve.required_osnr_db(power[0] - 0.001), None);
            assert_eq!(curve.required_osnr_db(f64::NAN), None);
        }
    }

    #[test]
    fn between_two_points_no_less_and_no_more_than_at_them() {
        for (power, osnr) in tables() {
            let curve = ReceiverCurve::fit(&power, &osnr, Some(power[0])).unwrap().curve;
            let mut last = curve.required_osnr_db(power[0]).unwrap();
            for step in 0..=2400 {
                let at = power[0] + 0.01 * f64::from(step);
                let found = curve.required_osnr_db(at).unwrap();
                assert!(found <= last + 1e-12, "{at}: {last} {found}");
                let next =
                    power.iter().position(|&point| point >= at).map_or(osnr[osnr.len() - 1], |index| osnr[index]);
                assert!(found >= next - 1e-9, "{at}: {found} {next}");
                last = found;
            }
        }
    }

    #[test]
    fn less_than_the_least_power_goes_on_without_a_step() {
        for (power, osnr) in tables() {
            let curve = ReceiverCurve::fit(&power, &osnr, Some(power[0])).unwrap().curve;
            let at = curve.noise_share_ratio(power[0]).unwrap();
            let below = curve.noise_share_ratio(power[0] - 1e-9).unwrap();
            assert!((below - at).abs() < 1e-8 && below >= at);
            let (half, one) =
                (curve.noise_share_ratio(power[0] - 0.5).unwrap(), curve.noise_share_ratio(power[0] - 1.0).unwrap());
            assert!(at < half && half < one);
        }
    }

    #[test]
    fn a_receiver_of_the_law_is_found_again() {
        let law = ReceiverNoise {
            ample_osnr_db: 20.0,
            line_ratio: 0.9,
            inverse_power_ratio: 0.06,
            inverse_square_ratio: 0.04,
            knee_power_dbm: -12.0,
            least_power_dbm: -17.0,
        };
        let power = [-17.0, -16.0, -15.0, -14.0, -13.0, -12.0];
        let osnr = power.map(|power| 20.0 - to_db(1.0 - law.share_ratio(power)));
        let fit = ReceiverCurve::fit(&power, &osnr, None).unwrap();
        assert!(fit.worst_distance_db() < 1e-9, "{:?}", fit.distance_db);
        let found = fit.curve.law;
        for (found, expected) in
            [(found.line_ratio, 0.9), (found.inverse_power_ratio, 0.06), (found.inverse_square_ratio, 0.04)]
        {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        // Below its points the law is the receiver.
        assert!((fit.curve.noise_share_ratio(-19.0).unwrap() - law.share_ratio(-19.0)).abs() < 1e-6);
    }

    #[test]
    fn one_point_is_flat_and_a_point_that_asks_for_less_at_less_power_is_raised() {
        let flat = ReceiverCurve::fit(&[-12.0, 0.0], &[24.0, 24.0], None).unwrap().curve;
        assert_eq!((flat.required_osnr_db(-12.0), flat.required_osnr_db(-12.1)), (Some(24.0), None));
        assert_eq!((flat.noise_share_ratio(-12.0), flat.noise_share_ratio(-12.1)), (Some(0.0), None));
        let dent = ReceiverCurve::fit(&[-16.0, -15.0, -14.0], &[25.0, 26.0, 24.0], None).unwrap().curve;
        assert!((dent.required_osnr_db(-16.0).unwrap() - 26.0).abs() < 1e-9);
        assert!(ReceiverCurve::fit(&[], &[], None).is_err());
        assert!(ReceiverCurve::fit(&[-12.0, -12.0], &[24.0, 24.0], None).is_err());
        assert!(ReceiverCurve::fit(&[-12.0], &[f64::NAN], None).is_err());
    }
}

//! The equalized eye over accumulated dispersion, tabulated so that a lane costs an interpolation.

use super::equalized_eye::{EqualizedEye, NoiseLevels, WIDTH};
use super::eye::EyeSource;
use super::pam4::pam4_target_q;
use super::tdecq::{TdecqTest, estimate_tdecq};
use crate::error::{Error, Result, require_finite};
use crate::optics::{Response, Transmitter};
use crate::units::to_db;
use rayon::prelude::*;

/// Context length of the pattern: 256 symbols, within 0.01 dB of longer ones where the table holds.
const PATTERN_ORDER: usize = 4;
/// Points over the range; between them the interpolation errs by less than 0.02 dB.
const POINTS_COUNT: usize = 17;
/// Least steps on either side of 0.
const SIDE_POINTS_COUNT: usize = 6;
/// Halvings of the step in which an eye closes.
const HALVINGS: usize = 4;
/// TDECQ above which an eye counts as closed: the model claims nothing there and no mode allows half of it.
pub(super) const TDECQ_END_DB: f64 = 8.0;
/// Wavelength to which dispersion is scaled: the field sees lambda^2 D.
pub(super) const REFERENCE_M: f64 = 1310e-9;

/// A place in a table: two neighboring points and the weights of their values and slopes.
#[derive(Debug, Clone, Copy)]
pub struct EyePlace {
    lower: usize,
    upper: usize,
    weights: [f64; 4],
}

/// What the table says of an accumulated dispersion.
#[derive(Debug, Clone, Copy)]
pub enum EyeState {
    /// The eye is open; [`EyeTable::eye`] and [`EyeTable::bearable_ratio`] read it.
    Open(EyePlace),
    /// The eye is closed; it is open up to this accumulated dispersion at the same wavelength.
    Closed {
        /// Where it closes.
        end_s_per_m: f64,
    },
    /// Nothing is known there: the table ends before the eye closes.
    Outside,
}

/// Equalized eyes of one transmitter over accumulated dispersion.
#[derive(Debug, Clone)]
pub struct EyeTable {
    /// Accumulated dispersion at the reference wavelength, rising.
    dispersion: Vec<f64>,
    rows: Vec<[f64; WIDTH]>,
    slopes: Vec<[f64; WIDTH]>,
    /// What makes noise of the levels' decisions, one for each point; empty where the levels themselves do.
    noise_levels: Vec<NoiseLevels>,
    /// Whether the eye closes where the table ends, below and above.
    is_closed: [bool; 2],
}

impl EyeTable {
    /// Tabulates the eye over a range of accumulated dispersion, for wavelengths of the O band.
    ///
    /// # Algorithm
    /// 1. Weigh the eye at evenly spaced points of the range, which is widened by 9 % because lambda^2 D counts, and in which
    ///    0 always lies.
    /// 2. Keep the run of open eyes around 0; where it ends inside the range, halve the last step a few times.
    /// 3. Slopes of monotone cubic interpolation, so that no column swings beyond its points.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a figure that is not allowed, [`Error::Model`] if the eye is closed without any dispersion.
    ///
    /// # References
    /// Fritsch and Butland 1984, doi 10.1137/0905021 (slopes).
    pub fn new(
        transmitter: &Transmitter,
        receiver: Response,
        test: &TdecqTest,
        dispersion_s_per_m: (f64, f64),
    ) -> Result<Self> {
        let low = 1.09 * require_finite("dispersion_min_s_per_m", dispersion_s_per_m.0)?.min(0.0);
        let high = 1.09 * require_finite("dispersion_max_s_per_m", dispersion_s_per_m.1)?.max(0.0);
        let source = EyeSource::with_order(transmitter, receiver, PATTERN_ORDER)?;
        let target_q = pam4_target_q(test.target_ser_ratio)?;
        let weigh = |dispersion: f64| match estimate_tdecq(&source, dispersion, REFERENCE_M, test) {
            Ok(found) if found.tdecq_db <= TDECQ_END_DB => {
                Ok(Some(EqualizedEye::of(&found, test.target_ser_ratio, target_q).to_row()))
            }
            Ok(_) | Err(Error::Model(_)) => Ok(None),
            Err(other) => Err(other),
        };
        let grid = points(low, high);
        let found: Vec<Option<[f64; WIDTH]>> = grid.par_iter().map(|&point| weigh(point)).collect::<Result<_>>()?;
        let zero = grid.iter().position(|&point| point == 0.0).unwrap_or(0);
        if found[zero].is_none() {
            return Err(Error::Model("the transmitter's eye is closed even without dispersion".to_string()));
        }
        let mut kept: Vec<(f64, [f64; WIDTH])> = Vec::new();
        let first = (0..zero).rev().find(|&index| found[index].is_none()).map_or(0, |closed| closed + 1);
        let last = (zero..grid.len()).find(|&index| found[index].is_none()).unwrap_or(grid.len());
        kept.extend((first..last).filter_map(|index| found[index].map(|row| (grid[index], row))));
        for (closed, at_end) in [(first.checked_sub(1), false), ((last < grid.len()).then_some(last), true)] {
            let Some(closed) = closed else { continue };
            let mut outside = grid[closed];
            for _ in 0..HALVINGS {
                let inside = if at_end { kept[kept.len() - 1].0 } else { kept[0].0 };
                let middle = 0.5 * (inside + outside);
                match weigh(middle)? {
                    Some(row) if at_end => kept.push((middle, row)),
                    Some(row) => kept.insert(0, (middle, row)),
                    None => outside = middle,
                }
            }
        }
        let (dispersion, rows): (Vec<f64>, Vec<[f64; WIDTH]>) = kept.into_iter().unzip();
        let slopes = slopes(&dispersion, &rows);
        // Beyond the range, which is what the mode is tested over, nobody asks.
        Ok(Self { dispersion, rows, slopes, noise_levels: Vec::new(), is_closed: [true; 2] })
    }

    /// A table of eyes that were found elsewhere, at accumulated dispersions (at the reference wavelength) that rise and hold
    /// 0; `None` for a closed one. The run of open eyes around 0 is kept.
    ///
    /// # Errors
    /// [`Error::Model`] if the eye is closed without any dispersion.
    pub(super) fn of_eyes(dispersion_s_per_m: &[f64], eyes: &[Option<EqualizedEye>]) -> Result<Self> {
        let zero = dispersion_s_per_m.iter().position(|&point| point == 0.0).unwrap_or(0);
        if eyes.get(zero).is_none_or(Option::is_none) {
            return Err(Error::Model("the transmitter's eye is closed even without dispersion".to_string()));
        }
        let first = (0..zero).rev().find(|&index| eyes[index].is_none()).map_or(0, |closed| closed + 1);
        let last = (zero..eyes.len()).find(|&index| eyes[index].is_none()).unwrap_or(eyes.len());
        let kept: Vec<EqualizedEye> = eyes[first..last].iter().flatten().copied().collect();
        let dispersion = dispersion_s_per_m[first..last].to_vec();
        let rows: Vec<_> = kept.iter().map(|eye| eye.to_row()).collect();
        let slopes = slopes(&dispersion, &rows);
        let noise_levels = kept.iter().filter_map(|eye| eye.noise_levels).collect();
        Ok(Self { dispersion, rows, slopes, noise_levels, is_closed: [first > 0, last < eyes.len()] })
    }

    /// Where the table has an accumulated dispersion at a wavelength.
    pub fn at(&self, dispersion_s_per_m: f64, wavelength_m: f64) -> EyeState {
        let scale = (wavelength_m / REFERENCE_M).powi(2);
        let x = dispersion_s_per_m * scale;
        let last = self.dispersion.len() - 1;
        if x.is_nan() || x < self.dispersion[0] || x > self.dispersion[last] {
            let end = if x > 0.0 { self.dispersion[last] } else { self.dispersion[0] };
            if !self.is_closed[usize::from(x > 0.0)] {
                return EyeState::Outside;
            }
            return EyeState::Closed { end_s_per_m: end / scale };
        }
        if last == 0 {
            return EyeState::Open(EyePlace { lower: 0, upper: 0, weights: [1.0, 0.0, 0.0, 0.0] });
        }
        let upper = self.dispersion.partition_point(|&point| point < x).clamp(1, last);
        let lower = upper - 1;
        let step = self.dispersion[upper] - self.dispersion[lower];
        let t = (x - self.dispersion[lower]) / step;
        // Cubic Hermite basis.
        let (t2, t3) = (t * t, t * t * t);
        let weights = [2.0 * t3 - 3.0 * t2 + 1.0, 3.0 * t2 - 2.0 * t3, (t3 - 2.0 * t2 + t) * step, (t3 - t2) * step];
        EyeState::Open(EyePlace { lower, upper, weights })
    }

    /// Noise that the eye at a place of this table bears, over that of an eye without flaws: TDECQ as a ratio.
    pub fn bearable_ratio(&self, place: &EyePlace) -> f64 {
        self.column(place, 0)
    }

    /// See [`EqualizedEye::level_noise_ratio`].
    pub fn level_noise_ratio(&self, place: &EyePlace) -> f64 {
        self.column(place, 2)
    }

    fn column(&self, place: &EyePlace, column: usize) -> f64 {
        let EyePlace { lower, upper, weights: [a, b, c, d] } = *place;
        let (rows, slopes) = (&self.rows, &self.slopes);
        a * rows[lower][column] + b * rows[upper][column] + c * slopes[lower][column] + d * slopes[upper][column]
    }

    /// The eye at a place of this table.
    pub fn eye(&self, place: &EyePlace) -> EqualizedEye {
        let EyePlace { lower, upper, weights: [a, b, c, d] } = *place;
        let (low, high) = (&self.rows[lower], &self.rows[upper]);
        let (rise, fall) = (&self.slopes[lower], &self.slopes[upper]);
        let mut row = [0.0; WIDTH];
        for column in 0..WIDTH {
            row[column] = a * low[column] + b * high[column] + c * rise[column] + d * fall[column];
        }
        EqualizedEye { noise_levels: self.noise_levels_at(place), ..EqualizedEye::from_row(&row) }
    }

    /// They change slowly: straight from point to point.
    fn noise_levels_at(&self, place: &EyePlace) -> Option<NoiseLevels> {
        let (low, high) = (self.noise_levels.get(place.lower)?, self.noise_levels.get(place.upper)?);
        let [a, b, ..] = place.weights;
        let between = |low: &[f64; 4], high: &[f64; 4]| std::array::from_fn(|level| a * low[level] + b * high[level]);
        Some(NoiseLevels {
            power_ratio: between(&low.power_ratio, &high.power_ratio),
            square_ratio: between(&low.square_ratio, &high.square_ratio),
        })
    }

    /// Greatest TDECQ over a range of accumulated dispersion at a wavelength; infinite where an eye in it is closed.
    pub fn worst_tdecq_db(&self, dispersion_s_per_m: (f64, f64), wavelength_m: f64) -> f64 {
        let scale = (wavelength_m / REFERENCE_M).powi(2);
        let ends = [dispersion_s_per_m.0, dispersion_s_per_m.1];
        let inner = self.dispersion.iter().map(|point| point / scale);
        ends.into_iter()
            .chain(inner.filter(|point| (ends[0]..=ends[1]).contains(point)))
            .map(|point| match self.at(point, wavelength_m) {
                EyeState::Open(place) => -to_db(self.bearable_ratio(&place)),
                EyeState::Closed { .. } | EyeState::Outside => f64::INFINITY,
            })
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Points, evenly spaced on either side of 0, from `low` (at most 0) to `high` (at least 0) and 0 itself.
fn points(low: f64, high: f64) -> Vec<f64> {
    let step = (high - low) / (POINTS_COUNT - 1) as f64;
    if step == 0.0 {
        return vec![0.0];
    }
    // A side gets its share of the points, a short one some more than that.
    let share = (-low / step).round() as usize;
    let below = if low == 0.0 || high == 0.0 {
        share
    } else {
        share.clamp(SIDE_POINTS_COUNT, POINTS_COUNT - 1 - SIDE_POINTS_COUNT)
    };
    let above = POINTS_COUNT - 1 - below;
    let negative = (0..below).map(|index| low * ((below - index) as f64 / below as f64));
    let positive = (0..=above).map(|index| if above == 0 { 0.0 } else { high * (index as f64 / above as f64) });
    negative.chain(positive).collect()
}

/// Slopes at the points: weighted harmonic means of the neighboring secants, 0 where these differ in sign.
fn slopes(x: &[f64], rows: &[[f64; WIDTH]]) -> Vec<[f64; WIDTH]> {
    let mut out = vec![[0.0; WIDTH]; rows.len()];
    if rows.len() < 2 {
        return out;
    }
    let last = rows.len() - 1;
    for column in 0..WIDTH {
        let secant = |index: usize| (rows[index + 1][column] - rows[index][column]) / (x[index + 1] - x[index]);
        for index in 1..last {
            let (before, after) = (secant(index - 1), secant(index));
            if before * after > 0.0 {
                let (h, g) = (x[index] - x[index - 1], x[index + 1] - x[index]);
                let (a, b) = (2.0 * g + h, g + 2.0 * h);
                out[index][column] = (a + b) / (a / before + b / after);
            }
        }
        // At the ends the straight line to the next point, bent by what the neighbor's slope says.
        for (end, neighbor, line) in [(0, 1, secant(0)), (last, last - 1, secant(last - 1))] {
            let bent = if last == 1 { line } else { 0.5 * (3.0 * line - out[neighbor][column]) };
            out[end][column] = if bent * line <= 0.0 { 0.0 } else { bent.abs().min(3.0 * line.abs()) * line.signum() };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::Equalizer;

    fn transmitter(rate_hz: f64, ratio: f64, chirp_alpha: f64) -> Transmitter {
        Transmitter {
            symbol_rate_hz: rate_hz,
            response: Response::BesselThomson { bandwidth_hz: ratio * rate_hz },
            extinction_ratio_db: 4.5,
            level_mismatch_ratio: 1.0,
            chirp_alpha,
            adiabatic_chirp_hz: 0.0,
        }
    }

    fn table(rate_hz: f64, ratio: f64, chirp_alpha: f64, test: &TdecqTest, range: (f64, f64)) -> EyeTable {
        let receiver = Response::BesselThomson { bandwidth_hz: 0.5 * rate_hz };
        EyeTable::new(&transmitter(rate_hz, ratio, chirp_alpha), receiver, test, range).unwrap()
    }

    const KP4: TdecqTest =
        TdecqTest { equalizer: Equalizer::FFE5, target_ser_ratio: 4.8e-4, noise_variance_ratio: [0.0; 4] };
    const INNER: TdecqTest =
        TdecqTest { equalizer: Equalizer::FFE15_DFE1, target_ser_ratio: 9.6e-3, noise_variance_ratio: [0.0; 4] };

    fn open(table: &EyeTable, dispersion_s_per_m: f64, wavelength_m: f64) -> EqualizedEye {
        match table.at(dispersion_s_per_m, wavelength_m) {
            EyeState::Open(place) => table.eye(&place),
            EyeState::Closed { end_s_per_m } => panic!("closed beyond {end_s_per_m}"),
            EyeState::Outside => panic!("outside the table"),
        }
    }

    #[test]
    fn between_the_points_the_table_agrees_with_the_eye() {
        for (rate, ratio, alpha, test, range) in [
            (53.125e9, 0.6, 0.5, KP4, (-59.4e-3, 33.4e-3)),
            (53.125e9, 0.6, 0.0, KP4, (-59.4e-3, 33.4e-3)),
            (113.4375e9, 0.52, 0.75, INNER, (-28.4e-3, 9.4e-3)),
            (26.5625e9, 0.7, 0.5, KP4, (-203e-3, 37.5e-3)),
        ] {
            let table = table(rate, ratio, alpha, &test, range);
            let receiver = Response::BesselThomson { bandwidth_hz: 0.5 * rate };
            let source = EyeSource::new(&transmitter(rate, ratio, alpha), receiver).unwrap();
            for step in 0..=12 {
                let dispersion = range.0 + (range.1 - range.0) * f64::from(step) / 12.0;
                let found = open(&table, dispersion, 1290e-9).tdecq_db;
                let exact = estimate_tdecq(&source, dispersion, 1290e-9, &test).unwrap().tdecq_db;
                assert!((found - exact).abs() < 0.03, "{rate} {alpha} {dispersion}: {found} {exact}");
            }
        }
    }

    #[test]
    fn openings_reproduce_the_error_ratio_of_the_contexts() {
        let rate = 53.125e9;
        let receiver = Response::BesselThomson { bandwidth_hz: 0.5 * rate };
        let source = EyeSource::with_order(&transmitter(rate, 0.6, 0.5), receiver, PATTERN_ORDER).unwrap();
        for dispersion in [-50e-3, 0.0, 33e-3] {
            let found = estimate_tdecq(&source, dispersion, REFERENCE_M, &KP4).unwrap();
            let eye = EqualizedEye::of(&found, KP4.target_ser_ratio, pam4_target_q(KP4.target_ser_ratio).unwrap());
            for sigma in [0.015, 0.02, 0.03, 0.04, 0.06] {
                let exact = found
                    .distances
                    .iter()
                    .map(|times| times.symbol_error_ratio([sigma * eye.noise_enhancement_ratio; 4]))
                    .fold(0.0, f64::max);
                let compact = eye.symbol_error_ratio([sigma; 4]);
                // 5 % of an error ratio are 0.02 dB; the other instant may take over far from the target.
                assert!(
                    (compact / exact).ln().abs() < 0.05 + 0.3 * f64::from(u8::from(exact < 1e-6)),
                    "{dispersion} {sigma}: {compact} {exact}"
                );
            }
        }
    }

    #[test]
    fn the_table_ends_where_the_eye_closes() {
        let table = table(113.4375e9, 0.52, 0.0, &INNER, (-28.4e-3, 9.4e-3));
        let EyeState::Closed { end_s_per_m } = table.at(-28.4e-3, 1300e-9) else { panic!("the eye is closed there") };
        assert!((-28e-3..-23e-3).contains(&end_s_per_m), "{end_s_per_m}");
        assert!(open(&table, end_s_per_m * 0.999, 1300e-9).tdecq_db > 4.0);
        assert!(table.worst_tdecq_db((-28.4e-3, 9.4e-3), 1300e-9).is_infinite());
        let worst = table.worst_tdecq_db((-10e-3, 9.4e-3), 1310e-9);
        assert!((worst - open(&table, -10e-3, 1310e-9).tdecq_db).abs() < 1e-12);
    }

    #[test]
    fn points_hold_zero_and_both_ends() {
        for (low, high) in [(-1.0, 1.0), (-30.0, 9.0), (0.0, 5.0), (-5.0, 0.0), (-100.0, 0.1), (0.0, 0.0)] {
            let found = points(low, high);
            assert!(found.windows(2).all(|pair| pair[0] < pair[1]), "{found:?}");
            assert!(found.contains(&0.0) && found[0] == low && found[found.len() - 1] == high, "{found:?}");
        }
    }

    #[test]
    #[ignore = "prints the time"]
    fn time() {
        let started = std::time::Instant::now();
        let table = table(113.4375e9, 0.52, 0.75, &INNER, (-28.4e-3, 9.4e-3));
        println!("build {:?}", started.elapsed());
        let started = std::time::Instant::now();
        let mut sum = 0.0;
        for index in 0..100_000 {
            let eye = open(&table, -28e-3 + f64::from(index) * 3e-7, 1310e-9);
            sum += eye.symbol_error_ratio([0.03, 0.031, 0.032, 0.033]);
        }
        println!("{:?} each {sum}", started.elapsed() / 100_000);
    }
}

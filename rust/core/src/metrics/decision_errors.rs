//! Error ratios of equalized PAM4 decisions from their noise: far below what can be counted.

use super::pam4::pam4_target_q;
use crate::error::{Error, Result, require_positive};
use crate::optics::DecisionNoise;
use crate::sums::sum_over;
use crate::vector::{ColumnWork, gaussian_tail, vectorize};
use rayon::prelude::*;

/// Reach and precision of the search for a margin.
const MARGIN_MAX_DB: f64 = 40.0;
const MARGIN_PRECISION_DB: f64 = 1e-6;

/// Decisions of a period without noise, and the noise of each.
#[derive(Debug, Clone)]
pub struct NoisyDecisions {
    /// Equalized values of each level's symbols, each with its noise: of the light's shot noise and intensity noise.
    levels: [Vec<[f64; 3]>; 4],
    means: [f64; 4],
    /// Mean shot and intensity noise of each level.
    mean_noise: [[f64; 2]; 4],
    constant_a2: f64,
    symbols_count: usize,
}

/// Errors of decisions in one light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecisionErrors {
    /// Symbol error ratio.
    pub symbol_error_ratio: f64,
    /// Bit error ratio of Gray-mapped symbols that are mistaken for their neighbors.
    pub bit_error_ratio: f64,
    /// Thresholds from the lowest up, for values in the light that they were made with.
    pub threshold_ratio: [f64; 3],
}

impl NoisyDecisions {
    /// Decisions on known symbols, 0 to 3.
    ///
    /// # Errors
    /// [`Error::Parameter`] if lengths differ, a symbol is above 3, or a level does not occur.
    pub fn new(symbols: &[u8], values: &[f64], noise: &DecisionNoise) -> Result<Self> {
        let count = symbols.len();
        for (name, length) in [
            ("values", values.len()),
            ("shot noise", noise.shot_a2.len()),
            ("intensity noise", noise.intensity_a2.len()),
        ] {
            if length != count {
                return Err(Error::parameter(name, length, format!("one for each of {count} symbols")));
            }
        }
        let mut levels: [Vec<[f64; 3]>; 4] = Default::default();
        for (k, &symbol) in symbols.iter().enumerate() {
            let level = levels.get_mut(usize::from(symbol));
            let level = level.ok_or_else(|| Error::parameter("symbols", symbol, "0, 1, 2 or 3"))?;
            level.push([values[k], noise.shot_a2[k], noise.intensity_a2[k]]);
        }
        if let Some(level) = levels.iter().position(Vec::is_empty) {
            return Err(Error::parameter("symbols", format!("none of level {level}"), "symbols of all four levels"));
        }
        let mean = |entries: &[[f64; 3]], column: usize| {
            entries.iter().map(|entry| entry[column]).sum::<f64>() / entries.len() as f64
        };
        Ok(Self {
            means: std::array::from_fn(|level| mean(&levels[level], 0)),
            mean_noise: std::array::from_fn(|level| [mean(&levels[level], 1), mean(&levels[level], 2)]),
            constant_a2: noise.thermal_a2 + noise.dark_a2,
            symbols_count: count,
            levels,
        })
    }

    /// Errors in `light_ratio` times the light.
    ///
    /// # Algorithm
    /// 1. Values go with the light, shot noise with its root, intensity noise with it, the rest stays.
    /// 2. Thresholds between neighboring levels where both mean levels are as many of their deviations away.
    /// 3. Each symbol errs by its two Gaussian tails.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the light is not above 0.
    pub fn errors(&self, light_ratio: f64) -> Result<DecisionErrors> {
        require_positive("light_ratio", light_ratio)?;
        let constant = self.constant_a2 / (light_ratio * light_ratio);
        // Everything over the light.
        let sigma: [f64; 4] = std::array::from_fn(|level| {
            let [shot, intensity] = self.mean_noise[level];
            (constant + shot / light_ratio + intensity).sqrt()
        });
        let thresholds: [f64; 3] = std::array::from_fn(|eye| {
            let sum = sigma[eye] + sigma[eye + 1];
            let share = if sum > 0.0 { sigma[eye] / sum } else { 0.5 };
            self.means[eye] + share * (self.means[eye + 1] - self.means[eye])
        });
        let mut distances = Vec::with_capacity(2 * self.symbols_count);
        for (level, entries) in self.levels.iter().enumerate() {
            let below = level.checked_sub(1).map(|eye| thresholds[eye]);
            let above = thresholds.get(level).copied();
            for &[value, shot, intensity] in entries {
                let inverse = 1.0 / (constant + shot / light_ratio + intensity).sqrt();
                distances.extend(below.map(|threshold| (value - threshold) * inverse));
                distances.extend(above.map(|threshold| (threshold - value) * inverse));
            }
        }
        // Without any noise a distance is infinite or, where the value is on the threshold, no number: wrong half of the time.
        let ratio = vectorize(Tails(&distances)) / self.symbols_count as f64;
        Ok(DecisionErrors {
            symbol_error_ratio: ratio,
            bit_error_ratio: 0.5 * ratio,
            threshold_ratio: thresholds.map(|threshold| threshold * light_ratio),
        })
    }

    /// [`NoisyDecisions::errors`] in many lights, on all cores.
    ///
    /// # Errors
    /// As there.
    pub fn sweep(&self, light_ratios: &[f64]) -> Result<Vec<DecisionErrors>> {
        light_ratios.par_iter().map(|&ratio| self.errors(ratio)).collect()
    }

    /// Decibels of light that can be lost before the symbol error ratio is the target; NaN where no light reaches it.
    ///
    /// # Algorithm
    /// 1. From the light as it is, steps that grow, up to 40 dB, to where the target is met and missed; with intensity noise or
    ///    interference more light may not help.
    /// 2. False position on ln(SER/target), the end that stays halved (Illinois), down to 1e-6 dB.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the target is not one that PAM4 can have.
    pub fn margin_db(&self, target_ser_ratio: f64) -> Result<f64> {
        pam4_target_q(target_ser_ratio)?;
        let excess = |loss_db: f64| -> Result<f64> {
            let ratio = self.errors(10f64.powf(-0.1 * loss_db))?.symbol_error_ratio;
            Ok((ratio.max(1e-300) / target_ser_ratio).ln())
        };
        let here = excess(0.0)?;
        // Towards more loss where the target is met, towards more light where it is missed.
        let direction = if here <= 0.0 { 1.0 } else { -1.0 };
        let (mut near, mut far) = ((0.0, here), (0.0, here));
        let mut step_db = 1.0;
        while (far.1 <= 0.0) == (here <= 0.0) {
            if f64::abs(far.0) >= MARGIN_MAX_DB {
                return Ok(if here <= 0.0 { MARGIN_MAX_DB } else { f64::NAN });
            }
            near = far;
            let next_db = (far.0 + direction * step_db).clamp(-MARGIN_MAX_DB, MARGIN_MAX_DB);
            far = (next_db, excess(next_db)?);
            step_db *= 2.0;
        }
        let (mut met, mut missed) = if direction > 0.0 { (near, far) } else { (far, near) };
        let mut kept_missed = None;
        while missed.0 - met.0 > MARGIN_PRECISION_DB {
            let place = met.0 + (missed.0 - met.0) * (-met.1 / (missed.1 - met.1)).clamp(0.01, 0.99);
            let found = (place, excess(place)?);
            let is_met = found.1 <= 0.0;
            if is_met {
                met = found;
            } else {
                missed = found;
            }
            if kept_missed == Some(is_met) {
                if is_met {
                    missed.1 *= 0.5;
                } else {
                    met.1 *= 0.5;
                }
            }
            kept_missed = Some(is_met);
            if f64::abs(found.1) < 1e-9 {
                return Ok(found.0);
            }
        }
        Ok(met.0)
    }
}

struct Tails<'a>(&'a [f64]);

impl ColumnWork for Tails<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        sum_over(self.0, gaussian_tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::q_function;

    fn noise(count: usize, thermal: f64, shot: f64, intensity: f64) -> DecisionNoise {
        DecisionNoise {
            thermal_a2: thermal,
            dark_a2: 0.0,
            shot_a2: vec![shot; count],
            intensity_a2: vec![intensity; count],
        }
    }

    /// Equal levels with equal noise: SER = 3/2 Q(half a step over sigma); a decibel of light is a decibel of margin where
    /// noise does not depend on it, half of one where it is shot noise.
    #[test]
    fn ideal_levels_err_by_the_closed_form() {
        let symbols: Vec<u8> = (0..400).map(|k| k % 4).map(|k: u16| k as u8).collect();
        let values: Vec<f64> = symbols.iter().map(|&symbol| f64::from(symbol)).collect();
        for target in [4.8e-4, 1e-9] {
            let q = pam4_target_q(target).unwrap();
            let sigma = 0.5 / q;
            let thermal = NoisyDecisions::new(&symbols, &values, &noise(400, sigma * sigma, 0.0, 0.0)).unwrap();
            let found = thermal.errors(1.0).unwrap();
            assert!((found.symbol_error_ratio / (1.5 * q_function(q)) - 1.0).abs() < 1e-9);
            assert!((found.symbol_error_ratio / target - 1.0).abs() < 1e-6);
            assert_eq!(found.threshold_ratio, [0.5, 1.5, 2.5]);
            let better = NoisyDecisions::new(&symbols, &values, &noise(400, sigma * sigma * 0.1, 0.0, 0.0)).unwrap();
            assert!((better.margin_db(target).unwrap() - 5.0).abs() < 1e-5);
            let shot = NoisyDecisions::new(&symbols, &values, &noise(400, 0.0, sigma * sigma * 0.1, 0.0)).unwrap();
            assert!((shot.margin_db(target).unwrap() - 10.0).abs() < 1e-5);
            let floor = NoisyDecisions::new(&symbols, &values, &noise(400, 0.0, 0.0, sigma * sigma * 1.1)).unwrap();
            assert!(floor.margin_db(target).unwrap().is_nan());
            let sweep = better.sweep(&[0.5, 1.0, 2.0]).unwrap();
            assert!(sweep[0].symbol_error_ratio > sweep[1].symbol_error_ratio);
            assert_eq!(sweep[1], better.errors(1.0).unwrap());
        }
    }

    #[test]
    fn thresholds_follow_the_noise_and_refusals() {
        let symbols = [0u8, 1, 2, 3];
        let values = [0.0, 1.0, 2.0, 3.0];
        let mut uneven = noise(4, 0.0, 0.0, 0.0);
        uneven.shot_a2 = vec![0.01, 0.04, 0.09, 0.16];
        let found = NoisyDecisions::new(&symbols, &values, &uneven).unwrap().errors(1.0).unwrap();
        for (threshold, expected) in found.threshold_ratio.iter().zip([1.0 / 3.0, 1.4, 2.0 + 3.0 / 7.0]) {
            assert!((threshold - expected).abs() < 1e-12);
        }
        assert!(NoisyDecisions::new(&symbols, &values[..3], &uneven).is_err());
        assert!(NoisyDecisions::new(&[0, 1, 2, 4], &values, &uneven).is_err());
        assert!(NoisyDecisions::new(&[0, 1, 2, 2], &values, &uneven).is_err());
        let decisions = NoisyDecisions::new(&symbols, &values, &uneven).unwrap();
        assert!(decisions.errors(0.0).is_err() && decisions.margin_db(0.9).is_err());
    }
}

//! The eye that an equalizer leaves, in few numbers: what its levels err with any noise.

use super::tdecq::{DecisionDistances, Tdecq};
use crate::special::{find_root, inverse_q_function, q_function, sum_of_tails};
use crate::units::{from_db, to_db};

/// Noise at which openings are tabulated, as OMA/(6 sigma), the Q of ideal levels; sigma is that behind the equalizer.
pub(super) const GRID: [f64; 13] = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0];
/// Columns of an eye: bearable noise over that of an ideal eye (which falls straight to 0 where an eye closes, while TDECQ
/// bends upwards), noise enhancement, bearable noise of levels alike, three openings for each noise.
pub(super) const WIDTH: usize = 3 + 3 * GRID.len();

/// The eye of one lane: what is left between the levels, over the outer OMA.
///
/// An opening is the distance between two noiseless levels that would err as often as the real ones with their residual
/// interference do: with small noise the outermost symbols count, with much noise the average ones.
#[derive(Debug, Clone, Copy)]
pub struct EqualizedEye {
    /// TDECQ.
    pub tdecq_db: f64,
    /// Noise that it bears at the target, over that of an eye without flaws: TDECQ as a ratio.
    pub bearable_ratio: f64,
    /// Factor by which the equalizer raises the deviation of noise.
    pub noise_enhancement_ratio: f64,
    /// Noise, alike at all levels, with which the openings err at the target, over that of an eye without flaws: as
    /// `bearable_ratio`, but whatever the noise comes from.
    pub level_noise_ratio: f64,
    /// Openings from the lowest up, for each noise of the grid.
    pub(super) openings: [[f64; GRID.len()]; 3],
    /// What of the light makes the noise of each level's decisions; `None`: the levels themselves.
    pub noise_levels: Option<NoiseLevels>,
}

/// The light that makes noise of the decisions of each level: equalizer and receiver mix that of neighboring symbols in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseLevels {
    /// Mean power less the average, over the outer OMA: what shot noise goes with.
    pub power_ratio: [f64; 4],
    /// Mean of its square: what intensity noise goes with.
    pub square_ratio: [f64; 4],
}

impl EqualizedEye {
    /// An eye without flaws, less `closed_db`.
    pub fn ideal(closed_db: f64) -> Self {
        let opening = from_db(-closed_db) / 3.0;
        Self {
            tdecq_db: closed_db,
            bearable_ratio: from_db(-closed_db),
            noise_enhancement_ratio: 1.0,
            level_noise_ratio: from_db(-closed_db),
            openings: [[opening; GRID.len()]; 3],
            noise_levels: None,
        }
    }

    /// Symbol error ratio with a deviation of each level before the equalizer, over the outer OMA.
    ///
    /// # Algorithm
    /// 1. Behind the equalizer each deviation is larger by the noise enhancement.
    /// 2. Opening j at the mean noise of its two levels, straight between the noises of the grid; beyond the least noise of
    ///    the grid the last opening, beyond the greatest the first.
    /// 3. Thresholds where both tails are equally likely: q_j = opening_j/(sigma_j + sigma_{j+1}); SER = sum of Q(q_j)/2.
    pub fn symbol_error_ratio(&self, sigma: [f64; 4]) -> f64 {
        (0..3)
            .map(|eye| {
                let sum = self.noise_enhancement_ratio * (sigma[eye] + sigma[eye + 1]);
                0.5 * q_function(self.opening(eye, 1.0 / (3.0 * sum)) / sum)
            })
            .sum()
    }

    fn opening(&self, eye: usize, ideal_q: f64) -> f64 {
        let openings = &self.openings[eye];
        let upper = GRID.partition_point(|&q| q < ideal_q);
        if upper == 0 {
            return openings[0];
        }
        if upper == GRID.len() {
            return openings[upper - 1];
        }
        let weight = (ideal_q - GRID[upper - 1]) / (GRID[upper] - GRID[upper - 1]);
        openings[upper - 1] + weight * (openings[upper] - openings[upper - 1])
    }

    pub(super) fn of(found: &Tdecq, target_ser_ratio: f64, target_q: f64) -> Self {
        let enhancement = from_db(found.noise_enhancement_db);
        // The instant that decides TDECQ is the one that the receiver is judged by.
        let sigma = from_db(-found.tdecq_db) / 6.0 * enhancement / 3.0;
        let [before, after] = &found.distances;
        let later = after.symbol_error_ratio([sigma; 4]) > before.symbol_error_ratio([sigma; 4]);
        let distances = if later { after } else { before };
        let mut openings = [[0.0; GRID.len()]; 3];
        for (eye, row) in openings.iter_mut().enumerate() {
            for (opening, q) in row.iter_mut().zip(GRID) {
                *opening = opening_of(distances, eye, 1.0 / (6.0 * q));
            }
        }
        let mut eye = Self {
            tdecq_db: found.tdecq_db,
            bearable_ratio: from_db(-found.tdecq_db),
            noise_enhancement_ratio: enhancement,
            level_noise_ratio: 0.0,
            openings,
            noise_levels: None,
        };
        // Where no noise is found none counts as surely borne.
        eye.level_noise_ratio = eye.borne_noise_ratio([0.0; 4], target_ser_ratio, target_q).unwrap_or(0.0);
        eye
    }

    /// Noise, alike at all levels and beside the variance that each has already, with which the openings err at the target,
    /// over that of an eye without flaws; `None` where they err more without any.
    pub(super) fn borne_noise_ratio(&self, variance: [f64; 4], target_ser_ratio: f64, target_q: f64) -> Option<f64> {
        let ideal = 1.0 / (6.0 * target_q);
        let excess = |ratio: f64| {
            let added = ratio * ideal;
            let sigma = variance.map(|own| if own == 0.0 { added } else { added.hypot(own.sqrt()) });
            (self.symbol_error_ratio(sigma).max(1e-300) / target_ser_ratio).ln()
        };
        find_root(excess, 1e-3, 3.0, 1e-12).ok()
    }

    pub(super) fn from_row(row: &[f64; WIDTH]) -> Self {
        let mut openings = [[0.0; GRID.len()]; 3];
        for (eye, openings) in openings.iter_mut().enumerate() {
            let start = 3 + eye * GRID.len();
            openings.copy_from_slice(&row[start..start + GRID.len()]);
        }
        Self {
            tdecq_db: -to_db(row[0]),
            bearable_ratio: row[0],
            noise_enhancement_ratio: row[1],
            level_noise_ratio: row[2],
            openings,
            noise_levels: None,
        }
    }

    pub(super) fn to_row(self) -> [f64; WIDTH] {
        let mut row = [self.bearable_ratio; WIDTH];
        row[1] = self.noise_enhancement_ratio;
        row[2] = self.level_noise_ratio;
        for (place, value) in row[3..].iter_mut().zip(self.openings.iter().flatten()) {
            *place = *value;
        }
        row
    }
}

/// Distance of two noiseless levels that err as often as those of one eye in noise behind the equalizer.
pub(super) fn opening_of(distances: &DecisionDistances, eye: usize, sigma: f64) -> f64 {
    let (above, below) = (&distances.above_ratio[eye], &distances.below_ratio[eye + 1]);
    let mean = |side: &[f64]| sum_of_tails(side, sigma) / side.len() as f64;
    let ratio = 0.5 * (mean(above) + mean(below));
    match inverse_q_function(ratio) {
        Ok(q) if ratio > 1e-280 => 2.0 * sigma * q,
        _ => 2.0 * above.iter().chain(below).fold(f64::INFINITY, |least, &value| least.min(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ideal_eye_is_the_gaussian_formula() {
        for sigma in [0.02, 0.05, 0.1] {
            let found = EqualizedEye::ideal(0.0).symbol_error_ratio([sigma; 4]);
            assert!((found / (1.5 * q_function(1.0 / (6.0 * sigma))) - 1.0).abs() < 1e-12);
        }
    }
}

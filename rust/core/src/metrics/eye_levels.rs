//! Powers and edges of a PAM4 waveform: outer OMA on the runs of the pattern, over- and undershoot, transition times.

use super::sampled_eye::SampledEye;

/// Runs on which the outer levels are measured, and the part of their middle that counts, in symbols.
const HIGH_RUN_SYMBOLS: usize = 7;
const LOW_RUN_SYMBOLS: usize = 6;
const RUN_MIDDLE_SYMBOLS: f64 = 2.0;
/// Samples of a symbol for edges and excursions.
const GRID: usize = 8;
/// Share of the samples that excursions leave out.
const HIT_RATIO: f64 = 0.01;
/// Equal symbols on either side of an edge whose transition is measured.
const EDGE_SYMBOLS: usize = 2;

/// Outer levels of a waveform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OuterLevels {
    /// Mean over the middle of the runs of sixes of the lowest level.
    pub low: f64,
    /// Mean over the middle of the runs of seven of the highest level.
    pub high: f64,
}

/// Excursions and edges of a waveform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeFigures {
    /// Excursion above the highest level that 1 % of the samples pass, over the outer OMA.
    pub overshoot_ratio: f64,
    /// The same below the lowest level.
    pub undershoot_ratio: f64,
    /// Time from 20 % to 80 % of the outer OMA of the mean edge from the lowest to the highest level, in symbols; NaN where the
    /// pattern has no such edge.
    pub rise_ratio: f64,
    /// The same downwards.
    pub fall_ratio: f64,
}

/// Outer levels on the runs that the clause names; `None` where the record lacks one.
///
/// # Algorithm
/// Runs of seven or more threes and of six or more zeros: the waveform's mean over the two symbols in the middle of each, and the
/// mean of these.
///
/// # References
/// IEEE 802.3-2022, 121.8.4.
pub fn measure_outer_levels(eye: &SampledEye, time: f64) -> Option<OuterLevels> {
    let (here, later) = eye.means(time, RUN_MIDDLE_SYMBOLS);
    let level = |level: u8, length: usize| {
        let (mut sum, mut count) = (0.0, 0.0);
        for (start, run) in runs(eye.symbols(), level, length) {
            let middle = (start + (run - 1) / 2) % here.len();
            if eye.judged().contains(&middle) {
                sum += if run % 2 == 1 { here[middle] } else { later[middle] };
                count += 1.0;
            }
        }
        (count > 0.0).then_some(sum / count)
    };
    let found = OuterLevels { low: level(0, LOW_RUN_SYMBOLS)?, high: level(3, HIGH_RUN_SYMBOLS)? };
    (found.high > found.low).then_some(found)
}

/// Start and length of the runs of a level that are long enough, around the end of the record too.
fn runs(symbols: &[u8], level: u8, least: usize) -> Vec<(usize, usize)> {
    let n = symbols.len();
    let Some(first) = symbols.iter().position(|&symbol| symbol != level) else { return Vec::new() };
    let (mut out, mut length) = (Vec::new(), 0);
    for k in first + 1..=first + n {
        if symbols[k % n] == level {
            length += 1;
        } else {
            if length >= least {
                out.push(((k - length) % n, length));
            }
            length = 0;
        }
    }
    out
}

/// Excursions and edges, with the middles of the symbols at a time.
///
/// # Algorithm
/// 1. Overshoot: the power that 1 % of all samples pass, less the highest level, over the outer OMA; undershoot downwards.
/// 2. Edges from 0 to 3 and back with two equal symbols on either side; the mean of all, read at 20 % and 80 % of the OMA
///    between straight lines.
///
/// # References
/// Overshoot of IEEE 802.3cu as the FlexDCA user guide gives it (PAM overshoot: hit ratio 1e-2); transition time: recalled,
/// unverified, IEEE 802.3 121.8.
pub fn measure_edges(eye: &SampledEye, time: f64, levels: OuterLevels) -> EdgeFigures {
    let grid = eye.grid(GRID);
    let judged = eye.judged();
    let mut sorted = grid[judged.start * GRID..judged.end * GRID].to_vec();
    let rank = ((sorted.len() as f64 * HIT_RATIO) as usize).min(sorted.len() - 1);
    let low = *sorted.select_nth_unstable_by(rank, f64::total_cmp).1;
    let rank = sorted.len() - 1 - rank;
    let high = *sorted.select_nth_unstable_by(rank, f64::total_cmp).1;
    let oma = levels.high - levels.low;
    EdgeFigures {
        overshoot_ratio: (high - levels.high) / oma,
        undershoot_ratio: (levels.low - low) / oma,
        rise_ratio: transition(eye, &grid, time, levels, (0, 3)),
        fall_ratio: transition(eye, &grid, time, levels, (3, 0)),
    }
}

fn transition(eye: &SampledEye, grid: &[f64], time: f64, levels: OuterLevels, (from, to): (u8, u8)) -> f64 {
    let (symbols, n) = (eye.symbols(), eye.symbols().len());
    let is_edge = |k: usize| {
        let before = (k + n - EDGE_SYMBOLS..k + n).all(|k| symbols[k % n] == from);
        before && (k..k + EDGE_SYMBOLS).all(|k| symbols[k % n] == to)
    };
    let reach = EDGE_SYMBOLS * GRID;
    // Between the middles of two symbols lies their edge.
    let shift = ((time - 0.5) * GRID as f64).round() as i64;
    let (mut mean, mut count) = (vec![0.0; 2 * reach], 0.0);
    for k in eye.judged().filter(|&k| is_edge(k)) {
        let start = (k * GRID) as i64 + shift - reach as i64;
        for (offset, value) in (0_i64..).zip(&mut mean) {
            *value += grid[(start + offset).rem_euclid(grid.len() as i64) as usize];
        }
        count += 1.0;
    }
    let share = |value: f64| {
        let part = (value / count - levels.low) / (levels.high - levels.low);
        if to > from { part } else { 1.0 - part }
    };
    let crossing = |limit: f64| {
        (1..mean.len()).rev().find_map(|index| {
            let (a, b) = (share(mean[index - 1]), share(mean[index]));
            (a < limit && b >= limit).then(|| index as f64 - (b - limit) / (b - a))
        })
    };
    match (crossing(0.2), crossing(0.8)) {
        (Some(early), Some(late)) if count > 0.0 => (late - early) / GRID as f64,
        _ => f64::NAN,
    }
}

/// Level mismatch of four means: 1 for equally spaced ones.
///
/// # Algorithm
/// min(3 ES1, 3 ES2, 2 - 3 ES1, 2 - 3 ES2), ES1 = (V1 - Vmid)/(V0 - Vmid), ES2 = (V2 - Vmid)/(V3 - Vmid), Vmid = (V0 + V3)/2.
///
/// # References
/// IEEE 802.3-2022, 120D.3.1.2.
pub fn level_mismatch_ratio(means: [f64; 4]) -> f64 {
    let middle = 0.5 * (means[0] + means[3]);
    let low = 3.0 * (means[1] - middle) / (means[0] - middle);
    let high = 3.0 * (means[2] - middle) / (means[3] - middle);
    low.min(high).min(2.0 - low).min(2.0 - high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optics::Response;
    use crate::signal::ssprq;

    /// Straight edges of 0.4 symbols: 0.24 symbols from 20 % to 80 %, no excursions, levels as sent.
    #[test]
    fn trapezoids_have_their_levels_and_edges() {
        let symbols = ssprq().unwrap()[..16_384].to_vec();
        let n = symbols.len();
        let wave = |time: f64| {
            let (k, part) = (time.floor() as usize, time.fract());
            let (here, before) = (f64::from(symbols[k % n]), f64::from(symbols[(k + n - 1) % n]));
            let share = ((part + 0.2) / 0.4).min(1.0);
            let next = f64::from(symbols[(k + 1) % n]);
            if part < 0.2 {
                before + share * (here - before)
            } else if part > 0.8 {
                here + (part - 0.8) / 0.4 * (next - here)
            } else {
                here
            }
        };
        let samples: Vec<f64> = (0..n * 16).map(|i| 1.0 + wave(i as f64 / 16.0)).collect();
        let eye = SampledEye::new(&samples, symbols, 0, 1.0, Response::Flat).unwrap();
        let levels = measure_outer_levels(&eye, 0.5).unwrap();
        assert!((levels.low - 1.0).abs() < 2e-3 && (levels.high - 4.0).abs() < 2e-3, "{levels:?}");
        let edges = measure_edges(&eye, 0.5, levels);
        assert!((edges.rise_ratio - 0.24).abs() < 0.02 && (edges.fall_ratio - 0.24).abs() < 0.02, "{edges:?}");
        assert!(edges.overshoot_ratio.abs() < 0.03 && edges.undershoot_ratio.abs() < 0.03, "{edges:?}");
    }

    #[test]
    fn mismatch_of_unequal_levels() {
        assert!((level_mismatch_ratio([0.0, 1.0, 2.0, 3.0]) - 1.0).abs() < 1e-12);
        assert!((level_mismatch_ratio([0.0, 0.9, 2.0, 3.0]) - 0.8).abs() < 1e-12);
        assert!((level_mismatch_ratio([0.0, 1.0, 2.1, 3.0]) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn runs_go_around_the_end() {
        assert_eq!(runs(&[3, 3, 0, 1, 3, 3], 3, 3), [(4, 4)]);
        assert_eq!(runs(&[0, 3, 3, 3, 1, 3, 3, 3, 3], 3, 3), [(1, 3), (5, 4)]);
        assert!(runs(&[3, 3], 3, 1).is_empty());
    }
}

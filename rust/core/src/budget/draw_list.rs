//! Draws one by one: of each link in each draw its worst lane's margin and what limits it.

use super::draws::{DrawnLanes, SampledModel, Worker};
use super::spread::SpreadTable;
use super::verdict::Limit;
use crate::error::Result;
use crate::rng::RandomSource;
use crate::task::Task;
use rayon::prelude::*;
use std::ops::Range;

/// Draws of one link that one worker evaluates at a time.
const DRAWS_PER_RUN: usize = 64;

/// Which draws are wanted: `first..first + count` of those that `seed` gives.
#[derive(Debug, Clone, Copy)]
pub struct DrawRange {
    /// Key of every number.
    pub seed: u64,
    /// The first draw.
    pub first: u64,
    /// How many.
    pub count: usize,
}

/// Each link in each draw: link by link, `count` numbers each.
#[derive(Debug, Clone)]
pub struct DrawList {
    /// The least margin of the link's lanes; minus infinity where one passes a limit, NaN where none does and one has no
    /// verdict.
    pub margin_db: Vec<f64>,
    /// What limits the lane with the least margin, as codes of [`Limit`].
    pub limited_by: Vec<u8>,
}

/// Evaluates every lane of every link in a range of draws and keeps the worst lane of each.
///
/// # Algorithm
/// 1. Each draw is that of [`super::draws::evaluate_draws`] with the same seed and number, whatever range it is asked in.
/// 2. Of a link's lanes the one with the least margin decides. A lane that passes a limit is below every margin. Where no
///    lane is below 0 dB, one without a verdict leaves the link without one.
///
/// Memory: nine bytes for each link and draw.
///
/// # Errors
/// [`crate::Error::Parameter`] for tables that do not fit, [`crate::Error::Cancelled`] if the task was cancelled.
pub(super) fn list_draws<M: SampledModel>(
    model: &M,
    spread: &SpreadTable<'_>,
    range: DrawRange,
    task: &Task,
) -> Result<DrawList> {
    let spreads = spread.prepare(model.plant(), model.modes_count(), model.lanes_count())?;
    let links_count = spread.link_key.len();
    let mut margin_db = vec![f64::NAN; links_count * range.count];
    let mut limited_by = vec![Limit::None as u8; links_count * range.count];
    if range.count == 0 {
        return Ok(DrawList { margin_db, limited_by });
    }
    let of_links = margin_db.par_chunks_mut(range.count).zip(limited_by.par_chunks_mut(range.count)).enumerate();
    of_links.try_for_each(|(link, (margins, limits))| {
        let paths = spread.link_offsets[link]..spread.link_offsets[link + 1];
        let lanes: usize = paths.clone().map(|path| model.answers_count(path)).sum();
        let key = u64::from_ne_bytes(spread.link_key[link].to_ne_bytes());
        let runs = margins.par_chunks_mut(DRAWS_PER_RUN).zip(limits.par_chunks_mut(DRAWS_PER_RUN)).enumerate();
        runs.try_for_each(|(run, (margins, limits))| {
            let mut worker = Worker::new(model, spread, &spreads, paths.clone());
            let (mut of_lanes, mut limits_of_lanes) = (vec![f64::NAN; lanes], vec![0; lanes]);
            for (index, (margin, limit)) in margins.iter_mut().zip(limits).enumerate() {
                task.check()?;
                let draw = range.first + (run * DRAWS_PER_RUN + index) as u64;
                let source = RandomSource::new(range.seed, key, draw);
                worker.evaluate(
                    Some(source),
                    DrawnLanes { margins_db: &mut of_lanes, limits: &mut limits_of_lanes, pre_fec_ber: &mut [] },
                )?;
                if let Some(lane) = deciding(&of_lanes) {
                    (*margin, *limit) = (of_lanes[lane], limits_of_lanes[lane]);
                }
            }
            task.advance((margins.len() * lanes) as u64);
            Ok(())
        })
    })?;
    Ok(DrawList { margin_db, limited_by })
}

/// The lane that decides a link: the least margin if that is below 0 dB, else the first without a verdict, else the least.
fn deciding(margins_db: &[f64]) -> Option<usize> {
    let lanes: Range<usize> = 0..margins_db.len();
    let known = lanes.clone().filter(|&lane| !margins_db[lane].is_nan());
    let least = known.min_by(|&one, &other| margins_db[one].total_cmp(&margins_db[other]));
    if least.is_some_and(|lane| margins_db[lane] < 0.0) {
        return least;
    }
    lanes.into_iter().find(|&lane| margins_db[lane].is_nan()).or(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_that_does_not_close_decides_before_one_without_a_verdict() {
        assert_eq!(deciding(&[1.0, f64::NAN, -0.5, 2.0]), Some(2));
        assert_eq!(deciding(&[1.0, f64::NAN, f64::NEG_INFINITY, -2.0]), Some(2));
        assert_eq!(deciding(&[1.0, f64::NAN, 0.5]), Some(1));
        assert_eq!(deciding(&[1.0, 0.5, 0.5]), Some(1));
        assert_eq!(deciding(&[]), None);
    }
}

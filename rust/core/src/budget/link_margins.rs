//! The margins of one link over its draws, and what is kept of them.

use super::ranking::Ranking;
use crate::error::Result;
use rayon::prelude::*;

/// Draws that one worker evaluates at a time.
pub(super) const DRAWS_PER_RUN: usize = 256;
/// Margins of one link that are at hand at a time: enough runs for all workers, few enough to stay in the cache.
const MARGINS_AT_A_TIME: usize = 1 << 18;

/// What is kept of the draws of one link: by lane, and of the worst lane of each draw.
pub(super) struct Quantiles {
    pub(super) lane_margin_db: Vec<f64>,
    pub(super) lane_outage_ratio: Vec<f64>,
    pub(super) link_margin_db: Vec<f64>,
    pub(super) link_outage_ratio: f64,
    /// Empty where nobody asked.
    pub(super) link_frame_loss_ratio: Vec<f64>,
}

/// The margins of one link, draw by draw, and the ranks of its lanes and of the worst of them.
pub(super) struct LinkMargins {
    lanes: usize,
    draws: usize,
    /// Draw by draw the margins of all lanes and, where it is asked, minus the frame loss ratio of the worst engine: the more
    /// is lost the lower it ranks. As many draws as are at hand at a time.
    rows: Vec<f64>,
    /// One for each column of these.
    rankings: Vec<Ranking>,
    /// One for the worst lane of each draw.
    of_link: Ranking,
}

impl LinkMargins {
    pub(super) fn new(lanes: usize, frame_loss: bool, draws: usize, quantile_ratio: &[f64], keep_all: bool) -> Self {
        let at_a_time = (MARGINS_AT_A_TIME / lanes.max(1)).next_multiple_of(DRAWS_PER_RUN).min(draws);
        let width = lanes + usize::from(frame_loss);
        let ranking = || Ranking::new(draws, quantile_ratio, keep_all);
        Self {
            lanes,
            draws,
            rows: vec![0.0; at_a_time * width],
            rankings: (0..width).map(|_| ranking()).collect(),
            of_link: ranking(),
        }
    }

    /// Has all draws evaluated: `evaluate` fills rows from the draw that it is told.
    pub(super) fn read(&mut self, evaluate: impl Fn(usize, &mut [f64]) -> Result<()>) -> Result<()> {
        let (lanes, width) = (self.lanes, self.rankings.len());
        if lanes == 0 {
            return Ok(());
        }
        let at_a_time = self.rows.len() / width;
        for first in (0..self.draws).step_by(at_a_time) {
            let rows = &mut self.rows[..at_a_time.min(self.draws - first) * width];
            evaluate(first, rows)?;
            let rows = &*rows;
            rayon::join(
                || {
                    self.rankings.par_iter_mut().enumerate().for_each(|(column, ranking)| {
                        ranking.extend(rows[column..].iter().step_by(width).copied());
                    });
                },
                || self.of_link.extend(rows.chunks(width).map(|row| worst(&row[..lanes]))),
            );
        }
        Ok(())
    }

    /// `None` if a quantile cannot be told.
    pub(super) fn finish(mut self) -> Option<Quantiles> {
        let of_frames = self.rankings.split_off(self.lanes);
        let unknown = self.lanes == 0 || self.rankings.iter().any(Ranking::is_unknown);
        let of_link = self.of_link.finish()?;
        let mut out = Quantiles {
            lane_margin_db: Vec::new(),
            lane_outage_ratio: Vec::new(),
            link_margin_db: of_link.0,
            link_outage_ratio: of_link.1,
            link_frame_loss_ratio: Vec::new(),
        };
        for ranking in of_frames {
            out.link_frame_loss_ratio.extend(ranking.finish()?.0.into_iter().map(|least| -least));
        }
        if unknown {
            out.link_margin_db.fill(f64::NAN);
            out.link_outage_ratio = f64::NAN;
        }
        for ranking in self.rankings {
            let (margins_db, outage_ratio) = ranking.finish()?;
            out.lane_margin_db.extend(margins_db);
            out.lane_outage_ratio.push(outage_ratio);
        }
        Some(out)
    }
}

/// The least margin of one draw; a lane without a verdict does not close.
fn worst(margins_db: &[f64]) -> f64 {
    margins_db
        .iter()
        .fold(f64::INFINITY, |least, &margin| if margin.is_nan() { f64::NEG_INFINITY } else { least.min(margin) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summarize(margins_db: &[f64], lanes: usize, draws: usize) -> Quantiles {
        let mut margins = LinkMargins::new(lanes, false, draws, &[0.5], false);
        margins
            .read(|first, rows| {
                rows.copy_from_slice(&margins_db[first * lanes..first * lanes + rows.len()]);
                Ok(())
            })
            .unwrap();
        margins.finish().unwrap()
    }

    #[test]
    fn a_link_is_its_worst_lane_in_each_draw() {
        // Two lanes, three draws.
        let out = summarize(&[1.0, 2.0, 4.0, 3.0, -1.0, 5.0], 2, 3);
        assert_eq!(out.lane_margin_db, [1.0, 3.0]);
        assert_eq!(out.link_margin_db, [1.0]);
        assert_eq!((out.lane_outage_ratio, out.link_outage_ratio), (vec![1.0 / 3.0, 0.0], 1.0 / 3.0));
        let unknown = summarize(&[1.0, f64::NAN, 4.0, f64::NAN], 2, 2);
        assert_eq!(unknown.lane_margin_db[0], 1.0);
        assert!(unknown.link_margin_db[0].is_nan() && unknown.link_outage_ratio.is_nan());
    }

    #[test]
    fn a_link_of_more_margins_than_are_at_hand_loses_none() {
        let (lanes, draws) = (3, MARGINS_AT_A_TIME / 2 + 77);
        let margins: Vec<f64> = (0..lanes * draws).map(|index| ((index * 7919) % 100_003) as f64).collect();
        let out = summarize(&margins, lanes, draws);
        let mut middle: Vec<f64> = margins.iter().skip(1).step_by(lanes).copied().collect();
        middle.sort_unstable_by(f64::total_cmp);
        assert_eq!(out.lane_margin_db[1], middle[draws.div_ceil(2) - 1]);
        assert!(summarize(&[], 0, 5).link_margin_db[0].is_nan());
    }
}

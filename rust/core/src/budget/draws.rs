//! Draws: the lanes of a link evaluated over and over with specimens in place of the figures of their types.

use super::sample::{ElementChange, ElementSample, LaneChange, LaneSample, Sample};
use super::spread::{Numbers, Quantity, Scope, Spread, SpreadTable, purpose};
use super::tables::{ElementKind, Plant};
use super::verdict::{LaneOutput, Unknown};
use crate::distribution::Distribution;
use crate::error::{Error, Result};
use crate::rng::RandomSource;
use crate::task::Task;
use rayon::prelude::*;
use std::f64::consts::LN_10;
use std::ops::Range;

/// Decibels of PDL of a rapidity of 1: the transmissions of the two axes differ by exp(2 rapidity).
const DB_PER_RAPIDITY: f64 = 20.0 / LN_10;
/// Draws that one worker evaluates at a time.
const DRAWS_PER_RUN: usize = 256;

/// What is asked of the draws.
#[derive(Debug, Clone, Copy)]
pub struct DrawRequest<'a> {
    /// Key of every number.
    pub seed: u64,
    /// How many draws; 0: one evaluation of the worst specimen of everything.
    pub draws_count: usize,
    /// Probabilities of the wanted quantiles.
    pub quantile_ratio: &'a [f64],
}

/// The answer of the draws.
#[derive(Debug, Clone)]
pub struct DrawColumns {
    /// Margins, lane by lane as many as there are quantiles; NaN where the quantile falls on draws without a margin.
    pub lane_margin_db: Vec<f64>,
    /// Share of the draws in which a lane does not close; NaN where no draw has a verdict.
    pub lane_outage_ratio: Vec<f64>,
    /// As of lanes, of the worst lane of each link in each draw.
    pub link_margin_db: Vec<f64>,
    /// As of lanes, of any lane of each link.
    pub link_outage_ratio: Vec<f64>,
}

/// Takes the answers of consecutive lanes, one after the other.
pub(super) trait RowSink {
    /// Whether contributions are wanted.
    fn explain(&self) -> bool;
    /// Takes the next answer.
    fn push(&mut self, out: LaneOutput);
}

/// Keeps nothing but margins: minus infinity where a limit is passed, NaN where nothing is known.
#[derive(Debug)]
pub(super) struct MarginSink<'a> {
    margins_db: &'a mut [f64],
    next: usize,
}

impl RowSink for MarginSink<'_> {
    fn explain(&self) -> bool {
        false
    }

    fn push(&mut self, out: LaneOutput) {
        let blocked = out.blocked.is_some() && out.unknown == Unknown::No;
        self.margins_db[self.next] = if blocked { f64::NEG_INFINITY } else { out.margin_db };
        self.next += 1;
    }
}

/// A lane model that can be evaluated with specimens.
pub(super) trait SampledModel: Sync {
    /// Memory that one thread uses again.
    type Scratch;
    /// Ratio of the greatest to the mean DGD for which the model's limits are written.
    const DGD_MAX_TO_MEAN: f64;

    fn plant(&self) -> &Plant<'_>;
    /// Rows of the table of lanes that belong to a path.
    fn lanes(&self, path: usize) -> Range<usize>;
    /// How many of them are answered.
    fn answers_count(&self, path: usize) -> usize;
    /// Mode of a lane.
    fn mode(&self, lane: usize) -> usize;
    fn modes_count(&self) -> usize;
    fn lanes_count(&self) -> usize;
    /// DGD below which a lane does not care.
    fn ignored_dgd_s(&self, lane: usize) -> f64;
    fn new_scratch(&self) -> Self::Scratch;
    /// Evaluates consecutive lanes of a path.
    fn evaluate(
        &self,
        path: usize,
        lanes: Range<usize>,
        sample: (&ElementSample, &LaneSample),
        scratch: &mut Self::Scratch,
        sink: &mut MarginSink<'_>,
    ) -> Result<()>;
}

/// Evaluates every lane of every link in all draws and keeps quantiles.
///
/// # Algorithm
/// 1. A draw gives each element and each lane of a link the figures of a specimen. Every number is addressed by (seed, link,
///    draw, quantity, what shares it), so neither order nor threads matter.
/// 2. DGD and PDL of each lane are lengths of sums of vectors in random directions, DGD of fiber Maxwellian. A limit of the
///    mean DGD allows a greatest DGD by a ratio that the model states, so that a drawn DGD counts divided by it.
/// 3. The lanes are evaluated as always. A draw without a verdict does not close.
/// 4. Quantiles are order statistics: the least margin whose share of draws is not below the probability.
///
/// Memory: eight octets for each lane and draw of the links at work.
///
/// # Errors
/// [`Error::Parameter`] for tables that do not fit, [`Error::Cancelled`] if the task was cancelled.
pub(super) fn evaluate_draws<M: SampledModel>(
    model: &M,
    spread: &SpreadTable<'_>,
    request: DrawRequest<'_>,
    task: &Task,
) -> Result<DrawColumns> {
    let spreads = spread.prepare(model.plant(), model.modes_count(), model.lanes_count())?;
    for &probability in request.quantile_ratio {
        if !(probability > 0.0 && probability < 1.0) {
            return Err(Error::parameter("quantile_ratio", probability, "a number between 0 and 1, both excluded"));
        }
    }
    let links: Vec<Quantiles> = (0..spread.link_key.len())
        .into_par_iter()
        .map(|link| draw_link(model, spread, &spreads, request, link, task))
        .collect::<Result<_>>()?;
    let mut out = DrawColumns {
        lane_margin_db: Vec::new(),
        lane_outage_ratio: Vec::new(),
        link_margin_db: Vec::new(),
        link_outage_ratio: Vec::new(),
    };
    for link in links {
        out.lane_margin_db.extend(link.lane_margin_db);
        out.lane_outage_ratio.extend(link.lane_outage_ratio);
        out.link_margin_db.extend(link.link_margin_db);
        out.link_outage_ratio.push(link.link_outage_ratio);
    }
    Ok(out)
}

struct Quantiles {
    lane_margin_db: Vec<f64>,
    lane_outage_ratio: Vec<f64>,
    link_margin_db: Vec<f64>,
    link_outage_ratio: f64,
}

fn draw_link<M: SampledModel>(
    model: &M,
    spread: &SpreadTable<'_>,
    spreads: &[Spread],
    request: DrawRequest<'_>,
    link: usize,
    task: &Task,
) -> Result<Quantiles> {
    let paths = spread.link_offsets[link]..spread.link_offsets[link + 1];
    let lanes: usize = paths.clone().map(|path| model.answers_count(path)).sum();
    let draws = request.draws_count.max(1);
    let mut margins = vec![0.0; draws * lanes];
    let key = u64::from_ne_bytes(spread.link_key[link].to_ne_bytes());
    margins.par_chunks_mut((DRAWS_PER_RUN * lanes).max(1)).enumerate().try_for_each(|(run, rows)| {
        let mut worker = Worker::new(model, spread, spreads, paths.clone());
        for (index, row) in rows.chunks_mut(lanes.max(1)).enumerate() {
            task.check()?;
            let draw = (run * DRAWS_PER_RUN + index) as u64;
            let numbers = if request.draws_count == 0 {
                Numbers::Worst
            } else {
                Numbers::Drawn(RandomSource::new(request.seed, key, draw))
            };
            worker.evaluate(numbers, row)?;
        }
        task.advance(rows.len() as u64);
        Ok(())
    })?;
    Ok(summarize(&margins, lanes, draws, request.quantile_ratio))
}

/// One thread's memory for the draws of one link.
struct Worker<'a, M: SampledModel> {
    model: &'a M,
    spread: &'a SpreadTable<'a>,
    spreads: &'a [Spread],
    /// Each path with its samples.
    paths: Vec<(usize, ElementSample, LaneSample)>,
    scratch: M::Scratch,
}

impl<'a, M: SampledModel> Worker<'a, M> {
    fn new(model: &'a M, spread: &'a SpreadTable<'a>, spreads: &'a [Spread], paths: Range<usize>) -> Self {
        let sampled = paths.map(|path| {
            let elements = elements_of(model.plant(), path);
            let lanes = model.lanes(path);
            (
                path,
                Sample::new(elements.start, elements.len(), ElementChange::NONE),
                Sample::new(lanes.start, lanes.len(), LaneChange::NONE),
            )
        });
        Self { model, spread, spreads, paths: sampled.collect(), scratch: model.new_scratch() }
    }

    /// One draw: the margins of all lanes of the link.
    fn evaluate(&mut self, numbers: Numbers, margins_db: &mut [f64]) -> Result<()> {
        let mut sink = MarginSink { margins_db, next: 0 };
        for (path, elements, lanes) in &mut self.paths {
            let all = self.model.lanes(*path);
            // Lanes that share the fibers of the path are drawn together.
            let mut start = all.start;
            while start < all.end {
                let group = self.spread.lane_group[start];
                let end = (start..all.end).find(|&lane| self.spread.lane_group[lane] != group).unwrap_or(all.end);
                let group = u32::try_from(group).unwrap_or(0);
                for element in elements_of(self.model.plant(), *path) {
                    *elements.at(element) = self.spread.element_change(self.spreads, numbers, element, group);
                }
                let plant = Plant { sample: Some(elements), ..self.model.plant().clone() };
                for lane in start..end {
                    let mode = self.model.mode(lane);
                    let change = lanes.at(lane);
                    *change = self.spread.lane_change(self.spreads, numbers, mode, lane);
                    if let Numbers::Drawn(source) = numbers {
                        let ignored_s = self.model.ignored_dgd_s(lane);
                        let draw = Polarization { source, lane: number_of(self.spread, lane) };
                        change.dgd_s = draw.dgd_s(&plant, *path, ignored_s) / M::DGD_MAX_TO_MEAN;
                        change.pdl_db = draw.pdl_db(&plant, *path);
                    }
                }
                self.model.evaluate(*path, start..end, (elements, lanes), &mut self.scratch, &mut sink)?;
                start = end;
            }
        }
        Ok(())
    }
}

fn number_of(spread: &SpreadTable<'_>, lane: usize) -> u32 {
    u32::try_from(spread.lane_number[lane]).unwrap_or(0)
}

fn elements_of(plant: &Plant<'_>, path: usize) -> Range<usize> {
    plant.path_offsets[path]..plant.path_offsets[path + 1]
}

/// What the polarization of one lane does in one draw.
struct Polarization {
    source: RandomSource,
    lane: u32,
}

impl Polarization {
    /// Length of the sum of the fibers' vector, Gaussian in each direction, and the elements' in any direction.
    ///
    /// NaN, for the mean to stand, where nothing that can be drawn comes near `ignored_s`: six times the mean is passed with
    /// a probability of 1e-19.
    fn dgd_s(&self, plant: &Plant<'_>, path: usize, ignored_s: f64) -> f64 {
        let (mut squares, mut elements_s) = (0.0, 0.0);
        for element in elements_of(plant, path) {
            elements_s += plant.elements.dgd_s[element];
            if plant.elements.kind(element) == ElementKind::Fiber {
                squares += plant.pmd_s_per_sqrt_m(element).powi(2) * plant.elements.length_m[element];
            }
        }
        let fiber_mean_s = squares.sqrt();
        if 6.0 * fiber_mean_s + elements_s < ignored_s {
            return f64::NAN;
        }
        let mut total_s = 0.0;
        if let Ok(fiber) = Distribution::maxwell(fiber_mean_s) {
            total_s = fiber.quantile(self.source.uniform(purpose(Quantity::Dgd, Scope::Fiber), self.lane));
        }
        for (place, element) in (0u32..).zip(elements_of(plant, path)) {
            let dgd_s = plant.elements.dgd_s[element];
            if dgd_s > 0.0 {
                let cosine = self.cosine(Quantity::Dgd, place);
                total_s = (total_s * total_s + dgd_s * dgd_s + 2.0 * total_s * dgd_s * cosine).max(0.0).sqrt();
            }
        }
        total_s
    }

    /// PDL of the elements with their axes in any direction.
    fn pdl_db(&self, plant: &Plant<'_>, path: usize) -> f64 {
        let mut total = 0.0f64;
        for (place, element) in (0u32..).zip(elements_of(plant, path)) {
            let pdl = plant.elements.pdl_db[element] / DB_PER_RAPIDITY;
            if pdl > 0.0 {
                let cosine = self.cosine(Quantity::Pdl, place);
                total = (total.cosh() * pdl.cosh() + total.sinh() * pdl.sinh() * cosine).max(1.0).acosh();
            }
        }
        total * DB_PER_RAPIDITY
    }

    /// Cosine between what came before and the element at a place of the path: any direction, so uniform.
    fn cosine(&self, quantity: Quantity, place: u32) -> f64 {
        2.0 * self.source.uniform(purpose(quantity, Scope::Element) | (place << 8), self.lane) - 1.0
    }
}

/// Quantiles and outage of the lanes and of their worst, from the margins draw by draw.
fn summarize(margins: &[f64], lanes: usize, draws: usize, quantile_ratio: &[f64]) -> Quantiles {
    let by_lane: Vec<(Vec<f64>, f64)> = (0..lanes)
        .into_par_iter()
        .map(|lane| rank((0..draws).map(|draw| margins[draw * lanes + lane]).collect(), quantile_ratio))
        .collect();
    let unknown = by_lane.is_empty() || by_lane.iter().any(|lane| lane.1.is_nan());
    let worst = |draw: usize| {
        if unknown {
            return f64::NAN;
        }
        margins[draw * lanes..(draw + 1) * lanes]
            .iter()
            .fold(f64::INFINITY, |least, &margin| if margin.is_nan() { f64::NEG_INFINITY } else { least.min(margin) })
    };
    let (link_margin_db, link_outage_ratio) = rank((0..draws).map(worst).collect(), quantile_ratio);
    let lane_outage_ratio = by_lane.iter().map(|lane| lane.1).collect();
    let lane_margin_db = by_lane.into_iter().flat_map(|lane| lane.0).collect();
    Quantiles { lane_margin_db, lane_outage_ratio, link_margin_db, link_outage_ratio }
}

/// Order statistics of margins, and the share that does not close.
fn rank(mut margins: Vec<f64>, quantile_ratio: &[f64]) -> (Vec<f64>, f64) {
    if margins.iter().all(|margin| margin.is_nan()) {
        return (vec![f64::NAN; quantile_ratio.len()], f64::NAN);
    }
    for margin in &mut margins {
        if margin.is_nan() {
            *margin = f64::NEG_INFINITY;
        }
    }
    let count = margins.len() as f64;
    let outage = margins.iter().filter(|&&margin| margin < 0.0).count() as f64 / count;
    let mut at = |probability: f64| {
        // A probability that is a whole share of the draws may come out a rounding above it.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Between 0 and the number of draws.
        let place = ((probability * count - 1e-9).ceil().max(1.0) as usize).min(margins.len()) - 1;
        let (_, &mut margin, _) = margins.select_nth_unstable_by(place, f64::total_cmp);
        if margin.is_finite() { margin } else { f64::NAN }
    };
    (quantile_ratio.iter().map(|&probability| at(probability)).collect(), outage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_order_statistics() {
        let margins: Vec<f64> = (0..1000).map(|index| f64::from((index * 7) % 1000) - 99.5).collect();
        let (at, outage) = rank(margins, &[0.001, 0.5, 0.05, 0.9999]);
        assert_eq!(at, [-99.5, 399.5, -50.5, 899.5]);
        assert_eq!(outage, 0.1);
    }

    #[test]
    fn draws_without_a_verdict_do_not_close() {
        let (at, outage) = rank(vec![1.0, f64::NAN, f64::NEG_INFINITY, 2.0], &[0.1, 0.75, 0.99]);
        assert!(at[0].is_nan());
        assert_eq!(at[1..], [1.0, 2.0]);
        assert_eq!(outage, 0.5);
        let (at, outage) = rank(vec![f64::NAN; 3], &[0.5]);
        assert!(at[0].is_nan() && outage.is_nan());
    }

    #[test]
    fn a_link_is_its_worst_lane_in_each_draw() {
        // Two lanes, three draws.
        let out = summarize(&[1.0, 2.0, 4.0, 3.0, -1.0, 5.0], 2, 3, &[0.5]);
        assert_eq!(out.lane_margin_db, [1.0, 3.0]);
        assert_eq!(out.link_margin_db, [1.0]);
        assert_eq!((out.lane_outage_ratio, out.link_outage_ratio), (vec![1.0 / 3.0, 0.0], 1.0 / 3.0));
        let unknown = summarize(&[1.0, f64::NAN, 4.0, f64::NAN], 2, 2, &[0.5]);
        assert_eq!(unknown.lane_margin_db[0], 1.0);
        assert!(unknown.link_margin_db[0].is_nan() && unknown.link_outage_ratio.is_nan());
    }
}

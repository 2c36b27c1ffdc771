//! Draws: the lanes of a link evaluated over and over with specimens in place of the figures of their types.

use super::coherent_lane::Lane;
use super::draw_polarization::Polarization;
use super::link_margins::{DRAWS_PER_RUN, LinkMargins, Quantiles};
use super::sample::{ElementChange, ElementSample, LaneChange, LaneSample, Sample};
use super::spread::{Numbers, Spread, SpreadTable};
use super::tables::Plant;
use super::verdict::{LaneOutput, Unknown};
use crate::error::{Error, Result};
use crate::rng::{NumberAddress, RandomSource};
use crate::task::Task;
use rayon::prelude::*;
use std::ops::Range;

/// What is asked of the draws.
#[derive(Debug, Clone, Copy)]
pub struct DrawRequest<'a> {
    /// Key of every number.
    pub seed: u64,
    /// How many draws; 0: one evaluation of the worst specimen of everything.
    pub draws_count: usize,
    /// Probabilities of the wanted quantiles.
    pub quantile_ratio: &'a [f64],
    /// Whether the loss of frames is wanted too.
    pub frame_loss: bool,
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
    /// Frame loss ratio of each link's worst engine, as many as there are quantiles: the least of which no more than the
    /// probability has more. NaN where lanes have no bit error ratio; empty where nobody asked.
    pub link_frame_loss_ratio: Vec<f64>,
}

/// Takes the answers of consecutive lanes, one after the other.
pub(super) trait RowSink {
    /// Whether contributions are wanted.
    fn explain(&self) -> bool;
    /// Sees a coherent lane at its receiver, before its answer is pushed.
    fn note(&mut self, _lane: &Lane<'_>) {}
    /// Takes the next answer, with its contributions out of it.
    fn push(&mut self, out: &mut LaneOutput);
}

/// Where the lanes of one draw are noted: columns of one length, or empty where nobody asks.
#[derive(Debug, Default)]
pub(super) struct DrawnLanes<'a> {
    /// Minus infinity where a limit is passed, NaN where nothing is known.
    pub margins_db: &'a mut [f64],
    /// What limits.
    pub limits: &'a mut [u8],
    /// Bit error ratios before the FEC.
    pub pre_fec_ber: &'a mut [f64],
}

/// Keeps what is asked of each lane.
#[derive(Debug)]
pub(super) struct MarginSink<'a> {
    lanes: DrawnLanes<'a>,
    next: usize,
}

impl RowSink for MarginSink<'_> {
    fn explain(&self) -> bool {
        false
    }

    fn push(&mut self, out: &mut LaneOutput) {
        let blocked = out.blocked.is_some() && out.unknown == Unknown::No;
        self.lanes.margins_db[self.next] = if blocked { f64::NEG_INFINITY } else { out.margin_db };
        if let Some(limit) = self.lanes.limits.get_mut(self.next) {
            *limit = out.limited_by as u8;
        }
        if let Some(ber) = self.lanes.pre_fec_ber.get_mut(self.next) {
            *ber = out.pre_fec_ber;
        }
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
    /// Frame loss ratio of an engine by its first lane and the bit error ratios of all of them; NaN where there is none.
    fn frame_loss_ratio(&self, _lane: usize, _pre_fec_ber: &[f64]) -> Result<f64> {
        Ok(f64::NAN)
    }
    /// Evaluates consecutive lanes of a path (which path, which lanes), elements and lanes being specimens.
    fn evaluate(
        &self,
        plant: &Plant<'_>,
        place: (usize, Range<usize>),
        changes: &LaneSample,
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
/// 4. Quantiles are order statistics, the least margin whose share of draws is not below the probability: [`LinkMargins`].
/// 5. Frame loss, where it is asked: of each engine from the bit error ratios of its own lanes in the draw, the worst engine of
///    the link, ranked from the greatest.
///
/// Memory: about 2 MB, and a few times the square root of the draws for each lane and quantile, of each link at work.
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
        link_frame_loss_ratio: Vec::new(),
    };
    for link in links {
        out.lane_margin_db.extend(link.lane_margin_db);
        out.lane_outage_ratio.extend(link.lane_outage_ratio);
        out.link_margin_db.extend(link.link_margin_db);
        out.link_outage_ratio.push(link.link_outage_ratio);
        out.link_frame_loss_ratio.extend(link.link_frame_loss_ratio);
    }
    Ok(out)
}

/// Draws one link and ranks its margins.
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
    let key = u64::from_ne_bytes(spread.link_key[link].to_ne_bytes());
    let engines = if request.frame_loss { engines_of(model, spread, paths.clone()) } else { Vec::new() };
    let width = lanes + usize::from(request.frame_loss);
    let evaluate = |first: usize, rows: &mut [f64]| {
        rows.par_chunks_mut((DRAWS_PER_RUN * width).max(1)).enumerate().try_for_each(|(run, rows)| {
            let mut worker = Worker::new(model, spread, spreads, paths.clone());
            let mut ber = vec![f64::NAN; if request.frame_loss { lanes } else { 0 }];
            for (index, row) in rows.chunks_mut(width.max(1)).enumerate() {
                task.check()?;
                let draw = (first + run * DRAWS_PER_RUN + index) as u64;
                let source = (request.draws_count > 0).then(|| RandomSource::new(request.seed, key, draw));
                let (margins_db, rest) = row.split_at_mut(lanes);
                worker.evaluate(source, DrawnLanes { margins_db, limits: &mut [], pre_fec_ber: &mut ber })?;
                if let [least] = rest {
                    *least = -worst_frame_loss(model, &engines, &ber)?;
                }
                task.advance(lanes as u64);
            }
            Ok(())
        })
    };
    for keep_all in [false, true] {
        let mut margins = LinkMargins::new(lanes, request.frame_loss, draws, request.quantile_ratio, keep_all);
        margins.read(evaluate)?;
        if let Some(quantiles) = margins.finish() {
            return Ok(quantiles);
        }
    }
    Err(Error::Model("quantiles of margins that are not in any order".to_string()))
}

/// An engine of a link: its first lane in the table, and where its lanes are among those of the link.
struct Engine {
    first_lane: usize,
    place: Range<usize>,
}

/// The engines of a link whose frames can be lost.
fn engines_of<M: SampledModel>(model: &M, spread: &SpreadTable<'_>, paths: Range<usize>) -> Vec<Engine> {
    let (mut engines, mut start) = (Vec::new(), 0);
    for path in paths {
        let mut first_lane = model.lanes(path).start;
        for lanes in spread.lane_engine[model.lanes(path)].chunk_by(|one, next| one == next) {
            if lanes[0] >= 0 {
                engines.push(Engine { first_lane, place: start..start + lanes.len() });
            }
            start += lanes.len();
            first_lane += lanes.len();
        }
    }
    engines
}

/// The greatest frame loss ratio of the engines of one draw; NaN where that of one is not known, or there is none.
fn worst_frame_loss<M: SampledModel>(model: &M, engines: &[Engine], pre_fec_ber: &[f64]) -> Result<f64> {
    let mut worst = f64::NAN;
    for engine in engines {
        let ratio = model.frame_loss_ratio(engine.first_lane, &pre_fec_ber[engine.place.clone()])?;
        if ratio.is_nan() {
            return Ok(f64::NAN);
        }
        worst = ratio.max(worst);
    }
    Ok(worst)
}

/// Lanes of one path that share its fibers and are drawn together, with their samples.
struct Group {
    path: usize,
    lanes: Range<usize>,
    /// What numbers the group has its fibers' by.
    number: u32,
    /// Addresses of all its numbers, in the order in which they are asked for.
    addresses: Vec<NumberAddress>,
    element_sample: ElementSample,
    lane_sample: LaneSample,
}

/// One thread's memory for the draws of one link.
pub(super) struct Worker<'a, M: SampledModel> {
    model: &'a M,
    spread: &'a SpreadTable<'a>,
    spreads: &'a [Spread],
    groups: Vec<Group>,
    /// The numbers of one group.
    numbers: Vec<[f64; 2]>,
    scratch: M::Scratch,
}

impl<'a, M: SampledModel> Worker<'a, M> {
    pub(super) fn new(model: &'a M, spread: &'a SpreadTable<'a>, spreads: &'a [Spread], paths: Range<usize>) -> Self {
        let mut groups = Vec::new();
        for path in paths {
            let elements = elements_of(model.plant(), path);
            let lanes = model.lanes(path);
            for some in spread.lane_group[lanes.clone()].chunk_by(|one, next| one == next) {
                let start = groups
                    .last()
                    .filter(|group: &&Group| group.path == path)
                    .map_or(lanes.start, |group| group.lanes.end);
                let mut group = Group {
                    path,
                    lanes: start..start + some.len(),
                    number: u32::try_from(some[0]).unwrap_or(0),
                    addresses: Vec::new(),
                    element_sample: Sample::new(elements.start, elements.len(), ElementChange::NONE),
                    lane_sample: Sample::new(lanes.start, lanes.len(), LaneChange::NONE),
                };
                let mut addresses = Vec::new();
                fill_sample(&mut group, model, spread, spreads, &mut Numbers::Noted(&mut addresses));
                group.addresses = addresses;
                groups.push(group);
            }
        }
        Self { model, spread, spreads, groups, numbers: Vec::new(), scratch: model.new_scratch() }
    }

    /// One draw, or the worst specimens without a source: what is asked of all lanes of the link.
    pub(super) fn evaluate(&mut self, source: Option<RandomSource>, lanes: DrawnLanes<'_>) -> Result<()> {
        let mut sink = MarginSink { lanes, next: 0 };
        for group in &mut self.groups {
            let mut numbers = Numbers::Worst;
            if let Some(source) = source {
                source.uniform_pairs(&group.addresses, &mut self.numbers);
                numbers = Numbers::Drawn(&self.numbers);
            }
            fill_sample(group, self.model, self.spread, self.spreads, &mut numbers);
            let plant = Plant { sample: Some(&group.element_sample), ..self.model.plant().clone() };
            if let Some(source) = source {
                let polarization = Polarization::of(source, &plant, group.path);
                for lane in group.lanes.clone() {
                    let number = number_of(self.spread, lane);
                    let ignored_s = self.model.ignored_dgd_s(lane);
                    let change = group.lane_sample.at(lane);
                    change.dgd_s = polarization.dgd_s(&plant, number, ignored_s) / M::DGD_MAX_TO_MEAN;
                    change.pdl_db = polarization.pdl_db(&plant, number);
                }
            }
            let place = (group.path, group.lanes.clone());
            self.model.evaluate(&plant, place, &group.lane_sample, &mut self.scratch, &mut sink)?;
        }
        Ok(())
    }
}

/// Gives the elements and lanes of a group their specimens, but for polarization.
fn fill_sample<M: SampledModel>(
    group: &mut Group,
    model: &M,
    spread: &SpreadTable<'_>,
    spreads: &[Spread],
    numbers: &mut Numbers<'_>,
) {
    for element in elements_of(model.plant(), group.path) {
        *group.element_sample.at(element) = spread.element_change(spreads, numbers, element, group.number);
    }
    for lane in group.lanes.clone() {
        *group.lane_sample.at(lane) = spread.lane_change(spreads, numbers, model.mode(lane), lane);
    }
}

fn number_of(spread: &SpreadTable<'_>, lane: usize) -> u32 {
    u32::try_from(spread.lane_number[lane]).unwrap_or(0)
}

fn elements_of(plant: &Plant<'_>, path: usize) -> Range<usize> {
    plant.path_offsets[path]..plant.path_offsets[path + 1]
}

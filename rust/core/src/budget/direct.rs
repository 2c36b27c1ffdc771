//! Direct-detect lanes: loss, dispersion corners, the standard's power closure, the equalized eye, receiver noise, FEC.

use super::direct_allocation::{DgdPenalty, ModeReflections, check_reflections, keeps_to_the_standard};
use super::direct_eye::{EyeCache, EyeSources, ModeEye, mode_eyes};
use super::direct_mixing::{LaneMixing, PathMixing, PathPlace, prepare};
use super::direct_receiver::Receiver;
use super::direct_specimen::PathSpecimen;
use super::direct_tables::{DirectLanes, DirectModes, check};
use super::draw_list::{DrawList, DrawRange, list_draws};
use super::draws::{DrawColumns, DrawRequest, RowSink, evaluate_draws};
use super::row_writer::{AnswerRows, Explanations, fill_columns};
use super::spread::SpreadTable;
use super::tables::Plant;
use super::verdict::LaneOutput;
use crate::error::{Error, Result};
use crate::fec::FecScheme;
use crate::optics::average_over_oma;
use crate::task::Task;
use crate::units::{from_db, to_db};
use rayon::prelude::*;

/// Evaluates every lane and writes each answer into its row.
///
/// # Algorithm
/// 1. Loss at the lane's wavelength; accumulated dispersion at both ends of the lane's wavelength range and of the fiber's
///    zero-dispersion range; mean DGD.
/// 2. Closure of IEEE 802.3: power margin = (OMA - TDECQ) - loss - x - (A - IL - X), the last being the sensitivity for a
///    perfect transmitter; x is X, or what the path's reflectances and DGD cost where these are known. A transmitter at the
///    mode's least OMA - TDECQ leaves IL - loss + X - x.
///    Four-wave mixing of lanes that share a fiber costs its own penalty besides.
/// 3. Overload: strongest transmitter less loss against the greatest received power, unless the receiver bears even that
///    transmitter without any loss.
/// 4. The equalized eye of the mode's transmitter, computed or of a surrogate, at both corners of dispersion; the worse one
///    counts. Its TDECQ above the mode's limit is a margin below zero. A mode that lacks a figure of its transmitter has an
///    ideal eye that its TDECQ limit closes; a surrogate has none of it.
/// 5. The transmitter launches the least OMA that its worst TDECQ over the tested dispersion asks for. Receiver noise is set
///    such that the stressed signal at the sensitivity (an eye closed by the largest TDECQ and X) has the mode's target SER;
///    shot noise of PIN or APD and intensity noise rise with the level. SER of the eye, BER = SER/2, FEC.
/// 6. FEC margin: the optical loss after which SER reaches its target.
/// 7. Lanes of one path that differ in nothing (channels side by side are modules on fibers of their own) are evaluated once.
/// 8. Dispersion outside the range that the mode is tested over or behind which the eye is closed, or too much DGD, blocks.
///
/// # Errors
/// Parameter errors for tables that do not fit each other, `Cancelled` if the task was cancelled.
///
/// # References
/// IEEE 802.3-2022, 121.8.5 and the power budget tables of clauses 121-124, 140, 151; see `docs/models/direct-budget.md`
/// and `docs/models/equalized-snr.md`.
pub fn evaluate_direct(
    plant: &Plant<'_>,
    modes: &DirectModes<'_>,
    lanes: &DirectLanes<'_>,
    eyes: EyeSources<'_>,
    explain: bool,
    answers: AnswerRows<'_>,
    task: &Task,
) -> Result<Explanations> {
    // Each lane is a unit of one row.
    let offsets: Vec<usize> = (0..=lanes.path.len()).collect();
    with_batch(plant, modes, lanes, eyes, |batch| {
        fill_columns(answers, &offsets, explain, task, Scratch::default, |lane, scratch, writer| {
            writer.push(&mut batch.answer(lane, scratch, writer.explain())?);
            Ok(())
        })
    })
}

/// Evaluates every lane in draws of specimens and keeps quantiles of the margins.
///
/// # Errors
/// As [`evaluate_direct`], and parameter errors for rules that do not fit the tables or lanes that are not in the order of
/// their paths.
///
/// # References
/// `docs/models/uncertainty.md`.
pub fn draw_direct(
    plant: &Plant<'_>,
    modes: &DirectModes<'_>,
    lanes: &DirectLanes<'_>,
    eyes: EyeSources<'_>,
    spread: &SpreadTable<'_>,
    request: DrawRequest<'_>,
    task: &Task,
) -> Result<DrawColumns> {
    check_order(lanes)?;
    with_batch(plant, modes, lanes, eyes, |batch| {
        evaluate_draws(&Batch { margins_alone: !request.frame_loss, ..*batch }, spread, request, task)
    })
}

/// Evaluates every lane in a range of draws: each link's worst margin in each.
///
/// # Errors
/// As [`draw_direct`].
///
/// # References
/// `docs/models/uncertainty.md`.
pub fn list_direct_draws(
    plant: &Plant<'_>,
    modes: &DirectModes<'_>,
    lanes: &DirectLanes<'_>,
    eyes: EyeSources<'_>,
    spread: &SpreadTable<'_>,
    range: DrawRange,
    task: &Task,
) -> Result<DrawList> {
    check_order(lanes)?;
    with_batch(plant, modes, lanes, eyes, |batch| list_draws(batch, spread, range, task))
}

fn check_order(lanes: &DirectLanes<'_>) -> Result<()> {
    if lanes.path.is_sorted() {
        return Ok(());
    }
    Err(Error::parameter("path", "not in order", "rows in the order of their paths"))
}

/// Checks the tables, derives what the evaluation of any lane reads, and evaluates.
fn with_batch<T>(
    plant: &Plant<'_>,
    modes: &DirectModes<'_>,
    lanes: &DirectLanes<'_>,
    sources: EyeSources<'_>,
    evaluate: impl FnOnce(&Batch<'_>) -> Result<T>,
) -> Result<T> {
    plant.check()?;
    check(plant, modes, lanes)?;
    check_reflections(&plant.elements)?;
    let reflections: Vec<_> = (0..modes.fec.len())
        .map(|mode| ModeReflections::of(modes.extinction_ratio_db[mode], modes.reflectance_max_db[mode]))
        .collect();
    let eyes = mode_eyes(modes, sources)?;
    let receivers = receivers(modes, &eyes);
    let average_ratio: Vec<_> = modes.extinction_ratio_db.iter().map(|&er| average_over_oma(er)).collect();
    let average_db: Vec<_> = average_ratio.iter().map(|&ratio| to_db(ratio)).collect();
    let reflectance_ratio: Vec<_> = plant.elements.reflectance_db.par_iter().map(|&db| from_db(db)).collect();
    let keeps_to_the_standard: Vec<_> = plant
        .path_offsets
        .par_windows(2)
        .map(|path| keeps_to_the_standard(&plant.elements, path[0]..path[1]))
        .collect();
    let fecs = (0..plant.fecs.kind.len()).map(|fec| plant.fecs.scheme(fec)).collect::<Result<Vec<_>>>()?;
    let first_of = |path| lanes.path.partition_point(|&row| usize::try_from(row).is_ok_and(|row| row < path));
    let path_lanes: Vec<usize> = (0..=plant.path_count()).map(first_of).collect();
    let batch = Batch {
        plant,
        modes,
        lanes,
        receivers: &receivers,
        average_db: &average_db,
        fecs: &fecs,
        average_ratio: &average_ratio,
        reflections: &reflections,
        reflectance_ratio: &reflectance_ratio,
        keeps_to_the_standard: &keeps_to_the_standard,
        eyes: &eyes,
        mixing: &[],
        margins_alone: true,
        path_lanes: &path_lanes,
    };
    let mixing = batch.mix(sources.cache)?;
    evaluate(&Batch { mixing: &mixing, ..batch })
}

/// Memory that one thread uses again for lane after lane.
#[derive(Default)]
pub(super) struct Scratch {
    /// Level change of each element, in order.
    pub(super) level_steps_db: Vec<f64>,
    /// The path, or its specimen, that lanes are on.
    pub(super) path: PathSpecimen,
    pub(super) dgd_penalty: DgdPenalty,
    /// Lanes of one path with their answers.
    answered: Vec<(usize, LaneOutput)>,
}

/// Lanes whose answers are kept: those of two modules.
const MOST_ANSWERED: usize = 16;

/// The tables with what is computed once per mode.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) plant: &'a Plant<'a>,
    pub(super) modes: &'a DirectModes<'a>,
    pub(super) lanes: &'a DirectLanes<'a>,
    pub(super) receivers: &'a [Option<Receiver>],
    /// Average power over outer OMA, in decibels and as a ratio.
    pub(super) average_db: &'a [f64],
    pub(super) average_ratio: &'a [f64],
    pub(super) fecs: &'a [FecScheme<'a>],
    pub(super) reflections: &'a [Option<ModeReflections>],
    /// Of every element.
    pub(super) reflectance_ratio: &'a [f64],
    /// Whether the reflectances of a path do.
    pub(super) keeps_to_the_standard: &'a [bool],
    pub(super) eyes: &'a [ModeEye],
    /// Of every lane; empty where no lanes of the batch mix.
    pub(super) mixing: &'a [LaneMixing],
    /// Of specimens nobody asks for more than the least margin, which most give without their error ratios.
    pub(super) margins_alone: bool,
    /// Lanes of path `i` are `path_lanes[i]..path_lanes[i + 1]` where lanes are in the order of paths.
    pub(super) path_lanes: &'a [usize],
}

impl Batch<'_> {
    /// Path of a lane.
    pub(super) fn path(&self, lane: usize) -> usize {
        usize::try_from(self.lanes.path[lane]).unwrap_or(0)
    }

    /// The answer for a lane, that of another one of its path where both are alike.
    fn answer(&self, lane: usize, scratch: &mut Scratch, explain: bool) -> Result<LaneOutput> {
        let path = self.path(lane);
        if scratch.answered.first().is_some_and(|&(other, _)| self.path(other) != path) {
            scratch.answered.clear();
        }
        if let Some((_, known)) = scratch.answered.iter().find(|&&(other, _)| self.are_alike(lane, other)) {
            return Ok(known.clone());
        }
        scratch.path.take_once(self.plant, self.reflectance_ratio, path);
        let out = self.evaluate_lane(lane, scratch, explain)?;
        if scratch.answered.len() < MOST_ANSWERED {
            scratch.answered.push((lane, out.clone()));
        }
        Ok(out)
    }

    /// Whether two lanes of one path differ in nothing that their answers follow from.
    fn are_alike(&self, lane: usize, other: usize) -> bool {
        let lanes = self.lanes;
        let figures = [lanes.center_m, lanes.min_m, lanes.max_m, lanes.launch_power_dbm];
        lanes.sample.is_none()
            && lanes.mode[lane] == lanes.mode[other]
            && figures.iter().all(|column| column[lane].to_bits() == column[other].to_bits())
            && self.mixing.get(lane) == self.mixing.get(other)
    }

    /// What four-wave mixing does to every lane at the power that its type launches: specimens change nothing of it.
    fn mix(&self, cache: &EyeCache) -> Result<Vec<LaneMixing>> {
        let key = |lane: usize| (self.lanes.mode[lane], self.lanes.path[lane]);
        // Lanes of one path stand side by side.
        let firsts: Vec<usize> =
            (0..self.lanes.path.len()).filter(|&lane| lane == 0 || key(lane) != key(lane - 1)).collect();
        let places = firsts
            .iter()
            .map(|&lane| {
                let mode = usize::try_from(self.lanes.mode[lane]).unwrap_or(0);
                PathPlace::find(self.plant, self.modes, (mode, self.path(lane)), &cache.mixing)
            })
            .collect::<Result<Vec<_>>>()?;
        prepare(places.iter().flatten())?;
        let mut mixing = Vec::new();
        let ends = firsts[1.min(firsts.len())..].iter().copied().chain([self.lanes.path.len()]);
        for ((&first, end), place) in firsts.iter().zip(ends).zip(&places) {
            let Some(place) = place else { continue };
            let mode = usize::try_from(self.lanes.mode[first]).unwrap_or(0);
            let Some(path) = PathMixing::of(self.modes, mode, place, &cache.mixing)? else { continue };
            for lane in first..end {
                let found = path.lane(self.lanes.center_m[lane], self.launch(lane, mode).average_dbm);
                if found != LaneMixing::NONE {
                    mixing.resize(self.lanes.path.len(), LaneMixing::NONE);
                    mixing[lane] = found;
                }
            }
        }
        Ok(mixing)
    }
}

/// The receiver of each mode, with the noise and levels of its transmitter where its eye is computed.
fn receivers(modes: &DirectModes<'_>, eyes: &[ModeEye]) -> Vec<Option<Receiver>> {
    let receiver = |(mode, eye): (usize, &ModeEye)| {
        let receiver = Receiver::of(modes, mode)?;
        Some(match eye {
            ModeEye::Table { .. } => {
                receiver.with_transmitter(modes.rin_db_per_hz[mode], modes.level_mismatch_ratio[mode])
            }
            _ => receiver,
        })
    };
    eyes.par_iter().enumerate().map(receiver).collect()
}

//! Coherent lanes: OSNR, nonlinear interference, penalties, transceiver noise, FEC, margins.

use super::coherent_comb::{CombOptions, CombScratch, HeldQuantity, propagate_comb};
use super::coherent_lane::Lane;
use super::coherent_leaks::PathLeaks;
use super::coherent_mode::ModeFigures;
use super::coherent_noise::LineNoise;
use super::coherent_penalties::{FILTERING, NO_PENALTIES, PathView, PenaltyMemos};
use super::coherent_tables::{CoherentModes, CoherentPaths, Occupancy, check};
use super::coherent_tolerances::Tolerances;
use super::draw_list::{DrawList, DrawRange, list_draws};
use super::draws::{DrawColumns, DrawRequest, MarginSink, RowSink, SampledModel, evaluate_draws};
use super::polarization::{PathPolarization, PolarizationMemo};
use super::row_writer::{AnswerRows, Explanations, fill_columns};
use super::sample::{LaneChange, LaneSample, change_of};
use super::spread::SpreadTable;
use super::tables::Plant;
use super::verdict::{LaneOutput, Unknown};
use super::walk::path_totals;
use super::walk_nonlinear::NonlinearContext;
use crate::error::{Error, Result};
use crate::fiber::{NonlinearCache, NonlinearOptions};
use crate::task::Task;
use crate::units::from_db;
use rayon::prelude::*;
use std::ops::Range;

/// Ratio of the greatest to the mean DGD for which limits of coherent modes are written (tail probability 4e-6).
const DGD_MAX_TO_MEAN: f64 = 3.3;

/// How coherent lanes are evaluated.
#[derive(Debug, Clone, Copy, Default)]
pub struct CoherentOptions {
    /// Whether each margin comes with the contributions that add up to it.
    pub explain: bool,
    /// What amplifiers hold on to while some channels are dark.
    pub held: HeldQuantity,
    /// How nonlinear interference is calculated.
    pub nonlinear: NonlinearOptions,
    /// Rate at which polarization rotates.
    pub sop_rate_rad_per_s: f64,
}

/// Evaluates every lit channel of every path and writes each answer into its row.
///
/// # Algorithm
/// 1. The comb goes along the path, without its dark channels: levels, noise-to-signal ratios of ASE and nonlinear
///    interference, dispersion, PMD, PDL.
/// 2. 1/SNR_line = 1/SNR_ASE + 1/SNR_NLI in the symbol rate; penalties (dB, piecewise linear, hard ends) worsen it to SNR_eff.
/// 3. Receiver: 1/SNR = kappa/SNR_eff + n(P) + 1/SNR_TRX, where kappa closes the mode's own required OSNR exactly at its
///    FEC threshold and n(P) its required OSNR at the received power P. Without a required OSNR the fitted kappa predicts it.
/// 4. Pre-FEC BER by the format's formula, post-FEC BER by the FEC's map.
/// 5. Margins: OSNR (SNR_eff against the required one), power (sensitivity and overload), FEC (SNR against the threshold);
///    the least decides. A passed hard end blocks and gives no margin.
///
/// Cost: for N channels and S fibers, S N^2 pairs of channels in the nonlinear interference, once for equal fibers under equal
/// combs; everything else is linear.
///
/// # Errors
/// [`Error::Parameter`] for tables that do not fit each other, [`Error::Cancelled`] if the task was cancelled.
///
/// # References
/// Semrau 2019 (nonlinear interference); ITU-T G.680 (ASE); two-parameter transceiver as in `docs/models/coherent-budget.md`.
pub fn evaluate_coherent(
    plant: &Plant<'_>,
    modes: &CoherentModes<'_>,
    paths: &CoherentPaths<'_>,
    options: CoherentOptions,
    answers: AnswerRows<'_>,
    task: &Task,
) -> Result<Explanations> {
    with_model(plant, modes, paths, options, task, |model| {
        let offsets = paths.lit_offsets();
        fill_columns(answers, &offsets, options.explain, task, CombScratch::default, |path, scratch, writer| {
            model.evaluate_path(path, scratch, writer)
        })
    })
}

/// Evaluates every lit channel in draws of specimens and keeps quantiles of the margins.
///
/// Nonlinear interference is computed anew in every draw: its dependence on powers and attenuation is that of the model.
///
/// # Errors
/// As [`evaluate_coherent`], and parameter errors for rules that do not fit the tables.
///
/// # References
/// `docs/models/uncertainty.md`.
pub fn draw_coherent(
    plant: &Plant<'_>,
    modes: &CoherentModes<'_>,
    paths: &CoherentPaths<'_>,
    options: CoherentOptions,
    spread: &SpreadTable<'_>,
    request: DrawRequest<'_>,
    task: &Task,
) -> Result<DrawColumns> {
    with_model(plant, modes, paths, options, task, |model| evaluate_draws(model, spread, request, task))
}

/// Evaluates every lit channel in a range of draws: each link's worst margin in each.
///
/// # Errors
/// As [`draw_coherent`].
///
/// # References
/// `docs/models/uncertainty.md`.
pub fn list_coherent_draws(
    plant: &Plant<'_>,
    modes: &CoherentModes<'_>,
    paths: &CoherentPaths<'_>,
    options: CoherentOptions,
    spread: &SpreadTable<'_>,
    range: DrawRange,
    task: &Task,
) -> Result<DrawList> {
    with_model(plant, modes, paths, options, task, |model| list_draws(model, spread, range, task))
}

/// Checks the tables, derives what the evaluation of any path reads, and evaluates.
pub(super) fn with_model<T>(
    plant: &Plant<'_>,
    modes: &CoherentModes<'_>,
    paths: &CoherentPaths<'_>,
    options: CoherentOptions,
    task: &Task,
    evaluate: impl FnOnce(&CoherentModel<'_>) -> Result<T>,
) -> Result<T> {
    plant.check()?;
    check(plant, modes, paths)?;
    if !(options.sop_rate_rad_per_s >= 0.0 && options.sop_rate_rad_per_s.is_finite()) {
        let found = options.sop_rate_rad_per_s;
        return Err(Error::parameter("sop_rate_rad_per_s", found, "a finite number, 0 or above"));
    }
    let figures = (0..modes.modulation.len())
        .into_par_iter()
        .map(|mode| ModeFigures::find(plant, modes, paths, mode))
        .collect::<Result<Vec<_>>>()?;
    let cache = NonlinearCache::default();
    let kurtosis: Vec<f64> = figures.iter().map(|mode| mode.receiver.modulation.excess_kurtosis_ratio()).collect();
    // An OSNR that nobody states adds no noise here.
    let noise_of = |osnr_db: &f64| if osnr_db.is_nan() { 0.0 } else { from_db(-osnr_db) };
    let out_of_band: Vec<f64> = modes.tx_out_of_band_osnr_db.iter().map(noise_of).collect();
    let comb = CombOptions {
        held: options.held,
        excess_kurtosis_ratio: &kurtosis,
        out_of_band_noise_ratio: &out_of_band,
        nonlinear: NonlinearContext { options: &options.nonlinear, cache: &cache, task },
    };
    evaluate(&CoherentModel {
        plant,
        modes,
        paths,
        figures: &figures,
        comb,
        polarization: &PolarizationMemo::default(),
        memos: &PenaltyMemos::default(),
        sop_rate_rad_per_s: options.sop_rate_rad_per_s,
    })
}

/// Everything that the evaluation of any path reads.
#[derive(Clone, Copy)]
pub(super) struct CoherentModel<'a> {
    plant: &'a Plant<'a>,
    modes: &'a CoherentModes<'a>,
    paths: &'a CoherentPaths<'a>,
    /// Figures of each mode.
    figures: &'a [ModeFigures<'a>],
    comb: CombOptions<'a>,
    polarization: &'a PolarizationMemo,
    memos: &'a PenaltyMemos,
    sop_rate_rad_per_s: f64,
}

impl CoherentModel<'_> {
    /// Evaluates every lit channel of one path and writes one row each.
    pub(super) fn evaluate_path(
        &self,
        path: usize,
        scratch: &mut CombScratch,
        writer: &mut impl RowSink,
    ) -> Result<()> {
        let (plant, modes, paths) = (self.plant, self.modes, self.paths);
        let first_element = plant.path_offsets[path];
        propagate_comb(plant, paths, path, &self.comb, scratch)?;
        scratch.find_filters(plant, path);
        let polarization = self.polarization.path(plant, path)?;
        let leaks = PathLeaks::find(plant, path, scratch.channels().level_dbm.iter().copied());
        let view = PathView {
            leaks: &leaks,
            filters: &scratch.filters,
            memos: self.memos,
            recent_crosstalk: &scratch.recent_crosstalk,
        };
        let totals = path_totals(plant, path);
        let mode_of = |row: usize| &self.figures[self.mode(row)];
        let tx_noise = scratch.present().map(|(row, _)| mode_of(row).receiver.tx_noise);
        let noise = LineNoise::find(scratch.channels(), tx_noise);
        let mut tolerances = Tolerances::NONE;
        for (row, channel, beside) in scratch.lit(paths) {
            let mode = mode_of(row);
            let specimen = change_of(paths.sample, row, LaneChange::NONE);
            let pdl_db = if specimen.pdl_db.is_nan() { polarization.pdl_mean_db } else { specimen.pdl_db };
            let dgd_s = if specimen.dgd_s.is_nan() { polarization.dgd_mean_s } else { specimen.dgd_s };
            if !tolerances.hold_for(mode, dgd_s, pdl_db) {
                tolerances = self.find_tolerances(mode, (dgd_s, pdl_db), &polarization);
            }
            let mut lane = Lane {
                out: LaneOutput::empty(),
                mode,
                receiver: &mode.receiver,
                channel,
                noise: noise.at(channel.place),
                first_element,
                penalties: NO_PENALTIES,
                tolerances: &tolerances,
                path: view,
                beside,
                colorless_share: 0.0,
                colorless_db: 0.0,
                leaked_noise: 0.0,
                thermal_noise: 0.0,
                line_noise: 0.0,
            };
            lane.out.launch_power_dbm = paths.launch_power_dbm[row] + specimen.transmitter_db;
            lane.out.pdl_db = pdl_db;
            lane.out.dispersion_s_per_m = channel.dispersion_s_per_m;
            lane.out.dgd_mean_s = dgd_s;
            [lane.out.dgd_outage_ratio, lane.out.pdl_outage_ratio] = tolerances.outage_ratios;
            lane.out.latency_s = totals.latency_s + mode.latency_s;
            lane.out.unknown = channel.unknown;
            if !modes.loss_budget_db[mode.row].is_nan() {
                lane.close_on_loss(modes, paths, row, writer.explain());
            } else if channel.level_dbm.is_finite() {
                lane.take_penalties(paths, row);
                // Less OSNR required is less penalty on the noise of the line.
                lane.penalties[FILTERING].2 += specimen.required_osnr_db;
                lane.close(modes, writer.explain())?;
            } else {
                lane.out.set_unknown(Unknown::LaunchPower);
            }
            writer.note(&lane);
            writer.push(&mut lane.out);
        }
        Ok(())
    }

    /// What a mode makes of the DGD and PDL of one path.
    fn find_tolerances(
        &self,
        mode: &ModeFigures<'_>,
        (dgd_s, pdl_db): (f64, f64),
        path: &PathPolarization,
    ) -> Tolerances {
        // A draw has a DGD and a PDL and no distribution of them.
        let distributions = self.paths.sample.is_none().then_some(path);
        let met = (dgd_s, pdl_db, self.sop_rate_rad_per_s);
        Tolerances::find(mode, self.modes.dgd_max_s[mode.row], met, distributions)
    }
}

impl SampledModel for CoherentModel<'_> {
    type Scratch = CombScratch;
    const DGD_MAX_TO_MEAN: f64 = DGD_MAX_TO_MEAN;

    fn plant(&self) -> &Plant<'_> {
        self.plant
    }

    fn lanes(&self, path: usize) -> Range<usize> {
        self.paths.channel_offsets[path]..self.paths.channel_offsets[path + 1]
    }

    fn answers_count(&self, path: usize) -> usize {
        self.lanes(path).filter(|&row| self.paths.occupancy(row) == Occupancy::Lit).count()
    }

    fn mode(&self, lane: usize) -> usize {
        usize::try_from(self.paths.mode[lane]).unwrap_or(0)
    }

    fn modes_count(&self) -> usize {
        self.modes.modulation.len()
    }

    fn lanes_count(&self) -> usize {
        self.paths.mode.len()
    }

    fn ignored_dgd_s(&self, _lane: usize) -> f64 {
        0.0
    }

    fn new_scratch(&self) -> CombScratch {
        CombScratch::default()
    }

    /// All channels of a path share its fibers, so that they are drawn together whatever their groups.
    fn evaluate(
        &self,
        plant: &Plant<'_>,
        (path, _): (usize, Range<usize>),
        changes: &LaneSample,
        scratch: &mut CombScratch,
        sink: &mut MarginSink<'_>,
    ) -> Result<()> {
        let paths = CoherentPaths { sample: Some(changes), ..self.paths.clone() };
        CoherentModel { plant, paths: &paths, ..*self }.evaluate_path(path, scratch, sink)
    }
}

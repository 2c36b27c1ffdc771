//! Direct-detect lanes: loss, dispersion corners, the standard's power closure, the equalized eye, receiver noise, FEC.

use super::columns::{LaneColumns, fill_columns};
use super::direct_allocation::{ModeReflections, PathAllocation, check_reflections};
use super::direct_eye::{EyeCache, ModeEye, mode_eyes};
use super::direct_mixing::{LaneMixing, PathMixing};
use super::direct_path::{check_dispersion, pass};
use super::direct_receiver::Receiver;
use super::direct_tables::{DirectLanes, DirectModes, check};
use super::draws::{DrawColumns, DrawRequest, MarginSink, RowSink, SampledModel, evaluate_draws};
use super::sample::{ElementSample, LaneSample};
use super::spread::SpreadTable;
use super::tables::Plant;
use super::verdict::{Contribution, ContributionKind as Kind, LaneOutput, Limit, Unknown, least};
use super::walk::path_totals;
use crate::error::{Error, Result};
use crate::fec::FecScheme;
use crate::metrics::{EqualizedEye, EyePlace, EyeState, q_factor_db};
use crate::optics::average_over_oma;
use crate::task::Task;
use crate::units::{from_db, from_dbm, to_db};
use std::ops::Range;

/// Ratio of the greatest to the mean DGD for which direct-detect limits are written (tail probability about 1e-7).
const DGD_MAX_TO_MEAN: f64 = 3.75;

/// Margins closer than this are one.
const MARGIN_TIE_DB: f64 = 1e-9;

/// Evaluates every lane.
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
/// 4. The equalized eye of the mode's transmitter at both corners of dispersion; the worse one counts. Its TDECQ above the
///    mode's limit is a margin below zero. A mode that lacks a figure of its transmitter has an ideal eye that its TDECQ
///    limit closes.
/// 5. The transmitter launches the least OMA that its worst TDECQ over the tested dispersion asks for. Receiver noise is set
///    such that the stressed signal at the sensitivity (an eye closed by the largest TDECQ and X) has the mode's target SER;
///    shot noise of PIN or APD and intensity noise rise with the level. SER of the eye, BER = SER/2, FEC.
/// 6. FEC margin: the optical loss after which SER reaches its target.
/// 7. Dispersion outside the range that the mode is tested over or behind which the eye is closed, or too much DGD, blocks.
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
    cache: &EyeCache,
    explain: bool,
    task: &Task,
) -> Result<LaneColumns> {
    // Each lane is a unit of one row.
    let offsets: Vec<usize> = (0..=lanes.path.len()).collect();
    with_batch(plant, modes, lanes, cache, |batch| {
        fill_columns(&offsets, explain, task, Scratch::default, |lane, scratch, writer| {
            writer.push(batch.evaluate_lane(lane, scratch, writer.explain())?);
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
    cache: &EyeCache,
    spread: &SpreadTable<'_>,
    request: DrawRequest<'_>,
    task: &Task,
) -> Result<DrawColumns> {
    if !lanes.path.is_sorted() {
        return Err(Error::parameter("path", "not in order", "rows in the order of their paths"));
    }
    with_batch(plant, modes, lanes, cache, |batch| evaluate_draws(batch, spread, request, task))
}

/// Checks the tables, derives what the evaluation of any lane reads, and evaluates.
fn with_batch<T>(
    plant: &Plant<'_>,
    modes: &DirectModes<'_>,
    lanes: &DirectLanes<'_>,
    cache: &EyeCache,
    evaluate: impl FnOnce(&Batch<'_>) -> Result<T>,
) -> Result<T> {
    plant.check()?;
    check(plant, modes, lanes)?;
    check_reflections(&plant.elements)?;
    let reflections: Vec<_> = (0..modes.fec.len())
        .map(|mode| ModeReflections::of(modes.extinction_ratio_db[mode], modes.reflectance_max_db[mode]))
        .collect();
    let eyes = mode_eyes(modes, cache)?;
    let receivers = receivers(modes, &eyes);
    let average_db: Vec<_> = modes.extinction_ratio_db.iter().map(|&er| to_db(average_over_oma(er))).collect();
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
        reflections: &reflections,
        eyes: &eyes,
        mixing: &[],
        path_lanes: &path_lanes,
    };
    let mixing = batch.mix(cache)?;
    evaluate(&Batch { mixing: &mixing, ..batch })
}

/// Memory that one thread uses again for lane after lane.
#[derive(Default)]
struct Scratch {
    /// Level change of each element, in order.
    level_steps_db: Vec<f64>,
}

/// The tables with what is computed once per mode.
#[derive(Clone, Copy)]
struct Batch<'a> {
    plant: &'a Plant<'a>,
    modes: &'a DirectModes<'a>,
    lanes: &'a DirectLanes<'a>,
    receivers: &'a [Option<Receiver>],
    /// Average power over outer OMA.
    average_db: &'a [f64],
    fecs: &'a [FecScheme<'a>],
    reflections: &'a [Option<ModeReflections>],
    eyes: &'a [ModeEye],
    /// Of every lane; empty where no lanes of the batch mix.
    mixing: &'a [LaneMixing],
    /// Lanes of path `i` are `path_lanes[i]..path_lanes[i + 1]` where lanes are in the order of paths.
    path_lanes: &'a [usize],
}

/// Levels of one lane at its transmitter.
#[derive(Clone, Copy)]
struct Launch {
    average_dbm: f64,
    oma_dbm: f64,
    /// What the closure counts with.
    oma_less_tdecq_dbm: f64,
    /// Average power of the strongest transmitter that the mode allows, or the one that is set.
    strongest_dbm: f64,
    set_by_user: bool,
}

/// The margins of one lane, in dB.
#[derive(Clone, Copy)]
struct Margins {
    /// Closure against the sensitivity.
    sensitivity: f64,
    overload: f64,
    /// TDECQ limit less TDECQ, only where it is passed.
    dispersion: f64,
    fec: f64,
}

impl Batch<'_> {
    /// What four-wave mixing does to every lane at the power that its type launches: specimens change nothing of it.
    fn mix(&self, cache: &EyeCache) -> Result<Vec<LaneMixing>> {
        let mut mixing = Vec::new();
        let mut last: Option<((i64, i64), Option<PathMixing>)> = None;
        for lane in 0..self.lanes.path.len() {
            let key = (self.lanes.mode[lane], self.lanes.path[lane]);
            if last.as_ref().is_none_or(|(of, _)| *of != key) {
                let indices = (usize::try_from(key.0).unwrap_or(0), usize::try_from(key.1).unwrap_or(0));
                last = Some((key, PathMixing::of(self.plant, self.modes, indices, &cache.mixing)?));
            }
            let Some((_, Some(path))) = &last else { continue };
            let found = path
                .lane(self.lanes.center_m[lane], self.launch(lane, usize::try_from(key.0).unwrap_or(0)).average_dbm);
            if found != LaneMixing::NONE {
                mixing.resize(self.lanes.path.len(), LaneMixing::NONE);
                mixing[lane] = found;
            }
        }
        Ok(mixing)
    }

    fn evaluate_lane(&self, lane: usize, scratch: &mut Scratch, explain: bool) -> Result<LaneOutput> {
        let (plant, modes) = (self.plant, self.modes);
        let path = usize::try_from(self.lanes.path[lane]).unwrap_or(0);
        let mode = usize::try_from(self.lanes.mode[lane]).unwrap_or(0);
        let mut out = LaneOutput::empty();
        let totals = path_totals(plant, path);
        let fec = usize::try_from(modes.fec[mode]).unwrap_or(0);
        out.latency_s = totals.latency_s
            + [plant.fecs.latency_s[fec], modes.latency_s[mode]].iter().filter(|part| part.is_finite()).sum::<f64>();
        out.pdl_db = totals.pdl_db;
        let corners_s_per_m = pass(plant, path, self.lanes, lane, &mut out, &mut scratch.level_steps_db)?;
        check_dispersion(modes, mode, &mut out, corners_s_per_m);
        let specimen = self.lanes.change(lane);
        if !specimen.dgd_s.is_nan() {
            out.dgd_mean_s = specimen.dgd_s;
        }
        if out.dgd_mean_s * DGD_MAX_TO_MEAN > modes.dgd_max_s[mode] {
            out.set_blocked(Limit::Pmd, out.dgd_mean_s * DGD_MAX_TO_MEAN, modes.dgd_max_s[mode]);
        }
        let eye = self.eye(lane, mode, corners_s_per_m, &mut out);

        let launch = self.launch(lane, mode);
        let level_db: f64 = scratch.level_steps_db.iter().sum();
        out.launch_power_dbm = launch.average_dbm;
        out.received_power_dbm = launch.average_dbm + level_db;
        out.oma_outer_dbm = launch.oma_dbm + level_db;
        let allocation = PathAllocation::of(
            plant,
            path,
            self.reflections[mode].as_ref(),
            modes.mpi_dgd_allocation_db[mode],
            &scratch.level_steps_db,
            (out.dgd_mean_s * DGD_MAX_TO_MEAN, modes.symbol_rate_hz[mode]),
        );
        if allocation.total_db().is_infinite() {
            out.set_blocked(Limit::Crosstalk, allocation.total_db(), f64::INFINITY);
        }
        let mixing = self.mixing.get(lane).copied().unwrap_or(LaneMixing::NONE);
        if mixing.penalty_db.is_infinite() {
            out.set_blocked(Limit::Crosstalk, mixing.crosstalk_dbc, mixing.closing_dbc);
        }
        let interference_db = allocation.total_db() + mixing.penalty_db;
        let mut margins = self.power_margins(mode, launch, level_db, (interference_db, specimen.sensitivity_db));
        out.power_margin_db = if margins.sensitivity.is_nan() {
            out.set_unknown(Unknown::Closure);
            f64::NAN
        } else {
            margins.sensitivity.min(margins.overload)
        };
        if let Some(eye) = eye {
            out.tdecq_db = eye.tdecq_db;
            let over_db = modes.tdecq_max_db[mode] - eye.tdecq_db;
            if over_db < -MARGIN_TIE_DB {
                // The closure holds for a TDECQ up to its limit and not beyond.
                margins.dispersion = over_db;
                out.power_margin_db = out.power_margin_db.min(over_db);
            }
            if let Some(receiver) = &self.receivers[mode]
                && out.power_margin_db.is_finite()
            {
                let receiver = receiver.with_penalty(interference_db);
                self.receive(&receiver, &eye, fec, specimen.sensitivity_db, &mut out);
                margins.fec = out.fec_margin_db;
            }
        }
        if let Some((limit, _, _)) = out.blocked {
            out.limited_by = limit;
        } else if out.unknown == Unknown::No {
            self.judge(
                (mode, path),
                launch,
                (allocation, mixing.penalty_db),
                margins,
                &scratch.level_steps_db,
                explain,
                &mut out,
            );
        }
        Ok(out)
    }

    /// The worse eye of both corners; `None` where dispersion blocks or is not known, or the eye is closed.
    fn eye(
        &self,
        lane: usize,
        mode: usize,
        (lowest, highest): (f64, f64),
        out: &mut LaneOutput,
    ) -> Option<EqualizedEye> {
        // The eye is stated for the dispersion that the mode is tested over; beyond it nobody knows it.
        if out.blocked.is_some() || out.unknown != Unknown::No {
            return None;
        }
        let table = match &self.eyes[mode] {
            ModeEye::Limit => return Some(EqualizedEye::ideal(self.modes.tdecq_max_db[mode])),
            ModeEye::Closed => {
                out.set_unknown(Unknown::Eye);
                return None;
            }
            ModeEye::Table { table, .. } => table,
        };
        let mut worst: Option<(EyePlace, f64)> = None;
        let (_, min_m, max_m) = self.lanes.wavelengths_m(lane);
        let corners = [(lowest, min_m), (highest, max_m)];
        for (dispersion, wavelength_m) in corners {
            match table.at(dispersion, wavelength_m) {
                EyeState::Open(place) => {
                    let bearable = table.bearable_ratio(&place);
                    if worst.is_none_or(|kept| bearable < kept.1) {
                        out.dispersion_s_per_m = dispersion;
                        worst = Some((place, bearable));
                    }
                }
                EyeState::Closed { end_s_per_m } => {
                    out.dispersion_s_per_m = dispersion;
                    out.set_blocked(Limit::Dispersion, dispersion, end_s_per_m);
                    return None;
                }
            }
        }
        worst.map(|(place, _)| table.eye(&place))
    }

    /// What the transmitter sends.
    fn launch(&self, lane: usize, mode: usize) -> Launch {
        let modes = self.modes;
        let limit_db = modes.tdecq_max_db[mode];
        let average_db = self.average_db[mode];
        let least_dbm = modes.oma_less_tdecq_min_dbm[mode];
        // A compliant transmitter has at least A + TDECQ and its least OMA; f64::max passes over what nobody knows.
        let least_oma_dbm = match &self.eyes[mode] {
            ModeEye::Table { transmitter_tdecq_db, .. } => {
                (least_dbm + transmitter_tdecq_db).max(modes.oma_outer_min_dbm[mode])
            }
            _ => least_dbm + limit_db,
        };
        let set_dbm = self.lanes.launch_power_dbm[lane];
        if set_dbm.is_nan() {
            let more_db = self.lanes.change(lane).transmitter_db;
            let average_dbm = least_oma_dbm + average_db + more_db;
            let strongest_dbm = modes.launch_power_max_dbm[mode];
            return Launch {
                average_dbm,
                oma_dbm: least_oma_dbm + more_db,
                oma_less_tdecq_dbm: least_dbm + more_db,
                // What a specimen has beyond the mode's greatest power it has as a better eye.
                strongest_dbm: if self.lanes.sample.is_some() { strongest_dbm.min(average_dbm) } else { strongest_dbm },
                set_by_user: false,
            };
        }
        let derived_dbm = set_dbm - average_db;
        // Whatever its average power, a compliant transmitter has at least A: it then modulates deeper.
        let compliant = set_dbm >= modes.launch_power_min_dbm[mode];
        Launch {
            average_dbm: set_dbm,
            oma_dbm: if compliant { least_oma_dbm.max(derived_dbm) } else { derived_dbm },
            oma_less_tdecq_dbm: if compliant { least_dbm.max(derived_dbm - limit_db) } else { derived_dbm - limit_db },
            strongest_dbm: set_dbm,
            set_by_user: true,
        }
    }

    fn power_margins(
        &self,
        mode: usize,
        launch: Launch,
        level_db: f64,
        (allocation_db, sensitivity_offset_db): (f64, f64),
    ) -> Margins {
        let modes = self.modes;
        // A receiver that bears its own strongest transmitter cannot be overloaded by a path that only loses light.
        let bears_all = !launch.set_by_user && modes.received_power_max_dbm[mode] >= modes.launch_power_max_dbm[mode];
        Margins {
            sensitivity: launch.oma_less_tdecq_dbm + level_db
                - allocation_db
                - (self.sensitivity_dbm(mode) + sensitivity_offset_db),
            overload: if bears_all {
                f64::NAN
            } else {
                modes.received_power_max_dbm[mode] - (launch.strongest_dbm + level_db)
            },
            dispersion: f64::NAN,
            fec: f64::NAN,
        }
    }

    /// Sensitivity for a perfect transmitter: A - IL - X.
    fn sensitivity_dbm(&self, mode: usize) -> f64 {
        let modes = self.modes;
        modes.oma_less_tdecq_min_dbm[mode] - modes.insertion_loss_max_db[mode] - modes.mpi_dgd_allocation_db[mode]
    }

    /// Error ratios before and after the FEC, and how much light can be lost.
    fn receive(
        &self,
        receiver: &Receiver,
        eye: &EqualizedEye,
        fec: usize,
        sensitivity_offset_db: f64,
        out: &mut LaneOutput,
    ) {
        // A receiver that needs less light sees its noise as if more arrived.
        let oma_w = from_dbm(out.oma_outer_dbm - sensitivity_offset_db);
        let average_w = from_dbm(out.received_power_dbm - sensitivity_offset_db);
        if self.lanes.sample.is_some() {
            // Of a draw only the least margin counts: where the target holds with as much loss as the others leave, it is theirs.
            let left = from_db(-out.power_margin_db);
            if receiver.meets_target(eye, oma_w * left, average_w * left) {
                return;
            }
        }
        let symbol_error_ratio = receiver.symbol_error_ratio(eye, oma_w, average_w);
        out.pre_fec_ber = symbol_error_ratio / 2.0;
        out.q_db = q_factor_db(out.pre_fec_ber);
        let after = self.fecs[fec].apply(out.pre_fec_ber);
        out.post_fec_ber = after.post_fec_ber;
        out.frame_loss_ratio = after.frame_loss_ratio;
        out.fec_margin_db = receiver.fec_margin_db(eye, oma_w, average_w, symbol_error_ratio);
        if out.fec_margin_db.is_nan() {
            out.set_unknown(Unknown::ErrorFloor);
        }
    }

    /// The least margin, what it is limited by and how it comes about.
    fn judge(
        &self,
        (mode, path): (usize, usize),
        launch: Launch,
        (allocation, mixing_db): (PathAllocation, f64),
        margins: Margins,
        level_steps_db: &[f64],
        explain: bool,
        out: &mut LaneOutput,
    ) {
        // The closure is the rule; the receiver model decides only where it is stricter by more than its root's rounding.
        let all = [margins.sensitivity, margins.overload, margins.dispersion, margins.fec + MARGIN_TIE_DB];
        let Some(which) = least(&all) else { return };
        let limit_db = self.modes.tdecq_max_db[mode];
        let computed = matches!(self.eyes[mode], ModeEye::Table { .. });
        let eye_db = launch.oma_dbm - out.tdecq_db - launch.oma_less_tdecq_dbm;
        (out.margin_db, out.limited_by) = match which {
            0 => (margins.sensitivity, Limit::Power),
            1 => (margins.overload, Limit::Overload),
            2 => (margins.dispersion, Limit::Dispersion),
            _ if computed && eye_db < -MARGIN_TIE_DB => (margins.fec, Limit::Dispersion),
            _ => (margins.fec, Limit::Power),
        };
        if matches!(which, 0 | 3) && out.margin_db < 0.0 && out.margin_db + mixing_db >= 0.0 {
            out.limited_by = Limit::Crosstalk;
        }
        if !explain {
            return;
        }
        let first = self.plant.path_offsets[path];
        let elements = |sign: f64| {
            level_steps_db.iter().enumerate().map(move |(index, &value)| Contribution {
                kind: Kind::Element,
                element: Some(first + index),
                value_db: sign * value,
            })
        };
        let steps = &mut out.contributions;
        match which {
            1 => {
                steps.push(plain(Kind::Launch, -launch.strongest_dbm));
                steps.extend(elements(-1.0));
                steps.push(plain(Kind::GreatestReceived, self.modes.received_power_max_dbm[mode]));
            }
            2 => {
                steps.push(plain(Kind::TdecqLimit, limit_db));
                steps.push(plain(Kind::Tdecq, -out.tdecq_db));
            }
            _ => {
                steps.push(plain(Kind::OmaLessTdecq, launch.oma_less_tdecq_dbm));
                steps.extend(elements(1.0));
                match allocation {
                    PathAllocation::Standard(db) => steps.push(plain(Kind::MpiDgdAllocation, -db)),
                    PathAllocation::Computed { multipath_db, dgd_db } => {
                        steps.push(plain(Kind::Multipath, -multipath_db));
                        steps.push(plain(Kind::PmdPenalty, -dgd_db));
                    }
                }
                if mixing_db > 0.0 {
                    steps.push(plain(Kind::Mixing, -mixing_db));
                }
                steps.push(plain(Kind::Sensitivity, -self.sensitivity_dbm(mode)));
                if which == 3 {
                    let eye_db = if computed { eye_db } else { 0.0 };
                    if computed {
                        steps.push(plain(Kind::ComputedEye, eye_db));
                    }
                    steps.push(plain(Kind::ShotNoise, margins.fec - margins.sensitivity - eye_db));
                }
            }
        }
    }
}

impl SampledModel for Batch<'_> {
    type Scratch = Scratch;
    const DGD_MAX_TO_MEAN: f64 = DGD_MAX_TO_MEAN;

    fn plant(&self) -> &Plant<'_> {
        self.plant
    }

    fn lanes(&self, path: usize) -> Range<usize> {
        self.path_lanes[path]..self.path_lanes[path + 1]
    }

    fn answers_count(&self, path: usize) -> usize {
        self.lanes(path).len()
    }

    fn mode(&self, lane: usize) -> usize {
        usize::try_from(self.lanes.mode[lane]).unwrap_or(0)
    }

    fn modes_count(&self) -> usize {
        self.modes.fec.len()
    }

    fn lanes_count(&self) -> usize {
        self.lanes.path.len()
    }

    fn ignored_dgd_s(&self, lane: usize) -> f64 {
        // A twentieth of the symbol closes the eye by thousandths of a decibel.
        let mode = self.mode(lane);
        (0.05 / self.modes.symbol_rate_hz[mode]).min(self.modes.dgd_max_s[mode])
    }

    fn new_scratch(&self) -> Scratch {
        Scratch::default()
    }

    fn evaluate(
        &self,
        _path: usize,
        lanes: Range<usize>,
        (elements, changes): (&ElementSample, &LaneSample),
        scratch: &mut Scratch,
        sink: &mut MarginSink<'_>,
    ) -> Result<()> {
        let plant = Plant { sample: Some(elements), ..self.plant.clone() };
        let rows = DirectLanes { sample: Some(changes), ..self.lanes.clone() };
        let batch = Batch { plant: &plant, lanes: &rows, ..*self };
        for lane in lanes {
            sink.push(batch.evaluate_lane(lane, scratch, false)?);
        }
        Ok(())
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
    eyes.iter().enumerate().map(receiver).collect()
}

fn plain(kind: Kind, value_db: f64) -> Contribution {
    Contribution { kind, element: None, value_db }
}

//! One direct-detect lane: its way, its eye, its margins.

use super::direct::{Batch, Scratch};
use super::direct_allocation::PathAllocation;
use super::direct_eye::{LaneEye, ModeEye};
use super::direct_judge::{Interference, MARGIN_TIE_DB, Margins};
use super::direct_launch::Launch;
use super::direct_mixing::LaneMixing;
use super::direct_path::{check_dispersion, pass};
use super::verdict::{LaneOutput, Limit, Unknown};
use super::walk::path_totals;
use crate::error::Result;
use crate::metrics::{EyePlace, EyeState, LEAKED_LIGHT_END_RATIO};
use crate::units::{from_dbm, to_db};

/// Ratio of the greatest to the mean DGD for which direct-detect limits are written (tail probability about 1e-7).
pub(super) const DGD_MAX_TO_MEAN: f64 = 3.75;

impl Batch<'_> {
    /// Evaluates one lane.
    pub(super) fn evaluate_lane(&self, lane: usize, scratch: &mut Scratch, explain: bool) -> Result<LaneOutput> {
        let modes = self.modes;
        let path = self.path(lane);
        let mode = usize::try_from(self.lanes.mode[lane]).unwrap_or(0);
        let mut out = LaneOutput::empty();
        if self.lanes.sample.is_none() {
            self.set_totals(path, mode, &mut out);
        }
        let wavelengths_m = self.lanes.wavelengths_m(lane);
        let steps_db = &mut scratch.level_steps_db;
        let corners_s_per_m = pass(&self.plant.fibers, &scratch.path, wavelengths_m, &mut out, steps_db)?;
        check_dispersion(modes, mode, &mut out, corners_s_per_m);
        let specimen = self.lanes.change(lane);
        if !specimen.dgd_s.is_nan() {
            out.dgd_mean_s = specimen.dgd_s;
        }
        if out.dgd_mean_s * DGD_MAX_TO_MEAN > modes.dgd_max_s[mode] {
            out.set_blocked(Limit::Pmd, out.dgd_mean_s * DGD_MAX_TO_MEAN, modes.dgd_max_s[mode]);
        }
        if let ModeEye::Table { tecq_db, .. } = &self.eyes[mode] {
            out.tecq_db = *tecq_db;
        }
        let eye = self.eye(mode, corners_s_per_m, (wavelengths_m.1, wavelengths_m.2), &mut out);

        let launch = self.launch(lane, mode);
        let level_db: f64 = scratch.level_steps_db.iter().sum();
        out.launch_power_dbm = launch.average_dbm;
        out.received_power_dbm = launch.average_dbm + level_db;
        out.oma_outer_dbm = launch.oma_dbm + level_db;
        let allocation = PathAllocation::of(
            &scratch.path,
            self.keeps_to_the_standard[path],
            self.reflections[mode].as_ref(),
            modes.mpi_dgd_allocation_db[mode],
            &scratch.level_steps_db,
            || scratch.dgd_penalty.at(out.dgd_mean_s * DGD_MAX_TO_MEAN, modes.symbol_rate_hz[mode]),
        );
        if allocation.total_db().is_infinite() {
            out.set_blocked(Limit::Crosstalk, allocation.total_db(), f64::INFINITY);
        }
        let mixing = self.mixing.get(lane).copied().unwrap_or(LaneMixing::NONE);
        if mixing.penalty_db.is_infinite() {
            out.set_blocked(Limit::Crosstalk, mixing.crosstalk_dbc, mixing.closing_dbc);
        }
        let leaked = self.leaked_light((lane, mode), &scratch.path, wavelengths_m.0)?;
        if leaked.penalty_db.is_infinite() {
            out.set_blocked(Limit::LeakedLight, leaked.leaked_db, to_db(LEAKED_LIGHT_END_RATIO));
        } else if leaked.penalty_db.is_nan() {
            out.set_unknown(Unknown::Attenuation);
        }
        let interference = Interference { allocation, mixing_db: mixing.penalty_db, leaked_db: leaked.penalty_db };
        let interference_db = interference.total_db();
        let mut margins = self.power_margins(mode, launch, level_db, (interference_db, specimen.sensitivity_db));
        out.power_margin_db = if margins.sensitivity.is_nan() {
            out.set_unknown(Unknown::Closure);
            // Too much light is too much for any sensitivity.
            if margins.overload < 0.0 { margins.overload } else { f64::NAN }
        } else {
            margins.sensitivity.min(margins.overload)
        };
        if let Some(eye) = eye {
            out.tdecq_db = eye.tdecq_db();
            let over_db = modes.tdecq_max_db[mode] - out.tdecq_db;
            if over_db < -MARGIN_TIE_DB {
                // The closure holds for a TDECQ up to its limit and not beyond.
                margins.dispersion = over_db;
                out.power_margin_db = out.power_margin_db.min(over_db);
            }
            if out.power_margin_db.is_finite() {
                let penalties_db = (interference_db, specimen.sensitivity_db);
                margins.gain = self.receive(mode, &eye, launch.average_ratio, penalties_db, explain, &mut out);
                margins.fec = out.fec_margin_db;
            }
        }
        if let Some((limit, _, _)) = out.blocked {
            out.limited_by = match limit {
                Limit::ClosedEye => Limit::Dispersion,
                Limit::LeakedLight => Limit::Crosstalk,
                other => other,
            };
        } else if out.unknown == Unknown::No || margins.is_one_lost() {
            self.judge((mode, path), launch, interference, margins, &scratch.level_steps_db, explain, &mut out);
        }
        Ok(out)
    }

    /// What does not depend on the lane; of a draw nobody asks for it.
    fn set_totals(&self, path: usize, mode: usize, out: &mut LaneOutput) {
        let totals = path_totals(self.plant, path);
        let fec = usize::try_from(self.modes.fec[mode]).unwrap_or(0);
        let more = [self.plant.fecs.latency_s[fec], self.modes.latency_s[mode]];
        out.latency_s = totals.latency_s + more.iter().filter(|part| part.is_finite()).sum::<f64>();
        out.pdl_db = totals.pdl_db;
    }

    /// The worse eye of both corners; `None` where dispersion blocks or is not known, or the eye is closed.
    fn eye(
        &self,
        mode: usize,
        (lowest, highest): (f64, f64),
        (min_m, max_m): (f64, f64),
        out: &mut LaneOutput,
    ) -> Option<LaneEye<'_>> {
        // The eye is stated for the dispersion that the mode is tested over; beyond it nobody knows it.
        if out.blocked.is_some() || out.unknown != Unknown::No {
            return None;
        }
        let table = match &self.eyes[mode] {
            ModeEye::Limit => return Some(LaneEye::Limit(self.modes.tdecq_max_db[mode])),
            ModeEye::Outside => {
                out.set_unknown(Unknown::SurrogateMode);
                return None;
            }
            ModeEye::Closed => {
                out.set_unknown(Unknown::Eye);
                return None;
            }
            ModeEye::Table { table, .. } => table,
        };
        let mut worst: Option<(EyePlace, f64)> = None;
        let corners = [(lowest, min_m), (highest, max_m)];
        // Both corners of a specimen are one.
        let count = if corners[0] == corners[1] { 1 } else { 2 };
        for &(dispersion, wavelength_m) in &corners[..count] {
            match table.at(dispersion, wavelength_m) {
                EyeState::Open(place) => {
                    let bearable = table.bearable_ratio(&place);
                    if worst.is_none_or(|kept| bearable < kept.1) {
                        out.dispersion_s_per_m = dispersion;
                        worst = Some((place, bearable));
                    }
                }
                EyeState::Outside => {
                    out.dispersion_s_per_m = dispersion;
                    out.set_unknown(Unknown::SurrogateDispersion);
                    return None;
                }
                EyeState::Closed { end_s_per_m } => {
                    out.dispersion_s_per_m = dispersion;
                    out.set_blocked(Limit::ClosedEye, dispersion, end_s_per_m);
                    return None;
                }
            }
        }
        worst.map(|(place, bearable_ratio)| LaneEye::Table { table, place, bearable_ratio })
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
            gain: 0.0,
        }
    }

    /// Sensitivity for a perfect transmitter: A - IL - X.
    pub(super) fn sensitivity_dbm(&self, mode: usize) -> f64 {
        let modes = self.modes;
        modes.oma_less_tdecq_min_dbm[mode] - modes.insertion_loss_max_db[mode] - modes.mpi_dgd_allocation_db[mode]
    }

    /// Error ratios before and after the FEC, and how much light can be lost; gives, if asked to explain, what the gain that
    /// follows the light adds to that.
    fn receive(
        &self,
        mode: usize,
        eye: &LaneEye<'_>,
        average_ratio: f64,
        (interference_db, sensitivity_offset_db): (f64, f64),
        explain: bool,
        out: &mut LaneOutput,
    ) -> f64 {
        let Some(receiver) = &self.receivers[mode] else { return 0.0 };
        let receiver = receiver.with_penalty(interference_db);
        // A receiver that needs less light sees its noise as if more arrived.
        let oma_dbm = out.oma_outer_dbm - sensitivity_offset_db;
        // Of a draw only the least margin counts: where the target holds with as much loss as the others leave, it is theirs.
        let others_decide = self.lanes.sample.is_some() && {
            let oma_w = from_dbm(oma_dbm - out.power_margin_db);
            let average_w = oma_w * average_ratio;
            receiver.surely_meets_target(eye.level_noise_ratio(), oma_w, average_w)
                || receiver.meets_target(&eye.whole(), oma_w, average_w)
        };
        if others_decide && self.margins_alone {
            return 0.0;
        }
        let eye = eye.whole();
        let oma_w = from_dbm(oma_dbm);
        let average_w = oma_w * average_ratio;
        let symbol_error_ratio = receiver.symbol_error_ratio(&eye, oma_w, average_w);
        out.symbol_error_ratio = symbol_error_ratio;
        out.pre_fec_ber = symbol_error_ratio / 2.0;
        let fec = usize::try_from(self.modes.fec[mode]).unwrap_or(0);
        let after = self.fecs[fec].apply(out.pre_fec_ber);
        out.post_fec_ber = after.post_fec_ber;
        out.frame_loss_ratio = after.frame_loss_ratio;
        if others_decide {
            return 0.0;
        }
        out.fec_margin_db = receiver.fec_margin_db(&eye, oma_w, average_w, symbol_error_ratio);
        if out.fec_margin_db.is_nan() {
            out.set_unknown(Unknown::ErrorFloor);
        }
        out.sensitivity_oma_dbm = out.oma_outer_dbm - out.fec_margin_db;
        let Some(held) = receiver.with_gain_held().filter(|_| explain) else { return 0.0 };
        let here = held.symbol_error_ratio(&eye, oma_w, average_w);
        let gain_db = out.fec_margin_db - held.fec_margin_db(&eye, oma_w, average_w, here);
        if gain_db.is_nan() { 0.0 } else { gain_db }
    }
}

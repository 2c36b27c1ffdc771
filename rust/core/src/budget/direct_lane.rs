//! One direct-detect lane: its way, its eye, its margins.

use super::direct::{Batch, Scratch};
use super::direct_allocation::PathAllocation;
use super::direct_eye::ModeEye;
use super::direct_judge::{MARGIN_TIE_DB, Margins};
use super::direct_launch::Launch;
use super::direct_mixing::LaneMixing;
use super::direct_path::{check_dispersion, pass};
use super::direct_receiver::Receiver;
use super::verdict::{LaneOutput, Limit, Unknown};
use super::walk::path_totals;
use crate::error::Result;
use crate::metrics::{EqualizedEye, EyePlace, EyeState, q_factor_db};
use crate::units::{from_db, from_dbm};

/// Ratio of the greatest to the mean DGD for which direct-detect limits are written (tail probability about 1e-7).
pub(super) const DGD_MAX_TO_MEAN: f64 = 3.75;

impl Batch<'_> {
    /// Evaluates one lane.
    pub(super) fn evaluate_lane(&self, lane: usize, scratch: &mut Scratch, explain: bool) -> Result<LaneOutput> {
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
    pub(super) fn sensitivity_dbm(&self, mode: usize) -> f64 {
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
}

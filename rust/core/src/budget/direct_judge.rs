//! The verdict on a direct-detect lane: the least margin, what it is limited by and how it comes about.

use super::direct::Batch;
use super::direct_allocation::PathAllocation;
use super::direct_eye::ModeEye;
use super::direct_launch::Launch;
use super::verdict::{Contribution, ContributionKind as Kind, LaneOutput, Limit, least};

/// Margins closer than this are one.
pub(super) const MARGIN_TIE_DB: f64 = 1e-9;

/// The margins of one lane, in dB.
#[derive(Clone, Copy)]
pub(super) struct Margins {
    /// Closure against the sensitivity.
    pub(super) sensitivity: f64,
    pub(super) overload: f64,
    /// TDECQ limit less TDECQ, only where it is passed.
    pub(super) dispersion: f64,
    pub(super) fec: f64,
    /// FEC margin less what it were with the gain of the sensitivity; 0 for a gain that stays.
    pub(super) gain: f64,
}

impl Margins {
    /// Whether a margin is below zero: what is not known of the others cannot bring the lane up.
    pub(super) fn is_one_lost(&self) -> bool {
        [self.sensitivity, self.overload, self.dispersion, self.fec + MARGIN_TIE_DB].iter().any(|&margin| margin < 0.0)
    }
}

/// What closes the eye besides the receiver's own noise.
#[derive(Clone, Copy)]
pub(super) struct Interference {
    pub(super) allocation: PathAllocation,
    /// Four-wave mixing.
    pub(super) mixing_db: f64,
    /// Light of other lanes through the demultiplexer.
    pub(super) leaked_db: f64,
}

impl Interference {
    pub(super) fn total_db(&self) -> f64 {
        self.allocation.total_db() + self.mixing_db + self.leaked_db
    }
}

impl Batch<'_> {
    /// The least margin, what it is limited by and how it comes about.
    pub(super) fn judge(
        &self,
        (mode, path): (usize, usize),
        launch: Launch,
        interference: Interference,
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
        let Interference { allocation, mixing_db, leaked_db } = interference;
        if matches!(which, 0 | 3) && out.margin_db < 0.0 && out.margin_db + mixing_db + leaked_db >= 0.0 {
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
                if leaked_db > 0.0 {
                    steps.push(plain(Kind::LeakedLight, -leaked_db));
                }
                steps.push(plain(Kind::Sensitivity, -self.sensitivity_dbm(mode)));
                if which == 3 {
                    let eye_db = if computed { eye_db } else { 0.0 };
                    if computed {
                        steps.push(plain(Kind::ComputedEye, eye_db));
                    }
                    steps.push(plain(Kind::ShotNoise, margins.fec - margins.sensitivity - eye_db - margins.gain));
                    if margins.gain != 0.0 {
                        steps.push(plain(Kind::AvalancheGain, margins.gain));
                    }
                }
            }
        }
    }
}

fn plain(kind: Kind, value_db: f64) -> Contribution {
    Contribution { kind, element: None, value_db }
}

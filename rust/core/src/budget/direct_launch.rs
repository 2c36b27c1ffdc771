//! What a direct-detect transmitter sends: the least that its mode asks of it, or what the user sets.

use super::direct::Batch;
use super::direct_eye::ModeEye;
use crate::units::from_db;

/// Levels of one lane at its transmitter.
#[derive(Clone, Copy)]
pub(super) struct Launch {
    pub(super) average_dbm: f64,
    pub(super) oma_dbm: f64,
    /// Average power over outer OMA.
    pub(super) average_ratio: f64,
    /// What the closure counts with.
    pub(super) oma_less_tdecq_dbm: f64,
    /// Average power of the strongest transmitter that the mode allows, or the one that is set.
    pub(super) strongest_dbm: f64,
    pub(super) set_by_user: bool,
}

impl Batch<'_> {
    /// What the transmitter sends.
    pub(super) fn launch(&self, lane: usize, mode: usize) -> Launch {
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
                average_ratio: self.average_ratio[mode],
                oma_less_tdecq_dbm: least_dbm + more_db,
                // What a specimen has beyond the mode's greatest power it has as a better eye.
                strongest_dbm: if self.lanes.sample.is_some() { strongest_dbm.min(average_dbm) } else { strongest_dbm },
                set_by_user: false,
            };
        }
        let derived_dbm = set_dbm - average_db;
        // Whatever its average power, a compliant transmitter has at least A: it then modulates deeper.
        let compliant = set_dbm >= modes.launch_power_min_dbm[mode];
        let oma_dbm = if compliant { least_oma_dbm.max(derived_dbm) } else { derived_dbm };
        Launch {
            average_dbm: set_dbm,
            oma_dbm,
            average_ratio: from_db(set_dbm - oma_dbm),
            oma_less_tdecq_dbm: if compliant { least_dbm.max(derived_dbm - limit_db) } else { derived_dbm - limit_db },
            strongest_dbm: set_dbm,
            set_by_user: true,
        }
    }
}

//! Penalties of a coherent lane: looked up in the mode's tables, or computed from shapes, neighbors and laser noise.

use super::coherent_filtering::PathFilters;
use super::coherent_lane::{Lane, rise_db};
use super::coherent_leaks::PathLeaks;
use super::coherent_tables::{CoherentModes, CoherentPaths};
use super::coherent_tolerances::{Looked, look_up};
use super::memo::{Memo, Recent};
use super::verdict::{ContributionKind as Kind, Limit, Unknown};
use crate::error::Result;
use crate::fiber::equalization_phase_noise_ratio;
use crate::optics::{FilterCascade, Neighbor, neighbor_crosstalk_ratio};
use crate::signal::RaisedCosine;
use crate::units::{from_db, wavelength_m};

/// Penalty (dB) with what it is and what it counts as.
pub(super) type Penalty = (Kind, Limit, f64);

/// No penalty yet.
pub(super) const NO_PENALTIES: [Penalty; PENALTY_COUNT] = [
    (Kind::DispersionPenalty, Limit::Dispersion, 0.0),
    (Kind::PmdPenalty, Limit::Pmd, 0.0),
    (Kind::PdlPenalty, Limit::Pdl, 0.0),
    (Kind::SopPenalty, Limit::Sop, 0.0),
    (Kind::FilteringPenalty, Limit::Filtering, 0.0),
    (Kind::CrosstalkPenalty, Limit::Crosstalk, 0.0),
    (Kind::PhaseNoise, Limit::Dispersion, 0.0),
    (Kind::InBandCrosstalk, Limit::Crosstalk, 0.0),
];
const PENALTY_COUNT: usize = 8;
pub(super) const FILTERING: usize = 4;
const CROSSTALK: usize = 5;
const PHASE_NOISE: usize = 6;
const IN_BAND: usize = 7;

/// What all lanes of a path share.
#[derive(Debug, Clone, Copy)]
pub(super) struct PathView<'a> {
    pub filters: &'a PathFilters,
    pub leaks: &'a PathLeaks,
    pub memos: &'a PenaltyMemos,
    /// Crosstalk that this thread looked up last.
    pub recent_crosstalk: &'a RecentCrosstalk,
}

/// What lanes of many paths share.
#[derive(Debug, Default)]
pub(super) struct PenaltyMemos {
    cascades: Memo<FilterCascade>,
    crosstalk: Memo<f64>,
}

/// Crosstalk by symbol rate and roll-off of both and their spacing.
pub(super) type RecentCrosstalk = Recent<f64, 5>;

/// A channel beside the lane's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside {
    pub mode: usize,
    pub frequency_hz: f64,
    pub symbol_rate_hz: f64,
    pub level_dbm: f64,
}

/// Receiver and line of one lane, as the computed penalties need them.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoiseLoad {
    /// Kappa of the receiver.
    pub kappa_ratio: f64,
    /// Line noise in the symbol rate, at the receiver's input.
    pub line_ratio: f64,
    /// Noise of the receiver: thermal, transceiver and that of other channels behind a colorless drop.
    pub receiver_ratio: f64,
    /// What line noise times kappa may be at the FEC threshold.
    pub bearable_ratio: f64,
    pub tx_ratio: f64,
    pub per_bandwidth: f64,
}

impl Lane<'_> {
    /// Looks up the penalties of the mode's tables; a passed hard end blocks, a missing table leaves the verdict unknown.
    pub(super) fn take_penalties(&mut self, paths: &CoherentPaths<'_>, row: usize) {
        let dispersion_penalty = &self.mode.dispersion_penalty;
        let signed = dispersion_penalty.range().is_some_and(|(first, _)| first < 0.0);
        let dispersion = if signed { self.out.dispersion_s_per_m } else { self.out.dispersion_s_per_m.abs() };
        let [dgd, pdl, sop] = self.tolerances.looked;
        let lookups = [
            (Unknown::DispersionTolerance, look_up(dispersion_penalty, dispersion)),
            (Unknown::PmdTolerance, dgd),
            (Unknown::PdlTolerance, pdl),
            (Unknown::SopTolerance, sop),
        ];
        for (slot, (unknown, looked)) in lookups.into_iter().enumerate() {
            match looked {
                Looked::Penalty(penalty_db) => self.penalties[slot].2 = penalty_db,
                Looked::Past(value, end) => self.out.set_blocked(self.penalties[slot].1, value, end),
                Looked::NoTable => self.out.set_unknown(unknown),
            }
        }
        self.penalties[FILTERING].2 = paths.filtering_penalty_db[row];
        self.penalties[CROSSTALK].2 = paths.crosstalk_penalty_db[row];
        let passband_hz = paths.passband_hz[row];
        if !passband_hz.is_nan() && paths.symbol_rate_hz[row] > passband_hz {
            self.out.set_blocked(Limit::Filtering, paths.symbol_rate_hz[row], passband_hz);
        }
        self.take_colorless();
    }

    /// Looks at a drop without a filter: what the other channels there take of the bearable noise.
    fn take_colorless(&mut self) {
        let ratio_db = self.path.leaks.total_to_channel_db(self.channel.level_dbm);
        if ratio_db.is_nan() {
            self.out.set_unknown(Unknown::LaunchPower);
        } else if ratio_db > 0.0 {
            match (&self.receiver.colorless, self.mode.colorless_penalty.range()) {
                (Some(receiver), Some((_, last))) if ratio_db <= last => {
                    self.colorless_share = receiver.noise_share_ratio(ratio_db);
                }
                (_, Some((_, last))) => self.out.set_blocked(Limit::Crosstalk, ratio_db, last),
                (_, None) => self.out.set_unknown(Unknown::ColorlessTolerance),
            }
        }
    }

    /// Computes the penalties that depend on the lane's noise.
    ///
    /// # Algorithm
    /// 1. Passbands of known shape: the cascade with the noise of each place, on top of the allowances for the others.
    /// 2. Neighbors whose spectra overlap the lane's, where no allowance of the mode stands for them: their noise over the line's.
    /// 3. Equalization-enhanced phase noise, as far as the mode's penalty for dispersion does not hold it: measured with the
    ///    module's own lasers, that table bounds it in proportion to the dispersion.
    /// 4. Leaks at the lane's own frequency: their noise over the line's.
    ///
    /// What leaks into a line without any noise of its own is no penalty on it but all that it has: `leaked_noise`.
    pub(super) fn compute_penalties(&mut self, modes: &CoherentModes<'_>, load: NoiseLoad) -> Result<()> {
        let (channel, path) = (self.channel, self.path);
        if !path.filters.is_empty() && load.line_ratio > 0.0 {
            let signal = (self.mode.row, channel.symbol_rate_hz);
            let filtered = path.filters.send(&path.memos.cascades, modes, signal, channel, load)?;
            self.penalties[FILTERING].2 += filtered.penalty_db(load.kappa_ratio * load.line_ratio, load.receiver_ratio);
        }
        let leaked = path.leaks.in_band_ratio(channel.symbol_rate_hz, modes.roll_off[self.mode.row])?;
        // An allowance of the mode stands for the neighbors.
        let crosstalk = if self.penalties[CROSSTALK].2 == 0.0 { self.crosstalk_ratio(modes)? } else { 0.0 };
        if load.line_ratio > 0.0 {
            self.penalties[CROSSTALK].2 += rise_db(crosstalk / load.line_ratio);
            self.penalties[IN_BAND].2 = rise_db(leaked / load.line_ratio);
        } else {
            self.leaked_noise = crosstalk + leaked;
        }
        let phase_db = self.phase_noise_db(modes, load.bearable_ratio)?;
        self.penalties[PHASE_NOISE].2 = (phase_db - self.penalties[0].2).max(0.0);
        Ok(())
    }

    /// Noise of the neighbors behind the matched filter: both lasers off towards each other.
    fn crosstalk_ratio(&self, modes: &CoherentModes<'_>) -> Result<f64> {
        let laser_hz = |mode: usize| Some(modes.frequency_tolerance_hz[mode]).filter(|hz| !hz.is_nan()).unwrap_or(0.0);
        let (mode, channel) = (self.mode.row, self.channel);
        let mut sum = 0.0;
        for other in self.beside.iter().flatten().filter(|other| other.level_dbm.is_finite()) {
            let distance_hz = (other.frequency_hz - channel.frequency_hz).abs();
            let spacing_hz = distance_hz - laser_hz(mode) - laser_hz(other.mode);
            let (own, theirs) = (modes.roll_off[mode], modes.roll_off[other.mode]);
            let key = [channel.symbol_rate_hz, own, other.symbol_rate_hz, theirs, spacing_hz];
            let compute = || {
                let neighbor = Neighbor {
                    spectrum: RaisedCosine::new(other.symbol_rate_hz, theirs)?,
                    spacing_hz,
                    power_ratio: 1.0,
                    passbands: &[],
                };
                neighbor_crosstalk_ratio(&RaisedCosine::new(channel.symbol_rate_hz, own)?, &neighbor)
            };
            let ratio = self.path.recent_crosstalk.read(
                &key,
                || self.path.memos.crosstalk.get(&key, compute),
                |ratio| *ratio,
            )?;
            // Most neighbors are too far for any.
            if ratio != 0.0 {
                sum += ratio * from_db(other.level_dbm - channel.level_dbm);
            }
        }
        Ok(sum)
    }

    /// Penalty for phase noise that the dispersion equalizer makes of the lasers' linewidth; 0 where the linewidth is not known.
    fn phase_noise_db(&self, modes: &CoherentModes<'_>, bearable_ratio: f64) -> Result<f64> {
        let (linewidth_hz, dispersion) = (modes.linewidth_hz[self.mode.row], self.out.dispersion_s_per_m.abs());
        let share_m_per_s = self.mode.dispersion_share_m_per_s;
        if share_m_per_s.is_nan() || linewidth_hz.is_nan() || bearable_ratio <= 0.0 || !dispersion.is_finite() {
            return Ok(0.0);
        }
        let wavelength_m = wavelength_m(self.channel.frequency_hz);
        let noise =
            equalization_phase_noise_ratio(dispersion, self.channel.symbol_rate_hz, linewidth_hz, wavelength_m)?;
        Ok(-rise_db(-(noise / bearable_ratio).min(share_m_per_s * dispersion)))
    }
}

//! One coherent lane from what arrives to its verdict: penalties, noise at the decision, margins, what limits.

use super::coherent_explain::plain;
use super::coherent_mode::ModeFigures;
use super::coherent_noise::LaneNoise;
use super::coherent_penalties::{Beside, NO_PENALTIES, NoiseLoad, PathView, Penalty};
use super::coherent_receiver::Receiver;
use super::coherent_tables::{CoherentModes, CoherentPaths};
use super::coherent_tolerances::Tolerances;
use super::verdict::{ContributionKind as Kind, LaneOutput, Limit, Unknown, least};
use super::walk_channels::Channel;
use crate::error::Result;
use crate::units::{REFERENCE_BANDWIDTH_HZ, from_db, to_db};

/// One lane on its way to a verdict.
pub(super) struct Lane<'a> {
    pub out: LaneOutput,
    pub mode: &'a ModeFigures<'a>,
    /// That of the mode.
    pub receiver: &'a Receiver,
    pub channel: Channel<'a>,
    /// Noise that arrives with it.
    pub noise: LaneNoise,
    pub first_element: usize,
    pub penalties: [Penalty; NO_PENALTIES.len()],
    /// What the mode makes of the path's DGD, PDL and rotation.
    pub tolerances: &'a Tolerances,
    pub path: PathView<'a>,
    /// The channels on both sides.
    pub beside: [Option<Beside>; 2],
    /// What other channels at a drop without a filter take of the bearable noise.
    pub colorless_share: f64,
    /// The same as a penalty of OSNR; infinite where they leave nothing.
    pub colorless_db: f64,
    /// Crosstalk of a line that has no noise of its own.
    pub leaked_noise: f64,
    /// n(P): noise that too little received power makes.
    pub thermal_noise: f64,
    /// Noise of the line at the decision, penalties included.
    pub line_noise: f64,
}

impl Lane<'_> {
    /// Brings penalties, noise and levels together to margins and a verdict.
    pub(super) fn close(&mut self, modes: &CoherentModes<'_>, explain: bool) -> Result<()> {
        let mode = self.mode.row;
        let per_bandwidth = self.channel.symbol_rate_hz / REFERENCE_BANDWIDTH_HZ;
        let tx_noise = self.receiver.tx_noise;
        let LaneNoise { ase_ratio: ase_noise, line_ratio: line_noise, .. } = self.noise;
        let power_dbm = self.channel.level_dbm;
        self.out.received_power_dbm = power_dbm;
        self.out.osnr_db = self.noise.osnr_db;
        self.out.snr_nli_db = self.noise.snr_nli_db;
        self.out.gsnr_db = self.noise.gsnr_db;

        // Power: from the curve's ends where there is one, else from the stated sensitivity and overload.
        let (low_dbm, high_dbm) = self.mode.required.range().unwrap_or((f64::NAN, f64::NAN));
        let one_point = low_dbm == high_dbm;
        let low_dbm = if low_dbm.is_nan() { modes.sensitivity_dbm[mode] } else { low_dbm };
        let high_dbm = if high_dbm.is_nan() || one_point { modes.overload_dbm[mode] } else { high_dbm };
        let (sensitivity_margin, overload_margin) = (power_dbm - low_dbm, high_dbm - power_dbm);
        self.out.power_margin_db = sensitivity_margin.min(overload_margin);
        if low_dbm.is_nan() {
            self.out.set_unknown(Unknown::Sensitivity);
        }

        let ample_db = self.receiver.required_osnr_db;
        if ample_db.is_nan() {
            self.out.set_unknown(Unknown::RequiredOsnr);
        }
        // Less power than the mode states anything for needs the OSNR of the least that it does, and more: the power and the
        // FEC margin hold what more.
        let held_dbm = power_dbm.max(low_dbm);
        // Share of the bearable noise that too little power takes: as far as the mode states something, and as it is.
        let (held_share, share) = match &self.receiver.curve {
            // Points of one power, or none, hold at every power that the limits allow.
            Some(curve) if !one_point => {
                let share = curve.noise_share_ratio(power_dbm);
                let held = if held_dbm == power_dbm { share } else { curve.noise_share_ratio(held_dbm) };
                (held.filter(|&share| held_dbm >= curve.law.least_power_dbm && share < 1.0), share)
            }
            _ => (Some(0.0), (held_dbm == power_dbm).then_some(0.0)),
        };
        let required_db = held_share.map_or(f64::NAN, |share| ample_db - rise_db(-share));
        self.out.required_osnr_db = required_db;

        // Beyond the end of a penalty table, or without one, nobody knows what reaches the decision.
        if !required_db.is_nan() && self.out.blocked.is_none() && self.out.unknown == Unknown::No {
            let bearable = self.receiver.bearable_noise;
            let held = bearable * held_share.unwrap_or(f64::NAN);
            self.thermal_noise = share.map_or(held, |share| bearable * share);
            let colorless = self.colorless_noise();
            let left = bearable - held;
            self.colorless_db = if colorless < left { -rise_db(-colorless / left) } else { f64::INFINITY };
            let load = NoiseLoad {
                kappa_ratio: bearable * self.receiver.required_osnr / per_bandwidth,
                line_ratio: line_noise,
                receiver_ratio: self.thermal_noise + colorless + self.receiver.transceiver_noise,
                bearable_ratio: left - colorless,
                tx_ratio: tx_noise,
                per_bandwidth,
            };
            self.compute_penalties(modes, load)?;
            let penalty_db: f64 = self.penalties.iter().map(|penalty| penalty.2).sum();
            let effective = from_db(penalty_db) * line_noise + self.leaked_noise;
            self.line_noise = load.kappa_ratio * effective;
            if line_noise > 0.0 && self.colorless_db.is_finite() {
                self.out.osnr_margin_db = to_db(per_bandwidth / effective) - required_db - self.colorless_db;
            }
            if share.is_some() {
                self.decode(self.line_noise + load.receiver_ratio);
            }
        }
        self.decide(ase_noise * per_bandwidth, tx_noise, overload_margin, (low_dbm, high_dbm), ample_db, explain);
        Ok(())
    }

    /// What the decision and the FEC make of all noise together.
    fn decode(&mut self, noise: f64) {
        // Noiseless only if nothing at all adds noise: then the error ratio is zero, not a number is invented.
        self.out.snr_db = if noise > 0.0 { -to_db(noise) } else { f64::NAN };
        self.out.fec_margin_db = self.out.snr_db - self.receiver.threshold_db;
        self.out.pre_fec_ber = if noise > 0.0 { self.receiver.modulation.bit_error_ratio(1.0 / noise) } else { 0.0 };
        let after = self.mode.scheme.apply(self.out.pre_fec_ber);
        self.out.post_fec_ber = after.post_fec_ber;
        self.out.frame_loss_ratio = after.frame_loss_ratio;
    }

    fn decide(
        &mut self,
        ase_noise: f64,
        tx_noise: f64,
        overload_margin: f64,
        (low_dbm, high_dbm): (f64, f64),
        ample_db: f64,
        explain: bool,
    ) {
        if let Some((limit, _, _)) = self.out.blocked {
            self.out.limited_by = limit;
            return;
        }
        // What is extrapolated decides nothing where a stated limit does.
        let extrapolated = self.out.received_power_dbm < low_dbm && !self.out.osnr_margin_db.is_nan();
        let fec_margin_db = if extrapolated { f64::NAN } else { self.out.fec_margin_db };
        let margins = [self.out.power_margin_db, self.out.osnr_margin_db, fec_margin_db];
        let Some(which) = least(&margins) else { return };
        // Below zero what is not known of the others cannot bring the lane up.
        if self.out.unknown != Unknown::No && margins[which] >= 0.0 {
            return;
        }
        self.out.margin_db = margins[which];
        let colorless_noise = self.colorless_noise();
        let noise_limit = if self.thermal_noise > self.line_noise.max(colorless_noise) {
            Limit::Power
        } else if colorless_noise > self.line_noise {
            Limit::Crosstalk
        } else if self.channel.nonlinear_ratio > ase_noise {
            Limit::Nonlinearity
        } else {
            Limit::Osnr
        };
        self.out.limited_by = match which {
            0 if overload_margin == self.out.power_margin_db => Limit::Overload,
            0 => Limit::Power,
            1 if matches!(noise_limit, Limit::Power | Limit::Crosstalk) => noise_limit,
            1 => self.deciding_penalty().unwrap_or(noise_limit),
            _ if self.receiver.transceiver_noise > 0.5 / from_db(self.out.snr_db) => Limit::Fec,
            _ => noise_limit,
        };
        if explain {
            self.out.contributions = match which {
                0 if overload_margin == self.out.power_margin_db => {
                    self.explain_level(Kind::GreatestReceived, high_dbm)
                }
                0 => self.explain_level(Kind::LeastReceived, low_dbm),
                1 => self.explain_osnr(tx_noise, ample_db),
                _ => self.explain_fec(tx_noise),
            };
        }
    }

    /// Noise of other channels behind a colorless drop, at the decision.
    pub(super) fn colorless_noise(&self) -> f64 {
        self.colorless_share * self.receiver.bearable_noise
    }

    /// The greatest penalty, where the lane would close without it.
    fn deciding_penalty(&self) -> Option<Limit> {
        let colorless = (Kind::ColorlessPenalty, Limit::Crosstalk, self.colorless_db);
        let penalties = self.penalties.iter().chain([&colorless]);
        let (_, limit, penalty_db) = penalties.max_by(|a, b| a.2.total_cmp(&b.2))?;
        (self.out.osnr_margin_db < 0.0 && self.out.osnr_margin_db + penalty_db >= 0.0).then_some(*limit)
    }

    /// A mode whose standard closes a loss and no OSNR: the verdict rests on the loss, and on the level where it is known.
    pub(super) fn close_on_loss(
        &mut self,
        modes: &CoherentModes<'_>,
        paths: &CoherentPaths<'_>,
        row: usize,
        explain: bool,
    ) {
        let mode = self.mode.row;
        // Tolerances that such a mode does not state are inside its loss budget.
        if self.out.unknown == Unknown::Dispersion {
            self.out.unknown = Unknown::No;
        }
        let before = self.out.unknown;
        self.take_penalties(paths, row);
        self.out.unknown = before;
        self.out.received_power_dbm = self.channel.level_dbm;
        let steps: f64 = self.channel.steps().map(|step| step.level_db).sum();
        let low_dbm = modes.sensitivity_dbm[mode];
        let high_dbm = modes.overload_dbm[mode];
        let level = self.channel.level_dbm;
        let margins = [modes.loss_budget_db[mode] + steps, level - low_dbm, high_dbm - level];
        let Some(which) = least(&margins) else { return };
        self.out.power_margin_db = margins[which];
        if let Some((limit, _, _)) = self.out.blocked {
            self.out.limited_by = limit;
            return;
        }
        if self.out.unknown != Unknown::No && margins[which] >= 0.0 {
            return;
        }
        self.out.margin_db = margins[which];
        self.out.limited_by = if which == 2 { Limit::Overload } else { Limit::Power };
        if explain {
            self.out.contributions = match which {
                1 => self.explain_level(Kind::LeastReceived, low_dbm),
                2 => self.explain_level(Kind::GreatestReceived, high_dbm),
                _ => {
                    let mut steps = vec![plain(Kind::LossBudget, modes.loss_budget_db[mode])];
                    steps.extend(self.level_steps(1.0));
                    steps
                }
            };
        }
    }
}

/// Decibels by which a quantity rises that `added` of itself is added to; 0 where nothing is, without a logarithm.
pub(super) fn rise_db(added: f64) -> f64 {
    if added == 0.0 { 0.0 } else { to_db(1.0 + added) }
}

//! Coherent lanes: OSNR, nonlinear interference, penalties, transceiver noise, FEC, margins.

use super::tables::{Plant, check_index, check_length};
use super::verdict::{Contribution, ContributionKind as Kind, LaneOutput, Limit, Unknown, least};
use super::walk::{Channel, noise_step_db, path_totals, propagate};
use crate::error::{Error, Result, require_positive};
use crate::interpolate::{PointTable, Points, check_offsets};
use crate::metrics::{Modulation, q_factor_db, snr_for_ber};
use crate::task::Task;
use crate::units::{REFERENCE_BANDWIDTH_HZ, from_db, to_db};
use rayon::prelude::*;

/// Operating modes in use; NaN or an empty curve where a figure is absent.
#[derive(Debug, Clone)]
pub struct CoherentModes<'a> {
    /// 0 QPSK, 1 8QAM, 2 16QAM, 3 shaped 16QAM.
    pub modulation: &'a [u8],
    /// Probability of the inner amplitude of shaped 16QAM.
    pub inner_amplitude_ratio: &'a [f64],
    /// Row in the FEC table.
    pub fec: &'a [i64],
    /// Transmitter in-band OSNR.
    pub tx_osnr_db: &'a [f64],
    /// Required OSNR (dB) over received power (dBm).
    pub required_osnr: PointTable<'a>,
    /// Least received power where the curve does not give it.
    pub sensitivity_dbm: &'a [f64],
    /// Greatest received power where the curve does not give it.
    pub overload_dbm: &'a [f64],
    /// Fitted kappa.
    pub kappa_db: &'a [f64],
    /// Fitted transceiver SNR.
    pub snr_trx_db: &'a [f64],
    /// Loss that the mode's budget allows, for modes without a required OSNR.
    pub loss_budget_db: &'a [f64],
    /// Penalty (dB) over accumulated dispersion (s/m).
    pub dispersion_penalty: PointTable<'a>,
    /// Penalty (dB) over mean DGD (s).
    pub dgd_penalty: PointTable<'a>,
    /// Penalty (dB) over PDL (dB).
    pub pdl_penalty: PointTable<'a>,
    /// Latency of the modules at both ends besides the FEC's; NaN where nobody knows it.
    pub latency_s: &'a [f64],
}

/// The channels of every path.
#[derive(Debug, Clone)]
pub struct CoherentPaths<'a> {
    /// Channels of path `i` are `channel_offsets[i]..channel_offsets[i + 1]`.
    pub channel_offsets: &'a [usize],
    /// Row in the table of modes.
    pub mode: &'a [i64],
    /// Center frequency.
    pub frequency_hz: &'a [f64],
    /// Symbol rate.
    pub symbol_rate_hz: &'a [f64],
    /// Spectrum between neighbors.
    pub slot_hz: &'a [f64],
    /// Launch power at the module; NaN where nobody knows it.
    pub launch_power_dbm: &'a [f64],
    /// Penalty for passband narrowing on this path.
    pub filtering_penalty_db: &'a [f64],
    /// Penalty for crosstalk on this path.
    pub crosstalk_penalty_db: &'a [f64],
    /// Narrowest 3-dB passband on the path; NaN where there is no filter.
    pub passband_hz: &'a [f64],
}

/// What the receiver of one mode needs, derived once per mode.
struct Receiver {
    modulation: Modulation,
    threshold_snr: f64,
    /// 1/SNR_TRX.
    transceiver_noise: f64,
    /// 1/SNR_threshold - 1/SNR_TRX: the line noise that the receiver bears, times kappa.
    bearable_noise: f64,
    /// Required OSNR at ample received power, as a ratio; NaN where nobody knows it.
    required_osnr: f64,
}

/// Evaluates every channel of every path.
///
/// # Algorithm
/// 1. The comb goes along the path: levels, noise-to-signal ratios of ASE and nonlinear interference, dispersion, PMD, PDL.
/// 2. 1/SNR_line = 1/SNR_ASE + 1/SNR_NLI in the symbol rate; penalties (dB, piecewise linear, hard ends) worsen it to SNR_eff.
/// 3. Receiver: 1/SNR = kappa/SNR_eff + n(P) + 1/SNR_TRX, where kappa closes the mode's own required OSNR exactly at its
///    FEC threshold and n(P) its required OSNR at the received power P. Without a required OSNR the fitted kappa predicts it.
/// 4. Pre-FEC BER by the format's formula, post-FEC BER by the FEC's map.
/// 5. Margins: OSNR (SNR_eff against the required one), power (sensitivity and overload), FEC (SNR against the threshold);
///    the least decides. A passed hard end blocks and gives no margin.
///
/// Cost: for N channels and S spans, S N^2 pairs of arctangents; everything else is linear.
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
    explain: bool,
    task: &Task,
) -> Result<Vec<LaneOutput>> {
    plant.check()?;
    check(plant, modes, paths)?;
    let receivers =
        (0..modes.modulation.len()).map(|mode| receiver(plant, modes, paths, mode)).collect::<Result<Vec<_>>>()?;
    task.start(plant.path_count() as u64);
    let rows: Vec<Vec<LaneOutput>> = (0..plant.path_count())
        .into_par_iter()
        .map(|path| {
            task.check()?;
            let out = evaluate_path(plant, modes, &receivers, paths, path, explain);
            task.advance();
            out
        })
        .collect::<Result<_>>()?;
    Ok(rows.into_iter().flatten().collect())
}

fn check(plant: &Plant<'_>, modes: &CoherentModes<'_>, paths: &CoherentPaths<'_>) -> Result<()> {
    let rows = modes.modulation.len();
    for (name, length) in [
        ("inner_amplitude_ratio", modes.inner_amplitude_ratio.len()),
        ("fec", modes.fec.len()),
        ("tx_osnr_db", modes.tx_osnr_db.len()),
        ("required_osnr", modes.required_osnr.len()),
        ("sensitivity_dbm", modes.sensitivity_dbm.len()),
        ("overload_dbm", modes.overload_dbm.len()),
        ("kappa_db", modes.kappa_db.len()),
        ("snr_trx_db", modes.snr_trx_db.len()),
        ("loss_budget_db", modes.loss_budget_db.len()),
        ("dispersion_penalty", modes.dispersion_penalty.len()),
        ("dgd_penalty", modes.dgd_penalty.len()),
        ("pdl_penalty", modes.pdl_penalty.len()),
        ("mode latency_s", modes.latency_s.len()),
    ] {
        check_length(name, length, rows)?;
    }
    for &fec in modes.fec {
        check_index("fec", fec, plant.fecs.kind.len())?;
    }
    let channels = paths.mode.len();
    check_length("channel_offsets", paths.channel_offsets.len(), plant.path_count() + 1)?;
    check_offsets("channel", paths.channel_offsets, channels)?;
    for (name, length) in [
        ("frequency_hz", paths.frequency_hz.len()),
        ("symbol_rate_hz", paths.symbol_rate_hz.len()),
        ("slot_hz", paths.slot_hz.len()),
        ("launch_power_dbm", paths.launch_power_dbm.len()),
        ("filtering_penalty_db", paths.filtering_penalty_db.len()),
        ("crosstalk_penalty_db", paths.crosstalk_penalty_db.len()),
        ("passband_hz", paths.passband_hz.len()),
    ] {
        check_length(name, length, channels)?;
    }
    for channel in 0..channels {
        check_index("mode", paths.mode[channel], rows)?;
        require_positive("frequency_hz", paths.frequency_hz[channel])?;
        require_positive("symbol_rate_hz", paths.symbol_rate_hz[channel])?;
        require_positive("slot_hz", paths.slot_hz[channel])?;
        if paths.launch_power_dbm[channel].is_infinite() {
            return Err(Error::parameter("launch_power_dbm", paths.launch_power_dbm[channel], "a finite number"));
        }
    }
    Ok(())
}

fn receiver(plant: &Plant<'_>, modes: &CoherentModes<'_>, paths: &CoherentPaths<'_>, mode: usize) -> Result<Receiver> {
    let modulation = match modes.modulation[mode] {
        0 => Modulation::Qpsk,
        1 => Modulation::EightQam,
        2 => Modulation::SixteenQam,
        3 => Modulation::ShapedSixteenQam { inner_amplitude_ratio: modes.inner_amplitude_ratio[mode] },
        other => return Err(Error::parameter(format!("modulation of mode {mode}"), other, "0, 1, 2 or 3")),
    };
    let threshold_ber = plant.fecs.threshold_ber[usize::try_from(modes.fec[mode]).unwrap_or(0)];
    let threshold_snr = snr_for_ber(modulation, threshold_ber)?;
    let trx_db = modes.snr_trx_db[mode];
    let transceiver_noise = if trx_db.is_nan() { 0.0 } else { 1.0 / from_db(trx_db) };
    let bearable_noise = 1.0 / threshold_snr - transceiver_noise;
    if bearable_noise <= 0.0 {
        return Err(Error::parameter(
            format!("snr_trx_db of mode {mode}"),
            trx_db,
            format!("more than the {:.2} dB that the FEC threshold needs", to_db(threshold_snr)),
        ));
    }
    let curve = modes.required_osnr.curve(mode)?;
    let required_osnr = if let Some((first, last)) = curve.range() {
        // The least required OSNR of the curve stands for ample power; further points say what less power costs.
        let ends = [curve.at(first), curve.at(last)];
        let least_db = ends.into_iter().flatten().fold(f64::INFINITY, f64::min);
        from_db(least_db)
    } else if modes.kappa_db[mode].is_nan() {
        f64::NAN
    } else {
        // Both sides in the symbol rate of the first channel that runs this mode.
        let symbol_rate = paths
            .mode
            .iter()
            .position(|&row| usize::try_from(row) == Ok(mode))
            .map_or(f64::NAN, |channel| paths.symbol_rate_hz[channel]);
        from_db(modes.kappa_db[mode]) / bearable_noise * symbol_rate / REFERENCE_BANDWIDTH_HZ
    };
    Ok(Receiver { modulation, threshold_snr, transceiver_noise, bearable_noise, required_osnr })
}

fn evaluate_path(
    plant: &Plant<'_>,
    modes: &CoherentModes<'_>,
    receivers: &[Receiver],
    paths: &CoherentPaths<'_>,
    path: usize,
    explain: bool,
) -> Result<Vec<LaneOutput>> {
    let rows = paths.channel_offsets[path]..paths.channel_offsets[path + 1];
    let first_element = plant.path_offsets[path];
    let elements = plant.path_offsets[path + 1] - first_element;
    let mut channels: Vec<Channel> = rows
        .clone()
        .map(|row| {
            Channel::new(
                paths.frequency_hz[row],
                paths.symbol_rate_hz[row],
                paths.slot_hz[row],
                paths.launch_power_dbm[row],
                elements,
            )
        })
        .collect();
    propagate(plant, path, &mut channels)?;
    let totals = path_totals(plant, path);
    rows.zip(channels)
        .map(|(row, channel)| {
            let mode = usize::try_from(paths.mode[row]).unwrap_or(0);
            let scheme = plant.fecs.scheme(usize::try_from(modes.fec[mode]).unwrap_or(0))?;
            let mut lane = Lane {
                out: LaneOutput::empty(),
                required: modes.required_osnr.curve(mode)?,
                receiver: &receivers[mode],
                channel: &channel,
                first_element,
                penalties: [(Kind::DispersionPenalty, Limit::Dispersion, 0.0); 5],
                thermal_noise: 0.0,
                line_noise: 0.0,
            };
            lane.out.launch_power_dbm = paths.launch_power_dbm[row];
            lane.out.pdl_db = totals.pdl_db;
            lane.out.dispersion_s_per_m = channel.dispersion_s_per_m;
            lane.out.dgd_mean_s = channel.dgd_squared_s2.sqrt();
            let fec_latency = plant.fecs.latency_s[usize::try_from(modes.fec[mode]).unwrap_or(0)];
            lane.out.latency_s = totals.latency_s
                + [fec_latency, modes.latency_s[mode]].iter().filter(|part| part.is_finite()).sum::<f64>();
            lane.out.unknown = channel.unknown;
            if !modes.loss_budget_db[mode].is_nan() {
                lane.close_on_loss(modes, mode, paths, row, explain)?;
            } else if channel.level_dbm.is_finite() {
                lane.take_penalties(modes, mode, paths, row)?;
                lane.close(modes, mode, |ber| scheme.apply(ber), explain);
            } else {
                lane.out.set_unknown(Unknown::LaunchPower);
            }
            Ok(lane.out)
        })
        .collect()
}

/// One lane on its way to a verdict.
struct Lane<'a> {
    out: LaneOutput,
    required: Points<'a>,
    receiver: &'a Receiver,
    channel: &'a Channel,
    first_element: usize,
    penalties: [(Kind, Limit, f64); 5],
    /// n(P): noise that too little received power makes.
    thermal_noise: f64,
    /// Noise of the line at the decision, penalties included.
    line_noise: f64,
}

impl Lane<'_> {
    /// Looks up the penalties; a passed hard end blocks, a missing table leaves the verdict unknown.
    fn take_penalties(
        &mut self,
        modes: &CoherentModes<'_>,
        mode: usize,
        paths: &CoherentPaths<'_>,
        row: usize,
    ) -> Result<()> {
        let dispersion_curve = modes.dispersion_penalty.curve(mode)?;
        let signed = dispersion_curve.range().is_some_and(|(first, _)| first < 0.0);
        let dispersion = if signed { self.out.dispersion_s_per_m } else { self.out.dispersion_s_per_m.abs() };
        let lookups = [
            (Kind::DispersionPenalty, Limit::Dispersion, Unknown::DispersionTolerance, dispersion_curve, dispersion),
            (Kind::PmdPenalty, Limit::Pmd, Unknown::PmdTolerance, modes.dgd_penalty.curve(mode)?, self.out.dgd_mean_s),
            (Kind::PdlPenalty, Limit::Pdl, Unknown::PdlTolerance, modes.pdl_penalty.curve(mode)?, self.out.pdl_db),
        ];
        for (slot, (kind, limit, unknown, curve, value)) in lookups.into_iter().enumerate() {
            self.penalties[slot] = (kind, limit, 0.0);
            match curve.range() {
                None if value != 0.0 => self.out.set_unknown(unknown),
                None => {}
                Some((first, last)) => match curve.at(value) {
                    Some(penalty_db) => self.penalties[slot].2 = penalty_db,
                    None if value.is_nan() => {}
                    None => self.out.set_blocked(limit, value, if value > last { last } else { first }),
                },
            }
        }
        self.penalties[3] = (Kind::FilteringPenalty, Limit::Filtering, paths.filtering_penalty_db[row]);
        self.penalties[4] = (Kind::CrosstalkPenalty, Limit::Crosstalk, paths.crosstalk_penalty_db[row]);
        let passband_hz = paths.passband_hz[row];
        if !passband_hz.is_nan() && paths.symbol_rate_hz[row] > passband_hz {
            self.out.set_blocked(Limit::Filtering, paths.symbol_rate_hz[row], passband_hz);
        }
        Ok(())
    }

    fn close(
        &mut self,
        modes: &CoherentModes<'_>,
        mode: usize,
        apply_fec: impl Fn(f64) -> crate::fec::FecResult,
        explain: bool,
    ) {
        let per_bandwidth = self.channel.symbol_rate_hz / REFERENCE_BANDWIDTH_HZ;
        let tx_noise = if modes.tx_osnr_db[mode].is_nan() { 0.0 } else { 1.0 / from_db(modes.tx_osnr_db[mode]) };
        let ase_noise = tx_noise + self.channel.noise_steps.iter().sum::<f64>();
        let line_noise = ase_noise * per_bandwidth + self.channel.nonlinear_ratio;
        let penalty_db: f64 = self.penalties.iter().map(|penalty| penalty.2).sum();
        let power_dbm = self.channel.level_dbm;
        self.out.received_power_dbm = power_dbm;
        self.out.osnr_db = level_of_noise(ase_noise);
        self.out.snr_nli_db = level_of_noise(self.channel.nonlinear_ratio);
        self.out.gsnr_db = level_of_noise(line_noise);

        // Power: from the curve's ends where there is one, else from the stated sensitivity and overload.
        let (low_dbm, high_dbm) = self.required.range().unwrap_or((f64::NAN, f64::NAN));
        let one_point = low_dbm == high_dbm;
        let low_dbm = if low_dbm.is_nan() { modes.sensitivity_dbm[mode] } else { low_dbm };
        let high_dbm = if high_dbm.is_nan() || one_point { modes.overload_dbm[mode] } else { high_dbm };
        let (sensitivity_margin, overload_margin) = (power_dbm - low_dbm, high_dbm - power_dbm);
        self.out.power_margin_db = sensitivity_margin.min(overload_margin);
        if low_dbm.is_nan() {
            self.out.set_unknown(Unknown::Sensitivity);
        }

        let ample_db = to_db(self.receiver.required_osnr);
        let required_db = match (self.required.is_absent(), ample_db.is_nan()) {
            (true, true) => {
                self.out.set_unknown(Unknown::RequiredOsnr);
                f64::NAN
            }
            (true, false) => ample_db,
            // A curve of one point holds at every power that the limits allow.
            (false, _) if one_point => ample_db,
            // Above the overload the last point is the best that is known; the power margin is negative there.
            (false, _) => self.required.at(power_dbm.min(high_dbm)).unwrap_or(f64::NAN),
        };
        self.out.required_osnr_db = required_db;

        // Beyond the end of a penalty table, or without one, nobody knows what reaches the decision.
        if !required_db.is_nan() && self.out.blocked.is_none() && self.out.unknown == Unknown::No {
            let effective = from_db(penalty_db) * line_noise;
            let ample_snr = self.receiver.required_osnr / per_bandwidth;
            let thermal = self.receiver.bearable_noise * (1.0 - from_db(ample_db - required_db));
            self.thermal_noise = thermal;
            self.line_noise = self.receiver.bearable_noise * ample_snr * effective;
            let noise = self.line_noise + thermal + self.receiver.transceiver_noise;
            if line_noise > 0.0 {
                self.out.osnr_margin_db = -to_db(effective) + to_db(per_bandwidth) - required_db;
            }
            // Noiseless only if nothing at all adds noise: then the error ratio is zero, not a number is invented.
            self.out.snr_db = if noise > 0.0 { -to_db(noise) } else { f64::NAN };
            self.out.fec_margin_db = self.out.snr_db - to_db(self.receiver.threshold_snr);
            self.out.pre_fec_ber =
                if noise > 0.0 { self.receiver.modulation.bit_error_ratio(1.0 / noise) } else { 0.0 };
            self.out.q_db = q_factor_db(self.out.pre_fec_ber);
            let after = apply_fec(self.out.pre_fec_ber);
            self.out.post_fec_ber = after.post_fec_ber;
            self.out.frame_loss_ratio = after.frame_loss_ratio;
        }
        self.decide(ase_noise * per_bandwidth, tx_noise, overload_margin, (low_dbm, high_dbm), ample_db, explain);
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
        if self.out.unknown != Unknown::No {
            return;
        }
        let margins = [self.out.power_margin_db, self.out.osnr_margin_db, self.out.fec_margin_db];
        let Some(which) = least(&margins) else { return };
        self.out.margin_db = margins[which];
        let noise_limit = if self.thermal_noise > self.line_noise {
            Limit::Power
        } else if self.channel.nonlinear_ratio > ase_noise {
            Limit::Nonlinearity
        } else {
            Limit::Osnr
        };
        self.out.limited_by = match which {
            0 if overload_margin == self.out.power_margin_db => Limit::Overload,
            0 => Limit::Power,
            1 if noise_limit == Limit::Power => noise_limit,
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

    /// The greatest penalty, where the lane would close without it.
    fn deciding_penalty(&self) -> Option<Limit> {
        let (_, limit, penalty_db) = self.penalties.iter().max_by(|a, b| a.2.total_cmp(&b.2))?;
        (self.out.osnr_margin_db < 0.0 && self.out.osnr_margin_db + penalty_db >= 0.0).then_some(*limit)
    }

    fn explain_level(&self, kind: Kind, limit_dbm: f64) -> Vec<Contribution> {
        let sign = if kind == Kind::LeastReceived { 1.0 } else { -1.0 };
        let mut steps = vec![plain(Kind::Launch, sign * self.out.launch_power_dbm)];
        steps.extend(self.level_steps(sign));
        steps.push(plain(kind, -sign * limit_dbm));
        steps
    }

    /// Level change of each element, times `sign`.
    fn level_steps(&self, sign: f64) -> impl Iterator<Item = Contribution> + '_ {
        self.channel.level_steps_db.iter().enumerate().map(move |(index, &value)| Contribution {
            kind: Kind::Element,
            element: Some(self.first_element + index),
            value_db: sign * value,
        })
    }

    /// OSNR from the transmitter to the receiver, noise by noise, penalties included.
    fn explain_line(&self, tx_noise: f64) -> Vec<Contribution> {
        let per_bandwidth = self.channel.symbol_rate_hz / REFERENCE_BANDWIDTH_HZ;
        let mut steps = Vec::new();
        let mut noise = 0.0;
        if tx_noise > 0.0 {
            steps.push(plain(Kind::TransmitterOsnr, -to_db(tx_noise)));
            noise = tx_noise;
        }
        for (index, &added) in self.channel.noise_steps.iter().enumerate() {
            if added > 0.0 {
                steps.push(Contribution {
                    kind: Kind::ElementNoise,
                    element: Some(self.first_element + index),
                    value_db: noise_step_db(noise, added),
                });
                noise += added;
            }
        }
        let nonlinear = self.channel.nonlinear_ratio / per_bandwidth;
        if nonlinear > 0.0 {
            steps.push(plain(Kind::Nonlinearity, noise_step_db(noise, nonlinear)));
        }
        steps.extend(self.penalties.iter().filter(|p| p.2 != 0.0).map(|p| plain(p.0, -p.2)));
        steps
    }

    fn explain_osnr(&self, tx_noise: f64, ample_db: f64) -> Vec<Contribution> {
        let mut steps = self.explain_line(tx_noise);
        steps.push(plain(Kind::RequiredOsnr, -ample_db));
        if self.out.required_osnr_db != ample_db {
            steps.push(plain(Kind::LowReceivedPower, ample_db - self.out.required_osnr_db));
        }
        steps
    }

    fn explain_fec(&self, tx_noise: f64) -> Vec<Contribution> {
        let mut steps = self.explain_line(tx_noise);
        if steps.is_empty() {
            steps.push(plain(Kind::TransceiverNoise, self.out.snr_db));
        } else {
            let per_bandwidth = self.channel.symbol_rate_hz / REFERENCE_BANDWIDTH_HZ;
            steps.push(plain(Kind::NoiseBandwidth, -to_db(per_bandwidth)));
            let so_far: f64 = steps.iter().map(|step| step.value_db).sum();
            let without_thermal_db = -to_db(self.line_noise + self.receiver.transceiver_noise);
            steps.push(plain(Kind::TransceiverNoise, without_thermal_db - so_far));
            if self.thermal_noise > 0.0 {
                steps.push(plain(Kind::LowReceivedPower, self.out.snr_db - without_thermal_db));
            }
        }
        steps.push(plain(Kind::ThresholdSnr, -to_db(self.receiver.threshold_snr)));
        steps
    }

    /// A mode whose standard closes a loss and no OSNR: the verdict rests on the loss, and on the level where it is known.
    fn close_on_loss(
        &mut self,
        modes: &CoherentModes<'_>,
        mode: usize,
        paths: &CoherentPaths<'_>,
        row: usize,
        explain: bool,
    ) -> Result<()> {
        // Tolerances that such a mode does not state are inside its loss budget.
        if self.out.unknown == Unknown::Dispersion {
            self.out.unknown = Unknown::No;
        }
        let before = self.out.unknown;
        self.take_penalties(modes, mode, paths, row)?;
        self.out.unknown = before;
        self.out.received_power_dbm = self.channel.level_dbm;
        let steps: f64 = self.channel.level_steps_db.iter().sum();
        let low_dbm = modes.sensitivity_dbm[mode];
        let high_dbm = modes.overload_dbm[mode];
        let level = self.channel.level_dbm;
        let margins = [modes.loss_budget_db[mode] + steps, level - low_dbm, high_dbm - level];
        let Some(which) = least(&margins) else { return Ok(()) };
        self.out.power_margin_db = margins[which];
        if let Some((limit, _, _)) = self.out.blocked {
            self.out.limited_by = limit;
            return Ok(());
        }
        if self.out.unknown != Unknown::No {
            return Ok(());
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
        Ok(())
    }
}

fn plain(kind: Kind, value_db: f64) -> Contribution {
    Contribution { kind, element: None, value_db }
}

/// Level of a noise-to-signal ratio; NaN where there is no noise.
fn level_of_noise(ratio: f64) -> f64 {
    if ratio > 0.0 { -to_db(ratio) } else { f64::NAN }
}

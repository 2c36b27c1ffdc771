//! The tables of coherent modes and channels.

use super::sample::LaneSample;
use super::tables::{Plant, check_index, check_length};
use crate::error::{Error, Result, require_positive};
use crate::interpolate::{PointTable, check_offsets};

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
    /// Roll-off of the pulses.
    pub roll_off: &'a [f64],
    /// By how much the transmitter's laser may be off; NaN where it is not known.
    pub frequency_tolerance_hz: &'a [f64],
    /// Greatest linewidth of the lasers; NaN where it is not known.
    pub linewidth_hz: &'a [f64],
    /// Greatest instantaneous DGD; NaN where it is not known.
    pub dgd_max_s: &'a [f64],
    /// Transmitter out-of-band OSNR; NaN where it is not known.
    pub tx_out_of_band_osnr_db: &'a [f64],
    /// Penalty (dB) over the rate of polarization rotation (rad/s).
    pub sop_penalty: PointTable<'a>,
    /// Penalty (dB) over the ratio of total to channel power (dB) at a receiver without a filter.
    pub colorless_penalty: PointTable<'a>,
    /// Latency of the modules at both ends besides the FEC's; NaN where nobody knows it.
    pub latency_s: &'a [f64],
}

/// What is in the spectrum of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupancy {
    /// Nothing.
    Dark,
    /// The signal that is evaluated.
    Lit,
    /// Noise at the level of a signal, which keeps the line loaded.
    Noise,
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
    /// 0 dark, 1 lit, 2 filled with noise: only lit channels are answered.
    pub occupancy: &'a [u8],
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
    /// Specimens that stand in place of the figures of some channels; absent outside draws.
    pub sample: Option<&'a LaneSample>,
}

impl CoherentPaths<'_> {
    /// Rows of the answer: those of path `i` are `lit_offsets[i]..lit_offsets[i + 1]`.
    pub(super) fn lit_offsets(&self) -> Vec<usize> {
        let lit = |path: &[usize]| (path[0]..path[1]).filter(|&row| self.occupancy(row) == Occupancy::Lit).count();
        let counts = self.channel_offsets.windows(2).map(lit);
        let mut offsets = vec![0];
        offsets.extend(counts.scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }));
        offsets
    }

    /// Occupancy of one channel, which [`check`] has approved.
    pub(super) fn occupancy(&self, channel: usize) -> Occupancy {
        match self.occupancy[channel] {
            0 => Occupancy::Dark,
            1 => Occupancy::Lit,
            _ => Occupancy::Noise,
        }
    }
}

/// Checks that modes and channels fit each other and the plant.
pub(super) fn check(plant: &Plant<'_>, modes: &CoherentModes<'_>, paths: &CoherentPaths<'_>) -> Result<()> {
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
        ("roll_off", modes.roll_off.len()),
        ("frequency_tolerance_hz", modes.frequency_tolerance_hz.len()),
        ("linewidth_hz", modes.linewidth_hz.len()),
        ("dgd_max_s", modes.dgd_max_s.len()),
        ("tx_out_of_band_osnr_db", modes.tx_out_of_band_osnr_db.len()),
        ("sop_penalty", modes.sop_penalty.len()),
        ("colorless_penalty", modes.colorless_penalty.len()),
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
        ("occupancy", paths.occupancy.len()),
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
        if paths.occupancy[channel] > 2 {
            return Err(Error::parameter("occupancy", paths.occupancy[channel], "0, 1 or 2"));
        }
        if paths.launch_power_dbm[channel].is_infinite() {
            return Err(Error::parameter("launch_power_dbm", paths.launch_power_dbm[channel], "a finite number"));
        }
    }
    Ok(())
}

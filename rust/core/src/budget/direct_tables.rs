//! The tables of direct-detect modes and lanes.

use super::sample::{LaneChange, LaneSample, change_of};
use super::tables::{Plant, check_index, check_length};
use crate::error::{Error, Result, require_positive};
use crate::interpolate::PointTable;

/// Operating modes in use; NaN where a figure is absent.
#[derive(Debug, Clone)]
pub struct DirectModes<'a> {
    /// Row in the FEC table.
    pub fec: &'a [i64],
    /// Symbol rate.
    pub symbol_rate_hz: &'a [f64],
    /// Symbol error ratio at which sensitivity and TDECQ are defined.
    pub target_ser_ratio: &'a [f64],
    /// A: least OMA less TDECQ.
    pub oma_less_tdecq_min_dbm: &'a [f64],
    /// Largest TDECQ.
    pub tdecq_max_db: &'a [f64],
    /// Least extinction ratio.
    pub extinction_ratio_db: &'a [f64],
    /// IL: channel insertion loss.
    pub insertion_loss_max_db: &'a [f64],
    /// X: allocation for multipath interference and DGD.
    pub mpi_dgd_allocation_db: &'a [f64],
    /// Greatest reflectance of transmitter and receiver.
    pub reflectance_max_db: &'a [f64],
    /// Least accumulated dispersion that the mode is tested over.
    pub dispersion_min_s_per_m: &'a [f64],
    /// Greatest accumulated dispersion that the mode is tested over.
    pub dispersion_max_s_per_m: &'a [f64],
    /// Greatest DGD.
    pub dgd_max_s: &'a [f64],
    /// Least average launch power.
    pub launch_power_min_dbm: &'a [f64],
    /// Greatest average launch power.
    pub launch_power_max_dbm: &'a [f64],
    /// Greatest average received power.
    pub received_power_max_dbm: &'a [f64],
    /// Responsivity.
    pub responsivity_a_per_w: &'a [f64],
    /// Avalanche gain, 1 for a PIN; NaN where the receiver sets the best one for its light.
    pub gain_ratio: &'a [f64],
    /// Ratio of ionization coefficients.
    pub ionization_ratio: &'a [f64],
    /// Bandwidth of an avalanche photodiode at low gain; NaN is no limit.
    pub apd_bandwidth_hz: &'a [f64],
    /// Product of its gain and bandwidth at high gain.
    pub apd_gain_bandwidth_hz: &'a [f64],
    /// Dark current.
    pub dark_current_a: &'a [f64],
    /// Least outer OMA at launch.
    pub oma_outer_min_dbm: &'a [f64],
    /// Reference equalizer: 0 not known, 1 five taps, 2 fifteen taps and one of feedback.
    pub equalizer: &'a [u8],
    /// 3-dB bandwidth of the transmitter.
    pub eo_bandwidth_hz: &'a [f64],
    /// alpha of the transmitter's transient chirp.
    pub chirp_alpha: &'a [f64],
    /// Relative intensity noise of the transmitter; NaN counts none.
    pub rin_db_per_hz: &'a [f64],
    /// R_LM of the transmitter; NaN counts equally spaced levels.
    pub level_mismatch_ratio: &'a [f64],
    /// Longest over shortest wavelength of every lane that shares a fiber with the others of its engine; empty for others.
    pub lane_range: PointTable<'a>,
    /// What the demultiplexer keeps out of a neighboring lane's light; NaN counts none of that light.
    pub demux_isolation_adjacent_db: &'a [f64],
    /// The same of lanes further away.
    pub demux_isolation_non_adjacent_db: &'a [f64],
    /// Greatest difference of OMA between two lanes of one transmitter.
    pub lane_oma_difference_max_db: &'a [f64],
    /// OMA of each other lane over that of the lane in the stressed test; NaN counts a test without them.
    pub stressed_lane_difference_db: &'a [f64],
    /// Latency of the modules at both ends besides the FEC's; NaN where nobody knows it.
    pub latency_s: &'a [f64],
}

/// The lanes, each on one path.
#[derive(Debug, Clone)]
pub struct DirectLanes<'a> {
    /// Row in the table of paths.
    pub path: &'a [i64],
    /// Row in the table of modes.
    pub mode: &'a [i64],
    /// Nominal wavelength.
    pub center_m: &'a [f64],
    /// Shortest wavelength that the tolerance allows.
    pub min_m: &'a [f64],
    /// Longest wavelength that the tolerance allows.
    pub max_m: &'a [f64],
    /// Average launch power where the user sets it; NaN: the mode's least OMA less TDECQ.
    pub launch_power_dbm: &'a [f64],
    /// Specimens that stand in place of the figures of some lanes; absent outside draws.
    pub sample: Option<&'a LaneSample>,
}

impl DirectLanes<'_> {
    /// What the sample says of one lane.
    pub(super) fn change(&self, lane: usize) -> LaneChange {
        change_of(self.sample, lane, LaneChange::NONE)
    }

    /// Nominal, shortest and longest wavelength of a lane; one where it is drawn.
    pub(super) fn wavelengths_m(&self, lane: usize) -> (f64, f64, f64) {
        let (center_m, min_m, max_m) = (self.center_m[lane], self.min_m[lane], self.max_m[lane]);
        let drawn_m = self.change(lane).wavelength.apply_to_range(center_m, min_m, max_m);
        drawn_m.map_or((center_m, min_m, max_m), |at| (at, at, at))
    }
}

/// Checks that all columns fit each other and hold values that the model allows.
pub(super) fn check(plant: &Plant<'_>, modes: &DirectModes<'_>, lanes: &DirectLanes<'_>) -> Result<()> {
    let rows = modes.fec.len();
    for (name, column) in [
        ("symbol_rate_hz", modes.symbol_rate_hz),
        ("target_ser_ratio", modes.target_ser_ratio),
        ("oma_less_tdecq_min_dbm", modes.oma_less_tdecq_min_dbm),
        ("tdecq_max_db", modes.tdecq_max_db),
        ("extinction_ratio_db", modes.extinction_ratio_db),
        ("insertion_loss_max_db", modes.insertion_loss_max_db),
        ("mpi_dgd_allocation_db", modes.mpi_dgd_allocation_db),
        ("reflectance_max_db", modes.reflectance_max_db),
        ("dispersion_min_s_per_m", modes.dispersion_min_s_per_m),
        ("dispersion_max_s_per_m", modes.dispersion_max_s_per_m),
        ("dgd_max_s", modes.dgd_max_s),
        ("launch_power_min_dbm", modes.launch_power_min_dbm),
        ("launch_power_max_dbm", modes.launch_power_max_dbm),
        ("received_power_max_dbm", modes.received_power_max_dbm),
        ("responsivity_a_per_w", modes.responsivity_a_per_w),
        ("gain_ratio", modes.gain_ratio),
        ("ionization_ratio", modes.ionization_ratio),
        ("apd_bandwidth_hz", modes.apd_bandwidth_hz),
        ("apd_gain_bandwidth_hz", modes.apd_gain_bandwidth_hz),
        ("dark_current_a", modes.dark_current_a),
        ("oma_outer_min_dbm", modes.oma_outer_min_dbm),
        ("eo_bandwidth_hz", modes.eo_bandwidth_hz),
        ("chirp_alpha", modes.chirp_alpha),
        ("rin_db_per_hz", modes.rin_db_per_hz),
        ("level_mismatch_ratio", modes.level_mismatch_ratio),
        ("demux_isolation_adjacent_db", modes.demux_isolation_adjacent_db),
        ("demux_isolation_non_adjacent_db", modes.demux_isolation_non_adjacent_db),
        ("lane_oma_difference_max_db", modes.lane_oma_difference_max_db),
        ("stressed_lane_difference_db", modes.stressed_lane_difference_db),
        ("mode latency_s", modes.latency_s),
    ] {
        check_length(name, column.len(), rows)?;
    }
    check_length("lane_range", modes.lane_range.len(), rows)?;
    check_length("equalizer", modes.equalizer.len(), rows)?;
    for mode in 0..rows {
        check_index("fec", modes.fec[mode], plant.fecs.kind.len())?;
        require_positive("symbol_rate_hz", modes.symbol_rate_hz[mode])?;
        require_positive("target_ser_ratio", modes.target_ser_ratio[mode])?;
        require_positive("responsivity_a_per_w", modes.responsivity_a_per_w[mode])?;
        if !modes.gain_ratio[mode].is_nan() {
            require_positive("gain_ratio", modes.gain_ratio[mode])?;
        }
        if modes.equalizer[mode] > 2 {
            return Err(Error::parameter("equalizer", modes.equalizer[mode], "0, 1 or 2"));
        }
    }
    let count = lanes.path.len();
    check_length("mode", lanes.mode.len(), count)?;
    for (name, column) in [
        ("center_m", lanes.center_m),
        ("min_m", lanes.min_m),
        ("max_m", lanes.max_m),
        ("launch_power_dbm", lanes.launch_power_dbm),
    ] {
        check_length(name, column.len(), count)?;
    }
    for lane in 0..count {
        check_index("path", lanes.path[lane], plant.path_count())?;
        check_index("mode", lanes.mode[lane], rows)?;
        require_positive("center_m", lanes.center_m[lane])?;
        require_positive("min_m", lanes.min_m[lane])?;
        require_positive("max_m", lanes.max_m[lane])?;
        if lanes.launch_power_dbm[lane].is_infinite() {
            return Err(Error::parameter("launch_power_dbm", lanes.launch_power_dbm[lane], "a finite number"));
        }
    }
    Ok(())
}

/// One mode of 53.125 GBd without a transmitter's figures, for tests; its gain is set for the light where it is NaN.
#[cfg(test)]
pub(super) struct OneMode {
    fec: [i64; 1],
    equalizer: [u8; 1],
    nan: [f64; 1],
    figures: [[f64; 1]; 13],
}

#[cfg(test)]
pub(super) fn one_mode(gain_ratio: f64) -> OneMode {
    OneMode {
        fec: [0],
        equalizer: [0],
        nan: [f64::NAN],
        figures: [53.125e9, 4.8e-4, -1.7, 3.4, 4.5, 4.0, 0.3, 0.8, gain_ratio, 0.2, 10e-9, 24e9, 290e9]
            .map(|figure| [figure]),
    }
}

#[cfg(test)]
impl OneMode {
    pub(super) fn view(&self) -> DirectModes<'_> {
        let [rate, ser, a, tdecq, er, il, x, responsivity, gain, ionization, dark, speed, product] = &self.figures;
        DirectModes {
            fec: &self.fec,
            symbol_rate_hz: rate,
            target_ser_ratio: ser,
            oma_less_tdecq_min_dbm: a,
            tdecq_max_db: tdecq,
            extinction_ratio_db: er,
            insertion_loss_max_db: il,
            mpi_dgd_allocation_db: x,
            reflectance_max_db: &self.nan,
            dispersion_min_s_per_m: &self.nan,
            dispersion_max_s_per_m: &self.nan,
            dgd_max_s: &self.nan,
            launch_power_min_dbm: &self.nan,
            launch_power_max_dbm: &self.nan,
            received_power_max_dbm: &self.nan,
            responsivity_a_per_w: responsivity,
            gain_ratio: gain,
            ionization_ratio: ionization,
            apd_bandwidth_hz: speed,
            apd_gain_bandwidth_hz: product,
            dark_current_a: dark,
            oma_outer_min_dbm: &self.nan,
            equalizer: &self.equalizer,
            eo_bandwidth_hz: &self.nan,
            chirp_alpha: &self.nan,
            rin_db_per_hz: &self.nan,
            level_mismatch_ratio: &self.nan,
            lane_range: PointTable::new("lane_range", &[0, 0], &[], &[]).unwrap(),
            demux_isolation_adjacent_db: &self.nan,
            demux_isolation_non_adjacent_db: &self.nan,
            lane_oma_difference_max_db: &self.nan,
            stressed_lane_difference_db: &self.nan,
            latency_s: &self.nan,
        }
    }
}

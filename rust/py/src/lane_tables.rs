//! The tables of modes, channels and lanes, owned while Python goes on.

use crate::border::{Columns, Curves};
use crate::plant_table::owned_columns;
use lightlane_core::Result;
use lightlane_core::budget::{CoherentModes, CoherentPaths, DirectLanes, DirectModes};
use pyo3::prelude::*;

owned_columns!(CoherentModeColumns {
    modulation: u8s -> Vec<u8>,
    inner_amplitude_ratio: f64s -> Vec<f64>,
    fec: i64s -> Vec<i64>,
    tx_osnr_db: f64s -> Vec<f64>,
    required_osnr: curves -> Curves,
    sensitivity_dbm: f64s -> Vec<f64>,
    overload_dbm: f64s -> Vec<f64>,
    kappa_db: f64s -> Vec<f64>,
    snr_trx_db: f64s -> Vec<f64>,
    loss_budget_db: f64s -> Vec<f64>,
    dispersion_penalty: curves -> Curves,
    dgd_penalty: curves -> Curves,
    pdl_penalty: curves -> Curves,
    sop_penalty: curves -> Curves,
    colorless_penalty: curves -> Curves,
    roll_off: f64s -> Vec<f64>,
    frequency_tolerance_hz: f64s -> Vec<f64>,
    linewidth_hz: f64s -> Vec<f64>,
    dgd_max_s: f64s -> Vec<f64>,
    tx_out_of_band_osnr_db: f64s -> Vec<f64>,
    latency_s: f64s -> Vec<f64>,
});

owned_columns!(CoherentPathColumns {
    channel_offsets: offsets -> Vec<usize>,
    mode: i64s -> Vec<i64>,
    frequency_hz: f64s -> Vec<f64>,
    occupancy: u8s -> Vec<u8>,
    symbol_rate_hz: f64s -> Vec<f64>,
    slot_hz: f64s -> Vec<f64>,
    launch_power_dbm: f64s -> Vec<f64>,
    filtering_penalty_db: f64s -> Vec<f64>,
    crosstalk_penalty_db: f64s -> Vec<f64>,
    passband_hz: f64s -> Vec<f64>,
});

owned_columns!(DirectModeColumns {
    fec: i64s -> Vec<i64>,
    symbol_rate_hz: f64s -> Vec<f64>,
    target_ser_ratio: f64s -> Vec<f64>,
    oma_less_tdecq_min_dbm: f64s -> Vec<f64>,
    tdecq_max_db: f64s -> Vec<f64>,
    extinction_ratio_db: f64s -> Vec<f64>,
    insertion_loss_max_db: f64s -> Vec<f64>,
    mpi_dgd_allocation_db: f64s -> Vec<f64>,
    reflectance_max_db: f64s -> Vec<f64>,
    dispersion_min_s_per_m: f64s -> Vec<f64>,
    dispersion_max_s_per_m: f64s -> Vec<f64>,
    dgd_max_s: f64s -> Vec<f64>,
    launch_power_min_dbm: f64s -> Vec<f64>,
    launch_power_max_dbm: f64s -> Vec<f64>,
    received_power_max_dbm: f64s -> Vec<f64>,
    responsivity_a_per_w: f64s -> Vec<f64>,
    gain_ratio: f64s -> Vec<f64>,
    ionization_ratio: f64s -> Vec<f64>,
    apd_bandwidth_hz: f64s -> Vec<f64>,
    apd_gain_bandwidth_hz: f64s -> Vec<f64>,
    dark_current_a: f64s -> Vec<f64>,
    oma_outer_min_dbm: f64s -> Vec<f64>,
    equalizer: u8s -> Vec<u8>,
    eo_bandwidth_hz: f64s -> Vec<f64>,
    chirp_alpha: f64s -> Vec<f64>,
    rin_db_per_hz: f64s -> Vec<f64>,
    level_mismatch_ratio: f64s -> Vec<f64>,
    lane_range: curves -> Curves,
    demux_isolation_adjacent_db: f64s -> Vec<f64>,
    demux_isolation_non_adjacent_db: f64s -> Vec<f64>,
    lane_oma_difference_max_db: f64s -> Vec<f64>,
    stressed_lane_difference_db: f64s -> Vec<f64>,
    latency_s: f64s -> Vec<f64>,
});

owned_columns!(DirectLaneColumns {
    path: i64s -> Vec<i64>,
    mode: i64s -> Vec<i64>,
    center_m: f64s -> Vec<f64>,
    min_m: f64s -> Vec<f64>,
    max_m: f64s -> Vec<f64>,
    launch_power_dbm: f64s -> Vec<f64>,
});

impl CoherentModeColumns {
    pub fn view(&self) -> Result<CoherentModes<'_>> {
        Ok(CoherentModes {
            modulation: &self.modulation,
            inner_amplitude_ratio: &self.inner_amplitude_ratio,
            fec: &self.fec,
            tx_osnr_db: &self.tx_osnr_db,
            required_osnr: self.required_osnr.view("required_osnr")?,
            sensitivity_dbm: &self.sensitivity_dbm,
            overload_dbm: &self.overload_dbm,
            kappa_db: &self.kappa_db,
            snr_trx_db: &self.snr_trx_db,
            loss_budget_db: &self.loss_budget_db,
            dispersion_penalty: self.dispersion_penalty.view("dispersion_penalty")?,
            dgd_penalty: self.dgd_penalty.view("dgd_penalty")?,
            pdl_penalty: self.pdl_penalty.view("pdl_penalty")?,
            sop_penalty: self.sop_penalty.view("sop_penalty")?,
            colorless_penalty: self.colorless_penalty.view("colorless_penalty")?,
            roll_off: &self.roll_off,
            frequency_tolerance_hz: &self.frequency_tolerance_hz,
            linewidth_hz: &self.linewidth_hz,
            dgd_max_s: &self.dgd_max_s,
            tx_out_of_band_osnr_db: &self.tx_out_of_band_osnr_db,
            latency_s: &self.latency_s,
        })
    }
}

impl CoherentPathColumns {
    pub fn view(&self) -> CoherentPaths<'_> {
        CoherentPaths {
            channel_offsets: &self.channel_offsets,
            mode: &self.mode,
            frequency_hz: &self.frequency_hz,
            occupancy: &self.occupancy,
            symbol_rate_hz: &self.symbol_rate_hz,
            slot_hz: &self.slot_hz,
            launch_power_dbm: &self.launch_power_dbm,
            filtering_penalty_db: &self.filtering_penalty_db,
            crosstalk_penalty_db: &self.crosstalk_penalty_db,
            passband_hz: &self.passband_hz,
            sample: None,
        }
    }
}

impl DirectModeColumns {
    pub fn view(&self) -> Result<DirectModes<'_>> {
        Ok(DirectModes {
            fec: &self.fec,
            symbol_rate_hz: &self.symbol_rate_hz,
            target_ser_ratio: &self.target_ser_ratio,
            oma_less_tdecq_min_dbm: &self.oma_less_tdecq_min_dbm,
            tdecq_max_db: &self.tdecq_max_db,
            extinction_ratio_db: &self.extinction_ratio_db,
            insertion_loss_max_db: &self.insertion_loss_max_db,
            mpi_dgd_allocation_db: &self.mpi_dgd_allocation_db,
            reflectance_max_db: &self.reflectance_max_db,
            dispersion_min_s_per_m: &self.dispersion_min_s_per_m,
            dispersion_max_s_per_m: &self.dispersion_max_s_per_m,
            dgd_max_s: &self.dgd_max_s,
            launch_power_min_dbm: &self.launch_power_min_dbm,
            launch_power_max_dbm: &self.launch_power_max_dbm,
            received_power_max_dbm: &self.received_power_max_dbm,
            responsivity_a_per_w: &self.responsivity_a_per_w,
            gain_ratio: &self.gain_ratio,
            ionization_ratio: &self.ionization_ratio,
            apd_bandwidth_hz: &self.apd_bandwidth_hz,
            apd_gain_bandwidth_hz: &self.apd_gain_bandwidth_hz,
            dark_current_a: &self.dark_current_a,
            oma_outer_min_dbm: &self.oma_outer_min_dbm,
            equalizer: &self.equalizer,
            eo_bandwidth_hz: &self.eo_bandwidth_hz,
            chirp_alpha: &self.chirp_alpha,
            rin_db_per_hz: &self.rin_db_per_hz,
            level_mismatch_ratio: &self.level_mismatch_ratio,
            lane_range: self.lane_range.view("lane_range")?,
            demux_isolation_adjacent_db: &self.demux_isolation_adjacent_db,
            demux_isolation_non_adjacent_db: &self.demux_isolation_non_adjacent_db,
            lane_oma_difference_max_db: &self.lane_oma_difference_max_db,
            stressed_lane_difference_db: &self.stressed_lane_difference_db,
            latency_s: &self.latency_s,
        })
    }
}

impl DirectLaneColumns {
    pub fn view(&self) -> DirectLanes<'_> {
        DirectLanes {
            path: &self.path,
            mode: &self.mode,
            center_m: &self.center_m,
            min_m: &self.min_m,
            max_m: &self.max_m,
            launch_power_dbm: &self.launch_power_dbm,
            sample: None,
        }
    }
}

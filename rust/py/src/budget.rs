//! The budget tables: dictionaries of columns in, a dictionary of columns out.

use crate::border::{Columns, Curves, compute, to_python};
use crate::task::Task;
use lightlane_core::Result;
use lightlane_core::budget::{
    AmplifierTable, CoherentModes, CoherentOptions, CoherentPaths, DirectLanes, DirectModes, ElementTable, EyeCache,
    FecTable, FiberTable, HeldQuantity, LaneColumns, Plant, PumpTable, evaluate_coherent as coherent,
    evaluate_direct as direct,
};
use lightlane_core::fiber::{NonlinearModel, NonlinearOptions};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::OnceLock;

/// Declares a struct of owned columns and how to read it from a dictionary.
macro_rules! owned_columns {
    ($name:ident { $($field:ident : $kind:ident -> $type:ty),+ $(,)? }) => {
        pub struct $name { $($field: $type),+ }
        impl $name {
            pub fn read(columns: &Columns<'_, '_>) -> PyResult<Self> {
                Ok(Self { $($field: columns.$kind(stringify!($field))?),+ })
            }
        }
    };
}

pub(crate) use owned_columns;

owned_columns!(Fibers {
    attenuation: curves -> Curves,
    zero_dispersion_min_m: f64s -> Vec<f64>,
    zero_dispersion_max_m: f64s -> Vec<f64>,
    zero_dispersion_nominal_m: f64s -> Vec<f64>,
    zero_slope_max_s_per_m3: f64s -> Vec<f64>,
    zero_slope_nominal_s_per_m3: f64s -> Vec<f64>,
    dispersion_s_per_m2: f64s -> Vec<f64>,
    slope_s_per_m3: f64s -> Vec<f64>,
    effective_area_m2: f64s -> Vec<f64>,
    gamma_per_w_m: f64s -> Vec<f64>,
    raman_slope_per_w_m_hz: f64s -> Vec<f64>,
    pmd_s_per_sqrt_m: f64s -> Vec<f64>,
    group_index: f64s -> Vec<f64>,
});

owned_columns!(Amplifiers {
    gain_min_db: f64s -> Vec<f64>,
    gain_max_db: f64s -> Vec<f64>,
    output_power_max_dbm: f64s -> Vec<f64>,
    noise_figure_db: f64s -> Vec<f64>,
    noise_figure: curves -> Curves,
    osnr_coefficients: f64s -> Vec<f64>,
    gain_ripple: curves -> Curves,
    gain_tilt_max_db: f64s -> Vec<f64>,
    pump_offsets: offsets -> Vec<usize>,
    pump_frequency_hz: f64s -> Vec<f64>,
    pump_power_w: f64s -> Vec<f64>,
    pump_is_backward: u8s -> Vec<u8>,
});

owned_columns!(Fecs {
    kind: u8s -> Vec<u8>,
    threshold_ber: f64s -> Vec<f64>,
    interleaved_codewords_count: i64s -> Vec<i64>,
    points: curves -> Curves,
    latency_s: f64s -> Vec<f64>,
});

owned_columns!(Elements {
    kind: u8s -> Vec<u8>,
    part: i64s -> Vec<i64>,
    length_m: f64s -> Vec<f64>,
    attenuation_db_per_m: f64s -> Vec<f64>,
    loss_db: f64s -> Vec<f64>,
    target_power_dbm: f64s -> Vec<f64>,
    osnr_db: f64s -> Vec<f64>,
    input_power_min_dbm: f64s -> Vec<f64>,
    input_power_max_dbm: f64s -> Vec<f64>,
    osnr_coefficients: f64s -> Vec<f64>,
    pdl_db: f64s -> Vec<f64>,
    dgd_s: f64s -> Vec<f64>,
    dispersion_s_per_m: f64s -> Vec<f64>,
    latency_s: f64s -> Vec<f64>,
    reflectance_db: f64s -> Vec<f64>,
    reflectors_count: f64s -> Vec<f64>,
    passband_3db_hz: f64s -> Vec<f64>,
    passband_10db_hz: f64s -> Vec<f64>,
    frequency_tolerance_hz: f64s -> Vec<f64>,
    isolation_adjacent_db: f64s -> Vec<f64>,
    isolation_non_adjacent_db: f64s -> Vec<f64>,
    path_offsets: offsets -> Vec<usize>,
});

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
    dark_current_a: f64s -> Vec<f64>,
    oma_outer_min_dbm: f64s -> Vec<f64>,
    equalizer: u8s -> Vec<u8>,
    eo_bandwidth_hz: f64s -> Vec<f64>,
    chirp_alpha: f64s -> Vec<f64>,
    rin_db_per_hz: f64s -> Vec<f64>,
    level_mismatch_ratio: f64s -> Vec<f64>,
    lane_range: curves -> Curves,
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

/// The tables that both models share.
pub struct OwnedPlant {
    fibers: Fibers,
    amplifiers: Amplifiers,
    fecs: Fecs,
    elements: Elements,
}

impl OwnedPlant {
    pub fn read(plant: &Bound<'_, PyDict>) -> PyResult<Self> {
        let table = |name: &str| -> PyResult<Bound<'_, PyDict>> {
            let missing =
                || pyo3::exceptions::PyTypeError::new_err(format!("plant.{name}: missing; needs a dictionary"));
            Ok(plant.get_item(name)?.ok_or_else(missing)?.cast_into::<PyDict>()?)
        };
        Ok(Self {
            fibers: Fibers::read(&Columns::new("fibers", &table("fibers")?))?,
            amplifiers: Amplifiers::read(&Columns::new("amplifiers", &table("amplifiers")?))?,
            fecs: Fecs::read(&Columns::new("fecs", &table("fecs")?))?,
            elements: Elements::read(&Columns::new("elements", &table("elements")?))?,
        })
    }

    pub fn view(&self) -> Result<Plant<'_>> {
        let (f, a, c, e) = (&self.fibers, &self.amplifiers, &self.fecs, &self.elements);
        Ok(Plant {
            fibers: FiberTable {
                attenuation: f.attenuation.view("attenuation")?,
                zero_dispersion_min_m: &f.zero_dispersion_min_m,
                zero_dispersion_max_m: &f.zero_dispersion_max_m,
                zero_dispersion_nominal_m: &f.zero_dispersion_nominal_m,
                zero_slope_max_s_per_m3: &f.zero_slope_max_s_per_m3,
                zero_slope_nominal_s_per_m3: &f.zero_slope_nominal_s_per_m3,
                dispersion_s_per_m2: &f.dispersion_s_per_m2,
                slope_s_per_m3: &f.slope_s_per_m3,
                effective_area_m2: &f.effective_area_m2,
                gamma_per_w_m: &f.gamma_per_w_m,
                raman_slope_per_w_m_hz: &f.raman_slope_per_w_m_hz,
                pmd_s_per_sqrt_m: &f.pmd_s_per_sqrt_m,
                group_index: &f.group_index,
            },
            amplifiers: AmplifierTable {
                gain_min_db: &a.gain_min_db,
                gain_max_db: &a.gain_max_db,
                output_power_max_dbm: &a.output_power_max_dbm,
                noise_figure_db: &a.noise_figure_db,
                noise_figure_points: a.noise_figure.view("noise_figure")?,
                osnr_coefficients: &a.osnr_coefficients,
                gain_ripple: a.gain_ripple.view("gain_ripple")?,
                gain_tilt_max_db: &a.gain_tilt_max_db,
                pumps: PumpTable {
                    offsets: &a.pump_offsets,
                    frequency_hz: &a.pump_frequency_hz,
                    power_w: &a.pump_power_w,
                    is_backward: &a.pump_is_backward,
                },
            },
            fecs: FecTable {
                kind: &c.kind,
                threshold_ber: &c.threshold_ber,
                interleaved_codewords_count: &c.interleaved_codewords_count,
                points: c.points.view("points")?,
                latency_s: &c.latency_s,
            },
            elements: ElementTable {
                kind: &e.kind,
                part: &e.part,
                length_m: &e.length_m,
                attenuation_db_per_m: &e.attenuation_db_per_m,
                loss_db: &e.loss_db,
                target_power_dbm: &e.target_power_dbm,
                osnr_db: &e.osnr_db,
                input_power_min_dbm: &e.input_power_min_dbm,
                input_power_max_dbm: &e.input_power_max_dbm,
                osnr_coefficients: &e.osnr_coefficients,
                pdl_db: &e.pdl_db,
                dgd_s: &e.dgd_s,
                dispersion_s_per_m: &e.dispersion_s_per_m,
                latency_s: &e.latency_s,
                reflectance_db: &e.reflectance_db,
                reflectors_count: &e.reflectors_count,
                passband_3db_hz: &e.passband_3db_hz,
                passband_10db_hz: &e.passband_10db_hz,
                frequency_tolerance_hz: &e.frequency_tolerance_hz,
                isolation_adjacent_db: &e.isolation_adjacent_db,
                isolation_non_adjacent_db: &e.isolation_non_adjacent_db,
            },
            path_offsets: &e.path_offsets,
            sample: None,
        })
    }
}

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
            dark_current_a: &self.dark_current_a,
            oma_outer_min_dbm: &self.oma_outer_min_dbm,
            equalizer: &self.equalizer,
            eo_bandwidth_hz: &self.eo_bandwidth_hz,
            chirp_alpha: &self.chirp_alpha,
            rin_db_per_hz: &self.rin_db_per_hz,
            level_mismatch_ratio: &self.level_mismatch_ratio,
            lane_range: self.lane_range.view("lane_range")?,
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

pub fn nonlinear_model_of(word: &str) -> PyResult<NonlinearModel> {
    match word {
        "closed_form" => Ok(NonlinearModel::ClosedForm),
        "integral" => Ok(NonlinearModel::Integral),
        "isrs_gn" => Ok(NonlinearModel::PublishedIsrsGn),
        _ => Err(pyo3::exceptions::PyValueError::new_err(format!(
            "nonlinear_model is '{word}'; allowed: 'closed_form', 'isrs_gn', 'integral'"
        ))),
    }
}

/// Evaluate coherent lanes: one row per lit channel of each path, in order.
#[pyfunction]
#[pyo3(signature = (plant, modes, paths, *, explain, amplifier_control, nonlinear_model, format_correction, sop_rate_rad_per_s, task))]
fn evaluate_coherent<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    paths: &Bound<'py, PyDict>,
    explain: bool,
    amplifier_control: &str,
    nonlinear_model: &str,
    format_correction: bool,
    sop_rate_rad_per_s: f64,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let plant = OwnedPlant::read(plant)?;
    let m = CoherentModeColumns::read(&Columns::new("modes", modes))?;
    let p = CoherentPathColumns::read(&Columns::new("paths", paths))?;
    let options = CoherentOptions {
        explain,
        held: HeldQuantity::from_word(amplifier_control).map_err(|error| to_python(py, &error))?,
        nonlinear: NonlinearOptions { model: nonlinear_model_of(nonlinear_model)?, format_correction },
        sop_rate_rad_per_s,
    };
    let columns = compute(py, || coherent(&plant.view()?, &m.view()?, &p.view(), options, &task.inner))?;
    columns_of(py, columns)
}

/// Eyes of the transmitters that this process has met: one takes as long as thousands of lanes.
static EYES: OnceLock<EyeCache> = OnceLock::new();

/// Those eyes.
pub fn eyes() -> &'static EyeCache {
    EYES.get_or_init(EyeCache::default)
}

/// Evaluate direct-detect lanes: one row per lane, in order.
#[pyfunction]
#[pyo3(signature = (plant, modes, lanes, *, explain, task))]
fn evaluate_direct<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    lanes: &Bound<'py, PyDict>,
    explain: bool,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let plant = OwnedPlant::read(plant)?;
    let m = DirectModeColumns::read(&Columns::new("modes", modes))?;
    let l = DirectLaneColumns::read(&Columns::new("lanes", lanes))?;
    let columns = compute(py, || direct(&plant.view()?, &m.view()?, &l.view(), eyes(), explain, &task.inner))?;
    columns_of(py, columns)
}

/// The answers as a dictionary of arrays, moved and not copied; contributions as flat arrays with offsets.
fn columns_of(py: Python<'_>, mut columns: LaneColumns) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    for (name, codes) in [
        ("limited_by", std::mem::take(&mut columns.limited_by)),
        ("blocked", std::mem::take(&mut columns.blocked)),
        ("unknown", std::mem::take(&mut columns.unknown)),
    ] {
        out.set_item(name, PyArray1::from_vec(py, codes))?;
    }
    let offsets: Vec<i64> = columns.contribution_offsets.iter().map(|&offset| offset as i64).collect();
    out.set_item("contribution_offsets", PyArray1::from_vec(py, offsets))?;
    let steps = &columns.contributions;
    out.set_item("contribution_kind", PyArray1::from_iter(py, steps.iter().map(|step| step.kind as u8)))?;
    let element_of = |element: Option<usize>| element.map_or(-1i64, |element| element as i64);
    let elements = steps.iter().map(|step| element_of(step.element));
    out.set_item("contribution_element", PyArray1::from_iter(py, elements))?;
    out.set_item("contribution_db", PyArray1::from_iter(py, steps.iter().map(|step| step.value_db)))?;
    for (name, numbers) in columns.into_numbers() {
        out.set_item(name, PyArray1::from_vec(py, numbers))?;
    }
    Ok(out)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(evaluate_coherent, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate_direct, module)?)
}

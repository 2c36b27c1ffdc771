//! The budget of lanes: dictionaries of columns in, a dictionary of columns out.

use crate::border::{Columns, compute, to_python};
use crate::lane_tables::{CoherentModeColumns, CoherentPathColumns, DirectLaneColumns, DirectModeColumns};
use crate::plant_table::OwnedPlant;
use crate::task::Task;
use lightlane_core::budget::{
    CoherentOptions, EyeCache, HeldQuantity, LaneColumns, evaluate_coherent as coherent, evaluate_direct as direct,
    trace_coherent as trace,
};
use lightlane_core::fiber::{NonlinearModel, NonlinearOptions};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::OnceLock;

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

/// Follow coherent channels from element to element: one row per path, channel that is not dark, and element.
#[pyfunction]
#[pyo3(signature = (plant, modes, paths, *, amplifier_control, nonlinear_model, format_correction, sop_rate_rad_per_s, task))]
fn trace_coherent<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    paths: &Bound<'py, PyDict>,
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
        explain: false,
        held: HeldQuantity::from_word(amplifier_control).map_err(|error| to_python(py, &error))?,
        nonlinear: NonlinearOptions { model: nonlinear_model_of(nonlinear_model)?, format_correction },
        sop_rate_rad_per_s,
    };
    let columns = compute(py, || trace(&plant.view()?, &m.view()?, &p.view(), options, &task.inner))?;
    let out = PyDict::new(py);
    for (name, places) in [("channel_row", columns.channel_row), ("element", columns.element)] {
        out.set_item(name, PyArray1::from_iter(py, places.into_iter().map(|place| place as i64)))?;
    }
    for (name, numbers) in [
        ("level_dbm", columns.level_dbm),
        ("level_step_db", columns.level_step_db),
        ("noise_ratio", columns.noise_ratio),
        ("nonlinear_ratio", columns.nonlinear_ratio),
        ("attenuation_db", columns.attenuation_db),
        ("dispersion_s_per_m", columns.dispersion_s_per_m),
        ("kappa_ratio", columns.kappa_ratio),
        ("receiver_ratio", columns.receiver_ratio),
        ("transmitter_ratio", columns.transmitter_ratio),
        ("tabled_penalty_db", columns.tabled_penalty_db),
        ("shaped_penalty_db", columns.shaped_penalty_db),
    ] {
        out.set_item(name, PyArray1::from_vec(py, numbers))?;
    }
    Ok(out)
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
    module.add_function(wrap_pyfunction!(trace_coherent, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate_direct, module)?)
}

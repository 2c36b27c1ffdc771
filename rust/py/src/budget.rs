//! The budget of lanes: dictionaries of columns in, answers into columns of the caller's.

use crate::border::{Columns, compute, to_python};
use crate::lane_tables::{CoherentModeColumns, CoherentPathColumns, DirectLaneColumns, DirectModeColumns};
use crate::plant_table::OwnedPlant;
use crate::surrogate::EyeSurrogates;
use crate::task::Task;
use lightlane_core::Result;
use lightlane_core::budget::{
    AnswerRows, CODE_COLUMNS, CoherentOptions, DIRECT_COLUMNS, Explanations, EyeCache, EyeSources, HeldQuantity,
    LaneColumns, NUMBER_COLUMNS, UNIT_COLUMNS, evaluate_coherent as coherent, evaluate_direct as direct,
    trace_coherent as trace,
};
use lightlane_core::fiber::{NonlinearModel, NonlinearOptions};
use numpy::{Element, PyArray1, PyReadwriteArray1};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::OnceLock;

fn nonlinear_model_of(word: &str) -> PyResult<NonlinearModel> {
    match word {
        "closed_form" => Ok(NonlinearModel::ClosedForm),
        "integral" => Ok(NonlinearModel::Integral),
        "isrs_gn" => Ok(NonlinearModel::PublishedIsrsGn),
        _ => Err(pyo3::exceptions::PyValueError::new_err(format!(
            "nonlinear_model is '{word}'; allowed: 'closed_form', 'isrs_gn', 'integral'"
        ))),
    }
}

/// The options of the coherent kernels from the words and numbers of a call.
pub fn coherent_options(
    py: Python<'_>,
    explain: bool,
    amplifier_control: &str,
    (nonlinear_model, format_correction): (&str, bool),
    sop_rate_rad_per_s: f64,
) -> PyResult<CoherentOptions> {
    Ok(CoherentOptions {
        explain,
        held: HeldQuantity::from_word(amplifier_control).map_err(|error| to_python(py, &error))?,
        nonlinear: NonlinearOptions { model: nonlinear_model_of(nonlinear_model)?, format_correction },
        sop_rate_rad_per_s,
    })
}

/// Evaluate coherent lanes: one answer per lit channel of each path, in order, each written to the row that `answers` names for it.
#[pyfunction]
#[pyo3(signature = (plant, modes, paths, answers, *, explain, amplifier_control, nonlinear_model, format_correction, sop_rate_rad_per_s, task))]
fn evaluate_coherent<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    paths: &Bound<'py, PyDict>,
    answers: &Bound<'py, PyDict>,
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
    let options =
        coherent_options(py, explain, amplifier_control, (nonlinear_model, format_correction), sop_rate_rad_per_s)?;
    fill_answers(py, answers, |answers| coherent(&plant.view()?, &m.view()?, &p.view(), options, answers, &task.inner))
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
    let options =
        coherent_options(py, false, amplifier_control, (nonlinear_model, format_correction), sop_rate_rad_per_s)?;
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

/// Where the eyes of a call come from.
pub fn eye_sources(surrogates: Option<&EyeSurrogates>) -> EyeSources<'_> {
    EyeSources { cache: eyes(), surrogates: surrogates.map(|held| held.tables.as_slice()) }
}

/// Evaluate direct-detect lanes: one answer per lane, in order, each written to the row that `answers` names for it.
#[pyfunction]
#[pyo3(signature = (plant, modes, lanes, answers, *, surrogates, explain, task))]
fn evaluate_direct<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    lanes: &Bound<'py, PyDict>,
    answers: &Bound<'py, PyDict>,
    surrogates: Option<&EyeSurrogates>,
    explain: bool,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let plant = OwnedPlant::read(plant)?;
    let m = DirectModeColumns::read(&Columns::new("modes", modes))?;
    let l = DirectLaneColumns::read(&Columns::new("lanes", lanes))?;
    fill_answers(py, answers, |answers| {
        direct(&plant.view()?, &m.view()?, &l.view(), eye_sources(surrogates), explain, answers, &task.inner)
    })
}

/// Runs a kernel that writes to the columns of `answers`, each answer to the row that its column `row` names; what the answers of
/// a path share goes to the columns of `units` in it, if it has any.
fn fill_answers<'py>(
    py: Python<'py>,
    answers: &Bound<'py, PyDict>,
    kernel: impl FnOnce(AnswerRows<'_>) -> Result<Explanations> + Send,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = Columns::new("answers", answers).offsets("row")?;
    let units = match answers.get_item("units")? {
        Some(units) => units.cast_into::<PyDict>()?,
        None => PyDict::new(py),
    };
    let may_miss: Vec<&str> = [&DIRECT_COLUMNS[..], &UNIT_COLUMNS].concat();
    let mut numbers = borrow_columns::<f64>(answers, &NUMBER_COLUMNS, &may_miss)?;
    let mut codes = borrow_columns::<u8>(answers, &CODE_COLUMNS, &[])?;
    let mut of_units = borrow_columns::<f64>(&units, &UNIT_COLUMNS, &UNIT_COLUMNS)?;
    let (numbers, codes, of_units) = (slices_of(&mut numbers)?, slices_of(&mut codes)?, slices_of(&mut of_units)?);
    let steps =
        compute(py, || kernel(AnswerRows { columns: LaneColumns::new(numbers, codes, of_units)?, rows: &rows }))?;
    contributions_of(py, &steps)
}

/// Columns of the caller's, borrowed for writing: no array may stand for two of them. Some may be missing.
fn borrow_columns<'py, T: Element>(
    answers: &Bound<'py, PyDict>,
    names: &[&str],
    may_miss: &[&str],
) -> PyResult<Vec<Option<PyReadwriteArray1<'py, T>>>> {
    let borrow = |name: &&str| {
        let wrong = |found: &str| PyTypeError::new_err(format!("answers.{name}: {found}; needs a column to write to"));
        let Some(column) = answers.get_item(name)? else {
            return if may_miss.contains(name) { Ok(None) } else { Err(wrong("missing")) };
        };
        let borrowed = column.extract::<PyReadwriteArray1<'py, T>>();
        borrowed.map(Some).map_err(|_| wrong("of another type, read-only or in use"))
    };
    names.iter().map(borrow).collect()
}

/// What is missing becomes a column without a row.
fn slices_of<'a, T: Element>(columns: &'a mut [Option<PyReadwriteArray1<'_, T>>]) -> PyResult<Vec<&'a mut [T]>> {
    let slice = |column: &'a mut Option<PyReadwriteArray1<'_, T>>| match column {
        Some(column) => Ok(column.as_slice_mut()?),
        None => Ok(&mut [][..]),
    };
    columns.iter_mut().map(slice).collect()
}

/// The steps of explanation as flat arrays with offsets.
fn contributions_of<'py>(py: Python<'py>, steps: &Explanations) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    let offsets = steps.offsets.iter().map(|&offset| offset as i64);
    out.set_item("contribution_offsets", PyArray1::from_iter(py, offsets))?;
    let steps = &steps.contributions;
    out.set_item("contribution_kind", PyArray1::from_iter(py, steps.iter().map(|step| step.kind as u8)))?;
    let element_of = |element: Option<usize>| element.map_or(-1i64, |element| element as i64);
    let elements = steps.iter().map(|step| element_of(step.element));
    out.set_item("contribution_element", PyArray1::from_iter(py, elements))?;
    out.set_item("contribution_db", PyArray1::from_iter(py, steps.iter().map(|step| step.value_db)))?;
    Ok(out)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(evaluate_coherent, module)?)?;
    module.add_function(wrap_pyfunction!(trace_coherent, module)?)?;
    module.add_function(wrap_pyfunction!(evaluate_direct, module)?)
}

//! Draws of specimens: the budget tables and their spreads in, quantiles of margins out.

use crate::border::{Columns, compute};
use crate::budget::{coherent_options, eye_sources};
use crate::lane_tables::{CoherentModeColumns, CoherentPathColumns, DirectLaneColumns, DirectModeColumns};
use crate::plant_table::{OwnedPlant, owned_columns};
use crate::surrogate::EyeSurrogates;
use crate::task::Task;
use lightlane_core::budget::{
    DrawColumns, DrawList, DrawRange, DrawRequest, SpreadTable, draw_coherent as coherent, draw_direct as direct,
    list_coherent_draws as list_coherent, list_direct_draws as list_direct,
};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

owned_columns!(SpreadColumns {
    kind: u8s -> Vec<u8>,
    mean: f64s -> Vec<f64>,
    standard_deviation: f64s -> Vec<f64>,
    low: f64s -> Vec<f64>,
    peak: f64s -> Vec<f64>,
    high: f64s -> Vec<f64>,
    quantity: u8s -> Vec<u8>,
    scope: u8s -> Vec<u8>,
    basis: u8s -> Vec<u8>,
    element_offsets: offsets -> Vec<usize>,
    element_rule: i64s -> Vec<i64>,
    element_entity: i64s -> Vec<i64>,
    element_pieces_count: i64s -> Vec<i64>,
    element_loss_db: f64s -> Vec<f64>,
    element_worst: f64s -> Vec<f64>,
    mode_offsets: offsets -> Vec<usize>,
    mode_rule: i64s -> Vec<i64>,
    mode_worst: f64s -> Vec<f64>,
    link_offsets: offsets -> Vec<usize>,
    link_key: i64s -> Vec<i64>,
    lane_module: i64s -> Vec<i64>,
    lane_number: i64s -> Vec<i64>,
    lane_group: i64s -> Vec<i64>,
    lane_engine: i64s -> Vec<i64>,
});

impl SpreadColumns {
    fn view(&self) -> SpreadTable<'_> {
        SpreadTable {
            kind: &self.kind,
            mean: &self.mean,
            standard_deviation: &self.standard_deviation,
            low: &self.low,
            peak: &self.peak,
            high: &self.high,
            quantity: &self.quantity,
            scope: &self.scope,
            basis: &self.basis,
            element_offsets: &self.element_offsets,
            element_rule: &self.element_rule,
            element_entity: &self.element_entity,
            element_pieces_count: &self.element_pieces_count,
            element_loss_db: &self.element_loss_db,
            element_worst: &self.element_worst,
            mode_offsets: &self.mode_offsets,
            mode_rule: &self.mode_rule,
            mode_worst: &self.mode_worst,
            link_offsets: &self.link_offsets,
            link_key: &self.link_key,
            lane_module: &self.lane_module,
            lane_number: &self.lane_number,
            lane_group: &self.lane_group,
            lane_engine: &self.lane_engine,
        }
    }
}

/// Evaluate coherent lanes in draws of specimens: quantiles of margins, no draws: the worst specimens.
#[pyfunction]
#[pyo3(signature = (plant, modes, paths, spread, *, amplifier_control, nonlinear_model, format_correction, sop_rate_rad_per_s, seed, draws_count, quantile_ratio, frame_loss, task))]
#[allow(clippy::too_many_arguments)] // The tables, and keyword-only numbers.
fn draw_coherent<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    paths: &Bound<'py, PyDict>,
    spread: &Bound<'py, PyDict>,
    amplifier_control: &str,
    nonlinear_model: &str,
    format_correction: bool,
    sop_rate_rad_per_s: f64,
    seed: u64,
    draws_count: usize,
    quantile_ratio: PyReadonlyArray1<'py, f64>,
    frame_loss: bool,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let plant = OwnedPlant::read(plant)?;
    let m = CoherentModeColumns::read(&Columns::new("modes", modes))?;
    let p = CoherentPathColumns::read(&Columns::new("paths", paths))?;
    let s = SpreadColumns::read(&Columns::new("spread", spread))?;
    let quantile_ratio = quantile_ratio.as_array().to_vec();
    let options =
        coherent_options(py, false, amplifier_control, (nonlinear_model, format_correction), sop_rate_rad_per_s)?;
    let columns = compute(py, || {
        let request = DrawRequest { seed, draws_count, quantile_ratio: &quantile_ratio, frame_loss };
        coherent(&plant.view()?, &m.view()?, &p.view(), options, &s.view(), request, &task.inner)
    })?;
    quantiles_of(py, columns)
}

/// Evaluate direct-detect lanes in draws of specimens: quantiles of margins, no draws: the worst specimens.
#[pyfunction]
#[pyo3(signature = (plant, modes, lanes, spread, *, surrogates, seed, draws_count, quantile_ratio, frame_loss, task))]
#[allow(clippy::too_many_arguments)] // The tables, and keyword-only numbers.
fn draw_direct<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    lanes: &Bound<'py, PyDict>,
    spread: &Bound<'py, PyDict>,
    surrogates: Option<&EyeSurrogates>,
    seed: u64,
    draws_count: usize,
    quantile_ratio: PyReadonlyArray1<'py, f64>,
    frame_loss: bool,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let plant = OwnedPlant::read(plant)?;
    let m = DirectModeColumns::read(&Columns::new("modes", modes))?;
    let l = DirectLaneColumns::read(&Columns::new("lanes", lanes))?;
    let s = SpreadColumns::read(&Columns::new("spread", spread))?;
    let quantile_ratio = quantile_ratio.as_array().to_vec();
    let columns = compute(py, || {
        let request = DrawRequest { seed, draws_count, quantile_ratio: &quantile_ratio, frame_loss };
        direct(&plant.view()?, &m.view()?, &l.view(), eye_sources(surrogates), &s.view(), request, &task.inner)
    })?;
    quantiles_of(py, columns)
}

/// Evaluate coherent lanes in a range of draws: each link's worst margin, and what limits it, in each draw.
#[pyfunction]
#[pyo3(signature = (plant, modes, paths, spread, *, amplifier_control, nonlinear_model, format_correction, sop_rate_rad_per_s, seed, first_draw, draws_count, task))]
#[allow(clippy::too_many_arguments)] // The tables, and keyword-only numbers.
fn list_coherent_draws<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    paths: &Bound<'py, PyDict>,
    spread: &Bound<'py, PyDict>,
    amplifier_control: &str,
    nonlinear_model: &str,
    format_correction: bool,
    sop_rate_rad_per_s: f64,
    seed: u64,
    first_draw: u64,
    draws_count: usize,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let plant = OwnedPlant::read(plant)?;
    let m = CoherentModeColumns::read(&Columns::new("modes", modes))?;
    let p = CoherentPathColumns::read(&Columns::new("paths", paths))?;
    let s = SpreadColumns::read(&Columns::new("spread", spread))?;
    let options =
        coherent_options(py, false, amplifier_control, (nonlinear_model, format_correction), sop_rate_rad_per_s)?;
    let range = DrawRange { seed, first: first_draw, count: draws_count };
    let list =
        compute(py, || list_coherent(&plant.view()?, &m.view()?, &p.view(), options, &s.view(), range, &task.inner))?;
    list_of(py, list)
}

/// Evaluate direct-detect lanes in a range of draws: each link's worst margin, and what limits it, in each draw.
#[pyfunction]
#[pyo3(signature = (plant, modes, lanes, spread, *, surrogates, seed, first_draw, draws_count, task))]
#[allow(clippy::too_many_arguments)] // The tables, and keyword-only numbers.
fn list_direct_draws<'py>(
    py: Python<'py>,
    plant: &Bound<'py, PyDict>,
    modes: &Bound<'py, PyDict>,
    lanes: &Bound<'py, PyDict>,
    spread: &Bound<'py, PyDict>,
    surrogates: Option<&EyeSurrogates>,
    seed: u64,
    first_draw: u64,
    draws_count: usize,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let plant = OwnedPlant::read(plant)?;
    let m = DirectModeColumns::read(&Columns::new("modes", modes))?;
    let l = DirectLaneColumns::read(&Columns::new("lanes", lanes))?;
    let s = SpreadColumns::read(&Columns::new("spread", spread))?;
    let range = DrawRange { seed, first: first_draw, count: draws_count };
    let list = compute(py, || {
        list_direct(&plant.view()?, &m.view()?, &l.view(), eye_sources(surrogates), &s.view(), range, &task.inner)
    })?;
    list_of(py, list)
}

fn list_of(py: Python<'_>, list: DrawList) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("margin_db", PyArray1::from_vec(py, list.margin_db))?;
    out.set_item("limited_by", PyArray1::from_vec(py, list.limited_by))?;
    Ok(out)
}

fn quantiles_of(py: Python<'_>, columns: DrawColumns) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("lane_margin_db", PyArray1::from_vec(py, columns.lane_margin_db))?;
    out.set_item("lane_outage_ratio", PyArray1::from_vec(py, columns.lane_outage_ratio))?;
    out.set_item("link_margin_db", PyArray1::from_vec(py, columns.link_margin_db))?;
    out.set_item("link_outage_ratio", PyArray1::from_vec(py, columns.link_outage_ratio))?;
    out.set_item("link_frame_loss_ratio", PyArray1::from_vec(py, columns.link_frame_loss_ratio))?;
    Ok(out)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(draw_coherent, module)?)?;
    module.add_function(wrap_pyfunction!(draw_direct, module)?)?;
    module.add_function(wrap_pyfunction!(list_coherent_draws, module)?)?;
    module.add_function(wrap_pyfunction!(list_direct_draws, module)?)
}

//! Test patterns of PAM4 lanes.

use crate::border::compute;
use lightlane_core::signal::{self, Prbs};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

type Column<'py> = Bound<'py, PyArray1<u8>>;

/// Bits of a pseudo-random binary sequence.
#[pyfunction]
#[pyo3(signature = (order, count, *, state, inverted))]
fn prbs_bits(py: Python<'_>, order: u32, count: usize, state: u32, inverted: Option<bool>) -> PyResult<Column<'_>> {
    let bits = compute(py, || {
        let prbs = Prbs::new(order)?;
        inverted.map_or(prbs, |inverted| prbs.inverted(inverted)).bits(state, count)
    })?;
    Ok(PyArray1::from_vec(py, bits))
}

/// Levels of a quaternary pseudo-random pattern.
#[pyfunction]
#[pyo3(signature = (order, count, *, state))]
fn quaternary_prbs(py: Python<'_>, order: u32, count: usize, state: u32) -> PyResult<Column<'_>> {
    Ok(PyArray1::from_vec(py, compute(py, || signal::quaternary_prbs(order, state, count))?))
}

/// Levels of the short stress pattern.
#[pyfunction]
fn ssprq(py: Python<'_>) -> PyResult<Column<'_>> {
    Ok(PyArray1::from_vec(py, compute(py, signal::ssprq)?))
}

/// Levels of pairs of bits.
#[pyfunction]
fn gray_levels<'py>(py: Python<'py>, bits: PyReadonlyArray1<'py, u8>) -> PyResult<Column<'py>> {
    let bits = bits.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || signal::gray_levels(&bits))?))
}

/// Bits of levels.
#[pyfunction]
fn gray_bits<'py>(py: Python<'py>, levels: PyReadonlyArray1<'py, u8>) -> PyResult<Column<'py>> {
    let levels = levels.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || signal::gray_bits(&levels))?))
}

/// Levels after 1/(1+D) precoding.
#[pyfunction]
#[pyo3(signature = (levels, *, before))]
fn precode<'py>(py: Python<'py>, levels: PyReadonlyArray1<'py, u8>, before: u8) -> PyResult<Column<'py>> {
    let levels = levels.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || signal::precode(&levels, before))?))
}

/// Levels before 1/(1+D) precoding.
#[pyfunction]
#[pyo3(signature = (levels, *, before))]
fn undo_precoding<'py>(py: Python<'py>, levels: PyReadonlyArray1<'py, u8>, before: u8) -> PyResult<Column<'py>> {
    let levels = levels.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || signal::undo_precoding(&levels, before))?))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(prbs_bits, module)?)?;
    module.add_function(wrap_pyfunction!(quaternary_prbs, module)?)?;
    module.add_function(wrap_pyfunction!(ssprq, module)?)?;
    module.add_function(wrap_pyfunction!(gray_levels, module)?)?;
    module.add_function(wrap_pyfunction!(gray_bits, module)?)?;
    module.add_function(wrap_pyfunction!(precode, module)?)?;
    module.add_function(wrap_pyfunction!(undo_precoding, module)?)
}

//! Sampled fields across the border: arrays of (polarization, sample).

use crate::border::{compute, to_python};
use lightlane_core::dsp::{Field, Recovered};
use lightlane_core::{Error, Result};
use numpy::ndarray::Array2;
use numpy::{Complex64, PyArray1, PyArray2, PyReadonlyArray2, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

/// A field as Python hands it over.
pub type FieldIn<'py> = PyReadonlyArray2<'py, Complex64>;
/// A field as Python gets it back.
pub type FieldOut<'py> = Bound<'py, PyArray2<Complex64>>;
/// Symbols and the phase that was taken off them.
pub type RecoveredOut<'py> = (FieldOut<'py>, Bound<'py, PyArray2<f64>>);

/// The two polarizations of an array.
pub fn polarizations<'a>(py: Python<'_>, name: &str, field: &'a FieldIn<'_>) -> PyResult<[&'a [Complex64]; 2]> {
    let refuse =
        |found: String| to_python(py, &Error::parameter(name, found, "a contiguous array of two polarizations"));
    let shape = field.shape();
    if shape[0] != 2 {
        return Err(refuse(format!("an array of {} polarizations", shape[0])));
    }
    let flat = field.as_slice().map_err(|_| refuse("an array with gaps".into()))?;
    let (x, y) = flat.split_at(shape[1]);
    Ok([x, y])
}

fn to_array<T: numpy::Element>(py: Python<'_>, [x, y]: [Vec<T>; 2]) -> PyResult<Bound<'_, PyArray2<T>>> {
    let shape = (2, x.len());
    let mut flat = x;
    flat.extend(y);
    let array = Array2::from_shape_vec(shape, flat)
        .map_err(|error| to_python(py, &Error::Model(format!("polarizations of different length: {error}"))))?;
    Ok(PyArray2::from_owned_array(py, array))
}

/// Runs a block on a field.
pub fn run_block<'py>(
    py: Python<'py>,
    field: &FieldIn<'_>,
    block: impl FnOnce([&[Complex64]; 2]) -> Result<Field> + Send,
) -> PyResult<FieldOut<'py>> {
    let field = polarizations(py, "field", field)?;
    let out = compute(py, || block(field))?;
    to_array(py, out)
}

/// Runs a block that writes into an array that is there; gives what the block says of it.
pub fn fill_block(
    py: Python<'_>,
    field: &FieldIn<'_>,
    out: &mut PyReadwriteArray2<'_, Complex64>,
    block: impl FnOnce([&[Complex64]; 2], [&mut [Complex64]; 2]) -> Result<usize> + Send,
) -> PyResult<usize> {
    let field = polarizations(py, "field", field)?;
    let refuse = |found: String| to_python(py, &Error::parameter("out", found, "a contiguous array of two rows"));
    let (rows, length) = (out.shape()[0], out.shape()[1]);
    if rows != 2 {
        return Err(refuse(format!("an array of {rows} rows")));
    }
    let flat = out.as_slice_mut().map_err(|_| refuse("an array with gaps".into()))?;
    let (x, y) = flat.split_at_mut(length);
    compute(py, || block(field, [x, y]))
}

/// Runs a block that needs no field.
pub fn run_end(py: Python<'_>, block: impl FnOnce() -> Field + Send) -> PyResult<FieldOut<'_>> {
    let out = compute(py, || Ok(block()))?;
    to_array(py, out)
}

/// Runs a phase recovery on symbols.
pub fn run_recovery<'py>(
    py: Python<'py>,
    symbols: &FieldIn<'_>,
    block: impl FnOnce([&[Complex64]; 2]) -> Result<Recovered> + Send,
) -> PyResult<RecoveredOut<'py>> {
    let symbols = polarizations(py, "symbols", symbols)?;
    let out = compute(py, || block(symbols))?;
    Ok((to_array(py, out.symbols)?, to_array(py, out.phase_rad)?))
}

/// Ends a phase recovery.
pub fn end_recovery(py: Python<'_>, block: impl FnOnce() -> Recovered + Send) -> PyResult<RecoveredOut<'_>> {
    let out = compute(py, || Ok(block()))?;
    Ok((to_array(py, out.symbols)?, to_array(py, out.phase_rad)?))
}

/// A column of numbers.
pub fn column(py: Python<'_>, values: Vec<f64>) -> Bound<'_, PyArray1<f64>> {
    PyArray1::from_vec(py, values)
}

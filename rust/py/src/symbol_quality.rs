//! Received symbols against what was sent.

use crate::border::compute;
use crate::metrics::modulation as format_of;
use lightlane_core::metrics;
use numpy::{Complex64, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Quality of the symbols of one polarization.
#[pyfunction]
#[pyo3(signature = (received, sent, *, modulation, inner_amplitude_ratio=None))]
fn measure_symbols<'py>(
    py: Python<'py>,
    received: PyReadonlyArray1<'py, Complex64>,
    sent: PyReadonlyArray1<'py, Complex64>,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let (received, sent) = (received.as_array().to_vec(), sent.as_array().to_vec());
    let quality =
        compute(py, || metrics::measure_symbols(&received, &sent, format_of(modulation, inner_amplitude_ratio)?))?;
    let out = PyDict::new(py);
    out.set_item("snr_ratio", quality.snr_ratio)?;
    out.set_item("evm_ratio", quality.evm_ratio)?;
    out.set_item("gain", pyo3::types::PyComplex::from_doubles(py, quality.gain.re, quality.gain.im))?;
    out.set_item("bit_errors_count", quality.bit_errors_count)?;
    out.set_item("bits_count", quality.bits_count)?;
    out.set_item("gmi_bits", quality.gmi_bits)?;
    out.set_item("ngmi_ratio", quality.ngmi_ratio)?;
    Ok(out)
}

/// Interval that holds the true ratio of errors.
#[pyfunction]
fn error_ratio_interval(
    py: Python<'_>,
    errors_count: usize,
    trials_count: usize,
    deviations_count: f64,
) -> PyResult<(f64, f64)> {
    compute(py, || metrics::error_ratio_interval(errors_count, trials_count, deviations_count))
}

/// Delays, order of polarizations and correlations of received symbols in a periodic sent sequence.
#[pyfunction]
fn align_symbols<'py>(
    py: Python<'py>,
    received_x: PyReadonlyArray1<'py, Complex64>,
    received_y: PyReadonlyArray1<'py, Complex64>,
    sent_x: PyReadonlyArray1<'py, Complex64>,
    sent_y: PyReadonlyArray1<'py, Complex64>,
) -> PyResult<([usize; 2], [usize; 2], [f64; 2])> {
    let columns = [received_x, received_y, sent_x, sent_y].map(|column| column.as_array().to_vec());
    let found = compute(py, || metrics::align_symbols([&columns[0], &columns[1]], [&columns[2], &columns[3]]))?;
    Ok((found.delays, found.polarizations, found.correlation_ratio))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(measure_symbols, module)?)?;
    module.add_function(wrap_pyfunction!(error_ratio_interval, module)?)?;
    module.add_function(wrap_pyfunction!(align_symbols, module)?)
}

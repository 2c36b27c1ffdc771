//! Error ratios of modulation formats.

use crate::border::{compute, map_array, to_python};
use lightlane_core::metrics::{self, Modulation};
use lightlane_core::{Error, Result};
use numpy::{PyArrayDyn, PyReadonlyArrayDyn};
use pyo3::prelude::*;

pub(crate) fn modulation(name: &str, inner_amplitude_ratio: Option<f64>) -> Result<Modulation> {
    let format = match name {
        "qpsk" => Modulation::Qpsk,
        "8qam" => Modulation::EightQam,
        "16qam" => Modulation::SixteenQam,
        "pcs16qam" => Modulation::ShapedSixteenQam { inner_amplitude_ratio: inner_amplitude_ratio.unwrap_or(f64::NAN) },
        other => return Err(Error::parameter("modulation", other, "qpsk, 8qam, 16qam or pcs16qam")),
    };
    format.validate()?;
    Ok(format)
}

/// Bit error ratio of a dual-polarization format over Es/N0.
#[pyfunction]
#[pyo3(signature = (snr_ratio, *, modulation, inner_amplitude_ratio=None))]
fn bit_error_ratio<'py>(
    py: Python<'py>,
    snr_ratio: PyReadonlyArrayDyn<'py, f64>,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let format = self::modulation(modulation, inner_amplitude_ratio).map_err(|error| to_python(py, &error))?;
    map_array(py, &snr_ratio, |snr| Ok(format.bit_error_ratio(snr)))
}

/// Es/N0 at which a dual-polarization format has a bit error ratio.
#[pyfunction]
#[pyo3(signature = (ber, *, modulation, inner_amplitude_ratio=None))]
fn snr_for_ber(py: Python<'_>, ber: f64, modulation: &str, inner_amplitude_ratio: Option<f64>) -> PyResult<f64> {
    compute(py, || metrics::snr_for_ber(self::modulation(modulation, inner_amplitude_ratio)?, ber))
}

/// Mutual information (bits per symbol of one polarization) over Es/N0.
#[pyfunction]
#[pyo3(signature = (snr_ratio, *, modulation, inner_amplitude_ratio=None))]
fn mutual_information_bits<'py>(
    py: Python<'py>,
    snr_ratio: PyReadonlyArrayDyn<'py, f64>,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let format = self::modulation(modulation, inner_amplitude_ratio).map_err(|error| to_python(py, &error))?;
    map_array(py, &snr_ratio, |snr| Ok(format.mutual_information_bits(snr)))
}

/// Generalized mutual information (bits per symbol of one polarization) over Es/N0.
#[pyfunction]
#[pyo3(signature = (snr_ratio, *, modulation, inner_amplitude_ratio=None))]
fn generalized_mutual_information_bits<'py>(
    py: Python<'py>,
    snr_ratio: PyReadonlyArrayDyn<'py, f64>,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let format = self::modulation(modulation, inner_amplitude_ratio).map_err(|error| to_python(py, &error))?;
    map_array(py, &snr_ratio, |snr| Ok(format.generalized_mutual_information_bits(snr)))
}

/// Normalized generalized mutual information over Es/N0.
#[pyfunction]
#[pyo3(signature = (snr_ratio, *, modulation, inner_amplitude_ratio=None))]
fn normalized_information_ratio<'py>(
    py: Python<'py>,
    snr_ratio: PyReadonlyArrayDyn<'py, f64>,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let format = self::modulation(modulation, inner_amplitude_ratio).map_err(|error| to_python(py, &error))?;
    map_array(py, &snr_ratio, |snr| Ok(format.normalized_information_ratio(snr)))
}

/// Es/N0 at which a format has a normalized generalized mutual information.
#[pyfunction]
#[pyo3(signature = (ngmi_ratio, *, modulation, inner_amplitude_ratio=None))]
fn snr_for_normalized_information(
    py: Python<'_>,
    ngmi_ratio: f64,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<f64> {
    compute(py, || {
        metrics::snr_for_normalized_information(self::modulation(modulation, inner_amplitude_ratio)?, ngmi_ratio)
    })
}

/// Excess kurtosis of the symbols of one polarization.
#[pyfunction]
#[pyo3(signature = (*, modulation, inner_amplitude_ratio=None))]
fn excess_kurtosis_ratio(py: Python<'_>, modulation: &str, inner_amplitude_ratio: Option<f64>) -> PyResult<f64> {
    compute(py, || Ok(self::modulation(modulation, inner_amplitude_ratio)?.excess_kurtosis_ratio()))
}

/// Q factor (dB) of a bit error ratio.
#[pyfunction]
fn q_factor_db<'py>(py: Python<'py>, ber: PyReadonlyArrayDyn<'py, f64>) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &ber, |ber| Ok(metrics::q_factor_db(ber)))
}

/// Q at which PAM4 with equal noise reaches a symbol error ratio.
#[pyfunction]
fn pam4_target_q(py: Python<'_>, symbol_error_ratio: f64) -> PyResult<f64> {
    compute(py, || metrics::pam4_target_q(symbol_error_ratio))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(bit_error_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(snr_for_ber, module)?)?;
    module.add_function(wrap_pyfunction!(mutual_information_bits, module)?)?;
    module.add_function(wrap_pyfunction!(generalized_mutual_information_bits, module)?)?;
    module.add_function(wrap_pyfunction!(normalized_information_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(snr_for_normalized_information, module)?)?;
    module.add_function(wrap_pyfunction!(excess_kurtosis_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(q_factor_db, module)?)?;
    module.add_function(wrap_pyfunction!(pam4_target_q, module)?)
}

//! FEC formulas.

use crate::border::map_array;
use lightlane_core::fec;
use numpy::{PyArrayDyn, PyReadonlyArrayDyn};
use pyo3::prelude::*;

/// Codeword error ratio of KP4 at a pre-FEC bit error ratio.
#[pyfunction]
fn kp4_codeword_error_ratio<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &pre_fec_ber, |ber| Ok(fec::kp4_from_bit_errors(ber).codeword_error_ratio))
}

/// Bit error ratio after KP4 at a pre-FEC bit error ratio.
#[pyfunction]
fn kp4_post_fec_ber<'py>(
    py: Python<'py>,
    pre_fec_ber: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &pre_fec_ber, |ber| Ok(fec::kp4_from_bit_errors(ber).post_fec_ber))
}

/// Loss ratio of 64-octet frames behind KP4.
#[pyfunction]
#[pyo3(signature = (codeword_error_ratio, *, interleaved_codewords_count))]
fn kp4_frame_loss_ratio<'py>(
    py: Python<'py>,
    codeword_error_ratio: PyReadonlyArrayDyn<'py, f64>,
    interleaved_codewords_count: u32,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &codeword_error_ratio, |ratio| Ok(fec::frame_loss_ratio(ratio, interleaved_codewords_count)))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(kp4_codeword_error_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(kp4_post_fec_ber, module)?)?;
    module.add_function(wrap_pyfunction!(kp4_frame_loss_ratio, module)?)
}

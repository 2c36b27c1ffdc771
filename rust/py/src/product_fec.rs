//! oFEC, the staircase code and CFEC.

use crate::border::compute;
use crate::fec_counts::{channel_kind, counted};
use crate::task::Task;
use lightlane_core::fec::product::{self, Decoded, OfecSchedule, SoftPass, StaircaseSchedule};
use lightlane_core::fec::{Channel, Reliability};
use lightlane_core::{Error, Result};
use numpy::ndarray::Array2;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

type Bits<'py> = Bound<'py, PyArray1<u8>>;
/// Information, changed bits and flagged words of each stream.
type Streams<'py> = (Bound<'py, PyArray2<u8>>, Vec<u64>, Vec<u64>);

/// Rows of a table, each through a function.
fn each_row<T: Copy + Sync, U: Send>(rows: &Array2<T>, function: impl Fn(&[T]) -> Result<U> + Sync) -> Result<Vec<U>> {
    let flat: Vec<T> = rows.iter().copied().collect();
    product::each_stream(&flat, rows.ncols(), function)
}

fn table(rows: Vec<Vec<u8>>) -> Result<Array2<u8>> {
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    Array2::from_shape_vec(shape, rows.concat())
        .map_err(|error| Error::Model(format!("rows of unequal length: {error}")))
}

fn streams(py: Python<'_>, decoded: Vec<Decoded>) -> PyResult<Streams<'_>> {
    let changed = decoded.iter().map(|stream| stream.changed_bits_count).collect();
    let flagged = decoded.iter().map(|stream| stream.flagged_words_count).collect();
    let bits = compute(py, || table(decoded.into_iter().map(|stream| stream.information).collect()))?;
    Ok((PyArray2::from_owned_array(py, bits), changed, flagged))
}

/// Soft passes as rows of test places, scale and confidence.
fn ofec_schedule(soft: &[(u32, f64, f64)], hard_passes_count: u32) -> OfecSchedule {
    let pass = |&(test_places_count, scale_ratio, confidence_log_ratio)| SoftPass {
        test_places_count,
        scale_ratio,
        confidence_log_ratio,
    };
    OfecSchedule { soft: soft.iter().map(pass).collect(), hard_passes_count }
}

/// Line bits of information bits.
type Encoder = fn(&[u8]) -> Result<Vec<u8>>;

fn encoder(code: &str) -> Result<Encoder> {
    match code {
        "ofec" => Ok(product::encode_ofec),
        "scfec" => Ok(product::encode_staircase),
        "cfec" => Ok(product::encode_cfec),
        other => Err(Error::parameter("code", other, "ofec, scfec or cfec")),
    }
}

/// Line bits of streams of information, a row each.
#[pyfunction]
#[pyo3(signature = (information, *, code))]
fn encode_product<'py>(
    py: Python<'py>,
    information: PyReadonlyArray2<'py, u8>,
    code: &str,
) -> PyResult<Bound<'py, PyArray2<u8>>> {
    let information = information.as_array().to_owned();
    let line = compute(py, || table(each_row(&information, encoder(code)?)?))?;
    Ok(PyArray2::from_owned_array(py, line))
}

/// Information of streams of oFEC from log-likelihood ratios, a row each.
#[pyfunction]
#[pyo3(signature = (log_ratio, *, soft, hard_passes_count, task))]
fn decode_ofec<'py>(
    py: Python<'py>,
    log_ratio: PyReadonlyArray2<'py, f32>,
    soft: Vec<(u32, f64, f64)>,
    hard_passes_count: u32,
    task: PyRef<'py, Task>,
) -> PyResult<Streams<'py>> {
    let llr = log_ratio.as_array().to_owned();
    let schedule = ofec_schedule(&soft, hard_passes_count);
    let task = task.inner.clone();
    let decoded = compute(py, || each_row(&llr, |row| product::decode_ofec(row, &schedule, &task)))?;
    streams(py, decoded)
}

/// Information of streams of oFEC from hard decisions, a row each.
#[pyfunction]
#[pyo3(signature = (bits, *, hard_passes_count, task))]
fn decode_ofec_hard<'py>(
    py: Python<'py>,
    bits: PyReadonlyArray2<'py, u8>,
    hard_passes_count: u32,
    task: PyRef<'py, Task>,
) -> PyResult<Streams<'py>> {
    let bits = bits.as_array().to_owned();
    let task = task.inner.clone();
    let decoded = compute(py, || each_row(&bits, |row| product::decode_ofec_hard(row, hard_passes_count, &task)))?;
    streams(py, decoded)
}

/// Information of streams of the staircase code from hard decisions, a row each.
#[pyfunction]
#[pyo3(signature = (bits, *, window_blocks_count, passes_count, task))]
fn decode_staircase<'py>(
    py: Python<'py>,
    bits: PyReadonlyArray2<'py, u8>,
    window_blocks_count: u32,
    passes_count: u32,
    task: PyRef<'py, Task>,
) -> PyResult<Streams<'py>> {
    let bits = bits.as_array().to_owned();
    let task = task.inner.clone();
    let schedule = StaircaseSchedule { window_blocks_count, passes_count };
    let decoded = compute(py, || each_row(&bits, |row| product::decode_staircase(row, schedule, &task)))?;
    streams(py, decoded)
}

/// Information of streams of CFEC from log-likelihood ratios, a row each.
#[pyfunction]
#[pyo3(signature = (log_ratio, *, window_blocks_count, passes_count, task))]
fn decode_cfec<'py>(
    py: Python<'py>,
    log_ratio: PyReadonlyArray2<'py, f32>,
    window_blocks_count: u32,
    passes_count: u32,
    task: PyRef<'py, Task>,
) -> PyResult<Streams<'py>> {
    let llr = log_ratio.as_array().to_owned();
    let task = task.inner.clone();
    let schedule = StaircaseSchedule { window_blocks_count, passes_count };
    let decoded = compute(py, || each_row(&llr, |row| product::decode_cfec(row, schedule, &task)))?;
    streams(py, decoded)
}

/// Outputs of the four encoders of oFEC in the order of the line, or back.
#[pyfunction]
#[pyo3(signature = (bits, *, symbol_bits_count, back))]
fn interleave_ofec_bits<'py>(
    py: Python<'py>,
    bits: PyReadonlyArray1<'py, u8>,
    symbol_bits_count: usize,
    back: bool,
) -> PyResult<Bits<'py>> {
    let bits = bits.as_array().to_vec();
    let turned = if back { product::deinterleave_ofec } else { product::interleave_ofec };
    Ok(PyArray1::from_vec(py, compute(py, || turned(&bits, symbol_bits_count))?))
}

/// Log-likelihood ratios of the line in the order of the four encoders of oFEC.
#[pyfunction]
#[pyo3(signature = (log_ratio, *, symbol_bits_count))]
fn deinterleave_ofec_llr<'py>(
    py: Python<'py>,
    log_ratio: PyReadonlyArray1<'py, f32>,
    symbol_bits_count: usize,
) -> PyResult<Bound<'py, PyArray1<f32>>> {
    let llr = log_ratio.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || product::deinterleave_ofec(&llr, symbol_bits_count))?))
}

/// The channel by its name.
fn channel(kind: &str, pre_fec_ber: f64) -> Result<Channel> {
    Channel::new(channel_kind(kind)?, Reliability::MaxLog, pre_fec_ber)
}

/// Counts of frames of oFEC.
#[pyfunction]
#[pyo3(signature = (*, channel, pre_fec_ber, first_frame, frames, seed, soft, hard_passes_count, task))]
fn count_ofec<'py>(
    py: Python<'py>,
    channel: &str,
    pre_fec_ber: f64,
    first_frame: u64,
    frames: u64,
    seed: u64,
    soft: Vec<(u32, f64, f64)>,
    hard_passes_count: u32,
    task: PyRef<'py, Task>,
) -> PyResult<Bound<'py, PyDict>> {
    let schedule = ofec_schedule(&soft, hard_passes_count);
    let task = task.inner.clone();
    let range = first_frame..first_frame.saturating_add(frames);
    let counts =
        compute(py, || product::count_ofec(&self::channel(channel, pre_fec_ber)?, range, seed, &schedule, &task))?;
    counted(py, &counts)
}

/// Counts of frames of the staircase code, alone or in CFEC.
#[pyfunction]
#[pyo3(signature = (*, code, channel, pre_fec_ber, first_frame, frames, seed, window_blocks_count, passes_count, task))]
fn count_staircase<'py>(
    py: Python<'py>,
    code: &str,
    channel: &str,
    pre_fec_ber: f64,
    first_frame: u64,
    frames: u64,
    seed: u64,
    window_blocks_count: u32,
    passes_count: u32,
    task: PyRef<'py, Task>,
) -> PyResult<Bound<'py, PyDict>> {
    let schedule = StaircaseSchedule { window_blocks_count, passes_count };
    let task = task.inner.clone();
    let range = first_frame..first_frame.saturating_add(frames);
    let counts = compute(py, || {
        let channel = self::channel(channel, pre_fec_ber)?;
        match code {
            "scfec" => product::count_staircase(&channel, range, seed, schedule, &task),
            "cfec" => product::count_cfec(&channel, range, seed, schedule, &task),
            other => Err(Error::parameter("code", other, "scfec or cfec")),
        }
    })?;
    counted(py, &counts)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(encode_product, module)?)?;
    module.add_function(wrap_pyfunction!(decode_ofec, module)?)?;
    module.add_function(wrap_pyfunction!(decode_ofec_hard, module)?)?;
    module.add_function(wrap_pyfunction!(decode_staircase, module)?)?;
    module.add_function(wrap_pyfunction!(decode_cfec, module)?)?;
    module.add_function(wrap_pyfunction!(interleave_ofec_bits, module)?)?;
    module.add_function(wrap_pyfunction!(deinterleave_ofec_llr, module)?)?;
    module.add_function(wrap_pyfunction!(count_ofec, module)?)?;
    module.add_function(wrap_pyfunction!(count_staircase, module)?)
}

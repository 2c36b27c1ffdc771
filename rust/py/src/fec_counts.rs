//! Monte Carlo counts of the codes, and the channels that they are counted on.

use crate::border::compute;
use crate::task::Task;
use lightlane_core::fec::{self, Channel, ChannelKind, CountedRatio, Counts, Reliability};
use lightlane_core::rng::RandomSource;
use lightlane_core::{Error, Result};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Name, description, ratio of its map, threshold and frames of a step of every code that can be counted.
#[pyfunction]
fn counted_codes() -> Vec<(&'static str, &'static str, &'static str, f64, u64)> {
    let ratio = |ratio| match ratio {
        CountedRatio::PostFecBer => "post_fec_ber",
        CountedRatio::OuterSymbolErrorRatio => "kp4_symbol_error_ratio",
    };
    let entry = |code: &fec::CountedCode| {
        (code.name, code.description, ratio(code.ratio), code.threshold_ber, code.step_frames)
    };
    fec::COUNTED_CODES.iter().map(entry).collect()
}

/// Counts of frames of a code.
#[pyfunction]
#[pyo3(signature = (code, *, pre_fec_ber, first_frame, frames_count, seed, task))]
fn count_code<'py>(
    py: Python<'py>,
    code: &str,
    pre_fec_ber: f64,
    first_frame: u64,
    frames_count: u64,
    seed: u64,
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let counts = compute(py, || {
        let end = first_frame.checked_add(frames_count);
        let end = end.ok_or_else(|| Error::parameter("frames_count", frames_count, "a last frame below 2^64"))?;
        fec::count_code(code, pre_fec_ber, first_frame..end, seed, &task.inner)
    })?;
    counted(py, &counts)
}

/// Counts as a dictionary.
pub fn counted<'py>(py: Python<'py>, counts: &Counts) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("frames_count", counts.frames)?;
    out.set_item("frame_errors_count", counts.frame_errors)?;
    out.set_item("line_bits_count", counts.line_bits)?;
    out.set_item("bit_errors_before_count", counts.bit_errors_before)?;
    out.set_item("bits_count", counts.bits)?;
    out.set_item("bit_errors_after_count", counts.bit_errors_after)?;
    out.set_item("symbols_count", counts.symbols)?;
    out.set_item("symbol_errors_count", counts.symbol_errors)?;
    out.set_item("miscorrections_count", counts.miscorrections)?;
    out.set_item("inner_bits_count", counts.inner_bits)?;
    out.set_item("inner_bit_errors_count", counts.inner_bit_errors)?;
    Ok(out)
}

/// The channel of a name.
pub fn channel_kind(name: &str) -> Result<ChannelKind> {
    match name {
        "bpsk" => Ok(ChannelKind::Bpsk),
        "pam4" => Ok(ChannelKind::Pam4),
        "binary_symmetric" => Ok(ChannelKind::BinarySymmetric),
        other => Err(Error::parameter("channel", other, "bpsk, pam4 or binary_symmetric")),
    }
}

/// Log-likelihood ratios of bits received over a channel.
#[pyfunction]
#[pyo3(signature = (bits, *, channel, pre_fec_ber, exact, seed, stream))]
fn receive_bits<'py>(
    py: Python<'py>,
    bits: PyReadonlyArray1<'py, u8>,
    channel: &str,
    pre_fec_ber: f64,
    exact: bool,
    seed: u64,
    stream: u64,
) -> PyResult<Bound<'py, PyArray1<f32>>> {
    /// Purpose of the noise among the numbers of a source.
    const NOISE_PURPOSE: u32 = 0x4c4c_5221;
    let bits = bits.as_array().to_vec();
    let llrs = compute(py, || {
        if let Some(wrong) = bits.iter().find(|&&bit| bit > 1) {
            return Err(Error::parameter("bits", wrong, "bits 0 and 1"));
        }
        let reliability = if exact { Reliability::Exact } else { Reliability::MaxLog };
        let channel = Channel::new(channel_kind(channel)?, reliability, pre_fec_ber)?;
        let mut llrs = vec![0.0; bits.len()];
        channel.receive(&RandomSource::new(seed, stream, 0), NOISE_PURPOSE, &bits, &mut llrs);
        Ok(llrs)
    })?;
    Ok(PyArray1::from_vec(py, llrs))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(counted_codes, module)?)?;
    module.add_function(wrap_pyfunction!(count_code, module)?)?;
    module.add_function(wrap_pyfunction!(receive_bits, module)?)
}

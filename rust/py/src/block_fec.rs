//! Encoders and decoders of KP4 and of the inner codes before it.

use crate::border::compute;
use lightlane_core::fec::{self, DecodedWords, InnerCode};
use lightlane_core::{Error, Result};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

type Bytes<'py> = Bound<'py, PyArray1<u8>>;
type Symbols<'py> = Bound<'py, PyArray1<u16>>;
type Flags<'py> = Bound<'py, PyArray1<bool>>;

fn inner_code(name: &str) -> Result<InnerCode> {
    match name {
        "hamming-128-120" => Ok(InnerCode::Hamming128),
        "bch-126-110" => Ok(InnerCode::Bch126),
        other => Err(Error::parameter("code", other, "hamming-128-120 or bch-126-110")),
    }
}

/// Codewords of messages of 514 symbols.
#[pyfunction]
fn encode_kp4<'py>(py: Python<'py>, message: PyReadonlyArray1<'py, u16>) -> PyResult<Symbols<'py>> {
    let message = message.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || fec::encode_kp4(&message))?))
}

/// Corrected words, changed symbols, changed bits and whether decoding failed.
#[pyfunction]
fn decode_kp4<'py>(
    py: Python<'py>,
    received: PyReadonlyArray1<'py, u16>,
    erased: Option<PyReadonlyArray1<'py, bool>>,
) -> PyResult<(Symbols<'py>, Symbols<'py>, Symbols<'py>, Flags<'py>)> {
    let mut words = received.as_array().to_vec();
    let erased: Option<Vec<bool>> = erased.map(|flags| flags.as_array().to_vec());
    let decoded = compute(py, || {
        let places: Vec<Vec<u16>> = erased.as_deref().map_or_else(Vec::new, |flags| {
            let of =
                |word: &[bool]| word.iter().enumerate().filter(|(_, flag)| **flag).map(|(k, _)| k as u16).collect();
            flags.chunks(fec::KP4_SYMBOLS as usize).map(of).collect()
        });
        fec::decode_kp4(&mut words, &places)
    })?;
    Ok((
        PyArray1::from_vec(py, words),
        PyArray1::from_iter(py, decoded.iter().map(|word| word.corrected_symbols)),
        PyArray1::from_iter(py, decoded.iter().map(|word| word.corrected_bits)),
        PyArray1::from_iter(py, decoded.iter().map(|word| word.failed)),
    ))
}

/// Symbols on the line, row after row of all lanes.
#[pyfunction]
#[pyo3(signature = (codewords, *, codewords_count, lanes_count))]
fn distribute_kp4<'py>(
    py: Python<'py>,
    codewords: PyReadonlyArray1<'py, u16>,
    codewords_count: usize,
    lanes_count: usize,
) -> PyResult<Symbols<'py>> {
    let symbols = codewords.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || fec::distribute_symbols(&symbols, codewords_count, lanes_count))?))
}

/// Codewords of symbols on the line.
#[pyfunction]
#[pyo3(signature = (line, *, codewords_count, lanes_count))]
fn collect_kp4<'py>(
    py: Python<'py>,
    line: PyReadonlyArray1<'py, u16>,
    codewords_count: usize,
    lanes_count: usize,
) -> PyResult<Symbols<'py>> {
    let symbols = line.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || fec::collect_symbols(&symbols, codewords_count, lanes_count))?))
}

/// Bits of one word and information bits among them.
#[pyfunction]
fn inner_code_bits(py: Python<'_>, code: &str) -> PyResult<(usize, usize)> {
    compute(py, || inner_code(code).map(|inner| (inner.code().bits(), inner.code().information_bits())))
}

/// Codewords of information bits.
#[pyfunction]
fn encode_inner<'py>(py: Python<'py>, code: &str, information: PyReadonlyArray1<'py, u8>) -> PyResult<Bytes<'py>> {
    let bits = information.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || fec::encode_words(inner_code(code)?.code(), &bits))?))
}

fn hand_over(py: Python<'_>, decoded: DecodedWords) -> (Bytes<'_>, Bytes<'_>, Flags<'_>) {
    (
        PyArray1::from_vec(py, decoded.information),
        PyArray1::from_vec(py, decoded.corrected_bits),
        PyArray1::from_vec(py, decoded.failed),
    )
}

/// Information, changed bits and whether decoding failed, from hard decisions.
#[pyfunction]
fn decode_inner_hard<'py>(
    py: Python<'py>,
    code: &str,
    bits: PyReadonlyArray1<'py, u8>,
) -> PyResult<(Bytes<'py>, Bytes<'py>, Flags<'py>)> {
    let bits = bits.as_array().to_vec();
    Ok(hand_over(py, compute(py, || fec::decode_words_hard(inner_code(code)?.code(), &bits))?))
}

/// Information, changed bits and whether decoding failed, from log-likelihood ratios.
#[pyfunction]
#[pyo3(signature = (code, log_likelihood_ratio, *, test_bits_count))]
fn decode_inner_soft<'py>(
    py: Python<'py>,
    code: &str,
    log_likelihood_ratio: PyReadonlyArray1<'py, f32>,
    test_bits_count: usize,
) -> PyResult<(Bytes<'py>, Bytes<'py>, Flags<'py>)> {
    let log_likelihood_ratio = log_likelihood_ratio.as_array().to_vec();
    Ok(hand_over(
        py,
        compute(py, || fec::decode_words_soft(inner_code(code)?.code(), &log_likelihood_ratio, test_bits_count))?,
    ))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(encode_kp4, module)?)?;
    module.add_function(wrap_pyfunction!(decode_kp4, module)?)?;
    module.add_function(wrap_pyfunction!(distribute_kp4, module)?)?;
    module.add_function(wrap_pyfunction!(collect_kp4, module)?)?;
    module.add_function(wrap_pyfunction!(inner_code_bits, module)?)?;
    module.add_function(wrap_pyfunction!(encode_inner, module)?)?;
    module.add_function(wrap_pyfunction!(decode_inner_hard, module)?)?;
    module.add_function(wrap_pyfunction!(decode_inner_soft, module)?)
}

//! Bits, symbols, frames and pulses of coherent signals.

use crate::border::compute;
use crate::metrics::modulation as format_of;
use lightlane_core::rng::RandomSource;
use lightlane_core::signal::{AmplitudeShaper, FramePlan, ShapingRate, SymbolMap, SymbolRole};
use lightlane_core::{Error, signal};
use numpy::{Complex64, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

type ComplexColumn<'py> = Bound<'py, PyArray1<Complex64>>;
type Bits<'py> = Bound<'py, PyArray1<u8>>;

/// Random bits: bit k depends on the seed, the stream and k alone.
#[pyfunction]
#[pyo3(signature = (count, *, seed, stream, purpose))]
fn random_bits(py: Python<'_>, count: usize, seed: u64, stream: u64, purpose: u32) -> PyResult<Bits<'_>> {
    let bits = compute(py, || Ok(signal::random_bits(&RandomSource::new(seed, stream, 0), purpose, count)))?;
    Ok(PyArray1::from_vec(py, bits))
}

/// Symbols of mean energy 1 that carry bits.
#[pyfunction]
#[pyo3(signature = (bits, *, modulation, inner_amplitude_ratio=None))]
fn map_bits<'py>(
    py: Python<'py>,
    bits: PyReadonlyArray1<'py, u8>,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<ComplexColumn<'py>> {
    let bits = bits.as_array().to_vec();
    let symbols = compute(py, || SymbolMap::new(format_of(modulation, inner_amplitude_ratio)?)?.map(&bits))?;
    Ok(PyArray1::from_vec(py, symbols))
}

/// Bits of the likeliest symbols.
#[pyfunction]
#[pyo3(signature = (symbols, *, modulation, noise_variance_ratio, inner_amplitude_ratio=None))]
fn decide_bits<'py>(
    py: Python<'py>,
    symbols: PyReadonlyArray1<'py, Complex64>,
    modulation: &str,
    noise_variance_ratio: f64,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<Bits<'py>> {
    let symbols = symbols.as_array().to_vec();
    let bits = compute(py, || {
        let map = SymbolMap::new(format_of(modulation, inner_amplitude_ratio)?)?;
        Ok(map.bits_of(&map.decide(&symbols, noise_variance_ratio)?))
    })?;
    Ok(PyArray1::from_vec(py, bits))
}

/// Log-likelihood ratios ln P(0)/P(1) of all bits.
#[pyfunction]
#[pyo3(signature = (symbols, *, modulation, noise_variance_ratio, inner_amplitude_ratio=None))]
fn bit_log_likelihood_ratios<'py>(
    py: Python<'py>,
    symbols: PyReadonlyArray1<'py, Complex64>,
    modulation: &str,
    noise_variance_ratio: f64,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let symbols = symbols.as_array().to_vec();
    let ratios = compute(py, || {
        SymbolMap::new(format_of(modulation, inner_amplitude_ratio)?)?
            .log_likelihood_ratios(&symbols, noise_variance_ratio)
    })?;
    Ok(PyArray1::from_vec(py, ratios))
}

fn shaper(inner_amplitude_ratio: f64) -> lightlane_core::Result<AmplitudeShaper> {
    ShapingRate::from_inner_amplitude_ratio(inner_amplitude_ratio).map(AmplitudeShaper::new)
}

/// Input bits of a block of amplitudes, and the share of inner ones.
#[pyfunction]
fn amplitude_block(py: Python<'_>, inner_amplitude_ratio: f64) -> PyResult<(usize, f64)> {
    compute(py, || shaper(inner_amplitude_ratio).map(|shaper| (shaper.block_bits(), shaper.inner_amplitude_ratio())))
}

/// Amplitude bits (1: inner) of whole blocks of input bits.
#[pyfunction]
#[pyo3(signature = (bits, *, inner_amplitude_ratio))]
fn shape_amplitudes<'py>(
    py: Python<'py>,
    bits: PyReadonlyArray1<'py, u8>,
    inner_amplitude_ratio: f64,
) -> PyResult<Bits<'py>> {
    let bits = bits.as_array().to_vec();
    Ok(PyArray1::from_vec(py, compute(py, || shaper(inner_amplitude_ratio)?.shape(&bits))?))
}

/// Input bits of whole blocks of amplitude bits, and the number of words that no input leads to.
#[pyfunction]
#[pyo3(signature = (amplitudes, *, inner_amplitude_ratio))]
fn unshape_amplitudes<'py>(
    py: Python<'py>,
    amplitudes: PyReadonlyArray1<'py, u8>,
    inner_amplitude_ratio: f64,
) -> PyResult<(Bits<'py>, usize)> {
    let amplitudes = amplitudes.as_array().to_vec();
    let (bits, impossible) = compute(py, || shaper(inner_amplitude_ratio)?.unshape(&amplitudes))?;
    Ok((PyArray1::from_vec(py, bits), impossible))
}

/// Symbols of a frame, from pilot to pilot, and of a sub-frame.
#[pyfunction]
fn frame_plan(py: Python<'_>, frame: &str) -> PyResult<(usize, usize, usize)> {
    let plan = compute(py, || FramePlan::from_word(frame))?;
    Ok((plan.frame_symbols(), plan.pilot_spacing_symbols, plan.subframe_symbols))
}

/// Roles of the first symbols of a frame: 0 payload, 1 pilot, 2 training, 3 alignment, 4 reserved.
#[pyfunction]
fn frame_roles<'py>(py: Python<'py>, frame: &str, count: usize) -> PyResult<Bits<'py>> {
    let roles = compute(py, || Ok(FramePlan::from_word(frame)?.roles(count)))?;
    Ok(PyArray1::from_iter(py, roles.into_iter().map(|role| role as u8)))
}

/// The first symbols of a frame around the payload of both polarizations.
#[pyfunction]
#[pyo3(signature = (payload_x, payload_y, *, frame, count, modulation, seed, stream, inner_amplitude_ratio=None))]
fn build_frame<'py>(
    py: Python<'py>,
    payload_x: PyReadonlyArray1<'py, Complex64>,
    payload_y: PyReadonlyArray1<'py, Complex64>,
    frame: &str,
    count: usize,
    modulation: &str,
    seed: u64,
    stream: u64,
    inner_amplitude_ratio: Option<f64>,
) -> PyResult<(ComplexColumn<'py>, ComplexColumn<'py>)> {
    let (x, y) = (payload_x.as_array().to_vec(), payload_y.as_array().to_vec());
    let [x, y] = compute(py, || {
        let plan = FramePlan::from_word(frame)?;
        let roles: Vec<SymbolRole> = plan.roles(count);
        let format = format_of(modulation, inner_amplitude_ratio)?;
        plan.build(format, &roles, [&x, &y], &RandomSource::new(seed, stream, 0))
    })?;
    Ok((PyArray1::from_vec(py, x), PyArray1::from_vec(py, y)))
}

/// Samples of a periodic sequence of symbols with root-raised-cosine pulses.
#[pyfunction]
#[pyo3(signature = (symbols, *, samples_count, roll_off))]
fn shape_pulses<'py>(
    py: Python<'py>,
    symbols: PyReadonlyArray1<'py, Complex64>,
    samples_count: usize,
    roll_off: f64,
) -> PyResult<ComplexColumn<'py>> {
    let symbols = symbols.as_array().to_vec();
    if symbols.iter().any(|symbol| !(symbol.re.is_finite() && symbol.im.is_finite())) {
        compute(py, || Err::<(), _>(Error::parameter("symbols", "a number that is not finite", "finite numbers")))?;
    }
    Ok(PyArray1::from_vec(py, compute(py, || signal::shape_pulses(&symbols, samples_count, roll_off))?))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(random_bits, module)?)?;
    module.add_function(wrap_pyfunction!(map_bits, module)?)?;
    module.add_function(wrap_pyfunction!(decide_bits, module)?)?;
    module.add_function(wrap_pyfunction!(bit_log_likelihood_ratios, module)?)?;
    module.add_function(wrap_pyfunction!(amplitude_block, module)?)?;
    module.add_function(wrap_pyfunction!(shape_amplitudes, module)?)?;
    module.add_function(wrap_pyfunction!(unshape_amplitudes, module)?)?;
    module.add_function(wrap_pyfunction!(frame_plan, module)?)?;
    module.add_function(wrap_pyfunction!(frame_roles, module)?)?;
    module.add_function(wrap_pyfunction!(build_frame, module)?)?;
    module.add_function(wrap_pyfunction!(shape_pulses, module)?)
}

//! Parts of the line that sampled fields pass: amplifiers, filters, polarization effects.

use crate::border::{compute, to_python};
use lightlane_core::fiber::Waveplates;
use lightlane_core::optics::{self, NoiseAddress};
use lightlane_core::rng::RandomSource;
use lightlane_core::signal::{self, Jones};
use lightlane_core::{Error, Result};
use numpy::ndarray::{Array2, Array3};
use numpy::{Complex64, PyArray1, PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::prelude::*;

/// Sends a copy of a field through a kernel that works in place.
fn through<'py>(
    py: Python<'py>,
    field: &PyReadonlyArray2<'py, Complex64>,
    kernel: impl FnOnce(&mut [Complex64], usize) -> Result<()> + Send,
) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
    let shape = field.as_array().raw_dim();
    let mut samples: Vec<Complex64> = field.as_array().iter().copied().collect();
    let samples = compute(py, || kernel(&mut samples, shape[0]).map(|()| samples))?;
    let out = Array2::from_shape_vec(shape, samples)
        .map_err(|error| to_python(py, &Error::Model(format!("the field changed its shape: {error}"))))?;
    Ok(PyArray2::from_owned_array(py, out))
}

/// A field behind an amplifier.
#[pyfunction]
#[pyo3(signature = (field, gain_db, *, sample_rate_hz, center_hz, noise_figure_db, seed, link_key, draw, purpose))]
fn amplify_field<'py>(
    py: Python<'py>,
    field: PyReadonlyArray2<'py, Complex64>,
    gain_db: PyReadonlyArray1<'py, f64>,
    sample_rate_hz: f64,
    center_hz: f64,
    noise_figure_db: f64,
    seed: u64,
    link_key: u64,
    draw: u64,
    purpose: u32,
) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
    let gain_db = gain_db.as_array().to_vec();
    let noise = NoiseAddress { source: RandomSource::new(seed, link_key, draw), purpose };
    through(py, &field, |samples, rows| {
        optics::amplify_field(samples, rows, sample_rate_hz, center_hz, &gain_db, noise_figure_db, &noise)
    })
}

/// A field behind a filter.
#[pyfunction]
fn filter_field<'py>(
    py: Python<'py>,
    field: PyReadonlyArray2<'py, Complex64>,
    transmission: PyReadonlyArray1<'py, Complex64>,
) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
    let transmission = transmission.as_array().to_vec();
    through(py, &field, |samples, rows| optics::filter_field(samples, rows, &transmission))
}

/// A field whose polarization turns.
#[pyfunction]
#[pyo3(signature = (field, *, sample_rate_hz, rate_rad_per_s, start_rad, axis))]
fn rotate_polarization<'py>(
    py: Python<'py>,
    field: PyReadonlyArray2<'py, Complex64>,
    sample_rate_hz: f64,
    rate_rad_per_s: f64,
    start_rad: f64,
    axis: [f64; 3],
) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
    through(py, &field, |samples, _| {
        signal::rotate_polarization(samples, sample_rate_hz, rate_rad_per_s, start_rad, axis)
    })
}

/// A field behind an element of polarization-dependent loss.
#[pyfunction]
#[pyo3(signature = (field, *, pdl_db, axis))]
fn pass_polarization_loss<'py>(
    py: Python<'py>,
    field: PyReadonlyArray2<'py, Complex64>,
    pdl_db: f64,
    axis: [f64; 3],
) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
    through(py, &field, |samples, _| signal::pass_polarization_loss(samples, pdl_db, axis))
}

/// A direction of Stokes space without preference.
#[pyfunction]
#[pyo3(signature = (*, seed, link_key, draw, purpose))]
fn random_axis(seed: u64, link_key: u64, draw: u64, purpose: u32) -> [f64; 3] {
    signal::random_axis(&RandomSource::new(seed, link_key, draw), purpose, 0)
}

/// Waveplates from their delay and an array of rotations.
pub fn plates(delay_s: f64, rotations: &PyReadonlyArray3<'_, Complex64>) -> Result<Waveplates> {
    let rotations = rotations.as_array();
    if rotations.shape()[1..] != [2, 2] || rotations.iter().any(|value| !value.is_finite()) || !delay_s.is_finite() {
        let found = format!("an array of shape {:?}", rotations.shape());
        return Err(Error::parameter("rotations", found, "finite numbers of shape (sections, 2, 2)"));
    }
    let jones = rotations.outer_iter().map(|m| Jones([[m[[0, 0]], m[[0, 1]]], [m[[1, 0]], m[[1, 1]]]]));
    Ok(Waveplates { delay_s, rotations: jones.collect() })
}

/// One realization of a fiber's polarization-mode dispersion: delay of a section and rotation before each.
#[pyfunction]
#[pyo3(signature = (*, dgd_mean_s, sections_count, seed, link_key, draw))]
fn draw_waveplates(
    py: Python<'_>,
    dgd_mean_s: f64,
    sections_count: usize,
    seed: u64,
    link_key: u64,
    draw: u64,
) -> PyResult<(f64, Bound<'_, PyArray3<Complex64>>)> {
    let source = RandomSource::new(seed, link_key, draw);
    let drawn = compute(py, || Waveplates::draw(dgd_mean_s, sections_count, &source))?;
    let rotations = Array3::from_shape_fn((sections_count, 2, 2), |(k, i, j)| drawn.rotations[k].0[i][j]);
    Ok((drawn.delay_s, PyArray3::from_owned_array(py, rotations)))
}

/// A field behind waveplates.
#[pyfunction]
#[pyo3(signature = (field, rotations, *, delay_s, sample_rate_hz))]
fn pass_waveplates<'py>(
    py: Python<'py>,
    field: PyReadonlyArray2<'py, Complex64>,
    rotations: PyReadonlyArray3<'py, Complex64>,
    delay_s: f64,
    sample_rate_hz: f64,
) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
    let plates = plates(delay_s, &rotations).map_err(|error| to_python(py, &error))?;
    through(py, &field, |samples, _| plates.pass(samples, sample_rate_hz))
}

/// Differential group delay of waveplates over frequency.
#[pyfunction]
#[pyo3(signature = (offset_hz, rotations, *, delay_s))]
fn waveplates_dgd_s<'py>(
    py: Python<'py>,
    offset_hz: PyReadonlyArray1<'py, f64>,
    rotations: PyReadonlyArray3<'py, Complex64>,
    delay_s: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let plates = plates(delay_s, &rotations).map_err(|error| to_python(py, &error))?;
    Ok(PyArray1::from_iter(py, offset_hz.as_array().iter().map(|&offset| plates.dgd_s(offset))))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(amplify_field, module)?)?;
    module.add_function(wrap_pyfunction!(filter_field, module)?)?;
    module.add_function(wrap_pyfunction!(rotate_polarization, module)?)?;
    module.add_function(wrap_pyfunction!(pass_polarization_loss, module)?)?;
    module.add_function(wrap_pyfunction!(random_axis, module)?)?;
    module.add_function(wrap_pyfunction!(draw_waveplates, module)?)?;
    module.add_function(wrap_pyfunction!(pass_waveplates, module)?)?;
    module.add_function(wrap_pyfunction!(waveplates_dgd_s, module)?)
}

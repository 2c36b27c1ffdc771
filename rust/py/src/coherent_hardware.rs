//! Lasers, converters, modulators and front ends of sampled coherent lanes.

use crate::border::compute;
use lightlane_core::optics::{
    CoherentFrontEnd, Converter, IqModulator, Response, intensity_noise_amplitude, lorentzian_phase_rad,
    masked_phase_rad,
};
use lightlane_core::rng::RandomSource;
use numpy::{Complex64, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

type ComplexColumn<'py> = Bound<'py, PyArray1<Complex64>>;
type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Phase of a laser: of a Lorentzian line, or by the points of a frequency-noise density.
#[pyfunction]
#[pyo3(signature = (count, *, sample_rate_hz, linewidth_hz, frequency_noise_hz2_per_hz_by_offset_hz, seed, stream, laser))]
fn laser_phase_rad(
    py: Python<'_>,
    count: usize,
    sample_rate_hz: f64,
    linewidth_hz: f64,
    frequency_noise_hz2_per_hz_by_offset_hz: Vec<(f64, f64)>,
    seed: u64,
    stream: u64,
    laser: u32,
) -> PyResult<Floats<'_>> {
    let source = RandomSource::new(seed, stream, 0);
    let phase = compute(py, || {
        if frequency_noise_hz2_per_hz_by_offset_hz.is_empty() {
            lorentzian_phase_rad(count, sample_rate_hz, linewidth_hz, &source, laser)
        } else {
            masked_phase_rad(count, sample_rate_hz, &frequency_noise_hz2_per_hz_by_offset_hz, &source, laser)
        }
    })?;
    Ok(PyArray1::from_vec(py, phase))
}

/// Amplitude of a laser with relative intensity noise, over its mean.
#[pyfunction]
#[pyo3(signature = (count, *, sample_rate_hz, rin_db_per_hz, seed, stream, laser))]
fn laser_amplitude_ratio(
    py: Python<'_>,
    count: usize,
    sample_rate_hz: f64,
    rin_db_per_hz: f64,
    seed: u64,
    stream: u64,
    laser: u32,
) -> PyResult<Floats<'_>> {
    let source = RandomSource::new(seed, stream, 0);
    let amplitude = compute(py, || intensity_noise_amplitude(count, sample_rate_hz, rin_db_per_hz, &source, laser))?;
    Ok(PyArray1::from_vec(py, amplitude))
}

/// Both quadratures through a converter: quantized and filtered, the filter before (receiver) or behind (transmitter).
#[pyfunction]
#[pyo3(signature = (samples, *, sample_rate_hz, effective_bits, full_scale_ratio, bandwidth_hz, filter_first))]
fn convert<'py>(
    py: Python<'py>,
    samples: PyReadonlyArray1<'py, Complex64>,
    sample_rate_hz: f64,
    effective_bits: f64,
    full_scale_ratio: f64,
    bandwidth_hz: Option<f64>,
    filter_first: bool,
) -> PyResult<ComplexColumn<'py>> {
    let mut samples = samples.as_array().to_vec();
    let response = bandwidth_hz.map_or(Response::Flat, |bandwidth_hz| Response::BesselThomson { bandwidth_hz });
    let converter = Converter { effective_bits, full_scale_ratio, response };
    let samples = compute(py, || {
        if filter_first {
            converter.filter(&mut samples, sample_rate_hz)?;
        }
        let mut real: Vec<f64> = samples.iter().map(|sample| sample.re).collect();
        let mut imaginary: Vec<f64> = samples.iter().map(|sample| sample.im).collect();
        converter.quantize(&mut real)?;
        converter.quantize(&mut imaginary)?;
        for ((sample, re), im) in samples.iter_mut().zip(real).zip(imaginary) {
            *sample = Complex64::new(re, im);
        }
        if !filter_first {
            converter.filter(&mut samples, sample_rate_hz)?;
        }
        Ok(samples)
    })?;
    Ok(PyArray1::from_vec(py, samples))
}

/// Field of mean power 1 that a modulator makes of a drive.
#[pyfunction]
#[pyo3(signature = (drive, *, sample_rate_hz, drive_rms_ratio, saturation_ratio, bias_error_rad, quadrature_error_rad, imbalance_db, skew_s))]
fn modulate_iq<'py>(
    py: Python<'py>,
    drive: PyReadonlyArray1<'py, Complex64>,
    sample_rate_hz: f64,
    drive_rms_ratio: f64,
    saturation_ratio: f64,
    bias_error_rad: (f64, f64),
    quadrature_error_rad: f64,
    imbalance_db: f64,
    skew_s: f64,
) -> PyResult<ComplexColumn<'py>> {
    let mut field = drive.as_array().to_vec();
    let modulator = IqModulator {
        drive_rms_ratio,
        saturation_ratio,
        bias_error_rad: [bias_error_rad.0, bias_error_rad.1],
        quadrature_error_rad,
        imbalance_db,
        skew_s,
    };
    let field = compute(py, || modulator.modulate(&mut field, sample_rate_hz).map(|()| field))?;
    Ok(PyArray1::from_vec(py, field))
}

/// A front end that has been checked by use.
struct FrontEnd(CoherentFrontEnd);

impl FrontEnd {
    fn new(
        oscillator_power_w: f64,
        responsivity_a_per_w: f64,
        thermal_noise_a_per_sqrt_hz: f64,
        (frequency_offset_hz, quadrature_error_rad, imbalance_db): (f64, f64, f64),
    ) -> Self {
        Self(CoherentFrontEnd {
            oscillator_power_w,
            responsivity_a_per_w,
            thermal_noise_a_per_sqrt_hz,
            frequency_offset_hz,
            quadrature_error_rad,
            imbalance_db,
        })
    }
}

/// A field of one polarization behind oscillator, hybrid and photodiodes, in the scale of the field.
#[pyfunction]
#[pyo3(signature = (field, oscillator_phase_rad, *, sample_rate_hz, oscillator_power_w, responsivity_a_per_w, thermal_noise_a_per_sqrt_hz, frequency_offset_hz, quadrature_error_rad, imbalance_db, seed, stream, polarization))]
fn detect_coherent<'py>(
    py: Python<'py>,
    field: PyReadonlyArray1<'py, Complex64>,
    oscillator_phase_rad: PyReadonlyArray1<'py, f64>,
    sample_rate_hz: f64,
    oscillator_power_w: f64,
    responsivity_a_per_w: f64,
    thermal_noise_a_per_sqrt_hz: f64,
    frequency_offset_hz: f64,
    quadrature_error_rad: f64,
    imbalance_db: f64,
    seed: u64,
    stream: u64,
    polarization: u32,
) -> PyResult<ComplexColumn<'py>> {
    let mut field = field.as_array().to_vec();
    let phase = oscillator_phase_rad.as_array().to_vec();
    let errors = (frequency_offset_hz, quadrature_error_rad, imbalance_db);
    let FrontEnd(front_end) =
        FrontEnd::new(oscillator_power_w, responsivity_a_per_w, thermal_noise_a_per_sqrt_hz, errors);
    let source = RandomSource::new(seed, stream, 0);
    let field =
        compute(py, || front_end.detect(&mut field, sample_rate_hz, &phase, &source, polarization).map(|()| field))?;
    Ok(PyArray1::from_vec(py, field))
}

/// Noise-to-signal ratio of shot and thermal noise in a bandwidth.
#[pyfunction]
#[pyo3(signature = (signal_power_w, *, bandwidth_hz, oscillator_power_w, responsivity_a_per_w, thermal_noise_a_per_sqrt_hz))]
fn front_end_noise_ratio(
    py: Python<'_>,
    signal_power_w: f64,
    bandwidth_hz: f64,
    oscillator_power_w: f64,
    responsivity_a_per_w: f64,
    thermal_noise_a_per_sqrt_hz: f64,
) -> PyResult<f64> {
    let FrontEnd(front_end) =
        FrontEnd::new(oscillator_power_w, responsivity_a_per_w, thermal_noise_a_per_sqrt_hz, (0.0, 0.0, 0.0));
    compute(py, || front_end.validate().map(|()| front_end.noise_ratio(signal_power_w, bandwidth_hz)))
}

/// Circular complex normal numbers of unit variance.
#[pyfunction]
#[pyo3(signature = (count, *, seed, stream, purpose))]
fn complex_normals(py: Python<'_>, count: usize, seed: u64, stream: u64, purpose: u32) -> PyResult<ComplexColumn<'_>> {
    let source = RandomSource::new(seed, stream, 0);
    let numbers = compute(py, || Ok(lightlane_core::signal::complex_normals(&source, purpose, 0, count)))?;
    Ok(PyArray1::from_vec(py, numbers))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(laser_phase_rad, module)?)?;
    module.add_function(wrap_pyfunction!(laser_amplitude_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(convert, module)?)?;
    module.add_function(wrap_pyfunction!(modulate_iq, module)?)?;
    module.add_function(wrap_pyfunction!(detect_coherent, module)?)?;
    module.add_function(wrap_pyfunction!(front_end_noise_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(complex_normals, module)?)
}

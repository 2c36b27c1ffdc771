//! Front end of the coherent receiver: rates, fixed filters, clock.

use crate::border::{compute, to_python};
use crate::fields::{FieldIn, FieldOut, column, fill_block, polarizations, run_block, run_end};
use lightlane_core::dsp;
use lightlane_core::signal::RaisedCosine;
use numpy::{Complex64, PyArray1, PyArray2, PyArrayMethods, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

/// Orthogonalization of the quadratures on a stream.
#[pyclass(module = "lightlane._core")]
struct IqOrthogonalizer(dsp::IqOrthogonalizer);

#[pymethods]
impl IqOrthogonalizer {
    #[new]
    #[pyo3(signature = (*, frame_count, memory_count))]
    fn new(py: Python<'_>, frame_count: usize, memory_count: usize) -> PyResult<Self> {
        compute(py, || dsp::IqOrthogonalizer::new(frame_count, memory_count)).map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, field: FieldIn<'py>) -> PyResult<FieldOut<'py>> {
        run_block(py, &field, |field| self.0.process(field))
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<FieldOut<'py>> {
        run_end(py, || self.0.finish())
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Change of the sample rate of a stream.
#[pyclass(module = "lightlane._core")]
struct Resampler(dsp::Resampler);

#[pymethods]
impl Resampler {
    #[new]
    #[pyo3(signature = (*, input_rate_hz, output_rate_hz, half_count))]
    fn new(py: Python<'_>, input_rate_hz: f64, output_rate_hz: f64, half_count: usize) -> PyResult<Self> {
        compute(py, || dsp::Resampler::new(input_rate_hz, output_rate_hz, half_count)).map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, field: FieldIn<'py>) -> PyResult<FieldOut<'py>> {
        run_block(py, &field, |field| self.0.process(field))
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<FieldOut<'py>> {
        run_end(py, || self.0.finish())
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Fixed filter of a stream: dispersion undone, matched filter.
#[pyclass(module = "lightlane._core")]
struct ReceiverFilter {
    filter: dsp::ReceiverFilter,
    stream: dsp::OverlapSave,
}

#[pymethods]
impl ReceiverFilter {
    #[new]
    #[pyo3(signature = (
        *, sample_rate_hz, dispersion_s_per_m, dispersion_slope_s_per_m2, wavelength_m, symbol_rate_hz=None, roll_off=None
    ))]
    fn new(
        py: Python<'_>,
        sample_rate_hz: f64,
        dispersion_s_per_m: f64,
        dispersion_slope_s_per_m2: f64,
        wavelength_m: f64,
        symbol_rate_hz: Option<f64>,
        roll_off: Option<f64>,
    ) -> PyResult<Self> {
        compute(py, || {
            let matched = match (symbol_rate_hz, roll_off) {
                (Some(rate), Some(roll_off)) => Some(RaisedCosine::new(rate, roll_off)?),
                _ => None,
            };
            let filter = dsp::ReceiverFilter {
                sample_rate_hz,
                dispersion_s_per_m,
                dispersion_slope_s_per_m2,
                wavelength_m,
                matched,
            };
            Ok(Self { stream: filter.build()?, filter })
        })
    }

    fn process<'py>(&mut self, py: Python<'py>, field: FieldIn<'py>) -> PyResult<FieldOut<'py>> {
        let ready = self.stream.ready_count(field.shape()[1]);
        let out = PyArray2::zeros(py, (2, ready), false);
        fill_block(py, &field, &mut out.readwrite(), |field, out| self.stream.process_into(field, out))?;
        Ok(out)
    }

    fn process_into<'py>(
        &mut self,
        py: Python<'py>,
        field: FieldIn<'py>,
        mut out: PyReadwriteArray2<'py, Complex64>,
    ) -> PyResult<usize> {
        fill_block(py, &field, &mut out, |field, out| self.stream.process_into(field, out))
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<FieldOut<'py>> {
        run_end(py, || self.stream.finish())
    }

    fn reset(&mut self) {
        self.stream.reset();
    }

    fn apply_periodic<'py>(&self, py: Python<'py>, field: FieldIn<'py>) -> PyResult<FieldOut<'py>> {
        run_block(py, &field, |field| self.filter.apply_periodic(field))
    }

    fn transform_only(&mut self, py: Python<'_>, segments_count: usize) {
        py.detach(|| self.stream.transform_only(segments_count));
    }

    #[getter]
    fn segment_count(&self) -> usize {
        self.stream.segment_count()
    }

    #[getter]
    fn overlap_count(&self) -> usize {
        self.stream.overlap_count()
    }
}

/// Loop that follows the symbol clock.
#[pyclass(module = "lightlane._core")]
struct TimingRecovery(dsp::TimingRecovery);

#[pymethods]
impl TimingRecovery {
    #[new]
    #[pyo3(signature = (*, roll_off, frame_symbols_count, bandwidth_ratio))]
    fn new(py: Python<'_>, roll_off: f64, frame_symbols_count: usize, bandwidth_ratio: f64) -> PyResult<Self> {
        compute(py, || dsp::TimingRecovery::new(roll_off, frame_symbols_count, bandwidth_ratio)).map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, field: FieldIn<'py>) -> PyResult<FieldOut<'py>> {
        run_block(py, &field, |field| self.0.process(field))
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    #[getter]
    fn clock_error_ratio(&self) -> f64 {
        self.0.clock_error_ratio()
    }

    #[getter]
    fn delays_ratio<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        column(py, self.0.delays_symbols().to_vec())
    }
}

/// Another number of samples for one period of a periodic field.
#[pyfunction]
#[pyo3(signature = (field, *, samples_count))]
fn resample_periodic<'py>(py: Python<'py>, field: FieldIn<'py>, samples_count: usize) -> PyResult<FieldOut<'py>> {
    run_block(py, &field, |field| dsp::resample_periodic(field, samples_count))
}

/// Dispersion of a received field, and its clock tone.
#[pyfunction]
#[pyo3(signature = (
    field, *, symbol_rate_hz, roll_off, wavelength_m, dispersion_min_s_per_m, dispersion_max_s_per_m, segment_count
))]
fn estimate_dispersion(
    py: Python<'_>,
    field: FieldIn<'_>,
    symbol_rate_hz: f64,
    roll_off: f64,
    wavelength_m: f64,
    dispersion_min_s_per_m: f64,
    dispersion_max_s_per_m: f64,
    segment_count: usize,
) -> PyResult<(f64, f64)> {
    let field = polarizations(py, "field", &field)?;
    let search = dsp::DispersionSearch {
        symbol_rate_hz,
        roll_off,
        wavelength_m,
        dispersion_min_s_per_m,
        dispersion_max_s_per_m,
        segment_count,
    };
    let found = compute(py, || dsp::estimate_dispersion(field, &search))?;
    Ok((found.dispersion_s_per_m, found.clock_tone_ratio))
}

/// Delay of the symbols of a field in symbols.
#[pyfunction]
#[pyo3(signature = (field, *, roll_off))]
fn estimate_timing(py: Python<'_>, field: FieldIn<'_>, roll_off: f64) -> PyResult<f64> {
    let field = polarizations(py, "field", &field)?;
    dsp::estimate_timing_symbols(field, roll_off).map_err(|error| to_python(py, &error))
}

/// Adds the front end to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<IqOrthogonalizer>()?;
    module.add_class::<ReceiverFilter>()?;
    module.add_class::<Resampler>()?;
    module.add_class::<TimingRecovery>()?;
    module.add_function(wrap_pyfunction!(estimate_dispersion, module)?)?;
    module.add_function(wrap_pyfunction!(estimate_timing, module)?)?;
    module.add_function(wrap_pyfunction!(resample_periodic, module)?)
}

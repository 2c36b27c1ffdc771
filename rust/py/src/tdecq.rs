//! TDECQ of sampled waveforms.

use crate::border::compute;
use crate::direct::{equalizer_of, response_of};
use lightlane_core::metrics::{self, LevelSource, SampledEye, WaveformTest};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// TDECQ of a waveform that holds a known pattern, with everything that it rests on.
#[pyfunction]
#[pyo3(signature = (
    power_w, pattern, *, sample_rate_hz, symbol_rate_hz, receiver_bandwidth_hz, noise_bandwidth_hz, equalizer, tap_limits,
    main_index, target_ser_ratio, threshold_reach_ratio, instrument_noise_w, is_averaged, samples_per_symbol
))]
fn measure_tdecq<'py>(
    py: Python<'py>,
    power_w: PyReadonlyArray1<'py, f64>,
    pattern: PyReadonlyArray1<'py, u8>,
    sample_rate_hz: f64,
    symbol_rate_hz: f64,
    receiver_bandwidth_hz: Option<f64>,
    noise_bandwidth_hz: Option<f64>,
    equalizer: &str,
    tap_limits: bool,
    main_index: Option<usize>,
    target_ser_ratio: f64,
    threshold_reach_ratio: f64,
    instrument_noise_w: f64,
    is_averaged: bool,
    samples_per_symbol: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let (samples, pattern) = (power_w.as_array().to_vec(), pattern.as_array().to_vec());
    let (capture, found, waveforms) = compute(py, || {
        let test = WaveformTest {
            symbol_rate_hz,
            receiver: response_of("bessel4", receiver_bandwidth_hz)?,
            noise_color: response_of("bessel4", noise_bandwidth_hz)?,
            equalizer: equalizer_of(equalizer, tap_limits)?,
            main_index,
            target_ser_ratio,
            threshold_reach_ratio,
            instrument_noise_w,
        };
        let capture = metrics::prepare_capture(&samples, sample_rate_hz, symbol_rate_hz, &pattern, is_averaged)?;
        let found = metrics::measure_tdecq(&capture, &test)?;
        let waveforms = if samples_per_symbol == 0 {
            (Vec::new(), Vec::new())
        } else {
            let symbols = capture.symbols.clone();
            let eye = SampledEye::new(&capture.power_w, symbols, capture.guard_count, symbol_rate_hz, test.receiver)?;
            let received = eye.grid(samples_per_symbol);
            let equalized = metrics::equalize_waveform(&received, samples_per_symbol, &eye, &found);
            (received, equalized)
        };
        Ok((capture, found, waveforms))
    })?;
    let out = PyDict::new(py);
    out.set_item("tdecq_db", found.tdecq_db)?;
    out.set_item("least_squares_tdecq_db", found.least_squares_tdecq_db)?;
    out.set_item("noise_enhancement_db", found.noise_enhancement_db)?;
    out.set_item("bearable_noise", found.bearable_noise_w)?;
    out.set_item("window_tdecq_db", found.window_tdecq_db)?;
    out.set_item("low_level", found.levels.low)?;
    out.set_item("high_level", found.levels.high)?;
    out.set_item("has_runs", found.level_source == LevelSource::Runs)?;
    out.set_item("average", found.average_w)?;
    out.set_item("thresholds", found.thresholds_w)?;
    out.set_item("equalized_levels", found.equalized_levels_w)?;
    out.set_item("level_mismatch_ratio", found.level_mismatch_ratio)?;
    out.set_item("taps", PyArray1::from_slice(py, &found.taps.taps))?;
    out.set_item("main_index", found.taps.main_index)?;
    out.set_item("feedback_ratio", found.taps.feedback_ratio)?;
    out.set_item("sampling_time_ratio", found.sampling_time_ratio)?;
    out.set_item("overshoot_ratio", found.edges.overshoot_ratio)?;
    out.set_item("undershoot_ratio", found.edges.undershoot_ratio)?;
    out.set_item("rise_ratio", found.edges.rise_ratio)?;
    out.set_item("fall_ratio", found.edges.fall_ratio)?;
    out.set_item("steps_count", found.steps_count)?;
    out.set_item("is_settled", found.is_settled)?;
    let [early, late] = found.window_values_ratio;
    out.set_item("early_values", PyArray1::from_vec(py, early))?;
    out.set_item("late_values", PyArray1::from_vec(py, late))?;
    out.set_item("window_levels", PyArray1::from_vec(py, found.window_levels))?;
    out.set_item("symbols", PyArray1::from_vec(py, capture.symbols))?;
    out.set_item("guard_count", capture.guard_count)?;
    out.set_item("periods_count", capture.periods_count)?;
    out.set_item("is_resampled", capture.is_resampled)?;
    out.set_item("pattern_index", capture.lock.pattern_index)?;
    out.set_item("is_inverted", capture.lock.is_inverted)?;
    out.set_item("rate_error_ratio", capture.lock.rate_error_ratio)?;
    out.set_item("correlation_ratio", capture.lock.correlation_ratio)?;
    let (received, equalized) = waveforms;
    out.set_item("received", PyArray1::from_vec(py, received))?;
    out.set_item("equalized", PyArray1::from_vec(py, equalized))?;
    Ok(out)
}

/// Response to one symbol, by least squares between a periodic waveform and its symbols.
#[pyfunction]
#[pyo3(signature = (power_w, symbols, *, samples_per_symbol, before_count, after_count))]
fn fit_pulse_response<'py>(
    py: Python<'py>,
    power_w: PyReadonlyArray1<'py, f64>,
    symbols: PyReadonlyArray1<'py, u8>,
    samples_per_symbol: usize,
    before_count: usize,
    after_count: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (waveform, symbols) = (power_w.as_array().to_vec(), symbols.as_array().to_vec());
    let out = compute(py, || {
        metrics::fit_pulse_response(&waveform, &symbols, samples_per_symbol, before_count, after_count)
    })?;
    Ok(PyArray1::from_vec(py, out))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(measure_tdecq, module)?)?;
    module.add_function(wrap_pyfunction!(fit_pulse_response, module)?)
}

//! Direct-detect lanes that share a fiber or an amplifier.

use crate::border::{compute, to_python};
use lightlane_core::Error;
use lightlane_core::fiber::MixingSpan;
use lightlane_core::optics::SemiconductorAmplifier;
use lightlane_core::sampled::{LitLane, mix_lanes as mix};
use numpy::{Complex64, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// Field that the lanes of a fiber add to one of them.
#[pyfunction]
#[pyo3(signature = (fields, jones, frequency_hz, *, victim_index, sample_rate_hz, window_hz, length_m, attenuation_per_m, gamma_per_w_m,
    zero_dispersion_m, zero_slope_s_per_m3))]
fn mix_lanes<'py>(
    py: Python<'py>,
    fields: PyReadonlyArray2<'py, Complex64>,
    jones: PyReadonlyArray2<'py, Complex64>,
    frequency_hz: PyReadonlyArray1<'py, f64>,
    victim_index: usize,
    sample_rate_hz: f64,
    window_hz: f64,
    length_m: f64,
    attenuation_per_m: f64,
    gamma_per_w_m: f64,
    zero_dispersion_m: f64,
    zero_slope_s_per_m3: f64,
) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
    let (fields, jones, frequencies) = (fields.as_array(), jones.as_array(), frequency_hz.as_array());
    if jones.shape() != [fields.nrows(), 2] || frequencies.len() != fields.nrows() {
        let found = format!("of {} lanes and {} frequencies", jones.nrows(), frequencies.len());
        let allowed = format!("two numbers and a frequency for each of {} lanes", fields.nrows());
        return Err(to_python(py, &Error::parameter("jones", found, allowed)));
    }
    let lanes: Vec<LitLane> = (0..fields.nrows())
        .map(|row| LitLane {
            frequency_hz: frequencies[row],
            field: fields.row(row).to_vec(),
            jones: [jones[[row, 0]], jones[[row, 1]]],
        })
        .collect();
    let span = MixingSpan {
        attenuation_per_m,
        length_m,
        gamma_per_w_m,
        zero_dispersion_m,
        zero_slope_s_per_m3,
        transmission_ratio: 1.0,
    };
    let added = compute(py, || mix(&span, &lanes, victim_index, sample_rate_hz, window_hz))?;
    Ok(PyArray1::from_vec(py, added))
}

/// Power behind a semiconductor amplifier.
#[pyfunction]
#[pyo3(signature = (power_w, *, gain_ratio, saturation_power_w, lifetime_s, sample_rate_hz))]
fn amplify_power<'py>(
    py: Python<'py>,
    power_w: PyReadonlyArray1<'py, f64>,
    gain_ratio: f64,
    saturation_power_w: f64,
    lifetime_s: f64,
    sample_rate_hz: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let amplifier = SemiconductorAmplifier { gain_ratio, saturation_power_w, lifetime_s };
    let power_w = power_w.as_array().to_vec();
    let out = compute(py, || amplifier.amplify(&power_w, sample_rate_hz))?;
    Ok(PyArray1::from_vec(py, out))
}

/// Adds this file's names to the extension.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(mix_lanes, module)?)?;
    module.add_function(wrap_pyfunction!(amplify_power, module)?)
}

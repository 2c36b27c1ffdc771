//! The eye of direct-detect lanes.

use crate::border::{compute, to_python};
use crate::task::Task;
use lightlane_core::dsp::{Equalizer, EqualizerLimits};
use lightlane_core::metrics::{self, EyeSource, Pam4Receiver, TdecqTest, Thresholds};
use lightlane_core::optics::{Photodetector, Response, Transmitter};
use lightlane_core::{Error, Result};
use numpy::{PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A response by its name; no bandwidth means no filter.
pub fn response_of(shape: &str, bandwidth_hz: Option<f64>) -> Result<Response> {
    match (shape, bandwidth_hz) {
        (_, None) => Ok(Response::Flat),
        ("bessel4", Some(bandwidth_hz)) => Ok(Response::BesselThomson { bandwidth_hz }),
        ("single_pole", Some(bandwidth_hz)) => Ok(Response::SinglePole { bandwidth_hz }),
        (other, _) => Err(Error::parameter("response", other, "bessel4 or single_pole")),
    }
}

/// A reference equalizer by its name, with or without the tap limits of the drafts.
pub fn equalizer_of(name: &str, tap_limits: bool) -> Result<Equalizer> {
    let equalizer = match name {
        "none" => Equalizer { taps_count: 1, precursors_max_count: 0, ..Equalizer::FFE5 },
        "ffe5" => Equalizer::FFE5,
        "ffe15" => Equalizer { feedback_max_ratio: 0.0, ..Equalizer::FFE15_DFE1 },
        "ffe15_dfe1" => Equalizer::FFE15_DFE1,
        other => return Err(Error::parameter("equalizer", other, "none, ffe5, ffe15 or ffe15_dfe1")),
    };
    Ok(Equalizer { limits: tap_limits.then_some(EqualizerLimits::P802_3DJ), ..equalizer })
}

/// The figures of a transmitter from a dictionary of numbers and the name of its response.
fn transmitter(figures: &Bound<'_, PyDict>, shape: &str) -> PyResult<Transmitter> {
    let figure = |name: &str| -> PyResult<Option<f64>> {
        figures.get_item(name)?.filter(|value| !value.is_none()).map(|value| value.extract()).transpose()
    };
    let bandwidth_hz = figure("eo_bandwidth_hz")?;
    let response = response_of(shape, bandwidth_hz).map_err(|error| to_python(figures.py(), &error))?;
    let missing = f64::NAN;
    Ok(Transmitter {
        symbol_rate_hz: figure("symbol_rate_hz")?.unwrap_or(missing),
        response,
        extinction_ratio_db: figure("extinction_ratio_db")?.unwrap_or(missing),
        level_mismatch_ratio: figure("level_mismatch_ratio")?.unwrap_or(1.0),
        chirp_alpha: figure("chirp_alpha")?.unwrap_or(0.0),
        adiabatic_chirp_hz: figure("adiabatic_chirp_hz")?.unwrap_or(0.0),
    })
}

/// TDECQ and what goes with it for each accumulated dispersion; NaN where the eye is closed.
#[pyfunction]
#[pyo3(signature = (
    dispersion_s_per_m, *, transmitter, response, wavelength_m, receiver_bandwidth_hz, equalizer, tap_limits,
    target_ser_ratio, noise_variance_ratio, task
))]
fn estimate_tdecq<'py>(
    py: Python<'py>,
    dispersion_s_per_m: PyReadonlyArray1<'py, f64>,
    transmitter: &Bound<'py, PyDict>,
    response: &str,
    wavelength_m: f64,
    receiver_bandwidth_hz: Option<f64>,
    equalizer: &str,
    tap_limits: bool,
    target_ser_ratio: f64,
    noise_variance_ratio: [f64; 4],
    task: &Task,
) -> PyResult<Bound<'py, PyDict>> {
    let transmitter = self::transmitter(transmitter, response)?;
    let dispersion = dispersion_s_per_m.as_array().to_vec();
    let (rows, count) = compute(py, || {
        let receiver = response_of("bessel4", receiver_bandwidth_hz)?;
        let equalizer = equalizer_of(equalizer, tap_limits)?;
        let test = TdecqTest { equalizer, target_ser_ratio, noise_variance_ratio };
        let source = EyeSource::new(&transmitter, receiver)?;
        let rows = metrics::sweep_tdecq(&source, &dispersion, wavelength_m, &test, &task.inner)?;
        Ok((rows, equalizer.taps_count))
    })?;
    let out = PyDict::new(py);
    let add = |name: &str, value: fn(&metrics::Tdecq) -> f64| {
        let column = rows.iter().map(|row| row.as_ref().map_or(f64::NAN, value)).collect();
        out.set_item(name, PyArray1::from_vec(py, column))
    };
    add("tdecq_db", |row| row.tdecq_db)?;
    add("noise_enhancement_db", |row| row.noise_enhancement_db)?;
    add("overshoot_ratio", |row| row.overshoot_ratio)?;
    add("sampling_offset_ratio", |row| row.sampling_offset_ratio)?;
    add("feedback_ratio", |row| row.taps.feedback_ratio)?;
    let taps: Vec<Vec<f64>> =
        rows.iter().map(|row| row.as_ref().map_or(vec![f64::NAN; count], |row| row.taps.taps.clone())).collect();
    out.set_item("taps", PyArray2::from_vec2(py, &taps)?)?;
    Ok(out)
}

/// Noise bandwidth of a fourth-order Bessel-Thomson filter.
#[pyfunction]
fn bessel_noise_bandwidth_hz(py: Python<'_>, bandwidth_hz: f64) -> PyResult<f64> {
    compute(py, || {
        let filter = Response::BesselThomson { bandwidth_hz };
        filter.validate()?;
        Ok(filter.noise_bandwidth_hz())
    })
}

/// Response to one symbol through transmitter, small-signal fiber and receiver.
#[pyfunction]
#[pyo3(signature = (
    dispersion_s_per_m, *, transmitter, response, wavelength_m, receiver_bandwidth_hz, first_s,
    samples_per_symbol, samples_count
))]
fn pulse_response<'py>(
    py: Python<'py>,
    dispersion_s_per_m: f64,
    transmitter: &Bound<'py, PyDict>,
    response: &str,
    wavelength_m: f64,
    receiver_bandwidth_hz: Option<f64>,
    first_s: f64,
    samples_per_symbol: usize,
    samples_count: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let transmitter = self::transmitter(transmitter, response)?;
    let out = compute(py, || {
        let receiver = response_of("bessel4", receiver_bandwidth_hz)?;
        metrics::pulse_response(
            &transmitter,
            receiver,
            dispersion_s_per_m,
            wavelength_m,
            first_s,
            samples_per_symbol,
            samples_count,
        )
    })?;
    Ok(PyArray1::from_vec(py, out))
}

/// OMA sensitivity of a receiver for ideal levels.
#[pyfunction]
#[pyo3(signature = (
    *, target_ser_ratio, extinction_ratio_db, bandwidth_hz, input_noise_a_per_sqrt_hz, responsivity_a_per_w,
    gain_ratio, ionization_ratio, dark_current_a, rin_db_per_hz, middle_thresholds
))]
fn pam4_sensitivity_dbm(
    py: Python<'_>,
    target_ser_ratio: f64,
    extinction_ratio_db: f64,
    bandwidth_hz: f64,
    input_noise_a_per_sqrt_hz: f64,
    responsivity_a_per_w: f64,
    gain_ratio: f64,
    ionization_ratio: f64,
    dark_current_a: f64,
    rin_db_per_hz: f64,
    middle_thresholds: bool,
) -> PyResult<f64> {
    let receiver = Pam4Receiver {
        detector: Photodetector { responsivity_a_per_w, gain_ratio, ionization_ratio, dark_current_a },
        input_noise_a_per_sqrt_hz,
        bandwidth_hz,
        rin_db_per_hz,
        thresholds: if middle_thresholds { Thresholds::Middle } else { Thresholds::EqualTails },
    };
    compute(py, || metrics::pam4_sensitivity_dbm(&receiver, extinction_ratio_db, target_ser_ratio))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(estimate_tdecq, module)?)?;
    module.add_function(wrap_pyfunction!(bessel_noise_bandwidth_hz, module)?)?;
    module.add_function(wrap_pyfunction!(pulse_response, module)?)?;
    module.add_function(wrap_pyfunction!(pam4_sensitivity_dbm, module)?)
}

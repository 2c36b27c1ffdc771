//! Sampled fields along a fiber.

use crate::border::{compute, to_python};
use crate::sampled_field::plates;
use crate::task::Task;
use lightlane_core::Error;
use lightlane_core::fiber::{
    self, Birefringence, FieldFiber, FieldSampling, PowerProfile, Precision, PropagationReport, StepRule,
};
use numpy::ndarray::Array2;
use numpy::{Complex64, PyArray2, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The step rule by its name.
fn step_rule(rule: &str, value: f64) -> Result<StepRule, Error> {
    match rule {
        "fixed" => Ok(StepRule::Fixed { length_m: value }),
        "phase" => Ok(StepRule::NonlinearPhase { greatest_rad: value }),
        "error" => Ok(StepRule::LocalError { error_fraction: value }),
        other => Err(Error::parameter("rule", other, "fixed, phase or error")),
    }
}

fn report<'py>(py: Python<'py>, report: &PropagationReport) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("steps_count", report.steps_count)?;
    out.set_item("rejected_count", report.rejected_count)?;
    out.set_item("transforms_count", report.transforms_count)?;
    out.set_item("error_fraction", report.error_fraction)?;
    out.set_item("phase_max_rad", report.phase_max_rad)?;
    out.set_item("step_min_m", report.step_min_m)?;
    out.set_item("step_max_m", report.step_max_m)?;
    Ok(out)
}

type Propagated<'py> = (Bound<'py, PyArray2<Complex64>>, Bound<'py, PyDict>);

/// A field behind a fiber, or in front of it, and what that took.
#[pyfunction]
#[pyo3(signature = (field, position_m, log_power_ratio, *, sample_rate_hz, length_m, attenuation_per_m, dispersion_s_per_m2,
                    slope_s_per_m3, reference_hz, gamma_per_w_m, rotations, delay_s, places_count, rule, rule_value, single,
                    backward, task))]
fn propagate_fiber<'py>(
    py: Python<'py>,
    field: PyReadonlyArray2<'py, Complex64>,
    position_m: PyReadonlyArray1<'py, f64>,
    log_power_ratio: PyReadonlyArray1<'py, f64>,
    sample_rate_hz: f64,
    length_m: f64,
    attenuation_per_m: f64,
    dispersion_s_per_m2: f64,
    slope_s_per_m3: f64,
    reference_hz: f64,
    gamma_per_w_m: f64,
    rotations: PyReadonlyArray3<'py, Complex64>,
    delay_s: f64,
    places_count: usize,
    rule: &str,
    rule_value: f64,
    single: bool,
    backward: bool,
    task: PyRef<'py, Task>,
) -> PyResult<Propagated<'py>> {
    let rule = step_rule(rule, rule_value).map_err(|error| to_python(py, &error))?;
    let shape = field.as_array().raw_dim();
    let samples: Vec<Complex64> = field.as_array().iter().copied().collect();
    let position_m = position_m.as_array().to_vec();
    let profile = if position_m.is_empty() {
        PowerProfile::Exponential { attenuation_per_m: vec![attenuation_per_m] }
    } else {
        PowerProfile::Sampled { position_m, log_power_ratio: vec![log_power_ratio.as_array().to_vec()] }
    };
    let (beta2_s2_per_m, beta3_s3_per_m) =
        fiber::propagation_constants(dispersion_s_per_m2, slope_s_per_m3, reference_hz);
    // Without rotations a fiber has no waveplates.
    let birefringence = if rotations.shape()[0] > 0 {
        let plates = plates(delay_s, &rotations).map_err(|error| to_python(py, &error))?;
        Some(Birefringence { plates, places_count })
    } else {
        None
    };
    let fiber = FieldFiber { length_m, beta2_s2_per_m, beta3_s3_per_m, gamma_per_w_m, profile, birefringence };
    let precision = if single { Precision::Single } else { Precision::Double };
    let sampling = FieldSampling { sample_rate_hz, polarizations_count: shape[0], precision };
    let task = task.inner.clone();
    let propagate = if backward { fiber::back_propagate_fiber } else { fiber::propagate_fiber };
    let (out, taken) = compute(py, || propagate(&samples, &sampling, &fiber, rule, &task))?;
    let out = Array2::from_shape_vec(shape, out)
        .map_err(|error| to_python(py, &Error::Model(format!("the field changed its shape: {error}"))))?;
    Ok((PyArray2::from_owned_array(py, out), report(py, &taken)?))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(propagate_fiber, module)?)
}

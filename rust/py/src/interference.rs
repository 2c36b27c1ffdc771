//! Light that beats with a direct-detect lane, and the closed forms of its other penalties.

use crate::border::compute;
use lightlane_core::metrics::{
    self, InterferedSignal, InterferenceDistribution, Interferer, InterfererField, closure_penalty_db,
};
use lightlane_core::optics::{self, Photodetector, Reflector};
use lightlane_core::units::from_db;
use lightlane_core::{Error, Result};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

/// Power of each delayed copy over the signal's, for reflecting points in their order.
#[pyfunction]
#[pyo3(signature = (reflectance_db, loss_before_db))]
fn double_reflections<'py>(
    py: Python<'py>,
    reflectance_db: PyReadonlyArray1<'py, f64>,
    loss_before_db: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let reflectors: Vec<Reflector> = reflectance_db
        .as_array()
        .iter()
        .zip(loss_before_db.as_array())
        .map(|(&level_db, &loss_before_db)| Reflector { reflectance_ratio: from_db(level_db), loss_before_db })
        .collect();
    Ok(PyArray1::from_vec(py, compute(py, || Ok(optics::double_reflections(&reflectors)))?))
}

fn field(name: &str) -> Result<InterfererField> {
    match name {
        "copy" => Ok(InterfererField::Copy),
        "mixing" => Ok(InterfererField::Mixing),
        "degenerate_mixing" => Ok(InterfererField::DegenerateMixing),
        other => Err(Error::parameter("field", other, "copy, mixing or degenerate_mixing")),
    }
}

/// Optical penalty of interferers by one of five methods.
#[pyfunction]
#[pyo3(signature = (power_ratio, *, extinction_ratio_db, method, field, levels_count, polarization_aligned, discount_ratio, exceedance_ratio, target_ser_ratio))]
fn interference_penalty<'py>(
    py: Python<'py>,
    power_ratio: PyReadonlyArray1<'py, f64>,
    extinction_ratio_db: f64,
    method: &str,
    field: &str,
    levels_count: u32,
    polarization_aligned: bool,
    discount_ratio: f64,
    exceedance_ratio: f64,
    target_ser_ratio: f64,
) -> PyResult<f64> {
    let powers = power_ratio.as_array().to_vec();
    compute(py, || {
        let field = self::field(field)?;
        let signal = InterferedSignal { levels_count, extinction_ratio_db, polarization_aligned };
        let all: Vec<Interferer> = powers.iter().map(|&power_ratio| Interferer { power_ratio, field }).collect();
        match method {
            "bound" => metrics::interference_bound_ratio(&signal, &all, discount_ratio).map(closure_penalty_db),
            "mean" => metrics::interference_mean_ratio(&signal, &all).map(closure_penalty_db),
            "quantile" => {
                InterferenceDistribution::new(&signal, &all)?.quantile_ratio(exceedance_ratio).map(closure_penalty_db)
            }
            "estimate" => {
                metrics::interference_quantile_estimate_ratio(&signal, &all, exceedance_ratio).map(closure_penalty_db)
            }
            "averaged" => InterferenceDistribution::new(&signal, &all)?.averaged_penalty_db(target_ser_ratio),
            other => Err(Error::parameter("method", other, "bound, mean, quantile, estimate or averaged")),
        }
    })
}

/// Penalty (dB) of intensity noise at a target SER.
#[pyfunction]
#[pyo3(signature = (rin_oma_db_per_hz, *, noise_bandwidth_hz, target_ser_ratio))]
fn rin_oma_penalty_db(
    py: Python<'_>,
    rin_oma_db_per_hz: f64,
    noise_bandwidth_hz: f64,
    target_ser_ratio: f64,
) -> PyResult<f64> {
    compute(py, || metrics::rin_oma_penalty_db(rin_oma_db_per_hz, noise_bandwidth_hz, target_ser_ratio))
}

/// RIN (dB/Hz) of the light over RIN_OMA at an extinction ratio.
#[pyfunction]
#[pyo3(signature = (rin_oma_db_per_hz, *, extinction_ratio_db))]
fn rin_from_rin_oma(py: Python<'_>, rin_oma_db_per_hz: f64, extinction_ratio_db: f64) -> PyResult<f64> {
    compute(py, || metrics::rin_from_rin_oma(rin_oma_db_per_hz, extinction_ratio_db))
}

/// Penalty (dB) of first-order PMD behind an equalizer.
#[pyfunction]
#[pyo3(signature = (dgd_s, *, symbol_rate_hz, power_split_ratio))]
fn dgd_penalty_db(py: Python<'_>, dgd_s: f64, symbol_rate_hz: f64, power_split_ratio: f64) -> PyResult<f64> {
    compute(py, || metrics::dgd_penalty_db(dgd_s, symbol_rate_hz, power_split_ratio))
}

/// Loss (dB) above the mean through polarization-dependent loss.
#[pyfunction]
#[pyo3(signature = (pdl_db, *, exceedance_ratio))]
fn pdl_excess_loss_db(py: Python<'_>, pdl_db: f64, exceedance_ratio: f64) -> PyResult<f64> {
    compute(py, || metrics::pdl_excess_loss_db(pdl_db, exceedance_ratio))
}

/// Penalty (dB) of other lanes' light through the demux.
#[pyfunction]
#[pyo3(signature = (isolation_db, *, lane_oma_difference_db))]
fn lane_crosstalk_penalty_db(
    py: Python<'_>,
    isolation_db: PyReadonlyArray1<'_, f64>,
    lane_oma_difference_db: f64,
) -> PyResult<f64> {
    let isolations = isolation_db.as_array().to_vec();
    compute(py, || metrics::lane_crosstalk_penalty_db(&isolations, lane_oma_difference_db))
}

/// Gain of an avalanche photodiode with the best signal to noise at one power.
#[pyfunction]
#[pyo3(signature = (power_w, *, responsivity_a_per_w, ionization_ratio, dark_current_a, input_noise_a_per_sqrt_hz, bandwidth_hz))]
fn optimum_gain_ratio(
    py: Python<'_>,
    power_w: f64,
    responsivity_a_per_w: f64,
    ionization_ratio: f64,
    dark_current_a: f64,
    input_noise_a_per_sqrt_hz: f64,
    bandwidth_hz: f64,
) -> PyResult<f64> {
    let detector = Photodetector { responsivity_a_per_w, gain_ratio: 1.0, ionization_ratio, dark_current_a };
    let thermal_noise_a2 = input_noise_a_per_sqrt_hz.powi(2) * bandwidth_hz;
    compute(py, || optics::optimum_gain_ratio(&detector, power_w, thermal_noise_a2, bandwidth_hz))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(double_reflections, module)?)?;
    module.add_function(wrap_pyfunction!(interference_penalty, module)?)?;
    module.add_function(wrap_pyfunction!(rin_oma_penalty_db, module)?)?;
    module.add_function(wrap_pyfunction!(rin_from_rin_oma, module)?)?;
    module.add_function(wrap_pyfunction!(dgd_penalty_db, module)?)?;
    module.add_function(wrap_pyfunction!(pdl_excess_loss_db, module)?)?;
    module.add_function(wrap_pyfunction!(lane_crosstalk_penalty_db, module)?)?;
    module.add_function(wrap_pyfunction!(optimum_gain_ratio, module)?)
}

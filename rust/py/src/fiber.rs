//! Closed forms of the fiber.

use crate::border::{Columns, compute, map_array};
use crate::gn_integral::ProfileTable;
use crate::task::Task;
use lightlane_core::fiber::{
    self, ChainSpan, ChannelSignal, CombChannel, NonlinearCache, NonlinearModel, NonlinearOptions, NonlinearSpan,
    SpanNonlinearity,
};
use lightlane_core::{Error, optics};
use numpy::{PyArray1, PyArray2, PyArrayDyn, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::LazyLock;

/// Probability that the instantaneous DGD exceeds a multiple of its mean.
#[pyfunction]
fn maxwell_exceedance<'py>(
    py: Python<'py>,
    ratio: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &ratio, |ratio| Ok(fiber::maxwell_exceedance(ratio)))
}

/// Multiple of its mean that a Maxwellian DGD exceeds with a probability.
#[pyfunction]
fn maxwell_quantile<'py>(
    py: Python<'py>,
    exceedance_ratio: PyReadonlyArrayDyn<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &exceedance_ratio, fiber::maxwell_quantile)
}

/// Probability that the DGD of fiber and elements exceeds a limit.
#[pyfunction]
#[pyo3(signature = (dgd_s, *, fiber_mean_dgd_s, element_dgd_s))]
fn dgd_exceedance_ratio<'py>(
    py: Python<'py>,
    dgd_s: PyReadonlyArrayDyn<'py, f64>,
    fiber_mean_dgd_s: f64,
    element_dgd_s: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let elements = element_dgd_s.as_array().to_vec();
    let law = compute(py, || fiber::DgdDistribution::new(fiber_mean_dgd_s, &elements))?;
    map_array(py, &dgd_s, |dgd| Ok(law.exceedance_ratio(dgd)))
}

/// Mean DGD of fiber and elements, and the DGD that is exceeded with each probability.
#[pyfunction]
#[pyo3(signature = (exceedance_ratio, *, fiber_mean_dgd_s, element_dgd_s))]
fn dgd_quantile_s<'py>(
    py: Python<'py>,
    exceedance_ratio: PyReadonlyArrayDyn<'py, f64>,
    fiber_mean_dgd_s: f64,
    element_dgd_s: PyReadonlyArray1<'py, f64>,
) -> PyResult<(f64, Bound<'py, PyArrayDyn<f64>>)> {
    let elements = element_dgd_s.as_array().to_vec();
    let law = compute(py, || fiber::DgdDistribution::new(fiber_mean_dgd_s, &elements))?;
    Ok((law.mean_s(), map_array(py, &exceedance_ratio, |ratio| law.quantile_s(ratio))?))
}

/// Probability that the PDL of elements exceeds a limit.
#[pyfunction]
#[pyo3(signature = (pdl_db, *, element_pdl_db))]
fn pdl_exceedance_ratio<'py>(
    py: Python<'py>,
    pdl_db: PyReadonlyArrayDyn<'py, f64>,
    element_pdl_db: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    let elements = element_pdl_db.as_array().to_vec();
    let law = compute(py, || fiber::PdlDistribution::new(&elements))?;
    map_array(py, &pdl_db, |pdl| Ok(law.exceedance_ratio(pdl)))
}

/// Mean PDL of elements, and the PDL that is exceeded with each probability.
#[pyfunction]
#[pyo3(signature = (exceedance_ratio, *, element_pdl_db))]
fn pdl_quantile_db<'py>(
    py: Python<'py>,
    exceedance_ratio: PyReadonlyArrayDyn<'py, f64>,
    element_pdl_db: PyReadonlyArray1<'py, f64>,
) -> PyResult<(f64, Bound<'py, PyArrayDyn<f64>>)> {
    let elements = element_pdl_db.as_array().to_vec();
    let law = compute(py, || fiber::PdlDistribution::new(&elements))?;
    Ok((law.mean_db(), map_array(py, &exceedance_ratio, |ratio| law.quantile_db(ratio))?))
}

/// Variance of equalization-enhanced phase noise over the signal, over accumulated dispersion.
#[pyfunction]
#[pyo3(signature = (dispersion_s_per_m, *, symbol_rate_hz, linewidth_hz, wavelength_m))]
fn equalization_phase_noise_ratio<'py>(
    py: Python<'py>,
    dispersion_s_per_m: PyReadonlyArrayDyn<'py, f64>,
    symbol_rate_hz: f64,
    linewidth_hz: f64,
    wavelength_m: f64,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &dispersion_s_per_m, |dispersion| {
        fiber::equalization_phase_noise_ratio(dispersion, symbol_rate_hz, linewidth_hz, wavelength_m)
    })
}

/// D = S0/4 (lambda - lambda0^4/lambda^3).
#[pyfunction]
#[pyo3(signature = (wavelength_m, *, zero_dispersion_m, zero_slope_s_per_m3))]
fn zero_dispersion_formula<'py>(
    py: Python<'py>,
    wavelength_m: PyReadonlyArrayDyn<'py, f64>,
    zero_dispersion_m: f64,
    zero_slope_s_per_m3: f64,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &wavelength_m, |wavelength| {
        Ok(fiber::zero_dispersion_formula(wavelength, zero_dispersion_m, zero_slope_s_per_m3))
    })
}

/// Noise-to-signal ratio in 12.5 GHz that an amplifier adds.
#[pyfunction]
#[pyo3(signature = (input_power_w, *, noise_figure_db, frequency_hz))]
fn ase_ratio<'py>(
    py: Python<'py>,
    input_power_w: PyReadonlyArrayDyn<'py, f64>,
    noise_figure_db: f64,
    frequency_hz: f64,
) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
    map_array(py, &input_power_w, |power| Ok(optics::ase_ratio(noise_figure_db, power, frequency_hz)))
}

/// One array for each of two answers.
type PairOfArrays<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Combs, spans and lines of earlier calls; bounded, and without influence on any result.
static CACHE: LazyLock<NonlinearCache> = LazyLock::new(NonlinearCache::default);

/// One table for each of two answers.
type PairOfTables<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>);

/// Self- and cross-channel noise-to-signal ratio of each channel after one span (ISRS GN model, closed form).
#[pyfunction]
#[pyo3(signature = (frequency_hz, symbol_rate_hz, power_w, *, attenuation_per_m, length_m, dispersion_s_per_m2,
                    slope_s_per_m3, gamma_per_w_m, raman_slope_per_w_m_hz, reference_hz))]
fn nonlinear_efficiency<'py>(
    py: Python<'py>,
    frequency_hz: PyReadonlyArray1<'py, f64>,
    symbol_rate_hz: PyReadonlyArray1<'py, f64>,
    power_w: PyReadonlyArray1<'py, f64>,
    attenuation_per_m: f64,
    length_m: f64,
    dispersion_s_per_m2: f64,
    slope_s_per_m3: f64,
    gamma_per_w_m: f64,
    raman_slope_per_w_m_hz: f64,
    reference_hz: f64,
) -> PyResult<PairOfArrays<'py>> {
    let (frequency, rate, power) = (frequency_hz.as_array(), symbol_rate_hz.as_array(), power_w.as_array());
    let comb: Vec<CombChannel> = frequency
        .iter()
        .zip(rate)
        .zip(power)
        .map(|((&f, &symbol_rate_hz), &power_w)| CombChannel { offset_hz: f - reference_hz, symbol_rate_hz, power_w })
        .collect();
    let lengths = (frequency.len(), rate.len(), power.len());
    let ratios = compute(py, || {
        if lengths.1 != lengths.0 || lengths.2 != lengths.0 {
            return Err(Error::parameter("comb", format!("{lengths:?} entries"), "columns of one length"));
        }
        let (beta2_s2_per_m, beta3_s3_per_m) =
            fiber::propagation_constants(dispersion_s_per_m2, slope_s_per_m3, reference_hz);
        let span = NonlinearSpan {
            attenuation_per_m,
            length_m,
            beta2_s2_per_m,
            beta3_s3_per_m,
            gamma_per_w_m,
            raman_slope_per_w_m_hz,
        };
        fiber::nonlinear_efficiency(&span, &comb)
    })?;
    let own = ratios.iter().map(|ratio| ratio.self_channel_ratio).collect();
    let cross = ratios.iter().map(|ratio| ratio.cross_channel_ratio).collect();
    Ok((PyArray1::from_vec(py, own), PyArray1::from_vec(py, cross)))
}

/// Self- and cross-channel noise-to-signal ratio of each channel in each span of a line, as (span, channel).
#[pyfunction]
#[pyo3(signature = (frequency_hz, symbol_rate_hz, excess_kurtosis_ratio, power_w, profiles, log_power_ratio, *,
                    attenuation_per_m, length_m, dispersion_s_per_m2, slope_s_per_m3, gamma_per_w_m,
                    raman_slope_per_w_m_hz, reference_hz, model, format_correction, task))]
fn nonlinear_interference<'py>(
    py: Python<'py>,
    frequency_hz: PyReadonlyArray1<'py, f64>,
    symbol_rate_hz: PyReadonlyArray1<'py, f64>,
    excess_kurtosis_ratio: PyReadonlyArray1<'py, f64>,
    power_w: PyReadonlyArray2<'py, f64>,
    profiles: Bound<'py, PyDict>,
    log_power_ratio: PyReadonlyArray2<'py, f64>,
    attenuation_per_m: PyReadonlyArray1<'py, f64>,
    length_m: PyReadonlyArray1<'py, f64>,
    dispersion_s_per_m2: PyReadonlyArray1<'py, f64>,
    slope_s_per_m3: PyReadonlyArray1<'py, f64>,
    gamma_per_w_m: PyReadonlyArray1<'py, f64>,
    raman_slope_per_w_m_hz: PyReadonlyArray1<'py, f64>,
    reference_hz: f64,
    model: &str,
    format_correction: bool,
    task: PyRef<'py, Task>,
) -> PyResult<PairOfTables<'py>> {
    let channels: Vec<ChannelSignal> = frequency_hz
        .as_array()
        .iter()
        .zip(symbol_rate_hz.as_array())
        .zip(excess_kurtosis_ratio.as_array())
        .map(|((&f, &symbol_rate_hz), &excess_kurtosis_ratio)| ChannelSignal {
            offset_hz: f - reference_hz,
            symbol_rate_hz,
            excess_kurtosis_ratio,
        })
        .collect();
    let fibers: Vec<NonlinearSpan> = attenuation_per_m
        .as_array()
        .iter()
        .zip(length_m.as_array())
        .zip(dispersion_s_per_m2.as_array().iter().zip(slope_s_per_m3.as_array()))
        .zip(gamma_per_w_m.as_array().iter().zip(raman_slope_per_w_m_hz.as_array()))
        .map(|(((&attenuation_per_m, &length_m), (&dispersion, &slope)), (&gamma_per_w_m, &raman))| {
            let (beta2_s2_per_m, beta3_s3_per_m) = fiber::propagation_constants(dispersion, slope, reference_hz);
            NonlinearSpan {
                attenuation_per_m,
                length_m,
                beta2_s2_per_m,
                beta3_s3_per_m,
                gamma_per_w_m,
                raman_slope_per_w_m_hz: raman,
            }
        })
        .collect();
    let powers: Vec<Vec<f64>> = power_w.as_array().rows().into_iter().map(|row| row.to_vec()).collect();
    let table = ProfileTable::read(&Columns::new("profiles", &profiles))?;
    let log_power = log_power_ratio.as_array();
    let task = task.inner.clone();
    let line = compute(py, || {
        let profiles = table.profiles(log_power)?;
        if powers.len() != fibers.len() || profiles.len() != fibers.len() {
            let found =
                format!("{} rows of powers, {} profiles for {} spans", powers.len(), profiles.len(), fibers.len());
            return Err(Error::parameter("power_w", found, "one of each for each span"));
        }
        let model = match model {
            "closed_form" => NonlinearModel::ClosedForm,
            "isrs_gn" => NonlinearModel::PublishedIsrsGn,
            "integral" => NonlinearModel::Integral,
            other => return Err(Error::parameter("model", other, "closed_form, isrs_gn or integral")),
        };
        let spans: Vec<ChainSpan<'_>> = fibers
            .iter()
            .zip(&powers)
            .map(|(&fiber, powers_w)| ChainSpan { fiber, powers_w, attenuations_per_m: &[] })
            .collect();
        let options = NonlinearOptions { model, format_correction };
        let given: Vec<_> = profiles.iter().map(Option::as_ref).collect();
        fiber::nonlinear_pumped_chain(&spans, &given, &*CACHE.comb(&channels)?, &options, &CACHE, &task)
    })?;
    let rows = |figure: fn(&SpanNonlinearity) -> f64| -> Vec<Vec<f64>> {
        (0..line.span_count()).map(|span| line.span(span).iter().map(figure).collect()).collect()
    };
    let own = PyArray2::from_vec2(py, &rows(|noise| noise.self_channel_ratio))?;
    Ok((own, PyArray2::from_vec2(py, &rows(|noise| noise.cross_channel_ratio))?))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(maxwell_exceedance, module)?)?;
    module.add_function(wrap_pyfunction!(maxwell_quantile, module)?)?;
    module.add_function(wrap_pyfunction!(dgd_exceedance_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(dgd_quantile_s, module)?)?;
    module.add_function(wrap_pyfunction!(pdl_exceedance_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(pdl_quantile_db, module)?)?;
    module.add_function(wrap_pyfunction!(equalization_phase_noise_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(zero_dispersion_formula, module)?)?;
    module.add_function(wrap_pyfunction!(ase_ratio, module)?)?;
    module.add_function(wrap_pyfunction!(nonlinear_interference, module)?)?;
    module.add_function(wrap_pyfunction!(nonlinear_efficiency, module)?)
}

//! Four-wave mixing of the lanes of one fiber.

use crate::border::compute;
use lightlane_core::fiber::{self, MixingLane, MixingSpan, SpreadLane, SpreadLine};
use lightlane_core::{Error, Result};
use numpy::{PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;

/// Waves and victim of each product as rows of four, its offset, efficiency and power over the victim's.
type Products<'py> =
    (Bound<'py, PyArray2<i64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

fn same_length(name: &str, found: usize, wanted: usize) -> Result<()> {
    if found == wanted {
        Ok(())
    } else {
        Err(Error::parameter(name, format!("{found} entries"), format!("{wanted}, one per lane")))
    }
}

/// Every product of the lanes that falls within a window of a lane.
#[pyfunction]
#[pyo3(signature = (frequency_hz, power_w, *, attenuation_per_m, length_m, gamma_per_w_m, zero_dispersion_m, zero_slope_s_per_m3, window_hz))]
fn four_wave_mixing<'py>(
    py: Python<'py>,
    frequency_hz: PyReadonlyArray1<'py, f64>,
    power_w: PyReadonlyArray1<'py, f64>,
    attenuation_per_m: f64,
    length_m: f64,
    gamma_per_w_m: f64,
    zero_dispersion_m: f64,
    zero_slope_s_per_m3: f64,
    window_hz: f64,
) -> PyResult<Products<'py>> {
    let (frequencies, powers) = (frequency_hz.as_array().to_vec(), power_w.as_array().to_vec());
    let products = compute(py, || {
        same_length("power_w", powers.len(), frequencies.len())?;
        let lanes: Vec<MixingLane> = frequencies
            .iter()
            .zip(&powers)
            .map(|(&frequency_hz, &power_w)| MixingLane { frequency_hz, power_w })
            .collect();
        let span = MixingSpan {
            attenuation_per_m,
            length_m,
            gamma_per_w_m,
            zero_dispersion_m,
            zero_slope_s_per_m3,
            transmission_ratio: 1.0,
        };
        fiber::four_wave_mixing(&[span], &lanes, window_hz)
    })?;
    let waves: Vec<Vec<i64>> = products
        .iter()
        .map(|p| p.lane_indices.iter().chain([&p.victim_index]).map(|&index| index as i64).collect())
        .collect();
    let waves = if waves.is_empty() { PyArray2::zeros(py, [0, 4], false) } else { PyArray2::from_vec2(py, &waves)? };
    Ok((
        waves,
        PyArray1::from_iter(py, products.iter().map(|p| p.offset_hz)),
        PyArray1::from_iter(py, products.iter().map(|p| p.efficiency_ratio)),
        PyArray1::from_iter(py, products.iter().map(|p| p.power_ratio)),
    ))
}

/// Power of all products on each lane over its own, drawn over what nobody controls: a row per draw, a column per lane.
#[pyfunction]
#[pyo3(signature = (frequency_min_hz, frequency_max_hz, power_w, *, attenuation_per_m, length_m, gamma_per_w_m, zero_dispersion_min_m, zero_dispersion_max_m, zero_slope_s_per_m3, window_hz, draws_count, seed))]
fn draw_mixing_crosstalk<'py>(
    py: Python<'py>,
    frequency_min_hz: PyReadonlyArray1<'py, f64>,
    frequency_max_hz: PyReadonlyArray1<'py, f64>,
    power_w: PyReadonlyArray1<'py, f64>,
    attenuation_per_m: f64,
    length_m: f64,
    gamma_per_w_m: f64,
    zero_dispersion_min_m: f64,
    zero_dispersion_max_m: f64,
    zero_slope_s_per_m3: f64,
    window_hz: f64,
    draws_count: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let lowest = frequency_min_hz.as_array().to_vec();
    let (highest, powers) = (frequency_max_hz.as_array().to_vec(), power_w.as_array().to_vec());
    let rows = compute(py, || {
        same_length("frequency_max_hz", highest.len(), lowest.len())?;
        same_length("power_w", powers.len(), lowest.len())?;
        let lanes: Vec<SpreadLane> = (0..lowest.len())
            .map(|k| SpreadLane { frequency_min_hz: lowest[k], frequency_max_hz: highest[k], power_w: powers[k] })
            .collect();
        let span = MixingSpan {
            attenuation_per_m,
            length_m,
            gamma_per_w_m,
            zero_dispersion_m: zero_dispersion_min_m,
            zero_slope_s_per_m3,
            transmission_ratio: 1.0,
        };
        let line = SpreadLine { span, zero_dispersion_min_m, zero_dispersion_max_m, window_hz };
        fiber::draw_mixing_crosstalk(&line, &lanes, draws_count, seed)
    })?;
    Ok(PyArray2::from_vec2(py, &rows)?)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(four_wave_mixing, module)?)?;
    module.add_function(wrap_pyfunction!(draw_mixing_crosstalk, module)?)
}

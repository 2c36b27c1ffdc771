//! Raman scattering in a fiber.

use crate::border::{Columns, compute};
use crate::task::Task;
use lightlane_core::Error;
use lightlane_core::fiber::{self, PumpDirection, RamanFiber, RamanGain, RamanOptions, RamanPump, RamanWave};
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Waves of one table of columns.
fn waves(columns: &Columns<'_, '_>, name: &str) -> PyResult<Result<Vec<RamanWave>, Error>> {
    let frequency = columns.f64s("frequency_hz")?;
    let power = columns.f64s("power_w")?;
    let attenuation = columns.f64s("attenuation_per_m")?;
    let lengths = (frequency.len(), power.len(), attenuation.len());
    if lengths.1 != lengths.0 || lengths.2 != lengths.0 {
        return Ok(Err(Error::parameter(name, format!("{lengths:?} entries"), "columns of one length")));
    }
    Ok(Ok((0..frequency.len())
        .map(|row| RamanWave { frequency_hz: frequency[row], power_w: power[row], attenuation_per_m: attenuation[row] })
        .collect()))
}

/// Powers along a fiber with Raman scattering, and each channel's gain and noise; without pumps there is no noise.
#[pyfunction]
#[pyo3(signature = (channels, pumps, *, length_m, effective_area_m2, slope_per_w_m_hz, temperature_k, step_m,
                    tolerance_ratio, sweeps_max_count, task))]
fn raman_span<'py>(
    py: Python<'py>,
    channels: Bound<'py, PyDict>,
    pumps: Bound<'py, PyDict>,
    length_m: f64,
    effective_area_m2: Option<f64>,
    slope_per_w_m_hz: Option<f64>,
    temperature_k: f64,
    step_m: f64,
    tolerance_ratio: f64,
    sweeps_max_count: u32,
    task: PyRef<'py, Task>,
) -> PyResult<Bound<'py, PyDict>> {
    let channel_waves = waves(&Columns::new("channels", &channels), "channels")?;
    let pump_columns = Columns::new("pumps", &pumps);
    let pump_waves = waves(&pump_columns, "pumps")?;
    let backward = pump_columns.u8s("is_backward")?;
    let task = task.inner.clone();
    let (solution, of_channels) = compute(py, || {
        let (channels, pump_waves) = (channel_waves?, pump_waves?);
        if backward.len() != pump_waves.len() {
            return Err(Error::parameter("is_backward", format!("{} entries", backward.len()), "one per pump"));
        }
        let pumps: Vec<RamanPump> = pump_waves
            .into_iter()
            .zip(&backward)
            .map(|(wave, &is_backward)| RamanPump {
                wave,
                direction: if is_backward == 0 { PumpDirection::Forward } else { PumpDirection::Backward },
            })
            .collect();
        let gain = match (effective_area_m2, slope_per_w_m_hz) {
            (Some(effective_area_m2), None) => RamanGain::Silica { effective_area_m2 },
            (None, Some(slope_per_w_m_hz)) => RamanGain::Linear { slope_per_w_m_hz },
            _ => return Err(Error::parameter("raman gain", "both or none", "an effective area or a slope")),
        };
        let options = RamanOptions { step_m, tolerance_ratio, sweeps_max_count };
        fiber::raman_span(&RamanFiber { length_m, gain, temperature_k }, &channels, &pumps, &options, &task)
    })?;
    let out = PyDict::new(py);
    let rows = |rows: &[Vec<f64>]| {
        let columns = solution.position_m.len();
        let flat: Vec<f64> = rows.concat();
        numpy::ndarray::Array2::from_shape_vec((rows.len(), columns), flat)
            .map(|array| PyArray2::from_owned_array(py, array))
            .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))
    };
    out.set_item("channel_power_w", rows(&solution.channel_power_w)?)?;
    out.set_item("pump_power_w", rows(&solution.pump_power_w)?)?;
    let column = |value: fn(&fiber::RamanChannel) -> f64| PyArray1::from_iter(py, of_channels.iter().map(value));
    out.set_item("net_gain_db", column(|channel| channel.net_gain_db))?;
    out.set_item("on_off_gain_db", column(|channel| channel.on_off_gain_db))?;
    out.set_item("ase_ratio", column(|channel| channel.ase_ratio))?;
    out.set_item("noise_figure_db", column(|channel| channel.noise_figure_db))?;
    out.set_item("sweeps_count", PyArray1::from_vec(py, vec![f64::from(solution.sweeps_count)]))?;
    out.set_item("change_ratio", PyArray1::from_vec(py, vec![solution.change_ratio]))?;
    out.set_item("position_m", PyArray1::from_vec(py, solution.position_m))?;
    Ok(out)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(raman_span, module)?)
}

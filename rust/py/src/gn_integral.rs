//! Nonlinear interference by direct integration.

use crate::border::{Columns, compute};
use crate::task::Task;
use lightlane_core::Error;
use lightlane_core::fiber::{self, IntegralOptions, IntegralSpan, PowerProfile, SpectralChannel};
use numpy::ndarray::ArrayView2;
use numpy::{PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// How powers run along spans, as columns: one row of `log_power_ratio` per channel.
pub struct ProfileTable {
    pub position_offsets: Vec<usize>,
    pub position_m: Vec<f64>,
}

impl ProfileTable {
    pub fn read(columns: &Columns<'_, '_>) -> PyResult<Self> {
        Ok(Self { position_offsets: columns.offsets("position_offsets")?, position_m: columns.f64s("position_m")? })
    }

    /// One profile per span, `None` for a span without positions.
    pub fn profiles(&self, log_power_ratio: ArrayView2<'_, f64>) -> Result<Vec<Option<PowerProfile>>, Error> {
        lightlane_core::interpolate::check_offsets("position", &self.position_offsets, self.position_m.len())?;
        if log_power_ratio.ncols() != self.position_m.len() {
            let found = format!("{} columns", log_power_ratio.ncols());
            return Err(Error::parameter("log_power_ratio", found, format!("{} positions", self.position_m.len())));
        }
        let profile = |pair: &[usize]| {
            let nodes = pair[0]..pair[1];
            (!nodes.is_empty()).then(|| PowerProfile::Sampled {
                position_m: self.position_m[nodes.clone()].to_vec(),
                log_power_ratio: log_power_ratio
                    .rows()
                    .into_iter()
                    .map(|channel| nodes.clone().map(|node| channel[node]).collect())
                    .collect(),
            })
        };
        Ok(self.position_offsets.windows(2).map(profile).collect())
    }
}

/// One row per span of a table as the core reads it.
struct SpanTable {
    length_m: Vec<f64>,
    dispersion_s_per_m2: Vec<f64>,
    slope_s_per_m3: Vec<f64>,
    gamma_per_w_m: Vec<f64>,
    profiles: ProfileTable,
}

impl SpanTable {
    fn read(columns: &Columns<'_, '_>) -> PyResult<Self> {
        Ok(Self {
            length_m: columns.f64s("length_m")?,
            dispersion_s_per_m2: columns.f64s("dispersion_s_per_m2")?,
            slope_s_per_m3: columns.f64s("slope_s_per_m3")?,
            gamma_per_w_m: columns.f64s("gamma_per_w_m")?,
            profiles: ProfileTable::read(columns)?,
        })
    }

    /// The spans; one without positions is exponential, with its row of `attenuation_per_m`.
    fn spans(
        &self,
        reference_hz: f64,
        launch_power_w: ArrayView2<'_, f64>,
        attenuation_per_m: ArrayView2<'_, f64>,
        log_power_ratio: ArrayView2<'_, f64>,
    ) -> Result<Vec<IntegralSpan>, Error> {
        let count = self.length_m.len();
        let profiles = self.profiles.profiles(log_power_ratio)?;
        let lengths = [
            self.dispersion_s_per_m2.len(),
            self.slope_s_per_m3.len(),
            self.gamma_per_w_m.len(),
            profiles.len(),
            launch_power_w.nrows(),
            attenuation_per_m.nrows(),
        ];
        if lengths.iter().any(|&length| length != count) {
            return Err(Error::parameter("spans", format!("{lengths:?} rows"), format!("{count} rows in each column")));
        }
        Ok(profiles
            .into_iter()
            .enumerate()
            .map(|(row, profile)| {
                let (beta2_s2_per_m, beta3_s3_per_m) =
                    fiber::propagation_constants(self.dispersion_s_per_m2[row], self.slope_s_per_m3[row], reference_hz);
                let exponential =
                    || PowerProfile::Exponential { attenuation_per_m: attenuation_per_m.row(row).to_vec() };
                IntegralSpan {
                    length_m: self.length_m[row],
                    beta2_s2_per_m,
                    beta3_s3_per_m,
                    gamma_per_w_m: self.gamma_per_w_m[row],
                    launch_power_w: launch_power_w.row(row).to_vec(),
                    profile: profile.unwrap_or_else(exponential),
                }
            })
            .collect())
    }
}

/// Noise-to-signal ratios of the channels `targets` by the GN model's double integral.
#[pyfunction]
#[pyo3(signature = (channels, spans, launch_power_w, attenuation_per_m, log_power_ratio, *, targets, reference_hz,
                    tolerance_fraction, evaluations_max_count, points_count, coherent, task))]
fn integrate_nonlinear_interference<'py>(
    py: Python<'py>,
    channels: Bound<'py, PyDict>,
    spans: Bound<'py, PyDict>,
    launch_power_w: PyReadonlyArray2<'py, f64>,
    attenuation_per_m: PyReadonlyArray2<'py, f64>,
    log_power_ratio: PyReadonlyArray2<'py, f64>,
    targets: Vec<usize>,
    reference_hz: f64,
    tolerance_fraction: f64,
    evaluations_max_count: u64,
    points_count: usize,
    coherent: bool,
    task: PyRef<'py, Task>,
) -> PyResult<Bound<'py, PyDict>> {
    let columns = Columns::new("channels", &channels);
    let (frequency, rate, roll_off) =
        (columns.f64s("frequency_hz")?, columns.f64s("symbol_rate_hz")?, columns.f64s("roll_off")?);
    let table = SpanTable::read(&Columns::new("spans", &spans))?;
    let (power, attenuation, log_power) =
        (launch_power_w.as_array(), attenuation_per_m.as_array(), log_power_ratio.as_array());
    let task = task.inner.clone();
    let results = compute(py, || {
        if rate.len() != frequency.len() || roll_off.len() != frequency.len() {
            let found =
                format!("{} frequencies, {} symbol rates, {} roll-offs", frequency.len(), rate.len(), roll_off.len());
            return Err(Error::parameter("channels", found, "columns of one length"));
        }
        let channels: Vec<SpectralChannel> = (0..frequency.len())
            .map(|row| SpectralChannel {
                offset_hz: frequency[row] - reference_hz,
                symbol_rate_hz: rate[row],
                roll_off: roll_off[row],
            })
            .collect();
        let spans = table.spans(reference_hz, power, attenuation, log_power)?;
        let options = IntegralOptions { tolerance_fraction, evaluations_max_count, points_count, coherent };
        fiber::integrate_nonlinear_interference(&channels, &spans, &targets, &options, &task)
    })?;
    let out = PyDict::new(py);
    let column = |value: fn(&fiber::IntegralResult) -> f64| PyArray1::from_iter(py, results.iter().map(value));
    out.set_item("self_channel_ratio", column(|result| result.self_channel_ratio))?;
    out.set_item("cross_channel_ratio", column(|result| result.cross_channel_ratio))?;
    out.set_item("multi_channel_ratio", column(|result| result.multi_channel_ratio))?;
    out.set_item("error_fraction", column(|result| result.error_fraction))?;
    out.set_item("evaluations_count", column(|result| result.evaluations_count as f64))?;
    Ok(out)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(integrate_nonlinear_interference, module)?)
}

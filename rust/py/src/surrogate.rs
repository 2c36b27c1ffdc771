//! Eyes fitted to sampled waveforms.

use crate::border::compute;
use lightlane_core::Error;
use lightlane_core::budget::ModeSurrogate;
use lightlane_core::metrics::{
    EyeState, EyeSurrogate, OPENINGS_COUNT, SURROGATE_WIDTH, SurrogateAxes, equalized_openings as openings,
};
use lightlane_core::optics::{Response, Transmitter};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

const REFERENCE_WAVELENGTH_M: f64 = 1310e-9;

/// Tables of simulated eyes, each with the equalizer and the target that it holds for.
#[pyclass(module = "lightlane._core", frozen)]
#[derive(Default)]
pub struct EyeSurrogates {
    pub tables: Vec<ModeSurrogate>,
}

/// One table: equalizer, target, the four axes (dispersion, chirp, bandwidth, extinction ratio), the eyes' numbers.
type Table<'py> = (u8, f64, [PyReadonlyArray1<'py, f64>; 4], PyReadonlyArray1<'py, f64>);

#[pymethods]
impl EyeSurrogates {
    #[new]
    fn new(py: Python<'_>, tables: Vec<Table<'_>>) -> PyResult<Self> {
        let owned: Vec<_> = tables
            .into_iter()
            .map(|(equalizer, target, axes, rows)| {
                let [dispersion_ratio, chirp_alpha, bandwidth_ratio, extinction_ratio_db] =
                    axes.map(|axis| axis.as_array().to_vec());
                let axes = SurrogateAxes { dispersion_ratio, chirp_alpha, bandwidth_ratio, extinction_ratio_db };
                (equalizer, target, axes, rows.as_array().to_vec())
            })
            .collect();
        compute(py, || {
            let table = |(equalizer, target, axes, rows)| {
                Ok(ModeSurrogate { equalizer, eyes: EyeSurrogate::new(target, axes, rows)? })
            };
            Ok(Self { tables: owned.into_iter().map(table).collect::<lightlane_core::Result<_>>()? })
        })
    }

    /// Noise that the eyes of a table bear beside intensity noise, over that of an eye without flaws, at 1310 nm: NaN where the
    /// eye is closed or lies outside the table.
    #[pyo3(signature = (table, dispersion_s_per_m, *, figures, intensity_noise_ratio))]
    fn bearable_ratio<'py>(
        &self,
        py: Python<'py>,
        table: usize,
        dispersion_s_per_m: PyReadonlyArray1<'py, f64>,
        figures: [f64; 4],
        intensity_noise_ratio: f64,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let dispersion = dispersion_s_per_m.as_array().to_vec();
        let found = compute(py, || {
            let count = self.tables.len();
            let held =
                self.tables.get(table).ok_or_else(|| Error::parameter("table", table, format!("below {count}")))?;
            let [symbol_rate_hz, bandwidth_hz, extinction_ratio_db, chirp_alpha] = figures;
            let transmitter = Transmitter {
                symbol_rate_hz,
                response: Response::BesselThomson { bandwidth_hz },
                extinction_ratio_db,
                level_mismatch_ratio: 1.0,
                chirp_alpha,
                adiabatic_chirp_hz: 0.0,
            };
            let eyes = match held.eyes.tabulate(&transmitter, intensity_noise_ratio, (0.0, 0.0)) {
                Ok(eyes) => eyes,
                Err(Error::Model(_)) => None,
                Err(other) => return Err(other),
            };
            let ratio = |&at: &f64| match eyes.as_ref().map(|eyes| (eyes, eyes.at(at, REFERENCE_WAVELENGTH_M))) {
                Some((eyes, EyeState::Open(place))) => eyes.bearable_ratio(&place),
                _ => f64::NAN,
            };
            Ok(dispersion.iter().map(ratio).collect())
        })?;
        Ok(PyArray1::from_vec(py, found))
    }

    /// Numbers of one eye.
    #[classattr]
    const WIDTH: usize = SURROGATE_WIDTH;

    /// How many of them are openings; they stand behind the noise enhancement.
    #[classattr]
    const OPENINGS_COUNT: usize = OPENINGS_COUNT;
}

/// Openings of equalized values without noise, for each noise of the eye table, from the lowest eye up.
#[pyfunction]
fn equalized_openings<'py>(
    py: Python<'py>,
    symbols: PyReadonlyArray1<'py, u8>,
    values: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (symbols, values) = (symbols.as_array().to_vec(), values.as_array().to_vec());
    Ok(PyArray1::from_vec(py, compute(py, || openings(&symbols, &values))?.to_vec()))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<EyeSurrogates>()?;
    module.add_function(wrap_pyfunction!(equalized_openings, module)?)
}

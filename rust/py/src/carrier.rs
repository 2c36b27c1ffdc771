//! Equalizer and carrier recovery of the coherent receiver.

use crate::border::{compute, to_python};
use crate::fields::{
    FieldIn, FieldOut, RecoveredOut, column, end_recovery, polarizations, run_block, run_end, run_recovery,
};
use crate::metrics::modulation;
use lightlane_core::dsp::{self, AdaptiveEqualizerPlan, Criterion, KnownSymbols, LearningStage};
use lightlane_core::{Error, Result};
use numpy::{Complex64, PyArray1};
use pyo3::prelude::*;

fn criterion(name: &str) -> Result<Criterion> {
    match name {
        "cma" => Ok(Criterion::ConstantModulus),
        "rde" => Ok(Criterion::RadiusDirected),
        "pilots" => Ok(Criterion::Pilots),
        "decisions" => Ok(Criterion::DecisionDirected),
        other => Err(Error::parameter("criterion", other, "cma, rde, pilots or decisions")),
    }
}

fn known_symbols(py: Python<'_>, pilots: &FieldIn<'_>, spacing_count: usize) -> PyResult<KnownSymbols> {
    let symbols = polarizations(py, "pilots", pilots)?.map(<[Complex64]>::to_vec);
    Ok(KnownSymbols { symbols, spacing_count })
}

/// Adaptive equalizer of a stream of two samples per symbol.
#[pyclass(module = "lightlane._core")]
struct AdaptiveEqualizer(dsp::AdaptiveEqualizer);

#[pymethods]
impl AdaptiveEqualizer {
    #[new]
    #[pyo3(signature = (
        *, taps_count, widely_linear, modulation, inner_amplitude_ratio, update_symbols_count, single_output_symbols_count, stages,
        pilots=None, pilot_spacing_count=1
    ))]
    fn new(
        py: Python<'_>,
        taps_count: usize,
        widely_linear: bool,
        modulation: &str,
        inner_amplitude_ratio: Option<f64>,
        update_symbols_count: usize,
        single_output_symbols_count: u64,
        stages: Vec<(String, f64, u64)>,
        pilots: Option<FieldIn<'_>>,
        pilot_spacing_count: usize,
    ) -> PyResult<Self> {
        let known = pilots.map(|pilots| known_symbols(py, &pilots, pilot_spacing_count)).transpose()?;
        compute(py, || {
            let stage = |(name, step_ratio, symbols_count): &(String, f64, u64)| {
                Ok(LearningStage {
                    criterion: criterion(name)?,
                    step_ratio: *step_ratio,
                    symbols_count: *symbols_count,
                })
            };
            dsp::AdaptiveEqualizer::new(AdaptiveEqualizerPlan {
                taps_count,
                widely_linear,
                modulation: self::modulation(modulation, inner_amplitude_ratio)?,
                update_symbols_count,
                single_output_symbols_count,
                stages: stages.iter().map(stage).collect::<Result<_>>()?,
                known,
            })
        })
        .map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, field: FieldIn<'py>) -> PyResult<FieldOut<'py>> {
        run_block(py, &field, |field| self.0.process(field))
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<FieldOut<'py>> {
        run_end(py, || self.0.finish())
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    /// Real taps by output row, input row and tap.
    fn taps<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        column(py, self.0.taps())
    }

    /// Mean squared error of each span of 1024 symbols.
    fn mean_squared_error_ratio<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        column(py, self.0.history().iter().map(|span| span.mean_squared_error_ratio).collect())
    }

    /// Matrix at the carrier behind each span of 1024 symbols, row by row.
    fn center_matrices<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<Complex64>> {
        PyArray1::from_iter(py, self.0.history().iter().flat_map(|span| span.center_matrix.into_iter().flatten()))
    }

    /// DGD, PDL, residual dispersion and speed of the polarization.
    #[pyo3(signature = (*, symbol_rate_hz, wavelength_m, band_ratio))]
    fn estimate_channel(
        &self,
        py: Python<'_>,
        symbol_rate_hz: f64,
        wavelength_m: f64,
        band_ratio: f64,
    ) -> PyResult<(f64, f64, f64, f64)> {
        let found = dsp::estimate_channel(&self.0, symbol_rate_hz, wavelength_m, band_ratio)
            .map_err(|error| to_python(py, &error))?;
        Ok((found.dgd_s, found.pdl_db, found.dispersion_s_per_m, found.sop_rate_rad_per_s))
    }
}

/// Blind phase search on a stream of symbols.
#[pyclass(module = "lightlane._core")]
struct BlindPhaseSearch(dsp::BlindPhaseSearch);

#[pymethods]
impl BlindPhaseSearch {
    #[new]
    #[pyo3(signature = (*, modulation, inner_amplitude_ratio, test_phases_count, half_window_count))]
    fn new(
        py: Python<'_>,
        modulation: &str,
        inner_amplitude_ratio: Option<f64>,
        test_phases_count: usize,
        half_window_count: usize,
    ) -> PyResult<Self> {
        compute(py, || {
            let format = self::modulation(modulation, inner_amplitude_ratio)?;
            dsp::BlindPhaseSearch::new(format, test_phases_count, half_window_count)
        })
        .map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, symbols: FieldIn<'py>) -> PyResult<RecoveredOut<'py>> {
        run_recovery(py, &symbols, |symbols| self.0.process(symbols))
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<RecoveredOut<'py>> {
        end_recovery(py, || self.0.finish())
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Fourth-power phase recovery on a stream of symbols.
#[pyclass(module = "lightlane._core")]
struct ViterbiViterbi(dsp::ViterbiViterbi);

#[pymethods]
impl ViterbiViterbi {
    #[new]
    #[pyo3(signature = (*, modulation, inner_amplitude_ratio, half_window_count))]
    fn new(
        py: Python<'_>,
        modulation: &str,
        inner_amplitude_ratio: Option<f64>,
        half_window_count: usize,
    ) -> PyResult<Self> {
        compute(py, || {
            dsp::ViterbiViterbi::new(self::modulation(modulation, inner_amplitude_ratio)?, half_window_count)
        })
        .map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, symbols: FieldIn<'py>) -> PyResult<RecoveredOut<'py>> {
        run_recovery(py, &symbols, |symbols| self.0.process(symbols))
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<RecoveredOut<'py>> {
        end_recovery(py, || self.0.finish())
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Phase from known symbols on a stream of symbols.
#[pyclass(module = "lightlane._core")]
struct PilotPhase(dsp::PilotPhase);

#[pymethods]
impl PilotPhase {
    #[new]
    #[pyo3(signature = (pilots, *, pilot_spacing_count, half_window_count, quarters_only))]
    fn new(
        py: Python<'_>,
        pilots: FieldIn<'_>,
        pilot_spacing_count: usize,
        half_window_count: usize,
        quarters_only: bool,
    ) -> PyResult<Self> {
        let known = known_symbols(py, &pilots, pilot_spacing_count)?;
        compute(py, || {
            if quarters_only {
                dsp::PilotPhase::new_slip_repair(known, half_window_count)
            } else {
                dsp::PilotPhase::new(known, half_window_count)
            }
        })
        .map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, symbols: FieldIn<'py>) -> PyResult<RecoveredOut<'py>> {
        run_recovery(py, &symbols, |symbols| self.0.process(symbols))
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<RecoveredOut<'py>> {
        end_recovery(py, || self.0.finish())
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    #[getter]
    fn slips_count(&self) -> (u64, u64) {
        self.0.slips_count().into()
    }
}

/// Constant frequency offset taken off a stream.
#[pyclass(module = "lightlane._core")]
struct FrequencyShift(dsp::FrequencyShift);

#[pymethods]
impl FrequencyShift {
    #[new]
    #[pyo3(signature = (*, offset_hz, sample_rate_hz))]
    fn new(py: Python<'_>, offset_hz: f64, sample_rate_hz: f64) -> PyResult<Self> {
        compute(py, || dsp::FrequencyShift::new(offset_hz, sample_rate_hz)).map(Self)
    }

    fn process<'py>(&mut self, py: Python<'py>, field: FieldIn<'py>) -> PyResult<FieldOut<'py>> {
        run_block(py, &field, |field| self.0.process(field))
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Frequency offset of symbols and how far its line stands out; from known symbols where there are any.
#[pyfunction]
#[pyo3(signature = (
    symbols, *, symbol_rate_hz, modulation, inner_amplitude_ratio, pilots=None, pilot_spacing_count=1, near_hz=0.0
))]
fn estimate_frequency_offset(
    py: Python<'_>,
    symbols: FieldIn<'_>,
    symbol_rate_hz: f64,
    modulation: &str,
    inner_amplitude_ratio: Option<f64>,
    pilots: Option<FieldIn<'_>>,
    pilot_spacing_count: usize,
    near_hz: f64,
) -> PyResult<(f64, f64)> {
    let known = pilots.map(|pilots| known_symbols(py, &pilots, pilot_spacing_count)).transpose()?;
    let symbols = polarizations(py, "symbols", &symbols)?;
    let found = compute(py, || {
        if let Some(known) = &known {
            return dsp::estimate_frequency_offset_by_pilots(symbols, symbol_rate_hz, known, near_hz);
        }
        let format = self::modulation(modulation, inner_amplitude_ratio)?;
        dsp::estimate_frequency_offset(symbols, symbol_rate_hz, format)
    })?;
    Ok((found.offset_hz, found.peak_ratio))
}

/// Adds equalizer and carrier recovery to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<AdaptiveEqualizer>()?;
    module.add_class::<BlindPhaseSearch>()?;
    module.add_class::<FrequencyShift>()?;
    module.add_class::<PilotPhase>()?;
    module.add_class::<ViterbiViterbi>()?;
    module.add_function(wrap_pyfunction!(estimate_frequency_offset, module)?)
}
